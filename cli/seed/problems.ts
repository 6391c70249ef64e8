import type { z } from "zod";

/** One reason why a seed folder is refused. `path` is a JSON path inside the file, empty for the whole file. */
export type SeedProblem = { file: string; path: string; reason: string };

/** One line for a person, e.g. `leads.json [3].status : valeur « foo » inconnue (attendu : new, qualified, …)`. */
export function describeProblem({ file, path, reason }: SeedProblem): string {
  return path === "" ? `${file} : ${reason}` : `${file} ${path} : ${reason}`;
}

/** `[3].status`, `monthly[0].month`. */
export function jsonPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, position) => {
      if (typeof key === "number") return `[${key}]`;
      return position === 0 ? String(key) : `.${String(key)}`;
    })
    .join("");
}

const typeNames: Record<string, string> = {
  string: "d'un texte",
  number: "d'un nombre",
  int: "d'un nombre entier",
  boolean: "de true ou false",
  array: "d'une liste",
  object: "d'un objet",
};

const formatNames: Record<string, string> = {
  date: "une date « AAAA-MM-JJ »",
  datetime: "un instant « AAAA-MM-JJTHH:MM:SSZ », sans Z à l'heure de Paris",
  email: "une adresse e-mail",
};

/** Zod's per-parse error map: says in French what is wrong with the value, which zod's own issue does not carry. */
export function frenchReason(issue: z.core.$ZodRawIssue): string {
  if (issue.input === undefined && issue.code !== "unrecognized_keys") return "champ manquant";
  switch (issue.code) {
    case "invalid_type":
      return `${shown(issue.input)} au lieu ${typeNames[issue.expected] ?? `de ${issue.expected}`}`;
    case "invalid_value":
      return `valeur ${shown(issue.input)} inconnue (attendu : ${issue.values.map(String).join(", ")})`;
    case "invalid_format":
      return `valeur ${shown(issue.input)} illisible (attendu : ${formatNames[issue.format] ?? issue.format})`;
    case "too_small":
      return issue.origin === "string"
        ? "texte vide"
        : `${shown(issue.input)} est trop petit (minimum ${issue.minimum})`;
    case "too_big":
      return `${shown(issue.input)} est trop grand (maximum ${issue.maximum})`;
    case "unrecognized_keys":
      return `champ inconnu ${issue.keys.map((key) => `« ${key} »`).join(", ")}`;
    default:
      return `valeur refusée : ${shown(issue.input)}`;
  }
}

/** A value as a message shows it, cut short: a file of another kind may hold anything. */
export function shown(value: unknown): string {
  if (value === null || typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return "une liste";
  if (typeof value === "object") return "un objet";
  const words = String(value);
  return `« ${words.length > 60 ? `${words.slice(0, 57)}…` : words} »`;
}

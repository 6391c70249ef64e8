import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { byDocumentNames, pathInFile } from "./client-names.ts";
import { crossCheck } from "./cross-checks.ts";
import { monthPeriods, newestDay } from "./months.ts";
import { frenchReason, jsonPath, type SeedProblem } from "./problems.ts";
import { monthLists, type SeedFiles, type SeedKey, seedFileNames, seedSchema } from "./schema.ts";

/**
 * A folder that fits: the files, each month with its `period`, and the newest day that they name (`2026-02-11`), by
 * which the months were placed; otherwise all that is wrong.
 */
export type SeedFolder = { ok: true; files: SeedFiles; newest: string } | { ok: false; problems: SeedProblem[] };

/** Reads and checks a seed folder as a whole. Never throws for what the files hold. */
export async function readSeedFolder(folder: string): Promise<SeedFolder> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) {
    return { ok: false, problems: [{ file: folder, path: "", reason: "dossier introuvable" }] };
  }
  const problems: SeedProblem[] = [];
  const written: Partial<Record<SeedKey, unknown>> = {};
  for (const key of Object.keys(seedFileNames) as SeedKey[]) {
    const file = seedFileNames[key];
    const content = await readJson(join(folder, file));
    if ("reason" in content) problems.push({ file, path: "", reason: content.reason });
    else written[key] = content.value;
  }
  const checked = checkFiles(written);
  if ("problems" in checked || problems.length > 0) {
    return { ok: false, problems: [...problems, ...("problems" in checked ? checked.problems : [])] };
  }
  const { files } = checked;
  const newest = newestDay(files);
  if (newest === undefined) throw new Error("a checked folder names at least the day its users joined");
  return { ok: true, files: withPeriods(files, newest), newest };
}

/** The files by the document's names, or all that is wrong with them, at the places where it stands in them. */
export function checkFiles(
  written: Partial<Record<SeedKey, unknown>>,
): { files: SeedFiles } | { problems: SeedProblem[] } {
  const keys = Object.keys(written) as SeedKey[];
  const raw = Object.fromEntries(keys.map((key) => [key, byDocumentNames(key, written[key])]));
  const problems = [...keys.flatMap((key) => shapeProblems(key, raw[key])), ...crossCheck(raw)].map((problem) => {
    const key = keys.find((key) => seedFileNames[key] === problem.file);
    return key ? { ...problem, path: pathInFile(key, written[key], problem.path) } : problem;
  });
  return problems.length > 0 ? { problems } : { files: raw as SeedFiles };
}

async function readJson(path: string): Promise<{ value: unknown } | { reason: string }> {
  let content: string;
  try {
    content = await readFile(path, "utf8");
  } catch {
    return { reason: "fichier manquant ou illisible" };
  }
  try {
    // A byte order mark is what some editors put in front; JSON.parse does not take it.
    return { value: JSON.parse(content.replace(/^\uFEFF/, "")) };
  } catch (error) {
    return { reason: `JSON invalide (${(error as Error).message})` };
  }
}

function shapeProblems(key: SeedKey, value: unknown): SeedProblem[] {
  const result = seedSchema.shape[key].safeParse(value, { error: frenchReason });
  if (result.success) return [];
  return result.error.issues.map((issue) => ({
    file: seedFileNames[key],
    path: jsonPath(issue.path),
    reason: issue.message,
  }));
}

/** A copy in which every row of a list of months also says which month of which year it is. */
function withPeriods(files: SeedFiles, newest: string): SeedFiles {
  const copy = structuredClone(files);
  for (const months of monthLists(copy)) {
    const labels = months.map((row) => row.month);
    for (const [index, period] of monthPeriods(labels, newest).entries())
      Object.assign(months[index] ?? {}, { period });
  }
  return copy;
}

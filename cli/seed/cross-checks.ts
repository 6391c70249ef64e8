import { adminEmail } from "./admin-email.ts";
import { brokenMonthRun } from "./months.ts";
import { jsonPath, type SeedProblem, shown } from "./problems.ts";
import { type SeedKey, seedFileNames } from "./schema.ts";

// These look at the raw files, so that they speak even where a field elsewhere has the wrong shape:
// everything that is wrong with a folder is said at once.

type RawFiles = Partial<Record<SeedKey, unknown>>;
type RawRow = Record<string, unknown>;

/** Every list whose rows are told apart by a field. */
const uniqueFields: [SeedKey, string[], string][] = [
  ["leads", [], "id"],
  ["billing", ["creditPacks"], "id"],
  ["billing", ["payments"], "id"],
  ["billing", ["notifications"], "id"],
  ["stats", ["sectors"], "name"],
  ["stats", ["regions"], "name"],
  ["stats", ["scoreExplanations"], "feature"],
  ["adminImports", [], "id"],
  ["agentImports", [], "id"],
  ["audios", [], "id"],
  ["transactions", ["transactions"], "id"],
  ["creditConfig", ["packs"], "id"],
  ["creditConfig", ["rules"], "id"],
  ["fournisseurGains", ["gains"], "id"],
  ["fournisseurGains", ["gains"], "email"],
  ["virements", ["virements"], "id"],
  ["virements", ["virements"], "reference"],
];

/** Every list of months. */
const monthFields = [
  ["stats", "monthly"],
  ["transactions", "monthlyRevenue"],
  ["fournisseurGains", "monthly"],
  ["virements", "monthly"],
] as const satisfies [SeedKey, string][];

/** What no single field can tell: repeated ids, months that do not follow each other, files that disagree. */
export function crossCheck(files: RawFiles): SeedProblem[] {
  return [
    ...uniqueFields.flatMap(([key, path, field]) => repeatedValues(files, key, path, field)),
    ...monthFields.flatMap(([key, list]) => brokenMonths(files, key, list)),
    ...sharedImports(files),
    ...sharedEmails(files),
    ...unreadableText(files),
  ];
}

function repeatedValues(files: RawFiles, key: SeedKey, path: string[], field: string): SeedProblem[] {
  const seen = new Map<string, number>();
  return rows(files, key, path).flatMap((row, index) => {
    const value = row[field];
    if (typeof value !== "string") return [];
    const known = field === "email" ? value.toLowerCase() : value;
    const first = seen.get(known);
    if (first === undefined) {
      seen.set(known, index);
      return [];
    }
    return problem(key, [...path, index, field], `${shown(value)} est déjà en ${jsonPath([...path, first])}`);
  });
}

function brokenMonths(files: RawFiles, key: SeedKey, list: string): SeedProblem[] {
  const labels = rows(files, key, [list]).map((row) => row.month);
  if (!labels.every((label) => typeof label === "string" && label !== "")) return [];
  const broken = brokenMonthRun(labels as string[]);
  return broken ? problem(key, [list, broken.index, "month"], broken.reason) : [];
}

/** The agent's view and the admin's show the same file: what both of them name has to agree. */
function sharedImports(files: RawFiles): SeedProblem[] {
  if (!Array.isArray(files.adminImports)) return [];
  const adminImports = new Map(rows(files, "adminImports", []).map((row) => [row.id, row]));
  return rows(files, "agentImports", []).flatMap((row, index) => {
    if (typeof row.id !== "string") return [];
    const other = adminImports.get(row.id);
    if (!other) {
      return problem("agentImports", [index, "id"], `${shown(row.id)} n'est pas dans ${seedFileNames.adminImports}`);
    }
    return ["fileName", "fournisseur", "company", "uploadDate"].flatMap((field) =>
      differing("agentImports", [index, field], row[field], other[field], seedFileNames.adminImports),
    );
  });
}

function sharedEmails(files: RawFiles): SeedProblem[] {
  const users = files.users;
  if (!isRow(users)) return [];
  const seen = new Map([[adminEmail, "au compte administrateur"]]);
  return Object.entries(users).flatMap(([role, user]) => {
    if (!isRow(user) || typeof user.email !== "string") return [];
    const email = user.email.toLowerCase();
    const owner = seen.get(email);
    seen.set(email, `à « ${role} »`);
    return owner ? problem("users", [role, "email"], `${shown(user.email)} appartient déjà ${owner}`) : [];
  });
}

function differing(key: SeedKey, path: PropertyKey[], mine: unknown, other: unknown, otherFile: string): SeedProblem[] {
  if (mine === undefined || other === undefined || mine === other) return [];
  return problem(key, path, `${shown(mine)} ici, mais ${shown(other)} dans ${otherFile}`);
}

/** JSON may hold text that Postgres cannot: a NUL, or half of a surrogate pair. */
function unreadableText(files: RawFiles): SeedProblem[] {
  const walk = (key: SeedKey, value: unknown, path: PropertyKey[]): SeedProblem[] => {
    if (typeof value === "string") {
      const readable = !/[\p{Surrogate}\0]/u.test(value);
      return readable ? [] : problem(key, path, "texte illisible (caractère nul ou Unicode incomplet)");
    }
    if (Array.isArray(value)) return value.flatMap((item, index) => walk(key, item, [...path, index]));
    return isRow(value) ? Object.entries(value).flatMap(([name, item]) => walk(key, item, [...path, name])) : [];
  };
  return Object.entries(files).flatMap(([key, value]) => walk(key as SeedKey, value, []));
}

function problem(key: SeedKey, path: PropertyKey[], reason: string): SeedProblem[] {
  return [{ file: seedFileNames[key], path: jsonPath(path), reason }];
}

/** The objects of a list inside a file; whatever is not one is left to the schema to refuse. Positions are kept. */
function rows(files: RawFiles, key: SeedKey, path: string[]): RawRow[] {
  const list = path.reduce<unknown>((value, name) => (isRow(value) ? value[name] : undefined), files[key]);
  return Array.isArray(list) ? list.map((row) => (isRow(row) ? row : {})) : [];
}

function isRow(value: unknown): value is RawRow {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

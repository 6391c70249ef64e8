import type { SeedKey } from "./schema.ts";

// The front end's own files and the document call some parts by different names. Files are read by either, and checked and
// loaded by the document's.

/** By file: the front end's names, with the document's. */
const documentNames: Partial<Record<SeedKey, Readonly<Record<string, string>>>> = {
  stats: {
    globalStats: "global",
    monthlyStats: "monthly",
    sectorDistribution: "sectors",
    regionDistribution: "regions",
  },
  fournisseurGains: { monthlyGains: "monthly" },
  virements: { monthlyAmounts: "monthly" },
};

/** A file's content by the document's names; a part that is there under both keeps both, so that it is refused. */
export function byDocumentNames(key: SeedKey, content: unknown): unknown {
  const names = documentNames[key];
  if (!names || !isObject(content)) return content;
  const entries = Object.entries(content).map(([name, part]): [string, unknown] => {
    const other = Object.hasOwn(names, name) ? (names[name] as string) : name;
    return [other in content ? name : other, part];
  });
  return withoutDashes(Object.fromEntries(entries));
}

/** A file's content by the front end's names. */
export function byClientNames(key: SeedKey, content: unknown): unknown {
  const names = new Map(Object.entries(documentNames[key] ?? {}).map(([client, document]) => [document, client]));
  if (names.size === 0 || !isObject(content)) return content;
  return withDashes(Object.fromEntries(Object.entries(content).map(([name, part]) => [names.get(name) ?? name, part])));
}

/** The path of a problem, by the names that the file has. */
export function pathInFile(key: SeedKey, content: unknown, path: string): string {
  const [first = ""] = path.split(/[.[]/, 1);
  const client = Object.entries(documentNames[key] ?? {}).find(([, document]) => document === first)?.[0];
  return client && isObject(content) && client in content ? client + path.slice(first.length) : path;
}

/** The front end writes "-" where nothing was paid yet. */
function withoutDashes(content: Record<string, unknown>): Record<string, unknown> {
  return withPaymentDates(content, (date) => (date === "-" ? null : date));
}

function withDashes(content: Record<string, unknown>): Record<string, unknown> {
  return withPaymentDates(content, (date) => date ?? "-");
}

function withPaymentDates(content: Record<string, unknown>, change: (date: unknown) => unknown) {
  const { gains } = content;
  if (!Array.isArray(gains)) return content;
  const rows = gains.map((row) => (isObject(row) ? { ...row, lastPaymentDate: change(row.lastPaymentDate) } : row));
  return { ...content, gains: rows };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

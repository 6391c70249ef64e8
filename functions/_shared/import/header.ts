import {
  consentFields,
  fieldLabels,
  headerKey,
  type ImportField,
  importFields,
  isRejectColumn,
  knownHeaders,
} from "./fields.ts";
import { ImportRefusal } from "./refusal.ts";
import type { TextRow } from "./rows.ts";

/** How a file's columns are read: for each field the columns that may hold it, first one first. */
export type ColumnPlan = {
  header: readonly string[];
  columns: ReadonlyMap<ImportField, readonly number[]>;
  /** Names of columns that mean nothing here. */
  ignored: readonly string[];
};

/** By the key of a column's name (see headerKey): the field it stands for. */
type HeaderMap = ReadonlyMap<string, ImportField>;

/** Names of columns for one reading: this run's, and those that the supplier's files have. */
export type HeaderNames = { asked: HeaderMap; saved: HeaderMap };

/**
 * The row that names the columns: the first of those with the most fields known by name, since titles and notes may come
 * before it. Where hardly a name is known it is the first row.
 */
export function findHeader(rows: readonly TextRow[], names: HeaderNames): { row: TextRow; known: number } | undefined {
  let best = rows[0] && { row: rows[0], known: knownFields(rows[0], names) };
  for (const row of rows) {
    const known = knownFields(row, names);
    if (best && known > best.known && known > 1) best = { row, known };
  }
  return best;
}

function knownFields({ cells }: TextRow, { asked, saved }: HeaderNames): number {
  const keys = cells.map(headerKey);
  return new Set(keys.map((key) => asked.get(key) ?? saved.get(key) ?? knownHeaders.get(key)).filter(Boolean)).size;
}

/**
 * Says which column holds which field. `asked` (this run's) wins over `saved` (the supplier's) and both over the known
 * names. Throws an ImportRefusal if a column is asked for that is not there, or a required one is missing.
 */
export function planColumns(header: readonly string[], { asked, saved }: HeaderNames): ColumnPlan {
  const keys = header.map(headerKey);
  const absent = [...asked.keys()].filter((key) => !keys.includes(key));
  if (absent.length > 0) {
    throw new ImportRefusal("unknown_column", `--map : pas de colonne « ${absent.join(" », « ")} ». ${found(header)}`);
  }
  const columns = new Map<ImportField, number[]>();
  const ignored: string[] = [];
  const told = new Set([...asked.values()]);
  keys.forEach((key, index) => {
    const named = asked.get(key);
    const guessed = saved.get(key) ?? knownHeaders.get(key);
    // A field that this run maps is read from there and from nowhere else.
    const field = named ?? (guessed && !told.has(guessed) ? guessed : undefined);
    if (field) columns.set(field, [...(columns.get(field) ?? []), index]);
    else if (!isRejectColumn(header[index] ?? "")) ignored.push(header[index] ?? "");
  });
  refuseMissing(header, columns);
  leaveHalfConsent(header, columns, ignored, told);
  return { header, columns, ignored };
}

/** Some columns of a proof of consent without the others prove nothing: they are ignored, and refused if they were asked for. */
function leaveHalfConsent(
  header: readonly string[],
  columns: Map<ImportField, readonly number[]>,
  ignored: string[],
  told: ReadonlySet<ImportField>,
): void {
  const missing = consentFields.filter((field) => !columns.has(field));
  if (missing.length === 0) return;
  if (consentFields.some((field) => told.has(field))) {
    const names = missing.map((field) => `${fieldLabels[field]} (${field})`);
    throw new ImportRefusal(
      "missing_columns",
      `La preuve de consentement est incomplète, il manque : ${names.join(", ")}. ${found(header)}`,
    );
  }
  for (const field of consentFields) {
    ignored.push(...(columns.get(field) ?? []).map((column) => header[column] ?? ""));
    columns.delete(field);
  }
}

function refuseMissing(header: readonly string[], columns: ReadonlyMap<ImportField, unknown>): void {
  const missing: ImportField[] = (["lastName", "sector", "region"] as const).filter((field) => !columns.has(field));
  if (!columns.has("email") && !columns.has("phone")) missing.push("email");
  const first = missing[0];
  if (!first) return;
  const names = missing.map((field) =>
    field === "email" ? "e-mail ou téléphone (email, phone)" : `${fieldLabels[field]} (${field})`,
  );
  const example = header.find((name) => name !== "" && !knownHeaders.has(headerKey(name))) ?? "Nom de la colonne";
  throw new ImportRefusal(
    "missing_columns",
    `Il manque : ${names.join(", ")}. ${found(header)} Indiquez la colonne qui convient, par exemple --map "${example}=${first}".` +
      ` Champs : ${Object.keys(importFields).join(", ")}.`,
  );
}

function found(header: readonly string[]): string {
  return `Colonnes trouvées : ${header.map((name) => name || "(sans nom)").join(", ")}.`;
}

import {
  consentFields,
  type FieldValues,
  fieldLabels,
  headerKey,
  type ImportField,
  importFields,
  isRejectColumn,
} from "./fields.ts";
import { type KnownHeader, placed, recognised, resembles } from "./known-headers.ts";
import { ImportRefusal } from "./refusal.ts";
import type { TextRow } from "./rows.ts";

/** How a file's columns are read: for each field the columns that may hold it, first one first. */
export type ColumnPlan = {
  header: readonly string[];
  columns: ReadonlyMap<ImportField, readonly number[]>;
  /** What a field is where its columns have nothing, or there is none. */
  fill: FieldValues;
  /** Names of columns that mean nothing here, or less than another one. */
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
  const fields = cells.map((cell) => {
    const key = headerKey(cell);
    return asked.get(key) ?? saved.get(key) ?? recognised(cell)?.field;
  });
  return new Set(fields.filter(Boolean)).size;
}

type Column = KnownHeader & { index: number };
const byRun = -2;
const bySupplier = -1;

/**
 * Says which column holds which field. `asked` (this run's) wins over `saved` (the supplier's), both over the known names,
 * and a precise name over a vague one. `place` tells people where these columns are. Throws an ImportRefusal if a column
 * is asked for that is not there, or a required one is missing.
 */
export function planColumns(
  header: readonly string[],
  { asked, saved }: HeaderNames,
  fill: FieldValues = new Map(),
  place = "",
): ColumnPlan {
  const keys = header.map(headerKey);
  const where = `Colonnes trouvées : ${header.map((name) => name || "(sans nom)").join(", ")}.${place && ` ${place}`}`;
  const absent = [...asked.keys()].filter((key) => !keys.includes(key));
  if (absent.length > 0) {
    throw new ImportRefusal("unknown_column", `--map : pas de colonne « ${absent.join(" », « ")} ». ${where}`);
  }
  const told = new Set([...asked.values()]);
  // In a list of appointments « User » is who receives, and « Invitee » the lead.
  const forGuests = keys.some((key) => key.startsWith("invitee"));
  const named = keys.flatMap((key, index): Column[] => {
    const field = asked.get(key);
    if (field) return [{ field, rank: byRun, index }];
    const own = saved.get(key);
    const isHost = forGuests && key.startsWith("user");
    const guessed = own ? { field: own, rank: bySupplier } : isHost ? undefined : recognised(header[index] ?? "");
    return guessed ? [{ ...guessed, index }] : [];
  });
  const columns = mostPrecise(withSecondPhones(withLastName(named)));
  const chosen = () => new Set([...columns.values()].flat());
  refuseMissing(
    header.filter((_, index) => !chosen().has(index)),
    new Set([...columns.keys(), ...fill.keys()]),
    where,
  );
  leaveHalfConsent(columns, fill, told, where);
  const used = chosen();
  const ignored = header.filter((name, index) => !used.has(index) && !isRejectColumn(name));
  return { header, columns, fill, ignored };
}

/** Which field each column is, by its name as it stands in the file. */
export function mappingOf({ header, columns }: ColumnPlan): Record<string, ImportField> {
  return Object.fromEntries(
    [...columns]
      .flatMap(([field, places]) => places.map((place) => ({ field, place })))
      .sort((one, other) => one.place - other.place)
      .map(({ field, place }) => [header[place] ?? "", field]),
  );
}

/** « Name » is the whole name of a person, but for a file that has the first name beside it and no other name. */
function withLastName(columns: Column[]): Column[] {
  const has = (field: ImportField) => columns.some((column) => column.field === field);
  if (!has("firstName") || has("lastName")) return columns;
  return columns.map((column) =>
    column.field === "fullName" && column.rank > 0 ? { ...column, field: "lastName" } : column,
  );
}

/** A person may have two telephones, of which neither is to be lost: what is not the first one is the second. */
function withSecondPhones(columns: Column[]): Column[] {
  const best = Math.min(...columns.filter(({ field }) => field === "phone").map(({ rank }) => rank));
  const first = columns.find(({ field, rank }) => field === "phone" && rank === best);
  return columns.map((column) =>
    column.field === "phone" && column !== first ? { ...column, field: "phone2", rank: column.rank + 1 } : column,
  );
}

/**
 * Of the columns of a field those that name it most precisely, of which the first that is filled counts; behind them the
 * others where a person may have several.
 */
function mostPrecise(columns: readonly Column[]): Map<ImportField, readonly number[]> {
  const fields = new Set(columns.map(({ field }) => field));
  return new Map(
    [...fields].map((field): [ImportField, number[]] => {
      const own = columns.filter((column) => column.field === field);
      const best = Math.min(...own.map(({ rank }) => rank));
      const kept = own
        .filter(({ rank }) => rank === best || field === "phone2" || placed.has(field))
        .sort((one, other) => one.rank - other.rank);
      return [field, kept.map(({ index }) => index)];
    }),
  );
}

/** Some columns of a proof of consent without the others prove nothing: they are left, and refused if they were asked for. */
function leaveHalfConsent(
  columns: Map<ImportField, readonly number[]>,
  fill: FieldValues,
  told: ReadonlySet<ImportField>,
  where: string,
): void {
  const missing = consentFields.filter((field) => !columns.has(field) && !fill.has(field));
  if (missing.length === 0) return;
  if (consentFields.some((field) => told.has(field) || fill.has(field))) {
    const names = missing.map((field) => `${fieldLabels[field]} (${field})`);
    throw new ImportRefusal(
      "missing_columns",
      `La preuve de consentement est incomplète, il manque : ${names.join(", ")}. ${where}`,
    );
  }
  for (const field of consentFields) columns.delete(field);
}

/** What has to be there, and by which fields it may be. */
const required: readonly (readonly [ImportField, ...ImportField[]])[] = [
  ["lastName", "fullName"],
  ["sector"],
  ["region", "postcode"],
  ["email", "phone", "phone2"],
];

function refuseMissing(unused: readonly string[], given: ReadonlySet<ImportField>, where: string): void {
  const missing = required.filter((fields) => !fields.some((field) => given.has(field))).map(([field]) => field);
  const first = missing[0];
  if (!first) return;
  const names = missing.map((field) =>
    field === "email" ? "e-mail ou téléphone (email, phone)" : `${fieldLabels[field]} (${field})`,
  );
  const alike = unused.find((name) => resembles(name, first)) ?? "Nom de la colonne";
  const forAll = missing.find((field) => field === "sector" || field === "region");
  throw new ImportRefusal(
    "missing_columns",
    `Il manque : ${names.join(", ")}. ${where} Indiquez la colonne qui convient, par exemple --map "${alike}=${first}".` +
      (forAll ? ` Une même valeur pour toutes les lignes : --set "${forAll}=…".` : "") +
      ` Champs : ${Object.keys(importFields).join(", ")}.`,
  );
}

import { type FieldValues, fieldNames, headerKey, isRejectColumn } from "./fields.ts";
import type { ImportKind } from "./kind.ts";
import { type KnownHeader, vocabularyOf } from "./known-headers.ts";
import { ImportRefusal } from "./refusal.ts";
import type { TextRow } from "./rows.ts";

/** How a file's columns are read: for each field the columns that may hold it, first one first. */
export type ColumnPlan = {
  kind: ImportKind;
  header: readonly string[];
  columns: ReadonlyMap<string, readonly number[]>;
  /** What a field is where its columns have nothing, or there is none. */
  fill: FieldValues;
  /** Names of columns that mean nothing here, or less than another one. */
  ignored: readonly string[];
};

/** By the key of a column's name (see headerKey): the field it stands for. */
type HeaderMap = ReadonlyMap<string, string>;

/** Names of columns for one reading: what the kind knows, this run's, and those that its sender's files have. */
export type HeaderNames = { kind: ImportKind; asked: HeaderMap; saved: HeaderMap };

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

function knownFields({ cells }: TextRow, { kind, asked, saved }: HeaderNames): number {
  const { recognised } = vocabularyOf(kind);
  const fields = cells.map((cell) => {
    const key = headerKey(cell);
    return asked.get(key) ?? saved.get(key) ?? recognised(cell)?.field;
  });
  return new Set(fields.filter(Boolean)).size;
}

type Column = KnownHeader & { index: number };
const byRun = -2;
const bySender = -1;

/**
 * Says which column holds which field. `asked` (this run's) wins over `saved` (the sender's), both over the known names,
 * and a precise name over a vague one. `place` tells people where these columns are. Throws an ImportRefusal if a column
 * is asked for that is not there, or a required one is missing.
 */
export function planColumns(
  header: readonly string[],
  { kind, asked, saved }: HeaderNames,
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
  const { recognised } = vocabularyOf(kind);
  const isHost = hostsAmong(kind, keys);
  const named = keys.flatMap((key, index): Column[] => {
    const field = asked.get(key);
    if (field) return [{ field, rank: byRun, index }];
    const own = saved.get(key);
    const guessed = own ? { field: own, rank: bySender } : isHost(key) ? undefined : recognised(header[index] ?? "");
    return guessed ? [{ ...guessed, index }] : [];
  });
  const columns = mostPrecise(kind, withSecondValues(kind, withVagueNames(kind, named)));
  const chosen = () => new Set([...columns.values()].flat());
  refuseMissing(
    kind,
    header.filter((_, index) => !chosen().has(index)),
    new Set([...columns.keys(), ...fill.keys()]),
    where,
  );
  leaveIncomplete(kind, columns, fill, told, where);
  const used = chosen();
  const ignored = header.filter((name, index) => !used.has(index) && !isRejectColumn(name));
  return { kind, header, columns, fill, ignored };
}

/** Which field each column is, by its name as it stands in the file. */
export function mappingOf({ header, columns }: ColumnPlan): Record<string, string> {
  return Object.fromEntries(
    [...columns]
      .flatMap(([field, places]) => places.map((place) => ({ field, place })))
      .sort((one, other) => one.place - other.place)
      .map(({ field, place }) => [header[place] ?? "", field]),
  );
}

/** Whether a name is that of somebody whom the rows are not about, as the names beside it tell. */
function hostsAmong({ words }: ImportKind, keys: readonly string[]): (key: string) => boolean {
  const host = words?.host;
  if (!host || !keys.some((key) => key.startsWith(host.beside))) return () => false;
  return (key) => key.startsWith(host.named);
}

/** What a vague name means beside the other names of the file. */
function withVagueNames({ fields }: ImportKind, columns: Column[]): Column[] {
  const has = (field: string) => columns.some((column) => column.field === field);
  return columns.map((column) => {
    const vaguely = fields[column.field]?.vaguely;
    if (!vaguely || column.rank <= 0 || !has(vaguely.beside) || has(vaguely.field)) return column;
    return { ...column, field: vaguely.field };
  });
}

/** A row may have two values of a field, of which neither is to be lost: what is not the first one is the second. */
function withSecondValues({ fields }: ImportKind, columns: Column[]): Column[] {
  const firsts = new Map(
    Object.keys(fields).map((field) => [field, best(columns.filter((column) => column.field === field))[0]]),
  );
  return columns.map((column) => {
    const second = fields[column.field]?.second;
    if (second === undefined || column === firsts.get(column.field)) return column;
    return { ...column, field: second, rank: column.rank + 1 };
  });
}

/** Those of the columns that are named most precisely. */
function best(columns: readonly Column[]): readonly Column[] {
  const rank = Math.min(...columns.map((column) => column.rank));
  return columns.filter((column) => column.rank === rank);
}

/**
 * Of the columns of a field those that name it most precisely, of which the first that is filled counts; behind them the
 * others where a row may have several.
 */
function mostPrecise({ fields }: ImportKind, columns: readonly Column[]): Map<string, readonly number[]> {
  const seconds = new Set(Object.values(fields).map(({ second }) => second));
  return new Map(
    [...new Set(columns.map(({ field }) => field))].map((field): [string, number[]] => {
      const own = columns.filter((column) => column.field === field);
      const kept = fields[field]?.several || seconds.has(field) ? own : best(own);
      return [field, kept.toSorted((one, other) => one.rank - other.rank).map(({ index }) => index)];
    }),
  );
}

/** Some columns that mean nothing without the others are left, and refused if they were asked for. */
function leaveIncomplete(
  kind: ImportKind,
  columns: Map<string, readonly number[]>,
  fill: FieldValues,
  told: ReadonlySet<string>,
  where: string,
): void {
  for (const { fields, incomplete } of kind.together ?? []) {
    const missing = fields.filter((field) => !columns.has(field) && !fill.has(field));
    if (missing.length === 0) continue;
    if (fields.some((field) => told.has(field) || fill.has(field))) {
      const names = missing.map((field) => nameOf(kind, field));
      throw new ImportRefusal("missing_columns", `${incomplete}, il manque : ${names.join(", ")}. ${where}`);
    }
    for (const field of fields) columns.delete(field);
  }
}

function nameOf({ labels }: ImportKind, field: string): string {
  return `${labels[field]} (${field})`;
}

function refuseMissing(kind: ImportKind, unused: readonly string[], given: ReadonlySet<string>, where: string): void {
  const missing = kind.required.filter(({ by }) => !by.some((field) => given.has(field)));
  const first = missing[0]?.by[0];
  if (first === undefined) return;
  const names = missing.map(({ by: [field], label }) => label ?? nameOf(kind, field));
  const { resembles } = vocabularyOf(kind);
  const alike = unused.find((name) => resembles(name, first)) ?? "Nom de la colonne";
  const forAll = missing.map(({ by: [field] }) => field).find((field) => kind.fields[field]?.forAll);
  throw new ImportRefusal(
    "missing_columns",
    `Il manque : ${names.join(", ")}. ${where} Indiquez la colonne qui convient, par exemple --map "${alike}=${first}".` +
      (forAll ? ` Une même valeur pour toutes les lignes : --set "${forAll}=…".` : "") +
      ` Champs : ${fieldNames(kind)}.`,
  );
}

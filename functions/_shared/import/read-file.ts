import { breather } from "./breath.ts";
import { mostColumns } from "./columns.ts";
import { csvRows, unclosedQuote } from "./csv.ts";
import { lf, quote, scanRows } from "./csv-scan.ts";
import type { FieldValues } from "./fields.ts";
import { type ColumnPlan, findHeader, type HeaderNames, planColumns } from "./header.ts";
import { lookedAt } from "./heads.ts";
import type { Epoch } from "./numbers.ts";
import { type Bytes, concat, inTurn, peekStart } from "./pieces.ts";
import { ImportRefusal } from "./refusal.ts";
import {
  type FileBatch,
  type FilePlace,
  headBytes,
  headRows,
  type Rows,
  rowsFrom,
  type TextRow,
  textRow,
} from "./rows.ts";
import { openSource, type Source } from "./source.ts";
import { type TextWish, utf8Text } from "./text.ts";
import type { Sheet, Workbook } from "./xlsx.ts";
import type { SheetBatch } from "./xlsx-sheet.ts";

/** How a file is to be read, where that is not left to the file itself. */
export type ReadingWish = HeaderNames & {
  /** By any of its usual names: windows-1252, utf-16le, macintosh, cp850, … */
  encoding?: string | undefined;
  /** A sheet's name, or its number from 1. */
  sheet?: string | undefined;
  /** For each field what it is where the file has nothing. */
  set?: FieldValues | undefined;
};

/** How a file was understood. */
export type Reading = {
  format: Source["format"];
  packed: Source["packed"];
  /** Null for a workbook; known for sure when all rows are read. */
  encoding: string | null;
  /** What separates the cells of a CSV file, and those of the file of its refused rows. */
  delimiter: Delimiter;
  sheet: string | null;
  sheets: string[];
  /** The line of the column names. */
  headerLine: number;
  epoch: Epoch;
};

const delimiters = [";", ",", "\t", "|"] as const;
export type Delimiter = (typeof delimiters)[number];

/** A file whose column names are found; its rows are still to be read. */
export type OpenedFile = { header: string[]; reading: () => Reading; rows: AsyncGenerator<FileBatch> };
/** A file whose columns are understood as well. */
export type ImportFile = OpenedFile & { plan: ColumnPlan };

/**
 * Opens a file of any kind that is read here: CSV in UTF-8, UTF-16 or what spreadsheets save, separated by `;` `,` tab or `|`, also
 * as .gz or alone in a .zip, and workbooks (.xlsx, .xls, .ods). Throws an ImportRefusal if it cannot be read. Its rows are
 * those after `from`, or all.
 */
export function openFile(bytes: Bytes, wish: ReadingWish, from?: FilePlace): Promise<OpenedFile> {
  return orClosed(bytes, async (pieces) => {
    const source = await openSource(pieces, textWish(wish));
    return source.format === "csv" ? openText(source, wish, from) : openWorkbook(source, wish, from);
  });
}

function textWish({ kind, encoding }: ReadingWish): TextWish {
  return { encoding, common: kind.words?.common };
}

/** What is made of the pieces; where it is refused, nothing stays open behind them. */
async function orClosed<Made>(
  bytes: Bytes,
  make: (pieces: AsyncGenerator<Uint8Array>) => Promise<Made>,
): Promise<Made> {
  const pieces = inTurn(bytes);
  try {
    return await make(pieces);
  } catch (error) {
    await pieces.return(undefined);
    throw error;
  }
}

/** The same, for an import: also refuses a file that has no rows, or lacks a required column. */
export function openImportFile(bytes: Bytes, wish: ReadingWish, from?: FilePlace): Promise<ImportFile> {
  return orClosed(bytes, async (pieces) => {
    const file = await openFile(pieces, wish, from);
    const plan = planColumns(file.header, wish, wish.set, sheetRead(file.reading()));
    if (from) return { ...file, plan };
    const first = await firstRows(file.rows);
    if (!first) throw new ImportRefusal("no_rows", "Ce fichier n'a pas de ligne après l'en-tête.");
    return { ...file, plan, rows: continued([first], file.rows) };
  });
}

/** Where a workbook has several sheets: which one is read, and how to have another. */
function sheetRead({ sheet, sheets }: Reading): string {
  const others = sheets.filter((name) => name !== sheet).map((name) => `« ${name} »`);
  if (sheet === null || others.length === 0) return "";
  return `Feuille lue : « ${sheet} » ; pour en lire une autre (${others.slice(0, 10).join(", ")}) : --sheet "${sheets.find((name) => name !== sheet)}".`;
}

async function firstRows(batches: AsyncGenerator<FileBatch>): Promise<FileBatch | undefined> {
  for (;;) {
    const { value, done } = await batches.next();
    if (done || value.rows.lines.length > 0) return done ? undefined : value;
  }
}

async function* continued(first: FileBatch[], rest: AsyncGenerator<FileBatch>): AsyncGenerator<FileBatch> {
  yield* first;
  yield* rest;
}

async function openText(
  source: Extract<Source, { format: "csv" }>,
  wish: ReadingWish,
  from?: FilePlace,
): Promise<OpenedFile> {
  const { pieces, encoding } = await utf8Text(source.text, textWish(wish));
  const { start, all } = await peekStart(pieces, headBytes);
  if (isBlankText(start)) throw new ImportRefusal("empty_file", "Ce fichier est vide.");
  const found = delimiters
    .map((delimiter) => ({ delimiter, header: findHeader(headOf(start, delimiter), wish) }))
    .reduce((best, next) => (isBetter(next, best) ? next : best));
  if (!found.header) throw withoutRows(start);
  const { delimiter, header } = found;
  const reading = (): Reading => ({
    ...{ format: "csv", packed: source.packed, encoding: encoding(), delimiter },
    ...{ sheet: null, sheets: [], headerLine: header.row.line, epoch: 1900 },
  });
  return { header: namesOf(header.row), reading, rows: after(csvRows(all, delimiter), from?.line ?? header.row.line) };
}

type Candidate = { header: ReturnType<typeof findHeader> };

/** More names that are known tell a delimiter, else more columns. */
function isBetter({ header }: Candidate, { header: other }: Candidate): boolean {
  if (!header || !other) return header !== undefined && other === undefined;
  if (header.known !== other.known) return header.known > other.known;
  return header.row.cells.length > other.row.cells.length;
}

function headOf(start: Uint8Array, delimiter: Delimiter): TextRow[] {
  // A copy, since quotes are put right in it. Where the file ends so soon, its last row may lack its end.
  const text = start.length < headBytes ? concat([start, Uint8Array.of(lf)]) : start.slice(0, headBytes);
  return firstTexts(scanRows(text, delimiter, 1).rows);
}

function firstTexts(rows: Rows): TextRow[] {
  return Array.from(rows.lines.subarray(0, headRows), (_, row) => textRow(rows, row));
}

/** Whether there is nothing but white space and what separates cells; of a longer file that is its business. */
function isBlankText(start: Uint8Array): boolean {
  return start.length < headBytes && /^[\s;,|"]*$/.test(new TextDecoder().decode(start));
}

/** Why a file has no first row. */
function withoutRows(start: Uint8Array): ImportRefusal {
  if (start.includes(quote)) return unclosedQuote(1);
  const message = "La première ligne ne finit pas : ce n'est pas l'en-tête d'un fichier CSV.";
  return new ImportRefusal("line_too_long", message);
}

function namesOf({ cells }: TextRow): string[] {
  const names = cells.map((name) => name.trim());
  while (names.at(-1) === "") names.pop();
  return names;
}

async function* after(batches: AsyncIterable<FileBatch>, line: number): AsyncGenerator<FileBatch> {
  const breathe = breather();
  for await (const { rows, ...more } of batches) {
    yield { rows: rowsFrom(rows, line + 1), ...more };
    const turn = breathe();
    if (turn) await turn;
  }
}

async function openWorkbook(
  source: Exclude<Source, { format: "csv" }>,
  wish: ReadingWish,
  from?: FilePlace,
): Promise<OpenedFile> {
  const { format, packed, size, book } = source;
  const sheet = await sheetAskedFor(book, wish);
  const found = await openSheet(sheet, wish);
  if (!found) throw new ImportRefusal("empty_file", "Ce fichier est vide.");
  const { header, first, rest } = found;
  const reading = (): Reading => ({
    // A semicolon is what a French spreadsheet opens by itself.
    ...{ format, packed, encoding: null, delimiter: ";", sheet: sheet.name },
    ...{ sheets: book.sheets.map(({ name }) => name), headerLine: header.row.line, epoch: book.epoch },
  });
  async function* all() {
    yield first;
    yield* rest;
  }
  async function* batches(of: AsyncIterable<SheetBatch>) {
    for await (const { part, ...batch } of of) yield { ...batch, bytes: Math.round(size * part) };
  }
  const isKnown = from && "byte" in from;
  if (isKnown) await rest.return(undefined);
  const rows = batches(isKnown ? sheet.rows(from) : all());
  return { header: namesOf(header.row), reading, rows: after(rows, from?.line ?? header.row.line) };
}

/** The sheet with this name, or else this number, or of the first ones the one that is meant. */
async function sheetAskedFor({ sheets }: Workbook, { sheet: asked, ...names }: ReadingWish): Promise<Sheet> {
  if (asked === undefined) return bestSheet(sheets.slice(0, lookedAt), names);
  const wanted = sheets.find(({ name }) => name === asked) ?? sheets.find((_, at) => String(at + 1) === asked);
  if (wanted) return wanted;
  const all = sheets.map(({ name }) => `« ${name} »`).join(", ");
  throw new ImportRefusal("unknown_sheet", `Pas de feuille « ${asked} » dans ce classeur. Feuilles : ${all}.`);
}

/**
 * The sheet with the most columns that are known by name, of equal ones the first in which anything is written: rows may
 * come behind a cover or a list of choices. One that is hidden only where no other has two of them.
 */
async function bestSheet(sheets: readonly Sheet[], names: HeaderNames): Promise<Sheet> {
  let best = sheets[0] as Sheet;
  if (sheets.length === 1) return best;
  let most = -1;
  for (const sheet of sheets) {
    const header = findHeader(await sheet.head(), names);
    const worth = header ? header.known + (header.known > 1 && !sheet.hidden ? mostColumns : 0) : -1;
    if (worth > most) [best, most] = [sheet, worth];
  }
  return best;
}

type OpenedSheet = {
  header: { row: TextRow; known: number };
  first: SheetBatch;
  rest: ReturnType<Sheet["rows"]>;
};

async function openSheet(sheet: Sheet, names: HeaderNames): Promise<OpenedSheet | undefined> {
  const rest = sheet.rows();
  const { value: first, done } = await rest.next();
  const header = done ? undefined : findHeader(firstTexts(first.rows), names);
  if (!done && header) return { header, first, rest };
  await rest.return(undefined);
  return undefined;
}

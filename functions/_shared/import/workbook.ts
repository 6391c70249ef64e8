import { type CellObject, type DenseWorkSheet, read, SSF, type WorkBook } from "xlsx";
import type { FileBatch, FileRecord } from "./records.ts";
import { ImportRefusal } from "./refusal.ts";
import { damaged, refuseUnlessWorkbook } from "./zip.ts";

// A workbook is read as a whole: its directory is at its end.
const longestWorkbook = 50 * 1024 * 1024;
// What a spreadsheet can hold; more is a file that was made to do harm.
const mostRows = 1_048_576;
const mostColumns = 16_384;
const rowsOfBatch = 2_000;

// Enough to know the header by; reading so few takes a quarter of the time.
const firstRows = 100;

/**
 * The rows of a workbook's first sheet that is not empty, the header first, with their numbers in the sheet; empty rows
 * are left out. Values only: formulas are those that the spreadsheet worked out. Throws an ImportRefusal if it cannot be
 * read, is larger than 50 MB, or unpacks to too much.
 */
export async function* workbookRecords(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<FileBatch> {
  const packed = await collect(bytes);
  await refuseUnlessWorkbook(packed);
  const start = filledSheet(parse(packed, { sheets: 0, sheetRows: firstRows }));
  // Who only wants the header goes no further than this.
  if (start) for (const { records } of recordsOf(start, 0)) yield { records, bytes: 0 };
  const sheet = filledSheet(parse(packed, { sheets: 0 })) ?? filledSheet(parse(packed, {}));
  if (!sheet) return;
  for (const { records, at } of recordsOf(sheet, start ? firstRows : 0, start?.width)) {
    yield { records, bytes: Math.round((packed.length * at) / sheet.rows.length) };
  }
}

/** The records of a sheet's rows after the first `skipped`, in batches; `at` counts the rows gone through. */
function* recordsOf(sheet: Sheet, skipped: number, known?: number): Generator<{ records: FileRecord[]; at: number }> {
  const { rows, toText } = sheet;
  sheet.width = known;
  let records: FileRecord[] = [];
  for (let at = skipped; at < rows.length; at += 1) {
    const row = rows[at];
    if (row) {
      const cells = textsOf(row, sheet.width ?? mostColumns, toText);
      if (cells.some((cell) => cell.trim() !== "")) {
        sheet.width ??= cells.length;
        records.push({ cells, line: at + 1 });
      }
      // What has been read is not needed any more.
      rows[at] = undefined;
    }
    if (records.length === rowsOfBatch) {
      yield { records, at };
      records = [];
    }
  }
  yield { records, at: rows.length };
}

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of bytes) {
    length += piece.length;
    if (length > longestWorkbook) {
      throw new ImportRefusal(
        "Ce classeur dépasse 50 Mo : découpez-le, ou enregistrez-le en « CSV UTF-8 » et recommencez.",
      );
    }
    pieces.push(piece);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Rows and cells have holes where nothing is written. */
type SheetRow = (CellObject | undefined)[];
type Sheet = {
  rows: (SheetRow | undefined)[];
  toText: (cell: CellObject) => string;
  /** How many columns the header has, as soon as it is read. */
  width?: number | undefined;
};

/** Reads all sheets, or the first alone: the others may be large. */
function parse(packed: Uint8Array, part: { sheets?: number; sheetRows?: number }): WorkBook {
  const values = { cellNF: true, cellFormula: false, cellHTML: false, cellText: false, cellDates: false };
  try {
    return read(packed, { type: "array", dense: true, ...values, ...part });
  } catch {
    throw damaged();
  }
}

function filledSheet({ SheetNames, Sheets, Workbook }: WorkBook): Sheet | undefined {
  const toText = (cell: CellObject) => textOf(cell, Workbook?.WBProps?.date1904 === true);
  for (const name of SheetNames) {
    const rows: Sheet["rows"] = (Sheets[name] as DenseWorkSheet | undefined)?.["!data"] ?? [];
    if (rows.length > mostRows) throw damaged();
    if (rows.some((row) => row && textsOf(row, mostColumns, toText).some((text) => text.trim() !== "")))
      return { rows, toText };
  }
  return undefined;
}

/** The texts of a row up to its last one. What stands beyond `width` counts only as being there. */
function textsOf(row: SheetRow, width: number, toText: (cell: CellObject) => string): string[] {
  if (row.length > mostColumns) throw damaged();
  const cells = Array.from(row.slice(0, width), (cell) => (cell ? toText(cell) : ""));
  const surplus = row.length > width ? row.slice(width).find((cell) => cell && toText(cell) !== "") : undefined;
  if (surplus) return [...cells, toText(surplus)];
  let length = cells.length;
  while (length > 0 && cells[length - 1] === "") length -= 1;
  return cells.slice(0, length);
}

function textOf({ t, v, z }: CellObject, from1904: boolean): string {
  if (typeof v === "string") return v.replaceAll("\0", "");
  if (t === "e") return "#ERREUR";
  if (typeof v === "boolean") return v ? "oui" : "non";
  if (typeof v !== "number") return "";
  const format = String(z ?? "");
  if (SSF.is_date(format)) return dateText(v, from1904) ?? numberText(v);
  // 80 % is stored as 0.8, which is a good value for nothing.
  return format.includes("%") ? `${numberText(v * 100)} %` : numberText(v);
}

/** A number as it is, not as it is shown: a telephone that is shown as 3.36E+10 is all there. */
function numberText(value: number): string {
  // Spreadsheets keep 15 digits; of a longer number some are lost, and it must not pass for a telephone.
  if (Math.abs(value) >= 1e15) return value.toExponential().toUpperCase();
  return String(Number(value.toPrecision(15)));
}

/** `2026-02-10`, or `2026-02-10 14:30:00` where there is a time; undefined for what is no date. */
function dateText(value: number, from1904: boolean): string | undefined {
  const date = SSF.parse_date_code(value, { date1904: from1904 });
  if (!date) return undefined;
  const two = (part: number) => String(part).padStart(2, "0");
  const day = `${date.y}-${two(date.m)}-${two(date.d)}`;
  return date.T === 0 ? day : `${day} ${two(date.H)}:${two(date.M)}:${two(date.S)}`;
}

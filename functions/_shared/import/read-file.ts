import { csvRecords } from "./csv.ts";
import { type ColumnPlan, type Delimiter, detectDelimiter, type HeaderMap, planColumns } from "./header.ts";
import type { FileBatch, FileRecord } from "./records.ts";
import { ImportRefusal, UnsupportedFormat } from "./refusal.ts";
import { type Bytes, peekFirstLine, peekStart, utf8Only } from "./text.ts";
import { workbookRecords } from "./workbook.ts";

/** A file that has been opened: its header is understood, its rows are still to be read. */
export type ImportFile = { plan: ColumnPlan; delimiter: Delimiter; rows: AsyncGenerator<FileBatch> };

/** What the formats begin with, whatever the file is called. */
const zipStart = "80 75 3 4";
const oldOfficeStart = "208 207 17 224";

/**
 * All records of a CSV file or of a workbook (.xlsx), its header first, and the delimiter that a CSV file of its rows has.
 * Throws an ImportRefusal if the file cannot be read, an UnsupportedFormat if it is neither.
 */
export async function readRecords(bytes: Bytes): Promise<{ delimiter: Delimiter; records: AsyncGenerator<FileBatch> }> {
  const { start, all: file } = await peekStart(bytes, 4);
  const mark = start.join(" ");
  // What a French spreadsheet opens by itself.
  if (mark === zipStart) return { delimiter: ";", records: workbookRecords(file) };
  if (mark === oldOfficeStart) {
    throw new UnsupportedFormat(
      "Ce classeur est d'un ancien format (.xls) ou protégé par un mot de passe : enregistrez-le en .xlsx sans mot de passe, ou en « CSV UTF-8 ».",
    );
  }
  const { line, all } = await peekFirstLine(utf8Only(file));
  const delimiter = detectDelimiter(line);
  return { delimiter, records: csvRecords(all, delimiter) };
}

/**
 * Opens a CSV file (UTF-8 with or without a mark, `,` `;` or tab) or a workbook (.xlsx, its first sheet that is not empty). Throws an ImportRefusal if it cannot be read, has no
 * rows, or lacks a required column.
 */
export async function openImportFile(bytes: Bytes, asked: HeaderMap, saved: HeaderMap): Promise<ImportFile> {
  const { delimiter, records } = await readRecords(bytes);
  let first: FileRecord[] = [];
  let bytesRead = 0;
  while (first.length < 2) {
    const { value, done } = await records.next();
    if (done) break;
    first = [...first, ...value.records];
    bytesRead = value.bytes;
  }
  const [header, ...rows] = first;
  if (!header) throw new ImportRefusal("Ce fichier est vide.");
  const plan = planColumns(
    header.cells.map((name) => name.trim()),
    asked,
    saved,
  );
  if (rows.length === 0) throw new ImportRefusal("Ce fichier n'a pas de ligne après l'en-tête.");
  async function* all(): AsyncGenerator<FileBatch> {
    yield { records: rows, bytes: bytesRead };
    yield* records;
  }
  return { plan, delimiter, rows: all() };
}

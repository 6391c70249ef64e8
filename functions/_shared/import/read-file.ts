import { type CsvBatch, type CsvRecord, csvRecords } from "./csv.ts";
import { type ColumnPlan, type Delimiter, detectDelimiter, type HeaderMap, planColumns } from "./header.ts";
import { ImportRefusal } from "./refusal.ts";
import { type Bytes, peekFirstLine, utf8Only } from "./text.ts";

/** A file that has been opened: its header is understood, its rows are still to be read. */
export type ImportFile = { plan: ColumnPlan; delimiter: Delimiter; rows: AsyncGenerator<CsvBatch> };

/** All records of a CSV file, its header first, and the delimiter that the header shows. */
export async function readRecords(bytes: Bytes): Promise<{ delimiter: Delimiter; records: AsyncGenerator<CsvBatch> }> {
  const { line, all } = await peekFirstLine(utf8Only(bytes));
  const delimiter = detectDelimiter(line);
  return { delimiter, records: csvRecords(all, delimiter) };
}

/**
 * Opens a CSV file: UTF-8 with or without a mark, `,` `;` or tab. Throws an ImportRefusal if it cannot be read, has no
 * rows, or lacks a required column.
 */
export async function openImportFile(bytes: Bytes, asked: HeaderMap, saved: HeaderMap): Promise<ImportFile> {
  const { delimiter, records } = await readRecords(bytes);
  let first: CsvRecord[] = [];
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
  async function* all(): AsyncGenerator<CsvBatch> {
    yield { records: rows, bytes: bytesRead };
    yield* records;
  }
  return { plan, delimiter, rows: all() };
}

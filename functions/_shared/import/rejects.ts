import { guarded } from "../export/guard.ts";
import { isRejectColumn, rejectColumns } from "./fields.ts";
import type { Delimiter } from "./header.ts";
import type { FileBatch } from "./records.ts";

/** Why a row was refused; `line` as in FileRecord. */
export type Reject = { line: number; reason: string };

/**
 * The refused rows as a file of the same form, with the columns `ligne` and `motif` before the others: corrected, it can
 * be imported again. `records` are all records of the file, header first; `rejects` come in the order of their lines.
 */
export async function* rejectFile(
  records: AsyncIterable<FileBatch>,
  rejects: AsyncIterator<Reject>,
  delimiter: Delimiter,
): AsyncGenerator<string> {
  let header: readonly string[] | undefined;
  let reject = await rejects.next();
  for await (const batch of records) {
    let text = "";
    for (const { cells, line } of batch.records) {
      if (!header) {
        header = cells;
        // The mark lets spreadsheets read the accents.
        text += `\ufeff${csvLine([rejectColumns.line, rejectColumns.reason, ...ownCells(header, cells)], delimiter)}`;
      } else if (!reject.done && reject.value.line === line) {
        text += csvLine([String(line), reject.value.reason, ...ownCells(header, cells)], delimiter);
        reject = await rejects.next();
      }
    }
    if (text) yield text;
  }
}

/** What the supplier wrote, without the two columns of an earlier file of refused rows. */
function ownCells(header: readonly string[], cells: readonly string[]): string[] {
  return cells.filter((_, column) => !isRejectColumn(header[column] ?? ""));
}

function csvLine(values: readonly string[], delimiter: Delimiter): string {
  return `${values.map((value) => csvCell(guarded(value), delimiter)).join(delimiter)}\r\n`;
}

function csvCell(value: string, delimiter: Delimiter): string {
  return value.includes(delimiter) || /["\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

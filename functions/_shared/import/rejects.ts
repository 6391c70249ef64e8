import { guarded, withoutGuard } from "../export/guard.ts";
import { isRejectColumn, rejectColumns } from "./fields.ts";
import type { Delimiter, OpenedFile } from "./read-file.ts";
import { textRow } from "./rows.ts";

/** Why a row was refused; `line` as in FileRecord. */
export type Reject = { line: number; reason: string };

/**
 * The refused rows of a file as CSV, with the columns `ligne` and `motif` before its own: corrected, they can be
 * imported again. `rejects` come in the order of their lines.
 */
export async function* rejectFile(
  { header, reading, rows }: OpenedFile,
  rejects: AsyncGenerator<Reject>,
): AsyncGenerator<string> {
  const { delimiter } = reading();
  try {
    // The mark lets spreadsheets read the accents.
    yield `\ufeff${csvLine([rejectColumns.line, rejectColumns.reason, ...ownCells(header, header)], delimiter)}`;
    let reject = await rejects.next();
    for await (const batch of rows) {
      let text = "";
      for (let row = 0; row < batch.rows.lines.length && !reject.done; row += 1) {
        if (batch.rows.lines[row] !== reject.value.line) continue;
        const { cells, line } = textRow(batch.rows, row);
        text += csvLine([String(line), reject.value.reason, ...ownCells(header, cells)], delimiter);
        reject = await rejects.next();
      }
      if (text) yield text;
      if (reject.done) return;
    }
  } finally {
    // Whoever stops reading must not leave a query running.
    await rejects.return(undefined);
  }
}

/** What the file has of its own, without the two columns of an earlier file of refused rows. */
function ownCells(header: readonly string[], cells: readonly string[]): string[] {
  return cells.filter((_, column) => !isRejectColumn(header[column] ?? ""));
}

/** What has an apostrophe before it already, as from an earlier file of refused rows, gets no second one. */
function csvLine(values: readonly string[], delimiter: Delimiter): string {
  return `${values.map((value) => csvCell(guarded(withoutGuard(value)), delimiter)).join(delimiter)}\r\n`;
}

function csvCell(value: string, delimiter: Delimiter): string {
  return value.includes(delimiter) || /["\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

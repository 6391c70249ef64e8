import { mostColumns, tooManyColumns } from "./columns.ts";
import { headBytes, headRows, type Rows } from "./rows.ts";
import { checkedCell, longestRow, rowsBuilder, rowTooLong } from "./rows-builder.ts";
import type { SheetBatch } from "./xlsx-sheet.ts";
import { damaged } from "./zip.ts";

/**
 * Rows of a document's table, in which a cell or a row stands once and says how often it comes. They wait as they are
 * written, and are repeated batch by batch: a few letters may mean a million rows of a thousand cells.
 */
export type TableRows = {
  /** The row that comes next, where the document says it; not one that was there. */
  moveTo: (line: number) => void;
  /** Adds a cell to the row, `times` times. */
  cell: (text: string, times?: number) => void;
  /** How many cells the row has. */
  width: () => number;
  /** Ends the row, which comes `times` times. */
  endRow: (times?: number) => void;
  /** Whether rows wait. */
  areWaiting: () => boolean;
  /** Whether as many wait as column names are looked for in. */
  areMany: () => boolean;
  /** The rows that wait in batches, each good until the next is asked for; what is left over waits on. */
  repeated: () => Generator<Rows>;
  /** What is left over. */
  rest: () => Rows;
};

type Waiting = { line: number; times: number; cells: { text: string; times: number }[] };
const lastLine = 2 ** 31 - 2;

/** The rows of a table in a file of so many bytes. */
export function tableRows(fileBytes: number): TableRows {
  const built = rowsBuilder(fileBytes);
  let waiting: Waiting[] = [];
  let [waitingRows, waitingLetters] = [0, 0];
  let line = 1;
  let cells: Waiting["cells"] = [];
  let width = 0;
  let blank = 0;
  let letters = 0;
  return {
    moveTo: (next) => {
      if (!(Number.isInteger(next) && next >= line && next <= lastLine)) throw damaged();
      line = next;
    },
    cell: (text, times = 1) => {
      // What comes after the last text of a row is nothing.
      if (text === "") {
        blank += times;
        return;
      }
      if (width + blank + times > mostColumns) throw tooManyColumns(line);
      letters += checkedCell(text, line).length;
      if (letters > longestRow) throw rowTooLong(line);
      if (blank > 0) cells.push({ text: "", times: blank });
      cells.push({ text, times });
      width += blank + times;
      blank = 0;
    },
    width: () => width + blank,
    endRow: (times = 1) => {
      if (line + times > lastLine) throw damaged();
      if (width > 0) {
        waiting.push({ line, times, cells });
        waitingRows += times;
        waitingLetters += letters;
      }
      line += times;
      [cells, width, blank, letters] = [[], 0, 0, 0];
    },
    areWaiting: () => waiting.length > 0,
    areMany: () => waitingRows >= headRows || waitingLetters >= headBytes,
    repeated: function* () {
      for (const row of waiting) {
        for (let n = 0; n < row.times; n += 1) {
          for (const { text, times } of row.cells) for (let at = 0; at < times; at += 1) built.cell(text);
          built.endRow(row.line + n);
          if (built.isFull()) yield built.take();
        }
      }
      waiting = [];
      [waitingRows, waitingLetters] = [0, 0];
    },
    rest: () => built.take(),
  };
}

/** The rows that `read` finds, batch by batch; `part` says how much is read, from 0 to 1. */
export async function* tableBatches(
  read: AsyncIterable<unknown>,
  rows: TableRows,
  part: () => number,
): AsyncGenerator<SheetBatch> {
  for await (const _ of read) for (const batch of rows.repeated()) yield { rows: batch, part: part() };
  for (const batch of rows.repeated()) yield { rows: batch, part: 1 };
  yield { rows: rows.rest(), part: 1 };
}

/** How often something comes, as a document says it; once where it says nothing or nonsense. */
export function timesOf(written: string | undefined): number {
  const times = Number(written ?? 1);
  return Number.isInteger(times) && times >= 1 && times <= lastLine ? times : 1;
}

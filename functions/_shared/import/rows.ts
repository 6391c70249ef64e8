import type { SheetPlace } from "./xlsx-sheet.ts";

/**
 * Rows of one piece of a file, good until the next ones are asked for. The text of all their cells is in one buffer, as
 * UTF-8, and goes to the database as it is: a million rows as strings would cost more than all that is done with them.
 */
export type Rows = {
  text: Uint8Array;
  /** Where each cell begins and where it ends in `text`: two numbers a cell. */
  bounds: Int32Array;
  /** For each row where its first cell is in `bounds`; after the last row where the next one's would be. */
  starts: Int32Array;
  /** The line on which each row begins, counted from 1 as an editor counts; the number of a sheet's row. */
  lines: Int32Array;
};

/** Rows of one piece of the file, the bytes of the file read up to its end, and where the next begin, if that can be told. */
export type FileBatch = { rows: Rows; bytes: number; place?: SheetPlace };

/** After which line a file is gone on with, and where that is in a sheet that need not be read up to there. */
export type FilePlace = { line: number } | SheetPlace;

/** A row as texts, where only a few are wanted. */
export type TextRow = { cells: string[]; line: number };

/** Column names come within so many rows and bytes, or not at all. */
export const headRows = 50;
export const headBytes = 64 * 1024;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A row's cells as texts. */
export function textRow({ text, bounds, starts, lines }: Rows, row: number): TextRow {
  const cells: string[] = [];
  const end = starts[row + 1] as number;
  for (let at = starts[row] as number; at < end; at += 2) {
    cells.push(decoder.decode(text.subarray(bounds[at], bounds[at + 1])));
  }
  return { cells, line: lines[row] as number };
}

/** The rows from the one on line `line` on. */
export function rowsFrom(rows: Rows, line: number): Rows {
  const first = rows.lines.findIndex((own) => own >= line);
  if (first === 0) return rows;
  const from = first === -1 ? rows.lines.length : first;
  return { ...rows, starts: rows.starts.subarray(from), lines: rows.lines.subarray(from) };
}

/** Where cells and rows are in a text; the room for it is used again and again. */
export type RowPlaces = {
  addCell: (from: number, to: number) => void;
  /** How many cells the row has. */
  width: () => number;
  /** Puts right where the row's cell ends. */
  moveEnd: (cell: number, move: (from: number, to: number) => number) => void;
  /** Ends the row; one in which nothing is written is forgotten. */
  endRow: (text: Uint8Array, line: number) => void;
  /** Forgets the cells of a row that has no end yet. */
  dropRow: () => void;
  /** The whole rows of a text, good until the next are begun; the cells of a row that has no end yet stay. */
  take: (text: Uint8Array) => Rows;
};

/** An empty collection of places. */
export function rowPlaces(): RowPlaces {
  let bounds = new Int32Array(4096);
  let starts = new Int32Array(1024);
  let lines = new Int32Array(1024);
  let cells = 0;
  let rows = 0;
  let first = 0;
  return {
    addCell: (from, to) => {
      if (cells === bounds.length) bounds = doubled(bounds);
      bounds[cells] = from;
      bounds[cells + 1] = to;
      cells += 2;
    },
    width: () => (cells - first) / 2,
    moveEnd: (cell, move) => {
      const at = first + 2 * cell;
      bounds[at + 1] = move(bounds[at] as number, bounds[at + 1] as number);
    },
    endRow: (text, line) => {
      if (isBlank(text, bounds, first, cells)) {
        cells = first;
        return;
      }
      if (rows + 1 >= lines.length) [starts, lines] = [doubled(starts), doubled(lines)];
      lines[rows] = line;
      rows += 1;
      first = cells;
      starts[rows] = first;
    },
    dropRow: () => {
      cells = first;
    },
    take: (text) => {
      const isOpen = first < cells;
      const taken = {
        text,
        // A row that is open moves to the front, where these are.
        bounds: isOpen ? bounds.slice(0, first) : bounds.subarray(0, first),
        starts: starts.subarray(0, rows + 1),
        lines: lines.subarray(0, rows),
      };
      const from = bounds[first] as number;
      if (isOpen) for (let at = first; at < cells; at += 1) bounds[at - first] = (bounds[at] as number) - from;
      [cells, rows, first] = [cells - first, 0, 0];
      return taken;
    },
  };
}

function doubled(values: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(values.length * 2);
  larger.set(values);
  return larger;
}

/** Whether there is nothing but spaces in the cells from `first` to `end`. */
function isBlank(text: Uint8Array, bounds: Int32Array, first: number, end: number): boolean {
  for (let at = first; at < end; at += 2) {
    const last = bounds[at + 1] as number;
    for (let byte = bounds[at] as number; byte < last; byte += 1) if ((text[byte] as number) > 32) return false;
  }
  return true;
}

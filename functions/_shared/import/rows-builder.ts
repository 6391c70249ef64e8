import { mostColumns, tooManyColumns } from "./columns.ts";
import { growsTooMuch, ImportRefusal } from "./refusal.ts";
import { type Rows, rowPlaces } from "./rows.ts";

/** Collects rows cell by cell, for files whose cells do not lie in the file as they are. */
export type RowsBuilder = {
  /** Adds a cell to the row. Throws an ImportRefusal where it, its row or all of them are longer than a file can be. */
  cell: (value: string) => void;
  /** Adds a cell whose text lies elsewhere already. */
  copy: (bytes: Uint8Array, from: number, end: number) => void;
  /** Adds empty cells until the row has so many. */
  fill: (width: number) => void;
  /** How many cells the row has. */
  width: () => number;
  /** Ends the row; one in which nothing is written is forgotten. */
  endRow: (line: number) => void;
  /** Whether so much is collected that it is time to take it. */
  isFull: () => boolean;
  /** How much all rows so far have become. */
  grown: () => number;
  /** The whole rows that are collected, good until the next cell is added; a row that has no end yet stays. */
  take: () => Rows;
};

/** What a spreadsheet lets a cell hold, in characters. */
export const longestCell = 32_767;
/** A row of this size, in bytes, is an accident or an attack. */
export const longestRow = 1024 * 1024;
const batchBytes = 256 * 1024;
const firstBytes = 16 * 1024;
const batchCells = 64 * 1024;
// A text that many cells share, and cells that are repeated, make much of a small file.
const harmless = 10 * 1024 * 1024;
const largestRatio = 100;
const bytesOfCell = 8;

const encoder = new TextEncoder();

/**
 * An empty collection of the rows of a file of so many bytes, which may not become much more than these; `grown` is what the
 * rows before them came to.
 */
export function rowsBuilder(fileBytes: number, grown = 0): RowsBuilder {
  const most = Math.max(harmless, fileBytes * largestRatio);
  const places = rowPlaces();
  // Grows: many sheets have little or nothing in them.
  let text: Uint8Array = new Uint8Array(firstBytes);
  let length = 0;
  let rowFrom = 0;
  let cells = 0;
  let all = grown;
  let line = 0;
  const count = (bytes: number) => {
    if (length - rowFrom + bytes > longestRow) throw rowTooLong(line + 1);
    all += bytes + bytesOfCell;
    if (all > most) throw growsTooMuch();
  };
  const makeRoom = (bytes: number) => {
    if (length + bytes <= text.length) return;
    const larger = new Uint8Array(Math.max(text.length * 2, length + bytes));
    larger.set(text.subarray(0, length));
    text = larger;
  };
  const add = (bytes: number) => {
    if (places.width() >= mostColumns) throw tooManyColumns(line + 1);
    count(bytes);
    places.addCell(length, length + bytes);
    length += bytes;
    cells += 1;
  };
  return {
    cell: (value) => {
      checkedCell(value, line + 1);
      makeRoom(value.length * 3);
      add(value === "" ? 0 : encoder.encodeInto(value, text.subarray(length)).written);
    },
    copy: (bytes, from, end) => {
      makeRoom(end - from);
      // By hand: most cells are too short for a copy to be worth its call.
      for (let at = from, to = length; at < end; at += 1, to += 1) text[to] = bytes[at] as number;
      add(end - from);
    },
    fill: (width) => {
      while (places.width() < width) add(0);
    },
    width: () => places.width(),
    endRow: (at) => {
      places.endRow(text, at);
      line = at;
      rowFrom = length;
    },
    grown: () => all,
    isFull: () => length >= batchBytes || cells >= batchCells,
    take: () => {
      const rows = places.take(rowFrom === length ? text.subarray(0, length) : text.slice(0, rowFrom));
      text.copyWithin(0, rowFrom, length);
      length -= rowFrom;
      cells = places.width();
      rowFrom = 0;
      return rows;
    },
  };
}

/** The text of a cell. Throws an ImportRefusal where it is longer than a cell can be. */
export function checkedCell(text: string, line?: number): string {
  if (text.length > longestCell) throw cellTooLong(line);
  return text;
}

/** The refusal of a cell that no spreadsheet would write. */
export function cellTooLong(line?: number): ImportRefusal {
  const where = line === undefined ? "" : ` de la ligne ${line}`;
  const message = `Une cellule${where} dépasse 32 767 caractères, plus qu'un tableur n'en permet : raccourcissez-la et recommencez.`;
  return new ImportRefusal("cell_too_long", message);
}

/** The refusal of a row that goes on and on. */
export function rowTooLong(line: number): ImportRefusal {
  return new ImportRefusal("line_too_long", `La ligne ${line} dépasse 1 Mo : ce n'est pas une liste.`);
}

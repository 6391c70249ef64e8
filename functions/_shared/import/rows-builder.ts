import { type Rows, rowPlaces } from "./rows.ts";

/** Collects rows cell by cell, for files whose cells do not lie in the file as they are. */
export type RowsBuilder = {
  /** Adds a cell to the row. */
  cell: (value: string) => void;
  /** Adds a cell whose text lies elsewhere already. */
  copy: (bytes: Uint8Array) => void;
  /** How many cells the row has. */
  width: () => number;
  /** Ends the row; one in which nothing is written is forgotten. */
  endRow: (line: number) => void;
  /** How many bytes of text are collected. */
  size: () => number;
  /** What is collected, which is then no longer here. */
  take: () => Rows;
};

const encoder = new TextEncoder();

/** An empty collection of rows. */
export function rowsBuilder(): RowsBuilder {
  let text: Uint8Array = new Uint8Array(64 * 1024);
  let length = 0;
  const places = rowPlaces();
  const makeRoom = (more: number) => {
    if (length + more <= text.length) return;
    const larger = new Uint8Array(Math.max(text.length * 2, length + more));
    larger.set(text.subarray(0, length));
    text = larger;
  };
  return {
    cell: (value) => {
      makeRoom(value.length * 3);
      const from = length;
      if (value !== "") length += encoder.encodeInto(value, text.subarray(length)).written;
      places.addCell(from, length);
    },
    copy: (bytes) => {
      makeRoom(bytes.length);
      const from = length;
      text.set(bytes, length);
      length += bytes.length;
      places.addCell(from, length);
    },
    width: () => places.width(),
    endRow: (line) => places.endRow(text, line),
    size: () => length,
    take: () => {
      const rows = places.take(text.subarray(0, length));
      length = 0;
      return rows;
    },
  };
}

import { withoutGuard } from "../export/guard.ts";
import { type ImportField, importFields } from "./fields.ts";
import type { ColumnPlan } from "./header.ts";
import type { Rows } from "./rows.ts";

/** Writes rows as PostgreSQL's COPY BINARY for `leads.import_rows`: no letter has to be escaped, nor read again. */
export type Stager = {
  /** The columns that are filled, in their order. */
  columns: string[];
  /** What comes before the rows, and after them. */
  head: Uint8Array;
  tail: Uint8Array;
  /** The rows as bytes, good until the next are encoded. */
  encode: (rows: Rows) => Uint8Array;
};

const head = Uint8Array.of(
  ...[..."PGCOPY\n"].map((letter) => letter.charCodeAt(0)),
  255,
  13,
  10,
  0,
  ...Array(8).fill(0),
);
const tail = Uint8Array.of(255, 255);
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const surplusDefect = encoder.encode("too_many_cells");
const idBytes = 16;
/** A date with its time. */
const longestCorrection = 19;

/** How a cell's text is put right before it is staged; null where nothing is to be done. */
export type Correction = (text: string) => string | null;

/** Prepares the staging of a file's rows; `corrections` are asked for each cell of their field. */
export function stager(
  importId: string,
  plan: ColumnPlan,
  corrections: ReadonlyMap<ImportField, Correction> = new Map(),
): Stager {
  const id = Uint8Array.from(importId.replaceAll("-", "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const fields = [...plan.columns.keys()];
  const places = fields.map((field) => ({ columns: plan.columns.get(field) ?? [], correct: corrections.get(field) }));
  const staged = ["import_id", "line", "defect", ...fields.map((field) => importFields[field])];
  const roomOfRow = 2 + 4 + idBytes + 4 + 4 + 4 + surplusDefect.length + (4 + longestCorrection) * fields.length;
  const width = plan.header.length;

  let out = new Uint8Array();
  const encode = (rows: Rows): Uint8Array => {
    const { text, starts, lines } = rows;
    const room = text.length + lines.length * roomOfRow;
    if (room > out.length) out = new Uint8Array(2 * room);
    const numbers = new DataView(out.buffer);
    let at = 0;
    const bytes = (from: Uint8Array, start: number, end: number) => {
      numbers.setInt32(at, end - start);
      at += 4;
      for (let byte = start; byte < end; byte += 1) out[at++] = from[byte] as number;
    };
    const textBytes = (value: string) => {
      const { written } = encoder.encodeInto(value, out.subarray(at + 4));
      numbers.setInt32(at, written);
      at += 4 + written;
    };
    const nothing = () => {
      numbers.setInt32(at, -1);
      at += 4;
    };
    for (let row = 0; row < lines.length; row += 1) {
      numbers.setInt16(at, staged.length);
      at += 2;
      bytes(id, 0, idBytes);
      numbers.setInt32(at, 4);
      numbers.setInt32(at + 4, lines[row] as number);
      at += 8;
      if (hasSurplus(rows, row, width)) bytes(surplusDefect, 0, surplusDefect.length);
      else nothing();
      const first = starts[row] as number;
      const end = starts[row + 1] as number;
      for (const { columns, correct } of places) {
        const cell = firstFilled(rows, first, end, columns);
        if (cell === -1) {
          nothing();
          continue;
        }
        const to = rows.bounds[cell + 1] as number;
        const from = afterGuard(text, rows.bounds[cell] as number, to);
        const corrected = correct?.(decoder.decode(text.subarray(from, to)));
        if (typeof corrected === "string") textBytes(corrected);
        else bytes(text, from, to);
      }
    }
    return out.subarray(0, at);
  };
  return { columns: staged, head, tail, encode };
}

function hasSurplus({ bounds, starts }: Rows, row: number, width: number): boolean {
  const end = starts[row + 1] as number;
  for (let at = (starts[row] as number) + 2 * width; at < end; at += 2) if (bounds[at] !== bounds[at + 1]) return true;
  return false;
}

/** Of the columns that may hold a field the first with something in it, as its place in `bounds`; -1 if there is none. */
function firstFilled({ bounds }: Rows, first: number, end: number, columns: readonly number[]): number {
  for (const column of columns) {
    const cell = first + 2 * column;
    if (cell < end && bounds[cell] !== bounds[cell + 1]) return cell;
  }
  return -1;
}

const apostrophe = 39;

/** A spreadsheet, and a file of refused rows, put an apostrophe before what would be a formula; it is not part of the value. */
function afterGuard(text: Uint8Array, from: number, to: number): number {
  if (text[from] !== apostrophe) return from;
  const value = decoder.decode(text.subarray(from, to));
  return withoutGuard(value) === value ? from : from + 1;
}

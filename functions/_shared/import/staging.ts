import { withoutGuard } from "../export/guard.ts";
import { isErrorCell } from "./error-cells.ts";
import type { ColumnPlan } from "./header.ts";
import type { Rows } from "./rows.ts";

/** Writes rows as PostgreSQL's COPY BINARY for a staging table: no letter has to be escaped, nor read again. */
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

/**
 * Prepares the staging of a file's rows; `corrections` are asked for each cell of their field. Cells beside the table are
 * a remark in a workbook; in a text something is wrong with its separators.
 */
export function stager(
  importId: string,
  plan: ColumnPlan,
  corrections: ReadonlyMap<string, Correction> = new Map(),
  isText = true,
): Stager {
  const id = Uint8Array.from(importId.replaceAll("-", "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const places = placesOf(plan, corrections);
  const staged = ["import_id", "line", "defect", ...places.map(({ column }) => column)];
  const roomOfFills = places.reduce((room, { fill }) => room + fill.length, 0);
  const roomOfRow =
    2 + 4 + idBytes + 4 + 4 + 4 + surplusDefect.length + (4 + longestCorrection) * places.length + roomOfFills;
  const width = plan.header.length;

  let out = new Uint8Array();
  const encode = (rows: Rows): Uint8Array => {
    const { text, bounds, starts, lines } = rows;
    const room = text.length + lines.length * roomOfRow;
    if (room > out.length) out = new Uint8Array(2 * room);
    const into: Output = { bytes: out, numbers: new DataView(out.buffer) };
    let at = 0;
    for (let row = 0; row < lines.length; row += 1) {
      into.numbers.setInt16(at, staged.length);
      at = putBytes(into, at + 2, id, 0, idBytes);
      into.numbers.setInt32(at, 4);
      into.numbers.setInt32(at + 4, lines[row] as number);
      at += 8;
      at =
        isText && hasSurplus(rows, row, width)
          ? putBytes(into, at, surplusDefect, 0, surplusDefect.length)
          : putNothing(into, at);
      const first = starts[row] as number;
      const end = starts[row + 1] as number;
      for (const { columns, find, correct, fill } of places) {
        const cell = find(rows, first, end, columns);
        if (fill.length > 0 && (cell === -1 || isVoid(text, bounds[cell] as number, bounds[cell + 1] as number))) {
          at = putBytes(into, at, fill, 0, fill.length);
          continue;
        }
        if (cell === -1) {
          at = putNothing(into, at);
          continue;
        }
        const to = bounds[cell + 1] as number;
        const from = afterGuard(text, bounds[cell] as number, to);
        const corrected = correct?.(decoder.decode(text.subarray(from, to)));
        at = typeof corrected === "string" ? putText(into, at, corrected) : putBytes(into, at, text, from, to);
      }
    }
    return out.subarray(0, at);
  };
  return { columns: staged, head, tail, encode };
}

/** A column of the staging table: in which cells its value is looked for, and what it is where there is none. */
type Place = {
  column: string;
  columns: readonly number[];
  find: (rows: Rows, first: number, end: number, columns: readonly number[]) => number;
  correct: Correction | undefined;
  fill: Uint8Array;
};

function placesOf({ kind, columns, fill }: ColumnPlan, corrections: ReadonlyMap<string, Correction>): Place[] {
  const found = (field: string) => columns.get(field) ?? [];
  const place = (field: string, cells: readonly number[], find: Place["find"]): Place => ({
    column: kind.fields[field]?.column as string,
    columns: cells,
    find,
    correct: corrections.get(field),
    fill: encoder.encode(fill.get(field) ?? ""),
  });
  // Several columns of telephones are one list, of which the first two with a number in them count.
  const lists = Object.entries(kind.fields).flatMap(([field, { reads, second }]) => {
    const cells = [...found(field), ...(second === undefined ? [] : found(second))];
    return reads === "phone" && cells.length > 0 ? [{ field, second, cells }] : [];
  });
  const listed = new Set(lists.flatMap(({ field, second }) => [field, second]));
  const single = [...new Set([...columns.keys(), ...fill.keys()])].filter((field) => !listed.has(field));
  return [
    ...single.map((field) => place(field, found(field), firstFilled)),
    ...lists.flatMap(({ field, second, cells }) => [
      place(field, cells, cells.length > 1 ? firstNumber : firstFilled),
      ...(second !== undefined && (cells.length > 1 || fill.has(second)) ? [place(second, cells, secondNumber)] : []),
    ]),
  ];
}

type Output = { bytes: Uint8Array; numbers: DataView };

// Each puts a value with its length before it, and answers where the next one comes.

function putNothing({ numbers }: Output, at: number): number {
  numbers.setInt32(at, -1);
  return at + 4;
}

function putBytes({ bytes, numbers }: Output, at: number, from: Uint8Array, start: number, end: number): number {
  numbers.setInt32(at, end - start);
  let to = at + 4;
  for (let byte = start; byte < end; byte += 1) {
    bytes[to] = from[byte] as number;
    to += 1;
  }
  return to;
}

function putText({ bytes, numbers }: Output, at: number, value: string): number {
  const { written } = encoder.encodeInto(value, bytes.subarray(at + 4));
  numbers.setInt32(at, written);
  return at + 4 + written;
}

function hasSurplus({ bounds, starts }: Rows, row: number, width: number): boolean {
  const end = starts[row + 1] as number;
  for (let at = (starts[row] as number) + 2 * width; at < end; at += 2) if (bounds[at] !== bounds[at + 1]) return true;
  return false;
}

/**
 * Of the columns that may hold a field the first with something in it, else one in which only spaces or dashes are, as its
 * place in `bounds`; -1 if there is none.
 */
function firstFilled({ text, bounds }: Rows, first: number, end: number, columns: readonly number[]): number {
  if (columns.length === 1) {
    const cell = first + 2 * (columns[0] as number);
    const from = bounds[cell] as number;
    return cell >= end || from === bounds[cell + 1] || isErrorCell(text, from, bounds[cell + 1] as number) ? -1 : cell;
  }
  let none = -1;
  for (const column of columns) {
    const cell = first + 2 * column;
    const [from, to] = [bounds[cell] as number, bounds[cell + 1] as number];
    if (cell >= end || from === to || isErrorCell(text, from, to)) continue;
    if (!isVoid(text, from, to)) return cell;
    none = none === -1 ? cell : none;
  }
  return none;
}

const dash = 45;

/** Whether a cell has only spaces and dashes: people write them for nothing. */
function isVoid(text: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if ((text[at] as number) > 32 && text[at] !== dash) return false;
  return true;
}

/** The first cell with a digit; where there is none the first with anything in it, for the checks to say what it is. */
function firstNumber(rows: Rows, first: number, end: number, columns: readonly number[]): number {
  const cell = nextNumber(rows, first, end, columns, -1);
  return cell === -1 ? firstFilled(rows, first, end, columns) : cell;
}

/** The next cell with a digit, and of several the first that does not repeat that one. */
function secondNumber(rows: Rows, first: number, end: number, columns: readonly number[]): number {
  const cell = nextNumber(rows, first, end, columns, -1);
  let second = cell === -1 ? -1 : nextNumber(rows, first, end, columns, cell);
  while (columns.length > 2 && second !== -1 && digitsOf(rows, second) === digitsOf(rows, cell)) {
    second = nextNumber(rows, first, end, columns, second);
  }
  return second;
}

/** The digits of a cell, a French number without what its writer has put before it. */
function digitsOf({ text, bounds }: Rows, cell: number): string {
  const written = decoder.decode(text.subarray(bounds[cell], bounds[cell + 1]));
  return written
    .normalize("NFKC")
    .replace(/\D/g, "")
    .replace(/^(0033|33|0)0?(?=\d{9}$)/, "");
}

/** Of the cells after `after`, in the order of the columns, the first with a digit in it; -1 if there is none. */
function nextNumber(
  { text, bounds }: Rows,
  first: number,
  end: number,
  columns: readonly number[],
  after: number,
): number {
  const cells = columns.map((column) => first + 2 * column).filter((cell) => cell < end);
  const rest = cells.slice(after === -1 ? 0 : cells.indexOf(after) + 1);
  const hasNumber = (from: number, to: number) => hasDigit(text.subarray(from, to)) && !isErrorCell(text, from, to);
  return rest.find((cell) => hasNumber(bounds[cell] as number, bounds[cell + 1] as number)) ?? -1;
}

/** Also of the wide digits of East Asian keyboards, which end in the bytes of 0 to 9 and 0x60 more. */
function hasDigit(text: Uint8Array): boolean {
  return text.some((byte, at) => (byte >= 48 && byte <= 57) || (byte === 0xbc && text[at - 1] === 0xef));
}

const apostrophe = 39;

/** A spreadsheet, and a file of refused rows, put an apostrophe before what would be a formula; it is not part of the value. */
function afterGuard(text: Uint8Array, from: number, to: number): number {
  if (text[from] !== apostrophe) return from;
  const value = decoder.decode(text.subarray(from, to));
  return withoutGuard(value) === value ? from : from + 1;
}

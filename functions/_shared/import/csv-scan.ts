import { mostColumns, tooManyColumns } from "./columns.ts";
import { type RowPlaces, type Rows, rowPlaces } from "./rows.ts";

/** The end of a line, as a byte. */
export const lf = 10;
const cr = 13;
/** A quotation mark, as a byte. */
export const quote = 34;

/** What a text has of whole rows, and the rest: a row without an end, which begins on `line`; maybe inside quotes. */
type Scan = { rows: Rows; rest: Uint8Array; line: number; quoted: boolean };

/** Reads the rows that are whole in a text, whose first line has the number `line`; quoted values are put right in it. */
export function scanRows(text: Uint8Array, delimiter: string, line: number, places = rowPlaces()): Scan {
  const cursor: Cursor = { text, separator: delimiter.charCodeAt(0), at: 0, breaks: 0, quoted: false, doubled: [] };
  let next = line + skipLineEnds(cursor);
  while (scanRow(cursor, places, next)) {
    for (const cell of cursor.doubled) places.moveEnd(cell, (from, to) => unquote(text, from, to));
    places.endRow(text, next);
    next += 1 + cursor.breaks + skipLineEnds(cursor);
  }
  places.dropRow();
  return { rows: places.take(text), rest: text.subarray(cursor.at), line: next, quoted: cursor.quoted };
}

/** Where the next row begins; of the row that was read: line breaks inside quotes, and cells whose quotes are doubled. */
type Cursor = {
  readonly text: Uint8Array;
  readonly separator: number;
  at: number;
  breaks: number;
  quoted: boolean;
  doubled: number[];
};

/** Goes over empty lines, which may come by the million, and answers how many there were. */
function skipLineEnds(cursor: Cursor): number {
  const { text } = cursor;
  let skipped = 0;
  for (;;) {
    if (text[cursor.at] === lf) cursor.at += 1;
    else if (text[cursor.at] === cr && text[cursor.at + 1] === lf) cursor.at += 2;
    else return skipped;
    skipped += 1;
  }
}

/**
 * Adds the cells of one row, which begins on `line`, and goes behind it. Answers false, and stays before it, where its
 * end is not there.
 */
function scanRow(cursor: Cursor, places: RowPlaces, line: number): boolean {
  const { text, separator } = cursor;
  const length = text.length;
  let at = cursor.at;
  cursor.breaks = 0;
  if (cursor.doubled.length > 0) cursor.doubled = [];
  for (let cell = 0; ; cell += 1) {
    let from = at;
    let close = -1;
    if (text[at] === quote) {
      from += 1;
      close = closingQuote(text, from);
      cursor.quoted = close === -1;
      if (cursor.quoted) return false;
      cursor.breaks += breaksIn(text, from, close);
      at = close + 1;
    }
    while (at < length) {
      const byte = text[at];
      if (byte === separator || byte === lf || byte === cr) break;
      at += 1;
    }
    if (at === length) return false;
    const asItIs = close === -1 || (at === close + 1 && text.indexOf(quote, from) === close);
    if (!asItIs) cursor.doubled.push(cell);
    if (cell === mostColumns) throw tooManyColumns(line);
    places.addCell(from, asItIs && close !== -1 ? close : at);
    if (text[at] !== separator) break;
    at += 1;
  }
  if (text[at] === cr) {
    // Its other half may be in the next piece.
    if (at + 1 === length) return false;
    if (text[at + 1] === lf) at += 1;
  }
  cursor.at = at + 1;
  return true;
}

/** Where the quote is that closes a value, -1 if there is none; two of them mean one in the value. */
function closingQuote(text: Uint8Array, from: number): number {
  let at = text.indexOf(quote, from);
  while (at !== -1 && text[at + 1] === quote) at = text.indexOf(quote, at + 2);
  return at;
}

function breaksIn(text: Uint8Array, from: number, to: number): number {
  let breaks = 0;
  for (let at = from; at < to; at += 1) {
    const byte = text[at];
    if (byte === lf || (byte === cr && text[at + 1] !== lf)) breaks += 1;
  }
  return breaks;
}

/** Takes the quotes out of a value: of two one stays, and what comes after the closing one is part of it. Answers its end. */
function unquote(text: Uint8Array, from: number, end: number): number {
  let to = from;
  let quoted = true;
  for (let at = from; at < end; at += 1) {
    if (quoted && text[at] === quote) {
      if (text[at + 1] === quote && at + 1 < end) at += 1;
      else {
        quoted = false;
        continue;
      }
    }
    text[to] = text[at] as number;
    to += 1;
  }
  return to;
}

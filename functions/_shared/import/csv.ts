import { ImportRefusal } from "./refusal.ts";
import { type FileBatch, mostColumns, type RowPlaces, type Rows, rowPlaces } from "./rows.ts";

// Read byte by byte, since the bytes of a cell go to the database as they are. 100,000 rows of 14 columns (15 MB) take
// 100 ms, where Papa Parse takes 150, uDSV 170 and csv-parse 850 for strings that would have to become bytes again.
// PostgreSQL's own parser would cost nothing here, but it knows no line numbers and refuses a file for one ragged row.

// A row of this size, or a value in quotes, is an accident or an attack.
const longestRow = 1024 * 1024;

/** The end of a line, as a byte. */
export const lf = 10;
const cr = 13;
/** A quotation mark, as a byte. */
export const quote = 34;

/**
 * The rows of CSV text in UTF-8, one batch for each piece of it. Empty rows are left out. A quote within a value that does
 * not begin with one is part of the value. Throws an ImportRefusal where a quote is never closed or a row does not end.
 */
export async function* csvRows(pieces: AsyncIterable<Uint8Array>, delimiter: string): AsyncGenerator<FileBatch> {
  const places = rowPlaces();
  const join = joiner();
  let rest: Uint8Array = new Uint8Array();
  let line = 1;
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    const scan = scanRows(join(rest, piece), delimiter, line, places);
    ({ rest, line } = scan);
    if (rest.length > longestRow) throw scan.quoted ? unclosedQuote(line) : endlessRow(line);
    yield { rows: scan.rows, bytes };
  }
  if (rest.length === 0) return;
  const scan = scanRows(join(rest, Uint8Array.of(lf)), delimiter, line, places);
  if (scan.rest.length > 0) throw unclosedQuote(scan.line);
  yield { rows: scan.rows, bytes };
}

/** Puts a rest and what comes after it together, in room that is used again; the rest may be in it already. */
function joiner(): (rest: Uint8Array, piece: Uint8Array) => Uint8Array {
  let room = new Uint8Array();
  return (rest, piece) => {
    const length = rest.length + piece.length;
    const into = length <= room.length ? room : new Uint8Array(2 * length);
    into.set(rest);
    into.set(piece, rest.length);
    room = into;
    return room.subarray(0, length);
  };
}

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

/** The refusal of a quote that opens on a line and is never closed. */
export function unclosedQuote(line: number): ImportRefusal {
  const message = `Un guillemet ouvert n'est jamais refermé (ligne ${line}) : corrigez le fichier et recommencez.`;
  return new ImportRefusal("unclosed_quote", message);
}

function endlessRow(line: number): ImportRefusal {
  const message = `La ligne ${line} dépasse 1 Mo : ce n'est pas un fichier de leads, ou ses fins de ligne manquent.`;
  return new ImportRefusal("line_too_long", message);
}

/** The refusal of a row with more columns than a list of people has. */
export function tooManyColumns(line: number): ImportRefusal {
  return new ImportRefusal("too_many_columns", `La ligne ${line} a plus de ${mostColumns} colonnes.`);
}

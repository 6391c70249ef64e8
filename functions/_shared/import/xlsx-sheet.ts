import { type Epoch, type NumberKind, numberCell, plainNumber } from "./numbers.ts";
import type { Rows } from "./rows.ts";
import { cellTooLong, longestCell, type RowsBuilder, rowsBuilder } from "./rows-builder.ts";
import type { Texts } from "./texts.ts";
import { writtenText } from "./written-text.ts";
import { readTokens } from "./xml.ts";
import type { XmlAttributes } from "./xml-attributes.ts";
import type { XmlPlace, XmlTokens } from "./xml-scan.ts";
import { damaged } from "./zip.ts";

/** A character may be written as _x000D_. */
export const longestWritten = 7 * longestCell;
const largestPlace = 2 ** 31 - 2;

/** What the cells of a sheet refer to: texts by their number, what numbers are by their style, the first day. */
export type SheetContext = { texts: Texts["give"]; kinds: readonly NumberKind[]; epoch: Epoch };

/** A place between two rows, after line `line`: where it is, and what the rows before it have become. */
export type SheetPlace = XmlPlace & { line: number; grown: number };

/** Rows of a sheet; `part` says how much of it is read, from 0 to 1, and `place` where the next begin, if that can be told. */
export type SheetBatch = { rows: Rows; part: number; place?: SheetPlace };

/** The rows of a sheet, whose XML comes in pieces, `unpacked` bytes in all; the file has `fileBytes`. */
export async function* sheetRows(
  pieces: AsyncIterable<Uint8Array>,
  { unpacked, fileBytes }: { unpacked: number; fileBytes: number },
  context: SheetContext,
  from: SheetPlace = { byte: 0, tags: [], line: 0, grown: 0 },
): AsyncGenerator<SheetBatch> {
  const rows = rowsBuilder(fileBytes, from.grown);
  let place = from;
  const tokens = sheetTokens(rows, context, from.line, (line, byte, tags) => {
    place = { line, byte, tags, grown: rows.grown() };
  });
  for await (const _ of readTokens(pieces, tokens, rows.isFull, from)) {
    yield { rows: rows.take(), part: Math.min(1, place.byte / unpacked), place };
  }
  yield { rows: rows.take(), part: 1, place };
}

type RowEnded = (line: number, byte: number, tags: string[]) => void;

function sheetTokens(
  rows: RowsBuilder,
  { texts, kinds, epoch }: SheetContext,
  lastLine: number,
  onRow: RowEnded,
): XmlTokens {
  const written = writtenText(longestWritten);
  let line = lastLine;
  let type = "";
  let kind = plainNumber;
  let inRow = false;
  let inValue = false;
  let phonetic = false;
  const textOf = () => {
    const text = written.text();
    if (type === "inlineStr" || type === "str") return cleaned(text);
    // An error is no value, nor is what a formula comes to that no spreadsheet has worked out yet.
    if (text === "" || type === "e") return "";
    if (type === "b") return text === "1" ? "oui" : "non";
    if (type === "d") return text.replace("T", " ");
    const value = Number(text);
    return Number.isFinite(value) ? numberCell(value, kind, epoch) : text;
  };
  /** Most cells are what is written in them, byte by byte. */
  const isAsWritten = () =>
    type === "inlineStr" || type === "str"
      ? written.isShortAndPlain()
      : type === "n" && kind.as === "number" && written.isWholeNumber();
  const endCell = () => {
    if (type === "s" && written.length() > 0) texts(written.number(), rows.copy);
    else if (isAsWritten()) written.give(rows.copy);
    else rows.cell(textOf());
  };
  return {
    open: (name, attributes) => {
      inValue = false;
      if (name === "row") {
        const place = attributes.find("r");
        line = nextPlace(place === -1 ? line + 1 : attributes.number(place), line + 1);
        inRow = true;
      } else if (!inRow) return;
      else if (name === "c") {
        const [kindOf, style, place] = [attributes.find("t"), attributes.find("s"), attributes.find("r")];
        type = kindOf === -1 ? "n" : attributes.value(kindOf);
        kind = (style === -1 ? kinds[0] : kinds[attributes.number(style)]) ?? plainNumber;
        written.clear();
        rows.fill(nextPlace(place === -1 ? rows.width() : columnOf(attributes, place), rows.width()));
      } else if (name === "rPh") phonetic = true;
      else inValue = (name === "v" || name === "t") && !phonetic;
    },
    text: (bytes, from, to) => {
      if (inValue && !written.add(bytes, from, to)) throw cellTooLong(line);
    },
    close: (name, end, tags) => {
      inValue = false;
      if (!inRow) return;
      if (name === "rPh") phonetic = false;
      else if (name === "c") endCell();
      else if (name === "row") {
        rows.endRow(line);
        inRow = false;
        onRow(line, end, tags());
      }
    },
  };
}

/** A row or a cell is never before the one that it comes after: what is so would be lost, or land elsewhere. */
function nextPlace(place: number, atLeast: number): number {
  if (!(Number.isInteger(place) && place >= atLeast && place <= largestPlace)) throw damaged();
  return place;
}

/** The column that `AB12` is in, from 0. */
function columnOf(attributes: XmlAttributes, place: number): number {
  let column = 0;
  for (let at = 0; ; at += 1) {
    const letter = (attributes.byte(place, at) ?? 0) - 64;
    if (letter < 1 || letter > 26) break;
    column = column * 26 + letter;
  }
  return column - 1;
}

/** A text as XML has it: _x000D_ is how a character is written that XML has no place for. */
export function cleaned(text: string): string {
  return text.includes("_x")
    ? text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code) => fromCode(Number.parseInt(code, 16)))
    : text;
}

function fromCode(code: number): string {
  return code === 0 ? "" : String.fromCharCode(code);
}

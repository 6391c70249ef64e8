import { type Epoch, type NumberKind, numberCell, plainNumber } from "./numbers.ts";
import type { Rows } from "./rows.ts";
import { cellTooLong, longestCell, type RowsBuilder, rowsBuilder } from "./rows-builder.ts";
import { readXml } from "./xml.ts";
import { damaged } from "./zip.ts";

/** A character may be written as _x000D_. */
export const longestWritten = 7 * longestCell;
const largestPlace = 2 ** 31 - 2;

/** What the cells of a sheet refer to: texts by their number, what numbers are by their style, the first day. */
export type SheetContext = { texts: (index: number) => Uint8Array; kinds: readonly NumberKind[]; epoch: Epoch };

/** Rows of a sheet; `part` says how much of it is read, from 0 to 1. */
export type SheetBatch = { rows: Rows; part: number };

/** The rows of a sheet, whose XML comes in pieces, `unpacked` bytes in all; the file has `fileBytes`. */
export async function* sheetRows(
  pieces: AsyncIterable<Uint8Array>,
  { unpacked, fileBytes }: { unpacked: number; fileBytes: number },
  context: SheetContext,
): AsyncGenerator<SheetBatch> {
  const rows = rowsBuilder(fileBytes);
  let read = 0;
  async function* counted() {
    for await (const piece of pieces) {
      read += piece.length;
      yield piece;
    }
  }
  for await (const _ of readXml(counted(), sheetEvents(rows, context), rows.isFull)) {
    yield { rows: rows.take(), part: read / unpacked };
  }
  yield { rows: rows.take(), part: 1 };
}

function sheetEvents(rows: RowsBuilder, { texts, kinds, epoch }: SheetContext) {
  let line = 0;
  let type = "";
  let style = 0;
  let written = "";
  let inRow = false;
  let inValue = false;
  let phonetic = false;
  const textOf = () => {
    if (type === "inlineStr" || type === "str") return cleaned(written);
    // An error is no value, nor is what a formula comes to that no spreadsheet has worked out yet.
    if (written === "" || type === "e") return "";
    if (type === "b") return written === "1" ? "oui" : "non";
    if (type === "d") return written.replace("T", " ");
    const value = Number(written);
    return Number.isFinite(value) ? numberCell(value, kinds[style] ?? plainNumber, epoch) : written;
  };
  return {
    open: (name: string, attributes: Readonly<Record<string, string>>) => {
      inValue = false;
      if (name === "row") {
        line = nextPlace(attributes.r === undefined ? line + 1 : Number(attributes.r), line + 1);
        inRow = true;
      } else if (!inRow) return;
      else if (name === "c") {
        [type, style, written] = [attributes.t ?? "n", Number(attributes.s ?? 0), ""];
        const column = attributes.r === undefined ? rows.width() : columnOf(attributes.r);
        rows.fill(nextPlace(column, rows.width()));
      } else if (name === "rPh") phonetic = true;
      else inValue = (name === "v" || name === "t") && !phonetic;
    },
    text: (text: string) => {
      if (!inValue) return;
      written += text;
      if (written.length > longestWritten) throw cellTooLong(line);
    },
    close: (name: string) => {
      inValue = false;
      if (!inRow) return;
      if (name === "rPh") phonetic = false;
      else if (name === "c" && type === "s" && written !== "") rows.copy(texts(Number(written)));
      else if (name === "c") rows.cell(textOf());
      else if (name === "row") {
        rows.endRow(line);
        inRow = false;
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
function columnOf(place: string): number {
  let column = 0;
  for (let at = 0; at < place.length; at += 1) {
    const letter = place.charCodeAt(at) - 64;
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

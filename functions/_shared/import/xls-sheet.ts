import { type BiffRecord, biffReader, recordAt, records, shortNumber } from "./biff.ts";
import { breather } from "./breath.ts";
import { numberCell, plainNumber } from "./numbers.ts";
import { type RowsBuilder, rowsBuilder } from "./rows-builder.ts";
import { outOfBounds, textOf, type XlsContext } from "./xls.ts";
import type { SheetBatch } from "./xlsx-sheet.ts";
import { damaged } from "./zip.ts";

const cells = new Set<number>([
  records.formula,
  records.numbers,
  records.richLabel,
  records.textLabel,
  records.number,
  records.label,
  records.boolOrError,
  records.shortNumber,
]);

/** The rows of the sheet whose records begin at a place, and are over at another one. */
export async function* xlsRows(book: XlsContext, begin: number, over: number): AsyncGenerator<SheetBatch> {
  const rows = rowsBuilder(book.fileBytes);
  const breathe = breather();
  let row = -1;
  try {
    const view = new DataView(book.view.buffer, book.view.byteOffset + begin, over - begin);
    const context = { ...book, view };
    const { found, end } = sheetCells(view);
    for (const place of inOrder(view, found)) {
      const record = recordAt(view, place) as BiffRecord;
      const next = view.getUint16(record.from, true);
      if (next !== row) {
        if (row >= 0) rows.endRow(row + 1);
        row = next;
        if (rows.isFull()) {
          yield { rows: rows.take(), part: Math.min(1, place / end) };
          const turn = breathe();
          if (turn) await turn;
        }
      }
      addCells(context, rows, record);
    }
    if (row >= 0) rows.endRow(row + 1);
  } catch (error) {
    throw outOfBounds(error);
  }
  yield { rows: rows.take(), part: 1 };
}

/** Where the records of cells are; charts within a sheet have records of their own. */
function sheetCells(view: DataView): { found: Uint32Array; end: number } {
  if (recordAt(view, 0)?.id !== records.begin) throw damaged();
  let found = new Uint32Array(1024);
  let count = 0;
  let depth = 0;
  let end = 0;
  for (let record = recordAt(view, 0); record; record = recordAt(view, record.to)) {
    end = record.to;
    if (record.id === records.begin) depth += 1;
    if (record.id === records.end) depth -= 1;
    if (depth === 0) break;
    if (depth > 1 || !cells.has(record.id)) continue;
    if (count === found.length) {
      const larger = new Uint32Array(2 * count);
      larger.set(found);
      found = larger;
    }
    found[count] = record.from - 4;
    count += 1;
  }
  return { found: found.subarray(0, count), end };
}

const columnRange = 2048;
const placeRange = 2 ** 25;

/** By row and column: some programs write cells in the order in which they were filled. */
function inOrder(view: DataView, found: Uint32Array): Uint32Array {
  const keyOf = (place: number) =>
    view.getUint16(place + 4, true) * columnRange + Math.min(view.getUint16(place + 6, true), columnRange - 1);
  let last = -1;
  const isOrdered = found.every((place) => {
    const key = keyOf(place);
    const ordered = key > last;
    last = key;
    return ordered;
  });
  if (isOrdered) return found;
  // Row, column and place in one number, exact as long as places have 25 bits and columns are those that can be read.
  const keyed = new Float64Array(found.length);
  found.forEach((place, n) => {
    keyed[n] = keyOf(place) * placeRange + place;
  });
  keyed.sort();
  keyed.forEach((key, n) => {
    found[n] = key % placeRange;
  });
  return found;
}

function addCells(context: XlsContext, rows: RowsBuilder, record: BiffRecord): void {
  const { view, kinds, epoch } = context;
  const column = view.getUint16(record.from + 2, true);
  // Of two cells in one place the last is what the sheet shows: it cannot be told here, so the first stays.
  if (column < rows.width()) return;
  rows.fill(column);
  const number = (value: number, style: number) =>
    rows.cell(Number.isFinite(value) ? numberCell(value, kinds[style] ?? plainNumber, epoch) : "");
  const style = view.getUint16(record.from + 4, true);
  const value = record.from + 6;
  if (record.id === records.textLabel) context.texts.give(view.getUint32(value, true), rows.copy);
  else if (record.id === records.number) number(view.getFloat64(value, true), style);
  else if (record.id === records.shortNumber) number(shortNumber(view, value), style);
  else if (record.id === records.numbers) {
    for (let at = record.from + 4; at + 6 <= record.to - 2; at += 6) {
      number(shortNumber(view, at + 2), view.getUint16(at, true));
    }
  } else if (record.id === records.boolOrError) {
    rows.cell(view.getUint8(value + 1) === 0 ? yesOrNo(view.getUint8(value)) : "");
  } else if (record.id === records.formula) {
    if (view.getUint16(value + 6, true) === 0xffff) rows.cell(resultOf(context, record));
    else number(view.getFloat64(value, true), style);
  } else rows.cell(labelOf(context, { ...record, from: value }));
}

function yesOrNo(value: number): string {
  return value ? "oui" : "non";
}

const results = { text: 0, boolean: 1 };

/** What a formula comes to that is no number; nothing where it went wrong. */
function resultOf(context: XlsContext, record: BiffRecord): string {
  const { view } = context;
  const kind = view.getUint8(record.from + 6);
  if (kind === results.boolean) return yesOrNo(view.getUint8(record.from + 8));
  if (kind !== results.text) return "";
  // The text comes in a record of its own, with others that tell more of the formula between them.
  for (let next = recordAt(view, record.to); next && !cells.has(next.id); next = recordAt(view, next.to)) {
    if (next.id === records.text) return labelOf(context, next);
  }
  return "";
}

function labelOf({ view, isUnicode, decoder }: XlsContext, record: BiffRecord): string {
  const reader = biffReader(view, record);
  return textOf(reader, reader.u16(), isUnicode, decoder).replaceAll("\0", "");
}

import { longestCell } from "./rows-builder.ts";
import { damaged } from "./zip.ts";

// [MS-XLS]: the records of an old workbook, in the versions 5 and 8 of the format (Excel 95, Excel 97 to 2003).

/** The numbers of the records that are read. */
export const records = {
  formula: 0x0006,
  end: 0x000a,
  date1904: 0x0022,
  password: 0x002f,
  continued: 0x003c,
  codePage: 0x0042,
  sheet: 0x0085,
  numbers: 0x00bd,
  richLabel: 0x00d6,
  style: 0x00e0,
  texts: 0x00fc,
  textLabel: 0x00fd,
  number: 0x0203,
  label: 0x0204,
  boolOrError: 0x0205,
  text: 0x0207,
  shortNumber: 0x027e,
  format: 0x041e,
  begin: 0x0809,
} as const;

/** A record: its number, and where its data begins and ends in the stream. */
export type BiffRecord = { id: number; from: number; to: number };

/** The record at a place; undefined where the stream ends. Throws an ImportRefusal where it is cut off. */
export function recordAt(view: DataView, at: number): BiffRecord | undefined {
  if (at + 4 > view.byteLength) return undefined;
  const from = at + 4;
  const to = from + view.getUint16(at + 2, true);
  if (to > view.byteLength) throw damaged();
  return { id: view.getUint16(at, true), from, to };
}

/** Reads what is in a record, and goes on in those that continue it. */
export type BiffReader = {
  u8: () => number;
  u16: () => number;
  u32: () => number;
  skip: (bytes: number) => void;
  /** So many letters, of two bytes each if `wide`; within them the next record says again whether they are. */
  letters: (count: number, wide: boolean) => string;
  hasMore: () => boolean;
};

/** A reader of a record, `record`, and of those after it that continue it. */
export function biffReader(view: DataView, record: BiffRecord): BiffReader {
  let { from: at, to } = record;
  const nextRecord = (): boolean => {
    const next = recordAt(view, to);
    if (next?.id !== records.continued) return false;
    ({ from: at, to } = next);
    return true;
  };
  const u8 = () => {
    while (at >= to) if (!nextRecord()) throw damaged();
    at += 1;
    return view.getUint8(at - 1);
  };
  const u16 = () => u8() | (u8() << 8);
  const skip = (bytes: number) => {
    let left = bytes;
    for (;;) {
      const here = Math.min(left, to - at);
      at += here;
      left -= here;
      if (left === 0) return;
      if (!nextRecord()) throw damaged();
    }
  };
  const letters = (count: number, wide: boolean) => {
    if (count > longestCell) throw damaged();
    let text = "";
    let left = count;
    let size = wide ? 2 : 1;
    while (left > 0) {
      if (at >= to) size = 1 + (u8() & 1);
      const here = Math.min(left, Math.floor((to - at) / size));
      if (here === 0 && at < to) throw damaged();
      text += size === 2 ? wideText(view, at, here) : narrowText(view, at, here);
      at += here * size;
      left -= here;
    }
    return text;
  };
  const hasMore = () => {
    while (at >= to) if (!nextRecord()) return false;
    return true;
  };
  return { u8, u16, u32: () => u16() + u16() * 65_536, skip, letters, hasMore };
}

const wideDecoder = new TextDecoder("utf-16le");

function wideText(view: DataView, at: number, letters: number): string {
  return wideDecoder.decode(new Uint8Array(view.buffer, view.byteOffset + at, 2 * letters));
}

/** The low halves of letters whose high half is 0. */
function narrowText(view: DataView, at: number, letters: number): string {
  let text = "";
  for (let n = 0; n < letters; n += 1) text += String.fromCharCode(view.getUint8(at + n));
  return text;
}

/** A number in four bytes: a whole one or the upper half of one with a point, as it is or a hundred times that. */
export function shortNumber(view: DataView, at: number): number {
  const bits = view.getInt32(at, true);
  const halves = new DataView(new ArrayBuffer(8));
  halves.setInt32(0, bits & ~3);
  const value = bits & 2 ? bits >> 2 : halves.getFloat64(0);
  return bits & 1 ? value / 100 : value;
}

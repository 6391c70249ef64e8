import { longestCell } from "./rows-builder.ts";

/** A cell's text while it is read, as bytes: most are copied as they are and never become a string. */
export type WrittenText = {
  clear: () => void;
  /** False where it becomes longer than any cell can be written. */
  add: (from: Uint8Array, first: number, end: number) => boolean;
  length: () => number;
  /** Hands its bytes on. */
  give: (to: (bytes: Uint8Array, from: number, end: number) => void) => void;
  text: () => string;
  number: () => number;
  /** Whether it is surely no longer than a cell may be, and has none of the signs that are written as _x000D_. */
  isShortAndPlain: () => boolean;
  /** Whether it is a number as people write it, that no rounding changes. */
  isWholeNumber: () => boolean;
};

const firstBytes = 1024;
const exactDigits = 15;
const [zero, nine, underscore, x] = [48, 57, 95, 120];
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** An empty text, of so many bytes at most. */
export function writtenText(most: number): WrittenText {
  // Where its bytes lie: in the document, as long as they come in one piece.
  let bytes: Uint8Array = new Uint8Array();
  let from = 0;
  let end = 0;
  let own: Uint8Array = new Uint8Array(firstBytes);
  const hasDigitsAlone = () => {
    for (let at = from; at < end; at += 1) {
      const byte = bytes[at] as number;
      if (byte < zero || byte > nine) return false;
    }
    return end > from && end - from <= exactDigits;
  };
  const text = () => decoder.decode(bytes.subarray(from, end));
  const append = (more: Uint8Array, first: number, last: number) => {
    const length = end - from;
    const needed = length + last - first;
    if (needed > own.length) {
      const larger = new Uint8Array(Math.max(2 * own.length, needed));
      larger.set(bytes.subarray(from, end));
      own = larger;
    } else if (bytes !== own) own.set(bytes.subarray(from, end));
    own.set(more.subarray(first, last), length);
    [bytes, from, end] = [own, 0, needed];
  };
  return {
    clear: () => {
      from = 0;
      end = 0;
    },
    add: (more, first, last) => {
      if (end - from + last - first > most) return false;
      if (end > from) append(more, first, last);
      else [bytes, from, end] = [more, first, last];
      return true;
    },
    length: () => end - from,
    give: (to) => to(bytes, from, end),
    text,
    number: () => {
      if (!hasDigitsAlone()) return Number(text());
      let value = 0;
      for (let at = from; at < end; at += 1) value = value * 10 + (bytes[at] as number) - zero;
      return value;
    },
    isShortAndPlain: () => {
      for (let at = from; at + 1 < end; at += 1) if (bytes[at] === underscore && bytes[at + 1] === x) return false;
      return end - from <= longestCell;
    },
    isWholeNumber: () => hasDigitsAlone() && (bytes[from] !== zero || end - from === 1),
  };
}

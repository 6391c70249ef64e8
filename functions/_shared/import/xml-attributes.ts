import {
  apostrophe,
  checkSpace,
  endOfName,
  equals,
  gt,
  isSpace,
  knownWords,
  lt,
  quote,
  resolved,
  slash,
  space,
} from "./xml-signs.ts";
import { damaged } from "./zip.ts";

/** A tag's attributes, good until the next tag. */
export type XmlAttributes = {
  count: () => number;
  /** Which one has this name, from 0; -1 where none has. */
  find: (name: string) => number;
  name: (attribute: number) => string;
  value: (attribute: number) => string;
  number: (attribute: number) => number;
  /** Its bytes as they are written, from `at` on; undefined beyond its end. */
  byte: (attribute: number, at: number) => number | undefined;
};

// More are an attack on the memory.
const mostAttributes = 500;
const zero = 48;
const largest = 2 ** 31;

/** Reads the attributes of one tag after the other. */
export function attributeReader() {
  // Of each attribute where its name begins and ends, and its value.
  const places = new Int32Array(4 * mostAttributes);
  const values = knownWords();
  const names = knownWords();
  let source: Uint8Array = new Uint8Array();
  let count = 0;
  /** One attribute; answers where it ends, or -1. */
  const readOne = (bytes: Uint8Array, from: number): number => {
    const nameEnd = endOfName(bytes, from);
    if (nameEnd === -1) return -1;
    let at = nameEnd;
    while (isSpace(bytes[at])) at += 1;
    if (at < bytes.length && bytes[at] !== equals) throw damaged();
    at += 1;
    while (isSpace(bytes[at])) at += 1;
    if (at >= bytes.length) return -1;
    const mark = bytes[at];
    if (mark !== quote && mark !== apostrophe) throw damaged();
    at += 1;
    const valueFrom = at;
    for (; at < bytes.length && bytes[at] !== mark; at += 1) {
      const byte = bytes[at] as number;
      if (byte === lt) throw damaged();
      if (byte < space) checkSpace(byte);
    }
    if (at === bytes.length) return -1;
    if (count === mostAttributes) throw damaged();
    const place = 4 * count;
    places[place] = from;
    places[place + 1] = nameEnd;
    places[place + 2] = valueFrom;
    places[place + 3] = at;
    count += 1;
    return at + 1;
  };
  const placeOf = (attribute: number, which: number) => places[4 * attribute + which] as number;
  const value = (attribute: number): string => {
    const { whole, isPlain } = values.at(source, placeOf(attribute, 2), placeOf(attribute, 3));
    // A line's end is a space there, unless it is a reference.
    return isPlain ? whole : resolved(whole.replace(/\r\n|[\r\n\t]/g, " "));
  };
  return {
    /** Reads them from where the tag's name ends; answers where the tag does, or -1. */
    read: (bytes: Uint8Array, from: number): number => {
      source = bytes;
      count = 0;
      let at = from;
      for (;;) {
        const before = at;
        while (isSpace(bytes[at])) at += 1;
        if (at >= bytes.length) return -1;
        if (bytes[at] === gt) return at + 1;
        if (bytes[at] === slash) {
          if (at + 1 === bytes.length) return -1;
          if (bytes[at + 1] !== gt) throw damaged();
          return at + 2;
        }
        if (at === before) throw damaged();
        at = readOne(bytes, at);
        if (at === -1) return -1;
      }
    },
    count: () => count,
    find: (name: string): number => {
      for (let attribute = 0; attribute < count; attribute += 1) {
        const from = placeOf(attribute, 0);
        if (placeOf(attribute, 1) - from !== name.length) continue;
        let at = 0;
        while (at < name.length && source[from + at] === name.charCodeAt(at)) at += 1;
        if (at === name.length) return attribute;
      }
      return -1;
    },
    name: (attribute: number) => names.at(source, placeOf(attribute, 0), placeOf(attribute, 1)).whole,
    value,
    number: (attribute: number): number => {
      const end = placeOf(attribute, 3);
      let sum = 0;
      for (let at = placeOf(attribute, 2); at < end; at += 1) {
        const digit = (source[at] as number) - zero;
        if (digit < 0 || digit > 9 || sum > largest) return Number(value(attribute));
        sum = sum * 10 + digit;
      }
      return sum;
    },
    byte: (attribute: number, at: number): number | undefined => {
      const place = placeOf(attribute, 2) + at;
      return place < placeOf(attribute, 3) ? source[place] : undefined;
    },
  };
}

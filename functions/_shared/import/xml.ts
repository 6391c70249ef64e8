import { isUtf8 } from "node:buffer";
import { breather } from "./breath.ts";
import { concat } from "./pieces.ts";
import { cellTooLong } from "./rows-builder.ts";
import { endOfLetters } from "./text.ts";
import type { XmlAttributes } from "./xml-attributes.ts";
import { type XmlPlace, type XmlTokens, xmlScanner } from "./xml-scan.ts";
import { damaged } from "./zip.ts";

/** What is met on the way through a document, as texts; names are without their prefix. */
export type XmlEvents = {
  open?: (name: string, attributes: Readonly<Record<string, string>>) => void;
  text?: (text: string) => void;
  close?: (name: string) => void;
};

// A tag that goes on for so long is an attack on the memory.
const longestToken = 512 * 1024;
// A few bytes of XML may be many of text: it is looked at after so many of them how much there is.
const strideBytes = 4096;
const mark = [0xef, 0xbb, 0xbf];
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Reads an XML document in UTF-8, from a place on that is between two tags, and comes back whenever `isFull` says so. Throws an ImportRefusal where it is not sound.
 */
export async function* readTokens(
  pieces: AsyncIterable<Uint8Array>,
  tokens: XmlTokens,
  isFull: () => boolean = () => false,
  place: XmlPlace = { byte: 0, tags: [] },
): AsyncGenerator<void> {
  const scanner = xmlScanner(tokens, place.tags);
  let base = place.byte;
  const breathe = breather();
  let rest: Uint8Array = new Uint8Array();
  for await (const bytes of after(wholeLetters(pieces), place.byte)) {
    const all = rest.length > 0 ? concat([rest, bytes]) : bytes;
    let at = 0;
    let isWhole = true;
    while (isWhole && at < all.length) {
      const until = Math.min(at + strideBytes, all.length);
      at = scanner.scan(all, at, until, base);
      isWhole = at >= until;
      if (isFull()) yield;
      const turn = breathe();
      if (turn) await turn;
    }
    rest = all.subarray(at);
    base += at;
    if (rest.length > longestToken) throw cellTooLong();
  }
  scanner.end(rest);
}

/** The same, as texts. */
export function readXml(
  pieces: AsyncIterable<Uint8Array>,
  events: XmlEvents,
  isFull?: () => boolean,
): AsyncGenerator<void> {
  const tokens = {
    open: (name: string, attributes: XmlAttributes) => events.open?.(name, asRecord(attributes)),
    text: (bytes: Uint8Array, from: number, to: number) => events.text?.(decoder.decode(bytes.subarray(from, to))),
    close: (name: string) => events.close?.(name),
  };
  return readTokens(pieces, tokens, isFull);
}

/** Reads an XML document to its end. */
export async function walkXml(pieces: AsyncIterable<Uint8Array>, events: XmlEvents): Promise<void> {
  for await (const _ of readXml(pieces, events));
}

function asRecord(attributes: XmlAttributes): Record<string, string> {
  const record: Record<string, string> = Object.create(null);
  for (let at = 0; at < attributes.count(); at += 1) record[attributes.name(at)] = attributes.value(at);
  return record;
}

/** What comes after so many bytes. */
async function* after(pieces: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const piece of pieces) {
    const passed = Math.min(left, piece.length);
    left -= passed;
    if (passed < piece.length) yield piece.subarray(passed);
  }
}

/** UTF-8 in pieces that end with a whole letter, without a mark before it. */
async function* wholeLetters(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  let held: Uint8Array = new Uint8Array();
  for await (const piece of pieces) {
    const all = held.length > 0 ? concat([held, piece]) : piece;
    const end = endOfLetters(all);
    held = all.subarray(end);
    const letters = all.subarray(0, end);
    if (!isUtf8(letters)) throw damaged();
    const hasMark = isFirst && mark.every((byte, at) => letters[at] === byte);
    isFirst = isFirst && letters.length === 0;
    yield hasMark ? letters.subarray(mark.length) : letters;
  }
  if (held.length > 0) throw damaged();
}

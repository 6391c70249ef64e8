import { attributeReader, type XmlAttributes } from "./xml-attributes.ts";
import {
  amp,
  bang,
  checkSpace,
  closingBracket,
  cr,
  dash,
  endOfName,
  gt,
  isSpace,
  knownWords,
  lt,
  question,
  resolved,
  semicolon,
  slash,
  space,
  type Word,
} from "./xml-signs.ts";
import { damaged } from "./zip.ts";

/** What is met on the way through a document; names are without their prefix, text is UTF-8 and without references. */
export type XmlTokens = {
  open: (name: string, attributes: XmlAttributes) => void;
  text: (bytes: Uint8Array, from: number, to: number) => void;
  /** `end` is where in the document the next begins, within these tags. */
  close: (name: string, end: number, tags: () => string[]) => void;
};

/** A place in a document: its byte, and the tags that are open there. */
export type XmlPlace = { byte: number; tags: readonly string[] };

export type XmlScanner = {
  /**
   * Goes on from `at` until it is at `until` or beyond; answers the place before, where what begins is not whole yet. The
   * bytes lie at `base` in the document.
   */
  scan: (bytes: Uint8Array, at: number, until: number, base: number) => number;
  /** The document has ended, but for these bytes. Throws an ImportRefusal where it is not whole. */
  end: (rest: Uint8Array) => void;
};

// More tags in each other, or longer ones, are an attack on the memory.
const deepest = 200;
const longestName = 1024;
const cdata = "<![CDATA[";
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Reads the bytes of an XML document as they lie there: as texts, tag by tag, a sheet of a hundred thousand rows takes
 * eight times as long. Knows no DOCTYPE, and so no entities but XML's own; throws an ImportRefusal where a document has
 * one, or is not sound. What is given to it ends with a whole letter. `within`: the tags that are open where it begins.
 */
export function xmlScanner(tokens: XmlTokens, within: readonly string[] = []): XmlScanner {
  const names = knownWords();
  const opened: Word[] = within.map((tag) => {
    const bytes = encoder.encode(tag);
    return names.at(bytes, 0, bytes.length);
  });
  const tags = () => opened.map(({ whole }) => whole);
  let base = 0;
  let hasRoot = within.length > 0;
  const tag = attributeReader();

  /** Where a tag's end is, or -1 where it is not there yet. */
  const openTag = (bytes: Uint8Array, from: number): number => {
    const nameEnd = endOfName(bytes, from + 1);
    const end = nameEnd === -1 ? -1 : tag.read(bytes, nameEnd);
    if (end === -1) return -1;
    if (opened.length === 0 && hasRoot) throw damaged();
    if (opened.length === deepest || nameEnd - from > longestName) throw damaged();
    hasRoot = true;
    const name = names.at(bytes, from + 1, nameEnd);
    tokens.open(name.bare, tag);
    if (bytes[end - 2] === slash) tokens.close(name.bare, base + end, tags);
    else opened.push(name);
    return end;
  };

  const closeTag = (bytes: Uint8Array, from: number): number => {
    const name = opened.at(-1);
    if (!name) throw damaged();
    let at = from + 2 + name.bytes.length;
    if (at >= bytes.length) return -1;
    for (let byte = 0; byte < name.bytes.length; byte += 1) {
      if (bytes[from + 2 + byte] !== name.bytes[byte]) throw damaged();
    }
    while (isSpace(bytes[at])) at += 1;
    if (at === bytes.length) return -1;
    if (bytes[at] !== gt) throw damaged();
    opened.pop();
    tokens.close(name.bare, base + at + 1, tags);
    return at + 1;
  };

  /** A remark, or a text that is written as it is. */
  const marked = (bytes: Uint8Array, from: number): number => {
    if (from + cdata.length > bytes.length) return -1;
    if (bytes[from + 2] === dash && bytes[from + 3] === dash) return after(bytes, from + 4, dash, dash, gt);
    for (let at = 0; at < cdata.length; at += 1) if (bytes[from + at] !== cdata.charCodeAt(at)) throw damaged();
    if (opened.length === 0) throw damaged();
    const end = after(bytes, from + cdata.length, closingBracket, closingBracket, gt);
    if (end !== -1) tell(bytes, from + cdata.length, end - 3, false);
    return end;
  };

  /** A text up to the next tag, or so much of it as is there and whole. */
  const text = (bytes: Uint8Array, from: number): number => {
    let to = from;
    let isPlain = true;
    for (; to < bytes.length; to += 1) {
      const byte = bytes[to] as number;
      if (byte === lt) break;
      if (byte === amp || byte === cr) isPlain = false;
      else if (byte < space) checkSpace(byte);
    }
    if (opened.length === 0) {
      for (let at = from; at < to; at += 1) if (!isSpace(bytes[at])) throw damaged();
      return to;
    }
    if (isPlain) {
      tokens.text(bytes, from, to);
      return to;
    }
    if (to === bytes.length) to = beforeCut(bytes, from);
    if (to > from) tell(bytes, from, to, true);
    return to;
  };

  const tell = (bytes: Uint8Array, from: number, to: number, hasReferences: boolean) => {
    const lines = decoder.decode(bytes.subarray(from, to)).replace(/\r\n?/g, "\n");
    const written = encoder.encode(hasReferences ? resolved(lines) : lines);
    tokens.text(written, 0, written.length);
  };

  const next = (bytes: Uint8Array, at: number): number => {
    if (bytes[at] !== lt) {
      const end = text(bytes, at);
      return end === at ? -1 : end;
    }
    const kind = bytes[at + 1];
    if (kind === undefined) return -1;
    if (kind === slash) return closeTag(bytes, at);
    if (kind === bang) return marked(bytes, at);
    if (kind === question) return after(bytes, at + 2, question, gt);
    return openTag(bytes, at);
  };

  return {
    scan: (bytes, from, until, place) => {
      base = place;
      let at = from;
      while (at < until) {
        const end = next(bytes, at);
        if (end === -1) return at;
        at = end;
      }
      return at;
    },
    end: (rest) => {
      if (!hasRoot || opened.length > 0 || !rest.every(isSpace)) throw damaged();
    },
  };
}

/** The place after these three signs, or these two; -1 where they do not come. */
function after(bytes: Uint8Array, from: number, first: number, second: number, third?: number): number {
  for (let at = from; at + 1 < bytes.length; at += 1) {
    if (bytes[at] !== first || bytes[at + 1] !== second) continue;
    if (third === undefined) return at + 2;
    if (bytes[at + 2] === third) return at + 3;
  }
  return -1;
}

/** So much of a text as is surely whole: a reference may go on, and of two signs that end a line one may be missing. */
function beforeCut(bytes: Uint8Array, from: number): number {
  const last = bytes.lastIndexOf(amp);
  if (last >= from && bytes.indexOf(semicolon, last) === -1) return last;
  return bytes[bytes.length - 1] === cr ? bytes.length - 1 : bytes.length;
}

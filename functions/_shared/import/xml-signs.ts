import { damaged } from "./zip.ts";

// What the bytes of an XML document mean, sign by sign.

const [tab, lf] = [9, 10];
export const [cr, space, quote, amp, apostrophe, dash, slash] = [13, 32, 34, 38, 39, 45, 47];
export const [semicolon, lt, equals, gt, question, bang, closingBracket] = [59, 60, 61, 62, 63, 33, 93];

export function isSpace(byte: number | undefined): boolean {
  return byte === space || byte === lf || byte === cr || byte === tab;
}

/** Of the signs before the space XML has a place for three. */
export function checkSpace(byte: number): void {
  if (byte !== lf && byte !== tab && byte !== cr) throw damaged();
}

/** 1 for what names begin with, 2 for what else is in them. */
const inNames = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte > 127 || /[a-z_:]/i.test(String.fromCharCode(byte)) ? 1 : /[\d.-]/.test(String.fromCharCode(byte)) ? 2 : 0,
);

/** Where a name ends; -1 where its end is not there yet. */
export function endOfName(bytes: Uint8Array, from: number): number {
  if (from < bytes.length && inNames[bytes[from] as number] !== 1) throw damaged();
  let at = from;
  while (at < bytes.length && inNames[bytes[at] as number] !== 0) at += 1;
  return at === bytes.length ? -1 : at;
}

const entities: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** A text with what its references stand for: there are no others than XML's own. */
export function resolved(text: string): string {
  return text.replace(/&([^;&]*)(;?)/g, (_, name: string, end: string) => {
    const [, hexadecimal, decimal] = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(name) ?? [];
    const code = hexadecimal ? Number.parseInt(hexadecimal, 16) : decimal ? Number(decimal) : undefined;
    const meant = code === undefined ? (Object.hasOwn(entities, name) ? entities[name] : undefined) : letter(code);
    if (meant === undefined || end === "") throw damaged();
    return meant;
  });
}

/** What XML has a place for. */
function letter(code: number): string | undefined {
  const isOne =
    (code === tab || code === lf || code === cr || code >= space) &&
    (code < 0xd800 || code > 0xdfff) &&
    (code < 0xfffe || code > 0xffff) &&
    code <= 0x10ffff;
  return isOne ? String.fromCodePoint(code) : undefined;
}

/** A name or a value: as bytes, as text, without its prefix; plain where it has neither references nor spaces. */
export type Word = { bytes: Uint8Array; whole: string; bare: string; isPlain: boolean };

const longestKept = 32;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Texts for the bytes of names, of which a document has few: each is made once. */
export function knownWords() {
  const known: (Word | undefined)[] = Array(256).fill(undefined);
  return {
    at: (bytes: Uint8Array, from: number, to: number): Word => {
      let sum = to - from;
      for (let at = from; at < Math.min(to, from + longestKept); at += 1)
        sum = (sum * 31 + (bytes[at] as number)) & 0xffff;
      const found = known[sum & 255];
      if (found && isSame(found.bytes, bytes, from, to)) return found;
      const own = bytes.slice(from, to);
      const whole = decoder.decode(own);
      const word = { bytes: own, whole, bare: whole.slice(whole.indexOf(":") + 1), isPlain: !/[&\s]/.test(whole) };
      if (to - from <= longestKept) known[sum & 255] = word;
      return word;
    },
  };
}

function isSame(own: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (own.length !== to - from) return false;
  for (let at = 0; at < own.length; at += 1) if (own[at] !== bytes[from + at]) return false;
  return true;
}

import { isAscii, isUtf8 } from "node:buffer";
import { collectWords, encodingOf, type Words } from "./encoding-guess.ts";
import { encodingNamed, highLetters, noLetter, twiceUtf8 } from "./encodings.ts";
import { type Bytes, concat, peekStart } from "./pieces.ts";
import { ImportRefusal } from "./refusal.ts";

/** What is known of a text beforehand: its encoding, and words with accents that it may be full of. */
export type TextWish = { encoding?: string | undefined; common?: ReadonlySet<string> | undefined };

/** Text on its way to UTF-8; `encoding` is known for sure only when all of it is read. */
export type Utf8Text = { pieces: AsyncGenerator<Uint8Array>; encoding: () => string };

const mark = [0xef, 0xbb, 0xbf];
const encoder = new TextEncoder();

/** So much is looked at before it is decided what the letters beyond ASCII are; the rest has to agree. */
const sampleBytes = 1024 * 1024;

/**
 * A text as UTF-8, without a mark before it. Its encoding is the one that is asked for, else the one that a mark or its
 * first bytes tell, else UTF-8 or, where it is none, the one in which its words read best (encoding-guess). Throws an
 * ImportRefusal where it is no text in that encoding, or where two encodings are as good.
 */
export async function utf8Text(bytes: Bytes, { encoding: asked, common }: TextWish = {}): Promise<Utf8Text> {
  const { start, all } = await peekStart(bytes, 1024);
  const wanted = asked === undefined ? undefined : encodingNamed(asked);
  // A mark tells more than people do.
  const encoding = beginsWithMark(start) ? undefined : (markedEncoding(start) ?? wanted ?? encodingByZeros(start));
  refuseBinary(start, encoding);
  if (encoding === undefined) return guessed(withoutMark(all), common);
  const decode = decoderOf(encoding);
  return { pieces: decodedBy(decode, withoutMark(all)), encoding: () => encoding };
}

function beginsWithMark(start: Uint8Array): boolean {
  return mark.every((byte, at) => start[at] === byte);
}

function markedEncoding(start: Uint8Array): string | undefined {
  if (start[0] === 0xff && start[1] === 0xfe) return "utf-16le";
  return start[0] === 0xfe && start[1] === 0xff ? "utf-16be" : undefined;
}

/** By the zeros that UTF-16 has in every other place. */
function encodingByZeros(start: Uint8Array): string | undefined {
  if (start.length < 2 || !start.includes(0)) return undefined;
  const zeros = [0, 0];
  start.forEach((byte, at) => {
    if (byte === 0) zeros[at % 2] = (zeros[at % 2] as number) + 1;
  });
  const [even = 0, odd = 0] = zeros.map((count) => count / (start.length / 2));
  if (odd > 0.5 && even < 0.1) return "utf-16le";
  if (even > 0.5 && odd < 0.1) return "utf-16be";
  return undefined;
}

/** No list has a zero in it, or many characters that cannot be written. */
function refuseBinary(start: Uint8Array, encoding: string | undefined): void {
  if (encoding?.startsWith("utf-16")) return;
  const unwritten = start.filter((byte) => byte < 9 || (byte > 13 && byte < 32) || byte === 127);
  if (start.includes(0) || unwritten.length > start.length / 20) throw binary();
}

function binary(): ImportRefusal {
  const message = "Ce fichier n'est ni un texte CSV ni un classeur : exportez-le en « CSV UTF-8 » ou en .xlsx.";
  return new ImportRefusal("binary_file", message);
}

async function* withoutMark(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { start, all } = await peekStart(pieces, mark.length);
  let skip = beginsWithMark(start) ? mark.length : 0;
  for await (const piece of all) {
    const skipped = Math.min(skip, piece.length);
    skip -= skipped;
    if (piece.length > skipped) yield piece.subarray(skipped);
  }
}

/** Turns the pieces of a text into UTF-8, one after the other; called without one at its end. */
type Decode = (piece?: Uint8Array) => Uint8Array;

async function* decodedBy(decode: Decode, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield checked(decode(piece));
  yield checked(decode());
}

function decoderOf(encoding: string): Decode {
  if (encoding === "utf-8") return asItIs();
  if (encoding === twiceUtf8) {
    const [outer, inner] = [fatalDecoder("utf-8"), fatalDecoder("utf-8")];
    return (piece) => encoder.encode(inner(onceEncoded(outer(piece)), piece === undefined));
  }
  const letters = highLetters(encoding);
  if (letters) return bytewise(encoding, letters);
  const decode = fatalDecoder(encoding);
  return (piece) => encoder.encode(decode(piece));
}

/** UTF-8 is looked at and handed on. */
function asItIs(): Decode {
  let held: Uint8Array = new Uint8Array();
  return (piece) => {
    const whole = piece && held.length > 0 ? concat([held, piece]) : (piece ?? held);
    const end = piece ? endOfLetters(whole) : whole.length;
    held = whole.subarray(end);
    const letters = whole.subarray(0, end);
    if (!isUtf8(letters)) throw unreadable("utf-8");
    return letters;
  };
}

/** A decoder of a stream that refuses what is no text in its encoding. */
function fatalDecoder(encoding: string): (piece: Uint8Array | undefined, last?: boolean) => string {
  const decoder = new TextDecoder(encoding, { fatal: true });
  return (piece, last = piece === undefined) => {
    try {
      return decoder.decode(piece, { stream: !last });
    } catch {
      throw unreadable(encoding);
    }
  };
}

/** The bytes that were taken for Windows-1252. */
function onceEncoded(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charCodeAt(at);
    const byte = letter < 128 ? letter : windowsBytes.get(text[at] as string);
    if (byte === undefined) throw unreadable(twiceUtf8);
    bytes[at] = byte;
  }
  return bytes;
}

// Converters leave alone the five bytes that Windows-1252 lacks: control characters stand for them.
const windowsBytes = new Map(
  Array.from(highLetters("windows-1252") ?? "", (letter, at): [string, number] => [
    letter === noLetter ? String.fromCharCode(128 + at) : letter,
    128 + at,
  ]),
);

/** Where a byte is a letter. */
function bytewise(encoding: string, letters: string): Decode {
  const encoded = Array.from(letters, (letter) => (letter === noLetter ? undefined : encoder.encode(letter)));
  return (piece = new Uint8Array()) => {
    const out = new Uint8Array(piece.length * 3);
    let to = 0;
    for (const byte of piece) {
      if (byte < 128) {
        out[to] = byte;
        to += 1;
        continue;
      }
      const letter = encoded[byte - 128];
      if (!letter) throw unreadable(encoding);
      out.set(letter, to);
      to += letter.length;
    }
    return out.subarray(0, to);
  };
}

/** A text of which nothing is told. What it is, is decided at its first letters beyond ASCII, and has to stay true. */
function guessed(pieces: AsyncIterable<Uint8Array>, common: TextWish["common"]): Utf8Text {
  let encoding: string | undefined;
  async function* all(): AsyncGenerator<Uint8Array> {
    const source = pieces[Symbol.asyncIterator]();
    let piece = await source.next();
    while (!piece.done && isAscii(piece.value)) {
      yield checked(piece.value);
      piece = await source.next();
    }
    const sample: Uint8Array[] = [];
    for (let size = 0; !piece.done && size < sampleBytes; piece = await source.next()) {
      sample.push(piece.value);
      size += piece.value.length;
    }
    if (sample.length === 0) return;
    const words: Words = new Set();
    const start = concat(sample);
    encoding = encodingFound(start, piece.done === true, words, common);
    const decode = decoderOf(encoding);
    yield checked(decode(start));
    while (!piece.done) {
      yield checked(decode(piece.value));
      if (words.size > 0) collectWords(words, piece.value, { start: false, end: false });
      piece = await source.next();
    }
    yield checked(decode());
    const found = words.size > 0 ? encodingOf(words, common) : encoding;
    if (found !== encoding) throw changing(encoding, found);
  }
  return { pieces: all(), encoding: () => encoding ?? "utf-8" };
}

function encodingFound(
  sample: Uint8Array,
  all: boolean,
  words: Words,
  common: ReadonlySet<string> | undefined,
): string {
  const whole = sample.subarray(0, all ? sample.length : endOfLetters(sample));
  if (isUtf8(whole)) return isTwiceEncoded(whole) ? twiceUtf8 : "utf-8";
  if (mostlyUtf8(whole)) throw unreadable("utf-8");
  collectWords(words, sample, { start: true, end: all });
  return encodingOf(words, common);
}

/** Whether all letters beyond ASCII are bytes of UTF-8 that were taken for letters, as in « ZoÃ© ». */
function isTwiceEncoded(utf8: Uint8Array): boolean {
  // The first bytes of a letter became two letters, the first of them Â to ô: most files are known by their first accent.
  const first = utf8.findIndex((byte) => byte >= 0x80);
  if (first !== -1 && (utf8[first] !== 0xc3 || (utf8[first + 2] ?? 0x80) < 0x80)) return false;
  try {
    return isUtf8(onceEncoded(new TextDecoder().decode(utf8)));
  } catch {
    return false;
  }
}

function changing(first: string, then: string): ImportRefusal {
  const message =
    `Le début de ce fichier se lit en ${first}, la suite en ${then} : enregistrez-le en « CSV UTF-8 »,` +
    ` ou indiquez son encodage, par exemple --encoding ${first}.`;
  return new ImportRefusal("encoding_unclear", message);
}

/** Where the last whole letter ends: a letter of UTF-8 may be cut in two by the end of a piece. */
export function endOfLetters(piece: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, piece.length); back += 1) {
    const byte = piece[piece.length - back] as number;
    if (byte < 0x80) break;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? piece.length - back : piece.length;
    }
  }
  return piece.length;
}

/** One bad letter among good ones makes no other encoding of it. */
function mostlyUtf8(piece: Uint8Array): boolean {
  let [letters, bad] = [0, 0];
  for (const letter of new TextDecoder().decode(piece)) {
    if (letter > "\x7f") letters += 1;
    if (letter === "\ufffd") bad += 1;
  }
  return letters - bad > letters / 2;
}

function checked(piece: Uint8Array): Uint8Array {
  if (piece.includes(0)) throw binary();
  return piece;
}

function unreadable(encoding: string): ImportRefusal {
  const name = encoding.toUpperCase();
  const message =
    `Ce fichier contient des octets qui ne sont pas du ${name} : enregistrez-le en « CSV UTF-8 »,` +
    " ou indiquez son encodage.";
  return new ImportRefusal("unreadable_text", message);
}

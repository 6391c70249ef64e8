import { isUtf8 } from "node:buffer";
import { type Bytes, concat, peekStart } from "./pieces.ts";
import { ImportRefusal } from "./refusal.ts";

/** Text on its way to UTF-8; `encoding` is known for sure only when all of it is read. */
export type Utf8Text = { pieces: AsyncGenerator<Uint8Array>; encoding: () => string };

const mark = [0xef, 0xbb, 0xbf];

/**
 * A text as UTF-8, without a mark before it. Its encoding is the one that is asked for (by its name on the Web), else the
 * one that a mark or its first bytes tell, else UTF-8 or, where its first letter beyond ASCII is none, Windows-1252.
 * Throws an ImportRefusal where it is no text in that encoding.
 */
export async function utf8Text(bytes: Bytes, asked?: string): Promise<Utf8Text> {
  const { start, all } = await peekStart(bytes, 1024);
  const encoding = asked === undefined ? markedEncoding(start) : knownEncoding(asked);
  refuseBinary(start, encoding);
  if (encoding === undefined || encoding === "utf-8") return guessed(withoutMark(all), encoding);
  return { pieces: transcoded(all, encoding), encoding: () => encoding };
}

function knownEncoding(asked: string): string {
  try {
    return new TextDecoder(asked).encoding;
  } catch {
    const message = `L'encodage « ${asked} » est inconnu : utf-8, utf-16le, utf-16be, windows-1252, iso-8859-15, macintosh…`;
    throw new ImportRefusal("unknown_encoding", message);
  }
}

/** By the mark before it, or by the zeros that UTF-16 has in every other place. */
function markedEncoding(start: Uint8Array): string | undefined {
  if (start[0] === 0xff && start[1] === 0xfe) return "utf-16le";
  if (start[0] === 0xfe && start[1] === 0xff) return "utf-16be";
  if (start.length < 2) return undefined;
  const zeros = [0, 0];
  start.forEach((byte, at) => {
    if (byte === 0) zeros[at % 2] = (zeros[at % 2] as number) + 1;
  });
  const [even = 0, odd = 0] = zeros.map((count) => count / (start.length / 2));
  if (odd > 0.5 && even < 0.1) return "utf-16le";
  if (even > 0.5 && odd < 0.1) return "utf-16be";
  return undefined;
}

/** No list of people has a zero in it, or many characters that cannot be written. */
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
  let skip = mark.every((byte, at) => start[at] === byte) ? mark.length : 0;
  for await (const piece of all) {
    const skipped = Math.min(skip, piece.length);
    skip -= skipped;
    if (piece.length > skipped) yield piece.subarray(skipped);
  }
}

async function* transcoded(pieces: AsyncIterable<Uint8Array>, encoding: string): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const encoder = new TextEncoder();
  const decode = (piece?: Uint8Array) => {
    try {
      return encoder.encode(piece ? decoder.decode(piece, { stream: true }) : decoder.decode());
    } catch {
      throw unreadable(encoding);
    }
  };
  for await (const piece of pieces) yield checked(decode(piece));
  yield decode();
}

/** A text that is UTF-8 or Windows-1252; which of them is seen at its first letter beyond ASCII. */
function guessed(pieces: AsyncIterable<Uint8Array>, asked: string | undefined): Utf8Text {
  let encoding = asked;
  let latin: TextDecoder | undefined;
  const encoder = new TextEncoder();
  const read = (piece: Uint8Array): Uint8Array => {
    if (!latin) {
      if (isUtf8(piece)) {
        if (encoding === undefined && piece.some((byte) => byte > 127)) encoding = "utf-8";
        return piece;
      }
      if (encoding === "utf-8" || mostlyUtf8(piece)) throw unreadable("utf-8");
      encoding = "windows-1252";
      latin = new TextDecoder(encoding);
    }
    return encoder.encode(latin.decode(piece, { stream: true }));
  };
  async function* all(): AsyncGenerator<Uint8Array> {
    let held: Uint8Array = new Uint8Array();
    for await (const piece of pieces) {
      const whole = held.length === 0 ? piece : concat([held, piece]);
      const end = latin ? whole.length : endOfLetters(whole);
      held = whole.subarray(end);
      if (end > 0) yield checked(read(whole.subarray(0, end)));
    }
    if (held.length > 0) yield read(held);
  }
  return { pieces: all(), encoding: () => encoding ?? "utf-8" };
}

/** Where the last whole letter ends: a letter of UTF-8 may be cut in two by the end of a piece. */
function endOfLetters(piece: Uint8Array): number {
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
  const letters = new TextDecoder().decode(piece).match(/[^\0-\x7f]/g) ?? [];
  return letters.filter((letter) => letter !== "\ufffd").length > letters.length / 2;
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

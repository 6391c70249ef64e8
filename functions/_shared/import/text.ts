import { ImportRefusal } from "./refusal.ts";

/** Bytes in pieces, as a file or an upload brings them. */
export type Bytes = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Reads as far as `length` bytes: answers these, fewer where there are no more, and all bytes again from the start. */
export async function peekStart(
  bytes: Bytes,
  length: number,
): Promise<{ start: Uint8Array; all: AsyncGenerator<Uint8Array> }> {
  const pieces = inTurn(bytes);
  const seen: Uint8Array[] = [];
  let start = new Uint8Array();
  while (start.length < length) {
    const { value, done } = await pieces.next();
    if (done) break;
    seen.push(value);
    start = new Uint8Array([...start, ...value.subarray(0, length - start.length)]);
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* seen;
    yield* pieces;
  }
  return { start, all: all() };
}

async function* inTurn(bytes: Bytes): AsyncGenerator<Uint8Array> {
  yield* bytes;
}

/**
 * The same bytes, each piece checked: an ImportRefusal is thrown where they are no UTF-8 text. A letter that was cut in
 * two by the end of a piece is no fault.
 */
export async function* utf8Only(bytes: Bytes): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let line = 1;
  for await (const piece of bytes) {
    if (piece.includes(0)) {
      throw new ImportRefusal("Ce fichier n'est pas un texte CSV (octet nul) : exportez-le en « CSV UTF-8 ».");
    }
    decode(decoder, piece, line);
    line += lineBreaks(piece);
    yield piece;
  }
  decode(decoder, undefined, line);
}

function decode(decoder: TextDecoder, piece: Uint8Array | undefined, line: number): void {
  try {
    if (piece) decoder.decode(piece, { stream: true });
    else decoder.decode();
  } catch {
    throw new ImportRefusal(
      `Ce fichier n'est pas en UTF-8 (vers la ligne ${line}) : enregistrez-le en « CSV UTF-8 » et recommencez.`,
    );
  }
}

function lineBreaks(piece: Uint8Array): number {
  let count = 0;
  for (let at = piece.indexOf(10); at !== -1; at = piece.indexOf(10, at + 1)) count += 1;
  return count;
}

// More than any real header, and little enough to hold.
const headerLimit = 64 * 1024;

/** Reads as far as the first line's end: answers that line, and all bytes again from the start. */
export async function peekFirstLine(
  bytes: AsyncGenerator<Uint8Array>,
): Promise<{ line: string; all: AsyncGenerator<Uint8Array> }> {
  const seen: Uint8Array[] = [];
  let text = "";
  let end = -1;
  const decoder = new TextDecoder("utf-8");
  while (end === -1) {
    const { value, done } = await bytes.next();
    if (done) break;
    seen.push(value);
    text += decoder.decode(value, { stream: true });
    end = endOfLine(text);
    if (end === -1 && text.length > headerLimit) {
      throw new ImportRefusal("La première ligne ne finit pas : ce n'est pas l'en-tête d'un fichier CSV.");
    }
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* seen;
    yield* bytes;
  }
  return { line: end === -1 ? text : text.slice(0, end), all: all() };
}

/** Where the first line ends; a line break inside quotes is part of a name. */
function endOfLine(text: string): number {
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (letter === '"') quoted = !quoted;
    else if (!quoted && (letter === "\n" || letter === "\r")) return at;
  }
  return -1;
}

/** Bytes in pieces, as a file or an upload brings them. */
export type Bytes = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Reads at least `length` bytes: answers these, fewer where there are no more, and all bytes again from the start. */
export async function peekStart(
  bytes: Bytes,
  length: number,
): Promise<{ start: Uint8Array; all: AsyncGenerator<Uint8Array> }> {
  const pieces = inTurn(bytes);
  const seen: Uint8Array[] = [];
  for (let found = 0; found < length; ) {
    const { value, done } = await pieces.next();
    if (done) break;
    seen.push(value);
    found += value.length;
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* seen;
    yield* pieces;
  }
  return { start: concat(seen), all: all() };
}

/** The pieces as one. */
export function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** The pieces, one by one. */
export async function* inTurn(bytes: Bytes): AsyncGenerator<Uint8Array> {
  yield* bytes;
}

/** A piece in parts of at most so many bytes, which are not copied. */
export function* cutTo(piece: Uint8Array, most: number): Generator<Uint8Array> {
  for (let at = 0; at < piece.length; at += most) yield piece.subarray(at, at + most);
}

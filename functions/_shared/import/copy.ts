import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import type { Away } from "./busy-time.ts";

/**
 * Writes pieces into a COPY and ends it. Each piece need only be good until the next is asked for, which a pipeline
 * does not promise. Throws what went wrong on either side; the COPY has failed then. `away` is told of what is only waited for.
 */
export async function copyInto(
  target: Writable,
  pieces: AsyncIterable<Uint8Array>,
  away: Away = (awaited) => awaited,
): Promise<void> {
  const ended = finished(target);
  ended.catch(() => {});
  const write = (piece: Uint8Array) =>
    new Promise<void>((resolve, reject) => target.write(piece, (error) => (error ? reject(error) : resolve())));
  try {
    for await (const piece of pieces) await away(write(piece));
    target.end();
  } catch (error) {
    target.destroy(error as Error);
  }
  await away(ended);
}

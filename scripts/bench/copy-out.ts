import { closeSync, openSync, writeFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";

/**
 * Writes what COPY … TO STDOUT gives into a file, at once, so that the connection is never told to wait: told so at the
 * last piece, it would not be told to go on, and hang.
 */
export async function copyOut(rows: Readable, file: string): Promise<void> {
  const target = openSync(file, "w");
  try {
    rows.on("data", (piece: Uint8Array) => writeFileSync(target, piece));
    await finished(rows);
  } finally {
    closeSync(target);
  }
}

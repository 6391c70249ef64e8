import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { ImportRefusal } from "./refusal.ts";
import { damaged, unpacksToTooMuch } from "./zip.ts";

const megabyte = 1024 * 1024;
const longestPacked = 50 * megabyte;
/** What a packed file may become. It is never held as a whole, but it takes time to read. */
export const longestUnpacked = 1024 * megabyte;
const largestRatio = 100;
/** A small file of much the same may well be packed better. */
const harmless = 10 * megabyte;

/** All bytes of a file that can only be read as a whole: a zip has its directory at its end. Refused beyond 50 MB. */
export async function wholeFile(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  let whole = new Uint8Array(megabyte);
  let length = 0;
  for await (const piece of bytes) {
    if (length + piece.length > longestPacked) {
      const message = "Ce fichier dépasse 50 Mo : découpez-le, ou enregistrez-le en « CSV UTF-8 » et recommencez.";
      throw new ImportRefusal("file_too_large", message);
    }
    if (length + piece.length > whole.length) {
      // At once as large as it may become, since what is not written takes no memory, and a third copy would.
      const larger = new Uint8Array(longestPacked);
      larger.set(whole.subarray(0, length));
      whole = larger;
    }
    whole.set(piece, length);
    length += piece.length;
  }
  return whole.subarray(0, length);
}

/** What a gzip file contains. Throws an ImportRefusal where it is damaged, cut off or much larger than it looks. */
export async function* gunzipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let packed = 0;
  let unpacked = 0;
  async function* counted() {
    for await (const piece of bytes) {
      packed += piece.length;
      yield piece;
    }
  }
  const unpacking = createGunzip({ chunkSize: 256 * 1024 });
  // What goes wrong comes out of `unpacking` as well.
  pipeline(counted(), unpacking).catch(() => {});
  try {
    for await (const piece of unpacking as AsyncIterable<Uint8Array>) {
      unpacked += piece.length;
      if (unpacked > longestUnpacked || (unpacked > harmless && unpacked > packed * largestRatio)) {
        throw unpacksToTooMuch(unpacked, longestUnpacked);
      }
      yield piece;
    }
  } catch (error) {
    throw isZlibError(error) ? damaged() : error;
  } finally {
    unpacking.destroy();
  }
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
}

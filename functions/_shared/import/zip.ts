import { createInflateRaw } from "node:zlib";
import { ImportRefusal } from "./refusal.ts";

/** An entry of a zip, by its directory. Sizes in bytes; `method` 8 is deflated, 0 stored. */
export type ZipEntry = { name: string; method: number; packed: number; unpacked: number; offset: number };

const megabyte = 1024 * 1024;
/** Real workbooks and lists unpack to ten or twenty times their size. */
const largestRatio = 100;
const mostEntries = 10_000;
const pieceBytes = 256 * 1024;

/**
 * The entries of a zip, folders left out, once its directory is found to be sound and to tell of no more than can be
 * read. Throws an ImportRefusal.
 */
export function zipEntries(zip: Uint8Array, largest: number): ZipEntry[] {
  const entries = directory(zip).filter(({ name }) => !name.endsWith("/"));
  const unpacked = entries.reduce((sum, entry) => sum + entry.unpacked, 0);
  if (unpacked > largest || unpacked > zip.length * largestRatio) throw unpacksToTooMuch(unpacked, largest);
  return entries;
}

/** The refusal of what is small and becomes large. */
export function unpacksToTooMuch(unpacked: number, largest: number): ImportRefusal {
  return new ImportRefusal(
    "unpacks_to_too_much",
    `Ce fichier est trop gros une fois décompressé (${Math.ceil(unpacked / megabyte)} Mo, au plus ${largest / megabyte} Mo` +
      ` et ${largestRatio} fois sa taille) : découpez-le, ou enregistrez-le en « CSV UTF-8 ».`,
  );
}

/** The refusal of a workbook or an archive that is not whole. */
export function damaged(): ImportRefusal {
  return new ImportRefusal(
    "damaged_file",
    "Ce fichier est endommagé ou protégé : ouvrez-le dans un tableur, enregistrez-le en .xlsx et recommencez.",
  );
}

/** The bytes of an entry, never more than its directory tells. Throws an ImportRefusal where that was a lie. */
export async function* unzipped(zip: Uint8Array, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  const packed = packedBytes(zip, entry);
  let length = 0;
  try {
    for await (const piece of entry.method === 0 ? [packed] : inflated(packed)) {
      length += piece.length;
      if (length > entry.unpacked) break;
      yield piece;
    }
  } catch (error) {
    throw error instanceof ImportRefusal ? error : damaged();
  }
  if (length !== entry.unpacked) throw damaged();
}

async function* inflated(packed: Uint8Array): AsyncGenerator<Uint8Array> {
  const inflating = createInflateRaw({ chunkSize: pieceBytes });
  inflating.end(packed);
  for await (const piece of inflating) yield piece as Uint8Array;
}

const u16 = (zip: Uint8Array, at: number) => (zip[at] ?? 0) | ((zip[at + 1] ?? 0) << 8);
const u32 = (zip: Uint8Array, at: number) => u16(zip, at) + u16(zip, at + 2) * 65_536;

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;

function directory(zip: Uint8Array): ZipEntry[] {
  let end = zip.length - 22;
  // A comment of 65,535 bytes at most comes after it.
  const first = Math.max(0, end - 65_535);
  while (end >= first && u32(zip, end) !== endSignature) end -= 1;
  if (end < first) throw damaged();
  const count = u16(zip, end + 10);
  if (count > mostEntries) throw damaged();
  const entries: ZipEntry[] = [];
  let at = u32(zip, end + 16);
  for (let n = 0; n < count; n += 1) {
    if (u32(zip, at) !== entrySignature) throw damaged();
    const nameEnd = at + 46 + u16(zip, at + 28);
    entries.push({
      name: new TextDecoder().decode(zip.subarray(at + 46, nameEnd)).replace(/^\//, ""),
      method: u16(zip, at + 10),
      packed: u32(zip, at + 20),
      // A size that needs 64 bits reads as 4 GB, which is too much.
      unpacked: u32(zip, at + 24),
      offset: u32(zip, at + 42),
    });
    at = nameEnd + u16(zip, at + 30) + u16(zip, at + 32);
  }
  return entries;
}

function packedBytes(zip: Uint8Array, { method, packed, unpacked, offset }: ZipEntry): Uint8Array {
  if (u32(zip, offset) !== localSignature || (method !== 0 && method !== 8)) throw damaged();
  // Before its data an entry may tell its sizes again, or 0 where they were not known yet.
  for (const [told, size] of [
    [u32(zip, offset + 18), packed],
    [u32(zip, offset + 22), unpacked],
  ]) {
    if (told !== 0 && told !== size) throw damaged();
  }
  const data = offset + 30 + u16(zip, offset + 26) + u16(zip, offset + 28);
  if (data + packed > zip.length) throw damaged();
  return zip.subarray(data, data + packed);
}

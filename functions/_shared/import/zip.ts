import { createInflateRaw } from "node:zlib";
import { cutTo } from "./pieces.ts";
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
  // Of two with one name nobody knows which is meant.
  if (new Set(entries.map(({ name }) => name.toLowerCase())).size < entries.length) throw damaged();
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
    for await (const piece of entry.method === 0 ? cutTo(packed, pieceBytes) : inflated(packed)) {
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
// Beyond 2 ** 53 it is not exact, and too much in any case.
const u64 = (zip: Uint8Array, at: number) => u32(zip, at) + u32(zip, at + 4) * 2 ** 32;

const endSignature = 0x06054b50;
const endLocator64 = 0x07064b50;
const endSignature64 = 0x06064b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
/** What a size, a place or a count says that is told with 64 bits elsewhere. */
const elsewhere = 0xffffffff;
const countElsewhere = 0xffff;
const isEncrypted = 1;
const sizes64 = 1;
const longestName = 1024;

function directory(zip: Uint8Array): ZipEntry[] {
  let { at, count } = placeOfDirectory(zip);
  if (count > mostEntries) throw damaged();
  const entries: ZipEntry[] = [];
  for (; count > 0; count -= 1) {
    const nameLength = u16(zip, at + 28);
    if (u32(zip, at) !== entrySignature || u16(zip, at + 8) & isEncrypted || nameLength > longestName) throw damaged();
    const nameEnd = at + 46 + nameLength;
    const extraEnd = nameEnd + u16(zip, at + 30);
    const large = largeValues(zip, nameEnd, extraEnd);
    const value = (place: number) => {
      const told = u32(zip, place);
      return told === elsewhere ? (large.shift() ?? told) : told;
    };
    // In the order in which they are told with 64 bits.
    const [unpacked, packed, offset] = [value(at + 24), value(at + 20), value(at + 42)];
    const written = new TextDecoder().decode(zip.subarray(at + 46, nameEnd));
    const name = written.replaceAll("\\", "/").replace(/^(\.?\/)+/, "");
    entries.push({ name, method: u16(zip, at + 10), packed, unpacked, offset });
    at = extraEnd + u16(zip, at + 32);
  }
  return entries;
}

function placeOfDirectory(zip: Uint8Array): { at: number; count: number } {
  let end = zip.length - 22;
  // A comment of 65,535 bytes at most comes after it.
  const first = Math.max(0, end - 65_535);
  while (end >= first && u32(zip, end) !== endSignature) end -= 1;
  if (end < first) throw damaged();
  const [count, at] = [u16(zip, end + 10), u32(zip, end + 16)];
  if (count !== countElsewhere && at !== elsewhere) return { at, count };
  if (u32(zip, end - 20) !== endLocator64) return { at, count };
  const end64 = u64(zip, end - 12);
  if (u32(zip, end64) !== endSignature64) throw damaged();
  return { at: u64(zip, end64 + 48), count: u64(zip, end64 + 32) };
}

/** What an entry tells with 64 bits, among what it has beside its name. */
function largeValues(zip: Uint8Array, from: number, end: number): number[] {
  for (let at = from; at + 4 <= end; at += 4 + u16(zip, at + 2)) {
    if (u16(zip, at) !== sizes64) continue;
    const values = Math.min(3, Math.floor(u16(zip, at + 2) / 8));
    return Array.from({ length: values }, (_, index) => u64(zip, at + 4 + 8 * index));
  }
  return [];
}

function packedBytes(zip: Uint8Array, { method, packed, unpacked, offset }: ZipEntry): Uint8Array {
  if (u32(zip, offset) !== localSignature || (method !== 0 && method !== 8)) throw damaged();
  // Before its data an entry may tell its sizes again, or 0 where they were not known yet, or with 64 bits.
  for (const [told, size] of [
    [u32(zip, offset + 18), packed],
    [u32(zip, offset + 22), unpacked],
  ]) {
    if (told !== 0 && told !== elsewhere && told !== size) throw damaged();
  }
  const data = offset + 30 + u16(zip, offset + 26) + u16(zip, offset + 28);
  if (data + packed > zip.length) throw damaged();
  return zip.subarray(data, data + packed);
}

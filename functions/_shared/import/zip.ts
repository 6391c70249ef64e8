import { createInflateRaw } from "node:zlib";
import { ImportRefusal, UnsupportedFormat } from "./refusal.ts";

/** An entry of a zip, by its directory. Sizes in bytes; `method` 8 is deflated, 0 stored. */
type ZipEntry = { name: string; method: number; packed: number; unpacked: number; offset: number };

const megabyte = 1024 * 1024;
const largestUnpacked = 100 * megabyte;
/** Real workbooks unpack to ten or twenty times their size. */
const largestRatio = 100;
const mostEntries = 10_000;

/**
 * Makes sure, before anything reads it, that a zip is a workbook (.xlsx) and unpacks to what can be held: by what its
 * directory says, and by unpacking it without keeping anything, since a directory may lie. Throws an UnsupportedFormat
 * or an ImportRefusal.
 */
export async function refuseUnlessWorkbook(zip: Uint8Array): Promise<void> {
  const entries = directory(zip);
  const names = new Set(entries.map(({ name }) => name.replace(/^\//, "").toLowerCase()));
  if (!names.has("[content_types].xml") || ![...names].some((name) => name.startsWith("xl/"))) {
    throw new UnsupportedFormat(
      "Ce fichier est une archive ZIP et non un classeur Excel (.xlsx) : envoyez le fichier qu'elle contient.",
    );
  }
  if (names.has("xl/workbook.bin")) {
    throw new UnsupportedFormat("Ce classeur est au format .xlsb : enregistrez-le en .xlsx ou en « CSV UTF-8 ».");
  }
  const unpacked = entries.reduce((sum, entry) => sum + entry.unpacked, 0);
  if (unpacked > largestUnpacked || unpacked > zip.length * largestRatio) {
    throw new ImportRefusal(
      `Ce classeur est trop gros une fois décompressé (${Math.ceil(unpacked / megabyte)} Mo, au plus ${largestUnpacked / megabyte} Mo` +
        ` et ${largestRatio} fois sa taille) : découpez-le, ou enregistrez-le en « CSV UTF-8 ».`,
    );
  }
  for (const entry of entries) await checkEntry(zip, entry);
}

/** What a damaged workbook is refused with. */
export function damaged(): ImportRefusal {
  return new ImportRefusal(
    "Ce classeur est endommagé ou protégé : ouvrez-le dans un tableur, enregistrez-le en .xlsx et recommencez.",
  );
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
      name: new TextDecoder().decode(zip.subarray(at + 46, nameEnd)),
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

async function checkEntry(zip: Uint8Array, { method, packed, unpacked, offset }: ZipEntry): Promise<void> {
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
  const found = method === 0 ? packed : await inflatedLength(zip.subarray(data, data + packed), unpacked);
  if (found !== unpacked) throw damaged();
}

/** How much it unpacks to; beyond `enough` it is not unpacked any further. */
async function inflatedLength(deflated: Uint8Array, enough: number): Promise<number> {
  const inflating = createInflateRaw({ chunkSize: 256 * 1024 });
  inflating.end(deflated);
  let length = 0;
  try {
    for await (const piece of inflating) {
      length += (piece as Uint8Array).length;
      if (length > enough) break;
    }
  } catch {
    throw damaged();
  }
  return length;
}

import { openOldWorkbook } from "./old-workbook.ts";
import { type Bytes, peekStart } from "./pieces.ts";
import { ImportRefusal } from "./refusal.ts";
import { gunzipped, longestUnpacked, wholeFile } from "./unpack.ts";
import { openXlsx, type Workbook } from "./xlsx.ts";
import { unzipped, type ZipEntry, zipEntries } from "./zip.ts";

/** What a file turns out to be, whatever it is called. */
export type Source = { packed: "gzip" | "zip" | null } & (
  | { format: "csv"; text: AsyncIterable<Uint8Array> }
  | { format: "xlsx" | "xls" | "ods"; size: number; book: Workbook }
);

// SheetJS holds all of a workbook at once, in many times the room.
const largestOldWorkbook = 30 * 1024 * 1024;

const starts = {
  zip: "PK\x03\x04",
  emptyZip: "PK\x05\x06",
  gzip: "\x1f\x8b",
  oldOffice: "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
};

/** By how the file begins: kinds that people take for lists, and what they can do. */
const others: readonly [RegExp, string][] = [
  [/^%PDF/, "Ce fichier est un PDF : demandez la liste en .xlsx ou en CSV."],
  [
    /^\s*<(!doctype html|html|table|head|meta)/i,
    "Ce fichier est une page HTML, quel que soit son nom : ouvrez-le dans un tableur et enregistrez-le en .xlsx.",
  ],
  [/^\s*<\?xml/i, "Ce fichier est en XML : ouvrez-le dans un tableur et enregistrez-le en .xlsx."],
  [/^(\x89PNG|\xff\xd8\xff|GIF8|BM.{4}\0)/s, "Ce fichier est une image : demandez la liste en .xlsx ou en CSV."],
  [
    /^(Rar!|7z\xbc\xaf|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd)/,
    "Cette archive n'est ni un .zip ni un .gz : envoyez le fichier qu'elle contient.",
  ],
];

/** Finds out by its content what a file is, and opens it. Throws an ImportRefusal for what is not read here. */
export async function openSource(bytes: Bytes): Promise<Source> {
  const { start, all } = await peekStart(bytes, 512);
  if (beginsWith(start, starts.gzip)) return unpacked(gunzipped(all), "gzip");
  if (beginsWith(start, starts.zip) || beginsWith(start, starts.emptyZip)) return openZip(await wholeFile(all));
  if (beginsWith(start, starts.oldOffice)) {
    const file = await wholeFile(all);
    refuseLargeOld(file.length);
    return { format: "xls", packed: null, size: file.length, book: await openOldWorkbook(file) };
  }
  const latin = String.fromCharCode(...start.subarray(0, 512));
  const other = others.find(([pattern]) => pattern.test(latin.replace(/^\xef\xbb\xbf/, "")));
  if (other) throw unsupported(other[1]);
  return { format: "csv", packed: null, text: all };
}

function beginsWith(start: Uint8Array, letters: string): boolean {
  return [...letters].every((letter, at) => start[at] === letter.charCodeAt(0));
}

async function openZip(zip: Uint8Array): Promise<Source> {
  const entries = zipEntries(zip, longestUnpacked);
  const names = new Set(entries.map(({ name }) => name.toLowerCase()));
  if (names.has("xl/workbook.bin")) {
    throw unsupported("Ce classeur est au format .xlsb : enregistrez-le en .xlsx ou en « CSV UTF-8 ».");
  }
  if (names.has("[content_types].xml")) {
    return { format: "xlsx", packed: null, size: zip.length, book: await openXlsx(zip, entries) };
  }
  if (names.has("mimetype") && names.has("content.xml")) {
    refuseLargeOld(entries.reduce((sum, { unpacked }) => sum + unpacked, 0));
    for (const entry of entries) for await (const _ of unzipped(zip, entry));
    return { format: "ods", packed: null, size: zip.length, book: await openOldWorkbook(zip) };
  }
  return unpacked(unzipped(zip, onlyFile(entries)), "zip");
}

/** The one file that an archive holds; what macOS and Windows add to it does not count. */
function onlyFile(entries: readonly ZipEntry[]): ZipEntry {
  const files = entries.filter(({ name }) => !/(^|\/)(__MACOSX\/|\.|Thumbs\.db$|desktop\.ini$)/i.test(name));
  const [only, another] = files;
  if (only && !another) return only;
  const message = only
    ? `Cette archive ZIP contient ${files.length} fichiers (${files
        .slice(0, 3)
        .map(({ name }) => name)
        .join(", ")}…) : envoyez-les un par un.`
    : "Cette archive ZIP est vide.";
  throw new ImportRefusal(only ? "unsupported_format" : "empty_file", message);
}

async function unpacked(bytes: AsyncIterable<Uint8Array>, packed: "gzip" | "zip"): Promise<Source> {
  const inside = await openSource(bytes);
  if (inside.packed) throw unsupported("Cette archive en contient une autre : envoyez le fichier lui-même.");
  return { ...inside, packed };
}

function refuseLargeOld(bytes: number): void {
  if (bytes <= largestOldWorkbook) return;
  const message =
    "Ce classeur est trop gros pour son format (.xls ou .ods, 30 Mo décompressé au plus) : enregistrez-le en .xlsx ou en « CSV UTF-8 ».";
  throw new ImportRefusal("file_too_large", message);
}

function unsupported(message: string): ImportRefusal {
  return new ImportRefusal("unsupported_format", message);
}

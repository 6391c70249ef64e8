import { openHtml } from "./html.ts";
import { openOds } from "./ods.ts";
import { refuseOther, refuseOtherParts, unsupported } from "./other-formats.ts";
import { type Bytes, cutTo, peekStart } from "./pieces.ts";
import { ImportRefusal } from "./refusal.ts";
import { openSpreadsheetXml } from "./spreadsheet-xml.ts";
import { type TextWish, utf8Text } from "./text.ts";
import { gunzipped, longestUnpacked, wholeFile } from "./unpack.ts";
import { openXls } from "./xls.ts";
import { openXlsx, type Workbook } from "./xlsx.ts";
import { unzipped, type ZipEntry, zipEntries } from "./zip.ts";

/** What a file turns out to be, whatever it is called. */
export type Source = { packed: "gzip" | "zip" | null } & (
  | { format: "csv"; text: AsyncIterable<Uint8Array> }
  | { format: "xlsx" | "xls" | "ods" | "xml" | "html"; size: number; book: Workbook }
);

/** What is read as a whole, and is never so large where it is a list. */
const largestOther = 30 * 1024 * 1024;
const startBytes = 4096;
const textBytes = 64 * 1024;

const starts = {
  zip: "PK\x03\x04",
  emptyZip: "PK\x05\x06",
  gzip: "\x1f\x8b",
  oldOffice: "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
};

const page = /^<(!doctype html|html|head|meta|title|style|body|table|tr|div|center|font|form|link|script|p|h[1-6])\b/i;
const xml = /^\s*(<\?xml|<([\w]+:)?Workbook\b|<office:document\b)/;

/**
 * Finds out by its content what a file is, and opens it; `wish` is for a text. Throws an
 * ImportRefusal for what is not read here.
 */
export async function openSource(bytes: Bytes, wish: TextWish = {}): Promise<Source> {
  const { start, all } = await peekStart(bytes, startBytes);
  if (beginsWith(start, starts.gzip)) return unpacked(gunzipped(all), "gzip", wish);
  if (beginsWith(start, starts.zip) || beginsWith(start, starts.emptyZip)) return openZip(await wholeFile(all), wish);
  if (beginsWith(start, starts.oldOffice)) {
    const file = await wholeFile(all);
    refuseLarge(file.length);
    return { format: "xls", packed: null, size: file.length, book: openXls(file) };
  }
  // Of UTF-16 every other byte is 0.
  const letters = String.fromCharCode(...start.subarray(0, startBytes));
  const latin = letters.replace(/^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, "").replaceAll("\0", "");
  refuseOther(letters, latin);
  if (isPage(latin) || xml.test(latin)) return openMarkup(await wholeFile(all), latin, wish);
  return { format: "csv", packed: null, text: all };
}

async function openMarkup(file: Uint8Array, start: string, wish: TextWish): Promise<Source> {
  refuseLarge(file.length);
  const told = /<(?:\?xml[^>]*encoding|meta[^>]*charset)\s*=\s*["']?([\w-]+)/i.exec(start)?.[1];
  // What says that it is Unicode is looked at, as everything else is; what is, and was saved so later, says what it was.
  const isBytes = told && !/^utf/i.test(told) && !file.subarray(0, startBytes).includes(0);
  const encoding = wish.encoding ?? (isBytes && isEncoding(told) ? told : undefined);
  async function* content() {
    // In pieces: each is gone through as a whole, and copied where it is not UTF-8 yet.
    yield* (await utf8Text(cutTo(file, textBytes), { ...wish, encoding })).pieces;
  }
  const document = { content, unpacked: file.length, fileBytes: file.length };
  const found = { packed: null, size: file.length };
  if (/<([\w]+:)?Workbook\b/.test(start) && start.includes("urn:schemas-microsoft-com:office:spreadsheet")) {
    return { ...found, format: "xml", book: await openSpreadsheetXml(document) };
  }
  if (/<office:document\b/.test(start)) return { ...found, format: "ods", book: await openOds(document) };
  const book = isPage(start) ? await openHtml(document) : undefined;
  if (book) return { ...found, format: "html", book };
  throw unsupported(
    isPage(start)
      ? "Ce fichier est une page HTML sans tableau, quel que soit son nom : ouvrez-le dans un tableur et enregistrez-le en .xlsx."
      : "Ce fichier est en XML : ouvrez-le dans un tableur et enregistrez-le en .xlsx.",
  );
}

/** Whether a text begins as a page does; remarks may come before it, also one that goes on beyond this start. */
function isPage(start: string): boolean {
  let rest = start.trimStart();
  for (;;) {
    const close = rest.startsWith("<!--") ? "-->" : rest.startsWith("<?") ? "?>" : undefined;
    if (close === undefined) return page.test(rest);
    const end = rest.indexOf(close);
    if (end === -1) return close === "-->";
    rest = rest.slice(end + close.length).trimStart();
  }
}

function isEncoding(name: string): boolean {
  try {
    return new TextDecoder(name).encoding !== "";
  } catch {
    return false;
  }
}

function beginsWith(start: Uint8Array, letters: string): boolean {
  return [...letters].every((letter, at) => start[at] === letter.charCodeAt(0));
}

async function openZip(zip: Uint8Array, wish: TextWish): Promise<Source> {
  const entries = zipEntries(zip, longestUnpacked);
  const names = new Set(entries.map(({ name }) => name.toLowerCase()));
  refuseOtherParts(names);
  if (names.has("[content_types].xml")) {
    return { format: "xlsx", packed: null, size: zip.length, book: await openXlsx(zip, entries) };
  }
  if (names.has("mimetype") && names.has("content.xml")) {
    const entry = entries.find(({ name }) => name.toLowerCase() === "content.xml") as ZipEntry;
    const document = { content: () => unzipped(zip, entry), unpacked: entry.unpacked, fileBytes: zip.length };
    return { format: "ods", packed: null, size: zip.length, book: await openOds(document) };
  }
  return unpacked(unzipped(zip, onlyFile(entries)), "zip", wish);
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

async function unpacked(bytes: AsyncIterable<Uint8Array>, packed: "gzip" | "zip", wish: TextWish): Promise<Source> {
  const inside = await openSource(bytes, wish);
  if (inside.packed) throw unsupported("Cette archive en contient une autre : envoyez le fichier lui-même.");
  return { ...inside, packed };
}

function refuseLarge(bytes: number): void {
  if (bytes <= largestOther) return;
  const message =
    "Ce classeur est trop gros pour son format (30 Mo au plus) : enregistrez-le en .xlsx ou en « CSV UTF-8 ».";
  throw new ImportRefusal("file_too_large", message);
}

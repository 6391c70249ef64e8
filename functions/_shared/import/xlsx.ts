import { type Epoch, kindOfFormat, type NumberKind } from "./numbers.ts";
import { ImportRefusal } from "./refusal.ts";
import type { Rows } from "./rows.ts";
import { rowsBuilder } from "./rows-builder.ts";
import { cleaned, type SheetContext, sheetRows } from "./xlsx-sheet.ts";
import { walkXml } from "./xml.ts";
import { damaged, unzipped, type ZipEntry } from "./zip.ts";

/** A workbook whose directory of sheets is read. */
export type Workbook = {
  sheets: { name: string; hidden: boolean; rows: () => AsyncGenerator<{ rows: Rows; part: number }> }[];
  epoch: Epoch;
};

const megabyte = 1024 * 1024;
/** The texts of all cells are held, since any cell may name any of them. */
const largestTexts = 150 * megabyte;
type Entries = { zip: Uint8Array; byName: ReadonlyMap<string, ZipEntry> };

/** Opens an .xlsx workbook. Nothing of its sheets is read yet. Throws an ImportRefusal where it is damaged. */
export async function openXlsx(zip: Uint8Array, entries: readonly ZipEntry[]): Promise<Workbook> {
  const parts: Entries = { zip, byName: new Map(entries.map((entry) => [entry.name.toLowerCase(), entry])) };
  const book = await readBook(parts);
  const texts = lazily(() => sharedTexts(parts));
  const kinds = lazily(() => cellKinds(parts));
  const sheets = book.sheets.map(({ name, path, hidden }) => {
    async function* rows() {
      const entry = parts.byName.get(path);
      if (!entry) throw damaged();
      yield* sheetRows(zip, entry, { texts: await texts(), kinds: await kinds(), epoch: book.epoch });
    }
    return { name, hidden, rows };
  });
  if (sheets.length === 0) throw damaged();
  return { sheets, epoch: book.epoch };
}

function lazily<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function bytesOf({ zip, byName }: Entries, name: string): AsyncGenerator<Uint8Array> | undefined {
  const entry = byName.get(name.toLowerCase());
  return entry && unzipped(zip, entry);
}

async function readBook(
  parts: Entries,
): Promise<{ sheets: { name: string; path: string; hidden: boolean }[]; epoch: Epoch }> {
  const book = bytesOf(parts, "xl/workbook.xml");
  const relations = bytesOf(parts, "xl/_rels/workbook.xml.rels");
  if (!book || !relations) throw damaged();
  const paths = new Map<string, string>();
  await walkXml(relations, {
    open: (name, { Id = "", Target = "" }) => {
      if (name === "Relationship")
        paths.set(Id, (Target.startsWith("/") ? Target.slice(1) : `xl/${Target}`).toLowerCase());
    },
  });
  const sheets: { name: string; path: string; hidden: boolean }[] = [];
  let epoch: Epoch = 1900;
  await walkXml(book, {
    open: (name, attributes) => {
      if (name === "workbookPr" && isTrue(attributes.date1904)) epoch = 1904;
      const path = paths.get(relationOf(attributes));
      // A sheet may be a chart, which has no rows.
      if (name === "sheet" && path?.includes("worksheets/")) {
        sheets.push({ name: attributes.name ?? "", path, hidden: /hidden/i.test(attributes.state ?? "") });
      }
    },
  });
  return { sheets, epoch };
}

function isTrue(value: string | undefined): boolean {
  return value === "1" || value === "true";
}

/** `r:id`, whatever the prefix is. */
function relationOf(attributes: Readonly<Record<string, string>>): string {
  const name = Object.keys(attributes).find((key) => key.endsWith(":id"));
  return (name && attributes[name]) ?? "";
}

/** The texts that cells name by number, all in one buffer. */
async function sharedTexts(parts: Entries): Promise<SheetContext["texts"]> {
  const found = parts.byName.get("xl/sharedstrings.xml");
  if (!found) return () => new Uint8Array();
  if (found.unpacked > largestTexts) {
    const message = `Les textes de ce classeur dépassent ${largestTexts / megabyte} Mo : découpez-le, ou enregistrez-le en « CSV UTF-8 ».`;
    throw new ImportRefusal("unpacks_to_too_much", message);
  }
  const all = rowsBuilder();
  let written = "";
  let phonetic = false;
  let inText = false;
  await walkXml(unzipped(parts.zip, found), {
    open: (name) => {
      if (name === "si") written = "";
      else if (name === "rPh") phonetic = true;
      else inText = name === "t";
    },
    text: (text) => {
      if (inText && !phonetic) written += text;
    },
    close: (name) => {
      inText = false;
      if (name === "rPh") phonetic = false;
      if (name === "si") all.cell(cleaned(written));
    },
  });
  const { text, bounds } = all.take();
  return (index) => text.subarray(bounds[2 * index], bounds[2 * index + 1]);
}

/** What a number is in a cell of each style. */
async function cellKinds(parts: Entries): Promise<NumberKind[]> {
  const styles = bytesOf(parts, "xl/styles.xml");
  if (!styles) return [];
  const codes = new Map<number, string>();
  const kinds: NumberKind[] = [];
  let ofCells = false;
  await walkXml(styles, {
    open: (name, { numFmtId, formatCode }) => {
      if (name === "cellXfs") ofCells = true;
      if (name === "numFmt") codes.set(Number(numFmtId), formatCode ?? "");
      if (name === "xf" && ofCells) kinds.push(kindOfFormat(Number(numFmtId), codes.get(Number(numFmtId))));
    },
    close: (name) => {
      if (name === "cellXfs") ofCells = false;
    },
  });
  return kinds;
}

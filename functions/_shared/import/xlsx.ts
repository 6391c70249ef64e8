import { headOfSheet } from "./heads.ts";
import { type Epoch, kindOfFormat, type NumberKind } from "./numbers.ts";
import type { TextRow } from "./rows.ts";
import { cellTooLong } from "./rows-builder.ts";
import { sharedTexts } from "./texts.ts";
import {
  cleaned,
  longestWritten,
  type SheetBatch,
  type SheetContext,
  type SheetPlace,
  sheetRows,
} from "./xlsx-sheet.ts";
import { walkXml, type XmlEvents } from "./xml.ts";
import { damaged, unzipped, type ZipEntry } from "./zip.ts";

/** A sheet: its first rows as texts, which tell what it is, and all of them, or those after a place that a batch has told. */
export type Sheet = {
  name: string;
  hidden: boolean;
  head: () => Promise<TextRow[]>;
  rows: (from?: SheetPlace) => AsyncGenerator<SheetBatch>;
};

/** A workbook whose directory of sheets is read. */
export type Workbook = { sheets: Sheet[]; epoch: Epoch };

// What a spreadsheet allows.
const mostSheets = 1000;
const mostRelations = 10_000;
const mostStyles = 65_536;
const longestName = 255;
type Entries = { zip: Uint8Array; byName: ReadonlyMap<string, ZipEntry> };

/** Opens an .xlsx workbook. Nothing of its sheets is read yet. Throws an ImportRefusal where it is damaged. */
export async function openXlsx(zip: Uint8Array, entries: readonly ZipEntry[]): Promise<Workbook> {
  const parts: Entries = { zip, byName: new Map(entries.map((entry) => [entry.name.toLowerCase(), entry])) };
  const book = await readBook(parts);
  const texts = lazily(() => readTexts(parts, book.texts));
  const kinds = lazily(() => cellKinds(parts, book.styles));
  const sheets = book.sheets.map(({ name, path, hidden }) => {
    async function* rows(from?: SheetPlace) {
      const entry = parts.byName.get(path);
      if (!entry) throw damaged();
      const context = { texts: await texts(), kinds: await kinds(), epoch: book.epoch };
      yield* sheetRows(unzipped(zip, entry), { unpacked: entry.unpacked, fileBytes: zip.length }, context, from);
    }
    return { name, hidden, head: () => headOfSheet(rows), rows };
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

type Relation = { id: string; kind: string; path: string };

/** What a part refers to; `kind` is the last word of the relation's type. */
async function relationsOf(parts: Entries, part: string): Promise<Relation[]> {
  const folder = part.slice(0, part.lastIndexOf("/") + 1);
  const bytes = bytesOf(parts, `${folder}_rels/${part.slice(folder.length)}.rels`);
  const relations: Relation[] = [];
  if (!bytes) return relations;
  await walkXml(bytes, {
    open: (name, { Id = "", Type = "", Target = "", TargetMode }) => {
      if (name !== "Relationship" || TargetMode === "External") return;
      if (relations.length === mostRelations) throw damaged();
      relations.push({ id: Id, kind: Type.slice(Type.lastIndexOf("/") + 1), path: resolved(folder, Target) });
    },
  });
  return relations;
}

/** The path of a target, which is told from the root or from the folder of the part that names it. */
function resolved(folder: string, target: string): string {
  const written = target.replaceAll("\\", "/");
  const path: string[] = [];
  for (const step of (written.startsWith("/") ? written : folder + written).split("/")) {
    if (step === "..") path.pop();
    else if (step !== "" && step !== ".") path.push(step);
  }
  return path.join("/").toLowerCase();
}

type Book = { sheets: { name: string; path: string; hidden: boolean }[]; epoch: Epoch; texts: string; styles: string };

async function readBook(parts: Entries): Promise<Book> {
  const root = await relationsOf(parts, "");
  const path = root.find(({ kind }) => kind === "officeDocument")?.path ?? "xl/workbook.xml";
  const book = bytesOf(parts, path);
  if (!book) throw damaged();
  const relations = await relationsOf(parts, path);
  const partOf = (kind: string, usual: string) => relations.find((relation) => relation.kind === kind)?.path ?? usual;
  // A sheet may be a chart, which has no rows.
  const tables = new Map(
    relations
      .filter(({ kind, path }) => kind === "worksheet" || (kind === "" && path.includes("worksheets/")))
      .map(({ id, path }) => [id, path]),
  );
  const sheets: Book["sheets"] = [];
  let epoch: Epoch = 1900;
  await walkXml(book, {
    open: (name, attributes) => {
      if (name === "workbookPr" && isTrue(attributes.date1904)) epoch = 1904;
      const table = tables.get(relationOf(attributes));
      if (name !== "sheet" || table === undefined) return;
      // A part is one sheet, however often it is named.
      if (sheets.some(({ path }) => path === table)) return;
      if (sheets.length === mostSheets) throw damaged();
      const hidden = /hidden/i.test(attributes.state ?? "");
      sheets.push({ name: (attributes.name ?? "").slice(0, longestName), path: table, hidden });
    },
  });
  return {
    ...{ sheets, epoch },
    texts: partOf("sharedStrings", "xl/sharedstrings.xml"),
    styles: partOf("styles", "xl/styles.xml"),
  };
}

function isTrue(value: string | undefined): boolean {
  return value === "1" || value === "true";
}

/** `r:id`, whatever the prefix is. */
function relationOf(attributes: Readonly<Record<string, string>>): string {
  const name = Object.keys(attributes).find((key) => key.endsWith(":id"));
  return (name && attributes[name]) ?? "";
}

/** The texts that cells name by number. */
async function readTexts(parts: Entries, path: string): Promise<SheetContext["texts"]> {
  const found = parts.byName.get(path);
  const texts = sharedTexts(parts.zip.length, found?.unpacked ?? 0);
  if (found) await walkXml(unzipped(parts.zip, found), textEvents(texts.add));
  return texts.give;
}

function textEvents(add: (text: string) => void): XmlEvents {
  let written = "";
  let phonetic = false;
  let inText = false;
  return {
    open: (name) => {
      if (name === "si") written = "";
      else if (name === "rPh") phonetic = true;
      else inText = name === "t" && !phonetic;
    },
    text: (text) => {
      if (!inText) return;
      written += text;
      if (written.length > longestWritten) throw cellTooLong();
    },
    close: (name) => {
      inText = false;
      if (name === "rPh") phonetic = false;
      if (name === "si") add(cleaned(written));
    },
  };
}

/** What a number is in a cell of each style. */
async function cellKinds(parts: Entries, path: string): Promise<NumberKind[]> {
  const styles = bytesOf(parts, path);
  if (!styles) return [];
  const codes = new Map<number, string>();
  const kinds: NumberKind[] = [];
  let ofCells = false;
  await walkXml(styles, {
    open: (name, { numFmtId, formatCode }) => {
      if (name === "cellXfs") ofCells = true;
      if (codes.size > mostStyles || kinds.length > mostStyles) throw damaged();
      if (name === "numFmt") codes.set(Number(numFmtId), (formatCode ?? "").slice(0, longestName));
      if (name === "xf" && ofCells) kinds.push(kindOfFormat(Number(numFmtId), codes.get(Number(numFmtId))));
    },
    close: (name) => {
      if (name === "cellXfs") ofCells = false;
    },
  });
  return kinds;
}

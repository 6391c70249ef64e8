import { tooManyColumns } from "./csv.ts";
import { type Epoch, kindOfFormat, numberCell } from "./numbers.ts";
import { ImportRefusal } from "./refusal.ts";
import { mostColumns, type Rows, rowsBuilder } from "./rows.ts";
import { readXml, walkXml } from "./xml.ts";
import { damaged, unzipped, type ZipEntry } from "./zip.ts";

/** A workbook whose directory of sheets is read. */
export type Workbook = {
  sheets: { name: string; rows: () => AsyncGenerator<{ rows: Rows; part: number }> }[];
  epoch: Epoch;
};

const megabyte = 1024 * 1024;
/** The texts of all cells are held, since any cell may name any of them. */
const largestTexts = 150 * megabyte;
// A batch is handed on when so much text is collected.
const batchBytes = 256 * 1024;

type Entries = { zip: Uint8Array; byName: ReadonlyMap<string, ZipEntry> };

/** Opens an .xlsx workbook. Nothing of its sheets is read yet. Throws an ImportRefusal where it is damaged. */
export async function openXlsx(zip: Uint8Array, entries: readonly ZipEntry[]): Promise<Workbook> {
  const parts: Entries = { zip, byName: new Map(entries.map((entry) => [entry.name.toLowerCase(), entry])) };
  const book = await readBook(parts);
  const texts = lazily(() => sharedTexts(parts));
  const kinds = lazily(() => cellKinds(parts));
  const sheets = book.sheets.map(({ name, path }) => {
    async function* rows() {
      const entry = parts.byName.get(path);
      if (!entry) throw damaged();
      yield* sheetRows(zip, entry, { texts: await texts(), kinds: await kinds(), epoch: book.epoch });
    }
    return { name, rows };
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

async function readBook(parts: Entries): Promise<{ sheets: { name: string; path: string }[]; epoch: Epoch }> {
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
  const sheets: { name: string; path: string }[] = [];
  let epoch: Epoch = 1900;
  await walkXml(book, {
    open: (name, attributes) => {
      if (name === "workbookPr" && isTrue(attributes.date1904)) epoch = 1904;
      const path = paths.get(relationOf(attributes));
      // A sheet may be a chart, which has no rows.
      if (name === "sheet" && path?.includes("worksheets/")) sheets.push({ name: attributes.name ?? "", path });
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
type Texts = { get: (index: number) => Uint8Array };

async function sharedTexts(parts: Entries): Promise<Texts> {
  const found = parts.byName.get("xl/sharedstrings.xml");
  if (!found) return { get: () => new Uint8Array() };
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
  return { get: (index) => text.subarray(bounds[2 * index], bounds[2 * index + 1]) };
}

function cleaned(text: string): string {
  // _x000D_ is how a character is written that XML has no place for.
  return text.includes("_x")
    ? text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code) => fromCode(Number.parseInt(code, 16)))
    : text;
}

function fromCode(code: number): string {
  return code === 0 ? "" : String.fromCharCode(code);
}

type Kind = ReturnType<typeof kindOfFormat>;

/** What a number is in a cell of each style. */
async function cellKinds(parts: Entries): Promise<Kind[]> {
  const styles = bytesOf(parts, "xl/styles.xml");
  if (!styles) return [];
  const codes = new Map<number, string>();
  const kinds: Kind[] = [];
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

type Context = { texts: Texts; kinds: readonly Kind[]; epoch: Epoch };

/** The rows of a sheet in batches; `part` says how much of it is read, from 0 to 1. */
async function* sheetRows(
  zip: Uint8Array,
  entry: ZipEntry,
  context: Context,
): AsyncGenerator<{ rows: Rows; part: number }> {
  const rows = rowsBuilder();
  let read = 0;
  async function* counted() {
    for await (const piece of unzipped(zip, entry)) {
      read += piece.length;
      yield piece;
    }
  }
  for await (const _ of readXml(counted(), sheetEvents(rows, context))) {
    if (rows.size() >= batchBytes) yield { rows: rows.take(), part: read / entry.unpacked };
  }
  yield { rows: rows.take(), part: 1 };
}

function sheetEvents(rows: ReturnType<typeof rowsBuilder>, { texts, kinds, epoch }: Context) {
  let line = 0;
  let type = "";
  let style = 0;
  let written = "";
  let inValue = false;
  let formula = false;
  const textOf = () => {
    if (type === "inlineStr" || type === "str") return cleaned(written);
    // A formula that no spreadsheet has worked out yet has no value.
    if (written === "") return formula ? "#ERREUR" : "";
    if (type === "e") return "#ERREUR";
    if (type === "b") return written === "1" ? "oui" : "non";
    if (type === "d") return written.replace("T", " ");
    const value = Number(written);
    return Number.isFinite(value) ? numberCell(value, kinds[style] ?? "number", epoch) : written;
  };
  return {
    open: (name: string, attributes: Readonly<Record<string, string>>) => {
      if (name === "row") line = attributes.r === undefined ? line + 1 : Number(attributes.r);
      else if (name === "c") {
        [type, style, written, formula] = [attributes.t ?? "n", Number(attributes.s ?? 0), "", false];
        const column = attributes.r === undefined ? rows.width() : columnOf(attributes.r);
        if (column > mostColumns) throw tooManyColumns(line);
        while (rows.width() < column) rows.cell("");
      } else if (name === "f") formula = true;
      else inValue = name === "v" || name === "t";
    },
    text: (text: string) => {
      if (inValue) written += text;
    },
    close: (name: string) => {
      inValue = false;
      if (name === "c" && type === "s" && written !== "") rows.copy(texts.get(Number(written)));
      else if (name === "c") rows.cell(textOf());
      else if (name === "row") rows.endRow(line);
    },
  };
}

/** The column that `AB12` is in, from 0. */
function columnOf(place: string): number {
  let column = 0;
  for (let at = 0; at < place.length; at += 1) {
    const letter = place.charCodeAt(at) - 64;
    if (letter < 1 || letter > 26) break;
    column = column * 26 + letter;
  }
  return column - 1;
}

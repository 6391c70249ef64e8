import { isError } from "./error-cells.ts";
import { sheetHeads } from "./heads.ts";
import { isoText, type NumberKind, numberCell, plainNumber } from "./numbers.ts";
import { cellTooLong, longestCell } from "./rows-builder.ts";
import { type TableRows, tableBatches, tableRows, timesOf } from "./table-rows.ts";
import type { Workbook } from "./xlsx.ts";
import type { SheetBatch } from "./xlsx-sheet.ts";
import { readXml, walkXml, type XmlEvents } from "./xml.ts";
import { damaged } from "./zip.ts";

// OpenDocument (ISO 26300): all sheets are in one document, in which cells and rows say how often they come.

const mostSheets = 1000;
const mostStyles = 65_536;
const longestName = 255;

/** A document that is read from its start as often as it is asked for, and the bytes of it and of the file that it is in. */
export type Document = { content: () => AsyncIterable<Uint8Array>; unpacked: number; fileBytes: number };

/** Opens an OpenDocument workbook. Throws an ImportRefusal where it is damaged. */
export async function openOds(document: Document): Promise<Workbook> {
  const tables: { name: string; style: string }[] = [];
  const styles = styleReader();
  const heads = sheetHeads(document.fileBytes, (rows) => sheetEvents(rows, 0, styles.kindOf).events);
  let depth = 0;
  await walkXml(document.content(), {
    open: (name, attributes) => {
      styles.open(name, attributes);
      if (name === "table") depth += 1;
      // Within a cell there may be others.
      if (name === "table" && depth === 1) {
        const { "table:name": own = "", "table:style-name": style = "" } = attributes;
        tables.push({ name: own.slice(0, longestName), style: style.slice(0, longestName) });
        heads.begin();
      }
      if (tables.length > mostSheets) throw damaged();
      heads.events.open(name, attributes);
    },
    text: heads.events.text,
    close: (name) => {
      heads.events.close(name);
      if (name === "table") depth -= 1;
    },
  });
  if (tables.length === 0) throw damaged();
  const headOf = heads.ended();
  return {
    sheets: tables.map(({ name, style }, index) => ({
      name,
      hidden: styles.isHidden(style),
      head: headOf(index),
      rows: () => sheetRows(document, index, styles.kindOf),
    })),
    epoch: 1900,
  };
}

type Attributes = Readonly<Record<string, string>>;
const percent: NumberKind = { as: "percent", decimals: 10 };
type KindOf = (style: string | undefined) => NumberKind;

/** What styles tell: which tables are hidden, and what numbers are, for programs that write dates and percentages as such. */
function styleReader() {
  const formats = new Map<string, NumberKind>();
  const styles = new Map<string, string>();
  const hidden = new Set<string>();
  let style = "";
  return {
    open: (name: string, attributes: Attributes) => {
      const own = (attributes["style:name"] ?? "").slice(0, longestName);
      if (name === "date-style") formats.set(own, { as: "date" });
      else if (name === "time-style") formats.set(own, { as: "time", seconds: false });
      else if (name === "percentage-style") formats.set(own, percent);
      else if (name === "style") {
        style = own;
        styles.set(own, (attributes["style:data-style-name"] ?? "").slice(0, longestName));
      } else if (name === "table-properties" && attributes["table:display"] === "false") hidden.add(style);
      if (formats.size + styles.size > mostStyles) throw damaged();
    },
    isHidden: (table: string) => hidden.has(table),
    kindOf: (cell: string | undefined) => formats.get(styles.get(cell ?? "") ?? "") ?? plainNumber,
  };
}

function sheetRows(
  { content, unpacked, fileBytes }: Document,
  index: number,
  kindOf: KindOf,
): AsyncGenerator<SheetBatch> {
  const rows = tableRows(fileBytes);
  const { events, hasEnded } = sheetEvents(rows, index, kindOf);
  let read = 0;
  async function* counted() {
    for await (const piece of content()) {
      read += piece.length;
      yield piece;
    }
  }
  async function* untilItEnds() {
    for await (const _ of readXml(counted(), events, () => rows.areWaiting() || hasEnded())) {
      yield;
      if (hasEnded()) return;
    }
  }
  return tableBatches(untilItEnds(), rows, () => read / unpacked);
}

function sheetEvents(rows: TableRows, index: number, kindOf: KindOf): { events: XmlEvents; hasEnded: () => boolean } {
  const cell = cellEvents(rows, kindOf);
  let depth = 0;
  let table = -1;
  let rowTimes = 1;
  let ended = false;
  const isHere = () => depth === 1 && table === index && !ended;
  return {
    hasEnded: () => ended,
    events: {
      open: (name, attributes) => {
        if (cell.isOpen()) cell.openWithin(name, attributes);
        else if (name === "table") {
          depth += 1;
          if (depth === 1) table += 1;
        } else if (!isHere()) return;
        else if (name === "table-row") rowTimes = timesOf(attributes["table:number-rows-repeated"]);
        else if (name === "table-cell" || name === "covered-table-cell") cell.open(attributes);
      },
      text: (text) => {
        if (cell.isOpen()) cell.text(text);
      },
      close: (name) => {
        if (cell.isOpen()) cell.close();
        else if (name === "table-row" && isHere()) rows.endRow(rowTimes);
        else if (name === "table") {
          if (isHere()) ended = true;
          depth -= 1;
        }
      },
    },
  };
}

/** What is within a cell: paragraphs, and notes and drawings that are not its text. */
function cellEvents(rows: TableRows, kindOf: KindOf) {
  let told: Attributes = {};
  let level = 0;
  let written = "";
  let paragraphs = 0;
  let inParagraph = false;
  let noteAt = 0;
  const add = (text: string) => {
    written += text;
    if (written.length > longestCell) throw cellTooLong();
  };
  return {
    isOpen: () => level > 0,
    open: (attributes: Attributes) => {
      [told, level, written, paragraphs, inParagraph, noteAt] = [attributes, 1, "", 0, false, 0];
    },
    openWithin: (name: string, attributes: Attributes) => {
      level += 1;
      if (noteAt > 0) return;
      if (level === 2) {
        inParagraph = name === "p" || name === "h";
        if (inParagraph && paragraphs > 0) add("\n");
        if (inParagraph) paragraphs += 1;
      } else if (name === "annotation" || name === "note" || name === "ruby-text") noteAt = level;
      else if (inParagraph && name === "s") add(" ".repeat(Math.min(timesOf(attributes["text:c"]), longestCell + 1)));
      else if (inParagraph && name === "tab") add("\t");
      else if (inParagraph && name === "line-break") add("\n");
    },
    text: (text: string) => {
      if (inParagraph && noteAt === 0) add(text);
    },
    close: () => {
      if (level === noteAt) noteAt = 0;
      if (level === 2) inParagraph = false;
      level -= 1;
      if (level === 0) rows.cell(textOf(told, written, kindOf), timesOf(told["table:number-columns-repeated"]));
    },
  };
}

function textOf(told: Attributes, written: string, kindOf: KindOf): string {
  // An error is no value, whatever type the cell has.
  if (told["calcext:value-type"] === "error" || isError(written)) return "";
  const type = told["office:value-type"];
  if (type === "boolean") return told["office:boolean-value"] === "true" ? "oui" : "non";
  if (type === "date") return isoText(told["office:date-value"] ?? written);
  if (type === "time") return timeText(told["office:time-value"] ?? "") ?? written;
  if (type === "float" || type === "currency" || type === "percentage") {
    const value = Number(told["office:value"] ?? Number.NaN);
    return Number.isFinite(value)
      ? numberCell(value, type === "percentage" ? percent : kindOf(told["table:style-name"]), 1900)
      : written;
  }
  const text = told["office:string-value"] ?? written;
  return isError(text) ? "" : text;
}

/** PT14H30M00S is 14:30. */
function timeText(duration: string): string | undefined {
  const [, hours, minutes, seconds] = /^PT(\d{1,6})H(\d\d?)M(\d\d?)(?:[.,]\d+)?S$/.exec(duration) ?? [];
  if (hours === undefined || minutes === undefined || seconds === undefined) return undefined;
  const end = Number(seconds) === 0 ? "" : `:${seconds.padStart(2, "0")}`;
  return `${hours.padStart(2, "0")}:${minutes.padStart(2, "0")}${end}`;
}

import { isError } from "./error-cells.ts";
import { isoText, type NumberKind, numberCell } from "./numbers.ts";
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
  const names: string[] = [];
  const styles = cellStyles();
  let depth = 0;
  await walkXml(document.content(), {
    open: (name, attributes) => {
      styles.open(name, attributes);
      if (name !== "table") return;
      depth += 1;
      // Within a cell there may be others.
      if (depth === 1) names.push((attributes["table:name"] ?? "").slice(0, longestName));
      if (names.length > mostSheets) throw damaged();
    },
    close: (name) => {
      if (name === "table") depth -= 1;
    },
  });
  if (names.length === 0) throw damaged();
  const kindOf = styles.kindOf();
  return {
    sheets: names.map((name, index) => ({ name, rows: () => sheetRows(document, index, kindOf) })),
    epoch: 1900,
  };
}

type Attributes = Readonly<Record<string, string>>;
type KindOf = (style: string | undefined) => NumberKind;

/** What a number is by the style of its cell, for programs that write dates and percentages as numbers. */
function cellStyles(): { open: (name: string, attributes: Attributes) => void; kindOf: () => KindOf } {
  const formats = new Map<string, NumberKind>();
  const styles = new Map<string, string>();
  return {
    open: (name, attributes) => {
      const own = (attributes["style:name"] ?? "").slice(0, longestName);
      const format = attributes["style:data-style-name"];
      if (name === "date-style" || name === "time-style") formats.set(own, "date");
      else if (name === "percentage-style") formats.set(own, "percent");
      else if (name === "style" && format !== undefined) styles.set(own, format.slice(0, longestName));
      if (formats.size + styles.size > mostStyles) throw damaged();
    },
    kindOf: () => (style) => formats.get(styles.get(style ?? "") ?? "") ?? "number",
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
      ? numberCell(value, type === "percentage" ? "percent" : kindOf(told["table:style-name"]), 1900)
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

import { sheetHeads } from "./heads.ts";
import { isoText, numberCell, plainNumber } from "./numbers.ts";
import type { Document } from "./ods.ts";
import { cellTooLong, longestCell } from "./rows-builder.ts";
import { type TableRows, tableBatches, tableRows, timesOf } from "./table-rows.ts";
import type { Workbook } from "./xlsx.ts";
import type { SheetBatch } from "./xlsx-sheet.ts";
import { readXml, walkXml, type XmlEvents } from "./xml.ts";
import { damaged } from "./zip.ts";

// « Feuille de calcul XML 2003 », which many programs write and call .xls.

const mostSheets = 1000;
const mostStyles = 65_536;
const longestName = 255;

/** Opens a workbook that is one XML document. Throws an ImportRefusal where it is damaged. */
export async function openSpreadsheetXml(document: Document): Promise<Workbook> {
  const names: string[] = [];
  const hidden = new Set<number>();
  let isVisible = false;
  const percents = new Set<string>();
  let style = "";
  const heads = sheetHeads(document.fileBytes, (rows) => sheetEvents(rows, 0, percents));
  await walkXml(document.content(), {
    open: (name, attributes) => {
      if (name === "Worksheet") {
        names.push((attributes["ss:Name"] ?? "").slice(0, longestName));
        heads.begin();
      }
      if (name === "Style") style = (attributes["ss:ID"] ?? "").slice(0, longestName);
      if (name === "NumberFormat" && /%|^Percent$/.test(attributes["ss:Format"] ?? "")) percents.add(style);
      isVisible = name === "Visible";
      if (names.length > mostSheets || percents.size > mostStyles) throw damaged();
      heads.events.open(name, attributes);
    },
    text: (text) => {
      heads.events.text(text);
      if (isVisible && /^Sheet(Very)?Hidden$/.test(text.trim())) hidden.add(names.length - 1);
    },
    close: (name) => {
      heads.events.close(name);
      isVisible = false;
    },
  });
  if (names.length === 0) throw damaged();
  const headOf = heads.ended();
  const sheets = names.map((name, index) => ({
    name,
    head: headOf(index),
    hidden: hidden.has(index),
    rows: () => sheetRows(document, index, percents),
  }));
  return { sheets, epoch: 1900 };
}

function sheetRows(
  { content, unpacked, fileBytes }: Document,
  index: number,
  percents: ReadonlySet<string>,
): AsyncGenerator<SheetBatch> {
  const rows = tableRows(fileBytes);
  let read = 0;
  async function* counted() {
    for await (const piece of content()) {
      read += piece.length;
      yield piece;
    }
  }
  return tableBatches(
    readXml(counted(), sheetEvents(rows, index, percents), rows.areWaiting),
    rows,
    () => read / unpacked,
  );
}

function sheetEvents(rows: TableRows, index: number, percents: ReadonlySet<string>): XmlEvents {
  let sheet = -1;
  let told: Readonly<Record<string, string>> = {};
  let type = "";
  let written = "";
  let inRow = false;
  let inCell = false;
  let inData = false;
  let span = 0;
  return {
    open: (name, attributes) => {
      if (name === "Worksheet") sheet += 1;
      if (sheet !== index) return;
      if (name === "Row" && !inRow) {
        inRow = true;
        if (attributes["ss:Index"] !== undefined) rows.moveTo(Number(attributes["ss:Index"]));
        span = attributes["ss:Span"] === undefined ? 0 : timesOf(attributes["ss:Span"]);
      } else if (name === "Cell" && inRow) {
        [told, type, written, inCell] = [attributes, "", "", true];
        if (attributes["ss:Index"] === undefined) return;
        const blank = Number(attributes["ss:Index"]) - 1 - rows.width();
        if (!(Number.isInteger(blank) && blank >= 0)) throw damaged();
        if (blank > 0) rows.cell("", blank);
      } else if (name === "Data" && inCell) [type, inData] = [attributes["ss:Type"] ?? "", true];
      // A remark on the cell has data as well.
      else if (name === "Comment") inCell = false;
    },
    text: (text) => {
      if (!inData) return;
      written += text;
      if (written.length > longestCell) throw cellTooLong();
    },
    close: (name) => {
      if (sheet !== index) return;
      if (name === "Data") inData = false;
      else if (name === "Comment") inCell = inRow;
      else if (name === "Cell" && inRow) {
        inCell = false;
        rows.cell(textOf(type, written, percents.has(told["ss:StyleID"] ?? "")));
        const across = told["ss:MergeAcross"];
        if (across !== undefined && across !== "0") rows.cell("", timesOf(across));
      } else if (name === "Row" && inRow) {
        inRow = false;
        rows.endRow();
        // So many rows below it are empty.
        if (span > 0) rows.endRow(span);
      }
    },
  };
}

function textOf(type: string, written: string, isPercent: boolean): string {
  if (type === "Error") return "";
  if (type === "Boolean") return written === "1" ? "oui" : "non";
  if (type === "DateTime") return isoText(written);
  if (type !== "Number" || written === "" || !Number.isFinite(Number(written))) return written;
  return numberCell(Number(written), isPercent ? { as: "percent", decimals: 10 } : plainNumber, 1900);
}

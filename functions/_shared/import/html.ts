import { breather } from "./breath.ts";
import { mostColumns, tooManyColumns } from "./columns.ts";
import { isError } from "./error-cells.ts";
import { headOf } from "./heads.ts";
import { numberCell, plainNumber } from "./numbers.ts";
import type { Document } from "./ods.ts";
import { cutTo } from "./pieces.ts";
import { cellTooLong, longestCell, longestRow, rowTooLong } from "./rows-builder.ts";
import { type TableRows, tableBatches, tableRows, timesOf } from "./table-rows.ts";
import type { Workbook } from "./xlsx.ts";
import type { SheetBatch } from "./xlsx-sheet.ts";
import { damaged } from "./zip.ts";

// A web page that is called .xls, as many programs write them, and open in a spreadsheet: the rows of all its tables, one
// below the other, are one sheet.

const longestSilence = 512 * 1024;
const pieceBytes = 4096;
const deepestTable = 20;
const deepestTag = 1000;
/** What browsers take for the most (HTML, 4.9.11). */
const mostSpan = { columns: 1000, rows: 65_534 };

/** Opens the tables of a web page; undefined where there are none. Throws an ImportRefusal where they are an attack. */
export async function openHtml(document: Document): Promise<Workbook | undefined> {
  for await (const { rows } of pageRows(document)) {
    if (rows.lines.length === 0) continue;
    const first = headOf(rows);
    const sheet = { name: "Page", hidden: false, head: async () => first, rows: () => pageRows(document) };
    return { sheets: [sheet], epoch: 1900 };
  }
  return undefined;
}

function pageRows({ content, unpacked, fileBytes }: Document): AsyncGenerator<SheetBatch> {
  const rows = tableRows(fileBytes);
  let read = 0;
  async function* parsed() {
    const { Parser } = await import("htmlparser2");
    const decoder = new TextDecoder();
    const breathe = breather();
    let silence = 0;
    let depth = 0;
    const page = pageEvents(rows);
    const parser = new Parser({
      onopentag: (name, attributes) => {
        [silence, depth] = [0, depth + 1];
        if (depth > deepestTag) throw damaged();
        page.open(name, attributes);
      },
      ontext: (text) => {
        silence = 0;
        page.text(text);
      },
      onclosetag: (name) => {
        depth -= 1;
        page.close(name);
      },
    });
    for await (const piece of content()) {
      read += piece.length;
      for (const part of cutTo(piece, pieceBytes)) {
        silence += part.length;
        if (silence > longestSilence) throw cellTooLong();
        parser.write(decoder.decode(part, { stream: true }));
        if (rows.areWaiting()) yield;
        const turn = breathe();
        if (turn) await turn;
      }
    }
    parser.end(decoder.decode());
  }
  return tableBatches(parsed(), rows, () => read / unpacked);
}

type Cell = { text: string; columns: number; rows: number; exact: string | undefined };
/** A table that is open: its row and cell, and for how many more rows each column belongs to a cell above. */
type Table = { row: Cell[] | undefined; cell: Cell | undefined; letters: number; covered: number[] };

const unseen = new Set(["script", "style", "title"]);
const breaks = new Set(["br", "p", "div", "li"]);

function pageEvents(rows: TableRows) {
  const tables: Table[] = [];
  let hidden = 0;
  const endCell = (table: Table) => {
    if (table.cell) table.row?.push(table.cell);
    table.cell = undefined;
  };
  const endRow = (table: Table) => {
    endCell(table);
    if (table.row) writeRow(rows, table.row, table.covered);
    [table.row, table.letters] = [undefined, 0];
  };
  return {
    open: (name: string, attributes: Readonly<Record<string, string>>) => {
      if (unseen.has(name)) hidden += 1;
      if (name === "table") {
        if (tables.length === deepestTable) throw damaged();
        // What stands before a table in a cell comes before it here.
        const around = tables.at(-1);
        if (around) endRow(around);
        tables.push({ row: undefined, cell: undefined, letters: 0, covered: [] });
      }
      const table = tables.at(-1);
      if (!table) return;
      if (name === "tr") {
        endRow(table);
        table.row = [];
      } else if (name === "td" || name === "th") {
        endCell(table);
        table.row ??= [];
        if (table.row.length >= mostColumns) throw tooManyColumns(1);
        const columns = Math.min(timesOf(attributes.colspan), mostSpan.columns);
        const spanned = Math.min(timesOf(attributes.rowspan), mostSpan.rows);
        table.cell = { text: "", columns, rows: spanned, exact: attributes["x:num"] };
      } else if (breaks.has(name) && table.cell) table.cell.text += "\n";
    },
    text: (text: string) => {
      const table = tables.at(-1);
      if (!table?.cell || hidden > 0) return;
      table.cell.text += text.replace(/\s+/g, " ");
      table.letters += text.length;
      if (table.cell.text.length > 2 * longestCell) throw cellTooLong();
      if (table.letters > longestRow) throw rowTooLong(1);
    },
    close: (name: string) => {
      if (unseen.has(name)) hidden -= 1;
      const table = tables.at(-1);
      if (!table) return;
      if (name === "td" || name === "th") endCell(table);
      else if (name === "tr") endRow(table);
      else if (name === "table") {
        endRow(table);
        tables.pop();
      }
    },
  };
}

function writeRow(rows: TableRows, row: readonly Cell[], covered: number[]): void {
  let column = 0;
  const passCovered = () => {
    while ((covered[column] ?? 0) > 0) {
      covered[column] = (covered[column] as number) - 1;
      rows.cell("");
      column += 1;
    }
  };
  for (const cell of row) {
    passCovered();
    if (column + cell.columns > mostColumns) throw tooManyColumns(1);
    rows.cell(textOf(cell));
    if (cell.columns > 1) rows.cell("", cell.columns - 1);
    for (const end = column + cell.columns; column < end; column += 1) covered[column] = cell.rows - 1;
  }
  for (; column < covered.length; column += 1) covered[column] = Math.max(0, (covered[column] ?? 0) - 1);
  rows.endRow();
}

function textOf({ text, exact }: Cell): string {
  const lines = text.split("\n").map((line) => line.replace(/[\s\u00a0]+/g, " ").trim());
  const shown = lines.join("\n").trim();
  if (isError(shown)) return "";
  // A telephone that is shown as 3.36E+10 is all there.
  const isRounded = /^\d([.,]\d+)?E\+\d+$/i.test(shown);
  return isRounded && exact && Number.isFinite(Number(exact)) ? numberCell(Number(exact), plainNumber, 1900) : shown;
}

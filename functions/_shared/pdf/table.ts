import { bottom, nextPage, rule, type Sheet, top, wrapped, write, writeAll } from "./sheet.ts";

/** A column: amounts end at `at`, texts begin there and are wrapped where they need more than `room` points. */
export type Column = { title: string; at: number; room?: number };

/** A table: as many texts in a row as it has columns. `top` is where its titles are, and `end` where no row goes below. */
export type Table = { columns: Column[]; rows: string[][]; top: number; end?: number };

const lineHeight = 13;
const size = 10;

/** Draws a table, on further pages where there is no more room, each with the titles. Answers where its last line is. */
export function drawTable(sheet: Sheet, { columns, rows, top: first, end = bottom }: Table): number {
  let y = drawTitles(sheet, columns, first);
  let onPage = 0;
  for (const row of rows) {
    const cells = columns.map(({ room }, at) => {
      const text = row[at] ?? "";
      return room ? wrapped(text, sheet.plain, size, room) : [text];
    });
    const height = lineHeight * Math.max(...cells.map((lines) => lines.length));
    // A row that no page has room for stays where it is.
    if (onPage > 0 && y - height < end) {
      rule(sheet, y - 8);
      nextPage(sheet);
      y = drawTitles(sheet, columns, top);
      onPage = 0;
    }
    for (const [at, lines] of cells.entries()) drawCell(sheet, columns[at], lines, y);
    y -= height;
    onPage += 1;
  }
  rule(sheet, y - 8);
  return y - 8;
}

function drawTitles(sheet: Sheet, columns: Column[], y: number): number {
  rule(sheet, y + 16);
  for (const { title, at, room } of columns) write(sheet, title, at, y, { grey: true, right: room === undefined });
  rule(sheet, y - 8);
  return y - 26;
}

function drawCell(sheet: Sheet, column: Column | undefined, lines: string[], y: number): void {
  if (column) writeAll(sheet, lines, column.at, y, { size, right: column.room === undefined });
}

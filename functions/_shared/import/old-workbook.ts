import type { CellObject, DenseWorkSheet, WorkBook } from "xlsx";
import { mostColumns, tooManyColumns } from "./columns.ts";
import { type Epoch, kindOfFormat, numberCell } from "./numbers.ts";
import type { Rows } from "./rows.ts";
import { rowsBuilder } from "./rows-builder.ts";
import type { Workbook } from "./xlsx.ts";
import { damaged } from "./zip.ts";

// SheetJS reads every format there is, but all of a file at one go: only what a streaming reader is not worth comes here.

/** Opens an old or an OpenDocument workbook (.xls, .ods). Throws an ImportRefusal where it is damaged or protected. */
export async function openOldWorkbook(file: Uint8Array): Promise<Workbook> {
  const book = await parsed(file);
  const epoch: Epoch = book.Workbook?.WBProps?.date1904 === true ? 1904 : 1900;
  const sheets = book.SheetNames.map((name, at) => {
    async function* rows() {
      yield* sheetRows(file.length, (book.Sheets[name] as DenseWorkSheet | undefined)?.["!data"] ?? [], epoch);
    }
    return { name, hidden: Boolean(book.Workbook?.Sheets?.[at]?.Hidden), rows };
  });
  return { sheets, epoch };
}

async function parsed(file: Uint8Array): Promise<WorkBook> {
  // Some megabytes of code that a CSV file has no need of.
  const { read } = await import("xlsx");
  try {
    return read(file, {
      type: "array",
      dense: true,
      cellNF: true,
      cellFormula: false,
      cellHTML: false,
      cellText: false,
    });
  } catch {
    throw damaged();
  }
}

function* sheetRows(
  size: number,
  sheet: DenseWorkSheet["!data"],
  epoch: Epoch,
): Generator<{ rows: Rows; part: number }> {
  const rows = rowsBuilder(size);
  for (const [index, row] of sheet.entries()) {
    // Rows and cells have holes where nothing is written.
    if (!row) continue;
    if (row.length > mostColumns) throw tooManyColumns(index + 1);
    for (const cell of row) rows.cell(cell ? textOf(cell, epoch) : "");
    rows.endRow(index + 1);
    if (rows.isFull()) yield { rows: rows.take(), part: (index + 1) / sheet.length };
  }
  yield { rows: rows.take(), part: 1 };
}

function textOf({ t, v, z }: CellObject, epoch: Epoch): string {
  if (t === "e") return "";
  if (typeof v === "string") return v.replaceAll("\0", "");
  if (typeof v === "boolean") return v ? "oui" : "non";
  return typeof v === "number" ? numberCell(v, kindOfFormat(0, String(z ?? "")), epoch) : "";
}

import { streamOf } from "../stream.ts";
import { csvText } from "./csv.ts";
import type { ExportFormat } from "./formats.ts";
import type { Table } from "./table.ts";
import { xlsxFile } from "./xlsx.ts";

/** Rows as a file, made while it is read: what is held of it is a batch. `excel`: CSV as a French spreadsheet wants it. */
export function tableFile<Row>(
  table: Table<Row>,
  batches: AsyncIterable<readonly Row[]>,
  { format, excel = false }: { format: ExportFormat; excel?: boolean },
): ReadableStream<Uint8Array> {
  return format === "xlsx" ? xlsxFile(table, batches) : streamOf(csvText(table, batches, excel));
}

import { streamOf } from "../stream.ts";
import type { LeadRow } from "./columns.ts";
import { csvText } from "./csv.ts";
import type { ExportFormat } from "./formats.ts";
import { xlsxFile } from "./xlsx.ts";

export const exportTypes: Record<ExportFormat, string> = {
  csv: "text/csv; charset=utf-8",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
};

/** Leads as a file, made while it is read: what is held of it is a batch. `excel`: CSV as a French spreadsheet wants it. */
export function leadFile(
  format: ExportFormat,
  batches: AsyncIterable<readonly LeadRow[]>,
  { excel }: { excel: boolean },
): ReadableStream<Uint8Array> {
  return format === "xlsx" ? xlsxFile(batches) : streamOf(csvText(batches, excel));
}

import type { ExportFormat } from "../../_shared/export/formats.ts";
import { tableFile } from "../../_shared/export/table-file.ts";
import { type LeadRow, leadTable } from "./lead-columns.ts";

/** Leads as a file. `excel`: CSV as a French spreadsheet wants it. */
export function leadFile(
  format: ExportFormat,
  batches: AsyncIterable<readonly LeadRow[]>,
  { excel }: { excel: boolean },
): ReadableStream<Uint8Array> {
  return tableFile(leadTable, batches, { format, excel });
}

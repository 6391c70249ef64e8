import { type CellValue, type Column, type LeadRow, leadColumns } from "./columns.ts";
import { guarded, isTelephone } from "./guard.ts";
import { parisTime } from "./paris-time.ts";

type Dialect = { delimiter: string; head: (column: Column) => string; text: (value: CellValue) => string };

/** RFC 4180, for programs: the API's names, points in numbers, UTC. */
const plain: Dialect = {
  delimiter: ",",
  head: ({ name }) => name,
  text: (value) => {
    if (typeof value === "string") return isTelephone(value) ? value : guarded(value);
    if (typeof value === "object") return value?.instant ?? "";
    return String(value);
  },
};

/** What a French spreadsheet opens by a double click: semicolons, commas in numbers, Paris time. It would calculate a telephone. */
const french: Dialect = {
  delimiter: ";",
  head: ({ label }) => label,
  text: (value) => {
    if (typeof value === "string") return guarded(value);
    if (typeof value === "number") return String(value).replace(".", ",");
    if (typeof value === "boolean") return value ? "oui" : "non";
    return value === null ? "" : frenchTime(value.instant);
  },
};

/** Leads as CSV, one piece of text for each batch. `excel`: as a French spreadsheet wants it, with a mark of its encoding. */
export async function* csvText(batches: AsyncIterable<readonly LeadRow[]>, excel: boolean): AsyncGenerator<string> {
  const dialect = excel ? french : plain;
  yield (excel ? "\ufeff" : "") + csvLine(leadColumns.map(dialect.head), dialect);
  for await (const batch of batches) {
    if (batch.length === 0) continue;
    yield batch
      .map((lead) =>
        csvLine(
          leadColumns.map(({ cell }) => dialect.text(cell(lead))),
          dialect,
        ),
      )
      .join("");
  }
}

function csvLine(cells: readonly string[], { delimiter }: Dialect): string {
  const quoted = (cell: string) => cell.includes(delimiter) || /["\r\n]/.test(cell);
  return `${cells.map((cell) => (quoted(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(delimiter)}\r\n`;
}

function frenchTime(instant: string): string {
  const [day = "", time = ""] = parisTime(instant).toISOString().split("T");
  return `${day.split("-").reverse().join("/")} ${time.slice(0, 8)}`;
}

import { guarded, isTelephone } from "./guard.ts";
import { type CellValue, type Column, type Table, usualZone } from "./table.ts";
import { type Clock, clockOf } from "./zone-time.ts";

type Dialect = {
  delimiter: string;
  head: (column: Pick<Column<never>, "name" | "label">) => string;
  text: (value: CellValue) => string;
};

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

/** What a French spreadsheet opens by a double click: semicolons, commas in numbers, local time. It would calculate a telephone. */
const french = (clock: Clock): Dialect => ({
  delimiter: ";",
  head: ({ label }) => label,
  text: (value) => {
    if (typeof value === "string") return guarded(value);
    if (typeof value === "number") return String(value).replace(".", ",");
    if (typeof value === "boolean") return value ? "oui" : "non";
    return value === null ? "" : frenchTime(clock(value.instant));
  },
});

/** Rows as CSV, one piece of text for each batch. `excel`: as a French spreadsheet wants it, with a mark of its encoding. */
export async function* csvText<Row>(
  { columns, zone = usualZone }: Table<Row>,
  batches: AsyncIterable<readonly Row[]>,
  excel: boolean,
): AsyncGenerator<string> {
  const dialect = excel ? french(clockOf(zone)) : plain;
  yield (excel ? "\ufeff" : "") + csvLine(columns.map(dialect.head), dialect);
  for await (const batch of batches) {
    if (batch.length === 0) continue;
    yield batch
      .map((row) =>
        csvLine(
          columns.map(({ cell }) => dialect.text(cell(row))),
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

function frenchTime(local: Date): string {
  const [day = "", time = ""] = local.toISOString().split("T");
  return `${day.split("-").reverse().join("/")} ${time.slice(0, 8)}`;
}

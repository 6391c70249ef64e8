import { withoutGuard } from "../export/guard.ts";
import { importFields } from "./fields.ts";
import type { ColumnPlan } from "./header.ts";
import type { FileRecord } from "./records.ts";

const fields = Object.keys(importFields) as (keyof typeof importFields)[];

/** The columns of `leads.import_rows` that a staged line fills, in its order. */
export const stagedColumns: readonly string[] = ["import_id", "line", "defect", ...Object.values(importFields)];

/** Answers a function that writes a record as a line of Postgres' COPY text format, for the columns `stagedColumns`. */
export function stagedLine(importId: string, plan: ColumnPlan): (record: FileRecord) => string {
  const places = fields.map((field) => plan.columns.get(field) ?? []);
  const width = plan.header.length;
  return ({ cells, line }) => {
    let text = `${importId}\t${line}\t${hasSurplus(cells, width) ? "too_many_cells" : "\\N"}`;
    for (const columns of places) text += `\t${firstFilled(cells, columns)}`;
    return `${text}\n`;
  };
}

function hasSurplus(cells: readonly string[], width: number): boolean {
  for (let at = width; at < cells.length; at += 1) if (cells[at] !== "") return true;
  return false;
}

function firstFilled(cells: readonly string[], columns: readonly number[]): string {
  for (const column of columns) {
    const cell = cells[column];
    if (cell) return copyText(withoutGuard(cell));
  }
  return "\\N";
}

const escapes: Record<string, string> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function copyText(value: string): string {
  return /[\\\n\r\t]/.test(value) ? value.replace(/[\\\n\r\t]/g, (letter) => escapes[letter] as string) : value;
}

/** A time, in ISO 8601: each format writes it in its own way. */
type Instant = { instant: string };
export type CellValue = string | number | boolean | Instant | null;

/** A column of a file: its name for programs, what people call it, and its cell in a row. */
export type Column<Row> = { name: string; label: string; cell: (row: Row) => CellValue };

/** Rows as a file has them. `sheet`: what a workbook calls them, 25 letters at most; `zone`: whose clocks people read in it. */
export type Table<Row> = { columns: readonly Column<Row>[]; sheet: string; zone?: string };

/** The clocks of those who read the files. */
export const usualZone = "Europe/Paris";

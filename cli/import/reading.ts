import type { ImportResult } from "../../functions/_shared/import/run.ts";

const delimiterNames = { ";": "semicolons", ",": "commas", "\t": "tabs", "|": "bars" };
const formatNames: Partial<Record<string, string>> = { csv: "CSV", html: "a web page with a table" };
const encodingNames: Record<string, string> = {
  "utf-8": "UTF-8",
  "utf-8-twice": "UTF-8 encoded twice",
  "utf-16le": "UTF-16 (LE)",
  "utf-16be": "UTF-16 (BE)",
  "windows-1252": "Windows-1252",
  "windows-1250": "Windows-1250",
  macintosh: "Macintosh",
  cp850: "MS-DOS (cp850)",
  cp437: "MS-DOS (cp437)",
};

/** How the file was understood, in a line for people. */
export function readingText(fileName: string, reading: NonNullable<ImportResult["reading"]>): string {
  const { format, packed, encoding, delimiter, sheet, sheets, headerLine, epoch, dateOrder } = reading;
  const parts = [`${fileName} is ${formatNames[format] ?? `a workbook (.${format})`}`];
  if (packed) parts.push(`in a ${packed} file`);
  if (encoding) parts.push(encodingNames[encoding] ?? encoding, `separated by ${delimiterNames[delimiter]}`);
  if (sheet !== null)
    parts.push(
      sheets.length > 1 ? `sheet "${sheet}" of ${sheets.map((name) => `"${name}"`).join(", ")}` : `sheet "${sheet}"`,
    );
  if (headerLine > 1) parts.push(`column names on line ${headerLine}`);
  if (epoch === 1904) parts.push("dates counted from 1904");
  if (dateOrder) parts.push(dateOrder === "day_first" ? "dates day/month/year" : "dates month/day/year");
  return parts.join(", ");
}

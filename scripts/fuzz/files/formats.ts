import { type Draw, drawFor } from "./draw.ts";
import { xlsFile } from "./old-workbooks.ts";
import { htmlFile, xmlFile } from "./pages.ts";
import { archiveFile, csvFile, gzipFile } from "./texts.ts";
import { odsFile, xlsxFile } from "./workbooks.ts";

const makers: Record<string, (draw: Draw) => Uint8Array> = {
  csv: csvFile,
  gz: gzipFile,
  zip: archiveFile,
  xlsx: xlsxFile,
  ods: odsFile,
  xls: xlsFile,
  xml: xmlFile,
  html: htmlFile,
};

/** The formats, in turn. */
const formats = Object.keys(makers);

/** A file of a run, the same each time for the same seed and index. */
export function hostileFile(seed: number, index: number): { format: string; bytes: Uint8Array } {
  const format = formats[index % formats.length] as string;
  return { format, bytes: (makers[format] as (draw: Draw) => Uint8Array)(drawFor(seed, index)) };
}

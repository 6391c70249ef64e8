import { mostColumns, tooManyColumns } from "./columns.ts";
import { type Epoch, type NumberKind, numberCell } from "./numbers.ts";
import type { Rows } from "./rows.ts";
import { type RowsBuilder, rowsBuilder } from "./rows-builder.ts";
import { readXml } from "./xml.ts";
import { unzipped, type ZipEntry } from "./zip.ts";

// A batch is handed on when so much text is collected.
const batchBytes = 256 * 1024;

/** What the cells of a sheet refer to: texts by their number, what numbers are by their style, the first day. */
export type SheetContext = { texts: (index: number) => Uint8Array; kinds: readonly NumberKind[]; epoch: Epoch };

/** The rows of a sheet in batches; `part` says how much of it is read, from 0 to 1. */
export async function* sheetRows(
  zip: Uint8Array,
  entry: ZipEntry,
  context: SheetContext,
): AsyncGenerator<{ rows: Rows; part: number }> {
  const rows = rowsBuilder();
  let read = 0;
  async function* counted() {
    for await (const piece of unzipped(zip, entry)) {
      read += piece.length;
      yield piece;
    }
  }
  for await (const _ of readXml(counted(), sheetEvents(rows, context))) {
    if (rows.size() >= batchBytes) yield { rows: rows.take(), part: read / entry.unpacked };
  }
  yield { rows: rows.take(), part: 1 };
}

function sheetEvents(rows: RowsBuilder, { texts, kinds, epoch }: SheetContext) {
  let line = 0;
  let type = "";
  let style = 0;
  let written = "";
  let inValue = false;
  let formula = false;
  const textOf = () => {
    if (type === "inlineStr" || type === "str") return cleaned(written);
    // A formula that no spreadsheet has worked out yet has no value.
    if (written === "") return formula ? "#ERREUR" : "";
    if (type === "e") return "#ERREUR";
    if (type === "b") return written === "1" ? "oui" : "non";
    if (type === "d") return written.replace("T", " ");
    const value = Number(written);
    return Number.isFinite(value) ? numberCell(value, kinds[style] ?? "number", epoch) : written;
  };
  return {
    open: (name: string, attributes: Readonly<Record<string, string>>) => {
      if (name === "row") line = attributes.r === undefined ? line + 1 : Number(attributes.r);
      else if (name === "c") {
        [type, style, written, formula] = [attributes.t ?? "n", Number(attributes.s ?? 0), "", false];
        const column = attributes.r === undefined ? rows.width() : columnOf(attributes.r);
        if (column > mostColumns) throw tooManyColumns(line);
        while (rows.width() < column) rows.cell("");
      } else if (name === "f") formula = true;
      else inValue = name === "v" || name === "t";
    },
    text: (text: string) => {
      if (inValue) written += text;
    },
    close: (name: string) => {
      inValue = false;
      if (name === "c" && type === "s" && written !== "") rows.copy(texts(Number(written)));
      else if (name === "c") rows.cell(textOf());
      else if (name === "row") rows.endRow(line);
    },
  };
}

/** The column that `AB12` is in, from 0. */
function columnOf(place: string): number {
  let column = 0;
  for (let at = 0; at < place.length; at += 1) {
    const letter = place.charCodeAt(at) - 64;
    if (letter < 1 || letter > 26) break;
    column = column * 26 + letter;
  }
  return column - 1;
}

/** A text as XML has it: _x000D_ is how a character is written that XML has no place for. */
export function cleaned(text: string): string {
  return text.includes("_x")
    ? text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code) => fromCode(Number.parseInt(code, 16)))
    : text;
}

function fromCode(code: number): string {
  return code === 0 ? "" : String.fromCharCode(code);
}

import { configure, TextReader, ZipWriter } from "@zip.js/zip.js";
import { streamOf } from "../stream.ts";
import { guarded, isTelephone } from "./guard.ts";
import { type CellValue, type Table, usualZone } from "./table.ts";
import { type Clock, clockOf } from "./zone-time.ts";

configure({ useWebWorkers: false });

// As many as a sheet can have, its header included.
const rowsOfSheet = 1_048_576;
const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const packages = "http://schemas.openxmlformats.org/package/2006";
const kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml";
// In the order of the styles below.
const style = { head: 1, instant: 2 };
const styles = `${xml}<styleSheet xmlns="${main}"><fonts count="2"><font/><font><b/></font></fonts><fills count="1"><fill/></fills>
<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/><xf fontId="1" applyFont="1"/>
<xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>`;

/** Rows as a workbook, written while they come: what is held of it is a batch. Beyond a million of them a second sheet begins. */
export function xlsxFile<Row>(table: Table<Row>, batches: AsyncIterable<readonly Row[]>): ReadableStream<Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const rows = rowsOf(batches);
  writeBook(new ZipWriter(writable), table, rows).catch(async (error) => {
    await rows.return(undefined);
    // Whoever reads is told; whoever has gone away is not there to be told.
    await writable.abort(error).catch(() => {});
  });
  return readable;
}

async function writeBook<Row>(zip: ZipWriter<unknown>, table: Table<Row>, rows: AsyncGenerator<Row[]>): Promise<void> {
  const source: Source<Row> = { rows, left: [], done: false };
  let sheets = 0;
  do {
    sheets += 1;
    await zip.add(`xl/worksheets/sheet${sheets}.xml`, streamOf(sheetXml(table, source)), { zip64: false, level: 5 });
  } while (!source.done);
  const numbers = Array.from({ length: sheets }, (_, index) => index + 1);
  for (const [name, text] of Object.entries(bookParts(table.sheet, numbers))) await zip.add(name, new TextReader(text));
  await zip.close();
}

async function* rowsOf<Row>(batches: AsyncIterable<readonly Row[]>): AsyncGenerator<Row[]> {
  for await (const batch of batches) yield [...batch];
}

type Source<Row> = { rows: AsyncGenerator<Row[]>; left: Row[]; done: boolean };

/** The text of a sheet; what does not fit any more stays in the source. */
async function* sheetXml<Row>({ columns, zone = usualZone }: Table<Row>, source: Source<Row>): AsyncGenerator<string> {
  const rowXml = rowWriter(columns.length, clockOf(zone));
  yield `${xml}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultColWidth="18" defaultRowHeight="15"/><sheetData>`;
  yield rowXml(
    1,
    columns.map(({ label }) => label),
    style.head,
  );
  for (let row = 2; row <= rowsOfSheet; ) {
    if (source.left.length === 0) {
      const { value, done } = await source.rows.next();
      source.done = done === true;
      if (done) break;
      source.left = value;
    }
    const fitting = source.left.splice(0, rowsOfSheet - row + 1);
    let text = "";
    for (const each of fitting) {
      text += rowXml(
        row,
        columns.map(({ cell }) => cell(each)),
      );
      row += 1;
    }
    yield text;
  }
  yield "</sheetData></worksheet>";
}

/** Writes the cells of a row, all of one style or each of its own. */
function rowWriter(width: number, clock: Clock) {
  const letters = Array.from({ length: width }, (_, column) => lettersOf(column));
  return (row: number, cells: readonly CellValue[], styled?: number): string => {
    const s = styled === undefined ? "" : ` s="${styled}"`;
    return `<row r="${row}">${cells.map((value, column) => cellXml(`r="${letters[column]}${row}"${s}`, value, clock)).join("")}</row>`;
  };
}

/** A to Z, then AA. */
function lettersOf(column: number): string {
  const last = String.fromCharCode(65 + (column % 26));
  return column < 26 ? last : lettersOf(Math.floor(column / 26) - 1) + last;
}

function cellXml(place: string, value: CellValue, clock: Clock): string {
  if (value === null || value === "") return "";
  if (typeof value === "number") return `<c ${place}><v>${value}</v></c>`;
  if (typeof value === "boolean") return `<c ${place} t="b"><v>${value ? 1 : 0}</v></c>`;
  if (typeof value === "object") return `<c ${place} s="${style.instant}"><v>${serialOf(clock(value.instant))}</v></c>`;
  // A text calculates nothing here; it may when somebody saves the sheet as CSV.
  const text = isTelephone(value) ? value : guarded(value);
  return `<c ${place} t="inlineStr"><is><t xml:space="preserve">${escaped(text)}</t></is></c>`;
}

/** Days since 30 December 1899, as spreadsheets count. */
function serialOf(local: Date): number {
  return local.getTime() / 86_400_000 + 25_569;
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
// XML has no way to write these: the format has one of its own.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const special = /[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9a-fA-F]{4}_)/g;

function escaped(text: string): string {
  // The lines of a cell end as a spreadsheet ends them.
  return text
    .replace(/\r\n?/g, "\n")
    .replace(
      special,
      (found) => entities[found] ?? `_x${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}_`,
    );
}

/** All that a workbook has beside its sheets. */
function bookParts(name: string, sheets: readonly number[]): Record<string, string> {
  const relation = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="${office}/${type}" Target="${target}"/>`;
  const relations = (inner: string) =>
    `${xml}<Relationships xmlns="${packages}/relationships">${inner}</Relationships>`;
  const part = (name: string, kind: string) => `<Override PartName="/xl/${name}" ContentType="${kinds}.${kind}+xml"/>`;
  return {
    "[Content_Types].xml": `${xml}<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>${part("workbook.xml", "sheet.main")}${part("styles.xml", "styles")}${sheets.map((n) => part(`worksheets/sheet${n}.xml`, "worksheet")).join("")}</Types>`,
    "_rels/.rels": relations(relation("rId1", "officeDocument", "xl/workbook.xml")),
    "xl/workbook.xml": `${xml}<workbook xmlns="${main}" xmlns:r="${office}"><sheets>${sheets.map((n) => `<sheet name="${escaped(name).replaceAll('"', "&quot;")}${n === 1 ? "" : ` ${n}`}" sheetId="${n}" r:id="rId${n}"/>`).join("")}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": relations(
      sheets.map((n) => relation(`rId${n}`, "worksheet", `worksheets/sheet${n}.xml`)).join("") +
        relation("rIdStyles", "styles", "styles.xml"),
    ),
    "xl/styles.xml": styles,
  };
}

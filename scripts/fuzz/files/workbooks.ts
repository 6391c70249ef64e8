import { bytesOf, type Draw, damaged, goodRow, header } from "./draw.ts";
import { type ZipPart, zipFile } from "./zip-file.ts";

// Workbooks in which a little says much: texts that cells share, columns and rows far away, tags in tags.

const escaped = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const inline = (text: string, at = "") => `<c${at} t="inlineStr"><is><t>${escaped(text)}</t></is></c>`;
const rowOf = (cells: readonly string[]) => `<row>${cells.map((text) => inline(text)).join("")}</row>`;
const shared = (index: number | string) => `<c t="s"><v>${index}</v></c>`;

/** An .xlsx file. */
export function xlsxFile(draw: Draw): Uint8Array {
  const head = rowOf(header) + rowOf(goodRow);
  const long = () =>
    (draw.pick(["x", "é", "漢"]) as string).repeat(draw.pick([100, 1000, 32_767, 32_768, 200_000, 600_000]) as number);
  let texts = "";
  let styles = "";
  const rows = draw.one(
    () => {
      texts = `<si><t>${long()}</t></si>`;
      return draw.repeat(`<row>${shared(0).repeat(1 + draw.below(12))}</row>`, 6000);
    },
    () => {
      texts = draw.repeat("<si/>", 1_000_000);
      return draw.repeat(`<row>${shared(draw.pick([0, 1, -1, 99_999_999, "1e3", ""]) as number)}</row>`, 20);
    },
    () => {
      texts = draw.repeat(`<si><r><t>${"x".repeat(50)}</t></r><rPh><t>p</t></rPh></si>`, 50_000);
      return draw.repeat(`<row>${shared(7)}</row>`, 20_000);
    },
    () => draw.repeat(`<row><c r="${draw.pick(["BXX1", "BXW1", "XFD1", "ZZZZ9", "A", "1"])}"/></row>`, 50_000),
    () =>
      Array.from(
        { length: draw.upTo(20_000) },
        (_, at) => `<row r="${at + 3}"><c r="BXW${at + 3}"><v>1</v></c></row>`,
      ).join(""),
    () => draw.repeat(`<row>${inline("x")}${"<c/>".repeat(draw.upTo(1999))}${inline("y")}</row>`, 1000),
    () => `<row>${inline(long())}</row>`,
    () => `<row>${draw.repeat("<c><is>", 100_000)}`,
    () => `<row ${Array.from({ length: draw.upTo(3000) }, (_, at) => `a${at}=""`).join(" ")}></row>`,
    () => `<row a="${draw.repeat("x", 2_000_000)}"></row>`,
    () => `<!--${draw.repeat("x", 2_000_000)}-->${draw.repeat("<!-- x -->", 100_000)}`,
    () => draw.repeat("<?x y?>", 300_000),
    () => `<row><c t="str"><v><![CDATA[${long()}]]></v></c></row>`,
    () => `<row><c t="inlineStr"><is>${draw.repeat(`<r><t>${"x".repeat(100)}</t></r>`, 20_000)}</is></c></row>`,
    () =>
      Array.from(
        { length: draw.upTo(300) },
        () => `<row r="${draw.upTo(5_000_000_000)}">${inline(draw.text())}</row>`,
      ).join(""),
    () => `</sheetData><mergeCells>${draw.repeat('<mergeCell ref="A1:XFD1048576"/>', 100_000)}</mergeCells><sheetData>`,
    () =>
      draw.repeat(
        `<row><c t="${draw.pick(["e", "b", "d", "n", "zz"])}" s="${draw.upTo(1e9)}"><v>${draw.text()}</v></c></row>`,
        30_000,
      ),
    () => {
      styles = `<numFmts>${draw.repeat('<numFmt numFmtId="1" formatCode="yyyy"/>', 200_000)}</numFmts><cellXfs>${draw.repeat("<xf/>", 300_000)}</cellXfs>`;
      return rowOf(goodRow);
    },
    () => draw.repeat(rowOf(goodRow), 20_000),
    () => draw.repeat("<row/>", 1_000_000) + rowOf(goodRow),
    () => draw.repeat(`<row><c t="str"><v>${"&amp;".repeat(30)}${"_x000D_".repeat(30)}</v></c></row>`, 10_000),
    () => draw.repeat("x &lt; ", 500_000),
  );
  const before = draw.once(12)
    ? `<!DOCTYPE x [<!ENTITY l "${draw.repeat("lol", 1000)}">${'<!ENTITY m "&l;&l;&l;">'}]>`
    : "";
  const sheets = draw.once(10) ? draw.upTo(3000) : 1;
  const part = (name: string, text: string): ZipPart => ({ name, content: bytesOf(text) });
  const parts = [
    part("[Content_Types].xml", "<Types/>"),
    part(
      "xl/workbook.xml",
      `<workbook xmlns:r="r"><sheets>${'<sheet name="A" r:id="r1"/>'.repeat(sheets)}</sheets></workbook>`,
    ),
    part(
      "xl/_rels/workbook.xml.rels",
      `<Relationships>${'<Relationship Id="r1" Target="worksheets/sheet1.xml"/>'.repeat(draw.once(10) ? draw.upTo(20_000) : 1)}</Relationships>`,
    ),
    part("xl/sharedStrings.xml", `<sst>${texts}</sst>`),
    part("xl/styles.xml", `<styleSheet>${styles}</styleSheet>`),
    part("xl/worksheets/sheet1.xml", `${before}<worksheet><sheetData>${head}${rows}</sheetData></worksheet>`),
  ];
  if (draw.once(15)) parts.push({ ...part("xl/worksheets/sheet1.xml", ""), shared: true });
  if (draw.once(15))
    parts.push({ name: "xl/media/a.bin", content: new Uint8Array(draw.upTo(3_000_000)), told: draw.upTo(0xffffffff) });
  const stored = draw.once(4);
  const file = zipFile(parts.map((each) => ({ ...each, stored })));
  return draw.once(5) ? damaged(file, draw) : file;
}

const namespaces = 'xmlns:office="o" xmlns:table="t" xmlns:text="x" xmlns:style="s" xmlns:calcext="c"';

/** An .ods or .fods file. */
export function odsFile(draw: Draw): Uint8Array {
  const cell = (text: string, attributes = "") =>
    `<table:table-cell office:value-type="string" ${attributes}><text:p>${escaped(text)}</text:p></table:table-cell>`;
  const row = (cells: string, attributes = "") => `<table:table-row ${attributes}>${cells}</table:table-row>`;
  const head = row(header.map((text) => cell(text)).join("")) + row(goodRow.map((text) => cell(text)).join(""));
  const times = () => draw.pick([1, 2, 1000, 1024, 16_384, 1_048_576, 4_000_000_000, -1]) as number;
  const columns = () => `table:number-columns-repeated="${times()}"`;
  const lines = () => `table:number-rows-repeated="${times()}"`;
  const rows = draw.one(
    () => draw.repeat(row(cell("x", columns()), lines()), 100),
    () => draw.repeat(row(cell(draw.text().repeat(50), columns()) + cell("y", columns()), lines()), 20),
    () => row(`<table:table-cell ${columns()}/>`, lines()) + row(cell("fin")),
    () => row(`<table:table-cell ${columns()}/>${cell("x")}`, lines()),
    () => row(cell("x".repeat(draw.pick([1000, 32_767, 32_768, 600_000]) as number)), lines()),
    () =>
      row(
        `<table:table-cell><text:p>a<text:s text:c="${draw.upTo(4_000_000_000)}"/>b</text:p></table:table-cell>`,
        lines(),
      ),
    () => row(`<table:table-cell>${draw.repeat("<text:p>x</text:p>", 100_000)}</table:table-cell>`),
    () => draw.repeat("<table:table><table:table-row><table:table-cell>", 300),
    () => `</table:table>${draw.repeat('<table:table table:name="B"/>', 3000)}<table:table>`,
    () => row(draw.repeat("<table:covered-table-cell/>", 100_000) + cell("x")),
    () => draw.repeat(row(goodRow.map((text) => cell(text)).join("")), 5000),
    () =>
      row(
        `<table:table-cell office:value-type="${draw.pick(["float", "date", "time", "boolean", "zz"])}" office:value="${draw.text().replace(/"/g, "")}"/>`,
      ),
    () =>
      `<style:style style:name="${draw.repeat("x", 300_000)}" style:data-style-name="y"/>${draw.repeat('<style:style style:name="a" style:data-style-name="b"/>', 100_000)}`,
    () =>
      row(
        `<table:table-cell><office:annotation>${draw.repeat("<text:p>n</text:p>", 50_000)}</office:annotation></table:table-cell>`,
      ),
  );
  const text = `<office:document ${namespaces}><office:body><table:table table:name="A">${head}${rows}</table:table></office:body></office:document>`;
  if (draw.once(4)) return bytesOf(text);
  const file = zipFile([
    { name: "mimetype", content: bytesOf("application/vnd.oasis.opendocument.spreadsheet"), stored: true },
    { name: "content.xml", content: bytesOf(text) },
  ]);
  return draw.once(6) ? damaged(file, draw) : file;
}

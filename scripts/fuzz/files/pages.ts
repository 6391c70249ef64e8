import { bytesOf, type Draw, damaged, goodRow, header } from "./draw.ts";

// Pages and XML that are called .xls: cells that say how far they reach, and tags that nobody closes.

const row = (cells: readonly string[]) => `<tr>${cells.map((text) => `<td>${text}</td>`).join("")}</tr>`;

/** A web page. */
export function htmlFile(draw: Draw): Uint8Array {
  const span = () => draw.pick([1, 2, 1000, 65_534, 1_000_000, 4_000_000_000, -1]) as number;
  const rows = draw.one(
    () => draw.repeat(`<tr><td colspan=${span()}>x<td rowspan=${span()}>y</tr>`, 5000),
    () => draw.repeat(`<tr><td rowspan=65534 colspan=1000>${draw.text()}`, 2000),
    () => draw.repeat("<table><tr><td>", 5000),
    () => draw.repeat("<div>", 200_000),
    () => draw.repeat("<tr>", 500_000),
    () => draw.repeat("<td>x", 200_000),
    () => `<td>${draw.repeat("&amp;&nbsp;&eacute;&#x1F600;&zzz;", 50_000)}`,
    () => `<!--${draw.repeat("x", 2_000_000)}`,
    () => draw.repeat("<!-- x -->", 200_000),
    () => `<td ${draw.repeat("a ", 300_000)}>`,
    () => `<td a="${draw.repeat("x", 2_000_000)}">`,
    () => `<script>${draw.repeat("x<td>", 300_000)}`,
    () => `<plaintext>${draw.repeat("<td>", 300_000)}`,
    () => draw.repeat("<br>", 300_000),
    () => draw.repeat(`<td>${"<b>".repeat(50)}x`, 5000),
    () => draw.repeat(row(goodRow), 10_000),
    () => draw.repeat("<svg><title><![CDATA[x]]>", 5000),
    () => draw.repeat("</td></tr></table>", 100_000),
  );
  const text = `${draw.once(3) ? "<!-- e -->" : "<html>"}<table>${row(header)}${row(goodRow)}${rows}`;
  return draw.once(5) ? damaged(bytesOf(text), draw) : bytesOf(text);
}

/** A workbook that is one XML document. */
export function xmlFile(draw: Draw): Uint8Array {
  const cell = (text: string, attributes = "") => `<Cell ${attributes}><Data ss:Type="String">${text}</Data></Cell>`;
  const line = (cells: readonly string[]) => `<Row>${cells.map((text) => cell(text)).join("")}</Row>`;
  const place = () => draw.pick([1, 3, 2000, 16_384, 1_048_576, 4_000_000_000, -1, "x"]) as number;
  const rows = draw.one(
    () => draw.repeat(`<Row ss:Index="${place()}">${cell("x", `ss:Index="${place()}"`)}</Row>`, 100),
    () =>
      draw.repeat(`<Row>${cell("x", `ss:MergeAcross="${place()}" ss:MergeDown="${place()}"`)}${cell("y")}</Row>`, 1000),
    () => draw.repeat(`<Row ss:Span="${place()}">${cell("x")}</Row>`, 1000),
    () => draw.repeat(`<Row>${cell("x", 'ss:Index="2000"')}</Row>`, 30_000),
    () => draw.repeat("<Row><Cell>", 500),
    () => `<Row>${cell("x".repeat(draw.pick([1000, 32_767, 32_768, 600_000]) as number))}</Row>`,
    () => `<Row><Cell><Data ss:Type="String">${draw.repeat("<B>x</B>", 100_000)}</Data></Cell></Row>`,
    () => `<Row>${cell("x")}<Cell><Comment><ss:Data>${draw.repeat("y", 100_000)}</ss:Data></Comment></Cell></Row>`,
    () => `</Table></Worksheet>${draw.repeat('<Worksheet ss:Name="B"/>', 3000)}<Worksheet><Table>`,
    () => draw.repeat(line(goodRow), 5000),
    () =>
      `<Row><Cell><Data ss:Type="${draw.pick(["Number", "DateTime", "Boolean", "Error", "zz"])}">${draw.text().replace(/[&<>]/g, "")}</Data></Cell></Row>`,
  );
  const styles = draw.once(8) ? draw.repeat('<Style ss:ID="a"><NumberFormat ss:Format="0%"/></Style>', 100_000) : "";
  const doctype = draw.once(12) ? '<!DOCTYPE x [<!ENTITY l "lol">]>' : "";
  const text = `<?xml version="1.0"?>${doctype}<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Styles>${styles}</Styles><Worksheet ss:Name="A"><Table>${line(header)}${line(goodRow)}${rows}</Table></Worksheet></Workbook>`;
  return draw.once(5) ? damaged(bytesOf(text), draw) : bytesOf(text);
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BookType, utils, write } from "xlsx";
import { ImportRefusal } from "../../functions/_shared/import/refusal.ts";
import { bytesOf, readAll } from "./reading.ts";

// Workbooks of every kind that spreadsheets write, and what other programs call .xls: the same rows come of all.

const header = ["nom", "email", "secteur", "région", "notes"];
type Cell = string | number | boolean | { t: "n"; v: number; z: string };

function bookOf(rows: Cell[][], bookType: BookType, options: object = {}): Uint8Array {
  const book = utils.book_new();
  utils.book_append_sheet(book, utils.aoa_to_sheet(rows), "Feuille é");
  return new Uint8Array(write(book, { type: "buffer", bookType, ...options }) as Buffer);
}

const kinds: [string, BookType, object][] = [
  [".xlsx", "xlsx", {}],
  [".xlsx with shared texts", "xlsx", { bookSST: true }],
  [".xls", "biff8", {}],
  [".xls with shared texts", "biff8", { bookSST: true }],
  [".ods", "ods", {}],
  [".fods", "fods", {}],
  ["XML 2003", "xlml", {}],
];

const letters = fc
  .string({ unit: fc.constantFrom(..."abcé€œ漢😀 '\"&<>;=1"), maxLength: 12 })
  .map((text) => text.trim());
const row = fc
  .tuple(letters, letters, letters, letters, letters)
  .map(([first, ...rest]) => [`x${first}`, ...rest] as string[]);

describe.each(kinds)("%s", (_name, bookType, options) => {
  it("gives the texts that were written into it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 6 }), async (table) => {
        const { rows } = await readAll(bookOf([header, ...table], bookType, options));
        const filled = (cells: string[]) => cells.slice(0, cells.findLastIndex((text) => text !== "") + 1);
        expect(rows.map(({ cells }) => filled(cells))).toEqual(table.map(filled));
      }),
      { numRuns: 50 },
    );
  });

  it("gives some thousand rows whole", async () => {
    const table = Array.from({ length: 3000 }, (_, at) => [
      `Nom ${at}`,
      `é€${at}`.repeat(at % 30),
      "PV",
      "PACA",
      `${at}`,
    ]);
    const { rows } = await readAll(bookOf([header, ...table], bookType, options));
    expect(rows.map(({ cells }) => cells)).toEqual(table);
    expect(rows.map(({ line }) => line)).toEqual(table.map((_, at) => at + 2));
  });

  it("is read from the sheet that has the leads, or from the one that is asked for", async () => {
    const cover = [["Export du mois"], ...Array.from({ length: 100 }, (_, at) => [`remarque ${at}`])];
    const table = (name: string) => [header, [name, "a@b.fr", "PV", "PACA", "x".repeat(300)]];
    const book = utils.book_new();
    for (const [name, rows] of Object.entries({ Vide: [], Garde: cover, Leads: table("A"), Archives: table("B") }))
      utils.book_append_sheet(book, utils.aoa_to_sheet(rows), name);
    const file = new Uint8Array(write(book, { type: "buffer", bookType, ...options }) as Buffer);
    const read = async (sheet?: string) => {
      const { reading, rows } = await readAll(file, { sheet });
      return [reading.sheet, rows[0]?.cells[0]];
    };
    expect(await read()).toEqual(["Leads", "A"]);
    expect(await read("Archives")).toEqual(["Archives", "B"]);
    expect(await read("4")).toEqual(["Archives", "B"]);
    await expect(read("5")).rejects.toMatchObject({ code: "unknown_sheet" });
    await expect(read("Garde")).rejects.toMatchObject({ code: "missing_columns" });
    await expect(read("Vide")).rejects.toMatchObject({ code: "empty_file" });
  });

  it("gives numbers as they are, and yes and no", async () => {
    const numbers = [33639980112, -1, 0.5, 12.34, 1e300].map((value) => ["A", value]);
    const { rows } = await readAll(bookOf([header, ["A", true], ["A", false], ...numbers], bookType, options));
    expect(rows.map(({ cells }) => cells[1])).toEqual(["oui", "non", "33639980112", "-1", "0.5", "12.34", "1E+300"]);
  });

  it("gives percentages and days", async () => {
    if (bookType === "xlml") return;
    const cells = [
      { t: "n" as const, v: 0.8, z: "0%" },
      { t: "n" as const, v: 46063, z: "dd/mm/yyyy" },
    ];
    const { rows } = await readAll(bookOf([header, ["A", ...cells]], bookType, options));
    expect(rows[0]?.cells).toEqual(["A", "80 %", "2026-02-10"]);
  });
});

const page = (table: string) =>
  bytesOf(`<html><head><title>Leads</title><style>td{}</style></head><body>${table}</body></html>`);
const tr = (...cells: string[]) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
const head = tr(...header);

describe("a web page that is called .xls", () => {
  const cellsOf = async (file: Uint8Array) => (await readAll(file)).rows.map(({ cells }) => cells);

  it.each<[string, string]>([
    ["a table", `<table>${head}${tr("Élise", "a@b.fr", "PV", "PACA")}</table>`],
    ["a remark before it", `<!-- export --><table>${head}${tr("Élise", "a@b.fr", "PV", "PACA")}</table>`],
    ["tags that nobody closes", `<table><tr><td>${header.join("<td>")}<tr><td>&Eacute;lise<td>a@b.fr<td>PV<td>PACA`],
    [
      "a table within another",
      `<table><tr><td>Titre<table>${head}${tr("Élise", "a@b.fr", "PV", "PACA")}</table></table>`,
    ],
    [
      "headings",
      `<table><thead><tr><th>${header.join("</th><th>")}</th></tr></thead>${tr("Élise", "<b>a@</b>b.fr", "PV", "PACA")}</table>`,
    ],
  ])("is read: %s", async (_what, table) => {
    for (const file of [page(table), bytesOf(table)])
      expect(await cellsOf(file)).toEqual([["Élise", "a@b.fr", "PV", "PACA"]]);
  });

  it("is read in the letters that it says it has", async () => {
    const text = `<html><head><meta http-equiv=Content-Type content="text/html; charset=windows-1252"></head><table>${head}${tr("Élise", "a@b.fr", "PV", "PACA")}</table>`;
    expect(await cellsOf(new Uint8Array(Buffer.from(text, "latin1")))).toEqual([["Élise", "a@b.fr", "PV", "PACA"]]);
    expect(await cellsOf(new Uint8Array(Buffer.from(`\ufeff${text}`, "utf16le")))).toEqual([
      ["Élise", "a@b.fr", "PV", "PACA"],
    ]);
  });

  it("keeps cells that belong to several rows or columns in their place", async () => {
    const rows = `${head}<tr><td rowspan=2>A</td><td>a@b.fr</td><td>PV</td><td>PACA</td></tr>${tr("b@b.fr", "PV", "PACA")}<tr><td colspan=2>C</td><td>PV</td></tr>`;
    expect(await cellsOf(page(`<table>${rows}</table>`))).toEqual([
      ["A", "a@b.fr", "PV", "PACA"],
      ["", "b@b.fr", "PV", "PACA"],
      ["C", "", "PV"],
    ]);
  });

  it("gives lines, spaces and rounded numbers as a spreadsheet does", async () => {
    const table = `<table>${head}<tr><td> A&nbsp; \n b</td><td>un<br>deux</td><td x:num="33639980112">3,36E+10</td><td>#N/A</td><td>x</td></tr></table>`;
    expect(await cellsOf(page(table))).toEqual([["A b", "un\ndeux", "33639980112", "", "x"]]);
  });

  it.each([
    ["no table", page("<p>Vos identifiants ont expiré</p>")],
    ["an empty table", page("<table></table>")],
    ["another XML", bytesOf("<?xml version='1.0'?><leads><lead/></leads>")],
  ])("is refused: %s", async (_what, file) => {
    const refusal = (await cellsOf(file).catch((error: unknown) => error)) as ImportRefusal;
    expect(refusal).toBeInstanceOf(ImportRefusal);
    expect(refusal.code).toBe("unsupported_format");
  });
});

const xml2003 = (rows: string) =>
  bytesOf(`<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
    <Styles><Style ss:ID="p"><NumberFormat ss:Format="Percent"/></Style></Styles><Worksheet ss:Name="A"><Table>${rows}</Table></Worksheet></Workbook>`);
const data = (type: string, value: string, attributes = "") =>
  `<Cell ${attributes}><Data ss:Type="${type}">${value}</Data></Cell>`;

it("a workbook in XML has its cells and rows where it says, and no remarks in them", async () => {
  const head = `<Row>${header.map((name) => data("String", name)).join("")}</Row>`;
  const { rows } = await readAll(
    xml2003(
      `${head}<Row ss:Index="4">${data("String", "A")}${data("DateTime", "2026-02-10T14:30:00.000", 'ss:Index="3"')}${data("Number", "0.8", 'ss:StyleID="p"')}</Row>` +
        `<Row><Cell ss:MergeAcross="1"><Data ss:Type="String">B</Data><Comment><ss:Data>remarque</ss:Data></Comment></Cell>${data("Error", "#REF!")}${data("Boolean", "1")}</Row>`,
    ),
  );
  expect(rows).toEqual([
    { line: 4, cells: ["A", "", "2026-02-10 14:30:00", "80 %"] },
    { line: 5, cells: ["B", "", "", "oui"] },
  ]);
});

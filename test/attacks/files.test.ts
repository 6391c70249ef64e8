import { randomBytes, randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { deflateRawSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { type Document, openOds } from "../../functions/_shared/import/ods.ts";
import { ImportRefusal, type RefusalCode } from "../../functions/_shared/import/refusal.ts";
import { openSpreadsheetXml } from "../../functions/_shared/import/spreadsheet-xml.ts";
import type { Workbook } from "../../functions/_shared/import/xlsx.ts";
import { importDetail } from "../../functions/leads/imports/import-inputs.ts";
import { filesInWords, fuzzFiles } from "../../scripts/fuzz/files/run.ts";
import { askApi } from "../contract/http.ts";
import { type People, signInPeople } from "../contract/leads/demo-people.ts";
import { expectRefusal } from "../contract/leads/expectations.ts";
import { addSupplier, removeSuppliers, type Supplier } from "../contract/leads/market.ts";
import { type Person, signUp } from "../contract/people.ts";
import { unchanged } from "../contract/unchanged.ts";
import { bytesOf, readAll, stagedRows } from "../import/reading.ts";
import { db, serviceClient, stack } from "../support/stack.ts";
import { workbookOf, zipOf } from "../support/workbook.ts";

// What a supplier may send as a file of leads: files that say more than they hold, that are cut where nobody expects it,
// that show what is no value, and files that keep everybody else waiting.

const names = ["nom", "email", "secteur", "région"];
const good = ["Durand", "a@example.com", "Isolation", "Bretagne"];
const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const inline = (...cells: string[]) =>
  cells.map((text) => `<c t="inlineStr"><is><t>${escaped(text)}</t></is></c>`).join("");
const row = (cells: string, attributes = "") => `<row ${attributes}>${cells}</row>`;
const part = (name: string, text: string) => ({ name, content: bytesOf(text) });
const relation = (id: string, kind: string, target: string) =>
  `<Relationship Id="${id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${kind}" Target="${target}"/>`;

/** A workbook by its sheet's rows, after the names and a good row, and by its texts. */
function xlsx(rows: string, texts = ""): Uint8Array {
  return zipOf(
    part("[Content_Types].xml", "<Types/>"),
    part("xl/workbook.xml", '<workbook xmlns:r="r"><sheets><sheet name="A" r:id="r1"/></sheets></workbook>'),
    part(
      "xl/_rels/workbook.xml.rels",
      `<Relationships>${relation("r1", "worksheet", "worksheets/s.xml")}</Relationships>`,
    ),
    part("xl/sharedStrings.xml", `<sst>${texts}</sst>`),
    // Else it is refused already for how small it is.
    { name: "xl/media/image.png", content: new Uint8Array(randomBytes(40_000)) },
    part(
      "xl/worksheets/s.xml",
      `<worksheet><sheetData>${row(inline(...names))}${row(inline(...good))}${rows}</sheetData></worksheet>`,
    ),
  );
}

const odsNames = 'xmlns:office="o" xmlns:table="t" xmlns:text="x" xmlns:calcext="c"';
const odsCell = (text: string, attributes = "") =>
  `<table:table-cell office:value-type="string" ${attributes}><text:p>${text}</text:p></table:table-cell>`;
const odsRow = (cells: string, attributes = "") => `<table:table-row ${attributes}>${cells}</table:table-row>`;
/** An OpenDocument workbook in the same way. */
function ods(rows: string): Uint8Array {
  const head = odsRow(names.map((text) => odsCell(text)).join("")) + odsRow(good.map((text) => odsCell(text)).join(""));
  const content = `<office:document ${odsNames}><table:table table:name="A">${head}${rows}</table:table></office:document>`;
  return zipOf(part("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), part("content.xml", content));
}

const html = (rows: string) =>
  bytesOf(`<table><tr><td>${names.join("<td>")}<tr><td>${good.join("<td>")}${rows}</table>`);
const rowsOf = async (file: Uint8Array) => (await readAll(file)).rows.map(({ cells }) => cells);

async function refused(file: Uint8Array, code: RefusalCode): Promise<void> {
  const refusal = (await readAll(file).catch((error: unknown) => error)) as ImportRefusal;
  expect(refusal).toBeInstanceOf(ImportRefusal);
  expect(refusal.code, refusal.message).toBe(code);
}

describe("a little that says much is refused before it is built", () => {
  const long = "x".repeat(32_767);
  const shared = '<c t="s"><v>0</v></c>';
  const million = "1048576";

  it.each<[string, () => Uint8Array, RefusalCode]>([
    [
      "a text longer than a cell, shared by cells",
      () => xlsx(row(shared).repeat(6000), `<si><t>${long}x</t></si>`),
      "cell_too_long",
    ],
    [
      "a text of 1 MB, shared by cells",
      () => xlsx(row(shared).repeat(6000), `<si><t>${"x".repeat(1024 * 1024)}</t></si>`),
      "cell_too_long",
    ],
    ["a text of 1 MB in a web page", () => html(`<tr><td>${"x".repeat(1024 * 1024)}`), "cell_too_long"],
    [
      "the longest text, shared by 6,000 rows",
      () => xlsx(row(shared).repeat(6000), `<si><t>${long}</t></si>`),
      "unpacks_to_too_much",
    ],
    [
      "the longest text in each cell of a row",
      () => xlsx(row(shared.repeat(40)), `<si><t>${long}</t></si>`),
      "line_too_long",
    ],
    [
      "a text put together of many",
      () => xlsx(row(`<c t="inlineStr"><is>${`<r><t>${"x".repeat(99)}</t></r>`.repeat(9999)}</is></c>`)),
      "cell_too_long",
    ],
    [
      "a million rows that fill up to column 2,000",
      () => xlsx(row(`<c r="BXX3"><v>1</v></c>`.replace("3", "")).repeat(20_000)),
      "unpacks_to_too_much",
    ],
    ["tags in tags", () => xlsx(`${"<a>".repeat(100_000)}`), "damaged_file"],
    [
      "attributes without end",
      () => xlsx(`<row ${Array.from({ length: 5000 }, (_, at) => `a${at}=""`).join(" ")}/>`),
      "damaged_file",
    ],
    [
      "a cell that comes a million times (.ods)",
      () => ods(odsRow(odsCell("x", `table:number-columns-repeated="${million}"`))),
      "too_many_columns",
    ],
    [
      "a row that comes a million times (.ods)",
      () =>
        ods(odsRow(odsCell("x", 'table:number-columns-repeated="1024"'), `table:number-rows-repeated="${million}"`)),
      "unpacks_to_too_much",
    ],
    [
      "a million spaces in a tag (.ods)",
      () => ods(odsRow(`<table:table-cell><text:p><text:s text:c="${million}"/></text:p></table:table-cell>`)),
      "cell_too_long",
    ],
    [
      "cells that reach over a million rows and columns",
      () => html(`<tr>${"<td colspan=1000 rowspan=65534>x".repeat(3)}`),
      "too_many_columns",
    ],
    ["tables in tables", () => html("<table><tr><td>".repeat(50)), "damaged_file"],
  ])("%s", async (_what, file, code) => {
    await refused(file(), code);
  });

  it("what comes a million times and is empty is nothing", async () => {
    const blank = odsRow(
      '<table:table-cell table:number-columns-repeated="16384"/>',
      `table:number-rows-repeated="1000000"`,
    );
    expect(await rowsOf(ods(blank + odsRow(odsCell("Petit"))))).toEqual([good, ["Petit"]]);
  });

  it.each<[string, (document: Document) => Promise<Workbook>, (sheets: string) => string, (cell: string) => string]>([
    [
      ".ods",
      openOds,
      (sheets) => `<office:document ${odsNames}>${sheets}</office:document>`,
      (cell) => `<table:table>${odsRow(odsCell(cell))}</table:table>`,
    ],
    [
      "XML 2003",
      openSpreadsheetXml,
      (sheets) => `<Workbook>${sheets}</Workbook>`,
      (cell) => `<Worksheet><Table><Row><Cell><Data ss:Type="String">${cell}</Data></Cell></Row></Table></Worksheet>`,
    ],
  ])(
    "sheets without end in one document are looked at while it is read once (%s)",
    async (_what, open, book, sheet) => {
      const cells = Array.from({ length: 300 }, (_, at) => (at === 7 ? `${long}x` : `nom ${at}`));
      const bytes = bytesOf(book(cells.map(sheet).join("")));
      let reads = 0;
      const content = async function* () {
        reads += 1;
        yield bytes;
      };
      const { sheets } = await open({ content, unpacked: bytes.length, fileBytes: bytes.length });
      const heads = await Promise.all(sheets.map(({ head }) => head().catch((error: ImportRefusal) => error.code)));
      expect(reads).toBe(1);
      expect(heads[6]).toEqual([{ cells: ["nom 6"], line: 1 }]);
      // What cannot be read in one of them is said where it is looked at.
      expect(heads[7]).toBe("cell_too_long");
      expect(heads[50]).toEqual([]);
      expect(heads).toHaveLength(300);
    },
  );

  it("a sheet that is named a thousand times is one", async () => {
    const sheet = `<worksheet><sheetData>${row(inline(...names))}${row(inline(...good))}</sheetData></worksheet>`;
    const file = zipOf(
      part("[Content_Types].xml", "<Types/>"),
      part("xl/workbook.xml", `<workbook xmlns:r="r">${'<sheet name="A" r:id="r1"/>'.repeat(5000)}</workbook>`),
      part(
        "xl/_rels/workbook.xml.rels",
        `<Relationships>${relation("r1", "worksheet", "worksheets/s.xml")}</Relationships>`,
      ),
      part("xl/worksheets/s.xml", sheet),
      { name: "xl/media/image.png", content: new Uint8Array(randomBytes(10_000)) },
    );
    expect((await readAll(file)).reading.sheets).toEqual(["A"]);
  });

  it("files of every format that are made to take memory and time take neither", async () => {
    const report = await fuzzFiles({ count: 80, seed: 20, keep: tmpdir() });
    expect(report.breaches, filesInWords(report)).toEqual([]);
    expect(Object.keys(report.outcomes)).toHaveLength(8);
  }, 300_000);
});

describe("what is stored is what the file says", () => {
  it.each([
    ["a number that no text has", (at: string) => `<c t="s"><v>${at}</v></c>`, ["1", "-1", "0.5", "4294967296", "x"]],
    [
      "a row before the one it comes after",
      (at: string) => `</row><row r="${at}">${inline("x")}`,
      ["1", "0", "-3", "1e99", "x"],
    ],
    [
      "a cell before the one it comes after",
      (at: string) => `${inline("x", "y")}<c r="${at}"><v>1</v></c>`,
      ["A3", "B3", "3", ""],
    ],
  ])("%s makes the file a damaged one", async (_what, cells, places) => {
    for (const place of places) await refused(xlsx(row(cells(place)), "<si><t>secret</t></si>"), "damaged_file");
  });

  it("of two parts with one name none is read", async () => {
    const twice = part("xl/worksheets/s.xml", "<worksheet/>");
    await refused(
      zipOf(part("[Content_Types].xml", "<Types/>"), twice, { ...twice, name: "XL\\worksheets/S.xml" }),
      "damaged_file",
    );
  });

  it("errors, and formulas that nobody has worked out, are no values", async () => {
    const cells = `<c t="e"><v>#REF!</v></c><c><f>A1</f></c><c t="str"><f>A1</f></c>${inline("fin")}`;
    expect(await rowsOf(xlsx(row(cells)))).toEqual([good, ["", "", "", "fin"]]);
    const odsError = odsCell("#N/A", 'calcext:value-type="error"') + odsCell("Err:502") + odsCell("fin");
    expect(await rowsOf(ods(odsRow(odsError)))).toEqual([good, ["", "", "fin"]]);
    expect(await rowsOf(html("<tr><td>#REF!<td>#DIV/0!<td>fin"))).toEqual([good, ["", "", "fin"]]);
    const text = `nom;email;tel;mobile;secteur;région\n#N/A;#REF!;#VALEUR!;0639980112;#NOM?;#DIV/0!\n#1;a@example.com;;;PV;PACA\n`;
    expect(await stagedRows(text)).toEqual([
      { line: 2, phone: "0639980112" },
      { line: 3, last_name: "#1", email: "a@example.com", sector: "PV", region: "PACA" },
    ]);
  });

  it("a remark beside the table of a workbook refuses no row", async () => {
    const remark = workbookOf([names, [...good, null, null, "à rappeler"]]);
    expect(await stagedRows(remark)).toMatchObject([{ line: 2, last_name: "Durand" }]);
    expect((await stagedRows(remark))[0]).not.toHaveProperty("defect");
    expect(await stagedRows(`${names.join(";")}\n${good.join(";")};oups\n`)).toMatchObject([
      { defect: "too_many_cells" },
    ]);
  });
});

describe("a workbook is read wherever its parts are", () => {
  const sheet = `<worksheet><sheetData>${row(inline(...names))}${row(inline(...good))}</sheetData></worksheet>`;
  const types = part("[Content_Types].xml", "<Types/>");
  const book = '<workbook xmlns:r="r"><sheets><sheet name="A" r:id="r1"/></sheets></workbook>';

  it("with backslashes in its names", async () => {
    const file = zipOf(
      types,
      part("xl\\workbook.xml", book),
      part(
        "xl\\_rels\\workbook.xml.rels",
        `<Relationships>${relation("r1", "worksheet", "worksheets\\s.xml")}</Relationships>`,
      ),
      part("xl\\worksheets\\s.xml", sheet),
    );
    expect(await rowsOf(file)).toEqual([good]);
  });

  it.each(["/feuilles/s.xml", "../feuilles/s.xml", ".././x/../feuilles/s.xml"])(
    "outside xl/, at %s",
    async (target) => {
      const file = zipOf(
        types,
        part("_rels/.rels", `<Relationships>${relation("r1", "officeDocument", "livre/w.xml")}</Relationships>`),
        part("livre/w.xml", book),
        part("livre/_rels/w.xml.rels", `<Relationships>${relation("r1", "worksheet", target)}</Relationships>`),
        part("feuilles/s.xml", sheet),
      );
      expect(await rowsOf(file)).toEqual([good]);
    },
  );

  it("in a zip whose sizes have 64 bits", async () => {
    expect(await rowsOf(zip64({ "leads.csv": `${names.join(";")}\n${good.join(";")}\n` }))).toEqual([good]);
  });
});

/** A zip that tells all its sizes and places with 64 bits. */
function zip64(files: Record<string, string>): Uint8Array {
  const [name, content] = Object.entries(files)[0] as [string, string];
  const length = Buffer.byteLength(content);
  const packed = deflateRawSync(content);
  const large = (...values: number[]) =>
    Buffer.concat(values.map((value) => Buffer.from(new BigUint64Array([BigInt(value)]).buffer)));
  const head = (extra: number) => {
    const bytes = Buffer.alloc(26, 0);
    bytes.writeUInt16LE(45, 0);
    bytes.writeUInt16LE(8, 4);
    bytes.fill(255, 14, 22);
    bytes.writeUInt16LE(name.length, 22);
    bytes.writeUInt16LE(extra, 24);
    return bytes;
  };
  const sizes = (length: number) => Buffer.from([1, 0, length, 0]);
  const own = Buffer.concat([sizes(16), large(length, packed.length)]);
  const file = Buffer.concat([Buffer.from("PK\x03\x04"), head(own.length), Buffer.from(name), own, packed]);
  const told = Buffer.concat([sizes(24), large(length, packed.length, 0)]);
  const place = Buffer.alloc(14, 0);
  place.fill(255, 10, 14);
  const directory = Buffer.concat([
    Buffer.from("PK\x01\x02\x2d\0", "latin1"),
    head(told.length),
    place,
    Buffer.from(name),
    told,
  ]);
  const end64 = Buffer.concat([
    Buffer.from("PK\x06\x06"),
    large(44),
    Buffer.alloc(12),
    large(1, 1, directory.length, file.length),
  ]);
  const locator = Buffer.concat([
    Buffer.from("PK\x06\x07"),
    Buffer.alloc(4),
    large(file.length + directory.length),
    Buffer.from([1, 0, 0, 0]),
  ]);
  const end = Buffer.concat([Buffer.from("PK\x05\x06"), Buffer.alloc(4), Buffer.alloc(12, 255), Buffer.alloc(2)]);
  return new Uint8Array(Buffer.concat([file, directory, end64, locator, end]));
}

it("what is refused is not left open", async () => {
  const files = [
    bytesOf("nom\nA\n"),
    bytesOf("%PDF-1.7"),
    bytesOf(""),
    xlsx("<row"),
    new Uint8Array(gzipSync("nom\n")),
    html("").subarray(0, 9),
  ];
  for (const file of files) {
    let open = false;
    async function* pieces() {
      open = true;
      try {
        for (let at = 0; at <= file.length; at += 3) yield file.subarray(at, at + 3);
      } finally {
        open = false;
      }
    }
    await expect(readAll(pieces())).rejects.toBeInstanceOf(ImportRefusal);
    expect(open).toBe(false);
  }
});

describe("while a file is read, the rest of the process has its turn", () => {
  const many = Array.from({ length: 6000 }, (_, at) => [`Nom ${at}`, `a${at}@example.com`, "Isolation", "Bretagne"]);
  const csv = () =>
    bytesOf(
      [names, ...many, ...many, ...many, ...many]
        .map((cells) => cells.join(";"))
        .join("\n")
        .repeat(8),
    );

  it.each<[string, () => Uint8Array]>([
    ["a text that is here as one piece", csv],
    [".csv.gz", () => new Uint8Array(gzipSync(csv()))],
    [".xlsx", () => workbookOf([names, ...many])],
    [".ods", () => ods(many.map((cells) => odsRow(cells.map((text) => odsCell(text)).join(""))).join(""))],
    ["a web page", () => html(many.map((cells) => `<tr><td>${cells.join("<td>")}`).join(""))],
  ])("%s", async (_what, file) => {
    const bytes = file();
    let turns = 0;
    const watch = setInterval(() => {
      turns += 1;
    }, 0);
    try {
      await readAll(bytes);
    } finally {
      clearInterval(watch);
    }
    expect(turns).toBeGreaterThan(2);
  });
});

describe("over HTTP", () => {
  let people: People;
  let owner: Person;
  let supplier: Supplier;
  beforeAll(async () => {
    [people, owner] = await Promise.all([signInPeople(), signUp("leads", "fournisseur")]);
    supplier = await addSupplier(owner);
  });
  const forget = async () => {
    await db()`delete from leads.leads where supplier_id = ${supplier.id}`;
    await db()`delete from leads.imports where supplier_id = ${supplier.id}`;
    await db()`update leads.suppliers set status = 'active' where id = ${supplier.id}`;
  };
  beforeEach(forget);
  afterAll(async () => {
    const storage = serviceClient().storage.from("imports");
    const { data } = await storage.list(supplier.id);
    if (data && data.length > 0) await storage.remove(data.map(({ name }) => `${supplier.id}/${name}`));
    await forget();
    await removeSuppliers(supplier);
  });

  async function upload(person: Person, content: BlobPart, fields: Record<string, string> = {}) {
    const form = new FormData();
    form.set("file", new File([content], "leads.csv"));
    for (const [field, value] of Object.entries(fields)) form.set(field, value);
    const headers = { Authorization: `Bearer ${person.token}` };
    const response = await fetch(`${stack.systems.leads?.apiBase}/imports`, { method: "POST", headers, body: form });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as unknown };
  }
  const statusOf = async (id: string) =>
    z.object({ status: z.string() }).parse((await askApi("leads", `/api/imports/${id}`, { token: owner.token })).body)
      .status;
  const ended = async (id: string) => {
    while ((await statusOf(id)) === "processing") await new Promise((resolve) => setTimeout(resolve, 50));
    return importDetail.parse((await askApi("leads", `/api/imports/${id}`, { token: owner.token })).body);
  };
  const line = () => `Durand;${randomUUID()}@example.test;Isolation;Bretagne\n`;
  const large = () =>
    `${names.join(";")};x\n${Array.from({ length: 20 }, () => line().trim()).join(";\n")};${"x".repeat(1024 * 1024)}\n`;

  it("a supplier whom nobody has validated sends small files only; an admin sends what he likes for him", async () => {
    await db()`update leads.suppliers set status = 'pending_validation' where id = ${supplier.id}`;
    const refusal = expectRefusal(await unchanged(() => upload(owner, large())), 413, "file_too_large_unvalidated");
    expect(refusal.message).toContain("1 Mo");
    const small = await upload(owner, `${names.join(";")}\n${line()}`);
    expect(small.status, small.text).toBe(202);
    const byAdmin = await upload(people.admin, large(), { fournisseur: supplier.reference });
    expect(byAdmin.status, byAdmin.text).toBe(202);
    for (const { body } of [small, byAdmin]) await ended((body as { id: string }).id);
  });

  it("a workbook of 39 kB that would take gigabytes is refused, and nothing changes", async () => {
    const bomb = xlsx(row('<c t="s"><v>0</v></c>').repeat(6000), `<si><t>${"x".repeat(1024 * 1024)}</t></si>`);
    const answer = await unchanged(() => upload(owner, bomb as BlobPart));
    const { details } = expectRefusal(answer, 422, "invalid_fields");
    expect(details).toMatchObject([{ code: "cell_too_long", message: expect.stringContaining("32 767 caractères") }]);
  });

  const person = () => ["Durand", `${randomUUID()}@example.test`, "Isolation", "Bretagne"];
  const table = (cells: string[]) => [names, cells].map((each) => each.join(";")).join("\n");
  const cover = [["Export du mois"], ["Contact : nous"]];
  it.each<[string, (cells: string[]) => string | Uint8Array, Record<string, string>, Record<string, string>]>([
    [
      "a text in MS-DOS letters",
      (cells) =>
        Buffer.from(
          `nom;email;secteur;ville;r\x82gion\n${cells.with(0, "Lef\x8avre").toSpliced(3, 0, "Orl\x82ans").join(";")}\n`,
          "latin1",
        ),
      {},
      { lastName: "Lefèvre" },
    ],
    ["a text in UTF-16", (cells) => Buffer.from(`\ufeff${table(cells).replaceAll(";", "\t")}\n`, "utf16le"), {}, {}],
    [
      "a family name and a name",
      (cells) => `Name;Family Name;email;secteur;région\nAnne Durand;${cells.join(";")}\n`,
      {},
      { lastName: "Durand" },
    ],
    ["quoted formulas", (cells) => `${names.join(";")}\n${cells.map((cell) => `"=""${cell}"""`).join(";")}\n`, {}, {}],
    [
      "signs that nobody sees",
      (cells) => `${names.join(";")}\n${cells.map((cell) => `\u200b${cell}\u00a0`).join(";")}\n`,
      {},
      {},
    ],
    [
      "an export of a form, with its sector told",
      ([, email]) =>
        `id,created_time,full_name,email,phone_number,region\nl:1,2026-02-10T10:00:00+0100,"DURAND Anne",${email},,Bretagne\n`,
      { set: '{"sector": "Isolation"}' },
      { lastName: "DURAND" },
    ],
    [".gz", (cells) => gzipSync(`${table(cells)}\n`), {}, {}],
    [".zip", (cells) => zipOf(part("leads.csv", `${table(cells)}\n`)), {}, {}],
    [".zip with sizes of 64 bits", (cells) => zip64({ "leads.csv": `${table(cells)}\n` }), {}, {}],
    [".xlsx behind a cover", (cells) => workbookOf(cover, [names, cells]), {}, {}],
    [".ods", (cells) => ods(odsRow(cells.map((cell) => odsCell(cell)).join(""))), {}, {}],
    [
      "a web page behind a remark",
      (cells) => `<!-- e --><table><tr><td>${names.join("<td>")}<tr><td>${cells.join("<td>")}</table>`,
      {},
      {},
    ],
  ])("%s comes in, from its supplier and from an admin for him", async (_what, file, fields, expected) => {
    for (const [who, more] of [
      [owner, {}],
      [people.admin, { fournisseur: supplier.reference }],
    ] as const) {
      const cells = person();
      const accepted = await upload(who, file(cells) as BlobPart, { ...fields, ...more });
      expect(accepted.status, accepted.text).toBe(202);
      expect(await ended((accepted.body as { id: string }).id)).toMatchObject({ status: "completed", invalid: 0 });
      const found = await db()`select c.last_name as "lastName", l.sector, l.region
        from leads.leads l join leads.lead_contacts c on c.lead_id = l.id where c.email = ${cells[1] as string}`;
      expect([...found]).toMatchObject([{ lastName: "Durand", sector: "Isolation", region: "Bretagne", ...expected }]);
    }
  });

  it("others are answered before a large import of one supplier has ended", async () => {
    const rows = Array.from({ length: 20_000 }, () => line().trim().split(";"));
    const accepted = await upload(owner, workbookOf([names, ...rows]));
    const { id } = importDetail.parse(accepted.body);
    for (const person of [undefined, people.acheteur, people.admin]) {
      expect((await askApi("leads", "/api/leads?limit=1", { token: person?.token })).status).toBe(200);
    }
    expect(await statusOf(id)).toBe("processing");
    expect(await ended(id)).toMatchObject({ status: "completed", read: 20_000, inserted: 20_000 });
  }, 60_000);
});

import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { ImportRefusal, type RefusalCode } from "../../functions/_shared/import/refusal.ts";
import { zipOf } from "../support/workbook.ts";
import { bytesOf, openImportFile, readAll } from "./reading.ts";

// Files that were made to do harm end in a refusal, soon and in little memory.

const megabyte = 1024 * 1024;
const head = "nom;email;secteur;région";
const row = "A;a@example.com;Isolation;Bretagne";

/** A text, and then the same piece again and again, as far as `megabytes`; how much of it was read is counted. */
function endless(start: string, piece: Uint8Array, megabytes: number) {
  const counted = { megabytes: 0 };
  async function* bytes() {
    yield bytesOf(start);
    for (let read = 0; read < megabytes * megabyte; read += piece.length) {
      counted.megabytes = read / megabyte;
      yield piece;
    }
  }
  return { bytes: bytes(), counted };
}

const filled = (letter: string) => new Uint8Array(64 * 1024).fill(letter.charCodeAt(0));

it.each<[string, string, string, RefusalCode]>([
  ["a line of 1 GB", `${head}\n${row}\n`, "a", "line_too_long"],
  ["a header of 1 GB", "", "a", "line_too_long"],
  ["a header of 1 GB in quotes", '"', "a", "unclosed_quote"],
  ["a value in quotes of 1 GB", `${head}\n${row}\n"`, "\n", "unclosed_quote"],
  ["a row of nothing but separators", `${head}\n${row}\n`, ";", "too_many_columns"],
  ["a row of nothing but quotes", `${head}\n${row}\n`, '"', "line_too_long"],
])("%s is not read further than a megabyte or two", async (_what, start, letter, code) => {
  const { bytes, counted } = endless(start, filled(letter), 1024);
  await refused(bytes, code);
  expect(counted.megabytes).toBeLessThan(2.5);
});

it("a quarter of a GB of empty lines is read, and in little memory", async () => {
  const { bytes } = endless(`${head}\n${row}\n`, filled("\n"), 256);
  const { rows } = await bounded(() => readAll(bytes));
  expect(rows).toHaveLength(1);
});

it("100,000 columns, in the header or in a row", async () => {
  const wide = `${"x;".repeat(100_000)}\n`;
  await refused([bytesOf(`${head};${wide}${row}\n`)], "too_many_columns");
  await refused([bytesOf(`${head}\n${row}\n${wide}`)], "too_many_columns");
});

it("a .gz that unpacks to a thousand times its size", async () => {
  const text = Buffer.alloc(64 * megabyte, `${row}\n`);
  text.write(`${head}\n`);
  await refused([new Uint8Array(gzipSync(text))], "unpacks_to_too_much");
});

const types = { name: "[Content_Types].xml", content: bytesOf("<Types/>") };
const relations = (target: string) => ({
  name: "xl/_rels/workbook.xml.rels",
  content: bytesOf(`<Relationships><Relationship Id="r1" Target="${target}"/></Relationships>`),
});
const book = {
  name: "xl/workbook.xml",
  content: bytesOf('<workbook xmlns:r="r"><sheets><sheet name="A" r:id="r1"/></sheets></workbook>'),
};
/** A workbook of one sheet, given by its XML, and of parts beside it. */
const workbook = (sheet: Uint8Array, ...parts: { name: string; content: Uint8Array }[]) =>
  zipOf(
    types,
    book,
    relations("worksheets/sheet1.xml"),
    { name: "xl/worksheets/sheet1.xml", content: sheet },
    ...parts,
  );
const cellsOf = (values: string[]) => values.map((value) => `<c t="inlineStr"><is><t>${value}</t></is></c>`).join("");
const sheetOf = (...rows: string[]) =>
  bytesOf(`<worksheet><sheetData>${rows.map((cells) => `<row>${cells}</row>`).join("")}</sheetData></worksheet>`);
const headCells = cellsOf(head.split(";"));
const rowCells = cellsOf(row.split(";"));

it("a sheet written by hand is read, so that the refusals below are of what they say", async () => {
  const { rows } = await readAll(workbook(sheetOf(headCells, rowCells)));
  expect(rows).toEqual([{ cells: row.split(";"), line: 2 }]);
});

it.each<[string, () => Uint8Array, RefusalCode]>([
  [
    "entities that multiply (billion laughs)",
    () => {
      const entities = Array.from({ length: 9 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join("");
      const doctype = `<!DOCTYPE x [<!ENTITY l0 "lol">${entities}]>`;
      return workbook(bytesOf(`${doctype}<worksheet><sheetData><row><c><v>&l9;</v></c></row></sheetData></worksheet>`));
    },
    "damaged_file",
  ],
  [
    "an entity that names a file",
    () => workbook(bytesOf('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><worksheet>&f;</worksheet>')),
    "damaged_file",
  ],
  ["a cell in column 100,000", () => workbook(sheetOf(headCells, '<c r="EQXD2"><v>1</v></c>')), "too_many_columns"],
  [
    "a cell that never ends",
    () => workbook(sheetOf(headCells, `<c><v>${noise(4 * megabyte)}</v></c>`)),
    "cell_too_long",
  ],
  ["tags that are not closed", () => workbook(bytesOf(`<worksheet><sheetData><row>${headCells}`)), "damaged_file"],
  ["a sheet that is not there", () => zipOf(types, book, relations("worksheets/none.xml")), "damaged_file"],
  ["a sheet that is no XML", () => workbook(bytesOf("PK and nothing else")), "damaged_file"],
  [
    "two entries that share their bytes and tell a terabyte",
    () => {
      const zip = workbook(sheetOf(headCells, rowCells));
      const told = zip.lastIndexOf(0x50, zip.length - 30);
      zip.fill(0xff, told + 24, told + 28);
      return zip;
    },
    "unpacks_to_too_much",
  ],
])("a workbook with %s", async (_what, file, code) => {
  await refused([file()], code);
});

it.each(["99999999", "-1", "0.5", "1e0"])(
  "a workbook whose texts are asked for by number %s, which there is not",
  async (number) => {
    await refused([workbook(sheetOf(headCells, `${rowCells}<c t="s"><v>${number}</v></c>`))], "damaged_file");
  },
);

/** Letters that do not pack well. */
function noise(length: number): string {
  let state = 1;
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(97 + (state % 26));
  }).join("");
}

async function refused(bytes: AsyncIterable<Uint8Array> | Uint8Array[], code: RefusalCode): Promise<void> {
  const refusal = (await bounded(() => goThrough(bytes)).catch((error: unknown) => error)) as ImportRefusal;
  expect(refusal).toBeInstanceOf(ImportRefusal);
  expect(refusal.code, refusal.message).toBe(code);
}

/** Reads a file to its end and keeps nothing of it. */
async function goThrough(bytes: AsyncIterable<Uint8Array> | Uint8Array[]): Promise<void> {
  const { rows } = await openImportFile(bytes, { asked: new Map(), saved: new Map() });
  for await (const _ of rows);
}

/** Does `work`, in less than 10 s and 100 MB more than the process has had so far. */
async function bounded<Result>(work: () => Promise<Result>): Promise<Result> {
  const peak = () => process.resourceUsage().maxRSS / 1024;
  const before = { megabytes: peak(), cpu: process.cpuUsage() };
  try {
    return await work();
  } finally {
    // The processor's time, in µs: a machine that is busy with others is not the file's fault.
    expect(process.cpuUsage(before.cpu).user).toBeLessThan(10_000_000);
    expect(peak() - before.megabytes).toBeLessThan(100);
  }
}

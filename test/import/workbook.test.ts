import { describe, expect, it } from "vitest";
import { openImportFile, readRecords } from "../../functions/_shared/import/read-file.ts";
import { UnsupportedFormat } from "../../functions/_shared/import/refusal.ts";
import { rejectFile } from "../../functions/_shared/import/rejects.ts";
import { workbookOf, zipBomb, zipOf } from "../support/workbook.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

async function rowsOf(file: Uint8Array | Uint8Array[]) {
  const { rows } = await openImportFile(Array.isArray(file) ? file : [file], new Map(), new Map());
  const records = [];
  for await (const batch of rows) records.push(...batch.records);
  return records;
}

const head = ["nom", "email", "secteur", "région"];
const good = ["Élise; B", "a@b.fr", "PV", "PACA"];
/** The text that a single cell of a workbook gives. */
const textOf = async (cell: number | boolean | { t: "n"; v: number; z: string }) =>
  (
    await rowsOf(
      workbookOf([
        [...head, "x"],
        [...good, cell],
      ]),
    )
  )[0]?.cells[4];

describe("a workbook", () => {
  it("gives the rows of its CSV twin, with the same numbers", async () => {
    const rows = [head, ["A", "a@b.fr", "PV", "PACA"], [], ["", "", " ", ""], ['B "b"', "b@b.fr", "", "PACA", "oups"]];
    const twin = rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(";")).join("\r\n");
    const read = await rowsOf(workbookOf(rows));
    expect(read).toEqual(await rowsOf(bytesOf(twin)));
    expect(read.map(({ line }) => line)).toEqual([2, 5]);
  });

  it("is read alike however it is cut into pieces", async () => {
    const file = workbookOf([head, good]);
    for (const at of [1, 3, 4, 5, file.length - 1]) {
      expect(await rowsOf([file.slice(0, at), file.slice(at)]), `cut at ${at}`).toEqual([{ cells: good, line: 2 }]);
    }
  });

  it("is read from its first sheet that is not empty, whose first row that is not empty is the header", async () => {
    const file = workbookOf([], [[" ", null]], [[], [], head, good], [head, ["Z", "z@b.fr", "PV", "PACA"]]);
    expect(await rowsOf(file)).toEqual([{ cells: good, line: 4 }]);
  });

  it("is read to its end, also where its header comes late", async () => {
    for (const empty of [0, 99, 100, 2500]) {
      const rows = [...Array.from({ length: empty }, () => []), head, ...Array.from({ length: 4500 }, () => good)];
      const read = await rowsOf(workbookOf(rows));
      expect(
        read.map(({ line }) => line),
        `${empty} empty rows`,
      ).toEqual(Array.from({ length: 4500 }, (_, index) => empty + 2 + index));
    }
  });

  it("has a surplus cell seen that stands far beside the header", async () => {
    const [row] = await rowsOf(workbookOf([head, [...good, null, null, null, "oups"]]));
    expect(row?.cells).toEqual([...good, "oups"]);
  });

  it.each([
    ["a telephone shown as 3.36E+10", { t: "n" as const, v: 33639980112, z: "0.00E+00" }, "33639980112"],
    ["a telephone shown in pairs", { t: "n" as const, v: 639980112, z: "00 00 00 00 00" }, "639980112"],
    ["a number with more digits than are kept", 3.36e20, "3.36E+20"],
    ["a price that is not exact", 0.1 + 0.2, "0.3"],
    ["a price shown with its currency", { t: "n" as const, v: 35.5, z: "#,##0.00 €" }, "35.5"],
    ["a percentage", { t: "n" as const, v: 0.8, z: "0%" }, "80 %"],
    ["a day", { t: "n" as const, v: 46063, z: "dd/mm/yyyy" }, "2026-02-10"],
    ["a time", { t: "n" as const, v: 46063.604166666664, z: "dd/mm/yyyy hh:mm" }, "2026-02-10 14:30:00"],
    ["yes", true, "oui"],
    ["no", false, "non"],
  ])("%s is the text that the import reads", async (_what, cell, text) => {
    expect(await textOf(cell)).toBe(text);
  });

  it("has its refused rows written as a CSV file, with the numbers of the sheet's rows", async () => {
    const { delimiter, records } = await readRecords([workbookOf([[], head, good, ["=1+1", "b@b.fr", "?", "PACA"]])]);
    async function* rejects() {
      yield { line: 4, reason: "Mauvais." };
    }
    let written = "";
    for await (const piece of rejectFile(records, rejects(), delimiter)) written += piece;
    expect(written).toBe("\ufeffligne;motif;nom;email;secteur;région\r\n4;Mauvais.;'=1+1;b@b.fr;?;PACA\r\n");
  });
});

describe("is refused:", () => {
  const types = { name: "[Content_Types].xml", content: bytesOf("<Types/>") };

  it.each<[string, Uint8Array, string]>([
    ["an empty workbook", workbookOf([]), "Ce fichier est vide."],
    ["a header without rows", workbookOf([head]), "pas de ligne après l'en-tête"],
    ["a column that is missing", workbookOf([["nom"], ["A"]]), "Il manque : secteur (sector)"],
    ["a workbook that is cut off", workbookOf([head, good]).slice(0, -30), "endommagé"],
    [
      "a directory that names no workbook's parts",
      zipOf(types, { name: "xl/a.xml", content: bytesOf("x") }),
      "endommagé",
    ],
    ["a workbook that unpacks to hundreds of times its size", zipBomb(20), "trop gros une fois décompressé (21 Mo"],
    ["a directory that tells too much", zipBomb(1, 0xffffffff), "trop gros une fois décompressé (4097 Mo"],
    ["a directory that hides how much there is", zipBomb(20, 1000), "endommagé"],
  ])("%s", async (_what, file, message) => {
    await expect(rowsOf(file)).rejects.toThrow(message);
  });

  it("a workbook of more than 50 MB, before it is read to its end", async () => {
    let read = 0;
    async function* endless() {
      for (;;) {
        yield read === 0 ? bytesOf("PK\x03\x04") : new Uint8Array(1024 * 1024);
        read += 1;
      }
    }
    const { records } = await readRecords(endless());
    await expect(records.next()).rejects.toThrow("dépasse 50 Mo");
    expect(read).toBeLessThan(55);
  });

  it.each<[string, Uint8Array, string]>([
    ["an archive that is no workbook", zipOf({ name: "leads.csv", content: bytesOf("nom") }), "archive ZIP"],
    ["another kind of workbook (.xlsb)", zipOf(types, { name: "xl/workbook.bin", content: bytesOf("x") }), ".xlsb"],
    ["an old workbook (.xls)", new Uint8Array([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1]), "ancien format (.xls)"],
  ])("%s, as a format that is not read", async (_what, file, message) => {
    const refusal = await rowsOf(file).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UnsupportedFormat);
    expect((refusal as Error).message).toContain(message);
  });
});

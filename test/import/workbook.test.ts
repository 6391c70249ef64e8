import { describe, expect, it } from "vitest";
import { ImportRefusal, type RefusalCode } from "../../functions/_shared/import/refusal.ts";
import { rejectFile } from "../../functions/_shared/import/rejects.ts";
import { workbookOf, zipBomb, zipOf } from "../support/workbook.ts";
import { bytesOf, openFile, readAll } from "./reading.ts";

const rowsOf = async (file: Uint8Array | Uint8Array[]) => (await readAll(file)).rows;

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
    expect(row?.cells).toEqual([...good, "", "", "", "oups"]);
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
    ["a percentage with decimals", { t: "n" as const, v: 0.8054, z: "0.00%" }, "80.54 %"],
    ["a percentage that shows none of them", { t: "n" as const, v: 0.8054, z: "0%" }, "81 %"],
    ["a time of day", { t: "n" as const, v: 0.604166666666667, z: "h:mm" }, "14:30"],
    ["a time of day with seconds", { t: "n" as const, v: 0.604166666666667, z: "hh:mm:ss" }, "14:30:00"],
    ["a time of day in English", { t: "n" as const, v: 0.604166666666667, z: "h:mm AM/PM" }, "14:30"],
    ["a time after midnight", { t: "n" as const, v: 1.25, z: "h:mm" }, "06:00"],
    ["a length of time", { t: "n" as const, v: 1.25, z: "[hh]:mm:ss" }, "30:00:00"],
    ["a length of time in minutes", { t: "n" as const, v: 1.25, z: "[h]:mm" }, "30:00"],
    ["a date that is shown by its time", { t: "n" as const, v: 46063.604166666664, z: "h:mm" }, "2026-02-10 14:30:00"],
    ["a date in words", { t: "n" as const, v: 46063, z: "[$-40C]dddd d mmmm yyyy" }, "2026-02-10"],
    ["a month", { t: "n" as const, v: 46063, z: "mmm\\-yy" }, "2026-02-10"],
    ["an amount in euros", { t: "n" as const, v: 25, z: '0" euros"' }, "25"],
    ["a number with letters beside it", { t: "n" as const, v: 12, z: '0" days"' }, "12"],
    ["yes", true, "oui"],
    ["no", false, "non"],
  ])("%s is the text that the import reads", async (_what, cell, text) => {
    expect(await textOf(cell)).toBe(text);
  });

  it("has its refused rows written as a CSV file, with the numbers of the sheet's rows", async () => {
    const workbook = workbookOf([[], head, good, ["=1+1", "b@b.fr", "?", "PACA"]]);
    const file = await openFile([workbook], { asked: new Map(), saved: new Map() });
    async function* rejects() {
      yield { line: 4, reason: "Mauvais." };
    }
    let written = "";
    for await (const piece of rejectFile(file, rejects())) written += piece;
    expect(written).toBe("\ufeffligne;motif;nom;email;secteur;région\r\n4;Mauvais.;'=1+1;b@b.fr;?;PACA\r\n");
  });
});

describe("is refused:", () => {
  const types = { name: "[Content_Types].xml", content: bytesOf("<Types/>") };
  const binaryBook = { name: "xl/workbook.bin", content: bytesOf("x") };
  const oldOffice = new Uint8Array([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ...Array(600).fill(7)]);
  /** A file of Office's old kind that has one stream, of which its directory is all that is read. */
  const oldOfficeFile = (stream: string) => {
    const file = Buffer.alloc(3 * 512, 255);
    file.fill(Buffer.from(oldOffice.slice(0, 8)), 0, 8);
    file.writeUInt16LE(9, 30);
    file.writeUInt32LE(0, 48);
    file.writeUInt32LE(1, 76);
    // One sector of the directory, and one that says where each goes on: nowhere.
    file.fill(0, 512, 1024);
    file.write(stream, 512, "utf16le");
    file.writeUInt16LE(2 * stream.length + 2, 512 + 64);
    return new Uint8Array(file);
  };
  const list = (name: string) => ({ name, content: bytesOf("nom") });

  it.each<[string, Uint8Array, RefusalCode, string]>([
    ["an empty workbook", workbookOf([]), "empty_file", "Ce fichier est vide."],
    ["a header without rows", workbookOf([head]), "no_rows", "pas de ligne après l'en-tête"],
    ["a column that is missing", workbookOf([["nom"], ["A"]]), "missing_columns", "Il manque : secteur (sector)"],
    ["a workbook that is cut off", workbookOf([head, good]).slice(0, -30), "damaged_file", "endommagé"],
    [
      "a directory that names no workbook's parts",
      zipOf(types, { name: "xl/a.xml", content: bytesOf("x") }),
      "damaged_file",
      "endommagé",
    ],
    [
      "a workbook that unpacks to hundreds of times its size",
      zipBomb(20),
      "unpacks_to_too_much",
      "trop gros une fois décompressé (21 Mo",
    ],
    ["a directory that tells too much", zipBomb(1, 0xffffffff), "unpacks_to_too_much", "décompressé (4097 Mo"],
    ["a directory that hides how much there is", zipBomb(20, 1000), "damaged_file", "endommagé"],
    ["another kind of workbook (.xlsb)", zipOf(types, binaryBook), "unsupported_format", ".xlsb"],
    [
      "a Word document (.docx)",
      zipOf(types, { name: "word/document.xml", content: bytesOf("x") }),
      "unsupported_format",
      "Word",
    ],
    [
      "a presentation",
      zipOf(types, { name: "ppt/presentation.xml", content: bytesOf("x") }),
      "unsupported_format",
      "présentation",
    ],
    [
      "a Numbers workbook",
      zipOf({ name: "Index/Document.iwa", content: bytesOf("x") }),
      "unsupported_format",
      "Exporter vers",
    ],
    ["a Word document (.doc)", oldOfficeFile("WordDocument"), "unsupported_format", "Word"],
    ["a workbook with a password", oldOfficeFile("EncryptedPackage"), "unsupported_format", "mot de passe"],
    ["a message (.msg)", oldOfficeFile("__properties_version1.0"), "unsupported_format", "message"],
    ["SYLK", bytesOf('ID;PWXL;N;E\r\nP;PGeneral\r\nC;Y1;X1;K"nom"\r\nE\r\n'), "unsupported_format", "SYLK (.slk)"],
    ["DIF", bytesOf('TABLE\r\n0,1\r\n"EXCEL"\r\n'), "unsupported_format", "DIF"],
    ["RTF", bytesOf("{\\rtf1\\ansi nom;email}"), "unsupported_format", "RTF"],
    ["RTF in UTF-16", new Uint8Array(Buffer.from("\ufeff{\\rtf1", "utf16le")), "unsupported_format", "RTF"],
    ["a PDF", bytesOf("%PDF-1.7\n"), "unsupported_format", "PDF"],
    ["an image (PNG)", new Uint8Array(Buffer.from("\x89PNG\r\n\x1a\n", "latin1")), "unsupported_format", "image"],
    [
      "an image (BMP)",
      new Uint8Array(Buffer.from("BM\x9a\x8b\x01\0\0\0\0\0", "latin1")),
      "unsupported_format",
      "image",
    ],
    ["an image of a telephone (HEIC)", bytesOf("\0\0\0\x18ftypheic"), "unsupported_format", "image"],
    ["a message (.eml)", bytesOf("From: a@example.com\nSubject: leads\n\nnom;email\n"), "unsupported_format", "jointe"],
    [
      "a saved page (.mht)",
      bytesOf("MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n"),
      "unsupported_format",
      "message",
    ],
    ["cards (.vcf)", bytesOf("BEGIN:VCARD\nVERSION:3.0\n"), "unsupported_format", ".vcf"],
    ["JSON", bytesOf('[\n  {"nom": "A"}]'), "unsupported_format", "JSON"],
    ["a database", bytesOf("SQLite format 3\0"), "unsupported_format", "base de données"],
    ["what only begins like an old workbook", oldOffice, "damaged_file", "endommagé ou protégé"],
    ["an archive of several files", zipOf(list("a.csv"), list("b.csv")), "unsupported_format", "2 fichiers"],
    [
      "an archive in an archive",
      zipOf({ name: "a.zip", content: zipOf(list("a.csv")) }),
      "unsupported_format",
      "autre",
    ],
    ["an archive without files", zipOf(), "empty_file", "vide"],
  ])("%s", async (_what, file, code, message) => {
    const refusal = (await rowsOf(file).catch((error: unknown) => error)) as ImportRefusal;
    expect(refusal).toBeInstanceOf(ImportRefusal);
    expect(refusal.code).toBe(code);
    expect(refusal.message).toContain(message);
  });

  it("a workbook of more than 50 MB, before it is read to its end", async () => {
    let read = 0;
    async function* endless() {
      for (;;) {
        yield read === 0 ? bytesOf("PK\x03\x04") : new Uint8Array(1024 * 1024);
        read += 1;
      }
    }
    await expect(readAll(endless())).rejects.toThrow("dépasse 50 Mo");
    expect(read).toBeLessThan(55);
  });
});

import { PDFDocument, type PDFPage } from "@cantoo/pdf-lib";
import fc from "fast-check";
import { encode } from "uqr";
import { describe, expect, test } from "vitest";
import { type About, identify, newDocument } from "../../functions/_shared/pdf/document.ts";
import { drawQr } from "../../functions/_shared/pdf/qr.ts";
import { newSheet } from "../../functions/_shared/pdf/sheet.ts";
import { drawTable } from "../../functions/_shared/pdf/table.ts";
import { pdfText } from "../support/factur-x.ts";

// What every system's documents are drawn with.

const about: About = { title: "Reçu", author: "Quelqu'un", day: "2026-02-10" };

describe("a document", () => {
  test("that is drawn twice is the same twice", async () => {
    const draw = async () => {
      const document = await newDocument(about);
      await newSheet(document);
      await identify(document, new TextEncoder().encode("R-2026-000001"));
      return Buffer.from(await document.save());
    };
    expect((await draw()).equals(await draw())).toBe(true);
    expect((await PDFDocument.load(await draw())).getTitle()).toBe("Reçu");
  });
});

describe("a table", () => {
  const columns = [
    { title: "Objet", at: 56, room: 200 },
    { title: "Montant", at: 500 },
  ];

  test("has every row, and its titles on each page", async () => {
    const document = await newDocument(about);
    const rows = Array.from({ length: 100 }, (_, at) => [`Ligne ${at + 1} ${"longue ".repeat(at % 9)}`, `${at},00 €`]);
    const end = drawTable(await newSheet(document), { columns, rows, top: 504 });
    const shown = (await pdfText(await document.save())).replace(/\s+/g, " ");
    const pages = document.getPageCount();
    expect(pages).toBeGreaterThan(2);
    expect(shown.match(/Objet/g)).toHaveLength(pages);
    for (const at of rows.keys()) expect(shown).toContain(`Ligne ${at + 1} `);
    expect(end).toBeGreaterThan(60);
  });

  test("leaves a row that no page has room for where it is", async () => {
    const document = await newDocument(about);
    drawTable(await newSheet(document), { columns, rows: [["W".repeat(3000), "1"]], top: 504 });
    expect(document.getPageCount()).toBe(1);
  });
});

describe("a QR code", () => {
  const [x, y, size] = [400, 100, 90];

  /** The modules of a drawn code, found by where its shape is dark. */
  async function drawn(text: string): Promise<boolean[][]> {
    const document = await PDFDocument.create();
    const sheet = await newSheet(document);
    drawQr(sheet, text, x, y, size);
    const written = contentOf(sheet.page);
    const [, a, b] = /1 0 0 1 (\S+) (\S+) cm/.exec(written) ?? [];
    expect([Number(a), Number(b)]).toEqual([x, y + size]);
    const points = [...written.matchAll(/^(\S+) (\S+) [ml]$/gm)].map(([, h, v]) => [Number(h), Number(v)]);
    const count = encode(text, { ecc: "M", border: 4 }).size;
    expect(written).toContain(`${size / count} 0 0 -${size / count} 0 0 cm`);
    const modules = Array.from({ length: count }, () => Array<boolean>(count).fill(false));
    for (let at = 0; at < points.length; at += 4) {
      const [[from = 0, row = 0] = [], [to = 0] = []] = points.slice(at, at + 4);
      for (let column = from; column < to; column += 1) (modules[row] as boolean[])[column] = true;
    }
    return modules;
  }

  const contentOf = (page: PDFPage) => {
    const streams = page.node.normalizedEntries().Contents?.asArray() ?? [];
    return streams.map((each) => page.doc.context.lookup(each)?.toString() ?? "").join("\n");
  };

  test("has the modules of its text, with the margin that readers need", async () => {
    const modules = await drawn("https://exemple.test/recu/R-2026-000001");
    expect(modules).toEqual(encode("https://exemple.test/recu/R-2026-000001", { ecc: "M", border: 4 }).data);
    expect(modules.slice(0, 4).flat()).not.toContain(true);
    // The finder in the upper left corner.
    expect(modules[4]?.slice(4, 12)).toEqual([...Array(7).fill(true), false]);
  });

  test("of any text", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 }), async (text) => {
        expect(await drawn(text)).toEqual(encode(text, { ecc: "M", border: 4 }).data);
      }),
      { numRuns: 20 },
    );
  });
});

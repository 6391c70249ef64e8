import { PDFDocument } from "@cantoo/pdf-lib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { drawInvoice, type Invoice } from "../../functions/leads/invoice-pdf.ts";

const identity = {
  name: "Zoé Blanc",
  address: "3 rue des Lilas\n35000 Rennes",
  siret: "73282932000074",
  vatNumber: null,
};
const invoice: Invoice = {
  ...{
    number: "FA-2026-000001",
    date: "2026-02-10",
    description: "Pack Pro — 50 crédits + 5 offerts",
    order: "CMD-001",
  },
  ...{
    netCents: 16583,
    vatCents: 3317,
    grossCents: 19900,
    vatPercent: 20,
    paymentMethod: "Carte bancaire",
    corrects: null,
  },
  buyer: { ...identity, company: "Rénovation Plus", siren: "732829320", email: "zoe@exemple.test", phone: null },
  seller: identity,
  mentions: ["TVA non applicable, art. 293 B du CGI.", "Indemnité forfaitaire de 40 € pour frais de recouvrement."],
};

describe("the PDF of an invoice", () => {
  test("is one A4 page with its number for a title, the same each time", async () => {
    const bytes = await drawInvoice(invoice);
    expect(Buffer.from(await drawInvoice(invoice)).equals(bytes)).toBe(true);
    const read = await PDFDocument.load(bytes);
    expect(read.getTitle()).toBe("Facture FA-2026-000001");
    expect(read.getPages().map((page) => page.getSize())).toEqual([{ width: 595.28, height: 841.89 }]);
    const note = await PDFDocument.load(
      await drawInvoice({ ...invoice, number: "AV-2026-000001", corrects: invoice.number }),
    );
    expect(note.getTitle()).toBe("Avoir AV-2026-000001");
  });

  test("is made whatever people are called, and however long", async () => {
    const text = fc.string({ unit: "grapheme", maxLength: 500 });
    await fc.assert(
      fc.asyncProperty(text, text, text, async (name, address, description) => {
        const buyer = { ...invoice.buyer, name, company: name, address };
        const bytes = await drawInvoice({ ...invoice, description, buyer, seller: { ...identity, name, address } });
        expect(Buffer.from(bytes).subarray(0, 5).toString()).toBe("%PDF-");
      }),
      {
        numRuns: 100,
        examples: [
          ["", "", ""],
          ["\n\t\u0000", "\ud800", "é"],
          ["W".repeat(500), "\n".repeat(500), " ".repeat(500)],
        ],
      },
    );
  });
});

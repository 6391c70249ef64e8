import { PDFDocument } from "@cantoo/pdf-lib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { drawInvoice } from "../../functions/leads/invoice-pdf.ts";
import { company, invoice } from "../support/invoices.ts";

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
        const bytes = await drawInvoice({ ...invoice, description, buyer, seller: { ...company, name, address } });
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

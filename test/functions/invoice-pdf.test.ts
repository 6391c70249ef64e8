import { PDFArray, PDFDict, PDFDocument, PDFHexString, PDFName, PDFRawStream, PDFString } from "@cantoo/pdf-lib";
import { extractXml } from "@stackforge-eu/factur-x";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { drawInvoice } from "../../functions/leads/invoices/invoice-pdf.ts";
import { invoiceXml } from "../../functions/leads/invoices/invoice-xml.ts";
import { invoiceProblems, pdfText, textsAt } from "../support/factur-x.ts";
import { company, invoice, invoices } from "../support/invoices.ts";

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

  test.each(Object.entries(invoices))("%s has the XML inside, with the figures that people read", async (_, each) => {
    const bytes = await drawInvoice(each);
    const { filename, xml } = await extractXml(bytes);
    expect([filename, xml]).toEqual(["factur-x.xml", invoiceXml(each)]);
    expect(invoiceProblems(xml)).toEqual([]);
    const shown = (await pdfText(bytes)).replace(/\s/g, " ");
    const [net, , vat, gross] = textsAt(xml, "//ram:SpecifiedTradeSettlementHeaderMonetarySummation/*");
    const sign = each.corrects ? "-" : "";
    for (const total of [net, gross]) expect(shown).toContain(`${sign}${total?.replace(".", ",")} €`);
    expect(shown).toContain(`${Number(vat) === 0 ? "" : sign}${vat?.replace(".", ",")} €`);
    for (const text of [each.number, ...textsAt(xml, "//ram:BuyerTradeParty//ram:PostalTradeAddress/ram:LineOne")])
      expect(shown).toContain(text);
  });

  test("has letters of other alphabets as they are, and the nearest of those that the font has not", async () => {
    const buyer = { ...invoice.buyer, company: "Żółć Ελλάς България", name: "東京 😀" };
    const shown = await pdfText(await drawInvoice({ ...invoice, buyer }));
    expect(shown).toContain("Żółć Ελλάς България");
    expect(shown).toContain("DongJing");
  });

  test("is PDF/A-3: fonts, colours and what it is are inside, the XML is its alternative", async () => {
    const { catalog, context } = await PDFDocument.load(await drawInvoice(invoice));
    const at = (dict: PDFDict, ...names: string[]) =>
      names.reduce<PDFDict>((inner, name) => inner.lookup(PDFName.of(name), PDFDict), dict);
    const named = (dict: PDFDict, name: string) => dict.lookup(PDFName.of(name), PDFName).decodeText();

    const file = catalog.lookup(PDFName.of("AF"), PDFArray).lookup(0, PDFDict);
    expect([
      named(file, "AFRelationship"),
      file.lookup(PDFName.of("UF"), PDFString, PDFHexString).decodeText(),
    ]).toEqual(["Alternative", "factur-x.xml"]);
    const stream = at(file, "EF").lookup(PDFName.of("F")) as PDFRawStream;
    expect(named(stream.dict, "Subtype")).toBe("text/xml");
    expect(at(stream.dict, "Params").has(PDFName.of("ModDate"))).toBe(true);

    const intent = catalog.lookup(PDFName.of("OutputIntents"), PDFArray).lookup(0, PDFDict);
    expect([named(intent, "S"), intent.lookup(PDFName.of("DestOutputProfile")) instanceof PDFRawStream]).toEqual([
      "GTS_PDFA1",
      true,
    ]);

    const metadata = catalog.lookup(PDFName.of("Metadata")) as PDFRawStream;
    const xmp = Buffer.from(metadata.contents).toString();
    expect(metadata.dict.has(PDFName.of("Filter"))).toBe(false);
    for (const said of [
      "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>",
      "<fx:DocumentType>INVOICE</fx:DocumentType><fx:DocumentFileName>factur-x.xml</fx:DocumentFileName><fx:Version>1.0</fx:Version><fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>",
      "<pdfaSchema:namespaceURI>urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#</pdfaSchema:namespaceURI>",
    ]) {
      expect(xmp).toContain(said);
    }

    expect([context.trailerInfo.ID instanceof PDFArray, context.trailerInfo.Encrypt]).toEqual([true, undefined]);
    const dicts = context.enumerateIndirectObjects().flatMap(([, object]) => (object instanceof PDFDict ? object : []));
    const ofType = (type: string) => dicts.filter((dict) => dict.get(PDFName.of("Type")) === PDFName.of(type));
    expect(
      ofType("FontDescriptor").map((dict) => dict.lookup(PDFName.of("FontFile2")) instanceof PDFRawStream),
    ).toEqual([true, true]);
    expect(new Set(ofType("Font").map((dict) => named(dict, "Subtype")))).toEqual(new Set(["Type0", "CIDFontType2"]));
    expect(dicts.filter((dict) => ["Group", "SMask", "ca", "CA"].some((key) => dict.has(PDFName.of(key))))).toEqual([]);
  });
});

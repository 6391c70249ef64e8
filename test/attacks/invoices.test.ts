import { PDFDocument, PDFName, type PDFRawStream } from "@cantoo/pdf-lib";
import { extractXml } from "@stackforge-eu/factur-x";
import { XmlDocument, XmlElement } from "libxml2-wasm";
import { describe, expect, it } from "vitest";
import { drawInvoice } from "../../functions/leads/invoices/invoice-pdf.ts";
import { invoiceXml } from "../../functions/leads/invoices/invoice-xml.ts";
import { invoiceProblems, textsAt } from "../support/factur-x.ts";
import { company, invoice } from "../support/invoices.ts";

// A buyer writes his name and addresses himself, and an admin the seller's: what of them could become part of the document
// that machines read, of its figures, or of the PDF around it.

const hostile: Record<string, string> = {
  "an element of its own": "Dupont</ram:Name><ram:Name>Durand",
  "a total of its own": "</ram:Name></x><ram:DuePayableAmount>-999.00</ram:DuePayableAmount>",
  "an entity of a file": '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>&f;',
  "the end of a section": "]]><![CDATA[x]]>",
  "a comment and an instruction": "--> <!-- <?xml version='1.0'?>",
  "written characters": "&#60;b&#62; &lt;b&gt; &amp;lt;",
  "an attribute": 'x" schemeID="0002" y="',
  "strings and operators of PDF": "(Dupont) Tj ET Q /JS (app.alert(1)) >> endobj \\\\",
  "control signs": "Du\u0000\u0001\u0008\u000b\u001bpont\ufffe\uffff",
  "halves of pairs": "\ud800Dupont\udc00",
  "the other direction": "Dupont \u202e00.1 EUR",
  "ten thousand letters": "W".repeat(10_000),
};

/** What of a name is left that XML cannot write. */
const left: Record<string, string> = {
  [hostile["control signs"] ?? ""]: "Du pont",
  [hostile["halves of pairs"] ?? ""]: "Dupont",
};

const named = (text: string) => ({
  ...{ ...invoice, description: text },
  seller: { ...company, name: `S ${text}`, address: `${text}\n35000 Rennes` },
  buyer: { ...invoice.buyer, name: text, company: text, address: `${text}\n${text}`, deliveryAddress: text },
});

/** The names of all elements, in their order, and their attributes. */
const skeleton = (xml: string) => {
  using document = XmlDocument.fromString(xml);
  return document.find("//* | //@*").map((node) => (node instanceof XmlElement ? node.name : `@${node.content}`));
};

describe("names and addresses of an invoice", () => {
  const plain = skeleton(invoiceXml(named("Dupont")));

  it.each(Object.entries(hostile))("add nothing to the XML: %s", (_, text) => {
    const xml = invoiceXml(named(text));
    expect(skeleton(xml)).toEqual(plain);
    expect(invoiceProblems(xml)).toEqual([]);
    expect(textsAt(xml, "//ram:BuyerTradeParty/ram:Name")).toEqual([left[text] ?? text]);
    expect(textsAt(xml, "//ram:GrandTotalAmount | //ram:DuePayableAmount")).toEqual(["199.00", "0.00"]);
  });

  it.each(Object.entries(hostile))("add nothing to the PDF: %s", async (_, text) => {
    const bytes = await drawInvoice(named(text));
    const { catalog } = await PDFDocument.load(bytes);
    expect(
      catalog
        .keys()
        .map((key) => key.decodeText())
        .sort(),
    ).toEqual(["AF", "Lang", "Metadata", "Names", "OutputIntents", "Pages", "Type", "ViewerPreferences"]);
    expect((await extractXml(bytes)).xml).toBe(invoiceXml(named(text)));
    const { contents } = catalog.lookup(PDFName.of("Metadata")) as PDFRawStream;
    // The metadata are XML of their own: that they can be read is what is tried.
    using metadata = XmlDocument.fromString(Buffer.from(contents).toString());
    expect(metadata.get("//pdfaid:part", { pdfaid: "http://www.aiim.org/pdfa/ns/id/" })?.content).toBe("3");
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Invoice } from "../../functions/leads/invoices/invoice-content.ts";
import { invoiceXml } from "../../functions/leads/invoices/invoice-xml.ts";
import { invoiceProblems, textsAt } from "../support/factur-x.ts";
import { company, invoice, invoices } from "../support/invoices.ts";

const named = (name: string) => invoices[name] as Invoice;
const xmlOf = (name: string) => invoiceXml(named(name));
const totals = "//ram:SpecifiedTradeSettlementHeaderMonetarySummation/*";
const tax = "//ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax";

describe("the XML of an invoice", () => {
  test.each(Object.keys(invoices))("%s keeps the published schema and the rules", (name) => {
    expect(invoiceProblems(xmlOf(name))).toEqual([]);
  });

  test("that breaks them would be found", () => {
    const xml = xmlOf("with VAT");
    const broken: [string, string, string][] = [
      ["<ram:DuePayableAmount>0.00", "<ram:DuePayableAmount>0.01", "BR-CO-16"],
      [">33.17</ram:TaxTotalAmount>", ">33.18</ram:TaxTotalAmount>", "BR-CO-14"],
      ["<ram:BasisAmount>165.83", "<ram:BasisAmount>165.84", "BR-S-08"],
      ["<ram:CalculatedAmount>33.17", "<ram:CalculatedAmount>33.19", "BR-CO-17"],
      ["<ram:SubjectCode>PMD", "<ram:SubjectCode>REG", "BR-FR-05"],
      ["<ram:CountryID>FR", "<ram:CountryID>France", "BR-09"],
    ];
    for (const [right, wrong, rule] of broken) {
      expect(invoiceProblems(xml.replace(right, wrong)), rule).toContain(rule);
    }
    const [problem] = invoiceProblems(xml.replace("<ram:TypeCode>380</ram:TypeCode>", ""));
    expect(problem).toContain("IssueDateTime");
  });

  test("says what was paid, and that nothing is due", () => {
    expect(textsAt(xmlOf("with VAT"), totals)).toEqual(["165.83", "165.83", "33.17", "199.00", "199.00", "0.00"]);
    expect(textsAt(xmlOf("with VAT"), "//ram:SpecifiedTradeSettlementPaymentMeans/*")).toEqual([
      "48",
      "Carte bancaire",
    ]);
    expect(textsAt(xmlOf("with VAT"), `${tax}/ram:DueDateTypeCode`)).toEqual(["72"]);
    expect(textsAt(xmlOf("with VAT on debits"), `${tax}/ram:DueDateTypeCode`)).toEqual(["5"]);
  });

  test("that credits has positive amounts, its own type, and the invoice that it is about", () => {
    const xml = xmlOf("that credits");
    expect(textsAt(xml, "//rsm:ExchangedDocument/ram:TypeCode")).toEqual(["381"]);
    expect(textsAt(xml, totals)).toEqual(["165.83", "165.83", "33.17", "199.00", "199.00", "0.00"]);
    expect(textsAt(xml, "//ram:InvoiceReferencedDocument/*")).toEqual(["FA-2026-000001", "20260209"]);
    expect(textsAt(xmlOf("with VAT"), "//ram:InvoiceReferencedDocument")).toEqual([]);
  });

  test("says on what ground there is no VAT", () => {
    const ground = (name: string) =>
      ["CategoryCode", "ExemptionReasonCode", "ExemptionReason"].map(
        (each) => textsAt(xmlOf(name), `${tax}/ram:${each}`)[0],
      );
    expect(ground("with VAT")).toEqual(["S", undefined, undefined]);
    expect(ground("reverse charged")).toEqual([
      "AE",
      "VATEX-EU-AE",
      expect.stringContaining("art. 196 de la directive"),
    ]);
    expect(ground("of a seller in franchise")).toEqual([
      "E",
      "VATEX-FR-FRANCHISE",
      "TVA non applicable, art. 293 B du CGI.",
    ]);
    const registered = textsAt(
      xmlOf("of a seller in franchise"),
      "//ram:SellerTradeParty/ram:SpecifiedTaxRegistration",
    );
    expect(registered).toEqual(["732829320"]);
  });

  test("has the parties' numbers and addresses where machines look for them", () => {
    const at = (xml: string, party: string, path: string) => textsAt(xml, `//ram:${party}TradeParty/${path}`);
    const plain = xmlOf("with VAT");
    expect(at(plain, "Seller", "ram:GlobalID[@schemeID = '0009']")).toEqual(["73282932000074"]);
    expect(at(plain, "Buyer", "ram:SpecifiedLegalOrganization/ram:ID[@schemeID = '0002']")).toEqual(["732829320"]);
    expect(at(plain, "Buyer", "ram:SpecifiedTaxRegistration/ram:ID[@schemeID = 'VA']")).toEqual(["FR44732829320"]);
    const addresses: [string | null, string | null, string[]][] = [
      [null, null, ["FR"]],
      ["3 rue des Lilas\n35000 Rennes CEDEX 7", null, ["35000", "3 rue des Lilas", "Rennes CEDEX 7", "FR"]],
      ["3 rue des Lilas, 35000 Rennes", null, ["35000", "3 rue des Lilas", "Rennes", "FR"]],
      ["1250 avenue Foch", null, ["1250 avenue Foch", "FR"]],
      [
        "Bât. A\nEsc. 2\nÉtage 3\nPorte 4\n75001 Paris",
        null,
        ["75001", "Bât. A", "Esc. 2", "Étage 3, Porte 4", "Paris", "FR"],
      ],
      ["Οδός 1\n105 57 Αθήνα", "EL123456789", ["105 57", "Οδός 1", "Αθήνα", "GR"]],
      ["Damrak 1\n1012 AB Amsterdam", "NL123456789B01", ["1012 AB", "Damrak 1", "Amsterdam", "NL"]],
      ["Rue du Rhône 1\n1204 Genève\nSuisse", null, ["1204", "Rue du Rhône 1", "Genève", "CH"]],
      ["1 Main Street\nBelfast\nUnited Kingdom", "XI123456789", ["1 Main Street", "Belfast", "GB"]],
    ];
    for (const [address, vatNumber, wanted] of addresses) {
      const xml = invoiceXml({ ...invoice, buyer: { ...invoice.buyer, address, vatNumber } });
      expect(at(xml, "Buyer", "ram:PostalTradeAddress/*")).toEqual(wanted);
    }
  });

  test("has the stored figures, and keeps schema and rules, whatever is paid and whatever people are called", () => {
    const text = fc.string({ unit: "binary", maxLength: 60 });
    const some = fc.record({
      ...{ gross: fc.integer({ min: 100, max: 10_000_000_000 }), credits: fc.boolean() },
      ...{ percent: fc.constantFrom(20, 10, 8.5, 5.5, 2.1), name: text, address: text, description: text },
    });
    fc.assert(
      fc.property(some, ({ gross, percent, credits, name, address, description }) => {
        const sign = credits ? -1 : 1;
        // As leads.issue_invoice counts.
        const net = Math.round((gross * 100) / (100 + percent));
        const xml = invoiceXml({
          ...(credits ? named("that credits") : invoice),
          ...{ netCents: sign * net, vatCents: sign * (gross - net), grossCents: sign * gross, vatPercent: percent },
          // What is required is required in SQL.
          ...{ description: `Pack ${description}`, seller: { ...company, address } },
          buyer: { ...invoice.buyer, name: `Z ${name}`, company: name && `Z ${name}`, address },
        });
        expect(invoiceProblems(xml)).toEqual([]);
        const [, basis, vat, grand, prepaid, due] = textsAt(xml, totals).map((each) => Math.round(Number(each) * 100));
        expect([basis, vat, grand, prepaid, due]).toEqual([net, gross - net, gross, gross, 0]);
      }),
      { numRuns: 30 },
    );
  });

  test("writes what has a meaning in XML, and leaves out what XML cannot have", () => {
    const description = 'A & B <c> ]]> "d" \u0000\u0007\u001b\ufffe\ud800 é 𝄞 &amp; <!-- x --> <?y?>';
    const [written] = textsAt(invoiceXml({ ...invoice, description }), "//ram:SpecifiedTradeProduct/ram:Name");
    expect(written).toBe('A & B <c> ]]> "d" é 𝄞 &amp; <!-- x --> <?y?>');
  });
});

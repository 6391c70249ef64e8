import { extractXml } from "@stackforge-eu/factur-x";
import { describe, expect, test } from "vitest";
import { attachXml } from "../../functions/_shared/factur-x/attachment.ts";
import { tradeXml } from "../../functions/_shared/factur-x/cii.ts";
import type { TradeDocument } from "../../functions/_shared/factur-x/trade-document.ts";
import { newDocument } from "../../functions/_shared/pdf/document.ts";
import { newSheet } from "../../functions/_shared/pdf/sheet.ts";
import { invoiceProblems, textsAt } from "../support/factur-x.ts";

// An invoice of several lines and rates, part of which is paid: what no system of one product has.

const seller = { name: "Agence SA", address: "1 rue du Port\n35400 Saint-Malo", country: "FR", siren: "732829320" };
const standard = { category: "S", percent: 20 } as const;
const reduced = { category: "S", percent: 5.5 } as const;
const trade: TradeDocument = {
  ...{
    kind: "invoice",
    number: "P-2026-0001",
    date: "2026-02-10",
    dueDate: "2026-03-12",
    currency: "EUR",
    process: "S1",
  },
  seller: { ...seller, siret: "73282932000074", vatNumber: "FR44732829320" },
  buyer: {
    ...{ name: "Client AG", address: "Rue du Rhône 1\n1204 Genève", country: "CH", siren: null, siret: null },
    ...{ vatNumber: null, contact: { name: "Zoé Blanc", phone: null, email: "zoe@exemple.test" } },
  },
  ...{ order: null, deliveryAddress: null, deliveredOn: "2026-02-09" },
  lines: [
    { name: "Conseil", quantity: 1.5, unit: "HUR", priceCents: 9000, netCents: 13500, ...standard },
    { name: "Livres", quantity: 3, unit: "C62", priceCents: 1000, netCents: 3000, ...reduced },
    { name: "Suivi", quantity: 1, unit: "C62", priceCents: 6833, netCents: 6833, ...standard },
  ],
  taxes: [
    { ...reduced, netCents: 3000, vatCents: 165, ground: null, due: "72" },
    { ...standard, netCents: 20333, vatCents: 4067, ground: null, due: "72" },
  ],
  totals: { netCents: 23333, vatCents: 4232, grossCents: 27565, paidCents: 10000 },
  notes: [
    { text: "Indemnité de 40 €.", subject: "PMT" },
    { text: "Pénalités de retard.", subject: "PMD" },
    { text: "Pas d'escompte.", subject: "AAB" },
  ],
  ...{ payment: null, terms: "À trente jours.", corrects: null },
};

// Those that are written for one rate, or for what is paid.
const ofOneRate = ["BR-CO-17", "BR-CO-18", "BR-S-08", "BR-FR-CO-09"];
const problems = (xml: string) => invoiceProblems(xml).filter((name) => !ofOneRate.includes(name));

describe("an invoice of several rates", () => {
  const xml = tradeXml(trade);

  test("keeps the published schema and the rules", () => expect(problems(xml)).toEqual([]));

  test("has its lines, its VAT by rate, and what is left to pay", () => {
    const line = "//ram:IncludedSupplyChainTradeLineItem//";
    expect(textsAt(xml, `${line}ram:LineID`)).toEqual(["1", "2", "3"]);
    expect(textsAt(xml, `${line}ram:BilledQuantity`)).toEqual(["1.5", "3", "1"]);
    expect(textsAt(xml, `${line}ram:ChargeAmount`)).toEqual(["90.00", "10.00", "68.33"]);
    expect(textsAt(xml, `${line}ram:LineTotalAmount`)).toEqual(["135.00", "30.00", "68.33"]);
    const tax = "//ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax/ram:";
    expect(textsAt(xml, `${tax}BasisAmount`)).toEqual(["30.00", "203.33"]);
    expect(textsAt(xml, `${tax}CalculatedAmount`)).toEqual(["1.65", "40.67"]);
    expect(textsAt(xml, `${tax}RateApplicablePercent`)).toEqual(["5.5", "20"]);
    expect(textsAt(xml, "//ram:SpecifiedTradeSettlementHeaderMonetarySummation/*")).toEqual(
      ["233.33", "233.33", "42.32", "275.65", "100.00", "175.65"], // net, base, VAT, gross, paid, due
    );
  });

  test("is inside of the document that is drawn", async () => {
    const about = { title: trade.number, author: seller.name, day: trade.date };
    const document = await newDocument(about);
    await newSheet(document);
    await attachXml(document, trade, about);
    expect(await extractXml(await document.save())).toMatchObject({ filename: "factur-x.xml", xml });
  });
});

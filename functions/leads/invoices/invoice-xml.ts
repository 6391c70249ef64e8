import { tradeXml } from "../../_shared/factur-x/cii.ts";
import { countryOfVat } from "../../_shared/factur-x/party.ts";
import type { Party, TradeDocument, TradeTax } from "../../_shared/factur-x/trade-document.ts";
import { type Identity, type Invoice, noDiscount, settlement } from "./invoice-content.ts";

/** An invoice or credit note for machines. The figures are those that are stored. */
export function invoiceXml(invoice: Invoice): string {
  return tradeXml(tradeDocument(invoice));
}

/** The invoice as every system's are seen: packs are services, which are paid when the invoice is issued, and are sold one by one. */
export function tradeDocument(invoice: Invoice): TradeDocument {
  const { number, date, corrects, correctsDate, buyer, vatCategory, vatPercent } = invoice;
  const given = corrects ? -1 : 1;
  const [netCents, vatCents] = [given * invoice.netCents, given * invoice.vatCents];
  const grossCents = given * invoice.grossCents;
  const vat = { category: vatCategory, percent: vatPercent };
  return {
    ...{ kind: corrects ? "credit note" : "invoice", number, date, dueDate: date, currency: "EUR", process: "S2" },
    seller: partyOf(invoice.seller, "FR"),
    buyer: {
      ...partyOf(buyer, countryOfVat(buyer.vatNumber) ?? "FR"),
      name: buyer.company || buyer.name || buyer.email,
      contact: { name: buyer.name, phone: buyer.phone, email: buyer.email },
    },
    order: invoice.order,
    deliveryAddress: buyer.deliveryAddress,
    // Credits are on the account when they are paid, which is when the invoice is issued.
    deliveredOn: correctsDate ?? date,
    lines: [{ name: invoice.description, quantity: 1, unit: "C62", priceCents: netCents, netCents, ...vat }],
    taxes: [{ ...vat, netCents, vatCents, ...dueOrNot(invoice) }],
    // What a buyer owes is nothing, and what he gets back he has got.
    totals: { netCents, vatCents, grossCents, paidCents: grossCents },
    notes: notes(invoice),
    payment: paymentOf(invoice),
    terms: settlement(invoice),
    corrects: corrects ? { number: corrects, date: correctsDate } : null,
  };
}

function partyOf({ name, address, siret, vatNumber }: Identity, country: string): Party {
  return { name, address, country, siret, siren: siret?.slice(0, 9) ?? null, vatNumber };
}

// Subjects of UNTDID 4451 that French law wants to be told apart: costs of recovery and penalties, which one mention may say both.
const subjects: [string, RegExp][] = [
  ["PMT", /indemnité forfaitaire/i],
  ["PMD", /pénalités/i],
];

function notes({ mentions }: Invoice): TradeDocument["notes"] {
  const ofMentions = mentions.flatMap((text) => {
    const codes = subjects.filter(([, pattern]) => pattern.test(text)).map(([code]) => code);
    return codes.length > 0 ? codes.map((subject) => ({ text, subject })) : [{ text }];
  });
  return [...ofMentions, { text: noDiscount, subject: "AAB" }];
}

// UNTDID 4461. A transfer that has come in needs no account to be sent to, so it is not 30, which would have to name one.
const means: Record<string, string> = { "Carte bancaire": "48", "Virement bancaire": "42" };

function paymentOf({ paymentMethod }: Invoice): TradeDocument["payment"] {
  return paymentMethod ? { code: means[paymentMethod] ?? "1", text: paymentMethod } : null;
}

const grounds = { S: null, AE: "VATEX-EU-AE", E: "VATEX-FR-FRANCHISE" };

/** When VAT falls due, with the invoice or with the payment; the ground of 0 %, which stands first among the mentions. */
function dueOrNot({ mentions, vatCategory }: Invoice): Pick<TradeTax, "ground" | "due"> {
  const code = grounds[vatCategory];
  if (code) return { ground: { text: mentions[0] ?? null, code }, due: null };
  return { ground: null, due: mentions.some((text) => text.includes("d'après les débits")) ? "5" : "72" };
}

import { PDFDocument } from "@cantoo/pdf-lib";
import { left, newSheet, right, rule, type Sheet, type Style, wrapped, write, writeAll } from "./invoice-sheet.ts";

/** Who sells or buys, as it was when the invoice was made. */
export type Identity = { name: string; address: string | null; siret: string | null; vatNumber: string | null };

/** An invoice, or a credit note, whose amounts are negative; integer cents. `date` is `2026-02-10`. */
export type Invoice = {
  number: string;
  date: string;
  description: string;
  netCents: number;
  vatCents: number;
  grossCents: number;
  vatPercent: number;
  paymentMethod: string | null;
  /** UNTDID 5305: standard rate, reverse charge, or exempt (art. 293 B). */
  vatCategory: "S" | "AE" | "E";
  buyer: Identity & {
    company: string | null;
    deliveryAddress: string | null;
    siren: string | null;
    email: string;
    phone: string | null;
  };
  seller: Identity;
  /** What the law wants to be written besides the figures. */
  mentions: string[];
  order: string;
  /** The invoice that a credit note takes back. */
  corrects: string | null;
  correctsDate: string | null;
};

/** What French law wants to be said where a discount for early payment is not given. */
export const noDiscount = "Pas d'escompte pour paiement anticipé.";

/** How and when it was paid, or given back. */
export function settlement({ paymentMethod, date, corrects }: Invoice): string {
  const how = paymentMethod ? ` (${paymentMethod.toLowerCase()})` : "";
  return corrects ? `Remboursement${how} le ${frenchDate(date)}.` : `Facture acquittée le ${frenchDate(date)}${how}.`;
}

// Points from the lower left corner.
const addressee = 330;
const columns = { quantity: 330, net: 410, vat: 455, total: right };

/** The PDF of an invoice: one A4 page, in French. */
export async function drawInvoice(invoice: Invoice): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  const title = `${invoice.corrects ? "Avoir" : "Facture"} ${invoice.number}`;
  document.setTitle(title, { showInWindowTitleBar: true });
  document.setAuthor(invoice.seller.name);
  document.setLanguage("fr-FR");
  // A document that is asked for twice is the same twice.
  document.setCreationDate(new Date(`${invoice.date}T00:00:00Z`));
  document.setModificationDate(new Date(`${invoice.date}T00:00:00Z`));
  const sheet = await newSheet(document);
  drawHead(sheet, invoice, title);
  drawLines(sheet, invoice);
  drawTotals(sheet, invoice);
  drawFoot(sheet, invoice);
  return document.save();
}

function drawHead(sheet: Sheet, { seller, buyer, date, order, corrects }: Invoice, title: string): void {
  write(sheet, seller.name, left, 780, { size: 16, bold: true });
  writeAll(sheet, addressOf(sheet, seller), left, 762);

  write(sheet, title, right, 780, { size: 16, bold: true, right: true });
  const facts = [`Date : ${frenchDate(date)}`, `Commande : ${order}`, corrects ? `Corrige la facture ${corrects}` : ""];
  writeAll(sheet, facts, right, 762, { right: true });

  write(sheet, corrects ? "À l'attention de" : "Facturé à", addressee, 700, { grey: true });
  const name = wrapped(buyer.company || buyer.name, sheet.bold, 11, right - addressee).slice(0, 2);
  writeAll(sheet, name, addressee, 684, { size: 11, bold: true });
  const siren = labelled("SIREN", buyer.siren);
  const lines = [buyer.company ? buyer.name : "", ...addressOf(sheet, buyer), siren, buyer.email, buyer.phone ?? ""];
  writeAll(sheet, lines, addressee, 684 - 14 * name.length);
}

function drawLines(sheet: Sheet, { description, netCents, grossCents, vatPercent }: Invoice): void {
  const top = 504;
  rule(sheet, top + 16);
  write(sheet, "Désignation", left, top, { grey: true });
  write(sheet, "Quantité", columns.quantity, top, { grey: true, right: true });
  write(sheet, "Prix HT", columns.net, top, { grey: true, right: true });
  write(sheet, "TVA", columns.vat, top, { grey: true, right: true });
  write(sheet, "Total TTC", columns.total, top, { grey: true, right: true });
  rule(sheet, top - 8);
  const lines = wrapped(description, sheet.plain, 10, columns.quantity - left - 60);
  writeAll(sheet, lines, left, top - 26, { size: 10 });
  write(sheet, "1", columns.quantity, top - 26, { size: 10, right: true });
  write(sheet, euros(netCents), columns.net, top - 26, { size: 10, right: true });
  write(sheet, percent(vatPercent), columns.vat, top - 26, { size: 10, right: true });
  write(sheet, euros(grossCents), columns.total, top - 26, { size: 10, right: true });
  rule(sheet, top - 34 - 13 * lines.length);
}

function drawTotals(sheet: Sheet, { netCents, vatCents, grossCents, vatPercent, corrects }: Invoice): void {
  const rows: [string, string, Style][] = [
    ["Total HT", euros(netCents), {}],
    [`TVA ${percent(vatPercent)}`, euros(vatCents), {}],
    [corrects ? "Total remboursé TTC" : "Total TTC", euros(grossCents), { bold: true, size: 12 }],
  ];
  for (const [at, [label, amount, style]] of rows.entries()) {
    write(sheet, label, columns.net, 404 - at * 18, { size: 10, ...style, right: true });
    write(sheet, amount, columns.total, 404 - at * 18, { size: 10, ...style, right: true });
  }
}

function drawFoot(sheet: Sheet, invoice: Invoice): void {
  const { seller, mentions } = invoice;
  const said = [settlement(invoice), noDiscount, ...mentions];
  const lines = said.flatMap((line) => wrapped(line, sheet.plain, 9, right - left));
  // As many as there is room for: what a buyer has written is the longest, and not that long.
  writeAll(sheet, lines.slice(0, 17), left, 314);
  rule(sheet, 70);
  const identity = [seller.name, labelled("SIRET", seller.siret), labelled("TVA", seller.vatNumber)];
  write(sheet, identity.filter(Boolean).join(" — "), left, 54, { size: 8, grey: true });
}

function addressOf({ plain }: Sheet, { address, siret, vatNumber }: Identity): string[] {
  const lines = (address ?? "").split("\n").flatMap((line) => wrapped(line, plain, 9, right - addressee));
  return [...lines.filter(Boolean).slice(0, 6), labelled("SIRET", siret), labelled("TVA", vatNumber)];
}

function labelled(label: string, value: string | null): string {
  return value ? `${label} : ${value}` : "";
}

function euros(cents: number): string {
  return new Intl.NumberFormat("fr-FR", { style: "currency", currency: "EUR" }).format(cents / 100);
}

function percent(value: number): string {
  return `${new Intl.NumberFormat("fr-FR").format(value)} %`;
}

function frenchDate(day: string): string {
  return new Intl.DateTimeFormat("fr-FR", { dateStyle: "long", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
}

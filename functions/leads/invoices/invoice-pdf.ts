import { type EmbedFacturXOptions, embedFacturX, PDFDocument, PDFHexString } from "@cantoo/pdf-lib";
import { printable } from "../../_shared/xml-writer.ts";
import { frenchDate, type Identity, type Invoice, noDiscount, settlement } from "./invoice-content.ts";
import { left, newSheet, right, rule, type Sheet, type Style, wrapped, write, writeAll } from "./invoice-sheet.ts";
import { invoiceXml } from "./invoice-xml.ts";

// Points from the lower left corner.
const addressee = 330;
const columns = { quantity: 330, net: 410, vat: 455, total: right };

/** An invoice as Factur-X: one A4 page, in French, and the XML. */
export async function drawInvoice(invoice: Invoice): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  const title = `${invoice.corrects ? "Avoir" : "Facture"} ${invoice.number}`;
  document.setTitle(title, { showInWindowTitleBar: true });
  // It is in the metadata as well, which are XML.
  document.setAuthor(printable(invoice.seller.name));
  document.setLanguage("fr-FR");
  const day = new Date(`${invoice.date}T00:00:00Z`);
  document.setCreationDate(day);
  document.setModificationDate(day);
  const sheet = await newSheet(document);
  drawHead(sheet, invoice, title);
  drawLines(sheet, invoice);
  drawTotals(sheet, invoice);
  drawFoot(sheet, invoice);
  await attachXml(document, invoice, { description: title, creationDate: day, modificationDate: day });
  return document.save();
}

/** Makes it Factur-X: PDF/A-3 with the same figures for machines inside. A document that is asked for twice is the same twice. */
async function attachXml(document: PDFDocument, invoice: Invoice, about: EmbedFacturXOptions): Promise<void> {
  const xml = new TextEncoder().encode(invoiceXml(invoice));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", xml));
  const id = PDFHexString.fromBytes(digest.subarray(0, 16));
  document.context.trailerInfo.ID = document.context.obj([id, id]);
  await embedFacturX(document, xml, { ...about, conformanceLevel: "EN 16931" });
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

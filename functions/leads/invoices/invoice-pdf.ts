import { attachXml } from "../../_shared/factur-x/attachment.ts";
import { newDocument } from "../../_shared/pdf/document.ts";
import { euros, frenchDate, percent } from "../../_shared/pdf/french.ts";
import {
  left,
  newSheet,
  right,
  rule,
  type Sheet,
  type Style,
  wrapped,
  write,
  writeAll,
} from "../../_shared/pdf/sheet.ts";
import { type Column, drawTable } from "../../_shared/pdf/table.ts";
import { type Identity, type Invoice, noDiscount, settlement } from "./invoice-content.ts";
import { tradeDocument } from "./invoice-xml.ts";

// Points from the lower left corner.
const addressee = 330;
const net = 410;
const columns: Column[] = [
  { title: "Désignation", at: left, room: 214 },
  { title: "Quantité", at: 330 },
  { title: "Prix HT", at: net },
  { title: "TVA", at: 455 },
  { title: "Total TTC", at: right },
];

/** An invoice as Factur-X: one A4 page, in French, and the XML. */
export async function drawInvoice(invoice: Invoice): Promise<Uint8Array> {
  const title = `${invoice.corrects ? "Avoir" : "Facture"} ${invoice.number}`;
  const about = { title, author: invoice.seller.name, day: invoice.date };
  const document = await newDocument(about);
  const sheet = await newSheet(document);
  drawHead(sheet, invoice, title);
  drawLines(sheet, invoice);
  drawTotals(sheet, invoice);
  drawFoot(sheet, invoice);
  await attachXml(document, tradeDocument(invoice), about);
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
  const row = [description, "1", euros(netCents), percent(vatPercent), euros(grossCents)];
  drawTable(sheet, { columns, rows: [row], top: 504 });
}

function drawTotals(sheet: Sheet, { netCents, vatCents, grossCents, vatPercent, corrects }: Invoice): void {
  const rows: [string, string, Style][] = [
    ["Total HT", euros(netCents), {}],
    [`TVA ${percent(vatPercent)}`, euros(vatCents), {}],
    [corrects ? "Total remboursé TTC" : "Total TTC", euros(grossCents), { bold: true, size: 12 }],
  ];
  for (const [at, [label, amount, style]] of rows.entries()) {
    write(sheet, label, net, 404 - at * 18, { size: 10, ...style, right: true });
    write(sheet, amount, right, 404 - at * 18, { size: 10, ...style, right: true });
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

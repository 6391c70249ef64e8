import type { Invoice } from "../../functions/leads/invoices/invoice-content.ts";

const penalties =
  "En cas de retard de paiement : pénalités de trois fois le taux d'intérêt légal et indemnité forfaitaire de 40 € pour frais de recouvrement (art. L441-10 et D441-5 du code de commerce).";
const services = "Nature de l'opération : prestation de services.";

/** Who is on the invoices of the tests. */
export const company = {
  name: "Zoé Blanc",
  address: "3 rue des Lilas\n35000 Rennes",
  siret: "73282932000074",
  vatNumber: "FR44732829320",
};

/** An invoice with VAT, as the database answers it. */
export const invoice: Invoice = {
  ...{ number: "FA-2026-000001", date: "2026-02-10", order: "CMD-001", corrects: null, correctsDate: null },
  ...{ description: "Pack Pro — 50 crédits + 5 offerts", paymentMethod: "Carte bancaire" },
  ...{ netCents: 16583, vatCents: 3317, grossCents: 19900, vatPercent: 20, vatCategory: "S" },
  buyer: {
    ...company,
    ...{
      company: "Rénovation Plus",
      siren: "732829320",
      email: "zoe@exemple.test",
      phone: null,
      deliveryAddress: null,
    },
  },
  seller: { ...company, name: "Leads Provider SAS" },
  mentions: [services, penalties],
};

const untaxed = { vatPercent: 0, vatCents: 0, netCents: 19900 };

/** The same for each way to be invoiced. */
export const invoices: Record<string, Invoice> = {
  "with VAT": invoice,
  "with VAT on debits": {
    ...invoice,
    mentions: [services, "Option pour le paiement de la taxe d'après les débits.", penalties],
  },
  "delivered elsewhere": {
    ...invoice,
    buyer: { ...invoice.buyer, deliveryAddress: "Quai 4\n35400 Saint-Malo" },
  },
  "of a price that no net and its VAT make": { ...invoice, netCents: 4163, vatCents: 832, grossCents: 4995 },
  "reverse charged": {
    ...{ ...invoice, ...untaxed, vatCategory: "AE" },
    mentions: [
      "Autoliquidation : TVA due par le preneur (art. 283-2 du CGI, art. 196 de la directive 2006/112/CE).",
      services,
      penalties,
    ],
    buyer: { ...invoice.buyer, siret: null, siren: null, vatNumber: "EL123456789", address: "Οδός 1\n105 57 Αθήνα" },
  },
  "of a seller in franchise": {
    ...{ ...invoice, ...untaxed, vatCategory: "E" },
    mentions: ["TVA non applicable, art. 293 B du CGI.", services, penalties],
    seller: { ...invoice.seller, vatNumber: null },
  },
  "of somebody who has told nothing": {
    ...{ ...invoice, paymentMethod: null },
    buyer: {
      ...{ name: "Zoé Blanc", company: null, email: "zoe@exemple.test", phone: null },
      ...{ address: null, deliveryAddress: null, siren: null, siret: null, vatNumber: null },
    },
  },
  "that credits": {
    ...{ ...invoice, number: "AV-2026-000001", corrects: "FA-2026-000001", correctsDate: "2026-02-09" },
    ...{ netCents: -16583, vatCents: -3317, grossCents: -19900, paymentMethod: "Virement bancaire" },
  },
};

/** Who sells or buys, as he was when the document was made. */
export type Party = {
  name: string;
  /** In lines; a country at its end counts more than `country`, ISO 3166, which is that of an address without one. */
  address: string | null;
  country: string;
  /** The French numbers of a company and of its establishment. */
  siren: string | null;
  siret: string | null;
  vatNumber: string | null;
  /** Who is asked for there; his e-mail address is also where the document goes if the party has no SIREN. */
  contact?: { name: string; phone: string | null; email: string };
};

/** UNTDID 5305: standard rate, zero rate, reverse charge, exempt, outside of the scope. */
type VatCategory = "S" | "Z" | "AE" | "E" | "O";

/** A rate of VAT, in percent. */
export type VatRate = { category: VatCategory; percent: number };

/** What is sold; `unit` is of UN/ECE Recommendation 20 (C62: one, HUR: hour), `netCents` the line's after all. */
export type TradeLine = VatRate & {
  name: string;
  quantity: number;
  unit: string;
  priceCents: number;
  netCents: number;
};

/** The VAT of all lines of one rate. Where none is owed, `ground` says why, as a text and as a code of VATEX. */
export type TradeTax = VatRate & {
  netCents: number;
  vatCents: number;
  ground: { text: string | null; code: string } | null;
  /** UNTDID 2475, when it falls due: 5 with the document, 72 with the payment. */
  due: "5" | "29" | "72" | null;
};

/**
 * An invoice or a credit note of any system, as EN 16931 sees it. Integer cents; those of a credit note are positive, its kind
 * says that they are given back. Nothing is counted here: figures are those that the system has stored. Days are `2026-02-10`.
 */
export type TradeDocument = {
  kind: "invoice" | "credit note";
  number: string;
  date: string;
  dueDate: string;
  /** ISO 4217. */
  currency: string;
  /** How France names what is invoiced (BT-23): S1 services, S2 services that are paid, B1 goods, B2 goods that are paid, M1, M2 both. */
  process: string;
  seller: Party;
  buyer: Party;
  /** The seller's reference of the order. */
  order: string | null;
  /** Where it is delivered, if elsewhere than at the buyer's. */
  deliveryAddress: string | null;
  /** When it was delivered or done; the standard has no document without it. */
  deliveredOn: string;
  lines: TradeLine[];
  taxes: TradeTax[];
  totals: { netCents: number; vatCents: number; grossCents: number; paidCents: number };
  /** What is written besides the figures; `subject` is of UNTDID 4451 (PMT costs of recovery, PMD penalties, AAB discount). */
  notes: { text: string; subject?: string }[];
  /** UNTDID 4461 and the same for people. */
  payment: { code: string; text: string } | null;
  terms: string;
  /** The invoice that a credit note takes back. */
  corrects: { number: string; date: string | null } | null;
};

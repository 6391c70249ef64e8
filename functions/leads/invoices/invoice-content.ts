import { frenchDate } from "../../_shared/pdf/french.ts";

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

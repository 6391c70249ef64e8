import * as z from "zod";
import { adminCreditPack, creditRule } from "../schemas.ts";

const day = z.iso.date();
const timestamp = z.iso.datetime();
const amount = z.number().describe("En euros ; négatif sur un avoir.");

const invoiceFields = {
  number: z.string().describe("« FA-2026-000001 », ou « AV-… » pour un avoir."),
  type: z.enum(["invoice", "credit_note"]),
  date: day,
  description: z.string(),
  net: amount,
  vat: amount,
  amount,
  vatPercent: z.number(),
  orderId: z.string(),
  corrects: z.string().nullable().describe("La facture qu'un avoir corrige."),
};

export const invoice = z.strictObject(invoiceFields).meta({ id: "Invoice" });

export const adminInvoice = z
  .strictObject({ ...invoiceFields, userName: z.string(), company: z.string().nullable() })
  .meta({ id: "AdminInvoice" });

const version = {
  version: z.int().min(1),
  validFrom: timestamp,
  changedBy: z.string().nullable().describe("Nul pour les opérateurs."),
};

const { id: _pack, ...packFields } = adminCreditPack.shape;
export const packVersion = z.strictObject({ ...packFields, ...version }).meta({ id: "PackVersion" });

const { id: _rule, ...ruleFields } = creditRule.shape;
export const ruleVersion = z.strictObject({ ...ruleFields, ...version }).meta({ id: "RuleVersion" });

const identity = {
  name: z.string(),
  address: z.string().nullable(),
  siret: z.string().nullable(),
  vatNumber: z.string().nullable(),
};

export const billingDetails = z
  .strictObject({ ...identity, deliveryAddress: z.string().nullable() })
  .meta({ id: "BillingDetails" });

export const billingSettings = z
  .strictObject({
    vatPercent: z.number(),
    vatOnDebits: z.boolean(),
    seller: z.strictObject(identity),
    missing: z
      .array(z.string())
      .describe("Ce qui manque au vendeur : tant qu'il manque quelque chose, rien ne se vend (503)."),
  })
  .meta({ id: "BillingSettings" });

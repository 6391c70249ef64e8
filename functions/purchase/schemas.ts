import * as z from "zod";

export const packToBuy = z.strictObject({ packId: z.string().min(1).max(100).describe("Par exemple « pack-2 ».") });

const seen = z.number().min(0).nullable().optional();

/** What the buyer saw of the price; what he does not say is not compared. */
export const priceSeen = z.strictObject({
  credits: seen.describe("Les crédits annoncés à l'acheteur par /price : 409 price_changed s'il en coûte d'autres."),
  price: seen.describe("Le prix en euros annoncé par /price, de même."),
});

export const leadToBuy = z.strictObject({
  leadId: z.string().min(1).max(100).describe("Identifiant du lead."),
  ...priceSeen.shape,
});

const order = {
  id: z.string().describe("Par exemple « CMD-001 »."),
  status: z.enum(["pending", "completed", "failed", "refunded"]),
  packId: z.string(),
  packName: z.string(),
  credits: z.int(),
  bonus: z.int(),
  amount: z.number().describe("En euros, TVA comprise."),
  checkoutUrl: z.url().nullable().describe("Où payer, tant que la commande est « pending »."),
  invoiceNumber: z.string().nullable(),
  creditNoteNumber: z.string().nullable(),
  createdAt: z.iso.datetime(),
};

export const packOrder = z.strictObject(order).meta({ id: "PackOrder" });

export const packPurchase = z
  .strictObject({ ...order, balance: z.int().describe("Crédits de l'acheteur après la commande.") })
  .meta({ id: "PackPurchase" });

export const adminOrder = z
  .strictObject({
    ...order,
    userName: z.string(),
    company: z.string().nullable(),
    email: z.string(),
    provider: z.enum(["manual", "stripe"]).nullable(),
    paymentReference: z.string().nullable(),
    refundReference: z.string().nullable().describe("Nul tant que le prestataire n'a pas confirmé le remboursement."),
  })
  .meta({ id: "AdminOrder" });

export const received = z.strictObject({ received: z.literal(true) }).meta({ id: "Received" });

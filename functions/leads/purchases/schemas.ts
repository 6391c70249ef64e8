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

const refund = z
  .strictObject({
    id: z.string().describe("Par exemple « RMB-001 »."),
    kind: z
      .enum(["asked", "made", "dispute"])
      .describe("Demandé ici, fait chez le prestataire, ou repris par la banque (contestation perdue)."),
    status: z.enum(["requested", "accepted", "refused", "reversed"]).describe("« requested » : sans réponse encore."),
    amount: z.number().describe("En euros."),
    credits: z.int().describe("Sa part des crédits de la commande, offerts compris."),
    creditsLost: z.int().describe("Ceux d'entre eux qui étaient dépensés."),
    cause: z
      .string()
      .nullable()
      .describe(
        "La raison du prestataire : « charge_disputed », « dispute_lost » et « charge_already_refunded » sont sans recours, « beyond_price » dit qu'il est parti malgré tout.",
      ),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: "Refund" });

/** Body of `POST /api/admin/orders/:id/refund`. */
export const refundToAsk = z.strictObject({
  amount: z
    .number()
    .optional()
    .describe("En euros ; sans lui, tout ce qui reste. Un montant veut un en-tête Idempotency-Key."),
});

export const adminOrder = z
  .strictObject({
    ...order,
    userName: z.string(),
    company: z.string().nullable(),
    email: z.string(),
    provider: z.enum(["manual", "stripe"]).nullable(),
    paymentReference: z.string().nullable(),
    refundReference: z.string().nullable().describe("Nul tant que le prestataire n'a pas accepté de remboursement."),
    refunds: z.array(refund).describe("Le plus récent d'abord."),
  })
  .meta({ id: "AdminOrder" });

export const received = z.strictObject({ received: z.literal(true) }).meta({ id: "Received" });

import * as z from "zod";
import { text } from "../inputs.ts";
import { virement } from "../schemas.ts";

const reference = text(254);
const amount = z.number().describe("En euros.");
const instant = z.iso.datetime();

/** The supplier that a path names. */
export const supplierInput = z.object({ id: reference.describe("Référence (« F-001 ») ou e-mail du fournisseur.") });

/** The payout that a path names, by its reference on the bank statement or its own. */
export const payoutInput = z.object({ ref: reference.describe("« VP-2026-02-001 » ou « VIR-001 ».") });
export const virementInput = z.object({ id: reference.describe("« VIR-001 » ou « VP-2026-02-001 ».") });

/** Body of `PUT …/iban`. What an IBAN is, is said in SQL. */
export const accountInput = z.strictObject({
  iban: text(100).describe("Avec ou sans espaces."),
  bic: text(20).nullable().optional(),
});

/** Body of `POST /api/admin/gains/:id/activate`. */
export const validationInput = z.strictObject({
  iban: text(100).optional().describe("L'IBAN masqué que l'admin a vu : un autre est refusé (409)."),
});

/** Body of `POST /api/admin/payouts/:ref/fail`. */
export const failureInput = z.strictObject({ reason: text(500).describe("Ce que la banque en dit.") });

const supplierStatus = z.enum(["active", "pending_validation", "suspended"]);

export const supplierAccount = z
  .strictObject({ id: z.string(), iban: z.string().nullable().describe("Masqué."), status: supplierStatus })
  .meta({ id: "SupplierAccount" });

export const ownAccount = z
  .strictObject({
    ...supplierAccount.shape,
    bic: z.string().nullable(),
    validated: z.boolean(),
    held: z
      .strictObject({ code: z.string().describe("Le motif de la banque : AC04."), message: z.string(), since: instant })
      .nullable()
      .describe(
        "La banque a renvoyé un virement de ce compte : rien n'y part plus avant un autre IBAN ou une nouvelle validation.",
      ),
  })
  .meta({ id: "OwnAccount" });

export const adminPayout = z
  .strictObject({
    ...virement.shape,
    supplierId: z.string(),
    fournisseur: z.string(),
    company: z.string(),
    exportId: z.string().nullable().describe("Le fichier de virements dans lequel il est parti."),
    settledAt: instant.nullable().describe("Quand la réponse de la banque a été saisie."),
    failureReason: z.string().nullable(),
  })
  .meta({ id: "AdminPayout" });

export const payable = z
  .strictObject({
    id: z.string(),
    fournisseur: z.string(),
    company: z.string(),
    iban: z.string().nullable(),
    status: supplierStatus,
    leadsCount: z.int(),
    amount,
    code: z.string().nullable().describe("Pourquoi il ne peut pas être payé maintenant ; nul s'il peut l'être."),
    message: z.string().nullable(),
  })
  .meta({ id: "Payable" });

const line = {
  type: z.enum(["sale", "return", "opening"]).describe("opening : repris d'avant cette base."),
  leadId: z.string().nullable(),
  soldAt: instant.nullable(),
  amount,
};

export const virementLine = z.strictObject(line).meta({ id: "VirementLine" });

export const payoutLine = z
  .strictObject({ ...line, buyer: z.string().nullable().describe("La société de l'acheteur.") })
  .meta({ id: "PayoutLine" });

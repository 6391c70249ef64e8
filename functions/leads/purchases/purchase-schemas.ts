import * as z from "zod";
import { leadIdInput } from "../inputs.ts";
import { lead } from "../schemas.ts";

const credits = z.int().min(0);
const euros = z.number().describe("En euros.");
const instant = z.iso.datetime();

export const price = z
  .strictObject({
    credits: credits.describe("Ce que le lead coûte maintenant."),
    price: euros,
    returnDays: z.number().describe("Délai de retour, en jours."),
    affordable: z.boolean().describe("Si le solde de l'acheteur suffit."),
  })
  .meta({ id: "LeadPrice" });

export const purchase = z
  .strictObject({
    lead: lead.nullable().describe("Le lead avec son contact ; null s'il a été rendu depuis."),
    purchase: z.strictObject({ credits, price: euros, date: instant, returnUntil: instant }),
    credits: credits.describe("Le nouveau solde."),
  })
  .meta({ id: "Purchase" });

const returned = {
  id: z.string().describe("« RET-001 »."),
  leadId: z.string(),
  leadName: z.string(),
  reason: z.enum(["invalid_number", "duplicate", "out_of_criteria"]),
  comment: z.string().nullable(),
  status: z.enum(["requested", "accepted", "refused"]),
  credits,
  amount: euros,
  createdAt: instant,
  decidedAt: instant.nullable(),
  note: z.string().nullable(),
};

export const ownReturn = z.strictObject(returned).meta({ id: "LeadReturn" });

export const adminReturn = z
  .strictObject({ ...returned, userName: z.string(), company: z.string().nullable() })
  .meta({ id: "AdminLeadReturn" });

export const outcome = z
  .strictObject({
    leadId: z.string(),
    outcome: z.enum(["won", "lost", "unreachable"]),
    conversionRate: z.number().describe("Celui de l'acheteur, en pour cent."),
  })
  .meta({ id: "LeadOutcome" });

export const pair = z
  .strictObject({
    ...{ id: z.string(), supplierId: z.string(), fournisseur: z.string(), fournisseurCompany: z.string() },
    ...{ buyerId: z.string(), acheteur: z.string(), acheteurCompany: z.string().nullable() },
    signs: z
      .array(z.string())
      .describe("Ce qu'ils ont en commun : email, domain, phone, company, company_number, iban, device."),
    ...{ sales: z.int(), credits: z.int() },
    earned: z.number().describe("Ce que ces ventes ont rapporté au fournisseur, en euros."),
    held: z.number().describe("Ce qui n'en est pas payé tant que l'admin n'a pas décidé, en euros."),
    status: z.enum(["unreviewed", "cleared", "confirmed"]),
    ...{ createdAt: z.string(), decidedAt: z.string().nullable(), note: z.string().nullable() },
  })
  .meta({ id: "SelfDealing" });

// Of a body only the shape is looked at here; what its values may be is said in SQL.
const written = z.string().max(20_000).nullable().optional();

/** Body of `POST /api/leads/:id/return`. */
export const returnInput = z.strictObject({
  reason: z.string().max(50).describe("invalid_number, duplicate ou out_of_criteria."),
  comment: written,
});

/** Body of `POST /api/admin/returns/:id`. */
export const decisionInput = z.strictObject({ accepted: z.boolean(), note: written });

/** Body of `POST /api/admin/self-dealing/:id`. */
export const pairDecisionInput = z.strictObject({
  status: z
    .string()
    .max(50)
    .describe("cleared : deux personnes, leurs gains se paient ; confirmed : une seule, ils restent dus."),
  note: written,
});

/** The pair that a path names. */
export const pairIdInput = z.object({ id: leadIdInput.shape.id.describe("Par exemple « PAIR-001 ».") });

/** Body of `POST /api/leads/:id/outcome`. */
export const outcomeInput = z.strictObject({ outcome: z.string().max(50).describe("won, lost ou unreachable.") });

/** The return that a path names. */
export const returnIdInput = z.object({ id: leadIdInput.shape.id.describe("Par exemple « RET-001 ».") });

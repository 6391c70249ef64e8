import * as z from "zod";

// Of a body only the shape is looked at here; what its values may be is said in SQL, field by field.
const expectedVersion = z
  .union([z.int(), z.string().max(20)])
  .optional()
  .describe("Celle de la lecture ; vaut `If-Match`.");

const packFields = {
  name: z.string().max(1000).optional(),
  credits: z.number().optional(),
  price: z.number().optional().describe("En euros, TVA comprise."),
  bonus: z.number().optional().describe("Crédits offerts avec le pack."),
  popular: z.boolean().optional(),
  active: z.boolean().optional(),
  pricePerCredit: z.number().optional().describe("Calculé : ce qui est donné n'est pas retenu."),
};

/** Body of `POST /api/admin/credits/packs`. */
export const newPack = z.strictObject(packFields);

/** Body of `PUT /api/admin/credits/packs/:id`: what is not given stays. */
export const changedPack = z.strictObject({ ...packFields, id: z.string().optional(), version: expectedVersion });

/** Body of `PUT /api/admin/credits/rules/:id`: what is not given stays. */
export const changedRule = z.strictObject({
  id: z.string().optional(),
  name: z.string().max(1000).optional(),
  description: z.string().max(5000).optional(),
  value: z.number().optional(),
  unit: z.string().max(1000).optional(),
  active: z.boolean().optional(),
  version: expectedVersion,
});

/** Body of `POST /api/admin/credits/rules`. */
export const newRule = z.strictObject({
  kind: z.string().max(100).optional().describe("Par exemple « age_decay »."),
  value: z.number().optional(),
  active: z.boolean().optional(),
});

const reference = z.string().min(1).max(100);

/** The row that a path names. */
export const idInput = z.object({ id: reference });

/** The invoice that a path names. */
export const invoiceInput = z.object({ number: reference.describe("Par exemple « FA-2026-000001 ».") });

/** How it is answered. */
export const invoiceFileInput = z.object({
  format: z
    .enum(["pdf", "xml"])
    .optional()
    .describe("« xml » : le seul fichier factur-x.xml du PDF ; aussi par `Accept: application/xml`."),
});

const written = z.string().max(5000).nullable().optional();
const identity = {
  name: written,
  address: written,
  siret: written.describe("14 chiffres."),
  vatNumber: written.describe("Par exemple « FR12345678901 »."),
};

/** Body of `PUT /api/billing/details`. */
export const changedDetails = z.strictObject({
  ...identity,
  deliveryAddress: written.describe("Si elle diffère de l'adresse de facturation."),
});

/** Body of `PUT /api/admin/billing-settings`: what is not given stays. */
export const changedSettings = z.strictObject({
  vatPercent: z.number().optional().describe("0 : en franchise de TVA (art. 293 B du CGI)."),
  vatOnDebits: z.boolean().optional().describe("Option pour le paiement de la TVA d'après les débits."),
  seller: z.strictObject(identity).optional(),
});

import * as z from "zod";
import type { System } from "../_shared/route.ts";
import { createApp } from "../_shared/router.ts";
import { errors } from "../leads/errors.ts";
import { virement } from "../leads/schemas.ts";
import { paySupplier } from "./pay.ts";

const order = z.strictObject({
  supplierId: z.string().max(254).describe("Référence (« F-001 ») ou e-mail du fournisseur."),
});

const payout: System = {
  slug: "payout",
  title: "Leads Provider, virements",
  description: "Le virement d'un fournisseur, pour `supabase.functions.invoke('payout')`.",
  routes: [
    {
      method: "POST",
      path: "/",
      roles: ["admin"],
      section: "3.10 Gains Fournisseurs",
      summary: "Déclencher un virement fournisseur",
      handle: ({ request, body }) => paySupplier(body.supplierId, request),
      headers: { "Idempotency-Key": "idempotency_key" },
      body: order,
      response: virement,
      status: 201,
    },
  ],
  errors,
};

export const app = createApp(payout);

import * as z from "zod";
import { createApp } from "../_shared/router.ts";
import type { System } from "../_shared/system.ts";
import { errors } from "../leads/errors.ts";
import { text } from "../leads/inputs.ts";
import { payment } from "../leads/payouts/pay.ts";

const order = z.strictObject({
  supplierId: text(254).describe("Référence (« F-001 ») ou e-mail du fournisseur."),
});

const payout: System = {
  slug: "payout",
  title: "Leads Provider, virements",
  description: "Le virement d'un fournisseur, pour `supabase.functions.invoke('payout')`.",
  schema: "public",
  routes: [{ ...payment, path: "/", body: order, refusals: [404] }],
  errors,
};

export const app = createApp(payout);

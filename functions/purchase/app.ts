import { createApp } from "../_shared/router.ts";
import type { System } from "../_shared/system.ts";
import { errors } from "../leads/errors.ts";
import { purchaseRoutes } from "../leads/purchases/routes.ts";

const purchase: System = {
  slug: "purchase",
  title: "Leads Provider — achats",
  description: "Les achats de Leads Provider, pour supabase.functions.invoke.",
  schema: "public",
  routes: purchaseRoutes,
  errors,
};

export const app = createApp(purchase);

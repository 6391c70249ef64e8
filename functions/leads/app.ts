import type { System } from "../_shared/route.ts";
import { createApp } from "../_shared/router.ts";
import { errors } from "./errors.ts";
import { mountOperators } from "./operators.ts";
import { routes } from "./routes.ts";

export const leads: System = {
  slug: "leads",
  title: "Leads Provider",
  description: "Place de marché de leads : fournisseurs, agents de qualification, acheteurs, administration.",
  routes,
  errors,
};

export const app = createApp(leads);

mountOperators(app);

import { createApp } from "../_shared/router.ts";
import type { System } from "../_shared/system.ts";
import { errors } from "./errors.ts";
import { mountOperators } from "./imports/operators.ts";
import { routes } from "./routes.ts";

export const leads: System = {
  slug: "leads",
  title: "Leads Provider",
  description: "Place de marché de leads : fournisseurs, agents de qualification, acheteurs, administration.",
  schema: "public",
  routes,
  errors,
};

export const app = createApp(leads);

mountOperators(app);

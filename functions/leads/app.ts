import * as z from "zod";
import type { Problem } from "../_shared/problem.ts";
import type { System } from "../_shared/route.ts";
import { createApp } from "../_shared/router.ts";
import { routes } from "./routes.ts";

const errorSchema = z
  .strictObject({
    code: z.string().describe("Stable, pour le code."),
    message: z.string().describe("En français, pour l'écran."),
    details: z.array(
      z.strictObject({
        field: z.string(),
        code: z.string(),
        message: z.string(),
        missing: z.int().optional().describe("Combien il en manque."),
      }),
    ),
    hint: z.string().optional().describe("Ce qui aide à continuer."),
  })
  .meta({ id: "Error" });

function errorBody({ code, message, details, hint }: Problem): z.infer<typeof errorSchema> {
  return { code, message, details, ...(hint ? { hint } : {}) };
}

export const leads: System = {
  slug: "leads",
  title: "Leads Provider",
  description: "Place de marché de leads : fournisseurs, agents de qualification, acheteurs, administration.",
  routes,
  errors: { body: errorBody, schema: errorSchema },
};

export const app = createApp(leads);

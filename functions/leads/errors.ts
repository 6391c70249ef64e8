import * as z from "zod";
import type { Problem } from "../_shared/problem.ts";

const schema = z
  .strictObject({
    code: z.string().describe("Stable, pour le code."),
    message: z.string().describe("En français, pour l'écran."),
    details: z.array(
      z.strictObject({
        field: z.string(),
        code: z.string(),
        message: z.string(),
        missing: z.int().optional().describe("Combien il en manque."),
        value: z.number().optional().describe("La valeur du moment (price_changed)."),
      }),
    ),
    hint: z.string().optional().describe("Ce qui aide à continuer."),
  })
  .meta({ id: "Error" });

function body({ code, message, details, hint }: Problem): z.infer<typeof schema> {
  return { code, message, details, ...(hint ? { hint } : {}) };
}

/** How Leads Provider's errors look, in each of its functions. */
export const errors = { body, schema };

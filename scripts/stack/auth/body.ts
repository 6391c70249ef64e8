import type { Context } from "hono";
import type { z } from "zod";
import { AuthRefusal } from "./errors.ts";

/**
 * The request's JSON body, checked; an empty body counts as `{}`.
 *
 * @throws AuthRefusal 400 `bad_json` or `validation_failed`
 */
export async function readBody<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  const text = await c.req.text();
  const result = schema.safeParse(text === "" ? {} : parseJson(text));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new AuthRefusal(400, "validation_failed", `${issue?.path.join(".")}: ${issue?.message}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AuthRefusal(400, "bad_json", "Could not parse request body as JSON");
  }
}

import type { Context, MiddlewareHandler } from "hono";
import { AuthRefusal, answerError } from "./errors.ts";

// What GoTrue answers to and @supabase/lite falls over, or has no words for.

const textFields = [
  ...["email", "phone", "password", "token", "token_hash", "type", "refresh_token", "auth_code", "code_verifier"],
  ...[
    "provider",
    "id_token",
    "nonce",
    "code",
    "challenge_id",
    "factor_type",
    "friendly_name",
    "new_email",
    "redirect_to",
  ],
];

/** Refuses bodies that are not made of what they should be, and has every refusal be JSON. */
export const oddRequests: MiddlewareHandler = async (c, next) => {
  const text = c.req.raw.body ? await c.req.raw.clone().text() : "";
  if (text !== "") checkBody(text);
  await next();
  const { status, headers } = c.res;
  if (status < 400 || headers.get("Content-Type")?.includes("json")) return;
  c.res = wordless(c);
};

function checkBody(text: string): void {
  let unstorable = false;
  const look = (_: string, value: unknown) => {
    // JSON can write what no text of PostgreSQL can hold.
    unstorable ||= typeof value === "string" && /\0|\p{Surrogate}/u.test(value);
    return value;
  };
  const body = parsed(text, look);
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw badJson("it is no object");
  const fields = body as Record<string, unknown>;
  const odd = textFields.find((name) => !["string", "undefined"].includes(typeof (fields[name] ?? undefined)));
  if (odd) throw badJson(`${odd} is no text`);
  if (unstorable) throw badJson("it holds what no text can");
}

function parsed(text: string, look: (key: string, value: unknown) => unknown): unknown {
  try {
    return JSON.parse(text, look);
  } catch {
    return undefined;
  }
}

function badJson(reason: string): AuthRefusal {
  return new AuthRefusal(400, "bad_json", `Could not parse request body as JSON: ${reason}`);
}

function wordless(c: Context): Response {
  return answerError(
    c.res.status === 405
      ? new AuthRefusal(405, "method_not_allowed", "This method is not allowed here")
      : new AuthRefusal(404, "not_found", "There is nothing at this address"),
    c,
  );
}

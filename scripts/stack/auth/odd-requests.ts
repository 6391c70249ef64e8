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

const objectFields = ["data", "user_metadata", "app_metadata"];

/** Refuses bodies at Auth that are not made of what they should be, and has every refusal be JSON. */
export const oddAuthRequests: MiddlewareHandler = async (c, next) => {
  const { body, problem } = await readObject(c);
  if (problem) throw badJson(problem);
  const odd = textFields.find((name) => !["string", "undefined"].includes(typeof (body[name] ?? undefined)));
  if (odd) throw badJson(`${odd} is no text`);
  const flat = objectFields.find((name) => typeof (body[name] ?? {}) !== "object" || Array.isArray(body[name]));
  if (flat) throw badJson(`${flat} is no object`);
  await next();
  if (isWordless(c.res)) c.res = wordless(c);
};

/** The object that a request's JSON is, `{}` where there is none; `problem` says why it is none that can be kept. */
export async function readObject(c: Context): Promise<{ body: Record<string, unknown>; problem?: string }> {
  const text = c.req.raw.body ? await c.req.raw.clone().text() : "";
  if (text === "") return { body: {} };
  let unstorable = false;
  const look = (_: string, value: unknown) => {
    // JSON can write what no text of PostgreSQL can hold.
    unstorable ||= typeof value === "string" && /\0|\p{Surrogate}/u.test(value);
    return value;
  };
  const body = parsed(text, look);
  if (typeof body !== "object" || body === null || Array.isArray(body)) return { body: {}, problem: "it is no object" };
  return { body: body as Record<string, unknown>, ...(unstorable ? { problem: "it holds what no text can" } : {}) };
}

/** Whether a refusal has no JSON that says why. */
export function isWordless({ status, headers }: Response): boolean {
  return status >= 400 && !headers.get("Content-Type")?.includes("json");
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

/** A refusal of an address or a method, in GoTrue's words. */
export function wordless(c: Context, isPath = c.res.status === 405): Response {
  return answerError(
    isPath
      ? new AuthRefusal(405, "method_not_allowed", "This method is not allowed here")
      : new AuthRefusal(404, "not_found", "There is nothing at this address"),
    c,
  );
}

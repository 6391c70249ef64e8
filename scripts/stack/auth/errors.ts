import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** A refusal in GoTrue's words; supabase-js reads `error_code` and `msg`. */
export class AuthRefusal extends Error {
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly details: Record<string, unknown>;
  readonly headers: Record<string, string>;

  constructor(
    status: ContentfulStatusCode,
    code: string,
    message: string,
    { headers = {}, ...details }: Record<string, unknown> & { headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.headers = headers;
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

export const phoneExistsMessage = "Phone number already registered by another user";

export const emailExistsMessage = "A user with this email address has already been registered";

/** The refusal of a mail that follows another of its kind too soon. */
export function tooSoon(seconds: number): AuthRefusal {
  const message = `For security purposes, you can only request this after ${seconds} seconds.`;
  return new AuthRefusal(429, "over_email_send_rate_limit", message);
}

/** Turns what a route threw into GoTrue's answer: `{code, error_code, msg}`. */
export function answerError(error: Error, c: Context): Response {
  if (error instanceof AuthRefusal) {
    for (const [name, value] of Object.entries(error.headers)) c.header(name, value);
    return refuse(c, error.status, error.code, error.message, error.details);
  }
  // Two requests may pass the check for a free address at once; the index decides.
  const taken = "constraint_name" in error ? takenBy[String(error.constraint_name)] : undefined;
  if (taken) return answerError(new AuthRefusal(422, ...taken), c);
  console.error("auth:", error);
  return refuse(c, 500, "unexpected_failure", databaseMessage(error));
}

const takenBy: Record<string, [string, string]> = {
  users_email_partial_key: ["email_exists", emailExistsMessage],
  users_phone_key: ["phone_exists", phoneExistsMessage],
};

const apiVersion = "2024-01-01";

/** A caller that names a version of this date or later is answered in its form, and told so. */
function refuse(c: Context, status: ContentfulStatusCode, code: string, message: string, details = {}): Response {
  c.header("X-Sb-Error-Code", code);
  const asked = c.req.header("X-Supabase-Api-Version") ?? "";
  if (!/^\d{4}-\d\d-\d\d$/.test(asked) || asked < apiVersion) {
    return c.json({ code: status, error_code: code, msg: message, ...details }, status);
  }
  c.header("X-Supabase-Api-Version", apiVersion);
  return c.json({ code, message, ...details }, status);
}

// A project's own trigger or foreign key may refuse a user; its reason is what a developer looks for.
function databaseMessage(error: Error): string {
  return "severity" in error ? `Database error: ${error.message}` : "Internal Server Error";
}

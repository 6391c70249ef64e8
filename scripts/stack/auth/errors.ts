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

export const emailExistsMessage = "A user with this email address has already been registered";

/** Turns what a route threw into GoTrue's answer: `{code, error_code, msg}`. */
export function answerError(error: Error, c: Context): Response {
  if (error instanceof AuthRefusal) {
    for (const [name, value] of Object.entries(error.headers)) c.header(name, value);
    c.header("X-Sb-Error-Code", error.code);
    return c.json({ code: error.status, error_code: error.code, msg: error.message, ...error.details }, error.status);
  }
  // Two requests may pass the check for a free address at once; the index decides.
  if ("constraint_name" in error && error.constraint_name === "users_email_partial_key") {
    return answerError(new AuthRefusal(422, "email_exists", emailExistsMessage), c);
  }
  console.error("auth:", error);
  c.header("X-Sb-Error-Code", "unexpected_failure");
  return c.json({ code: 500, error_code: "unexpected_failure", msg: databaseMessage(error) }, 500);
}

// A project's own trigger or foreign key may refuse a user; its reason is what a developer looks for.
function databaseMessage(error: Error): string {
  return "severity" in error ? `Database error: ${error.message}` : "Internal Server Error";
}

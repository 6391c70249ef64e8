import type { Context } from "hono";
import { z } from "zod";
import { checkPhone } from "./admin-users.ts";
import { limited } from "./attempts.ts";
import { readBody } from "./body.ts";
import type { AuthServerConfig } from "./config.ts";
import type { AuthContext } from "./context.ts";
import { completeEmailChange } from "./email-change.ts";
import { AuthRefusal } from "./errors.ts";
import { allowedRedirect } from "./mailer.ts";
import { type Claimed, claimCode, claimLink, type Purpose, pkcePrefix } from "./one-time.ts";
import { codeOf, type FlowMethod } from "./pkce.ts";
import { issueSession, type OpenSession, openSession, type SessionJson } from "./sessions.ts";
import type { Sql } from "./users.ts";

// Newer clients send the one type `email` for all that signs in.
const purposes: Record<string, readonly Purpose[]> = {
  signup: ["confirmation"],
  invite: ["confirmation"],
  recovery: ["recovery"],
  magiclink: ["recovery", "confirmation"],
  email: ["confirmation", "recovery"],
  email_change: ["email_change_token_current", "email_change_token_new"],
};

const verifyParams = z.object({
  type: z.string().nullish(),
  token_hash: z.string().nullish(),
  token: z.string().nullish(),
  email: z.string().nullish(),
  phone: z.string().nullish(),
});

/** What was shown: the token of a link, or the code of a mail to an address. */
type Shown = { type: string; link: string } | { type: string; email: string; code: string };

/** What a proof opens; of two that are wanted, the first one opens nothing yet. */
type Verified = SessionJson | "one of two";

const oneOfTwo = "Confirmation link accepted. Please proceed to confirm link sent to the other email";

/** POST /verify: the code of a mail, or the token of its link. */
export async function verify(context: AuthContext, c: Context): Promise<Response> {
  const verified = await prove(context, c, shownIn(await readBody(c, verifyParams)));
  return c.json(verified === "one of two" ? { code: "200", msg: oneOfTwo } : verified);
}

function shownIn({ type, token_hash, token, email, phone }: z.infer<typeof verifyParams>): Shown {
  if (!type) throw invalid("Verify requires a verification type");
  if (token && token_hash) throw invalid("Verify requires either a token or a token hash");
  if (token_hash) {
    if (email || phone) throw invalid("Only the token_hash and type should be provided");
    if (!Object.hasOwn(purposes, type)) throw invalid("Invalid email verification type");
    return { type, link: token_hash };
  }
  if (!token) throw invalid("Verify requires either a token or a token hash");
  if (phone && !email && checkPhone(phone)) throw expired("Token has expired or is invalid");
  if (!email || phone) throw invalid("Only an email address or phone number should be provided on verify");
  return { type, email: email.toLowerCase(), code: token };
}

/**
 * The link of a mail: proves the address, then goes on to the page asked for, with the session in the fragment or, where
 * the mail was asked for by PKCE, with a code for it.
 */
export async function followLink(context: AuthContext, c: Context): Promise<Response> {
  const { token = "", type = "", redirect_to } = c.req.query();
  if (type === "") throw invalid("Verify requires a verification type");
  if (token === "") throw invalid("Verify requires a token or a token hash");
  const target = allowedRedirect(context.config.auth, redirect_to);
  const pkce = token.startsWith(pkcePrefix);
  const handed = await openLink(context, c, { type, link: token }, pkce).catch((error: unknown) => {
    if (!(error instanceof AuthRefusal)) throw error;
    const kind = error.status === 400 ? "invalid_request" : "access_denied";
    return { error: kind, error_code: error.code, error_description: error.message };
  });
  const page = pkce ? withQuery(target, handed) : target;
  return c.redirect("code" in handed ? page : `${page}#${new URLSearchParams({ ...handed, sb: "" })}`, 303);
}

function withQuery(page: string, values: Record<string, string>): string {
  const url = new URL(page);
  for (const [name, value] of Object.entries(values)) url.searchParams.set(name, value);
  return url.href;
}

async function openLink(
  context: AuthContext,
  c: Context,
  shown: { type: string; link: string },
  pkce: boolean,
): Promise<Record<string, string>> {
  if (!Object.hasOwn(purposes, shown.type)) throw invalid("Invalid email verification type");
  if (!pkce) {
    const verified = await prove(context, c, shown);
    return verified === "one of two" ? { message: oneOfTwo } : sessionFragment(verified, shown.type);
  }
  const code = await proven(context, c, shown, async (sql, claimed) => {
    const opened = await confirm(sql, context.config, claimed);
    return opened
      ? codeOf(sql, claimed.userId, shown.type === "signup" ? "email/signup" : (shown.type as FlowMethod))
      : "";
  });
  return code === "" ? { message: oneOfTwo } : { code };
}

function sessionFragment(session: SessionJson, type: string): Record<string, string> {
  return {
    access_token: session.access_token,
    expires_at: String(session.expires_at),
    expires_in: String(session.expires_in),
    refresh_token: session.refresh_token,
    token_type: session.token_type,
    type,
  };
}

async function prove(context: AuthContext, c: Context, shown: Shown): Promise<Verified> {
  const { sql, config } = context;
  const opened = await proven(context, c, shown, (transaction, claimed) => open(transaction, config, claimed));
  return opened === "one of two" ? opened : issueSession(sql, config, opened);
}

/** Does `work` for whoever has shown a right link or code. Throws AuthRefusal 403 `otp_expired`. */
async function proven<Result>(
  context: AuthContext,
  c: Context,
  shown: Shown,
  work: (sql: Sql, claimed: Claimed) => Promise<Result>,
): Promise<Result> {
  const account = "email" in shown ? shown.email : undefined;
  return limited(context, c, { kind: "verify", account }, async () => {
    // A wrong code is counted, and so what comes of it is thrown when that is committed.
    const result = await context.sql.begin(async (transaction) => {
      const claimed = await claim(transaction, context.config, shown);
      return claimed && { of: await work(transaction, claimed) };
    });
    if (!result)
      throw expired("link" in shown ? "Email link is invalid or has expired" : "Token has expired or is invalid");
    return result.of as Result;
  });
}

function claim(sql: Sql, { auth }: AuthServerConfig, shown: Shown): Promise<Claimed | undefined> | undefined {
  const wanted = Object.hasOwn(purposes, shown.type) && purposes[shown.type];
  if (!wanted) return undefined;
  if ("link" in shown) return claimLink(sql, auth, shown.link, wanted);
  return claimCode(sql, auth, shown.email, shown.code, wanted);
}

async function open(sql: Sql, config: AuthServerConfig, claimed: Claimed): Promise<OpenSession | "one of two"> {
  return (await confirm(sql, config, claimed)) ? openSession(sql, claimed.userId, "otp") : "one of two";
}

/** Takes the address of a link or code for proven; false where another has to be proven first. Throws AuthRefusal 403. */
async function confirm(sql: Sql, { auth }: AuthServerConfig, { userId, purpose }: Claimed): Promise<boolean> {
  const [user] = await sql<{ banned: boolean }[]>`
    select coalesce(banned_until > now(), false) as banned from auth.users where id = ${userId}`;
  if (user?.banned) throw new AuthRefusal(403, "user_banned", "User is banned");
  const isChange = purpose === "email_change_token_current" || purpose === "email_change_token_new";
  if (isChange && !(await completeEmailChange(sql, auth, userId))) return false;
  await sql`
    update auth.users set email_confirmed_at = coalesce(email_confirmed_at, now()), updated_at = now(),
      raw_user_meta_data = raw_user_meta_data || '{"email_verified": true}'
    where id = ${userId}`;
  await sql`
    update auth.identities set identity_data = identity_data || '{"email_verified": true}', updated_at = now()
    where user_id = ${userId} and provider = 'email'`;
  return true;
}

function invalid(message: string): AuthRefusal {
  return new AuthRefusal(400, "validation_failed", message);
}

function expired(message: string): AuthRefusal {
  return new AuthRefusal(403, "otp_expired", message);
}

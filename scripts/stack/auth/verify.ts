import type { Context } from "hono";
import { z } from "zod";
import { limited } from "./attempts.ts";
import { readBody } from "./body.ts";
import type { AuthContext } from "./context.ts";
import { completeEmailChange } from "./email-change.ts";
import { AuthRefusal } from "./errors.ts";
import { allowedRedirect } from "./mailer.ts";
import { type Claimed, claimCode, claimLink, type Purpose } from "./one-time.ts";
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
  type: z.string().default(""),
  token_hash: z.string().optional(),
  token: z.string().optional(),
  email: z.string().optional(),
});

type Shown = z.infer<typeof verifyParams>;

/** What a proof opens; of two that are wanted, the first one opens nothing yet. */
type Verified = SessionJson | "one of two";

const oneOfTwo = "Confirmation link accepted. Please proceed to confirm link sent to the other email";

/** POST /verify: the code of a mail, or the token of its link. */
export async function verify(context: AuthContext, c: Context): Promise<Response> {
  const verified = await prove(context, c, await readBody(c, verifyParams));
  return c.json(verified === "one of two" ? { code: 200, msg: oneOfTwo } : verified);
}

/** The link of a mail: proves the address, then goes on to the page asked for with the session in the fragment. */
export async function followLink(context: AuthContext, c: Context): Promise<Response> {
  const { token, type = "", redirect_to } = c.req.query();
  const target = allowedRedirect(context.config, redirect_to);
  const fragment = await prove(context, c, { type, token_hash: token ?? "" }).then(
    (verified) => (verified === "one of two" ? { message: oneOfTwo } : sessionFragment(verified, type)),
    (error: unknown) => {
      if (!(error instanceof AuthRefusal)) throw error;
      return { error: "access_denied", error_code: error.code, error_description: error.message };
    },
  );
  return c.redirect(`${target}#${new URLSearchParams(fragment)}`, 303);
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
  return limited(context, c, { kind: "verify", account: shown.email?.toLowerCase() }, async () => {
    const opened = await sql.begin(async (transaction) => {
      const claimed = await claim(transaction, shown);
      return claimed && open(transaction, claimed);
    });
    if (!opened) throw new AuthRefusal(403, "otp_expired", "Email link is invalid or has expired");
    return opened === "one of two" ? opened : issueSession(sql, config, opened);
  });
}

async function claim(sql: Sql, { type, token_hash, token, email }: Shown): Promise<Claimed | undefined> {
  const wanted = Object.hasOwn(purposes, type) && purposes[type];
  if (!wanted) return undefined;
  if (token_hash) return claimLink(sql, token_hash, wanted);
  return email && token ? claimCode(sql, email, token, wanted) : undefined;
}

async function open(sql: Sql, { userId, purpose }: Claimed): Promise<OpenSession | "one of two"> {
  const isChange = purpose === "email_change_token_current" || purpose === "email_change_token_new";
  if (isChange && !(await completeEmailChange(sql, userId))) return "one of two";
  await sql`
    update auth.users set email_confirmed_at = coalesce(email_confirmed_at, now()), last_sign_in_at = now(), updated_at = now(),
      raw_user_meta_data = raw_user_meta_data || '{"email_verified": true}'
    where id = ${userId}`;
  await sql`
    update auth.identities set identity_data = identity_data || '{"email_verified": true}', updated_at = now()
    where user_id = ${userId} and provider = 'email'`;
  return openSession(sql, userId, "otp");
}

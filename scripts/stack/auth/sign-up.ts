import { randomUUID } from "node:crypto";
import type { Context } from "hono";
import { z } from "zod";
import { checkEmail, createUser, hashPassword } from "./admin-users.ts";
import { limited } from "./attempts.ts";
import { readBody } from "./body.ts";
import type { AuthContext } from "./context.ts";
import { AuthRefusal } from "./errors.ts";
import { type MailKind, sendLink } from "./mailer.ts";
import { createOneTimeCode } from "./one-time.ts";
import { issueSession, openSession } from "./sessions.ts";
import { findUser, type Sql, type UserJson } from "./users.ts";

// Signing up, and the mails that one may ask for without being signed in. None of them tells whether an address is known,
// and none makes an address proven.

const metadata = z.record(z.string(), z.unknown()).nullish();
const signUpParams = z.object({ email: z.string().optional(), password: z.string().optional(), data: metadata });

export async function signUp(context: AuthContext, c: Context): Promise<Response> {
  const { sql, config } = context;
  const { email, password, data } = await readBody(c, signUpParams);
  if (!config.auth.enableSignup) throw signupDisabled();
  if (!email) throw new AuthRefusal(422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled");
  if (!password) throw new AuthRefusal(400, "validation_failed", "Signup requires a valid password");
  const address = checkEmail(email);
  return limited(context, c, { kind: "register", account: address }, async () => {
    // Before it is known whether it is needed: an address that has an account must not be answered any sooner.
    const password_hash = await hashPassword(password);
    const confirmed = !config.auth.enableConfirmations;
    const wanted = { email: address, password_hash, email_confirm: confirmed, user_metadata: data };
    const { user, isNew } = await userOf(sql, address, () => wanted);
    if (confirmed) {
      if (!isNew) throw new AuthRefusal(422, "user_already_exists", "User already registered");
      return c.json(await issueSession(sql, config, await sql.begin((at) => openSession(at, user.id, "password"))));
    }
    if (!user.email_confirmed_at) await mailCode(context, user, "signup");
    return c.json(isNew ? await findUser(sql, user.id) : likeNew(address, data));
  });
}

const addressParams = z.object({
  email: z.string().optional(),
  type: z.string().optional(),
  create_user: z.boolean().optional(),
  data: metadata,
});

type Asked = z.infer<typeof addressParams> & { address: string };

/** A route that sends at most one mail and answers `{}` whatever it did. */
export function mailing(
  context: AuthContext,
  work: (asked: Asked) => Promise<void>,
): (c: Context) => Promise<Response> {
  return async (c) => {
    const asked = await readBody(c, addressParams);
    if (!asked.email) throw new AuthRefusal(400, "validation_failed", "One of email or phone must be set");
    const address = checkEmail(asked.email);
    await limited(context, c, { kind: "forgot", account: address }, () => work({ ...asked, address }));
    return c.json({});
  };
}

/** A link to sign in, for a known address; an account that waits for its proof, for any other. */
export async function sendSignInLink(context: AuthContext, { address, create_user, data }: Asked): Promise<void> {
  const { sql, config } = context;
  const known = await findByEmail(sql, address);
  if (!known && create_user === false) throw new AuthRefusal(422, "otp_disabled", "Signups not allowed for otp");
  if (!known && !config.auth.enableSignup) throw signupDisabled();
  const { user } = known
    ? { user: known }
    : await userOf(sql, address, () => ({ email: address, user_metadata: data }));
  await mailCode(context, user, user.email_confirmed_at ? "magiclink" : "signup");
}

export async function sendRecovery(context: AuthContext, { address }: Asked): Promise<void> {
  const user = await findByEmail(context.sql, address);
  if (user) await mailCode(context, user, "recovery");
}

export async function resend(context: AuthContext, { address, type }: Asked): Promise<void> {
  if (type !== "signup") {
    throw new AuthRefusal(400, "validation_failed", "Missing one of these types: signup");
  }
  const user = await findByEmail(context.sql, address);
  if (user && !user.email_confirmed_at) await mailCode(context, user, "signup");
}

export async function findByEmail(sql: Sql, email: string): Promise<UserJson | undefined> {
  const [row] = await sql<{ id: string }[]>`select id from auth.users where email = ${email.toLowerCase()}`;
  return row && findUser(sql, row.id);
}

async function mailCode({ sql, config, mailbox }: AuthContext, user: UserJson, kind: MailKind): Promise<void> {
  const purpose = kind === "signup" ? "confirmation" : "recovery";
  const sent = await sql.begin((transaction) => createOneTimeCode(transaction, user, purpose));
  sendLink(config, mailbox, { to: user.email, kind, ...sent });
}

/** The user of an address, made where there is none. */
async function userOf(
  sql: AuthContext["sql"],
  address: string,
  wanted: () => Parameters<typeof createUser>[1],
): Promise<{ user: UserJson; isNew: boolean }> {
  const known = await findByEmail(sql, address);
  if (known) return { user: known, isNew: false };
  try {
    return { user: await sql.begin((transaction) => createUser(transaction, wanted())), isNew: true };
  } catch (error) {
    // Somebody else has been quicker.
    const user = await findByEmail(sql, address);
    if (!user) throw error;
    return { user, isNew: false };
  }
}

/** What a sign-up answers for an address that has an account: as if it were new, as GoTrue does. */
function likeNew(email: string, data: z.infer<typeof metadata>): Record<string, unknown> {
  const now = new Date().toISOString();
  return {
    ...{ id: randomUUID(), aud: "authenticated", role: "authenticated", email, phone: "" },
    ...{ confirmation_sent_at: now, created_at: now, updated_at: now, is_anonymous: false },
    app_metadata: { provider: "email", providers: ["email"] },
    user_metadata: data ?? {},
    identities: [],
  };
}

function signupDisabled(): AuthRefusal {
  return new AuthRefusal(422, "signup_disabled", "Signups not allowed for this instance");
}

import { randomUUID } from "node:crypto";
import type { Context } from "hono";
import { z } from "zod";
import { checkEmail, createUser } from "./admin-users.ts";
import { limited } from "./attempts.ts";
import { readBody } from "./body.ts";
import type { AuthContext } from "./context.ts";
import { startEmailChange } from "./email-change.ts";
import { AuthRefusal, tooSoon } from "./errors.ts";
import { type MailKind, sendLink } from "./mailer.ts";
import { createOneTimeCode } from "./one-time.ts";
import { hashPassword, requireStrong } from "./passwords.ts";
import { challengeOf, challengeParams, type FlowMethod, startFlow } from "./pkce.ts";
import { issueSession, openSession } from "./sessions.ts";
import { findUser, type Sql, type UserJson } from "./users.ts";

// Signing up, and the mails that one may ask for without being signed in. None of them tells whether an address is known,
// and none makes an address proven.

const metadata = z.record(z.string(), z.unknown()).nullish();
const signUpParams = z.object({
  email: z.string().nullish(),
  phone: z.string().nullish(),
  password: z.string().nullish(),
  data: metadata,
  ...challengeParams,
});

type Challenge = ReturnType<typeof challengeOf>;

export async function signUp(context: AuthContext, c: Context): Promise<Response> {
  const { sql, config } = context;
  const { email, phone, password, data, ...more } = await readBody(c, signUpParams);
  if (!config.auth.enableSignup) throw signupDisabled();
  if (!email && !phone && !password) {
    throw new AuthRefusal(422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled");
  }
  if (!password) throw new AuthRefusal(400, "validation_failed", "Signup requires a valid password");
  requireStrong(config.auth, password);
  const challenge = challengeOf(more);
  if (email && phone) {
    const message = "Only an email address or phone number should be provided on signup.";
    throw new AuthRefusal(400, "validation_failed", message);
  }
  if (!email) throw new AuthRefusal(400, "phone_provider_disabled", "Phone signups are disabled");
  if (!config.auth.enableEmail) throw new AuthRefusal(400, "email_provider_disabled", "Email signups are disabled");
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
    if (!user.email_confirmed_at) {
      await mailCode(context, user, "signup", { redirectTo: c.req.query("redirect_to"), challenge });
    }
    return c.json(isNew ? await findUser(sql, user.id) : likeNew(address, data));
  });
}

const addressParams = z.object({
  email: z.string().nullish(),
  phone: z.string().nullish(),
  type: z.string().nullish(),
  create_user: z.boolean().nullish(),
  data: metadata,
  ...challengeParams,
});

type Asked = z.infer<typeof addressParams> & { address: string; redirectTo: string | undefined; challenge: Challenge };

/**
 * A route that sends at most one mail and answers `{}` whatever it did. Where it sends none, the next one is too soon all
 * the same, so that nobody learns by that whose address is known.
 */
export function mailing(
  context: AuthContext,
  work: (asked: Asked) => Promise<"sent" | "nothing">,
): (c: Context) => Promise<Response> {
  const unheard = new Map<string, number>();
  return async (c) => {
    const asked = await readBody(c, addressParams);
    const challenge = challengeOf(asked);
    if (asked.email && asked.phone) {
      throw new AuthRefusal(400, "validation_failed", "Only an email address or phone number should be provided");
    }
    if (asked.phone) throw new AuthRefusal(400, "phone_provider_disabled", "Unsupported phone provider");
    if (!asked.email) throw new AuthRefusal(400, "validation_failed", "One of email or phone must be set");
    const address = checkEmail(asked.email);
    await limited(context, c, { kind: "forgot", account: address }, async () => {
      const wait = (unheard.get(address) ?? 0) - Date.now();
      if (wait > 0) throw tooSoon(Math.ceil(wait / 1000));
      for (const [before, end] of unheard) if (end <= Date.now()) unheard.delete(before);
      const done = await work({ ...asked, address, redirectTo: c.req.query("redirect_to"), challenge });
      if (done === "nothing") unheard.set(address, Date.now() + context.config.auth.mailInterval * 1000);
    });
    return c.json({});
  };
}

/** A link to sign in, for a known address; an account that waits for its proof, for any other. */
export async function sendSignInLink(context: AuthContext, asked: Asked) {
  const { sql, config } = context;
  const { address, create_user, data } = asked;
  if (!config.auth.enableEmail) throw new AuthRefusal(422, "email_provider_disabled", "Email logins are disabled");
  const known = await findByEmail(sql, address);
  if (!known && create_user === false) throw new AuthRefusal(422, "otp_disabled", "Signups not allowed for otp");
  if (!known && !config.auth.enableSignup) throw signupDisabled();
  const wanted = { email: address, user_metadata: data, email_confirm: !config.auth.enableConfirmations };
  const { user } = known ? { user: known } : await userOf(sql, address, () => wanted);
  return mailCode(context, user, user.email_confirmed_at ? "magiclink" : "signup", asked);
}

export async function sendRecovery(context: AuthContext, asked: Asked) {
  const user = await findByEmail(context.sql, asked.address);
  return user ? mailCode(context, user, "recovery", asked) : "nothing";
}

export async function resend(context: AuthContext, asked: Asked) {
  const { address, type, redirectTo, challenge } = asked;
  if (!["signup", "email_change", "sms", "phone_change"].includes(type ?? "")) {
    const message = "Missing one of these types: signup, email_change, sms, phone_change";
    throw new AuthRefusal(400, "validation_failed", message);
  }
  const user = await findByEmail(context.sql, address);
  if (type === "signup") {
    return user && !user.email_confirmed_at ? mailCode(context, user, "signup", asked) : "nothing";
  }
  const email = user?.new_email;
  if (!user || type !== "email_change" || typeof email !== "string") return "nothing";
  const send = await context.sql.begin((at) => startEmailChange(context, at, user, { email, redirectTo, challenge }));
  send();
  return "sent";
}

export async function findByEmail(sql: Sql, email: string): Promise<UserJson | undefined> {
  const [row] = await sql<{ id: string }[]>`select id from auth.users where email = ${email.toLowerCase()}`;
  return row && findUser(sql, row.id);
}

const flows = { signup: "email/signup", magiclink: "magiclink", recovery: "recovery" } satisfies Partial<
  Record<MailKind, FlowMethod>
>;

async function mailCode(
  { sql, config, mailbox }: AuthContext,
  user: UserJson,
  kind: keyof typeof flows,
  { redirectTo, challenge }: { redirectTo: string | undefined; challenge: Challenge },
): Promise<"sent"> {
  const purpose = kind === "signup" ? "confirmation" : "recovery";
  const made = await sql.begin(async (transaction) => {
    if (challenge) await startFlow(transaction, user.id, flows[kind], challenge);
    const options = { mailed: true, pkce: challenge !== undefined };
    return createOneTimeCode(transaction, config.auth, user, purpose, options);
  });
  sendLink(config, mailbox, { to: user.email, kind, redirectTo, data: user.user_metadata, ...made });
  return "sent";
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

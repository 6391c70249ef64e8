import bcrypt from "bcryptjs";
import type { Context } from "hono";
import { z } from "zod";
import { asJson, checkEmail, merge } from "./admin-users.ts";
import { limited } from "./attempts.ts";
import { readBody } from "./body.ts";
import type { AuthContext } from "./context.ts";
import { startEmailChange } from "./email-change.ts";
import { AuthRefusal } from "./errors.ts";
import { sendReauthentication } from "./mailer.ts";
import { claimCode, createOneTimeCode } from "./one-time.ts";
import { endOldPassword, hashPassword, requireStrong } from "./passwords.ts";
import { challengeOf, challengeParams } from "./pkce.ts";
import { requireUser, type SignedIn } from "./sessions.ts";
import { findUser, type Sql } from "./users.ts";

// What a signed-in person changes of the own account. All of it is changed or nothing.

const metadata = z.record(z.string(), z.unknown()).nullish();
const changes = z.object({
  email: z.string().nullish(),
  phone: z.string().nullish(),
  password: z.string().nullish(),
  nonce: z.string().nullish(),
  data: metadata,
  app_metadata: metadata,
  ...challengeParams,
});

/** A session so old wants a code for a new password, where the project asks for it. */
const freshSeconds = 24 * 3600;

/** PUT /user. */
export async function updateOwnUser(context: AuthContext, c: Context): Promise<Response> {
  const { sql, config } = context;
  const caller = await requireUser(sql, config, c.req.header("Authorization"));
  const { user } = caller;
  const { email, phone, password, nonce, data, app_metadata, ...more } = await readBody(c, changes);
  const next = email ? checkEmail(email) : undefined;
  const newEmail = next === user.email ? undefined : next;
  if (phone) throw new AuthRefusal(400, "phone_provider_disabled", "Unsupported phone provider");
  if (typeof password === "string") requireStrong(config.auth, password);
  const challenge = challengeOf(more);
  if (app_metadata) throw new AuthRefusal(403, "not_admin", "Updating app_metadata requires admin privileges");
  requireSecondFactor(caller, Boolean(password) || newEmail !== undefined);
  if (password && config.auth.securePasswordChange) await requireRecent(context, caller, nonce ?? "");

  const change = () =>
    sql.begin(async (transaction) => {
      if (typeof password === "string") await changePassword(transaction, caller, password);
      if (data) await changeMetadata(transaction, user.id, data);
      if (newEmail === undefined) return undefined;
      const redirectTo = c.req.query("redirect_to");
      return startEmailChange(context, transaction, user, { email: newEmail, redirectTo, challenge });
    });
  const sendMails =
    newEmail === undefined
      ? await change()
      : await limited(context, c, { kind: "forgot", account: user.email }, change);
  sendMails?.();
  return c.json(await findUser(sql, user.id));
}

/** GET /reauthenticate: mails the code that a new password may want. */
export async function reauthenticate(context: AuthContext, c: Context): Promise<Response> {
  const { sql, config, mailbox } = context;
  const { user } = await requireUser(sql, config, c.req.header("Authorization"));
  if (user.email === "") {
    const message = "Reauthentication requires the user to have an email or a phone number";
    throw new AuthRefusal(400, "validation_failed", message);
  }
  if (!user.email_confirmed_at) {
    throw new AuthRefusal(422, "email_not_confirmed", "Please verify your email first.");
  }
  await limited(context, c, { kind: "forgot", account: user.email }, async () => {
    const { code } = await sql.begin((at) =>
      createOneTimeCode(at, config.auth, user, "reauthentication", { mailed: true }),
    );
    sendReauthentication(config, mailbox, user.email, code);
  });
  return c.json({});
}

function requireSecondFactor({ user, aal }: SignedIn, wanted: boolean): void {
  const hasFactor = user.factors?.some((factor) => factor.status === "verified") ?? false;
  if (!wanted || !hasFactor || aal === "aal2") return;
  const message = "AAL2 session is required to update email or password when MFA is enabled.";
  throw new AuthRefusal(401, "insufficient_aal", message);
}

/** Throws AuthRefusal 400, 422 where a session is old and no code shows who it is; a wrong code counts, and is committed. */
async function requireRecent(
  { sql, config }: AuthContext,
  { user, sessionId }: SignedIn,
  nonce: string,
): Promise<void> {
  const recent = await sql`
    select from auth.sessions where id = ${sessionId} and created_at > now() - make_interval(secs => ${freshSeconds})`;
  if (recent.length > 0) return;
  if (nonce === "") {
    throw new AuthRefusal(400, "reauthentication_needed", "Password update requires reauthentication");
  }
  if (await sql.begin((at) => claimCode(at, config.auth, user.email, nonce, ["reauthentication"]))) return;
  throw new AuthRefusal(422, "reauthentication_not_valid", "Nonce has expired or is invalid");
}

/** Whoever knew the old password is signed out everywhere else, and what was mailed before is void. */
async function changePassword(sql: Sql, { user, sessionId }: SignedIn, password: string): Promise<void> {
  const [row] = await sql<{ hash: string }[]>`
    select coalesce(encrypted_password, '') as hash from auth.users where id = ${user.id} for update`;
  if (row?.hash && (await bcrypt.compare(password, row.hash))) {
    throw new AuthRefusal(422, "same_password", "New password should be different from the old password.");
  }
  await sql`
    update auth.users set encrypted_password = ${await hashPassword(password)}, updated_at = now() where id = ${user.id}`;
  await endOldPassword(sql, user.id, sessionId);
}

async function changeMetadata(sql: Sql, id: string, data: Record<string, unknown>): Promise<void> {
  const [row] = await sql<{ present: Record<string, unknown> }[]>`
    select coalesce(raw_user_meta_data, '{}') as present from auth.users where id = ${id} for update`;
  const kept = sql.json(asJson(merge(row?.present ?? {}, data)));
  await sql`update auth.users set raw_user_meta_data = ${kept}, updated_at = now() where id = ${id}`;
}

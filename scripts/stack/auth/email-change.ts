import type { AuthConfig } from "../auth-config.ts";
import { checkEmail, refuseTaken, saveEmailIdentity } from "./admin-users.ts";
import type { AuthContext } from "./context.ts";
import { sendLink } from "./mailer.ts";
import { createOneTimeCode, voidCodes } from "./one-time.ts";
import { type challengeOf, startFlow } from "./pkce.ts";
import type { Sql, UserJson } from "./users.ts";

/** What sends the mails of a change once it is committed. */
type SendMails = () => void;

/**
 * Asks the new address whether it is the person's own, and the present one whether it may go. Nothing changes before the
 * new one has answered, nor before the present one has where the project wants both.
 *
 * @param sql a transaction; what is returned sends the mails and is for when it is committed
 * @throws AuthRefusal 400 `validation_failed`, 422 `email_exists`, 429 `over_email_send_rate_limit`
 */
export async function startEmailChange(
  { config, mailbox }: AuthContext,
  sql: Sql,
  user: UserJson,
  asked: { email: string; redirectTo: string | undefined; challenge?: ReturnType<typeof challengeOf> },
): Promise<SendMails> {
  const next = checkEmail(asked.email);
  const askBoth = config.auth.doubleConfirmChanges && user.email !== "";
  const code = (purpose: "email_change_token_new" | "email_change_token_current", mailed: boolean) =>
    createOneTimeCode(sql, config.auth, user, purpose, { mailed, pkce: asked.challenge !== undefined });
  await noteEmailChange(sql, user, next);
  const toNew = { to: next, ...(await code("email_change_token_new", true)) };
  const mails = askBoth ? [toNew, { to: user.email, ...(await code("email_change_token_current", false)) }] : [toNew];
  if (asked.challenge) await startFlow(sql, user.id, "email_change", asked.challenge);
  return () => {
    const change = { email: user.email, newEmail: next };
    for (const mail of mails) {
      sendLink(config, mailbox, { ...mail, kind: "email_change", redirectTo: asked.redirectTo, change });
    }
  };
}

/** Writes down the address that a user wants; nobody has answered for it yet. Throws AuthRefusal 422 `email_exists`. */
export async function noteEmailChange(sql: Sql, user: UserJson, next: string): Promise<void> {
  if (next !== user.email) await refuseTaken(sql, next);
  await sql`
    update auth.users set email_change = ${next}, email_change_confirm_status = 0 where id = ${user.id}`;
}

/** Takes the new address over once nobody is left to be asked; says whether that is so. */
export async function completeEmailChange(
  sql: Sql,
  { doubleConfirmChanges }: AuthConfig,
  userId: string,
): Promise<boolean> {
  const [user] = await sql<{ next: string; isFirst: boolean }[]>`
    select coalesce(email_change, '') as next, email_change_confirm_status = 0 and coalesce(email, '') <> '' as "isFirst"
    from auth.users where id = ${userId} for update`;
  if (!user?.next || (doubleConfirmChanges && user.isFirst)) {
    await sql`update auth.users set email_change_confirm_status = 1 where id = ${userId}`;
    return false;
  }
  await voidCodes(sql, userId);
  await sql`update auth.users set email = ${user.next}, email_change = null, email_change_confirm_status = 0 where id = ${userId}`;
  await saveEmailIdentity(sql, userId, user.next, true);
  return true;
}

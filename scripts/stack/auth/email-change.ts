import { checkEmail, refuseTaken, saveEmailIdentity } from "./admin-users.ts";
import type { AuthContext } from "./context.ts";
import { sendLink } from "./mailer.ts";
import { createOneTimeCode } from "./one-time.ts";
import type { Sql, UserJson } from "./users.ts";

/**
 * Asks the new address whether it is the person's own, and the present one whether it may go. Nothing changes before the
 * new one has answered, nor before the present one has where the project wants both.
 *
 * @throws AuthRefusal 400 `validation_failed`, 422 `email_exists`
 */
export async function startEmailChange(context: AuthContext, user: UserJson, wanted: string): Promise<void> {
  const { sql, config, mailbox } = context;
  const next = checkEmail(wanted);
  if (next === user.email) return;
  const askBoth = config.auth.doubleConfirmChanges && user.email !== "";
  const mails = await sql.begin(async (transaction) => {
    await refuseTaken(transaction, next);
    await transaction`
      update auth.users set email_change = ${next}, email_change_token_current = null, email_change_confirm_status = 0
      where id = ${user.id}`;
    const toNew = { to: next, ...(await createOneTimeCode(transaction, user, "email_change_token_new")) };
    if (!askBoth) return [toNew];
    return [toNew, { to: user.email, ...(await createOneTimeCode(transaction, user, "email_change_token_current")) }];
  });
  for (const mail of mails) sendLink(config, mailbox, { ...mail, kind: "email_change" });
}

/** Takes the new address over once nobody is left to be asked; says whether that is so. */
export async function completeEmailChange(sql: Sql, userId: string): Promise<boolean> {
  const [user] = await sql<{ next: string; waits: boolean }[]>`
    select coalesce(email_change, '') as next, coalesce(email_change_token_current, email_change_token_new) is not null as waits
    from auth.users where id = ${userId} for update`;
  if (!user?.next || user.waits) {
    await sql`update auth.users set email_change_confirm_status = 1 where id = ${userId}`;
    return false;
  }
  await sql`
    update auth.users set email = ${user.next}, email_change = null, email_change_sent_at = null, email_change_confirm_status = 0
    where id = ${userId}`;
  await saveEmailIdentity(sql, userId, user.next, true);
  return true;
}

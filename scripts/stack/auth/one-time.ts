import { createHash, randomBytes, randomInt, timingSafeEqual } from "node:crypto";
import type { AuthConfig } from "../auth-config.ts";
import { tooSoon } from "./errors.ts";
import type { Sql } from "./users.ts";

// What a mail carries: a link, which nobody guesses, and six digits for whoever reads the mail on another machine. The
// digits are void after five wrong ones; the link is not, so that a stranger who guesses takes nothing from anybody.

/** What a code or link is for: the column of auth.users that holds the link's token. */
export type Purpose =
  | "confirmation"
  | "recovery"
  | "email_change_token_current"
  | "email_change_token_new"
  | "reauthentication";

const maxFailures = 5;

const columns: Record<Purpose, { token: string; sentAt: string }> = {
  confirmation: { token: "confirmation_token", sentAt: "confirmation_sent_at" },
  recovery: { token: "recovery_token", sentAt: "recovery_sent_at" },
  email_change_token_current: { token: "email_change_token_current", sentAt: "email_change_sent_at" },
  email_change_token_new: { token: "email_change_token_new", sentAt: "email_change_sent_at" },
  reauthentication: { token: "reauthentication_token", sentAt: "reauthentication_sent_at" },
};

/** What begins a link's token whose browser gets a code for its session, not the session (pkce.ts). */
export const pkcePrefix = "pkce_";

/** How a code is made; one that an admin asks for is not mailed, and so is not too soon after another. */
export type CodeOptions = { mailed?: boolean; pkce?: boolean };

/**
 * Gives a user a link and a code, for a while; those of the same purpose that went before are void.
 *
 * @throws AuthRefusal 429 `over_email_send_rate_limit` where one was mailed a moment ago
 */
export async function createOneTimeCode(
  sql: Sql,
  config: AuthConfig,
  user: { id: string },
  purpose: Purpose,
  { mailed = false, pkce = false }: CodeOptions = {},
): Promise<{ code: string; tokenHash: string }> {
  const { otpLength, mailInterval } = config;
  const code = String(randomInt(10 ** otpLength)).padStart(otpLength, "0");
  const tokenHash = (pkce ? pkcePrefix : "") + randomBytes(28).toString("hex");
  const { token, sentAt } = columns[purpose];
  const [before] = await sql<{ wait: number }[]>`
    select ceil(extract(epoch from ${sql(sentAt)} - now()) + ${mailInterval})::int as wait
    from auth.users where id = ${user.id} for update`;
  if (mailed && before && before.wait > 0) throw tooSoon(before.wait);
  await sql`update auth.users set ${sql({ [token]: tokenHash, [sentAt]: new Date() })} where id = ${user.id}`;
  await sql`
    insert into auth.one_time_codes (user_id, purpose, code_hash) values (${user.id}, ${purpose}, ${hashOf(user.id, code)})
    on conflict (user_id, purpose) do update set code_hash = excluded.code_hash, failures = 0`;
  return { code, tokenHash };
}

/** Makes every link and code void that was given to a user, as a new password does. */
export async function voidCodes(sql: Sql, userId: string): Promise<void> {
  const fields = Object.values(columns).flatMap(({ token, sentAt }) => [token, sentAt]);
  await sql`update auth.users set ${sql(Object.fromEntries(fields.map((field) => [field, null])))} where id = ${userId}`;
  await sql`delete from auth.one_time_codes where user_id = ${userId}`;
}

/** Who has shown a link or code, and for what; it is used up by that. */
export type Claimed = { userId: string; purpose: Purpose };

/** Takes a link's token, of one of the purposes; undefined where it is none, used or old. */
export async function claimLink(
  sql: Sql,
  { otpExpiry }: AuthConfig,
  token: string,
  purposes: readonly Purpose[],
): Promise<Claimed | undefined> {
  if (token.length < 32) return undefined;
  for (const purpose of purposes) {
    const { token: column, sentAt } = columns[purpose];
    const [user] = await sql<{ id: string }[]>`
      update auth.users set ${sql(column)} = null
      where ${sql(column)} = ${token} and ${sql(sentAt)} > now() - make_interval(secs => ${otpExpiry}) returning id`;
    if (!user) continue;
    await sql`delete from auth.one_time_codes where user_id = ${user.id} and purpose = ${purpose}`;
    return { userId: user.id, purpose };
  }
  return undefined;
}

/**
 * Takes the code that was mailed to an address, of one of the purposes; undefined where it is wrong, void or old. A wrong
 * one counts against each code that it might have been.
 *
 * @param sql a transaction that is committed whatever the outcome: the codes stay locked until then, so that guesses which
 *   come at once are counted one by one
 */
export async function claimCode(
  sql: Sql,
  { otpExpiry }: AuthConfig,
  email: string,
  code: string,
  purposes: readonly Purpose[],
): Promise<Claimed | undefined> {
  const waiting = await sql<{ user_id: string; purpose: Purpose; code_hash: string; sent_at: Date | null }[]>`
    select o.user_id, o.purpose, o.code_hash, case o.purpose
        when 'confirmation' then u.confirmation_sent_at when 'recovery' then u.recovery_sent_at
        when 'reauthentication' then u.reauthentication_sent_at else u.email_change_sent_at
      end as sent_at
    from auth.one_time_codes o join auth.users u on u.id = o.user_id
    where o.purpose in ${sql([...purposes])}
      and case when o.purpose = 'email_change_token_new' then u.email_change else u.email end = ${email.toLowerCase()}
    order by o.user_id, o.purpose for update of o`;
  const oldest = Date.now() - otpExpiry * 1000;
  const right = waiting.find((row) => isSame(row.code_hash, hashOf(row.user_id, code)) && Number(row.sent_at) > oldest);
  if (right) {
    const { user_id: userId, purpose } = right;
    await sql`update auth.users set ${sql(columns[purpose].token)} = null where id = ${userId}`;
    await sql`delete from auth.one_time_codes where user_id = ${userId} and purpose = ${purpose}`;
    return { userId, purpose };
  }
  for (const { user_id, purpose } of waiting) {
    await sql`update auth.one_time_codes set failures = failures + 1 where user_id = ${user_id} and purpose = ${purpose}`;
    await sql`
      delete from auth.one_time_codes where user_id = ${user_id} and purpose = ${purpose} and failures >= ${maxFailures}`;
  }
  return undefined;
}

function hashOf(userId: string, code: string): string {
  return createHash("sha256").update(`${userId} ${code}`).digest("hex");
}

function isSame(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

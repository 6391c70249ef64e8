import type { SupabaseClient } from "@supabase/supabase-js";
import type postgres from "postgres";
import { Refusal } from "../output.ts";
import { serviceClient } from "../service.ts";

/** An account to be there: what the login needs, and the name that its profile starts with. */
export type WantedAccount = { email: string; firstName: string; lastName: string };

/** The accounts' user ids by e-mail as it was wanted; `made` are the ids that were not there before. */
export type Accounts = { ids: Record<string, string>; made: string[] };

type AdminApi = SupabaseClient["auth"]["admin"];

/** Supabase's admin API with the secret key. */
export function adminApi(apiUrl: string, secretKey: string): AdminApi {
  return serviceClient(apiUrl, secretKey).auth.admin;
}

/** Makes the accounts that are missing, confirmed and with `password`. If one fails, those made before are removed. */
export async function ensureAccounts(
  admin: AdminApi,
  sql: postgres.Sql,
  wanted: readonly WantedAccount[],
  password: string,
): Promise<Accounts> {
  // Auth keeps e-mails in lower case.
  const emails = wanted.map(({ email }) => email.toLowerCase());
  const rows = await sql<{ id: string; email: string; unproven: boolean }[]>`
    select id, lower(email) as email, email_confirmed_at is null as unproven from auth.users where lower(email) in ${sql(emails)}`;
  // Somebody else may have opened it, with a password of his own.
  const doubtful = rows.find(({ unproven }) => unproven);
  if (doubtful)
    throw new Refusal(`the account ${doubtful.email} is there and its address is not proven: remove it first`);
  const existing = new Map(rows.map(({ id, email }) => [email, id]));
  const ids: Record<string, string> = {};
  const made: string[] = [];
  for (const { email, firstName, lastName } of wanted) {
    const known = existing.get(email.toLowerCase());
    if (known) {
      ids[email] = known;
      continue;
    }
    const { data, error } = await admin.createUser({
      email,
      password,
      email_confirm: true,
      user_metadata: { firstName, lastName },
    });
    if (error || !data.user) {
      await removeAccounts(admin, made);
      throw new Refusal(`cannot make the account ${email}: ${error?.message ?? "no user was returned"}`);
    }
    ids[email] = data.user.id;
    made.push(data.user.id);
  }
  return { ids, made };
}

/** Takes accounts back. Throws a Refusal that names those which stayed. */
export async function removeAccounts(admin: AdminApi, ids: readonly string[]): Promise<void> {
  const stayed: string[] = [];
  for (const id of ids) {
    const { error } = await admin.deleteUser(id);
    if (error) stayed.push(`${id} (${error.message})`);
  }
  if (stayed.length > 0) throw new Refusal(`these new accounts could not be removed again: ${stayed.join(", ")}`);
}

import process from "node:process";
import { createAccount, removeAccount, sendMail } from "../auth.ts";
import { askDatabase } from "../postgrest.ts";
import { Problem } from "../problem.ts";
import { type Account, type Accounts, type NewAccount, siteOf } from "./declaration.ts";
import { sharedWrite } from "./published.ts";
import { profileOf } from "./registration.ts";

/**
 * Makes a member. The database is asked with the admin's own token before and after Auth makes the account, so that a refusal
 * leaves none behind. Throws a Problem: 401, 403, 409 where the address has an account, 422.
 */
export async function createMember(accounts: Accounts, wanted: NewAccount, caller: Headers): Promise<Account> {
  const { email, password, role } = wanted;
  const system = accounts.system.slug;
  const checked = await askDatabase(sharedWrite("member_check"), { system, email, role }, caller);
  await checked.body?.cancel();
  const profile = profileOf(wanted);
  const id = await createAccount({ email, password, confirmed: true, metadata: profile });
  if (!id) throw new Problem(409, "email_taken", "Un compte existe déjà avec cette adresse e-mail.");
  try {
    const made = await askDatabase(sharedWrite("member_add"), { system, userId: id, role, profile }, caller);
    const member = (await made.json()) as Account;
    if (password === undefined) await sendMail("recover", email, siteOf(accounts, process.env));
    return member;
  } catch (error) {
    await removeAccount(id);
    throw error;
  }
}

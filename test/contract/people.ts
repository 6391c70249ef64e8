import type { SupabaseClient } from "@supabase/supabase-js";
import { newAccount } from "../support/accounts.ts";
import { atEndOfFiles } from "../support/at-end.ts";
import { clientFor, db, serviceClient } from "../support/stack.ts";

/** A signed-in person, and supabase-js as he uses it. */
export type Person = { id: string; email: string; token: string; client: SupabaseClient };

/** An account that has been there before the test; its password is that of the demo. */
export async function signIn(email: string): Promise<Person> {
  const client = await clientFor(email);
  const { data } = await client.auth.getSession();
  if (!data.session) throw new Error(`${email} has no session`);
  return { id: data.session.user.id, email, token: data.session.access_token, client };
}

/** Somebody who signs up for one test file, and the roles that he is given in a system. */
export async function signUp(system: string, ...roles: string[]): Promise<Person> {
  const { id, email, session, client } = await newAccount();
  signedUp.push(id);
  for (const role of roles) {
    await db()`insert into platform.memberships (user_id, system, role) values (${id}, ${system}, ${role})`;
  }
  return { id, email, token: session.access_token, client };
}

/** Suspends all of a person's memberships, or ends the suspension. */
export async function setStatus(person: Person, status: "active" | "suspended"): Promise<void> {
  await db()`update platform.memberships set status = ${status} where user_id = ${person.id}`;
}

const signedUp: string[] = [];

atEndOfFiles(async () => {
  for (const id of signedUp.splice(0)) {
    const { error } = await serviceClient().auth.admin.deleteUser(id);
    if (error) throw error;
  }
});

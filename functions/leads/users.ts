import { createAccount, removeAccount, sendMail } from "../_shared/auth.ts";
import { askDatabase } from "../_shared/postgrest.ts";
import { Problem } from "../_shared/problem.ts";
import { type Call, write } from "../_shared/route.ts";
import type { NewUser } from "./account-inputs.ts";
import { profileOf } from "./registration.ts";

/**
 * POST /api/admin/users. The database is asked with the admin's own token before and after Auth makes the account.
 * Throws a Problem: 401, 403, 409 where the address has an account, 422.
 */
export async function createUser({ request, body }: Call): Promise<Response> {
  const wanted = body as NewUser;
  const { email, password, role } = wanted;
  const checked = await askDatabase(write("admin_user_check"), { email, role }, request.headers);
  await checked.body?.cancel();
  const profile = profileOf(wanted);
  const id = await createAccount({ email, password, confirmed: true, metadata: profile });
  if (!id) throw new Problem(409, "email_taken", "Un compte existe déjà avec cette adresse e-mail.");
  try {
    const made = await askDatabase(write("admin_user_add"), { userId: id, role, profile }, request.headers);
    const user = await made.json();
    if (password === undefined) await sendMail("recover", email);
    return Response.json(user, { status: 201 });
  } catch (error) {
    await removeAccount(id);
    throw error;
  }
}

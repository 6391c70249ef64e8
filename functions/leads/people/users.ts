import { createAccount, removeAccount, sendMail } from "../../_shared/auth.ts";
import { callAsService } from "../../_shared/auth-service.ts";
import { askDatabase } from "../../_shared/postgrest.ts";
import { Problem } from "../../_shared/problem.ts";
import { type Call, write } from "../../_shared/route.ts";
import { removeFile } from "../../_shared/storage.ts";
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

type Erased = Record<string, unknown> & { recordings: string[]; avatars: string[] };

/**
 * POST /api/admin/users/:id/erase. The rows go first, in one transaction; where the files then fail (503), the same call again
 * removes them. Throws a Problem: 401, 403, 404, 409 while something is owed, or for the last admin.
 */
export async function eraseUser({ request, params, body }: Call): Promise<Response> {
  const answer = await askDatabase(write("admin_user_erase"), { ...body, id: params.id }, request.headers);
  const { recordings, avatars, ...counts } = (await answer.json()) as Erased;
  for (const path of avatars) await removeFile("avatars", path);
  for (const path of recordings) await removeFile("recordings", path);
  if (recordings.length > 0) await callAsService("gdpr_forget_recordings", { paths: recordings });
  return Response.json(counts, { headers: { "Cache-Control": "no-store" } });
}

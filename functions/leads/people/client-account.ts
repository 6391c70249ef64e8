import { register } from "../../_shared/accounts/registration.ts";
import { accountOf, openSession } from "../../_shared/accounts/sign-in.ts";
import { changeEmail, signOut } from "../../_shared/auth.ts";
import { isForeign } from "../../_shared/cross-origin.ts";
import { userToken } from "../../_shared/keys.ts";
import { askDatabase } from "../../_shared/postgrest.ts";
import { authenticationRequired } from "../../_shared/problem.ts";
import { type Call, rpc, write } from "../../_shared/route.ts";
import { handleOf, sessionCookie } from "../../_shared/session-cookie.ts";
import { closeHandle, openHandle } from "../../_shared/session-handle.ts";
import { accounts } from "./accounts.ts";
import type { SignIn, SignUp } from "./client-account-inputs.ts";

const system = "leads";

/** POST /api/auth/signin: the session stays in a cookie, in the place of the one that was there. Throws a Problem: 401, 403 where suspended, 429. */
export async function clientSignIn({ request, body }: Call): Promise<Response> {
  const { username, hashedPassword } = body as SignIn;
  const session = await openSession(accounts, { identifier: username, password: hashedPassword }, request.headers);
  const { id: userId } = await accountOf(accounts, session);
  const before = handleOf(request.headers, system);
  if (before) await closeHandle(before);
  const cookie = sessionCookie(request.headers, system, await openHandle(session));
  return Response.json({ userId }, { headers: { "Set-Cookie": cookie } });
}

/**
 * POST /api/auth/signup, as `register`: a buyer, since the page asks for no role. The id says nothing of whether the
 * address was new. Throws a Problem (429).
 */
export async function clientSignUp({ request, body }: Call): Promise<Response> {
  const { email, hashedPassword, firstname, lastname } = body as SignUp;
  const wanted = { email, password: hashedPassword, firstName: firstname, lastName: lastname, role: "acheteur" };
  const message = await register(accounts, wanted, request.headers);
  return Response.json({ userId: crypto.randomUUID(), message }, { status: 201 });
}

/**
 * POST /api/auth/signout: ends the cookie's session, or the token's; without one there is nothing to end. Another site's
 * page has no cookie here, and takes none away: a form is all that it would need.
 */
export async function clientSignOut({ request }: Call): Promise<Response> {
  const foreign = isForeign(request.headers);
  const handle = foreign ? undefined : handleOf(request.headers, system);
  const token = userToken(request.headers);
  if (handle) await closeHandle(handle);
  if (token) await signOut(token, "local").catch(() => undefined);
  const headers: Record<string, string> = foreign ? {} : { "Set-Cookie": sessionCookie(request.headers, system) };
  return Response.json({ message: "Vous êtes déconnecté." }, { headers });
}

/** POST /api/users/me: a new address is Auth's to confirm, all else changes at once. Throws a Problem: 401, 422. */
export async function changeOwnProfile({ request, body }: Call): Promise<Response> {
  const { email, ...profile } = body;
  const token = userToken(request.headers);
  if (!token) throw authenticationRequired();
  const changed = await askDatabase(write("users_me_change"), { profile }, request.headers);
  const shown = (await changed.json()) as { email: string };
  if (email && email !== shown.email) await changeEmail(token, String(email));
  return Response.json(shown);
}

/** GET /api/users/search: an account, or null. */
export async function searchUser({ request, params }: Call): Promise<Response> {
  const found = await askDatabase(rpc("users_search"), params, request.headers);
  return new Response(found.body, { headers: { "Content-Type": "application/json" } });
}

import { refreshSession, type Session, signInWithPassword, signOut } from "../../_shared/auth.ts";
import { beatOf, untilBeat } from "../../_shared/auth-timing.ts";
import { userToken } from "../../_shared/keys.ts";
import { askDatabase } from "../../_shared/postgrest.ts";
import { authenticationRequired, invalidBody, Problem } from "../../_shared/problem.ts";
import { acceptAttempt, clientAddress, releaseAttempt, takeAttempt } from "../../_shared/rate-limit.ts";
import { type Call, rpc } from "../../_shared/route.ts";
import { handleOf } from "../../_shared/session-cookie.ts";
import { tokenOf } from "../../_shared/session-handle.ts";
import type { Credentials } from "./account-inputs.ts";

type SignedIn = { token: string; accessToken: string; refreshToken: string; expiresIn: number; user: { id: string } };

/** Refused logins take this long, in ms, or a multiple: an unknown address is quicker to refuse than a known one. */
const refusalBeat = 1000;

/**
 * POST /api/auth/login. Throws a Problem: 401 with one text whatever the reason, 403 where the person is suspended (told
 * to nobody without the password), 429 after too many failures.
 */
export async function login({ request, body }: Call): Promise<Response> {
  return Response.json(await answerOf(await openSession(body as Credentials, request.headers)));
}

/** The session of an address and its password. Throws as `login` does. */
export async function openSession({ email, password }: Credentials, caller: Headers): Promise<Session> {
  const attempt = { login_account: email, login_ip: clientAddress(caller) };
  await takeAttempt(attempt);
  const started = performance.now();
  const session = await signInWithPassword(email, password, attempt.login_ip).catch(async (error: unknown) => {
    // Auth did not answer: that says nothing of the password.
    await releaseAttempt(attempt);
    throw error;
  });
  if (!session) {
    await untilBeat(started, beatOf(refusalBeat));
    throw new Problem(401, "invalid_credentials", "L'adresse e-mail ou le mot de passe est incorrect.");
  }
  await acceptAttempt(attempt);
  return session;
}

/** POST /api/auth/refresh. Throws a Problem: 401 for the token, 403 where the person is suspended. */
export async function refresh({ request, body }: Call): Promise<Response> {
  if (body.refreshToken === undefined) return refreshByCookie(request.headers);
  const session = await refreshSession(String(body.refreshToken));
  if (!session) throw sessionExpired();
  return Response.json(await answerOf(session));
}

/** The page that has its session as a cookie sends nothing, and gets an access token that is good. */
async function refreshByCookie(caller: Headers): Promise<Response> {
  const handle = handleOf(caller, "leads");
  if (!handle) {
    throw invalidBody([{ field: "refreshToken", code: "required", message: "Le jeton de rafraîchissement manque." }]);
  }
  const accessToken = await tokenOf(handle);
  if (!accessToken) throw sessionExpired();
  return Response.json({ accessToken });
}

function sessionExpired(): Problem {
  return new Problem(401, "invalid_refresh_token", "Votre session a expiré. Reconnectez-vous.");
}

/** POST /api/auth/logout: ends the session, so that its refresh token is worth nothing. Throws a Problem (401). */
export async function logout({ request }: Call): Promise<Response> {
  const token = userToken(request.headers);
  if (!token) throw authenticationRequired();
  await signOut(token, "local");
  return new Response(null, { status: 204 });
}

/** What signing in answers: the tokens, and whose they are. Throws a Problem (403) where the person is suspended. */
export async function answerOf(session: Session): Promise<SignedIn> {
  const token = session.access_token;
  const caller = new Headers({ Authorization: `Bearer ${token}` });
  try {
    const found = await askDatabase(rpc("auth_me"), {}, caller);
    const { refresh_token: refreshToken, expires_in: expiresIn } = session;
    return { token, accessToken: token, refreshToken, expiresIn, user: (await found.json()) as SignedIn["user"] };
  } catch (error) {
    // Nobody gets to know this session's tokens.
    await signOut(token, "local").catch(() => undefined);
    throw error;
  }
}

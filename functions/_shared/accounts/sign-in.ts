import { refreshSession, type Session, signInWithPassword, signOut } from "../auth.ts";
import { callAsService } from "../auth-service.ts";
import { beatOf, untilBeat } from "../auth-timing.ts";
import { userToken } from "../keys.ts";
import { askDatabase } from "../postgrest.ts";
import { authenticationRequired, invalidBody, Problem } from "../problem.ts";
import { acceptAttempt, clientAddress, releaseAttempt, takeAttempt } from "../rate-limit.ts";
import type { Call } from "../route.ts";
import { handleOf } from "../session-cookie.ts";
import { handleSeconds, openHandle, tokenOf } from "../session-handle.ts";
import type { Account, Accounts, Credentials, Tokens } from "./declaration.ts";
import { plainAddress } from "./inputs.ts";
import { sharedRpc } from "./published.ts";

/** Refused sign-ins take this long, in ms, or a multiple: an unknown address is quicker to refuse than a known one. */
const refusalBeat = 1000;

/**
 * Signs in. Throws a Problem: 401 with one text whatever the reason, 403 where the person is suspended (told to nobody without
 * the password), 429 after too many failures.
 */
export async function signIn(accounts: Accounts, given: Credentials, caller: Headers): Promise<unknown> {
  const session = await openSession(accounts, given, caller);
  return shownSession(accounts, session, await accountOf(accounts, session));
}

/** The session of an identifier and its password. Throws as `signIn` does. */
export async function openSession(
  accounts: Accounts,
  { identifier, password }: Credentials,
  caller: Headers,
): Promise<Session> {
  const started = performance.now();
  const email = await addressOf(accounts, identifier);
  const attempt = { login_account: email ?? identifier, login_ip: clientAddress(caller) };
  await takeAttempt(attempt);
  const asked = email ? signInWithPassword(email, password, attempt.login_ip) : Promise.resolve(undefined);
  const session = await asked.catch(async (error: unknown) => {
    // Auth did not answer: that says nothing of the password.
    await releaseAttempt(attempt);
    throw error;
  });
  if (!session) {
    await untilBeat(started, beatOf(refusalBeat));
    throw invalidCredentials(accounts);
  }
  await acceptAttempt(attempt);
  return session;
}

/** The address with which an identifier signs in; undefined where it is nobody's. */
async function addressOf({ system, identifier: kind }: Accounts, identifier: string): Promise<string | undefined> {
  if (kind === "email" || identifier.includes("@")) return plainAddress(identifier);
  const found = await callAsService("sign_in_address", { system: system.slug, identifier }, "platform_api");
  return (found as string | null) ?? undefined;
}

/** Prolongs a session by its refresh token, or by the cookie that it is in. Throws a Problem: 401, 403 where the person is suspended. */
export async function refresh(accounts: Accounts, { request, body }: Call): Promise<unknown> {
  if (body.refreshToken === undefined) return refreshByCookie(accounts, request.headers);
  const session = await refreshSession(String(body.refreshToken));
  if (!session) throw sessionExpired();
  return shownSession(accounts, session, await accountOf(accounts, session));
}

/** The page that has its session as a cookie sends nothing, and gets an access token that is good. */
async function refreshByCookie({ system }: Accounts, caller: Headers): Promise<{ accessToken: string }> {
  const handle = handleOf(caller, system.slug);
  if (!handle) {
    throw invalidBody([{ field: "refreshToken", code: "required", message: "Le jeton de rafraîchissement manque." }]);
  }
  const accessToken = await tokenOf(handle);
  if (!accessToken) throw sessionExpired();
  return { accessToken };
}

/** Ends the token's session, so that its refresh token is worth nothing, nor a handle of it. Throws a Problem (401). */
export async function logout({ request }: Call): Promise<Response> {
  const token = userToken(request.headers);
  if (!token) throw authenticationRequired();
  await signOut(token, "local");
  return new Response(null, { status: 204 });
}

/** Whose session it is, in this system. Throws a Problem: 403 where the person is suspended, 401 where only members get in. */
export async function accountOf(accounts: Accounts, session: Session): Promise<Account> {
  const token = session.access_token;
  const caller = new Headers({ Authorization: `Bearer ${token}` });
  try {
    const found = await askDatabase(sharedRpc("me"), { system: accounts.system.slug }, caller);
    const account = (await found.json()) as Account;
    if (accounts.membersOnly && account.role === null) throw invalidCredentials(accounts);
    return account;
  } catch (error) {
    // Nobody gets to know this session's tokens.
    await signOut(token, "local").catch(() => undefined);
    throw error;
  }
}

async function shownSession(accounts: Accounts, session: Session, account: Account): Promise<unknown> {
  const { show = {} } = accounts;
  const tokens = accounts.handles
    ? { token: await openHandle(session), expiresIn: handleSeconds }
    : { token: session.access_token, refreshToken: session.refresh_token, expiresIn: session.expires_in };
  return show.session?.of?.(tokens, account) ?? plainSession(tokens, show.account?.of?.(account) ?? account);
}

function plainSession({ token, refreshToken, expiresIn }: Tokens, user: unknown): object {
  return { token, accessToken: token, ...(refreshToken ? { refreshToken } : {}), expiresIn, user };
}

function sessionExpired(): Problem {
  return new Problem(401, "invalid_refresh_token", "Votre session a expiré. Reconnectez-vous.");
}

function invalidCredentials({ identifier }: Accounts): Problem {
  const what = identifier === "email" ? "L'adresse e-mail" : "L'identifiant";
  return new Problem(401, "invalid_credentials", `${what} ou le mot de passe est incorrect.`);
}

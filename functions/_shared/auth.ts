import { publishableKey, secretHeaders, supabaseUrl } from "./keys.ts";
import { send } from "./postgrest.ts";
import { Problem, serviceUnavailable, tokenRefused } from "./problem.ts";

// Supabase Auth over its own REST paths, as supabase-js speaks to it, with the project's secret key: these calls have been
// counted already (rate-limit.ts), and none may be taken for another's because they all come from one machine.

/** A session as Auth answers it; `expires_in` is in seconds. */
export type Session = {
  access_token: string;
  refresh_token: string;
  expires_in: number;
  user: { id: string; email: string };
};

/** What a new account starts with. `metadata` is what its owner may change: names, never a right. */
export type NewAccount = {
  email: string;
  password?: string | undefined;
  confirmed: boolean;
  metadata: Record<string, unknown>;
};

/**
 * The session of an e-mail and password; undefined where Auth refuses them, for whatever reason.
 *
 * @param address the caller's, whose attempt was counted already
 */
export function signInWithPassword(email: string, password: string, address: string): Promise<Session | undefined> {
  return session("token?grant_type=password", { email, password }, address);
}

/** The next session of a refresh token; undefined where it is not valid any more. */
export function refreshSession(refreshToken: string): Promise<Session | undefined> {
  return session("token?grant_type=refresh_token", { refresh_token: refreshToken });
}

/** The session that a mailed link opens, once; undefined where it is used, old or none. */
export function openLink(type: "recovery" | "signup", tokenHash: string): Promise<Session | undefined> {
  return session("verify", { type, token_hash: tokenHash });
}

/** Ends the token's session, or all of the user's. Throws a Problem (401) where the token is not valid. */
export async function signOut(token: string, scope: "local" | "global"): Promise<void> {
  const response = await ask("POST", `logout?scope=${scope}`, asUser(token));
  if (!response.ok) throw tokenRefused(false);
}

/** Sets the password of the token's user. Throws a Problem: 401 for the token, 422 for the password. */
export async function setPassword(token: string, password: string): Promise<{ id: string; email: string }> {
  const response = await ask("PUT", "user", asUser(token), { password });
  if (response.ok) return (await response.json()) as { id: string; email: string };
  const { error_code } = await refusalOf(response);
  throw error_code === "same_password" || error_code === "weak_password" ? passwordRefused() : tokenRefused(false);
}

/** Has Auth change the address of the token's user, once the mailboxes have confirmed it. Throws a Problem: 401, 422. */
export async function changeEmail(token: string, email: string): Promise<void> {
  const response = await ask("PUT", "user", asUser(token), { email });
  if (response.ok) return void (await response.body?.cancel());
  const { error_code } = await refusalOf(response);
  if (response.status === 401 || response.status === 403) throw tokenRefused(false);
  // Whether it has an account, as "email_exists" would say, is nobody's business.
  if (error_code === "email_exists") return;
  throw new Problem(422, "invalid_fields", "Certains champs sont invalides.", {
    details: [{ field: "email", code: "email_refused", message: "Cette adresse n'est pas acceptée." }],
  });
}

/**
 * Has Auth send a mail: a link to a new password, or the confirmation of an address. Whether one was sent is not told,
 * since that depends on the address.
 *
 * @param site where the link leads; to the project's site where it is not said
 */
export async function sendMail(kind: "recover" | "resend", email: string, site?: string): Promise<void> {
  const body = kind === "resend" ? { type: "signup", email } : { email };
  const query = site ? `?${new URLSearchParams({ redirect_to: site })}` : "";
  const response = await fetchAuth("POST", `${kind}${query}`, secretHeaders(), body);
  if (!response.ok) console.error(`auth: ${kind} answered ${response.status}`);
  await response.body?.cancel();
}

/** Makes an account; undefined where the address has one. Throws a Problem (422) for the password. */
export async function createAccount(account: NewAccount): Promise<string | undefined> {
  const response = await ask("POST", "admin/users", secretHeaders(), {
    email: account.email,
    ...(account.password === undefined ? {} : { password: account.password }),
    email_confirm: account.confirmed,
    user_metadata: account.metadata,
  });
  if (response.ok) return ((await response.json()) as { id: string }).id;
  const { error_code } = await refusalOf(response);
  if (error_code === "email_exists") return undefined;
  throw error_code === "weak_password" ? passwordRefused() : unexpected("admin/users", response.status);
}

/** Takes back an account that was made for nothing. */
export async function removeAccount(id: string): Promise<void> {
  const response = await ask("DELETE", `admin/users/${id}`, secretHeaders(), {});
  if (!response.ok) throw unexpected("admin/users", response.status);
  await response.body?.cancel();
}

async function session(path: string, body: object, address?: string): Promise<Session | undefined> {
  // Where Auth has limits of its own, they are to count the caller.
  const caller: Record<string, string> = address ? { "Sb-Forwarded-For": address } : {};
  const response = await ask("POST", path, { ...secretHeaders(), ...caller }, body);
  if (response.ok) return (await response.json()) as Session;
  await response.body?.cancel();
  return undefined;
}

/** Asks Auth; throws a Problem (503) where it does not answer, or is itself too busy to. */
async function ask(method: string, path: string, headers: Record<string, string>, body?: object): Promise<Response> {
  const response = await fetchAuth(method, path, headers, body);
  if (response.status < 500 && response.status !== 429) return response;
  throw unexpected(path, response.status);
}

function fetchAuth(method: string, path: string, headers: Record<string, string>, body?: object): Promise<Response> {
  return send(`${supabaseUrl()}/auth/v1/${path}`, {
    method,
    headers: { ...headers, "Content-Type": "application/json" },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
}

function asUser(token: string): Record<string, string> {
  return { apikey: publishableKey(), Authorization: `Bearer ${token}` };
}

async function refusalOf(response: Response): Promise<{ error_code?: string }> {
  try {
    return (await response.json()) as { error_code?: string };
  } catch {
    return {};
  }
}

function passwordRefused(): Problem {
  const message = "Ce mot de passe n'est pas accepté. Choisissez-en un autre.";
  return new Problem(422, "invalid_fields", "Certains champs sont invalides.", {
    details: [{ field: "password", code: "password_refused", message }],
  });
}

function unexpected(path: string, status: number): Problem {
  console.error(`auth: ${path.split("?")[0]} answered ${status}`);
  return serviceUnavailable();
}

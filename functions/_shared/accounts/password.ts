import process from "node:process";
import { openLink, sendMail, setPassword, signInWithPassword, signOut } from "../auth.ts";
import { beatOf, inBackground, untilBeat } from "../auth-timing.ts";
import { userToken } from "../keys.ts";
import { askDatabase } from "../postgrest.ts";
import { authenticationRequired, Problem, tokenRefused } from "../problem.ts";
import { acceptAttempt, clientAddress, forgetAttempts, releaseAttempt, takeAttempt } from "../rate-limit.ts";
import { claimsOf } from "../token-claims.ts";
import { type Account, type Accounts, type ChangedPassword, type Reset, siteOf } from "./declaration.ts";
import { sharedRpc } from "./published.ts";

const forgottenBeat = 400;

/** Mails a link: the same answer after the same time for every address. Throws a Problem (429). */
export async function forgotPassword(accounts: Accounts, { email }: { email: string }, caller: Headers): Promise<void> {
  await takeAttempt({ forgot_account: email, forgot_ip: clientAddress(caller) });
  const started = performance.now();
  inBackground(sendMail("recover", email, siteOf(accounts, process.env)));
  await untilBeat(started, beatOf(forgottenBeat));
}

/**
 * Sets a new password: the mailed link proves the mailbox, once. All of the person's sessions end. Throws a Problem: 400 for
 * the link, 422 for the password, 429.
 */
export async function resetPassword(_: Accounts, given: Reset, caller: Headers): Promise<void> {
  const attempt = { reset_ip: clientAddress(caller) };
  await takeAttempt(attempt);
  const token = await tokenOf(given);
  const { email } = await setPassword(token, given.password);
  await releaseAttempt(attempt);
  // Where Auth has ended the session with the change already, there is nothing left to end.
  await signOut(token, "global").catch(() => undefined);
  await forgetAttempts({ login_account: email, login_ip: attempt.reset_ip });
}

/**
 * Changes the password of who is signed in, who says the one that he has; his other sessions end. A wrong one counts as a failed
 * sign-in, and is no 401, since clients forget their session over that. Throws a Problem: 401 for the token, 422, 429.
 */
export async function changePassword(
  { system }: Accounts,
  { currentPassword, newPassword }: ChangedPassword,
  caller: Headers,
): Promise<void> {
  const token = userToken(caller);
  if (!token) throw authenticationRequired();
  const found = await askDatabase(sharedRpc("me"), { system: system.slug }, caller);
  const { email } = (await found.json()) as Account;
  const attempt = { login_account: email, login_ip: clientAddress(caller) };
  await takeAttempt(attempt);
  const proof = await signInWithPassword(email, currentPassword, attempt.login_ip);
  if (!proof) throw wrongPassword();
  await acceptAttempt(attempt);
  // What it has opened was only to be seen.
  await signOut(proof.access_token, "local").catch(() => undefined);
  await setPassword(token, newPassword);
}

function wrongPassword(): Problem {
  return new Problem(422, "invalid_fields", "Certains champs sont invalides.", {
    details: [{ field: "currentPassword", code: "wrong_password", message: "Ce n'est pas votre mot de passe actuel." }],
  });
}

async function tokenOf({ token, tokenHash, accessToken }: Reset): Promise<string> {
  const hash = token ?? tokenHash;
  if (hash) {
    const session = await openLink("recovery", hash);
    if (session) return session.access_token;
  } else if (accessToken) {
    // The token of a login will not do: whoever gets hold of one must not be able to take the account over.
    if (cameByLink(accessToken)) return accessToken;
    throw tokenRefused(false);
  }
  throw new Problem(400, "reset_link_invalid", "Ce lien n'est plus valable.", { hint: "Demandez un nouveau lien." });
}

/** Whether a token says that its session began with a mailed link. Auth checks afterwards that the token is genuine. */
function cameByLink(token: string): boolean {
  const { amr } = claimsOf(token) as { amr?: { method: string }[] };
  return Array.isArray(amr) && amr.some(({ method }) => ["otp", "recovery", "magiclink", "invite"].includes(method));
}

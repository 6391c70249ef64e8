import process from "node:process";
import { openLink, sendMail, setPassword, signOut } from "../auth.ts";
import { beatOf, inBackground, untilBeat } from "../auth-timing.ts";
import { Problem, tokenRefused } from "../problem.ts";
import { clientAddress, forgetAttempts, releaseAttempt, takeAttempt } from "../rate-limit.ts";
import { claimsOf } from "../token-claims.ts";
import { type Accounts, type Reset, siteOf } from "./declaration.ts";

const forgottenBeat = 400;

/** Mails a link: the same answer after the same time for every address. Throws a Problem (429). */
export async function forgotPassword(accounts: Accounts, email: string, caller: Headers): Promise<string> {
  await takeAttempt({ forgot_account: email, forgot_ip: clientAddress(caller) });
  const started = performance.now();
  inBackground(sendMail("recover", email, siteOf(accounts, process.env)));
  await untilBeat(started, beatOf(forgottenBeat));
  return "Si un compte existe avec cette adresse, un message vient d'y être envoyé.";
}

/**
 * Sets a new password: the mailed link proves the mailbox, once. All of the person's sessions end. Throws a Problem: 400 for
 * the link, 422 for the password, 429.
 */
export async function resetPassword(given: Reset, caller: Headers): Promise<string> {
  const attempt = { reset_ip: clientAddress(caller) };
  await takeAttempt(attempt);
  const token = await tokenOf(given);
  const { email } = await setPassword(token, given.password);
  await releaseAttempt(attempt);
  // Where Auth has ended the session with the change already, there is nothing left to end.
  await signOut(token, "global").catch(() => undefined);
  await forgetAttempts({ login_account: email, login_ip: attempt.reset_ip });
  return "Votre mot de passe est changé. Connectez-vous.";
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

import { openLink, sendMail, setPassword, signOut } from "../../_shared/auth.ts";
import { beatOf, inBackground, untilBeat } from "../../_shared/auth-timing.ts";
import { Problem, tokenRefused } from "../../_shared/problem.ts";
import { clientAddress, forgetAttempts, releaseAttempt, takeAttempt } from "../../_shared/rate-limit.ts";
import type { Call } from "../../_shared/route.ts";
import { claimsOf } from "../../_shared/token-claims.ts";
import type { Reset } from "./account-inputs.ts";

const forgottenBeat = 400;

/** POST /api/auth/forgot-password: the same answer after the same time for every address. Throws a Problem (429). */
export async function forgotPassword({ request, body }: Call): Promise<Response> {
  const email = String(body.email);
  await takeAttempt({ forgot_account: email, forgot_ip: clientAddress(request.headers) });
  const started = performance.now();
  inBackground(sendMail("recover", email));
  await untilBeat(started, beatOf(forgottenBeat));
  const message = "Si un compte existe avec cette adresse, un message vient d'y être envoyé.";
  return Response.json({ message }, { status: 202 });
}

/**
 * POST /api/auth/reset-password: the mailed link proves the mailbox, once. All of the person's sessions end. Throws a
 * Problem: 400 for the link, 422 for the password, 429.
 */
export async function resetPassword({ request, body }: Call): Promise<Response> {
  const attempt = { reset_ip: clientAddress(request.headers) };
  await takeAttempt(attempt);
  const token = await tokenOf(body as Reset);
  const { email } = await setPassword(token, String(body.password));
  await releaseAttempt(attempt);
  // Where Auth has ended the session with the change already, there is nothing left to end.
  await signOut(token, "global").catch(() => undefined);
  await forgetAttempts({ login_account: email, login_ip: attempt.reset_ip });
  return Response.json({ message: "Votre mot de passe est changé. Connectez-vous." });
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

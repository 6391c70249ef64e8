import { generateSecret, generateURI, verify } from "otplib";
import { renderSVG } from "uqr";
import type { Sql } from "./users.ts";

/** What an authenticator app needs, in the three forms that people use. */
export interface TotpSecret {
  qr_code: string;
  secret: string;
  uri: string;
}

/** Draws a new secret for an account. */
export function createTotpSecret(issuer: string, account: string): TotpSecret {
  const secret = generateSecret();
  const uri = generateURI({ issuer, label: account, secret });
  return { qr_code: renderSVG(uri, { pixelSize: 5, border: 2 }), secret, uri };
}

const maxFailures = 5;
const pauseSeconds = 60;

export type TotpOutcome = "accepted" | "wrong" | "paused";

/**
 * Checks a code against a factor's secret, one step (30 s) of clock difference allowed either way. A code that was
 * accepted, and any older one, is wrong from then on; after five wrong codes nothing is accepted for a minute.
 *
 * @param sql a transaction: the row of attempts stays locked until it ends, so that parallel guesses are counted
 */
export async function checkTotpCode(sql: Sql, factorId: string, secret: string, code: string): Promise<TotpOutcome> {
  await sql`insert into auth.totp_attempts (factor_id) values (${factorId}) on conflict do nothing`;
  const [attempts] = await sql<{ last_step: string; failures: number; paused: boolean }[]>`
    select last_step, failures,
      failures >= ${maxFailures} and last_failure_at > now() - make_interval(secs => ${pauseSeconds}) as paused
    from auth.totp_attempts where factor_id = ${factorId} for update`;
  if (!attempts || attempts.paused) return "paused";
  const step = await acceptedStep(secret, code, Number(attempts.last_step));
  if (step !== undefined) {
    await sql`update auth.totp_attempts set last_step = ${step}, failures = 0 where factor_id = ${factorId}`;
    return "accepted";
  }
  const failures = attempts.failures >= maxFailures ? 1 : attempts.failures + 1;
  await sql`
    update auth.totp_attempts set failures = ${failures}, last_failure_at = now() where factor_id = ${factorId}`;
  return "wrong";
}

async function acceptedStep(secret: string, code: string, lastStep: number): Promise<number | undefined> {
  if (!/^\d{6}$/.test(code)) return undefined;
  const replay = lastStep >= 0 ? { afterTimeStep: lastStep } : {};
  const result = await verify({ secret, token: code, epochTolerance: 30, ...replay });
  return result.valid && "timeStep" in result ? result.timeStep : undefined;
}

import process from "node:process";
import { callAsService } from "./auth-service.ts";
import { Problem } from "./problem.ts";

/** Who tries, by the rule that counts it: `{login_account: "a@b.fr", login_ip: "203.0.113.7"}`. */
export type Attempt = Readonly<Record<string, string>>;

/** Counts an attempt before it is made. Throws a Problem (429, `Retry-After` in seconds) where a rule allows no more. */
export async function takeAttempt(attempt: Attempt): Promise<void> {
  const wait = Number(await callAsService("take_attempts", byRule(attempt), "platform_api"));
  if (wait > 0) throw tooManyAttempts(wait);
}

/** Gives an attempt back that has succeeded, and lets nobody's failures keep its device out from now on. */
export async function acceptAttempt(attempt: Attempt): Promise<void> {
  await callAsService("accept_attempts", byRule(attempt), "platform_api");
}

/** Gives an attempt back that could not be made, or was not one. */
export async function releaseAttempt(attempt: Attempt): Promise<void> {
  await callAsService("release_attempts", byRule(attempt), "platform_api");
}

/** Forgets what was counted against accounts; what an address has tried stays. */
export async function forgetAttempts(attempt: Attempt): Promise<void> {
  await callAsService("forget_attempts", byRule(attempt), "platform_api");
}

/**
 * The caller's address: the last one that a proxy has written, since anything before that the caller may have written
 * himself. Where the project's gateway stands behind proxies of its own, `TRUSTED_PROXIES` says how many.
 */
export function clientAddress(headers: Headers): string {
  const addresses = (headers.get("x-forwarded-for") ?? "").split(",").map((address) => address.trim());
  return addresses.at(-1 - Number(process.env.TRUSTED_PROXIES ?? 0)) || "unknown";
}

function byRule(attempt: Attempt): { rules: string[]; subjects: string[] } {
  return { rules: Object.keys(attempt), subjects: Object.values(attempt) };
}

function tooManyAttempts(seconds: number): Problem {
  const wait = seconds < 120 ? `${seconds} secondes` : `${Math.ceil(seconds / 60)} minutes`;
  return new Problem(429, "too_many_attempts", `Trop de tentatives. Réessayez dans ${wait}.`, {
    headers: { "Retry-After": String(seconds) },
  });
}

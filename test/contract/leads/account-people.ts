import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import * as a from "../../../functions/leads/people/account-schemas.ts";
import { mailsTo } from "../../support/accounts.ts";
import { atEndOfFiles } from "../../support/at-end.ts";
import { db } from "../../support/stack.ts";
import { type Answer, type Ask, askApi } from "../http.ts";

/** Password of everybody who registers in these tests. */
export const password = "correct-Horse-9";

const mark = `accounts-${randomUUID()}`;
let made = 0;

/** An address that nobody else has; the account and what belongs to it are removed when the file is done. */
export function newAddress(): string {
  return `${mark}-${made++}@example.test`;
}

const limitsBefore = new Map<string, number>();

atEndOfFiles(async () => {
  for (const [name, allowed] of limitsBefore) {
    await db()`update platform.rate_limit_rules set allowed = ${allowed} where name = ${name}`;
  }
  limitsBefore.clear();
  await forgetAttempts();
  await db()`delete from leads.suppliers where email like ${`${mark}%`}`;
  await db()`delete from auth.users where email like ${`${mark}%`}`;
});

/** What the tests' one IP address has tried so far must not count for the next one. */
export async function forgetAttempts(): Promise<void> {
  await db()`delete from platform.rate_limit_attempts`;
}

/** Changes limits until the end of the file. */
export async function setLimits(allowed: number, ...rules: string[]): Promise<void> {
  const found = await db()<{ name: string; allowed: number }[]>`
    select name, allowed from platform.rate_limit_rules where name in ${db()(rules)}`;
  for (const row of found) if (!limitsBefore.has(row.name)) limitsBefore.set(row.name, row.allowed);
  await db()`update platform.rate_limit_rules set allowed = ${allowed} where name in ${db()(rules)}`;
}

/** Posts to an endpoint below `/api`. */
export function post(path: string, body?: unknown, ask: Ask = {}): Promise<Answer> {
  return askApi("leads", `/api/${path}`, { ...ask, method: "POST", ...(body === undefined ? {} : { body }) });
}

export const login = (email: string, secret = password): Promise<Answer> =>
  post("auth/login", { email, password: secret });

type Session = { token: string; accessToken: string; refreshToken: string; expiresIn: number; user: { id: string } };

/** The session of a login that must succeed. */
export async function signedIn(email: string, secret?: string): Promise<Session> {
  const answer = await login(email, secret);
  expect(answer.status, answer.text).toBe(200);
  return a.session.parse(answer.body);
}

/** What a registration sends. */
export function registration(email: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { email, password, firstName: "Zoé", lastName: "Blanc", role: "acheteur", company: "Blanc SARL", ...more };
}

/** Registers and follows the mailed link, as a person does. */
export async function registered(more: Record<string, unknown> = {}): Promise<string> {
  const email = newAddress();
  const answer = await post("auth/register", registration(email, more));
  expect(answer.status, answer.text).toBe(202);
  await confirm(email);
  return email;
}

/** The newest mail to an address once there are so many; they may come a moment after the answer. */
export async function newestMail(email: string, count = 1): Promise<{ subject: string; text: string; link: string }> {
  for (let tries = 0; tries < 500; tries++) {
    const mails = await mailsTo(email);
    if (mails[0] && mails.length >= count) return mails[0];
    await new Promise((done) => setTimeout(done, 10));
  }
  throw new Error(`${email} has not got ${count} mails`);
}

/** Follows the newest mail to an address. */
export async function confirm(email: string, count?: number): Promise<void> {
  await fetch((await newestMail(email, count)).link, { redirect: "manual" });
}

/** The token in the link that a person gets who has registered and then forgotten his password. */
export async function mailedToken(email: string): Promise<string> {
  return new URL((await newestMail(email, 2)).link).searchParams.get("token") ?? "";
}

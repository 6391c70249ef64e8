import { beforeEach, describe, expect, test } from "vitest";
import { followLink, mailsTo } from "../../support/accounts.ts";
import { db } from "../../support/stack.ts";
import { unchanged } from "../unchanged.ts";
import {
  forgetAttempts,
  login,
  mailedToken,
  newAddress,
  newestMail,
  password,
  post,
  registered,
  signedIn,
} from "./account-people.ts";
import { expectRefusal } from "./expectations.ts";

// POST /api/auth/forgot-password and reset-password.

beforeEach(forgetAttempts);

const forgot = (email: string) => post("auth/forgot-password", { email });
const reset = (body: Record<string, unknown>) => post("auth/reset-password", { password: "new-Password-1", ...body });

describe("forgot-password", () => {
  test("mails a link to an account, and nothing to any other address", async () => {
    const [email, nobody] = [await registered(), newAddress()];
    const answers = [await forgot(email), await forgot(nobody)];
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    expect(answers[0]?.text).toBe(answers[1]?.text);
    expect((await newestMail(email, 2)).subject).toBe("Réinitialisez votre mot de passe");
    expect(await mailsTo(nobody)).toEqual([]);
  });
});

describe("reset-password", () => {
  test.each(["token", "tokenHash"])("takes the link's token as %s, once, and ends every session", async (name) => {
    const email = await registered();
    const before = await signedIn(email);
    await forgot(email);
    const link = { [name]: await mailedToken(email) };
    expect((await reset(link)).status).toBe(200);
    expectRefusal(await login(email), 401, "invalid_credentials");
    expect((await login(email, "new-Password-1")).status).toBe(200);
    expectRefusal(await post("auth/refresh", { refreshToken: before.refreshToken }), 401, "invalid_refresh_token");
    expectRefusal(await unchanged(() => reset(link)), 400, "reset_link_invalid");
  });

  test("takes the token to which the link led", async () => {
    const email = await registered();
    await forgot(email);
    const { handed } = await followLink((await newestMail(email, 2)).link);
    expect((await reset({ accessToken: handed.get("access_token") })).status).toBe(200);
    expect((await login(email, "new-Password-1")).status).toBe(200);
  });

  test("does not take the token of a login, nor a link that is too old or none", async () => {
    const email = await registered();
    const { token } = await signedIn(email);
    expectRefusal(await unchanged(() => reset({ accessToken: token })), 401, "invalid_token");
    await forgot(email);
    const link = { token: await mailedToken(email) };
    await db()`update auth.users set recovery_sent_at = now() - interval '2 days' where email = ${email}`;
    expectRefusal(await unchanged(() => reset(link)), 400, "reset_link_invalid");
    expectRefusal(await unchanged(() => reset({ token: "x".repeat(64) })), 400, "reset_link_invalid");
    expectRefusal(await unchanged(() => reset({})), 400, "reset_link_invalid");
    expect((await login(email)).status).toBe(200);
  });

  test("refuses a weak password and leaves the link to be used", async () => {
    const email = await registered();
    await forgot(email);
    const link = { token: await mailedToken(email) };
    const refused = expectRefusal(await unchanged(() => reset({ ...link, password: "short" })), 400, "invalid_body");
    expect(refused.details).toContainEqual(expect.objectContaining({ field: "password" }));
    expect((await reset(link)).status).toBe(200);
  });

  test("lets somebody in again who had failed too often", async () => {
    const email = await registered();
    for (let i = 0; i < 5; i++) await login(email, "wrong-Password-1");
    expectRefusal(await login(email, password), 429, "too_many_attempts");
    await forgot(email);
    await reset({ token: await mailedToken(email) });
    expect((await login(email, "new-Password-1")).status).toBe(200);
  });
});

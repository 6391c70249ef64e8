import { beforeEach, describe, expect, test } from "vitest";
import * as a from "../../../functions/leads/people/account-schemas.ts";
import { claimsOf } from "../../support/accounts.ts";
import { db, serviceClient } from "../../support/stack.ts";
import { askApi, askRest, askShared } from "../http.ts";
import { signUp } from "../people.ts";
import { unchanged } from "../unchanged.ts";
import {
  forgetAttempts,
  login,
  newAddress,
  password,
  post,
  registered,
  registration,
  signedIn,
} from "./account-people.ts";
import { expectRefusal } from "./expectations.ts";

// POST /api/auth/login, refresh and logout, GET /api/auth/me.

const demoPassword = "demo-Password-1";

beforeEach(forgetAttempts);

const me = (token?: string) => askApi("leads", "/api/auth/me", { token });

describe("login", () => {
  test.each([
    ["admin@leads-provider.fr", "admin"],
    ["sophie@agence-ads.fr", "fournisseur"],
    ["marc@leads-provider.fr", "agent"],
    ["pierre@renovation-plus.fr", "acheteur"],
  ])("answers the session of %s, a %s", async (email, role) => {
    const session = await signedIn(email, demoPassword);
    expect(session.user).toMatchObject({ email, role });
    expect(session.accessToken).toBe(session.token);
    expect(session.expiresIn).toBe(900);
    expect((await me(session.token)).body).toEqual(session.user);
  });

  test("takes the address in any case", async () => {
    expect((await signedIn(" Sophie@Agence-Ads.FR ", demoPassword)).user).toMatchObject({ id: "user-f001" });
  });

  test("gives a token that PostgREST takes", async () => {
    const { token } = await signedIn("pierre@renovation-plus.fr", demoPassword);
    expect((await askRest("billing_credit_packs", { token })).status).toBe(200);
    expect((await askRest("admin_gains", { token })).status).toBe(403);
  });

  test("refuses with one answer, whatever the reason", async () => {
    const unconfirmed = newAddress();
    await post("auth/register", registration(unconfirmed));
    const answers = [
      await unchanged(() => login("sophie@agence-ads.fr", "wrong-Password-1")),
      await unchanged(() => login(newAddress())),
      await unchanged(() => login(unconfirmed)),
      await unchanged(() => login(unconfirmed, "wrong-Password-1")),
    ];
    for (const answer of answers) expectRefusal(answer, 401, "invalid_credentials");
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  test.each<[string, unknown, string]>([
    ["no password", { email: "a@b.fr" }, "password"],
    ["no e-mail", { password: "x" }, "email"],
    ["an e-mail that is none", { email: "nobody", password: "x" }, "email"],
    ["a field that does not exist", { email: "a@b.fr", password: "x", role: "admin" }, "role"],
    ["an object for a password", { email: "a@b.fr", password: { $ne: null } }, "password"],
  ])("refuses %s", async (_, body, field) => {
    const { details } = expectRefusal(await unchanged(() => post("auth/login", body)), 400, "invalid_body");
    expect(details).toEqual([expect.objectContaining({ field })]);
  });
});

describe("a suspended member", () => {
  test("is told so only with the right password, and his token is refused within a second", async () => {
    const email = await registered();
    const { token, refreshToken, user } = await signedIn(email);
    expect((await askRest("billing_credit_packs", { token })).status).toBe(200);
    const admin = await signedIn("admin@leads-provider.fr", demoPassword);
    const suspended = await post(`admin/users/${user.id}/suspend`, undefined, { token: admin.token });
    expect(suspended.body).toMatchObject({ status: "suspended" });
    const begun = performance.now();
    expectRefusal(await me(token), 403, "account_suspended");
    expect((await askRest("billing_credit_packs", { token })).status).toBe(403);
    expect(performance.now() - begun).toBeLessThan(1000);
    expectRefusal(await login(email), 403, "account_suspended");
    expectRefusal(await login(email, "wrong-Password-1"), 401, "invalid_credentials");
    expectRefusal(await post("auth/refresh", { refreshToken }), 403, "account_suspended");
  });
});

describe("a role in the metadata", () => {
  test("gives nothing", async () => {
    const claimed = { role: "admin", roles: ["admin"], system: "leads" };
    const email = await registered();
    const { user } = await signedIn(email);
    await serviceClient().auth.admin.updateUserById(user.id, { user_metadata: claimed });
    const { token } = await signedIn(email);
    expect(claimsOf(token).user_metadata).toMatchObject(claimed);
    expect((await me(token)).body).toMatchObject({ role: "acheteur" });
    expectRefusal(await askApi("leads", "/api/admin/users", { token }), 403, "forbidden");
    expect((await askShared("leads", "members", { token })).status).toBe(403);
  });
});

describe("refresh", () => {
  test("answers the next session", async () => {
    const first = await signedIn("sophie@agence-ads.fr", demoPassword);
    const answer = await post("auth/refresh", { refreshToken: first.refreshToken });
    const next = a.session.parse(answer.body);
    expect(next.user).toEqual(first.user);
    expect(next.refreshToken).not.toBe(first.refreshToken);
    expect((await me(next.token)).status).toBe(200);
  });

  test("refuses a token that is none", async () => {
    expectRefusal(await unchanged(() => post("auth/refresh", { refreshToken: "x" })), 401, "invalid_refresh_token");
    expectRefusal(await unchanged(() => post("auth/refresh", {})), 400, "invalid_body");
  });
});

describe("logout", () => {
  test("ends the session, and no other one of the same person", async () => {
    const [here, there] = [
      await signedIn("sophie@agence-ads.fr", demoPassword),
      await signedIn("sophie@agence-ads.fr", demoPassword),
    ];
    const answer = await post("auth/logout", undefined, { token: here.token });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 204, text: "" });
    expectRefusal(await post("auth/refresh", { refreshToken: here.refreshToken }), 401, "invalid_refresh_token");
    expect((await post("auth/refresh", { refreshToken: there.refreshToken })).status).toBe(200);
  });

  test("wants a token", async () => {
    expectRefusal(await post("auth/logout"), 401, "authentication_required");
    expectRefusal(await post("auth/logout", undefined, { token: "garbage" }), 401, "invalid_token");
  });
});

describe("me", () => {
  test("knows somebody without a role, and nobody without a token", async () => {
    const stranger = await signUp("leads");
    expect((await me(stranger.token)).body).toMatchObject({ id: stranger.id, role: null });
    expectRefusal(await me(), 401, "authentication_required");
    expectRefusal(await me("garbage"), 401, "invalid_token");
  });

  test("refuses the token of an account that is gone", async () => {
    const email = await registered();
    const { token } = await signedIn(email, password);
    await db()`delete from auth.users where email = ${email}`;
    expectRefusal(await me(token), 401, "invalid_token");
  });
});

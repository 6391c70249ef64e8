import { beforeEach, describe, expect, it } from "vitest";
import { aMinuteLater, claimsOf, followLink, mailsTo, newAccount, newEmail, password } from "../support/accounts.ts";
import { anonClient, db, isAuthEmbedded, serviceClient, stack } from "../support/stack.ts";

// Where the embedded Auth once differed from GoTrue: what an admin may set, the links that he makes, invitations, how often
// mails go out, and what a refusal looks like.

const { admin } = serviceClient().auth;

beforeEach(async () => {
  await db()`delete from platform.rate_limit_attempts`;
});

type How = { method?: string; key?: string; version?: string };

async function ask(path: string, body: object, { method = "POST", key = stack.secretKey, version = "" }: How = {}) {
  const answer = await fetch(`${stack.apiUrl}/auth/v1/${path}`, {
    method,
    headers: { apikey: key, "Content-Type": "application/json", "X-Supabase-Api-Version": version },
    body: JSON.stringify(body),
  });
  const json = (await answer.json()) as Record<string, unknown>;
  return { status: answer.status, headers: answer.headers, body: json, of: [answer.status, json.error_code] };
}

const create = (body: object) => ask("admin/users", body);

/** Somebody who has signed up and not followed the link. */
async function unproven(): Promise<string> {
  const email = newEmail();
  await anonClient().auth.signUp({ email, password, options: { data: { name: "Zoé" } } });
  return email;
}

describe("a refusal", () => {
  it("has its code in the body and in a header", async () => {
    const { status, headers, body } = await create({});
    expect(status).toBe(400);
    expect(body).toEqual({
      code: 400,
      error_code: "validation_failed",
      msg: "Cannot create a user without either an email or phone",
    });
    expect(headers.get("x-sb-error-code")).toBe("validation_failed");
  });

  it("is in the form of 2024 for who asks for it, and for nobody else", async () => {
    const asked = (version: string) => ask("admin/users", {}, { version });
    for (const version of ["2024-01-01", "2026-05-05"]) {
      const { headers, body } = await asked(version);
      expect(headers.get("x-supabase-api-version")).toBe("2024-01-01");
      expect(body).toEqual({
        code: "validation_failed",
        message: "Cannot create a user without either an email or phone",
      });
    }
    for (const version of ["2023-12-31", "soon", ""]) {
      const { headers, body } = await asked(version);
      expect([headers.get("x-supabase-api-version"), body.code]).toEqual([null, 400]);
    }
  });

  it("of a weak password says why in both", async () => {
    const body = { email: newEmail(), password: "short" };
    const old = await ask("signup", body, { key: stack.publishableKey });
    expect(old.body).toMatchObject({ error_code: "weak_password", weak_password: { reasons: ["length"] } });
    const { error } = await anonClient().auth.signUp(body);
    expect(error).toMatchObject({ name: "AuthWeakPasswordError", status: 422, reasons: ["length"] });
  });
});

describe("an admin's user", () => {
  it("may have a weak password at first, not as a new one", async () => {
    const email = newEmail();
    const made = await create({ email, password: "short", email_confirm: true });
    expect(made.status).toBe(200);
    const signedIn = await ask(
      "token?grant_type=password",
      { email, password: "short" },
      { key: stack.publishableKey },
    );
    expect(signedIn.body).toMatchObject({ weak_password: { reasons: ["length"] } });
    for (const password of ["short", ""]) {
      expect((await ask(`admin/users/${made.body.id}`, { password }, { method: "PUT" })).of).toEqual([
        422,
        "weak_password",
      ]);
    }
  });

  it.each([
    [{ email: "nobody" }, 400, "validation_failed"],
    [{ email: "a b@example.test" }, 400, "validation_failed"],
    [{ email: `${"a".repeat(250)}@example.test` }, 400, "validation_failed"],
    [{ phone: `33${"1".repeat(20)}` }, 400, "validation_failed"],
    [{ phone: "0639981234" }, 400, "validation_failed"],
    [{ password, password_hash: "$2a$10$x" }, 400, "validation_failed"],
    [{ id: "1" }, 400, "validation_failed"],
    [{ id: "00000000-0000-0000-0000-000000000000" }, 400, "validation_failed"],
    [{ ban_duration: "a while" }, 400, "validation_failed"],
    [{ email: "sophie@agence-ads.fr" }, 422, "email_exists"],
  ])("with %j is refused, and nobody is made", async (params, status, code) => {
    const email = newEmail();
    expect((await create({ email, ...params })).of).toEqual([status, code]);
    expect(await db()`select from auth.users where email = ${email}`).toHaveLength(0);
  });

  // GoTrue answers these with 500.
  it.runIf(isAuthEmbedded).each([{ password: "p".repeat(73) }, { password_hash: "sha256:abc" }])(
    "with %j is refused",
    async (params) => {
      expect((await create({ email: newEmail(), ...params })).of).toEqual([400, "validation_failed"]);
    },
  );

  it("with a telephone has an identity of it, which nobody else gets", async () => {
    const digits = String(Date.now()).slice(-9);
    const { data } = await admin.createUser({ email: newEmail(), phone: `+33 ${digits}`, phone_confirm: true });
    expect(data.user).toMatchObject({
      phone: `33${digits}`,
      app_metadata: { provider: "email", providers: ["email", "phone"] },
    });
    expect(data.user?.identities?.map(({ provider }) => provider).sort()).toEqual(["email", "phone"]);
    expect((await create({ phone: `33${digits}` })).of).toEqual([422, "phone_exists"]);
    const { id } = await newAccount();
    const { error } = await admin.updateUserById(id, { phone: `33${digits}` });
    expect(error).not.toBeNull();
  });

  it("keeps what a refused change named beside", async () => {
    const { id, email } = await newAccount();
    const { error } = await admin.updateUserById(id, { user_metadata: { name: "Ana" }, phone: "none" });
    expect(error?.code).toBe("validation_failed");
    expect((await admin.getUserById(id)).data.user).toMatchObject({ email, user_metadata: { email_verified: true } });
    expect((await admin.getUserById(id)).data.user?.user_metadata).not.toHaveProperty("name");
  });
});

describe("a link that an admin makes", () => {
  const opened = async (link: string | undefined) =>
    claimsOf((await followLink(link)).handed.get("access_token") ?? "");

  it("signs up a new person, by the link or the code, and mails nothing", async () => {
    const email = newEmail();
    const { data } = await admin.generateLink({ type: "signup", email, password, options: { data: { name: "Ana" } } });
    expect(data.properties).toMatchObject({ verification_type: "signup", email_otp: expect.stringMatching(/^\d{6}$/) });
    expect(data.user).toMatchObject({ email, user_metadata: { name: "Ana" } });
    const { properties } = data;
    const verified = await anonClient().auth.verifyOtp({ email, token: properties?.email_otp ?? "", type: "signup" });
    expect(verified.data.user?.email_confirmed_at).toBeTruthy();
    expect((await anonClient().auth.signInWithPassword({ email, password })).error).toBeNull();
    expect(await mailsTo(email)).toEqual([]);
  });

  it.each([
    [{ type: "signup" }, 400, "validation_failed"],
    [{ type: "signup", password: "short" }, 422, "weak_password"],
    [{ type: "recovery" }, 404, "user_not_found"],
    [{ type: "email_change_new", new_email: "a@example.test" }, 404, "user_not_found"],
    [{ type: "sms" }, 400, "validation_failed"],
    [{ type: "__proto__" }, 400, "validation_failed"],
    [{ email: "nobody", type: "signup", password }, 400, "validation_failed"],
  ])("%j for an unknown address is refused, and nobody is made", async (params, status, code) => {
    const email = newEmail();
    expect((await ask("admin/generate_link", { email, ...params })).of).toEqual([status, code]);
    expect(await db()`select from auth.users where email = ${email}`).toHaveLength(0);
  });

  it("to sign in makes one to sign up of it for an unknown address", async () => {
    const email = newEmail();
    const { data } = await admin.generateLink({ type: "magiclink", email });
    expect(data.properties?.verification_type).toBe("signup");
    expect(await opened(data.properties?.action_link)).toMatchObject({ email });
  });

  it("to sign up or in by invitation is refused for a proven address, and made again for one that is not", async () => {
    const { email } = await newAccount();
    for (const type of ["signup", "invite"]) {
      expect((await ask("admin/generate_link", { type, email, password })).of).toEqual([422, "email_exists"]);
    }
    const waiting = await unproven();
    const { data } = await admin.generateLink({ type: "invite", email: waiting });
    expect(data.user?.invited_at).toBeTruthy();
    expect(await opened(data.properties?.action_link)).toMatchObject({ email: waiting });
  });

  it("to recover opens a session once", async () => {
    const { email, id } = await newAccount();
    const { data } = await admin.generateLink({
      type: "recovery",
      email,
      options: { redirectTo: "http://localhost:1/x" },
    });
    expect(data.properties?.redirect_to).toBe("http://localhost:1/x");
    expect((await opened(data.properties?.action_link)).sub).toBe(id);
    expect((await followLink(data.properties?.action_link)).handed.get("error_code")).toBe("otp_expired");
  });

  it("changes an address with the two of them, in whichever order", async () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const [{ email, id }, newAddress] = [await newAccount(), newEmail()];
      const links = [];
      for (const type of ["email_change_current", "email_change_new"] as const) {
        const { data } = await admin.generateLink({ type, email, newEmail: newAddress });
        expect(data.user).toMatchObject({ email, new_email: newAddress });
        links.push(data.properties?.action_link);
      }
      const first = await followLink(links[order[0] ?? 0]);
      expect(first.handed.get("message")).toContain("link sent to the other email");
      expect((await admin.getUserById(id)).data.user?.email).toBe(email);
      expect(await opened(links[order[1] ?? 0])).toMatchObject({ sub: id, email: newAddress });
    }
  });

  it("to change an address refuses one that is taken, and none", async () => {
    const { email } = await newAccount();
    const change = (new_email: string) => ask("admin/generate_link", { type: "email_change_new", email, new_email });
    expect((await change("sophie@agence-ads.fr")).of).toEqual([422, "email_exists"]);
    expect((await change("")).of).toEqual([400, "validation_failed"]);
    const [row] = await db()`select email_change from auth.users where email = ${email}`;
    expect(row?.email_change ?? "").toBe("");
  });
});

describe("an invitation", () => {
  it("goes out again to who has not accepted it, and makes the first void", async () => {
    const email = newEmail();
    const first = await admin.inviteUserByEmail(email, { data: { name: "Léa" } });
    const again = await admin.inviteUserByEmail(email, { data: { name: "Eve" } });
    expect(again.data.user).toMatchObject({ id: first.data.user?.id, user_metadata: { name: "Léa" } });
    const [second, before] = await mailsTo(email);
    expect((await followLink(before?.link)).handed.get("error_code")).toBe("otp_expired");
    expect((await followLink(second?.link)).handed.get("type")).toBe("invite");
  });

  it("is refused for who has an account, and for what is no address", async () => {
    const { email } = await newAccount();
    expect((await admin.inviteUserByEmail(email)).error).toMatchObject({ status: 422, code: "email_exists" });
    expect((await admin.inviteUserByEmail("nobody")).error).toMatchObject({ status: 400, code: "validation_failed" });
    expect(await mailsTo(email)).toEqual([]);
  });

  it("lets nobody in by a password before it is accepted", async () => {
    const email = newEmail();
    await admin.inviteUserByEmail(email);
    for (const password of ["", "undefined", "correct-Horse-9"]) {
      const { status } = await ask("token?grant_type=password", { email, password }, { key: stack.publishableKey });
      expect(status).toBe(400);
    }
  });
});

describe("a mail that follows another too soon", () => {
  const soon = [429, "over_email_send_rate_limit"];
  const mail = (path: string, body: object) => ask(path, body, { key: stack.publishableKey });

  it.each(["recover", "otp", "magiclink"])(
    "is refused at /%s, alike for who has an account and who has none",
    async (path) => {
      // GoTrue tells the two apart.
      const unknown = isAuthEmbedded ? [newEmail()] : [];
      for (const email of [(await newAccount()).email, ...unknown]) {
        const body = path === "recover" ? { email } : { email, create_user: true };
        expect((await mail(path, body)).status).toBe(200);
        const { of, body: refused } = await mail(path, body);
        expect(of).toEqual(soon);
        expect(refused.msg).toMatch(/^For security purposes, you can only request this after \d+ seconds\.$/);
      }
    },
  );

  it.runIf(isAuthEmbedded)("of those who ask at once one is sent", async () => {
    const { email } = await newAccount();
    const answers = await Promise.all(Array.from({ length: 5 }, () => mail("recover", { email })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 429, 429, 429, 429]);
    expect(await mailsTo(email)).toHaveLength(1);
  });

  it("is sent a minute later", async () => {
    const email = await unproven();
    expect((await mail("resend", { type: "signup", email })).of).toEqual(soon);
    await aMinuteLater(email);
    expect((await mail("resend", { type: "signup", email })).status).toBe(200);
    expect(await mailsTo(email)).toHaveLength(2);
  });

  it("keeps the link of the first one good", async () => {
    const { email, id } = await newAccount();
    for (const _ of [1, 2]) await mail("recover", { email });
    const [first] = await mailsTo(email);
    expect(claimsOf((await followLink(first?.link)).handed.get("access_token") ?? "").sub).toBe(id);
  });

  it("is refused for a change of address, which stays as it was asked for", async () => {
    const { client, email } = await newAccount();
    const [next, other] = [newEmail(), newEmail()];
    expect((await client.auth.updateUser({ email: next })).error).toBeNull();
    expect((await client.auth.updateUser({ email: other })).error).toMatchObject({
      code: "over_email_send_rate_limit",
    });
    await aMinuteLater(email);
    expect((await anonClient().auth.resend({ type: "email_change", email })).error).toBeNull();
    expect([(await mailsTo(next)).length, (await mailsTo(other)).length]).toEqual([2, 0]);
  });
});

describe("one's own account", () => {
  it("takes no password that it has already, and no weak one", async () => {
    const { client } = await newAccount();
    expect((await client.auth.updateUser({ password })).error).toMatchObject({ status: 422, code: "same_password" });
    expect((await client.auth.updateUser({ password: "short" })).error).toMatchObject({
      status: 422,
      code: "weak_password",
    });
  });

  it("changes as a whole or not at all", async () => {
    const { client } = await newAccount();
    const { error } = await client.auth.updateUser({ data: { city: "Lyon" }, email: "sophie@agence-ads.fr" });
    expect(error).toMatchObject({ status: 422, code: "email_exists" });
    expect((await client.auth.getUser()).data.user?.user_metadata).not.toHaveProperty("city");
  });

  it("with a new password makes the links void that were mailed before", async () => {
    const { client, email } = await newAccount();
    await client.auth.resetPasswordForEmail(email);
    await client.auth.updateUser({ password: "another-Horse-7" });
    expect((await followLink((await mailsTo(email))[0]?.link)).handed.get("error_code")).toBe("otp_expired");
  });

  it("mails a code for what wants the person anew", async () => {
    const { client, email } = await newAccount();
    expect((await client.auth.reauthenticate()).error).toBeNull();
    expect((await mailsTo(email))[0]).toMatchObject({
      subject: "Votre code de confirmation",
      code: expect.any(String),
    });
  });
});

describe("what is no proof", () => {
  const verify = (body: object) => ask("verify", body, { key: stack.publishableKey });

  it.each([
    [{}, 400, "validation_failed"],
    [{ type: "signup" }, 400, "validation_failed"],
    [{ type: "signup", token: "123456" }, 400, "validation_failed"],
    [{ type: "signup", token: "123456", token_hash: "abc", email: "a@example.test" }, 400, "validation_failed"],
    [{ type: "signup", token_hash: "abc", email: "a@example.test" }, 400, "validation_failed"],
    [{ type: "sms", token: "123456", phone: "x" }, 400, "validation_failed"],
    [{ type: "sms", token: "123456", phone: "33639981234" }, 403, "otp_expired"],
    [{ type: "none", token_hash: "abc" }, 400, "validation_failed"],
    [{ type: "signup", token_hash: "abc" }, 403, "otp_expired"],
    [{ type: "signup", token: "123456", email: "a@example.test" }, 403, "otp_expired"],
  ])("%j is refused", async (body, status, code) => {
    expect((await verify(body)).of).toEqual([status, code]);
  });
});

it("a page of users that is no number is refused", async () => {
  for (const page of [-1, 1.5]) {
    expect((await admin.listUsers({ page })).error).toMatchObject({ status: 400, code: "validation_failed" });
  }
});

it("who has just signed up and in has signed in last then", async () => {
  const email = await unproven();
  const { handed } = await followLink((await mailsTo(email))[0]?.link);
  const { data } = await anonClient().auth.getUser(handed.get("access_token") ?? "");
  expect(data.user?.last_sign_in_at).toBeTruthy();
});

describe("what the project has turned off", () => {
  it.each([
    ["signup", {}, 422, "anonymous_provider_disabled"],
    ["signup", { phone: "33639981234", password }, 400, "phone_provider_disabled"],
    ["signup", { email: "a@example.test" }, 400, "validation_failed"],
    ["otp", { phone: "33639981234" }, 400, "phone_provider_disabled"],
    ["otp", {}, 400, "validation_failed"],
    ["token?grant_type=password", { phone: "33639981234", password }, 422, "phone_provider_disabled"],
    ["token?grant_type=password", {}, 400, "validation_failed"],
    ["token?grant_type=refresh_token", {}, 400, "validation_failed"],
    ["token?grant_type=none", {}, 400, "invalid_credentials"],
    ["sso", { domain: "example.test" }, 404, "saml_provider_disabled"],
  ])("/%s with %j says so", async (path, body, status, code) => {
    expect((await ask(path, body, { key: stack.publishableKey })).of).toEqual([status, code]);
  });

  it("is no provider of identities", async () => {
    const answer = await fetch(`${stack.apiUrl}/auth/v1/authorize?provider=google`);
    expect([answer.status, await answer.json()]).toMatchObject([400, { error_code: "validation_failed" }]);
    const settings = await fetch(`${stack.apiUrl}/auth/v1/settings`, { headers: { apikey: stack.publishableKey } });
    expect(await settings.json()).toMatchObject({
      external: { email: true, phone: false, google: false },
      ...{ disable_signup: false, mailer_autoconfirm: false },
    });
  });
});

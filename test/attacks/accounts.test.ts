import { createHash } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { signJwt } from "../../scripts/stack/keys.ts";
import { type Answer, askApi, askRest, askShared, send } from "../contract/http.ts";
import {
  confirm,
  forgetAttempts,
  login,
  newAddress,
  newestMail,
  password,
  post,
  registered,
  registration,
  setLimits,
  signedIn,
} from "../contract/leads/account-people.ts";
import { expectRefusal } from "../contract/leads/expectations.ts";
import { signIn, signUp } from "../contract/people.ts";
import { unchanged } from "../contract/unchanged.ts";
import { aMinuteLater, claimsOf, followLink, mailsTo, newAccount } from "../support/accounts.ts";
import { anonClient, clientFor, db, serviceClient, stack } from "../support/stack.ts";

// Who takes somebody's account over: by opening it first, by guessing, by a token that should be worth nothing any more.

beforeEach(forgetAttempts);

const evil = "attackers-Horse-1";
const own = "owners-Horse-2";

const register = (email: string, secret: string, more: Record<string, unknown> = {}) =>
  post("auth/register", registration(email, { password: secret, ...more }));

/** A credential route of Auth itself, with the publishable key. */
const auth = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  send(`${stack.apiUrl}/auth/v1/${path}`, {
    method: "POST",
    body,
    headers: { apikey: stack.publishableKey, ...headers },
  });
const token = (email: string, secret: string) => auth("token?grant_type=password", { email, password: secret });
const times = <T>(count: number, work: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => work(i)));
const count = (answers: Answer[], status: number) => answers.filter((answer) => answer.status === status).length;

const codeOf = (body: unknown) => (body as { error_code?: string }).error_code;

/** Neither door lets the attacker in. */
async function expectOut(email: string, secret: string): Promise<void> {
  expect((await token(email, secret)).body).toMatchObject({ error_code: "invalid_credentials" });
  expectRefusal(await login(email, secret), 401, "invalid_credentials");
}

/** The mails of an address once there are so many, oldest first. */
async function mails(email: string, wanted: number) {
  await newestMail(email, wanted);
  return (await mailsTo(email)).reverse();
}

describe("an account opened before its owner comes", () => {
  const first: Record<string, (email: string) => Promise<Answer>> = {
    "POST /api/auth/register": (email) => register(email, evil),
    "/auth/v1/signup": (email) => auth("signup", { email, password: evil }),
  };
  const second: Record<string, (email: string) => Promise<Answer>> = {
    "POST /api/auth/register": (email) => register(email, own),
    "/auth/v1/signup": (email) => auth("signup", { email, password: own }),
    "/auth/v1/otp": (email) => auth("otp", { email }),
    "/auth/v1/magiclink": (email) => auth("magiclink", { email }),
    "/auth/v1/recover": (email) => auth("recover", { email }),
    "/auth/v1/resend": (email) => auth("resend", { email, type: "signup" }),
    "POST /api/auth/forgot-password": (email) => post("auth/forgot-password", { email }),
  };
  const roads = Object.keys(second).map((then): [string, string] => ["/auth/v1/signup", then]);
  for (const then of ["POST /api/auth/register", "/auth/v1/signup", "/auth/v1/recover"]) {
    roads.push(["POST /api/auth/register", then]);
  }

  test.each(roads)("by %s, then proven by the mail of %s: the attacker's password opens nothing", async (by, then) => {
    const email = newAddress();
    await first[by]?.(email);
    await newestMail(email);
    await aMinuteLater(email);
    await second[then]?.(email);
    const [, mail] = await mails(email, 2);
    const { handed } = await followLink(mail?.link);
    expect(handed.get("access_token")).toBeTruthy();
    await expectOut(email, evil);
  });

  test.each(Object.keys(first))("by %s, and its own mail followed after the owner has registered", async (by) => {
    const email = newAddress();
    await first[by]?.(email);
    await newestMail(email);
    await register(email, own);
    const [attackers] = await mails(email, 2);
    await followLink(attackers?.link);
    await expectOut(email, evil);
  });

  test.each([0, 1])(
    "after the owner has: whichever mail he follows (%s), the attacker's password opens nothing",
    async (which) => {
      const email = newAddress();
      await register(email, own);
      await newestMail(email);
      await register(email, evil, { role: "fournisseur" });
      await followLink((await mails(email, 2))[which]?.link);
      await expectOut(email, evil);
    },
  );

  test("at the same moment", async () => {
    const email = newAddress();
    await Promise.all([register(email, evil), register(email, own), auth("signup", { email, password: evil })]);
    for (const { link } of await mails(email, 2)) await followLink(link);
    await expectOut(email, evil);
  });

  test("is the owner's, with the password that he chooses by the mail", async () => {
    const email = newAddress();
    await register(email, evil, { firstName: "Mallory", phone: "06 66 66 66 66" });
    await newestMail(email);
    await register(email, own);
    const [, mail] = await mails(email, 2);
    const link = new URL(mail?.link ?? "").searchParams.get("token");
    expect((await post("auth/reset-password", { token: link, password: own })).status).toBe(200);
    expect((await signedIn(email, own)).user).toMatchObject({ firstName: "Zoé", phone: null });
  });

  test("holds nothing: no role, no supplier, no buyer, no session, and is told nothing by any door", async () => {
    const email = newAddress();
    await register(email, evil);
    await newestMail(email);
    expect((await token(email, evil)).body).toMatchObject({ error_code: "email_not_confirmed" });
    expect((await token(email, "wrong-Horse-1")).body).toMatchObject({ error_code: "invalid_credentials" });
    const [row] = await db()`
      select (select count(*)::int from platform.memberships m where m.user_id = u.id) as roles,
        (select count(*)::int from leads.buyers b where b.user_id = u.id) as buyers,
        (select count(*)::int from auth.sessions s where s.user_id = u.id) as sessions
      from auth.users u where u.email = ${email}`;
    expect(row).toEqual({ roles: 0, buyers: 0, sessions: 0 });
  });

  test("gets no role from an admin before it is proven, by whatever road", async () => {
    const admin = await signIn("admin@leads-provider.fr");
    for (const open of [
      (email: string) => auth("signup", { email, password: evil }),
      (email: string) => auth("otp", { email }),
    ]) {
      const email = newAddress();
      await open(email);
      const role = { role: "admin" };
      const [{ id } = { id: "" }] = await db()<{ id: string }[]>`select id from auth.users where email = ${email}`;
      const asked = { method: "PUT", body: role, token: admin.token };
      expectRefusal(
        await unchanged(() => askApi("leads", `/api/admin/users/${id}/role`, asked)),
        409,
        "email_unproven",
      );
      const direct = { method: "POST", token: admin.token };
      const roles = await unchanged(() => askShared("leads", "member_role", { ...direct, body: { id, ...role } }));
      const added = await unchanged(() =>
        askShared("leads", "member_add", { ...direct, body: { userId: id, ...role, profile: {} } }),
      );
      expect([roles.status, added.status]).toEqual([409, 409]);
      const listed = await askApi("leads", `/api/admin/users?role=none&search=${email}`, { token: admin.token });
      expect(listed.body).toEqual([expect.objectContaining({ email, emailConfirmedAt: null, role: null })]);
    }
  });

  test("is not in the way of an admin who makes one for its owner, and not part of it", async () => {
    const admin = await signIn("admin@leads-provider.fr");
    const email = newAddress();
    await register(email, evil);
    await newestMail(email);
    const wanted = { email, password: own, role: "agent", firstName: "Ana", lastName: "Gent" };
    const made = await post("admin/users", wanted, { token: admin.token });
    expect(made.status, made.text).toBe(201);
    expect((await signedIn(email, own)).user).toMatchObject({ role: "agent" });
    await expectOut(email, evil);
    // The link that the attacker's registration had mailed opens nothing of the new account.
    const [attackers] = await mails(email, 1);
    expect((await followLink(attackers?.link)).handed.get("error_code")).toBe("otp_expired");
  });
});

describe("a known supplier's address", () => {
  const supplier = async (status: string) => {
    const email = newAddress();
    await db()`insert into leads.suppliers (contact_name, company, email, status) values ('K', 'Known', ${email}, ${status})`;
    return { email, read: () => db()`select user_id, status from leads.suppliers where email = ${email}` };
  };

  test.each(["active", "suspended"])(
    "of one who is %s: to register, proven or not, changes nothing of him",
    async (status) => {
      const { email, read } = await supplier(status);
      await register(email, own, { role: "fournisseur" });
      await newestMail(email);
      expect(await read()).toEqual([{ user_id: null, status }]);
      await confirm(email);
      const { token } = await signedIn(email, own);
      expect(await read()).toEqual([{ user_id: null, status }]);
      expectRefusal(
        await unchanged(() =>
          post("leads", { lastName: "Z", phone: "0611111111", sector: "pv", region: "PACA" }, { token }),
        ),
        403,
        "supplier_not_active",
      );
      expect((await askRest("imports", { token })).body).toEqual([]);
    },
  );

  test("cannot be had by changing one's own to it: nothing changes before the new address has answered", async () => {
    const { email } = await supplier("active");
    const { client, email: mine } = await newAccount();
    await client.auth.updateUser({ email });
    await followLink((await mailsTo(mine))[0]?.link);
    expect((await client.auth.getUser()).data.user).toMatchObject({ email: mine });
    expect(await db()`select from platform.profiles where email = ${email}`).toEqual([]);
  });
});

describe("guessing the digits of a mail", () => {
  const anyLimits = () => setLimits(1000, "verify_account", "verify_ip", "verify_anywhere");
  const wrongOf = (code: string, i: number) => String((Number(code) + 1 + i) % 1_000_000).padStart(6, "0");

  test.each([
    ["recovery", "recover"],
    ["magiclink", "magiclink"],
    ["email", "otp"],
    ["signup", "signup"],
  ])("of type %s: after 50 at once the right ones are void, and the link is not", async (type, route) => {
    await anyLimits();
    const email = type === "signup" ? newAddress() : (await newAccount()).email;
    await auth(route, { email, password });
    const { code = "", link } = (await mailsTo(email))[0] ?? {};
    const answers = await times(50, (i) => auth("verify", { type, email, token: wrongOf(code, i) }));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]));
    expect((await auth("verify", { type, email, token: code })).body).toMatchObject({ error_code: "otp_expired" });
    expect((await followLink(link)).handed.get("access_token")).toBeTruthy();
  });

  test("four wrong ones leave the right ones, once", async () => {
    const { email } = await newAccount();
    await auth("recover", { email });
    const { code = "" } = (await mailsTo(email))[0] ?? {};
    for (let i = 0; i < 4; i++) await auth("verify", { type: "recovery", email, token: wrongOf(code, i) });
    const answers = await times(5, () => auth("verify", { type: "recovery", email, token: code }));
    expect(count(answers, 200)).toBe(1);
  });

  test("by the token of the link, which is not made of them", async () => {
    const { email } = await newAccount();
    await auth("recover", { email });
    const { code = "" } = (await mailsTo(email))[0] ?? {};
    const guessed = createHash("sha256")
      .update(email + code)
      .digest("hex");
    expect((await auth("verify", { type: "recovery", token_hash: guessed })).status).toBe(403);
  });

  test("is limited by address and account", async () => {
    await setLimits(10, "verify_account");
    const { email } = await newAccount();
    const answers = await times(20, (i) => auth("verify", { type: "recovery", email, token: wrongOf("000000", i) }));
    expect([count(answers, 403), count(answers, 429)]).toEqual([10, 10]);
  });
});

describe("guessing a password", () => {
  test("two doors are one: five in all, told as Auth tells it and as the API does", async () => {
    const { email } = await newAccount();
    const answers = await times(30, (i) => (i % 2 ? token(email, `wrong-${i}`) : login(email, `wrong-${i}`)));
    expect(answers.filter(({ status }) => status !== 429)).toHaveLength(5);
    const refused = await token(email, password);
    expect(refused).toMatchObject({ status: 429, body: { error_code: "over_request_rate_limit" } });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(800);
    expectRefusal(await login(email, password), 429, "too_many_attempts");
  });

  test("an address that is not one's own, or many, help nothing", async () => {
    const answers = await times(30, (i) =>
      auth(
        "token?grant_type=password",
        { email: newAddress(), password: "x" },
        { "X-Forwarded-For": `203.0.113.${i}`, "Sb-Forwarded-For": `203.0.113.${i}` },
      ),
    );
    expect([count(answers, 400), count(answers, 429)]).toEqual([20, 10]);
  });

  test("on purpose, from everywhere, locks nobody out of a device from which he has signed in", async () => {
    const { email } = await newAccount();
    for (let i = 0; i < 60; i++) {
      await db()`select platform.take_attempts('auth', '{login_account,login_ip}', ${[email, `203.0.113.${i}`]})`;
    }
    expect((await token(email, password)).status).toBe(200);
    expect((await login(email, password)).status).toBe(200);
  });

  test.each<[string, (email: string) => unknown]>([
    ["signup", (email) => ({ email, password })],
    ["recover", (email) => ({ email })],
    ["otp", (email) => ({ email })],
    ["magiclink", (email) => ({ email })],
    ["resend", (email) => ({ email, type: "signup" })],
  ])("or filling a mailbox by /auth/v1/%s is limited", async (route, body) => {
    const email = newAddress();
    const answers = await times(8, () => auth(route, body(email)));
    // The others but one come too soon after it, and are tries as well.
    const limited = answers.filter(({ body }) => codeOf(body) === "over_request_rate_limit");
    expect(limited).toHaveLength(8 - (route === "signup" ? 5 : 3));
    expect(limited[0]?.headers.get("retry-after")).toBeTruthy();
  });

  test("or a second factor: five, then a pause, then the limit", async () => {
    const { client } = await newAccount();
    const { data } = await client.auth.mfa.enroll({ factorType: "totp" });
    const statuses: (number | undefined)[] = [];
    for (let i = 0; i < 12; i++) {
      const tried = await client.auth.mfa.challengeAndVerify({ factorId: data?.id ?? "", code: "000000" });
      statuses.push(tried.error?.status);
    }
    expect(statuses.slice(0, 5)).toEqual([422, 422, 422, 422, 422]);
    expect(new Set(statuses.slice(5))).toEqual(new Set([429]));
  });
});

describe("the token of a session that is over", () => {
  const shared = ["me", "notifications", "unread_count"];
  const reads = ["notifications", "billing_notifications", "leads"];

  /** Every road on which the token worked refuses it, with 401. */
  async function expectDead(dead: string): Promise<void> {
    for (const path of reads)
      expect((await askRest(path, { token: dead })).body, path).toMatchObject({ details: "invalid_token" });
    for (const name of shared)
      expect((await askShared("leads", name, { token: dead })).body, name).toMatchObject({ details: "invalid_token" });
    for (const path of ["/api/auth/me", "/api/notifications", "/api/leads"]) {
      expectRefusal(await askApi("leads", path, { token: dead }), 401, "invalid_token");
    }
    const write = { method: "POST", body: {}, token: dead };
    expect((await unchanged(() => askShared("leads", "mark_all_read", write))).status).toBe(401);
    expect((await unchanged(() => post("notifications/read-all", undefined, { token: dead }))).status).toBe(401);
  }

  type Member = { id: string; email: string; token: string; refreshToken: string };

  async function member(): Promise<Member> {
    const { id, email, session } = await newAccount();
    await db()`insert into platform.memberships (user_id, system, role) values (${id}, 'leads', 'acheteur')`;
    return { id, email, token: session.access_token, refreshToken: session.refresh_token };
  }

  const ends: Record<string, (person: Member) => Promise<unknown>> = {
    "POST /api/auth/logout": ({ token }) => post("auth/logout", undefined, { token }),
    "/auth/v1/logout": ({ token }) => auth("logout", {}, { Authorization: `Bearer ${token}` }),
    "a sign-out everywhere, from another device": async ({ email }) =>
      (await clientFor(email, password)).auth.signOut(),
    "a new password, set by mail": async ({ email }) => {
      await post("auth/forgot-password", { email });
      const link = new URL((await newestMail(email)).link).searchParams.get("token");
      await post("auth/reset-password", { token: link, password: own });
    },
    "a new password, set by an admin": ({ id }) => serviceClient().auth.admin.updateUserById(id, { password: own }),
    "its account being deleted": ({ id }) => serviceClient().auth.admin.deleteUser(id),
    "an old refresh token that came back": async ({ refreshToken }) => {
      await post("auth/refresh", { refreshToken });
      await db()`update auth.refresh_tokens set updated_at = now() - interval '11 seconds' where token = ${refreshToken}`;
      expect((await auth("token?grant_type=refresh_token", { refresh_token: refreshToken })).body).toMatchObject({
        error_code: "refresh_token_already_used",
      });
    },
  };

  test.each(Object.keys(ends))("ended by %s is refused everywhere", async (by) => {
    const session = await member();
    expect((await askRest("billing_notifications", { token: session.token })).status).toBe(200);
    await ends[by]?.(session);
    await expectDead(session.token);
  });

  test("is refused by Storage as well", async () => {
    const agent = await signUp("leads", "agent");
    const upload = (name: string) =>
      agent.client.storage
        .from("recordings")
        .upload(`${agent.id}/${name}.mp3`, new Blob(["x"], { type: "audio/mpeg" }));
    expect((await upload("before")).error).toBeNull();
    await db()`delete from auth.sessions where user_id = ${agent.id}`;
    expect((await upload("after")).error).not.toBeNull();
    await serviceClient()
      .storage.from("recordings")
      .remove([`${agent.id}/before.mp3`]);
  });

  test("is not another session's, nor another person's", async () => {
    const [mine, theirs] = [await newAccount(), await newAccount()];
    const { session_id } = claimsOf(theirs.session.access_token);
    const mixed = { ...claimsOf(mine.session.access_token), session_id };
    await expectDead(signJwt(mixed, stack.jwtSecret));
    await expectDead(signJwt({ ...mixed, session_id: "x" }, stack.jwtSecret));
  });

  test("an operator's own token has no session, and counts", async () => {
    const { id } = await newAccount();
    const claims = { sub: id, role: "authenticated", exp: Math.floor(Date.now() / 1000) + 60 };
    expect((await askShared("leads", "me", { token: signJwt(claims, stack.jwtSecret) })).status).toBe(200);
  });
});

describe("a suspended person", () => {
  test("reads and writes nothing of his own either", async () => {
    const email = await registered();
    const { token, user } = await signedIn(email);
    const admin = await signIn("admin@leads-provider.fr");
    await post(`admin/users/${user.id}/suspend`, undefined, { token: admin.token });
    for (const path of ["rpc/users_me", "notifications", "billing_payments", "leads", "billing_orders"]) {
      const answer = await askRest(path, { token });
      expect(answer, path).toMatchObject({ status: 403, body: { details: "account_suspended" } });
    }
  });
});

describe("a refresh token", () => {
  test("that fifty ask with at once answers them all the same", async () => {
    const { refreshToken } = await signedIn(await registered());
    const answers = await times(50, () => auth("token?grant_type=refresh_token", { refresh_token: refreshToken }));
    expect(count(answers, 200)).toBe(50);
    expect(new Set(answers.map(({ body }) => (body as { refresh_token: string }).refresh_token)).size).toBe(1);
  });

  test("of two uses ago ends the session, its newest token too", async () => {
    const { session, client } = await newAccount();
    await client.auth.refreshSession();
    const { data } = await client.auth.refreshSession();
    const replayed = await anonClient().auth.refreshSession({ refresh_token: session.refresh_token });
    expect(replayed.error?.code).toBe("refresh_token_already_used");
    const newest = await anonClient().auth.refreshSession({ refresh_token: data.session?.refresh_token ?? "" });
    expect(newest.error?.code).toBe("refresh_token_already_used");
    expect((await askShared("leads", "me", { token: data.session?.access_token })).status).toBe(401);
  });
});

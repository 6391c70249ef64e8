import { beforeEach, describe, expect, test } from "vitest";
import { askApi, askRest, send } from "../contract/http.ts";
import { forgetAttempts, newAddress, post } from "../contract/leads/account-people.ts";
import { signUp } from "../contract/people.ts";
import { expire } from "../contract/session-cookie.ts";
import { newAccount, password } from "../support/accounts.ts";
import { db, serviceClient, stack } from "../support/stack.ts";

// Who uses a session that is over or another page's: the cookie that stands for it, what may be kept of an answer made by
// it, and what somebody writes of himself that others are shown.

beforeEach(forgetAttempts);

async function cookieFor(username: string, headers: Record<string, string> = {}): Promise<string> {
  const answer = await post("auth/signin", { username, hashedPassword: password }, { headers });
  expect(answer.status, answer.text).toBe(200);
  return answer.headers.get("set-cookie")?.split(";")[0] ?? "";
}

const ask = (path: string, cookie: string, method = "GET", headers: Record<string, string> = {}) =>
  askApi("leads", `/api/${path}`, { method, headers: { Cookie: cookie, ...headers } });
const status = async (path: string, cookie: string) => (await ask(path, cookie)).status;
const auth = (path: string, token: string | undefined, body?: unknown, method = "POST") =>
  send(`${stack.apiUrl}/auth/v1/${path}`, { method, token, body, headers: { apikey: stack.publishableKey } });

describe("a cookie whose session is over", () => {
  const ends: Record<string, (token: string) => Promise<unknown>> = {
    "signing out everywhere": (token) => auth("logout?scope=global", token),
    "a new password": (token) => auth("user", token, { password: "another-Horse-9" }, "PUT"),
  };

  test.each(Object.keys(ends))("by %s, elsewhere, is nobody's: what is public stays readable", async (by) => {
    const person = await signUp("leads", "acheteur");
    const cookie = await cookieFor(person.email);
    expect(await status("users/me", cookie)).toBe(200);
    await ends[by]?.(person.token);
    expect(await status("users/me", cookie)).toBe(401);
    expect(await status("leads?limit=1", cookie)).toBe(200);
    expect(await status("leads.json", cookie)).toBe(200);
    expect((await ask("auth/refresh", cookie, "POST")).status).toBe(401);
  });

  test("is replaced by signing in again, and its row with it", async () => {
    const person = await signUp("leads", "acheteur");
    const first = await cookieFor(person.email);
    const second = await cookieFor(person.email, { Cookie: first });
    expect([await status("users/me", first), await status("users/me", second)]).toEqual([401, 200]);
    await auth("logout?scope=global", person.token);
    await cookieFor(person.email);
    const rows = await db()`select from platform.session_handles where user_id = ${person.id}`;
    expect(rows).toHaveLength(1);
  });

  test("of who is suspended or gone opens nothing of his", async () => {
    const person = await signUp("leads", "acheteur");
    const cookie = await cookieFor(person.email);
    await db()`update platform.memberships set status = 'suspended' where user_id = ${person.id}`;
    expect(await status("users/me", cookie)).toBe(403);
    const gone = await newAccount();
    await db()`insert into platform.memberships (user_id, system, role) values (${gone.id}, 'leads', 'acheteur')`;
    const left = await cookieFor(gone.email);
    await serviceClient().auth.admin.deleteUser(gone.id);
    expect(await status("users/me", left)).toBe(401);
  });
});

test("an account goes while its cookie is being renewed: neither waits for the other", async () => {
  const person = await newAccount();
  const cookie = await cookieFor(person.email);
  await expire(cookie);
  const waitsForSession = async () => {
    const waiting = await db()`
      select from pg_stat_activity
      where wait_event_type = 'Lock' and query like '%auth.sessions%' and query like '%for update%'`;
    return waiting.length > 0;
  };
  const [answer] = await db().begin(async (sql) => {
    await sql`set local lock_timeout = '5s'`;
    // As removing the account does it: the sessions go first, the handles after them.
    await sql`delete from auth.sessions where user_id = ${person.id}`;
    const renewing = ask("users/me", cookie);
    while (!(await waitsForSession())) await new Promise((done) => setTimeout(done, 20));
    await sql`delete from auth.users where id = ${person.id}`;
    return [renewing] as const;
  });
  expect((await answer).status).toBe(401);
  expect(await db()`select from platform.session_handles where user_id = ${person.id}`).toHaveLength(0);
});

describe("another site's page", () => {
  test.each(["https://elsewhere.example", "null", "http://localhost:1"])("%s signs nobody out", async (Origin) => {
    const person = await signUp("leads", "acheteur");
    const cookie = await cookieFor(person.email);
    const answer = await ask("auth/signout", cookie, "POST", { Origin });
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect(await status("users/me", cookie)).toBe(200);
    const own = await ask("auth/signout", cookie, "POST", { Origin: stack.apiUrl });
    expect(own.headers.get("set-cookie")).toMatch(/^leads_session=; Max-Age=0/);
    expect(await status("users/me", cookie)).toBe(401);
  });

  test("writes nothing with a forwarded host of its own", async () => {
    const cookie = await cookieFor((await signUp("leads", "acheteur")).email);
    const answer = await askApi("leads", "/api/users/me", {
      method: "POST",
      body: { bio: "x" },
      headers: { Cookie: cookie, Origin: "https://elsewhere.example", "X-Forwarded-Host": "elsewhere.example" },
    });
    expect(answer.status).toBe(401);
  });
});

test.each(["leads?limit=1", "leads.json", "users/me", "auth/me", "leads/none", "users/search?username=x", "none"])(
  "no cache keeps what %s answers, with a cookie or without",
  async (path) => {
    const cookie = await cookieFor((await signUp("leads", "acheteur")).email);
    for (const one of [cookie, ""]) expect((await ask(path, one)).headers.get("cache-control")).toBe("no-store");
  },
);

describe("what one says of oneself", () => {
  const change = (token: string, profile: unknown) =>
    askRest("rpc/users_me_change", { method: "POST", token, body: { profile } });

  test.each([
    "javascript:alert(1)",
    "https://elsewhere.example/x.png",
    "//elsewhere.example/x.png",
    "/storage/v1/object/public/avatars/00000000-0000-4000-8000-000000000000/x",
    { a: 1 },
  ])("is no picture at %j", async (avatar) => {
    const { token, id } = await signUp("leads", "acheteur");
    expect((await change(token, { avatar })).status).toBe(422);
    const [row] = await db()`select avatar from platform.profiles where id = ${id}`;
    expect(row).toEqual({ avatar: null });
  });

  test("changes no right, no address and no id", async () => {
    const { token, id, email } = await signUp("leads", "acheteur");
    await change(token, {
      role: "admin",
      credits: 9999,
      email: "x@example.test",
      id: "user-a001",
      reference: "user-a001",
    });
    const [row] = await db()`
      select p.email, p.reference is null as own, array(select m.role from platform.memberships m where m.user_id = p.id) as roles
      from platform.profiles p where p.id = ${id}`;
    expect(row).toEqual({ email, own: true, roles: ["acheteur"] });
  });

  test("is of bounded length, by the function and by the metadata of a sign-up", async () => {
    const { token } = await signUp("leads", "acheteur");
    expect((await change(token, { phone: "1".repeat(300_000) })).status).toBe(400);
    const email = newAddress();
    const long = "a".repeat(300_000);
    const data = { firstName: long, lastName: long, company: long, phone: long };
    expect((await auth("signup", undefined, { email, password, data })).status).toBe(200);
    const [row] = await db()`
      select length(first_name) as first, length(last_name) as last, length(company) as company, length(phone) as phone
      from platform.profiles where email = ${email}`;
    expect(row).toEqual({ first: 100, last: 100, company: 200, phone: 200 });
  });
});

test.each(["constructor", "toString", "none"])("a file of the reference named %s is 404", async (name) => {
  expect((await ask(`reference/${name}`, "")).status).toBe(404);
});

test.each(["__proto__", "constructor", "toString", "none"])("a proof of the kind %j is refused", async (type) => {
  const answer = await auth("verify", undefined, { type, email: newAddress(), token: "123456" });
  expect([answer.status, answer.body]).toMatchObject([403, { error_code: "otp_expired" }]);
});

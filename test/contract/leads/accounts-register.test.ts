import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { mailsTo } from "../../support/accounts.ts";
import { ownFunction } from "../../support/own-function.ts";
import { db } from "../../support/stack.ts";
import { type Answer, askApi, send } from "../http.ts";
import { signIn } from "../people.ts";
import { unchanged } from "../unchanged.ts";
import {
  confirm,
  forgetAttempts,
  login,
  newAddress,
  newestMail,
  post,
  registered,
  registration,
  setLimits,
  signedIn,
} from "./account-people.ts";
import { expectRefusal } from "./expectations.ts";

// POST /api/auth/register; and that nobody learns from it, or from its neighbours, who has an account.

beforeEach(forgetAttempts);

const register = (email: string, more?: Record<string, unknown>) => post("auth/register", registration(email, more));
const known = "sophie@agence-ads.fr";

describe("registering", () => {
  test("as a fournisseur makes a supplier whom an admin has to accept", async () => {
    const email = await registered({ role: "fournisseur", phone: " 06 12 34 56 78 " });
    const { user } = await signedIn(email);
    expect(user).toEqual({
      ...{ id: user.id, email, firstName: "Zoé", lastName: "Blanc", role: "fournisseur" },
      ...{ company: "Blanc SARL", phone: "06 12 34 56 78" },
    });
    const suppliers = await db()`select contact_name, company, status from leads.suppliers where user_id = ${user.id}`;
    expect(suppliers).toEqual([{ contact_name: "Zoé Blanc", company: "Blanc SARL", status: "pending_validation" }]);
  });

  test("as an acheteur makes a buyer", async () => {
    const { user } = await signedIn(await registered());
    expect(user).toMatchObject({ role: "acheteur" });
    expect(await db()`select from leads.buyers where user_id = ${user.id}`).toHaveLength(1);
  });

  test("lets nobody in before the mailed link was followed", async () => {
    const email = newAddress();
    expect((await register(email)).status).toBe(202);
    expectRefusal(await login(email), 401, "invalid_credentials");
    expect((await newestMail(email)).subject).toBe("Confirmez votre inscription");
    await confirm(email);
    expect((await login(email)).status).toBe(200);
  });

  test("again before the link was followed leaves neither password: who has the mailbox chooses one", async () => {
    const email = newAddress();
    await register(email, { role: "fournisseur", phone: "06 12 34 56 78" });
    await newestMail(email);
    await register(email, { password: "another-Horse-8", role: "acheteur" });
    const second = await newestMail(email, 2);
    expect(second.subject).toBe("Réinitialisez votre mot de passe");
    const token = new URL(second.link).searchParams.get("token");
    expect((await post("auth/reset-password", { token, password: "chosen-Horse-7" })).status).toBe(200);
    expectRefusal(await login(email), 401, "invalid_credentials");
    expectRefusal(await login(email, "another-Horse-8"), 401, "invalid_credentials");
    expect((await signedIn(email, "chosen-Horse-7")).user).toMatchObject({ role: "acheteur", phone: null });
  });

  test("writes nothing but its own row before the address is proven", async () => {
    const email = newAddress();
    await db()`insert into leads.suppliers (contact_name, company, email, status) values ('Z', 'Known', ${email}, 'active')`;
    await register(email, { role: "fournisseur" });
    await newestMail(email);
    const [row] = await db()`
      select u.email_confirmed_at, r.role, r.applied_at,
        exists (select from platform.memberships m where m.user_id = u.id) as member,
        (select jsonb_agg(jsonb_build_array(s.user_id, s.status)) from leads.suppliers s where s.email = ${email} or s.user_id = u.id) as suppliers
      from auth.users u join platform.registrations r on r.user_id = u.id where u.email = ${email}`;
    expect(row).toEqual({
      ...{ email_confirmed_at: null, role: "fournisseur", applied_at: null, member: false },
      suppliers: [[null, "active"]],
    });
  });

  test.each(["active", "suspended", "pending_validation"])(
    "with the address of a supplier who is known and %s leaves him to an admin",
    async (status) => {
      const email = newAddress();
      await db()`insert into leads.suppliers (contact_name, company, email, status) values ('Z', 'Known', ${email}, ${status})`;
      await register(email, { role: "fournisseur" });
      await confirm(email);
      const { token, user } = await signedIn(email);
      expect(user).toMatchObject({ role: "fournisseur" });
      const supplier = () =>
        db()`select user_id is not null as linked, status from leads.suppliers where email = ${email} or user_id = ${user.id}`;
      expect(await supplier()).toEqual([{ linked: false, status }]);
      const profile = await askApi("leads", "/api/users/fournisseur", { token });
      expect(profile.body).toMatchObject({ iban: null, totalLeadsUploaded: 0 });
      const told = await askApi("leads", "/api/notifications", { token });
      expect(told.body).toEqual([expect.objectContaining({ title: "Inscription à valider" })]);

      const admin = await signIn("admin@leads-provider.fr");
      const seen = await askApi("leads", `/api/admin/users?search=${email}`, { token: admin.token });
      const shown = { company: "Known", status };
      expect(seen.body).toEqual([
        expect.objectContaining({ status: "pending_validation", knownSupplier: expect.objectContaining(shown) }),
      ]);
      await post(`admin/users/${user.id}/reactivate`, undefined, { token: admin.token });
      const accepted = status === "suspended" ? "suspended" : "active";
      expect(await supplier()).toEqual([{ linked: true, status: accepted }]);
    },
  );

  test("with an address that has an account changes nothing, and says so in a mail", async () => {
    const before = (await mailsTo(known)).length;
    const answer = await unchanged(() => register(known, { role: "acheteur" }));
    expect(answer.status).toBe(202);
    expect((await newestMail(known, before + 1)).text).toContain("Vous avez déjà un compte");
    expect((await login(known)).status).toBe(401);
    expect((await signedIn(known, "demo-Password-1")).user).toMatchObject({ role: "fournisseur" });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["the role admin", { role: "admin" }, "role"],
    ["the role agent", { role: "agent" }, "role"],
    ["a short password", { password: "abc-123" }, "password"],
    ["a password of letters alone", { password: "abcdefghij" }, "password"],
    ["a password of 73 bytes", { password: `é1${"x".repeat(70)}` }, "password"],
    ["no first name", { firstName: " " }, "firstName"],
    ["an e-mail that is none", { email: "zoe@" }, "email"],
    ["metadata", { user_metadata: { role: "admin" } }, "user_metadata"],
  ])("refuses %s", async (_, more, field) => {
    const email = newAddress();
    const { details } = expectRefusal(await unchanged(() => register(email, more)), 400, "invalid_body");
    expect(details).toEqual([expect.objectContaining({ field })]);
    expect(await mailsTo(email)).toEqual([]);
  });
});

describe("nobody learns whether an address has an account", () => {
  const rules = ["login_account", "login_ip", "register_account", "register_ip", "forgot_account", "forgot_ip"];

  // On a function that has the beats of everybody's, and with a password that takes long: a beat is what hides that.
  let api: string;
  beforeAll(async () => {
    api = await ownFunction("leads");
    const [before] = await db()`
      update auth.users u set encrypted_password = extensions.crypt('demo-Password-1', extensions.gen_salt('bf', 10))
      from auth.users b where b.id = u.id and u.email = ${known} returning b.encrypted_password as hash`;
    return () => db()`update auth.users set encrypted_password = ${before?.hash} where email = ${known}`;
  });
  const ask = (path: string, body: object) => send(`${api}/auth/${path}`, { method: "POST", body });

  test.concurrent.each<[string, number, (email: string) => Promise<Answer>]>([
    ["register", 800, (email) => ask("register", registration(email))],
    ["forgot-password", 400, (email) => ask("forgot-password", { email })],
    ["login", 1000, (email) => ask("login", { email, password: "wrong-Password-1" })],
  ])("by %s: ten answers each are the same, and take as long, %i ms", { timeout: 90_000 }, async (_, beat, call) => {
    await setLimits(1000, ...rules);
    const timed = async (email: string) => {
      const begun = performance.now();
      const { status, text } = await call(email);
      return { answer: `${status} ${text}`, ms: performance.now() - begun };
    };
    const pair = () => Promise.all([timed(known), timed(newAddress())]);
    const difference = async () => {
      const pairs: Awaited<ReturnType<typeof pair>>[] = [];
      while (pairs.length < 10) pairs.push(...(await Promise.all([pair(), pair()])));
      expect(new Set(pairs.flat().map(({ answer }) => answer)).size).toBe(1);
      expect(Math.min(...pairs.flat().map(({ ms }) => ms))).toBeGreaterThanOrEqual(beat - 1);
      const [forKnown = 0, forNew = 0] = [0, 1].map((side) => median(pairs.map((pair) => pair[side]?.ms ?? 0)));
      return Math.abs(forKnown - forNew) / forNew;
    };
    // A busy machine may make the work of one of both longer than the beat now and then, and a leak does so each time.
    await expect.poll(difference, { timeout: 60_000 }).toBeLessThan(0.15);
  });
});

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import * as a from "../../functions/leads/people/account-schemas.ts";
import { expectRefusal } from "../contract/leads/expectations.ts";
import type { Person } from "../contract/people.ts";
import { expectLedgerHolds } from "../support/ledger.ts";
import { type OwnStack, ownStack } from "../support/own-stack.ts";

// Whoever has an account asks for what is held about him, and to be erased: what he gets, what others try to get in his name,
// and what he tries afterwards. On a stack of its own, since an erasure cannot be taken back.

let stack: OwnStack;
let admin: Person;
const people: Record<string, Person> = {};
const roles = ["fournisseur", "agent", "acheteur"];
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

beforeAll(async () => {
  stack = await ownStack({ PAYMENT_PROVIDER: "manual" });
  admin = await stack.person("admin");
  for (const role of roles) people[role] = await stack.person(role);
});

const erase = (who: string, by: Person | undefined = admin, body: object = {}) =>
  stack.ask("POST", `/admin/users/${who}/erase`, by, { body });
const upload = async ({ token }: Person) => {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "image/png" };
  const base = `${stack.info.systems.leads?.apiBase}/users`;
  const answer = await fetch(`${base}/uploadAvatar`, { method: "POST", headers, body: png });
  expect(answer.status, await answer.text()).toBe(200);
};
const filesOf = ({ id }: Person) => stack.sql`select name from storage.objects where name like ${`${id}/%`}`;

describe("what is held", () => {
  test.each(["admin", ...roles])("is for %s to read himself, and for an admin", async (role) => {
    const person = role === "admin" ? admin : (people[role] as Person);
    const own = await stack.ask("GET", "/users/me/export", person);
    expect(own.status, own.text).toBe(200);
    const { person: who, account } = a.personalData.parse(own.body);
    expect(who).toBe(person.email);
    expect(account.data["platform.memberships"]).toMatchObject([{ role, status: "active" }]);
    expect(own.text).not.toMatch(/encrypted|sealed|token|hash/i);
    const asked = await stack.ask("GET", `/admin/users/${person.id}/export`, admin);
    expect(a.personalData.parse(asked.body).account.data["auth.users"]).toEqual(account.data["auth.users"]);
  });

  test("about somebody else is nobody's but an admin's, and neither is to erase him", async () => {
    const victim = people.acheteur as Person;
    for (const [status, code, by] of [
      [401, "authentication_required", undefined],
      ...roles.map((role) => [403, "forbidden", people[role]] as const),
      [403, "forbidden", await stack.person()],
    ] as [number, string, Person | undefined][]) {
      for (const call of [
        () => stack.ask("GET", `/admin/users/${victim.email}/export`, by),
        () => stack.ask("POST", `/admin/users/${victim.email}/erase`, by, { body: {} }),
        () => stack.ask("POST", "/admin/users/nobody/erase", by, { body: {} }),
      ]) {
        expectRefusal(await stack.refused(call), status, code);
      }
    }
    expectRefusal(await stack.refused(() => stack.ask("GET", "/users/me/export")), 401, "authentication_required");
    expectRefusal(await stack.refused(() => erase("nobody")), 404, "user_not_found");
  });

  test("of a prospect is not for who merely registers with his address", async () => {
    const squatter = await stack.person("acheteur");
    await stack.sql`update leads.lead_contacts set email = ${squatter.email} where lead_id = (select id from leads.leads where status = 'new' limit 1)`;
    const leads = async () =>
      a.personalData.parse((await stack.ask("GET", "/users/me/export", squatter)).body).leads.length;
    expect(await leads()).toBe(1);
    await stack.sql`update auth.users set email_confirmed_at = null where id = ${squatter.id}`;
    expect(await leads()).toBe(0);
  });
});

describe("how often it is asked for", () => {
  test("is counted for who asks, by our address and by PostgREST's alike", async () => {
    const [person, asking] = [await stack.person("acheteur"), await stack.person("admin")];
    await stack.sql`update platform.rate_limit_rules set allowed = 2 where name = 'export_account'`;
    const own = () => stack.ask("GET", "/users/me/export", person);
    const answers = await Promise.all([own(), own(), own(), own()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429]);
    expectRefusal(await stack.refused(own), 429, "too_many_attempts");
    expect(Number((await own()).headers.get("retry-after"))).toBeGreaterThan(3000);
    expect((await person.client.rpc("users_me_export")).status).toBe(429);
    // That a function reads by GET does not pass it by.
    expect((await person.client.rpc("users_me_export", {}, { get: true })).status).toBe(405);
    const asked = () => stack.ask("GET", `/admin/users/${person.id}/export`, asking);
    for (const status of [200, 200, 429]) expect((await asked()).status).toBe(status);
    expect((await person.client.rpc("admin_user_export", { id: person.id })).status).toBe(403);
    await stack.sql`update platform.rate_limit_rules set allowed = 20 where name = 'export_account'`;
  });
});

describe("who is erased", () => {
  test("without having proven his address takes no lead of it along", async () => {
    const squatter = await stack.person();
    const [lead] = await stack.sql`update leads.lead_contacts set email = ${squatter.email}
      where lead_id = (select id from leads.leads where status = 'new' order by id limit 1) returning lead_id`;
    await stack.sql`update auth.users set email_confirmed_at = null where id = ${squatter.id}`;
    // Whoever has nothing to do with this system is none of its admins' business.
    expect((await erase(squatter.id)).status).toBe(404);
    await stack.sql`insert into platform.registrations (user_id, system, role, profile)
      values (${squatter.id}, 'leads', 'acheteur', '{}')`;
    const answer = await erase(squatter.id, admin, { oppose: true });
    expect(a.erased.parse(answer.body)).toMatchObject({ accounts: 1, leads: 0, opposed: 0, leftInAuth: [] });
    const [contact] = await stack.sql`select email from leads.lead_contacts where lead_id = ${lead?.lead_id}`;
    expect(contact?.email).toBe(squatter.email);
  });

  test("has an address that no file may hold", async () => {
    const email = `o.${randomUUID()}@intranet`;
    const person = await stack.person("acheteur");
    await stack.sql`update auth.users set email = ${email} where id = ${person.id}`;
    const found = await stack.ask("GET", `/admin/users/${person.id}/export`, admin);
    expect(a.personalData.parse(found.body).person).toBe(email);
    expect(a.erased.parse((await erase(email)).body).accounts).toBe(1);
  });

  test.each(roles)("as %s is out at once, on every road, and his picture is gone", async (role) => {
    const person = people[role] as Person;
    await upload(person);
    expect(await filesOf(person)).toHaveLength(1);
    const { data } = await person.client.auth.getSession();
    const answer = await erase(person.email);
    expect(answer.status, answer.text).toBe(200);
    expect(a.erased.parse(answer.body)).toMatchObject({ accounts: 1, leads: 0 });
    expect(await filesOf(person)).toHaveLength(0);
    expect((await stack.ask("GET", "/users/me", person)).status).toBe(401);
    const refresh = { body: { refreshToken: data.session?.refresh_token } };
    expect((await stack.ask("POST", "/auth/refresh", undefined, refresh)).status).toBe(401);
    expect((await person.client.from("billing_orders").select()).status).toBe(401);
    const sent = { body: { email: person.email, password: "any-Password-1" } };
    expect((await stack.ask("POST", "/auth/login", undefined, sent)).status).toBe(401);
    // By his id he is a pseudonym; asked again there is nothing left to do.
    expect(a.erased.parse((await erase(person.id)).body).accounts).toBe(0);
    const [left] =
      await stack.sql`select u.email, p.first_name, p.last_name from auth.users u join platform.profiles p using (id) where id = ${person.id}`;
    expect(left).toEqual({ email: `efface-${person.id}@efface.invalid`, first_name: "Compte", last_name: "effacé" });
  });

  test("with credits keeps them until they are settled; his invoices stay, and the books hold", async () => {
    const person = await stack.person("acheteur");
    const key = { headers: { "Idempotency-Key": randomUUID() }, body: { packId: "pack-1" } };
    const bought = await stack.ask("POST", "/billing/purchase-pack", person, key);
    expect(bought.status, bought.text).toBe(201);
    const { id, invoiceNumber } = bought.body as { id: string; invoiceNumber: string };
    const refused = expectRefusal(await stack.refused(() => erase(person.id)), 409, "open_obligations");
    expect(refused.message).toMatch(/crédits payés/);
    expect((await stack.ask("GET", "/users/me", person)).status).toBe(200);
    expect((await stack.ask("POST", `/admin/orders/${id}/refund`, admin)).status).toBe(200);
    expect(a.erased.parse((await erase(person.id)).body).accounts).toBe(1);
    const [invoice] =
      await stack.sql`select buyer ->> 'name' as name from leads.invoices where number = ${invoiceNumber}`;
    expect(invoice?.name).toBe("Zoé Blanc");
    await expectLedgerHolds(stack.sql);
  });

  test("as a prospect too is erased as both, and opposed", async () => {
    const person = await stack.person("acheteur");
    const [lead] = await stack.sql`update leads.lead_contacts set email = ${person.email}, phone2 = null
      where lead_id = (select id from leads.leads where status = 'new' order by id desc limit 1) returning lead_id`;
    const erased = a.erased.parse((await erase(person.email, admin, { oppose: true })).body);
    expect(erased).toMatchObject({ accounts: 1, leads: 1 });
    expect(erased.opposed).toBeGreaterThan(0);
    const [contact] =
      await stack.sql`select email, last_name from leads.lead_contacts where lead_id = ${lead?.lead_id}`;
    expect(contact).toEqual({ email: null, last_name: "Effacé" });
  });

  test("is never the last admin, though two erase each other at once", async () => {
    const others =
      await stack.sql`select user_id from platform.memberships where system = 'leads' and role = 'admin' and user_id <> ${admin.id}`;
    await stack.sql`update platform.memberships set status = 'suspended' where user_id in ${stack.sql(others.map(({ user_id }) => user_id))} and role = 'admin'`;
    expectRefusal(await stack.refused(() => erase(admin.id)), 409, "last_admin");
    const second = await stack.person("admin");
    const answers = await Promise.all([erase(second.id, admin), erase(admin.id, second)]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const [left] =
      await stack.sql`select count(*)::int as admins from platform.memberships where system = 'leads' and role = 'admin' and status = 'active'`;
    expect(left?.admins).toBe(1);
  });
});

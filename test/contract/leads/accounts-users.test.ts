import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as a from "../../../functions/leads/people/account-schemas.ts";
import { mailsTo } from "../../support/accounts.ts";
import { db } from "../../support/stack.ts";
import { askApi, askRest } from "../http.ts";
import { type Person, signUp } from "../people.ts";
import { unchanged } from "../unchanged.ts";
import { forgetAttempts, login, newAddress, password, post, registered, signedIn } from "./account-people.ts";
import { type People, signInPeople } from "./demo-people.ts";
import { expectRefusal } from "./expectations.ts";

// The admin's users page: GET and POST /api/admin/users, PUT :id/role, POST :id/suspend and :id/reactivate.

let people: People;

beforeAll(async () => {
  people = await signInPeople();
});
beforeEach(forgetAttempts);

type User = { id: string; email: string; role: string; status: string };

async function users(query = ""): Promise<User[]> {
  const answer = await askApi("leads", `/api/admin/users${query}`, { token: people.admin.token });
  expect(answer.status, answer.text).toBe(200);
  return a.user.array().parse(answer.body) as User[];
}
const create = (body: Record<string, unknown>, token = people.admin.token) =>
  post("admin/users", { role: "agent", firstName: "Ana", lastName: "Gent", ...body }, { token });
const act = (id: string, what: "suspend" | "reactivate", token = people.admin.token) =>
  post(`admin/users/${id}/${what}`, undefined, { token });
const setRole = (id: string, role: string, token = people.admin.token) =>
  askApi("leads", `/api/admin/users/${id}/role`, { method: "PUT", body: { role }, token });

describe("the list", () => {
  test("holds the members, newest first, and nobody without a role", async () => {
    const found = await users();
    const emails = found.map(({ email }) => email);
    expect(emails).toEqual(expect.arrayContaining(["admin@leads-provider.fr", "sophie@agence-ads.fr"]));
    expect(emails).not.toContain(people.stranger.email);
    expect(found.find(({ id }) => id === "user-f001")).toMatchObject({ role: "fournisseur", status: "active" });
  });

  test.each([
    ["?search=sophie%20martin", ["sophie@agence-ads.fr"]],
    ["?search=RENOVATION", ["pierre@renovation-plus.fr"]],
    ["?search=marc@leads", ["marc@leads-provider.fr"]],
    ["?search=sophie&role=agent", []],
    ["?search=sophie&role=all", ["sophie@agence-ads.fr"]],
    ["?search=%25", []],
  ])("is searched by %s", async (query, emails) => {
    expect((await users(query)).map(({ email }) => email)).toEqual(emails);
  });

  test("is read by pages", async () => {
    const all = await users();
    expect(await users("?limit=1&offset=1")).toEqual(all.slice(1, 2));
    expect((await users("?role=agent")).every(({ role }) => role === "agent" || role === "admin")).toBe(true);
  });
});

describe("creating", () => {
  test("an agent who signs in at once", async () => {
    const email = newAddress();
    const answer = await create({ email, password, company: "Leads Provider" });
    expect(answer.status, answer.text).toBe(201);
    expect(a.user.parse(answer.body)).toMatchObject({
      email,
      role: "agent",
      status: "active",
      company: "Leads Provider",
    });
    expect((await signedIn(email)).user).toMatchObject({ role: "agent", firstName: "Ana" });
  });

  test("without a password mails a link to choose one", async () => {
    const email = newAddress();
    expect((await create({ email, role: "admin" })).status).toBe(201);
    expect((await mailsTo(email))[0]?.subject).toBe("Réinitialisez votre mot de passe");
  });

  test("is refused where the address has an account, and leaves no account behind where it fails", async () => {
    const before = await db()`select count(*) from auth.users`;
    expectRefusal(await unchanged(() => create({ email: "sophie@agence-ads.fr" })), 409, "email_taken");
    expectRefusal(await unchanged(() => create({ email: newAddress(), role: "boss" })), 400, "invalid_body");
    expectRefusal(await unchanged(() => create({ email: newAddress(), password: "short" })), 400, "invalid_body");
    expect(await db()`select count(*) from auth.users`).toEqual(before);
  });
});

describe("a role", () => {
  test("is changed, and is the only one from then on", async () => {
    const email = await registered();
    const { user, token } = await signedIn(email);
    expect((await setRole(user.id, "fournisseur")).body).toMatchObject({ id: user.id, role: "fournisseur" });
    expect((await askRest("billing_credit_packs", { token })).status).toBe(403);
    expect((await askApi("leads", "/api/users/fournisseur", { token })).status).toBe(200);
    expect(await db()`select status from leads.suppliers where user_id = ${user.id}`).toEqual([{ status: "active" }]);
  });

  test("is written into the audit log, with the admin who gave it", async () => {
    const { user } = await signedIn(await registered());
    await setRole(user.id, "agent");
    const entries = await db()`
      select actor, operation from platform.audit_log
      where relation = 'platform.memberships' and row_key = ${user.id} and actor is not null order by operation`;
    expect(entries).toEqual([
      { actor: people.admin.id, operation: "DELETE" },
      { actor: people.admin.id, operation: "INSERT" },
    ]);
  });
});

describe("a supplier who has registered", () => {
  test("is accepted by the admin", async () => {
    const { user } = await signedIn(await registered({ role: "fournisseur" }));
    expect((await users("?role=fournisseur")).find(({ id }) => id === user.id)?.status).toBe("pending_validation");
    expect((await act(user.id, "reactivate")).body).toMatchObject({ status: "active" });
  });
});

describe("suspending", () => {
  test("refuses the person until the end of it", async () => {
    const email = await registered();
    const { user, token } = await signedIn(email);
    expect((await act(user.id, "suspend")).body).toMatchObject({ status: "suspended" });
    expect((await askRest("billing_credit_packs", { token })).status).toBe(403);
    expect((await act(user.id, "reactivate")).body).toMatchObject({ status: "active" });
    expect((await askRest("billing_credit_packs", { token })).status).toBe(200);
    expect((await login(email)).status).toBe(200);
  });

  test("does not leave the platform without an admin", async () => {
    await onlyAdmin(people.admin, async () => {
      expectRefusal(await unchanged(() => act(people.admin.id, "suspend")), 409, "last_admin");
      expectRefusal(await unchanged(() => setRole(people.admin.id, "agent")), 409, "last_admin");
    });
    const second = await signUp("leads", "admin");
    expect((await act(people.admin.id, "suspend", second.token)).status).toBe(200);
    expectRefusal(await askApi("leads", "/api/admin/users", { token: people.admin.token }), 403, "account_suspended");
    expect((await act(people.admin.id, "reactivate", second.token)).status).toBe(200);
  });

  test("lets an admin go who is not the last one", async () => {
    const [leaving, demoted] = [await signUp("leads", "admin"), await signUp("leads", "admin")];
    expect((await setRole(demoted.id, "agent", demoted.token)).body).toMatchObject({ role: "agent" });
    expect((await act(leaving.id, "suspend", leaving.token)).body).toMatchObject({ status: "suspended" });
    expectRefusal(await act(leaving.id, "reactivate", leaving.token), 403, "account_suspended");
  });

  test("of two admins by each other at once leaves one", async () => {
    const other = await signUp("leads", "admin");
    await onlyAdmin(people.admin, async () => {
      await db()`update platform.memberships set status = 'active' where user_id = ${other.id}`;
      const answers = await Promise.all([
        act(other.id, "suspend", people.admin.token),
        act(people.admin.id, "suspend", other.token),
      ]);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      const left =
        await db()`select from platform.memberships where system = 'leads' and role = 'admin' and status = 'active'`;
      expect(left).toHaveLength(1);
    });
  });
});

describe("anybody else", () => {
  test.each(["fournisseur", "agent", "acheteur", "stranger"] as const)("%s is refused", async (who) => {
    const { token } = people[who];
    expectRefusal(await askApi("leads", "/api/admin/users", { token }), 403, "forbidden");
    expectRefusal(await unchanged(() => create({ email: newAddress() }, token)), 403, "forbidden");
    for (const id of ["user-f001", people.admin.id, "nobody"]) {
      expectRefusal(await unchanged(() => act(id, "suspend", token)), 403, "forbidden");
      expectRefusal(await unchanged(() => act(id, "reactivate", token)), 403, "forbidden");
      expectRefusal(await unchanged(() => setRole(id, "admin", token)), 403, "forbidden");
    }
  });

  test("without a token is refused", async () => {
    expectRefusal(await askApi("leads", "/api/admin/users"), 401, "authentication_required");
    const asked = [
      () => create({ email: newAddress() }, ""),
      () => act("user-f001", "suspend", ""),
      () => setRole("user-f001", "admin", ""),
    ];
    for (const ask of asked) expect((await unchanged(ask)).status).toBe(401);
  });

  test("and an id that nobody has", async () => {
    expectRefusal(await unchanged(() => act("nobody", "suspend")), 404, "user_not_found");
    expectRefusal(await unchanged(() => act(people.stranger.id, "suspend")), 404, "user_not_found");
  });
});

/** Does `work` while no other admin is active. */
async function onlyAdmin(admin: Person, work: () => Promise<void>): Promise<void> {
  const others = await db()`
    update platform.memberships set status = 'suspended'
    where system = 'leads' and role = 'admin' and status = 'active' and user_id <> ${admin.id} returning user_id`;
  try {
    await work();
  } finally {
    const ids = [admin.id, ...others.map(({ user_id }) => user_id)];
    await db()`update platform.memberships set status = 'active' where system = 'leads' and role = 'admin' and user_id in ${db()(ids)}`;
  }
}

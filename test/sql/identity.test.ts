import { describe, expect, it } from "vitest";
import { type Actor, addUsers, idOf, openMarket } from "../support/market.ts";
import { asActor, become, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

const { sql } = await testDatabase();
await openMarket(sql);

async function holds(transaction: Sql, role: string, system = "leads"): Promise<boolean> {
  const [row] = await transaction<{ holds: boolean }[]>`select platform.has_role(${system}, ${role}) as holds`;
  return row?.holds ?? false;
}

const hasRole = (actor: Actor, role: string, system?: string) =>
  asActor(sql, actor, (transaction) => holds(transaction, role, system));
const requireRole = (actor: Actor, ...roles: string[]) =>
  asActor(
    sql,
    actor,
    (transaction) => transaction`select platform.require_role('leads', variadic ${roles}) as allowed`,
  );

describe("profiles", () => {
  it("are made with the user, with the names that he gave", async () => {
    await rolledBack(sql, async (transaction) => {
      await addUsers(transaction, "newcomer");
      const [profile] = await transaction`select * from platform.profiles where id = ${idOf("newcomer")}`;
      expect(profile).toMatchObject({ email: "newcomer@example.test", first_name: "newcomer", last_name: "Test" });
    });
  });

  it("follow a change of the e-mail, and go with the user", async () => {
    await rolledBack(sql, async (transaction) => {
      const profiles = () => transaction`select email from platform.profiles where id = ${idOf("stranger")}`;
      await transaction`update auth.users set email = 'moved@example.test' where id = ${idOf("stranger")}`;
      expect(await profiles()).toEqual([{ email: "moved@example.test" }]);
      await transaction`delete from auth.users where id = ${idOf("stranger")}`;
      expect(await profiles()).toEqual([]);
    });
  });
});

describe("has_role", () => {
  it("knows the role that a member holds, and no other", async () => {
    expect(await hasRole("acheteurA", "acheteur")).toBe(true);
    expect(await hasRole("acheteurA", "admin")).toBe(false);
    expect(await hasRole("anon", "acheteur")).toBe(false);
    expect(await hasRole("stranger", "acheteur")).toBe(false);
  });

  it("keeps the systems apart", async () => {
    expect(await hasRole("otherAdmin", "admin", "other")).toBe(true);
    expect(await hasRole("otherAdmin", "admin", "leads")).toBe(false);
  });

  it("lets one person hold roles in several systems", async () => {
    await rolledBack(sql, async (transaction) => {
      await transaction`insert into platform.memberships (user_id, system, role)
        values (${idOf("acheteurA")}, 'other', 'member'), (${idOf("acheteurA")}, 'leads', 'fournisseur')`;
      await become(transaction, "acheteurA");
      expect(await holds(transaction, "acheteur")).toBe(true);
      expect(await holds(transaction, "fournisseur")).toBe(true);
      expect(await holds(transaction, "member", "other")).toBe(true);
      expect(await holds(transaction, "admin", "other")).toBe(false);
    });
  });

  it("takes the operators' key for an admin, and for nobody else", async () => {
    expect(await hasRole("service_role", "admin")).toBe(true);
    expect(await hasRole("service_role", "acheteur")).toBe(false);
  });

  it("believes nothing that the token or the user says about roles", async () => {
    await rolledBack(sql, async (transaction) => {
      const claimed = { role: "admin", roles: ["admin"], system: "leads" };
      await transaction`update auth.users set raw_user_meta_data = ${transaction.json(claimed)} where id = ${idOf("stranger")}`;
      const claims = { sub: idOf("stranger"), role: "authenticated", user_metadata: claimed, app_metadata: claimed };
      await transaction`select set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`;
      await transaction`set local role authenticated`;
      expect(await holds(transaction, "admin")).toBe(false);
    });
  });
});

describe("require_role", () => {
  it("lets pass who holds one of the roles", async () => {
    expect(await requireRole("agentA", "admin", "agent")).toEqual([{ allowed: true }]);
    expect(await requireRole("service_role", "admin")).toEqual([{ allowed: true }]);
  });

  it("answers 401 without a token", async () => {
    expect(await refusal(requireRole("anon", "admin"))).toMatchObject({
      code: "PT401",
      slug: "authentication_required",
    });
  });

  it("answers 403 with the wrong role, and says which one it takes", async () => {
    expect(await refusal(requireRole("acheteurA", "admin", "agent"))).toEqual({
      code: "PT403",
      slug: "forbidden",
      message: "Votre rôle ne donne pas accès à cette ressource.",
      hint: "Rôle attendu : admin ou agent.",
    });
    expect(await refusal(requireRole("stranger", "acheteur"))).toMatchObject({ code: "PT403", slug: "forbidden" });
    expect(await refusal(requireRole("otherAdmin", "admin"))).toMatchObject({ code: "PT403", slug: "forbidden" });
  });

  it("refuses a suspended member at once, on the token that he has", async () => {
    expect(await refusal(requireRole("suspendedAcheteur", "acheteur"))).toMatchObject({
      code: "PT403",
      slug: "account_suspended",
    });
    await rolledBack(sql, async (transaction) => {
      await become(transaction, "acheteurA");
      await transaction`select platform.require_role('leads', 'acheteur')`;
      await transaction`reset role`;
      await transaction`update platform.memberships set status = 'suspended' where user_id = ${idOf("acheteurA")}`;
      await become(transaction, "acheteurA");
      expect(await holds(transaction, "acheteur")).toBe(false);
      const again = transaction.savepoint((savepoint) => savepoint`select platform.require_role('leads', 'acheteur')`);
      expect(await refusal(again)).toMatchObject({ code: "PT403", slug: "account_suspended" });
    });
  });
});

describe("register_member", () => {
  const register = (actor: Actor, role: string, system = "leads") =>
    asActor(sql, actor, async (transaction) => {
      await transaction`select platform.register_member(${idOf("stranger")}, ${system}, ${role})`;
      return transaction`select system, role, status from platform.memberships where user_id = ${idOf("stranger")}`;
    });

  it.each(["fournisseur", "acheteur"])("gives the role %s, which may be chosen", async (role) => {
    expect(await register("service_role", role)).toEqual([{ system: "leads", role, status: "active" }]);
  });

  it.each([
    ["leads", "admin"],
    ["leads", "agent"],
    ["leads", "anything"],
    ["other", "member"],
  ])("refuses in %s the role %s", async (system, role) => {
    expect(await refusal(register("service_role", role, system))).toMatchObject({
      code: "PT403",
      slug: "role_not_allowed",
    });
    expect(await sql`select from platform.memberships where user_id = ${idOf("stranger")}`).toHaveLength(0);
  });

  it("is for the functions alone", async () => {
    for (const actor of ["anon", "stranger", "admin"] as const) {
      expect(await refusal(register(actor, "acheteur"))).toMatchObject({ code: "42501" });
    }
  });

  it("does not wake a suspended member", async () => {
    await rolledBack(sql, async (transaction) => {
      await transaction`select platform.register_member(${idOf("suspendedAcheteur")}, 'leads', 'acheteur')`;
      const memberships = await transaction`
        select status from platform.memberships where user_id = ${idOf("suspendedAcheteur")}`;
      expect(memberships).toEqual([{ status: "suspended" }]);
    });
  });
});

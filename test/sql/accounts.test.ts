import postgres from "postgres";
import { describe, expect, it } from "vitest";
import { type Actor, addUsers, emailOf, idOf, openMarket } from "../support/market.ts";
import { asActor, become, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

const { sql, url } = await testDatabase();
await openMarket(sql);

describe("attempts", () => {
  const rules = ["login_account", "login_ip"];
  const take = async (at: Sql, ...subjects: string[]): Promise<number> =>
    (
      await at`select platform.take_attempts('auth', ${rules.slice(0, subjects.length)}::text[], ${subjects}::text[]) as wait`
    )[0]?.wait;
  const release = (at: Sql, ...subjects: string[]) =>
    at`select platform.release_attempts('auth', ${rules.slice(0, subjects.length)}::text[], ${subjects}::text[])`;

  it("let pass exactly as many as are allowed, also when they come at once", async () => {
    const crowd = postgres(url, { max: 20 });
    const waits = await Promise.all(Array.from({ length: 50 }, () => take(crowd, "crowd@b.fr", "203.0.113.7")));
    await crowd.end();
    expect(waits.filter((wait) => wait === 0)).toHaveLength(5);
    expect(Math.min(...waits.filter((wait) => wait > 0))).toBeGreaterThan(890);
  });

  it("count none where one of the rules is used up", async () => {
    for (let i = 0; i < 5; i++) expect(await take(sql, "one@b.fr", "203.0.113.200")).toBe(0);
    for (let i = 0; i < 30; i++) expect(await take(sql, "one@b.fr", "203.0.113.200")).toBeGreaterThan(0);
    for (let i = 0; i < 15; i++) expect(await take(sql, `other${i}@b.fr`, "203.0.113.200")).toBe(0);
    expect(await take(sql, "other@b.fr", "203.0.113.200")).toBeGreaterThan(0);
  });

  it("are given back, one at a time", async () => {
    for (let i = 0; i < 6; i++) await take(sql, "back@b.fr");
    await release(sql, "back@b.fr");
    expect(await take(sql, "back@b.fr")).toBe(0);
    expect(await take(sql, "back@b.fr")).toBeGreaterThan(0);
  });

  it("from elsewhere, however many, keep nobody out of an account who has signed in to it before", async () => {
    await rolledBack(sql, async (transaction) => {
      const home = "198.51.100.1";
      await transaction`select platform.accept_attempts('auth', ${rules}::text[], ${["own@b.fr", home]}::text[])`;
      const waits: number[] = [];
      for (let i = 0; i < 60; i++) waits.push(await take(transaction, "own@b.fr", `203.0.113.${i}`));
      expect(waits.filter((wait) => wait === 0)).toHaveLength(50);
      expect(await take(transaction, "OWN@b.fr", "198.51.100.2")).toBeGreaterThan(0);
      expect(await take(transaction, "own@b.fr", home)).toBe(0);
      await transaction`update platform.known_devices set seen_at = now() - interval '91 days'`;
      expect(await take(transaction, "own@b.fr", home)).toBeGreaterThan(0);
    });
  });

  it("are over after the period, each for itself", async () => {
    await rolledBack(sql, async (transaction) => {
      for (let i = 0; i < 5; i++) await take(transaction, "old@b.fr");
      await transaction`update platform.rate_limit_attempts set taken[1] = taken[1] - interval '15 minutes'
        where bucket = platform.attempt_bucket('auth', 'login_account', 'old@b.fr')`;
      expect(await take(transaction, "old@b.fr")).toBe(0);
      expect(await take(transaction, "old@b.fr")).toBeGreaterThan(0);
    });
  });

  it("are those of a mailbox in any case, of an IPv4 address, and of an IPv6 network", async () => {
    const bucket = async (rule: string, subject: string) =>
      (await sql`select platform.attempt_bucket('auth', ${rule}, ${subject}) as bucket`)[0]?.bucket;
    expect(await bucket("login_account", " A@b.FR")).toBe(await bucket("login_account", "a@b.fr"));
    expect(await bucket("login_ip", "::ffff:203.0.113.7")).toBe(await bucket("login_ip", "203.0.113.7"));
    expect(await bucket("login_ip", "2001:db8::1")).toBe(await bucket("login_ip", "2001:db8::ffff:1"));
    expect(await bucket("login_ip", "2001:db8::1")).not.toBe(await bucket("login_ip", "2001:db8:0:1::1"));
    expect(await bucket("login_ip", "unknown")).not.toBe(await bucket("login_ip", "other"));
  });

  it("are not limited where the rule was taken away", async () => {
    await rolledBack(sql, async (transaction) => {
      await transaction`delete from platform.rate_limit_rules where name = 'login_account'`;
      for (let i = 0; i < 9; i++) expect(await take(transaction, "free@b.fr")).toBe(0);
    });
  });

  it("hold no address that somebody could read", async () => {
    await take(sql, "secret@b.fr", "203.0.113.9");
    const rows = await sql<{ bucket: string }[]>`select bucket from platform.rate_limit_attempts`;
    for (const { bucket } of rows) expect(bucket).toMatch(/^auth:login_(account|ip|anywhere):[0-9a-f]{64}$/);
  });
});

describe("register", () => {
  const profile = { firstName: " Zoé ", lastName: "Blanc", company: "Blanc SARL", phone: "" };
  const register = (transaction: Sql, who: string, role: string) =>
    transaction`select platform_api.register('leads', ${idOf(who)}, ${role}, ${sql.json(profile)})`;
  const prove = (transaction: Sql, who: string) =>
    transaction`update auth.users set email_confirmed_at = now() where id = ${idOf(who)}`;

  it("gives the role, the names and the supplier when the address is proven, and nothing before", async () => {
    await rolledBack(sql, async (transaction) => {
      await addUsers(transaction, "newcomer");
      await become(transaction, "service_role");
      await register(transaction, "newcomer", "fournisseur");
      await transaction`reset role`;
      const person = async () =>
        (await transaction`select first_name, company, phone from platform.profiles where id = ${idOf("newcomer")}`)[0];
      const roles = () => transaction`select role from platform.memberships where user_id = ${idOf("newcomer")}`;
      const suppliers = () =>
        transaction`select contact_name, email, status from leads.suppliers where user_id = ${idOf("newcomer")}`;
      expect([await person(), ...(await roles()), ...(await suppliers())]).toEqual([
        { first_name: "newcomer", company: null, phone: null },
      ]);
      await prove(transaction, "newcomer");
      expect(await person()).toEqual({ first_name: "Zoé", company: "Blanc SARL", phone: null });
      expect(await roles()).toEqual([{ role: "fournisseur" }]);
      expect(await suppliers()).toEqual([
        { contact_name: "Zoé Blanc", email: emailOf("newcomer"), status: "pending_validation" },
      ]);
    });
  });

  it("gives no role that may not be chosen any more", async () => {
    await rolledBack(sql, async (transaction) => {
      await addUsers(transaction, "newcomer");
      await register(transaction, "newcomer", "acheteur");
      await transaction`update platform.system_roles set self_registration = false where system = 'leads'`;
      await prove(transaction, "newcomer");
      expect(await transaction`select from platform.memberships where user_id = ${idOf("newcomer")}`).toHaveLength(0);
    });
  });

  it.each(["admin", "agent", "anything"])("refuses the role %s", async (role) => {
    await rolledBack(sql, async (transaction) => {
      await addUsers(transaction, "newcomer");
      expect(await refusal(transaction.savepoint((savepoint) => register(savepoint, "newcomer", role)))).toMatchObject({
        code: "PT403",
        slug: "role_not_allowed",
      });
    });
  });

  it("leaves an account alone whose address is confirmed", async () => {
    await rolledBack(sql, async (transaction) => {
      await prove(transaction, "agentA");
      const again = transaction.savepoint((savepoint) => register(savepoint, "agentA", "acheteur"));
      expect(await refusal(again)).toMatchObject({ code: "PT409", slug: "already_registered" });
    });
  });

  it("again takes the password away, of an account that nobody has proven, invited, or given a role", async () => {
    await rolledBack(sql, async (transaction) => {
      await addUsers(transaction, "newcomer", "invited", "proven");
      await transaction`update auth.users set encrypted_password = 'x'`;
      await transaction`update auth.users set invited_at = now() where id = ${idOf("invited")}`;
      await prove(transaction, "proven");
      const again = async (who: string) => {
        const [row] = await transaction`
          select platform_api.register_again('leads', ${emailOf(who).toUpperCase()}, 'acheteur', ${sql.json(profile)}) as kept`;
        const [user] = await transaction`select encrypted_password as password from auth.users where id = ${idOf(who)}`;
        return { ...row, ...user };
      };
      expect(await again("newcomer")).toEqual({ kept: true, password: "" });
      expect(await again("proven")).toEqual({ kept: true, password: "x" });
      for (const who of ["invited", "agentB"]) expect(await again(who)).toEqual({ kept: false, password: "x" });
    });
  });
});

describe("the password of an unproven account", () => {
  const passwordAfter = (...changes: string[]) =>
    rolledBack(sql, async (transaction) => {
      await addUsers(transaction, "newcomer");
      await transaction`update auth.users set encrypted_password = 'x' where id = ${idOf("newcomer")}`;
      for (const change of changes) {
        await transaction.unsafe(`update auth.users set ${change} where id = $1`, [idOf("newcomer")]);
      }
      return (
        await transaction`select encrypted_password as password from auth.users where id = ${idOf("newcomer")}`
      )[0]?.password;
    });
  const mailed = (minute: number) =>
    `confirmation_token = 'c${minute}', confirmation_sent_at = '2026-01-01T00:0${minute}:00Z'`;
  const followed = "confirmation_token = '', email_confirmed_at = now()";
  const asked = "recovery_token = 'r', recovery_sent_at = now()";

  it.each<[string, string[], string]>([
    ["counts by the one mail of the registration", [mailed(1), followed], "x"],
    ["does not after a second mail", [mailed(1), mailed(2), followed], ""],
    ["does not by the link of a forgotten password", [mailed(1), asked, "recovery_token = ''", followed], ""],
    ["counts where such a link was asked for and not followed", [mailed(1), asked, followed], "x"],
    [
      "counts again where the person then chooses one",
      [mailed(1), mailed(2), followed, "encrypted_password = 'y'"],
      "y",
    ],
    ["is left alone once the address is proven", [followed, asked, "recovery_token = ''"], "x"],
  ])("%s", async (_, changes, password) => {
    expect(await passwordAfter(...changes)).toBe(password);
  });

  it("is not all: sessions, factors and sign-ins of others from before the proof are gone", async () => {
    await rolledBack(sql, async (transaction) => {
      await addUsers(transaction, "newcomer");
      const id = idOf("newcomer");
      await transaction`insert into auth.sessions (id, user_id) values (gen_random_uuid(), ${id})`;
      await transaction`insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
        values (gen_random_uuid(), ${id}, 'totp', 'verified', now(), now())`;
      await transaction`insert into auth.identities (id, provider, provider_id, user_id)
        values (gen_random_uuid(), 'email', ${id}, ${id}), (gen_random_uuid(), 'elsewhere', 'x', ${id})`;
      for (const change of [mailed(1), mailed(2), followed]) {
        await transaction.unsafe(`update auth.users set ${change} where id = $1`, [id]);
      }
      const [left] = await transaction`
        select (select count(*)::int from auth.sessions where user_id = ${id}) as sessions,
          (select count(*)::int from auth.mfa_factors where user_id = ${id}) as factors,
          (select string_agg(provider, ' ') from auth.identities where user_id = ${id}) as identities`;
      expect(left).toEqual({ sessions: 0, factors: 0, identities: "email" });
    });
  });
});

describe("the users page", () => {
  const asAdmin = <Result>(work: (transaction: postgres.TransactionSql) => Promise<Result>) =>
    asActor(sql, "admin", work);
  const statusOf = async (transaction: Sql, who: string) =>
    (await transaction`select status from platform.memberships where user_id = ${idOf(who)} and system = 'leads'`)[0]
      ?.status;

  it("suspends in one system only, and the supplier with the member", async () => {
    await asAdmin(async (transaction) => {
      await transaction`select platform_api.member_suspend('leads', ${idOf("fournisseurA")})`;
      await transaction`reset role`;
      expect(await statusOf(transaction, "fournisseurA")).toBe("suspended");
      expect(await transaction`select status from leads.suppliers where user_id = ${idOf("fournisseurA")}`).toEqual([
        { status: "suspended" },
      ]);
    });
    await asAdmin(async (transaction) => {
      const other = transaction.savepoint(
        (savepoint) => savepoint`select platform_api.member_suspend('leads', ${idOf("otherMember")})`,
      );
      expect(await refusal(other)).toMatchObject({ code: "PT404", slug: "user_not_found" });
    });
  });

  const ofNobody: [string, (at: Sql, who: string) => Promise<unknown>][] = [
    ["role", (at, who) => at`select platform_api.member_role('leads', ${who}, 'agent')`],
    ["add", (at, who) => at`select platform_api.member_add('leads', ${who}, 'agent', '{}')`],
    ["suspend", (at, who) => at`select platform_api.member_suspend('leads', ${who})`],
    ["reactivate", (at, who) => at`select platform_api.member_reactivate('leads', ${who})`],
    ["change", (at, who) => at`select platform.change_member_role(${who}, 'leads', 'agent')`],
  ];

  it.each(ofNobody)("knows no person of another system, who has not joined by himself: %s", async (_, work) => {
    const attempt = (asked: boolean) =>
      rolledBack(sql, async (at) => {
        // Whoever knows an address may ask with it.
        if (asked) await at`select platform_api.register_again('leads', ${emailOf("otherMember")}, 'acheteur', '{}')`;
        await become(at, "admin");
        await work(at, idOf("otherMember"));
      });
    for (const asked of [false, true]) {
      expect(await refusal(attempt(asked))).toMatchObject({ code: "PT404", slug: "user_not_found" });
    }
  });

  it("gives a role to an account that no system has; the operators reach everybody", async () => {
    await asAdmin(async (at) => {
      const [made] =
        await at`select platform_api.member_role('leads', ${emailOf("stranger")}, 'agent') ->> 'role' as role`;
      expect(made).toEqual({ role: "agent" });
    });
    await asActor(sql, "service_role", async (at) => {
      const [made] =
        await at`select platform_api.member_role('leads', ${emailOf("otherMember")}, 'agent') ->> 'role' as role`;
      expect(made).toEqual({ role: "agent" });
    });
  });

  it.each([
    ["leads", []],
    ["other", ["registered"]],
  ])("makes room for a new member where the address has registered unproven in %s", async (system, left) => {
    await rolledBack(sql, async (at) => {
      await at`update platform.system_roles set self_registration = true where system = 'other' and role = 'member'`;
      await at`delete from platform.registrations where user_id = ${idOf("registered")}`;
      await at`select platform.register(${idOf("registered")}, ${system}, ${system === "other" ? "member" : "acheteur"}, '{}')`;
      await become(at, "admin");
      const check = at.savepoint(
        (nested) => nested`select platform_api.member_check('leads', ${emailOf("registered")}, 'agent')`,
      );
      if (left.length > 0) expect(await refusal(check)).toMatchObject({ code: "PT409", slug: "email_taken" });
      else await check;
      await at`reset role`;
      const kept = await at`select first_name from platform.profiles where id = ${idOf("registered")}`;
      expect(kept.map(({ first_name }) => first_name)).toEqual(left);
    });
  });

  it("changes the limits of signing in, which are all systems', only for who administers them all", async () => {
    const change = (at: Sql) =>
      at`select platform_api.rate_limit_change('leads', 'login_ip', 7, 900) ->> 'allowed' as allowed`;
    expect(await refusal(asAdmin(change))).toMatchObject({ code: "PT403", slug: "forbidden" });
    await asAdmin(async (at) => {
      expect(await at`select from platform_api.rate_limits('leads') where id = 'login_ip'`).toHaveLength(1);
      const none = at.savepoint((nested) => nested`select platform_api.rate_limit_change('leads', 'nothing', 7, 900)`);
      expect(await refusal(none)).toMatchObject({ code: "PT404", slug: "rate_limit_not_found" });
    });
    expect(await asActor(sql, "service_role", change)).toEqual([{ allowed: "7" }]);
    for (const alone of [
      (at: Sql) => at`delete from platform.memberships where system = 'other'`,
      (at: Sql) =>
        at`insert into platform.memberships (user_id, system, role) values (${idOf("admin")}, 'other', 'admin')`,
    ]) {
      await rolledBack(sql, async (at) => {
        await alone(at);
        await become(at, "admin");
        expect(await change(at)).toEqual([{ allowed: "7" }]);
      });
    }
  });

  it("changes a role without ending a suspension", async () => {
    await asAdmin(async (transaction) => {
      await transaction`select platform_api.member_role('leads', ${idOf("suspendedAcheteur")}, 'agent')`;
      await transaction`reset role`;
      const roles =
        await transaction`select role, status from platform.memberships where user_id = ${idOf("suspendedAcheteur")}`;
      expect(roles).toEqual([{ role: "agent", status: "suspended" }]);
    });
  });

  it.each([
    ["suspending", (sql: Sql) => sql`select platform_api.member_suspend('leads', ${idOf("admin")})`],
    ["another role", (sql: Sql) => sql`select platform_api.member_role('leads', ${idOf("admin")}, 'agent')`],
  ])("keeps the last active admin from %s", async (_, work) => {
    expect(await refusal(asAdmin(work as never))).toMatchObject({ code: "PT409", slug: "last_admin" });
    await rolledBack(sql, async (transaction) => {
      await transaction`insert into platform.memberships (user_id, system, role) values (${idOf("agentB")}, 'leads', 'admin')`;
      await become(transaction, "admin");
      await work(transaction);
    });
  });

  it.each<Actor>(["anon", "stranger", "agentA", "otherAdmin"])("is closed to %s", async (actor) => {
    for (const call of [
      "members('leads')",
      "member_suspend('leads', 'x')",
      "member_reactivate('leads', 'x')",
      "member_role('leads', 'x', 'admin')",
      "member_check('leads', 'a@b.fr', 'agent')",
      `member_add('leads', '${idOf("stranger")}', 'admin', '{}')`,
      "rate_limit_change('leads', 'login_ip', 1000, 1)",
    ]) {
      const { code } = await refusal(
        asActor(sql, actor, (transaction) => transaction.unsafe(`select platform_api.${call}`)),
      );
      expect(code, call).toBe(actor === "anon" ? "42501" : "PT403");
    }
  });

  it.each<Actor>(["anon", "stranger", "admin"])("leaves what is the functions' alone closed to %s", async (actor) => {
    for (const call of [
      `register('leads', '${idOf("stranger")}', 'acheteur', '{}')`,
      "register_again('leads', 'a@b.fr', 'acheteur', '{}')",
      "take_attempts(array['login_ip'], array['x'])",
      "release_attempts(array['login_ip'], array['x'])",
      "accept_attempts(array['login_ip'], array['x'])",
      "forget_attempts(array['login_ip'], array['x'])",
    ]) {
      const { code } = await refusal(
        asActor(sql, actor, (transaction) => transaction.unsafe(`select platform_api.${call}`)),
      );
      expect(code, call).toBe("42501");
    }
  });
});

import { describe, expect, it } from "vitest";
import { type Actor, emailOf, idOf, openMarket } from "../support/market.ts";
import { become, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

// A person has one account for all systems, and is a member of each for himself: by proving the mailbox once more, or by an
// admin who accepts him.

const { sql } = await testDatabase();
await openMarket(sql);

const profile = { firstName: "Somebody", lastName: "Else", company: "Else SARL" };

describe("a member of one system who registers in another", () => {
  const who = "otherMember";
  const ask = async (at: Sql, email = emailOf(who)) =>
    (
      await at`select platform_api.register_again('leads', ${email.toUpperCase()}, 'acheteur', ${at.json(profile)}) as kept`
    )[0]?.kept;
  const mail = (at: Sql, sent = "now()") =>
    at.unsafe(`update auth.users set recovery_token = 'r', recovery_sent_at = ${sent} where id = $1`, [idOf(who)]);
  const change = (at: Sql, how: string) => at.unsafe(`update auth.users set ${how} where id = $1`, [idOf(who)]);
  const roles = async (at: Sql) =>
    (
      await at`select system || ' ' || role as role from platform.memberships where user_id = ${idOf(who)} order by 1`
    ).map(({ role }) => role);

  it("joins by the mailed link, with what goes with the role, and stays who he is", async () => {
    await rolledBack(sql, async (at) => {
      expect(await ask(at)).toBe(true);
      await mail(at);
      expect(await roles(at)).toEqual(["other member"]);
      await change(at, "recovery_token = ''");
      expect(await roles(at)).toEqual(["leads acheteur", "other member"]);
      expect(await at`select from leads.buyers where user_id = ${idOf(who)}`).toHaveLength(1);
      expect(await at`select first_name, company from platform.profiles where id = ${idOf(who)}`).toEqual([
        { first_name: who, company: "Else SARL" },
      ]);
      expect(await ask(at)).toBe(false);
    });
  });

  it.each<[string, (at: Sql) => Promise<unknown>]>([
    ["a link that was mailed before he asked", (at) => mail(at, "now() - interval '10 minutes'")],
    [
      "a link that he asked for days later",
      async (at) => {
        await at`update platform.registrations set requested_at = now() - interval '2 days'`;
        await mail(at);
      },
    ],
    [
      "a role that may not be chosen any more",
      async (at) => {
        await at`update platform.system_roles set self_registration = false where system = 'leads'`;
        await mail(at);
      },
    ],
  ])("does not by %s", async (_, before) => {
    await rolledBack(sql, async (at) => {
      await ask(at);
      await before(at);
      await change(at, "recovery_token = ''");
      expect(await roles(at)).toEqual(["other member"]);
    });
  });

  it.each([
    "encrypted_password = 'y', recovery_token = ''",
    "recovery_token = null, recovery_sent_at = null",
    "email = 'moved@example.test', recovery_token = ''",
  ])("does not where the link ends by another change: %s", async (how) => {
    await rolledBack(sql, async (at) => {
      await ask(at);
      await mail(at);
      await change(at, how);
      expect(await roles(at)).toEqual(["other member"]);
    });
  });

  it("is not listed to the admins of that one before, nor among the accounts without a role", async () => {
    await rolledBack(sql, async (at) => {
      await ask(at);
      await become(at, "admin");
      const listed = async (filter: string | null) =>
        (await at`select m ->> 'email' as email from platform_api.members('leads', null, ${filter}) m`).map(
          ({ email }) => email,
        );
      expect(await listed(null)).not.toContain(emailOf(who));
      expect(await listed(null)).toContain(emailOf("registered"));
      expect(await listed("none")).toEqual([emailOf("stranger")]);
    });
  });

  it.each<[string, string, string, object]>([
    [
      "keeps what opened an account that its owner has registered",
      "now()",
      "x",
      { sessions: 1, factors: 1, identities: 2 },
    ],
    ["loses what an admin may have opened his account with", "null", "", { sessions: 0, factors: 0, identities: 1 }],
  ])("%s", async (_, proven, password, left) => {
    await rolledBack(sql, async (at) => {
      const id = idOf(who);
      await at.unsafe(`update platform.profiles set proven_at = ${proven} where id = $1`, [id]);
      await change(at, "encrypted_password = 'x'");
      await at`insert into auth.sessions (id, user_id) values (gen_random_uuid(), ${id})`;
      await at`insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
        values (gen_random_uuid(), ${id}, 'totp', 'verified', now(), now())`;
      await at`insert into auth.identities (id, provider, provider_id, user_id)
        values (gen_random_uuid(), 'email', ${id}, ${id}), (gen_random_uuid(), 'elsewhere', 'x', ${id})`;
      const state = async () =>
        (
          await at`select encrypted_password as password, (select proven_at is not null from platform.profiles where id = ${id}) as proven,
            (select count(*)::int from auth.sessions where user_id = ${id}) as sessions,
            (select count(*)::int from auth.mfa_factors where user_id = ${id}) as factors,
            (select count(*)::int from auth.identities where user_id = ${id}) as identities from auth.users where id = ${id}`
        )[0];
      await change(at, "email_change = 'elsewhere@example.test', email_change_token_new = 'e'");
      // A link that joins nothing leaves all as it is, and the doubt as well.
      await mail(at);
      await change(at, "recovery_token = ''");
      const before = { password: "x", proven: proven !== "null", sessions: 1, factors: 1, identities: 2 };
      expect(await state()).toEqual(before);
      await ask(at);
      await mail(at);
      await change(at, "recovery_token = ''");
      expect(await roles(at)).toEqual(["leads acheteur", "other member"]);
      expect(await state()).toEqual({ password, proven: true, ...left });
      const [moving] = await at`select email_change_token_new as token from auth.users where id = ${id}`;
      expect(moving).toEqual({ token: password && "e" });
      // Once his own, a password is left alone.
      await change(at, "encrypted_password = 'own'");
      await at`delete from platform.memberships where user_id = ${id} and system = 'leads'`;
      await ask(at);
      await mail(at);
      await change(at, "recovery_token = ''");
      expect(await state()).toMatchObject({ password: "own" });
    });
  });

  it.each([
    ["in one step", ["confirmation_token = '', email_confirmed_at = now()"], true],
    ["in two", ["confirmation_token = ''", "email_confirmed_at = now()"], true],
    [
      "after a second mail",
      ["confirmation_sent_at = now(), confirmation_token = 'd'", "confirmation_token = '', email_confirmed_at = now()"],
      true,
    ],
    ["by nobody's link", ["email_confirmed_at = now()"], false],
  ])("is proven by the link of a registration: %s", async (_, changes, proven) => {
    await rolledBack(sql, async (at) => {
      const id = idOf("registered");
      await at`update auth.users set encrypted_password = 'x', confirmation_token = 'c', confirmation_sent_at = '2026-01-01' where id = ${id}`;
      for (const each of changes) await at.unsafe(`update auth.users set ${each} where id = $1`, [id]);
      expect(await at`select proven_at is not null as proven from platform.profiles where id = ${id}`).toEqual([
        { proven },
      ]);
    });
  });

  it("keeps a suspension where he is a member already", async () => {
    await rolledBack(sql, async (at) => {
      expect(await ask(at, emailOf("suspendedAcheteur"))).toBe(false);
      expect(await ask(at, "nobody@example.test")).toBe(false);
    });
  });
});

describe("a role that waits to be accepted", () => {
  it("counts once an admin has said so, and may be refused", async () => {
    await rolledBack(sql, async (at) => {
      await at`update platform.system_roles set needs_acceptance = true where system = 'leads' and role = 'acheteur'`;
      await at`select platform.register_member(${idOf("stranger")}, 'leads', 'acheteur')`;
      const counts = () =>
        at.savepoint(async (nested) => {
          await become(nested, "stranger");
          const [row] = await nested`select platform.require_role('leads', 'acheteur') as counts`;
          return row?.counts;
        });
      expect(await refusal(counts())).toMatchObject({ code: "PT403", slug: "account_pending" });
      await become(at, "admin");
      const [waiting] = await at`
        select m ->> 'status' as status from platform_api.members('leads', null, 'acheteur') m where m ->> 'email' = ${emailOf("stranger")}`;
      expect(waiting).toEqual({ status: "pending" });
      await at`select platform_api.member_reactivate('leads', ${emailOf("stranger")})`;
      await at`reset role`;
      expect(await counts()).toBe(true);
    });
  });
});

describe("what administers a system is said by its roles", () => {
  it("and by no word: another role may, and a role of that name need not", async () => {
    await rolledBack(sql, async (at) => {
      await at`update platform.system_roles set administers = role = 'member' where system = 'other'`;
      const listed = (who: "otherAdmin" | "otherMember") =>
        at.savepoint(async (nested) => {
          await become(nested, who as Actor);
          return nested`select platform_api.members('other')`;
        });
      expect(await listed("otherMember")).toHaveLength(2);
      await at`reset role`;
      expect(await refusal(listed("otherAdmin"))).toMatchObject({ code: "PT403", slug: "forbidden" });
      await become(at, "otherMember" as Actor);
      const last = at.savepoint(
        (nested) => nested`select platform_api.member_suspend('other', ${idOf("otherMember")})`,
      );
      expect(await refusal(last)).toMatchObject({
        slug: "last_admin",
        hint: "Donnez d'abord le rôle member à quelqu'un d'autre.",
      });
    });
  });
});

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

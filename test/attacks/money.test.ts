import postgres from "postgres";
import { afterEach, describe, expect, it } from "vitest";
import { expectLedgerHolds, openCredits } from "../support/ledger.ts";
import { addUsers, idOf, openMarket } from "../support/market.ts";
import { asActor, become, committedAs, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

// What was tried to get euros out of the platform that nobody had paid in: credits that were given, spent on one's own
// leads by a second account, many at once, given back and bought again.

const { sql, url } = await testDatabase();
await openMarket(sql);

afterEach(() => expectLedgerHolds(sql));

/** A lead of supplier B at 25 €, of which he has 15 €; exclusive, so 12 credits. */
async function offer(to: Sql, reference: string): Promise<void> {
  await to`with lead as (
      insert into leads.leads (reference, supplier_id, first_name, last_name_mask, sector, region, status, qualification_status, is_exclusive, price_cents)
      values (${reference}, ${idOf("supplierB")}, 'Zoé', 'S.', 'Isolation', 'Bretagne', 'qualified', 'qualified', true, 2500) returning id)
    insert into leads.lead_contacts (lead_id, supplier_id, last_name, phone) select id, ${idOf("supplierB")}, 'Secret', '+33 6 12 34 56 78' from lead`;
}

const asOwner = (to: Sql) => to.unsafe("reset role");

const buy = async (on: Sql, who: string, lead: string) => {
  await become(on, who as "acheteurA");
  await on`select public.lead_purchase(${lead})`;
  await asOwner(on);
};

const setBudget = (to: Sql, euros: number, active = true) =>
  to`insert into leads.credit_rules (name, description, value, unit, active)
    select name, description, ${euros}, unit, ${active} from leads.rule_kinds where kind = 'bonus_earnings_budget'`;

/** Given credits alone, or so many of each. */
const give = (to: Sql, who: string, given: number, paid = 0) => openCredits(to, idOf(who), paid - 100, given);

const earned = async (from: Sql) =>
  Number(
    (await from`select coalesce(sum(amount_cents), 0) as cents from leads.earnings where lead_id is not null`)[0]
      ?.cents,
  );
const spent = async (from: Sql) =>
  Number((await from`select coalesce(sum(spent_cents), 0) as cents from leads.bonus_budgets`)[0]?.cents);

describe("given credits", () => {
  it("earn nothing while no admin has set a budget", () =>
    rolledBack(sql, async (to) => {
      await offer(to, "x");
      await give(to, "acheteurA", 12);
      await buy(to, "acheteurA", "x");
      expect([await earned(to), await spent(to)]).toEqual([0, 0]);
      expect(
        await to`select credits, given_credits, given_share_cents, budget_cents, supplier_share_cents from leads.sales where transfer_id is not null`,
      ).toEqual([
        { credits: 12, given_credits: 12, given_share_cents: 1500, budget_cents: 0, supplier_share_cents: 0 },
      ]);
      await expectLedgerHolds(to);
    }));

  it("earn their part from the budget, and nothing once it is spent; the supplier is told why", () =>
    rolledBack(sql, async (to) => {
      await setBudget(to, 20);
      for (const lead of ["x", "y", "z"]) await offer(to, lead);
      await give(to, "acheteurA", 36);
      const seen: number[] = [];
      for (const lead of ["x", "y", "z"]) {
        await buy(to, "acheteurA", lead);
        seen.push(await earned(to));
      }
      expect(seen).toEqual([1500, 2000, 2000]);
      expect(await spent(to)).toBe(2000);
      expect(
        await to`select message from platform.notifications where title = 'Vente avec des crédits offerts' and user_id = ${idOf("fournisseurB")} order by id`,
      ).toEqual([
        {
          message:
            "Le lead Isolation a été acheté avec 12 crédits offerts sur 12 : vous gagnez 5,00 € au lieu de 15,00 €.",
        },
        {
          message:
            "Le lead Isolation a été acheté avec 12 crédits offerts sur 12 : vous gagnez 0,00 € au lieu de 15,00 €.",
        },
      ]);
      await expectLedgerHolds(to);
    }));

  it("earn nothing from a budget that was switched off", () =>
    rolledBack(sql, async (to) => {
      await setBudget(to, 20, false);
      await offer(to, "x");
      await give(to, "acheteurA", 12);
      await buy(to, "acheteurA", "x");
      expect([await earned(to), await spent(to)]).toEqual([0, 0]);
    }));

  it.each([
    [1, 1375],
    [5, 875],
    [7, 625],
    [11, 125],
  ])("%i of 12 leave the supplier what the paid ones stand for, rounded down: %i cents", (given, cents) =>
    rolledBack(sql, async (to) => {
      await offer(to, "x");
      await to`update leads.leads set price_cents = 2501 where reference = 'x'`;
      await give(to, "acheteurA", given, 12 - given);
      await buy(to, "acheteurA", "x");
      expect(await earned(to)).toBe(Math.floor((1501 * (12 - given)) / 12));
      expect(Math.abs((await earned(to)) - cents)).toBeLessThanOrEqual(1);
      await expectLedgerHolds(to);
    }),
  );

  it("that come back go back into the budget, for the next sale", () =>
    rolledBack(sql, async (to) => {
      await setBudget(to, 15);
      for (const lead of ["x", "y"]) await offer(to, lead);
      await give(to, "acheteurA", 12);
      await buy(to, "acheteurA", "x");
      await become(to, "acheteurA");
      const [asked] = await to`select id from public.lead_return('x', 'duplicate')`;
      await become(to, "admin");
      await to`select public.admin_return_decide(${asked?.id}, true)`;
      await asOwner(to);
      expect([await earned(to), await spent(to)]).toEqual([0, 0]);
      await buy(to, "acheteurA", "y");
      expect([await earned(to), await spent(to)]).toEqual([1500, 1500]);
      await expectLedgerHolds(to);
    }));

  it("touch no budget where none are spent", () =>
    rolledBack(sql, async (to) => {
      await setBudget(to, 15);
      await offer(to, "x");
      await buy(to, "acheteurA", "x");
      expect([await earned(to), await spent(to)]).toEqual([1500, 0]);
    }));

  it("never pass the budget, however many are spent at once, with returns between", async () => {
    const buyers = Array.from({ length: 8 }, (_, number) => `given${number}`);
    await addUsers(sql, ...buyers);
    await sql`insert into platform.memberships ${sql(buyers.map((who) => ({ user_id: idOf(who), system: "leads", role: "acheteur" })))}`;
    await setBudget(sql, 50);
    for (const who of buyers) await openCredits(sql, idOf(who), 0, 24);
    for (const who of buyers) for (const turn of [1, 2]) await offer(sql, `${who}-${turn}`);
    const each = postgres(url, { max: buyers.length, onnotice: () => undefined });
    const budget: number[] = [];
    await Promise.all(
      buyers.map(async (who, number) => {
        await committedAs(each, who, (on) => on`select public.lead_purchase(${`${who}-1`})`);
        if (number % 2 === 0) {
          const [asked] = await committedAs(
            each,
            who,
            (on) => on`select id from public.lead_return(${`${who}-1`}, 'duplicate')`,
          );
          await committedAs(each, "admin", (on) => on`select public.admin_return_decide(${asked?.id}, true)`);
        }
        await committedAs(each, who, (on) => on`select public.lead_purchase(${`${who}-2`})`);
        budget.push(await spent(each));
      }),
    );
    await each.end();
    expect(Math.max(...budget)).toBeLessThanOrEqual(5000);
    expect([await earned(sql), await spent(sql)]).toEqual([5000, 5000]);
  });

  it("cannot be made paid ones: no role writes sales, budgets or lots", async () => {
    for (const who of ["acheteurA", "fournisseurB", "admin", "agentA", "anon"] as const) {
      for (const statement of [
        "update leads.bonus_budgets set spent_cents = 0",
        "insert into leads.bonus_budgets values ('2026-01-01', 0)",
        "update leads.sales set budget_cents = 0",
        "select leads.take_bonus_budget(-5000, 1)",
        `select platform.post_transfer('leads', 'gift', 'x', array[('buyer_bonus', '${idOf("acheteurA")}', -5), ('buyer_paid', '${idOf("acheteurA")}', 5)]::platform.ledger_line[])`,
      ]) {
        expect((await refusal(asActor(sql, who, (at) => at.unsafe(statement)))).code, `${who}: ${statement}`).toBe(
          "42501",
        );
      }
    }
  });
});

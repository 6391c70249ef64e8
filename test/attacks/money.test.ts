import postgres from "postgres";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { pair as schema } from "../../functions/leads/purchases/purchase-schemas.ts";
import { askApi } from "../contract/http.ts";
import { type People, signInPeople } from "../contract/leads/demo-people.ts";
import { expectRefusal } from "../contract/leads/expectations.ts";
import { unchanged } from "../contract/unchanged.ts";
import { expectLedgerHolds, openCredits } from "../support/ledger.ts";
import { addUsers, idOf, openMarket } from "../support/market.ts";
import { asActor, become, committedAs, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";
import { db } from "../support/stack.ts";

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

describe("a supplier who buys his own leads through a second account", () => {
  const profile = (who: string, values: string) => `update platform.profiles set ${values} where id = '${idOf(who)}'`;
  const billing = (who: string, siret: string, vat: string) =>
    `insert into leads.billing_details (buyer_id, name, address, siret, vat_number) values ('${idOf(who)}', 'x', 'y', ${siret}, ${vat})`;
  const session = (who: string, ip: string, program: string) =>
    `insert into auth.sessions (id, user_id, ip, user_agent) values (gen_random_uuid(), '${idOf(who)}', '${ip}', '${program}')`;
  const account = (supplier: string, fingerprint: string) =>
    `select leads.keep_account('${idOf(supplier)}', 'v1.x', null, 'FR76', null, true, '${fingerprint}')`;

  /** What acheteurA and the supplier B have in common, said of each as statements. */
  const shared: [kind: string, ...statements: string[]][] = [
    [
      "domain",
      profile("fournisseurB", "email = 'b@atelier-dupont.fr'"),
      profile("acheteurA", "email = 'achats@Atelier-Dupont.fr'"),
    ],
    [
      "email",
      profile("fournisseurB", "email = 'dupont@gmail.com'"),
      profile("acheteurA", "email = 'Du.Pont+achats@gmail.com'"),
    ],
    [
      "phone",
      profile("fournisseurB", "phone = '+33 6 12 34 56 78'"),
      profile("acheteurA", "phone = '0033 (0)6.12.34.56.78'"),
    ],
    ["company", profile("acheteurA", "company = 'SARL Company-B'")],
    [
      "company_number",
      billing("fournisseurB", "'73282932000074'", "null"),
      billing("acheteurA", "null", "'FR44732829320'"),
    ],
    [
      "iban",
      account("supplierB", "same"),
      `update leads.suppliers set user_id = '${idOf("acheteurA")}' where id = '${idOf("supplierA")}'`,
      account("supplierA", "same"),
    ],
    [
      "device",
      session("fournisseurB", "203.0.113.9", "Firefox/150"),
      session("acheteurA", "203.0.113.9", "Firefox/150"),
    ],
  ];

  const pairs = async (on: Sql) => [
    ...(await on`select signs from leads.self_dealing where buyer_id = ${idOf("acheteurA")} and supplier_id = ${idOf("supplierB")}`),
  ];

  it.each(shared)("is found by %s, whichever of the two says it first", async (kind, ...statements) => {
    for (const order of [statements, [...statements].reverse()]) {
      await rolledBack(sql, async (to) => {
        expect(await pairs(to)).toEqual([]);
        for (const statement of order) await to.unsafe(statement);
        expect(await pairs(to)).toEqual([{ signs: [kind] }]);
      });
    }
  });

  it.each([
    [
      "a provider's domain",
      profile("fournisseurB", "email = 'b@orange.fr'"),
      profile("acheteurA", "email = 'a@orange.fr'"),
    ],
    [
      "a reserved one",
      profile("fournisseurB", "email = 'b@mail.example.com'"),
      profile("acheteurA", "email = 'a@mail.example.com'"),
    ],
    ["a number of a few digits", profile("fournisseurB", "phone = '12345'"), profile("acheteurA", "phone = '12345'")],
    [
      "the address of a proxy",
      session("fournisseurB", "10.0.0.1", "Firefox/150"),
      session("acheteurA", "10.0.0.1", "Firefox/150"),
    ],
    [
      "an address, with another program",
      session("fournisseurB", "203.0.113.9", "Firefox/150"),
      session("acheteurA", "203.0.113.9", "Safari/20"),
    ],
    ["nothing", profile("fournisseurB", "phone = '', company = ''"), profile("acheteurA", "phone = '', company = ''")],
  ])("is not found by %s", (_, ...statements) =>
    rolledBack(sql, async (to) => {
      for (const statement of statements) await to.unsafe(statement);
      expect(await pairs(to)).toEqual([]);
    }),
  );

  it("stays found when he changes it afterwards", () =>
    rolledBack(sql, async (to) => {
      const [, ...statements] = shared[2] as [string, ...string[]];
      for (const statement of statements) await to.unsafe(statement);
      await to.unsafe(profile("acheteurA", "phone = null"));
      expect(await pairs(to)).toEqual([{ signs: ["phone"] }]);
    }));

  it("is found when he becomes a buyer later, and with a supplier who has no account", () =>
    rolledBack(sql, async (to) => {
      await to`insert into leads.suppliers (id, contact_name, company, email) values (${idOf("known")}, 'X', 'Solaire du Midi', 'contact@solaire-du-midi.fr')`;
      await to.unsafe(profile("stranger", "email = 'jean@solaire-du-midi.fr'"));
      const found = () => to`select signs from leads.self_dealing where supplier_id = ${idOf("known")}`;
      expect(await found()).toEqual([]);
      await to`insert into platform.memberships (user_id, system, role) values (${idOf("stranger")}, 'leads', 'acheteur')`;
      expect(await found()).toEqual([{ signs: ["domain"] }]);
    }));

  /** Known by one telephone, and with a sale between them whose window is over. */
  const dealt = async (to: Sql, ...bought: string[]) => {
    const [, ...statements] = shared[2] as [string, ...string[]];
    for (const statement of statements) await to.unsafe(statement);
    for (const lead of bought) await offer(to, lead);
    for (const lead of bought) await buy(to, "acheteurA", lead);
    await to`update leads.earnings set payable_from = now() - interval '1 second' where kind = 'sale'`;
  };
  const payable = async (to: Sql) =>
    Number(
      (
        await to`select coalesce(sum(amount_cents), 0) as cents from leads.payable_earnings(${idOf("supplierB")}) where buyer_id = ${idOf("acheteurA")}`
      )[0]?.cents,
    );
  const listed = async (to: Sql) => {
    await become(to, "admin");
    const [row] =
      await to`select id, signs, sales::int, credits::int, earned::float, held::float, status from public.admin_self_dealing where "supplierId" = 'supplier-b'`;
    await asOwner(to);
    return row as { id: string } | undefined;
  };
  const decide = async (to: Sql, status: string) => {
    const pair = await listed(to);
    await become(to, "admin");
    await to`select public.admin_self_dealing_decide(${pair?.id as string}, ${status}, 'vu')`;
    await asOwner(to);
  };

  it("is shown to the admins, who are told of the first sale alone; nobody else is", () =>
    rolledBack(sql, async (to) => {
      await dealt(to, "x", "y");
      expect(await listed(to)).toMatchObject({
        signs: ["phone"],
        sales: 2,
        credits: 24,
        earned: 30,
        held: 30,
        status: "unreviewed",
      });
      const told = await to`select user_id as id, message from platform.notifications where title = 'Achat à vérifier'`;
      expect(told.map(({ id }) => id)).toEqual([idOf("admin")]);
      expect(JSON.stringify(told)).not.toMatch(/12 34|12\.34/);
      await expectLedgerHolds(to);
    }));

  it("is not paid before an admin has looked, and never once he has confirmed it", () =>
    rolledBack(sql, async (to) => {
      await dealt(to, "x");
      await offer(to, "y");
      expect(await payable(to)).toBe(0);
      await decide(to, "cleared");
      expect(await payable(to)).toBe(1500);
      expect(await listed(to)).toMatchObject({ held: 0, status: "cleared" });
      await decide(to, "confirmed");
      expect(await payable(to)).toBe(0);
      await become(to, "acheteurA");
      expect(await refusal(to.savepoint((inner) => inner`select public.lead_purchase('y')`))).toMatchObject({
        slug: "own_lead",
      });
    }));

  it("keeps nothing by giving back what was paid before it was found", () =>
    rolledBack(sql, async (to) => {
      await offer(to, "x");
      await buy(to, "acheteurA", "x");
      await to`update leads.earnings set payable_from = now() - interval '1 second' where kind = 'sale'`;
      await become(to, "admin");
      await to`select public.admin_gains_pay('supplier-b')`;
      await become(to, "acheteurA");
      const [asked] = await to`select id from public.lead_return('x', 'duplicate')`;
      await become(to, "admin");
      await to`select public.admin_return_decide(${asked?.id}, true)`;
      await asOwner(to);
      await to`update leads.earnings set payable_from = now() - interval '1 second' where kind = 'return'`;
      await dealt(to);
      expect(await payable(to)).toBe(-1500);
      await expectLedgerHolds(to);
    }));

  it("is looked at again when the two share something new after an admin has cleared them", () =>
    rolledBack(sql, async (to) => {
      await dealt(to, "x");
      await decide(to, "cleared");
      for (const statement of (shared[6] as string[]).slice(1)) await to.unsafe(statement);
      expect(await listed(to)).toMatchObject({ signs: ["device", "phone"], status: "unreviewed" });
      expect(await payable(to)).toBe(0);
    }));

  it("leaves nothing behind of an account that is removed", () =>
    rolledBack(sql, async (to) => {
      await to.unsafe(profile("stranger", "phone = '06 98 76 54 32'"));
      await to`delete from auth.users where id = ${idOf("stranger")}`;
      expect(await to`select from leads.party_signs where person = ${idOf("stranger")}`).toEqual([]);
    }));
});

describe("over HTTP, who may be one person", () => {
  let people: People;
  beforeAll(async () => {
    people = await signInPeople();
  });
  const ask = (method: string, path: string, who?: keyof People, body?: unknown) =>
    askApi("leads", path, { method, token: who && people[who].token, body });

  it.each([
    ["GET", "/api/admin/self-dealing", undefined],
    ["POST", "/api/admin/self-dealing/PAIR-001", { status: "cleared" }],
  ] as const)("%s %s is the admin's alone", async (method, path, body) => {
    for (const who of ["fournisseur", "acheteur", "agent", "stranger"] as const) {
      expectRefusal(await unchanged(() => ask(method, path, who, body)), 403, "forbidden");
    }
    expectRefusal(await unchanged(() => ask(method, path, undefined, body)), 401, "authentication_required");
  });

  it("is listed and decided as the reference says", async () => {
    const { id: buyer } = people.acheteur;
    const supplier = people.fournisseur.id;
    await db()`insert into leads.self_dealing (supplier_id, buyer_id, signs)
      select s.id, ${buyer}, '{domain}' from leads.suppliers s where s.user_id = ${supplier}`;
    const list = await ask("GET", "/api/admin/self-dealing", "admin");
    const [pair] = z.array(schema).parse(list.body);
    const path = `/api/admin/self-dealing/${pair?.id}`;
    const decided = await ask("POST", path, "admin", { status: "cleared", note: "deux frères" });
    expect([decided.status, schema.parse(decided.body)]).toMatchObject([
      200,
      { status: "cleared", note: "deux frères" },
    ]);
    expectRefusal(await unchanged(() => ask("POST", path, "admin", { status: "maybe" })), 422, "invalid_fields");
    expectRefusal(
      await unchanged(() => ask("POST", "/api/admin/self-dealing/PAIR-999", "admin", { status: "cleared" })),
      404,
      "pair_not_found",
    );
    await db()`delete from leads.self_dealing where buyer_id = ${buyer}`;
  });
});

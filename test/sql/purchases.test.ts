import postgres from "postgres";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { expectLedgerHolds, openCredits } from "../support/ledger.ts";
import { addUsers, idOf, openMarket } from "../support/market.ts";
import { asActor, become, committedAs, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

// What must hold when leads are sold, given back and followed, whoever asks and however many at once.

const { sql, url } = await testDatabase();
await openMarket(sql);

const crowd = Array.from({ length: 20 }, (_, number) => `buyer${number}`);

beforeAll(async () => {
  await addUsers(sql, ...crowd, "welcomed");
  await sql`insert into platform.memberships ${sql([...crowd, "welcomed"].map((who) => ({ user_id: idOf(who), system: "leads", role: "acheteur" })))}`;
  for (const who of crowd) await give(sql, who, 30, 0);
});

afterEach(() => expectLedgerHolds(sql));

/** Credits in the buyer's two lots. */
const give = (to: Sql, who: string, paid: number, bonus: number) => openCredits(to, idOf(who), paid, bonus);

const lots = async (from: Sql, who: string) =>
  (
    await from<
      { paid: number; bonus: number }[]
    >`select platform.ledger_balance('leads', 'buyer_paid', ${idOf(who)})::int as paid,
    platform.ledger_balance('leads', 'buyer_bonus', ${idOf(who)})::int as bonus`
  )[0];

type Lead = { reference: string; exclusive?: boolean; price?: number; age?: string; status?: string };

/** A lead of supplier B that is on sale. */
async function offer(
  to: Sql,
  { reference, exclusive = true, price = 2500, age = "0 days", status = "qualified" }: Lead,
) {
  await to`with lead as (
      insert into leads.leads (reference, supplier_id, first_name, last_name_mask, sector, region, status, qualification_status, is_exclusive, price_cents, created_at)
      values (${reference}, ${idOf("supplierB")}, 'Zoé', 'S.', 'Isolation', 'Bretagne', ${status}, 'qualified', ${exclusive}, ${price}, now() - ${age}::interval)
      returning id)
    insert into leads.lead_contacts (lead_id, supplier_id, last_name, phone) select id, ${idOf("supplierB")}, 'Secret', '+33 6 12 34 56 78' from lead`;
}

type Purchase = {
  lead: { lastName: string; status: string } | null;
  purchase: { credits: number; price: number; returnUntil: string };
  credits: number;
};

const buy = async (on: Sql, id: string): Promise<Purchase> =>
  (await on<{ answer: Purchase }[]>`select public.lead_purchase(${id}) as answer`)[0]?.answer as Purchase;
const setRule = (to: Sql, kind: string, value: number, active = true) =>
  to`insert into leads.credit_rules (name, description, value, unit, active) select name, description, ${value}, unit, ${active} from leads.rule_kinds where kind = ${kind}`;

/** As the owner again, after `become`. */
const asOwner = (to: Sql) => to.unsafe("reset role");

describe("a purchase", () => {
  it("gives the contact, takes the credits and shares the price", () =>
    rolledBack(sql, async (to) => {
      await offer(to, { reference: "x" });
      await become(to, "acheteurA");
      expect(await buy(to, "x")).toMatchObject({
        lead: { lastName: "Secret", phone: "+33 6 12 34 56 78", status: "sold" },
        purchase: { credits: 12, price: 25 },
        credits: 88,
      });
      await asOwner(to);
      expect(
        await to`select place, places, credits, sales.price_cents, supplier_share_cents, rules -> 'price_exclusive' as rule,
        return_until - sales.sold_at = interval '7 days' as week from leads.sales join leads.leads on id = lead_id where reference = 'x'`,
      ).toEqual([
        {
          ...{ place: 1, places: 1, credits: 12, price_cents: 2500, supplier_share_cents: 1500, week: true },
          rule: { rule: null, version: null, value: 12 },
        },
      ]);
      expect(await to`select kind, amount_cents::int as cents from leads.earnings where lead_id is not null`).toEqual([
        { kind: "sale", cents: 1500 },
      ]);
      expect(
        await to`select type, credits, amount_cents::int as cents, user_name from leads.transactions where type = 'lead_purchase'`,
      ).toEqual([{ type: "lead_purchase", credits: 12, cents: 2500, user_name: "acheteurA Test" }]);
      expect(
        await to`select amount from platform.ledger_entries e join platform.ledger_accounts a on a.id = e.account_id where a.kind = 'commission'`,
      ).toEqual([{ amount: "1000" }]);
      expect(await to`select title from platform.notifications where reference like 'notif-%'`).toEqual([
        { title: "Lead acheté" },
      ]);
      await to`set constraints all immediate`;
      expect(
        await to`select operation, after ->> 'credits' as credits from platform.audit_log where relation = 'leads.sales' and row_key = ${idOf("acheteurA")}
          order by at desc limit 1`,
      ).toEqual([{ operation: "INSERT", credits: "12" }]);
      await expectLedgerHolds(to);
    }));

  it("again answers the same sale and takes nothing", () =>
    rolledBack(sql, async (to) => {
      await offer(to, { reference: "x" });
      await become(to, "acheteurA");
      const first = await buy(to, "x");
      expect(await buy(to, "x")).toEqual(first);
      await asOwner(to);
      await expectLedgerHolds(to);
    }));

  it.each([
    ["a lead that was sold before this ledger", "acheteurA", "sold-b", "PT409", "lead_sold"],
    ["a lead that nobody has qualified", "acheteurA", "new-a", "PT404", "lead_not_on_sale"],
    ["a rejected lead", "acheteurA", "rejected-a", "PT404", "lead_not_on_sale"],
    ["a lead that was withdrawn", "acheteurA", "withdrawn-a", "PT404", "lead_not_on_sale"],
    ["a lead that does not exist", "acheteurA", "nothing", "PT404", "lead_not_on_sale"],
    ["whatever it is, to a suspended buyer", "suspendedAcheteur", "on-sale-a", "PT403", "account_suspended"],
    ["whatever it is, to a supplier", "fournisseurB", "on-sale-a", "PT403", "forbidden"],
    ["whatever it is, to nobody in particular", "stranger", "on-sale-a", "PT403", "forbidden"],
  ] as const)("is refused for %s", async (_, actor, lead, code, slug) => {
    expect(await refusal(asActor(sql, actor, (to) => buy(to, lead)))).toMatchObject({ code, slug });
  });

  it("is refused to the supplier of the lead, if he buys as well", () =>
    rolledBack(sql, async (to) => {
      await to`insert into platform.memberships (user_id, system, role) values (${idOf("fournisseurA")}, 'leads', 'acheteur')`;
      await become(to, "fournisseurA");
      expect(await refusal(to.savepoint((inner) => buy(inner, "on-sale-a")))).toMatchObject({
        code: "PT403",
        slug: "own_lead",
      });
    }));

  it("says how many credits are missing, and changes nothing", () =>
    rolledBack(sql, async (to) => {
      await offer(to, { reference: "x" });
      await setRule(to, "price_exclusive", 107);
      await become(to, "acheteurA");
      const { code, slug, hint } = await refusal(to.savepoint((inner) => buy(inner, "x")));
      expect({ code, slug }).toEqual({ code: "PT402", slug: "insufficient_credits" });
      expect(JSON.parse(hint)).toEqual([
        {
          ...{ field: "credits", code: "insufficient_credits", missing: 7 },
          message: "Il manque 7 crédits : le lead en coûte 107, vous en avez 100.",
        },
      ]);
      expect(await to`select status from public.leads where id = 'x'`).toEqual([{ status: "qualified" }]);
    }));

  it.each([
    ["the rule gives it fewer buyers now", (to: Sql) => setRule(to, "buyers_per_shared_lead", 1)],
    ["it is exclusive now", (to: Sql) => to`update leads.leads set is_exclusive = true where reference = 'y'`],
    [
      "an admin makes it exclusive",
      async (to: Sql) => {
        await become(to, "admin");
        await to`select public.lead_update('y', '{"isExclusive": true}')`;
        expect(await to`select status from public.leads where id = 'y'`).toEqual([{ status: "sold" }]);
      },
    ],
  ])("is refused for a lead that somebody has, if %s", (_, narrow) =>
    rolledBack(sql, async (to) => {
      await offer(to, { reference: "y", exclusive: false });
      await become(to, "acheteurB");
      await buy(to, "y");
      await asOwner(to);
      await narrow(to);
      await become(to, "acheteurA");
      expect(await refusal(to.savepoint((inner) => buy(inner, "y")))).toMatchObject({ slug: "lead_sold" });
      const price = to.savepoint((inner) => inner`select * from public.lead_price('y')`);
      expect((await refusal(price)).slug).toMatch(/^lead_(sold|not_on_sale)$/);
    }),
  );

  it("spends what was given before what was paid", () =>
    rolledBack(sql, async (to) => {
      await offer(to, { reference: "x" });
      await give(to, "acheteurA", 0, 5);
      await become(to, "acheteurA");
      await buy(to, "x");
      await asOwner(to);
      expect(await lots(to, "acheteurA")).toEqual({ paid: 93, bonus: 0 });
    }));

  it("warns once of a low balance, at the purchase that goes below the rule's limit", () =>
    rolledBack(sql, async (to) => {
      for (const reference of ["x", "y"]) await offer(to, { reference });
      await to`update platform.settings set value = '90' where system = 'leads' and section = 'low_credits'`;
      await become(to, "acheteurA");
      await buy(to, "x");
      await buy(to, "y");
      expect(await to`select message from platform.notifications where title = 'Solde bas'`).toEqual([
        { message: "Il vous reste moins de 90 crédits." },
      ]);
    }));

  it("of a lead without proof of consent is refused where the rule asks for one, and the catalogue does not show it", () =>
    rolledBack(sql, async (to) => {
      await to`update platform.settings set value = 'true' where system = 'leads' and section = 'consent_required_for_sale'`;
      await become(to, "acheteurA");
      expect((await to`select id from public.leads where status = 'qualified'`).map(({ id }) => id)).toEqual([
        "on-sale-b",
      ]);
      expect(await refusal(to.savepoint((inner) => buy(inner, "on-sale-a")))).toMatchObject({
        slug: "lead_not_on_sale",
      });
      expect(await buy(to, "on-sale-b")).toMatchObject({ credits: 95 });
      await become(to, "anon");
      expect(await to`select id from public.leads`).toEqual([{ id: "on-sale-b" }]);
    }));
});

describe("the price", () => {
  const priceOf = async (to: Sql, reference: string) =>
    (
      await to`select (p).credits, (p).price_cents, (p).supplier_share_cents as share, (p).places from leads.leads l, leads.price_of(l) p where l.reference = ${reference}`
    )[0];

  it("is the rule's for an exclusive or a shared lead, and the rule is kept with its version", () =>
    rolledBack(sql, async (to) => {
      await offer(to, { reference: "x" });
      await offer(to, { reference: "y", exclusive: false });
      expect(await priceOf(to, "x")).toEqual({ credits: 12, price_cents: 2500, share: 1500, places: 1 });
      expect(await priceOf(to, "y")).toEqual({ credits: 5, price_cents: 2500, share: 1500, places: 3 });
      await setRule(to, "price_standard", 6);
      await to`update leads.credit_rules set value = 7 where kind = 'price_standard'`;
      expect(await priceOf(to, "y")).toMatchObject({ credits: 7 });
      expect(
        await to`select (p).rules -> 'price_standard' ->> 'version' as version from leads.leads l, leads.price_of(l) p where reference = 'y'`,
      ).toEqual([{ version: "2" }]);
      expect(
        await to`select version, (content -> 'value')::int as value from platform.row_versions where relation = 'leads.credit_rules' and content ->> 'kind' = 'price_standard' order by 1`,
      ).toEqual([
        { version: 1, value: 6 },
        { version: 2, value: 7 },
      ]);
    }));

  it("falls with age, in credits rounded up and in cents", () =>
    rolledBack(sql, async (to) => {
      await setRule(to, "age_decay", 10);
      await offer(to, { reference: "x", age: "29 days" });
      await offer(to, { reference: "y", age: "61 days" });
      await offer(to, { reference: "z", age: "400 days" });
      expect(await priceOf(to, "x")).toMatchObject({ credits: 12, price_cents: 2500 });
      expect(await priceOf(to, "y")).toMatchObject({ credits: 10, price_cents: 2000, share: 1200 });
      expect(await priceOf(to, "z")).toMatchObject({ credits: 0, price_cents: 0, share: 0 });
    }));

  it("is at most what makes the share what the buyer's credits are worth, whatever the supplier asks", () =>
    rolledBack(sql, async (to) => {
      await offer(to, { reference: "x", price: 100_000_000 });
      await offer(to, { reference: "y", exclusive: false, price: 100_000_000 });
      expect(await priceOf(to, "x")).toMatchObject({ credits: 12, price_cents: 6000, share: 3600 });
      expect(await priceOf(to, "y")).toMatchObject({ credits: 5, price_cents: 2500, share: 1500 });
      await setRule(to, "credit_value", 4);
      expect(await priceOf(to, "y")).toMatchObject({ price_cents: 3333, share: 2000 });
      await setRule(to, "price_standard", 0);
      expect(await priceOf(to, "y")).toMatchObject({ credits: 0, price_cents: 0, share: 0 });
      await setRule(to, "supplier_share", 0);
      expect(await priceOf(to, "y")).toMatchObject({ price_cents: 100_000_000, share: 0 });
    }));

  it("holds by its default where a rule is switched off", () =>
    rolledBack(sql, async (to) => {
      await offer(to, { reference: "y", exclusive: false });
      await setRule(to, "buyers_per_shared_lead", 9, false);
      expect(await priceOf(to, "y")).toMatchObject({ places: 1 });
    }));
});

describe("a return", () => {
  const giveBack = async (to: Sql, id: string, reason = "duplicate") =>
    (await to`select id, status from public.lead_return(${id}, ${reason}, 'numéro non attribué')`)[0];
  const decide = async (to: Sql, id: string, accepted: boolean) =>
    (await to`select status, note from public.admin_return_decide(${id}, ${accepted}, 'vu')`)[0];

  /** A lead that acheteurA bought with five given credits and seven paid ones, and gave back. */
  const returned = async (to: Sql, reason?: string): Promise<string> => {
    await offer(to, { reference: "x" });
    await give(to, "acheteurA", 0, 5);
    await become(to, "acheteurA");
    await buy(to, "x");
    return (await giveBack(to, "x", reason))?.id as string;
  };

  it("that is accepted gives the credits to the lots that they came from, and takes the supplier's share", () =>
    rolledBack(sql, async (to) => {
      const id = await returned(to);
      await asOwner(to);
      expect(await lots(to, "acheteurA")).toEqual({ paid: 93, bonus: 0 });
      await become(to, "admin");
      expect(await decide(to, id, true)).toEqual({ status: "accepted", note: "vu" });
      expect(await decide(to, id, true)).toEqual({ status: "accepted", note: "vu" });
      expect(await refusal(to.savepoint((inner) => decide(inner, id, false)))).toMatchObject({
        slug: "return_decided",
      });
      await asOwner(to);
      expect(await lots(to, "acheteurA")).toEqual({ paid: 100, bonus: 5 });
      expect(
        await to`select kind, amount_cents::int as cents from leads.earnings where lead_id is not null order by id`,
      ).toEqual([
        { kind: "sale", cents: 875 },
        { kind: "return", cents: -875 },
      ]);
      await asOwner(to);
      expect(await to`select status, sales_count from leads.leads where reference = 'x'`).toEqual([
        { status: "rejected", sales_count: 1 },
      ]);
      expect(await to`select title from platform.notifications where title = 'Retour accepté'`).toHaveLength(1);
      expect(await to`select user_id as id, message from platform.notifications where title = 'Lead retourné'`).toEqual(
        [
          {
            id: idOf("fournisseurB"),
            message: "Le lead Isolation a été retourné par son acheteur ; 8,75 € sont retirés de vos gains.",
          },
        ],
      );
      await expectLedgerHolds(to);
      // Neither the contact nor the lead is the buyer's any more; asking again to buy it answers the same sale.
      await become(to, "acheteurA");
      expect(await to`select from public.leads where id = 'x'`).toEqual([]);
      expect(await buy(to, "x")).toMatchObject({ lead: null, credits: 105 });
    }));

  it("of a lead that cost nothing is accepted as any other", () =>
    rolledBack(sql, async (to) => {
      await setRule(to, "price_exclusive", 0);
      await offer(to, { reference: "x" });
      await become(to, "acheteurA");
      await buy(to, "x");
      const id = (await giveBack(to, "x"))?.id as string;
      await become(to, "admin");
      expect(await decide(to, id, true)).toMatchObject({ status: "accepted" });
      await asOwner(to);
      await expectLedgerHolds(to);
    }));

  it("makes good first what a refunded pack lacked", () =>
    rolledBack(sql, async (to) => {
      const id = await returned(to);
      await asOwner(to);
      await to`insert into leads.credit_packs (reference, name, credits, price_cents, price_per_credit_cents, bonus) values ('p', 'P', 100, 4900, 49, 0)`;
      await become(to, "acheteurA");
      await to`select public.billing_order_open('p', 'a-key')`;
      await asOwner(to);
      // Of the hundred credits that he pays for and gets back, ten are lost.
      const [order] =
        await to`select id, (leads.settle_order(id, 'manual')).credits from leads.pack_orders where pack_reference = 'p'`;
      await give(to, "acheteurA", -103, 0);
      await to`select leads.refund_order(${order?.id}, true)`;
      expect(await to`select credits_lost from leads.pack_orders where id = ${order?.id}`).toEqual([
        { credits_lost: 10 },
      ]);
      expect(await lots(to, "acheteurA")).toEqual({ paid: 0, bonus: 0 });
      await become(to, "admin");
      await decide(to, id, true);
      await asOwner(to);
      // Seven paid and five given credits come back.
      expect(await lots(to, "acheteurA")).toEqual({ paid: 0, bonus: 2 });
      expect(await to`select platform.ledger_balance('leads', 'credits_lost')::int as lost`).toEqual([{ lost: 0 }]);
      await expectLedgerHolds(to);
    }));

  it("that is accepted takes the sale, and what the buyer made of it, out of the figures", () =>
    rolledBack(sql, async (to) => {
      await offer(to, { reference: "x" });
      const figures = async () => {
        await asOwner(to);
        const [row] = await to`
          select platform.kept('leads', 'buyer.won', ${idOf("acheteurA")})::int as won, platform.kept('leads', 'buyer.decided', ${idOf("acheteurA")})::int as decided,
            platform.kept('leads', 'buyer.purchases', ${idOf("acheteurA")})::int as bought, platform.kept('leads', 'supplier.sold', ${idOf("supplierB")})::int as sold,
            (select sum(value)::int from platform.rollups where metric = 'month.sold' and subject = '') as "soldByMonth"`;
        return row as Record<string, number>;
      };
      const before = await figures();
      await become(to, "acheteurA");
      await buy(to, "x");
      await to`select public.lead_outcome('x', 'won')`;
      const id = (await giveBack(to, "x"))?.id as string;
      const oneMore = Object.fromEntries(Object.entries(before).map(([figure, value]) => [figure, value + 1]));
      expect(await figures()).toEqual(oneMore);
      await become(to, "admin");
      await decide(to, id, true);
      expect(await figures()).toEqual(before);
      await expectLedgerHolds(to);
    }));

  it("that is refused changes nothing but the request", () =>
    rolledBack(sql, async (to) => {
      const id = await returned(to);
      await become(to, "admin");
      expect(await decide(to, id, false)).toEqual({ status: "refused", note: "vu" });
      await asOwner(to);
      expect(await lots(to, "acheteurA")).toEqual({ paid: 93, bonus: 0 });
      await become(to, "acheteurA");
      expect(await to`select "lastName", status from public.leads where id = 'x'`).toEqual([
        { lastName: "Secret", status: "sold" },
      ]);
      await asOwner(to);
      await expectLedgerHolds(to);
    }));

  it("is not decided by who says neither yes nor no", () =>
    rolledBack(sql, async (to) => {
      const id = await returned(to);
      await become(to, "admin");
      const undecided = to.savepoint((inner) => inner`select public.admin_return_decide(${id}, null)`);
      expect(await refusal(undecided)).toMatchObject({ code: "PT422", slug: "invalid_fields" });
      expect(await decide(to, id, true)).toMatchObject({ status: "accepted" });
    }));

  it("is asked for once, within the window, by the buyer", () =>
    rolledBack(sql, async (to) => {
      const id = await returned(to);
      expect(await giveBack(to, "x", "out_of_criteria")).toEqual({ id, status: "requested" });
      expect(await refusal(to.savepoint((inner) => giveBack(inner, "sold-a")))).toMatchObject({
        code: "PT409",
        slug: "return_window_closed",
      });
      expect(await refusal(to.savepoint((inner) => giveBack(inner, "x", "whim")))).toMatchObject({ code: "PT422" });
      await become(to, "acheteurB");
      expect(await refusal(to.savepoint((inner) => giveBack(inner, "x")))).toMatchObject({
        code: "PT404",
        slug: "purchase_not_found",
      });
    }));

  it("of a shared lead leaves it to its other buyers, and takes it off the market if its number is wrong", () =>
    rolledBack(sql, async (to) => {
      await offer(to, { reference: "y", exclusive: false });
      for (const who of ["acheteurA", "acheteurB"] as const) {
        await become(to, who);
        await buy(to, "y");
      }
      const id = (await giveBack(to, "y", "invalid_number"))?.id as string;
      await become(to, "admin");
      await decide(to, id, true);
      await asOwner(to);
      expect(await to`select status from leads.leads where reference = 'y'`).toEqual([{ status: "rejected" }]);
      await become(to, "acheteurA");
      expect(await to`select "lastName", status from public.leads where id = 'y'`).toEqual([
        { lastName: "Secret", status: "sold" },
      ]);
    }));
});

describe("an outcome", () => {
  const tell = async (to: Sql, id: string, outcome: string) =>
    (await to`select public.lead_outcome(${id}, ${outcome}) as answer`)[0]?.answer;

  it("feeds the buyer's conversion rate, and its last word counts", () =>
    rolledBack(sql, async (to) => {
      await become(to, "acheteurA");
      expect(await tell(to, "sold-a", "won")).toEqual({ leadId: "sold-a", outcome: "won", conversionRate: 100 });
      expect(await tell(to, "shared-b", "unreachable")).toMatchObject({ conversionRate: 50 });
      expect(await tell(to, "sold-a", "lost")).toMatchObject({ conversionRate: 0 });
      expect(await refusal(to.savepoint((inner) => tell(inner, "sold-a", "maybe")))).toMatchObject({ code: "PT422" });
      expect(await refusal(to.savepoint((inner) => tell(inner, "sold-b", "won")))).toMatchObject({
        slug: "purchase_not_found",
      });
    }));
});

describe("many at once", () => {
  const withCrowd = async <Result>(work: (connections: postgres.Sql[]) => Promise<Result>): Promise<Result> => {
    const connections = crowd.map(() => postgres(url, { max: 1, onnotice: () => undefined }));
    try {
      return await work(connections);
    } finally {
      await Promise.all(connections.map((connection) => connection.end()));
    }
  };
  const attempt = (connection: postgres.Sql, who: string, lead: string) =>
    committedAs(connection, who, (to) => buy(to, lead)).then(
      () => "bought",
      (error: postgres.PostgresError) => error.detail,
    );

  it("twenty buyers of an exclusive lead: one has it, the others are told that it is sold", async () => {
    await offer(sql, { reference: "race-exclusive" });
    const outcomes = await withCrowd((connections) =>
      Promise.all(crowd.map((who, i) => attempt(connections[i] as postgres.Sql, who, "race-exclusive"))),
    );
    expect(outcomes.sort()).toEqual(["bought", ...Array(19).fill("lead_sold")]);
  });

  it("twenty buyers of a shared lead: three have it", async () => {
    await offer(sql, { reference: "race-shared", exclusive: false });
    const outcomes = await withCrowd((connections) =>
      Promise.all(crowd.map((who, i) => attempt(connections[i] as postgres.Sql, who, "race-shared"))),
    );
    expect(outcomes.sort()).toEqual([...Array(3).fill("bought"), ...Array(17).fill("lead_sold")]);
    expect(
      await sql`select array_agg(place order by place) as places from leads.sales join leads.leads on id = lead_id where reference = 'race-shared'`,
    ).toEqual([{ places: [1, 2, 3] }]);
  });

  it("one buyer who asks for one lead twenty times pays once", async () => {
    await offer(sql, { reference: "race-twice", exclusive: false });
    const before = await lots(sql, "buyer7");
    const outcomes = await withCrowd((connections) =>
      Promise.all(connections.map((connection) => attempt(connection, "buyer7", "race-twice"))),
    );
    expect(new Set(outcomes)).toEqual(new Set(["bought"]));
    expect((await lots(sql, "buyer7"))?.paid).toBe((before?.paid ?? 0) - 5);
  });

  it("one buyer of twenty leads gets those that his credits pay for", async () => {
    const leads = crowd.map((_, i) => `race-poor-${i}`);
    for (const reference of leads) await offer(sql, { reference, exclusive: false });
    // He may have won a race before.
    const credits = (await lots(sql, "buyer9"))?.paid ?? 0;
    const outcomes = await withCrowd((connections) =>
      Promise.all(connections.map((connection, i) => attempt(connection, "buyer9", leads[i] as string))),
    );
    const bought = Math.floor(credits / 5);
    expect(outcomes.sort()).toEqual([
      ...Array(bought).fill("bought"),
      ...Array(20 - bought).fill("insufficient_credits"),
    ]);
    expect((await lots(sql, "buyer9"))?.paid).toBe(credits % 5);
  });

  it("a buyer whose bonus is older than what he paid buys while packs are paid to him, and nobody waits crosswise", async () => {
    const who = "welcomed";
    const leads = crowd.map((_, i) => `race-pack-${i}`);
    for (const reference of leads) await offer(sql, { reference, exclusive: false });
    await give(sql, who, 0, 1);
    await give(sql, who, 200, 0);
    const bothLots = (connection: postgres.Sql) =>
      give(connection, who, 10, 1).then(
        () => "paid",
        (error: postgres.PostgresError) => error.code,
      );
    const outcomes = await withCrowd((connections) =>
      Promise.all(
        connections.map((connection, i) =>
          i % 2 === 0 ? bothLots(connection) : attempt(connection, who, leads[i] as string),
        ),
      ),
    );
    expect(outcomes.sort()).toEqual([...Array(10).fill("bought"), ...Array(10).fill("paid")]);
    const { paid = 0, bonus = 0 } = (await lots(sql, who)) ?? {};
    expect(paid + bonus).toBe(201 + 10 * 11 - 10 * 5);
  });

  it("a decision by twenty admins gives the credits back once", async () => {
    await offer(sql, { reference: "race-return" });
    await committedAs(sql, "acheteurB", (to) => buy(to, "race-return"));
    const before = await lots(sql, "acheteurB");
    const [asked] = await committedAs(
      sql,
      "acheteurB",
      (to) => to`select id from public.lead_return('race-return', 'duplicate')`,
    );
    await withCrowd((connections) =>
      Promise.all(
        connections.map((connection) =>
          committedAs(connection, "admin", (to) => to`select public.admin_return_decide(${asked?.id}, true)`),
        ),
      ),
    );
    expect((await lots(sql, "acheteurB"))?.paid).toBe((before?.paid ?? 0) + 12);
  });
});

import fc from "fast-check";
import postgres from "postgres";
import { describe, expect, it } from "vitest";
import { type Actor, idOf, openMarket } from "../support/market.ts";
import { asActor, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

const { sql, url } = await testDatabase();
await openMarket(sql);
// Any change is counted, those too that the rules of sale refuse.
await sql`alter table leads.leads disable trigger requeue`;

/** One statement on one of the tables that are counted. */
type Change = { name: string; apply: (transaction: Sql) => PromiseLike<postgres.RowList<postgres.Row[]>> };

const supplier = fc.constantFrom(idOf("supplierA"), idOf("supplierB"));
const file = fc.constantFrom(idOf("import-a"), idOf("import-b"), null);
const buyer = fc.constantFrom(idOf("acheteurA"), idOf("acheteurB"));
const agent = fc.constantFrom(idOf("agentA"), idOf("agentB"), null);
const sector = fc.constantFrom("Isolation", "Assurance", "Formation");
const region = fc.constantFrom("Bretagne", "PACA");
const leadStatus = fc.constantFrom("new", "qualified", "sold", "rejected", "pending");
const qualification = fc.constantFrom("pending", "in_progress", "qualified", "not_qualified", "callback");
// Also around midnight at the turn of a month, which is another month in Paris than in London.
const instant = fc.constantFrom(
  "2025-12-31T22:30:00Z",
  "2025-12-31T23:30:00Z",
  "2026-01-15T10:00:00Z",
  "2026-07-31T22:30:00Z",
);
const maybe = fc.option(instant);
const day = fc.constantFrom("2025-12-31", "2026-01-01", "2026-02-28");
const cents = fc.nat(100_000);
/** One half of the rows or the other. */
const part = fc.nat(1);

const lead = fc.record({
  ...{
    supplier_id: supplier,
    import_id: file,
    sector,
    region,
    status: leadStatus,
    qualification_status: qualification,
  },
  ...{ score: fc.nat(100), created_at: instant, qualified_at: maybe, sold_at: maybe, withdrawn_at: maybe },
});
const call = fc.record({
  agent_id: agent,
  duration_seconds: fc.nat(3600),
  result: fc.constantFrom("qualified", "callback"),
});
const transaction = fc.record({
  type: fc.constantFrom("credit_purchase", "lead_purchase", "fournisseur_payment"),
  status: fc.constantFrom("completed", "pending", "refunded"),
  amount_cents: fc.integer({ min: -100_000, max: 100_000 }),
  date: day,
});
const payout = fc.record({
  supplier_id: supplier,
  amount_cents: cents,
  status: fc.constantFrom("pending", "completed", "failed"),
  date: day,
});

const several = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { minLength: 1, maxLength: 5 });
const chosen = (number: number) => sql`abs(hashtext(reference)) % 2 = ${number}`;

const change: fc.Arbitrary<Change> = fc.oneof(
  several(lead).map((rows) => adding("leads.leads", rows, { last_name_mask: "X.", first_name: "X" })),
  fc.tuple(lead, part).map(([row, number]) => changing("leads.leads", row, number)),
  part.map(deletingLeads),
  fc.tuple(buyer, cents, instant, part).map(([who, price, at, number]) => sellingLeads(who, price, at, number)),
  buyer.map(deletingSales),
  buyer.map(returningLeads),
  fc.tuple(fc.constantFrom("accepted", "refused"), instant).map(([status, at]) => decidingReturns(status, at)),
  fc.tuple(buyer, fc.constantFrom("won", "lost")).map(([who, outcome]) => recordingOutcomes(who, outcome)),
  several(call).map((rows) =>
    adding("leads.calls", rows, { lead_name: "X", agent_name: "X", duration: "0:01", recording_status: "available" }),
  ),
  fc.tuple(call, part).map(([row, number]) => changing("leads.calls", row, number)),
  part.map((number) => removing("leads.calls", number)),
  several(transaction).map((rows) =>
    adding("leads.transactions", rows, { user_name: "X", user_role: "acheteur", description: "X" }),
  ),
  fc.tuple(transaction, part).map(([row, number]) => changing("leads.transactions", row, number)),
  part.map((number) => removing("leads.transactions", number)),
  several(payout).map((rows) => adding("leads.payouts", rows, { leads_count: 1, period: "X", iban_mask: "X" })),
  fc
    .tuple(fc.constantFrom("completed", "failed"), day, part)
    .map(([status, date, number]) => settlingPayouts(status, date, number)),
  part.map((number) => removing("leads.payouts", number)),
);

let serial = 0;

function adding(table: string, rows: object[], required: object): Change {
  return {
    name: `insert into ${table}`,
    apply: (to: Sql) => {
      const whole = rows.map((row) => ({
        ...{ ...required, ...row, reference: `made-${++serial}` },
        ...(table === "leads.payouts" ? { transfer_reference: `VP-made-${serial}` } : {}),
      }));
      return to`insert into ${to(table)} ${to(whole)}`;
    },
  };
}

function changing(table: string, row: Record<string, unknown>, number: number): Change {
  return {
    name: `update ${table}`,
    apply: (to: Sql) => to`update ${to(table)} set ${to(row)} where ${chosen(number)}`,
  };
}

// Of a payout only the outcome changes, once.
function settlingPayouts(status: string, date: string, number: number): Change {
  return {
    name: "settle payouts",
    apply: (to) =>
      to`update leads.payouts set status = ${status}, date = ${date} where status = 'pending' and ${chosen(number)}`,
  };
}

// A lead with a sale or a call stays; the others go.
function deletingLeads(number: number): Change {
  return {
    name: "delete leads",
    apply: (to) => to`delete from leads.leads l where ${chosen(number)}
      and not exists (select from leads.sales where lead_id = l.id) and not exists (select from leads.calls where lead_id = l.id)`,
  };
}

function sellingLeads(who: string, price: number, at: string, number: number): Change {
  return {
    name: "sell leads",
    apply: (to) => to`
      insert into leads.sales (lead_id, buyer_id, supplier_id, price_cents, supplier_share_cents, sold_at)
      select id, ${who}, supplier_id, ${price}, ${Math.floor(price / 2)}, ${at} from leads.leads where ${chosen(number)}
      on conflict do nothing`,
  };
}

function deletingSales(who: string): Change {
  return {
    name: "delete sales",
    apply: (to) => to`
      delete from leads.sales s where buyer_id = ${who}
        and not exists (select from leads.returns r where r.buyer_id = s.buyer_id and r.lead_id = s.lead_id)
        and not exists (select from leads.outcomes o where o.buyer_id = s.buyer_id and o.lead_id = s.lead_id)`,
  };
}

function returningLeads(who: string): Change {
  return {
    name: "return leads",
    apply: (to) => to`
      insert into leads.returns (buyer_id, lead_id, lead_reference, lead_name, reason)
      select buyer_id, lead_id, 'X', 'X', 'duplicate' from leads.sales where buyer_id = ${who} on conflict do nothing`,
  };
}

function decidingReturns(status: string, at: string): Change {
  return {
    name: "decide returns",
    apply: (to) => to`
      update leads.returns set status = ${status}, decided_at = ${at},
        transfer_id = case ${status} when 'accepted' then (select id from platform.ledger_transfers limit 1) end
      where status = 'requested'`,
  };
}

function recordingOutcomes(who: string, outcome: string): Change {
  return {
    name: "record outcomes",
    apply: (to) => to`
      insert into leads.outcomes (buyer_id, lead_id, outcome) select buyer_id, lead_id, ${outcome} from leads.sales where buyer_id = ${who}
      on conflict (buyer_id, lead_id) do update set outcome = excluded.outcome`,
  };
}

function removing(table: string, number: number): Change {
  return {
    name: `delete from ${table}`,
    apply: async (to: Sql) => {
      // A payout's transaction goes with it, or stays.
      const owned =
        table === "leads.transactions"
          ? to`id in (select transaction_id from leads.payouts where transaction_id is not null)`
          : to`false`;
      return to`delete from ${to(table)} where ${chosen(number)} and not ${owned}`;
    },
  };
}

const differences = async (from: Sql) => [...(await from`select * from leads.verify_rollups()`)];
const kept = async (from: Sql) => [
  ...(await from`select metric, subject, month::text, sum(value)::integer as value from platform.rollups
    group by 1, 2, 3 having sum(value) <> 0 order by 1, 2, 3`),
];
const openings = async (from: Sql) => [...(await from`select * from platform.opening_figures order by 1, 2, 3`)];

describe("the rollups", () => {
  it("agree with the rows after any changes, and a recount changes nothing", async () => {
    const tried = new Set<string>();
    const made = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 3, maxLength: 15 }), (changes) =>
        rolledBack(sql, async (transaction) => {
          const before = await openings(transaction);
          for (const { name, apply } of changes) {
            tried.add(name);
            if ((await apply(transaction)).count > 0) made.add(name);
            expect(await differences(transaction), name).toEqual([]);
          }
          const figures = await kept(transaction);
          await transaction`select leads.recount()`;
          expect(await kept(transaction)).toEqual(figures);
          expect(await openings(transaction)).toEqual(before);
        }),
      ),
      { seed: 20_260_210, numRuns: 30, endOnFailure: true },
    );
    expect(made).toEqual(tried);
  });

  it("show a difference where there is one", async () => {
    await rolledBack(sql, async (transaction) => {
      await transaction`update platform.rollups set value = value + 1
        where (metric, subject, month, slot) = (select metric, subject, month, slot from platform.rollups where metric = 'leads.total' limit 1)`;
      expect(await differences(transaction)).toMatchObject([{ metric: "leads.total", subject: "" }]);
      await transaction`select leads.recount()`;
      expect(await differences(transaction)).toEqual([]);
    });
  });
});

// The market: four leads of each supplier and one withdrawn, two of them sold and one of those that are on sale
// bought twice, at 25 euros of which 15 are the supplier's; a transfer of 10 euros to each; an opening of 100 leads.
describe("what is counted", () => {
  it.each<[Actor, string, object[]]>([
    [
      "admin",
      "stats_global()",
      [
        {
          totalLeads: 108,
          qualifiedLeads: 5,
          soldLeads: 2,
          pendingLeads: 2,
          revenue: 100,
          avgScore: 0,
          conversionRate: 25,
        },
      ],
    ],
    [
      "fournisseurA",
      "users_fournisseur()",
      [{ totalLeadsUploaded: 4, totalLeadsSold: 1, totalRevenue: 15, pendingPayment: 5 }],
    ],
    [
      "fournisseurB",
      "users_fournisseur()",
      [{ totalLeadsUploaded: 4, totalLeadsSold: 3, totalRevenue: 45, pendingPayment: 35 }],
    ],
    [
      "agentA",
      "users_agent()",
      [{ leadsQualifiedToday: 1, totalLeadsQualified: 1, averageCallDuration: 90, qualificationRate: 100 }],
    ],
    ["acheteurA", "users_acheteur()", [{ totalLeadsPurchased: 2, credits: 100 }]],
    ["acheteurB", "users_acheteur()", [{ totalLeadsPurchased: 1 }]],
    [
      "admin",
      "stats_sectors()",
      [
        { name: "Assurance", value: 4 },
        { name: "Isolation", value: 4 },
      ],
    ],
    ["admin", "stats_regions()", [{ name: "Bretagne", value: 8 }]],
    ["admin", "stats_monthly()", [{ leads: 8, qualified: 0, sold: 4, revenue: 100 }]],
    ["fournisseurA", "stats_monthly()", [{ leads: 4, qualified: 0, sold: 1, revenue: 25 }]],
    ["admin", "admin_transactions_monthly_revenue()", [{ revenus: 398, payouts: 0 }]],
    ["admin", "admin_gains_monthly()", [{ gains: 60, paid: 20 }]],
    ["fournisseurB", "fournisseur_virements_monthly()", [{ amount: 10 }]],
    [
      "admin",
      "admin_gains order by id",
      [
        { id: "supplier-a", totalLeadsSold: 1, totalEarnings: 15, pendingAmount: 5, paidAmount: 10 },
        { id: "supplier-b", totalLeadsSold: 3, totalEarnings: 45, pendingAmount: 35, paidAmount: 10 },
      ],
    ],
    [
      "agentA",
      "agent_imports order by id",
      [
        { id: "import-a", totalLeads: 0, pending: 1, qualified: 2, rejected: 1 },
        { id: "import-b", totalLeads: 0, pending: 1, qualified: 3, rejected: 0 },
      ],
    ],
  ])("%s asks for %s", async (actor, object, wanted) => {
    const [answer] = await asActor(sql, actor, (transaction) =>
      transaction.unsafe<{ rows: object[] }[]>(`select json_agg(a) as rows from (select * from public.${object}) a`),
    );
    expect(answer?.rows).toMatchObject(wanted);
  });
});

describe("a month's label", () => {
  const monthly = (from: Sql) => from`
    select distinct month::text, label from platform.monthly('leads', array['month.leads'], '') order by month`;

  it("is the document's, and six months end with the newest that has figures", async () => {
    await rolledBack(sql, async (transaction) => {
      await transaction`delete from platform.opening_figures`;
      await transaction`delete from platform.rollups`;
      await transaction`insert into platform.rollups (system, metric, subject, month, slot, value) values
        ('leads', 'month.leads', '', '2025-01-01', 0, 3), ('leads', 'month.leads', '', '2026-02-01', 0, 5), ('leads', 'month.leads', '', '2026-03-01', 0, 0)`;
      expect([...(await monthly(transaction))].map(({ month, label }) => `${month} ${label}`)).toEqual([
        ...["2025-09-01 Sep", "2025-10-01 Oct", "2025-11-01 Nov", "2025-12-01 Déc", "2026-01-01 Jan", "2026-02-01 Fév"],
      ]);
    });
  });
});

// The last one, because what it writes stays.
it("the rollups agree with the rows when writers come at once, and none of them waits for another crosswise", async () => {
  const crowd = postgres(url, { max: 16, onnotice: () => undefined });
  const additions = fc.oneof(
    several(lead).map((rows) => adding("leads.leads", rows, { last_name_mask: "X.", first_name: "X" })),
    several(payout).map((rows) => adding("leads.payouts", rows, { leads_count: 1, period: "X", iban_mask: "X" })),
  );
  // Several tables in one transaction, in any order.
  const transactions = fc.array(additions, { minLength: 2, maxLength: 4 });
  const run = (steps: Change[]) =>
    crowd.begin(async (transaction) => {
      for (const { apply } of steps) await apply(transaction);
    });
  await Promise.all(fc.sample(transactions, { seed: 7, numRuns: 100 }).map(run));
  await crowd.end();
  expect((await sql`select from leads.leads where reference like 'made-%'`).length).toBeGreaterThan(100);
  expect(await differences(sql)).toEqual([]);
});

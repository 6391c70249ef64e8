import fc from "fast-check";
import { expect, it } from "vitest";
import { expectLedgerHolds, openCredits } from "../support/ledger.ts";
import { type Actor, idOf, openMarket } from "../support/market.ts";
import { become, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

// Sales, returns, payouts and the bank's answers in any order, beside a model of what is due: nothing is paid twice,
// nothing is lost, and the books hold.

const { sql } = await testDatabase();
await openMarket(sql);

const share = 1500;

/** What a supplier earned or lost by one event; `payout` is what pays it. */
type Line = { cents: number; sale?: Sale; payout?: Payout | undefined };
type Sale = { lead: string; asked: boolean; decided: boolean };
type Payout = { reference: string; status: "pending" | "completed" | "failed"; cents: number };
type Model = { lines: Line[]; sales: Sale[]; payouts: Payout[] };

const due = ({ lines }: Model) => lines.filter(({ sale, payout }) => !payout && !(sale?.asked && !sale.decided));
const sumOf = (lines: Line[]) => lines.reduce((sum, { cents }) => sum + cents, 0);

/** Calls as the actor; what the call refuses is undone and told by its slug. */
async function call<Row>(to: Sql, actor: Actor, query: string): Promise<{ row?: Row; slug?: string }> {
  await become(to, actor);
  const work = (to as Parameters<Parameters<typeof rolledBack>[1]>[0]).savepoint((inner) => inner.unsafe(query));
  const found = await work.then(
    ([row]) => ({ row: row as Row }),
    async (error: unknown) => ({ slug: (await refusal(Promise.reject(error))).slug }),
  );
  await to.unsafe("reset role");
  return found;
}

let number = 0;

async function sell(to: Sql, model: Model): Promise<void> {
  const lead = `model-${number++}`;
  await to`insert into leads.leads (reference, supplier_id, first_name, last_name_mask, sector, region, status, qualification_status, is_exclusive, price_cents)
    values (${lead}, ${idOf("supplierA")}, 'Zoé', 'S.', 'Isolation', 'Bretagne', 'qualified', 'qualified', true, 2500)`;
  expect(await call(to, "acheteurB", `select public.lead_purchase('${lead}')`)).not.toHaveProperty("slug");
  const sale = { lead, asked: false, decided: false };
  model.sales.push(sale);
  model.lines.push({ cents: share, sale });
  await endWindows(to);
}

/** The return windows of all that was sold are over, as far as what is due is concerned. */
const endWindows = (to: Sql) => to`update leads.earnings set payable_from = now() where payable_from > now()`;

async function askBack(to: Sql, model: Model, which: number): Promise<void> {
  const sale = model.sales[which];
  if (!sale) return;
  expect(await call(to, "acheteurB", `select public.lead_return('${sale.lead}', 'invalid_number')`)).not.toHaveProperty(
    "slug",
  );
  sale.asked = true;
}

async function decide(to: Sql, model: Model, which: number, accepted: boolean): Promise<void> {
  const sale = model.sales[which];
  if (!sale?.asked || sale.decided) return;
  const [row] = await to<
    { reference: string }[]
  >`select reference from leads.returns where lead_reference = ${sale.lead}`;
  expect(
    await call(to, "admin", `select public.admin_return_decide('${row?.reference}', ${accepted})`),
  ).not.toHaveProperty("slug");
  sale.decided = true;
  if (accepted) model.lines.push({ cents: -share });
  await endWindows(to);
}

async function pay(to: Sql, model: Model): Promise<void> {
  const lines = due(model);
  const cents = sumOf(lines);
  const { row, slug } = await call<{ answer: { reference: string; amount: number } }>(
    to,
    "admin",
    "select public.admin_gains_pay('supplier-a') as answer",
  );
  if (cents <= 0) {
    expect(slug).toBe("nothing_to_pay");
    return;
  }
  expect(Math.round((row?.answer.amount ?? 0) * 100)).toBe(cents);
  const payout: Payout = { reference: row?.answer.reference ?? "", status: "pending", cents };
  model.payouts.push(payout);
  for (const line of lines) line.payout = payout;
}

async function settle(to: Sql, model: Model, which: number, outcome: "completed" | "failed"): Promise<void> {
  const payout = model.payouts[which];
  if (!payout) return;
  const { slug } = await call(to, "admin", `select leads.settle_payout('${payout.reference}', '${outcome}')`);
  if (payout.status === "failed" && outcome === "completed") {
    expect(slug).toBe("payout_failed");
    return;
  }
  expect(slug).toBeUndefined();
  payout.status = outcome;
  if (outcome === "failed") for (const line of model.lines) if (line.payout === payout) line.payout = undefined;
}

type Step = (to: Sql, model: Model) => Promise<void>;
const place = fc.nat(5);
const step: fc.Arbitrary<[name: string, step: Step]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<[string, Step]>(["sell", sell]) },
  { weight: 3, arbitrary: fc.constant<[string, Step]>(["pay", pay]) },
  {
    weight: 2,
    arbitrary: place.map<[string, Step]>((which) => [`ask ${which}`, (to, model) => askBack(to, model, which)]),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(place, fc.boolean())
      .map<[string, Step]>(([which, yes]) => [`decide ${which} ${yes}`, (to, model) => decide(to, model, which, yes)]),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(place, fc.constantFrom("completed" as const, "failed" as const))
      .map<[string, Step]>(([which, outcome]) => [
        `${outcome} ${which}`,
        (to, model) => settle(to, model, which, outcome),
      ]),
  },
);

it("pays what the model says is due, line by line", async () => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: 20 }), (steps) =>
    rolledBack(sql, async (to) => {
      await openCredits(to, idOf("acheteurB"), 1000);
      const model: Model = { lines: [{ cents: 500 }], sales: [], payouts: [] };
      for (const [, apply] of steps) await apply(to, model);

      await expectLedgerHolds(to);
      const [left] =
        await to`select coalesce(sum(amount_cents), 0)::int as cents from leads.earnings where supplier_id = ${idOf("supplierA")} and payout_id is null`;
      expect(left?.cents).toBe(sumOf(model.lines.filter(({ payout }) => !payout)));
      for (const { reference, cents } of model.payouts) {
        const [row] =
          await to`select p.amount_cents::int as amount, sum(e.amount_cents)::int as lines from leads.payouts p
          join leads.payout_lines l on l.payout_id = p.id join leads.earnings e on e.id = l.earning_id where transfer_reference = ${reference} group by p.id`;
        expect(row).toEqual({ amount: cents, lines: cents });
      }
      const twice = await to`select l.earning_id from leads.payout_lines l join leads.payouts p on p.id = l.payout_id
        where p.transfer_id is not null and p.status <> 'failed' group by 1 having count(*) > 1`;
      expect([...twice]).toEqual([]);
    }),
  );
  await fc.assert(property, { numRuns: 40 });
});

import { beforeAll, describe, expect, it } from "vitest";
import { expectLedgerHolds, openCredits } from "../support/ledger.ts";
import { emailOf, idOf, openMarket, openOrders } from "../support/market.ts";
import { committedAs, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

// What the verification must see: the books are broken on purpose, in each way that somebody with all rights could, with
// the triggers and keys out of the way. One row of each kind is there to be broken.

const { sql } = await testDatabase();

const as = <Row>(who: string, query: string) => committedAs(sql, who, async (to) => (await to.unsafe(query))[0] as Row);
const pay = async (supplier: string) =>
  (await as<{ answer: { reference: string } }>("admin", `select public.admin_gains_pay('${supplier}') as answer`))
    .answer.reference;
const settle = (reference: string, ...outcomes: string[]) =>
  outcomes.reduce(
    (before, outcome) => before.then(() => as("admin", `select leads.settle_payout('${reference}', '${outcome}')`)),
    Promise.resolve<unknown>(undefined),
  );

/** The payouts by what became of them. */
const payouts: Record<string, string> = {};

beforeAll(async () => {
  await openMarket(sql);
  await openOrders(sql);
  await as("acheteurA", "select public.billing_order_open('pack', 'refunded')");
  await as("acheteurB", "select public.billing_order_open('pack', 'lost')");
  const credits = async () =>
    Number((await sql`select platform.ledger_balance('leads', 'buyer_paid', ${idOf("acheteurB")}) as paid`)[0]?.paid);
  const had = await credits();
  await sql`select leads.settle_order(id, 'manual') from leads.pack_orders where reference <> 'order'`;
  // All but three are spent when the money of the pack goes back.
  const spent = (await credits()) - 3;
  await openCredits(sql, idOf("acheteurB"), -spent);
  await sql`select leads.refund_order(id, true) from leads.pack_orders where reference <> 'order'`;
  // One that came back, of an order that was then lost to the buyer's bank.
  await as("acheteurA", "select public.billing_order_open('pack', 'back')");
  const tell = (event: object) =>
    sql`select leads.take_payment_event('stripe', ${sql.json({ amountCents: 19900, currency: "eur", occurredAt: 0, payment: "pi", ...event })})`;
  const [back] = await sql`select id from leads.pack_orders where status = 'pending'`;
  await tell({ id: "paid", meaning: "paid", order: back?.id });
  await openCredits(
    sql,
    idOf("acheteurA"),
    -Number((await sql`select platform.ledger_balance('leads', 'buyer_paid', ${idOf("acheteurA")}) as paid`)[0]?.paid) +
      40,
  );
  await tell({ id: "made", meaning: "refunded", reference: "re" });
  await tell({ id: "back", meaning: "refund_failed", reference: "re" });
  await tell({ id: "lost", meaning: "dispute_lost", reference: "dp" });
  await openCredits(sql, idOf("acheteurB"), had);
  await openCredits(sql, idOf("acheteurA"), 200, 20);
  await as("acheteurB", "select public.lead_purchase('on-sale-a'), public.lead_purchase('on-sale-b')");
  await as("acheteurB", "select public.lead_return('on-sale-b', 'invalid_number')");
  const [asked] = await sql`select reference from leads.returns where lead_reference = 'on-sale-b'`;
  await as("admin", `select public.admin_return_decide('${asked?.reference}', true)`);
  await sql`update leads.earnings set payable_from = now()`;
  payouts.completed = await pay("supplier-a");
  await settle(payouts.completed, "completed");
  payouts.failed = await pay("supplier-b");
  await settle(payouts.failed, "failed");
  payouts.returned = await pay("supplier-b");
  await settle(payouts.returned, "completed", "failed");
  payouts.pending = await pay("supplier-b");
  await sql`insert into leads.credit_rules (name, description, value, unit) values ('Bonus de bienvenue', '', 5, 'crédits')`;
  await sql`update auth.users set email_confirmed_at = now() where email = ${emailOf("acheteurA")}`;
  await sql`select leads.welcome_buyer(${idOf("acheteurA")})`;
  // The bonus and the refund are there to be broken, too.
  const kinds = await sql`select distinct kind from platform.ledger_transfers order by kind`;
  expect(kinds.map(({ kind }) => kind)).toEqual(
    "loss_recovered opening pack pack_dispute pack_loss pack_loss_undone pack_refund pack_refund_reversed payout payout_confirmed payout_failed payout_returned return sale welcome_bonus".split(
      " ",
    ),
  );
  await expectLedgerHolds(sql);
});

/** What the verification says after the statements, each line as one text. It is all undone. */
async function problemsAfter(...statements: string[]): Promise<string[]> {
  return rolledBack(sql, async (to: Sql) => {
    await to`set local session_replication_role = replica`;
    for (const statement of statements) expect((await to.unsafe(statement)).count, statement).toBeGreaterThan(0);
    const rows = await to`select problem, subject from leads.ledger_problems()`;
    return rows.map(({ problem, subject }) => `${problem} ${subject}`);
  });
}

const named = (...problems: string[]) => expect.arrayContaining(problems.map((each) => expect.stringContaining(each)));
const sale = `lead_id = '${idOf("on-sale-a")}'`;
const payout = (became: string) => `transfer_reference = '${payouts[became]}'`;
const payoutId = (became: string) => `(select id from leads.payouts where ${payout(became)})`;

describe("named is", () => {
  it.each(
    "loss_recovered pack pack_dispute pack_loss pack_loss_undone pack_refund pack_refund_reversed payout payout_confirmed payout_failed payout_returned return sale welcome_bonus".split(
      " ",
    ),
  )("a transfer that was removed, %s, with its entries or without", async (kind) => {
    const without = await problemsAfter(`delete from platform.ledger_transfers where kind = '${kind}'`);
    expect(without).toEqual(named("entry_of_nothing"));
    const whole = await problemsAfter(
      `with t as (delete from platform.ledger_transfers where kind = '${kind}' returning id),
        e as (delete from platform.ledger_entries e using t where e.transfer_id = t.id returning e.account_id, e.amount)
      update platform.ledger_balances b set balance = b.balance - e.amount
      from (select account_id, sum(amount) as amount from e group by 1) e
      where b.account_id = e.account_id and b.slot = (select min(slot) from platform.ledger_balances s where s.account_id = b.account_id)`,
    );
    // With its balances it is out of the books for good: the rows alone know of it.
    // Confirmed and returned are a pair.
    const missing =
      kind === "payout_returned" ? "transfer_without_row payout_confirmed" : `row_without_transfer ${kind} `;
    expect(whole).toEqual(named(missing));
  });

  it("an opening that was removed, or its figure", async () => {
    const removed = await problemsAfter("delete from platform.ledger_transfers where kind = 'opening'");
    expect(removed).toEqual(named("entry_of_nothing", "credits_not_their_opening"));
    const forgotten = await problemsAfter("delete from platform.opening_figures where figure = 'acheteur.credits'");
    expect(forgotten).toEqual(named(`credits_not_their_opening ${idOf("acheteurA")}`));
  });

  const insertEntry = (transfer: string, account: string, amount: number) =>
    `insert into platform.ledger_entries (transfer_id, account_id, amount) values (${transfer}, ${account}, ${amount})`;
  const anyOf = (table: string) => `(select id from platform.${table} limit 1)`;

  it.each([
    ["an entry of a transfer that does not exist", insertEntry("gen_random_uuid()", anyOf("ledger_accounts"), 5)],
    ["an entry on an account that does not exist", insertEntry(anyOf("ledger_transfers"), "gen_random_uuid()", 5)],
    ["an account that was removed", "delete from platform.ledger_accounts where kind = 'commission'"],
  ])("%s", async (_, statement) => {
    expect(await problemsAfter(statement)).toEqual(named("entry_of_nothing"));
  });

  it("a reversal that is not the opposite, though it balances", async () => {
    const problems = await problemsAfter(
      `update platform.ledger_entries e set amount = amount * 2 from platform.ledger_transfers t where t.id = e.transfer_id and t.kind = 'return'`,
    );
    expect(problems).toEqual(named("reversal_not_opposite"));
    expect(problems.join()).not.toContain("transfer_not_balanced");
  });

  it.each([
    ["gift", "gift"],
    ["sale", `${idOf("sold-a")}:${idOf("acheteurA")}`],
    ["return", idOf("nothing")],
    ["pack", idOf("nothing")],
    ["pack_refund", idOf("nothing")],
    ["pack_loss", idOf("nothing")],
    ["pack_dispute", idOf("nothing")],
    ["pack_loss_undone", idOf("nothing")],
    ["pack_refund_reversed", idOf("nothing")],
    ["loss_recovered", idOf("nothing")],
    ["payout", idOf("nothing")],
    ["payout_confirmed", idOf("nothing")],
    ["payout_failed", idOf("nothing")],
    ["payout_returned", idOf("nothing")],
    ["welcome_bonus", idOf("acheteurB")],
  ])("credits out of nothing, as %s", async (kind, key) => {
    const found = await rolledBack(sql, async (to) => {
      await to`select platform.post_transfer('leads', ${kind}, ${key},
        array[('buyer_paid', ${idOf("acheteurB")}, 50), ('credits_issued', null, -50)]::platform.ledger_line[])`;
      return to`select problem, subject from leads.ledger_problems()`;
    });
    expect([...found]).toContainEqual({ problem: "transfer_without_row", subject: `${kind} ${key}` });
  });

  it("credits that were opened and of which no figure knows", async () => {
    const problems = await problemsAfter(
      `select platform.post_transfer('leads', 'opening', 'x', array[('buyer_paid', '${idOf("acheteurB")}', 50), ('credits_opening', null, -50)]::platform.ledger_line[])`,
    );
    expect(problems).toEqual(named(`credits_not_their_opening ${idOf("acheteurB")}`));
  });

  it("credits that go along with a sale, a pack or a loss", async () => {
    for (const [kind, problem] of [
      ["sale", "sale_not_its_entries"],
      ["pack_loss", "loss_not_its_entries"],
      ["loss_recovered", "loss_not_its_entries"],
      ["pack_loss_undone", "loss_not_its_entries"],
      ["pack_refund", "refund_not_its_entries"],
      ["pack_dispute", "refund_not_its_entries"],
      ["pack", "order_not_its_entries order"],
    ]) {
      const transfer = `(select id from platform.ledger_transfers where kind = '${kind}' and (kind <> 'pack' or key = '${idOf("order")}') limit 1)`;
      const account = `(select a.id from platform.ledger_accounts a where a.kind = 'buyer_paid'
        and not exists (select from platform.ledger_entries e where e.transfer_id = ${transfer} and e.account_id = a.id) limit 1)`;
      const problems = await problemsAfter(
        insertEntry(transfer, account, 50),
        insertEntry(transfer, "(select id from platform.ledger_accounts where kind = 'credits_opening')", -50),
      );
      expect(problems, kind).toEqual(named(problem as string));
    }
  });

  it.each([
    [
      "a share that given credits brought",
      "share_not_by_its_rules",
      `update leads.sales set given_share_cents = 1 where ${sale}`,
    ],
    [
      "a given credit that no lot gave",
      "sale_not_its_entries",
      `update leads.sales set given_credits = 1 where ${sale}`,
    ],
    ["a budget that no sale spent", "budget_not_its_sales 1999-01", "update leads.bonus_budgets set spent_cents = 1"],
    [
      "a budget of a sale that nothing was taken from",
      "budget_not_its_sales",
      `update leads.sales set given_share_cents = 1, budget_cents = 1 where ${sale}`,
    ],
  ])("%s", async (_, problem, statement) => {
    expect(await problemsAfter(statement)).toEqual(named(problem));
  });

  it.each([
    [
      "set back to requested",
      "update leads.returns set status = 'requested', decided_at = null, transfer_id = null where status = 'accepted'",
    ],
    ["removed", "delete from leads.returns where status = 'accepted'"],
  ])("an accepted return that was %s", async (_, statement) => {
    expect(await problemsAfter(statement)).toEqual(
      named("transfer_without_row return", `transactions_not_their_events refund ${idOf("acheteurB")}`),
    );
  });

  it("a sale, an order or a payout that was removed", async () => {
    expect(await problemsAfter(`delete from leads.sales where ${sale}`)).toEqual(named("transfer_without_row sale"));
    expect(await problemsAfter("delete from leads.pack_orders")).toEqual(named("transfer_without_row pack"));
    expect(await problemsAfter("delete from leads.refunds")).toEqual(
      named(
        ...["refund", "dispute", "loss", "refund_reversed", "loss_undone"].map(
          (end) => `transfer_without_row pack_${end} `,
        ),
      ),
    );
    expect(await problemsAfter(`delete from leads.payouts where ${payout("returned")}`)).toEqual(
      named(...["", "_confirmed", "_returned", "_failed"].map((end) => `transfer_without_row payout${end} `)),
    );
  });

  it("a row that names another transfer", async () => {
    const other = "(select id from platform.ledger_transfers where kind = 'opening' limit 1)";
    expect(await problemsAfter(`update leads.payouts set transfer_id = ${other} where ${payout("failed")}`)).toEqual(
      named("row_of_another_transfer payout"),
    );
  });

  it.each(["completed", "failed", "returned", "pending"])("another amount of a payout that is %s", async (became) => {
    const problems = await problemsAfter(
      `update leads.payouts set amount_cents = amount_cents + 1 where ${payout(became)}`,
    );
    expect(problems).toEqual(named("payout_not_its_entries", "payout_not_its_lines", "payout_without_transaction"));
  });

  it("a payout to somebody else", async () => {
    const problems = await problemsAfter(
      `update leads.payouts set supplier_id = '${idOf("supplierB")}' where ${payout("completed")}`,
    );
    expect(problems).toEqual(named("payout_not_its_entries"));
  });

  it.each(["completed", "failed", "returned", "pending"])(
    "what goes along with a payout that is %s",
    async (became) => {
      expect(await problemsAfter(`delete from leads.payout_lines where payout_id = ${payoutId(became)}`)).toEqual(
        named("payout_not_its_lines"),
      );
      expect(await problemsAfter(`delete from leads.payout_accounts where payout_id = ${payoutId(became)}`)).toEqual(
        named("payout_without_account"),
      );
      const listed = `description = 'Virement ${payouts[became]}'`;
      for (const change of [
        `delete from leads.transactions where ${listed}`,
        `update leads.transactions set status = 'refunded' where ${listed}`,
        `update leads.transactions set amount_cents = 1 where ${listed}`,
      ]) {
        expect(await problemsAfter(change), change).toEqual(named("payout_without_transaction"));
      }
    },
  );

  it.each([
    ["lead_purchase", "acheteurB"],
    ["refund", "acheteurB"],
    ["refund", "acheteurA"],
    ["bonus", "acheteurA"],
  ])("the transaction of a %s that was removed or changed", async (type, who) => {
    const listed = `type = '${type}' and user_id = '${idOf(who)}'`;
    for (const change of [
      `delete from leads.transactions where ${listed}`,
      `update leads.transactions set status = 'failed' where ${listed}`,
      `update leads.transactions set credits = credits + 1 where ${listed}`,
    ]) {
      expect(await problemsAfter(change), change).toEqual(named(`transactions_not_their_events ${type} ${idOf(who)}`));
    }
  });

  it("the payment of a sale that was removed or changed", async () => {
    for (const change of [
      `delete from leads.payments where ${sale}`,
      `update leads.payments set amount_cents = 1 where ${sale}`,
      `update leads.payments set status = 'refunded' where ${sale}`,
      "update leads.payments set status = 'completed' where status = 'refunded' and type = 'lead_payment'",
    ]) {
      expect(await problemsAfter(change), change).toEqual(named("sale_not_its_payment"));
    }
  });

  it.each([
    [
      "another amount of a refund",
      "refund_not_its_entries",
      "update leads.refunds set amount_cents = amount_cents - 1 where kind = 'made'",
    ],
    [
      "a refund that the order does not know",
      "order_not_its_refunds",
      "update leads.pack_orders set status = 'completed' where status = 'refunded'",
    ],
    [
      "a reversal of another refund",
      "reversal_of_another_refund",
      `update platform.ledger_transfers set reverses = (select id from platform.ledger_transfers where kind = 'pack_refund' order by id limit 1) where kind = 'pack_refund_reversed'`,
    ],
    [
      "a refund that is waited for, of an order that has nothing left",
      "refund_waits_in_vain",
      "insert into leads.refunds (order_id, kind, amount_cents) select id, 'asked', 0 from leads.pack_orders where status = 'refunded' limit 1",
    ],
    [
      "a refund that is waited for beyond what is left",
      "refund_waits_in_vain",
      "update leads.refunds set amount_cents = 19901 where status = 'requested'",
    ],
    ["a credit note that was removed", "order_not_its_invoices", "delete from leads.invoices where series = 'AV'"],
    [
      "an invoice that was removed",
      "order_not_its_invoices order",
      "delete from leads.invoices where series = 'FA' and refund_id is null",
    ],
    [
      "a credit note of another amount",
      "document_not_its_refund AV",
      "update leads.invoices set gross_cents = gross_cents - 1, net_cents = net_cents - 1 where series = 'AV'",
    ],
    [
      "a reversed refund without its invoice",
      "order_not_its_invoices",
      "delete from leads.invoices where series = 'FA' and refund_id is not null",
    ],
  ])("%s", async (_, problem, statement) => {
    expect(await problemsAfter(statement)).toEqual(named(problem));
  });

  it("the payment and the transaction of an order that were removed", async () => {
    for (const table of ["payments", "transactions"]) {
      const problems = await problemsAfter(`delete from leads.${table} where type = 'credit_purchase'`);
      expect(problems, table).toEqual(named("order_not_its_payment order"));
    }
  });
});

describe("not named is", () => {
  it("the bonus of a person who is gone", async () => {
    const problems = await rolledBack(sql, async (to) => {
      await to`select platform.post_transfer('leads', 'welcome_bonus', ${idOf("gone")}, array[('buyer_bonus', ${idOf("gone")}, 5), ('credits_issued', null, -5)]::platform.ledger_line[])`;
      return to`select * from leads.ledger_problems()`;
    });
    expect([...problems]).toEqual([]);
  });
});

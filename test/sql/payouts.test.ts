import type postgres from "postgres";
import { afterEach, describe, expect, it } from "vitest";
import { expectLedgerHolds } from "../support/ledger.ts";
import { type Actor, emailOf, idOf, openMarket } from "../support/market.ts";
import { asActor, become, committedAs, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

// What must hold when suppliers are paid, whoever asks and however many at once.

const { sql } = await testDatabase();
await openMarket(sql);

afterEach(() => expectLedgerHolds(sql));

type Virement = { id: string; reference: string; amount: number; leadsCount: number; status: string; period: string };

const pay = async (on: Sql, id = "supplier-a", key: string | null = null) =>
  (await on<{ answer: Virement }[]>`select public.admin_gains_pay(${id}, ${key}) as answer`)[0]?.answer as Virement;
const settle = (on: Sql, reference: string, outcome: string) =>
  on`select leads.settle_payout(${reference}, ${outcome})`;
const asAdmin = <Result>(work: (to: postgres.TransactionSql) => Promise<Result>) => asActor(sql, "admin", work);
const slugOf = async (work: Promise<unknown>) => (await refusal(work)).slug;

/** Owes a supplier so many cents as the opening of a ledger does. */
async function owe(to: Sql, supplier: string, cents: number, wait = "0 days"): Promise<void> {
  await to`insert into leads.earnings (supplier_id, kind, amount_cents, payable_from) values (${idOf(supplier)}, 'opening', ${cents}, now() + ${wait}::interval)`;
  await to`select platform.post_transfer('leads', 'opening', gen_random_uuid()::text,
    array[('supplier_earnings', ${idOf(supplier)}, ${cents}::bigint), ('opening', null, ${-cents}::bigint)]::platform.ledger_line[])`;
}

describe("a payout", () => {
  it("takes what is payable, negative lines too, and leaves what is not yet", () =>
    rolledBack(sql, async (to) => {
      await owe(to, "supplierA", -120);
      await owe(to, "supplierA", 10_000, "1 day");
      await become(to, "admin");
      expect(await pay(to)).toMatchObject({ amount: 3.8, leadsCount: 0, status: "pending" });
      await to.unsafe("reset role");
      const [left] =
        await to`select array_agg(amount_cents::int) as left from leads.earnings where supplier_id = ${idOf("supplierA")} and payout_id is null`;
      expect(left?.left).toEqual([10_000]);
      expect(
        await to`select platform.ledger_balance('leads', 'supplier_earnings', ${idOf("supplierA")})::int as balance`,
      ).toEqual([{ balance: 10_000 }]);
      await expectLedgerHolds(to);
    }));

  it("is refused while more was taken back than earned, and carries the difference on", () =>
    rolledBack(sql, async (to) => {
      await owe(to, "supplierA", -900);
      await become(to, "admin");
      expect(await slugOf(to.savepoint((inner) => pay(inner)))).toBe("nothing_to_pay");
      await to.unsafe("reset role");
      await owe(to, "supplierA", 1000);
      await become(to, "admin");
      expect(await pay(to)).toMatchObject({ amount: 6 });
    }));

  it("takes the next number of its month, after those that are there, also past 999", () =>
    rolledBack(sql, async (to) => {
      const next = async (day: string) =>
        (await to`select leads.next_transfer_reference(${day}::date) as reference`)[0]?.reference;
      expect(await next("2026-02-10")).toBe("VP-2026-02-001");
      await to`update leads.payouts set status = 'completed'`;
      await to`insert into leads.payouts (transfer_reference, supplier_id, amount_cents, status, leads_count, period, iban_mask)
        select 'VP-2026-02-' || n, ${idOf("supplierA")}, 1, 'completed', 0, '', '' from unnest(array['007', '999', 'x', '1000']) n`;
      expect(await next("2026-02-28")).toBe("VP-2026-02-1001");
      expect(await next("2026-03-01")).toBe("VP-2026-03-001");
    }));

  it.each([
    ["2026-02-01", "Fév 2026 (1ère quinzaine)"],
    ["2026-02-15", "Fév 2026 (1ère quinzaine)"],
    ["2026-02-16", "Fév 2026 (2ème quinzaine)"],
    ["2025-12-31", "Déc 2025 (2ème quinzaine)"],
  ])("of %s is of the period %s", async (day, period) => {
    expect(await sql`select leads.payout_period(${day}::date) as period`).toEqual([{ period }]);
  });

  it("never changes in whom and what it pays, and what failed stays so", async () => {
    for (const change of ["amount_cents = 1", "status = 'pending'", "transfer_reference = 'x'"]) {
      const attempt = rolledBack(sql, (to) =>
        to.unsafe(`update leads.payouts set ${change} where reference = 'payout-a'`),
      );
      expect(await slugOf(attempt), change).toBe("payout_settled");
    }
    for (const status of ["pending", "completed"]) {
      const attempt = rolledBack(sql, async (to) => {
        await to`update leads.payouts set status = 'failed' where reference = 'payout-c'`;
        await to`update leads.payouts set status = ${status} where reference = 'payout-c'`;
      });
      expect(await slugOf(attempt), status).toBe("payout_settled");
    }
    expect(await slugOf(rolledBack(sql, (to) => to`update leads.payout_lines set earning_id = earning_id`))).toBe(
      "append_only",
    );
  });

  it("of before this ledger is confirmed, or owed again as a whole", async () => {
    for (const outcome of ["completed", "failed"]) {
      await rolledBack(sql, async (to) => {
        await become(to, "admin");
        await settle(to, "VP-C", outcome);
        await to.unsafe("reset role");
        await expectLedgerHolds(to);
        const [owed] =
          await to`select sum(amount_cents)::int as cents from leads.earnings where supplier_id = ${idOf("supplierB")} and payout_id is null`;
        expect(owed?.cents).toBe(outcome === "failed" ? 1500 : 500);
      });
    }
  });
});

describe("an account that only its supplier has looked at", () => {
  /** A supplier gives an account, or an admin does it for him. */
  async function give(to: Sql, mask: string, validated: boolean): Promise<void> {
    await become(to, "service_role");
    await to`select public.account_keep(${idOf("supplierA")}, 'v1.new', null, ${mask}, ${idOf("fournisseurA")}, ${validated})`;
    await become(to, "admin");
  }
  const statusOf = async (to: Sql) =>
    (await to`select status from leads.suppliers where reference = 'supplier-a'`)[0]?.status;
  const restart = (to: Sql) =>
    to`select platform_api.member_suspend('leads', ${emailOf("fournisseurA")}), platform_api.member_reactivate('leads', ${emailOf("fournisseurA")})`;

  it("is not paid to, however its supplier became active", () =>
    rolledBack(sql, async (to) => {
      await give(to, "DE89", false);
      await restart(to);
      expect(await statusOf(to)).toBe("pending_validation");
      await to.unsafe("reset role");
      await to`update leads.suppliers set status = 'active' where reference = 'supplier-a'`;
      await become(to, "admin");
      expect(await slugOf(to.savepoint((inner) => pay(inner)))).toBe("supplier_pending_validation");
      await to`select public.admin_gains_activate('supplier-a')`;
      await restart(to);
      expect(await statusOf(to)).toBe("active");
      expect(await pay(to)).toMatchObject({ amount: 5, status: "pending" });
    }));

  it("is validated as the one that the admin has seen, and no other", () =>
    rolledBack(sql, async (to) => {
      await give(to, "DE89", false);
      const other = to.savepoint((inner) => inner`select public.admin_gains_activate('supplier-a', 'FR76')`);
      expect(await slugOf(other)).toBe("iban_changed");
      expect(await statusOf(to)).toBe("pending_validation");
      await to`select public.admin_gains_activate('supplier-a', 'DE89')`;
      expect(await statusOf(to)).toBe("active");
    }));

  it("is told from another of the same mask by the log, which says who gave and who validated it", () =>
    rolledBack(sql, async (to) => {
      // As at the commit of each.
      await to`set constraints all immediate`;
      for (const validated of [false, false]) await give(to, "FR76 •••• •••• •••• 4521", validated);
      await to`select public.admin_gains_activate('supplier-a')`;
      await to.unsafe("reset role");
      const log = await to`select operation, actor, after ->> 'changed_by' as "by", after -> 'validated' as validated
        from platform.audit_log where relation = 'leads.supplier_accounts' order by at`;
      const given = { operation: "UPDATE", actor: null, by: idOf("fournisseurA"), validated: false };
      expect(log.slice(-3)).toEqual([given, given, { ...given, actor: idOf("admin"), validated: true }]);
    }));

  it("needs no validation where an admin has given it", () =>
    rolledBack(sql, async (to) => {
      await give(to, "DE89", true);
      await restart(to);
      expect(await statusOf(to)).toBe("active");
      expect(await pay(to)).toMatchObject({ amount: 5 });
    }));
});

describe("a payout that comes back after it arrived", () => {
  const transferOf = async (to: Sql, reference: string) =>
    (await to`select t.status from leads.transactions t where t.description = ${`Virement ${reference}`}`)[0]?.status;

  it("gives the earnings back, and the date, the transaction and the supplier's messages say so", () =>
    rolledBack(sql, async (to) => {
      await to`update leads.suppliers set last_payment_date = '2026-01-05' where reference = 'supplier-a'`;
      await to`update leads.payouts set date = '2026-01-05' where reference = 'payout-a'`;
      await become(to, "admin");
      const { reference, amount } = await pay(to);
      await settle(to, reference, "completed");
      await to`select leads.settle_payout(${reference}, 'failed', 'MS03')`;
      await settle(to, reference, "failed");
      expect(await slugOf(to.savepoint((inner) => settle(inner, reference, "completed")))).toBe("payout_failed");
      await to.unsafe("reset role");
      await expectLedgerHolds(to);
      const [row] =
        await to`select p.status, p.failure_reason, s.last_payment_date::text as last, p.settled_at is not null as settled
        from leads.payouts p join leads.suppliers s on s.id = p.supplier_id where p.transfer_reference = ${reference}`;
      expect(row).toEqual({ status: "failed", failure_reason: "MS03", last: "2026-01-05", settled: true });
      expect(await transferOf(to, reference)).toBe("failed");
      const [told] =
        await to`select title, message from platform.notifications where user_id = ${idOf("fournisseurA")} order by id desc limit 1`;
      expect(told).toMatchObject({ title: "Virement retourné", message: expect.stringContaining("MS03") });
      expect(await to`select kind from platform.ledger_transfers where kind like 'payout%' order by id`).toEqual(
        ["payout", "payout_confirmed", "payout_returned", "payout_failed"].map((kind) => ({ kind })),
      );
      await become(to, "admin");
      expect(await pay(to)).toMatchObject({ amount });
    }));

  it("is owed again as a whole where it is of before this ledger, confirmed here or not", () =>
    rolledBack(sql, async (to) => {
      await become(to, "admin");
      await settle(to, "VP-C", "completed");
      for (const reference of ["VP-C", "VP-B"]) await settle(to, reference, "failed");
      await to.unsafe("reset role");
      await expectLedgerHolds(to);
      const [owed] =
        await to`select sum(amount_cents)::int as cents from leads.earnings where supplier_id = ${idOf("supplierB")} and payout_id is null`;
      expect(owed?.cents).toBe(2500);
      expect(await to`select platform.ledger_balance('leads', 'bank')::int as cents`).toEqual([{ cents: -1000 }]);
    }));
});

describe("the tables refuse", () => {
  const a = idOf("supplierA");
  const file = (id: string, payouts = 1, cents = 1) =>
    `insert into leads.payout_exports (message_id, debtor, execution_date, created_at, payouts, total_cents) values ('${id}', '{}', '2026-01-01', now(), ${payouts}, ${cents})`;

  it.each([
    [
      "an IBAN that is not sealed",
      `update leads.supplier_accounts set sealed_iban = 'FR7630006000011234567890189'`,
      "23514",
    ],
    ["a BIC that is none", "update leads.supplier_accounts set bic = 'x'", "23514"],
    [
      "a second account of a supplier",
      `insert into leads.supplier_accounts (supplier_id, sealed_iban, validated) values ('${a}', 'v1.x', true)`,
      "23505",
    ],
    ["a second account of a payout", "insert into leads.payout_accounts select * from leads.payout_accounts", "23505"],
    ["a line twice", "insert into leads.payout_lines select * from leads.payout_lines", "23505"],
    ["a file of another's id", file("EXPORT-1"), "23505"],
    ["an id that a bank does not take", file("é x"), "23514"],
    ["a file of nothing", file("EXPORT-3", 0), "23514"],
    ["a file of no money", file("EXPORT-3", 1, 0), "23514"],
    [
      "a reason without an end",
      `update leads.payouts set failure_reason = repeat('x', 501) where reference = 'payout-c'`,
      "23514",
    ],
    [
      "the account of nobody",
      `insert into leads.supplier_accounts (supplier_id, sealed_iban, validated) values (gen_random_uuid(), 'v1.x', true)`,
      "23503",
    ],
  ])("%s", async (_, statement, code) => {
    expect((await refusal(rolledBack(sql, (to) => to.unsafe(statement)))).code).toBe(code);
  });
});

describe("the functions behind it", () => {
  const calls = [
    "leads.pay_supplier('supplier-a', null)",
    "leads.settle_payout('VP-C', 'completed')",
    "leads.settle_entries('[]')",
    "leads.set_supplier_status('supplier-a', 'active')",
    "leads.payables(null)",
    "leads.payout_lines_for('admin', 'VP-A')",
    "leads.check_account_of('supplier-a', 'x', null)",
  ];
  const others: Actor[] = [
    "anon",
    "stranger",
    "fournisseurA",
    "agentA",
    "acheteurA",
    "suspendedAcheteur",
    "otherAdmin",
  ];

  it.each(calls)("%s asks for an admin itself", async (call) => {
    for (const actor of others) {
      const { code } = await refusal(asActor(sql, actor, (to) => to.unsafe(`select ${call}`)));
      expect(code, actor).toBe(actor === "anon" ? "42501" : "PT403");
    }
  });

  const sealed = [
    `leads.keep_account('${idOf("supplierA")}', 'v1.', null, '', null, true)`,
    "leads.payout_batch(null)",
    "leads.mark_exported('x', now()::text, '{}')",
    "leads.set_payout_debtor('x', 'x', null)",
    "leads.demo_accounts()",
    `leads.keep_demo_account('${idOf("supplierA")}', 'v1.')`,
    "leads.complete_payout(null)",
    "leads.refuse_payout(null, null)",
    "leads.free_earnings(null)",
    "leads.lines_of(null)",
  ];

  it.each(sealed)("%s is nobody's who signs in", async (call) => {
    for (const actor of [...others, "admin"] as Actor[]) {
      expect((await refusal(asActor(sql, actor, (to) => to.unsafe(`select ${call}`)))).code, actor).toBe("42501");
    }
  });

  it("a supplier reads the lines of his own payouts alone", async () => {
    const lines = (actor: Actor, id: string) =>
      asActor(sql, actor, (to) => to`select * from public.fournisseur_virement_lines(${id})`);
    expect(await lines("fournisseurA", "payout-a")).toEqual([
      { type: "opening", leadId: null, soldAt: null, amount: "5" },
    ]);
    expect(await slugOf(lines("fournisseurA", "payout-b"))).toBe("payout_not_found");
  });
});

describe("a bank's file", () => {
  const enter = (to: Sql, entries: object[]) =>
    to`select reference, result from public.admin_payouts_settle(${to.json(entries as never)})`;
  const entry = (reference: string, cents: number, outcome = "completed") => ({ reference, cents, outcome });

  it("is entered where reference and amount fit, and again changes nothing", () =>
    asAdmin(async (to) => {
      const { reference } = await pay(to);
      const entries = [entry(reference, 500), entry("VP-C", 999), entry("VP-A", 1000), entry("FOO", 1)];
      const result = Object.fromEntries((await enter(to, entries)).map((row) => [row.reference, row.result]));
      expect(result).toEqual({
        [reference]: "completed",
        "VP-C": "mismatch",
        "VP-A": "already",
        FOO: "unknown",
      });
      const again = Object.fromEntries((await enter(to, entries)).map((row) => [row.reference, row.result]));
      expect(again).toEqual({ ...result, [reference]: "already" });
      expect((await enter(to, [entry("VP-C", 1000, "failed")]))[0]).toMatchObject({ result: "failed" });
    }));

  it("enters a return after the booking; told in the other order, in one file or two, it comes to the same", () =>
    asAdmin(async (to) => {
      const { reference } = await pay(to);
      const [booked, returned] = [entry(reference, 500), entry(reference, 500, "failed")];
      const results = async (...entries: object[]) => (await enter(to, entries)).map(({ result }) => result);
      expect(await results(booked)).toEqual(["completed"]);
      expect(await results(returned)).toEqual(["failed"]);
      expect(await results(returned, booked)).toEqual(["already", "already"]);
      expect(await results(entry("VP-C", 1000, "failed"))).toEqual(["failed"]);
      expect(await results(entry("VP-C", 1000))).toEqual(["already"]);
    }));

  it("does nothing of an entry that is not of its shape", () =>
    asAdmin(async (to) => {
      expect(await enter(to, [])).toEqual([]);
      expect((await enter(to, [{ outcome: "completed" }]))[0]).toMatchObject({ result: "unknown" });
      expect((await enter(to, [{ reference: "VP-C", outcome: "completed" }]))[0]).toMatchObject({ result: "mismatch" });
      const strange = to.savepoint((inner) => enter(inner, [entry("VP-C", 1000, "perhaps")]));
      expect(await slugOf(strange)).toBe("invalid_fields");
    }));
});

describe("a file for the bank", () => {
  const asOperators = <Result>(work: (to: postgres.TransactionSql) => Promise<Result>) =>
    asActor(sql, "service_role", work);
  const batchOf = async (to: Sql, again: string | null = null) =>
    (await to`select public.payout_batch(${again}) as batch`)[0]?.batch;
  const mark = (to: Sql, id: string, batch: object) =>
    to`select public.payout_batch_mark(${id}, now()::text, ${to.json(batch as never)})`;
  const debtor = (to: Sql) =>
    to`select public.payout_debtor_set('Leads Provider', 'FR76 3000 6000 0112 3456 7890 189')`;

  it("wants to know from which account, and which one it is", async () => {
    expect(await slugOf(asOperators((to) => batchOf(to)))).toBe("debtor_missing");
    const { slug, hint } = await refusal(asOperators((to) => to`select public.payout_debtor_set(' ', 'FR77', 'x')`));
    expect(slug).toBe("invalid_fields");
    expect(JSON.parse(hint)).toMatchObject([{ field: "iban" }, { field: "bic" }, { field: "name" }]);
    // A bank's file has no sign for it.
    const signs = await refusal(
      asOperators((to) => to`select public.payout_debtor_set('••• ', 'DE89370400440532013000')`),
    );
    expect(JSON.parse(signs.hint)).toMatchObject([{ field: "name", code: "invalid_format" }]);
  });

  it("holds back what goes to a supplier who was suspended meanwhile, and names it", () =>
    asOperators(async (to) => {
      await debtor(to);
      const before = await batchOf(to);
      expect(before.held).toEqual([]);
      await become(to, "admin");
      await to`select public.admin_gains_suspend('supplier-b')`;
      await become(to, "service_role");
      expect(await batchOf(to)).toMatchObject({
        orders: [],
        held: [{ reference: "VP-C", cents: 1000, supplier: "supplier-b", reason: "supplier_suspended" }],
      });
      expect(await slugOf(to.savepoint((inner) => mark(inner, "FILE-1", before)))).toBe("payouts_changed");
      await become(to, "admin");
      await to`select public.admin_gains_activate('supplier-b')`;
      await become(to, "service_role");
      await mark(to, "FILE-1", before);
      // What has left has left: the file is written again as it was.
      await become(to, "admin");
      await to`select public.admin_gains_suspend('supplier-b')`;
      await become(to, "service_role");
      expect(await batchOf(to, "FILE-1")).toMatchObject({ orders: before.orders, held: [] });
    }));

  it("holds each pending payout once, and the same again under its own id alone", () =>
    asOperators(async (to) => {
      await debtor(to);
      const batch = await batchOf(to);
      expect(batch.orders).toEqual([
        {
          reference: "VP-C",
          cents: 1000,
          supplierId: idOf("supplierB"),
          holder: "Company B",
          sealedIban: "v1.supplier-b",
          bic: null,
        },
      ]);
      await mark(to, "FILE-1", batch);
      expect((await batchOf(to)).orders).toEqual([]);
      expect(await slugOf(to.savepoint((inner) => mark(inner, "FILE-2", batch)))).toBe("payouts_changed");
      expect(await batchOf(to, "FILE-1")).toMatchObject({ ...batch, messageId: "FILE-1" });
      expect(await slugOf(to.savepoint((inner) => batchOf(inner, "FILE-9")))).toBe("export_not_found");
      await settle(to, "VP-C", "failed");
      expect(await slugOf(to.savepoint((inner) => batchOf(inner, "FILE-1")))).toBe("export_settled");
    }));

  it("made twice at once is made once", async () => {
    const [row] = await sql`select platform.next_target_day(platform.paris_today())::text as day`;
    const batch = { debtor: {}, executionDate: row?.day, orders: [{ reference: "VP-C", cents: 1000 }] };
    const attempts = ["RACE-1", "RACE-2", "RACE-3"].map((id) =>
      committedAs(sql, "service_role", (to) => mark(to, id, batch)),
    );
    const outcomes = (await Promise.allSettled(attempts)).map(({ status }) => status).sort();
    expect(outcomes).toEqual(["fulfilled", "rejected", "rejected"]);
    const exports = await sql`select message_id from leads.payout_exports where message_id like 'RACE%'`;
    expect(exports).toHaveLength(1);
    await sql`update leads.payouts set export_id = null`;
    await sql`delete from leads.payout_exports where message_id like 'RACE%'`;
  });
});

describe("at once", () => {
  /** Starts works while somebody holds the number of the next payout, and lets them go on when all of them wait. */
  async function held<Result>(works: (() => Promise<Result>)[]): Promise<PromiseSettledResult<Result>[]> {
    const holder = await sql.reserve();
    await holder`begin`;
    await holder`select leads.next_transfer_reference(platform.paris_today())`;
    const started = Promise.allSettled(works.map((work) => work()));
    const waiting = () =>
      sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    while ((await waiting()).length < works.length) await new Promise((resolve) => setTimeout(resolve, 10));
    await holder`rollback`;
    holder.release();
    return started;
  }

  it("two admins who pay the same supplier pay him once, however close they come", async () => {
    await owe(sql, "supplierA", 2000);
    const outcomes = await held([1, 2, 3].map(() => () => committedAs(sql, "admin", (to) => pay(to))));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected", "rejected"]);
    await expectLedgerHolds(sql);
  });

  it("two admins who pay two suppliers take two numbers", async () => {
    await owe(sql, "supplierA", 100);
    await owe(sql, "supplierB", 100);
    const works = ["supplier-a", "supplier-b"].map((id) => () => committedAs(sql, "admin", (to) => pay(to, id)));
    const outcomes = await held(works);
    const references = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value.reference] : []));
    expect(new Set(references).size).toBe(2);
  });

  it("admins who pay everybody at once pay each of them once, with numbers of their own", async () => {
    await owe(sql, "supplierA", 2000);
    await owe(sql, "supplierB", 3000);
    const attempts = Array.from({ length: 16 }, (_, n) =>
      committedAs(sql, "admin", (to) => pay(to, n % 2 ? "supplier-a" : "supplier-b")),
    );
    const paid = (await Promise.allSettled(attempts)).flatMap((attempt) =>
      attempt.status === "fulfilled" ? [attempt.value] : [],
    );
    expect(paid.map(({ amount }) => amount).sort()).toEqual([20, 30]);
    expect(new Set(paid.map(({ reference }) => reference)).size).toBe(2);
    // Confirmed by one while another enters that it came back: in whatever order, it has come back.
    const settled = paid.flatMap(({ reference }) =>
      ["completed", "failed", "completed"].map((outcome) =>
        committedAs(sql, "admin", (to) => settle(to, reference, outcome)),
      ),
    );
    for (const outcome of await Promise.allSettled(settled)) {
      if (outcome.status === "rejected") expect(await slugOf(Promise.reject(outcome.reason))).toBe("payout_failed");
    }
    const statuses =
      await sql`select distinct status from leads.payouts where transfer_reference in ${sql(paid.map(({ reference }) => reference))}`;
    expect([...statuses]).toEqual([{ status: "failed" }]);
    await expectLedgerHolds(sql);
  });
});

import { randomUUID } from "node:crypto";
import fc from "fast-check";
import postgres from "postgres";
import { afterEach, describe, expect, it } from "vitest";
import { openCredits } from "../support/ledger.ts";
import { type Actor, idOf, openMarket } from "../support/market.ts";
import { become, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

// An order of a pack, from the click to the invoice, at the database: once, whatever comes twice, late or at the same time.

const { sql, url } = await testDatabase();
await openMarket(sql);
await sql`update leads.credit_packs set bonus = 5`;

afterEach(async () => {
  expect(await sql`select * from leads.ledger_problems()`).toEqual([]);
});

/** Does `work` as the actor, for good. */
const act = <Result>(actor: Actor, work: (transaction: Sql) => Promise<Result>, on: postgres.Sql = sql) =>
  on.begin(async (transaction) => {
    await become(transaction, actor);
    return work(transaction);
  }) as Promise<Result>;

const open = async (key: string = randomUUID(), actor: Actor = "acheteurA", pack = "pack") =>
  act(actor, async (transaction) => {
    const [row] = await transaction<{ opened: { key: string; id: string } }[]>`
      select public.billing_order_open(${pack}, ${key}) as opened`;
    return row?.opened.key ?? "";
  });
const settle = (order: string, on?: postgres.Sql) =>
  act("service_role", (transaction) => transaction`select public.billing_order_settle(${order}, 'manual')`, on);
const tell = async (event: Record<string, unknown>, on?: postgres.Sql) =>
  act(
    "service_role",
    async (transaction) => {
      const whole = {
        id: `evt_${randomUUID()}`,
        amountCents: 19900,
        currency: "eur",
        occurredAt: 1_770_000_000,
        ...event,
      };
      const [row] = await transaction<{ outcome: string }[]>`
        select public.billing_payment_event('stripe', ${transaction.json(whole)}) as outcome`;
      return row?.outcome;
    },
    on,
  );
const refund = (order: string, actor: Actor = "admin") =>
  act(
    actor,
    (transaction) => transaction`
    select public.admin_order_refund(reference) from leads.pack_orders where id = ${order}`,
  );
const orderOf = async (id: string) => (await sql`select * from leads.pack_orders where id = ${id}`)[0];
const creditsOf = async (who: string) => {
  const [row] = await sql<{ paid: string; bonus: string }[]>`
    select platform.ledger_balance('leads', 'buyer_paid', ${idOf(who)}) as paid, platform.ledger_balance('leads', 'buyer_bonus', ${idOf(who)}) as bonus`;
  return { paid: Number(row?.paid), bonus: Number(row?.bonus) };
};
const invoicesOf = (order: string) =>
  sql`select series, net_cents::int as net, vat_cents::int as vat, gross_cents::int as gross from leads.invoices where order_id = ${order} order by id`;

/** So many connections, which are closed afterwards. */
async function together<Result>(count: number, work: (on: postgres.Sql, at: number) => Promise<Result>) {
  const connections = Array.from({ length: count }, () => postgres(url, { max: 1, onnotice: () => undefined }));
  try {
    await Promise.all(connections.map((on) => on`select 1`));
    return await Promise.allSettled(connections.map(work));
  } finally {
    await Promise.all(connections.map((on) => on.end()));
  }
}

describe("an order", () => {
  it("is paid once: credits in both lots, invoice, payment, transaction, notification", async () => {
    const before = await creditsOf("acheteurA");
    const order = await open();
    expect(await orderOf(order)).toMatchObject({
      status: "pending",
      provider: null,
      credits: 50,
      bonus: 5,
      pack_version: 2,
    });
    await settle(order);
    await settle(order);
    expect(await creditsOf("acheteurA")).toEqual({ paid: before.paid + 50, bonus: before.bonus + 5 });
    expect(await orderOf(order)).toMatchObject({ status: "completed", provider: "manual" });
    expect(await invoicesOf(order)).toEqual([{ series: "FA", net: 16583, vat: 3317, gross: 19900 }]);
    const [listed] = await sql`
      select p.status, p.description, p.amount_cents::int as amount, t.status as transaction, t.description as title, t.credits
      from leads.pack_orders o join leads.payments p on p.id = o.payment_id join leads.transactions t on t.id = o.transaction_id where o.id = ${order}`;
    expect(listed).toEqual({
      ...{ status: "completed", description: "Achat Pack Starter — 50 crédits + 5 offerts", amount: 19900 },
      ...{ transaction: "completed", title: "Achat Pack Starter", credits: 50 },
    });
    const [told] =
      await sql`select type, title, message from platform.notifications where user_id = ${idOf("acheteurA")} order by id desc`;
    expect(told).toEqual({
      type: "success",
      title: "Achat confirmé",
      message: "55 crédits ajoutés à votre compte, dont 5 offerts.",
    });
  });

  it("is of the pack as it was offered, whatever the pack becomes", async () => {
    const order = await open();
    await sql`update leads.credit_packs set credits = 60, price_cents = 29900`;
    await settle(order);
    await sql`update leads.credit_packs set credits = 50, price_cents = 19900`;
    expect(await orderOf(order)).toMatchObject({ credits: 50, price_cents: "19900" });
  });

  it("is one for a key, for twenty calls at once, and is paid once by twenty", async () => {
    const key = randomUUID();
    const before = await creditsOf("acheteurA");
    const opened = await together(20, (on) =>
      act(
        "acheteurA",
        (transaction) => transaction`select public.billing_order_open('pack', ${key}) ->> 'key' as key`,
        on,
      ),
    );
    const keys = opened.map((each) => (each.status === "fulfilled" ? each.value[0]?.key : each.reason));
    expect(new Set(keys).size).toBe(1);
    const settled = await together(20, (on) => settle(keys[0], on));
    expect(settled.filter(({ status }) => status === "rejected")).toEqual([]);
    expect(await creditsOf("acheteurA")).toEqual({ paid: before.paid + 50, bonus: before.bonus + 5 });
  });

  it("wants a key, a pack on sale, and the same pack for the same key", async () => {
    await sql`insert into leads.credit_packs (reference, name, credits, price_cents, price_per_credit_cents, active)
      values ('withdrawn', 'Retiré', 10, 4900, 490, false), ('other', 'Autre', 10, 4900, 490, true)`;
    const key = randomUUID();
    await open(key);
    expect(await refusal(open(key, "acheteurA", "other"))).toMatchObject({
      code: "PT409",
      slug: "idempotency_key_reused",
    });
    expect(await refusal(open("", "acheteurA"))).toMatchObject({ code: "PT400", slug: "idempotency_key_invalid" });
    for (const pack of ["withdrawn", "nowhere"]) {
      expect(await refusal(open(randomUUID(), "acheteurA", pack))).toMatchObject({
        code: "PT404",
        slug: "pack_not_found",
      });
    }
    expect(await refusal(open(randomUUID(), "suspendedAcheteur"))).toMatchObject({
      code: "PT403",
      slug: "account_suspended",
    });
    // Another buyer's key of the same name is another key.
    expect(await open(key, "acheteurB")).not.toBe(await open(key));
  });

  it.each<Actor>(["anon", "acheteurA", "admin"])("cannot be settled by %s", async (actor) => {
    const order = await open();
    for (const call of [
      `billing_order_settle('${order}', 'manual')`,
      `billing_order_send('${order}', 'stripe', 'cs', 'https://exemple.test')`,
      `billing_payment_event('stripe', '{"id": "evt", "meaning": "paid", "order": "${order}"}')`,
      `billing_order_refunded('${order}', 're')`,
    ]) {
      expect(await refusal(act(actor, (transaction) => transaction.unsafe(`select public.${call}`)))).toMatchObject({
        code: "42501",
      });
    }
    expect(await orderOf(order)).toMatchObject({ status: "pending" });
  });

  it("keeps its snapshot, and a paid one never fails, even by the owner's hand", async () => {
    const order = await open();
    await settle(order);
    for (const change of [
      "status = 'failed', settled_at = null",
      "status = 'pending', settled_at = null",
      "price_cents = 1",
      "credits = 1000",
    ]) {
      const refused = refusal(sql.unsafe(`update leads.pack_orders set ${change} where id = '${order}'`));
      expect(await refused).toMatchObject({ code: "PT409", slug: "order_is_final" });
    }
  });
});

it("a pack that somebody ordered keeps the demo data from being replaced", async () => {
  await rolledBack(sql, async (transaction) => {
    await transaction`insert into leads.seeded_rows select 'leads.credit_packs', id from leads.credit_packs where reference = 'pack'`;
    expect(await refusal(transaction.savepoint((inner) => inner`select leads.remove_seed()`))).toMatchObject({
      ...{ code: "PT409", slug: "seed_in_use" },
    });
  });
});

describe("a refund", () => {
  it("takes credits and bonus back, with a credit note, once", async () => {
    const before = await creditsOf("acheteurB");
    const order = await open(randomUUID(), "acheteurB");
    await settle(order);
    await refund(order);
    await refund(order);
    expect(await creditsOf("acheteurB")).toEqual(before);
    expect(await orderOf(order)).toMatchObject({ status: "refunded" });
    expect(await invoicesOf(order)).toEqual([
      { series: "FA", net: 16583, vat: 3317, gross: 19900 },
      { series: "AV", net: -16583, vat: -3317, gross: -19900 },
    ]);
    const types =
      await sql`select type, status, amount_cents::int as amount from leads.transactions where user_id = ${idOf("acheteurB")} order by id desc limit 2`;
    expect(types).toEqual([
      { type: "refund", status: "completed", amount: 19900 },
      { type: "credit_purchase", status: "refunded", amount: 19900 },
    ]);
  });

  it("is refused once credits of it are spent, in whichever lot", async () => {
    const order = await open(randomUUID(), "acheteurB");
    await settle(order);
    for (const [lot, spent] of [
      ["buyer_bonus", 1],
      ["buyer_paid", 101],
    ] as const) {
      await rolledBack(sql, async (transaction) => {
        await transaction`select platform.post_transfer('leads', 'test', ${lot}, array[(${lot}, ${idOf("acheteurB")}::uuid, ${-spent}::bigint),
          ('credits_spent', null, ${spent}::bigint)]::platform.ledger_line[])`;
        await become(transaction, "admin");
        const refused = transaction.savepoint(
          (inner) => inner`select leads.take_back_order(reference) from leads.pack_orders where id = ${order}`,
        );
        expect(await refusal(refused)).toMatchObject({ code: "PT409", slug: "credits_spent" });
      });
    }
    expect(await orderOf(order)).toMatchObject({ status: "completed" });
  });

  it("is an admin's, of an order that is paid", async () => {
    const order = await open();
    expect(await refusal(refund(order))).toMatchObject({ code: "PT409", slug: "order_not_paid" });
    const nothing = act("admin", (transaction) => transaction`select public.admin_order_refund('CMD-nothing')`);
    expect(await refusal(nothing)).toMatchObject({ code: "PT404", slug: "order_not_found" });
    await settle(order);
    const own = act("acheteurA", (transaction) => transaction`select public.admin_order_refund('CMD-001')`);
    expect(await refusal(own)).toMatchObject({ code: "PT403" });
  });
});

describe("a provider's events", () => {
  it("settle by their ids once, also twenty times at once", async () => {
    const before = await creditsOf("acheteurA");
    const order = await open();
    const id = `evt_${randomUUID()}`;
    const outcomes = await together(20, (on) => tell({ id, meaning: "paid", order, payment: `pi_${order}` }, on));
    expect(outcomes.map((each) => (each.status === "fulfilled" ? each.value : each.reason))).toEqual(
      Array(20).fill("done"),
    );
    expect(await creditsOf("acheteurA")).toEqual({ paid: before.paid + 50, bonus: before.bonus + 5 });
    expect(await orderOf(order)).toMatchObject({
      status: "completed",
      provider: "stripe",
      payment_reference: `pi_${order}`,
    });
  });

  it("of twenty different ids about one payment credit once", async () => {
    const before = await creditsOf("acheteurA");
    const order = await open();
    const outcomes = await together(20, (on) => tell({ meaning: "paid", order, payment: `pi_${order}` }, on));
    const told = outcomes.map((each) => (each.status === "fulfilled" ? each.value : each.reason));
    expect(told.filter((outcome) => outcome === "done")).toHaveLength(1);
    expect(told.filter((outcome) => outcome === "nothing_to_do")).toHaveLength(19);
    expect(await creditsOf("acheteurA")).toEqual({ paid: before.paid + 50, bonus: before.bonus + 5 });
  });

  it("that are not of an order, or of another amount, settle nothing; an admin is told", async () => {
    const order = await open();
    expect(await tell({ meaning: "paid", order: randomUUID() })).toBe("unknown_order");
    expect(await tell({ meaning: "paid", order: "not a uuid" })).toBe("unknown_order");
    expect(await tell({ meaning: "paid", order, amountCents: 100 })).toBe("other_amount");
    expect(await tell({ meaning: "paid", order, currency: "usd" })).toBe("other_amount");
    expect(await orderOf(order)).toMatchObject({ status: "pending" });
    const [told] =
      await sql`select title, message from platform.notifications where user_id = ${idOf("admin")} order by id desc limit 1`;
    expect(told?.title).toBe("Paiement à vérifier");
  });

  it("that tell of a second payment leave the order and call an admin", async () => {
    const order = await open();
    await tell({ meaning: "paid", order, payment: `pi_a_${order}` });
    expect(await tell({ meaning: "paid", order, payment: `pi_b_${order}` })).toBe("paid_twice");
    expect(await invoicesOf(order)).toHaveLength(1);
  });

  it("that tell of a refund after the credits are spent leave them spent and call an admin", async () => {
    const order = await open(randomUUID(), "acheteurB");
    await tell({ meaning: "paid", order, payment: `pi_${order}` });
    const { bonus } = await creditsOf("acheteurB");
    await openCredits(sql, idOf("acheteurB"), 0, -bonus);
    expect(await tell({ meaning: "refunded", order, payment: `pi_${order}` })).toBe("credits_spent");
    expect(await orderOf(order)).toMatchObject({ status: "completed" });
  });

  // Paid beats failed and expired, a refund beats paid, and nothing happens twice: in whatever order they come.
  it("come to the same in whatever order, and however often", async () => {
    const events = fc.array(fc.constantFrom("paid", "failed", "expired", "refunded"), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(events, async (meanings) => {
        const before = await creditsOf("acheteurA");
        const order = await open();
        for (const meaning of meanings)
          await tell({ id: `${meaning}_${order}`, meaning, order, payment: `pi_${order}` });
        const has = (meaning: string) => meanings.some((each) => each === meaning);
        const paid = has("paid");
        const wanted =
          paid && has("refunded")
            ? "refunded"
            : paid
              ? "completed"
              : has("failed") || has("expired")
                ? "failed"
                : "pending";
        expect(await orderOf(order)).toMatchObject({ status: wanted });
        expect(await invoicesOf(order)).toHaveLength({ refunded: 2, completed: 1, failed: 0, pending: 0 }[wanted]);
        const gained = wanted === "completed" ? 1 : 0;
        expect(await creditsOf("acheteurA")).toEqual({
          paid: before.paid + 50 * gained,
          bonus: before.bonus + 5 * gained,
        });
      }),
      { numRuns: 40 },
    );
  });
});

describe("the rules of an invoice", () => {
  it.each([
    ["vat_percent", '"20"'],
    ["vat_percent", "120"],
    ["seller", '{"name": "Nom"}'],
  ])("%s cannot be %s", async (name, value) => {
    const refused = refusal(sql.unsafe(`update leads.work_rules set value = '${value}' where name = '${name}'`));
    expect(await refused).toMatchObject({ code: "23514" });
  });
});

describe("invoices", () => {
  it("have numbers without a gap, under a race and with half of it rolled back", async () => {
    const orders = await Promise.all(Array.from({ length: 16 }, () => open()));
    const settled = await together(16, async (on, at) =>
      on.begin(async (transaction) => {
        await transaction`select leads.settle_order(${orders[at] as string}, 'manual')`;
        if (at % 2) throw new Error("given up");
      }),
    );
    expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(8);
    const numbers = await sql<{ number: string; position: number; last: number }[]>`
      select i.number, i.position, c.last_number as last from leads.invoices i join leads.invoice_counters c using (series, year)
      where i.series = 'FA' order by i.position`;
    expect(numbers.map(({ position }) => position)).toEqual(numbers.map((_, at) => at + 1));
    expect(numbers.at(-1)?.last).toBe(numbers.length);
    expect(numbers[0]?.number).toMatch(/^FA-\d{4}-000001$/);
  });

  it("start at one each year, and their days follow their numbers", async () => {
    await rolledBack(sql, async (transaction) => {
      await transaction`insert into leads.invoice_counters values ('FA', 2025, 7, '2025-12-31')`;
      const [row] = await transaction`select * from leads.take_invoice_number('FA')`;
      expect(row?.year).toBe(new Date().getFullYear());
      await transaction`update leads.invoice_counters set last_day = make_date(year, 12, 31) where series = 'FA' and year = ${row?.year}`;
      const [again] = await transaction`select last_number, last_day::text as day from leads.take_invoice_number('FA')`;
      expect(again?.day).toBe(`${row?.year}-12-31`);
      expect(again?.last_number).toBe((row?.last_number as number) + 1);
    });
  });

  it("go on beyond six digits", async () => {
    const order = await open();
    await rolledBack(sql, async (transaction) => {
      await transaction`update leads.invoice_counters set last_number = 999999 where series = 'FA'`;
      await transaction`select leads.settle_order(${order}, 'manual')`;
      const [invoice] = await transaction`select number from leads.invoices where order_id = ${order}`;
      expect(invoice?.number).toMatch(/^FA-\d{4}-1000000$/);
    });
  });

  it("cannot be changed or removed", async () => {
    for (const statement of [
      "update leads.invoices set gross_cents = 0",
      "delete from leads.invoices",
      "truncate leads.invoices cascade",
    ]) {
      expect(await refusal(sql.unsafe(statement))).toMatchObject({ code: "PT409", slug: "append_only" });
    }
  });

  it("split any price by any rate to the cent", async () => {
    const price = fc.integer({ min: 100, max: 10_000_000 });
    const rate = fc.constantFrom("0", "2.1", "5.5", "10", "20");
    await fc.assert(
      fc.asyncProperty(price, rate, async (cents, percent) => {
        await rolledBack(sql, async (transaction) => {
          await transaction`update leads.credit_packs set price_cents = ${cents} where reference = 'pack'`;
          await transaction`update leads.work_rules set value = to_jsonb(${percent}::text::numeric) where name = 'vat_percent'`;
          const id = randomUUID();
          await transaction`insert into leads.pack_orders (id, buyer_id, pack_id, pack_reference, pack_version, pack_name, credits, bonus, price_cents)
            select ${id}, ${idOf("acheteurA")}, id, reference, version, name, credits, bonus, price_cents from leads.credit_packs where reference = 'pack'`;
          await transaction`select leads.settle_order(${id}, 'manual')`;
          const [invoice] = await transaction<{ net: number; vat: number; gross: number }[]>`
            select net_cents::int as net, vat_cents::int as vat, gross_cents::int as gross from leads.invoices where order_id = ${id}`;
          const { net, vat, gross } = invoice as { net: number; vat: number; gross: number };
          expect(net + vat).toBe(gross);
          expect(gross).toBe(cents);
          // The rounded net is the one whose tax is nearest.
          expect(Math.abs(net * (1 + Number(percent) / 100) - gross)).toBeLessThanOrEqual(
            0.5 * (1 + Number(percent) / 100) + 1e-6,
          );
        });
      }),
      { numRuns: 30 },
    );
  });
});

describe("the welcome bonus", () => {
  const newcomer = async (transaction: Sql, confirmed: boolean) => {
    const id = randomUUID();
    await transaction`insert into auth.users (id, email, aud, role, email_confirmed_at)
      values (${id}, ${`${id}@example.test`}, 'authenticated', 'authenticated', ${confirmed ? new Date() : null})`;
    return id;
  };
  const bonusOf = async (transaction: Sql, id: string) =>
    Number((await transaction`select platform.ledger_balance('leads', 'buyer_bonus', ${id}) as bonus`)[0]?.bonus);

  it("is given to a new buyer once, when his address is confirmed", async () => {
    await rolledBack(sql, async (transaction) => {
      await transaction`insert into leads.credit_rules (name, description, value, unit) values ('Bonus de bienvenue', '', 5, 'crédits')`;
      const id = await newcomer(transaction, false);
      await transaction`select leads.register(${id}, 'acheteur', '{"firstName": "Zoé", "lastName": "Blanc"}')`;
      expect(await bonusOf(transaction, id)).toBe(0);
      await transaction`update auth.users set email_confirmed_at = now() where id = ${id}`;
      expect(await bonusOf(transaction, id)).toBe(5);
      await transaction`select leads.welcome_buyer(${id}), leads.welcome_buyer(${id})`;
      await transaction`delete from leads.buyers where user_id = ${id}`;
      await transaction`insert into leads.buyers (user_id) values (${id})`;
      expect(await bonusOf(transaction, id)).toBe(5);
      expect(await transaction`select type, credits, status from leads.transactions where user_id = ${id}`).toEqual([
        { type: "bonus", credits: 5, status: "completed" },
      ]);
      expect(await transaction`select * from leads.ledger_problems()`).toEqual([]);
    });
  });

  it("is not given to a supplier, nor without the rule", async () => {
    await rolledBack(sql, async (transaction) => {
      const buyer = await newcomer(transaction, true);
      await transaction`insert into leads.buyers (user_id) values (${buyer})`;
      expect(await bonusOf(transaction, buyer)).toBe(0);
      await transaction`insert into leads.credit_rules (name, description, value, unit) values ('Bonus de bienvenue', '', 5, 'crédits')`;
      const supplier = await newcomer(transaction, false);
      await transaction`select leads.register(${supplier}, 'fournisseur', '{}')`;
      await transaction`update auth.users set email_confirmed_at = now() where id = ${supplier}`;
      expect(await bonusOf(transaction, supplier)).toBe(0);
    });
  });
});

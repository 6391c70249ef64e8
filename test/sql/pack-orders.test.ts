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
type Lot = "buyer_paid" | "buyer_bonus";
const spend = (on: Sql, who: string, lot: Lot, credits: number) =>
  openCredits(on, idOf(who), lot === "buyer_paid" ? -credits : 0, lot === "buyer_bonus" ? -credits : 0);
/** Spends all that a buyer has. */
const drain = async (who: string) => {
  const { paid, bonus } = await creditsOf(who);
  await spend(sql, who, "buyer_paid", paid);
  await spend(sql, who, "buyer_bonus", bonus);
};
const toldAdmin = async () =>
  (
    await sql<{ message: string }[]>`
    select message from platform.notifications where user_id = ${idOf("admin")} and title = 'Paiement à vérifier' order by id`
  ).map(({ message }) => message);
const invoicesOf = (order: string) =>
  sql`select series, net_cents::int as net, vat_cents::int as vat, gross_cents::int as gross from leads.invoices where order_id = ${order} order by id`;

/** An order that Stripe was paid for, of a buyer who has no other credits. */
const paid = async () => {
  await drain("acheteurB");
  const order = await open(randomUUID(), "acheteurB");
  await tell({ meaning: "paid", order, payment: `pi_${order}` });
  return order;
};
/** The same, and a refund of it that is asked for and not answered. */
const asked = async (amount: number | null = null) => {
  const order = await paid();
  return { order, ...(await ask(order, amount)) };
};
type Asked = { key: string; status: string; cause: string | null; amountCents: number; known: string[] };
const ask = (order: string, amount: number | null = null, on?: postgres.Sql, name: string = randomUUID()) =>
  act(
    "admin",
    async (transaction) => {
      const [row] = await transaction<{ asked: Asked }[]>`
        select public.admin_order_refund(reference, ${amount}, ${amount === null ? null : name}) as asked
        from leads.pack_orders where id = ${order}`;
      return row?.asked as Asked;
    },
    on,
  );
const answer = (key: string, outcome: string, on?: postgres.Sql, name = outcome === "made" ? `re_${key}` : null) =>
  act(
    "service_role",
    async (transaction) => {
      const [row] = await transaction<{ answered: { status: string; cause: string | null } }[]>`
        select public.billing_refund_answer(${key}, ${outcome}, ${name}, 'charge_disputed') as answered`;
      return row?.answered;
    },
    on,
  );
const refundsOf = (order: string) =>
  sql`select kind, status, amount_cents::int as cents, provider_reference as name, cause from leads.refunds where order_id = ${order} order by id`;

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
      `billing_refund_answer('${order}', 'made')`,
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

  it("is refused once paid credits of it are spent, and says how many are missing", async () => {
    await drain("acheteurB");
    const order = await open(randomUUID(), "acheteurB");
    await settle(order);
    await spend(sql, "acheteurB", "buyer_paid", 12);
    const refused = await refusal(refund(order));
    expect(refused).toMatchObject({ code: "PT409", slug: "credits_spent" });
    expect(refused.message).toContain("Il manque 12 des 50 crédits payés");
    expect(await orderOf(order)).toMatchObject({ status: "completed", credits_lost: 0 });
    expect(await creditsOf("acheteurB")).toEqual({ paid: 38, bonus: 5 });
  });

  it("takes what is left of the bonus, and books what is spent of it as lost", async () => {
    await drain("acheteurB");
    const order = await open(randomUUID(), "acheteurB");
    await settle(order);
    await spend(sql, "acheteurB", "buyer_bonus", 3);
    await refund(order);
    expect(await creditsOf("acheteurB")).toEqual({ paid: 0, bonus: 0 });
    expect(await orderOf(order)).toMatchObject({ status: "refunded", credits_lost: 3 });
    const entries = await sql`
      select a.kind, e.amount::int as amount from platform.ledger_transfers t join platform.ledger_entries e on e.transfer_id = t.id
      join platform.ledger_accounts a on a.id = e.account_id where t.kind in ('pack_loss', 'pack_refund') and t.key = (select id::text from leads.refunds where order_id = ${order}) order by t.id, a.kind`;
    expect(entries).toEqual([
      { kind: "buyer_bonus", amount: 3 },
      { kind: "credits_lost", amount: -3 },
      { kind: "bank", amount: 19900 },
      { kind: "buyer_bonus", amount: -5 },
      { kind: "buyer_paid", amount: -50 },
      { kind: "credits_issued", amount: 55 },
      { kind: "pack_revenue", amount: -19900 },
    ]);
    const [told] =
      await sql`select message from platform.notifications where user_id = ${idOf("acheteurB")} order by id desc`;
    expect(told?.message).toBe("Le Pack Starter vous est remboursé ; 52 crédits ont été retirés de votre compte.");
  });

  it("that says of its losses what the ledger does not is found", async () => {
    const order = await open();
    await settle(order);
    await refund(order);
    await rolledBack(sql, async (transaction) => {
      await transaction`update leads.pack_orders set credits_lost = 1 where id = ${order}`;
      const found = await transaction`select problem, expected::int, found::int from leads.ledger_problems()`;
      expect([...found]).toEqual([{ problem: "order_not_its_refunds", expected: 0, found: 1 }]);
    });
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

describe("a refund that a provider is asked for", () => {
  it("books nothing before he agrees", async () => {
    const { order, status } = await asked();
    expect(status).toBe("requested");
    expect(await creditsOf("acheteurB")).toEqual({ paid: 50, bonus: 5 });
    expect(await invoicesOf(order)).toHaveLength(1);
    expect(await orderOf(order)).toMatchObject({ status: "completed", refund_reference: null });
  });

  it("is one, for twenty admins at once, and is booked once by twenty answers and webhooks", async () => {
    const { order, key } = await asked();
    const keys = await together(20, (on) => ask(order, null, on));
    expect(new Set(keys.map((each) => (each.status === "fulfilled" ? each.value.key : each.reason)))).toEqual(
      new Set([key]),
    );
    const news = { order, payment: `pi_${order}`, reference: `re_${key}` };
    const done = await together(20, async (on, at) => {
      if (at % 2) return answer(key, "made", on);
      return tell({ ...news, meaning: at % 4 ? "refund_made" : "refunded", ...(at % 4 ? { refund: key } : {}) }, on);
    });
    expect(done.filter(({ status }) => status === "rejected")).toEqual([]);
    expect(await creditsOf("acheteurB")).toEqual({ paid: 0, bonus: 0 });
    expect(await invoicesOf(order)).toHaveLength(2);
    expect(await orderOf(order)).toMatchObject({ status: "refunded", refund_reference: `re_${key}` });
  });

  it("leaves as it was what he refuses; what the webhook has booked before stays booked", async () => {
    const { order, key } = await asked();
    expect(await answer(key, "refused")).toEqual({ status: "refused", cause: "charge_disputed" });
    expect(await orderOf(order)).toMatchObject({ status: "completed" });
    const again = await ask(order);
    expect(again.key).not.toBe(key);
    await tell({ meaning: "refunded", order, payment: `pi_${order}` });
    expect(await answer(again.key, "refused")).toMatchObject({ status: "accepted" });
    expect(await orderOf(order)).toMatchObject({ status: "refunded" });
  });

  it("does not hinder one that is made by hand meanwhile, and is told apart from it by its amount", async () => {
    const { order, key } = await asked(50);
    const refunded = { meaning: "refunded", order, payment: `pi_${order}` };
    await tell({ ...refunded, amountCents: 3000 });
    const kinds = () =>
      sql`select kind, status, amount_cents::int as cents from leads.refunds where order_id = ${order} order by id`;
    expect(await kinds()).toEqual([
      { kind: "asked", status: "requested", cents: 5000 },
      { kind: "made", status: "accepted", cents: 3000 },
    ]);
    await tell({ ...refunded, amountCents: 8000 });
    expect(await answer(key, "made")).toMatchObject({ status: "accepted" });
    expect((await kinds()).map(({ status }) => status)).toEqual(["accepted", "accepted"]);
  });

  it("whose credits are spent while he is asked is booked with the loss, and the admins are told", async () => {
    const { order, key } = await asked();
    await spend(sql, "acheteurB", "buyer_paid", 8);
    const before = (await toldAdmin()).length;
    await answer(key, "made");
    expect(await orderOf(order)).toMatchObject({ status: "refunded", credits_lost: 8 });
    expect((await toldAdmin()).slice(before)).toHaveLength(1);
  });

  it("keeps what it was, even by the owner's hand", async () => {
    const { key } = await asked();
    await answer(key, "made");
    for (const change of [
      "amount_cents = 1",
      "credits = 1",
      "status = 'refused', transaction_id = null",
      "kind = 'made'",
    ]) {
      const refused = refusal(sql.unsafe(`update leads.refunds set ${change} where id = '${key}'`));
      expect(await refused).toMatchObject({ code: "PT409", slug: "refund_is_final" });
    }
  });

  it("takes the same credits and cents in the end, however the parts are cut and whatever comes back", async () => {
    const parts = fc.array(fc.record({ cents: fc.integer({ min: 1, max: 9000 }), comesBack: fc.boolean() }), {
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(parts, async (cut) => {
        await drain("acheteurB");
        const order = await open(randomUUID(), "acheteurB");
        await tell({ meaning: "paid", order, payment: `pi_${order}` });
        let left = 19900;
        for (const { cents, comesBack } of [...cut, { cents: 19900, comesBack: false }]) {
          if (left === 0) break;
          const { key } = await ask(order, Math.min(cents, left) / 100);
          await answer(key, "made");
          if (comesBack)
            await tell({
              meaning: "refund_failed",
              order,
              payment: `pi_${order}`,
              refund: key,
              amountCents: Math.min(cents, left),
            });
          else left -= Math.min(cents, left);
        }
        expect(await orderOf(order)).toMatchObject({ status: "refunded", credits_lost: 0 });
        expect(await creditsOf("acheteurB")).toEqual({ paid: 0, bonus: 0 });
        const sums = (await invoicesOf(order)).reduce(
          (sum, { net, vat }) => ({ net: sum.net + net, vat: sum.vat + vat }),
          { net: 0, vat: 0 },
        );
        expect(sums).toEqual({ net: 0, vat: 0 });
        expect(await sql`select * from leads.order_problems()`).toEqual([]);
      }),
      { numRuns: 15 },
    );
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

  it("that tell of a refund are followed whatever is spent; the admins are told how much is lost", async () => {
    await drain("acheteurB");
    const order = await open(randomUUID(), "acheteurB");
    await tell({ meaning: "paid", order, payment: `pi_${order}` });
    await spend(sql, "acheteurB", "buyer_bonus", 5);
    await spend(sql, "acheteurB", "buyer_paid", 7);
    const before = (await toldAdmin()).length;
    const event = { id: `evt_${order}`, meaning: "refunded", order, payment: `pi_${order}`, reference: `re_${order}` };
    expect(await tell(event)).toBe("credits_lost");
    expect(await tell(event)).toBe("credits_lost");
    expect(await tell({ ...event, id: `evt_again_${order}` })).toBe("nothing_to_do");
    expect(await orderOf(order)).toMatchObject({
      ...{ status: "refunded", credits_lost: 12, refund_reference: `re_${order}` },
    });
    expect(await creditsOf("acheteurB")).toEqual({ paid: 0, bonus: 0 });
    expect(await invoicesOf(order)).toHaveLength(2);
    const [first, ...more] = (await toldAdmin()).slice(before);
    expect(first).toMatch(/^Commande CMD-\d+ : .* 12 de ses crédits/);
    expect(more).toEqual([]);
  });

  it("that tell of a refund while its credits are being spent book each credit once", async () => {
    await drain("acheteurB");
    const order = await open(randomUUID(), "acheteurB");
    await tell({ meaning: "paid", order, payment: `pi_${order}` });
    const refunded = { meaning: "refunded", order, payment: `pi_${order}` };
    const done = await together(24, async (on, at) => {
      if (at % 3 === 0) return tell(at % 2 ? refunded : { ...refunded, id: `evt_${order}` }, on);
      return spend(on, "acheteurB", at % 3 === 1 ? "buyer_bonus" : "buyer_paid", at % 3 === 1 ? 2 : 20);
    });
    const spent = done.reduce(
      (sum, { status }, at) => (at % 3 === 0 || status === "rejected" ? sum : sum + (at % 3 === 1 ? 2 : 20)),
      0,
    );
    for (const [at, each] of done.entries()) if (at % 3 === 0) expect(each.status).toBe("fulfilled");
    expect(await orderOf(order)).toMatchObject({ status: "refunded", credits_lost: spent });
    expect(await creditsOf("acheteurB")).toEqual({ paid: 0, bonus: 0 });
  });

  it("that tell of a refund of another payment than the order's leave the order", async () => {
    const order = await open();
    await tell({ meaning: "paid", order, payment: `pi_a_${order}` });
    await tell({ meaning: "paid", order, payment: `pi_b_${order}` });
    expect(await tell({ meaning: "refunded", order, payment: `pi_b_${order}` })).toBe("nothing_to_do");
    expect(await orderOf(order)).toMatchObject({ status: "completed" });
    const early = await open();
    expect(await tell({ meaning: "refunded", order: early, payment: `pi_b_${early}` })).toBe("waiting");
    await tell({ meaning: "paid", order: early, payment: `pi_a_${early}` });
    expect(await orderOf(early)).toMatchObject({ status: "completed" });
  });

  it("that tell of a refund before its payment keep its name", async () => {
    const order = await open();
    const early = { meaning: "refunded", order, payment: `pi_${order}`, reference: `re_${order}` };
    expect(await tell(early)).toBe("waiting");
    await tell({ meaning: "paid", order, payment: `pi_${order}` });
    expect(await orderOf(order)).toMatchObject({ status: "refunded", refund_reference: `re_${order}` });
  });

  it("that tell of a refund of a part are followed, also before the payment", async () => {
    const order = await open();
    const before = await creditsOf("acheteurA");
    const refunded = { meaning: "refunded", order, payment: `pi_${order}`, reference: null };
    expect(await tell({ ...refunded, amountCents: 1000, occurredAt: 1 })).toBe("waiting");
    expect(await tell({ meaning: "paid", order, payment: `pi_${order}` })).toBe("done");
    expect(await creditsOf("acheteurA")).toEqual({ paid: before.paid + 48, bonus: before.bonus + 5 });
    // In all, so that what comes late or twice is no news.
    expect(await tell({ ...refunded, amountCents: 3000 })).toBe("done");
    expect(await tell({ ...refunded, amountCents: 1000 })).toBe("nothing_to_do");
    expect(await creditsOf("acheteurA")).toEqual({ paid: before.paid + 43, bonus: before.bonus + 5 });
    expect((await invoicesOf(order)).map(({ gross }) => gross)).toEqual([19900, -1000, -2000]);
    expect(await orderOf(order)).toMatchObject({ status: "completed" });
  });

  it("that tell of more than the price, or in another currency, call an admin", async () => {
    const order = await open();
    await tell({ meaning: "paid", order, payment: `pi_${order}` });
    const before = (await toldAdmin()).length;
    const refunded = { meaning: "refunded", order, payment: `pi_${order}` };
    expect(await tell({ ...refunded, amountCents: 19901 })).toBe("other_amount");
    expect(await tell({ ...refunded, currency: "usd" })).toBe("other_amount");
    expect(await orderOf(order)).toMatchObject({ status: "completed" });
    expect((await toldAdmin()).slice(before)).toHaveLength(2);
  });

  it("that tell of a dispute are kept and told to the admins, once; a lost one takes what is left of the credits", async () => {
    await drain("acheteurA");
    const order = await open();
    await tell({ meaning: "paid", order, payment: `pi_${order}` });
    await spend(sql, "acheteurA", "buyer_paid", 20);
    const before = (await toldAdmin()).length;
    const of = (meaning: string) => ({
      id: `${meaning}_${order}`,
      meaning,
      payment: `pi_${order}`,
      reference: `dp_${order}`,
    });
    for (const meaning of ["disputed", "disputed"]) expect(await tell(of(meaning))).toBe("reported");
    expect(await creditsOf("acheteurA")).toEqual({ paid: 30, bonus: 5 });
    expect(await tell(of("dispute_lost"))).toBe("reported");
    expect(await tell({ ...of("dispute_lost"), id: `again_${order}` })).toBe("nothing_to_do");
    expect(await tell({ ...of("dispute_won"), payment: "pi_of_no_order" })).toBe("reported");
    const [opened, lost, other, ...more] = (await toldAdmin()).slice(before);
    expect(opened).toMatch(/^Commande CMD-\d+ : .*contesté/);
    expect(lost).toMatch(/^Commande CMD-\d+ : .*perdue.* 35 crédits ont été retirés, 20 manquaient/);
    expect(other).toMatch(/^Paiement pi_of_no_order : .*close/);
    expect(more).toEqual([]);
    expect(await orderOf(order)).toMatchObject({ status: "refunded", credits_lost: 20 });
    expect(await creditsOf("acheteurA")).toEqual({ paid: 0, bonus: 0 });
    expect(await invoicesOf(order)).toHaveLength(1);
    // The money is with the buyer: there is nothing to refund.
    expect(await tell({ meaning: "refunded", order, payment: `pi_${order}` })).toBe("other_amount");
  });

  it("that tell of a lost dispute before the payment, or of more than is left, are not forgotten", async () => {
    const [early, part] = [await open(), await open()];
    const lost = (order: string) => ({ meaning: "dispute_lost", payment: `pi_${order}`, reference: `dp_${order}` });
    expect(await tell(lost(early))).toBe("reported");
    await tell({ meaning: "paid", order: early, payment: `pi_${early}` });
    expect(await orderOf(early)).toMatchObject({ status: "refunded" });
    await tell({ meaning: "paid", order: part, payment: `pi_${part}` });
    await tell({ meaning: "refunded", order: part, payment: `pi_${part}`, amountCents: 9900 });
    expect(await tell(lost(part))).toBe("other_amount");
    expect(await tell({ ...lost(part), amountCents: 10000 })).toBe("reported");
    expect(await orderOf(part)).toMatchObject({ status: "refunded" });
  });

  it("that tell of a refund which came back reverse it; what a return has made good of its losses stays the buyer's", async () => {
    await drain("acheteurB");
    const order = await open(randomUUID(), "acheteurB");
    await tell({ meaning: "paid", order, payment: `pi_${order}` });
    await spend(sql, "acheteurB", "buyer_paid", 12);
    await spend(sql, "acheteurB", "buyer_bonus", 1);
    const of = { order, payment: `pi_${order}`, reference: `re_${order}` };
    expect(await tell({ ...of, meaning: "refunded" })).toBe("credits_lost");
    expect(await tell({ ...of, meaning: "refund_failed", cause: "expired_or_canceled_card" })).toBe("reversed");
    expect(await tell({ ...of, meaning: "refund_failed" })).toBe("nothing_to_do");
    expect(await creditsOf("acheteurB")).toEqual({ paid: 38, bonus: 4 });
    expect(await orderOf(order)).toMatchObject({ status: "completed", credits_lost: 0, refund_reference: null });
    expect((await invoicesOf(order)).map(({ series, gross }) => `${series} ${gross}`)).toEqual([
      "FA 19900",
      "AV -19900",
      "FA 19900",
    ]);
    expect((await toldAdmin()).at(-1)).toMatch(/199,00 € est revenu/);
  });

  it("that tell of a refund's failure first do not book it when it is told of", async () => {
    const order = await open();
    await tell({ meaning: "paid", order, payment: `pi_${order}` });
    const of = { order, payment: `pi_${order}`, amountCents: 5000 };
    const failed = { ...of, meaning: "refund_failed", reference: `re_${order}`, occurredAt: 1_770_000_100 };
    expect(await tell(failed)).toBe("refused");
    expect(await tell({ ...of, meaning: "refunded", occurredAt: 1_770_000_050 })).toBe("nothing_to_do");
    expect(await tell({ ...of, meaning: "refund_made", reference: `re_${order}` })).toBe("nothing_to_do");
    expect(await tell({ ...of, meaning: "refunded", occurredAt: 1_770_000_200 })).toBe("done");
    expect((await invoicesOf(order)).map(({ gross }) => gross)).toEqual([19900, -5000]);
  });

  // Paid beats failed and expired, a refund beats paid, and nothing happens twice: in whatever order they come, and
  // whatever the buyer spends between them.
  it("come to the same in whatever order, and however often", async () => {
    const steps = fc.array(fc.constantFrom("paid", "failed", "expired", "refunded", "spend"), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(steps, async (meanings) => {
        await drain("acheteurA");
        const order = await open();
        const has = { paid: 0, bonus: 0 };
        const seen = new Set<string>();
        let [refunded, lost] = [false, 0];
        for (const meaning of meanings) {
          if (meaning === "spend") {
            const [paid, bonus] = [Math.min(20, has.paid), Math.min(2, has.bonus)];
            await spend(sql, "acheteurA", "buyer_paid", paid);
            await spend(sql, "acheteurA", "buyer_bonus", bonus);
            Object.assign(has, { paid: has.paid - paid, bonus: has.bonus - bonus });
            continue;
          }
          await tell({ id: `${meaning}_${order}`, meaning, order, payment: `pi_${order}` });
          if (meaning === "paid" && !seen.has("paid")) Object.assign(has, { paid: 50, bonus: 5 });
          seen.add(meaning);
          if (!refunded && seen.has("paid") && seen.has("refunded")) {
            refunded = true;
            lost = 55 - has.paid - has.bonus;
            Object.assign(has, { paid: 0, bonus: 0 });
          }
        }
        const unpaid = seen.has("failed") || seen.has("expired") ? "failed" : "pending";
        const wanted = !seen.has("paid") ? unpaid : refunded ? "refunded" : "completed";
        expect(await orderOf(order)).toMatchObject({ status: wanted, credits_lost: lost });
        expect(await invoicesOf(order)).toHaveLength({ refunded: 2, completed: 1, failed: 0, pending: 0 }[wanted]);
        expect(await creditsOf("acheteurA")).toEqual(has);
      }),
      { numRuns: 60 },
    );
  });
});

describe("what is told of one refund", () => {
  const of = (order: string, more: object) => ({ payment: `pi_${order}`, amountCents: 3000, ...more });
  const late = 1_770_000_100;

  it("names it, so that its failure under other names is the same failure", async () => {
    const order = await paid();
    // Made on the provider's pages: what the payment says of all names none of the two.
    for (const amountCents of [3000, 6000]) {
      expect(await tell(of(order, { meaning: "refunded", order, amountCents }))).toBe("done");
    }
    const failed = of(order, { meaning: "refund_failed", reference: `re_a_${order}`, occurredAt: late });
    expect(await tell(failed)).toBe("reversed");
    for (let times = 0; times < 2; times++) expect(await tell(failed)).toBe("nothing_to_do");
    expect((await refundsOf(order)).map(({ status, name }) => [status, name])).toEqual([
      ["reversed", `re_a_${order}`],
      ["accepted", null],
    ]);
    expect(await tell({ ...failed, reference: `re_b_${order}` })).toBe("reversed");
    expect(await tell({ ...failed, reference: `re_b_${order}` })).toBe("nothing_to_do");
    expect(await creditsOf("acheteurB")).toEqual({ paid: 50, bonus: 5 });
  });

  it("is of one that was made by hand, where it names none that was asked for here", async () => {
    const { order, key } = await asked(30);
    const whole = { meaning: "refunded", order };
    await tell(of(order, whole));
    await tell(of(order, { ...whole, amountCents: 6000 }));
    const failed = of(order, { meaning: "refund_failed", occurredAt: late });
    expect(await tell({ ...failed, reference: `re_hand_${order}` })).toBe("reversed");
    expect(await tell({ ...failed, reference: `re_${key}`, refund: key })).toBe("reversed");
    expect((await refundsOf(order)).map(({ kind, status, name }) => [kind, status, name])).toEqual([
      ["asked", "reversed", `re_${key}`],
      ["made", "reversed", `re_hand_${order}`],
    ]);
  });

  it("is of the name and not of the key, where the key's row has another one's name by now", async () => {
    const { order, key } = await asked(30);
    await tell(of(order, { meaning: "refunded", order, reference: `re_hand_${order}` }));
    expect(await answer(key, "made")).toMatchObject({ status: "accepted" });
    await tell(of(order, { meaning: "refunded", order, amountCents: 6000 }));
    const failed = of(order, { meaning: "refund_failed", occurredAt: late });
    expect(await tell({ ...failed, reference: `re_${key}`, refund: key })).toBe("reversed");
    expect((await refundsOf(order)).map(({ status, name }) => [status, name])).toEqual([
      ["accepted", `re_hand_${order}`],
      ["reversed", `re_${key}`],
    ]);
  });

  it("tells the admins of lost credits once", async () => {
    const { order, key } = await asked();
    await spend(sql, "acheteurB", "buyer_bonus", 3);
    const before = (await toldAdmin()).length;
    const made = of(order, { meaning: "refund_made", refund: key, reference: `re_${key}`, amountCents: 19900 });
    expect(await tell(made)).toBe("credits_lost");
    expect(await tell(made)).toBe("nothing_to_do");
    await answer(key, "made");
    expect((await toldAdmin()).slice(before)).toHaveLength(1);
  });

  it("counts before an answer that is late: what has failed is not booked", async () => {
    const { order, key } = await asked();
    const failed = { meaning: "refund_failed", refund: key, reference: `re_${key}`, amountCents: 19900 };
    expect(await tell(of(order, { ...failed, cause: "declined" }))).toBe("refused");
    expect(await answer(key, "made")).toEqual({ status: "refused", cause: "declined" });
    expect(await orderOf(order)).toMatchObject({ status: "completed" });
  });

  it("does not end the event where the name is another's already; of another amount it calls an admin", async () => {
    const order = await paid();
    const name = `re_${order}`;
    const failed = of(order, { meaning: "refund_failed", reference: name });
    expect(await tell(failed)).toBe("refused");
    expect(await tell({ ...failed, amountCents: 4000 })).toBe("other_amount");
    const refunded = of(order, { meaning: "refunded", order, reference: name, amountCents: 5000, occurredAt: late });
    expect(await tell(refunded)).toBe("done");
    const { key } = await ask(order, 10);
    expect(await answer(key, "refused", sql, name)).toMatchObject({ status: "refused" });
    expect((await refundsOf(order)).map(({ status, name }) => [status, name])).toEqual([
      ["refused", name],
      ["accepted", null],
      ["refused", null],
    ]);
  });

  it("leaves the day of the payment", async () => {
    const order = await paid();
    const daysOf = async () => {
      const [row] = await sql`select p.date::text as payment, t.date::text as transaction from leads.pack_orders o
        join leads.payments p on p.id = o.payment_id join leads.transactions t on t.id = o.transaction_id where o.id = ${order}`;
      return [row?.payment, row?.transaction];
    };
    await sql`update leads.payments set date = '2026-01-05' where id = (select payment_id from leads.pack_orders where id = ${order})`;
    await sql`update leads.transactions set date = '2026-01-05' where id = (select transaction_id from leads.pack_orders where id = ${order})`;
    await tell(of(order, { meaning: "refunded", order }));
    expect(await daysOf()).toEqual(["2026-01-05", "2026-01-05"]);
    await tell(of(order, { meaning: "refund_failed", occurredAt: late }));
    expect(await daysOf()).toEqual(["2026-01-05", "2026-01-05"]);
    await tell(of(order, { meaning: "refunded", order, amountCents: 19900, occurredAt: late + 1 }));
    expect(await daysOf()).toEqual(["2026-01-05", "2026-01-05"]);
  });
});

describe("a refund that is asked for while the money goes another way", () => {
  const lose = (order: string, amountCents = 19900) =>
    tell({ meaning: "dispute_lost", payment: `pi_${order}`, reference: `dp_${order}`, amountCents });
  const orders = async () => {
    const [row] = await sql`select leads.open_obligations(${idOf("acheteurB")}, null) as open`;
    return Number(/(\d+) commande/.exec(row?.open.join())?.[1] ?? 0);
  };

  it("is answered by a dispute that is lost", async () => {
    const name = randomUUID();
    const order = await paid();
    await ask(order, 199, sql, name);
    const before = await orders();
    expect(await lose(order)).toBe("reported");
    expect(await refundsOf(order)).toMatchObject([
      { kind: "asked", status: "refused", cause: "dispute_lost" },
      { kind: "dispute", status: "accepted" },
    ]);
    // Nothing of it stands in the way of the buyer's erasure.
    expect(await orders()).toBe(before - 1);
    expect(await ask(order, 199, sql, name)).toMatchObject({ status: "refused", cause: "dispute_lost" });
  });

  it("stays, if the dispute leaves its amount", async () => {
    const { order, key } = await asked(50);
    expect(await lose(order, 14900)).toBe("reported");
    expect(await answer(key, "made")).toMatchObject({ status: "accepted" });
    expect(await orderOf(order)).toMatchObject({ status: "refunded" });
  });

  it("is answered by those that are made by hand and leave less than its amount", async () => {
    const { order } = await asked(150);
    const refunded = { meaning: "refunded", order, payment: `pi_${order}` };
    await tell({ ...refunded, amountCents: 5000 });
    expect((await refundsOf(order))[0]).toMatchObject({ status: "refused", cause: "charge_already_refunded" });
  });

  it.each(["answer", "webhook"])(
    "and is made all the same is not booked; the admins are told once (%s)",
    async (by) => {
      const { order, key } = await asked();
      await answer(key, "pending", sql, `re_${key}`);
      await lose(order);
      const before = (await toldAdmin()).length;
      const news = { payment: `pi_${order}`, refund: key, reference: `re_${key}` };
      if (by === "answer") expect(await answer(key, "made")).toEqual({ status: "refused", cause: "beyond_price" });
      else expect(await tell({ ...news, meaning: "refund_made" })).toBe("other_amount");
      expect(await answer(key, "made")).toEqual({ status: "refused", cause: "beyond_price" });
      expect(await tell({ ...news, meaning: "refund_made" })).toBe("nothing_to_do");
      expect(await tell({ ...news, meaning: "refunded", order })).toBe("nothing_to_do");
      expect((await toldAdmin()).slice(before)).toEqual([expect.stringMatching(/^Commande CMD-\d+ : .*199,00 €/)]);
      expect((await refundsOf(order)).map(({ status }) => status)).toEqual(["refused", "accepted"]);
      expect(await tell({ ...news, meaning: "refund_failed", cause: "declined" })).toBe("refused");
      expect(await tell({ ...news, meaning: "refund_failed", cause: "declined" })).toBe("nothing_to_do");
      expect((await refundsOf(order))[0]).toMatchObject({ status: "refused", cause: "declined" });
    },
  );

  it("tells the provider's side which names are known, so that none is taken for it", async () => {
    const order = await paid();
    await tell({ meaning: "refunded", order, payment: `pi_${order}`, amountCents: 3000, reference: `re_${order}` });
    expect(await ask(order, 50)).toMatchObject({ known: [`re_${order}`] });
  });
});

describe("what is told before its payment", () => {
  const early = async () => {
    await drain("acheteurB");
    const order = await open(randomUUID(), "acheteurB");
    const payment = { payment: `pi_${order}`, reference: `re_${order}` };
    return { order, payment, pay: () => tell({ meaning: "paid", order, payment: `pi_${order}` }) };
  };
  const eventsOf = (order: string) =>
    sql`select meaning, outcome from leads.payment_events where payment_reference = ${`pi_${order}`} order by meaning`;

  it("of a refund that failed is not lost, though nothing but the payment says of which order", async () => {
    const { order, payment, pay } = await early();
    const before = (await toldAdmin()).length;
    const failed = {
      ...payment,
      meaning: "refund_failed",
      occurredAt: 1_770_000_100,
      cause: "expired_or_canceled_card",
    };
    expect(await tell(failed)).toBe("unknown_order");
    expect(await tell({ ...payment, meaning: "refunded", order })).toBe("waiting");
    expect(await pay()).toBe("done");
    expect(await orderOf(order)).toMatchObject({ status: "completed" });
    expect(await refundsOf(order)).toMatchObject([{ status: "reversed", cause: "expired_or_canceled_card" }]);
    expect(await creditsOf("acheteurB")).toEqual({ paid: 50, bonus: 5 });
    expect([...(await eventsOf(order))]).toEqual([
      { meaning: "paid", outcome: "done" },
      { meaning: "refund_failed", outcome: "reversed" },
      { meaning: "refunded", outcome: "done" },
    ]);
    expect((await toldAdmin()).slice(before)).toEqual([expect.stringMatching(/est revenu/)]);
    expect(await tell(failed)).toBe("nothing_to_do");
  });

  it("while it is being booked waits for it", async () => {
    const { order, payment, pay } = await early();
    await tell({ ...payment, meaning: "refunded", order });
    const [paying] = await together(1, (on) =>
      on.begin(async (transaction) => {
        await transaction`select leads.take_payment_event('stripe', ${transaction.json({
          ...{ id: `paid_${order}`, meaning: "paid", order, payment: `pi_${order}`, amountCents: 19900 },
          ...{ currency: "eur", occurredAt: 1_770_000_000 },
        })})`;
        const told = tell({ ...payment, meaning: "refund_failed", occurredAt: 1_770_000_100 });
        await transaction`select pg_sleep(0.3)`;
        return { told };
      }),
    );
    expect(paying?.status).toBe("fulfilled");
    expect(await (paying as PromiseFulfilledResult<{ told: Promise<string> }>).value.told).toBe("reversed");
    expect(await pay()).toBe("nothing_to_do");
  });

  it("of a lost dispute keeps its currency", async () => {
    const { order, payment, pay } = await early();
    expect(await tell({ ...payment, meaning: "dispute_lost", currency: "usd" })).toBe("reported");
    await pay();
    expect(await orderOf(order)).toMatchObject({ status: "completed" });
    expect([...(await eventsOf(order))]).toMatchObject([{ outcome: "other_amount" }, { outcome: "done" }]);
  });

  it("of another payment stays nobody's", async () => {
    const { order, payment, pay } = await early();
    expect(await tell({ ...payment, meaning: "refund_failed", payment: `pi_other_${order}` })).toBe("unknown_order");
    await pay();
    expect(await refundsOf(order)).toHaveLength(0);
  });
});

describe("the rules of an invoice", () => {
  it.each([
    ["vat_percent", '"20"'],
    ["vat_percent", "120"],
    ["seller", '{"name": "Nom"}'],
  ])("%s cannot be %s", async (name, value) => {
    const refused = refusal(
      sql.unsafe(`update platform.settings set value = '${value}' where system = 'leads' and section = '${name}'`),
    );
    expect(await refused).toMatchObject({ code: "PT422" });
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
      select i.number, i.position, c.last_number as last from leads.invoices i join platform.document_numbers c using (system, series, year)
      where i.series = 'FA' order by i.position`;
    expect(numbers.map(({ position }) => position)).toEqual(numbers.map((_, at) => at + 1));
    expect(numbers.at(-1)?.last).toBe(numbers.length);
    expect(numbers[0]?.number).toMatch(/^FA-\d{4}-000001$/);
  });

  it("start at one each year, and their days follow their numbers", async () => {
    await rolledBack(sql, async (transaction) => {
      await transaction`insert into platform.document_numbers values ('leads', 'FA', 2025, 7, '2025-12-31')`;
      const [row] = await transaction`select * from leads.take_invoice_number('FA')`;
      expect(row?.year).toBe(new Date().getFullYear());
      await transaction`update platform.document_numbers set last_day = make_date(year, 12, 31) where series = 'FA' and year = ${row?.year}`;
      const [again] = await transaction`select last_number, last_day::text as day from leads.take_invoice_number('FA')`;
      expect(again?.day).toBe(`${row?.year}-12-31`);
      expect(again?.last_number).toBe((row?.last_number as number) + 1);
    });
  });

  it("go on beyond six digits", async () => {
    const order = await open();
    await rolledBack(sql, async (transaction) => {
      await transaction`update platform.document_numbers set last_number = 999999 where series = 'FA'`;
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
          await transaction`update platform.settings set value = to_jsonb(${percent}::text::numeric) where system = 'leads' and section = 'vat_percent'`;
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
      await transaction`select platform_api.register('leads', ${id}, 'acheteur', '{"firstName": "Zoé", "lastName": "Blanc"}')`;
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
      await transaction`select platform_api.register('leads', ${supplier}, 'fournisseur', '{}')`;
      await transaction`update auth.users set email_confirmed_at = now() where id = ${supplier}`;
      expect(await bonusOf(transaction, supplier)).toBe(0);
    });
  });
});

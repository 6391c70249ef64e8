import { randomUUID } from "node:crypto";
import type postgres from "postgres";
import { beforeAll, describe, expect, it } from "vitest";
import { idOf, openMarket, openOrders } from "../support/market.ts";
import { rolledBack, testDatabase } from "../support/sql.ts";

// Every constraint on the tables about orders and invoices, and a row that nothing but it refuses.

type Row = Record<string, unknown>;

const { sql } = await testDatabase();
await openMarket(sql);
await openOrders(sql);

const nobody = randomUUID();
// The last of all keys, so that the first row of its table stays the first.
const second = "ffffffff-ffff-4fff-8fff-ffffffffffff";
const fresh: Record<string, Row> = {
  pack_orders: {
    ...{
      id: randomUUID(),
      reference: "new",
      status: "pending",
      settled_at: null,
      provider: null,
      provider_reference: null,
    },
    ...{ payment_reference: null, payment_id: null, transaction_id: null },
  },
  invoices: { id: randomUUID(), order_id: second, position: 2 },
  invoice_counters: { year: 2020 },
  payment_events: { id: "evt_new" },
  billing_details: { buyer_id: idOf("acheteurB") },
};

const violations: Record<string, Row> = {
  pack_orders_pkey: { id: idOf("order") },
  pack_orders_reference_key: { reference: "order" },
  pack_orders_credits_check: { credits: 0 },
  pack_orders_bonus_check: { bonus: -1 },
  pack_orders_price_cents_check: { price_cents: -1 },
  pack_orders_status_check: { status: "lost", provider: "manual" },
  pack_orders_provider_check: { provider: "cash" },
  // Whoever is paid or refused has been asked by somebody.
  pack_orders_check: { status: "failed" },
  pack_orders_check1: { settled_at: "2026-01-01T00:00:00Z" },
  pack_orders_provider_provider_reference_key: { provider: "manual", provider_reference: "cs_known" },
  pack_orders_provider_payment_reference_key: { provider: "manual", payment_reference: "pi_known" },
  pack_orders_payment_id_key: { payment_id: "known" },
  pack_orders_transaction_id_key: { transaction_id: "known" },
  pack_orders_buyer_id_fkey: { buyer_id: nobody },
  pack_orders_pack_id_fkey: { pack_id: nobody },
  pack_orders_payment_id_fkey: { payment_id: nobody },
  pack_orders_transaction_id_fkey: { transaction_id: nobody },

  invoices_pkey: { id: "known" },
  invoices_series_year_position_key: { position: 1 },
  invoices_order_id_series_key: { order_id: idOf("order") },
  invoices_position_check: { position: 0 },
  invoices_vat_percent_check: { vat_percent: 101 },
  invoices_check: { net_cents: 1 },
  invoices_check1: { net_cents: -1, vat_cents: 0, gross_cents: -1 },
  invoices_series_year_fkey: { year: 1999 },
  invoices_order_id_fkey: { order_id: nobody },
  invoices_buyer_id_fkey: { buyer_id: nobody },
  invoices_corrects_fkey: { series: "AV", net_cents: -1, vat_cents: 0, gross_cents: -1, corrects: nobody },

  invoice_counters_pkey: { year: "known" },
  invoice_counters_series_check: { series: "ZZ" },
  payment_events_pkey: { id: "evt_of_another" },
  payment_events_provider_check: { provider: "cash" },
  payment_events_meaning_check: { meaning: "lost" },
  payment_events_outcome_check: { outcome: "lost" },
  payment_events_order_id_fkey: { order_id: nobody },
  billing_details_pkey: { buyer_id: idOf("acheteurA") },
  billing_details_buyer_id_fkey: { buyer_id: nobody },
};

beforeAll(async () => {
  await sql`update leads.pack_orders set provider_reference = 'cs_known', payment_reference = 'pi_known'`;
  await sql`insert into leads.invoice_counters select 'AV', year, 1, last_day from leads.invoice_counters`;
  await insert(sql, "pack_orders", { id: second, reference: "second" });
});

/** A row like the first one of a table, but for what is said; `known` is what the first one has. */
async function insert(on: postgres.Sql | postgres.TransactionSql, table: string, changes: Row): Promise<void> {
  const given = Object.entries({ ...fresh[table], ...changes }).filter(([, value]) => value !== "known");
  const columns = await on<{ name: string }[]>`
    select attname as name from pg_attribute
    where attrelid = ${`leads.${table}`}::regclass and attnum > 0 and not attisdropped and attgenerated = ''`;
  const names = on(columns.map(({ name }) => name));
  await on`insert into leads.${on(table)} (${names}) select ${names}
    from (select (jsonb_populate_record(t, ${on.json(Object.fromEntries(given) as never)})).* from leads.${on(table)} t order by t limit 1) changed`;
}

it("no constraint is without such a row", async () => {
  const constraints = await sql<{ name: string }[]>`
    select conname as name from pg_constraint
    where conrelid = any (${Object.keys(fresh).map((table) => `leads.${table}`)}::regclass[]) and contype in ('c', 'f', 'p', 'u')`;
  expect(Object.keys(violations).sort()).toEqual(constraints.map(({ name }) => name).sort());
});

describe.each(Object.keys(fresh))("%s", (table) => {
  it("takes a row that nothing is wrong with", async () => {
    await rolledBack(sql, (transaction) => insert(transaction, table, {}));
  });

  it.each(Object.entries(violations).filter(([name]) => name.startsWith(table)))("%s", async (name, changes) => {
    const attempt = rolledBack(sql, async (transaction) => {
      await insert(transaction, table, changes);
      // Foreign keys are looked at when a statement ends, or here.
      await transaction`set constraints all immediate`;
    });
    await expect(attempt).rejects.toMatchObject({ constraint_name: name });
  });
});

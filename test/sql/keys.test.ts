import type postgres from "postgres";
import { beforeAll, describe, expect, it } from "vitest";
import { refusedBy } from "../support/constraints.ts";
import { openMarket, openOrders } from "../support/market.ts";
import { testDatabase } from "../support/sql.ts";

// What rows may not have twice, and what they must refer to. Each key refuses a second row by its own columns; a key that is
// missing here fails the test, and so does one that is here and not in the database.

/** By table: columns of which no two rows have the same values, the primary key first. */
const keys: Record<string, string[]> = {
  "platform.systems": ["system"],
  "platform.system_roles": ["system, role"],
  "platform.profiles": ["id", "reference"],
  "platform.memberships": ["user_id, system, role"],
  "platform.audit_chains": ["chain"],
  "platform.audit_log": ["chain, position"],
  "platform.notifications": ["id", "reference"],
  "platform.registrations": ["user_id, system"],
  "platform.known_devices": ["device"],
  "platform.rate_limit_rules": ["system, name"],
  "platform.rate_limit_attempts": ["bucket"],
  "platform.outbox": ["id"],
  "platform.retention_rules": ["relation, since"],
  "platform.webhook_endpoints": ["id"],
  "platform.webhook_secrets": ["endpoint_id"],
  "platform.deliveries": ["id", "endpoint_id, event_id"],
  "platform.row_versions": ["relation, row_id, version"],
  "platform.settings": ["system, section", "id"],
  "platform.api_keys": ["id", "hash"],
  "platform.idempotency_keys": ["user_id, operation, key"],
  "platform.session_handles": ["hash"],
  "platform.ledger_account_kinds": ["system, kind"],
  "platform.ledger_accounts": ["id", "system, kind, owner"],
  "platform.ledger_balances": ["account_id, slot"],
  "platform.ledger_transfers": ["id", "system, kind, key", "reverses"],
  "platform.ledger_entries": ["account_id, number", "transfer_id, account_id"],
  "leads.suppliers": ["id", "reference", "user_id", "lower(email)"],
  "leads.buyers": ["user_id"],
  "leads.sectors": ["name"],
  "leads.regions": ["name"],
  "leads.departments": ["code"],
  "leads.spellings": ["kind, folded"],
  "leads.imports": ["id", "reference", "supplier_id, sha256, on_duplicate, md5(reading::text)"],
  "leads.import_rows": [],
  "leads.import_form_rows": ["line, import_id"],
  "leads.import_file_rows": [],
  "leads.import_checked": ["line, import_id"],
  "leads.import_rejects": ["import_id, line"],
  "leads.import_files": ["import_id", "path"],
  "leads.import_held_rows": ["import_id, line"],
  "leads.import_changes": ["import_id, lead_id"],
  "leads.import_mappings": ["supplier_id, header"],
  "leads.leads": ["id", "reference"],
  "leads.lead_contacts": ["lead_id"],
  "leads.called_people": ["person_hash, called_at, call_id"],
  "leads.people_at_agents": ["person_hash"],
  "leads.lead_consents": ["lead_id"],
  "leads.sales": ["buyer_id, lead_id", "lead_id, place"],
  "leads.returns": ["id", "reference", "buyer_id, lead_id"],
  "leads.outcomes": ["buyer_id, lead_id"],
  "leads.earnings": ["id", "buyer_id, lead_id, kind"],
  "leads.calls": ["id", "reference"],
  "leads.qualifications": ["call_id", "agent_id, request_key"],
  "leads.score_features": ["id", "feature"],
  "leads.transactions": ["id", "reference"],
  "leads.payments": ["id", "reference", "lead_id, buyer_id"],
  "leads.payouts": ["id", "reference", "transaction_id", "transfer_reference"],
  "leads.payout_lines": ["payout_id, earning_id"],
  "leads.payout_accounts": ["payout_id"],
  "leads.payout_exports": ["id", "message_id"],
  "platform.document_numbers": ["system, series, year"],
  "leads.held_accounts": ["sealed_iban"],
  "leads.supplier_accounts": ["supplier_id"],
  "leads.pack_orders": [
    ...["id", "reference", "payment_id", "transaction_id"],
    ...["provider, provider_reference", "provider, payment_reference"],
  ],
  "leads.invoices": ["id", "system, series, year, position", "order_id, series, refund_id"],
  "leads.refunds": ["id", "reference", "transaction_id", "order_id, provider_reference", "order_id"],
  "leads.payment_events": ["provider, id"],
  "leads.billing_details": ["buyer_id"],
  "leads.credit_packs": ["id", "reference"],
  "leads.credit_offers": ["id", "reference"],
  "leads.rule_kinds": ["kind", "name"],
  "leads.bonus_budgets": ["month"],
  "leads.self_dealing": ["supplier_id, buyer_id", "reference"],
  "leads.party_signs": ["person, kind, value"],
  "platform.shared_mail_domains": ["domain"],
  "leads.credit_rules": ["id", "reference", "kind"],
  "platform.rollups": ["system, metric, subject, month, slot"],
  "platform.opening_figures": ["system, figure, subject, month"],
  "leads.person_pepper": ["singleton"],
  "leads.oppositions": ["value_hash"],
  "leads.erasures": ["id"],
  "leads.seeds": ["id"],
  "leads.seeded_rows": ["relation, row_id"],
};

/** By table: its foreign keys, to what, and what becomes of a row when that goes (if not said, it cannot go). */
const references: Record<string, Record<string, string>> = {
  "platform.profiles": { id: "auth.users cascade" },
  "platform.settings": { system: "platform.systems" },
  "platform.api_keys": { system: "platform.systems" },
  "platform.system_roles": { system: "platform.systems" },
  "platform.memberships": { user_id: "platform.profiles cascade", "system, role": "platform.system_roles" },
  "platform.registrations": { user_id: "platform.profiles cascade", "system, role": "platform.system_roles" },
  "platform.audit_log": { chain: "platform.audit_chains" },
  "platform.notifications": { user_id: "platform.profiles cascade" },
  "platform.webhook_secrets": { endpoint_id: "platform.webhook_endpoints cascade" },
  "platform.deliveries": { endpoint_id: "platform.webhook_endpoints cascade" },
  "platform.session_handles": { user_id: "auth.users cascade" },
  "platform.ledger_accounts": { "system, kind": "platform.ledger_account_kinds" },
  "platform.ledger_balances": { account_id: "platform.ledger_accounts" },
  "platform.ledger_transfers": { reverses: "platform.ledger_transfers" },
  "platform.ledger_entries": { transfer_id: "platform.ledger_transfers" },
  "leads.suppliers": { user_id: "platform.profiles set null" },
  "leads.buyers": { user_id: "platform.profiles cascade" },
  "leads.departments": { region: "leads.regions" },
  "leads.imports": { supplier_id: "leads.suppliers" },
  "leads.import_rejects": { import_id: "leads.imports cascade" },
  "leads.import_files": { import_id: "leads.imports cascade" },
  "leads.import_held_rows": { import_id: "leads.imports cascade" },
  "leads.import_changes": { import_id: "leads.imports cascade", lead_id: "leads.leads cascade" },
  "leads.import_mappings": { supplier_id: "leads.suppliers cascade" },
  "leads.leads": {
    supplier_id: "leads.suppliers",
    import_id: "leads.imports",
    agent_id: "platform.profiles set null",
    sector: "leads.sectors",
    region: "leads.regions",
  },
  "leads.lead_contacts": { lead_id: "leads.leads cascade", supplier_id: "leads.suppliers" },
  "leads.called_people": { call_id: "leads.calls cascade" },
  "leads.people_at_agents": { lead_id: "leads.leads cascade" },
  "leads.lead_consents": { lead_id: "leads.leads cascade", supplier_id: "leads.suppliers" },
  "leads.sales": {
    lead_id: "leads.leads",
    buyer_id: "platform.profiles",
    supplier_id: "leads.suppliers",
    transfer_id: "platform.ledger_transfers",
  },
  "leads.returns": { "buyer_id, lead_id": "leads.sales", transfer_id: "platform.ledger_transfers" },
  "leads.outcomes": { "buyer_id, lead_id": "leads.sales" },
  "leads.earnings": {
    supplier_id: "leads.suppliers",
    "buyer_id, lead_id": "leads.sales",
    payout_id: "leads.payouts",
  },
  "leads.credit_rules": { kind: "leads.rule_kinds" },
  "leads.calls": { agent_id: "platform.profiles set null", lead_id: "leads.leads" },
  "leads.qualifications": {
    call_id: "leads.calls cascade",
    lead_id: "leads.leads cascade",
    agent_id: "platform.profiles set null",
  },
  "leads.transactions": { user_id: "platform.profiles set null" },
  "leads.payments": { buyer_id: "platform.profiles", lead_id: "leads.leads" },
  "leads.payouts": {
    supplier_id: "leads.suppliers",
    transfer_id: "platform.ledger_transfers",
    transaction_id: "leads.transactions",
    export_id: "leads.payout_exports",
  },
  "leads.pack_orders": {
    buyer_id: "platform.profiles",
    pack_id: "leads.credit_packs",
    payment_id: "leads.payments",
    transaction_id: "leads.transactions",
  },
  "leads.invoices": {
    order_id: "leads.pack_orders",
    buyer_id: "platform.profiles",
    corrects: "leads.invoices",
    refund_id: "leads.refunds",
    "system, series, year": "platform.document_numbers",
  },
  "leads.refunds": { order_id: "leads.pack_orders", transaction_id: "leads.transactions" },
  "leads.payment_events": { order_id: "leads.pack_orders" },
  "leads.billing_details": { buyer_id: "platform.profiles cascade" },
  "leads.payout_lines": { payout_id: "leads.payouts cascade", earning_id: "leads.earnings" },
  "leads.payout_accounts": { payout_id: "leads.payouts cascade" },
  "leads.supplier_accounts": { supplier_id: "leads.suppliers cascade" },
  "leads.held_accounts": { supplier_id: "leads.suppliers cascade" },
  "leads.self_dealing": { supplier_id: "leads.suppliers cascade", buyer_id: "platform.profiles cascade" },
};

/** A key that may be empty holds nothing back while it is: what one row gets that has none. */
const filled: Record<string, string> = {
  "leads.imports supplier_id, sha256, on_duplicate, md5(reading::text)": "sha256 = sha256('a'), status = 'completed'",
  "platform.profiles reference": "reference = id",
  "platform.ledger_transfers reverses": "reverses = id",
  "leads.payments lead_id, buyer_id": "lead_id = id",
  "leads.earnings buyer_id, lead_id, kind": "kind = 'sale', buyer_id = id, lead_id = id",
  "leads.pack_orders provider, provider_reference": "provider_reference = 'order'",
  "leads.pack_orders provider, payment_reference": "payment_reference = 'payment'",
  "leads.invoices order_id, series, refund_id": "refund_id = id",
  "leads.refunds order_id, provider_reference": "provider_reference = 'refund'",
  "leads.refunds transaction_id": "status = 'accepted', transaction_id = (select id from leads.transactions limit 1)",
  "leads.credit_rules kind": "kind = (select kind from leads.rule_kinds limit 1)",
};

const { sql } = await testDatabase();

const ours = sql`('platform'::regnamespace, 'leads'::regnamespace, 'public'::regnamespace)`;

it("every key is in the list", async () => {
  const found = await sql<{ table: string; keys: string[] }[]>`
    select c.oid::regclass::text as table,
      coalesce(array_agg(k.columns order by i.indisprimary desc, c.oid) filter (where i.indisunique), '{}') as keys
    from pg_class c left join pg_index i on i.indrelid = c.oid
    cross join lateral (
      select string_agg(pg_get_indexdef(i.indexrelid, n, true), ', ' order by n) as columns
      from generate_series(1, i.indnkeyatts) as n) as k
    where c.relkind in ('r', 'p') and c.relnamespace in ${ours} group by c.oid`;
  const sorted = (all: Record<string, string[]>) =>
    Object.fromEntries(
      Object.entries(all).map(([table, of]) => [table, [...of].map((key) => key.replaceAll('"', "")).sort()]),
    );
  expect(sorted(Object.fromEntries(found.map(({ table, keys: of }) => [table, of])))).toEqual(sorted(keys));
});

it("every foreign key leads where it should", async () => {
  const found = await sql<{ table: string; columns: string; target: string }[]>`
    select conrelid::regclass::text as table,
      (select string_agg(a.attname, ', ' order by n) from unnest(conkey) with ordinality as c (number, n)
        join pg_attribute a on a.attrelid = conrelid and a.attnum = c.number) as columns,
      confrelid::regclass || case confdeltype when 'c' then ' cascade' when 'n' then ' set null' else '' end as target
    from pg_constraint where contype = 'f' and connamespace in ${ours}`;
  const byTable: typeof references = {};
  for (const { table, columns, target } of found) byTable[table] = { ...byTable[table], [columns]: target };
  expect(byTable).toEqual(references);
});

describe("each refuses", () => {
  beforeAll(async () => {
    await openMarket(sql);
    await openOrders(sql);
  });

  describe.each(Object.entries(keys).filter(([, of]) => of.length > 0))("%s", (table, columns) => {
    it.each(columns)("two rows with the same %s", async (key) => {
      const found = await refusedBy(sql, async (at) => {
        await dropOtherKeys(at, table, key);
        const written = await writtenColumns(table);
        const values = filled[`${table} ${key}`];
        if (values) await at.unsafe(`update ${table} set ${values} where ctid = (select ctid from ${table} limit 1)`);
        await at.unsafe(`insert into ${table} (${written}) overriding system value
        select ${written} from ${table} where (${key}) is not null limit 1`);
      });
      expect(found).toBe(`key ${key}`);
    });
  });
});

/** The columns that a row is written with: all but those that are computed. */
async function writtenColumns(table: string): Promise<string> {
  const [row] = await sql<{ columns: string }[]>`
    select string_agg(quote_ident(attname), ', ') as columns from pg_attribute
    where attrelid = ${table}::regclass and attnum > 0 and not attisdropped and attgenerated = ''`;
  return row?.columns ?? "";
}

// The row is refused by one of a table's keys; here it is to be this one.
async function dropOtherKeys(at: postgres.TransactionSql, table: string, key: string): Promise<void> {
  const others = await at<{ drop: string }[]>`
    select case when k.conname is null then format('drop index %s', i.indexrelid::regclass)
      else format('alter table %s drop constraint %I cascade', i.indrelid::regclass, k.conname) end as drop
    from pg_index i left join pg_constraint k on k.conindid = i.indexrelid and k.contype in ('p', 'u')
    where i.indrelid = ${table}::regclass and i.indisunique and replace((
      select string_agg(pg_get_indexdef(i.indexrelid, n, true), ', ' order by n)
      from generate_series(1, i.indnkeyatts) as n), '"', '') <> ${key}`;
  for (const { drop } of others) await at.unsafe(drop);
}

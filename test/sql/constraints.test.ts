import type postgres from "postgres";
import { describe, expect, it } from "vitest";
import { openMarket } from "../support/market.ts";
import { rolledBack, testDatabase } from "../support/sql.ts";

// What no row may be, whoever writes it: each constraint is met by a row that breaks it, and refuses it by its own name.
// A constraint that is missing here fails the test, and so does one that is here and not in the database.

/** By table: a change of its rows that the check of this name must refuse. */
const checks: Record<string, Record<string, string>> = {
  "platform.memberships": { memberships_status_check: "status = 'asleep'" },
  "platform.audit_log": { audit_log_operation_check: "operation = 'TRUNCATE'" },
  "platform.notifications": { notifications_type_check: "type = 'fatal'" },
  "platform.rate_limit_rules": {
    rate_limit_rules_allowed_check: "allowed = 0",
    rate_limit_rules_period_check: "period = '32 days'",
  },
  "platform.idempotency_keys": { idempotency_keys_key_check: "key = ''" },
  "platform.ledger_account_kinds": { ledger_account_kinds_unit_check: "unit = 'euros'" },
  "platform.ledger_balances": {
    never_below_zero: "guarded = true, slot = 0, balance = -1",
    guarded_in_one_row: "guarded = true, slot = 1",
  },
  "platform.ledger_entries": { ledger_entries_amount_check: "amount = 0" },
  "leads.suppliers": { suppliers_status_check: "status = 'asleep'" },
  "leads.spellings": { spellings_kind_check: "kind = 'city'" },
  "leads.imports": {
    imports_check: "inserted = 1, updated = 1, valid = 1, total = 1",
    imports_total_check: "total = -1",
    imports_valid_check: "valid = -1",
    imports_invalid_check: "invalid = -1",
    imports_duplicates_check: "duplicates = -1",
    imports_status_check: "status = 'en_cours'",
    imports_qualification_status_check: "qualification_status = 'processing'",
  },
  "leads.import_mappings": { import_mappings_field_check: "field = 'price_cents'" },
  "leads.import_files": {
    import_files_attempts_check: "attempts = -1",
    import_files_mapping_check: "mapping = '[]'",
    import_files_on_duplicate_check: "on_duplicate = 'ask'",
  },
  "leads.leads": {
    leads_price_cents_check: "price_cents = -1",
    leads_sales_count_check: "sales_count = -1",
    leads_score_check: "score = 101",
    leads_status_check: "status = 'withdrawn'",
    leads_qualification_status_check: "qualification_status = 'sold'",
  },
  "leads.sales": {
    sales_price_cents_check: "price_cents = -1",
    sales_check: "supplier_share_cents = price_cents + 1",
    sales_check1: "place = places + 1",
    sales_credits_check: "credits = -1",
  },
  "leads.returns": {
    returns_check: "status = 'refused', decided_at = null",
    returns_check1: "status = 'accepted', decided_at = now(), transfer_id = null",
    returns_comment_check: "comment = repeat('a', 2001)",
    returns_decision_note_check: "decision_note = repeat('a', 2001)",
    returns_reason_check: "reason = 'too_dear'",
    returns_status_check: "status = 'lost', decided_at = now()",
  },
  "leads.outcomes": { outcomes_outcome_check: "outcome = 'pending'" },
  "leads.earnings": {
    earnings_kind_check: "kind = 'gift'",
    earnings_check: "kind = 'sale'",
    earnings_check1: "buyer_id = id",
    earnings_check2: "kind = 'sale', amount_cents = -1",
  },
  "leads.calls": {
    calls_duration_seconds_check: "duration_seconds = -1",
    calls_recording_status_check: "recording_status = 'lost'",
    calls_result_check: "result = 'sold'",
  },
  "leads.transactions": {
    transactions_type_check: "type = 'gift'",
    transactions_status_check: "status = 'lost'",
  },
  "leads.payments": {
    payments_type_check: "type = 'gift'",
    payments_status_check: "status = 'lost'",
  },
  "leads.payouts": {
    payouts_amount_cents_check: "amount_cents = -1",
    payouts_leads_count_check: "leads_count = -1",
    payouts_status_check: "status = 'lost'",
  },
  "leads.credit_packs": {
    credit_packs_bonus_check: "bonus = -1",
    credit_packs_credits_check: "credits = 0",
    credit_packs_price_cents_check: "price_cents = -1",
  },
  "leads.credit_offers": {
    credit_offers_bonus_check: "bonus = -1",
    credit_offers_credits_check: "credits = 0",
    credit_offers_price_cents_check: "price_cents = -1",
  },
  "leads.person_pepper": { person_pepper_singleton_check: "singleton = false" },
  "leads.oppositions": { oppositions_kind_check: "kind = 'name'" },
};

/** By table: columns of which no two rows have the same values, the primary key first. */
const keys: Record<string, string[]> = {
  "platform.system_roles": ["system, role"],
  "platform.profiles": ["id", "reference"],
  "platform.memberships": ["user_id, system, role"],
  "platform.audit_chains": ["chain"],
  "platform.audit_log": ["chain, position"],
  "platform.notifications": ["id", "reference"],
  "platform.rate_limits": ["bucket"],
  "platform.rate_limit_rules": ["system, name"],
  "platform.rate_limit_attempts": ["bucket"],
  "platform.outbox": ["id"],
  "platform.row_versions": ["relation, row_id, version"],
  "platform.idempotency_keys": ["user_id, operation, key"],
  "platform.ledger_account_kinds": ["system, kind"],
  "platform.ledger_accounts": ["id", "system, kind, owner"],
  "platform.ledger_balances": ["account_id, slot"],
  "platform.ledger_transfers": ["id", "system, kind, key", "reverses"],
  "platform.ledger_entries": ["transfer_id, account_id"],
  "leads.suppliers": ["id", "reference", "user_id", "lower(email)"],
  "leads.buyers": ["user_id"],
  "leads.sectors": ["name"],
  "leads.regions": ["name"],
  "leads.spellings": ["kind, folded"],
  "leads.imports": ["id", "reference"],
  "leads.import_rows": ["import_id, line"],
  "leads.import_rejects": ["import_id, line"],
  "leads.import_files": ["import_id", "path"],
  "leads.import_mappings": ["supplier_id, header"],
  "leads.leads": ["id", "reference"],
  "leads.lead_contacts": ["lead_id"],
  "leads.lead_consents": ["lead_id"],
  "leads.sales": ["buyer_id, lead_id", "lead_id, place"],
  "leads.returns": ["id", "reference", "buyer_id, lead_id"],
  "leads.outcomes": ["buyer_id, lead_id"],
  "leads.earnings": ["id", "buyer_id, lead_id, kind"],
  "leads.calls": ["id", "reference"],
  "leads.qualifications": ["call_id", "agent_id, request_key"],
  "leads.score_features": ["id", "feature"],
  "leads.work_rules": ["name"],
  "leads.transactions": ["id", "reference"],
  "leads.payments": ["id", "reference", "lead_id, buyer_id"],
  "leads.payouts": ["id", "reference", "transfer_reference"],
  "leads.credit_packs": ["id", "reference"],
  "leads.credit_offers": ["id", "reference"],
  "leads.rule_kinds": ["kind", "name"],
  "leads.credit_rules": ["id", "reference", "kind"],
  "leads.rollups": ["metric, subject, month, slot"],
  "leads.opening_figures": ["figure, subject, month"],
  "leads.person_pepper": ["singleton"],
  "leads.oppositions": ["value_hash"],
  "leads.erasures": ["id"],
  "leads.seeds": ["id"],
  "leads.seeded_rows": ["relation, row_id"],
};

/** By table: its foreign keys, to what, and what becomes of a row when that goes (if not said, it cannot go). */
const references: Record<string, Record<string, string>> = {
  "platform.profiles": { id: "auth.users cascade" },
  "platform.memberships": { user_id: "platform.profiles cascade", "system, role": "platform.system_roles" },
  "platform.audit_log": { chain: "platform.audit_chains" },
  "platform.notifications": { user_id: "platform.profiles cascade" },
  "platform.ledger_accounts": { "system, kind": "platform.ledger_account_kinds" },
  "platform.ledger_balances": { account_id: "platform.ledger_accounts" },
  "platform.ledger_transfers": { reverses: "platform.ledger_transfers" },
  "platform.ledger_entries": { transfer_id: "platform.ledger_transfers" },
  "leads.suppliers": { user_id: "platform.profiles set null" },
  "leads.buyers": { user_id: "platform.profiles cascade" },
  "leads.imports": { supplier_id: "leads.suppliers" },
  "leads.import_rejects": { import_id: "leads.imports cascade" },
  "leads.import_files": { import_id: "leads.imports cascade" },
  "leads.import_mappings": { supplier_id: "leads.suppliers cascade" },
  "leads.leads": {
    supplier_id: "leads.suppliers",
    import_id: "leads.imports",
    agent_id: "platform.profiles set null",
    sector: "leads.sectors",
    region: "leads.regions",
  },
  "leads.lead_contacts": { lead_id: "leads.leads cascade", supplier_id: "leads.suppliers" },
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
  "leads.payouts": { supplier_id: "leads.suppliers", transfer_id: "platform.ledger_transfers" },
};

const { sql } = await testDatabase();
await openMarket(sql);

/** A key that may be empty holds nothing back while it is: what one row gets that has none. */
const filled: Record<string, string> = {
  "platform.profiles reference": "reference = id",
  "platform.ledger_transfers reverses": "reverses = id",
  "leads.payments lead_id, buyer_id": "lead_id = id",
  "leads.earnings buyer_id, lead_id, kind": "kind = 'sale', buyer_id = id, lead_id = id",
  "leads.credit_rules kind": "kind = (select kind from leads.rule_kinds limit 1)",
};

const ours = sql`('platform'::regnamespace, 'leads'::regnamespace, 'public'::regnamespace)`;

it("every check is in the list", async () => {
  const found = await sql<{ name: string }[]>`
    select conrelid::regclass || ' ' || conname as name from pg_constraint where contype = 'c' and connamespace in ${ours}`;
  const listed = Object.entries(checks).flatMap(([table, named]) =>
    Object.keys(named).map((name) => `${table} ${name}`),
  );
  expect(found.map(({ name }) => name).sort()).toEqual(listed.sort());
});

it("every key is in the list, and every table has one", async () => {
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

describe.each(Object.entries(checks))("%s", (table, named) => {
  it.each(Object.entries(named))("%s refuses %s", async (constraint, change) => {
    const found = await refusedBy(async (at) => {
      for (const other of Object.keys(named)) {
        if (other !== constraint) await at.unsafe(`alter table ${table} drop constraint ${other}`);
      }
      await at.unsafe(`update ${table} set ${change}`);
    });
    expect(found).toEqual(`check ${constraint}`);
  });
});

describe.each(Object.entries(keys))("%s", (table, columns) => {
  it.each(columns)("holds no two rows with the same %s", async (key) => {
    const found = await refusedBy(async (at) => {
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

/** The columns that a row is written with: all but those that are computed. */
async function writtenColumns(table: string): Promise<string> {
  const [row] = await sql<{ columns: string }[]>`
    select string_agg(quote_ident(attname), ', ') as columns from pg_attribute
    where attrelid = ${table}::regclass and attnum > 0 and not attisdropped and attgenerated = ''`;
  return row?.columns ?? "";
}

/** What refuses the work, done without the triggers, which have their own say. */
async function refusedBy(work: (at: postgres.TransactionSql) => Promise<unknown>): Promise<string> {
  return rolledBack(sql, async (at) => {
    await at`set local session_replication_role = replica`;
    try {
      await at.savepoint((savepoint) => work(savepoint));
      return "nothing";
    } catch (error) {
      const { code, constraint_name, detail = "" } = error as postgres.PostgresError;
      if (code === "23514") return `check ${constraint_name}`;
      if (code === "23505") return `key ${/^Key \((.*?)\)=/.exec(detail)?.[1]?.replaceAll('"', "")}`;
      throw error;
    }
  });
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

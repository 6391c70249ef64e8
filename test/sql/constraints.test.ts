import { beforeAll, describe, expect, it } from "vitest";
import { refusedBy } from "../support/constraints.ts";
import { openMarket, openOrders } from "../support/market.ts";
import { testDatabase } from "../support/sql.ts";

// What no row may be, whoever writes it: each check is met by a row that breaks it, and refuses it by its own name. A
// check that is missing here fails the test, and so does one that is here and not in the database.

/** By table: a change of its rows that the check of this name must refuse. */
const checks: Record<string, Record<string, string>> = {
  "platform.profiles": {
    profiles_first_name_check: "first_name = repeat('a', 101)",
    profiles_last_name_check: "last_name = repeat('a', 101)",
    profiles_company_check: "company = repeat('a', 201)",
    profiles_phone_check: "phone = repeat('1', 201)",
    profiles_avatar_check: "avatar = 'javascript:alert(1)'",
    profiles_display_name_check: "display_name = repeat('a', 101)",
    profiles_bio_check: "bio = repeat('a', 2001)",
  },
  "platform.systems": {
    systems_system_check: "system = 'Not a name'",
    systems_on_member_check: "on_member = 'drop table'",
    systems_member_details_check: "member_details = 'now'",
    systems_account_details_check: "account_details = 'a.b()'",
    systems_account_named_check: "account_named = 'A.b'",
  },
  "platform.session_handles": { session_handles_hash_check: "hash = 'short'" },
  "platform.memberships": { memberships_status_check: "status = 'asleep'" },
  "platform.audit_log": { audit_log_operation_check: "operation = 'TRUNCATE'" },
  "platform.notifications": { notifications_type_check: "type = 'fatal'" },
  "platform.registrations": { registrations_profile_check: "profile = '[]'" },
  "platform.rate_limit_rules": {
    rate_limit_rules_allowed_check: "allowed = 0",
    rate_limit_rules_period_check: "period = '32 days'",
  },
  "platform.settings": {
    settings_section_check: "section = 'Two words'",
    settings_problems_check: "problems = 'now()'",
    open_ones_are_checked: "is_open = true, problems = null",
  },
  "platform.api_keys": {
    api_keys_name_check: "name = ''",
    api_keys_prefix_check: "prefix = repeat('a', 21)",
    api_keys_hash_check: "hash = 'short'",
    api_keys_scopes_check: "scopes = '{}'",
    api_keys_check: "expires_at = created_at",
    revoked_at_some_time: "revoked_by = id, revoked_at = null",
  },
  "platform.retention_rules": { retention_rules_term_check: "term = '1 hour'" },
  "platform.webhook_endpoints": {
    webhook_url_is_allowed: "url = 'http://hooks.example.test'",
    webhook_events_are_topics: "events = '{}'",
    webhook_description_is_short: "description = repeat('a', 201)",
    webhook_status_is_known: "status = 'gone'",
  },
  "platform.webhook_secrets": { webhook_secret_is_sealed: "sealed_secret = 'whsec_secret'" },
  "platform.deliveries": {
    delivery_kind_is_known: "kind = 'fax', endpoint_id = null, event_id = null",
    webhook_has_its_endpoint: "event_id = null, endpoint_id = id",
    delivery_ends_once: "delivered_at = now(), failed_at = now()",
    delivery_error_is_a_code: "error = 'Zoé Blanc'",
  },
  "platform.document_numbers": {
    document_numbers_series_check: "series = ''",
    document_numbers_last_number_check: "last_number = 0",
  },
  "platform.idempotency_keys": { idempotency_keys_key_check: "key = ''" },
  "platform.ledger_account_kinds": { ledger_account_kinds_unit_check: "unit = 'euros'" },
  "platform.ledger_balances": {
    never_below_zero: "guarded = true, slot = 0, balance = -1",
    guarded_in_one_row: "guarded = true, slot = 1",
  },
  "platform.ledger_entries": { ledger_entries_amount_check: "amount = 0", numbered_with_balance: "number = 1000" },
  "leads.suppliers": { suppliers_status_check: "status = 'asleep'" },
  "leads.spellings": { spellings_kind_check: "kind = 'city'" },
  "leads.imports": {
    imports_check: "inserted = 1, updated = 1, valid = 1, total = 1",
    imports_total_check: "total = -1",
    imports_sha256_check: "sha256 = 'short'",
    imports_on_duplicate_check: "on_duplicate = 'ask'",
    imports_reading_check: "reading = '[]'",
    imports_valid_check: "valid = -1",
    imports_invalid_check: "invalid = -1",
    imports_duplicates_check: "duplicates = -1",
    imports_status_check: "status = 'en_cours'",
    imports_qualification_status_check: "qualification_status = 'processing'",
  },
  "leads.import_mappings": { import_mappings_field_check: "field = 'price_cents'" },
  "leads.import_files": {
    import_files_attempts_check: "attempts = -1",
    import_files_mappings_check: "mappings = '[]'",
    import_files_staged_rows_check: "staged_rows = -1, staged_to = '{}'",
    import_files_check: "staged_rows = 1",
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
    sales_check2: "given_credits = credits + 1",
    sales_credits_check: "credits = -1",
  },
  "leads.returns": {
    returns_check: "status = 'refused', decided_at = null",
    returns_check1: "status = 'accepted', decided_at = now(), transfer_id = null",
    returns_comment_check: "comment = repeat('a', 2001)",
    returns_credits_recovered_check: "credits_recovered = -1",
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
    payouts_failure_reason_check: "failure_reason = repeat('a', 501)",
  },
  "leads.payout_exports": {
    payout_exports_message_id_check: "message_id = 'a b'",
    payout_exports_payouts_check: "payouts = 0",
    payout_exports_total_cents_check: "total_cents = 0",
  },
  "leads.supplier_accounts": {
    supplier_accounts_bic_check: "bic = 'NONE'",
    supplier_accounts_fingerprint_check: "fingerprint = repeat('x', 101)",
    supplier_accounts_sealed_iban_check: "sealed_iban = 'FR7630006000011234567890189'",
  },
  "leads.billing_details": {
    billing_details_siret_check: "siret = '73282932000075'",
    billing_details_vat_number_check: "vat_number = 'FR45732829320'",
  },
  "leads.held_accounts": { held_accounts_code_check: "code = 'closed'" },
  "leads.self_dealing": {
    self_dealing_status_check: "status = 'seen'",
    self_dealing_note_check: "note = repeat('x', 2001)",
  },
  "leads.party_signs": { party_signs_kind_check: "kind = 'face'" },
  "platform.shared_mail_domains": { shared_mail_domains_domain_check: "domain = 'Gmail.com'" },
  "leads.bonus_budgets": {
    bonus_budgets_month_check: "month = '1999-01-02'",
    bonus_budgets_spent_cents_check: "spent_cents = -1",
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
  "leads.pack_orders": {
    pack_orders_credits_check: "credits = 0",
    pack_orders_bonus_check: "bonus = -1",
    pack_orders_price_cents_check: "price_cents = -1",
    pack_orders_credits_lost_check: "credits_lost = -1",
    pack_orders_status_check: "status = 'lost'",
    pack_orders_provider_check: "provider = 'cash'",
    pack_orders_check: "status = 'failed', provider = null",
    pack_orders_check1: "status = 'completed', settled_at = null",
  },
  "leads.refunds": {
    refunds_kind_check: "kind = 'gift'",
    refunds_status_check: "status = 'lost'",
    refunds_amount_cents_check: "amount_cents = -1",
    refunds_credits_check: "credits = -1",
    refunds_bonus_check: "bonus = -1",
    refunds_cause_check: "cause = repeat('x', 101)",
    booked_has_its_transaction: "status = 'accepted'",
    lost_is_of_what_was_taken: "credits_lost = credits + 1",
    undone_is_of_what_was_lost: "loss_undone = credits_lost + bonus_lost + 1",
    only_what_is_asked_waits: "kind = 'made'",
    dispute_is_lost_for_good: "status = 'reversed', kind = 'dispute', transaction_id = id",
  },
  "leads.invoices": {
    invoices_series_check:
      "series = 'ZZ', gross_cents = 0, net_cents = 0, vat_cents = 0, corrects = id, refund_id = id",
    invoices_position_check: "position = 0",
    invoices_vat_percent_check: "vat_percent = 101",
    invoices_check: "net_cents = net_cents + 1",
    invoices_check1: "series = 'FA', gross_cents = -1",
  },
  "leads.payment_events": {
    payment_events_provider_check: "provider = 'cash'",
    payment_events_meaning_check: "meaning = 'lost'",
    payment_events_outcome_check: "outcome = 'lost'",
  },
  "leads.lead_contacts": { phones_differ: "phone = '1', phone2 = '1'" },
  "leads.person_pepper": { person_pepper_singleton_check: "singleton = false" },
  "leads.oppositions": { oppositions_kind_check: "kind = 'name'" },
};

const { sql } = await testDatabase();

it("every check is in the list", async () => {
  const found = await sql<{ name: string }[]>`
    select conrelid::regclass || ' ' || conname as name from pg_constraint where contype = 'c' and connamespace in ('platform'::regnamespace, 'leads'::regnamespace, 'public'::regnamespace)`;
  const listed = Object.entries(checks).flatMap(([table, named]) =>
    Object.keys(named).map((name) => `${table} ${name}`),
  );
  expect(found.map(({ name }) => name).sort()).toEqual(listed.sort());
});

describe("each refuses", () => {
  beforeAll(async () => {
    await openMarket(sql);
    await openOrders(sql);
  });

  describe.each(Object.entries(checks))("%s", (table, named) => {
    it.each(Object.entries(named))("%s: %s", async (constraint, change) => {
      const found = await refusedBy(sql, async (at) => {
        for (const other of Object.keys(named)) {
          if (other !== constraint) await at.unsafe(`alter table ${table} drop constraint ${other}`);
        }
        await at.unsafe(`update ${table} set ${change}`);
      });
      expect(found).toEqual(`check ${constraint}`);
    });
  });
});

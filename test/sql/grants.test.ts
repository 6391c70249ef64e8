import { describe, expect, it } from "vitest";
import { testDatabase } from "../support/sql.ts";

// Which role reaches what, beside the rows of tables (rights.test.ts) and what is published (published.test.ts). What is
// not named here is for the owner alone: functions that others call with his rights, and those of triggers.

const everybody = ["anon", "authenticated", "service_role"];
const signedIn = ["authenticated", "service_role"];
const operators = ["service_role"];

/** Functions of the unexposed schemas, by those who may call them. */
const callers: [roles: string[], functions: string][] = [
  [
    everybody,
    `platform.fail platform.refuse_costly_query platform.fold platform.has_role platform.iso_timestamp platform.like_pattern
     platform.mask_email platform.mask_last_name platform.mask_phone platform.refuse_suspended platform.require_role platform.is_admin platform.require_admin
     platform.require_member
      platform.short_reference platform.uuid_v7 platform.clean_text platform.shown_email platform.check_request platform.session_is_over
     platform.euros platform.ever leads.find_leads platform.month_label platform.paris_month leads.my_supplier_id platform.refuse_parameter
     platform.paris_today leads.has_bought leads.has_consent leads.sells_without_consent leads.suspended_suppliers leads.find_profile`,
  ],
  [
    signedIn,
    `platform.administers platform.searched_text platform.change_setting platform.make_api_key platform.list_api_keys
      platform.revoke_api_key platform.audit_page platform.add_webhook platform.set_webhook_status platform.remove_webhook
     platform.test_webhook platform.retry_delivery platform.my_account platform.member_named platform.members platform.check_new_member
     platform.add_member platform.change_member_role platform.change_member_status platform.change_rate_limit
     leads.acheteur_profile leads.add_lead leads.agent_profile leads.change_lead
     leads.fournisseur_profile leads.global_stats leads.import_progress
     leads.is_my_qualification leads.monthly_gains leads.monthly_revenue leads.monthly_stats
     leads.monthly_virements leads.my_purchases leads.qualify leads.recording_target leads.region_stats
     leads.reserve_next leads.sector_stats leads.sees_catalogue leads.show_lead leads.supplier_gains
     leads.refuse_large_upload leads.upload_place leads.supplier_of_upload leads.withdraw_lead leads.works_on_leads leads.credits_of leads.decide_return
     leads.lead_on_sale leads.price_of leads.purchase leads.record_outcome leads.request_return
     leads.check_account_of leads.check_own_account leads.pay_supplier leads.payables leads.payout_lines_for
     leads.set_supplier_status leads.settle_entries leads.settle_payout leads.own_account platform.compact_iban platform.iban_length
     platform.needs_bic platform.easter_sunday platform.is_target_day platform.next_target_day platform.compact_number platform.luhn_holds
     platform.siret_problem platform.french_vat_holds platform.vat_number_form platform.vat_number_problem
     platform.iban_problem platform.iban_remainder platform.is_bic platform.is_sepa_iban platform.mask_iban leads.accept_import
     leads.discard_import leads.undo_import platform.is_number
     leads.read_calling_rules leads.write_calling_rules leads.queue_overview leads.open_order leads.order_title leads.own_profile leads.show_pack leads.show_rule
     leads.take_back_order leads.add_rule leads.change_rule leads.versions_of leads.write_billing_details
      leads.write_billing_settings leads.read_billing_settings leads.write_pack leads.decide_pair leads.is_reverse_charged
      leads.own_export leads.admin_export leads.admin_erase`,
  ],
  [
    operators,
    `platform.accept_attempts platform.accept_api_key platform.audit_verify platform.emit platform.forget_attempts platform.mark_delivered
     platform.mark_failed platform.remove_outdated platform.send_message platform.spread_events
     platform.register_member platform.release_attempts platform.take_attempts platform.take_deliveries
     leads.accept_upload leads.begin_import leads.claim_upload leads.consent_date_order leads.fail_import leads.files_to_remove
     leads.forget_recordings leads.forget_upload leads.begin_slice leads.end_slice leads.release_upload leads.gdpr_erase leads.gdpr_export leads.hold_upload leads.import_report leads.account_files_to_remove leads.personal_data
     leads.open_merge leads.check_import_piece leads.insert_import_piece leads.merge_import leads.outdated_uploads
     leads.recount platform.register platform.register_again platform.sign_in_address
     leads.verify_rollups leads.ledger_problems platform.ledger_problems leads.demo_accounts
     leads.report_incomplete_seller leads.keep_account leads.keep_demo_account leads.mark_exported leads.payout_batch leads.set_payout_debtor leads.begin_staging
     leads.known_import leads.open_import leads.answer_order leads.fail_order leads.answer_refund leads.send_order
     leads.settle_order leads.take_payment_event`,
  ],
];

/** Rights on schemas, and on sequences and views that are not published. */
const others: Record<string, string[]> = {
  "schema platform usage": everybody,
  "schema leads usage": everybody,
  "schema public usage": everybody,
  "schema platform_api usage": everybody,
  "platform.notification_numbers usage": operators,
  "leads.lead_rows select": everybody,
  "leads.return_rows select": signedIn,
  "leads.shown_invoices select": signedIn,
  "leads.shown_orders select": signedIn,
};

const { sql } = await testDatabase();

const roles = sql`unnest(${everybody}::text[]) as role`;

describe("a right is held by those who need it, and by nobody else", () => {
  it("to call a function", async () => {
    const held = await sql<{ held: string }[]>`
      select distinct n.nspname || '.' || p.proname || ': ' || string_agg(role, ', ' order by role) as held
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace, ${roles}
      where n.nspname in ('platform', 'leads') and has_function_privilege(role, p.oid, 'execute') group by p.oid, n.nspname`;
    const wanted = callers.flatMap(([who, names]) => names.split(/\s+/).map((name) => `${name}: ${who.join(", ")}`));
    expect(held.map((row) => row.held).sort()).toEqual(wanted.sort());
  });

  it("on a schema, a sequence or a view", async () => {
    const held = await sql<{ held: string }[]>`
      select 'schema ' || n.nspname || ' ' || privilege || ': ' || string_agg(role, ', ' order by role) as held
      from pg_namespace n, unnest(array['usage', 'create']) as privilege, ${roles}
      where n.nspname in ('platform', 'leads', 'public', 'platform_api') and has_schema_privilege(role, n.oid, privilege) group by n.oid, privilege
      union all
      select c.oid::regclass || ' ' || lower(a.privilege_type) || ': ' || string_agg(role, ', ' order by role)
      from pg_class c, aclexplode(c.relacl) a, ${roles}
      where c.relnamespace in ('platform'::regnamespace, 'leads'::regnamespace) and c.relkind in ('v', 'm', 'S')
        and a.grantee = role::regrole group by c.oid, a.privilege_type`;
    const wanted = Object.entries(others).map(([right, who]) => `${right}: ${who.join(", ")}`);
    expect(held.map((row) => row.held).sort()).toEqual(wanted.sort());
  });

  it("to do with a table what no request does: nobody", async () => {
    const held = await sql<{ held: string }[]>`
      select c.oid::regclass || ' ' || a.privilege_type || ': ' || role as held
      from pg_class c, aclexplode(c.relacl) a, ${roles}
      where c.relnamespace in ('platform'::regnamespace, 'leads'::regnamespace) and c.relkind in ('r', 'p')
        and a.privilege_type not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE') and a.grantee = role::regrole`;
    expect(held.map((row) => row.held)).toEqual([]);
  });
});

import { beforeAll, describe, expect, it } from "vitest";
import { type Actor, actors, idOf, openMarket, openOrders } from "../support/market.ts";
import { asActor, refusal, testDatabase } from "../support/sql.ts";

// Everything that is published, and the roles that may ask for it (document, section 2). Somebody without a token
// gets 401 and somebody with the wrong role 403, whichever road he takes; never an empty answer.

type Role = "admin" | "fournisseur" | "agent" | "acheteur";

const batch = { debtor: {}, orders: [{ reference: "VP-C", cents: 1000 }] };

const published: Record<string, Role[] | "everybody" | "functions"> = {
  leads: "everybody",
  "leads_search()": "everybody",
  "users_fournisseur()": ["fournisseur"],
  "users_agent()": ["agent"],
  "users_acheteur()": ["acheteur"],
  billing_credit_packs: ["acheteur"],
  billing_payments: ["acheteur"],
  billing_notifications: ["acheteur"],
  "users_search('nobody')": "everybody",
  "stats_global()": ["admin"],
  "stats_monthly()": ["admin", "fournisseur"],
  "stats_sectors()": ["admin", "acheteur"],
  "stats_regions()": ["admin"],
  stats_score_explanations: ["admin"],
  admin_imports: ["admin"],
  agent_imports: ["agent"],
  admin_audios: ["admin"],
  "admin_audio_recording('call-a')": ["admin"],
  admin_transactions: ["admin"],
  "admin_transactions_monthly_revenue()": ["admin"],
  admin_credits_packs: ["admin"],
  admin_credits_rules: ["admin"],
  admin_gains: ["admin"],
  "admin_gains_monthly()": ["admin"],
  "admin_gains_pay('supplier-a')": ["admin"],
  "admin_gains_activate('supplier-a')": ["admin"],
  "admin_gains_suspend('supplier-a')": ["admin"],
  "admin_gains_iban_check('supplier-a', 'DE89 3704 0044 0532 0130 00')": ["admin"],
  "billing_seller_incomplete()": "functions",
  "fournisseur_iban()": ["fournisseur"],
  "fournisseur_iban_check('DE89 3704 0044 0532 0130 00')": ["fournisseur"],
  "admin_payables()": ["admin"],
  admin_payouts: ["admin"],
  "admin_payout_lines('VP-A')": ["admin"],
  "admin_payout_confirm('VP-A')": ["admin"],
  "admin_payout_fail('VP-C', 'Compte clos')": ["admin"],
  "admin_payouts_settle('[]')": ["admin"],
  "fournisseur_virement_lines('VP-A')": ["fournisseur"],
  [`account_keep('${idOf("supplierA")}', 'v1.', null, 'DE89', null, true)`]: "functions",
  "payout_batch('EXPORT-1')": "functions",
  "import_followed('IMP-001')": "functions",
  [`payout_batch_mark('EXPORT-2', now()::text, '${JSON.stringify(batch)}' || jsonb_build_object('executionDate', platform.next_target_day(platform.paris_today())))`]:
    "functions",
  "payout_debtor_set('Leads Provider', 'DE89370400440532013000')": "functions",
  fournisseur_virements: ["fournisseur"],
  "fournisseur_virements_monthly()": ["fournisseur"],
  "platform_api.members('leads')": ["admin"],
  "platform_api.member_check('leads', 'new@example.test', 'agent')": ["admin"],
  [`platform_api.member_add('leads', '${idOf("stranger")}', 'agent', '{}')`]: ["admin"],
  "platform_api.member_role('leads', 'agentb@example.test', 'agent')": ["admin"],
  "platform_api.member_suspend('leads', 'agentb@example.test')": ["admin"],
  "platform_api.member_reactivate('leads', 'agentb@example.test')": ["admin"],
  "admin_user_export('agentb@example.test')": ["admin"],
  "admin_user_erase('agentb@example.test')": ["admin"],
  "gdpr_forget_recordings('{}')": "functions",
  "platform_api.rate_limits('leads')": ["admin"],
  "platform_api.rate_limit_change('leads', 'own_limit', 20, 900)": ["admin"],
  "platform_api.settings('leads')": ["admin"],
  "platform_api.setting('leads', 'calling')": ["admin"],
  "platform_api.api_keys('leads')": ["admin"],
  "platform_api.api_key_make('leads', 'Site', '{sales:read}')": ["admin"],
  "platform_api.api_key_accept('leads', 'key')": "functions",
  "platform_api.audit('leads')": ["admin"],
  [`admin_credits_pack_create('{"name": "Mini", "credits": 5, "price": 25}')`]: ["admin"],
  "admin_credits_pack_change('pack', '{}')": ["admin"],
  "admin_credits_pack_versions('pack')": ["admin"],
  [`admin_credits_rule_create('{"kind": "age_decay", "value": 5}')`]: ["admin"],
  "admin_credits_rule_change('rule', '{}')": ["admin"],
  "admin_credits_rule_versions('rule')": ["admin"],
  admin_orders: ["admin"],
  "admin_order('order')": ["admin"],
  "admin_order_refund('order')": ["admin"],
  admin_invoices: ["admin"],
  "admin_billing_settings()": ["admin"],
  "admin_billing_settings_change('{}')": ["admin"],
  "billing_details()": ["acheteur"],
  [`billing_details_change('{"name": "Société", "address": "Rennes"}')`]: ["acheteur"],
  billing_orders: ["acheteur"],
  "billing_order_open('pack', 'key')": ["acheteur"],
  billing_invoices: ["acheteur"],
  [`billing_order_settle('${idOf("order")}', 'manual')`]: "functions",
  [`billing_order_send('${idOf("order")}', 'stripe', 'cs_1', 'https://exemple.test')`]: "functions",
  [`billing_refund_answer('${idOf("refund")}', 'made')`]: "functions",
  [`billing_payment_event('stripe', '{"id": "evt_1", "meaning": "paid", "occurredAt": 0}')`]: "functions",
  notifications: ["admin", "fournisseur", "agent", "acheteur"],
  "platform_api.notifications('leads')": ["admin", "fournisseur", "agent", "acheteur"],
  "platform_api.unread_count('leads')": ["admin", "fournisseur", "agent", "acheteur"],
  "platform_api.mark_all_read('leads')": ["admin", "fournisseur", "agent", "acheteur"],
  [`platform_api.register('leads', '${idOf("registered")}', 'acheteur', '{}')`]: "functions",
  "platform_api.register_again('leads', 'a@b.fr', 'acheteur', '{}')": "functions",
  "platform_api.sign_in_address('leads', 'a@b.fr')": "functions",
  "platform_api.take_attempts('{}', '{}')": "functions",
  "platform_api.release_attempts('{}', '{}')": "functions",
  "platform_api.accept_attempts('{}', '{}')": "functions",
  "platform_api.forget_attempts('{}', '{}')": "functions",
  [`lead_create('{"fournisseur": "supplier-a", "lastName": "Zola", "phone": "0611111111", "sector": "pv", "region": "PACA"}')`]:
    ["admin", "fournisseur"],
  "lead_update('new-a', '{}')": ["admin", "fournisseur"],
  "lead_delete('new-a')": ["admin", "fournisseur"],
  "lead_consent('sold-a')": ["admin", "fournisseur", "acheteur"],
  "agent_next_lead()": ["agent"],
  [`lead_qualify('new-a', '{"result": "qualified", "durationSeconds": 60}')`]: ["agent"],
  "admin_queue()": ["admin"],
  "admin_calling_rules()": ["admin"],
  "admin_calling_rules_change('{}')": ["admin"],
  "lead_recording('new-a')": ["agent"],
  "import_upload('supplier-a')": ["admin", "fournisseur"],
  "lead_price('on-sale-a')": ["acheteur"],
  "lead_purchase('on-sale-a')": ["acheteur"],
  "lead_return('shared-b', 'invalid_number')": ["acheteur"],
  "lead_outcome('sold-a', 'won')": ["acheteur"],
  billing_returns: ["acheteur"],
  admin_returns: ["admin"],
  "admin_return_decide('return-a', false)": ["admin"],
  admin_self_dealing: ["admin"],
  "admin_self_dealing_decide('pair', 'cleared')": ["admin"],
  imports: ["admin", "fournisseur"],
  "import_detail('import-a')": ["admin", "fournisseur"],
  "import_supplier('supplier-a')": ["admin", "fournisseur"],
  "admin_import_accept('import-pending_review')": ["admin"],
  "admin_import_discard('import-pending_review')": ["admin"],
  "admin_import_undo('import-completed')": ["admin"],
};

// What is answered to each person in another way (accounts.test.ts, administration.test.ts, and the tests of their endpoints).
const ofOnesOwn = [
  "platform_api.me()",
  "users_me()",
  "users_me_export()",
  "users_me_change()",
  "platform_api.mark_read()",
  "platform_api.setting_change()",
  "platform_api.api_key_revoke()",
  "billing_order()",
  "billing_invoice()",
];

const rolesOf: Partial<Record<Actor, Role>> = {
  admin: "admin",
  service_role: "admin",
  fournisseurA: "fournisseur",
  agentA: "agent",
  acheteurA: "acheteur",
};
const asked: Actor[] = actors.filter((actor) => !actor.endsWith("B"));

const { sql } = await testDatabase();

const read = (actor: Actor, object: string) =>
  asActor(sql, actor, (transaction) =>
    transaction.unsafe(`select * from ${object.startsWith("platform_api.") ? object : `public.${object}`}`),
  );

it("nothing is published that is not in this list", async () => {
  const objects = await sql<{ name: string }[]>`
    select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'm', 'p', 'f')
    union select proname || '()' from pg_proc where pronamespace = 'public'::regnamespace
    union select 'platform_api.' || relname from pg_class where relnamespace = 'platform_api'::regnamespace
    union select 'platform_api.' || proname || '()' from pg_proc where pronamespace = 'platform_api'::regnamespace`;
  const listed = Object.keys(published).map((object) => object.replace(/\(.*/, "()"));
  expect(objects.map(({ name }) => name).sort()).toEqual([...listed, ...ofOnesOwn].sort());
});

/** The rights of others than the owner on a published object, `anon SELECT` and the like. */
async function rightsOn(object: string): Promise<string[]> {
  const [, schema = "public", name = ""] = /^(?:(platform_api)\.)?(\w+)/.exec(object) ?? [];
  const acl = object.endsWith(")")
    ? sql`select proacl as acl from pg_proc where pronamespace = ${schema}::regnamespace and proname = ${name}`
    : sql`select relacl as acl from pg_class where relnamespace = ${schema}::regnamespace and relname = ${name}`;
  const held = await sql<{ held: string }[]>`
    select grantee::regrole || ' ' || privilege_type as held from (${acl}) as object, aclexplode(acl) as a
    where grantee::regrole <> 'postgres'::regrole order by 1`;
  return held.map((right) => right.held);
}

it.each([...Object.keys(published), ...ofOnesOwn])(
  "%s may be asked for, and no more, by who needs it",
  async (object) => {
    const roles = published[object];
    const asking = ["service_role"];
    if (roles !== "functions") asking.push("authenticated");
    if (roles === "everybody") asking.push("anon");
    const right = object.endsWith(")") ? "EXECUTE" : "SELECT";
    expect(await rightsOn(object)).toEqual(asking.sort().map((role) => `${role} ${right}`));
  },
);

describe("is answered to", () => {
  beforeAll(async () => {
    await openMarket(sql);
    await sql`insert into platform.rate_limit_rules (system, name, allowed, period, description)
  values ('leads', 'own_limit', 9, '1 minute', 'A limit of this system alone')`;
    await openOrders(sql);
  });

  describe.each(Object.keys(published))("%s", (object) => {
    const roles = published[object] ?? [];
    const mayAsk = (actor: Actor): boolean => {
      if (roles === "everybody") return actor !== "suspendedAcheteur";
      if (roles === "functions") return actor === "service_role";
      return roles.some((role) => role === rolesOf[actor]);
    };
    it.each(asked)("asked by %s", async (actor) => {
      if (mayAsk(actor)) {
        expect(await read(actor, object)).toBeDefined();
      } else {
        expect(statusOf(actor, (await refusal(read(actor, object))).code)).toBe(actor === "anon" ? 401 : 403);
      }
    });
  });
});

// PostgREST answers a missing right with 401 to somebody without a token, and with 403 to others. The operators' key
// is nobody's token: a profile that needs a person is refused to it with 401.
function statusOf(actor: Actor, code: string): number {
  if (code === "42501") return actor === "anon" ? 401 : 403;
  return actor === "service_role" && code === "PT401" ? 403 : Number(code.replace("PT", ""));
}

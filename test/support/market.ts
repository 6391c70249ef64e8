import { createHash } from "node:crypto";
import type postgres from "postgres";
import { openLines } from "./calling.ts";
import { openCredits } from "./ledger.ts";

// A market small enough to know by heart: two of everybody, and of each kind of row one for each of them.

/** Who acts in a test. All but `anon` and `service_role` are signed in. */
export const actors = [
  "anon",
  "stranger",
  "admin",
  "fournisseurA",
  "fournisseurB",
  "agentA",
  "agentB",
  "acheteurA",
  "acheteurB",
  "suspendedAcheteur",
  "otherAdmin",
  "service_role",
] as const;

export type Actor = (typeof actors)[number];

/** The uuid that stands for a name in every test. */
export function idOf(name: string): string {
  const digits = createHash("md5").update(name).digest("hex");
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20)}`;
}

/** The e-mail of an actor. */
export function emailOf(actor: string): string {
  return `${actor.toLowerCase()}@example.test`;
}

const roles: [who: string, system: string, role: string, status: "active" | "suspended"][] = [
  ["admin", "leads", "admin", "active"],
  ["fournisseurA", "leads", "fournisseur", "active"],
  ["fournisseurB", "leads", "fournisseur", "active"],
  ["agentA", "leads", "agent", "active"],
  ["agentB", "leads", "agent", "active"],
  ["acheteurA", "leads", "acheteur", "active"],
  ["acheteurB", "leads", "acheteur", "active"],
  ["suspendedAcheteur", "leads", "acheteur", "suspended"],
  ["otherAdmin", "other", "admin", "active"],
  ["otherMember", "other", "member", "active"],
];

/** Users of Auth, without a password. */
export async function addUsers(sql: postgres.Sql | postgres.TransactionSql, ...names: string[]): Promise<void> {
  const rows = names.map((name) => ({
    id: idOf(name),
    email: emailOf(name),
    aud: "authenticated",
    role: "authenticated",
    raw_user_meta_data: { firstName: name, lastName: "Test" },
  }));
  await sql`insert into auth.users ${sql(rows)}`;
}

// Reference, supplier, agent, status, qualification status; the references tell what is special about a lead.
const leads: [string, "A" | "B", string | null, string, string][] = [
  ["on-sale-a", "A", "agentA", "qualified", "qualified"],
  ["on-sale-b", "B", "agentB", "qualified", "qualified"],
  ["shared-b", "B", "agentB", "qualified", "qualified"],
  ["sold-a", "A", "agentA", "sold", "qualified"],
  ["sold-b", "B", "agentB", "sold", "qualified"],
  ["new-a", "A", null, "new", "pending"],
  ["callback-b", "B", "agentB", "pending", "callback"],
  ["rejected-a", "A", "agentA", "rejected", "not_qualified"],
  ["withdrawn-a", "A", "agentA", "qualified", "qualified"],
];

const sales: [lead: string, buyer: string, supplier: string][] = [
  ["sold-a", "acheteurA", "A"],
  ["sold-b", "acheteurB", "B"],
  ["shared-b", "acheteurA", "B"],
  ["shared-b", "suspendedAcheteur", "B"],
];

/** Puts the market into an empty database: at whatever hour the tests run, its people may be called. */
export async function openMarket(sql: postgres.Sql): Promise<void> {
  await sql.begin(async (transaction) => {
    await openPlatform(transaction);
    await openSuppliersAndBuyers(transaction);
    await openLeads(transaction);
    await openMoney(transaction);
    await openLines(transaction);
  });
}

async function openPlatform(sql: postgres.TransactionSql): Promise<void> {
  await addUsers(sql, "stranger", ...roles.map(([who]) => who));
  await sql`update auth.users set email_confirmed_at = '2026-01-01T00:00:00Z'`;
  await addUsers(sql, "registered");
  await sql`insert into platform.systems (system) values ('other')`;
  await sql`insert into platform.system_roles (system, role, administers, description)
    values ('other', 'admin', true, 'Admin of another system'), ('other', 'member', false, 'Member of another system')`;
  await sql`insert into platform.memberships
    ${sql(roles.map(([who, system, role, status]) => ({ user_id: idOf(who), system, role, status })))}`;
  await sql`select platform.register(${idOf("registered")}, 'leads', 'acheteur', '{}')`;
  await sql`insert into platform.notifications ${sql(
    ["acheteurA", "agentA", "suspendedAcheteur"].map((who) => ({
      ...{
        reference: `to-${who}`,
        user_id: idOf(who),
        system: "leads",
        type: "info",
        title: "Titre",
        message: "Texte",
      },
    })),
  )}`;
  await sql`insert into platform.api_keys (system, name, prefix, hash, scopes)
    values ('leads', 'Comptabilité', 'leads_000000', sha256('key'), '{sales:read}')`;
  await sql`insert into platform.webhook_endpoints (id, system, url)
    values (${idOf("endpoint")}, 'leads', 'https://hooks.example.test')`;
  await sql`insert into platform.webhook_secrets (endpoint_id, sealed_secret) values (${idOf("endpoint")}, 'v1.secret')`;
  await sql`insert into platform.deliveries (system, kind, topic, payload, endpoint_id, event_id)
    values ('leads', 'webhook', 'call', '{}', ${idOf("endpoint")}, gen_random_uuid()), ('leads', 'mail', 'mail', '{}', null, null)`;
  await sql`select platform.emit('leads', 'lead.sold', '{}'),
    platform.take_attempts('auth', '{login_account}', '{someone@example.test}'),
    platform.accept_attempts('auth', '{login_account,login_ip}', '{someone@example.test,203.0.113.7}')`;
}

async function openSuppliersAndBuyers(sql: postgres.TransactionSql): Promise<void> {
  await sql`insert into leads.suppliers ${sql(
    ["A", "B"].map((letter) => ({
      id: idOf(`supplier${letter}`),
      reference: `supplier-${letter.toLowerCase()}`,
      user_id: idOf(`fournisseur${letter}`),
      contact_name: `Contact ${letter}`,
      company: `Company ${letter}`,
      email: emailOf(`fournisseur${letter}`),
      iban_mask: "FR76 •••• •••• •••• 4521",
      status: "active",
    })),
  )}`;
  await sql`insert into leads.buyers ${sql(["acheteurA", "acheteurB"].map((who) => ({ user_id: idOf(who) })))}`;
  await sql`insert into leads.imports ${sql(
    ["a", "b"].map((letter) => ({
      id: idOf(`import-${letter}`),
      reference: `import-${letter}`,
      supplier_id: idOf(`supplier${letter.toUpperCase()}`),
      file_name: `${letter}.csv`,
      handed_over_at: "2026-01-01T00:00:00Z",
    })),
  )}`;
  await sql`insert into leads.imports ${sql(
    ["completed", "pending_review"].map((status) => ({
      ...{ id: idOf(`import-${status}`), reference: `import-${status}`, supplier_id: idOf("supplierA"), status },
      file_name: "a.csv",
    })),
  )}`;
  await sql`insert into leads.import_checked (import_id, line, id, has_score, has_price, has_is_exclusive, problems)
    values (${idOf("import-a")}, 2, gen_random_uuid(), false, false, false, ''), (${idOf("import-b")}, 2, gen_random_uuid(), false, false, false, '')`;
  await sql`insert into leads.import_rows (import_id, line)
    values (${idOf("import-a")}, 2), (${idOf("import-b")}, 2), (${idOf("import-a")}, 1)`;
  await sql`insert into leads.import_rejects (import_id, line, field, code, message, problems)
    values (${idOf("import-a")}, 3, 'email', 'invalid', 'illisible', '[]'), (${idOf("import-b")}, 3, 'email', 'invalid', 'illisible', '[]')`;
  await sql`insert into leads.import_files (import_id, path) values (${idOf("import-a")}, 'a.csv'), (${idOf("import-b")}, 'b.csv')`;
  await sql`insert into leads.import_held_rows (import_id, line) values (${idOf("import-pending_review")}, 2)`;
  await sql`insert into leads.import_mappings (supplier_id, header, field)
    values (${idOf("supplierA")}, 'mail', 'email'), (${idOf("supplierB")}, 'courriel', 'email')`;
}

async function openLeads(sql: postgres.TransactionSql): Promise<void> {
  await sql`insert into leads.leads ${sql(
    leads.map(([reference, supplier, agent, status, qualification]) => ({
      id: idOf(reference),
      reference,
      supplier_id: idOf(`supplier${supplier}`),
      import_id: idOf(`import-${supplier.toLowerCase()}`),
      agent_id: agent && idOf(agent),
      first_name: "Zoé",
      last_name_mask: "S.",
      email_mask: "z•••@•••",
      phone_mask: "+33 6 •• •• •• 78",
      company: `Société ${reference}`,
      sector: supplier === "A" ? "Isolation" : "Assurance",
      region: "Bretagne",
      status,
      qualification_status: qualification,
      price_cents: 2500,
      sales_count: sales.filter(([lead]) => lead === reference).length,
      summary: "Projet à court terme",
      withdrawn_at: reference === "withdrawn-a" ? "2026-01-02T00:00:00Z" : null,
    })),
  )}`;
  await sql`insert into leads.lead_contacts ${sql(
    leads.map(([reference, supplier]) => ({
      lead_id: idOf(reference),
      supplier_id: idOf(`supplier${supplier}`),
      last_name: `Secret ${reference}`,
      email: `zoe@${reference}.test`,
      phone: "+33 6 12 34 56 78",
      notes: "Rappeler au 06 12 34 56 78",
    })),
  )}`;
  await sql`insert into leads.import_changes (import_id, lead_id, lead, contact)
    values (${idOf("import-a")}, ${idOf("new-a")}, '{}', '{}'), (${idOf("import-b")}, ${idOf("callback-b")}, '{}', '{}')`;
  await sql`insert into leads.sales ${sql(
    sales.map(([lead, buyer, supplier], index) => ({
      ...{ lead_id: idOf(lead), buyer_id: idOf(buyer), supplier_id: idOf(`supplier${supplier}`) },
      ...{ place: sales.slice(0, index).filter((sale) => sale[0] === lead).length + 1, places: 3 },
      ...{ price_cents: 2500, supplier_share_cents: 1500 },
    })),
  )}`;
  await sql`insert into leads.calls ${sql(
    ["A", "B"].map((letter) => ({
      ...{ reference: `call-${letter.toLowerCase()}`, agent_id: idOf(`agent${letter}`), agent_name: `Agent ${letter}` },
      ...{
        lead_id: idOf(`on-sale-${letter.toLowerCase()}`),
        lead_name: "Zoé Secret",
        duration_seconds: 90,
        duration: "1:30",
      },
      ...{ recording_status: "available", recording_path: `${letter}.mp3`, result: "qualified" },
    })),
  )}`;
  await sql`insert into leads.qualifications (call_id, lead_id, agent_id, request_key, request_hash, repeatable_until, recording_consent, score_explanations)
    select id, lead_id, agent_id, reference, '', created_at, true, '[]' from leads.calls`;
  await sql`insert into leads.called_people (person_hash, called_at, call_id, refused) select 'called', created_at, id, false from leads.calls`;
  await sql`insert into leads.people_at_agents (person_hash, lead_id, until) select 'at an agent', id, created_at from leads.leads where reference = 'callback-b'`;
  await sql`insert into leads.lead_consents (lead_id, supplier_id, text_version, url, ip, given_at, recipients)
    select id, supplier_id, '2026-01', 'https://exemple.test', '203.0.113.7', created_at, '{partenaires}' from leads.leads
    where reference in ('sold-a', 'on-sale-b')`;
  await sql`select leads.oppose('{opposed@example.test}', null, 'Par courrier')`;
  await sql`insert into leads.erasures (value_hash, counts) values ('erased', '{}')`;
  await sql`insert into leads.score_features (feature, contribution, description) values ('Téléphone', 20, 'Vérifié')`;
}

async function openMoney(sql: postgres.TransactionSql): Promise<void> {
  await sql`insert into leads.transactions ${sql(
    ["acheteurA", "acheteurB"].map((who) => ({
      ...{
        reference: `transaction-${who}`,
        type: "credit_purchase",
        user_id: idOf(who),
        user_name: who,
      },
      ...{ user_role: "acheteur", amount_cents: 19900, status: "completed", description: "Pack" },
    })),
  )}`;
  await sql`insert into leads.payments ${sql(
    ["acheteurA", "acheteurB"].map((who) => ({
      ...{
        reference: `payment-${who}`,
        buyer_id: idOf(who),
        type: "credit_purchase",
        amount_cents: 19900,
      },
      ...{ status: "completed", description: "Pack" },
    })),
  )}`;
  await openPayouts(sql);
  await sql`insert into leads.credit_packs (reference, name, credits, price_cents, price_per_credit_cents)
    values ('pack', 'Starter', 50, 19900, 398)`;
  await sql`insert into leads.credit_rules (reference, name, description, value, unit) values ('rule', 'Prix', 'Prix', 1, '€')`;
  await sql`insert into leads.self_dealing (supplier_id, buyer_id, reference, signs)
    values (${idOf("supplierA")}, ${idOf("suspendedAcheteur")}, 'pair', '{phone}')`;
  // What a sale would take of last century's budget.
  await sql`insert into leads.bonus_budgets (month, spent_cents) values ('1999-01-01', 0)`;
  await sql`insert into platform.opening_figures (system, figure, value) values ('leads', 'stats.totalLeads', 100)`;
  await sql`insert into leads.seeds (fingerprint) values ('folder')`;
  await sql`insert into leads.earnings ${sql(
    ["A", "B"].map((letter) => ({
      ...{ supplier_id: idOf(`supplier${letter}`), kind: "opening", amount_cents: 500 },
      payable_from: "2026-01-01T00:00:00Z",
    })),
  )}`;
  await sql`insert into leads.payout_lines (payout_id, earning_id)
    select p.id, e.id from leads.payouts p join leads.earnings e on e.supplier_id = p.supplier_id`;
  await sql`select platform.post_transfer('leads', 'opening', 'market', array_agg((l.kind, l.owner, l.amount)::platform.ledger_line))
    from (values ('supplier_earnings', ${idOf("supplierA")}::uuid, 500), ('supplier_earnings', ${idOf("supplierB")}, 500),
      ('payouts_in_transit', null, 1000), ('opening', null, -2000)) l (kind, owner, amount)`;
  for (const who of ["acheteurA", "acheteurB"]) await openCredits(sql, idOf(who), 100);
  await sql`insert into leads.returns (reference, buyer_id, lead_id, lead_reference, lead_name, reason)
    values ('return-a', ${idOf("acheteurA")}, ${idOf("shared-b")}, 'shared-b', 'Société shared-b', 'invalid_number')`;
  await sql`insert into leads.outcomes (buyer_id, lead_id, outcome) values (${idOf("acheteurB")}, ${idOf("sold-b")}, 'won')`;
  await sql`select platform.claim_idempotency_key('order', 'first', '{}')`;
  await sql`insert into platform.session_handles (hash, user_id, session_id, sealed_session, expires_at)
    values (sha256('a'), ${idOf("acheteurA")}, gen_random_uuid(), 'v1.', now() + interval '7 days')`;
  // What was sold and paid before this ledger, as it comes with the mock files.
  await sql`insert into leads.seeded_rows (relation, row_id)
    select 'leads.sales', lead_id from leads.sales union select 'leads.payouts', id from leads.payouts`;
}

/** C, to supplier B, is on its way. */
async function openPayouts(sql: postgres.TransactionSql): Promise<void> {
  await sql`insert into leads.payouts ${sql(
    ["A", "B", "C"].map((letter) => ({
      ...{
        reference: `payout-${letter.toLowerCase()}`,
        transfer_reference: `VP-${letter}`,
        supplier_id: idOf(letter === "A" ? "supplierA" : "supplierB"),
      },
      ...{ amount_cents: 1000, status: letter === "C" ? "pending" : "completed", leads_count: 1 },
      ...{ period: "Janvier", iban_mask: "FR76 •••• 4521" },
    })),
  )}`;
  await sql`select leads.keep_demo_seller()`;
  await sql`insert into leads.supplier_accounts (supplier_id, sealed_iban, validated) select id, 'v1.' || reference, true from leads.suppliers`;
  await sql`insert into leads.held_accounts (sealed_iban, supplier_id, iban_mask, code)
    select 'v1.gone-' || reference, id, 'FR76 •••• •••• •••• 0001', 'AC04' from leads.suppliers`;
  await sql`insert into leads.payout_accounts (payout_id, holder, sealed_iban)
    select p.id, s.company, 'v1.' || s.reference from leads.payouts p join leads.suppliers s on s.id = p.supplier_id`;
  await sql`
    update leads.payouts set transaction_id = (select id from leads.transactions where reference = 'transaction-acheteurA')
    where id = (select min(id::text)::uuid from leads.payouts)`;
  await sql`insert into leads.payout_exports (message_id, debtor, execution_date, created_at, payouts, total_cents)
    values ('EXPORT-1', '{}', '2026-01-01', '2026-01-01T00:00:00Z', 1, 100)`;
}

/** A pack that somebody has paid, and what goes with it: of each table about orders and invoices one row. */
export async function openOrders(sql: postgres.Sql): Promise<void> {
  const buyer = idOf("suspendedAcheteur");
  await sql`insert into leads.billing_details (buyer_id, name, address) values (${idOf("acheteurA")}, 'Société A', 'Rennes')`;
  await sql`
    with listed as (
      insert into leads.transactions (reference, type, user_id, user_name, user_role, amount_cents, status, description)
      values ('transaction-suspended', 'credit_purchase', ${buyer}, 'suspended', 'acheteur', 19900, 'pending', 'Pack') returning id
    ), paid as (
      insert into leads.payments (reference, buyer_id, type, amount_cents, status, description)
      values ('payment-suspended', ${buyer}, 'credit_purchase', 19900, 'pending', 'Pack') returning id
    )
    insert into leads.pack_orders (id, reference, buyer_id, pack_id, pack_reference, pack_version, pack_name, credits, bonus, price_cents,
      payment_id, transaction_id)
    select ${idOf("order")}, 'order', ${buyer}, p.id, p.reference, p.version, p.name, p.credits, p.bonus, p.price_cents, paid.id, listed.id
    from leads.credit_packs p, listed, paid where p.reference = 'pack'`;
  await sql`select leads.settle_order(${idOf("order")}, 'manual')`;
  await sql`insert into leads.refunds (id, reference, order_id, kind, status, amount_cents) values (${idOf("refund")}, 'refund', ${idOf("order")}, 'asked', 'requested', 100)`;
  await sql`delete from platform.notifications where title = 'Achat confirmé'`;
  await sql`select leads.take_payment_event('stripe', '{"id": "evt_of_another", "meaning": "paid", "occurredAt": 0}')`;
}

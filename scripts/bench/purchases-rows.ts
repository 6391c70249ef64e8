import postgres from "postgres";

// What a purchase leaves behind, and nothing else: the rows of one, with what their tables ask of a row (defaults, checks,
// keys, indexes), written by constants. No trigger, no foreign key, no price, no right, no balance that may not go below
// zero: the least that any function that writes these rows could take.

const functionOfRows = `
  create function public.bench_rows_of_purchase(wanted text, buyer uuid, own_slot smallint)
  returns jsonb language plpgsql as $$
  declare
    v_lead leads.leads;
    v_transfer uuid := platform.uuid_v7();
    v_platform uuid[] := array['${account(1)}', '${account(2)}', '${account(3)}'];
  begin
    select l.* into v_lead from leads.leads l where l.reference = wanted for no key update;
    insert into platform.ledger_transfers (id, system, kind, key, actor)
      values (v_transfer, 'leads', 'sale', v_lead.id || ':' || buyer, buyer);
    insert into platform.ledger_entries (transfer_id, account_id, amount) values (v_transfer, buyer, -5),
      (v_transfer, v_platform[1], 5), (v_transfer, v_platform[2], -2500), (v_transfer, v_lead.supplier_id, 1500), (v_transfer, v_platform[3], 1000);
    insert into platform.ledger_balances as b (account_id, slot, guarded, balance) values (buyer, own_slot, false, -5),
      (v_platform[1], own_slot, false, 5), (v_platform[2], own_slot, false, -2500), (v_lead.supplier_id, own_slot, false, 1500), (v_platform[3], own_slot, false, 1000)
      on conflict on constraint ledger_balances_pkey do update set balance = b.balance + excluded.balance;
    insert into leads.sales (lead_id, buyer_id, supplier_id, place, places, credits, price_cents, supplier_share_cents, rules, return_until, transfer_id)
      values (v_lead.id, buyer, v_lead.supplier_id, 1, 3, 5, 2500, 1500, '{"price_standard": {"rule": "rule-1", "value": 5, "version": 1}}', now(), v_transfer);
    insert into leads.earnings (supplier_id, kind, buyer_id, lead_id, amount_cents, payable_from)
      values (v_lead.supplier_id, 'sale', buyer, v_lead.id, 1500, now());
    update leads.leads l set sales_count = 1, updated_at = now() where l.id = v_lead.id;
    insert into platform.rollups as r (system, metric, subject, month, slot, value) values ('leads', 'bench.revenue', '', platform.ever(), own_slot, 2500),
      ('leads', 'bench.revenue', '', '2026-01-01', own_slot, 2500), ('leads', 'bench.revenue', v_lead.supplier_id::text, '2026-01-01', own_slot, 2500),
      ('leads', 'bench.purchases', buyer::text, platform.ever(), own_slot, 1), ('leads', 'bench.earned', v_lead.supplier_id::text, platform.ever(), own_slot, 1500),
      ('leads', 'bench.gains', '', '2026-01-01', own_slot, 1500), ('leads', 'bench.sold', '', '2026-01-01', own_slot, 1),
      ('leads', 'bench.sold', v_lead.supplier_id::text, '2026-01-01', own_slot, 1), ('leads', 'bench.sold', v_lead.supplier_id::text, platform.ever(), own_slot, 1)
      on conflict on constraint rollups_pkey do update set value = r.value + excluded.value;
    insert into leads.transactions (type, user_id, user_name, user_role, amount_cents, credits, status, description, payment_method)
      values ('lead_purchase', buyer, 'Camille Martin', 'acheteur', 2500, 5, 'completed', 'Achat lead — Atelier Martin', 'Crédits');
    insert into leads.payments (buyer_id, type, lead_id, amount_cents, status, description)
      values (buyer, 'lead_payment', v_lead.id, 2500, 'completed', 'Achat lead — Atelier Martin');
    insert into platform.notifications (user_id, system, type, title, message)
      values (buyer, 'leads', 'success', 'Lead acheté', 'Les coordonnées du lead Atelier Martin sont disponibles dans vos achats.');
    insert into platform.outbox (system, topic, payload) values ('leads', 'lead.purchased', jsonb_build_object('lead', wanted));
    update platform.audit_chains c set length = c.length + 1 where c.chain = own_slot % 16;
    insert into platform.audit_log (chain, position, at, actor, role, relation, operation, row_key, after, hash)
      select c.chain, c.length, now(), buyer, 'authenticated', 'leads.sales', 'INSERT', buyer::text, to_jsonb(v_lead), sha256(c.head)
      from platform.audit_chains c where c.chain = own_slot % 16;
    return to_jsonb(v_lead);
  end;
  $$`;

function account(number: number): string {
  return `00000000-0000-4000-8000-00000000000${number}`;
}

/** Makes the function that writes the rows of a purchase. */
export async function makeRowsOfPurchase(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(functionOfRows);
}

/** A connection of the database's owner for whom no trigger and no foreign key runs. */
export async function connectWithoutRules(dbUrl: string): Promise<postgres.Sql> {
  const sql = postgres(dbUrl, { max: 1, onnotice: () => undefined });
  await sql`set session_replication_role = replica`;
  return sql;
}

/** Writes the rows of one purchase. No two clients may have the same slot, nor one below 64, which purchases take. */
export function writeRowsOfPurchase(sql: postgres.Sql, lead: string, buyer: string, slot: number) {
  return sql`select public.bench_rows_of_purchase(${lead}, ${buyer}, ${slot}::smallint)`;
}

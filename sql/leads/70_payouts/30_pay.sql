-- A payout combines all payable earnings of a supplier in one bank transfer (virement). Every function that changes a
-- supplier's payouts locks the supplier first, so that two admins who pay at the same time pay once.

-- A sale with an open return request waits for the decision, and so does a sale of a pair under review for
-- self-dealing. A return after the payout is deducted.
create function leads.payable_earnings(supplier_id uuid)
returns setof leads.earnings
language sql
stable
set search_path = ''
as $$
  select e.* from leads.earnings e
  where e.supplier_id = payable_earnings.supplier_id and e.payout_id is null and e.payable_from <= now()
    and not exists (
      select from leads.returns r where r.buyer_id = e.buyer_id and r.lead_id = e.lead_id and r.status = 'requested')
    -- The return of a sale that was already paid is deducted even if the sale's pair is held.
    and not exists (
      select from leads.self_dealing d where d.supplier_id = e.supplier_id and d.buyer_id = e.buyer_id
        and d.status <> 'cleared'
        and not (e.kind = 'return' and exists (
          select from leads.earnings s where s.buyer_id = e.buyer_id and s.lead_id = e.lead_id and s.kind = 'sale'
            and s.payout_id is not null)));
$$;
comment on function leads.payable_earnings is 'The earnings that can be paid to a supplier now, line by line.';

create function leads.payout_problem(supplier leads.suppliers, cents bigint, out code text, out message text)
language sql
stable
set search_path = ''
as $$
  select p.code, p.message
  from (select) always
    left join (
      select a.validated, h.code as fault, a.bic is null and platform.needs_bic(supplier.iban_mask) as lacks_bic
      from leads.supplier_accounts a left join leads.held_accounts h on h.sealed_iban = a.sealed_iban
      where a.supplier_id = supplier.id
    ) account on true,
    lateral (values
      (1, supplier.status = 'suspended', 'supplier_suspended', 'Ce fournisseur est suspendu.'),
      (2, account.validated is null, 'iban_missing', 'Ce fournisseur n''a pas donné d''IBAN.'),
      (3, supplier.status <> 'active' or not account.validated, 'supplier_pending_validation',
        'Ce fournisseur et son IBAN ne sont pas encore validés.'),
      (4, account.fault is not null, 'account_held',
        format(
          'La banque a renvoyé un virement de ce compte (%s : %s) : il attend un autre IBAN ou une nouvelle validation.',
        account.fault, leads.account_fault(account.fault))),
      (5, account.lacks_bic, 'bic_missing',
        'Ce compte est hors de l''Espace économique européen : il lui faut un BIC.'),
      (6, cents <= 0, 'nothing_to_pay', 'Ce fournisseur n''a rien à recevoir pour le moment.')
    ) as p (place, holds, code, message)
  where p.holds order by p.place limit 1;
$$;
comment on function leads.payout_problem is
  'The reason why an amount cannot be paid to a supplier now; null if it can.';

create function leads.payout_period(day date)
returns text
language sql
immutable
set search_path = ''
as $$
  select platform.month_label(day) || to_char(day, ' YYYY')
    || case when extract(day from day) <= 15 then ' (1ère quinzaine)' else ' (2ème quinzaine)' end;
$$;
comment on function leads.payout_period is
  'The half-month of a date, written as in the document: Fév 2026 (1ère quinzaine).';

-- The lock is held until the number is used: two concurrent payouts get different numbers instead of failing on the
-- unique key.
create function leads.next_transfer_reference(day date)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_prefix text := to_char(day, '"VP"-YYYY-MM');
begin
  perform pg_advisory_xact_lock(hashtext('leads.payouts'), hashtext(v_prefix));
  return platform.short_reference(v_prefix, 1 + coalesce((
    select max(substring(p.transfer_reference from '^VP-[0-9]{4}-[0-9]{2}-([0-9]{1,9})$')::bigint)
    from leads.payouts p where p.transfer_reference like v_prefix || '-%'), 0));
end;
$$;
comment on function leads.next_transfer_reference is 'The next unused reference of a month: VP-2026-02-002.';

create function leads.virement(payout leads.payouts)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object('id', payout.reference, 'reference', payout.transfer_reference,
    'amount', platform.euros(payout.amount_cents),
    'date', payout.date, 'status', payout.status, 'leadsCount', payout.leads_count, 'period', payout.period,
    'iban', payout.iban_mask);
$$;
comment on function leads.virement is 'A payout in the document''s shape.';

create function leads.record_payout(supplier leads.suppliers, cents bigint, leads_count integer)
returns leads.payouts
language plpgsql
set search_path = ''
as $$
declare
  v_id uuid := platform.uuid_v7();
  v_reference text := leads.next_transfer_reference(platform.paris_today());
  v_transaction uuid;
  v_payout leads.payouts;
begin
  insert into leads.transactions (type, user_id, user_name, user_role, company, amount_cents, status,
    description, payment_method)
  values ('fournisseur_payment', supplier.user_id, supplier.contact_name, 'fournisseur', supplier.company,
    cents, 'pending',
    'Virement ' || v_reference, 'Virement SEPA') returning id into v_transaction;
  insert into leads.payouts (id, transfer_reference, supplier_id, amount_cents, status, leads_count, period, iban_mask,
    transaction_id, transfer_id)
  values (v_id, v_reference, supplier.id, cents, 'pending', record_payout.leads_count,
    leads.payout_period(platform.paris_today()), supplier.iban_mask, v_transaction,
    platform.post_transfer('leads', 'payout', v_id::text,
      array[('supplier_earnings', supplier.id, -cents), ('payouts_in_transit', null, cents)]::platform.ledger_line[]))
  returning * into v_payout;
  insert into leads.payout_accounts (payout_id, holder, sealed_iban, bic)
  select v_payout.id, supplier.company, a.sealed_iban, a.bic from leads.supplier_accounts a
  where a.supplier_id = supplier.id;
  return v_payout;
end;
$$;

create function leads.pay_supplier(id text, idempotency_key text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_supplier leads.suppliers;
  v_answer jsonb;
  v_lines uuid[];
  v_cents bigint;
  v_leads integer;
  v_problem record;
  v_payout leads.payouts;
begin
  perform platform.require_role('leads', 'admin');
  v_supplier := leads.supplier_of(pay_supplier.id);
  if idempotency_key is not null then
    v_answer := platform.claim_idempotency_key('payout', idempotency_key, to_jsonb(v_supplier.id));
    if v_answer is not null then return v_answer; end if;
  end if;
  -- "for no key update" rather than "for update": the stronger lock would block every sale of this supplier's leads.
  select s.* into v_supplier from leads.suppliers s where s.id = v_supplier.id for no key update;
  select array_agg(e.id), coalesce(sum(e.amount_cents), 0),
    count(*) filter (where e.kind = 'sale') - count(*) filter (where e.kind = 'return')
    into v_lines, v_cents, v_leads from leads.payable_earnings(v_supplier.id) e;
  select * into v_problem from leads.payout_problem(v_supplier, v_cents);
  if v_problem.code is not null then perform platform.fail(409, v_problem.code, v_problem.message); end if;

  v_payout := leads.record_payout(v_supplier, v_cents, greatest(v_leads, 0));
  update leads.earnings e set payout_id = v_payout.id where e.id = any (v_lines);
  insert into leads.payout_lines (payout_id, earning_id) select v_payout.id, unnest(v_lines);
  perform platform.notify(v_supplier.user_id, 'leads', 'info', 'Nouveau virement',
    format('Le virement %s de %s € est en cours vers le compte %s.', v_payout.transfer_reference,
      platform.amount_text(v_cents), v_payout.iban_mask));
  v_answer := leads.virement(v_payout);
  if idempotency_key is not null then return platform.keep_answer('payout', idempotency_key, v_answer); end if;
  return v_answer;
end;
$$;
comment on function leads.pay_supplier is
  'Pays all payable earnings of a supplier in one transfer; 409 if the supplier cannot be paid or nothing is '
  'payable.';
grant execute on function leads.pay_supplier to authenticated, service_role;

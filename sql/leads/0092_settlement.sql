-- What the bank says of a payout: it went through, or it came back. The first word is the last; the same word again
-- changes nothing.

create index transactions_payouts on leads.transactions (description) where type = 'fournisseur_payment';

create function leads.lock_payout(reference text)
returns leads.payouts
language plpgsql
set search_path = ''
as $$
declare
  v_payout leads.payouts;
begin
  select p.* into v_payout from leads.payouts p
  where p.transfer_reference = lock_payout.reference or p.reference = lock_payout.reference;
  if v_payout.id is null then perform platform.fail(404, 'payout_not_found', 'Ce virement n''existe pas.'); end if;
  perform from leads.suppliers s where s.id = v_payout.supplier_id for no key update;
  select p.* into v_payout from leads.payouts p where p.id = v_payout.id for update;
  return v_payout;
end;
$$;
comment on function leads.lock_payout is 'A payout by its reference on the bank statement or its own, its supplier locked first.';

create function leads.settle_transaction(transfer_reference text, status text)
returns void
language sql
set search_path = ''
as $$
  update leads.transactions t set status = settle_transaction.status
  where t.type = 'fournisseur_payment' and t.description = 'Virement ' || transfer_reference and t.status = 'pending';
$$;

create function leads.complete_payout(payout leads.payouts)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if payout.status = 'completed' then return; end if;
  if payout.status = 'failed' then perform platform.fail(409, 'payout_failed', 'Ce virement a échoué : il ne peut plus être confirmé.'); end if;
  perform platform.post_transfer('leads', 'payout_confirmed', payout.transfer_reference,
    array[('payouts_in_transit', null, -payout.amount_cents), ('bank', null, payout.amount_cents)]::platform.ledger_line[]);
  update leads.payouts p set status = 'completed', settled_at = now() where p.id = payout.id;
  update leads.suppliers s set last_payment_date = greatest(s.last_payment_date, payout.date) where s.id = payout.supplier_id;
  perform leads.settle_transaction(payout.transfer_reference, 'completed');
  perform platform.notify(s.user_id, 'leads', 'success', 'Virement reçu',
      format('Le virement %s de %s € est arrivé.', payout.transfer_reference, leads.amount_text(payout.amount_cents)))
    from leads.suppliers s where s.id = payout.supplier_id;
end;
$$;
comment on function leads.complete_payout is 'The bank has carried out a payout that is locked.';

-- What a payout of before this ledger was made of is not known: the whole of it is owed again.
create function leads.free_earnings(payout leads.payouts)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if payout.transfer_id is not null then
    perform platform.reverse_transfer(payout.transfer_id, 'payout_failed', payout.transfer_reference);
    update leads.earnings e set payout_id = null where e.payout_id = payout.id;
  else
    perform platform.post_transfer('leads', 'payout_failed', payout.transfer_reference,
      array[('payouts_in_transit', null, -payout.amount_cents), ('supplier_earnings', payout.supplier_id, payout.amount_cents)]::platform.ledger_line[]);
    insert into leads.earnings (supplier_id, kind, amount_cents, payable_from) values (payout.supplier_id, 'opening', payout.amount_cents, now());
  end if;
end;
$$;

create function leads.refuse_payout(payout leads.payouts, reason text)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_reason text := left(coalesce(nullif(btrim(reason), ''), 'motif non précisé'), 500);
begin
  if payout.status = 'failed' then return; end if;
  if payout.status = 'completed' then perform platform.fail(409, 'payout_completed', 'Ce virement est arrivé : il ne peut plus échouer.'); end if;
  perform leads.free_earnings(payout);
  update leads.payouts p set status = 'failed', settled_at = now(), failure_reason = v_reason where p.id = payout.id;
  perform leads.settle_transaction(payout.transfer_reference, 'failed');
  perform platform.notify(s.user_id, 'leads', 'error', 'Virement refusé',
      format('La banque a refusé le virement %s de %s € : %s. Vérifiez votre IBAN ; la somme reste due.',
        payout.transfer_reference, leads.amount_text(payout.amount_cents), v_reason))
    from leads.suppliers s where s.id = payout.supplier_id;
end;
$$;
comment on function leads.refuse_payout is 'The bank has refused a payout that is locked: what it was made of may be paid again.';

create function leads.settle_payout(reference text, outcome text, reason text default null)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_payout leads.payouts;
begin
  perform platform.require_role('leads', 'admin');
  v_payout := leads.lock_payout(settle_payout.reference);
  if outcome = 'completed' then perform leads.complete_payout(v_payout);
  else perform leads.refuse_payout(v_payout, reason);
  end if;
end;
$$;
comment on function leads.settle_payout is 'Enters the bank''s answer about one payout, completed or failed; again, it changes nothing. 409 if it was the other one.';

-- A bank's file, entry by entry: [{"reference", "cents", "outcome", "reason"}]. One that does not fit is named and left alone.
create function leads.settle_entries(entries jsonb)
returns table (reference text, cents bigint, outcome text, result text)
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_payout leads.payouts;
begin
  perform platform.require_role('leads', 'admin');
  for reference, cents, outcome, result in
    -- In the order in which suppliers are locked, whoever else is at work.
    select e ->> 'reference', (e ->> 'cents')::bigint, e ->> 'outcome', e ->> 'reason'
    from jsonb_array_elements(entries) with ordinality as file (e, place)
    left join leads.payouts p on p.transfer_reference = e ->> 'reference' order by p.supplier_id, p.id, place
  loop
    select p.* into v_payout from leads.payouts p where p.transfer_reference = settle_entries.reference;
    if v_payout.id is not null then v_payout := leads.lock_payout(v_payout.transfer_reference); end if;
    if v_payout.id is null then result := 'unknown';
    elsif v_payout.amount_cents <> cents then result := 'mismatch';
    elsif v_payout.status = outcome then result := 'already';
    elsif v_payout.status <> 'pending' then result := 'contradiction';
    elsif outcome = 'completed' then
      perform leads.complete_payout(v_payout);
      result := 'completed';
    else
      perform leads.refuse_payout(v_payout, result);
      result := 'failed';
    end if;
    return next;
  end loop;
end;
$$;
comment on function leads.settle_entries is
  'Enters what a bank''s file says. result: completed, failed, already (nothing to do), mismatch (another amount), contradiction, unknown.';
grant execute on function leads.settle_payout, leads.settle_entries to authenticated, service_role;

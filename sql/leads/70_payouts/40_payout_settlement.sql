-- The bank's answer about a payout: completed or failed (refused or returned), possibly returned days after it was
-- completed. A failure is final, whichever answer was recorded first; repeating an answer changes nothing.

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
comment on function leads.lock_payout is
  'A payout by its bank statement reference or its own reference; its supplier is locked first.';

create function leads.settle_transaction(payout leads.payouts, status text)
returns void
language sql
set search_path = ''
as $$
  update leads.transactions t set status = settle_transaction.status
  where t.id = payout.transaction_id and t.status = payout.status;
$$;
comment on function leads.settle_transaction is
  'Updates the transaction of a payout to the payout''s status; the argument is the payout''s earlier state.';

create function leads.complete_payout(payout leads.payouts)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if payout.status = 'completed' then return; end if;
  if payout.status = 'failed' then
    perform platform.fail(409, 'payout_failed', 'Ce virement a échoué : il ne peut plus être confirmé.');
  end if;
  perform platform.post_transfer('leads', 'payout_confirmed', payout.id::text,
    array[('payouts_in_transit', null, -payout.amount_cents),
      ('bank', null, payout.amount_cents)]::platform.ledger_line[]);
  update leads.payouts p set status = 'completed', settled_at = now() where p.id = payout.id;
  update leads.suppliers s set last_payment_date = greatest(s.last_payment_date, payout.date)
  where s.id = payout.supplier_id;
  perform leads.settle_transaction(payout, 'completed');
  perform platform.notify(s.user_id, 'leads', 'success', 'Virement reçu',
      format('Le virement %s de %s € est arrivé.', payout.transfer_reference,
        platform.amount_text(payout.amount_cents)))
    from leads.suppliers s where s.id = payout.supplier_id;
end;
$$;
comment on function leads.complete_payout is 'Marks a locked payout as completed by the bank.';

-- The lines of a payout older than the ledger are unknown: its whole amount becomes payable again. If it had also been
-- completed before the ledger began, it never was in transit here, and its money comes back from the bank.
create function leads.free_earnings(payout leads.payouts)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_from text := 'payouts_in_transit';
begin
  if payout.status = 'completed' then
    perform platform.reverse_transfer(t.id, 'payout_returned', payout.id::text)
    from platform.ledger_transfers t where t.system = 'leads' and t.kind = 'payout_confirmed'
      and t.key = payout.id::text;
    if not found then v_from := 'bank'; end if;
  end if;
  if payout.transfer_id is not null then
    perform platform.reverse_transfer(payout.transfer_id, 'payout_failed', payout.id::text);
    update leads.earnings e set payout_id = null where e.payout_id = payout.id;
  else
    perform platform.post_transfer('leads', 'payout_failed', payout.id::text,
      array[(v_from, null, -payout.amount_cents),
        ('supplier_earnings', payout.supplier_id, payout.amount_cents)]::platform.ledger_line[]);
    insert into leads.earnings (supplier_id, kind, amount_cents, payable_from)
      values (payout.supplier_id, 'opening', payout.amount_cents, now());
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
  v_verb text := case payout.status when 'completed' then 'retourné' else 'refusé' end;
  v_fault text;
begin
  if payout.status = 'failed' then return; end if;
  perform leads.free_earnings(payout);
  update leads.payouts p set status = 'failed', settled_at = now(), failure_reason = v_reason where p.id = payout.id;
  -- A completed payout that is returned no longer counts as the last payment: the one before it does.
  update leads.suppliers s set last_payment_date =
    (select max(p.date) from leads.payouts p where p.supplier_id = s.id and p.status = 'completed')
  where s.id = payout.supplier_id and payout.status = 'completed' and s.last_payment_date = payout.date;
  perform leads.settle_transaction(payout, 'failed');
  v_fault := leads.hold_account(payout, v_reason);
  perform platform.notify(s.user_id, 'leads', 'error', 'Virement ' || v_verb,
      format('La banque a %s le virement %s de %s € : %s. %s ; la somme reste due.', v_verb,
        payout.transfer_reference, platform.amount_text(payout.amount_cents), v_reason,
        coalesce(format('Le compte %s est retenu (%s) : donnez un autre IBAN, ou faites valider celui-ci',
          payout.iban_mask, v_fault), 'Vérifiez votre IBAN')))
    from leads.suppliers s where s.id = payout.supplier_id;
end;
$$;
comment on function leads.refuse_payout is
  'Marks a locked payout as failed: the bank refused it, or returned it after it was completed. Its earnings become '
  'payable again.';

create function leads.enter_outcome(payout leads.payouts, outcome text, reason text)
returns void
language plpgsql
set search_path = ''
as $$
begin
  case outcome
    when 'completed' then perform leads.complete_payout(payout);
    when 'failed' then perform leads.refuse_payout(payout, reason);
    else perform platform.fail(422, 'invalid_fields', 'Certains champs sont invalides.',
      '[{"field": "outcome", "code": "invalid_value", "message": "Résultat attendu : completed ou failed."}]');
  end case;
end;
$$;

create function leads.settle_payout(reference text, outcome text, reason text default null)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin');
  perform leads.enter_outcome(leads.lock_payout(settle_payout.reference), outcome, reason);
end;
$$;
comment on function leads.settle_payout is
  'Records the bank''s answer about one payout, completed or failed; a repeated answer changes nothing. 409 if a '
  'failed payout is reported as completed.';

create function leads.settle_entry(reference text, cents bigint, outcome text, reason text)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_payout leads.payouts;
begin
  if not exists (select from leads.payouts p where p.transfer_reference = settle_entry.reference) then
    return 'unknown';
  end if;
  v_payout := leads.lock_payout(reference);
  if v_payout.amount_cents is distinct from cents then return 'mismatch'; end if;
  -- The bank may report the execution of a transfer after its return: a failed payout stays failed.
  if v_payout.status = outcome or (v_payout.status, outcome) = ('failed', 'completed') then return 'already'; end if;
  perform leads.enter_outcome(v_payout, outcome, reason);
  return outcome;
end;
$$;
comment on function leads.settle_entry is
  'Records one entry of a bank file if it matches the payout that it names; returns the result.';

-- A bank file, entry by entry: [{"reference", "cents", "outcome", "reason"}]. Entries are processed in the order in
-- which suppliers are locked, so that concurrent calls cannot deadlock.
create function leads.settle_entries(entries jsonb)
returns table (reference text, cents bigint, outcome text, result text)
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_entry record;
begin
  perform platform.require_role('leads', 'admin');
  for v_entry in
    select f.reference, f.cents, f.outcome, f.reason
    from jsonb_to_recordset(entries) as f (reference text, cents bigint, outcome text, reason text)
    left join leads.payouts p on p.transfer_reference = f.reference order by p.supplier_id, p.id
  loop
    reference := v_entry.reference;
    cents := v_entry.cents;
    outcome := v_entry.outcome;
    result := leads.settle_entry(v_entry.reference, v_entry.cents, v_entry.outcome, v_entry.reason);
    return next;
  end loop;
end;
$$;
comment on function leads.settle_entries is
  'Records the entries of a bank file. result: completed, failed, already (nothing to do), mismatch (another '
  'amount), unknown.';
grant execute on function leads.settle_payout, leads.settle_entries to authenticated, service_role;

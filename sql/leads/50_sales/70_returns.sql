-- A buyer returns a lead and an admin decides. An accepted return reverses the sale's transfer account by account: the
-- credits go back to the accounts they came from, and the supplier loses the share, as a deduction from the next
-- payout if it was already paid.

create function leads.bought_lead(reference text)
returns leads.sales
language plpgsql
set search_path = ''
as $$
declare
  v_sale leads.sales;
begin
  perform platform.require_role('leads', 'acheteur');
  select s.* into v_sale from leads.sales s join leads.leads l on l.id = s.lead_id
    where s.buyer_id = auth.uid() and l.reference = bought_lead.reference;
  if not found then perform platform.fail(404, 'purchase_not_found', 'Vous n''avez pas acheté ce lead.'); end if;
  return v_sale;
end;
$$;
comment on function leads.bought_lead is 'The caller''s purchase of a lead; 404 if there is none.';

create function leads.request_return(reference text, reason text, comment text)
returns leads.returns
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_sale leads.sales := leads.bought_lead(reference);
  v_return leads.returns;
begin
  if request_return.reason is null
    or request_return.reason not in ('invalid_number', 'duplicate', 'out_of_criteria') then
    perform platform.refuse_fields(platform.field_problem('reason', 'invalid_value',
      'Motif attendu : invalid_number, duplicate ou out_of_criteria.'));
  end if;
  if length(request_return.comment) > 2000 then
    perform platform.refuse_fields(platform.field_problem('comment', 'too_long',
      'Le commentaire est limité à 2000 caractères.'));
  end if;
  if v_sale.transfer_id is null or now() >= v_sale.return_until then
    -- A repeated request gets the first answer, even after the return window.
    select r.* into v_return from leads.returns r where r.buyer_id = v_sale.buyer_id and r.lead_id = v_sale.lead_id;
    if found then return v_return; end if;
    perform platform.fail(409, 'return_window_closed', 'Le délai de retour de ce lead est passé.');
  end if;
  insert into leads.returns (buyer_id, lead_id, lead_reference, lead_name, reason, comment)
    select v_sale.buyer_id, v_sale.lead_id, l.reference, leads.title_of(l), request_return.reason,
      nullif(btrim(request_return.comment), '')
    from leads.leads l where l.id = v_sale.lead_id
    on conflict (buyer_id, lead_id) do nothing returning * into v_return;
  if found then
    perform set_config('response.status', '201', true);
    perform platform.emit('leads', 'return.requested', jsonb_build_object('return', v_return.reference));
  else
    select r.* into v_return from leads.returns r where r.buyer_id = v_sale.buyer_id and r.lead_id = v_sale.lead_id;
  end if;
  return v_return;
end;
$$;
comment on function leads.request_return is
  'Requests the credits of a bought lead back; a repeated call returns the first request.';

-- A returned lead without any remaining buyer is not sold again: the buyer who returned it knows the person's contact.
create function leads.take_lead_back(given leads.returns)
returns void
language sql
set search_path = ''
as $$
  update leads.leads l set status = 'rejected'
  where l.id = given.lead_id and l.status in ('qualified', 'sold')
    and (given.reason = 'invalid_number' or l.status = 'sold' and not exists (select from leads.kept_sales k
      where k.lead_id = l.id));
$$;
comment on function leads.take_lead_back is
  'Rejects a returned lead if its number is invalid, or if no buyer keeps it.';

-- A buyer who spent the credits of a pack that was later refunded owes those credits; returned credits repay the debt
-- first. The reversal has locked the buyer's balances, so two concurrent returns cannot repay the same debt.
create function leads.recover_loss(given leads.returns, credits integer)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_taken integer := least(leads.owed_credits(given.buyer_id), credits);
  v_paid bigint;
begin
  if v_taken <= 0 then return 0; end if;
  v_paid := least(v_taken, platform.ledger_balance('leads', 'buyer_paid', given.buyer_id));
  perform platform.post_transfer('leads', 'loss_recovered', given.id::text, array[('credits_lost', null, v_taken),
    ('buyer_paid', given.buyer_id, -v_paid),
    ('buyer_bonus', given.buyer_id, v_paid - v_taken)]::platform.ledger_line[]);
  return v_taken;
end;
$$;
comment on function leads.recover_loss is
  'Deducts the buyer''s debt from returned credits; returns the number of credits deducted.';

create function leads.accept_return(given leads.returns, note text)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_sale leads.sales;
  v_reversal uuid;
  v_recovered integer;
begin
  select s.* into strict v_sale from leads.sales s where s.buyer_id = given.buyer_id and s.lead_id = given.lead_id;
  perform from leads.leads l where l.id = given.lead_id for no key update;
  insert into leads.earnings (supplier_id, kind, buyer_id, lead_id, amount_cents, payable_from)
    values (v_sale.supplier_id, 'return', v_sale.buyer_id, v_sale.lead_id, -v_sale.supplier_share_cents,
      v_sale.return_until);
  if v_sale.budget_cents > 0 then
    perform platform.lock_balances('leads', v_sale.buyer_id);
    perform leads.give_budget_back(v_sale);
  end if;
  v_reversal := platform.reverse_transfer(v_sale.transfer_id, 'return', given.id::text);
  v_recovered := leads.recover_loss(given, v_sale.credits);
  update leads.returns r set status = 'accepted', decided_at = now(), decided_by = auth.uid(), decision_note = note,
    transfer_id = v_reversal, credits_recovered = v_recovered
  where r.id = given.id;
  perform leads.take_lead_back(given);
  update leads.payments p set status = 'refunded' where p.lead_id = given.lead_id and p.buyer_id = given.buyer_id;
  perform leads.record_transaction('refund', given.buyer_id, 'acheteur', v_sale.price_cents, v_sale.credits,
    'Remboursement lead — ' || given.lead_name, 'Crédits');
  perform platform.notify(given.buyer_id, 'leads', 'success', 'Retour accepté',
    format('%s crédits vous ont été rendus pour le lead %s.', v_sale.credits - v_recovered, given.lead_name));
  perform platform.notify((select s.user_id from leads.suppliers s where s.id = v_sale.supplier_id), 'leads',
    'warning', 'Lead retourné', format('Le lead %s a été retourné par son acheteur ; %s € sont retirés de vos gains.',
      given.lead_name, platform.amount_text(v_sale.supplier_share_cents)));
end;
$$;

create function leads.decide_return(reference text, accepted boolean, note text)
returns leads.returns
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_wanted text := case when accepted then 'accepted' else 'refused' end;
  v_return leads.returns;
begin
  perform platform.require_role('leads', 'admin');
  if accepted is null then
    perform platform.refuse_fields(platform.field_problem('accepted', 'required', 'Vrai ou faux est attendu.'));
  end if;
  note := nullif(btrim(note), '');
  if length(note) > 2000 then
    perform platform.refuse_fields(platform.field_problem('note', 'too_long',
      'La note est limitée à 2000 caractères.'));
  end if;
  select r.* into v_return from leads.returns r where r.reference = decide_return.reference for no key update;
  if not found then perform platform.fail(404, 'return_not_found', 'Cette demande de retour n''existe pas.'); end if;
  if v_return.status = v_wanted then return v_return; end if;
  if v_return.status <> 'requested' then
    perform platform.fail(409, 'return_decided', 'Cette demande de retour a déjà reçu la décision contraire.');
  end if;
  if accepted then
    perform leads.accept_return(v_return, note);
  else
    update leads.returns r set status = 'refused', decided_at = now(), decided_by = auth.uid(), decision_note = note
    where r.id = v_return.id;
    perform platform.notify(v_return.buyer_id, 'leads', 'info', 'Retour refusé',
      format('Votre demande de retour %s a été refusée%s', v_return.reference, coalesce(' : ' || note, '.')));
  end if;
  perform platform.emit('leads', 'return.' || v_wanted, jsonb_build_object('return', v_return.reference));
  select r.* into v_return from leads.returns r where r.id = v_return.id;
  return v_return;
end;
$$;
comment on function leads.decide_return is
  'Applies an admin''s decision on a return. Repeating the same decision changes nothing; the opposite decision is '
  'refused.';

create function leads.record_outcome(reference text, outcome text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_sale leads.sales := leads.bought_lead(reference);
begin
  if record_outcome.outcome is null or record_outcome.outcome not in ('won', 'lost', 'unreachable') then
    perform platform.refuse_fields(platform.field_problem('outcome', 'invalid_value',
      'Résultat attendu : won, lost ou unreachable.'));
  end if;
  -- A concurrent acceptance of the return holds the lead's lock; waiting for it shows whether the lead is still the
  -- buyer's.
  perform from leads.leads l where l.id = v_sale.lead_id for share;
  if not exists (select from leads.kept_sales k where k.buyer_id = v_sale.buyer_id and k.lead_id = v_sale.lead_id) then
    perform platform.fail(409, 'lead_returned', 'Ce lead vous a été remboursé.');
  end if;
  insert into leads.outcomes (buyer_id, lead_id, outcome)
    values (v_sale.buyer_id, v_sale.lead_id, record_outcome.outcome)
  on conflict (buyer_id, lead_id) do update set outcome = excluded.outcome where outcomes.outcome <> excluded.outcome;
end;
$$;
comment on function leads.record_outcome is
  'Records the result of a bought lead; a later call overwrites an earlier one.';

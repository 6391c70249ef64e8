-- Booking of a refund whose money has gone back or is on its way.

-- The remaining credits are taken back, each from its account (paid or bonus), which is locked before it is read. The
-- refund cannot be refused any more, because the money has gone: missing credits are first booked to the buyer as a
-- loss and then taken back with the rest.
create function leads.take_credits_back(refund leads.refunds, buyer_id uuid)
returns leads.refunds
language plpgsql
set search_path = ''
as $$
declare
  v_refund leads.refunds := refund;
begin
  select refund.credits - coalesce(sum(least(b.balance, refund.credits)) filter (where b.kind = 'buyer_paid'), 0),
      refund.bonus - coalesce(sum(least(b.balance, refund.bonus)) filter (where b.kind = 'buyer_bonus'), 0)
    into v_refund.credits_lost, v_refund.bonus_lost from platform.lock_balances('leads', take_credits_back.buyer_id) b;
  if v_refund.credits_lost + v_refund.bonus_lost > 0 then
    perform platform.post_transfer('leads', 'pack_loss', refund.id::text,
      array[('credits_lost', null, -(v_refund.credits_lost + v_refund.bonus_lost)),
      ('buyer_paid', buyer_id, v_refund.credits_lost),
      ('buyer_bonus', buyer_id, v_refund.bonus_lost)]::platform.ledger_line[]);
  end if;
  -- A lost dispute is booked as a loss, not as less revenue: the sale stands although the buyer's bank took the money
  -- back.
  perform platform.post_transfer('leads', case refund.kind when 'dispute' then 'pack_dispute' else 'pack_refund' end,
    refund.id::text, array[
    ('credits_issued', null, refund.credits + refund.bonus), ('buyer_paid', buyer_id, -refund.credits),
    ('buyer_bonus', buyer_id, -refund.bonus),
    ('bank', null, refund.amount_cents),
    (case refund.kind when 'dispute' then 'disputes_lost' else 'pack_revenue' end, null, -refund.amount_cents)
  ]::platform.ledger_line[]);
  return v_refund;
end;
$$;
comment on function leads.take_credits_back is
  'Books the credits and the money of an accepted refund; returns the refund with its lost credits.';

-- The order, its payment and its transaction summarise the refunds.
create function leads.sum_refunds(order_id uuid)
returns leads.pack_orders
language plpgsql
set search_path = ''
as $$
declare
  v_order leads.pack_orders;
begin
  update leads.pack_orders o set credits_lost = s.lost, refund_reference = s.reference,
    status = case when s.accepted > 0 and s.cents >= o.price_cents then 'refunded' else 'completed' end
  from (
    select coalesce(sum(r.credits_lost + r.bonus_lost - r.loss_undone), 0)::integer as lost,
      coalesce(sum(r.amount_cents) filter (where r.status = 'accepted'), 0) as cents,
      count(*) filter (where r.status = 'accepted') as accepted,
      (array_agg(r.provider_reference order by r.id desc) filter (where r.status = 'accepted'
        and r.provider_reference is not null))[1] as reference
    from leads.refunds r where r.order_id = sum_refunds.order_id
  ) s
  where o.id = sum_refunds.order_id returning o.* into v_order;
  return leads.list_order(v_order);
end;
$$;
comment on function leads.sum_refunds is
  'Recomputes the status and totals of an order from its refunds, and updates its payment and transaction.';

create function leads.accept_refund(refund_id uuid, provider_reference text)
returns leads.refunds
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_refund leads.refunds := leads.refund_to_settle(refund_id);
  v_order leads.pack_orders;
  v_pack text;
begin
  select o.* into v_order from leads.pack_orders o where o.id = v_refund.order_id;
  if v_refund.status in ('accepted', 'reversed') then
    perform leads.keep_refund(v_order.id, v_refund.id, provider_reference);
    return v_refund;
  end if;
  -- The acceptance arrived late: the refund is already known to have failed.
  if v_refund.failed_at is not null then return v_refund; end if;
  -- The money was sent twice but the ledger can refund the price only once: the refund is refused and an admin has to
  -- check it.
  if v_refund.amount_cents > leads.refundable_cents(v_order) then
    update leads.refunds r set status = 'refused', cause = 'beyond_price',
      provider_reference = leads.refund_name(r, accept_refund.provider_reference)
    where r.id = v_refund.id returning r.* into v_refund;
    return v_refund;
  end if;
  select s.credits, s.bonus into v_refund.credits, v_refund.bonus
  from leads.share_of_refund(v_order, v_refund.amount_cents) s;
  v_refund := leads.take_credits_back(v_refund, v_order.buyer_id);
  v_pack := case when v_refund.amount_cents < v_order.price_cents then 'partiel ' else '' end || 'Pack '
    || v_order.pack_name;
  update leads.refunds r set status = 'accepted',
    provider_reference = leads.refund_name(r, accept_refund.provider_reference), cause = null,
    credits = v_refund.credits, bonus = v_refund.bonus, credits_lost = v_refund.credits_lost,
    bonus_lost = v_refund.bonus_lost,
    transaction_id = leads.record_transaction('refund', v_order.buyer_id, 'acheteur', v_refund.amount_cents,
      v_refund.credits,
      case v_refund.kind when 'dispute' then 'Contestation perdue — ' else 'Remboursement ' end || v_pack,
      (select t.payment_method from leads.transactions t where t.id = v_order.transaction_id))
  where r.id = v_refund.id returning r.* into v_refund;
  v_order := leads.sum_refunds(v_order.id);
  perform leads.refuse_waiting(v_order, case v_refund.kind when 'dispute' then 'dispute_lost'
    else 'charge_already_refunded' end);
  perform leads.tell_refund(v_order, v_refund);
  return v_refund;
end;
$$;
comment on function leads.accept_refund is
  'Accepts a refund, once: credits, ledger and credit note. Refused if it exceeds what the order has left.';

create function leads.tell_refund(pack_order leads.pack_orders, refund leads.refunds)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_taken integer := refund.credits + refund.bonus - refund.credits_lost - refund.bonus_lost;
begin
  if refund.kind = 'dispute' then
    perform platform.notify(pack_order.buyer_id, 'leads', 'warning', 'Paiement contesté',
      format('Votre banque a repris le paiement du Pack %s ; %s crédits ont été retirés de votre compte.',
      pack_order.pack_name, v_taken));
    perform platform.emit('leads', 'order.disputed', jsonb_build_object('order', pack_order.reference));
    return;
  end if;
  perform platform.notify(pack_order.buyer_id, 'leads', 'info', 'Pack remboursé',
    format('%s ; %s crédits ont été retirés de votre compte.',
      case when refund.amount_cents < pack_order.price_cents
        then format('%s € du Pack %s vous sont remboursés', platform.amount_text(refund.amount_cents),
          pack_order.pack_name)
      else format('Le Pack %s vous est remboursé', pack_order.pack_name) end, v_taken));
  perform platform.emit('leads', 'order.refunded',
    jsonb_build_object('order', pack_order.reference, 'refund', refund.reference));
  perform leads.issue_credit_note(refund);
end;
$$;
comment on function leads.tell_refund is 'Notification, event and credit note of a booked refund.';

create function leads.keep_refund(order_id uuid, refund_id uuid, provider_reference text)
returns void
language plpgsql
set search_path = ''
as $$
begin
  update leads.refunds r set provider_reference = keep_refund.provider_reference
  where r.id = keep_refund.refund_id and r.provider_reference is null
    and leads.refund_name(r, keep_refund.provider_reference) is not null;
  if found then perform leads.sum_refunds(order_id); end if;
end;
$$;
comment on function leads.keep_refund is 'Stores the id of a refund at the provider, if it has none yet.';

-- Refunds that need no request to a provider: the money is sent by hand or has already been sent.
create function leads.refund_order(order_id uuid, money_sent boolean default false)
returns leads.pack_orders
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_order leads.pack_orders := leads.order_to_settle(order_id);
  v_refund leads.refunds;
begin
  if v_order.status = 'completed' and money_sent then
    perform leads.book_made(v_order, 'made', leads.refundable_cents(v_order), null);
  elsif v_order.status <> 'refunded' then
    v_refund := leads.request_refund(v_order.id);
    perform leads.accept_refund(v_refund.id, 'manual-' || v_refund.id);
  end if;
  return leads.order_to_settle(order_id);
end;
$$;
comment on function leads.refund_order is
  'Refunds all that is left of an order; 409 if its paid credits are spent, unless the money has already been sent.';

create function leads.book_made(pack_order leads.pack_orders, kind text, amount_cents bigint, provider_reference text)
returns leads.refunds
language plpgsql
set search_path = ''
as $$
declare
  v_id uuid;
begin
  -- The row is inserted as refused, so that it does not conflict with a requested refund; it is accepted immediately.
  insert into leads.refunds (order_id, kind, status, amount_cents)
    values (pack_order.id, book_made.kind, 'refused', book_made.amount_cents) returning id into v_id;
  return leads.accept_refund(v_id, provider_reference);
end;
$$;
comment on function leads.book_made is
  'Books a refund or a lost dispute that the provider reports and that was not requested here.';

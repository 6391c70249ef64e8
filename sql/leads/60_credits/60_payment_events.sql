-- What a payment provider tells by its webhook. It may come twice, late, or in another order than it happened: every event
-- is kept by its id and looked at once, and what it means is held against what the order is by then.
create table leads.payment_events (
  provider text not null check (provider in ('manual', 'stripe')),
  id text not null,
  meaning text not null check (meaning in ('paid', 'failed', 'expired', 'refunded', 'refund_made', 'refund_failed', 'disputed', 'dispute_won', 'dispute_lost')),
  order_id uuid references leads.pack_orders (id),
  payment_reference text,
  reference text,
  amount_cents bigint,
  outcome text not null check (outcome in ('done', 'nothing_to_do', 'waiting', 'unknown_order', 'other_amount', 'paid_twice', 'credits_lost', 'reported', 'refused', 'reversed')),
  occurred_at timestamptz not null,
  received_at timestamptz not null default now(),
  primary key (provider, id)
);
alter table leads.payment_events enable row level security;
create index payment_events_order on leads.payment_events (order_id) where order_id is not null;
create index payment_events_received on leads.payment_events (received_at);
-- An event that waits for its payment stays. A provider repeats an event for days, and a dispute may come after months.
select platform.retain('leads.payment_events', 'received_at', '400 days', $$outcome <> 'waiting'$$);
comment on table leads.payment_events is 'Events of payment providers, by their own ids, and what came of each.';
comment on column leads.payment_events.reference is 'What the provider calls what the event is about: the session, the refund, the dispute.';
comment on column leads.payment_events.outcome is
  'waiting: a refund that was told of before its payment; credits_lost: refunded, though some were spent; refused, reversed: what became of the refund; reported: told to the admins.';
create policy select_admin on leads.payment_events for select to authenticated using ((select platform.has_role('leads', 'admin')));
grant select on leads.payment_events to authenticated, service_role;

create function leads.is_whole_price(pack_order leads.pack_orders, event jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$ select ((event ->> 'amountCents')::bigint, lower(event ->> 'currency')) is not distinct from (pack_order.price_cents, 'eur'); $$;
comment on function leads.is_whole_price is 'Whether an event is about the price of the order, to the cent and in its currency.';

-- What was told of before the payment is looked at after it, as it happened. A dispute names no order.
create function leads.apply_payment(pack_order leads.pack_orders, provider text, event jsonb)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_payment text := event ->> 'payment';
  v_order leads.pack_orders;
  v record;
begin
  if pack_order.status in ('completed', 'refunded') then
    return case when v_payment is distinct from pack_order.payment_reference then 'paid_twice' else 'nothing_to_do' end;
  end if;
  if not leads.is_whole_price(pack_order, event) then return 'other_amount'; end if;
  v_order := leads.settle_order(pack_order.id, provider, event ->> 'reference', v_payment);
  for v in
    select e.meaning, jsonb_build_object('meaning', e.meaning, 'reference', e.reference, 'payment', e.payment_reference, 'amountCents', e.amount_cents,
      'currency', 'eur', 'occurredAt', extract(epoch from e.occurred_at)::bigint) as event
    from leads.payment_events e
    where e.payment_reference is not distinct from v_payment
      and (e.order_id = pack_order.id and e.outcome = 'waiting' or e.order_id is null and e.meaning = 'dispute_lost' and e.outcome = 'reported')
    order by e.occurred_at, e.received_at
  loop
    perform case v.meaning when 'refunded' then leads.apply_refund(v_order, v.event) when 'dispute_lost' then leads.apply_dispute(v_order, v.event)
      else leads.apply_refund_news(v_order, v.event) end;
  end loop;
  return 'done';
end;
$$;

-- The provider says how much of a payment had been refunded by then, in all; so a refund counts that he took back only later.
create function leads.refunded_cents(order_id uuid, at timestamptz)
returns bigint
language sql
stable
set search_path = ''
as $$
  select coalesce(sum(r.amount_cents), 0)::bigint from leads.refunds r
  where r.order_id = refunded_cents.order_id and r.kind <> 'dispute' and (r.status = 'accepted' or r.failed_at >= refunded_cents.at);
$$;
comment on function leads.refunded_cents is 'What the provider counts as refunded of an order at a time, as far as it is known here.';

-- What is new is first of all what an admin has asked for. Where a second payment was sent back, the order keeps the first.
create function leads.apply_refund(pack_order leads.pack_orders, event jsonb)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_new bigint := (event ->> 'amountCents')::bigint - leads.refunded_cents(pack_order.id, to_timestamp((event ->> 'occurredAt')::bigint));
  v_refund leads.refunds;
  v_lost integer;
begin
  if lower(event ->> 'currency') is distinct from 'eur' or (event ->> 'amountCents')::bigint not between 0 and pack_order.price_cents then return 'other_amount'; end if;
  if pack_order.status in ('pending', 'failed') then return 'waiting'; end if;
  if event ->> 'payment' is distinct from pack_order.payment_reference then return 'nothing_to_do'; end if;
  if v_new <= 0 then
    perform leads.keep_refund(pack_order.id, (select r.id from leads.refunds r where r.order_id = pack_order.id and r.kind <> 'dispute' and r.status = 'accepted'
      and r.provider_reference is null order by r.id desc limit 1), event ->> 'reference');
    return 'nothing_to_do';
  end if;
  -- Beyond what is left of the price, a dispute has taken the money as well: a person has to look.
  if v_new > leads.refundable_cents(pack_order) then return 'other_amount'; end if;
  select r.* into v_refund from leads.refunds r where r.order_id = pack_order.id and r.status = 'requested' and r.amount_cents <= v_new;
  if found then
    v_refund := leads.accept_refund(v_refund.id, event ->> 'reference');
    v_new := v_new - v_refund.amount_cents;
    v_lost := v_refund.credits_lost + v_refund.bonus_lost;
  end if;
  if v_new > 0 then
    v_refund := leads.book_made(pack_order, 'made', v_new, case when v_lost is null then event ->> 'reference' end);
    v_lost := coalesce(v_lost, 0) + v_refund.credits_lost + v_refund.bonus_lost;
  end if;
  return case when v_lost > 0 then 'credits_lost' else 'done' end;
end;
$$;

-- One refund, by its own name. One that was made by hand is booked by what the payment says of all (apply_refund), which tells
-- no names: the first of its amount without one is it.
create function leads.apply_refund_news(pack_order leads.pack_orders, event jsonb)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_amount bigint := (event ->> 'amountCents')::bigint;
  v_failed_at timestamptz := to_timestamp((event ->> 'occurredAt')::bigint);
  v_refund leads.refunds;
begin
  if pack_order.status in ('pending', 'failed') then return 'waiting'; end if;
  if event ->> 'payment' is distinct from pack_order.payment_reference then return 'nothing_to_do'; end if;
  select r.* into v_refund from leads.refunds r
  where r.order_id = pack_order.id and r.kind <> 'dispute' and r.amount_cents = v_amount
    and (r.id::text = event ->> 'refund' or r.provider_reference = event ->> 'reference' or r.provider_reference is null and r.status = 'accepted')
  order by r.id::text = event ->> 'refund' desc nulls last, r.provider_reference nulls last, r.id limit 1;
  if event ->> 'meaning' = 'refund_made' then
    -- Told late: that it failed is known already.
    if v_refund.id is null or v_refund.failed_at is not null then return 'nothing_to_do'; end if;
    v_refund := leads.accept_refund(v_refund.id, event ->> 'reference');
    return case when v_refund.status = 'accepted' and v_refund.credits_lost + v_refund.bonus_lost > 0 then 'credits_lost' else 'done' end;
  end if;
  if v_refund.id is null then
    insert into leads.refunds (order_id, kind, status, amount_cents, provider_reference, cause, failed_at)
    values (pack_order.id, 'made', 'refused', v_amount, event ->> 'reference', left(event ->> 'cause', 100), v_failed_at);
    return 'refused';
  end if;
  case v_refund.status
    when 'requested' then perform leads.refuse_refund(v_refund.id, event ->> 'cause', event ->> 'reference', v_failed_at); return 'refused';
    when 'accepted' then perform leads.reverse_refund(v_refund.id, event ->> 'cause', v_failed_at); return 'reversed';
    else return 'nothing_to_do';
  end case;
end;
$$;

create function leads.apply_dispute(pack_order leads.pack_orders, event jsonb)
returns text
language plpgsql
set search_path = ''
as $$
begin
  if exists (select from leads.refunds r where r.order_id = pack_order.id and r.provider_reference = event ->> 'reference') then return 'nothing_to_do'; end if;
  if pack_order.status = 'completed' and lower(event ->> 'currency') = 'eur' and (event ->> 'amountCents')::bigint between 0 and leads.refundable_cents(pack_order) then
    perform leads.book_made(pack_order, 'dispute', (event ->> 'amountCents')::bigint, event ->> 'reference');
    return 'reported';
  end if;
  return 'other_amount';
end;
$$;
comment on function leads.apply_dispute is 'What a lost dispute means for a locked order: the money and what is left of the credits are gone, the sale stands.';

create function leads.apply_failure(pack_order leads.pack_orders, provider text, event jsonb)
returns text
language plpgsql
set search_path = ''
as $$
begin
  if pack_order.status <> 'pending' then return 'nothing_to_do'; end if;
  perform leads.fail_order(pack_order.id, provider, event ->> 'meaning' = 'expired');
  return 'done';
end;
$$;
comment on function leads.apply_failure is 'What a payment that does not come means for a locked order.';
comment on function leads.apply_payment is 'What a payment means for a locked order.';
comment on function leads.apply_refund is 'What is refunded of a payment in all, and what that means for a locked order.';
comment on function leads.apply_refund_news is 'What became of one refund, and what that means for a locked order.';

-- Told to every admin: money that the books cannot follow by themselves, or that did not go the way it was sent.
create function leads.report_payment(told leads.payment_events)
returns void
language sql
set search_path = ''
as $$
  select platform.notify(m.user_id, 'leads', 'warning', 'Paiement à vérifier', format('%s : %s.',
    coalesce('Commande ' || o.reference, 'Paiement ' || told.payment_reference, 'Contestation ' || told.reference, 'Paiement inconnu'), case
    when told.outcome = 'other_amount' then 'le montant reçu, rendu ou repris n''est pas celui que la commande attend'
    when told.outcome = 'paid_twice' then 'elle a été payée une seconde fois, ce qui est à rembourser'
    when told.outcome = 'credits_lost' then format('elle a été remboursée, et %s de ses crédits, déjà dépensés, n''ont pas pu être repris', o.credits_lost)
    when told.outcome = 'refused' then format('un remboursement de %s € a échoué chez le prestataire, rien n''a changé ici', leads.amount_text(told.amount_cents))
    when told.outcome = 'reversed' then format('un remboursement de %s € est revenu au prestataire ; les crédits sont rendus, l''avoir est annulé', leads.amount_text(told.amount_cents))
    when told.meaning = 'disputed' then 'paiement contesté auprès de la banque, répondez chez le prestataire'
    when told.meaning = 'dispute_won' then 'contestation close, l''argent reste acquis'
    when d.id is null then 'contestation perdue, l''argent est repris ; ni les crédits ni les comptes n''ont changé'
    else format('contestation perdue, l''argent est repris ; %s crédits ont été retirés, %s manquaient', d.credits + d.bonus - d.credits_lost - d.bonus_lost,
      d.credits_lost + d.bonus_lost) end))
  from platform.memberships m left join leads.pack_orders o on o.id = told.order_id
  left join leads.refunds d on d.order_id = o.id and d.kind = 'dispute' and d.provider_reference = told.reference
  where m.system = 'leads' and m.role = 'admin' and m.status = 'active';
$$;
comment on function leads.report_payment is 'Tells the admins of an event that a person has to look at.';

create function leads.take_payment_event(provider text, event jsonb)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_key uuid;
  v_order leads.pack_orders;
  v_outcome text;
  v_event leads.payment_events;
begin
  if pg_input_is_valid(event ->> 'order', 'uuid') then v_key := event ->> 'order'; end if;
  -- Also where an event comes twice at once: the second one waits here for the first.
  insert into leads.payment_events (provider, id, meaning, payment_reference, reference, amount_cents, outcome, occurred_at)
  values (take_payment_event.provider, event ->> 'id', event ->> 'meaning', event ->> 'payment', event ->> 'reference',
    (event ->> 'amountCents')::bigint, 'unknown_order', to_timestamp((event ->> 'occurredAt')::bigint))
  on conflict do nothing;
  if not found then
    return (select e.outcome from leads.payment_events e where e.provider = take_payment_event.provider and e.id = event ->> 'id');
  end if;
  select o.* into v_order from leads.pack_orders o
  where o.id = v_key or (o.provider = take_payment_event.provider and o.payment_reference = event ->> 'payment')
  for no key update;
  -- A dispute does not name the order, and may be told of before its payment: an admin hears of it all the same.
  v_outcome := case
    when event ->> 'meaning' = 'dispute_lost' and v_order.id is not null then leads.apply_dispute(v_order, event)
    when event ->> 'meaning' in ('disputed', 'dispute_won', 'dispute_lost') then 'reported'
    when v_order.id is null then 'unknown_order'
    when event ->> 'meaning' = 'paid' then leads.apply_payment(v_order, provider, event)
    when event ->> 'meaning' = 'refunded' then leads.apply_refund(v_order, event)
    when event ->> 'meaning' in ('refund_made', 'refund_failed') then leads.apply_refund_news(v_order, event)
    else leads.apply_failure(v_order, provider, event) end;
  update leads.payment_events e set order_id = v_order.id, outcome = v_outcome
  where e.provider = take_payment_event.provider and e.id = event ->> 'id' returning e.* into v_event;
  if v_outcome in ('other_amount', 'paid_twice', 'credits_lost', 'reported', 'refused', 'reversed') then perform leads.report_payment(v_event); end if;
  return v_outcome;
end;
$$;
comment on function leads.take_payment_event is
  'Looks at an event of a provider, once: {id, meaning, order, refund, reference, payment, amountCents, currency, occurredAt, cause}; what came of it.';

-- What a payment provider tells by its webhook. It may come twice, late, or in another order than it happened: every event
-- is kept by its id and looked at once, and what it means is held against what the order is by then.
create table leads.payment_events (
  provider text not null check (provider in ('manual', 'stripe')),
  id text not null,
  meaning text not null check (meaning in ('paid', 'failed', 'expired', 'refunded', 'disputed', 'dispute_won', 'dispute_lost')),
  order_id uuid references leads.pack_orders (id),
  payment_reference text,
  reference text,
  amount_cents bigint,
  outcome text not null check (outcome in ('done', 'nothing_to_do', 'waiting', 'unknown_order', 'other_amount', 'paid_twice', 'credits_lost', 'reported')),
  occurred_at timestamptz not null,
  received_at timestamptz not null default now(),
  primary key (provider, id)
);
alter table leads.payment_events enable row level security;
create index payment_events_order on leads.payment_events (order_id) where order_id is not null;
comment on table leads.payment_events is 'Events of payment providers, by their own ids, and what came of each.';
comment on column leads.payment_events.reference is 'What the provider calls what the event is about: the session, the refund, the dispute.';
comment on column leads.payment_events.outcome is
  'waiting: a refund that was told of before its payment; credits_lost: refunded, though some were spent; reported: told to the admins, nothing else.';
create policy select_admin on leads.payment_events for select to authenticated using ((select platform.has_role('leads', 'admin')));
grant select on leads.payment_events to authenticated, service_role;

create function leads.is_whole_price(pack_order leads.pack_orders, event jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$ select ((event ->> 'amountCents')::bigint, lower(event ->> 'currency')) is not distinct from (pack_order.price_cents, 'eur'); $$;
comment on function leads.is_whole_price is 'Whether an event is about the price of the order, to the cent and in its currency.';

create function leads.follow_refund(order_id uuid, refund_reference text)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_order leads.pack_orders := leads.refund_order(order_id, money_sent => true);
begin
  perform leads.keep_refund(order_id, refund_reference);
  return case when v_order.credits_lost > 0 then 'credits_lost' else 'done' end;
end;
$$;
comment on function leads.follow_refund is 'Books a refund that the provider has made, whatever is spent by then.';

create function leads.apply_payment(pack_order leads.pack_orders, provider text, event jsonb)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_payment text := event ->> 'payment';
begin
  if pack_order.status in ('completed', 'refunded') then
    return case when v_payment is distinct from pack_order.payment_reference then 'paid_twice' else 'nothing_to_do' end;
  end if;
  if not leads.is_whole_price(pack_order, event) then return 'other_amount'; end if;
  perform leads.settle_order(pack_order.id, provider, event ->> 'reference', v_payment);
  perform leads.follow_refund(pack_order.id, e.reference) from leads.payment_events e
    where e.order_id = pack_order.id and e.outcome = 'waiting' and e.payment_reference is not distinct from v_payment;
  return 'done';
end;
$$;

-- Where a second payment was sent back, the order keeps the first.
create function leads.apply_refund(pack_order leads.pack_orders, event jsonb)
returns text
language plpgsql
set search_path = ''
as $$
begin
  if not leads.is_whole_price(pack_order, event) then return 'other_amount'; end if;
  if pack_order.status in ('pending', 'failed') then return 'waiting'; end if;
  if event ->> 'payment' is distinct from pack_order.payment_reference then return 'nothing_to_do'; end if;
  if pack_order.status = 'completed' then return leads.follow_refund(pack_order.id, event ->> 'reference'); end if;
  perform leads.keep_refund(pack_order.id, event ->> 'reference');
  return 'nothing_to_do';
end;
$$;

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
comment on function leads.apply_refund is 'What a refund that the provider has made means for a locked order.';

-- Told to every admin: money that the books cannot follow by themselves.
create function leads.report_payment(told leads.payment_events)
returns void
language sql
set search_path = ''
as $$
  select platform.notify(m.user_id, 'leads', 'warning', 'Paiement à vérifier', format('%s : %s.',
    coalesce('Commande ' || o.reference, 'Paiement ' || told.payment_reference, 'Contestation ' || told.reference, 'Paiement inconnu'), case
    when told.outcome = 'other_amount' then 'le montant reçu ou rendu n''est pas le prix du pack'
    when told.outcome = 'paid_twice' then 'elle a été payée une seconde fois, ce qui est à rembourser'
    when told.outcome = 'credits_lost' then format('elle a été remboursée, et %s de ses crédits, déjà dépensés, n''ont pas pu être repris', o.credits_lost)
    when told.meaning = 'disputed' then 'paiement contesté auprès de la banque, répondez chez le prestataire'
    when told.meaning = 'dispute_won' then 'contestation close, l''argent reste acquis'
    else 'contestation perdue, l''argent est repris ; ni les crédits ni les comptes n''ont changé' end))
  from platform.memberships m left join leads.pack_orders o on o.id = told.order_id
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
    when event ->> 'meaning' in ('disputed', 'dispute_won', 'dispute_lost') then 'reported'
    when v_order.id is null then 'unknown_order'
    when event ->> 'meaning' = 'paid' then leads.apply_payment(v_order, provider, event)
    when event ->> 'meaning' = 'refunded' then leads.apply_refund(v_order, event)
    else leads.apply_failure(v_order, provider, event) end;
  update leads.payment_events e set order_id = v_order.id, outcome = v_outcome
  where e.provider = take_payment_event.provider and e.id = event ->> 'id' returning e.* into v_event;
  if v_outcome in ('other_amount', 'paid_twice', 'credits_lost', 'reported') then perform leads.report_payment(v_event); end if;
  return v_outcome;
end;
$$;
comment on function leads.take_payment_event is
  'Looks at an event of a provider, once: {id, meaning, order, reference, payment, amountCents, currency, occurredAt}; what came of it.';

-- What a payment provider tells by its webhook. It may come twice, late, or in another order than it happened: every event
-- is kept by its id and looked at once, and what it means is held against what the order is by then.
create table leads.payment_events (
  provider text not null check (provider in ('manual', 'stripe')),
  id text not null,
  meaning text not null check (meaning in ('paid', 'failed', 'expired', 'refunded')),
  order_id uuid references leads.pack_orders (id),
  payment_reference text,
  amount_cents bigint,
  outcome text not null check (outcome in ('done', 'nothing_to_do', 'waiting', 'unknown_order', 'other_amount', 'paid_twice', 'credits_spent')),
  occurred_at timestamptz not null,
  received_at timestamptz not null default now(),
  primary key (provider, id)
);
alter table leads.payment_events enable row level security;
create index payment_events_order on leads.payment_events (order_id) where order_id is not null;
comment on table leads.payment_events is 'Events of payment providers, by their own ids, and what came of each.';
comment on column leads.payment_events.outcome is 'waiting: a refund that was told of before its payment.';
create policy select_admin on leads.payment_events for select to authenticated using ((select platform.has_role('leads', 'admin')));
grant select on leads.payment_events to authenticated, service_role;

create function leads.apply_payment(pack_order leads.pack_orders, provider text, event jsonb)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_payment text := event ->> 'payment';
begin
  if pack_order.status in ('completed', 'refunded') then
    return case when v_payment <> pack_order.payment_reference then 'paid_twice' else 'nothing_to_do' end;
  end if;
  if (event ->> 'amountCents')::bigint <> pack_order.price_cents or lower(event ->> 'currency') <> 'eur' then return 'other_amount'; end if;
  perform leads.settle_order(pack_order.id, provider, event ->> 'reference', v_payment);
  if exists (select from leads.payment_events e where e.order_id = pack_order.id and e.outcome = 'waiting' and e.amount_cents = pack_order.price_cents) then
    perform leads.refund_order(pack_order.id);
  end if;
  return 'done';
end;
$$;

create function leads.apply_refund(pack_order leads.pack_orders, event jsonb)
returns text
language plpgsql
set search_path = ''
as $$
begin
  if pack_order.status in ('pending', 'failed') then return 'waiting'; end if;
  if (event ->> 'amountCents')::bigint <> pack_order.price_cents then return 'other_amount'; end if;
  if pack_order.status = 'completed' then
    begin
      perform leads.refund_order(pack_order.id);
    exception when sqlstate 'PT409' then
      return 'credits_spent';
    end;
  end if;
  update leads.pack_orders o set refund_reference = coalesce(o.refund_reference, event ->> 'reference') where o.id = pack_order.id;
  return case pack_order.status when 'completed' then 'done' else 'nothing_to_do' end;
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
create function leads.report_payment(pack_order leads.pack_orders, outcome text)
returns void
language sql
set search_path = ''
as $$
  select platform.notify(m.user_id, 'leads', 'warning', 'Paiement à vérifier', format('Commande %s : %s.', pack_order.reference, case outcome
    when 'other_amount' then 'le montant reçu ou rendu n''est pas le prix du pack'
    when 'paid_twice' then 'elle a été payée une seconde fois, ce qui est à rembourser'
    else 'elle a été remboursée alors que ses crédits sont dépensés' end))
  from platform.memberships m where m.system = 'leads' and m.role = 'admin' and m.status = 'active';
$$;
comment on function leads.report_payment is 'Tells the admins of a payment that a person has to look at.';

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
begin
  if pg_input_is_valid(event ->> 'order', 'uuid') then v_key := event ->> 'order'; end if;
  -- Also where an event comes twice at once: the second one waits here for the first.
  insert into leads.payment_events (provider, id, meaning, payment_reference, amount_cents, outcome, occurred_at)
  values (take_payment_event.provider, event ->> 'id', event ->> 'meaning', event ->> 'payment', (event ->> 'amountCents')::bigint, 'unknown_order',
    to_timestamp((event ->> 'occurredAt')::bigint))
  on conflict do nothing;
  if not found then
    return (select e.outcome from leads.payment_events e where e.provider = take_payment_event.provider and e.id = event ->> 'id');
  end if;
  select o.* into v_order from leads.pack_orders o
  where o.id = v_key or (o.provider = take_payment_event.provider and o.payment_reference = event ->> 'payment')
  for no key update;
  if not found then return 'unknown_order'; end if;
  v_outcome := case event ->> 'meaning'
    when 'paid' then leads.apply_payment(v_order, provider, event)
    when 'refunded' then leads.apply_refund(v_order, event)
    else leads.apply_failure(v_order, provider, event) end;
  if v_outcome in ('other_amount', 'paid_twice', 'credits_spent') then perform leads.report_payment(v_order, v_outcome); end if;
  update leads.payment_events e set order_id = v_order.id, outcome = v_outcome
  where e.provider = take_payment_event.provider and e.id = event ->> 'id';
  return v_outcome;
end;
$$;
comment on function leads.take_payment_event is
  'Looks at an event of a provider, once: {id, meaning, order, reference, payment, amountCents, currency, occurredAt}; what came of it.';

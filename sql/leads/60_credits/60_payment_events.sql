-- Webhook events of a payment provider. They may arrive twice, late or out of order: each event is stored by its id,
-- processed once, and applied to the order's current state. No event may raise an error because of its content: the
-- provider would repeat it forever and no admin would be notified.
create table leads.payment_events (
  provider text not null check (provider in ('manual', 'stripe')),
  id text not null,
  meaning text not null check (meaning in ('paid', 'failed', 'expired', 'refunded', 'refund_made', 'refund_failed',
    'disputed', 'dispute_won', 'dispute_lost')),
  order_id uuid references leads.pack_orders (id),
  payment_reference text,
  reference text,
  amount_cents bigint,
  currency text,
  cause text,
  outcome text not null check (outcome in ('done', 'nothing_to_do', 'waiting', 'unknown_order', 'other_amount',
    'paid_twice', 'credits_lost', 'reported', 'refused', 'reversed')),
  occurred_at timestamptz not null,
  received_at timestamptz not null default now(),
  primary key (provider, id)
);
alter table leads.payment_events enable row level security;
create index payment_events_order on leads.payment_events (order_id) where order_id is not null;
create index payment_events_unmatched on leads.payment_events (payment_reference) where order_id is null;
create index payment_events_received on leads.payment_events (received_at);
-- Events that may be processed again are kept: they wait for their payment, or their order is unknown so far. A provider
-- repeats an event for days, and a dispute may come after months.
select platform.retain('leads.payment_events', 'received_at', '400 days', $$order_id is not null and outcome <> 'waiting'$$);
comment on table leads.payment_events is
  'Events of payment providers by the provider''s ids, with the outcome of each.';
comment on column leads.payment_events.reference is
  'The provider''s id of the event''s object: the session, the refund or the dispute.';
comment on column leads.payment_events.cause is 'The provider''s reason for a failed refund.';
comment on column leads.payment_events.outcome is
  'waiting, unknown_order: processed again when the payment is reported; credits_lost: refunded although some '
  'credits were spent; refused, reversed: the refund''s new status; reported: the admins were notified.';
create policy select_admin on leads.payment_events for select to authenticated
  using ((select platform.has_role('leads', 'admin')));
grant select on leads.payment_events to authenticated, service_role;

-- Every admin is notified of money that the ledger cannot follow automatically, or that did not arrive where it was
-- sent.
create function leads.report_payment(told leads.payment_events)
returns void
language sql
set search_path = ''
as $$
  select platform.notify(m.user_id, 'leads', 'warning', 'Paiement à vérifier', format('%s : %s.',
    coalesce('Commande ' || o.reference, 'Paiement ' || told.payment_reference, 'Contestation ' || told.reference,
      'Paiement inconnu'), case
    when told.outcome = 'other_amount' and told.meaning = 'refund_made' then format(
      'un remboursement de %s € est parti, alors que l''argent de la commande était déjà rendu ou repris ; rien n''a changé ici, voyez chez le prestataire',
      platform.amount_text(told.amount_cents))
    when told.outcome = 'other_amount' then 'le montant reçu, rendu ou repris n''est pas celui que la commande attend'
    when told.outcome = 'paid_twice' then 'elle a été payée une seconde fois, ce qui est à rembourser'
    when told.outcome = 'credits_lost' then format(
      'elle a été remboursée, et %s de ses crédits, déjà dépensés, n''ont pas pu être repris', o.credits_lost)
    when told.outcome = 'refused' then format(
      'un remboursement de %s € a échoué chez le prestataire, rien n''a changé ici',
      platform.amount_text(told.amount_cents))
    when told.outcome = 'reversed' then format(
      'un remboursement de %s € est revenu au prestataire ; les crédits sont rendus, l''avoir est annulé',
      platform.amount_text(told.amount_cents))
    when told.meaning = 'disputed' then 'paiement contesté auprès de la banque, répondez chez le prestataire'
    when told.meaning = 'dispute_won' then 'contestation close, l''argent reste acquis'
    when d.id is null then 'contestation perdue, l''argent est repris ; ni les crédits ni les comptes n''ont changé'
    else format('contestation perdue, l''argent est repris ; %s crédits ont été retirés, %s manquaient',
      d.credits + d.bonus - d.credits_lost - d.bonus_lost, d.credits_lost + d.bonus_lost) end))
  from platform.memberships m left join leads.pack_orders o on o.id = told.order_id
  left join leads.refunds d on d.order_id = o.id and d.kind = 'dispute' and d.provider_reference = told.reference
  where m.system = 'leads' and m.role = 'admin' and m.status = 'active';
$$;
comment on function leads.report_payment is 'Notifies the admins of an event that a person has to check.';

create function leads.close_event(told leads.payment_events, order_id uuid, outcome text)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_event leads.payment_events;
begin
  update leads.payment_events e set order_id = close_event.order_id, outcome = close_event.outcome
  where e.provider = told.provider and e.id = told.id returning e.* into v_event;
  if v_event.outcome in ('other_amount', 'paid_twice', 'credits_lost', 'reported', 'refused', 'reversed') then
    perform leads.report_payment(v_event);
  end if;
  return v_event.outcome;
end;
$$;
comment on function leads.close_event is
  'Stores the outcome of an event, and notifies the admins if they have to act.';

create function leads.apply_event(pack_order leads.pack_orders, provider text, event jsonb)
returns text
language plpgsql
set search_path = ''
as $$
begin
  return case
    when event ->> 'meaning' = 'dispute_lost' and pack_order.id is not null then leads.apply_dispute(pack_order, event)
    -- A dispute does not name its order and may be reported before the payment: the admins are notified in any case.
    when event ->> 'meaning' in ('disputed', 'dispute_won', 'dispute_lost') then 'reported'
    when pack_order.id is null then 'unknown_order'
    when event ->> 'meaning' = 'paid' then leads.apply_payment(pack_order, provider, event)
    when event ->> 'meaning' = 'refunded' then leads.apply_refund(pack_order, event)
    when event ->> 'meaning' in ('refund_made', 'refund_failed') then leads.apply_refund_news(pack_order, event)
    else leads.apply_failure(pack_order, provider, event) end;
end;
$$;
comment on function leads.apply_event is 'Applies an event to a locked order, or to none; returns the outcome.';

create function leads.take_payment_event(provider text, event jsonb)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_key uuid;
  v_order leads.pack_orders;
  v_event leads.payment_events;
begin
  if pg_input_is_valid(event ->> 'order', 'uuid') then v_key := event ->> 'order'; end if;
  -- Events of one payment are processed one at a time: an event that names only the payment then either finds its
  -- order or is found when the order is paid.
  perform pg_advisory_xact_lock(hashtextextended('leads.take_payment_event ' || provider || ' '
    || (event ->> 'payment'), 0));
  -- The insert also handles an event delivered twice at the same time: the second delivery waits here for the first.
  insert into leads.payment_events (provider, id, meaning, payment_reference, reference, amount_cents, currency, cause,
    outcome, occurred_at)
  values (take_payment_event.provider, event ->> 'id', event ->> 'meaning', event ->> 'payment', event ->> 'reference',
    (event ->> 'amountCents')::bigint, event ->> 'currency', left(event ->> 'cause', 100), 'unknown_order',
    to_timestamp((event ->> 'occurredAt')::bigint))
  on conflict do nothing returning * into v_event;
  if not found then
    return (select e.outcome from leads.payment_events e
      where e.provider = take_payment_event.provider and e.id = event ->> 'id');
  end if;
  select o.* into v_order from leads.pack_orders o
  where o.id = v_key or (o.provider = take_payment_event.provider and o.payment_reference = event ->> 'payment')
  for no key update;
  return leads.close_event(v_event, v_order.id, leads.apply_event(v_order, provider, event));
end;
$$;
comment on function leads.take_payment_event is
  'Processes an event of a provider, once: {id, meaning, order, refund, reference, payment, amountCents, currency, '
  'occurredAt, cause}; returns the outcome.';

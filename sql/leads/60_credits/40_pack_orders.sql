-- A buyer's order of a pack, from the click to the payment. It keeps a copy of the pack as it was offered. Only the
-- payment provider decides whether an order is paid, never the buyer: every step after opening the order requires the
-- functions' service key.
create sequence leads.order_numbers;
create table leads.pack_orders (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default platform.short_reference('CMD', nextval('leads.order_numbers')),
  buyer_id uuid not null references platform.profiles (id),
  pack_id uuid not null references leads.credit_packs (id),
  pack_reference text not null,
  pack_version integer not null,
  pack_name text not null,
  credits integer not null check (credits > 0),
  bonus integer not null check (bonus >= 0),
  credits_lost integer not null default 0 check (credits_lost >= 0),
  price_cents bigint not null check (price_cents >= 0),
  status text not null default 'pending' check (status in ('pending', 'completed', 'failed', 'refunded')),
  provider text check (provider in ('manual', 'stripe')),
  provider_reference text,
  payment_reference text,
  refund_reference text,
  checkout_url text,
  payment_id uuid unique references leads.payments (id),
  transaction_id uuid unique references leads.transactions (id),
  answer jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  settled_at timestamptz,
  unique (provider, provider_reference),
  unique (provider, payment_reference),
  check (status = 'pending' or provider is not null),
  check ((settled_at is not null) = (status in ('completed', 'refunded')))
);
alter table leads.pack_orders enable row level security;
create index pack_orders_buyer on leads.pack_orders (buyer_id, id desc);
create index pack_orders_pack on leads.pack_orders (pack_id);
create trigger touch before update on leads.pack_orders for each row execute function platform.touch();
comment on table leads.pack_orders is 'Orders of credit packs, each with a copy of the pack as it was offered.';
comment on column leads.pack_orders.credits_lost is
  'The number of credits that were already spent, and so could not be taken back, when the order was refunded.';
comment on column leads.pack_orders.provider is 'The payment provider; null until the provider has been asked.';
comment on column leads.pack_orders.provider_reference is 'The order''s id at the provider: the Checkout session.';
comment on column leads.pack_orders.payment_reference is 'The payment''s id at the provider: the payment intent.';
comment on column leads.pack_orders.refund_reference is
  'The last accepted refund''s id at the provider; null if there is none.';
comment on column leads.pack_orders.answer is
  'The first answer to the buyer; a repeated request with the same idempotency key gets it again.';
create policy select_own_or_admin on leads.pack_orders for select to authenticated
  using (buyer_id = (select auth.uid()) or (select platform.has_role('leads', 'admin')));
grant select on leads.pack_orders to authenticated, service_role;
select platform.audit('leads.pack_orders');

-- Provider events may come twice, late or out of order, so the database limits the status changes: an order that was
-- paid can only become refunded, and only the reversal of that refund makes it completed again.
create function leads.guard_order()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if (old.status, new.status) not in (('pending', 'completed'), ('pending', 'failed'), ('failed', 'completed'),
    ('completed', 'refunded'),
      ('refunded', 'completed'))
    and old.status <> new.status
    or (old.buyer_id, old.pack_id, old.pack_reference, old.pack_version, old.pack_name, old.credits, old.bonus,
      old.price_cents)
      <> (new.buyer_id, new.pack_id, new.pack_reference, new.pack_version, new.pack_name, new.credits, new.bonus,
        new.price_cents) then
    perform platform.fail(409, 'order_is_final', 'Cette commande ne se modifie plus.');
  end if;
  return new;
end;
$$;
comment on function leads.guard_order is
  'Trigger: limits the status changes of an order and keeps its buyer, pack and price unchanged.';
create trigger guard before update on leads.pack_orders for each row execute function leads.guard_order();

create function leads.open_order(pack text, key text)
returns leads.pack_orders
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_known jsonb;
  v_order leads.pack_orders;
begin
  perform platform.require_role('leads', 'acheteur');
  if leads.seller_problems(leads.work_rule('seller'), leads.work_rule('vat_percent')) <> '[]' then
    perform platform.fail(503, 'seller_incomplete',
      'L''achat de crédits n''est pas encore ouvert : l''identité du vendeur est incomplète. Réessayez plus tard.');
  end if;
  v_known := platform.claim_idempotency_key('billing.purchase_pack', key, jsonb_build_object('packId', pack));
  if v_known is not null then
    select o.* into strict v_order from leads.pack_orders o where o.id = (v_known ->> 'order')::uuid;
    return v_order;
  end if;
  insert into leads.pack_orders (buyer_id, pack_id, pack_reference, pack_version, pack_name, credits,
    bonus, price_cents)
  select auth.uid(), p.id, p.reference, p.version, o.name, o.credits, o.bonus, o.price_cents
  from leads.credit_offers o join leads.credit_packs p using (reference) where o.reference = pack
  returning * into v_order;
  if v_order.id is null then perform platform.fail(404, 'pack_not_found', 'Ce pack n''est pas en vente.'); end if;
  perform platform.keep_answer('billing.purchase_pack', key, jsonb_build_object('order', v_order.id));
  return v_order;
end;
$$;
comment on function leads.open_order is
  'Opens an order of the pack as offered now; with an idempotency key already used, returns the order of that key.';
-- A refusal rolls back its transaction, so the caller reports it to the admins in a call of its own. Each admin gets
-- one notification at a time, until it is read.
create function leads.report_incomplete_seller()
returns void
language sql
security definer
set search_path = ''
as $$
  select platform.notify(m.user_id, 'leads', 'warning', 'Vente impossible',
    format('Un acheteur n''a pas pu acheter de crédits : complétez l''identité du vendeur (%s).',
    (select string_agg(p ->> 'field', ', ')
      from jsonb_array_elements(leads.seller_problems(leads.work_rule('seller'), leads.work_rule('vat_percent'))) p)))
  from platform.memberships m
  where m.system = 'leads' and m.role = 'admin' and m.status = 'active' and not exists (
    select from platform.notifications n where n.user_id = m.user_id and n.title = 'Vente impossible' and not n.read);
$$;
comment on function leads.report_incomplete_seller is
  'Notifies the admins that nothing can be sold until the seller''s identity is complete.';
grant execute on function leads.report_incomplete_seller to service_role;

create function leads.order_title(pack_order leads.pack_orders)
returns text
language sql
immutable
set search_path = ''
as $$
  select format('Pack %s — %s crédits', pack_order.pack_name, pack_order.credits)
    || case when pack_order.bonus > 0 then format(' + %s offerts', pack_order.bonus) else '' end;
$$;
comment on function leads.order_title is 'The title of an order: Pack Pro — 50 crédits + 5 offerts.';
grant execute on function leads.open_order, leads.order_title to authenticated, service_role;

-- An order has one row among the payments and one among the transactions. They are created when the provider is asked
-- and updated with the order.
create function leads.list_order(pack_order leads.pack_orders)
returns leads.pack_orders
language plpgsql
set search_path = ''
as $$
declare
  v_order leads.pack_orders := pack_order;
  v_failed text := case when pack_order.status = 'failed' then ' — paiement refusé' else '' end;
begin
  if v_order.payment_id is null then
    insert into leads.payments (buyer_id, type, amount_cents, status, description)
    values (v_order.buyer_id, 'credit_purchase', v_order.price_cents, v_order.status,
      'Achat ' || leads.order_title(v_order) || v_failed)
    returning id into v_order.payment_id;
    v_order.transaction_id := leads.record_transaction('credit_purchase', v_order.buyer_id, 'acheteur',
      v_order.price_cents, v_order.credits,
      'Achat Pack ' || v_order.pack_name || v_failed,
      case v_order.provider when 'stripe' then 'Carte bancaire' else 'Virement bancaire' end, v_order.status);
  else
    -- The date stays the day of the payment; refunds, partial refunds and reversals do not change it.
    update leads.payments p set status = v_order.status,
      description = 'Achat ' || leads.order_title(v_order) || v_failed,
      date = case when p.status in ('completed', 'refunded') then p.date else platform.paris_today() end
    where p.id = v_order.payment_id;
    update leads.transactions t set status = v_order.status,
      description = 'Achat Pack ' || v_order.pack_name || v_failed,
      date = case when t.status in ('completed', 'refunded') then t.date else platform.paris_today() end
    where t.id = v_order.transaction_id;
  end if;
  update leads.pack_orders o set payment_id = v_order.payment_id, transaction_id = v_order.transaction_id
  where o.id = v_order.id
  returning o.* into v_order;
  return v_order;
end;
$$;
comment on function leads.list_order is 'Creates or updates the payment and the transaction of an order.';

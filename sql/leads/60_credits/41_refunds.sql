-- Refunds of an order, full or partial. An admin's refund is first stored as requested; its id is the idempotency key
-- at the provider, so repeated requests send the money once. The provider's answer, or its webhook, makes the refund
-- accepted or refused; nothing is booked and the buyer is not notified before that. An accepted refund whose money
-- comes back is reversed.
create sequence leads.refund_numbers;
create table leads.refunds (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default platform.short_reference('RMB', nextval('leads.refund_numbers')),
  order_id uuid not null references leads.pack_orders (id),
  kind text not null check (kind in ('asked', 'made', 'dispute')),
  status text not null default 'requested' check (status in ('requested', 'accepted', 'refused', 'reversed')),
  amount_cents bigint not null check (amount_cents >= 0),
  credits integer not null default 0 check (credits >= 0),
  bonus integer not null default 0 check (bonus >= 0),
  credits_lost integer not null default 0,
  bonus_lost integer not null default 0,
  loss_undone integer not null default 0,
  provider_reference text,
  cause text check (length(cause) <= 100),
  failed_at timestamptz,
  transaction_id uuid unique references leads.transactions (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (order_id, provider_reference),
  constraint booked_has_its_transaction check ((transaction_id is not null) = (status in ('accepted', 'reversed'))),
  constraint lost_is_of_what_was_taken check (credits_lost between 0 and credits and bonus_lost between 0 and bonus),
  constraint undone_is_of_what_was_lost check (loss_undone between 0 and credits_lost + bonus_lost),
  constraint only_what_is_asked_waits check (kind = 'asked' or status <> 'requested'),
  constraint dispute_is_lost_for_good check (kind <> 'dispute' or status <> 'reversed')
);
alter table leads.refunds enable row level security;
-- Two admins who request a refund at the same time get the same refund: an order has at most one requested refund.
create unique index refunds_requested on leads.refunds (order_id) where status = 'requested';
create trigger touch before update on leads.refunds for each row execute function platform.touch();
comment on table leads.refunds is 'Refunds of orders: requested from the provider, or reported by it.';
comment on column leads.refunds.kind is
  'asked: requested by an admin; made: made on the provider''s own pages; dispute: taken back by the buyer''s bank.';
comment on column leads.refunds.credits is
  'The part of the order''s paid credits that is refunded, 0 until the refund is accepted; bonus likewise.';
comment on column leads.refunds.credits_lost is
  'The number of these credits that were already spent and could not be taken back; bonus_lost likewise.';
comment on column leads.refunds.loss_undone is
  'The number of lost credits that were debited from the buyer when the refund was reversed.';
comment on column leads.refunds.cause is
  'The provider''s reason for refusing or reversing the refund; dispute_lost, charge_already_refunded: the money had '
  'already gone back another way; beyond_price: the provider refunded more than the order had left.';
comment on column leads.refunds.failed_at is 'The time at the provider when the refund failed.';
create policy select_own_or_admin on leads.refunds for select to authenticated using (
  (select platform.has_role('leads', 'admin')) or order_id in (select o.id from leads.pack_orders o
    where o.buyer_id = (select auth.uid())));
grant select on leads.refunds to authenticated, service_role;
select platform.audit('leads.refunds');

-- A refused refund may still become accepted: if the provider reports that the money was sent, the provider is right.
create function leads.guard_refund()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if old.status <> new.status
      and (old.status, new.status) not in (('requested', 'accepted'), ('requested', 'refused'),
        ('refused', 'accepted'), ('accepted', 'reversed'))
    or (old.order_id, old.kind, old.amount_cents) <> (new.order_id, new.kind, new.amount_cents)
    or old.transaction_id is not null
    and (old.credits, old.bonus, old.credits_lost, old.bonus_lost, old.transaction_id)
      <> (new.credits, new.bonus, new.credits_lost, new.bonus_lost, new.transaction_id) then
    perform platform.fail(409, 'refund_is_final', 'Ce remboursement ne se modifie plus.');
  end if;
  return new;
end;
$$;
comment on function leads.guard_refund is
  'Trigger: limits the status changes of a refund and keeps its order, kind and amount, and what it booked, '
  'unchanged.';
create trigger guard before update on leads.refunds for each row execute function leads.guard_refund();

-- Shares of partial refunds are cumulative and rounded down: each refund takes the share of all refunds so far, minus
-- what was taken before. The last one takes the rest, however the amount was divided.
create function leads.share_of(whole bigint, part_cents bigint, price_cents bigint)
returns bigint
language sql
immutable
set search_path = ''
as $$ select case when part_cents >= price_cents then whole else whole * part_cents / price_cents end; $$;
comment on function leads.share_of is 'The part of a whole that corresponds to a part of the price, rounded down.';

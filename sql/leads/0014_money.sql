-- What the pages about money read: movements of the platform, payments of a buyer, transfers to a supplier,
-- packs and pricing rules. Amounts are integer cents.
create sequence leads.transaction_numbers;
create table leads.transactions (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default platform.short_reference('TRX', nextval('leads.transaction_numbers')),
  type text not null check (type in ('credit_purchase', 'lead_purchase', 'refund', 'bonus', 'fournisseur_payment')),
  user_id uuid references platform.profiles (id) on delete set null,
  user_name text not null,
  user_role text not null,
  company text,
  amount_cents bigint not null,
  credits integer,
  date date not null default leads.today(),
  status text not null check (status in ('completed', 'pending', 'failed', 'refunded')),
  description text not null,
  payment_method text,
  created_at timestamptz not null default now()
);
alter table leads.transactions enable row level security;
create index transactions_user on leads.transactions (user_id) where user_id is not null;
comment on table leads.transactions is 'Every movement of money or credits, with the names of the day it happened.';
create policy select_admin on leads.transactions for select to authenticated using ((select platform.has_role('leads', 'admin')));

create sequence leads.payment_numbers;
create table leads.payments (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default platform.short_reference('pay', nextval('leads.payment_numbers')),
  buyer_id uuid not null references platform.profiles (id),
  type text not null check (type in ('credit_purchase', 'lead_payment')),
  amount_cents bigint not null,
  status text not null check (status in ('completed', 'pending', 'failed', 'refunded')),
  date date not null default leads.today(),
  description text not null,
  created_at timestamptz not null default now()
);
alter table leads.payments enable row level security;
create index payments_buyer on leads.payments (buyer_id, id desc);
comment on table leads.payments is 'The payments of a buyer, as he sees them.';
create policy select_own_or_admin on leads.payments for select to authenticated
  using (buyer_id = (select auth.uid()) or (select platform.has_role('leads', 'admin')));

create sequence leads.payout_numbers;
create table leads.payouts (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default platform.short_reference('VIR', nextval('leads.payout_numbers')),
  transfer_reference text not null unique,
  supplier_id uuid not null references leads.suppliers (id),
  amount_cents bigint not null check (amount_cents >= 0),
  date date not null default leads.today(),
  status text not null check (status in ('completed', 'pending', 'failed')),
  leads_count integer not null check (leads_count >= 0),
  period text not null,
  iban_mask text not null,
  created_at timestamptz not null default now()
);
alter table leads.payouts enable row level security;
create index payouts_supplier on leads.payouts (supplier_id, id desc);
comment on table leads.payouts is 'Transfers to suppliers (virements).';
comment on column leads.payouts.transfer_reference is 'The reference on the bank statement, VP-2026-02-001.';
create policy select_own_or_admin on leads.payouts for select to authenticated
  using (supplier_id = (select leads.my_supplier_id()) or (select platform.has_role('leads', 'admin')));
select platform.audit('leads.payouts');

create sequence leads.pack_numbers;
create table leads.credit_packs (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default 'pack-' || nextval('leads.pack_numbers'),
  name text not null,
  credits integer not null check (credits > 0),
  price_cents bigint not null check (price_cents >= 0),
  price_per_credit_cents numeric not null,
  bonus integer not null default 0 check (bonus >= 0),
  popular boolean not null default false,
  active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table leads.credit_packs enable row level security;
create trigger touch before update on leads.credit_packs for each row execute function platform.touch();
comment on table leads.credit_packs is 'Packs of credits as the admin configures them.';
create policy select_admin on leads.credit_packs for select to authenticated using ((select platform.has_role('leads', 'admin')));
select platform.audit('leads.credit_packs');

-- What buyers are offered is published from the configuration, and stands until a change publishes the next.
create table leads.credit_offers (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique,
  name text not null,
  credits integer not null check (credits > 0),
  price_cents bigint not null check (price_cents >= 0),
  bonus integer not null default 0 check (bonus >= 0),
  popular boolean not null default false
);
alter table leads.credit_offers enable row level security;
comment on table leads.credit_offers is 'The packs that buyers may buy now.';
create policy select_buyer_or_admin on leads.credit_offers for select to authenticated
  using ((select platform.has_role('leads', 'acheteur')) or (select platform.has_role('leads', 'admin')));

create function leads.publish_offer()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' or not new.active then
    delete from leads.credit_offers where reference = coalesce(new.reference, old.reference);
    return null;
  end if;
  insert into leads.credit_offers (id, reference, name, credits, price_cents, bonus, popular)
  values (new.id, new.reference, new.name, new.credits, new.price_cents, new.bonus, new.popular)
  on conflict (reference) do update set name = excluded.name, credits = excluded.credits,
    price_cents = excluded.price_cents, bonus = excluded.bonus, popular = excluded.popular;
  return null;
end;
$$;
create trigger publish_offer after insert or update or delete on leads.credit_packs
  for each row execute function leads.publish_offer();

create sequence leads.rule_numbers;
create table leads.credit_rules (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default 'rule-' || nextval('leads.rule_numbers'),
  name text not null,
  description text not null,
  value numeric not null,
  unit text not null,
  active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table leads.credit_rules enable row level security;
create trigger touch before update on leads.credit_rules for each row execute function platform.touch();
comment on table leads.credit_rules is 'Prices and conditions in force.';
create policy select_admin on leads.credit_rules for select to authenticated using ((select platform.has_role('leads', 'admin')));
select platform.audit('leads.credit_rules');

grant select on leads.transactions, leads.payments, leads.payouts, leads.credit_packs, leads.credit_offers, leads.credit_rules
  to authenticated, service_role;

-- The rows behind the pages about money: the platform's list of transactions and a buyer's list of payments. The
-- accounting itself is the platform's ledger. Amounts are integer cents.
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
  date date not null default platform.paris_today(),
  status text not null check (status in ('completed', 'pending', 'failed', 'refunded')),
  description text not null,
  payment_method text,
  created_at timestamptz not null default now()
);
alter table leads.transactions enable row level security;
create index transactions_user on leads.transactions (user_id) where user_id is not null;
comment on table leads.transactions is
  'The list of all movements of money or credits; user name and company are kept as they were on that day.';
create policy select_admin on leads.transactions for select to authenticated
  using ((select platform.has_role('leads', 'admin')));

create sequence leads.payment_numbers;
create table leads.payments (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default platform.short_reference('pay', nextval('leads.payment_numbers')),
  buyer_id uuid not null references platform.profiles (id),
  type text not null check (type in ('credit_purchase', 'lead_payment')),
  lead_id uuid references leads.leads (id),
  amount_cents bigint not null,
  status text not null check (status in ('completed', 'pending', 'failed', 'refunded')),
  date date not null default platform.paris_today(),
  description text not null,
  created_at timestamptz not null default now()
);
alter table leads.payments enable row level security;
create index payments_buyer on leads.payments (buyer_id, id desc);
create unique index payments_lead on leads.payments (lead_id, buyer_id) where lead_id is not null;
comment on table leads.payments is 'The payments of a buyer, as shown to the buyer.';
create policy select_own_or_admin on leads.payments for select to authenticated
  using (buyer_id = (select auth.uid()) or (select platform.has_role('leads', 'admin')));

grant select on leads.transactions, leads.payments to authenticated, service_role;

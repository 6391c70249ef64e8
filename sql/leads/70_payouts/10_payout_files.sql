-- Files for the bank. A payout is in one file at most, and is sent again only with that whole file.
create table leads.payout_exports (
  id uuid primary key default platform.uuid_v7(),
  message_id text not null unique check (message_id ~ '^[A-Za-z0-9-]{1,35}$'),
  debtor jsonb not null,
  execution_date date not null,
  created_at timestamptz not null,
  payouts integer not null check (payouts > 0),
  total_cents bigint not null check (total_cents > 0)
);
alter table leads.payout_exports enable row level security;
comment on table leads.payout_exports is 'SEPA files (pain.001) of payouts, as handed to the bank.';
comment on column leads.payout_exports.debtor is 'The platform''s bank account at that time: {name, iban, bic}.';
create policy select_admin on leads.payout_exports for select to authenticated
  using ((select platform.has_role('leads', 'admin')));
grant select on leads.payout_exports to authenticated, service_role;

-- Earnings of suppliers and the bank transfers that pay them. The accounting itself is the platform's ledger. Amounts
-- are integer cents.
create sequence leads.payout_numbers;
create table leads.payouts (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default platform.short_reference('VIR', nextval('leads.payout_numbers')),
  transfer_reference text not null unique,
  supplier_id uuid not null references leads.suppliers (id),
  amount_cents bigint not null check (amount_cents >= 0),
  date date not null default platform.paris_today(),
  status text not null check (status in ('completed', 'pending', 'failed')),
  leads_count integer not null check (leads_count >= 0),
  period text not null,
  iban_mask text not null,
  transfer_id uuid references platform.ledger_transfers (id),
  transaction_id uuid unique references leads.transactions (id),
  export_id uuid references leads.payout_exports (id),
  settled_at timestamptz,
  failure_reason text check (length(failure_reason) <= 500),
  created_at timestamptz not null default now()
);
alter table leads.payouts enable row level security;
create index payouts_supplier on leads.payouts (supplier_id, id desc);
comment on table leads.payouts is 'Bank transfers to suppliers (virements).';
create index payouts_transfer on leads.payouts (transfer_id) where transfer_id is not null;
comment on column leads.payouts.transfer_id is 'The ledger transfer; null for a payout older than the ledger.';
comment on column leads.payouts.transaction_id is 'The payout''s row in the admin''s list of transactions.';
create index payouts_export on leads.payouts (export_id) where export_id is not null;
comment on column leads.payouts.export_id is 'The file in which the payout was sent to the bank.';
comment on column leads.payouts.settled_at is 'When the bank''s answer was recorded.';
comment on column leads.payouts.failure_reason is 'The bank''s reason for refusing or returning the transfer.';
comment on column leads.payouts.transfer_reference is 'The reference on the bank statement, VP-2026-02-001.';
create policy select_own_or_admin on leads.payouts for select to authenticated
  using (supplier_id = (select leads.my_supplier_id()) or (select platform.has_role('leads', 'admin')));
select platform.audit('leads.payouts');

-- An earning is what a supplier gained or lost by one event. A payout takes the rows that are due, and releases them
-- if the bank refuses or returns it. A lead returned after its sale was paid out is a negative row.
create table leads.earnings (
  id uuid primary key default platform.uuid_v7(),
  supplier_id uuid not null references leads.suppliers (id),
  kind text not null check (kind in ('sale', 'return', 'opening')),
  buyer_id uuid,
  lead_id uuid,
  amount_cents bigint not null,
  payable_from timestamptz not null,
  payout_id uuid references leads.payouts (id),
  created_at timestamptz not null default now(),
  unique (buyer_id, lead_id, kind),
  foreign key (buyer_id, lead_id) references leads.sales (buyer_id, lead_id),
  check ((kind = 'opening') = (lead_id is null)),
  check ((lead_id is null) = (buyer_id is null)),
  check (case kind when 'sale' then amount_cents >= 0 when 'return' then amount_cents <= 0 else true end)
);
alter table leads.earnings enable row level security;
create index earnings_supplier on leads.earnings (supplier_id, payout_id, payable_from);
create index earnings_payout on leads.earnings (payout_id) where payout_id is not null;
create index earnings_lead on leads.earnings (lead_id) where lead_id is not null;
comment on table leads.earnings is
  'The supplier''s share of each sale, and its deduction after a return; these are the lines of a payout.';
comment on column leads.earnings.payable_from is 'The end of the buyer''s return window.';
comment on column leads.earnings.payout_id is 'The payout that pays the row; null while it is unpaid.';
create policy select_own_or_admin on leads.earnings for select to authenticated
  using (supplier_id = (select leads.my_supplier_id()) or (select platform.has_role('leads', 'admin')));

grant select on leads.payouts, leads.earnings to authenticated, service_role;

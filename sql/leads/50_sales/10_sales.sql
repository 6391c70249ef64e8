-- A sale gives a buyer access to a lead. The unique keys enforce the two rules: a buyer never pays twice for the same
-- lead, and a lead is sold to no more buyers than it has places (one if it is exclusive). Rows are never changed.
create table leads.sales (
  lead_id uuid not null references leads.leads (id),
  buyer_id uuid not null references platform.profiles (id),
  supplier_id uuid not null references leads.suppliers (id),
  place smallint not null default 1,
  places smallint not null default 1,
  credits integer not null default 0 check (credits >= 0),
  price_cents integer not null check (price_cents >= 0),
  supplier_share_cents integer not null default 0 check (supplier_share_cents between 0 and price_cents),
  given_credits integer not null default 0,
  given_share_cents integer not null default 0,
  budget_cents integer not null default 0,
  rules jsonb not null default '{}',
  return_until timestamptz not null default now(),
  transfer_id uuid references platform.ledger_transfers (id),
  sold_at timestamptz not null default now(),
  primary key (buyer_id, lead_id),
  unique (lead_id, place),
  check (place between 1 and places),
  check (given_credits between 0 and credits and budget_cents between 0 and given_share_cents)
);
alter table leads.sales enable row level security;
create index sales_supplier on leads.sales (supplier_id);
create index sales_transfer on leads.sales (transfer_id) where transfer_id is not null;
create trigger append_only before update or truncate on leads.sales for each statement
  execute function platform.refuse_change();
comment on table leads.sales is 'One row per lead and buyer: the price paid and the supplier''s share.';
comment on column leads.sales.places is 'The number of buyers that the lead could have when it was sold.';
comment on column leads.sales.supplier_share_cents is
  'The amount credited to the supplier: the supplier''s share by the rules, minus given_share_cents, plus '
  'budget_cents.';
comment on column leads.sales.given_credits is 'The number of bonus credits among the credits paid.';
comment on column leads.sales.given_share_cents is
  'The part of the supplier''s share that corresponds to bonus credits. Bonus credits alone earn the supplier '
  'nothing.';
comment on column leads.sales.budget_cents is 'The part of given_share_cents that the month''s bonus budget paid.';
comment on column leads.sales.rules is 'The pricing rules at the time of the sale: {kind: {value, rule, version}}.';
comment on column leads.sales.return_until is
  'The end of the return window; the supplier''s share becomes payable then.';
comment on column leads.sales.transfer_id is 'The ledger transfer of the sale; null for a sale older than the ledger.';

create policy select_own_or_admin on leads.sales for select to authenticated using (
  buyer_id = (select auth.uid()) or supplier_id = (select leads.my_supplier_id())
    or (select platform.has_role('leads', 'admin'))
);
grant select on leads.sales to anon, authenticated, service_role;
select platform.audit('leads.sales');

-- A buyer may return a lead within the return window and ask for the credits back; an admin decides. Each sale has at
-- most one return request.
create sequence leads.return_numbers;
create table leads.returns (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default platform.short_reference('RET', nextval('leads.return_numbers')),
  buyer_id uuid not null,
  lead_id uuid not null,
  lead_reference text not null,
  lead_name text not null,
  reason text not null check (reason in ('invalid_number', 'duplicate', 'out_of_criteria')),
  comment text check (length(comment) <= 2000),
  status text not null default 'requested' check (status in ('requested', 'accepted', 'refused')),
  requested_at timestamptz not null default now(),
  decided_at timestamptz,
  decided_by uuid,
  decision_note text check (length(decision_note) <= 2000),
  transfer_id uuid references platform.ledger_transfers (id),
  credits_recovered integer not null default 0 check (credits_recovered >= 0),
  unique (buyer_id, lead_id),
  foreign key (buyer_id, lead_id) references leads.sales (buyer_id, lead_id),
  check ((status = 'requested') = (decided_at is null)),
  check ((status = 'accepted') = (transfer_id is not null))
);
alter table leads.returns enable row level security;
create index returns_lead on leads.returns (lead_id);
create index returns_requested on leads.returns (id) where status = 'requested';
create index returns_transfer on leads.returns (transfer_id) where transfer_id is not null;
comment on column leads.returns.credits_recovered is
  'The number of returned credits that were used to repay the buyer''s debt from a refunded pack.';
comment on table leads.returns is 'Return requests of buyers and the decisions on them.';
create policy select_own_or_admin on leads.returns for select to authenticated
  using (buyer_id = (select auth.uid()) or (select platform.has_role('leads', 'admin')));
select platform.audit('leads.returns', '{lead_name,comment,decision_note}');

-- A returned lead no longer belongs to its buyer, but its sale is never deleted: this view holds only the sales still
-- in force.
create view leads.kept_sales with (security_invoker = true) as
select s.buyer_id, s.lead_id from leads.sales s
where not exists (select from leads.returns r where r.buyer_id = s.buyer_id and r.lead_id = s.lead_id
  and r.status = 'accepted');
comment on view leads.kept_sales is 'Sales without those whose return was accepted.';

create table leads.outcomes (
  buyer_id uuid not null,
  lead_id uuid not null,
  outcome text not null check (outcome in ('won', 'lost', 'unreachable')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (buyer_id, lead_id),
  foreign key (buyer_id, lead_id) references leads.sales (buyer_id, lead_id)
);
alter table leads.outcomes enable row level security;
create index outcomes_lead on leads.outcomes (lead_id);
create trigger touch before update on leads.outcomes for each row execute function platform.touch();
comment on table leads.outcomes is
  'The result of a lead for its buyer (won, lost, unreachable); the buyer''s conversion rate is computed from it.';
create policy select_own_or_admin on leads.outcomes for select to authenticated
  using (buyer_id = (select auth.uid()) or (select platform.has_role('leads', 'admin')));
grant select on leads.returns, leads.outcomes to authenticated, service_role;

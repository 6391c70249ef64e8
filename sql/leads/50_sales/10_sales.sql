-- A sale gives a buyer a lead. The keys are the arbiter: the same buyer never pays twice for one lead, and a lead has as
-- many places as it may have buyers, one if it is exclusive. Rows are never changed.
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
comment on table leads.sales is 'Which buyer bought which lead, for how much, and what the supplier earned by it.';
comment on column leads.sales.places is 'How many buyers the lead could have when it was sold.';
comment on column leads.sales.supplier_share_cents is 'What the supplier earned: his share by the rules, less given_share_cents, and budget_cents.';
comment on column leads.sales.given_credits is 'How many of the credits had been given to the buyer.';
comment on column leads.sales.given_share_cents is 'The part of the supplier''s share that given credits stand for; they bring him nothing by themselves.';
comment on column leads.sales.budget_cents is 'What of that part the month''s budget for given credits paid.';
comment on column leads.sales.rules is 'The rules that made the price, as they were: {kind: {value, rule, version}}.';
comment on column leads.sales.return_until is 'Until when the buyer may give the lead back; then the supplier''s share is payable.';
comment on column leads.sales.transfer_id is 'The movement of money; null for a sale of before this ledger.';

create policy select_own_or_admin on leads.sales for select to authenticated using (
  buyer_id = (select auth.uid()) or supplier_id = (select leads.my_supplier_id())
    or (select platform.has_role('leads', 'admin'))
);
grant select on leads.sales to anon, authenticated, service_role;
select platform.audit('leads.sales');

-- A buyer may ask for his credits back within the rule's window; an admin decides. One request per sale.
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
comment on column leads.returns.credits_recovered is 'How many of the credits make good what a refunded pack of the buyer lacked.';
comment on table leads.returns is 'Leads that buyers gave back, and what was decided.';
create policy select_own_or_admin on leads.returns for select to authenticated
  using (buyer_id = (select auth.uid()) or (select platform.has_role('leads', 'admin')));
select platform.audit('leads.returns', '{lead_name,comment,decision_note}');

-- What a buyer has, and not what he had: a sale that was given back stays among the sales.
create view leads.kept_sales with (security_invoker = true) as
select s.buyer_id, s.lead_id from leads.sales s
where not exists (select from leads.returns r where r.buyer_id = s.buyer_id and r.lead_id = s.lead_id
  and r.status = 'accepted');
comment on view leads.kept_sales is 'The sales that were not given back.';

-- What became of a lead at its buyer's.
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
comment on table leads.outcomes is 'What the buyer made of a lead; it feeds his conversion rate.';
create policy select_own_or_admin on leads.outcomes for select to authenticated
  using (buyer_id = (select auth.uid()) or (select platform.has_role('leads', 'admin')));
grant select on leads.returns, leads.outcomes to authenticated, service_role;

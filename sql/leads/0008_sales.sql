-- A sale gives a buyer a lead. The key is the arbiter: the same buyer never pays twice for one lead. Rows are never changed.
create table leads.sales (
  lead_id uuid not null references leads.leads (id),
  buyer_id uuid not null references platform.profiles (id),
  supplier_id uuid not null references leads.suppliers (id),
  price_cents integer not null check (price_cents >= 0),
  supplier_share_cents integer not null default 0 check (supplier_share_cents between 0 and price_cents),
  sold_at timestamptz not null default now(),
  primary key (buyer_id, lead_id)
);
alter table leads.sales enable row level security;
create index sales_lead on leads.sales (lead_id);
create index sales_supplier on leads.sales (supplier_id);
comment on table leads.sales is 'Which buyer bought which lead, for how much, and what the supplier earned by it.';

create policy select_own_or_admin on leads.sales for select to authenticated using (
  buyer_id = (select auth.uid()) or supplier_id = (select leads.my_supplier_id()) or (select platform.has_role('leads', 'admin'))
);
grant select on leads.sales to anon, authenticated, service_role;

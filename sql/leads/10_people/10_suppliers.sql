-- A supplier is a business party. It may have a user account, and may be known before it has one.
create sequence leads.supplier_numbers;
create table leads.suppliers (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default platform.short_reference('F', nextval('leads.supplier_numbers')),
  user_id uuid unique references platform.profiles (id) on delete set null,
  contact_name text not null,
  company text not null,
  email text not null,
  iban_mask text,
  last_payment_date date,
  status text not null default 'pending_validation' check (status in ('active', 'pending_validation', 'suspended')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table leads.suppliers enable row level security;
create unique index suppliers_email on leads.suppliers (lower(email)) where email <> '';
create index suppliers_suspended on leads.suppliers (id) where status = 'suspended';
create trigger touch before update on leads.suppliers for each row execute function platform.touch();
create trigger clean_texts before insert or update of contact_name, company, email on leads.suppliers
  for each row execute function platform.clean_texts('contact_name', 'company', 'email');
comment on table leads.suppliers is 'Who brings leads and is paid for them.';
comment on column leads.suppliers.iban_mask is 'The IBAN as people see it: country, check digits and the last four.';
select platform.audit('leads.suppliers', '{contact_name,company,email,iban_mask}');

create function leads.my_supplier_id()
returns uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return (select s.id from leads.suppliers s where s.user_id = auth.uid() and platform.has_role('leads', 'fournisseur'));
end;
$$;
comment on function leads.my_supplier_id is 'The supplier for whom the caller acts; null for anybody else.';
grant execute on function leads.my_supplier_id to anon, authenticated, service_role;

create policy select_own_or_staff on leads.suppliers for select to authenticated using (
  id = (select leads.my_supplier_id())
  or (select platform.has_role('leads', 'agent'))
  or (select platform.has_role('leads', 'admin'))
);
grant select on leads.suppliers to authenticated, service_role;

-- The part of a lead that the catalogue may show. Last name, e-mail, telephones and notes are in a table of their own
-- (leads.lead_contacts); this table has only masks of them. Free text is not published: the catalogue shows the
-- summary, and of the other texts those that do not name the person (leads.hidden_text).
create table leads.leads (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique,
  supplier_id uuid not null references leads.suppliers (id),
  import_id uuid,
  agent_id uuid references platform.profiles (id) on delete set null,
  first_name text not null,
  last_name_mask text not null,
  email_mask text,
  phone_mask text,
  company text,
  sector text not null references leads.sectors (name) on update cascade,
  region text not null references leads.regions (name) on update cascade,
  city text,
  source text,
  channel text,
  score integer not null default 0 check (score between 0 and 100),
  status text not null default 'new' check (status in ('new', 'qualified', 'sold', 'rejected', 'pending')),
  qualification_status text not null default 'pending'
    check (qualification_status in ('pending', 'in_progress', 'qualified', 'not_qualified', 'callback')),
  price_cents integer not null default 0 check (price_cents >= 0),
  is_exclusive boolean not null default false,
  has_audio_recording boolean not null default false,
  summary text,
  hidden_fields text[],
  search_text text not null generated always as (platform.fold(case when 'first_name' = any (hidden_fields) then ''
    else first_name end
    || ' ' || case when 'company' = any (hidden_fields) then '' else coalesce(company, '') end || ' '
      || sector)) stored,
  on_sale boolean not null generated always as (status = 'qualified' and withdrawn_at is null
    and erased_at is null) stored,
  qualified_at timestamptz,
  sold_at timestamptz,
  sales_count smallint not null default 0 check (sales_count >= 0),
  withdrawn_at timestamptz,
  erased_at timestamptz,
  collected_at timestamptz,
  has_consent boolean not null default false,
  call_basis text not null generated always as (case when has_consent then ''
    else supplier_id::text || ' ' || lower(coalesce(source, '-')) end) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table leads.leads enable row level security;
create index leads_supplier on leads.leads (supplier_id, id desc);
create index leads_import on leads.leads (import_id) where import_id is not null;
create index leads_agent on leads.leads (agent_id) where agent_id is not null;
create index leads_sector on leads.leads (sector, id desc);
create index leads_region on leads.leads (region, id desc);
create index leads_on_sale on leads.leads (id desc) where on_sale;
-- The index holds all columns that decide who sees a lead, so that an exact count does not read the table.
create index leads_visibility on leads.leads (id desc) include (on_sale, supplier_id, qualification_status, agent_id)
  where withdrawn_at is null;
create index leads_erased on leads.leads (id) where erased_at is not null;
create index leads_search on leads.leads using gin (search_text extensions.gin_trgm_ops);
create trigger touch before update on leads.leads for each row execute function platform.touch();
comment on table leads.leads is 'Leads, without what identifies the person.';
comment on column leads.leads.id is 'A uuid v7: lists are ordered by it, newest first.';
comment on column leads.leads.agent_id is 'The agent who qualifies or qualified the lead.';
comment on column leads.leads.summary is 'The public description of the lead, without names, addresses or numbers.';
comment on column leads.leads.hidden_fields is
  'Columns whose text names the person (first_name, company, city, source, channel): shown together with the contact '
  'only. Null if there are none.';
comment on column leads.leads.on_sale is
  'True for a qualified lead that can still be sold: the public catalogue shows it.';
comment on column leads.leads.collected_at is
  'When the person left their data, if the supplier gives the date; the lead''s age counts from it.';
comment on column leads.leads.has_consent is 'True if there is a proof of consent (leads.lead_consents).';
comment on column leads.leads.call_basis is
  'The basis for calling the person: empty with a proof of consent, otherwise supplier and source, which a rule may '
  'exempt from the proof.';
comment on column leads.leads.sales_count is 'The number of buyers; the lead is sold when the maximum is reached.';
comment on column leads.leads.withdrawn_at is 'Set when the lead was deleted by its supplier or an admin.';
comment on column leads.leads.erased_at is 'Set when the person''s data was erased; nobody gets it back or buys it.';

-- Rows about money are kept longer than the person's data, so the title must not name the person.
create function leads.title_of(lead leads.leads)
returns text
language plpgsql
immutable
set search_path = ''
as $$ begin return case when lead.company is null or 'company' = any (lead.hidden_fields) then lead.sector
  else lead.company end; end; $$;
comment on function leads.title_of is
  'The title of a lead in lists of money: the company unless it names the person, otherwise the sector.';

-- The person behind a lead, one row per lead. Visible to admins, the lead's supplier, the agent who qualifies it and
-- its buyers; everyone else sees the masks in leads.leads.
create table leads.lead_contacts (
  lead_id uuid primary key references leads.leads (id) on delete cascade,
  supplier_id uuid not null references leads.suppliers (id),
  last_name text not null,
  email text,
  phone text,
  phone2 text constraint phones_differ check (phone2 <> phone),
  name_unsplit boolean not null default false,
  notes text,
  hidden_text text,
  search_text text not null generated always as (platform.fold(last_name || coalesce(' ' || hidden_text, ''))) stored
);
alter table leads.lead_contacts enable row level security;
create index lead_contacts_supplier on leads.lead_contacts (supplier_id);
create index lead_contacts_email on leads.lead_contacts (lower(email)) where email is not null;
create index lead_contacts_phone on leads.lead_contacts (phone) where phone is not null;
create index lead_contacts_phone2 on leads.lead_contacts (phone2) where phone2 is not null;
create index lead_contacts_search on leads.lead_contacts using gin (search_text extensions.gin_trgm_ops);
comment on column leads.lead_contacts.hidden_text is
  'The first name and company of the lead if the catalogue hides them: they are searchable for those who see the '
  'contact.';
comment on table leads.lead_contacts is
  'Identifying data of the person behind a lead. Masked for everyone without a right to it.';
comment on column leads.lead_contacts.email is
  'The domain is stored in punycode (xn--…); platform.shown_email converts it for display.';
comment on column leads.lead_contacts.phone2 is 'A second telephone of the same person.';
comment on column leads.lead_contacts.name_unsplit is
  'True if last_name contains first and last name, because they could not be told apart; a person has to split them.';

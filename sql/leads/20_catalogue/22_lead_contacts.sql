-- Who the person is. One row per lead, seen by admins, by the supplier who brought it, by the agent who
-- qualifies it and by a buyer who bought it; everyone else reads the masks in leads.leads.
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
comment on column leads.lead_contacts.hidden_text is 'First name and company of the lead where the catalogue does not show them: who sees the contact finds by them.';
comment on table leads.lead_contacts is 'What identifies the person behind a lead. Masked for everybody who has no right to it.';
comment on column leads.lead_contacts.email is 'Its domain as the network knows it (xn--…); people read it by platform.shown_email.';
comment on column leads.lead_contacts.phone2 is 'A second telephone of the same person.';
comment on column leads.lead_contacts.name_unsplit is 'last_name is first and last name in one, since nothing told them apart; somebody has to.';

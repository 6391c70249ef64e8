-- A file on its way in: staged as it was written (COPY), then merged by one function (leads.merge_import), so that
-- the command line, an upload and a form share one rule. What is staged is worth a second try at most: the table
-- is unlogged, has no foreign key, which would be checked row by row, and is emptied by the merge. Nor have the rows of
-- files a key, which would cost a third of the staging: each check of a piece reads all of them. A form's one row (line 1,
-- where a file has its header) is found by a key, in a part of its own, however many rows of files there are.
create table leads.import_rows (
  import_id uuid not null,
  line integer not null,
  defect text,
  first_name text,
  last_name text,
  full_name text,
  email text,
  phone text,
  phone2 text,
  company text,
  sector text,
  region text,
  postcode text,
  city text,
  source text,
  channel text,
  score text,
  price text,
  is_exclusive text,
  notes text,
  summary text,
  collected_at text,
  consent_text_version text,
  consent_url text,
  consent_ip text,
  consent_at text,
  consent_recipients text
) partition by range (line);
create unlogged table leads.import_form_rows partition of leads.import_rows (primary key (line, import_id)) for values
  from (minvalue) to (2);
create unlogged table leads.import_file_rows partition of leads.import_rows for values from (2) to (maxvalue);
alter table leads.import_rows enable row level security;
alter table leads.import_form_rows enable row level security;
alter table leads.import_file_rows enable row level security;
comment on table leads.import_rows is 'Rows of files and forms that are being imported, as they were written. Empty when no import runs.';
comment on table leads.import_form_rows is 'The row of import_rows that a form fills in, while it is looked at.';
comment on table leads.import_file_rows is 'The rows of import_rows that come from files; leads-cli and uploads COPY into it.';
comment on column leads.import_rows.line is 'Line of the file on which the row begins; the first one is 1.';
comment on column leads.import_rows.full_name is 'First and last name in one, where a file has them so.';
comment on column leads.import_rows.phone2 is 'A second telephone of the person.';
comment on column leads.import_rows.collected_at is 'When the person left the lead, as written; not when it came in here.';
comment on column leads.import_rows.defect is 'Code of what the reader could not make sense of; null for a row that was read well.';

create table leads.import_rejects (
  import_id uuid not null references leads.imports (id) on delete cascade,
  line integer not null,
  field text not null,
  code text not null,
  message text not null,
  problems jsonb not null,
  primary key (import_id, line)
);
alter table leads.import_rejects enable row level security;
comment on table leads.import_rejects is 'Rows that an import refused, and why; the leading problem in columns of its own.';
comment on column leads.import_rejects.problems is 'All of them: [{field, code, message}], field as the API names it.';

create table leads.import_mappings (
  supplier_id uuid not null references leads.suppliers (id) on delete cascade,
  header text not null,
  field text not null check (field in ('firstName', 'lastName', 'fullName', 'email', 'phone', 'phone2', 'company',
    'sector', 'region',
    'postcode', 'city', 'source', 'channel', 'score', 'price', 'isExclusive', 'notes', 'summary', 'collectedAt',
    'consentTextVersion', 'consentUrl', 'consentIp', 'consentAt', 'consentRecipients')),
  updated_at timestamptz not null default now(),
  primary key (supplier_id, header)
);
alter table leads.import_mappings enable row level security;
create trigger touch before update on leads.import_mappings for each row execute function platform.touch();
comment on table leads.import_mappings is 'How a supplier names the columns of his files.';
comment on column leads.import_mappings.header is 'The column''s name in lower case, letters and digits only, accents removed.';

create policy select_admin on leads.import_rows for select to authenticated
  using ((select platform.has_role('leads', 'admin')));
create policy select_admin on leads.import_form_rows for select to authenticated
  using ((select platform.has_role('leads', 'admin')));
create policy select_admin on leads.import_file_rows for select to authenticated
  using ((select platform.has_role('leads', 'admin')));
create policy select_own_or_admin on leads.import_rejects for select to authenticated using (
  (select platform.has_role('leads', 'admin'))
  or exists (select from leads.imports i
    where i.id = import_rejects.import_id and i.supplier_id = (select leads.my_supplier_id()))
);
create policy select_own_or_admin on leads.import_mappings for select to authenticated using (
  supplier_id = (select leads.my_supplier_id()) or (select platform.has_role('leads', 'admin'))
);
grant select on leads.import_rows, leads.import_form_rows, leads.import_file_rows, leads.import_rejects,
  leads.import_mappings to authenticated;
grant select, insert, delete on leads.import_rows, leads.import_form_rows, leads.import_file_rows to service_role;
grant select on leads.import_rejects to service_role;
grant select, insert, update, delete on leads.import_mappings to service_role;

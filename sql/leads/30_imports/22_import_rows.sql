-- Staging of a file: rows are copied as written (COPY) and then merged by one function (leads.merge_import), so that
-- the command line, an upload and a form follow the same rules. Staged rows can be loaded again at any time, so the
-- table is unlogged; it has no foreign key, which would be checked row by row, and the merge empties it. Rows of files
-- have no primary key either: it would cost a third of the staging time, and each check reads a whole range of rows
-- anyway. A form's single row (line 1, where a file has its header) is kept in its own partition with a key, so that
-- it is found quickly however many file rows there are.
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
comment on table leads.import_rows is
  'Rows of files and forms being imported, as they were written. Empty when no import runs.';
comment on table leads.import_form_rows is
  'The partition of import_rows for the single row of a form, during its check.';
comment on table leads.import_file_rows is
  'The partition of import_rows for rows of files; leads-cli and uploads COPY into it.';
comment on column leads.import_rows.line is 'The line of the file on which the row begins, counted from 1.';
comment on column leads.import_rows.full_name is 'First and last name in one column, if the file has them so.';
comment on column leads.import_rows.phone2 is 'A second telephone of the person.';
comment on column leads.import_rows.collected_at is
  'When the person left their data, as written; not the date of the import.';
comment on column leads.import_rows.defect is
  'The code of the reader''s error for a row that it could not read; null for a readable row.';

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
comment on table leads.import_rejects is
  'Refused rows with the reasons; the most important problem has columns of its own.';
comment on column leads.import_rejects.problems is
  'All problems of the row: [{field, code, message}], with the API''s field names.';

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
comment on table leads.import_mappings is 'The column names that a supplier uses in files.';
comment on column leads.import_mappings.header is
  'The column''s name normalised: lower case, letters and digits only, no accents.';

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

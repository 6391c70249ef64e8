-- One row per imported file. The counts always satisfy total = inserted + updated + duplicates + invalid.
create sequence leads.import_numbers;
create table leads.imports (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default platform.short_reference('IMP', nextval('leads.import_numbers')),
  supplier_id uuid not null references leads.suppliers (id),
  file_name text not null,
  sha256 bytea check (length(sha256) = 32),
  source text,
  on_duplicate text not null default 'skip' check (on_duplicate in ('skip', 'update', 'report')),
  reading jsonb not null default '{}' check (jsonb_typeof(reading) = 'object'),
  upload_date date not null default platform.paris_today(),
  total integer not null default 0 check (total >= 0),
  valid integer not null default 0 check (valid >= 0),
  invalid integer not null default 0 check (invalid >= 0),
  duplicates integer not null default 0 check (duplicates >= 0),
  inserted integer,
  updated integer,
  duplicates_in_file integer,
  duplicates_of_supplier integer,
  duplicates_sold integer,
  duplicates_on_platform integer,
  status text not null default 'processing' check (status in ('processing', 'completed', 'failed', 'pending_review')),
  qualification_status text not null default 'en_attente' check (qualification_status in ('en_cours',
    'termine', 'en_attente')),
  handed_over_at timestamptz,
  processing_time text,
  failure text,
  undone_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (inserted is null or (valid = inserted + updated and total = valid + duplicates + invalid
    and duplicates = duplicates_in_file + duplicates_of_supplier + duplicates_sold + duplicates_on_platform))
);
alter table leads.imports enable row level security;
create index imports_supplier on leads.imports (supplier_id, id desc);
-- The same file with the same options is one import: this unique index refuses the second of two concurrent uploads.
create unique index imports_same_request on leads.imports (supplier_id, sha256, on_duplicate, md5(reading::text))
  where sha256 is not null and status <> 'failed' and undone_at is null;
create index imports_handed_over on leads.imports (handed_over_at desc) where handed_over_at is not null;
create trigger touch before update on leads.imports for each row execute function platform.touch();
comment on table leads.imports is 'Files sent by suppliers, with their counts.';
comment on column leads.imports.valid is 'The number of rows that became a lead or updated one.';
comment on column leads.imports.sha256 is
  'The hash of the file''s bytes; null for an import that this database did not receive as a file.';
comment on column leads.imports.source is
  'The path from which leads-cli read the file, HOST:PATH, so that it can resume after a crash; null for an upload.';
comment on column leads.imports.on_duplicate is
  'The handling of a row that repeats a known lead: skip it, update the supplier''s own unsold lead, or skip it and '
  'report it row by row.';
comment on column leads.imports.reading is
  'The reading options requested: {mapping: {column key: field}, …}; options left out are detected from the file.';
comment on column leads.imports.duplicates_sold is
  'The number of rows about a person whom a buyer recently bought from another supplier.';
comment on column leads.imports.undone_at is
  'When the import was last undone; leads that were sold or changed since then stayed.';
comment on column leads.imports.inserted is
  'The number of rows that became a lead, or will when a pending import is accepted. This and the five counts after '
  'it are null for an import that this database did not run.';
comment on column leads.imports.processing_time is
  'The duration of the import as text (2m 34s); written once, at the end.';
comment on column leads.imports.handed_over_at is
  'When the file was handed to the agents for qualification; null before that.';
comment on column leads.imports.qualification_status is 'The agents'' progress with the leads of this file.';

create policy select_own_or_staff on leads.imports for select to authenticated using (
  supplier_id = (select leads.my_supplier_id())
  or (select platform.has_role('leads', 'agent'))
  or (select platform.has_role('leads', 'admin'))
);
grant select on leads.imports to authenticated, service_role;

-- A lead refers to the file it came from.
alter table leads.leads add constraint leads_import_id_fkey foreign key (import_id) references leads.imports (id);

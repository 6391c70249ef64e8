-- One row per file that came in. total = inserted + updated + duplicates + invalid, always.
create sequence leads.import_numbers;
create table leads.imports (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default platform.short_reference('IMP', nextval('leads.import_numbers')),
  supplier_id uuid not null references leads.suppliers (id),
  file_name text not null,
  upload_date date not null default leads.today(),
  total integer not null default 0 check (total >= 0),
  valid integer not null default 0 check (valid >= 0),
  invalid integer not null default 0 check (invalid >= 0),
  duplicates integer not null default 0 check (duplicates >= 0),
  inserted integer,
  updated integer,
  duplicates_in_file integer,
  duplicates_of_supplier integer,
  duplicates_on_platform integer,
  status text not null default 'processing' check (status in ('processing', 'completed', 'failed', 'pending_review')),
  qualification_status text not null default 'en_attente' check (qualification_status in ('en_cours', 'termine', 'en_attente')),
  handed_over_at timestamptz,
  processing_time text,
  failure text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (inserted is null or (valid = inserted + updated and total = valid + duplicates + invalid
    and duplicates = duplicates_in_file + duplicates_of_supplier + duplicates_on_platform))
);
alter table leads.imports enable row level security;
create index imports_supplier on leads.imports (supplier_id, id desc);
create index imports_handed_over on leads.imports (handed_over_at desc) where handed_over_at is not null;
create trigger touch before update on leads.imports for each row execute function platform.touch();
comment on table leads.imports is 'Files that suppliers sent, with their true counts.';
comment on column leads.imports.valid is 'Rows that became a lead or updated one.';
comment on column leads.imports.inserted is 'Rows that became a lead; null, as the four counts after it, for a file that was not imported by this database.';
comment on column leads.imports.processing_time is 'How long the import took, as people read it (2m 34s); written once, when it ends.';
comment on column leads.imports.handed_over_at is 'When the agents got the file to qualify; null before.';
comment on column leads.imports.qualification_status is 'Where the agents are with the leads of this file.';

create policy select_own_or_staff on leads.imports for select to authenticated using (
  supplier_id = (select leads.my_supplier_id())
  or (select platform.has_role('leads', 'agent'))
  or (select platform.has_role('leads', 'admin'))
);
grant select on leads.imports to authenticated, service_role;

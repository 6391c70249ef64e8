-- An uploaded file is kept in Storage before its import is accepted, so that no crash loses it. A worker claims a file
-- for one minute at a time; an unclaimed file goes to the next worker that asks.
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
  values ('imports', 'imports', false, 52428800,
    '{text/csv,application/vnd.ms-excel,application/zip,application/gzip}')
  on conflict (id) do update set public = false, file_size_limit = excluded.file_size_limit,
    allowed_mime_types = excluded.allowed_mime_types;

create table leads.import_files (
  import_id uuid primary key references leads.imports (id) on delete cascade,
  path text not null unique,
  attempts integer not null default 0 check (attempts >= 0),
  held_until timestamptz,
  mappings jsonb not null default '{}' check (jsonb_typeof(mappings) = 'object'),
  staged_rows bigint not null default 0 check (staged_rows >= 0),
  staged_to jsonb check ((staged_to is null) = (staged_rows = 0)),
  is_staged boolean not null default false,
  created_at timestamptz not null default now(),
  keep_until timestamptz not null default now() + interval '30 days'
);
alter table leads.import_files enable row level security;
create index import_files_keep on leads.import_files (keep_until);
comment on table leads.import_files is 'The uploaded files, with the progress and claim of their processing.';
comment on column leads.import_files.path is 'The path in the private bucket imports.';
comment on column leads.import_files.attempts is 'The number of claims since the last slice of the file was staged.';
comment on column leads.import_files.mappings is
  'A copy of the supplier''s column mapping at the time of the upload, so that all slices of a file are read alike.';
comment on column leads.import_files.staged_rows is 'The number of the file''s rows in import_rows.';
comment on column leads.import_files.staged_to is
  'The start of the next slice, {line, …}, as reported by the reader; null before the first slice.';
comment on column leads.import_files.is_staged is
  'True if all rows are staged: the file can be merged without being read again.';
comment on column leads.import_files.keep_until is
  'When the file is deleted: after 30 days, or at once when a person who may be in it is erased.';
comment on column leads.import_files.held_until is
  'The end of the current claim, unless it is renewed; null before the first claim.';
create policy select_admin on leads.import_files for select to authenticated
  using ((select platform.has_role('leads', 'admin')));
grant select on leads.import_files to authenticated, service_role;

create function leads.accept_upload(
  supplier_id uuid, file_name text, path text, sha256 bytea, on_duplicate text, reading jsonb, out reference text,
  out opened boolean
)
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_import record := leads.open_import(supplier_id, file_name, sha256, on_duplicate, reading);
begin
  if v_import.opened then
    insert into leads.import_files (import_id, path, mappings) values (v_import.id, accept_upload.path, coalesce(
      (select jsonb_object_agg(m.header, m.field) from leads.import_mappings m
        where m.supplier_id = accept_upload.supplier_id), '{}'));
  end if;
  reference := v_import.reference;
  opened := v_import.opened;
end;
$$;
comment on function leads.accept_upload is
  'Opens the import of a file in Storage; a worker then gets it from claim_upload. Not opened: the file was imported '
  'before and is not needed.';

-- A file that three workers failed to advance is not given to a fourth. Suppliers take turns, slice by slice, however
-- many files each one sends.
create function leads.claim_upload(
  out id uuid, out path text, out on_duplicate text, out reading jsonb, out mappings jsonb, out attempts integer
)
language plpgsql
security definer
set search_path = ''
as $$
begin
  loop
    select f.import_id, f.attempts into claim_upload.id, claim_upload.attempts
    from leads.import_files f join leads.imports i on i.id = f.import_id
    cross join lateral (
      select count(*) filter (where h.held_until >= clock_timestamp() and o.status = 'processing') as held,
        max(h.held_until) as last
      from leads.import_files h join leads.imports o on o.id = h.import_id where o.supplier_id = i.supplier_id
    ) own
    where i.status = 'processing' and (f.held_until is null or f.held_until < clock_timestamp())
    order by own.held, own.last nulls first, f.import_id limit 1 for update of f skip locked;
    if claim_upload.id is null then return; end if;
    exit when claim_upload.attempts < 3;
    perform leads.fail_import(claim_upload.id,
      'L''import s''est interrompu trois fois : ce fichier est trop lourd ou endommagé. Découpez-le, ou enregistrez-le en « CSV UTF-8 ».');
  end loop;

  update leads.import_files f set held_until = clock_timestamp() + interval '1 minute', attempts = f.attempts + 1
  where f.import_id = claim_upload.id
  returning f.path, f.mappings, f.attempts into claim_upload.path, claim_upload.mappings, claim_upload.attempts;
  select i.on_duplicate, i.reading into claim_upload.on_duplicate, claim_upload.reading
  from leads.imports i where i.id = claim_upload.id;
end;
$$;
comment on function leads.claim_upload is
  'Claims for one minute the oldest unclaimed upload of the supplier whose turn it is; nulls if there is none.';

create function leads.hold_upload(import_id uuid)
returns void
language sql
security definer
set search_path = ''
as $$
  update leads.import_files f set held_until = clock_timestamp() + interval '1 minute'
  where f.import_id = hold_upload.import_id;
$$;
comment on function leads.hold_upload is 'Renews the claim on an upload for another minute.';

create function leads.unnamed_uploads()
returns table (path text, created_at timestamptz)
language sql
stable
security definer
set search_path = ''
as $$
  select o.name, o.created_at from storage.objects o
  where o.bucket_id = 'imports' and not exists (select from leads.import_files f where f.path = o.name);
$$;
comment on function leads.unnamed_uploads is 'Files in the bucket that belong to no import.';

-- A file is personal data that is no longer needed once its refused rows are corrected.
create function leads.outdated_uploads()
returns table (id uuid, path text)
language sql
stable
security definer
set search_path = ''
as $$
  (select f.import_id, f.path from leads.import_files f join leads.imports i on i.id = f.import_id
    where i.status <> 'processing' and f.keep_until <= now() order by f.keep_until limit 100)
  union all
  (select null, u.path from leads.unnamed_uploads() u where u.created_at < now() - interval '1 day' limit 100);
$$;
comment on function leads.outdated_uploads is
  'Uploaded files past their retention time, oldest first, and files that belong to no import (id null).';

create function leads.forget_upload(import_id uuid)
returns void
language sql
security definer
set search_path = ''
as $$ delete from leads.import_files f where f.import_id = forget_upload.import_id; $$;
comment on function leads.forget_upload is 'Deletes the row of an upload after its file was deleted from Storage.';
grant execute on function leads.outdated_uploads, leads.forget_upload, leads.accept_upload, leads.claim_upload,
  leads.hold_upload to service_role;

-- The same file with the same options is one import (imports_same_request). After an interruption the same request can
-- be repeated and has the same result; for a file already imported it names the import. Two concurrent requests stage
-- the file one after the other (begin_staging), and one of them merges it.

create function leads.known_import(
  supplier_id uuid, sha256 bytea, on_duplicate text, reading jsonb, out id uuid, out reference text, out status text,
  out resumable boolean
)
language sql
stable
security definer
set search_path = ''
as $$
  select i.id, i.reference, i.status, i.status = 'processing' and i.source is not null
  from leads.imports i
  where i.supplier_id = known_import.supplier_id and i.sha256 = known_import.sha256
    and i.on_duplicate = known_import.on_duplicate
    and i.reading = known_import.reading and i.status <> 'failed' and i.undone_at is null;
$$;
comment on function leads.known_import is
  'The import of the same file with the same options; nulls if there is none. resumable: leads-cli began it and may '
  'have been interrupted.';

-- opened: the import still has to be run; it is new or was interrupted.
create function leads.open_import(
  supplier_id uuid, file_name text, sha256 bytea, on_duplicate text, reading jsonb, source text default null,
  out id uuid, out reference text, out status text, out opened boolean
)
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('leads.open_import ' || supplier_id || encode(sha256, 'hex'), 0));
  select k.id, k.reference, k.status, k.resumable and open_import.source is not null
    into open_import.id, open_import.reference, open_import.status, open_import.opened
  from leads.known_import(supplier_id, sha256, on_duplicate, reading) k;
  if id is not null then return; end if;

  open_import.id := leads.begin_import(supplier_id, file_name);
  update leads.imports i set sha256 = open_import.sha256, on_duplicate = open_import.on_duplicate,
    reading = open_import.reading, source = open_import.source
  where i.id = open_import.id returning i.reference, i.status into open_import.reference, open_import.status;
  opened := true;
end;
$$;
comment on function leads.open_import is
  'Returns the import of a file, existing or new; opened tells whether the caller has to run it. source: the path '
  'from which leads-cli read it.';

-- This belongs to the staging transaction: a second session with the same file waits here, and then stages the same
-- rows again.
create function leads.begin_staging(import_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform from leads.imports i where i.id = import_id and i.status = 'processing' for no key update;
  if not found then
    perform platform.fail(409, 'import_not_open', 'Cet import est inconnu ou déjà terminé.');
  end if;
  -- Checks still running in a killed session must end first.
  perform leads.hold_import_checks(import_id);
  perform leads.delete_import_rows(import_id);
end;
$$;
comment on function leads.begin_staging is
  'Locks an open import until the transaction ends, and removes the rows of an earlier attempt.';
grant execute on function leads.known_import, leads.open_import, leads.begin_staging to service_role;

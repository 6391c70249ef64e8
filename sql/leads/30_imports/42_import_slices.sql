-- A hosted function has two seconds of CPU, and reading a large file takes longer. The file is therefore staged in
-- slices: each invocation stages as many rows as it has time for, stores its position in the same transaction, and the
-- next invocation continues from there.

-- Two sessions with the same file run one after the other, and the second sees the first one's position. A server
-- crash empties the unlogged staging table: if rows are missing, staging starts again from the beginning.
create function leads.begin_slice(import_id uuid, out staged_to jsonb, out staged_rows bigint, out is_staged boolean)
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
  select f.staged_to, f.staged_rows, f.is_staged into begin_slice.staged_to, begin_slice.staged_rows,
    begin_slice.is_staged
  from leads.import_files f where f.import_id = begin_slice.import_id for update;
  if (select count(*) from leads.import_rows r
    where r.import_id = begin_slice.import_id) = begin_slice.staged_rows then
    return;
  end if;

  perform leads.delete_import_rows(import_id);
  update leads.import_files f set staged_to = null, staged_rows = 0, is_staged = false
  where f.import_id = begin_slice.import_id
  returning f.staged_to, f.staged_rows, f.is_staged into begin_slice.staged_to, begin_slice.staged_rows,
    begin_slice.is_staged;
end;
$$;
comment on function leads.begin_slice is
  'Locks an open import until the transaction ends, and returns the position of its staging; the beginning, if '
  'staged rows were lost.';

-- Progress resets the number of attempts and passes the turn to the next supplier.
create function leads.end_slice(import_id uuid, rows bigint, staged_to jsonb, is_staged boolean)
returns void
language sql
security definer
set search_path = ''
as $$
  update leads.import_files f set staged_rows = f.staged_rows + rows,
    staged_to = coalesce(end_slice.staged_to, f.staged_to), is_staged = end_slice.is_staged, attempts = 0
  where f.import_id = end_slice.import_id;
$$;
comment on function leads.end_slice is
  'Stores the number of rows of a slice and the start of the next one, in the transaction that staged them.';

create function leads.release_upload(import_id uuid)
returns void
language sql
security definer
set search_path = ''
as $$ update leads.import_files f set held_until = clock_timestamp() where f.import_id = release_upload.import_id; $$;
comment on function leads.release_upload is 'Ends the claim on an upload, so that the next worker can take it.';

create function public.import_followed(id text)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select jsonb_build_object('report', leads.import_report(i.id),
    'staged', jsonb_build_object('rows', f.staged_rows, 'bytes', (f.staged_to ->> 'bytes')::bigint,
      'all', f.is_staged))
  from leads.imports i left join leads.import_files f on f.import_id = i.id where i.reference = import_followed.id;
$$;
comment on function public.import_followed is
  'For leads-cli, to follow an import: its report, and how many rows and bytes of its file are staged.';
grant execute on function public.import_followed to service_role;
grant execute on function leads.begin_slice, leads.end_slice, leads.release_upload to service_role;

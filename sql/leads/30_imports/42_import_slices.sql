-- A hosted function may take two seconds of CPU, and a file takes longer to read. So it is staged slice by slice: one
-- invocation stages what it has time for and where it has come to in one transaction, and the next goes on from there.

-- Two at once with one file come one after the other: the second sees how far the first has come. Staged rows are in an
-- unlogged table, which a crash of the server empties: what is not all there is staged from the start.
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
  -- What a killed run still checks ends first.
  perform leads.hold_import_checks(import_id);
  select f.staged_to, f.staged_rows, f.is_staged into begin_slice.staged_to, begin_slice.staged_rows, begin_slice.is_staged
  from leads.import_files f where f.import_id = begin_slice.import_id for update;
  if (select count(*) from leads.import_rows r where r.import_id = begin_slice.import_id) = begin_slice.staged_rows then return; end if;

  perform leads.delete_import_rows(import_id);
  update leads.import_files f set staged_to = null, staged_rows = 0, is_staged = false where f.import_id = begin_slice.import_id
  returning f.staged_to, f.staged_rows, f.is_staged into begin_slice.staged_to, begin_slice.staged_rows, begin_slice.is_staged;
end;
$$;
comment on function leads.begin_slice is
  'Holds an open import until the transaction ends, and says how far its file is staged; from the start again where staged rows are lost.';

-- Whoever gets ahead has not failed: the attempts are counted anew, and it is the next one's turn.
create function leads.end_slice(import_id uuid, rows bigint, staged_to jsonb, is_staged boolean)
returns void
language sql
security definer
set search_path = ''
as $$
  update leads.import_files f set staged_rows = f.staged_rows + rows, staged_to = coalesce(end_slice.staged_to, f.staged_to),
    is_staged = end_slice.is_staged, attempts = 0
  where f.import_id = end_slice.import_id;
$$;
comment on function leads.end_slice is 'Writes how many rows a slice has staged and where the next begins, in the transaction that staged them.';

create function leads.release_upload(import_id uuid)
returns void
language sql
security definer
set search_path = ''
as $$ update leads.import_files f set held_until = clock_timestamp() where f.import_id = release_upload.import_id; $$;
comment on function leads.release_upload is 'Lets the next one work at the upload at once.';

create function public.import_followed(id text)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select jsonb_build_object('report', leads.import_report(i.id),
    'staged', jsonb_build_object('rows', f.staged_rows, 'bytes', (f.staged_to ->> 'bytes')::bigint, 'all', f.is_staged))
  from leads.imports i left join leads.import_files f on f.import_id = i.id where i.reference = import_followed.id;
$$;
comment on function public.import_followed is 'What leads-cli follows of an import: its report, and how much of its file is staged, by rows and bytes.';
grant execute on function public.import_followed to service_role;
grant execute on function leads.begin_slice, leads.end_slice, leads.release_upload to service_role;

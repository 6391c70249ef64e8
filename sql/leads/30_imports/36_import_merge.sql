-- The merge of a staged file, all or nothing: read = inserted + updated + duplicates + invalid.

create type leads.import_counts as (
  read bigint, invalid bigint, inserted bigint, updated bigint, in_file bigint, of_supplier bigint, sold bigint,
  on_platform bigint, with_consent bigint
);
comment on type leads.import_counts is
  'The number of rows by result; with_consent counts the rows with a proof of consent.';

create function leads.count_checked_rows(import_id uuid)
returns leads.import_counts
language plpgsql
stable
set search_path = ''
as $$
declare
  v_counts leads.import_counts;
begin
  select count(*), count(*) filter (where c.problems <> ''),
    count(*) filter (where c.problems = '' and c.duplicate is null),
      count(*) filter (where c.duplicate = 'updated'), count(*) filter (where c.duplicate = 'file'),
      count(*) filter (where c.duplicate = 'supplier'), count(*) filter (where c.duplicate = 'sold'),
      count(*) filter (where c.duplicate = 'platform'), count(c.consent_text_version)
    into v_counts from leads.import_checked c where c.import_id = count_checked_rows.import_id;
  return v_counts;
end;
$$;
comment on function leads.count_checked_rows is 'Counts the checked rows of an import by result.';

create function leads.count_import(import_id uuid, counts leads.import_counts, status text)
returns leads.imports
language plpgsql
set search_path = ''
as $$
declare
  v_import leads.imports;
begin
  update leads.imports i set
    total = counts.read,
    valid = counts.inserted + counts.updated,
    invalid = counts.invalid,
    duplicates = counts.in_file + counts.of_supplier + counts.sold + counts.on_platform,
    inserted = counts.inserted,
    updated = counts.updated,
    duplicates_in_file = counts.in_file, duplicates_of_supplier = counts.of_supplier, duplicates_sold = counts.sold,
    duplicates_on_platform = counts.on_platform,
    status = count_import.status,
    processing_time = coalesce(i.processing_time,
      leads.duration_text(extract(epoch from clock_timestamp() - i.created_at)))
  where i.id = count_import.import_id returning i.* into v_import;
  return v_import;
end;
$$;
comment on function leads.count_import is 'Writes the counts and the status of an import.';

create function leads.complete_import(import_id uuid, counts leads.import_counts)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_import leads.imports := leads.count_import(import_id, counts, 'completed');
begin
  update leads.imports i set handed_over_at = now() where i.id = v_import.id and v_import.inserted > 0;
  perform leads.notify_supplier(import_id, 'success', 'Import terminé',
    format('%s : %s leads reçus, %s doublons, %s lignes refusées sur %s.',
    v_import.file_name, v_import.valid, v_import.duplicates, v_import.invalid, v_import.total));
  perform platform.emit('leads', 'import.completed',
    jsonb_build_object('import', v_import.reference, 'inserted', v_import.inserted,
    'updated', v_import.updated, 'duplicates', v_import.duplicates, 'invalid', v_import.invalid));
end;
$$;
comment on function leads.complete_import is
  'Completes an import: writes its counts, hands it to the agents and notifies the supplier.';

-- Only one merge runs at a time: two files with the same person must see each other.
create function leads.open_merge(import_id uuid)
returns timestamptz
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(hashtext('leads.merge_import'));
  perform from leads.imports i where i.id = import_id and i.status = 'processing' for update;
  if not found then
    perform platform.fail(409, 'import_not_open', 'Cet import est inconnu ou déjà terminé.');
  end if;
  return now();
end;
$$;
comment on function leads.open_merge is
  'Locks an open import and keeps other merges waiting until the transaction ends; returns the time from which the '
  'keys of its leads are made.';

create function leads.hold_import_checks(import_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('leads.check_import_piece ' || import_id, 0));
end;
$$;
comment on function leads.hold_import_checks is
  'Keeps other sessions from checking rows of the import until the transaction ends.';

-- A file is processed in pieces: the rows of a piece are checked (here) and then written (insert_import_piece). Two
-- sessions can work in parallel, one checking ahead of the other, because the result for a row depends only on the
-- rows before it and on existing leads, and nobody else adds leads while the merge is open. Pieces are checked in
-- order, and may be checked again. The tables grow while they are read, so that a plan made for the current or an
-- earlier size could compare each row with all others; each step therefore restricts the join methods.
create function leads.check_import_piece(import_id uuid, from_line integer, last_line integer, keys_from timestamptz,
  month_first boolean)
returns void
language plpgsql
security definer
set search_path = ''
set work_mem = '64MB'
set plan_cache_mode = force_custom_plan
as $$
begin
  perform leads.hold_import_checks(import_id);
  delete from leads.import_checked c
  where c.import_id = check_import_piece.import_id and c.line between from_line and last_line;
  perform leads.check_import_rows(import_id, from_line, last_line, keys_from, month_first);
  perform leads.explain_import_problems(import_id, from_line, last_line);
  perform leads.mark_repeated_rows(import_id, from_line, last_line);
  perform leads.mark_known_rows(import_id, from_line, last_line);
end;
$$;
comment on function leads.check_import_piece is 'Checks the staged rows of a range of lines.';

create function leads.insert_import_piece(import_id uuid, from_line integer, last_line integer)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform leads.keep_import_rejects(import_id, from_line, last_line);
  perform leads.insert_imported_leads(import_id, from_line, last_line);
end;
$$;
comment on function leads.insert_import_piece is
  'Writes the rejects and new leads of a range of checked lines. Only within a transaction that ends with '
  'merge_import.';

-- accepted: an admin has reviewed the file, so it is not held back again.
-- inserted: all pieces were already checked and written in this transaction.
-- staged: the expected number of rows. A server crash empties unlogged tables, and an import without rows would
-- otherwise succeed.
create function leads.merge_import(
  import_id uuid, on_duplicate text default 'skip', accepted boolean default false, inserted boolean default false,
  staged bigint default null
)
returns void
language plpgsql
security definer
set search_path = ''
set work_mem = '64MB'
as $$
declare
  v_all constant integer := 2147483647;
  v_keys_from timestamptz;
  v_counts leads.import_counts;
begin
  if on_duplicate not in ('skip', 'update', 'report') then
    perform platform.fail(400, 'invalid_parameter',
      'Un doublon peut être ignoré (skip), mis à jour (update) ou signalé (report).', 'onDuplicate');
  end if;
  v_keys_from := leads.open_merge(import_id);
  if not inserted then
    perform leads.check_import_piece(import_id, 0, v_all, v_keys_from,
      leads.consent_date_order(import_id) is not distinct from 'month_first');
    perform leads.keep_import_rejects(import_id, 0, v_all);
  end if;
  if on_duplicate = 'report' then perform leads.explain_duplicates(import_id); end if;
  if on_duplicate = 'update' then perform leads.choose_import_updates(import_id); end if;
  v_counts := leads.count_checked_rows(import_id);
  if v_counts.read <> staged then
    perform platform.fail(409, 'import_rows_lost',
      'Des lignes de ce fichier se sont perdues en route : envoyez-le de nouveau.');
  end if;

  if not accepted and v_counts.inserted + v_counts.updated > 0
    and leads.wants_review(v_counts.read, v_counts.invalid) then
    -- The caller rolls back the rows it has written, and then calls the merge alone.
    if inserted then
      perform platform.fail(409, 'import_to_review',
        'Trop de lignes sont refusées : un administrateur doit voir ce fichier.');
    end if;
    perform leads.hold_import(import_id, on_duplicate, v_counts);
  else
    if v_counts.updated > 0 then perform leads.update_imported_leads(import_id); end if;
    if not inserted then perform leads.insert_imported_leads(import_id, 0, v_all); end if;
    if v_counts.with_consent > 0 then perform leads.keep_imported_consents(import_id); end if;
    perform leads.complete_import(import_id, v_counts);
  end if;
  perform leads.clear_import_rows(import_id);
end;
$$;
comment on function leads.merge_import is
  'Turns the staged rows of an import into leads, or holds them back for an admin. on_duplicate: skip; update for '
  'the supplier''s own unsold leads; report row by row.';
grant execute on function leads.open_merge, leads.check_import_piece, leads.insert_import_piece,
  leads.merge_import to service_role;

create function leads.import_report(import_id uuid)
returns json
language sql
stable
security definer
set search_path = ''
as $$
  with places as (
    select l.sector, l.region, count(*) as leads from leads.leads l
    where l.import_id = import_report.import_id group by 1, 2
  )
  select json_build_object(
    'import', i.reference, 'fileName', i.file_name, 'status', i.status, 'processingTime', i.processing_time,
    'failure', i.failure, 'undoneAt', platform.iso_timestamp(i.undone_at), 'read', i.total, 'inserted', i.inserted,
    'updated', i.updated,
    'duplicates', json_build_object('total', i.duplicates, 'inFile', i.duplicates_in_file, 'ofSupplier',
      i.duplicates_of_supplier,
      'alreadySold', i.duplicates_sold, 'onPlatform', i.duplicates_on_platform),
    'invalid', i.invalid,
    'reasons', (select coalesce(json_agg(t), '[]') from (
      select r.field, r.code, count(*) as rows, (array_agg(r.message order by r.line))[1] as example
      from leads.import_rejects r where r.import_id = i.id group by 1, 2 order by 3 desc, 1, 2) t),
    'sectors', (select coalesce(json_agg(t), '[]') from (
      select p.sector as name, sum(p.leads)::bigint as leads from places p group by 1 order by 2 desc, 1) t),
    'regions', (select coalesce(json_agg(t), '[]') from (
      select p.region as name, sum(p.leads)::bigint as leads from places p group by 1 order by 2 desc, 1) t))
  from leads.imports i where i.id = import_id;
$$;
comment on function leads.import_report is
  'The result of an import: its counts, the reasons of its rejects, its sectors and regions.';
grant execute on function leads.import_report to service_role;

-- A file with too many invalid rows waits for an admin. Its rows are kept as written, apart from the leads, so that no
-- list or queue can show them. When the file is accepted they are merged like a new file, by the rules in force then.
create table leads.import_held_rows (like leads.import_rows, primary key (import_id, line));
alter table leads.import_held_rows add foreign key (import_id) references leads.imports (id) on delete cascade;
alter table leads.import_held_rows enable row level security;
comment on table leads.import_held_rows is 'The rows, as written, of files that wait for an admin''s decision.';
create policy select_admin on leads.import_held_rows for select to authenticated
  using ((select platform.has_role('leads', 'admin')));
grant select on leads.import_held_rows to authenticated, service_role;

create function leads.wants_review(read bigint, invalid bigint)
returns boolean
language sql
stable
set search_path = ''
as $$ select coalesce(100 * invalid > read * (leads.work_rule('import_invalid_percent') #>> '{}')::numeric, false); $$;
comment on function leads.wants_review is 'True if the share of refused rows requires a review by an admin.';

create function leads.hold_import(import_id uuid, on_duplicate text, counts leads.import_counts)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_import leads.imports := leads.count_import(import_id, counts, 'pending_review');
  v_said text := format('%s : %s lignes refusées sur %s.', v_import.file_name, v_import.invalid, v_import.total);
begin
  update leads.imports i set on_duplicate = hold_import.on_duplicate where i.id = v_import.id;
  insert into leads.import_held_rows select r.* from leads.import_rows r where r.import_id = v_import.id;
  perform leads.notify_supplier(v_import.id, 'warning', 'Import en attente de vérification', v_said);
  perform platform.notify(m.user_id, 'leads', 'warning', 'Import à vérifier', v_import.reference || ', ' || v_said,
    v_import.supplier_id)
  from platform.memberships m where m.system = 'leads' and m.role = 'admin' and m.status = 'active';
  perform platform.emit('leads', 'import.pending_review',
    jsonb_build_object('import', v_import.reference, 'read', v_import.total, 'invalid', v_import.invalid));
end;
$$;
comment on function leads.hold_import is
  'Keeps the staged rows for an admin''s decision, with their provisional counts, and notifies admins and supplier.';

-- The lock lets only one of two admins decide. The merge lock is taken first, in the same order as in a merge.
create function leads.import_to_decide(reference text)
returns leads.imports
language plpgsql
set search_path = ''
as $$
declare
  v_import leads.imports;
begin
  perform platform.require_role('leads', 'admin');
  perform pg_advisory_xact_lock(hashtext('leads.merge_import'));
  select i.* into v_import from leads.imports i where i.reference = import_to_decide.reference for update;
  if not found then perform platform.fail(404, 'import_not_found', 'Cet import est introuvable.'); end if;
  return v_import;
end;
$$;
comment on function leads.import_to_decide is
  'The import with the given reference, locked for an admin: 404 if there is none.';

create function leads.pending_import(reference text)
returns leads.imports
language plpgsql
set search_path = ''
as $$
declare
  v_import leads.imports := leads.import_to_decide(reference);
begin
  if v_import.status <> 'pending_review' then
    perform platform.fail(409, 'import_not_pending', 'Cet import n''attend pas de décision.');
  end if;
  return v_import;
end;
$$;
comment on function leads.pending_import is
  'An import that waits for the calling admin''s decision, locked: 409 if it does not.';

create function leads.accept_import(reference text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_import leads.imports := leads.pending_import(reference);
begin
  perform from leads.suppliers s where s.id = v_import.supplier_id and s.status <> 'suspended';
  if not found then
    perform platform.fail(409, 'supplier_not_active',
      'Le fournisseur de cet import est suspendu : ses leads ne peuvent pas entrer.');
  end if;
  -- The pending import has no rows: it was loaded with its counts only, or all its people were erased.
  if not exists (select from leads.import_held_rows h where h.import_id = v_import.id) then
    perform platform.fail(409, 'import_rows_missing',
      'Les lignes de cet import ne sont pas conservées ici : il peut seulement être écarté.');
  end if;
  delete from leads.import_rejects r where r.import_id = v_import.id;
  update leads.imports i set status = 'processing' where i.id = v_import.id;
  insert into leads.import_rows select h.* from leads.import_held_rows h where h.import_id = v_import.id;
  delete from leads.import_held_rows h where h.import_id = v_import.id;
  perform leads.merge_import(v_import.id, v_import.on_duplicate, accepted => true);
end;
$$;
comment on function leads.accept_import is 'Imports the rows of a pending import, checked again.';

-- The counts are reset because nothing was imported; the reasons of the refusals stay for the supplier.
create function leads.discard_import(reference text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_import leads.imports := leads.pending_import(reference);
  v_reason text := format('Écarté par un administrateur : %s lignes refusées sur %s.', v_import.invalid,
    v_import.total);
begin
  delete from leads.import_held_rows h where h.import_id = v_import.id;
  update leads.imports i set status = 'failed', failure = v_reason, total = 0, valid = 0, invalid = 0, duplicates = 0,
    inserted = 0, updated = 0, duplicates_in_file = 0, duplicates_of_supplier = 0, duplicates_sold = 0,
    duplicates_on_platform = 0
  where i.id = v_import.id;
  perform leads.notify_supplier(v_import.id, 'error', 'Import écarté', v_import.file_name || ' : ' || v_reason);
  perform platform.emit('leads', 'import.discarded', jsonb_build_object('import', v_import.reference));
end;
$$;
comment on function leads.discard_import is 'Ends a pending import without creating leads.';
grant execute on function leads.accept_import, leads.discard_import to authenticated, service_role;

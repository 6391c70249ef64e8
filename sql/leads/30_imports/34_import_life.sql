-- The life of an import: begin, fail, notifications and cleaning up.

create function leads.begin_import(supplier_id uuid, file_name text)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_import uuid;
begin
  perform from leads.suppliers s where s.id = begin_import.supplier_id and s.status <> 'suspended';
  if not found then
    perform platform.fail(403, 'supplier_not_active',
      'Ce fournisseur est inconnu ou suspendu : il ne peut pas importer de leads.');
  end if;
  -- clock_timestamp() instead of now(): the duration of the import counts from here, even inside one transaction.
  insert into leads.imports (supplier_id, file_name, created_at)
    values (begin_import.supplier_id, begin_import.file_name, clock_timestamp())
  returning id into v_import;
  return v_import;
end;
$$;
comment on function leads.begin_import is
  'Opens an import with status processing; its rows are then staged in leads.import_rows.';

create function leads.duration_text(seconds numeric)
returns text
language sql
immutable
set search_path = ''
as $$
  select case when s < 60 then s || 's' else s / 60 || 'm ' || s % 60 || 's' end
  from (select greatest(1, round(seconds))::integer as s) whole;
$$;
comment on function leads.duration_text is 'A duration as text: 3s, 2m 34s.';

-- Truncating takes milliseconds, but is possible only while nobody else is staging.
create function leads.clear_import_rows(import_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  lock table leads.import_rows, leads.import_checked in access exclusive mode nowait;
  if not exists (select from leads.import_rows r where r.import_id <> clear_import_rows.import_id)
    and not exists (select from leads.import_checked c where c.import_id <> clear_import_rows.import_id) then
    truncate leads.import_rows, leads.import_checked;
  else
    perform leads.delete_import_rows(import_id);
  end if;
exception
  when lock_not_available then perform leads.delete_import_rows(import_id);
end;
$$;
comment on function leads.clear_import_rows is 'Removes the staged and checked rows of an import.';

create function leads.delete_import_rows(import_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  delete from leads.import_rows r where r.import_id = delete_import_rows.import_id;
  delete from leads.import_checked c where c.import_id = delete_import_rows.import_id;
end;
$$;

create function leads.notify_supplier(import_id uuid, type text, title text, message text)
returns void
language sql
set search_path = ''
as $$
  select platform.notify(s.user_id, 'leads', type, title, message)
  from leads.imports i join leads.suppliers s on s.id = i.supplier_id where i.id = import_id;
$$;
comment on function leads.notify_supplier is 'Notifies the supplier of an import, if the supplier has an account.';

create function leads.fail_import(import_id uuid, reason text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_import leads.imports;
begin
  update leads.imports i set status = 'failed', failure = reason,
    processing_time = leads.duration_text(extract(epoch from clock_timestamp() - i.created_at))
  where i.id = import_id and i.status = 'processing' returning * into v_import;
  if not found then return; end if;
  perform leads.clear_import_rows(import_id);
  perform leads.notify_supplier(import_id, 'error', 'Import échoué', v_import.file_name || ' : ' || reason);
  -- Without the reason: it quotes names of columns and sheets, and where a file has no header those are somebody's.
  perform platform.emit('leads', 'import.failed', jsonb_build_object('import', v_import.reference));
end;
$$;
comment on function leads.fail_import is 'Ends an import that could not be read or merged; no row becomes a lead.';
grant execute on function leads.begin_import, leads.fail_import to service_role;

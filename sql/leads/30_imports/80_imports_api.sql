-- Endpoints for a supplier to follow imports; an admin sees all of them.

create view public.imports with (security_invoker = true) as
select i.reference as id, i.file_name as "fileName", s.contact_name as fournisseur, s.company,
  i.upload_date as "uploadDate", platform.iso_timestamp(i.created_at) as "createdAt", i.status, i.total as read,
  coalesce(i.inserted, i.valid) as inserted, coalesce(i.updated, 0) as updated,
  json_build_object('total', i.duplicates, 'inFile', coalesce(i.duplicates_in_file, 0), 'ofSupplier',
    coalesce(i.duplicates_of_supplier, i.duplicates),
    'alreadySold', coalesce(i.duplicates_sold, 0), 'onPlatform', coalesce(i.duplicates_on_platform, 0)) as duplicates,
  i.invalid, i.processing_time as "processingTime", i.failure, platform.iso_timestamp(i.undone_at) as "undoneAt"
from leads.imports i join leads.suppliers s on s.id = i.supplier_id
where (select platform.require_role('leads', 'admin', 'fournisseur'))
  -- Agents may read every import, but an agent who is also a supplier sees only his own here.
  and (i.supplier_id = (select leads.my_supplier_id()) or (select platform.has_role('leads', 'admin')))
order by i.id desc;
comment on view public.imports is 'GET /api/imports: the caller''s imports, newest first; all imports for an admin.';

create function public.import_detail(id text)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_found jsonb;
begin
  perform platform.require_role('leads', 'admin', 'fournisseur');
  select to_jsonb(i) into v_found from public.imports i where i.id = import_detail.id;
  if v_found is null then perform platform.fail(404, 'import_not_found', 'Cet import est introuvable.'); end if;
  return v_found || jsonb_build_object('reasons', (
    select coalesce(jsonb_agg(t), '[]') from (
      select r.field, r.code, count(*) as rows, (array_agg(r.message order by r.line))[1] as example
      from leads.imports i join leads.import_rejects r on r.import_id = i.id
      where i.reference = import_detail.id group by 1, 2 order by 3 desc, 1, 2) t));
end;
$$;
comment on function public.import_detail is
  'GET /api/imports/:id: the status of an import, its counts and the reasons of refused rows.';

create function leads.supplier_of_upload(named text, required boolean)
returns uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin', 'fournisseur');
  if named is null and not required and platform.has_role('leads', 'admin') then return leads.my_supplier_id(); end if;
  return leads.supplier_of_new_lead(named);
end;
$$;

insert into platform.settings (system, section, value, description) values
  ('leads', 'import_unvalidated_megabytes', '1', 'Taille des fichiers qu''un fournisseur pas encore validé peut envoyer, en Mo ; null : comme les autres');

-- Large files are processed only for suppliers whom an admin has validated.
create function leads.refuse_large_upload(supplier_id uuid, bytes bigint)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_megabytes numeric := (leads.work_rule('import_unvalidated_megabytes') #>> '{}')::numeric;
begin
  if bytes <= v_megabytes * 1024 * 1024 or platform.has_role('leads', 'admin') then return; end if;
  perform from leads.suppliers s where s.id = refuse_large_upload.supplier_id and s.status <> 'active';
  if found and v_megabytes is not null and bytes is not null then
    perform platform.fail(413, 'file_too_large_unvalidated',
      format('Votre compte n''est pas encore validé : envoyez des fichiers de %s Mo au plus.', v_megabytes));
  end if;
end;
$$;
comment on function leads.refuse_large_upload is
  'Refuses a large file of a supplier who is not validated; admins are not limited.';

create function public.import_supplier(fournisseur text default null, required boolean default true,
  bytes bigint default null)
returns uuid
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_supplier uuid := leads.supplier_of_upload(nullif(btrim(fournisseur), ''), required);
begin
  perform leads.refuse_large_upload(v_supplier, bytes);
  return v_supplier;
end;
$$;
comment on function public.import_supplier is
  'POST /api/imports, first step: the supplier of a file of so many bytes; refuses callers who may not import. '
  'Without required: null for an admin who has not named a supplier.';

create trigger refuse_write instead of insert or update or delete on public.imports for each row
  execute function platform.refuse_write();
grant select on public.imports to authenticated, service_role;
grant execute on function public.import_detail, public.import_supplier, leads.supplier_of_upload,
  leads.refuse_large_upload to authenticated, service_role;

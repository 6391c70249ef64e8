-- A large file is uploaded directly to Storage by a signed URL, and its import then names the path: no function ever
-- holds the file. A file that no import names is deleted after a day (outdated_uploads), and the number of such files
-- is limited.
create function leads.upload_place(named text)
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_supplier uuid := leads.supplier_of_upload(named, true);
begin
  -- The size is not known yet, so the bucket's maximum is assumed.
  perform leads.refuse_large_upload(v_supplier,
    (select b.file_size_limit from storage.buckets b where b.id = 'imports'));
  if (select count(*) from leads.unnamed_uploads() u where starts_with(u.path, v_supplier || '/')) >= 20 then
    perform platform.fail(429, 'too_many_uploads', 'Trop de fichiers déposés attendent leur import.',
      'Importez-les, ou réessayez demain.');
  end if;
  return v_supplier || '/' || gen_random_uuid();
end;
$$;
comment on function leads.upload_place is
  'The path for a supplier''s next file; 413 for a supplier who may not send large files, 429 while twenty files '
  'wait.';

create function public.import_upload(fournisseur text default null, out bucket text, out path text)
language sql
stable
security invoker
set search_path = ''
as $$ select 'imports', leads.upload_place(nullif(btrim(fournisseur), '')); $$;
comment on function public.import_upload is
  'POST /api/imports/upload: the path for a large file, to be named by its import.';
grant execute on function leads.upload_place, public.import_upload to authenticated, service_role;

-- A large file goes into Storage by an address that is signed for it, and its import then names where it lies: no function
-- ever holds it. What is put there and named by no import is taken away after a day (outdated_uploads), and so much may
-- wait at once.
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
  -- Nobody knows yet how large it becomes: as the largest that the bucket takes.
  perform leads.refuse_large_upload(v_supplier,
    (select b.file_size_limit from storage.buckets b where b.id = 'imports'));
  if (select count(*) from leads.unnamed_uploads() u where starts_with(u.path, v_supplier || '/')) >= 20 then
    perform platform.fail(429, 'too_many_uploads', 'Trop de fichiers déposés attendent leur import.',
      'Importez-les, ou réessayez demain.');
  end if;
  return v_supplier || '/' || gen_random_uuid();
end;
$$;
comment on function leads.upload_place is 'Where a supplier''s next file may be put; 413 for who may send no large one, 429 while twenty wait.';

create function public.import_upload(fournisseur text default null, out bucket text, out path text)
language sql
stable
security invoker
set search_path = ''
as $$ select 'imports', leads.upload_place(nullif(btrim(fournisseur), '')); $$;
comment on function public.import_upload is 'POST /api/imports/upload: where a large file may be put, to be named by its import.';
grant execute on function leads.upload_place, public.import_upload to authenticated, service_role;

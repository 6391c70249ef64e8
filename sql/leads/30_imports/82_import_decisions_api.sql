-- What an admin decides about imports. A large file takes its time: longer than the API gives a call by default.
create function public.admin_import_accept(id text)
returns jsonb
language plpgsql
security invoker
set search_path = ''
set statement_timeout = '10min'
as $$
begin
  perform leads.accept_import(id);
  return public.import_detail(id);
end;
$$;
comment on function public.admin_import_accept is 'POST /api/admin/imports/:id/accept: brings in the rows of an import that waits; 409 if it does not.';

create function public.admin_import_discard(id text)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform leads.discard_import(id);
  return public.import_detail(id);
end;
$$;
comment on function public.admin_import_discard is 'POST /api/admin/imports/:id/discard: ends an import that waits, without a lead; 409 if it does not.';

create function public.admin_import_undo(id text)
returns jsonb
language sql
security invoker
set search_path = ''
set statement_timeout = '10min'
as $$ select leads.undo_import(id); $$;
comment on function public.admin_import_undo is
  'POST /api/admin/imports/:id/undo: takes back what the import wrote and nobody has sold or changed since; says what stays, and why.';
grant execute on function public.admin_import_accept, public.admin_import_discard,
  public.admin_import_undo to authenticated, service_role;

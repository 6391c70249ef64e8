-- Decisions of an admin about imports. They have a longer time limit than the API's default, because a large file
-- takes long.
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
comment on function public.admin_import_accept is
  'POST /api/admin/imports/:id/accept: imports the rows of a pending import; 409 if it is not pending.';

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
comment on function public.admin_import_discard is
  'POST /api/admin/imports/:id/discard: ends a pending import without leads; 409 if it is not pending.';

create function public.admin_import_undo(id text)
returns jsonb
language sql
security invoker
set search_path = ''
set statement_timeout = '10min'
as $$ select leads.undo_import(id); $$;
comment on function public.admin_import_undo is
  'POST /api/admin/imports/:id/undo: undoes an import for leads that nobody has sold or changed since; returns the '
  'leads that stay, with the reasons.';
grant execute on function public.admin_import_accept, public.admin_import_discard,
  public.admin_import_undo to authenticated, service_role;

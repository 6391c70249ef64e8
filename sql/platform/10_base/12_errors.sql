-- All errors are raised here. PostgREST turns SQLSTATE PT<status> into that HTTP status and returns message, detail
-- and hint, so that the /api path and a PostgREST URL refuse in the same way. P0002 and classes 40 and 55 would become
-- 500 if raised directly, so they never are.
create function platform.fail(status integer, slug text, message text, hint text default null)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  raise exception using
    errcode = 'PT' || status,
    message = fail.message,
    detail = fail.slug,
    hint = coalesce(fail.hint, '');
end;
$$;
comment on function platform.fail is
  'Aborts the transaction with an HTTP status, a message for people (French), a stable slug and the next step.';
grant execute on function platform.fail to anon, authenticated, service_role;

-- What was changed in a system, for who administers it.
create function platform_api.audit(
  system text, relation text default null, "row" text default null, "from" timestamptz default null, "to" timestamptz default null,
  "cursor" text default null, entries integer default 100
)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$ select platform.audit_page(system, relation, "row", "from", "to", "cursor", entries); $$;
comment on function platform_api.audit is
  'Who changed what and when, before and after, newest first; of one table, one row, or a time. X-Next-Cursor leads to the next page.';
grant execute on function platform_api.audit to authenticated, service_role;

-- The API keys of a system, for who administers it.
create function platform_api.api_keys(system text)
returns setof jsonb language sql stable security invoker set search_path = ''
as $$ select platform.list_api_keys(system); $$;
create function platform_api.api_key_make(system text, name text, scopes text[], "expiresAt" timestamptz default null)
returns jsonb language sql security invoker set search_path = ''
as $$ select platform.make_api_key(system, name, scopes, "expiresAt"); $$;
create function platform_api.api_key_revoke(system text, id uuid)
returns jsonb language sql security invoker set search_path = ''
as $$ select platform.revoke_api_key(system, id); $$;
create function platform_api.api_key_accept(system text, key text)
returns jsonb language sql security invoker set search_path = ''
as $$ select platform.accept_api_key(system, key); $$;

comment on function platform_api.api_keys is 'The keys of a system, newest first, those revoked too.';
comment on function platform_api.api_key_make is 'Makes a key; key is in this answer and never again.';
comment on function platform_api.api_key_revoke is 'Ends a key at once.';
comment on function platform_api.api_key_accept is 'For the functions alone: whose key it is and what may be done with it; null where it is worth nothing.';
grant execute on function platform_api.api_keys, platform_api.api_key_make, platform_api.api_key_revoke to authenticated, service_role;
grant execute on function platform_api.api_key_accept to service_role;

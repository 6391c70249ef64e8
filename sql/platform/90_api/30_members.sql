-- The members of a system, for who administers it.
create function platform_api.members(
  system text, search text default null, role_filter text default null, page_size integer default null, page_offset integer default 0
)
returns setof jsonb language sql stable security invoker set search_path = ''
as $$ select platform.members(system, search, role_filter, page_size, page_offset); $$;
create function platform_api.member_check(system text, email text, role text)
returns void language sql security invoker set search_path = ''
as $$ select platform.check_new_member(system, email, role); $$;
create function platform_api.member_add(system text, "userId" uuid, role text, profile jsonb)
returns jsonb language sql security invoker set search_path = ''
as $$ select platform.add_member("userId", system, role, profile); $$;
create function platform_api.member_role(system text, id text, role text)
returns jsonb language sql security invoker set search_path = ''
as $$ select platform.change_member_role(platform.member_named(system, id), system, role); $$;
create function platform_api.member_suspend(system text, id text)
returns jsonb language sql security invoker set search_path = ''
as $$ select platform.change_member_status(platform.member_named(system, id), system, 'suspended'); $$;
create function platform_api.member_reactivate(system text, id text)
returns jsonb language sql security invoker set search_path = ''
as $$ select platform.change_member_status(platform.member_named(system, id), system, 'active'); $$;

comment on function platform_api.members is
  'The members of a system, newest first; search by name, company and e-mail; role_filter none: the accounts without a role.';
comment on function platform_api.member_check is
  'Before Auth makes an account: refuses what would be refused afterwards, and removes an account that nobody has proven.';
comment on function platform_api.member_add is 'After Auth made the account: gives it its role.';
comment on function platform_api.member_role is 'The one role that the user holds from now on in the system.';
comment on function platform_api.member_suspend is 'Refused from the next request on, whatever token he has.';
comment on function platform_api.member_reactivate is 'Ends a suspension; accepts who has registered.';
grant execute on function platform_api.members, platform_api.member_check, platform_api.member_add, platform_api.member_role,
  platform_api.member_suspend, platform_api.member_reactivate to authenticated, service_role;

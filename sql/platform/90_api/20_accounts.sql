-- Signing in and up: what is beside Supabase Auth.
create function platform_api.me(system text)
returns jsonb language sql stable security invoker set search_path = ''
as $$ select platform.my_account(system); $$;
create function platform_api.register(system text, "userId" uuid, role text, profile jsonb)
returns void language sql security invoker set search_path = ''
as $$ select platform.register("userId", system, role, profile); $$;
create function platform_api.register_again(system text, email text, role text, profile jsonb)
returns boolean language sql security invoker set search_path = ''
as $$ select platform.register_again(email, system, role, profile); $$;
create function platform_api.sign_in_address(system text, identifier text)
returns text language sql stable security invoker set search_path = ''
as $$ select platform.sign_in_address(system, identifier); $$;

create function platform_api.take_attempts(rules text[], subjects text[], system text default 'auth')
returns integer language sql security invoker set search_path = ''
as $$ select platform.take_attempts(system, rules, subjects); $$;
create function platform_api.release_attempts(rules text[], subjects text[], system text default 'auth')
returns void language sql security invoker set search_path = ''
as $$ select platform.release_attempts(system, rules, subjects); $$;
create function platform_api.accept_attempts(rules text[], subjects text[], system text default 'auth')
returns void language sql security invoker set search_path = ''
as $$ select platform.accept_attempts(system, rules, subjects); $$;
create function platform_api.forget_attempts(rules text[], subjects text[], system text default 'auth')
returns void language sql security invoker set search_path = ''
as $$ select platform.forget_attempts(system, rules, subjects); $$;

comment on function platform_api.me is 'Who the caller is in the system; 403 if suspended. The role is the platform''s, whatever metadata says.';
comment on function platform_api.register is 'For the functions alone: the second half of a registration, after Auth made the account.';
comment on function platform_api.register_again is
  'For the functions alone: an address registers that has an account already, which nobody has proven, or which is no member; false for any other.';
comment on function platform_api.sign_in_address is 'For the functions alone: the address of whom an identifier names that is none; null for nobody.';
comment on function platform_api.take_attempts is 'For the functions alone: counts an attempt by the rules; answers 0, or the seconds to wait.';
comment on function platform_api.release_attempts is 'For the functions alone: gives an attempt back that was not made.';
comment on function platform_api.accept_attempts is 'For the functions alone: gives an attempt back that succeeded, and knows its device.';
comment on function platform_api.forget_attempts is 'For the functions alone: forgets the attempts after a new password.';
grant execute on function platform_api.me to authenticated, service_role;
grant execute on function platform_api.register, platform_api.register_again, platform_api.sign_in_address, platform_api.take_attempts,
  platform_api.release_attempts, platform_api.accept_attempts, platform_api.forget_attempts to service_role;

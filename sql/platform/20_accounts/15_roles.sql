-- What is asked about the roles that administer a system.
create function platform.roles_of_system(system text, administering boolean)
returns text[]
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return array(
    select r.role from platform.system_roles r
    where r.system = roles_of_system.system and (r.administers or not administering) order by r.rank, r.role);
end;
$$;
comment on function platform.roles_of_system is 'The roles of a system, all or those that administer it, the highest first.';

create function platform.is_admin(system text)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_role text;
begin
  foreach v_role in array platform.roles_of_system(system, true) loop
    if platform.has_role(system, v_role) then return true; end if;
  end loop;
  return false;
end;
$$;
comment on function platform.is_admin is 'Whether the caller administers the system, now.';

create function platform.require_admin(system text)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$ begin return platform.require_role(system, variadic platform.roles_of_system(system, true)); end; $$;
comment on function platform.require_admin is 'True if the caller administers the system; otherwise 401 without a token, 403 for everybody else.';

grant execute on function platform.is_admin, platform.require_admin to anon, authenticated, service_role;

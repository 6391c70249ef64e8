-- What policies and functions ask about the caller's roles.
-- service_role is the key of the operators: it has the roles that administer, in every system.
-- plpgsql, although a query would do: its plan is kept for the session, and this is asked in every policy.
create function platform.has_role(system text, role text)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return exists (
    select from platform.memberships m
    where m.user_id = auth.uid() and m.system = has_role.system and m.role = has_role.role and m.status = 'active'
  ) and not platform.session_is_over()
    or auth.role() = 'service_role' and exists (
      select from platform.system_roles r where r.system = has_role.system and r.role = has_role.role and r.administers);
end;
$$;
comment on function platform.has_role is 'Whether the caller holds the role in the system, now, in a session that has not ended.';

create function platform.require_role(system text, variadic roles text[])
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_role text;
begin
  foreach v_role in array roles loop
    if platform.has_role(system, v_role) then return true; end if;
  end loop;
  if auth.uid() is null then
    perform platform.fail(401, 'authentication_required', 'Connectez-vous pour accéder à cette ressource.');
  end if;
  perform platform.refuse_suspended(system);
  perform platform.fail(403, 'forbidden', 'Votre rôle ne donne pas accès à cette ressource.',
    'Rôle attendu : ' || array_to_string(roles, ' ou ') || '.');
end;
$$;
comment on function platform.require_role is 'True if the caller holds one of the roles; otherwise 401 without a token, 403 with the wrong role.';

create function platform.refuse_suspended(system text)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_suspended boolean;
  v_inactive boolean;
begin
  select bool_and(m.status = 'suspended'), bool_and(m.status <> 'active') into v_suspended, v_inactive
  from platform.memberships m where m.user_id = (select auth.uid()) and m.system = refuse_suspended.system;
  if v_suspended then
    perform platform.fail(403, 'account_suspended', 'Votre compte est suspendu.', 'Contactez l''administrateur.');
  elsif v_inactive then
    perform platform.fail(403, 'account_pending', 'Votre inscription attend d''être acceptée par un administrateur.');
  end if;
  return true;
end;
$$;
comment on function platform.refuse_suspended is 'True, or 403 if no role that the caller holds in the system is active.';

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

create function platform.require_member(system text)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$ begin return platform.require_role(system, variadic platform.roles_of_system(system, false)); end; $$;
comment on function platform.require_member is 'True if the caller holds any role in the system; otherwise 401 without a token, 403 for everybody else.';

create function platform.main_role(user_id uuid, system text)
returns text
language sql
stable
security definer
set search_path = ''
as $$
  select m.role from platform.memberships m join platform.system_roles r on r.system = m.system and r.role = m.role
  where m.user_id = main_role.user_id and m.system = main_role.system
  order by r.rank, r.role limit 1;
$$;
comment on function platform.main_role is 'The role by which a person is shown in a system; null without one.';

grant execute on function platform.has_role, platform.require_role, platform.refuse_suspended, platform.is_admin, platform.require_admin,
  platform.require_member to anon, authenticated, service_role;

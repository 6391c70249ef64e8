-- What an admin does to the members of his system. Who may call is said by the system's own functions; here is what
-- holds whoever calls: a system never stays without an active admin.
create function platform.keep_an_admin(system text, without uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_roles text[] := platform.roles_of_system(keep_an_admin.system, true);
begin
  -- Two admins who remove each other at once: the second one waits here, and then sees what the first one did.
  perform from platform.memberships m
  where m.system = keep_an_admin.system and m.role = any (v_roles) order by m.user_id, m.role for update;
  if exists (
    select from platform.memberships m
    where m.system = keep_an_admin.system and m.role = any (v_roles) and m.status = 'active' having bool_and(m.user_id = without)
  ) then
    perform platform.fail(409, 'last_admin', 'Cette personne est le dernier administrateur actif : elle ne peut être ni suspendue, ni effacée, ni changée de rôle.',
      format('Donnez d''abord le rôle %s à quelqu''un d''autre.', array_to_string(v_roles, ' ou ')));
  end if;
end;
$$;
comment on function platform.keep_an_admin is 'Refuses (409) to go on if the user is the last active admin of the system.';

create function platform.change_role(user_id uuid, system text, role text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_status text;
begin
  if not exists (select from platform.system_roles r where r.system = change_role.system and r.role = change_role.role) then
    perform platform.fail(422, 'invalid_fields', 'Certains champs sont invalides.',
      '[{"field": "role", "code": "invalid_value", "message": "Ce rôle n''existe pas."}]');
  end if;
  if change_role.role <> all (platform.roles_of_system(system, true)) then perform platform.keep_an_admin(system, user_id); end if;
  -- A new role does not end a suspension; an admin who gives one has accepted who waited for it.
  select case when bool_and(m.status = 'suspended') then 'suspended' else 'active' end into v_status
  from platform.memberships m where m.user_id = change_role.user_id and m.system = change_role.system;
  delete from platform.memberships m
  where m.user_id = change_role.user_id and m.system = change_role.system and m.role <> change_role.role;
  insert into platform.memberships as m (user_id, system, role, status)
  values (change_role.user_id, change_role.system, change_role.role, v_status)
  on conflict on constraint memberships_pkey do update set status = excluded.status where m.status = 'pending';
end;
$$;
comment on function platform.change_role is 'Makes a role the only one that a user holds in a system.';

create function platform.set_member_status(user_id uuid, system text, status text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  if status = 'suspended' then perform platform.keep_an_admin(system, user_id); end if;
  update platform.memberships m set status = set_member_status.status
  where m.user_id = set_member_status.user_id and m.system = set_member_status.system and m.status <> set_member_status.status;
end;
$$;
comment on function platform.set_member_status is 'Suspends a member of a system, or ends the suspension or the waiting; it holds from the next request.';

-- The users page searches by name, company and e-mail.
create function platform.searched_text(first_name text, last_name text, company text, email text)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$ select platform.fold(concat_ws(' ', first_name, last_name, first_name, company, email)); $$;
comment on function platform.searched_text is 'What a search for a person looks through, folded.';
create index profiles_search on platform.profiles
  using gin (platform.searched_text(first_name, last_name, company, email) extensions.gin_trgm_ops);
grant execute on function platform.searched_text to authenticated, service_role;

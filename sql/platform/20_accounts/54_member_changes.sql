-- What who administers a system does to its members: makes one, gives another role, suspends, and lets in again.

create function platform.check_new_member(system text, email text, role text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_admin(system);
  if not exists (select from platform.system_roles r where r.system = check_new_member.system and r.role = check_new_member.role) then
    perform platform.fail(422, 'invalid_fields', 'Certains champs sont invalides.',
      '[{"field": "role", "code": "invalid_value", "message": "Ce rôle n''existe pas."}]');
  end if;
  perform platform.discard_unproven(email, system);
  if exists (select from auth.users u where u.email = lower(btrim(check_new_member.email))) then
    perform platform.fail(409, 'email_taken', 'Un compte existe déjà avec cette adresse e-mail.',
      'Changez le rôle de ce compte ; si vous ne le voyez pas, la personne s''inscrit elle-même avec cette adresse.');
  end if;
end;
$$;
comment on function platform.check_new_member is 'Refuses a new member whom the caller may not make.';

create function platform.add_member(user_id uuid, system text, role text, profile jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_admin(system);
  if exists (select from platform.memberships m where m.user_id = add_member.user_id and m.system = add_member.system) then
    perform platform.fail(409, 'email_taken', 'Un compte existe déjà avec cette adresse e-mail.');
  end if;
  perform platform.require_within(add_member.user_id, system);
  perform platform.require_proven(add_member.user_id);
  -- Who is a member elsewhere has said himself who he is.
  if exists (select from platform.memberships m where m.user_id = add_member.user_id) then
    perform platform.complete_profile(add_member.user_id, profile);
  else
    perform platform.fill_profile(add_member.user_id, profile);
  end if;
  perform platform.change_role(add_member.user_id, add_member.system, add_member.role);
  perform platform.tell_system(add_member.system, add_member.user_id, add_member.role, 'granted');
  return platform.member(add_member.user_id, add_member.system);
end;
$$;
comment on function platform.add_member is 'Gives an account that Auth has just made its role.';

create function platform.change_member_role(user_id uuid, system text, role text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_admin(system);
  perform platform.require_within(change_member_role.user_id, system);
  perform platform.require_proven(change_member_role.user_id);
  perform platform.change_role(change_member_role.user_id, change_member_role.system, change_member_role.role);
  perform platform.tell_system(change_member_role.system, change_member_role.user_id, change_member_role.role, 'granted');
  return platform.member(change_member_role.user_id, change_member_role.system);
end;
$$;
comment on function platform.change_member_role is 'Makes a role the only one of a user in a system, and what goes with it.';

-- To reactivate is also how an admin accepts who has registered.
create function platform.change_member_status(user_id uuid, system text, status text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_role text := platform.main_role(change_member_status.user_id, change_member_status.system);
begin
  perform platform.require_admin(system);
  if v_role is null then
    if exists (
      select from platform.registrations r where r.user_id = change_member_status.user_id and r.system = change_member_status.system)
    then
      perform platform.require_proven(change_member_status.user_id);
    end if;
    perform platform.fail(404, 'user_not_found', 'Cet utilisateur n''existe pas.');
  end if;
  perform platform.set_member_status(change_member_status.user_id, change_member_status.system, change_member_status.status);
  perform platform.tell_system(change_member_status.system, change_member_status.user_id, v_role,
    case change_member_status.status when 'active' then 'reactivated' else 'suspended' end);
  return platform.member(change_member_status.user_id, change_member_status.system);
end;
$$;
comment on function platform.change_member_status is 'Suspends a member, or lets him in again, or accepts him who has registered.';

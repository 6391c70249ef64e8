-- Registration is the only road on which a person gets a role without an admin.
create function platform.check_self_registration(system text, role text)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  if not exists (
    select from platform.system_roles r
    where r.system = check_self_registration.system and r.role = check_self_registration.role and r.self_registration
  ) then
    perform platform.fail(403, 'role_not_allowed', 'Ce rôle ne peut pas être choisi à l''inscription.');
  end if;
end;
$$;
comment on function platform.check_self_registration is 'Refuses (403) a role that the system does not allow at registration.';

create function platform.register_member(user_id uuid, system text, role text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.check_self_registration(system, role);
  insert into platform.memberships (user_id, system, role, status)
  select register_member.user_id, r.system, r.role, case when r.needs_acceptance then 'pending' else 'active' end
  from platform.system_roles r where r.system = register_member.system and r.role = register_member.role
  on conflict do nothing;
end;
$$;
comment on function platform.register_member is 'Gives a user a role that the system allows at registration (service_role only).';

create function platform.administers(user_id uuid)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select exists (
    select from platform.memberships theirs
    join platform.memberships mine on mine.system = theirs.system and mine.status = 'active'
    join platform.system_roles r on r.system = mine.system and r.role = mine.role and r.administers
    where theirs.user_id = administers.user_id and mine.user_id = (select auth.uid())
  );
$$;
comment on function platform.administers is 'Whether the caller is an admin of a system to which that user belongs.';

create policy select_own_or_administered on platform.memberships for select to authenticated
  using (user_id = (select auth.uid()) or platform.is_admin(system));
create policy select_own_or_administered on platform.profiles for select to authenticated
  using (id = (select auth.uid()) or platform.administers(id));
create policy update_own on platform.profiles for update to authenticated
  using (id = (select auth.uid())) with check (id = (select auth.uid()));

grant select on platform.system_roles, platform.memberships, platform.profiles to authenticated;
grant update (first_name, last_name, company, phone, avatar, display_name, bio) on platform.profiles to authenticated;
grant select, insert, update, delete on platform.system_roles, platform.memberships, platform.profiles to service_role;
grant execute on function platform.administers to authenticated, service_role;
grant execute on function platform.register_member to service_role;

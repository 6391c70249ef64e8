-- Roles. A role is a row here and nowhere else: not in the token, not in metadata that the person can write.
-- It is looked up on every request, so that a suspended member is refused at once, on tokens already issued too.
create table platform.system_roles (
  system text not null,
  role text not null,
  administers boolean not null default false,
  rank integer not null default 0,
  self_registration boolean not null default false,
  description text not null,
  primary key (system, role)
);
alter table platform.system_roles enable row level security;
comment on table platform.system_roles is 'The roles of each system, and which of them one may take by registering.';
comment on column platform.system_roles.administers is 'Whether who holds it looks after the members, their roles and the limits of the system.';
comment on column platform.system_roles.rank is 'Of several roles of a person, the one with the lowest rank stands for him.';
create policy select_everyone on platform.system_roles for select to authenticated using (true);

create table platform.memberships (
  user_id uuid not null references platform.profiles (id) on delete cascade,
  system text not null,
  role text not null,
  status text not null default 'active' check (status in ('active', 'suspended')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (user_id, system, role),
  foreign key (system, role) references platform.system_roles (system, role)
);
alter table platform.memberships enable row level security;
create index memberships_system_role on platform.memberships (system, role);
create trigger touch before update on platform.memberships for each row execute function platform.touch();
comment on table platform.memberships is 'Who holds which role in which system. Written by functions only.';

-- service_role is the key of the operators: it acts as an admin of every system.
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
  ) and not platform.session_is_over() or (has_role.role = 'admin' and auth.role() = 'service_role');
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
begin
  if exists (
    select from platform.memberships m
    where m.user_id = (select auth.uid()) and m.system = refuse_suspended.system
    having bool_and(m.status = 'suspended')
  ) then
    perform platform.fail(403, 'account_suspended', 'Votre compte est suspendu.', 'Contactez l''administrateur.');
  end if;
  return true;
end;
$$;
comment on function platform.refuse_suspended is 'True, or 403 if every role that the caller holds in the system is suspended.';

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
  insert into platform.memberships (user_id, system, role) values (user_id, system, role) on conflict do nothing;
end;
$$;
comment on function platform.register_member is 'Gives a new user a role that the system allows at registration (service_role only).';

create function platform.administers(user_id uuid)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select exists (
    select from platform.memberships theirs
    join platform.memberships mine on mine.system = theirs.system and mine.role = 'admin' and mine.status = 'active'
    where theirs.user_id = administers.user_id and mine.user_id = (select auth.uid())
  );
$$;
comment on function platform.administers is 'Whether the caller is an admin of a system to which that user belongs.';

create policy select_own_or_administered on platform.memberships for select to authenticated
  using (user_id = (select auth.uid()) or platform.has_role(system, 'admin'));
create policy select_own_or_administered on platform.profiles for select to authenticated
  using (id = (select auth.uid()) or platform.administers(id));
create policy update_own on platform.profiles for update to authenticated
  using (id = (select auth.uid())) with check (id = (select auth.uid()));

grant select on platform.system_roles, platform.memberships, platform.profiles to authenticated;
grant update (first_name, last_name, company, phone, avatar, display_name, bio) on platform.profiles to authenticated;
grant select, insert, update, delete on platform.system_roles, platform.memberships, platform.profiles to service_role;
grant execute on function platform.has_role, platform.require_role, platform.refuse_suspended to anon, authenticated, service_role;
grant execute on function platform.administers to authenticated, service_role;
grant execute on function platform.register_member to service_role;
select platform.audit('platform.memberships');

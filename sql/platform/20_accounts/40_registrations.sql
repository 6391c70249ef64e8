-- Who registers has proven nothing yet, not even that the address is his. What he asks for waits in a row of its own, and is
-- given by the trigger of auth.users when the address is proven. Whoever asked last is who is listened to.
create table platform.registrations (
  user_id uuid not null references platform.profiles (id) on delete cascade,
  system text not null,
  role text not null,
  profile jsonb not null check (jsonb_typeof(profile) = 'object'),
  requested_at timestamptz not null default now(),
  applied_at timestamptz,
  primary key (user_id, system),
  foreign key (system, role) references platform.system_roles (system, role)
);
alter table platform.registrations enable row level security;
create index registrations_system_role on platform.registrations (system, role);
comment on table platform.registrations is 'What a person asked for who registered; it is given when his address is proven (applied_at).';
create policy select_nobody on platform.registrations for select to anon, authenticated using (false);
grant select on platform.registrations to service_role;

-- Whole: what somebody else may have said of the address before is gone.
create function platform.fill_profile(user_id uuid, profile jsonb)
returns void
language sql
security definer
set search_path = ''
as $$
  update platform.profiles p set
    first_name = coalesce(profile ->> 'firstName', p.first_name),
    last_name = coalesce(profile ->> 'lastName', p.last_name),
    company = profile ->> 'company',
    phone = profile ->> 'phone'
  where p.id = fill_profile.user_id;
$$;
comment on function platform.fill_profile is 'Writes the names, company and telephone of a new account.';

-- Who has an account has said who he is: what anybody may send with his address changes nothing of that.
create function platform.complete_profile(user_id uuid, profile jsonb)
returns void
language sql
security definer
set search_path = ''
as $$
  update platform.profiles p set
    first_name = coalesce(nullif(p.first_name, ''), profile ->> 'firstName', ''),
    last_name = coalesce(nullif(p.last_name, ''), profile ->> 'lastName', ''),
    company = coalesce(p.company, profile ->> 'company'),
    phone = coalesce(p.phone, profile ->> 'phone')
  where p.id = complete_profile.user_id;
$$;
comment on function platform.complete_profile is 'Writes what an account does not say yet of names, company and telephone.';

create function platform.keep_registration(user_id uuid, system text, role text, profile jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.check_self_registration(system, role);
  insert into platform.registrations as r (user_id, system, role, profile)
  values (keep_registration.user_id, keep_registration.system, keep_registration.role, keep_registration.profile)
  on conflict on constraint registrations_pkey do update
    set role = excluded.role, profile = excluded.profile, requested_at = now(), applied_at = null;
end;
$$;
comment on function platform.keep_registration is 'Keeps what an account asks for, until its address is proven; refuses (403) a role that nobody may choose.';

create function platform.register(user_id uuid, system text, role text, profile jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- Locked: nobody proves the address while this is being written.
  perform from auth.users u where u.id = register.user_id and u.email_confirmed_at is null for update;
  if not found then perform platform.fail(409, 'already_registered', 'Ce compte existe déjà.'); end if;
  perform platform.keep_registration(user_id, system, role, profile);
end;
$$;
comment on function platform.register is 'Keeps what an account asks for whose address is not proven yet.';

create function platform.ask_to_join(email text, system text, role text, profile jsonb)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_user uuid;
begin
  select u.id into v_user from auth.users u
  where u.email = lower(btrim(ask_to_join.email)) and not u.is_sso_user and u.email_confirmed_at is not null
    and not exists (select from platform.memberships m where m.user_id = u.id and m.system = ask_to_join.system)
  for no key update;
  if v_user is null then return false; end if;
  perform platform.keep_registration(v_user, system, role, profile);
  return true;
end;
$$;
comment on function platform.ask_to_join is 'Keeps what was asked for with the address of a proven account that is no member of the system; false for any other.';

-- Two have registered with one address, and nobody can tell which of them it belongs to. So neither's password counts: the
-- mail that is due leads its reader to choose one. An invited account is left alone. Of an account that is proven and of
-- another system nothing changes either, before the link of that mail was followed.
create function platform.register_again(email text, system text, role text, profile jsonb)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_user uuid;
begin
  select u.id into v_user from auth.users u
  where u.email = lower(btrim(register_again.email)) and not u.is_sso_user and u.email_confirmed_at is null and u.invited_at is null
    and not exists (select from platform.memberships m where m.user_id = u.id)
  for update;
  if v_user is null then return platform.ask_to_join(email, system, role, profile); end if;
  perform platform.register(v_user, system, role, profile);
  update auth.users u set encrypted_password = '' where u.id = v_user;
  return true;
end;
$$;
comment on function platform.register_again is
  'Keeps what was asked for with an address that was registered before and is not proven, or that is no member here; false, and nothing, for any other.';

grant execute on function platform.register, platform.register_again to service_role;

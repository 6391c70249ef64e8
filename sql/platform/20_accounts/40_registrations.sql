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
  perform platform.check_self_registration(system, role);
  insert into platform.registrations as r (user_id, system, role, profile)
  values (register.user_id, register.system, register.role, register.profile)
  on conflict on constraint registrations_pkey do update
    set role = excluded.role, profile = excluded.profile, requested_at = now(), applied_at = null;
end;
$$;
comment on function platform.register is 'Keeps what an account asks for whose address is not proven yet.';

-- Two have registered with one address, and nobody can tell which of them it belongs to. So neither's password counts: the
-- mail that is due leads its reader to choose one. An invited account is left alone.
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
  if v_user is null then return false; end if;
  perform platform.register(v_user, system, role, profile);
  update auth.users u set encrypted_password = '' where u.id = v_user;
  return true;
end;
$$;
comment on function platform.register_again is
  'Keeps what was asked for with an address that was registered before and is not proven; false, and nothing, for any other.';

-- The password of an account whose address is not proven is that of whoever came first. It counts while nobody else has
-- had to do with it: with a second mail, or by a link that was not that of the registration, the one who proves the
-- address may be another, and chooses his own. A sign-in that an outsider had linked goes as well.
create function platform.doubt_password()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if (old.confirmation_sent_at is not null and new.confirmation_sent_at is distinct from old.confirmation_sent_at)
    or (coalesce(old.recovery_token, '') <> '' and coalesce(new.recovery_token, '') = '')
  then
    new.encrypted_password := '';
    delete from auth.identities i where i.user_id = old.id and i.provider <> 'email';
  end if;
  return new;
end;
$$;
comment on function platform.doubt_password is 'Trigger: of an unproven address that is mailed again, or proven by another link, the password counts no more.';
create trigger doubt_password before update on auth.users
  for each row when (old.confirmed_at is null) execute function platform.doubt_password();

create function platform.prove_address()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v record;
begin
  -- Whatever was opened or set up before may be somebody else's. The session of this proof comes afterwards.
  if old.confirmed_at is null then
    delete from auth.sessions s where s.user_id = new.id;
    delete from auth.mfa_factors f where f.user_id = new.id;
  end if;
  for v in
    select r.* from platform.registrations r join platform.system_roles s on s.system = r.system and s.role = r.role
    where r.user_id = new.id and r.applied_at is null and s.self_registration
  loop
    perform platform.fill_profile(new.id, v.profile);
    perform platform.register_member(new.id, v.system, v.role);
    update platform.registrations r set applied_at = now() where r.user_id = new.id and r.system = v.system;
  end loop;
  return null;
end;
$$;
comment on function platform.prove_address is
  'Trigger: an address was proven. Gives the roles that were asked for; a system makes what goes with a role when applied_at is set.';
create trigger prove_address after update of email_confirmed_at on auth.users
  for each row when (old.email_confirmed_at is null and new.email_confirmed_at is not null) execute function platform.prove_address();

create function platform.is_proven(user_id uuid)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$ select exists (select from auth.users u where u.id = is_proven.user_id and u.email_confirmed_at is not null); $$;
comment on function platform.is_proven is 'Whether an account has shown that its address is its own.';

-- An account that somebody has opened with another's address keeps nothing from being opened by an admin.
create function platform.discard_unproven(email text)
returns void
language sql
security definer
set search_path = ''
as $$
  delete from auth.users u
  where u.email = lower(btrim(discard_unproven.email)) and u.confirmed_at is null and u.invited_at is null
    and not exists (select from platform.memberships m where m.user_id = u.id);
$$;
comment on function platform.discard_unproven is 'Removes the account of an address that nobody has proven and to which nobody has given a role.';

create function platform.require_proven(user_id uuid)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  if not platform.is_proven(user_id) then
    perform platform.fail(409, 'email_unproven', 'L''adresse e-mail de ce compte n''est pas encore confirmée : quelqu''un d''autre a pu l''ouvrir.',
      'Attendez que la personne ait suivi le lien reçu, ou créez-lui vous-même un compte.');
  end if;
end;
$$;
comment on function platform.require_proven is 'Refuses (409) to do more for an account whose address is not proven.';

grant execute on function platform.register, platform.register_again to service_role;

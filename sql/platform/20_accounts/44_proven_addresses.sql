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

create function platform.apply_registrations(user_id uuid, is_new boolean, since timestamptz, before timestamptz)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v record;
  v_given integer := 0;
begin
  for v in
    select r.* from platform.registrations r join platform.system_roles s on s.system = r.system and s.role = r.role
    where r.user_id = apply_registrations.user_id and r.applied_at is null and s.self_registration
      and r.requested_at >= since and r.requested_at <= before
    order by r.requested_at
  loop
    if is_new then perform platform.fill_profile(v.user_id, v.profile); else perform platform.complete_profile(v.user_id, v.profile); end if;
    perform platform.register_member(v.user_id, v.system, v.role);
    update platform.registrations r set applied_at = now() where r.user_id = v.user_id and r.system = v.system;
    perform platform.tell_system(v.system, v.user_id, v.role, 'registered');
    v_given := v_given + 1;
  end loop;
  return v_given;
end;
$$;
comment on function platform.apply_registrations is 'Gives an account the roles that it asked for within a time, and has their systems make what goes with them; answers how many.';

-- An account that an admin makes is confirmed from the beginning, with a password that he may know. That is enough for the
-- system that he administers. Of one that its owner has registered, the link of the registration proves both.
create function platform.note_proof(user_id uuid)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
  update platform.profiles p set proven_at = now() where p.id = note_proof.user_id and p.proven_at is null;
  return found;
end;
$$;
comment on function platform.note_proof is 'Notes that an account is opened by the reader of its mailbox alone; false where that was known.';

create function platform.follow_registration()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$ begin perform platform.note_proof(new.id); return null; end; $$;
comment on function platform.follow_registration is 'Trigger: the mailed link of a registration or an invitation was followed.';
create trigger follow_registration after update of confirmation_token on auth.users
  for each row when (
    old.email_confirmed_at is null and coalesce(old.confirmation_token, '') <> '' and coalesce(new.confirmation_token, '') = ''
    and new.encrypted_password is not distinct from old.encrypted_password and new.email is not distinct from old.email
    and new.confirmation_sent_at is not distinct from old.confirmation_sent_at)
  execute function platform.follow_registration();

create function platform.prove_address()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- Whatever was opened or set up before may be somebody else's. The session of this proof comes afterwards.
  if old.confirmed_at is null then
    delete from auth.sessions s where s.user_id = new.id;
    delete from auth.mfa_factors f where f.user_id = new.id;
    if coalesce(new.encrypted_password, '') = '' then perform platform.note_proof(new.id); end if;
  end if;
  perform platform.apply_registrations(new.id, true, '-infinity', 'infinity');
  return null;
end;
$$;
comment on function platform.prove_address is 'Trigger: an address was proven. Gives the roles that were asked for.';
create trigger prove_address after update of email_confirmed_at on auth.users
  for each row when (old.email_confirmed_at is null and new.email_confirmed_at is not null) execute function platform.prove_address();

-- Who has an account joins another system by the link of a mail that was sent after he asked to: an older one, or one that
-- came much later, was asked for because of something else. A password that he changes ends such links as well, and proves
-- no mailbox. The two clocks, that of Supabase Auth and ours, may be a little apart.
--
-- With the first of them, whatever opened the account before counts no more: the password may be that of another system's
-- admin. It is emptied by a statement of its own, since by a trigger before this one the link would seem to end by a new password.
create function platform.join_systems()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if platform.apply_registrations(new.id, false, now() - interval '1 day', old.recovery_sent_at + interval '1 minute') > 0
    and platform.note_proof(new.id)
  then
    update auth.users u set encrypted_password = '', email_change = '', email_change_token_new = '', email_change_token_current = ''
    where u.id = new.id;
    delete from auth.identities i where i.user_id = new.id and i.provider <> 'email';
    delete from auth.sessions s where s.user_id = new.id;
    delete from auth.mfa_factors f where f.user_id = new.id;
  end if;
  return null;
end;
$$;
comment on function platform.join_systems is 'Trigger: a mailed link of a proven account was followed. Gives the roles of other systems that were asked for.';
create trigger join_systems after update of recovery_token on auth.users
  for each row when (
    old.email_confirmed_at is not null and coalesce(old.recovery_token, '') <> '' and coalesce(new.recovery_token, '') = ''
    and new.encrypted_password is not distinct from old.encrypted_password and new.email is not distinct from old.email
    and new.recovery_sent_at is not distinct from old.recovery_sent_at)
  execute function platform.join_systems();

create function platform.is_proven(user_id uuid)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$ select exists (select from auth.users u where u.id = is_proven.user_id and u.email_confirmed_at is not null); $$;
comment on function platform.is_proven is 'Whether an account has shown that its address is its own.';

-- An account that somebody has opened with another's address keeps nothing from being opened by an admin. What was asked for
-- in another system is not this one's to throw away.
create function platform.discard_unproven(email text, system text)
returns void
language sql
security definer
set search_path = ''
as $$
  delete from auth.users u
  where u.email = lower(btrim(discard_unproven.email)) and u.confirmed_at is null and u.invited_at is null
    and not exists (select from platform.memberships m where m.user_id = u.id)
    and not exists (select from platform.registrations r where r.user_id = u.id and r.system <> discard_unproven.system);
$$;
comment on function platform.discard_unproven is
  'Removes the account of an address that nobody has proven, to which nobody has given a role, and which has registered in no other system.';

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

-- Erasing an account (GDPR, article 17). Books and proofs name it by its id and must stay: so the row stays as well, under a
-- pseudonym that leads to nobody, and all by which the person was known or could come in again goes. A system erases what is
-- its own first, and says what may stand in the way.
create function platform.erased_email(user_id uuid)
returns text
language sql
immutable
set search_path = ''
as $$ select 'efface-' || erased_email.user_id || '@efface.invalid'; $$;
comment on function platform.erased_email is 'The address of an erased account, which is nobody''s.';

-- First of all, and in the order in which Supabase Auth locks: who signs in meanwhile has done so before, or waits. Keys are
-- left alone, so that nobody waits who merely refers to the account.
create function platform.begin_erasure(user_id uuid)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform from auth.users u where u.id = begin_erasure.user_id for no key update;
  perform from platform.profiles p where p.id = begin_erasure.user_id and p.erased_at is null for no key update;
  return found;
end;
$$;
comment on function platform.begin_erasure is 'Locks an account that is about to be erased; false if it is nobody''s any more.';

-- A password that was checked before the erasure must not open a session after it.
create function platform.refuse_erased()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_erased_at timestamptz;
begin
  select p.erased_at into v_erased_at from platform.profiles p where p.id = new.user_id for share;
  if v_erased_at is not null then perform platform.fail(403, 'account_erased', 'Ce compte a été effacé.'); end if;
  return new;
end;
$$;
comment on function platform.refuse_erased is 'Trigger: nobody signs in to an account that was erased.';
create trigger refuse_erased before insert on auth.sessions for each row execute function platform.refuse_erased();

-- What Supabase Auth keeps of a user differs from version to version: whatever is under his id goes, and in his own row all by
-- which he is reached or would be. Where its tables are another's, it may be that some of it is not ours to write.
create function platform.erase_from_auth(user_id uuid, email text)
returns text[]
language plpgsql
set search_path = ''
as $$
declare
  v record;
  v_left text[] := '{}';
  v_emptied text;
begin
  for v in
    select c.oid::regclass::text as name, a.attname as known_by, has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'delete') as is_ours
    from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname in ('user_id', 'linking_target_id') and not a.attisdropped
    where c.relnamespace = 'auth'::regnamespace and c.relkind in ('r', 'p') order by c.relname <> 'sessions', c.relname
  loop
    if v.is_ours then execute format('delete from %s t where t.%I::text = $1', v.name, v.known_by) using erase_from_auth.user_id::text;
    else v_left := v_left || v.name; end if;
  end loop;
  if to_regclass('auth.audit_log_entries') is not null then
    if has_table_privilege('auth.audit_log_entries', 'select') and has_table_privilege('auth.audit_log_entries', 'delete') then
      execute 'delete from auth.audit_log_entries l where strpos(l.payload::text, $1) > 0
          or $2 <> '''' and lower($2) in (lower(l.payload ->> ''actor_username''), lower(l.payload -> ''traits'' ->> ''user_email''))'
        using erase_from_auth.user_id::text, erase_from_auth.email;
    else v_left := v_left || 'auth.audit_log_entries'::text; end if;
  end if;
  select string_agg(format('%I = ''''', a.attname), ', ') into strict v_emptied from pg_catalog.pg_attribute a
  where a.attrelid = 'auth.users'::regclass and not a.attisdropped and a.attname ~ '(^|_)(token|change)(_new|_current)?$';
  execute format('update auth.users u set %s where u.id = $1', v_emptied) using erase_from_auth.user_id;
  update auth.users u set email = platform.erased_email(u.id), encrypted_password = '', raw_user_meta_data = '{}', raw_app_meta_data = '{}',
    phone = null, last_sign_in_at = null
  where u.id = erase_from_auth.user_id;
  return v_left;
end;
$$;
comment on function platform.erase_from_auth is 'Takes from Supabase Auth what it knows of a user; answers the tables in which it may not.';

create function platform.erase_account(user_id uuid)
returns text[]
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_system text;
  v_email text;
begin
  select p.email into strict v_email from platform.profiles p where p.id = erase_account.user_id;
  for v_system in
    select m.system from platform.memberships m
    where m.user_id = erase_account.user_id and m.role = any (platform.roles_of_system(m.system, true)) order by 1
  loop
    perform platform.keep_an_admin(v_system, erase_account.user_id);
  end loop;
  delete from platform.known_devices d using auth.sessions s
    where v_email <> '' and s.user_id = erase_account.user_id and d.device = platform.attempt_bucket('auth', 'device', concat_ws(' ', v_email, s.ip));
  delete from platform.session_handles h where h.user_id = erase_account.user_id;
  delete from platform.notifications n where erase_account.user_id in (n.user_id, n.about) or platform.names_address(n.message, v_email);
  delete from platform.deliveries d where lower(d.payload ->> 'to') in (lower(nullif(v_email, '')), (select nullif(p.phone, '') from platform.profiles p where p.id = erase_account.user_id));
  delete from platform.registrations r where r.user_id = erase_account.user_id;
  delete from platform.idempotency_keys k where k.user_id = erase_account.user_id;
  delete from platform.memberships m where m.user_id = erase_account.user_id;
  -- Before its address, which others learn from: of who is erased there is nothing to learn.
  update platform.profiles p set email = platform.erased_email(p.id), first_name = 'Compte', last_name = 'effacé', company = null, phone = null,
    avatar = null, display_name = null, bio = null, erased_at = now()
  where p.id = erase_account.user_id;
  return platform.erase_from_auth(erase_account.user_id, v_email);
end;
$$;
comment on function platform.erase_account is
  'Takes from an account all that identifies the person, and ends his sessions; 409 for the last admin of a system. Answers the tables of Auth in which it may not.';

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

create function platform.erase_account(user_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_system text;
  v_table text;
  v_email text;
begin
  select p.email into strict v_email from platform.profiles p where p.id = erase_account.user_id for update;
  for v_system in select m.system from platform.memberships m where m.user_id = erase_account.user_id and m.role = 'admin' order by 1 loop
    perform platform.keep_an_admin(v_system, erase_account.user_id);
  end loop;
  -- First of all: an access token is worth nothing without its session.
  delete from platform.known_devices d using auth.sessions s
    where s.user_id = erase_account.user_id and d.device = platform.attempt_bucket('auth', 'device', concat_ws(' ', v_email, s.ip));
  delete from platform.session_handles h where h.user_id = erase_account.user_id;
  -- What Supabase Auth keeps besides is not the same everywhere.
  foreach v_table in array array['sessions', 'identities', 'mfa_factors', 'one_time_tokens', 'one_time_codes', 'flow_state', 'refresh_tokens'] loop
    if exists (select from pg_catalog.pg_attribute a where a.attrelid = to_regclass('auth.' || v_table) and a.attname = 'user_id' and not a.attisdropped) then
      execute format('delete from auth.%I t where t.user_id::text = $1', v_table) using erase_account.user_id::text;
    end if;
  end loop;
  if to_regclass('auth.audit_log_entries') is not null then
    execute 'delete from auth.audit_log_entries l where l.payload ->> ''actor_id'' = $1' using erase_account.user_id::text;
  end if;
  delete from platform.notifications n where n.user_id = erase_account.user_id or strpos(lower(n.message), lower(v_email)) > 0;
  delete from platform.deliveries d where lower(d.payload ->> 'to') in (lower(v_email), (select p.phone from platform.profiles p where p.id = erase_account.user_id));
  delete from platform.registrations r where r.user_id = erase_account.user_id;
  delete from platform.idempotency_keys k where k.user_id = erase_account.user_id;
  delete from platform.memberships m where m.user_id = erase_account.user_id;
  update auth.users u set email = platform.erased_email(u.id), encrypted_password = '', raw_user_meta_data = '{}', phone = null, last_sign_in_at = null
    where u.id = erase_account.user_id;
  update platform.profiles p set email = platform.erased_email(p.id), first_name = 'Compte', last_name = 'effacé', company = null, phone = null,
    avatar = null, display_name = null, bio = null, erased_at = now()
  where p.id = erase_account.user_id;
end;
$$;
comment on function platform.erase_account is 'Takes from an account all that identifies the person, and ends his sessions; 409 for the last admin of a system.';

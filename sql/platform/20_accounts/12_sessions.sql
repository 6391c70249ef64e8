-- An access token is valid until it expires, and nothing can take it back. So it is worth something only while its session
-- is there: who has signed out, whose password was changed or whose account is gone has none. A token without a session, an
-- operator's own, is not looked up.
create function platform.session_is_over()
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_session text := auth.jwt() ->> 'session_id';
begin
  if v_session is null then return false; end if;
  if not pg_input_is_valid(v_session, 'uuid') then return true; end if;
  return not exists (
    select from auth.sessions s
    where s.id = v_session::uuid and s.user_id = auth.uid() and (s.not_after is null or s.not_after > now())
  );
end;
$$;
comment on function platform.session_is_over is 'Whether the session to which the caller''s token belongs has ended.';
grant execute on function platform.session_is_over to anon, authenticated, service_role;

-- PostgREST asks this before each request, whatever the request then reads: what is one's own by auth.uid() alone is closed
-- to an ended session as well, and to who is suspended wherever he is a member. Storage and Realtime do not ask it; there
-- platform.has_role does.
create function platform.check_request()
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_user uuid := auth.uid();
begin
  if v_user is null then return; end if;
  if platform.session_is_over() then
    perform platform.fail(401, 'invalid_token', 'Votre session est terminée. Reconnectez-vous.');
  end if;
  if exists (select from platform.memberships m where m.user_id = v_user having bool_and(m.status = 'suspended')) then
    perform platform.fail(403, 'account_suspended', 'Votre compte est suspendu.', 'Contactez l''administrateur.');
  end if;
end;
$$;
comment on function platform.check_request is 'PostgREST''s pre-request: 401 for the token of an ended session, 403 for who is suspended everywhere.';
grant execute on function platform.check_request to anon, authenticated, service_role;

do $$ begin
  execute format('alter role authenticator in database %I set pgrst.db_pre_request = %L', current_database(), 'platform.check_request');
end $$;
notify pgrst, 'reload config';

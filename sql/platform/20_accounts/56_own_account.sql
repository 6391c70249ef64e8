-- Who asks, as a system knows him.
create function platform.my_account(system text)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_account jsonb;
begin
  if auth.uid() is null then
    perform platform.fail(401, 'authentication_required', 'Connectez-vous pour accéder à cette ressource.');
  end if;
  perform platform.refuse_suspended(system);
  v_account := platform.account_of(auth.uid(), system);
  if v_account is null then
    perform platform.fail(401, 'invalid_token', 'Le jeton d''authentification est invalide. Reconnectez-vous.');
  end if;
  return v_account || coalesce((select d.details from platform.details_of(system, 'account', array[auth.uid()]) d), '{}');
end;
$$;
comment on function platform.my_account is 'Who the caller is in a system: 401 for nobody, 403 where he is suspended or waits to be accepted.';

create function platform.sign_in_address(system text, identifier text)
returns text
language sql
stable
security definer
set search_path = ''
as $$ select u.email from auth.users u where u.id = platform.account_named(system, identifier); $$;
comment on function platform.sign_in_address is 'The address with which an account signs in to Auth that a system knows by another identifier; null for nobody''s.';
grant execute on function platform.sign_in_address to service_role;
grant execute on function platform.my_account, platform.member_named, platform.members, platform.check_new_member, platform.add_member,
  platform.change_member_role, platform.change_member_status to authenticated, service_role;

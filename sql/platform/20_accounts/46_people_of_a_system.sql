-- One account serves all systems, and an admin has to do with the people of his own. An account that no system has may still
-- become anybody's. What somebody has asked for in the name of a member of another system makes nobody its own: anyone may
-- ask with any address, so only a request that its reader has answered by the mailed link counts.
create function platform.is_within(user_id uuid, system text)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return auth.role() = 'service_role'
    or exists (select from platform.memberships m where m.user_id = is_within.user_id and m.system = is_within.system)
    or exists (
      select from platform.registrations r
      where r.user_id = is_within.user_id and r.system = is_within.system and r.applied_at is not null)
    or not exists (select from platform.memberships m where m.user_id = is_within.user_id);
end;
$$;
comment on function platform.is_within is
  'Whether those who administer a system have to do with an account: one of its people, or nobody''s. Operators have to do with all.';

create function platform.is_elsewhere(user_id uuid, system text)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return exists (select from platform.memberships m where m.user_id = is_elsewhere.user_id and m.system <> is_elsewhere.system);
end;
$$;
comment on function platform.is_elsewhere is 'Whether an account is a member of another system than this one.';

create function platform.require_within(user_id uuid, system text)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  if user_id is null or not platform.is_within(user_id, system) then
    perform platform.fail(404, 'user_not_found', 'Cet utilisateur n''existe pas.');
  end if;
end;
$$;
comment on function platform.require_within is 'Refuses (404) an account with which those who administer a system have nothing to do.';

-- The limits as rows that an admin reads and changes. Audited from here on: the rows to begin with are nobody's change.
select platform.audit('platform.rate_limit_rules');

create function platform_api.rate_limits(system text)
returns table (id text, description text, allowed integer, "periodSeconds" integer, "updatedAt" text)
language sql
stable
security invoker
set search_path = ''
as $$
  select r.name, r.description, r.allowed, extract(epoch from r.period)::integer, platform.iso_timestamp(r.updated_at)
  from platform.rate_limit_rules r
  where (select platform.require_admin(rate_limits.system)) and r.system in (rate_limits.system, 'auth')
  order by r.name;
$$;
comment on function platform_api.rate_limits is 'How many attempts of each kind are allowed within a period, in the system and at signing in.';

-- What is all systems' alike, one system's admin does not change for the people of another.
create function platform.administers_all()
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return auth.role() = 'service_role' or not exists (
    select from platform.systems s
    where exists (select from platform.memberships m where m.system = s.system) and not platform.is_admin(s.system));
end;
$$;
comment on function platform.administers_all is 'Whether the caller administers every system that has members.';

create function platform.change_rate_limit(system text, id text, allowed integer, period_seconds integer)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_owner text := change_rate_limit.system;
begin
  perform platform.require_admin(system);
  if not exists (
      select from platform.rate_limit_rules r where r.system = change_rate_limit.system and r.name = change_rate_limit.id)
    and exists (select from platform.rate_limit_rules r where r.system = 'auth' and r.name = change_rate_limit.id)
  then
    if not platform.administers_all() then
      perform platform.fail(403, 'forbidden', 'Cette limite vaut pour tous les systèmes : elle n''est changée que par qui les administre tous.',
        'Demandez-le à l''exploitant de la plateforme.');
    end if;
    v_owner := 'auth';
  end if;
  update platform.rate_limit_rules r
  set allowed = change_rate_limit.allowed, period = make_interval(secs => period_seconds)
  where r.system = v_owner and r.name = change_rate_limit.id;
  if not found then perform platform.fail(404, 'rate_limit_not_found', 'Cette limite n''existe pas.'); end if;
end;
$$;
comment on function platform.change_rate_limit is 'Changes a limit of a system, for who administers it, or of signing in, for who administers every system.';

create function platform_api.rate_limit_change(system text, id text, allowed integer, "periodSeconds" integer)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform platform.change_rate_limit(system, id, allowed, "periodSeconds");
  return (select to_jsonb(r) from platform_api.rate_limits(system) r where r.id = rate_limit_change.id);
end;
$$;
comment on function platform_api.rate_limit_change is 'Changes a limit; it holds from the next attempt.';
grant execute on function platform.change_rate_limit, platform_api.rate_limits, platform_api.rate_limit_change to authenticated, service_role;

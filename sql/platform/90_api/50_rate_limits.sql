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

create function platform.change_rate_limit(system text, id text, allowed integer, period_seconds integer)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_admin(system);
  update platform.rate_limit_rules r
  set allowed = change_rate_limit.allowed, period = make_interval(secs => period_seconds)
  where r.system in (change_rate_limit.system, 'auth') and r.name = change_rate_limit.id;
  if not found then perform platform.fail(404, 'rate_limit_not_found', 'Cette limite n''existe pas.'); end if;
end;
$$;
comment on function platform.change_rate_limit is 'Changes a limit of a system, or of signing in, for who administers it.';

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

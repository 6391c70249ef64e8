-- The limits as rows that an admin reads and changes. Audited from here on: the rows to begin with are nobody's change.
select platform.audit('platform.rate_limit_rules');

create view public.admin_rate_limits with (security_invoker = true) as
select r.name as id, r.description, r.allowed, extract(epoch from r.period)::integer as "periodSeconds",
  platform.iso_timestamp(r.updated_at) as "updatedAt"
from platform.rate_limit_rules r
where (select platform.require_role('leads', 'admin')) and r.system in ('leads', 'auth')
order by r.name;
comment on view public.admin_rate_limits is 'GET /api/admin/rate-limits: how many attempts of each kind are allowed within a period.';

create function leads.change_rate_limit(id text, allowed integer, period_seconds integer)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin');
  update platform.rate_limit_rules r
  set allowed = change_rate_limit.allowed, period = make_interval(secs => period_seconds)
  where r.system in ('leads', 'auth') and r.name = change_rate_limit.id;
  if not found then perform platform.fail(404, 'rate_limit_not_found', 'Cette limite n''existe pas.'); end if;
end;
$$;
comment on function leads.change_rate_limit is 'Changes a limit of Leads Provider, or of signing in, for an admin.';

create function public.admin_rate_limit_change(id text, allowed integer, "periodSeconds" integer)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform leads.change_rate_limit(id, allowed, "periodSeconds");
  return (select to_jsonb(r) from public.admin_rate_limits r where r.id = admin_rate_limit_change.id);
end;
$$;
comment on function public.admin_rate_limit_change is 'PUT /api/admin/rate-limits/:id: changes a limit; it holds from the next attempt.';

create trigger refuse_write instead of insert or update or delete on public.admin_rate_limits for each row execute function platform.refuse_write();
grant select on public.admin_rate_limits to authenticated, service_role;
grant execute on function leads.change_rate_limit, public.admin_rate_limit_change to authenticated, service_role;

-- GET /api/stats/* (document, 3.4).

create function leads.global_stats(
  out "totalLeads" numeric, out "qualifiedLeads" numeric, out "soldLeads" numeric, out "pendingLeads" numeric,
  out revenue numeric, out "avgScore" numeric, out "conversionRate" numeric
)
language sql
stable
security definer
set search_path = ''
as $$
  select
    platform.kept('leads', 'leads.total') + platform.opening('leads', 'stats.totalLeads'),
    platform.kept('leads', 'leads.qualified') + platform.opening('leads', 'stats.qualifiedLeads'),
    platform.kept('leads', 'leads.sold') + platform.opening('leads', 'stats.soldLeads'),
    platform.kept('leads', 'leads.pending') + platform.opening('leads', 'stats.pendingLeads'),
    platform.euros(platform.kept('leads', 'sales.revenue') + platform.opening('leads', 'stats.revenue')),
    coalesce(trim_scale(round((platform.kept('leads', 'leads.score') + platform.opening('leads', 'stats.score'))
      / nullif(platform.kept('leads', 'leads.total') + platform.opening('leads', 'stats.scored'), 0), 2)), 0),
    leads.rate(platform.kept('leads', 'leads.sold') + platform.opening('leads', 'stats.converted'),
      platform.kept('leads', 'leads.total') + platform.opening('leads', 'stats.convertible'))
  where (select platform.require_role('leads', 'admin'));
$$;

create function public.stats_global(
  out "totalLeads" numeric, out "qualifiedLeads" numeric, out "soldLeads" numeric, out "pendingLeads" numeric,
  out revenue numeric, out "avgScore" numeric, out "conversionRate" numeric
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from leads.global_stats(); $$;
comment on function public.stats_global is 'GET /api/stats/global. revenue in euros, rates in percent.';

-- An admin sees the whole platform, a supplier his own leads. sold is the number of sales minus the returns decided in
-- the month, like revenue.
create function leads.monthly_stats()
returns table (month text, leads numeric, qualified numeric, sold numeric, revenue numeric, period text)
language plpgsql
stable
security definer
set search_path = ''
rows 6
as $$
declare
  v_subject text := case when platform.has_role('leads', 'admin') then '' else leads.my_supplier_id()::text end;
begin
  perform platform.require_role('leads', 'admin', 'fournisseur');
  return query
    select m.label,
      max(m.value) filter (where m.metric = 'month.leads'),
      max(m.value) filter (where m.metric = 'month.qualified'),
      greatest(max(m.value) filter (where m.metric = 'month.sold'), 0),
      platform.euros(max(m.value) filter (where m.metric = 'month.revenue')),
      to_char(m.month, 'YYYY-MM')
    from platform.monthly('leads', array['month.leads', 'month.qualified', 'month.sold', 'month.revenue'],
      coalesce(v_subject, '-')) m
    group by m.month, m.label order by m.month;
end;
$$;

create function public.stats_monthly()
returns table (month text, leads numeric, qualified numeric, sold numeric, revenue numeric, period text)
language sql
stable
security invoker
set search_path = ''
rows 6
as $$ select * from leads.monthly_stats(); $$;
comment on function public.stats_monthly is
  'GET /api/stats/monthly: the last six months, oldest first; period is the month with its year.';

create function leads.sector_stats()
returns table (name text, value numeric, color text)
language sql
stable
security definer
set search_path = ''
rows 12
as $$
  select s.name, f.value, s.color
  from leads.sectors s
  cross join lateral (select platform.kept('leads', 'sector.leads', s.name) + platform.opening('leads', 'stats.sector',
    s.name) as value) f
  where (select platform.require_role('leads', 'admin', 'acheteur')) and (f.value <> 0 or s.position is not null)
  order by s.position nulls last, f.value desc, s.name;
$$;

create function public.stats_sectors()
returns table (name text, value numeric, color text)
language sql
stable
security invoker
set search_path = ''
rows 12
as $$ select * from leads.sector_stats(); $$;
comment on function public.stats_sectors is 'GET /api/stats/sectors: leads by sector.';

create function leads.region_stats()
returns table (name text, value numeric)
language sql
stable
security definer
set search_path = ''
rows 18
as $$
  select r.name, f.value
  from leads.regions r
  cross join lateral (select platform.kept('leads', 'region.leads', r.name) + platform.opening('leads', 'stats.region',
    r.name) as value) f
  where (select platform.require_role('leads', 'admin')) and (f.value <> 0 or r.position is not null)
  order by r.position nulls last, f.value desc, r.name;
$$;

create function public.stats_regions()
returns table (name text, value numeric)
language sql
stable
security invoker
set search_path = ''
rows 18
as $$ select * from leads.region_stats(); $$;
comment on function public.stats_regions is 'GET /api/stats/regions: leads by region.';

create table leads.score_features (
  id uuid primary key default platform.uuid_v7(),
  feature text not null unique,
  contribution numeric not null,
  description text not null
);
alter table leads.score_features enable row level security;
comment on table leads.score_features is 'The features that make up a lead''s score, with their points.';
create policy select_admin on leads.score_features for select to authenticated
  using ((select platform.has_role('leads', 'admin')));
grant select on leads.score_features to authenticated, service_role;

create view public.stats_score_explanations with (security_invoker = true) as
select f.feature, f.contribution, f.description from leads.score_features f
where (select platform.require_role('leads', 'admin')) order by f.id desc;
comment on view public.stats_score_explanations is 'GET /api/stats/score-explanations.';

grant select on public.stats_score_explanations to authenticated, service_role;
grant execute on function leads.global_stats, leads.monthly_stats, leads.sector_stats, leads.region_stats,
  public.stats_global, public.stats_monthly, public.stats_sectors, public.stats_regions to authenticated, service_role;

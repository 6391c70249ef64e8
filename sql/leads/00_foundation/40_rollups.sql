-- Statistics. A figure is kept by triggers while rows change (rollups), so that its answer costs the same at
-- ten thousand leads and at ten million. What was there before this database (a supplier with 1,250 uploads and
-- 50 leads) is an opening balance: a row of its own, added when a figure is read, untouched by a recount.
-- A rollup row is split into slots (platform.take_slot), so that writers never wait for each other.

create function leads.ever()
returns date
language sql
immutable
parallel safe
set search_path = ''
as $$ select date '-infinity'; $$;
comment on function leads.ever is 'The month of a figure that has no month.';
grant execute on function leads.ever to anon, authenticated, service_role;

create table leads.rollups (
  metric text not null,
  subject text not null default '',
  month date not null default leads.ever(),
  slot smallint not null,
  value bigint not null,
  primary key (metric, subject, month, slot)
);
alter table leads.rollups enable row level security;
comment on table leads.rollups is 'Figures counted from rows. subject: empty for the platform, else a supplier, buyer, agent, import, sector or region. Money in cents.';

create table leads.opening_figures (
  figure text not null,
  subject text not null default '',
  month date not null default leads.ever(),
  label text,
  value numeric not null,
  primary key (figure, subject, month)
);
alter table leads.opening_figures enable row level security;
comment on table leads.opening_figures is 'What a figure was before this database counted it, in the unit of its rollup.';
comment on column leads.opening_figures.label is 'The month as its source wrote it; a month with a label is always listed.';

create policy select_admin on leads.rollups for select to authenticated using ((select platform.has_role('leads', 'admin')));
create policy select_admin on leads.opening_figures for select to authenticated using ((select platform.has_role('leads', 'admin')));
grant select on leads.rollups, leads.opening_figures to authenticated, service_role;

create type leads.figure as (metric text, subject text, month date, value bigint);

create function leads.add_figures(figures leads.figure[])
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_slot smallint;
begin
  if coalesce(cardinality(figures), 0) = 0 then return; end if;
  v_slot := platform.take_slot();
  insert into leads.rollups as r (metric, subject, month, slot, value)
  select f.metric, f.subject, coalesce(f.month, leads.ever()), v_slot, sum(f.value)
  from unnest(figures) f
  where f.subject is not null
  group by 1, 2, 3
  having sum(f.value) <> 0
  on conflict (metric, subject, month, slot) do update set value = r.value + excluded.value;
end;
$$;
comment on function leads.add_figures is 'Adds changes to the rollups.';

create function leads.kept(metric text, subject text default '')
returns bigint
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(sum(r.value), 0)::bigint from leads.rollups r
  where r.metric = kept.metric and r.subject = kept.subject and r.month = leads.ever();
$$;

create function leads.opening(figure text, subject text default '', month date default leads.ever())
returns numeric
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce((select o.value from leads.opening_figures o
    where o.figure = opening.figure and o.subject = opening.subject and o.month = opening.month), 0);
$$;

-- The six months that end with the newest month that has figures; a month without a figure in between is a zero.
create function leads.monthly(metrics text[], subject text default '')
returns table (month date, label text, metric text, value numeric)
language sql
stable
security definer
set search_path = ''
rows 24
as $$
  with figures as (
    select r.month, r.metric, r.value::numeric, null::text as label from leads.rollups r
    where r.metric = any (metrics) and r.subject = monthly.subject and r.month > leads.ever()
    union all
    select o.month, o.figure, o.value, o.label from leads.opening_figures o
    where o.figure = any (metrics) and o.subject = monthly.subject and o.month > leads.ever()
  ), by_month as (
    select f.month, f.metric, sum(f.value) as value, max(f.label) as label from figures f group by f.month, f.metric
  ), span as (
    select max(b.month) as newest, greatest(min(b.month), max(b.month) - interval '5 months')::date as oldest
    from by_month b where b.label is not null or b.value <> 0
  )
  select m.month::date, coalesce(max(b.label) over (partition by m.month), leads.month_label(m.month::date)), k.metric, coalesce(b.value, 0)
  from span
  cross join lateral generate_series(span.oldest, span.newest, interval '1 month') as m (month)
  cross join unnest(metrics) as k (metric)
  left join by_month b on b.month = m.month::date and b.metric = k.metric
  order by m.month;
$$;
comment on function leads.monthly is 'The monthly values of some metrics of one subject, oldest month first.';

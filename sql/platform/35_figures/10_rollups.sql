-- Statistics. Triggers keep each figure up to date in a rollup while rows change, so that reading it takes the same
-- time at ten thousand leads and at ten million. Totals from before this database (a supplier with 1,250 uploads and
-- 50 leads) are opening figures: separate rows that are added when a figure is read and that a recount does not
-- change. A rollup row is split into slots (platform.take_slot), so that writers never wait for each other.

create function platform.ever()
returns date
language sql
immutable
parallel safe
set search_path = ''
as $$ select date '-infinity'; $$;
comment on function platform.ever is 'The month value of figures without a month.';
grant execute on function platform.ever to anon, authenticated, service_role;

create table platform.rollups (
  system text not null,
  metric text not null,
  subject text not null default '',
  month date not null default platform.ever(),
  slot smallint not null,
  value bigint not null,
  primary key (system, metric, subject, month, slot)
);
alter table platform.rollups enable row level security;
comment on table platform.rollups is
  'Figures counted from rows. subject: empty for the whole system, otherwise the id or name that the figure is '
  'about. Money in cents.';

create table platform.opening_figures (
  system text not null,
  figure text not null,
  subject text not null default '',
  month date not null default platform.ever(),
  label text,
  value numeric not null,
  primary key (system, figure, subject, month)
);
alter table platform.opening_figures enable row level security;
comment on table platform.opening_figures is
  'The value of a figure before this database counted it, in the unit of its rollup.';
comment on column platform.opening_figures.label is
  'The month as written in its source; a month with a label is always listed.';

create policy select_nobody on platform.rollups for select to anon, authenticated using (false);
create policy select_nobody on platform.opening_figures for select to anon, authenticated using (false);
grant select on platform.rollups, platform.opening_figures to service_role;

create type platform.figure as (metric text, subject text, month date, value bigint);

create function platform.add_figures(system text, figures platform.figure[])
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
  insert into platform.rollups as r (system, metric, subject, month, slot, value)
  select add_figures.system, f.metric, f.subject, coalesce(f.month, platform.ever()), v_slot, sum(f.value)
  from unnest(figures) f
  where f.subject is not null
  group by f.metric, f.subject, 4
  having sum(f.value) <> 0
  on conflict on constraint rollups_pkey do update set value = r.value + excluded.value;
end;
$$;
comment on function platform.add_figures is 'Adds changes to the rollups.';

create function platform.kept(system text, metric text, subject text default '')
returns bigint
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(sum(r.value), 0)::bigint from platform.rollups r
  where r.system = kept.system and r.metric = kept.metric and r.subject = kept.subject and r.month = platform.ever();
$$;

create function platform.opening(system text, figure text, subject text default '', month date default platform.ever())
returns numeric
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce((select o.value from platform.opening_figures o
    where o.system = opening.system and o.figure = opening.figure and o.subject = opening.subject
      and o.month = opening.month), 0);
$$;

-- The six months ending with the newest month that has figures; a missing month in between counts as zero.
create function platform.monthly(system text, metrics text[], subject text default '')
returns table (month date, label text, metric text, value numeric)
language sql
stable
security definer
set search_path = ''
rows 24
as $$
  with figures as (
    select r.month, r.metric, r.value::numeric, null::text as label from platform.rollups r
    where r.system = monthly.system and r.metric = any (metrics) and r.subject = monthly.subject
      and r.month > platform.ever()
    union all
    select o.month, o.figure, o.value, o.label from platform.opening_figures o
    where o.system = monthly.system and o.figure = any (metrics) and o.subject = monthly.subject
      and o.month > platform.ever()
  ), by_month as (
    select f.month, f.metric, sum(f.value) as value, max(f.label) as label from figures f group by f.month, f.metric
  ), span as (
    select max(b.month) as newest, greatest(min(b.month), max(b.month) - interval '5 months')::date as oldest
    from by_month b where b.label is not null or b.value <> 0
  )
  select m.month::date, coalesce(max(b.label) over (partition by m.month), platform.month_label(m.month::date)),
    k.metric, coalesce(b.value, 0)
  from span
  cross join lateral generate_series(span.oldest, span.newest, interval '1 month') as m (month)
  cross join unnest(metrics) as k (metric)
  left join by_month b on b.month = m.month::date and b.metric = k.metric
  order by m.month;
$$;
comment on function platform.monthly is 'The monthly values of metrics of one subject, oldest month first.';

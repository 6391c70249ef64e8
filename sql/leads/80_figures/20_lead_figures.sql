-- The statistics of leads. The functions *_figures define what a row contributes; the triggers apply them to the rows
-- of a statement, and the recount (leads.recount) to all rows. Sales and their returns and outcomes:
-- leads.sale_figures.

create function leads.lead_figures(
  supplier_id uuid, import_id uuid, sector text, region text, status text, qualification_status text,
  created_month date, qualified_month date, leads bigint, score bigint
)
returns setof platform.figure
language plpgsql
immutable
set search_path = ''
rows 15
as $$
begin
  return query
  select f.metric, f.subject, f.month, f.value
  from (values
    ('leads.total', '', null::date, leads),
    ('leads.score', '', null, score),
    ('leads.qualified', '', null, case when qualification_status = 'qualified' then leads end),
    ('leads.sold', '', null, case when status = 'sold' then leads end),
    ('leads.pending', '', null, case when status in ('new', 'pending') then leads end),
    ('sector.leads', sector, null, leads),
    ('region.leads', region, null, leads),
    ('supplier.leads', supplier_id::text, null, leads),
    ('import.pending', import_id::text, null,
      case when qualification_status in ('pending', 'in_progress', 'callback') then leads end),
    ('import.qualified', import_id::text, null, case when qualification_status = 'qualified' then leads end),
    ('import.rejected', import_id::text, null, case when qualification_status = 'not_qualified' then leads end),
    ('month.leads', '', created_month, leads),
    ('month.leads', supplier_id::text, created_month, leads),
    ('month.qualified', '', qualified_month, leads),
    ('month.qualified', supplier_id::text, qualified_month, leads)
  ) as f (metric, subject, month, value)
  where f.value is not null and f.subject is not null and (f.month is not null or f.metric not like 'month.%');
end;
$$;
comment on function leads.lead_figures is
  'The contribution of a group of leads with the same attributes to the statistics.';

-- Leads with the same attributes are counted as a group, because all leads of a file have the same creation time.
-- Attributes that an update does not change cancel out.
create function leads.keep_lead_figures()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_sign integer := case tg_op when 'DELETE' then -1 else 1 end;
  v_figures platform.figure[];
begin
  if tg_op = 'UPDATE' then
    select array_agg(f) into v_figures from (
      select supplier_id, import_id, sector, region, status, qualification_status, created_at, qualified_at,
        sum(sign) as leads, sum(sign * score) as score
      from (select 1 as sign, n.* from new_rows n union all select -1, o.* from old_rows o) changed
      where withdrawn_at is null group by 1, 2, 3, 4, 5, 6, 7, 8
      having sum(sign) <> 0 or sum(sign * score) <> 0
    ) g, leads.lead_figures(supplier_id, import_id, sector, region, status, qualification_status,
      platform.paris_month(created_at), platform.paris_month(qualified_at), leads, score) f;
  else
    select array_agg(f) into v_figures from (
      select supplier_id, import_id, sector, region, status, qualification_status, created_at, qualified_at,
        count(*) * v_sign as leads, sum(score) * v_sign as score
      from changed where withdrawn_at is null group by 1, 2, 3, 4, 5, 6, 7, 8
    ) g, leads.lead_figures(supplier_id, import_id, sector, region, status, qualification_status,
      platform.paris_month(created_at), platform.paris_month(qualified_at), leads, score) f;
  end if;
  perform platform.add_figures('leads', v_figures);
  return null;
end;
$$;
create trigger keep_figures_insert after insert on leads.leads
  referencing new table as changed for each statement execute function leads.keep_lead_figures();
create trigger keep_figures_update after update on leads.leads
  referencing old table as old_rows new table as new_rows for each statement
    execute function leads.keep_lead_figures();
create trigger keep_figures_delete after delete on leads.leads
  referencing old table as changed for each statement execute function leads.keep_lead_figures();

-- The statistics computed again from all rows. The values kept by the triggers must be the same.
create view leads.counted_figures with (security_invoker = true) as
select f.metric, f.subject, coalesce(f.month, platform.ever()) as month, sum(f.value)::bigint as value
from (
  select f.* from (
    select supplier_id, import_id, sector, region, status, qualification_status,
      platform.paris_month(created_at) as created, platform.paris_month(qualified_at) as qualified, count(*) as leads,
      sum(score) as score
    from leads.leads where withdrawn_at is null group by 1, 2, 3, 4, 5, 6, 7, 8
  ) g, leads.lead_figures(supplier_id, import_id, sector, region, status, qualification_status, created,
  qualified, leads, score) f
  union all
  select f.* from leads.sales s,
    leads.sale_figures(s.buyer_id, s.supplier_id, s.price_cents, s.supplier_share_cents, s.sold_at, 1) f
  union all
  select f.* from leads.returns r join leads.sales s on s.buyer_id = r.buyer_id and s.lead_id = r.lead_id,
    leads.sale_figures(s.buyer_id, s.supplier_id, s.price_cents, s.supplier_share_cents, r.decided_at, -1) f
      where r.status = 'accepted'
  union all
  select f.* from leads.outcomes o join leads.kept_sales k on k.buyer_id = o.buyer_id and k.lead_id = o.lead_id,
    leads.outcome_figures(o.buyer_id, o.outcome, 1) f
  union all
  select f.* from leads.calls c, leads.call_figures(c.agent_id, c.duration_seconds, c.result) f
  union all
  select f.* from leads.transactions t, leads.transaction_figures(t.type, t.status, t.amount_cents, t.date) f
  union all
  select f.* from leads.payouts p, leads.payout_figures(p.supplier_id, p.status, p.amount_cents, p.date) f
) f
where f.subject is not null
group by 1, 2, 3
having sum(f.value) <> 0;
comment on view leads.counted_figures is 'The statistics computed from all rows.';

create function leads.verify_rollups()
returns table (metric text, subject text, month date, kept bigint, counted bigint)
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(k.metric, c.metric), coalesce(k.subject, c.subject), coalesce(k.month, c.month),
    coalesce(k.value, 0), coalesce(c.value, 0)
  from (select r.metric, r.subject, r.month, sum(r.value)::bigint as value from platform.rollups r
    where r.system = 'leads' group by 1, 2, 3) k
  full join leads.counted_figures c on c.metric = k.metric and c.subject = k.subject and c.month = k.month
  where coalesce(k.value, 0) <> coalesce(c.value, 0)
  order by 1, 2, 3;
$$;
comment on function leads.verify_rollups is
  'Differences between the rollups and a count of all rows; no row if they agree.';

create function leads.recount()
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_rows bigint;
begin
  -- Writers wait during the recount: otherwise their changes would be counted and added as well.
  lock table leads.leads, leads.sales, leads.returns, leads.outcomes, leads.calls, leads.transactions,
  leads.payouts in share mode;
  delete from platform.rollups r where r.system = 'leads';
  insert into platform.rollups (system, metric, subject, month, slot, value)
    select 'leads', c.metric, c.subject, c.month, 0, c.value from leads.counted_figures c;
  get diagnostics v_rows = row_count;
  return v_rows;
end;
$$;
comment on function leads.recount is 'Replaces the rollups by a count of all rows. Opening figures stay.';
grant execute on function leads.verify_rollups, leads.recount to service_role;

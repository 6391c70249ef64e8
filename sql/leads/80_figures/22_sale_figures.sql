-- The statistics of sales, returns and outcomes. A returned lead is subtracted in the month of the decision, and its
-- outcome no longer counts.
create function leads.sale_figures(buyer_id uuid, supplier_id uuid, price_cents bigint, supplier_share_cents bigint,
  at timestamptz, sign integer)
returns setof platform.figure
language plpgsql
immutable
set search_path = ''
rows 9
as $$
begin
  return query
  values
    ('sales.revenue', '', null::date, sign * price_cents),
    ('month.revenue', '', platform.paris_month(at), sign * price_cents),
    ('month.revenue', supplier_id::text, platform.paris_month(at), sign * price_cents),
    ('month.sold', '', platform.paris_month(at), sign::bigint),
    ('month.sold', supplier_id::text, platform.paris_month(at), sign),
    ('buyer.purchases', buyer_id::text, null, sign),
    ('supplier.sold', supplier_id::text, null, sign),
    ('supplier.earned', supplier_id::text, null, sign * supplier_share_cents),
    ('month.gains', '', platform.paris_month(at), sign * supplier_share_cents);
end;
$$;
comment on function leads.sale_figures is
  'The contribution of a sale to the statistics, money in cents; sign -1 subtracts it.';

create function leads.keep_sale_figures()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.add_figures('leads', (
    select array_agg(f) from changed c,
      leads.sale_figures(c.buyer_id, c.supplier_id, c.price_cents, c.supplier_share_cents, c.sold_at,
        case tg_op when 'DELETE' then -1 else 1 end) f));
  return null;
end;
$$;
create trigger keep_figures_insert after insert on leads.sales
  referencing new table as changed for each statement execute function leads.keep_sale_figures();
create trigger keep_figures_delete after delete on leads.sales
  referencing old table as changed for each statement execute function leads.keep_sale_figures();

create function leads.outcome_figures(buyer_id uuid, outcome text, sign integer)
returns setof platform.figure
language plpgsql
immutable
set search_path = ''
rows 2
as $$
begin
  return query
  values ('buyer.decided', buyer_id::text, null::date, sign::bigint),
    ('buyer.won', buyer_id::text, null, sign * (outcome = 'won')::integer);
end;
$$;
comment on function leads.outcome_figures is
  'The contribution of an outcome to its buyer''s conversion rate; sign -1 subtracts it.';

-- An accepted return is final, so nothing has to be added back.
create function leads.keep_return_figures()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.add_figures('leads', (
    select array_agg((f.metric, f.subject, f.month, f.value)::platform.figure) from new_rows r
    join old_rows o on o.id = r.id and o.status = 'requested'
    join leads.sales s on s.buyer_id = r.buyer_id and s.lead_id = r.lead_id
    left join leads.outcomes k on k.buyer_id = r.buyer_id and k.lead_id = r.lead_id
    cross join lateral (
      select * from leads.sale_figures(s.buyer_id, s.supplier_id, s.price_cents, s.supplier_share_cents,
        r.decided_at, -1)
      union all select * from leads.outcome_figures(k.buyer_id, k.outcome, -1)
    ) f
    where r.status = 'accepted'));
  return null;
end;
$$;
create trigger keep_figures_update after update on leads.returns
  referencing old table as old_rows new table as new_rows for each statement
    execute function leads.keep_return_figures();

create function leads.keep_outcome_figures()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_added platform.figure[];
  v_removed platform.figure[];
begin
  select array_agg(f) into v_added from new_rows n
  join leads.kept_sales k on k.buyer_id = n.buyer_id and k.lead_id = n.lead_id,
    leads.outcome_figures(n.buyer_id, n.outcome, 1) f;
  if tg_op = 'UPDATE' then
    select array_agg(f) into v_removed from old_rows o
    join leads.kept_sales k on k.buyer_id = o.buyer_id and k.lead_id = o.lead_id,
      leads.outcome_figures(o.buyer_id, o.outcome, -1) f;
  end if;
  perform platform.add_figures('leads', v_added || v_removed);
  return null;
end;
$$;
create trigger keep_figures_insert after insert on leads.outcomes
  referencing new table as new_rows for each statement execute function leads.keep_outcome_figures();
create trigger keep_figures_update after update on leads.outcomes
  referencing old table as old_rows new table as new_rows for each statement
    execute function leads.keep_outcome_figures();

-- The monthly statistics of transactions and payouts: money received, and money paid to suppliers.
create function leads.transaction_figures(type text, status text, amount_cents bigint, date date)
returns setof platform.figure
language plpgsql
immutable
set search_path = ''
rows 2
as $$
begin
  return query
  select f.metric, '', date_trunc('month', date)::date, f.value
  from (values
    ('month.revenus', case when type = 'credit_purchase' and status = 'completed' then amount_cents end),
    ('month.payouts', case when type = 'fournisseur_payment' and status = 'completed' then abs(amount_cents) end)
  ) as f (metric, value)
  where f.value is not null;
end;
$$;
comment on function leads.transaction_figures is
  'The contribution of a transaction to the monthly revenue and payouts, in cents.';

create function leads.payout_figures(supplier_id uuid, status text, amount_cents bigint, date date)
returns setof platform.figure
language plpgsql
immutable
set search_path = ''
rows 3
as $$
begin
  return query
  select f.metric, f.subject, f.month, amount_cents
  from (values
    ('supplier.paid', supplier_id::text, null::date),
    ('month.paid', '', date_trunc('month', date)::date),
    ('month.virements', supplier_id::text, date_trunc('month', date)::date)
  ) as f (metric, subject, month)
  where status = 'completed';
end;
$$;
comment on function leads.payout_figures is
  'The contribution of a payout to the statistics of its supplier and month, in cents.';

create function leads.keep_transaction_figures()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_added platform.figure[];
  v_removed platform.figure[];
begin
  if tg_op <> 'DELETE' then
    select array_agg(f) into v_added
    from new_rows n, leads.transaction_figures(n.type, n.status, n.amount_cents, n.date) f;
  end if;
  if tg_op <> 'INSERT' then
    select array_agg((f.metric, f.subject, f.month, -f.value)::platform.figure) into v_removed
    from old_rows o, leads.transaction_figures(o.type, o.status, o.amount_cents, o.date) f;
  end if;
  perform platform.add_figures('leads', v_added || v_removed);
  return null;
end;
$$;
create trigger keep_figures_insert after insert on leads.transactions
  referencing new table as new_rows for each statement execute function leads.keep_transaction_figures();
create trigger keep_figures_update after update on leads.transactions
  referencing old table as old_rows new table as new_rows for each statement
    execute function leads.keep_transaction_figures();
create trigger keep_figures_delete after delete on leads.transactions
  referencing old table as old_rows for each statement execute function leads.keep_transaction_figures();

create function leads.keep_payout_figures()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_added platform.figure[];
  v_removed platform.figure[];
begin
  if tg_op <> 'DELETE' then
    select array_agg(f) into v_added
    from new_rows n, leads.payout_figures(n.supplier_id, n.status, n.amount_cents, n.date) f;
  end if;
  if tg_op <> 'INSERT' then
    select array_agg((f.metric, f.subject, f.month, -f.value)::platform.figure) into v_removed
    from old_rows o, leads.payout_figures(o.supplier_id, o.status, o.amount_cents, o.date) f;
  end if;
  perform platform.add_figures('leads', v_added || v_removed);
  return null;
end;
$$;
create trigger keep_figures_insert after insert on leads.payouts
  referencing new table as new_rows for each statement execute function leads.keep_payout_figures();
create trigger keep_figures_update after update on leads.payouts
  referencing old table as old_rows new table as new_rows for each statement
    execute function leads.keep_payout_figures();
create trigger keep_figures_delete after delete on leads.payouts
  referencing old table as old_rows for each statement execute function leads.keep_payout_figures();

-- What orders and invoices say and the ledger must confirm (leads.ledger_problems).
create function leads.order_problems()
returns table (problem text, subject text, expected bigint, found bigint)
language sql
stable
set search_path = ''
as $$
  with booked as (
    select o.reference, o.status in ('completed', 'refunded') as paid, o.credits, o.bonus, o.price_cents,
      coalesce(sum(e.amount) filter (where a.kind = 'buyer_paid' and a.owner = o.buyer_id), 0)::bigint as booked_credits,
      coalesce(sum(e.amount) filter (where a.kind = 'buyer_bonus' and a.owner = o.buyer_id), 0)::bigint as booked_bonus,
      coalesce(sum(e.amount) filter (where a.kind = 'pack_revenue'), 0)::bigint as booked_price,
      -- Each amount twice, where it comes from and where it goes: nothing else moves along.
      coalesce(sum(abs(e.amount)), 0)::bigint as moved
    from leads.pack_orders o
    left join platform.ledger_transfers t on t.system = 'leads' and t.kind = 'pack' and t.key = o.id::text
    left join platform.ledger_entries e on e.transfer_id = t.id
    left join platform.ledger_accounts a on a.id = e.account_id
    group by o.id
  )
  select 'order_not_its_entries', b.reference, case when b.paid then c.wanted else 0 end, c.booked from booked b,
    lateral (values (b.credits::bigint, b.booked_credits), (b.bonus, b.booked_bonus), (b.price_cents, b.booked_price),
      (2 * (b.credits + b.bonus + b.price_cents), b.moved)) c (wanted, booked)
    where c.booked <> case when b.paid then c.wanted else 0 end
  union all
  select 'refund_not_its_reversal', o.reference, (o.status = 'refunded')::integer, (r.id is not null)::integer from leads.pack_orders o
    left join platform.ledger_transfers t on t.system = 'leads' and t.kind = 'pack' and t.key = o.id::text
    left join platform.ledger_transfers r on r.reverses = t.id
    where (o.status = 'refunded') <> (r.id is not null)
  union all
  -- Each credit twice, as above.
  select 'loss_not_its_entries', l.reference, c.wanted, c.booked from (
      select o.reference, 'pack_loss' as kind, o.id, o.buyer_id, o.credits_lost as credits from leads.pack_orders o where o.credits_lost > 0
      union all
      select r.reference, 'loss_recovered', r.id, r.buyer_id, -r.credits_recovered from leads.returns r where r.credits_recovered > 0
    ) l
    cross join lateral (
      select -coalesce(sum(e.amount) filter (where a.kind = 'credits_lost'), 0)::bigint as lost,
        coalesce(sum(e.amount) filter (where a.kind in ('buyer_paid', 'buyer_bonus') and a.owner = l.buyer_id), 0)::bigint as given,
        coalesce(sum(abs(e.amount)), 0)::bigint as moved
      from platform.ledger_transfers t join platform.ledger_entries e on e.transfer_id = t.id join platform.ledger_accounts a on a.id = e.account_id
      where t.system = 'leads' and t.kind = l.kind and t.key = l.id::text
    ) b
    cross join lateral (values (l.credits::bigint, b.lost), (l.credits, b.given), (2 * abs(l.credits), b.moved)) c (wanted, booked)
    where c.wanted <> c.booked
  union all
  select 'order_not_its_invoices', o.reference, case o.status when 'completed' then 1 when 'refunded' then 2 else 0 end, count(i.id)
    from leads.pack_orders o left join leads.invoices i on i.order_id = o.id
    group by o.id having count(i.id) <> case o.status when 'completed' then 1 when 'refunded' then 2 else 0 end
  union all
  select 'order_not_its_payment', o.reference, o.price_cents, p.amount_cents from leads.pack_orders o
    left join leads.payments p on p.id = o.payment_id left join leads.transactions t on t.id = o.transaction_id
    where (o.payment_id is not null or o.status <> 'pending') and (o.status, o.price_cents, o.status, o.price_cents) is distinct from (p.status, p.amount_cents, t.status, t.amount_cents)
  union all
  select 'invoice_numbers_with_a_gap', c.series || ' ' || c.year, c.last_number, count(i.id) from leads.invoice_counters c
    left join leads.invoices i on i.series = c.series and i.year = c.year
    group by c.series, c.year having count(i.id) <> c.last_number or coalesce(max(i.position), 0) <> c.last_number
  union all
  select 'pack_revenue_not_its_invoices', '', i.amount, b.amount
    from (select coalesce(sum(i.gross_cents), 0)::bigint as amount from leads.invoices i) i, (select platform.ledger_balance('leads', 'pack_revenue') as amount) b
    where i.amount <> b.amount;
$$;
comment on function leads.order_problems is 'Orders and invoices that the ledger does not confirm, and numbers that are missing.';

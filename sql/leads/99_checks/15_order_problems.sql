-- Contradictions between orders, invoices and the ledger (leads.ledger_problems).
create function leads.order_problems()
returns table (problem text, subject text, expected bigint, found bigint)
language sql
stable
set search_path = ''
as $$
  with booked as (
    select o.reference, o.status in ('completed', 'refunded') as paid, o.credits, o.bonus, o.price_cents,
      coalesce(sum(e.amount) filter (where a.kind = 'buyer_paid' and a.owner = o.buyer_id),
        0)::bigint as booked_credits,
      coalesce(sum(e.amount) filter (where a.kind = 'buyer_bonus' and a.owner = o.buyer_id),
        0)::bigint as booked_bonus,
      coalesce(sum(e.amount) filter (where a.kind = 'pack_revenue'), 0)::bigint as booked_price,
      -- Each amount is counted twice, on the debit and on the credit side, so that any additional movement is
      -- detected.
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
  select 'order_not_its_refunds', o.reference, c.wanted, c.found from leads.pack_orders o
    cross join lateral (
      select coalesce(sum(r.amount_cents) filter (where r.status = 'accepted'), 0)::bigint as cents,
        count(*) filter (where r.status = 'accepted') as accepted,
        coalesce(sum(r.credits_lost + r.bonus_lost - r.loss_undone), 0)::bigint as lost
      from leads.refunds r where r.order_id = o.id
    ) r
    cross join lateral (values ((r.accepted > 0 and r.cents >= o.price_cents)::integer::bigint,
      (o.status = 'refunded')::integer::bigint), (r.lost, o.credits_lost),
      (least(r.cents, o.price_cents), r.cents)) c (wanted, found)
    where c.wanted <> c.found
  union all
  select 'refund_waits_in_vain', r.reference, leads.refundable_cents(o), r.amount_cents from leads.refunds r
  join leads.pack_orders o on o.id = r.order_id
    where r.status = 'requested' and (o.status = 'refunded' or r.amount_cents > leads.refundable_cents(o))
  union all
  -- A reversed refund is compared with its reversal by the ledger itself. Each amount is counted twice, as above.
  select 'refund_not_its_entries', r.reference, c.wanted, c.booked from leads.refunds r
  join leads.pack_orders o on o.id = r.order_id
    cross join lateral (
      select -coalesce(sum(e.amount) filter (where a.kind = 'buyer_paid' and a.owner = o.buyer_id),
        0)::bigint as credits,
        -coalesce(sum(e.amount) filter (where a.kind = 'buyer_bonus' and a.owner = o.buyer_id), 0)::bigint as bonus,
        -coalesce(sum(e.amount) filter (where a.kind = case r.kind when 'dispute' then 'disputes_lost'
          else 'pack_revenue' end), 0)::bigint as cents,
        coalesce(sum(abs(e.amount)), 0)::bigint as moved
      from platform.ledger_transfers t join platform.ledger_entries e on e.transfer_id = t.id
      join platform.ledger_accounts a on a.id = e.account_id
      where t.system = 'leads' and t.kind = case r.kind when 'dispute' then 'pack_dispute' else 'pack_refund' end
        and t.key = r.id::text
    ) b
    cross join lateral (values (r.credits::bigint, b.credits), (r.bonus, b.bonus), (r.amount_cents, b.cents),
      (2 * (r.credits + r.bonus + r.amount_cents), b.moved)) c (wanted, booked)
    where r.status in ('accepted', 'reversed') and c.wanted <> c.booked
  union all
  select 'reversal_of_another_refund', r.reference, null, null from leads.refunds r
    join platform.ledger_transfers v on v.system = 'leads' and v.kind = 'pack_refund_reversed' and v.key = r.id::text
    left join platform.ledger_transfers t on t.id = v.reverses and t.system = 'leads' and t.kind = 'pack_refund'
      and t.key = r.id::text
    where t.id is null
  union all
  -- Each credit is counted twice, as above.
  select 'loss_not_its_entries', l.reference, c.wanted, c.booked from (
      select r.reference, k.kind, r.id, o.buyer_id, k.credits from leads.refunds r
      join leads.pack_orders o on o.id = r.order_id
      cross join lateral (values ('pack_loss', r.credits_lost + r.bonus_lost),
        ('pack_loss_undone', -r.loss_undone)) k (kind, credits) where k.credits <> 0
      union all
      select r.reference, 'loss_recovered', r.id, r.buyer_id, -r.credits_recovered from leads.returns r
      where r.credits_recovered > 0
    ) l
    cross join lateral (
      select -coalesce(sum(e.amount) filter (where a.kind = 'credits_lost'), 0)::bigint as lost,
        coalesce(sum(e.amount) filter (where a.kind in ('buyer_paid', 'buyer_bonus') and a.owner = l.buyer_id),
          0)::bigint as given,
        coalesce(sum(abs(e.amount)), 0)::bigint as moved
      from platform.ledger_transfers t join platform.ledger_entries e on e.transfer_id = t.id
      join platform.ledger_accounts a on a.id = e.account_id
      where t.system = 'leads' and t.kind = l.kind and t.key = l.id::text
    ) b
    cross join lateral (values (l.credits::bigint, b.lost), (l.credits, b.given),
      (2 * abs(l.credits), b.moved)) c (wanted, booked)
    where c.wanted <> c.booked
  union all
  select 'order_not_its_invoices', o.reference, c.wanted, c.found from leads.pack_orders o
    cross join lateral (
      select count(*) filter (where i.series = 'FA' and i.refund_id is null) as own,
        count(*) filter (where i.refund_id is not null) as others from leads.invoices i where i.order_id = o.id
    ) i
    cross join lateral (
      select coalesce(sum(case r.status when 'accepted' then 1 when 'reversed' then 2 else 0 end), 0) as documents
      from leads.refunds r where r.order_id = o.id and r.kind <> 'dispute'
    ) r
    cross join lateral (values ((o.status in ('completed', 'refunded'))::integer::bigint, i.own),
      (r.documents, i.others)) c (wanted, found)
    where c.wanted <> c.found
  union all
  select 'document_not_its_refund', i.number, case i.series when 'AV' then -r.amount_cents else r.amount_cents end,
    i.gross_cents from leads.invoices i
    join leads.refunds r on r.id = i.refund_id
    where i.gross_cents <> case i.series when 'AV' then -r.amount_cents else r.amount_cents end
      or r.order_id <> i.order_id
  union all
  select 'order_not_its_payment', o.reference, o.price_cents, p.amount_cents from leads.pack_orders o
    left join leads.payments p on p.id = o.payment_id left join leads.transactions t on t.id = o.transaction_id
    where (o.payment_id is not null or o.status <> 'pending')
      and (o.status, o.price_cents, o.status, o.price_cents) is distinct from (p.status, p.amount_cents,
      t.status, t.amount_cents)
  union all
  select 'invoice_numbers_with_a_gap', c.series || ' ' || c.year, c.last_number, count(i.id)
  from platform.document_numbers c
    left join leads.invoices i on i.system = c.system and i.series = c.series and i.year = c.year
    where c.system = 'leads'
    group by c.series, c.year, c.last_number having count(i.id) <> c.last_number or coalesce(max(i.position), 0) <> c.last_number
  union all
  select 'pack_revenue_not_its_invoices', '', i.amount, b.amount
    from (select coalesce(sum(i.gross_cents), 0)::bigint as amount from leads.invoices i) i,
      (select platform.ledger_balance('leads', 'pack_revenue') as amount) b
    where i.amount <> b.amount;
$$;
comment on function leads.order_problems is
  'Orders and invoices that contradict the ledger, and missing invoice numbers.';

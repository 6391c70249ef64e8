-- The row behind each ledger transfer. Every transfer must have a row that explains it, and every such row must have
-- its transfer: leads.transfer_problems compares both.

create function leads.rows_of_transfers()
returns table (kind text, key text, transfer_id uuid)
language sql
stable
set search_path = ''
as $$
  select 'sale', s.lead_id || ':' || s.buyer_id, s.transfer_id from leads.sales s where s.transfer_id is not null
  union all
  select 'return', r.id::text, r.transfer_id from leads.returns r where r.status = 'accepted'
  union all
  select 'pack', o.id::text, null from leads.pack_orders o where o.status in ('completed', 'refunded')
  union all
  select case r.kind when 'dispute' then 'pack_dispute' else 'pack_refund' end, r.id::text, null from leads.refunds r
  where r.status in ('accepted', 'reversed')
  union all
  select 'pack_refund_reversed', r.id::text, null from leads.refunds r where r.status = 'reversed'
  union all
  select 'pack_loss', r.id::text, null from leads.refunds r where r.credits_lost + r.bonus_lost > 0
  union all
  select 'pack_loss_undone', r.id::text, null from leads.refunds r where r.loss_undone > 0
  union all
  select 'loss_recovered', r.id::text, null from leads.returns r where r.credits_recovered > 0
  union all
  select 'payout', p.id::text, p.transfer_id from leads.payouts p where p.transfer_id is not null
  union all
  select k.kind, p.id::text, null from leads.payouts p
  join (values ('payout_confirmed', 'completed'), ('payout_failed', 'failed')) k (kind, status)
    on k.status = p.status where p.transfer_id is not null or p.settled_at is not null
  union all
  -- A payout that was returned after completion has a confirmation and a return.
  select k.kind, p.id::text, null from leads.payouts p
    join platform.ledger_transfers t on t.system = 'leads' and t.kind = 'payout_returned' and t.key = p.id::text
    cross join (values ('payout_confirmed'), ('payout_returned')) k (kind) where p.status = 'failed'
  union all
  select 'welcome_bonus', t.user_id::text, null from leads.transactions t
  where t.type = 'bonus' and t.user_id is not null
    and not exists (select from leads.seeded_rows r where r.relation = 'leads.transactions' and r.row_id = t.id);
$$;
comment on function leads.rows_of_transfers is
  'The transfers that the rows require, except openings; transfer_id if the row refers to its transfer.';

-- The bonus of a deleted person has no row any more, and can no longer be spent.
create function leads.transfer_problems()
returns table (problem text, subject text, expected bigint, found bigint)
language sql
stable
set search_path = ''
as $$
  with transfers as (
    select t.id, t.kind, t.key from platform.ledger_transfers t
    where t.system = 'leads' and t.kind not in ('opening', 'opening_closed')
      and (t.kind <> 'welcome_bonus' or t.key in (select p.id::text from platform.profiles p))
  )
  select case when t.id is null then 'row_without_transfer' when r.kind is null then 'transfer_without_row'
    else 'row_of_another_transfer' end, coalesce(t.kind, r.kind) || ' ' || coalesce(t.key, r.key),
      null::bigint, null::bigint
  from transfers t full join leads.rows_of_transfers() r on r.kind = t.kind and r.key = t.key
  where t.id is null or r.kind is null or r.transfer_id <> t.id
  union all
  -- Opening amounts in euros are checked with the earnings and the payouts in transit.
  select 'credits_not_their_opening', coalesce(o.buyer, f.subject), coalesce(f.value, 0)::bigint,
    coalesce(o.credits, 0)
  from (
    select a.owner::text as buyer, sum(e.amount)::bigint as credits from platform.ledger_transfers t
    join platform.ledger_entries e on e.transfer_id = t.id
    join platform.ledger_accounts a on a.id = e.account_id and a.kind in ('buyer_paid', 'buyer_bonus')
    where t.system = 'leads' and t.kind in ('opening', 'opening_closed') group by 1
  ) o
  full join (select f.subject, f.value from platform.opening_figures f
    where f.system = 'leads' and f.figure = 'acheteur.credits') f on f.subject = o.buyer
  where coalesce(f.value, 0) <> coalesce(o.credits, 0);
$$;
comment on function leads.transfer_problems is 'Transfers that no row explains, and rows whose transfer is missing.';

-- Transactions have no reference to what they document, so they are compared by sums: purchases, refunds and bonuses
-- of each buyer.
create function leads.transaction_problems()
returns table (problem text, subject text, expected bigint, found bigint)
language sql
stable
set search_path = ''
as $$
  with events as (
    select s.buyer_id, 'lead_purchase' as type, s.price_cents::bigint as cents, s.credits::bigint as credits
    from leads.sales s where s.transfer_id is not null
    union all
    select r.buyer_id, 'refund', s.price_cents, s.credits from leads.returns r
      join leads.sales s on s.buyer_id = r.buyer_id and s.lead_id = r.lead_id where r.status = 'accepted'
    union all
    select o.buyer_id, 'refund', r.amount_cents, r.credits from leads.refunds r
    join leads.pack_orders o on o.id = r.order_id where r.status = 'accepted'
    union all
    select a.owner, 'bonus', 0, e.amount from platform.ledger_transfers t
      join platform.ledger_entries e on e.transfer_id = t.id
      join platform.ledger_accounts a on a.id = e.account_id and a.kind in ('buyer_paid', 'buyer_bonus')
      join platform.profiles p on p.id = a.owner
      where t.system = 'leads' and t.kind = 'welcome_bonus'
  ), due as (
    select e.buyer_id, e.type, count(*) as events, sum(e.cents)::bigint as cents, sum(e.credits)::bigint as credits
    from events e group by 1, 2
  ), listed as (
    select t.user_id, t.type, count(*) as events, sum(t.amount_cents)::bigint as cents,
      sum(t.credits)::bigint as credits from leads.transactions t
    where t.type in ('lead_purchase', 'refund', 'bonus') and t.status = 'completed' and t.user_id is not null
      and not exists (select from leads.seeded_rows r where r.relation = 'leads.transactions' and r.row_id = t.id)
    group by 1, 2
  )
  select 'transactions_not_their_events', coalesce(d.type, l.type) || ' ' || coalesce(d.buyer_id, l.user_id),
    coalesce(c.wanted, 0), coalesce(c.listed, 0)
  from due d full join listed l on l.user_id = d.buyer_id and l.type = d.type
  cross join lateral (values (d.events, l.events), (d.cents, l.cents), (d.credits, l.credits)) c (wanted, listed)
  where coalesce(c.wanted, 0) <> coalesce(c.listed, 0);
$$;
comment on function leads.transaction_problems is
  'Buyers whose list of transactions differs from their sales, returns, refunds and bonuses.';

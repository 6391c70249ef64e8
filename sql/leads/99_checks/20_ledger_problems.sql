-- Contradictions between the rows about money and the ledger, one per row; there must be none. A row without a
-- transfer is older than the ledger: only the mock files bring such rows.

create function leads.sale_problems()
returns table (problem text, subject text, expected bigint, found bigint)
language sql
stable
set search_path = ''
as $$
  with booked as (
    select s.lead_id, s.buyer_id, s.transfer_id, s.credits, s.given_credits, s.price_cents, s.supplier_share_cents,
      coalesce(sum(e.amount) filter (where a.kind = 'credits_spent'), 0) as booked_credits,
      -coalesce(sum(e.amount) filter (where a.kind = 'lead_sales'), 0) as booked_price,
      coalesce(sum(e.amount) filter (where a.kind = 'supplier_earnings' and a.owner = s.supplier_id),
        0) as booked_share,
      -coalesce(sum(e.amount) filter (where a.kind in ('buyer_paid', 'buyer_bonus') and a.owner = s.buyer_id),
        0) as booked_debit,
      -coalesce(sum(e.amount) filter (where a.kind = 'buyer_bonus'), 0) as booked_given,
      -- Each amount is counted twice, on the debit and on the credit side, so that any additional movement is
      -- detected.
      coalesce(sum(abs(e.amount)), 0) as moved
    from leads.sales s
    left join platform.ledger_entries e on e.transfer_id = s.transfer_id
    left join platform.ledger_accounts a on a.id = e.account_id
    where s.transfer_id is not null group by s.buyer_id, s.lead_id
  )
  select 'sale_without_transfer', s.lead_id || ' ' || s.buyer_id, null::bigint, null::bigint from leads.sales s
    where s.transfer_id is null and not exists (select from leads.seeded_rows r
      where r.relation = 'leads.sales' and r.row_id = s.lead_id)
  union all
  select 'sale_not_its_entries', b.lead_id || ' ' || b.buyer_id, c.wanted, c.booked from booked b,
    lateral (values (b.credits::bigint, b.booked_credits::bigint), (b.credits, b.booked_debit),
      (b.given_credits, b.booked_given), (b.price_cents, b.booked_price), (b.supplier_share_cents, b.booked_share),
      (2 * (b.credits::bigint + b.price_cents), b.moved)) c (wanted, booked)
    where c.wanted <> c.booked
  union all
  select 'share_not_by_its_rules', s.lead_id || ' ' || s.buyer_id, w.share - w.given + s.budget_cents,
    s.supplier_share_cents from leads.sales s
    cross join lateral (select round(
      s.price_cents * (s.rules -> 'supplier_share' ->> 'value')::numeric / 100)::bigint as share) r
    cross join lateral (select r.share, leads.share_of_given(r.share, s.credits, s.given_credits) as given) w
    where s.transfer_id is not null
      and (s.given_share_cents <> w.given or s.supplier_share_cents <> w.share - w.given + s.budget_cents)
  union all
  select 'budget_not_its_sales', to_char(coalesce(b.month, s.month), 'YYYY-MM'), coalesce(s.cents, 0),
    coalesce(b.spent_cents, 0) from leads.bonus_budgets b
    full join (
      select platform.paris_month(s.sold_at) as month, sum(s.budget_cents)::bigint as cents from leads.sales s
      join leads.kept_sales k on k.buyer_id = s.buyer_id and k.lead_id = s.lead_id where s.budget_cents > 0 group by 1
    ) s on s.month = b.month
    where coalesce(s.cents, 0) <> coalesce(b.spent_cents, 0)
  union all
  select 'sale_without_its_earning', s.lead_id || ' ' || s.buyer_id, s.supplier_share_cents, e.amount_cents
  from leads.sales s
    left join leads.earnings e on e.lead_id = s.lead_id and e.buyer_id = s.buyer_id and e.kind = 'sale'
    where s.transfer_id is not null and e.amount_cents is distinct from s.supplier_share_cents
  union all
  select 'sale_not_its_payment', s.lead_id || ' ' || s.buyer_id, s.price_cents, p.amount_cents from leads.sales s
    left join leads.payments p on p.lead_id = s.lead_id and p.buyer_id = s.buyer_id
    left join leads.kept_sales k on k.lead_id = s.lead_id and k.buyer_id = s.buyer_id
    where s.transfer_id is not null
      and (p.amount_cents, p.status) is distinct from (s.price_cents::bigint,
        case when k.lead_id is null then 'refunded' else 'completed' end)
  union all
  select 'lead_not_its_sales', l.id::text, l.sales_count, s.sales from leads.leads l
    left join (select s.lead_id, count(*) as sales from leads.sales s group by 1) s on s.lead_id = l.id
    where l.sales_count <> coalesce(s.sales, 0)
  union all
  select 'return_not_its_reversal', r.reference, null, null from leads.returns r
    join leads.sales s on s.buyer_id = r.buyer_id and s.lead_id = r.lead_id
    where r.status = 'accepted' and not (
      exists (select from platform.ledger_transfers t where t.id = r.transfer_id and t.reverses = s.transfer_id)
      and exists (select from leads.earnings e where e.lead_id = r.lead_id and e.buyer_id = r.buyer_id
        and e.kind = 'return' and e.amount_cents = -s.supplier_share_cents));
$$;

create function leads.payout_problems()
returns table (problem text, subject text, expected bigint, found bigint)
language sql
stable
set search_path = ''
as $$
  with booked as (
    -- Each transfer of a payout moves the whole amount, and an entry in supplier_earnings belongs to the payout's
    -- supplier.
    select p.id, t.kind,
      coalesce(sum(abs(e.amount)) filter (where a.kind <> 'supplier_earnings' or a.owner = p.supplier_id),
      0) / 2 as amount
    from leads.payouts p
    join platform.ledger_transfers t on t.system = 'leads'
      and t.kind in ('payout', 'payout_confirmed', 'payout_returned', 'payout_failed') and t.key = p.id::text
    left join platform.ledger_entries e on e.transfer_id = t.id
    left join platform.ledger_accounts a on a.id = e.account_id
    group by p.id, t.kind
  )
  select 'payout_without_transfer', p.reference, null::bigint, null::bigint from leads.payouts p
    where p.transfer_id is null and not exists (select from leads.seeded_rows r
      where r.relation = 'leads.payouts' and r.row_id = p.id)
  union all
  select 'payout_not_its_entries', p.reference || ' ' || b.kind, p.amount_cents, b.amount::bigint from booked b
  join leads.payouts p on p.id = b.id
    where b.amount <> p.amount_cents
  union all
  select 'payout_not_its_earnings', p.reference, p.amount_cents, coalesce(e.amount, 0) from leads.payouts p
    left join (select e.payout_id, sum(e.amount_cents)::bigint as amount from leads.earnings e
      group by 1) e on e.payout_id = p.id
    where p.transfer_id is not null and coalesce(e.amount, 0) <> case p.status when 'failed' then 0
      else p.amount_cents end
  union all
  select 'payout_not_its_lines', p.reference, p.amount_cents, coalesce(l.amount, 0) from leads.payouts p
    left join (
      select n.payout_id, sum(e.amount_cents)::bigint as amount from leads.payout_lines n
      join leads.earnings e on e.id = n.earning_id group by 1
    ) l on l.payout_id = p.id
    where p.transfer_id is not null and coalesce(l.amount, 0) <> p.amount_cents
  union all
  select 'payout_without_account', p.reference, null, null from leads.payouts p
    left join leads.payout_accounts a on a.payout_id = p.id where p.transfer_id is not null and a.payout_id is null
  union all
  select 'payout_without_transaction', p.reference, null, null from leads.payouts p
    left join leads.transactions t on t.id = p.transaction_id and t.type = 'fournisseur_payment'
      and t.status = p.status and t.amount_cents = p.amount_cents
    where p.transfer_id is not null and t.id is null
  union all
  select 'supplier_not_his_earnings', s.reference, coalesce(e.amount, 0), coalesce(b.amount, 0) from leads.suppliers s
    left join (select e.supplier_id, sum(e.amount_cents)::bigint as amount from leads.earnings e
      where e.payout_id is null group by 1) e on e.supplier_id = s.id
    left join (
      select a.owner, sum(b.balance)::bigint as amount from platform.ledger_accounts a
      join platform.ledger_balances b on b.account_id = a.id
      where a.system = 'leads' and a.kind = 'supplier_earnings' group by 1
    ) b on b.owner = s.id
    where coalesce(e.amount, 0) <> coalesce(b.amount, 0)
  union all
  select 'in_transit_not_pending_payouts', '', p.amount, b.amount
    from (select coalesce(sum(p.amount_cents), 0)::bigint as amount from leads.payouts p where p.status = 'pending') p,
      (select platform.ledger_balance('leads', 'payouts_in_transit') as amount) b
    where p.amount <> b.amount;
$$;

create function leads.ledger_problems()
returns table (problem text, subject text, expected bigint, found bigint)
language sql
stable
security definer
set search_path = ''
as $$
  select * from platform.ledger_problems()
  union all select * from leads.transfer_problems()
  union all select * from leads.transaction_problems()
  union all select * from leads.sale_problems()
  union all select * from leads.payout_problems()
  union all select * from leads.order_problems()
  union all select 'rollup_not_its_rows', concat_ws(' ', r.metric, r.subject, nullif(r.month, platform.ever())),
  r.counted, r.kept from leads.verify_rollups() r;
$$;
comment on function leads.ledger_problems is
  'The report of leads-cli ledger verify: contradictions between rows about money, entries, balances and statistics.';
comment on function leads.sale_problems is 'Sales, earnings and returns that contradict the ledger.';
comment on function leads.payout_problems is 'Payouts that contradict the ledger.';
grant execute on function leads.ledger_problems to service_role;

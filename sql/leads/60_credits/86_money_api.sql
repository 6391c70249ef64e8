-- Endpoints for a buyer's billing, transactions, packs and rules (document, 3.3, 3.8 and 3.9). Amounts are in euros.

create view public.billing_credit_packs with (security_invoker = true) as
select o.reference as id, o.name, o.credits, platform.euros(o.price_cents) as price, o.popular, o.bonus
from leads.credit_offers o where (select platform.require_role('leads', 'acheteur')) order by o.id desc;
comment on view public.billing_credit_packs is 'GET /api/billing/credit-packs: the packs on offer.';

create view public.billing_payments with (security_invoker = true) as
select p.reference as id, platform.euros(p.amount_cents) as amount, p.status, p.date, p.type, p.description
from leads.payments p
where (select platform.require_role('leads', 'acheteur')) and p.buyer_id = (select auth.uid()) order by p.id desc;
comment on view public.billing_payments is 'GET /api/billing/payments: the caller''s payments.';

create view public.billing_notifications with (security_invoker = true) as
select n.reference as id, n.type, n.title, n.message, n.read, platform.iso_timestamp(n.created_at) as "createdAt"
from platform.notifications n
where (select platform.require_role('leads', 'acheteur')) and n.user_id = (select auth.uid()) and n.system = 'leads'
order by n.id desc;
comment on view public.billing_notifications is 'GET /api/billing/notifications: the caller''s notifications.';

create view public.admin_transactions with (security_invoker = true) as
select t.reference as id, t.type, t.user_name as "userName", t.user_role as "userRole", t.company,
  platform.euros(t.amount_cents) as amount, t.credits, t.date, t.status, t.description,
  t.payment_method as "paymentMethod"
from leads.transactions t where (select platform.require_role('leads', 'admin')) order by t.id desc;
comment on view public.admin_transactions is 'GET /api/admin/transactions: all transactions, newest first.';

create view public.admin_credits_packs with (security_invoker = true) as
select p.reference as id, p.name, p.credits, platform.euros(p.price_cents) as price,
  platform.euros(p.price_per_credit_cents) as "pricePerCredit", p.bonus, p.popular, p.active
from leads.credit_packs p where (select platform.require_role('leads', 'admin')) order by p.id desc;
comment on view public.admin_credits_packs is 'GET /api/admin/credits/packs: the packs, as configured.';

create view public.admin_credits_rules with (security_invoker = true) as
select r.reference as id, r.name, r.description, r.value, r.unit, r.active
from leads.credit_rules r where (select platform.require_role('leads', 'admin')) order by r.id desc;
comment on view public.admin_credits_rules is 'GET /api/admin/credits/rules: prices and conditions.';

create function leads.monthly_revenue()
returns table (month text, revenus numeric, payouts numeric, period text)
language sql
stable
security definer
set search_path = ''
rows 6
as $$
  select m.label, platform.euros(max(m.value) filter (where m.metric = 'month.revenus')),
    platform.euros(max(m.value) filter (where m.metric = 'month.payouts')), to_char(m.month, 'YYYY-MM')
  from platform.monthly('leads', array['month.revenus', 'month.payouts']) m
  where (select platform.require_role('leads', 'admin')) group by m.month, m.label order by m.month;
$$;

create function public.admin_transactions_monthly_revenue()
returns table (month text, revenus numeric, payouts numeric, period text)
language sql
stable
security invoker
set search_path = ''
rows 6
as $$ select * from leads.monthly_revenue(); $$;
comment on function public.admin_transactions_monthly_revenue is
  'GET /api/admin/transactions/monthly-revenue: the last six months, oldest first.';

grant select on public.billing_credit_packs, public.billing_payments, public.billing_notifications,
  public.admin_transactions, public.admin_credits_packs, public.admin_credits_rules to authenticated, service_role;
grant execute on function leads.monthly_revenue,
  public.admin_transactions_monthly_revenue to authenticated, service_role;

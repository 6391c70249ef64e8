-- Endpoints for the earnings of suppliers and the transfers to them (document, 3.10 and 3.11). Amounts are in euros.

-- The list contains every supplier who has earned something or has an opening balance.
create function leads.supplier_gains(
  supplier_id uuid,
  out leads_sold numeric, out earned numeric, out pending numeric, out paid numeric, out listed boolean
)
language sql
stable
security definer
set search_path = ''
as $$
  select
    platform.kept('leads', 'supplier.sold', supplier_id::text) + platform.opening('leads', 'gains.totalLeadsSold',
      supplier_id::text),
    platform.kept('leads', 'supplier.earned', supplier_id::text) + platform.opening('leads', 'gains.totalEarnings',
      supplier_id::text),
    platform.kept('leads', 'supplier.earned', supplier_id::text) - platform.kept('leads', 'supplier.paid',
      supplier_id::text) + platform.opening('leads', 'gains.pendingAmount', supplier_id::text),
    platform.kept('leads', 'supplier.paid', supplier_id::text) + platform.opening('leads', 'gains.paidAmount',
      supplier_id::text),
    platform.kept('leads', 'supplier.earned', supplier_id::text) > 0
      or exists (select from platform.opening_figures o where o.system = 'leads' and o.figure = 'gains.totalEarnings'
        and o.subject = supplier_id::text);
$$;

create view public.admin_gains with (security_invoker = true) as
select s.reference as id, s.contact_name as fournisseur, s.company, s.email, s.iban_mask as iban,
  g.leads_sold as "totalLeadsSold", platform.euros(g.earned) as "totalEarnings",
  platform.euros(g.pending) as "pendingAmount", platform.euros(g.paid) as "paidAmount",
  s.last_payment_date as "lastPaymentDate", s.status
from leads.suppliers s
cross join lateral leads.supplier_gains(s.id) g
where (select platform.require_role('leads', 'admin')) and g.listed
order by s.id desc;
comment on view public.admin_gains is 'GET /api/admin/gains: the earnings of each supplier.';

create view public.fournisseur_virements with (security_invoker = true) as
select p.reference as id, p.transfer_reference as reference, platform.euros(p.amount_cents) as amount,
  p.date, p.status, p.leads_count as "leadsCount", p.period, p.iban_mask as iban
from leads.payouts p
where (select platform.require_role('leads', 'fournisseur')) and p.supplier_id = (select leads.my_supplier_id())
order by p.id desc;
comment on view public.fournisseur_virements is
  'GET /api/fournisseur/virements: the transfers to the calling supplier.';

create function leads.monthly_gains()
returns table (month text, gains numeric, paid numeric, period text)
language sql
stable
security definer
set search_path = ''
rows 6
as $$
  select m.label, platform.euros(max(m.value) filter (where m.metric = 'month.gains')),
    platform.euros(max(m.value) filter (where m.metric = 'month.paid')), to_char(m.month, 'YYYY-MM')
  from platform.monthly('leads', array['month.gains', 'month.paid']) m
  where (select platform.require_role('leads', 'admin')) group by m.month, m.label order by m.month;
$$;

create function public.admin_gains_monthly()
returns table (month text, gains numeric, paid numeric, period text)
language sql
stable
security invoker
set search_path = ''
rows 6
as $$ select * from leads.monthly_gains(); $$;
comment on function public.admin_gains_monthly is 'GET /api/admin/gains/monthly: the last six months, oldest first.';

create function leads.monthly_virements()
returns table (month text, amount numeric, period text)
language sql
stable
security definer
set search_path = ''
rows 6
as $$
  select m.label, platform.euros(m.value), to_char(m.month, 'YYYY-MM')
  from platform.monthly('leads', array['month.virements'], coalesce((select leads.my_supplier_id())::text, '-')) m
  where (select platform.require_role('leads', 'fournisseur')) order by m.month;
$$;

create function public.fournisseur_virements_monthly()
returns table (month text, amount numeric, period text)
language sql
stable
security invoker
set search_path = ''
rows 6
as $$ select * from leads.monthly_virements(); $$;
comment on function public.fournisseur_virements_monthly is
  'GET /api/fournisseur/virements/monthly: the last six months, oldest first.';

create trigger refuse_write instead of insert or update or delete on public.admin_gains for each row
  execute function platform.refuse_write();
grant select on public.admin_gains, public.fournisseur_virements to authenticated, service_role;
grant execute on function leads.supplier_gains, leads.monthly_gains, leads.monthly_virements,
  public.admin_gains_monthly, public.fournisseur_virements_monthly to authenticated, service_role;

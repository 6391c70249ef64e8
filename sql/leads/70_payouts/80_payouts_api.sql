-- Endpoints for payouts: an admin reads all, a supplier reads his own (document, 3.10 and 3.11). Amounts are in euros.

create function public.admin_gains_pay("supplierId" text, idempotency_key text default null)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.pay_supplier("supplierId", idempotency_key); $$;
comment on function public.admin_gains_pay is
  'POST /api/admin/gains/:id/pay: pays all payable earnings of a supplier in one transfer. 404, 409 with the reason.';

create function public.admin_gains_activate(id text, iban text default null)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.set_supplier_status(id, 'active', iban); $$;
create function public.admin_gains_suspend(id text)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.set_supplier_status(id, 'suspended'); $$;
comment on function public.admin_gains_activate is
  'POST /api/admin/gains/:id/activate: validates the supplier and the bank account; 409 if iban is not the '
  'account''s mask.';
comment on function public.admin_gains_suspend is
  'POST /api/admin/gains/:id/suspend: the supplier is not paid and cannot sign in.';

-- These functions are volatile although they write nothing: a stable function could be called by GET, with the IBAN in
-- the URL.
create function public.fournisseur_iban_check(iban text, bic text default null)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.check_own_account(iban, bic); $$;
create function public.admin_gains_iban_check(id text, iban text, bic text default null)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.check_account_of(id, iban, bic); $$;
create function public.account_keep("supplierId" uuid, "sealedIban" text, bic text, mask text, "changedBy" uuid,
  validated boolean, fingerprint text default null)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.keep_account("supplierId", "sealedIban", bic, mask, "changedBy", validated, fingerprint); $$;
create function public.fournisseur_iban()
returns jsonb language sql stable security invoker set search_path = ''
as $$ select leads.own_account(); $$;
comment on function public.fournisseur_iban is
  'GET /api/fournisseur/iban: the caller''s bank account, masked, and the reason if it is held.';
comment on function public.fournisseur_iban_check is
  'PUT /api/fournisseur/iban, before the IBAN is sealed: 422 if it is invalid.';
comment on function public.admin_gains_iban_check is
  'PUT /api/admin/gains/:id/iban, before the IBAN is sealed: 404, 422 if it is invalid.';
comment on function public.account_keep is 'For the functions only: stores a sealed IBAN with its mask.';

-- The payable amount of each supplier, and the reason if it cannot be paid.
create function leads.payables(supplier text)
returns table (id text, fournisseur text, company text, iban text, status text, "leadsCount" bigint, amount numeric,
  code text, message text)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_only uuid := case when supplier is not null then (leads.supplier_of(supplier)).id end;
begin
  perform platform.require_role('leads', 'admin');
  return query
    select s.reference, s.contact_name, s.company, s.iban_mask, s.status, greatest(due.leads, 0),
      platform.euros(due.cents), p.code, p.message
    from leads.suppliers s
    cross join lateral (
      select coalesce(sum(e.amount_cents), 0)::bigint as cents,
        count(*) filter (where e.kind = 'sale') - count(*) filter (where e.kind = 'return') as leads,
        count(*) as lines
      from leads.payable_earnings(s.id) e
    ) due
    cross join lateral leads.payout_problem(s, due.cents) p
    where case when v_only is null then due.lines > 0 else s.id = v_only end
    order by s.id;
end;
$$;
create function public.admin_payables(supplier text default null)
returns table (id text, fournisseur text, company text, iban text, status text, "leadsCount" bigint, amount numeric,
  code text, message text)
language sql stable security invoker set search_path = ''
as $$ select * from leads.payables(supplier); $$;
comment on function public.admin_payables is
  'GET /api/admin/payables: the payable amount of each supplier; code and message give the reason if it cannot be '
  'paid.';

create view public.admin_payouts with (security_invoker = true) as
select p.reference as id, p.transfer_reference as reference, platform.euros(p.amount_cents) as amount,
  p.date, p.status, p.leads_count as "leadsCount", p.period, p.iban_mask as iban, s.reference as "supplierId",
  s.contact_name as fournisseur, s.company, x.message_id as "exportId",
  platform.iso_timestamp(p.settled_at) as "settledAt", p.failure_reason as "failureReason"
from leads.payouts p join leads.suppliers s on s.id = p.supplier_id
left join leads.payout_exports x on x.id = p.export_id
where (select platform.require_role('leads', 'admin')) order by p.id desc;
comment on view public.admin_payouts is 'GET /api/admin/payouts: the transfers to all suppliers, newest first.';

create function public.admin_payout_confirm(ref text)
returns jsonb language sql security invoker set search_path = ''
as $$
  select leads.settle_payout(ref, 'completed');
  select to_jsonb(p) from public.admin_payouts p where ref in (p.reference, p.id);
$$;
create function public.admin_payout_fail(ref text, reason text default null)
returns jsonb language sql security invoker set search_path = ''
as $$
  select leads.settle_payout(ref, 'failed', reason);
  select to_jsonb(p) from public.admin_payouts p where ref in (p.reference, p.id);
$$;
create function public.admin_payouts_settle(entries jsonb)
returns table (reference text, amount numeric, outcome text, result text)
language sql security invoker set search_path = ''
as $$ select e.reference, platform.euros(e.cents), e.outcome, e.result from leads.settle_entries(entries) e; $$;
comment on function public.admin_payout_confirm is
  'POST /api/admin/payouts/:ref/confirm: the bank has executed the transfer. A repeated call gets the same answer. '
  '409 if it has failed.';
comment on function public.admin_payout_fail is
  'POST /api/admin/payouts/:ref/fail: the bank has refused or returned the transfer; its earnings become payable '
  'again. A repeated call gets the same answer.';
comment on function public.admin_payouts_settle is
  'leads-cli pay settle: records the entries of a bank file, and returns the result of each.';

create function leads.lines_of(payout_id uuid)
returns table (type text, "leadId" text, "soldAt" text, buyer text, amount numeric)
language sql
stable
security definer
set search_path = ''
as $$
  select e.kind, l.reference, platform.iso_timestamp(s.sold_at), p.company, platform.euros(e.amount_cents)
  from leads.payout_lines n join leads.earnings e on e.id = n.earning_id
  left join leads.sales s on s.buyer_id = e.buyer_id and s.lead_id = e.lead_id
  left join leads.leads l on l.id = e.lead_id
  left join platform.profiles p on p.id = e.buyer_id
  where n.payout_id = lines_of.payout_id order by e.id;
$$;

-- A supplier gets the same answer for another supplier's payout as for one that does not exist.
create function leads.payout_lines_for(role text, reference text)
returns table (type text, "leadId" text, "soldAt" text, buyer text, amount numeric)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_payout uuid;
begin
  perform platform.require_role('leads', role);
  select p.id into v_payout from leads.payouts p
  where (p.reference = payout_lines_for.reference or p.transfer_reference = payout_lines_for.reference)
    and (role = 'admin' or p.supplier_id = leads.my_supplier_id());
  if v_payout is null then perform platform.fail(404, 'payout_not_found', 'Ce virement n''existe pas.'); end if;
  return query select * from leads.lines_of(v_payout);
end;
$$;
create function public.admin_payout_lines(ref text)
returns table (type text, "leadId" text, "soldAt" text, buyer text, amount numeric)
language sql stable security invoker set search_path = ''
as $$ select * from leads.payout_lines_for('admin', ref); $$;
create function public.fournisseur_virement_lines(id text)
returns table (type text, "leadId" text, "soldAt" text, amount numeric)
language sql stable security invoker set search_path = ''
as $$ select l.type, l."leadId", l."soldAt", l.amount from leads.payout_lines_for('fournisseur', id) l; $$;
comment on function public.admin_payout_lines is
  'GET /api/admin/payouts/:ref/lines: the sales and returns of a transfer.';
comment on function public.fournisseur_virement_lines is
  'GET /api/fournisseur/virements/:id/lines: the sales and returns of a transfer; buyers are not named.';

create function public.payout_batch(again text default null, "executionDate" date default null)
returns jsonb language sql stable security invoker set search_path = ''
as $$ select leads.payout_batch(again, "executionDate"); $$;
create function public.payout_batch_mark("messageId" text, "createdAt" text, batch jsonb)
returns void language sql security invoker set search_path = ''
as $$ select leads.mark_exported("messageId", "createdAt", batch); $$;
create function public.payout_debtor_set(name text, iban text, bic text default null)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.set_payout_debtor(name, iban, bic); $$;
comment on function public.payout_batch is
  'For leads-cli pay export: the content of the next file, or of an earlier one; IBANs are sealed.';
comment on function public.payout_batch_mark is 'For leads-cli pay export: assigns payouts to a file.';
comment on function public.payout_debtor_set is
  'For leads-cli pay account: sets the bank account from which payouts are made.';

create trigger refuse_write instead of insert or update or delete on public.admin_payouts for each row
  execute function platform.refuse_write();
grant select on public.admin_payouts to authenticated, service_role;
grant execute on function leads.payables, leads.payout_lines_for, public.admin_gains_pay, public.admin_gains_activate,
  public.admin_gains_suspend, public.fournisseur_iban, public.fournisseur_iban_check, public.admin_gains_iban_check,
  public.admin_payables, public.admin_payout_confirm, public.admin_payout_fail,
  public.admin_payouts_settle, public.admin_payout_lines,
  public.fournisseur_virement_lines to authenticated, service_role;
grant execute on function public.account_keep, public.payout_batch, public.payout_batch_mark,
  public.payout_debtor_set to service_role;

-- Returns and outcomes as shown to buyers and admins. No document specifies these paths; their shapes follow the other
-- endpoints.
create view leads.return_rows with (security_invoker = true) as
select r.id as key, r.buyer_id, r.reference as id, r.lead_reference as "leadId", r.lead_name as "leadName",
  btrim(p.first_name || ' ' || p.last_name) as "userName", p.company, r.reason, r.comment, r.status, s.credits,
  platform.euros(s.price_cents) as amount, platform.iso_timestamp(r.requested_at) as "createdAt",
  platform.iso_timestamp(r.decided_at) as "decidedAt", r.decision_note as note
from leads.returns r
join leads.sales s on s.buyer_id = r.buyer_id and s.lead_id = r.lead_id
join platform.profiles p on p.id = r.buyer_id;
comment on view leads.return_rows is 'Returns with the names of the buyer and the lead.';
grant select on leads.return_rows to authenticated, service_role;

create view public.admin_returns with (security_invoker = true) as
select r.id, r."leadId", r."leadName", r."userName", r.company, r.reason, r.comment, r.status, r.credits, r.amount,
  r."createdAt", r."decidedAt", r.note
from leads.return_rows r where (select platform.require_role('leads', 'admin')) order by r.key desc;
comment on view public.admin_returns is 'GET /api/admin/returns: all returns, newest first.';

create view public.billing_returns with (security_invoker = true) as
select r.id, r."leadId", r."leadName", r.reason, r.comment, r.status, r.credits, r.amount, r."createdAt",
  r."decidedAt", r.note
from leads.return_rows r where (select platform.require_role('leads', 'acheteur')) and r.buyer_id = (select auth.uid())
order by r.key desc;
comment on view public.billing_returns is 'GET /api/billing/returns: the caller''s returns, newest first.';

create trigger refuse_write instead of insert or update or delete on public.admin_returns for each row
  execute function platform.refuse_write();
create trigger refuse_write instead of insert or update or delete on public.billing_returns for each row
  execute function platform.refuse_write();
grant select on public.admin_returns, public.billing_returns to authenticated, service_role;

create function public.lead_return(id text, reason text, comment text default null)
returns public.billing_returns
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_asked leads.returns := leads.request_return(id, reason, comment);
  v_shown public.billing_returns;
begin
  select r.* into v_shown from public.billing_returns r where r.id = v_asked.reference;
  return v_shown;
end;
$$;
comment on function public.lead_return is
  'POST /api/leads/:id/return {reason, comment}: requests the credits back. 201, or 200 if it was requested before; '
  '404, 409 after the return window.';

create function public.admin_return_decide(id text, accepted boolean, note text default null)
returns public.admin_returns
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_decided leads.returns := leads.decide_return(id, accepted, note);
  v_shown public.admin_returns;
begin
  select r.* into v_shown from public.admin_returns r where r.id = v_decided.reference;
  return v_shown;
end;
$$;
comment on function public.admin_return_decide is
  'POST /api/admin/returns/:id {accepted, note}: decides a return. The same decision again changes nothing; the '
  'opposite decision is 409.';

create function public.lead_outcome(id text, outcome text)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform leads.record_outcome(id, lead_outcome.outcome);
  return jsonb_build_object('leadId', id, 'outcome', outcome,
    'conversionRate', (select a."conversionRate" from public.users_acheteur() a));
end;
$$;
comment on function public.lead_outcome is
  'POST /api/leads/:id/outcome {outcome: won, lost or unreachable}; conversionRate is the buyer''s updated rate.';
grant execute on function leads.request_return, leads.decide_return, leads.record_outcome, public.lead_return,
  public.admin_return_decide, public.lead_outcome
  to authenticated, service_role;

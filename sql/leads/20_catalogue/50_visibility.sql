-- Visibility of leads and contacts. These policies are its only definition: the views run under them, and the search
-- reads them from the system catalogue (leads.find_leads).

-- The public catalogue is for everybody except suppliers, agents and admins, unless they are buyers as well.
create function leads.sees_catalogue()
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return platform.has_role('leads', 'acheteur')
    or not exists (select from platform.memberships m where m.user_id = auth.uid() and m.system = 'leads');
end;
$$;
comment on function leads.sees_catalogue is 'True if the caller sees the leads on sale.';
grant execute on function leads.sees_catalogue to authenticated, service_role;

-- Policies query other tables through functions with the owner's rights. With subqueries, the policies of those tables
-- would be planned into every query on leads: that takes 0.8 ms, and reads a heap page for every purchase. `rows` is
-- low because the planner counts the function's cost for each lead although it runs once, and would otherwise read all
-- contacts.
create function leads.my_purchases()
returns setof uuid
language plpgsql
stable
security definer
set search_path = ''
rows 10
as $$
begin
  if platform.has_role('leads', 'acheteur') then
    return query select s.lead_id from leads.kept_sales s where s.buyer_id = (select auth.uid());
  end if;
end;
$$;
comment on function leads.my_purchases is 'The leads that the caller bought and did not return.';

create function leads.has_bought(lead_id uuid)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return exists (select from leads.sales s where s.buyer_id = auth.uid() and s.lead_id = has_bought.lead_id);
end;
$$;
comment on function leads.has_bought is 'True if the caller bought the lead.';

-- This is checked per lead, because an agent qualifies far more leads in a year than a buyer ever buys.
create function leads.is_my_qualification(lead_id uuid)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return exists (select from leads.leads l where l.id = is_my_qualification.lead_id and l.agent_id = auth.uid());
end;
$$;
comment on function leads.is_my_qualification is 'True if the caller qualifies or qualified the lead.';

create function leads.works_on_leads()
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return leads.my_supplier_id() is not null or platform.has_role('leads', 'agent')
    or platform.has_role('leads', 'admin');
end;
$$;
comment on function leads.works_on_leads is 'True if the caller sees leads as a supplier, an agent or an admin.';
grant execute on function leads.has_bought to anon, authenticated, service_role;
grant execute on function leads.my_purchases, leads.is_my_qualification,
  leads.works_on_leads to authenticated, service_role;

-- A lead without a proof of consent is on sale unless the rule forbids it; only then is the proof checked per lead.
create function leads.sells_without_consent()
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return not coalesce((leads.work_rule('consent_required_for_sale'))::boolean, false);
end;
$$;
comment on function leads.sells_without_consent is 'True if a lead without a proof of consent may be sold.';

create function leads.has_consent(lead_id uuid)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return exists (select from leads.lead_consents c where c.lead_id = has_consent.lead_id);
end;
$$;
comment on function leads.has_consent is 'True if there is a proof that the person behind a lead agreed to be called.';
grant execute on function leads.sells_without_consent, leads.has_consent to anon, authenticated, service_role;

-- Nothing is sold of a suspended supplier. The status is read from the supplier instead of being copied to the leads:
-- suspending a supplier with a million leads would update all of them, and let a concurrent sale through.
create function leads.suspended_suppliers()
returns setof uuid
language plpgsql
stable
security definer
set search_path = ''
rows 10
as $$ begin return query select s.id from leads.suppliers s where s.status = 'suspended'; end; $$;
comment on function leads.suspended_suppliers is 'The suspended suppliers; the catalogue shows none of their leads.';
grant execute on function leads.suspended_suppliers to anon, authenticated, service_role;

create policy select_on_sale on leads.leads for select to anon
  using (on_sale and supplier_id not in (select leads.suspended_suppliers())
    and ((select leads.sells_without_consent()) or leads.has_consent(id)));
-- works_on_leads is implied by the conditions after it: evaluated once, it saves buyers three checks per row.
create policy select_visible on leads.leads for select to authenticated using (
  (on_sale and (select leads.sees_catalogue()) and supplier_id not in (select leads.suspended_suppliers())
    and ((select leads.sells_without_consent()) or leads.has_consent(id)))
  or id in (select leads.my_purchases())
  or ((select leads.works_on_leads()) and (
    supplier_id = (select leads.my_supplier_id())
    or ((select platform.has_role('leads', 'agent'))
      and (qualification_status in ('pending', 'in_progress', 'callback') or agent_id = (select auth.uid())))
    or (select platform.has_role('leads', 'admin'))
  ))
);
grant select on leads.leads to anon, authenticated, service_role;

create policy select_visible on leads.lead_contacts for select to authenticated using (
  supplier_id = (select leads.my_supplier_id())
  or (select platform.has_role('leads', 'admin'))
  or lead_id in (select leads.my_purchases())
  or ((select platform.has_role('leads', 'agent')) and leads.is_my_qualification(lead_id))
);
-- anon has the privilege, which the view needs, but no policy, and so sees no row.
grant select on leads.lead_contacts to anon, authenticated, service_role;

-- Timestamps and amounts are formatted inline, with the same result as platform.iso_timestamp and platform.euros: a
-- function with its own search_path is not inlined, and three calls per row took two thirds of a page's time.
create view leads.lead_rows with (security_invoker = true) as
select
  l.id as key,
  l.reference as id,
  case when c.lead_id is null and 'first_name' = any (l.hidden_fields) then upper(left(l.first_name, 1)) || '.'
    else l.first_name end as "firstName",
  coalesce(c.last_name, l.last_name_mask) as "lastName",
  case when c.lead_id is null then l.email_mask when c.email like '%xn--%' then platform.shown_email(c.email)
    else c.email end as email,
  case when c.lead_id is null then l.phone_mask else c.phone end as phone,
  case when c.lead_id is null and 'company' = any (l.hidden_fields) then null else l.company end as company,
  l.sector,
  l.region,
  case when c.lead_id is null and 'city' = any (l.hidden_fields) then null else l.city end as city,
  case when c.lead_id is null and 'source' = any (l.hidden_fields) then null else l.source end as source,
  case when c.lead_id is null and 'channel' = any (l.hidden_fields) then null else l.channel end as channel,
  l.score,
  -- For its buyer a lead is sold, even if it may still be sold to others.
  case when l.sales_count > 0 and c.lead_id is not null and (select platform.has_role('leads', 'acheteur'))
    and leads.has_bought(l.id)
    then 'sold' else l.status end as status,
  l.qualification_status as "qualificationStatus",
  (to_json(l.created_at at time zone 'UTC') #>> '{}') || 'Z' as "createdAt",
  (to_json(l.updated_at at time zone 'UTC') #>> '{}') || 'Z' as "updatedAt",
  trim_scale(l.price_cents / 100.0) as price,
  l.is_exclusive as "isExclusive",
  l.has_audio_recording as "hasAudioRecording",
  case when c.lead_id is null then l.summary else c.notes end as notes,
  c.phone2 as phone2,
  (to_json(l.collected_at at time zone 'UTC') #>> '{}') || 'Z' as "collectedAt"
from leads.leads l
left join leads.lead_contacts c on c.lead_id = l.id
where l.withdrawn_at is null and (select platform.refuse_suspended('leads'))
  and (select platform.refuse_costly_query());
comment on view leads.lead_rows is
  'The rows of public.leads with the internal key that orders them; pages are fetched by this key '
  '(leads.find_leads).';
grant select on leads.lead_rows to anon, authenticated, service_role;

create view public.leads with (security_invoker = true) as
select
  r.id, r."firstName", r."lastName", r.email, r.phone, r.company, r.sector, r.region, r.city, r.source, r.channel,
  r.score, r.status, r."qualificationStatus", r."createdAt", r."updatedAt", r.price, r."isExclusive",
  r."hasAudioRecording", r.notes, r.phone2, r."collectedAt"
from leads.lead_rows r
order by r.key desc;
comment on view public.leads is
  'Leads visible to the caller, newest first; contacts are masked unless the caller has a right to them.';
create trigger refuse_write instead of insert or update or delete on public.leads for each row
  execute function platform.refuse_write();
grant select on public.leads to anon, authenticated, service_role;

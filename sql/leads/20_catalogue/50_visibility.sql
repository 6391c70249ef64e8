-- Who sees which lead, and whose contact. These predicates are the only place where it is said: the views run
-- under them, and the search reads them from the catalogue (leads.find_leads).

-- The public catalogue is for everybody but those who work on the other side of the market, unless they buy as well.
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
comment on function leads.sees_catalogue is 'Whether the caller sees the leads that are on sale.';
grant execute on function leads.sees_catalogue to authenticated, service_role;

-- What a policy asks of another table it asks through a function with the owner's rights. As subqueries, the policies
-- of that table would be planned into every query on leads: 0.8 ms of it, and a page in the heap for every purchase.
-- `rows` is low because the planner charges for each lead what is done once, and would read all contacts instead.
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
comment on function leads.my_purchases is 'The leads that the caller bought and did not give back.';

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
comment on function leads.has_bought is 'Whether the caller bought the lead.';

-- Asked lead by lead: an agent qualifies more leads in a year than a buyer ever buys.
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
comment on function leads.is_my_qualification is 'Whether the caller qualifies or qualified the lead.';

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
comment on function leads.works_on_leads is 'Whether the caller sees leads as their supplier, as an agent or as an admin.';
grant execute on function leads.has_bought to anon, authenticated, service_role;
grant execute on function leads.my_purchases, leads.is_my_qualification,
  leads.works_on_leads to authenticated, service_role;

-- A lead without proof of consent is on sale unless the rule says otherwise. Asked lead by lead only where it does.
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
comment on function leads.sells_without_consent is 'Whether a lead may be sold that has no proof of consent.';

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
comment on function leads.has_consent is 'Whether there is a proof that the person behind a lead agreed to be called.';
grant execute on function leads.sells_without_consent, leads.has_consent to anon, authenticated, service_role;

-- Of whom nothing is sold. Asked of the suppliers and not kept with their leads: to suspend one who has brought a million
-- would write them all, and a sale that is under way would be let through.
create function leads.suspended_suppliers()
returns setof uuid
language plpgsql
stable
security definer
set search_path = ''
rows 10
as $$ begin return query select s.id from leads.suppliers s where s.status = 'suspended'; end; $$;
comment on function leads.suspended_suppliers is 'The suppliers whose leads are in no catalogue.';
grant execute on function leads.suspended_suppliers to anon, authenticated, service_role;

create policy select_on_sale on leads.leads for select to anon
  using (on_sale and supplier_id not in (select leads.suspended_suppliers())
    and ((select leads.sells_without_consent()) or leads.has_consent(id)));
-- works_on_leads is implied by what follows it: asked once, it spares a buyer three questions about each row.
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
-- anon holds the privilege, which the view needs, and no policy: no row.
grant select on leads.lead_contacts to anon, authenticated, service_role;

-- Instants and euros are written out, as platform.iso_timestamp and platform.euros have them: a function with a
-- search_path of its own is not inlined, and three calls a row were two thirds of a page's time.
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
  -- A lead that may be sold to others as well is sold to whoever bought it.
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
comment on view leads.lead_rows is 'What public.leads shows, with the internal key that orders it; a page is fetched by this key (leads.find_leads).';
grant select on leads.lead_rows to anon, authenticated, service_role;

create view public.leads with (security_invoker = true) as
select
  r.id, r."firstName", r."lastName", r.email, r.phone, r.company, r.sector, r.region, r.city, r.source, r.channel,
  r.score, r.status, r."qualificationStatus", r."createdAt", r."updatedAt", r.price, r."isExclusive",
  r."hasAudioRecording", r.notes, r.phone2, r."collectedAt"
from leads.lead_rows r
order by r.key desc;
comment on view public.leads is 'Leads as the caller may see them, newest first; contacts masked unless the caller has a right to them.';
create trigger refuse_write instead of insert or update or delete on public.leads for each row
  execute function platform.refuse_write();
grant select on public.leads to anon, authenticated, service_role;

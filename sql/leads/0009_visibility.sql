-- Who sees which lead, and whose contact. These predicates are the only place where it is said: the views run
-- under them, and the search reads them from the catalogue (0010_search).

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

create policy select_on_sale on leads.leads for select to anon using (on_sale);
create policy select_visible on leads.leads for select to authenticated using (
  (on_sale and (select leads.sees_catalogue()))
  or supplier_id = (select leads.my_supplier_id())
  or ((select platform.has_role('leads', 'agent'))
    and (qualification_status in ('pending', 'in_progress', 'callback') or agent_id = (select auth.uid())))
  or (select platform.has_role('leads', 'admin'))
  or ((select platform.has_role('leads', 'acheteur'))
    and exists (select from leads.sales s where s.lead_id = leads.id and s.buyer_id = (select auth.uid())))
);
grant select on leads.leads to anon, authenticated, service_role;

create policy select_visible on leads.lead_contacts for select to authenticated using (
  supplier_id = (select leads.my_supplier_id())
  or (select platform.has_role('leads', 'admin'))
  or ((select platform.has_role('leads', 'acheteur'))
    and exists (select from leads.sales s where s.lead_id = lead_contacts.lead_id and s.buyer_id = (select auth.uid())))
  or ((select platform.has_role('leads', 'agent'))
    and exists (select from leads.leads l where l.id = lead_contacts.lead_id and l.agent_id = (select auth.uid())))
);
-- anon holds the privilege, which the view needs, and no policy: no row.
grant select on leads.lead_contacts to anon, authenticated, service_role;

create view public.leads with (security_invoker = true) as
select
  l.reference as id,
  l.first_name as "firstName",
  coalesce(c.last_name, l.last_name_mask) as "lastName",
  case when c.lead_id is null then l.email_mask else c.email end as email,
  case when c.lead_id is null then l.phone_mask else c.phone end as phone,
  l.company,
  l.sector,
  l.region,
  l.city,
  l.source,
  l.channel,
  l.score,
  l.status,
  l.qualification_status as "qualificationStatus",
  platform.iso_timestamp(l.created_at) as "createdAt",
  platform.iso_timestamp(l.updated_at) as "updatedAt",
  leads.euros(l.price_cents) as price,
  l.is_exclusive as "isExclusive",
  l.has_audio_recording as "hasAudioRecording",
  case when c.lead_id is null then l.notes else c.notes end as notes
from leads.leads l
left join leads.lead_contacts c on c.lead_id = l.id
where l.withdrawn_at is null and (select platform.refuse_suspended('leads'))
order by l.id desc;
comment on view public.leads is 'Leads as the caller may see them, newest first; contacts masked unless the caller has a right to them.';
grant select on public.leads to anon, authenticated, service_role;

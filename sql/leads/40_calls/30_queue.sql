-- The queue of the agents. A lead is reserved for one agent for a limited time; after that it returns to the queue by
-- itself. No agent gets a lead that may not be called now.
alter table leads.leads
  add column reserved_until timestamptz,
  add column callback_at timestamptz;
comment on column leads.leads.reserved_until is 'The end of agent_id''s exclusive reservation; null if there is none.';
comment on column leads.leads.callback_at is 'When the person wants to be called again.';
-- Partial indexes on a large table: the queue finds waiting leads without reading those that do not wait or may not be
-- called.
create index leads_waiting on leads.leads (call_basis, region, id)
  where qualification_status = 'pending' and withdrawn_at is null;
create index leads_callbacks on leads.leads (callback_at)
  where qualification_status = 'callback' and withdrawn_at is null;
create index leads_reserved on leads.leads (agent_id, reserved_until)
  where qualification_status = 'in_progress' and withdrawn_at is null;
create index leads_adrift on leads.leads (id)
  where qualification_status in ('in_progress', 'callback') and reserved_until is null and callback_at is null
    and withdrawn_at is null;

-- The conditions under which people may be called at an instant. A source is exempted for one supplier only: another
-- supplier who uses the same source name is not exempted.
create type leads.calling as (at timestamptz, rule jsonb, regions text[], bases text[]);

create function leads.calling_at(at timestamptz default now())
returns leads.calling
language plpgsql
stable
set search_path = ''
as $$
declare
  v_rule jsonb := leads.work_rule('calling');
begin
  return (at, v_rule, leads.open_regions(at, v_rule), array(
    select '' union all
    select s.id::text || ' ' || lower(e.source)
    from jsonb_to_recordset(v_rule -> 'sourcesWithoutConsent') e (supplier text, source text)
    join leads.suppliers s on s.reference = e.supplier))::leads.calling;
end;
$$;
comment on function leads.calling_at is
  'The calling rule, with the regions and call bases for which calls are allowed at an instant.';

create function leads.may_be_called(lead leads.leads, calling leads.calling)
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  return lead.region = any (calling.regions) and lead.call_basis = any (calling.bases)
    and coalesce(leads.paused_until(lead, calling.rule, calling.at) <= calling.at, true)
    and not leads.is_at_another_agent(lead.id, calling.at);
end;
$$;
comment on function leads.may_be_called is
  'True if the person behind a lead may be called now: calling hours, consent, call limits, and no other agent in '
  'contact.';

create function leads.rules_broken(lead leads.leads, calling leads.calling)
returns text[]
language plpgsql
set search_path = ''
as $$
begin
  return nullif(array_remove(array[
    case when not lead.region = any (calling.regions) then 'outside_calling_hours' end,
    case when leads.paused_until(lead, calling.rule, calling.at) > calling.at then 'call_limit_reached' end,
    case when not lead.call_basis = any (calling.bases) then 'consent_missing' end], null), '{}');
end;
$$;
comment on function leads.rules_broken is
  'The rules that a call to the person would break, or has broken; null if none.';

-- The oldest waiting lead is searched by region and call basis: leads outside calling hours or without consent are not
-- read, however many there are.
create function leads.oldest_waiting(calling leads.calling)
returns uuid
language plpgsql
set search_path = ''
as $$
declare
  v_place record;
  v_lead uuid;
begin
  for v_place in
    select b.basis, r.region
    from unnest(calling.bases) b (basis) cross join unnest(calling.regions) r (region)
    cross join lateral (
      select l.id from leads.leads l where l.call_basis = b.basis and l.region = r.region
        and l.qualification_status = 'pending'
        and l.withdrawn_at is null and l.status in ('new', 'pending') order by l.id limit 1
    ) oldest order by oldest.id
  loop
    select l.id into v_lead from leads.leads l
      where l.call_basis = v_place.basis and l.region = v_place.region and l.qualification_status = 'pending'
        and l.withdrawn_at is null
        and l.status in ('new', 'pending') and leads.may_be_called(l, calling)
      order by l.id limit 1 for no key update skip locked;
    if v_lead is not null then return v_lead; end if;
  end loop;
  return null;
end;
$$;

-- The next free lead, locked: first due callbacks, then expired reservations, then the oldest waiting lead, then leads
-- loaded as begun without a date. A lead that another agent is just receiving is skipped.
create function leads.next_in_queue(calling leads.calling default leads.calling_at())
returns uuid
language plpgsql
set search_path = ''
as $$
declare
  v_lead uuid;
begin
  if calling.regions = '{}' then return null; end if;
  select l.id into v_lead from leads.leads l
    where l.qualification_status = 'callback' and l.withdrawn_at is null and l.callback_at <= calling.at
      and leads.may_be_called(l, calling)
    order by l.callback_at limit 1 for no key update skip locked;
  if v_lead is not null then return v_lead; end if;
  select l.id into v_lead from leads.leads l
    where l.qualification_status = 'in_progress' and l.withdrawn_at is null and l.reserved_until <= calling.at
      and leads.may_be_called(l, calling)
    order by l.reserved_until limit 1 for no key update skip locked;
  if v_lead is not null then return v_lead; end if;
  v_lead := leads.oldest_waiting(calling);
  if v_lead is not null then return v_lead; end if;
  select l.id into v_lead from leads.leads l
    where l.qualification_status in ('in_progress', 'callback') and l.reserved_until is null and l.callback_at is null
      and l.withdrawn_at is null
      and l.status in ('new', 'pending') and leads.may_be_called(l, calling)
    order by l.id limit 1 for no key update skip locked;
  return v_lead;
end;
$$;

-- All leads that wait for an agent, whether or not they may be called now; a lead with due_at waits from that time on.
create view leads.waiting_leads with (security_invoker = true) as
select l as lead, l.id, l.region, l.call_basis, null::timestamptz as due_at from leads.leads l
where l.qualification_status = 'pending' and l.withdrawn_at is null and l.status in ('new', 'pending')
union all
select l, l.id, l.region, l.call_basis, l.callback_at from leads.leads l
where l.qualification_status = 'callback' and l.withdrawn_at is null and l.callback_at is not null
union all
select l, l.id, l.region, l.call_basis, l.reserved_until from leads.leads l
where l.qualification_status = 'in_progress' and l.withdrawn_at is null and l.reserved_until is not null
union all
select l, l.id, l.region, l.call_basis, null from leads.leads l
where l.qualification_status in ('in_progress', 'callback') and l.reserved_until is null and l.callback_at is null
  and l.withdrawn_at is null and l.status in ('new', 'pending');
comment on view leads.waiting_leads is 'Leads that wait for an agent.';

create function leads.why_no_lead(calling leads.calling, out reason text, out opening timestamptz)
language plpgsql
set search_path = ''
as $$
declare
  -- One lead per region is enough here, so the view is not joined as a whole.
  v_closed text[] := array(select r.name from leads.regions r cross join lateral (
      select 1 from leads.waiting_leads w where w.region = r.name and w.call_basis = any (calling.bases)
        and coalesce(w.due_at <= calling.at, true) limit 1
    ) w where not r.name = any (calling.regions));
begin
  opening := leads.next_opening(v_closed, calling.at);
  reason := case
    when v_closed <> '{}' then 'outside_calling_hours'
    when exists (select from leads.waiting_leads w
      where w.region = any (calling.regions) and w.call_basis = any (calling.bases)
      and coalesce(w.due_at <= calling.at, true)
      and leads.paused_until(w.lead, calling.rule, calling.at) > calling.at) then 'call_limit_reached'
    when exists (select from leads.waiting_leads w
      where not w.call_basis = any (calling.bases) and coalesce(w.due_at <= calling.at, true)) then 'consent_missing'
    else 'queue_empty' end;
end;
$$;
comment on function leads.why_no_lead is
  'The reason why the queue has no lead now, and the next opening if the reason is the calling hours.';

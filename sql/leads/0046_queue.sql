-- The queue of the agents: who calls whom next. A lead is reserved for one agent for a while; when the time is over
-- it is in the queue again, whatever became of the agent.
alter table leads.leads
  add column reserved_until timestamptz,
  add column callback_at timestamptz;
comment on column leads.leads.reserved_until is 'Until when the lead is agent_id''s alone; null when nobody is at it.';
comment on column leads.leads.callback_at is 'When the person wants to be called again.';
-- Some rows of a large table: whatever waits is found without looking at what does not.
create index leads_waiting on leads.leads (id) where qualification_status = 'pending' and withdrawn_at is null;
create index leads_callbacks on leads.leads (callback_at) where qualification_status = 'callback' and withdrawn_at is null;
create index leads_reserved on leads.leads (agent_id, reserved_until) where qualification_status = 'in_progress' and withdrawn_at is null;
create index leads_adrift on leads.leads (id)
  where qualification_status in ('in_progress', 'callback') and reserved_until is null and callback_at is null and withdrawn_at is null;

create function leads.calling_allowed(at timestamptz default now())
returns boolean
language sql
stable
set search_path = ''
as $$
  select extract(hour from paris.at) >= leads.work_rule('calling_from')::integer and extract(hour from paris.at) < leads.work_rule('calling_until')::integer
    and leads.work_rule('calling_days') @> to_jsonb(extract(isodow from paris.at)::integer)
  from (select calling_allowed.at at time zone 'Europe/Paris' as at) paris;
$$;
comment on function leads.calling_allowed is 'Whether people may be called at that time.';

create function leads.reservation_end()
returns timestamptz
language sql
stable
set search_path = ''
as $$ select now() + make_interval(secs => 60 * leads.work_rule('reservation_minutes')::float8); $$;

-- The next lead that is free: callbacks that are due, then reservations that ran out, then the oldest that waits, then
-- those that came from elsewhere as begun, without a time.
-- Locked; a lead that another agent is being given is passed over.
create function leads.next_in_queue()
returns uuid
language plpgsql
set search_path = ''
as $$
declare
  v_lead uuid;
begin
  select l.id into v_lead from leads.leads l
    where l.qualification_status = 'callback' and l.withdrawn_at is null and l.callback_at <= now()
    order by l.callback_at limit 1 for no key update skip locked;
  if v_lead is not null then return v_lead; end if;
  select l.id into v_lead from leads.leads l
    where l.qualification_status = 'in_progress' and l.withdrawn_at is null and l.reserved_until <= now()
    order by l.reserved_until limit 1 for no key update skip locked;
  if v_lead is not null then return v_lead; end if;
  select l.id into v_lead from leads.leads l
    where l.qualification_status = 'pending' and l.withdrawn_at is null and l.status in ('new', 'pending')
    order by l.id limit 1 for no key update skip locked;
  if v_lead is not null then return v_lead; end if;
  select l.id into v_lead from leads.leads l
    where l.qualification_status in ('in_progress', 'callback') and l.reserved_until is null and l.callback_at is null and l.withdrawn_at is null
      and l.status in ('new', 'pending')
    order by l.id limit 1 for no key update skip locked;
  return v_lead;
end;
$$;

create function leads.reserve_next(out reference text, out until timestamptz, out reason text)
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_agent uuid := auth.uid();
  v_lead uuid;
begin
  perform platform.require_role('leads', 'agent');
  if not leads.calling_allowed() then
    reason := 'outside_calling_hours';
    return;
  end if;
  -- An agent who asks twice at once gets one lead.
  perform pg_advisory_xact_lock(hashtextextended('leads.next_lead ' || v_agent, 0));
  select l.reference, l.reserved_until into reference, until from leads.leads l
    where l.agent_id = v_agent and l.qualification_status = 'in_progress' and l.withdrawn_at is null and l.reserved_until > now()
    order by l.reserved_until limit 1;
  if found then return; end if;

  v_lead := leads.next_in_queue();
  if v_lead is null then
    reason := 'queue_empty';
    return;
  end if;
  update leads.leads l set agent_id = v_agent, qualification_status = 'in_progress', status = 'pending', reserved_until = leads.reservation_end(),
    requeued_at = null
  where l.id = v_lead returning l.reference, l.reserved_until into reference, until;
end;
$$;
comment on function leads.reserve_next is 'Reserves the next lead for the calling agent; his own reservation first. Without a lead, the reason.';

create function public.agent_next_lead()
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_next record := leads.reserve_next();
begin
  if v_next.reference is null then
    perform set_config('response.status', '204', true);
    perform set_config('response.headers', jsonb_build_array(jsonb_build_object('X-Reason', v_next.reason))::text, true);
    return null;
  end if;
  return to_jsonb(leads.show_lead(v_next.reference)) || jsonb_build_object('reservedUntil', platform.iso_timestamp(v_next.until));
end;
$$;
comment on function public.agent_next_lead is
  'GET /api/agent/next-lead: a lead with its contact, reserved for the agent. 204 with X-Reason: queue_empty or outside_calling_hours.';
grant execute on function leads.reserve_next, public.agent_next_lead to authenticated, service_role;

-- Two leads may be about the same person; only one of them is given to an agent at a time, so that two agents do not
-- call the person together and exceed the limit. Each e-mail and telephone of the person (hashed) is a unique row,
-- which belongs to the lead until its reservation ends, whatever function reserves it.
create table leads.people_at_agents (
  person_hash bytea primary key,
  lead_id uuid not null references leads.leads (id) on delete cascade,
  until timestamptz not null
);
alter table leads.people_at_agents enable row level security;
create index people_at_agents_lead on leads.people_at_agents (lead_id);
comment on table leads.people_at_agents is
  'People whom an agent has reserved: one row per e-mail and telephone, hashed.';
comment on column leads.people_at_agents.until is 'The end of the reservation; after that any lead may take the row.';
create policy select_nobody on leads.people_at_agents for select to anon, authenticated using (false);

create function leads.is_at_another_agent(lead uuid, at timestamptz)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  v_hashes bytea[] := leads.person_hashes(lead);
begin
  return exists (select from leads.people_at_agents p where p.person_hash = any (v_hashes) and p.until > at
    and p.lead_id <> lead);
end;
$$;
comment on function leads.is_at_another_agent is 'True if the person behind a lead is reserved through another lead.';

-- Rows are locked in the order of their hashes, so that concurrent reservations of one person wait for each other
-- without a deadlock.
create function leads.hold_person()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_hashes bytea[];
  v_held integer;
begin
  if new.reserved_until is null then
    with held as materialized (select p.person_hash from leads.people_at_agents p where p.lead_id = new.id
      order by p.person_hash for update)
    delete from leads.people_at_agents p using held where p.person_hash = held.person_hash;
    return null;
  end if;
  v_hashes := array(select distinct h from unnest(leads.person_hashes(new.id)) h order by h);
  insert into leads.people_at_agents as p (person_hash, lead_id, until) select h, new.id, new.reserved_until
    from unnest(v_hashes) h
  on conflict (person_hash) do update set lead_id = excluded.lead_id, until = excluded.until
    where p.until <= clock_timestamp() or p.lead_id = excluded.lead_id;
  get diagnostics v_held = row_count;
  if v_held < cardinality(v_hashes) then
    perform platform.fail(409, 'lead_reserved', 'Un autre agent s''occupe de cette personne.',
      'Demandez le lead suivant.');
  end if;
  return null;
end;
$$;
comment on function leads.hold_person is
  'Trigger: reserves the person for the lead, 409 if another lead holds the reservation; releases the person with '
  'the reservation.';
create trigger hold_person after update on leads.leads for each row
  when (old.reserved_until is distinct from new.reserved_until) execute function leads.hold_person();

create function leads.reservation_end()
returns timestamptz
language sql
stable
set search_path = ''
as $$ select now() + make_interval(secs => 60 * leads.work_rule('reservation_minutes')::float8); $$;

-- The person is reserved before the rules are checked, so that calls reported while waiting are counted. The check
-- uses clock_timestamp(), because those calls are later than this transaction's start.
create function leads.give_lead(lead_id uuid, calling leads.calling)
returns leads.leads
language plpgsql
set search_path = ''
as $$
declare
  v_lead leads.leads;
  v_broken text[];
begin
  update leads.leads l set agent_id = auth.uid(), qualification_status = 'in_progress', status = 'pending',
    reserved_until = leads.reservation_end(), callback_at = null, requeued_at = null
  where l.id = give_lead.lead_id returning * into v_lead;
  calling.at := clock_timestamp();
  v_broken := leads.rules_broken(v_lead, calling);
  if v_broken is not null then
    perform platform.fail(409, v_broken[1], 'Cette personne ne peut pas être appelée maintenant.',
      'Demandez le lead suivant.');
  end if;
  return v_lead;
end;
$$;
comment on function leads.give_lead is
  'Reserves a locked lead and its person for the calling agent. 409 if another agent has the person (lead_reserved) '
  'or a call is not allowed: outside_calling_hours, call_limit_reached, consent_missing.';

create function leads.reserve_next(out reference text, out until timestamptz, out reason text, out opening timestamptz)
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_agent uuid := auth.uid();
  v_calling leads.calling;
  v_lead uuid;
begin
  perform platform.require_role('leads', 'agent');
  v_calling := leads.calling_at();
  -- Two concurrent requests of the same agent get the same lead.
  perform pg_advisory_xact_lock(hashtextextended('leads.next_lead ' || v_agent, 0));
  select l.reference, l.reserved_until into reference, until from leads.leads l
    where l.agent_id = v_agent and l.qualification_status = 'in_progress' and l.withdrawn_at is null
      and l.reserved_until > now()
      and leads.may_be_called(l, v_calling)
    order by l.reserved_until limit 1;
  if found then return; end if;

  -- If another agent has taken the person in the meantime, the next round sees it and skips that lead.
  loop
    v_calling.at := clock_timestamp();
    v_lead := leads.next_in_queue(v_calling);
    exit when v_lead is null;
    begin
      select g.reference, g.reserved_until into reference, until from leads.give_lead(v_lead, v_calling) g;
      return;
    exception when sqlstate 'PT409' then null;
    end;
  end loop;
  select w.reason, w.opening into reason, opening from leads.why_no_lead(v_calling) w;
end;
$$;
comment on function leads.reserve_next is
  'Reserves the next lead for the calling agent, after any existing reservation of the agent''s own; without a lead, '
  'returns the reason.';

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
    perform set_config('response.headers',
      (jsonb_build_array(jsonb_build_object('X-Reason', v_next.reason)) || case when v_next.opening is not null
      then jsonb_build_array(jsonb_build_object('X-Next-Opening', platform.iso_timestamp(v_next.opening)))
        else '[]' end)::text, true);
    return null;
  end if;
  return to_jsonb(leads.show_lead(v_next.reference))
    || jsonb_build_object('reservedUntil', platform.iso_timestamp(v_next.until));
end;
$$;
comment on function public.agent_next_lead is
  'GET /api/agent/next-lead: a lead with its contact, reserved for the agent. 204 with X-Reason: queue_empty, '
  'outside_calling_hours (with X-Next-Opening), call_limit_reached or consent_missing.';
grant execute on function leads.reserve_next, public.agent_next_lead to authenticated, service_role;

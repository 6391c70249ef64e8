-- Limits on the calls to a person, across all their leads: a maximum number of calls, and a pause after a refusal.
-- Calls are stored by the hash of each e-mail and telephone (leads.person_hash): the limits also apply to later leads
-- of other suppliers, and the hashes do not identify an erased person.
create table leads.called_people (
  person_hash bytea not null,
  called_at timestamptz not null,
  call_id uuid not null references leads.calls (id) on delete cascade,
  refused boolean not null,
  primary key (person_hash, called_at, call_id)
);
alter table leads.called_people enable row level security;
create index called_people_call on leads.called_people (call_id);
comment on table leads.called_people is 'The calls to each person: one row per e-mail and telephone, hashed.';
comment on column leads.called_people.refused is 'True if the person does not want to be called again.';
create policy select_nobody on leads.called_people for select to anon, authenticated using (false);

alter table leads.calls add column outside_rules text[];
comment on column leads.calls.outside_rules is
  'The rules that the call broke: outside_calling_hours, call_limit_reached, consent_missing; null if none.';
create index calls_outside_rules on leads.calls (created_at) where outside_rules is not null;

create function leads.person_hashes(lead_id uuid)
returns bytea[]
language plpgsql
set search_path = ''
as $$
declare
  v_pepper bytea := leads.pepper();
begin
  return array(select leads.person_hash(v_pepper, v.value)
    from leads.lead_contacts c, unnest(array[lower(c.email), c.phone, c.phone2]) v (value)
    where c.lead_id = person_hashes.lead_id and v.value is not null);
end;
$$;
comment on function leads.person_hashes is 'The hashes of the e-mail and telephones of a lead''s person.';

-- One index look-up, which finds no row for almost all leads. A day is a calendar day in the person's time zone.
create function leads.paused_until(lead leads.leads, rule jsonb, at timestamptz default now())
returns timestamptz
language plpgsql
set search_path = ''
as $$
declare
  v_hashes bytea[] := leads.person_hashes(lead.id);
  v_zone text := case when rule -> 'callsPerDay' <> 'null' then (select r.time_zone from leads.regions r
    where r.name = lead.region) end;
  v_midnight timestamptz := date_trunc('day', at at time zone v_zone) at time zone v_zone;
begin
  return (
    select greatest(
      max(c.called_at) filter (where c.refused) + make_interval(days => (rule ->> 'refusalDays')::integer),
      (array_agg(c.called_at order by c.called_at desc))[(rule ->> 'callsPer30Days')::integer] + interval '30 days',
      case when count(*) filter (where c.called_at >= v_midnight) >= (rule ->> 'callsPerDay')::integer
        then (date_trunc('day', at at time zone v_zone) + interval '1 day') at time zone v_zone end)
    from (select distinct p.call_id, p.called_at, p.refused from leads.called_people p
      where p.person_hash = any (v_hashes)
      and p.called_at between at - make_interval(days => greatest(30, (rule ->> 'refusalDays')::integer)) and at) c);
end;
$$;
comment on function leads.paused_until is
  'Until when the limits forbid a call to the person behind a lead; null or in the past if a call is allowed.';

-- Calls of the agents, with their recordings. Names are kept as they were on the day of the call.
create sequence leads.call_numbers;
create table leads.calls (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default platform.short_reference('AUD', nextval('leads.call_numbers')),
  lead_id uuid references leads.leads (id),
  agent_id uuid references platform.profiles (id) on delete set null,
  lead_name text not null,
  lead_company text,
  agent_name text not null,
  called_on date not null default platform.paris_today(),
  duration_seconds integer not null check (duration_seconds >= 0),
  duration text not null,
  recording_path text,
  recording_size text,
  recording_status text not null check (recording_status in ('available', 'processing', 'archived')),
  result text not null check (result in ('qualified', 'not_qualified', 'callback', 'pending')),
  created_at timestamptz not null default now()
);
alter table leads.calls enable row level security;
create index calls_lead on leads.calls (lead_id) where lead_id is not null;
create index calls_agent_day on leads.calls (agent_id, called_on);
comment on table leads.calls is 'Qualification calls and their recordings.';
comment on column leads.calls.duration is 'The duration as text (4:32), written with the call.';
comment on column leads.calls.recording_path is
  'The path in the Storage bucket « recordings »; null if there is no recording.';

create policy select_own_or_admin on leads.calls for select to authenticated
  using (agent_id = (select auth.uid()) or (select platform.has_role('leads', 'admin')));
grant select on leads.calls to authenticated, service_role;

create function leads.call_figures(agent_id uuid, duration_seconds bigint, result text)
returns setof platform.figure
language plpgsql
immutable
set search_path = ''
rows 3
as $$
begin
  return query
  values
    ('agent.calls', agent_id::text, null::date, 1::bigint),
    ('agent.call_seconds', agent_id::text, null, duration_seconds),
    ('agent.qualified', agent_id::text, null, case when result = 'qualified' then 1 else 0 end);
end;
$$;
comment on function leads.call_figures is 'The contribution of a call to its agent''s statistics.';

create function leads.keep_call_figures()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_added platform.figure[];
  v_removed platform.figure[];
begin
  if tg_op <> 'DELETE' then
    select array_agg(f) into v_added from new_rows n, leads.call_figures(n.agent_id, n.duration_seconds, n.result) f;
  end if;
  if tg_op <> 'INSERT' then
    select array_agg((f.metric, f.subject, f.month, -f.value)::platform.figure) into v_removed
    from old_rows o, leads.call_figures(o.agent_id, o.duration_seconds, o.result) f;
  end if;
  perform platform.add_figures('leads', v_added || v_removed);
  return null;
end;
$$;
create trigger keep_figures_insert after insert on leads.calls
  referencing new table as new_rows for each statement execute function leads.keep_call_figures();
create trigger keep_figures_update after update on leads.calls
  referencing old table as old_rows new table as new_rows for each statement
    execute function leads.keep_call_figures();
create trigger keep_figures_delete after delete on leads.calls
  referencing old table as old_rows for each statement execute function leads.keep_call_figures();

-- Recordings are in a private bucket for audio files; signed URLs that expire allow a download.
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
  values ('recordings', 'recordings', false, 52428800, '{audio/*}')
  on conflict (id) do update set public = false, file_size_limit = excluded.file_size_limit,
    allowed_mime_types = excluded.allowed_mime_types;
create policy leads_recordings_select on storage.objects for select to authenticated
  using (bucket_id = 'recordings' and (select platform.has_role('leads', 'admin')));

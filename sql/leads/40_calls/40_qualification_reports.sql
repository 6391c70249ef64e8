-- An agent's report after a call: its valid fields, and how a repeated report is recognised.
create table leads.qualifications (
  call_id uuid primary key references leads.calls (id) on delete cascade,
  lead_id uuid not null references leads.leads (id) on delete cascade,
  agent_id uuid references platform.profiles (id) on delete set null,
  request_key text,
  request_hash text not null,
  repeatable_until timestamptz not null,
  callback_at timestamptz,
  recording_consent boolean not null,
  score_explanations jsonb not null,
  created_at timestamptz not null default now(),
  unique (agent_id, request_key)
);
alter table leads.qualifications enable row level security;
create index qualifications_lead on leads.qualifications (lead_id, created_at desc);
comment on table leads.qualifications is
  'Reports of agents, one per call. A repeated report gets the same answer and is counted once.';
comment on column leads.qualifications.request_key is 'The Idempotency-Key of the request, if any.';
comment on column leads.qualifications.repeatable_until is
  'Until when the same report without a key counts as a repetition: the end of the reservation.';
create policy select_own_or_admin on leads.qualifications for select to authenticated
  using (agent_id = (select auth.uid()) or (select platform.has_role('leads', 'admin')));
grant select on leads.qualifications to authenticated, service_role;

create function leads.report_problems(report jsonb)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select leads.shape_problems(report,
    array['result', 'callbackAt', 'durationSeconds', 'notes', 'summary', 'recordingPath',
      'recordingConsent', 'refused'])
    || coalesce(jsonb_agg(jsonb_build_object('field', p.field, 'code', p.code, 'message', p.message)), '[]')
  from (values
    (coalesce(report ->> 'result', '') not in ('qualified', 'not_qualified', 'callback'), 'result', 'invalid_value',
      'Résultat attendu : qualified, not_qualified ou callback.'),
    (case when report ->> 'durationSeconds' ~ '^[0-9]{1,5}$' then (report ->> 'durationSeconds')::integer > 86400
      else true end,
      'durationSeconds', 'invalid_value', 'La durée de l''appel est un nombre entier de secondes, un jour au plus.'),
    (report ->> 'result' = 'callback' and report ->> 'callbackAt' is null, 'callbackAt', 'required',
      'La date du rappel manque.'),
    (report ->> 'callbackAt' is not null
      and not coalesce(leads.written_time(report ->> 'callbackAt') between now() and now() + interval '1 year', false),
      'callbackAt', 'invalid_time',
      'La date du rappel n''est pas une date à venir, d''ici un an (2026-12-01T14:30, heure de Paris).'),
    (jsonb_typeof(coalesce(report -> 'refused', 'null')) not in ('boolean', 'null'), 'refused', 'invalid_value',
      'Vrai ou faux est attendu.'),
    (report -> 'refused' = 'true' and report ->> 'result' <> 'not_qualified', 'refused', 'invalid_value',
      'Qui refuse d''être démarché n''est ni qualifié ni rappelé.'),
    (length(report ->> 'notes') > 10000, 'notes', 'too_long', 'Les notes sont trop longues.'),
    (length(report ->> 'summary') > 1000, 'summary', 'too_long', 'Le résumé est limité à 1000 caractères.'),
    (report ->> 'recordingPath' is not null and report -> 'recordingConsent' is distinct from 'true',
      'recordingConsent', 'consent_required',
      'Un enregistrement ne se garde qu''avec l''accord de la personne.'),
    (report ->> 'recordingPath' is not null and not exists (select from storage.objects o
      where o.bucket_id = 'recordings' and o.name = report ->> 'recordingPath'
        and split_part(o.name, '/', 1) = auth.uid()::text),
      'recordingPath', 'recording_not_found', 'Cet enregistrement n''a pas été déposé.')
  ) p (wrong, field, code, message)
  where p.wrong;
$$;
comment on function leads.report_problems is 'Validation errors of an agent''s report: [{field, code, message}].';

-- The earlier report that this one repeats, if any: the same key, or the same content within the reservation.
create function leads.repeated_report(lead uuid, key text, hash text)
returns leads.qualifications
language plpgsql
stable
set search_path = ''
as $$
declare
  v_earlier leads.qualifications;
begin
  select q.* into v_earlier from leads.qualifications q
    where q.agent_id = auth.uid() and case when key is null then q.lead_id = lead and q.request_hash = hash
      and q.repeatable_until > now()
      else q.request_key = key end
    order by q.created_at desc limit 1;
  if key is not null and (v_earlier.lead_id, v_earlier.request_hash) is distinct from (lead, hash)
    and v_earlier.call_id is not null then
    perform platform.fail(409, 'idempotency_key_reused', 'Cette clé d''idempotence a déjà servi à une autre demande.');
  end if;
  return v_earlier;
end;
$$;

create function leads.refuse_unless_free(lead leads.leads)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if lead.qualification_status in ('qualified', 'not_qualified') or lead.status not in ('new', 'pending') then
    perform platform.fail(409, 'already_qualified', 'Ce lead est déjà qualifié.');
  end if;
  if lead.qualification_status = 'in_progress' and lead.reserved_until > now()
    and lead.agent_id is distinct from auth.uid() then
    perform platform.fail(409, 'lead_reserved', 'Un autre agent s''occupe de ce lead.', 'Demandez le lead suivant.');
  end if;
  -- The agent who arranged the callback may report earlier; for other agents the lead is not in the queue before the
  -- arranged time.
  if lead.qualification_status = 'callback' and lead.callback_at > now()
    and lead.agent_id is distinct from auth.uid() then
    perform platform.fail(409, 'callback_not_due', 'Cette personne a demandé à être rappelée plus tard.',
      'Demandez le lead suivant.');
  end if;
  -- The lead's data has changed since the call: the person called is no longer the lead's person.
  if lead.requeued_at is not null then
    perform platform.fail(409, 'lead_requeued', 'Ce lead a changé depuis : il attend un nouvel appel.',
      'Demandez le lead suivant.');
  end if;
end;
$$;

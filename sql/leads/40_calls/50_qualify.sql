-- The effects of an agent's report, in one transaction: on the call, the lead, the import and the supplier.

-- Every call is recorded, even one that should not have been made; the rules it broke are stored with it.
create function leads.add_call(lead leads.leads, report jsonb, outside_rules text[])
returns leads.calls
language plpgsql
set search_path = ''
as $$
declare
  v_seconds integer := (report ->> 'durationSeconds')::integer;
  v_path text := report ->> 'recordingPath';
  v_call leads.calls;
begin
  insert into leads.calls (lead_id, agent_id, lead_name, lead_company, agent_name, duration_seconds, duration,
    recording_path, recording_size, recording_status, result, outside_rules)
  select lead.id, auth.uid(), btrim(lead.first_name || ' ' || c.last_name), lead.company,
    btrim(p.first_name || ' ' || p.last_name), v_seconds,
    v_seconds / 60 || ':' || lpad((v_seconds % 60)::text, 2, '0'), v_path,
    (select round((o.metadata ->> 'size')::numeric / 1048576, 1) || ' MB' from storage.objects o
      where o.bucket_id = 'recordings' and o.name = v_path),
    case when v_path is null then 'archived' else 'available' end, report ->> 'result', add_call.outside_rules
  from leads.lead_contacts c, platform.profiles p where c.lead_id = lead.id and p.id = auth.uid()
  returning * into v_call;
  -- A person who is not qualified counts as refusing further calls, unless the agent reports another reason.
  insert into leads.called_people (person_hash, called_at, call_id, refused)
  select h, now() - make_interval(secs => v_seconds), v_call.id,
    coalesce((nullif(report -> 'refused', 'null'))::boolean, report ->> 'result' = 'not_qualified')
  from unnest(leads.person_hashes(lead.id)) h;
  return v_call;
end;
$$;

-- The agents' progress with a file. Two agents who finish its last leads at the same time must see each other, so the
-- file is locked, unless more leads wait than there can be concurrent agents.
create function leads.advance_import(import_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if platform.kept('leads', 'import.pending', import_id::text) > current_setting('max_connections')::integer then
    update leads.imports i set qualification_status = 'en_cours'
    where i.id = import_id and i.qualification_status <> 'en_cours';
    return;
  end if;
  perform from leads.imports i where i.id = import_id for no key update;
  update leads.imports i set qualification_status = p.status
  from (select case when platform.kept('leads', 'import.pending', import_id::text) <= 0 then 'termine'
    else 'en_cours' end as status) p
  where i.id = import_id and i.qualification_status <> p.status;
end;
$$;
comment on function leads.advance_import is 'Updates the qualification status of an import.';

create function leads.tell_supplier(lead leads.leads)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_user uuid := (select s.user_id from leads.suppliers s where s.id = lead.supplier_id);
begin
  if lead.status = 'qualified' then
    perform platform.notify(v_user, 'leads', 'success', 'Lead qualifié',
      format('Votre lead %s (%s) est qualifié, score %s : il est en vente.', lead.reference, lead.sector, lead.score));
  elsif lead.status = 'rejected' then
    perform platform.notify(v_user, 'leads', 'info', 'Lead non qualifié',
      format('Votre lead %s (%s) n''a pas été qualifié.', lead.reference, lead.sector));
  end if;
end;
$$;

create function leads.qualify(reference text, report jsonb, idempotency_key text,
  out qualification leads.qualifications)
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_hash text := md5(report::text);
  v_lead leads.leads;
  v_until timestamptz;
  v_call leads.calls;
  v_outside_rules text[];
begin
  perform platform.require_role('leads', 'agent');
  if jsonb_typeof(report) is distinct from 'object' then
    perform platform.fail(400, 'invalid_body', 'Le compte rendu d''un appel est attendu.');
  end if;
  select l.* into v_lead from leads.leads l where l.reference = qualify.reference and l.withdrawn_at is null
    for no key update;
  if not found then perform platform.fail(404, 'lead_not_found', 'Ce lead est introuvable.'); end if;
  qualification := leads.repeated_report(v_lead.id, idempotency_key, v_hash);
  if qualification.call_id is not null then return; end if;
  perform platform.refuse_fields(leads.report_problems(report));
  perform leads.refuse_unless_free(v_lead);
  -- A refused summary would reveal the contact, so an agent who was not given the lead may not send one.
  if nullif(btrim(report ->> 'summary'), '') is not null and v_lead.agent_id is distinct from auth.uid() then
    perform platform.refuse_fields(platform.field_problem('summary', 'not_allowed',
      'Le résumé est écrit par l''agent à qui le lead a été confié.'));
  end if;
  -- The agent sees the contact after the report. A waiting lead is therefore first reserved by the rules of the queue,
  -- so that a report cannot obtain a lead that the queue would not give. A lead given earlier may have been called in
  -- time, so its report is accepted at any time.
  if v_lead.agent_id is distinct from auth.uid() then v_lead := leads.give_lead(v_lead.id, leads.calling_at()); end if;
  v_outside_rules := leads.rules_broken(v_lead,
    leads.calling_at(now() - make_interval(secs => (report ->> 'durationSeconds')::integer)));
  v_until := case when v_lead.reserved_until > now() then v_lead.reserved_until else leads.reservation_end() end;
  update leads.lead_contacts c set notes = concat_ws(e'\n', c.notes, report ->> 'notes')
    where c.lead_id = v_lead.id and nullif(btrim(report ->> 'notes'), '') is not null;
  select jsonb_agg(to_jsonb(s)) into qualification.score_explanations from leads.score_lead(v_lead.id) s;
  update leads.leads l set
    status = case report ->> 'result' when 'qualified' then 'qualified' when 'not_qualified' then 'rejected'
      else 'pending' end,
    qualification_status = report ->> 'result',
    qualified_at = case report ->> 'result' when 'qualified' then now() end,
    callback_at = case report ->> 'result' when 'callback' then leads.written_time(report ->> 'callbackAt') end,
    score = (select sum((s ->> 'contribution')::integer)
      from jsonb_array_elements(qualification.score_explanations) s),
    summary = coalesce(nullif(btrim(report ->> 'summary'), ''), l.summary),
    has_audio_recording = l.has_audio_recording or report ->> 'recordingPath' is not null,
    agent_id = auth.uid(), reserved_until = null
  where l.id = v_lead.id returning * into v_lead;
  v_call := leads.add_call(v_lead, report, v_outside_rules);
  insert into leads.qualifications (call_id, lead_id, agent_id, request_key, request_hash, repeatable_until,
    callback_at, recording_consent, score_explanations)
  values (v_call.id, v_lead.id, auth.uid(), idempotency_key, v_hash, v_until, v_lead.callback_at,
    coalesce(report -> 'recordingConsent' = 'true', false), qualification.score_explanations)
  returning * into qualification;
  perform leads.tell_supplier(v_lead);
  perform platform.emit('leads', 'lead.' || v_lead.qualification_status,
    jsonb_build_object('lead', v_lead.reference, 'call', v_call.reference, 'score', v_lead.score));
  -- This comes last, because other transactions wait for the file's lock.
  if v_lead.import_id is not null then perform leads.advance_import(v_lead.import_id); end if;
end;
$$;
comment on function leads.qualify is
  'Records an agent''s report on a lead that is reserved for the agent or free; a repeated report returns the first '
  'one.';

create function public.lead_qualify(id text, report jsonb, idempotency_key text default null)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_done leads.qualifications := leads.qualify(id, report, nullif(idempotency_key, ''));
begin
  return (select to_jsonb(leads.show_lead(lead_qualify.id)) || jsonb_build_object(
    'callId', c.reference,
    'outsideRules', coalesce(to_jsonb(c.outside_rules), '[]'),
    'callbackAt', platform.iso_timestamp(v_done.callback_at),
    'scoreExplanations', v_done.score_explanations)
    from leads.calls c where c.id = v_done.call_id);
end;
$$;
comment on function public.lead_qualify is
  'POST /api/leads/:id/qualify {result, durationSeconds, callbackAt, notes, recordingPath, recordingConsent, '
  'refused}: returns the lead, with the explanation of its score.';
grant execute on function leads.qualify, public.lead_qualify to authenticated, service_role;

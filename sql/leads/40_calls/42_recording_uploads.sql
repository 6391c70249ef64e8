-- An agent uploads the recording of a call to his own folder of the private bucket and names it in the report. Only
-- admins can listen to the recordings; an upload that no report names belongs to no call.
create policy leads_recordings_insert on storage.objects for insert to authenticated
  with check (bucket_id = 'recordings' and split_part(name, '/', 1) = (select auth.uid())::text
    and (select platform.has_role('leads', 'agent')));

create function leads.recording_target(reference text, extension text)
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_lead leads.leads;
begin
  perform platform.require_role('leads', 'agent');
  if extension not in ('mp3', 'wav', 'm4a', 'ogg', 'webm') then
    perform platform.refuse_fields(platform.field_problem('extension', 'invalid_value',
      'Formats acceptés : mp3, wav, m4a, ogg, webm.'));
  end if;
  select l.* into v_lead from leads.leads l where l.reference = recording_target.reference and l.withdrawn_at is null;
  if not found then perform platform.fail(404, 'lead_not_found', 'Ce lead est introuvable.'); end if;
  perform leads.refuse_unless_free(v_lead);
  return auth.uid() || '/' || v_lead.reference || '/' || gen_random_uuid() || '.' || extension;
end;
$$;

create function public.lead_recording(id text, extension text default 'mp3', out bucket text, out path text)
language sql
stable
security invoker
set search_path = ''
as $$ select 'recordings', leads.recording_target(id, coalesce(nullif(extension, ''), 'mp3')); $$;
comment on function public.lead_recording is
  'POST /api/leads/:id/recording: the path where the agent may upload the recording of the call.';
grant execute on function leads.recording_target, public.lead_recording to authenticated, service_role;

-- Recorded calls (document, 3.6).

create view public.admin_audios with (security_invoker = true) as
select c.reference as id, c.lead_name as "leadName", c.lead_company as "leadCompany", c.agent_name as "agentName",
  c.called_on as date, c.duration, c.duration_seconds as "durationSeconds", c.recording_size as size,
  c.recording_status as status, c.result as "qualificationResult"
from leads.calls c
where (select platform.require_role('leads', 'admin'))
order by c.id desc;
comment on view public.admin_audios is 'GET /api/admin/audios: recorded calls, newest first.';

create function public.admin_audio_recording(audio text, out bucket text, out path text)
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin');
  select 'recordings', c.recording_path into bucket, path from leads.calls c
  where c.reference = audio and c.recording_status = 'available';
  if path is null then
    perform platform.fail(404, 'recording_not_found', 'Aucun enregistrement n''est disponible pour cet appel.');
  end if;
end;
$$;
comment on function public.admin_audio_recording is 'The Storage path of a call''s recording, for a signed URL.';

grant select on public.admin_audios to authenticated, service_role;
grant execute on function public.admin_audio_recording to authenticated, service_role;

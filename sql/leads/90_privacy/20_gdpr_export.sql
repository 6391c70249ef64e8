-- All data held about a person, for the person (GDPR, article 15). The person is found by e-mail or telephone, in the
-- same way as an import finds duplicates. Buyers are named by company and day, because a person may know the
-- recipients; the price and the buyer's contact are the buyer's own data.

create function leads.leads_of(email text, phone text)
returns setof uuid
language sql
stable
set search_path = ''
as $$
  select c.lead_id from leads.lead_contacts c where lower(c.email) = leads_of.email
  union
  select c.lead_id from leads.lead_contacts c where c.phone = leads_of.phone
  union
  select c.lead_id from leads.lead_contacts c where c.phone2 = leads_of.phone;
$$;
comment on function leads.leads_of is
  'The leads, including withdrawn ones, whose contact has this canonical e-mail or telephone.';

-- The search covers whole rows, because a refused row may have the address in the wrong column. Telephones are
-- compared by their digits.
create function leads.names_person(said text, email text, phone text)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select platform.names_address(t.said, email) or platform.names_address(t.said, platform.shown_email(email))
    or coalesce(strpos(regexp_replace(t.said, '[^0-9]', '', 'g'),
      right(nullif(regexp_replace(phone, '[^0-9]', '', 'g'), ''), 9)) > 0, false)
  from (select platform.clean_text(names_person.said, true) as said) t;
$$;
comment on function leads.names_person is
  'True if a text contains the canonical e-mail or telephone, in any spelling.';

create function leads.recordings_of(lead leads.leads)
returns setof text
language sql
stable
security definer
set search_path = ''
as $$
  select c.recording_path from leads.calls c where c.lead_id = lead.id and c.recording_path is not null
  union
  -- Recordings that an agent uploaded and never reported.
  select o.name from storage.objects o
  where o.bucket_id = 'recordings' and split_part(o.name, '/', 2) = lead.reference;
$$;
comment on function leads.recordings_of is 'The recordings of a lead''s calls, as paths in the bucket « recordings ».';

create function leads.exported_lead(lead leads.leads)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', lead.reference, 'firstName', lead.first_name, 'lastName', c.last_name,
    'email', platform.shown_email(c.email), 'phone', c.phone, 'phone2', c.phone2, 'company', lead.company,
    'sector', lead.sector, 'region', lead.region, 'city', lead.city, 'source', lead.source, 'channel', lead.channel,
    'score', lead.score,
    'status', lead.status, 'qualificationStatus', lead.qualification_status, 'notes', c.notes, 'summary', lead.summary,
    'createdAt', platform.iso_timestamp(lead.created_at), 'updatedAt', platform.iso_timestamp(lead.updated_at),
    'collectedAt', platform.iso_timestamp(lead.collected_at),
    'withdrawnAt', platform.iso_timestamp(lead.withdrawn_at), 'callbackAt', platform.iso_timestamp(lead.callback_at),
    'supplier', (select s.company from leads.suppliers s where s.id = lead.supplier_id),
    'import', (select jsonb_build_object('id', i.reference, 'fileName', i.file_name, 'date', i.upload_date)
      from leads.imports i where i.id = lead.import_id),
    'consent', (select jsonb_build_object('textVersion', k.text_version, 'url', k.url, 'ip', host(k.ip),
      'givenAt', platform.iso_timestamp(k.given_at), 'recipients', k.recipients) from leads.lead_consents k
    where k.lead_id = lead.id),
    'calls',
      (
      select coalesce(jsonb_agg(jsonb_build_object('id', k.reference, 'date', k.called_on, 'name', k.lead_name,
            'company', k.lead_company,
        'duration', k.duration, 'result', k.result,
        'outsideRules', coalesce(to_jsonb(k.outside_rules), '[]'), 'recordingConsent', q.recording_consent,
        'scoreExplanations', q.score_explanations) order by k.id), '[]')
      from leads.calls k left join leads.qualifications q on q.call_id = k.id where k.lead_id = lead.id),
    'recordings', (select coalesce(jsonb_agg(r order by r), '[]') from leads.recordings_of(lead) r),
    'recipients',
      (
      select coalesce(
        jsonb_agg(jsonb_build_object('company', coalesce(nullif(p.company, ''),
              btrim(p.first_name || ' ' || p.last_name)),
        'date', (s.sold_at at time zone 'Europe/Paris')::date) order by s.sold_at), '[]')
      from leads.sales s join platform.profiles p on p.id = s.buyer_id where s.lead_id = lead.id))
  from leads.lead_contacts c where c.lead_id = lead.id;
$$;
comment on function leads.exported_lead is 'All data held about the person behind a lead.';

create function leads.gdpr_export(person text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_email text;
  v_phone text;
  v_account record;
begin
  select p.email, p.phone into v_email, v_phone from leads.person_of(person) p;
  select a.* into v_account from leads.account_of(v_email) a;
  return jsonb_build_object(
    'person', coalesce(platform.shown_email(v_email), v_phone),
    'exportedAt', platform.iso_timestamp(now()),
    'opposition', (select jsonb_build_object('since', platform.iso_timestamp(o.created_at), 'reason', o.reason)
      from leads.oppositions o where o.value_hash = leads.person_hash(leads.pepper(), coalesce(v_email, v_phone))),
    'account', case when v_account.user_id is not null or v_account.supplier_ids <> '{}'
      then leads.exported_account(v_account.user_id, v_account.supplier_ids) end,
    -- For an account whose address is not proven, the export says only that it exists.
    'unprovenAccount', (select jsonb_build_object('createdAt', platform.iso_timestamp(u.created_at)) from auth.users u
      where u.id = v_account.unproven_id),
    'leads', (select coalesce(jsonb_agg(leads.exported_lead(l) order by l.id), '[]')
      from leads.leads l where l.id in (select leads.leads_of(v_email, v_phone))),
    'refusedRows',
      (select coalesce(jsonb_agg(jsonb_build_object('import', i.reference, 'fileName', i.file_name, 'line', r.line,
        'messages', jsonb_path_query_array(r.problems, '$[*].message')) order by i.id, r.line), '[]')
      from leads.import_rejects r join leads.imports i on i.id = r.import_id
      where leads.names_person(r.problems::text, v_email, v_phone)),
    'pendingRows',
      (select coalesce(jsonb_agg(jsonb_build_object('import', i.reference, 'fileName', i.file_name, 'line', r.line)
      order by i.id, r.line), '[]')
      from leads.import_held_rows r join leads.imports i on i.id = r.import_id
      where leads.names_person((to_jsonb(r) - '{import_id,line}'::text[])::text, v_email, v_phone)));
end;
$$;
comment on function leads.gdpr_export is
  'All data held about the person with this e-mail or telephone; 422 if it is neither.';
grant execute on function leads.gdpr_export to service_role;

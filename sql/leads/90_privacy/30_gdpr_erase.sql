-- Erasure of a person (GDPR, article 17): all identifying data is deleted in one transaction, in every table. Figures
-- and money remain, and so do sales. An unsold lead is withdrawn; a sold lead stays in its buyer's list as « Effacé ».
-- Everyone who received the contact is notified to erase it as well (article 19).
create table leads.erasures (
  id uuid primary key default platform.uuid_v7(),
  erased_at timestamptz not null default now(),
  actor uuid,
  role text not null default coalesce(auth.role(), session_user),
  value_hash bytea not null,
  counts jsonb not null
);
alter table leads.erasures enable row level security;
create index erasures_value on leads.erasures (value_hash);
create trigger append_only before update or delete or truncate on leads.erasures
  for each statement execute function platform.refuse_change();
comment on table leads.erasures is
  'The erasures, with time and actor: proof that they were done, without the erased data.';
comment on column leads.erasures.value_hash is 'The canonical e-mail or telephone, hashed as in leads.oppositions.';
comment on column leads.erasures.counts is 'The number of rows by kind.';
create policy select_admin on leads.erasures for select to authenticated
  using ((select platform.has_role('leads', 'admin')));
grant select on leads.erasures to authenticated, service_role;

-- A company is not a person and stays, unless its name contains the person's name.
create function leads.company_without_person(company text, last_name text)
returns text
language sql
immutable
set search_path = ''
as $$
  select case when leads.name_key(last_name) <> '' and ' ' || leads.name_key(company) || ' ' like '% '
    || leads.name_key(last_name) || ' %' then null else company end;
$$;
comment on function leads.company_without_person is 'The company, or null if it contains the last name as a word.';

-- The recordings' paths stay until the files are deleted (forget_recordings), so that a failed deletion can be
-- repeated.
create function leads.erase_leads(ids uuid[])
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_calls bigint;
  v_consents bigint;
  v_withdrawn bigint;
begin
  -- The companies are checked first, while the names are still known.
  update leads.calls k set lead_name = 'Effacé',
    lead_company = leads.company_without_person(k.lead_company, c.last_name), recording_status = 'archived'
  from leads.lead_contacts c where k.lead_id = any (ids) and c.lead_id = k.lead_id;
  get diagnostics v_calls = row_count;
  update leads.lead_consents k set ip = null, url = regexp_replace(k.url, '[?#].*$', '') where k.lead_id = any (ids);
  get diagnostics v_consents = row_count;
  select count(*) into v_withdrawn from leads.leads l
  where l.id = any (ids) and l.withdrawn_at is null and not leads.is_sold(l);
  update leads.leads l set first_name = '', last_name_mask = 'Effacé', email_mask = null, phone_mask = null,
    city = null, summary = null, hidden_fields = null, company = case when 'company' = any (l.hidden_fields) then null
      else leads.company_without_person(l.company, c.last_name) end,
    source = case when 'source' = any (l.hidden_fields) then null else l.source end,
    channel = case when 'channel' = any (l.hidden_fields) then null else l.channel end, has_audio_recording = false,
    reserved_until = null, callback_at = null, erased_at = now(),
    withdrawn_at = case when leads.is_sold(l) then l.withdrawn_at else coalesce(l.withdrawn_at, now()) end
  from leads.lead_contacts c where l.id = any (ids) and c.lead_id = l.id;
  update leads.lead_contacts c set last_name = 'Effacé', email = null, phone = null, phone2 = null,
    name_unsplit = false, notes = null, hidden_text = null where c.lead_id = any (ids);
  delete from leads.import_changes h where h.lead_id = any (ids);
  return jsonb_build_object('leads', coalesce(cardinality(ids), 0), 'withdrawn', v_withdrawn, 'calls', v_calls,
    'consents', v_consents);
end;
$$;
comment on function leads.erase_leads is
  'Erases the identifying data from leads and from all rows that belong to them.';

-- An import may have left data about a person who did not become a lead.
create function leads.erase_import_traces(email text, phone text)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
  v_rows bigint;
begin
  update leads.import_rejects r set message = 'Valeur effacée.',
    problems = (select jsonb_agg(p || '{"message": "Valeur effacée."}') from jsonb_array_elements(r.problems) p)
  where leads.names_person(r.problems::text, erase_import_traces.email, erase_import_traces.phone);
  get diagnostics v_rows = row_count;
  delete from leads.import_rows r
  where leads.names_person(concat_ws(' ', r.email, r.phone, r.phone2, r.notes, r.summary), erase_import_traces.email,
    erase_import_traces.phone);
  delete from leads.import_checked c
  where leads.names_person(concat_ws(' ', c.email, c.phone, c.phone2, c.notes, c.summary, c.reasons),
    erase_import_traces.email, erase_import_traces.phone);
  delete from leads.import_held_rows r
  where leads.names_person((to_jsonb(r) - '{import_id,line}'::text[])::text, erase_import_traces.email,
    erase_import_traces.phone);
  return v_rows;
end;
$$;
comment on function leads.erase_import_traces is
  'Erases an e-mail or telephone from refused and staged rows; returns the number of refused rows that contained it.';

create function leads.tell_to_erase(ids uuid[])
returns bigint
language sql
set search_path = ''
as $$
  with told as (
    select distinct s.buyer_id as user_id, l.reference, 'acheté' as how from leads.sales s
    join leads.leads l on l.id = s.lead_id where l.id = any (ids)
    union
    select s.user_id, l.reference, 'apporté' from leads.leads l join leads.suppliers s on s.id = l.supplier_id
    where l.id = any (ids) and s.user_id is not null
  ), written as (
    insert into platform.notifications (user_id, system, type, title, message)
    select t.user_id, 'leads', 'warning', 'Données à effacer',
      format('La personne du lead %s, que vous avez %s, a demandé l''effacement de ses données : '
      'effacez-les aussi de vos fichiers.', t.reference, t.how)
    from told t
  ), emitted as (
    select platform.emit('leads', 'lead.erased', jsonb_build_object('lead', l.reference,
      'buyers', array(select s.buyer_id from leads.sales s where s.lead_id = l.id order by 1)))
    from leads.leads l where l.id = any (ids)
  )
  select count(*) from told t where t.how = 'acheté' and (select count(*) from emitted) >= 0;
$$;
comment on function leads.tell_to_erase is
  'Notifies buyers and suppliers of erased leads to erase the person as well; returns the number of notifications to '
  'buyers.';

create function leads.files_to_remove()
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(jsonb_agg(r.path order by r.path), '[]')
  from (select distinct p as path from leads.leads l cross join lateral leads.recordings_of(l) p
    where l.erased_at is not null) r;
$$;
comment on function leads.files_to_remove is 'Recordings of erased people still in the bucket « recordings »: [path].';

create function leads.forget_recordings(paths text[])
returns void
language sql
security definer
set search_path = ''
as $$
  update leads.calls c set recording_path = null, recording_size = null
  from leads.leads l where l.id = c.lead_id and l.erased_at is not null and c.recording_path = any (paths);
$$;
comment on function leads.forget_recordings is 'Clears the paths of recordings that have been deleted from Storage.';

create function leads.erase_prospect(email text, phone text, oppose boolean)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_leads uuid[] := array(select l.id from leads.leads l
    where l.id in (select leads.leads_of(erase_prospect.email, erase_prospect.phone)) order by l.id for update);
  v_opposed bigint := 0;
begin
  -- The opposition applies to all addresses and telephones known for the person.
  if oppose then
    v_opposed := leads.oppose(array(select lower(c.email) from leads.lead_contacts c where c.lead_id = any (v_leads))
      || erase_prospect.email, array(select n from leads.lead_contacts c, unnest(array[c.phone, c.phone2]) n
        where c.lead_id = any (v_leads)) || erase_prospect.phone, 'Opposition de la personne');
  end if;
  return jsonb_build_object('refusedRows', leads.erase_import_traces(erase_prospect.email, erase_prospect.phone),
    'buyersTold', leads.tell_to_erase(v_leads), 'opposed', v_opposed)
    || leads.erase_leads(v_leads);
end;
$$;
comment on function leads.erase_prospect is
  'Erases the person with this canonical e-mail or telephone from leads and from the rows of imports, and on request '
  'blocks the person from future imports.';
grant execute on function leads.files_to_remove, leads.forget_recordings to service_role;

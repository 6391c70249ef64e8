-- An import can be undone as long as nobody has used its leads: leads it added are deleted, leads it updated are
-- restored. The rule import_undo_days limits the time.
create table leads.import_changes (
  import_id uuid not null references leads.imports (id) on delete cascade,
  lead_id uuid not null references leads.leads (id) on delete cascade,
  lead jsonb not null,
  contact jsonb not null,
  consent jsonb,
  changed_at timestamptz not null default now(),
  primary key (import_id, lead_id)
);
alter table leads.import_changes enable row level security;
create index import_changes_lead on leads.import_changes (lead_id);
create index import_changes_changed_at on leads.import_changes (changed_at);
comment on table leads.import_changes is
  'Leads as they were before an import updated them. Rows are deleted when the import is undone, when the time limit '
  'has passed, or when the person is erased.';
create policy select_admin on leads.import_changes for select to authenticated
  using ((select platform.has_role('leads', 'admin')));
grant select on leads.import_changes to authenticated, service_role;

create function leads.remember_imported_leads(import_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into leads.import_changes (import_id, lead_id, lead, contact, consent)
  select remember_imported_leads.import_id, l.id, to_jsonb(l), to_jsonb(k), to_jsonb(c)
  from leads.import_checked d
  join leads.leads l on l.id = d.lead_id
  join leads.lead_contacts k on k.lead_id = l.id
  left join leads.lead_consents c on c.lead_id = l.id
  where d.import_id = remember_imported_leads.import_id and d.duplicate = 'updated';
end;
$$;
comment on function leads.remember_imported_leads is
  'Stores the chosen leads as they are before the import updates them.';

-- Completing an import requires the merge lock, so two of these deletions never wait for each other.
create function leads.forget_import_changes()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  delete from leads.import_changes c where c.changed_at < leads.days_ago('import_undo_days');
  return null;
end;
$$;
comment on function leads.forget_import_changes is
  'Trigger: whenever an import is completed, deletes the rows that can no longer be used for an undo.';
create trigger forget_import_changes after update of status on leads.imports for each row
  when (new.status = 'completed' and old.status <> 'completed') execute function leads.forget_import_changes();

-- For a file that an admin accepted, the time of the acceptance counts, not the time of the upload.
create function leads.came_in_at(import leads.imports)
returns timestamptz
language sql
stable
set search_path = ''
as $$
  select greatest(import.created_at, import.handed_over_at,
    (select max(c.changed_at) from leads.import_changes c where c.import_id = import.id));
$$;
comment on function leads.came_in_at is
  'When the rows of a completed import became leads, for the undo''s time limit.';

-- Every change of a lead sets updated_at, so a comparison of the times finds all changes.
create function leads.why_lead_stays(lead leads.leads, import_time timestamptz)
returns text
language sql
stable
set search_path = ''
as $$
  select case
    when leads.is_sold(lead) then 'sold'
    when lead.erased_at is not null then 'erased'
    when lead.withdrawn_at is not null then 'withdrawn'
    when lead.qualification_status <> 'pending' then 'in_qualification'
    when lead.updated_at <> import_time then 'changed' end;
$$;
comment on function leads.why_lead_stays is
  'The reason why a lead cannot be undone: sold, erased, withdrawn, in_qualification, changed; null if it is '
  'untouched since the import.';

-- The contact is restored first: its change may send the lead back to the agents, and restoring the lead afterwards
-- also restores its qualification.
create function leads.restore_lead(before leads.import_changes)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_lead leads.leads := jsonb_populate_record(null::leads.leads, before.lead);
  v_contact leads.lead_contacts := jsonb_populate_record(null::leads.lead_contacts, before.contact);
begin
  update leads.leads l set summary = null where l.id = before.lead_id and l.summary is not null;
  update leads.lead_contacts c set last_name = v_contact.last_name, email = v_contact.email, phone = v_contact.phone,
    phone2 = v_contact.phone2, name_unsplit = v_contact.name_unsplit, notes = v_contact.notes
  where c.lead_id = before.lead_id;
  update leads.leads l set first_name = v_lead.first_name, last_name_mask = v_lead.last_name_mask,
    email_mask = v_lead.email_mask, phone_mask = v_lead.phone_mask, company = v_lead.company, sector = v_lead.sector,
    region = v_lead.region, city = v_lead.city, source = v_lead.source, channel = v_lead.channel, score = v_lead.score,
    price_cents = v_lead.price_cents, is_exclusive = v_lead.is_exclusive, summary = v_lead.summary,
    collected_at = v_lead.collected_at, status = v_lead.status, qualification_status = v_lead.qualification_status,
    qualified_at = v_lead.qualified_at, agent_id = v_lead.agent_id, callback_at = v_lead.callback_at,
    has_audio_recording = v_lead.has_audio_recording, requeued_at = null
  where l.id = before.lead_id;
  delete from leads.lead_consents k where k.lead_id = before.lead_id;
  if before.consent is not null then
    insert into leads.lead_consents select (jsonb_populate_record(null::leads.lead_consents, before.consent)).*;
  end if;
end;
$$;
comment on function leads.restore_lead is 'Restores a lead to its state before an import updated it.';

-- The import's leads are locked first, so that none is sold or changed in between. The reasons are read by the next
-- statement, which sees the changes that the lock waited for.
create function leads.undo_import(reference text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_import leads.imports := leads.import_to_decide(reference);
  v_kept jsonb;
  v_removed bigint;
  v_restored bigint;
begin
  if v_import.status <> 'completed' then
    perform platform.fail(409, 'import_not_completed', 'Seul un import terminé peut être annulé.');
  end if;
  if leads.came_in_at(v_import) < leads.days_ago('import_undo_days') then
    perform platform.fail(409, 'import_undo_too_late',
      format('Cet import date de plus de %s jours : il ne peut plus être annulé.',
      leads.work_rule('import_undo_days')));
  end if;
  perform from leads.leads l
    where l.import_id = v_import.id or l.id in (select c.lead_id from leads.import_changes c
      where c.import_id = v_import.id)
    order by l.id for update;

  create temporary table undone on commit drop as
  select l.id, l.reference, null::leads.import_changes as before, leads.why_lead_stays(l, l.created_at) as why
  from leads.leads l where l.import_id = v_import.id
  union all
  select l.id, l.reference, c, leads.why_lead_stays(l, c.changed_at)
  from leads.import_changes c join leads.leads l on l.id = c.lead_id where c.import_id = v_import.id;

  perform leads.restore_lead(u.before) from pg_temp.undone u where u.why is null and (u.before).lead_id is not null;
  get diagnostics v_restored = row_count;
  delete from leads.import_changes c using pg_temp.undone u
    where c.import_id = v_import.id and c.lead_id = u.id and u.why is null;
  delete from leads.leads l using pg_temp.undone u where l.id = u.id and u.why is null and (u.before).lead_id is null;
  get diagnostics v_removed = row_count;
  select coalesce(jsonb_agg(jsonb_build_object('lead', u.reference, 'reason', u.why) order by u.id desc), '[]')
    into v_kept
    from pg_temp.undone u where u.why is not null;
  drop table pg_temp.undone;

  update leads.imports i set undone_at = now(),
    handed_over_at = case when exists (select from leads.leads l where l.import_id = v_import.id)
      then i.handed_over_at end
  where i.id = v_import.id;
  perform platform.emit('leads', 'import.undone',
    jsonb_build_object('import', v_import.reference, 'removed', v_removed, 'restored', v_restored));
  return jsonb_build_object('import', v_import.reference, 'removed', v_removed, 'restored', v_restored,
    'kept', v_kept);
end;
$$;
comment on function leads.undo_import is
  'Undoes an import for leads that nobody has sold or changed since; returns the leads that stay, with the reasons.';
grant execute on function leads.undo_import to authenticated, service_role;

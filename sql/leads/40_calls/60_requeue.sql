-- The person, sector and place of a lead are what an agent has verified by telephone and what buyers pay for. If they
-- change after an agent has begun, by whatever function, the lead goes back to the agents and off sale; once the lead
-- is bought, they cannot change at all. Another spelling of the same value is not a change, and empty fields may be
-- filled in, except the e-mail and telephones. Buyers choose by the summary: whoever rewrites it also sends the lead
-- back, except agents, who have talked to the person, and admins. An import counts as a change by its supplier.
alter table leads.leads add column requeued_at timestamptz;
comment on column leads.leads.requeued_at is
  'Since when the lead waits for an agent again because its person, sector or place has changed; null once an agent '
  'has taken it.';

-- A lead that a buyer has must stay what was bought. Only the erasure of the person (leads.gdpr_erase) overrides this.
create function leads.refuse_if_bought(lead leads.leads)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if lead.status = 'sold' or exists (select from leads.kept_sales k where k.lead_id = lead.id) then
    perform platform.fail(409, 'lead_sold',
      'Ce lead est vendu : la personne, le secteur et le lieu ne changent plus.');
  end if;
end;
$$;
comment on function leads.refuse_if_bought is '409 if a buyer has the lead.';

-- Letters of all scripts are kept: leads.name_key keeps Latin letters only and would make « 王 » and « 李 » equal.
create function leads.spelling_key(name text)
returns text
language sql
immutable
strict
set search_path = ''
as $$ select btrim(regexp_replace(platform.fold(name), '[^[:alnum:]]+', ' ', 'g')); $$;
comment on function leads.spelling_key is 'A key that is the same for two spellings of one name.';

create function leads.same_name(one text, other text)
returns boolean
language sql
immutable
set search_path = ''
as $$ select one = other or leads.spelling_key(one) is not distinct from leads.spelling_key(other); $$;

create function leads.numbers_of(contact leads.lead_contacts)
returns text[]
language sql
immutable
set search_path = ''
as $$ select array(select regexp_replace(n, '[^0-9]', '', 'g') from unnest(array[contact.phone, contact.phone2]) n
  where n <> '' order by 1); $$;
comment on function leads.numbers_of is 'The digits of a contact''s telephones, in sorted order.';

-- A former sector or region that is no longer in the directory was renamed there, so the lead's new name is not a
-- change.
create function leads.is_same_offer(before leads.leads, after leads.leads)
returns boolean
language sql
stable
set search_path = ''
as $$
  select (coalesce(before.first_name, '') = '' or leads.same_name(before.first_name, after.first_name))
    and (before.company is null or leads.same_name(before.company, after.company))
    and (before.city is null or leads.same_name(before.city, after.city))
    and (before.sector = after.sector or not exists (select from leads.sectors s where s.name = before.sector))
    and (before.region = after.region or not exists (select from leads.regions r where r.name = before.region));
$$;
comment on function leads.is_same_offer is 'True if a changed lead is still about the same person, sector and place.';

create function leads.is_same_person(before leads.lead_contacts, after leads.lead_contacts)
returns boolean
language sql
immutable
set search_path = ''
as $$
  -- A full name stored in one field may be split.
  select (leads.same_name(before.last_name, after.last_name) or before.name_unsplit
      and ' ' || leads.spelling_key(before.last_name) || ' ' like '% ' || leads.spelling_key(after.last_name) || ' %'
      and leads.spelling_key(after.last_name) <> '')
    and lower(before.email) is not distinct from lower(after.email)
    and leads.numbers_of(before) = leads.numbers_of(after);
$$;
comment on function leads.is_same_person is 'True if a changed contact still reaches the same person.';

create function leads.is_reworded(before leads.leads, after leads.leads)
returns boolean
language sql
stable
set search_path = ''
as $$
  select not leads.same_name(coalesce(before.summary, ''), coalesce(after.summary, ''))
    and (platform.has_role('leads', 'agent') or platform.has_role('leads', 'admin')) is not true;
$$;
comment on function leads.is_reworded is
  'True if somebody other than an agent or an admin has changed the summary of a lead.';

create function leads.is_begun(lead leads.leads)
returns boolean
language sql
immutable
set search_path = ''
as $$ select lead.status <> 'rejected' and lead.qualification_status not in ('pending', 'not_qualified'); $$;
comment on function leads.is_begun is
  'True if an agent has reserved or qualified the lead. A waiting lead is already in the queue, and a rejected lead '
  'stays rejected.';

create function leads.requeue_changed_lead()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_same boolean := leads.is_same_offer(old, new);
begin
  if new.erased_at is not null then return new; end if;
  if not v_same then perform leads.refuse_if_bought(old); end if;
  if leads.is_begun(old) and (not v_same or leads.is_reworded(old, new)
    or new.requeued_at is distinct from old.requeued_at and new.requeued_at is not null) then
    new.requeued_at := now();
    new.status := 'new';
    new.qualification_status := 'pending';
    new.qualified_at := null;
    new.agent_id := null;
    new.reserved_until := null;
    new.callback_at := null;
    -- The recording belongs to the person who was called before.
    new.has_audio_recording := false;
  end if;
  return new;
end;
$$;
create trigger requeue before update of first_name, company, city, sector, region, summary, requeued_at on leads.leads
  for each row
  when ((old.first_name, old.company, old.city, old.sector, old.region, old.summary, old.requeued_at)
    is distinct from (new.first_name, new.company, new.city, new.sector, new.region, new.summary, new.requeued_at))
  execute function leads.requeue_changed_lead();

-- The lead is locked before it is checked, so that a concurrent sale is waited for.
create function leads.requeue_changed_contact()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_lead leads.leads;
begin
  if tg_op = 'UPDATE' and leads.is_same_person(old, new) then return new; end if;
  select l.* into v_lead from leads.leads l where l.id = old.lead_id for no key update;
  -- The lead is being deleted, or its person erased.
  if not found or v_lead.erased_at is not null then return coalesce(new, old); end if;
  perform leads.refuse_if_bought(v_lead);
  -- The consent was given by the former person. A new proof that comes with the change is written after this.
  if tg_op = 'UPDATE' then delete from leads.lead_consents k where k.lead_id = v_lead.id; end if;
  if leads.is_begun(v_lead) then update leads.leads l set requeued_at = now() where l.id = v_lead.id; end if;
  return coalesce(new, old);
end;
$$;
create trigger requeue before update of last_name, email, phone, phone2 or delete on leads.lead_contacts
  for each row execute function leads.requeue_changed_contact();

-- The trigger is deferred to the end of the transaction, because other transactions wait for the file's lock
-- (leads.qualify). If an import changes many leads, the supplier gets one notification.
create function leads.tell_of_requeue()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_title constant text := 'Lead renvoyé aux agents';
  v_many constant text := 'Plusieurs de vos leads ont changé après leur qualification : ils retournent aux agents, et sont retirés de la vente d''ici là.';
  v_user uuid := (select s.user_id from leads.suppliers s where s.id = new.supplier_id);
  v_told platform.notifications;
begin
  select n.* into v_told from platform.notifications n where n.user_id = v_user and n.system = 'leads'
  order by n.id desc limit 1;
  if v_told.title = v_title and v_told.created_at = now() then
    update platform.notifications n set message = v_many where n.id = v_told.id and n.message <> v_many;
  else
    perform platform.notify(v_user, 'leads', 'warning', v_title,
      format('Votre lead %s (%s) a changé après avoir été confié aux agents : '
      'il retourne à la qualification, et est retiré de la vente d''ici là.', new.reference, new.sector));
  end if;
  perform platform.emit('leads', 'lead.requeued', jsonb_build_object('lead', new.reference));
  if new.import_id is not null then perform leads.advance_import(new.import_id); end if;
  return null;
end;
$$;
comment on function leads.tell_of_requeue is
  'Trigger: notifies the supplier, and updates the import that has a lead to qualify again.';
create constraint trigger tell_of_requeue after update on leads.leads deferrable initially deferred for each row
  when (new.requeued_at is not null and new.requeued_at is distinct from old.requeued_at)
    execute function leads.tell_of_requeue();

-- Who a lead is, and in which sector and place, is what an agent has heard on the telephone and what buyers pay for. Whatever
-- road changes it after an agent has begun, the lead goes back to the agents and off sale; once somebody has bought it, it
-- is not changed at all. Another spelling of the same is no change, and what was empty may be filled in, but for the
-- ways to reach the person. What the catalogue says of him is what buyers choose by: whoever rewrites it, empty or not, sends
-- the lead back as well, but for the agents, who have heard him, and the admins. A file speaks for its supplier.
alter table leads.leads add column requeued_at timestamptz;
comment on column leads.leads.requeued_at is
  'Since when the lead waits for an agent again because who or where it is has changed; null once one has taken it.';

-- What a buyer has keeps being what he bought. Erasing the person (leads.gdpr_erase) is the one thing that is stronger.
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

-- A name's letters in whatever script: what is left of it in Latin ones (leads.name_key) is nothing for « 王 » and for « 李 ».
create function leads.spelling_key(name text)
returns text
language sql
immutable
strict
set search_path = ''
as $$ select btrim(regexp_replace(platform.fold(name), '[^[:alnum:]]+', ' ', 'g')); $$;
comment on function leads.spelling_key is 'What two spellings of one name have in common.';

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
comment on function leads.numbers_of is 'The figures of a contact''s telephones, whichever of them comes first.';

-- A sector or region that is not in the directory any more has been renamed there, and the lead with it.
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
comment on function leads.is_same_offer is 'Whether a changed lead is still the person, the sector and the place that it was.';

create function leads.is_same_person(before leads.lead_contacts, after leads.lead_contacts)
returns boolean
language sql
immutable
set search_path = ''
as $$
  -- A name that was kept in one may be parted.
  select (leads.same_name(before.last_name, after.last_name) or before.name_unsplit
      and ' ' || leads.spelling_key(before.last_name) || ' ' like '% ' || leads.spelling_key(after.last_name) || ' %'
      and leads.spelling_key(after.last_name) <> '')
    and lower(before.email) is not distinct from lower(after.email)
    and leads.numbers_of(before) = leads.numbers_of(after);
$$;
comment on function leads.is_same_person is 'Whether a changed contact still reaches the person that it reached.';

create function leads.is_reworded(before leads.leads, after leads.leads)
returns boolean
language sql
stable
set search_path = ''
as $$
  select not leads.same_name(coalesce(before.summary, ''), coalesce(after.summary, ''))
    and (platform.has_role('leads', 'agent') or platform.has_role('leads', 'admin')) is not true;
$$;
comment on function leads.is_reworded is 'Whether somebody else than an agent or an admin has given a lead another summary.';

create function leads.is_begun(lead leads.leads)
returns boolean
language sql
immutable
set search_path = ''
as $$ select lead.status <> 'rejected' and lead.qualification_status not in ('pending', 'not_qualified'); $$;
comment on function leads.is_begun is 'Whether an agent is at the lead or has qualified it. What waits, waits already, and what was rejected stays so.';

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
    -- The recording is of whoever was called.
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

-- The lead is locked before it is looked at: a sale that is under way is waited for.
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
  -- The lead is on its way out, or the person.
  if not found or v_lead.erased_at is not null then return coalesce(new, old); end if;
  perform leads.refuse_if_bought(v_lead);
  -- Whoever agreed was somebody else. A proof that comes with the change is written after it.
  if tg_op = 'UPDATE' then delete from leads.lead_consents k where k.lead_id = v_lead.id; end if;
  if leads.is_begun(v_lead) then update leads.leads l set requeued_at = now() where l.id = v_lead.id; end if;
  return coalesce(new, old);
end;
$$;
create trigger requeue before update of last_name, email, phone, phone2 or delete on leads.lead_contacts
  for each row execute function leads.requeue_changed_contact();

-- At the end of the transaction, since others wait at the file (leads.qualify). Of many leads at once, as an import changes
-- them, the supplier is told once.
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
comment on function leads.tell_of_requeue is 'Trigger: tells the supplier, and the file that it has a lead to qualify again.';
create constraint trigger tell_of_requeue after update on leads.leads deferrable initially deferred for each row
  when (new.requeued_at is not null and new.requeued_at is distinct from old.requeued_at)
    execute function leads.tell_of_requeue();

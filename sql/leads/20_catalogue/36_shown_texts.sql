-- Public texts of a lead are checked against its contact whenever one of the two is written: a summary that names the
-- person is refused, other texts are hidden. An import checks its rows piece by piece beforehand
-- (leads.check_import_rows) and sets a flag that skips this check for new leads.

create function leads.phones_of(contact leads.lead_contacts)
returns text[]
language plpgsql
immutable
set search_path = ''
as $$ begin return array[contact.phone, contact.phone2]; end; $$;
comment on function leads.phones_of is 'All telephones of a contact.';

create function leads.hidden_text(lead leads.leads)
returns text
language sql
immutable
set search_path = ''
as $$
  select string_agg(f.said, ' ')
  from (values ('first_name', lead.first_name), ('company', lead.company)) f (field, said)
  where f.field = any (lead.hidden_fields);
$$;
comment on function leads.hidden_text is 'The hidden texts of a lead that a search would find if they were shown.';

create function leads.look_at_texts(lead leads.leads, contact leads.lead_contacts)
returns text[]
language plpgsql
set search_path = ''
as $$
begin
  if lead.erased_at is not null then return null; end if;
  if not leads.is_name(lead.first_name) then
    perform platform.refuse_fields(platform.field_problem('firstName', 'invalid_name',
      leads.problem_message('firstName', 'invalid_name', lead.first_name)));
  elsif not leads.is_name(contact.last_name) then
    perform platform.refuse_fields(platform.field_problem('lastName', 'invalid_name',
      leads.problem_message('lastName', 'invalid_name', contact.last_name)));
  end if;
  if leads.contact_in_text(lead.summary, lead.first_name, contact.last_name, contact.email,
    leads.phones_of(contact)) then
    perform platform.refuse_fields(platform.field_problem('summary', 'contact_in_text',
      leads.problem_message('summary', 'contact_in_text', null)));
  end if;
  return leads.fields_to_hide(lead.first_name, lead.company, lead.city, lead.source, lead.channel,
    contact.last_name, contact.email, leads.phones_of(contact));
end;
$$;
comment on function leads.look_at_texts is
  '422 if a name is invalid or the summary names the person; otherwise the fields to hide.';

create function leads.look_at_lead()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_contact leads.lead_contacts;
begin
  select c.* into v_contact from leads.lead_contacts c where c.lead_id = new.id;
  -- A new lead has no contact yet.
  if not found then return new; end if;
  new.hidden_fields := leads.look_at_texts(new, v_contact);
  update leads.lead_contacts c set hidden_text = leads.hidden_text(new)
    where c.lead_id = new.id and c.hidden_text is distinct from leads.hidden_text(new);
  return new;
end;
$$;
create trigger look_at_texts before update of first_name, company, city, source, channel, summary on leads.leads
  for each row
  when ((old.first_name, old.company, old.city, old.source, old.channel, old.summary)
    is distinct from (new.first_name, new.company, new.city, new.source, new.channel, new.summary))
  execute function leads.look_at_lead();

create function leads.look_at_contact()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_lead leads.leads;
  v_hidden text[];
begin
  select l.* into v_lead from leads.leads l where l.id = new.lead_id for no key update;
  v_hidden := leads.look_at_texts(v_lead, new);
  if v_hidden is distinct from v_lead.hidden_fields then
    update leads.leads l set hidden_fields = v_hidden where l.id = new.lead_id returning * into v_lead;
  end if;
  new.hidden_text := leads.hidden_text(v_lead);
  return new;
end;
$$;
create trigger look_at_texts_insert before insert on leads.lead_contacts for each row
  when (current_setting('leads.texts_are_looked_at', true) is distinct from 'on')
    execute function leads.look_at_contact();
create trigger look_at_texts before update of last_name, email, phone, phone2 on leads.lead_contacts for each row
  when ((old.last_name, old.email, old.phone, old.phone2) is distinct from (new.last_name, new.email, new.phone,
    new.phone2)) execute function leads.look_at_contact();

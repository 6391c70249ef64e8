-- The third step: write new leads and, on request, update leads that the supplier brought before.

create function leads.keep_import_rejects(import_id uuid, from_line integer, last_line integer)
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into leads.import_rejects (import_id, line, field, code, message, problems)
  select c.import_id, c.line, c.reasons -> 0 ->> 'field', c.reasons -> 0 ->> 'code',
    c.reasons -> 0 ->> 'message', c.reasons
  from leads.import_checked c
  where c.import_id = keep_import_rejects.import_id and c.line between from_line and last_line
    and c.reasons is not null;
end;
$$;
comment on function leads.keep_import_rejects is 'Stores the rows that failed the checks, with all their problems.';

create function leads.insert_imported_leads(import_id uuid, from_line integer, last_line integer)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_supplier uuid := (select i.supplier_id from leads.imports i where i.id = insert_imported_leads.import_id);
begin
  -- The setting is made here instead of in the function's header, because hosted Supabase refuses custom settings on
  -- functions.
  perform set_config('leads.texts_are_looked_at', 'on', true);
  insert into leads.leads (id, reference, supplier_id, import_id, first_name, last_name_mask, email_mask, phone_mask,
    company, sector, region, city, source, channel, score, price_cents, is_exclusive, summary, hidden_fields,
    collected_at, has_consent)
  select c.id, c.id::text, v_supplier, c.import_id, coalesce(c.first_name, ''), c.last_name_mask, c.email_mask,
    c.phone_mask, c.company, c.sector, c.region, c.city, c.source, c.channel, c.score, c.price_cents, c.is_exclusive,
    c.summary, c.hidden_fields, c.collected_at, c.consent_text_version is not null
  from leads.import_checked c
  where c.import_id = insert_imported_leads.import_id and c.line between from_line and last_line and c.problems = ''
    and c.duplicate is null
  -- Rows are inserted in the order of their keys, so that they are neighbours in the indexes.
  order by c.line desc;

  insert into leads.lead_contacts (lead_id, supplier_id, last_name, name_unsplit, email, phone, phone2,
    notes, hidden_text)
  select c.id, v_supplier, c.last_name, c.name_unsplit, c.email, c.phone, c.phone2, c.notes,
    case when c.hidden_fields is not null
      then concat_ws(' ', case when 'first_name' = any (c.hidden_fields) then c.first_name end,
      case when 'company' = any (c.hidden_fields) then c.company end) end
  from leads.import_checked c
  where c.import_id = insert_imported_leads.import_id and c.line between from_line and last_line and c.problems = ''
    and c.duplicate is null
  order by c.line desc;
  perform set_config('leads.texts_are_looked_at', '', true);
end;
$$;
comment on function leads.insert_imported_leads is 'Inserts the new leads of a piece, with their contacts.';

-- A lead that has been bought is never changed. The leads are locked first, so that none is bought before the import
-- ends. If several rows name the same lead, the first one counts.
create function leads.choose_import_updates(import_id uuid)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
  v_rows bigint;
begin
  perform from leads.leads l
    where l.id in (select d.lead_id from leads.import_checked d where d.import_id = choose_import_updates.import_id
      and d.duplicate = 'supplier')
    order by l.id for no key update;
  update leads.import_checked c set duplicate = 'updated'
  from (
    select distinct on (d.lead_id) d.line from leads.import_checked d join leads.leads l on l.id = d.lead_id
    where d.import_id = choose_import_updates.import_id and d.duplicate = 'supplier' and l.withdrawn_at is null
      and l.sold_at is null and not exists (select from leads.sales s where s.lead_id = l.id)
    order by d.lead_id, d.line
  ) first_line
  where c.import_id = choose_import_updates.import_id and c.line = first_line.line;
  get diagnostics v_rows = row_count;
  return v_rows;
end;
$$;
comment on function leads.choose_import_updates is
  'Marks the duplicates that update an unsold lead of the supplier; returns their number.';

-- An empty cell changes nothing: known values stay. Score and price of a lead that an agent has qualified stay as
-- well, as in leads.read_only_problems.
create function leads.update_imported_leads(import_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  perform leads.remember_imported_leads(import_id);
  -- A summary that would contain the person's new name is removed. This comes first, because the next writes are
  -- checked against the texts already stored (leads.hidden_text).
  update leads.import_checked c set summary = case
    when not exists (select from unnest(array[c.last_name, k.last_name]) n (last_name)
    where leads.contact_in_text(coalesce(c.summary, l.summary), coalesce(c.first_name, l.first_name), n.last_name,
      coalesce(c.email, k.email), array[c.phone, c.phone2, k.phone, k.phone2])) then coalesce(c.summary, l.summary) end
  from leads.leads l join leads.lead_contacts k on k.lead_id = l.id
  where c.import_id = update_imported_leads.import_id and c.duplicate = 'updated' and l.id = c.lead_id
    and coalesce(c.summary, l.summary) is not null;
  update leads.leads l set summary = null
  from leads.import_checked c where c.import_id = update_imported_leads.import_id and c.duplicate = 'updated'
    and l.id = c.lead_id
    and l.summary is distinct from c.summary;

  update leads.lead_contacts k set
    last_name = case when c.name_unsplit and l.first_name <> '' then k.last_name else c.last_name end,
    name_unsplit = case when c.name_unsplit and l.first_name <> '' then k.name_unsplit else c.name_unsplit end,
    email = coalesce(c.email, k.email),
    phone = coalesce(c.phone, k.phone),
    -- Both telephones are kept, whichever of them the file gives first.
    phone2 = coalesce(c.phone2, case when c.phone = k.phone2 then k.phone else k.phone2 end),
    notes = coalesce(c.notes, k.notes)
  from leads.import_checked c join leads.leads l on l.id = c.lead_id
  where c.import_id = update_imported_leads.import_id and c.duplicate = 'updated' and k.lead_id = c.lead_id;
  update leads.leads l set
    -- A full name in one column does not overwrite a name that is already split in first and last name.
    first_name = case when c.name_unsplit then l.first_name else coalesce(c.first_name, l.first_name) end,
    last_name_mask = case when c.name_unsplit and l.first_name <> '' then l.last_name_mask else c.last_name_mask end,
    email_mask = coalesce(c.email_mask, l.email_mask),
    phone_mask = coalesce(c.phone_mask, l.phone_mask),
    company = coalesce(c.company, l.company), sector = c.sector, region = c.region, city = coalesce(c.city, l.city),
    source = coalesce(c.source, l.source), channel = coalesce(c.channel, l.channel),
    score = case when c.has_score and l.qualified_at is null then c.score else l.score end,
    price_cents = case when c.has_price and l.qualified_at is null then c.price_cents else l.price_cents end,
    is_exclusive = case when c.has_is_exclusive and l.qualified_at is null then c.is_exclusive else l.is_exclusive end,
    summary = c.summary,
    -- An update may only make a lead older, never younger.
    collected_at = least(c.collected_at, l.collected_at)
  from leads.import_checked c where c.import_id = update_imported_leads.import_id and c.duplicate = 'updated'
    and l.id = c.lead_id;
end;
$$;
comment on function leads.update_imported_leads is 'Updates the chosen leads from the file.';

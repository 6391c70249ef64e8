-- The third step: new leads, and on request the news about leads that the supplier has brought before.

create function leads.insert_imported_leads(import_id uuid, supplier_id uuid)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
  v_base timestamptz := clock_timestamp();
  v_step interval := least(interval '1 millisecond', interval '1 second' / (select greatest(max(c.line), 1) from pg_temp.import_checked c));
  v_rows bigint;
begin
  -- The first row of the file gets the newest key, as lists show the newest first; a large file takes one second's keys.
  create temporary table import_new on commit drop as
  select platform.uuid_v7(v_base - c.line * v_step) as id, c.*
  from pg_temp.import_checked c
  where c.problems = '' and not exists (select from pg_temp.import_duplicates d where d.line = c.line)
  order by c.line desc;

  insert into leads.leads (id, reference, supplier_id, import_id, first_name, last_name_mask, email_mask, phone_mask, company, sector, region, city,
    source, channel, score, price_cents, is_exclusive, notes)
  select n.id, n.id::text, insert_imported_leads.supplier_id, insert_imported_leads.import_id, coalesce(n.first_name, ''),
    platform.mask_last_name(n.last_name), platform.mask_email(n.email), platform.mask_phone(n.phone), n.company, n.sector, n.region, n.city,
    n.source, n.channel, n.score, n.price_cents, n.is_exclusive, platform.mask_contacts(n.notes)
  from pg_temp.import_new n;
  get diagnostics v_rows = row_count;

  insert into leads.lead_contacts (lead_id, supplier_id, last_name, email, phone, notes)
  select n.id, insert_imported_leads.supplier_id, n.last_name, n.email, n.phone, n.notes from pg_temp.import_new n;
  return v_rows;
end;
$$;
comment on function leads.insert_imported_leads is 'Makes the new rows leads, with their contacts; answers how many.';

-- A lead that somebody has bought is never changed. Of several rows that name the same lead the first one counts.
create function leads.choose_import_updates()
returns bigint
language plpgsql
set search_path = ''
as $$
declare
  v_rows bigint;
begin
  update pg_temp.import_duplicates d set kind = 'updated'
  from (
    select distinct on (d.lead_id) d.line from pg_temp.import_duplicates d join leads.leads l on l.id = d.lead_id
    where d.kind = 'supplier' and l.withdrawn_at is null and l.sold_at is null and not exists (select from leads.sales s where s.lead_id = l.id)
    order by d.lead_id, d.line
  ) first_line
  where d.line = first_line.line;
  get diagnostics v_rows = row_count;
  return v_rows;
end;
$$;
comment on function leads.choose_import_updates is 'Marks the duplicates that bring an unsold lead of the supplier up to date; answers how many.';

-- A cell that is empty says nothing: what is known stays.
create function leads.update_imported_leads(import_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  perform leads.remember_imported_leads(import_id);
  update leads.leads l set
    first_name = coalesce(c.first_name, l.first_name),
    last_name_mask = platform.mask_last_name(c.last_name),
    email_mask = coalesce(platform.mask_email(c.email), l.email_mask),
    phone_mask = coalesce(platform.mask_phone(c.phone), l.phone_mask),
    company = coalesce(c.company, l.company), sector = c.sector, region = c.region, city = coalesce(c.city, l.city),
    source = coalesce(c.source, l.source), channel = coalesce(c.channel, l.channel),
    score = case when c.has_score then c.score else l.score end,
    price_cents = case when c.has_price then c.price_cents else l.price_cents end,
    is_exclusive = case when c.has_is_exclusive then c.is_exclusive else l.is_exclusive end,
    notes = coalesce(platform.mask_contacts(c.notes), l.notes)
  from pg_temp.import_duplicates d join pg_temp.import_checked c on c.line = d.line
  where d.kind = 'updated' and l.id = d.lead_id;

  update leads.lead_contacts k set last_name = c.last_name, email = coalesce(c.email, k.email), phone = coalesce(c.phone, k.phone), notes = coalesce(c.notes, k.notes)
  from pg_temp.import_duplicates d join pg_temp.import_checked c on c.line = d.line
  where d.kind = 'updated' and k.lead_id = d.lead_id;
end;
$$;
comment on function leads.update_imported_leads is 'Brings the chosen leads up to date with the file.';

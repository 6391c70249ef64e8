-- The second step: rows that are a lead already. The same e-mail or the same telephone is the same person. What is found
-- first counts: in the file (an earlier good row), else of the supplier, else sold, else of another supplier.

-- The one place that says so: a file and a form (refuse_duplicate) both ask it. A person whom a buyer bought lately does
-- not come back by another supplier, since the same buyer would pay for him twice. A lead that was withdrawn and never
-- sold is nobody's any more and may come in again.
create function leads.duplicate_kind(lead leads.leads, supplier_id uuid, platform_since timestamptz, sold_since timestamptz)
returns text
language sql
stable
set search_path = ''
as $$
  select case
    when lead.withdrawn_at is not null and lead.sold_at is null then null
    when lead.supplier_id = duplicate_kind.supplier_id then 'supplier'
    when lead.sold_at > coalesce(sold_since, '-infinity')
      or exists (select from leads.sales s where s.lead_id = lead.id and s.sold_at > coalesce(sold_since, '-infinity')) then 'sold'
    when lead.withdrawn_at is null and lead.created_at > coalesce(platform_since, '-infinity') then 'platform' end;
$$;
comment on function leads.duplicate_kind is
  'What a known lead makes of a row of the supplier that names the same person: supplier, sold, platform; null if nothing.';

-- Leaves pg_temp.import_duplicates; lead_id where the row means exactly one lead, and that is the supplier's.
create function leads.find_import_duplicates(supplier_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_platform_since timestamptz := leads.days_ago('import_platform_days');
  v_sold_since timestamptz := leads.days_ago('import_sold_days');
begin
  create temporary table import_duplicates (line integer primary key, kind text not null, lead_id uuid, first_line integer) on commit drop;

  with repeated_emails as (
    select c.email, min(c.line) as first_line from pg_temp.import_checked c where c.problems = '' and c.email is not null group by 1 having count(*) > 1
  ), repeated_phones as (
    select c.phone, min(c.line) as first_line from pg_temp.import_checked c where c.problems = '' and c.phone is not null group by 1 having count(*) > 1
  )
  insert into pg_temp.import_duplicates (line, kind, first_line)
  select r.line, 'file', min(r.first_line) from (
    select c.line, r.first_line from pg_temp.import_checked c join repeated_emails r on r.email = c.email and c.line > r.first_line where c.problems = ''
    union all
    select c.line, r.first_line from pg_temp.import_checked c join repeated_phones r on r.phone = c.phone and c.line > r.first_line where c.problems = ''
  ) r group by r.line;

  with contacts as (
    select c.line, k.lead_id from pg_temp.import_checked c join leads.lead_contacts k on lower(k.email) = c.email where c.problems = ''
    union
    select c.line, k.lead_id from pg_temp.import_checked c join leads.lead_contacts k on k.phone = c.phone where c.problems = ''
  ), known as (
    select k.line, k.lead_id, leads.duplicate_kind(l, find_import_duplicates.supplier_id, v_platform_since, v_sold_since) as kind
    from contacts k join leads.leads l on l.id = k.lead_id
  )
  insert into pg_temp.import_duplicates (line, kind, lead_id)
  select k.line, case when bool_or(k.kind = 'supplier') then 'supplier' when bool_or(k.kind = 'sold') then 'sold' else 'platform' end,
    case when count(*) = 1 and bool_and(k.kind = 'supplier') then (array_agg(k.lead_id))[1] end
  from known k where k.kind is not null
  group by k.line
  on conflict (line) do nothing;
end;
$$;
comment on function leads.find_import_duplicates is 'Finds the good rows that repeat a person: in the file, of the supplier, sold lately, on the platform.';

-- On request each duplicate is told of as a refused row is, so that the supplier can find it in his file.
create function leads.explain_duplicates(import_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into leads.import_rejects (import_id, line, field, code, message, problems)
  select explain_duplicates.import_id, e.line, 'ligne', e.code, e.message,
    jsonb_build_array(jsonb_build_object('field', 'ligne', 'code', e.code, 'message', e.message))
  from (
    select d.line, 'duplicate_' || d.kind as code, case d.kind
      when 'file' then format('Cette ligne répète la personne de la ligne %s.', d.first_line)
      when 'supplier' then 'Cette personne est déjà un de vos leads' || coalesce(' : ' || l.reference, '') || '.'
      when 'sold' then 'Cette personne a déjà été vendue à un acheteur.'
      else 'Cette personne est déjà connue de la plateforme.' end as message
    from pg_temp.import_duplicates d left join leads.leads l on l.id = d.lead_id
  ) e;
end;
$$;
comment on function leads.explain_duplicates is 'Keeps the rows that repeat a person, each with what it repeats, among the rejects.';

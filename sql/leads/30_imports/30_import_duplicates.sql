-- The second step: find rows that repeat a known person. The same e-mail or the same telephone means the same person.
-- The first match counts, in this order: the file (an earlier valid row), the supplier, a recent sale, another
-- supplier.

-- The single definition of a duplicate, used for files and for forms (refuse_duplicate). A person whom a buyer
-- recently bought cannot come back through another supplier, because the same buyer would pay twice. A withdrawn lead
-- that was never sold may come in again.
create function leads.duplicate_kind(lead leads.leads, supplier_id uuid, platform_since timestamptz,
  sold_since timestamptz)
returns text
language plpgsql
stable
set search_path = ''
as $$
begin
  return case
    when lead.withdrawn_at is not null and lead.sold_at is null then null
    when lead.supplier_id = duplicate_kind.supplier_id then 'supplier'
    when lead.sold_at > coalesce(sold_since, '-infinity')
      or exists (select from leads.sales s
        where s.lead_id = lead.id and s.sold_at > coalesce(sold_since, '-infinity')) then 'sold'
    when lead.withdrawn_at is null and lead.created_at > coalesce(platform_since, '-infinity') then 'platform' end;
end;
$$;
comment on function leads.duplicate_kind is
  'The kind of duplicate that a known lead makes of a row about the same person: supplier, sold, platform; null if '
  'none.';

-- Nested loops are disabled: without statistics on freshly written rows, the planner expects few of them and would
-- compare each row with all others.
create function leads.mark_repeated_rows(import_id uuid, from_line integer, last_line integer)
returns void
language plpgsql
set search_path = ''
set enable_nestloop = off
as $$
begin
  with piece as materialized (
    select c.line, c.email, c.phone, c.phone2 from leads.import_checked c
    where c.import_id = mark_repeated_rows.import_id and c.line between from_line and last_line and c.problems = ''
  ), numbers as materialized (
    select p.line, p.phone from piece p where p.phone is not null
    union all
    select p.line, p.phone2 from piece p where p.phone2 is not null
  ), emails as (
    select p.email, min(p.line) as line from piece p group by 1 having count(*) > 1
    union all
    select c.email, min(c.line) from leads.import_checked c
    where c.import_id = mark_repeated_rows.import_id and c.line < from_line and c.problems = ''
      and c.email in (select p.email from piece p) group by 1
  ), phones as (
    select p.phone, min(p.line) as line from numbers p group by 1 having count(*) > 1
    union all
    select c.phone, min(c.line) from leads.import_checked c
    where c.import_id = mark_repeated_rows.import_id and c.line < from_line and c.problems = ''
      and c.phone in (select p.phone from numbers p) group by 1
    union all
    select c.phone2, min(c.line) from leads.import_checked c
    where c.import_id = mark_repeated_rows.import_id and c.line < from_line and c.problems = ''
      and c.phone2 is not null
      and c.phone2 in (select p.phone from numbers p) group by 1
  )
  update leads.import_checked c set duplicate = 'file', first_line = r.first_line
  from (
    select f.line, min(f.first_line) as first_line from (
      select p.line, e.line as first_line from piece p join emails e on e.email = p.email and e.line < p.line
      union all
      select p.line, e.line from numbers p join phones e on e.phone = p.phone and e.line < p.line
    ) f group by 1
  ) r
  where c.import_id = mark_repeated_rows.import_id and c.line between from_line and last_line and c.line = r.line;
end;
$$;
comment on function leads.mark_repeated_rows is
  'Marks the valid rows of a piece that repeat a person of an earlier valid row of the file.';

-- The contacts' indexes are used, because a piece matches only few of the many contacts.
create function leads.mark_known_rows(import_id uuid, from_line integer, last_line integer)
returns void
language plpgsql
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_supplier uuid := (select i.supplier_id from leads.imports i where i.id = mark_known_rows.import_id);
  v_platform_since timestamptz := leads.days_ago('import_platform_days');
  v_sold_since timestamptz := leads.days_ago('import_sold_days');
begin
  with piece as materialized (
    select c.line, c.email, c.phone, c.phone2 from leads.import_checked c
    where c.import_id = mark_known_rows.import_id and c.line between from_line and mark_known_rows.last_line
      and c.problems = '' and c.duplicate is null
  ), numbers as (
    select p.line, p.phone from piece p
    union all
    select p.line, p.phone2 from piece p where p.phone2 is not null
  ), contacts as (
    select c.line, k.lead_id from piece c join leads.lead_contacts k on lower(k.email) = c.email
    union
    select c.line, k.lead_id from numbers c join leads.lead_contacts k on k.phone = c.phone
    union
    select c.line, k.lead_id from numbers c join leads.lead_contacts k on k.phone2 = c.phone
  ), known as (
    select k.line, k.lead_id, leads.duplicate_kind(l, v_supplier, v_platform_since, v_sold_since) as kind
    from contacts k join leads.leads l on l.id = k.lead_id
  )
  update leads.import_checked c set duplicate = f.kind, lead_id = f.lead_id
  from (
    select k.line, case when bool_or(k.kind = 'supplier') then 'supplier' when bool_or(k.kind = 'sold') then 'sold'
      else 'platform' end as kind,
      case when count(*) = 1 and bool_and(k.kind = 'supplier') then (array_agg(k.lead_id))[1] end as lead_id
    from known k where k.kind is not null
    group by k.line
  ) f
  where c.import_id = mark_known_rows.import_id and c.line = f.line;
end;
$$;
comment on function leads.mark_known_rows is
  'Marks the valid rows of a piece about a person already known: to the supplier, from a recent sale, or on the '
  'platform.';

-- On request, duplicates are reported like refused rows, so that the supplier can find them in the file.
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
    select d.line, 'duplicate_' || d.duplicate as code, case d.duplicate
      when 'file' then format('Cette ligne répète la personne de la ligne %s.', d.first_line)
      when 'supplier' then 'Cette personne est déjà un de vos leads' || coalesce(' : ' || l.reference, '') || '.'
      when 'sold' then 'Cette personne a déjà été vendue à un acheteur.'
      else 'Cette personne est déjà connue de la plateforme.' end as message
    from leads.import_checked d left join leads.leads l on l.id = d.lead_id
    where d.import_id = explain_duplicates.import_id and d.duplicate is not null
  ) e;
end;
$$;
comment on function leads.explain_duplicates is 'Adds the duplicates to the rejects, each with what it repeats.';

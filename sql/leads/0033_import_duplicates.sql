-- The second step: rows that are a lead already. The same e-mail or the same telephone is the same person. What
-- is found first counts: in the file (an earlier good row), else of the supplier, else of another supplier.
-- A lead that was withdrawn and never sold is nobody's any more and may come in again.

-- Leaves pg_temp.import_duplicates; lead_id where the row means exactly one lead, and that is the supplier's.
create function leads.find_import_duplicates(supplier_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  create temporary table import_duplicates (line integer primary key, kind text not null, lead_id uuid) on commit drop;

  with repeated_emails as (
    select c.email, min(c.line) as first_line from pg_temp.import_checked c where c.problems = '' and c.email is not null group by 1 having count(*) > 1
  ), repeated_phones as (
    select c.phone, min(c.line) as first_line from pg_temp.import_checked c where c.problems = '' and c.phone is not null group by 1 having count(*) > 1
  )
  insert into pg_temp.import_duplicates (line, kind)
  select c.line, 'file' from pg_temp.import_checked c join repeated_emails r on r.email = c.email and c.line > r.first_line where c.problems = ''
  union
  select c.line, 'file' from pg_temp.import_checked c join repeated_phones r on r.phone = c.phone and c.line > r.first_line where c.problems = '';

  with contacts as (
    select c.line, k.lead_id, k.supplier_id from pg_temp.import_checked c join leads.lead_contacts k on lower(k.email) = c.email where c.problems = ''
    union
    select c.line, k.lead_id, k.supplier_id from pg_temp.import_checked c join leads.lead_contacts k on k.phone = c.phone where c.problems = ''
  )
  insert into pg_temp.import_duplicates (line, kind, lead_id)
  select k.line, case when bool_or(k.supplier_id = find_import_duplicates.supplier_id) then 'supplier' else 'platform' end,
    case when count(*) = 1 and bool_and(k.supplier_id = find_import_duplicates.supplier_id) then (array_agg(k.lead_id))[1] end
  from contacts k join leads.leads l on l.id = k.lead_id
  where l.withdrawn_at is null or l.sold_at is not null
  group by k.line
  on conflict (line) do nothing;
end;
$$;
comment on function leads.find_import_duplicates is 'Finds the good rows that repeat a person: in the file, of the supplier, on the platform.';

-- A lead entered by hand is validated as the single row of an import, so that forms and files follow the same rules
-- and get the same messages.
create type leads.checked_lead as (
  first_name text, last_name text, email text, phone text, phone2 text, company text, sector text, region text,
  city text, source text, channel text, score integer, price_cents integer, is_exclusive boolean, notes text,
  summary text, collected_at timestamptz
);

create function leads.shape_problems(given jsonb, known text[])
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_agg(case
    when f.key <> all (known) then jsonb_build_object('field', f.key, 'code', 'unknown_field',
      'message', 'Ce champ n''existe pas.')
    else jsonb_build_object('field', f.key, 'code', 'invalid_type', 'message', 'Une valeur simple est attendue.') end
      order by f.key), '[]')
  from jsonb_each(given) f
  where f.key <> all (known) or jsonb_typeof(f.value) in ('object', 'array');
$$;
comment on function leads.shape_problems is 'The errors for unknown fields and for fields that hold no simple value.';

create function leads.check_lead(given jsonb, out checked leads.checked_lead, out problems jsonb)
language plpgsql
set search_path = ''
as $$
declare
  v_import uuid := gen_random_uuid();
  v_problems text;
begin
  problems := leads.shape_problems(given,
    array['firstName', 'lastName', 'email', 'phone', 'phone2', 'company', 'sector', 'region', 'city', 'source',
    'channel', 'score', 'price', 'isExclusive', 'notes', 'summary', 'collectedAt']);
  if problems <> '[]' then return; end if;

  insert into leads.import_rows (import_id, line, first_name, last_name, email, phone, phone2, company, sector, region,
    city, source, channel, score, price, is_exclusive, notes, summary, collected_at)
  values (v_import, 1, given ->> 'firstName', given ->> 'lastName', given ->> 'email', given ->> 'phone',
    given ->> 'phone2', given ->> 'company', given ->> 'sector', given ->> 'region', given ->> 'city',
    given ->> 'source', given ->> 'channel', given ->> 'score', given ->> 'price', given ->> 'isExclusive',
    given ->> 'notes', given ->> 'summary', given ->> 'collectedAt');
  perform leads.check_import_rows(v_import, 1, 1);
  select coalesce(c.first_name, ''), c.last_name, c.email, c.phone, c.phone2, c.company, c.sector, c.region, c.city,
    c.source, c.channel, c.score, c.price_cents, c.is_exclusive, c.notes, c.summary, c.collected_at
    into checked.first_name, checked.last_name, checked.email, checked.phone, checked.phone2, checked.company,
    checked.sector, checked.region, checked.city,
      checked.source, checked.channel, checked.score, checked.price_cents, checked.is_exclusive, checked.notes,
      checked.summary, checked.collected_at
    from leads.import_checked c where c.line = 1 and c.import_id = v_import;
  delete from leads.import_checked c where c.line = 1 and c.import_id = v_import returning c.problems into v_problems;
  delete from leads.import_rows r where r.line = 1 and r.import_id = v_import;

  select coalesce(jsonb_agg(jsonb_build_object('field', p.field, 'code', p.code,
      'message', leads.problem_message(p.field, p.code, given ->> p.field)) order by p.n), '[]')
    into problems
    from (select split_part(w.word, '/', 1) as field, split_part(w.word, '/', 2) as code, w.n
      from string_to_table(nullif(v_problems, ''), ' ') with ordinality as w (word, n)) p;
end;
$$;
comment on function leads.check_lead is
  'The values of a lead in stored form, with their errors: [{field, code, message}].';

-- The lock makes two writers of the same person wait for each other, and for a running import.
create function leads.refuse_duplicate(supplier_id uuid, email text, phones text[], except_lead uuid default null)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_found record;
begin
  perform pg_advisory_xact_lock_shared(hashtext('leads.merge_import'));
  perform pg_advisory_xact_lock(k.key) from (
    select distinct hashtextextended('leads.person ' || v, 0) as key from unnest(email || phones) v
    where v is not null order by 1
  ) k;
  select l.reference, l.supplier_id into v_found
    from leads.lead_contacts c join leads.leads l on l.id = c.lead_id
    where (lower(c.email) = refuse_duplicate.email or c.phone = any (phones) or c.phone2 = any (phones))
      and l.id is distinct from except_lead
      and leads.duplicate_kind(l, refuse_duplicate.supplier_id, leads.days_ago('import_platform_days'),
        leads.days_ago('import_sold_days')) is not null
    order by l.supplier_id = refuse_duplicate.supplier_id desc, l.id desc limit 1;
  if not found then return; end if;
  -- Only the lead's own supplier and admins learn whose lead it is.
  if v_found.supplier_id <> refuse_duplicate.supplier_id and not platform.has_role('leads', 'admin') then
    perform platform.fail(409, 'duplicate_on_platform', 'Cette personne est déjà connue de la plateforme.');
  end if;
  perform platform.fail(409, 'duplicate_lead', 'Cette personne est déjà un lead.', v_found.reference);
end;
$$;
comment on function leads.refuse_duplicate is
  '409 if the e-mail or a telephone belongs to a known person; the hint is the lead''s id.';

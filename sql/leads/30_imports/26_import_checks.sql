-- The first step of a merge: decide which rows can become a lead, and why the others cannot.

-- The results of the checks, for the merge to write. The table is unlogged, without foreign keys, and emptied
-- afterwards, like the staged rows.
create unlogged table leads.import_checked (
  import_id uuid not null,
  line integer not null,
  -- Columns that are compared come first: to reach a column, Postgres reads all columns before it.
  problems text not null,
  duplicate text,
  email text, phone text, phone2 text,
  first_line integer,
  lead_id uuid,
  id uuid not null,
  first_name text, last_name text, name_unsplit boolean not null default false, company text, sector text, region text,
  city text, source text, channel text, score integer, price_cents integer, is_exclusive boolean, notes text,
  summary text, hidden_fields text[], collected_at timestamptz, last_name_mask text, email_mask text, phone_mask text,
  has_score boolean not null, has_price boolean not null, has_is_exclusive boolean not null,
  consent_text_version text, consent_url text, consent_ip inet, consent_at timestamptz, consent_recipients text[],
  reasons jsonb,
  primary key (line, import_id)
);
alter table leads.import_checked enable row level security;
-- Few rows have a second telephone, but every piece is compared with those of all earlier pieces.
create index import_checked_phone2 on leads.import_checked (import_id, line) where phone2 is not null;
comment on table leads.import_checked is
  'Checked rows of files being imported, in the form in which leads are stored. Empty when no import runs.';
comment on column leads.import_checked.id is 'The id of the lead that the row will become.';
comment on column leads.import_checked.problems is
  'The reasons for refusing the row: field/code field/code; empty for a valid row.';
comment on column leads.import_checked.reasons is 'The problems with their messages: [{field, code, message}].';
comment on column leads.import_checked.duplicate is
  'The kind of duplicate of a valid row: file, supplier, sold, platform; updated if it updates a lead; null for a '
  'new lead.';
comment on column leads.import_checked.first_line is 'The line of the file that the row repeats.';
comment on column leads.import_checked.lead_id is
  'The supplier''s lead that the row repeats, if there is exactly one.';
create policy select_admin on leads.import_checked for select to authenticated
  using ((select platform.has_role('leads', 'admin')));
grant select on leads.import_checked to authenticated, service_role;

create function leads.check_import_rows(
  import_id uuid, from_line integer, last_line integer, keys_from timestamptz default now(),
  month_first boolean default false
)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_sectors text[] := array(select distinct leads.clean_value(d.sector)
    from (select distinct r.sector from leads.import_rows r
    where r.import_id = check_import_rows.import_id and r.line between from_line and last_line) d);
  v_regions text[] := array(select distinct leads.clean_value(d.region)
    from (select distinct r.region from leads.import_rows r
    where r.import_id = check_import_rows.import_id and r.line between from_line and last_line) d);
  v_postcodes text[] := array(select distinct leads.clean_value(d.postcode)
    from (select distinct r.postcode from leads.import_rows r
    where r.import_id = check_import_rows.import_id and r.line between from_line and last_line
      and r.postcode <> '') d);
begin
  insert into leads.import_checked (import_id, line, id, first_name, last_name, name_unsplit, email, phone, phone2,
    company, sector, region, city, source, channel, score, price_cents, is_exclusive, notes, summary, hidden_fields,
    collected_at, last_name_mask, email_mask, phone_mask, has_score, has_price,
    has_is_exclusive, problems)
  -- Keys decrease from the first row to the last, so that the first row of a file comes first in lists, which show the
  -- newest lead first.
  select check_import_rows.import_id, v.line, platform.uuid_v7(keys_from - v.line * interval '1 microsecond'),
    v.first_name, v.last_name, v.name_unsplit, v.email, v.phone, v.phone2, v.company, s.name,
    coalesce(r.name, case when v.region is null then p.region end), v.city, v.source, v.channel, v.score,
    v.price_cents, v.is_exclusive, v.notes, v.summary,
    leads.fields_to_hide(v.first_name, v.company, v.city, v.source, v.channel, v.last_name, v.email,
      array[v.phone, v.phone2]), t.collected_at,
    platform.mask_last_name(v.last_name), platform.mask_email(v.email), platform.mask_phone(v.phone),
    v.score_written is not null, v.price_written is not null, v.is_exclusive_written is not null,
    case when v.defect is not null then 'ligne/' || v.defect else concat_ws(' ',
      case when v.last_name is null then 'lastName/required' end,
      case when concat(v.first_name, v.last_name) ~ '[^A-Za-zÀ-ÿ ''.-]'
        then nullif(concat_ws(' ', case when not leads.is_name(v.first_name) then
        'firstName/invalid_name' end, case when not leads.is_name(v.last_name) then 'lastName/invalid_name' end),
      '') end,
      case when v.email_written is null and v.phone is null
        and v.phone_wrong is null then 'email/contact_required' end,
      case when v.email_written is not null and v.email is null then 'email/invalid_email' end,
      case when v.phone_wrong is not null then v.phone_wrong
        || case when v.phone_as_written ~ '^[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+$' then '/damaged_phone'
          else '/invalid_phone' end end,
      case when v.sector is null then 'sector/required' when s.name is null then 'sector/unknown_sector' end,
      case when v.region is not null then case when r.name is null then 'region/unknown_region' end
        when v.postcode is null then 'region/required' when p.region is null then 'postcode/unknown_postcode' end,
      case when v.score is null then 'score/invalid_score' end,
      case when v.price_cents is null then 'price/invalid_price' end,
      case when v.is_exclusive is null then 'isExclusive/invalid_boolean' end,
      case when v.collected_written is not null and t.collected_at is null then 'collectedAt/invalid_time' end,
      case when length(v.first_name) > 200 then 'firstName/too_long' end,
      case when length(v.last_name) > 200 then 'lastName/too_long' end,
      case when length(v.company) > 200 then 'company/too_long' end,
      case when length(v.city) > 200 then 'city/too_long' end,
      case when length(v.source) > 200 then 'source/too_long' end,
      case when length(v.channel) > 200 then 'channel/too_long' end,
      case when length(v.notes) > 10000 then 'notes/too_long' end,
      case when length(v.summary) > 1000 then 'summary/too_long'
        when v.summary is not null and leads.contact_in_text(v.summary, v.first_name, v.last_name, v.email,
          array[v.phone, v.phone2])
          then 'summary/contact_in_text' end
    ) end
  from leads.import_values(import_id, from_line, last_line) v
  left join leads.resolve_names('sector', v_sectors) s on s.spelling = v.sector
  left join leads.resolve_names('region', v_regions) r on r.spelling = v.region
  -- Four digits are a French postcode without its leading zero, unless the telephone belongs to a country with
  -- four-digit postcodes.
  left join (select u.written, leads.region_of_postcode(u.written) as region from unnest(v_postcodes) as u (written)) p
    on p.written = v.postcode and not (length(v.postcode) = 4 and coalesce(v.phone, '') ~ '^\+(32|41|352|43|45|47) ')
  left join lateral (
    select case when t.at between '1990-01-01' and now() + interval '5 minutes' then t.at end as collected_at
    from (select case when v.collected_written is not null
      then leads.written_time(v.collected_written, month_first) end as at offset 0) t
  ) t on v.collected_written is not null;
  perform leads.check_import_consents(import_id, from_line, last_line, month_first);
  perform leads.mark_opposed_rows(import_id, from_line, last_line);
end;
$$;
comment on function leads.check_import_rows is
  'Checks and normalises staged rows into import_checked; problems is '''' for a valid row, else « field/code '
  'field/code ».';

create function leads.consent_problem_message(field text, written text)
returns text
language sql
immutable
set search_path = ''
as $$
  select case when btrim(coalesce(written, '')) = ''
    then format('La preuve de consentement est incomplète : %s.', case field
      when 'consentTextVersion' then 'la version du texte manque' when 'consentUrl' then 'l''adresse de la page manque'
      when 'consentIp' then 'l''adresse IP manque' when 'consentAt' then 'la date manque'
      else 'les destinataires manquent' end)
    else format(case field
      when 'consentTextVersion' then 'La version du texte « %s » est trop longue.'
      when 'consentUrl' then '« %s » n''est pas l''adresse d''une page.'
      when 'consentIp' then '« %s » n''est pas une adresse IP.'
      when 'consentAt' then '« %s » n''est pas une date passée (2026-02-10T14:30:00Z ou 10/02/2026 14:30).'
      else '« %s » ne nomme pas de destinataire.' end, left(written, 80)) end;
$$;
comment on function leads.consent_problem_message is 'The message for a problem with a proof of consent.';

create function leads.problem_message(field text, code text, written text)
returns text
language sql
stable
set search_path = ''
as $$
  select case code
    when 'required' then (case field when 'lastName' then 'Le nom' when 'sector' then 'Le secteur'
      else 'La région' end) || ' manque.'
    when 'contact_required' then 'Il faut un e-mail ou un téléphone.'
    when 'invalid_email' then format('« %s » n''est pas une adresse e-mail.', left(written, 80))
    when 'invalid_name' then coalesce('« ' || nullif(left(written, 80), '') || ' »', 'Ceci')
      || ' n''est pas un nom : cela ressemble à un numéro ou à une adresse.'
    when 'invalid_phone' then format('« %s » n''est pas un numéro de téléphone.', left(written, 80))
    when 'damaged_phone' then format(
      'Le tableur a arrondi ce numéro (%s) : mettez la colonne au format texte et exportez de nouveau.', written)
    when 'unknown_sector' then format('Le secteur « %s » est inconnu.', left(written, 80))
      || coalesce(' Vouliez-vous dire ' || leads.nearest_names('sector', left(written, 80)) || ' ?', '')
    when 'unknown_region' then format('La région « %s » est inconnue.', left(written, 80))
      || coalesce(' Vouliez-vous dire ' || leads.nearest_names('region', left(written, 80)) || ' ?', '')
    when 'unknown_postcode' then format(
      'Le code postal « %s » n''est d''aucune région du catalogue : indiquez la région.', left(written, 80))
    when 'invalid_time' then format('« %s » n''est pas une date passée (2026-02-10T14:30:00Z ou 10/02/2026 14:30).',
      left(written, 80))
    when 'invalid_score' then format('Le score « %s » n''est pas un nombre de 0 à 100.', left(written, 80))
    when 'invalid_price' then format('Le prix « %s » n''est pas un montant en euros.', left(written, 80))
    when 'invalid_boolean' then format('« %s » n''est ni oui ni non.', left(written, 80))
    when 'contact_in_text' then 'Ce texte est lu de tous : il ne doit contenir ni nom, ni adresse, ni numéro, de quelque façon qu''ils soient écrits.'
    when 'too_long' then format('La valeur est trop longue (%s caractères).', length(written))
    when 'opposed' then 'Cette personne s''oppose à être contactée : retirez-la de vos fichiers.'
    when 'invalid_consent' then leads.consent_problem_message(field, written)
    when 'too_many_cells' then 'La ligne a plus de cellules que l''en-tête : un séparateur est-il dans une valeur sans guillemets ?'
    else 'La ligne est illisible.'
  end;
$$;
comment on function leads.problem_message is 'The message for a problem with a value of an import.';

create function leads.explain_import_problems(import_id uuid, from_line integer, last_line integer)
returns void
language plpgsql
set search_path = ''
set enable_nestloop = off
as $$
begin
  with problem as materialized (
    select c.line, w.n, split_part(w.word, '/', 1) as field, split_part(w.word, '/', 2) as code,
      -- The staging column of a field: isExclusive becomes is_exclusive.
      coalesce(to_jsonb(r) ->> lower(regexp_replace(split_part(w.word, '/', 1), '([A-Z])', '_\1', 'g')), '') as written
    from leads.import_checked c
    join leads.import_rows r on r.import_id = c.import_id and r.line = c.line
    cross join lateral string_to_table(c.problems, ' ') with ordinality as w (word, n)
    where c.import_id = explain_import_problems.import_id and c.line between from_line and last_line
      and c.problems <> ''
      and r.import_id = explain_import_problems.import_id and r.line between from_line and last_line
  ), said as (
    -- Messages are computed once per distinct problem: the same mistake usually repeats in many rows, and the search
    -- for the nearest name is slow.
    select d.*, leads.problem_message(d.field, d.code, d.written) as message
    from (select distinct p.field, p.code, p.written from problem p) d
  )
  update leads.import_checked c set reasons = e.reasons
  from (
    select p.line, jsonb_agg(jsonb_build_object('field', p.field, 'code', p.code, 'message', s.message)
      order by p.n) as reasons
    from problem p join said s on s.field = p.field and s.code = p.code and s.written = p.written group by p.line
  ) e
  where c.import_id = explain_import_problems.import_id and c.line between from_line and last_line and c.line = e.line;
end;
$$;
comment on function leads.explain_import_problems is
  'Adds the messages of all problems to the rows that failed the checks.';

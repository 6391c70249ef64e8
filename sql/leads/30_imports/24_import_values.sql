-- Staged rows in the form in which leads are stored: cleaned texts, e-mail in lower case, telephones in canonical
-- form, money in cents. An invalid value is null here, next to its written form (leads.check_import_rows). It is one
-- query without a function call per value, because over a million rows the calls would cost more than their work: one
-- pattern over all texts of a row decides whether anything needs cleaning, and only unusual values go through the
-- functions about written values. `offset 0` makes Postgres evaluate a step once per row instead of once per
-- reference.
create function leads.import_values(import_id uuid, from_line integer default 0, last_line integer default 2147483647)
returns table (
  line integer, defect text, first_name text, last_name text, name_unsplit boolean, company text, sector text,
  region text, postcode text, city text, source text, channel text, notes text, summary text, email_written text,
  email text, phone_wrong text, phone_as_written text, phone text, phone2 text,
  score_written text, score integer, price_written text, price_cents integer, is_exclusive_written text,
  is_exclusive boolean, collected_written text
)
language sql
stable
set search_path = ''
rows 100000
as $$
  with looked_at as (
    -- A row is plain if it has only keyboard characters, no leading, trailing or double space, and every cell begins
    -- with a letter or digit and does not look like « N/A », « NULL » or « z:35000 » (« nadal » is a name). The
    -- pattern is kept simple because each branch costs time.
    select r.*, concat_ws(e'\x1f', '', r.first_name, r.last_name, r.company, r.sector, r.region, r.city, r.source,
      r.channel, r.notes, r.summary, r.full_name, r.postcode, r.collected_at,
      '') ~ '[^ -~¡-¬®-ÿœŒ\u001f]|  | \u001f|\u001f([^0-9A-Za-zÀ-ÿŒœ\u001f]|([nN][^aeiouyéèh]|[nu][aiun])[^\u001f]{0,3}\u001f|NON |undefined)|:[+0-9]|NaN' as odd
    from leads.import_rows r
    where r.import_id = import_values.import_id and r.line between import_values.from_line and import_values.last_line
    offset 0
  ), written as (
    select r.line, r.defect,
      case when r.odd then leads.clean_value(r.first_name, true) else nullif(r.first_name, '') end as first_name,
      case when r.odd then leads.clean_value(r.last_name, true) else nullif(r.last_name, '') end as last_name,
      case when r.odd then leads.clean_value(r.full_name, true) else nullif(r.full_name, '') end as full_name,
      nullif(r.email, '') as email,
      nullif(r.phone, '') as phone,
      nullif(r.phone2, '') as phone2,
      case when r.odd then leads.clean_value(r.company, true) else nullif(r.company, '') end as company,
      case when r.odd then leads.clean_value(r.sector) else nullif(r.sector, '') end as sector,
      case when r.odd then leads.clean_value(r.region) else nullif(r.region, '') end as region,
      case when r.odd then leads.clean_value(r.postcode) else nullif(r.postcode, '') end as postcode,
      case when r.odd then leads.clean_value(r.city, true) else nullif(r.city, '') end as city,
      case when r.odd then leads.clean_value(r.source, true) else nullif(r.source, '') end as source,
      case when r.odd then leads.clean_value(r.channel, true) else nullif(r.channel, '') end as channel,
      case when translate(r.score, '0123456789,.', '') = '' then nullif(r.score, '')
        else regexp_replace(leads.clean_value(r.score), ' ?(%|/ ?100)$', '') end as score,
      case when translate(r.price, '0123456789,. €', '') = '' then nullif(btrim(r.price), '')
        else regexp_replace(leads.clean_value(r.price), ' ?(€|euros?|eur)( ht)?$', '', 'i') end as price,
      case when r.is_exclusive in ('oui', 'non', 'Oui', 'Non', 'true', 'false', '1', '0') then r.is_exclusive
        else leads.clean_value(r.is_exclusive) end
        as is_exclusive,
      case when r.odd then leads.clean_value(r.notes, true, true) else nullif(r.notes, '') end as notes,
      case when r.odd then leads.clean_value(r.summary, true, true) else nullif(r.summary, '') end as summary,
      case when r.odd then leads.clean_value(r.collected_at) else nullif(r.collected_at, '') end as collected_at
    from looked_at r
    offset 0
  ), stripped as (
    -- Spaces and the euro sign are removed from a price; « 25 euros », « 80 % » and « 80/100 » are reduced to the
    -- number.
    select w.*, lower(w.email) as mail, translate(w.phone, ' .', '') as digits,
      translate(w.price, ' €', '') as amount,
      case when w.last_name is null and w.full_name is not null
        then leads.split_name(w.full_name, w.first_name) end as split
    from written w
    offset 0
  ), numbered as (
    -- A French telephone in the usual spelling is converted here, with the same result as telephone_of. The amount
    -- gets a decimal point: 1.234,50 and 1,234.50 and 1234,5 are unambiguous, 1.234 is not.
    select s.*,
      case when s.phone2 is null and s.digits ~ '^(0|\+33)[1-9][0-9]{8}$'
          and left(right(s.digits, 9), 3) not in ('262', '263', '269', '590', '594', '596', '639', '690', '691', '692',
            '693', '694', '696', '697')
        then right(s.digits, 9) end as national,
      case
        when strpos(s.amount, '.') = 0 or strpos(s.amount, ',') = 0 then replace(s.amount, ',', '.')
        when s.amount ~ '^[0-9]{1,3}(\.[0-9]{3})+,[0-9]{1,2}$' then translate(s.amount, ',.', '.')
        when s.amount ~ '^[0-9]{1,3}(,[0-9]{3})+\.[0-9]{1,2}$' then replace(s.amount, ',', '')
        else replace(s.amount, ',', '.') end as euros
    from stripped s
    offset 0
  ), reached as (
    select n.*, case when n.national is null and (n.phone is not null or n.phone2 is not null)
      then leads.read_telephones(n.phone, n.phone2) end as phones, case when length(n.mail) <= 254
        and n.mail ~ '^[a-z0-9!#$%&''*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&''*+/=?^_`{|}~-]+)*@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$' then n.mail
        when n.mail is not null then leads.email_of(n.email) end as address
    from numbered n
    offset 0
  )
  select v.line, v.defect, coalesce(v.first_name, nullif(v.split[1], '')), coalesce(v.last_name, v.split[2]),
    v.split is not null and v.split[1] is null and v.first_name is null,
    v.company, v.sector, v.region, v.postcode, v.city, v.source, v.channel, v.notes, v.summary,
    case when v.address is null then leads.clean_value(v.email) else v.email end, v.address, v.phones[3],
    case v.phones[3] when 'phone' then v.phone when 'phone2' then v.phone2 end,
    case when v.national is not null then concat_ws(' ', '+33', left(v.national, 1), substr(v.national, 2, 2),
      substr(v.national, 4, 2), substr(v.national, 6, 2), substr(v.national, 8, 2)) else v.phones[1] end,
    v.phones[2],
    v.score,
    case when v.score is null then 0
      when v.score ~ '^[0-9]{1,2}$' then v.score::integer
      when v.score ~ '^[0-9]{1,3}([.,][0-9]{1,6})?$'
        and replace(v.score, ',', '.')::numeric <= 100 then round(replace(v.score, ',', '.')::numeric)::integer end,
    v.price,
    case when v.price is null then 0
      when v.euros ~ '^[0-9]{1,7}(\.[0-9]{1,2})?$' then (v.euros::numeric * 100)::integer end,
    v.is_exclusive,
    case when v.is_exclusive = 'oui' then true when v.is_exclusive = 'non' then false
      when v.is_exclusive is null or lower(v.is_exclusive) in ('non', 'no', 'n', 'false', 'faux', '0') then false
      when lower(v.is_exclusive) in ('oui', 'o', 'yes', 'y', 'true', 'vrai', '1', 'x') then true end,
    v.collected_at
  from reached v;
$$;
comment on function leads.import_values is
  'Staged rows in the form in which leads are stored; invalid values are null.';

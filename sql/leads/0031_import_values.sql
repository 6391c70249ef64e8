-- Staged rows in the form in which leads are kept: trimmed, e-mail in lower case, telephone in its one canonical
-- form, money in cents. A value that does not fit is null here and still there as it was written (0032_import_checks).
-- One query and no function per value: a call costs more than what it does, a million times over. `offset 0` makes
-- Postgres work out a step once per row, and not once for each mention of it.
create function leads.import_values(import_id uuid, from_line integer default 0, last_line integer default 2147483647)
returns table (
  line integer, defect text, first_name text, last_name text, company text, sector text, region text, city text, source text, channel text,
  notes text, summary text, email_written text, email text, phone_written text, phone text, score_written text, score integer,
  price_written text, price_cents integer, is_exclusive_written text, is_exclusive boolean
)
language sql
stable
set search_path = ''
rows 100000
as $$
  with written as (
    select r.line, r.defect,
      nullif(btrim(r.first_name, e' \t\r\n\u00a0\u202f'), '') as first_name,
      nullif(btrim(r.last_name, e' \t\r\n\u00a0\u202f'), '') as last_name,
      nullif(btrim(r.email, e' \t\r\n\u00a0\u202f'), '') as email,
      nullif(btrim(r.phone, e' \t\r\n\u00a0\u202f'), '') as phone,
      nullif(btrim(r.company, e' \t\r\n\u00a0\u202f'), '') as company,
      nullif(btrim(r.sector, e' \t\r\n\u00a0\u202f'), '') as sector,
      nullif(btrim(r.region, e' \t\r\n\u00a0\u202f'), '') as region,
      nullif(btrim(r.city, e' \t\r\n\u00a0\u202f'), '') as city,
      nullif(btrim(r.source, e' \t\r\n\u00a0\u202f'), '') as source,
      nullif(btrim(r.channel, e' \t\r\n\u00a0\u202f'), '') as channel,
      nullif(btrim(r.score, e' \t\r\n\u00a0\u202f'), '') as score,
      nullif(btrim(r.price, e' \t\r\n\u00a0\u202f'), '') as price,
      nullif(btrim(r.is_exclusive, e' \t\r\n\u00a0\u202f'), '') as is_exclusive,
      nullif(btrim(r.notes, e' \t\r\n\u00a0\u202f'), '') as notes,
      nullif(btrim(r.summary, e' \t\r\n\u00a0\u202f'), '') as summary
    from leads.import_rows r
    where r.import_id = import_values.import_id and r.line between import_values.from_line and import_values.last_line
    offset 0
  ), stripped as (
    -- Only digits and the plus stay of a telephone: no separators, no « (0) », no decimals of a spreadsheet (612345678.0).
    -- Only digits and decimal marks stay of a price.
    select w.*, lower(w.email) as mail,
      translate(replace(case when w.phone like '%.0' and w.phone ~ '^[0-9]+\.0$' then left(w.phone, -2) else w.phone end, '(0)', ''),
        e' .-/()_''\t\u00a0\u202f\u2009\u2010\u2011\u2013', '') as digits,
      replace(translate(upper(w.price), e' \u00a0\u202f€', ''), 'EUR', '') as amount
    from written w
    offset 0
  ), dialled as (
    -- 00 is +. The amount with a decimal point: 1.234,50 and 1,234.50 and 1234,5 are plain, 1.234 is anybody's guess.
    select s.*, case when s.digits like '00%' then '+' || substr(s.digits, 3) else s.digits end as dialled,
      case
        when s.amount ~ '^[0-9]{1,3}(\.[0-9]{3})+,[0-9]{1,2}$' then translate(s.amount, ',.', '.')
        when s.amount ~ '^[0-9]{1,3}(,[0-9]{3})+\.[0-9]{1,2}$' then replace(s.amount, ',', '')
        else replace(s.amount, ',', '.') end as euros
    from stripped s
    offset 0
  ), national as (
    -- The nine digits of a French number, however it was dialled; a leading 0 may have been eaten by a spreadsheet.
    select d.*, case length(d.dialled)
      when 9 then d.dialled
      when 10 then case when d.dialled like '0%' then substr(d.dialled, 2) end
      when 11 then case when d.dialled like '33%' then substr(d.dialled, 3) end
      when 12 then case when d.dialled like '+33%' then substr(d.dialled, 4) end
      when 13 then case when d.dialled like '+330%' then substr(d.dialled, 5) when d.dialled ~ '^\+(262|590|594|596)' then substr(d.dialled, 5) end
      when 14 then case when d.dialled ~ '^\+(262|590|594|596)0' then substr(d.dialled, 6) end
    end as national
    from dialled d
    offset 0
  ), located as (
    -- The country code that they belong to: overseas departments have their own. 0639 is Mayotte's but for 0639 98,
    -- which is nobody's: the numbers of fiction.
    select n.*, case
      when n.national is null or n.national !~ '^[1-9][0-9]{8}$' then null
      when left(n.national, 3) in ('262', '263', '269', '692', '693') or (left(n.national, 3) = '639' and left(n.national, 5) <> '63998') then '262'
      when left(n.national, 3) in ('590', '690', '691') then '590'
      when left(n.national, 3) in ('594', '694') then '594'
      when left(n.national, 3) in ('596', '696', '697') then '596'
      when length(n.dialled) < 13 or n.dialled like '+33%' then '33' end as country
    from national n
    offset 0
  )
  select v.line, v.defect, v.first_name, v.last_name, v.company, v.sector, v.region, v.city, v.source, v.channel, v.notes, v.summary,
    v.email,
    case when length(v.mail) <= 254
      and v.mail ~ '^[a-z0-9!#$%&''*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&''*+/=?^_`{|}~-]+)*@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$' then v.mail end,
    v.phone,
    case
      when v.country = '33' then '+33 ' || left(v.national, 1) || ' ' || substr(v.national, 2, 2) || ' ' || substr(v.national, 4, 2)
        || ' ' || substr(v.national, 6, 2) || ' ' || substr(v.national, 8, 2)
      when v.country is not null then '+' || v.country || ' ' || left(v.national, 3) || ' ' || substr(v.national, 4, 2)
        || ' ' || substr(v.national, 6, 2) || ' ' || substr(v.national, 8, 2)
      -- Any other country: its code (ITU E.164), a space, the number.
      when v.dialled ~ '^\+[1-9][0-9]{7,14}$' and v.dialled not like '+33%' then regexp_replace(v.dialled,
        '^(\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|(2[1-689]|3[578]|42|5[09]|6[7-9]|8[0578]|9[679])[0-9]))', '\1 ')
    end,
    v.score,
    case when v.score is null then 0
      when v.score ~ '^[0-9]{1,3}([.,][0-9]{1,6})?$' and replace(v.score, ',', '.')::numeric <= 100 then round(replace(v.score, ',', '.')::numeric)::integer end,
    v.price,
    case when v.price is null then 0 when v.euros ~ '^[0-9]{1,7}(\.[0-9]{1,2})?$' then (v.euros::numeric * 100)::integer end,
    v.is_exclusive,
    case when v.is_exclusive is null or lower(v.is_exclusive) in ('non', 'no', 'n', 'false', 'faux', '0') then false
      when lower(v.is_exclusive) in ('oui', 'o', 'yes', 'y', 'true', 'vrai', '1', 'x') then true end
  from located v;
$$;
comment on function leads.import_values is 'Staged rows as leads keep them; null where a value does not fit.';

-- Staged rows in the form in which leads are kept: trimmed, e-mail in lower case, telephone in its one canonical
-- form, money in cents. A value that does not fit is null here and still there as it was written (0032_import_checks).
-- A view and no functions per value: a function call costs more than what it does, a million times over.
-- `offset 0` makes Postgres work out a step once per row, not once for each mention of it.
create view leads.import_values with (security_invoker = true) as
select
  r.import_id, r.line, r.defect,
  t.first_name, t.last_name, t.company, t.sector, t.region, t.city, t.source, t.channel, t.notes,
  t.email as email_written,
  t.phone as phone_written,
  t.score as score_written,
  t.price as price_written,
  t.is_exclusive as is_exclusive_written,
  case when length(t.email) <= 254
    and lower(t.email) ~ '^[a-z0-9!#$%&''*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&''*+/=?^_`{|}~-]+)*@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$'
    then lower(t.email) end as email,
  case
    when n.national is null then
      -- Another country: its code (ITU E.164), a space, the number.
      case when d.dialled ~ '^\+[1-9][0-9]{7,14}$' and d.dialled not like '+33%'
        then regexp_replace(d.dialled, '^(\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|(2[1-689]|3[578]|42|5[09]|6[7-9]|8[0578]|9[679])[0-9]))', '\1 ') end
    when n.overseas is null then '+33 ' || left(n.national, 1) || ' ' || substr(n.national, 2, 2) || ' ' || substr(n.national, 4, 2)
      || ' ' || substr(n.national, 6, 2) || ' ' || substr(n.national, 8, 2)
    else '+' || n.overseas || ' ' || left(n.national, 3) || ' ' || substr(n.national, 4, 2) || ' ' || substr(n.national, 6, 2)
      || ' ' || substr(n.national, 8, 2)
  end as phone,
  case when t.score is null then 0
    when t.score ~ '^[0-9]{1,3}([.,][0-9]{1,6})?$' and replace(t.score, ',', '.')::numeric <= 100
    then round(replace(t.score, ',', '.')::numeric)::integer end as score,
  case when t.price is null then 0
    when m.amount ~ '^[0-9]{1,7}(\.[0-9]{1,2})?$' then (m.amount::numeric * 100)::integer end as price_cents,
  case when t.is_exclusive is null or lower(t.is_exclusive) in ('non', 'no', 'n', 'false', 'faux', '0') then false
    when lower(t.is_exclusive) in ('oui', 'o', 'yes', 'y', 'true', 'vrai', '1', 'x') then true end as is_exclusive
from leads.import_rows r
cross join lateral (
  select
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
    nullif(btrim(r.notes, e' \t\r\n\u00a0\u202f'), '') as notes
  offset 0
) t
cross join lateral (
  -- Digits and the plus: no separators, no « (0) », no decimals of a spreadsheet (612345678.0), + for 00.
  select case when s.stripped like '00%' then '+' || substr(s.stripped, 3) else s.stripped end as dialled
  from (
    select translate(
      replace(case when t.phone ~ '^[0-9]+\.0$' then left(t.phone, -2) else t.phone end, '(0)', ''),
      e' .-/()_''\t\u00a0\u202f\u2009\u2010\u2011\u2013', '') as stripped
  ) s
  offset 0
) d
cross join lateral (
  -- The nine digits of a French number, and the country code of an overseas department that they belong to.
  -- 0639 is Mayotte's but for 0639 98, which is nobody's: the numbers of fiction.
  select f.national, case
    when left(f.national, 3) in ('262', '263', '269', '692', '693')
      or (left(f.national, 3) = '639' and left(f.national, 5) <> '63998') then '262'
    when left(f.national, 3) in ('590', '690', '691') then '590'
    when left(f.national, 3) in ('594', '694') then '594'
    when left(f.national, 3) in ('596', '696', '697') then '596' end as overseas
  from (
    select case
      when d.dialled ~ '[^0-9+]' then null
      when length(d.dialled) = 10 and d.dialled like '0%' then substr(d.dialled, 2)
      when length(d.dialled) = 12 and d.dialled like '+33%' then substr(d.dialled, 4)
      when length(d.dialled) = 13 and d.dialled like '+330%' then substr(d.dialled, 5)
      when length(d.dialled) = 11 and d.dialled like '33%' then substr(d.dialled, 3)
      when length(d.dialled) = 9 then d.dialled
      when d.dialled ~ '^\+(262|590|594|596)0?(262|263|269|59[046]|69[0-7]|639)[0-9]{6}$' then right(d.dialled, 9)
    end as digits
  ) g
  cross join lateral (select case when g.digits ~ '^[1-9][0-9]{8}$' then g.digits end as national) f
  offset 0
) n
cross join lateral (
  -- 1 234,50 € · 1.234,50 · 1,234.50 · 12,5: the point or comma before one or two last digits is the decimal one.
  select case
    when w.bare ~ '^[0-9]{1,3}(\.[0-9]{3})+,[0-9]{1,2}$' then translate(w.bare, ',.', '.')
    when w.bare ~ '^[0-9]{1,3}(,[0-9]{3})+\.[0-9]{1,2}$' then replace(w.bare, ',', '')
    else replace(w.bare, ',', '.') end as amount
  from (select replace(translate(upper(t.price), e' \u00a0\u202f€', ''), 'EUR', '') as bare) w
  offset 0
) m;
comment on view leads.import_values is 'Staged rows as leads keep them; null where a value does not fit.';
grant select on leads.import_values to service_role;

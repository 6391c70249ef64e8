-- Recognition of sectors and regions in what people write. Files, forms and filters use one function, and each
-- distinct spelling costs a few look-ups, known or unknown.

create view leads.known_names with (security_invoker = true) as
select 'sector' as kind, s.key, s.name, 1 as rank from leads.sectors s
union all select 'region', r.key, r.name, 1 from leads.regions r
union all select o.kind, o.key, o.name, 2 from leads.spellings o
union all select 'region', d.key, d.region, 3 from leads.departments d
union all select 'region', lower(d.code), d.region, 3 from leads.departments d;
comment on view leads.known_names is 'The names and spellings by which a sector or region is found.';

-- Accepted forms: 35000, 1000 (leading zero lost), F-35000, 35000 Rennes, 35000.0 (spreadsheet). 20 is Corsica, as is
-- the INSEE form 2A004; 97 and 98 have three-digit departments.
create function leads.region_of_postcode(postcode text)
returns text
language sql
stable
strict
set search_path = ''
as $$
  select d.region
  from (select lpad(c.digits, 5, '0') as code from (
      select substring(replace(upper(postcode), ' ', '')
        from '^(?:FR?-?)?([0-9]{4,5}|2[AB][0-9]{3})(?:[^0-9]|$)') as digits) c) p
  join leads.departments d on d.code = case
    when p.code like '2A%' or p.code like '200%' or p.code like '201%' then '2A'
    when p.code like '2B%' or p.code like '20%' then '2B'
    when p.code like '97%' then left(p.code, 3) else left(p.code, 2) end;
$$;
comment on function leads.region_of_postcode is 'The region of a French postcode; null for any other.';

-- Variants of a spelling, from the whole text to shorter parts: « Région Bretagne », « Ile-de-France (IDF) », « 29 -
-- Finistère », « Bretagne, France ». The first known one counts.
create function leads.name_variants(written text)
returns text[]
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
  v_key text := leads.directory_key(written);
  v_bare text := v_key;
begin
  if strpos(written, '(') > 0 then
    v_bare := leads.directory_key(regexp_replace(written, '\([^)]*\)', ' ', 'g'));
  end if;
  return array[v_key, v_bare, regexp_replace(v_bare, '^[0-9]{1,3} | [0-9]{1,3}$', ''),
    regexp_replace(v_bare, ' (france|fr)$', ''),
    regexp_replace(v_bare,
      '^(region|departement|dept?|dpt|secteur|lead|projet|devis|demande de devis)( (de la|de l|de|du|des|d))? ', ''),
    case when v_key ~ '^[0-9]$' then '0' || v_key end];
end;
$$;
comment on function leads.name_variants is 'The keys under which a spelling may be known, best match first.';

create function leads.leading_words(key text)
returns text[]
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
  v_words text[] := string_to_array(key, ' ');
  v_leading text[] := '{}';
begin
  -- 20 words are enough: every name of the catalogue has fewer.
  for i in 1 .. least(cardinality(v_words) - 1, 20)
    loop v_leading := v_leading || array_to_string(v_words[1:i], ' '); end loop;
  return v_leading;
end;
$$;
comment on function leads.leading_words is
  'The beginnings of a key: its first word, its first two words and so on, without the whole key.';

create function leads.resolve_names(kind text, spellings text[])
returns table (spelling text, name text)
language sql
stable
set search_path = ''
as $$
  with variants as (
    select w.spelling, v.key, v.place
    from unnest(spellings) as w (spelling)
    cross join lateral unnest(leads.name_variants(w.spelling)) with ordinality as v (key, place)
  ), found as (
    select distinct on (v.spelling) v.spelling, k.name
    from variants v join leads.known_names k on k.kind = resolve_names.kind and k.key = v.key
    order by v.spelling, v.place, k.rank, k.name <> v.spelling, k.name
  ), begun as (
    -- « Isolation des combles », « Assurance auto »: a sector's name followed by a detail.
    select distinct on (w.spelling) w.spelling, k.name
    from unnest(spellings) as w (spelling)
    cross join lateral unnest(leads.leading_words(leads.directory_key(w.spelling))) as l (key)
    join leads.known_names k on k.kind = 'sector' and k.key = l.key and (k.rank = 1 or length(k.key) > 7)
    where resolve_names.kind = 'sector'
    order by w.spelling, length(k.key) desc, k.rank
  )
  select w.spelling, coalesce(f.name, b.name,
    case when resolve_names.kind = 'region' then coalesce(
      case when w.spelling ~ '[0-9]{4}' then leads.region_of_postcode(w.spelling) end,
      -- « Île-de-France ; Paris » counts if all its parts mean the same region.
      case when w.spelling ~ '[;,/|]' then (
        select case when count(*) = count(k.region) and count(distinct k.region) = 1 then min(k.region) end
        from regexp_split_to_table(w.spelling, '[;,/|]') as p (part)
        cross join lateral (select (select n.name from leads.known_names n
          where n.kind = 'region' and n.key = leads.directory_key(p.part)
          order by n.rank limit 1) as region) k) end) end)
  from (select distinct u.spelling from unnest(spellings) as u (spelling)) w
  left join found f on f.spelling = w.spelling left join begun b on b.spelling = w.spelling;
$$;
comment on function leads.resolve_names is
  'The catalogue''s name for each spelling of a sector or region; null if it is unknown.';

create function leads.nearest_names(kind text, written text)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  v_said text := platform.fold(written);
begin
  return (
    select '« ' || string_agg(n.name, ' » ou « ' order by n.likeness desc, n.name) || ' »'
    from (
      select d.name, extensions.similarity(d.folded, v_said) as likeness
      from (select s.name, s.folded from leads.sectors s where kind = 'sector' union all select r.name, r.folded
        from leads.regions r where kind = 'region') d
      order by 2 desc, 1 limit 2
    ) n where n.likeness >= 0.3);
end;
$$;
comment on function leads.nearest_names is
  'The two catalogue names most similar to a spelling; null if none is similar.';

-- Parsing of lead fields as people and programs write them, value by value. import_values parses the usual forms
-- itself; these functions handle the others, and are not called for a file that has none.

-- « Null » and « None » may be real names: a name counts as empty only if it is punctuation, a spreadsheet error value
-- or a program's placeholder.
create function leads.says_nothing(value text, is_name boolean)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
begin
  return value ~ '^[-‐-―−_=.,;:?!/\\*•·''"]*$'
    or value ~ '^#(N/A|N/D|REF!|VALUE!|VALEUR!|NAME\?|NOM\?|DIV/0!|NULL!|NUL!|NUM!|NOMBRE!|ERREUR|ERROR)$'
    or value in ('N/A', 'n/a', 'N.A.', 'N/C', 'n/c', 'N.C.', 'NULL', 'null', '(null)', '<null>', '[null]', 'undefined',
      'NaN', 'nan', 'nil', '(vide)', '(blank)')
    or (not is_name and lower(value) in ('null', 'nil', 'none', 'na', 'nc', 'nd', 'n.c', 'n.a', 'néant', 'neant',
      'aucun', 'aucune', 'vide', 'sans',
      'non renseigné', 'non renseignée', 'non renseigne', 'non communiqué', 'non communique', 'pas de téléphone',
      'pas de mail', 'pas d''email'));
end;
$$;
comment on function leads.says_nothing is 'True if a value is one of the ways to leave a cell empty.';

-- ="0639…" protects a text from being changed by a spreadsheet; p:+33… and z:35000 are type prefixes of advertising
-- exports.
create function leads.clean_value(value text, is_name boolean default false, several_lines boolean default false)
returns text
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
  v_text text := platform.clean_text(value, several_lines);
begin
  -- Wrappings are removed until none is left, so that a stored value stays the same after an export and a new import.
  while v_text like '="%"' or v_text ~ '^[lpzf]:[+0-9]' loop
    v_text := platform.clean_text(case
      when v_text like '=%' then replace(substr(v_text, 3, length(v_text) - 3), '""', '"') else substr(v_text, 3) end,
      several_lines);
  end loop;
  return case when not leads.says_nothing(v_text, is_name) then v_text end;
end;
$$;
comment on function leads.clean_value is 'A cell cleaned and without its wrappings; null if it is empty.';

create function leads.is_email(value text)
returns boolean
language plpgsql
immutable
strict
set search_path = ''
as $$
begin
  return length(value) <= 254
    and value ~ '^[[:alnum:]!#$%&''*+/=?^_`{|}~-]+(\.[[:alnum:]!#$%&''*+/=?^_`{|}~-]+)*@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+([a-z]{2,}|xn--[a-z0-9-]*[a-z0-9])$'
    and value !~ '[^@.]{64}\.|[^@.]{64}$';
end;
$$;
comment on function leads.is_email is 'True if a text is an e-mail address in the form in which contacts are stored.';

-- Accepted forms: mailto:a@b.fr, « Jean Dupont <a@b.fr> », a@b.fr. with a final full stop, a@exämple.de.
create function leads.email_of(written text)
returns text
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
  v_text text := lower(normalize(leads.clean_value(written), nfkc));
  v_email text;
begin
  v_text := coalesce(substring(v_text from '<([^<>@]+@[^<>@]+)>[ .,;]*$'), v_text);
  v_text := regexp_replace(v_text, '^[<("''«\[ ]*(mailto: *)?', '');
  v_text := regexp_replace(regexp_replace(v_text, '\?[a-z]+=.*$', ''), '[>)"''»\] .,;:]+$', '');
  v_email := substring(v_text from '^[^@]+@') || platform.ascii_domain(substring(v_text from '^[^@]+@([^@]+)$'));
  return case when leads.is_email(v_email) then v_email end;
end;
$$;
comment on function leads.email_of is
  'The e-mail address in a text, in the form in which contacts are stored; null if there is none, or more than one.';

-- A French number has nine digits after its prefix, whatever prefix was dialled, and overseas departments have country
-- codes of their own. 0639 belongs to Mayotte, except 0639 98, which is reserved for fiction.
create function leads.telephone_of(written text)
returns text
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
  v_dialled text := translate(regexp_replace(case when written ~ '^[0-9]+\.0$' then left(written, -2) else written end,
    '\( *0 *\)', '', 'g'), e' .-/()[]_''·•‐‑‒–—―−', '');
  v_national text;
  v_country text;
begin
  if v_dialled like '00%' then v_dialled := '+' || substr(v_dialled, 3); end if;
  -- A spreadsheet may have removed the leading 0.
  v_national := case length(v_dialled)
    when 9 then v_dialled
    when 10 then case when v_dialled like '0%' then substr(v_dialled, 2) end
    when 11 then case when v_dialled like '33%' then substr(v_dialled, 3) end
    when 12 then case when v_dialled like '+33%' then substr(v_dialled, 4)
      when v_dialled ~ '^(262|590|594|596)[1-9]' then substr(v_dialled, 4) end
    when 13 then case when v_dialled like '+330%' then substr(v_dialled, 5)
      when v_dialled ~ '^\+(262|590|594|596)' then substr(v_dialled, 5) end
    when 14 then case when v_dialled ~ '^\+(262|590|594|596)0' then substr(v_dialled, 6) end
  end;
  v_country := case
    when v_national is null or v_national !~ '^[1-9][0-9]{8}$' then null
    when left(v_national, 3) in ('262', '263', '269', '692', '693')
      or (left(v_national, 3) = '639' and left(v_national, 5) <> '63998') then '262'
    when left(v_national, 3) in ('590', '690', '691') then '590'
    when left(v_national, 3) in ('594', '694') then '594'
    when left(v_national, 3) in ('596', '696', '697') then '596'
    when length(v_dialled) < 13 or v_dialled like '+33%' then '33' end;
  return case
    when v_country = '33' then '+33 ' || left(v_national, 1) || ' ' || substr(v_national, 2, 2) || ' '
      || substr(v_national, 4, 2)
      || ' ' || substr(v_national, 6, 2) || ' ' || substr(v_national, 8, 2)
    when v_country is not null then '+' || v_country || ' ' || left(v_national, 3) || ' ' || substr(v_national, 4, 2)
      || ' ' || substr(v_national, 6, 2) || ' ' || substr(v_national, 8, 2)
    -- Other countries: the country code (ITU E.164), a space, the number.
    when v_dialled ~ '^\+[1-9][0-9]{7,14}$' and v_dialled not like '+33%' then regexp_replace(v_dialled,
      '^(\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|(2[1-689]|3[578]|42|5[09]|6[7-9]|8[0578]|9[679])[0-9]))',
      '\1 ')
  end;
end;
$$;
comment on function leads.telephone_of is
  'The telephone number in a text, in the form in which contacts are stored; null if it is not exactly one.';

-- Accepted forms: « Tél : 06… / 01… », tel:+33…, 01… poste 12. An extension is dropped, because it does not identify a
-- person.
create function leads.telephones_of(written text)
returns text[]
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
  v_text text := normalize(leads.clean_value(written), nfkc);
  v_numbers text[];
begin
  if v_text is null then return '{}'; end if;
  v_text := regexp_replace(v_text, '[ ,;]*(poste|extension|ext|p|x|#)[ .:=]*[0-9]{1,6}$', '', 'i');
  v_text := regexp_replace(v_text,
    '\m(t[ée]l[ée]?phone|t[ée]l|mobile|mob|portable|port|fixe|phone|gsm|bureau|domicile|dom|pro|perso|whatsapp|num[ée]ro|n°)[ .:°]*',
    '', 'gi');
  if leads.telephone_of(v_text) is not null then return array[leads.telephone_of(v_text)]; end if;
  -- Two numbers of ten digits each, with any separators between and within them.
  v_text := regexp_replace(v_text, '^((?:0[^0-9+]*)(?:[0-9][^0-9+]*){8}[0-9])[^0-9+]*(0(?:[^0-9+]*[0-9]){9})$',
    '\1;\2');
  select array_agg(leads.telephone_of(p.part) order by p.place) into v_numbers
  from regexp_split_to_table(v_text, '\s*(?:[;,/|&\n]|\s-\s|\m(?:ou|et|puis)\M)\s*', 'i') with ordinality as p (part,
    place) where p.part <> '';
  return case when array_position(v_numbers, null) is null then v_numbers end;
end;
$$;
comment on function leads.telephones_of is
  'The telephone numbers in a text, in the form in which contacts are stored; empty for an empty text, null if part '
  'of it is not a telephone number.';

-- Both cells of a row are read together. If they hold more than two numbers, the first two are kept.
create function leads.read_telephones(phone text, phone2 text)
returns text[]
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_phones text[] := coalesce(leads.telephones_of(phone), case when phone is null then '{}'::text[] end);
  v_others text[] := coalesce(leads.telephones_of(phone2), case when phone2 is null then '{}'::text[] end);
begin
  if v_phones is null then return array[null, null, 'phone']; end if;
  if v_others is null then return array[null, null, 'phone2']; end if;
  v_phones := array(select n.number from unnest(v_phones || v_others) with ordinality as n (number, place) group by 1
    order by min(n.place));
  return array[v_phones[1], v_phones[2], null];
end;
$$;
comment on function leads.read_telephones is
  'The first and second telephone of a row, and the field with an invalid number: {first, second, field}.';

-- Names are split by rules: « DUPONT Jean », « Jean de LA TOUR », « Dupont, Jean », with or without « Mme ». If the
-- words do not tell which is which, the whole text becomes the last name, which strangers never see, and the name is
-- marked for a person to split.
create function leads.split_name(full_name text, first_name text default null)
returns text[]
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_text text := coalesce(substring(full_name from
    '(?i)^(?:(?:m|mr|mrs|ms|mme|mmes|mlle|mlles|mm|monsieur|madame|mademoiselle|dr|docteur|me|maître|pr|professeur)\.? +(?:(?:et|ou|&|/) +)?)+(.*)$'),
  full_name);
  v_words text[] := string_to_array(v_text, ' ');
  -- Words in capitals, including « d'ESTAING »; a single initial is no evidence.
  v_capital boolean[] := array(select w = upper(w) and w <> lower(w)
    and length(regexp_replace(w, '[^[:alpha:]]', '', 'g')) > 1
    from unnest(v_words) w0, regexp_replace(w0, '^[dl][''’]', '') w);
  v_from integer := array_position(v_capital, true);
  v_to integer;
begin
  if lower(v_text) like lower(first_name) || ' _%' then
    return array[first_name, substr(v_text, length(first_name) + 2)];
  end if;
  if lower(v_text) like '%_ ' || lower(first_name) then
    return array[first_name, left(v_text, -length(first_name) - 1)];
  end if;
  if v_text ~ '^[^,]+, *[^,]+$' then
    return array[btrim(split_part(v_text, ',', 2)), btrim(split_part(v_text, ',', 1))];
  end if;
  if cardinality(v_words) < 2 then return array['', v_text]; end if;
  -- Two people, a maiden or married name, a remark or a company: a word that is not in capitals may be part of a last
  -- name as well.
  if v_text ~* '[()/&+0-9]|(^|[^[:alpha:]])(et|ou|and|née?|ép|épouse|épx|veuve|vve|divorcée|alias|dit|c/o|chez|sarl|sas|sasu|sci|eurl|scp|snc|ets|société|entreprise|association)([^[:alpha:]]|$)'
  then return array[null, v_text]; end if;
  if v_from is null or array_position(v_capital, false) is null or v_text like '%,%' then
    return array[null, v_text];
  end if;
  v_to := cardinality(v_words) + 1 - (select array_position(array_agg(c order by n desc), true)
    from unnest(v_capital) with ordinality as u (c, n));
  -- The words in capitals must be adjacent, at one end of the name; « de », « van » before them belong to them.
  while v_from > 1 and v_words[v_from - 1] in ('de', 'du', 'des', 'la', 'le', 'van', 'von', 'der', 'den', 'di', 'da',
    'dos', 'el', 'ben') loop v_from := v_from - 1; end loop;
  if exists (select from generate_series(v_from, v_to) i where not v_capital[i] and v_words[i] <> lower(v_words[i]))
    or (v_from > 1 and v_to < cardinality(v_words))
    or (v_from = 1 and v_to = cardinality(v_words)) then return array[null, v_text]; end if;
  return array[array_to_string(v_words[:v_from - 1] || v_words[v_to + 1:], ' '),
    array_to_string(v_words[v_from:v_to], ' ')];
end;
$$;
comment on function leads.split_name is
  'First and last name of a full name; without a first name, and with the whole text as last name, if they cannot be '
  'told apart.';

-- Date formats of forms, « 1er févr. 2026 », « mardi 10 février 2026 à 14h », « Feb 10, 2026 2:30 pm », « 2026/02/10
-- 2:30:00 PM UTC+1 », are converted to 10/02/2026 or 2026-02-10 with a 24-hour time. Any other text is returned
-- unchanged.
create function leads.plain_date(written text)
returns text
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
  v_text text := written;
  v_parts text[];
  v_month integer;
begin
  v_text := regexp_replace(v_text, '^(\d{4})/(\d\d?)/(\d\d?)(?!\d)', '\1-\2-\3');
  v_text := regexp_replace(v_text, '^(\d{4})-(\d)-', '\1-0\2-');
  v_text := regexp_replace(v_text, '^(\d{4}-\d\d)-(\d)(?!\d)', '\1-0\2');
  v_text := regexp_replace(v_text, ' (?:UTC|GMT)([+-])(\d)(?!\d)', '\10\2');
  v_text := regexp_replace(v_text, ' (\d{1,2}) ?h$', ' \1:00');
  v_parts := coalesce(
    regexp_match(v_text,
      '^(?:[[:alpha:]]{3,9}\.?,? +)?(\d{1,2})(?:er|st|nd|rd|th)?[ -]([[:alpha:]]{3,9})\.?,?[ -](\d{4})(.*)$'),
    (select array[p[2], p[1], p[3], p[4]]
      from regexp_match(v_text,
        '^(?:[[:alpha:]]{3,9}\.?,? +)?([[:alpha:]]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(.*)$') p
      where p is not null));
  if v_parts is not null then
    v_month := (select m.month from (values ('janv', 1), ('jan', 1), ('fevr', 2), ('fev', 2), ('feb', 2), ('mars', 3),
      ('mar', 3), ('avr', 4), ('apr', 4), ('mai', 5),
      ('may', 5), ('juin', 6), ('jun', 6), ('juil', 7), ('jul', 7), ('aou', 8), ('aug', 8), ('sep', 9), ('oct', 10),
      ('nov', 11), ('dec', 12)) m (start, month)
      where platform.fold(v_parts[2]) like m.start || '%' limit 1);
    if v_month is null then return written; end if;
    v_text := v_parts[3] || '-' || lpad(v_month::text, 2, '0') || '-' || lpad(v_parts[1], 2, '0') || v_parts[4];
  end if;
  v_parts := regexp_match(v_text, '^(.*[ ,])(\d{1,2})((?::\d\d){1,2}) ?([ap])\.?m\.?(.*)$', 'i');
  if v_parts is null or v_parts[2]::integer not between 1 and 12 then return v_text; end if;
  return v_parts[1] || lpad((v_parts[2]::integer % 12 + case lower(v_parts[4]) when 'p' then 12 else 0 end)::text, 2,
    '0') || v_parts[3] || v_parts[5];
end;
$$;
comment on function leads.plain_date is 'A date with a numeric month and a 24-hour time; any other text unchanged.';

-- Accepted forms: 2026-02-10T14:30:00Z, 2026-02-10 14:30, 10/02/2026 14h30, 10/02/26, and seconds or milliseconds
-- since 1970. A time without a zone is Paris time.
create function leads.written_time(written text, month_first boolean default false)
returns timestamptz
language sql
stable
strict
set search_path = ''
set timezone = 'Europe/Paris'
as $$
  select case
    when written ~ '^1[0-9]{9}([0-9]{3})?$' then to_timestamp(left(written, 10)::bigint)
    when iso.text ~ '^\d{4}-\d\d-\d\d([T ]\d\d?:\d\d(:\d\d(\.\d+)?)?( ?(Z|UTC|[+-]\d\d(:?\d\d)?))?)?$'
      and pg_input_is_valid(iso.text, 'timestamptz')
    -- A date before 2000 is a typing error: nobody left a lead here before then.
    then case when iso.text::timestamptz >= '2000-01-01' then iso.text::timestamptz end end
  from (
    select case when p.parts is null then t.text
      else case when length(p.parts[3]) = 2 then '20' else '' end || p.parts[3] || '-'
        || lpad(p.parts[case when month_first then 1 else 2 end], 2, '0') || '-'
          || lpad(p.parts[case when month_first then 2 else 1 end], 2, '0') || p.parts[4] end as text
    from (select regexp_replace(regexp_replace(
        case when written ~* '[[:alpha:]]{3}|[ap]\.?m|^\d{4}/| \d\d? ?h$' then leads.plain_date(written)
          else written end, '(,| à| at)? +(?=[0-9]{1,2}[:h])', ' '), ' ([0-9]{1,2}) ?h ?([0-9]{2})',
      ' \1:\2') as text offset 0) t
    cross join lateral (select regexp_match(t.text,
      '^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})((?:[ T].*)?)$') as parts offset 0) p
    offset 0
  ) iso;
$$;
comment on function leads.written_time is
  'The instant in a text, in ISO 8601 or with the day (or the month) first; null if it is not a time.';

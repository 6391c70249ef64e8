-- Detection of texts that name the person behind a lead. No pattern catches every spelling of a name or number, so
-- texts are compared with the lead's own contact: the last name, the letters of the e-mail address and the digits of
-- the telephones, in any script, case, order and spacing, in digits or in words. In addition, patterns detect contact
-- data in general.

-- Invisible characters are removed, look-alike letters of other scripts become Latin ones, and accents and full-width
-- forms are dropped.
create function leads.plain_text(said text)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$
declare
  v_plain text := platform.fold(said);
begin
  -- Almost all texts are plain ASCII at this point.
  if octet_length(v_plain) = length(v_plain) then return v_plain; end if;
  return translate(
    platform.fold(regexp_replace(normalize(said, nfkd),
      '[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\u0300-\u036f\u20e3]',
      '', 'g')),
    'авекмнорстухіѕјԁһӏгαβεικνορτυχηωμ©®٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९',
    'abekmhopctyxisjdhlrabeikvoptuxnwucr012345678901234567890123456789');
end;
$$;
comment on function leads.plain_text is
  'A text in plain form: lower case, no accents, no invisible characters, Latin letters and digits.';

-- Look-alikes become the same letter: 0 and o, 1, i and l, 5 and s.
create function leads.letters_of(plain text)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$ begin return regexp_replace(translate(plain, '013457l8$!|', 'oieastibsii'), '[^a-z]', '', 'g'); end; $$;
comment on function leads.letters_of is
  'The letters of a plain text without anything between them; digits that look like letters count as letters.';

-- « soixante dix huit » is 78, but « trente quatre vingt deux » is 34 22 or 30 82, so the caller tries both readings.
-- « un » is usually an article, so the caller tries it with and without. A number with a unit (120 m², 12 000 €) is a
-- measure and is left out of numbers; a word between two numbers separates them.
create function leads.digits_of(plain text, with_words boolean, eighties boolean, ones boolean, out digits text,
  out numbers text)
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$
declare
  v_words constant jsonb := '{"zero": 0, "o": 0, "oh": 0, "un": 1, "une": 1, "one": 1, "deux": 2, "two": 2, "trois": 3, "three": 3, "quatre": 4, "four": 4, "cinq": 5, "five": 5, "six": 6, "sept": 7, "seven": 7, "huit": 8, "eight": 8, "neuf": 9, "nine": 9, "dix": 10,
    "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16, "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "septante": 70, "huitante": 80, "octante": 80, "nonante": 90}';
  v_unit constant text := '(m[23]?|km|ha|kwc|kw|kwh|mw|w|wc|e|eur|euros?|ke|k|pourcent|ans?|mois|jours?|semaines?|h|heures?|min|minutes|pieces?|chambres?'
    '|personnes?|salaries?|lots?|places?|logements?|etages?|enfants?|panneaux|vehicules?|lits?|couverts|postes?|sites?|appartements?)$';
  v_unit_alone constant text := '^' || v_unit;
  v_measure constant text := '^[0-9]{1,7}' || v_unit;
  v_tokens text[] := string_to_array(btrim(regexp_replace(
    regexp_replace(replace(replace(plain, '%', ' pourcent '), '€', ' euros '),
      '\m[0-3]?\d/[01]?\d/(19|20)\d\d\M', ' ', 'g'),
    '[^a-z0-9]+', ' ', 'g')), ' ');
  v_token text;
  v_number integer;
  v_open integer;
begin
  digits := '';
  numbers := '';
  if eighties then
    v_tokens := string_to_array(regexp_replace(array_to_string(v_tokens, ' '), 'quatre vingts?', '80', 'g'), ' ');
  end if;
  foreach v_token in array v_tokens || ''::text loop
    v_number := case when with_words and (ones or v_token not in ('un', 'une', 'one'))
      then (v_words ->> v_token)::integer end;
    if with_words and eighties and v_token = '80' then v_number := 80; end if;
    if v_number is null and v_token = 'et' and v_open is not null then continue; end if;
    if v_number is not null and v_open is not null then
      case
        when v_open = 4 and v_number = 20 then v_open := 80; continue;
        when v_open in (60, 80) and v_number = 10 then v_open := v_open + 10; continue;
        when v_open in (20, 30, 40, 50, 60, 70, 80, 90) and v_number between 1 and 9
          or v_open in (60, 80) and v_number between 11 and 16 or v_open = 10 and v_number between 7 and 9 then
          v_number := v_open + v_number;
          v_open := null;
          digits := digits || v_number;
          numbers := numbers || v_number;
          continue;
        else null;
      end case;
    end if;
    if v_open is not null then
      digits := digits || v_open;
      numbers := numbers || v_open;
      v_open := null;
    end if;
    if v_number is not null then
      v_open := v_number;
    elsif v_token = '' or v_token in ('puis', 'et', 'ensuite', 'tiret', 'point', 'slash', 'espace', 'virgule', 'then',
      'plus', 'ou', 'etoile') then
      continue;
    elsif v_token !~ '[0-9]' or v_token in ('m2', 'm3') then
      numbers := case when v_token ~ v_unit_alone then regexp_replace(numbers, '(^|x)[0-9]{1,7}$', '\1x')
        else numbers || 'x' end;
    elsif v_token !~ '[a-z]' then
      digits := digits || v_token;
      numbers := numbers || v_token;
    elsif v_token ~ v_measure then
      digits := digits || substring(v_token from '^[0-9]+');
      numbers := numbers || 'x';
    elsif v_token !~ '[^0-9oilsbzq]' then
      digits := digits || translate(v_token, 'oilsbzq', '0115829');
      numbers := numbers || translate(v_token, 'oilsbzq', '0115829');
    else
      digits := digits || regexp_replace(v_token, '[^0-9]', '', 'g');
      numbers := numbers || 'x' || regexp_replace(v_token, '[^0-9]', '', 'g') || 'x';
    end if;
  end loop;
  -- A year alone identifies nobody.
  numbers := regexp_replace(numbers, '(^|x)(19|20)[0-9]{2}(?=x|$)', '\1', 'g');
end;
$$;
comment on function leads.digits_of is
  'digits: all digits of a plain text in sequence. numbers: the same without measures, with an x between separate '
  'numbers.';

create function leads.looks_like_contact(plain text)
returns boolean
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$
begin
  return plain ~ '@|%40|&#64;|\marobas|[(\[{<] ?(at|a) ?[)\]}>] ?[a-z0-9]'
    or plain ~ '(^|[^0-9a-z])(\+ ?33|0033|0)[^0-9a-z]{0,3}[1-9]([^0-9a-z]{0,3}[0-9]{2}){4}($|[^0-9a-z])';
end;
$$;
comment on function leads.looks_like_contact is
  'True if a plain text contains an e-mail address or a French telephone number.';

-- Names may contain a flat number or a year, but not eight digits.
create function leads.is_name(said text)
returns boolean
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$ begin return leads.plain_text(said) !~ '[^ ] ?@ ?[^ ]|([0-9][^0-9]*){8}'; end; $$;
comment on function leads.is_name is
  'True if a first or last name is neither a telephone number nor an e-mail address.';

create function leads.spells_name(plain text, first_name text, last_name text, email text)
returns boolean
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
declare
  v_letters text := leads.letters_of(plain);
  v_last text := leads.plain_text(last_name);
  v_names text[] := array[leads.letters_of(v_last)];
  v_first text := coalesce(leads.letters_of(leads.plain_text(first_name)), '');
  v_mailbox text := split_part(lower(email), '@', 1);
  v_name text;
  v_words text;
begin
  -- A name in another script is compared as written.
  if v_last ~ '(?![a-z0-9])[[:alnum:]]' and strpos(plain, v_last) > 0 then return true; end if;
  -- The whole name is compared, and each part of a double name.
  if v_last ~ '[^a-z]' then
    v_names := v_names || array(select leads.letters_of(n) from regexp_split_to_table(v_last, '[^a-z0-9]+') n
      where length(n) > 3);
  end if;
  foreach v_name in array v_names loop
    if length(v_name) > 4 then
      if strpos(v_letters, v_name) > 0 or strpos(v_letters, reverse(v_name)) > 0 then return true; end if;
    -- A short name is part of many words (« Roy » in « Leroy »), so it counts only as a word of its own, including
    -- letter by letter.
    elsif length(v_name) > 1 and strpos(v_letters, v_name) > 0 then
      v_words := ' ' || btrim(regexp_replace(translate(plain, '013457l8$!|', 'oieastibsii'), '[^a-z]+', ' ', 'g'))
        || ' ';
      if v_words ~ (' ' || array_to_string(string_to_array(v_name, null), ' ?') || ' ')
        or length(v_first) > 1 and (strpos(v_letters, v_first || v_name) > 0
          or strpos(v_letters, v_name || v_first) > 0) then return true; end if;
    end if;
  end loop;
  v_name := leads.letters_of(leads.plain_text(v_mailbox));
  return length(v_name) > 4 and v_name <> v_first and strpos(v_letters, v_name) > 0
    and v_mailbox not in ('contact', 'contacts', 'infos', 'accueil', 'bonjour', 'hello', 'email', 'admin', 'direction',
      'commercial', 'commerce',
      'secretariat', 'bureau', 'compta', 'devis', 'agence', 'personne', 'client', 'clients', 'service');
end;
$$;
comment on function leads.spells_name is
  'True if a plain text contains a last name or the name of a mailbox, in any spelling.';

-- « trentequatre » becomes « trente quatre ».
create function leads.part_numbers(plain text)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$
begin
  return regexp_replace(plain,
    '(zero|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingts?|trente|quarante|cinquante|soixante|septante|huitante|nonante)'
    '(?=(zero|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingts?|trente|quarante|cinquante|soixante|septante|huitante|nonante)+\M)',
    '\1 ', 'g');
end;
$$;
comment on function leads.part_numbers is 'A plain text with its number words separated.';

create function leads.has_number_words(plain text)
returns boolean
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$
begin
  return plain ~ '((zero|dix|onze|ze|vingt|ante|trente|deux|trois|quatre|cinq|six|sept|huit|neuf|one|two|three|four|five|seven|eight|nine).*){3}';
end;
$$;
comment on function leads.has_number_words is
  'True if a plain text has three number words, the minimum for a telephone number.';

create function leads.tells_number(plain text, phones text[])
returns boolean
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
declare
  -- Texts without enough digits or number words are not searched word by word.
  v_in_words boolean := leads.has_number_words(plain);
  v_digits text;
  v_phone text;
  v_said text;
begin
  if phones is null then return false; end if;
  if not v_in_words and plain !~ '([0-9oilsbzq].*){6}' then return false; end if;
  if v_in_words then plain := leads.part_numbers(plain); end if;
  for v_digits in
    select (leads.digits_of(plain, false, false, false)).digits
    union select (leads.digits_of(plain, true, e, o)).digits
      from (values (true), (false)) a (e), (values (true), (false)) b (o) where v_in_words
  loop
    continue when length(v_digits) < 6;
    foreach v_phone in array phones loop
      v_phone := '0' || right(regexp_replace(v_phone, '[^0-9]', '', 'g'), 9);
      for i in 1 .. length(v_phone) - 5 loop
        v_said := substr(v_phone, i, 6);
        if strpos(v_digits, v_said) > 0 or strpos(v_digits, reverse(v_said)) > 0
          -- The pairs of digits in reverse order.
          or i % 2 = 1 and strpos(v_digits, right(v_said, 2) || substr(v_said, 3, 2)
            || left(v_said, 2)) > 0 then return true; end if;
      end loop;
    end loop;
  end loop;
  return false;
end;
$$;
comment on function leads.tells_number is
  'True if a plain text contains six consecutive digits of one of the telephone numbers, whatever is between them.';

-- « 10 000 à 15 000 € » and « 2026 ou 2027 » are two values, not one long number.
create function leads.part_ranges(plain text)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$
begin
  return regexp_replace(regexp_replace(plain, '\m(19|20)[0-9]{2} ?(ou|et|a|-|/) ?(?=(19|20)[0-9]{2}\M)', ' ', 'g'),
    '\m[1-9][0-9]{0,2}([ .]?000)? ?(ou|et|a|-|/) ?(?=[1-9][0-9]{0,2}([ .]?000)? ?(€|k€|ke\M|eur|m2|kw|ans?\M|mois))',
    ' x ', 'g');
end;
$$;
comment on function leads.part_ranges is 'A plain text without the lower ends of its ranges.';

-- A web page or a numbered street; a street without a number may be the name of a firm or a town.
create function leads.tells_place(plain text)
returns boolean
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$
begin
  return plain ~ '\m[0-9]{1,4} ?(bis|ter|quater)?[ ,]+(rue|r|avenue|av|boulevard|bd|bld|blvd|impasse|allees?|ruelle|venelle|faubourg|place|route|chemin|quai|cours|square|passage|residence|sentier|hameau|esplanade|cite|villa|rond.point)\M\.? +[a-z]'
    or plain ~ '\mwww\.|\m(wa|t)\.me/';
end;
$$;
comment on function leads.tells_place is 'True if a plain text contains a street address or a web page.';

-- A summary is refused on weaker evidence than the one that hides a company name, because its author can rephrase it.
create function leads.contact_in_text(said text, first_name text, last_name text, email text, phones text[])
returns boolean
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
declare
  v_plain text := leads.plain_text(said);
begin
  if coalesce(said, '') = '' then return false; end if;
  -- Another alphabet, symbols that stand for letters or digits, or encoded characters: a French text does not need
  -- them, a disguised name does.
  return v_plain ~ '(?![a-z0-9])[[:alnum:]]|[\u2460-\u24ff\u2776-\u2793\U0001f100-\U0001f1ff]|&#|&[a-z]+;|%[0-9a-f]{2}'
    or leads.looks_like_contact(v_plain)
    or leads.spells_name(v_plain, first_name, last_name, email)
    or leads.tells_number(v_plain, array_remove(phones, null))
    -- Any telephone number, in digits or in words.
    or exists (select from (values (true), (false)) a (eighties),
        lateral (select (leads.digits_of(leads.part_ranges(leads.part_numbers(v_plain)), true, eighties,
          false)).numbers) n (said)
      where n.said ~ '[0-9]{6}' or length(replace(n.said, 'x', '')) >= 8)
    -- A web page, a mailbox or a street.
    or v_plain ~ 'https?:|\mwww\M|\m(at|gmail|hotmail|wanadoo|laposte|icloud|protonmail|outlook|yahoo|whatsapp|telegram|snapchat|insta|instagram|skype)\M'
    or v_plain ~ '[a-z0-9]\.(com|fr|net|org|eu|io|info|biz|be|ch|lu|ca|co|re|pro|shop|tv|app|paris|bzh)\M'
    or v_plain ~ '[a-z0-9] ?[(\[]? ?(\.|point|dot) ?[)\]]? ?(com|fr|net|org|eu)\M'
    or leads.tells_place(v_plain)
    or v_plain ~ '\m(rue|avenue|av|boulevard|bd|bld|blvd|impasse|allees?|ruelle|venelle|faubourg|lieu.dit|lotissement)\M[ .,]*(?!(est|et|ou|a|tres|calme|etroite|passante|pietonne|principale|commercante)\M)[a-z0-9]'
    or v_plain ~ '\m[0-9]{1,4} ?(bis|ter|quater)?,? +(place|route|chemin|quai|cours|square|passage|residence|sentier|hameau|esplanade|cite|villa|rond.point)\M';
end;
$$;
comment on function leads.contact_in_text is
  'True if a public text names the person, or contains contact data of anybody.';

create function leads.names_contact(plain text, first_name text, last_name text, email text, phones text[])
returns boolean
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
begin
  if plain is null then return false; end if;
  return leads.looks_like_contact(plain) or leads.tells_place(plain)
    or leads.spells_name(plain, first_name, last_name, email)
    or leads.tells_number(plain, array_remove(phones, null));
end;
$$;

create function leads.is_cut_between(name text, said text[])
returns boolean
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
declare
  v_said text[];
begin
  if name is null or length(name) < 5 then return false; end if;
  v_said := array(select leads.letters_of(leads.plain_text(s)) from unnest(said) s where s <> '');
  for i in 2 .. length(name) - 2 loop
    if exists (select from unnest(v_said) a where right(a, i) = left(name, i))
      and exists (select from unnest(v_said) b where starts_with(b, substr(name, i + 1))) then
      return true;
    end if;
  end loop;
  return false;
end;
$$;
comment on function leads.is_cut_between is
  'True if a name is split between the end of one text and the beginning of another.';

-- These fields are hidden instead of refused: companies often bear their owner's name, and forms put anything
-- anywhere.
create function leads.look_closely_at_fields(
  first_name text, company text, city text, source text, channel text, last_name text, email text, phones text[]
)
returns text[]
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
declare
  v_hidden text[];
begin
  if leads.names_contact(leads.plain_text(first_name), null, last_name, email, phones) then
    v_hidden := v_hidden || 'first_name'::text;
  end if;
  if leads.names_contact(leads.plain_text(company), first_name, last_name, email, phones) then
    v_hidden := v_hidden || 'company'::text;
  end if;
  if leads.names_contact(leads.plain_text(city), first_name, last_name, email, phones) then
    v_hidden := v_hidden || 'city'::text;
  end if;
  if leads.names_contact(leads.plain_text(source), first_name, last_name, email, phones) then
    v_hidden := v_hidden || 'source'::text;
  end if;
  if leads.names_contact(leads.plain_text(channel), first_name, last_name, email, phones) then
    v_hidden := v_hidden || 'channel'::text;
  end if;
  -- A name split over several fields is found by reading them together, in any order.
  if v_hidden is null
    and (leads.names_contact(leads.plain_text(concat_ws(' ', company, first_name, city, source, channel)), null,
    last_name, email, phones)
    or leads.is_cut_between(leads.letters_of(leads.plain_text(last_name)),
      array[first_name, company, city, source, channel])) then
    v_hidden := '{first_name,company,city,source,channel}';
  end if;
  return v_hidden;
end;
$$;
comment on function leads.look_closely_at_fields is 'The same answer as leads.fields_to_hide, by the full search.';

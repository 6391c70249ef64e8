-- Whether a text names the person behind a lead. No pattern catches every way to write a name or a number, so what is
-- compared is the lead's own: his name, the letters of his address and the digits of his telephones, in whatever script,
-- case, order and spacing, in figures or in words. What a contact of anybody looks like is looked for besides.

-- Signs that nobody sees go, the letters of other scripts that look like ours become ours, accents and width are lost.
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
  -- Nearly all texts are plain by now.
  if octet_length(v_plain) = length(v_plain) then return v_plain; end if;
  return translate(
    platform.fold(regexp_replace(normalize(said, nfkd),
      '[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\u0300-\u036f\u20e3]',
      '', 'g')),
    'авекмнорстухіѕјԁһӏгαβεικνορτυχηωμ©®٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९',
    'abekmhopctyxisjdhlrabeikvoptuxnwucr012345678901234567890123456789');
end;
$$;
comment on function leads.plain_text is 'A text as it reads aloud: lower case, no accents, no invisible signs, Latin letters and figures.';

-- 0 and o, 1, i and l, 5 and s: one letter for those that stand for one another.
create function leads.letters_of(plain text)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$ begin return regexp_replace(translate(plain, '013457l8$!|', 'oieastibsii'), '[^a-z]', '', 'g'); end; $$;
comment on function leads.letters_of is 'The letters of a plain text without what is between them; figures that look like letters are letters.';

-- « soixante dix huit » is 78, and « trente quatre vingt deux » 34 22 or 30 82: the caller asks both. « un » is most often no
-- figure: the same. A number with its unit (120 m², 12 000 €) is marked as a measure, a word between two numbers as a break.
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
  -- A year alone says nothing.
  numbers := regexp_replace(numbers, '(^|x)(19|20)[0-9]{2}(?=x|$)', '\1', 'g');
end;
$$;
comment on function leads.digits_of is 'The figures of a plain text one after the other, and in numbers the same without measures, with an x between what does not belong together.';

-- What a contact of anybody looks like.
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
comment on function leads.looks_like_contact is 'Whether a plain text holds an e-mail address or a French telephone number.';

-- Numbers of flats and years stand in names now and then, eight figures do not.
create function leads.is_name(said text)
returns boolean
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$ begin return leads.plain_text(said) !~ '[^ ] ?@ ?[^ ]|([0-9][^0-9]*){8}'; end; $$;
comment on function leads.is_name is 'Whether a first or last name is none of a telephone number and an e-mail address.';

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
  -- A name in another alphabet is compared as it is written.
  if v_last ~ '(?![a-z0-9])[[:alnum:]]' and strpos(plain, v_last) > 0 then return true; end if;
  -- The whole name, and of a double name each half.
  if v_last ~ '[^a-z]' then
    v_names := v_names || array(select leads.letters_of(n) from regexp_split_to_table(v_last, '[^a-z0-9]+') n
      where length(n) > 3);
  end if;
  foreach v_name in array v_names loop
    if length(v_name) > 4 then
      if strpos(v_letters, v_name) > 0 or strpos(v_letters, reverse(v_name)) > 0 then return true; end if;
    -- A short one is in many words: « Roy » in « Leroy ». It counts where it stands alone, be it letter by letter.
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
comment on function leads.spells_name is 'Whether a plain text holds a last name or the name of a mailbox, however it is spelt.';

-- « trentequatre » is « trente quatre ».
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
comment on function leads.part_numbers is 'A plain text whose numbers in words stand apart.';

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
comment on function leads.has_number_words is 'Whether a plain text has three figures in words, which a telephone takes at least.';

create function leads.tells_number(plain text, phones text[])
returns boolean
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
declare
  -- What no number can be in is not looked at word by word.
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
          -- Its pairs from the last to the first.
          or i % 2 = 1 and strpos(v_digits, right(v_said, 2) || substr(v_said, 3, 2)
            || left(v_said, 2)) > 0 then return true; end if;
      end loop;
    end loop;
  end loop;
  return false;
end;
$$;
comment on function leads.tells_number is 'Whether a plain text holds six figures of one of the numbers in their order, whatever is between them.';

-- « 10 000 à 15 000 € » and « 2026 ou 2027 » are two measures, and no number.
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

-- A page, or a numbered street; a bare street is also the name of firms and communes.
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
comment on function leads.tells_place is 'Whether a plain text tells a door to ring at, or a page to look at.';

-- What the catalogue says of a lead is refused more readily than a firm's name is hidden: it can be put in other words.
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
  -- Another alphabet, signs that stand for letters or figures, or codes of signs: French does without, a hidden name does not.
  return v_plain ~ '(?![a-z0-9])[[:alnum:]]|[\u2460-\u24ff\u2776-\u2793\U0001f100-\U0001f1ff]|&#|&[a-z]+;|%[0-9a-f]{2}'
    or leads.looks_like_contact(v_plain)
    or leads.spells_name(v_plain, first_name, last_name, email)
    or leads.tells_number(v_plain, array_remove(phones, null))
    -- A number of anybody, in figures or in words.
    or exists (select from (values (true), (false)) a (eighties),
        lateral (select (leads.digits_of(leads.part_ranges(leads.part_numbers(v_plain)), true, eighties,
          false)).numbers) n (said)
      where n.said ~ '[0-9]{6}' or length(replace(n.said, 'x', '')) >= 8)
    -- A page, a mailbox, a street.
    or v_plain ~ 'https?:|\mwww\M|\m(at|gmail|hotmail|wanadoo|laposte|icloud|protonmail|outlook|yahoo|whatsapp|telegram|snapchat|insta|instagram|skype)\M'
    or v_plain ~ '[a-z0-9]\.(com|fr|net|org|eu|io|info|biz|be|ch|lu|ca|co|re|pro|shop|tv|app|paris|bzh)\M'
    or v_plain ~ '[a-z0-9] ?[(\[]? ?(\.|point|dot) ?[)\]]? ?(com|fr|net|org|eu)\M'
    or leads.tells_place(v_plain)
    or v_plain ~ '\m(rue|avenue|av|boulevard|bd|bld|blvd|impasse|allees?|ruelle|venelle|faubourg|lieu.dit|lotissement)\M[ .,]*(?!(est|et|ou|a|tres|calme|etroite|passante|pietonne|principale|commercante)\M)[a-z0-9]'
    or v_plain ~ '\m[0-9]{1,4} ?(bis|ter|quater)?,? +(place|route|chemin|quai|cours|square|passage|residence|sentier|hameau|esplanade|cite|villa|rond.point)\M';
end;
$$;
comment on function leads.contact_in_text is 'Whether a text for strangers names the person, or tells how anybody is reached.';

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
comment on function leads.is_cut_between is 'Whether the letters of a name end one of the texts and begin another.';

-- Firms often bear the name of whoever they belong to, and forms put anything anywhere: no lead is refused for it.
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
  -- What is cut in pieces is read together, in whichever order.
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
comment on function leads.look_closely_at_fields is 'What leads.fields_to_hide answers, by all that a text is looked at for.';

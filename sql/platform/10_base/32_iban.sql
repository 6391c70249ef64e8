-- IBANs of bank accounts (ISO 13616): the length for each country, and the check digits.

create function platform.compact_iban(iban text)
returns text
language sql
immutable
strict
parallel safe
set search_path = ''
as $$ select upper(regexp_replace(iban, '[\s\u00a0\u202f-]', '', 'g')); $$;
comment on function platform.compact_iban is 'An IBAN in machine form: capitals and digits, without spaces.';

-- The country codes of the IBAN registry, each with the length of its IBANs.
create function platform.iban_length(country text)
returns integer
language sql
immutable
parallel safe
set search_path = ''
as $$
  select substring(
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 '
    'FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 '
    'LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 '
    'RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
    from case when country ~ '^[A-Z]{2}$' then country || '([0-9]{2})' end)::integer;
$$;
comment on function platform.iban_length is 'The length of a country''s IBANs; null if it has none.';

-- ISO 7064, MOD 97-10: country and check digits are moved to the end, and letters count from 10 (A) to 35 (Z).
create function platform.iban_remainder(iban text)
returns integer
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
  select (string_agg(case when c ~ '[0-9]' then c else (ascii(c) - 55)::text end, ''
    order by place)::numeric % 97)::integer
  from string_to_table(substr(iban, 5) || left(iban, 4), null) with ordinality as characters (c, place);
$$;

create function platform.iban_problem(iban text)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$
  select case
    when coalesce(c.iban, '') = '' then 'required'
    when c.iban !~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}$' then 'invalid_format'
    when platform.iban_length(left(c.iban, 2)) is null then 'unknown_country'
    when length(c.iban) <> platform.iban_length(left(c.iban, 2)) then 'invalid_length'
    -- Valid check digits are 02 to 98, although 00, 01 and 99 may have the same remainder.
    when substr(c.iban, 3, 2) not between '02' and '98'
      or platform.iban_remainder(c.iban) <> 1 then 'invalid_check_digits'
  end
  from (select platform.compact_iban(iban) as iban) c;
$$;
comment on function platform.iban_problem is 'The error of an IBAN as a stable code; null if it is valid.';

-- ISO 9362: four characters for the bank, two for the country, two for the location, and optionally three for the
-- branch.
create function platform.is_bic(bic text)
returns boolean
language sql
immutable
strict
parallel safe
set search_path = ''
as $$ select bic ~ '^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$'; $$;
comment on function platform.is_bic is 'True if a text has the format of a BIC, in capitals.';

-- The countries whose accounts a SEPA transfer can reach (European Payments Council, EPC409-09).
create function platform.is_sepa_iban(iban text)
returns boolean
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
  select left(platform.compact_iban(iban), 2) = any (string_to_array(
    'AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE SI SK SM VA',
    ' '));
$$;
comment on function platform.is_sepa_iban is 'True if a SEPA transfer can reach the account.';

-- Within the European Economic Area the IBAN identifies the bank; in the rest of SEPA a BIC is required (EPC125-05).
create function platform.needs_bic(iban text)
returns boolean
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
  select platform.is_sepa_iban(iban) and left(platform.compact_iban(iban), 2) <> all (string_to_array(
    'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK', ' '));
$$;
comment on function platform.needs_bic is
  'True if a SEPA transfer to the account requires a BIC. The mask of the IBAN is sufficient.';

create function platform.mask_iban(iban text)
returns text
language sql
immutable
strict
parallel safe
set search_path = ''
as $$ select left(c, 4) || ' •••• •••• •••• ' || right(c, 4) from platform.compact_iban(iban) c; $$;
comment on function platform.mask_iban is 'A masked IBAN: country, check digits and the last four characters.';
grant execute on function platform.compact_iban, platform.iban_length, platform.iban_remainder, platform.iban_problem,
  platform.is_bic, platform.is_sepa_iban, platform.needs_bic, platform.mask_iban to authenticated, service_role;

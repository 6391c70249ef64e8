-- Company registration and VAT numbers, with their check digits.

create function platform.compact_number(number text)
returns text
language sql
immutable
strict
parallel safe
set search_path = ''
as $$ select upper(regexp_replace(number, '[\s\u00a0\u202f.-]', '', 'g')); $$;
comment on function platform.compact_number is 'A number in machine form: capitals and digits, without spaces.';

-- The Luhn algorithm: every second digit from the right is doubled, and the digits of a two-digit result are added.
create function platform.luhn_holds(digits text)
returns boolean
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
  select sum(case when (length(digits) - place) % 2 = 0 then d when d > 4 then 2 * d - 9 else 2 * d end) % 10 = 0
  from (select c::integer as d, place from string_to_table(digits, null) with ordinality as each (c, place)) digit;
$$;

-- A SIRET is the nine digits of the company and five of the establishment. La Poste has more establishments than the
-- check digit allows: for it, the sum of the digits is a multiple of five.
create function platform.siret_problem(siret text)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$
  select case
    when s.siret is null then null
    when s.siret !~ '^[0-9]{14}$' then 'invalid_value'
    when platform.luhn_holds(s.siret) and platform.luhn_holds(left(s.siret, 9)) then null
    when s.siret ~ '^356000000' and (select sum(c::integer) from string_to_table(s.siret, null) c) % 5 = 0 then null
    else 'invalid_check_digits'
  end
  from (select platform.compact_number(siret) as siret) s;
$$;
comment on function platform.siret_problem is 'The error of a SIRET as a stable code; null if it is valid or missing.';

-- A French VAT number is a two-character key and the SIREN. A key with letters cannot be checked, so only the SIREN
-- is. The numbers of Monaco have 000 after the key instead of a SIREN.
create function platform.french_vat_holds(number text)
returns boolean
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
  select (substr(number, 5, 3) = '000' or platform.luhn_holds(substr(number, 5)))
    and case when substr(number, 3, 2) ~ '^[0-9]{2}$'
      then substr(number, 3, 2)::integer = (12 + 3 * (substr(number, 5)::bigint % 97)) % 97 else true end;
$$;

-- The format for each country of the Union, and for Northern Ireland (European Commission, VIES). For other countries:
-- letters and digits.
create function platform.vat_number_form(country text)
returns text
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
  select coalesce('{"AT": "U[0-9]{8}", "BE": "[01][0-9]{9}", "BG": "[0-9]{9,10}", "CY": "[0-9]{8}[A-Z]", "CZ": "[0-9]{8,10}", "DE": "[0-9]{9}",
    "DK": "[0-9]{8}", "EE": "[0-9]{9}", "EL": "[0-9]{9}", "ES": "[0-9A-Z][0-9]{7}[0-9A-Z]", "FI": "[0-9]{8}", "FR": "[0-9A-HJ-NP-Z]{2}[0-9]{9}",
    "GR": "", "HR": "[0-9]{11}", "HU": "[0-9]{8}", "IE": "[0-9][0-9A-Z][0-9]{5}[A-Z]{1,2}", "IT": "[0-9]{11}", "LT": "([0-9]{9}|[0-9]{12})",
    "LU": "[0-9]{8}", "LV": "[0-9]{11}", "MT": "[0-9]{8}", "NL": "[0-9]{9}B[0-9]{2}", "PL": "[0-9]{10}", "PT": "[0-9]{9}", "RO": "[0-9]{2,10}",
    "SE": "[0-9]{12}", "SI": "[0-9]{8}", "SK": "[0-9]{10}", "XI": "([0-9]{9}|[0-9]{12}|(GD|HA)[0-9]{3})"}'::jsonb ->> country, '[0-9A-Z]{2,13}');
$$;
comment on function platform.vat_number_form is
  'The part of a VAT number after the two country letters, as a regular expression. Greece is EL, not GR.';

create function platform.vat_number_problem(number text)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$
  select case
    when n.number is null then null
    when n.number !~ ('^[A-Z]{2}(' || platform.vat_number_form(left(n.number, 2)) || ')$') then 'invalid_value'
    when left(n.number, 2) = 'FR' and not platform.french_vat_holds(n.number) then 'invalid_check_digits'
  end
  from (select platform.compact_number(number) as number) n;
$$;
comment on function platform.vat_number_problem is
  'The error of a VAT number as a stable code; null if it is valid or missing.';
grant execute on function platform.compact_number, platform.luhn_holds, platform.siret_problem,
  platform.french_vat_holds, platform.vat_number_form, platform.vat_number_problem to authenticated, service_role;

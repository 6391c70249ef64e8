-- Checks of values in forms and settings.

create function platform.is_number(value jsonb, lowest numeric, highest numeric, decimals integer)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select case when jsonb_typeof(value) = 'number' then
    value::numeric between lowest and highest and scale(trim_scale(value::numeric)) <= decimals else false end;
$$;
comment on function platform.is_number is
  'True if a JSON value is a number within the limits, with at most so many decimals.';
-- A table's check constraint calls this function with the rights of whoever writes.
grant execute on function platform.is_number to authenticated, service_role;

-- All white space of Unicode, and zero-width characters: btrim alone removes plain spaces only.
create function platform.trimmed(value text)
returns text
language sql
immutable
set search_path = ''
as $$
  select btrim(value,
    e' \t\n\u000b\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u200b\u2060\ufeff');
$$;
comment on function platform.trimmed is 'A text without leading and trailing white space of any kind.';

create function platform.is_text(value jsonb, longest integer)
returns boolean
language sql
immutable
set search_path = ''
as $$ select jsonb_typeof(value) = 'string'
  and coalesce(length(platform.clean_text(value #>> '{}', true)), 0) between 1 and longest; $$;
comment on function platform.is_text is 'True if a JSON value is a text that is not blank and not too long.';

create function platform.french_number(value numeric)
returns text
language sql
immutable
set search_path = ''
as $$ select replace(to_char(value, 'FM999,999,999,990'), ',', chr(160)); $$;

comment on function platform.french_number is
  'A whole number with no-break spaces between thousands, as in French texts.';

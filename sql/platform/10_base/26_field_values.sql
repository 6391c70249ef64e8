-- What is asked of values that people and programs write into forms and settings.

create function platform.is_number(value jsonb, lowest numeric, highest numeric, decimals integer)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select case when jsonb_typeof(value) = 'number' then
    value::numeric between lowest and highest and scale(trim_scale(value::numeric)) <= decimals else false end;
$$;
comment on function platform.is_number is 'Whether a JSON value is a number within limits, with so many decimals at most.';
-- A check of a table asks it, with the rights of who writes.
grant execute on function platform.is_number to authenticated, service_role;

-- All that Unicode calls white space, and what has no width at all: btrim by itself knows the plain space alone.
create function platform.trimmed(value text)
returns text
language sql
immutable
set search_path = ''
as $$
  select btrim(value,
    e' \t\n\u000b\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u200b\u2060\ufeff');
$$;
comment on function platform.trimmed is 'A text without the white space around it, whatever kind it is.';

create function platform.is_text(value jsonb, longest integer)
returns boolean
language sql
immutable
set search_path = ''
as $$ select jsonb_typeof(value) = 'string'
  and coalesce(length(platform.clean_text(value #>> '{}', true)), 0) between 1 and longest; $$;
comment on function platform.is_text is 'Whether a JSON value is a text that says something, and not too long.';

create function platform.french_number(value numeric)
returns text
language sql
immutable
set search_path = ''
as $$ select replace(to_char(value, 'FM999,999,999,990'), ',', chr(160)); $$;

comment on function platform.french_number is 'A whole number with a no-break space by the thousand, as French texts have it.';

-- Cleaning, comparison and masking of text.

-- Invisible characters are removed: zero-width and direction marks, soft hyphens, control characters, byte order
-- marks. Every kind of space becomes a plain space, and accents are composed with their letter. Every input passes
-- through here, so that texts that look the same are equal. Almost every text is already clean and is returned after
-- one test.
create function platform.clean_text(value text, several_lines boolean default false)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$
declare
  v_text text := value;
begin
  if v_text <> '' and v_text !~ '[^ -~¡-¬®-ÿ]|^ | $|  ' then return v_text; end if;
  if several_lines then v_text := regexp_replace(v_text, '\r\n?|[\u000b\f\u0085\u2028\u2029]', e'\n', 'g'); end if;
  v_text := normalize(regexp_replace(v_text,
    '[\u0001-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5'
    '\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]',
    '', 'g'), nfc);
  v_text := regexp_replace(v_text, case when several_lines then '[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000]'
    else '[\t\n\u000b\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u2800\u3000]+' end, ' ', 'g');
  return nullif(btrim(v_text, e' \n'), '');
end;
$$;
comment on function platform.clean_text is
  'A text without invisible characters, with plain spaces and composed accents, trimmed; null if nothing is left. '
  'several_lines keeps line breaks.';

-- For tables that are written row by row: the given columns contain clean texts, whoever writes them.
create function platform.clean_texts()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_row jsonb := to_jsonb(new);
begin
  select v_row || jsonb_object_agg(a.attname, case when a.attnotnull then coalesce(t.cleaned, '') else t.cleaned end)
    into v_row
  from pg_catalog.pg_attribute a
  cross join lateral platform.clean_text(v_row ->> a.attname,
    a.attname in ('address', 'delivery_address')) as t (cleaned)
  where a.attrelid = tg_relid and a.attname = any (tg_argv);
  return jsonb_populate_record(new, v_row);
end;
$$;
comment on function platform.clean_texts is 'Trigger: cleans the given columns; an address keeps its line breaks.';

-- unaccent is only stable, because its dictionary could change. The dictionary is named explicitly here, so the
-- function can be immutable, as indexes and generated columns require.
create function platform.fold(value text)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$
begin
  return lower(extensions.unaccent('extensions.unaccent'::regdictionary, value));
end;
$$;
comment on function platform.fold is 'Lower case without accents, for comparison in searches.';

create function platform.like_pattern(value text)
returns text
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
  select '%' || replace(replace(replace(platform.fold(value), '\', '\\'), '%', '\%'), '_', '\_') || '%';
$$;
comment on function platform.like_pattern is
  'A folded LIKE pattern that matches the text literally, with its wildcards escaped.';

-- plpgsql, because a file needs hundreds of thousands of masks and a call takes half the time of an SQL function.
create function platform.mask_email(email text)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$ begin return left(email, 1) || '•••@•••'; end; $$;

-- +33 6 12 34 56 78 becomes +33 6 •• •• •• 78; other countries keep their code, if it is separated by a space, and the
-- last two digits.
create function platform.mask_phone(phone text)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$
begin
  return case
    when phone = '' then ''
    -- Almost every number has this form; the general case takes three times as long.
    when phone like '+33 _ __ __ __ __' then left(phone, 5) || ' •• •• •• ' || right(phone, 2)
    when phone ~ '^\+33' then regexp_replace(
      '+33 ' || substring(regexp_replace(phone, '\D', '', 'g') from 3 for 1) || ' •• •• •• '
        || right(regexp_replace(phone, '\D', '', 'g'), 2),
      '\s+', ' ', 'g')
    else ltrim(coalesce(substring(phone from '^\+\d{1,3}(?=\D)'), '') || ' •• •• •• '
      || right(regexp_replace(phone, '\D', '', 'g'), 2))
  end;
end;
$$;

create function platform.mask_last_name(last_name text)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$ begin return case when last_name = '' then '' else upper(left(last_name, 1)) || '.' end; end; $$;

grant execute on function platform.fold, platform.like_pattern, platform.mask_email, platform.mask_phone,
  platform.mask_last_name, platform.clean_text to anon, authenticated, service_role;

-- The documents write timestamps as 2026-02-10T14:30:00Z.
create function platform.iso_timestamp(at timestamptz)
returns text
language plpgsql
stable
strict
parallel safe
set search_path = ''
as $$
begin
  return (to_json(at at time zone 'UTC') #>> '{}') || 'Z';
end;
$$;
comment on function platform.iso_timestamp is
  'A timestamp in UTC, ISO 8601, with fractional seconds only if there are any.';
grant execute on function platform.iso_timestamp to anon, authenticated, service_role;

-- Internationalised domain names (müller@exämple.de). Addresses are stored and compared in punycode (RFC 3492), and
-- shown to people in their own script.

create function platform.punycode_bias(delta bigint, points integer, first boolean)
returns integer
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_delta bigint := case when first then delta / 700 else delta / 2 end;
  v_bias integer := 0;
begin
  v_delta := v_delta + v_delta / points;
  while v_delta > 455 loop
    v_delta := v_delta / 35;
    v_bias := v_bias + 36;
  end loop;
  return v_bias + 36 * v_delta / (v_delta + 38);
end;
$$;

create function platform.punycode(label text)
returns text
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
  v_digits constant text := 'abcdefghijklmnopqrstuvwxyz0123456789';
  v_points constant integer[] := array(select ascii(c) from string_to_table(label, null) c);
  v_out text := regexp_replace(label, '[^\u0001-\u007f]', '', 'g');
  v_basic constant integer := length(v_out);
  v_done integer := v_basic;
  v_next integer;
  v_from integer := 128;
  v_bias integer := 72;
  v_delta bigint := 0;
  v_rest bigint;
  v_limit integer;
  v_point integer;
  v_step integer;
begin
  if v_basic > 0 then v_out := v_out || '-'; end if;
  while v_done < cardinality(v_points) loop
    v_next := (select min(p) from unnest(v_points) p where p >= v_from);
    v_delta := v_delta + (v_next - v_from)::bigint * (v_done + 1);
    v_from := v_next;
    foreach v_point in array v_points loop
      if v_point < v_from then v_delta := v_delta + 1; end if;
      continue when v_point <> v_from;
      v_rest := v_delta;
      v_step := 36;
      loop
        v_limit := greatest(1, least(26, v_step - v_bias));
        exit when v_rest < v_limit;
        v_out := v_out || substr(v_digits, 1 + v_limit + ((v_rest - v_limit) % (36 - v_limit))::integer, 1);
        v_rest := (v_rest - v_limit) / (36 - v_limit);
        v_step := v_step + 36;
      end loop;
      v_out := v_out || substr(v_digits, 1 + v_rest::integer, 1);
      v_bias := platform.punycode_bias(v_delta, v_done + 1, v_done = v_basic);
      v_delta := 0;
      v_done := v_done + 1;
    end loop;
    v_delta := v_delta + 1;
    v_from := v_from + 1;
  end loop;
  return v_out;
end;
$$;
comment on function platform.punycode is 'A domain label in punycode, without the prefix xn--.';

create function platform.from_punycode(code text)
returns text
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
  v_out text := coalesce(substring(code from '^(.*)-'), '');
  v_basic constant integer := length(v_out);
  v_input constant text := substr(code, case when code like '%-%' then v_basic + 2 else 1 end);
  v_at integer := 1;
  v_point bigint := 128;
  v_bias integer := 72;
  v_place bigint := 0;
  v_before bigint;
  v_weight bigint;
  v_step integer;
  v_digit integer;
  v_limit integer;
begin
  while v_at <= length(v_input) loop
    v_before := v_place;
    v_weight := 1;
    v_step := 36;
    loop
      v_digit := strpos('abcdefghijklmnopqrstuvwxyz0123456789', substr(v_input, v_at, 1)) - 1;
      v_at := v_at + 1;
      if v_digit < 0 or v_at > length(v_input) + 1 or v_weight > 1e9 then return null; end if;
      v_place := v_place + v_digit * v_weight;
      v_limit := greatest(1, least(26, v_step - v_bias));
      exit when v_digit < v_limit;
      v_weight := v_weight * (36 - v_limit);
      v_step := v_step + 36;
    end loop;
    v_bias := platform.punycode_bias(v_place - v_before, length(v_out) + 1, v_before = 0);
    v_point := v_point + v_place / (length(v_out) + 1);
    v_place := v_place % (length(v_out) + 1);
    if v_point > 1114111 or v_point between 55296 and 57343 then return null; end if;
    v_out := overlay(v_out placing chr(v_point::integer) from v_place::integer + 1 for 0);
    v_place := v_place + 1;
  end loop;
  return v_out;
end;
$$;
comment on function platform.from_punycode is
  'The decoded label of a punycode text without its xn--; null if it is not valid.';

create function platform.ascii_domain(domain text)
returns text
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
  v_label text;
  v_labels text[] := '{}';
begin
  foreach v_label in array string_to_array(lower(normalize(translate(domain, '。｡．', '...'), nfkc)), '.') loop
    if v_label ~ '[^\u0001-\u007f]' then
      if length(v_label) > 63 or replace(v_label, '-', '') ~ '[[:space:][:punct:][:cntrl:]]' then return null; end if;
      v_label := 'xn--' || platform.punycode(v_label);
    end if;
    v_labels := v_labels || v_label;
  end loop;
  return array_to_string(v_labels, '.');
end;
$$;
comment on function platform.ascii_domain is
  'A domain in punycode and lower case; null if it contains characters not allowed in domains.';

create function platform.shown_email(email text)
returns text
language plpgsql
immutable
strict
security definer
set search_path = ''
as $$
declare
  v_label text;
  v_labels text[] := '{}';
begin
  if email not like '%xn--%' then return email; end if;
  foreach v_label in array string_to_array(split_part(email, '@', 2), '.') loop
    -- A label that cannot be encoded back to the same punycode is shown unchanged.
    if v_label like 'xn--%' and platform.punycode(platform.from_punycode(substr(v_label, 5))) = substr(v_label, 5) then
      v_label := platform.from_punycode(substr(v_label, 5));
    end if;
    v_labels := v_labels || v_label;
  end loop;
  return split_part(email, '@', 1) || '@' || array_to_string(v_labels, '.');
end;
$$;
comment on function platform.shown_email is 'An e-mail address for display, with the domain in its own script.';
grant execute on function platform.shown_email to anon, authenticated, service_role;

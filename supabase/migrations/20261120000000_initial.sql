-- Derived from sql/, where the schema is read and changed.

-- sql/platform/0001_schemas.sql

-- The schemas every system stands on. `public` holds only what Leads Provider publishes, so whatever a
-- hosted project grants there by default is taken back: a new object is reachable only by an explicit grant.
create schema if not exists extensions;
create schema platform;
comment on schema platform is 'What all systems share: identity, roles, audit, notifications. Never exposed by the API.';

create extension if not exists pg_trgm with schema extensions;
create extension if not exists unaccent with schema extensions;

alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;
alter default privileges revoke execute on functions from public;

grant usage on schema platform to anon, authenticated, service_role;

-- sql/platform/0002_errors.sql

-- The one place where an error is raised. PostgREST turns SQLSTATE PT<status> into that HTTP status and
-- hands over message, detail and hint, so that the /api path and a PostgREST URL refuse alike.
-- P0002 and classes 40 and 55 would become 500 if they were raised bare: they never are.
create function platform.fail(status integer, slug text, message text, hint text default null)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  raise exception using
    errcode = 'PT' || status,
    message = fail.message,
    detail = fail.slug,
    hint = coalesce(fail.hint, '');
end;
$$;
comment on function platform.fail is
  'Ends the transaction with an HTTP status, a message for people (French), a stable slug and the next step.';
grant execute on function platform.fail to anon, authenticated, service_role;

-- sql/platform/0003_identifiers.sql

-- Keys. uuid v7 (RFC 9562, section 5.7): 48 bits of milliseconds, 12 bits of the fraction of one (section 6.2,
-- method 3), then random bits, so that rows of one import lie side by side in the index (measured: 1M rows merge
-- in 10.6 s against 16.2 s with v4) and rows of one moment keep their order. Lists are ordered by this key, newest
-- first; `at` lets a seed keep the order of its file.
-- plpgsql here and in whatever else a single write calls: its plan is kept for the session, that of a function in SQL is
-- made anew by each statement (measured: a third of a purchase's time).
create function platform.uuid_v7(at timestamptz default clock_timestamp())
returns uuid
language plpgsql
volatile
parallel safe
set search_path = ''
as $$
declare
  v_microseconds bigint := round(date_part('epoch', at) * 1000000);
begin
  -- 28672 is 0x7000, the version; the variant comes with the random half.
  return encode(int8send(v_microseconds / 1000 << 16 | 28672 + v_microseconds % 1000 * 4096 / 1000)
    || substring(uuid_send(gen_random_uuid()) from 9), 'hex');
end;
$$;
comment on function platform.uuid_v7 is 'A time-ordered uuid, version 7 (RFC 9562).';

-- What people see and dictate over the telephone: IMP-001, TRX-1024.
create function platform.short_reference(prefix text, number bigint)
returns text
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
begin
  return prefix || '-' || lpad(number::text, greatest(3, length(number::text)), '0');
end;
$$;
comment on function platform.short_reference is 'A short reference such as IMP-001: a prefix and at least three digits.';

-- After rows came in with references of their own, the next one drawn from the sequence must be free.
create function platform.skip_references(numbers regclass, used text[])
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_highest bigint := (
    select max(substring(reference from '([0-9]{1,15})$')::bigint) from unnest(used) as reference
  );
  v_next bigint;
begin
  if v_highest is null then return; end if;
  execute format('select case when is_called then last_value + 1 else last_value end from %s', numbers) into v_next;
  if v_highest >= v_next then perform setval(numbers, v_highest); end if;
end;
$$;
comment on function platform.skip_references is 'Moves a reference sequence past the numbers that are in use.';
grant execute on function platform.uuid_v7, platform.short_reference to anon, authenticated, service_role;

-- sql/platform/0004_domains.sql

-- Domains in other scripts (müller@exämple.de). What is kept and compared is what the network knows, punycode (RFC 3492);
-- people read it as they write it.

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
comment on function platform.punycode is 'A label of a domain in ASCII, without the xn-- before it.';

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
comment on function platform.from_punycode is 'What a label in punycode, without its xn--, says; null if it is none.';

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
comment on function platform.ascii_domain is 'A domain as the network knows it, in lower case; null if it has signs that no domain has.';

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
    -- What cannot be written back is shown as it is.
    if v_label like 'xn--%' and platform.punycode(platform.from_punycode(substr(v_label, 5))) = substr(v_label, 5) then
      v_label := platform.from_punycode(substr(v_label, 5));
    end if;
    v_labels := v_labels || v_label;
  end loop;
  return split_part(email, '@', 1) || '@' || array_to_string(v_labels, '.');
end;
$$;
comment on function platform.shown_email is 'An e-mail as people write it, its domain in its own script.';
grant execute on function platform.shown_email to anon, authenticated, service_role;

-- sql/platform/0004_text.sql

-- How text is cleaned, compared and masked, in one place.

-- What nobody sees or types on purpose goes: zero-width and direction marks, soft hyphens, control signs, marks of byte
-- order. Every kind of space is a space, accents are one with their letter. All roads come by here, so that what looks the
-- same is the same. Nearly every text is plain, and stays as it is after one look.
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
  v_text := normalize(regexp_replace(v_text, '[\u0001-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5'
    '\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]', '', 'g'), nfc);
  v_text := regexp_replace(v_text, case when several_lines then '[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000]'
    else '[\t\n\u000b\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u2800\u3000]+' end, ' ', 'g');
  return nullif(btrim(v_text, e' \n'), '');
end;
$$;
comment on function platform.clean_text is
  'A text without signs that nobody sees, with plain spaces and composed accents, trimmed; null if nothing is left. several_lines keeps its lines.';

-- For tables that are written row by row: the named columns hold clean texts, whoever writes them.
create function platform.clean_texts()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_row jsonb := to_jsonb(new);
begin
  select v_row || jsonb_object_agg(a.attname, case when a.attnotnull then coalesce(t.cleaned, '') else t.cleaned end) into v_row
  from pg_catalog.pg_attribute a
  cross join lateral platform.clean_text(v_row ->> a.attname, a.attname in ('address', 'delivery_address')) as t (cleaned)
  where a.attrelid = tg_relid and a.attname = any (tg_argv);
  return jsonb_populate_record(new, v_row);
end;
$$;
comment on function platform.clean_texts is 'Trigger: cleans the columns that it is given; an address keeps its lines.';

-- unaccent is only stable, because its dictionary could change; named outright it does not, which makes the
-- folded text fit for an index and for a generated column.
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
comment on function platform.fold is 'Lower case without accents: what search compares.';

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
comment on function platform.like_pattern is 'A folded LIKE pattern that finds the text itself, whatever wildcards it holds.';

-- plpgsql, since a file's masks are asked for by the hundred thousand: a call costs half of what one in SQL does.
create function platform.mask_email(email text)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$ begin return left(email, 1) || '•••@•••'; end; $$;

-- +33 6 12 34 56 78 becomes +33 6 •• •• •• 78; other countries keep their code, if it stands apart, and the last two digits.
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
    -- As nearly every number is written; what follows costs three times as much.
    when phone like '+33 _ __ __ __ __' then left(phone, 5) || ' •• •• •• ' || right(phone, 2)
    when phone ~ '^\+33' then regexp_replace(
      '+33 ' || substring(regexp_replace(phone, '\D', '', 'g') from 3 for 1) || ' •• •• •• ' || right(regexp_replace(phone, '\D', '', 'g'), 2),
      '\s+', ' ', 'g')
    else ltrim(coalesce(substring(phone from '^\+\d{1,3}(?=\D)'), '') || ' •• •• •• ' || right(regexp_replace(phone, '\D', '', 'g'), 2))
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

-- The documents write an instant as 2026-02-10T14:30:00Z.
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
comment on function platform.iso_timestamp is 'An instant in UTC, ISO 8601, with a fraction only where there is one.';
grant execute on function platform.iso_timestamp to anon, authenticated, service_role;

-- sql/platform/0005_updated_at.sql

-- One line per table: create trigger touch before update ... execute function platform.touch().
create function platform.touch()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end;
$$;
comment on function platform.touch is 'Trigger: keeps updated_at.';

-- sql/platform/0006_profiles.sql

-- One profile per auth user, made by trigger. It says who somebody is; what they may do is in memberships.
-- The names come from metadata that the person writes, of any length: fine for a name, and for nothing else.
create table platform.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  reference text unique,
  email text not null,
  first_name text not null default '' check (length(first_name) <= 100),
  last_name text not null default '' check (length(last_name) <= 100),
  company text check (length(company) <= 200),
  phone text check (length(phone) <= 200),
  avatar text check (avatar ~ '^(https://|/[^/])' and length(avatar) <= 500),
  display_name text check (length(display_name) <= 100),
  bio text check (length(bio) <= 2000),
  erased_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table platform.profiles enable row level security;
create trigger touch before update on platform.profiles for each row execute function platform.touch();
create trigger clean_texts before insert or update of first_name, last_name, company, phone on platform.profiles
  for each row execute function platform.clean_texts('first_name', 'last_name', 'company', 'phone');
comment on table platform.profiles is 'Who somebody is: one row per auth user.';
comment on column platform.profiles.reference is 'The short id that people and documents use (user-f001); the uuid where there is none.';

comment on column platform.profiles.erased_at is 'When the person was erased; what is left is a pseudonym that books and proofs refer to.';
comment on column platform.profiles.display_name is 'How somebody wants to be called; his names where he has not said.';

create function platform.create_profile()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into platform.profiles (id, email, first_name, last_name, company, phone)
  values (
    new.id,
    coalesce(new.email, ''),
    coalesce(left(new.raw_user_meta_data ->> 'firstName', 100), ''),
    coalesce(left(new.raw_user_meta_data ->> 'lastName', 100), ''),
    left(new.raw_user_meta_data ->> 'company', 200),
    left(new.raw_user_meta_data ->> 'phone', 200)
  )
  on conflict (id) do update set email = excluded.email;
  return new;
end;
$$;
create trigger create_profile after insert or update of email on auth.users
  for each row execute function platform.create_profile();

-- sql/platform/0006_sessions.sql

-- An access token is valid until it expires, and nothing can take it back. So it is worth something only while its session
-- is there: who has signed out, whose password was changed or whose account is gone has none. A token without a session, an
-- operator's own, is not looked up.
create function platform.session_is_over()
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_session text := auth.jwt() ->> 'session_id';
begin
  if v_session is null then return false; end if;
  if not pg_input_is_valid(v_session, 'uuid') then return true; end if;
  return not exists (
    select from auth.sessions s
    where s.id = v_session::uuid and s.user_id = auth.uid() and (s.not_after is null or s.not_after > now())
  );
end;
$$;
comment on function platform.session_is_over is 'Whether the session to which the caller''s token belongs has ended.';
grant execute on function platform.session_is_over to anon, authenticated, service_role;

-- PostgREST asks this before each request, whatever the request then reads: what is one's own by auth.uid() alone is closed
-- to an ended session as well, and to who is suspended wherever he is a member. Storage and Realtime do not ask it; there
-- platform.has_role does.
create function platform.check_request()
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_user uuid := auth.uid();
begin
  if v_user is null then return; end if;
  if platform.session_is_over() then
    perform platform.fail(401, 'invalid_token', 'Votre session est terminée. Reconnectez-vous.');
  end if;
  if exists (select from platform.memberships m where m.user_id = v_user having bool_and(m.status = 'suspended')) then
    perform platform.fail(403, 'account_suspended', 'Votre compte est suspendu.', 'Contactez l''administrateur.');
  end if;
end;
$$;
comment on function platform.check_request is 'PostgREST''s pre-request: 401 for the token of an ended session, 403 for who is suspended everywhere.';
grant execute on function platform.check_request to anon, authenticated, service_role;

do $$ begin
  execute format('alter role authenticator in database %I set pgrst.db_pre_request = %L', current_database(), 'platform.check_request');
end $$;
notify pgrst, 'reload config';

-- sql/platform/0007_memberships.sql

-- Roles. A role is a row here and nowhere else: not in the token, not in metadata that the person can write.
-- It is looked up on every request, so that a suspended member is refused at once, on tokens already issued too.
create table platform.system_roles (
  system text not null,
  role text not null,
  self_registration boolean not null default false,
  description text not null,
  primary key (system, role)
);
alter table platform.system_roles enable row level security;
comment on table platform.system_roles is 'The roles of each system, and which of them one may take by registering.';
create policy select_everyone on platform.system_roles for select to authenticated using (true);

create table platform.memberships (
  user_id uuid not null references platform.profiles (id) on delete cascade,
  system text not null,
  role text not null,
  status text not null default 'active' check (status in ('active', 'suspended')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (user_id, system, role),
  foreign key (system, role) references platform.system_roles (system, role)
);
alter table platform.memberships enable row level security;
create index memberships_system_role on platform.memberships (system, role);
create trigger touch before update on platform.memberships for each row execute function platform.touch();
comment on table platform.memberships is 'Who holds which role in which system. Written by functions only.';

-- service_role is the key of the operators: it acts as an admin of every system.
-- plpgsql, although a query would do: its plan is kept for the session, and this is asked in every policy.
create function platform.has_role(system text, role text)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return exists (
    select from platform.memberships m
    where m.user_id = auth.uid() and m.system = has_role.system and m.role = has_role.role and m.status = 'active'
  ) and not platform.session_is_over() or (has_role.role = 'admin' and auth.role() = 'service_role');
end;
$$;
comment on function platform.has_role is 'Whether the caller holds the role in the system, now, in a session that has not ended.';

create function platform.require_role(system text, variadic roles text[])
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_role text;
begin
  foreach v_role in array roles loop
    if platform.has_role(system, v_role) then return true; end if;
  end loop;
  if auth.uid() is null then
    perform platform.fail(401, 'authentication_required', 'Connectez-vous pour accéder à cette ressource.');
  end if;
  perform platform.refuse_suspended(system);
  perform platform.fail(403, 'forbidden', 'Votre rôle ne donne pas accès à cette ressource.',
    'Rôle attendu : ' || array_to_string(roles, ' ou ') || '.');
end;
$$;
comment on function platform.require_role is 'True if the caller holds one of the roles; otherwise 401 without a token, 403 with the wrong role.';

create function platform.refuse_suspended(system text)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  if exists (
    select from platform.memberships m
    where m.user_id = (select auth.uid()) and m.system = refuse_suspended.system
    having bool_and(m.status = 'suspended')
  ) then
    perform platform.fail(403, 'account_suspended', 'Votre compte est suspendu.', 'Contactez l''administrateur.');
  end if;
  return true;
end;
$$;
comment on function platform.refuse_suspended is 'True, or 403 if every role that the caller holds in the system is suspended.';

-- Registration is the only road on which a person gets a role without an admin.
create function platform.check_self_registration(system text, role text)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  if not exists (
    select from platform.system_roles r
    where r.system = check_self_registration.system and r.role = check_self_registration.role and r.self_registration
  ) then
    perform platform.fail(403, 'role_not_allowed', 'Ce rôle ne peut pas être choisi à l''inscription.');
  end if;
end;
$$;
comment on function platform.check_self_registration is 'Refuses (403) a role that the system does not allow at registration.';

create function platform.register_member(user_id uuid, system text, role text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.check_self_registration(system, role);
  insert into platform.memberships (user_id, system, role) values (user_id, system, role) on conflict do nothing;
end;
$$;
comment on function platform.register_member is 'Gives a new user a role that the system allows at registration (service_role only).';

create function platform.administers(user_id uuid)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select exists (
    select from platform.memberships theirs
    join platform.memberships mine on mine.system = theirs.system and mine.role = 'admin' and mine.status = 'active'
    where theirs.user_id = administers.user_id and mine.user_id = (select auth.uid())
  );
$$;
comment on function platform.administers is 'Whether the caller is an admin of a system to which that user belongs.';

create policy select_own_or_administered on platform.memberships for select to authenticated
  using (user_id = (select auth.uid()) or platform.has_role(system, 'admin'));
create policy select_own_or_administered on platform.profiles for select to authenticated
  using (id = (select auth.uid()) or platform.administers(id));
create policy update_own on platform.profiles for update to authenticated
  using (id = (select auth.uid())) with check (id = (select auth.uid()));

grant select on platform.system_roles, platform.memberships, platform.profiles to authenticated;
grant update (first_name, last_name, company, phone, avatar, display_name, bio) on platform.profiles to authenticated;
grant select, insert, update, delete on platform.system_roles, platform.memberships, platform.profiles to service_role;
grant execute on function platform.has_role, platform.require_role, platform.refuse_suspended to anon, authenticated, service_role;
grant execute on function platform.administers to authenticated, service_role;
grant execute on function platform.register_member to service_role;

-- sql/platform/0008_audit.sql

-- Who changed what, append-only, each row hashed with the one before it so that a break shows.
-- Opting a table in takes one line: select platform.audit('leads.credit_rules');
-- A chain has one tail, and whoever adds to it must wait for the one before: there are 16 chains, chosen by
-- connection, and the trigger is deferred to the commit, so that a tail is held only while a transaction ends
-- and never while it waits for something else.
create table platform.audit_chains (
  chain smallint primary key,
  length bigint not null default 0,
  head bytea not null default ''
);
alter table platform.audit_chains enable row level security;
comment on table platform.audit_chains is 'The tail of each audit chain; a chain that lost its last rows no longer ends here.';
insert into platform.audit_chains (chain) select generate_series(0, 15);

create table platform.audit_log (
  chain smallint not null references platform.audit_chains (chain),
  position bigint not null,
  at timestamptz not null,
  actor uuid,
  role text not null,
  relation text not null,
  operation text not null check (operation in ('INSERT', 'UPDATE', 'DELETE')),
  row_key text not null,
  before jsonb,
  after jsonb,
  hash bytea not null,
  primary key (chain, position)
);
alter table platform.audit_log enable row level security;
create index audit_log_row on platform.audit_log (relation, row_key);
comment on table platform.audit_log is 'Append-only: who, when, what, before and after. Verified by leads-cli audit verify.';

create function platform.refuse_change()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform platform.fail(409, 'append_only', 'Cet historique ne se modifie pas.');
  return null;
end;
$$;
comment on function platform.refuse_change is 'Trigger: the table is append-only.';
create trigger append_only before update or delete or truncate on platform.audit_log
  for each statement execute function platform.refuse_change();

create function platform.audit_hash(previous bytea, entry platform.audit_log)
returns bytea
language plpgsql
stable
set search_path = ''
set timezone = 'UTC'
as $$
begin
  return sha256(previous || convert_to(
    jsonb_build_array(entry.chain, entry.position, entry.at, entry.actor, entry.role, entry.relation,
      entry.operation, entry.row_key, entry.before, entry.after)::text, 'utf8'));
end;
$$;

create function platform.write_audit()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_row jsonb := to_jsonb(case when tg_op = 'DELETE' then old else new end);
  v_entry platform.audit_log;
  v_previous bytea;
begin
  v_entry.chain := pg_backend_pid() % 16;
  v_entry.at := clock_timestamp();
  v_entry.actor := auth.uid();
  v_entry.role := coalesce(auth.role(), session_user);
  v_entry.relation := tg_table_schema || '.' || tg_table_name;
  v_entry.operation := tg_op;
  v_entry.row_key := v_row ->> tg_argv[0];
  if tg_op <> 'INSERT' then v_entry.before := to_jsonb(old); end if;
  if tg_op <> 'DELETE' then v_entry.after := to_jsonb(new); end if;
  select c.length + 1, c.head into strict v_entry.position, v_previous from platform.audit_chains c where c.chain = v_entry.chain for update;
  v_entry.hash := platform.audit_hash(v_previous, v_entry);
  insert into platform.audit_log values (v_entry.*);
  update platform.audit_chains c set length = v_entry.position, head = v_entry.hash where c.chain = v_entry.chain;
  return null;
end;
$$;

create function platform.audit(target regclass)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_key name;
begin
  select a.attname into strict v_key from pg_catalog.pg_index i
    join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    where i.indrelid = target and i.indisprimary;
  execute format(
    'create constraint trigger audit after insert or update or delete on %s
     deferrable initially deferred for each row execute function platform.write_audit(%L)', target, v_key);
end;
$$;
comment on function platform.audit is 'Opts a table in to the audit log, where a row is found by the first column of its primary key.';

create function platform.audit_verify()
returns table (chain smallint, "position" bigint, reason text)
language sql
stable
security definer
set search_path = ''
as $$
  with linked as (
    select l.*,
      lag(l.hash, 1, ''::bytea) over w as previous,
      row_number() over w as expected
    from platform.audit_log l
    window w as (partition by l.chain order by l.position)
  )
  select l.chain, l.position, 'row missing before this one' from linked l where l.position <> l.expected
  union all
  select l.chain, l.position, 'row was changed' from linked l
  where l.position = l.expected
    and l.hash is distinct from platform.audit_hash(l.previous,
      (l.chain, l.position, l.at, l.actor, l.role, l.relation, l.operation, l.row_key, l.before, l.after, null)::platform.audit_log)
  union all
  select c.chain, c.length, 'last rows are missing' from platform.audit_chains c
  left join lateral (
    select a.hash, a.position from platform.audit_log a where a.chain = c.chain order by a.position desc limit 1
  ) newest on true
  where c.length <> coalesce(newest.position, 0) or c.head <> coalesce(newest.hash, ''::bytea)
  order by 1, 2;
$$;
comment on function platform.audit_verify is 'The breaks in the audit chains; no row means that the log is whole.';

create policy select_nobody on platform.audit_chains for select to anon, authenticated using (false);
create policy select_nobody on platform.audit_log for select to anon, authenticated using (false);
grant execute on function platform.audit_verify to service_role;
grant select on platform.audit_log, platform.audit_chains to service_role;
select platform.audit('platform.memberships');

-- sql/platform/0009_notifications.sql

-- Messages to one person, written by the events of a system.
create sequence platform.notification_numbers;
create table platform.notifications (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default platform.short_reference('notif', nextval('platform.notification_numbers')),
  user_id uuid not null references platform.profiles (id) on delete cascade,
  system text not null,
  type text not null check (type in ('info', 'success', 'warning', 'error')),
  title text not null,
  message text not null,
  read boolean not null default false,
  created_at timestamptz not null default now()
);
alter table platform.notifications enable row level security;
create index notifications_user on platform.notifications (user_id, system, id desc);
comment on table platform.notifications is 'Messages to one person, newest first by id.';

create policy select_own on platform.notifications for select to authenticated using (user_id = (select auth.uid()));
create policy update_own on platform.notifications for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
grant select, update (read) on platform.notifications to authenticated;
grant select, insert, update, delete on platform.notifications to service_role;
grant usage on sequence platform.notification_numbers to service_role;

create function platform.notify(user_id uuid, system text, type text, title text, message text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into platform.notifications (user_id, system, type, title, message)
  select notify.user_id, notify.system, notify.type, notify.title, notify.message where notify.user_id is not null;
end;
$$;
comment on function platform.notify is 'Tells a person something, if there is one.';

-- sql/platform/0010_rate_limits.sql

-- A sliding window in one row per bucket (two counters, the older one weighted by what is left of it), in an
-- unlogged table: after a crash the counters start again at zero, which is what they are worth.
create unlogged table platform.rate_limits (
  bucket text primary key,
  window_start timestamptz not null,
  hits integer not null,
  previous_hits integer not null
);
alter table platform.rate_limits enable row level security;
comment on table platform.rate_limits is 'Sliding-window counters; a bucket names what is limited, e.g. login:ip:203.0.113.7.';
create policy select_nobody on platform.rate_limits for select to anon, authenticated using (false);

create function platform.hit_rate_limit(bucket text, allowed integer, period interval)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_start timestamptz := date_bin(period, v_now, timestamptz '2000-01-01');
  v_passed numeric;
  v_row platform.rate_limits;
begin
  -- A hit that waited for the row may find it in a later window already, hence >=.
  insert into platform.rate_limits as r (bucket, window_start, hits, previous_hits)
  values (hit_rate_limit.bucket, v_start, 1, 0)
  on conflict on constraint rate_limits_pkey do update set
    previous_hits = case
      when r.window_start >= v_start then r.previous_hits
      when r.window_start = v_start - period then r.hits
      else 0 end,
    hits = case when r.window_start >= v_start then r.hits + 1 else 1 end,
    window_start = greatest(r.window_start, v_start)
  returning * into v_row;
  -- The part of the current window that has passed, 0 to 1.
  v_passed := greatest(0, extract(epoch from v_now - v_row.window_start) / extract(epoch from period));
  if v_row.hits + v_row.previous_hits * (1 - v_passed) <= allowed then return 0; end if;
  -- Until the older window weighs little enough, or, when this window alone is full, until it is the older one and does.
  return greatest(1, ceil(extract(epoch from period) * case
    when v_row.hits < allowed then 1 - (allowed - v_row.hits)::numeric / v_row.previous_hits - v_passed
    else 2 - (allowed - 1)::numeric / v_row.hits - v_passed end))::integer;
end;
$$;
comment on function platform.hit_rate_limit is
  'Counts one hit and answers 0, or the seconds to wait when more than `allowed` hits fell into the sliding period.';
grant execute on function platform.hit_rate_limit to service_role;

-- sql/platform/0011_outbox.sql

-- Events for the world outside, written in the transaction that causes them and taken by a worker afterwards:
-- what was committed is sent at least once, what was rolled back never.
create table platform.outbox (
  id uuid primary key default platform.uuid_v7(),
  system text not null,
  topic text not null,
  payload jsonb not null,
  attempts integer not null default 0,
  created_at timestamptz not null default now(),
  available_at timestamptz not null default now(),
  delivered_at timestamptz
);
alter table platform.outbox enable row level security;
create index outbox_due on platform.outbox (available_at, id) where delivered_at is null;
comment on table platform.outbox is 'Events to deliver, at least once, oldest first.';
create policy select_nobody on platform.outbox for select to anon, authenticated using (false);

create function platform.emit(system text, topic text, payload jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into platform.outbox (system, topic, payload) values (emit.system, emit.topic, emit.payload);
end;
$$;
comment on function platform.emit is 'Adds an event to the outbox within the current transaction.';

-- A taken event comes back after the lease unless it is marked as delivered, so a worker that dies loses nothing.
create function platform.take_events(batch integer default 100, lease interval default '1 minute')
returns setof platform.outbox
language sql
security definer
set search_path = ''
as $$
  -- Materialized: a plan that looked for the batch once per row would lease more than was asked for.
  with due as materialized (
    select id from platform.outbox where delivered_at is null and available_at <= now()
    order by available_at, id limit batch for update skip locked
  )
  update platform.outbox o set attempts = attempts + 1, available_at = now() + lease
  from due where o.id = due.id
  returning o.*;
$$;
comment on function platform.take_events is 'Leases the events that are due.';

create function platform.mark_delivered(events uuid[])
returns void
language sql
security definer
set search_path = ''
as $$ update platform.outbox set delivered_at = now() where id = any (events) and delivered_at is null; $$;
comment on function platform.mark_delivered is 'Ends the events that a worker has delivered.';
grant execute on function platform.emit, platform.take_events, platform.mark_delivered to service_role;

-- sql/platform/0012_rate_limit_rules.sql

-- How often somebody may try: a rule is a row, so that an admin changes it without a release. An attempt is counted
-- before it is made and given back when it succeeded, so that fifty at once cannot all pass the check. There are few
-- of them, and they are kept by their time: the wait that is told is exact (0010 counts by windows, for large numbers).
create table platform.rate_limit_rules (
  system text not null,
  name text not null,
  allowed integer not null check (allowed between 1 and 1000),
  period interval not null check (period between interval '1 second' and interval '31 days'),
  description text not null,
  updated_at timestamptz not null default now(),
  primary key (system, name)
);
alter table platform.rate_limit_rules enable row level security;
create trigger touch before update on platform.rate_limit_rules for each row execute function platform.touch();
comment on table platform.rate_limit_rules is 'How many attempts of a kind are allowed within a period; without its row a kind is not limited.';
-- Those of signing in and up, system auth, are all systems' alike.
create policy select_admin on platform.rate_limit_rules for select to authenticated using (
  platform.has_role(system, 'admin')
  or system = 'auth' and exists (select from platform.system_roles r where r.role = 'admin' and platform.has_role(r.system, 'admin'))
);
grant select on platform.rate_limit_rules to authenticated, service_role;

create unlogged table platform.rate_limit_attempts (
  bucket text primary key,
  taken timestamptz[] not null default '{}',
  expires_at timestamptz not null
);
alter table platform.rate_limit_attempts enable row level security;
create index rate_limit_attempts_expiry on platform.rate_limit_attempts (expires_at);
comment on table platform.rate_limit_attempts is 'The attempts that still count, by rule and subject; the subject is hashed.';
create policy select_nobody on platform.rate_limit_attempts for select to anon, authenticated using (false);

-- Whoever has one IPv6 address has 2^64 of them: the network is what counts.
create function platform.network_of(address text)
returns text
language sql
immutable
set search_path = ''
as $$
  select case
    when not pg_input_is_valid(plain, 'inet') then plain
    when family(plain::inet) = 6 then network(set_masklen(plain::inet, 64))::text
    else host(plain::inet) end
  from regexp_replace(lower(btrim(address)), '^::ffff:(?=[0-9.]+$)', '') as plain;
$$;

create function platform.attempt_bucket(system text, rule text, subject text)
returns text
language sql
immutable
set search_path = ''
as $$
  select attempt_bucket.system || ':' || rule || ':' || encode(sha256(convert_to(
    case when rule like '%\_ip' then platform.network_of(subject) else lower(btrim(subject)) end, 'utf8')), 'hex');
$$;

-- From where somebody has signed in to an account; both hashed together.
create table platform.known_devices (
  device text primary key,
  seen_at timestamptz not null default now()
);
alter table platform.known_devices enable row level security;
comment on table platform.known_devices is 'From which addresses accounts were signed in to; nobody else''s failures stop them there.';
create policy select_nobody on platform.known_devices for select to anon, authenticated using (false);

-- A stranger who fails on purpose must not lock anybody out. So <kind>_account counts an account together with the address
-- that tries, where <kind>_ip comes with it; and <kind>_anywhere, the account alone, passes over the devices that it knows.
create function platform.attempts_of(system text, rules text[], subjects text[])
returns table (rule text, bucket text, allowed integer, period interval)
language sql
stable
security definer
set search_path = ''
as $$
  with asked as (
    select a.rule, regexp_replace(a.rule, '_account$', '') as kind, a.subject, platform.network_of(i.subject) as network
    from unnest(rules, subjects) as a (rule, subject)
    left join unnest(rules, subjects) as i (rule, subject) on a.rule like '%\_account' and i.rule = regexp_replace(a.rule, '_account$', '_ip')
  ), counted as (
    select a.rule, concat_ws(' ', lower(btrim(a.subject)), a.network) as subject from asked a
    union all
    select a.kind || '_anywhere', a.subject from asked a
    where a.rule like '%\_account' and not exists (
      select from platform.known_devices d
      where d.device = platform.attempt_bucket(attempts_of.system, 'device', concat_ws(' ', lower(btrim(a.subject)), a.network))
        and d.seen_at > now() - interval '90 days')
  )
  select r.name, platform.attempt_bucket(r.system, r.name, c.subject), r.allowed, r.period
  from counted c join platform.rate_limit_rules r on r.system = attempts_of.system and r.name = c.rule;
$$;
comment on function platform.attempts_of is 'What an attempt counts against.';

create function platform.take_attempts(system text, rules text[], subjects text[])
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_buckets text[] := '{}';
  v_wait numeric := 0;
  v_kept timestamptz[];
  v record;
begin
  -- Always in one order, so that two callers never wait for each other.
  for v in
    select a.allowed, a.period, a.bucket from platform.attempts_of(take_attempts.system, rules, subjects) a order by a.bucket
  loop
    insert into platform.rate_limit_attempts as t (bucket, expires_at) values (v.bucket, clock_timestamp() + v.period)
    on conflict on constraint rate_limit_attempts_pkey do update set expires_at = excluded.expires_at
    returning t.taken into v_kept;
    v_kept := array(select at from unnest(v_kept) as at where at > clock_timestamp() - v.period order by at);
    update platform.rate_limit_attempts set taken = v_kept where bucket = v.bucket;
    if cardinality(v_kept) >= v.allowed then
      v_wait := greatest(v_wait,
        extract(epoch from v_kept[cardinality(v_kept) - v.allowed + 1] + v.period - clock_timestamp()));
      v_wait := greatest(v_wait, 0.001);
    end if;
    v_buckets := v_buckets || v.bucket;
  end loop;
  if v_wait > 0 then return ceil(v_wait)::integer; end if;
  update platform.rate_limit_attempts set taken = taken || clock_timestamp() where bucket = any (v_buckets);
  delete from platform.rate_limit_attempts where bucket in (
    select bucket from platform.rate_limit_attempts where expires_at < now() limit 10 for update skip locked);
  return 0;
end;
$$;
comment on function platform.take_attempts is
  'Counts one attempt against each rule and answers 0, or counts none and answers the seconds to wait.';

create function platform.release_attempts(system text, rules text[], subjects text[])
returns void
language sql
security definer
set search_path = ''
as $$
  update platform.rate_limit_attempts set taken = trim_array(taken, 1)
  where cardinality(taken) > 0 and bucket in (select a.bucket from platform.attempts_of(release_attempts.system, rules, subjects) a);
$$;
comment on function platform.release_attempts is 'Gives the newest attempt of each subject back: it succeeded, or was not made.';

create function platform.accept_attempts(system text, rules text[], subjects text[])
returns void
language sql
security definer
set search_path = ''
as $$
  select platform.release_attempts(accept_attempts.system, rules, subjects);
  insert into platform.known_devices as d (device)
  select platform.attempt_bucket(accept_attempts.system, 'device', concat_ws(' ', lower(btrim(a.subject)), platform.network_of(i.subject)))
  from unnest(rules, subjects) as a (rule, subject), unnest(rules, subjects) as i (rule, subject)
  where a.rule = 'login_account' and i.rule = 'login_ip'
  on conflict on constraint known_devices_pkey do update set seen_at = now() where d.seen_at < now() - interval '1 day';
  delete from platform.known_devices where device in (
    select device from platform.known_devices where seen_at < now() - interval '90 days' limit 10 for update skip locked);
$$;
comment on function platform.accept_attempts is 'Gives back what has succeeded, and knows the device from now on that has signed in.';

create function platform.forget_attempts(system text, rules text[], subjects text[])
returns void
language sql
security definer
set search_path = ''
as $$
  delete from platform.rate_limit_attempts where bucket in (
    select a.bucket from platform.attempts_of(forget_attempts.system, rules, subjects) a where a.rule not like '%\_ip');
$$;
comment on function platform.forget_attempts is 'Lets the accounts start again from none; what an address has tried stays counted.';
grant execute on function platform.take_attempts, platform.release_attempts, platform.accept_attempts, platform.forget_attempts to service_role;

insert into platform.rate_limit_rules (system, name, allowed, period, description) values
  ('auth', 'login_account', 5, '15 minutes', 'Connexions échouées, par adresse e-mail et adresse IP'),
  ('auth', 'login_ip', 20, '15 minutes', 'Connexions échouées, par adresse IP'),
  ('auth', 'login_anywhere', 50, '1 hour', 'Connexions échouées depuis des appareils inconnus, par adresse e-mail'),
  ('auth', 'register_account', 5, '1 hour', 'Inscriptions, par adresse e-mail et adresse IP'),
  ('auth', 'register_ip', 10, '1 hour', 'Inscriptions, par adresse IP'),
  ('auth', 'register_anywhere', 10, '1 hour', 'Inscriptions depuis des appareils inconnus, par adresse e-mail'),
  ('auth', 'forgot_account', 3, '1 hour', 'Liens et codes demandés, par adresse e-mail et adresse IP'),
  ('auth', 'forgot_ip', 20, '1 hour', 'Liens et codes demandés, par adresse IP'),
  ('auth', 'forgot_anywhere', 10, '1 hour', 'Liens et codes demandés depuis des appareils inconnus, par adresse e-mail'),
  ('auth', 'verify_account', 10, '15 minutes', 'Codes refusés, par adresse e-mail et adresse IP'),
  ('auth', 'verify_ip', 30, '15 minutes', 'Liens et codes refusés, par adresse IP'),
  ('auth', 'verify_anywhere', 30, '1 hour', 'Codes refusés depuis des appareils inconnus, par adresse e-mail'),
  ('auth', 'reset_ip', 10, '15 minutes', 'Liens de réinitialisation refusés, par adresse IP'),
  ('auth', 'upload_account', 40, '2 hours', 'Adresses demandées pour déposer un gros fichier, par compte');

-- sql/platform/0013_member_administration.sql

-- What an admin does to the members of his system. Who may call is said by the system's own functions; here is what
-- holds whoever calls: a system never stays without an active admin.
create function platform.keep_an_admin(system text, without uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- Two admins who remove each other at once: the second one waits here, and then sees what the first one did.
  perform from platform.memberships m where m.system = keep_an_admin.system and m.role = 'admin' order by m.user_id for update;
  if exists (
    select from platform.memberships m
    where m.system = keep_an_admin.system and m.role = 'admin' and m.status = 'active' having bool_and(m.user_id = without)
  ) then
    perform platform.fail(409, 'last_admin', 'Cette personne est le dernier administrateur actif : elle ne peut être ni suspendue, ni effacée, ni changée de rôle.',
      'Donnez d''abord le rôle admin à quelqu''un d''autre.');
  end if;
end;
$$;
comment on function platform.keep_an_admin is 'Refuses (409) to go on if the user is the last active admin of the system.';

create function platform.change_role(user_id uuid, system text, role text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_status text;
begin
  if not exists (select from platform.system_roles r where r.system = change_role.system and r.role = change_role.role) then
    perform platform.fail(422, 'invalid_fields', 'Certains champs sont invalides.',
      '[{"field": "role", "code": "invalid_value", "message": "Ce rôle n''existe pas."}]');
  end if;
  if change_role.role <> 'admin' then perform platform.keep_an_admin(system, user_id); end if;
  -- A new role does not end a suspension.
  select case when bool_and(m.status = 'suspended') then 'suspended' else 'active' end into v_status
  from platform.memberships m where m.user_id = change_role.user_id and m.system = change_role.system;
  delete from platform.memberships m
  where m.user_id = change_role.user_id and m.system = change_role.system and m.role <> change_role.role;
  insert into platform.memberships (user_id, system, role, status)
  values (change_role.user_id, change_role.system, change_role.role, v_status) on conflict do nothing;
end;
$$;
comment on function platform.change_role is 'Makes a role the only one that a user holds in a system.';

create function platform.set_member_status(user_id uuid, system text, status text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  if status = 'suspended' then perform platform.keep_an_admin(system, user_id); end if;
  update platform.memberships m set status = set_member_status.status
  where m.user_id = set_member_status.user_id and m.system = set_member_status.system and m.status <> set_member_status.status;
end;
$$;
comment on function platform.set_member_status is 'Suspends a member of a system, or ends the suspension; it holds from the next request.';

-- The users page searches by name, company and e-mail.
create function platform.searched_text(first_name text, last_name text, company text, email text)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$ select platform.fold(concat_ws(' ', first_name, last_name, first_name, company, email)); $$;
comment on function platform.searched_text is 'What a search for a person looks through, folded.';
create index profiles_search on platform.profiles
  using gin (platform.searched_text(first_name, last_name, company, email) extensions.gin_trgm_ops);
grant execute on function platform.searched_text to authenticated, service_role;

-- sql/platform/0014_realtime.sql

-- A notification also goes out at once, over the Realtime channel user:<id>, where the database has Realtime. Where it
-- has not, and for whoever was not connected, the table is read by polling.

-- Looked up at each run: Realtime may be added to a database, or taken out of it, after the migrations. With its owner's
-- rights, because realtime.send writes with the rights of who calls it.
create function platform.broadcast_notification()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if to_regprocedure('realtime.send(jsonb, text, text, boolean)') is null then return null; end if;
  execute 'select realtime.send($1, $2, $3, $4)' using
    jsonb_build_object('id', new.reference, 'type', new.type, 'title', new.title, 'message', new.message,
      'createdAt', platform.iso_timestamp(new.created_at), 'system', new.system),
    'notification', 'user:' || new.user_id, true;
  return null;
exception
  -- The notification, and the purchase or import that it tells of, stand whatever becomes of the message.
  when others then
    raise warning 'Notification % was not broadcast: %', new.reference, sqlerrm;
    return null;
end;
$$;
comment on function platform.broadcast_notification is 'Trigger: tells the channel of its recipient of a new notification.';
create trigger broadcast after insert on platform.notifications for each row execute function platform.broadcast_notification();

-- A function, so that it can be run again by the owner of a database that gets Realtime later. The policy has no comment:
-- not every version of the platform lets a project comment on one of this table.
create function platform.authorize_realtime()
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  if to_regclass('realtime.messages') is null then return false; end if;
  drop policy if exists receive_own_notifications on realtime.messages;
  create policy receive_own_notifications on realtime.messages for select to authenticated
    using (extension = 'broadcast' and (select realtime.topic()) = 'user:' || (select auth.uid())::text and not (select platform.session_is_over()));
  return true;
exception
  -- Without the policy nobody can listen, and polling still works: no reason to leave a project without its tables.
  when insufficient_privilege then
    raise warning 'Nobody can listen to notifications yet: run select platform.authorize_realtime() as a role that may change the policies of realtime.messages (%).', sqlerrm;
    return false;
end;
$$;
comment on function platform.authorize_realtime is
  'Lets everybody who is signed in listen to channel user:<own id>, and to no other; answers whether there is a Realtime to listen to.';
do $$ begin perform platform.authorize_realtime(); end $$;

-- sql/platform/0015_slots.sql

-- A figure that every transaction adds to would make them queue for its row. Such a row is split into slots, and a
-- transaction adds to one that no other is adding to: writers never wait for each other, in whatever order they write.
-- The first slots are tried first: there are as many in use as there ever were writers at once.
create function platform.take_slot()
returns smallint
language plpgsql
volatile
set search_path = ''
as $$
begin
  for v_slot in 0..63 loop
    if pg_try_advisory_xact_lock(hashtext('platform.slots'), v_slot) then return v_slot; end if;
  end loop;
  perform pg_advisory_xact_lock(hashtext('platform.slots'), 0);
  return 0;
end;
$$;
comment on function platform.take_slot is 'A slot of the split figures that is this transaction''s alone until it ends.';

-- sql/platform/0016_row_versions.sql

-- Every state that a row of configuration ever had, so that what was sold under a rule can be explained by that rule.
-- Opting a table in takes one line, select platform.keep_versions('leads.credit_rules'); it needs the columns id and version.
create table platform.row_versions (
  relation text not null,
  row_id uuid not null,
  version integer not null,
  content jsonb not null,
  valid_from timestamptz not null default now(),
  changed_by uuid,
  primary key (relation, row_id, version)
);
alter table platform.row_versions enable row level security;
comment on table platform.row_versions is 'Append-only: the versions of configuration rows; one is in force until the next one''s valid_from.';
create policy select_nobody on platform.row_versions for select to anon, authenticated using (false);
grant select on platform.row_versions to service_role;
create trigger append_only before update or delete or truncate on platform.row_versions
  for each statement execute function platform.refuse_change();

create function platform.number_version()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.version := old.version
    + (to_jsonb(new) - array['version', 'updated_at'] <> to_jsonb(old) - array['version', 'updated_at'])::integer;
  return new;
end;
$$;
comment on function platform.number_version is 'Trigger: the next version, if anything changed.';

create function platform.keep_version()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into platform.row_versions (relation, row_id, version, content, changed_by)
  values (tg_table_schema || '.' || tg_table_name, new.id, new.version, to_jsonb(new), auth.uid())
  on conflict do nothing;
  return null;
end;
$$;
comment on function platform.keep_version is 'Trigger: keeps the version that was written.';

create function platform.keep_versions(target regclass)
returns void
language plpgsql
set search_path = ''
as $$
begin
  execute format('create trigger number_version before update on %s for each row execute function platform.number_version()', target);
  execute format('create trigger keep_version after insert or update on %s for each row execute function platform.keep_version()', target);
end;
$$;
comment on function platform.keep_versions is 'Opts a table of configuration in to the history of its rows.';

-- sql/platform/0017_idempotency_keys.sql

-- Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): what a call answered is kept in the transaction that did
-- it, and a call with the same key answers the same. Whoever comes while the first is at work waits for its outcome; if
-- the first fails, its key goes with it.
create table platform.idempotency_keys (
  user_id uuid not null,
  operation text not null,
  key text not null check (length(key) between 1 and 255),
  body_hash text not null,
  answer jsonb,
  created_at timestamptz not null default now(),
  primary key (user_id, operation, key)
);
alter table platform.idempotency_keys enable row level security;
comment on table platform.idempotency_keys is 'What a call with an Idempotency-Key was asked and answered, for each caller.';
comment on column platform.idempotency_keys.user_id is 'The nil uuid for the operators'' key.';
create policy select_nobody on platform.idempotency_keys for select to anon, authenticated using (false);

create function platform.caller_id()
returns uuid
language sql
stable
set search_path = ''
as $$ select coalesce(auth.uid(), '00000000-0000-0000-0000-000000000000'); $$;
comment on function platform.caller_id is 'Who calls; the nil uuid stands for the operators.';

create function platform.claim_idempotency_key(operation text, key text, body jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_hash text := md5(body::text);
  v_kept platform.idempotency_keys;
begin
  if coalesce(length(key), 0) not between 1 and 255 then
    perform platform.fail(400, 'idempotency_key_invalid', 'L''en-tête Idempotency-Key compte de 1 à 255 caractères.');
  end if;
  insert into platform.idempotency_keys (user_id, operation, key, body_hash)
    values (platform.caller_id(), operation, key, v_hash) on conflict do nothing;
  if found then return null; end if;
  select k.* into v_kept from platform.idempotency_keys k
    where k.user_id = platform.caller_id() and k.operation = claim_idempotency_key.operation and k.key = claim_idempotency_key.key;
  if v_kept.body_hash <> v_hash then
    perform platform.fail(409, 'idempotency_key_reused', 'Cette clé d''idempotence a déjà servi à une autre demande.',
      'Utilisez une nouvelle clé pour une nouvelle demande.');
  end if;
  return v_kept.answer;
end;
$$;
comment on function platform.claim_idempotency_key is
  'Null if the key is this call''s, else what the first call answered; 409 if that was another request. Called inside definer functions.';

create function platform.keep_answer(operation text, key text, answer jsonb)
returns jsonb
language sql
security definer
set search_path = ''
as $$
  update platform.idempotency_keys k set answer = keep_answer.answer
  where k.user_id = platform.caller_id() and k.operation = keep_answer.operation and k.key = keep_answer.key
  returning k.answer;
$$;
comment on function platform.keep_answer is 'Keeps what the call that claimed the key answers.';

-- sql/platform/0018_ledger.sql

-- Money, double entry: a transfer's entries sum to zero in each unit, entries are only ever added, and a balance is
-- changed by nothing but entries. A balance that must not go below zero (guarded) is one row, so that the debit itself
-- is the check; any other is split into slots, so that no sale waits for the platform's or a supplier's row.
create table platform.ledger_account_kinds (
  system text not null,
  kind text not null,
  unit text not null check (unit in ('credits', 'cents')),
  guarded boolean not null default false,
  description text not null,
  primary key (system, kind)
);
alter table platform.ledger_account_kinds enable row level security;
comment on table platform.ledger_account_kinds is 'The chart of accounts of each system.';

create table platform.ledger_accounts (
  id uuid primary key default platform.uuid_v7(),
  system text not null,
  kind text not null,
  owner uuid not null,
  created_at timestamptz not null default now(),
  unique (system, kind, owner),
  foreign key (system, kind) references platform.ledger_account_kinds (system, kind)
);
alter table platform.ledger_accounts enable row level security;
comment on table platform.ledger_accounts is 'One account per kind and owner, opened by its first transfer.';
comment on column platform.ledger_accounts.owner is 'A person or party of the system; the nil uuid for the platform itself.';

create table platform.ledger_balances (
  account_id uuid not null references platform.ledger_accounts (id),
  slot smallint not null default 0,
  guarded boolean not null,
  balance bigint not null default 0,
  primary key (account_id, slot),
  constraint never_below_zero check (balance >= 0 or not guarded),
  constraint guarded_in_one_row check (slot = 0 or not guarded)
);
alter table platform.ledger_balances enable row level security;
comment on table platform.ledger_balances is 'What the entries of an account add up to; the sum of its slots.';

create table platform.ledger_transfers (
  id uuid primary key default platform.uuid_v7(),
  system text not null,
  kind text not null,
  key text not null,
  reverses uuid unique references platform.ledger_transfers (id),
  actor uuid,
  created_at timestamptz not null default now(),
  unique (system, kind, key)
);
alter table platform.ledger_transfers enable row level security;
comment on table platform.ledger_transfers is 'Append-only: one movement of money. The key makes it happen once; a transfer is reversed at most once.';

-- No foreign key to the account: it would lock the platform's accounts at each sale. The trigger that brings an entry to its
-- balance refuses one without an account.
create table platform.ledger_entries (
  transfer_id uuid not null references platform.ledger_transfers (id),
  account_id uuid not null,
  amount bigint not null check (amount <> 0),
  primary key (transfer_id, account_id)
);
alter table platform.ledger_entries enable row level security;
create index ledger_entries_account on platform.ledger_entries (account_id, transfer_id);
comment on table platform.ledger_entries is 'Append-only: what a transfer adds to an account, negative for what it takes. Credits or integer cents, by the account''s kind.';

create policy select_nobody on platform.ledger_account_kinds for select to anon, authenticated using (false);
create policy select_nobody on platform.ledger_accounts for select to anon, authenticated using (false);
create policy select_nobody on platform.ledger_balances for select to anon, authenticated using (false);
create policy select_nobody on platform.ledger_transfers for select to anon, authenticated using (false);
create policy select_nobody on platform.ledger_entries for select to anon, authenticated using (false);
grant select on platform.ledger_account_kinds, platform.ledger_accounts, platform.ledger_balances, platform.ledger_transfers,
  platform.ledger_entries to service_role;
create trigger append_only before update or delete or truncate on platform.ledger_transfers
  for each statement execute function platform.refuse_change();
create trigger append_only before update or delete or truncate on platform.ledger_entries
  for each statement execute function platform.refuse_change();

create function platform.open_guarded_balance()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into platform.ledger_balances (account_id, guarded)
  select new.id, true from platform.ledger_account_kinds k where k.system = new.system and k.kind = new.kind and k.guarded;
  return null;
end;
$$;
comment on function platform.open_guarded_balance is 'Trigger: the one row of a guarded balance is there from the start.';
create trigger open_guarded_balance after insert on platform.ledger_accounts
  for each row execute function platform.open_guarded_balance();

-- In the order of the accounts' keys, in which everything locks balances. The debit itself is the check of a guarded one.
create function platform.apply_entries()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_slot smallint := platform.take_slot();
  v_entry record;
begin
  for v_entry in
    select e.account_id, e.amount, k.guarded, sum(e.amount) over (partition by e.transfer_id, k.unit) as off
    from new_entries e
    left join platform.ledger_accounts a on a.id = e.account_id
    left join platform.ledger_account_kinds k on k.system = a.system and k.kind = a.kind
    order by e.account_id
  loop
    if v_entry.off <> 0 or v_entry.guarded is null then
      perform platform.fail(500, 'unbalanced_transfer', 'Les écritures d''un mouvement ne s''équilibrent pas.');
    elsif v_entry.guarded then
      update platform.ledger_balances b set balance = b.balance + v_entry.amount
      where b.account_id = v_entry.account_id and b.slot = 0 and b.balance + v_entry.amount >= 0;
      if not found then perform platform.fail(402, 'insufficient_balance', 'Le solde est insuffisant.'); end if;
    else
      insert into platform.ledger_balances as b (account_id, slot, guarded, balance)
      values (v_entry.account_id, v_slot, false, v_entry.amount)
      on conflict (account_id, slot) do update set balance = b.balance + excluded.balance;
    end if;
  end loop;
  return null;
end;
$$;
comment on function platform.apply_entries is 'Trigger: entries that do not sum to zero are refused, and 402 if a guarded balance would go below zero; balances follow the others.';
create trigger apply_entries after insert on platform.ledger_entries
  referencing new table as new_entries for each statement execute function platform.apply_entries();

-- sql/platform/0019_transfers.sql

-- How money moves: one call, inside the transaction of what it pays for. Only definer functions of a system call these.
create type platform.ledger_line as (kind text, owner uuid, amount bigint);
comment on type platform.ledger_line is 'What a transfer adds to an account (negative: takes from it). Owner null: the platform.';

create function platform.open_accounts(system text, lines platform.ledger_line[])
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into platform.ledger_accounts (system, kind, owner)
  select distinct open_accounts.system, l.kind, coalesce(l.owner, '00000000-0000-0000-0000-000000000000') from unnest(lines) l
  where l.amount <> 0 and not exists (
    select from platform.ledger_accounts a
    where a.system = open_accounts.system and a.kind = l.kind and a.owner = coalesce(l.owner, '00000000-0000-0000-0000-000000000000')
  )
  on conflict do nothing;
end;
$$;
comment on function platform.open_accounts is 'Opens the accounts of a transfer that there are not yet.';

-- The guarded balances of an owner, locked until the transaction ends, so that what is decided by them holds. In the order
-- of their keys, as everywhere.
create function platform.lock_balances(system text, owner uuid)
returns table (kind text, balance bigint)
language plpgsql
volatile
security definer
set search_path = ''
rows 2
as $$
begin
  return query select a.kind, b.balance
  from platform.ledger_accounts a
  join platform.ledger_account_kinds k on k.system = a.system and k.kind = a.kind and k.guarded
  join platform.ledger_balances b on b.account_id = a.id and b.slot = 0
  where a.system = lock_balances.system and a.owner = lock_balances.owner
  order by a.id for update of b;
end;
$$;
comment on function platform.lock_balances is 'What an owner has in guarded accounts, by kind, locked.';

create function platform.post_transfer(system text, kind text, key text, lines platform.ledger_line[], reverses uuid default null)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_transfer uuid := platform.uuid_v7();
begin
  perform platform.open_accounts(system, lines);
  insert into platform.ledger_transfers (id, system, kind, key, reverses, actor)
    values (v_transfer, system, kind, key, reverses, auth.uid());
  insert into platform.ledger_entries (transfer_id, account_id, amount)
  select v_transfer, a.id, sum(l.amount)
  from unnest(lines) l
  join platform.ledger_accounts a on a.system = post_transfer.system and a.kind = l.kind
    and a.owner = coalesce(l.owner, '00000000-0000-0000-0000-000000000000')
  group by a.id having sum(l.amount) <> 0;
  return v_transfer;
end;
$$;
comment on function platform.post_transfer is
  'Moves money: lines that sum to zero in each unit, once per (system, kind, key). 402 if a guarded balance would go below zero.';

create function platform.reverse_transfer(transfer uuid, kind text, key text)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_system text;
  v_lines platform.ledger_line[];
begin
  -- A transfer of nothing has no entries, and is reversed as any other.
  select t.system, array_agg((a.kind, a.owner, -e.amount)::platform.ledger_line) filter (where e.amount is not null) into strict v_system, v_lines
  from platform.ledger_transfers t
  left join platform.ledger_entries e on e.transfer_id = t.id
  left join platform.ledger_accounts a on a.id = e.account_id
  where t.id = reverse_transfer.transfer group by t.system;
  return platform.post_transfer(v_system, kind, key, v_lines, transfer);
end;
$$;
comment on function platform.reverse_transfer is 'The opposite of a transfer, account by account; at most once for each.';

create function platform.ledger_balance(system text, kind text, owner uuid default null)
returns bigint
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(sum(b.balance), 0)::bigint
  from platform.ledger_accounts a join platform.ledger_balances b on b.account_id = a.id
  where a.system = ledger_balance.system and a.kind = ledger_balance.kind
    and a.owner = coalesce(ledger_balance.owner, '00000000-0000-0000-0000-000000000000');
$$;
comment on function platform.ledger_balance is 'What an account holds, in its unit; 0 if it was never opened.';

create function platform.ledger_problems()
returns table (problem text, subject text, expected bigint, found bigint)
language sql
stable
security definer
set search_path = ''
as $$
  -- What the other comparisons do not see, since they start from the transfers and the accounts that there are.
  select 'entry_of_nothing', e.transfer_id || ' ' || e.account_id, null::bigint, e.amount
  from platform.ledger_entries e
  left join platform.ledger_transfers t on t.id = e.transfer_id
  left join platform.ledger_accounts a on a.id = e.account_id
  where t.id is null or a.id is null
  union all
  select 'transfer_not_balanced', e.transfer_id::text, 0, sum(e.amount)::bigint
  from platform.ledger_entries e
  join platform.ledger_accounts a on a.id = e.account_id
  join platform.ledger_account_kinds k on k.system = a.system and k.kind = a.kind
  group by e.transfer_id, k.unit having sum(e.amount) <> 0
  union all
  select 'reversal_not_opposite', r.id || ' ' || e.account_id, 0, sum(e.amount)::bigint
  from platform.ledger_transfers r
  cross join lateral (values (r.id), (r.reverses)) both_of (id)
  join platform.ledger_entries e on e.transfer_id = both_of.id
  where r.reverses is not null group by r.id, e.account_id having sum(e.amount) <> 0
  union all
  select 'balance_not_its_entries', a.system || ' ' || a.kind || ' ' || a.owner, coalesce(e.amount, 0)::bigint, coalesce(b.balance, 0)::bigint
  from platform.ledger_accounts a
  left join (select account_id, sum(amount) as amount from platform.ledger_entries group by 1) e on e.account_id = a.id
  left join (select account_id, sum(balance) as balance from platform.ledger_balances group by 1) b on b.account_id = a.id
  where coalesce(e.amount, 0) <> coalesce(b.balance, 0);
$$;
comment on function platform.ledger_problems is 'Where the ledger contradicts itself; no row means that it holds.';
grant execute on function platform.ledger_problems to service_role;

-- sql/platform/0020_iban.sql

-- Bank accounts by their IBAN (ISO 13616): how long it is in each country, and the check digits over the whole of it.

create function platform.compact_iban(iban text)
returns text
language sql
immutable
strict
parallel safe
set search_path = ''
as $$ select upper(regexp_replace(iban, '[\s\u00a0\u202f-]', '', 'g')); $$;
comment on function platform.compact_iban is 'An IBAN as machines write it: capitals and digits, whatever spaces people put in.';

-- The registry's country codes, each with the length of its IBANs.
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
comment on function platform.iban_length is 'How many characters an IBAN of the country has; null where it has none.';

-- ISO 7064, MOD 97-10: the country and check digits go to the end, letters count from 10 (A) to 35 (Z).
create function platform.iban_remainder(iban text)
returns integer
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
  select (string_agg(case when c ~ '[0-9]' then c else (ascii(c) - 55)::text end, '' order by place)::numeric % 97)::integer
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
    -- Only 02 to 98 are ever given out, though 00, 01 and 99 may leave the same remainder.
    when substr(c.iban, 3, 2) not between '02' and '98' or platform.iban_remainder(c.iban) <> 1 then 'invalid_check_digits'
  end
  from (select platform.compact_iban(iban) as iban) c;
$$;
comment on function platform.iban_problem is 'Why an IBAN is none, as a stable code; null where it is one.';

-- ISO 9362: four characters of the bank, two of its country, two of its place, and three of a branch or none.
create function platform.is_bic(bic text)
returns boolean
language sql
immutable
strict
parallel safe
set search_path = ''
as $$ select bic ~ '^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$'; $$;
comment on function platform.is_bic is 'Whether a text has the form of a BIC, in capitals.';

-- The countries whose accounts a SEPA transfer reaches (European Payments Council, EPC409-09).
create function platform.is_sepa_iban(iban text)
returns boolean
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
  select left(platform.compact_iban(iban), 2) = any (string_to_array(
    'AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE SI SK SM VA', ' '));
$$;
comment on function platform.is_sepa_iban is 'Whether a SEPA transfer reaches the account.';

-- Within the European Economic Area the IBAN says which bank it is; elsewhere in SEPA the BIC must (EPC125-05).
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
comment on function platform.needs_bic is 'Whether a SEPA transfer to the account has to name its bank. An IBAN''s mask is enough.';

create function platform.mask_iban(iban text)
returns text
language sql
immutable
strict
parallel safe
set search_path = ''
as $$ select left(c, 4) || ' •••• •••• •••• ' || right(c, 4) from platform.compact_iban(iban) c; $$;
comment on function platform.mask_iban is 'An IBAN as people see it: country, check digits and the last four.';
grant execute on function platform.compact_iban, platform.iban_length, platform.iban_remainder, platform.iban_problem, platform.is_bic,
  platform.is_sepa_iban, platform.needs_bic, platform.mask_iban to authenticated, service_role;

-- sql/platform/0021_registrations.sql

-- Who registers has proven nothing yet, not even that the address is his. What he asks for waits in a row of its own, and is
-- given by the trigger of auth.users when the address is proven. Whoever asked last is who is listened to.
create table platform.registrations (
  user_id uuid not null references platform.profiles (id) on delete cascade,
  system text not null,
  role text not null,
  profile jsonb not null check (jsonb_typeof(profile) = 'object'),
  requested_at timestamptz not null default now(),
  applied_at timestamptz,
  primary key (user_id, system),
  foreign key (system, role) references platform.system_roles (system, role)
);
alter table platform.registrations enable row level security;
create index registrations_system_role on platform.registrations (system, role);
comment on table platform.registrations is 'What a person asked for who registered; it is given when his address is proven (applied_at).';
create policy select_nobody on platform.registrations for select to anon, authenticated using (false);
grant select on platform.registrations to service_role;

-- Whole: what somebody else may have said of the address before is gone.
create function platform.fill_profile(user_id uuid, profile jsonb)
returns void
language sql
security definer
set search_path = ''
as $$
  update platform.profiles p set
    first_name = coalesce(profile ->> 'firstName', p.first_name),
    last_name = coalesce(profile ->> 'lastName', p.last_name),
    company = profile ->> 'company',
    phone = profile ->> 'phone'
  where p.id = fill_profile.user_id;
$$;
comment on function platform.fill_profile is 'Writes the names, company and telephone of a new account.';

create function platform.register(user_id uuid, system text, role text, profile jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- Locked: nobody proves the address while this is being written.
  perform from auth.users u where u.id = register.user_id and u.email_confirmed_at is null for update;
  if not found then perform platform.fail(409, 'already_registered', 'Ce compte existe déjà.'); end if;
  perform platform.check_self_registration(system, role);
  insert into platform.registrations as r (user_id, system, role, profile)
  values (register.user_id, register.system, register.role, register.profile)
  on conflict on constraint registrations_pkey do update
    set role = excluded.role, profile = excluded.profile, requested_at = now(), applied_at = null;
end;
$$;
comment on function platform.register is 'Keeps what an account asks for whose address is not proven yet.';

-- Two have registered with one address, and nobody can tell which of them it belongs to. So neither's password counts: the
-- mail that is due leads its reader to choose one. An invited account is left alone.
create function platform.register_again(email text, system text, role text, profile jsonb)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_user uuid;
begin
  select u.id into v_user from auth.users u
  where u.email = lower(btrim(register_again.email)) and not u.is_sso_user and u.email_confirmed_at is null and u.invited_at is null
    and not exists (select from platform.memberships m where m.user_id = u.id)
  for update;
  if v_user is null then return false; end if;
  perform platform.register(v_user, system, role, profile);
  update auth.users u set encrypted_password = '' where u.id = v_user;
  return true;
end;
$$;
comment on function platform.register_again is
  'Keeps what was asked for with an address that was registered before and is not proven; false, and nothing, for any other.';

-- The password of an account whose address is not proven is that of whoever came first. It counts while nobody else has
-- had to do with it: with a second mail, or by a link that was not that of the registration, the one who proves the
-- address may be another, and chooses his own. A sign-in that an outsider had linked goes as well.
create function platform.doubt_password()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if (old.confirmation_sent_at is not null and new.confirmation_sent_at is distinct from old.confirmation_sent_at)
    or (coalesce(old.recovery_token, '') <> '' and coalesce(new.recovery_token, '') = '')
  then
    new.encrypted_password := '';
    delete from auth.identities i where i.user_id = old.id and i.provider <> 'email';
  end if;
  return new;
end;
$$;
comment on function platform.doubt_password is 'Trigger: of an unproven address that is mailed again, or proven by another link, the password counts no more.';
create trigger doubt_password before update on auth.users
  for each row when (old.confirmed_at is null) execute function platform.doubt_password();

create function platform.prove_address()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v record;
begin
  -- Whatever was opened or set up before may be somebody else's. The session of this proof comes afterwards.
  if old.confirmed_at is null then
    delete from auth.sessions s where s.user_id = new.id;
    delete from auth.mfa_factors f where f.user_id = new.id;
  end if;
  for v in
    select r.* from platform.registrations r join platform.system_roles s on s.system = r.system and s.role = r.role
    where r.user_id = new.id and r.applied_at is null and s.self_registration
  loop
    perform platform.fill_profile(new.id, v.profile);
    perform platform.register_member(new.id, v.system, v.role);
    update platform.registrations r set applied_at = now() where r.user_id = new.id and r.system = v.system;
  end loop;
  return null;
end;
$$;
comment on function platform.prove_address is
  'Trigger: an address was proven. Gives the roles that were asked for; a system makes what goes with a role when applied_at is set.';
create trigger prove_address after update of email_confirmed_at on auth.users
  for each row when (old.email_confirmed_at is null and new.email_confirmed_at is not null) execute function platform.prove_address();

create function platform.is_proven(user_id uuid)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$ select exists (select from auth.users u where u.id = is_proven.user_id and u.email_confirmed_at is not null); $$;
comment on function platform.is_proven is 'Whether an account has shown that its address is its own.';

-- An account that somebody has opened with another's address keeps nothing from being opened by an admin.
create function platform.discard_unproven(email text)
returns void
language sql
security definer
set search_path = ''
as $$
  delete from auth.users u
  where u.email = lower(btrim(discard_unproven.email)) and u.confirmed_at is null and u.invited_at is null
    and not exists (select from platform.memberships m where m.user_id = u.id);
$$;
comment on function platform.discard_unproven is 'Removes the account of an address that nobody has proven and to which nobody has given a role.';

create function platform.require_proven(user_id uuid)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  if not platform.is_proven(user_id) then
    perform platform.fail(409, 'email_unproven', 'L''adresse e-mail de ce compte n''est pas encore confirmée : quelqu''un d''autre a pu l''ouvrir.',
      'Attendez que la personne ait suivi le lien reçu, ou créez-lui vous-même un compte.');
  end if;
end;
$$;
comment on function platform.require_proven is 'Refuses (409) to do more for an account whose address is not proven.';

grant execute on function platform.register, platform.register_again to service_role;

-- sql/platform/0022_company_numbers.sql

-- The numbers that companies are known by, each with the key in it that finds a wrong digit.

create function platform.compact_number(number text)
returns text
language sql
immutable
strict
parallel safe
set search_path = ''
as $$ select upper(regexp_replace(number, '[\s\u00a0\u202f.-]', '', 'g')); $$;
comment on function platform.compact_number is 'A number as machines write it: capitals and digits, whatever spaces people put in.';

-- Every second digit counts double, from the right; of two digits their sum.
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

-- Nine digits of the company and five of its place. La Poste has more places than keys: there the digits add up to fives.
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
comment on function platform.siret_problem is 'Why a SIRET is none, as a stable code; null where it is one, or where there is none.';

-- A French number is its key and the SIREN; where the key has letters only the SIREN tells. Monaco's has none: 000.
create function platform.french_vat_holds(number text)
returns boolean
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
  select (substr(number, 5, 3) = '000' or platform.luhn_holds(substr(number, 5)))
    and case when substr(number, 3, 2) ~ '^[0-9]{2}$' then substr(number, 3, 2)::integer = (12 + 3 * (substr(number, 5)::bigint % 97)) % 97 else true end;
$$;

-- The form in each country of the Union, and of Northern Ireland (European Commission, VIES). Elsewhere letters and digits.
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
comment on function platform.vat_number_form is 'What follows the two letters of a VAT number, as a regular expression. Greece writes EL, not GR.';

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
comment on function platform.vat_number_problem is 'Why a VAT number is none, as a stable code; null where it is one, or where there is none.';
grant execute on function platform.compact_number, platform.luhn_holds, platform.siret_problem, platform.french_vat_holds, platform.vat_number_form,
  platform.vat_number_problem to authenticated, service_role;

-- sql/platform/0022_mail_domains.sql

-- Domains at which anybody has an address: two people who share one share nothing. The reserved names (RFC 2606) are nobody's.
create table platform.shared_mail_domains (
  domain text primary key check (domain = lower(domain))
);
alter table platform.shared_mail_domains enable row level security;
comment on table platform.shared_mail_domains is 'Domains of providers that give everybody an e-mail address.';
create policy select_nobody on platform.shared_mail_domains for select to anon, authenticated using (false);
grant select on platform.shared_mail_domains to service_role;
insert into platform.shared_mail_domains select regexp_split_to_table(
  'gmail.com googlemail.com outlook.com outlook.fr hotmail.com hotmail.fr hotmail.be live.com live.fr live.be msn.com yahoo.com yahoo.fr '
  'yahoo.co.uk ymail.com rocketmail.com icloud.com me.com mac.com aol.com aol.fr orange.fr wanadoo.fr free.fr sfr.fr neuf.fr cegetel.net '
  'club-internet.fr numericable.fr noos.fr bbox.fr laposte.net aliceadsl.fr alice.fr 9online.fr libertysurf.fr tiscali.fr voila.fr '
  'skynet.be proximus.be telenet.be bluewin.ch gmx.com gmx.fr gmx.de gmx.net web.de t-online.de mail.com mail.ru yandex.com yandex.ru '
  'protonmail.com protonmail.ch proton.me pm.me tutanota.com tuta.io zoho.com fastmail.com hey.com yopmail.com mailo.com caramail.com '
  'hotmail.co.uk hotmail.it hotmail.es live.co.uk libero.it virgilio.it qq.com 163.com 126.com comcast.net verizon.net att.net', ' ');

create function platform.own_mail_domain(email text)
returns text
language sql
stable
security definer
set search_path = ''
as $$
  select d.domain from (select lower(substring(email from '@([^@\s]+)$')) as domain) d
  where d.domain !~ '(^|\.)(test|example|invalid|localhost|example\.(com|net|org))$'
    and not exists (select from platform.shared_mail_domains s where s.domain = d.domain);
$$;
comment on function platform.own_mail_domain is 'The domain of an address if it is somebody''s own; null for a provider''s.';

-- sql/platform/0023_costly_queries.sql

-- PostgREST makes SQL of whatever is asked of a view that everybody may read. What would cost the database seconds is refused
-- before a row is read: the same column hundreds of times, chains of conditions, patterns that no index serves, each asked of
-- every row. What is asked is seen in the statement itself, whose values are parameters. Operators are not held to it.
create function platform.refuse_costly_query()
returns boolean
language plpgsql
stable
set search_path = ''
as $$
declare
  v_query text := current_query();
begin
  if not starts_with(v_query, 'WITH pgrst_source') or auth.role() = 'service_role' then return true; end if;
  if length(v_query) > 4000 then
    perform platform.fail(400, 'query_too_large', 'Cette requête demande trop de colonnes ou de conditions.', 'Demandez moins de colonnes et de conditions à la fois.');
  elsif v_query ~* ' (~\*?|@@|(i?like|<|>|<=|>=|<>|!=) (any|all)) ?\(?' then
    perform platform.fail(400, 'operator_not_allowed', 'Les expressions régulières, la recherche plein texte et les listes de motifs ne sont pas acceptées ici.',
      'Utilisez eq, in, like ou ilike, ou la recherche.');
  elsif regexp_count(v_query, ' i?like ', 1, 'i') > 10 then
    perform platform.fail(400, 'query_too_large', 'Cette requête demande trop de motifs : dix au plus.');
  end if;
  return true;
end;
$$;
comment on function platform.refuse_costly_query is '400 for a request of PostgREST that would cost the database seconds; true for any other.';
grant execute on function platform.refuse_costly_query to anon, authenticated, service_role;

-- Whatever else takes long: hosted Supabase gives anon three seconds.
do $$ begin
  if not exists (select from pg_roles where rolname = 'anon' and 'statement_timeout=2s' = any (rolconfig)) then
    alter role anon set statement_timeout = '2s';
  end if;
end $$;

-- sql/platform/0024_target_days.sql

-- The days on which euros move between banks (TARGET, T2): Monday to Friday, but for six holidays of its own, whatever is
-- a holiday in a country.

-- Meeus, Jones and Butcher: the Sunday after the first full moon of spring, in the Gregorian calendar.
-- plpgsql, whose plans are kept: asked for each place whenever an agent wants a lead.
create function platform.easter_sunday(year integer)
returns date
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$
declare
  v_golden integer := year % 19;
  v_century integer := year / 100;
  v_rest integer := year % 100;
  v_moon integer := (19 * v_golden + v_century - v_century / 4 - (v_century - (v_century + 8) / 25 + 1) / 3 + 15) % 30;
  v_days integer := (32 + 2 * (v_century % 4) + 2 * (v_rest / 4) - v_moon - v_rest % 4) % 7;
  v_sum integer := v_moon + v_days + 114 - 7 * ((v_golden + 11 * v_moon + 22 * v_days) / 451);
begin
  return make_date(year, v_sum / 31, v_sum % 31 + 1);
end;
$$;
comment on function platform.easter_sunday is 'Easter Sunday of a year.';

create function platform.is_target_day(day date)
returns boolean
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
  select extract(isodow from day) < 6 and to_char(day, 'MM-DD') <> all (array['01-01', '05-01', '12-25', '12-26'])
    and day - platform.easter_sunday(extract(year from day)::integer) <> all (array[-2, 1]);
$$;
comment on function platform.is_target_day is 'Whether euros move between banks on a day.';

create function platform.next_target_day(day date)
returns date
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
  -- The longest pause, Good Friday to Easter Monday or Christmas with a weekend, has four days.
  select min(day + n) from generate_series(0, 5) n where platform.is_target_day(day + n);
$$;
comment on function platform.next_target_day is 'A day if euros move on it, else the next one on which they do.';
grant execute on function platform.easter_sunday, platform.is_target_day, platform.next_target_day to authenticated, service_role;

-- sql/platform/0025_session_handles.sql

-- A session handle stands for a Supabase session where a client cannot keep tokens and renew them: a page that sends no
-- header at all has it as a cookie. It is worth something only while the session is there, whoever has ended that. The handle itself is nowhere: a row is found by its hash, and what it holds is sealed with
-- the handle, so that nobody who reads this table can act for anyone. Read and written by the functions alone, as the owner.
create table platform.session_handles (
  hash bytea primary key check (octet_length(hash) = 32),
  user_id uuid not null references auth.users (id) on delete cascade,
  -- No reference: who ends a session must not wait for who renews it by the handle, since that one waits for the session.
  session_id uuid not null,
  sealed_session text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
alter table platform.session_handles enable row level security;
create policy select_nobody on platform.session_handles for select to anon, authenticated using (false);
create index session_handles_user on platform.session_handles (user_id);
create index session_handles_expires on platform.session_handles (expires_at);
comment on table platform.session_handles is 'Opaque handles that stand for Supabase sessions; revoked by removing the row.';
comment on column platform.session_handles.hash is 'SHA-256 of the handle.';
comment on column platform.session_handles.sealed_session is 'Access and refresh token, sealed with the handle (functions/_shared/session-handle.ts).';

-- sql/platform/0026_account_erasure.sql

-- Erasing an account (GDPR, article 17). Books and proofs name it by its id and must stay: so the row stays as well, under a
-- pseudonym that leads to nobody, and all by which the person was known or could come in again goes. A system erases what is
-- its own first, and says what may stand in the way.
create function platform.erased_email(user_id uuid)
returns text
language sql
immutable
set search_path = ''
as $$ select 'efface-' || erased_email.user_id || '@efface.invalid'; $$;
comment on function platform.erased_email is 'The address of an erased account, which is nobody''s.';

create function platform.erase_account(user_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_system text;
  v_table text;
  v_email text;
begin
  select p.email into strict v_email from platform.profiles p where p.id = erase_account.user_id for update;
  for v_system in select m.system from platform.memberships m where m.user_id = erase_account.user_id and m.role = 'admin' order by 1 loop
    perform platform.keep_an_admin(v_system, erase_account.user_id);
  end loop;
  -- First of all: an access token is worth nothing without its session.
  delete from platform.known_devices d using auth.sessions s
    where s.user_id = erase_account.user_id and d.device = platform.attempt_bucket('auth', 'device', concat_ws(' ', v_email, s.ip));
  delete from platform.session_handles h where h.user_id = erase_account.user_id;
  -- What Supabase Auth keeps besides is not the same everywhere.
  foreach v_table in array array['sessions', 'identities', 'mfa_factors', 'one_time_tokens', 'one_time_codes', 'flow_state', 'refresh_tokens'] loop
    if exists (select from pg_catalog.pg_attribute a where a.attrelid = to_regclass('auth.' || v_table) and a.attname = 'user_id' and not a.attisdropped) then
      execute format('delete from auth.%I t where t.user_id::text = $1', v_table) using erase_account.user_id::text;
    end if;
  end loop;
  if to_regclass('auth.audit_log_entries') is not null then
    execute 'delete from auth.audit_log_entries l where l.payload ->> ''actor_id'' = $1' using erase_account.user_id::text;
  end if;
  delete from platform.notifications n where n.user_id = erase_account.user_id or strpos(lower(n.message), lower(v_email)) > 0;
  delete from platform.registrations r where r.user_id = erase_account.user_id;
  delete from platform.idempotency_keys k where k.user_id = erase_account.user_id;
  delete from platform.memberships m where m.user_id = erase_account.user_id;
  update auth.users u set email = platform.erased_email(u.id), encrypted_password = '', raw_user_meta_data = '{}', phone = null, last_sign_in_at = null
    where u.id = erase_account.user_id;
  update platform.profiles p set email = platform.erased_email(p.id), first_name = 'Compte', last_name = 'effacé', company = null, phone = null,
    avatar = null, display_name = null, bio = null, erased_at = now()
  where p.id = erase_account.user_id;
end;
$$;
comment on function platform.erase_account is 'Takes from an account all that identifies the person, and ends his sessions; 409 for the last admin of a system.';

-- sql/leads/0001_schema.sql

-- Leads Provider: a marketplace of sales leads. Tables live here; what the API publishes is in `public`.
create schema leads;
comment on schema leads is 'Leads Provider: the tables and the rules. Never exposed by the API.';
grant usage on schema leads to anon, authenticated, service_role;

insert into platform.system_roles (system, role, self_registration, description) values
  ('leads', 'admin', false, 'Super-administrateur : accès total'),
  ('leads', 'fournisseur', true, 'Fournit les leads'),
  ('leads', 'agent', false, 'Qualifie les leads par téléphone'),
  ('leads', 'acheteur', true, 'Achète des leads');

-- The business day and month are those of Paris, wherever the server stands.
create function leads.month_of(at timestamptz)
returns date
language plpgsql
immutable
parallel safe
set search_path = ''
as $$ begin return date_trunc('month', at at time zone 'Europe/Paris')::date; end; $$;

create function leads.today()
returns date
language plpgsql
stable
parallel safe
set search_path = ''
as $$ begin return (now() at time zone 'Europe/Paris')::date; end; $$;

create function leads.month_label(month date)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$
  select (array['Jan', 'Fév', 'Mar', 'Avr', 'Mai', 'Juin', 'Juil', 'Août', 'Sep', 'Oct', 'Nov', 'Déc'])[extract(month from month)::integer];
$$;

-- Money is integer cents inside; the documents show euros as JSON numbers (199, 4.9).
create function leads.euros(cents numeric)
returns numeric
language plpgsql
immutable
parallel safe
set search_path = ''
as $$ begin return trim_scale(cents / 100); end; $$;
grant execute on function leads.month_of, leads.today, leads.month_label, leads.euros to anon, authenticated, service_role;

create function leads.amount_text(cents bigint)
returns text
language sql
immutable
set search_path = ''
as $$ select translate(to_char(cents / 100.0, 'FM999G999G999G990D00'), ',.', E'\u00a0,'); $$;
comment on function leads.amount_text is 'An amount as the French write it: 1 234,50.';

-- sql/leads/0002_suppliers.sql

-- A supplier is a business party. It may have a user account, and may be known before it has one.
create sequence leads.supplier_numbers;
create table leads.suppliers (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default platform.short_reference('F', nextval('leads.supplier_numbers')),
  user_id uuid unique references platform.profiles (id) on delete set null,
  contact_name text not null,
  company text not null,
  email text not null,
  iban_mask text,
  last_payment_date date,
  status text not null default 'pending_validation' check (status in ('active', 'pending_validation', 'suspended')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table leads.suppliers enable row level security;
create unique index suppliers_email on leads.suppliers (lower(email)) where email <> '';
create index suppliers_suspended on leads.suppliers (id) where status = 'suspended';
create trigger touch before update on leads.suppliers for each row execute function platform.touch();
create trigger clean_texts before insert or update of contact_name, company, email on leads.suppliers
  for each row execute function platform.clean_texts('contact_name', 'company', 'email');
comment on table leads.suppliers is 'Who brings leads and is paid for them.';
comment on column leads.suppliers.iban_mask is 'The IBAN as people see it: country, check digits and the last four.';
select platform.audit('leads.suppliers');

create function leads.my_supplier_id()
returns uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return (select s.id from leads.suppliers s where s.user_id = auth.uid() and platform.has_role('leads', 'fournisseur'));
end;
$$;
comment on function leads.my_supplier_id is 'The supplier for whom the caller acts; null for anybody else.';
grant execute on function leads.my_supplier_id to anon, authenticated, service_role;

create policy select_own_or_staff on leads.suppliers for select to authenticated using (
  id = (select leads.my_supplier_id())
  or (select platform.has_role('leads', 'agent'))
  or (select platform.has_role('leads', 'admin'))
);
grant select on leads.suppliers to authenticated, service_role;

-- sql/leads/0003_buyers.sql

-- What a buyer looks for.
create table leads.buyers (
  user_id uuid primary key references platform.profiles (id) on delete cascade,
  preferred_sectors text[] not null default '{}',
  preferred_regions text[] not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table leads.buyers enable row level security;
create trigger touch before update on leads.buyers for each row execute function platform.touch();
comment on table leads.buyers is 'The preferences of a buyer; the person is in platform.profiles.';
create policy select_own_or_admin on leads.buyers for select to authenticated
  using (user_id = (select auth.uid()) or (select platform.has_role('leads', 'admin')));
grant select on leads.buyers to authenticated, service_role;

-- sql/leads/0004_directories.sql

-- The sectors and regions that leads may have, and the spellings that mean the same. An import that writes
-- « energie solaire » or « PV » finds « Énergie Solaire » here, and nowhere else.

-- « île de france », « Ile-de-France » and « ILE DE FRANCE » are one name.
create function leads.name_key(name text)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$ begin return btrim(regexp_replace(platform.fold(name), '[^a-z0-9]+', ' ', 'g')); end; $$;
comment on function leads.name_key is 'What is compared of a name: its letters and digits.';

-- « Panneaux photovoltaïques » and « panneau photovoltaïque » too.
create function leads.directory_key(name text)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$ begin return regexp_replace(leads.name_key(name), '([a-z]{2})[sx](?= |$)', '\1', 'g'); end; $$;
comment on function leads.directory_key is 'What is compared of a sector''s or region''s name: its words, in the singular.';

create table leads.sectors (
  name text primary key,
  folded text not null generated always as (platform.fold(name)) stored,
  key text not null generated always as (leads.directory_key(name)) stored,
  color text not null default '#8a94a6',
  position integer
);
alter table leads.sectors enable row level security;
comment on table leads.sectors is 'The sectors of the catalogue. position: always listed in the statistics, in this order.';

create table leads.regions (
  name text primary key,
  folded text not null generated always as (platform.fold(name)) stored,
  key text not null generated always as (leads.directory_key(name)) stored,
  position integer,
  time_zone text not null,
  own_holidays text[] not null
);
alter table leads.regions enable row level security;
comment on table leads.regions is 'The regions of the catalogue. position: always listed in the statistics, in this order.';
comment on column leads.regions.own_holidays is
  'Holidays beside those of the whole country: MM-DD, or days from Easter Sunday (Easter-2). Those of a part of the region count for all of it.';

-- Overseas each place has its hour, and the day on which slavery was abolished there (loi 83-550, décret 83-1003) or days of its
-- own; in Alsace and Moselle Good Friday and 26 December are holidays. It is known of whatever region is added.
create function leads.place_region()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_place record;
begin
  select p.* into v_place
  from (values
    ('guadeloupe', 'America/Guadeloupe', '{05-27}'::text[]), ('martinique', 'America/Martinique', '{05-22}'), ('guyane', 'America/Cayenne', '{06-10}'),
    ('la reunion', 'Indian/Reunion', '{12-20}'), ('mayotte', 'Indian/Mayotte', '{04-27}'), ('saint barthelemy', 'America/St_Barthelemy', '{10-09}'),
    ('saint martin', 'America/Marigot', '{05-28}'), ('saint pierre et miquelon', 'America/Miquelon', '{}'),
    ('nouvelle caledonie', 'Pacific/Noumea', '{09-24}'), ('polynesie', 'Pacific/Tahiti', '{03-05,06-29,11-20}'),
    ('polynesie francaise', 'Pacific/Tahiti', '{03-05,06-29,11-20}'), ('wallis et futuna', 'Pacific/Wallis', '{04-28,06-29,07-29}'),
    ('grand est', 'Europe/Paris', '{12-26,Easter-2}'), ('alsace', 'Europe/Paris', '{12-26,Easter-2}')
  ) p (name, time_zone, own_holidays) where p.name = leads.name_key(new.name);
  new.time_zone := coalesce(new.time_zone, v_place.time_zone, 'Europe/Paris');
  new.own_holidays := coalesce(new.own_holidays, v_place.own_holidays, '{}');
  return new;
end;
$$;
comment on function leads.place_region is 'Trigger: the hour and the holidays of a region, unless whoever adds it says them.';
create trigger place_region before insert on leads.regions for each row execute function leads.place_region();

create table leads.spellings (
  kind text not null check (kind in ('sector', 'region')),
  folded text not null,
  name text not null,
  key text not null generated always as (leads.directory_key(folded)) stored,
  primary key (kind, folded)
);
alter table leads.spellings enable row level security;
comment on table leads.spellings is 'Other spellings, folded (no accents, lower case), and the name they stand for.';

create index sectors_folded on leads.sectors (folded);
create index regions_folded on leads.regions (folded);
create index sectors_key on leads.sectors (key);
create index regions_key on leads.regions (key);
create index spellings_key on leads.spellings (kind, key);

create policy select_everyone on leads.sectors for select to anon, authenticated using (true);
create policy select_everyone on leads.regions for select to anon, authenticated using (true);
create policy select_staff on leads.spellings for select to authenticated using ((select platform.has_role('leads', 'admin')));
grant select on leads.sectors, leads.regions to anon, authenticated, service_role;
grant select on leads.spellings to authenticated, service_role;

insert into leads.sectors (name, color) values
  ('Énergie Solaire', '#fd7958'), ('Isolation', '#344a5e'), ('Pompe à Chaleur', '#4ecdc4'), ('Rénovation', '#f7b731'),
  ('Assurance', '#5f27cd'), ('Mutuelle Santé', '#26de81'), ('Finance', '#2d98da'), ('Immobilier', '#eb3b5a'),
  ('Formation', '#a55eea'), ('Télécom', '#20bf6b'), ('Automobile', '#778ca3'), ('Services B2B', '#3867d6');

insert into leads.regions (name) values
  ('Auvergne-Rhône-Alpes'), ('Bourgogne-Franche-Comté'), ('Bretagne'), ('Centre-Val de Loire'), ('Corse'), ('Grand Est'),
  ('Hauts-de-France'), ('Île-de-France'), ('Normandie'), ('Nouvelle-Aquitaine'), ('Occitanie'), ('PACA'), ('Pays de la Loire'),
  ('Guadeloupe'), ('Martinique'), ('Guyane'), ('La Réunion'), ('Mayotte');

insert into leads.spellings (kind, folded, name) values
  ('sector', 'solaire', 'Énergie Solaire'), ('sector', 'photovoltaique', 'Énergie Solaire'), ('sector', 'panneaux solaires', 'Énergie Solaire'),
  ('sector', 'pv', 'Énergie Solaire'), ('sector', 'solar', 'Énergie Solaire'), ('sector', 'solar energy', 'Énergie Solaire'),
  ('sector', 'isolation thermique', 'Isolation'), ('sector', 'insulation', 'Isolation'), ('sector', 'ite', 'Isolation'),
  ('sector', 'pac', 'Pompe à Chaleur'), ('sector', 'pompes a chaleur', 'Pompe à Chaleur'), ('sector', 'heat pump', 'Pompe à Chaleur'),
  ('sector', 'renovation energetique', 'Rénovation'), ('sector', 'travaux', 'Rénovation'), ('sector', 'insurance', 'Assurance'),
  ('sector', 'assurances', 'Assurance'), ('sector', 'mutuelle', 'Mutuelle Santé'), ('sector', 'sante', 'Mutuelle Santé'),
  ('sector', 'health insurance', 'Mutuelle Santé'), ('sector', 'real estate', 'Immobilier'), ('sector', 'training', 'Formation'),
  ('sector', 'telecoms', 'Télécom'), ('sector', 'auto', 'Automobile'), ('sector', 'b2b', 'Services B2B'),
  ('region', 'provence-alpes-cote d''azur', 'PACA'), ('region', 'provence alpes cote d''azur', 'PACA'), ('region', 'sud', 'PACA'),
  ('region', 'idf', 'Île-de-France'), ('region', 'ile de france', 'Île-de-France'), ('region', 'paris', 'Île-de-France'),
  ('region', 'rhone-alpes', 'Auvergne-Rhône-Alpes'), ('region', 'auvergne rhone alpes', 'Auvergne-Rhône-Alpes'), ('region', 'aura', 'Auvergne-Rhône-Alpes'),
  ('region', 'bourgogne franche comte', 'Bourgogne-Franche-Comté'), ('region', 'centre', 'Centre-Val de Loire'),
  ('region', 'centre val de loire', 'Centre-Val de Loire'), ('region', 'alsace', 'Grand Est'), ('region', 'lorraine', 'Grand Est'),
  ('region', 'grand-est', 'Grand Est'), ('region', 'nord-pas-de-calais', 'Hauts-de-France'), ('region', 'hauts de france', 'Hauts-de-France'),
  ('region', 'nouvelle aquitaine', 'Nouvelle-Aquitaine'), ('region', 'aquitaine', 'Nouvelle-Aquitaine'), ('region', 'pays-de-la-loire', 'Pays de la Loire'),
  ('region', 'reunion', 'La Réunion'), ('region', 'guyane francaise', 'Guyane'),
  ('sector', 'panneau solaire photovoltaique', 'Énergie Solaire'), ('sector', 'panneau photovoltaique', 'Énergie Solaire'),
  ('sector', 'photovoltaic', 'Énergie Solaire'), ('sector', 'solaire photovoltaique', 'Énergie Solaire'), ('sector', 'solar panel', 'Énergie Solaire'),
  ('sector', 'centrale solaire', 'Énergie Solaire'), ('sector', 'autoconsommation', 'Énergie Solaire'), ('sector', 'energies renouvelables', 'Énergie Solaire'),
  ('sector', 'isolation exterieure', 'Isolation'), ('sector', 'iti', 'Isolation'), ('sector', 'combles', 'Isolation'),
  ('sector', 'pac air eau', 'Pompe à Chaleur'), ('sector', 'pac air air', 'Pompe à Chaleur'), ('sector', 'pompe chaleur', 'Pompe à Chaleur'),
  ('sector', 'pac hybride', 'Pompe à Chaleur'), ('sector', 'pac geothermique', 'Pompe à Chaleur'),
  ('sector', 'travaux de renovation', 'Rénovation'), ('sector', 'home improvement', 'Rénovation'), ('sector', 'habitat', 'Rénovation'),
  ('sector', 'mutuelle senior', 'Mutuelle Santé'), ('sector', 'complementaire sante', 'Mutuelle Santé'), ('sector', 'assurance sante', 'Mutuelle Santé'),
  ('sector', 'assurance maladie complementaire', 'Mutuelle Santé'), ('sector', 'mutuelle entreprise', 'Mutuelle Santé'), ('sector', 'mutuelle tns', 'Mutuelle Santé'),
  ('sector', 'prevoyance', 'Assurance'), ('sector', 'credit', 'Finance'), ('sector', 'credit immobilier', 'Finance'), ('sector', 'rachat de credit', 'Finance'),
  ('sector', 'regroupement de credit', 'Finance'), ('sector', 'pret', 'Finance'), ('sector', 'pret immobilier', 'Finance'), ('sector', 'banque', 'Finance'),
  ('sector', 'investissement', 'Finance'), ('sector', 'placement', 'Finance'), ('sector', 'epargne', 'Finance'), ('sector', 'defiscalisation', 'Finance'),
  ('sector', 'patrimoine', 'Finance'), ('sector', 'gestion de patrimoine', 'Finance'), ('sector', 'financement', 'Finance'),
  ('sector', 'immo', 'Immobilier'), ('sector', 'immobiliere', 'Immobilier'), ('sector', 'achat immobilier', 'Immobilier'), ('sector', 'pinel', 'Immobilier'),
  ('sector', 'cpf', 'Formation'), ('sector', 'education', 'Formation'), ('sector', 'formation professionnelle', 'Formation'),
  ('sector', 'telecommunication', 'Télécom'), ('sector', 'telephonie', 'Télécom'), ('sector', 'box internet', 'Télécom'), ('sector', 'fibre', 'Télécom'),
  ('sector', 'voiture', 'Automobile'), ('sector', 'car', 'Automobile'), ('sector', 'automotive', 'Automobile'), ('sector', 'auto moto', 'Automobile'),
  ('sector', 'services aux entreprises', 'Services B2B'), ('sector', 'service entreprise', 'Services B2B'), ('sector', 'btob', 'Services B2B'),
  ('sector', 'b to b', 'Services B2B'),
  -- The regions of before 2016, English names, ISO 3166-2 and what people write.
  ('region', 'auvergne', 'Auvergne-Rhône-Alpes'), ('region', 'auvergne et rhone alpes', 'Auvergne-Rhône-Alpes'), ('region', 'ara', 'Auvergne-Rhône-Alpes'),
  ('region', 'bourgogne', 'Bourgogne-Franche-Comté'), ('region', 'franche-comte', 'Bourgogne-Franche-Comté'), ('region', 'bfc', 'Bourgogne-Franche-Comté'),
  ('region', 'bourgogne et franche comte', 'Bourgogne-Franche-Comté'), ('region', 'burgundy', 'Bourgogne-Franche-Comté'),
  ('region', 'brittany', 'Bretagne'), ('region', 'bzh', 'Bretagne'), ('region', 'cvl', 'Centre-Val de Loire'), ('region', 'centre loire', 'Centre-Val de Loire'),
  ('region', 'corsica', 'Corse'), ('region', 'collectivite de corse', 'Corse'), ('region', 'champagne-ardenne', 'Grand Est'), ('region', 'champagne', 'Grand Est'),
  ('region', 'acal', 'Grand Est'), ('region', 'alsace champagne ardenne lorraine', 'Grand Est'), ('region', 'hdf', 'Hauts-de-France'),
  ('region', 'picardie', 'Hauts-de-France'), ('region', 'nord-pas-de-calais-picardie', 'Hauts-de-France'), ('region', 'npdc', 'Hauts-de-France'),
  ('region', 'nord pas de calais et picardie', 'Hauts-de-France'), ('region', 'picardy', 'Hauts-de-France'), ('region', 'region parisienne', 'Île-de-France'),
  ('region', 'paris region', 'Île-de-France'), ('region', 'greater paris', 'Île-de-France'), ('region', 'paris ile de france', 'Île-de-France'),
  ('region', 'basse-normandie', 'Normandie'), ('region', 'haute-normandie', 'Normandie'), ('region', 'normandy', 'Normandie'),
  ('region', 'lower normandy', 'Normandie'), ('region', 'upper normandy', 'Normandie'),
  ('region', 'limousin', 'Nouvelle-Aquitaine'), ('region', 'poitou-charentes', 'Nouvelle-Aquitaine'), ('region', 'new aquitaine', 'Nouvelle-Aquitaine'),
  ('region', 'aquitaine limousin poitou charentes', 'Nouvelle-Aquitaine'), ('region', 'alpc', 'Nouvelle-Aquitaine'),
  ('region', 'midi-pyrenees', 'Occitanie'), ('region', 'languedoc-roussillon', 'Occitanie'), ('region', 'languedoc', 'Occitanie'),
  ('region', 'languedoc roussillon midi pyrenees', 'Occitanie'), ('region', 'occitania', 'Occitanie'), ('region', 'occitanie pyrenees mediterranee', 'Occitanie'),
  ('region', 'sud paca', 'PACA'), ('region', 'provence', 'PACA'), ('region', 'region sud', 'PACA'), ('region', 'sud provence alpes cote d''azur', 'PACA'),
  ('region', 'cote d''azur', 'PACA'), ('region', 'p a c a', 'PACA'), ('region', 'french riviera', 'PACA'), ('region', 'provence alpes cote azur', 'PACA'),
  ('region', 'pays de loire', 'Pays de la Loire'), ('region', 'pdl', 'Pays de la Loire'), ('region', 'pays loire', 'Pays de la Loire'),
  ('region', 'ile de la reunion', 'La Réunion'), ('region', 'reunion island', 'La Réunion'), ('region', 'ile reunion', 'La Réunion'),
  ('region', 'french guiana', 'Guyane'), ('region', 'ile de mayotte', 'Mayotte'),
  ('region', 'fr ara', 'Auvergne-Rhône-Alpes'), ('region', 'fr bfc', 'Bourgogne-Franche-Comté'), ('region', 'fr bre', 'Bretagne'),
  ('region', 'fr cvl', 'Centre-Val de Loire'), ('region', 'fr 20r', 'Corse'), ('region', 'fr cor', 'Corse'), ('region', 'fr ges', 'Grand Est'),
  ('region', 'fr hdf', 'Hauts-de-France'), ('region', 'fr idf', 'Île-de-France'), ('region', 'fr nor', 'Normandie'), ('region', 'fr naq', 'Nouvelle-Aquitaine'),
  ('region', 'fr occ', 'Occitanie'), ('region', 'fr pac', 'PACA'), ('region', 'fr pdl', 'Pays de la Loire'), ('region', 'fr gp', 'Guadeloupe'),
  ('region', 'fr mq', 'Martinique'), ('region', 'fr gf', 'Guyane'), ('region', 'fr re', 'La Réunion'), ('region', 'fr yt', 'Mayotte');

-- sql/leads/0005_departments.sql

-- The departments of France, each in its region (INSEE, code officiel géographique): a postcode begins with their number, and
-- people write their name or number for that of a region. Collectivities overseas that are no region are not in the list.
create table leads.departments (
  code text primary key,
  name text not null,
  region text not null references leads.regions (name) on update cascade,
  key text not null generated always as (leads.directory_key(name)) stored
);
alter table leads.departments enable row level security;
create index departments_region on leads.departments (region);
create index departments_key on leads.departments (key);
comment on table leads.departments is 'The departments of France and their regions.';
create policy select_everyone on leads.departments for select to anon, authenticated using (true);
grant select on leads.departments to anon, authenticated, service_role;

insert into leads.departments (code, name, region) values
  ('01', 'Ain', 'Auvergne-Rhône-Alpes'), ('03', 'Allier', 'Auvergne-Rhône-Alpes'), ('07', 'Ardèche', 'Auvergne-Rhône-Alpes'),
  ('15', 'Cantal', 'Auvergne-Rhône-Alpes'), ('26', 'Drôme', 'Auvergne-Rhône-Alpes'), ('38', 'Isère', 'Auvergne-Rhône-Alpes'),
  ('42', 'Loire', 'Auvergne-Rhône-Alpes'), ('43', 'Haute-Loire', 'Auvergne-Rhône-Alpes'), ('63', 'Puy-de-Dôme', 'Auvergne-Rhône-Alpes'),
  ('69', 'Rhône', 'Auvergne-Rhône-Alpes'), ('73', 'Savoie', 'Auvergne-Rhône-Alpes'), ('74', 'Haute-Savoie', 'Auvergne-Rhône-Alpes'),
  ('21', 'Côte-d''Or', 'Bourgogne-Franche-Comté'), ('25', 'Doubs', 'Bourgogne-Franche-Comté'), ('39', 'Jura', 'Bourgogne-Franche-Comté'),
  ('58', 'Nièvre', 'Bourgogne-Franche-Comté'), ('70', 'Haute-Saône', 'Bourgogne-Franche-Comté'),
  ('71', 'Saône-et-Loire', 'Bourgogne-Franche-Comté'), ('89', 'Yonne', 'Bourgogne-Franche-Comté'),
  ('90', 'Territoire de Belfort', 'Bourgogne-Franche-Comté'),
  ('22', 'Côtes-d''Armor', 'Bretagne'), ('29', 'Finistère', 'Bretagne'), ('35', 'Ille-et-Vilaine', 'Bretagne'), ('56', 'Morbihan', 'Bretagne'),
  ('18', 'Cher', 'Centre-Val de Loire'), ('28', 'Eure-et-Loir', 'Centre-Val de Loire'), ('36', 'Indre', 'Centre-Val de Loire'),
  ('37', 'Indre-et-Loire', 'Centre-Val de Loire'), ('41', 'Loir-et-Cher', 'Centre-Val de Loire'), ('45', 'Loiret', 'Centre-Val de Loire'),
  ('2A', 'Corse-du-Sud', 'Corse'), ('2B', 'Haute-Corse', 'Corse'),
  ('08', 'Ardennes', 'Grand Est'), ('10', 'Aube', 'Grand Est'), ('51', 'Marne', 'Grand Est'), ('52', 'Haute-Marne', 'Grand Est'),
  ('54', 'Meurthe-et-Moselle', 'Grand Est'), ('55', 'Meuse', 'Grand Est'), ('57', 'Moselle', 'Grand Est'), ('67', 'Bas-Rhin', 'Grand Est'),
  ('68', 'Haut-Rhin', 'Grand Est'), ('88', 'Vosges', 'Grand Est'),
  ('02', 'Aisne', 'Hauts-de-France'), ('59', 'Nord', 'Hauts-de-France'), ('60', 'Oise', 'Hauts-de-France'),
  ('62', 'Pas-de-Calais', 'Hauts-de-France'), ('80', 'Somme', 'Hauts-de-France'),
  ('75', 'Paris', 'Île-de-France'), ('77', 'Seine-et-Marne', 'Île-de-France'), ('78', 'Yvelines', 'Île-de-France'),
  ('91', 'Essonne', 'Île-de-France'), ('92', 'Hauts-de-Seine', 'Île-de-France'), ('93', 'Seine-Saint-Denis', 'Île-de-France'),
  ('94', 'Val-de-Marne', 'Île-de-France'), ('95', 'Val-d''Oise', 'Île-de-France'),
  ('14', 'Calvados', 'Normandie'), ('27', 'Eure', 'Normandie'), ('50', 'Manche', 'Normandie'), ('61', 'Orne', 'Normandie'),
  ('76', 'Seine-Maritime', 'Normandie'),
  ('16', 'Charente', 'Nouvelle-Aquitaine'), ('17', 'Charente-Maritime', 'Nouvelle-Aquitaine'), ('19', 'Corrèze', 'Nouvelle-Aquitaine'),
  ('23', 'Creuse', 'Nouvelle-Aquitaine'), ('24', 'Dordogne', 'Nouvelle-Aquitaine'), ('33', 'Gironde', 'Nouvelle-Aquitaine'),
  ('40', 'Landes', 'Nouvelle-Aquitaine'), ('47', 'Lot-et-Garonne', 'Nouvelle-Aquitaine'), ('64', 'Pyrénées-Atlantiques', 'Nouvelle-Aquitaine'),
  ('79', 'Deux-Sèvres', 'Nouvelle-Aquitaine'), ('86', 'Vienne', 'Nouvelle-Aquitaine'), ('87', 'Haute-Vienne', 'Nouvelle-Aquitaine'),
  ('09', 'Ariège', 'Occitanie'), ('11', 'Aude', 'Occitanie'), ('12', 'Aveyron', 'Occitanie'), ('30', 'Gard', 'Occitanie'),
  ('31', 'Haute-Garonne', 'Occitanie'), ('32', 'Gers', 'Occitanie'), ('34', 'Hérault', 'Occitanie'), ('46', 'Lot', 'Occitanie'),
  ('48', 'Lozère', 'Occitanie'), ('65', 'Hautes-Pyrénées', 'Occitanie'), ('66', 'Pyrénées-Orientales', 'Occitanie'), ('81', 'Tarn', 'Occitanie'),
  ('82', 'Tarn-et-Garonne', 'Occitanie'),
  ('04', 'Alpes-de-Haute-Provence', 'PACA'), ('05', 'Hautes-Alpes', 'PACA'), ('06', 'Alpes-Maritimes', 'PACA'),
  ('13', 'Bouches-du-Rhône', 'PACA'), ('83', 'Var', 'PACA'), ('84', 'Vaucluse', 'PACA'),
  ('44', 'Loire-Atlantique', 'Pays de la Loire'), ('49', 'Maine-et-Loire', 'Pays de la Loire'), ('53', 'Mayenne', 'Pays de la Loire'),
  ('72', 'Sarthe', 'Pays de la Loire'), ('85', 'Vendée', 'Pays de la Loire'),
  ('971', 'Guadeloupe', 'Guadeloupe'),
  ('972', 'Martinique', 'Martinique'),
  ('973', 'Guyane', 'Guyane'),
  ('974', 'La Réunion', 'La Réunion'),
  ('976', 'Mayotte', 'Mayotte');

-- sql/leads/0005_directory_names.sql

-- Which sector or region is meant by what people write. One function for files, forms and filters: each distinct spelling
-- costs a few look-ups, known or not.

create view leads.known_names with (security_invoker = true) as
select 'sector' as kind, s.key, s.name, 1 as rank from leads.sectors s
union all select 'region', r.key, r.name, 1 from leads.regions r
union all select o.kind, o.key, o.name, 2 from leads.spellings o
union all select 'region', d.key, d.region, 3 from leads.departments d
union all select 'region', lower(d.code), d.region, 3 from leads.departments d;
comment on view leads.known_names is 'The names and spellings by which a sector or region is found.';

-- 35000, 1000 that has lost its zero, F-35000, 35000 Rennes, 35000.0 of a spreadsheet; 20 is Corsica, and 2A004 its towns' number for it, 97 and 98 have three digits.
create function leads.region_of_postcode(postcode text)
returns text
language sql
stable
strict
set search_path = ''
as $$
  select d.region
  from (select lpad(c.digits, 5, '0') as code from (
      select substring(replace(upper(postcode), ' ', '') from '^(?:FR?-?)?([0-9]{4,5}|2[AB][0-9]{3})(?:[^0-9]|$)') as digits) c) p
  join leads.departments d on d.code = case
    when p.code like '2A%' or p.code like '200%' or p.code like '201%' then '2A' when p.code like '2B%' or p.code like '20%' then '2B'
    when p.code like '97%' then left(p.code, 3) else left(p.code, 2) end;
$$;
comment on function leads.region_of_postcode is 'The region of a French postcode; null for any other.';

-- « Région Bretagne », « Ile-de-France (IDF) », « 29 - Finistère », « Bretagne, France »: from what is written to what may be
-- left out of it. The first that is known counts.
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
  if strpos(written, '(') > 0 then v_bare := leads.directory_key(regexp_replace(written, '\([^)]*\)', ' ', 'g')); end if;
  return array[v_key, v_bare, regexp_replace(v_bare, '^[0-9]{1,3} | [0-9]{1,3}$', ''), regexp_replace(v_bare, ' (france|fr)$', ''),
    regexp_replace(v_bare, '^(region|departement|dept?|dpt|secteur|lead|projet|devis|demande de devis)( (de la|de l|de|du|des|d))? ', ''),
    case when v_key ~ '^[0-9]$' then '0' || v_key end];
end;
$$;
comment on function leads.name_variants is 'The keys under which a spelling may be known, best first.';

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
  -- A name of the catalogue has fewer words than that.
  for i in 1 .. least(cardinality(v_words) - 1, 20) loop v_leading := v_leading || array_to_string(v_words[1:i], ' '); end loop;
  return v_leading;
end;
$$;
comment on function leads.leading_words is 'What a key begins with: its first word, its first two and so on, never all of it.';

create function leads.resolve_names(kind text, spellings text[])
returns table (spelling text, name text)
language sql
stable
set search_path = ''
as $$
  with variants as (
    select w.spelling, v.key, v.place
    from unnest(spellings) as w (spelling) cross join lateral unnest(leads.name_variants(w.spelling)) with ordinality as v (key, place)
  ), found as (
    select distinct on (v.spelling) v.spelling, k.name
    from variants v join leads.known_names k on k.kind = resolve_names.kind and k.key = v.key
    order by v.spelling, v.place, k.rank, k.name <> v.spelling, k.name
  ), begun as (
    -- « Isolation des combles », « Assurance auto »: the name of a sector, and what is said of it.
    select distinct on (w.spelling) w.spelling, k.name
    from unnest(spellings) as w (spelling) cross join lateral unnest(leads.leading_words(leads.directory_key(w.spelling))) as l (key)
    join leads.known_names k on k.kind = 'sector' and k.key = l.key and (k.rank = 1 or length(k.key) > 7)
    where resolve_names.kind = 'sector'
    order by w.spelling, length(k.key) desc, k.rank
  )
  select w.spelling, coalesce(f.name, b.name,
    case when resolve_names.kind = 'region' then coalesce(
      case when w.spelling ~ '[0-9]{4}' then leads.region_of_postcode(w.spelling) end,
      -- « Île-de-France ; Paris », where all of it says the same.
      case when w.spelling ~ '[;,/|]' then (
        select case when count(*) = count(k.region) and count(distinct k.region) = 1 then min(k.region) end
        from regexp_split_to_table(w.spelling, '[;,/|]') as p (part)
        cross join lateral (select (select n.name from leads.known_names n where n.kind = 'region' and n.key = leads.directory_key(p.part)
          order by n.rank limit 1) as region) k) end) end)
  from (select distinct u.spelling from unnest(spellings) as u (spelling)) w
  left join found f on f.spelling = w.spelling left join begun b on b.spelling = w.spelling;
$$;
comment on function leads.resolve_names is 'The catalogue''s name for each spelling of a sector or region; null where it is unknown.';

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
      from (select s.name, s.folded from leads.sectors s where kind = 'sector' union all select r.name, r.folded from leads.regions r where kind = 'region') d
      order by 2 desc, 1 limit 2
    ) n where n.likeness >= 0.3);
end;
$$;
comment on function leads.nearest_names is 'The two names of the catalogue that are most like a spelling; null if none is.';

-- sql/leads/0005_imports.sql

-- One row per file that came in. total = inserted + updated + duplicates + invalid, always.
create sequence leads.import_numbers;
create table leads.imports (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default platform.short_reference('IMP', nextval('leads.import_numbers')),
  supplier_id uuid not null references leads.suppliers (id),
  file_name text not null,
  sha256 bytea check (length(sha256) = 32),
  source text,
  on_duplicate text not null default 'skip' check (on_duplicate in ('skip', 'update', 'report')),
  reading jsonb not null default '{}' check (jsonb_typeof(reading) = 'object'),
  upload_date date not null default leads.today(),
  total integer not null default 0 check (total >= 0),
  valid integer not null default 0 check (valid >= 0),
  invalid integer not null default 0 check (invalid >= 0),
  duplicates integer not null default 0 check (duplicates >= 0),
  inserted integer,
  updated integer,
  duplicates_in_file integer,
  duplicates_of_supplier integer,
  duplicates_sold integer,
  duplicates_on_platform integer,
  status text not null default 'processing' check (status in ('processing', 'completed', 'failed', 'pending_review')),
  qualification_status text not null default 'en_attente' check (qualification_status in ('en_cours', 'termine', 'en_attente')),
  handed_over_at timestamptz,
  processing_time text,
  failure text,
  undone_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (inserted is null or (valid = inserted + updated and total = valid + duplicates + invalid
    and duplicates = duplicates_in_file + duplicates_of_supplier + duplicates_sold + duplicates_on_platform))
);
alter table leads.imports enable row level security;
create index imports_supplier on leads.imports (supplier_id, id desc);
-- The same file, asked for in the same way, is one import: who sends it twice at once is told so by this index.
create unique index imports_same_request on leads.imports (supplier_id, sha256, on_duplicate, md5(reading::text))
  where sha256 is not null and status <> 'failed' and undone_at is null;
create index imports_handed_over on leads.imports (handed_over_at desc) where handed_over_at is not null;
create trigger touch before update on leads.imports for each row execute function platform.touch();
comment on table leads.imports is 'Files that suppliers sent, with their true counts.';
comment on column leads.imports.valid is 'Rows that became a lead or updated one.';
comment on column leads.imports.sha256 is 'Of the file''s bytes; null for a file that did not come in here.';
comment on column leads.imports.source is 'Where leads-cli read the file, HOST:PATH, so that it can go on after a crash; null for an upload.';
comment on column leads.imports.on_duplicate is 'What becomes of a row that is a lead already: skip it, update the supplier''s own unsold lead, or skip it and report it row by row.';
comment on column leads.imports.reading is 'How it was asked to be read: {mapping: {column key: field}, …}; what is left out is found in the file.';
comment on column leads.imports.duplicates_sold is 'Rows whose person a buyer has bought lately from another supplier.';
comment on column leads.imports.undone_at is 'When the import was last taken back; what had been sold or changed since stayed.';
comment on column leads.imports.inserted is 'Rows that became a lead, or will when a pending import is accepted; null, as the five counts after it, for a file that was not imported by this database.';
comment on column leads.imports.processing_time is 'How long the import took, as people read it (2m 34s); written once, when it ends.';
comment on column leads.imports.handed_over_at is 'When the agents got the file to qualify; null before.';
comment on column leads.imports.qualification_status is 'Where the agents are with the leads of this file.';

create policy select_own_or_staff on leads.imports for select to authenticated using (
  supplier_id = (select leads.my_supplier_id())
  or (select platform.has_role('leads', 'agent'))
  or (select platform.has_role('leads', 'admin'))
);
grant select on leads.imports to authenticated, service_role;

-- sql/leads/0006_leads.sql

-- What the catalogue may show of a lead. Last name, e-mail, telephone and the notes are rows of their own
-- (0007_lead_contacts), and only masks of them are here. Free text is not published: what the catalogue says of a lead is
-- its summary, and of the other texts those that do not name the person (0007_shown_texts).
create table leads.leads (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique,
  supplier_id uuid not null references leads.suppliers (id),
  import_id uuid references leads.imports (id),
  agent_id uuid references platform.profiles (id) on delete set null,
  first_name text not null,
  last_name_mask text not null,
  email_mask text,
  phone_mask text,
  company text,
  sector text not null references leads.sectors (name) on update cascade,
  region text not null references leads.regions (name) on update cascade,
  city text,
  source text,
  channel text,
  score integer not null default 0 check (score between 0 and 100),
  status text not null default 'new' check (status in ('new', 'qualified', 'sold', 'rejected', 'pending')),
  qualification_status text not null default 'pending'
    check (qualification_status in ('pending', 'in_progress', 'qualified', 'not_qualified', 'callback')),
  price_cents integer not null default 0 check (price_cents >= 0),
  is_exclusive boolean not null default false,
  has_audio_recording boolean not null default false,
  summary text,
  hidden_fields text[],
  search_text text not null generated always as (platform.fold(case when 'first_name' = any (hidden_fields) then '' else first_name end
    || ' ' || case when 'company' = any (hidden_fields) then '' else coalesce(company, '') end || ' ' || sector)) stored,
  on_sale boolean not null generated always as (status = 'qualified' and withdrawn_at is null and erased_at is null) stored,
  qualified_at timestamptz,
  sold_at timestamptz,
  sales_count smallint not null default 0 check (sales_count >= 0),
  withdrawn_at timestamptz,
  erased_at timestamptz,
  collected_at timestamptz,
  has_consent boolean not null default false,
  call_basis text not null generated always as (case when has_consent then '' else lower(coalesce(source, '-')) end) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table leads.leads enable row level security;
create index leads_supplier on leads.leads (supplier_id, id desc);
create index leads_import on leads.leads (import_id) where import_id is not null;
create index leads_agent on leads.leads (agent_id) where agent_id is not null;
create index leads_sector on leads.leads (sector, id desc);
create index leads_region on leads.leads (region, id desc);
create index leads_on_sale on leads.leads (id desc) where on_sale;
-- All that decides who sees a lead, so that an exact count need not read the leads themselves.
create index leads_visibility on leads.leads (id desc) include (on_sale, supplier_id, qualification_status, agent_id) where withdrawn_at is null;
create index leads_erased on leads.leads (id) where erased_at is not null;
create index leads_search on leads.leads using gin (search_text extensions.gin_trgm_ops);
create trigger touch before update on leads.leads for each row execute function platform.touch();
comment on table leads.leads is 'Leads, without what identifies the person.';
comment on column leads.leads.id is 'uuid v7: lists are ordered by it, newest first.';
comment on column leads.leads.agent_id is 'The agent who qualifies or qualified the lead.';
comment on column leads.leads.summary is 'What the catalogue says of the lead, written for it: never a name, an address or a number.';
comment on column leads.leads.hidden_fields is
  'Columns whose text names the person (first_name, company, city, source, channel): shown with the contact only. Null if there are none.';
comment on column leads.leads.on_sale is 'Qualified and still sellable: what the public catalogue shows.';
comment on column leads.leads.collected_at is 'When the person left it, where its supplier says so; a lead is as old as that.';
comment on column leads.leads.has_consent is 'Whether there is a proof of consent (leads.lead_consents).';
comment on column leads.leads.call_basis is 'By what the person may be called: empty with a proof of consent, else the source, which a rule may let pass without.';
comment on column leads.leads.sales_count is 'How many buyers have bought the lead; it is sold when no more may.';
comment on column leads.leads.withdrawn_at is 'Set when the lead was deleted by its supplier or an admin.';
comment on column leads.leads.erased_at is 'Set when the person had what identifies him erased; nobody gets it back or buys it.';

-- Rows of money outlive the person's data.
create function leads.title_of(lead leads.leads)
returns text
language plpgsql
immutable
set search_path = ''
as $$ begin return case when lead.company is null or 'company' = any (lead.hidden_fields) then lead.sector else lead.company end; end; $$;
comment on function leads.title_of is 'What a lead is called in a list of movements: its company unless that names the person, else its sector.';

-- sql/leads/0007_lead_contacts.sql

-- Who the person is. One row per lead, seen by admins, by the supplier who brought it, by the agent who
-- qualifies it and by a buyer who bought it; everyone else reads the masks in leads.leads.
create table leads.lead_contacts (
  lead_id uuid primary key references leads.leads (id) on delete cascade,
  supplier_id uuid not null references leads.suppliers (id),
  last_name text not null,
  email text,
  phone text,
  phone2 text constraint phones_differ check (phone2 <> phone),
  name_unsplit boolean not null default false,
  notes text,
  hidden_text text,
  search_text text not null generated always as (platform.fold(last_name || coalesce(' ' || hidden_text, ''))) stored
);
alter table leads.lead_contacts enable row level security;
create index lead_contacts_supplier on leads.lead_contacts (supplier_id);
create index lead_contacts_email on leads.lead_contacts (lower(email)) where email is not null;
create index lead_contacts_phone on leads.lead_contacts (phone) where phone is not null;
create index lead_contacts_phone2 on leads.lead_contacts (phone2) where phone2 is not null;
create index lead_contacts_search on leads.lead_contacts using gin (search_text extensions.gin_trgm_ops);
comment on column leads.lead_contacts.hidden_text is 'First name and company of the lead where the catalogue does not show them: who sees the contact finds by them.';
comment on table leads.lead_contacts is 'What identifies the person behind a lead. Masked for everybody who has no right to it.';
comment on column leads.lead_contacts.email is 'Its domain as the network knows it (xn--…); people read it by platform.shown_email.';
comment on column leads.lead_contacts.phone2 is 'A second telephone of the same person.';
comment on column leads.lead_contacts.name_unsplit is 'last_name is first and last name in one, since nothing told them apart; somebody has to.';

-- sql/leads/0007_lead_texts.sql

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
      '[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\u0300-\u036f\u20e3]', '', 'g')),
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
create function leads.digits_of(plain text, with_words boolean, eighties boolean, ones boolean, out digits text, out numbers text)
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
    regexp_replace(replace(replace(plain, '%', ' pourcent '), '€', ' euros '), '\m[0-3]?\d/[01]?\d/(19|20)\d\d\M', ' ', 'g'),
    '[^a-z0-9]+', ' ', 'g')), ' ');
  v_token text;
  v_number integer;
  v_open integer;
begin
  digits := '';
  numbers := '';
  if eighties then v_tokens := string_to_array(regexp_replace(array_to_string(v_tokens, ' '), 'quatre vingts?', '80', 'g'), ' '); end if;
  foreach v_token in array v_tokens || ''::text loop
    v_number := case when with_words and (ones or v_token not in ('un', 'une', 'one')) then (v_words ->> v_token)::integer end;
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
    elsif v_token = '' or v_token in ('puis', 'et', 'ensuite', 'tiret', 'point', 'slash', 'espace', 'virgule', 'then', 'plus', 'ou', 'etoile') then
      continue;
    elsif v_token !~ '[0-9]' or v_token in ('m2', 'm3') then
      numbers := case when v_token ~ v_unit_alone then regexp_replace(numbers, '(^|x)[0-9]{1,7}$', '\1x') else numbers || 'x' end;
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
    v_names := v_names || array(select leads.letters_of(n) from regexp_split_to_table(v_last, '[^a-z0-9]+') n where length(n) > 3);
  end if;
  foreach v_name in array v_names loop
    if length(v_name) > 4 then
      if strpos(v_letters, v_name) > 0 or strpos(v_letters, reverse(v_name)) > 0 then return true; end if;
    -- A short one is in many words: « Roy » in « Leroy ». It counts where it stands alone, be it letter by letter.
    elsif length(v_name) > 1 and strpos(v_letters, v_name) > 0 then
      v_words := ' ' || btrim(regexp_replace(translate(plain, '013457l8$!|', 'oieastibsii'), '[^a-z]+', ' ', 'g')) || ' ';
      if v_words ~ (' ' || array_to_string(string_to_array(v_name, null), ' ?') || ' ')
        or length(v_first) > 1 and (strpos(v_letters, v_first || v_name) > 0 or strpos(v_letters, v_name || v_first) > 0) then return true; end if;
    end if;
  end loop;
  v_name := leads.letters_of(leads.plain_text(v_mailbox));
  return length(v_name) > 4 and v_name <> v_first and strpos(v_letters, v_name) > 0
    and v_mailbox not in ('contact', 'contacts', 'infos', 'accueil', 'bonjour', 'hello', 'email', 'admin', 'direction', 'commercial', 'commerce',
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
  return regexp_replace(plain, '(zero|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingts?|trente|quarante|cinquante|soixante|septante|huitante|nonante)'
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
    union select (leads.digits_of(plain, true, e, o)).digits from (values (true), (false)) a (e), (values (true), (false)) b (o) where v_in_words
  loop
    continue when length(v_digits) < 6;
    foreach v_phone in array phones loop
      v_phone := '0' || right(regexp_replace(v_phone, '[^0-9]', '', 'g'), 9);
      for i in 1 .. length(v_phone) - 5 loop
        v_said := substr(v_phone, i, 6);
        if strpos(v_digits, v_said) > 0 or strpos(v_digits, reverse(v_said)) > 0
          -- Its pairs from the last to the first.
          or i % 2 = 1 and strpos(v_digits, right(v_said, 2) || substr(v_said, 3, 2) || left(v_said, 2)) > 0 then return true; end if;
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
    '\m[1-9][0-9]{0,2}([ .]?000)? ?(ou|et|a|-|/) ?(?=[1-9][0-9]{0,2}([ .]?000)? ?(€|k€|ke\M|eur|m2|kw|ans?\M|mois))', ' x ', 'g');
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
        lateral (select (leads.digits_of(leads.part_ranges(leads.part_numbers(v_plain)), true, eighties, false)).numbers) n (said)
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
  return leads.looks_like_contact(plain) or leads.tells_place(plain) or leads.spells_name(plain, first_name, last_name, email)
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
    if exists (select from unnest(v_said) a where right(a, i) = left(name, i)) and exists (select from unnest(v_said) b where starts_with(b, substr(name, i + 1))) then
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
  if leads.names_contact(leads.plain_text(first_name), null, last_name, email, phones) then v_hidden := v_hidden || 'first_name'::text; end if;
  if leads.names_contact(leads.plain_text(company), first_name, last_name, email, phones) then v_hidden := v_hidden || 'company'::text; end if;
  if leads.names_contact(leads.plain_text(city), first_name, last_name, email, phones) then v_hidden := v_hidden || 'city'::text; end if;
  if leads.names_contact(leads.plain_text(source), first_name, last_name, email, phones) then v_hidden := v_hidden || 'source'::text; end if;
  if leads.names_contact(leads.plain_text(channel), first_name, last_name, email, phones) then v_hidden := v_hidden || 'channel'::text; end if;
  -- What is cut in pieces is read together, in whichever order.
  if v_hidden is null and (leads.names_contact(leads.plain_text(concat_ws(' ', company, first_name, city, source, channel)), null, last_name, email, phones)
    or leads.is_cut_between(leads.letters_of(leads.plain_text(last_name)), array[first_name, company, city, source, channel])) then
    v_hidden := '{first_name,company,city,source,channel}';
  end if;
  return v_hidden;
end;
$$;
comment on function leads.look_closely_at_fields is 'What leads.fields_to_hide answers, by all that a text is looked at for.';

-- sql/leads/0007_quick_look.sql

-- Of nearly all leads one look at their texts tells what looking closely (0007_lead_texts) would say: they are made of letters,
-- or of signs and figures too few for a number, and the letters of the name are in none of them, or in the company's alone.
-- A file asks for a million of these, and looking closely costs fifty times as much. Whatever is not as plain as that is left to
-- it, so that both always say the same.

create function leads.fields_to_hide(
  first_name text, company text, city text, source text, channel text, last_name text, email text, phones text[]
)
returns text[]
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
declare
  v_said text := lower(extensions.unaccent('extensions.unaccent'::regdictionary,
    concat_ws(e'\n', coalesce(last_name, ''), company, first_name, city, source, channel)));
  v_texts text;
  v_name text;
  v_letters text;
  v_part text;
begin
  <<quick_look>>
  begin
    exit quick_look when strpos(concat(last_name, company, first_name, city, source, channel), e'\n') > 0;
    -- The letters of each text, as leads.letters_of has them.
    if v_said !~ '[^a-z \n''.-]' then
      v_texts := replace(replace(replace(replace(replace(v_said, ' ', ''), '-', ''), '''', ''), '.', ''), 'l', 'i');
    else
      exit quick_look when v_said ~ '[^a-z0-9 \n''.,;:/&-]|[a-z][0-9]|[0-9][a-z]|([0-9][^0-9]*){6}' or leads.tells_place(replace(v_said, e'\n', ' '));
      v_texts := regexp_replace(translate(v_said, '013457l8', 'oieastib'), '[^a-z\n]', '', 'g');
    end if;
    v_name := split_part(v_texts, e'\n', 1);
    v_texts := substr(v_texts, length(v_name) + 1);
    v_letters := replace(v_texts, e'\n', '');

    -- No number is told in words without one of these.
    exit quick_look when v_said like any ('{%x%,%z%,%q%,%trois%,%sept%,%huit%,%neuf%,%vingt%,%ante%,%trent%,%two%,%three%,%four%,%five%,%seven%,%eight%,%nine%,%one%one%one%,%arobas%,%www.%}')
      and (v_said ~ 'arobas|www\.' or leads.has_number_words(v_said));

    -- Of a name in several words each may be told.
    v_part := split_part(v_said, e'\n', 1);
    if length(v_part) > length(v_name) then
      exit quick_look when v_part ~ '[^a-z ''-]';
      foreach v_part in array string_to_array(translate(v_part, 'l''-', 'i  '), ' ') loop
        exit quick_look when length(v_part) > 3 and (strpos(v_letters, v_part) > 0 or strpos(v_letters, reverse(v_part)) > 0);
      end loop;
    end if;

    -- The first letters of the mailbox do, if they are letters.
    v_part := left(replace(replace(replace(split_part(email, '@', 1), '.', ''), '-', ''), '_', ''), 5);
    if v_part ~ '[^a-z]' then v_part := leads.letters_of(leads.plain_text(split_part(email, '@', 1))); end if;
    v_part := case when length(v_part) > 4 then replace(v_part, 'l', 'i') end;

    if length(v_name) > 1 and strpos(v_letters, v_name) > 0 then
      -- Then the others are to say nothing.
      v_letters := split_part(v_texts, e'\n', 2);
      exit quick_look when length(v_name) < 5 or company is null or strpos(v_letters, v_name) = 0;
      v_letters := replace(substr(v_texts, length(v_letters) + 2), e'\n', '');
      exit quick_look when strpos(v_letters, v_name) > 0 or strpos(v_letters, reverse(v_name)) > 0 or strpos(v_letters, v_part) > 0;
      return '{company}';
    end if;
    exit quick_look when strpos(v_letters, v_part) > 0;

    if length(v_name) > 4 then
      exit quick_look when strpos(v_letters, reverse(v_name)) > 0;
      -- A name that is cut in two ends a text and begins another.
      if strpos(v_letters, left(v_name, 2)) > 0 and strpos(v_letters, right(v_name, 2)) > 0 then
        v_texts := v_texts || e'\n';
        for i in 2 .. length(v_name) - 2 loop
          exit quick_look when strpos(v_texts, left(v_name, i) || e'\n') > 0 and strpos(v_texts, e'\n' || substr(v_name, i + 1)) > 0;
        end loop;
      end if;
    end if;
    return null;
  end quick_look;
  return leads.look_closely_at_fields(first_name, company, city, source, channel, last_name, email, phones);
end;
$$;
comment on function leads.fields_to_hide is 'Which texts of a lead the catalogue does not show, since they name the person; null if it shows all.';

-- sql/leads/0007_shown_texts.sql

-- What strangers read of a lead is looked at by the contact behind it, whichever of the two is written: the summary is refused
-- if it names the person, the other texts are hidden. A merge looks at a piece of its file at a time (0032_import_checks),
-- and says so while it writes new leads.

create function leads.phones_of(contact leads.lead_contacts)
returns text[]
language plpgsql
immutable
set search_path = ''
as $$ begin return array[contact.phone, contact.phone2]; end; $$;
comment on function leads.phones_of is 'All telephones of a contact.';

create function leads.hidden_text(lead leads.leads)
returns text
language sql
immutable
set search_path = ''
as $$
  select string_agg(f.said, ' ') from (values ('first_name', lead.first_name), ('company', lead.company)) f (field, said)
  where f.field = any (lead.hidden_fields);
$$;
comment on function leads.hidden_text is 'What the search would find of the lead if it were shown.';

create function leads.look_at_texts(lead leads.leads, contact leads.lead_contacts)
returns text[]
language plpgsql
set search_path = ''
as $$
begin
  if lead.erased_at is not null then return null; end if;
  if not leads.is_name(lead.first_name) then
    perform leads.refuse_fields(leads.field_problem('firstName', 'invalid_name', leads.problem_message('firstName', 'invalid_name', lead.first_name)));
  elsif not leads.is_name(contact.last_name) then
    perform leads.refuse_fields(leads.field_problem('lastName', 'invalid_name', leads.problem_message('lastName', 'invalid_name', contact.last_name)));
  end if;
  if leads.contact_in_text(lead.summary, lead.first_name, contact.last_name, contact.email, leads.phones_of(contact)) then
    perform leads.refuse_fields(leads.field_problem('summary', 'contact_in_text', leads.problem_message('summary', 'contact_in_text', null)));
  end if;
  return leads.fields_to_hide(lead.first_name, lead.company, lead.city, lead.source, lead.channel,
    contact.last_name, contact.email, leads.phones_of(contact));
end;
$$;
comment on function leads.look_at_texts is '422 if a name is none, or the summary names the person; else the fields that are to be hidden.';

create function leads.look_at_lead()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_contact leads.lead_contacts;
begin
  select c.* into v_contact from leads.lead_contacts c where c.lead_id = new.id;
  -- A new lead has none yet.
  if not found then return new; end if;
  new.hidden_fields := leads.look_at_texts(new, v_contact);
  update leads.lead_contacts c set hidden_text = leads.hidden_text(new)
    where c.lead_id = new.id and c.hidden_text is distinct from leads.hidden_text(new);
  return new;
end;
$$;
create trigger look_at_texts before update of first_name, company, city, source, channel, summary on leads.leads for each row
  when ((old.first_name, old.company, old.city, old.source, old.channel, old.summary)
    is distinct from (new.first_name, new.company, new.city, new.source, new.channel, new.summary))
  execute function leads.look_at_lead();

create function leads.look_at_contact()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_lead leads.leads;
  v_hidden text[];
begin
  select l.* into v_lead from leads.leads l where l.id = new.lead_id for no key update;
  v_hidden := leads.look_at_texts(v_lead, new);
  if v_hidden is distinct from v_lead.hidden_fields then
    update leads.leads l set hidden_fields = v_hidden where l.id = new.lead_id returning * into v_lead;
  end if;
  new.hidden_text := leads.hidden_text(v_lead);
  return new;
end;
$$;
create trigger look_at_texts_insert before insert on leads.lead_contacts for each row
  when (current_setting('leads.texts_are_looked_at', true) is distinct from 'on') execute function leads.look_at_contact();
create trigger look_at_texts before update of last_name, email, phone, phone2 on leads.lead_contacts for each row
  when ((old.last_name, old.email, old.phone, old.phone2) is distinct from (new.last_name, new.email, new.phone, new.phone2)) execute function leads.look_at_contact();

-- sql/leads/0008_sales.sql

-- A sale gives a buyer a lead. The keys are the arbiter: the same buyer never pays twice for one lead, and a lead has as
-- many places as it may have buyers, one if it is exclusive. Rows are never changed.
create table leads.sales (
  lead_id uuid not null references leads.leads (id),
  buyer_id uuid not null references platform.profiles (id),
  supplier_id uuid not null references leads.suppliers (id),
  place smallint not null default 1,
  places smallint not null default 1,
  credits integer not null default 0 check (credits >= 0),
  price_cents integer not null check (price_cents >= 0),
  supplier_share_cents integer not null default 0 check (supplier_share_cents between 0 and price_cents),
  given_credits integer not null default 0,
  given_share_cents integer not null default 0,
  budget_cents integer not null default 0,
  rules jsonb not null default '{}',
  return_until timestamptz not null default now(),
  transfer_id uuid references platform.ledger_transfers (id),
  sold_at timestamptz not null default now(),
  primary key (buyer_id, lead_id),
  unique (lead_id, place),
  check (place between 1 and places),
  check (given_credits between 0 and credits and budget_cents between 0 and given_share_cents)
);
alter table leads.sales enable row level security;
create index sales_supplier on leads.sales (supplier_id);
create index sales_transfer on leads.sales (transfer_id) where transfer_id is not null;
create trigger append_only before update or truncate on leads.sales for each statement execute function platform.refuse_change();
comment on table leads.sales is 'Which buyer bought which lead, for how much, and what the supplier earned by it.';
comment on column leads.sales.places is 'How many buyers the lead could have when it was sold.';
comment on column leads.sales.supplier_share_cents is 'What the supplier earned: his share by the rules, less given_share_cents, and budget_cents.';
comment on column leads.sales.given_credits is 'How many of the credits had been given to the buyer.';
comment on column leads.sales.given_share_cents is 'The part of the supplier''s share that given credits stand for; they bring him nothing by themselves.';
comment on column leads.sales.budget_cents is 'What of that part the month''s budget for given credits paid.';
comment on column leads.sales.rules is 'The rules that made the price, as they were: {kind: {value, rule, version}}.';
comment on column leads.sales.return_until is 'Until when the buyer may give the lead back; then the supplier''s share is payable.';
comment on column leads.sales.transfer_id is 'The movement of money; null for a sale of before this ledger.';

create policy select_own_or_admin on leads.sales for select to authenticated using (
  buyer_id = (select auth.uid()) or supplier_id = (select leads.my_supplier_id()) or (select platform.has_role('leads', 'admin'))
);
grant select on leads.sales to anon, authenticated, service_role;
select platform.audit('leads.sales');

-- A buyer may ask for his credits back within the rule's window; an admin decides. One request per sale.
create sequence leads.return_numbers;
create table leads.returns (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default platform.short_reference('RET', nextval('leads.return_numbers')),
  buyer_id uuid not null,
  lead_id uuid not null,
  lead_reference text not null,
  lead_name text not null,
  reason text not null check (reason in ('invalid_number', 'duplicate', 'out_of_criteria')),
  comment text check (length(comment) <= 2000),
  status text not null default 'requested' check (status in ('requested', 'accepted', 'refused')),
  requested_at timestamptz not null default now(),
  decided_at timestamptz,
  decided_by uuid,
  decision_note text check (length(decision_note) <= 2000),
  transfer_id uuid references platform.ledger_transfers (id),
  credits_recovered integer not null default 0 check (credits_recovered >= 0),
  unique (buyer_id, lead_id),
  foreign key (buyer_id, lead_id) references leads.sales (buyer_id, lead_id),
  check ((status = 'requested') = (decided_at is null)),
  check ((status = 'accepted') = (transfer_id is not null))
);
alter table leads.returns enable row level security;
create index returns_lead on leads.returns (lead_id);
create index returns_requested on leads.returns (id) where status = 'requested';
create index returns_transfer on leads.returns (transfer_id) where transfer_id is not null;
comment on column leads.returns.credits_recovered is 'How many of the credits make good what a refunded pack of the buyer lacked.';
comment on table leads.returns is 'Leads that buyers gave back, and what was decided.';
create policy select_own_or_admin on leads.returns for select to authenticated
  using (buyer_id = (select auth.uid()) or (select platform.has_role('leads', 'admin')));
select platform.audit('leads.returns');

-- What a buyer has, and not what he had: a sale that was given back stays among the sales.
create view leads.kept_sales with (security_invoker = true) as
select s.buyer_id, s.lead_id from leads.sales s
where not exists (select from leads.returns r where r.buyer_id = s.buyer_id and r.lead_id = s.lead_id and r.status = 'accepted');
comment on view leads.kept_sales is 'The sales that were not given back.';

-- What became of a lead at its buyer's.
create table leads.outcomes (
  buyer_id uuid not null,
  lead_id uuid not null,
  outcome text not null check (outcome in ('won', 'lost', 'unreachable')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (buyer_id, lead_id),
  foreign key (buyer_id, lead_id) references leads.sales (buyer_id, lead_id)
);
alter table leads.outcomes enable row level security;
create index outcomes_lead on leads.outcomes (lead_id);
create trigger touch before update on leads.outcomes for each row execute function platform.touch();
comment on table leads.outcomes is 'What the buyer made of a lead; it feeds his conversion rate.';
create policy select_own_or_admin on leads.outcomes for select to authenticated
  using (buyer_id = (select auth.uid()) or (select platform.has_role('leads', 'admin')));
grant select on leads.returns, leads.outcomes to authenticated, service_role;

-- sql/leads/0009_visibility.sql

-- Who sees which lead, and whose contact. These predicates are the only place where it is said: the views run
-- under them, and the search reads them from the catalogue (0010_search).

-- The public catalogue is for everybody but those who work on the other side of the market, unless they buy as well.
create function leads.sees_catalogue()
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return platform.has_role('leads', 'acheteur')
    or not exists (select from platform.memberships m where m.user_id = auth.uid() and m.system = 'leads');
end;
$$;
comment on function leads.sees_catalogue is 'Whether the caller sees the leads that are on sale.';
grant execute on function leads.sees_catalogue to authenticated, service_role;

-- What a policy asks of another table it asks through a function with the owner's rights. As subqueries, the policies
-- of that table would be planned into every query on leads: 0.8 ms of it, and a page in the heap for every purchase.
-- `rows` is low because the planner charges for each lead what is done once, and would read all contacts instead.
create function leads.my_purchases()
returns setof uuid
language plpgsql
stable
security definer
set search_path = ''
rows 10
as $$
begin
  if platform.has_role('leads', 'acheteur') then
    return query select s.lead_id from leads.kept_sales s where s.buyer_id = (select auth.uid());
  end if;
end;
$$;
comment on function leads.my_purchases is 'The leads that the caller bought and did not give back.';

create function leads.has_bought(lead_id uuid)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return exists (select from leads.sales s where s.buyer_id = auth.uid() and s.lead_id = has_bought.lead_id);
end;
$$;
comment on function leads.has_bought is 'Whether the caller bought the lead.';

-- Asked lead by lead: an agent qualifies more leads in a year than a buyer ever buys.
create function leads.is_my_qualification(lead_id uuid)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return exists (select from leads.leads l where l.id = is_my_qualification.lead_id and l.agent_id = auth.uid());
end;
$$;
comment on function leads.is_my_qualification is 'Whether the caller qualifies or qualified the lead.';

create function leads.works_on_leads()
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return leads.my_supplier_id() is not null or platform.has_role('leads', 'agent') or platform.has_role('leads', 'admin');
end;
$$;
comment on function leads.works_on_leads is 'Whether the caller sees leads as their supplier, as an agent or as an admin.';
grant execute on function leads.has_bought to anon, authenticated, service_role;
grant execute on function leads.my_purchases, leads.is_my_qualification, leads.works_on_leads to authenticated, service_role;

-- A lead without proof of consent is on sale unless the rule says otherwise. Asked lead by lead only where it does.
create function leads.sells_without_consent()
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return not coalesce((leads.work_rule('consent_required_for_sale'))::boolean, false);
end;
$$;
comment on function leads.sells_without_consent is 'Whether a lead may be sold that has no proof of consent.';

create function leads.has_consent(lead_id uuid)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return exists (select from leads.lead_consents c where c.lead_id = has_consent.lead_id);
end;
$$;
comment on function leads.has_consent is 'Whether there is a proof that the person behind a lead agreed to be called.';
grant execute on function leads.sells_without_consent, leads.has_consent to anon, authenticated, service_role;

-- Of whom nothing is sold. Asked of the suppliers and not kept with their leads: to suspend one who has brought a million
-- would write them all, and a sale that is under way would be let through.
create function leads.suspended_suppliers()
returns setof uuid
language plpgsql
stable
security definer
set search_path = ''
rows 10
as $$ begin return query select s.id from leads.suppliers s where s.status = 'suspended'; end; $$;
comment on function leads.suspended_suppliers is 'The suppliers whose leads are in no catalogue.';
grant execute on function leads.suspended_suppliers to anon, authenticated, service_role;

create policy select_on_sale on leads.leads for select to anon
  using (on_sale and supplier_id not in (select leads.suspended_suppliers()) and ((select leads.sells_without_consent()) or leads.has_consent(id)));
-- works_on_leads is implied by what follows it: asked once, it spares a buyer three questions about each row.
create policy select_visible on leads.leads for select to authenticated using (
  (on_sale and (select leads.sees_catalogue()) and supplier_id not in (select leads.suspended_suppliers())
    and ((select leads.sells_without_consent()) or leads.has_consent(id)))
  or id in (select leads.my_purchases())
  or ((select leads.works_on_leads()) and (
    supplier_id = (select leads.my_supplier_id())
    or ((select platform.has_role('leads', 'agent'))
      and (qualification_status in ('pending', 'in_progress', 'callback') or agent_id = (select auth.uid())))
    or (select platform.has_role('leads', 'admin'))
  ))
);
grant select on leads.leads to anon, authenticated, service_role;

create policy select_visible on leads.lead_contacts for select to authenticated using (
  supplier_id = (select leads.my_supplier_id())
  or (select platform.has_role('leads', 'admin'))
  or lead_id in (select leads.my_purchases())
  or ((select platform.has_role('leads', 'agent')) and leads.is_my_qualification(lead_id))
);
-- anon holds the privilege, which the view needs, and no policy: no row.
grant select on leads.lead_contacts to anon, authenticated, service_role;

-- PostgreSQL answers a write to a view over several tables with SQLSTATE 55000, before it asks for a right, and PostgREST
-- makes 500 of that. With a trigger the missing right is what is said: 401 or 403.
create function leads.refuse_write()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform platform.fail(405, 'read_only', 'Cette liste ne peut qu''être lue.');
end;
$$;
comment on function leads.refuse_write is 'Trigger of views that are only read.';

-- Instants and euros are written out, as platform.iso_timestamp and leads.euros have them: a function with a
-- search_path of its own is not inlined, and three calls a row were two thirds of a page's time.
create view leads.lead_rows with (security_invoker = true) as
select
  l.id as key,
  l.reference as id,
  case when c.lead_id is null and 'first_name' = any (l.hidden_fields) then upper(left(l.first_name, 1)) || '.' else l.first_name end as "firstName",
  coalesce(c.last_name, l.last_name_mask) as "lastName",
  case when c.lead_id is null then l.email_mask when c.email like '%xn--%' then platform.shown_email(c.email) else c.email end as email,
  case when c.lead_id is null then l.phone_mask else c.phone end as phone,
  case when c.lead_id is null and 'company' = any (l.hidden_fields) then null else l.company end as company,
  l.sector,
  l.region,
  case when c.lead_id is null and 'city' = any (l.hidden_fields) then null else l.city end as city,
  case when c.lead_id is null and 'source' = any (l.hidden_fields) then null else l.source end as source,
  case when c.lead_id is null and 'channel' = any (l.hidden_fields) then null else l.channel end as channel,
  l.score,
  -- A lead that may be sold to others as well is sold to whoever bought it.
  case when l.sales_count > 0 and c.lead_id is not null and (select platform.has_role('leads', 'acheteur')) and leads.has_bought(l.id)
    then 'sold' else l.status end as status,
  l.qualification_status as "qualificationStatus",
  (to_json(l.created_at at time zone 'UTC') #>> '{}') || 'Z' as "createdAt",
  (to_json(l.updated_at at time zone 'UTC') #>> '{}') || 'Z' as "updatedAt",
  trim_scale(l.price_cents / 100.0) as price,
  l.is_exclusive as "isExclusive",
  l.has_audio_recording as "hasAudioRecording",
  case when c.lead_id is null then l.summary else c.notes end as notes,
  c.phone2 as phone2,
  (to_json(l.collected_at at time zone 'UTC') #>> '{}') || 'Z' as "collectedAt"
from leads.leads l
left join leads.lead_contacts c on c.lead_id = l.id
where l.withdrawn_at is null and (select platform.refuse_suspended('leads')) and (select platform.refuse_costly_query());
comment on view leads.lead_rows is 'What public.leads shows, with the internal key that orders it; a page is fetched by this key (0010_search).';
grant select on leads.lead_rows to anon, authenticated, service_role;

create view public.leads with (security_invoker = true) as
select
  r.id, r."firstName", r."lastName", r.email, r.phone, r.company, r.sector, r.region, r.city, r.source, r.channel, r.score, r.status,
  r."qualificationStatus", r."createdAt", r."updatedAt", r.price, r."isExclusive", r."hasAudioRecording", r.notes, r.phone2, r."collectedAt"
from leads.lead_rows r
order by r.key desc;
comment on view public.leads is 'Leads as the caller may see them, newest first; contacts masked unless the caller has a right to them.';
create trigger refuse_write instead of insert or update or delete on public.leads for each row execute function leads.refuse_write();
grant select on public.leads to anon, authenticated, service_role;

-- sql/leads/0010_search.sql

-- The filters of GET /api/leads. Under row security an index serves only leakproof operators, and LIKE is not
-- one (measured: 542 ms against 5 ms on 1M rows). So the search runs with the owner's rights and holds the
-- visibility predicates itself: it reads them from the policies, so that they are written once.

create function leads.policy_predicate(target regclass)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  v_role text := coalesce(auth.role(), 'anon');
begin
  if v_role = 'service_role' then return 'true'; end if;
  return coalesce(
    (select '(' || pg_get_expr(p.polqual, p.polrelid) || ')' from pg_policy p
     where p.polrelid = target and p.polcmd = 'r'
       and p.polroles @> array[(select oid from pg_roles where rolname = case v_role when 'authenticated' then 'authenticated' else 'anon' end)]),
    'false');
end;
$$;
comment on function leads.policy_predicate is 'The select policy that applies to the caller, as SQL over the unaliased table.';

create function leads.refuse_parameter(field text, message text)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  perform platform.fail(400, 'invalid_parameter', message, field);
end;
$$;
comment on function leads.refuse_parameter is '400 with the name of the parameter as hint.';

-- The planner's own guess, as PostgREST gives it for count=planned. EXPLAIN is refused to a stable function.
create function leads.estimate_rows(query text, words text[], sector text, region text, min_score integer, status text)
returns bigint
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_plan json;
begin
  execute 'explain (format json) ' || query into v_plan using words, sector, region, min_score, status;
  return (v_plan -> 0 -> 'Plan' ->> 'Plan Rows')::bigint;
end;
$$;

-- The keys of the matching leads of one page, newest first; next_cursor is the last one if there is a next page.
create function leads.find_leads(
  search text, sector text, region text, min_score integer, status text, page_size integer, cursor text, count_mode text,
  out keys uuid[], out next_cursor text, out total bigint
)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_words text[];
  v_filter text := 'leads.withdrawn_at is null and ' || leads.policy_predicate('leads.leads');
  v_contact text := 'false';
  v_after uuid;
  v_branches text[];
begin
  if search is not null then
    v_words := (select array_agg(distinct platform.like_pattern(w)) from regexp_split_to_table(trim(search), '\s+') w where w <> '');
    -- A word of two letters is in no index: each is looked for in every lead.
    if cardinality(v_words) > 10 then perform leads.refuse_parameter('search', 'La recherche est limitée à 10 mots.'); end if;
    v_contact := leads.policy_predicate('leads.lead_contacts');
  end if;
  -- A place in the list, whether or not there is a lead that the caller may see, or any: what was sold between two pages
  -- is one, and a guess is answered like it.
  if cursor is not null then
    if not pg_input_is_valid(cursor, 'uuid') then
      perform leads.refuse_parameter('cursor', 'Ce curseur est inconnu : reprenez la première page.');
    end if;
    v_after := cursor::uuid;
  end if;
  -- By the names of the catalogue, or by any spelling that an import understands.
  if sector is not null then sector := coalesce((select n.name from leads.resolve_names('sector', array[sector]) n), sector); end if;
  if region is not null then region := coalesce((select n.name from leads.resolve_names('region', array[region]) n), region); end if;
  if sector is not null then v_filter := v_filter || ' and leads.sector = $2'; end if;
  if region is not null then v_filter := v_filter || ' and leads.region = $3'; end if;
  if min_score is not null then v_filter := v_filter || ' and leads.score >= $4'; end if;
  -- What the view shows to whoever bought it (0009_visibility).
  if status is not null then
    v_filter := v_filter || case when platform.has_role('leads', 'acheteur')
      then ' and case when leads.sales_count > 0 and leads.has_bought(leads.id) then ''sold'' else leads.status end = $5'
      else ' and leads.status = $5' end;
  end if;

  -- Words one by one, because LIKE ALL (array) cannot use the trigram index.
  v_branches := array['select leads.id from leads.leads as leads where ' || v_filter
    || coalesce((select string_agg(format(' and leads.search_text like ($1)[%s]', i), '') from generate_subscripts(v_words, 1) i), '')];
  if v_words is not null and v_contact <> 'false' then
    v_branches := v_branches || ('select leads.id from leads.leads as leads where ' || v_filter
      || ' and exists (select from leads.lead_contacts as lead_contacts where lead_contacts.lead_id = leads.id and ' || v_contact
      || ' and lead_contacts.search_text like any ($1) and (leads.search_text || '' '' || lead_contacts.search_text) like all ($1))');
  end if;

  -- Each branch finds its own newest rows along an index; the page is the newest of both.
  execute 'select array_agg(id order by id desc) from (select id from ('
    || (select string_agg('(' || b || case when v_after is null then '' else ' and leads.id < $7' end || ' order by leads.id desc limit $6)', ' union ') from unnest(v_branches) b)
    || ') as page order by id desc limit $6) as newest'
    into keys using v_words, sector, region, min_score, status, page_size + 1, v_after;
  if cardinality(keys) > page_size then
    keys := keys[:page_size];
    next_cursor := keys[page_size]::text;
  end if;
  keys := coalesce(keys, '{}');

  if count_mode = 'exact' then
    execute 'select count(*) from (' || array_to_string(v_branches, ' union ') || ') as found'
      into total using v_words, sector, region, min_score, status;
  elsif count_mode is not null then
    -- Without the contacts, and without the words where the caller does not see every lead: the planner's statistics know the
    -- names of people, and firms that are not on sale.
    total := greatest(cardinality(keys) + (next_cursor is not null)::integer, leads.estimate_rows(
      case when platform.has_role('leads', 'admin') then v_branches[1] else 'select leads.id from leads.leads as leads where ' || v_filter end,
      v_words, sector, region, min_score, status));
  end if;
end;
$$;
comment on function leads.find_leads is 'Keys of the leads that the caller may see and that match, newest first; total by the asked count mode.';
grant execute on function leads.find_leads, leads.refuse_parameter to anon, authenticated, service_role;

create function public.leads_search(
  search text default null,
  sector text default null,
  region text default null,
  min_score numeric default null,
  status text default null,
  page_size integer default 1000,
  cursor text default null
)
returns setof public.leads
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_prefer text := coalesce(nullif(current_setting('request.headers', true), '')::json ->> 'prefer', '');
  v_count_mode text := substring(v_prefer from 'count=(exact|planned|estimated)');
  v_size integer := coalesce(leads_search.page_size, 1000);
  v_found record;
  v_headers jsonb := '[]';
begin
  if min_score not between 0 and 100 then
    perform leads.refuse_parameter('minScore', 'Le score minimum est un nombre de 0 à 100.');
  end if;
  if nullif(nullif(status, ''), 'all') not in ('new', 'qualified', 'sold', 'rejected', 'pending') then
    perform leads.refuse_parameter('status', 'Statut inconnu : attendu all, new, qualified, sold, rejected ou pending.');
  end if;
  if v_size not between 1 and 1000 then
    perform leads.refuse_parameter('limit', 'La taille d''une page va de 1 à 1000.');
  end if;
  if length(search) > 200 then
    perform leads.refuse_parameter('search', 'La recherche est limitée à 200 caractères.');
  end if;
  if length(sector) > 200 then
    perform leads.refuse_parameter('sector', 'Un secteur compte 200 caractères au plus.');
  end if;
  if length(region) > 200 then
    perform leads.refuse_parameter('region', 'Une région compte 200 caractères au plus.');
  end if;
  perform platform.refuse_suspended('leads');

  v_found := leads.find_leads(search, nullif(nullif(sector, ''), 'all'), nullif(nullif(region, ''), 'all'),
    ceil(min_score)::integer, nullif(nullif(status, ''), 'all'), v_size, nullif(cursor, ''), v_count_mode);

  if v_found.total is not null then
    v_headers := v_headers || jsonb_build_array(jsonb_build_object('Content-Range',
      case when cardinality(v_found.keys) = 0 then '*' else '0-' || cardinality(v_found.keys) - 1 end || '/' || v_found.total));
  end if;
  if v_found.next_cursor is not null then
    v_headers := v_headers || jsonb_build_array(jsonb_build_object('X-Next-Cursor', v_found.next_cursor));
  end if;
  if v_headers <> '[]' then perform set_config('response.headers', v_headers::text, true); end if;

  -- The same columns as public.leads.
  return query select
    r.id, r."firstName", r."lastName", r.email, r.phone, r.company, r.sector, r.region, r.city, r.source, r.channel, r.score, r.status,
    r."qualificationStatus", r."createdAt", r."updatedAt", r.price, r."isExclusive", r."hasAudioRecording", r.notes, r.phone2, r."collectedAt"
  from leads.lead_rows r where r.key = any (v_found.keys) order by r.key desc;
end;
$$;
comment on function public.leads_search is
  'GET /api/leads with its filters. "all" and empty mean no filter. Headers: X-Next-Cursor (pass it as cursor), Content-Range if asked by Prefer: count.';
grant execute on function public.leads_search to anon, authenticated, service_role;

-- sql/leads/0011_figures.sql

-- Statistics. A figure is kept by triggers while rows change (rollups), so that its answer costs the same at
-- ten thousand leads and at ten million. What was there before this database (a supplier with 1,250 uploads and
-- 50 leads) is an opening balance: a row of its own, added when a figure is read, untouched by a recount.
-- A rollup row is split into slots (platform.take_slot), so that writers never wait for each other.

create function leads.ever()
returns date
language sql
immutable
parallel safe
set search_path = ''
as $$ select date '-infinity'; $$;
comment on function leads.ever is 'The month of a figure that has no month.';
grant execute on function leads.ever to anon, authenticated, service_role;

create table leads.rollups (
  metric text not null,
  subject text not null default '',
  month date not null default leads.ever(),
  slot smallint not null,
  value bigint not null,
  primary key (metric, subject, month, slot)
);
alter table leads.rollups enable row level security;
comment on table leads.rollups is 'Figures counted from rows. subject: empty for the platform, else a supplier, buyer, agent, import, sector or region. Money in cents.';

create table leads.opening_figures (
  figure text not null,
  subject text not null default '',
  month date not null default leads.ever(),
  label text,
  value numeric not null,
  primary key (figure, subject, month)
);
alter table leads.opening_figures enable row level security;
comment on table leads.opening_figures is 'What a figure was before this database counted it, in the unit of its rollup.';
comment on column leads.opening_figures.label is 'The month as its source wrote it; a month with a label is always listed.';

create policy select_admin on leads.rollups for select to authenticated using ((select platform.has_role('leads', 'admin')));
create policy select_admin on leads.opening_figures for select to authenticated using ((select platform.has_role('leads', 'admin')));
grant select on leads.rollups, leads.opening_figures to authenticated, service_role;

create type leads.figure as (metric text, subject text, month date, value bigint);

create function leads.add_figures(figures leads.figure[])
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_slot smallint;
begin
  if coalesce(cardinality(figures), 0) = 0 then return; end if;
  v_slot := platform.take_slot();
  insert into leads.rollups as r (metric, subject, month, slot, value)
  select f.metric, f.subject, coalesce(f.month, leads.ever()), v_slot, sum(f.value)
  from unnest(figures) f
  where f.subject is not null
  group by 1, 2, 3
  having sum(f.value) <> 0
  on conflict (metric, subject, month, slot) do update set value = r.value + excluded.value;
end;
$$;
comment on function leads.add_figures is 'Adds changes to the rollups.';

create function leads.kept(metric text, subject text default '')
returns bigint
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(sum(r.value), 0)::bigint from leads.rollups r
  where r.metric = kept.metric and r.subject = kept.subject and r.month = leads.ever();
$$;

create function leads.opening(figure text, subject text default '', month date default leads.ever())
returns numeric
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce((select o.value from leads.opening_figures o
    where o.figure = opening.figure and o.subject = opening.subject and o.month = opening.month), 0);
$$;

-- The six months that end with the newest month that has figures; a month without a figure in between is a zero.
create function leads.monthly(metrics text[], subject text default '')
returns table (month date, label text, metric text, value numeric)
language sql
stable
security definer
set search_path = ''
rows 24
as $$
  with figures as (
    select r.month, r.metric, r.value::numeric, null::text as label from leads.rollups r
    where r.metric = any (metrics) and r.subject = monthly.subject and r.month > leads.ever()
    union all
    select o.month, o.figure, o.value, o.label from leads.opening_figures o
    where o.figure = any (metrics) and o.subject = monthly.subject and o.month > leads.ever()
  ), by_month as (
    select f.month, f.metric, sum(f.value) as value, max(f.label) as label from figures f group by f.month, f.metric
  ), span as (
    select max(b.month) as newest, greatest(min(b.month), max(b.month) - interval '5 months')::date as oldest
    from by_month b where b.label is not null or b.value <> 0
  )
  select m.month::date, coalesce(max(b.label) over (partition by m.month), leads.month_label(m.month::date)), k.metric, coalesce(b.value, 0)
  from span
  cross join lateral generate_series(span.oldest, span.newest, interval '1 month') as m (month)
  cross join unnest(metrics) as k (metric)
  left join by_month b on b.month = m.month::date and b.metric = k.metric
  order by m.month;
$$;
comment on function leads.monthly is 'The monthly values of some metrics of one subject, oldest month first.';

-- sql/leads/0012_lead_figures.sql

-- What leads count for. The functions *_figures say it once; the triggers apply it to the rows of a statement, and the
-- recount (0109_recount) to all rows. Sales and what follows them: 0012_sale_figures.

create function leads.lead_figures(
  supplier_id uuid, import_id uuid, sector text, region text, status text, qualification_status text,
  created_month date, qualified_month date, leads bigint, score bigint
)
returns setof leads.figure
language plpgsql
immutable
set search_path = ''
rows 15
as $$
begin
  return query
  select f.metric, f.subject, f.month, f.value
  from (values
    ('leads.total', '', null::date, leads),
    ('leads.score', '', null, score),
    ('leads.qualified', '', null, case when qualification_status = 'qualified' then leads end),
    ('leads.sold', '', null, case when status = 'sold' then leads end),
    ('leads.pending', '', null, case when status in ('new', 'pending') then leads end),
    ('sector.leads', sector, null, leads),
    ('region.leads', region, null, leads),
    ('supplier.leads', supplier_id::text, null, leads),
    ('import.pending', import_id::text, null, case when qualification_status in ('pending', 'in_progress', 'callback') then leads end),
    ('import.qualified', import_id::text, null, case when qualification_status = 'qualified' then leads end),
    ('import.rejected', import_id::text, null, case when qualification_status = 'not_qualified' then leads end),
    ('month.leads', '', created_month, leads),
    ('month.leads', supplier_id::text, created_month, leads),
    ('month.qualified', '', qualified_month, leads),
    ('month.qualified', supplier_id::text, qualified_month, leads)
  ) as f (metric, subject, month, value)
  where f.value is not null and f.subject is not null and (f.month is not null or f.metric not like 'month.%');
end;
$$;
comment on function leads.lead_figures is 'What a group of leads with the same traits adds to the statistics.';

-- Leads with the same traits are counted together: a file's are all of one instant. What an update leaves as it was cancels
-- itself.
create function leads.keep_lead_figures()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_sign integer := case tg_op when 'DELETE' then -1 else 1 end;
  v_figures leads.figure[];
begin
  if tg_op = 'UPDATE' then
    select array_agg(f) into v_figures from (
      select supplier_id, import_id, sector, region, status, qualification_status, created_at, qualified_at,
        sum(sign) as leads, sum(sign * score) as score
      from (select 1 as sign, n.* from new_rows n union all select -1, o.* from old_rows o) changed
      where withdrawn_at is null group by 1, 2, 3, 4, 5, 6, 7, 8
      having sum(sign) <> 0 or sum(sign * score) <> 0
    ) g, leads.lead_figures(supplier_id, import_id, sector, region, status, qualification_status,
      leads.month_of(created_at), leads.month_of(qualified_at), leads, score) f;
  else
    select array_agg(f) into v_figures from (
      select supplier_id, import_id, sector, region, status, qualification_status, created_at, qualified_at,
        count(*) * v_sign as leads, sum(score) * v_sign as score
      from changed where withdrawn_at is null group by 1, 2, 3, 4, 5, 6, 7, 8
    ) g, leads.lead_figures(supplier_id, import_id, sector, region, status, qualification_status,
      leads.month_of(created_at), leads.month_of(qualified_at), leads, score) f;
  end if;
  perform leads.add_figures(v_figures);
  return null;
end;
$$;
create trigger keep_figures_insert after insert on leads.leads
  referencing new table as changed for each statement execute function leads.keep_lead_figures();
create trigger keep_figures_update after update on leads.leads
  referencing old table as old_rows new table as new_rows for each statement execute function leads.keep_lead_figures();
create trigger keep_figures_delete after delete on leads.leads
  referencing old table as changed for each statement execute function leads.keep_lead_figures();

-- sql/leads/0012_sale_figures.sql

-- What sales count for, and what comes of them: a lead that is given back counts against its month of decision, and what its
-- buyer made of it no longer counts.
create function leads.sale_figures(buyer_id uuid, supplier_id uuid, price_cents bigint, supplier_share_cents bigint, at timestamptz, sign integer)
returns setof leads.figure
language plpgsql
immutable
set search_path = ''
rows 9
as $$
begin
  return query
  values
    ('sales.revenue', '', null::date, sign * price_cents),
    ('month.revenue', '', leads.month_of(at), sign * price_cents),
    ('month.revenue', supplier_id::text, leads.month_of(at), sign * price_cents),
    ('month.sold', '', leads.month_of(at), sign::bigint),
    ('month.sold', supplier_id::text, leads.month_of(at), sign),
    ('buyer.purchases', buyer_id::text, null, sign),
    ('supplier.sold', supplier_id::text, null, sign),
    ('supplier.earned', supplier_id::text, null, sign * supplier_share_cents),
    ('month.gains', '', leads.month_of(at), sign * supplier_share_cents);
end;
$$;
comment on function leads.sale_figures is 'What one sale adds to the statistics, money in cents; sign -1 takes it back.';

create function leads.keep_sale_figures()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform leads.add_figures((
    select array_agg(f) from changed c,
      leads.sale_figures(c.buyer_id, c.supplier_id, c.price_cents, c.supplier_share_cents, c.sold_at, case tg_op when 'DELETE' then -1 else 1 end) f));
  return null;
end;
$$;
create trigger keep_figures_insert after insert on leads.sales
  referencing new table as changed for each statement execute function leads.keep_sale_figures();
create trigger keep_figures_delete after delete on leads.sales
  referencing old table as changed for each statement execute function leads.keep_sale_figures();

create function leads.outcome_figures(buyer_id uuid, outcome text, sign integer)
returns setof leads.figure
language plpgsql
immutable
set search_path = ''
rows 2
as $$
begin
  return query
  values ('buyer.decided', buyer_id::text, null::date, sign::bigint), ('buyer.won', buyer_id::text, null, sign * (outcome = 'won')::integer);
end;
$$;
comment on function leads.outcome_figures is 'What one outcome adds to the conversion rate of its buyer; sign -1 takes it back.';

-- An accepted return is final.
create function leads.keep_return_figures()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform leads.add_figures((
    select array_agg((f.metric, f.subject, f.month, f.value)::leads.figure) from new_rows r
    join old_rows o on o.id = r.id and o.status = 'requested'
    join leads.sales s on s.buyer_id = r.buyer_id and s.lead_id = r.lead_id
    left join leads.outcomes k on k.buyer_id = r.buyer_id and k.lead_id = r.lead_id
    cross join lateral (
      select * from leads.sale_figures(s.buyer_id, s.supplier_id, s.price_cents, s.supplier_share_cents, r.decided_at, -1)
      union all select * from leads.outcome_figures(k.buyer_id, k.outcome, -1)
    ) f
    where r.status = 'accepted'));
  return null;
end;
$$;
create trigger keep_figures_update after update on leads.returns
  referencing old table as old_rows new table as new_rows for each statement execute function leads.keep_return_figures();

create function leads.keep_outcome_figures()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_added leads.figure[];
  v_removed leads.figure[];
begin
  select array_agg(f) into v_added from new_rows n join leads.kept_sales k on k.buyer_id = n.buyer_id and k.lead_id = n.lead_id,
    leads.outcome_figures(n.buyer_id, n.outcome, 1) f;
  if tg_op = 'UPDATE' then
    select array_agg(f) into v_removed from old_rows o join leads.kept_sales k on k.buyer_id = o.buyer_id and k.lead_id = o.lead_id,
      leads.outcome_figures(o.buyer_id, o.outcome, -1) f;
  end if;
  perform leads.add_figures(v_added || v_removed);
  return null;
end;
$$;
create trigger keep_figures_insert after insert on leads.outcomes
  referencing new table as new_rows for each statement execute function leads.keep_outcome_figures();
create trigger keep_figures_update after update on leads.outcomes
  referencing old table as old_rows new table as new_rows for each statement execute function leads.keep_outcome_figures();

-- sql/leads/0013_calls.sql

-- Calls of the agents, with their recording. Names are kept as they were on the day of the call.
create sequence leads.call_numbers;
create table leads.calls (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default platform.short_reference('AUD', nextval('leads.call_numbers')),
  lead_id uuid references leads.leads (id),
  agent_id uuid references platform.profiles (id) on delete set null,
  lead_name text not null,
  lead_company text,
  agent_name text not null,
  called_on date not null default leads.today(),
  duration_seconds integer not null check (duration_seconds >= 0),
  duration text not null,
  recording_path text,
  recording_size text,
  recording_status text not null check (recording_status in ('available', 'processing', 'archived')),
  result text not null check (result in ('qualified', 'not_qualified', 'callback', 'pending')),
  created_at timestamptz not null default now()
);
alter table leads.calls enable row level security;
create index calls_lead on leads.calls (lead_id) where lead_id is not null;
create index calls_agent_day on leads.calls (agent_id, called_on);
comment on table leads.calls is 'Qualification calls and their recordings.';
comment on column leads.calls.duration is 'The duration as people read it (4:32), written with the call.';
comment on column leads.calls.recording_path is 'The object in the Storage bucket « recordings »; null while there is none.';

create policy select_own_or_admin on leads.calls for select to authenticated
  using (agent_id = (select auth.uid()) or (select platform.has_role('leads', 'admin')));
grant select on leads.calls to authenticated, service_role;

create function leads.call_figures(agent_id uuid, duration_seconds bigint, result text)
returns setof leads.figure
language plpgsql
immutable
set search_path = ''
rows 3
as $$
begin
  return query
  values
    ('agent.calls', agent_id::text, null::date, 1::bigint),
    ('agent.call_seconds', agent_id::text, null, duration_seconds),
    ('agent.qualified', agent_id::text, null, case when result = 'qualified' then 1 else 0 end);
end;
$$;
comment on function leads.call_figures is 'What one call adds to the statistics of its agent.';

create function leads.keep_call_figures()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_added leads.figure[];
  v_removed leads.figure[];
begin
  if tg_op <> 'DELETE' then
    select array_agg(f) into v_added from new_rows n, leads.call_figures(n.agent_id, n.duration_seconds, n.result) f;
  end if;
  if tg_op <> 'INSERT' then
    select array_agg((f.metric, f.subject, f.month, -f.value)::leads.figure) into v_removed from old_rows o, leads.call_figures(o.agent_id, o.duration_seconds, o.result) f;
  end if;
  perform leads.add_figures(v_added || v_removed);
  return null;
end;
$$;
create trigger keep_figures_insert after insert on leads.calls
  referencing new table as new_rows for each statement execute function leads.keep_call_figures();
create trigger keep_figures_update after update on leads.calls
  referencing old table as old_rows new table as new_rows for each statement execute function leads.keep_call_figures();
create trigger keep_figures_delete after delete on leads.calls
  referencing old table as old_rows for each statement execute function leads.keep_call_figures();

-- Recordings: a private bucket of sounds, opened by signed URLs that expire and download.
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
  values ('recordings', 'recordings', false, 52428800, '{audio/*}')
  on conflict (id) do update set public = false, file_size_limit = excluded.file_size_limit, allowed_mime_types = excluded.allowed_mime_types;
create policy leads_recordings_select on storage.objects for select to authenticated
  using (bucket_id = 'recordings' and (select platform.has_role('leads', 'admin')));

-- sql/leads/0013_payout_exports.sql

-- The files that go to the bank. A payout is in one file at most, and goes out again only with that whole file.
create table leads.payout_exports (
  id uuid primary key default platform.uuid_v7(),
  message_id text not null unique check (message_id ~ '^[A-Za-z0-9-]{1,35}$'),
  debtor jsonb not null,
  execution_date date not null,
  created_at timestamptz not null,
  payouts integer not null check (payouts > 0),
  total_cents bigint not null check (total_cents > 0)
);
alter table leads.payout_exports enable row level security;
comment on table leads.payout_exports is 'SEPA files (pain.001) of payouts, as they were handed to the bank.';
comment on column leads.payout_exports.debtor is 'The platform''s account as it was: {name, iban, bic}.';
create policy select_admin on leads.payout_exports for select to authenticated using ((select platform.has_role('leads', 'admin')));
grant select on leads.payout_exports to authenticated, service_role;

-- sql/leads/0014_money.sql

-- What the pages about money read: movements of the platform, payments of a buyer, transfers to a supplier. The books
-- behind them are platform's ledger. Amounts are integer cents.
create sequence leads.transaction_numbers;
create table leads.transactions (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default platform.short_reference('TRX', nextval('leads.transaction_numbers')),
  type text not null check (type in ('credit_purchase', 'lead_purchase', 'refund', 'bonus', 'fournisseur_payment')),
  user_id uuid references platform.profiles (id) on delete set null,
  user_name text not null,
  user_role text not null,
  company text,
  amount_cents bigint not null,
  credits integer,
  date date not null default leads.today(),
  status text not null check (status in ('completed', 'pending', 'failed', 'refunded')),
  description text not null,
  payment_method text,
  created_at timestamptz not null default now()
);
alter table leads.transactions enable row level security;
create index transactions_user on leads.transactions (user_id) where user_id is not null;
comment on table leads.transactions is 'Every movement of money or credits, with the names of the day it happened.';
create policy select_admin on leads.transactions for select to authenticated using ((select platform.has_role('leads', 'admin')));

create sequence leads.payment_numbers;
create table leads.payments (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default platform.short_reference('pay', nextval('leads.payment_numbers')),
  buyer_id uuid not null references platform.profiles (id),
  type text not null check (type in ('credit_purchase', 'lead_payment')),
  lead_id uuid references leads.leads (id),
  amount_cents bigint not null,
  status text not null check (status in ('completed', 'pending', 'failed', 'refunded')),
  date date not null default leads.today(),
  description text not null,
  created_at timestamptz not null default now()
);
alter table leads.payments enable row level security;
create index payments_buyer on leads.payments (buyer_id, id desc);
create unique index payments_lead on leads.payments (lead_id, buyer_id) where lead_id is not null;
comment on table leads.payments is 'The payments of a buyer, as he sees them.';
create policy select_own_or_admin on leads.payments for select to authenticated
  using (buyer_id = (select auth.uid()) or (select platform.has_role('leads', 'admin')));

create sequence leads.payout_numbers;
create table leads.payouts (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default platform.short_reference('VIR', nextval('leads.payout_numbers')),
  transfer_reference text not null unique,
  supplier_id uuid not null references leads.suppliers (id),
  amount_cents bigint not null check (amount_cents >= 0),
  date date not null default leads.today(),
  status text not null check (status in ('completed', 'pending', 'failed')),
  leads_count integer not null check (leads_count >= 0),
  period text not null,
  iban_mask text not null,
  transfer_id uuid references platform.ledger_transfers (id),
  export_id uuid references leads.payout_exports (id),
  settled_at timestamptz,
  failure_reason text check (length(failure_reason) <= 500),
  created_at timestamptz not null default now()
);
alter table leads.payouts enable row level security;
create index payouts_supplier on leads.payouts (supplier_id, id desc);
comment on table leads.payouts is 'Transfers to suppliers (virements).';
create index payouts_transfer on leads.payouts (transfer_id) where transfer_id is not null;
comment on column leads.payouts.transfer_id is 'The movement of money; null for one of before this ledger.';
create index payouts_export on leads.payouts (export_id) where export_id is not null;
comment on column leads.payouts.export_id is 'The file in which it went to the bank.';
comment on column leads.payouts.settled_at is 'When the bank''s answer was entered.';
comment on column leads.payouts.failure_reason is 'Why the bank refused or returned it.';
comment on column leads.payouts.transfer_reference is 'The reference on the bank statement, VP-2026-02-001.';
create policy select_own_or_admin on leads.payouts for select to authenticated
  using (supplier_id = (select leads.my_supplier_id()) or (select platform.has_role('leads', 'admin')));
select platform.audit('leads.payouts');

-- What a supplier earned or lost by one event. A payout takes the rows that are due, and gives them back if the bank
-- refuses or returns it; a lead that comes back after it was paid is carried as a negative row.
create table leads.earnings (
  id uuid primary key default platform.uuid_v7(),
  supplier_id uuid not null references leads.suppliers (id),
  kind text not null check (kind in ('sale', 'return', 'opening')),
  buyer_id uuid,
  lead_id uuid,
  amount_cents bigint not null,
  payable_from timestamptz not null,
  payout_id uuid references leads.payouts (id),
  created_at timestamptz not null default now(),
  unique (buyer_id, lead_id, kind),
  foreign key (buyer_id, lead_id) references leads.sales (buyer_id, lead_id),
  check ((kind = 'opening') = (lead_id is null)),
  check ((lead_id is null) = (buyer_id is null)),
  check (case kind when 'sale' then amount_cents >= 0 when 'return' then amount_cents <= 0 else true end)
);
alter table leads.earnings enable row level security;
create index earnings_supplier on leads.earnings (supplier_id, payout_id, payable_from);
create index earnings_payout on leads.earnings (payout_id) where payout_id is not null;
create index earnings_lead on leads.earnings (lead_id) where lead_id is not null;
comment on table leads.earnings is 'The supplier''s share of each sale, taken back by a return; the lines of a payout.';
comment on column leads.earnings.payable_from is 'The end of the buyer''s return window.';
comment on column leads.earnings.payout_id is 'The transfer that pays it; null while none does.';
create policy select_own_or_admin on leads.earnings for select to authenticated
  using (supplier_id = (select leads.my_supplier_id()) or (select platform.has_role('leads', 'admin')));

grant select on leads.transactions, leads.payments, leads.payouts, leads.earnings to authenticated, service_role;

-- sql/leads/0015_credit_config.sql

-- Packs of credits and the rules of the sale, as an admin configures them; every state they ever had is kept.
create sequence leads.pack_numbers;
create table leads.credit_packs (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default 'pack-' || nextval('leads.pack_numbers'),
  name text not null,
  credits integer not null check (credits > 0),
  price_cents bigint not null check (price_cents >= 0),
  price_per_credit_cents numeric not null,
  bonus integer not null default 0 check (bonus >= 0),
  popular boolean not null default false,
  active boolean not null default true,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table leads.credit_packs enable row level security;
create trigger touch before update on leads.credit_packs for each row execute function platform.touch();
comment on table leads.credit_packs is 'Packs of credits as the admin configures them.';
create policy select_admin on leads.credit_packs for select to authenticated using ((select platform.has_role('leads', 'admin')));
select platform.audit('leads.credit_packs');
select platform.keep_versions('leads.credit_packs');

-- What buyers are offered is published from the configuration, and stands until a change publishes the next.
create table leads.credit_offers (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique,
  name text not null,
  credits integer not null check (credits > 0),
  price_cents bigint not null check (price_cents >= 0),
  bonus integer not null default 0 check (bonus >= 0),
  popular boolean not null default false
);
alter table leads.credit_offers enable row level security;
comment on table leads.credit_offers is 'The packs that buyers may buy now.';
create policy select_buyer_or_admin on leads.credit_offers for select to authenticated
  using ((select platform.has_role('leads', 'acheteur')) or (select platform.has_role('leads', 'admin')));

create function leads.publish_offer()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' or not new.active then
    delete from leads.credit_offers where reference = coalesce(new.reference, old.reference);
    return null;
  end if;
  insert into leads.credit_offers (id, reference, name, credits, price_cents, bonus, popular)
  values (new.id, new.reference, new.name, new.credits, new.price_cents, new.bonus, new.popular)
  on conflict (reference) do update set name = excluded.name, credits = excluded.credits,
    price_cents = excluded.price_cents, bonus = excluded.bonus, popular = excluded.popular;
  return null;
end;
$$;
create trigger publish_offer after insert or update or delete on leads.credit_packs
  for each row execute function leads.publish_offer();

-- The rules that the sale knows. What a rule is called in the configuration says which one it is.
create table leads.rule_kinds (
  kind text primary key,
  name text not null unique,
  description text not null,
  unit text not null,
  minimum integer not null,
  maximum integer not null,
  default_value integer not null,
  when_inactive integer not null
);
alter table leads.rule_kinds enable row level security;
comment on table leads.rule_kinds is 'What each pricing rule means, its limits, and what holds without it.';
create policy select_admin on leads.rule_kinds for select to authenticated using ((select platform.has_role('leads', 'admin')));
insert into leads.rule_kinds (kind, name, description, unit, minimum, maximum, default_value, when_inactive) values
  ('price_standard', 'Prix par lead standard', 'Coût en crédits pour l''achat d''un lead standard', 'crédits', 0, 1000000, 5, 5),
  ('price_exclusive', 'Prix par lead exclusif', 'Coût en crédits pour l''achat d''un lead exclusif', 'crédits', 0, 1000000, 12, 12),
  ('buyers_per_shared_lead', 'Acheteurs par lead partagé', 'Nombre d''acheteurs auxquels un lead partagé peut être vendu', 'acheteurs', 1, 1000, 3, 1),
  ('supplier_share', 'Commission fournisseur', 'Part du prix de vente versée au fournisseur', '%', 0, 100, 60, 60),
  ('return_window', 'Délai de retour', 'Délai pendant lequel un lead invalide peut être remboursé', 'jours', 0, 365, 7, 0),
  ('welcome_bonus', 'Bonus de bienvenue', 'Crédits offerts à l''inscription d''un acheteur', 'crédits', 0, 1000000, 0, 0),
  ('credit_value', 'Valeur d''un crédit', 'Ce qui est dû au fournisseur au plus, par crédit que l''acheteur dépense', '€', 0, 1000000, 3, 1000000),
  ('bonus_earnings_budget', 'Budget des crédits offerts', 'Ce que les crédits offerts rapportent au plus aux fournisseurs, par mois', '€', 0, 1000000, 0, 0),
  ('age_decay', 'Décote d''ancienneté', 'Baisse du prix par tranche de 30 jours depuis la création du lead, ou depuis que la personne l''a laissé', '%', 0, 100, 0, 0);

create sequence leads.rule_numbers;
create table leads.credit_rules (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default 'rule-' || nextval('leads.rule_numbers'),
  name text not null,
  description text not null,
  value numeric not null,
  unit text not null,
  active boolean not null default true,
  kind text unique references leads.rule_kinds (kind),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table leads.credit_rules enable row level security;
create trigger touch before update on leads.credit_rules for each row execute function platform.touch();
comment on table leads.credit_rules is 'Prices and conditions in force.';
create policy select_admin on leads.credit_rules for select to authenticated using ((select platform.has_role('leads', 'admin')));
select platform.audit('leads.credit_rules');
select platform.keep_versions('leads.credit_rules');

create function leads.recognise_rule()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  new.kind := (select k.kind from leads.rule_kinds k where platform.fold(k.name) = platform.fold(new.name));
  return new;
end;
$$;
comment on function leads.recognise_rule is 'Trigger: which rule of the sale a row of the configuration is, by its name.';
create trigger recognise before insert on leads.credit_rules for each row execute function leads.recognise_rule();

-- Every rule as it holds now: what a sale is made by, and keeps.
create function leads.rules_in_force()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return (select jsonb_object_agg(k.kind, jsonb_build_object('rule', r.reference, 'version', r.version,
    'value', case when r.id is null then k.default_value when r.active then r.value else k.when_inactive end))
  from leads.rule_kinds k left join leads.credit_rules r on r.kind = k.kind);
end;
$$;
comment on function leads.rules_in_force is '{kind: {rule, version, value}}; rule and version are null where the default holds.';

create function leads.rule(kind text)
returns numeric
language sql
stable
security definer
set search_path = ''
as $$ select (leads.rules_in_force() -> kind ->> 'value')::numeric; $$;
comment on function leads.rule is 'What a rule says now.';

grant select on leads.credit_packs, leads.credit_offers, leads.rule_kinds, leads.credit_rules to authenticated, service_role;

-- sql/leads/0016_money_figures.sql

-- What transactions and payouts count for, by month: money that came in, and money that went to suppliers.
create function leads.transaction_figures(type text, status text, amount_cents bigint, date date)
returns setof leads.figure
language plpgsql
immutable
set search_path = ''
rows 2
as $$
begin
  return query
  select f.metric, '', date_trunc('month', date)::date, f.value
  from (values
    ('month.revenus', case when type = 'credit_purchase' and status = 'completed' then amount_cents end),
    ('month.payouts', case when type = 'fournisseur_payment' and status = 'completed' then abs(amount_cents) end)
  ) as f (metric, value)
  where f.value is not null;
end;
$$;
comment on function leads.transaction_figures is 'What one transaction adds to the monthly revenue and payouts, in cents.';

create function leads.payout_figures(supplier_id uuid, status text, amount_cents bigint, date date)
returns setof leads.figure
language plpgsql
immutable
set search_path = ''
rows 3
as $$
begin
  return query
  select f.metric, f.subject, f.month, amount_cents
  from (values
    ('supplier.paid', supplier_id::text, null::date),
    ('month.paid', '', date_trunc('month', date)::date),
    ('month.virements', supplier_id::text, date_trunc('month', date)::date)
  ) as f (metric, subject, month)
  where status = 'completed';
end;
$$;
comment on function leads.payout_figures is 'What one transfer adds to the figures of its supplier and of the month, in cents.';

create function leads.keep_transaction_figures()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_added leads.figure[];
  v_removed leads.figure[];
begin
  if tg_op <> 'DELETE' then
    select array_agg(f) into v_added from new_rows n, leads.transaction_figures(n.type, n.status, n.amount_cents, n.date) f;
  end if;
  if tg_op <> 'INSERT' then
    select array_agg((f.metric, f.subject, f.month, -f.value)::leads.figure) into v_removed from old_rows o, leads.transaction_figures(o.type, o.status, o.amount_cents, o.date) f;
  end if;
  perform leads.add_figures(v_added || v_removed);
  return null;
end;
$$;
create trigger keep_figures_insert after insert on leads.transactions
  referencing new table as new_rows for each statement execute function leads.keep_transaction_figures();
create trigger keep_figures_update after update on leads.transactions
  referencing old table as old_rows new table as new_rows for each statement execute function leads.keep_transaction_figures();
create trigger keep_figures_delete after delete on leads.transactions
  referencing old table as old_rows for each statement execute function leads.keep_transaction_figures();

create function leads.keep_payout_figures()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_added leads.figure[];
  v_removed leads.figure[];
begin
  if tg_op <> 'DELETE' then
    select array_agg(f) into v_added from new_rows n, leads.payout_figures(n.supplier_id, n.status, n.amount_cents, n.date) f;
  end if;
  if tg_op <> 'INSERT' then
    select array_agg((f.metric, f.subject, f.month, -f.value)::leads.figure) into v_removed from old_rows o, leads.payout_figures(o.supplier_id, o.status, o.amount_cents, o.date) f;
  end if;
  perform leads.add_figures(v_added || v_removed);
  return null;
end;
$$;
create trigger keep_figures_insert after insert on leads.payouts
  referencing new table as new_rows for each statement execute function leads.keep_payout_figures();
create trigger keep_figures_update after update on leads.payouts
  referencing old table as old_rows new table as new_rows for each statement execute function leads.keep_payout_figures();
create trigger keep_figures_delete after delete on leads.payouts
  referencing old table as old_rows for each statement execute function leads.keep_payout_figures();

-- sql/leads/0017_profiles_api.sql

-- GET /api/users/*: the caller's own profile with its figures (document, 3.2).

create function leads.rate(part numeric, whole numeric)
returns numeric
language sql
immutable
set search_path = ''
as $$ select coalesce(trim_scale(round(100 * part / nullif(whole, 0), 2)), 0); $$;
comment on function leads.rate is 'A percentage with at most two decimals; 0 of nothing is 0.';

create function leads.fournisseur_profile(
  out id text, out email text, out "firstName" text, out "lastName" text, out role text, out company text, out phone text,
  out avatar text, out credits integer, out "createdAt" text, out iban text,
  out "totalLeadsUploaded" numeric, out "totalLeadsSold" numeric, out "totalRevenue" numeric, out "pendingPayment" numeric
)
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(p.reference, p.id::text), p.email, p.first_name, p.last_name, 'fournisseur', p.company, p.phone, p.avatar, null::integer,
    platform.iso_timestamp(p.created_at), s.iban_mask,
    leads.kept('supplier.leads', s.id::text) + leads.opening('fournisseur.totalLeadsUploaded', s.id::text),
    leads.kept('supplier.sold', s.id::text) + leads.opening('fournisseur.totalLeadsSold', s.id::text),
    leads.euros(leads.kept('supplier.earned', s.id::text) + leads.opening('fournisseur.totalRevenue', s.id::text)),
    leads.euros(leads.kept('supplier.earned', s.id::text) - leads.kept('supplier.paid', s.id::text) + leads.opening('fournisseur.pendingPayment', s.id::text))
  from platform.profiles p
  left join leads.suppliers s on s.user_id = p.id
  where p.id = (select auth.uid()) and (select platform.require_role('leads', 'fournisseur'));
$$;

create function public.users_fournisseur(
  out id text, out email text, out "firstName" text, out "lastName" text, out role text, out company text, out phone text,
  out avatar text, out credits integer, out "createdAt" text, out iban text,
  out "totalLeadsUploaded" numeric, out "totalLeadsSold" numeric, out "totalRevenue" numeric, out "pendingPayment" numeric
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from leads.fournisseur_profile(); $$;

create function leads.agent_profile(
  out id text, out email text, out "firstName" text, out "lastName" text, out role text, out company text, out phone text,
  out "createdAt" text, out "leadsQualifiedToday" numeric, out "totalLeadsQualified" numeric,
  out "averageCallDuration" numeric, out "qualificationRate" numeric
)
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(p.reference, p.id::text), p.email, p.first_name, p.last_name, 'agent', p.company, p.phone, platform.iso_timestamp(p.created_at),
    (select count(*) from leads.calls c where c.agent_id = p.id and c.called_on = leads.today() and c.result = 'qualified')
      + leads.opening('agent.qualifiedOnDay', p.id::text, leads.today()),
    leads.kept('agent.qualified', p.id::text) + leads.opening('agent.totalLeadsQualified', p.id::text),
    coalesce(trim_scale(round(
      (leads.kept('agent.call_seconds', p.id::text) + leads.opening('agent.callSeconds', p.id::text))
      / nullif(leads.kept('agent.calls', p.id::text) + leads.opening('agent.timedCalls', p.id::text), 0), 2)), 0),
    leads.rate(
      leads.kept('agent.qualified', p.id::text) + leads.opening('agent.ratedQualified', p.id::text),
      leads.kept('agent.calls', p.id::text) + leads.opening('agent.ratedCalls', p.id::text))
  from platform.profiles p
  where p.id = (select auth.uid()) and (select platform.require_role('leads', 'agent'));
$$;

create function public.users_agent(
  out id text, out email text, out "firstName" text, out "lastName" text, out role text, out company text, out phone text,
  out "createdAt" text, out "leadsQualifiedToday" numeric, out "totalLeadsQualified" numeric,
  out "averageCallDuration" numeric, out "qualificationRate" numeric
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from leads.agent_profile(); $$;

create function leads.credits_of(buyer_id uuid)
returns numeric
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return (select coalesce(sum(b.balance), 0) from platform.ledger_accounts a join platform.ledger_balances b on b.account_id = a.id
    where a.system = 'leads' and a.owner = credits_of.buyer_id and a.kind in ('buyer_paid', 'buyer_bonus'));
end;
$$;
comment on function leads.credits_of is 'The credits that a buyer has, paid and given.';

create function leads.acheteur_profile(
  out id text, out email text, out "firstName" text, out "lastName" text, out role text, out company text, out phone text,
  out credits numeric, out "createdAt" text, out "totalLeadsPurchased" numeric, out "conversionRate" numeric,
  out "preferredSectors" text[], out "preferredRegions" text[]
)
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(p.reference, p.id::text), p.email, p.first_name, p.last_name, 'acheteur', p.company, p.phone,
    leads.credits_of(p.id), platform.iso_timestamp(p.created_at),
    leads.kept('buyer.purchases', p.id::text) + leads.opening('acheteur.totalLeadsPurchased', p.id::text),
    leads.rate(
      leads.kept('buyer.won', p.id::text) + leads.opening('acheteur.won', p.id::text),
      leads.kept('buyer.decided', p.id::text) + leads.opening('acheteur.decided', p.id::text)),
    coalesce(b.preferred_sectors, '{}'), coalesce(b.preferred_regions, '{}')
  from platform.profiles p
  left join leads.buyers b on b.user_id = p.id
  where p.id = (select auth.uid()) and (select platform.require_role('leads', 'acheteur'));
$$;

create function public.users_acheteur(
  out id text, out email text, out "firstName" text, out "lastName" text, out role text, out company text, out phone text,
  out credits numeric, out "createdAt" text, out "totalLeadsPurchased" numeric, out "conversionRate" numeric,
  out "preferredSectors" text[], out "preferredRegions" text[]
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from leads.acheteur_profile(); $$;

comment on function public.users_fournisseur is 'GET /api/users/fournisseur: the profile of the supplier who asks. Money in euros.';
comment on function public.users_agent is 'GET /api/users/agent: the profile of the agent who asks. averageCallDuration in seconds, qualificationRate in percent.';
comment on function public.users_acheteur is 'GET /api/users/acheteur: the profile of the buyer who asks. conversionRate in percent.';
grant execute on function leads.fournisseur_profile, leads.agent_profile, leads.acheteur_profile,
  public.users_fournisseur, public.users_agent, public.users_acheteur to authenticated, service_role;

-- sql/leads/0018_stats_api.sql

-- GET /api/stats/* (document, 3.4).

create function leads.global_stats(
  out "totalLeads" numeric, out "qualifiedLeads" numeric, out "soldLeads" numeric, out "pendingLeads" numeric,
  out revenue numeric, out "avgScore" numeric, out "conversionRate" numeric
)
language sql
stable
security definer
set search_path = ''
as $$
  select
    leads.kept('leads.total') + leads.opening('stats.totalLeads'),
    leads.kept('leads.qualified') + leads.opening('stats.qualifiedLeads'),
    leads.kept('leads.sold') + leads.opening('stats.soldLeads'),
    leads.kept('leads.pending') + leads.opening('stats.pendingLeads'),
    leads.euros(leads.kept('sales.revenue') + leads.opening('stats.revenue')),
    coalesce(trim_scale(round((leads.kept('leads.score') + leads.opening('stats.score'))
      / nullif(leads.kept('leads.total') + leads.opening('stats.scored'), 0), 2)), 0),
    leads.rate(leads.kept('leads.sold') + leads.opening('stats.converted'), leads.kept('leads.total') + leads.opening('stats.convertible'))
  where (select platform.require_role('leads', 'admin'));
$$;

create function public.stats_global(
  out "totalLeads" numeric, out "qualifiedLeads" numeric, out "soldLeads" numeric, out "pendingLeads" numeric,
  out revenue numeric, out "avgScore" numeric, out "conversionRate" numeric
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from leads.global_stats(); $$;
comment on function public.stats_global is 'GET /api/stats/global. revenue in euros, rates in percent.';

-- An admin sees the platform, a supplier his own leads. sold counts sales, less the returns of the month, as revenue does.
create function leads.monthly_stats()
returns table (month text, leads numeric, qualified numeric, sold numeric, revenue numeric, period text)
language plpgsql
stable
security definer
set search_path = ''
rows 6
as $$
declare
  v_subject text := case when platform.has_role('leads', 'admin') then '' else leads.my_supplier_id()::text end;
begin
  perform platform.require_role('leads', 'admin', 'fournisseur');
  return query
    select m.label,
      max(m.value) filter (where m.metric = 'month.leads'),
      max(m.value) filter (where m.metric = 'month.qualified'),
      greatest(max(m.value) filter (where m.metric = 'month.sold'), 0),
      leads.euros(max(m.value) filter (where m.metric = 'month.revenue')),
      to_char(m.month, 'YYYY-MM')
    from leads.monthly(array['month.leads', 'month.qualified', 'month.sold', 'month.revenue'], coalesce(v_subject, '-')) m
    group by m.month, m.label order by m.month;
end;
$$;

create function public.stats_monthly()
returns table (month text, leads numeric, qualified numeric, sold numeric, revenue numeric, period text)
language sql
stable
security invoker
set search_path = ''
rows 6
as $$ select * from leads.monthly_stats(); $$;
comment on function public.stats_monthly is 'GET /api/stats/monthly: six months, oldest first; period is the month with its year.';

create function leads.sector_stats()
returns table (name text, value numeric, color text)
language sql
stable
security definer
set search_path = ''
rows 12
as $$
  select s.name, f.value, s.color
  from leads.sectors s
  cross join lateral (select leads.kept('sector.leads', s.name) + leads.opening('stats.sector', s.name) as value) f
  where (select platform.require_role('leads', 'admin', 'acheteur')) and (f.value <> 0 or s.position is not null)
  order by s.position nulls last, f.value desc, s.name;
$$;

create function public.stats_sectors()
returns table (name text, value numeric, color text)
language sql
stable
security invoker
set search_path = ''
rows 12
as $$ select * from leads.sector_stats(); $$;
comment on function public.stats_sectors is 'GET /api/stats/sectors: leads by sector.';

create function leads.region_stats()
returns table (name text, value numeric)
language sql
stable
security definer
set search_path = ''
rows 18
as $$
  select r.name, f.value
  from leads.regions r
  cross join lateral (select leads.kept('region.leads', r.name) + leads.opening('stats.region', r.name) as value) f
  where (select platform.require_role('leads', 'admin')) and (f.value <> 0 or r.position is not null)
  order by r.position nulls last, f.value desc, r.name;
$$;

create function public.stats_regions()
returns table (name text, value numeric)
language sql
stable
security invoker
set search_path = ''
rows 18
as $$ select * from leads.region_stats(); $$;
comment on function public.stats_regions is 'GET /api/stats/regions: leads by region.';

create table leads.score_features (
  id uuid primary key default platform.uuid_v7(),
  feature text not null unique,
  contribution numeric not null,
  description text not null
);
alter table leads.score_features enable row level security;
comment on table leads.score_features is 'What the score of a lead is made of, and how many points each feature is worth.';
create policy select_admin on leads.score_features for select to authenticated using ((select platform.has_role('leads', 'admin')));
grant select on leads.score_features to authenticated, service_role;

create view public.stats_score_explanations with (security_invoker = true) as
select f.feature, f.contribution, f.description from leads.score_features f
where (select platform.require_role('leads', 'admin')) order by f.id desc;
comment on view public.stats_score_explanations is 'GET /api/stats/score-explanations.';

grant select on public.stats_score_explanations to authenticated, service_role;
grant execute on function leads.global_stats, leads.monthly_stats, leads.sector_stats, leads.region_stats,
  public.stats_global, public.stats_monthly, public.stats_sectors, public.stats_regions to authenticated, service_role;

-- sql/leads/0019_work_api.sql

-- Imports as the admin and as the agents see them, and the recordings (document, 3.5 to 3.7).

create view public.admin_imports with (security_invoker = true) as
select i.reference as id, i.file_name as "fileName", s.contact_name as fournisseur, s.company, i.upload_date as "uploadDate",
  i.total as "totalLeads", i.valid, i.invalid, i.duplicates, i.status, i.processing_time as "processingTime"
from leads.imports i join leads.suppliers s on s.id = i.supplier_id
where (select platform.require_role('leads', 'admin'))
order by i.id desc;
comment on view public.admin_imports is 'GET /api/admin/imports: every file, newest first.';

-- How far the agents are with a file. Counts only: who may read the view may read them.
create function leads.import_progress(
  import_id uuid, total integer, duplicates integer,
  out "totalLeads" numeric, out pending numeric, out qualified numeric, out rejected numeric, out duplicate numeric
)
language sql
stable
security definer
set search_path = ''
as $$
  select
    total + leads.opening('agentImport.totalLeads', import_id::text),
    leads.kept('import.pending', import_id::text) + leads.opening('agentImport.pending', import_id::text),
    leads.kept('import.qualified', import_id::text) + leads.opening('agentImport.qualified', import_id::text),
    leads.kept('import.rejected', import_id::text) + leads.opening('agentImport.rejected', import_id::text),
    duplicates + leads.opening('agentImport.duplicates', import_id::text);
$$;

create view public.agent_imports with (security_invoker = true) as
select i.reference as id, i.file_name as "fileName", s.contact_name as fournisseur, s.company, i.upload_date as "uploadDate",
  p."totalLeads", p.pending, p.qualified, p.rejected, p.duplicate as duplicates, i.qualification_status as status
from leads.imports i
join leads.suppliers s on s.id = i.supplier_id
cross join lateral leads.import_progress(i.id, i.total, i.duplicates) p
where (select platform.require_role('leads', 'agent')) and i.handed_over_at is not null
order by i.handed_over_at desc;
comment on view public.agent_imports is 'GET /api/agent/imports: the files handed to the agents, newest first.';

create view public.admin_audios with (security_invoker = true) as
select c.reference as id, c.lead_name as "leadName", c.lead_company as "leadCompany", c.agent_name as "agentName", c.called_on as date,
  c.duration, c.duration_seconds as "durationSeconds", c.recording_size as size, c.recording_status as status, c.result as "qualificationResult"
from leads.calls c
where (select platform.require_role('leads', 'admin'))
order by c.id desc;
comment on view public.admin_audios is 'GET /api/admin/audios: recorded calls, newest first.';

create function public.admin_audio_recording(audio text, out bucket text, out path text)
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin');
  select 'recordings', c.recording_path into bucket, path from leads.calls c where c.reference = audio and c.recording_status = 'available';
  if path is null then
    perform platform.fail(404, 'recording_not_found', 'Aucun enregistrement n''est disponible pour cet appel.');
  end if;
end;
$$;
comment on function public.admin_audio_recording is 'Where the recording of a call lies in Storage; a signed URL opens it.';

create trigger refuse_write instead of insert or update or delete on public.admin_imports for each row execute function leads.refuse_write();
create trigger refuse_write instead of insert or update or delete on public.agent_imports for each row execute function leads.refuse_write();
grant select on public.admin_imports, public.agent_imports, public.admin_audios to authenticated, service_role;
grant execute on function leads.import_progress, public.admin_audio_recording to authenticated, service_role;

-- sql/leads/0020_money_api.sql

-- Billing of the buyer, transactions, packs, rules, gains and transfers (document, 3.3 and 3.8 to 3.11). Euros.

create view public.billing_credit_packs with (security_invoker = true) as
select o.reference as id, o.name, o.credits, leads.euros(o.price_cents) as price, o.popular, o.bonus
from leads.credit_offers o where (select platform.require_role('leads', 'acheteur')) order by o.id desc;
comment on view public.billing_credit_packs is 'GET /api/billing/credit-packs: what a buyer may buy.';

create view public.billing_payments with (security_invoker = true) as
select p.reference as id, leads.euros(p.amount_cents) as amount, p.status, p.date, p.type, p.description
from leads.payments p
where (select platform.require_role('leads', 'acheteur')) and p.buyer_id = (select auth.uid()) order by p.id desc;
comment on view public.billing_payments is 'GET /api/billing/payments: the payments of the buyer who asks.';

create view public.billing_notifications with (security_invoker = true) as
select n.reference as id, n.type, n.title, n.message, n.read, platform.iso_timestamp(n.created_at) as "createdAt"
from platform.notifications n
where (select platform.require_role('leads', 'acheteur')) and n.user_id = (select auth.uid()) and n.system = 'leads' order by n.id desc;
comment on view public.billing_notifications is 'GET /api/billing/notifications: the notifications of the buyer who asks.';

create view public.admin_transactions with (security_invoker = true) as
select t.reference as id, t.type, t.user_name as "userName", t.user_role as "userRole", t.company, leads.euros(t.amount_cents) as amount,
  t.credits, t.date, t.status, t.description, t.payment_method as "paymentMethod"
from leads.transactions t where (select platform.require_role('leads', 'admin')) order by t.id desc;
comment on view public.admin_transactions is 'GET /api/admin/transactions: every movement, newest first.';

create view public.admin_credits_packs with (security_invoker = true) as
select p.reference as id, p.name, p.credits, leads.euros(p.price_cents) as price, leads.euros(p.price_per_credit_cents) as "pricePerCredit",
  p.bonus, p.popular, p.active
from leads.credit_packs p where (select platform.require_role('leads', 'admin')) order by p.id desc;
comment on view public.admin_credits_packs is 'GET /api/admin/credits/packs: the packs as configured.';

create view public.admin_credits_rules with (security_invoker = true) as
select r.reference as id, r.name, r.description, r.value, r.unit, r.active
from leads.credit_rules r where (select platform.require_role('leads', 'admin')) order by r.id desc;
comment on view public.admin_credits_rules is 'GET /api/admin/credits/rules: prices and conditions.';

-- A supplier is listed once he has earned something, or brought an opening balance.
create function leads.supplier_gains(
  supplier_id uuid,
  out leads_sold numeric, out earned numeric, out pending numeric, out paid numeric, out listed boolean
)
language sql
stable
security definer
set search_path = ''
as $$
  select
    leads.kept('supplier.sold', supplier_id::text) + leads.opening('gains.totalLeadsSold', supplier_id::text),
    leads.kept('supplier.earned', supplier_id::text) + leads.opening('gains.totalEarnings', supplier_id::text),
    leads.kept('supplier.earned', supplier_id::text) - leads.kept('supplier.paid', supplier_id::text) + leads.opening('gains.pendingAmount', supplier_id::text),
    leads.kept('supplier.paid', supplier_id::text) + leads.opening('gains.paidAmount', supplier_id::text),
    leads.kept('supplier.earned', supplier_id::text) > 0
      or exists (select from leads.opening_figures o where o.figure = 'gains.totalEarnings' and o.subject = supplier_id::text);
$$;

create view public.admin_gains with (security_invoker = true) as
select s.reference as id, s.contact_name as fournisseur, s.company, s.email, s.iban_mask as iban, g.leads_sold as "totalLeadsSold",
  leads.euros(g.earned) as "totalEarnings", leads.euros(g.pending) as "pendingAmount", leads.euros(g.paid) as "paidAmount",
  s.last_payment_date as "lastPaymentDate", s.status
from leads.suppliers s
cross join lateral leads.supplier_gains(s.id) g
where (select platform.require_role('leads', 'admin')) and g.listed
order by s.id desc;
comment on view public.admin_gains is 'GET /api/admin/gains: what each supplier earned.';

create view public.fournisseur_virements with (security_invoker = true) as
select p.reference as id, p.transfer_reference as reference, leads.euros(p.amount_cents) as amount, p.date, p.status,
  p.leads_count as "leadsCount", p.period, p.iban_mask as iban
from leads.payouts p
where (select platform.require_role('leads', 'fournisseur')) and p.supplier_id = (select leads.my_supplier_id()) order by p.id desc;
comment on view public.fournisseur_virements is 'GET /api/fournisseur/virements: the transfers to the supplier who asks.';

create function leads.monthly_revenue()
returns table (month text, revenus numeric, payouts numeric, period text)
language sql
stable
security definer
set search_path = ''
rows 6
as $$
  select m.label, leads.euros(max(m.value) filter (where m.metric = 'month.revenus')),
    leads.euros(max(m.value) filter (where m.metric = 'month.payouts')), to_char(m.month, 'YYYY-MM')
  from leads.monthly(array['month.revenus', 'month.payouts']) m
  where (select platform.require_role('leads', 'admin')) group by m.month, m.label order by m.month;
$$;

create function public.admin_transactions_monthly_revenue()
returns table (month text, revenus numeric, payouts numeric, period text)
language sql
stable
security invoker
set search_path = ''
rows 6
as $$ select * from leads.monthly_revenue(); $$;
comment on function public.admin_transactions_monthly_revenue is 'GET /api/admin/transactions/monthly-revenue: six months, oldest first.';

create function leads.monthly_gains()
returns table (month text, gains numeric, paid numeric, period text)
language sql
stable
security definer
set search_path = ''
rows 6
as $$
  select m.label, leads.euros(max(m.value) filter (where m.metric = 'month.gains')),
    leads.euros(max(m.value) filter (where m.metric = 'month.paid')), to_char(m.month, 'YYYY-MM')
  from leads.monthly(array['month.gains', 'month.paid']) m
  where (select platform.require_role('leads', 'admin')) group by m.month, m.label order by m.month;
$$;

create function public.admin_gains_monthly()
returns table (month text, gains numeric, paid numeric, period text)
language sql
stable
security invoker
set search_path = ''
rows 6
as $$ select * from leads.monthly_gains(); $$;
comment on function public.admin_gains_monthly is 'GET /api/admin/gains/monthly: six months, oldest first.';

create function leads.monthly_virements()
returns table (month text, amount numeric, period text)
language sql
stable
security definer
set search_path = ''
rows 6
as $$
  select m.label, leads.euros(m.value), to_char(m.month, 'YYYY-MM')
  from leads.monthly(array['month.virements'], coalesce((select leads.my_supplier_id())::text, '-')) m
  where (select platform.require_role('leads', 'fournisseur')) order by m.month;
$$;

create function public.fournisseur_virements_monthly()
returns table (month text, amount numeric, period text)
language sql
stable
security invoker
set search_path = ''
rows 6
as $$ select * from leads.monthly_virements(); $$;
comment on function public.fournisseur_virements_monthly is 'GET /api/fournisseur/virements/monthly: six months, oldest first.';

create trigger refuse_write instead of insert or update or delete on public.admin_gains for each row execute function leads.refuse_write();
grant select on public.billing_credit_packs, public.billing_payments, public.billing_notifications, public.admin_transactions,
  public.admin_credits_packs, public.admin_credits_rules, public.admin_gains, public.fournisseur_virements to authenticated, service_role;
grant execute on function leads.supplier_gains, leads.monthly_revenue, leads.monthly_gains, leads.monthly_virements,
  public.admin_transactions_monthly_revenue, public.admin_gains_monthly, public.fournisseur_virements_monthly to authenticated, service_role;

-- sql/leads/0021_seed.sql

-- The mock files of the front end as the state of the database: after a seed each endpoint answers what its file
-- says. Rows become rows; what the rows do not explain becomes an opening figure. The same folder again changes
-- nothing; another folder takes the place of the rows that the one before brought, and of no others.

create table leads.seeds (
  id uuid primary key default platform.uuid_v7(),
  fingerprint text not null,
  created_at timestamptz not null default now()
);
alter table leads.seeds enable row level security;
comment on table leads.seeds is 'The folders of mock files that were loaded, by fingerprint.';

create table leads.seeded_rows (
  relation text not null,
  row_id uuid not null,
  primary key (relation, row_id)
);
alter table leads.seeded_rows enable row level security;
comment on table leads.seeded_rows is 'Which rows came from the last seed.';

create policy select_admin on leads.seeds for select to authenticated using ((select platform.has_role('leads', 'admin')));
create policy select_admin on leads.seeded_rows for select to authenticated using ((select platform.has_role('leads', 'admin')));
grant select on leads.seeds, leads.seeded_rows to authenticated, service_role;

create function leads.remove_seed()
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_relation text;
begin
  if exists (select from leads.payouts p join leads.seeded_rows r on r.relation = 'leads.payouts' and r.row_id = p.id where p.settled_at is not null) then
    raise foreign_key_violation;
  end if;
  -- What was opened is closed by the opposite movements: the ledger forgets nothing. Who has spent of it since keeps it.
  perform platform.reverse_transfer(t.id, 'opening_closed', t.key) from platform.ledger_transfers t
    where t.system = 'leads' and t.kind = 'opening' and not exists (select from platform.ledger_transfers r where r.reverses = t.id);
  delete from leads.earnings e where e.kind = 'opening';
  -- A sale is named by its lead: one that the files call sold is sold to nobody else.
  delete from leads.sales s using leads.seeded_rows r where r.relation = 'leads.sales' and r.row_id = s.lead_id;
  foreach v_relation in array array['leads.calls', 'leads.leads', 'leads.imports', 'leads.transactions', 'leads.payments', 'leads.payouts',
    'platform.notifications', 'leads.credit_packs', 'leads.credit_offers', 'leads.credit_rules', 'leads.score_features', 'leads.suppliers']
  loop
    execute format('delete from %s t using leads.seeded_rows r where r.relation = %L and r.row_id = t.id', v_relation, v_relation);
  end loop;
  delete from leads.seeded_rows;
  delete from leads.opening_figures;
  update leads.sectors set position = null where position is not null;
  update leads.regions set position = null where position is not null;
  update platform.profiles set reference = null
    where reference is not null and exists (select from platform.memberships m where m.user_id = profiles.id and m.system = 'leads');
exception
  when foreign_key_violation or sqlstate 'PT402' then
    perform platform.fail(409, 'seed_in_use', 'Des données réelles s''appuient sur celles de démonstration : utilisez une base neuve.');
end;
$$;
comment on function leads.remove_seed is 'Takes back the rows of the last seed; refused if real rows hang on them.';

-- The first row of a file is the newest one, as every list shows it.
create function leads.seed_key(base timestamptz, place bigint)
returns uuid
language sql
volatile
set search_path = ''
as $$ select platform.uuid_v7(base - place * interval '1 millisecond'); $$;

create function leads.cents(euros jsonb)
returns bigint
language sql
immutable
set search_path = ''
as $$ select round((euros #>> '{}')::numeric * 100)::bigint; $$;

create function leads.seed_people(files jsonb, accounts jsonb, base timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_user jsonb;
  v_role text;
  v_id uuid;
begin
  update platform.profiles set first_name = 'Admin', last_name = 'Leads Provider', company = 'Leads Provider'
    where id = (accounts ->> 'admin@leads-provider.fr')::uuid;
  insert into platform.memberships (user_id, system, role)
    values ((accounts ->> 'admin@leads-provider.fr')::uuid, 'leads', 'admin') on conflict do nothing;

  for v_role, v_user in select * from jsonb_each(files -> 'users') loop
    v_id := (accounts ->> (v_user ->> 'email'))::uuid;
    update platform.profiles set reference = v_user ->> 'id', email = v_user ->> 'email', first_name = v_user ->> 'firstName', last_name = v_user ->> 'lastName',
      company = v_user ->> 'company', phone = v_user ->> 'phone', avatar = v_user ->> 'avatar', created_at = leads.written_time(v_user ->> 'createdAt')
      where id = v_id;
    insert into platform.memberships (user_id, system, role) values (v_id, 'leads', v_role) on conflict do nothing;
  end loop;

  insert into leads.buyers (user_id, preferred_sectors, preferred_regions)
  select (accounts ->> (b ->> 'email'))::uuid,
    array(select jsonb_array_elements_text(b -> 'preferredSectors')), array(select jsonb_array_elements_text(b -> 'preferredRegions'))
  from (select files -> 'users' -> 'acheteur' as b) buyer
  on conflict (user_id) do update set preferred_sectors = excluded.preferred_sectors, preferred_regions = excluded.preferred_regions;

  insert into leads.suppliers (id, reference, user_id, contact_name, company, email, iban_mask, last_payment_date, status)
  select leads.seed_key(base, n), g ->> 'id', (accounts ->> (g ->> 'email'))::uuid, g ->> 'fournisseur', g ->> 'company', g ->> 'email', g ->> 'iban',
    (g ->> 'lastPaymentDate')::date, g ->> 'status'
  from jsonb_array_elements(files -> 'fournisseurGains' -> 'gains') with ordinality as gains (g, n);

  -- Everybody else whom the files name as a supplier.
  perform platform.skip_references('leads.supplier_numbers', (select array_agg(reference) from leads.suppliers));
  insert into leads.suppliers (user_id, contact_name, company, email, iban_mask, status)
  select (accounts ->> (f ->> 'email'))::uuid, concat_ws(' ', f ->> 'firstName', f ->> 'lastName'), f ->> 'company', f ->> 'email', f ->> 'iban', 'active'
  from (select files -> 'users' -> 'fournisseur' as f) supplier
  where not exists (select from leads.suppliers s where s.email = f ->> 'email');
  insert into leads.suppliers (contact_name, company, email, status)
  select distinct i ->> 'fournisseur', i ->> 'company', '', 'active' from jsonb_array_elements(files -> 'adminImports') i
  where not exists (select from leads.suppliers s where s.contact_name = i ->> 'fournisseur' and s.company = i ->> 'company');

  if exists (select from leads.suppliers s, (select files -> 'users' -> 'fournisseur' as f) u where s.email = f ->> 'email' and s.iban_mask is distinct from f ->> 'iban') then
    perform platform.fail(400, 'seed_mismatch', 'users.json fournisseur.iban : différent de celui de fournisseur-gains.json.');
  end if;
end;
$$;
comment on function leads.seed_people is 'Profiles, roles, suppliers and buyers of the mock files.';

-- sql/leads/0022_seed_rows.sql

-- The rows of the mock files. Who is only named is linked where the name and the company are known.

create function leads.seed_leads(files jsonb, accounts jsonb, base timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_supplier uuid := (select s.id from leads.suppliers s where s.email = files -> 'users' -> 'fournisseur' ->> 'email');
  v_agent uuid := (accounts ->> (files -> 'users' -> 'agent' ->> 'email'))::uuid;
  v_buyer uuid := (accounts ->> (files -> 'users' -> 'acheteur' ->> 'email'))::uuid;
begin
  insert into leads.sectors (name) select distinct l ->> 'sector' from jsonb_array_elements(files -> 'leads') l on conflict do nothing;
  insert into leads.regions (name) select distinct l ->> 'region' from jsonb_array_elements(files -> 'leads') l on conflict do nothing;

  -- The files were written to be shown: their notes are summaries as well, where they say nothing of the person.
  insert into leads.leads (id, reference, supplier_id, agent_id, first_name, last_name_mask, email_mask, phone_mask, company, sector, region, city, source,
    channel, score, status, qualification_status, price_cents, is_exclusive, has_audio_recording, summary, hidden_fields, qualified_at, sold_at,
    sales_count, created_at, updated_at, has_consent)
  select leads.seed_key(base, n), l ->> 'id', v_supplier, case when l ->> 'qualificationStatus' <> 'pending' then v_agent end,
    l ->> 'firstName', platform.mask_last_name(l ->> 'lastName'), platform.mask_email(l ->> 'email'), platform.mask_phone(l ->> 'phone'), l ->> 'company',
    l ->> 'sector', l ->> 'region', l ->> 'city', l ->> 'source', l ->> 'channel', (l ->> 'score')::integer, l ->> 'status', l ->> 'qualificationStatus',
    leads.cents(l -> 'price'), (l ->> 'isExclusive')::boolean, (l ->> 'hasAudioRecording')::boolean,
    case when not leads.contact_in_text(l ->> 'notes', l ->> 'firstName', l ->> 'lastName', l ->> 'email', array[l ->> 'phone']) then l ->> 'notes' end,
    leads.fields_to_hide(l ->> 'firstName', l ->> 'company', l ->> 'city', l ->> 'source', l ->> 'channel', l ->> 'lastName', l ->> 'email',
      array[l ->> 'phone']),
    case when l ->> 'qualificationStatus' = 'qualified' then leads.written_time(l ->> 'updatedAt') end,
    case when l ->> 'status' = 'sold' then leads.written_time(l ->> 'updatedAt') end, (l ->> 'status' = 'sold')::integer,
    leads.written_time(l ->> 'createdAt'), leads.written_time(l ->> 'updatedAt'),
    l ->> 'qualificationStatus' in ('pending', 'in_progress', 'callback')
  from jsonb_array_elements(files -> 'leads') with ordinality as file (l, n);

  insert into leads.lead_contacts (lead_id, supplier_id, last_name, email, phone, notes)
  select k.id, v_supplier, l ->> 'lastName', l ->> 'email', l ->> 'phone', l ->> 'notes'
  from jsonb_array_elements(files -> 'leads') l join leads.leads k on k.reference = l ->> 'id';
  -- What the supplier earned by them is in his opening figures.
  insert into leads.sales (lead_id, buyer_id, supplier_id, price_cents, sold_at)
  select k.id, v_buyer, v_supplier, k.price_cents, k.sold_at
  from jsonb_array_elements(files -> 'leads') l join leads.leads k on k.reference = l ->> 'id' where k.status = 'sold';
end;
$$;

create function leads.seed_work(files jsonb, base timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into leads.imports (id, reference, supplier_id, file_name, upload_date, total, valid, invalid, duplicates, status, processing_time,
    qualification_status, handed_over_at)
  select leads.seed_key(base, n), i ->> 'id',
    (select s.id from leads.suppliers s where s.contact_name = i ->> 'fournisseur' and s.company = i ->> 'company' order by s.id desc limit 1),
    i ->> 'fileName', (i ->> 'uploadDate')::date, (i ->> 'totalLeads')::integer, (i ->> 'valid')::integer, (i ->> 'invalid')::integer,
    (i ->> 'duplicates')::integer, i ->> 'status', i ->> 'processingTime',
    coalesce(agent.a ->> 'status', 'en_attente'), base - agent.place * interval '1 millisecond'
  from jsonb_array_elements(files -> 'adminImports') with ordinality as file (i, n)
  left join jsonb_array_elements(files -> 'agentImports') with ordinality as agent (a, place) on agent.a ->> 'id' = i ->> 'id';

  insert into leads.calls (id, reference, lead_id, agent_id, lead_name, lead_company, agent_name, called_on, duration_seconds, duration,
    recording_size, recording_status, result)
  select leads.seed_key(base, n), a ->> 'id',
    (select l.id from leads.leads l join leads.lead_contacts c on c.lead_id = l.id
      where concat_ws(' ', l.first_name, c.last_name) = a ->> 'leadName' and l.company is not distinct from a ->> 'leadCompany' order by l.id desc limit 1),
    (select m.user_id from platform.memberships m join platform.profiles p on p.id = m.user_id
      where m.system = 'leads' and m.role = 'agent' and concat_ws(' ', p.first_name, p.last_name) = a ->> 'agentName' limit 1),
    a ->> 'leadName', a ->> 'leadCompany', a ->> 'agentName', (a ->> 'date')::date, (a ->> 'durationSeconds')::integer, a ->> 'duration',
    a ->> 'size', a ->> 'status', a ->> 'qualificationResult'
  from jsonb_array_elements(files -> 'audios') with ordinality as file (a, n);

  insert into leads.score_features (id, feature, contribution, description)
  select leads.seed_key(base, n), f ->> 'feature', (f ->> 'contribution')::numeric, f ->> 'description'
  from jsonb_array_elements(files -> 'stats' -> 'scoreExplanations') with ordinality as file (f, n);

  insert into leads.sectors (name, color, position)
  select s ->> 'name', s ->> 'color', n from jsonb_array_elements(files -> 'stats' -> 'sectors') with ordinality as file (s, n)
  on conflict (name) do update set color = excluded.color, position = excluded.position;
  insert into leads.regions (name, position)
  select r ->> 'name', n from jsonb_array_elements(files -> 'stats' -> 'regions') with ordinality as file (r, n)
  on conflict (name) do update set position = excluded.position;
end;
$$;

create function leads.seed_money(files jsonb, accounts jsonb, base timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_supplier uuid := (select s.id from leads.suppliers s where s.email = files -> 'users' -> 'fournisseur' ->> 'email');
  v_buyer uuid := (accounts ->> (files -> 'users' -> 'acheteur' ->> 'email'))::uuid;
begin
  insert into leads.credit_packs (id, reference, name, credits, price_cents, price_per_credit_cents, bonus, popular, active)
  select leads.seed_key(base, n), p ->> 'id', p ->> 'name', (p ->> 'credits')::integer, leads.cents(p -> 'price'), (p ->> 'pricePerCredit')::numeric * 100,
    (p ->> 'bonus')::integer, (p ->> 'popular')::boolean, (p ->> 'active')::boolean
  from jsonb_array_elements(files -> 'creditConfig' -> 'packs') with ordinality as file (p, n);

  -- The offer is what the buyers' file says.
  delete from leads.credit_offers;
  insert into leads.credit_offers (id, reference, name, credits, price_cents, bonus, popular)
  select leads.seed_key(base, n), p ->> 'id', p ->> 'name', (p ->> 'credits')::integer, leads.cents(p -> 'price'), (p ->> 'bonus')::integer, (p ->> 'popular')::boolean
  from jsonb_array_elements(files -> 'billing' -> 'creditPacks') with ordinality as file (p, n);

  delete from leads.credit_rules;
  insert into leads.credit_rules (id, reference, name, description, value, unit, active)
  select leads.seed_key(base, n), r ->> 'id', r ->> 'name', r ->> 'description', (r ->> 'value')::numeric, r ->> 'unit', (r ->> 'active')::boolean
  from jsonb_array_elements(files -> 'creditConfig' -> 'rules') with ordinality as file (r, n);

  insert into leads.payments (id, reference, buyer_id, type, amount_cents, status, date, description)
  select leads.seed_key(base, n), p ->> 'id', v_buyer, p ->> 'type', leads.cents(p -> 'amount'), p ->> 'status', (p ->> 'date')::date, p ->> 'description'
  from jsonb_array_elements(files -> 'billing' -> 'payments') with ordinality as file (p, n);

  insert into platform.notifications (id, reference, user_id, system, type, title, message, read, created_at)
  select leads.seed_key(base, n), m ->> 'id', v_buyer, 'leads', m ->> 'type', m ->> 'title', m ->> 'message', (m ->> 'read')::boolean, leads.written_time(m ->> 'createdAt')
  from jsonb_array_elements(files -> 'billing' -> 'notifications') with ordinality as file (m, n);

  insert into leads.transactions (id, reference, type, user_id, user_name, user_role, company, amount_cents, credits, date, status, description, payment_method)
  select leads.seed_key(base, n), t ->> 'id', t ->> 'type',
    (select p.id from platform.profiles p where concat_ws(' ', p.first_name, p.last_name) = t ->> 'userName' and p.company = t ->> 'company' limit 1),
    t ->> 'userName', t ->> 'userRole', t ->> 'company', leads.cents(t -> 'amount'), (t ->> 'credits')::integer, (t ->> 'date')::date, t ->> 'status',
    t ->> 'description', t ->> 'paymentMethod'
  from jsonb_array_elements(files -> 'transactions' -> 'transactions') with ordinality as file (t, n);

  insert into leads.payouts (id, reference, transfer_reference, supplier_id, amount_cents, date, status, leads_count, period, iban_mask)
  select leads.seed_key(base, n), v ->> 'id', v ->> 'reference', v_supplier, leads.cents(v -> 'amount'), (v ->> 'date')::date, v ->> 'status',
    (v ->> 'leadsCount')::integer, v ->> 'period', v ->> 'iban'
  from jsonb_array_elements(files -> 'virements' -> 'virements') with ordinality as file (v, n);
end;
$$;
comment on function leads.seed_leads is 'leads.json: leads, contacts, and the sales of those that are sold.';
comment on function leads.seed_work is 'Imports, calls, score features, sectors and regions of the mock files.';
comment on function leads.seed_money is 'Packs, rules, payments, notifications, transactions and transfers of the mock files.';

-- sql/leads/0023_seed_openings.sql

-- What the files say and the rows do not explain.

create function leads.open_figure(figure text, subject text, wanted numeric, counted numeric default 0, month date default leads.ever())
returns void
language sql
set search_path = ''
as $$
  insert into leads.opening_figures (figure, subject, month, value) values (figure, subject, month, wanted - counted);
$$;
comment on function leads.open_figure is 'Opens a figure so that it reads as wanted.';

-- An average or a rate is a sum over a count. Both are opened, the count with at least one, so that new rows move it as they should.
create function leads.open_ratio(sum_figure text, count_figure text, subject text, wanted numeric, weight numeric, counted_sum numeric, counted numeric)
returns void
language sql
set search_path = ''
as $$
  select leads.open_figure(count_figure, subject, greatest(weight, 1), counted);
  select leads.open_figure(sum_figure, subject, wanted * greatest(weight, 1), counted_sum);
$$;

-- items: [{"month": "Sep", "period": "2025-09", <field>: value}]. Months that rows have and the file does not are opened to zero.
create function leads.open_months(items jsonb, field text, metric text, subject text, unit numeric)
returns void
language sql
set search_path = ''
as $$
  insert into leads.opening_figures (figure, subject, month, label, value)
  select open_months.metric, open_months.subject, coalesce(f.month, k.month), f.label, coalesce(f.wanted, 0) - coalesce(k.value, 0)
  from (
    select (i ->> 'period' || '-01')::date as month, i ->> 'month' as label, (i ->> field)::numeric * unit as wanted from jsonb_array_elements(items) i
  ) f
  full join (
    select r.month, sum(r.value) as value from leads.rollups r
    where r.metric = open_months.metric and r.subject = open_months.subject and r.month > leads.ever() group by r.month
  ) k on k.month = f.month;
$$;
comment on function leads.open_months is 'Opens a monthly metric so that it reads as the file; unit turns euros into cents.';

-- The credits that the buyer has, what is due to suppliers, and the transfers that the bank has not confirmed yet.
create function leads.seed_balances(files jsonb, accounts jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_buyer_file jsonb := files -> 'users' -> 'acheteur';
  v_buyer uuid := (accounts ->> (v_buyer_file ->> 'email'))::uuid;
  v_credits bigint := (v_buyer_file ->> 'credits')::bigint;
  v_transit bigint := (select coalesce(sum(p.amount_cents), 0) from leads.payouts p where p.status = 'pending' and p.transfer_id is null);
  v_key text := platform.uuid_v7();
begin
  insert into leads.earnings (supplier_id, kind, amount_cents, payable_from)
  select s.id, 'opening', leads.cents(g -> 'pendingAmount') - coalesce(p.pending, 0), now()
  from jsonb_array_elements(files -> 'fournisseurGains' -> 'gains') g
  join leads.suppliers s on s.reference = g ->> 'id'
  left join (select p.supplier_id, sum(p.amount_cents) as pending from leads.payouts p where p.status = 'pending' group by 1) p on p.supplier_id = s.id
  where leads.cents(g -> 'pendingAmount') <> coalesce(p.pending, 0);

  perform leads.open_figure('acheteur.credits', v_buyer::text, v_credits);
  perform platform.post_transfer('leads', 'opening', v_key, array[
      ('buyer_paid', v_buyer, v_credits), ('credits_opening', null, -v_credits),
      ('payouts_in_transit', null, v_transit), ('opening', null, -v_transit)
    ]::platform.ledger_line[]
    || (select array_agg((l.kind, l.owner, l.amount)::platform.ledger_line) from leads.earnings e,
      lateral (values ('supplier_earnings', e.supplier_id, e.amount_cents), ('opening', null, -e.amount_cents)) l (kind, owner, amount)
      where e.kind = 'opening'));
end;
$$;
comment on function leads.seed_balances is 'Opens the ledger with what the files say is there.';

create function leads.seed_openings(files jsonb, accounts jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_supplier_file jsonb := files -> 'users' -> 'fournisseur';
  v_agent_file jsonb := files -> 'users' -> 'agent';
  v_buyer_file jsonb := files -> 'users' -> 'acheteur';
  v_stats jsonb := files -> 'stats' -> 'global';
  v_monthly jsonb := files -> 'stats' -> 'monthly';
  v_supplier text := (select s.id::text from leads.suppliers s where s.email = v_supplier_file ->> 'email');
  v_agent text := accounts ->> (v_agent_file ->> 'email');
  v_buyer text := accounts ->> (v_buyer_file ->> 'email');
  v_subject text;
  v_total numeric := (v_stats ->> 'totalLeads')::numeric;
  v_qualified numeric := (v_agent_file ->> 'totalLeadsQualified')::numeric;
begin
  perform leads.open_figure('fournisseur.totalLeadsUploaded', v_supplier, (v_supplier_file ->> 'totalLeadsUploaded')::numeric, leads.kept('supplier.leads', v_supplier));
  perform leads.open_figure('fournisseur.totalLeadsSold', v_supplier, (v_supplier_file ->> 'totalLeadsSold')::numeric, leads.kept('supplier.sold', v_supplier));
  perform leads.open_figure('fournisseur.totalRevenue', v_supplier, leads.cents(v_supplier_file -> 'totalRevenue'), leads.kept('supplier.earned', v_supplier));
  perform leads.open_figure('fournisseur.pendingPayment', v_supplier, leads.cents(v_supplier_file -> 'pendingPayment'),
    leads.kept('supplier.earned', v_supplier) - leads.kept('supplier.paid', v_supplier));

  perform leads.open_figure('agent.qualifiedOnDay', v_agent, (v_agent_file ->> 'leadsQualifiedToday')::numeric,
    (select count(*) from leads.calls c where c.agent_id::text = v_agent and c.called_on = leads.today() and c.result = 'qualified'), leads.today());
  perform leads.open_figure('agent.totalLeadsQualified', v_agent, v_qualified, leads.kept('agent.qualified', v_agent));
  perform leads.open_ratio('agent.callSeconds', 'agent.timedCalls', v_agent, (v_agent_file ->> 'averageCallDuration')::numeric, v_qualified,
    leads.kept('agent.call_seconds', v_agent), leads.kept('agent.calls', v_agent));
  perform leads.open_ratio('agent.ratedQualified', 'agent.ratedCalls', v_agent, (v_agent_file ->> 'qualificationRate')::numeric / 100, v_qualified,
    leads.kept('agent.qualified', v_agent), leads.kept('agent.calls', v_agent));

  perform leads.open_figure('acheteur.totalLeadsPurchased', v_buyer, (v_buyer_file ->> 'totalLeadsPurchased')::numeric, leads.kept('buyer.purchases', v_buyer));
  perform leads.open_ratio('acheteur.won', 'acheteur.decided', v_buyer, (v_buyer_file ->> 'conversionRate')::numeric / 100,
    (v_buyer_file ->> 'totalLeadsPurchased')::numeric, 0, 0);

  perform leads.open_figure('stats.totalLeads', '', v_total, leads.kept('leads.total'));
  perform leads.open_figure('stats.qualifiedLeads', '', (v_stats ->> 'qualifiedLeads')::numeric, leads.kept('leads.qualified'));
  perform leads.open_figure('stats.soldLeads', '', (v_stats ->> 'soldLeads')::numeric, leads.kept('leads.sold'));
  perform leads.open_figure('stats.pendingLeads', '', (v_stats ->> 'pendingLeads')::numeric, leads.kept('leads.pending'));
  perform leads.open_figure('stats.revenue', '', leads.cents(v_stats -> 'revenue'), leads.kept('sales.revenue'));
  perform leads.open_ratio('stats.score', 'stats.scored', '', (v_stats ->> 'avgScore')::numeric, v_total, leads.kept('leads.score'), leads.kept('leads.total'));
  perform leads.open_ratio('stats.converted', 'stats.convertible', '', (v_stats ->> 'conversionRate')::numeric / 100, v_total, leads.kept('leads.sold'), leads.kept('leads.total'));

  -- The only supplier with an account has brought the leads: his months are those of the platform.
  foreach v_subject in array array['', v_supplier] loop
    perform leads.open_months(v_monthly, 'leads', 'month.leads', v_subject, 1), leads.open_months(v_monthly, 'qualified', 'month.qualified', v_subject, 1),
      leads.open_months(v_monthly, 'sold', 'month.sold', v_subject, 1), leads.open_months(v_monthly, 'revenue', 'month.revenue', v_subject, 100);
  end loop;
  perform leads.open_months(files -> 'transactions' -> 'monthlyRevenue', 'revenus', 'month.revenus', '', 100),
    leads.open_months(files -> 'transactions' -> 'monthlyRevenue', 'payouts', 'month.payouts', '', 100),
    leads.open_months(files -> 'fournisseurGains' -> 'monthly', 'gains', 'month.gains', '', 100),
    leads.open_months(files -> 'fournisseurGains' -> 'monthly', 'paid', 'month.paid', '', 100),
    leads.open_months(files -> 'virements' -> 'monthly', 'amount', 'month.virements', v_supplier, 100);

  perform leads.open_figure('stats.sector', s.name, coalesce((f ->> 'value')::numeric, 0), leads.kept('sector.leads', s.name))
    from leads.sectors s left join jsonb_array_elements(files -> 'stats' -> 'sectors') f on f ->> 'name' = s.name;
  perform leads.open_figure('stats.region', r.name, coalesce((f ->> 'value')::numeric, 0), leads.kept('region.leads', r.name))
    from leads.regions r left join jsonb_array_elements(files -> 'stats' -> 'regions') f on f ->> 'name' = r.name;

  perform leads.open_figure('gains.totalLeadsSold', s.id::text, (g ->> 'totalLeadsSold')::numeric, leads.kept('supplier.sold', s.id::text)),
    leads.open_figure('gains.totalEarnings', s.id::text, leads.cents(g -> 'totalEarnings'), leads.kept('supplier.earned', s.id::text)),
    leads.open_figure('gains.pendingAmount', s.id::text, leads.cents(g -> 'pendingAmount'),
      leads.kept('supplier.earned', s.id::text) - leads.kept('supplier.paid', s.id::text)),
    leads.open_figure('gains.paidAmount', s.id::text, leads.cents(g -> 'paidAmount'), leads.kept('supplier.paid', s.id::text))
  from jsonb_array_elements(files -> 'fournisseurGains' -> 'gains') g join leads.suppliers s on s.reference = g ->> 'id';

  perform leads.open_figure('agentImport.totalLeads', i.id::text, (a ->> 'totalLeads')::numeric, i.total),
    leads.open_figure('agentImport.pending', i.id::text, (a ->> 'pending')::numeric, leads.kept('import.pending', i.id::text)),
    leads.open_figure('agentImport.qualified', i.id::text, (a ->> 'qualified')::numeric, leads.kept('import.qualified', i.id::text)),
    leads.open_figure('agentImport.rejected', i.id::text, (a ->> 'rejected')::numeric, leads.kept('import.rejected', i.id::text)),
    leads.open_figure('agentImport.duplicates', i.id::text, (a ->> 'duplicates')::numeric, i.duplicates)
  from jsonb_array_elements(files -> 'agentImports') a join leads.imports i on i.reference = a ->> 'id';
end;
$$;
comment on function leads.seed_openings is 'The opening figures that make each statistic read as its file.';

-- sql/leads/0024_seed_run.sql

-- One call, one transaction: the whole folder or nothing.
create function leads.seed(files jsonb, accounts jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_fingerprint text := md5(files::text);
  v_base timestamptz := clock_timestamp();
begin
  perform pg_advisory_xact_lock(hashtext('leads.seed'));
  if v_fingerprint = (select s.fingerprint from leads.seeds s order by s.id desc limit 1) then
    return jsonb_build_object('changed', false);
  end if;
  perform leads.remove_seed();
  perform leads.seed_people(files, accounts, v_base);
  perform leads.seed_leads(files, accounts, v_base);
  perform leads.seed_work(files, v_base);
  perform leads.seed_money(files, accounts, v_base);
  perform leads.seed_openings(files, accounts);
  perform leads.seed_balances(files, accounts);
  perform leads.keep_demo_seller();
  perform leads.keep_demo_consents(files);

  -- now() is the same for the whole transaction and everything else that is this new came with it.
  insert into leads.seeded_rows (relation, row_id)
    select 'leads.suppliers', id from leads.suppliers where created_at = now()
    union all select 'leads.leads', l.id from leads.leads l join jsonb_array_elements(files -> 'leads') f on f ->> 'id' = l.reference
    union all select 'leads.sales', s.lead_id from leads.sales s join leads.leads l on l.id = s.lead_id
      join jsonb_array_elements(files -> 'leads') f on f ->> 'id' = l.reference
    union all select 'leads.imports', id from leads.imports where created_at = now()
    union all select 'leads.calls', id from leads.calls where created_at = now()
    union all select 'leads.transactions', id from leads.transactions where created_at = now()
    union all select 'leads.payments', id from leads.payments where created_at = now()
    union all select 'leads.payouts', id from leads.payouts where created_at = now()
    union all select 'platform.notifications', n.id from platform.notifications n
      join jsonb_array_elements(files -> 'billing' -> 'notifications') f on f ->> 'id' = n.reference
    union all select 'leads.credit_packs', id from leads.credit_packs where created_at = now()
    union all select 'leads.credit_rules', id from leads.credit_rules where created_at = now()
    union all select 'leads.credit_offers', id from leads.credit_offers
    union all select 'leads.score_features', id from leads.score_features;

  perform platform.skip_references('leads.import_numbers', (select array_agg(reference) from leads.imports)),
    platform.skip_references('leads.call_numbers', (select array_agg(reference) from leads.calls)),
    platform.skip_references('leads.transaction_numbers', (select array_agg(reference) from leads.transactions)),
    platform.skip_references('leads.payment_numbers', (select array_agg(reference) from leads.payments)),
    platform.skip_references('leads.payout_numbers', (select array_agg(reference) from leads.payouts)),
    platform.skip_references('leads.pack_numbers', (select array_agg(reference) from leads.credit_packs)),
    platform.skip_references('leads.rule_numbers', (select array_agg(reference) from leads.credit_rules)),
    platform.skip_references('platform.notification_numbers', (select array_agg(reference) from platform.notifications));

  insert into leads.seeds (fingerprint) values (v_fingerprint);
  return jsonb_build_object('changed', true, 'inserted', (
    select jsonb_object_agg(relation, rows) from (select r.relation, count(*) as rows from leads.seeded_rows r group by 1 order by 1) counts));
end;
$$;
comment on function leads.seed is
  'Loads the mock files. files: one key per file; accounts: e-mail to user id. {changed, inserted: {table: rows}}.';

-- sql/leads/0029_written_values.sql

-- What people and programs write into the fields of a lead, understood value by value. What nearly every row has is looked at
-- by import_values (0031) itself; these functions are for the rest, and cost nothing where there is none.

-- A name may be « Null » or « None »: of names only signs, the error values of spreadsheets and what programs write are none.
create function leads.says_nothing(value text, is_name boolean)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
begin
  return value ~ '^[-‐-―−_=.,;:?!/\\*•·''"]*$' or value ~ '^#(N/A|N/D|REF!|VALUE!|VALEUR!|NAME\?|NOM\?|DIV/0!|NULL!|NUL!|NUM!|NOMBRE!|ERREUR|ERROR)$'
    or value in ('N/A', 'n/a', 'N.A.', 'N/C', 'n/c', 'N.C.', 'NULL', 'null', '(null)', '<null>', '[null]', 'undefined', 'NaN', 'nan', 'nil', '(vide)', '(blank)')
    or (not is_name and lower(value) in ('null', 'nil', 'none', 'na', 'nc', 'nd', 'n.c', 'n.a', 'néant', 'neant', 'aucun', 'aucune', 'vide', 'sans',
      'non renseigné', 'non renseignée', 'non renseigne', 'non communiqué', 'non communique', 'pas de téléphone', 'pas de mail', 'pas d''email'));
end;
$$;
comment on function leads.says_nothing is 'Whether a value is a way to leave a cell empty.';

-- ="0639…" is how a text is kept from a spreadsheet, p:+33… and z:35000 how an advertiser marks its kind.
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
  -- Until there is nothing to take off: what is kept, exported and brought back stays what it is.
  while v_text like '="%"' or v_text ~ '^[lpzf]:[+0-9]' loop
    v_text := platform.clean_text(case when v_text like '=%' then replace(substr(v_text, 3, length(v_text) - 3), '""', '"') else substr(v_text, 3) end, several_lines);
  end loop;
  return case when not leads.says_nothing(v_text, is_name) then v_text end;
end;
$$;
comment on function leads.clean_value is 'A cell as it is meant: cleaned, out of its wrappings; null where it says nothing.';

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
comment on function leads.is_email is 'Whether a text is an e-mail in the form in which contacts are kept.';

-- mailto:a@b.fr, « Jean Dupont <a@b.fr> », a@b.fr. with the full stop of its sentence, a@exämple.de.
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
comment on function leads.email_of is 'The e-mail that is written, in the form in which contacts are kept; null if it is none, or more than one.';

-- The nine digits of a French number, however it was dialled, in the country that they belong to: overseas departments have
-- their own codes. 0639 is Mayotte's but for 0639 98, which is nobody's: the numbers of fiction.
create function leads.telephone_of(written text)
returns text
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
  v_dialled text := translate(regexp_replace(case when written ~ '^[0-9]+\.0$' then left(written, -2) else written end, '\( *0 *\)', '', 'g'),
    e' .-/()[]_''·•‐‑‒–—―−', '');
  v_national text;
  v_country text;
begin
  if v_dialled like '00%' then v_dialled := '+' || substr(v_dialled, 3); end if;
  -- A leading 0 may have been eaten by a spreadsheet.
  v_national := case length(v_dialled)
    when 9 then v_dialled
    when 10 then case when v_dialled like '0%' then substr(v_dialled, 2) end
    when 11 then case when v_dialled like '33%' then substr(v_dialled, 3) end
    when 12 then case when v_dialled like '+33%' then substr(v_dialled, 4) when v_dialled ~ '^(262|590|594|596)[1-9]' then substr(v_dialled, 4) end
    when 13 then case when v_dialled like '+330%' then substr(v_dialled, 5) when v_dialled ~ '^\+(262|590|594|596)' then substr(v_dialled, 5) end
    when 14 then case when v_dialled ~ '^\+(262|590|594|596)0' then substr(v_dialled, 6) end
  end;
  v_country := case
    when v_national is null or v_national !~ '^[1-9][0-9]{8}$' then null
    when left(v_national, 3) in ('262', '263', '269', '692', '693') or (left(v_national, 3) = '639' and left(v_national, 5) <> '63998') then '262'
    when left(v_national, 3) in ('590', '690', '691') then '590'
    when left(v_national, 3) in ('594', '694') then '594'
    when left(v_national, 3) in ('596', '696', '697') then '596'
    when length(v_dialled) < 13 or v_dialled like '+33%' then '33' end;
  return case
    when v_country = '33' then '+33 ' || left(v_national, 1) || ' ' || substr(v_national, 2, 2) || ' ' || substr(v_national, 4, 2)
      || ' ' || substr(v_national, 6, 2) || ' ' || substr(v_national, 8, 2)
    when v_country is not null then '+' || v_country || ' ' || left(v_national, 3) || ' ' || substr(v_national, 4, 2)
      || ' ' || substr(v_national, 6, 2) || ' ' || substr(v_national, 8, 2)
    -- Any other country: its code (ITU E.164), a space, the number.
    when v_dialled ~ '^\+[1-9][0-9]{7,14}$' and v_dialled not like '+33%' then regexp_replace(v_dialled,
      '^(\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|(2[1-689]|3[578]|42|5[09]|6[7-9]|8[0578]|9[679])[0-9]))', '\1 ')
  end;
end;
$$;
comment on function leads.telephone_of is 'The one telephone that is written, in the form in which contacts are kept; null if it is none.';

-- « Tél : 06… / 01… », tel:+33…, 01… poste 12. An extension is no part of a number by which people are told apart.
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
  v_text := regexp_replace(v_text, '\m(t[ée]l[ée]?phone|t[ée]l|mobile|mob|portable|port|fixe|phone|gsm|bureau|domicile|dom|pro|perso|whatsapp|num[ée]ro|n°)[ .:°]*', '', 'gi');
  if leads.telephone_of(v_text) is not null then return array[leads.telephone_of(v_text)]; end if;
  -- Two of ten digits, whatever is between them and within.
  v_text := regexp_replace(v_text, '^((?:0[^0-9+]*)(?:[0-9][^0-9+]*){8}[0-9])[^0-9+]*(0(?:[^0-9+]*[0-9]){9})$', '\1;\2');
  select array_agg(leads.telephone_of(p.part) order by p.place) into v_numbers
  from regexp_split_to_table(v_text, '\s*(?:[;,/|&\n]|\s-\s|\m(?:ou|et|puis)\M)\s*', 'i') with ordinality as p (part, place) where p.part <> '';
  return case when array_position(v_numbers, null) is null then v_numbers end;
end;
$$;
comment on function leads.telephones_of is 'The telephones that are written, in the form in which contacts are kept; empty if it says nothing, null if something in it is none.';

-- Both cells of a row. Of more than two numbers the first two are kept.
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
  v_phones := array(select n.number from unnest(v_phones || v_others) with ordinality as n (number, place) group by 1 order by min(n.place));
  return array[v_phones[1], v_phones[2], null];
end;
$$;
comment on function leads.read_telephones is 'The first and the second telephone of a row, and the field in which something is none: {first, second, field}.';

-- By rule: « DUPONT Jean », « Jean de LA TOUR », « Dupont, Jean », with or without « Mme ». Where the words do not tell, all of them are the
-- last name, which strangers never see, and the name is marked for somebody to part it.
create function leads.split_name(full_name text, first_name text default null)
returns text[]
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_text text := coalesce(substring(full_name from
    '(?i)^(?:(?:m|mr|mrs|ms|mme|mmes|mlle|mlles|mm|monsieur|madame|mademoiselle|dr|docteur|me|maître|pr|professeur)\.? +(?:(?:et|ou|&|/) +)?)+(.*)$'), full_name);
  v_words text[] := string_to_array(v_text, ' ');
  -- Words in capitals, « d'ESTAING » too; an initial tells nothing.
  v_capital boolean[] := array(select w = upper(w) and w <> lower(w) and length(regexp_replace(w, '[^[:alpha:]]', '', 'g')) > 1
    from unnest(v_words) w0, regexp_replace(w0, '^[dl][''’]', '') w);
  v_from integer := array_position(v_capital, true);
  v_to integer;
begin
  if lower(v_text) like lower(first_name) || ' _%' then return array[first_name, substr(v_text, length(first_name) + 2)]; end if;
  if lower(v_text) like '%_ ' || lower(first_name) then return array[first_name, left(v_text, -length(first_name) - 1)]; end if;
  if v_text ~ '^[^,]+, *[^,]+$' then return array[btrim(split_part(v_text, ',', 2)), btrim(split_part(v_text, ',', 1))]; end if;
  if cardinality(v_words) < 2 then return array['', v_text]; end if;
  -- Two people, a name by birth or marriage, a remark, a company: what is not in capitals may be a last name too.
  if v_text ~* '[()/&+0-9]|(^|[^[:alpha:]])(et|ou|and|née?|ép|épouse|épx|veuve|vve|divorcée|alias|dit|c/o|chez|sarl|sas|sasu|sci|eurl|scp|snc|ets|société|entreprise|association)([^[:alpha:]]|$)'
  then return array[null, v_text]; end if;
  if v_from is null or array_position(v_capital, false) is null or v_text like '%,%' then return array[null, v_text]; end if;
  v_to := cardinality(v_words) + 1 - (select array_position(array_agg(c order by n desc), true) from unnest(v_capital) with ordinality as u (c, n));
  -- The capitals stand together, at one end; « de », « van » before them are theirs.
  while v_from > 1 and v_words[v_from - 1] in ('de', 'du', 'des', 'la', 'le', 'van', 'von', 'der', 'den', 'di', 'da', 'dos', 'el', 'ben') loop v_from := v_from - 1; end loop;
  if exists (select from generate_series(v_from, v_to) i where not v_capital[i] and v_words[i] <> lower(v_words[i])) or (v_from > 1 and v_to < cardinality(v_words))
    or (v_from = 1 and v_to = cardinality(v_words)) then return array[null, v_text]; end if;
  return array[array_to_string(v_words[:v_from - 1] || v_words[v_to + 1:], ' '), array_to_string(v_words[v_from:v_to], ' ')];
end;
$$;
comment on function leads.split_name is 'First and last name of a full name; no first name, and all of it as last name, where it cannot be told.';

-- « 1er févr. 2026 », « mardi 10 février 2026 à 14h », « Feb 10, 2026 2:30 pm », « 2026/02/10 2:30:00 PM UTC+1 » of forms, as
-- 10/02/2026 and 2026-02-10 with hours from 0 to 23. What is written otherwise stays as it is.
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
    regexp_match(v_text, '^(?:[[:alpha:]]{3,9}\.?,? +)?(\d{1,2})(?:er|st|nd|rd|th)?[ -]([[:alpha:]]{3,9})\.?,?[ -](\d{4})(.*)$'),
    (select array[p[2], p[1], p[3], p[4]] from regexp_match(v_text, '^(?:[[:alpha:]]{3,9}\.?,? +)?([[:alpha:]]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(.*)$') p where p is not null));
  if v_parts is not null then
    v_month := (select m.month from (values ('janv', 1), ('jan', 1), ('fevr', 2), ('fev', 2), ('feb', 2), ('mars', 3), ('mar', 3), ('avr', 4), ('apr', 4), ('mai', 5),
      ('may', 5), ('juin', 6), ('jun', 6), ('juil', 7), ('jul', 7), ('aou', 8), ('aug', 8), ('sep', 9), ('oct', 10), ('nov', 11), ('dec', 12)) m (start, month)
      where platform.fold(v_parts[2]) like m.start || '%' limit 1);
    if v_month is null then return written; end if;
    v_text := v_parts[3] || '-' || lpad(v_month::text, 2, '0') || '-' || lpad(v_parts[1], 2, '0') || v_parts[4];
  end if;
  v_parts := regexp_match(v_text, '^(.*[ ,])(\d{1,2})((?::\d\d){1,2}) ?([ap])\.?m\.?(.*)$', 'i');
  if v_parts is null or v_parts[2]::integer not between 1 and 12 then return v_text; end if;
  return v_parts[1] || lpad((v_parts[2]::integer % 12 + case lower(v_parts[4]) when 'p' then 12 else 0 end)::text, 2, '0') || v_parts[3] || v_parts[5];
end;
$$;
comment on function leads.plain_date is 'A date with its month and its half of the day in figures; any other text as it is.';

-- 2026-02-10T14:30:00Z, 2026-02-10 14:30, 10/02/2026 14h30, 10/02/26; seconds or milliseconds since 1970, as programs have it.
-- Without a zone it is Paris that is meant.
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
    when iso.text ~ '^\d{4}-\d\d-\d\d([T ]\d\d?:\d\d(:\d\d(\.\d+)?)?( ?(Z|UTC|[+-]\d\d(:?\d\d)?))?)?$' and pg_input_is_valid(iso.text, 'timestamptz')
    -- Nobody left a lead here before; what says so is a slip of the pen.
    then case when iso.text::timestamptz >= '2000-01-01' then iso.text::timestamptz end end
  from (
    select case when p.parts is null then t.text
      else case when length(p.parts[3]) = 2 then '20' else '' end || p.parts[3] || '-'
        || lpad(p.parts[case when month_first then 1 else 2 end], 2, '0') || '-' || lpad(p.parts[case when month_first then 2 else 1 end], 2, '0') || p.parts[4] end as text
    from (select regexp_replace(regexp_replace(
        case when written ~* '[[:alpha:]]{3}|[ap]\.?m|^\d{4}/| \d\d? ?h$' then leads.plain_date(written) else written end, '(,| à| at)? +(?=[0-9]{1,2}[:h])', ' '), ' ([0-9]{1,2}) ?h ?([0-9]{2})', ' \1:\2') as text offset 0) t
    cross join lateral (select regexp_match(t.text, '^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})((?:[ T].*)?)$') as parts offset 0) p
    offset 0
  ) iso;
$$;
comment on function leads.written_time is 'The instant that is written, ISO 8601 or with the day (or the month) first; null if it is none.';

-- sql/leads/0030_import_rows.sql

-- A file on its way in: staged as it was written (COPY), then merged by one function (0036_import_merge), so that
-- the command line, an upload and a form share one rule. What is staged is worth a second try at most: the table
-- is unlogged, has no foreign key, which would be checked row by row, and is emptied by the merge. Nor have the rows of
-- files a key, which would cost a third of the staging: each check of a piece reads all of them. A form's one row (line 1,
-- where a file has its header) is found by a key, in a part of its own, however many rows of files there are.
create table leads.import_rows (
  import_id uuid not null,
  line integer not null,
  defect text,
  first_name text,
  last_name text,
  full_name text,
  email text,
  phone text,
  phone2 text,
  company text,
  sector text,
  region text,
  postcode text,
  city text,
  source text,
  channel text,
  score text,
  price text,
  is_exclusive text,
  notes text,
  summary text,
  collected_at text,
  consent_text_version text,
  consent_url text,
  consent_ip text,
  consent_at text,
  consent_recipients text
) partition by range (line);
create unlogged table leads.import_form_rows partition of leads.import_rows (primary key (line, import_id)) for values from (minvalue) to (2);
create unlogged table leads.import_file_rows partition of leads.import_rows for values from (2) to (maxvalue);
alter table leads.import_rows enable row level security;
alter table leads.import_form_rows enable row level security;
alter table leads.import_file_rows enable row level security;
comment on table leads.import_rows is 'Rows of files and forms that are being imported, as they were written. Empty when no import runs.';
comment on table leads.import_form_rows is 'The row of import_rows that a form fills in, while it is looked at.';
comment on table leads.import_file_rows is 'The rows of import_rows that come from files; leads-cli and uploads COPY into it.';
comment on column leads.import_rows.line is 'Line of the file on which the row begins; the first one is 1.';
comment on column leads.import_rows.full_name is 'First and last name in one, where a file has them so.';
comment on column leads.import_rows.phone2 is 'A second telephone of the person.';
comment on column leads.import_rows.collected_at is 'When the person left the lead, as written; not when it came in here.';
comment on column leads.import_rows.defect is 'Code of what the reader could not make sense of; null for a row that was read well.';

create table leads.import_rejects (
  import_id uuid not null references leads.imports (id) on delete cascade,
  line integer not null,
  field text not null,
  code text not null,
  message text not null,
  problems jsonb not null,
  primary key (import_id, line)
);
alter table leads.import_rejects enable row level security;
comment on table leads.import_rejects is 'Rows that an import refused, and why; the leading problem in columns of its own.';
comment on column leads.import_rejects.problems is 'All of them: [{field, code, message}], field as the API names it.';

create table leads.import_mappings (
  supplier_id uuid not null references leads.suppliers (id) on delete cascade,
  header text not null,
  field text not null check (field in ('firstName', 'lastName', 'fullName', 'email', 'phone', 'phone2', 'company', 'sector', 'region',
    'postcode', 'city', 'source', 'channel', 'score', 'price', 'isExclusive', 'notes', 'summary', 'collectedAt', 'consentTextVersion', 'consentUrl', 'consentIp', 'consentAt', 'consentRecipients')),
  updated_at timestamptz not null default now(),
  primary key (supplier_id, header)
);
alter table leads.import_mappings enable row level security;
create trigger touch before update on leads.import_mappings for each row execute function platform.touch();
comment on table leads.import_mappings is 'How a supplier names the columns of his files.';
comment on column leads.import_mappings.header is 'The column''s name in lower case, letters and digits only, accents removed.';

create policy select_admin on leads.import_rows for select to authenticated using ((select platform.has_role('leads', 'admin')));
create policy select_admin on leads.import_form_rows for select to authenticated using ((select platform.has_role('leads', 'admin')));
create policy select_admin on leads.import_file_rows for select to authenticated using ((select platform.has_role('leads', 'admin')));
create policy select_own_or_admin on leads.import_rejects for select to authenticated using (
  (select platform.has_role('leads', 'admin'))
  or exists (select from leads.imports i where i.id = import_rejects.import_id and i.supplier_id = (select leads.my_supplier_id()))
);
create policy select_own_or_admin on leads.import_mappings for select to authenticated using (
  supplier_id = (select leads.my_supplier_id()) or (select platform.has_role('leads', 'admin'))
);
grant select on leads.import_rows, leads.import_form_rows, leads.import_file_rows, leads.import_rejects, leads.import_mappings to authenticated;
grant select, insert, delete on leads.import_rows, leads.import_form_rows, leads.import_file_rows to service_role;
grant select on leads.import_rejects to service_role;
grant select, insert, update, delete on leads.import_mappings to service_role;

-- sql/leads/0031_import_values.sql

-- Staged rows in the form in which leads are kept: cleaned, e-mail in lower case, telephones in their one canonical
-- form, money in cents. A value that does not fit is null here and still there as it was written (0032_import_checks).
-- One query and no function per value: a call costs more than what it does, a million times over. So one look at all of a
-- row's texts says whether there is anything to clean in it, and only what is not as nearly everybody writes it goes through the
-- functions of 0029. `offset 0` makes Postgres work out a step once per row, and not once for each mention of it.
create function leads.import_values(import_id uuid, from_line integer default 0, last_line integer default 2147483647)
returns table (
  line integer, defect text, first_name text, last_name text, name_unsplit boolean, company text, sector text, region text, postcode text, city text,
  source text, channel text, notes text, summary text, email_written text, email text, phone_wrong text, phone_as_written text, phone text, phone2 text,
  score_written text, score integer, price_written text, price_cents integer, is_exclusive_written text, is_exclusive boolean, collected_written text
)
language sql
stable
set search_path = ''
rows 100000
as $$
  with looked_at as (
    -- Plain: signs that a keyboard has, no space at an end or twice, each cell begins with a letter or digit, and not as
    -- « N/A », « NULL » or « z:35000 » do; « nadal » is a name as others. A simple pattern, since each of its branches costs.
    select r.*, concat_ws(e'\x1f', '', r.first_name, r.last_name, r.company, r.sector, r.region, r.city, r.source, r.channel, r.notes, r.summary, r.full_name,
      r.postcode, r.collected_at, '') ~ '[^ -~¡-¬®-ÿœŒ\u001f]|  | \u001f|\u001f([^0-9A-Za-zÀ-ÿŒœ\u001f]|([nN][^aeiouyéèh]|[nu][aiun])[^\u001f]{0,3}\u001f|NON |undefined)|:[+0-9]|NaN' as odd
    from leads.import_rows r
    where r.import_id = import_values.import_id and r.line between import_values.from_line and import_values.last_line
    offset 0
  ), written as (
    select r.line, r.defect,
      case when r.odd then leads.clean_value(r.first_name, true) else nullif(r.first_name, '') end as first_name,
      case when r.odd then leads.clean_value(r.last_name, true) else nullif(r.last_name, '') end as last_name,
      case when r.odd then leads.clean_value(r.full_name, true) else nullif(r.full_name, '') end as full_name,
      nullif(r.email, '') as email,
      nullif(r.phone, '') as phone,
      nullif(r.phone2, '') as phone2,
      case when r.odd then leads.clean_value(r.company, true) else nullif(r.company, '') end as company,
      case when r.odd then leads.clean_value(r.sector) else nullif(r.sector, '') end as sector,
      case when r.odd then leads.clean_value(r.region) else nullif(r.region, '') end as region,
      case when r.odd then leads.clean_value(r.postcode) else nullif(r.postcode, '') end as postcode,
      case when r.odd then leads.clean_value(r.city, true) else nullif(r.city, '') end as city,
      case when r.odd then leads.clean_value(r.source, true) else nullif(r.source, '') end as source,
      case when r.odd then leads.clean_value(r.channel, true) else nullif(r.channel, '') end as channel,
      case when translate(r.score, '0123456789,.', '') = '' then nullif(r.score, '') else regexp_replace(leads.clean_value(r.score), ' ?(%|/ ?100)$', '') end as score,
      case when translate(r.price, '0123456789,. €', '') = '' then nullif(btrim(r.price), '')
        else regexp_replace(leads.clean_value(r.price), ' ?(€|euros?|eur)( ht)?$', '', 'i') end as price,
      case when r.is_exclusive in ('oui', 'non', 'Oui', 'Non', 'true', 'false', '1', '0') then r.is_exclusive else leads.clean_value(r.is_exclusive) end
        as is_exclusive,
      case when r.odd then leads.clean_value(r.notes, true, true) else nullif(r.notes, '') end as notes,
      case when r.odd then leads.clean_value(r.summary, true, true) else nullif(r.summary, '') end as summary,
      case when r.odd then leads.clean_value(r.collected_at) else nullif(r.collected_at, '') end as collected_at
    from looked_at r
    offset 0
  ), stripped as (
    -- Only digits and decimal marks stay of a price, of « 25 euros », « 80 % » and « 80/100 » the numbers.
    select w.*, lower(w.email) as mail, translate(w.phone, ' .', '') as digits,
      translate(w.price, ' €', '') as amount,
      case when w.last_name is null and w.full_name is not null then leads.split_name(w.full_name, w.first_name) end as split
    from written w
    offset 0
  ), numbered as (
    -- A French telephone as nearly everybody writes it is kept as telephone_of has it. The amount with a decimal point:
    -- 1.234,50 and 1,234.50 and 1234,5 are plain, 1.234 is anybody's guess.
    select s.*,
      case when s.phone2 is null and s.digits ~ '^(0|\+33)[1-9][0-9]{8}$'
          and left(right(s.digits, 9), 3) not in ('262', '263', '269', '590', '594', '596', '639', '690', '691', '692', '693', '694', '696', '697')
        then right(s.digits, 9) end as national,
      case
        when strpos(s.amount, '.') = 0 or strpos(s.amount, ',') = 0 then replace(s.amount, ',', '.')
        when s.amount ~ '^[0-9]{1,3}(\.[0-9]{3})+,[0-9]{1,2}$' then translate(s.amount, ',.', '.')
        when s.amount ~ '^[0-9]{1,3}(,[0-9]{3})+\.[0-9]{1,2}$' then replace(s.amount, ',', '')
        else replace(s.amount, ',', '.') end as euros
    from stripped s
    offset 0
  ), reached as (
    select n.*, case when n.national is null and (n.phone is not null or n.phone2 is not null) then leads.read_telephones(n.phone, n.phone2) end as phones,
      case when length(n.mail) <= 254
        and n.mail ~ '^[a-z0-9!#$%&''*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&''*+/=?^_`{|}~-]+)*@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$' then n.mail
        when n.mail is not null then leads.email_of(n.email) end as address
    from numbered n
    offset 0
  )
  select v.line, v.defect, coalesce(v.first_name, nullif(v.split[1], '')), coalesce(v.last_name, v.split[2]), v.split is not null and v.split[1] is null and v.first_name is null,
    v.company, v.sector, v.region, v.postcode, v.city, v.source, v.channel, v.notes, v.summary, case when v.address is null then leads.clean_value(v.email) else v.email end, v.address, v.phones[3],
    case v.phones[3] when 'phone' then v.phone when 'phone2' then v.phone2 end,
    case when v.national is not null then concat_ws(' ', '+33', left(v.national, 1), substr(v.national, 2, 2), substr(v.national, 4, 2),
      substr(v.national, 6, 2), substr(v.national, 8, 2)) else v.phones[1] end,
    v.phones[2],
    v.score,
    case when v.score is null then 0
      when v.score ~ '^[0-9]{1,2}$' then v.score::integer
      when v.score ~ '^[0-9]{1,3}([.,][0-9]{1,6})?$' and replace(v.score, ',', '.')::numeric <= 100 then round(replace(v.score, ',', '.')::numeric)::integer end,
    v.price,
    case when v.price is null then 0 when v.euros ~ '^[0-9]{1,7}(\.[0-9]{1,2})?$' then (v.euros::numeric * 100)::integer end,
    v.is_exclusive,
    case when v.is_exclusive = 'oui' then true when v.is_exclusive = 'non' then false
      when v.is_exclusive is null or lower(v.is_exclusive) in ('non', 'no', 'n', 'false', 'faux', '0') then false
      when lower(v.is_exclusive) in ('oui', 'o', 'yes', 'y', 'true', 'vrai', '1', 'x') then true end,
    v.collected_at
  from reached v;
$$;
comment on function leads.import_values is 'Staged rows as leads keep them; null where a value does not fit.';

-- sql/leads/0032_import_checks.sql

-- The first step of a merge: which rows can become a lead, and why the others cannot.

-- What the checks make of the staged rows, for the merge to write. Unlogged, without foreign keys and emptied as they are.
create unlogged table leads.import_checked (
  import_id uuid not null,
  line integer not null,
  -- What is compared comes first: to find a column, Postgres goes through those before it.
  problems text not null,
  duplicate text,
  email text, phone text, phone2 text,
  first_line integer,
  lead_id uuid,
  id uuid not null,
  first_name text, last_name text, name_unsplit boolean not null default false, company text, sector text, region text, city text, source text, channel text,
  score integer, price_cents integer, is_exclusive boolean, notes text, summary text, hidden_fields text[], collected_at timestamptz,
  last_name_mask text, email_mask text, phone_mask text,
  has_score boolean not null, has_price boolean not null, has_is_exclusive boolean not null,
  consent_text_version text, consent_url text, consent_ip inet, consent_at timestamptz, consent_recipients text[],
  reasons jsonb,
  primary key (line, import_id)
);
alter table leads.import_checked enable row level security;
-- Few rows have a second telephone, and each piece asks for those of all pieces before it.
create index import_checked_phone2 on leads.import_checked (import_id, line) where phone2 is not null;
comment on table leads.import_checked is 'Checked rows of files that are being imported, in the form in which leads are kept. Empty when no import runs.';
comment on column leads.import_checked.id is 'The key of the lead that the row becomes.';
comment on column leads.import_checked.problems is 'Why the row is refused: field/code field/code; empty for a good one.';
comment on column leads.import_checked.reasons is 'The problems as people read them: [{field, code, message}].';
comment on column leads.import_checked.duplicate is 'What a good row repeats: file, supplier, sold, platform; updated where it brings a lead up to date; null for a new lead.';
comment on column leads.import_checked.first_line is 'The line of the file that the row repeats.';
comment on column leads.import_checked.lead_id is 'The lead that the row repeats, where it is exactly one and the supplier''s.';
create policy select_admin on leads.import_checked for select to authenticated using ((select platform.has_role('leads', 'admin')));
grant select on leads.import_checked to authenticated, service_role;

-- The rows from from_line to last_line; problems is '' for a good one, else « field/code field/code ».
create function leads.check_import_rows(
  import_id uuid, from_line integer, last_line integer, keys_from timestamptz default now(), month_first boolean default false
)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_sectors text[] := array(select distinct leads.clean_value(d.sector) from (select distinct r.sector from leads.import_rows r
    where r.import_id = check_import_rows.import_id and r.line between from_line and last_line) d);
  v_regions text[] := array(select distinct leads.clean_value(d.region) from (select distinct r.region from leads.import_rows r
    where r.import_id = check_import_rows.import_id and r.line between from_line and last_line) d);
  v_postcodes text[] := array(select distinct leads.clean_value(d.postcode) from (select distinct r.postcode from leads.import_rows r
    where r.import_id = check_import_rows.import_id and r.line between from_line and last_line and r.postcode <> '') d);
begin
  insert into leads.import_checked (import_id, line, id, first_name, last_name, name_unsplit, email, phone, phone2, company, sector, region, city,
    source, channel, score, price_cents, is_exclusive, notes, summary, hidden_fields, collected_at, last_name_mask, email_mask, phone_mask, has_score, has_price,
    has_is_exclusive, problems)
  -- The first row of a file gets the newest key, as lists show the newest first.
  select check_import_rows.import_id, v.line, platform.uuid_v7(keys_from - v.line * interval '1 microsecond'), v.first_name, v.last_name, v.name_unsplit,
    v.email, v.phone, v.phone2, v.company, s.name, coalesce(r.name, case when v.region is null then p.region end), v.city, v.source, v.channel, v.score,
    v.price_cents, v.is_exclusive, v.notes, v.summary,
    leads.fields_to_hide(v.first_name, v.company, v.city, v.source, v.channel, v.last_name, v.email, array[v.phone, v.phone2]), t.collected_at,
    platform.mask_last_name(v.last_name), platform.mask_email(v.email), platform.mask_phone(v.phone),
    v.score_written is not null, v.price_written is not null, v.is_exclusive_written is not null,
    case when v.defect is not null then 'ligne/' || v.defect else concat_ws(' ',
      case when v.last_name is null then 'lastName/required' end,
      case when concat(v.first_name, v.last_name) ~ '[^A-Za-zÀ-ÿ ''.-]' then nullif(concat_ws(' ', case when not leads.is_name(v.first_name) then
        'firstName/invalid_name' end, case when not leads.is_name(v.last_name) then 'lastName/invalid_name' end), '') end,
      case when v.email_written is null and v.phone is null and v.phone_wrong is null then 'email/contact_required' end,
      case when v.email_written is not null and v.email is null then 'email/invalid_email' end,
      case when v.phone_wrong is not null then v.phone_wrong
        || case when v.phone_as_written ~ '^[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+$' then '/damaged_phone' else '/invalid_phone' end end,
      case when v.sector is null then 'sector/required' when s.name is null then 'sector/unknown_sector' end,
      case when v.region is not null then case when r.name is null then 'region/unknown_region' end
        when v.postcode is null then 'region/required' when p.region is null then 'postcode/unknown_postcode' end,
      case when v.score is null then 'score/invalid_score' end,
      case when v.price_cents is null then 'price/invalid_price' end,
      case when v.is_exclusive is null then 'isExclusive/invalid_boolean' end,
      case when v.collected_written is not null and t.collected_at is null then 'collectedAt/invalid_time' end,
      case when length(v.first_name) > 200 then 'firstName/too_long' end,
      case when length(v.last_name) > 200 then 'lastName/too_long' end,
      case when length(v.company) > 200 then 'company/too_long' end,
      case when length(v.city) > 200 then 'city/too_long' end,
      case when length(v.source) > 200 then 'source/too_long' end,
      case when length(v.channel) > 200 then 'channel/too_long' end,
      case when length(v.notes) > 10000 then 'notes/too_long' end,
      case when length(v.summary) > 1000 then 'summary/too_long'
        when v.summary is not null and leads.contact_in_text(v.summary, v.first_name, v.last_name, v.email, array[v.phone, v.phone2])
          then 'summary/contact_in_text' end
    ) end
  from leads.import_values(import_id, from_line, last_line) v
  left join leads.resolve_names('sector', v_sectors) s on s.spelling = v.sector
  left join leads.resolve_names('region', v_regions) r on r.spelling = v.region
  -- Four digits are a French postcode without its zero, unless the telephone tells of a country that has four.
  left join (select u.written, leads.region_of_postcode(u.written) as region from unnest(v_postcodes) as u (written)) p
    on p.written = v.postcode and not (length(v.postcode) = 4 and coalesce(v.phone, '') ~ '^\+(32|41|352|43|45|47) ')
  left join lateral (
    select case when t.at between '1990-01-01' and now() + interval '5 minutes' then t.at end as collected_at
    from (select case when v.collected_written is not null then leads.written_time(v.collected_written, month_first) end as at offset 0) t
  ) t on v.collected_written is not null;
  perform leads.check_import_consents(import_id, from_line, last_line, month_first);
  perform leads.mark_opposed_rows(import_id, from_line, last_line);
end;
$$;
comment on function leads.check_import_rows is 'Checks and normalises staged rows into import_checked.';

create function leads.consent_problem_message(field text, written text)
returns text
language sql
immutable
set search_path = ''
as $$
  select case when btrim(coalesce(written, '')) = '' then format('La preuve de consentement est incomplète : %s.', case field
      when 'consentTextVersion' then 'la version du texte manque' when 'consentUrl' then 'l''adresse de la page manque'
      when 'consentIp' then 'l''adresse IP manque' when 'consentAt' then 'la date manque' else 'les destinataires manquent' end)
    else format(case field
      when 'consentTextVersion' then 'La version du texte « %s » est trop longue.'
      when 'consentUrl' then '« %s » n''est pas l''adresse d''une page.'
      when 'consentIp' then '« %s » n''est pas une adresse IP.'
      when 'consentAt' then '« %s » n''est pas une date passée (2026-02-10T14:30:00Z ou 10/02/2026 14:30).'
      else '« %s » ne nomme pas de destinataire.' end, left(written, 80)) end;
$$;
comment on function leads.consent_problem_message is 'What a person reads of a problem with a proof of consent.';

create function leads.problem_message(field text, code text, written text)
returns text
language sql
stable
set search_path = ''
as $$
  select case code
    when 'required' then (case field when 'lastName' then 'Le nom' when 'sector' then 'Le secteur' else 'La région' end) || ' manque.'
    when 'contact_required' then 'Il faut un e-mail ou un téléphone.'
    when 'invalid_email' then format('« %s » n''est pas une adresse e-mail.', left(written, 80))
    when 'invalid_name' then coalesce('« ' || nullif(left(written, 80), '') || ' »', 'Ceci') || ' n''est pas un nom : cela ressemble à un numéro ou à une adresse.'
    when 'invalid_phone' then format('« %s » n''est pas un numéro de téléphone.', left(written, 80))
    when 'damaged_phone' then format('Le tableur a arrondi ce numéro (%s) : mettez la colonne au format texte et exportez de nouveau.', written)
    when 'unknown_sector' then format('Le secteur « %s » est inconnu.', left(written, 80)) || coalesce(' Vouliez-vous dire ' || leads.nearest_names('sector', left(written, 80)) || ' ?', '')
    when 'unknown_region' then format('La région « %s » est inconnue.', left(written, 80)) || coalesce(' Vouliez-vous dire ' || leads.nearest_names('region', left(written, 80)) || ' ?', '')
    when 'unknown_postcode' then format('Le code postal « %s » n''est d''aucune région du catalogue : indiquez la région.', left(written, 80))
    when 'invalid_time' then format('« %s » n''est pas une date passée (2026-02-10T14:30:00Z ou 10/02/2026 14:30).', left(written, 80))
    when 'invalid_score' then format('Le score « %s » n''est pas un nombre de 0 à 100.', left(written, 80))
    when 'invalid_price' then format('Le prix « %s » n''est pas un montant en euros.', left(written, 80))
    when 'invalid_boolean' then format('« %s » n''est ni oui ni non.', left(written, 80))
    when 'contact_in_text' then 'Ce texte est lu de tous : il ne doit contenir ni nom, ni adresse, ni numéro, de quelque façon qu''ils soient écrits.'
    when 'too_long' then format('La valeur est trop longue (%s caractères).', length(written))
    when 'opposed' then 'Cette personne s''oppose à être contactée : retirez-la de vos fichiers.'
    when 'invalid_consent' then leads.consent_problem_message(field, written)
    when 'too_many_cells' then 'La ligne a plus de cellules que l''en-tête : un séparateur est-il dans une valeur sans guillemets ?'
    else 'La ligne est illisible.'
  end;
$$;
comment on function leads.problem_message is 'What a person reads of a problem with a value of an import.';

create function leads.explain_import_problems(import_id uuid, from_line integer, last_line integer)
returns void
language plpgsql
set search_path = ''
set enable_nestloop = off
as $$
begin
  with problem as materialized (
    select c.line, w.n, split_part(w.word, '/', 1) as field, split_part(w.word, '/', 2) as code,
      -- The column of a field: isExclusive, is_exclusive.
      coalesce(to_jsonb(r) ->> lower(regexp_replace(split_part(w.word, '/', 1), '([A-Z])', '_\1', 'g')), '') as written
    from leads.import_checked c
    join leads.import_rows r on r.import_id = c.import_id and r.line = c.line
    cross join lateral string_to_table(c.problems, ' ') with ordinality as w (word, n)
    where c.import_id = explain_import_problems.import_id and c.line between from_line and last_line and c.problems <> ''
      and r.import_id = explain_import_problems.import_id and r.line between from_line and last_line
  ), said as (
    -- What is wrong in one row is so in many, and to look for the nearest name takes its time.
    select d.*, leads.problem_message(d.field, d.code, d.written) as message from (select distinct p.field, p.code, p.written from problem p) d
  )
  update leads.import_checked c set reasons = e.reasons
  from (
    select p.line, jsonb_agg(jsonb_build_object('field', p.field, 'code', p.code, 'message', s.message) order by p.n) as reasons
    from problem p join said s on s.field = p.field and s.code = p.code and s.written = p.written group by p.line
  ) e
  where c.import_id = explain_import_problems.import_id and c.line between from_line and last_line and c.line = e.line;
end;
$$;
comment on function leads.explain_import_problems is 'Says of the rows that failed the checks what a person reads of each of their problems.';

-- sql/leads/0033_import_duplicates.sql

-- The second step: rows that are a lead already. The same e-mail or the same telephone is the same person. What is found
-- first counts: in the file (an earlier good row), else of the supplier, else sold, else of another supplier.

-- The one place that says so: a file and a form (refuse_duplicate) both ask it. A person whom a buyer bought lately does
-- not come back by another supplier, since the same buyer would pay for him twice. A lead that was withdrawn and never
-- sold is nobody's any more and may come in again.
create function leads.duplicate_kind(lead leads.leads, supplier_id uuid, platform_since timestamptz, sold_since timestamptz)
returns text
language sql
stable
set search_path = ''
as $$
  select case
    when lead.withdrawn_at is not null and lead.sold_at is null then null
    when lead.supplier_id = duplicate_kind.supplier_id then 'supplier'
    when lead.sold_at > coalesce(sold_since, '-infinity')
      or exists (select from leads.sales s where s.lead_id = lead.id and s.sold_at > coalesce(sold_since, '-infinity')) then 'sold'
    when lead.withdrawn_at is null and lead.created_at > coalesce(platform_since, '-infinity') then 'platform' end;
$$;
comment on function leads.duplicate_kind is
  'What a known lead makes of a row of the supplier that names the same person: supplier, sold, platform; null if nothing.';

-- Hash joins only: a planner who knows nothing yet of the rows that have just come in expects few, and compares each with all.
create function leads.mark_repeated_rows(import_id uuid, from_line integer, last_line integer)
returns void
language plpgsql
set search_path = ''
set enable_nestloop = off
as $$
begin
  with piece as materialized (
    select c.line, c.email, c.phone, c.phone2 from leads.import_checked c
    where c.import_id = mark_repeated_rows.import_id and c.line between from_line and last_line and c.problems = ''
  ), numbers as materialized (
    select p.line, p.phone from piece p where p.phone is not null
    union all
    select p.line, p.phone2 from piece p where p.phone2 is not null
  ), emails as (
    select p.email, min(p.line) as line from piece p group by 1 having count(*) > 1
    union all
    select c.email, min(c.line) from leads.import_checked c
    where c.import_id = mark_repeated_rows.import_id and c.line < from_line and c.problems = '' and c.email in (select p.email from piece p) group by 1
  ), phones as (
    select p.phone, min(p.line) as line from numbers p group by 1 having count(*) > 1
    union all
    select c.phone, min(c.line) from leads.import_checked c
    where c.import_id = mark_repeated_rows.import_id and c.line < from_line and c.problems = '' and c.phone in (select p.phone from numbers p) group by 1
    union all
    select c.phone2, min(c.line) from leads.import_checked c
    where c.import_id = mark_repeated_rows.import_id and c.line < from_line and c.problems = '' and c.phone2 is not null
      and c.phone2 in (select p.phone from numbers p) group by 1
  )
  update leads.import_checked c set duplicate = 'file', first_line = r.first_line
  from (
    select f.line, min(f.first_line) as first_line from (
      select p.line, e.line as first_line from piece p join emails e on e.email = p.email and e.line < p.line
      union all
      select p.line, e.line from numbers p join phones e on e.phone = p.phone and e.line < p.line
    ) f group by 1
  ) r
  where c.import_id = mark_repeated_rows.import_id and c.line between from_line and last_line and c.line = r.line;
end;
$$;
comment on function leads.mark_repeated_rows is 'Finds the good rows of a piece that repeat a person of an earlier good row of the file.';

-- By the indexes of the contacts: of many contacts a piece names few.
create function leads.mark_known_rows(import_id uuid, from_line integer, last_line integer)
returns void
language plpgsql
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_supplier uuid := (select i.supplier_id from leads.imports i where i.id = mark_known_rows.import_id);
  v_platform_since timestamptz := leads.days_ago('import_platform_days');
  v_sold_since timestamptz := leads.days_ago('import_sold_days');
begin
  with piece as materialized (
    select c.line, c.email, c.phone, c.phone2 from leads.import_checked c
    where c.import_id = mark_known_rows.import_id and c.line between from_line and mark_known_rows.last_line and c.problems = '' and c.duplicate is null
  ), numbers as (
    select p.line, p.phone from piece p
    union all
    select p.line, p.phone2 from piece p where p.phone2 is not null
  ), contacts as (
    select c.line, k.lead_id from piece c join leads.lead_contacts k on lower(k.email) = c.email
    union
    select c.line, k.lead_id from numbers c join leads.lead_contacts k on k.phone = c.phone
    union
    select c.line, k.lead_id from numbers c join leads.lead_contacts k on k.phone2 = c.phone
  ), known as (
    select k.line, k.lead_id, leads.duplicate_kind(l, v_supplier, v_platform_since, v_sold_since) as kind
    from contacts k join leads.leads l on l.id = k.lead_id
  )
  update leads.import_checked c set duplicate = f.kind, lead_id = f.lead_id
  from (
    select k.line, case when bool_or(k.kind = 'supplier') then 'supplier' when bool_or(k.kind = 'sold') then 'sold' else 'platform' end as kind,
      case when count(*) = 1 and bool_and(k.kind = 'supplier') then (array_agg(k.lead_id))[1] end as lead_id
    from known k where k.kind is not null
    group by k.line
  ) f
  where c.import_id = mark_known_rows.import_id and c.line = f.line;
end;
$$;
comment on function leads.mark_known_rows is 'Finds the good rows of a piece that name a person of the supplier, sold lately, on the platform.';

-- On request each duplicate is told of as a refused row is, so that the supplier can find it in his file.
create function leads.explain_duplicates(import_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into leads.import_rejects (import_id, line, field, code, message, problems)
  select explain_duplicates.import_id, e.line, 'ligne', e.code, e.message,
    jsonb_build_array(jsonb_build_object('field', 'ligne', 'code', e.code, 'message', e.message))
  from (
    select d.line, 'duplicate_' || d.duplicate as code, case d.duplicate
      when 'file' then format('Cette ligne répète la personne de la ligne %s.', d.first_line)
      when 'supplier' then 'Cette personne est déjà un de vos leads' || coalesce(' : ' || l.reference, '') || '.'
      when 'sold' then 'Cette personne a déjà été vendue à un acheteur.'
      else 'Cette personne est déjà connue de la plateforme.' end as message
    from leads.import_checked d left join leads.leads l on l.id = d.lead_id
    where d.import_id = explain_duplicates.import_id and d.duplicate is not null
  ) e;
end;
$$;
comment on function leads.explain_duplicates is 'Keeps the rows that repeat a person, each with what it repeats, among the rejects.';

-- sql/leads/0034_import_writes.sql

-- The third step: new leads, and on request the news about leads that the supplier has brought before.

create function leads.keep_import_rejects(import_id uuid, from_line integer, last_line integer)
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into leads.import_rejects (import_id, line, field, code, message, problems)
  select c.import_id, c.line, c.reasons -> 0 ->> 'field', c.reasons -> 0 ->> 'code', c.reasons -> 0 ->> 'message', c.reasons
  from leads.import_checked c
  where c.import_id = keep_import_rejects.import_id and c.line between from_line and last_line and c.reasons is not null;
end;
$$;
comment on function leads.keep_import_rejects is 'Keeps the rows that failed the checks, with all their problems.';

create function leads.insert_imported_leads(import_id uuid, from_line integer, last_line integer)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_supplier uuid := (select i.supplier_id from leads.imports i where i.id = insert_imported_leads.import_id);
begin
  -- Set here and not of the function: hosted Supabase lets no project give a function a setting of its own.
  perform set_config('leads.texts_are_looked_at', 'on', true);
  insert into leads.leads (id, reference, supplier_id, import_id, first_name, last_name_mask, email_mask, phone_mask, company, sector, region, city,
    source, channel, score, price_cents, is_exclusive, summary, hidden_fields, collected_at, has_consent)
  select c.id, c.id::text, v_supplier, c.import_id, coalesce(c.first_name, ''), c.last_name_mask, c.email_mask, c.phone_mask, c.company, c.sector,
    c.region, c.city, c.source, c.channel, c.score, c.price_cents, c.is_exclusive, c.summary, c.hidden_fields, c.collected_at,
    c.consent_text_version is not null
  from leads.import_checked c
  where c.import_id = insert_imported_leads.import_id and c.line between from_line and last_line and c.problems = '' and c.duplicate is null
  -- In the order of their keys: they come to lie side by side in the indexes.
  order by c.line desc;

  insert into leads.lead_contacts (lead_id, supplier_id, last_name, name_unsplit, email, phone, phone2, notes, hidden_text)
  select c.id, v_supplier, c.last_name, c.name_unsplit, c.email, c.phone, c.phone2, c.notes,
    case when c.hidden_fields is not null then concat_ws(' ', case when 'first_name' = any (c.hidden_fields) then c.first_name end,
      case when 'company' = any (c.hidden_fields) then c.company end) end
  from leads.import_checked c
  where c.import_id = insert_imported_leads.import_id and c.line between from_line and last_line and c.problems = '' and c.duplicate is null
  order by c.line desc;
  perform set_config('leads.texts_are_looked_at', '', true);
end;
$$;
comment on function leads.insert_imported_leads is 'Makes the new rows of a piece leads, with their contacts.';

-- A lead that somebody has bought is never changed: locked first, so that none is bought before the file is done. Of several rows that name the same lead the first one counts.
create function leads.choose_import_updates(import_id uuid)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
  v_rows bigint;
begin
  perform from leads.leads l
    where l.id in (select d.lead_id from leads.import_checked d where d.import_id = choose_import_updates.import_id and d.duplicate = 'supplier')
    order by l.id for no key update;
  update leads.import_checked c set duplicate = 'updated'
  from (
    select distinct on (d.lead_id) d.line from leads.import_checked d join leads.leads l on l.id = d.lead_id
    where d.import_id = choose_import_updates.import_id and d.duplicate = 'supplier' and l.withdrawn_at is null and l.sold_at is null and not exists (select from leads.sales s where s.lead_id = l.id)
    order by d.lead_id, d.line
  ) first_line
  where c.import_id = choose_import_updates.import_id and c.line = first_line.line;
  get diagnostics v_rows = row_count;
  return v_rows;
end;
$$;
comment on function leads.choose_import_updates is 'Marks the duplicates that bring an unsold lead of the supplier up to date; answers how many.';

-- A cell that is empty says nothing: what is known stays. So do score and price of a lead that an agent has qualified, as in
-- leads.read_only_problems.
create function leads.update_imported_leads(import_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  perform leads.remember_imported_leads(import_id);
  -- A summary that names who the person is now says nothing any more. It goes first, since what is written next is looked at
  -- with what is there already (0007_shown_texts).
  update leads.import_checked c set summary = case when not exists (select from unnest(array[c.last_name, k.last_name]) n (last_name)
    where leads.contact_in_text(coalesce(c.summary, l.summary), coalesce(c.first_name, l.first_name), n.last_name, coalesce(c.email, k.email),
      array[c.phone, c.phone2, k.phone, k.phone2])) then coalesce(c.summary, l.summary) end
  from leads.leads l join leads.lead_contacts k on k.lead_id = l.id
  where c.import_id = update_imported_leads.import_id and c.duplicate = 'updated' and l.id = c.lead_id and coalesce(c.summary, l.summary) is not null;
  update leads.leads l set summary = null
  from leads.import_checked c where c.import_id = update_imported_leads.import_id and c.duplicate = 'updated' and l.id = c.lead_id
    and l.summary is distinct from c.summary;

  update leads.lead_contacts k set
    last_name = case when c.name_unsplit and l.first_name <> '' then k.last_name else c.last_name end,
    name_unsplit = case when c.name_unsplit and l.first_name <> '' then k.name_unsplit else c.name_unsplit end,
    email = coalesce(c.email, k.email),
    phone = coalesce(c.phone, k.phone),
    -- Both numbers stay, whichever of them the file names first.
    phone2 = coalesce(c.phone2, case when c.phone = k.phone2 then k.phone else k.phone2 end),
    notes = coalesce(c.notes, k.notes)
  from leads.import_checked c join leads.leads l on l.id = c.lead_id
  where c.import_id = update_imported_leads.import_id and c.duplicate = 'updated' and k.lead_id = c.lead_id;
  update leads.leads l set
    -- A name in one does not take apart again what is known in two.
    first_name = case when c.name_unsplit then l.first_name else coalesce(c.first_name, l.first_name) end,
    last_name_mask = case when c.name_unsplit and l.first_name <> '' then l.last_name_mask else c.last_name_mask end,
    email_mask = coalesce(c.email_mask, l.email_mask),
    phone_mask = coalesce(c.phone_mask, l.phone_mask),
    company = coalesce(c.company, l.company), sector = c.sector, region = c.region, city = coalesce(c.city, l.city),
    source = coalesce(c.source, l.source), channel = coalesce(c.channel, l.channel),
    score = case when c.has_score and l.qualified_at is null then c.score else l.score end,
    price_cents = case when c.has_price and l.qualified_at is null then c.price_cents else l.price_cents end,
    is_exclusive = case when c.has_is_exclusive and l.qualified_at is null then c.is_exclusive else l.is_exclusive end,
    summary = c.summary,
    -- Nobody makes a lead younger than it was.
    collected_at = least(c.collected_at, l.collected_at)
  from leads.import_checked c where c.import_id = update_imported_leads.import_id and c.duplicate = 'updated' and l.id = c.lead_id;
end;
$$;
comment on function leads.update_imported_leads is 'Brings the chosen leads up to date with the file.';

-- sql/leads/0035_import_life.sql

-- An import from its first row to its end.

create function leads.begin_import(supplier_id uuid, file_name text)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_import uuid;
begin
  perform from leads.suppliers s where s.id = begin_import.supplier_id and s.status <> 'suspended';
  if not found then
    perform platform.fail(403, 'supplier_not_active', 'Ce fournisseur est inconnu ou suspendu : il ne peut pas importer de leads.');
  end if;
  -- clock_timestamp: the time that the import takes is counted from here, also within one transaction.
  insert into leads.imports (supplier_id, file_name, created_at) values (begin_import.supplier_id, begin_import.file_name, clock_timestamp())
  returning id into v_import;
  return v_import;
end;
$$;
comment on function leads.begin_import is 'Opens an import in status processing; its rows then go into leads.import_rows.';

create function leads.duration_text(seconds numeric)
returns text
language sql
immutable
set search_path = ''
as $$
  select case when s < 60 then s || 's' else s / 60 || 'm ' || s % 60 || 's' end from (select greatest(1, round(seconds))::integer as s) whole;
$$;
comment on function leads.duration_text is 'A duration as people read it: 3s, 2m 34s.';

-- Emptying the tables at once is a matter of milliseconds, but only where nobody else is staging.
create function leads.clear_import_rows(import_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  lock table leads.import_rows, leads.import_checked in access exclusive mode nowait;
  if not exists (select from leads.import_rows r where r.import_id <> clear_import_rows.import_id)
    and not exists (select from leads.import_checked c where c.import_id <> clear_import_rows.import_id) then
    truncate leads.import_rows, leads.import_checked;
  else
    perform leads.delete_import_rows(import_id);
  end if;
exception
  when lock_not_available then perform leads.delete_import_rows(import_id);
end;
$$;
comment on function leads.clear_import_rows is 'Removes the staged rows of an import, and what the checks have made of them.';

create function leads.delete_import_rows(import_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  delete from leads.import_rows r where r.import_id = delete_import_rows.import_id;
  delete from leads.import_checked c where c.import_id = delete_import_rows.import_id;
end;
$$;

create function leads.notify_supplier(import_id uuid, type text, title text, message text)
returns void
language sql
set search_path = ''
as $$
  select platform.notify(s.user_id, 'leads', type, title, message)
  from leads.imports i join leads.suppliers s on s.id = i.supplier_id where i.id = import_id;
$$;
comment on function leads.notify_supplier is 'Tells the supplier of an import, if he has an account.';

create function leads.fail_import(import_id uuid, reason text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_import leads.imports;
begin
  update leads.imports i set status = 'failed', failure = reason,
    processing_time = leads.duration_text(extract(epoch from clock_timestamp() - i.created_at))
  where i.id = import_id and i.status = 'processing' returning * into v_import;
  if not found then return; end if;
  perform leads.clear_import_rows(import_id);
  perform leads.notify_supplier(import_id, 'error', 'Import échoué', v_import.file_name || ' : ' || reason);
  perform platform.emit('leads', 'import.failed', jsonb_build_object('import', v_import.reference, 'reason', reason));
end;
$$;
comment on function leads.fail_import is 'Ends an import that could not be read or merged. None of its rows became a lead.';
grant execute on function leads.begin_import, leads.fail_import to service_role;

-- sql/leads/0036_import_merge.sql

-- The merge of a staged file, all of it or nothing: read = inserted + updated + duplicates + invalid.

create type leads.import_counts as (
  read bigint, invalid bigint, inserted bigint, updated bigint, in_file bigint, of_supplier bigint, sold bigint, on_platform bigint, with_consent bigint
);
comment on type leads.import_counts is 'How many rows of an import become what; with_consent counts those that bring a proof of consent.';

create function leads.count_checked_rows(import_id uuid)
returns leads.import_counts
language plpgsql
stable
set search_path = ''
as $$
declare
  v_counts leads.import_counts;
begin
  select count(*), count(*) filter (where c.problems <> ''), count(*) filter (where c.problems = '' and c.duplicate is null),
      count(*) filter (where c.duplicate = 'updated'), count(*) filter (where c.duplicate = 'file'), count(*) filter (where c.duplicate = 'supplier'),
      count(*) filter (where c.duplicate = 'sold'), count(*) filter (where c.duplicate = 'platform'), count(c.consent_text_version)
    into v_counts from leads.import_checked c where c.import_id = count_checked_rows.import_id;
  return v_counts;
end;
$$;
comment on function leads.count_checked_rows is 'What becomes of the checked rows of an import.';

create function leads.count_import(import_id uuid, counts leads.import_counts, status text)
returns leads.imports
language plpgsql
set search_path = ''
as $$
declare
  v_import leads.imports;
begin
  update leads.imports i set
    total = counts.read,
    valid = counts.inserted + counts.updated,
    invalid = counts.invalid,
    duplicates = counts.in_file + counts.of_supplier + counts.sold + counts.on_platform,
    inserted = counts.inserted,
    updated = counts.updated,
    duplicates_in_file = counts.in_file, duplicates_of_supplier = counts.of_supplier, duplicates_sold = counts.sold,
    duplicates_on_platform = counts.on_platform,
    status = count_import.status,
    processing_time = coalesce(i.processing_time, leads.duration_text(extract(epoch from clock_timestamp() - i.created_at)))
  where i.id = count_import.import_id returning i.* into v_import;
  return v_import;
end;
$$;
comment on function leads.count_import is 'Writes what became of the rows of an import, and its status.';

create function leads.complete_import(import_id uuid, counts leads.import_counts)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_import leads.imports := leads.count_import(import_id, counts, 'completed');
begin
  update leads.imports i set handed_over_at = now() where i.id = v_import.id and v_import.inserted > 0;
  perform leads.notify_supplier(import_id, 'success', 'Import terminé', format('%s : %s leads reçus, %s doublons, %s lignes refusées sur %s.',
    v_import.file_name, v_import.valid, v_import.duplicates, v_import.invalid, v_import.total));
  perform platform.emit('leads', 'import.completed', jsonb_build_object('import', v_import.reference, 'inserted', v_import.inserted,
    'updated', v_import.updated, 'duplicates', v_import.duplicates, 'invalid', v_import.invalid));
end;
$$;
comment on function leads.complete_import is 'Writes the counts of an import, hands it to the agents and tells its supplier.';

-- One merge at a time: two files that bring the same person must see each other.
create function leads.open_merge(import_id uuid)
returns timestamptz
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(hashtext('leads.merge_import'));
  perform from leads.imports i where i.id = import_id and i.status = 'processing' for update;
  if not found then
    perform platform.fail(409, 'import_not_open', 'Cet import est inconnu ou déjà terminé.');
  end if;
  return now();
end;
$$;
comment on function leads.open_merge is 'Holds an open import and keeps other merges waiting until the transaction ends; answers the time of its leads'' keys.';

create function leads.hold_import_checks(import_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('leads.check_import_piece ' || import_id, 0));
end;
$$;
comment on function leads.hold_import_checks is 'Keeps others from checking rows of the import until the transaction ends.';

-- A file comes in by pieces: rows of a piece are checked, here, and written (insert_import_piece). Two sessions can do so side
-- by side, the one ahead of the other, since what makes a row bad or a duplicate is in the rows before it, and in leads
-- that nobody adds while the merge is open. The pieces are checked in their order, each once more if it has to be.
-- The tables grow while they are read: a plan for what they hold at the moment, or held when it was kept, compares each row
-- with all others. So each step says by which road it joins.
create function leads.check_import_piece(import_id uuid, from_line integer, last_line integer, keys_from timestamptz, month_first boolean)
returns void
language plpgsql
security definer
set search_path = ''
set work_mem = '64MB'
set plan_cache_mode = force_custom_plan
as $$
begin
  perform leads.hold_import_checks(import_id);
  delete from leads.import_checked c where c.import_id = check_import_piece.import_id and c.line between from_line and last_line;
  perform leads.check_import_rows(import_id, from_line, last_line, keys_from, month_first);
  perform leads.explain_import_problems(import_id, from_line, last_line);
  perform leads.mark_repeated_rows(import_id, from_line, last_line);
  perform leads.mark_known_rows(import_id, from_line, last_line);
end;
$$;
comment on function leads.check_import_piece is 'Decides what becomes of the staged rows of some lines.';

create function leads.insert_import_piece(import_id uuid, from_line integer, last_line integer)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform leads.keep_import_rejects(import_id, from_line, last_line);
  perform leads.insert_imported_leads(import_id, from_line, last_line);
end;
$$;
comment on function leads.insert_import_piece is 'Writes what the checks have made of some lines: rejects and new leads. Only within a transaction that ends with merge_import.';

-- accepted: an admin has looked at the file, which is not held back a second time.
-- inserted: all pieces were checked and written before, in this transaction.
-- staged: how many rows there have to be. A crash of the server empties unlogged tables, and an import of none would be done.
create function leads.merge_import(
  import_id uuid, on_duplicate text default 'skip', accepted boolean default false, inserted boolean default false, staged bigint default null
)
returns void
language plpgsql
security definer
set search_path = ''
set work_mem = '64MB'
as $$
declare
  v_all constant integer := 2147483647;
  v_keys_from timestamptz;
  v_counts leads.import_counts;
begin
  if on_duplicate not in ('skip', 'update', 'report') then
    perform platform.fail(400, 'invalid_parameter', 'Un doublon peut être ignoré (skip), mis à jour (update) ou signalé (report).', 'onDuplicate');
  end if;
  v_keys_from := leads.open_merge(import_id);
  if not inserted then
    perform leads.check_import_piece(import_id, 0, v_all, v_keys_from, leads.consent_date_order(import_id) is not distinct from 'month_first');
    perform leads.keep_import_rejects(import_id, 0, v_all);
  end if;
  if on_duplicate = 'report' then perform leads.explain_duplicates(import_id); end if;
  if on_duplicate = 'update' then perform leads.choose_import_updates(import_id); end if;
  v_counts := leads.count_checked_rows(import_id);
  if v_counts.read <> staged then
    perform platform.fail(409, 'import_rows_lost', 'Des lignes de ce fichier se sont perdues en route : envoyez-le de nouveau.');
  end if;

  if not accepted and v_counts.inserted + v_counts.updated > 0 and leads.wants_review(v_counts.read, v_counts.invalid) then
    -- The caller takes back what he has written, and asks for the merge alone.
    if inserted then perform platform.fail(409, 'import_to_review', 'Trop de lignes sont refusées : un administrateur doit voir ce fichier.'); end if;
    perform leads.hold_import(import_id, on_duplicate, v_counts);
  else
    if v_counts.updated > 0 then perform leads.update_imported_leads(import_id); end if;
    if not inserted then perform leads.insert_imported_leads(import_id, 0, v_all); end if;
    if v_counts.with_consent > 0 then perform leads.keep_imported_consents(import_id); end if;
    perform leads.complete_import(import_id, v_counts);
  end if;
  perform leads.clear_import_rows(import_id);
end;
$$;
comment on function leads.merge_import is
  'Turns the staged rows of an import into leads, or holds them back for an admin. on_duplicate: skip; update for the supplier''s own unsold leads; report row by row.';
grant execute on function leads.open_merge, leads.check_import_piece, leads.insert_import_piece, leads.merge_import to service_role;

create function leads.import_report(import_id uuid)
returns json
language sql
stable
security definer
set search_path = ''
as $$
  with places as (
    select l.sector, l.region, count(*) as leads from leads.leads l where l.import_id = import_report.import_id group by 1, 2
  )
  select json_build_object(
    'import', i.reference, 'fileName', i.file_name, 'status', i.status, 'processingTime', i.processing_time,
    'failure', i.failure, 'undoneAt', platform.iso_timestamp(i.undone_at), 'read', i.total, 'inserted', i.inserted, 'updated', i.updated,
    'duplicates', json_build_object('total', i.duplicates, 'inFile', i.duplicates_in_file, 'ofSupplier', i.duplicates_of_supplier,
      'alreadySold', i.duplicates_sold, 'onPlatform', i.duplicates_on_platform),
    'invalid', i.invalid,
    'reasons', (select coalesce(json_agg(t), '[]') from (
      select r.field, r.code, count(*) as rows, (array_agg(r.message order by r.line))[1] as example
      from leads.import_rejects r where r.import_id = i.id group by 1, 2 order by 3 desc, 1, 2) t),
    'sectors', (select coalesce(json_agg(t), '[]') from (
      select p.sector as name, sum(p.leads)::bigint as leads from places p group by 1 order by 2 desc, 1) t),
    'regions', (select coalesce(json_agg(t), '[]') from (
      select p.region as name, sum(p.leads)::bigint as leads from places p group by 1 order by 2 desc, 1) t))
  from leads.imports i where i.id = import_id;
$$;
comment on function leads.import_report is 'What became of an import: its counts, the reasons of its rejects, its sectors and regions.';
grant execute on function leads.import_report to service_role;

-- sql/leads/0037_import_requests.sql

-- The same file, asked for in the same way, is one import (imports_same_request). So who was cut off asks again, and ends
-- with what he would have had; who has it already is told which one it is. Two at once with one file stage it one after
-- the other (begin_staging), and one of them merges it.

create function leads.known_import(
  supplier_id uuid, sha256 bytea, on_duplicate text, reading jsonb, out id uuid, out reference text, out status text, out resumable boolean
)
language sql
stable
security definer
set search_path = ''
as $$
  select i.id, i.reference, i.status, i.status = 'processing' and i.source is not null
  from leads.imports i
  where i.supplier_id = known_import.supplier_id and i.sha256 = known_import.sha256 and i.on_duplicate = known_import.on_duplicate
    and i.reading = known_import.reading and i.status <> 'failed' and i.undone_at is null;
$$;
comment on function leads.known_import is
  'The import of the same file, asked for in the same way; nulls if it is new. resumable: leads-cli began it, and may be gone.';

-- opened: the import is there to be brought in, new or left by somebody who was cut off.
create function leads.open_import(
  supplier_id uuid, file_name text, sha256 bytea, on_duplicate text, reading jsonb, source text default null,
  out id uuid, out reference text, out status text, out opened boolean
)
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('leads.open_import ' || supplier_id || encode(sha256, 'hex'), 0));
  select k.id, k.reference, k.status, k.resumable and open_import.source is not null into open_import.id, open_import.reference,
    open_import.status, open_import.opened
  from leads.known_import(supplier_id, sha256, on_duplicate, reading) k;
  if id is not null then return; end if;

  open_import.id := leads.begin_import(supplier_id, file_name);
  update leads.imports i set sha256 = open_import.sha256, on_duplicate = open_import.on_duplicate, reading = open_import.reading,
    source = open_import.source
  where i.id = open_import.id returning i.reference, i.status into open_import.reference, open_import.status;
  opened := true;
end;
$$;
comment on function leads.open_import is
  'The import of a file: the one that there is, or a new one; opened says whether the caller has to bring it in. source: where leads-cli read it.';

-- In the transaction of the staging: a second one with the same file waits here, and then stages the same rows once more.
create function leads.begin_staging(import_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform from leads.imports i where i.id = import_id and i.status = 'processing' for no key update;
  if not found then
    perform platform.fail(409, 'import_not_open', 'Cet import est inconnu ou déjà terminé.');
  end if;
  -- What a killed run still checks ends first.
  perform leads.hold_import_checks(import_id);
  perform leads.delete_import_rows(import_id);
end;
$$;
comment on function leads.begin_staging is 'Holds an open import until the transaction ends, and removes what an earlier attempt has staged.';
grant execute on function leads.known_import, leads.open_import, leads.begin_staging to service_role;

-- sql/leads/0040_work_rules.sql

-- What the daily work goes by: figures that an admin may change without a release.
create table leads.work_rules (
  name text primary key,
  value jsonb not null,
  description text not null,
  updated_at timestamptz not null default now()
);
alter table leads.work_rules enable row level security;
create trigger touch before update on leads.work_rules for each row execute function platform.touch();
comment on table leads.work_rules is 'Rules of qualification and sale, one value each.';

create policy select_admin on leads.work_rules for select to authenticated using ((select platform.has_role('leads', 'admin')));
create policy update_admin on leads.work_rules for update to authenticated
  using ((select platform.has_role('leads', 'admin'))) with check ((select platform.has_role('leads', 'admin')));
grant select, update (value) on leads.work_rules to authenticated;
grant select, insert, update, delete on leads.work_rules to service_role;

insert into leads.work_rules (name, value, description) values
  ('reservation_minutes', '15', 'Durée pendant laquelle un lead est réservé à l''agent qui l''a reçu, en minutes'),
  ('import_invalid_percent', '90', 'Part de lignes refusées au-delà de laquelle un fichier attend la décision d''un administrateur, en % ; null : jamais'),
  ('import_platform_days', '90', 'Un lead d''un autre fournisseur plus ancien que cela ne fait plus d''une ligne un doublon, en jours ; null : toujours un doublon'),
  ('import_sold_days', '365', 'Une personne achetée depuis moins longtemps que cela ne peut pas revenir par un autre fournisseur, en jours ; null : jamais'),
  ('import_undo_days', '30', 'Durée pendant laquelle un import peut être annulé, en jours ; ensuite ce que ses leads étaient avant lui est oublié ; null : toujours'),
  ('consent_required_for_sale', 'false', 'Si un lead sans preuve de consentement ne peut pas être vendu');

create function leads.work_rule(name text)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$ begin return (select r.value from leads.work_rules r where r.name = work_rule.name); end; $$;
comment on function leads.work_rule is 'The value of a rule, by its name.';

create function leads.days_ago(rule text)
returns timestamptz
language sql
stable
set search_path = ''
as $$ select now() - make_interval(days => (leads.work_rule(rule) #>> '{}')::integer); $$;
comment on function leads.days_ago is 'Since when something counts by a rule in days; null where it counts for ever.';

-- sql/leads/0041_lead_values.sql

-- The values of one lead that somebody types in. They go the way of an import's row (0031, 0032), so that a form
-- and a file are judged by the same rules, in the same words.
create type leads.checked_lead as (
  first_name text, last_name text, email text, phone text, phone2 text, company text, sector text, region text, city text, source text,
  channel text, score integer, price_cents integer, is_exclusive boolean, notes text, summary text, collected_at timestamptz
);

create function leads.shape_problems(given jsonb, known text[])
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_agg(case
    when f.key <> all (known) then jsonb_build_object('field', f.key, 'code', 'unknown_field', 'message', 'Ce champ n''existe pas.')
    else jsonb_build_object('field', f.key, 'code', 'invalid_type', 'message', 'Une valeur simple est attendue.') end order by f.key), '[]')
  from jsonb_each(given) f
  where f.key <> all (known) or jsonb_typeof(f.value) in ('object', 'array');
$$;
comment on function leads.shape_problems is 'Fields that are not known, or that hold no simple value.';

create function leads.check_lead(given jsonb, out checked leads.checked_lead, out problems jsonb)
language plpgsql
set search_path = ''
as $$
declare
  v_import uuid := gen_random_uuid();
  v_problems text;
begin
  problems := leads.shape_problems(given, array['firstName', 'lastName', 'email', 'phone', 'phone2', 'company', 'sector', 'region', 'city', 'source',
    'channel', 'score', 'price', 'isExclusive', 'notes', 'summary', 'collectedAt']);
  if problems <> '[]' then return; end if;

  insert into leads.import_rows (import_id, line, first_name, last_name, email, phone, phone2, company, sector, region, city, source, channel,
    score, price, is_exclusive, notes, summary, collected_at)
  values (v_import, 1, given ->> 'firstName', given ->> 'lastName', given ->> 'email', given ->> 'phone', given ->> 'phone2', given ->> 'company', given ->> 'sector',
    given ->> 'region', given ->> 'city', given ->> 'source', given ->> 'channel', given ->> 'score', given ->> 'price', given ->> 'isExclusive',
    given ->> 'notes', given ->> 'summary', given ->> 'collectedAt');
  perform leads.check_import_rows(v_import, 1, 1);
  select coalesce(c.first_name, ''), c.last_name, c.email, c.phone, c.phone2, c.company, c.sector, c.region, c.city, c.source, c.channel, c.score,
    c.price_cents, c.is_exclusive, c.notes, c.summary, c.collected_at
    into checked.first_name, checked.last_name, checked.email, checked.phone, checked.phone2, checked.company, checked.sector, checked.region, checked.city,
      checked.source, checked.channel, checked.score, checked.price_cents, checked.is_exclusive, checked.notes, checked.summary, checked.collected_at
    from leads.import_checked c where c.line = 1 and c.import_id = v_import;
  delete from leads.import_checked c where c.line = 1 and c.import_id = v_import returning c.problems into v_problems;
  delete from leads.import_rows r where r.line = 1 and r.import_id = v_import;

  select coalesce(jsonb_agg(jsonb_build_object('field', p.field, 'code', p.code,
      'message', leads.problem_message(p.field, p.code, given ->> p.field)) order by p.n), '[]')
    into problems
    from (select split_part(w.word, '/', 1) as field, split_part(w.word, '/', 2) as code, w.n
      from string_to_table(nullif(v_problems, ''), ' ') with ordinality as w (word, n)) p;
end;
$$;
comment on function leads.check_lead is 'A lead''s values as they are kept, and what is wrong with them: [{field, code, message}].';

create function leads.refuse_fields(problems jsonb)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  if problems <> '[]' then
    perform platform.fail(422, 'invalid_fields', 'Certains champs sont invalides.', problems::text);
  end if;
end;
$$;
comment on function leads.refuse_fields is '422 with the bad fields, if there are any.';

create function leads.field_problem(field text, code text, message text)
returns jsonb
language sql
immutable
set search_path = ''
as $$ select jsonb_build_array(jsonb_build_object('field', field, 'code', code, 'message', message)); $$;

-- Two writers that bring the same person wait for each other, and for a file that is being merged.
create function leads.refuse_duplicate(supplier_id uuid, email text, phones text[], except_lead uuid default null)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_found record;
begin
  perform pg_advisory_xact_lock_shared(hashtext('leads.merge_import'));
  perform pg_advisory_xact_lock(k.key) from (
    select distinct hashtextextended('leads.person ' || v, 0) as key from unnest(email || phones) v where v is not null order by 1
  ) k;
  select l.reference, l.supplier_id into v_found
    from leads.lead_contacts c join leads.leads l on l.id = c.lead_id
    where (lower(c.email) = refuse_duplicate.email or c.phone = any (phones) or c.phone2 = any (phones)) and l.id is distinct from except_lead
      and leads.duplicate_kind(l, refuse_duplicate.supplier_id, leads.days_ago('import_platform_days'), leads.days_ago('import_sold_days')) is not null
    order by l.supplier_id = refuse_duplicate.supplier_id desc, l.id desc limit 1;
  if not found then return; end if;
  -- Whose lead it is, is nobody's business but the supplier's and the admin's.
  if v_found.supplier_id <> refuse_duplicate.supplier_id and not platform.has_role('leads', 'admin') then
    perform platform.fail(409, 'duplicate_on_platform', 'Cette personne est déjà connue de la plateforme.');
  end if;
  perform platform.fail(409, 'duplicate_lead', 'Cette personne est déjà un lead.', v_found.reference);
end;
$$;
comment on function leads.refuse_duplicate is '409 if the e-mail or a telephone is that of a known person; the hint is the lead''s id.';

-- sql/leads/0042_consents.sql

-- The proof that a person agreed to be called: what was read, where, when, from which address, and who may call.
create table leads.lead_consents (
  lead_id uuid primary key references leads.leads (id) on delete cascade,
  supplier_id uuid not null references leads.suppliers (id),
  text_version text not null,
  url text not null,
  ip inet,
  given_at timestamptz not null,
  recipients text[] not null,
  created_at timestamptz not null default now()
);
alter table leads.lead_consents enable row level security;
create index lead_consents_supplier on leads.lead_consents (supplier_id);
comment on table leads.lead_consents is 'Proof of consent, one row per lead that has one.';
comment on column leads.lead_consents.ip is 'Null once the person has been erased.';
comment on column leads.lead_consents.recipients is 'Those, by name or kind, to whom the person let his contact be given.';

create policy select_visible on leads.lead_consents for select to authenticated using (
  supplier_id = (select leads.my_supplier_id())
  or (select platform.has_role('leads', 'admin'))
  or ((select platform.has_role('leads', 'acheteur'))
    and exists (select from leads.sales s where s.lead_id = lead_consents.lead_id and s.buyer_id = (select auth.uid())))
);
grant select on leads.lead_consents to authenticated, service_role;

-- Whether there is one is kept with the lead as well, so that the queue (0046) need not read what it must not give.
create function leads.mark_consents()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    update leads.leads l set has_consent = false from old_rows o where l.id = o.lead_id and l.has_consent;
  elsif exists (select from new_rows n join leads.leads l on l.id = n.lead_id where not l.has_consent) then
    update leads.leads l set has_consent = true from new_rows n where l.id = n.lead_id and not l.has_consent;
  end if;
  return null;
end;
$$;
create trigger mark_insert after insert on leads.lead_consents
  referencing new table as new_rows for each statement execute function leads.mark_consents();
create trigger mark_delete after delete on leads.lead_consents
  referencing old table as old_rows for each statement execute function leads.mark_consents();

create function leads.consent_problems(given jsonb)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('field', 'consent' || p.field, 'code', p.code, 'message', p.message)), '[]')
  from (values
    (jsonb_typeof(given) <> 'object', '', 'invalid_type', 'La preuve de consentement est un objet.'),
    (coalesce(length(given ->> 'textVersion'), 0) not between 1 and 200, '.textVersion', 'required', 'La version du texte manque ou est trop longue.'),
    (coalesce(given ->> 'url', '') !~ '^https?://[^[:space:]]+$' or length(given ->> 'url') > 2000, '.url', 'invalid_url', 'L''adresse de la page n''est pas valable.'),
    (not pg_input_is_valid(coalesce(given ->> 'ip', ''), 'inet'), '.ip', 'invalid_ip', 'L''adresse IP n''est pas valable.'),
    (coalesce(leads.written_time(given ->> 'givenAt') > now() + interval '5 minutes', true),
      '.givenAt', 'invalid_time', 'La date du consentement n''est pas valable ou n''est pas encore passée.'),
    (jsonb_typeof(given -> 'recipients') is distinct from 'array' or jsonb_path_exists(given, '$.recipients[*] ? (@.type() != "string" || @ == "")')
      or given -> 'recipients' = '[]', '.recipients', 'required', 'Les destinataires manquent.')
  ) p (wrong, field, code, message)
  where p.wrong and (jsonb_typeof(given) = 'object' or p.field = '');
$$;
comment on function leads.consent_problems is 'What is wrong with a proof of consent: [{field, code, message}].';

create function leads.keep_consent(lead leads.leads, given jsonb)
returns void
language sql
set search_path = ''
as $$
  insert into leads.lead_consents (lead_id, supplier_id, text_version, url, ip, given_at, recipients)
  values (lead.id, lead.supplier_id, given ->> 'textVersion', given ->> 'url', (given ->> 'ip')::inet, leads.written_time(given ->> 'givenAt'),
    array(select jsonb_array_elements_text(given -> 'recipients')))
  on conflict (lead_id) do update set text_version = excluded.text_version, url = excluded.url, ip = excluded.ip,
    given_at = excluded.given_at, recipients = excluded.recipients;
$$;

create function public.lead_consent(
  id text, out "textVersion" text, out url text, out ip text, out "givenAt" text, out recipients text[]
)
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin', 'fournisseur', 'acheteur');
  select c.text_version, c.url, host(c.ip), platform.iso_timestamp(c.given_at), c.recipients
    into "textVersion", url, ip, "givenAt", recipients
    from leads.leads l join leads.lead_consents c on c.lead_id = l.id where l.reference = lead_consent.id;
  if not found then
    perform platform.fail(404, 'consent_not_found', 'Aucune preuve de consentement n''est disponible pour ce lead.');
  end if;
end;
$$;
comment on function public.lead_consent is 'GET /api/leads/:id/consent: for the admin, the supplier of the lead, and whoever bought it.';
grant execute on function public.lead_consent to authenticated, service_role;

-- So that the agents of the demo have whom to call: the files know no proof of consent.
create function leads.keep_demo_consents(files jsonb)
returns void
language sql
set search_path = ''
as $$
  insert into leads.lead_consents (lead_id, supplier_id, text_version, url, ip, given_at, recipients)
  select k.id, k.supplier_id, 'démonstration', 'https://example.com/demonstration', '203.0.113.1', k.created_at, '{Leads Provider}'
  from jsonb_array_elements(files -> 'leads') l join leads.leads k on k.reference = l ->> 'id'
  where k.has_consent;
$$;
comment on function leads.keep_demo_consents is 'Gives the leads of the mock files that wait for an agent a fictitious proof of consent.';

-- sql/leads/0043_lead_creation.sql

-- A lead that is made by hand: by an admin, or by a supplier for himself.

create function leads.supplier_of_new_lead(named text)
returns uuid
language plpgsql
stable
set search_path = ''
as $$
declare
  v_admin boolean := platform.has_role('leads', 'admin');
  v_supplier leads.suppliers;
begin
  if named is null and v_admin and leads.my_supplier_id() is null then
    perform leads.refuse_fields(leads.field_problem('fournisseur', 'required', 'Le fournisseur manque : son e-mail ou sa référence.'));
  end if;
  select s.* into v_supplier from leads.suppliers s
    where case when named is null then s.id = leads.my_supplier_id() else s.reference = named or (lower(s.email) = lower(named) and s.email <> '') end
    limit 1;
  -- A supplier may name himself.
  if named is not null and not v_admin and v_supplier.id is distinct from leads.my_supplier_id() then
    perform leads.refuse_fields(leads.field_problem('fournisseur', 'not_allowed', 'Seul un administrateur choisit le fournisseur.'));
  end if;
  if named is not null and v_supplier.id is null then
    perform leads.refuse_fields(leads.field_problem('fournisseur', 'unknown_supplier', 'Ce fournisseur est inconnu.'));
  end if;
  if v_supplier.id is null or v_supplier.status = 'suspended' then
    perform platform.fail(403, 'supplier_not_active', 'Ce fournisseur est inconnu ou suspendu : il ne peut pas apporter de leads.');
  end if;
  return v_supplier.id;
end;
$$;
comment on function leads.supplier_of_new_lead is 'The caller''s own supplier, or the one that an admin names by e-mail or reference.';

create function leads.add_lead(given jsonb)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_supplier uuid;
  v_check record;
  v_new leads.checked_lead;
  v_problems jsonb;
  v_lead leads.leads;
begin
  perform platform.require_role('leads', 'admin', 'fournisseur');
  if jsonb_typeof(given) is distinct from 'object' then perform platform.fail(400, 'invalid_body', 'Un lead est attendu.'); end if;
  v_supplier := leads.supplier_of_new_lead(given ->> 'fournisseur');
  -- Before the row is staged, so that a merge that is under way finds the staging table free at its end.
  perform pg_advisory_xact_lock_shared(hashtext('leads.merge_import'));
  v_check := leads.check_lead(given - array['fournisseur', 'consent']);
  v_new := v_check.checked;
  v_problems := v_check.problems;
  if given -> 'consent' <> 'null' then v_problems := v_problems || leads.consent_problems(given -> 'consent'); end if;
  perform leads.refuse_fields(v_problems);
  perform leads.refuse_duplicate(v_supplier, v_new.email, array[v_new.phone, v_new.phone2]);

  v_lead.id := platform.uuid_v7();
  insert into leads.leads (id, reference, supplier_id, first_name, last_name_mask, email_mask, phone_mask, company, sector, region, city, source,
    channel, score, price_cents, is_exclusive, summary, collected_at, has_consent)
  values (v_lead.id, v_lead.id::text, v_supplier, v_new.first_name, platform.mask_last_name(v_new.last_name), platform.mask_email(v_new.email),
    platform.mask_phone(v_new.phone), v_new.company, v_new.sector, v_new.region, v_new.city, v_new.source, v_new.channel, v_new.score,
    v_new.price_cents, v_new.is_exclusive, v_new.summary, v_new.collected_at, coalesce(given -> 'consent', 'null') <> 'null')
  returning * into v_lead;
  insert into leads.lead_contacts (lead_id, supplier_id, last_name, email, phone, phone2, notes)
  values (v_lead.id, v_supplier, v_new.last_name, v_new.email, v_new.phone, v_new.phone2, v_new.notes);
  if given -> 'consent' <> 'null' then perform leads.keep_consent(v_lead, given -> 'consent'); end if;
  perform platform.emit('leads', 'lead.created', jsonb_build_object('lead', v_lead.reference));
  return v_lead.reference;
end;
$$;

-- A lead as GET shows it, with its ETag.
create function leads.show_lead(reference text)
returns public.leads
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_lead public.leads;
begin
  select l.* into v_lead from public.leads l where l.id = show_lead.reference;
  perform set_config('response.headers', jsonb_build_array(jsonb_build_object('ETag', '"' || v_lead."updatedAt" || '"'))::text, true);
  return v_lead;
end;
$$;

create function public.lead_create(lead jsonb)
returns public.leads
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return leads.show_lead(leads.add_lead(lead));
end;
$$;
comment on function public.lead_create is 'POST /api/leads. An admin names the supplier (fournisseur) by e-mail or reference. 422 field by field, 409 for a known person.';
grant execute on function leads.add_lead, leads.show_lead, public.lead_create to authenticated, service_role;

-- sql/leads/0044_lead_changes.sql

-- A lead that is changed or withdrawn: by an admin, and by its supplier as long as it is not sold.

-- The lead that the caller may change, locked, so that nothing that is looked at here can change before it is written:
-- whoever comes second waits, sees the first one's time, and is refused.
create function leads.lead_to_change(reference text, expected text)
returns leads.leads
language plpgsql
set search_path = ''
as $$
declare
  v_lead leads.leads;
  v_token text := nullif(btrim(regexp_replace(btrim(expected), '^W/', ''), '"'), '');
begin
  perform platform.require_role('leads', 'admin', 'fournisseur');
  select l.* into v_lead from leads.leads l
    where l.reference = lead_to_change.reference and l.withdrawn_at is null
      and (platform.has_role('leads', 'admin') or l.supplier_id = leads.my_supplier_id())
    for no key update;
  if not found then perform platform.fail(404, 'lead_not_found', 'Ce lead est introuvable.'); end if;
  if v_lead.erased_at is not null then
    perform platform.fail(409, 'lead_erased', 'Les données de cette personne ont été effacées : ce lead ne se modifie plus.');
  end if;
  if v_token <> '*' and v_token <> platform.iso_timestamp(v_lead.updated_at) then
    perform platform.fail(412, 'lead_changed', 'Ce lead a été modifié entre-temps.', 'Rechargez-le et recommencez.');
  end if;
  return v_lead;
end;
$$;
comment on function leads.lead_to_change is 'Locks a lead for its supplier or an admin: 404 for others, 412 if it is not of the expected time any more.';

create function leads.is_sold(lead leads.leads)
returns boolean
language sql
stable
set search_path = ''
as $$ select lead.sold_at is not null or lead.status = 'sold' or exists (select from leads.sales s where s.lead_id = lead.id); $$;

-- What GET shows and nobody sets may come back as it was shown.
create function leads.read_only_problems(lead leads.leads, given jsonb)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('field', shown.key, 'code', 'read_only', 'message', 'Ce champ ne se modifie pas.')), '[]')
  from jsonb_each(jsonb_build_object('id', lead.reference, 'status', lead.status, 'qualificationStatus', lead.qualification_status,
    'createdAt', platform.iso_timestamp(lead.created_at), 'hasAudioRecording', lead.has_audio_recording)
    -- What an agent has qualified goes on sale as it is: its score and its price are no longer its supplier's word.
    || case when lead.qualified_at is not null and not platform.has_role('leads', 'admin') then jsonb_build_object('score', lead.score,
      'price', leads.euros(lead.price_cents), 'isExclusive', lead.is_exclusive, 'collectedAt', platform.iso_timestamp(lead.collected_at)) else '{}' end) shown
  where given ? shown.key and given -> shown.key <> shown.value;
$$;

create function leads.change_lead(reference text, given jsonb, expected text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_shown constant text[] := array['id', 'status', 'qualificationStatus', 'createdAt', 'updatedAt', 'hasAudioRecording'];
  v_lead leads.leads;
  v_contact leads.lead_contacts;
  v_check record;
  v_new leads.checked_lead;
  v_problems jsonb;
begin
  perform platform.require_role('leads', 'admin', 'fournisseur');
  if jsonb_typeof(given) is distinct from 'object' then perform platform.fail(400, 'invalid_body', 'Un lead est attendu.'); end if;
  -- Before the lead is locked: a merge that is under way may be waiting for it.
  if given ?| array['email', 'phone', 'phone2'] then perform pg_advisory_xact_lock_shared(hashtext('leads.merge_import')); end if;
  v_lead := leads.lead_to_change(reference, coalesce(expected, given ->> 'updatedAt'));
  if leads.is_sold(v_lead) and not platform.has_role('leads', 'admin') then
    perform platform.fail(409, 'lead_sold', 'Ce lead est vendu : il ne se modifie plus.');
  end if;
  select c.* into v_contact from leads.lead_contacts c where c.lead_id = v_lead.id;
  -- What is not given stays.
  v_check := leads.check_lead(
    jsonb_build_object('firstName', v_lead.first_name, 'lastName', v_contact.last_name, 'email', v_contact.email, 'phone', v_contact.phone, 'phone2', v_contact.phone2,
      'company', v_lead.company, 'sector', v_lead.sector, 'region', v_lead.region, 'city', v_lead.city, 'source', v_lead.source,
      'channel', v_lead.channel, 'score', v_lead.score, 'price', leads.euros(v_lead.price_cents), 'isExclusive', v_lead.is_exclusive,
      'notes', v_contact.notes, 'summary', v_lead.summary, 'collectedAt', platform.iso_timestamp(v_lead.collected_at)) || (given - v_shown - 'consent'));
  v_new := v_check.checked;
  v_problems := v_check.problems || leads.read_only_problems(v_lead, given);
  if given -> 'consent' <> 'null' then v_problems := v_problems || leads.consent_problems(given -> 'consent'); end if;
  perform leads.refuse_fields(v_problems);
  if v_new.email is distinct from v_contact.email or v_new.phone is distinct from v_contact.phone
    or v_new.phone2 is distinct from v_contact.phone2 then
    perform leads.refuse_duplicate(v_lead.supplier_id, nullif(v_new.email, v_contact.email),
      array(select n from unnest(array[v_new.phone, v_new.phone2]) n where n not in (coalesce(v_contact.phone, ''), coalesce(v_contact.phone2, ''))), v_lead.id);
  end if;

  -- What is written is looked at with what is there (0007_shown_texts): the contact and the summary go together.
  update leads.leads l set summary = null where l.id = v_lead.id and l.summary <> coalesce(v_new.summary, '')
    and (v_new.last_name, v_new.email, v_new.phone, v_new.phone2)
      is distinct from (v_contact.last_name, v_contact.email, v_contact.phone, v_contact.phone2);
  update leads.lead_contacts c set last_name = v_new.last_name, email = v_new.email, phone = v_new.phone, phone2 = v_new.phone2, notes = v_new.notes,
    -- Who says one of the names has parted them.
    name_unsplit = c.name_unsplit and v_new.first_name = v_lead.first_name and v_new.last_name = v_contact.last_name
  where c.lead_id = v_lead.id;
  update leads.leads l set first_name = v_new.first_name, last_name_mask = platform.mask_last_name(v_new.last_name),
    email_mask = platform.mask_email(v_new.email), phone_mask = platform.mask_phone(v_new.phone), company = v_new.company,
    sector = v_new.sector, region = v_new.region, city = v_new.city, source = v_new.source, channel = v_new.channel, score = v_new.score,
    price_cents = v_new.price_cents, is_exclusive = v_new.is_exclusive, summary = v_new.summary,
    collected_at = v_new.collected_at
  where l.id = v_lead.id;
  -- An exclusive lead has one place, which a buyer of before may have.
  update leads.leads l set status = 'sold', sold_at = now() where l.id = v_lead.id and l.on_sale and l.is_exclusive and l.sales_count > 0;
  if given -> 'consent' <> 'null' then perform leads.keep_consent(v_lead, given -> 'consent'); end if;
  perform platform.emit('leads', 'lead.updated', jsonb_build_object('lead', v_lead.reference));
end;
$$;

create function leads.withdraw_lead(reference text, expected text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_lead leads.leads := leads.lead_to_change(reference, expected);
begin
  if leads.is_sold(v_lead) then
    perform platform.fail(409, 'lead_sold', 'Ce lead est vendu : il ne se supprime plus.');
  end if;
  update leads.leads l set withdrawn_at = now(), reserved_until = null where l.id = v_lead.id;
  perform platform.emit('leads', 'lead.withdrawn', jsonb_build_object('lead', v_lead.reference));
end;
$$;
comment on function leads.withdraw_lead is 'Takes a lead out of every list. It stays as a row, for what hangs on it.';

create function public.lead_update(id text, lead jsonb, if_match text default null)
returns public.leads
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform leads.change_lead(id, lead, if_match);
  return leads.show_lead(id);
end;
$$;
comment on function public.lead_update is
  'PUT /api/leads/:id: the fields that are given. if_match, or updatedAt in the lead: 412 if it has changed since.';

create function public.lead_delete(id text, if_match text default null)
returns void
language sql
security invoker
set search_path = ''
as $$ select leads.withdraw_lead(id, if_match); $$;
comment on function public.lead_delete is 'DELETE /api/leads/:id: withdraws the lead; 409 if it is sold.';

grant execute on function leads.change_lead, leads.withdraw_lead, public.lead_update, public.lead_delete to authenticated, service_role;

-- sql/leads/0045_call_limits.sql

-- How often a person may be called, by whatever lead he is known: at most so many times, and for a while not at all after he
-- has refused. Kept by the hash of each e-mail and telephone (0060_oppositions), so that it holds for a lead that comes
-- later, under another supplier, and says nothing of an erased person.
create table leads.called_people (
  person_hash bytea not null,
  called_at timestamptz not null,
  call_id uuid not null references leads.calls (id) on delete cascade,
  refused boolean not null,
  primary key (person_hash, called_at, call_id)
);
alter table leads.called_people enable row level security;
create index called_people_call on leads.called_people (call_id);
comment on table leads.called_people is 'Who was called, and when: a row for each e-mail and telephone of the person, hashed.';
comment on column leads.called_people.refused is 'Whether the person wanted no more of it.';
create policy select_nobody on leads.called_people for select to anon, authenticated using (false);

alter table leads.calls add column outside_rules text[];
comment on column leads.calls.outside_rules is
  'By which rules the call should not have been made: outside_calling_hours, call_limit_reached, consent_missing; null if by none.';
create index calls_outside_rules on leads.calls (created_at) where outside_rules is not null;

create function leads.person_hashes(lead_id uuid)
returns bytea[]
language plpgsql
set search_path = ''
as $$
declare
  v_pepper bytea := leads.pepper();
begin
  return array(select leads.person_hash(v_pepper, v.value) from leads.lead_contacts c, unnest(array[lower(c.email), c.phone, c.phone2]) v (value)
    where c.lead_id = person_hashes.lead_id and v.value is not null);
end;
$$;
comment on function leads.person_hashes is 'What is kept of each e-mail and telephone of a lead''s person.';

-- One look-up by the index, for nearly all leads of nothing. A day is one of where the person lives.
create function leads.paused_until(lead leads.leads, rule jsonb, at timestamptz default now())
returns timestamptz
language plpgsql
set search_path = ''
as $$
declare
  v_hashes bytea[] := leads.person_hashes(lead.id);
  v_zone text := case when rule -> 'callsPerDay' <> 'null' then (select r.time_zone from leads.regions r where r.name = lead.region) end;
  v_midnight timestamptz := date_trunc('day', at at time zone v_zone) at time zone v_zone;
begin
  return (
    select greatest(
      max(c.called_at) filter (where c.refused) + make_interval(days => (rule ->> 'refusalDays')::integer),
      (array_agg(c.called_at order by c.called_at desc))[(rule ->> 'callsPer30Days')::integer] + interval '30 days',
      case when count(*) filter (where c.called_at >= v_midnight) >= (rule ->> 'callsPerDay')::integer then (date_trunc('day', at at time zone v_zone) + interval '1 day') at time zone v_zone end)
    from (select distinct p.call_id, p.called_at, p.refused from leads.called_people p where p.person_hash = any (v_hashes)
      and p.called_at between at - make_interval(days => greatest(30, (rule ->> 'refusalDays')::integer)) and at) c);
end;
$$;
comment on function leads.paused_until is 'Until when the person behind a lead is not called, by the calls there were; null or past if he may be.';

-- sql/leads/0045_calling_hours.sql

-- When people may be called: at the hours of the place where they live, on its working days. The default is French law
-- (décret 2022-1313): Monday to Friday, 10 to 13 and 14 to 20 h, no public holiday.
insert into leads.work_rules (name, value, description) values
  ('calling', '{"days": [1, 2, 3, 4, 5], "hours": [{"from": "10:00", "until": "13:00"}, {"from": "14:00", "until": "20:00"}], "onHolidays": false,
    "callsPerDay": null, "callsPer30Days": 4, "refusalDays": 60, "sourcesWithoutConsent": []}',
    'Quand on appelle (1 est lundi, 7 dimanche ; heures du lieu où vit la personne), combien de fois la même personne, au bout de combien de jours '
    'après un refus, et pour quelles sources sans preuve de consentement (« - » : sans source)');

create function leads.is_holiday(day date, own_holidays text[] default '{}')
returns boolean
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
begin
  -- Monday after Easter, Ascension, Monday after Whitsun: code du travail, L3133-1.
  return array[to_char(day, 'MM-DD'), 'Easter' || to_char(day - platform.easter_sunday(extract(year from day)::integer), 'FMS999')]
    && (array['01-01', '05-01', '05-08', '07-14', '08-15', '11-01', '11-11', '12-25', 'Easter+1', 'Easter+39', 'Easter+50'] || own_holidays);
end;
$$;
comment on function leads.is_holiday is 'Whether a day is a public holiday in France, or in a region with holidays of its own.';

create function leads.is_calling_time(local_time timestamp, own_holidays text[], rule jsonb)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return rule -> 'days' @> to_jsonb(extract(isodow from local_time)::integer)
    and exists (select from jsonb_to_recordset(rule -> 'hours') h ("from" time, until time) where local_time::time >= h."from" and local_time::time < h.until)
    and ((rule -> 'onHolidays')::boolean or not leads.is_holiday(local_time::date, own_holidays));
end;
$$;
comment on function leads.is_calling_time is 'Whether a clock on the wall shows a time at which people are called there.';

create function leads.open_regions(at timestamptz default now(), rule jsonb default leads.work_rule('calling'))
returns text[]
language plpgsql
stable
set search_path = ''
as $$
begin
  return array(
    select unnest(p.regions) from (select r.time_zone, r.own_holidays, array_agg(r.name) as regions from leads.regions r group by 1, 2) p
    where leads.is_calling_time(open_regions.at at time zone p.time_zone, p.own_holidays, rule));
end;
$$;
comment on function leads.open_regions is 'The regions whose people may be called at that instant.';

create function leads.next_opening(regions text[], after timestamptz default now())
returns timestamptz
language plpgsql
stable
set search_path = ''
as $$
declare
  v_rule jsonb := leads.work_rule('calling');
begin
  return (
    select min(o.at)
    from (select distinct r.time_zone, r.own_holidays from leads.regions r where r.name = any (regions)) p
    -- Longer than any row of days off, whatever days are chosen.
    cross join generate_series(0, 28) n
    cross join jsonb_to_recordset(v_rule -> 'hours') h ("from" time)
    cross join lateral (select (after at time zone p.time_zone)::date + n + h."from" as local_time) t
    cross join lateral (select t.local_time at time zone p.time_zone as at) o
    where o.at > after and leads.is_calling_time(t.local_time, p.own_holidays, v_rule));
end;
$$;
comment on function leads.next_opening is 'When somebody of these regions may be called again; null if that is in no month.';

-- sql/leads/0045_score.sql

-- The score of a lead, worked out from what is known of it: each feature earns a part of its points. The points are
-- those of leads.score_features; where it has no row for a feature, those that are written here.
create function leads.score_lead(lead_id uuid)
returns table (feature text, contribution integer, description text)
-- plpgsql, although a query would do: its plan is kept for the session (measured: 0.5 ms against 3.4 ms).
language plpgsql
stable
security definer
set search_path = ''
rows 6
as $$
#variable_conflict use_column
begin
  return query
  with lead as (
    select l.*, c.last_name, c.email, c.phone, platform.fold(coalesce(c.notes, '')) as told,
      num_nonnulls(nullif(l.first_name, ''), nullif(c.last_name, ''), c.email, c.phone, l.company, l.city, l.source, l.channel) as filled,
      (select count(*) from leads.calls k where k.lead_id = l.id and k.result = 'callback') as missed,
      leads.kept('supplier.leads', l.supplier_id::text) as brought, leads.kept('supplier.sold', l.supplier_id::text) as sold,
      (select count(*) from leads.buyers b where l.region = any (b.preferred_regions)) as wanted
    from leads.leads l join leads.lead_contacts c on c.lead_id = l.id where l.id = score_lead.lead_id
  ), earned as (
    select f.position, f.feature, f.part, f.description, coalesce(s.contribution, f.points) as points
    from lead cross join lateral (values
      (1, 'Complétude du profil', 25, filled / 8.0, format('%s informations sur 8 sont renseignées', filled)),
      (2, 'Intention d''achat', 22,
        (case when length(told) >= 15 then 0.5 else 0 end)
          + (case when told ~ '(budget|euro|€|devis|urgent|rapid|semaine|mois|immediat|projet|travaux|rappel|20[2-9][0-9])' then 0.5 else 0 end),
        case when length(told) < 15 then 'Le projet n''est pas décrit' else 'Le projet est décrit dans les notes' end),
      (3, 'Qualité de la source', 18, case when brought = 0 then 0.5 else least(1, 0.25 + 1.5 * sold / brought) end,
        format('%s ventes pour %s leads apportés par ce fournisseur', sold, brought)),
      (4, 'Validité des coordonnées', 15, (case when phone is not null then 0.6 else 0 end) + (case when email is not null then 0.4 else 0 end),
        case when num_nonnulls(phone, email) = 2 then 'Téléphone et e-mail valables' when phone is not null then 'Téléphone valable, pas d''e-mail'
          else 'E-mail valable, pas de téléphone' end),
      (5, 'Réactivité', 12, 1.0 / (1 + missed), case missed when 0 then 'Joint au premier appel' else format('Joint après %s rappel(s)', missed) end),
      (6, 'Zone géographique', 8, case when wanted > 0 then 1 else 0.5 end,
        case when wanted > 0 then format('Région demandée par %s acheteur(s)', wanted) else 'Région que personne n''a demandée jusqu''ici' end)
    ) f (position, feature, points, part, description)
    left join leads.score_features s on s.feature = f.feature
  ), summed as (
    -- Of 100, whatever the points add up to. Rounded sums, so that the parts add up to the score exactly.
    select e.*, round(100 * sum(e.part * e.points) over w / nullif(sum(e.points) over (), 0)) as up_to
    from earned e window w as (order by e.position)
  )
  select s.feature, (coalesce(s.up_to, 0) - coalesce(lag(s.up_to) over (order by s.position), 0))::integer, s.description
  from summed s order by s.position;
end;
$$;
comment on function leads.score_lead is 'What each feature adds to the score of a lead; the sum is the score, 0 to 100.';

-- sql/leads/0046_queue.sql

-- The queue of the agents: who calls whom next. A lead is reserved for one agent for a while; when the time is over
-- it is in the queue again, whatever became of the agent. Nobody is given a lead that may not be called (0045).
alter table leads.leads
  add column reserved_until timestamptz,
  add column callback_at timestamptz;
comment on column leads.leads.reserved_until is 'Until when the lead is agent_id''s alone; null when nobody is at it.';
comment on column leads.leads.callback_at is 'When the person wants to be called again.';
-- Some rows of a large table: whatever waits is found without looking at what does not, nor at what waits in vain.
create index leads_waiting on leads.leads (call_basis, region, id) where qualification_status = 'pending' and withdrawn_at is null;
create index leads_callbacks on leads.leads (callback_at) where qualification_status = 'callback' and withdrawn_at is null;
create index leads_reserved on leads.leads (agent_id, reserved_until) where qualification_status = 'in_progress' and withdrawn_at is null;
create index leads_adrift on leads.leads (id)
  where qualification_status in ('in_progress', 'callback') and reserved_until is null and callback_at is null and withdrawn_at is null;

-- What decides whether somebody may be called at an instant.
create type leads.calling as (at timestamptz, rule jsonb, regions text[], bases text[]);

create function leads.calling_at(at timestamptz default now())
returns leads.calling
language plpgsql
stable
set search_path = ''
as $$
declare
  v_rule jsonb := leads.work_rule('calling');
begin
  return (at, v_rule, leads.open_regions(at, v_rule), array(select '' union all select lower(s) from jsonb_array_elements_text(v_rule -> 'sourcesWithoutConsent') s))::leads.calling;
end;
$$;
comment on function leads.calling_at is 'The rule of calling, and the regions and grounds by which it lets people be called at an instant.';

create function leads.may_be_called(lead leads.leads, calling leads.calling)
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  return lead.region = any (calling.regions) and lead.call_basis = any (calling.bases)
    and coalesce(leads.paused_until(lead, calling.rule, calling.at) <= calling.at, true);
end;
$$;
comment on function leads.may_be_called is 'Whether the person behind a lead may be called, by hour, consent, and the calls there were.';

-- Why a call should not be made, or should not have been.
create function leads.rules_broken(lead leads.leads, calling leads.calling)
returns text[]
language plpgsql
set search_path = ''
as $$
begin
  return nullif(array_remove(array[
    case when not lead.region = any (calling.regions) then 'outside_calling_hours' end,
    case when leads.paused_until(lead, calling.rule, calling.at) > calling.at then 'call_limit_reached' end,
    case when not lead.call_basis = any (calling.bases) then 'consent_missing' end], null), '{}');
end;
$$;
comment on function leads.rules_broken is 'By which rules a person may not be called; null if by none.';

create function leads.reservation_end()
returns timestamptz
language sql
stable
set search_path = ''
as $$ select now() + make_interval(secs => 60 * leads.work_rule('reservation_minutes')::float8); $$;

-- The oldest that waits, place by place: what waits for its hour or for a consent is not read, however much it is.
create function leads.oldest_waiting(calling leads.calling)
returns uuid
language plpgsql
set search_path = ''
as $$
declare
  v_place record;
  v_lead uuid;
begin
  for v_place in
    select b.basis, r.region
    from unnest(calling.bases) b (basis) cross join unnest(calling.regions) r (region)
    cross join lateral (
      select l.id from leads.leads l where l.call_basis = b.basis and l.region = r.region and l.qualification_status = 'pending'
        and l.withdrawn_at is null and l.status in ('new', 'pending') order by l.id limit 1
    ) oldest order by oldest.id
  loop
    select l.id into v_lead from leads.leads l
      where l.call_basis = v_place.basis and l.region = v_place.region and l.qualification_status = 'pending' and l.withdrawn_at is null
        and l.status in ('new', 'pending') and leads.may_be_called(l, calling)
      order by l.id limit 1 for no key update skip locked;
    if v_lead is not null then return v_lead; end if;
  end loop;
  return null;
end;
$$;

-- The next lead that is free: callbacks that are due, then reservations that ran out, then the oldest that waits, then
-- those that came from elsewhere as begun, without a time.
-- Locked; a lead that another agent is being given is passed over.
create function leads.next_in_queue(calling leads.calling default leads.calling_at())
returns uuid
language plpgsql
set search_path = ''
as $$
declare
  v_lead uuid;
begin
  if calling.regions = '{}' then return null; end if;
  select l.id into v_lead from leads.leads l
    where l.qualification_status = 'callback' and l.withdrawn_at is null and l.callback_at <= calling.at and leads.may_be_called(l, calling)
    order by l.callback_at limit 1 for no key update skip locked;
  if v_lead is not null then return v_lead; end if;
  select l.id into v_lead from leads.leads l
    where l.qualification_status = 'in_progress' and l.withdrawn_at is null and l.reserved_until <= calling.at and leads.may_be_called(l, calling)
    order by l.reserved_until limit 1 for no key update skip locked;
  if v_lead is not null then return v_lead; end if;
  v_lead := leads.oldest_waiting(calling);
  if v_lead is not null then return v_lead; end if;
  select l.id into v_lead from leads.leads l
    where l.qualification_status in ('in_progress', 'callback') and l.reserved_until is null and l.callback_at is null and l.withdrawn_at is null
      and l.status in ('new', 'pending') and leads.may_be_called(l, calling)
    order by l.id limit 1 for no key update skip locked;
  return v_lead;
end;
$$;

-- All that waits for an agent, whether it may be called or not; from due_at on, if it has one.
create view leads.waiting_leads with (security_invoker = true) as
select l as lead, l.id, l.region, l.call_basis, null::timestamptz as due_at from leads.leads l
where l.qualification_status = 'pending' and l.withdrawn_at is null and l.status in ('new', 'pending')
union all
select l, l.id, l.region, l.call_basis, l.callback_at from leads.leads l
where l.qualification_status = 'callback' and l.withdrawn_at is null and l.callback_at is not null
union all
select l, l.id, l.region, l.call_basis, l.reserved_until from leads.leads l
where l.qualification_status = 'in_progress' and l.withdrawn_at is null and l.reserved_until is not null
union all
select l, l.id, l.region, l.call_basis, null from leads.leads l
where l.qualification_status in ('in_progress', 'callback') and l.reserved_until is null and l.callback_at is null
  and l.withdrawn_at is null and l.status in ('new', 'pending');
comment on view leads.waiting_leads is 'Leads that wait for an agent.';

create function leads.why_no_lead(calling leads.calling, out reason text, out opening timestamptz)
language plpgsql
set search_path = ''
as $$
declare
  -- One lead of each region is looked up, not all of them joined.
  v_closed text[] := array(select r.name from leads.regions r cross join lateral (
      select 1 from leads.waiting_leads w where w.region = r.name and w.call_basis = any (calling.bases) and coalesce(w.due_at <= calling.at, true) limit 1
    ) w where not r.name = any (calling.regions));
begin
  opening := leads.next_opening(v_closed, calling.at);
  reason := case
    when v_closed <> '{}' then 'outside_calling_hours'
    when exists (select from leads.waiting_leads w where w.region = any (calling.regions) and w.call_basis = any (calling.bases)
      and coalesce(w.due_at <= calling.at, true) and leads.paused_until(w.lead, calling.rule, calling.at) > calling.at) then 'call_limit_reached'
    when exists (select from leads.waiting_leads w where not w.call_basis = any (calling.bases) and coalesce(w.due_at <= calling.at, true)) then 'consent_missing'
    else 'queue_empty' end;
end;
$$;
comment on function leads.why_no_lead is 'Why the queue gives nothing, and when it will if it is for the hour.';

create function leads.reserve_next(out reference text, out until timestamptz, out reason text, out opening timestamptz)
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_agent uuid := auth.uid();
  v_calling leads.calling;
  v_lead uuid;
begin
  perform platform.require_role('leads', 'agent');
  v_calling := leads.calling_at();
  -- An agent who asks twice at once gets one lead.
  perform pg_advisory_xact_lock(hashtextextended('leads.next_lead ' || v_agent, 0));
  select l.reference, l.reserved_until into reference, until from leads.leads l
    where l.agent_id = v_agent and l.qualification_status = 'in_progress' and l.withdrawn_at is null and l.reserved_until > now()
      and leads.may_be_called(l, v_calling)
    order by l.reserved_until limit 1;
  if found then return; end if;

  v_lead := leads.next_in_queue(v_calling);
  if v_lead is null then
    select w.reason, w.opening into reason, opening from leads.why_no_lead(v_calling) w;
    return;
  end if;
  update leads.leads l set agent_id = v_agent, qualification_status = 'in_progress', status = 'pending', reserved_until = leads.reservation_end(),
    requeued_at = null
  where l.id = v_lead returning l.reference, l.reserved_until into reference, until;
end;
$$;
comment on function leads.reserve_next is 'Reserves the next lead for the calling agent; his own reservation first. Without a lead, the reason.';

create function public.agent_next_lead()
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_next record := leads.reserve_next();
begin
  if v_next.reference is null then
    perform set_config('response.status', '204', true);
    perform set_config('response.headers', (jsonb_build_array(jsonb_build_object('X-Reason', v_next.reason)) || case when v_next.opening is not null
      then jsonb_build_array(jsonb_build_object('X-Next-Opening', platform.iso_timestamp(v_next.opening))) else '[]' end)::text, true);
    return null;
  end if;
  return to_jsonb(leads.show_lead(v_next.reference)) || jsonb_build_object('reservedUntil', platform.iso_timestamp(v_next.until));
end;
$$;
comment on function public.agent_next_lead is 'GET /api/agent/next-lead: a lead with its contact, reserved for the agent. 204 with X-Reason: queue_empty, '
  'outside_calling_hours (with X-Next-Opening), call_limit_reached or consent_missing.';
grant execute on function leads.reserve_next, public.agent_next_lead to authenticated, service_role;

-- sql/leads/0047_qualification_reports.sql

-- What an agent reports after a call: what may be in it, and when it is one that was made before.
create table leads.qualifications (
  call_id uuid primary key references leads.calls (id) on delete cascade,
  lead_id uuid not null references leads.leads (id) on delete cascade,
  agent_id uuid references platform.profiles (id) on delete set null,
  request_key text,
  request_hash text not null,
  repeatable_until timestamptz not null,
  callback_at timestamptz,
  recording_consent boolean not null,
  score_explanations jsonb not null,
  created_at timestamptz not null default now(),
  unique (agent_id, request_key)
);
alter table leads.qualifications enable row level security;
create index qualifications_lead on leads.qualifications (lead_id, created_at desc);
comment on table leads.qualifications is 'Reports of agents, one per call. A report that comes twice is answered twice and counted once.';
comment on column leads.qualifications.request_key is 'The Idempotency-Key that came with it, if any.';
comment on column leads.qualifications.repeatable_until is 'Until when the same report without a key is a repetition: the end of the reservation.';
create policy select_own_or_admin on leads.qualifications for select to authenticated
  using (agent_id = (select auth.uid()) or (select platform.has_role('leads', 'admin')));
grant select on leads.qualifications to authenticated, service_role;

create function leads.report_problems(report jsonb)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select leads.shape_problems(report, array['result', 'callbackAt', 'durationSeconds', 'notes', 'summary', 'recordingPath', 'recordingConsent', 'refused'])
    || coalesce(jsonb_agg(jsonb_build_object('field', p.field, 'code', p.code, 'message', p.message)), '[]')
  from (values
    (coalesce(report ->> 'result', '') not in ('qualified', 'not_qualified', 'callback'), 'result', 'invalid_value',
      'Résultat attendu : qualified, not_qualified ou callback.'),
    (case when report ->> 'durationSeconds' ~ '^[0-9]{1,5}$' then (report ->> 'durationSeconds')::integer > 86400 else true end,
      'durationSeconds', 'invalid_value', 'La durée de l''appel est un nombre entier de secondes, un jour au plus.'),
    (report ->> 'result' = 'callback' and report ->> 'callbackAt' is null, 'callbackAt', 'required', 'La date du rappel manque.'),
    (report ->> 'callbackAt' is not null
      and not coalesce(leads.written_time(report ->> 'callbackAt') between now() and now() + interval '1 year', false),
      'callbackAt', 'invalid_time', 'La date du rappel n''est pas une date à venir, d''ici un an (2026-12-01T14:30, heure de Paris).'),
    (jsonb_typeof(coalesce(report -> 'refused', 'null')) not in ('boolean', 'null'), 'refused', 'invalid_value', 'Vrai ou faux est attendu.'),
    (report -> 'refused' = 'true' and report ->> 'result' <> 'not_qualified', 'refused', 'invalid_value',
      'Qui refuse d''être démarché n''est ni qualifié ni rappelé.'),
    (length(report ->> 'notes') > 10000, 'notes', 'too_long', 'Les notes sont trop longues.'),
    (length(report ->> 'summary') > 1000, 'summary', 'too_long', 'Le résumé est limité à 1000 caractères.'),
    (report ->> 'recordingPath' is not null and report -> 'recordingConsent' is distinct from 'true', 'recordingConsent', 'consent_required',
      'Un enregistrement ne se garde qu''avec l''accord de la personne.'),
    (report ->> 'recordingPath' is not null and not exists (select from storage.objects o
      where o.bucket_id = 'recordings' and o.name = report ->> 'recordingPath' and split_part(o.name, '/', 1) = auth.uid()::text),
      'recordingPath', 'recording_not_found', 'Cet enregistrement n''a pas été déposé.')
  ) p (wrong, field, code, message)
  where p.wrong;
$$;
comment on function leads.report_problems is 'What is wrong with an agent''s report: [{field, code, message}].';

-- The report that this one repeats, if it does: by its key, or the same words within the reservation.
create function leads.repeated_report(lead uuid, key text, hash text)
returns leads.qualifications
language plpgsql
stable
set search_path = ''
as $$
declare
  v_earlier leads.qualifications;
begin
  select q.* into v_earlier from leads.qualifications q
    where q.agent_id = auth.uid() and case when key is null then q.lead_id = lead and q.request_hash = hash and q.repeatable_until > now()
      else q.request_key = key end
    order by q.created_at desc limit 1;
  if key is not null and (v_earlier.lead_id, v_earlier.request_hash) is distinct from (lead, hash) and v_earlier.call_id is not null then
    perform platform.fail(409, 'idempotency_key_reused', 'Cette clé d''idempotence a déjà servi à une autre demande.');
  end if;
  return v_earlier;
end;
$$;

create function leads.refuse_unless_free(lead leads.leads)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if lead.qualification_status in ('qualified', 'not_qualified') or lead.status not in ('new', 'pending') then
    perform platform.fail(409, 'already_qualified', 'Ce lead est déjà qualifié.');
  end if;
  if lead.qualification_status = 'in_progress' and lead.reserved_until > now() and lead.agent_id is distinct from auth.uid() then
    perform platform.fail(409, 'lead_reserved', 'Un autre agent s''occupe de ce lead.', 'Demandez le lead suivant.');
  end if;
  -- Whoever was called is not who the lead is now.
  if lead.requeued_at is not null then
    perform platform.fail(409, 'lead_requeued', 'Ce lead a changé depuis : il attend un nouvel appel.', 'Demandez le lead suivant.');
  end if;
end;
$$;

-- Who reports on a lead sees its contact from then on: of one that the queue gives nobody it is no way to get it. What an agent
-- was given once he may have called, whenever he says so.
create function leads.refuse_unless_given(lead leads.leads)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_broken text[];
begin
  if lead.agent_id = auth.uid() then return; end if;
  v_broken := leads.rules_broken(lead, leads.calling_at());
  if v_broken is not null then
    perform platform.fail(409, v_broken[1], 'Cette personne ne peut pas être appelée maintenant.', 'Demandez le lead suivant.');
  end if;
end;
$$;
comment on function leads.refuse_unless_given is '409 if a lead that the caller was not given may not be called now: outside_calling_hours, call_limit_reached, consent_missing.';

-- sql/leads/0048_qualify.sql

-- All that follows from an agent's report, in one transaction: the call, the lead, its file, its supplier.

-- What happened is kept, also what should not have: with the rules that it broke.
create function leads.add_call(lead leads.leads, report jsonb, outside_rules text[])
returns leads.calls
language plpgsql
set search_path = ''
as $$
declare
  v_seconds integer := (report ->> 'durationSeconds')::integer;
  v_path text := report ->> 'recordingPath';
  v_call leads.calls;
begin
  insert into leads.calls (lead_id, agent_id, lead_name, lead_company, agent_name, duration_seconds, duration, recording_path, recording_size,
    recording_status, result, outside_rules)
  select lead.id, auth.uid(), btrim(lead.first_name || ' ' || c.last_name), lead.company, btrim(p.first_name || ' ' || p.last_name), v_seconds,
    v_seconds / 60 || ':' || lpad((v_seconds % 60)::text, 2, '0'), v_path,
    (select round((o.metadata ->> 'size')::numeric / 1048576, 1) || ' MB' from storage.objects o where o.bucket_id = 'recordings' and o.name = v_path),
    case when v_path is null then 'archived' else 'available' end, report ->> 'result', add_call.outside_rules
  from leads.lead_contacts c, platform.profiles p where c.lead_id = lead.id and p.id = auth.uid()
  returning * into v_call;
  -- Who is not qualified has had enough of it, unless the agent says that it was something else.
  insert into leads.called_people (person_hash, called_at, call_id, refused)
  select h, now() - make_interval(secs => v_seconds), v_call.id,
    coalesce((nullif(report -> 'refused', 'null'))::boolean, report ->> 'result' = 'not_qualified')
  from unnest(leads.person_hashes(lead.id)) h;
  return v_call;
end;
$$;

-- Where the agents are with a file. Two who finish its last leads at once must see each other: the file is locked,
-- unless more leads wait than there can be others at work.
create function leads.advance_import(import_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if leads.kept('import.pending', import_id::text) > current_setting('max_connections')::integer then
    update leads.imports i set qualification_status = 'en_cours' where i.id = import_id and i.qualification_status <> 'en_cours';
    return;
  end if;
  perform from leads.imports i where i.id = import_id for no key update;
  update leads.imports i set qualification_status = p.status
  from (select case when leads.kept('import.pending', import_id::text) <= 0 then 'termine' else 'en_cours' end as status) p
  where i.id = import_id and i.qualification_status <> p.status;
end;
$$;
comment on function leads.advance_import is 'Keeps the qualification status of a file.';

create function leads.tell_supplier(lead leads.leads)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_user uuid := (select s.user_id from leads.suppliers s where s.id = lead.supplier_id);
begin
  if lead.status = 'qualified' then
    perform platform.notify(v_user, 'leads', 'success', 'Lead qualifié',
      format('Votre lead %s (%s) est qualifié, score %s : il est en vente.', lead.reference, lead.sector, lead.score));
  elsif lead.status = 'rejected' then
    perform platform.notify(v_user, 'leads', 'info', 'Lead non qualifié', format('Votre lead %s (%s) n''a pas été qualifié.', lead.reference, lead.sector));
  end if;
end;
$$;

create function leads.qualify(reference text, report jsonb, idempotency_key text, out qualification leads.qualifications)
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_hash text := md5(report::text);
  v_lead leads.leads;
  v_until timestamptz;
  v_call leads.calls;
  v_outside_rules text[];
begin
  perform platform.require_role('leads', 'agent');
  if jsonb_typeof(report) is distinct from 'object' then perform platform.fail(400, 'invalid_body', 'Le compte rendu d''un appel est attendu.'); end if;
  select l.* into v_lead from leads.leads l where l.reference = qualify.reference and l.withdrawn_at is null for no key update;
  if not found then perform platform.fail(404, 'lead_not_found', 'Ce lead est introuvable.'); end if;
  qualification := leads.repeated_report(v_lead.id, idempotency_key, v_hash);
  if qualification.call_id is not null then return; end if;
  perform leads.refuse_fields(leads.report_problems(report));
  perform leads.refuse_unless_free(v_lead);
  -- What is refused tells of the contact: who has not been given the lead does not ask.
  if nullif(btrim(report ->> 'summary'), '') is not null and v_lead.agent_id is distinct from auth.uid() then
    perform leads.refuse_fields(leads.field_problem('summary', 'not_allowed', 'Le résumé est écrit par l''agent à qui le lead a été confié.'));
  end if;

  perform leads.refuse_unless_given(v_lead);

  v_outside_rules := leads.rules_broken(v_lead, leads.calling_at(now() - make_interval(secs => (report ->> 'durationSeconds')::integer)));
  v_until := case when v_lead.reserved_until > now() then v_lead.reserved_until else leads.reservation_end() end;
  update leads.lead_contacts c set notes = concat_ws(e'\n', c.notes, report ->> 'notes')
    where c.lead_id = v_lead.id and nullif(btrim(report ->> 'notes'), '') is not null;
  select jsonb_agg(to_jsonb(s)) into qualification.score_explanations from leads.score_lead(v_lead.id) s;
  update leads.leads l set
    status = case report ->> 'result' when 'qualified' then 'qualified' when 'not_qualified' then 'rejected' else 'pending' end,
    qualification_status = report ->> 'result',
    qualified_at = case report ->> 'result' when 'qualified' then now() end,
    callback_at = case report ->> 'result' when 'callback' then leads.written_time(report ->> 'callbackAt') end,
    score = (select sum((s ->> 'contribution')::integer) from jsonb_array_elements(qualification.score_explanations) s),
    summary = coalesce(nullif(btrim(report ->> 'summary'), ''), l.summary),
    has_audio_recording = l.has_audio_recording or report ->> 'recordingPath' is not null,
    agent_id = auth.uid(), reserved_until = null
  where l.id = v_lead.id returning * into v_lead;
  v_call := leads.add_call(v_lead, report, v_outside_rules);
  insert into leads.qualifications (call_id, lead_id, agent_id, request_key, request_hash, repeatable_until, callback_at, recording_consent, score_explanations)
  values (v_call.id, v_lead.id, auth.uid(), idempotency_key, v_hash, v_until, v_lead.callback_at,
    coalesce(report -> 'recordingConsent' = 'true', false), qualification.score_explanations)
  returning * into qualification;
  perform leads.tell_supplier(v_lead);
  perform platform.emit('leads', 'lead.' || v_lead.qualification_status, jsonb_build_object('lead', v_lead.reference, 'call', v_call.reference, 'score', v_lead.score));
  -- Last, since others wait at the file.
  if v_lead.import_id is not null then perform leads.advance_import(v_lead.import_id); end if;
end;
$$;
comment on function leads.qualify is 'Takes an agent''s report on a lead that is his or free; a repetition answers the first report''s row.';

create function public.lead_qualify(id text, report jsonb, idempotency_key text default null)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_done leads.qualifications := leads.qualify(id, report, nullif(idempotency_key, ''));
begin
  return (select to_jsonb(leads.show_lead(lead_qualify.id)) || jsonb_build_object(
    'callId', c.reference,
    'outsideRules', coalesce(to_jsonb(c.outside_rules), '[]'),
    'callbackAt', platform.iso_timestamp(v_done.callback_at),
    'scoreExplanations', v_done.score_explanations)
    from leads.calls c where c.id = v_done.call_id);
end;
$$;
comment on function public.lead_qualify is
  'POST /api/leads/:id/qualify {result, durationSeconds, callbackAt, notes, recordingPath, recordingConsent, refused}: the lead, with the explanation of its score.';
grant execute on function leads.qualify, public.lead_qualify to authenticated, service_role;

-- sql/leads/0048_requeue.sql

-- Who a lead is, and in which sector and place, is what an agent has heard on the telephone and what buyers pay for. Whatever
-- road changes it after an agent has begun, the lead goes back to the agents and off sale; once somebody has bought it, it
-- is not changed at all. Another spelling of the same is no change, and what was empty may be filled in, but for the
-- ways to reach the person. What the catalogue says of him is what buyers choose by: whoever rewrites it, empty or not, sends
-- the lead back as well, but for the agents, who have heard him, and the admins. A file speaks for its supplier.
alter table leads.leads add column requeued_at timestamptz;
comment on column leads.leads.requeued_at is
  'Since when the lead waits for an agent again because who or where it is has changed; null once one has taken it.';

-- What a buyer has keeps being what he bought. Erasing the person (0063_gdpr_erase) is the one thing that is stronger.
create function leads.refuse_if_bought(lead leads.leads)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if lead.status = 'sold' or exists (select from leads.kept_sales k where k.lead_id = lead.id) then
    perform platform.fail(409, 'lead_sold', 'Ce lead est vendu : la personne, le secteur et le lieu ne changent plus.');
  end if;
end;
$$;
comment on function leads.refuse_if_bought is '409 if a buyer has the lead.';

-- A name's letters in whatever script: what is left of it in Latin ones (leads.name_key) is nothing for « 王 » and for « 李 ».
create function leads.spelling_key(name text)
returns text
language sql
immutable
strict
set search_path = ''
as $$ select btrim(regexp_replace(platform.fold(name), '[^[:alnum:]]+', ' ', 'g')); $$;
comment on function leads.spelling_key is 'What two spellings of one name have in common.';

create function leads.same_name(one text, other text)
returns boolean
language sql
immutable
set search_path = ''
as $$ select one = other or leads.spelling_key(one) is not distinct from leads.spelling_key(other); $$;

create function leads.numbers_of(contact leads.lead_contacts)
returns text[]
language sql
immutable
set search_path = ''
as $$ select array(select regexp_replace(n, '[^0-9]', '', 'g') from unnest(array[contact.phone, contact.phone2]) n where n <> '' order by 1); $$;
comment on function leads.numbers_of is 'The figures of a contact''s telephones, whichever of them comes first.';

-- A sector or region that is not in the directory any more has been renamed there, and the lead with it.
create function leads.is_same_offer(before leads.leads, after leads.leads)
returns boolean
language sql
stable
set search_path = ''
as $$
  select (coalesce(before.first_name, '') = '' or leads.same_name(before.first_name, after.first_name))
    and (before.company is null or leads.same_name(before.company, after.company))
    and (before.city is null or leads.same_name(before.city, after.city))
    and (before.sector = after.sector or not exists (select from leads.sectors s where s.name = before.sector))
    and (before.region = after.region or not exists (select from leads.regions r where r.name = before.region));
$$;
comment on function leads.is_same_offer is 'Whether a changed lead is still the person, the sector and the place that it was.';

create function leads.is_same_person(before leads.lead_contacts, after leads.lead_contacts)
returns boolean
language sql
immutable
set search_path = ''
as $$
  -- A name that was kept in one may be parted.
  select (leads.same_name(before.last_name, after.last_name) or before.name_unsplit
      and ' ' || leads.spelling_key(before.last_name) || ' ' like '% ' || leads.spelling_key(after.last_name) || ' %' and leads.spelling_key(after.last_name) <> '')
    and lower(before.email) is not distinct from lower(after.email)
    and leads.numbers_of(before) = leads.numbers_of(after);
$$;
comment on function leads.is_same_person is 'Whether a changed contact still reaches the person that it reached.';

create function leads.is_reworded(before leads.leads, after leads.leads)
returns boolean
language sql
stable
set search_path = ''
as $$
  select not leads.same_name(coalesce(before.summary, ''), coalesce(after.summary, ''))
    and (platform.has_role('leads', 'agent') or platform.has_role('leads', 'admin')) is not true;
$$;
comment on function leads.is_reworded is 'Whether somebody else than an agent or an admin has given a lead another summary.';

create function leads.is_begun(lead leads.leads)
returns boolean
language sql
immutable
set search_path = ''
as $$ select lead.status <> 'rejected' and lead.qualification_status not in ('pending', 'not_qualified'); $$;
comment on function leads.is_begun is 'Whether an agent is at the lead or has qualified it. What waits, waits already, and what was rejected stays so.';

create function leads.requeue_changed_lead()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_same boolean := leads.is_same_offer(old, new);
begin
  if new.erased_at is not null then return new; end if;
  if not v_same then perform leads.refuse_if_bought(old); end if;
  if leads.is_begun(old) and (not v_same or leads.is_reworded(old, new) or new.requeued_at is distinct from old.requeued_at and new.requeued_at is not null) then
    new.requeued_at := now();
    new.status := 'new';
    new.qualification_status := 'pending';
    new.qualified_at := null;
    new.agent_id := null;
    new.reserved_until := null;
    new.callback_at := null;
    -- The recording is of whoever was called.
    new.has_audio_recording := false;
  end if;
  return new;
end;
$$;
create trigger requeue before update of first_name, company, city, sector, region, summary, requeued_at on leads.leads for each row
  when ((old.first_name, old.company, old.city, old.sector, old.region, old.summary, old.requeued_at)
    is distinct from (new.first_name, new.company, new.city, new.sector, new.region, new.summary, new.requeued_at))
  execute function leads.requeue_changed_lead();

-- The lead is locked before it is looked at: a sale that is under way is waited for.
create function leads.requeue_changed_contact()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_lead leads.leads;
begin
  if tg_op = 'UPDATE' and leads.is_same_person(old, new) then return new; end if;
  select l.* into v_lead from leads.leads l where l.id = old.lead_id for no key update;
  -- The lead is on its way out, or the person.
  if not found or v_lead.erased_at is not null then return coalesce(new, old); end if;
  perform leads.refuse_if_bought(v_lead);
  -- Whoever agreed was somebody else. A proof that comes with the change is written after it (0044, 0061, 0101).
  if tg_op = 'UPDATE' then delete from leads.lead_consents k where k.lead_id = v_lead.id; end if;
  if leads.is_begun(v_lead) then update leads.leads l set requeued_at = now() where l.id = v_lead.id; end if;
  return coalesce(new, old);
end;
$$;
create trigger requeue before update of last_name, email, phone, phone2 or delete on leads.lead_contacts
  for each row execute function leads.requeue_changed_contact();

-- At the end of the transaction, since others wait at the file (0048_qualify). Of many leads at once, as an import changes
-- them, the supplier is told once.
create function leads.tell_of_requeue()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_title constant text := 'Lead renvoyé aux agents';
  v_many constant text := 'Plusieurs de vos leads ont changé après leur qualification : ils retournent aux agents, et sont retirés de la vente d''ici là.';
  v_user uuid := (select s.user_id from leads.suppliers s where s.id = new.supplier_id);
  v_told platform.notifications;
begin
  select n.* into v_told from platform.notifications n where n.user_id = v_user and n.system = 'leads' order by n.id desc limit 1;
  if v_told.title = v_title and v_told.created_at = now() then
    update platform.notifications n set message = v_many where n.id = v_told.id and n.message <> v_many;
  else
    perform platform.notify(v_user, 'leads', 'warning', v_title, format('Votre lead %s (%s) a changé après avoir été confié aux agents : '
      'il retourne à la qualification, et est retiré de la vente d''ici là.', new.reference, new.sector));
  end if;
  perform platform.emit('leads', 'lead.requeued', jsonb_build_object('lead', new.reference));
  if new.import_id is not null then perform leads.advance_import(new.import_id); end if;
  return null;
end;
$$;
comment on function leads.tell_of_requeue is 'Trigger: tells the supplier, and the file that it has a lead to qualify again.';
create constraint trigger tell_of_requeue after update on leads.leads deferrable initially deferred for each row
  when (new.requeued_at is not null and new.requeued_at is distinct from old.requeued_at) execute function leads.tell_of_requeue();

-- sql/leads/0049_recording_uploads.sql

-- An agent puts the recording of a call below his own folder of the private bucket, and names it in his report. What he
-- put there and did not report is nobody's; only admins hear what is there (0013_calls).
create policy leads_recordings_insert on storage.objects for insert to authenticated
  with check (bucket_id = 'recordings' and split_part(name, '/', 1) = (select auth.uid())::text and (select platform.has_role('leads', 'agent')));

create function leads.recording_target(reference text, extension text)
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_lead leads.leads;
begin
  perform platform.require_role('leads', 'agent');
  if extension not in ('mp3', 'wav', 'm4a', 'ogg', 'webm') then
    perform leads.refuse_fields(leads.field_problem('extension', 'invalid_value', 'Formats acceptés : mp3, wav, m4a, ogg, webm.'));
  end if;
  select l.* into v_lead from leads.leads l where l.reference = recording_target.reference and l.withdrawn_at is null;
  if not found then perform platform.fail(404, 'lead_not_found', 'Ce lead est introuvable.'); end if;
  perform leads.refuse_unless_free(v_lead);
  return auth.uid() || '/' || v_lead.reference || '/' || gen_random_uuid() || '.' || extension;
end;
$$;

create function public.lead_recording(id text, extension text default 'mp3', out bucket text, out path text)
language sql
stable
security invoker
set search_path = ''
as $$ select 'recordings', leads.recording_target(id, coalesce(nullif(extension, ''), 'mp3')); $$;
comment on function public.lead_recording is 'POST /api/leads/:id/recording: where an agent may put the recording of his call.';
grant execute on function leads.recording_target, public.lead_recording to authenticated, service_role;

-- sql/leads/0050_accounts.sql

-- Accounts: what signing in answers, and what registering makes. Passwords, tokens and mails are Supabase Auth's.
-- The role that stands for somebody who holds several: the one that sees most.
create function leads.main_role(user_id uuid)
returns text
language sql
stable
security definer
set search_path = ''
as $$
  select m.role from platform.memberships m where m.user_id = main_role.user_id and m.system = 'leads'
  order by array_position(array['admin', 'agent', 'fournisseur', 'acheteur'], m.role) limit 1;
$$;
comment on function leads.main_role is 'The role in Leads Provider by which a person is shown; null without one.';

create function leads.my_account(
  out id text, out email text, out "firstName" text, out "lastName" text, out role text, out company text, out phone text
)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  if auth.uid() is null then
    perform platform.fail(401, 'authentication_required', 'Connectez-vous pour accéder à cette ressource.');
  end if;
  perform platform.refuse_suspended('leads');
  select coalesce(p.reference, p.id::text), p.email, p.first_name, p.last_name, leads.main_role(p.id), p.company, p.phone
  into id, email, "firstName", "lastName", role, company, phone
  from platform.profiles p where p.id = auth.uid();
  if email is null then
    perform platform.fail(401, 'invalid_token', 'Le jeton d''authentification est invalide. Reconnectez-vous.');
  end if;
end;
$$;

create function public.auth_me(
  out id text, out email text, out "firstName" text, out "lastName" text, out role text, out company text, out phone text
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from leads.my_account(); $$;
comment on function public.auth_me is 'GET /api/auth/me: who the caller is; 403 if suspended. The role is the platform''s, whatever metadata says.';

-- The known supplier whom an account would become: nobody's yet, with the account's address.
create function leads.known_supplier(user_id uuid)
returns uuid
language sql
stable
security definer
set search_path = ''
as $$
  select s.id from leads.suppliers s join platform.profiles p on lower(s.email) = lower(p.email)
  where p.id = known_supplier.user_id and s.email <> '' and s.user_id is null;
$$;
comment on function leads.known_supplier is 'The supplier without an account who has the address of this one; null if there is none.';

-- What a role needs besides the membership. An address alone makes nobody the supplier who is known by it: that is for an
-- admin to say, and until then the person has the role and no supplier. A suspended one stays so.
create function leads.open_role(user_id uuid, role text, supplier_status text, by_admin boolean)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_profile platform.profiles;
  v_known uuid;
begin
  select * into strict v_profile from platform.profiles p where p.id = open_role.user_id;
  if open_role.role = 'acheteur' then
    insert into leads.buyers (user_id) values (open_role.user_id) on conflict do nothing;
  elsif open_role.role = 'fournisseur' and not exists (select from leads.suppliers s where s.user_id = open_role.user_id) then
    v_known := leads.known_supplier(open_role.user_id);
    if v_known is not null then
      update leads.suppliers s set user_id = open_role.user_id, status = case when s.status = 'suspended' then s.status else supplier_status end
      where s.id = v_known and by_admin;
      return;
    end if;
    insert into leads.suppliers (user_id, contact_name, company, email, status)
    select open_role.user_id, v.name, coalesce(v_profile.company, v.name),
      case when exists (select from leads.suppliers s where lower(s.email) = lower(v_profile.email)) then '' else v_profile.email end,
      supplier_status
    from (select coalesce(nullif(btrim(v_profile.first_name || ' ' || v_profile.last_name), ''), v_profile.email) as name) v
    on conflict do nothing;
  end if;
end;
$$;
comment on function leads.open_role is 'Makes the supplier or buyer that goes with a role; by_admin ties the account to a supplier who is known by its address.';

create function leads.apply_registration()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform leads.open_role(new.user_id, new.role, 'pending_validation', false);
  if new.role = 'fournisseur' and leads.known_supplier(new.user_id) is not null then
    perform platform.notify(new.user_id, 'leads', 'info', 'Inscription à valider',
      'Votre adresse est confirmée. Un administrateur vérifie que vous êtes le fournisseur connu à cette adresse ; vos leads apparaîtront ensuite.');
    perform platform.notify(m.user_id, 'leads', 'warning', 'Fournisseur à rattacher',
      format('%s s''est inscrit avec l''adresse d''un fournisseur connu. Acceptez le compte pour le rattacher.', p.email))
    from platform.memberships m, platform.profiles p
    where m.system = 'leads' and m.role = 'admin' and m.status = 'active' and p.id = new.user_id;
  end if;
  return null;
end;
$$;
comment on function leads.apply_registration is 'Trigger: who registered here has proven his address.';
create trigger apply_to_leads after update of applied_at on platform.registrations
  for each row when (new.system = 'leads' and old.applied_at is null and new.applied_at is not null) execute function leads.apply_registration();

create function public.auth_register("userId" uuid, role text, profile jsonb)
returns void language sql security invoker set search_path = ''
as $$ select platform.register("userId", 'leads', role, profile); $$;
create function public.auth_register_again(email text, role text, profile jsonb)
returns boolean language sql security invoker set search_path = ''
as $$ select platform.register_again(email, 'leads', role, profile); $$;
create function public.auth_take_attempts(rules text[], subjects text[])
returns integer language sql security invoker set search_path = ''
as $$ select platform.take_attempts('auth', rules, subjects); $$;
create function public.auth_release_attempts(rules text[], subjects text[])
returns void language sql security invoker set search_path = ''
as $$ select platform.release_attempts('auth', rules, subjects); $$;
create function public.auth_accept_attempts(rules text[], subjects text[])
returns void language sql security invoker set search_path = ''
as $$ select platform.accept_attempts('auth', rules, subjects); $$;
create function public.auth_forget_attempts(rules text[], subjects text[])
returns void language sql security invoker set search_path = ''
as $$ select platform.forget_attempts('auth', rules, subjects); $$;

comment on function public.auth_register is 'For the functions alone: the second half of POST /api/auth/register, after Auth made the account.';
comment on function public.auth_register_again is 'For the functions alone: an address registers again that nobody has proven; false where it is none.';
comment on function public.auth_take_attempts is 'For the functions alone: counts an attempt by the rules; answers 0, or the seconds to wait.';
comment on function public.auth_release_attempts is 'For the functions alone: gives an attempt back that was not made.';
comment on function public.auth_accept_attempts is 'For the functions alone: gives an attempt back that succeeded, and knows its device.';
comment on function public.auth_forget_attempts is 'For the functions alone: forgets the attempts after a new password.';
grant execute on function leads.main_role, leads.my_account, public.auth_me to authenticated, service_role;
grant execute on function public.auth_register, public.auth_register_again,
  public.auth_take_attempts, public.auth_release_attempts, public.auth_accept_attempts, public.auth_forget_attempts to service_role;

-- sql/leads/0051_users_api.sql

-- The admin's users page. Every function asks for the role first; the rules are in platform/0013.

create function leads.user_id_of(id text)
returns uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_uuid uuid;
  v_user uuid;
begin
  -- First of all: whoever may not ask must not learn who exists.
  perform platform.require_role('leads', 'admin');
  if pg_input_is_valid(id, 'uuid') then v_uuid := id; end if;
  select p.id into v_user from platform.profiles p
  where p.reference = user_id_of.id or p.id = v_uuid
    or p.id = (select u.id from auth.users u where u.email = lower(user_id_of.id) limit 1);
  if v_user is null then perform platform.fail(404, 'user_not_found', 'Cet utilisateur n''existe pas.'); end if;
  return v_user;
end;
$$;
comment on function leads.user_id_of is 'The user whom an id of the API names, a short reference, the uuid or the e-mail; for admins.';

-- Without asking for a role: an admin who has just taken his own away still gets his answer.
create function leads.member_rows(search text, role_filter text, page_size integer, page_offset integer, only_id uuid)
returns table (
  id text, email text, "firstName" text, "lastName" text, role text, company text, phone text, status text,
  "createdAt" text, "lastSignInAt" text, "emailConfirmedAt" text, "knownSupplier" jsonb
)
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(p.reference, p.id::text), p.email, p.first_name, p.last_name, coalesce(leads.main_role(p.id), r.role), p.company, p.phone,
    case
      when (select bool_and(m.status = 'suspended') from platform.memberships m where m.user_id = p.id and m.system = 'leads') then 'suspended'
      when u.email_confirmed_at is null then 'unconfirmed'
      when exists (select from leads.suppliers s where s.user_id = p.id and s.status = 'pending_validation') or (k.id is not null and r.role = 'fournisseur')
        then 'pending_validation'
      else 'active' end,
    platform.iso_timestamp(p.created_at), platform.iso_timestamp(u.last_sign_in_at), platform.iso_timestamp(u.email_confirmed_at),
    case when k.id is not null then jsonb_build_object('id', k.reference, 'company', k.company, 'status', k.status) end
  from platform.profiles p join auth.users u on u.id = p.id
  left join platform.registrations r on r.user_id = p.id and r.system = 'leads'
  left join leads.suppliers k on k.id = leads.known_supplier(p.id)
  where case
      when role_filter = 'none' then r.user_id is null and leads.main_role(p.id) is null
      else r.user_id is not null and r.applied_at is null and (role_filter is null or r.role = role_filter)
        or exists (
          select from platform.memberships m
          where m.user_id = p.id and m.system = 'leads' and (role_filter is null or m.role = role_filter)) end
    and (only_id is null or p.id = only_id)
    and platform.searched_text(p.first_name, p.last_name, p.company, p.email) like all (array(
      select platform.like_pattern(w) from regexp_split_to_table(btrim(search), '\s+') w where w <> ''))
  order by p.created_at desc, p.id desc
  limit page_size offset page_offset;
$$;
comment on function leads.member_rows is
  'The members of Leads Provider as the admin sees them, newest first, and who has registered; role_filter none: the accounts without a role.';

create function leads.members(search text, role_filter text, page_size integer, page_offset integer)
returns table (
  id text, email text, "firstName" text, "lastName" text, role text, company text, phone text, status text,
  "createdAt" text, "lastSignInAt" text, "emailConfirmedAt" text, "knownSupplier" jsonb
)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin');
  return query select * from leads.member_rows(search, role_filter, page_size, page_offset, null);
end;
$$;
comment on function leads.members is 'The members of Leads Provider, for an admin.';

create function leads.member(user_id uuid)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$ select to_jsonb(m) from leads.member_rows(null, null, 1, 0, user_id) m; $$;
comment on function leads.member is 'One member, as the list shows him.';

create function public.admin_users(search text default null, role_filter text default null, page_size integer default 100, page_offset integer default 0)
returns table (
  id text, email text, "firstName" text, "lastName" text, role text, company text, phone text, status text,
  "createdAt" text, "lastSignInAt" text, "emailConfirmedAt" text, "knownSupplier" jsonb
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from leads.members(search, role_filter, least(page_size, 1000), page_offset); $$;
comment on function public.admin_users is 'GET /api/admin/users: the members, newest first; search by name, company and e-mail.';

-- Asked before Auth makes the account, so that a refusal leaves none behind.
create function leads.check_new_user(email text, role text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin');
  if not exists (select from platform.system_roles r where r.system = 'leads' and r.role = check_new_user.role) then
    perform platform.fail(422, 'invalid_fields', 'Certains champs sont invalides.',
      '[{"field": "role", "code": "invalid_value", "message": "Ce rôle n''existe pas."}]');
  end if;
  perform platform.discard_unproven(email);
  if exists (select from auth.users u where u.email = lower(btrim(check_new_user.email))) then
    perform platform.fail(409, 'email_taken', 'Un compte existe déjà avec cette adresse e-mail.',
      'Changez le rôle de ce compte.');
  end if;
end;
$$;

create function leads.add_user(user_id uuid, role text, profile jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin');
  if exists (select from platform.memberships m where m.user_id = add_user.user_id and m.system = 'leads') then
    perform platform.fail(409, 'email_taken', 'Un compte existe déjà avec cette adresse e-mail.');
  end if;
  perform platform.require_proven(add_user.user_id);
  perform platform.change_role(add_user.user_id, 'leads', add_user.role);
  perform platform.fill_profile(add_user.user_id, profile);
  perform leads.open_role(add_user.user_id, add_user.role, 'active', true);
  return leads.member(add_user.user_id);
end;
$$;

create function leads.change_user_role(user_id uuid, role text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin');
  perform platform.require_proven(change_user_role.user_id);
  perform platform.change_role(change_user_role.user_id, 'leads', change_user_role.role);
  perform leads.open_role(change_user_role.user_id, change_user_role.role, 'active', true);
  return leads.member(change_user_role.user_id);
end;
$$;

-- The supplier's own status goes along, so that who is suspended is not paid; to reactivate is also how an admin accepts
-- a supplier who has registered, and ties him to the one who is known by his address: a suspended one takes a second word.
-- His bank account is not looked at here: one that nobody has validated still waits for it.
create function leads.set_user_status(user_id uuid, status text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_role text := leads.main_role(set_user_status.user_id);
  v_supplier uuid;
  v_status text := status;
begin
  perform platform.require_role('leads', 'admin');
  if v_role is null then
    if exists (select from platform.registrations r where r.user_id = set_user_status.user_id and r.system = 'leads') then
      perform platform.require_proven(set_user_status.user_id);
    end if;
    perform platform.fail(404, 'user_not_found', 'Cet utilisateur n''existe pas.');
  end if;
  perform platform.set_member_status(set_user_status.user_id, 'leads', set_user_status.status);
  select s.id into v_supplier from leads.suppliers s where s.user_id = set_user_status.user_id for no key update;
  if v_supplier is null and status = 'active' and v_role = 'fournisseur' then
    perform platform.require_proven(set_user_status.user_id);
    perform leads.open_role(set_user_status.user_id, v_role, 'active', true);
    return leads.member(set_user_status.user_id);
  end if;
  if status = 'active' and exists (select from leads.supplier_accounts a where a.supplier_id = v_supplier and not a.validated) then
    v_status := 'pending_validation';
  end if;
  update leads.suppliers s set status = v_status where s.id = v_supplier and s.status <> v_status;
  return leads.member(set_user_status.user_id);
end;
$$;

create function public.admin_user_check(email text, role text)
returns void language sql security invoker set search_path = ''
as $$ select leads.check_new_user(email, role); $$;
create function public.admin_user_add("userId" uuid, role text, profile jsonb)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.add_user("userId", role, profile); $$;
create function public.admin_user_role(id text, role text)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.change_user_role(leads.user_id_of(id), role); $$;
create function public.admin_user_suspend(id text)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.set_user_status(leads.user_id_of(id), 'suspended'); $$;
create function public.admin_user_reactivate(id text)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.set_user_status(leads.user_id_of(id), 'active'); $$;

comment on function leads.check_new_user is 'Refuses a new user whom the caller may not make.';
comment on function leads.add_user is 'Gives an account that Auth has just made its role.';
comment on function public.admin_user_check is 'POST /api/admin/users, before Auth makes the account: refuses what would be refused afterwards, and removes an account that nobody has proven.';
comment on function public.admin_user_add is 'POST /api/admin/users, after Auth made the account: gives it its role.';
comment on function public.admin_user_role is 'PUT /api/admin/users/:id/role: the one role that the user holds from now on.';
comment on function public.admin_user_suspend is 'POST /api/admin/users/:id/suspend: refused from the next request on, whatever token he has.';
comment on function public.admin_user_reactivate is 'POST /api/admin/users/:id/reactivate: ends a suspension; accepts a supplier who has registered.';
grant execute on function leads.members, leads.user_id_of, leads.check_new_user, leads.add_user, leads.change_user_role, leads.set_user_status,
  public.admin_users, public.admin_user_check, public.admin_user_add, public.admin_user_role, public.admin_user_suspend,
  public.admin_user_reactivate to authenticated, service_role;

-- sql/leads/0052_notifications_api.sql

-- A person's own notifications, whatever his role.

create view public.notifications with (security_invoker = true) as
select n.reference as id, n.type, n.title, n.message, n.read, platform.iso_timestamp(n.created_at) as "createdAt"
from platform.notifications n
where (select platform.require_role('leads', 'admin', 'fournisseur', 'agent', 'acheteur'))
  and n.user_id = (select auth.uid()) and n.system = 'leads'
order by n.id desc;
comment on view public.notifications is 'GET /api/notifications: the notifications of who asks, newest first.';

create function public.notifications_unread_count(out count bigint)
language sql
stable
security invoker
set search_path = ''
as $$ select count(*) from public.notifications n where not n.read; $$;
comment on function public.notifications_unread_count is 'GET /api/notifications/unread-count: how many the caller has not read.';

create function public.notifications_mark_read(id text)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_found jsonb;
begin
  perform platform.require_role('leads', 'admin', 'fournisseur', 'agent', 'acheteur');
  update platform.notifications n set read = true
  where n.reference = notifications_mark_read.id and n.user_id = auth.uid() and n.system = 'leads' and not n.read;
  select to_jsonb(n) into v_found from public.notifications n where n.id = notifications_mark_read.id;
  if v_found is null then perform platform.fail(404, 'notification_not_found', 'Cette notification n''existe pas.'); end if;
  return v_found;
end;
$$;
comment on function public.notifications_mark_read is 'POST /api/notifications/:id/read: marks one of the caller''s own as read.';

create function public.notifications_mark_all_read(out updated bigint)
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin', 'fournisseur', 'agent', 'acheteur');
  update platform.notifications n set read = true
  where n.user_id = auth.uid() and n.system = 'leads' and not n.read;
  get diagnostics updated = row_count;
end;
$$;
comment on function public.notifications_mark_all_read is 'POST /api/notifications/read-all: marks all of the caller''s own as read.';

create trigger refuse_write instead of insert or update or delete on public.notifications for each row execute function leads.refuse_write();
grant select on public.notifications to authenticated, service_role;
grant execute on function public.notifications_unread_count, public.notifications_mark_read, public.notifications_mark_all_read
  to authenticated, service_role;

-- sql/leads/0053_own_profile_api.sql

-- GET and POST /api/users/me and /api/users/search: the account calls of the front end, one path for every role.

create function leads.own_profile()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_account record := leads.my_account();
  v_profile platform.profiles;
begin
  select p.* into v_profile from platform.profiles p where p.id = auth.uid();
  return to_jsonb(v_account)
    || case v_account.role
      when 'fournisseur' then (select to_jsonb(f) from leads.fournisseur_profile() f)
      when 'agent' then (select to_jsonb(a) from leads.agent_profile() a)
      when 'acheteur' then (select to_jsonb(b) from leads.acheteur_profile() b)
      else jsonb_build_object('createdAt', platform.iso_timestamp(v_profile.created_at)) end
    || jsonb_build_object('username', v_profile.email, 'avatar', v_profile.avatar, 'bio', coalesce(v_profile.bio, ''),
      'displayName', coalesce(v_profile.display_name, btrim(v_profile.first_name || ' ' || v_profile.last_name)));
end;
$$;
comment on function leads.own_profile is 'The profile of who asks, with what his role adds; 401 without a token.';

create function public.users_me()
returns jsonb language sql stable security invoker set search_path = ''
as $$ select leads.own_profile(); $$;
comment on function public.users_me is 'GET /api/users/me: the profile of who asks, whatever his role.';

create function public.users_me_change(profile jsonb)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform leads.my_account();
  -- A picture that others are shown is one of those that its owner has uploaded here.
  if not starts_with(profile ->> 'avatar', '/storage/v1/object/public/avatars/' || auth.uid() || '/') then
    perform platform.fail(422, 'invalid_fields', 'Certains champs sont invalides.',
      '[{"field": "avatar", "code": "invalid_value", "message": "Envoyez une image : son adresse en vient."}]');
  end if;
  update platform.profiles p set
    phone = case when profile ? 'phone' then nullif(btrim(profile ->> 'phone'), '') else p.phone end,
    bio = case when profile ? 'bio' then nullif(btrim(profile ->> 'bio'), '') else p.bio end,
    display_name = case when profile ? 'displayName' then nullif(btrim(profile ->> 'displayName'), '') else p.display_name end,
    avatar = case when profile ? 'avatar' then profile ->> 'avatar' else p.avatar end
  where p.id = auth.uid();
  return leads.own_profile();
end;
$$;
comment on function public.users_me_change is 'POST /api/users/me: what is given changes, what is not stays. An e-mail is changed by Auth.';

-- A stranger, and a member who looks for somebody else, learn nothing: not even whether the address has an account.
create function leads.find_profile(username text)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_user uuid := (select u.id from auth.users u where u.email = lower(btrim(username)) limit 1);
begin
  perform platform.refuse_suspended('leads');
  if v_user = auth.uid() then return to_jsonb(leads.my_account()); end if;
  if v_user is null or not platform.has_role('leads', 'admin') then return null; end if;
  return (select to_jsonb(m) - array['status', 'createdAt', 'lastSignInAt'] from leads.member_rows(null, null, 1, 0, v_user) m);
end;
$$;
comment on function leads.find_profile is 'The account of an address, to its owner and to an admin; null to everybody else.';

create function public.users_search(username text default '')
returns jsonb language sql stable security invoker set search_path = ''
as $$ select leads.find_profile(username); $$;
comment on function public.users_search is 'GET /api/users/search: an account by its address (the user name); null where there is none for the caller.';

grant execute on function leads.own_profile, public.users_me, public.users_me_change to authenticated, service_role;
grant execute on function leads.find_profile, public.users_search to anon, authenticated, service_role;

-- A picture is for whoever has its address, which nobody can guess.
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values ('avatars', 'avatars', true, 2097152, array['image/png', 'image/jpeg', 'image/webp', 'image/gif']) on conflict (id) do nothing;

-- sql/leads/0053_rate_limits_api.sql

-- The limits as rows that an admin reads and changes. Audited from here on: the rows to begin with are nobody's change.
select platform.audit('platform.rate_limit_rules');

create view public.admin_rate_limits with (security_invoker = true) as
select r.name as id, r.description, r.allowed, extract(epoch from r.period)::integer as "periodSeconds",
  platform.iso_timestamp(r.updated_at) as "updatedAt"
from platform.rate_limit_rules r
where (select platform.require_role('leads', 'admin')) and r.system in ('leads', 'auth')
order by r.name;
comment on view public.admin_rate_limits is 'GET /api/admin/rate-limits: how many attempts of each kind are allowed within a period.';

create function leads.change_rate_limit(id text, allowed integer, period_seconds integer)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin');
  update platform.rate_limit_rules r
  set allowed = change_rate_limit.allowed, period = make_interval(secs => period_seconds)
  where r.system in ('leads', 'auth') and r.name = change_rate_limit.id;
  if not found then perform platform.fail(404, 'rate_limit_not_found', 'Cette limite n''existe pas.'); end if;
end;
$$;
comment on function leads.change_rate_limit is 'Changes a limit of Leads Provider, or of signing in, for an admin.';

create function public.admin_rate_limit_change(id text, allowed integer, "periodSeconds" integer)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform leads.change_rate_limit(id, allowed, "periodSeconds");
  return (select to_jsonb(r) from public.admin_rate_limits r where r.id = admin_rate_limit_change.id);
end;
$$;
comment on function public.admin_rate_limit_change is 'PUT /api/admin/rate-limits/:id: changes a limit; it holds from the next attempt.';

create trigger refuse_write instead of insert or update or delete on public.admin_rate_limits for each row execute function leads.refuse_write();
grant select on public.admin_rate_limits to authenticated, service_role;
grant execute on function leads.change_rate_limit, public.admin_rate_limit_change to authenticated, service_role;

-- sql/leads/0055_import_uploads.sql

-- A file that was uploaded is kept in Storage before its import is accepted, so that no crash loses it. Whoever works
-- at it holds it for a minute at a time; one that is held by nobody is taken by the next who looks.
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
  values ('imports', 'imports', false, 52428800, '{text/csv,application/vnd.ms-excel,application/zip,application/gzip}')
  on conflict (id) do update set public = false, file_size_limit = excluded.file_size_limit, allowed_mime_types = excluded.allowed_mime_types;

create table leads.import_files (
  import_id uuid primary key references leads.imports (id) on delete cascade,
  path text not null unique,
  attempts integer not null default 0 check (attempts >= 0),
  held_until timestamptz,
  created_at timestamptz not null default now(),
  keep_until timestamptz not null default now() + interval '30 days'
);
alter table leads.import_files enable row level security;
create index import_files_keep on leads.import_files (keep_until);
comment on table leads.import_files is 'The files that were uploaded, and who works at them.';
comment on column leads.import_files.path is 'In the private bucket imports.';
comment on column leads.import_files.attempts is 'How often somebody began to work at it.';
comment on column leads.import_files.keep_until is 'When the file is taken away: 30 days later, or at once when a person is erased, who may be in it.';
comment on column leads.import_files.held_until is 'Until when somebody works at it, unless he says so again; null before the first time.';
create policy select_admin on leads.import_files for select to authenticated using ((select platform.has_role('leads', 'admin')));
grant select on leads.import_files to authenticated, service_role;

create function leads.accept_upload(
  supplier_id uuid, file_name text, path text, sha256 bytea, on_duplicate text, reading jsonb, out reference text, out opened boolean
)
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_import record := leads.open_import(supplier_id, file_name, sha256, on_duplicate, reading);
begin
  if v_import.opened then
    insert into leads.import_files (import_id, path) values (v_import.id, accept_upload.path);
  end if;
  reference := v_import.reference;
  opened := v_import.opened;
end;
$$;
comment on function leads.accept_upload is
  'Opens the import of a file that lies in Storage; claim_upload gives it to whoever works at it. Not opened: the file has come in before, and is not needed.';

-- What a crash has left staged goes when the file is staged again (begin_staging): it is read from its start. A file at
-- which three workers died is given to no fourth. Suppliers take turns, whoever sends how many files.
create function leads.claim_upload(
  out id uuid, out supplier_id uuid, out path text, out on_duplicate text, out reading jsonb, out attempts integer
)
language plpgsql
security definer
set search_path = ''
as $$
begin
  loop
    select f.import_id, f.attempts into claim_upload.id, claim_upload.attempts
    from leads.import_files f join leads.imports i on i.id = f.import_id
    cross join lateral (
      select count(*) filter (where h.held_until >= clock_timestamp() and o.status = 'processing') as held, max(h.held_until) as last
      from leads.import_files h join leads.imports o on o.id = h.import_id where o.supplier_id = i.supplier_id
    ) own
    where i.status = 'processing' and (f.held_until is null or f.held_until < clock_timestamp())
    order by own.held, own.last nulls first, f.import_id limit 1 for update of f skip locked;
    if claim_upload.id is null then return; end if;
    exit when claim_upload.attempts < 3;
    perform leads.fail_import(claim_upload.id,
      'L''import s''est interrompu trois fois : ce fichier est trop lourd ou endommagé. Découpez-le, ou enregistrez-le en « CSV UTF-8 ».');
  end loop;

  update leads.import_files f set held_until = clock_timestamp() + interval '1 minute', attempts = f.attempts + 1
  where f.import_id = claim_upload.id
  returning f.path, f.attempts into claim_upload.path, claim_upload.attempts;
  select i.supplier_id, i.on_duplicate, i.reading into claim_upload.supplier_id, claim_upload.on_duplicate, claim_upload.reading
  from leads.imports i where i.id = claim_upload.id;
end;
$$;
comment on function leads.claim_upload is
  'The oldest upload that nobody works at, of the supplier whose turn it is, held for a minute; nulls where there is none.';

create function leads.hold_upload(import_id uuid)
returns void
language sql
security definer
set search_path = ''
as $$
  update leads.import_files f set held_until = clock_timestamp() + interval '1 minute' where f.import_id = hold_upload.import_id;
$$;
comment on function leads.hold_upload is 'Says that the upload is still being worked at: another minute.';

create function leads.unnamed_uploads()
returns table (path text, created_at timestamptz)
language sql
stable
security definer
set search_path = ''
as $$
  select o.name, o.created_at from storage.objects o
  where o.bucket_id = 'imports' and not exists (select from leads.import_files f where f.path = o.name);
$$;
comment on function leads.unnamed_uploads is 'Files that were put into the bucket and that no import has named.';

-- A file is personal data that nobody needs once its refused rows are corrected.
create function leads.outdated_uploads()
returns table (id uuid, path text)
language sql
stable
security definer
set search_path = ''
as $$
  (select f.import_id, f.path from leads.import_files f join leads.imports i on i.id = f.import_id
    where i.status <> 'processing' and f.keep_until <= now() order by f.keep_until limit 100)
  union all
  (select null, u.path from leads.unnamed_uploads() u where u.created_at < now() - interval '1 day' limit 100);
$$;
comment on function leads.outdated_uploads is 'Uploaded files that have been kept long enough, the oldest first, and those that no import names (id null).';

create function leads.forget_upload(import_id uuid)
returns void
language sql
security definer
set search_path = ''
as $$ delete from leads.import_files f where f.import_id = forget_upload.import_id; $$;
comment on function leads.forget_upload is 'After the file itself is gone from Storage.';
grant execute on function leads.outdated_uploads, leads.forget_upload, leads.accept_upload, leads.claim_upload, leads.hold_upload to service_role;

-- sql/leads/0056_imports_api.sql

-- Imports as their supplier follows them; an admin follows all.

create view public.imports with (security_invoker = true) as
select i.reference as id, i.file_name as "fileName", s.contact_name as fournisseur, s.company, i.upload_date as "uploadDate",
  platform.iso_timestamp(i.created_at) as "createdAt", i.status, i.total as read, coalesce(i.inserted, i.valid) as inserted,
  coalesce(i.updated, 0) as updated,
  json_build_object('total', i.duplicates, 'inFile', coalesce(i.duplicates_in_file, 0), 'ofSupplier', coalesce(i.duplicates_of_supplier, i.duplicates),
    'alreadySold', coalesce(i.duplicates_sold, 0), 'onPlatform', coalesce(i.duplicates_on_platform, 0)) as duplicates,
  i.invalid, i.processing_time as "processingTime", i.failure, platform.iso_timestamp(i.undone_at) as "undoneAt"
from leads.imports i join leads.suppliers s on s.id = i.supplier_id
where (select platform.require_role('leads', 'admin', 'fournisseur'))
  -- An agent may read every import; somebody who is a supplier as well is shown his own here.
  and (i.supplier_id = (select leads.my_supplier_id()) or (select platform.has_role('leads', 'admin')))
order by i.id desc;
comment on view public.imports is 'GET /api/imports: the caller''s own files, newest first; for an admin every file.';

create function public.import_detail(id text)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_found jsonb;
begin
  perform platform.require_role('leads', 'admin', 'fournisseur');
  select to_jsonb(i) into v_found from public.imports i where i.id = import_detail.id;
  if v_found is null then perform platform.fail(404, 'import_not_found', 'Cet import est introuvable.'); end if;
  return v_found || jsonb_build_object('reasons', (
    select coalesce(jsonb_agg(t), '[]') from (
      select r.field, r.code, count(*) as rows, (array_agg(r.message order by r.line))[1] as example
      from leads.imports i join leads.import_rejects r on r.import_id = i.id
      where i.reference = import_detail.id group by 1, 2 order by 3 desc, 1, 2) t));
end;
$$;
comment on function public.import_detail is 'GET /api/imports/:id: where an import is, its counts and why rows were refused.';

create function leads.supplier_of_upload(named text, required boolean)
returns uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin', 'fournisseur');
  if named is null and not required and platform.has_role('leads', 'admin') then return leads.my_supplier_id(); end if;
  return leads.supplier_of_new_lead(named);
end;
$$;

insert into leads.work_rules (name, value, description) values
  ('import_unvalidated_megabytes', '1', 'Taille des fichiers qu''un fournisseur pas encore validé peut envoyer, en Mo ; null : comme les autres');

-- Who is not known yet has no large file read for him.
create function leads.refuse_large_upload(supplier_id uuid, bytes bigint)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_megabytes numeric := (leads.work_rule('import_unvalidated_megabytes') #>> '{}')::numeric;
begin
  if bytes <= v_megabytes * 1024 * 1024 or platform.has_role('leads', 'admin') then return; end if;
  perform from leads.suppliers s where s.id = refuse_large_upload.supplier_id and s.status <> 'active';
  if found and v_megabytes is not null and bytes is not null then
    perform platform.fail(413, 'file_too_large_unvalidated',
      format('Votre compte n''est pas encore validé : envoyez des fichiers de %s Mo au plus.', v_megabytes));
  end if;
end;
$$;
comment on function leads.refuse_large_upload is 'Refuses a large file of a supplier whom nobody has validated; an admin sends what he likes.';

create function public.import_supplier(fournisseur text default null, required boolean default true, bytes bigint default null)
returns uuid
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_supplier uuid := leads.supplier_of_upload(nullif(btrim(fournisseur), ''), required);
begin
  perform leads.refuse_large_upload(v_supplier, bytes);
  return v_supplier;
end;
$$;
comment on function public.import_supplier is
  'POST /api/imports, first step: whose file it is, of so many bytes; refuses who may not import. Not required: null for an admin who has not said yet.';

create trigger refuse_write instead of insert or update or delete on public.imports for each row execute function leads.refuse_write();
grant select on public.imports to authenticated, service_role;
grant execute on function public.import_detail, public.import_supplier, leads.supplier_of_upload, leads.refuse_large_upload to authenticated, service_role;

-- sql/leads/0057_direct_uploads.sql

-- A large file goes into Storage by an address that is signed for it, and its import then names where it lies: no function
-- ever holds it. What is put there and named by no import is taken away after a day (outdated_uploads), and so much may
-- wait at once.
create function leads.upload_place(named text)
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_supplier uuid := leads.supplier_of_upload(named, true);
begin
  -- Nobody knows yet how large it becomes: as the largest that the bucket takes.
  perform leads.refuse_large_upload(v_supplier, (select b.file_size_limit from storage.buckets b where b.id = 'imports'));
  if (select count(*) from leads.unnamed_uploads() u where starts_with(u.path, v_supplier || '/')) >= 20 then
    perform platform.fail(429, 'too_many_uploads', 'Trop de fichiers déposés attendent leur import.', 'Importez-les, ou réessayez demain.');
  end if;
  return v_supplier || '/' || gen_random_uuid();
end;
$$;
comment on function leads.upload_place is 'Where a supplier''s next file may be put; 413 for who may send no large one, 429 while twenty wait.';

create function public.import_upload(fournisseur text default null, out bucket text, out path text)
language sql
stable
security invoker
set search_path = ''
as $$ select 'imports', leads.upload_place(nullif(btrim(fournisseur), '')); $$;
comment on function public.import_upload is 'POST /api/imports/upload: where a large file may be put, to be named by its import.';
grant execute on function leads.upload_place, public.import_upload to authenticated, service_role;

-- sql/leads/0060_oppositions.sql

-- People who do not want to be contacted. Their addresses must not come back, and must not be kept either: what is kept is
-- a hash of the e-mail or telephone in its canonical form. A telephone is soon guessed from a bare hash, so the hash is
-- taken together with a secret of this database, which only the owner reads; it is drawn when it is first needed.
create table leads.person_pepper (
  singleton boolean primary key default true check (singleton),
  pepper bytea not null
);
alter table leads.person_pepper enable row level security;
comment on table leads.person_pepper is 'The secret with which e-mails and telephones are hashed. Nobody but the owner reads it.';
create policy select_nobody on leads.person_pepper for select to anon, authenticated using (false);

create table leads.oppositions (
  value_hash bytea primary key,
  kind text not null check (kind in ('email', 'phone')),
  reason text not null,
  created_at timestamptz not null default now()
);
alter table leads.oppositions enable row level security;
comment on table leads.oppositions is 'E-mails and telephones that no file and no form may bring in again, hashed.';
create policy select_admin on leads.oppositions for select to authenticated using ((select platform.has_role('leads', 'admin')));
grant select on leads.oppositions to authenticated, service_role;

create function leads.pepper()
returns bytea
language plpgsql
security definer
set search_path = ''
as $$
begin
  if not exists (select from leads.person_pepper) then
    insert into leads.person_pepper (pepper)
    values (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))) on conflict do nothing;
  end if;
  return (select p.pepper from leads.person_pepper p);
end;
$$;
comment on function leads.pepper is 'The secret of the hashes; drawn at the first call.';

create function leads.person_hash(pepper bytea, value text)
returns bytea
language sql
immutable
strict
parallel safe
set search_path = ''
as $$ select sha256(pepper || convert_to(value, 'utf8')); $$;
comment on function leads.person_hash is 'What is kept of a canonical e-mail or telephone.';

-- What somebody typed, in the form in which contacts are kept: it goes the way of an import's row.
create function leads.person_of(written text, out email text, out phone text)
language plpgsql
set search_path = ''
as $$
declare
  v_import uuid := gen_random_uuid();
begin
  insert into leads.import_rows (import_id, line, email, phone)
  values (v_import, 1, case when written like '%@%' then written end, case when written not like '%@%' then written end);
  select v.email, v.phone into email, phone from leads.import_values(v_import, 1, 1) v;
  delete from leads.import_rows r where r.line = 1 and r.import_id = v_import;
  if email is null and phone is null then
    perform platform.fail(422, 'invalid_person', 'Une adresse e-mail ou un numéro de téléphone est attendu.');
  end if;
end;
$$;
comment on function leads.person_of is 'The canonical e-mail or telephone that is meant; 422 if it is neither.';

create function leads.oppose(emails text[], phones text[], reason text)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_pepper bytea := leads.pepper();
  v_rows bigint;
begin
  insert into leads.oppositions (value_hash, kind, reason)
  select leads.person_hash(v_pepper, v.value), v.kind, oppose.reason
  from (select distinct e, 'email' from unnest(emails) e where e is not null
    union select distinct p, 'phone' from unnest(phones) p where p is not null) v (value, kind)
  on conflict do nothing;
  get diagnostics v_rows = row_count;
  return v_rows;
end;
$$;
comment on function leads.oppose is 'Notes canonical e-mails and telephones as opposed; answers how many were not yet.';

-- A step of check_import_rows (0032): the rows of people who are opposed get that as a problem.
create function leads.mark_opposed_rows(import_id uuid, from_line integer, last_line integer)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_pepper bytea;
begin
  if not exists (select from leads.oppositions) then return; end if;
  v_pepper := leads.pepper();
  update leads.import_checked c set problems = concat_ws(' ', nullif(c.problems, ''), found.problems)
  from (
    select opposed.line, string_agg(opposed.problem, ' ' order by opposed.problem) as problems
    from (
      select r.line, 'email/opposed' as problem
      from leads.import_checked r join leads.oppositions o on o.value_hash = leads.person_hash(v_pepper, r.email)
      where r.import_id = mark_opposed_rows.import_id and r.line between from_line and last_line
      union all
      select r.line, 'phone/opposed'
      from leads.import_checked r join leads.oppositions o on o.value_hash = leads.person_hash(v_pepper, r.phone)
      where r.import_id = mark_opposed_rows.import_id and r.line between from_line and last_line
      union all
      select r.line, 'phone2/opposed'
      from leads.import_checked r join leads.oppositions o on o.value_hash = leads.person_hash(v_pepper, r.phone2)
      where r.import_id = mark_opposed_rows.import_id and r.line between from_line and last_line and r.phone2 is not null
    ) opposed group by opposed.line
  ) found
  where c.import_id = mark_opposed_rows.import_id and c.line = found.line and c.problems not like 'ligne/%';
end;
$$;
comment on function leads.mark_opposed_rows is 'Marks the checked rows whose e-mail or a telephone is opposed.';

-- sql/leads/0061_import_consents.sql

-- The proof of consent that a file brings (0042_consents), in five columns of their own. A row says all of it or nothing:
-- half a proof proves nothing, and is refused as it is in POST /api/leads. A file without these columns costs nothing.

-- 03/04/2026 alone is anybody's guess; in a column one 25/04/2026 tells for all of them, since whoever wrote it wrote them all.
create function leads.consent_date_order(import_id uuid)
returns text
language sql
stable
security definer
set search_path = ''
as $$
  select case when count(*) filter (where p.parts[2]::integer > 12) > count(*) filter (where p.parts[1]::integer > 12) then 'month_first'
    when count(*) > 0 then 'day_first' end
  from leads.import_rows r
  cross join lateral (values (r.consent_at), (r.collected_at)) as d (written)
  cross join lateral regexp_match(platform.clean_text(d.written), '^(\d{1,2})[/.-](\d{1,2})[/.-]\d{2}') as p (parts)
  where r.import_id = consent_date_order.import_id and p.parts is not null;
$$;
comment on function leads.consent_date_order is 'The order of day and month in the staged dates of consent and collection: day_first, month_first; null where none needs it.';
grant execute on function leads.consent_date_order to service_role;

-- Fills in the proofs of the checked rows and marks those that are not whole.
create function leads.check_import_consents(import_id uuid, from_line integer, last_line integer, month_first boolean)
returns void
language plpgsql
set search_path = ''
set timezone = 'Europe/Paris'
set enable_nestloop = off
as $$
begin
  if not exists (
    select from leads.import_rows r where r.import_id = check_import_consents.import_id and r.line between from_line and last_line
      and coalesce(r.consent_text_version, r.consent_url, r.consent_ip, r.consent_at, r.consent_recipients) is not null
  ) then return; end if;

  update leads.import_checked c set consent_text_version = s.text_version, consent_url = s.url, consent_ip = s.ip, consent_at = s.given_at,
    consent_recipients = s.recipients,
    problems = case when c.problems like 'ligne/%' then c.problems else concat_ws(' ', nullif(c.problems, ''),
      case when s.text_version is null or length(s.text_version) > 200 then 'consentTextVersion/invalid_consent' end,
      case when s.url is null or s.url !~ '^https?://[^[:space:]]+$' or length(s.url) > 2000 then 'consentUrl/invalid_consent' end,
      case when s.ip is null then 'consentIp/invalid_consent' end,
      case when s.given_at is null or s.given_at > now() + interval '5 minutes' then 'consentAt/invalid_consent' end,
      case when s.recipients = '{}' then 'consentRecipients/invalid_consent' end) end
  from (
    select v.line, v.text_version, v.url,
      case when v.ip not like '%/%' and pg_input_is_valid(v.ip, 'inet') then v.ip::inet end as ip,
      leads.written_time(v.given_at, month_first) as given_at,
      array(select n.name from regexp_split_to_table(v.recipients, '\s*[;|,]\s*') n (name) where n.name <> '') as recipients
    from (
      select r.line,
        leads.clean_value(r.consent_text_version) as text_version,
        leads.clean_value(r.consent_url) as url,
        leads.clean_value(r.consent_ip) as ip,
        leads.clean_value(r.consent_at) as given_at,
        leads.clean_value(r.consent_recipients) as recipients
      from leads.import_rows r where r.import_id = check_import_consents.import_id and r.line between from_line and last_line offset 0
    ) v
    where coalesce(v.text_version, v.url, v.ip, v.given_at, v.recipients) is not null
    offset 0
  ) s
  where c.import_id = check_import_consents.import_id and c.line between from_line and last_line and c.line = s.line;
end;
$$;
comment on function leads.check_import_consents is 'Reads the proofs of consent of staged rows into import_checked and marks the rows whose proof is not whole.';

-- After the leads are there: those that are new, and those that were brought up to date.
create function leads.keep_imported_consents(import_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into leads.lead_consents (lead_id, supplier_id, text_version, url, ip, given_at, recipients)
  select coalesce(c.lead_id, c.id), i.supplier_id, c.consent_text_version, c.consent_url, c.consent_ip, c.consent_at, c.consent_recipients
  from leads.import_checked c join leads.imports i on i.id = c.import_id
  where c.import_id = keep_imported_consents.import_id and c.consent_text_version is not null
    and c.problems = '' and coalesce(c.duplicate, 'updated') = 'updated'
  on conflict (lead_id) do update set text_version = excluded.text_version, url = excluded.url, ip = excluded.ip,
    given_at = excluded.given_at, recipients = excluded.recipients;
end;
$$;
comment on function leads.keep_imported_consents is 'Writes the proofs of consent of the rows that became a lead or updated one.';

-- sql/leads/0062_gdpr_export.sql

-- Everything that is held about a person, for the person (GDPR, article 15): found by an e-mail or a telephone, as an
-- import finds duplicates. Who bought the lead is named by company and day, since the person may know the recipients;
-- what he paid and how he is reached is the buyer's own.

create function leads.leads_of(email text, phone text)
returns setof uuid
language sql
stable
set search_path = ''
as $$
  select c.lead_id from leads.lead_contacts c where lower(c.email) = leads_of.email
  union
  select c.lead_id from leads.lead_contacts c where c.phone = leads_of.phone
  union
  select c.lead_id from leads.lead_contacts c where c.phone2 = leads_of.phone;
$$;
comment on function leads.leads_of is 'The leads whose contact has that canonical e-mail or telephone, withdrawn ones too.';

-- A file may have been refused with somebody's address in the wrong column. Telephones are compared by their digits.
create function leads.names_person(said text, email text, phone text)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select coalesce(strpos(lower(t.said), email) > 0 or strpos(lower(t.said), platform.shown_email(email)) > 0, false)
    or coalesce(strpos(regexp_replace(t.said, '[^0-9]', '', 'g'), right(regexp_replace(phone, '[^0-9]', '', 'g'), 9)) > 0, false)
  from (select platform.clean_text(names_person.said, true) as said) t;
$$;
comment on function leads.names_person is 'Whether a text holds the canonical e-mail or telephone, however it is written.';

create function leads.recordings_of(lead leads.leads)
returns setof text
language sql
stable
security definer
set search_path = ''
as $$
  select c.recording_path from leads.calls c where c.lead_id = lead.id and c.recording_path is not null
  union
  -- What an agent put there and never reported (0049_recording_uploads).
  select o.name from storage.objects o where o.bucket_id = 'recordings' and split_part(o.name, '/', 2) = lead.reference;
$$;
comment on function leads.recordings_of is 'The recordings of a lead''s calls, as paths in the bucket « recordings ».';

create function leads.exported_lead(lead leads.leads)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', lead.reference, 'firstName', lead.first_name, 'lastName', c.last_name, 'email', platform.shown_email(c.email), 'phone', c.phone, 'phone2', c.phone2, 'company', lead.company,
    'sector', lead.sector, 'region', lead.region, 'city', lead.city, 'source', lead.source, 'channel', lead.channel, 'score', lead.score,
    'status', lead.status, 'qualificationStatus', lead.qualification_status, 'notes', c.notes, 'summary', lead.summary,
    'createdAt', platform.iso_timestamp(lead.created_at), 'updatedAt', platform.iso_timestamp(lead.updated_at), 'collectedAt', platform.iso_timestamp(lead.collected_at),
    'withdrawnAt', platform.iso_timestamp(lead.withdrawn_at), 'callbackAt', platform.iso_timestamp(lead.callback_at),
    'supplier', (select s.company from leads.suppliers s where s.id = lead.supplier_id),
    'import', (select jsonb_build_object('id', i.reference, 'fileName', i.file_name, 'date', i.upload_date) from leads.imports i where i.id = lead.import_id),
    'consent', (select jsonb_build_object('textVersion', k.text_version, 'url', k.url, 'ip', host(k.ip),
      'givenAt', platform.iso_timestamp(k.given_at), 'recipients', k.recipients) from leads.lead_consents k where k.lead_id = lead.id),
    'calls', (select coalesce(jsonb_agg(jsonb_build_object('id', k.reference, 'date', k.called_on, 'name', k.lead_name, 'company', k.lead_company,
        'duration', k.duration, 'result', k.result, 'recordingConsent', q.recording_consent, 'scoreExplanations', q.score_explanations) order by k.id), '[]')
      from leads.calls k left join leads.qualifications q on q.call_id = k.id where k.lead_id = lead.id),
    'recordings', (select coalesce(jsonb_agg(r order by r), '[]') from leads.recordings_of(lead) r),
    'recipients', (select coalesce(jsonb_agg(jsonb_build_object('company', coalesce(nullif(p.company, ''), btrim(p.first_name || ' ' || p.last_name)),
        'date', (s.sold_at at time zone 'Europe/Paris')::date) order by s.sold_at), '[]')
      from leads.sales s join platform.profiles p on p.id = s.buyer_id where s.lead_id = lead.id))
  from leads.lead_contacts c where c.lead_id = lead.id;
$$;
comment on function leads.exported_lead is 'What is held about the person behind a lead.';

create function leads.gdpr_export(person text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_email text;
  v_phone text;
  v_account record;
begin
  select p.email, p.phone into v_email, v_phone from leads.person_of(person) p;
  select a.user_id, a.supplier_id into v_account from leads.account_of(v_email) a;
  return jsonb_build_object(
    'person', coalesce(platform.shown_email(v_email), v_phone),
    'exportedAt', platform.iso_timestamp(now()),
    'opposition', (select jsonb_build_object('since', platform.iso_timestamp(o.created_at), 'reason', o.reason)
      from leads.oppositions o where o.value_hash = leads.person_hash(leads.pepper(), coalesce(v_email, v_phone))),
    'account', case when v_account.user_id is not null or v_account.supplier_id is not null then leads.exported_account(v_account.user_id, v_account.supplier_id) end,
    'leads', (select coalesce(jsonb_agg(leads.exported_lead(l) order by l.id), '[]')
      from leads.leads l where l.id in (select leads.leads_of(v_email, v_phone))),
    'refusedRows', (select coalesce(jsonb_agg(jsonb_build_object('import', i.reference, 'fileName', i.file_name, 'line', r.line,
        'messages', jsonb_path_query_array(r.problems, '$[*].message')) order by i.id, r.line), '[]')
      from leads.import_rejects r join leads.imports i on i.id = r.import_id where leads.names_person(r.problems::text, v_email, v_phone)),
    'pendingRows', (select coalesce(jsonb_agg(jsonb_build_object('import', i.reference, 'fileName', i.file_name, 'line', r.line) order by i.id, r.line), '[]')
      from leads.import_held_rows r join leads.imports i on i.id = r.import_id where leads.names_person((to_jsonb(r) - '{import_id,line}'::text[])::text, v_email, v_phone)));
end;
$$;
comment on function leads.gdpr_export is 'Everything that is held about the person with that e-mail or telephone; 422 if it is neither.';
grant execute on function leads.gdpr_export to service_role;

-- sql/leads/0063_gdpr_erase.sql

-- Erasing a person (GDPR, article 17): all that identifies him goes, in one transaction, wherever it is. What is left of
-- his leads are figures and money: sales stay. A lead that nobody bought is withdrawn; one that somebody bought stays in
-- his list as « Effacé ». Whoever got the contact is told to erase it as well (article 19).
create table leads.erasures (
  id uuid primary key default platform.uuid_v7(),
  erased_at timestamptz not null default now(),
  actor uuid,
  role text not null default coalesce(auth.role(), session_user),
  value_hash bytea not null,
  counts jsonb not null
);
alter table leads.erasures enable row level security;
create index erasures_value on leads.erasures (value_hash);
create trigger append_only before update or delete or truncate on leads.erasures
  for each statement execute function platform.refuse_change();
comment on table leads.erasures is 'Who was erased, when and by whom: the proof that it was done, without what it was done to.';
comment on column leads.erasures.value_hash is 'The canonical e-mail or telephone, hashed as in leads.oppositions.';
comment on column leads.erasures.counts is 'How many rows of each kind.';
create policy select_admin on leads.erasures for select to authenticated using ((select platform.has_role('leads', 'admin')));
grant select on leads.erasures to authenticated, service_role;

-- A firm is no person and stays, unless it bears the person's name.
create function leads.company_without_person(company text, last_name text)
returns text
language sql
immutable
set search_path = ''
as $$
  select case when leads.name_key(last_name) <> '' and ' ' || leads.name_key(company) || ' ' like '% ' || leads.name_key(last_name) || ' %' then null else company end;
$$;
comment on function leads.company_without_person is 'The company, or null if the last name is a word of it.';

-- The paths of the recordings stay until the files are gone (forget_recordings), so that a removal that failed is made up for.
create function leads.erase_leads(ids uuid[])
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_calls bigint;
  v_consents bigint;
  v_withdrawn bigint;
begin
  -- The firm is looked at by the names that are about to go.
  update leads.calls k set lead_name = 'Effacé', lead_company = leads.company_without_person(k.lead_company, c.last_name), recording_status = 'archived'
  from leads.lead_contacts c where k.lead_id = any (ids) and c.lead_id = k.lead_id;
  get diagnostics v_calls = row_count;
  update leads.lead_consents k set ip = null, url = regexp_replace(k.url, '[?#].*$', '') where k.lead_id = any (ids);
  get diagnostics v_consents = row_count;
  select count(*) into v_withdrawn from leads.leads l where l.id = any (ids) and l.withdrawn_at is null and not leads.is_sold(l);
  update leads.leads l set first_name = '', last_name_mask = 'Effacé', email_mask = null, phone_mask = null, city = null, summary = null, hidden_fields = null,
    company = case when 'company' = any (l.hidden_fields) then null else leads.company_without_person(l.company, c.last_name) end,
    source = case when 'source' = any (l.hidden_fields) then null else l.source end,
    channel = case when 'channel' = any (l.hidden_fields) then null else l.channel end, has_audio_recording = false, reserved_until = null, callback_at = null,
    erased_at = now(), withdrawn_at = case when leads.is_sold(l) then l.withdrawn_at else coalesce(l.withdrawn_at, now()) end
  from leads.lead_contacts c where l.id = any (ids) and c.lead_id = l.id;
  update leads.lead_contacts c set last_name = 'Effacé', email = null, phone = null, phone2 = null, name_unsplit = false, notes = null, hidden_text = null where c.lead_id = any (ids);
  delete from leads.import_changes h where h.lead_id = any (ids);
  return jsonb_build_object('leads', coalesce(cardinality(ids), 0), 'withdrawn', v_withdrawn, 'calls', v_calls, 'consents', v_consents);
end;
$$;
comment on function leads.erase_leads is 'Takes from leads, and all that hangs on them, what identifies the person.';

-- What a file left behind of a person who did not become a lead.
create function leads.erase_import_traces(email text, phone text)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
  v_rows bigint;
begin
  update leads.import_rejects r set message = 'Valeur effacée.',
    problems = (select jsonb_agg(p || '{"message": "Valeur effacée."}') from jsonb_array_elements(r.problems) p)
  where leads.names_person(r.problems::text, erase_import_traces.email, erase_import_traces.phone);
  get diagnostics v_rows = row_count;
  delete from leads.import_rows r
  where leads.names_person(concat_ws(' ', r.email, r.phone, r.phone2, r.notes, r.summary), erase_import_traces.email, erase_import_traces.phone);
  delete from leads.import_checked c
  where leads.names_person(concat_ws(' ', c.email, c.phone, c.phone2, c.notes, c.summary, c.reasons), erase_import_traces.email, erase_import_traces.phone);
  delete from leads.import_held_rows r
  where leads.names_person((to_jsonb(r) - '{import_id,line}'::text[])::text, erase_import_traces.email, erase_import_traces.phone);
  return v_rows;
end;
$$;
comment on function leads.erase_import_traces is 'Erases an e-mail or telephone from refused and staged rows; answers how many refused ones held it.';

create function leads.tell_to_erase(ids uuid[])
returns bigint
language sql
set search_path = ''
as $$
  with told as (
    select distinct s.buyer_id as user_id, l.reference, 'acheté' as how from leads.sales s join leads.leads l on l.id = s.lead_id where l.id = any (ids)
    union
    select s.user_id, l.reference, 'apporté' from leads.leads l join leads.suppliers s on s.id = l.supplier_id where l.id = any (ids) and s.user_id is not null
  ), written as (
    insert into platform.notifications (user_id, system, type, title, message)
    select t.user_id, 'leads', 'warning', 'Données à effacer', format('La personne du lead %s, que vous avez %s, a demandé l''effacement de ses données : '
      'effacez-les aussi de vos fichiers.', t.reference, t.how)
    from told t
  ), emitted as (
    select platform.emit('leads', 'lead.erased', jsonb_build_object('lead', l.reference,
      'buyers', array(select s.buyer_id from leads.sales s where s.lead_id = l.id order by 1)))
    from leads.leads l where l.id = any (ids)
  )
  select count(*) from told t where t.how = 'acheté' and (select count(*) from emitted) >= 0;
$$;
comment on function leads.tell_to_erase is 'Tells buyers and suppliers of erased leads to erase the person too; answers how many messages buyers got.';

create function leads.files_to_remove()
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(jsonb_agg(r.path order by r.path), '[]')
  from (select distinct p as path from leads.leads l cross join lateral leads.recordings_of(l) p where l.erased_at is not null) r;
$$;
comment on function leads.files_to_remove is 'Recordings of erased people that are still in the bucket « recordings »: [path].';

create function leads.forget_recordings(paths text[])
returns void
language sql
security definer
set search_path = ''
as $$
  update leads.calls c set recording_path = null, recording_size = null
  from leads.leads l where l.id = c.lead_id and l.erased_at is not null and c.recording_path = any (paths);
$$;
comment on function leads.forget_recordings is 'Notes that files of erased people have been removed from Storage.';

create function leads.gdpr_erase(person text, oppose boolean default false)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_email text;
  v_phone text;
  v_leads uuid[];
  v_counts jsonb;
  v_opposed bigint := 0;
begin
  -- A file that is being merged, and a form that is being written, end first: what they bring is found then.
  perform pg_advisory_xact_lock(hashtext('leads.merge_import'));
  select p.email, p.phone into v_email, v_phone from leads.person_of(person) p;
  v_leads := array(select l.id from leads.leads l where l.id in (select leads.leads_of(v_email, v_phone)) order by l.id for update);
  -- Whoever is opposed is so by each of the addresses under which he is known here.
  if oppose then
    v_opposed := leads.oppose(array(select lower(c.email) from leads.lead_contacts c where c.lead_id = any (v_leads)) || v_email,
      array(select n from leads.lead_contacts c, unnest(array[c.phone, c.phone2]) n where c.lead_id = any (v_leads)) || v_phone, 'Opposition de la personne');
  end if;
  v_counts := jsonb_build_object('accounts', leads.erase_account_of(v_email), 'refusedRows', leads.erase_import_traces(v_email, v_phone), 'buyersTold', leads.tell_to_erase(v_leads), 'opposed', v_opposed)
    || leads.erase_leads(v_leads);
  -- A repetition finds nothing, and is no erasure.
  if (select sum(n.value::integer) from jsonb_each_text(v_counts) n) > 0 then
    insert into leads.erasures (actor, value_hash, counts)
    values (auth.uid(), leads.person_hash(leads.pepper(), coalesce(v_email, v_phone)), v_counts);
  end if;
  return v_counts || jsonb_build_object('recordings', leads.files_to_remove(), 'avatars', leads.account_files_to_remove());
end;
$$;
comment on function leads.gdpr_erase is
  'Erases the person with that e-mail or telephone, account and leads, and on request refuses him from now on: the counts, and the files to remove from Storage.';
grant execute on function leads.gdpr_erase, leads.files_to_remove, leads.forget_recordings to service_role;

-- sql/leads/0064_erase_uploads.sql

-- Whoever is erased may be in any file that was uploaded, also as a row that was refused or known already. All that is
-- kept goes: their suppliers have the files, and the reasons of the refusals stay.
create function leads.outdate_uploads()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  update leads.import_files f set keep_until = now() where f.keep_until > now();
  return null;
end;
$$;
create trigger outdate_uploads after insert on leads.erasures for each statement execute function leads.outdate_uploads();

-- sql/leads/0065_accounts_of_money.sql

-- The chart of accounts. A buyer's credits are in two lots, because one that was given is not refundable in euros.
insert into platform.ledger_account_kinds (system, kind, unit, guarded, description) values
  ('leads', 'buyer_paid', 'credits', true, 'Crédits achetés d''un acheteur'),
  ('leads', 'buyer_bonus', 'credits', true, 'Crédits offerts à un acheteur'),
  ('leads', 'credits_issued', 'credits', false, 'Crédits émis, en négatif'),
  ('leads', 'credits_spent', 'credits', false, 'Crédits dépensés en leads'),
  ('leads', 'credits_lost', 'credits', false, 'Crédits dépensés d''une commande remboursée, en négatif'),
  ('leads', 'credits_opening', 'credits', false, 'Soldes de crédits repris à l''ouverture, en négatif'),
  ('leads', 'supplier_earnings', 'cents', false, 'Ce qui est dû à un fournisseur et n''est dans aucun virement'),
  ('leads', 'commission', 'cents', false, 'Part de la plateforme dans les ventes'),
  ('leads', 'lead_sales', 'cents', false, 'Valeur des leads vendus, en négatif'),
  ('leads', 'pack_revenue', 'cents', false, 'Packs de crédits encaissés'),
  ('leads', 'disputes_lost', 'cents', false, 'Packs payés que la banque de l''acheteur a repris, en négatif'),
  ('leads', 'payouts_in_transit', 'cents', false, 'Virements émis et pas encore confirmés par la banque'),
  ('leads', 'bank', 'cents', false, 'La banque : négatif ce qui en est venu, positif ce qui y est parti'),
  ('leads', 'opening', 'cents', false, 'Soldes en euros repris à l''ouverture, en négatif');

-- What the page of the admin lists, with the names of the day.
create function leads.record_transaction(
  type text, user_id uuid, role text, amount_cents bigint, credits integer, description text, payment_method text, status text default 'completed'
)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_id uuid;
begin
  insert into leads.transactions (type, user_id, user_name, user_role, company, amount_cents, credits, status, description, payment_method)
  select record_transaction.type, p.id, btrim(p.first_name || ' ' || p.last_name), record_transaction.role, p.company, record_transaction.amount_cents,
    record_transaction.credits, record_transaction.status, record_transaction.description, record_transaction.payment_method
  from platform.profiles p where p.id = record_transaction.user_id
  returning id into v_id;
  return v_id;
end;
$$;
comment on function leads.record_transaction is 'Adds a movement to the list of transactions: amount in cents, credits.';

-- sql/leads/0066_bonus_budget.sql

-- Credits that were given bring a supplier nothing by themselves: whoever is given some could buy his own leads by them. What
-- an admin wants to spend on them is a budget, in euros a month; a sale takes its part of it and stops there. Lead first, then
-- the buyer's credits, then the budget: whoever needs all three locks them in this order. A sale without given credits, or
-- while there is no budget, does not touch it.
create table leads.bonus_budgets (
  month date primary key check (month = date_trunc('month', month)),
  spent_cents bigint not null check (spent_cents >= 0)
);
alter table leads.bonus_budgets enable row level security;
comment on table leads.bonus_budgets is 'What given credits have brought to suppliers, by the month of the sale.';
create policy select_admin on leads.bonus_budgets for select to authenticated using ((select platform.has_role('leads', 'admin')));
grant select on leads.bonus_budgets to authenticated, service_role;

-- Of paid credits the share is rounded down to a cent, so that no part of one is earned by given ones.
create function leads.share_of_given(share_cents bigint, credits bigint, given_credits bigint)
returns integer
language sql
immutable
set search_path = ''
as $$ select case when credits = 0 then 0 else share_cents - share_cents * (credits - given_credits) / credits end; $$;
comment on function leads.share_of_given is 'The part of a supplier''s share that given credits stand for, in cents.';

create function leads.take_bonus_budget(cents integer, budget numeric)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_month date := leads.month_of(now());
  v_taken bigint;
begin
  if cents = 0 or coalesce(budget, 0) = 0 then return 0; end if;
  insert into leads.bonus_budgets (month, spent_cents) values (v_month, 0) on conflict do nothing;
  select greatest(0, least(take_bonus_budget.cents, floor(budget * 100) - b.spent_cents)) into v_taken
    from leads.bonus_budgets b where b.month = v_month for no key update;
  update leads.bonus_budgets b set spent_cents = b.spent_cents + v_taken where b.month = v_month and v_taken > 0;
  return v_taken;
end;
$$;
comment on function leads.take_bonus_budget is 'Takes from this month''s budget, in euros, what there is left of so many cents; how many.';

create function leads.give_budget_back(sale leads.sales)
returns void
language sql
set search_path = ''
as $$
  update leads.bonus_budgets b set spent_cents = b.spent_cents - sale.budget_cents
  where b.month = leads.month_of(sale.sold_at) and sale.budget_cents > 0;
$$;
comment on function leads.give_budget_back is 'A sale that is taken back leaves its part to others.';

-- sql/leads/0066_prices.sql

-- What a lead costs now: credits to its buyer, and the euros that supplier and platform share.
create type leads.lead_price as (credits integer, price_cents integer, supplier_share_cents integer, places smallint, return_until timestamptz, rules jsonb);

insert into leads.work_rules (name, value, description) values
  ('low_credits', '20', 'Solde de crédits sous lequel un acheteur est averti');

create function leads.places(is_exclusive boolean, buyers_per_shared_lead numeric)
returns smallint
language plpgsql
immutable
set search_path = ''
as $$ begin return case when is_exclusive then 1 else greatest(1, least(1000, floor(buyers_per_shared_lead))) end; end; $$;
comment on function leads.places is 'How many buyers a lead may have.';

create function leads.price_of(lead leads.leads)
returns leads.lead_price
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_rules jsonb := leads.rules_in_force();
  v_price_rule text := case when lead.is_exclusive then 'price_exclusive' else 'price_standard' end;
  -- An older lead costs less, in credits and in euros alike.
  v_kept numeric := greatest(0, 1 - (v_rules -> 'age_decay' ->> 'value')::numeric / 100
    * greatest(0, floor(extract(epoch from now() - least(lead.created_at, lead.collected_at)) / 86400 / 30)));
  v_share numeric := (v_rules -> 'supplier_share' ->> 'value')::numeric;
  v_price leads.lead_price;
begin
  v_price.credits := ceil((v_rules -> v_price_rule ->> 'value')::numeric * v_kept);
  -- The price is the supplier's word and the credits are the platform's: it counts up to where his share is what they are worth.
  v_price.price_cents := least(round(lead.price_cents * v_kept),
    floor(v_price.credits * 100 * (v_rules -> 'credit_value' ->> 'value')::numeric * 100 / nullif(v_share, 0)));
  v_price.supplier_share_cents := round(v_price.price_cents * v_share / 100);
  v_price.places := leads.places(lead.is_exclusive, (v_rules -> 'buyers_per_shared_lead' ->> 'value')::numeric);
  -- The rule may have become narrower since the lead went on sale.
  if lead.sales_count >= v_price.places then perform platform.fail(409, 'lead_sold', 'Ce lead est déjà vendu.'); end if;
  v_price.return_until := now() + (v_rules -> 'return_window' ->> 'value')::numeric * interval '1 day';
  v_price.rules := v_rules - 'welcome_bonus' - case when lead.is_exclusive then 'price_standard' else 'price_exclusive' end;
  return v_price;
end;
$$;
comment on function leads.price_of is 'The price of a lead by the rules in force: credits and cents, with the rules that made it; 409 if it has no place left.';

create function leads.lead_on_sale(reference text)
returns leads.leads
language sql
stable
security invoker
set search_path = ''
as $$
  select l from leads.leads l
  where l.reference = lead_on_sale.reference and l.on_sale and l.supplier_id not in (select leads.suspended_suppliers());
$$;

create function public.lead_price(id text, out credits integer, out price numeric, out "returnDays" numeric, out affordable boolean)
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_lead leads.leads;
  v_price leads.lead_price;
begin
  perform platform.require_role('leads', 'acheteur');
  v_lead := leads.lead_on_sale(id);
  if v_lead.id is null then perform platform.fail(404, 'lead_not_on_sale', 'Ce lead n''est pas en vente.'); end if;
  v_price := leads.price_of(v_lead);
  credits := v_price.credits;
  price := leads.euros(v_price.price_cents);
  "returnDays" := (v_price.rules -> 'return_window' ->> 'value')::numeric;
  affordable := v_price.credits <= leads.credits_of(auth.uid());
end;
$$;
comment on function public.lead_price is 'GET /api/leads/:id/price: what the lead costs the buyer now, in credits, and its value in euros.';
grant execute on function leads.price_of, leads.lead_on_sale, public.lead_price, leads.credits_of to authenticated, service_role;

-- sql/leads/0066_self_dealing.sql

-- Who buys his own leads through a second account pays with one hand what he earns with the other, less what he was given or
-- charges back. Two accounts of one person share something: it is kept as a hash of each, so that a match is one look-up, and
-- a supplier and a buyer who share a sign are a pair. Nobody is refused for it: what a pair's sales earn waits for an admin's look.
create table leads.party_signs (
  person uuid not null,
  kind text not null check (kind in ('email', 'domain', 'phone', 'company', 'company_number', 'iban', 'device')),
  value bytea not null,
  seen_at timestamptz not null default now(),
  primary key (person, kind, value)
);
alter table leads.party_signs enable row level security;
create index party_signs_value on leads.party_signs (kind, value);
comment on table leads.party_signs is 'What tells that two accounts are one person''s, hashed. A sign stays when it is changed: who was one is one.';
comment on column leads.party_signs.person is 'The user; of a supplier who has no account, the supplier.';
create policy select_nobody on leads.party_signs for select to anon, authenticated using (false);
grant select on leads.party_signs to service_role;

create sequence leads.pair_numbers;
create table leads.self_dealing (
  supplier_id uuid not null references leads.suppliers (id) on delete cascade,
  buyer_id uuid not null references platform.profiles (id) on delete cascade,
  reference text not null unique default platform.short_reference('PAIR', nextval('leads.pair_numbers')),
  signs text[] not null,
  status text not null default 'unreviewed' check (status in ('unreviewed', 'cleared', 'confirmed')),
  told_at timestamptz,
  decided_at timestamptz,
  decided_by uuid,
  note text check (length(note) <= 2000),
  created_at timestamptz not null default now(),
  primary key (supplier_id, buyer_id)
);
alter table leads.self_dealing enable row level security;
create index self_dealing_buyer on leads.self_dealing (buyer_id);
comment on table leads.self_dealing is 'Suppliers and buyers who may be one person, and what an admin found. Neither of them is told.';
comment on column leads.self_dealing.told_at is 'When the admins were told of its first sale.';
create policy select_admin on leads.self_dealing for select to authenticated using ((select platform.has_role('leads', 'admin')));
grant select on leads.self_dealing to authenticated, service_role;
select platform.audit('leads.self_dealing');

-- Of the pairs of one person, as supplier and as buyer. A kind of sign that is new to a pair which an admin has cleared
-- makes it one to look at again.
create function leads.find_pairs(person uuid)
returns void
language sql
security definer
set search_path = ''
as $$
  with shared as (
    select o.person as other, array_agg(distinct o.kind order by o.kind) as signs
    from leads.party_signs p join leads.party_signs o on o.kind = p.kind and o.value = p.value and o.person <> p.person
    where p.person = find_pairs.person group by 1
  ), found as (
    select s.id as supplier_id, h.other as buyer_id, s.user_id, h.signs from shared h join leads.suppliers s on s.id = find_pairs.person or s.user_id = find_pairs.person
    union all
    select s.id, find_pairs.person, s.user_id, h.signs from shared h join leads.suppliers s on s.id = h.other or s.user_id = h.other
  )
  insert into leads.self_dealing as d (supplier_id, buyer_id, signs)
  select f.supplier_id, f.buyer_id, array_agg(distinct k.kind order by k.kind)
  from found f cross join unnest(f.signs) k (kind)
  join platform.memberships m on m.user_id = f.buyer_id and m.system = 'leads' and m.role = 'acheteur'
  where f.buyer_id is distinct from f.user_id group by 1, 2
  on conflict (supplier_id, buyer_id) do update set
    signs = (select array_agg(distinct k.kind order by k.kind) from unnest(d.signs || excluded.signs) k (kind)),
    status = case d.status when 'cleared' then 'unreviewed' else d.status end, told_at = case d.status when 'cleared' then null else d.told_at end
  where not d.signs @> excluded.signs;
$$;
comment on function leads.find_pairs is 'Notes whom a person shares signs with, suppliers and buyers.';

create function leads.learn_signs(person uuid, signs jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into leads.party_signs as p (person, kind, value)
  select learn_signs.person, s.key, sha256(convert_to(s.value, 'UTF8')) from jsonb_each_text(signs) s where s.value <> ''
  on conflict on constraint party_signs_pkey do update set seen_at = now() where p.kind = 'device' and p.seen_at < now() - interval '1 day';
  if found then perform leads.find_pairs(person); end if;
end;
$$;
comment on function leads.learn_signs is 'Keeps what a person is known by, {kind: value}, and looks for who is known by the same.';

-- Legal forms and signs between words make no other firm.
create function leads.firm_sign(company text)
returns text
language sql
immutable
set search_path = ''
as $$
  select case when length(f.name) > 2 then f.name end from (
    select regexp_replace(regexp_replace(platform.fold(company), '\m(sarl|sasu|sas|eurl|sa|sci|scop|ei|eirl)\M', '', 'g'), '[^[:alnum:]]', '', 'g') as name) f;
$$;

create function leads.contact_signs(email text, phone text, company text)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_strip_nulls(jsonb_build_object(
    -- sophie+2@… and so.phie@gmail.com are sophie's as well.
    'email', case when lower(email) like '%@gmail.com' then replace(a.name, '.', '') else a.name end || substring(lower(email) from '@.*$'),
    'domain', platform.own_mail_domain(email),
    'phone', case when length(n.digits) >= 9 then right(n.digits, 9) end,
    'company', leads.firm_sign(company)))
  from (select split_part(split_part(lower(email), '@', 1), '+', 1) as name) a, (select regexp_replace(phone, '\D', '', 'g') as digits) n;
$$;
comment on function leads.contact_signs is 'What an address, a telephone and a firm are known by.';

create function leads.learn_party()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_row jsonb := to_jsonb(new);
begin
  case tg_table_name
    when 'profiles' then perform leads.learn_signs(new.id, leads.contact_signs(v_row ->> 'email', v_row ->> 'phone', v_row ->> 'company'));
    when 'suppliers' then
      perform leads.learn_signs(coalesce((v_row ->> 'user_id')::uuid, new.id), leads.contact_signs(v_row ->> 'email', null, v_row ->> 'company')
          || jsonb_build_object('iban', coalesce((select a.fingerprint from leads.supplier_accounts a where a.supplier_id = new.id), '')));
      -- What his user is known by is his by now.
      perform leads.find_pairs((v_row ->> 'user_id')::uuid);
    when 'memberships' then perform leads.find_pairs((v_row ->> 'user_id')::uuid);
    when 'billing_details' then
      perform leads.learn_signs((v_row ->> 'buyer_id')::uuid, jsonb_strip_nulls(jsonb_build_object('company', leads.firm_sign(v_row ->> 'name'),
        'company_number', coalesce(left(v_row ->> 'siret', 9), substring(v_row ->> 'vat_number' from '^FR..([0-9]{9})$'), v_row ->> 'vat_number'))));
    when 'supplier_accounts' then
      perform leads.learn_signs(coalesce(s.user_id, s.id), jsonb_build_object('iban', v_row ->> 'fingerprint'))
      from leads.suppliers s where s.id = (v_row ->> 'supplier_id')::uuid and v_row ->> 'fingerprint' <> '';
  end case;
  return null;
end;
$$;
comment on function leads.learn_party is 'Trigger: somebody is known by something new.';
create trigger learn_signs after insert or update of email, phone, company on platform.profiles for each row execute function leads.learn_party();
create trigger learn_signs after insert or update of email, company, user_id on leads.suppliers for each row execute function leads.learn_party();
create trigger learn_signs after insert on platform.memberships
  for each row when (new.system = 'leads' and new.role = 'acheteur') execute function leads.learn_party();

-- Where Auth keeps them. An address of this machine or of a network inside is a proxy's, and everybody's.
create function leads.learn_device()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if new.ip is null or new.user_agent is null or new.ip <<= any (array['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '::1/128', 'fc00::/7', 'fe80::/10']::inet[])
  then return null; end if;
  delete from leads.party_signs p where p.person = new.user_id and p.kind = 'device' and p.seen_at < now() - interval '90 days';
  perform leads.learn_signs(new.user_id, jsonb_build_object('device', host(new.ip) || ' ' || new.user_agent));
  return null;
end;
$$;
comment on function leads.learn_device is 'Trigger: somebody signs in, from an address and with a program.';
create trigger learn_device after insert on auth.sessions for each row execute function leads.learn_device();

create function leads.forget_signs()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  delete from leads.party_signs p where p.person = old.id;
  return null;
end;
$$;
comment on function leads.forget_signs is 'Trigger: an account or a supplier is gone.';
create trigger forget_signs after delete on platform.profiles for each row execute function leads.forget_signs();
create trigger forget_signs after delete on leads.suppliers for each row execute function leads.forget_signs();

create function leads.tell_of_pair(sale leads.sales)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_pair leads.self_dealing;
begin
  update leads.self_dealing d set told_at = now()
  where d.supplier_id = sale.supplier_id and d.buyer_id = sale.buyer_id and d.told_at is null and d.status = 'unreviewed' returning d.* into v_pair;
  if v_pair.reference is null then return; end if;
  perform platform.notify(m.user_id, 'leads', 'warning', 'Achat à vérifier',
    format('Un acheteur et le fournisseur de son lead ont en commun : %s (%s). Les gains de ces ventes attendent votre décision.',
      array_to_string(v_pair.signs, ', '), v_pair.reference))
  from platform.memberships m where m.system = 'leads' and m.role = 'admin' and m.status = 'active';
end;
$$;
comment on function leads.tell_of_pair is 'Tells the admins of the first sale between two who may be one.';

-- sql/leads/0067_purchase.sql

-- A buyer buys a lead: one call, one transaction. The lead is locked first, then the buyer's credits, then the budget for given
-- ones, as everywhere; what is decided under the lock holds, and the keys of leads.sales would refuse what the lock let through.

-- A lead that he may not see is to him as one that does not exist.
create function leads.refuse_sale(lead leads.leads)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if lead.supplier_id in (select leads.suspended_suppliers()) then
    perform platform.fail(404, 'lead_not_on_sale', 'Ce lead n''est pas en vente.');
  end if;
  if lead.status = 'sold' and lead.withdrawn_at is null and lead.erased_at is null then
    perform platform.fail(409, 'lead_sold', 'Ce lead est déjà vendu.');
  end if;
  if lead.on_sale is not true or not (leads.sells_without_consent() or leads.has_consent(lead.id)) then
    perform platform.fail(404, 'lead_not_on_sale', 'Ce lead n''est pas en vente.');
  end if;
  if lead.supplier_id = leads.my_supplier_id()
    or exists (select from leads.self_dealing d where d.supplier_id = lead.supplier_id and d.buyer_id = auth.uid() and d.status = 'confirmed')
  then
    perform platform.fail(403, 'own_lead', 'Un fournisseur n''achète pas ses propres leads.');
  end if;
end;
$$;
comment on function leads.refuse_sale is '404 or 409 if a lead cannot be sold now, 403 to its own supplier.';

-- What was given is spent first: it is worth nothing when it comes to a refund.
create function leads.pay_for_lead(
  lead leads.leads, price leads.lead_price,
  out transfer_id uuid, out credits_left bigint, out given_credits integer, out given_share_cents integer, out budget_cents integer, out earned_cents integer
)
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_bonus bigint;
  v_paid bigint;
begin
  select coalesce(sum(b.balance) filter (where b.kind = 'buyer_bonus'), 0), coalesce(sum(b.balance) filter (where b.kind = 'buyer_paid'), 0)
    into v_bonus, v_paid from platform.lock_balances('leads', auth.uid()) b;
  if v_bonus + v_paid < price.credits then
    perform platform.fail(402, 'insufficient_credits', 'Vous n''avez pas assez de crédits pour ce lead.',
      jsonb_build_array(jsonb_build_object('field', 'credits', 'code', 'insufficient_credits',
        'message', format('Il manque %s crédits : le lead en coûte %s, vous en avez %s.', price.credits - v_bonus - v_paid, price.credits, v_bonus + v_paid),
        'missing', price.credits - v_bonus - v_paid))::text);
  end if;
  credits_left := v_bonus + v_paid - price.credits;
  given_credits := least(v_bonus, price.credits);
  given_share_cents := leads.share_of_given(price.supplier_share_cents, price.credits, given_credits);
  budget_cents := leads.take_bonus_budget(given_share_cents, (price.rules -> 'bonus_earnings_budget' ->> 'value')::numeric);
  earned_cents := price.supplier_share_cents - given_share_cents + budget_cents;
  transfer_id := platform.post_transfer('leads', 'sale', lead.id || ':' || auth.uid(), array[
    ('buyer_bonus', auth.uid(), -given_credits), ('buyer_paid', auth.uid(), given_credits - price.credits), ('credits_spent', null, price.credits),
    ('lead_sales', null, -price.price_cents), ('supplier_earnings', lead.supplier_id, earned_cents),
    ('commission', null, price.price_cents - earned_cents)
  ]::platform.ledger_line[]);
end;
$$;
comment on function leads.pay_for_lead is 'Takes the credits and books the sale, with what of it the supplier earns; 402 with what is missing.';

create function leads.tell_supplier_of_sale(lead leads.leads, sale leads.sales)
returns void
language plpgsql
set search_path = ''
as $$
begin
  perform platform.notify(s.user_id, 'leads', 'info', 'Vente avec des crédits offerts',
    format('Le lead %s a été acheté avec %s crédits offerts sur %s : vous gagnez %s € au lieu de %s €.', coalesce(lead.company, lead.sector),
      sale.given_credits, sale.credits, leads.amount_text(sale.supplier_share_cents),
      leads.amount_text(sale.supplier_share_cents + sale.given_share_cents - sale.budget_cents)))
  from leads.suppliers s where s.id = sale.supplier_id and sale.budget_cents < sale.given_share_cents;
end;
$$;
comment on function leads.tell_supplier_of_sale is 'Why a sale earned less than the supplier''s share.';

create function leads.tell_buyer_of_sale(lead leads.leads, price leads.lead_price, credits_left bigint)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_title text := leads.title_of(lead);
  v_description text := 'Achat lead — ' || v_title;
  v_limit numeric := (leads.work_rule('low_credits'))::numeric;
begin
  perform leads.record_transaction('lead_purchase', auth.uid(), 'acheteur', price.price_cents, price.credits, v_description, 'Crédits');
  insert into leads.payments (buyer_id, type, lead_id, amount_cents, status, description)
    values (auth.uid(), 'lead_payment', lead.id, price.price_cents, 'completed', v_description);
  perform platform.notify(auth.uid(), 'leads', 'success', 'Lead acheté', format('Les coordonnées du lead %s sont disponibles dans vos achats.', v_title));
  -- Once, by the purchase that goes below.
  if credits_left < v_limit and credits_left + price.credits >= v_limit then
    perform platform.notify(auth.uid(), 'leads', 'warning', 'Solde bas', format('Il vous reste moins de %s crédits.', v_limit));
  end if;
end;
$$;

-- The lead is read with the owner's rights: that the buyer may see it is known, and his other purchases need no look.
create function leads.show_purchase(sale leads.sales, credits numeric)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  v_lead jsonb;
begin
  if exists (select from leads.kept_sales k where k.buyer_id = sale.buyer_id and k.lead_id = sale.lead_id) then
    select to_jsonb(r) - 'key' into v_lead from leads.lead_rows r where r.key = sale.lead_id;
  end if;
  return jsonb_build_object('lead', v_lead,
    'purchase', jsonb_build_object('credits', sale.credits, 'price', leads.euros(sale.price_cents),
      'date', platform.iso_timestamp(sale.sold_at), 'returnUntil', platform.iso_timestamp(sale.return_until)),
    'credits', credits);
end;
$$;
comment on function leads.show_purchase is 'A purchase as its buyer sees it; the lead is null once it was given back.';

-- Asked under the lock, of the price that is booked next.
create function leads.refuse_other_price(price leads.lead_price, seen_credits numeric, seen_euros numeric)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  if seen_credits <> price.credits or seen_euros * 100 <> price.price_cents then
    perform platform.fail(409, 'price_changed', 'Le prix de ce lead a changé.', (
      select jsonb_agg(jsonb_build_object('field', p.field, 'code', 'price_changed', 'message', format('Le prix est maintenant de %s %s.',
        replace(p.value::text, '.', ','), p.unit), 'value', p.value) order by p.field)
      from (values ('credits', price.credits::numeric, 'crédits'), ('price', trim_scale(price.price_cents / 100.0), '€')) p (field, value, unit))::text);
  end if;
end;
$$;
comment on function leads.refuse_other_price is '409 with the price as it is now, if it is not the one that the buyer saw.';

create function leads.purchase(reference text, seen_credits numeric default null, seen_euros numeric default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_lead leads.leads;
  v_sale leads.sales;
  v_price leads.lead_price;
  v_paid record;
begin
  perform platform.require_role('leads', 'acheteur');
  select l.* into v_lead from leads.leads l where l.reference = purchase.reference for no key update;
  select s.* into v_sale from leads.sales s where s.buyer_id = auth.uid() and s.lead_id = v_lead.id;
  if found then return leads.show_purchase(v_sale, leads.credits_of(auth.uid())); end if;
  perform leads.refuse_sale(v_lead);

  v_price := leads.price_of(v_lead);
  perform leads.refuse_other_price(v_price, seen_credits, seen_euros);
  v_paid := leads.pay_for_lead(v_lead, v_price);
  insert into leads.sales (lead_id, buyer_id, supplier_id, place, places, credits, price_cents, supplier_share_cents, given_credits,
    given_share_cents, budget_cents, rules, return_until, transfer_id)
  values (v_lead.id, auth.uid(), v_lead.supplier_id, v_lead.sales_count + 1, v_price.places, v_price.credits, v_price.price_cents,
    v_paid.earned_cents, v_paid.given_credits, v_paid.given_share_cents, v_paid.budget_cents, v_price.rules, v_price.return_until, v_paid.transfer_id)
  returning * into v_sale;
  insert into leads.earnings (supplier_id, kind, buyer_id, lead_id, amount_cents, payable_from)
    values (v_sale.supplier_id, 'sale', v_sale.buyer_id, v_sale.lead_id, v_sale.supplier_share_cents, v_sale.return_until);
  update leads.leads l set sales_count = v_sale.place,
    status = case when v_sale.place >= v_sale.places then 'sold' else l.status end,
    sold_at = case when v_sale.place >= v_sale.places then v_sale.sold_at else l.sold_at end
  where l.id = v_lead.id;
  perform leads.tell_buyer_of_sale(v_lead, v_price, v_paid.credits_left);
  perform leads.tell_of_pair(v_sale);
  if v_sale.given_credits > 0 then perform leads.tell_supplier_of_sale(v_lead, v_sale); end if;
  perform platform.emit('leads', 'lead.purchased', jsonb_build_object('lead', v_lead.reference));
  perform set_config('response.status', '201', true);
  return leads.show_purchase(v_sale, v_paid.credits_left);
end;
$$;
comment on function leads.purchase is 'Buys a lead for the caller; a lead that he has bought already answers that sale.';

create function public.lead_purchase("leadId" text, credits numeric default null, price numeric default null)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$ begin return leads.purchase("leadId", credits, price); end; $$;
comment on function public.lead_purchase is
  'POST /api/leads/:id/purchase {credits, price}, as the buyer saw them if he says so: {lead, purchase, credits}, credits being the new balance. '
  '201, or 200 if it was bought before; 402, 403, 404, 409, where price_changed tells the new price.';
grant execute on function leads.purchase, public.lead_purchase to authenticated, service_role;

-- What has as many buyers as it may have is sold, and in nobody's catalogue.
create function leads.follow_places_rule()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_buyers numeric := leads.rule('buyers_per_shared_lead');
begin
  update leads.leads l set status = 'sold', sold_at = now()
  where l.on_sale and l.sales_count > 0 and l.sales_count >= leads.places(l.is_exclusive, v_buyers);
  return null;
end;
$$;
comment on function leads.follow_places_rule is 'Trigger: leads that have no place left by the new rule are sold.';
create trigger follow_places after insert or update on leads.credit_rules
  for each row when (new.kind = 'buyers_per_shared_lead') execute function leads.follow_places_rule();

-- sql/leads/0068_returns.sql

-- A buyer gives a lead back; an admin decides. Accepted, the sale's movement is reversed account by account: the credits
-- go to the lots that they came from, and the supplier loses his share, in the next transfer if it was paid already.

create function leads.bought_lead(reference text)
returns leads.sales
language plpgsql
set search_path = ''
as $$
declare
  v_sale leads.sales;
begin
  perform platform.require_role('leads', 'acheteur');
  select s.* into v_sale from leads.sales s join leads.leads l on l.id = s.lead_id
    where s.buyer_id = auth.uid() and l.reference = bought_lead.reference;
  if not found then perform platform.fail(404, 'purchase_not_found', 'Vous n''avez pas acheté ce lead.'); end if;
  return v_sale;
end;
$$;
comment on function leads.bought_lead is 'The caller''s purchase of a lead; 404 if there is none.';

create function leads.request_return(reference text, reason text, comment text)
returns leads.returns
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_sale leads.sales := leads.bought_lead(reference);
  v_return leads.returns;
begin
  if request_return.reason is null or request_return.reason not in ('invalid_number', 'duplicate', 'out_of_criteria') then
    perform leads.refuse_fields(leads.field_problem('reason', 'invalid_value', 'Motif attendu : invalid_number, duplicate ou out_of_criteria.'));
  end if;
  if length(request_return.comment) > 2000 then
    perform leads.refuse_fields(leads.field_problem('comment', 'too_long', 'Le commentaire est limité à 2000 caractères.'));
  end if;
  if v_sale.transfer_id is null or now() >= v_sale.return_until then
    -- What was asked for in time is answered again.
    select r.* into v_return from leads.returns r where r.buyer_id = v_sale.buyer_id and r.lead_id = v_sale.lead_id;
    if found then return v_return; end if;
    perform platform.fail(409, 'return_window_closed', 'Le délai de retour de ce lead est passé.');
  end if;
  insert into leads.returns (buyer_id, lead_id, lead_reference, lead_name, reason, comment)
    select v_sale.buyer_id, v_sale.lead_id, l.reference, leads.title_of(l), request_return.reason, nullif(btrim(request_return.comment), '')
    from leads.leads l where l.id = v_sale.lead_id
    on conflict (buyer_id, lead_id) do nothing returning * into v_return;
  if found then
    perform set_config('response.status', '201', true);
    perform platform.emit('leads', 'return.requested', jsonb_build_object('return', v_return.reference));
  else
    select r.* into v_return from leads.returns r where r.buyer_id = v_sale.buyer_id and r.lead_id = v_sale.lead_id;
  end if;
  return v_return;
end;
$$;
comment on function leads.request_return is 'Asks for the credits of a bought lead back; asked again, it answers the first request.';

-- A lead that nobody has any more goes to nobody else: whoever gave it back knows the person.
create function leads.take_lead_back(given leads.returns)
returns void
language sql
set search_path = ''
as $$
  update leads.leads l set status = 'rejected'
  where l.id = given.lead_id and l.status in ('qualified', 'sold')
    and (given.reason = 'invalid_number' or l.status = 'sold' and not exists (select from leads.kept_sales k where k.lead_id = l.id));
$$;
comment on function leads.take_lead_back is 'Rejects a returned lead if its number is wrong, or if no buyer keeps it.';

-- Whoever spent credits of a pack whose money he has again owes them: what comes back makes that good first. The reversal has
-- locked his balances, so that no two returns make good the same loss.
create function leads.recover_loss(given leads.returns, credits integer)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_taken integer := least(leads.owed_credits(given.buyer_id), credits);
  v_paid bigint;
begin
  if v_taken <= 0 then return 0; end if;
  v_paid := least(v_taken, platform.ledger_balance('leads', 'buyer_paid', given.buyer_id));
  perform platform.post_transfer('leads', 'loss_recovered', given.id::text, array[('credits_lost', null, v_taken),
    ('buyer_paid', given.buyer_id, -v_paid), ('buyer_bonus', given.buyer_id, v_paid - v_taken)]::platform.ledger_line[]);
  return v_taken;
end;
$$;
comment on function leads.recover_loss is 'Takes from returned credits what the buyer owes; how many.';

create function leads.accept_return(given leads.returns, note text)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_sale leads.sales;
  v_reversal uuid;
  v_recovered integer;
begin
  select s.* into strict v_sale from leads.sales s where s.buyer_id = given.buyer_id and s.lead_id = given.lead_id;
  perform from leads.leads l where l.id = given.lead_id for no key update;
  insert into leads.earnings (supplier_id, kind, buyer_id, lead_id, amount_cents, payable_from)
    values (v_sale.supplier_id, 'return', v_sale.buyer_id, v_sale.lead_id, -v_sale.supplier_share_cents, v_sale.return_until);
  if v_sale.budget_cents > 0 then
    perform platform.lock_balances('leads', v_sale.buyer_id);
    perform leads.give_budget_back(v_sale);
  end if;
  v_reversal := platform.reverse_transfer(v_sale.transfer_id, 'return', given.id::text);
  v_recovered := leads.recover_loss(given, v_sale.credits);
  update leads.returns r set status = 'accepted', decided_at = now(), decided_by = auth.uid(), decision_note = note,
    transfer_id = v_reversal, credits_recovered = v_recovered
  where r.id = given.id;
  perform leads.take_lead_back(given);
  update leads.payments p set status = 'refunded' where p.lead_id = given.lead_id and p.buyer_id = given.buyer_id;
  perform leads.record_transaction('refund', given.buyer_id, 'acheteur', v_sale.price_cents, v_sale.credits,
    'Remboursement lead — ' || given.lead_name, 'Crédits');
  perform platform.notify(given.buyer_id, 'leads', 'success', 'Retour accepté',
    format('%s crédits vous ont été rendus pour le lead %s.', v_sale.credits - v_recovered, given.lead_name));
  perform platform.notify((select s.user_id from leads.suppliers s where s.id = v_sale.supplier_id), 'leads', 'warning', 'Lead retourné',
    format('Le lead %s a été retourné par son acheteur ; %s € sont retirés de vos gains.', given.lead_name, leads.amount_text(v_sale.supplier_share_cents)));
end;
$$;

create function leads.decide_return(reference text, accepted boolean, note text)
returns leads.returns
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_wanted text := case when accepted then 'accepted' else 'refused' end;
  v_return leads.returns;
begin
  perform platform.require_role('leads', 'admin');
  if accepted is null then perform leads.refuse_fields(leads.field_problem('accepted', 'required', 'Vrai ou faux est attendu.')); end if;
  note := nullif(btrim(note), '');
  if length(note) > 2000 then
    perform leads.refuse_fields(leads.field_problem('note', 'too_long', 'La note est limitée à 2000 caractères.'));
  end if;
  select r.* into v_return from leads.returns r where r.reference = decide_return.reference for no key update;
  if not found then perform platform.fail(404, 'return_not_found', 'Cette demande de retour n''existe pas.'); end if;
  if v_return.status = v_wanted then return v_return; end if;
  if v_return.status <> 'requested' then
    perform platform.fail(409, 'return_decided', 'Cette demande de retour a déjà reçu la décision contraire.');
  end if;
  if accepted then
    perform leads.accept_return(v_return, note);
  else
    update leads.returns r set status = 'refused', decided_at = now(), decided_by = auth.uid(), decision_note = note where r.id = v_return.id;
    perform platform.notify(v_return.buyer_id, 'leads', 'info', 'Retour refusé',
      format('Votre demande de retour %s a été refusée%s', v_return.reference, coalesce(' : ' || note, '.')));
  end if;
  perform platform.emit('leads', 'return.' || v_wanted, jsonb_build_object('return', v_return.reference));
  select r.* into v_return from leads.returns r where r.id = v_return.id;
  return v_return;
end;
$$;
comment on function leads.decide_return is 'An admin''s decision on a return; the same decision again changes nothing, the opposite is refused.';

create function leads.record_outcome(reference text, outcome text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_sale leads.sales := leads.bought_lead(reference);
begin
  if record_outcome.outcome is null or record_outcome.outcome not in ('won', 'lost', 'unreachable') then
    perform leads.refuse_fields(leads.field_problem('outcome', 'invalid_value', 'Résultat attendu : won, lost ou unreachable.'));
  end if;
  -- A return that is being accepted holds the lead: whether it was is known when it lets go.
  perform from leads.leads l where l.id = v_sale.lead_id for share;
  if not exists (select from leads.kept_sales k where k.buyer_id = v_sale.buyer_id and k.lead_id = v_sale.lead_id) then
    perform platform.fail(409, 'lead_returned', 'Ce lead vous a été remboursé.');
  end if;
  insert into leads.outcomes (buyer_id, lead_id, outcome) values (v_sale.buyer_id, v_sale.lead_id, record_outcome.outcome)
  on conflict (buyer_id, lead_id) do update set outcome = excluded.outcome where outcomes.outcome <> excluded.outcome;
end;
$$;
comment on function leads.record_outcome is 'What became of a bought lead; the last word counts.';

-- sql/leads/0069_purchases_api.sql

-- Returns and outcomes as buyers and admins see them. No document names these paths; the shapes follow the others.
create view leads.return_rows with (security_invoker = true) as
select r.id as key, r.buyer_id, r.reference as id, r.lead_reference as "leadId", r.lead_name as "leadName",
  btrim(p.first_name || ' ' || p.last_name) as "userName", p.company, r.reason, r.comment, r.status, s.credits, leads.euros(s.price_cents) as amount,
  platform.iso_timestamp(r.requested_at) as "createdAt", platform.iso_timestamp(r.decided_at) as "decidedAt", r.decision_note as note
from leads.returns r
join leads.sales s on s.buyer_id = r.buyer_id and s.lead_id = r.lead_id
join platform.profiles p on p.id = r.buyer_id;
comment on view leads.return_rows is 'Returns, with whom and what they are about.';
grant select on leads.return_rows to authenticated, service_role;

create view public.admin_returns with (security_invoker = true) as
select r.id, r."leadId", r."leadName", r."userName", r.company, r.reason, r.comment, r.status, r.credits, r.amount, r."createdAt", r."decidedAt", r.note
from leads.return_rows r where (select platform.require_role('leads', 'admin')) order by r.key desc;
comment on view public.admin_returns is 'GET /api/admin/returns: what buyers gave back, newest first.';

create view public.billing_returns with (security_invoker = true) as
select r.id, r."leadId", r."leadName", r.reason, r.comment, r.status, r.credits, r.amount, r."createdAt", r."decidedAt", r.note
from leads.return_rows r where (select platform.require_role('leads', 'acheteur')) and r.buyer_id = (select auth.uid()) order by r.key desc;
comment on view public.billing_returns is 'GET /api/billing/returns: what the buyer who asks gave back, newest first.';

create trigger refuse_write instead of insert or update or delete on public.admin_returns for each row execute function leads.refuse_write();
create trigger refuse_write instead of insert or update or delete on public.billing_returns for each row execute function leads.refuse_write();
grant select on public.admin_returns, public.billing_returns to authenticated, service_role;

create function public.lead_return(id text, reason text, comment text default null)
returns public.billing_returns
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_asked leads.returns := leads.request_return(id, reason, comment);
  v_shown public.billing_returns;
begin
  select r.* into v_shown from public.billing_returns r where r.id = v_asked.reference;
  return v_shown;
end;
$$;
comment on function public.lead_return is
  'POST /api/leads/:id/return {reason, comment}: asks for the credits back. 201, or 200 if it was asked before; 404, 409 after the window.';

create function public.admin_return_decide(id text, accepted boolean, note text default null)
returns public.admin_returns
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_decided leads.returns := leads.decide_return(id, accepted, note);
  v_shown public.admin_returns;
begin
  select r.* into v_shown from public.admin_returns r where r.id = v_decided.reference;
  return v_shown;
end;
$$;
comment on function public.admin_return_decide is 'POST /api/admin/returns/:id {accepted, note}: decides; again the same changes nothing, the opposite is 409.';

create function public.lead_outcome(id text, outcome text)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform leads.record_outcome(id, lead_outcome.outcome);
  return jsonb_build_object('leadId', id, 'outcome', outcome, 'conversionRate', (select a."conversionRate" from public.users_acheteur() a));
end;
$$;
comment on function public.lead_outcome is 'POST /api/leads/:id/outcome {outcome: won, lost or unreachable}; conversionRate is the buyer''s new one.';
grant execute on function leads.request_return, leads.decide_return, leads.record_outcome, public.lead_return, public.admin_return_decide, public.lead_outcome
  to authenticated, service_role;

-- sql/leads/0080_config_values.sql

-- What an admin may set in packs and rules: each rule about a value is said once, here, with its message. A change that is
-- refused names every bad field (422).

create function leads.is_number(value jsonb, lowest numeric, highest numeric, decimals integer)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select case when jsonb_typeof(value) = 'number' then
    value::numeric between lowest and highest and scale(trim_scale(value::numeric)) <= decimals else false end;
$$;
comment on function leads.is_number is 'Whether a JSON value is a number within limits, with so many decimals at most.';
-- A check of a table asks it, with the rights of who writes.
grant execute on function leads.is_number to authenticated, service_role;

-- All that Unicode calls white space, and what has no width at all: btrim by itself knows the plain space alone.
create function leads.trimmed(value text)
returns text
language sql
immutable
set search_path = ''
as $$
  select btrim(value, e' \t\n\u000b\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u200b\u2060\ufeff');
$$;
comment on function leads.trimmed is 'A text without the white space around it, whatever kind it is.';

create function leads.is_text(value jsonb, longest integer)
returns boolean
language sql
immutable
set search_path = ''
as $$ select jsonb_typeof(value) = 'string' and coalesce(length(platform.clean_text(value #>> '{}', true)), 0) between 1 and longest; $$;
comment on function leads.is_text is 'Whether a JSON value is a text that says something, and not too long.';

create function leads.french_number(value numeric)
returns text
language sql
immutable
set search_path = ''
as $$ select replace(to_char(value, 'FM999,999,999,990'), ',', chr(160)); $$;

comment on function leads.french_number is 'A whole number with a no-break space by the thousand, as French texts have it.';

create function leads.pack_problems(pack jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('field', field, 'message', message,
    'code', case when coalesce(pack -> field, 'null') = 'null' then 'required' else 'invalid_value' end)), '[]')
  from (values
    ('name', leads.is_text(pack -> 'name', 100), 'Le nom compte de 1 à 100 caractères.'),
    ('credits', leads.is_number(pack -> 'credits', 1, 100000, 0), 'Le nombre de crédits est un entier de 1 à 100 000.'),
    ('price', leads.is_number(pack -> 'price', 1, 100000, 2), 'Le prix est un montant de 1 à 100 000 euros, au centime près.'),
    ('bonus', leads.is_number(pack -> 'bonus', 0, 100000, 0), 'Le bonus est un entier de 0 à 100 000 crédits.'),
    ('popular', jsonb_typeof(pack -> 'popular') = 'boolean', 'Vrai ou faux est attendu.'),
    ('active', jsonb_typeof(pack -> 'active') = 'boolean', 'Vrai ou faux est attendu.')
  ) as checked (field, holds, message)
  where holds is not true;
$$;
comment on function leads.pack_problems is 'What is wrong with the values of a pack, field by field.';

create function leads.rule_problems(rule jsonb, kind leads.rule_kinds)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('field', field, 'message', message,
    'code', case when coalesce(rule -> field, 'null') = 'null' then 'required' else 'invalid_value' end)), '[]')
  from (values
    ('name', leads.is_text(rule -> 'name', 100), 'Le nom compte de 1 à 100 caractères.'),
    ('description', leads.is_text(rule -> 'description', 500), 'La description compte de 1 à 500 caractères.'),
    ('unit', leads.is_text(rule -> 'unit', 50), 'L''unité compte de 1 à 50 caractères.'),
    ('value', leads.is_number(rule -> 'value', coalesce(kind.minimum, 0), coalesce(kind.maximum, 1000000), case when kind.kind is null then 4 else 0 end),
      format('La valeur est un %s de %s à %s.', case when kind.kind is null then 'nombre' else 'entier' end,
        leads.french_number(coalesce(kind.minimum, 0)), leads.french_number(coalesce(kind.maximum, 1000000)))),
    ('active', jsonb_typeof(rule -> 'active') = 'boolean', 'Vrai ou faux est attendu.')
  ) as checked (field, holds, message)
  where holds is not true;
$$;
comment on function leads.rule_problems is 'What is wrong with the values of a pricing rule, field by field; its kind says the limits of the value.';

-- PostgREST lets any field come in, and a field that GET shows and nobody sets may only come back as it was shown.
create function leads.body_problems(given jsonb, known text[], shown jsonb default '{}')
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('field', f.field, 'code', p.code, 'message', p.message)), '[]')
  from jsonb_object_keys(given) as f (field)
  cross join lateral (
    select 'unknown_field' as code, 'Ce champ n''existe pas.' as message where not f.field = any (known) and not shown ? f.field
    union all
    select 'read_only', 'Ce champ ne se modifie pas.' where shown ? f.field and shown -> f.field <> given -> f.field
  ) p;
$$;
comment on function leads.body_problems is 'The fields of a body that nobody may write.';

create function leads.refuse_other_version(version integer, expected text)
returns void
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_wanted text := nullif(btrim(regexp_replace(btrim(expected), '^W/', ''), '"'), '');
begin
  if v_wanted <> '*' and v_wanted <> version::text then
    perform platform.fail(412, 'version_changed', 'Cette configuration a été modifiée entre-temps.', 'Rechargez-la et recommencez.');
  end if;
end;
$$;
comment on function leads.refuse_other_version is '412 if the caller expects another version than there is; no expectation is fulfilled.';

-- sql/leads/0081_config_changes.sql

-- Packs and rules as an admin changes them: in force from the next call on. What was bought or sold keeps the version that
-- it was made by (platform.row_versions has them all).

create function leads.write_pack(reference text, given jsonb, expected text)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_pack leads.credit_packs;
  v_new jsonb := '{"bonus": 0, "popular": false, "active": true}';
  v_cents bigint;
begin
  perform platform.require_role('leads', 'admin');
  if jsonb_typeof(given) is distinct from 'object' then perform platform.fail(400, 'invalid_body', 'Un pack est attendu.'); end if;
  if reference is not null then
    select p.* into v_pack from leads.credit_packs p where p.reference = write_pack.reference for no key update;
    if not found then perform platform.fail(404, 'pack_not_found', 'Ce pack n''existe pas.'); end if;
    perform leads.refuse_other_version(v_pack.version, coalesce(expected, given ->> 'version'));
    v_new := jsonb_build_object('name', v_pack.name, 'credits', v_pack.credits, 'price', leads.euros(v_pack.price_cents),
      'bonus', v_pack.bonus, 'popular', v_pack.popular, 'active', v_pack.active);
  end if;
  -- A price per credit may come back as it was shown; it follows from the price.
  v_new := v_new || (given - array['id', 'pricePerCredit', 'version']);
  perform leads.refuse_fields(leads.pack_problems(v_new)
    || leads.body_problems(given - array['pricePerCredit', 'version'], array['name', 'credits', 'price', 'bonus', 'popular', 'active'],
      case when reference is null then '{}' else jsonb_build_object('id', reference) end));
  v_cents := leads.cents(v_new -> 'price');

  -- As numbers, not by their text: 10.0 is 10.
  insert into leads.credit_packs as p (id, reference, name, credits, price_cents, price_per_credit_cents, bonus, popular, active)
  values (coalesce(v_pack.id, platform.uuid_v7()), coalesce(v_pack.reference, 'pack-' || nextval('leads.pack_numbers')),
    leads.trimmed(v_new ->> 'name'), (v_new -> 'credits')::integer, v_cents, round(v_cents::numeric / (v_new -> 'credits')::integer),
    (v_new -> 'bonus')::integer, (v_new ->> 'popular')::boolean, (v_new ->> 'active')::boolean)
  on conflict (id) do update set name = excluded.name, credits = excluded.credits, price_cents = excluded.price_cents,
    price_per_credit_cents = excluded.price_per_credit_cents, bonus = excluded.bonus, popular = excluded.popular, active = excluded.active
  returning p.* into v_pack;
  return v_pack.reference;
end;
$$;
comment on function leads.write_pack is 'Changes a pack, or makes one where no reference is given; answers its reference.';

create function leads.change_rule(reference text, given jsonb, expected text)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_rule leads.credit_rules;
  v_kind leads.rule_kinds;
  v_new jsonb;
begin
  perform platform.require_role('leads', 'admin');
  if jsonb_typeof(given) is distinct from 'object' then perform platform.fail(400, 'invalid_body', 'Une règle est attendue.'); end if;
  select r.* into v_rule from leads.credit_rules r where r.reference = change_rule.reference for no key update;
  if not found then perform platform.fail(404, 'rule_not_found', 'Cette règle n''existe pas.'); end if;
  perform leads.refuse_other_version(v_rule.version, coalesce(expected, given ->> 'version'));
  select k.* into v_kind from leads.rule_kinds k where k.kind = v_rule.kind;
  v_new := jsonb_build_object('name', v_rule.name, 'description', v_rule.description, 'value', v_rule.value, 'unit', v_rule.unit,
    'active', v_rule.active) || (given - array['id', 'version']);
  perform leads.refuse_fields(leads.rule_problems(v_new, v_kind)
    || leads.body_problems(given - 'version', array['name', 'description', 'value', 'unit', 'active'], jsonb_build_object('id', reference)));
  update leads.credit_rules r set name = leads.trimmed(v_new ->> 'name'), description = leads.trimmed(v_new ->> 'description'),
    value = (v_new ->> 'value')::numeric, unit = leads.trimmed(v_new ->> 'unit'), active = (v_new ->> 'active')::boolean
  where r.id = v_rule.id;
  return v_rule.reference;
end;
$$;
comment on function leads.change_rule is 'Changes a pricing rule; which rule of the sale it is stays, whatever it is called.';

create function leads.add_rule(given jsonb)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_kind leads.rule_kinds;
  v_reference text;
  v_new jsonb;
begin
  perform platform.require_role('leads', 'admin');
  if jsonb_typeof(given) is distinct from 'object' then perform platform.fail(400, 'invalid_body', 'Une règle est attendue.'); end if;
  select k.* into v_kind from leads.rule_kinds k where k.kind = given ->> 'kind';
  if not found then
    perform leads.refuse_fields(leads.field_problem('kind', case when given ? 'kind' then 'invalid_value' else 'required' end,
      'Genres connus : ' || (select string_agg(k.kind, ', ' order by k.kind) from leads.rule_kinds k) || '.'));
  end if;
  v_new := jsonb_build_object('name', v_kind.name, 'description', v_kind.description, 'unit', v_kind.unit, 'active', true) || (given - 'kind');
  perform leads.refuse_fields(leads.rule_problems(v_new, v_kind) || leads.body_problems(given, array['kind', 'value', 'active']));
  insert into leads.credit_rules (name, description, value, unit, active)
  values (v_kind.name, v_kind.description, (v_new ->> 'value')::numeric, v_kind.unit, (v_new ->> 'active')::boolean)
  on conflict (kind) do nothing returning reference into v_reference;
  if v_reference is null then
    perform platform.fail(409, 'rule_exists', 'Cette règle existe déjà.',
      (select 'Modifiez ' || r.reference || '.' from leads.credit_rules r where r.kind = v_kind.kind));
  end if;
  return v_reference;
end;
$$;
comment on function leads.add_rule is 'Adds the rule of a known kind that the configuration lacks; 409 if there is one.';

-- What a row of configuration was, newest first: its content at each version, from when it held, and who wrote it.
create function leads.versions_of(relation text, row_id uuid)
returns table (version integer, content jsonb, "validFrom" text, "changedBy" text)
language sql
stable
security definer
set search_path = ''
as $$
  select v.version, v.content, platform.iso_timestamp(v.valid_from), coalesce(nullif(btrim(p.first_name || ' ' || p.last_name), ''), p.email)
  from platform.row_versions v left join platform.profiles p on p.id = v.changed_by
  where v.relation = versions_of.relation and v.row_id = versions_of.row_id and (select platform.require_role('leads', 'admin'))
  order by v.version desc;
$$;
comment on function leads.versions_of is 'The history of a row of configuration, for an admin; changedBy is null for the operators.';
grant execute on function leads.write_pack, leads.change_rule, leads.add_rule, leads.versions_of to authenticated, service_role;

-- sql/leads/0082_config_api.sql

-- Packs and rules, published for the admin: written, and their history read. Answers are rows as GET shows them.

create function leads.show_pack(reference text)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform set_config('response.headers', jsonb_build_array(jsonb_build_object('ETag', '"' || p.version || '"'))::text, true)
  from leads.credit_packs p where p.reference = show_pack.reference;
  return (select to_jsonb(p) from public.admin_credits_packs p where p.id = show_pack.reference);
end;
$$;
comment on function leads.show_pack is 'A pack as GET shows it; its ETag is the version.';

create function leads.show_rule(reference text)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform set_config('response.headers', jsonb_build_array(jsonb_build_object('ETag', '"' || r.version || '"'))::text, true)
  from leads.credit_rules r where r.reference = show_rule.reference;
  return (select to_jsonb(r) from public.admin_credits_rules r where r.id = show_rule.reference);
end;
$$;
comment on function leads.show_rule is 'A rule as GET shows it; its ETag is the version.';

create function public.admin_credits_pack_create(pack jsonb)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.show_pack(leads.write_pack(null, pack, null)); $$;
create function public.admin_credits_pack_change(id text, pack jsonb, if_match text default null)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.show_pack(leads.write_pack(coalesce(id, ''), pack, if_match)); $$;
create function public.admin_credits_rule_create(rule jsonb)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.show_rule(leads.add_rule(rule)); $$;
create function public.admin_credits_rule_change(id text, rule jsonb, if_match text default null)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.show_rule(leads.change_rule(id, rule, if_match)); $$;
comment on function public.admin_credits_pack_create is 'POST /api/admin/credits/packs: 400 field by field. The price per credit is computed.';
comment on function public.admin_credits_pack_change is 'PUT /api/admin/credits/packs/:id: what is not given stays. 412 if if_match, or version in the pack, is not the present one.';
comment on function public.admin_credits_rule_create is 'POST /api/admin/credits/rules: the rule of a known kind that there is not yet; 409 otherwise.';
comment on function public.admin_credits_rule_change is 'PUT /api/admin/credits/rules/:id: what is not given stays. 412 if if_match, or version in the rule, is not the present one.';

create function public.admin_credits_pack_versions(id text)
returns table (version integer, name text, credits integer, price numeric, "pricePerCredit" numeric, bonus integer, popular boolean, active boolean,
  "validFrom" text, "changedBy" text)
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_pack uuid;
begin
  perform platform.require_role('leads', 'admin');
  select p.id into v_pack from leads.credit_packs p where p.reference = admin_credits_pack_versions.id;
  if v_pack is null then perform platform.fail(404, 'pack_not_found', 'Ce pack n''existe pas.'); end if;
  return query
    select v.version, p.name, p.credits, leads.euros(p.price_cents), leads.euros(p.price_per_credit_cents), p.bonus, p.popular, p.active,
      v."validFrom", v."changedBy"
    from leads.versions_of('leads.credit_packs', v_pack) v
    cross join lateral jsonb_populate_record(null::leads.credit_packs, v.content) p;
end;
$$;
comment on function public.admin_credits_pack_versions is 'GET /api/admin/credits/packs/:id/versions: what a pack was, newest first.';

create function public.admin_credits_rule_versions(id text)
returns table (version integer, name text, description text, value numeric, unit text, active boolean, "validFrom" text, "changedBy" text)
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_rule uuid;
begin
  perform platform.require_role('leads', 'admin');
  select r.id into v_rule from leads.credit_rules r where r.reference = admin_credits_rule_versions.id;
  if v_rule is null then perform platform.fail(404, 'rule_not_found', 'Cette règle n''existe pas.'); end if;
  return query
    select v.version, r.name, r.description, r.value, r.unit, r.active, v."validFrom", v."changedBy"
    from leads.versions_of('leads.credit_rules', v_rule) v
    cross join lateral jsonb_populate_record(null::leads.credit_rules, v.content) r;
end;
$$;
comment on function public.admin_credits_rule_versions is 'GET /api/admin/credits/rules/:id/versions: what a rule was, newest first.';

grant execute on function leads.show_pack, leads.show_rule, public.admin_credits_pack_create, public.admin_credits_pack_change,
  public.admin_credits_rule_create, public.admin_credits_rule_change, public.admin_credits_pack_versions,
  public.admin_credits_rule_versions to authenticated, service_role;

-- sql/leads/0083_billing_details.sql

-- Who is on an invoice. The seller's identity and the rate of VAT are rules that an admin sets; a buyer says how he wants to
-- be named, and until he does it is by his profile. What an invoice was made with, it keeps.
insert into leads.work_rules (name, value, description) values
  ('vat_percent', '20', 'Taux de TVA des packs de crédits, compris dans leur prix, en %'),
  ('vat_on_debits', 'false', 'Le vendeur a opté pour le paiement de la TVA d''après les débits'),
  ('seller', '{"name": "Leads Provider", "address": null, "siret": null, "vatNumber": null}',
    'Identité du vendeur sur les factures : nom, adresse, SIRET, numéro de TVA. Rien ne se vend tant qu''il en manque');
alter table leads.work_rules
  add constraint vat_percent_is_a_rate check (name <> 'vat_percent' or leads.is_number(value, 0, 100, 2)),
  add constraint seller_is_named check (name <> 'seller' or value ?& array['name', 'address', 'siret', 'vatNumber']);

create table leads.billing_details (
  buyer_id uuid primary key references platform.profiles (id) on delete cascade,
  name text not null,
  address text not null,
  delivery_address text,
  siret text check (platform.siret_problem(siret) is null),
  vat_number text check (platform.vat_number_problem(vat_number) is null),
  updated_at timestamptz not null default now()
);
alter table leads.billing_details enable row level security;
create trigger touch before update on leads.billing_details for each row execute function platform.touch();
create trigger clean_texts before insert or update on leads.billing_details
  for each row execute function platform.clean_texts('name', 'address', 'delivery_address', 'siret', 'vat_number');
comment on table leads.billing_details is 'How a buyer wants to be named on his invoices.';
comment on column leads.billing_details.delivery_address is 'Where it is another than the address of the invoice.';
create policy select_own_or_admin on leads.billing_details for select to authenticated
  using (buyer_id = (select auth.uid()) or (select platform.has_role('leads', 'admin')));
grant select on leads.billing_details to authenticated, service_role;
select platform.audit('leads.billing_details');

create function leads.identity_problems(identity jsonb, prefix text, wanted text[])
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('field', prefix || field, 'code', p.code,
    'message', case p.code when 'invalid_check_digits' then 'La clé de ce numéro est fausse : vérifiez la saisie.' else message end)), '[]')
  from (values
    ('name', case when not leads.is_text(identity -> 'name', 200) then 'invalid_value' end, 'Le nom compte de 1 à 200 caractères.'),
    ('address', case when not leads.is_text(identity -> 'address', 500) then 'invalid_value' end, 'L''adresse compte de 1 à 500 caractères.'),
    ('deliveryAddress', case when not leads.is_text(identity -> 'deliveryAddress', 500) then 'invalid_value' end, 'L''adresse compte de 1 à 500 caractères.'),
    ('siret', platform.siret_problem(identity ->> 'siret'), 'Un SIRET compte 14 chiffres.'),
    ('vatNumber', platform.vat_number_problem(identity ->> 'vatNumber'),
      'Un numéro de TVA commence par le code du pays, et a la forme de ceux du pays : FR44732829320.')
  ) as checked (field, problem, message)
  cross join lateral (select case when coalesce(identity -> field, 'null') <> 'null' then problem when field = any (wanted) then 'required' end as code) p
  where p.code is not null;
$$;
comment on function leads.identity_problems is 'What is wrong with who is named on an invoice, field by field; what is not wanted may be left out.';

-- Without a rate of VAT the seller is in franchise (art. 293 B), and may have no number.
create function leads.seller_problems(seller jsonb, vat_percent jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select leads.identity_problems(seller, 'seller.', array['name', 'address', 'siret'] || case when vat_percent = '0' then '{}' else array['vatNumber'] end);
$$;
comment on function leads.seller_problems is 'What an invoice of the seller would lack, field by field.';

create function leads.write_billing_details(given jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'acheteur');
  if jsonb_typeof(given) is distinct from 'object' then
    perform platform.fail(400, 'invalid_body', 'Des coordonnées de facturation sont attendues.');
  end if;
  perform leads.refuse_fields(leads.identity_problems(given, '', array['name', 'address'])
    || leads.body_problems(given, array['name', 'address', 'deliveryAddress', 'siret', 'vatNumber']));
  insert into leads.billing_details as d (buyer_id, name, address, delivery_address, siret, vat_number)
  values (auth.uid(), leads.trimmed(given ->> 'name'), leads.trimmed(given ->> 'address'), leads.trimmed(given ->> 'deliveryAddress'), platform.compact_number(given ->> 'siret'),
    platform.compact_number(given ->> 'vatNumber'))
  on conflict (buyer_id) do update set name = excluded.name, address = excluded.address,
    delivery_address = excluded.delivery_address, siret = excluded.siret, vat_number = excluded.vat_number;
end;
$$;
comment on function leads.write_billing_details is 'Sets how the caller is named on his invoices from now on.';

create function leads.write_billing_settings(given jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_fields constant text[] := array['name', 'address', 'siret', 'vatNumber'];
  v_seller jsonb;
begin
  perform platform.require_role('leads', 'admin');
  if jsonb_typeof(given) is distinct from 'object' or jsonb_typeof(coalesce(given -> 'seller', '{}')) <> 'object' then
    perform platform.fail(400, 'invalid_body', 'Des réglages de facturation sont attendus.');
  end if;
  v_seller := leads.work_rule('seller') || coalesce(given -> 'seller', '{}');
  perform leads.refuse_fields(
    case when given ? 'vatPercent' and not leads.is_number(given -> 'vatPercent', 0, 100, 2)
      then leads.field_problem('vatPercent', 'invalid_value', 'Le taux de TVA est un nombre de 0 à 100.') else '[]' end
    || case when given ? 'vatOnDebits' and jsonb_typeof(given -> 'vatOnDebits') <> 'boolean'
      then leads.field_problem('vatOnDebits', 'invalid_value', 'L''option pour les débits est vraie ou fausse.') else '[]' end
    || case when given ? 'seller' then leads.seller_problems(v_seller, coalesce(given -> 'vatPercent', leads.work_rule('vat_percent'))) else '[]' end
    || leads.body_problems(coalesce(given -> 'seller', '{}'), v_fields)
    || leads.body_problems(given, array['vatPercent', 'vatOnDebits', 'seller']));
  v_seller := v_seller || jsonb_build_object('name', platform.clean_text(v_seller ->> 'name'), 'address', platform.clean_text(v_seller ->> 'address', true),
    'siret', platform.compact_number(v_seller ->> 'siret'), 'vatNumber', platform.compact_number(v_seller ->> 'vatNumber'));
  update leads.work_rules r set value = g.value
  from (values ('seller', case when given ? 'seller' then v_seller end), ('vat_percent', given -> 'vatPercent'), ('vat_on_debits', given -> 'vatOnDebits')) as g (name, value)
  where r.name = g.name and g.value is not null;
end;
$$;
comment on function leads.write_billing_settings is 'Sets the seller and the rate of VAT of the invoices to come, for an admin.';

-- So that the demo sells: a company that does not exist, where nobody has said who sells.
create function leads.keep_demo_seller()
returns void
language sql
security definer
set search_path = ''
as $$
  update leads.work_rules r set value = r.value || '{"address": "1 rue de la Démonstration\n75000 Paris", "siret": "99999999800019", "vatNumber": "FR11999999998"}'
  where r.name = 'seller' and r.value ->> 'siret' is null;
$$;
comment on function leads.keep_demo_seller is 'Gives the demo a fictitious seller, if it has none.';

create function public.billing_details()
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'acheteur');
  return coalesce(
    (select jsonb_build_object('name', d.name, 'address', d.address, 'deliveryAddress', d.delivery_address, 'siret', d.siret, 'vatNumber', d.vat_number)
      from leads.billing_details d where d.buyer_id = auth.uid()),
    (select jsonb_build_object('name', coalesce(nullif(p.company, ''), btrim(p.first_name || ' ' || p.last_name)),
        'address', null, 'deliveryAddress', null, 'siret', null, 'vatNumber', null)
      from platform.profiles p where p.id = auth.uid()));
end;
$$;
comment on function public.billing_details is 'GET /api/billing/details: how the caller is named on his invoices.';

create function public.billing_details_change(details jsonb)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform leads.write_billing_details(details);
  return public.billing_details();
end;
$$;
comment on function public.billing_details_change is 'PUT /api/billing/details: how the caller is named on invoices from now on; 400 field by field.';

create function leads.read_billing_settings()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin');
  return (select jsonb_build_object('vatPercent', v.value, 'vatOnDebits', leads.work_rule('vat_on_debits'), 'seller', s.value,
      'missing', (select coalesce(jsonb_agg(p -> 'field'), '[]') from jsonb_array_elements(leads.seller_problems(s.value, v.value)) p))
    from leads.work_rules v, leads.work_rules s where v.name = 'vat_percent' and s.name = 'seller');
end;
$$;
comment on function leads.read_billing_settings is 'The seller, the VAT, and what the seller lacks, for an admin.';

create function public.admin_billing_settings()
returns jsonb language sql stable security invoker set search_path = ''
as $$ select leads.read_billing_settings(); $$;
comment on function public.admin_billing_settings is 'GET /api/admin/billing-settings: the seller and the rate of VAT on invoices. missing: what the seller lacks before anything is sold.';

create function public.admin_billing_settings_change(settings jsonb)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform leads.write_billing_settings(settings);
  return public.admin_billing_settings();
end;
$$;
comment on function public.admin_billing_settings_change is 'PUT /api/admin/billing-settings: what is given, for the invoices to come; 400 field by field.';
grant execute on function leads.read_billing_settings, leads.write_billing_details, leads.write_billing_settings, public.billing_details, public.billing_details_change,
  public.admin_billing_settings, public.admin_billing_settings_change to authenticated, service_role;

-- sql/leads/0083_pack_orders.sql

-- A buyer's order of a pack, from the click to the money. It keeps the pack as it was offered; what becomes of it is decided
-- by who is paid (the payment provider), never by the buyer: everything after the order is for the functions' key alone.
create sequence leads.order_numbers;
create table leads.pack_orders (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default platform.short_reference('CMD', nextval('leads.order_numbers')),
  buyer_id uuid not null references platform.profiles (id),
  pack_id uuid not null references leads.credit_packs (id),
  pack_reference text not null,
  pack_version integer not null,
  pack_name text not null,
  credits integer not null check (credits > 0),
  bonus integer not null check (bonus >= 0),
  credits_lost integer not null default 0 check (credits_lost >= 0),
  price_cents bigint not null check (price_cents >= 0),
  status text not null default 'pending' check (status in ('pending', 'completed', 'failed', 'refunded')),
  provider text check (provider in ('manual', 'stripe')),
  provider_reference text,
  payment_reference text,
  refund_reference text,
  checkout_url text,
  payment_id uuid unique references leads.payments (id),
  transaction_id uuid unique references leads.transactions (id),
  answer jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  settled_at timestamptz,
  unique (provider, provider_reference),
  unique (provider, payment_reference),
  check (status = 'pending' or provider is not null),
  check ((settled_at is not null) = (status in ('completed', 'refunded')))
);
alter table leads.pack_orders enable row level security;
create index pack_orders_buyer on leads.pack_orders (buyer_id, id desc);
create index pack_orders_pack on leads.pack_orders (pack_id);
create trigger touch before update on leads.pack_orders for each row execute function platform.touch();
comment on table leads.pack_orders is 'Orders of packs of credits, with the pack as it was offered.';
comment on column leads.pack_orders.credits_lost is 'How many of the credits were spent, and not there to be taken back, when money of the order went back.';
comment on column leads.pack_orders.provider is 'Who takes the money; null until he was asked.';
comment on column leads.pack_orders.provider_reference is 'The order''s name at the provider: the Checkout session.';
comment on column leads.pack_orders.payment_reference is 'The payment''s name at the provider: the payment intent.';
comment on column leads.pack_orders.refund_reference is 'The last refund''s name at the provider; null while no money goes back.';
comment on column leads.pack_orders.answer is 'What the buyer was answered first, for whoever asks again with the same key.';
create policy select_own_or_admin on leads.pack_orders for select to authenticated
  using (buyer_id = (select auth.uid()) or (select platform.has_role('leads', 'admin')));
grant select on leads.pack_orders to authenticated, service_role;
select platform.audit('leads.pack_orders');

-- Whatever comes twice, late or out of order: money that has come in only ever goes back by a refund, which may be reversed.
create function leads.guard_order()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if (old.status, new.status) not in (('pending', 'completed'), ('pending', 'failed'), ('failed', 'completed'), ('completed', 'refunded'),
      ('refunded', 'completed'))
    and old.status <> new.status
    or (old.buyer_id, old.pack_id, old.pack_reference, old.pack_version, old.pack_name, old.credits, old.bonus, old.price_cents)
      <> (new.buyer_id, new.pack_id, new.pack_reference, new.pack_version, new.pack_name, new.credits, new.bonus, new.price_cents) then
    perform platform.fail(409, 'order_is_final', 'Cette commande ne se modifie plus.');
  end if;
  return new;
end;
$$;
comment on function leads.guard_order is 'Trigger: the ways that an order may go, and what of it never changes.';
create trigger guard before update on leads.pack_orders for each row execute function leads.guard_order();

create function leads.open_order(pack text, key text)
returns leads.pack_orders
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_known jsonb;
  v_order leads.pack_orders;
begin
  perform platform.require_role('leads', 'acheteur');
  if leads.seller_problems(leads.work_rule('seller'), leads.work_rule('vat_percent')) <> '[]' then
    perform platform.fail(503, 'seller_incomplete', 'L''achat de crédits n''est pas encore ouvert : l''identité du vendeur est incomplète. Réessayez plus tard.');
  end if;
  v_known := platform.claim_idempotency_key('billing.purchase_pack', key, jsonb_build_object('packId', pack));
  if v_known is not null then
    select o.* into strict v_order from leads.pack_orders o where o.id = (v_known ->> 'order')::uuid;
    return v_order;
  end if;
  insert into leads.pack_orders (buyer_id, pack_id, pack_reference, pack_version, pack_name, credits, bonus, price_cents)
  select auth.uid(), p.id, p.reference, p.version, o.name, o.credits, o.bonus, o.price_cents
  from leads.credit_offers o join leads.credit_packs p using (reference) where o.reference = pack
  returning * into v_order;
  if v_order.id is null then perform platform.fail(404, 'pack_not_found', 'Ce pack n''est pas en vente.'); end if;
  perform platform.keep_answer('billing.purchase_pack', key, jsonb_build_object('order', v_order.id));
  return v_order;
end;
$$;
comment on function leads.open_order is 'The order of the caller''s key: a new one of the pack as it is offered now, or the one that the key made.';
-- A refusal leaves nothing behind; whoever has met it tells the admins, who are told once until they have read it.
create function leads.report_incomplete_seller()
returns void
language sql
security definer
set search_path = ''
as $$
  select platform.notify(m.user_id, 'leads', 'warning', 'Vente impossible', format('Un acheteur n''a pas pu acheter de crédits : complétez l''identité du vendeur (%s).',
    (select string_agg(p ->> 'field', ', ') from jsonb_array_elements(leads.seller_problems(leads.work_rule('seller'), leads.work_rule('vat_percent'))) p)))
  from platform.memberships m
  where m.system = 'leads' and m.role = 'admin' and m.status = 'active' and not exists (
    select from platform.notifications n where n.user_id = m.user_id and n.title = 'Vente impossible' and not n.read);
$$;
comment on function leads.report_incomplete_seller is 'Tells the admins that nothing can be sold before the seller is complete.';
grant execute on function leads.report_incomplete_seller to service_role;

create function leads.order_title(pack_order leads.pack_orders)
returns text
language sql
immutable
set search_path = ''
as $$
  select format('Pack %s — %s crédits', pack_order.pack_name, pack_order.credits)
    || case when pack_order.bonus > 0 then format(' + %s offerts', pack_order.bonus) else '' end;
$$;
comment on function leads.order_title is 'What people read of an order: Pack Pro — 50 crédits + 5 offerts.';
grant execute on function leads.open_order, leads.order_title to authenticated, service_role;

-- The rows of the order in both lists, made when the provider is asked and changed with the order.
create function leads.list_order(pack_order leads.pack_orders)
returns leads.pack_orders
language plpgsql
set search_path = ''
as $$
declare
  v_order leads.pack_orders := pack_order;
  v_failed text := case when pack_order.status = 'failed' then ' — paiement refusé' else '' end;
begin
  if v_order.payment_id is null then
    insert into leads.payments (buyer_id, type, amount_cents, status, description)
    values (v_order.buyer_id, 'credit_purchase', v_order.price_cents, v_order.status, 'Achat ' || leads.order_title(v_order) || v_failed)
    returning id into v_order.payment_id;
    v_order.transaction_id := leads.record_transaction('credit_purchase', v_order.buyer_id, 'acheteur', v_order.price_cents, v_order.credits,
      'Achat Pack ' || v_order.pack_name || v_failed,
      case v_order.provider when 'stripe' then 'Carte bancaire' else 'Virement bancaire' end, v_order.status);
  else
    -- The day is that of the money, but a refund does not move it, nor its end.
    update leads.payments p set status = v_order.status, description = 'Achat ' || leads.order_title(v_order) || v_failed,
      date = case when 'refunded' in (p.status, v_order.status) then p.date else leads.today() end
    where p.id = v_order.payment_id;
    update leads.transactions t set status = v_order.status, description = 'Achat Pack ' || v_order.pack_name || v_failed,
      date = case when 'refunded' in (t.status, v_order.status) then t.date else leads.today() end
    where t.id = v_order.transaction_id;
  end if;
  update leads.pack_orders o set payment_id = v_order.payment_id, transaction_id = v_order.transaction_id where o.id = v_order.id
  returning o.* into v_order;
  return v_order;
end;
$$;
comment on function leads.list_order is 'Makes the payment and the transaction of an order say what the order says.';

-- sql/leads/0083_refunds.sql

-- The money of an order on its way back, whole or in part. A refund that an admin asks for is a row first (requested): the
-- provider is then asked under its id, so that it is asked once however often, and what he answers, or tells by his webhook,
-- makes it accepted or refused. Nothing is booked and nobody is told before that. One that he takes back afterwards is reversed.
create sequence leads.refund_numbers;
create table leads.refunds (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default platform.short_reference('RMB', nextval('leads.refund_numbers')),
  order_id uuid not null references leads.pack_orders (id),
  kind text not null check (kind in ('asked', 'made', 'dispute')),
  status text not null default 'requested' check (status in ('requested', 'accepted', 'refused', 'reversed')),
  amount_cents bigint not null check (amount_cents >= 0),
  credits integer not null default 0 check (credits >= 0),
  bonus integer not null default 0 check (bonus >= 0),
  credits_lost integer not null default 0,
  bonus_lost integer not null default 0,
  loss_undone integer not null default 0,
  provider_reference text,
  cause text check (length(cause) <= 100),
  failed_at timestamptz,
  transaction_id uuid unique references leads.transactions (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (order_id, provider_reference),
  constraint booked_has_its_transaction check ((transaction_id is not null) = (status in ('accepted', 'reversed'))),
  constraint lost_is_of_what_was_taken check (credits_lost between 0 and credits and bonus_lost between 0 and bonus),
  constraint undone_is_of_what_was_lost check (loss_undone between 0 and credits_lost + bonus_lost),
  constraint only_what_is_asked_waits check (kind = 'asked' or status <> 'requested'),
  constraint dispute_is_lost_for_good check (kind <> 'dispute' or status <> 'reversed')
);
alter table leads.refunds enable row level security;
-- Two admins at once ask for one refund.
create unique index refunds_requested on leads.refunds (order_id) where status = 'requested';
create trigger touch before update on leads.refunds for each row execute function platform.touch();
comment on table leads.refunds is 'Money of an order that goes back: asked of the provider, or told of by him.';
comment on column leads.refunds.kind is
  'asked: by an admin, of the provider; made: on the provider''s own pages; dispute: taken back by the buyer''s bank.';
comment on column leads.refunds.credits is 'The part of the order''s paid credits that goes back with the money, 0 until it is accepted; bonus likewise.';
comment on column leads.refunds.credits_lost is 'How many of them were spent, and not there to be taken back; bonus_lost likewise.';
comment on column leads.refunds.loss_undone is 'How many of the lost ones the buyer answered for when the refund was reversed.';
comment on column leads.refunds.cause is 'Why the provider refused it or took it back, in his words.';
comment on column leads.refunds.failed_at is 'When the provider took it back, by his clock.';
create policy select_own_or_admin on leads.refunds for select to authenticated using (
  (select platform.has_role('leads', 'admin')) or order_id in (select o.id from leads.pack_orders o where o.buyer_id = (select auth.uid())));
grant select on leads.refunds to authenticated, service_role;
select platform.audit('leads.refunds');

-- What was refused can turn out to have been made: where the money is, the provider knows.
create function leads.guard_refund()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if old.status <> new.status
      and (old.status, new.status) not in (('requested', 'accepted'), ('requested', 'refused'), ('refused', 'accepted'), ('accepted', 'reversed'))
    or (old.order_id, old.kind, old.amount_cents) <> (new.order_id, new.kind, new.amount_cents)
    or old.transaction_id is not null and (old.credits, old.bonus, old.credits_lost, old.bonus_lost, old.transaction_id)
      <> (new.credits, new.bonus, new.credits_lost, new.bonus_lost, new.transaction_id) then
    perform platform.fail(409, 'refund_is_final', 'Ce remboursement ne se modifie plus.');
  end if;
  return new;
end;
$$;
comment on function leads.guard_refund is 'Trigger: the ways that a refund may go, and what of it never changes.';
create trigger guard before update on leads.refunds for each row execute function leads.guard_refund();

-- Rounded down, and counted from the first part on: each takes what is missing to its share of all so far, and the last one
-- the rest, however the parts were cut.
create function leads.share_of(whole bigint, part_cents bigint, price_cents bigint)
returns bigint
language sql
immutable
set search_path = ''
as $$ select case when part_cents >= price_cents then whole else whole * part_cents / price_cents end; $$;
comment on function leads.share_of is 'What of a whole goes with a part of the price, rounded down.';

-- sql/leads/0084_invoices.sql

-- Invoices and credit notes: numbered without a gap in each series and year, written in the transaction of what they are
-- about, and never changed. Prices include VAT. A document keeps seller, buyer and rate as they were.
create table leads.invoice_counters (
  series text not null check (series in ('FA', 'AV')),
  year integer not null,
  last_number integer not null,
  last_day date not null,
  primary key (series, year)
);
alter table leads.invoice_counters enable row level security;
comment on table leads.invoice_counters is 'The last number of each series and year. A row, not a sequence: who takes a number and fails gives it back.';
create policy select_admin on leads.invoice_counters for select to authenticated using ((select platform.has_role('leads', 'admin')));

create table leads.invoices (
  id uuid primary key default platform.uuid_v7(),
  series text not null,
  year integer not null,
  position integer not null check (position > 0),
  number text not null generated always as (
    series || '-' || year || '-' || lpad(position::text, greatest(6, length(position::text)), '0')) stored,
  order_id uuid not null references leads.pack_orders (id),
  corrects uuid references leads.invoices (id),
  refund_id uuid references leads.refunds (id),
  buyer_id uuid not null references platform.profiles (id),
  buyer jsonb not null,
  seller jsonb not null,
  description text not null,
  payment_method text,
  vat_percent numeric not null check (vat_percent between 0 and 100),
  net_cents bigint not null,
  vat_cents bigint not null,
  gross_cents bigint not null,
  mentions text[] not null,
  issued_on date not null,
  created_at timestamptz not null default now(),
  unique (series, year, position),
  unique nulls not distinct (order_id, series, refund_id),
  foreign key (series, year) references leads.invoice_counters (series, year),
  check (net_cents + vat_cents = gross_cents),
  check (case series when 'FA' then gross_cents >= 0 and corrects is null else gross_cents <= 0 and corrects is not null and refund_id is not null end)
);
alter table leads.invoices enable row level security;
create index invoices_number on leads.invoices (number);
create index invoices_buyer on leads.invoices (buyer_id, id desc);
create index invoices_corrects on leads.invoices (corrects) where corrects is not null;
create index invoices_refund on leads.invoices (refund_id) where refund_id is not null;
create trigger append_only before update or delete or truncate on leads.invoices for each statement execute function platform.refuse_change();
comment on table leads.invoices is 'Append-only: invoices (FA) and the credit notes that correct them (AV, negative), in integer cents.';
comment on column leads.invoices.refund_id is 'The refund of a credit note; of an invoice, the refund that was reversed and whose credit note it makes good.';
create policy select_own_or_admin on leads.invoices for select to authenticated
  using (buyer_id = (select auth.uid()) or (select platform.has_role('leads', 'admin')));
grant select on leads.invoice_counters, leads.invoices to authenticated, service_role;

-- Called last in a transaction: from here to its end, whoever else wants a number waits. Days follow the numbers, also
-- where a transaction began before midnight and took its number after another one's.
create function leads.take_invoice_number(series text)
returns leads.invoice_counters
language plpgsql
set search_path = ''
as $$
declare
  v_today date := (clock_timestamp() at time zone 'Europe/Paris')::date;
  v_counter leads.invoice_counters;
begin
  insert into leads.invoice_counters as c (series, year, last_number, last_day)
  values (take_invoice_number.series, extract(year from v_today), 1, v_today)
  on conflict on constraint invoice_counters_pkey do update
    set last_number = c.last_number + 1, last_day = greatest(c.last_day, excluded.last_day)
  returning c.* into v_counter;
  return v_counter;
end;
$$;
comment on function leads.take_invoice_number is 'The next number of a series in this year, held until the transaction ends.';

-- A company of another member state owes the VAT itself (art. 283-2 du CGI). Northern Ireland is in the Union for goods alone.
create function leads.is_reverse_charged(vat_number text)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select coalesce(left(vat_number, 2) = any (string_to_array('AT BE BG CY CZ DE DK EE EL ES FI HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK', ' ')), false);
$$;
comment on function leads.is_reverse_charged is 'Whether a buyer of this VAT number owes the VAT in his own country.';

create function leads.invoice_mentions(buyer jsonb, vat_percent numeric)
returns text[]
language sql
stable
set search_path = ''
as $$
  select array_agg(m.text order by m.place) from (values
    (1, leads.is_reverse_charged(buyer ->> 'vatNumber'), 'Autoliquidation : TVA due par le preneur (art. 283-2 du CGI, art. 196 de la directive 2006/112/CE).'),
    (2, vat_percent = 0 and not leads.is_reverse_charged(buyer ->> 'vatNumber'), 'TVA non applicable, art. 293 B du CGI.'),
    (3, true, 'Nature de l''opération : prestation de services.'),
    (4, vat_percent > 0 and leads.work_rule('vat_on_debits') = 'true', 'Option pour le paiement de la taxe d''après les débits.'),
    (5, buyer ->> 'deliveryAddress' is not null, 'Adresse de livraison : ' || regexp_replace(buyer ->> 'deliveryAddress', '\s*\n\s*', ', ', 'g')),
    (6, true, 'En cas de retard de paiement : pénalités de trois fois le taux d''intérêt légal et indemnité forfaitaire de 40 € pour frais de recouvrement (art. L441-10 et D441-5 du code de commerce).')
  ) as m (place, holds, text) where m.holds;
$$;
comment on function leads.invoice_mentions is 'What the law wants to be written on an invoice besides its figures.';

create function leads.issue_invoice(pack_order leads.pack_orders)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_vat numeric;
  v_net bigint;
  v_buyer jsonb;
  v_counter leads.invoice_counters := leads.take_invoice_number('FA');
  v_number text;
begin
  select jsonb_build_object('name', btrim(p.first_name || ' ' || p.last_name), 'company', coalesce(d.name, p.company), 'address', d.address,
      'deliveryAddress', case when d.delivery_address <> d.address then d.delivery_address end, 'siren', left(d.siret, 9), 'siret', d.siret,
      'vatNumber', d.vat_number, 'email', p.email, 'phone', p.phone) into strict v_buyer
  from platform.profiles p left join leads.billing_details d on d.buyer_id = p.id where p.id = pack_order.buyer_id;
  -- The price stays the same: to give a number of elsewhere makes nothing cheaper.
  v_vat := case when leads.is_reverse_charged(v_buyer ->> 'vatNumber') then 0 else (leads.work_rule('vat_percent'))::numeric end;
  v_net := round(pack_order.price_cents * 100 / (100 + v_vat));
  insert into leads.invoices (series, year, position, order_id, buyer_id, buyer, seller, description, payment_method, vat_percent, net_cents, vat_cents,
    gross_cents, mentions, issued_on)
  select 'FA', v_counter.year, v_counter.last_number, pack_order.id, pack_order.buyer_id, v_buyer,
    leads.work_rule('seller'), leads.order_title(pack_order), t.payment_method, v_vat,
    v_net, pack_order.price_cents - v_net, pack_order.price_cents, leads.invoice_mentions(v_buyer, v_vat), v_counter.last_day
  from leads.transactions t where t.id = pack_order.transaction_id
  returning number into strict v_number;
  return v_number;
end;
$$;
comment on function leads.issue_invoice is 'The invoice of a paid order; its number.';

-- Net and tax of the parts add up to the invoice's: each part takes what is missing to its share of all that is credited.
create function leads.issue_credit_note(refund leads.refunds)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_counter leads.invoice_counters := leads.take_invoice_number('AV');
  v_number text;
begin
  insert into leads.invoices (series, year, position, order_id, corrects, refund_id, buyer_id, buyer, seller, description, payment_method, vat_percent, net_cents,
    vat_cents, gross_cents, mentions, issued_on)
  select 'AV', v_counter.year, v_counter.last_number, i.order_id, i.id, refund.id, i.buyer_id, i.buyer, leads.work_rule('seller'),
    case when refund.amount_cents < i.gross_cents then 'Remboursement partiel ' else 'Remboursement ' end || i.description, i.payment_method,
    i.vat_percent, n.net, -refund.amount_cents - n.net, -refund.amount_cents, i.mentions, v_counter.last_day
  from leads.invoices i
  cross join lateral (select coalesce(sum(o.net_cents), 0) as net, coalesce(sum(o.gross_cents), 0) as gross from leads.invoices o
    where o.order_id = i.order_id and o.refund_id is not null) before
  cross join lateral (select -leads.share_of(i.net_cents, refund.amount_cents - before.gross::bigint, i.gross_cents) - before.net as net) n
  where i.order_id = refund.order_id and i.series = 'FA' and i.refund_id is null
  returning number into strict v_number;
  return v_number;
end;
$$;
comment on function leads.issue_credit_note is 'The credit note of a refund; its number.';

-- What was issued stays. A credit note whose money came back is made good by an invoice of the same figures.
create function leads.issue_again(refund leads.refunds)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_counter leads.invoice_counters := leads.take_invoice_number('FA');
  v_number text;
begin
  insert into leads.invoices (series, year, position, order_id, refund_id, buyer_id, buyer, seller, description, payment_method, vat_percent, net_cents,
    vat_cents, gross_cents, mentions, issued_on)
  select 'FA', v_counter.year, v_counter.last_number, i.order_id, i.refund_id, i.buyer_id, i.buyer, leads.work_rule('seller'),
    format('Annulation de l''avoir %s : remboursement non abouti', i.number), i.payment_method, i.vat_percent, -i.net_cents, -i.vat_cents, -i.gross_cents,
    i.mentions, v_counter.last_day
  from leads.invoices i where i.refund_id = refund.id and i.series = 'AV'
  returning number into strict v_number;
  return v_number;
end;
$$;
comment on function leads.issue_again is 'The invoice that makes the credit note of a reversed refund good; its number.';

-- sql/leads/0085_refund_requests.sql

-- What becomes of a refund: requested, accepted, refused, reversed. Each of these may be asked any number of times, from
-- anywhere, and is done once: the order's row is locked first, then the refund's.

create function leads.refund_to_settle(refund_id uuid)
returns leads.refunds
language plpgsql
set search_path = ''
as $$
declare
  v_refund leads.refunds;
begin
  perform leads.order_to_settle((select r.order_id from leads.refunds r where r.id = refund_to_settle.refund_id));
  select r.* into strict v_refund from leads.refunds r where r.id = refund_to_settle.refund_id for no key update;
  return v_refund;
end;
$$;
comment on function leads.refund_to_settle is 'The refund, and its order, locked until the transaction ends.';

-- Of a dispute too: by it or by a refund, the money is with the buyer again.
create function leads.refundable_cents(pack_order leads.pack_orders)
returns bigint
language sql
stable
set search_path = ''
as $$
  select pack_order.price_cents - coalesce(sum(r.amount_cents), 0)::bigint from leads.refunds r where r.order_id = pack_order.id and r.status = 'accepted';
$$;
comment on function leads.refundable_cents is 'What of an order''s price has not gone back, in cents.';

create function leads.share_of_refund(pack_order leads.pack_orders, amount_cents bigint, out credits integer, out bonus integer)
language sql
stable
set search_path = ''
as $$
  select greatest(0, leads.share_of(pack_order.credits, s.cents, pack_order.price_cents) - s.credits)::integer,
    greatest(0, leads.share_of(pack_order.bonus, s.cents, pack_order.price_cents) - s.bonus)::integer
  from (
    select coalesce(sum(r.amount_cents), 0)::bigint + share_of_refund.amount_cents as cents, coalesce(sum(r.credits), 0) as credits, coalesce(sum(r.bonus), 0) as bonus
    from leads.refunds r where r.order_id = pack_order.id and r.status = 'accepted'
  ) s;
$$;
comment on function leads.share_of_refund is 'The credits that go back with so many cents of an order, besides those that have gone before.';

-- An admin takes nothing back whose paid credits are spent; those that were given are worth nothing in euros, and stand in
-- nobody's way. What he has asked for and is not answered yet is that same refund again.
create function leads.request_refund(order_id uuid, amount_cents bigint default null)
returns leads.refunds
language plpgsql
set search_path = ''
as $$
declare
  v_order leads.pack_orders := leads.order_to_settle(order_id);
  v_rest bigint := leads.refundable_cents(v_order);
  v_amount bigint := coalesce(amount_cents, v_rest);
  v_credits integer;
  v_paid bigint;
  v_refund leads.refunds;
begin
  select r.* into v_refund from leads.refunds r where r.order_id = v_order.id and r.status = 'requested';
  if found then
    if v_refund.amount_cents <> coalesce(amount_cents, v_refund.amount_cents) then
      perform platform.fail(409, 'refund_requested', format('Un remboursement de %s € est déjà demandé pour cette commande ; attendez sa réponse.',
        leads.amount_text(v_refund.amount_cents)));
    end if;
    return v_refund;
  end if;
  if v_order.status <> 'completed' then
    perform platform.fail(409, 'order_not_paid', 'Cette commande n''est pas payée : il n''y a rien à rembourser.');
  end if;
  if v_amount > v_rest or v_amount < 0 then
    perform leads.refuse_fields(leads.field_problem('amount', 'invalid_value', format('Il reste %s € à rembourser de cette commande.', leads.amount_text(v_rest))));
  end if;
  v_credits := (leads.share_of_refund(v_order, v_amount)).credits;
  select coalesce(sum(b.balance), 0) into v_paid from platform.lock_balances('leads', v_order.buyer_id) b where b.kind = 'buyer_paid';
  if v_paid < v_credits then
    perform platform.fail(409, 'credits_spent', format('Il manque %s des %s crédits payés de cette commande : ils ont été dépensés, elle ne se rembourse plus.',
      v_credits - v_paid, v_credits));
  end if;
  insert into leads.refunds (order_id, kind, amount_cents) values (v_order.id, 'asked', v_amount) returning * into v_refund;
  return v_refund;
end;
$$;
comment on function leads.request_refund is 'Keeps what is about to be asked of the provider: a part in cents, or all that is left. 409 if paid credits of it are spent.';

create function leads.refuse_refund(refund_id uuid, cause text, provider_reference text default null, failed_at timestamptz default null)
returns leads.refunds
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_refund leads.refunds := leads.refund_to_settle(refund_id);
begin
  update leads.refunds r set status = 'refused', cause = left(coalesce(refuse_refund.cause, 'unknown'), 100), failed_at = refuse_refund.failed_at,
    provider_reference = coalesce(refuse_refund.provider_reference, r.provider_reference)
  where r.id = v_refund.id and r.status = 'requested' returning r.* into v_refund;
  return v_refund;
end;
$$;
comment on function leads.refuse_refund is 'The provider does not send the money of a refund: it is as if nobody had asked.';

-- sql/leads/0085_refund_reversal.sql

-- A refund that was accepted and did not arrive after all.

create function leads.owed_credits(buyer_id uuid)
returns bigint
language sql
stable
set search_path = ''
as $$
  select (select coalesce(sum(o.credits_lost), 0) from leads.pack_orders o where o.buyer_id = owed_credits.buyer_id)
    - (select coalesce(sum(r.credits_recovered), 0) from leads.returns r where r.buyer_id = owed_credits.buyer_id);
$$;
comment on function leads.owed_credits is 'Credits of refunded packs that a buyer has spent and not made good.';

-- The credits come back, each to its lot; of those that were lost the buyer answers for what a return has not made good.
create function leads.reverse_refund(refund_id uuid, cause text, failed_at timestamptz)
returns leads.refunds
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_refund leads.refunds := leads.refund_to_settle(refund_id);
  v_buyer uuid := (select o.buyer_id from leads.pack_orders o where o.id = v_refund.order_id);
  v_undone integer;
begin
  if v_refund.status <> 'accepted' then return v_refund; end if;
  perform platform.lock_balances('leads', v_buyer);
  perform platform.reverse_transfer(t.id, 'pack_refund_reversed', v_refund.id::text)
    from platform.ledger_transfers t where t.system = 'leads' and t.kind = 'pack_refund' and t.key = v_refund.id::text;
  v_undone := greatest(0, least(v_refund.credits_lost + v_refund.bonus_lost, leads.owed_credits(v_buyer)));
  if v_undone > 0 then
    perform platform.post_transfer('leads', 'pack_loss_undone', v_refund.id::text, array[('credits_lost', null, v_undone),
      ('buyer_paid', v_buyer, -least(v_undone, v_refund.credits_lost)), ('buyer_bonus', v_buyer, least(v_undone, v_refund.credits_lost) - v_undone)
    ]::platform.ledger_line[]);
  end if;
  update leads.refunds r set status = 'reversed', cause = left(coalesce(reverse_refund.cause, 'unknown'), 100), failed_at = reverse_refund.failed_at, loss_undone = v_undone
  where r.id = v_refund.id returning r.* into v_refund;
  update leads.transactions t set status = 'failed', description = t.description || ' — non abouti' where t.id = v_refund.transaction_id;
  perform leads.sum_refunds(v_refund.order_id);
  perform platform.notify(v_buyer, 'leads', 'warning', 'Remboursement non abouti', format('Le remboursement de %s € n''a pas abouti ; %s crédits vous ont été rendus.',
    leads.amount_text(v_refund.amount_cents), v_refund.credits + v_refund.bonus - v_undone));
  perform platform.emit('leads', 'refund.reversed', jsonb_build_object('refund', v_refund.reference));
  perform leads.issue_again(v_refund);
  return v_refund;
end;
$$;
comment on function leads.reverse_refund is 'The money of an accepted refund came back to the platform: everything that it booked is taken back, once.';

-- sql/leads/0085_refunds.sql

-- The money of a refund has gone back, or is on its way: what that books.

-- What is left of the credits goes back, each from its lot, which is locked before it is looked at. The money has gone, so there
-- is nothing to refuse: what is missing is given to the buyer, as a loss, and then taken with the rest.
create function leads.take_credits_back(refund leads.refunds, buyer_id uuid)
returns leads.refunds
language plpgsql
set search_path = ''
as $$
declare
  v_refund leads.refunds := refund;
begin
  select refund.credits - coalesce(sum(least(b.balance, refund.credits)) filter (where b.kind = 'buyer_paid'), 0),
      refund.bonus - coalesce(sum(least(b.balance, refund.bonus)) filter (where b.kind = 'buyer_bonus'), 0)
    into v_refund.credits_lost, v_refund.bonus_lost from platform.lock_balances('leads', take_credits_back.buyer_id) b;
  if v_refund.credits_lost + v_refund.bonus_lost > 0 then
    perform platform.post_transfer('leads', 'pack_loss', refund.id::text, array[('credits_lost', null, -(v_refund.credits_lost + v_refund.bonus_lost)),
      ('buyer_paid', buyer_id, v_refund.credits_lost), ('buyer_bonus', buyer_id, v_refund.bonus_lost)]::platform.ledger_line[]);
  end if;
  -- A sale stands that the bank of the buyer did not want to pay: it is a loss, not less revenue.
  perform platform.post_transfer('leads', case refund.kind when 'dispute' then 'pack_dispute' else 'pack_refund' end, refund.id::text, array[
    ('credits_issued', null, refund.credits + refund.bonus), ('buyer_paid', buyer_id, -refund.credits), ('buyer_bonus', buyer_id, -refund.bonus),
    ('bank', null, refund.amount_cents), (case refund.kind when 'dispute' then 'disputes_lost' else 'pack_revenue' end, null, -refund.amount_cents)
  ]::platform.ledger_line[]);
  return v_refund;
end;
$$;
comment on function leads.take_credits_back is 'Books the credits and the money of an accepted refund; the row with what of the credits is lost.';

-- What the order says of its refunds, and the lists of it.
create function leads.sum_refunds(order_id uuid)
returns leads.pack_orders
language plpgsql
set search_path = ''
as $$
declare
  v_order leads.pack_orders;
begin
  update leads.pack_orders o set credits_lost = s.lost, refund_reference = s.reference,
    status = case when s.accepted > 0 and s.cents >= o.price_cents then 'refunded' else 'completed' end
  from (
    select coalesce(sum(r.credits_lost + r.bonus_lost - r.loss_undone), 0)::integer as lost, coalesce(sum(r.amount_cents) filter (where r.status = 'accepted'), 0) as cents,
      count(*) filter (where r.status = 'accepted') as accepted,
      (array_agg(r.provider_reference order by r.id desc) filter (where r.status = 'accepted' and r.provider_reference is not null))[1] as reference
    from leads.refunds r where r.order_id = sum_refunds.order_id
  ) s
  where o.id = sum_refunds.order_id returning o.* into v_order;
  return leads.list_order(v_order);
end;
$$;
comment on function leads.sum_refunds is 'Makes an order, its payment and its transaction say what its refunds say.';

create function leads.accept_refund(refund_id uuid, provider_reference text)
returns leads.refunds
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_refund leads.refunds := leads.refund_to_settle(refund_id);
  v_order leads.pack_orders;
  v_pack text;
begin
  select o.* into v_order from leads.pack_orders o where o.id = v_refund.order_id;
  if v_refund.status in ('accepted', 'reversed') then
    perform leads.keep_refund(v_order.id, v_refund.id, provider_reference);
    return v_refund;
  end if;
  if v_refund.amount_cents > leads.refundable_cents(v_order) then
    perform platform.fail(409, 'refund_too_large', 'Ce remboursement dépasse ce qui reste de la commande.');
  end if;
  select s.credits, s.bonus into v_refund.credits, v_refund.bonus from leads.share_of_refund(v_order, v_refund.amount_cents) s;
  v_refund := leads.take_credits_back(v_refund, v_order.buyer_id);
  v_pack := case when v_refund.amount_cents < v_order.price_cents then 'partiel ' else '' end || 'Pack ' || v_order.pack_name;
  update leads.refunds r set status = 'accepted', provider_reference = coalesce(accept_refund.provider_reference, r.provider_reference), cause = null,
    credits = v_refund.credits, bonus = v_refund.bonus, credits_lost = v_refund.credits_lost, bonus_lost = v_refund.bonus_lost,
    transaction_id = leads.record_transaction('refund', v_order.buyer_id, 'acheteur', v_refund.amount_cents, v_refund.credits,
      case v_refund.kind when 'dispute' then 'Contestation perdue — ' else 'Remboursement ' end || v_pack,
      (select t.payment_method from leads.transactions t where t.id = v_order.transaction_id))
  where r.id = v_refund.id returning r.* into v_refund;
  perform leads.sum_refunds(v_order.id);
  perform leads.tell_refund(v_order, v_refund);
  return v_refund;
end;
$$;
comment on function leads.accept_refund is 'The money of a refund is on its way: credits, books, credit note and the rest, once.';

create function leads.tell_refund(pack_order leads.pack_orders, refund leads.refunds)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_taken integer := refund.credits + refund.bonus - refund.credits_lost - refund.bonus_lost;
begin
  if refund.kind = 'dispute' then
    perform platform.notify(pack_order.buyer_id, 'leads', 'warning', 'Paiement contesté', format('Votre banque a repris le paiement du Pack %s ; %s crédits ont été retirés de votre compte.',
      pack_order.pack_name, v_taken));
    perform platform.emit('leads', 'order.disputed', jsonb_build_object('order', pack_order.reference));
    return;
  end if;
  perform platform.notify(pack_order.buyer_id, 'leads', 'info', 'Pack remboursé', format('%s ; %s crédits ont été retirés de votre compte.',
    case when refund.amount_cents < pack_order.price_cents then format('%s € du Pack %s vous sont remboursés', leads.amount_text(refund.amount_cents), pack_order.pack_name)
      else format('Le Pack %s vous est remboursé', pack_order.pack_name) end, v_taken));
  perform platform.emit('leads', 'order.refunded', jsonb_build_object('order', pack_order.reference, 'refund', refund.reference));
  perform leads.issue_credit_note(refund);
end;
$$;
comment on function leads.tell_refund is 'What leaves the house once a refund is booked: notification, event and credit note.';

create function leads.keep_refund(order_id uuid, refund_id uuid, provider_reference text)
returns void
language plpgsql
set search_path = ''
as $$
begin
  update leads.refunds r set provider_reference = keep_refund.provider_reference
  where r.id = keep_refund.refund_id and r.provider_reference is null and keep_refund.provider_reference is not null
    and not exists (select from leads.refunds o where o.order_id = keep_refund.order_id and o.provider_reference = keep_refund.provider_reference);
  if found then perform leads.sum_refunds(order_id); end if;
end;
$$;
comment on function leads.keep_refund is 'The name of a refund at the provider, if it has none yet.';

-- Where nobody is asked, because the money is sent by hand or has gone already.
create function leads.refund_order(order_id uuid, money_sent boolean default false)
returns leads.pack_orders
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_order leads.pack_orders := leads.order_to_settle(order_id);
  v_refund leads.refunds;
begin
  if v_order.status = 'completed' and money_sent then
    perform leads.book_made(v_order, 'made', leads.refundable_cents(v_order), null);
  elsif v_order.status <> 'refunded' then
    v_refund := leads.request_refund(v_order.id);
    perform leads.accept_refund(v_refund.id, 'manual-' || v_refund.id);
  end if;
  return leads.order_to_settle(order_id);
end;
$$;
comment on function leads.refund_order is 'Refunds all that is left of an order; 409 if paid credits of it are spent, unless the money is sent already.';

create function leads.book_made(pack_order leads.pack_orders, kind text, amount_cents bigint, provider_reference text)
returns leads.refunds
language plpgsql
set search_path = ''
as $$
declare
  v_id uuid;
begin
  -- As refused, so that it stands in no requested one's way; it is accepted at once.
  insert into leads.refunds (order_id, kind, status, amount_cents) values (pack_order.id, book_made.kind, 'refused', book_made.amount_cents) returning id into v_id;
  return leads.accept_refund(v_id, provider_reference);
end;
$$;
comment on function leads.book_made is 'Books a refund or a lost dispute that the provider tells of, and nobody here asked for.';

-- sql/leads/0085_settlement.sql

-- What becomes of an order: paid or failed. Each of these may be asked any number of times, from anywhere, and is
-- done once: the order's row is locked first, and the transfer's key is the order's.

create function leads.order_to_settle(order_id uuid)
returns leads.pack_orders
language plpgsql
set search_path = ''
as $$
declare
  v_order leads.pack_orders;
begin
  select o.* into v_order from leads.pack_orders o where o.id = order_to_settle.order_id for no key update;
  if not found then perform platform.fail(404, 'order_not_found', 'Cette commande n''existe pas.'); end if;
  return v_order;
end;
$$;
comment on function leads.order_to_settle is 'The order, locked until the transaction ends; 404 if there is none.';

-- The provider has a page where the order is paid. That may come after the payment itself was told of.
create function leads.send_order(order_id uuid, provider text, provider_reference text, checkout_url text)
returns leads.pack_orders
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_order leads.pack_orders := leads.order_to_settle(order_id);
begin
  update leads.pack_orders o set provider = coalesce(o.provider, send_order.provider),
    provider_reference = coalesce(o.provider_reference, send_order.provider_reference), checkout_url = coalesce(o.checkout_url, send_order.checkout_url)
  where o.id = v_order.id returning o.* into v_order;
  return case when v_order.payment_id is null then leads.list_order(v_order) else v_order end;
end;
$$;
comment on function leads.send_order is 'Keeps where an order is paid, and lists it as pending.';

-- A payment counts whatever was said before it: an order that had failed is paid after all.
create function leads.settle_order(order_id uuid, provider text, provider_reference text default null, payment_reference text default null)
returns leads.pack_orders
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_order leads.pack_orders := leads.order_to_settle(order_id);
begin
  if v_order.status in ('completed', 'refunded') then return v_order; end if;
  update leads.pack_orders o set status = 'completed', settled_at = now(), provider = settle_order.provider,
    provider_reference = coalesce(settle_order.provider_reference, o.provider_reference),
    payment_reference = coalesce(settle_order.payment_reference, o.payment_reference)
  where o.id = v_order.id returning o.* into v_order;
  perform platform.post_transfer('leads', 'pack', v_order.id::text, array[
    ('credits_issued', null, -(v_order.credits + v_order.bonus)), ('buyer_paid', v_order.buyer_id, v_order.credits),
    ('buyer_bonus', v_order.buyer_id, v_order.bonus), ('bank', null, -v_order.price_cents), ('pack_revenue', null, v_order.price_cents)
  ]::platform.ledger_line[]);
  v_order := leads.list_order(v_order);
  perform platform.notify(v_order.buyer_id, 'leads', 'success', 'Achat confirmé', format('%s crédits ajoutés à votre compte%s.',
    v_order.credits + v_order.bonus, case when v_order.bonus > 0 then format(', dont %s offerts', v_order.bonus) else '' end));
  perform platform.emit('leads', 'order.paid', jsonb_build_object('order', v_order.reference));
  perform leads.issue_invoice(v_order);
  return v_order;
end;
$$;
comment on function leads.settle_order is 'The money of an order has come in: credits, invoice and the rest, once.';

create function leads.fail_order(order_id uuid, provider text, expired boolean)
returns leads.pack_orders
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_order leads.pack_orders := leads.order_to_settle(order_id);
begin
  if v_order.status <> 'pending' then return v_order; end if;
  update leads.pack_orders o set status = 'failed', provider = fail_order.provider where o.id = v_order.id returning o.* into v_order;
  v_order := leads.list_order(v_order);
  if expired then
    perform platform.notify(v_order.buyer_id, 'leads', 'warning', 'Paiement expiré',
      format('Le Pack %s n''a pas été payé à temps. Rien n''a été débité.', v_order.pack_name));
  else
    perform platform.notify(v_order.buyer_id, 'leads', 'error', 'Paiement refusé',
      format('Votre paiement a été refusé pour le Pack %s. Essayez un autre moyen de paiement.', v_order.pack_name));
  end if;
  return v_order;
end;
$$;
comment on function leads.fail_order is 'The money of an order does not come; nothing happens to one that is paid or has failed before.';

-- sql/leads/0086_payment_events.sql

-- What a payment provider tells by its webhook. It may come twice, late, or in another order than it happened: every event
-- is kept by its id and looked at once, and what it means is held against what the order is by then.
create table leads.payment_events (
  provider text not null check (provider in ('manual', 'stripe')),
  id text not null,
  meaning text not null check (meaning in ('paid', 'failed', 'expired', 'refunded', 'refund_made', 'refund_failed', 'disputed', 'dispute_won', 'dispute_lost')),
  order_id uuid references leads.pack_orders (id),
  payment_reference text,
  reference text,
  amount_cents bigint,
  outcome text not null check (outcome in ('done', 'nothing_to_do', 'waiting', 'unknown_order', 'other_amount', 'paid_twice', 'credits_lost', 'reported', 'refused', 'reversed')),
  occurred_at timestamptz not null,
  received_at timestamptz not null default now(),
  primary key (provider, id)
);
alter table leads.payment_events enable row level security;
create index payment_events_order on leads.payment_events (order_id) where order_id is not null;
comment on table leads.payment_events is 'Events of payment providers, by their own ids, and what came of each.';
comment on column leads.payment_events.reference is 'What the provider calls what the event is about: the session, the refund, the dispute.';
comment on column leads.payment_events.outcome is
  'waiting: a refund that was told of before its payment; credits_lost: refunded, though some were spent; refused, reversed: what became of the refund; reported: told to the admins.';
create policy select_admin on leads.payment_events for select to authenticated using ((select platform.has_role('leads', 'admin')));
grant select on leads.payment_events to authenticated, service_role;

create function leads.is_whole_price(pack_order leads.pack_orders, event jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$ select ((event ->> 'amountCents')::bigint, lower(event ->> 'currency')) is not distinct from (pack_order.price_cents, 'eur'); $$;
comment on function leads.is_whole_price is 'Whether an event is about the price of the order, to the cent and in its currency.';

-- What was told of before the payment is looked at after it, as it happened. A dispute names no order.
create function leads.apply_payment(pack_order leads.pack_orders, provider text, event jsonb)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_payment text := event ->> 'payment';
  v_order leads.pack_orders;
  v record;
begin
  if pack_order.status in ('completed', 'refunded') then
    return case when v_payment is distinct from pack_order.payment_reference then 'paid_twice' else 'nothing_to_do' end;
  end if;
  if not leads.is_whole_price(pack_order, event) then return 'other_amount'; end if;
  v_order := leads.settle_order(pack_order.id, provider, event ->> 'reference', v_payment);
  for v in
    select e.meaning, jsonb_build_object('meaning', e.meaning, 'reference', e.reference, 'payment', e.payment_reference, 'amountCents', e.amount_cents,
      'currency', 'eur', 'occurredAt', extract(epoch from e.occurred_at)::bigint) as event
    from leads.payment_events e
    where e.payment_reference is not distinct from v_payment
      and (e.order_id = pack_order.id and e.outcome = 'waiting' or e.order_id is null and e.meaning = 'dispute_lost' and e.outcome = 'reported')
    order by e.occurred_at, e.received_at
  loop
    perform case v.meaning when 'refunded' then leads.apply_refund(v_order, v.event) when 'dispute_lost' then leads.apply_dispute(v_order, v.event)
      else leads.apply_refund_news(v_order, v.event) end;
  end loop;
  return 'done';
end;
$$;

-- The provider says how much of a payment had been refunded by then, in all; so a refund counts that he took back only later.
create function leads.refunded_cents(order_id uuid, at timestamptz)
returns bigint
language sql
stable
set search_path = ''
as $$
  select coalesce(sum(r.amount_cents), 0)::bigint from leads.refunds r
  where r.order_id = refunded_cents.order_id and r.kind <> 'dispute' and (r.status = 'accepted' or r.failed_at >= refunded_cents.at);
$$;
comment on function leads.refunded_cents is 'What the provider counts as refunded of an order at a time, as far as it is known here.';

-- What is new is first of all what an admin has asked for. Where a second payment was sent back, the order keeps the first.
create function leads.apply_refund(pack_order leads.pack_orders, event jsonb)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_new bigint := (event ->> 'amountCents')::bigint - leads.refunded_cents(pack_order.id, to_timestamp((event ->> 'occurredAt')::bigint));
  v_refund leads.refunds;
  v_lost integer;
begin
  if lower(event ->> 'currency') is distinct from 'eur' or (event ->> 'amountCents')::bigint not between 0 and pack_order.price_cents then return 'other_amount'; end if;
  if pack_order.status in ('pending', 'failed') then return 'waiting'; end if;
  if event ->> 'payment' is distinct from pack_order.payment_reference then return 'nothing_to_do'; end if;
  if v_new <= 0 then
    perform leads.keep_refund(pack_order.id, (select r.id from leads.refunds r where r.order_id = pack_order.id and r.kind <> 'dispute' and r.status = 'accepted'
      and r.provider_reference is null order by r.id desc limit 1), event ->> 'reference');
    return 'nothing_to_do';
  end if;
  -- Beyond what is left of the price, a dispute has taken the money as well: a person has to look.
  if v_new > leads.refundable_cents(pack_order) then return 'other_amount'; end if;
  select r.* into v_refund from leads.refunds r where r.order_id = pack_order.id and r.status = 'requested' and r.amount_cents <= v_new;
  if found then
    v_refund := leads.accept_refund(v_refund.id, event ->> 'reference');
    v_new := v_new - v_refund.amount_cents;
    v_lost := v_refund.credits_lost + v_refund.bonus_lost;
  end if;
  if v_new > 0 then
    v_refund := leads.book_made(pack_order, 'made', v_new, case when v_lost is null then event ->> 'reference' end);
    v_lost := coalesce(v_lost, 0) + v_refund.credits_lost + v_refund.bonus_lost;
  end if;
  return case when v_lost > 0 then 'credits_lost' else 'done' end;
end;
$$;

-- One refund, by its own name. One that was made by hand is booked by what the payment says of all (apply_refund), which tells
-- no names: the first of its amount without one is it.
create function leads.apply_refund_news(pack_order leads.pack_orders, event jsonb)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_amount bigint := (event ->> 'amountCents')::bigint;
  v_failed_at timestamptz := to_timestamp((event ->> 'occurredAt')::bigint);
  v_refund leads.refunds;
begin
  if pack_order.status in ('pending', 'failed') then return 'waiting'; end if;
  if event ->> 'payment' is distinct from pack_order.payment_reference then return 'nothing_to_do'; end if;
  select r.* into v_refund from leads.refunds r
  where r.order_id = pack_order.id and r.kind <> 'dispute' and r.amount_cents = v_amount
    and (r.id::text = event ->> 'refund' or r.provider_reference = event ->> 'reference' or r.provider_reference is null and r.status = 'accepted')
  order by r.id::text = event ->> 'refund' desc nulls last, r.provider_reference nulls last, r.id limit 1;
  if event ->> 'meaning' = 'refund_made' then
    -- Told late: that it failed is known already.
    if v_refund.id is null or v_refund.failed_at is not null then return 'nothing_to_do'; end if;
    v_refund := leads.accept_refund(v_refund.id, event ->> 'reference');
    return case when v_refund.status = 'accepted' and v_refund.credits_lost + v_refund.bonus_lost > 0 then 'credits_lost' else 'done' end;
  end if;
  if v_refund.id is null then
    insert into leads.refunds (order_id, kind, status, amount_cents, provider_reference, cause, failed_at)
    values (pack_order.id, 'made', 'refused', v_amount, event ->> 'reference', left(event ->> 'cause', 100), v_failed_at);
    return 'refused';
  end if;
  case v_refund.status
    when 'requested' then perform leads.refuse_refund(v_refund.id, event ->> 'cause', event ->> 'reference', v_failed_at); return 'refused';
    when 'accepted' then perform leads.reverse_refund(v_refund.id, event ->> 'cause', v_failed_at); return 'reversed';
    else return 'nothing_to_do';
  end case;
end;
$$;

create function leads.apply_dispute(pack_order leads.pack_orders, event jsonb)
returns text
language plpgsql
set search_path = ''
as $$
begin
  if exists (select from leads.refunds r where r.order_id = pack_order.id and r.provider_reference = event ->> 'reference') then return 'nothing_to_do'; end if;
  if pack_order.status = 'completed' and lower(event ->> 'currency') = 'eur' and (event ->> 'amountCents')::bigint between 0 and leads.refundable_cents(pack_order) then
    perform leads.book_made(pack_order, 'dispute', (event ->> 'amountCents')::bigint, event ->> 'reference');
    return 'reported';
  end if;
  return 'other_amount';
end;
$$;
comment on function leads.apply_dispute is 'What a lost dispute means for a locked order: the money and what is left of the credits are gone, the sale stands.';

create function leads.apply_failure(pack_order leads.pack_orders, provider text, event jsonb)
returns text
language plpgsql
set search_path = ''
as $$
begin
  if pack_order.status <> 'pending' then return 'nothing_to_do'; end if;
  perform leads.fail_order(pack_order.id, provider, event ->> 'meaning' = 'expired');
  return 'done';
end;
$$;
comment on function leads.apply_failure is 'What a payment that does not come means for a locked order.';
comment on function leads.apply_payment is 'What a payment means for a locked order.';
comment on function leads.apply_refund is 'What is refunded of a payment in all, and what that means for a locked order.';
comment on function leads.apply_refund_news is 'What became of one refund, and what that means for a locked order.';

-- Told to every admin: money that the books cannot follow by themselves, or that did not go the way it was sent.
create function leads.report_payment(told leads.payment_events)
returns void
language sql
set search_path = ''
as $$
  select platform.notify(m.user_id, 'leads', 'warning', 'Paiement à vérifier', format('%s : %s.',
    coalesce('Commande ' || o.reference, 'Paiement ' || told.payment_reference, 'Contestation ' || told.reference, 'Paiement inconnu'), case
    when told.outcome = 'other_amount' then 'le montant reçu, rendu ou repris n''est pas celui que la commande attend'
    when told.outcome = 'paid_twice' then 'elle a été payée une seconde fois, ce qui est à rembourser'
    when told.outcome = 'credits_lost' then format('elle a été remboursée, et %s de ses crédits, déjà dépensés, n''ont pas pu être repris', o.credits_lost)
    when told.outcome = 'refused' then format('un remboursement de %s € a échoué chez le prestataire, rien n''a changé ici', leads.amount_text(told.amount_cents))
    when told.outcome = 'reversed' then format('un remboursement de %s € est revenu au prestataire ; les crédits sont rendus, l''avoir est annulé', leads.amount_text(told.amount_cents))
    when told.meaning = 'disputed' then 'paiement contesté auprès de la banque, répondez chez le prestataire'
    when told.meaning = 'dispute_won' then 'contestation close, l''argent reste acquis'
    when d.id is null then 'contestation perdue, l''argent est repris ; ni les crédits ni les comptes n''ont changé'
    else format('contestation perdue, l''argent est repris ; %s crédits ont été retirés, %s manquaient', d.credits + d.bonus - d.credits_lost - d.bonus_lost,
      d.credits_lost + d.bonus_lost) end))
  from platform.memberships m left join leads.pack_orders o on o.id = told.order_id
  left join leads.refunds d on d.order_id = o.id and d.kind = 'dispute' and d.provider_reference = told.reference
  where m.system = 'leads' and m.role = 'admin' and m.status = 'active';
$$;
comment on function leads.report_payment is 'Tells the admins of an event that a person has to look at.';

create function leads.take_payment_event(provider text, event jsonb)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_key uuid;
  v_order leads.pack_orders;
  v_outcome text;
  v_event leads.payment_events;
begin
  if pg_input_is_valid(event ->> 'order', 'uuid') then v_key := event ->> 'order'; end if;
  -- Also where an event comes twice at once: the second one waits here for the first.
  insert into leads.payment_events (provider, id, meaning, payment_reference, reference, amount_cents, outcome, occurred_at)
  values (take_payment_event.provider, event ->> 'id', event ->> 'meaning', event ->> 'payment', event ->> 'reference',
    (event ->> 'amountCents')::bigint, 'unknown_order', to_timestamp((event ->> 'occurredAt')::bigint))
  on conflict do nothing;
  if not found then
    return (select e.outcome from leads.payment_events e where e.provider = take_payment_event.provider and e.id = event ->> 'id');
  end if;
  select o.* into v_order from leads.pack_orders o
  where o.id = v_key or (o.provider = take_payment_event.provider and o.payment_reference = event ->> 'payment')
  for no key update;
  -- A dispute does not name the order, and may be told of before its payment: an admin hears of it all the same.
  v_outcome := case
    when event ->> 'meaning' = 'dispute_lost' and v_order.id is not null then leads.apply_dispute(v_order, event)
    when event ->> 'meaning' in ('disputed', 'dispute_won', 'dispute_lost') then 'reported'
    when v_order.id is null then 'unknown_order'
    when event ->> 'meaning' = 'paid' then leads.apply_payment(v_order, provider, event)
    when event ->> 'meaning' = 'refunded' then leads.apply_refund(v_order, event)
    when event ->> 'meaning' in ('refund_made', 'refund_failed') then leads.apply_refund_news(v_order, event)
    else leads.apply_failure(v_order, provider, event) end;
  update leads.payment_events e set order_id = v_order.id, outcome = v_outcome
  where e.provider = take_payment_event.provider and e.id = event ->> 'id' returning e.* into v_event;
  if v_outcome in ('other_amount', 'paid_twice', 'credits_lost', 'reported', 'refused', 'reversed') then perform leads.report_payment(v_event); end if;
  return v_outcome;
end;
$$;
comment on function leads.take_payment_event is
  'Looks at an event of a provider, once: {id, meaning, order, refund, reference, payment, amountCents, currency, occurredAt, cause}; what came of it.';

-- sql/leads/0087_welcome_bonus.sql

-- Credits for a buyer who is new, if the rule says so. Once per person: the transfer's key is his id. Given when he is a buyer
-- and has shown that his address is his own, whichever comes later.

create function leads.welcome_buyer(user_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_credits integer := leads.rule('welcome_bonus');
begin
  if v_credits = 0 then return; end if;
  -- Locked, so that it is not given twice at once.
  perform from leads.buyers b join auth.users u on u.id = b.user_id
    where b.user_id = welcome_buyer.user_id and u.email_confirmed_at is not null for no key update of b;
  if not found or exists (select from platform.ledger_transfers t where t.system = 'leads' and t.kind = 'welcome_bonus' and t.key = user_id::text) then
    return;
  end if;
  perform platform.post_transfer('leads', 'welcome_bonus', user_id::text,
    array[('credits_issued', null, -v_credits), ('buyer_bonus', user_id, v_credits)]::platform.ledger_line[]);
  perform leads.record_transaction('bonus', user_id, 'acheteur', 0, v_credits, 'Crédits offerts — bienvenue', null);
  perform platform.notify(user_id, 'leads', 'success', 'Bienvenue', format('%s crédits vous sont offerts.', v_credits));
end;
$$;
comment on function leads.welcome_buyer is 'Gives a new buyer the credits of the rule, once.';

create function leads.welcome()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform leads.welcome_buyer(coalesce(to_jsonb(new) ->> 'user_id', to_jsonb(new) ->> 'id')::uuid);
  return null;
end;
$$;
comment on function leads.welcome is 'Trigger: somebody has become a buyer, or has confirmed his address.';
create trigger welcome after insert on leads.buyers for each row execute function leads.welcome();
create trigger welcome_buyer after update of email_confirmed_at on auth.users
  for each row when (old.email_confirmed_at is null and new.email_confirmed_at is not null) execute function leads.welcome();

-- sql/leads/0088_billing_api.sql

-- Orders and invoices, published: to the buyer his own, to the admin all. What settles an order is for the functions' key.

create view leads.shown_orders with (security_invoker = true) as
select o.id as key, o.buyer_id, o.reference as id, o.status, o.pack_reference as "packId", o.pack_name as "packName", o.credits, o.bonus,
  leads.euros(o.price_cents) as amount, case o.status when 'pending' then o.checkout_url end as "checkoutUrl",
  (select i.number from leads.invoices i where i.order_id = o.id and i.series = 'FA' and i.refund_id is null) as "invoiceNumber",
  (select i.number from leads.invoices i where i.order_id = o.id and i.series = 'AV' order by i.id desc limit 1) as "creditNoteNumber",
  platform.iso_timestamp(o.created_at) as "createdAt"
from leads.pack_orders o;
comment on view leads.shown_orders is 'An order as it is shown.';
grant select on leads.shown_orders to authenticated, service_role;

create view public.billing_orders with (security_invoker = true) as
select o.id, o.status, o."packId", o."packName", o.credits, o.bonus, o.amount, o."checkoutUrl", o."invoiceNumber", o."creditNoteNumber", o."createdAt"
from leads.shown_orders o
where (select platform.require_role('leads', 'acheteur')) and o.buyer_id = (select auth.uid()) order by o.key desc;
comment on view public.billing_orders is 'GET /api/billing/orders: the orders of the buyer who asks, newest first.';

create view public.admin_orders with (security_invoker = true) as
select o.id, o.status, o."packId", o."packName", o.credits, o.bonus, o.amount, o."checkoutUrl", o."invoiceNumber", o."creditNoteNumber",
  o."createdAt", btrim(p.first_name || ' ' || p.last_name) as "userName", p.company, p.email, k.provider, k.payment_reference as "paymentReference",
  k.refund_reference as "refundReference",
  (select coalesce(jsonb_agg(jsonb_build_object('id', r.reference, 'kind', r.kind, 'status', r.status, 'amount', leads.euros(r.amount_cents), 'credits', r.credits + r.bonus,
    'creditsLost', r.credits_lost + r.bonus_lost - r.loss_undone, 'cause', r.cause, 'createdAt', platform.iso_timestamp(r.created_at)) order by r.id desc), '[]')
    from leads.refunds r where r.order_id = k.id) as refunds
from leads.shown_orders o join leads.pack_orders k on k.id = o.key join platform.profiles p on p.id = o.buyer_id
where (select platform.require_role('leads', 'admin')) order by o.key desc;
comment on view public.admin_orders is 'GET /api/admin/orders: every order of a pack, newest first.';

create view leads.shown_invoices with (security_invoker = true) as
select i.id as key, i.buyer_id, i.buyer, i.number, case i.series when 'FA' then 'invoice' else 'credit_note' end as type, i.issued_on as date,
  i.description, leads.euros(i.net_cents) as net, leads.euros(i.vat_cents) as vat, leads.euros(i.gross_cents) as amount, i.vat_percent as "vatPercent",
  (select o.reference from leads.pack_orders o where o.id = i.order_id) as "orderId",
  (select c.number from leads.invoices c where c.id = i.corrects) as corrects
from leads.invoices i;
comment on view leads.shown_invoices is 'An invoice or credit note as it is shown.';
grant select on leads.shown_invoices to authenticated, service_role;

create view public.billing_invoices with (security_invoker = true) as
select i.number, i.type, i.date, i.description, i.net, i.vat, i.amount, i."vatPercent", i."orderId", i.corrects
from leads.shown_invoices i
where (select platform.require_role('leads', 'acheteur')) and i.buyer_id = (select auth.uid()) order by i.key desc;
comment on view public.billing_invoices is 'GET /api/billing/invoices: invoices and credit notes of the buyer who asks, newest first.';

create view public.admin_invoices with (security_invoker = true) as
select i.number, i.type, i.date, i.description, i.net, i.vat, i.amount, i."vatPercent", i."orderId", i.corrects,
  i.buyer ->> 'name' as "userName", i.buyer ->> 'company' as company
from leads.shown_invoices i where (select platform.require_role('leads', 'admin')) order by i.key desc;
comment on view public.admin_invoices is 'GET /api/admin/invoices: every invoice and credit note, newest first.';

create function public.billing_invoice(number text)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_invoice jsonb;
begin
  perform platform.require_role('leads', 'acheteur', 'admin');
  select jsonb_build_object('number', i.number, 'date', i.issued_on, 'description', i.description, 'netCents', i.net_cents, 'vatCents', i.vat_cents,
    'grossCents', i.gross_cents, 'vatPercent', i.vat_percent, 'paymentMethod', i.payment_method, 'buyer', i.buyer, 'seller', i.seller, 'mentions', i.mentions,
    'order', o.reference, 'corrects', c.number, 'correctsDate', c.issued_on,
    'vatCategory', case when i.vat_percent > 0 then 'S' when leads.is_reverse_charged(i.buyer ->> 'vatNumber') then 'AE' else 'E' end) into v_invoice
  from leads.invoices i join leads.pack_orders o on o.id = i.order_id left join leads.invoices c on c.id = i.corrects
  where i.number = billing_invoice.number;
  if v_invoice is null then perform platform.fail(404, 'invoice_not_found', 'Cette facture n''existe pas.'); end if;
  return v_invoice;
end;
$$;
comment on function public.billing_invoice is 'GET /api/billing/invoices/:number: what the PDF and its XML say; the buyer''s own, or any for an admin. vatCategory is UNTDID 5305''s.';

create function public.billing_order(id text)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_order jsonb := (select to_jsonb(o) from public.billing_orders o where o.id = billing_order.id);
begin
  perform platform.require_role('leads', 'acheteur');
  if v_order is null then perform platform.fail(404, 'order_not_found', 'Cette commande n''existe pas.'); end if;
  return v_order;
end;
$$;
comment on function public.billing_order is 'GET /api/billing/orders/:id: where an order of the caller is.';

create trigger refuse_write instead of insert or update or delete on public.admin_orders for each row execute function leads.refuse_write();
grant select on public.billing_orders, public.admin_orders, public.billing_invoices, public.admin_invoices to authenticated, service_role;
grant execute on function leads.is_reverse_charged, public.billing_invoice, public.billing_order to authenticated, service_role;

-- sql/leads/0089_order_problems.sql

-- What orders and invoices say and the ledger must confirm (leads.ledger_problems).
create function leads.order_problems()
returns table (problem text, subject text, expected bigint, found bigint)
language sql
stable
set search_path = ''
as $$
  with booked as (
    select o.reference, o.status in ('completed', 'refunded') as paid, o.credits, o.bonus, o.price_cents,
      coalesce(sum(e.amount) filter (where a.kind = 'buyer_paid' and a.owner = o.buyer_id), 0)::bigint as booked_credits,
      coalesce(sum(e.amount) filter (where a.kind = 'buyer_bonus' and a.owner = o.buyer_id), 0)::bigint as booked_bonus,
      coalesce(sum(e.amount) filter (where a.kind = 'pack_revenue'), 0)::bigint as booked_price,
      -- Each amount twice, where it comes from and where it goes: nothing else moves along.
      coalesce(sum(abs(e.amount)), 0)::bigint as moved
    from leads.pack_orders o
    left join platform.ledger_transfers t on t.system = 'leads' and t.kind = 'pack' and t.key = o.id::text
    left join platform.ledger_entries e on e.transfer_id = t.id
    left join platform.ledger_accounts a on a.id = e.account_id
    group by o.id
  )
  select 'order_not_its_entries', b.reference, case when b.paid then c.wanted else 0 end, c.booked from booked b,
    lateral (values (b.credits::bigint, b.booked_credits), (b.bonus, b.booked_bonus), (b.price_cents, b.booked_price),
      (2 * (b.credits + b.bonus + b.price_cents), b.moved)) c (wanted, booked)
    where c.booked <> case when b.paid then c.wanted else 0 end
  union all
  select 'order_not_its_refunds', o.reference, c.wanted, c.found from leads.pack_orders o
    cross join lateral (
      select coalesce(sum(r.amount_cents) filter (where r.status = 'accepted'), 0)::bigint as cents, count(*) filter (where r.status = 'accepted') as accepted,
        coalesce(sum(r.credits_lost + r.bonus_lost - r.loss_undone), 0)::bigint as lost
      from leads.refunds r where r.order_id = o.id
    ) r
    cross join lateral (values ((r.accepted > 0 and r.cents >= o.price_cents)::integer::bigint, (o.status = 'refunded')::integer::bigint), (r.lost, o.credits_lost),
      (least(r.cents, o.price_cents), r.cents)) c (wanted, found)
    where c.wanted <> c.found
  union all
  -- A refund that was reversed is held against its reversal by the ledger itself. Each amount twice, as above.
  select 'refund_not_its_entries', r.reference, c.wanted, c.booked from leads.refunds r join leads.pack_orders o on o.id = r.order_id
    cross join lateral (
      select -coalesce(sum(e.amount) filter (where a.kind = 'buyer_paid' and a.owner = o.buyer_id), 0)::bigint as credits,
        -coalesce(sum(e.amount) filter (where a.kind = 'buyer_bonus' and a.owner = o.buyer_id), 0)::bigint as bonus,
        -coalesce(sum(e.amount) filter (where a.kind = case r.kind when 'dispute' then 'disputes_lost' else 'pack_revenue' end), 0)::bigint as cents,
        coalesce(sum(abs(e.amount)), 0)::bigint as moved
      from platform.ledger_transfers t join platform.ledger_entries e on e.transfer_id = t.id join platform.ledger_accounts a on a.id = e.account_id
      where t.system = 'leads' and t.kind = case r.kind when 'dispute' then 'pack_dispute' else 'pack_refund' end and t.key = r.id::text
    ) b
    cross join lateral (values (r.credits::bigint, b.credits), (r.bonus, b.bonus), (r.amount_cents, b.cents),
      (2 * (r.credits + r.bonus + r.amount_cents), b.moved)) c (wanted, booked)
    where r.status in ('accepted', 'reversed') and c.wanted <> c.booked
  union all
  select 'reversal_of_another_refund', r.reference, null, null from leads.refunds r
    join platform.ledger_transfers v on v.system = 'leads' and v.kind = 'pack_refund_reversed' and v.key = r.id::text
    left join platform.ledger_transfers t on t.id = v.reverses and t.system = 'leads' and t.kind = 'pack_refund' and t.key = r.id::text
    where t.id is null
  union all
  -- Each credit twice, as above.
  select 'loss_not_its_entries', l.reference, c.wanted, c.booked from (
      select r.reference, k.kind, r.id, o.buyer_id, k.credits from leads.refunds r join leads.pack_orders o on o.id = r.order_id
      cross join lateral (values ('pack_loss', r.credits_lost + r.bonus_lost), ('pack_loss_undone', -r.loss_undone)) k (kind, credits) where k.credits <> 0
      union all
      select r.reference, 'loss_recovered', r.id, r.buyer_id, -r.credits_recovered from leads.returns r where r.credits_recovered > 0
    ) l
    cross join lateral (
      select -coalesce(sum(e.amount) filter (where a.kind = 'credits_lost'), 0)::bigint as lost,
        coalesce(sum(e.amount) filter (where a.kind in ('buyer_paid', 'buyer_bonus') and a.owner = l.buyer_id), 0)::bigint as given,
        coalesce(sum(abs(e.amount)), 0)::bigint as moved
      from platform.ledger_transfers t join platform.ledger_entries e on e.transfer_id = t.id join platform.ledger_accounts a on a.id = e.account_id
      where t.system = 'leads' and t.kind = l.kind and t.key = l.id::text
    ) b
    cross join lateral (values (l.credits::bigint, b.lost), (l.credits, b.given), (2 * abs(l.credits), b.moved)) c (wanted, booked)
    where c.wanted <> c.booked
  union all
  select 'order_not_its_invoices', o.reference, c.wanted, c.found from leads.pack_orders o
    cross join lateral (
      select count(*) filter (where i.series = 'FA' and i.refund_id is null) as own, count(*) filter (where i.refund_id is not null) as others from leads.invoices i where i.order_id = o.id
    ) i
    cross join lateral (
      select coalesce(sum(case r.status when 'accepted' then 1 when 'reversed' then 2 else 0 end), 0) as documents from leads.refunds r where r.order_id = o.id and r.kind <> 'dispute'
    ) r
    cross join lateral (values ((o.status in ('completed', 'refunded'))::integer::bigint, i.own), (r.documents, i.others)) c (wanted, found)
    where c.wanted <> c.found
  union all
  select 'document_not_its_refund', i.number, case i.series when 'AV' then -r.amount_cents else r.amount_cents end, i.gross_cents from leads.invoices i
    join leads.refunds r on r.id = i.refund_id
    where i.gross_cents <> case i.series when 'AV' then -r.amount_cents else r.amount_cents end or r.order_id <> i.order_id
  union all
  select 'order_not_its_payment', o.reference, o.price_cents, p.amount_cents from leads.pack_orders o
    left join leads.payments p on p.id = o.payment_id left join leads.transactions t on t.id = o.transaction_id
    where (o.payment_id is not null or o.status <> 'pending') and (o.status, o.price_cents, o.status, o.price_cents) is distinct from (p.status, p.amount_cents, t.status, t.amount_cents)
  union all
  select 'invoice_numbers_with_a_gap', c.series || ' ' || c.year, c.last_number, count(i.id) from leads.invoice_counters c
    left join leads.invoices i on i.series = c.series and i.year = c.year
    group by c.series, c.year having count(i.id) <> c.last_number or coalesce(max(i.position), 0) <> c.last_number
  union all
  select 'pack_revenue_not_its_invoices', '', i.amount, b.amount
    from (select coalesce(sum(i.gross_cents), 0)::bigint as amount from leads.invoices i) i, (select platform.ledger_balance('leads', 'pack_revenue') as amount) b
    where i.amount <> b.amount;
$$;
comment on function leads.order_problems is 'Orders and invoices that the ledger does not confirm, and numbers that are missing.';

-- sql/leads/0089_orders_api.sql

-- The steps of an order. The buyer opens it; the admin takes it back; between them only the functions' key goes on.

create function public.billing_order_open("packId" text, idempotency_key text default null)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_order leads.pack_orders := leads.open_order("packId", idempotency_key);
begin
  return jsonb_build_object('key', v_order.id, 'id', v_order.reference, 'title', leads.order_title(v_order), 'amountCents', v_order.price_cents,
    'email', (select p.email from platform.profiles p where p.id = v_order.buyer_id), 'answer', v_order.answer);
end;
$$;
comment on function public.billing_order_open is 'The first half of POST /api/billing/purchase-pack: orders a pack. It is paid by what the functions do next.';

create function public.billing_seller_incomplete()
returns void language sql security invoker set search_path = ''
as $$ select leads.report_incomplete_seller(); $$;
comment on function public.billing_seller_incomplete is 'For the functions alone: a buyer was refused because the seller is incomplete.';
grant execute on function public.billing_seller_incomplete to service_role;

-- What the buyer is answered is kept: with the same key he is answered the same, whatever the order has become.
create function leads.answer_order(order_id uuid)
returns jsonb
language sql
security definer
set search_path = ''
as $$
  update leads.pack_orders o set answer = coalesce(o.answer,
    (select to_jsonb(s) - array['key', 'buyer_id'] from leads.shown_orders s where s.key = o.id)
      || jsonb_build_object('balance', leads.credits_of(o.buyer_id)))
  where o.id = order_id returning o.answer;
$$;
comment on function leads.answer_order is 'What POST /api/billing/purchase-pack answered first; now, if it has not yet.';

create function public.billing_order_settle("order" uuid, provider text)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.answer_order((leads.settle_order("order", provider)).id); $$;
create function public.billing_order_send("order" uuid, provider text, reference text, url text)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.answer_order((leads.send_order("order", provider, reference, url)).id); $$;
create function public.billing_payment_event(provider text, event jsonb)
returns text language sql security invoker set search_path = ''
as $$ select leads.take_payment_event(provider, event); $$;
comment on function public.billing_order_settle is 'For the functions alone: the order is paid; what its buyer is answered.';
comment on function public.billing_order_send is 'For the functions alone: the provider has a page where the order is paid; what its buyer is answered.';
comment on function public.billing_payment_event is 'For the functions alone: an event of a payment provider, whose signature was checked; what came of it.';

-- With a key an answer that was lost is had again, and a part that was asked for twice is sent once.
create function leads.take_back_order(reference text, amount numeric, key text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_id uuid := (select o.id from leads.pack_orders o where o.reference = take_back_order.reference);
  v_order leads.pack_orders;
  v_refund leads.refunds;
  v_known jsonb;
begin
  perform platform.require_role('leads', 'admin');
  v_order := leads.order_to_settle(v_id);
  if amount is not null and not (amount > 0 and amount <= 1000000 and amount = round(amount, 2)) then
    perform leads.refuse_fields(leads.field_problem('amount', 'invalid_value', 'Un montant en euros, supérieur à 0, à deux décimales au plus.'));
  end if;
  if amount is not null or key is not null then
    v_known := platform.claim_idempotency_key('billing.refund', key, jsonb_build_object('order', reference, 'amount', amount));
  end if;
  if v_known is not null then
    select r.* into strict v_refund from leads.refunds r where r.id = (v_known ->> 'refund')::uuid;
  elsif v_order.status = 'refunded' and amount is null then
    select r.* into strict v_refund from leads.refunds r where r.order_id = v_id and r.status = 'accepted' order by r.id desc limit 1;
  else
    v_refund := leads.request_refund(v_id, (amount * 100)::bigint);
    -- Nobody is asked: somebody sends the money by hand.
    if v_order.provider = 'manual' then v_refund := leads.accept_refund(v_refund.id, 'manual-' || v_refund.id); end if;
    if key is not null then perform platform.keep_answer('billing.refund', key, jsonb_build_object('refund', v_refund.id)); end if;
  end if;
  return jsonb_build_object('key', v_refund.id, 'status', v_refund.status, 'cause', v_refund.cause, 'order', v_id, 'provider', v_order.provider,
    'payment', v_order.payment_reference, 'amountCents', v_refund.amount_cents, 'again', v_refund.created_at < now());
end;
$$;
comment on function leads.take_back_order is 'Asks for a refund, or again for one that is not answered, and says what the provider has to be asked.';

create function leads.answer_refund(refund_id uuid, outcome text, reference text, cause text)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_refund leads.refunds := leads.refund_to_settle(refund_id);
begin
  if outcome = 'refused' then
    perform leads.refuse_refund(refund_id, cause, reference, case when reference is not null then now() end);
  elsif outcome = 'pending' then
    perform leads.keep_refund(v_refund.order_id, refund_id, reference);
  else
    v_refund := leads.accept_refund(refund_id, reference);
    -- Spent while the provider was asked.
    if v_refund.credits_lost > 0 then
      perform platform.notify(m.user_id, 'leads', 'warning', 'Paiement à vérifier', format('Commande %s : elle a été remboursée, et %s de ses crédits, déjà dépensés, n''ont pas pu être repris.',
        (select o.reference from leads.pack_orders o where o.id = v_refund.order_id), v_refund.credits_lost + v_refund.bonus_lost))
      from platform.memberships m where m.system = 'leads' and m.role = 'admin' and m.status = 'active';
    end if;
  end if;
  return (select r.status from leads.refunds r where r.id = refund_id);
end;
$$;
comment on function leads.answer_refund is 'What the provider answered (made, pending or refused); what the refund is by now.';

create function public.admin_order_refund(id text, amount numeric default null, idempotency_key text default null)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.take_back_order(id, amount, idempotency_key); $$;
create function public.billing_refund_answer(refund uuid, outcome text, reference text default null, cause text default null)
returns text language sql security invoker set search_path = ''
as $$ select leads.answer_refund(refund, outcome, reference, cause); $$;
comment on function public.admin_order_refund is
  'The first half of POST /api/admin/orders/:id/refund: keeps what is asked for. The function then asks the provider, and nothing is booked before he agrees.';
comment on function public.billing_refund_answer is 'For the functions alone: what the provider answered to a refund; what became of it.';

create function public.admin_order(id text)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_order jsonb := (select to_jsonb(o) from public.admin_orders o where o.id = admin_order.id);
begin
  perform platform.require_role('leads', 'admin');
  if v_order is null then perform platform.fail(404, 'order_not_found', 'Cette commande n''existe pas.'); end if;
  return v_order;
end;
$$;
comment on function public.admin_order is 'GET /api/admin/orders/:id: one order.';

grant execute on function leads.take_back_order, public.billing_order_open, public.admin_order_refund, public.admin_order to authenticated, service_role;
grant execute on function leads.settle_order, leads.send_order, leads.fail_order, leads.take_payment_event, leads.answer_order, leads.answer_refund,
  public.billing_order_settle, public.billing_order_send, public.billing_payment_event, public.billing_refund_answer to service_role;

-- sql/leads/0090_supplier_accounts.sql

-- The bank account on which a supplier is paid. The IBAN is here only as the functions have sealed it, with a key that
-- this database does not have; people see the mask, which is on the supplier.
create table leads.supplier_accounts (
  supplier_id uuid primary key references leads.suppliers (id) on delete cascade,
  sealed_iban text not null check (sealed_iban ~ '^v1\.'),
  fingerprint text check (length(fingerprint) <= 100),
  bic text check (platform.is_bic(bic)),
  validated boolean not null,
  changed_by uuid,
  changed_at timestamptz not null default now()
);
alter table leads.supplier_accounts enable row level security;
comment on table leads.supplier_accounts is 'Where each supplier is paid. Read by the operators'' key alone.';
comment on column leads.supplier_accounts.sealed_iban is 'AES-256-GCM, bound to the supplier: another supplier''s does not open.';
comment on column leads.supplier_accounts.fingerprint is 'A keyed hash, by which two suppliers of one account are known without its number.';
comment on column leads.supplier_accounts.validated is 'An admin has looked at it, or has given it himself; no other is paid to.';
comment on column leads.supplier_accounts.changed_by is 'The user who gave it; null for the operators.';
-- The log keeps what was sealed as well: two accounts of the same mask are told apart by it, and whoever reads the log
-- needs the key to read more.
select platform.audit('leads.supplier_accounts');
create policy select_nobody on leads.supplier_accounts for select to anon, authenticated using (false);
grant select on leads.supplier_accounts to service_role;

-- The one whom an id of the API names: its reference, uuid or e-mail.
create function leads.supplier_of(id text)
returns leads.suppliers
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_supplier leads.suppliers;
  v_uuid uuid;
begin
  if pg_input_is_valid(id, 'uuid') then v_uuid := id; end if;
  select s.* into v_supplier from leads.suppliers s
  where s.reference = supplier_of.id or s.id = v_uuid
    or s.email <> '' and lower(s.email) = lower(supplier_of.id)
  order by s.reference = supplier_of.id desc limit 1;
  if v_supplier.id is null then perform platform.fail(404, 'supplier_not_found', 'Ce fournisseur n''existe pas.'); end if;
  return v_supplier;
end;
$$;
comment on function leads.supplier_of is 'The supplier whom an id of the API names: reference, uuid or e-mail. 404 if nobody.';

create function leads.account_problems(iban text, bic text)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('field', p.field, 'code', p.code, 'message', p.message)), '[]')
  from (
    select 'iban' as field, i.code, case i.code
      when 'required' then 'L''IBAN est obligatoire.'
      when 'unknown_country' then 'Ce pays n''a pas d''IBAN.'
      when 'invalid_length' then 'Cet IBAN n''a pas la longueur de ceux de son pays.'
      when 'invalid_check_digits' then 'La clé de cet IBAN est fausse : vérifiez la saisie.'
      when 'not_sepa' then 'Ce pays n''est pas dans la zone SEPA.'
      else 'Ce n''est pas un IBAN.' end as message
    from (select coalesce(platform.iban_problem(iban), case when not platform.is_sepa_iban(iban) then 'not_sepa' end) as code) i
    where i.code is not null
    union all
    select 'bic', 'invalid_format', 'Ce n''est pas un BIC : 8 ou 11 caractères.' where not platform.is_bic(bic)
    union all
    select 'bic', 'required', 'Hors de l''Espace économique européen, le BIC est obligatoire.' where bic is null and platform.needs_bic(iban)
  ) p;
$$;
comment on function leads.account_problems is 'What is wrong with a bank account, field by field; the values are not repeated.';

-- Asked before the functions seal an IBAN: who may, whether it is one, and what it looks like to people.
create function leads.check_account(supplier leads.suppliers, iban text, bic text)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_bic text := nullif(upper(btrim(bic)), '');
  v_problems jsonb := leads.account_problems(iban, v_bic);
begin
  -- Asked by GET: the transaction of a function that may write is read-only then.
  if current_setting('transaction_read_only')::boolean then
    perform platform.fail(405, 'method_not_allowed', 'Un IBAN ne s''écrit pas dans une adresse, que les journaux gardent : envoyez-le par POST.');
  end if;
  perform leads.refuse_fields(v_problems);
  return jsonb_build_object('supplierId', supplier.id, 'iban', platform.compact_iban(iban), 'bic', v_bic, 'mask', platform.mask_iban(iban),
    'changedBy', auth.uid());
end;
$$;

create function leads.check_own_account(iban text, bic text)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_supplier leads.suppliers;
begin
  perform platform.require_role('leads', 'fournisseur');
  select s.* into v_supplier from leads.suppliers s where s.id = leads.my_supplier_id();
  if v_supplier.id is null then perform platform.fail(404, 'supplier_not_found', 'Ce fournisseur n''existe pas.'); end if;
  return leads.check_account(v_supplier, iban, bic);
end;
$$;

create function leads.check_account_of(id text, iban text, bic text)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin');
  return leads.check_account(leads.supplier_of(id), iban, bic);
end;
$$;
comment on function leads.check_account is 'A bank account in one spelling, with its mask; 422 if it is none, 405 if it was asked by an address.';
comment on function leads.check_own_account is 'The same for the supplier who asks.';
comment on function leads.check_account_of is 'The same for an admin who asks about a supplier.';

-- An account that nobody but the supplier has looked at is not validated: an admin does that, or has given it himself.
create function leads.keep_account(supplier_id uuid, sealed_iban text, bic text, mask text, changed_by uuid, validated boolean, fingerprint text default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_supplier leads.suppliers;
begin
  update leads.suppliers s set
    iban_mask = mask,
    status = case when s.status = 'active' and not validated then 'pending_validation' else s.status end
  where s.id = keep_account.supplier_id returning s.* into v_supplier;
  if v_supplier.id is null then perform platform.fail(404, 'supplier_not_found', 'Ce fournisseur n''existe pas.'); end if;
  insert into leads.supplier_accounts as a (supplier_id, sealed_iban, fingerprint, bic, validated, changed_by)
  values (v_supplier.id, keep_account.sealed_iban, keep_account.fingerprint, keep_account.bic, keep_account.validated, keep_account.changed_by)
  on conflict on constraint supplier_accounts_pkey do update set sealed_iban = excluded.sealed_iban, fingerprint = excluded.fingerprint, bic = excluded.bic,
    validated = excluded.validated, changed_by = excluded.changed_by, changed_at = now();
  if v_supplier.user_id is not null then
    perform platform.notify(v_supplier.user_id, 'leads', 'warning', 'IBAN modifié',
      'Vos virements iront désormais sur le compte ' || mask || '. Si ce changement ne vient pas de vous, contactez-nous.');
  end if;
  return jsonb_build_object('id', v_supplier.reference, 'iban', v_supplier.iban_mask, 'status', v_supplier.status);
end;
$$;
comment on function leads.keep_account is 'Stores a sealed IBAN with its mask, and tells the supplier.';

-- To activate a supplier validates his account. Between the admin's look at it and his word the supplier may have given
-- another: with the mask that the admin saw, that one is refused.
create function leads.set_supplier_status(id text, status text, iban text default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_supplier leads.suppliers;
begin
  perform platform.require_role('leads', 'admin');
  v_supplier := leads.supplier_of(id);
  -- The account and the supplier have one status: who is suspended is neither paid nor let in.
  if v_supplier.user_id is not null then perform leads.set_user_status(v_supplier.user_id, set_supplier_status.status); end if;
  select s.* into v_supplier from leads.suppliers s where s.id = v_supplier.id for no key update;
  if iban <> coalesce(v_supplier.iban_mask, '') then
    perform platform.fail(409, 'iban_changed', 'L''IBAN de ce fournisseur a changé : vérifiez le nouveau.');
  end if;
  if status = 'active' then
    update leads.supplier_accounts a set validated = true where a.supplier_id = v_supplier.id and not a.validated;
    delete from leads.held_accounts h using leads.supplier_accounts a where a.supplier_id = v_supplier.id and h.sealed_iban = a.sealed_iban;
  end if;
  update leads.suppliers s set status = set_supplier_status.status where s.id = v_supplier.id and s.status <> set_supplier_status.status;
  return jsonb_build_object('id', v_supplier.reference, 'iban', v_supplier.iban_mask, 'status', set_supplier_status.status);
end;
$$;
comment on function leads.set_supplier_status is 'Validates or suspends a supplier, with an account or without. iban: the mask of the one that is validated; 409 if it is another by now.';
grant execute on function leads.check_own_account, leads.check_account_of, leads.set_supplier_status to authenticated, service_role;
grant execute on function leads.keep_account to service_role;

-- sql/leads/0091_held_accounts.sql

-- An account that the bank has sent a transfer back from, as closed, wrong, blocked or of somebody who died, is held: nothing
-- more goes to it until its supplier has given another, or an admin has validated it anew. It is known by what was sealed, so
-- that what is on its way to it stays held when there is another; the same IBAN given again is one that somebody has looked at.
create table leads.held_accounts (
  sealed_iban text primary key,
  supplier_id uuid not null references leads.suppliers (id) on delete cascade,
  iban_mask text not null,
  code text not null check (code ~ '^[A-Z0-9]{4}$'),
  held_at timestamptz not null default now()
);
alter table leads.held_accounts enable row level security;
create index held_accounts_supplier on leads.held_accounts (supplier_id);
comment on table leads.held_accounts is 'Bank accounts that are not paid to, since the bank has sent a transfer back. Read by the operators'' key alone.';
comment on column leads.held_accounts.code is 'The bank''s reason (ISO 20022): AC04, closed account.';
select platform.audit('leads.held_accounts');
create policy select_nobody on leads.held_accounts for select to anon, authenticated using (false);
grant select on leads.held_accounts to service_role;

-- The codes of ISO's list that are about the account that is paid to; others are about the payer, the file, or the day.
create function leads.account_fault(code text)
returns text
language sql
immutable
strict
set search_path = ''
as $$
  select '{"AC01": "numéro de compte faux", "AC03": "numéro de compte faux", "AC04": "compte clos", "AC06": "compte bloqué", "AC07": "compte clos",
    "AC14": "compte d''un autre genre", "AC15": "coordonnées bancaires changées", "AG01": "compte qui ne reçoit pas de virement",
    "BE06": "titulaire inconnu de la banque", "MD07": "titulaire décédé", "RC01": "BIC faux", "RC04": "BIC faux", "CNOR": "banque inconnue"}'::jsonb ->> code;
$$;
comment on function leads.account_fault is 'What a bank''s reason says of the account that was paid to; null where it says nothing of it.';

-- The code begins what the bank says, or stands in brackets.
create function leads.hold_account(payout leads.payouts, reason text)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_code text := substring(upper(reason) from '^(?:.*\()?\s*([A-Z]{2}[A-Z0-9]{2})\M');
  v_fault text := leads.account_fault(v_code);
begin
  if v_fault is null then return null; end if;
  insert into leads.held_accounts (sealed_iban, supplier_id, iban_mask, code)
  select a.sealed_iban, payout.supplier_id, payout.iban_mask, v_code from leads.payout_accounts a where a.payout_id = payout.id
  on conflict do nothing;
  if not found then return v_fault; end if;
  perform platform.notify(m.user_id, 'leads', 'warning', 'Compte bancaire retenu',
      format('%s (%s) : la banque a renvoyé le virement %s du compte %s (%s : %s). Rien n''y part plus avant un autre IBAN ou une nouvelle validation.',
        s.company, s.reference, payout.transfer_reference, payout.iban_mask, v_code, v_fault))
    from platform.memberships m, leads.suppliers s
    where m.system = 'leads' and m.role = 'admin' and m.status = 'active' and s.id = payout.supplier_id;
  return v_fault;
end;
$$;
comment on function leads.hold_account is 'Holds the account that a payout came back from, if the bank''s reason is about it, and tells the admins; what is wrong with it.';

-- For the supplier: his account as people see it, and whether anything stands in its way.
create function leads.own_account()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_account jsonb;
begin
  perform platform.require_role('leads', 'fournisseur');
  select jsonb_build_object('id', s.reference, 'iban', s.iban_mask, 'bic', a.bic, 'status', s.status, 'validated', coalesce(a.validated, false),
    'held', case when h.code is not null then jsonb_build_object('code', h.code, 'message', leads.account_fault(h.code), 'since', platform.iso_timestamp(h.held_at)) end)
    into v_account
  from leads.suppliers s
  left join leads.supplier_accounts a on a.supplier_id = s.id
  left join leads.held_accounts h on h.sealed_iban = a.sealed_iban
  where s.id = leads.my_supplier_id();
  if v_account is null then perform platform.fail(404, 'supplier_not_found', 'Ce fournisseur n''existe pas.'); end if;
  return v_account;
end;
$$;
comment on function leads.own_account is 'The bank account of the supplier who asks, masked, and why it is held if it is.';
grant execute on function leads.own_account to authenticated, service_role;

-- sql/leads/0091_payout_rows.sql

-- What goes along with a payout: the account it goes to, and the lines it is made of.

-- The account goes along with the payout: a supplier who changes his IBAN changes nothing about what is on its way.
create table leads.payout_accounts (
  payout_id uuid primary key references leads.payouts (id) on delete cascade,
  holder text not null,
  sealed_iban text not null,
  bic text
);
alter table leads.payout_accounts enable row level security;
comment on table leads.payout_accounts is 'The account that each payout goes to, as it was when it was made. Read by the operators'' key alone.';
create policy select_nobody on leads.payout_accounts for select to anon, authenticated using (false);
grant select on leads.payout_accounts to service_role;

-- What a payout was made of stays known when the bank refuses it and another one takes the same lines.
create table leads.payout_lines (
  payout_id uuid not null references leads.payouts (id) on delete cascade,
  earning_id uuid not null references leads.earnings (id),
  primary key (payout_id, earning_id)
);
alter table leads.payout_lines enable row level security;
create index payout_lines_earning on leads.payout_lines (earning_id);
create trigger append_only before update or truncate on leads.payout_lines for each statement execute function platform.refuse_change();
comment on table leads.payout_lines is 'Append-only: which earnings each payout was made of.';
create policy select_own_or_admin on leads.payout_lines for select to authenticated using (
  (select platform.has_role('leads', 'admin')) or exists (
    select from leads.payouts p where p.id = payout_id and p.supplier_id = (select leads.my_supplier_id())));
grant select on leads.payout_lines to authenticated, service_role;

create function leads.keep_payout()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new.status <> old.status and (old.status, new.status) not in (('pending', 'completed'), ('pending', 'failed'), ('completed', 'failed'))
    or (new.id, new.supplier_id, new.amount_cents, new.transfer_reference) is distinct from (old.id, old.supplier_id, old.amount_cents, old.transfer_reference)
  then
    perform platform.fail(409, 'payout_settled', 'Ce virement ne se modifie plus.');
  end if;
  return new;
end;
$$;
comment on function leads.keep_payout is 'Trigger: whom and what a payout pays never changes, and the ways that its outcome may go.';
create trigger keep_payout before update on leads.payouts for each row execute function leads.keep_payout();

-- sql/leads/0092_pay.sql

-- A payout takes what a supplier may be paid and makes one transfer (virement) of it. Whatever moves a supplier's payouts
-- locks the supplier first, so that two admins who press at once pay once.

-- A sale that somebody asks to be taken back waits for the decision, and so does one whose buyer may be its supplier. What was taken back after it was paid counts against.
create function leads.payable_earnings(supplier_id uuid)
returns setof leads.earnings
language sql
stable
set search_path = ''
as $$
  select e.* from leads.earnings e
  where e.supplier_id = payable_earnings.supplier_id and e.payout_id is null and e.payable_from <= now()
    and not exists (
      select from leads.returns r where r.buyer_id = e.buyer_id and r.lead_id = e.lead_id and r.status = 'requested')
    -- What a sale was paid for already, its return takes back whatever is held.
    and not exists (
      select from leads.self_dealing d where d.supplier_id = e.supplier_id and d.buyer_id = e.buyer_id and d.status <> 'cleared'
        and not (e.kind = 'return' and exists (
          select from leads.earnings s where s.buyer_id = e.buyer_id and s.lead_id = e.lead_id and s.kind = 'sale' and s.payout_id is not null)));
$$;
comment on function leads.payable_earnings is 'What a supplier may be paid now, line by line.';

create function leads.payout_problem(supplier leads.suppliers, cents bigint, out code text, out message text)
language sql
stable
set search_path = ''
as $$
  select p.code, p.message
  from (select) always
    left join (
      select a.validated, h.code as fault, a.bic is null and platform.needs_bic(supplier.iban_mask) as lacks_bic
      from leads.supplier_accounts a left join leads.held_accounts h on h.sealed_iban = a.sealed_iban where a.supplier_id = supplier.id
    ) account on true,
    lateral (values
      (1, supplier.status = 'suspended', 'supplier_suspended', 'Ce fournisseur est suspendu.'),
      (2, account.validated is null, 'iban_missing', 'Ce fournisseur n''a pas donné d''IBAN.'),
      (3, supplier.status <> 'active' or not account.validated, 'supplier_pending_validation', 'Ce fournisseur et son IBAN ne sont pas encore validés.'),
      (4, account.fault is not null, 'account_held', format('La banque a renvoyé un virement de ce compte (%s : %s) : il attend un autre IBAN ou une nouvelle validation.',
        account.fault, leads.account_fault(account.fault))),
      (5, account.lacks_bic, 'bic_missing', 'Ce compte est hors de l''Espace économique européen : il lui faut un BIC.'),
      (6, cents <= 0, 'nothing_to_pay', 'Ce fournisseur n''a rien à recevoir pour le moment.')
    ) as p (place, holds, code, message)
  where p.holds order by p.place limit 1;
$$;
comment on function leads.payout_problem is 'Why a supplier cannot be paid so much now; null where he can.';

create function leads.payout_period(day date)
returns text
language sql
immutable
set search_path = ''
as $$
  select leads.month_label(day) || to_char(day, ' YYYY') || case when extract(day from day) <= 15 then ' (1ère quinzaine)' else ' (2ème quinzaine)' end;
$$;
comment on function leads.payout_period is 'The half month of a day, as the document writes it: Fév 2026 (1ère quinzaine).';

-- The lock is held until the number is taken: two that pay at once get two numbers, and the unique key would refuse one.
create function leads.next_transfer_reference(day date)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_prefix text := to_char(day, '"VP"-YYYY-MM');
begin
  perform pg_advisory_xact_lock(hashtext('leads.payouts'), hashtext(v_prefix));
  return platform.short_reference(v_prefix, 1 + coalesce((
    select max(substring(p.transfer_reference from '^VP-[0-9]{4}-[0-9]{2}-([0-9]{1,9})$')::bigint)
    from leads.payouts p where p.transfer_reference like v_prefix || '-%'), 0));
end;
$$;
comment on function leads.next_transfer_reference is 'The next free number of a month: VP-2026-02-002.';

create function leads.virement(payout leads.payouts)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object('id', payout.reference, 'reference', payout.transfer_reference, 'amount', leads.euros(payout.amount_cents),
    'date', payout.date, 'status', payout.status, 'leadsCount', payout.leads_count, 'period', payout.period, 'iban', payout.iban_mask);
$$;
comment on function leads.virement is 'A payout as the document shows it.';

create function leads.record_payout(supplier leads.suppliers, cents bigint, leads_count integer)
returns leads.payouts
language plpgsql
set search_path = ''
as $$
declare
  v_id uuid := platform.uuid_v7();
  v_reference text := leads.next_transfer_reference(leads.today());
  v_payout leads.payouts;
begin
  insert into leads.payouts (id, transfer_reference, supplier_id, amount_cents, status, leads_count, period, iban_mask, transfer_id)
  values (v_id, v_reference, supplier.id, cents, 'pending', record_payout.leads_count, leads.payout_period(leads.today()), supplier.iban_mask,
    platform.post_transfer('leads', 'payout', v_id::text,
      array[('supplier_earnings', supplier.id, -cents), ('payouts_in_transit', null, cents)]::platform.ledger_line[]))
  returning * into v_payout;
  insert into leads.payout_accounts (payout_id, holder, sealed_iban, bic)
  select v_payout.id, supplier.company, a.sealed_iban, a.bic from leads.supplier_accounts a where a.supplier_id = supplier.id;
  insert into leads.transactions (type, user_id, user_name, user_role, company, amount_cents, status, description, payment_method)
  values ('fournisseur_payment', supplier.user_id, supplier.contact_name, 'fournisseur', supplier.company, cents, 'pending',
    'Virement ' || v_reference, 'Virement SEPA');
  return v_payout;
end;
$$;

create function leads.pay_supplier(id text, idempotency_key text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_supplier leads.suppliers;
  v_answer jsonb;
  v_lines uuid[];
  v_cents bigint;
  v_leads integer;
  v_problem record;
  v_payout leads.payouts;
begin
  perform platform.require_role('leads', 'admin');
  v_supplier := leads.supplier_of(pay_supplier.id);
  if idempotency_key is not null then
    v_answer := platform.claim_idempotency_key('payout', idempotency_key, to_jsonb(v_supplier.id));
    if v_answer is not null then return v_answer; end if;
  end if;
  -- Not for update: that would make every sale of his leads wait.
  select s.* into v_supplier from leads.suppliers s where s.id = v_supplier.id for no key update;
  select array_agg(e.id), coalesce(sum(e.amount_cents), 0), count(*) filter (where e.kind = 'sale') - count(*) filter (where e.kind = 'return')
    into v_lines, v_cents, v_leads from leads.payable_earnings(v_supplier.id) e;
  select * into v_problem from leads.payout_problem(v_supplier, v_cents);
  if v_problem.code is not null then perform platform.fail(409, v_problem.code, v_problem.message); end if;

  v_payout := leads.record_payout(v_supplier, v_cents, greatest(v_leads, 0));
  update leads.earnings e set payout_id = v_payout.id where e.id = any (v_lines);
  insert into leads.payout_lines (payout_id, earning_id) select v_payout.id, unnest(v_lines);
  perform platform.notify(v_supplier.user_id, 'leads', 'info', 'Nouveau virement', format('Le virement %s de %s € est en cours vers le compte %s.',
    v_payout.transfer_reference, leads.amount_text(v_cents), v_payout.iban_mask));
  v_answer := leads.virement(v_payout);
  if idempotency_key is not null then return platform.keep_answer('payout', idempotency_key, v_answer); end if;
  return v_answer;
end;
$$;
comment on function leads.pay_supplier is 'Makes one transfer of all that a supplier may be paid now; 409 if he cannot be, or if there is nothing.';
grant execute on function leads.pay_supplier to authenticated, service_role;

-- sql/leads/0093_settlement.sql

-- What the bank says of a payout: it went through, or it came back, maybe days after it went through. What came back is
-- final, whichever of the two was entered first; the same word again changes nothing.

create index transactions_payouts on leads.transactions (description) where type = 'fournisseur_payment';

create function leads.lock_payout(reference text)
returns leads.payouts
language plpgsql
set search_path = ''
as $$
declare
  v_payout leads.payouts;
begin
  select p.* into v_payout from leads.payouts p
  where p.transfer_reference = lock_payout.reference or p.reference = lock_payout.reference;
  if v_payout.id is null then perform platform.fail(404, 'payout_not_found', 'Ce virement n''existe pas.'); end if;
  perform from leads.suppliers s where s.id = v_payout.supplier_id for no key update;
  select p.* into v_payout from leads.payouts p where p.id = v_payout.id for update;
  return v_payout;
end;
$$;
comment on function leads.lock_payout is 'A payout by its reference on the bank statement or its own, its supplier locked first.';

create function leads.settle_transaction(payout leads.payouts, status text)
returns void
language sql
set search_path = ''
as $$
  update leads.transactions t set status = settle_transaction.status
  where t.type = 'fournisseur_payment' and t.description = 'Virement ' || payout.transfer_reference and t.status = payout.status;
$$;
comment on function leads.settle_transaction is 'Makes the transaction of a payout follow it; the payout is given as it was before.';

create function leads.complete_payout(payout leads.payouts)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if payout.status = 'completed' then return; end if;
  if payout.status = 'failed' then perform platform.fail(409, 'payout_failed', 'Ce virement a échoué : il ne peut plus être confirmé.'); end if;
  perform platform.post_transfer('leads', 'payout_confirmed', payout.id::text,
    array[('payouts_in_transit', null, -payout.amount_cents), ('bank', null, payout.amount_cents)]::platform.ledger_line[]);
  update leads.payouts p set status = 'completed', settled_at = now() where p.id = payout.id;
  update leads.suppliers s set last_payment_date = greatest(s.last_payment_date, payout.date) where s.id = payout.supplier_id;
  perform leads.settle_transaction(payout, 'completed');
  perform platform.notify(s.user_id, 'leads', 'success', 'Virement reçu',
      format('Le virement %s de %s € est arrivé.', payout.transfer_reference, leads.amount_text(payout.amount_cents)))
    from leads.suppliers s where s.id = payout.supplier_id;
end;
$$;
comment on function leads.complete_payout is 'The bank has carried out a payout that is locked.';

-- What a payout of before this ledger was made of is not known: the whole of it is owed again. One that had arrived before
-- it as well was never in transit here: its money comes from the bank.
create function leads.free_earnings(payout leads.payouts)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_from text := 'payouts_in_transit';
begin
  if payout.status = 'completed' then
    perform platform.reverse_transfer(t.id, 'payout_returned', payout.id::text)
    from platform.ledger_transfers t where t.system = 'leads' and t.kind = 'payout_confirmed' and t.key = payout.id::text;
    if not found then v_from := 'bank'; end if;
  end if;
  if payout.transfer_id is not null then
    perform platform.reverse_transfer(payout.transfer_id, 'payout_failed', payout.id::text);
    update leads.earnings e set payout_id = null where e.payout_id = payout.id;
  else
    perform platform.post_transfer('leads', 'payout_failed', payout.id::text,
      array[(v_from, null, -payout.amount_cents), ('supplier_earnings', payout.supplier_id, payout.amount_cents)]::platform.ledger_line[]);
    insert into leads.earnings (supplier_id, kind, amount_cents, payable_from) values (payout.supplier_id, 'opening', payout.amount_cents, now());
  end if;
end;
$$;

create function leads.refuse_payout(payout leads.payouts, reason text)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_reason text := left(coalesce(nullif(btrim(reason), ''), 'motif non précisé'), 500);
  v_verb text := case payout.status when 'completed' then 'retourné' else 'refusé' end;
  v_fault text;
begin
  if payout.status = 'failed' then return; end if;
  perform leads.free_earnings(payout);
  update leads.payouts p set status = 'failed', settled_at = now(), failure_reason = v_reason where p.id = payout.id;
  -- It was the last payment if it had arrived; the last one is now the one before.
  update leads.suppliers s set last_payment_date =
    (select max(p.date) from leads.payouts p where p.supplier_id = s.id and p.status = 'completed')
  where s.id = payout.supplier_id and payout.status = 'completed' and s.last_payment_date = payout.date;
  perform leads.settle_transaction(payout, 'failed');
  v_fault := leads.hold_account(payout, v_reason);
  perform platform.notify(s.user_id, 'leads', 'error', 'Virement ' || v_verb,
      format('La banque a %s le virement %s de %s € : %s. %s ; la somme reste due.', v_verb,
        payout.transfer_reference, leads.amount_text(payout.amount_cents), v_reason,
        coalesce(format('Le compte %s est retenu (%s) : donnez un autre IBAN, ou faites valider celui-ci', payout.iban_mask, v_fault), 'Vérifiez votre IBAN')))
    from leads.suppliers s where s.id = payout.supplier_id;
end;
$$;
comment on function leads.refuse_payout is
  'The bank has refused a payout that is locked, or returned it after it had arrived: what it was made of may be paid again.';

create function leads.enter_outcome(payout leads.payouts, outcome text, reason text)
returns void
language plpgsql
set search_path = ''
as $$
begin
  case outcome
    when 'completed' then perform leads.complete_payout(payout);
    when 'failed' then perform leads.refuse_payout(payout, reason);
    else perform platform.fail(422, 'invalid_fields', 'Certains champs sont invalides.',
      '[{"field": "outcome", "code": "invalid_value", "message": "Résultat attendu : completed ou failed."}]');
  end case;
end;
$$;

create function leads.settle_payout(reference text, outcome text, reason text default null)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin');
  perform leads.enter_outcome(leads.lock_payout(settle_payout.reference), outcome, reason);
end;
$$;
comment on function leads.settle_payout is 'Enters the bank''s answer about one payout, completed or failed; again, it changes nothing. 409 if what failed is said to be completed.';

create function leads.settle_entry(reference text, cents bigint, outcome text, reason text)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_payout leads.payouts;
begin
  if not exists (select from leads.payouts p where p.transfer_reference = settle_entry.reference) then return 'unknown'; end if;
  v_payout := leads.lock_payout(reference);
  if v_payout.amount_cents is distinct from cents then return 'mismatch'; end if;
  -- The booking of a transfer may be told after its return: it is known that it came back.
  if v_payout.status = outcome or (v_payout.status, outcome) = ('failed', 'completed') then return 'already'; end if;
  perform leads.enter_outcome(v_payout, outcome, reason);
  return outcome;
end;
$$;
comment on function leads.settle_entry is 'Enters one entry of a bank''s file if it fits the payout that it names, and says what came of it.';

-- A bank's file, entry by entry: [{"reference", "cents", "outcome", "reason"}]. In the order in which suppliers are locked,
-- whoever else is at work.
create function leads.settle_entries(entries jsonb)
returns table (reference text, cents bigint, outcome text, result text)
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_entry record;
begin
  perform platform.require_role('leads', 'admin');
  for v_entry in
    select f.reference, f.cents, f.outcome, f.reason
    from jsonb_to_recordset(entries) as f (reference text, cents bigint, outcome text, reason text)
    left join leads.payouts p on p.transfer_reference = f.reference order by p.supplier_id, p.id
  loop
    reference := v_entry.reference;
    cents := v_entry.cents;
    outcome := v_entry.outcome;
    result := leads.settle_entry(v_entry.reference, v_entry.cents, v_entry.outcome, v_entry.reason);
    return next;
  end loop;
end;
$$;
comment on function leads.settle_entries is
  'Enters what a bank''s file says. result: completed, failed, already (nothing to do), mismatch (another amount), unknown.';
grant execute on function leads.settle_payout, leads.settle_entries to authenticated, service_role;

-- sql/leads/0094_payout_exports.sql

-- How payouts reach the bank: the pending ones go into a file, which names them all and each of them once.
insert into leads.work_rules (name, value, description) values
  ('payout_debtor', 'null', 'Le compte d''où partent les virements : {"name", "iban", "bic"}');

create function leads.set_payout_debtor(name text, iban text, bic text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_bic text := nullif(upper(btrim(bic)), '');
  v_problems jsonb := leads.account_problems(iban, v_bic);
  v_debtor jsonb;
begin
  if coalesce(length(btrim(name)), 0) not between 1 and 70 then
    v_problems := v_problems || jsonb_build_array(jsonb_build_object('field', 'name', 'code', 'invalid_length', 'message', 'Le nom compte de 1 à 70 caractères.'));
  elsif name !~ '[[:alnum:]]' then
    -- Of signs alone nothing might be left in the characters that banks take.
    v_problems := v_problems || jsonb_build_array(jsonb_build_object('field', 'name', 'code', 'invalid_format', 'message', 'Le nom compte au moins une lettre ou un chiffre.'));
  end if;
  if v_problems <> '[]' then perform platform.fail(422, 'invalid_fields', 'Certains champs sont invalides.', v_problems::text); end if;
  update leads.work_rules r set value = jsonb_build_object('name', btrim(set_payout_debtor.name), 'iban', platform.compact_iban(iban), 'bic', v_bic)
    where r.name = 'payout_debtor' returning r.value into v_debtor;
  return v_debtor;
end;
$$;
comment on function leads.set_payout_debtor is 'The account from which payouts leave.';

create function leads.hold_of(payout leads.payouts)
returns text
language sql
stable
set search_path = ''
as $$
  select case
    when exists (select from leads.suppliers s where s.id = payout.supplier_id and s.status = 'suspended') then 'supplier_suspended'
    when exists (select from leads.payout_accounts a join leads.held_accounts h using (sealed_iban) where a.payout_id = payout.id) then 'account_held'
    when platform.needs_bic(payout.iban_mask)
      and exists (select from leads.payout_accounts a where a.payout_id = payout.id and a.bic is null) then 'bic_missing'
  end;
$$;
comment on function leads.hold_of is 'Why a payout that is in no file yet stays behind, as a stable code; null where nothing is in its way.';

-- Banks refuse a day that is past, or on which no euros move.
create function leads.execution_date(wanted date)
returns date
language plpgsql
stable
set search_path = ''
as $$
declare
  v_next date := platform.next_target_day(greatest(wanted, leads.today()));
begin
  if wanted <> v_next then
    perform leads.refuse_fields(leads.field_problem('date', case when wanted < leads.today() then 'past' else 'not_target_day' end,
      format('Les banques n''exécutent rien le %s : le premier jour possible est le %s.', wanted, v_next)));
  elsif wanted > leads.today() + 365 then
    perform leads.refuse_fields(leads.field_problem('date', 'too_late', 'Un virement ne se demande pas plus d''un an à l''avance.'));
  end if;
  return v_next;
end;
$$;
comment on function leads.execution_date is 'The day on which a file is to be carried out: the wanted one, 422 if it cannot be; the first one that can, if none is wanted.';

create function leads.payout_orders(wanted_export uuid)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('reference', p.transfer_reference, 'cents', p.amount_cents, 'supplierId', p.supplier_id,
    'holder', a.holder, 'sealedIban', a.sealed_iban, 'bic', a.bic) order by p.transfer_reference), '[]')
  from leads.payouts p join leads.payout_accounts a on a.payout_id = p.id
  where case when wanted_export is null then p.export_id is null and p.status = 'pending' and leads.hold_of(p) is null else p.export_id = wanted_export end;
$$;

create function leads.held_payouts()
returns jsonb
language sql
stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('reference', p.transfer_reference, 'cents', p.amount_cents, 'supplier', s.reference, 'reason', h.reason)
    order by p.transfer_reference), '[]')
  from leads.payouts p join leads.suppliers s on s.id = p.supplier_id cross join lateral (select leads.hold_of(p) as reason) h
  where p.export_id is null and p.status = 'pending' and h.reason is not null;
$$;

-- What a file would hold, or held: the IBANs are sealed, and whoever writes the file has the key.
create function leads.payout_batch(again text, execution_date date default null)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_export leads.payout_exports;
begin
  if again is null then
    if leads.work_rule('payout_debtor') = 'null' then
      perform platform.fail(409, 'debtor_missing', 'Le compte d''où partent les virements n''est pas connu.', 'leads-cli pay account --name … --iban …');
    end if;
    return jsonb_build_object('debtor', leads.work_rule('payout_debtor'), 'executionDate', leads.execution_date(payout_batch.execution_date), 'orders', leads.payout_orders(null),
      'held', leads.held_payouts());
  end if;
  select x.* into v_export from leads.payout_exports x where x.message_id = again;
  if v_export.id is null then perform platform.fail(404, 'export_not_found', 'Ce fichier de virements n''existe pas.'); end if;
  if exists (select from leads.payouts p where p.export_id = v_export.id and p.status <> 'pending') then
    perform platform.fail(409, 'export_settled', 'La banque a déjà répondu à ce fichier : il ne peut plus être envoyé.');
  end if;
  -- The day of a file that was never sent may be over by now.
  return jsonb_build_object('debtor', v_export.debtor, 'executionDate', platform.next_target_day(greatest(v_export.execution_date, leads.today())), 'messageId', v_export.message_id,
    'createdAt', platform.iso_timestamp(v_export.created_at), 'orders', leads.payout_orders(v_export.id), 'held', '[]'::jsonb);
end;
$$;
comment on function leads.payout_batch is 'The pending payouts that are in no file yet, and those that are held back; or those of a file that the bank has not answered.';

-- Marked before the file is handed out: a file that was lost is written again under its own id, which a bank takes once.
create function leads.mark_exported(message_id text, created_at text, batch jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_export uuid := platform.uuid_v7();
  v_created timestamptz := leads.written_time(created_at);
  v_marked integer;
begin
  if not coalesce(v_created between now() - interval '1 day' and now() + interval '1 day', false) then
    perform leads.refuse_fields(leads.field_problem('createdAt', 'invalid_time', 'L''heure du fichier n''est pas d''aujourd''hui.'));
  end if;
  perform leads.execution_date((batch ->> 'executionDate')::date);
  insert into leads.payout_exports (id, message_id, debtor, execution_date, created_at, payouts, total_cents)
  select v_export, mark_exported.message_id, batch -> 'debtor', (batch ->> 'executionDate')::date, v_created, count(*), sum((o ->> 'cents')::bigint)
  from jsonb_array_elements(batch -> 'orders') o;
  -- In the order in which settle_entries locks them.
  perform from leads.payouts p join jsonb_array_elements(batch -> 'orders') o on p.transfer_reference = o ->> 'reference'
    order by p.supplier_id, p.id for update of p;
  update leads.payouts p set export_id = v_export
  from jsonb_array_elements(batch -> 'orders') o
  where p.transfer_reference = o ->> 'reference' and p.amount_cents = (o ->> 'cents')::bigint and p.status = 'pending' and p.export_id is null
    and leads.hold_of(p) is null;
  get diagnostics v_marked = row_count;
  if v_marked <> jsonb_array_length(batch -> 'orders') then
    perform platform.fail(409, 'payouts_changed', 'Des virements ont changé ou sont partis dans un autre fichier.', 'Recommencez.');
  end if;
end;
$$;
comment on function leads.mark_exported is 'Puts payouts into a file, all of them or none; 409 if one is settled, held back or in another file by now.';
grant execute on function leads.set_payout_debtor, leads.payout_batch, leads.mark_exported to service_role;

-- sql/leads/0095_payouts_api.sql

-- Payouts as they are published: for the admin all of them, for a supplier his own (document, 3.10 and 3.11). Euros.

create function public.admin_gains_pay("supplierId" text, idempotency_key text default null)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.pay_supplier("supplierId", idempotency_key); $$;
comment on function public.admin_gains_pay is
  'POST /api/admin/gains/:id/pay: one transfer of all that the supplier may be paid now. 404, 409 with the reason.';

create function public.admin_gains_activate(id text, iban text default null)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.set_supplier_status(id, 'active', iban); $$;
create function public.admin_gains_suspend(id text)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.set_supplier_status(id, 'suspended'); $$;
comment on function public.admin_gains_activate is 'POST /api/admin/gains/:id/activate: the supplier and his IBAN are validated; 409 if iban is not its mask.';
comment on function public.admin_gains_suspend is 'POST /api/admin/gains/:id/suspend: the supplier is neither paid nor let in.';

-- Volatile, though they write nothing: what is stable may be asked by GET, with the IBAN in the address.
create function public.fournisseur_iban_check(iban text, bic text default null)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.check_own_account(iban, bic); $$;
create function public.admin_gains_iban_check(id text, iban text, bic text default null)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.check_account_of(id, iban, bic); $$;
create function public.account_keep("supplierId" uuid, "sealedIban" text, bic text, mask text, "changedBy" uuid, validated boolean, fingerprint text default null)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.keep_account("supplierId", "sealedIban", bic, mask, "changedBy", validated, fingerprint); $$;
create function public.fournisseur_iban()
returns jsonb language sql stable security invoker set search_path = ''
as $$ select leads.own_account(); $$;
comment on function public.fournisseur_iban is 'GET /api/fournisseur/iban: the account of the supplier who asks, masked, and why it is held if it is.';
comment on function public.fournisseur_iban_check is 'PUT /api/fournisseur/iban, before the IBAN is sealed: 422 if it is none.';
comment on function public.admin_gains_iban_check is 'PUT /api/admin/gains/:id/iban, before the IBAN is sealed: 404, 422 if it is none.';
comment on function public.account_keep is 'For the functions alone: stores a sealed IBAN with its mask.';

-- What each supplier could be paid now, and why one cannot.
create function leads.payables(supplier text)
returns table (id text, fournisseur text, company text, iban text, status text, "leadsCount" bigint, amount numeric, code text, message text)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_only uuid := case when supplier is not null then (leads.supplier_of(supplier)).id end;
begin
  perform platform.require_role('leads', 'admin');
  return query
    select s.reference, s.contact_name, s.company, s.iban_mask, s.status, greatest(due.leads, 0), leads.euros(due.cents), p.code, p.message
    from leads.suppliers s
    cross join lateral (
      select coalesce(sum(e.amount_cents), 0)::bigint as cents, count(*) filter (where e.kind = 'sale') - count(*) filter (where e.kind = 'return') as leads,
        count(*) as lines
      from leads.payable_earnings(s.id) e
    ) due
    cross join lateral leads.payout_problem(s, due.cents) p
    where case when v_only is null then due.lines > 0 else s.id = v_only end
    order by s.id;
end;
$$;
create function public.admin_payables(supplier text default null)
returns table (id text, fournisseur text, company text, iban text, status text, "leadsCount" bigint, amount numeric, code text, message text)
language sql stable security invoker set search_path = ''
as $$ select * from leads.payables(supplier); $$;
comment on function public.admin_payables is 'GET /api/admin/payables: what each supplier could be paid now; code and message say why one cannot.';

create view public.admin_payouts with (security_invoker = true) as
select p.reference as id, p.transfer_reference as reference, leads.euros(p.amount_cents) as amount, p.date, p.status,
  p.leads_count as "leadsCount", p.period, p.iban_mask as iban, s.reference as "supplierId", s.contact_name as fournisseur, s.company,
  x.message_id as "exportId", platform.iso_timestamp(p.settled_at) as "settledAt", p.failure_reason as "failureReason"
from leads.payouts p join leads.suppliers s on s.id = p.supplier_id left join leads.payout_exports x on x.id = p.export_id
where (select platform.require_role('leads', 'admin')) order by p.id desc;
comment on view public.admin_payouts is 'GET /api/admin/payouts: the transfers to all suppliers, newest first.';

create function public.admin_payout_confirm(ref text)
returns jsonb language sql security invoker set search_path = ''
as $$
  select leads.settle_payout(ref, 'completed');
  select to_jsonb(p) from public.admin_payouts p where ref in (p.reference, p.id);
$$;
create function public.admin_payout_fail(ref text, reason text default null)
returns jsonb language sql security invoker set search_path = ''
as $$
  select leads.settle_payout(ref, 'failed', reason);
  select to_jsonb(p) from public.admin_payouts p where ref in (p.reference, p.id);
$$;
create function public.admin_payouts_settle(entries jsonb)
returns table (reference text, amount numeric, outcome text, result text)
language sql security invoker set search_path = ''
as $$ select e.reference, leads.euros(e.cents), e.outcome, e.result from leads.settle_entries(entries) e; $$;
comment on function public.admin_payout_confirm is 'POST /api/admin/payouts/:ref/confirm: the bank has carried it out. Again: the same answer. 409 if it has failed.';
comment on function public.admin_payout_fail is 'POST /api/admin/payouts/:ref/fail: the bank has refused or returned it, its earnings are free again. Again: the same answer.';
comment on function public.admin_payouts_settle is 'leads-cli pay settle: the entries of a bank''s file, each with what came of it.';

create function leads.lines_of(payout_id uuid)
returns table (type text, "leadId" text, "soldAt" text, buyer text, amount numeric)
language sql
stable
security definer
set search_path = ''
as $$
  select e.kind, l.reference, platform.iso_timestamp(s.sold_at), p.company, leads.euros(e.amount_cents)
  from leads.payout_lines n join leads.earnings e on e.id = n.earning_id
  left join leads.sales s on s.buyer_id = e.buyer_id and s.lead_id = e.lead_id
  left join leads.leads l on l.id = e.lead_id
  left join platform.profiles p on p.id = e.buyer_id
  where n.payout_id = lines_of.payout_id order by e.id;
$$;

-- Somebody else's payout is to a supplier as one that does not exist.
create function leads.payout_lines_for(role text, reference text)
returns table (type text, "leadId" text, "soldAt" text, buyer text, amount numeric)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_payout uuid;
begin
  perform platform.require_role('leads', role);
  select p.id into v_payout from leads.payouts p
  where (p.reference = payout_lines_for.reference or p.transfer_reference = payout_lines_for.reference)
    and (role = 'admin' or p.supplier_id = leads.my_supplier_id());
  if v_payout is null then perform platform.fail(404, 'payout_not_found', 'Ce virement n''existe pas.'); end if;
  return query select * from leads.lines_of(v_payout);
end;
$$;
create function public.admin_payout_lines(ref text)
returns table (type text, "leadId" text, "soldAt" text, buyer text, amount numeric)
language sql stable security invoker set search_path = ''
as $$ select * from leads.payout_lines_for('admin', ref); $$;
create function public.fournisseur_virement_lines(id text)
returns table (type text, "leadId" text, "soldAt" text, amount numeric)
language sql stable security invoker set search_path = ''
as $$ select l.type, l."leadId", l."soldAt", l.amount from leads.payout_lines_for('fournisseur', id) l; $$;
comment on function public.admin_payout_lines is 'GET /api/admin/payouts/:ref/lines: the sales and returns that a transfer pays.';
comment on function public.fournisseur_virement_lines is 'GET /api/fournisseur/virements/:id/lines: the sales and returns that a transfer pays; who bought is not said.';

create function public.payout_batch(again text default null, "executionDate" date default null)
returns jsonb language sql stable security invoker set search_path = ''
as $$ select leads.payout_batch(again, "executionDate"); $$;
create function public.payout_batch_mark("messageId" text, "createdAt" text, batch jsonb)
returns void language sql security invoker set search_path = ''
as $$ select leads.mark_exported("messageId", "createdAt", batch); $$;
create function public.payout_debtor_set(name text, iban text, bic text default null)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.set_payout_debtor(name, iban, bic); $$;
comment on function public.payout_batch is 'For leads-cli pay export: what goes into the next file, or what went into one; IBANs are sealed.';
comment on function public.payout_batch_mark is 'For leads-cli pay export: these payouts are in this file from now on.';
comment on function public.payout_debtor_set is 'For leads-cli pay account: the account from which payouts leave.';

create trigger refuse_write instead of insert or update or delete on public.admin_payouts for each row execute function leads.refuse_write();
grant select on public.admin_payouts to authenticated, service_role;
grant execute on function leads.payables, leads.payout_lines_for, public.admin_gains_pay, public.admin_gains_activate, public.admin_gains_suspend,
  public.fournisseur_iban, public.fournisseur_iban_check, public.admin_gains_iban_check, public.admin_payables, public.admin_payout_confirm, public.admin_payout_fail,
  public.admin_payouts_settle, public.admin_payout_lines, public.fournisseur_virement_lines to authenticated, service_role;
grant execute on function public.account_keep, public.payout_batch, public.payout_batch_mark, public.payout_debtor_set to service_role;

-- sql/leads/0096_seed_accounts.sql

-- The mock files show masks of bank accounts. So that the demo pays to the end, each supplier gets an account with its mask:
-- made up, of a bank that does not exist, and the same every time.

create function leads.demo_iban(mask text)
returns text
language sql
stable
set search_path = ''
as $$
  select candidate from generate_series(1, 200) n,
    lateral (select left(mask, 4) || '99999' || '00001' || lpad(n::text, 9, '0') || right(mask, 4) as candidate) c
  where mask ~ '^FR[0-9]{2} •••• •••• •••• [0-9]{4}$' and platform.iban_problem(candidate) is null
  order by n limit 1;
$$;
comment on function leads.demo_iban is 'A fictitious IBAN that looks like this through its mask; null where none can.';

create function leads.demo_accounts()
returns table (supplier_id uuid, iban text)
language sql
stable
security definer
set search_path = ''
as $$
  select s.id, leads.demo_iban(s.iban_mask) from leads.suppliers s
  join leads.seeded_rows r on r.relation = 'leads.suppliers' and r.row_id = s.id
  where leads.demo_iban(s.iban_mask) is not null
    and not exists (select from leads.supplier_accounts a where a.supplier_id = s.id);
$$;
comment on function leads.demo_accounts is 'The accounts of the suppliers that the mock files brought and that have none yet, for the CLI to seal.';

create function leads.keep_demo_account(supplier_id uuid, sealed_iban text)
returns void
language sql
security definer
set search_path = ''
as $$
  insert into leads.supplier_accounts (supplier_id, sealed_iban, validated)
  select s.id, keep_demo_account.sealed_iban, s.status = 'active' from leads.suppliers s where s.id = keep_demo_account.supplier_id;
  insert into leads.payout_accounts (payout_id, holder, sealed_iban)
  select p.id, s.company, keep_demo_account.sealed_iban
  from leads.payouts p join leads.suppliers s on s.id = p.supplier_id
  where p.supplier_id = keep_demo_account.supplier_id and p.iban_mask = s.iban_mask
  on conflict do nothing;
$$;
comment on function leads.keep_demo_account is 'Stores a sealed demo account, for the supplier and the transfers of the mock files.';
grant execute on function leads.demo_accounts, leads.keep_demo_account to service_role;

-- sql/leads/0097_self_dealing_api.sql

-- Suppliers who may buy from themselves, for an admin alone (no document names these paths): what they share, and what
-- came of it in credits and euros. His decision holds the earnings of the pair's sales back, or lets them go.
create trigger learn_signs after insert or update of name, siret, vat_number on leads.billing_details for each row execute function leads.learn_party();
create trigger learn_signs after insert or update of fingerprint on leads.supplier_accounts for each row execute function leads.learn_party();

create view public.admin_self_dealing with (security_invoker = true) as
select d.reference as id, s.reference as "supplierId", s.contact_name as fournisseur, s.company as "fournisseurCompany",
  coalesce(p.reference, p.id::text) as "buyerId", btrim(p.first_name || ' ' || p.last_name) as acheteur, p.company as "acheteurCompany",
  d.signs, t.sales, t.credits, leads.euros(t.cents) as earned, leads.euros(case when d.status = 'cleared' then 0 else t.held end) as held,
  d.status, platform.iso_timestamp(d.created_at) as "createdAt", platform.iso_timestamp(d.decided_at) as "decidedAt", d.note
from leads.self_dealing d
join leads.suppliers s on s.id = d.supplier_id
join platform.profiles p on p.id = d.buyer_id
cross join lateral (
  select count(*) filter (where e.kind = 'sale') as sales, coalesce(sum(v.credits) filter (where e.kind = 'sale'), 0) as credits,
    coalesce(sum(e.amount_cents), 0)::bigint as cents, coalesce(sum(e.amount_cents) filter (where e.payout_id is null), 0)::bigint as held
  from leads.earnings e left join leads.sales v on v.buyer_id = e.buyer_id and v.lead_id = e.lead_id
  where e.buyer_id = d.buyer_id and e.supplier_id = d.supplier_id
) t
where (select platform.require_role('leads', 'admin'))
order by d.status = 'unreviewed' desc, t.sales > 0 desc, d.created_at desc, d.reference desc;
comment on view public.admin_self_dealing is 'GET /api/admin/self-dealing: suppliers and buyers who may be one person; those to look at first. earned, held: euros.';
create trigger refuse_write instead of insert or update or delete on public.admin_self_dealing for each row execute function leads.refuse_write();
grant select on public.admin_self_dealing to authenticated, service_role;

create function leads.decide_pair(reference text, status text, note text)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_note text := nullif(leads.trimmed(note), '');
begin
  perform platform.require_role('leads', 'admin');
  if decide_pair.status is null or decide_pair.status not in ('cleared', 'confirmed') then
    perform leads.refuse_fields(leads.field_problem('status', 'invalid_value', 'Décision attendue : cleared ou confirmed.'));
  end if;
  if length(v_note) > 2000 then
    perform leads.refuse_fields(leads.field_problem('note', 'too_long', 'La note est limitée à 2000 caractères.'));
  end if;
  update leads.self_dealing d set status = decide_pair.status, note = v_note, decided_at = now(), decided_by = auth.uid()
  where d.reference = decide_pair.reference and (d.status, d.note) is distinct from (decide_pair.status, v_note);
  if not found and not exists (select from leads.self_dealing d where d.reference = decide_pair.reference) then
    perform platform.fail(404, 'pair_not_found', 'Ce rapprochement n''existe pas.');
  end if;
  return decide_pair.reference;
end;
$$;
comment on function leads.decide_pair is 'An admin has looked: two persons, or one. What was confirmed may be cleared, and the other way.';

create function public.admin_self_dealing_decide(id text, status text, note text default null)
returns public.admin_self_dealing
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_pair text := leads.decide_pair(id, status, note);
  v_shown public.admin_self_dealing;
begin
  select d.* into v_shown from public.admin_self_dealing d where d.id = v_pair;
  return v_shown;
end;
$$;
comment on function public.admin_self_dealing_decide is
  'POST /api/admin/self-dealing/:id {status, note}: cleared pays the earnings that waited; confirmed keeps them, and sells that buyer nothing more of that supplier.';
grant execute on function leads.decide_pair, public.admin_self_dealing_decide to authenticated, service_role;

-- sql/leads/0098_calling_rules_api.sql

-- The rule of calling as an admin sets it, and the queue as he sees it.
create function leads.is_count(value jsonb, lowest integer, highest integer, or_none boolean default false)
returns boolean
language sql
immutable
set search_path = ''
as $$ select coalesce(leads.is_number(value, lowest, highest, 0), false) or (or_none and value = 'null'); $$;

create function leads.calling_hours_hold(hours jsonb)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_form constant text := '^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$';
begin
  if jsonb_typeof(hours) is distinct from 'array' or jsonb_array_length(hours) not between 1 and 6 then return false; end if;
  return not exists (select from jsonb_array_elements(hours) h
    where jsonb_typeof(h) <> 'object' or coalesce(h ->> 'from', '') !~ v_form or coalesce(h ->> 'until', '') !~ v_form
      or h ->> 'from' >= h ->> 'until' or h - array['from', 'until'] <> '{}');
end;
$$;
comment on function leads.calling_hours_hold is 'Whether hours of calling are readable: [{from, until}], HH:MM, 24:00 at most.';

create function leads.calling_problems(rule jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('field', field, 'code', case when rule ? field then 'invalid_value' else 'required' end, 'message', message)), '[]')
  from (values
    ('days', jsonb_typeof(rule -> 'days') = 'array' and rule -> 'days' <@ '[1, 2, 3, 4, 5, 6, 7]', 'Les jours sont des nombres de 1 (lundi) à 7 (dimanche).'),
    ('hours', leads.calling_hours_hold(rule -> 'hours'), 'Les plages horaires ont un début et une fin, de 00:00 à 24:00 : {"from": "10:00", "until": "13:00"}.'),
    ('onHolidays', jsonb_typeof(rule -> 'onHolidays') = 'boolean', 'Vrai ou faux est attendu.'),
    ('callsPerDay', leads.is_count(rule -> 'callsPerDay', 1, 1000, true), 'Le nombre d''appels est un entier de 1 à 1 000, ou vide : sans limite.'),
    ('callsPer30Days', leads.is_count(rule -> 'callsPer30Days', 1, 1000, true), 'Le nombre d''appels est un entier de 1 à 1 000, ou vide : sans limite.'),
    ('refusalDays', leads.is_count(rule -> 'refusalDays', 0, 3650), 'Le délai est un nombre entier de jours, de 0 à 3 650.'),
    ('sourcesWithoutConsent', jsonb_typeof(rule -> 'sourcesWithoutConsent') = 'array' and jsonb_array_length(rule -> 'sourcesWithoutConsent') <= 200
      and not jsonb_path_exists(rule, '$.sourcesWithoutConsent[*] ? (@.type() != "string" || @ == "")'),
      'Les sources sont nommées comme dans les leads, « - » pour ceux qui n''en ont pas.')
  ) as checked (field, holds, message)
  where holds is not true;
$$;
comment on function leads.calling_problems is 'What is wrong with a rule of calling, field by field.';

alter table leads.work_rules add constraint calling_is_a_rule check (name <> 'calling' or leads.calling_problems(value) = '[]');
-- A check of a table asks them, with the rights of who writes.
grant execute on function leads.is_count, leads.calling_hours_hold, leads.calling_problems to authenticated, service_role;

create function leads.read_calling_rules()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin');
  return leads.work_rule('calling');
end;
$$;
comment on function leads.read_calling_rules is 'The rule of calling, for an admin.';

create function leads.write_calling_rules(given jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_rule jsonb;
begin
  perform platform.require_role('leads', 'admin');
  if jsonb_typeof(given) is distinct from 'object' then perform platform.fail(400, 'invalid_body', 'Des règles d''appel sont attendues.'); end if;
  -- Of two admins who change different fields neither takes back what the other has set.
  select r.value into v_rule from leads.work_rules r where r.name = 'calling' for no key update;
  perform leads.refuse_fields(leads.calling_problems(v_rule || given) || leads.body_problems(given, array(select jsonb_object_keys(v_rule))));
  update leads.work_rules r set value = v_rule || given where r.name = 'calling';
end;
$$;
comment on function leads.write_calling_rules is 'Changes the given fields of the rule of calling, for an admin: in force from the next question on.';

create function leads.queue_overview()
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  calling leads.calling := leads.calling_at();
  v_since timestamptz := calling.at - make_interval(days => greatest(30, (calling.rule ->> 'refusalDays')::integer));
begin
  perform platform.require_role('leads', 'admin');
  return (
    with called as (
      select distinct k.lead_id from leads.called_people p join leads.calls k on k.id = p.call_id where p.called_at > v_since
    ), known as (
      select distinct same.lead_id from called join leads.lead_contacts c on c.lead_id = called.lead_id
      cross join lateral (
        select o.lead_id from leads.lead_contacts o where lower(o.email) = lower(c.email)
        union all select o.lead_id from leads.lead_contacts o where o.phone in (c.phone, c.phone2)
        union all select o.lead_id from leads.lead_contacts o where o.phone2 in (c.phone, c.phone2)
      ) same
    ), judged as (
      select w.region, case
        when not w.call_basis = any (calling.bases) then 'withoutConsent'
        when w.id in (select k.lead_id from known k) and coalesce(leads.paused_until(w.lead, calling.rule, calling.at) > calling.at, false) then 'overLimit'
        when not w.region = any (calling.regions) then 'outsideHours' else 'ready' end as state
      from leads.waiting_leads w where coalesce(w.due_at <= calling.at, true)
    )
    select jsonb_build_object('ready', count(*) filter (where j.state = 'ready'), 'outsideHours', count(*) filter (where j.state = 'outsideHours'),
      'overLimit', count(*) filter (where j.state = 'overLimit'), 'withoutConsent', count(*) filter (where j.state = 'withoutConsent'),
      'nextOpening', platform.iso_timestamp(leads.next_opening(array_agg(distinct j.region) filter (where j.state = 'outsideHours'), calling.at)),
      'callsOutsideRules', (select count(*) from leads.calls k where k.outside_rules is not null and k.created_at > calling.at - interval '30 days'))
    from judged j);
end;
$$;
comment on function leads.queue_overview is 'How many leads wait, and for what, each counted once; how many calls of 30 days broke a rule.';

create function public.admin_calling_rules()
returns jsonb language sql stable security invoker set search_path = ''
as $$ select leads.read_calling_rules(); $$;
comment on function public.admin_calling_rules is 'GET /api/admin/calling-rules: when people are called, how often, and by what right.';

create function public.admin_calling_rules_change(rules jsonb)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform leads.write_calling_rules(rules);
  return public.admin_calling_rules();
end;
$$;
comment on function public.admin_calling_rules_change is 'PUT /api/admin/calling-rules: what is given; 422 field by field.';

create function public.admin_queue()
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.queue_overview(); $$;
comment on function public.admin_queue is 'GET /api/admin/queue: how many leads wait for an agent, for their hour, for the limit of calls, for a consent.';
grant execute on function leads.read_calling_rules, leads.write_calling_rules, leads.queue_overview, public.admin_calling_rules,
  public.admin_calling_rules_change, public.admin_queue to authenticated, service_role;

-- sql/leads/0098_personal_data.sql

-- Where an account is known by: every column that leads to a user or a supplier, or holds his address. What is shown of it in an
-- export, what an erasure makes of it, and why. test/sql/gdpr.test.ts goes through the catalogue: a table that is not
-- here fails it, so that none is forgotten.
create function leads.personal_data()
returns table (relation text, column_name text, whose text, shown text[], fate text, why text)
language sql
immutable
set search_path = ''
as $$
  select d.relation, d.column_name, d.whose, d.shown::text[], d.fate, case d.why
    when 'books' then 'Pièces comptables : dix ans (art. L123-22 du code de commerce).'
    when 'proof' then 'Preuve de ce qui a été fait, par un identifiant sans nom (art. 17-3 du RGPD).'
    when 'others' then 'Données d''autres personnes, qui ont leurs propres droits.'
    when 'consent' then 'Preuves de consentement des prospects (art. 7-1 du RGPD).' end
  from (values
    ('platform.profiles', 'id', 'user', '{reference,email,first_name,last_name,company,phone,display_name,bio,avatar,created_at}', 'pseudonym', 'proof'),
    ('platform.profiles', 'email', 'user', null, 'pseudonym', 'proof'),
    ('platform.memberships', 'user_id', 'user', '{system,role,status,created_at}', 'erased', null),
    ('platform.registrations', 'user_id', 'user', '{system,role,profile,requested_at,applied_at}', 'erased', null),
    ('platform.notifications', 'user_id', 'user', '{type,title,message,read,created_at}', 'erased', null),
    ('platform.session_handles', 'user_id', 'user', '{created_at,expires_at}', 'erased', null),
    ('platform.idempotency_keys', 'user_id', 'user', '{operation,created_at}', 'erased', null),
    ('platform.ledger_accounts', 'owner', 'user', '{kind,created_at}', 'kept', 'books'),
    ('platform.ledger_transfers', 'actor', 'user', '{kind,created_at}', 'kept', 'books'),
    ('platform.audit_log', 'actor', 'user', '{at,relation,operation}', 'kept', 'proof'),
    ('platform.row_versions', 'changed_by', 'user', '{relation,version,valid_from}', 'kept', 'proof'),
    ('auth.users', 'id', 'user', '{email,phone,created_at,email_confirmed_at,last_sign_in_at}', 'pseudonym', 'proof'),
    ('auth.sessions', 'user_id', 'user', '{created_at,updated_at,ip,user_agent}', 'erased', null),
    ('auth.identities', 'user_id', 'user', '{provider,created_at,last_sign_in_at}', 'erased', null),
    ('auth.mfa_factors', 'user_id', 'user', '{friendly_name,factor_type,status,created_at}', 'erased', null),
    ('leads.suppliers', 'user_id', 'user', '{reference,contact_name,company,email,iban_mask,status,created_at}', 'pseudonym', 'proof'),
    ('leads.suppliers', 'email', 'supplier', null, 'pseudonym', 'proof'),
    ('leads.buyers', 'user_id', 'user', '{preferred_sectors,preferred_regions,created_at}', 'erased', null),
    ('leads.billing_details', 'buyer_id', 'user', '{name,address,delivery_address,siret,vat_number}', 'erased', null),
    ('leads.party_signs', 'person', 'user', '{kind,seen_at}', 'erased', null),
    ('leads.self_dealing', 'buyer_id', 'user', null, 'pseudonym', 'proof'),
    ('leads.self_dealing', 'supplier_id', 'supplier', null, 'pseudonym', 'proof'),
    ('leads.self_dealing', 'decided_by', 'user', '{reference,status,decided_at}', 'kept', 'proof'),
    ('leads.supplier_accounts', 'supplier_id', 'supplier', '{bic,validated,changed_at}', 'erased', null),
    ('leads.supplier_accounts', 'changed_by', 'user', null, 'kept', 'proof'),
    ('leads.held_accounts', 'supplier_id', 'supplier', '{iban_mask,code,held_at}', 'erased', null),
    ('leads.imports', 'supplier_id', 'supplier', '{reference,file_name,upload_date,total,valid,status}', 'kept', 'consent'),
    ('leads.import_mappings', 'supplier_id', 'supplier', '{created_at,updated_at}', 'erased', null),
    ('leads.leads', 'supplier_id', 'supplier', '{}', 'kept', 'others'),
    ('leads.leads', 'agent_id', 'user', '{}', 'kept', 'others'),
    ('leads.lead_contacts', 'supplier_id', 'supplier', '{}', 'kept', 'others'),
    ('leads.lead_contacts', 'email', null, null, 'kept', 'others'),
    ('leads.leads', 'email_mask', null, null, 'kept', 'others'),
    ('leads.lead_consents', 'supplier_id', 'supplier', '{}', 'kept', 'consent'),
    ('leads.import_rows', 'email', null, null, 'kept', 'others'),
    ('leads.import_checked', 'email', null, null, 'kept', 'others'),
    ('leads.import_checked', 'email_mask', null, null, 'kept', 'others'),
    ('leads.import_file_rows', 'email', null, null, 'kept', 'others'),
    ('leads.import_form_rows', 'email', null, null, 'kept', 'others'),
    ('leads.import_held_rows', 'email', null, null, 'kept', 'others'),
    ('leads.calls', 'agent_id', 'user', '{reference,called_on,duration,result}', 'pseudonym', 'others'),
    ('leads.qualifications', 'agent_id', 'user', '{recording_consent,created_at}', 'kept', 'others'),
    ('leads.sales', 'buyer_id', 'user', '{credits,price_cents,sold_at}', 'kept', 'books'),
    ('leads.sales', 'supplier_id', 'supplier', '{price_cents,supplier_share_cents,sold_at}', 'kept', 'books'),
    ('leads.returns', 'buyer_id', 'user', '{reference,lead_reference,reason,comment,status,decided_at}', 'pseudonym', 'books'),
    ('leads.returns', 'decided_by', 'user', '{reference,decided_at}', 'kept', 'proof'),
    ('leads.outcomes', 'buyer_id', 'user', '{outcome}', 'kept', 'books'),
    ('leads.transactions', 'user_id', 'user', '{reference,type,amount_cents,credits,date,status,description}', 'pseudonym', 'books'),
    ('leads.payments', 'buyer_id', 'user', '{reference,type,amount_cents,date,status,description}', 'kept', 'books'),
    ('leads.pack_orders', 'buyer_id', 'user', '{reference,pack_name,credits,bonus,price_cents,status,created_at}', 'kept', 'books'),
    ('leads.invoices', 'buyer_id', 'user', '{number,issued_on,description,net_cents,vat_cents,gross_cents,buyer}', 'kept', 'books'),
    ('leads.payouts', 'supplier_id', 'supplier', '{transfer_reference,amount_cents,date,status,period,iban_mask}', 'kept', 'books'),
    ('leads.earnings', 'supplier_id', 'supplier', '{kind,amount_cents,payable_from}', 'kept', 'books'),
    ('leads.earnings', 'buyer_id', 'user', null, 'kept', 'books'),
    ('leads.erasures', 'actor', 'user', '{erased_at}', 'kept', 'proof')
  ) as d (relation, column_name, whose, shown, fate, why);
$$;
comment on function leads.personal_data is 'Where accounts are known by, what an export shows of it ({}: how much), what an erasure makes of it, and why something stays.';
grant execute on function leads.personal_data to service_role;

-- sql/leads/0099_account_gdpr.sql

-- What the GDPR lets the holder of an account ask for: everything that is held about him, and to be erased. What is found is
-- the account of the address, which was proven; a telephone in a profile proves nothing, and finds no account.

create function leads.camel_keys(given jsonb, kept text[])
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_object_agg(left(e.key, 1) || substr(replace(initcap(replace(e.key, '_', ' ')), ' ', ''), 2), e.value), '{}')
  from jsonb_each(given) e where e.key = any (kept);
$$;
comment on function leads.camel_keys is 'Some fields of a row, by the names that JSON has them under.';

create function leads.exported_account(user_id uuid, supplier_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v record;
  v_rows jsonb;
  v_found jsonb := '{}';
begin
  for v in select d.*, case d.whose when 'user' then exported_account.user_id else exported_account.supplier_id end as id from leads.personal_data() d
    where d.shown is not null and to_regclass(d.relation) is not null
  loop
    continue when v.id is null;
    if v.shown = '{}' then
      execute format('select jsonb_build_object(''count'', count(*)) from %s t where t.%I = $1', v.relation, v.column_name) into v_rows using v.id;
    else
      execute format('select coalesce(jsonb_agg(leads.camel_keys(to_jsonb(t), $2)), ''[]'') from %s t where t.%I = $1', v.relation, v.column_name)
        into v_rows using v.id, v.shown;
    end if;
    -- A table may know an account in two ways.
    v_found := v_found || jsonb_build_object(v.relation || case when v_found ? v.relation then '.' || v.column_name else '' end, v_rows);
  end loop;
  return jsonb_build_object('data', v_found,
    'files', (select coalesce(jsonb_agg(jsonb_build_object('bucket', o.bucket_id, 'path', o.name) order by o.name), '[]')
      from storage.objects o where split_part(o.name, '/', 1) = exported_account.user_id::text),
    'afterErasure', (select jsonb_agg(jsonb_build_object('what', d.relation || '.' || d.column_name, 'fate', d.fate, 'why', d.why) order by d.relation, d.column_name)
      from leads.personal_data() d where d.fate <> 'erased' and d.whose is not null));
end;
$$;
comment on function leads.exported_account is 'Everything that is held about the holder of an account, where, and what stays of it after an erasure.';

-- A supplier may be known by his address alone, without an account.
create function leads.account_of(email text, out user_id uuid, out supplier_id uuid)
language sql
stable
security definer
set search_path = ''
as $$
  select u.id, s.id from (values (account_of.email)) a (email)
  left join auth.users u on u.email in (a.email, lower(platform.shown_email(a.email)))
  left join leads.suppliers s on s.user_id = u.id or u.id is null and lower(s.email) in (a.email, lower(platform.shown_email(a.email)))
  limit 1;
$$;
comment on function leads.account_of is 'The account of an address, and its supplier.';

-- Money on its way to or from a person needs somebody to go to; it is settled first.
create function leads.open_obligations(user_id uuid, supplier_id uuid)
returns text[]
language plpgsql
volatile
set search_path = ''
as $$
begin
  -- Whoever buys or is sold meanwhile waits, or has been here before.
  perform from leads.suppliers s where s.id = open_obligations.supplier_id for update;
  perform platform.lock_balances('leads', open_obligations.user_id);
  return array_remove(array[
    (select format('%s crédits payés à rembourser ou à dépenser', b.balance) from platform.ledger_balance('leads', 'buyer_paid', open_obligations.user_id) b (balance) where b.balance > 0),
    (select format('%s commande(s) en cours', count(*)) from leads.pack_orders o where o.buyer_id = open_obligations.user_id and (o.status = 'pending'
      or exists (select from leads.refunds r where r.order_id = o.id and r.status = 'requested')) having count(*) > 0),
    (select format('%s retour(s) de leads à décider', count(*)) from leads.returns r where r.buyer_id = open_obligations.user_id and r.status = 'requested' having count(*) > 0),
    (select format('des gains à verser ou à reprendre (%s €)', leads.amount_text(sum(e.amount_cents)::bigint)) from leads.earnings e
      where e.supplier_id = open_obligations.supplier_id and e.payout_id is null and e.amount_cents <> 0 having count(*) > 0),
    (select format('%s virement(s) sans réponse de la banque', count(*)) from leads.payouts p where p.supplier_id = open_obligations.supplier_id and p.status = 'pending' having count(*) > 0),
    (select format('%s import(s) en cours', count(*)) from leads.imports i where i.supplier_id = open_obligations.supplier_id and i.status in ('processing', 'pending_review') having count(*) > 0)
  ], null);
end;
$$;
comment on function leads.open_obligations is 'What has to be settled before an account can be erased, in words; locks what it looked at.';

create function leads.erase_supplier(supplier_id uuid)
returns void
language sql
set search_path = ''
as $$
  delete from leads.supplier_accounts a where a.supplier_id = erase_supplier.supplier_id;
  delete from leads.held_accounts a where a.supplier_id = erase_supplier.supplier_id;
  delete from leads.import_mappings m where m.supplier_id = erase_supplier.supplier_id;
  -- Suspended: nothing of his is sold any more.
  update leads.suppliers s set contact_name = 'Compte effacé', company = 'Compte effacé', email = '', iban_mask = null, status = 'suspended'
  where s.id = erase_supplier.supplier_id;
  delete from leads.self_dealing d where d.supplier_id = erase_supplier.supplier_id and d.status <> 'confirmed';
  update leads.self_dealing d set note = null where d.supplier_id = erase_supplier.supplier_id;
  delete from leads.party_signs p where p.person = erase_supplier.supplier_id;
$$;
comment on function leads.erase_supplier is 'Takes from a supplier all that identifies the person, the account on which he was paid as well.';

create function leads.erase_holder(user_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  delete from leads.billing_details d where d.buyer_id = erase_holder.user_id;
  delete from leads.buyers b where b.user_id = erase_holder.user_id;
  update leads.returns r set comment = null where r.buyer_id = erase_holder.user_id and r.comment is not null;
  update leads.transactions t set user_name = 'Compte effacé', company = null where t.user_id = erase_holder.user_id;
  update leads.calls c set agent_name = 'Compte effacé' where c.agent_id = erase_holder.user_id;
  update leads.leads l set reserved_until = null where l.agent_id = erase_holder.user_id and l.reserved_until is not null;
  perform platform.erase_account(erase_holder.user_id);
  delete from leads.self_dealing d where d.buyer_id = erase_holder.user_id and d.status <> 'confirmed';
  update leads.self_dealing d set note = null where d.buyer_id = erase_holder.user_id;
  -- Last: what was written above has been learnt as signs of his.
  delete from leads.party_signs p where p.person = erase_holder.user_id;
end;
$$;
comment on function leads.erase_holder is 'Takes from the account of an agent, buyer, supplier or admin all that identifies the person.';

create function leads.erase_account_of(email text)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_user uuid;
  v_supplier uuid;
  v_open text[];
begin
  select a.user_id, a.supplier_id into v_user, v_supplier from leads.account_of(erase_account_of.email) a;
  if v_user is null and v_supplier is null or exists (select from platform.profiles p where p.id = v_user and p.erased_at is not null) then return 0; end if;
  v_open := leads.open_obligations(v_user, v_supplier);
  if v_open <> '{}' then
    perform platform.fail(409, 'open_obligations', 'Ce compte ne peut pas encore être effacé : ' || array_to_string(v_open, ', ') || '.',
      'Réglez ce qui est en cours, puis recommencez ; suspendez le compte en attendant.');
  end if;
  if v_supplier is not null then perform leads.erase_supplier(v_supplier); end if;
  if v_user is not null then perform leads.erase_holder(v_user); end if;
  return 1;
end;
$$;
comment on function leads.erase_account_of is 'Erases the account of an address: how many there were. 409 while anything is owed, or for the last admin.';

create function leads.account_files_to_remove()
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(jsonb_agg(o.name order by o.name), '[]') from storage.objects o
  join platform.profiles p on p.erased_at is not null and p.id::text = split_part(o.name, '/', 1) where o.bucket_id = 'avatars';
$$;
comment on function leads.account_files_to_remove is 'Pictures of erased accounts that are still in the bucket « avatars »: [path].';
grant execute on function leads.account_files_to_remove to service_role;

-- Of what nobody has proven to be his, only the account: a prospect's data are not for who claims his address.
create function leads.holder_export(user_id uuid)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object('person', p.email, 'exportedAt', platform.iso_timestamp(now()),
    'account', leads.exported_account(p.id, (select s.id from leads.suppliers s where s.user_id = p.id)),
    'leads', (select coalesce(jsonb_agg(leads.exported_lead(l) order by l.id), '[]') from leads.leads l
      where platform.is_proven(p.id) and l.id in (select leads.leads_of(lower(p.email), null))))
  from platform.profiles p where p.id = holder_export.user_id;
$$;
comment on function leads.holder_export is 'What is held about the holder of an account, by it and by his address.';

create function leads.own_export()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  if auth.uid() is null then perform platform.fail(401, 'authentication_required', 'Connectez-vous pour accéder à cette ressource.'); end if;
  return leads.holder_export(auth.uid());
end;
$$;
comment on function leads.own_export is 'What is held about the caller.';

create function leads.admin_export(id text)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$ begin return leads.holder_export(leads.user_id_of(admin_export.id)); end; $$;
comment on function leads.admin_export is 'What is held about the holder of an account, for an admin.';

create function leads.admin_erase(id text, oppose boolean)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
begin
  return leads.gdpr_erase((select p.email from platform.profiles p where p.id = leads.user_id_of(admin_erase.id)), coalesce(oppose, false));
end;
$$;
comment on function leads.admin_erase is 'Erases the holder of an account, and what is held of him as a prospect, for an admin.';

create function public.users_me_export()
returns jsonb language sql stable security invoker set search_path = ''
as $$ select leads.own_export(); $$;
create function public.admin_user_export(id text)
returns jsonb language sql stable security invoker set search_path = ''
as $$ select leads.admin_export(id); $$;
create function public.admin_user_erase(id text, oppose boolean default false)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.admin_erase(id, oppose); $$;
create function public.gdpr_forget_recordings(paths text[])
returns void language sql security invoker set search_path = ''
as $$ select leads.forget_recordings(paths); $$;
comment on function public.users_me_export is 'GET /api/users/me/export: everything that is held about the caller.';
comment on function public.admin_user_export is 'GET /api/admin/users/:id/export: everything that is held about the holder of an account.';
comment on function public.admin_user_erase is 'The first half of POST /api/admin/users/:id/erase: the rows. The function then removes the files.';
comment on function public.gdpr_forget_recordings is 'For the functions alone: files of erased people have been removed from Storage.';
grant execute on function leads.own_export, leads.admin_export, leads.admin_erase, public.users_me_export, public.admin_user_export, public.admin_user_erase
  to authenticated, service_role;
grant execute on function public.gdpr_forget_recordings to service_role;

-- sql/leads/0100_import_review.sql

-- A file with too many bad rows waits for an admin. Its rows are kept as they were written, apart from the leads, so that
-- no list and no queue can show them; when it is accepted they are merged as if they came in then, by the rules of then.
create table leads.import_held_rows (like leads.import_rows, primary key (import_id, line));
alter table leads.import_held_rows add foreign key (import_id) references leads.imports (id) on delete cascade;
alter table leads.import_held_rows enable row level security;
comment on table leads.import_held_rows is 'The rows of files that wait for an admin''s decision, as they were written.';
create policy select_admin on leads.import_held_rows for select to authenticated using ((select platform.has_role('leads', 'admin')));
grant select on leads.import_held_rows to authenticated, service_role;

create function leads.wants_review(read bigint, invalid bigint)
returns boolean
language sql
stable
set search_path = ''
as $$ select coalesce(100 * invalid > read * (leads.work_rule('import_invalid_percent') #>> '{}')::numeric, false); $$;
comment on function leads.wants_review is 'Whether so many rows were refused that an admin has to look at the file.';

create function leads.hold_import(import_id uuid, on_duplicate text, counts leads.import_counts)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_import leads.imports := leads.count_import(import_id, counts, 'pending_review');
  v_said text := format('%s : %s lignes refusées sur %s.', v_import.file_name, v_import.invalid, v_import.total);
begin
  update leads.imports i set on_duplicate = hold_import.on_duplicate where i.id = v_import.id;
  insert into leads.import_held_rows select r.* from leads.import_rows r where r.import_id = v_import.id;
  perform leads.notify_supplier(v_import.id, 'warning', 'Import en attente de vérification', v_said);
  perform platform.notify(m.user_id, 'leads', 'warning', 'Import à vérifier', v_import.reference || ', ' || v_said)
  from platform.memberships m where m.system = 'leads' and m.role = 'admin' and m.status = 'active';
  perform platform.emit('leads', 'import.pending_review', jsonb_build_object('import', v_import.reference, 'read', v_import.total, 'invalid', v_import.invalid));
end;
$$;
comment on function leads.hold_import is 'Keeps the staged rows for an admin''s decision, with the counts that they would have, and tells admins and supplier.';

-- Locked, so that of two admins one decides. The merges' lock comes first, as it does in a merge.
create function leads.import_to_decide(reference text)
returns leads.imports
language plpgsql
set search_path = ''
as $$
declare
  v_import leads.imports;
begin
  perform platform.require_role('leads', 'admin');
  perform pg_advisory_xact_lock(hashtext('leads.merge_import'));
  select i.* into v_import from leads.imports i where i.reference = import_to_decide.reference for update;
  if not found then perform platform.fail(404, 'import_not_found', 'Cet import est introuvable.'); end if;
  return v_import;
end;
$$;
comment on function leads.import_to_decide is 'The import that an admin names, locked: 404 if there is none.';

create function leads.pending_import(reference text)
returns leads.imports
language plpgsql
set search_path = ''
as $$
declare
  v_import leads.imports := leads.import_to_decide(reference);
begin
  if v_import.status <> 'pending_review' then
    perform platform.fail(409, 'import_not_pending', 'Cet import n''attend pas de décision.');
  end if;
  return v_import;
end;
$$;
comment on function leads.pending_import is 'The import that waits for the calling admin''s decision, locked: 409 if it does not wait.';

create function leads.accept_import(reference text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_import leads.imports := leads.pending_import(reference);
begin
  perform from leads.suppliers s where s.id = v_import.supplier_id and s.status <> 'suspended';
  if not found then
    perform platform.fail(409, 'supplier_not_active', 'Le fournisseur de cet import est suspendu : ses leads ne peuvent pas entrer.');
  end if;
  -- A file that was loaded as pending with its figures alone, or whose people were all erased.
  if not exists (select from leads.import_held_rows h where h.import_id = v_import.id) then
    perform platform.fail(409, 'import_rows_missing', 'Les lignes de cet import ne sont pas conservées ici : il peut seulement être écarté.');
  end if;
  delete from leads.import_rejects r where r.import_id = v_import.id;
  update leads.imports i set status = 'processing' where i.id = v_import.id;
  insert into leads.import_rows select h.* from leads.import_held_rows h where h.import_id = v_import.id;
  delete from leads.import_held_rows h where h.import_id = v_import.id;
  perform leads.merge_import(v_import.id, v_import.on_duplicate, accepted => true);
end;
$$;
comment on function leads.accept_import is 'Brings the rows of a pending import in, checked again.';

-- Nothing of it came in, and so nothing is counted; the reasons of the refusals stay for the supplier.
create function leads.discard_import(reference text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_import leads.imports := leads.pending_import(reference);
  v_reason text := format('Écarté par un administrateur : %s lignes refusées sur %s.', v_import.invalid, v_import.total);
begin
  delete from leads.import_held_rows h where h.import_id = v_import.id;
  update leads.imports i set status = 'failed', failure = v_reason, total = 0, valid = 0, invalid = 0, duplicates = 0, inserted = 0, updated = 0,
    duplicates_in_file = 0, duplicates_of_supplier = 0, duplicates_sold = 0, duplicates_on_platform = 0
  where i.id = v_import.id;
  perform leads.notify_supplier(v_import.id, 'error', 'Import écarté', v_import.file_name || ' : ' || v_reason);
  perform platform.emit('leads', 'import.discarded', jsonb_build_object('import', v_import.reference));
end;
$$;
comment on function leads.discard_import is 'Ends a pending import without a lead.';
grant execute on function leads.accept_import, leads.discard_import to authenticated, service_role;

-- sql/leads/0101_import_undo.sql

-- An import can be taken back as far as nobody has built on it: what it added goes, what it changed is as it was before.
-- That is possible for so many days as the rule import_undo_days says.
create table leads.import_changes (
  import_id uuid not null references leads.imports (id) on delete cascade,
  lead_id uuid not null references leads.leads (id) on delete cascade,
  lead jsonb not null,
  contact jsonb not null,
  consent jsonb,
  changed_at timestamptz not null default now(),
  primary key (import_id, lead_id)
);
alter table leads.import_changes enable row level security;
create index import_changes_lead on leads.import_changes (lead_id);
create index import_changes_changed_at on leads.import_changes (changed_at);
comment on table leads.import_changes is 'Leads as they were before an import brought them up to date; gone when it is taken back, when it no longer can be, or the person is erased.';
create policy select_admin on leads.import_changes for select to authenticated using ((select platform.has_role('leads', 'admin')));
grant select on leads.import_changes to authenticated, service_role;

create function leads.remember_imported_leads(import_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into leads.import_changes (import_id, lead_id, lead, contact, consent)
  select remember_imported_leads.import_id, l.id, to_jsonb(l), to_jsonb(k), to_jsonb(c)
  from leads.import_checked d
  join leads.leads l on l.id = d.lead_id
  join leads.lead_contacts k on k.lead_id = l.id
  left join leads.lead_consents c on c.lead_id = l.id
  where d.import_id = remember_imported_leads.import_id and d.duplicate = 'updated';
end;
$$;
comment on function leads.remember_imported_leads is 'Keeps what the chosen leads are before the import changes them.';

-- Whoever completes an import holds the merges' lock, so that of two none waits for the other here.
create function leads.forget_import_changes()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  delete from leads.import_changes c where c.changed_at < leads.days_ago('import_undo_days');
  return null;
end;
$$;
comment on function leads.forget_import_changes is 'Removes what can no longer be taken back, whenever an import is completed.';
create trigger forget_import_changes after update of status on leads.imports for each row
  when (new.status = 'completed' and old.status <> 'completed') execute function leads.forget_import_changes();

-- A file that an admin has accepted came in then, and not when it was sent.
create function leads.came_in_at(import leads.imports)
returns timestamptz
language sql
stable
set search_path = ''
as $$
  select greatest(import.created_at, import.handed_over_at,
    (select max(c.changed_at) from leads.import_changes c where c.import_id = import.id));
$$;
comment on function leads.came_in_at is 'When the rows of a completed import became leads, as far as there is still something of it to take back.';

-- Why a lead stays; null if it may go. Whatever is done to a lead moves its time: nobody has to be asked what it was.
create function leads.why_lead_stays(lead leads.leads, import_time timestamptz)
returns text
language sql
stable
set search_path = ''
as $$
  select case
    when leads.is_sold(lead) then 'sold'
    when lead.erased_at is not null then 'erased'
    when lead.withdrawn_at is not null then 'withdrawn'
    when lead.qualification_status <> 'pending' then 'in_qualification'
    when lead.updated_at <> import_time then 'changed' end;
$$;
comment on function leads.why_lead_stays is 'What has happened to a lead since the import wrote it: sold, erased, withdrawn, in_qualification, changed; null if nothing.';

-- The contact first: the lead is then what an agent has qualified, and is that again if it was.
create function leads.restore_lead(before leads.import_changes)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_lead leads.leads := jsonb_populate_record(null::leads.leads, before.lead);
  v_contact leads.lead_contacts := jsonb_populate_record(null::leads.lead_contacts, before.contact);
begin
  update leads.leads l set summary = null where l.id = before.lead_id and l.summary is not null;
  update leads.lead_contacts c set last_name = v_contact.last_name, email = v_contact.email, phone = v_contact.phone, phone2 = v_contact.phone2,
    name_unsplit = v_contact.name_unsplit, notes = v_contact.notes
  where c.lead_id = before.lead_id;
  update leads.leads l set first_name = v_lead.first_name, last_name_mask = v_lead.last_name_mask, email_mask = v_lead.email_mask,
    phone_mask = v_lead.phone_mask, company = v_lead.company, sector = v_lead.sector, region = v_lead.region, city = v_lead.city,
    source = v_lead.source, channel = v_lead.channel, score = v_lead.score, price_cents = v_lead.price_cents,
    is_exclusive = v_lead.is_exclusive, summary = v_lead.summary, collected_at = v_lead.collected_at,
    status = v_lead.status, qualification_status = v_lead.qualification_status, qualified_at = v_lead.qualified_at, agent_id = v_lead.agent_id, callback_at = v_lead.callback_at,
    has_audio_recording = v_lead.has_audio_recording, requeued_at = null
  where l.id = before.lead_id;
  delete from leads.lead_consents k where k.lead_id = before.lead_id;
  if before.consent is not null then
    insert into leads.lead_consents select (jsonb_populate_record(null::leads.lead_consents, before.consent)).*;
  end if;
end;
$$;
comment on function leads.restore_lead is 'Makes a lead what it was before an import changed it.';

-- The leads that the import wrote, locked, so that none is sold or changed between the question and the answer: what is
-- asked about them is asked by the next statement, which sees what the lock has waited for.
create function leads.undo_import(reference text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_import leads.imports := leads.import_to_decide(reference);
  v_kept jsonb;
  v_removed bigint;
  v_restored bigint;
begin
  if v_import.status <> 'completed' then
    perform platform.fail(409, 'import_not_completed', 'Seul un import terminé peut être annulé.');
  end if;
  if leads.came_in_at(v_import) < leads.days_ago('import_undo_days') then
    perform platform.fail(409, 'import_undo_too_late', format('Cet import date de plus de %s jours : il ne peut plus être annulé.',
      leads.work_rule('import_undo_days')));
  end if;
  perform from leads.leads l
    where l.import_id = v_import.id or l.id in (select c.lead_id from leads.import_changes c where c.import_id = v_import.id)
    order by l.id for update;

  create temporary table undone on commit drop as
  select l.id, l.reference, null::leads.import_changes as before, leads.why_lead_stays(l, l.created_at) as why
  from leads.leads l where l.import_id = v_import.id
  union all
  select l.id, l.reference, c, leads.why_lead_stays(l, c.changed_at)
  from leads.import_changes c join leads.leads l on l.id = c.lead_id where c.import_id = v_import.id;

  perform leads.restore_lead(u.before) from pg_temp.undone u where u.why is null and (u.before).lead_id is not null;
  get diagnostics v_restored = row_count;
  delete from leads.import_changes c using pg_temp.undone u
    where c.import_id = v_import.id and c.lead_id = u.id and u.why is null;
  delete from leads.leads l using pg_temp.undone u where l.id = u.id and u.why is null and (u.before).lead_id is null;
  get diagnostics v_removed = row_count;
  select coalesce(jsonb_agg(jsonb_build_object('lead', u.reference, 'reason', u.why) order by u.id desc), '[]') into v_kept
    from pg_temp.undone u where u.why is not null;
  drop table pg_temp.undone;

  update leads.imports i set undone_at = now(),
    handed_over_at = case when exists (select from leads.leads l where l.import_id = v_import.id) then i.handed_over_at end
  where i.id = v_import.id;
  perform platform.emit('leads', 'import.undone', jsonb_build_object('import', v_import.reference, 'removed', v_removed, 'restored', v_restored));
  return jsonb_build_object('import', v_import.reference, 'removed', v_removed, 'restored', v_restored, 'kept', v_kept);
end;
$$;
comment on function leads.undo_import is 'Takes back what an import wrote and nobody has sold or changed since; names what stays, and why.';
grant execute on function leads.undo_import to authenticated, service_role;

-- sql/leads/0102_import_decisions_api.sql

-- What an admin decides about imports. A large file takes its time: longer than the API gives a call by default.
create function public.admin_import_accept(id text)
returns jsonb
language plpgsql
security invoker
set search_path = ''
set statement_timeout = '10min'
as $$
begin
  perform leads.accept_import(id);
  return public.import_detail(id);
end;
$$;
comment on function public.admin_import_accept is 'POST /api/admin/imports/:id/accept: brings in the rows of an import that waits; 409 if it does not.';

create function public.admin_import_discard(id text)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform leads.discard_import(id);
  return public.import_detail(id);
end;
$$;
comment on function public.admin_import_discard is 'POST /api/admin/imports/:id/discard: ends an import that waits, without a lead; 409 if it does not.';

create function public.admin_import_undo(id text)
returns jsonb
language sql
security invoker
set search_path = ''
set statement_timeout = '10min'
as $$ select leads.undo_import(id); $$;
comment on function public.admin_import_undo is
  'POST /api/admin/imports/:id/undo: takes back what the import wrote and nobody has sold or changed since; says what stays, and why.';
grant execute on function public.admin_import_accept, public.admin_import_discard, public.admin_import_undo to authenticated, service_role;

-- sql/leads/0109_recount.sql

-- The rollups counted again from the rows. What the triggers kept must be the same.
create view leads.counted_figures with (security_invoker = true) as
select f.metric, f.subject, coalesce(f.month, leads.ever()) as month, sum(f.value)::bigint as value
from (
  select f.* from (
    select supplier_id, import_id, sector, region, status, qualification_status,
      leads.month_of(created_at) as created, leads.month_of(qualified_at) as qualified, count(*) as leads, sum(score) as score
    from leads.leads where withdrawn_at is null group by 1, 2, 3, 4, 5, 6, 7, 8
  ) g, leads.lead_figures(supplier_id, import_id, sector, region, status, qualification_status, created, qualified, leads, score) f
  union all
  select f.* from leads.sales s, leads.sale_figures(s.buyer_id, s.supplier_id, s.price_cents, s.supplier_share_cents, s.sold_at, 1) f
  union all
  select f.* from leads.returns r join leads.sales s on s.buyer_id = r.buyer_id and s.lead_id = r.lead_id,
    leads.sale_figures(s.buyer_id, s.supplier_id, s.price_cents, s.supplier_share_cents, r.decided_at, -1) f where r.status = 'accepted'
  union all
  select f.* from leads.outcomes o join leads.kept_sales k on k.buyer_id = o.buyer_id and k.lead_id = o.lead_id,
    leads.outcome_figures(o.buyer_id, o.outcome, 1) f
  union all
  select f.* from leads.calls c, leads.call_figures(c.agent_id, c.duration_seconds, c.result) f
  union all
  select f.* from leads.transactions t, leads.transaction_figures(t.type, t.status, t.amount_cents, t.date) f
  union all
  select f.* from leads.payouts p, leads.payout_figures(p.supplier_id, p.status, p.amount_cents, p.date) f
) f
where f.subject is not null
group by 1, 2, 3
having sum(f.value) <> 0;
comment on view leads.counted_figures is 'The figures as a count of all rows gives them.';

create function leads.verify_rollups()
returns table (metric text, subject text, month date, kept bigint, counted bigint)
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(k.metric, c.metric), coalesce(k.subject, c.subject), coalesce(k.month, c.month), coalesce(k.value, 0), coalesce(c.value, 0)
  from (select r.metric, r.subject, r.month, sum(r.value)::bigint as value from leads.rollups r group by 1, 2, 3) k
  full join leads.counted_figures c on c.metric = k.metric and c.subject = k.subject and c.month = k.month
  where coalesce(k.value, 0) <> coalesce(c.value, 0)
  order by 1, 2, 3;
$$;
comment on function leads.verify_rollups is 'Where the rollups differ from a count of all rows; no row means that they agree.';

create function leads.recount()
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_rows bigint;
begin
  -- Writers wait while it counts: their figures would be counted and added.
  lock table leads.leads, leads.sales, leads.returns, leads.outcomes, leads.calls, leads.transactions, leads.payouts in share mode;
  delete from leads.rollups;
  insert into leads.rollups (metric, subject, month, slot, value)
    select c.metric, c.subject, c.month, 0, c.value from leads.counted_figures c;
  get diagnostics v_rows = row_count;
  return v_rows;
end;
$$;
comment on function leads.recount is 'Replaces the rollups by a count of all rows. Opening figures stay.';
grant execute on function leads.verify_rollups, leads.recount to service_role;

-- sql/leads/0109_transfer_rows.sql

-- What each transfer of this system is about. Nothing moves without a row that says why, and no row of these says it in
-- vain: leads.transfer_problems holds one against the other.

create function leads.rows_of_transfers()
returns table (kind text, key text, transfer_id uuid)
language sql
stable
set search_path = ''
as $$
  select 'sale', s.lead_id || ':' || s.buyer_id, s.transfer_id from leads.sales s where s.transfer_id is not null
  union all
  select 'return', r.id::text, r.transfer_id from leads.returns r where r.status = 'accepted'
  union all
  select 'pack', o.id::text, null from leads.pack_orders o where o.status in ('completed', 'refunded')
  union all
  select case r.kind when 'dispute' then 'pack_dispute' else 'pack_refund' end, r.id::text, null from leads.refunds r where r.status in ('accepted', 'reversed')
  union all
  select 'pack_refund_reversed', r.id::text, null from leads.refunds r where r.status = 'reversed'
  union all
  select 'pack_loss', r.id::text, null from leads.refunds r where r.credits_lost + r.bonus_lost > 0
  union all
  select 'pack_loss_undone', r.id::text, null from leads.refunds r where r.loss_undone > 0
  union all
  select 'loss_recovered', r.id::text, null from leads.returns r where r.credits_recovered > 0
  union all
  select 'payout', p.id::text, p.transfer_id from leads.payouts p where p.transfer_id is not null
  union all
  select k.kind, p.id::text, null from leads.payouts p join (values ('payout_confirmed', 'completed'), ('payout_failed', 'failed')) k (kind, status)
    on k.status = p.status where p.transfer_id is not null or p.settled_at is not null
  union all
  -- One that came back after it had arrived was confirmed before.
  select k.kind, p.id::text, null from leads.payouts p
    join platform.ledger_transfers t on t.system = 'leads' and t.kind = 'payout_returned' and t.key = p.id::text
    cross join (values ('payout_confirmed'), ('payout_returned')) k (kind) where p.status = 'failed'
  union all
  select 'welcome_bonus', t.user_id::text, null from leads.transactions t where t.type = 'bonus' and t.user_id is not null
    and not exists (select from leads.seeded_rows r where r.relation = 'leads.transactions' and r.row_id = t.id);
$$;
comment on function leads.rows_of_transfers is 'The transfers that there must be by the rows, and no others but openings; transfer_id where the row names it.';

-- A person who is gone has left no row to a bonus, and can spend it no more.
create function leads.transfer_problems()
returns table (problem text, subject text, expected bigint, found bigint)
language sql
stable
set search_path = ''
as $$
  with transfers as (
    select t.id, t.kind, t.key from platform.ledger_transfers t
    where t.system = 'leads' and t.kind not in ('opening', 'opening_closed')
      and (t.kind <> 'welcome_bonus' or t.key in (select p.id::text from platform.profiles p))
  )
  select case when t.id is null then 'row_without_transfer' when r.kind is null then 'transfer_without_row' else 'row_of_another_transfer' end,
    coalesce(t.kind, r.kind) || ' ' || coalesce(t.key, r.key), null::bigint, null::bigint
  from transfers t full join leads.rows_of_transfers() r on r.kind = t.kind and r.key = t.key
  where t.id is null or r.kind is null or r.transfer_id <> t.id
  union all
  -- What was opened in euros is among the earnings and the payouts in transit.
  select 'credits_not_their_opening', coalesce(o.buyer, f.subject), coalesce(f.value, 0)::bigint, coalesce(o.credits, 0)
  from (
    select a.owner::text as buyer, sum(e.amount)::bigint as credits from platform.ledger_transfers t
    join platform.ledger_entries e on e.transfer_id = t.id
    join platform.ledger_accounts a on a.id = e.account_id and a.kind in ('buyer_paid', 'buyer_bonus')
    where t.system = 'leads' and t.kind in ('opening', 'opening_closed') group by 1
  ) o
  full join (select f.subject, f.value from leads.opening_figures f where f.figure = 'acheteur.credits') f on f.subject = o.buyer
  where coalesce(f.value, 0) <> coalesce(o.credits, 0);
$$;
comment on function leads.transfer_problems is 'Transfers that no row explains, and rows whose transfer is missing.';

-- The list of transactions has no keys of its own: what a buyer bought, got back and was given must add up in it.
create function leads.transaction_problems()
returns table (problem text, subject text, expected bigint, found bigint)
language sql
stable
set search_path = ''
as $$
  with events as (
    select s.buyer_id, 'lead_purchase' as type, s.price_cents::bigint as cents, s.credits::bigint as credits from leads.sales s where s.transfer_id is not null
    union all
    select r.buyer_id, 'refund', s.price_cents, s.credits from leads.returns r
      join leads.sales s on s.buyer_id = r.buyer_id and s.lead_id = r.lead_id where r.status = 'accepted'
    union all
    select o.buyer_id, 'refund', r.amount_cents, r.credits from leads.refunds r join leads.pack_orders o on o.id = r.order_id where r.status = 'accepted'
    union all
    select a.owner, 'bonus', 0, e.amount from platform.ledger_transfers t
      join platform.ledger_entries e on e.transfer_id = t.id
      join platform.ledger_accounts a on a.id = e.account_id and a.kind in ('buyer_paid', 'buyer_bonus')
      join platform.profiles p on p.id = a.owner
      where t.system = 'leads' and t.kind = 'welcome_bonus'
  ), due as (
    select e.buyer_id, e.type, count(*) as events, sum(e.cents)::bigint as cents, sum(e.credits)::bigint as credits from events e group by 1, 2
  ), listed as (
    select t.user_id, t.type, count(*) as events, sum(t.amount_cents)::bigint as cents, sum(t.credits)::bigint as credits from leads.transactions t
    where t.type in ('lead_purchase', 'refund', 'bonus') and t.status = 'completed' and t.user_id is not null
      and not exists (select from leads.seeded_rows r where r.relation = 'leads.transactions' and r.row_id = t.id)
    group by 1, 2
  )
  select 'transactions_not_their_events', coalesce(d.type, l.type) || ' ' || coalesce(d.buyer_id, l.user_id), coalesce(c.wanted, 0), coalesce(c.listed, 0)
  from due d full join listed l on l.user_id = d.buyer_id and l.type = d.type
  cross join lateral (values (d.events, l.events), (d.cents, l.cents), (d.credits, l.credits)) c (wanted, listed)
  where coalesce(c.wanted, 0) <> coalesce(c.listed, 0);
$$;
comment on function leads.transaction_problems is 'Buyers of whom the list of transactions says something else than sales, returns, refunds and bonuses.';

-- sql/leads/0110_ledger_problems.sql

-- What the rows about money say and the ledger must confirm. Each line is a contradiction; there must be none.
-- A row without a transfer is of before this ledger: such rows come with the mock files, and with nothing else.

create function leads.sale_problems()
returns table (problem text, subject text, expected bigint, found bigint)
language sql
stable
set search_path = ''
as $$
  with booked as (
    select s.lead_id, s.buyer_id, s.transfer_id, s.credits, s.given_credits, s.price_cents, s.supplier_share_cents,
      coalesce(sum(e.amount) filter (where a.kind = 'credits_spent'), 0) as booked_credits,
      -coalesce(sum(e.amount) filter (where a.kind = 'lead_sales'), 0) as booked_price,
      coalesce(sum(e.amount) filter (where a.kind = 'supplier_earnings' and a.owner = s.supplier_id), 0) as booked_share,
      -coalesce(sum(e.amount) filter (where a.kind in ('buyer_paid', 'buyer_bonus') and a.owner = s.buyer_id), 0) as booked_debit,
      -coalesce(sum(e.amount) filter (where a.kind = 'buyer_bonus'), 0) as booked_given,
      -- Each amount twice, where it comes from and where it goes: nothing else moves along.
      coalesce(sum(abs(e.amount)), 0) as moved
    from leads.sales s
    left join platform.ledger_entries e on e.transfer_id = s.transfer_id
    left join platform.ledger_accounts a on a.id = e.account_id
    where s.transfer_id is not null group by s.buyer_id, s.lead_id
  )
  select 'sale_without_transfer', s.lead_id || ' ' || s.buyer_id, null::bigint, null::bigint from leads.sales s
    where s.transfer_id is null and not exists (select from leads.seeded_rows r where r.relation = 'leads.sales' and r.row_id = s.lead_id)
  union all
  select 'sale_not_its_entries', b.lead_id || ' ' || b.buyer_id, c.wanted, c.booked from booked b,
    lateral (values (b.credits::bigint, b.booked_credits::bigint), (b.credits, b.booked_debit), (b.given_credits, b.booked_given), (b.price_cents, b.booked_price), (b.supplier_share_cents, b.booked_share),
      (2 * (b.credits::bigint + b.price_cents), b.moved)) c (wanted, booked)
    where c.wanted <> c.booked
  union all
  select 'share_not_by_its_rules', s.lead_id || ' ' || s.buyer_id, w.share - w.given + s.budget_cents, s.supplier_share_cents from leads.sales s
    cross join lateral (select round(s.price_cents * (s.rules -> 'supplier_share' ->> 'value')::numeric / 100)::bigint as share) r
    cross join lateral (select r.share, leads.share_of_given(r.share, s.credits, s.given_credits) as given) w
    where s.transfer_id is not null and (s.given_share_cents <> w.given or s.supplier_share_cents <> w.share - w.given + s.budget_cents)
  union all
  select 'budget_not_its_sales', to_char(coalesce(b.month, s.month), 'YYYY-MM'), coalesce(s.cents, 0), coalesce(b.spent_cents, 0) from leads.bonus_budgets b
    full join (
      select leads.month_of(s.sold_at) as month, sum(s.budget_cents)::bigint as cents from leads.sales s
      join leads.kept_sales k on k.buyer_id = s.buyer_id and k.lead_id = s.lead_id where s.budget_cents > 0 group by 1
    ) s on s.month = b.month
    where coalesce(s.cents, 0) <> coalesce(b.spent_cents, 0)
  union all
  select 'sale_without_its_earning', s.lead_id || ' ' || s.buyer_id, s.supplier_share_cents, e.amount_cents from leads.sales s
    left join leads.earnings e on e.lead_id = s.lead_id and e.buyer_id = s.buyer_id and e.kind = 'sale'
    where s.transfer_id is not null and e.amount_cents is distinct from s.supplier_share_cents
  union all
  select 'sale_not_its_payment', s.lead_id || ' ' || s.buyer_id, s.price_cents, p.amount_cents from leads.sales s
    left join leads.payments p on p.lead_id = s.lead_id and p.buyer_id = s.buyer_id
    left join leads.kept_sales k on k.lead_id = s.lead_id and k.buyer_id = s.buyer_id
    where s.transfer_id is not null
      and (p.amount_cents, p.status) is distinct from (s.price_cents::bigint, case when k.lead_id is null then 'refunded' else 'completed' end)
  union all
  select 'lead_not_its_sales', l.id::text, l.sales_count, s.sales from leads.leads l
    left join (select s.lead_id, count(*) as sales from leads.sales s group by 1) s on s.lead_id = l.id
    where l.sales_count <> coalesce(s.sales, 0)
  union all
  select 'return_not_its_reversal', r.reference, null, null from leads.returns r
    join leads.sales s on s.buyer_id = r.buyer_id and s.lead_id = r.lead_id
    where r.status = 'accepted' and not (
      exists (select from platform.ledger_transfers t where t.id = r.transfer_id and t.reverses = s.transfer_id)
      and exists (select from leads.earnings e where e.lead_id = r.lead_id and e.buyer_id = r.buyer_id and e.kind = 'return' and e.amount_cents = -s.supplier_share_cents));
$$;

create function leads.payout_problems()
returns table (problem text, subject text, expected bigint, found bigint)
language sql
stable
set search_path = ''
as $$
  with booked as (
    -- Each of its transfers moves the whole amount, and where it touches what is due it is to this supplier.
    select p.id, t.kind, coalesce(sum(abs(e.amount)) filter (where a.kind <> 'supplier_earnings' or a.owner = p.supplier_id), 0) / 2 as amount
    from leads.payouts p
    join platform.ledger_transfers t on t.system = 'leads' and t.kind in ('payout', 'payout_confirmed', 'payout_returned', 'payout_failed') and t.key = p.id::text
    left join platform.ledger_entries e on e.transfer_id = t.id
    left join platform.ledger_accounts a on a.id = e.account_id
    group by p.id, t.kind
  )
  select 'payout_without_transfer', p.reference, null::bigint, null::bigint from leads.payouts p
    where p.transfer_id is null and not exists (select from leads.seeded_rows r where r.relation = 'leads.payouts' and r.row_id = p.id)
  union all
  select 'payout_not_its_entries', p.reference || ' ' || b.kind, p.amount_cents, b.amount::bigint from booked b join leads.payouts p on p.id = b.id
    where b.amount <> p.amount_cents
  union all
  select 'payout_not_its_earnings', p.reference, p.amount_cents, coalesce(e.amount, 0) from leads.payouts p
    left join (select e.payout_id, sum(e.amount_cents)::bigint as amount from leads.earnings e group by 1) e on e.payout_id = p.id
    where p.transfer_id is not null and coalesce(e.amount, 0) <> case p.status when 'failed' then 0 else p.amount_cents end
  union all
  select 'payout_not_its_lines', p.reference, p.amount_cents, coalesce(l.amount, 0) from leads.payouts p
    left join (
      select n.payout_id, sum(e.amount_cents)::bigint as amount from leads.payout_lines n join leads.earnings e on e.id = n.earning_id group by 1
    ) l on l.payout_id = p.id
    where p.transfer_id is not null and coalesce(l.amount, 0) <> p.amount_cents
  union all
  select 'payout_without_account', p.reference, null, null from leads.payouts p
    left join leads.payout_accounts a on a.payout_id = p.id where p.transfer_id is not null and a.payout_id is null
  union all
  select 'payout_without_transaction', p.reference, null, null from leads.payouts p
    left join leads.transactions t on t.type = 'fournisseur_payment' and t.description = 'Virement ' || p.transfer_reference
      and t.status = p.status and t.amount_cents = p.amount_cents
    where p.transfer_id is not null and t.id is null
  union all
  select 'supplier_not_his_earnings', s.reference, coalesce(e.amount, 0), coalesce(b.amount, 0) from leads.suppliers s
    left join (select e.supplier_id, sum(e.amount_cents)::bigint as amount from leads.earnings e where e.payout_id is null group by 1) e on e.supplier_id = s.id
    left join (
      select a.owner, sum(b.balance)::bigint as amount from platform.ledger_accounts a join platform.ledger_balances b on b.account_id = a.id
      where a.system = 'leads' and a.kind = 'supplier_earnings' group by 1
    ) b on b.owner = s.id
    where coalesce(e.amount, 0) <> coalesce(b.amount, 0)
  union all
  select 'in_transit_not_pending_payouts', '', p.amount, b.amount
    from (select coalesce(sum(p.amount_cents), 0)::bigint as amount from leads.payouts p where p.status = 'pending') p,
      (select platform.ledger_balance('leads', 'payouts_in_transit') as amount) b
    where p.amount <> b.amount;
$$;

create function leads.ledger_problems()
returns table (problem text, subject text, expected bigint, found bigint)
language sql
stable
security definer
set search_path = ''
as $$
  select * from platform.ledger_problems()
  union all select * from leads.transfer_problems()
  union all select * from leads.transaction_problems()
  union all select * from leads.sale_problems()
  union all select * from leads.payout_problems()
  union all select * from leads.order_problems()
  union all select 'rollup_not_its_rows', concat_ws(' ', r.metric, r.subject, nullif(r.month, leads.ever())), r.counted, r.kept from leads.verify_rollups() r;
$$;
comment on function leads.ledger_problems is 'What leads-cli ledger verify prints: where money rows, entries, balances and statistics contradict each other.';
comment on function leads.sale_problems is 'Sales, earnings and returns that the ledger does not confirm.';
comment on function leads.payout_problems is 'Transfers to suppliers that the ledger does not confirm.';
grant execute on function leads.ledger_problems to service_role;

-- sql/leads/0190_audit_of_rules.sql

-- After the rows that every database starts with: the log is about what people change.
select platform.audit('leads.work_rules');

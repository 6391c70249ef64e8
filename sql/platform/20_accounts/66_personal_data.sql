-- What is held about a person. Each system declares where its tables lead to somebody, and what becomes of that; the platform
-- declares its own tables here, knows of no other, and reads what is declared to it.
create type platform.personal_place as (relation text, column_name text, whose text, shown text[], fate text, why text);
comment on type platform.personal_place is
  'A column that leads to a person or says who he is: whose it is, what an export shows of the row ({}: how many), what an erasure makes of it, why something stays.';

create function platform.why_kept(reason text)
returns text
language sql
immutable
set search_path = ''
as $$
  select case reason
    when 'books' then 'Pièces comptables : dix ans (art. L123-22 du code de commerce).'
    when 'proof' then 'Preuve de ce qui a été fait, par un identifiant sans nom (art. 17-3 du RGPD).'
    when 'others' then 'Données d''autres personnes, qui ont leurs propres droits.' end;
$$;
comment on function platform.why_kept is 'Why something stays of a person who was erased, in words.';

create function platform.personal_data()
returns setof platform.personal_place
language sql
immutable
set search_path = ''
as $$
  select d.relation, d.column_name, d.whose, d.shown::text[], d.fate, platform.why_kept(d.why)
  from (values
    ('platform.profiles', 'id', 'user', '{reference,email,first_name,last_name,company,phone,display_name,bio,avatar,created_at}', 'pseudonym', 'proof'),
    ('platform.profiles', 'email', 'user', null, 'pseudonym', 'proof'),
    ('platform.memberships', 'user_id', 'user', '{system,role,status,created_at}', 'erased', null),
    ('platform.registrations', 'user_id', 'user', '{system,role,profile,requested_at,applied_at}', 'erased', null),
    ('platform.notifications', 'user_id', 'user', '{type,title,message,read,created_at}', 'erased', null),
    ('platform.notifications', 'about', 'user', '{}', 'erased', null),
    ('platform.session_handles', 'user_id', 'user', '{created_at,expires_at}', 'erased', null),
    ('platform.idempotency_keys', 'user_id', 'user', '{operation,created_at}', 'erased', null),
    ('platform.ledger_accounts', 'owner', 'user', '{kind,created_at}', 'kept', 'books'),
    ('platform.ledger_transfers', 'actor', 'user', '{kind,created_at}', 'kept', 'books'),
    ('platform.audit_log', 'actor', 'user', '{at,relation,operation}', 'kept', 'proof'),
    ('platform.row_versions', 'changed_by', 'user', '{relation,version,valid_from}', 'kept', 'proof'),
    ('platform.settings', 'updated_by', 'user', '{system,section,updated_at}', 'kept', 'proof'),
    ('platform.api_keys', 'created_by', 'user', '{system,name,created_at}', 'kept', 'proof'),
    ('platform.api_keys', 'revoked_by', 'user', '{system,name,revoked_at}', 'kept', 'proof'),
    ('auth.users', 'id', 'user', '{email,email_change,phone,phone_change,created_at,email_confirmed_at,last_sign_in_at}', 'pseudonym', 'proof'),
    ('auth.sessions', 'user_id', 'user', '{created_at,updated_at,ip,user_agent}', 'erased', null),
    ('auth.identities', 'user_id', 'user', '{provider,created_at,last_sign_in_at}', 'erased', null),
    ('auth.mfa_factors', 'user_id', 'user', '{friendly_name,factor_type,status,created_at}', 'erased', null)
  ) as d (relation, column_name, whose, shown, fate, why);
$$;
comment on function platform.personal_data is 'Where the platform''s tables, and those of Supabase Auth, lead to the holder of an account.';

create function platform.camel_keys(given jsonb, kept text[])
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_object_agg(left(e.key, 1) || substr(replace(initcap(replace(e.key, '_', ' ')), ' ', ''), 2), e.value), '{}')
  from jsonb_each(given) e where e.key = any (kept);
$$;
comment on function platform.camel_keys is 'Some fields of a row, by the names that JSON has them under.';

create function platform.held_in(places platform.personal_place[], ids jsonb, system text default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  v platform.personal_place;
  v_ids uuid[];
  v_rows jsonb;
  v_found jsonb := '{}';
begin
  foreach v in array places loop
    v_ids := array(select jsonb_array_elements_text(ids -> v.whose)::uuid);
    -- Not every Supabase Auth has every table.
    continue when v.shown is null or v_ids = '{}' or to_regclass(v.relation) is null;
    if v.shown = '{}' then
      execute format('select jsonb_build_object(''count'', count(*)) from %s t where t.%I = any ($1)
        and coalesce($2 = to_jsonb(t) ->> ''system'', true)', v.relation, v.column_name) into v_rows using v_ids, held_in.system;
    else
      execute format('select coalesce(jsonb_agg(platform.camel_keys(to_jsonb(t), $2)), ''[]'') from %s t where t.%I = any ($1)
        and coalesce($3 = to_jsonb(t) ->> ''system'', true)', v.relation, v.column_name) into v_rows using v_ids, v.shown, held_in.system;
    end if;
    -- A table may know an account in two ways.
    v_found := v_found || jsonb_build_object(v.relation || case when v_found ? v.relation then '.' || v.column_name else '' end, v_rows);
  end loop;
  return v_found;
end;
$$;
comment on function platform.held_in is 'What is held in declared places about whom the ids name, {whose: [id]}: by table, rows or how many; of one system, what others have left out.';

create function platform.kept_in(places platform.personal_place[])
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('what', p.relation || '.' || p.column_name, 'fate', p.fate, 'why', p.why) order by p.relation, p.column_name), '[]')
  from unnest(places) p where p.fate <> 'erased' and p.whose is not null;
$$;
comment on function platform.kept_in is 'What of declared places stays after an erasure, and why.';

-- What is under no system's name says where else somebody goes, such as his sessions. Of who is a member elsewhere it is for him
-- and for the operators.
create function platform.places_for(user_id uuid, system text)
returns platform.personal_place[]
language sql
stable
security definer
set search_path = ''
as $$
  select array(select p from platform.personal_data() p
    where places_for.system is null or p.relation = 'platform.profiles'
      or not platform.is_elsewhere(places_for.user_id, places_for.system)
      or exists (select from pg_catalog.pg_attribute a where a.attrelid = to_regclass(p.relation) and a.attname = 'system' and not a.attisdropped));
$$;
comment on function platform.places_for is 'Where the platform holds what may be shown of a person to who administers a system; everything without one.';

create function platform.held_about(user_id uuid, system text default null)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select jsonb_build_object(
    'data', platform.held_in(p.places, jsonb_build_object('user', array_remove(array[held_about.user_id], null)), held_about.system),
    'files', (select coalesce(jsonb_agg(jsonb_build_object('bucket', o.bucket_id, 'path', o.name) order by o.name), '[]')
      from storage.objects o where split_part(o.name, '/', 1) = held_about.user_id::text
        and (held_about.system is null or not platform.is_elsewhere(held_about.user_id, held_about.system))),
    'afterErasure', platform.kept_in(p.places))
  from (select platform.places_for(held_about.user_id, held_about.system)) p (places);
$$;
comment on function platform.held_about is
  'What the platform holds about the holder of an account, and what stays of it after an erasure: all of it, or what one system has to do with.';

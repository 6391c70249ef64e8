-- Keys by which programs of others call a system. A key is shown once, when it is made: only its SHA-256 is kept, which says
-- nothing of 244 random bits. Rows are never removed, so that who made and who revoked a key can always be told.
create function platform.are_scopes(scopes text[])
returns boolean
language sql
immutable
set search_path = ''
as $$ select cardinality(scopes) between 1 and 50 and bool_and(coalesce(s ~ '^[a-z][a-z0-9_.:-]{0,49}$', false)) from unnest(scopes) s; $$;
comment on function platform.are_scopes is 'Whether these are names of rights.';

create table platform.api_keys (
  id uuid primary key default platform.uuid_v7(),
  system text not null references platform.systems (system),
  name text not null check (name = platform.clean_text(name) and length(name) between 1 and 100),
  prefix text not null check (length(prefix) <= 20),
  hash bytea not null unique check (octet_length(hash) = 32),
  scopes text[] not null check (platform.are_scopes(scopes)),
  created_by uuid,
  created_at timestamptz not null default now(),
  expires_at timestamptz check (expires_at > created_at),
  last_used_on date,
  revoked_by uuid,
  revoked_at timestamptz,
  constraint revoked_at_some_time check (revoked_at is not null or revoked_by is null)
);
alter table platform.api_keys enable row level security;
create index api_keys_system on platform.api_keys (system, id);
comment on table platform.api_keys is 'The API keys of each system, those revoked too.';
comment on column platform.api_keys.prefix is 'How the key begins, by which people know it again.';
comment on column platform.api_keys.scopes is 'What may be done with it, in words of the system: orders:read.';
comment on column platform.api_keys.created_by is 'Null for the operators.';
comment on column platform.api_keys.last_used_on is 'The day alone: a key in use writes to its row once a day.';
create policy select_nobody on platform.api_keys for select to anon, authenticated using (false);

create function platform.show_api_key(api_key platform.api_keys)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object('id', api_key.id, 'name', api_key.name, 'prefix', api_key.prefix, 'scopes', api_key.scopes,
    'createdBy', api_key.created_by, 'createdAt', platform.iso_timestamp(api_key.created_at), 'expiresAt', platform.iso_timestamp(api_key.expires_at),
    'lastUsedOn', api_key.last_used_on, 'revokedBy', api_key.revoked_by, 'revokedAt', platform.iso_timestamp(api_key.revoked_at));
$$;
comment on function platform.show_api_key is 'A key as it is shown, without what it hashes to.';

create function platform.make_api_key(system text, name text, scopes text[], expires_at timestamptz default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_name text := platform.clean_text(name);
  v_key text := system || '_' || encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex');
  v_made platform.api_keys;
begin
  perform platform.require_admin(system);
  perform platform.refuse_fields(
    case when coalesce(length(v_name), 0) not between 1 and 100
      then platform.field_problem('name', 'invalid_value', 'Le nom compte de 1 à 100 caractères.') else '[]' end
    || case when not coalesce(platform.are_scopes(scopes), false)
      then platform.field_problem('scopes', 'invalid_value', 'Une clé a de 1 à 50 droits, comme « commandes:lire ».') else '[]' end
    || case when expires_at <= now() then platform.field_problem('expiresAt', 'invalid_value', 'Cette date est passée.') else '[]' end);
  insert into platform.api_keys (system, name, prefix, hash, scopes, created_by, expires_at)
  values (make_api_key.system, v_name, left(v_key, length(system) + 7), sha256(convert_to(v_key, 'utf8')), make_api_key.scopes, auth.uid(), make_api_key.expires_at)
  returning * into v_made;
  return platform.show_api_key(v_made) || jsonb_build_object('key', v_key);
end;
$$;
comment on function platform.make_api_key is 'Makes a key for who administers the system; key is in this answer and never again.';

create function platform.list_api_keys(system text)
returns setof jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require_admin(system);
  return query select platform.show_api_key(k) from platform.api_keys k where k.system = list_api_keys.system order by k.id desc;
end;
$$;
comment on function platform.list_api_keys is 'The keys of a system, newest first, for who administers it.';

create function platform.revoke_api_key(system text, id uuid)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_key platform.api_keys;
begin
  perform platform.require_admin(system);
  update platform.api_keys k set revoked_at = now(), revoked_by = auth.uid()
  where k.id = revoke_api_key.id and k.system = revoke_api_key.system and k.revoked_at is null;
  select * into v_key from platform.api_keys k where k.id = revoke_api_key.id and k.system = revoke_api_key.system;
  if not found then perform platform.fail(404, 'api_key_not_found', 'Cette clé n''existe pas.'); end if;
  return platform.show_api_key(v_key);
end;
$$;
comment on function platform.revoke_api_key is 'Ends a key at once, for who administers the system; one that has ended stays as it is.';

create function platform.accept_api_key(system text, key text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_key platform.api_keys;
begin
  select * into v_key from platform.api_keys k
  where k.hash = sha256(convert_to(key, 'utf8')) and k.system = accept_api_key.system
    and k.revoked_at is null and coalesce(k.expires_at > now(), true);
  if not found then return null; end if;
  update platform.api_keys k set last_used_on = current_date where k.id = v_key.id and k.last_used_on is distinct from current_date;
  return jsonb_build_object('id', v_key.id, 'name', v_key.name, 'scopes', v_key.scopes);
end;
$$;
comment on function platform.accept_api_key is 'Whose key it is and what may be done with it, {id, name, scopes}; null where it is none, has ended or is another system''s.';
grant execute on function platform.make_api_key, platform.list_api_keys, platform.revoke_api_key to authenticated, service_role;
grant execute on function platform.accept_api_key to service_role;

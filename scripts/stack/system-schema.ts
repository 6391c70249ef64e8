import { getAuthSchemaSql, getStorageSchemaSql } from "@supabase/lite";
import postgres from "postgres";

// The SQL of this file stands in for what a Supabase database holds before a project's first migration. It is laid
// out as steps that run once per database: re-running them on every start would give back the default privileges
// that a project's migrations have revoked.

const roles = `
do $$
declare
  wanted text[][] := array[
    ['anon', 'nologin noinherit'],
    ['authenticated', 'nologin noinherit'],
    ['service_role', 'nologin noinherit bypassrls'],
    ['authenticator', 'login noinherit password ''postgres'''],
    ['supabase_auth_admin', 'nologin noinherit createrole'],
    ['supabase_storage_admin', 'nologin noinherit createrole']
  ];
  v_role text[];
begin
  -- Roles belong to the whole cluster, and a second database may be prepared at the same moment.
  perform pg_advisory_xact_lock(hashtext('embedded stack: roles'));
  foreach v_role slice 1 in array wanted loop
    if not exists (select from pg_roles where rolname = v_role[1]) then
      execute format('create role %I %s', v_role[1], v_role[2]);
    end if;
  end loop;
end $$;

grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to supabase_storage_admin;
grant supabase_auth_admin, supabase_storage_admin to current_user;

-- The limits that hosted Supabase sets: a slow query must fail here as it would fail there.
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role supabase_auth_admin set search_path = auth;
alter role supabase_storage_admin set search_path = storage;
`;

const publicSchema = `
grant usage on schema public to anon, authenticated, service_role;
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
`;

const extensionsSchema = `
create schema if not exists extensions;
grant usage on schema extensions to anon, authenticated, service_role;
create extension if not exists pgcrypto with schema extensions;
do $$ begin
  if exists (select from pg_available_extensions where name = 'uuid-ossp') then
    create extension if not exists "uuid-ossp" with schema extensions;
  end if;
  execute format('alter database %I set search_path = "$user", public, extensions', current_database());
end $$;

-- PostgREST keeps a copy of the catalogue; it is told of every change of it.
create or replace function extensions.pgrst_ddl_watch() returns event_trigger language plpgsql as $$
begin
  if exists (
    select from pg_event_trigger_ddl_commands()
    where schema_name is distinct from 'pg_temp' and command_tag !~ '^(REFRESH|GRANT DEFAULT)'
  ) then
    notify pgrst, 'reload schema';
  end if;
end $$;
create or replace function extensions.pgrst_drop_watch() returns event_trigger language plpgsql as $$
begin
  if exists (select from pg_event_trigger_dropped_objects() where not is_temporary) then
    notify pgrst, 'reload schema';
  end if;
end $$;
drop event trigger if exists pgrst_ddl_watch;
create event trigger pgrst_ddl_watch on ddl_command_end execute function extensions.pgrst_ddl_watch();
drop event trigger if exists pgrst_drop_watch;
create event trigger pgrst_drop_watch on sql_drop execute function extensions.pgrst_drop_watch();
`;

// Claims come as one JSON setting from PostgREST and as single settings from older callers; both are read.
const authFunctions = `
create or replace function auth.uid() returns uuid language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
  )::uuid
$$;
create or replace function auth.role() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
  )
$$;
create or replace function auth.email() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.email', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'
  )
$$;
create or replace function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')
  )::jsonb
$$;
`;

// Columns and tables that GoTrue has and @supabase/lite has not. auth.totp_attempts is the stack's own: it remembers
// the last code that was accepted and the wrong ones, so that a code counts once and cannot be guessed.
const authTables = `
alter table auth.users add column if not exists instance_id uuid;
alter table auth.users add column if not exists is_super_admin boolean;

create type auth.factor_type as enum ('totp', 'webauthn', 'phone');
create type auth.factor_status as enum ('unverified', 'verified');

create table auth.mfa_factors (
  id uuid primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  friendly_name text,
  factor_type auth.factor_type not null,
  status auth.factor_status not null,
  secret text,
  phone text,
  last_challenged_at timestamptz unique,
  web_authn_credential jsonb,
  web_authn_aaguid uuid,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create unique index mfa_factors_user_friendly_name_unique on auth.mfa_factors (friendly_name, user_id)
  where trim(friendly_name) <> '';
create index mfa_factors_user_id_idx on auth.mfa_factors (user_id);

create table auth.mfa_challenges (
  id uuid primary key,
  factor_id uuid not null references auth.mfa_factors (id) on delete cascade,
  created_at timestamptz not null,
  verified_at timestamptz,
  ip_address inet not null,
  otp_code text,
  web_authn_session_data jsonb
);
create index mfa_challenge_created_at_idx on auth.mfa_challenges (created_at desc);
create index mfa_challenges_factor_id_idx on auth.mfa_challenges (factor_id);

create table auth.mfa_amr_claims (
  id uuid primary key,
  session_id uuid not null references auth.sessions (id) on delete cascade,
  authentication_method text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (session_id, authentication_method)
);

create table auth.totp_attempts (
  factor_id uuid primary key references auth.mfa_factors (id) on delete cascade,
  last_step bigint not null default -1,
  failures integer not null default 0,
  last_failure_at timestamptz
);
`;

// The stack's own as well: the six digits of a mail, kept apart from its link, so that whoever guesses voids the digits alone.
const oneTimeCodes = `
create table auth.one_time_codes (
  user_id uuid not null references auth.users (id) on delete cascade,
  purpose text not null,
  code_hash text not null,
  failures integer not null default 0,
  primary key (user_id, purpose)
);
alter table auth.one_time_codes enable row level security;
alter table auth.one_time_codes owner to supabase_auth_admin;
create index refresh_tokens_parent_idx on auth.refresh_tokens (session_id, parent);
`;

// Owners and rights as on Supabase: each schema belongs to its own service, and API roles see only what they need.
const ownership = `
do $$
declare
  v_object record;
begin
  for v_object in
    select c.oid::regclass as name, n.nspname as schema, c.relkind
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('auth', 'storage') and c.relkind in ('r', 'v', 'S')
  loop
    if v_object.relkind = 'r' then
      execute format('alter table %s enable row level security', v_object.name);
    end if;
    execute format('alter table %s owner to %I', v_object.name, 'supabase_' || v_object.schema || '_admin');
  end loop;
  for v_object in
    select p.oid::regprocedure as name, n.nspname as schema
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname in ('auth', 'storage')
  loop
    execute format('alter function %s owner to %I', v_object.name, 'supabase_' || v_object.schema || '_admin');
  end loop;
end $$;
alter type auth.factor_type owner to supabase_auth_admin;
alter type auth.factor_status owner to supabase_auth_admin;
grant usage, create on schema auth to supabase_auth_admin;
grant usage, create on schema storage to supabase_storage_admin;
grant usage on schema auth to anon, authenticated, service_role, supabase_storage_admin;
grant usage on schema storage to anon, authenticated, service_role;
grant all on all tables in schema storage to anon, authenticated, service_role;
grant execute on all functions in schema storage to anon, authenticated, service_role;
`;

// An Auth of its own makes its schema itself, as its own role.
const ownAuth = `
create schema auth authorization supabase_auth_admin;
alter role supabase_auth_admin login password 'postgres';
grant create on database postgres to supabase_auth_admin;
`;

type Step = { version: string; sql: () => string };

const embeddedAuth: Step[] = [
  {
    version: "embedded-0001",
    sql: () =>
      [
        roles,
        publicSchema,
        extensionsSchema,
        getAuthSchemaSql(),
        authFunctions,
        authTables,
        getStorageSchemaSql(),
        ownership,
      ].join("\n"),
  },
  { version: "embedded-0002", sql: () => oneTimeCodes },
];

const otherAuth = {
  before: () => [roles, publicSchema, extensionsSchema, ownAuth].join("\n"),
  after: { version: "other-auth", sql: () => [getStorageSchemaSql(), ownership].join("\n") },
};

/**
 * Brings a database to the state in which Supabase hands it over: roles, default privileges, and the schemas
 * extensions, auth and storage. Does nothing where that was done before.
 *
 * @param dbUrl connection string of a superuser
 * @param migrateAuth makes schema auth where Auth is not the embedded one
 * @throws the database's own error; nothing is left half done, since each step is one transaction. An Error where the
 *   database is another kind of Auth's
 */
export async function ensureSystemSchema(dbUrl: string, migrateAuth?: () => Promise<void>): Promise<void> {
  const sql = postgres(dbUrl, {
    max: 1,
    onnotice: () => undefined,
    prepare: false,
  });
  try {
    const [marker] = await sql`select to_regclass('auth.schema_migrations') is not null as present`;
    const done = marker?.present
      ? (await sql<{ version: string }[]>`select version from auth.schema_migrations`).map((row) => row.version)
      : [];
    const steps = migrateAuth ? [otherAuth.after] : embeddedAuth;
    if (done.length > 0 && !done.includes(steps[0]?.version ?? "")) throw otherKind(migrateAuth !== undefined);
    if (migrateAuth) {
      if (!done.includes(otherAuth.after.version)) await sql.unsafe(otherAuth.before());
      await migrateAuth();
    }
    for (const step of steps.filter(({ version }) => !done.includes(version))) {
      await sql.begin(async (transaction) => {
        await transaction.unsafe(step.sql());
        await transaction`create table if not exists auth.schema_migrations (version text primary key)`;
        await transaction`insert into auth.schema_migrations values (${step.version})`;
      });
    }
  } finally {
    await sql.end();
  }
}

function otherKind(wantsBinary: boolean): Error {
  return new Error(
    wantsBinary
      ? "The accounts of this data folder were made by the embedded Auth: name another --data-dir for --auth-binary"
      : "The accounts of this data folder were made by an auth binary: start with --auth-binary, or name another --data-dir",
  );
}

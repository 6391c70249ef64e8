import type postgres from "postgres";
import { afterAll } from "vitest";
import { onServer } from "../../scripts/db/build-database.ts";
import { memoryFolder } from "../../scripts/db/memory-folder.ts";
import { withScratchServer } from "../../scripts/db/scratch-server.ts";
import { migrationFiles } from "../../scripts/db/sql-files.ts";

// A server as hosted Supabase hands it over: `supabase_admin` is its superuser; `postgres`, who pushes the migrations and as
// whom the functions and leads-cli connect, is none, and owns neither auth, storage nor realtime.

const owner = `
create role supabase_admin superuser login password 'postgres'`;

const demoted = `
alter role postgres rename to first_superuser;
create role postgres login nosuperuser createdb createrole replication bypassrls password 'postgres';
alter database postgres owner to postgres`;

const realtime = `
create role supabase_realtime_admin nologin noinherit createrole;
create schema realtime authorization supabase_admin;
grant usage on schema realtime to postgres, anon, authenticated, service_role, supabase_realtime_admin;
create table realtime.messages (topic text, extension text, payload jsonb, event text, private boolean, inserted_at timestamptz default now());
alter table realtime.messages enable row level security;
alter table realtime.messages owner to supabase_realtime_admin;
grant select, insert, update on realtime.messages to postgres, anon, authenticated, service_role;
create function realtime.topic() returns text language sql stable as $$ select current_setting('realtime.topic', true) $$;
create function realtime.send(payload jsonb, event text, topic text, private boolean default true) returns void language sql as $$
  insert into realtime.messages (topic, extension, payload, event, private) values ($3, 'broadcast', $1, $2, $4) $$`;

const rights = `
grant usage on schema auth, storage to postgres;
grant all on schema extensions to postgres;
grant all on all tables in schema auth, extensions to postgres;
grant all on all sequences in schema auth, storage to postgres;
grant all on all routines in schema auth, storage, extensions to postgres;
revoke all on auth.schema_migrations from postgres;
grant all on storage.buckets, storage.objects to postgres with grant option;
grant anon, authenticated, service_role to postgres with admin option;
alter default privileges for role postgres in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on functions to anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on sequences to anon, authenticated, service_role`;

// There the extension supautils lets `postgres` do three things besides; here these stand in for it. Policies on the tables
// of the services (`policy_grants`) are made with their owner's rights (`asOwner`); settings of PostgREST's role that begin
// with pgrst. (`privileged_role_allowed_configs`) by these two grants; extensions are trusted ones, which need nothing.
const supautils = `
grant authenticator to postgres with admin true, inherit false, set false;
grant set on parameter "pgrst.db_pre_request" to postgres`;

const policy = /^(create|drop) policy [^;]* on (storage|realtime)\.[^;]*;/gm;
const asOwner = (statement: string) => `reset session authorization; ${statement} set session authorization postgres;`;

/** Connection strings to one database: as its superuser, as `postgres`, and as PostgREST connects. */
export type HostedDatabase = { admin: string; postgres: string; authenticator: string };

/** The migrations applied by `postgres` of a hosted project, in a server of its own that is gone when the test file is done. */
export async function hostedDatabase(): Promise<HostedDatabase> {
  let release: () => void = () => undefined;
  let server: Promise<void> | undefined;
  afterAll(async () => {
    release();
    await server;
  });
  return new Promise((resolve, reject) => {
    server = withScratchServer(async (url) => {
      const database = await handedOver(url);
      await push(database.admin);
      resolve(database);
      await new Promise<void>((end) => {
        release = end;
      });
    }, memoryFolder()).catch(reject);
  });
}

async function handedOver(url: string): Promise<HostedDatabase> {
  const { ensureSystemSchema } = await import("../../scripts/stack/system-schema.ts");
  const as = (user: string) => Object.assign(new URL(url), { username: user }).href;
  const admin = as("supabase_admin");
  await onServer(url, (sql) => sql.unsafe(owner));
  await onServer(admin, (sql) => sql.unsafe(demoted));
  await ensureSystemSchema(admin);
  await onServer(admin, (sql) => sql.unsafe([realtime, rights, supautils].join(";\n")));
  return { admin, postgres: as("postgres"), authenticator: as("authenticator") };
}

async function push(admin: string): Promise<void> {
  await onServer(admin, async (sql) => {
    for (const { path, text } of migrationFiles()) {
      const pushed = `set session authorization postgres;\n${text.replace(policy, asOwner)}\nreset session authorization;`;
      await sql
        .begin((transaction) => transaction.unsafe(pushed))
        // Without its cause, which quotes the whole file.
        .catch((error: postgres.PostgresError) => {
          throw new Error(`${path}: ${error.message} ${error.where ?? ""}`);
        });
    }
  });
}

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

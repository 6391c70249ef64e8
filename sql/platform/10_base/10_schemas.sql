-- The base schemas of all systems. `public` contains only what Leads Provider publishes, so the default grants of a
-- hosted project are revoked there: a new object is accessible only by an explicit grant.
create schema if not exists extensions;
create schema platform;
comment on schema platform is
  'Shared by all systems: identity, roles, audit, notifications. Never exposed by the API.';

create extension if not exists pg_trgm with schema extensions;
create extension if not exists unaccent with schema extensions;

alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;
alter default privileges revoke execute on functions from public;

grant usage on schema platform to anon, authenticated, service_role;

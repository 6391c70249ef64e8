-- Where a system's events are sent to. Signed as Standard Webhooks says (https://www.standardwebhooks.com), with a secret that
-- is shown once and kept sealed: the database cannot read it.
create function platform.is_webhook_url(url text)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select length(url) <= 2000 and url ~ '^(https://[a-z0-9][a-z0-9.-]*(:\d{1,5})?|http://(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?)(/[!-~]*)?$';
$$;
comment on function platform.is_webhook_url is 'Whether events may be sent there: https, or http on the machine itself, with no name and password in it.';

create table platform.webhook_endpoints (
  id uuid primary key,
  system text not null,
  url text not null,
  events text[] not null default '{*}',
  description text not null default '',
  status text not null default 'active',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint webhook_url_is_allowed check (platform.is_webhook_url(url)),
  constraint webhook_events_are_topics check (array_to_string(events, ' ', '?') ~ '^(\*|[a-z0-9_]+(\.[a-z0-9_]+)*( [a-z0-9_]+(\.[a-z0-9_]+)*)*)$'),
  constraint webhook_description_is_short check (length(description) <= 200),
  constraint webhook_status_is_known check (status in ('active', 'paused'))
);
alter table platform.webhook_endpoints enable row level security;
create index webhook_endpoints_system on platform.webhook_endpoints (system) where status = 'active';
create trigger touch before update on platform.webhook_endpoints for each row execute function platform.touch();
comment on table platform.webhook_endpoints is 'Where the events of a system are sent to. Written by functions only.';
comment on column platform.webhook_endpoints.events is 'The topics that are sent, {*} for all.';
comment on column platform.webhook_endpoints.status is 'paused: its deliveries wait.';
create policy select_admin on platform.webhook_endpoints for select to authenticated using (platform.is_admin(system));
grant select on platform.webhook_endpoints to authenticated, service_role;
select platform.audit('platform.webhook_endpoints');

-- Apart, so that who may see an endpoint, and the audit log, have nothing of it.
create table platform.webhook_secrets (
  endpoint_id uuid primary key references platform.webhook_endpoints (id) on delete cascade,
  sealed_secret text not null,
  constraint webhook_secret_is_sealed check (sealed_secret like 'v1.%')
);
alter table platform.webhook_secrets enable row level security;
comment on table platform.webhook_secrets is 'What calls of webhooks are signed with, sealed for the endpoint''s id (functions/_shared/sealed.ts).';
create policy select_nobody on platform.webhook_secrets for select to anon, authenticated using (false);

create function platform.add_webhook(id uuid, system text, url text, events text[], sealed_secret text, description text default '')
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  if not exists (select from platform.system_roles r where r.system = add_webhook.system) then
    perform platform.fail(404, 'unknown_system', 'Ce système n''existe pas.');
  end if;
  perform platform.require_admin(add_webhook.system);
  if not coalesce(platform.is_webhook_url(url), false) then
    perform platform.fail(422, 'webhook_url_refused', 'Cette adresse de webhook n''est pas acceptée.', 'Donnez une adresse https://, sans identifiants ni espaces.');
  end if;
  insert into platform.webhook_endpoints (id, system, url, events, description)
    values (add_webhook.id, add_webhook.system, add_webhook.url, add_webhook.events, add_webhook.description);
  insert into platform.webhook_secrets (endpoint_id, sealed_secret) values (add_webhook.id, add_webhook.sealed_secret);
exception
  when check_violation or not_null_violation then
    perform platform.fail(422, 'webhook_refused', 'Ce webhook n''est pas accepté.', 'Nommez des événements tels que order.paid, ou * pour tous.');
  when unique_violation then
    perform platform.fail(409, 'webhook_exists', 'Ce webhook existe déjà.');
end;
$$;
comment on function platform.add_webhook is 'Adds an endpoint, for an admin of the system; the secret is sealed for the id.';

create function platform.require_caller()
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if auth.uid() is null and auth.role() is distinct from 'service_role' then
    perform platform.fail(401, 'authentication_required', 'Connectez-vous pour accéder à cette ressource.');
  end if;
end;
$$;
comment on function platform.require_caller is '401 for whoever is not signed in.';

-- An endpoint that the caller administers; a stranger is not told which endpoints there are.
create function platform.own_webhook(id uuid)
returns platform.webhook_endpoints
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_endpoint platform.webhook_endpoints;
begin
  perform platform.require_caller();
  select e.* into v_endpoint from platform.webhook_endpoints e where e.id = own_webhook.id and platform.is_admin(e.system) for update;
  if not found then perform platform.fail(404, 'webhook_not_found', 'Ce webhook n''existe pas.'); end if;
  return v_endpoint;
end;
$$;

create function platform.set_webhook_status(id uuid, status text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.own_webhook(set_webhook_status.id);
  update platform.webhook_endpoints e set status = set_webhook_status.status where e.id = set_webhook_status.id;
exception
  when check_violation or not_null_violation then
    perform platform.fail(422, 'invalid_status', 'Un webhook est « active » ou « paused ».');
end;
$$;
comment on function platform.set_webhook_status is 'Lets an endpoint rest (paused), or go on (active); what has come meanwhile is sent then.';

create function platform.remove_webhook(id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.own_webhook(remove_webhook.id);
  delete from platform.webhook_endpoints e where e.id = remove_webhook.id;
end;
$$;
comment on function platform.remove_webhook is 'Removes an endpoint, and its deliveries with it.';
grant execute on function platform.add_webhook, platform.set_webhook_status, platform.remove_webhook to authenticated, service_role;

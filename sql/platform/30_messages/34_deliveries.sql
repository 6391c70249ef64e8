-- What is to be sent: one row for each mail, each SMS, and each endpoint that an event goes to. A worker takes rows for the time
-- of a lease and says what came of each; one that it says nothing of comes back, so a worker that dies loses nothing.
create table platform.deliveries (
  id uuid primary key default platform.uuid_v7(),
  system text not null,
  kind text not null,
  topic text not null,
  payload jsonb not null,
  endpoint_id uuid references platform.webhook_endpoints (id) on delete cascade,
  event_id uuid,
  -- What must not wait for one another: an endpoint that hangs holds up its own deliveries alone.
  lane text not null generated always as (coalesce(endpoint_id::text, kind)) stored,
  attempts integer not null default 0,
  created_at timestamptz not null default now(),
  available_at timestamptz not null default now(),
  deliver_before timestamptz,
  delivered_at timestamptz,
  failed_at timestamptz,
  error text,
  constraint delivery_kind_is_known check (kind in ('webhook', 'mail', 'sms')),
  constraint webhook_has_its_endpoint check ((kind = 'webhook') = (endpoint_id is not null) and (kind = 'webhook') = (event_id is not null)),
  constraint delivery_ends_once check (delivered_at is null or failed_at is null),
  constraint delivery_error_is_a_code check (error ~ '^[a-z0-9_]{1,60}$')
);
alter table platform.deliveries enable row level security;
create unique index deliveries_once on platform.deliveries (endpoint_id, event_id);
create index deliveries_due on platform.deliveries (lane, available_at, id) where delivered_at is null and failed_at is null;
create index deliveries_delivered on platform.deliveries (delivered_at) where delivered_at is not null;
create index deliveries_failed on platform.deliveries (failed_at) where failed_at is not null;
select platform.retain('platform.deliveries', 'delivered_at', '30 days');
select platform.retain('platform.deliveries', 'failed_at', '30 days');
comment on table platform.deliveries is 'Mails, SMS and calls of webhooks, at least once each, in no promised order.';
comment on column platform.deliveries.payload is 'mail: {to, subject, text}; sms: {to, text}; both emptied once they are delivered, since they name a person.';
comment on column platform.deliveries.event_id is 'The event that an endpoint is told of; the receiver knows a repetition by it.';
comment on column platform.deliveries.deliver_before is 'When it is worth nothing any more: a reminder that would come at night.';
comment on column platform.deliveries.error is 'Why the last attempt failed, as a code: never a text, which might name somebody.';
-- An admin reads what his webhooks were sent. Mails and SMS are for nobody but who gets them.
create policy select_admin on platform.deliveries for select to authenticated using (kind = 'webhook' and platform.is_admin(system));
grant select on platform.deliveries to authenticated, service_role;

create function platform.send_message(kind text, system text, topic text, payload jsonb, deliver_before timestamptz default null)
returns uuid
language sql
security definer
set search_path = ''
as $$
  insert into platform.deliveries (kind, system, topic, payload, deliver_before)
    values (send_message.kind, send_message.system, send_message.topic, send_message.payload, send_message.deliver_before)
  returning id;
$$;
comment on function platform.send_message is 'Has a mail or an SMS sent once the current transaction is committed; answers its id.';

create function platform.test_webhook(id uuid)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_endpoint platform.webhook_endpoints := platform.own_webhook(test_webhook.id);
  v_delivery uuid;
begin
  insert into platform.deliveries (kind, system, topic, payload, endpoint_id, event_id)
    values ('webhook', v_endpoint.system, 'webhook.test', '{}', v_endpoint.id, platform.uuid_v7()) returning deliveries.id into v_delivery;
  return v_delivery;
end;
$$;
comment on function platform.test_webhook is 'Sends an endpoint an event that means nothing, for an admin of its system; answers the delivery''s id.';

create function platform.retry_delivery(id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_caller();
  update platform.deliveries d set attempts = 0, available_at = now(), deliver_before = null, delivered_at = null, failed_at = null, error = null
  where d.id = retry_delivery.id and platform.is_admin(d.system) and (d.kind = 'webhook' or auth.role() = 'service_role')
    and (d.failed_at is not null or d.delivered_at is not null and d.kind = 'webhook');
  if not found then
    perform platform.fail(404, 'delivery_not_found', 'Cet envoi n''existe pas, ou n''est pas à refaire.');
  end if;
end;
$$;
comment on function platform.retry_delivery is
  'Sends again what has failed, or what a webhook was sent: an admin of the system a call of a webhook, the operators anything.';
grant execute on function platform.test_webhook, platform.retry_delivery to authenticated, service_role;
grant execute on function platform.send_message to service_role;

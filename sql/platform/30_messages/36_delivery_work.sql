-- How deliveries are worked off. Called by functions/outbox, as the owner.

-- Taking an event and writing its deliveries is one transaction: either both are done, or the event is taken again.
create function platform.spread_events(batch integer default 500)
returns integer
language sql
security definer
set search_path = ''
as $$
  with due as materialized (
    select o.id from platform.outbox o where o.delivered_at is null order by o.id limit batch for update skip locked
  ), told as (
    update platform.outbox o set delivered_at = now() from due where o.id = due.id returning o.*
  ), written as (
    insert into platform.deliveries (kind, system, topic, payload, endpoint_id, event_id, created_at)
    select 'webhook', t.system, t.topic, t.payload, e.id, t.id, t.created_at
    from told t join platform.webhook_endpoints e on e.system = t.system and (e.events = '{*}' or t.topic = any (e.events))
    where e.created_at <= t.created_at
    on conflict (endpoint_id, event_id) do nothing
  )
  select count(*)::integer from told;
$$;
comment on function platform.spread_events is 'Writes the deliveries of the oldest events that have none yet; answers how many events those were.';

-- Between the attempts: eight in all, over a day and a half.
create function platform.delivery_pause(attempts integer)
returns interval
language sql
immutable
set search_path = ''
as $$ select (array['5 seconds', '1 minute', '5 minutes', '30 minutes', '2 hours', '8 hours', '24 hours']::interval[])[attempts]; $$;
comment on function platform.delivery_pause is 'How long to wait after so many attempts; null after the last one.';

-- A few rows of each lane, so that a full one leaves room for the others; none of those that the caller is busy with.
create function platform.take_deliveries(batch integer default 50, lease interval default '1 minute', busy text[] default '{}')
returns setof platform.deliveries
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.spread_events();
  update platform.deliveries d set failed_at = now(), error = case when d.deliver_before <= now() then 'expired' else 'abandoned' end
  where d.delivered_at is null and d.failed_at is null and d.available_at <= now()
    and (d.deliver_before <= now() or platform.delivery_pause(d.attempts) is null and d.attempts > 0);
  return query
    with lanes as (
      select e.id::text as lane from platform.webhook_endpoints e where e.status = 'active'
      union all select unnest(array['mail', 'sms'])
    ), due as materialized (
      select next.id from lanes l cross join lateral (
        select d.id, d.available_at from platform.deliveries d
        where d.lane = l.lane and d.delivered_at is null and d.failed_at is null and d.available_at <= now()
        order by d.available_at, d.id limit greatest(batch / 10, 1) for update skip locked
      ) next
      where l.lane <> all (busy)
      order by next.available_at limit batch
    )
    update platform.deliveries d set attempts = d.attempts + 1, available_at = now() + lease from due where d.id = due.id returning d.*;
end;
$$;
comment on function platform.take_deliveries is 'Leases deliveries that are due, some of each lane, and ends those that have come too late or were taken too often.';

-- A worker that was too slow may say so after its lease: what has arrived has arrived.
create function platform.mark_delivered(deliveries uuid[])
returns void
language sql
security definer
set search_path = ''
as $$
  update platform.deliveries d set delivered_at = now(), failed_at = null, error = null,
    payload = case when d.kind = 'webhook' then d.payload else '{}' end
  where d.id = any (mark_delivered.deliveries) and d.delivered_at is null;
$$;
comment on function platform.mark_delivered is 'Ends the deliveries that have arrived.';

create function platform.mark_failed(delivery uuid, attempt integer, error text, final boolean default false)
returns boolean
language sql
security definer
set search_path = ''
as $$
  update platform.deliveries d set error = mark_failed.error,
    available_at = now() + coalesce(platform.delivery_pause(d.attempts), interval '0'),
    failed_at = case when final or platform.delivery_pause(d.attempts) is null then now() end
  where d.id = mark_failed.delivery and d.attempts = mark_failed.attempt and d.delivered_at is null and d.failed_at is null
  returning d.failed_at is not null;
$$;
comment on function platform.mark_failed is
  'Notes why an attempt failed, and when the next one is due; true if it was the last. Nothing where somebody else has taken it meanwhile.';
grant execute on function platform.take_deliveries, platform.mark_delivered, platform.mark_failed, platform.spread_events to service_role;

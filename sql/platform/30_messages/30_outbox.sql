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

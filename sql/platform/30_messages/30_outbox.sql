-- Events for the world outside, written in the transaction that causes them: what was committed is told at least once, what
-- was rolled back never. Few columns and no checks, because a purchase waits for this row; who is told is found out later.
create table platform.outbox (
  id uuid primary key default platform.uuid_v7(),
  system text not null,
  topic text not null,
  payload jsonb not null,
  created_at timestamptz not null default now(),
  delivered_at timestamptz
);
alter table platform.outbox enable row level security;
create index outbox_waiting on platform.outbox (id) where delivered_at is null;
create index outbox_delivered on platform.outbox (delivered_at) where delivered_at is not null;
select platform.retain('platform.outbox', 'delivered_at', '30 days');
comment on table platform.outbox is 'What has happened, oldest first, until every webhook that wants to know has its delivery.';
comment on column platform.outbox.topic is 'What has happened: lead.created. By this name an endpoint asks for it.';
comment on column platform.outbox.payload is 'References and figures, no name and no address: it leaves the house.';
comment on column platform.outbox.delivered_at is 'When its deliveries were written (platform.deliveries).';
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
grant execute on function platform.emit to service_role;

-- Notifications to one person, written by the events of a system.
create sequence platform.notification_numbers;
create table platform.notifications (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default platform.short_reference('notif', nextval('platform.notification_numbers')),
  user_id uuid not null references platform.profiles (id) on delete cascade,
  system text not null,
  type text not null check (type in ('info', 'success', 'warning', 'error')),
  title text not null,
  message text not null,
  about uuid,
  read boolean not null default false,
  created_at timestamptz not null default now()
);
alter table platform.notifications enable row level security;
create index notifications_user on platform.notifications (user_id, system, id desc);
comment on table platform.notifications is 'Notifications to one person, newest first by id.';
comment on column platform.notifications.about is
  'Another person named in the message, a user or a party of a system; the notification is deleted when that person '
  'is erased.';

create policy select_own on platform.notifications for select to authenticated using (user_id = (select auth.uid()));
create policy update_own on platform.notifications for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
grant select, update (read) on platform.notifications to authenticated;
grant select, insert, update, delete on platform.notifications to service_role;
grant usage on sequence platform.notification_numbers to service_role;

create function platform.notify(user_id uuid, system text, type text, title text, message text,
  about uuid default null)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into platform.notifications (user_id, system, type, title, message, about)
  select notify.user_id, notify.system, notify.type, notify.title, notify.message, notify.about
  where notify.user_id is not null;
end;
$$;
comment on function platform.notify is
  'Notifies a person, if there is one; about is another person named in the message.';

-- A notification also goes out at once, over the Realtime channel user:<id>, where the database has Realtime. Where it
-- has not, and for whoever was not connected, the table is read by polling.

-- Looked up at each run: Realtime may be added to a database, or taken out of it, after the migrations. With its owner's
-- rights, because realtime.send writes with the rights of who calls it.
create function platform.broadcast_notification()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if to_regprocedure('realtime.send(jsonb, text, text, boolean)') is null then return null; end if;
  execute 'select realtime.send($1, $2, $3, $4)' using
    jsonb_build_object('id', new.reference, 'type', new.type, 'title', new.title, 'message', new.message,
      'createdAt', platform.iso_timestamp(new.created_at), 'system', new.system),
    'notification', 'user:' || new.user_id, true;
  return null;
exception
  -- The notification, and the purchase or import that it tells of, stand whatever becomes of the message.
  when others then
    raise warning 'Notification % was not broadcast: %', new.reference, sqlerrm;
    return null;
end;
$$;
comment on function platform.broadcast_notification is 'Trigger: tells the channel of its recipient of a new notification.';
create trigger broadcast after insert on platform.notifications for each row
  execute function platform.broadcast_notification();

-- A function, so that it can be run again by the owner of a database that gets Realtime later. The policy has no comment:
-- not every version of the platform lets a project comment on one of this table.
create function platform.authorize_realtime()
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  if to_regclass('realtime.messages') is null then return false; end if;
  drop policy if exists receive_own_notifications on realtime.messages;
  create policy receive_own_notifications on realtime.messages for select to authenticated
    using (extension = 'broadcast' and (select realtime.topic()) = 'user:' || (select auth.uid())::text
      and not (select platform.session_is_over()));
  return true;
exception
  -- Without the policy nobody can listen, and polling still works: no reason to leave a project without its tables.
  when insufficient_privilege then
    raise warning 'Nobody can listen to notifications yet: run select platform.authorize_realtime() as a role that may change the policies of realtime.messages (%).',
    sqlerrm;
    return false;
end;
$$;
comment on function platform.authorize_realtime is
  'Lets everybody who is signed in listen to channel user:<own id>, and to no other; answers whether there is a Realtime to listen to.';
do $$ begin perform platform.authorize_realtime(); end $$;

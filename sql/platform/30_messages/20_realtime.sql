-- If the database has Realtime, a notification is also sent immediately over the channel user:<id>. Without Realtime,
-- and for clients that were not connected, the table is polled.

-- Realtime is looked up in each call, because it may be added to or removed from a database after the migrations. The
-- function has its owner's rights, because realtime.send writes with the rights of its caller.
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
  -- A failed broadcast must not undo the notification, nor the purchase or import that caused it.
  when others then
    raise warning 'Notification % was not broadcast: %', new.reference, sqlerrm;
    return null;
end;
$$;
comment on function platform.broadcast_notification is
  'Trigger: broadcasts a new notification to its recipient''s channel.';
create trigger broadcast after insert on platform.notifications for each row
  execute function platform.broadcast_notification();

-- A function, so that the owner of a database that gets Realtime later can run it again. The policy has no comment,
-- because not every version of the platform lets a project comment on a policy of this table.
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
  -- Without the policy nobody can subscribe, but polling still works, so the installation continues.
  when insufficient_privilege then
    raise warning 'Nobody can listen to notifications yet: run select platform.authorize_realtime() as a role that may change the policies of realtime.messages (%).',
    sqlerrm;
    return false;
end;
$$;
comment on function platform.authorize_realtime is
  'Lets every signed-in user subscribe to channel user:<own id> only; returns whether Realtime is available.';
do $$ begin perform platform.authorize_realtime(); end $$;

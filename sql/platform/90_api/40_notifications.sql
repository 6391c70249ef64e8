-- A person's own notifications of a system, whatever his role.
create function platform_api.notifications(system text)
returns table (id text, type text, title text, message text, read boolean, "createdAt" text)
language sql
stable
security invoker
set search_path = ''
as $$
  select n.reference, n.type, n.title, n.message, n.read, platform.iso_timestamp(n.created_at)
  from platform.notifications n
  where (select platform.require_member(notifications.system)) and n.user_id = (select auth.uid()) and n.system = notifications.system
  order by n.id desc;
$$;
comment on function platform_api.notifications is 'The notifications of who asks, newest first.';

create function platform_api.unread_count(system text, out count bigint)
language sql
stable
security invoker
set search_path = ''
as $$ select count(*) from platform_api.notifications(unread_count.system) n where not n.read; $$;
comment on function platform_api.unread_count is 'How many of his notifications the caller has not read.';

create function platform_api.mark_read(system text, id text)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_found jsonb;
begin
  perform platform.require_member(system);
  update platform.notifications n set read = true
  where n.reference = mark_read.id and n.user_id = auth.uid() and n.system = mark_read.system and not n.read;
  select to_jsonb(n) into v_found from platform_api.notifications(system) n where n.id = mark_read.id;
  if v_found is null then perform platform.fail(404, 'notification_not_found', 'Cette notification n''existe pas.'); end if;
  return v_found;
end;
$$;
comment on function platform_api.mark_read is 'Marks one of the caller''s own as read.';

create function platform_api.mark_all_read(system text, out updated bigint)
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform platform.require_member(system);
  update platform.notifications n set read = true
  where n.user_id = auth.uid() and n.system = mark_all_read.system and not n.read;
  get diagnostics updated = row_count;
end;
$$;
comment on function platform_api.mark_all_read is 'Marks all of the caller''s own as read.';
grant execute on function platform_api.notifications, platform_api.unread_count, platform_api.mark_read, platform_api.mark_all_read
  to authenticated, service_role;

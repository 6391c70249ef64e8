-- A person's own notifications, whatever his role.

create view public.notifications with (security_invoker = true) as
select n.reference as id, n.type, n.title, n.message, n.read, platform.iso_timestamp(n.created_at) as "createdAt"
from platform.notifications n
where (select platform.require_role('leads', 'admin', 'fournisseur', 'agent', 'acheteur'))
  and n.user_id = (select auth.uid()) and n.system = 'leads'
order by n.id desc;
comment on view public.notifications is 'GET /api/notifications: the notifications of who asks, newest first.';

create function public.notifications_unread_count(out count bigint)
language sql
stable
security invoker
set search_path = ''
as $$ select count(*) from public.notifications n where not n.read; $$;
comment on function public.notifications_unread_count is 'GET /api/notifications/unread-count: how many the caller has not read.';

create function public.notifications_mark_read(id text)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_found jsonb;
begin
  perform platform.require_role('leads', 'admin', 'fournisseur', 'agent', 'acheteur');
  update platform.notifications n set read = true
  where n.reference = notifications_mark_read.id and n.user_id = auth.uid() and n.system = 'leads' and not n.read;
  select to_jsonb(n) into v_found from public.notifications n where n.id = notifications_mark_read.id;
  if v_found is null then perform platform.fail(404, 'notification_not_found', 'Cette notification n''existe pas.'); end if;
  return v_found;
end;
$$;
comment on function public.notifications_mark_read is 'POST /api/notifications/:id/read: marks one of the caller''s own as read.';

create function public.notifications_mark_all_read(out updated bigint)
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin', 'fournisseur', 'agent', 'acheteur');
  update platform.notifications n set read = true
  where n.user_id = auth.uid() and n.system = 'leads' and not n.read;
  get diagnostics updated = row_count;
end;
$$;
comment on function public.notifications_mark_all_read is 'POST /api/notifications/read-all: marks all of the caller''s own as read.';

create trigger refuse_write instead of insert or update or delete on public.notifications for each row execute function platform.refuse_write();
grant select on public.notifications to authenticated, service_role;
grant execute on function public.notifications_unread_count, public.notifications_mark_read, public.notifications_mark_all_read
  to authenticated, service_role;

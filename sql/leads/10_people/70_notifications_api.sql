-- A person's own notifications as rows, for who reads them by supabase-js and filters them.
create view public.notifications with (security_invoker = true) as
select n.reference as id, n.type, n.title, n.message, n.read, platform.iso_timestamp(n.created_at) as "createdAt"
from platform.notifications n
where (select platform.require_member('leads')) and n.user_id = (select auth.uid()) and n.system = 'leads'
order by n.id desc;
comment on view public.notifications is 'GET /api/notifications: the notifications of who asks, newest first.';

create trigger refuse_write instead of insert or update or delete on public.notifications for each row execute function platform.refuse_write();
grant select on public.notifications to authenticated, service_role;

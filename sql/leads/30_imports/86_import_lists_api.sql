-- Lists of imports for admins and agents (document, 3.5 and 3.7).

create view public.admin_imports with (security_invoker = true) as
select i.reference as id, i.file_name as "fileName", s.contact_name as fournisseur, s.company,
  i.upload_date as "uploadDate", i.total as "totalLeads", i.valid, i.invalid, i.duplicates, i.status,
  i.processing_time as "processingTime"
from leads.imports i join leads.suppliers s on s.id = i.supplier_id
where (select platform.require_role('leads', 'admin'))
order by i.id desc;
comment on view public.admin_imports is 'GET /api/admin/imports: all imports, newest first.';

-- The agents' progress with a file. Only counts are returned, so every reader of the view may see them.
create function leads.import_progress(
  import_id uuid, total integer, duplicates integer,
  out "totalLeads" numeric, out pending numeric, out qualified numeric, out rejected numeric, out duplicate numeric
)
language sql
stable
security definer
set search_path = ''
as $$
  select
    total + platform.opening('leads', 'agentImport.totalLeads', import_id::text),
    platform.kept('leads', 'import.pending', import_id::text) + platform.opening('leads', 'agentImport.pending',
      import_id::text),
    platform.kept('leads', 'import.qualified', import_id::text) + platform.opening('leads', 'agentImport.qualified',
      import_id::text),
    platform.kept('leads', 'import.rejected', import_id::text) + platform.opening('leads', 'agentImport.rejected',
      import_id::text),
    duplicates + platform.opening('leads', 'agentImport.duplicates', import_id::text);
$$;

create view public.agent_imports with (security_invoker = true) as
select i.reference as id, i.file_name as "fileName", s.contact_name as fournisseur, s.company,
  i.upload_date as "uploadDate", p."totalLeads", p.pending, p.qualified, p.rejected, p.duplicate as duplicates,
  i.qualification_status as status
from leads.imports i
join leads.suppliers s on s.id = i.supplier_id
cross join lateral leads.import_progress(i.id, i.total, i.duplicates) p
where (select platform.require_role('leads', 'agent')) and i.handed_over_at is not null
order by i.handed_over_at desc;
comment on view public.agent_imports is 'GET /api/agent/imports: the files handed to the agents, newest first.';

create trigger refuse_write instead of insert or update or delete on public.admin_imports for each row
  execute function platform.refuse_write();
create trigger refuse_write instead of insert or update or delete on public.agent_imports for each row
  execute function platform.refuse_write();
grant select on public.admin_imports, public.agent_imports to authenticated, service_role;
grant execute on function leads.import_progress to authenticated, service_role;

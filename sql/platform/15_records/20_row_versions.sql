-- The history of configuration rows, so that a sale can be explained by the rules it was made under. Usage, one line
-- per table: select platform.keep_versions('leads.credit_rules'); the table needs the columns id and version.
create table platform.row_versions (
  relation text not null,
  row_id uuid not null,
  version integer not null,
  content jsonb not null,
  valid_from timestamptz not null default now(),
  changed_by uuid,
  primary key (relation, row_id, version)
);
alter table platform.row_versions enable row level security;
comment on table platform.row_versions is
  'Append-only: the versions of configuration rows; each one is in force until valid_from of the next.';
create policy select_nobody on platform.row_versions for select to anon, authenticated using (false);
grant select on platform.row_versions to service_role;
create trigger append_only before update or delete or truncate on platform.row_versions
  for each statement execute function platform.refuse_change();

create function platform.number_version()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.version := old.version
    + (to_jsonb(new) - array['version', 'updated_at'] <> to_jsonb(old) - array['version', 'updated_at'])::integer;
  return new;
end;
$$;
comment on function platform.number_version is 'Trigger: increments the version if anything has changed.';

create function platform.keep_version()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into platform.row_versions (relation, row_id, version, content, changed_by)
  values (tg_table_schema || '.' || tg_table_name, new.id, new.version, to_jsonb(new), auth.uid())
  on conflict do nothing;
  return null;
end;
$$;
comment on function platform.keep_version is 'Trigger: stores the version that was written.';

create function platform.keep_versions(target regclass)
returns void
language plpgsql
set search_path = ''
as $$
begin
  execute format(
    'create trigger number_version before update on %s for each row execute function platform.number_version()',
    target);
  execute format(
    'create trigger keep_version after insert or update on %s for each row execute function platform.keep_version()',
    target);
end;
$$;
comment on function platform.keep_versions is 'Enables the version history for a configuration table.';

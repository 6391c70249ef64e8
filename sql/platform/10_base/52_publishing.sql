-- Publication of views in the API: one call defines who may read a view and what may be written through it. The view
-- runs with the caller's rights (security_invoker), so a write also requires the privilege on the table; both are
-- granted here, for the given columns only. A view's column has the camel case name of its table's column.

-- PostgreSQL answers a write to a view over several tables with SQLSTATE 55000 before it checks privileges, and
-- PostgREST turns that into 500. With a trigger, the missing privilege is reported: 401 or 403.
create function platform.refuse_write()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform platform.fail(405, 'read_only', 'Cette liste ne peut qu''être lue.');
end;
$$;
comment on function platform.refuse_write is 'Trigger for read-only views: refuses writes.';

create function platform.snake_case(name text)
returns text
language sql
immutable
set search_path = ''
as $$ select lower(regexp_replace(name, '([A-Z])', '_\1', 'g')); $$;
comment on function platform.snake_case is 'The table''s name of an API column: startsOn is starts_on.';

create function platform.table_behind(view regclass)
returns regclass
language plpgsql
stable
set search_path = ''
as $$
declare
  v_tables regclass[];
begin
  select array_agg(distinct d.refobjid::regclass) into v_tables
  from pg_catalog.pg_rewrite r
  join pg_catalog.pg_depend d on d.objid = r.oid and d.classid = 'pg_rewrite'::regclass
    and d.refclassid = 'pg_class'::regclass
  join pg_catalog.pg_class c on c.oid = d.refobjid and c.relkind in ('r', 'p')
  where r.ev_class = view;
  if cardinality(v_tables) is distinct from 1 then
    raise exception '% is not over one table: what is written through it must be a function', view;
  end if;
  return v_tables[1];
end;
$$;
comment on function platform.table_behind is 'The single table behind a view.';

create function platform.publish(
  view regclass, readers text[] default '{authenticated}', writes text[] default '{}', inserts text[] default '{}',
  deletes boolean default false
)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_columns text;
  v_table regclass;
begin
  if obj_description(view, 'pg_class') is null then
    raise exception '% has no comment: say what it answers', view;
  end if;
  if not coalesce((select c.reloptions @> '{security_invoker=true}' from pg_catalog.pg_class c where c.oid = view),
    false) then
    raise exception '% does not run with its caller''s rights (security_invoker = true)', view;
  end if;
  execute format('revoke all on %s from public, anon, authenticated', view);
  execute format('grant select on %s to %s, service_role', view, array_to_string(readers, ', '));
  if pg_relation_is_updatable(view, true) = 0 then
    execute format(
      'create trigger refuse_write instead of insert or update or delete on %s for each row execute function platform.refuse_write()',
      view);
  end if;
  if cardinality(writes || inserts) = 0 and not deletes then return; end if;

  v_table := platform.table_behind(view);
  if cardinality(writes) > 0 then
    v_columns := (select string_agg(quote_ident(w), ', ') from unnest(writes) w);
    execute format('grant update (%s) on %s to authenticated, service_role', v_columns, view);
    v_columns := (select string_agg(quote_ident(platform.snake_case(w)), ', ') from unnest(writes) w);
    execute format('grant update (%s) on %s to authenticated, service_role', v_columns, v_table);
  end if;
  if cardinality(inserts) > 0 then
    v_columns := (select string_agg(quote_ident(i), ', ') from unnest(inserts) i);
    execute format('grant insert (%s) on %s to authenticated, service_role', v_columns, view);
    v_columns := (select string_agg(quote_ident(platform.snake_case(i)), ', ') from unnest(inserts) i);
    execute format('grant insert (%s) on %s to authenticated, service_role', v_columns, v_table);
  end if;
  if deletes then execute format('grant delete on %s, %s to authenticated, service_role', view, v_table); end if;
end;
$$;
comment on function platform.publish is
  'Publishes a view: who may read it, the columns that may be updated (writes) and inserted (inserts), and whether '
  'rows may be deleted. The table''s policies decide which rows.';
revoke execute on function platform.publish, platform.check_rules from public;

-- What was changed in a system, for who administers it: the tables of its schema, which is called as the system is, and those
-- rows of the platform's tables that name it.
create index audit_log_at on platform.audit_log (at, chain, position);

-- A column that is hidden from now on may stand in what was written before: it is left out of the answer as well.
create function platform.hidden_columns(relation text)
returns text[]
language plpgsql
stable
set search_path = ''
as $$
begin
  return coalesce((
    select (string_to_array(encode(t.tgargs, 'escape'), '\000'))[2:] from pg_catalog.pg_trigger t
    where t.tgrelid = to_regclass(hidden_columns.relation) and t.tgname = 'audit'), '{}');
end;
$$;
comment on function platform.hidden_columns is 'The columns of an audited table that the audit log leaves out.';

-- A page goes on after the entry that ended the one before, by its time, chain and position: no entry is there twice or missing.
create function platform.audit_cursor(entry platform.audit_log)
returns text
language sql
immutable
set search_path = ''
as $$ select concat_ws('.', (extract(epoch from entry.at) * 1000000)::bigint, entry.chain, entry.position); $$;

create function platform.audit_entries(
  system text, relation text default null, row_key text default null, since timestamptz default null, until timestamptz default null,
  after_entry text default null, entries integer default 100
)
returns setof platform.audit_log
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_last bigint[] := string_to_array(after_entry, '.');
begin
  perform platform.require_admin(system);
  return query
    select l.* from platform.audit_log l
    where (split_part(l.relation, '.', 1) = audit_entries.system
        or l.relation like 'platform.%' and coalesce(l.after, l.before) ->> 'system' = audit_entries.system)
      and (audit_entries.relation is null or l.relation = audit_entries.relation)
      and (audit_entries.row_key is null or l.row_key = audit_entries.row_key)
      and l.at >= coalesce(since, '-infinity') and l.at < coalesce(until, 'infinity')
      and (after_entry is null
        or (l.at, l.chain, l.position) < ('epoch'::timestamptz + make_interval(secs => v_last[1] / 1000000.0), v_last[2], v_last[3]))
    order by l.at desc, l.chain desc, l.position desc
    limit entries;
end;
$$;
comment on function platform.audit_entries is 'Entries about a system, newest first, for its admins. Called inside definer functions.';

create function platform.audit_page(
  system text, relation text, row_key text, since timestamptz, until timestamptz, after_entry text, entries integer
)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_found platform.audit_log[];
  v_entries integer := coalesce(entries, 100);
begin
  perform platform.require_admin(system);
  if v_entries not between 1 and 1000 then perform platform.refuse_parameter('limit', 'De 1 à 1 000 lignes.'); end if;
  if after_entry !~ '^[0-9]{1,18}\.[0-9]{1,2}\.[0-9]{1,18}$' then
    perform platform.refuse_parameter('cursor', 'Ce curseur n''est pas celui d''une page.');
  end if;
  v_found := array(select l from platform.audit_entries(system, relation, row_key, since, until, after_entry, v_entries + 1) l);
  if cardinality(v_found) > v_entries then
    perform set_config('response.headers', jsonb_build_array(jsonb_build_object('X-Next-Cursor', platform.audit_cursor(v_found[v_entries])))::text, true);
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object('at', platform.iso_timestamp(l.at), 'actor', l.actor,
      'actorName', nullif(btrim(concat_ws(' ', p.first_name, p.last_name)), ''), 'role', l.role, 'relation', l.relation, 'row', l.row_key,
      'operation', l.operation, 'before', l.before - platform.hidden_columns(l.relation), 'after', l.after - platform.hidden_columns(l.relation)) order by l.nth), '[]')
    from unnest(v_found[:v_entries]) with ordinality l (chain, position, at, actor, role, relation, operation, row_key, before, after, hash, nth)
    left join platform.profiles p on p.id = l.actor);
end;
$$;
comment on function platform.audit_page is 'A page of the entries about a system; where there are more, X-Next-Cursor says after which entry they begin.';
grant execute on function platform.audit_page to authenticated, service_role;

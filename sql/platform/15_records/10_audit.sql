-- The audit log: append-only, and each row contains the hash of the one before it, so that manipulations are detected.
-- Usage, one line per table: select platform.audit('leads.credit_rules');
-- The log is kept forever, so it must not contain identifying data: a table that has such data names the columns to
-- leave out, select platform.audit('leads.suppliers', '{contact_name,company}').
-- Writers of one hash chain must wait for each other. There are therefore 16 chains, chosen by connection, and the
-- trigger is deferred to the commit, so that a chain is locked only while a transaction ends and never while it waits
-- for something else.
create table platform.audit_chains (
  chain smallint primary key,
  length bigint not null default 0,
  head bytea not null default ''
);
alter table platform.audit_chains enable row level security;
comment on table platform.audit_chains is
  'The last hash of each audit chain; it shows whether rows at the end of the log are missing.';
insert into platform.audit_chains (chain) select generate_series(0, 15);

create table platform.audit_log (
  chain smallint not null references platform.audit_chains (chain),
  position bigint not null,
  at timestamptz not null,
  actor uuid,
  role text not null,
  relation text not null,
  operation text not null check (operation in ('INSERT', 'UPDATE', 'DELETE')),
  row_key text not null,
  before jsonb,
  after jsonb,
  hash bytea not null,
  primary key (chain, position)
);
alter table platform.audit_log enable row level security;
create index audit_log_row on platform.audit_log (relation, row_key);
comment on table platform.audit_log is
  'Append-only: who, when, what, before and after. Verified by leads-cli audit verify.';

create function platform.refuse_change()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform platform.fail(409, 'append_only', 'Cet historique ne se modifie pas.');
  return null;
end;
$$;
comment on function platform.refuse_change is 'Trigger: refuses changes of an append-only table.';
create trigger append_only before update or delete or truncate on platform.audit_log
  for each statement execute function platform.refuse_change();

create function platform.audit_hash(previous bytea, entry platform.audit_log)
returns bytea
language plpgsql
stable
set search_path = ''
set timezone = 'UTC'
as $$
begin
  return sha256(previous || convert_to(
    jsonb_build_array(entry.chain, entry.position, entry.at, entry.actor, entry.role, entry.relation,
      entry.operation, entry.row_key, entry.before, entry.after)::text, 'utf8'));
end;
$$;

create function platform.write_audit()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_row jsonb := to_jsonb(case when tg_op = 'DELETE' then old else new end);
  v_hidden text[] := coalesce(tg_argv[1:], '{}');
  v_entry platform.audit_log;
  v_previous bytea;
begin
  v_entry.chain := pg_backend_pid() % 16;
  v_entry.at := clock_timestamp();
  v_entry.actor := auth.uid();
  v_entry.role := coalesce(auth.role(), session_user);
  v_entry.relation := tg_table_schema || '.' || tg_table_name;
  v_entry.operation := tg_op;
  v_entry.row_key := v_row ->> tg_argv[0];
  if tg_op <> 'INSERT' then v_entry.before := to_jsonb(old) - v_hidden; end if;
  if tg_op <> 'DELETE' then v_entry.after := to_jsonb(new) - v_hidden; end if;
  select c.length + 1, c.head into strict v_entry.position, v_previous from platform.audit_chains c
  where c.chain = v_entry.chain for update;
  v_entry.hash := platform.audit_hash(v_previous, v_entry);
  insert into platform.audit_log values (v_entry.*);
  update platform.audit_chains c set length = v_entry.position, head = v_entry.hash where c.chain = v_entry.chain;
  return null;
end;
$$;

create function platform.audit(target regclass, hidden text[] default '{}', key text default null)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_key text;
begin
  select coalesce(audit.key, a.attname) into strict v_key from pg_catalog.pg_index i
    join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    where i.indrelid = target and i.indisprimary;
  -- A misspelt column name would hide nothing, so unknown columns are refused.
  perform from unnest(array[v_key] || hidden) c (name)
    where not exists (select from pg_catalog.pg_attribute a
      where a.attrelid = target and a.attname = c.name and not a.attisdropped)
      or c.name = v_key and c.name = any (hidden);
  if found then
    raise exception 'platform.audit(%): % and % are not a key and hidden columns', target, v_key, hidden;
  end if;
  execute format(
    'create constraint trigger audit after insert or update or delete on %s
     deferrable initially deferred for each row execute function platform.write_audit(%s)', target,
    (select string_agg(quote_literal(c.name), ', ' order by c.at)
      from unnest(array[v_key] || hidden) with ordinality c (name, at)));
end;
$$;
comment on function platform.audit is
  'Enables the audit log for a table, without the hidden columns. A row is identified by the key, by default the '
  'first column of the primary key.';

create function platform.audit_verify()
returns table (chain smallint, "position" bigint, reason text)
language sql
stable
security definer
set search_path = ''
as $$
  with linked as (
    select l.*,
      lag(l.hash, 1, ''::bytea) over w as previous,
      row_number() over w as expected
    from platform.audit_log l
    window w as (partition by l.chain order by l.position)
  )
  select l.chain, l.position, 'row missing before this one' from linked l where l.position <> l.expected
  union all
  select l.chain, l.position, 'row was changed' from linked l
  where l.position = l.expected
    and l.hash is distinct from platform.audit_hash(l.previous,
      (l.chain, l.position, l.at, l.actor, l.role, l.relation, l.operation, l.row_key, l.before, l.after,
        null)::platform.audit_log)
  union all
  select c.chain, c.length, 'last rows are missing' from platform.audit_chains c
  left join lateral (
    select a.hash, a.position from platform.audit_log a where a.chain = c.chain order by a.position desc limit 1
  ) newest on true
  where c.length <> coalesce(newest.position, 0) or c.head <> coalesce(newest.hash, ''::bytea)
  order by 1, 2;
$$;
comment on function platform.audit_verify is 'The breaks in the audit chains; no row if the log is complete.';

create policy select_nobody on platform.audit_chains for select to anon, authenticated using (false);
create policy select_nobody on platform.audit_log for select to anon, authenticated using (false);
grant execute on function platform.audit_verify to service_role;
grant select on platform.audit_log, platform.audit_chains to service_role;

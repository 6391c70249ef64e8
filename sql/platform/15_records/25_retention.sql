-- What is removed once it is old. A table's own file says so in one line:
-- select platform.retain('leads.payment_events', 'received_at', '400 days');
-- How long is a row, so that an operator changes it without a release:
-- update platform.retention_rules set term = '90 days' where relation = 'platform.outbox';
create table platform.retention_rules (
  relation text not null,
  since text not null,
  term interval not null check (term >= interval '1 day'),
  condition text not null default 'true',
  checked_at timestamptz not null default '-infinity',
  primary key (relation, since)
);
alter table platform.retention_rules enable row level security;
comment on table platform.retention_rules is 'Which rows of which tables are removed, counted from which of their times, after how long.';
comment on column platform.retention_rules.condition is 'What must hold of a row besides, in SQL; written by migrations alone.';
comment on column platform.retention_rules.checked_at is 'When nothing was left to remove.';
create policy select_nobody on platform.retention_rules for select to anon, authenticated using (false);
grant select, update (term) on platform.retention_rules to service_role;

create function platform.retain(target regclass, since text, term interval, condition text default 'true')
returns void
language sql
set search_path = ''
as $$
  insert into platform.retention_rules (relation, since, term, condition) values (target::text, retain.since, retain.term, retain.condition);
$$;
comment on function platform.retain is 'Has rows of a table removed when one of their times, a timestamptz with an index, is older than a term.';

-- A row that something refers to stays, and those after it go: each is tried by itself, oldest first, until a batch is removed.
create function platform.remove_one_by_one(rule platform.retention_rules, batch integer)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_row record;
  v_count integer := 0;
begin
  for v_row in execute format('select ctid from %1$s where %2$I < now() - $1 and (%3$s) order by %2$I for update skip locked',
    rule.relation::regclass, rule.since, rule.condition) using rule.term
  loop
    begin
      execute format('delete from %s where ctid = $1', rule.relation::regclass) using v_row.ctid;
      v_count := v_count + 1;
    exception
      when foreign_key_violation or restrict_violation then null;
    end;
    exit when v_count = batch;
  end loop;
  return v_count;
end;
$$;
comment on function platform.remove_one_by_one is 'Removes up to a batch of outdated rows that nothing refers to; answers how many.';

-- Batches, because one statement that removed a year of rows would hold their locks for as long. A rule whose table was looked
-- through rests for a while; of two callers at once, the second passes over the rule that the first works at.
create function platform.remove_outdated(batch integer default 1000, rest interval default '10 minutes')
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_rule platform.retention_rules;
  v_count integer;
  v_removed jsonb := '{}';
begin
  for v_rule in
    select r.* from platform.retention_rules r where r.checked_at <= now() - rest order by r.relation, r.since for update skip locked
  loop
    begin
      execute format('delete from %1$s where ctid = any (array(
          select ctid from %1$s where %2$I < now() - $1 and (%3$s) order by %2$I limit $2 for update skip locked))',
        v_rule.relation::regclass, v_rule.since, v_rule.condition) using v_rule.term, batch;
      get diagnostics v_count = row_count;
    exception
      when foreign_key_violation or restrict_violation then
        raise warning 'Rows of % are referred to and stay', v_rule.relation;
        v_count := platform.remove_one_by_one(v_rule, batch);
    end;
    if v_count > 0 then
      v_removed := v_removed || jsonb_build_object(v_rule.relation, v_count + coalesce((v_removed ->> v_rule.relation)::integer, 0));
    end if;
    if v_count < batch then
      update platform.retention_rules r set checked_at = now() where r.relation = v_rule.relation and r.since = v_rule.since;
    end if;
  end loop;
  return v_removed;
end;
$$;
comment on function platform.remove_outdated is 'Removes up to a batch of outdated rows of each table; answers how many, by table.';
grant execute on function platform.remove_outdated to service_role;

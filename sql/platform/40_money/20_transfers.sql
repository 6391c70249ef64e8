-- Money is moved by one call, inside the transaction that it belongs to. Only security definer functions of a system
-- call these functions.
create type platform.ledger_line as (kind text, owner uuid, amount bigint);
comment on type platform.ledger_line is
  'A change of an account by a transfer (negative: debit). owner null: the platform.';

create function platform.open_accounts(system text, lines platform.ledger_line[])
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into platform.ledger_accounts (system, kind, owner)
  select distinct open_accounts.system, l.kind, coalesce(l.owner, '00000000-0000-0000-0000-000000000000')
  from unnest(lines) l
  where l.amount <> 0 and not exists (
    select from platform.ledger_accounts a
    where a.system = open_accounts.system and a.kind = l.kind
      and a.owner = coalesce(l.owner, '00000000-0000-0000-0000-000000000000')
  )
  on conflict do nothing;
end;
$$;
comment on function platform.open_accounts is 'Opens the accounts of a transfer that do not exist yet.';

-- The guarded balances of an owner stay locked until the transaction ends, so that decisions based on them remain
-- valid. They are locked in the order of their keys, as everywhere.
create function platform.lock_balances(system text, owner uuid)
returns table (kind text, balance bigint)
language plpgsql
volatile
security definer
set search_path = ''
rows 2
as $$
begin
  return query select a.kind, b.balance
  from platform.ledger_accounts a
  join platform.ledger_account_kinds k on k.system = a.system and k.kind = a.kind and k.guarded
  join platform.ledger_balances b on b.account_id = a.id and b.slot = 0
  where a.system = lock_balances.system and a.owner = lock_balances.owner
  order by a.id for update of b;
end;
$$;
comment on function platform.lock_balances is 'The guarded balances of an owner, by kind, locked.';

create function platform.post_transfer(system text, kind text, key text, lines platform.ledger_line[],
  reverses uuid default null)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_transfer uuid := platform.uuid_v7();
begin
  perform platform.open_accounts(system, lines);
  insert into platform.ledger_transfers (id, system, kind, key, reverses, actor)
    values (v_transfer, system, kind, key, reverses, auth.uid());
  insert into platform.ledger_entries (transfer_id, account_id, amount)
  select v_transfer, a.id, sum(l.amount)
  from unnest(lines) l
  join platform.ledger_accounts a on a.system = post_transfer.system and a.kind = l.kind
    and a.owner = coalesce(l.owner, '00000000-0000-0000-0000-000000000000')
  group by a.id having sum(l.amount) <> 0
  -- All functions lock balances in this order.
  order by a.id;
  return v_transfer;
end;
$$;
comment on function platform.post_transfer is
  'Moves money: lines that sum to zero in each unit, once per (system, kind, key). 402 if a guarded balance would '
  'become negative.';

create function platform.reverse_transfer(transfer uuid, kind text, key text)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_system text;
  v_lines platform.ledger_line[];
begin
  -- A transfer of zero has no entries, and can be reversed like any other.
  select t.system, array_agg((a.kind, a.owner, -e.amount)::platform.ledger_line) filter (where e.amount is not null)
    into strict v_system, v_lines
  from platform.ledger_transfers t
  left join platform.ledger_entries e on e.transfer_id = t.id
  left join platform.ledger_accounts a on a.id = e.account_id
  where t.id = reverse_transfer.transfer group by t.system;
  return platform.post_transfer(v_system, kind, key, v_lines, transfer);
end;
$$;
comment on function platform.reverse_transfer is 'Reverses a transfer, account by account, at most once.';

create function platform.ledger_balance(system text, kind text, owner uuid default null)
returns bigint
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(sum(b.balance), 0)::bigint
  from platform.ledger_accounts a join platform.ledger_balances b on b.account_id = a.id
  where a.system = ledger_balance.system and a.kind = ledger_balance.kind
    and a.owner = coalesce(ledger_balance.owner, '00000000-0000-0000-0000-000000000000');
$$;
comment on function platform.ledger_balance is 'The balance of an account in its unit; 0 if it was never opened.';

create function platform.ledger_problems()
returns table (problem text, subject text, expected bigint, found bigint)
language sql
stable
security definer
set search_path = ''
as $$
  -- The other comparisons start from existing transfers and accounts, and so miss entries without either.
  select 'entry_of_nothing', e.transfer_id || ' ' || e.account_id, null::bigint, e.amount
  from platform.ledger_entries e
  left join platform.ledger_transfers t on t.id = e.transfer_id
  left join platform.ledger_accounts a on a.id = e.account_id
  where t.id is null or a.id is null
  union all
  select 'transfer_not_balanced', e.transfer_id::text, 0, sum(e.amount)::bigint
  from platform.ledger_entries e
  join platform.ledger_accounts a on a.id = e.account_id
  join platform.ledger_account_kinds k on k.system = a.system and k.kind = a.kind
  group by e.transfer_id, k.unit having sum(e.amount) <> 0
  union all
  select 'reversal_not_opposite', r.id || ' ' || e.account_id, 0, sum(e.amount)::bigint
  from platform.ledger_transfers r
  cross join lateral (values (r.id), (r.reverses)) both_of (id)
  join platform.ledger_entries e on e.transfer_id = both_of.id
  where r.reverses is not null group by r.id, e.account_id having sum(e.amount) <> 0
  union all
  select 'balance_not_its_entries', a.system || ' ' || a.kind || ' ' || a.owner, coalesce(e.amount, 0)::bigint,
    coalesce(b.balance, 0)::bigint
  from platform.ledger_accounts a
  left join (select account_id, sum(amount) as amount from platform.ledger_entries group by 1) e on e.account_id = a.id
  left join (select account_id, sum(balance) as balance from platform.ledger_balances
    group by 1) b on b.account_id = a.id
  where coalesce(e.amount, 0) <> coalesce(b.balance, 0)
  union all
  select 'statement_broken', a.system || ' ' || a.kind || ' ' || a.owner || ' ' || coalesce(s.number::text, '-'),
    s.expected, s.balance
  from (
    select e.account_id, e.number, e.balance, sum(e.amount) over w as expected, row_number() over w as place,
      count(*) over (partition by e.account_id) as entries
    from platform.ledger_entries e window w as (partition by e.account_id order by e.number)
  ) s
  join platform.ledger_accounts a on a.id = s.account_id
  join platform.ledger_balances b on b.account_id = s.account_id and b.guarded
  where s.number is distinct from s.place or s.balance is distinct from s.expected or s.entries <> b.entries;
$$;
comment on function platform.ledger_problems is 'Contradictions within the ledger; no row if it is consistent.';
grant execute on function platform.ledger_problems to service_role;

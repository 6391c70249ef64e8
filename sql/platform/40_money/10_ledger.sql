-- A double-entry ledger: the entries of a transfer sum to zero in each unit, entries are append-only, and only entries
-- change a balance. A balance that must not become negative (guarded) is one row, so that the debit itself is the
-- check. Any other balance is split into slots, so that no sale waits for the platform's or a supplier's row.
create table platform.ledger_account_kinds (
  system text not null,
  kind text not null,
  unit text not null check (unit in ('credits', 'cents')),
  guarded boolean not null default false,
  description text not null,
  primary key (system, kind)
);
alter table platform.ledger_account_kinds enable row level security;
comment on table platform.ledger_account_kinds is 'The chart of accounts of each system.';

create table platform.ledger_accounts (
  id uuid primary key default platform.uuid_v7(),
  system text not null,
  kind text not null,
  owner uuid not null,
  created_at timestamptz not null default now(),
  unique (system, kind, owner),
  foreign key (system, kind) references platform.ledger_account_kinds (system, kind)
);
alter table platform.ledger_accounts enable row level security;
comment on table platform.ledger_accounts is 'One account per kind and owner, opened by its first transfer.';
comment on column platform.ledger_accounts.owner is
  'A person or party of the system; the nil uuid for the platform itself.';

create table platform.ledger_balances (
  account_id uuid not null references platform.ledger_accounts (id),
  slot smallint not null default 0,
  guarded boolean not null,
  balance bigint not null default 0,
  entries bigint not null default 0,
  primary key (account_id, slot),
  constraint never_below_zero check (balance >= 0 or not guarded),
  constraint guarded_in_one_row check (slot = 0 or not guarded)
);
alter table platform.ledger_balances enable row level security;
comment on table platform.ledger_balances is 'The balance of an account, as the sum of its slots.';
comment on column platform.ledger_balances.entries is
  'The number of entries of a guarded account; other accounts are not counted.';

create table platform.ledger_transfers (
  id uuid primary key default platform.uuid_v7(),
  system text not null,
  kind text not null,
  key text not null,
  reverses uuid unique references platform.ledger_transfers (id),
  actor uuid,
  created_at timestamptz not null default now(),
  unique (system, kind, key)
);
alter table platform.ledger_transfers enable row level security;
comment on table platform.ledger_transfers is
  'Append-only: the movements of money. The unique key makes each happen once; a transfer is reversed at most once.';

-- There is no foreign key to the account, because it would lock the platform's accounts in every sale. The trigger
-- that updates the balance refuses an entry without an account.
create table platform.ledger_entries (
  transfer_id uuid not null references platform.ledger_transfers (id),
  account_id uuid not null,
  amount bigint not null check (amount <> 0),
  number bigint,
  balance bigint,
  primary key (transfer_id, account_id),
  constraint numbered_with_balance check ((number is null) = (balance is null))
);
alter table platform.ledger_entries enable row level security;
create index ledger_entries_account on platform.ledger_entries (account_id, transfer_id);
create unique index ledger_entries_statement on platform.ledger_entries (account_id, number) where number is not null;
comment on table platform.ledger_entries is
  'Append-only: the change of an account by a transfer, negative for a debit. In credits or integer cents, by the '
  'account''s kind.';
comment on column platform.ledger_entries.number is
  'The position of an entry in the statement of a guarded account, from 1, without gaps; null for a split account, '
  'whose entries have no order.';
comment on column platform.ledger_entries.balance is 'The balance of a guarded account after the entry.';

create policy select_nobody on platform.ledger_account_kinds for select to anon, authenticated using (false);
create policy select_nobody on platform.ledger_accounts for select to anon, authenticated using (false);
create policy select_nobody on platform.ledger_balances for select to anon, authenticated using (false);
create policy select_nobody on platform.ledger_transfers for select to anon, authenticated using (false);
create policy select_nobody on platform.ledger_entries for select to anon, authenticated using (false);
grant select on platform.ledger_account_kinds, platform.ledger_accounts, platform.ledger_balances,
  platform.ledger_transfers, platform.ledger_entries to service_role;
create trigger append_only before update or delete or truncate on platform.ledger_transfers
  for each statement execute function platform.refuse_change();
create trigger append_only before update or delete or truncate on platform.ledger_entries
  for each statement execute function platform.refuse_change();

create function platform.open_guarded_balance()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into platform.ledger_balances (account_id, guarded)
  select new.id, true from platform.ledger_account_kinds k
  where k.system = new.system and k.kind = new.kind and k.guarded;
  return null;
end;
$$;
comment on function platform.open_guarded_balance is
  'Trigger: creates the single row of a guarded balance together with its account.';
create trigger open_guarded_balance after insert on platform.ledger_accounts
  for each row execute function platform.open_guarded_balance();

-- The debit itself is the check of a guarded balance. The resulting balance and the entry's number are stored in the
-- entry, so that a person's statement is read from the entries alone.
create function platform.apply_entry()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_guarded boolean;
begin
  select k.guarded into v_guarded from platform.ledger_accounts a
  join platform.ledger_account_kinds k on k.system = a.system and k.kind = a.kind where a.id = new.account_id;
  if v_guarded is null then
    perform platform.fail(500, 'unbalanced_transfer', 'Une écriture n''est sur aucun compte.');
  elsif v_guarded then
    update platform.ledger_balances b set balance = b.balance + new.amount, entries = b.entries + 1
    where b.account_id = new.account_id and b.slot = 0 and b.balance + new.amount >= 0
    returning b.entries, b.balance into new.number, new.balance;
    if not found then perform platform.fail(402, 'insufficient_balance', 'Le solde est insuffisant.'); end if;
  else
    insert into platform.ledger_balances as b (account_id, slot, guarded, balance)
    values (new.account_id, platform.take_slot(), false, new.amount)
    on conflict on constraint ledger_balances_pkey do update set balance = b.balance + excluded.balance;
  end if;
  return new;
end;
$$;
comment on function platform.apply_entry is
  'Trigger: an entry changes its account''s balance; refused without an account, and with 402 if a guarded balance '
  'would become negative.';
create trigger apply_entry before insert on platform.ledger_entries for each row
  execute function platform.apply_entry();

create function platform.check_entries()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if exists (
    select from new_entries e
    join platform.ledger_accounts a on a.id = e.account_id
    join platform.ledger_account_kinds k on k.system = a.system and k.kind = a.kind
    group by e.transfer_id, k.unit having sum(e.amount) <> 0
  ) then
    perform platform.fail(500, 'unbalanced_transfer', 'Les écritures d''un mouvement ne s''équilibrent pas.');
  end if;
  return null;
end;
$$;
comment on function platform.check_entries is 'Trigger: refuses entries that do not sum to zero in each unit.';
create trigger check_entries after insert on platform.ledger_entries
  referencing new table as new_entries for each statement execute function platform.check_entries();

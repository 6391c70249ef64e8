-- The rows that belong to a payout: its bank account and its lines.

-- A payout keeps a copy of its bank account: a supplier who changes the IBAN does not redirect payouts already made.
create table leads.payout_accounts (
  payout_id uuid primary key references leads.payouts (id) on delete cascade,
  holder text not null,
  sealed_iban text not null,
  bic text
);
alter table leads.payout_accounts enable row level security;
comment on table leads.payout_accounts is
  'The account that each payout goes to, as of the payout. Readable with the operators'' key only.';
create policy select_nobody on leads.payout_accounts for select to anon, authenticated using (false);
grant select on leads.payout_accounts to service_role;

-- The lines of a payout stay recorded if the bank refuses it and another payout takes the same earnings.
create table leads.payout_lines (
  payout_id uuid not null references leads.payouts (id) on delete cascade,
  earning_id uuid not null references leads.earnings (id),
  primary key (payout_id, earning_id)
);
alter table leads.payout_lines enable row level security;
create index payout_lines_earning on leads.payout_lines (earning_id);
create trigger append_only before update or truncate on leads.payout_lines for each statement
  execute function platform.refuse_change();
comment on table leads.payout_lines is 'Append-only: the earnings that each payout was made of.';
create policy select_own_or_admin on leads.payout_lines for select to authenticated using (
  (select platform.has_role('leads', 'admin')) or exists (
    select from leads.payouts p where p.id = payout_id and p.supplier_id = (select leads.my_supplier_id())));
grant select on leads.payout_lines to authenticated, service_role;

create function leads.keep_payout()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new.status <> old.status and (old.status, new.status) not in (('pending', 'completed'), ('pending', 'failed'),
    ('completed', 'failed'))
    or (new.id, new.supplier_id, new.amount_cents, new.transfer_reference) is distinct from (old.id, old.supplier_id,
      old.amount_cents, old.transfer_reference)
  then
    perform platform.fail(409, 'payout_settled', 'Ce virement ne se modifie plus.');
  end if;
  return new;
end;
$$;
comment on function leads.keep_payout is
  'Trigger: limits the status changes of a payout and keeps its supplier, amount and references unchanged.';
create trigger keep_payout before update on leads.payouts for each row execute function leads.keep_payout();

-- An account that the bank has sent a transfer back from, as closed, wrong, blocked or of somebody who died, is held: nothing
-- more goes to it until its supplier has given another, or an admin has validated it anew. It is known by what was sealed, so
-- that what is on its way to it stays held when there is another; the same IBAN given again is one that somebody has looked at.
create table leads.held_accounts (
  sealed_iban text primary key,
  supplier_id uuid not null references leads.suppliers (id) on delete cascade,
  iban_mask text not null,
  code text not null check (code ~ '^[A-Z0-9]{4}$'),
  held_at timestamptz not null default now()
);
alter table leads.held_accounts enable row level security;
create index held_accounts_supplier on leads.held_accounts (supplier_id);
comment on table leads.held_accounts is 'Bank accounts that are not paid to, since the bank has sent a transfer back. Read by the operators'' key alone.';
comment on column leads.held_accounts.code is 'The bank''s reason (ISO 20022): AC04, closed account.';
select platform.audit('leads.held_accounts', '{sealed_iban,iban_mask}', 'supplier_id');
create policy select_nobody on leads.held_accounts for select to anon, authenticated using (false);
grant select on leads.held_accounts to service_role;

-- The codes of ISO's list that are about the account that is paid to; others are about the payer, the file, or the day.
create function leads.account_fault(code text)
returns text
language sql
immutable
strict
set search_path = ''
as $$
  select '{"AC01": "numéro de compte faux", "AC03": "numéro de compte faux", "AC04": "compte clos", "AC06": "compte bloqué", "AC07": "compte clos",
    "AC14": "compte d''un autre genre", "AC15": "coordonnées bancaires changées", "AG01": "compte qui ne reçoit pas de virement",
    "BE06": "titulaire inconnu de la banque", "MD07": "titulaire décédé", "RC01": "BIC faux", "RC04": "BIC faux", "CNOR": "banque inconnue"}'::jsonb ->> code;
$$;
comment on function leads.account_fault is 'What a bank''s reason says of the account that was paid to; null where it says nothing of it.';

-- The code begins what the bank says, or stands in brackets.
create function leads.hold_account(payout leads.payouts, reason text)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_code text := substring(upper(reason) from '^(?:.*\()?\s*([A-Z]{2}[A-Z0-9]{2})\M');
  v_fault text := leads.account_fault(v_code);
begin
  if v_fault is null then return null; end if;
  insert into leads.held_accounts (sealed_iban, supplier_id, iban_mask, code)
  select a.sealed_iban, payout.supplier_id, payout.iban_mask, v_code from leads.payout_accounts a
  where a.payout_id = payout.id
  on conflict do nothing;
  if not found then return v_fault; end if;
  perform platform.notify(m.user_id, 'leads', 'warning', 'Compte bancaire retenu',
      format(
        '%s (%s) : la banque a renvoyé le virement %s du compte %s (%s : %s). Rien n''y part plus avant un autre IBAN ou une nouvelle validation.',
        s.company, s.reference, payout.transfer_reference, payout.iban_mask, v_code, v_fault), s.id)
    from platform.memberships m, leads.suppliers s
    where m.system = 'leads' and m.role = 'admin' and m.status = 'active' and s.id = payout.supplier_id;
  return v_fault;
end;
$$;
comment on function leads.hold_account is 'Holds the account that a payout came back from, if the bank''s reason is about it, and tells the admins; what is wrong with it.';

-- For the supplier: his account as people see it, and whether anything stands in its way.
create function leads.own_account()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_account jsonb;
begin
  perform platform.require_role('leads', 'fournisseur');
  select jsonb_build_object('id', s.reference, 'iban', s.iban_mask, 'bic', a.bic, 'status', s.status,
    'validated', coalesce(a.validated, false),
    'held', case when h.code is not null
      then jsonb_build_object('code', h.code, 'message', leads.account_fault(h.code),
        'since', platform.iso_timestamp(h.held_at)) end)
    into v_account
  from leads.suppliers s
  left join leads.supplier_accounts a on a.supplier_id = s.id
  left join leads.held_accounts h on h.sealed_iban = a.sealed_iban
  where s.id = leads.my_supplier_id();
  if v_account is null then perform platform.fail(404, 'supplier_not_found', 'Ce fournisseur n''existe pas.'); end if;
  return v_account;
end;
$$;
comment on function leads.own_account is 'The bank account of the supplier who asks, masked, and why it is held if it is.';
grant execute on function leads.own_account to authenticated, service_role;

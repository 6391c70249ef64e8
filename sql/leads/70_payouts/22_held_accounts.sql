-- A bank account from which a transfer came back (closed, wrong, blocked, holder deceased) is held: no payout goes to
-- it until the supplier enters another account or an admin validates it again. A held account is identified by its
-- sealed IBAN, so that payouts already addressed to it stay held when the supplier changes accounts; the same IBAN
-- entered again has been checked by somebody.
create table leads.held_accounts (
  sealed_iban text primary key,
  supplier_id uuid not null references leads.suppliers (id) on delete cascade,
  iban_mask text not null,
  code text not null check (code ~ '^[A-Z0-9]{4}$'),
  held_at timestamptz not null default now()
);
alter table leads.held_accounts enable row level security;
create index held_accounts_supplier on leads.held_accounts (supplier_id);
comment on table leads.held_accounts is
  'Bank accounts that are not paid because the bank returned a transfer. Readable with the operators'' key only.';
comment on column leads.held_accounts.code is 'The bank''s reason code (ISO 20022), for example AC04, closed account.';
select platform.audit('leads.held_accounts', '{sealed_iban,iban_mask}', 'supplier_id');
create policy select_nobody on leads.held_accounts for select to anon, authenticated using (false);
grant select on leads.held_accounts to service_role;

-- ISO reason codes about the payee's account; all other codes concern the payer, the file or the date.
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
comment on function leads.account_fault is
  'The fault of the payee''s account by a bank''s reason code; null if the code is about something else.';

-- The code is at the beginning of the bank's text, or in brackets.
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
comment on function leads.hold_account is
  'Holds the account of a returned payout if the bank''s reason is about the account, and notifies the admins; '
  'returns the fault.';

-- For the supplier: the own account, masked, and the reason why payouts to it are held.
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
comment on function leads.own_account is 'The calling supplier''s bank account, masked, and the reason if it is held.';
grant execute on function leads.own_account to authenticated, service_role;

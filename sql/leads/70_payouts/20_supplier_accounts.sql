-- The bank account of a supplier. The IBAN is stored only in encrypted form, sealed by the functions with a key that
-- this database does not have; people see the mask, which is stored with the supplier.
create table leads.supplier_accounts (
  supplier_id uuid primary key references leads.suppliers (id) on delete cascade,
  sealed_iban text not null check (sealed_iban ~ '^v1\.'),
  fingerprint text check (length(fingerprint) <= 100),
  bic text check (platform.is_bic(bic)),
  validated boolean not null,
  changed_by uuid,
  changed_at timestamptz not null default now()
);
alter table leads.supplier_accounts enable row level security;
comment on table leads.supplier_accounts is
  'The bank account of each supplier. Readable with the operators'' key only.';
comment on column leads.supplier_accounts.sealed_iban is
  'AES-256-GCM, bound to the supplier: a sealed IBAN copied to another supplier cannot be decrypted.';
comment on column leads.supplier_accounts.fingerprint is
  'A keyed hash of the IBAN: it shows that two suppliers use the same account without revealing the number.';
comment on column leads.supplier_accounts.validated is
  'True if an admin has checked or entered the account; other accounts are not paid.';
comment on column leads.supplier_accounts.changed_by is 'The user who entered the account; null for the operators.';
-- The audit log identifies an account by its fingerprint only: a sealed IBAN in the log could be decrypted for as long
-- as the log is kept.
select platform.audit('leads.supplier_accounts', '{sealed_iban}');
create policy select_nobody on leads.supplier_accounts for select to anon, authenticated using (false);
grant select on leads.supplier_accounts to service_role;

create function leads.supplier_of(id text)
returns leads.suppliers
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_supplier leads.suppliers;
  v_uuid uuid;
begin
  if pg_input_is_valid(id, 'uuid') then v_uuid := id; end if;
  select s.* into v_supplier from leads.suppliers s
  where s.reference = supplier_of.id or s.id = v_uuid
    or s.email <> '' and lower(s.email) = lower(supplier_of.id)
  order by s.reference = supplier_of.id desc limit 1;
  if v_supplier.id is null then
    perform platform.fail(404, 'supplier_not_found', 'Ce fournisseur n''existe pas.');
  end if;
  return v_supplier;
end;
$$;
comment on function leads.supplier_of is
  'The supplier with the given API id: reference, uuid or e-mail. 404 if there is none.';

create function leads.account_problems(iban text, bic text)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('field', p.field, 'code', p.code, 'message', p.message)), '[]')
  from (
    select 'iban' as field, i.code, case i.code
      when 'required' then 'L''IBAN est obligatoire.'
      when 'unknown_country' then 'Ce pays n''a pas d''IBAN.'
      when 'invalid_length' then 'Cet IBAN n''a pas la longueur de ceux de son pays.'
      when 'invalid_check_digits' then 'La clé de cet IBAN est fausse : vérifiez la saisie.'
      when 'not_sepa' then 'Ce pays n''est pas dans la zone SEPA.'
      else 'Ce n''est pas un IBAN.' end as message
    from (select coalesce(platform.iban_problem(iban),
      case when not platform.is_sepa_iban(iban) then 'not_sepa' end) as code) i
    where i.code is not null
    union all
    select 'bic', 'invalid_format', 'Ce n''est pas un BIC : 8 ou 11 caractères.' where not platform.is_bic(bic)
    union all
    select 'bic', 'required', 'Hors de l''Espace économique européen, le BIC est obligatoire.'
    where bic is null and platform.needs_bic(iban)
  ) p;
$$;
comment on function leads.account_problems is
  'Validation errors of a bank account, one per field; the messages do not repeat the values.';

-- The functions call this before they seal an IBAN: it checks the caller's rights and the IBAN, and returns the mask.
create function leads.check_account(supplier leads.suppliers, iban text, bic text)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_bic text := nullif(upper(btrim(bic)), '');
  v_problems jsonb := leads.account_problems(iban, v_bic);
begin
  -- A volatile function called by GET runs in a read-only transaction: the IBAN would be in the URL.
  if current_setting('transaction_read_only')::boolean then
    perform platform.fail(405, 'method_not_allowed',
      'Un IBAN ne s''écrit pas dans une adresse, que les journaux gardent : envoyez-le par POST.');
  end if;
  perform platform.refuse_fields(v_problems);
  return jsonb_build_object('supplierId', supplier.id, 'iban', platform.compact_iban(iban), 'bic', v_bic,
    'mask', platform.mask_iban(iban),
    'changedBy', auth.uid());
end;
$$;

create function leads.check_own_account(iban text, bic text)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_supplier leads.suppliers;
begin
  perform platform.require_role('leads', 'fournisseur');
  select s.* into v_supplier from leads.suppliers s where s.id = leads.my_supplier_id();
  if v_supplier.id is null then
    perform platform.fail(404, 'supplier_not_found', 'Ce fournisseur n''existe pas.');
  end if;
  return leads.check_account(v_supplier, iban, bic);
end;
$$;

create function leads.check_account_of(id text, iban text, bic text)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin');
  return leads.check_account(leads.supplier_of(id), iban, bic);
end;
$$;
comment on function leads.check_account is
  'Normalises a bank account and returns it with its mask; 422 if it is invalid, 405 if it was called by GET.';
comment on function leads.check_own_account is 'check_account for the calling supplier.';
comment on function leads.check_account_of is 'check_account for an admin and any supplier.';

-- An account entered by the supplier is not validated until an admin checks it; an account entered by an admin is.
create function leads.keep_account(supplier_id uuid, sealed_iban text, bic text, mask text, changed_by uuid,
  validated boolean, fingerprint text default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_supplier leads.suppliers;
begin
  update leads.suppliers s set
    iban_mask = mask,
    status = case when s.status = 'active' and not validated then 'pending_validation' else s.status end
  where s.id = keep_account.supplier_id returning s.* into v_supplier;
  if v_supplier.id is null then
    perform platform.fail(404, 'supplier_not_found', 'Ce fournisseur n''existe pas.');
  end if;
  insert into leads.supplier_accounts as a (supplier_id, sealed_iban, fingerprint, bic, validated, changed_by)
  values (v_supplier.id, keep_account.sealed_iban, keep_account.fingerprint, keep_account.bic, keep_account.validated,
    keep_account.changed_by)
  on conflict on constraint supplier_accounts_pkey do update set sealed_iban = excluded.sealed_iban,
    fingerprint = excluded.fingerprint, bic = excluded.bic, validated = excluded.validated,
    changed_by = excluded.changed_by, changed_at = now();
  if v_supplier.user_id is not null then
    perform platform.notify(v_supplier.user_id, 'leads', 'warning', 'IBAN modifié',
      'Vos virements iront désormais sur le compte ' || mask
        || '. Si ce changement ne vient pas de vous, contactez-nous.');
  end if;
  return jsonb_build_object('id', v_supplier.reference, 'iban', v_supplier.iban_mask, 'status', v_supplier.status);
end;
$$;
comment on function leads.keep_account is 'Stores a sealed IBAN with its mask, and notifies the supplier.';

-- Activating a supplier validates the bank account. The supplier may have changed the account since the admin looked
-- at it: the admin sends the mask seen, and an account with another mask is refused.
create function leads.set_supplier_status(id text, status text, iban text default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_supplier leads.suppliers;
begin
  perform platform.require_role('leads', 'admin');
  v_supplier := leads.supplier_of(id);
  -- The user account and the supplier have the same status: a suspended supplier is not paid and cannot sign in.
  if v_supplier.user_id is not null then
    perform platform.change_member_status(v_supplier.user_id, 'leads', set_supplier_status.status);
  end if;
  select s.* into v_supplier from leads.suppliers s where s.id = v_supplier.id for no key update;
  if iban <> coalesce(v_supplier.iban_mask, '') then
    perform platform.fail(409, 'iban_changed', 'L''IBAN de ce fournisseur a changé : vérifiez le nouveau.');
  end if;
  if status = 'active' then
    update leads.supplier_accounts a set validated = true where a.supplier_id = v_supplier.id and not a.validated;
    delete from leads.held_accounts h using leads.supplier_accounts a
    where a.supplier_id = v_supplier.id and h.sealed_iban = a.sealed_iban;
  end if;
  update leads.suppliers s set status = set_supplier_status.status
  where s.id = v_supplier.id and s.status <> set_supplier_status.status;
  return jsonb_build_object('id', v_supplier.reference, 'iban', v_supplier.iban_mask,
    'status', set_supplier_status.status);
end;
$$;
comment on function leads.set_supplier_status is
  'Validates or suspends a supplier, with or without a user account. iban: the mask of the account being validated; '
  '409 if the account has changed.';
grant execute on function leads.check_own_account, leads.check_account_of,
  leads.set_supplier_status to authenticated, service_role;
grant execute on function leads.keep_account to service_role;

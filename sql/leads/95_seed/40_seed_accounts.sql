-- The mock files have only masks of bank accounts. To make payouts work in the demo, each supplier gets a fictitious
-- account that matches the mask, at a bank that does not exist, the same in every run.

create function leads.demo_iban(mask text)
returns text
language sql
stable
set search_path = ''
as $$
  select candidate from generate_series(1, 200) n,
    lateral (select left(mask, 4) || '99999' || '00001' || lpad(n::text, 9, '0') || right(mask, 4) as candidate) c
  where mask ~ '^FR[0-9]{2} •••• •••• •••• [0-9]{4}$' and platform.iban_problem(candidate) is null
  order by n limit 1;
$$;
comment on function leads.demo_iban is 'A fictitious IBAN that matches the mask; null if none does.';

create function leads.demo_accounts()
returns table (supplier_id uuid, iban text)
language sql
stable
security definer
set search_path = ''
as $$
  select s.id, leads.demo_iban(s.iban_mask) from leads.suppliers s
  join leads.seeded_rows r on r.relation = 'leads.suppliers' and r.row_id = s.id
  where leads.demo_iban(s.iban_mask) is not null
    and not exists (select from leads.supplier_accounts a where a.supplier_id = s.id);
$$;
comment on function leads.demo_accounts is
  'The mock suppliers that have no bank account yet, with fictitious accounts for the CLI to seal.';

create function leads.keep_demo_account(supplier_id uuid, sealed_iban text)
returns void
language sql
security definer
set search_path = ''
as $$
  insert into leads.supplier_accounts (supplier_id, sealed_iban, validated)
  select s.id, keep_demo_account.sealed_iban, s.status = 'active' from leads.suppliers s
  where s.id = keep_demo_account.supplier_id;
  insert into leads.payout_accounts (payout_id, holder, sealed_iban)
  select p.id, s.company, keep_demo_account.sealed_iban
  from leads.payouts p join leads.suppliers s on s.id = p.supplier_id
  where p.supplier_id = keep_demo_account.supplier_id and p.iban_mask = s.iban_mask
  on conflict do nothing;
$$;
comment on function leads.keep_demo_account is
  'Stores a sealed demo account for a mock supplier and the supplier''s payouts.';
grant execute on function leads.demo_accounts, leads.keep_demo_account to service_role;

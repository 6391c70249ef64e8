-- The front end's mock files as the state of the database: after a seed, each endpoint answers with the content of its
-- file. Records become rows; totals that the rows do not explain become opening figures. Loading the same folder again
-- changes nothing; another folder replaces the rows of the former one, and no others.

create table leads.seeds (
  id uuid primary key default platform.uuid_v7(),
  fingerprint text not null,
  created_at timestamptz not null default now()
);
alter table leads.seeds enable row level security;
comment on table leads.seeds is 'The folders of mock files that were loaded, by fingerprint.';

create table leads.seeded_rows (
  relation text not null,
  row_id uuid not null,
  primary key (relation, row_id)
);
alter table leads.seeded_rows enable row level security;
comment on table leads.seeded_rows is 'The rows that the last seed created.';

create policy select_admin on leads.seeds for select to authenticated
  using ((select platform.has_role('leads', 'admin')));
create policy select_admin on leads.seeded_rows for select to authenticated
  using ((select platform.has_role('leads', 'admin')));
grant select on leads.seeds, leads.seeded_rows to authenticated, service_role;

create function leads.remove_seed()
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_relation text;
begin
  if exists (select from leads.payouts p join leads.seeded_rows r on r.relation = 'leads.payouts' and r.row_id = p.id
    where p.settled_at is not null) then
    raise foreign_key_violation;
  end if;
  -- The ledger deletes nothing, so opening balances are closed by reverse transfers. If some of an opening balance has
  -- been spent, the reversal fails and the seed stays.
  perform platform.reverse_transfer(t.id, 'opening_closed', t.key) from platform.ledger_transfers t
    where t.system = 'leads' and t.kind = 'opening' and not exists (select from platform.ledger_transfers r
      where r.reverses = t.id);
  delete from leads.earnings e where e.kind = 'opening';
  -- A seeded sale is identified by its lead: a lead sold in the mock files is sold to nobody else.
  delete from leads.sales s using leads.seeded_rows r where r.relation = 'leads.sales' and r.row_id = s.lead_id;
  foreach v_relation in array array['leads.calls', 'leads.leads', 'leads.imports', 'leads.payouts',
    'leads.transactions', 'leads.payments',
    'platform.notifications', 'leads.credit_packs', 'leads.credit_offers', 'leads.credit_rules',
    'leads.score_features', 'leads.suppliers']
  loop
    execute format('delete from %s t using leads.seeded_rows r where r.relation = %L and r.row_id = t.id',
      v_relation, v_relation);
  end loop;
  delete from leads.seeded_rows;
  delete from platform.opening_figures o where o.system = 'leads';
  update leads.sectors set position = null where position is not null;
  update leads.regions set position = null where position is not null;
  update platform.profiles set reference = null
    where reference is not null and exists (select from platform.memberships m
      where m.user_id = profiles.id and m.system = 'leads');
exception
  when foreign_key_violation or sqlstate 'PT402' then
    perform platform.fail(409, 'seed_in_use',
      'Des données réelles s''appuient sur celles de démonstration : utilisez une base neuve.');
end;
$$;
comment on function leads.remove_seed is 'Removes the rows of the last seed; refused if real rows depend on them.';

-- The first record of a file gets the newest key, because lists show the newest first.
create function leads.seed_key(base timestamptz, place bigint)
returns uuid
language sql
volatile
set search_path = ''
as $$ select platform.uuid_v7(base - place * interval '1 millisecond'); $$;

create function leads.cents(euros jsonb)
returns bigint
language sql
immutable
set search_path = ''
as $$ select round((euros #>> '{}')::numeric * 100)::bigint; $$;

create function leads.seed_people(files jsonb, accounts jsonb, base timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_user jsonb;
  v_role text;
  v_id uuid;
begin
  update platform.profiles set first_name = 'Admin', last_name = 'Leads Provider', company = 'Leads Provider'
    where id = (accounts ->> 'admin@leads-provider.fr')::uuid;
  insert into platform.memberships (user_id, system, role)
    values ((accounts ->> 'admin@leads-provider.fr')::uuid, 'leads', 'admin') on conflict do nothing;

  for v_role, v_user in select * from jsonb_each(files -> 'users') loop
    v_id := (accounts ->> (v_user ->> 'email'))::uuid;
    update platform.profiles set reference = v_user ->> 'id', email = v_user ->> 'email',
      first_name = v_user ->> 'firstName', last_name = v_user ->> 'lastName',
      company = v_user ->> 'company', phone = v_user ->> 'phone', avatar = v_user ->> 'avatar',
      created_at = leads.written_time(v_user ->> 'createdAt')
      where id = v_id;
    insert into platform.memberships (user_id, system, role) values (v_id, 'leads', v_role) on conflict do nothing;
  end loop;

  insert into leads.buyers (user_id, preferred_sectors, preferred_regions)
  select (accounts ->> (b ->> 'email'))::uuid,
    array(select jsonb_array_elements_text(b -> 'preferredSectors')),
    array(select jsonb_array_elements_text(b -> 'preferredRegions'))
  from (select files -> 'users' -> 'acheteur' as b) buyer
  on conflict (user_id) do update set preferred_sectors = excluded.preferred_sectors,
    preferred_regions = excluded.preferred_regions;

  insert into leads.suppliers (id, reference, user_id, contact_name, company, email, iban_mask,
    last_payment_date, status)
  select leads.seed_key(base, n), g ->> 'id', (accounts ->> (g ->> 'email'))::uuid, g ->> 'fournisseur',
    g ->> 'company', g ->> 'email', g ->> 'iban',
    (g ->> 'lastPaymentDate')::date, g ->> 'status'
  from jsonb_array_elements(files -> 'fournisseurGains' -> 'gains') with ordinality as gains (g, n);

  -- Suppliers that only other files mention.
  perform platform.skip_references('leads.supplier_numbers', (select array_agg(reference) from leads.suppliers));
  insert into leads.suppliers (user_id, contact_name, company, email, iban_mask, status)
  select (accounts ->> (f ->> 'email'))::uuid, concat_ws(' ', f ->> 'firstName', f ->> 'lastName'), f ->> 'company',
    f ->> 'email', f ->> 'iban', 'active'
  from (select files -> 'users' -> 'fournisseur' as f) supplier
  where not exists (select from leads.suppliers s where s.email = f ->> 'email');
  insert into leads.suppliers (contact_name, company, email, status)
  select distinct i ->> 'fournisseur', i ->> 'company', '', 'active'
  from jsonb_array_elements(files -> 'adminImports') i
  where not exists (select from leads.suppliers s
    where s.contact_name = i ->> 'fournisseur' and s.company = i ->> 'company');

  if exists (select from leads.suppliers s, (select files -> 'users' -> 'fournisseur' as f) u
    where s.email = f ->> 'email' and s.iban_mask is distinct from f ->> 'iban') then
    perform platform.fail(400, 'seed_mismatch',
      'users.json fournisseur.iban : différent de celui de fournisseur-gains.json.');
  end if;
end;
$$;
comment on function leads.seed_people is 'Creates the profiles, roles, suppliers and buyers of the mock files.';

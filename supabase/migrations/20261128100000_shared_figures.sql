-- What any system needs leaves leads for platform, with its rows.
-- Moves leads.rollups to platform.rollups
-- Moves leads.opening_figures to platform.opening_figures
-- Moves leads.invoice_counters to platform.document_numbers
-- Moves leads.work_rules to platform.settings
-- Drops platform.rate_limits: the counters of a window that nothing counted by.

-- A payout's transaction was found by its text; from now on by its key.
alter table leads.payouts add column transaction_id uuid unique references leads.transactions (id);
update leads.payouts p set transaction_id = t.id from leads.transactions t
where t.type = 'fournisseur_payment' and t.description = 'Virement ' || p.transfer_reference;

-- The statements of the guarded accounts, from their first entry. The entries are append-only but for this once.
alter table platform.ledger_entries add column number bigint, add column balance bigint,
  add constraint numbered_with_balance check ((number is null) = (balance is null));
alter table platform.ledger_balances add column entries bigint not null default 0;
alter table platform.ledger_entries disable trigger append_only;
with numbered as (
  select e.transfer_id, e.account_id, row_number() over w as number, sum(e.amount) over w as balance
  from platform.ledger_entries e join platform.ledger_balances b on b.account_id = e.account_id and b.guarded
  window w as (partition by e.account_id order by e.transfer_id)
)
update platform.ledger_entries e set number = n.number, balance = n.balance from numbered n
where n.transfer_id = e.transfer_id and n.account_id = e.account_id;
alter table platform.ledger_entries enable trigger append_only;
update platform.ledger_balances b set entries = (select count(*) from platform.ledger_entries e where e.account_id = b.account_id)
where b.guarded;

alter type leads.figure set schema platform;
alter function leads.ever() set schema platform;

drop policy select_admin on leads.rollups;
alter table leads.rollups set schema platform;
alter table platform.rollups add column system text not null default 'leads';
alter table platform.rollups alter column system drop default, drop constraint rollups_pkey,
  add primary key (system, metric, subject, month, slot);

drop policy select_admin on leads.opening_figures;
alter table leads.opening_figures set schema platform;
alter table platform.opening_figures add column system text not null default 'leads';
alter table platform.opening_figures alter column system drop default, drop constraint opening_figures_pkey,
  add primary key (system, figure, subject, month);

-- A system has a row of its own, and its roles say which of them administers.
create table platform.systems (
  system text primary key check (system ~ '^[a-z][a-z0-9]*$'),
  on_member text check (on_member ~ '^[a-z_0-9]+\.[a-z_0-9]+$'),
  member_details text check (member_details ~ '^[a-z_0-9]+\.[a-z_0-9]+$'),
  account_details text check (account_details ~ '^[a-z_0-9]+\.[a-z_0-9]+$'),
  account_named text check (account_named ~ '^[a-z_0-9]+\.[a-z_0-9]+$')
);
alter table platform.systems enable row level security;
comment on table platform.systems is 'The business systems, and the functions that each of them has for the platform to call.';
comment on column platform.systems.on_member is
  '(user_id uuid, role text, event text): makes what goes with a role. The event is registered, granted, suspended or reactivated.';
comment on column platform.systems.member_details is
  '(user_ids uuid[]) → (user_id, details jsonb): what an admin''s list shows of members besides. A status in it counts in the place of active.';
comment on column platform.systems.account_details is '(user_ids uuid[]) → (user_id, details jsonb): what a person is told about himself besides.';
comment on column platform.systems.account_named is '(identifier text) → uuid: whom an identifier that is no e-mail address names, such as a telephone.';
create policy select_nobody on platform.systems for select to anon, authenticated using (false);
insert into platform.systems (system) select distinct r.system from platform.system_roles r;
update platform.systems set on_member = 'leads.on_member', member_details = 'leads.member_details' where system = 'leads';
alter table platform.system_roles add column administers boolean not null default false, add column rank integer not null default 0;
update platform.system_roles r set administers = r.role = 'admin',
  rank = case r.role when 'admin' then 1 when 'agent' then 2 when 'fournisseur' then 3 else 4 end;

-- A source without proof of consent counted for every supplier who wrote its name. Which supplier was meant nobody has said:
-- an admin names him and the source again.
update leads.work_rules r set value = jsonb_set(r.value, '{sourcesWithoutConsent}', '[]') where r.name = 'calling' and r.value -> 'sourcesWithoutConsent' <> '[]';

-- The numbers of documents, by system.
alter table leads.invoices drop constraint invoices_series_year_fkey;
drop policy select_admin on leads.invoice_counters;
alter table leads.invoice_counters set schema platform;
alter table platform.invoice_counters rename to document_numbers;
alter table platform.document_numbers add column system text not null default 'leads';
alter table platform.document_numbers alter column system drop default, drop constraint invoice_counters_pkey,
  add primary key (system, series, year);

-- The rules of work are settings of their system.
create table platform.settings (
  id uuid not null unique default platform.uuid_v7(),
  system text not null references platform.systems (system),
  section text not null check (section ~ '^[a-z][a-z0-9_]*$'),
  value jsonb not null,
  description text not null,
  problems text check (problems ~ '^[a-z_0-9]+\.[a-z_0-9]+$'),
  is_open boolean not null default false,
  version integer not null default 1,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  primary key (system, section),
  constraint open_ones_are_checked check (problems is not null or not is_open)
);
insert into platform.settings (system, section, value, description, problems, updated_at)
select 'leads', r.name, r.value, case r.name when 'calling'
  then 'Quand on appelle (1 est lundi, 7 dimanche ; heures du lieu où vit la personne), combien de fois la même personne, au bout de combien de jours '
    'après un refus, et pour quelles sources de quels fournisseurs sans preuve de consentement (« - » : sans source)'
  else r.description end, case r.name when 'calling' then 'leads.calling_problems'
  when 'vat_percent' then 'leads.vat_percent_problems' when 'seller' then 'leads.seller_form_problems' end, r.updated_at
from leads.work_rules r;

-- Operating parameters that an admin may change without a release.
create table leads.work_rules (
  name text primary key,
  value jsonb not null,
  description text not null,
  updated_at timestamptz not null default now()
);
alter table leads.work_rules enable row level security;
create trigger touch before update on leads.work_rules for each row execute function platform.touch();
comment on table leads.work_rules is 'Parameters of qualification and sale, one value each.';

create policy select_admin on leads.work_rules for select to authenticated
  using ((select platform.has_role('leads', 'admin')));
create policy update_admin on leads.work_rules for update to authenticated
  using ((select platform.has_role('leads', 'admin'))) with check ((select platform.has_role('leads', 'admin')));
grant select, update (value) on leads.work_rules to authenticated;
grant select, insert, update, delete on leads.work_rules to service_role;

insert into leads.work_rules (name, value, description) values
  ('reservation_minutes', '15', 'Durée pendant laquelle un lead est réservé à l''agent qui l''a reçu, en minutes'),
  ('import_invalid_percent', '90',
    'Part de lignes refusées au-delà de laquelle un fichier attend la décision d''un administrateur, en % ; null : jamais'),
  ('import_platform_days', '90',
    'Un lead d''un autre fournisseur plus ancien que cela ne fait plus d''une ligne un doublon, en jours ; null : toujours un doublon'),
  ('import_sold_days', '365',
    'Une personne achetée depuis moins longtemps que cela ne peut pas revenir par un autre fournisseur, en jours ; null : jamais'),
  ('import_undo_days', '30',
    'Durée pendant laquelle un import peut être annulé, en jours ; ensuite ce que ses leads étaient avant lui est oublié ; null : toujours'),
  ('consent_required_for_sale', 'false', 'Si un lead sans preuve de consentement ne peut pas être vendu');

create function leads.work_rule(name text)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$ begin return (select r.value from leads.work_rules r where r.name = work_rule.name); end; $$;
comment on function leads.work_rule is 'The value of a parameter, by its name.';

create function leads.days_ago(rule text)
returns timestamptz
language sql
stable
set search_path = ''
as $$ select now() - make_interval(days => (leads.work_rule(rule) #>> '{}')::integer); $$;
comment on function leads.days_ago is
  'The start of the period given by a parameter in days; null if the period is unlimited.';

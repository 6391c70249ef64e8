-- What the daily work goes by: figures that an admin may change without a release. None is open: a function of its own knows
-- what else must hold, or there is none yet.
insert into platform.settings (system, section, value, description) values
  ('leads', 'reservation_minutes', '15', 'Durée pendant laquelle un lead est réservé à l''agent qui l''a reçu, en minutes'),
  ('leads', 'import_invalid_percent', '90', 'Part de lignes refusées au-delà de laquelle un fichier attend la décision d''un administrateur, en % ; null : jamais'),
  ('leads', 'import_platform_days', '90', 'Un lead d''un autre fournisseur plus ancien que cela ne fait plus d''une ligne un doublon, en jours ; null : toujours un doublon'),
  ('leads', 'import_sold_days', '365', 'Une personne achetée depuis moins longtemps que cela ne peut pas revenir par un autre fournisseur, en jours ; null : jamais'),
  ('leads', 'import_undo_days', '30', 'Durée pendant laquelle un import peut être annulé, en jours ; ensuite ce que ses leads étaient avant lui est oublié ; null : toujours'),
  ('leads', 'consent_required_for_sale', 'false', 'Si un lead sans preuve de consentement ne peut pas être vendu');

create function leads.work_rule(name text)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$ begin return platform.setting('leads', name); end; $$;
comment on function leads.work_rule is 'The value of a rule, by its name.';

create function leads.days_ago(rule text)
returns timestamptz
language sql
stable
set search_path = ''
as $$ select now() - make_interval(days => (leads.work_rule(rule) #>> '{}')::integer); $$;
comment on function leads.days_ago is
  'The start of the period given by a parameter in days; null if the period is unlimited.';

-- Leads Provider: a marketplace of sales leads. Tables live here; what the API publishes is in `public`.
create schema leads;
comment on schema leads is 'Leads Provider: the tables and the rules. Never exposed by the API.';
grant usage on schema leads to anon, authenticated, service_role;

insert into platform.system_roles (system, role, self_registration, description) values
  ('leads', 'admin', false, 'Super-administrateur : accès total'),
  ('leads', 'fournisseur', true, 'Fournit les leads'),
  ('leads', 'agent', false, 'Qualifie les leads par téléphone'),
  ('leads', 'acheteur', true, 'Achète des leads');

-- The business day and month are those of Paris, wherever the server stands.
create function leads.month_of(at timestamptz)
returns date
language plpgsql
immutable
parallel safe
set search_path = ''
as $$ begin return date_trunc('month', at at time zone 'Europe/Paris')::date; end; $$;

create function leads.today()
returns date
language plpgsql
stable
parallel safe
set search_path = ''
as $$ begin return (now() at time zone 'Europe/Paris')::date; end; $$;

create function leads.month_label(month date)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$
  select (array['Jan', 'Fév', 'Mar', 'Avr', 'Mai', 'Juin', 'Juil', 'Août', 'Sep', 'Oct', 'Nov', 'Déc'])[extract(month from month)::integer];
$$;

-- Money is integer cents inside; the documents show euros as JSON numbers (199, 4.9).
create function leads.euros(cents numeric)
returns numeric
language plpgsql
immutable
parallel safe
set search_path = ''
as $$ begin return trim_scale(cents / 100); end; $$;
grant execute on function leads.month_of, leads.today, leads.month_label, leads.euros to anon, authenticated, service_role;

create function leads.amount_text(cents bigint)
returns text
language sql
immutable
set search_path = ''
as $$ select translate(to_char(cents / 100.0, 'FM999G999G999G990D00'), ',.', E'\u00a0,'); $$;
comment on function leads.amount_text is 'An amount as the French write it: 1 234,50.';

-- PostgreSQL answers a write to a view over several tables with SQLSTATE 55000, before it asks for a right, and PostgREST
-- makes 500 of that. With a trigger the missing right is what is said: 401 or 403.
create function leads.refuse_write()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform platform.fail(405, 'read_only', 'Cette liste ne peut qu''être lue.');
end;
$$;
comment on function leads.refuse_write is 'Trigger of views that are only read.';

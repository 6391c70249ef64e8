-- Leads Provider, a marketplace of sales leads. This schema holds the tables; the schema `public` holds what the API
-- publishes.
create schema leads;
comment on schema leads is 'Leads Provider: tables and rules. Never exposed by the API.';
grant usage on schema leads to anon, authenticated, service_role;

insert into platform.system_roles (system, role, self_registration, description) values
  ('leads', 'admin', false, 'Super-administrateur : accès total'),
  ('leads', 'fournisseur', true, 'Fournit les leads'),
  ('leads', 'agent', false, 'Qualifie les leads par téléphone'),
  ('leads', 'acheteur', true, 'Achète des leads');

-- Leads Provider: a marketplace of sales leads. Tables live here; what the API publishes is in `public`.
create schema leads;
comment on schema leads is 'Leads Provider: the tables and the rules. Never exposed by the API.';
grant usage on schema leads to anon, authenticated, service_role;

insert into platform.system_roles (system, role, self_registration, description) values
  ('leads', 'admin', false, 'Super-administrateur : accès total'),
  ('leads', 'fournisseur', true, 'Fournit les leads'),
  ('leads', 'agent', false, 'Qualifie les leads par téléphone'),
  ('leads', 'acheteur', true, 'Achète des leads');

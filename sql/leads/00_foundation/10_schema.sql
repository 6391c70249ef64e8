-- Leads Provider: a marketplace of sales leads. Tables live here; what the API publishes is in `public`.
create schema leads;
comment on schema leads is 'Leads Provider: the tables and the rules. Never exposed by the API.';
grant usage on schema leads to anon, authenticated, service_role;

insert into platform.system_roles (system, role, administers, self_registration, description) values
  ('leads', 'admin', true, false, 'Super-administrateur : accès total'),
  ('leads', 'fournisseur', false, true, 'Fournit les leads'),
  ('leads', 'agent', false, false, 'Qualifie les leads par téléphone'),
  ('leads', 'acheteur', false, true, 'Achète des leads');

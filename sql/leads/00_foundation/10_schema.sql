-- Leads Provider, a marketplace of sales leads. This schema holds the tables; the schema `public` holds what the API
-- publishes.
create schema leads;
comment on schema leads is 'Leads Provider: tables and rules. Never exposed by the API.';
grant usage on schema leads to anon, authenticated, service_role;

insert into platform.systems (system, on_member, member_details) values ('leads', 'leads.on_member', 'leads.member_details');
insert into platform.system_roles (system, role, administers, rank, self_registration, description) values
  ('leads', 'admin', true, 1, false, 'Super-administrateur : accès total'),
  ('leads', 'agent', false, 2, false, 'Qualifie les leads par téléphone'),
  ('leads', 'fournisseur', false, 3, true, 'Fournit les leads'),
  ('leads', 'acheteur', false, 4, true, 'Achète des leads');

-- The sectors and regions that leads may have, and the spellings that mean the same. An import that writes
-- « energie solaire » or « PV » finds « Énergie Solaire » here, and nowhere else.
create table leads.sectors (
  name text primary key,
  folded text not null generated always as (platform.fold(name)) stored,
  color text not null default '#8a94a6',
  position integer
);
alter table leads.sectors enable row level security;
comment on table leads.sectors is 'The sectors of the catalogue. position: always listed in the statistics, in this order.';

create table leads.regions (
  name text primary key,
  folded text not null generated always as (platform.fold(name)) stored,
  position integer
);
alter table leads.regions enable row level security;
comment on table leads.regions is 'The regions of the catalogue. position: always listed in the statistics, in this order.';

create table leads.spellings (
  kind text not null check (kind in ('sector', 'region')),
  folded text not null,
  name text not null,
  primary key (kind, folded)
);
alter table leads.spellings enable row level security;
comment on table leads.spellings is 'Other spellings, folded (no accents, lower case), and the name they stand for.';

create index sectors_folded on leads.sectors (folded);
create index regions_folded on leads.regions (folded);

create policy select_everyone on leads.sectors for select to anon, authenticated using (true);
create policy select_everyone on leads.regions for select to anon, authenticated using (true);
create policy select_staff on leads.spellings for select to authenticated using ((select platform.has_role('leads', 'admin')));
grant select on leads.sectors, leads.regions to anon, authenticated, service_role;
grant select on leads.spellings to authenticated, service_role;

insert into leads.sectors (name, color) values
  ('Énergie Solaire', '#fd7958'), ('Isolation', '#344a5e'), ('Pompe à Chaleur', '#4ecdc4'), ('Rénovation', '#f7b731'),
  ('Assurance', '#5f27cd'), ('Mutuelle Santé', '#26de81'), ('Finance', '#2d98da'), ('Immobilier', '#eb3b5a'),
  ('Formation', '#a55eea'), ('Télécom', '#20bf6b'), ('Automobile', '#778ca3'), ('Services B2B', '#3867d6');

insert into leads.regions (name) values
  ('Auvergne-Rhône-Alpes'), ('Bourgogne-Franche-Comté'), ('Bretagne'), ('Centre-Val de Loire'), ('Corse'), ('Grand Est'),
  ('Hauts-de-France'), ('Île-de-France'), ('Normandie'), ('Nouvelle-Aquitaine'), ('Occitanie'), ('PACA'), ('Pays de la Loire'),
  ('Guadeloupe'), ('Martinique'), ('Guyane'), ('La Réunion'), ('Mayotte');

insert into leads.spellings (kind, folded, name) values
  ('sector', 'solaire', 'Énergie Solaire'), ('sector', 'photovoltaique', 'Énergie Solaire'), ('sector', 'panneaux solaires', 'Énergie Solaire'),
  ('sector', 'pv', 'Énergie Solaire'), ('sector', 'solar', 'Énergie Solaire'), ('sector', 'solar energy', 'Énergie Solaire'),
  ('sector', 'isolation thermique', 'Isolation'), ('sector', 'insulation', 'Isolation'), ('sector', 'ite', 'Isolation'),
  ('sector', 'pac', 'Pompe à Chaleur'), ('sector', 'pompes a chaleur', 'Pompe à Chaleur'), ('sector', 'heat pump', 'Pompe à Chaleur'),
  ('sector', 'renovation energetique', 'Rénovation'), ('sector', 'travaux', 'Rénovation'), ('sector', 'insurance', 'Assurance'),
  ('sector', 'assurances', 'Assurance'), ('sector', 'mutuelle', 'Mutuelle Santé'), ('sector', 'sante', 'Mutuelle Santé'),
  ('sector', 'health insurance', 'Mutuelle Santé'), ('sector', 'real estate', 'Immobilier'), ('sector', 'training', 'Formation'),
  ('sector', 'telecoms', 'Télécom'), ('sector', 'auto', 'Automobile'), ('sector', 'b2b', 'Services B2B'),
  ('region', 'provence-alpes-cote d''azur', 'PACA'), ('region', 'provence alpes cote d''azur', 'PACA'), ('region', 'sud', 'PACA'),
  ('region', 'idf', 'Île-de-France'), ('region', 'ile de france', 'Île-de-France'), ('region', 'paris', 'Île-de-France'),
  ('region', 'rhone-alpes', 'Auvergne-Rhône-Alpes'), ('region', 'auvergne rhone alpes', 'Auvergne-Rhône-Alpes'), ('region', 'aura', 'Auvergne-Rhône-Alpes'),
  ('region', 'bourgogne franche comte', 'Bourgogne-Franche-Comté'), ('region', 'centre', 'Centre-Val de Loire'),
  ('region', 'centre val de loire', 'Centre-Val de Loire'), ('region', 'alsace', 'Grand Est'), ('region', 'lorraine', 'Grand Est'),
  ('region', 'grand-est', 'Grand Est'), ('region', 'nord-pas-de-calais', 'Hauts-de-France'), ('region', 'hauts de france', 'Hauts-de-France'),
  ('region', 'nouvelle aquitaine', 'Nouvelle-Aquitaine'), ('region', 'aquitaine', 'Nouvelle-Aquitaine'), ('region', 'pays-de-la-loire', 'Pays de la Loire'),
  ('region', 'reunion', 'La Réunion'), ('region', 'guyane francaise', 'Guyane');

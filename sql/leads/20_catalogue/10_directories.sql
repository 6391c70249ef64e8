-- The sectors and regions of leads, with their alternative spellings: this directory alone maps « energie solaire » or
-- « PV » in an import to « Énergie Solaire ».

-- « île de france », « Ile-de-France » and « ILE DE FRANCE » have the same key.
create function leads.name_key(name text)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$ begin return btrim(regexp_replace(platform.fold(name), '[^a-z0-9]+', ' ', 'g')); end; $$;
comment on function leads.name_key is 'The comparison key of a name: its letters and digits.';

-- « Panneaux photovoltaïques » and « panneau photovoltaïque » have the same key.
create function leads.directory_key(name text)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$ begin return regexp_replace(leads.name_key(name), '([a-z]{2})[sx](?= |$)', '\1', 'g'); end; $$;
comment on function leads.directory_key is
  'The comparison key of a sector''s or region''s name: its words, in the singular.';

create table leads.sectors (
  name text primary key,
  folded text not null generated always as (platform.fold(name)) stored,
  key text not null generated always as (leads.directory_key(name)) stored,
  color text not null default '#8a94a6',
  position integer
);
alter table leads.sectors enable row level security;
comment on table leads.sectors is
  'The sectors of the catalogue. A sector with a position is always listed in the statistics, in that order.';

create table leads.regions (
  name text primary key,
  folded text not null generated always as (platform.fold(name)) stored,
  key text not null generated always as (leads.directory_key(name)) stored,
  position integer,
  time_zone text not null,
  own_holidays text[] not null
);
alter table leads.regions enable row level security;
comment on table leads.regions is
  'The regions of the catalogue. A region with a position is always listed in the statistics, in that order.';
comment on column leads.regions.own_holidays is
  'Public holidays in addition to those of the whole country: MM-DD, or an offset from Easter Sunday (Easter-2). A '
  'holiday of a part of the region applies to all of it.';

-- Each overseas region has its own time zone, and its own holiday for the abolition of slavery (loi 83-550, décret
-- 83-1003) or other days; in Alsace and Moselle Good Friday and 26 December are holidays. The trigger sets these for
-- every region that is added.
create function leads.place_region()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_place record;
begin
  select p.* into v_place
  from (values
    ('guadeloupe', 'America/Guadeloupe', '{05-27}'::text[]), ('martinique', 'America/Martinique', '{05-22}'),
    ('guyane', 'America/Cayenne', '{06-10}'),
    ('la reunion', 'Indian/Reunion', '{12-20}'), ('mayotte', 'Indian/Mayotte', '{04-27}'),
    ('saint barthelemy', 'America/St_Barthelemy', '{10-09}'),
    ('saint martin', 'America/Marigot', '{05-28}'), ('saint pierre et miquelon', 'America/Miquelon', '{}'),
    ('nouvelle caledonie', 'Pacific/Noumea', '{09-24}'), ('polynesie', 'Pacific/Tahiti', '{03-05,06-29,11-20}'),
    ('polynesie francaise', 'Pacific/Tahiti', '{03-05,06-29,11-20}'),
    ('wallis et futuna', 'Pacific/Wallis', '{04-28,06-29,07-29}'),
    ('grand est', 'Europe/Paris', '{12-26,Easter-2}'), ('alsace', 'Europe/Paris', '{12-26,Easter-2}')
  ) p (name, time_zone, own_holidays) where p.name = leads.name_key(new.name);
  new.time_zone := coalesce(new.time_zone, v_place.time_zone, 'Europe/Paris');
  new.own_holidays := coalesce(new.own_holidays, v_place.own_holidays, '{}');
  return new;
end;
$$;
comment on function leads.place_region is
  'Trigger: sets the time zone and holidays of a new region, unless they are given.';
create trigger place_region before insert on leads.regions for each row execute function leads.place_region();

create table leads.spellings (
  kind text not null check (kind in ('sector', 'region')),
  folded text not null,
  name text not null,
  key text not null generated always as (leads.directory_key(folded)) stored,
  primary key (kind, folded)
);
alter table leads.spellings enable row level security;
comment on table leads.spellings is
  'Alternative spellings, folded (no accents, lower case), with the name they stand for.';

create index sectors_folded on leads.sectors (folded);
create index regions_folded on leads.regions (folded);
create index sectors_key on leads.sectors (key);
create index regions_key on leads.regions (key);
create index spellings_key on leads.spellings (kind, key);

create policy select_everyone on leads.sectors for select to anon, authenticated using (true);
create policy select_everyone on leads.regions for select to anon, authenticated using (true);
create policy select_staff on leads.spellings for select to authenticated
  using ((select platform.has_role('leads', 'admin')));
grant select on leads.sectors, leads.regions to anon, authenticated, service_role;
grant select on leads.spellings to authenticated, service_role;

insert into leads.sectors (name, color) values
  ('Énergie Solaire', '#fd7958'), ('Isolation', '#344a5e'), ('Pompe à Chaleur', '#4ecdc4'), ('Rénovation', '#f7b731'),
  ('Assurance', '#5f27cd'), ('Mutuelle Santé', '#26de81'), ('Finance', '#2d98da'), ('Immobilier', '#eb3b5a'),
  ('Formation', '#a55eea'), ('Télécom', '#20bf6b'), ('Automobile', '#778ca3'), ('Services B2B', '#3867d6');

insert into leads.regions (name) values
  ('Auvergne-Rhône-Alpes'), ('Bourgogne-Franche-Comté'), ('Bretagne'), ('Centre-Val de Loire'),
  ('Corse'), ('Grand Est'),
  ('Hauts-de-France'), ('Île-de-France'), ('Normandie'), ('Nouvelle-Aquitaine'), ('Occitanie'), ('PACA'),
  ('Pays de la Loire'),
  ('Guadeloupe'), ('Martinique'), ('Guyane'), ('La Réunion'), ('Mayotte');

insert into leads.spellings (kind, folded, name) values
  ('sector', 'solaire', 'Énergie Solaire'), ('sector', 'photovoltaique', 'Énergie Solaire'),
  ('sector', 'panneaux solaires', 'Énergie Solaire'),
  ('sector', 'pv', 'Énergie Solaire'), ('sector', 'solar', 'Énergie Solaire'),
  ('sector', 'solar energy', 'Énergie Solaire'),
  ('sector', 'isolation thermique', 'Isolation'), ('sector', 'insulation', 'Isolation'),
  ('sector', 'ite', 'Isolation'),
  ('sector', 'pac', 'Pompe à Chaleur'), ('sector', 'pompes a chaleur', 'Pompe à Chaleur'),
  ('sector', 'heat pump', 'Pompe à Chaleur'),
  ('sector', 'renovation energetique', 'Rénovation'), ('sector', 'travaux', 'Rénovation'),
  ('sector', 'insurance', 'Assurance'),
  ('sector', 'assurances', 'Assurance'), ('sector', 'mutuelle', 'Mutuelle Santé'),
  ('sector', 'sante', 'Mutuelle Santé'),
  ('sector', 'health insurance', 'Mutuelle Santé'), ('sector', 'real estate', 'Immobilier'),
  ('sector', 'training', 'Formation'),
  ('sector', 'telecoms', 'Télécom'), ('sector', 'auto', 'Automobile'), ('sector', 'b2b', 'Services B2B'),
  ('region', 'provence-alpes-cote d''azur', 'PACA'), ('region', 'provence alpes cote d''azur', 'PACA'),
  ('region', 'sud', 'PACA'),
  ('region', 'idf', 'Île-de-France'), ('region', 'ile de france', 'Île-de-France'),
  ('region', 'paris', 'Île-de-France'),
  ('region', 'rhone-alpes', 'Auvergne-Rhône-Alpes'), ('region', 'auvergne rhone alpes', 'Auvergne-Rhône-Alpes'),
  ('region', 'aura', 'Auvergne-Rhône-Alpes'),
  ('region', 'bourgogne franche comte', 'Bourgogne-Franche-Comté'), ('region', 'centre', 'Centre-Val de Loire'),
  ('region', 'centre val de loire', 'Centre-Val de Loire'), ('region', 'alsace', 'Grand Est'),
  ('region', 'lorraine', 'Grand Est'),
  ('region', 'grand-est', 'Grand Est'), ('region', 'nord-pas-de-calais', 'Hauts-de-France'),
  ('region', 'hauts de france', 'Hauts-de-France'),
  ('region', 'nouvelle aquitaine', 'Nouvelle-Aquitaine'), ('region', 'aquitaine', 'Nouvelle-Aquitaine'),
  ('region', 'pays-de-la-loire', 'Pays de la Loire'),
  ('region', 'reunion', 'La Réunion'), ('region', 'guyane francaise', 'Guyane'),
  ('sector', 'panneau solaire photovoltaique', 'Énergie Solaire'),
  ('sector', 'panneau photovoltaique', 'Énergie Solaire'),
  ('sector', 'photovoltaic', 'Énergie Solaire'), ('sector', 'solaire photovoltaique', 'Énergie Solaire'),
  ('sector', 'solar panel', 'Énergie Solaire'),
  ('sector', 'centrale solaire', 'Énergie Solaire'), ('sector', 'autoconsommation', 'Énergie Solaire'),
  ('sector', 'energies renouvelables', 'Énergie Solaire'),
  ('sector', 'isolation exterieure', 'Isolation'), ('sector', 'iti', 'Isolation'), ('sector', 'combles', 'Isolation'),
  ('sector', 'pac air eau', 'Pompe à Chaleur'), ('sector', 'pac air air', 'Pompe à Chaleur'),
  ('sector', 'pompe chaleur', 'Pompe à Chaleur'),
  ('sector', 'pac hybride', 'Pompe à Chaleur'), ('sector', 'pac geothermique', 'Pompe à Chaleur'),
  ('sector', 'travaux de renovation', 'Rénovation'), ('sector', 'home improvement', 'Rénovation'),
  ('sector', 'habitat', 'Rénovation'),
  ('sector', 'mutuelle senior', 'Mutuelle Santé'), ('sector', 'complementaire sante', 'Mutuelle Santé'),
  ('sector', 'assurance sante', 'Mutuelle Santé'),
  ('sector', 'assurance maladie complementaire', 'Mutuelle Santé'),
  ('sector', 'mutuelle entreprise', 'Mutuelle Santé'), ('sector', 'mutuelle tns', 'Mutuelle Santé'),
  ('sector', 'prevoyance', 'Assurance'), ('sector', 'credit', 'Finance'), ('sector', 'credit immobilier', 'Finance'),
  ('sector', 'rachat de credit', 'Finance'),
  ('sector', 'regroupement de credit', 'Finance'), ('sector', 'pret', 'Finance'),
  ('sector', 'pret immobilier', 'Finance'), ('sector', 'banque', 'Finance'),
  ('sector', 'investissement', 'Finance'), ('sector', 'placement', 'Finance'), ('sector', 'epargne', 'Finance'),
  ('sector', 'defiscalisation', 'Finance'),
  ('sector', 'patrimoine', 'Finance'), ('sector', 'gestion de patrimoine', 'Finance'),
  ('sector', 'financement', 'Finance'),
  ('sector', 'immo', 'Immobilier'), ('sector', 'immobiliere', 'Immobilier'),
  ('sector', 'achat immobilier', 'Immobilier'), ('sector', 'pinel', 'Immobilier'),
  ('sector', 'cpf', 'Formation'), ('sector', 'education', 'Formation'),
  ('sector', 'formation professionnelle', 'Formation'),
  ('sector', 'telecommunication', 'Télécom'), ('sector', 'telephonie', 'Télécom'),
  ('sector', 'box internet', 'Télécom'), ('sector', 'fibre', 'Télécom'),
  ('sector', 'voiture', 'Automobile'), ('sector', 'car', 'Automobile'), ('sector', 'automotive', 'Automobile'),
  ('sector', 'auto moto', 'Automobile'),
  ('sector', 'services aux entreprises', 'Services B2B'), ('sector', 'service entreprise', 'Services B2B'),
  ('sector', 'btob', 'Services B2B'),
  ('sector', 'b to b', 'Services B2B'),
  -- Regions before the reform of 2016, English names, ISO 3166-2 codes and common spellings.
  ('region', 'auvergne', 'Auvergne-Rhône-Alpes'), ('region', 'auvergne et rhone alpes', 'Auvergne-Rhône-Alpes'),
  ('region', 'ara', 'Auvergne-Rhône-Alpes'),
  ('region', 'bourgogne', 'Bourgogne-Franche-Comté'), ('region', 'franche-comte', 'Bourgogne-Franche-Comté'),
  ('region', 'bfc', 'Bourgogne-Franche-Comté'),
  ('region', 'bourgogne et franche comte', 'Bourgogne-Franche-Comté'),
  ('region', 'burgundy', 'Bourgogne-Franche-Comté'),
  ('region', 'brittany', 'Bretagne'), ('region', 'bzh', 'Bretagne'), ('region', 'cvl', 'Centre-Val de Loire'),
  ('region', 'centre loire', 'Centre-Val de Loire'),
  ('region', 'corsica', 'Corse'), ('region', 'collectivite de corse', 'Corse'),
  ('region', 'champagne-ardenne', 'Grand Est'), ('region', 'champagne', 'Grand Est'),
  ('region', 'acal', 'Grand Est'), ('region', 'alsace champagne ardenne lorraine', 'Grand Est'),
  ('region', 'hdf', 'Hauts-de-France'),
  ('region', 'picardie', 'Hauts-de-France'), ('region', 'nord-pas-de-calais-picardie', 'Hauts-de-France'),
  ('region', 'npdc', 'Hauts-de-France'),
  ('region', 'nord pas de calais et picardie', 'Hauts-de-France'), ('region', 'picardy', 'Hauts-de-France'),
  ('region', 'region parisienne', 'Île-de-France'),
  ('region', 'paris region', 'Île-de-France'), ('region', 'greater paris', 'Île-de-France'),
  ('region', 'paris ile de france', 'Île-de-France'),
  ('region', 'basse-normandie', 'Normandie'), ('region', 'haute-normandie', 'Normandie'),
  ('region', 'normandy', 'Normandie'),
  ('region', 'lower normandy', 'Normandie'), ('region', 'upper normandy', 'Normandie'),
  ('region', 'limousin', 'Nouvelle-Aquitaine'), ('region', 'poitou-charentes', 'Nouvelle-Aquitaine'),
  ('region', 'new aquitaine', 'Nouvelle-Aquitaine'),
  ('region', 'aquitaine limousin poitou charentes', 'Nouvelle-Aquitaine'), ('region', 'alpc', 'Nouvelle-Aquitaine'),
  ('region', 'midi-pyrenees', 'Occitanie'), ('region', 'languedoc-roussillon', 'Occitanie'),
  ('region', 'languedoc', 'Occitanie'),
  ('region', 'languedoc roussillon midi pyrenees', 'Occitanie'), ('region', 'occitania', 'Occitanie'),
  ('region', 'occitanie pyrenees mediterranee', 'Occitanie'),
  ('region', 'sud paca', 'PACA'), ('region', 'provence', 'PACA'), ('region', 'region sud', 'PACA'),
  ('region', 'sud provence alpes cote d''azur', 'PACA'),
  ('region', 'cote d''azur', 'PACA'), ('region', 'p a c a', 'PACA'), ('region', 'french riviera', 'PACA'),
  ('region', 'provence alpes cote azur', 'PACA'),
  ('region', 'pays de loire', 'Pays de la Loire'), ('region', 'pdl', 'Pays de la Loire'),
  ('region', 'pays loire', 'Pays de la Loire'),
  ('region', 'ile de la reunion', 'La Réunion'), ('region', 'reunion island', 'La Réunion'),
  ('region', 'ile reunion', 'La Réunion'),
  ('region', 'french guiana', 'Guyane'), ('region', 'ile de mayotte', 'Mayotte'),
  ('region', 'fr ara', 'Auvergne-Rhône-Alpes'), ('region', 'fr bfc', 'Bourgogne-Franche-Comté'),
  ('region', 'fr bre', 'Bretagne'),
  ('region', 'fr cvl', 'Centre-Val de Loire'), ('region', 'fr 20r', 'Corse'), ('region', 'fr cor', 'Corse'),
  ('region', 'fr ges', 'Grand Est'),
  ('region', 'fr hdf', 'Hauts-de-France'), ('region', 'fr idf', 'Île-de-France'), ('region', 'fr nor', 'Normandie'),
  ('region', 'fr naq', 'Nouvelle-Aquitaine'),
  ('region', 'fr occ', 'Occitanie'), ('region', 'fr pac', 'PACA'), ('region', 'fr pdl', 'Pays de la Loire'),
  ('region', 'fr gp', 'Guadeloupe'),
  ('region', 'fr mq', 'Martinique'), ('region', 'fr gf', 'Guyane'), ('region', 'fr re', 'La Réunion'),
  ('region', 'fr yt', 'Mayotte');

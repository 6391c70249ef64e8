-- Credit packs and pricing rules, as an admin configures them. Every version of them is kept.
create sequence leads.pack_numbers;
create table leads.credit_packs (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default 'pack-' || nextval('leads.pack_numbers'),
  name text not null,
  credits integer not null check (credits > 0),
  price_cents bigint not null check (price_cents >= 0),
  price_per_credit_cents numeric not null,
  bonus integer not null default 0 check (bonus >= 0),
  popular boolean not null default false,
  active boolean not null default true,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table leads.credit_packs enable row level security;
create trigger touch before update on leads.credit_packs for each row execute function platform.touch();
comment on table leads.credit_packs is 'Credit packs, as the admin configures them.';
create policy select_admin on leads.credit_packs for select to authenticated
  using ((select platform.has_role('leads', 'admin')));
select platform.audit('leads.credit_packs');
select platform.keep_versions('leads.credit_packs');

-- The offer to buyers is a published copy of the configured packs; each change of a pack publishes it again.
create table leads.credit_offers (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique,
  name text not null,
  credits integer not null check (credits > 0),
  price_cents bigint not null check (price_cents >= 0),
  bonus integer not null default 0 check (bonus >= 0),
  popular boolean not null default false
);
alter table leads.credit_offers enable row level security;
comment on table leads.credit_offers is 'The packs on offer to buyers.';
create policy select_buyer_or_admin on leads.credit_offers for select to authenticated
  using ((select platform.has_role('leads', 'acheteur')) or (select platform.has_role('leads', 'admin')));

create function leads.publish_offer()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' or not new.active then
    delete from leads.credit_offers where reference = coalesce(new.reference, old.reference);
    return null;
  end if;
  insert into leads.credit_offers (id, reference, name, credits, price_cents, bonus, popular)
  values (new.id, new.reference, new.name, new.credits, new.price_cents, new.bonus, new.popular)
  on conflict (reference) do update set name = excluded.name, credits = excluded.credits,
    price_cents = excluded.price_cents, bonus = excluded.bonus, popular = excluded.popular;
  return null;
end;
$$;
create trigger publish_offer after insert or update or delete on leads.credit_packs
  for each row execute function leads.publish_offer();

-- The pricing rules that the sale applies. A configured rule is matched to its kind by its name.
create table leads.rule_kinds (
  kind text primary key,
  name text not null unique,
  description text not null,
  unit text not null,
  minimum integer not null,
  maximum integer not null,
  default_value integer not null,
  when_inactive integer not null
);
alter table leads.rule_kinds enable row level security;
comment on table leads.rule_kinds is
  'For each kind of pricing rule: its meaning, its limits, and the value that applies when no rule is configured.';
create policy select_admin on leads.rule_kinds for select to authenticated
  using ((select platform.has_role('leads', 'admin')));
insert into leads.rule_kinds (kind, name, description, unit, minimum, maximum, default_value, when_inactive) values
  ('price_standard', 'Prix par lead standard', 'Coût en crédits pour l''achat d''un lead standard', 'crédits',
    0, 1000000, 5, 5),
  ('price_exclusive', 'Prix par lead exclusif', 'Coût en crédits pour l''achat d''un lead exclusif', 'crédits', 0,
    1000000, 12, 12),
  ('buyers_per_shared_lead', 'Acheteurs par lead partagé',
    'Nombre d''acheteurs auxquels un lead partagé peut être vendu', 'acheteurs', 1, 1000, 3, 1),
  ('supplier_share', 'Commission fournisseur', 'Part du prix de vente versée au fournisseur', '%', 0, 100, 60, 60),
  ('return_window', 'Délai de retour', 'Délai pendant lequel un lead invalide peut être remboursé',
    'jours', 0, 365, 7, 0),
  ('welcome_bonus', 'Bonus de bienvenue', 'Crédits offerts à l''inscription d''un acheteur', 'crédits',
    0, 1000000, 0, 0),
  ('credit_value', 'Valeur d''un crédit', 'Ce qui est dû au fournisseur au plus, par crédit que l''acheteur dépense',
    '€', 0, 1000000, 3, 1000000),
  ('bonus_earnings_budget', 'Budget des crédits offerts',
    'Ce que les crédits offerts rapportent au plus aux fournisseurs, par mois', '€', 0, 1000000, 0, 0),
  ('age_decay', 'Décote d''ancienneté',
    'Baisse du prix par tranche de 30 jours depuis la création du lead, ou depuis que la personne l''a laissé',
    '%', 0, 100, 0, 0);

create sequence leads.rule_numbers;
create table leads.credit_rules (
  id uuid primary key default platform.uuid_v7(),
  reference text not null unique default 'rule-' || nextval('leads.rule_numbers'),
  name text not null,
  description text not null,
  value numeric not null,
  unit text not null,
  active boolean not null default true,
  kind text unique references leads.rule_kinds (kind),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table leads.credit_rules enable row level security;
create trigger touch before update on leads.credit_rules for each row execute function platform.touch();
comment on table leads.credit_rules is 'Prices and conditions, as the admin configures them.';
create policy select_admin on leads.credit_rules for select to authenticated
  using ((select platform.has_role('leads', 'admin')));
select platform.audit('leads.credit_rules');
select platform.keep_versions('leads.credit_rules');

create function leads.recognise_rule()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  new.kind := (select k.kind from leads.rule_kinds k where platform.fold(k.name) = platform.fold(new.name));
  return new;
end;
$$;
comment on function leads.recognise_rule is 'Trigger: sets the kind of a configured rule from its name.';
create trigger recognise before insert on leads.credit_rules for each row execute function leads.recognise_rule();

-- All pricing rules in force now. A sale is priced by them and keeps a copy.
create function leads.rules_in_force()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return (select jsonb_object_agg(k.kind, jsonb_build_object('rule', r.reference, 'version', r.version,
    'value', case when r.id is null then k.default_value when r.active then r.value else k.when_inactive end))
  from leads.rule_kinds k left join leads.credit_rules r on r.kind = k.kind);
end;
$$;
comment on function leads.rules_in_force is
  '{kind: {rule, version, value}}; rule and version are null where the default value applies.';

create function leads.rule(kind text)
returns numeric
language sql
stable
security definer
set search_path = ''
as $$ select (leads.rules_in_force() -> kind ->> 'value')::numeric; $$;
comment on function leads.rule is 'The value of a pricing rule in force now.';

grant select on leads.credit_packs, leads.credit_offers, leads.rule_kinds,
  leads.credit_rules to authenticated, service_role;

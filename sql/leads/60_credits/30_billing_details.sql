-- Who is on an invoice. The seller's identity and the rate of VAT are rules that an admin sets; a buyer says how he wants to
-- be named, and until he does it is by his profile. What an invoice was made with, it keeps.
create function leads.vat_percent_problems(value jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select case when platform.is_number(value, 0, 100, 2) then '[]'
    else platform.field_problem('vatPercent', 'invalid_value', 'Le taux de TVA est un nombre de 0 à 100.') end;
$$;
comment on function leads.vat_percent_problems is 'What is wrong with a rate of VAT.';

create function leads.seller_form_problems(value jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('field', 'seller.' || w, 'code', 'required', 'message', 'Ce champ est attendu, vide s''il le faut.')), '[]')
  from unnest(array['name', 'address', 'siret', 'vatNumber']) w where not coalesce(value ? w, false);
$$;
comment on function leads.seller_form_problems is 'What is not even said of the seller; what an invoice of him would lack is another question.';

insert into platform.settings (system, section, value, description, problems) values
  ('leads', 'vat_percent', '20', 'Taux de TVA des packs de crédits, compris dans leur prix, en %', 'leads.vat_percent_problems'),
  ('leads', 'vat_on_debits', 'false', 'Le vendeur a opté pour le paiement de la TVA d''après les débits', null),
  ('leads', 'seller', '{"name": "Leads Provider", "address": null, "siret": null, "vatNumber": null}',
    'Identité du vendeur sur les factures : nom, adresse, SIRET, numéro de TVA. Rien ne se vend tant qu''il en manque', 'leads.seller_form_problems');

create table leads.billing_details (
  buyer_id uuid primary key references platform.profiles (id) on delete cascade,
  name text not null,
  address text not null,
  delivery_address text,
  siret text check (platform.siret_problem(siret) is null),
  vat_number text check (platform.vat_number_problem(vat_number) is null),
  updated_at timestamptz not null default now()
);
alter table leads.billing_details enable row level security;
create trigger touch before update on leads.billing_details for each row execute function platform.touch();
create trigger clean_texts before insert or update on leads.billing_details
  for each row execute function platform.clean_texts('name', 'address', 'delivery_address', 'siret', 'vat_number');
comment on table leads.billing_details is 'The identity that a buyer wants on invoices.';
comment on column leads.billing_details.delivery_address is
  'The delivery address, if it differs from the invoice address.';
create policy select_own_or_admin on leads.billing_details for select to authenticated
  using (buyer_id = (select auth.uid()) or (select platform.has_role('leads', 'admin')));
grant select on leads.billing_details to authenticated, service_role;
select platform.audit('leads.billing_details', '{name,address,delivery_address,siret,vat_number}');

create function leads.identity_problems(identity jsonb, prefix text, wanted text[])
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('field', prefix || field, 'code', p.code,
    'message', case p.code when 'invalid_check_digits' then 'La clé de ce numéro est fausse : vérifiez la saisie.'
      else message end)), '[]')
  from (values
    ('name', case when not platform.is_text(identity -> 'name', 200) then 'invalid_value' end,
      'Le nom compte de 1 à 200 caractères.'),
    ('address', case when not platform.is_text(identity -> 'address', 500) then 'invalid_value' end,
      'L''adresse compte de 1 à 500 caractères.'),
    ('deliveryAddress', case when not platform.is_text(identity -> 'deliveryAddress', 500) then 'invalid_value' end,
      'L''adresse compte de 1 à 500 caractères.'),
    ('siret', platform.siret_problem(identity ->> 'siret'), 'Un SIRET compte 14 chiffres.'),
    ('vatNumber', platform.vat_number_problem(identity ->> 'vatNumber'),
      'Un numéro de TVA commence par le code du pays, et a la forme de ceux du pays : FR44732829320.')
  ) as checked (field, problem, message)
  cross join lateral (select case when coalesce(identity -> field, 'null') <> 'null' then problem
    when field = any (wanted) then 'required' end as code) p
  where p.code is not null;
$$;
comment on function leads.identity_problems is
  'Validation errors of a party named on an invoice, one per field; only the wanted fields are required.';

-- A seller with a VAT rate of 0 is under the « franchise en base » (art. 293 B) and may have no VAT number.
create function leads.seller_problems(seller jsonb, vat_percent jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select leads.identity_problems(seller, 'seller.',
    array['name', 'address', 'siret'] || case when vat_percent = '0' then '{}' else array['vatNumber'] end);
$$;
comment on function leads.seller_problems is
  'Validation errors that keep the seller from issuing an invoice, one per field.';

create function leads.write_billing_details(given jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'acheteur');
  if jsonb_typeof(given) is distinct from 'object' then
    perform platform.fail(400, 'invalid_body', 'Des coordonnées de facturation sont attendues.');
  end if;
  perform platform.refuse_fields(leads.identity_problems(given, '', array['name', 'address'])
    || leads.body_problems(given, array['name', 'address', 'deliveryAddress', 'siret', 'vatNumber']));
  insert into leads.billing_details as d (buyer_id, name, address, delivery_address, siret, vat_number)
  values (auth.uid(), platform.trimmed(given ->> 'name'), platform.trimmed(given ->> 'address'),
    platform.trimmed(given ->> 'deliveryAddress'), platform.compact_number(given ->> 'siret'),
    platform.compact_number(given ->> 'vatNumber'))
  on conflict (buyer_id) do update set name = excluded.name, address = excluded.address,
    delivery_address = excluded.delivery_address, siret = excluded.siret, vat_number = excluded.vat_number;
end;
$$;
comment on function leads.write_billing_details is 'Sets the caller''s billing details for future invoices.';

create function leads.write_billing_settings(given jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_fields constant text[] := array['name', 'address', 'siret', 'vatNumber'];
  v_seller jsonb;
begin
  perform platform.require_role('leads', 'admin');
  if jsonb_typeof(given) is distinct from 'object' or jsonb_typeof(coalesce(given -> 'seller', '{}')) <> 'object' then
    perform platform.fail(400, 'invalid_body', 'Des réglages de facturation sont attendus.');
  end if;
  v_seller := leads.work_rule('seller') || coalesce(given -> 'seller', '{}');
  perform platform.refuse_fields(
    case when given ? 'vatPercent' then leads.vat_percent_problems(given -> 'vatPercent') else '[]' end
    || case when given ? 'vatOnDebits' and jsonb_typeof(given -> 'vatOnDebits') <> 'boolean'
      then platform.field_problem('vatOnDebits', 'invalid_value', 'L''option pour les débits est vraie ou fausse.')
        else '[]' end
    || case when given ? 'seller' then leads.seller_problems(v_seller,
      coalesce(given -> 'vatPercent', leads.work_rule('vat_percent'))) else '[]' end
    || leads.body_problems(coalesce(given -> 'seller', '{}'), v_fields)
    || leads.body_problems(given, array['vatPercent', 'vatOnDebits', 'seller']));
  v_seller := v_seller || jsonb_build_object('name', platform.clean_text(v_seller ->> 'name'), 'address', platform.clean_text(v_seller ->> 'address', true),
    'siret', platform.compact_number(v_seller ->> 'siret'), 'vatNumber', platform.compact_number(v_seller ->> 'vatNumber'));
  update platform.settings r set value = g.value
  from (values ('seller', case when given ? 'seller' then v_seller end), ('vat_percent', given -> 'vatPercent'), ('vat_on_debits', given -> 'vatOnDebits')) as g (section, value)
  where r.system = 'leads' and r.section = g.section and g.value is not null;
end;
$$;
comment on function leads.write_billing_settings is
  'Sets the seller and the VAT rate for future invoices; for an admin.';

-- The demo needs a seller before anything can be sold: it uses a fictitious company where no seller is configured.
create function leads.keep_demo_seller()
returns void
language sql
security definer
set search_path = ''
as $$
  update platform.settings r set value = r.value || '{"address": "1 rue de la Démonstration\n75000 Paris", "siret": "99999999800019", "vatNumber": "FR11999999998"}'
  where r.system = 'leads' and r.section = 'seller' and r.value ->> 'siret' is null;
$$;
comment on function leads.keep_demo_seller is 'Gives the demo a fictitious seller, if none is configured.';

create function public.billing_details()
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'acheteur');
  return coalesce(
    (select jsonb_build_object('name', d.name, 'address', d.address, 'deliveryAddress', d.delivery_address,
      'siret', d.siret, 'vatNumber', d.vat_number)
      from leads.billing_details d where d.buyer_id = auth.uid()),
    (select jsonb_build_object('name', coalesce(nullif(p.company, ''), btrim(p.first_name || ' ' || p.last_name)),
        'address', null, 'deliveryAddress', null, 'siret', null, 'vatNumber', null)
      from platform.profiles p where p.id = auth.uid()));
end;
$$;
comment on function public.billing_details is 'GET /api/billing/details: the caller''s billing details.';

create function public.billing_details_change(details jsonb)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform leads.write_billing_details(details);
  return public.billing_details();
end;
$$;
comment on function public.billing_details_change is
  'PUT /api/billing/details: sets the caller''s billing details for future invoices; 400 lists the invalid fields.';

create function leads.read_billing_settings()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin');
  return (select jsonb_build_object('vatPercent', v.percent, 'vatOnDebits', leads.work_rule('vat_on_debits'), 'seller', v.seller,
      'missing', (select coalesce(jsonb_agg(p -> 'field'), '[]') from jsonb_array_elements(leads.seller_problems(v.seller, v.percent)) p))
    from (select leads.work_rule('vat_percent') as percent, leads.work_rule('seller') as seller) v);
end;
$$;
comment on function leads.read_billing_settings is
  'The seller, the VAT rate and the seller''s missing fields; for an admin.';

create function public.admin_billing_settings()
returns jsonb language sql stable security invoker set search_path = ''
as $$ select leads.read_billing_settings(); $$;
comment on function public.admin_billing_settings is
  'GET /api/admin/billing-settings: the seller and the VAT rate on invoices. missing: the fields that the seller '
  'must complete before anything can be sold.';

create function public.admin_billing_settings_change(settings jsonb)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform leads.write_billing_settings(settings);
  return public.admin_billing_settings();
end;
$$;
comment on function public.admin_billing_settings_change is
  'PUT /api/admin/billing-settings: sets the given fields for future invoices; 400 lists the invalid fields.';
grant execute on function leads.read_billing_settings, leads.write_billing_details, leads.write_billing_settings,
  public.billing_details, public.billing_details_change, public.admin_billing_settings,
  public.admin_billing_settings_change to authenticated, service_role;

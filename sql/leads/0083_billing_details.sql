-- Who is on an invoice. The seller's identity and the rate of VAT are rules that an admin sets; a buyer says how he wants to
-- be named, and until he does it is by his profile. What an invoice was made with, it keeps.
insert into leads.work_rules (name, value, description) values
  ('vat_percent', '20', 'Taux de TVA des packs de crédits, compris dans leur prix, en %'),
  ('seller', '{"name": "Leads Provider", "address": "Adresse à compléter", "siret": "À compléter", "vatNumber": "À compléter"}',
    'Identité du vendeur sur les factures : nom, adresse, SIRET, numéro de TVA');
alter table leads.work_rules
  add constraint vat_percent_is_a_rate check (name <> 'vat_percent' or leads.is_number(value, 0, 100, 2)),
  add constraint seller_is_named check (name <> 'seller' or value ?& array['name', 'address', 'siret', 'vatNumber']);

create table leads.billing_details (
  buyer_id uuid primary key references platform.profiles (id) on delete cascade,
  name text not null,
  address text not null,
  siret text,
  vat_number text,
  updated_at timestamptz not null default now()
);
alter table leads.billing_details enable row level security;
create trigger touch before update on leads.billing_details for each row execute function platform.touch();
create trigger clean_texts before insert or update on leads.billing_details
  for each row execute function platform.clean_texts('name', 'address', 'siret', 'vat_number');
comment on table leads.billing_details is 'How a buyer wants to be named on his invoices.';
create policy select_own_or_admin on leads.billing_details for select to authenticated
  using (buyer_id = (select auth.uid()) or (select platform.has_role('leads', 'admin')));
grant select on leads.billing_details to authenticated, service_role;
select platform.audit('leads.billing_details');

create function leads.identity_problems(identity jsonb, prefix text, wanted text[])
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('field', prefix || field, 'message', message,
    'code', case when coalesce(identity -> field, 'null') = 'null' then 'required' else 'invalid_value' end)), '[]')
  from (values
    ('name', leads.is_text(identity -> 'name', 200), 'Le nom compte de 1 à 200 caractères.'),
    ('address', leads.is_text(identity -> 'address', 500), 'L''adresse compte de 1 à 500 caractères.'),
    ('siret', regexp_replace(identity ->> 'siret', '\s', '', 'g') ~ '^[0-9]{14}$', 'Un SIRET compte 14 chiffres.'),
    ('vatNumber', regexp_replace(identity ->> 'vatNumber', '\s', '', 'g') ~ '^[A-Z]{2}[0-9A-Z]{2,13}$',
      'Un numéro de TVA commence par le code du pays : FR12345678901.')
  ) as checked (field, holds, message)
  where holds is not true and (field = any (wanted) or coalesce(identity -> field, 'null') <> 'null');
$$;
comment on function leads.identity_problems is 'What is wrong with who is named on an invoice, field by field; what is not wanted may be left out.';

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
  perform leads.refuse_fields(leads.identity_problems(given, '', array['name', 'address'])
    || leads.body_problems(given, array['name', 'address', 'siret', 'vatNumber']));
  insert into leads.billing_details as d (buyer_id, name, address, siret, vat_number)
  values (auth.uid(), leads.trimmed(given ->> 'name'), leads.trimmed(given ->> 'address'), regexp_replace(given ->> 'siret', '\s', '', 'g'),
    regexp_replace(given ->> 'vatNumber', '\s', '', 'g'))
  on conflict (buyer_id) do update set name = excluded.name, address = excluded.address, siret = excluded.siret, vat_number = excluded.vat_number;
end;
$$;
comment on function leads.write_billing_details is 'Sets how the caller is named on his invoices from now on.';

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
  perform leads.refuse_fields(
    case when given ? 'vatPercent' and not leads.is_number(given -> 'vatPercent', 0, 100, 2)
      then leads.field_problem('vatPercent', 'invalid_value', 'Le taux de TVA est un nombre de 0 à 100.') else '[]' end
    || case when given ? 'seller' then leads.identity_problems(v_seller, 'seller.', v_fields) else '[]' end
    || leads.body_problems(coalesce(given -> 'seller', '{}'), v_fields)
    || leads.body_problems(given, array['vatPercent', 'seller']));
  update leads.work_rules r set value = case r.name when 'seller' then v_seller else given -> 'vatPercent' end
  where (r.name = 'seller' and given ? 'seller') or (r.name = 'vat_percent' and given ? 'vatPercent');
end;
$$;
comment on function leads.write_billing_settings is 'Sets the seller and the rate of VAT of the invoices to come, for an admin.';

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
    (select jsonb_build_object('name', d.name, 'address', d.address, 'siret', d.siret, 'vatNumber', d.vat_number)
      from leads.billing_details d where d.buyer_id = auth.uid()),
    (select jsonb_build_object('name', coalesce(nullif(p.company, ''), btrim(p.first_name || ' ' || p.last_name)),
        'address', null, 'siret', null, 'vatNumber', null)
      from platform.profiles p where p.id = auth.uid()));
end;
$$;
comment on function public.billing_details is 'GET /api/billing/details: how the caller is named on his invoices.';

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
comment on function public.billing_details_change is 'PUT /api/billing/details: how the caller is named on invoices from now on; 400 field by field.';

create function public.admin_billing_settings()
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin');
  return (select jsonb_build_object('vatPercent', v.value, 'seller', s.value) from leads.work_rules v, leads.work_rules s
    where v.name = 'vat_percent' and s.name = 'seller');
end;
$$;
comment on function public.admin_billing_settings is 'GET /api/admin/billing-settings: the seller and the rate of VAT on invoices.';

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
comment on function public.admin_billing_settings_change is 'PUT /api/admin/billing-settings: what is given, for the invoices to come; 400 field by field.';
grant execute on function leads.write_billing_details, leads.write_billing_settings, public.billing_details, public.billing_details_change,
  public.admin_billing_settings, public.admin_billing_settings_change to authenticated, service_role;

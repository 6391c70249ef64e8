-- The current price of a lead: credits for the buyer, and euros shared between supplier and platform.
create type leads.lead_price as (credits integer, price_cents integer, supplier_share_cents integer, places smallint,
  return_until timestamptz, rules jsonb);

insert into platform.settings (system, section, value, description) values
  ('leads', 'low_credits', '20', 'Solde de crédits sous lequel un acheteur est averti');

create function leads.places(is_exclusive boolean, buyers_per_shared_lead numeric)
returns smallint
language plpgsql
immutable
set search_path = ''
as $$ begin return case when is_exclusive then 1 else greatest(1, least(1000, floor(buyers_per_shared_lead))) end; end;
$$;
comment on function leads.places is 'The number of buyers that a lead may have.';

create function leads.price_of(lead leads.leads)
returns leads.lead_price
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_rules jsonb := leads.rules_in_force();
  v_price_rule text := case when lead.is_exclusive then 'price_exclusive' else 'price_standard' end;
  -- Older leads are cheaper: the age discount applies to credits and euros alike.
  v_kept numeric := greatest(0, 1 - (v_rules -> 'age_decay' ->> 'value')::numeric / 100
    * greatest(0, floor(extract(epoch from now() - least(lead.created_at, lead.collected_at)) / 86400 / 30)));
  v_share numeric := (v_rules -> 'supplier_share' ->> 'value')::numeric;
  v_price leads.lead_price;
begin
  v_price.credits := ceil((v_rules -> v_price_rule ->> 'value')::numeric * v_kept);
  -- The supplier sets the price, the platform sets the credits. The price is capped so that the supplier's share never
  -- exceeds the value of the credits paid.
  v_price.price_cents := least(round(lead.price_cents * v_kept),
    floor(v_price.credits * 100 * (v_rules -> 'credit_value' ->> 'value')::numeric * 100 / nullif(v_share, 0)));
  v_price.supplier_share_cents := round(v_price.price_cents * v_share / 100);
  v_price.places := leads.places(lead.is_exclusive, (v_rules -> 'buyers_per_shared_lead' ->> 'value')::numeric);
  -- The number of places by the current rule may be lower than when the lead went on sale.
  if lead.sales_count >= v_price.places then
    perform platform.fail(409, 'lead_sold', 'Ce lead est déjà vendu.');
  end if;
  v_price.return_until := now() + (v_rules -> 'return_window' ->> 'value')::numeric * interval '1 day';
  v_price.rules := v_rules - 'welcome_bonus' - case when lead.is_exclusive then 'price_standard'
    else 'price_exclusive' end;
  return v_price;
end;
$$;
comment on function leads.price_of is
  'The price of a lead by the rules in force: credits, cents and a copy of the rules; 409 if no place is left.';

create function leads.lead_on_sale(reference text)
returns leads.leads
language sql
stable
security invoker
set search_path = ''
as $$
  select l from leads.leads l
  where l.reference = lead_on_sale.reference and l.on_sale
    and l.supplier_id not in (select leads.suspended_suppliers());
$$;

create function public.lead_price(id text, out credits integer, out price numeric, out "returnDays" numeric,
  out affordable boolean)
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_lead leads.leads;
  v_price leads.lead_price;
begin
  perform platform.require_role('leads', 'acheteur');
  v_lead := leads.lead_on_sale(id);
  if v_lead.id is null then perform platform.fail(404, 'lead_not_on_sale', 'Ce lead n''est pas en vente.'); end if;
  v_price := leads.price_of(v_lead);
  credits := v_price.credits;
  price := platform.euros(v_price.price_cents);
  "returnDays" := (v_price.rules -> 'return_window' ->> 'value')::numeric;
  affordable := v_price.credits <= leads.credits_of(auth.uid());
end;
$$;
comment on function public.lead_price is
  'GET /api/leads/:id/price: the lead''s current price for the buyer, in credits, and its value in euros.';
grant execute on function leads.price_of, leads.lead_on_sale, public.lead_price,
  leads.credits_of to authenticated, service_role;

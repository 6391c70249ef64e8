-- A buyer buys a lead in one call and one transaction. The lock order is lead, buyer's credits, bonus budget, as
-- everywhere. Decisions are made under the lock, and the unique keys of leads.sales refuse any conflict that remains.

-- A lead that the buyer may not see is reported as not found, so that the answer does not reveal that it exists.
create function leads.refuse_sale(lead leads.leads)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if lead.supplier_id in (select leads.suspended_suppliers()) then
    perform platform.fail(404, 'lead_not_on_sale', 'Ce lead n''est pas en vente.');
  end if;
  if lead.status = 'sold' and lead.withdrawn_at is null and lead.erased_at is null then
    perform platform.fail(409, 'lead_sold', 'Ce lead est déjà vendu.');
  end if;
  if lead.on_sale is not true or not (leads.sells_without_consent() or leads.has_consent(lead.id)) then
    perform platform.fail(404, 'lead_not_on_sale', 'Ce lead n''est pas en vente.');
  end if;
  if lead.supplier_id = leads.my_supplier_id()
    or exists (select from leads.self_dealing d where d.supplier_id = lead.supplier_id and d.buyer_id = auth.uid()
      and d.status = 'confirmed')
  then
    perform platform.fail(403, 'own_lead', 'Un fournisseur n''achète pas ses propres leads.');
  end if;
end;
$$;
comment on function leads.refuse_sale is
  'Refuses a lead that cannot be sold now: 404 or 409, and 403 to the lead''s own supplier.';

-- Bonus credits are spent first: they are not refundable.
create function leads.pay_for_lead(
  lead leads.leads, price leads.lead_price,
  out transfer_id uuid, out credits_left bigint, out given_credits integer, out given_share_cents integer,
  out budget_cents integer, out earned_cents integer
)
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_bonus bigint;
  v_paid bigint;
begin
  select coalesce(sum(b.balance) filter (where b.kind = 'buyer_bonus'), 0),
    coalesce(sum(b.balance) filter (where b.kind = 'buyer_paid'), 0)
    into v_bonus, v_paid from platform.lock_balances('leads', auth.uid()) b;
  if v_bonus + v_paid < price.credits then
    perform platform.fail(402, 'insufficient_credits', 'Vous n''avez pas assez de crédits pour ce lead.',
      jsonb_build_array(jsonb_build_object('field', 'credits', 'code', 'insufficient_credits',
        'message', format('Il manque %s crédits : le lead en coûte %s, vous en avez %s.',
          price.credits - v_bonus - v_paid, price.credits, v_bonus + v_paid),
        'missing', price.credits - v_bonus - v_paid))::text);
  end if;
  credits_left := v_bonus + v_paid - price.credits;
  given_credits := least(v_bonus, price.credits);
  given_share_cents := leads.share_of_given(price.supplier_share_cents, price.credits, given_credits);
  budget_cents := leads.take_bonus_budget(given_share_cents,
    (price.rules -> 'bonus_earnings_budget' ->> 'value')::numeric);
  earned_cents := price.supplier_share_cents - given_share_cents + budget_cents;
  transfer_id := platform.post_transfer('leads', 'sale', lead.id || ':' || auth.uid(), array[
    ('buyer_bonus', auth.uid(), -given_credits), ('buyer_paid', auth.uid(), given_credits - price.credits),
    ('credits_spent', null, price.credits),
    ('lead_sales', null, -price.price_cents), ('supplier_earnings', lead.supplier_id, earned_cents),
    ('commission', null, price.price_cents - earned_cents)
  ]::platform.ledger_line[]);
end;
$$;
comment on function leads.pay_for_lead is
  'Debits the credits and books the sale, including the supplier''s earnings; 402 with the number of missing '
  'credits.';

create function leads.tell_supplier_of_sale(lead leads.leads, sale leads.sales)
returns void
language plpgsql
set search_path = ''
as $$
begin
  perform platform.notify(s.user_id, 'leads', 'info', 'Vente avec des crédits offerts',
    format('Le lead %s a été acheté avec %s crédits offerts sur %s : vous gagnez %s € au lieu de %s €.',
      coalesce(lead.company, lead.sector), sale.given_credits, sale.credits,
      platform.amount_text(sale.supplier_share_cents),
      platform.amount_text(sale.supplier_share_cents + sale.given_share_cents - sale.budget_cents)))
  from leads.suppliers s where s.id = sale.supplier_id and sale.budget_cents < sale.given_share_cents;
end;
$$;
comment on function leads.tell_supplier_of_sale is
  'Notifies the supplier why a sale with bonus credits earned less than his usual share.';

create function leads.tell_buyer_of_sale(lead leads.leads, price leads.lead_price, credits_left bigint)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_title text := leads.title_of(lead);
  v_description text := 'Achat lead — ' || v_title;
  v_limit numeric := (leads.work_rule('low_credits'))::numeric;
begin
  perform leads.record_transaction('lead_purchase', auth.uid(), 'acheteur', price.price_cents, price.credits,
    v_description, 'Crédits');
  insert into leads.payments (buyer_id, type, lead_id, amount_cents, status, description)
    values (auth.uid(), 'lead_payment', lead.id, price.price_cents, 'completed', v_description);
  perform platform.notify(auth.uid(), 'leads', 'success', 'Lead acheté',
    format('Les coordonnées du lead %s sont disponibles dans vos achats.', v_title));
  -- The warning is sent once, by the purchase that brings the balance below the limit.
  if credits_left < v_limit and credits_left + price.credits >= v_limit then
    perform platform.notify(auth.uid(), 'leads', 'warning', 'Solde bas',
      format('Il vous reste moins de %s crédits.', v_limit));
  end if;
end;
$$;

-- The lead is read with the owner's rights: this buyer may see it, since he bought it, and row-level security would
-- check all his other purchases.
create function leads.show_purchase(sale leads.sales, credits numeric)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  v_lead jsonb;
begin
  if exists (select from leads.kept_sales k where k.buyer_id = sale.buyer_id and k.lead_id = sale.lead_id) then
    select to_jsonb(r) - 'key' into v_lead from leads.lead_rows r where r.key = sale.lead_id;
  end if;
  return jsonb_build_object('lead', v_lead,
    'purchase', jsonb_build_object('credits', sale.credits, 'price', platform.euros(sale.price_cents),
      'date', platform.iso_timestamp(sale.sold_at), 'returnUntil', platform.iso_timestamp(sale.return_until)),
    'credits', credits);
end;
$$;
comment on function leads.show_purchase is
  'A purchase as shown to its buyer; the lead is null after an accepted return.';

-- The check runs under the lead's lock, so the price compared is the price booked.
create function leads.refuse_other_price(price leads.lead_price, seen_credits numeric, seen_euros numeric)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  if seen_credits <> price.credits or seen_euros * 100 <> price.price_cents then
    perform platform.fail(409, 'price_changed', 'Le prix de ce lead a changé.', (
      select jsonb_agg(jsonb_build_object('field', p.field, 'code', 'price_changed',
        'message', format('Le prix est maintenant de %s %s.', replace(p.value::text, '.', ','), p.unit),
        'value', p.value) order by p.field)
      from (values ('credits', price.credits::numeric, 'crédits'),
        ('price', trim_scale(price.price_cents / 100.0), '€')) p (field, value, unit))::text);
  end if;
end;
$$;
comment on function leads.refuse_other_price is
  '409 with the current price if it differs from the price that the buyer saw.';

create function leads.purchase(reference text, seen_credits numeric default null, seen_euros numeric default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_lead leads.leads;
  v_sale leads.sales;
  v_price leads.lead_price;
  v_paid record;
begin
  perform platform.require_role('leads', 'acheteur');
  select l.* into v_lead from leads.leads l where l.reference = purchase.reference for no key update;
  select s.* into v_sale from leads.sales s where s.buyer_id = auth.uid() and s.lead_id = v_lead.id;
  if found then return leads.show_purchase(v_sale, leads.credits_of(auth.uid())); end if;
  perform leads.refuse_sale(v_lead);

  v_price := leads.price_of(v_lead);
  perform leads.refuse_other_price(v_price, seen_credits, seen_euros);
  v_paid := leads.pay_for_lead(v_lead, v_price);
  insert into leads.sales (lead_id, buyer_id, supplier_id, place, places, credits, price_cents,
    supplier_share_cents, given_credits, given_share_cents, budget_cents, rules, return_until, transfer_id)
  values (v_lead.id, auth.uid(), v_lead.supplier_id, v_lead.sales_count + 1, v_price.places, v_price.credits,
    v_price.price_cents, v_paid.earned_cents, v_paid.given_credits, v_paid.given_share_cents, v_paid.budget_cents,
    v_price.rules, v_price.return_until, v_paid.transfer_id)
  returning * into v_sale;
  insert into leads.earnings (supplier_id, kind, buyer_id, lead_id, amount_cents, payable_from)
    values (v_sale.supplier_id, 'sale', v_sale.buyer_id, v_sale.lead_id, v_sale.supplier_share_cents,
      v_sale.return_until);
  update leads.leads l set sales_count = v_sale.place,
    status = case when v_sale.place >= v_sale.places then 'sold' else l.status end,
    sold_at = case when v_sale.place >= v_sale.places then v_sale.sold_at else l.sold_at end
  where l.id = v_lead.id;
  perform leads.tell_buyer_of_sale(v_lead, v_price, v_paid.credits_left);
  perform leads.tell_of_pair(v_sale);
  if v_sale.given_credits > 0 then perform leads.tell_supplier_of_sale(v_lead, v_sale); end if;
  perform platform.emit('leads', 'lead.purchased', jsonb_build_object('lead', v_lead.reference));
  perform set_config('response.status', '201', true);
  return leads.show_purchase(v_sale, v_paid.credits_left);
end;
$$;
comment on function leads.purchase is
  'Buys a lead for the caller; if the caller already bought it, returns that purchase.';

create function public.lead_purchase("leadId" text, credits numeric default null, price numeric default null)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$ begin return leads.purchase("leadId", credits, price); end; $$;
comment on function public.lead_purchase is
  'POST /api/leads/:id/purchase {credits, price}, both optional: the price as the buyer saw it. Returns {lead, '
  'purchase, credits}, where credits is the new balance. 201, or 200 if it was bought before; 402, 403, 404, 409, '
  'where price_changed gives the new price.';
grant execute on function leads.purchase, public.lead_purchase to authenticated, service_role;

-- A lead that has reached the maximum number of buyers is sold and leaves the catalogue.
create function leads.follow_places_rule()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_buyers numeric := leads.rule('buyers_per_shared_lead');
begin
  update leads.leads l set status = 'sold', sold_at = now()
  where l.on_sale and l.sales_count > 0 and l.sales_count >= leads.places(l.is_exclusive, v_buyers);
  return null;
end;
$$;
comment on function leads.follow_places_rule is
  'Trigger: marks leads as sold that have no place left by the new rule.';
create trigger follow_places after insert or update on leads.credit_rules
  for each row when (new.kind = 'buyers_per_shared_lead') execute function leads.follow_places_rule();

-- Settlement of an order: paid or failed. Every function here is idempotent: it may be called any number of times,
-- from anywhere, and acts once. The order's row is locked first, and the ledger transfer's key is the order's id.

create function leads.order_to_settle(order_id uuid)
returns leads.pack_orders
language plpgsql
set search_path = ''
as $$
declare
  v_order leads.pack_orders;
begin
  select o.* into v_order from leads.pack_orders o where o.id = order_to_settle.order_id for no key update;
  if not found then perform platform.fail(404, 'order_not_found', 'Cette commande n''existe pas.'); end if;
  return v_order;
end;
$$;
comment on function leads.order_to_settle is
  'Locks an order until the transaction ends and returns it; 404 if there is none.';

-- The provider has opened a payment page for the order. This may arrive after the payment itself was reported.
create function leads.send_order(order_id uuid, provider text, provider_reference text, checkout_url text)
returns leads.pack_orders
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_order leads.pack_orders := leads.order_to_settle(order_id);
begin
  update leads.pack_orders o set provider = coalesce(o.provider, send_order.provider),
    provider_reference = coalesce(o.provider_reference, send_order.provider_reference),
    checkout_url = coalesce(o.checkout_url, send_order.checkout_url)
  where o.id = v_order.id returning o.* into v_order;
  return case when v_order.payment_id is null then leads.list_order(v_order) else v_order end;
end;
$$;
comment on function leads.send_order is 'Stores the order''s payment page and lists the order as pending.';

-- A payment always counts, whatever was reported before: a failed order that is paid becomes completed.
create function leads.settle_order(order_id uuid, provider text, provider_reference text default null,
  payment_reference text default null)
returns leads.pack_orders
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_order leads.pack_orders := leads.order_to_settle(order_id);
begin
  if v_order.status in ('completed', 'refunded') then return v_order; end if;
  update leads.pack_orders o set status = 'completed', settled_at = now(), provider = settle_order.provider,
    provider_reference = coalesce(settle_order.provider_reference, o.provider_reference),
    payment_reference = coalesce(settle_order.payment_reference, o.payment_reference)
  where o.id = v_order.id returning o.* into v_order;
  perform platform.post_transfer('leads', 'pack', v_order.id::text, array[
    ('credits_issued', null, -(v_order.credits + v_order.bonus)), ('buyer_paid', v_order.buyer_id, v_order.credits),
    ('buyer_bonus', v_order.buyer_id, v_order.bonus), ('bank', null, -v_order.price_cents),
    ('pack_revenue', null, v_order.price_cents)
  ]::platform.ledger_line[]);
  v_order := leads.list_order(v_order);
  perform platform.notify(v_order.buyer_id, 'leads', 'success', 'Achat confirmé',
    format('%s crédits ajoutés à votre compte%s.', v_order.credits + v_order.bonus,
      case when v_order.bonus > 0 then format(', dont %s offerts', v_order.bonus) else '' end));
  perform platform.emit('leads', 'order.paid', jsonb_build_object('order', v_order.reference));
  perform leads.issue_invoice(v_order);
  return v_order;
end;
$$;
comment on function leads.settle_order is 'Settles a paid order, once: credits, ledger, invoice and notifications.';

create function leads.fail_order(order_id uuid, provider text, expired boolean)
returns leads.pack_orders
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_order leads.pack_orders := leads.order_to_settle(order_id);
begin
  if v_order.status <> 'pending' then return v_order; end if;
  update leads.pack_orders o set status = 'failed', provider = fail_order.provider where o.id = v_order.id
  returning o.* into v_order;
  v_order := leads.list_order(v_order);
  if expired then
    perform platform.notify(v_order.buyer_id, 'leads', 'warning', 'Paiement expiré',
      format('Le Pack %s n''a pas été payé à temps. Rien n''a été débité.', v_order.pack_name));
  else
    perform platform.notify(v_order.buyer_id, 'leads', 'error', 'Paiement refusé',
      format('Votre paiement a été refusé pour le Pack %s. Essayez un autre moyen de paiement.', v_order.pack_name));
  end if;
  return v_order;
end;
$$;
comment on function leads.fail_order is
  'Marks a pending order as failed; an order that is paid or already failed stays unchanged.';

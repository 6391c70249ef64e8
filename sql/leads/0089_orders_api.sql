-- The steps of an order. The buyer opens it; the admin takes it back; between them only the functions' key goes on.

create function public.billing_order_open("packId" text, idempotency_key text default null)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_order leads.pack_orders := leads.open_order("packId", idempotency_key);
begin
  return jsonb_build_object('key', v_order.id, 'id', v_order.reference, 'title', leads.order_title(v_order), 'amountCents', v_order.price_cents,
    'email', (select p.email from platform.profiles p where p.id = v_order.buyer_id), 'answer', v_order.answer);
end;
$$;
comment on function public.billing_order_open is 'The first half of POST /api/billing/purchase-pack: orders a pack. It is paid by what the functions do next.';

create function public.billing_seller_incomplete()
returns void language sql security invoker set search_path = ''
as $$ select leads.report_incomplete_seller(); $$;
comment on function public.billing_seller_incomplete is 'For the functions alone: a buyer was refused because the seller is incomplete.';
grant execute on function public.billing_seller_incomplete to service_role;

-- What the buyer is answered is kept: with the same key he is answered the same, whatever the order has become.
create function leads.answer_order(order_id uuid)
returns jsonb
language sql
security definer
set search_path = ''
as $$
  update leads.pack_orders o set answer = coalesce(o.answer,
    (select to_jsonb(s) - array['key', 'buyer_id'] from leads.shown_orders s where s.key = o.id)
      || jsonb_build_object('balance', leads.credits_of(o.buyer_id)))
  where o.id = order_id returning o.answer;
$$;
comment on function leads.answer_order is 'What POST /api/billing/purchase-pack answered first; now, if it has not yet.';

create function public.billing_order_settle("order" uuid, provider text)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.answer_order((leads.settle_order("order", provider)).id); $$;
create function public.billing_order_send("order" uuid, provider text, reference text, url text)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.answer_order((leads.send_order("order", provider, reference, url)).id); $$;
create function public.billing_payment_event(provider text, event jsonb)
returns text language sql security invoker set search_path = ''
as $$ select leads.take_payment_event(provider, event); $$;
comment on function public.billing_order_settle is 'For the functions alone: the order is paid; what its buyer is answered.';
comment on function public.billing_order_send is 'For the functions alone: the provider has a page where the order is paid; what its buyer is answered.';
comment on function public.billing_payment_event is 'For the functions alone: an event of a payment provider, whose signature was checked; what came of it.';

create function leads.take_back_order(reference text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_order leads.pack_orders;
begin
  perform platform.require_role('leads', 'admin');
  v_order := leads.refund_order((select o.id from leads.pack_orders o where o.reference = take_back_order.reference));
  return jsonb_build_object('key', v_order.id, 'provider', v_order.provider, 'payment', v_order.payment_reference, 'refund', v_order.refund_reference);
end;
$$;
comment on function leads.take_back_order is 'Takes an order back for an admin, and says what the provider has to be asked.';

create function leads.keep_refund(order_id uuid, refund_reference text)
returns void language sql security definer set search_path = ''
as $$ update leads.pack_orders o set refund_reference = coalesce(o.refund_reference, keep_refund.refund_reference) where o.id = order_id; $$;
comment on function leads.keep_refund is 'The provider was asked to send the money back, under this name.';

create function public.admin_order_refund(id text)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.take_back_order(id); $$;
create function public.billing_order_refunded("order" uuid, reference text)
returns void language sql security invoker set search_path = ''
as $$ select leads.keep_refund("order", reference); $$;
comment on function public.admin_order_refund is
  'The first half of POST /api/admin/orders/:id/refund: credits, books and credit note. The function then has the provider send the money.';
comment on function public.billing_order_refunded is 'For the functions alone: the provider sends the money of a refunded order back.';

create function public.admin_order(id text)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_order jsonb := (select to_jsonb(o) from public.admin_orders o where o.id = admin_order.id);
begin
  perform platform.require_role('leads', 'admin');
  if v_order is null then perform platform.fail(404, 'order_not_found', 'Cette commande n''existe pas.'); end if;
  return v_order;
end;
$$;
comment on function public.admin_order is 'GET /api/admin/orders/:id: one order.';

grant execute on function leads.take_back_order, public.billing_order_open, public.admin_order_refund, public.admin_order to authenticated, service_role;
grant execute on function leads.settle_order, leads.send_order, leads.fail_order, leads.take_payment_event, leads.answer_order, leads.keep_refund,
  public.billing_order_settle, public.billing_order_send, public.billing_payment_event, public.billing_order_refunded to service_role;

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
  return jsonb_build_object('key', v_order.id, 'id', v_order.reference, 'title', leads.order_title(v_order),
    'amountCents', v_order.price_cents,
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

-- With a key an answer that was lost is had again, and a part that was asked for twice is sent once.
create function leads.take_back_order(reference text, amount numeric, key text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_id uuid := (select o.id from leads.pack_orders o where o.reference = take_back_order.reference);
  v_order leads.pack_orders;
  v_refund leads.refunds;
  v_known jsonb;
begin
  perform platform.require_role('leads', 'admin');
  v_order := leads.order_to_settle(v_id);
  if amount is not null and not (amount > 0 and amount <= 1000000 and amount = round(amount, 2)) then
    perform platform.refuse_fields(platform.field_problem('amount', 'invalid_value',
      'Un montant en euros, supérieur à 0, à deux décimales au plus.'));
  end if;
  if amount is not null or key is not null then
    v_known := platform.claim_idempotency_key('billing.refund', key,
      jsonb_build_object('order', reference, 'amount', amount));
  end if;
  if v_known is not null then
    select r.* into strict v_refund from leads.refunds r where r.id = (v_known ->> 'refund')::uuid;
  elsif v_order.status = 'refunded' and amount is null then
    select r.* into strict v_refund from leads.refunds r where r.order_id = v_id and r.status = 'accepted'
    order by r.id desc limit 1;
  else
    v_refund := leads.request_refund(v_id, (amount * 100)::bigint);
    -- Nobody is asked: somebody sends the money by hand.
    if v_order.provider = 'manual' then v_refund := leads.accept_refund(v_refund.id, 'manual-' || v_refund.id); end if;
    if key is not null then
      perform platform.keep_answer('billing.refund', key, jsonb_build_object('refund', v_refund.id));
    end if;
  end if;
  return jsonb_build_object('key', v_refund.id, 'status', v_refund.status, 'cause', v_refund.cause, 'order', v_id,
    'provider', v_order.provider,
    'payment', v_order.payment_reference, 'amountCents', v_refund.amount_cents, 'again', v_refund.created_at < now(),
    'known', (select coalesce(jsonb_agg(r.provider_reference), '[]') from leads.refunds r
      where r.order_id = v_id and r.id <> v_refund.id and r.provider_reference is not null));
end;
$$;
comment on function leads.take_back_order is 'Asks for a refund, or again for one that is not answered, and says what the provider has to be asked.';

create function leads.answer_refund(refund_id uuid, outcome text, reference text, cause text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_before leads.refunds := leads.refund_to_settle(refund_id);
  v_refund leads.refunds;
begin
  if outcome = 'refused' then
    perform leads.refuse_refund(refund_id, cause, reference, case when reference is not null then now() end);
  elsif outcome = 'pending' then
    perform leads.keep_refund(v_before.order_id, refund_id, reference);
  else
    v_refund := leads.accept_refund(refund_id, reference);
    -- Spent, or gone another way, while the provider was asked.
    if (v_refund.status, v_refund.cause) is distinct from (v_before.status, v_before.cause)
      and (v_refund.status = 'refused' or v_refund.credits_lost > 0) then
      perform leads.report_payment(jsonb_populate_record(null::leads.payment_events,
        jsonb_build_object('order_id', v_refund.order_id, 'meaning', 'refund_made',
        'amount_cents', v_refund.amount_cents, 'outcome', case v_refund.status when 'refused' then 'other_amount'
          else 'credits_lost' end)));
    end if;
  end if;
  return (select jsonb_build_object('status', r.status, 'cause', r.cause) from leads.refunds r where r.id = refund_id);
end;
$$;
comment on function leads.answer_refund is 'What the provider answered (made, pending or refused); what the refund is by now, and why.';

create function public.admin_order_refund(id text, amount numeric default null, idempotency_key text default null)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.take_back_order(id, amount, idempotency_key); $$;
create function public.billing_refund_answer(refund uuid, outcome text, reference text default null,
  cause text default null)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.answer_refund(refund, outcome, reference, cause); $$;
comment on function public.admin_order_refund is
  'The first half of POST /api/admin/orders/:id/refund: keeps what is asked for. The function then asks the provider, and nothing is booked before he agrees.';
comment on function public.billing_refund_answer is 'For the functions alone: what the provider answered to a refund; what became of it, {status, cause}.';

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

grant execute on function leads.take_back_order, public.billing_order_open, public.admin_order_refund,
  public.admin_order to authenticated, service_role;
grant execute on function leads.settle_order, leads.send_order, leads.fail_order, leads.take_payment_event,
  leads.answer_order, leads.answer_refund, public.billing_order_settle, public.billing_order_send,
  public.billing_payment_event, public.billing_refund_answer to service_role;

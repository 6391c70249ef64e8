-- The steps of an order. The buyer opens it and an admin may refund it; all steps in between require the functions'
-- service key.

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
comment on function public.billing_order_open is
  'The first half of POST /api/billing/purchase-pack: opens an order. The functions then have it paid.';

create function public.billing_seller_incomplete()
returns void language sql security invoker set search_path = ''
as $$ select leads.report_incomplete_seller(); $$;
comment on function public.billing_seller_incomplete is
  'For the functions only: reports that a buyer was refused because the seller''s identity is incomplete.';
grant execute on function public.billing_seller_incomplete to service_role;

-- The first answer to the buyer is stored: a repeated request with the same key gets the same answer, whatever
-- happened to the order since.
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
comment on function leads.answer_order is
  'The stored first answer of POST /api/billing/purchase-pack; stores the current state if there is none yet.';

create function public.billing_order_settle("order" uuid, provider text)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.answer_order((leads.settle_order("order", provider)).id); $$;
create function public.billing_order_send("order" uuid, provider text, reference text, url text)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.answer_order((leads.send_order("order", provider, reference, url)).id); $$;
create function public.billing_payment_event(provider text, event jsonb)
returns text language sql security invoker set search_path = ''
as $$ select leads.take_payment_event(provider, event); $$;
comment on function public.billing_order_settle is
  'For the functions only: settles a paid order; returns the answer to the buyer.';
comment on function public.billing_order_send is
  'For the functions only: stores the provider''s payment page of an order; returns the answer to the buyer.';
comment on function public.billing_payment_event is
  'For the functions only: processes an event of a payment provider whose signature was checked; returns the '
  'outcome.';

-- An idempotency key lets an admin repeat a request whose answer was lost, and keeps a partial refund from being sent
-- twice.
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
    -- No provider is asked for a manual order: a person sends the money.
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
comment on function leads.take_back_order is
  'Requests a refund, or repeats a request still unanswered; returns the data for the request to the provider.';

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
    -- While the provider was asked, the credits were spent or the money went back another way.
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
comment on function leads.answer_refund is
  'Stores the provider''s answer to a refund (made, pending or refused); returns the refund''s status and cause.';

create function public.admin_order_refund(id text, amount numeric default null, idempotency_key text default null)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.take_back_order(id, amount, idempotency_key); $$;
create function public.billing_refund_answer(refund uuid, outcome text, reference text default null,
  cause text default null)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.answer_refund(refund, outcome, reference, cause); $$;
comment on function public.admin_order_refund is
  'The first half of POST /api/admin/orders/:id/refund: stores the request. The function then asks the provider; '
  'nothing is booked before the provider agrees.';
comment on function public.billing_refund_answer is
  'For the functions only: stores the provider''s answer to a refund; returns {status, cause}.';

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

-- Payments of an order that a provider reports, and their effect on the order.

create function leads.is_whole_price(pack_order leads.pack_orders, event jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$ select ((event ->> 'amountCents')::bigint,
  lower(event ->> 'currency')) is not distinct from (pack_order.price_cents, 'eur'); $$;
comment on function leads.is_whole_price is
  'True if an event''s amount is the price of the order, to the cent and in euros.';

-- Events that arrived before the payment are processed after it, in the order in which they happened. A dispute does
-- not name the order, and neither does a refund made on the provider's pages: they can be matched by the payment only.
create function leads.apply_early_events(pack_order leads.pack_orders)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_event leads.payment_events;
begin
  for v_event in
    select e.* from leads.payment_events e
    where e.order_id = pack_order.id and e.outcome = 'waiting'
      and e.payment_reference is not distinct from pack_order.payment_reference
      or e.order_id is null and e.payment_reference = pack_order.payment_reference and e.provider = pack_order.provider
        and e.meaning in ('refunded', 'refund_made', 'refund_failed', 'dispute_lost')
    order by e.occurred_at, e.received_at
  loop
    perform leads.close_event(v_event, pack_order.id,
      leads.apply_event(pack_order, v_event.provider, jsonb_build_object('meaning', v_event.meaning,
      'reference', v_event.reference, 'payment', v_event.payment_reference, 'amountCents', v_event.amount_cents,
      'currency', v_event.currency,
      'cause', v_event.cause, 'occurredAt', extract(epoch from v_event.occurred_at)::bigint)));
  end loop;
end;
$$;
comment on function leads.apply_early_events is 'Processes the events of an order that arrived before its payment.';

create function leads.apply_payment(pack_order leads.pack_orders, provider text, event jsonb)
returns text
language plpgsql
set search_path = ''
as $$
begin
  if pack_order.status in ('completed', 'refunded') then
    return case when event ->> 'payment' is distinct from pack_order.payment_reference then 'paid_twice'
      else 'nothing_to_do' end;
  end if;
  if not leads.is_whole_price(pack_order, event) then return 'other_amount'; end if;
  perform leads.apply_early_events(leads.settle_order(pack_order.id, provider, event ->> 'reference',
    event ->> 'payment'));
  return 'done';
end;
$$;
comment on function leads.apply_payment is 'Applies a payment to a locked order.';

create function leads.apply_failure(pack_order leads.pack_orders, provider text, event jsonb)
returns text
language plpgsql
set search_path = ''
as $$
begin
  if pack_order.status <> 'pending' then return 'nothing_to_do'; end if;
  perform leads.fail_order(pack_order.id, provider, event ->> 'meaning' = 'expired');
  return 'done';
end;
$$;
comment on function leads.apply_failure is 'Applies a failed or expired payment to a locked order.';

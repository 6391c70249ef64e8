-- Refunds and disputes that a provider reports, and their effect on the order.

-- The provider reports the total refunded so far. That total still includes a refund that failed later, and a refund
-- that the provider made although the money had already gone back another way.
create function leads.refunded_cents(order_id uuid, at timestamptz)
returns bigint
language sql
stable
set search_path = ''
as $$
  select coalesce(sum(r.amount_cents), 0)::bigint from leads.refunds r
  where r.order_id = refunded_cents.order_id and r.kind <> 'dispute'
    and (r.status = 'accepted' or r.failed_at >= refunded_cents.at or r.cause = 'beyond_price'
      and r.status = 'refused');
$$;
comment on function leads.refunded_cents is
  'The total that the provider counts as refunded for an order at a time, as far as it is known here.';

-- A new amount is matched first to the refund that an admin requested. A refund of a second payment leaves the order
-- unchanged: the order keeps the first payment.
create function leads.apply_refund(pack_order leads.pack_orders, event jsonb)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_new bigint := (event ->> 'amountCents')::bigint - leads.refunded_cents(pack_order.id,
    to_timestamp((event ->> 'occurredAt')::bigint));
  v_refund leads.refunds;
  v_lost integer;
begin
  if lower(event ->> 'currency') is distinct from 'eur'
    or (event ->> 'amountCents')::bigint not between 0 and pack_order.price_cents then
    return 'other_amount';
  end if;
  if pack_order.status in ('pending', 'failed') then return 'waiting'; end if;
  if event ->> 'payment' is distinct from pack_order.payment_reference then return 'nothing_to_do'; end if;
  if v_new <= 0 then
    perform leads.keep_refund(pack_order.id,
      (select r.id from leads.refunds r where r.order_id = pack_order.id and r.kind <> 'dispute'
        and r.status = 'accepted'
      and r.provider_reference is null order by r.id desc limit 1), event ->> 'reference');
    return 'nothing_to_do';
  end if;
  -- An amount beyond the rest of the price means that a dispute has taken the money as well: an admin has to check it.
  if v_new > leads.refundable_cents(pack_order) then return 'other_amount'; end if;
  select r.* into v_refund from leads.refunds r where r.order_id = pack_order.id and r.status = 'requested'
    and r.amount_cents <= v_new;
  if found then
    v_refund := leads.accept_refund(v_refund.id, event ->> 'reference');
    v_new := v_new - v_refund.amount_cents;
    v_lost := v_refund.credits_lost + v_refund.bonus_lost;
  end if;
  if v_new > 0 then
    v_refund := leads.book_made(pack_order, 'made', v_new, case when v_lost is null then event ->> 'reference' end);
    v_lost := coalesce(v_lost, 0) + v_refund.credits_lost + v_refund.bonus_lost;
  end if;
  return case when v_lost > 0 then 'credits_lost' else 'done' end;
end;
$$;
comment on function leads.apply_refund is 'Applies the total refunded of a payment to a locked order.';

-- A refund is found by the provider's id, then by its own. The report of a payment's total (apply_refund) names no
-- single refund: when a manual refund is first reported by its id, it is matched to the first refund of the same
-- amount that has no id yet.
create function leads.told_refund(order_id uuid, event jsonb)
returns leads.refunds
language sql
stable
set search_path = ''
as $$
  select r.* from leads.refunds r
  where r.order_id = told_refund.order_id and r.kind <> 'dispute'
    and r.amount_cents = (event ->> 'amountCents')::bigint
    and case when r.provider_reference is not null and event ->> 'reference' is not null
      then r.provider_reference = event ->> 'reference'
      else r.id::text = event ->> 'refund' or r.provider_reference is null and r.status = 'accepted' end
  order by r.provider_reference nulls last, r.id::text = event ->> 'refund' desc nulls last,
    r.kind = 'made' desc, r.id limit 1;
$$;
comment on function leads.told_refund is 'The refund of an order that an event is about; null if there is none.';

create function leads.apply_refund_news(pack_order leads.pack_orders, event jsonb)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_failed_at timestamptz := to_timestamp((event ->> 'occurredAt')::bigint);
  v_known leads.refunds := leads.told_refund(pack_order.id, event);
  v_refund leads.refunds;
begin
  if pack_order.status in ('pending', 'failed') then return 'waiting'; end if;
  if event ->> 'payment' is distinct from pack_order.payment_reference then return 'nothing_to_do'; end if;
  if event ->> 'meaning' = 'refund_made' then
    if v_known.id is null then return 'nothing_to_do'; end if;
    v_refund := leads.accept_refund(v_known.id, event ->> 'reference');
    return case when (v_refund.status, v_refund.cause) is not distinct from (v_known.status, v_known.cause)
      then 'nothing_to_do'
      when v_refund.status = 'refused' then 'other_amount'
      when v_refund.credits_lost + v_refund.bonus_lost > 0 then 'credits_lost' else 'done' end;
  end if;
  if v_known.id is null then
    -- A refund of another amount has this id already: an admin has to find out which one failed.
    insert into leads.refunds (order_id, kind, status, amount_cents, provider_reference, cause, failed_at)
    values (pack_order.id, 'made', 'refused', (event ->> 'amountCents')::bigint, event ->> 'reference',
      left(event ->> 'cause', 100), v_failed_at)
    on conflict (order_id, provider_reference) do nothing;
    return case when found then 'refused' else 'other_amount' end;
  end if;
  -- The refund gets its id before it is reversed, because the provider reports one failure by several events.
  perform leads.keep_refund(pack_order.id, v_known.id, event ->> 'reference');
  if v_known.status = 'accepted' then
    perform leads.reverse_refund(v_known.id, event ->> 'cause', v_failed_at);
    return 'reversed';
  end if;
  if v_known.failed_at is not null then return 'nothing_to_do'; end if;
  perform leads.refuse_refund(v_known.id, event ->> 'cause', event ->> 'reference', v_failed_at);
  return 'refused';
end;
$$;
comment on function leads.apply_refund_news is 'Applies a report about a single refund to a locked order.';

create function leads.apply_dispute(pack_order leads.pack_orders, event jsonb)
returns text
language plpgsql
set search_path = ''
as $$
begin
  if exists (select from leads.refunds r
    where r.order_id = pack_order.id and r.provider_reference = event ->> 'reference') then
    return 'nothing_to_do';
  end if;
  if pack_order.status = 'completed' and lower(event ->> 'currency') = 'eur'
    and (event ->> 'amountCents')::bigint between 0 and leads.refundable_cents(pack_order) then
    perform leads.book_made(pack_order, 'dispute', (event ->> 'amountCents')::bigint, event ->> 'reference');
    return 'reported';
  end if;
  return 'other_amount';
end;
$$;
comment on function leads.apply_dispute is
  'Applies a lost dispute to a locked order: the money and the remaining credits are gone, the sale stands.';

-- The states of a refund: requested, accepted, refused, reversed. Every function here is idempotent: it may be called
-- any number of times, from anywhere, and acts once. The order's row is locked first, then the refund's.

create function leads.refund_to_settle(refund_id uuid)
returns leads.refunds
language plpgsql
set search_path = ''
as $$
declare
  v_refund leads.refunds;
begin
  perform leads.order_to_settle((select r.order_id from leads.refunds r where r.id = refund_to_settle.refund_id));
  select r.* into strict v_refund from leads.refunds r where r.id = refund_to_settle.refund_id for no key update;
  return v_refund;
end;
$$;
comment on function leads.refund_to_settle is
  'Locks a refund and its order until the transaction ends and returns the refund.';

-- A lost dispute counts as well: like a refund, it gives the money back to the buyer.
create function leads.refundable_cents(pack_order leads.pack_orders)
returns bigint
language sql
stable
set search_path = ''
as $$
  select pack_order.price_cents - coalesce(sum(r.amount_cents), 0)::bigint from leads.refunds r
  where r.order_id = pack_order.id and r.status = 'accepted';
$$;
comment on function leads.refundable_cents is
  'The part of an order''s price that has not gone back to the buyer, in cents.';

create function leads.share_of_refund(pack_order leads.pack_orders, amount_cents bigint, out credits integer,
  out bonus integer)
language sql
stable
set search_path = ''
as $$
  select greatest(0, leads.share_of(pack_order.credits, s.cents, pack_order.price_cents) - s.credits)::integer,
    greatest(0, leads.share_of(pack_order.bonus, s.cents, pack_order.price_cents) - s.bonus)::integer
  from (
    select coalesce(sum(r.amount_cents), 0)::bigint + share_of_refund.amount_cents as cents,
      coalesce(sum(r.credits), 0) as credits, coalesce(sum(r.bonus), 0) as bonus
    from leads.refunds r where r.order_id = pack_order.id and r.status = 'accepted'
  ) s;
$$;
comment on function leads.share_of_refund is
  'The credits that correspond to a refund of so many cents, on top of those of earlier refunds.';

-- Older events of a provider may carry the id of another refund: a refund that has an id keeps it, and no other refund
-- of the order gets the same one.
create function leads.refund_name(refund leads.refunds, told text)
returns text
language sql
stable
set search_path = ''
as $$
  select coalesce(refund.provider_reference, case when not exists (
    select from leads.refunds o where o.order_id = refund.order_id and o.provider_reference = told) then told end);
$$;
comment on function leads.refund_name is
  'The id of a refund at the provider: its own, or the reported one if no other refund has it.';

-- An admin cannot refund an order whose paid credits are spent. Spent bonus credits do not prevent a refund, because
-- they have no value in euros. A repeated request returns the refund that is still unanswered.
create function leads.request_refund(order_id uuid, amount_cents bigint default null)
returns leads.refunds
language plpgsql
set search_path = ''
as $$
declare
  v_order leads.pack_orders := leads.order_to_settle(order_id);
  v_rest bigint := leads.refundable_cents(v_order);
  v_amount bigint := coalesce(amount_cents, v_rest);
  v_credits integer;
  v_paid bigint;
  v_refund leads.refunds;
begin
  select r.* into v_refund from leads.refunds r where r.order_id = v_order.id and r.status = 'requested';
  if found then
    if v_refund.amount_cents <> coalesce(amount_cents, v_refund.amount_cents) then
      perform platform.fail(409, 'refund_requested',
        format('Un remboursement de %s € est déjà demandé pour cette commande ; attendez sa réponse.',
        platform.amount_text(v_refund.amount_cents)));
    end if;
    return v_refund;
  end if;
  if v_order.status <> 'completed' then
    perform platform.fail(409, 'order_not_paid', 'Cette commande n''est pas payée : il n''y a rien à rembourser.');
  end if;
  if v_amount > v_rest or v_amount < 0 then
    perform platform.refuse_fields(platform.field_problem('amount', 'invalid_value',
      format('Il reste %s € à rembourser de cette commande.', platform.amount_text(v_rest))));
  end if;
  v_credits := (leads.share_of_refund(v_order, v_amount)).credits;
  select coalesce(sum(b.balance), 0) into v_paid from platform.lock_balances('leads', v_order.buyer_id) b
  where b.kind = 'buyer_paid';
  if v_paid < v_credits then
    perform platform.fail(409, 'credits_spent',
      format('Il manque %s des %s crédits payés de cette commande : ils ont été dépensés, elle ne se rembourse plus.',
      v_credits - v_paid, v_credits));
  end if;
  insert into leads.refunds (order_id, kind, amount_cents) values (v_order.id, 'asked', v_amount)
    returning * into v_refund;
  return v_refund;
end;
$$;
comment on function leads.request_refund is
  'Stores a refund before the provider is asked: a part in cents, or all that is left. 409 if its paid credits are '
  'spent.';

create function leads.refuse_refund(refund_id uuid, cause text, provider_reference text default null,
  failed_at timestamptz default null)
returns leads.refunds
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_refund leads.refunds := leads.refund_to_settle(refund_id);
begin
  update leads.refunds r set status = 'refused', cause = left(coalesce(refuse_refund.cause, 'unknown'), 100),
    failed_at = refuse_refund.failed_at, provider_reference = leads.refund_name(r, refuse_refund.provider_reference)
  where r.id = v_refund.id and (r.status = 'requested' or r.status = 'refused' and r.failed_at is null
    and refuse_refund.failed_at is not null)
  returning r.* into v_refund;
  return v_refund;
end;
$$;
comment on function leads.refuse_refund is
  'Marks a refund as refused by the provider, so that another one can be requested. For a refund already refused '
  'here, only stores the time of the failure.';

-- If the money goes back another way, a requested refund is no longer possible and is refused. If the provider makes
-- it all the same, its webhook reports it.
create function leads.refuse_waiting(pack_order leads.pack_orders, cause text)
returns void
language sql
set search_path = ''
as $$
  select leads.refuse_refund(r.id, refuse_waiting.cause) from leads.refunds r
  where r.order_id = pack_order.id and r.status = 'requested'
    and (pack_order.status = 'refunded' or r.amount_cents > leads.refundable_cents(pack_order));
$$;
comment on function leads.refuse_waiting is
  'Refuses the requested refund of an order if it exceeds what the order has left.';

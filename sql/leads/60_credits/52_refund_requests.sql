-- What becomes of a refund: requested, accepted, refused, reversed. Each of these may be asked any number of times, from
-- anywhere, and is done once: the order's row is locked first, then the refund's.

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
comment on function leads.refund_to_settle is 'The refund, and its order, locked until the transaction ends.';

-- Of a dispute too: by it or by a refund, the money is with the buyer again.
create function leads.refundable_cents(pack_order leads.pack_orders)
returns bigint
language sql
stable
set search_path = ''
as $$
  select pack_order.price_cents - coalesce(sum(r.amount_cents), 0)::bigint from leads.refunds r
  where r.order_id = pack_order.id and r.status = 'accepted';
$$;
comment on function leads.refundable_cents is 'What of an order''s price has not gone back, in cents.';

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
comment on function leads.share_of_refund is 'The credits that go back with so many cents of an order, besides those that have gone before.';

-- Older events of a provider tell a name with what is not that refund's: who has a name keeps it, and no other gets it.
create function leads.refund_name(refund leads.refunds, told text)
returns text
language sql
stable
set search_path = ''
as $$
  select coalesce(refund.provider_reference, case when not exists (
    select from leads.refunds o where o.order_id = refund.order_id and o.provider_reference = told) then told end);
$$;
comment on function leads.refund_name is 'The name of a refund at the provider: its own, or the one that is told if it is free.';

-- An admin takes nothing back whose paid credits are spent; those that were given are worth nothing in euros, and stand in
-- nobody's way. What he has asked for and is not answered yet is that same refund again.
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
comment on function leads.request_refund is 'Keeps what is about to be asked of the provider: a part in cents, or all that is left. 409 if paid credits of it are spent.';

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
comment on function leads.refuse_refund is 'The provider does not send the money of a refund: it is as if nobody had asked. When he failed is kept of one that was refused here before.';

-- What is asked for when the money goes another way can be had no more: nobody waits for it. If it is made all the same, the
-- provider tells.
create function leads.refuse_waiting(pack_order leads.pack_orders, cause text)
returns void
language sql
set search_path = ''
as $$
  select leads.refuse_refund(r.id, refuse_waiting.cause) from leads.refunds r
  where r.order_id = pack_order.id and r.status = 'requested'
    and (pack_order.status = 'refunded' or r.amount_cents > leads.refundable_cents(pack_order));
$$;
comment on function leads.refuse_waiting is 'Answers the refund that is asked for, if more than its order has left.';

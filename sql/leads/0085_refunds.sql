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
  select pack_order.price_cents - coalesce(sum(r.amount_cents), 0)::bigint from leads.refunds r where r.order_id = pack_order.id and r.status = 'accepted';
$$;
comment on function leads.refundable_cents is 'What of an order''s price has not gone back, in cents.';

create function leads.share_of_refund(pack_order leads.pack_orders, amount_cents bigint, out credits integer, out bonus integer)
language sql
stable
set search_path = ''
as $$
  select greatest(0, leads.share_of(pack_order.credits, s.cents, pack_order.price_cents) - s.credits)::integer,
    greatest(0, leads.share_of(pack_order.bonus, s.cents, pack_order.price_cents) - s.bonus)::integer
  from (
    select coalesce(sum(r.amount_cents), 0)::bigint + share_of_refund.amount_cents as cents, coalesce(sum(r.credits), 0) as credits, coalesce(sum(r.bonus), 0) as bonus
    from leads.refunds r where r.order_id = pack_order.id and r.status = 'accepted'
  ) s;
$$;
comment on function leads.share_of_refund is 'The credits that go back with so many cents of an order, besides those that have gone before.';

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
      perform platform.fail(409, 'refund_requested', format('Un remboursement de %s € est déjà demandé pour cette commande ; attendez sa réponse.',
        leads.amount_text(v_refund.amount_cents)));
    end if;
    return v_refund;
  end if;
  if v_order.status <> 'completed' then
    perform platform.fail(409, 'order_not_paid', 'Cette commande n''est pas payée : il n''y a rien à rembourser.');
  end if;
  if v_amount > v_rest or v_amount < 0 then
    perform leads.refuse_fields(leads.field_problem('amount', 'invalid_value', format('Il reste %s € à rembourser de cette commande.', leads.amount_text(v_rest))));
  end if;
  v_credits := (leads.share_of_refund(v_order, v_amount)).credits;
  select coalesce(sum(b.balance), 0) into v_paid from platform.lock_balances('leads', v_order.buyer_id) b where b.kind = 'buyer_paid';
  if v_paid < v_credits then
    perform platform.fail(409, 'credits_spent', format('Il manque %s des %s crédits payés de cette commande : ils ont été dépensés, elle ne se rembourse plus.',
      v_credits - v_paid, v_credits));
  end if;
  insert into leads.refunds (order_id, kind, amount_cents) values (v_order.id, 'asked', v_amount) returning * into v_refund;
  return v_refund;
end;
$$;
comment on function leads.request_refund is 'Keeps what is about to be asked of the provider: a part in cents, or all that is left. 409 if paid credits of it are spent.';

-- What is left of the credits goes back, each from its lot, which is locked before it is looked at. The money has gone, so there
-- is nothing to refuse: what is missing is given to the buyer, as a loss, and then taken with the rest.
create function leads.take_credits_back(refund leads.refunds, buyer_id uuid)
returns leads.refunds
language plpgsql
set search_path = ''
as $$
declare
  v_refund leads.refunds := refund;
begin
  select refund.credits - coalesce(sum(least(b.balance, refund.credits)) filter (where b.kind = 'buyer_paid'), 0),
      refund.bonus - coalesce(sum(least(b.balance, refund.bonus)) filter (where b.kind = 'buyer_bonus'), 0)
    into v_refund.credits_lost, v_refund.bonus_lost from platform.lock_balances('leads', take_credits_back.buyer_id) b;
  if v_refund.credits_lost + v_refund.bonus_lost > 0 then
    perform platform.post_transfer('leads', 'pack_loss', refund.id::text, array[('credits_lost', null, -(v_refund.credits_lost + v_refund.bonus_lost)),
      ('buyer_paid', buyer_id, v_refund.credits_lost), ('buyer_bonus', buyer_id, v_refund.bonus_lost)]::platform.ledger_line[]);
  end if;
  -- A sale stands that the bank of the buyer did not want to pay: it is a loss, not less revenue.
  perform platform.post_transfer('leads', case refund.kind when 'dispute' then 'pack_dispute' else 'pack_refund' end, refund.id::text, array[
    ('credits_issued', null, refund.credits + refund.bonus), ('buyer_paid', buyer_id, -refund.credits), ('buyer_bonus', buyer_id, -refund.bonus),
    ('bank', null, refund.amount_cents), (case refund.kind when 'dispute' then 'disputes_lost' else 'pack_revenue' end, null, -refund.amount_cents)
  ]::platform.ledger_line[]);
  return v_refund;
end;
$$;
comment on function leads.take_credits_back is 'Books the credits and the money of an accepted refund; the row with what of the credits is lost.';

-- What the order says of its refunds, and the lists of it.
create function leads.sum_refunds(order_id uuid)
returns leads.pack_orders
language plpgsql
set search_path = ''
as $$
declare
  v_order leads.pack_orders;
begin
  update leads.pack_orders o set credits_lost = s.lost, refund_reference = s.reference,
    status = case when s.accepted > 0 and s.cents >= o.price_cents then 'refunded' else 'completed' end
  from (
    select coalesce(sum(r.credits_lost + r.bonus_lost - r.loss_undone), 0)::integer as lost, coalesce(sum(r.amount_cents) filter (where r.status = 'accepted'), 0) as cents,
      count(*) filter (where r.status = 'accepted') as accepted,
      (array_agg(r.provider_reference order by r.id desc) filter (where r.status = 'accepted' and r.provider_reference is not null))[1] as reference
    from leads.refunds r where r.order_id = sum_refunds.order_id
  ) s
  where o.id = sum_refunds.order_id returning o.* into v_order;
  return leads.list_order(v_order);
end;
$$;
comment on function leads.sum_refunds is 'Makes an order, its payment and its transaction say what its refunds say.';

create function leads.accept_refund(refund_id uuid, provider_reference text)
returns leads.refunds
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_refund leads.refunds := leads.refund_to_settle(refund_id);
  v_order leads.pack_orders;
  v_pack text;
begin
  select o.* into v_order from leads.pack_orders o where o.id = v_refund.order_id;
  if v_refund.status in ('accepted', 'reversed') then
    perform leads.keep_refund(v_order.id, v_refund.id, provider_reference);
    return v_refund;
  end if;
  if v_refund.amount_cents > leads.refundable_cents(v_order) then
    perform platform.fail(409, 'refund_too_large', 'Ce remboursement dépasse ce qui reste de la commande.');
  end if;
  select s.credits, s.bonus into v_refund.credits, v_refund.bonus from leads.share_of_refund(v_order, v_refund.amount_cents) s;
  v_refund := leads.take_credits_back(v_refund, v_order.buyer_id);
  v_pack := case when v_refund.amount_cents < v_order.price_cents then 'partiel ' else '' end || 'Pack ' || v_order.pack_name;
  update leads.refunds r set status = 'accepted', provider_reference = coalesce(accept_refund.provider_reference, r.provider_reference), cause = null,
    credits = v_refund.credits, bonus = v_refund.bonus, credits_lost = v_refund.credits_lost, bonus_lost = v_refund.bonus_lost,
    transaction_id = leads.record_transaction('refund', v_order.buyer_id, 'acheteur', v_refund.amount_cents, v_refund.credits,
      case v_refund.kind when 'dispute' then 'Contestation perdue — ' else 'Remboursement ' end || v_pack,
      (select t.payment_method from leads.transactions t where t.id = v_order.transaction_id))
  where r.id = v_refund.id returning r.* into v_refund;
  perform leads.sum_refunds(v_order.id);
  perform leads.tell_refund(v_order, v_refund);
  return v_refund;
end;
$$;
comment on function leads.accept_refund is 'The money of a refund is on its way: credits, books, credit note and the rest, once.';

create function leads.tell_refund(pack_order leads.pack_orders, refund leads.refunds)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_taken integer := refund.credits + refund.bonus - refund.credits_lost - refund.bonus_lost;
begin
  if refund.kind = 'dispute' then
    perform platform.notify(pack_order.buyer_id, 'leads', 'warning', 'Paiement contesté', format('Votre banque a repris le paiement du Pack %s ; %s crédits ont été retirés de votre compte.',
      pack_order.pack_name, v_taken));
    perform platform.emit('leads', 'order.disputed', jsonb_build_object('order', pack_order.reference));
    return;
  end if;
  perform platform.notify(pack_order.buyer_id, 'leads', 'info', 'Pack remboursé', format('%s ; %s crédits ont été retirés de votre compte.',
    case when refund.amount_cents < pack_order.price_cents then format('%s € du Pack %s vous sont remboursés', leads.amount_text(refund.amount_cents), pack_order.pack_name)
      else format('Le Pack %s vous est remboursé', pack_order.pack_name) end, v_taken));
  perform platform.emit('leads', 'order.refunded', jsonb_build_object('order', pack_order.reference, 'refund', refund.reference));
  perform leads.issue_credit_note(refund);
end;
$$;
comment on function leads.tell_refund is 'What leaves the house once a refund is booked: notification, event and credit note.';

create function leads.refuse_refund(refund_id uuid, cause text, provider_reference text default null, failed_at timestamptz default null)
returns leads.refunds
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_refund leads.refunds := leads.refund_to_settle(refund_id);
begin
  update leads.refunds r set status = 'refused', cause = left(coalesce(refuse_refund.cause, 'unknown'), 100), failed_at = refuse_refund.failed_at,
    provider_reference = coalesce(refuse_refund.provider_reference, r.provider_reference)
  where r.id = v_refund.id and r.status = 'requested' returning r.* into v_refund;
  return v_refund;
end;
$$;
comment on function leads.refuse_refund is 'The provider does not send the money of a refund: it is as if nobody had asked.';

create function leads.owed_credits(buyer_id uuid)
returns bigint
language sql
stable
set search_path = ''
as $$
  select (select coalesce(sum(o.credits_lost), 0) from leads.pack_orders o where o.buyer_id = owed_credits.buyer_id)
    - (select coalesce(sum(r.credits_recovered), 0) from leads.returns r where r.buyer_id = owed_credits.buyer_id);
$$;
comment on function leads.owed_credits is 'Credits of refunded packs that a buyer has spent and not made good.';

-- The credits come back, each to its lot; of those that were lost the buyer answers for what a return has not made good.
create function leads.reverse_refund(refund_id uuid, cause text, failed_at timestamptz)
returns leads.refunds
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_refund leads.refunds := leads.refund_to_settle(refund_id);
  v_buyer uuid := (select o.buyer_id from leads.pack_orders o where o.id = v_refund.order_id);
  v_undone integer;
begin
  if v_refund.status <> 'accepted' then return v_refund; end if;
  perform platform.lock_balances('leads', v_buyer);
  perform platform.reverse_transfer(t.id, 'pack_refund_reversed', v_refund.id::text)
    from platform.ledger_transfers t where t.system = 'leads' and t.kind = 'pack_refund' and t.key = v_refund.id::text;
  v_undone := greatest(0, least(v_refund.credits_lost + v_refund.bonus_lost, leads.owed_credits(v_buyer)));
  if v_undone > 0 then
    perform platform.post_transfer('leads', 'pack_loss_undone', v_refund.id::text, array[('credits_lost', null, v_undone),
      ('buyer_paid', v_buyer, -least(v_undone, v_refund.credits_lost)), ('buyer_bonus', v_buyer, least(v_undone, v_refund.credits_lost) - v_undone)
    ]::platform.ledger_line[]);
  end if;
  update leads.refunds r set status = 'reversed', cause = left(coalesce(reverse_refund.cause, 'unknown'), 100), failed_at = reverse_refund.failed_at, loss_undone = v_undone
  where r.id = v_refund.id returning r.* into v_refund;
  update leads.transactions t set status = 'failed', description = t.description || ' — non abouti' where t.id = v_refund.transaction_id;
  perform leads.sum_refunds(v_refund.order_id);
  perform platform.notify(v_buyer, 'leads', 'warning', 'Remboursement non abouti', format('Le remboursement de %s € n''a pas abouti ; %s crédits vous ont été rendus.',
    leads.amount_text(v_refund.amount_cents), v_refund.credits + v_refund.bonus - v_undone));
  perform platform.emit('leads', 'refund.reversed', jsonb_build_object('refund', v_refund.reference));
  perform leads.issue_again(v_refund);
  return v_refund;
end;
$$;
comment on function leads.reverse_refund is 'The money of an accepted refund came back to the platform: everything that it booked is taken back, once.';

create function leads.keep_refund(order_id uuid, refund_id uuid, provider_reference text)
returns void
language plpgsql
set search_path = ''
as $$
begin
  update leads.refunds r set provider_reference = keep_refund.provider_reference
  where r.id = keep_refund.refund_id and r.provider_reference is null and keep_refund.provider_reference is not null
    and not exists (select from leads.refunds o where o.order_id = keep_refund.order_id and o.provider_reference = keep_refund.provider_reference);
  if found then perform leads.sum_refunds(order_id); end if;
end;
$$;
comment on function leads.keep_refund is 'The name of a refund at the provider, if it has none yet.';

-- Where nobody is asked, because the money is sent by hand or has gone already.
create function leads.refund_order(order_id uuid, money_sent boolean default false)
returns leads.pack_orders
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_order leads.pack_orders := leads.order_to_settle(order_id);
  v_refund leads.refunds;
begin
  if v_order.status = 'completed' and money_sent then
    perform leads.book_made(v_order, 'made', leads.refundable_cents(v_order), null);
  elsif v_order.status <> 'refunded' then
    v_refund := leads.request_refund(v_order.id);
    perform leads.accept_refund(v_refund.id, 'manual-' || v_refund.id);
  end if;
  return leads.order_to_settle(order_id);
end;
$$;
comment on function leads.refund_order is 'Refunds all that is left of an order; 409 if paid credits of it are spent, unless the money is sent already.';

create function leads.book_made(pack_order leads.pack_orders, kind text, amount_cents bigint, provider_reference text)
returns leads.refunds
language plpgsql
set search_path = ''
as $$
declare
  v_id uuid;
begin
  -- As refused, so that it stands in no requested one's way; it is accepted at once.
  insert into leads.refunds (order_id, kind, status, amount_cents) values (pack_order.id, book_made.kind, 'refused', book_made.amount_cents) returning id into v_id;
  return leads.accept_refund(v_id, provider_reference);
end;
$$;
comment on function leads.book_made is 'Books a refund or a lost dispute that the provider tells of, and nobody here asked for.';

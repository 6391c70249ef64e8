-- Reversal of an accepted refund whose money did not arrive.

create function leads.owed_credits(buyer_id uuid)
returns bigint
language sql
stable
set search_path = ''
as $$
  select (select coalesce(sum(o.credits_lost), 0) from leads.pack_orders o where o.buyer_id = owed_credits.buyer_id)
    - (select coalesce(sum(r.credits_recovered), 0) from leads.returns r where r.buyer_id = owed_credits.buyer_id);
$$;
comment on function leads.owed_credits is
  'The buyer''s debt: spent credits of refunded packs that have not been repaid.';

-- The credits go back to their accounts, paid or bonus. Lost credits that the buyer has not repaid by a return are
-- debited again.
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
    perform platform.post_transfer('leads', 'pack_loss_undone', v_refund.id::text,
      array[('credits_lost', null, v_undone),
      ('buyer_paid', v_buyer, -least(v_undone, v_refund.credits_lost)),
      ('buyer_bonus', v_buyer, least(v_undone, v_refund.credits_lost) - v_undone)
    ]::platform.ledger_line[]);
  end if;
  update leads.refunds r set status = 'reversed', cause = left(coalesce(reverse_refund.cause, 'unknown'), 100),
    failed_at = reverse_refund.failed_at, loss_undone = v_undone
  where r.id = v_refund.id returning r.* into v_refund;
  update leads.transactions t set status = 'failed', description = t.description || ' — non abouti'
  where t.id = v_refund.transaction_id;
  perform leads.sum_refunds(v_refund.order_id);
  perform platform.notify(v_buyer, 'leads', 'warning', 'Remboursement non abouti',
    format('Le remboursement de %s € n''a pas abouti ; %s crédits vous ont été rendus.',
    platform.amount_text(v_refund.amount_cents), v_refund.credits + v_refund.bonus - v_undone));
  perform platform.emit('leads', 'refund.reversed', jsonb_build_object('refund', v_refund.reference));
  perform leads.issue_again(v_refund);
  return v_refund;
end;
$$;
comment on function leads.reverse_refund is
  'Reverses everything that an accepted refund booked, once, when its money comes back to the platform.';

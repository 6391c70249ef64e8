-- Erasure of a supplier or an account holder in Leads Provider (GDPR, article 17). The account itself is erased by the
-- platform.

-- An account with open payments cannot be erased, because the money needs a recipient; they must be settled first.
create function leads.open_obligations(user_id uuid, supplier_ids uuid[])
returns text[]
language plpgsql
volatile
set search_path = ''
as $$
begin
  -- The locks make concurrent sales and purchases wait, or are taken after them.
  perform from leads.suppliers s where s.id = any (supplier_ids) order by s.id for update;
  perform platform.lock_balances('leads', open_obligations.user_id);
  return array_remove(array[
    (select format('%s crédits payés à rembourser ou à dépenser', b.balance)
      from platform.ledger_balance('leads', 'buyer_paid', open_obligations.user_id) b (balance) where b.balance > 0),
    (select format('%s commande(s) en cours', count(*)) from leads.pack_orders o
      where o.buyer_id = open_obligations.user_id and (o.status = 'pending'
      or exists (select from leads.refunds r where r.order_id = o.id and r.status = 'requested')) having count(*) > 0),
    (select format('%s retour(s) de leads à décider', count(*)) from leads.returns r
      where r.buyer_id = open_obligations.user_id and r.status = 'requested' having count(*) > 0),
    (select format('des gains à verser ou à reprendre (%s €)', platform.amount_text(sum(e.amount_cents)::bigint))
      from leads.earnings e
      where e.supplier_id = any (supplier_ids) and e.payout_id is null and e.amount_cents <> 0 having count(*) > 0),
    (select format('%s virement(s) sans réponse de la banque', count(*)) from leads.payouts p
      where p.supplier_id = any (supplier_ids) and p.status = 'pending' having count(*) > 0),
    (select format('%s import(s) en cours', count(*)) from leads.imports i
      where i.supplier_id = any (supplier_ids) and i.status in ('processing', 'pending_review') having count(*) > 0)
  ], null);
end;
$$;
comment on function leads.open_obligations is
  'The obligations that block an erasure, as text; locks the rows it has read.';

create function leads.refuse_open_obligations(user_id uuid, supplier_ids uuid[])
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_open text[] := leads.open_obligations(user_id, supplier_ids);
begin
  if v_open <> '{}' then
    perform platform.fail(409, 'open_obligations', 'Ce compte ne peut pas encore être effacé : '
      || array_to_string(v_open, ', ') || '.',
      'Réglez ce qui est en cours, puis recommencez ; suspendez le compte en attendant.');
  end if;
end;
$$;
comment on function leads.refuse_open_obligations is 'Refuses (409) to erase an account with open obligations.';

create function leads.erase_suppliers(ids uuid[])
returns void
language sql
set search_path = ''
as $$
  delete from leads.supplier_accounts a where a.supplier_id = any (ids);
  delete from leads.held_accounts a where a.supplier_id = any (ids);
  delete from leads.import_mappings m where m.supplier_id = any (ids);
  delete from platform.notifications n where n.about = any (ids);
  -- The supplier is suspended, so that no lead is sold any more.
  update leads.suppliers s set contact_name = 'Compte effacé', company = 'Compte effacé', email = '', iban_mask = null,
    status = 'suspended'
  where s.id = any (ids);
  delete from leads.self_dealing d where d.supplier_id = any (ids) and d.status <> 'confirmed';
  update leads.self_dealing d set note = null where d.supplier_id = any (ids);
  delete from leads.party_signs p where p.person = any (ids);
$$;
comment on function leads.erase_suppliers is
  'Erases the identifying data of suppliers, including their bank accounts.';

create function leads.erase_holder(user_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  delete from leads.billing_details d where d.buyer_id = erase_holder.user_id;
  delete from leads.buyers b where b.user_id = erase_holder.user_id;
  update leads.returns r set comment = null, decision_note = null
  where r.buyer_id = erase_holder.user_id and (r.comment is not null or r.decision_note is not null);
  update leads.transactions t set user_name = 'Compte effacé', company = null where t.user_id = erase_holder.user_id;
  update leads.calls c set agent_name = 'Compte effacé' where c.agent_id = erase_holder.user_id;
  update leads.leads l set reserved_until = null
  where l.agent_id = erase_holder.user_id and l.reserved_until is not null;
  delete from leads.self_dealing d where d.buyer_id = erase_holder.user_id and d.status <> 'confirmed';
  update leads.self_dealing d set note = null where d.buyer_id = erase_holder.user_id;
  -- This comes last, because the changes above store signs again.
  delete from leads.party_signs p where p.person = erase_holder.user_id;
end;
$$;
comment on function leads.erase_holder is
  'Erases the data of an agent, buyer, supplier or admin in Leads Provider; the account itself is erased by the '
  'platform.';

create function leads.account_files_to_remove()
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(jsonb_agg(o.name order by o.name), '[]') from storage.objects o
  join platform.profiles p on p.erased_at is not null and p.id::text = split_part(o.name, '/', 1)
  where o.bucket_id = 'avatars';
$$;
comment on function leads.account_files_to_remove is
  'Avatars of erased accounts still in the bucket « avatars »: [path].';
grant execute on function leads.account_files_to_remove to service_role;

-- The chart of accounts. A buyer's credits are kept in two accounts, paid and bonus, because bonus credits are not
-- refundable in euros.
insert into platform.ledger_account_kinds (system, kind, unit, guarded, description) values
  ('leads', 'buyer_paid', 'credits', true, 'Crédits achetés d''un acheteur'),
  ('leads', 'buyer_bonus', 'credits', true, 'Crédits offerts à un acheteur'),
  ('leads', 'credits_issued', 'credits', false, 'Crédits émis, en négatif'),
  ('leads', 'credits_spent', 'credits', false, 'Crédits dépensés en leads'),
  ('leads', 'credits_lost', 'credits', false, 'Crédits dépensés d''une commande remboursée, en négatif'),
  ('leads', 'credits_opening', 'credits', false, 'Soldes de crédits repris à l''ouverture, en négatif'),
  ('leads', 'supplier_earnings', 'cents', false, 'Ce qui est dû à un fournisseur et n''est dans aucun virement'),
  ('leads', 'commission', 'cents', false, 'Part de la plateforme dans les ventes'),
  ('leads', 'lead_sales', 'cents', false, 'Valeur des leads vendus, en négatif'),
  ('leads', 'pack_revenue', 'cents', false, 'Packs de crédits encaissés'),
  ('leads', 'disputes_lost', 'cents', false, 'Packs payés que la banque de l''acheteur a repris, en négatif'),
  ('leads', 'payouts_in_transit', 'cents', false, 'Virements émis et pas encore confirmés par la banque'),
  ('leads', 'bank', 'cents', false, 'La banque : négatif ce qui en est venu, positif ce qui y est parti'),
  ('leads', 'opening', 'cents', false, 'Soldes en euros repris à l''ouverture, en négatif');

-- The admin's list of transactions keeps the user's name and company as they were on that day.
create function leads.record_transaction(
  type text, user_id uuid, role text, amount_cents bigint, credits integer, description text, payment_method text,
  status text default 'completed'
)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_id uuid;
begin
  insert into leads.transactions (type, user_id, user_name, user_role, company, amount_cents, credits, status,
    description, payment_method)
  select record_transaction.type, p.id, btrim(p.first_name || ' ' || p.last_name), record_transaction.role, p.company,
    record_transaction.amount_cents, record_transaction.credits, record_transaction.status,
    record_transaction.description, record_transaction.payment_method
  from platform.profiles p where p.id = record_transaction.user_id
  returning id into v_id;
  return v_id;
end;
$$;
comment on function leads.record_transaction is 'Adds a row to the list of transactions; the amount is in cents.';

create function leads.credits_of(buyer_id uuid)
returns numeric
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return (select coalesce(sum(b.balance), 0) from platform.ledger_accounts a
    join platform.ledger_balances b on b.account_id = a.id
    where a.system = 'leads' and a.owner = credits_of.buyer_id and a.kind in ('buyer_paid', 'buyer_bonus'));
end;
$$;
comment on function leads.credits_of is 'The buyer''s balance in credits, paid and bonus together.';

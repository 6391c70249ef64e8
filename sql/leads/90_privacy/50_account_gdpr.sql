-- What the GDPR lets the holder of an account ask for: everything that is held about him, and to be erased. What is found is
-- the account of the address, which was proven; a telephone in a profile proves nothing, and finds no account.

create function leads.camel_keys(given jsonb, kept text[])
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_object_agg(left(e.key, 1) || substr(replace(initcap(replace(e.key, '_', ' ')), ' ', ''), 2), e.value), '{}')
  from jsonb_each(given) e where e.key = any (kept);
$$;
comment on function leads.camel_keys is 'Some fields of a row, by the names that JSON has them under.';

create function leads.exported_account(user_id uuid, supplier_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v record;
  v_rows jsonb;
  v_found jsonb := '{}';
begin
  for v in select d.*, case d.whose when 'user' then exported_account.user_id else exported_account.supplier_id end as id from leads.personal_data() d
    where d.shown is not null and to_regclass(d.relation) is not null
  loop
    continue when v.id is null;
    if v.shown = '{}' then
      execute format('select jsonb_build_object(''count'', count(*)) from %s t where t.%I = $1', v.relation, v.column_name) into v_rows using v.id;
    else
      execute format('select coalesce(jsonb_agg(leads.camel_keys(to_jsonb(t), $2)), ''[]'') from %s t where t.%I = $1', v.relation, v.column_name)
        into v_rows using v.id, v.shown;
    end if;
    -- A table may know an account in two ways.
    v_found := v_found || jsonb_build_object(v.relation || case when v_found ? v.relation then '.' || v.column_name else '' end, v_rows);
  end loop;
  return jsonb_build_object('data', v_found,
    'files', (select coalesce(jsonb_agg(jsonb_build_object('bucket', o.bucket_id, 'path', o.name) order by o.name), '[]')
      from storage.objects o where split_part(o.name, '/', 1) = exported_account.user_id::text),
    'afterErasure', (select jsonb_agg(jsonb_build_object('what', d.relation || '.' || d.column_name, 'fate', d.fate, 'why', d.why) order by d.relation, d.column_name)
      from leads.personal_data() d where d.fate <> 'erased' and d.whose is not null));
end;
$$;
comment on function leads.exported_account is 'Everything that is held about the holder of an account, where, and what stays of it after an erasure.';

-- A supplier may be known by his address alone, without an account.
create function leads.account_of(email text, out user_id uuid, out supplier_id uuid)
language sql
stable
security definer
set search_path = ''
as $$
  select u.id, s.id from (values (account_of.email)) a (email)
  left join auth.users u on u.email in (a.email, lower(platform.shown_email(a.email)))
  left join leads.suppliers s on s.user_id = u.id or u.id is null and lower(s.email) in (a.email, lower(platform.shown_email(a.email)))
  limit 1;
$$;
comment on function leads.account_of is 'The account of an address, and its supplier.';

-- Money on its way to or from a person needs somebody to go to; it is settled first.
create function leads.open_obligations(user_id uuid, supplier_id uuid)
returns text[]
language plpgsql
volatile
set search_path = ''
as $$
begin
  -- Whoever buys or is sold meanwhile waits, or has been here before.
  perform from leads.suppliers s where s.id = open_obligations.supplier_id for update;
  perform platform.lock_balances('leads', open_obligations.user_id);
  return array_remove(array[
    (select format('%s crédits payés à rembourser ou à dépenser', b.balance) from platform.ledger_balance('leads', 'buyer_paid', open_obligations.user_id) b (balance) where b.balance > 0),
    (select format('%s commande(s) en cours', count(*)) from leads.pack_orders o where o.buyer_id = open_obligations.user_id and (o.status = 'pending'
      or exists (select from leads.refunds r where r.order_id = o.id and r.status = 'requested')) having count(*) > 0),
    (select format('%s retour(s) de leads à décider', count(*)) from leads.returns r where r.buyer_id = open_obligations.user_id and r.status = 'requested' having count(*) > 0),
    (select format('des gains à verser ou à reprendre (%s €)', leads.amount_text(sum(e.amount_cents)::bigint)) from leads.earnings e
      where e.supplier_id = open_obligations.supplier_id and e.payout_id is null and e.amount_cents <> 0 having count(*) > 0),
    (select format('%s virement(s) sans réponse de la banque', count(*)) from leads.payouts p where p.supplier_id = open_obligations.supplier_id and p.status = 'pending' having count(*) > 0),
    (select format('%s import(s) en cours', count(*)) from leads.imports i where i.supplier_id = open_obligations.supplier_id and i.status in ('processing', 'pending_review') having count(*) > 0)
  ], null);
end;
$$;
comment on function leads.open_obligations is 'What has to be settled before an account can be erased, in words; locks what it looked at.';

create function leads.erase_supplier(supplier_id uuid)
returns void
language sql
set search_path = ''
as $$
  delete from leads.supplier_accounts a where a.supplier_id = erase_supplier.supplier_id;
  delete from leads.held_accounts a where a.supplier_id = erase_supplier.supplier_id;
  delete from leads.import_mappings m where m.supplier_id = erase_supplier.supplier_id;
  -- Suspended: nothing of his is sold any more.
  update leads.suppliers s set contact_name = 'Compte effacé', company = 'Compte effacé', email = '', iban_mask = null, status = 'suspended'
  where s.id = erase_supplier.supplier_id;
  delete from leads.self_dealing d where d.supplier_id = erase_supplier.supplier_id and d.status <> 'confirmed';
  update leads.self_dealing d set note = null where d.supplier_id = erase_supplier.supplier_id;
  delete from leads.party_signs p where p.person = erase_supplier.supplier_id;
$$;
comment on function leads.erase_supplier is 'Takes from a supplier all that identifies the person, the account on which he was paid as well.';

create function leads.erase_holder(user_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  delete from leads.billing_details d where d.buyer_id = erase_holder.user_id;
  delete from leads.buyers b where b.user_id = erase_holder.user_id;
  update leads.returns r set comment = null where r.buyer_id = erase_holder.user_id and r.comment is not null;
  update leads.transactions t set user_name = 'Compte effacé', company = null where t.user_id = erase_holder.user_id;
  update leads.calls c set agent_name = 'Compte effacé' where c.agent_id = erase_holder.user_id;
  update leads.leads l set reserved_until = null where l.agent_id = erase_holder.user_id and l.reserved_until is not null;
  perform platform.erase_account(erase_holder.user_id);
  delete from leads.self_dealing d where d.buyer_id = erase_holder.user_id and d.status <> 'confirmed';
  update leads.self_dealing d set note = null where d.buyer_id = erase_holder.user_id;
  -- Last: what was written above has been learnt as signs of his.
  delete from leads.party_signs p where p.person = erase_holder.user_id;
end;
$$;
comment on function leads.erase_holder is 'Takes from the account of an agent, buyer, supplier or admin all that identifies the person.';

create function leads.erase_account_of(email text)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_user uuid;
  v_supplier uuid;
  v_open text[];
begin
  select a.user_id, a.supplier_id into v_user, v_supplier from leads.account_of(erase_account_of.email) a;
  if v_user is null and v_supplier is null or exists (select from platform.profiles p where p.id = v_user and p.erased_at is not null) then return 0; end if;
  v_open := leads.open_obligations(v_user, v_supplier);
  if v_open <> '{}' then
    perform platform.fail(409, 'open_obligations', 'Ce compte ne peut pas encore être effacé : ' || array_to_string(v_open, ', ') || '.',
      'Réglez ce qui est en cours, puis recommencez ; suspendez le compte en attendant.');
  end if;
  if v_supplier is not null then perform leads.erase_supplier(v_supplier); end if;
  if v_user is not null then perform leads.erase_holder(v_user); end if;
  return 1;
end;
$$;
comment on function leads.erase_account_of is 'Erases the account of an address: how many there were. 409 while anything is owed, or for the last admin.';

create function leads.account_files_to_remove()
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(jsonb_agg(o.name order by o.name), '[]') from storage.objects o
  join platform.profiles p on p.erased_at is not null and p.id::text = split_part(o.name, '/', 1) where o.bucket_id = 'avatars';
$$;
comment on function leads.account_files_to_remove is 'Pictures of erased accounts that are still in the bucket « avatars »: [path].';
grant execute on function leads.account_files_to_remove to service_role;

-- Of what nobody has proven to be his, only the account: a prospect's data are not for who claims his address.
create function leads.holder_export(user_id uuid)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object('person', p.email, 'exportedAt', platform.iso_timestamp(now()),
    'account', leads.exported_account(p.id, (select s.id from leads.suppliers s where s.user_id = p.id)),
    'leads', (select coalesce(jsonb_agg(leads.exported_lead(l) order by l.id), '[]') from leads.leads l
      where platform.is_proven(p.id) and l.id in (select leads.leads_of(lower(p.email), null))))
  from platform.profiles p where p.id = holder_export.user_id;
$$;
comment on function leads.holder_export is 'What is held about the holder of an account, by it and by his address.';

create function leads.own_export()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  if auth.uid() is null then perform platform.fail(401, 'authentication_required', 'Connectez-vous pour accéder à cette ressource.'); end if;
  return leads.holder_export(auth.uid());
end;
$$;
comment on function leads.own_export is 'What is held about the caller.';

create function leads.admin_export(id text)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$ begin return leads.holder_export(leads.user_id_of(admin_export.id)); end; $$;
comment on function leads.admin_export is 'What is held about the holder of an account, for an admin.';

create function leads.admin_erase(id text, oppose boolean)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
begin
  return leads.gdpr_erase((select p.email from platform.profiles p where p.id = leads.user_id_of(admin_erase.id)), coalesce(oppose, false));
end;
$$;
comment on function leads.admin_erase is 'Erases the holder of an account, and what is held of him as a prospect, for an admin.';

create function public.users_me_export()
returns jsonb language sql stable security invoker set search_path = ''
as $$ select leads.own_export(); $$;
create function public.admin_user_export(id text)
returns jsonb language sql stable security invoker set search_path = ''
as $$ select leads.admin_export(id); $$;
create function public.admin_user_erase(id text, oppose boolean default false)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.admin_erase(id, oppose); $$;
create function public.gdpr_forget_recordings(paths text[])
returns void language sql security invoker set search_path = ''
as $$ select leads.forget_recordings(paths); $$;
comment on function public.users_me_export is 'GET /api/users/me/export: everything that is held about the caller.';
comment on function public.admin_user_export is 'GET /api/admin/users/:id/export: everything that is held about the holder of an account.';
comment on function public.admin_user_erase is 'The first half of POST /api/admin/users/:id/erase: the rows. The function then removes the files.';
comment on function public.gdpr_forget_recordings is 'For the functions alone: files of erased people have been removed from Storage.';
grant execute on function leads.own_export, leads.admin_export, leads.admin_erase, public.users_me_export, public.admin_user_export, public.admin_user_erase
  to authenticated, service_role;
grant execute on function public.gdpr_forget_recordings to service_role;

-- What a person is here besides his role: the supplier or buyer that goes with it. Signing in and up, members and their roles
-- are the platform's, which calls leads.on_member and leads.member_details (platform.systems).
-- The known supplier whom an account would become: nobody's yet, with the account's address.
create function leads.known_supplier(user_id uuid)
returns uuid
language sql
stable
security definer
set search_path = ''
as $$
  select s.id from leads.suppliers s join platform.profiles p on lower(s.email) = lower(p.email)
  where p.id = known_supplier.user_id and s.email <> '' and s.user_id is null;
$$;
comment on function leads.known_supplier is 'The supplier without an account who has the address of this one; null if there is none.';

-- What a role needs besides the membership. An address alone makes nobody the supplier who is known by it: that is for an
-- admin to say, and until then the person has the role and no supplier. A suspended one stays so.
create function leads.open_role(user_id uuid, role text, supplier_status text, by_admin boolean)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_profile platform.profiles;
  v_known uuid;
begin
  select * into strict v_profile from platform.profiles p where p.id = open_role.user_id;
  if open_role.role = 'acheteur' then
    insert into leads.buyers (user_id) values (open_role.user_id) on conflict do nothing;
  elsif open_role.role = 'fournisseur' and not exists (select from leads.suppliers s where s.user_id = open_role.user_id) then
    v_known := leads.known_supplier(open_role.user_id);
    if v_known is not null then
      update leads.suppliers s set user_id = open_role.user_id, status = case when s.status = 'suspended' then s.status else supplier_status end
      where s.id = v_known and by_admin;
      return;
    end if;
    insert into leads.suppliers (user_id, contact_name, company, email, status)
    select open_role.user_id, v.name, coalesce(v_profile.company, v.name),
      case when exists (select from leads.suppliers s where lower(s.email) = lower(v_profile.email)) then '' else v_profile.email end,
      supplier_status
    from (select coalesce(nullif(btrim(v_profile.first_name || ' ' || v_profile.last_name), ''), v_profile.email) as name) v
    on conflict do nothing;
  end if;
end;
$$;
comment on function leads.open_role is 'Makes the supplier or buyer that goes with a role; by_admin ties the account to a supplier who is known by its address.';

create function leads.tell_of_registration(user_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.notify(tell_of_registration.user_id, 'leads', 'info', 'Inscription à valider',
    'Votre adresse est confirmée. Un administrateur vérifie que vous êtes le fournisseur connu à cette adresse ; vos leads apparaîtront ensuite.');
  perform platform.notify(m.user_id, 'leads', 'warning', 'Fournisseur à rattacher',
    format('%s s''est inscrit avec l''adresse d''un fournisseur connu. Acceptez le compte pour le rattacher.', p.email), p.id)
  from platform.memberships m, platform.profiles p
  where m.system = 'leads' and m.role = 'admin' and m.status = 'active' and p.id = tell_of_registration.user_id;
end;
$$;
comment on function leads.tell_of_registration is 'Tells who has registered with the address of a known supplier, and the admins, that an admin must accept him.';

-- The supplier's own status goes along, so that who is suspended is not paid; to reactivate is also how an admin accepts
-- a supplier who has registered, and ties him to the one who is known by his address: a suspended one takes a second word.
-- His bank account is not looked at here: one that nobody has validated still waits for it.
create function leads.follow_status(user_id uuid, role text, status text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_supplier uuid;
  v_status text := status;
begin
  select s.id into v_supplier from leads.suppliers s where s.user_id = follow_status.user_id for no key update;
  if v_supplier is null and status = 'active' and role = 'fournisseur' then
    perform platform.require_proven(follow_status.user_id);
    perform leads.open_role(follow_status.user_id, role, 'active', true);
    return;
  end if;
  if status = 'active' and exists (select from leads.supplier_accounts a where a.supplier_id = v_supplier and not a.validated) then
    v_status := 'pending_validation';
  end if;
  update leads.suppliers s set status = v_status where s.id = v_supplier and s.status <> v_status;
end;
$$;
comment on function leads.follow_status is 'Has the supplier of an account follow it, when a member is suspended or reactivated.';

create function leads.on_member(user_id uuid, role text, event text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  case event
    when 'registered' then
      perform leads.open_role(on_member.user_id, role, 'pending_validation', false);
      if role = 'fournisseur' and leads.known_supplier(on_member.user_id) is not null then perform leads.tell_of_registration(on_member.user_id); end if;
    when 'granted' then perform leads.open_role(on_member.user_id, role, 'active', true);
    when 'suspended' then perform leads.follow_status(on_member.user_id, role, 'suspended');
    when 'reactivated' then perform leads.follow_status(on_member.user_id, role, 'active');
  end case;
end;
$$;
comment on function leads.on_member is 'Makes the supplier or buyer of a role, and keeps a supplier''s status with the member''s.';

create function leads.member_details(user_ids uuid[])
returns table (user_id uuid, details jsonb)
language sql
stable
security definer
set search_path = ''
as $$
  select u.id,
    jsonb_build_object('knownSupplier',
      case when k.id is not null then jsonb_build_object('id', k.reference, 'company', k.company, 'status', k.status) end)
    || case
      when exists (select from leads.suppliers s where s.user_id = u.id and s.status = 'pending_validation')
        or k.id is not null and exists (select from platform.registrations r where r.user_id = u.id and r.system = 'leads' and r.role = 'fournisseur')
      then '{"status": "pending_validation"}' else '{}' end::jsonb
  from unnest(user_ids) u (id) left join leads.suppliers k on k.id = leads.known_supplier(u.id);
$$;
comment on function leads.member_details is 'What an admin sees of members besides: the supplier whom an account would become, and who waits to be validated.';

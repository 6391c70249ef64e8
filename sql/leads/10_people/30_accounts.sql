-- Accounts: what signing in answers, and what registering makes. Passwords, tokens and mails are Supabase Auth's.
-- The role that stands for somebody who holds several: the one that sees most.
create function leads.main_role(user_id uuid)
returns text
language sql
stable
security definer
set search_path = ''
as $$
  select m.role from platform.memberships m where m.user_id = main_role.user_id and m.system = 'leads'
  order by array_position(array['admin', 'agent', 'fournisseur', 'acheteur'], m.role) limit 1;
$$;
comment on function leads.main_role is 'The role in Leads Provider by which a person is shown; null without one.';

create function leads.my_account(
  out id text, out email text, out "firstName" text, out "lastName" text, out role text, out company text, out phone text
)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  if auth.uid() is null then
    perform platform.fail(401, 'authentication_required', 'Connectez-vous pour accéder à cette ressource.');
  end if;
  perform platform.refuse_suspended('leads');
  select coalesce(p.reference, p.id::text), p.email, p.first_name, p.last_name, leads.main_role(p.id), p.company, p.phone
  into id, email, "firstName", "lastName", role, company, phone
  from platform.profiles p where p.id = auth.uid();
  if email is null then
    perform platform.fail(401, 'invalid_token', 'Le jeton d''authentification est invalide. Reconnectez-vous.');
  end if;
end;
$$;

create function public.auth_me(
  out id text, out email text, out "firstName" text, out "lastName" text, out role text, out company text, out phone text
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from leads.my_account(); $$;
comment on function public.auth_me is 'GET /api/auth/me: who the caller is; 403 if suspended. The role is the platform''s, whatever metadata says.';

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

create function leads.apply_registration()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform leads.open_role(new.user_id, new.role, 'pending_validation', false);
  if new.role = 'fournisseur' and leads.known_supplier(new.user_id) is not null then
    perform platform.notify(new.user_id, 'leads', 'info', 'Inscription à valider',
      'Votre adresse est confirmée. Un administrateur vérifie que vous êtes le fournisseur connu à cette adresse ; vos leads apparaîtront ensuite.');
    perform platform.notify(m.user_id, 'leads', 'warning', 'Fournisseur à rattacher',
      format('%s s''est inscrit avec l''adresse d''un fournisseur connu. Acceptez le compte pour le rattacher.', p.email), p.id)
    from platform.memberships m, platform.profiles p
    where m.system = 'leads' and m.role = 'admin' and m.status = 'active' and p.id = new.user_id;
  end if;
  return null;
end;
$$;
comment on function leads.apply_registration is 'Trigger: who registered here has proven his address.';
create trigger apply_to_leads after update of applied_at on platform.registrations
  for each row when (new.system = 'leads' and old.applied_at is null and new.applied_at is not null) execute function leads.apply_registration();

create function public.auth_register("userId" uuid, role text, profile jsonb)
returns void language sql security invoker set search_path = ''
as $$ select platform.register("userId", 'leads', role, profile); $$;
create function public.auth_register_again(email text, role text, profile jsonb)
returns boolean language sql security invoker set search_path = ''
as $$ select platform.register_again(email, 'leads', role, profile); $$;
create function public.auth_take_attempts(rules text[], subjects text[])
returns integer language sql security invoker set search_path = ''
as $$ select platform.take_attempts('auth', rules, subjects); $$;
create function public.auth_release_attempts(rules text[], subjects text[])
returns void language sql security invoker set search_path = ''
as $$ select platform.release_attempts('auth', rules, subjects); $$;
create function public.auth_accept_attempts(rules text[], subjects text[])
returns void language sql security invoker set search_path = ''
as $$ select platform.accept_attempts('auth', rules, subjects); $$;
create function public.auth_forget_attempts(rules text[], subjects text[])
returns void language sql security invoker set search_path = ''
as $$ select platform.forget_attempts('auth', rules, subjects); $$;

comment on function public.auth_register is 'For the functions alone: the second half of POST /api/auth/register, after Auth made the account.';
comment on function public.auth_register_again is 'For the functions alone: an address registers again that nobody has proven; false where it is none.';
comment on function public.auth_take_attempts is 'For the functions alone: counts an attempt by the rules; answers 0, or the seconds to wait.';
comment on function public.auth_release_attempts is 'For the functions alone: gives an attempt back that was not made.';
comment on function public.auth_accept_attempts is 'For the functions alone: gives an attempt back that succeeded, and knows its device.';
comment on function public.auth_forget_attempts is 'For the functions alone: forgets the attempts after a new password.';
grant execute on function leads.main_role, leads.my_account, public.auth_me to authenticated, service_role;
grant execute on function public.auth_register, public.auth_register_again,
  public.auth_take_attempts, public.auth_release_attempts, public.auth_accept_attempts, public.auth_forget_attempts to service_role;

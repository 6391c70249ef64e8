-- Accounts: what signing in answers, and what registering makes. Passwords, tokens and mails are Supabase Auth's.
insert into platform.rate_limit_rules (system, name, allowed, period, description) values
  ('leads', 'login_account', 5, '15 minutes', 'Connexions échouées, par adresse e-mail'),
  ('leads', 'login_ip', 20, '15 minutes', 'Connexions échouées, par adresse IP'),
  ('leads', 'register_account', 5, '1 hour', 'Inscriptions, par adresse e-mail'),
  ('leads', 'register_ip', 10, '1 hour', 'Inscriptions, par adresse IP'),
  ('leads', 'forgot_account', 3, '1 hour', 'Mots de passe oubliés, par adresse e-mail'),
  ('leads', 'forgot_ip', 20, '1 hour', 'Mots de passe oubliés, par adresse IP'),
  ('leads', 'reset_ip', 10, '15 minutes', 'Liens de réinitialisation refusés, par adresse IP');

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

-- What a role needs besides the membership. A supplier who is known already gets his account, but goes on only once an
-- admin has looked at it: the address alone made the match.
create function leads.open_role(user_id uuid, role text, supplier_status text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_profile platform.profiles;
begin
  select * into strict v_profile from platform.profiles p where p.id = open_role.user_id;
  if open_role.role = 'acheteur' then
    insert into leads.buyers (user_id) values (open_role.user_id) on conflict do nothing;
  elsif open_role.role = 'fournisseur' and not exists (select from leads.suppliers s where s.user_id = open_role.user_id) then
    update leads.suppliers s set user_id = open_role.user_id, status = supplier_status
    where s.user_id is null and s.email <> '' and lower(s.email) = lower(v_profile.email);
    if not found then
      insert into leads.suppliers (user_id, contact_name, company, email, status)
      select open_role.user_id, v.name, coalesce(v_profile.company, v.name),
        case when exists (select from leads.suppliers s where lower(s.email) = lower(v_profile.email)) then '' else v_profile.email end,
        supplier_status
      from (select coalesce(nullif(btrim(v_profile.first_name || ' ' || v_profile.last_name), ''), v_profile.email) as name) v;
    end if;
  end if;
end;
$$;
comment on function leads.open_role is 'Makes the supplier or buyer that goes with a role.';

-- Whole: what somebody else may have said of the address before is gone.
create function leads.fill_profile(user_id uuid, profile jsonb)
returns void
language sql
security definer
set search_path = ''
as $$
  update platform.profiles p set
    first_name = coalesce(profile ->> 'firstName', p.first_name),
    last_name = coalesce(profile ->> 'lastName', p.last_name),
    company = profile ->> 'company',
    phone = profile ->> 'phone'
  where p.id = fill_profile.user_id;
$$;
comment on function leads.fill_profile is 'Writes the names, company and telephone of a new account.';

-- An account that has not shown yet that its address is its own may be registered again, with another password or
-- role: nobody can have signed in to it. Any other account is left alone, an invited one too.
create function leads.register(user_id uuid, role text, profile jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  if exists (select from auth.users u where u.id = register.user_id and u.email_confirmed_at is not null) then
    perform platform.fail(409, 'already_registered', 'Ce compte existe déjà.');
  end if;
  delete from platform.memberships m where m.user_id = register.user_id and m.system = 'leads' and m.role <> register.role;
  delete from leads.buyers b where b.user_id = register.user_id and register.role <> 'acheteur';
  update leads.suppliers s set user_id = null where s.user_id = register.user_id and register.role <> 'fournisseur';
  perform platform.register_member(register.user_id, 'leads', register.role);
  perform leads.fill_profile(register.user_id, profile);
  perform leads.open_role(register.user_id, register.role, 'pending_validation');
end;
$$;
comment on function leads.register is 'Gives a new account the role, names and rows that it registered for.';

create function leads.pending_registration(email text)
returns uuid
language sql
stable
security definer
set search_path = ''
as $$
  select u.id from auth.users u
  where u.email = lower(btrim(pending_registration.email)) and u.email_confirmed_at is null
    and u.raw_app_meta_data ->> 'registered' = 'leads';
$$;
comment on function leads.pending_registration is 'The account that was registered with this address and is not confirmed.';

create function public.auth_register("userId" uuid, role text, profile jsonb)
returns void language sql security invoker set search_path = ''
as $$ select leads.register("userId", role, profile); $$;
create function public.auth_pending_registration(email text)
returns uuid language sql stable security invoker set search_path = ''
as $$ select leads.pending_registration(email); $$;
create function public.auth_take_attempts(rules text[], subjects text[])
returns integer language sql security invoker set search_path = ''
as $$ select platform.take_attempts('leads', rules, subjects); $$;
create function public.auth_release_attempts(rules text[], subjects text[])
returns void language sql security invoker set search_path = ''
as $$ select platform.release_attempts('leads', rules, subjects); $$;
create function public.auth_forget_attempts(rules text[], subjects text[])
returns void language sql security invoker set search_path = ''
as $$ select platform.forget_attempts('leads', rules, subjects); $$;

comment on function public.auth_register is 'For the functions alone: the second half of POST /api/auth/register, after Auth made the account.';
comment on function public.auth_pending_registration is 'For the functions alone: the unconfirmed account of an address that registers again.';
comment on function public.auth_take_attempts is 'For the functions alone: counts an attempt by the rules; answers 0, or the seconds to wait.';
comment on function public.auth_release_attempts is 'For the functions alone: gives an attempt back that succeeded.';
comment on function public.auth_forget_attempts is 'For the functions alone: forgets the attempts after a new password.';
grant execute on function leads.main_role, leads.my_account, public.auth_me to authenticated, service_role;
grant execute on function leads.register, leads.pending_registration, public.auth_register, public.auth_pending_registration,
  public.auth_take_attempts, public.auth_release_attempts, public.auth_forget_attempts to service_role;

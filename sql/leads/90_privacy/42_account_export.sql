-- All data held about an account holder or a supplier, for the person or for an admin. The account is found by its
-- proven address only; a telephone in a profile proves nothing.

create function leads.held_about(user_id uuid, supplier_ids uuid[])
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select platform.held_in(array(select p from leads.personal_data() p),
    jsonb_build_object('user', array_remove(array[held_about.user_id], null),
    'supplier', held_about.supplier_ids, 'either', array_remove(held_about.supplier_ids || held_about.user_id, null)));
$$;
comment on function leads.held_about is
  'The data that Leads Provider holds about an account holder and about suppliers.';

create function leads.exported_account(user_id uuid, supplier_ids uuid[], system text default null)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select p.held || jsonb_build_object('data', (p.held -> 'data')
    || leads.held_about(exported_account.user_id, exported_account.supplier_ids),
    'afterErasure', (p.held -> 'afterErasure') || platform.kept_in(array(select d from leads.personal_data() d)))
  from (select platform.held_about(exported_account.user_id, exported_account.system) as held) p;
$$;
comment on function leads.exported_account is
  'All data held about an account holder, with its location and what remains of it after an erasure; with a '
  'system, the platform''s part is limited to that system.';

-- A supplier without an account is known by the address alone, and belongs to the user who has proven that address.
create function leads.suppliers_of(user_id uuid, email text)
returns uuid[]
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(array_agg(s.id order by s.id), '{}') from leads.suppliers s
  where s.user_id = suppliers_of.user_id
    or s.user_id is null and s.email <> ''
    and lower(s.email) in (suppliers_of.email, lower(platform.shown_email(suppliers_of.email)));
$$;
comment on function leads.suppliers_of is
  'The suppliers of a user, and the suppliers without a user that have this address.';

create function leads.account_of(email text, out user_id uuid, out unproven_id uuid, out supplier_ids uuid[])
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_emails text[] := array[account_of.email, lower(platform.shown_email(account_of.email))];
begin
  user_id := (select u.id from auth.users u where u.email = any (v_emails) and platform.is_proven(u.id) limit 1);
  unproven_id := (select u.id from auth.users u
    where u.email = any (v_emails) and not platform.is_proven(u.id) limit 1);
  supplier_ids := leads.suppliers_of(user_id, account_of.email);
end;
$$;
comment on function leads.account_of is
  'The account that has proven an address, the account that has it unproven, and the suppliers known by it.';

-- With an unproven address only the account itself is found: other data under the address may belong to somebody else.
create function leads.proven_email(user_id uuid)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_email text := (select p.email from platform.profiles p
    where p.id = proven_email.user_id and p.email <> '' and p.erased_at is null and platform.is_proven(p.id));
begin
  return case when v_email is not null then (leads.person_of(v_email)).email end;
end;
$$;
comment on function leads.proven_email is
  'The account''s address in the form by which leads are found; null if it is not proven.';

create function leads.holder_export(user_id uuid, system text default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_email text := leads.proven_email(holder_export.user_id);
begin
  return (select jsonb_build_object('person', p.email, 'exportedAt', platform.iso_timestamp(now()),
    'account', leads.exported_account(p.id, leads.suppliers_of(p.id, v_email), holder_export.system),
    'leads', (select coalesce(jsonb_agg(leads.exported_lead(l) order by l.id), '[]') from leads.leads l
      where l.id in (select leads.leads_of(v_email, null))))
  from platform.profiles p where p.id = holder_export.user_id);
end;
$$;
comment on function leads.holder_export is 'All data held about an account holder, by the account and by its address.';

create function leads.own_export()
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
begin
  if auth.uid() is null then
    perform platform.fail(401, 'authentication_required', 'Connectez-vous pour accéder à cette ressource.');
  end if;
  perform platform.require_attempt('auth', 'export_account', auth.uid()::text);
  return leads.holder_export(auth.uid());
end;
$$;
comment on function leads.own_export is 'All data held about the caller.';

-- An account that only another system has, or none, is none of the admins' business here.
create function leads.holder_named(id text)
returns uuid
language plpgsql
set search_path = ''
as $$
declare
  v_user uuid := platform.member_named('leads', holder_named.id);
begin
  -- An erased account holds nothing of the person, and a repeated erasure must answer as one.
  if auth.role() is distinct from 'service_role'
    and not exists (select from platform.memberships m where m.user_id = v_user and m.system = 'leads')
    and not exists (select from platform.registrations r where r.user_id = v_user and r.system = 'leads')
    and not exists (select from platform.profiles p where p.id = v_user and p.erased_at is not null)
    and leads.suppliers_of(v_user, leads.proven_email(v_user)) = '{}'
  then
    perform platform.fail(404, 'user_not_found', 'Cet utilisateur n''existe pas.');
  end if;
  return v_user;
end;
$$;
comment on function leads.holder_named is
  'The member, registered person or supplier of Leads Provider whom an id names; 404 for anyone else.';

create function leads.admin_export(id text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_user uuid := leads.holder_named(admin_export.id);
begin
  -- The operators' key belongs to no account, so the limit on attempts does not apply to it.
  if auth.uid() is not null then perform platform.require_attempt('auth', 'export_account', auth.uid()::text); end if;
  return leads.holder_export(v_user, case when auth.role() is distinct from 'service_role' then 'leads' end);
end;
$$;
comment on function leads.admin_export is 'All data that Leads Provider holds about an account holder, for an admin; for an operator, all data.';

create function public.users_me_export()
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.own_export(); $$;
create function public.admin_user_export(id text)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.admin_export(id); $$;
comment on function public.users_me_export is 'GET /api/users/me/export: all data held about the caller.';
comment on function public.admin_user_export is
  'GET /api/admin/users/:id/export: all data held about an account holder.';
grant execute on function leads.own_export, leads.admin_export, public.users_me_export,
  public.admin_user_export to authenticated, service_role;

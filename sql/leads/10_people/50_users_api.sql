-- The admin's users page. Every function asks for the role first; the rules are platform's.

create function leads.user_id_of(id text)
returns uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_uuid uuid;
  v_user uuid;
begin
  -- First of all: whoever may not ask must not learn who exists.
  perform platform.require_role('leads', 'admin');
  if pg_input_is_valid(id, 'uuid') then v_uuid := id; end if;
  select p.id into v_user from platform.profiles p
  where p.reference = user_id_of.id or p.id = v_uuid
    or p.id = (select u.id from auth.users u where u.email = lower(user_id_of.id) limit 1);
  if v_user is null then perform platform.fail(404, 'user_not_found', 'Cet utilisateur n''existe pas.'); end if;
  return v_user;
end;
$$;
comment on function leads.user_id_of is 'The user whom an id of the API names, a short reference, the uuid or the e-mail; for admins.';

-- Without asking for a role: an admin who has just taken his own away still gets his answer.
create function leads.member_rows(search text, role_filter text, page_size integer, page_offset integer, only_id uuid)
returns table (
  id text, email text, "firstName" text, "lastName" text, role text, company text, phone text, status text,
  "createdAt" text, "lastSignInAt" text, "emailConfirmedAt" text, "knownSupplier" jsonb
)
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(p.reference, p.id::text), p.email, p.first_name, p.last_name, coalesce(leads.main_role(p.id), r.role), p.company, p.phone,
    case
      when (select bool_and(m.status = 'suspended') from platform.memberships m where m.user_id = p.id and m.system = 'leads') then 'suspended'
      when u.email_confirmed_at is null then 'unconfirmed'
      when exists (select from leads.suppliers s where s.user_id = p.id and s.status = 'pending_validation') or (k.id is not null and r.role = 'fournisseur')
        then 'pending_validation'
      else 'active' end,
    platform.iso_timestamp(p.created_at), platform.iso_timestamp(u.last_sign_in_at), platform.iso_timestamp(u.email_confirmed_at),
    case when k.id is not null then jsonb_build_object('id', k.reference, 'company', k.company, 'status', k.status) end
  from platform.profiles p join auth.users u on u.id = p.id
  left join platform.registrations r on r.user_id = p.id and r.system = 'leads'
  left join leads.suppliers k on k.id = leads.known_supplier(p.id)
  where case
      when role_filter = 'none' then r.user_id is null and leads.main_role(p.id) is null
      else r.user_id is not null and r.applied_at is null and (role_filter is null or r.role = role_filter)
        or exists (
          select from platform.memberships m
          where m.user_id = p.id and m.system = 'leads' and (role_filter is null or m.role = role_filter)) end
    and (only_id is null or p.id = only_id)
    and platform.searched_text(p.first_name, p.last_name, p.company, p.email) like all (array(
      select platform.like_pattern(w) from regexp_split_to_table(btrim(search), '\s+') w where w <> ''))
  order by p.created_at desc, p.id desc
  limit page_size offset page_offset;
$$;
comment on function leads.member_rows is
  'The members of Leads Provider as the admin sees them, newest first, and who has registered; role_filter none: the accounts without a role.';

create function leads.members(search text, role_filter text, page_size integer, page_offset integer)
returns table (
  id text, email text, "firstName" text, "lastName" text, role text, company text, phone text, status text,
  "createdAt" text, "lastSignInAt" text, "emailConfirmedAt" text, "knownSupplier" jsonb
)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin');
  return query select * from leads.member_rows(search, role_filter, page_size, page_offset, null);
end;
$$;
comment on function leads.members is 'The members of Leads Provider, for an admin.';

create function leads.member(user_id uuid)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$ select to_jsonb(m) from leads.member_rows(null, null, 1, 0, user_id) m; $$;
comment on function leads.member is 'One member, as the list shows him.';

create function public.admin_users(search text default null, role_filter text default null, page_size integer default 100, page_offset integer default 0)
returns table (
  id text, email text, "firstName" text, "lastName" text, role text, company text, phone text, status text,
  "createdAt" text, "lastSignInAt" text, "emailConfirmedAt" text, "knownSupplier" jsonb
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from leads.members(search, role_filter, least(page_size, 1000), page_offset); $$;
comment on function public.admin_users is 'GET /api/admin/users: the members, newest first; search by name, company and e-mail.';

-- Asked before Auth makes the account, so that a refusal leaves none behind.
create function leads.check_new_user(email text, role text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin');
  if not exists (select from platform.system_roles r where r.system = 'leads' and r.role = check_new_user.role) then
    perform platform.fail(422, 'invalid_fields', 'Certains champs sont invalides.',
      '[{"field": "role", "code": "invalid_value", "message": "Ce rôle n''existe pas."}]');
  end if;
  perform platform.discard_unproven(email);
  if exists (select from auth.users u where u.email = lower(btrim(check_new_user.email))) then
    perform platform.fail(409, 'email_taken', 'Un compte existe déjà avec cette adresse e-mail.',
      'Changez le rôle de ce compte.');
  end if;
end;
$$;

create function leads.add_user(user_id uuid, role text, profile jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin');
  if exists (select from platform.memberships m where m.user_id = add_user.user_id and m.system = 'leads') then
    perform platform.fail(409, 'email_taken', 'Un compte existe déjà avec cette adresse e-mail.');
  end if;
  perform platform.require_proven(add_user.user_id);
  perform platform.change_role(add_user.user_id, 'leads', add_user.role);
  perform platform.fill_profile(add_user.user_id, profile);
  perform leads.open_role(add_user.user_id, add_user.role, 'active', true);
  return leads.member(add_user.user_id);
end;
$$;

create function leads.change_user_role(user_id uuid, role text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin');
  perform platform.require_proven(change_user_role.user_id);
  perform platform.change_role(change_user_role.user_id, 'leads', change_user_role.role);
  perform leads.open_role(change_user_role.user_id, change_user_role.role, 'active', true);
  return leads.member(change_user_role.user_id);
end;
$$;

-- The supplier's own status goes along, so that who is suspended is not paid; to reactivate is also how an admin accepts
-- a supplier who has registered, and ties him to the one who is known by his address: a suspended one takes a second word.
-- His bank account is not looked at here: one that nobody has validated still waits for it.
create function leads.set_user_status(user_id uuid, status text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_role text := leads.main_role(set_user_status.user_id);
  v_supplier uuid;
  v_status text := status;
begin
  perform platform.require_role('leads', 'admin');
  if v_role is null then
    if exists (select from platform.registrations r where r.user_id = set_user_status.user_id and r.system = 'leads') then
      perform platform.require_proven(set_user_status.user_id);
    end if;
    perform platform.fail(404, 'user_not_found', 'Cet utilisateur n''existe pas.');
  end if;
  perform platform.set_member_status(set_user_status.user_id, 'leads', set_user_status.status);
  select s.id into v_supplier from leads.suppliers s where s.user_id = set_user_status.user_id for no key update;
  if v_supplier is null and status = 'active' and v_role = 'fournisseur' then
    perform platform.require_proven(set_user_status.user_id);
    perform leads.open_role(set_user_status.user_id, v_role, 'active', true);
    return leads.member(set_user_status.user_id);
  end if;
  if status = 'active' and exists (select from leads.supplier_accounts a where a.supplier_id = v_supplier and not a.validated) then
    v_status := 'pending_validation';
  end if;
  update leads.suppliers s set status = v_status where s.id = v_supplier and s.status <> v_status;
  return leads.member(set_user_status.user_id);
end;
$$;

create function public.admin_user_check(email text, role text)
returns void language sql security invoker set search_path = ''
as $$ select leads.check_new_user(email, role); $$;
create function public.admin_user_add("userId" uuid, role text, profile jsonb)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.add_user("userId", role, profile); $$;
create function public.admin_user_role(id text, role text)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.change_user_role(leads.user_id_of(id), role); $$;
create function public.admin_user_suspend(id text)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.set_user_status(leads.user_id_of(id), 'suspended'); $$;
create function public.admin_user_reactivate(id text)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.set_user_status(leads.user_id_of(id), 'active'); $$;

comment on function leads.check_new_user is 'Refuses a new user whom the caller may not make.';
comment on function leads.add_user is 'Gives an account that Auth has just made its role.';
comment on function public.admin_user_check is 'POST /api/admin/users, before Auth makes the account: refuses what would be refused afterwards, and removes an account that nobody has proven.';
comment on function public.admin_user_add is 'POST /api/admin/users, after Auth made the account: gives it its role.';
comment on function public.admin_user_role is 'PUT /api/admin/users/:id/role: the one role that the user holds from now on.';
comment on function public.admin_user_suspend is 'POST /api/admin/users/:id/suspend: refused from the next request on, whatever token he has.';
comment on function public.admin_user_reactivate is 'POST /api/admin/users/:id/reactivate: ends a suspension; accepts a supplier who has registered.';
grant execute on function leads.members, leads.user_id_of, leads.check_new_user, leads.add_user, leads.change_user_role, leads.set_user_status,
  public.admin_users, public.admin_user_check, public.admin_user_add, public.admin_user_role, public.admin_user_suspend,
  public.admin_user_reactivate to authenticated, service_role;

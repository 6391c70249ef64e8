-- The members of a system, as those see and change them who administer it. Every function asks for that first; the rules are
-- in the file on member administration, and what a system adds are its own functions (platform.systems).

create function platform.member_named(system text, id text)
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
  perform platform.require_admin(system);
  if pg_input_is_valid(id, 'uuid') then v_uuid := id; end if;
  select p.id into v_user from platform.profiles p
  where p.reference = member_named.id or p.id = v_uuid
    or p.id = (select u.id from auth.users u where u.email = lower(member_named.id) limit 1);
  perform platform.require_within(v_user, system);
  return v_user;
end;
$$;
comment on function platform.member_named is 'The user whom an id of the API names, a short reference, the uuid or the e-mail; for who administers the system.';

create function platform.account_of(user_id uuid, system text)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select jsonb_build_object('id', coalesce(p.reference, p.id::text), 'email', p.email, 'firstName', p.first_name, 'lastName', p.last_name,
    'role', platform.main_role(p.id, account_of.system), 'company', p.company, 'phone', p.phone)
  from platform.profiles p where p.id = account_of.user_id;
$$;
comment on function platform.account_of is 'Who somebody is in a system.';

create function platform.member_status(user_id uuid, system text, email_confirmed_at timestamptz)
returns text
language sql
stable
security definer
set search_path = ''
as $$
  select case
    when bool_and(m.status = 'suspended') then 'suspended'
    when email_confirmed_at is null then 'unconfirmed'
    when bool_and(m.status <> 'active') then 'pending'
    else 'active' end
  from platform.memberships m where m.user_id = member_status.user_id and m.system = member_status.system;
$$;
comment on function platform.member_status is 'How it stands with a member: active, pending, suspended, or unconfirmed.';

-- Without asking for a role: an admin who has just taken his own away still gets his answer. Accounts without a role are those
-- that no system has: who is a member elsewhere is nothing that this one's admins learn of by a list.
create function platform.member_rows(system text, search text, role_filter text, page_size integer, page_offset integer, only_id uuid)
returns setof jsonb
language sql
stable
security definer
set search_path = ''
as $$
  with found as (
    select p.id, p.created_at, r.role as asked, u.email_confirmed_at, u.last_sign_in_at
    from platform.profiles p join auth.users u on u.id = p.id
    left join platform.registrations r on r.user_id = p.id and r.system = member_rows.system and r.applied_at is null and u.email_confirmed_at is null
    where case
        when role_filter = 'none' then r.user_id is null and not exists (select from platform.memberships m where m.user_id = p.id)
        else r.user_id is not null and (role_filter is null or r.role = role_filter)
          or exists (
            select from platform.memberships m
            where m.user_id = p.id and m.system = member_rows.system and (role_filter is null or m.role = role_filter)) end
      and (only_id is null or p.id = only_id)
      and platform.searched_text(p.first_name, p.last_name, p.company, p.email) like all (array(
        select platform.like_pattern(w) from regexp_split_to_table(btrim(search), '\s+') w where w <> ''))
    order by p.created_at desc, p.id desc
    limit page_size offset page_offset
  ), shown as (
    select f.*, platform.member_status(f.id, member_rows.system, f.email_confirmed_at) as status from found f
  )
  select platform.account_of(s.id, member_rows.system) || jsonb_build_object('status', s.status,
      'createdAt', platform.iso_timestamp(s.created_at), 'lastSignInAt', platform.iso_timestamp(s.last_sign_in_at),
      'emailConfirmedAt', platform.iso_timestamp(s.email_confirmed_at))
    || case when s.asked is not null then jsonb_build_object('role', coalesce(platform.main_role(s.id, member_rows.system), s.asked)) else '{}' end
    || case when s.status = 'active' then coalesce(d.details, '{}') else coalesce(d.details - 'status', '{}') end
  from shown s left join platform.details_of(member_rows.system, 'member', array(select f.id from found f)) d on d.user_id = s.id
  order by s.created_at desc, s.id desc;
$$;
comment on function platform.member_rows is
  'The members of a system as its admins see them, newest first, and who has registered; role_filter none: the accounts without a role.';

create function platform.members(system text, search text, role_filter text, page_size integer, page_offset integer)
returns setof jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require_admin(system);
  return query select m from platform.member_rows(system, search, role_filter, page_size, page_offset, null) m;
end;
$$;
comment on function platform.members is 'The members of a system, for who administers it.';

create function platform.member(user_id uuid, system text)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$ select m from platform.member_rows(system, null, null, 1, 0, user_id) m; $$;
comment on function platform.member is 'One member, as the list shows him.';

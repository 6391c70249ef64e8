-- GET and POST /api/users/me and /api/users/search: the account calls of the front end, one path for every role.

create function leads.own_profile()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_account jsonb := platform.my_account('leads');
  v_profile platform.profiles;
begin
  select p.* into v_profile from platform.profiles p where p.id = auth.uid();
  return v_account
    || case v_account ->> 'role'
      when 'fournisseur' then (select to_jsonb(f) from leads.fournisseur_profile() f)
      when 'agent' then (select to_jsonb(a) from leads.agent_profile() a)
      when 'acheteur' then (select to_jsonb(b) from leads.acheteur_profile() b)
      else jsonb_build_object('createdAt', platform.iso_timestamp(v_profile.created_at)) end
    || jsonb_build_object('username', v_profile.email, 'avatar', v_profile.avatar, 'bio', coalesce(v_profile.bio, ''),
      'displayName', coalesce(v_profile.display_name, btrim(v_profile.first_name || ' ' || v_profile.last_name)));
end;
$$;
comment on function leads.own_profile is 'The profile of who asks, with what his role adds; 401 without a token.';

create function public.users_me()
returns jsonb language sql stable security invoker set search_path = ''
as $$ select leads.own_profile(); $$;
comment on function public.users_me is 'GET /api/users/me: the profile of who asks, whatever his role.';

create function public.users_me_change(profile jsonb)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform platform.my_account('leads');
  -- A picture that others are shown is one of those that its owner has uploaded here.
  if not starts_with(profile ->> 'avatar', '/storage/v1/object/public/avatars/' || auth.uid() || '/') then
    perform platform.fail(422, 'invalid_fields', 'Certains champs sont invalides.',
      '[{"field": "avatar", "code": "invalid_value", "message": "Envoyez une image : son adresse en vient."}]');
  end if;
  update platform.profiles p set
    phone = case when profile ? 'phone' then nullif(btrim(profile ->> 'phone'), '') else p.phone end,
    bio = case when profile ? 'bio' then nullif(btrim(profile ->> 'bio'), '') else p.bio end,
    display_name = case when profile ? 'displayName' then nullif(btrim(profile ->> 'displayName'), '') else p.display_name end,
    avatar = case when profile ? 'avatar' then profile ->> 'avatar' else p.avatar end
  where p.id = auth.uid();
  return leads.own_profile();
end;
$$;
comment on function public.users_me_change is 'POST /api/users/me: what is given changes, what is not stays. An e-mail is changed by Auth.';

-- A stranger, and a member who looks for somebody else, learn nothing: not even whether the address has an account.
create function leads.find_profile(username text)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_user uuid := (select u.id from auth.users u where u.email = lower(btrim(username)) limit 1);
begin
  perform platform.refuse_suspended('leads');
  if v_user = auth.uid() then return platform.my_account('leads'); end if;
  if v_user is null or not platform.has_role('leads', 'admin') then return null; end if;
  return platform.member(v_user, 'leads') - array['status', 'createdAt', 'lastSignInAt', 'emailConfirmedAt', 'knownSupplier'];
end;
$$;
comment on function leads.find_profile is 'The account of an address, to its owner and to an admin; null to everybody else.';

create function public.users_search(username text default '')
returns jsonb language sql stable security invoker set search_path = ''
as $$ select leads.find_profile(username); $$;
comment on function public.users_search is 'GET /api/users/search: an account by its address (the user name); null where there is none for the caller.';

grant execute on function leads.own_profile, public.users_me, public.users_me_change to authenticated, service_role;
grant execute on function leads.find_profile, public.users_search to anon, authenticated, service_role;

-- A picture is for whoever has its address, which nobody can guess.
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values ('avatars', 'avatars', true, 2097152, array['image/png', 'image/jpeg', 'image/webp', 'image/gif']) on conflict (id) do nothing;

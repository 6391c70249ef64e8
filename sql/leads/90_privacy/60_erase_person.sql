-- The two ways to start an erasure: by e-mail or telephone, for an operator, and by account, for an admin.

-- The platform's data is erased last, because a system can no longer identify an account that the platform has erased.
create function leads.erase_person(email text, phone text, user_id uuid, supplier_ids uuid[], oppose boolean)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_known_by text := coalesce(erase_person.email, erase_person.phone,
    (select p.email from platform.profiles p where p.id = erase_person.user_id));
  v_user uuid := case when platform.begin_erasure(erase_person.user_id) then erase_person.user_id end;
  -- Suppliers whose account no longer exists are erased as well.
  v_suppliers uuid[] := array(select s.id from leads.suppliers s
    where s.id = any (supplier_ids) and (s.user_id is null or s.user_id = v_user) order by s.id);
  v_counts jsonb;
  v_auth_left text[] := '{}';
begin
  perform leads.refuse_open_obligations(v_user, v_suppliers);
  v_counts := leads.erase_prospect(erase_person.email, erase_person.phone, oppose)
    || jsonb_build_object('accounts', case when v_user is not null or v_suppliers <> '{}' then 1 else 0 end);
  perform leads.erase_suppliers(v_suppliers);
  if v_user is not null then
    perform leads.erase_holder(v_user);
    v_auth_left := platform.erase_account(v_user);
  end if;
  -- A repeated call finds nothing and is not recorded as an erasure.
  if (select sum(n.value::integer) from jsonb_each_text(v_counts) n) > 0 then
    insert into leads.erasures (actor, value_hash, counts)
      values (auth.uid(), leads.person_hash(leads.pepper(), v_known_by), v_counts);
  end if;
  return v_counts || jsonb_build_object('recordings', leads.files_to_remove(),
    'avatars', leads.account_files_to_remove(), 'leftInAuth', v_auth_left);
end;
$$;
comment on function leads.erase_person is
  'Erases a person as prospect, supplier and account holder, as far as given; returns the counts, the files to '
  'delete from Storage, and the tables of Auth that could not be written.';

-- The address is enough here: an account with an unproven address is erased as well, because the address is all it
-- holds about the person.
create function leads.gdpr_erase(person text, oppose boolean default false)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_email text;
  v_phone text;
  v_account record;
begin
  -- The lock waits for running merges and forms, so that their rows are found.
  perform pg_advisory_xact_lock(hashtext('leads.merge_import'));
  select p.email, p.phone into v_email, v_phone from leads.person_of(person) p;
  select a.* into v_account from leads.account_of(v_email) a;
  return leads.erase_person(v_email, v_phone, coalesce(v_account.user_id, v_account.unproven_id),
    v_account.supplier_ids, oppose);
end;
$$;
comment on function leads.gdpr_erase is
  'Erases the person with this e-mail or telephone, account and leads, and on request blocks the person from future '
  'imports.';

create function leads.admin_erase(id text, oppose boolean)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_user uuid := leads.holder_named(admin_erase.id);
  v_email text;
begin
  perform pg_advisory_xact_lock(hashtext('leads.merge_import'));
  -- The lock comes before the question, so that nobody joins another system in between.
  perform platform.begin_erasure(v_user);
  if auth.role() is distinct from 'service_role' and platform.is_elsewhere(v_user, 'leads') then
    perform platform.fail(409, 'member_elsewhere',
      'Cette personne est aussi membre d''un autre système : son compte ne peut pas être effacé d''ici.',
      'Suspendez-la, ou demandez l''effacement à l''exploitant de la plateforme.');
  end if;
  v_email := leads.proven_email(v_user);
  return leads.erase_person(v_email, null, v_user, leads.suppliers_of(v_user, v_email), coalesce(oppose, false));
end;
$$;
comment on function leads.admin_erase is
  'Erases an account holder, and as a prospect as well if the address is proven; for an admin.';

create function public.admin_user_erase(id text, oppose boolean default false)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.admin_erase(id, oppose); $$;
create function public.gdpr_forget_recordings(paths text[])
returns void language sql security invoker set search_path = ''
as $$ select leads.forget_recordings(paths); $$;
comment on function public.admin_user_erase is
  'The first half of POST /api/admin/users/:id/erase: erases the rows. The function then deletes the files.';
comment on function public.gdpr_forget_recordings is
  'For the functions only: clears the paths of recordings that have been deleted from Storage.';
grant execute on function leads.admin_erase, public.admin_user_erase to authenticated, service_role;
grant execute on function leads.gdpr_erase, public.gdpr_forget_recordings to service_role;

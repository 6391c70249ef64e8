-- A business system as the platform knows it: its name, and the functions by which it has a say about its people. They are
-- named in a row, since the platform calls no system by its name; a system without them gets what the platform does alone.
create table platform.systems (
  system text primary key check (system ~ '^[a-z][a-z0-9]*$'),
  on_member text check (on_member ~ '^[a-z_0-9]+\.[a-z_0-9]+$'),
  member_details text check (member_details ~ '^[a-z_0-9]+\.[a-z_0-9]+$'),
  account_details text check (account_details ~ '^[a-z_0-9]+\.[a-z_0-9]+$'),
  account_named text check (account_named ~ '^[a-z_0-9]+\.[a-z_0-9]+$')
);
alter table platform.systems enable row level security;
comment on table platform.systems is 'The business systems, and the functions that each of them has for the platform to call.';
comment on column platform.systems.on_member is
  '(user_id uuid, role text, event text): makes what goes with a role. The event is registered, granted, suspended or reactivated.';
comment on column platform.systems.member_details is
  '(user_ids uuid[]) → (user_id, details jsonb): what an admin''s list shows of members besides. A status in it counts in the place of active.';
comment on column platform.systems.account_details is '(user_ids uuid[]) → (user_id, details jsonb): what a person is told about himself besides.';
comment on column platform.systems.account_named is '(identifier text) → uuid: whom an identifier that is no e-mail address names, such as a telephone.';
create policy select_nobody on platform.systems for select to anon, authenticated using (false);

create function platform.tell_system(system text, user_id uuid, role text, event text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_function text := (select s.on_member from platform.systems s where s.system = tell_system.system);
begin
  if v_function is null then return; end if;
  execute format('select %s($1, $2, $3)', v_function) using tell_system.user_id, tell_system.role, tell_system.event;
end;
$$;
comment on function platform.tell_system is 'Tells a system what has become of one of its members.';

create function platform.details_of(system text, kind text, user_ids uuid[])
returns table (user_id uuid, details jsonb)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_function text := (
    select case kind when 'member' then s.member_details else s.account_details end
    from platform.systems s where s.system = details_of.system);
begin
  if v_function is null then return; end if;
  return query execute format('select d.user_id, d.details from %s($1) d', v_function) using user_ids;
end;
$$;
comment on function platform.details_of is 'What a system shows of accounts besides what the platform knows of them.';

create function platform.account_named(system text, identifier text)
returns uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_function text := (select s.account_named from platform.systems s where s.system = account_named.system);
  v_user uuid;
begin
  if v_function is not null then execute format('select %s($1)', v_function) into v_user using identifier; end if;
  return v_user;
end;
$$;
comment on function platform.account_named is 'Whom an identifier names in a system that is no e-mail address; null for nobody.';

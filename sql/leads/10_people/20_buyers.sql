-- What a buyer looks for.
create table leads.buyers (
  user_id uuid primary key references platform.profiles (id) on delete cascade,
  preferred_sectors text[] not null default '{}',
  preferred_regions text[] not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table leads.buyers enable row level security;
create trigger touch before update on leads.buyers for each row execute function platform.touch();
comment on table leads.buyers is 'The preferences of a buyer; the person is in platform.profiles.';
create policy select_own_or_admin on leads.buyers for select to authenticated
  using (user_id = (select auth.uid()) or (select platform.has_role('leads', 'admin')));
grant select on leads.buyers to authenticated, service_role;

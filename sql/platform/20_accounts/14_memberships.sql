-- Roles. A role is a row here and nowhere else: not in the token, not in metadata that the person can write.
-- It is looked up on every request, so that a suspended member is refused at once, on tokens already issued too.
create table platform.system_roles (
  system text not null references platform.systems (system),
  role text not null,
  administers boolean not null default false,
  rank integer not null default 0,
  self_registration boolean not null default false,
  needs_acceptance boolean not null default false,
  description text not null,
  primary key (system, role)
);
alter table platform.system_roles enable row level security;
comment on table platform.system_roles is 'The roles of each system, and which of them one may take by registering.';
comment on column platform.system_roles.administers is 'Whether who holds it looks after the members, their roles and the limits of the system.';
comment on column platform.system_roles.rank is 'Of several roles of a person, the one with the lowest rank stands for him.';
comment on column platform.system_roles.needs_acceptance is 'Whether a role that was taken by registering waits until an admin accepts it.';
create policy select_everyone on platform.system_roles for select to authenticated using (true);

create table platform.memberships (
  user_id uuid not null references platform.profiles (id) on delete cascade,
  system text not null,
  role text not null,
  status text not null default 'active' check (status in ('active', 'suspended', 'pending')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (user_id, system, role),
  foreign key (system, role) references platform.system_roles (system, role)
);
alter table platform.memberships enable row level security;
create index memberships_system_role on platform.memberships (system, role);
create trigger touch before update on platform.memberships for each row execute function platform.touch();
comment on table platform.memberships is 'Who holds which role in which system. Written by functions only.';
comment on column platform.memberships.status is 'A role counts while it is active; pending waits for an admin to accept it.';
select platform.audit('platform.memberships');

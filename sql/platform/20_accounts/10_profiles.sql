-- One profile per auth user, made by trigger. It says who somebody is; what they may do is in memberships.
-- The names come from metadata that the person writes, of any length: fine for a name, and for nothing else.
create table platform.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  reference text unique,
  email text not null,
  first_name text not null default '' check (length(first_name) <= 100),
  last_name text not null default '' check (length(last_name) <= 100),
  company text check (length(company) <= 200),
  phone text check (length(phone) <= 200),
  avatar text check (avatar ~ '^(https://|/[^/])' and length(avatar) <= 500),
  display_name text check (length(display_name) <= 100),
  bio text check (length(bio) <= 2000),
  proven_at timestamptz,
  erased_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table platform.profiles enable row level security;
create trigger touch before update on platform.profiles for each row execute function platform.touch();
create trigger clean_texts before insert or update of first_name, last_name, company, phone on platform.profiles
  for each row execute function platform.clean_texts('first_name', 'last_name', 'company', 'phone');
comment on table platform.profiles is 'Who somebody is: one row per auth user.';
comment on column platform.profiles.reference is 'The short id that people and documents use (user-f001); the uuid where there is none.';

comment on column platform.profiles.proven_at is
  'Since when the account is opened by nobody but the reader of its mailbox; null where who made it may have chosen the password.';
comment on column platform.profiles.erased_at is 'When the person was erased; what is left is a pseudonym that books and proofs refer to.';
comment on column platform.profiles.display_name is 'How somebody wants to be called; his names where he has not said.';

create function platform.create_profile()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into platform.profiles (id, email, first_name, last_name, company, phone)
  values (
    new.id,
    coalesce(new.email, ''),
    coalesce(left(new.raw_user_meta_data ->> 'firstName', 100), ''),
    coalesce(left(new.raw_user_meta_data ->> 'lastName', 100), ''),
    left(new.raw_user_meta_data ->> 'company', 200),
    left(new.raw_user_meta_data ->> 'phone', 200)
  )
  on conflict (id) do update set email = excluded.email;
  return new;
end;
$$;
create trigger create_profile after insert or update of email on auth.users
  for each row execute function platform.create_profile();

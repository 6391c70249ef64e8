-- A person is known again by a hash of his e-mail or telephone in its canonical form. A telephone is soon guessed from a
-- bare hash, so the hash is taken together with a secret of this database, which only the owner reads; it is drawn when it
-- is first needed.
create table leads.person_pepper (
  singleton boolean primary key default true check (singleton),
  pepper bytea not null
);
alter table leads.person_pepper enable row level security;
comment on table leads.person_pepper is 'The secret with which e-mails and telephones are hashed. Nobody but the owner reads it.';
create policy select_nobody on leads.person_pepper for select to anon, authenticated using (false);

create function leads.pepper()
returns bytea
language plpgsql
security definer
set search_path = ''
as $$
begin
  if not exists (select from leads.person_pepper) then
    insert into leads.person_pepper (pepper)
    values (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))) on conflict do nothing;
  end if;
  return (select p.pepper from leads.person_pepper p);
end;
$$;
comment on function leads.pepper is 'The secret of the hashes; drawn at the first call.';

create function leads.person_hash(pepper bytea, value text)
returns bytea
language sql
immutable
strict
parallel safe
set search_path = ''
as $$ select sha256(pepper || convert_to(value, 'utf8')); $$;
comment on function leads.person_hash is 'What is kept of a canonical e-mail or telephone.';

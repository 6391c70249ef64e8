-- People who do not want to be contacted. Their addresses must not come back, and must not be kept either: what is kept is
-- the hash of each.
create table leads.oppositions (
  value_hash bytea primary key,
  kind text not null check (kind in ('email', 'phone')),
  reason text not null,
  created_at timestamptz not null default now()
);
alter table leads.oppositions enable row level security;
comment on table leads.oppositions is 'E-mails and telephones that no file and no form may bring in again, hashed.';
create policy select_admin on leads.oppositions for select to authenticated
  using ((select platform.has_role('leads', 'admin')));
grant select on leads.oppositions to authenticated, service_role;

-- What somebody typed, in the form in which contacts are kept: it goes the way of an import's row. Supabase Auth takes
-- addresses that no file may hold: those are somebody's where they are an account's.
create function leads.person_of(written text, out email text, out phone text)
language plpgsql
set search_path = ''
as $$
declare
  v_import uuid := gen_random_uuid();
begin
  insert into leads.import_rows (import_id, line, email, phone)
  values (v_import, 1, case when written like '%@%' then written end,
    case when written not like '%@%' then written end);
  select v.email, v.phone into email, phone from leads.import_values(v_import, 1, 1) v;
  delete from leads.import_rows r where r.line = 1 and r.import_id = v_import;
  if email is null and phone is null then
    select u.email into email from auth.users u where u.email = lower(btrim(written)) limit 1;
  end if;
  if email is null and phone is null then
    perform platform.fail(422, 'invalid_person', 'Une adresse e-mail ou un numéro de téléphone est attendu.');
  end if;
end;
$$;
comment on function leads.person_of is 'The canonical e-mail or telephone that is meant; 422 if it is neither.';

create function leads.oppose(emails text[], phones text[], reason text)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_pepper bytea := leads.pepper();
  v_rows bigint;
begin
  insert into leads.oppositions (value_hash, kind, reason)
  select leads.person_hash(v_pepper, v.value), v.kind, oppose.reason
  from (select distinct e, 'email' from unnest(emails) e where e is not null
    union select distinct p, 'phone' from unnest(phones) p where p is not null) v (value, kind)
  on conflict do nothing;
  get diagnostics v_rows = row_count;
  return v_rows;
end;
$$;
comment on function leads.oppose is 'Notes canonical e-mails and telephones as opposed; answers how many were not yet.';

-- A step of check_import_rows: the rows of people who are opposed get that as a problem.
create function leads.mark_opposed_rows(import_id uuid, from_line integer, last_line integer)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_pepper bytea;
begin
  if not exists (select from leads.oppositions) then return; end if;
  v_pepper := leads.pepper();
  update leads.import_checked c set problems = concat_ws(' ', nullif(c.problems, ''), found.problems)
  from (
    select opposed.line, string_agg(opposed.problem, ' ' order by opposed.problem) as problems
    from (
      select r.line, 'email/opposed' as problem
      from leads.import_checked r join leads.oppositions o on o.value_hash = leads.person_hash(v_pepper, r.email)
      where r.import_id = mark_opposed_rows.import_id and r.line between from_line and last_line
      union all
      select r.line, 'phone/opposed'
      from leads.import_checked r join leads.oppositions o on o.value_hash = leads.person_hash(v_pepper, r.phone)
      where r.import_id = mark_opposed_rows.import_id and r.line between from_line and last_line
      union all
      select r.line, 'phone2/opposed'
      from leads.import_checked r join leads.oppositions o on o.value_hash = leads.person_hash(v_pepper, r.phone2)
      where r.import_id = mark_opposed_rows.import_id and r.line between from_line and last_line
        and r.phone2 is not null
    ) opposed group by opposed.line
  ) found
  where c.import_id = mark_opposed_rows.import_id and c.line = found.line and c.problems not like 'ligne/%';
end;
$$;
comment on function leads.mark_opposed_rows is 'Marks the checked rows whose e-mail or a telephone is opposed.';

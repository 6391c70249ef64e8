-- People who object to being contacted. Their addresses must not be imported again and must not be stored either, so
-- only a hash of each is kept.
create table leads.oppositions (
  value_hash bytea primary key,
  kind text not null check (kind in ('email', 'phone')),
  reason text not null,
  created_at timestamptz not null default now()
);
alter table leads.oppositions enable row level security;
comment on table leads.oppositions is 'Hashes of e-mails and telephones that no file or form may bring in again.';
create policy select_admin on leads.oppositions for select to authenticated
  using ((select platform.has_role('leads', 'admin')));
grant select on leads.oppositions to authenticated, service_role;

-- The input is normalised like an import's row. Supabase Auth accepts addresses that an import refuses: such an
-- address is valid here if an account has it.
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
comment on function leads.person_of is 'The canonical e-mail or telephone in a text; 422 if it is neither.';

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
comment on function leads.oppose is
  'Stores the opposition of canonical e-mails and telephones; returns the number of new ones.';

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
comment on function leads.mark_opposed_rows is
  'Part of check_import_rows: adds a problem to the checked rows whose e-mail or telephone is opposed.';

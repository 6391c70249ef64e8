-- How often somebody may try: a rule is a row, so that an admin changes it without a release. An attempt is counted
-- before it is made and given back when it succeeded, so that fifty at once cannot all pass the check. There are few
-- of them, and they are kept by their time: the wait that is told is exact (0010 counts by windows, for large numbers).
create table platform.rate_limit_rules (
  system text not null,
  name text not null,
  allowed integer not null check (allowed between 1 and 1000),
  period interval not null check (period between interval '1 second' and interval '31 days'),
  description text not null,
  updated_at timestamptz not null default now(),
  primary key (system, name)
);
alter table platform.rate_limit_rules enable row level security;
create trigger touch before update on platform.rate_limit_rules for each row execute function platform.touch();
comment on table platform.rate_limit_rules is 'How many attempts of a kind are allowed within a period; without its row a kind is not limited.';
create policy select_admin on platform.rate_limit_rules for select to authenticated using (platform.has_role(system, 'admin'));
grant select on platform.rate_limit_rules to authenticated, service_role;

create unlogged table platform.rate_limit_attempts (
  bucket text primary key,
  taken timestamptz[] not null default '{}',
  expires_at timestamptz not null
);
alter table platform.rate_limit_attempts enable row level security;
create index rate_limit_attempts_expiry on platform.rate_limit_attempts (expires_at);
comment on table platform.rate_limit_attempts is 'The attempts that still count, by rule and subject; the subject is hashed.';
create policy select_nobody on platform.rate_limit_attempts for select to anon, authenticated using (false);

-- Whoever has one IPv6 address has 2^64 of them: the network is what counts.
create function platform.attempt_bucket(system text, rule text, subject text)
returns text
language sql
immutable
set search_path = ''
as $$
  select attempt_bucket.system || ':' || rule || ':' || encode(sha256(convert_to(case
    when rule not like '%\_ip' or not pg_input_is_valid(plain, 'inet') then plain
    when family(plain::inet) = 6 then network(set_masklen(plain::inet, 64))::text
    else host(plain::inet) end, 'utf8')), 'hex')
  from regexp_replace(lower(btrim(subject)), '^::ffff:(?=[0-9.]+$)', '') as plain;
$$;

create function platform.take_attempts(system text, rules text[], subjects text[])
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_buckets text[] := '{}';
  v_wait numeric := 0;
  v_kept timestamptz[];
  v record;
begin
  -- Always in one order, so that two callers never wait for each other.
  for v in
    select r.allowed, r.period, platform.attempt_bucket(r.system, r.name, a.subject) as bucket
    from unnest(rules, subjects) as a (rule, subject)
    join platform.rate_limit_rules r on r.system = take_attempts.system and r.name = a.rule
    order by bucket
  loop
    insert into platform.rate_limit_attempts as t (bucket, expires_at) values (v.bucket, clock_timestamp() + v.period)
    on conflict on constraint rate_limit_attempts_pkey do update set expires_at = excluded.expires_at
    returning t.taken into v_kept;
    v_kept := array(select at from unnest(v_kept) as at where at > clock_timestamp() - v.period order by at);
    update platform.rate_limit_attempts set taken = v_kept where bucket = v.bucket;
    if cardinality(v_kept) >= v.allowed then
      v_wait := greatest(v_wait,
        extract(epoch from v_kept[cardinality(v_kept) - v.allowed + 1] + v.period - clock_timestamp()));
      v_wait := greatest(v_wait, 0.001);
    end if;
    v_buckets := v_buckets || v.bucket;
  end loop;
  if v_wait > 0 then return ceil(v_wait)::integer; end if;
  update platform.rate_limit_attempts set taken = taken || clock_timestamp() where bucket = any (v_buckets);
  delete from platform.rate_limit_attempts where bucket in (
    select bucket from platform.rate_limit_attempts where expires_at < now() limit 10 for update skip locked);
  return 0;
end;
$$;
comment on function platform.take_attempts is
  'Counts one attempt against each rule and answers 0, or counts none and answers the seconds to wait.';

create function platform.release_attempts(system text, rules text[], subjects text[])
returns void
language sql
security definer
set search_path = ''
as $$
  update platform.rate_limit_attempts set taken = trim_array(taken, 1)
  where cardinality(taken) > 0 and bucket in (
    select platform.attempt_bucket(release_attempts.system, a.rule, a.subject) from unnest(rules, subjects) as a (rule, subject));
$$;
comment on function platform.release_attempts is 'Gives the newest attempt of each subject back: it succeeded, or was not made.';

create function platform.forget_attempts(system text, rules text[], subjects text[])
returns void
language sql
security definer
set search_path = ''
as $$
  delete from platform.rate_limit_attempts where bucket in (
    select platform.attempt_bucket(forget_attempts.system, a.rule, a.subject) from unnest(rules, subjects) as a (rule, subject));
$$;
comment on function platform.forget_attempts is 'Lets the subjects start again from none.';
grant execute on function platform.take_attempts, platform.release_attempts, platform.forget_attempts to service_role;

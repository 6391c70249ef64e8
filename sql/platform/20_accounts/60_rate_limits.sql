-- How often somebody may try: a rule is a row, so that an admin changes it without a release. An attempt is counted
-- before it is made and given back when it succeeded, so that fifty at once cannot all pass the check. There are few
-- of them, and they are kept by their time: the wait that is told is exact.
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
-- Those of signing in and up, system auth, are all systems' alike.
create policy select_admin on platform.rate_limit_rules for select to authenticated using (
  platform.is_admin(system)
  or system = 'auth' and exists (select from platform.system_roles r where r.administers and platform.has_role(r.system, r.role))
);
grant select on platform.rate_limit_rules to authenticated, service_role;

create unlogged table platform.rate_limit_attempts (
  bucket text primary key,
  taken timestamptz[] not null default '{}',
  expires_at timestamptz not null
);
alter table platform.rate_limit_attempts enable row level security;
create index rate_limit_attempts_expiry on platform.rate_limit_attempts (expires_at);
select platform.retain('platform.rate_limit_attempts', 'expires_at', '1 day');
comment on table platform.rate_limit_attempts is 'The attempts that still count, by rule and subject; the subject is hashed.';
create policy select_nobody on platform.rate_limit_attempts for select to anon, authenticated using (false);

-- Whoever has one IPv6 address has 2^64 of them: the network is what counts.
create function platform.network_of(address text)
returns text
language sql
immutable
set search_path = ''
as $$
  select case
    when not pg_input_is_valid(plain, 'inet') then plain
    when family(plain::inet) = 6 then network(set_masklen(plain::inet, 64))::text
    else host(plain::inet) end
  from regexp_replace(lower(btrim(address)), '^::ffff:(?=[0-9.]+$)', '') as plain;
$$;

create function platform.attempt_bucket(system text, rule text, subject text)
returns text
language sql
immutable
set search_path = ''
as $$
  select attempt_bucket.system || ':' || rule || ':' || encode(sha256(convert_to(
    case when rule like '%\_ip' then platform.network_of(subject) else lower(btrim(subject)) end, 'utf8')), 'hex');
$$;

-- From where somebody has signed in to an account; both hashed together.
create table platform.known_devices (
  device text primary key,
  seen_at timestamptz not null default now()
);
alter table platform.known_devices enable row level security;
comment on table platform.known_devices is 'From which addresses accounts were signed in to; nobody else''s failures stop them there.';
create policy select_nobody on platform.known_devices for select to anon, authenticated using (false);

-- A stranger who fails on purpose must not lock anybody out. So <kind>_account counts an account together with the address
-- that tries, where <kind>_ip comes with it; and <kind>_anywhere, the account alone, passes over the devices that it knows.
create function platform.attempts_of(system text, rules text[], subjects text[])
returns table (rule text, bucket text, allowed integer, period interval)
language sql
stable
security definer
set search_path = ''
as $$
  with asked as (
    select a.rule, regexp_replace(a.rule, '_account$', '') as kind, a.subject, platform.network_of(i.subject) as network
    from unnest(rules, subjects) as a (rule, subject)
    left join unnest(rules, subjects) as i (rule, subject) on a.rule like '%\_account' and i.rule = regexp_replace(a.rule, '_account$', '_ip')
  ), counted as (
    select a.rule, concat_ws(' ', lower(btrim(a.subject)), a.network) as subject from asked a
    union all
    select a.kind || '_anywhere', a.subject from asked a
    where a.rule like '%\_account' and not exists (
      select from platform.known_devices d
      where d.device = platform.attempt_bucket(attempts_of.system, 'device', concat_ws(' ', lower(btrim(a.subject)), a.network))
        and d.seen_at > now() - interval '90 days')
  )
  select r.name, platform.attempt_bucket(r.system, r.name, c.subject), r.allowed, r.period
  from counted c join platform.rate_limit_rules r on r.system = attempts_of.system and r.name = c.rule;
$$;
comment on function platform.attempts_of is 'What an attempt counts against.';

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
    select a.allowed, a.period, a.bucket from platform.attempts_of(take_attempts.system, rules, subjects) a order by a.bucket
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

-- For what answers to PostgREST as well, where no function of ours counts before it.
create function platform.require_attempt(system text, rule text, subject text)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_wait integer := platform.take_attempts(system, array[rule], array[subject]);
begin
  if v_wait > 0 then
    perform platform.fail(429, 'too_many_attempts', format('Trop de tentatives. Réessayez dans %s.',
      case when v_wait < 120 then v_wait || ' secondes' else ceil(v_wait / 60.0) || ' minutes' end), v_wait::text);
  end if;
end;
$$;
comment on function platform.require_attempt is 'Counts an attempt, or refuses it (429); the hint is how many seconds to wait.';

create function platform.release_attempts(system text, rules text[], subjects text[])
returns void
language sql
security definer
set search_path = ''
as $$
  update platform.rate_limit_attempts set taken = trim_array(taken, 1)
  where cardinality(taken) > 0 and bucket in (select a.bucket from platform.attempts_of(release_attempts.system, rules, subjects) a);
$$;
comment on function platform.release_attempts is 'Gives the newest attempt of each subject back: it succeeded, or was not made.';

create function platform.accept_attempts(system text, rules text[], subjects text[])
returns void
language sql
security definer
set search_path = ''
as $$
  select platform.release_attempts(accept_attempts.system, rules, subjects);
  insert into platform.known_devices as d (device)
  select platform.attempt_bucket(accept_attempts.system, 'device', concat_ws(' ', lower(btrim(a.subject)), platform.network_of(i.subject)))
  from unnest(rules, subjects) as a (rule, subject), unnest(rules, subjects) as i (rule, subject)
  where a.rule = 'login_account' and i.rule = 'login_ip'
  on conflict on constraint known_devices_pkey do update set seen_at = now() where d.seen_at < now() - interval '1 day';
  delete from platform.known_devices where device in (
    select device from platform.known_devices where seen_at < now() - interval '90 days' limit 10 for update skip locked);
$$;
comment on function platform.accept_attempts is 'Gives back what has succeeded, and knows the device from now on that has signed in.';

create function platform.forget_attempts(system text, rules text[], subjects text[])
returns void
language sql
security definer
set search_path = ''
as $$
  delete from platform.rate_limit_attempts where bucket in (
    select a.bucket from platform.attempts_of(forget_attempts.system, rules, subjects) a where a.rule not like '%\_ip');
$$;
comment on function platform.forget_attempts is 'Lets the accounts start again from none; what an address has tried stays counted.';
grant execute on function platform.take_attempts, platform.release_attempts, platform.accept_attempts, platform.forget_attempts to service_role;

insert into platform.rate_limit_rules (system, name, allowed, period, description) values
  ('auth', 'login_account', 5, '15 minutes', 'Connexions échouées, par adresse e-mail et adresse IP'),
  ('auth', 'login_ip', 20, '15 minutes', 'Connexions échouées, par adresse IP'),
  ('auth', 'login_anywhere', 50, '1 hour', 'Connexions échouées depuis des appareils inconnus, par adresse e-mail'),
  ('auth', 'register_account', 5, '1 hour', 'Inscriptions, par adresse e-mail et adresse IP'),
  ('auth', 'register_ip', 10, '1 hour', 'Inscriptions, par adresse IP'),
  ('auth', 'register_anywhere', 10, '1 hour', 'Inscriptions depuis des appareils inconnus, par adresse e-mail'),
  ('auth', 'forgot_account', 3, '1 hour', 'Liens et codes demandés, par adresse e-mail et adresse IP'),
  ('auth', 'forgot_ip', 20, '1 hour', 'Liens et codes demandés, par adresse IP'),
  ('auth', 'forgot_anywhere', 10, '1 hour', 'Liens et codes demandés depuis des appareils inconnus, par adresse e-mail'),
  ('auth', 'verify_account', 10, '15 minutes', 'Codes refusés, par adresse e-mail et adresse IP'),
  ('auth', 'verify_ip', 30, '15 minutes', 'Liens et codes refusés, par adresse IP'),
  ('auth', 'verify_anywhere', 30, '1 hour', 'Codes refusés depuis des appareils inconnus, par adresse e-mail'),
  ('auth', 'reset_ip', 10, '15 minutes', 'Liens de réinitialisation refusés, par adresse IP'),
  ('auth', 'upload_account', 40, '2 hours', 'Adresses demandées pour déposer un gros fichier, par compte'),
  ('auth', 'export_account', 20, '1 hour', 'Exports de données personnelles (RGPD), par compte qui les demande');

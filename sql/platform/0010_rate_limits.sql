-- A sliding window in one row per bucket (two counters, the older one weighted by what is left of it), in an
-- unlogged table: after a crash the counters start again at zero, which is what they are worth.
create unlogged table platform.rate_limits (
  bucket text primary key,
  window_start timestamptz not null,
  hits integer not null,
  previous_hits integer not null
);
alter table platform.rate_limits enable row level security;
comment on table platform.rate_limits is 'Sliding-window counters; a bucket names what is limited, e.g. login:ip:203.0.113.7.';
create policy select_nobody on platform.rate_limits for select to anon, authenticated using (false);

create function platform.hit_rate_limit(bucket text, allowed integer, period interval)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_start timestamptz := date_bin(period, v_now, timestamptz '2000-01-01');
  v_passed numeric;
  v_row platform.rate_limits;
begin
  -- A hit that waited for the row may find it in a later window already, hence >=.
  insert into platform.rate_limits as r (bucket, window_start, hits, previous_hits)
  values (hit_rate_limit.bucket, v_start, 1, 0)
  on conflict on constraint rate_limits_pkey do update set
    previous_hits = case
      when r.window_start >= v_start then r.previous_hits
      when r.window_start = v_start - period then r.hits
      else 0 end,
    hits = case when r.window_start >= v_start then r.hits + 1 else 1 end,
    window_start = greatest(r.window_start, v_start)
  returning * into v_row;
  -- The part of the current window that has passed, 0 to 1.
  v_passed := greatest(0, extract(epoch from v_now - v_row.window_start) / extract(epoch from period));
  if v_row.hits + v_row.previous_hits * (1 - v_passed) <= allowed then return 0; end if;
  -- Until the older window weighs little enough, or, when this window alone is full, until it is the older one and does.
  return greatest(1, ceil(extract(epoch from period) * case
    when v_row.hits < allowed then 1 - (allowed - v_row.hits)::numeric / v_row.previous_hits - v_passed
    else 2 - (allowed - 1)::numeric / v_row.hits - v_passed end))::integer;
end;
$$;
comment on function platform.hit_rate_limit is
  'Counts one hit and answers 0, or the seconds to wait when more than `allowed` hits fell into the sliding period.';
grant execute on function platform.hit_rate_limit to service_role;

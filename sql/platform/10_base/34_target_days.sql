-- TARGET business days, on which euros are transferred between banks (T2): Monday to Friday except TARGET's own six
-- holidays. National holidays do not matter.

-- The algorithm of Meeus, Jones and Butcher for the Gregorian calendar. plpgsql because its plan is cached: the
-- function runs for every region whenever an agent requests a lead.
create function platform.easter_sunday(year integer)
returns date
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$
declare
  v_golden integer := year % 19;
  v_century integer := year / 100;
  v_rest integer := year % 100;
  v_moon integer := (19 * v_golden + v_century - v_century / 4 - (v_century - (v_century + 8) / 25 + 1) / 3 + 15) % 30;
  v_days integer := (32 + 2 * (v_century % 4) + 2 * (v_rest / 4) - v_moon - v_rest % 4) % 7;
  v_sum integer := v_moon + v_days + 114 - 7 * ((v_golden + 11 * v_moon + 22 * v_days) / 451);
begin
  return make_date(year, v_sum / 31, v_sum % 31 + 1);
end;
$$;
comment on function platform.easter_sunday is 'Easter Sunday of a year.';

create function platform.is_target_day(day date)
returns boolean
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
  select extract(isodow from day) < 6 and to_char(day, 'MM-DD') <> all (array['01-01', '05-01', '12-25', '12-26'])
    and day - platform.easter_sunday(extract(year from day)::integer) <> all (array[-2, 1]);
$$;
comment on function platform.is_target_day is 'True if a day is a TARGET business day.';

create function platform.next_target_day(day date)
returns date
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
  -- The longest closure, Good Friday to Easter Monday or Christmas with a weekend, has four days.
  select min(day + n) from generate_series(0, 5) n where platform.is_target_day(day + n);
$$;
comment on function platform.next_target_day is
  'The given day if it is a TARGET business day, otherwise the next one.';
grant execute on function platform.easter_sunday, platform.is_target_day,
  platform.next_target_day to authenticated, service_role;

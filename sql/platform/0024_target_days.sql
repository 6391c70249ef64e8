-- The days on which euros move between banks (TARGET, T2): Monday to Friday, but for six holidays of its own, whatever is
-- a holiday in a country.

-- Meeus, Jones and Butcher: the Sunday after the first full moon of spring, in the Gregorian calendar.
create function platform.easter_sunday(year integer)
returns date
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
  select make_date(year, (f.moon + f.days + 114 - 7 * f.late) / 31, (f.moon + f.days + 114 - 7 * f.late) % 31 + 1)
  from (select year % 19 as golden, year / 100 as century, year % 100 as rest) y,
    lateral (select (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30 as moon) m,
    lateral (select (32 + 2 * (century % 4) + 2 * (rest / 4) - moon - rest % 4) % 7 as days) d,
    lateral (select moon, days, (golden + 11 * moon + 22 * days) / 451 as late) f;
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
comment on function platform.is_target_day is 'Whether euros move between banks on a day.';

create function platform.next_target_day(day date)
returns date
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
  -- The longest pause, Good Friday to Easter Monday or Christmas with a weekend, has four days.
  select min(day + n) from generate_series(0, 5) n where platform.is_target_day(day + n);
$$;
comment on function platform.next_target_day is 'A day if euros move on it, else the next one on which they do.';
grant execute on function platform.easter_sunday, platform.is_target_day, platform.next_target_day to authenticated, service_role;

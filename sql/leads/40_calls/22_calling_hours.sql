-- Calling hours: people are called at the local time of their region, on its working days. The default is French law
-- (décret 2022-1313): Monday to Friday, 10 to 13 and 14 to 20 h, no public holiday.
create function leads.is_holiday(day date, own_holidays text[] default '{}')
returns boolean
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
begin
  -- Easter+1, +39 and +50 are Easter Monday, Ascension Day and Whit Monday: code du travail, L3133-1.
  return array[to_char(day, 'MM-DD'),
    'Easter' || to_char(day - platform.easter_sunday(extract(year from day)::integer), 'FMS999')]
    && (array['01-01', '05-01', '05-08', '07-14', '08-15', '11-01', '11-11', '12-25', 'Easter+1', 'Easter+39',
      'Easter+50'] || own_holidays);
end;
$$;
comment on function leads.is_holiday is
  'True if a day is a public holiday in France, or in a region with its own holidays.';

create function leads.is_calling_time(local_time timestamp, own_holidays text[], rule jsonb)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return rule -> 'days' @> to_jsonb(extract(isodow from local_time)::integer)
    and exists (select from jsonb_to_recordset(rule -> 'hours') h ("from" time, until time)
      where local_time::time >= h."from" and local_time::time < h.until)
    and ((rule -> 'onHolidays')::boolean or not leads.is_holiday(local_time::date, own_holidays));
end;
$$;
comment on function leads.is_calling_time is 'True if a local date and time is within the calling hours.';

create function leads.open_regions(at timestamptz default now(), rule jsonb default leads.work_rule('calling'))
returns text[]
language plpgsql
stable
set search_path = ''
as $$
begin
  return array(
    select unnest(p.regions) from (select r.time_zone, r.own_holidays, array_agg(r.name) as regions
      from leads.regions r group by 1, 2) p
    where leads.is_calling_time(open_regions.at at time zone p.time_zone, p.own_holidays, rule));
end;
$$;
comment on function leads.open_regions is 'The regions where people may be called at this instant.';

create function leads.next_opening(regions text[], after timestamptz default now())
returns timestamptz
language plpgsql
stable
set search_path = ''
as $$
declare
  v_rule jsonb := leads.work_rule('calling');
begin
  return (
    select min(o.at)
    from (select distinct r.time_zone, r.own_holidays from leads.regions r where r.name = any (regions)) p
    -- 28 days are longer than any series of closed days, whatever days are chosen.
    cross join generate_series(0, 28) n
    cross join jsonb_to_recordset(v_rule -> 'hours') h ("from" time)
    cross join lateral (select (after at time zone p.time_zone)::date + n + h."from" as local_time) t
    cross join lateral (select t.local_time at time zone p.time_zone as at) o
    where o.at > after and leads.is_calling_time(t.local_time, p.own_holidays, v_rule));
end;
$$;
comment on function leads.next_opening is
  'The next instant at which people of one of these regions may be called; null if there is none within a month.';

-- Numbers of receipts and invoices: in each series and year they begin at one and leave none out, as the law on books wants
-- it. How a number is written (FA-2026-000001), and what a series is, stays with the system.
create table platform.document_numbers (
  system text not null,
  series text not null check (series <> ''),
  year integer not null,
  last_number integer not null check (last_number > 0),
  last_day date not null,
  primary key (system, series, year)
);
alter table platform.document_numbers enable row level security;
comment on table platform.document_numbers is 'The last number of each series and year. A row, not a sequence: who takes a number and fails gives it back.';
comment on column platform.document_numbers.last_day is 'The day of the last document; the next one is not of a day before it.';
create policy select_administered on platform.document_numbers for select to authenticated using (platform.is_admin(system));
grant select on platform.document_numbers to authenticated, service_role;

-- Called last in a transaction: from here to its end, whoever else wants a number of the series waits. Days follow the
-- numbers, also where a transaction began before midnight and took its number after another one's.
create function platform.take_number(system text, series text, year integer default null)
returns platform.document_numbers
language plpgsql
set search_path = ''
as $$
declare
  v_today date := (clock_timestamp() at time zone 'Europe/Paris')::date;
  v_taken platform.document_numbers;
begin
  insert into platform.document_numbers as n (system, series, year, last_number, last_day)
  values (take_number.system, take_number.series, coalesce(take_number.year, extract(year from v_today)), 1, v_today)
  on conflict on constraint document_numbers_pkey do update
    set last_number = n.last_number + 1, last_day = greatest(n.last_day, excluded.last_day)
  returning n.* into v_taken;
  return v_taken;
end;
$$;
comment on function platform.take_number is 'The next number of a system''s series in a year (null: this year in Paris), held until the transaction ends.';

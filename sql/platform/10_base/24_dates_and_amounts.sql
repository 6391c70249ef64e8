-- Days, months and amounts of money in French form.

-- Business days and months are in Paris time, wherever the server is.
create function platform.paris_month(at timestamptz)
returns date
language plpgsql
immutable
parallel safe
set search_path = ''
as $$ begin return date_trunc('month', at at time zone 'Europe/Paris')::date; end; $$;

create function platform.paris_today()
returns date
language plpgsql
stable
parallel safe
set search_path = ''
as $$ begin return (now() at time zone 'Europe/Paris')::date; end; $$;

create function platform.month_label(month date)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$
  select (array['Jan', 'Fév', 'Mar', 'Avr', 'Mai', 'Juin', 'Juil', 'Août', 'Sep', 'Oct', 'Nov', 'Déc'])[extract(month
    from month)::integer];
$$;

-- Money is stored as integer cents; the documents show euros as JSON numbers (199, 4.9).
create function platform.euros(cents numeric)
returns numeric
language plpgsql
immutable
parallel safe
set search_path = ''
as $$ begin return trim_scale(cents / 100); end; $$;
grant execute on function platform.paris_month, platform.paris_today, platform.month_label, platform.euros to anon,
  authenticated, service_role;

create function platform.amount_text(cents bigint)
returns text
language sql
immutable
set search_path = ''
as $$ select translate(to_char(cents / 100.0, 'FM999G999G999G990D00'), ',.', E'\u00a0,'); $$;
comment on function platform.amount_text is 'An amount in French notation: 1 234,50.';

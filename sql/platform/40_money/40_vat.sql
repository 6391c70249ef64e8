-- VAT is counted on the sum of what has the same rate, never line by line: a cent that each line rounds away would be missing
-- from the return. Rates are basis points (2000 is 20 %, 550 is 5.5 %), so that nothing is counted in fractions.
create type platform.vat_line as (cents bigint, rate_bp integer);
comment on type platform.vat_line is 'An amount and its rate of VAT in basis points.';

create function platform.vat_of(lines platform.vat_line[], included boolean default false)
returns table (rate_bp integer, net_cents bigint, vat_cents bigint, gross_cents bigint)
language plpgsql
immutable
set search_path = ''
rows 3
as $$
begin
  if exists (select from unnest(lines) l where l.cents is null or l.rate_bp is null or l.rate_bp not between 0 and 10000) then
    perform platform.fail(422, 'invalid_vat_line', 'Une ligne n''a pas de montant ou pas de taux de TVA entre 0 et 100 %.');
  end if;
  return query select r.rate_bp, r.net, r.gross - r.net, r.gross from (
    select s.rate_bp, case when included then round(s.cents * 10000 / (10000 + s.rate_bp)) else s.cents end::bigint as net,
      case when included then s.cents else s.cents + round(s.cents * s.rate_bp / 10000) end::bigint as gross
    from (select l.rate_bp, sum(l.cents) as cents from unnest(lines) l group by l.rate_bp) s
  ) r order by r.rate_bp;
end;
$$;
comment on function platform.vat_of is 'Net, VAT and gross of each rate, half a cent away from zero; the totals are their sums. Included: the lines are prices with VAT.';

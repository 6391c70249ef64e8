-- Bonus credits earn a supplier nothing by themselves: otherwise a supplier could collect bonus credits on a second
-- account and buy his own leads with them. An admin may set a monthly budget in euros for them; each sale draws on it
-- until it is used up. The lock order is lead, buyer's credits, budget. A sale without bonus credits, or without a
-- budget, does not touch the budget's row.
create table leads.bonus_budgets (
  month date primary key check (month = date_trunc('month', month)),
  spent_cents bigint not null check (spent_cents >= 0)
);
alter table leads.bonus_budgets enable row level security;
comment on table leads.bonus_budgets is 'The amount of the bonus budget paid to suppliers, by month of sale.';
create policy select_admin on leads.bonus_budgets for select to authenticated
  using ((select platform.has_role('leads', 'admin')));
grant select on leads.bonus_budgets to authenticated, service_role;

-- The share of the paid credits is rounded down to a cent, so that bonus credits never earn a fraction of a paid one.
create function leads.share_of_given(share_cents bigint, credits bigint, given_credits bigint)
returns integer
language sql
immutable
set search_path = ''
as $$ select case when credits = 0 then 0 else share_cents - share_cents * (credits - given_credits) / credits end; $$;
comment on function leads.share_of_given is
  'The part of a supplier''s share that corresponds to bonus credits, in cents.';

create function leads.take_bonus_budget(cents integer, budget numeric)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_month date := platform.paris_month(now());
  v_taken bigint;
begin
  if cents = 0 or coalesce(budget, 0) = 0 then return 0; end if;
  insert into leads.bonus_budgets (month, spent_cents) values (v_month, 0) on conflict do nothing;
  select greatest(0, least(take_bonus_budget.cents, floor(budget * 100) - b.spent_cents)) into v_taken
    from leads.bonus_budgets b where b.month = v_month for no key update;
  update leads.bonus_budgets b set spent_cents = b.spent_cents + v_taken where b.month = v_month and v_taken > 0;
  return v_taken;
end;
$$;
comment on function leads.take_bonus_budget is
  'Draws up to this many cents from the current month''s budget (given in euros); returns the cents drawn.';

create function leads.give_budget_back(sale leads.sales)
returns void
language sql
set search_path = ''
as $$
  update leads.bonus_budgets b set spent_cents = b.spent_cents - sale.budget_cents
  where b.month = platform.paris_month(sale.sold_at) and sale.budget_cents > 0;
$$;
comment on function leads.give_budget_back is 'Returns a cancelled sale''s part to the budget of its month.';

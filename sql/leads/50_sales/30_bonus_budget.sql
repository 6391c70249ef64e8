-- Credits that were given bring a supplier nothing by themselves: whoever is given some could buy his own leads by them. What
-- an admin wants to spend on them is a budget, in euros a month; a sale takes its part of it and stops there. Lead first, then
-- the buyer's credits, then the budget: whoever needs all three locks them in this order. A sale without given credits, or
-- while there is no budget, does not touch it.
create table leads.bonus_budgets (
  month date primary key check (month = date_trunc('month', month)),
  spent_cents bigint not null check (spent_cents >= 0)
);
alter table leads.bonus_budgets enable row level security;
comment on table leads.bonus_budgets is 'What given credits have brought to suppliers, by the month of the sale.';
create policy select_admin on leads.bonus_budgets for select to authenticated
  using ((select platform.has_role('leads', 'admin')));
grant select on leads.bonus_budgets to authenticated, service_role;

-- Of paid credits the share is rounded down to a cent, so that no part of one is earned by given ones.
create function leads.share_of_given(share_cents bigint, credits bigint, given_credits bigint)
returns integer
language sql
immutable
set search_path = ''
as $$ select case when credits = 0 then 0 else share_cents - share_cents * (credits - given_credits) / credits end; $$;
comment on function leads.share_of_given is 'The part of a supplier''s share that given credits stand for, in cents.';

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
comment on function leads.take_bonus_budget is 'Takes from this month''s budget, in euros, what there is left of so many cents; how many.';

create function leads.give_budget_back(sale leads.sales)
returns void
language sql
set search_path = ''
as $$
  update leads.bonus_budgets b set spent_cents = b.spent_cents - sale.budget_cents
  where b.month = platform.paris_month(sale.sold_at) and sale.budget_cents > 0;
$$;
comment on function leads.give_budget_back is 'A sale that is taken back leaves its part to others.';

-- Opening figures: totals of the mock files that the rows do not explain.

create function leads.open_figure(figure text, subject text, wanted numeric, counted numeric default 0,
  month date default platform.ever())
returns void
language sql
set search_path = ''
as $$
  insert into platform.opening_figures (system, figure, subject, month, value)
    values ('leads', figure, subject, month, wanted - counted);
$$;
comment on function leads.open_figure is 'Sets the opening figure so that the total has the wanted value.';

-- An average or a rate is a sum divided by a count. Both get an opening figure, the count at least one, so that new
-- rows change the ratio correctly.
create function leads.open_ratio(sum_figure text, count_figure text, subject text, wanted numeric, weight numeric,
  counted_sum numeric, counted numeric)
returns void
language sql
set search_path = ''
as $$
  select leads.open_figure(count_figure, subject, greatest(weight, 1), counted);
  select leads.open_figure(sum_figure, subject, wanted * greatest(weight, 1), counted_sum);
$$;

-- items: [{"month": "Sep", "period": "2025-09", <field>: value}]. Months that have rows but are not in the file are
-- opened to zero.
create function leads.open_months(items jsonb, field text, metric text, subject text, unit numeric)
returns void
language sql
set search_path = ''
as $$
  insert into platform.opening_figures (system, figure, subject, month, label, value)
  select 'leads', open_months.metric, open_months.subject, coalesce(f.month, k.month), f.label,
    coalesce(f.wanted, 0) - coalesce(k.value, 0)
  from (
    select (i ->> 'period' || '-01')::date as month, i ->> 'month' as label, (i ->> field)::numeric * unit as wanted
    from jsonb_array_elements(items) i
  ) f
  full join (
    select r.month, sum(r.value) as value from platform.rollups r
    where r.system = 'leads' and r.metric = open_months.metric and r.subject = open_months.subject
      and r.month > platform.ever() group by r.month
  ) k on k.month = f.month;
$$;
comment on function leads.open_months is
  'Sets the opening figures of a monthly metric so that it equals the file; unit converts euros into cents.';

-- The buyer's credits, the amounts due to suppliers, and the payouts that the bank has not confirmed yet.
create function leads.seed_balances(files jsonb, accounts jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_buyer_file jsonb := files -> 'users' -> 'acheteur';
  v_buyer uuid := (accounts ->> (v_buyer_file ->> 'email'))::uuid;
  v_credits bigint := (v_buyer_file ->> 'credits')::bigint;
  v_transit bigint := (select coalesce(sum(p.amount_cents), 0) from leads.payouts p
    where p.status = 'pending' and p.transfer_id is null);
  v_key text := platform.uuid_v7();
begin
  insert into leads.earnings (supplier_id, kind, amount_cents, payable_from)
  select s.id, 'opening', leads.cents(g -> 'pendingAmount') - coalesce(p.pending, 0), now()
  from jsonb_array_elements(files -> 'fournisseurGains' -> 'gains') g
  join leads.suppliers s on s.reference = g ->> 'id'
  left join (select p.supplier_id, sum(p.amount_cents) as pending from leads.payouts p where p.status = 'pending'
    group by 1) p on p.supplier_id = s.id
  where leads.cents(g -> 'pendingAmount') <> coalesce(p.pending, 0);

  perform leads.open_figure('acheteur.credits', v_buyer::text, v_credits);
  perform platform.post_transfer('leads', 'opening', v_key, array[
      ('buyer_paid', v_buyer, v_credits), ('credits_opening', null, -v_credits),
      ('payouts_in_transit', null, v_transit), ('opening', null, -v_transit)
    ]::platform.ledger_line[]
    || (select array_agg((l.kind, l.owner, l.amount)::platform.ledger_line) from leads.earnings e,
      lateral (values ('supplier_earnings', e.supplier_id, e.amount_cents),
        ('opening', null, -e.amount_cents)) l (kind, owner, amount)
      where e.kind = 'opening'));
end;
$$;
comment on function leads.seed_balances is 'Opens the ledger with the balances of the mock files.';

create function leads.seed_openings(files jsonb, accounts jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_supplier_file jsonb := files -> 'users' -> 'fournisseur';
  v_agent_file jsonb := files -> 'users' -> 'agent';
  v_buyer_file jsonb := files -> 'users' -> 'acheteur';
  v_stats jsonb := files -> 'stats' -> 'global';
  v_monthly jsonb := files -> 'stats' -> 'monthly';
  v_supplier text := (select s.id::text from leads.suppliers s where s.email = v_supplier_file ->> 'email');
  v_agent text := accounts ->> (v_agent_file ->> 'email');
  v_buyer text := accounts ->> (v_buyer_file ->> 'email');
  v_subject text;
  v_total numeric := (v_stats ->> 'totalLeads')::numeric;
  v_qualified numeric := (v_agent_file ->> 'totalLeadsQualified')::numeric;
begin
  perform leads.open_figure('fournisseur.totalLeadsUploaded', v_supplier,
    (v_supplier_file ->> 'totalLeadsUploaded')::numeric, platform.kept('leads', 'supplier.leads', v_supplier));
  perform leads.open_figure('fournisseur.totalLeadsSold', v_supplier, (v_supplier_file ->> 'totalLeadsSold')::numeric,
    platform.kept('leads', 'supplier.sold', v_supplier));
  perform leads.open_figure('fournisseur.totalRevenue', v_supplier, leads.cents(v_supplier_file -> 'totalRevenue'),
    platform.kept('leads', 'supplier.earned', v_supplier));
  perform leads.open_figure('fournisseur.pendingPayment', v_supplier, leads.cents(v_supplier_file -> 'pendingPayment'),
    platform.kept('leads', 'supplier.earned', v_supplier) - platform.kept('leads', 'supplier.paid', v_supplier));

  perform leads.open_figure('agent.qualifiedOnDay', v_agent, (v_agent_file ->> 'leadsQualifiedToday')::numeric,
    (select count(*) from leads.calls c where c.agent_id::text = v_agent and c.called_on = platform.paris_today()
      and c.result = 'qualified'), platform.paris_today());
  perform leads.open_figure('agent.totalLeadsQualified', v_agent, v_qualified,
    platform.kept('leads', 'agent.qualified', v_agent));
  perform leads.open_ratio('agent.callSeconds', 'agent.timedCalls', v_agent,
    (v_agent_file ->> 'averageCallDuration')::numeric, v_qualified,
    platform.kept('leads', 'agent.call_seconds', v_agent), platform.kept('leads', 'agent.calls', v_agent));
  perform leads.open_ratio('agent.ratedQualified', 'agent.ratedCalls', v_agent,
    (v_agent_file ->> 'qualificationRate')::numeric / 100, v_qualified,
    platform.kept('leads', 'agent.qualified', v_agent), platform.kept('leads', 'agent.calls', v_agent));

  perform leads.open_figure('acheteur.totalLeadsPurchased', v_buyer, (v_buyer_file ->> 'totalLeadsPurchased')::numeric,
    platform.kept('leads', 'buyer.purchases', v_buyer));
  perform leads.open_ratio('acheteur.won', 'acheteur.decided', v_buyer,
    (v_buyer_file ->> 'conversionRate')::numeric / 100,
    (v_buyer_file ->> 'totalLeadsPurchased')::numeric, 0, 0);

  perform leads.open_figure('stats.totalLeads', '', v_total, platform.kept('leads', 'leads.total'));
  perform leads.open_figure('stats.qualifiedLeads', '', (v_stats ->> 'qualifiedLeads')::numeric,
    platform.kept('leads', 'leads.qualified'));
  perform leads.open_figure('stats.soldLeads', '', (v_stats ->> 'soldLeads')::numeric,
    platform.kept('leads', 'leads.sold'));
  perform leads.open_figure('stats.pendingLeads', '', (v_stats ->> 'pendingLeads')::numeric,
    platform.kept('leads', 'leads.pending'));
  perform leads.open_figure('stats.revenue', '', leads.cents(v_stats -> 'revenue'),
    platform.kept('leads', 'sales.revenue'));
  perform leads.open_ratio('stats.score', 'stats.scored', '', (v_stats ->> 'avgScore')::numeric, v_total,
    platform.kept('leads', 'leads.score'), platform.kept('leads', 'leads.total'));
  perform leads.open_ratio('stats.converted', 'stats.convertible', '', (v_stats ->> 'conversionRate')::numeric / 100,
    v_total, platform.kept('leads', 'leads.sold'), platform.kept('leads', 'leads.total'));

  -- The only supplier with an account has brought all leads, so his monthly figures are the platform's.
  foreach v_subject in array array['', v_supplier] loop
    perform leads.open_months(v_monthly, 'leads', 'month.leads', v_subject, 1),
      leads.open_months(v_monthly, 'qualified', 'month.qualified', v_subject, 1),
      leads.open_months(v_monthly, 'sold', 'month.sold', v_subject, 1),
      leads.open_months(v_monthly, 'revenue', 'month.revenue', v_subject, 100);
  end loop;
  perform leads.open_months(files -> 'transactions' -> 'monthlyRevenue', 'revenus', 'month.revenus', '', 100),
    leads.open_months(files -> 'transactions' -> 'monthlyRevenue', 'payouts', 'month.payouts', '', 100),
    leads.open_months(files -> 'fournisseurGains' -> 'monthly', 'gains', 'month.gains', '', 100),
    leads.open_months(files -> 'fournisseurGains' -> 'monthly', 'paid', 'month.paid', '', 100),
    leads.open_months(files -> 'virements' -> 'monthly', 'amount', 'month.virements', v_supplier, 100);

  perform leads.open_figure('stats.sector', s.name, coalesce((f ->> 'value')::numeric, 0),
    platform.kept('leads', 'sector.leads', s.name))
    from leads.sectors s left join jsonb_array_elements(files -> 'stats' -> 'sectors') f on f ->> 'name' = s.name;
  perform leads.open_figure('stats.region', r.name, coalesce((f ->> 'value')::numeric, 0),
    platform.kept('leads', 'region.leads', r.name))
    from leads.regions r left join jsonb_array_elements(files -> 'stats' -> 'regions') f on f ->> 'name' = r.name;

  perform leads.open_figure('gains.totalLeadsSold', s.id::text, (g ->> 'totalLeadsSold')::numeric,
    platform.kept('leads', 'supplier.sold', s.id::text)), leads.open_figure('gains.totalEarnings', s.id::text,
    leads.cents(g -> 'totalEarnings'), platform.kept('leads', 'supplier.earned', s.id::text)),
    leads.open_figure('gains.pendingAmount', s.id::text, leads.cents(g -> 'pendingAmount'),
      platform.kept('leads', 'supplier.earned', s.id::text) - platform.kept('leads', 'supplier.paid', s.id::text)),
    leads.open_figure('gains.paidAmount', s.id::text, leads.cents(g -> 'paidAmount'),
      platform.kept('leads', 'supplier.paid', s.id::text))
  from jsonb_array_elements(files -> 'fournisseurGains' -> 'gains') g
  join leads.suppliers s on s.reference = g ->> 'id';

  perform leads.open_figure('agentImport.totalLeads', i.id::text, (a ->> 'totalLeads')::numeric, i.total),
    leads.open_figure('agentImport.pending', i.id::text, (a ->> 'pending')::numeric,
      platform.kept('leads', 'import.pending', i.id::text)),
    leads.open_figure('agentImport.qualified', i.id::text, (a ->> 'qualified')::numeric,
      platform.kept('leads', 'import.qualified', i.id::text)),
    leads.open_figure('agentImport.rejected', i.id::text, (a ->> 'rejected')::numeric,
      platform.kept('leads', 'import.rejected', i.id::text)),
    leads.open_figure('agentImport.duplicates', i.id::text, (a ->> 'duplicates')::numeric, i.duplicates)
  from jsonb_array_elements(files -> 'agentImports') a join leads.imports i on i.reference = a ->> 'id';
end;
$$;
comment on function leads.seed_openings is 'Sets the opening figures with which each statistic equals its file.';

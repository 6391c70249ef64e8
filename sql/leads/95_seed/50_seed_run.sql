-- The whole folder is loaded in one transaction, or nothing.
create function leads.seed(files jsonb, accounts jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_fingerprint text := md5(files::text);
  v_base timestamptz := clock_timestamp();
begin
  perform pg_advisory_xact_lock(hashtext('leads.seed'));
  if v_fingerprint = (select s.fingerprint from leads.seeds s order by s.id desc limit 1) then
    return jsonb_build_object('changed', false);
  end if;
  perform leads.remove_seed();
  perform leads.seed_people(files, accounts, v_base);
  perform leads.seed_leads(files, accounts, v_base);
  perform leads.seed_work(files, v_base);
  perform leads.seed_money(files, accounts, v_base);
  perform leads.seed_openings(files, accounts);
  perform leads.seed_balances(files, accounts);
  perform leads.keep_demo_seller();
  perform leads.keep_demo_consents(files);

  -- now() is constant in a transaction, so rows with this time were created by this seed.
  insert into leads.seeded_rows (relation, row_id)
    select 'leads.suppliers', id from leads.suppliers where created_at = now()
    union all select 'leads.leads', l.id from leads.leads l
      join jsonb_array_elements(files -> 'leads') f on f ->> 'id' = l.reference
    union all select 'leads.sales', s.lead_id from leads.sales s join leads.leads l on l.id = s.lead_id
      join jsonb_array_elements(files -> 'leads') f on f ->> 'id' = l.reference
    union all select 'leads.imports', id from leads.imports where created_at = now()
    union all select 'leads.calls', id from leads.calls where created_at = now()
    union all select 'leads.transactions', id from leads.transactions where created_at = now()
    union all select 'leads.payments', id from leads.payments where created_at = now()
    union all select 'leads.payouts', id from leads.payouts where created_at = now()
    union all select 'platform.notifications', n.id from platform.notifications n
      join jsonb_array_elements(files -> 'billing' -> 'notifications') f on f ->> 'id' = n.reference
    union all select 'leads.credit_packs', id from leads.credit_packs where created_at = now()
    union all select 'leads.credit_rules', id from leads.credit_rules where created_at = now()
    union all select 'leads.credit_offers', id from leads.credit_offers
    union all select 'leads.score_features', id from leads.score_features;

  perform platform.skip_references('leads.import_numbers', (select array_agg(reference) from leads.imports)),
    platform.skip_references('leads.call_numbers', (select array_agg(reference) from leads.calls)),
    platform.skip_references('leads.transaction_numbers', (select array_agg(reference) from leads.transactions)),
    platform.skip_references('leads.payment_numbers', (select array_agg(reference) from leads.payments)),
    platform.skip_references('leads.payout_numbers', (select array_agg(reference) from leads.payouts)),
    platform.skip_references('leads.pack_numbers', (select array_agg(reference) from leads.credit_packs)),
    platform.skip_references('leads.rule_numbers', (select array_agg(reference) from leads.credit_rules)),
    platform.skip_references('platform.notification_numbers',
      (select array_agg(reference) from platform.notifications));

  insert into leads.seeds (fingerprint) values (v_fingerprint);
  return jsonb_build_object('changed', true, 'inserted', (
    select jsonb_object_agg(relation, rows)
    from (select r.relation, count(*) as rows from leads.seeded_rows r group by 1 order by 1) counts));
end;
$$;
comment on function leads.seed is
  'Loads the mock files. files: one key per file; accounts: e-mail to user id. Returns {changed, inserted: {table: '
  'rows}}.';

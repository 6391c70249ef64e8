-- The rows of the mock files. A person mentioned by name is linked to an account if name and company match.

create function leads.seed_leads(files jsonb, accounts jsonb, base timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_supplier uuid := (select s.id from leads.suppliers s
    where s.email = files -> 'users' -> 'fournisseur' ->> 'email');
  v_agent uuid := (accounts ->> (files -> 'users' -> 'agent' ->> 'email'))::uuid;
  v_buyer uuid := (accounts ->> (files -> 'users' -> 'acheteur' ->> 'email'))::uuid;
begin
  insert into leads.sectors (name) select distinct l ->> 'sector'
    from jsonb_array_elements(files -> 'leads') l on conflict do nothing;
  insert into leads.regions (name) select distinct l ->> 'region'
    from jsonb_array_elements(files -> 'leads') l on conflict do nothing;

  -- The mock files were written for display: a note becomes the summary as well, unless it names the person.
  insert into leads.leads (id, reference, supplier_id, agent_id, first_name, last_name_mask, email_mask, phone_mask,
    company, sector, region, city, source, channel, score, status, qualification_status, price_cents, is_exclusive,
    has_audio_recording, summary, hidden_fields, qualified_at, sold_at,
    sales_count, created_at, updated_at, has_consent)
  select leads.seed_key(base, n), l ->> 'id', v_supplier,
    case when l ->> 'qualificationStatus' <> 'pending' then v_agent end,
    l ->> 'firstName', platform.mask_last_name(l ->> 'lastName'), platform.mask_email(l ->> 'email'),
    platform.mask_phone(l ->> 'phone'), l ->> 'company', l ->> 'sector', l ->> 'region', l ->> 'city', l ->> 'source',
    l ->> 'channel', (l ->> 'score')::integer, l ->> 'status', l ->> 'qualificationStatus',
    leads.cents(l -> 'price'), (l ->> 'isExclusive')::boolean, (l ->> 'hasAudioRecording')::boolean,
    case when not leads.contact_in_text(l ->> 'notes', l ->> 'firstName', l ->> 'lastName', l ->> 'email',
      array[l ->> 'phone']) then l ->> 'notes' end,
    leads.fields_to_hide(l ->> 'firstName', l ->> 'company', l ->> 'city', l ->> 'source', l ->> 'channel',
      l ->> 'lastName', l ->> 'email', array[l ->> 'phone']),
    case when l ->> 'qualificationStatus' = 'qualified' then leads.written_time(l ->> 'updatedAt') end,
    case when l ->> 'status' = 'sold' then leads.written_time(l ->> 'updatedAt') end,
    (l ->> 'status' = 'sold')::integer, leads.written_time(l ->> 'createdAt'), leads.written_time(l ->> 'updatedAt'),
    l ->> 'qualificationStatus' in ('pending', 'in_progress', 'callback')
  from jsonb_array_elements(files -> 'leads') with ordinality as file (l, n);

  insert into leads.lead_contacts (lead_id, supplier_id, last_name, email, phone, notes)
  select k.id, v_supplier, l ->> 'lastName', l ->> 'email', l ->> 'phone', l ->> 'notes'
  from jsonb_array_elements(files -> 'leads') l join leads.leads k on k.reference = l ->> 'id';
  -- The supplier's earnings from these sales are part of his opening figures.
  insert into leads.sales (lead_id, buyer_id, supplier_id, price_cents, sold_at)
  select k.id, v_buyer, v_supplier, k.price_cents, k.sold_at
  from jsonb_array_elements(files -> 'leads') l join leads.leads k on k.reference = l ->> 'id' where k.status = 'sold';
end;
$$;

create function leads.seed_work(files jsonb, base timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into leads.imports (id, reference, supplier_id, file_name, upload_date, total, valid, invalid, duplicates,
    status, processing_time, qualification_status, handed_over_at)
  select leads.seed_key(base, n), i ->> 'id',
    (select s.id from leads.suppliers s where s.contact_name = i ->> 'fournisseur' and s.company = i ->> 'company'
      order by s.id desc limit 1),
    i ->> 'fileName', (i ->> 'uploadDate')::date, (i ->> 'totalLeads')::integer, (i ->> 'valid')::integer,
    (i ->> 'invalid')::integer,
    (i ->> 'duplicates')::integer, i ->> 'status', i ->> 'processingTime',
    coalesce(agent.a ->> 'status', 'en_attente'), base - agent.place * interval '1 millisecond'
  from jsonb_array_elements(files -> 'adminImports') with ordinality as file (i, n)
  left join jsonb_array_elements(files -> 'agentImports') with ordinality as agent (a,
    place) on agent.a ->> 'id' = i ->> 'id';

  insert into leads.calls (id, reference, lead_id, agent_id, lead_name, lead_company, agent_name, called_on,
    duration_seconds, duration, recording_size, recording_status, result)
  select leads.seed_key(base, n), a ->> 'id',
    (select l.id from leads.leads l join leads.lead_contacts c on c.lead_id = l.id
      where concat_ws(' ', l.first_name, c.last_name) = a ->> 'leadName'
        and l.company is not distinct from a ->> 'leadCompany' order by l.id desc limit 1),
    (select m.user_id from platform.memberships m join platform.profiles p on p.id = m.user_id
      where m.system = 'leads' and m.role = 'agent'
        and concat_ws(' ', p.first_name, p.last_name) = a ->> 'agentName' limit 1),
    a ->> 'leadName', a ->> 'leadCompany', a ->> 'agentName', (a ->> 'date')::date, (a ->> 'durationSeconds')::integer,
    a ->> 'duration', a ->> 'size', a ->> 'status', a ->> 'qualificationResult'
  from jsonb_array_elements(files -> 'audios') with ordinality as file (a, n);

  insert into leads.score_features (id, feature, contribution, description)
  select leads.seed_key(base, n), f ->> 'feature', (f ->> 'contribution')::numeric, f ->> 'description'
  from jsonb_array_elements(files -> 'stats' -> 'scoreExplanations') with ordinality as file (f, n);

  insert into leads.sectors (name, color, position)
  select s ->> 'name', s ->> 'color', n
  from jsonb_array_elements(files -> 'stats' -> 'sectors') with ordinality as file (s, n)
  on conflict (name) do update set color = excluded.color, position = excluded.position;
  insert into leads.regions (name, position)
  select r ->> 'name', n from jsonb_array_elements(files -> 'stats' -> 'regions') with ordinality as file (r, n)
  on conflict (name) do update set position = excluded.position;
end;
$$;

create function leads.seed_money(files jsonb, accounts jsonb, base timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_supplier uuid := (select s.id from leads.suppliers s
    where s.email = files -> 'users' -> 'fournisseur' ->> 'email');
  v_buyer uuid := (accounts ->> (files -> 'users' -> 'acheteur' ->> 'email'))::uuid;
begin
  insert into leads.credit_packs (id, reference, name, credits, price_cents, price_per_credit_cents, bonus,
    popular, active)
  select leads.seed_key(base, n), p ->> 'id', p ->> 'name', (p ->> 'credits')::integer, leads.cents(p -> 'price'),
    (p ->> 'pricePerCredit')::numeric * 100,
    (p ->> 'bonus')::integer, (p ->> 'popular')::boolean, (p ->> 'active')::boolean
  from jsonb_array_elements(files -> 'creditConfig' -> 'packs') with ordinality as file (p, n);

  -- The offer is taken from the buyers' file.
  delete from leads.credit_offers;
  insert into leads.credit_offers (id, reference, name, credits, price_cents, bonus, popular)
  select leads.seed_key(base, n), p ->> 'id', p ->> 'name', (p ->> 'credits')::integer, leads.cents(p -> 'price'),
    (p ->> 'bonus')::integer, (p ->> 'popular')::boolean
  from jsonb_array_elements(files -> 'billing' -> 'creditPacks') with ordinality as file (p, n);

  delete from leads.credit_rules;
  insert into leads.credit_rules (id, reference, name, description, value, unit, active)
  select leads.seed_key(base, n), r ->> 'id', r ->> 'name', r ->> 'description', (r ->> 'value')::numeric,
    r ->> 'unit', (r ->> 'active')::boolean
  from jsonb_array_elements(files -> 'creditConfig' -> 'rules') with ordinality as file (r, n);

  insert into leads.payments (id, reference, buyer_id, type, amount_cents, status, date, description)
  select leads.seed_key(base, n), p ->> 'id', v_buyer, p ->> 'type', leads.cents(p -> 'amount'), p ->> 'status',
    (p ->> 'date')::date, p ->> 'description'
  from jsonb_array_elements(files -> 'billing' -> 'payments') with ordinality as file (p, n);

  insert into platform.notifications (id, reference, user_id, system, type, title, message, read, created_at)
  select leads.seed_key(base, n), m ->> 'id', v_buyer, 'leads', m ->> 'type', m ->> 'title', m ->> 'message',
    (m ->> 'read')::boolean, leads.written_time(m ->> 'createdAt')
  from jsonb_array_elements(files -> 'billing' -> 'notifications') with ordinality as file (m, n);

  insert into leads.transactions (id, reference, type, user_id, user_name, user_role, company, amount_cents, credits,
    date, status, description, payment_method)
  select leads.seed_key(base, n), t ->> 'id', t ->> 'type',
    (select p.id from platform.profiles p where concat_ws(' ', p.first_name, p.last_name) = t ->> 'userName'
      and p.company = t ->> 'company' limit 1),
    t ->> 'userName', t ->> 'userRole', t ->> 'company', leads.cents(t -> 'amount'), (t ->> 'credits')::integer,
    (t ->> 'date')::date, t ->> 'status', t ->> 'description', t ->> 'paymentMethod'
  from jsonb_array_elements(files -> 'transactions' -> 'transactions') with ordinality as file (t, n);

  -- The files link a payout to its transaction by its text only.
  insert into leads.payouts (id, reference, transfer_reference, supplier_id, amount_cents, date, status, leads_count,
    period, iban_mask, transaction_id)
  select leads.seed_key(base, n), v ->> 'id', v ->> 'reference', v_supplier, leads.cents(v -> 'amount'),
    (v ->> 'date')::date, v ->> 'status',
    (v ->> 'leadsCount')::integer, v ->> 'period', v ->> 'iban',
    (select min(t.id::text)::uuid from leads.transactions t
      where t.type = 'fournisseur_payment' and t.description = 'Virement ' || (v ->> 'reference'))
  from jsonb_array_elements(files -> 'virements' -> 'virements') with ordinality as file (v, n);
end;
$$;
comment on function leads.seed_leads is 'leads.json: leads, contacts, and the sales of sold leads.';
comment on function leads.seed_work is 'Imports, calls, score features, sectors and regions of the mock files.';
comment on function leads.seed_money is
  'Packs, rules, payments, notifications, transactions and transfers of the mock files.';

-- The inventory of personal data: every column that refers to a user or a supplier, or contains the address, with what
-- an export shows, what an erasure does, and why. It also lists the columns that the audit log must not contain.
-- test/sql/gdpr.test.ts compares it with the system catalogue: a table missing here fails the test.
create function leads.personal_data()
returns setof platform.personal_place
language sql
immutable
set search_path = ''
as $$
  select d.relation, d.column_name, d.whose, d.shown::text[], d.fate,
    case d.why when 'consent' then 'Preuves de consentement des prospects (art. 7-1 du RGPD).'
      when 'log' then 'Empreinte à clé, dans le seul journal d''audit : elle distingue deux comptes bancaires sans en donner le numéro.'
      else platform.why_kept(d.why) end
  from (values
    ('leads.suppliers', 'id', 'supplier', '{reference,contact_name,company,email,iban_mask,status,created_at}',
      'pseudonym', 'proof'),
    ('leads.suppliers', 'user_id', 'user', null, 'pseudonym', 'proof'),
    ('leads.suppliers', 'email', 'supplier', null, 'erased', null),
    ('leads.suppliers', 'contact_name', null, null, 'pseudonym', 'proof'),
    ('leads.suppliers', 'company', null, null, 'pseudonym', 'proof'),
    ('leads.suppliers', 'iban_mask', null, null, 'erased', null),
    ('leads.buyers', 'user_id', 'user', '{preferred_sectors,preferred_regions,created_at}', 'erased', null),
    ('leads.billing_details', 'buyer_id', 'user', '{name,address,delivery_address,siret,vat_number}', 'erased', null),
    ('leads.billing_details', 'name', null, null, 'erased', null),
    ('leads.billing_details', 'address', null, null, 'erased', null),
    ('leads.billing_details', 'delivery_address', null, null, 'erased', null),
    ('leads.billing_details', 'siret', null, null, 'erased', null),
    ('leads.billing_details', 'vat_number', null, null, 'erased', null),
    ('leads.party_signs', 'person', 'either', '{kind,seen_at}', 'erased', null),
    ('leads.self_dealing', 'buyer_id', 'user', null, 'pseudonym', 'proof'),
    ('leads.self_dealing', 'supplier_id', 'supplier', null, 'pseudonym', 'proof'),
    ('leads.self_dealing', 'note', null, null, 'erased', null),
    ('leads.self_dealing', 'decided_by', 'user', '{reference,status,decided_at}', 'kept', 'proof'),
    ('leads.supplier_accounts', 'supplier_id', 'supplier', '{bic,validated,changed_at}', 'erased', null),
    ('leads.supplier_accounts', 'changed_by', 'user', null, 'kept', 'proof'),
    ('leads.supplier_accounts', 'sealed_iban', null, null, 'erased', null),
    ('leads.supplier_accounts', 'fingerprint', 'supplier', null, 'kept', 'log'),
    ('leads.held_accounts', 'supplier_id', 'supplier', '{iban_mask,code,held_at}', 'erased', null),
    ('leads.held_accounts', 'sealed_iban', null, null, 'erased', null),
    ('leads.held_accounts', 'iban_mask', null, null, 'erased', null),
    ('leads.imports', 'supplier_id', 'supplier', '{reference,file_name,upload_date,total,valid,status}',
      'kept', 'consent'),
    ('leads.import_mappings', 'supplier_id', 'supplier', '{created_at,updated_at}', 'erased', null),
    ('leads.leads', 'supplier_id', 'supplier', '{}', 'kept', 'others'),
    ('leads.leads', 'agent_id', 'user', '{}', 'kept', 'others'),
    ('leads.lead_contacts', 'supplier_id', 'supplier', '{}', 'kept', 'others'),
    ('leads.lead_contacts', 'email', null, null, 'kept', 'others'),
    ('leads.leads', 'email_mask', null, null, 'kept', 'others'),
    ('leads.lead_consents', 'supplier_id', 'supplier', '{}', 'kept', 'consent'),
    ('leads.import_rows', 'email', null, null, 'kept', 'others'),
    ('leads.import_checked', 'email', null, null, 'kept', 'others'),
    ('leads.import_checked', 'email_mask', null, null, 'kept', 'others'),
    ('leads.import_file_rows', 'email', null, null, 'kept', 'others'),
    ('leads.import_form_rows', 'email', null, null, 'kept', 'others'),
    ('leads.import_held_rows', 'email', null, null, 'kept', 'others'),
    ('leads.calls', 'agent_id', 'user', '{reference,called_on,duration,result,outside_rules}', 'pseudonym', 'others'),
    ('leads.qualifications', 'agent_id', 'user', '{recording_consent,created_at}', 'kept', 'others'),
    ('leads.sales', 'buyer_id', 'user', '{credits,price_cents,sold_at}', 'kept', 'books'),
    ('leads.sales', 'supplier_id', 'supplier', '{price_cents,supplier_share_cents,sold_at}', 'kept', 'books'),
    ('leads.returns', 'buyer_id', 'user', '{reference,lead_reference,reason,comment,status,decided_at,decision_note}',
      'kept', 'books'),
    ('leads.returns', 'comment', null, null, 'erased', null),
    ('leads.returns', 'decision_note', null, null, 'erased', null),
    ('leads.returns', 'lead_name', null, null, 'pseudonym', 'others'),
    ('leads.returns', 'decided_by', 'user', '{reference,decided_at}', 'kept', 'proof'),
    ('leads.outcomes', 'buyer_id', 'user', '{outcome}', 'kept', 'books'),
    ('leads.transactions', 'user_id', 'user', '{reference,type,amount_cents,credits,date,status,description}',
      'pseudonym', 'books'),
    ('leads.payments', 'buyer_id', 'user', '{reference,type,amount_cents,date,status,description}', 'kept', 'books'),
    ('leads.pack_orders', 'buyer_id', 'user', '{reference,pack_name,credits,bonus,price_cents,status,created_at}',
      'kept', 'books'),
    ('leads.invoices', 'buyer_id', 'user', '{number,issued_on,description,net_cents,vat_cents,gross_cents,buyer}',
      'kept', 'books'),
    ('leads.payouts', 'supplier_id', 'supplier',
      '{transfer_reference,amount_cents,date,status,period,iban_mask,failure_reason}', 'kept', 'books'),
    ('leads.payouts', 'iban_mask', null, null, 'kept', 'books'),
    ('leads.payouts', 'failure_reason', null, null, 'kept', 'books'),
    ('leads.payout_accounts', 'holder', 'supplier', null, 'kept', 'books'),
    ('leads.payout_accounts', 'sealed_iban', null, null, 'kept', 'books'),
    ('leads.earnings', 'supplier_id', 'supplier', '{kind,amount_cents,payable_from}', 'kept', 'books'),
    ('leads.earnings', 'buyer_id', 'user', null, 'kept', 'books'),
    ('leads.erasures', 'actor', 'user', '{erased_at}', 'kept', 'proof')
  ) as d (relation, column_name, whose, shown, fate, why);
$$;
comment on function leads.personal_data is
  'The columns of Leads Provider that refer to an account holder or a supplier, or identify them.';
grant execute on function leads.personal_data to service_role;

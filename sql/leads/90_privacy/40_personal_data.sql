-- Where an account is known by: every column that leads to a user or a supplier, or holds his address. What is shown of it in an
-- export, what an erasure makes of it, and why. test/sql/gdpr.test.ts goes through the catalogue: a table that is not
-- here fails it, so that none is forgotten.
create function leads.personal_data()
returns table (relation text, column_name text, whose text, shown text[], fate text, why text)
language sql
immutable
set search_path = ''
as $$
  select d.relation, d.column_name, d.whose, d.shown::text[], d.fate, case d.why
    when 'books' then 'Pièces comptables : dix ans (art. L123-22 du code de commerce).'
    when 'proof' then 'Preuve de ce qui a été fait, par un identifiant sans nom (art. 17-3 du RGPD).'
    when 'others' then 'Données d''autres personnes, qui ont leurs propres droits.'
    when 'consent' then 'Preuves de consentement des prospects (art. 7-1 du RGPD).' end
  from (values
    ('platform.profiles', 'id', 'user', '{reference,email,first_name,last_name,company,phone,display_name,bio,avatar,created_at}', 'pseudonym', 'proof'),
    ('platform.profiles', 'email', 'user', null, 'pseudonym', 'proof'),
    ('platform.memberships', 'user_id', 'user', '{system,role,status,created_at}', 'erased', null),
    ('platform.registrations', 'user_id', 'user', '{system,role,profile,requested_at,applied_at}', 'erased', null),
    ('platform.notifications', 'user_id', 'user', '{type,title,message,read,created_at}', 'erased', null),
    ('platform.session_handles', 'user_id', 'user', '{created_at,expires_at}', 'erased', null),
    ('platform.idempotency_keys', 'user_id', 'user', '{operation,created_at}', 'erased', null),
    ('platform.ledger_accounts', 'owner', 'user', '{kind,created_at}', 'kept', 'books'),
    ('platform.ledger_transfers', 'actor', 'user', '{kind,created_at}', 'kept', 'books'),
    ('platform.audit_log', 'actor', 'user', '{at,relation,operation}', 'kept', 'proof'),
    ('platform.row_versions', 'changed_by', 'user', '{relation,version,valid_from}', 'kept', 'proof'),
    ('auth.users', 'id', 'user', '{email,phone,created_at,email_confirmed_at,last_sign_in_at}', 'pseudonym', 'proof'),
    ('auth.sessions', 'user_id', 'user', '{created_at,updated_at,ip,user_agent}', 'erased', null),
    ('auth.identities', 'user_id', 'user', '{provider,created_at,last_sign_in_at}', 'erased', null),
    ('auth.mfa_factors', 'user_id', 'user', '{friendly_name,factor_type,status,created_at}', 'erased', null),
    ('leads.suppliers', 'user_id', 'user', '{reference,contact_name,company,email,iban_mask,status,created_at}', 'pseudonym', 'proof'),
    ('leads.suppliers', 'email', 'supplier', null, 'pseudonym', 'proof'),
    ('leads.buyers', 'user_id', 'user', '{preferred_sectors,preferred_regions,created_at}', 'erased', null),
    ('leads.billing_details', 'buyer_id', 'user', '{name,address,delivery_address,siret,vat_number}', 'erased', null),
    ('leads.party_signs', 'person', 'user', '{kind,seen_at}', 'erased', null),
    ('leads.self_dealing', 'buyer_id', 'user', null, 'pseudonym', 'proof'),
    ('leads.self_dealing', 'supplier_id', 'supplier', null, 'pseudonym', 'proof'),
    ('leads.self_dealing', 'decided_by', 'user', '{reference,status,decided_at}', 'kept', 'proof'),
    ('leads.supplier_accounts', 'supplier_id', 'supplier', '{bic,validated,changed_at}', 'erased', null),
    ('leads.supplier_accounts', 'changed_by', 'user', null, 'kept', 'proof'),
    ('leads.held_accounts', 'supplier_id', 'supplier', '{iban_mask,code,held_at}', 'erased', null),
    ('leads.imports', 'supplier_id', 'supplier', '{reference,file_name,upload_date,total,valid,status}', 'kept', 'consent'),
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
    ('leads.calls', 'agent_id', 'user', '{reference,called_on,duration,result}', 'pseudonym', 'others'),
    ('leads.qualifications', 'agent_id', 'user', '{recording_consent,created_at}', 'kept', 'others'),
    ('leads.sales', 'buyer_id', 'user', '{credits,price_cents,sold_at}', 'kept', 'books'),
    ('leads.sales', 'supplier_id', 'supplier', '{price_cents,supplier_share_cents,sold_at}', 'kept', 'books'),
    ('leads.returns', 'buyer_id', 'user', '{reference,lead_reference,reason,comment,status,decided_at}', 'pseudonym', 'books'),
    ('leads.returns', 'decided_by', 'user', '{reference,decided_at}', 'kept', 'proof'),
    ('leads.outcomes', 'buyer_id', 'user', '{outcome}', 'kept', 'books'),
    ('leads.transactions', 'user_id', 'user', '{reference,type,amount_cents,credits,date,status,description}', 'pseudonym', 'books'),
    ('leads.payments', 'buyer_id', 'user', '{reference,type,amount_cents,date,status,description}', 'kept', 'books'),
    ('leads.pack_orders', 'buyer_id', 'user', '{reference,pack_name,credits,bonus,price_cents,status,created_at}', 'kept', 'books'),
    ('leads.invoices', 'buyer_id', 'user', '{number,issued_on,description,net_cents,vat_cents,gross_cents,buyer}', 'kept', 'books'),
    ('leads.payouts', 'supplier_id', 'supplier', '{transfer_reference,amount_cents,date,status,period,iban_mask}', 'kept', 'books'),
    ('leads.earnings', 'supplier_id', 'supplier', '{kind,amount_cents,payable_from}', 'kept', 'books'),
    ('leads.earnings', 'buyer_id', 'user', null, 'kept', 'books'),
    ('leads.erasures', 'actor', 'user', '{erased_at}', 'kept', 'proof')
  ) as d (relation, column_name, whose, shown, fate, why);
$$;
comment on function leads.personal_data is 'Where accounts are known by, what an export shows of it ({}: how much), what an erasure makes of it, and why something stays.';
grant execute on function leads.personal_data to service_role;

-- The proof that a person agreed to be called: the text shown, the page, the time, the IP address, and the recipients.
create table leads.lead_consents (
  lead_id uuid primary key references leads.leads (id) on delete cascade,
  supplier_id uuid not null references leads.suppliers (id),
  text_version text not null,
  url text not null,
  ip inet,
  given_at timestamptz not null,
  recipients text[] not null,
  created_at timestamptz not null default now()
);
alter table leads.lead_consents enable row level security;
create index lead_consents_supplier on leads.lead_consents (supplier_id);
comment on table leads.lead_consents is 'Proof of consent, at most one row per lead.';
comment on column leads.lead_consents.ip is 'Null once the person has been erased.';
comment on column leads.lead_consents.recipients is
  'The recipients, by name or category, to whom the person agreed to give the contact.';

create policy select_visible on leads.lead_consents for select to authenticated using (
  supplier_id = (select leads.my_supplier_id())
  or (select platform.has_role('leads', 'admin'))
  or ((select platform.has_role('leads', 'acheteur'))
    and lead_id in (select leads.my_purchases()))
);
grant select on leads.lead_consents to authenticated, service_role;

-- The lead has a copy of this fact, so that the queue can skip leads without consent by index.
create function leads.mark_consents()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    update leads.leads l set has_consent = false from old_rows o where l.id = o.lead_id and l.has_consent;
  elsif exists (select from new_rows n join leads.leads l on l.id = n.lead_id where not l.has_consent) then
    update leads.leads l set has_consent = true from new_rows n where l.id = n.lead_id and not l.has_consent;
  end if;
  return null;
end;
$$;
create trigger mark_insert after insert on leads.lead_consents
  referencing new table as new_rows for each statement execute function leads.mark_consents();
create trigger mark_delete after delete on leads.lead_consents
  referencing old table as old_rows for each statement execute function leads.mark_consents();

create function leads.consent_problems(given jsonb)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('field', 'consent' || p.field, 'code', p.code, 'message', p.message)),
    '[]')
  from (values
    (jsonb_typeof(given) <> 'object', '', 'invalid_type', 'La preuve de consentement est un objet.'),
    (coalesce(length(given ->> 'textVersion'), 0) not between 1 and 200, '.textVersion', 'required',
      'La version du texte manque ou est trop longue.'),
    (coalesce(given ->> 'url', '') !~ '^https?://[^[:space:]]+$' or length(given ->> 'url') > 2000, '.url',
      'invalid_url', 'L''adresse de la page n''est pas valable.'),
    (not pg_input_is_valid(coalesce(given ->> 'ip', ''), 'inet'), '.ip', 'invalid_ip',
      'L''adresse IP n''est pas valable.'),
    (coalesce(leads.written_time(given ->> 'givenAt') > now() + interval '5 minutes', true),
      '.givenAt', 'invalid_time', 'La date du consentement n''est pas valable ou n''est pas encore passée.'),
    (jsonb_typeof(given -> 'recipients') is distinct from 'array'
      or jsonb_path_exists(given, '$.recipients[*] ? (@.type() != "string" || @ == "")')
      or given -> 'recipients' = '[]', '.recipients', 'required', 'Les destinataires manquent.')
  ) p (wrong, field, code, message)
  where p.wrong and (jsonb_typeof(given) = 'object' or p.field = '');
$$;
comment on function leads.consent_problems is 'Validation errors of a proof of consent: [{field, code, message}].';

create function leads.keep_consent(lead leads.leads, given jsonb)
returns void
language sql
set search_path = ''
as $$
  insert into leads.lead_consents (lead_id, supplier_id, text_version, url, ip, given_at, recipients)
  values (lead.id, lead.supplier_id, given ->> 'textVersion', given ->> 'url', (given ->> 'ip')::inet,
    leads.written_time(given ->> 'givenAt'), array(select jsonb_array_elements_text(given -> 'recipients')))
  on conflict (lead_id) do update set text_version = excluded.text_version, url = excluded.url, ip = excluded.ip,
    given_at = excluded.given_at, recipients = excluded.recipients;
$$;

create function public.lead_consent(
  id text, out "textVersion" text, out url text, out ip text, out "givenAt" text, out recipients text[]
)
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin', 'fournisseur', 'acheteur');
  select c.text_version, c.url, host(c.ip), platform.iso_timestamp(c.given_at), c.recipients
    into "textVersion", url, ip, "givenAt", recipients
    from leads.leads l join leads.lead_consents c on c.lead_id = l.id where l.reference = lead_consent.id;
  if not found then
    perform platform.fail(404, 'consent_not_found', 'Aucune preuve de consentement n''est disponible pour ce lead.');
  end if;
end;
$$;
comment on function public.lead_consent is
  'GET /api/leads/:id/consent: for admins, the lead''s supplier and its buyers.';
grant execute on function public.lead_consent to authenticated, service_role;

-- The demo's agents need leads that may be called, and the mock files have no proofs of consent.
create function leads.keep_demo_consents(files jsonb)
returns void
language sql
set search_path = ''
as $$
  insert into leads.lead_consents (lead_id, supplier_id, text_version, url, ip, given_at, recipients)
  select k.id, k.supplier_id, 'démonstration', 'https://example.com/demonstration', '203.0.113.1', k.created_at,
    '{Leads Provider}'
  from jsonb_array_elements(files -> 'leads') l join leads.leads k on k.reference = l ->> 'id'
  where k.has_consent;
$$;
comment on function leads.keep_demo_consents is
  'Gives the demo leads that wait for an agent a fictitious proof of consent.';

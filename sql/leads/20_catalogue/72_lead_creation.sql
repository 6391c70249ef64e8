-- Creation of a lead by hand, by an admin, or by a supplier for himself.

create function leads.supplier_of_new_lead(named text)
returns uuid
language plpgsql
stable
set search_path = ''
as $$
declare
  v_admin boolean := platform.has_role('leads', 'admin');
  v_supplier leads.suppliers;
begin
  if named is null and v_admin and leads.my_supplier_id() is null then
    perform platform.refuse_fields(platform.field_problem('fournisseur', 'required',
      'Le fournisseur manque : son e-mail ou sa référence.'));
  end if;
  select s.* into v_supplier from leads.suppliers s
    where case when named is null then s.id = leads.my_supplier_id()
      else s.reference = named or (lower(s.email) = lower(named) and s.email <> '') end
    limit 1;
  -- A supplier may name himself, but nobody else.
  if named is not null and not v_admin and v_supplier.id is distinct from leads.my_supplier_id() then
    perform platform.refuse_fields(platform.field_problem('fournisseur', 'not_allowed',
      'Seul un administrateur choisit le fournisseur.'));
  end if;
  if named is not null and v_supplier.id is null then
    perform platform.refuse_fields(platform.field_problem('fournisseur', 'unknown_supplier',
      'Ce fournisseur est inconnu.'));
  end if;
  if v_supplier.id is null or v_supplier.status = 'suspended' then
    perform platform.fail(403, 'supplier_not_active',
      'Ce fournisseur est inconnu ou suspendu : il ne peut pas apporter de leads.');
  end if;
  return v_supplier.id;
end;
$$;
comment on function leads.supplier_of_new_lead is
  'The caller''s own supplier, or the one that an admin names by e-mail or reference.';

create function leads.add_lead(given jsonb)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_supplier uuid;
  v_check record;
  v_new leads.checked_lead;
  v_problems jsonb;
  v_lead leads.leads;
begin
  perform platform.require_role('leads', 'admin', 'fournisseur');
  if jsonb_typeof(given) is distinct from 'object' then
    perform platform.fail(400, 'invalid_body', 'Un lead est attendu.');
  end if;
  v_supplier := leads.supplier_of_new_lead(given ->> 'fournisseur');
  -- The lock is taken before the row is staged, so that a running merge finds the staging table unlocked at its end.
  perform pg_advisory_xact_lock_shared(hashtext('leads.merge_import'));
  v_check := leads.check_lead(given - array['fournisseur', 'consent']);
  v_new := v_check.checked;
  v_problems := v_check.problems;
  if given -> 'consent' <> 'null' then v_problems := v_problems || leads.consent_problems(given -> 'consent'); end if;
  perform platform.refuse_fields(v_problems);
  perform leads.refuse_duplicate(v_supplier, v_new.email, array[v_new.phone, v_new.phone2]);

  v_lead.id := platform.uuid_v7();
  insert into leads.leads (id, reference, supplier_id, first_name, last_name_mask, email_mask, phone_mask, company,
    sector, region, city, source, channel, score, price_cents, is_exclusive, summary, collected_at, has_consent)
  values (v_lead.id, v_lead.id::text, v_supplier, v_new.first_name, platform.mask_last_name(v_new.last_name),
    platform.mask_email(v_new.email), platform.mask_phone(v_new.phone), v_new.company, v_new.sector, v_new.region,
    v_new.city, v_new.source, v_new.channel, v_new.score, v_new.price_cents, v_new.is_exclusive, v_new.summary,
    v_new.collected_at, coalesce(given -> 'consent', 'null') <> 'null')
  returning * into v_lead;
  insert into leads.lead_contacts (lead_id, supplier_id, last_name, email, phone, phone2, notes)
  values (v_lead.id, v_supplier, v_new.last_name, v_new.email, v_new.phone, v_new.phone2, v_new.notes);
  if given -> 'consent' <> 'null' then perform leads.keep_consent(v_lead, given -> 'consent'); end if;
  perform platform.emit('leads', 'lead.created', jsonb_build_object('lead', v_lead.reference));
  return v_lead.reference;
end;
$$;

-- A lead as GET shows it, with its ETag.
create function leads.show_lead(reference text)
returns public.leads
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_lead public.leads;
begin
  select l.* into v_lead from public.leads l where l.id = show_lead.reference;
  perform set_config('response.headers',
    jsonb_build_array(jsonb_build_object('ETag', '"' || v_lead."updatedAt" || '"'))::text, true);
  return v_lead;
end;
$$;

create function public.lead_create(lead jsonb)
returns public.leads
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return leads.show_lead(leads.add_lead(lead));
end;
$$;
comment on function public.lead_create is
  'POST /api/leads. An admin names the supplier (fournisseur) by e-mail or reference. 422 field by field, 409 for a '
  'known person.';
grant execute on function leads.add_lead, leads.show_lead, public.lead_create to authenticated, service_role;

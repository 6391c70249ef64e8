-- Changes and withdrawal of a lead, by an admin, or by its supplier as long as it is not sold.

-- The lead is locked, so that it cannot change between the checks and the write: a concurrent second caller waits,
-- sees the new updatedAt, and is refused.
create function leads.lead_to_change(reference text, expected text)
returns leads.leads
language plpgsql
set search_path = ''
as $$
declare
  v_lead leads.leads;
  v_token text := nullif(btrim(regexp_replace(btrim(expected), '^W/', ''), '"'), '');
begin
  perform platform.require_role('leads', 'admin', 'fournisseur');
  select l.* into v_lead from leads.leads l
    where l.reference = lead_to_change.reference and l.withdrawn_at is null
      and (platform.has_role('leads', 'admin') or l.supplier_id = leads.my_supplier_id())
    for no key update;
  if not found then perform platform.fail(404, 'lead_not_found', 'Ce lead est introuvable.'); end if;
  if v_lead.erased_at is not null then
    perform platform.fail(409, 'lead_erased',
      'Les données de cette personne ont été effacées : ce lead ne se modifie plus.');
  end if;
  if v_token <> '*' and v_token <> platform.iso_timestamp(v_lead.updated_at) then
    perform platform.fail(412, 'lead_changed', 'Ce lead a été modifié entre-temps.', 'Rechargez-le et recommencez.');
  end if;
  return v_lead;
end;
$$;
comment on function leads.lead_to_change is
  'Locks a lead for its supplier or an admin: 404 for others, 412 if it has changed since the expected time.';

create function leads.is_sold(lead leads.leads)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return lead.sold_at is not null or lead.status = 'sold'
    or exists (select from leads.sales s where s.lead_id = lead.id);
end;
$$;

-- A read-only field may be sent back, but only with the value that GET showed.
create function leads.read_only_problems(lead leads.leads, given jsonb)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('field', shown.key, 'code', 'read_only',
    'message', 'Ce champ ne se modifie pas.')), '[]')
  from jsonb_each(jsonb_build_object('id', lead.reference, 'status', lead.status,
    'qualificationStatus', lead.qualification_status,
    'createdAt', platform.iso_timestamp(lead.created_at), 'hasAudioRecording', lead.has_audio_recording)
    -- Score and price of a qualified lead can no longer be changed by its supplier, because the lead is sold as the
    -- agent qualified it.
    || case when lead.qualified_at is not null and not platform.has_role('leads', 'admin')
      then jsonb_build_object('score', lead.score,
      'price', platform.euros(lead.price_cents), 'isExclusive', lead.is_exclusive,
      'collectedAt', platform.iso_timestamp(lead.collected_at)) else '{}' end) shown
  where given ? shown.key and given -> shown.key <> shown.value;
$$;

create function leads.change_lead(reference text, given jsonb, expected text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_shown constant text[] := array['id', 'status', 'qualificationStatus', 'createdAt', 'updatedAt',
    'hasAudioRecording'];
  v_lead leads.leads;
  v_contact leads.lead_contacts;
  v_check record;
  v_new leads.checked_lead;
  v_problems jsonb;
begin
  perform platform.require_role('leads', 'admin', 'fournisseur');
  if jsonb_typeof(given) is distinct from 'object' then
    perform platform.fail(400, 'invalid_body', 'Un lead est attendu.');
  end if;
  -- This comes before the lead is locked, because a running merge may be waiting for the lead.
  if given ?| array['email', 'phone', 'phone2'] then
    perform pg_advisory_xact_lock_shared(hashtext('leads.merge_import'));
  end if;
  v_lead := leads.lead_to_change(reference, coalesce(expected, given ->> 'updatedAt'));
  if leads.is_sold(v_lead) and not platform.has_role('leads', 'admin') then
    perform platform.fail(409, 'lead_sold', 'Ce lead est vendu : il ne se modifie plus.');
  end if;
  select c.* into v_contact from leads.lead_contacts c where c.lead_id = v_lead.id;
  -- Omitted fields keep their value.
  v_check := leads.check_lead(
    jsonb_build_object('firstName', v_lead.first_name, 'lastName', v_contact.last_name, 'email', v_contact.email,
      'phone', v_contact.phone, 'phone2', v_contact.phone2,
      'company', v_lead.company, 'sector', v_lead.sector, 'region', v_lead.region, 'city', v_lead.city,
      'source', v_lead.source,
      'channel', v_lead.channel, 'score', v_lead.score, 'price', platform.euros(v_lead.price_cents),
      'isExclusive', v_lead.is_exclusive,
      'notes', v_contact.notes, 'summary', v_lead.summary, 'collectedAt', platform.iso_timestamp(v_lead.collected_at))
    || (given - v_shown - 'consent'));
  v_new := v_check.checked;
  v_problems := v_check.problems || leads.read_only_problems(v_lead, given);
  if given -> 'consent' <> 'null' then v_problems := v_problems || leads.consent_problems(given -> 'consent'); end if;
  perform platform.refuse_fields(v_problems);
  if v_new.email is distinct from v_contact.email or v_new.phone is distinct from v_contact.phone
    or v_new.phone2 is distinct from v_contact.phone2 then
    perform leads.refuse_duplicate(v_lead.supplier_id, nullif(v_new.email, v_contact.email),
      array(select n from unnest(array[v_new.phone, v_new.phone2]) n
        where n not in (coalesce(v_contact.phone, ''), coalesce(v_contact.phone2, ''))), v_lead.id);
  end if;

  -- Contact and summary are checked against each other (leads.hidden_text): the old summary is removed first, so that
  -- it is not checked against the new contact.
  update leads.leads l set summary = null where l.id = v_lead.id and l.summary <> coalesce(v_new.summary, '')
    and (v_new.last_name, v_new.email, v_new.phone, v_new.phone2)
      is distinct from (v_contact.last_name, v_contact.email, v_contact.phone, v_contact.phone2);
  update leads.lead_contacts c set last_name = v_new.last_name, email = v_new.email, phone = v_new.phone,
    phone2 = v_new.phone2, notes = v_new.notes,
    -- A change of either name means that the name has been split.
    name_unsplit = c.name_unsplit and v_new.first_name = v_lead.first_name and v_new.last_name = v_contact.last_name
  where c.lead_id = v_lead.id;
  update leads.leads l set first_name = v_new.first_name, last_name_mask = platform.mask_last_name(v_new.last_name),
    email_mask = platform.mask_email(v_new.email), phone_mask = platform.mask_phone(v_new.phone),
    company = v_new.company, sector = v_new.sector, region = v_new.region, city = v_new.city, source = v_new.source,
    channel = v_new.channel, score = v_new.score, price_cents = v_new.price_cents, is_exclusive = v_new.is_exclusive,
    summary = v_new.summary, collected_at = v_new.collected_at
  where l.id = v_lead.id;
  -- An exclusive lead has one place, which an earlier buyer may already have.
  update leads.leads l set status = 'sold', sold_at = now() where l.id = v_lead.id and l.on_sale and l.is_exclusive
    and l.sales_count > 0;
  if given -> 'consent' <> 'null' then perform leads.keep_consent(v_lead, given -> 'consent'); end if;
  perform platform.emit('leads', 'lead.updated', jsonb_build_object('lead', v_lead.reference));
end;
$$;

create function leads.withdraw_lead(reference text, expected text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_lead leads.leads := leads.lead_to_change(reference, expected);
begin
  if leads.is_sold(v_lead) then
    perform platform.fail(409, 'lead_sold', 'Ce lead est vendu : il ne se supprime plus.');
  end if;
  update leads.leads l set withdrawn_at = now(), reserved_until = null where l.id = v_lead.id;
  perform platform.emit('leads', 'lead.withdrawn', jsonb_build_object('lead', v_lead.reference));
end;
$$;
comment on function leads.withdraw_lead is
  'Removes a lead from all lists. Its row stays, because other rows refer to it.';

create function public.lead_update(id text, lead jsonb, if_match text default null)
returns public.leads
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform leads.change_lead(id, lead, if_match);
  return leads.show_lead(id);
end;
$$;
comment on function public.lead_update is
  'PUT /api/leads/:id: changes the given fields. 412 if the lead has changed since if_match, or since updatedAt in '
  'the body.';

create function public.lead_delete(id text, if_match text default null)
returns void
language sql
security invoker
set search_path = ''
as $$ select leads.withdraw_lead(id, if_match); $$;
comment on function public.lead_delete is 'DELETE /api/leads/:id: withdraws the lead; 409 if it is sold.';

grant execute on function leads.change_lead, leads.withdraw_lead, public.lead_update,
  public.lead_delete to authenticated, service_role;

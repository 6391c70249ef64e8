-- How payouts reach the bank: the pending ones go into a file, which names them all and each of them once.
insert into platform.settings (system, section, value, description) values
  ('leads', 'payout_debtor', 'null', 'Le compte d''où partent les virements : {"name", "iban", "bic"}');

create function leads.set_payout_debtor(name text, iban text, bic text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_bic text := nullif(upper(btrim(bic)), '');
  v_problems jsonb := leads.account_problems(iban, v_bic);
  v_debtor jsonb;
begin
  if coalesce(length(btrim(name)), 0) not between 1 and 70 then
    v_problems := v_problems || jsonb_build_array(jsonb_build_object('field', 'name', 'code', 'invalid_length',
      'message', 'Le nom compte de 1 à 70 caractères.'));
  elsif name !~ '[[:alnum:]]' then
    -- A name made of punctuation only might become empty in the character set of the banks.
    v_problems := v_problems || jsonb_build_array(jsonb_build_object('field', 'name', 'code', 'invalid_format',
      'message', 'Le nom compte au moins une lettre ou un chiffre.'));
  end if;
  if v_problems <> '[]' then perform platform.fail(422, 'invalid_fields', 'Certains champs sont invalides.', v_problems::text); end if;
  update platform.settings r set value = jsonb_build_object('name', btrim(set_payout_debtor.name), 'iban', platform.compact_iban(iban), 'bic', v_bic)
    where r.system = 'leads' and r.section = 'payout_debtor' returning r.value into v_debtor;
  return v_debtor;
end;
$$;
comment on function leads.set_payout_debtor is 'Sets the bank account from which payouts are made.';

create function leads.hold_of(payout leads.payouts)
returns text
language sql
stable
set search_path = ''
as $$
  select case
    when exists (select from leads.suppliers s
      where s.id = payout.supplier_id and s.status = 'suspended') then 'supplier_suspended'
    when exists (select from leads.payout_accounts a join leads.held_accounts h using (sealed_iban)
      where a.payout_id = payout.id) then 'account_held'
    when platform.needs_bic(payout.iban_mask)
      and exists (select from leads.payout_accounts a
        where a.payout_id = payout.id and a.bic is null) then 'bic_missing'
  end;
$$;
comment on function leads.hold_of is
  'The reason why a payout not yet in a file stays behind, as a stable code; null if there is none.';

-- Banks refuse an execution date in the past, or on a day when TARGET is closed.
create function leads.execution_date(wanted date)
returns date
language plpgsql
stable
set search_path = ''
as $$
declare
  v_next date := platform.next_target_day(greatest(wanted, platform.paris_today()));
begin
  if wanted <> v_next then
    perform platform.refuse_fields(platform.field_problem('date', case when wanted < platform.paris_today() then 'past'
      else 'not_target_day' end, format('Les banques n''exécutent rien le %s : le premier jour possible est le %s.',
        wanted, v_next)));
  elsif wanted > platform.paris_today() + 365 then
    perform platform.refuse_fields(platform.field_problem('date', 'too_late',
      'Un virement ne se demande pas plus d''un an à l''avance.'));
  end if;
  return v_next;
end;
$$;
comment on function leads.execution_date is
  'The execution date of a file: the wanted date, 422 if it is not possible; without one, the first possible date.';

create function leads.payout_orders(wanted_export uuid)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('reference', p.transfer_reference, 'cents', p.amount_cents,
    'supplierId', p.supplier_id,
    'holder', a.holder, 'sealedIban', a.sealed_iban, 'bic', a.bic) order by p.transfer_reference), '[]')
  from leads.payouts p join leads.payout_accounts a on a.payout_id = p.id
  where case when wanted_export is null then p.export_id is null and p.status = 'pending' and leads.hold_of(p) is null
    else p.export_id = wanted_export end;
$$;

create function leads.held_payouts()
returns jsonb
language sql
stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('reference', p.transfer_reference, 'cents', p.amount_cents,
    'supplier', s.reference, 'reason', h.reason)
    order by p.transfer_reference), '[]')
  from leads.payouts p join leads.suppliers s on s.id = p.supplier_id
  cross join lateral (select leads.hold_of(p) as reason) h
  where p.export_id is null and p.status = 'pending' and h.reason is not null;
$$;

-- The content of the next file, or of an earlier one. The IBANs are sealed; the program that writes the file has the
-- key.
create function leads.payout_batch(again text, execution_date date default null)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_export leads.payout_exports;
begin
  if again is null then
    if leads.work_rule('payout_debtor') = 'null' then
      perform platform.fail(409, 'debtor_missing', 'Le compte d''où partent les virements n''est pas connu.',
        'leads-cli pay account --name … --iban …');
    end if;
    return jsonb_build_object('debtor', leads.work_rule('payout_debtor'),
      'executionDate', leads.execution_date(payout_batch.execution_date), 'orders', leads.payout_orders(null),
      'held', leads.held_payouts());
  end if;
  select x.* into v_export from leads.payout_exports x where x.message_id = again;
  if v_export.id is null then
    perform platform.fail(404, 'export_not_found', 'Ce fichier de virements n''existe pas.');
  end if;
  if exists (select from leads.payouts p where p.export_id = v_export.id and p.status <> 'pending') then
    perform platform.fail(409, 'export_settled',
      'La banque a déjà répondu à ce fichier : il ne peut plus être envoyé.');
  end if;
  -- The execution date of a file that was never sent may be past by now.
  return jsonb_build_object('debtor', v_export.debtor,
    'executionDate', platform.next_target_day(greatest(v_export.execution_date, platform.paris_today())),
    'messageId', v_export.message_id,
    'createdAt', platform.iso_timestamp(v_export.created_at), 'orders', leads.payout_orders(v_export.id),
    'held', '[]'::jsonb);
end;
$$;
comment on function leads.payout_batch is
  'The pending payouts that are in no file yet, with those held back; or the payouts of an earlier file that the '
  'bank has not answered.';

-- Payouts are marked before the file is handed out. A lost file is written again with the same message id, which a
-- bank accepts only once.
create function leads.mark_exported(message_id text, created_at text, batch jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_export uuid := platform.uuid_v7();
  v_created timestamptz := leads.written_time(created_at);
  v_marked integer;
begin
  if not coalesce(v_created between now() - interval '1 day' and now() + interval '1 day', false) then
    perform platform.refuse_fields(platform.field_problem('createdAt', 'invalid_time',
      'L''heure du fichier n''est pas d''aujourd''hui.'));
  end if;
  perform leads.execution_date((batch ->> 'executionDate')::date);
  insert into leads.payout_exports (id, message_id, debtor, execution_date, created_at, payouts, total_cents)
  select v_export, mark_exported.message_id, batch -> 'debtor', (batch ->> 'executionDate')::date, v_created, count(*),
    sum((o ->> 'cents')::bigint)
  from jsonb_array_elements(batch -> 'orders') o;
  -- Rows are locked in the same order as in settle_entries.
  perform from leads.payouts p
    join jsonb_array_elements(batch -> 'orders') o on p.transfer_reference = o ->> 'reference'
    order by p.supplier_id, p.id for update of p;
  update leads.payouts p set export_id = v_export
  from jsonb_array_elements(batch -> 'orders') o
  where p.transfer_reference = o ->> 'reference' and p.amount_cents = (o ->> 'cents')::bigint and p.status = 'pending'
    and p.export_id is null
    and leads.hold_of(p) is null;
  get diagnostics v_marked = row_count;
  if v_marked <> jsonb_array_length(batch -> 'orders') then
    perform platform.fail(409, 'payouts_changed', 'Des virements ont changé ou sont partis dans un autre fichier.',
      'Recommencez.');
  end if;
end;
$$;
comment on function leads.mark_exported is
  'Assigns payouts to a file, all or none; 409 if one of them is settled, held back or in another file.';
grant execute on function leads.set_payout_debtor, leads.payout_batch, leads.mark_exported to service_role;

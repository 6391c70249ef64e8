-- Endpoints for an admin to set the calling rule and to see the queue.
create function leads.is_count(value jsonb, lowest integer, highest integer, or_none boolean default false)
returns boolean
language sql
immutable
set search_path = ''
as $$ select coalesce(platform.is_number(value, lowest, highest, 0), false) or (or_none and value = 'null'); $$;

create function leads.calling_hours_hold(hours jsonb)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_form constant text := '^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$';
begin
  if jsonb_typeof(hours) is distinct from 'array' or jsonb_array_length(hours) not between 1 and 6 then
    return false;
  end if;
  return not exists (select from jsonb_array_elements(hours) h
    where jsonb_typeof(h) <> 'object' or coalesce(h ->> 'from', '') !~ v_form or coalesce(h ->> 'until', '') !~ v_form
      or h ->> 'from' >= h ->> 'until' or h - array['from', 'until'] <> '{}');
end;
$$;
comment on function leads.calling_hours_hold is
  'True if calling hours are well-formed: [{from, until}], HH:MM, 24:00 at most.';

create function leads.exemptions_hold(exemptions jsonb)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
begin
  if jsonb_typeof(exemptions) is distinct from 'array' or jsonb_array_length(exemptions) > 200 then
    return false;
  end if;
  return not exists (select from jsonb_array_elements(exemptions) e
    where jsonb_typeof(e) <> 'object' or jsonb_typeof(e -> 'supplier') is distinct from 'string'
      or jsonb_typeof(e -> 'source') is distinct from 'string'
      or e ->> 'supplier' = '' or e ->> 'source' = '' or e - array['supplier', 'source'] <> '{}');
end;
$$;
comment on function leads.exemptions_hold is
  'True if exempted sources are well-formed: [{supplier, source}], with the supplier''s reference.';

create function leads.calling_problems(rule jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('field', field, 'code', case when rule ? field then 'invalid_value'
    else 'required' end, 'message', message)), '[]')
  from (values
    ('days', jsonb_typeof(rule -> 'days') = 'array' and rule -> 'days' <@ '[1, 2, 3, 4, 5, 6, 7]',
      'Les jours sont des nombres de 1 (lundi) à 7 (dimanche).'),
    ('hours', leads.calling_hours_hold(rule -> 'hours'),
      'Les plages horaires ont un début et une fin, de 00:00 à 24:00 : {"from": "10:00", "until": "13:00"}.'),
    ('onHolidays', jsonb_typeof(rule -> 'onHolidays') = 'boolean', 'Vrai ou faux est attendu.'),
    ('callsPerDay', leads.is_count(rule -> 'callsPerDay', 1, 1000, true),
      'Le nombre d''appels est un entier de 1 à 1 000, ou vide : sans limite.'),
    ('callsPer30Days', leads.is_count(rule -> 'callsPer30Days', 1, 1000, true),
      'Le nombre d''appels est un entier de 1 à 1 000, ou vide : sans limite.'),
    ('refusalDays', leads.is_count(rule -> 'refusalDays', 0, 3650),
      'Le délai est un nombre entier de jours, de 0 à 3 650.'),
    ('sourcesWithoutConsent', leads.exemptions_hold(rule -> 'sourcesWithoutConsent'),
      'Une source vaut pour un fournisseur, nommé par sa référence : {"supplier": "F-001", "source": "Salon"} ; « - » : ses leads sans source ; 200 au plus.')
  ) as checked (field, holds, message)
  where holds is not true;
$$;
comment on function leads.calling_problems is 'Validation errors of a calling rule, one per field.';

insert into platform.settings (system, section, value, description, problems) values
  ('leads', 'calling', '{"days": [1, 2, 3, 4, 5], "hours": [{"from": "10:00", "until": "13:00"}, {"from": "14:00", "until": "20:00"}], "onHolidays": false,
    "callsPerDay": null, "callsPer30Days": 4, "refusalDays": 60, "sourcesWithoutConsent": []}',
    'Quand on appelle (1 est lundi, 7 dimanche ; heures du lieu où vit la personne), combien de fois la même personne, au bout de combien de jours '
    'après un refus, et pour quelles sources de quels fournisseurs sans preuve de consentement (« - » : sans source)',
    'leads.calling_problems');

create function leads.unknown_suppliers(exemptions jsonb)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('field', format('sourcesWithoutConsent.%s.supplier', e.n - 1),
    'code', 'unknown_supplier',
    'message', format('Aucun fournisseur n''a la référence %s.', e.given ->> 'supplier')) order by e.n), '[]')
  from jsonb_array_elements(exemptions) with ordinality e (given, n)
  where not exists (select from leads.suppliers s where s.reference = e.given ->> 'supplier');
$$;
comment on function leads.unknown_suppliers is
  'The errors for exempted sources whose supplier does not exist: [{field, code, message}].';

create function leads.read_calling_rules()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require_role('leads', 'admin');
  return leads.work_rule('calling');
end;
$$;
comment on function leads.read_calling_rules is 'The calling rule, for an admin.';

create function leads.write_calling_rules(given jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_rule jsonb;
begin
  perform platform.require_role('leads', 'admin');
  if jsonb_typeof(given) is distinct from 'object' then perform platform.fail(400, 'invalid_body', 'Des règles d''appel sont attendues.'); end if;
  -- Of two admins who change different fields neither takes back what the other has set.
  select r.value into v_rule from platform.settings r where r.system = 'leads' and r.section = 'calling' for no key update;
  perform platform.refuse_fields(leads.calling_problems(v_rule || given) || leads.body_problems(given, array(select jsonb_object_keys(v_rule))));
  perform platform.refuse_fields(leads.unknown_suppliers(coalesce(given -> 'sourcesWithoutConsent', '[]')));
  update platform.settings r set value = v_rule || given where r.system = 'leads' and r.section = 'calling';
end;
$$;
comment on function leads.write_calling_rules is
  'Changes the given fields of the calling rule, for an admin; they apply from the next request on.';

create function leads.queue_overview()
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  calling leads.calling := leads.calling_at();
  v_since timestamptz := calling.at - make_interval(days => greatest(30, (calling.rule ->> 'refusalDays')::integer));
begin
  perform platform.require_role('leads', 'admin');
  return (
    with called as (
      select distinct k.lead_id from leads.called_people p join leads.calls k on k.id = p.call_id
      where p.called_at > v_since
    ), known as (
      select distinct same.lead_id from called join leads.lead_contacts c on c.lead_id = called.lead_id
      cross join lateral (
        select o.lead_id from leads.lead_contacts o where lower(o.email) = lower(c.email)
        union all select o.lead_id from leads.lead_contacts o where o.phone in (c.phone, c.phone2)
        union all select o.lead_id from leads.lead_contacts o where o.phone2 in (c.phone, c.phone2)
      ) same
    ), judged as (
      select w.region, case
        when not w.call_basis = any (calling.bases) then 'withoutConsent'
        when w.id in (select k.lead_id from known k)
          and coalesce(leads.paused_until(w.lead, calling.rule, calling.at) > calling.at, false) then 'overLimit'
        when not w.region = any (calling.regions) then 'outsideHours' else 'ready' end as state
      from leads.waiting_leads w where coalesce(w.due_at <= calling.at, true)
    )
    select jsonb_build_object('ready', count(*) filter (where j.state = 'ready'),
      'outsideHours', count(*) filter (where j.state = 'outsideHours'),
      'overLimit', count(*) filter (where j.state = 'overLimit'),
      'withoutConsent', count(*) filter (where j.state = 'withoutConsent'),
      'nextOpening', platform.iso_timestamp(
        leads.next_opening(array_agg(distinct j.region) filter (where j.state = 'outsideHours'), calling.at)),
      'callsOutsideRules', (select count(*) from leads.calls k
        where k.outside_rules is not null and k.created_at > calling.at - interval '30 days'))
    from judged j);
end;
$$;
comment on function leads.queue_overview is
  'The number of waiting leads by what they wait for, each counted once, and the number of calls in 30 days that '
  'broke a rule.';

create function public.admin_calling_rules()
returns jsonb language sql stable security invoker set search_path = ''
as $$ select leads.read_calling_rules(); $$;
comment on function public.admin_calling_rules is
  'GET /api/admin/calling-rules: calling hours, call limits and consent exemptions.';

create function public.admin_calling_rules_change(rules jsonb)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform leads.write_calling_rules(rules);
  return public.admin_calling_rules();
end;
$$;
comment on function public.admin_calling_rules_change is
  'PUT /api/admin/calling-rules: changes the given fields; 422 lists the invalid ones.';

create function public.admin_queue()
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.queue_overview(); $$;
comment on function public.admin_queue is
  'GET /api/admin/queue: the number of leads waiting for an agent, for calling hours, for a call limit, for a '
  'consent.';
grant execute on function leads.read_calling_rules, leads.write_calling_rules, leads.queue_overview,
  public.admin_calling_rules, public.admin_calling_rules_change, public.admin_queue to authenticated, service_role;

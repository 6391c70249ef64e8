-- Changes of packs and rules by an admin apply from the next call on. Earlier orders and sales keep the version that
-- they were made with (platform.row_versions holds all versions).

create function leads.write_pack(reference text, given jsonb, expected text)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_pack leads.credit_packs;
  v_new jsonb := '{"bonus": 0, "popular": false, "active": true}';
  v_cents bigint;
begin
  perform platform.require_role('leads', 'admin');
  if jsonb_typeof(given) is distinct from 'object' then
    perform platform.fail(400, 'invalid_body', 'Un pack est attendu.');
  end if;
  if reference is not null then
    select p.* into v_pack from leads.credit_packs p where p.reference = write_pack.reference for no key update;
    if not found then perform platform.fail(404, 'pack_not_found', 'Ce pack n''existe pas.'); end if;
    perform leads.refuse_other_version(v_pack.version, coalesce(expected, given ->> 'version'));
    v_new := jsonb_build_object('name', v_pack.name, 'credits', v_pack.credits,
      'price', platform.euros(v_pack.price_cents),
      'bonus', v_pack.bonus, 'popular', v_pack.popular, 'active', v_pack.active);
  end if;
  -- pricePerCredit is read-only: it is computed from the price, and may be sent back only as shown.
  v_new := v_new || (given - array['id', 'pricePerCredit', 'version']);
  perform platform.refuse_fields(leads.pack_problems(v_new)
    || leads.body_problems(given - array['pricePerCredit', 'version'],
      array['name', 'credits', 'price', 'bonus', 'popular', 'active'],
      case when reference is null then '{}' else jsonb_build_object('id', reference) end));
  v_cents := leads.cents(v_new -> 'price');

  -- Values are compared as numbers, so that 10.0 equals 10.
  insert into leads.credit_packs as p (id, reference, name, credits, price_cents, price_per_credit_cents, bonus,
    popular, active)
  values (coalesce(v_pack.id, platform.uuid_v7()),
    coalesce(v_pack.reference, 'pack-' || nextval('leads.pack_numbers')),
    platform.trimmed(v_new ->> 'name'), (v_new -> 'credits')::integer, v_cents,
    round(v_cents::numeric / (v_new -> 'credits')::integer),
    (v_new -> 'bonus')::integer, (v_new ->> 'popular')::boolean, (v_new ->> 'active')::boolean)
  on conflict (id) do update set name = excluded.name, credits = excluded.credits, price_cents = excluded.price_cents,
    price_per_credit_cents = excluded.price_per_credit_cents, bonus = excluded.bonus, popular = excluded.popular,
    active = excluded.active
  returning p.* into v_pack;
  return v_pack.reference;
end;
$$;
comment on function leads.write_pack is
  'Changes a pack, or creates one if no reference is given; returns its reference.';

create function leads.change_rule(reference text, given jsonb, expected text)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_rule leads.credit_rules;
  v_kind leads.rule_kinds;
  v_new jsonb;
begin
  perform platform.require_role('leads', 'admin');
  if jsonb_typeof(given) is distinct from 'object' then
    perform platform.fail(400, 'invalid_body', 'Une règle est attendue.');
  end if;
  select r.* into v_rule from leads.credit_rules r where r.reference = change_rule.reference for no key update;
  if not found then perform platform.fail(404, 'rule_not_found', 'Cette règle n''existe pas.'); end if;
  perform leads.refuse_other_version(v_rule.version, coalesce(expected, given ->> 'version'));
  select k.* into v_kind from leads.rule_kinds k where k.kind = v_rule.kind;
  v_new := jsonb_build_object('name', v_rule.name, 'description', v_rule.description, 'value', v_rule.value,
    'unit', v_rule.unit,
    'active', v_rule.active) || (given - array['id', 'version']);
  perform platform.refuse_fields(leads.rule_problems(v_new, v_kind)
    || leads.body_problems(given - 'version', array['name', 'description', 'value', 'unit', 'active'],
      jsonb_build_object('id', reference)));
  update leads.credit_rules r set name = platform.trimmed(v_new ->> 'name'),
    description = platform.trimmed(v_new ->> 'description'), value = (v_new ->> 'value')::numeric,
    unit = platform.trimmed(v_new ->> 'unit'), active = (v_new ->> 'active')::boolean
  where r.id = v_rule.id;
  return v_rule.reference;
end;
$$;
comment on function leads.change_rule is 'Changes a pricing rule. Its kind stays the same, even if it is renamed.';

create function leads.add_rule(given jsonb)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_kind leads.rule_kinds;
  v_reference text;
  v_new jsonb;
begin
  perform platform.require_role('leads', 'admin');
  if jsonb_typeof(given) is distinct from 'object' then
    perform platform.fail(400, 'invalid_body', 'Une règle est attendue.');
  end if;
  select k.* into v_kind from leads.rule_kinds k where k.kind = given ->> 'kind';
  if not found then
    perform platform.refuse_fields(platform.field_problem('kind',
      case when given ? 'kind' then 'invalid_value' else 'required' end,
      'Genres connus : ' || (select string_agg(k.kind, ', ' order by k.kind) from leads.rule_kinds k) || '.'));
  end if;
  v_new := jsonb_build_object('name', v_kind.name, 'description', v_kind.description, 'unit', v_kind.unit,
    'active', true) || (given - 'kind');
  perform platform.refuse_fields(leads.rule_problems(v_new, v_kind)
    || leads.body_problems(given, array['kind', 'value', 'active']));
  insert into leads.credit_rules (name, description, value, unit, active)
  values (v_kind.name, v_kind.description, (v_new ->> 'value')::numeric, v_kind.unit, (v_new ->> 'active')::boolean)
  on conflict (kind) do nothing returning reference into v_reference;
  if v_reference is null then
    perform platform.fail(409, 'rule_exists', 'Cette règle existe déjà.',
      (select 'Modifiez ' || r.reference || '.' from leads.credit_rules r where r.kind = v_kind.kind));
  end if;
  return v_reference;
end;
$$;
comment on function leads.add_rule is 'Adds the rule of a known kind that is not configured yet; 409 if it exists.';

-- The history of a configuration row, newest first: content, start of validity and author of each version.
create function leads.versions_of(relation text, row_id uuid)
returns table (version integer, content jsonb, "validFrom" text, "changedBy" text)
language sql
stable
security definer
set search_path = ''
as $$
  select v.version, v.content, platform.iso_timestamp(v.valid_from),
    coalesce(nullif(btrim(p.first_name || ' ' || p.last_name), ''), p.email)
  from platform.row_versions v left join platform.profiles p on p.id = v.changed_by
  where v.relation = versions_of.relation and v.row_id = versions_of.row_id
    and (select platform.require_role('leads', 'admin'))
  order by v.version desc;
$$;
comment on function leads.versions_of is
  'The history of a configuration row, for an admin; changedBy is null for a change made by the operators.';
grant execute on function leads.write_pack, leads.change_rule, leads.add_rule,
  leads.versions_of to authenticated, service_role;

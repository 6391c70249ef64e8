-- Valid values of packs and rules. Each constraint is stated once, here, with its message. A refused change lists
-- every invalid field (422).

create function leads.pack_problems(pack jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('field', field, 'message', message,
    'code', case when coalesce(pack -> field, 'null') = 'null' then 'required' else 'invalid_value' end)), '[]')
  from (values
    ('name', platform.is_text(pack -> 'name', 100), 'Le nom compte de 1 à 100 caractères.'),
    ('credits', platform.is_number(pack -> 'credits', 1, 100000, 0),
      'Le nombre de crédits est un entier de 1 à 100 000.'),
    ('price', platform.is_number(pack -> 'price', 1, 100000, 2),
      'Le prix est un montant de 1 à 100 000 euros, au centime près.'),
    ('bonus', platform.is_number(pack -> 'bonus', 0, 100000, 0), 'Le bonus est un entier de 0 à 100 000 crédits.'),
    ('popular', jsonb_typeof(pack -> 'popular') = 'boolean', 'Vrai ou faux est attendu.'),
    ('active', jsonb_typeof(pack -> 'active') = 'boolean', 'Vrai ou faux est attendu.')
  ) as checked (field, holds, message)
  where holds is not true;
$$;
comment on function leads.pack_problems is 'Validation errors of a pack, one per field.';

create function leads.rule_problems(rule jsonb, kind leads.rule_kinds)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('field', field, 'message', message,
    'code', case when coalesce(rule -> field, 'null') = 'null' then 'required' else 'invalid_value' end)), '[]')
  from (values
    ('name', platform.is_text(rule -> 'name', 100), 'Le nom compte de 1 à 100 caractères.'),
    ('description', platform.is_text(rule -> 'description', 500), 'La description compte de 1 à 500 caractères.'),
    ('unit', platform.is_text(rule -> 'unit', 50), 'L''unité compte de 1 à 50 caractères.'),
    ('value', platform.is_number(rule -> 'value', coalesce(kind.minimum, 0), coalesce(kind.maximum, 1000000),
      case when kind.kind is null then 4 else 0 end), format('La valeur est un %s de %s à %s.',
      case when kind.kind is null then 'nombre' else 'entier' end,
        platform.french_number(coalesce(kind.minimum, 0)), platform.french_number(coalesce(kind.maximum, 1000000)))),
    ('active', jsonb_typeof(rule -> 'active') = 'boolean', 'Vrai ou faux est attendu.')
  ) as checked (field, holds, message)
  where holds is not true;
$$;
comment on function leads.rule_problems is
  'Validation errors of a pricing rule, one per field; the kind of the rule sets the limits of its value.';

-- PostgREST accepts any field in a body. A read-only field may be sent back, but only with the value that GET showed.
create function leads.body_problems(given jsonb, known text[], shown jsonb default '{}')
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('field', f.field, 'code', p.code, 'message', p.message)), '[]')
  from jsonb_object_keys(given) as f (field)
  cross join lateral (
    select 'unknown_field' as code, 'Ce champ n''existe pas.' as message
    where not f.field = any (known) and not shown ? f.field
    union all
    select 'read_only', 'Ce champ ne se modifie pas.' where shown ? f.field and shown -> f.field <> given -> f.field
  ) p;
$$;
comment on function leads.body_problems is 'Validation errors for unknown and read-only fields of a body.';

create function leads.refuse_other_version(version integer, expected text)
returns void
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_wanted text := nullif(btrim(regexp_replace(btrim(expected), '^W/', ''), '"'), '');
begin
  if v_wanted <> '*' and v_wanted <> version::text then
    perform platform.fail(412, 'version_changed', 'Cette configuration a été modifiée entre-temps.',
      'Rechargez-la et recommencez.');
  end if;
end;
$$;
comment on function leads.refuse_other_version is
  'Optimistic locking: 412 if the caller expects a version other than the current one; without an expected version '
  'the call always passes.';

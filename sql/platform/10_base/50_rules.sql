-- Validation of rows, field by field. The rules of a table are one function, <table>_rules(row), which returns a row
-- per rule: the field with its API name, whether the rule holds, and the message. The trigger of platform.check_rules
-- calls it for every write, and refuses the row with all invalid fields, so that a form can show them together. It does so
-- after the write: whether the caller may write the row at all is asked before such a trigger runs, so that who may not
-- learns nothing of the rules, which read with the owner's rights.
create type platform.rule as (field text, holds boolean, message text);

create function platform.refuse_fields(problems jsonb)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  if problems <> '[]' then
    perform platform.fail(422, 'invalid_fields', 'Certains champs sont invalides.', problems::text);
  end if;
end;
$$;
comment on function platform.refuse_fields is '422 with the invalid fields, if there are any.';

create function platform.field_problem(field text, code text, message text)
returns jsonb
language sql
immutable
set search_path = ''
as $$ select jsonb_build_array(jsonb_build_object('field', field, 'code', code, 'message', message)); $$;
comment on function platform.field_problem is 'An invalid field, as an argument of platform.refuse_fields.';

create function platform.refuse_parameter(field text, message text)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  perform platform.fail(400, 'invalid_parameter', message, field);
end;
$$;
comment on function platform.refuse_parameter is '400 with the parameter''s name as hint.';

create function platform.check_row()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_problems jsonb;
begin
  execute format('select jsonb_agg(jsonb_build_object(''field'', r.field, ''code'', ''invalid_value'', ''message'', r.message))
    from %I.%I($1) r where not r.holds', tg_table_schema, tg_table_name || '_rules') into v_problems using new;
  perform platform.refuse_fields(coalesce(v_problems, '[]'));
  return null;
end;
$$;
comment on function platform.check_row is
  'Trigger: refuses (422) a row that breaks the rules of its table. A rule that is null counts as fulfilled.';

create function platform.check_rules(target regclass)
returns void
language plpgsql
set search_path = ''
as $$
begin
  execute format(
    'create trigger check_rules after insert or update on %s for each row execute function platform.check_row()',
    target);
end;
$$;
comment on function platform.check_rules is 'Enables the validation of a table by its function <table>_rules(row).';

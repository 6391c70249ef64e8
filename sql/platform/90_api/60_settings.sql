-- The settings of a system, for who administers it.
create function platform_api.settings(system text)
returns table (section text, description text, value jsonb, "isOpen" boolean, version integer, "updatedAt" text, "updatedBy" uuid)
language sql
stable
security invoker
set search_path = ''
as $$
  select s.section, s.description, s.value, s.is_open, s.version, platform.iso_timestamp(s.updated_at), s.updated_by
  from platform.settings s
  where (select platform.require_admin(settings.system)) and s.system = settings.system
  order by s.section;
$$;
comment on function platform_api.settings is 'Every section of a system with its value; those that are open are changed by setting_change.';

create function platform_api.setting(system text, section text)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_found jsonb := (select to_jsonb(s) from platform_api.settings(setting.system) s where s.section = setting.section);
begin
  if v_found is null then perform platform.fail(404, 'setting_not_found', 'Ce réglage n''existe pas.'); end if;
  perform set_config('response.headers', jsonb_build_array(jsonb_build_object('ETag', '"' || (v_found ->> 'version') || '"'))::text, true);
  return v_found;
end;
$$;
comment on function platform_api.setting is 'One section; its version is the ETag.';

create function platform_api.setting_change(system text, section text, value jsonb, if_match text default null)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform platform.change_setting(system, section, value, if_match);
  return platform_api.setting(system, section);
end;
$$;
comment on function platform_api.setting_change is 'Sets an open section: 422 field by field, 412 where if_match is not its present version.';
grant execute on function platform_api.settings, platform_api.setting, platform_api.setting_change to authenticated, service_role;

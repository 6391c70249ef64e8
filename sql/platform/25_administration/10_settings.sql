-- What a system goes by and people may change without a release. A system declares a section by its row: its first value, what
-- it is about, and the function that says what is wrong with a value, (value jsonb) → [{field, code, message}]. Whatever road a
-- value comes by, that function is asked. Secrets are no settings: who administers the system reads them all.
create table platform.settings (
  id uuid not null unique default platform.uuid_v7(),
  system text not null references platform.systems (system),
  section text not null check (section ~ '^[a-z][a-z0-9_]*$'),
  value jsonb not null,
  description text not null,
  problems text check (problems ~ '^[a-z_0-9]+\.[a-z_0-9]+$'),
  is_open boolean not null default false,
  version integer not null default 1,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  primary key (system, section),
  constraint open_ones_are_checked check (problems is not null or not is_open)
);
alter table platform.settings enable row level security;
comment on table platform.settings is 'The settings of each system, one value a section. Its versions are in platform.row_versions.';
comment on column platform.settings.problems is 'The function that says what is wrong with a value.';
comment on column platform.settings.is_open is
  'Whether who administers the system changes it as it stands; else the functions of its system do, which know more of it.';
create policy select_admin on platform.settings for select to authenticated using (platform.is_admin(system));
grant select on platform.settings to authenticated, service_role;

create function platform.check_setting()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_problems jsonb := '[]';
begin
  if new.problems is not null then execute format('select %s($1)', new.problems) into v_problems using new.value; end if;
  perform platform.refuse_fields(coalesce(v_problems, '[]'));
  return new;
end;
$$;
comment on function platform.check_setting is 'Trigger: refuses (422) a value with which something is wrong.';
create trigger check_setting before insert or update on platform.settings for each row execute function platform.check_setting();

select platform.keep_versions('platform.settings');
create function platform.sign_setting()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.updated_at := now();
  new.updated_by := auth.uid();
  return new;
end;
$$;
comment on function platform.sign_setting is 'Trigger: keeps who changed the value, and when.';
-- Called so that it runs after number_version, which would take another name for another version.
create trigger sign before update on platform.settings
  for each row when (old.value is distinct from new.value) execute function platform.sign_setting();
-- As platform.audit has it, but for the rows that are declared: they are nobody's change.
create constraint trigger audit after update or delete on platform.settings
  deferrable initially deferred for each row execute function platform.write_audit('section');

create function platform.setting(system text, section text)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$ begin return (select s.value from platform.settings s where s.system = setting.system and s.section = setting.section); end; $$;
comment on function platform.setting is 'The value of a section, for the functions of its system; null where there is none.';

create function platform.change_setting(system text, section text, value jsonb, if_match text default null)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_setting platform.settings;
begin
  perform platform.require_admin(system);
  -- JSON's null arrives as SQL's.
  update platform.settings s set value = coalesce(change_setting.value, 'null')
  where s.system = change_setting.system and s.section = change_setting.section and s.is_open
    and (if_match is null or s.version::text = btrim(replace(if_match, 'W/', ''), ' "'));
  if found then return; end if;
  select * into v_setting from platform.settings s where s.system = change_setting.system and s.section = change_setting.section;
  if not found then perform platform.fail(404, 'setting_not_found', 'Ce réglage n''existe pas.'); end if;
  if not v_setting.is_open then perform platform.fail(403, 'setting_not_open', 'Ce réglage ne se change pas ici.'); end if;
  perform platform.fail(412, 'precondition_failed', 'Ce réglage a changé entre-temps : relisez-le.');
end;
$$;
comment on function platform.change_setting is
  'Sets an open section for who administers its system: 422 field by field, 412 where if_match is not its present version.';
grant execute on function platform.change_setting to authenticated, service_role;

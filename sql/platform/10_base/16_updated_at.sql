-- Usage, one line per table: create trigger touch before update ... execute function platform.touch().
create function platform.touch()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end;
$$;
comment on function platform.touch is 'Trigger: sets updated_at.';

-- An erased person may be in any uploaded file, including as a refused row or a duplicate. All stored files are
-- therefore deleted: the suppliers have the originals, and the reasons of refused rows stay.
create function leads.outdate_uploads()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  update leads.import_files f set keep_until = now() where f.keep_until > now();
  return null;
end;
$$;
create trigger outdate_uploads after insert on leads.erasures for each statement
  execute function leads.outdate_uploads();

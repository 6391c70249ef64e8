-- Whoever is erased may be in any file that was uploaded, also as a row that was refused or known already. All that is
-- kept goes: their suppliers have the files, and the reasons of the refusals stay.
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

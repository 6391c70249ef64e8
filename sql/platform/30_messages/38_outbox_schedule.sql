-- Who calls the worker on a hosted project: pg_cron, by pg_net, with a key that Vault keeps. Run by an operator, since the
-- extensions may come after the migrations; the embedded stack has none of the three and calls the worker itself.
create function platform.schedule_outbox(url text, key text, every text default '10 seconds')
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  if to_regprocedure('cron.schedule(text, text, text)') is null or to_regprocedure('vault.create_secret(text, text, text, uuid)') is null
    or not exists (select from pg_catalog.pg_proc p where p.pronamespace = to_regnamespace('net') and p.proname = 'http_post') then
    return false;
  end if;
  execute 'delete from vault.secrets where name = $1' using 'outbox_key';
  execute 'select vault.create_secret($1, $2, $3, null)' using key, 'outbox_key', 'Key with which pg_cron calls the function outbox';
  execute 'select cron.schedule($1, $2, $3)' using 'outbox', every, format(
    'select net.http_post(url := %L, headers := jsonb_build_object(''apikey'', (select decrypted_secret from vault.decrypted_secrets where name = ''outbox_key'')), timeout_milliseconds := 60000)',
    url);
  return true;
end;
$$;
comment on function platform.schedule_outbox is
  'Has pg_cron call the worker; false where pg_cron, pg_net or Vault is missing. Again, with another key, it takes the place of the last.';

-- The proof of consent in a file (leads.lead_consents) has five columns. A row must fill in all of them or none: an
-- incomplete proof proves nothing and is refused, as in POST /api/leads. A file without these columns skips this step.

-- A date like 03/04/2026 alone is ambiguous; one 25/04/2026 in a column settles the order for all its dates, because a
-- file uses one date format.
create function leads.consent_date_order(import_id uuid)
returns text
language sql
stable
security definer
set search_path = ''
as $$
  select case when count(*) filter (where p.parts[2]::integer > 12) > count(*) filter (where p.parts[1]::integer > 12)
    then 'month_first'
    when count(*) > 0 then 'day_first' end
  from leads.import_rows r
  cross join lateral (values (r.consent_at), (r.collected_at)) as d (written)
  cross join lateral regexp_match(platform.clean_text(d.written), '^(\d{1,2})[/.-](\d{1,2})[/.-]\d{2}') as p (parts)
  where r.import_id = consent_date_order.import_id and p.parts is not null;
$$;
comment on function leads.consent_date_order is
  'The order of day and month in the staged dates of consent and collection: day_first or month_first; null if no '
  'date depends on it.';
grant execute on function leads.consent_date_order to service_role;

create function leads.check_import_consents(import_id uuid, from_line integer, last_line integer, month_first boolean)
returns void
language plpgsql
set search_path = ''
set timezone = 'Europe/Paris'
set enable_nestloop = off
as $$
begin
  if not exists (
    select from leads.import_rows r where r.import_id = check_import_consents.import_id
      and r.line between from_line and last_line
      and coalesce(r.consent_text_version, r.consent_url, r.consent_ip, r.consent_at, r.consent_recipients) is not null
  ) then return; end if;

  update leads.import_checked c set consent_text_version = s.text_version, consent_url = s.url, consent_ip = s.ip,
    consent_at = s.given_at, consent_recipients = s.recipients,
    problems = case when c.problems like 'ligne/%' then c.problems else concat_ws(' ', nullif(c.problems, ''),
      case when s.text_version is null or length(s.text_version) > 200 then 'consentTextVersion/invalid_consent' end,
      case when s.url is null or s.url !~ '^https?://[^[:space:]]+$'
        or length(s.url) > 2000 then 'consentUrl/invalid_consent' end,
      case when s.ip is null then 'consentIp/invalid_consent' end,
      case when s.given_at is null or s.given_at > now() + interval '5 minutes' then 'consentAt/invalid_consent' end,
      case when s.recipients = '{}' then 'consentRecipients/invalid_consent' end) end
  from (
    select v.line, v.text_version, v.url,
      case when v.ip not like '%/%' and pg_input_is_valid(v.ip, 'inet') then v.ip::inet end as ip,
      leads.written_time(v.given_at, month_first) as given_at,
      array(select n.name from regexp_split_to_table(v.recipients, '\s*[;|,]\s*') n (name)
        where n.name <> '') as recipients
    from (
      select r.line,
        leads.clean_value(r.consent_text_version) as text_version,
        leads.clean_value(r.consent_url) as url,
        leads.clean_value(r.consent_ip) as ip,
        leads.clean_value(r.consent_at) as given_at,
        leads.clean_value(r.consent_recipients) as recipients
      from leads.import_rows r where r.import_id = check_import_consents.import_id
        and r.line between from_line and last_line offset 0
    ) v
    where coalesce(v.text_version, v.url, v.ip, v.given_at, v.recipients) is not null
    offset 0
  ) s
  where c.import_id = check_import_consents.import_id and c.line between from_line and last_line and c.line = s.line;
end;
$$;
comment on function leads.check_import_consents is
  'Reads the proofs of consent of staged rows into import_checked and marks the rows whose proof is incomplete.';

-- This runs after the leads are written, new and updated ones.
create function leads.keep_imported_consents(import_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into leads.lead_consents (lead_id, supplier_id, text_version, url, ip, given_at, recipients)
  select coalesce(c.lead_id, c.id), i.supplier_id, c.consent_text_version, c.consent_url, c.consent_ip, c.consent_at,
    c.consent_recipients
  from leads.import_checked c join leads.imports i on i.id = c.import_id
  where c.import_id = keep_imported_consents.import_id and c.consent_text_version is not null
    and c.problems = '' and coalesce(c.duplicate, 'updated') = 'updated'
  on conflict (lead_id) do update set text_version = excluded.text_version, url = excluded.url, ip = excluded.ip,
    given_at = excluded.given_at, recipients = excluded.recipients;
end;
$$;
comment on function leads.keep_imported_consents is
  'Writes the proofs of consent of the rows that became a lead or updated one.';

-- PostgREST translates any request for a public view into SQL. Requests that would take seconds are refused before a
-- row is read: a column repeated hundreds of times, long chains of conditions, patterns that no index serves. They are
-- recognised in the statement's text, in which values are parameters. Operators are exempt.
create function platform.refuse_costly_query()
returns boolean
language plpgsql
stable
set search_path = ''
as $$
declare
  v_query text := current_query();
begin
  if not starts_with(v_query, 'WITH pgrst_source') or auth.role() = 'service_role' then return true; end if;
  if length(v_query) > 4000 then
    perform platform.fail(400, 'query_too_large', 'Cette requête demande trop de colonnes ou de conditions.',
      'Demandez moins de colonnes et de conditions à la fois.');
  elsif v_query ~* ' (~\*?|@@|(i?like|<|>|<=|>=|<>|!=) (any|all)) ?\(?' then
    perform platform.fail(400, 'operator_not_allowed',
      'Les expressions régulières, la recherche plein texte et les listes de motifs ne sont pas acceptées ici.',
      'Utilisez eq, in, like ou ilike, ou la recherche.');
  elsif regexp_count(v_query, ' i?like ', 1, 'i') > 10 then
    perform platform.fail(400, 'query_too_large', 'Cette requête demande trop de motifs : dix au plus.');
  end if;
  return true;
end;
$$;
comment on function platform.refuse_costly_query is
  '400 for a PostgREST request that would take seconds; true for any other.';
grant execute on function platform.refuse_costly_query to anon, authenticated, service_role;

-- A statement timeout stops all other slow requests: hosted Supabase gives anon three seconds.
do $$ begin
  if not exists (select from pg_roles where rolname = 'anon' and 'statement_timeout=2s' = any (rolconfig)) then
    alter role anon set statement_timeout = '2s';
  end if;
end $$;

-- The filters of GET /api/leads. Under row-level security an index serves only leakproof operators, and LIKE is not
-- one. The search therefore runs with the owner's rights and includes the policies' predicates itself
-- (platform.policy_predicate).

-- The planner's estimate, which PostgREST also returns for count=planned. The function is volatile because a stable
-- one may not run EXPLAIN.
create function leads.estimate_rows(query text, words text[], sector text, region text, min_score integer, status text)
returns bigint
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_plan json;
begin
  execute 'explain (format json) ' || query into v_plan using words, sector, region, min_score, status;
  return (v_plan -> 0 -> 'Plan' ->> 'Plan Rows')::bigint;
end;
$$;

-- The keys of one page of matching leads, newest first; next_cursor is the last key if there is another page.
create function leads.find_leads(
  search text, sector text, region text, min_score integer, status text, page_size integer, cursor text,
  count_mode text, out keys uuid[], out next_cursor text, out total bigint
)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_words text[];
  v_filter text := 'leads.withdrawn_at is null and ' || platform.policy_predicate('leads.leads');
  v_contact text := 'false';
  v_after uuid;
  v_branches text[];
begin
  if search is not null then
    v_words := (select array_agg(distinct platform.like_pattern(w))
      from regexp_split_to_table(trim(search), '\s+') w where w <> '');
    -- A word of two letters cannot use the trigram index, so each one is searched in every lead; the number of words
    -- is limited.
    if cardinality(v_words) > 10 then
      perform platform.refuse_parameter('search', 'La recherche est limitée à 10 mots.');
    end if;
    v_contact := platform.policy_predicate('leads.lead_contacts');
  end if;
  -- The cursor is a position in the list, whether or not a visible lead has that key: the lead may have been sold
  -- between two pages, and a guessed key must not reveal whether it exists.
  if cursor is not null then
    if not pg_input_is_valid(cursor, 'uuid') then
      perform platform.refuse_parameter('cursor', 'Ce curseur est inconnu : reprenez la première page.');
    end if;
    v_after := cursor::uuid;
  end if;
  -- Any spelling that an import understands is accepted.
  if sector is not null then
    sector := coalesce((select n.name from leads.resolve_names('sector', array[sector]) n), sector);
  end if;
  if region is not null then
    region := coalesce((select n.name from leads.resolve_names('region', array[region]) n), region);
  end if;
  if sector is not null then v_filter := v_filter || ' and leads.sector = $2'; end if;
  if region is not null then v_filter := v_filter || ' and leads.region = $3'; end if;
  if min_score is not null then v_filter := v_filter || ' and leads.score >= $4'; end if;
  -- A buyer filters by the status that the view shows.
  if status is not null then
    v_filter := v_filter || case when platform.has_role('leads', 'acheteur')
      then ' and case when leads.sales_count > 0 and leads.has_bought(leads.id) then ''sold'' else leads.status end = $5'
      else ' and leads.status = $5' end;
  end if;

  -- Words are compared one by one, because LIKE ALL (array) cannot use the trigram index.
  v_branches := array['select leads.id from leads.leads as leads where ' || v_filter
    || coalesce((select string_agg(format(' and leads.search_text like ($1)[%s]', i), '')
      from generate_subscripts(v_words, 1) i), '')];
  if v_words is not null and v_contact <> 'false' then
    v_branches := v_branches || ('select leads.id from leads.leads as leads where ' || v_filter
      || ' and exists (select from leads.lead_contacts as lead_contacts where lead_contacts.lead_id = leads.id and '
        || v_contact
      || ' and lead_contacts.search_text like any ($1) and (leads.search_text || '' '' || lead_contacts.search_text) like all ($1))');
  end if;

  -- Each branch finds its own newest rows by an index; the page is the newest of both.
  execute 'select array_agg(id order by id desc) from (select id from ('
    || (select string_agg('(' || b || case when v_after is null then '' else ' and leads.id < $7' end
      || ' order by leads.id desc limit $6)', ' union ') from unnest(v_branches) b)
    || ') as page order by id desc limit $6) as newest'
    into keys using v_words, sector, region, min_score, status, page_size + 1, v_after;
  if cardinality(keys) > page_size then
    keys := keys[:page_size];
    next_cursor := keys[page_size]::text;
  end if;
  keys := coalesce(keys, '{}');

  if count_mode = 'exact' then
    execute 'select count(*) from (' || array_to_string(v_branches, ' union ') || ') as found'
      into total using v_words, sector, region, min_score, status;
  elsif count_mode is not null then
    -- The estimate leaves out contacts, and also leaves out the words unless the caller is an admin: the planner's
    -- statistics contain names of people, and companies that are not on sale.
    total := greatest(cardinality(keys) + (next_cursor is not null)::integer, leads.estimate_rows(
      case when platform.has_role('leads', 'admin') then v_branches[1]
        else 'select leads.id from leads.leads as leads where ' || v_filter end,
      v_words, sector, region, min_score, status));
  end if;
end;
$$;
comment on function leads.find_leads is
  'Keys of the matching leads visible to the caller, newest first; total is computed by the requested count mode.';
grant execute on function leads.find_leads, platform.refuse_parameter to anon, authenticated, service_role;

create function public.leads_search(
  search text default null,
  sector text default null,
  region text default null,
  min_score numeric default null,
  status text default null,
  page_size integer default 1000,
  cursor text default null
)
returns setof public.leads
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_prefer text := coalesce(nullif(current_setting('request.headers', true), '')::json ->> 'prefer', '');
  v_count_mode text := substring(v_prefer from 'count=(exact|planned|estimated)');
  v_size integer := coalesce(leads_search.page_size, 1000);
  v_found record;
  v_headers jsonb := '[]';
begin
  if min_score not between 0 and 100 then
    perform platform.refuse_parameter('minScore', 'Le score minimum est un nombre de 0 à 100.');
  end if;
  if nullif(nullif(status, ''), 'all') not in ('new', 'qualified', 'sold', 'rejected', 'pending') then
    perform platform.refuse_parameter('status',
      'Statut inconnu : attendu all, new, qualified, sold, rejected ou pending.');
  end if;
  if v_size not between 1 and 1000 then
    perform platform.refuse_parameter('limit', 'La taille d''une page va de 1 à 1000.');
  end if;
  if length(search) > 200 then
    perform platform.refuse_parameter('search', 'La recherche est limitée à 200 caractères.');
  end if;
  if length(sector) > 200 then
    perform platform.refuse_parameter('sector', 'Un secteur compte 200 caractères au plus.');
  end if;
  if length(region) > 200 then
    perform platform.refuse_parameter('region', 'Une région compte 200 caractères au plus.');
  end if;
  perform platform.refuse_suspended('leads');

  v_found := leads.find_leads(search, nullif(nullif(sector, ''), 'all'), nullif(nullif(region, ''), 'all'),
    ceil(min_score)::integer, nullif(nullif(status, ''), 'all'), v_size, nullif(cursor, ''), v_count_mode);

  if v_found.total is not null then
    v_headers := v_headers || jsonb_build_array(jsonb_build_object('Content-Range',
      case when cardinality(v_found.keys) = 0 then '*' else '0-' || cardinality(v_found.keys) - 1 end || '/'
        || v_found.total));
  end if;
  if v_found.next_cursor is not null then
    v_headers := v_headers || jsonb_build_array(jsonb_build_object('X-Next-Cursor', v_found.next_cursor));
  end if;
  if v_headers <> '[]' then perform set_config('response.headers', v_headers::text, true); end if;

  -- These are the columns of public.leads.
  return query select
    r.id, r."firstName", r."lastName", r.email, r.phone, r.company, r.sector, r.region, r.city, r.source, r.channel,
    r.score, r.status, r."qualificationStatus", r."createdAt", r."updatedAt", r.price, r."isExclusive",
    r."hasAudioRecording", r.notes, r.phone2, r."collectedAt"
  from leads.lead_rows r where r.key = any (v_found.keys) order by r.key desc;
end;
$$;
comment on function public.leads_search is
  'GET /api/leads with its filters. "all" and empty mean no filter. Headers: X-Next-Cursor (pass it as cursor), '
  'Content-Range if requested by Prefer: count.';
grant execute on function public.leads_search to anon, authenticated, service_role;

-- Endpoints for the admin to write packs and rules and to read their history. Writes answer with the row as GET shows
-- it.

create function leads.show_pack(reference text)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform set_config('response.headers', jsonb_build_array(jsonb_build_object('ETag', '"' || p.version || '"'))::text,
    true)
  from leads.credit_packs p where p.reference = show_pack.reference;
  return (select to_jsonb(p) from public.admin_credits_packs p where p.id = show_pack.reference);
end;
$$;
comment on function leads.show_pack is 'A pack as GET shows it; the ETag is its version.';

create function leads.show_rule(reference text)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform set_config('response.headers', jsonb_build_array(jsonb_build_object('ETag', '"' || r.version || '"'))::text,
    true)
  from leads.credit_rules r where r.reference = show_rule.reference;
  return (select to_jsonb(r) from public.admin_credits_rules r where r.id = show_rule.reference);
end;
$$;
comment on function leads.show_rule is 'A rule as GET shows it; the ETag is its version.';

create function public.admin_credits_pack_create(pack jsonb)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.show_pack(leads.write_pack(null, pack, null)); $$;
create function public.admin_credits_pack_change(id text, pack jsonb, if_match text default null)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.show_pack(leads.write_pack(coalesce(id, ''), pack, if_match)); $$;
create function public.admin_credits_rule_create(rule jsonb)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.show_rule(leads.add_rule(rule)); $$;
create function public.admin_credits_rule_change(id text, rule jsonb, if_match text default null)
returns jsonb language sql security invoker set search_path = ''
as $$ select leads.show_rule(leads.change_rule(id, rule, if_match)); $$;
comment on function public.admin_credits_pack_create is
  'POST /api/admin/credits/packs: creates a pack; 400 lists the invalid fields. The price per credit is computed.';
comment on function public.admin_credits_pack_change is
  'PUT /api/admin/credits/packs/:id: omitted fields keep their value. 412 if if_match, or version in the pack, is '
  'not the current version.';
comment on function public.admin_credits_rule_create is
  'POST /api/admin/credits/rules: adds the rule of a known kind that is not configured yet; 409 otherwise.';
comment on function public.admin_credits_rule_change is
  'PUT /api/admin/credits/rules/:id: omitted fields keep their value. 412 if if_match, or version in the rule, is '
  'not the current version.';

create function public.admin_credits_pack_versions(id text)
returns table (version integer, name text, credits integer, price numeric, "pricePerCredit" numeric, bonus integer,
  popular boolean, active boolean, "validFrom" text, "changedBy" text)
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_pack uuid;
begin
  perform platform.require_role('leads', 'admin');
  select p.id into v_pack from leads.credit_packs p where p.reference = admin_credits_pack_versions.id;
  if v_pack is null then perform platform.fail(404, 'pack_not_found', 'Ce pack n''existe pas.'); end if;
  return query
    select v.version, p.name, p.credits, platform.euros(p.price_cents), platform.euros(p.price_per_credit_cents),
      p.bonus, p.popular, p.active, v."validFrom", v."changedBy"
    from leads.versions_of('leads.credit_packs', v_pack) v
    cross join lateral jsonb_populate_record(null::leads.credit_packs, v.content) p;
end;
$$;
comment on function public.admin_credits_pack_versions is
  'GET /api/admin/credits/packs/:id/versions: all versions of a pack, newest first.';

create function public.admin_credits_rule_versions(id text)
returns table (version integer, name text, description text, value numeric, unit text, active boolean,
  "validFrom" text, "changedBy" text)
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_rule uuid;
begin
  perform platform.require_role('leads', 'admin');
  select r.id into v_rule from leads.credit_rules r where r.reference = admin_credits_rule_versions.id;
  if v_rule is null then perform platform.fail(404, 'rule_not_found', 'Cette règle n''existe pas.'); end if;
  return query
    select v.version, r.name, r.description, r.value, r.unit, r.active, v."validFrom", v."changedBy"
    from leads.versions_of('leads.credit_rules', v_rule) v
    cross join lateral jsonb_populate_record(null::leads.credit_rules, v.content) r;
end;
$$;
comment on function public.admin_credits_rule_versions is
  'GET /api/admin/credits/rules/:id/versions: all versions of a rule, newest first.';

grant execute on function leads.show_pack, leads.show_rule, public.admin_credits_pack_create,
  public.admin_credits_pack_change, public.admin_credits_rule_create, public.admin_credits_rule_change,
  public.admin_credits_pack_versions, public.admin_credits_rule_versions to authenticated, service_role;

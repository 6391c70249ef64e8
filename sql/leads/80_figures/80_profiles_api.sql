-- GET /api/users/*: the caller's own profile with its statistics (document, 3.2).

create function leads.rate(part numeric, whole numeric)
returns numeric
language sql
immutable
set search_path = ''
as $$ select coalesce(trim_scale(round(100 * part / nullif(whole, 0), 2)), 0); $$;
comment on function leads.rate is 'A percentage with at most two decimals; 0 if the whole is 0.';

create function leads.fournisseur_profile(
  out id text, out email text, out "firstName" text, out "lastName" text, out role text,
  out company text, out phone text, out avatar text, out credits integer, out "createdAt" text, out iban text,
  out "totalLeadsUploaded" numeric, out "totalLeadsSold" numeric, out "totalRevenue" numeric,
  out "pendingPayment" numeric
)
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(p.reference, p.id::text), p.email, p.first_name, p.last_name, 'fournisseur', p.company, p.phone,
    p.avatar, null::integer, platform.iso_timestamp(p.created_at), s.iban_mask,
    platform.kept('leads', 'supplier.leads', s.id::text) + platform.opening('leads',
      'fournisseur.totalLeadsUploaded', s.id::text),
    platform.kept('leads', 'supplier.sold', s.id::text) + platform.opening('leads',
      'fournisseur.totalLeadsSold', s.id::text),
    platform.euros(platform.kept('leads', 'supplier.earned', s.id::text) + platform.opening('leads',
      'fournisseur.totalRevenue', s.id::text)),
    platform.euros(platform.kept('leads', 'supplier.earned', s.id::text) - platform.kept('leads', 'supplier.paid',
      s.id::text) + platform.opening('leads', 'fournisseur.pendingPayment', s.id::text))
  from platform.profiles p
  left join leads.suppliers s on s.user_id = p.id
  where p.id = (select auth.uid()) and (select platform.require_role('leads', 'fournisseur'));
$$;

create function public.users_fournisseur(
  out id text, out email text, out "firstName" text, out "lastName" text, out role text,
  out company text, out phone text, out avatar text, out credits integer, out "createdAt" text, out iban text,
  out "totalLeadsUploaded" numeric, out "totalLeadsSold" numeric, out "totalRevenue" numeric,
  out "pendingPayment" numeric
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from leads.fournisseur_profile(); $$;

create function leads.agent_profile(
  out id text, out email text, out "firstName" text, out "lastName" text, out role text,
  out company text, out phone text, out "createdAt" text, out "leadsQualifiedToday" numeric,
  out "totalLeadsQualified" numeric, out "averageCallDuration" numeric, out "qualificationRate" numeric
)
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(p.reference, p.id::text), p.email, p.first_name, p.last_name, 'agent', p.company, p.phone,
    platform.iso_timestamp(p.created_at),
    (select count(*) from leads.calls c where c.agent_id = p.id and c.called_on = platform.paris_today()
      and c.result = 'qualified')
      + platform.opening('leads', 'agent.qualifiedOnDay', p.id::text, platform.paris_today()),
    platform.kept('leads', 'agent.qualified', p.id::text) + platform.opening('leads',
      'agent.totalLeadsQualified', p.id::text),
    coalesce(trim_scale(round(
      (platform.kept('leads', 'agent.call_seconds', p.id::text) + platform.opening('leads',
        'agent.callSeconds', p.id::text))
      / nullif(platform.kept('leads', 'agent.calls', p.id::text) + platform.opening('leads', 'agent.timedCalls',
        p.id::text), 0), 2)), 0),
    leads.rate(
      platform.kept('leads', 'agent.qualified', p.id::text) + platform.opening('leads',
        'agent.ratedQualified', p.id::text),
      platform.kept('leads', 'agent.calls', p.id::text) + platform.opening('leads', 'agent.ratedCalls', p.id::text))
  from platform.profiles p
  where p.id = (select auth.uid()) and (select platform.require_role('leads', 'agent'));
$$;

create function public.users_agent(
  out id text, out email text, out "firstName" text, out "lastName" text, out role text,
  out company text, out phone text, out "createdAt" text, out "leadsQualifiedToday" numeric,
  out "totalLeadsQualified" numeric, out "averageCallDuration" numeric, out "qualificationRate" numeric
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from leads.agent_profile(); $$;

create function leads.acheteur_profile(
  out id text, out email text, out "firstName" text, out "lastName" text, out role text,
  out company text, out phone text, out credits numeric, out "createdAt" text, out "totalLeadsPurchased" numeric,
  out "conversionRate" numeric, out "preferredSectors" text[], out "preferredRegions" text[]
)
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(p.reference, p.id::text), p.email, p.first_name, p.last_name, 'acheteur', p.company, p.phone,
    leads.credits_of(p.id), platform.iso_timestamp(p.created_at),
    platform.kept('leads', 'buyer.purchases', p.id::text) + platform.opening('leads',
      'acheteur.totalLeadsPurchased', p.id::text),
    leads.rate(
      platform.kept('leads', 'buyer.won', p.id::text) + platform.opening('leads', 'acheteur.won', p.id::text),
      platform.kept('leads', 'buyer.decided', p.id::text) + platform.opening('leads', 'acheteur.decided', p.id::text)),
    coalesce(b.preferred_sectors, '{}'), coalesce(b.preferred_regions, '{}')
  from platform.profiles p
  left join leads.buyers b on b.user_id = p.id
  where p.id = (select auth.uid()) and (select platform.require_role('leads', 'acheteur'));
$$;

create function public.users_acheteur(
  out id text, out email text, out "firstName" text, out "lastName" text, out role text,
  out company text, out phone text, out credits numeric, out "createdAt" text, out "totalLeadsPurchased" numeric,
  out "conversionRate" numeric, out "preferredSectors" text[], out "preferredRegions" text[]
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from leads.acheteur_profile(); $$;

comment on function public.users_fournisseur is
  'GET /api/users/fournisseur: the calling supplier''s profile. Money in euros.';
comment on function public.users_agent is
  'GET /api/users/agent: the calling agent''s profile. averageCallDuration in seconds, qualificationRate in percent.';
comment on function public.users_acheteur is
  'GET /api/users/acheteur: the calling buyer''s profile. conversionRate in percent.';
grant execute on function leads.fournisseur_profile, leads.agent_profile, leads.acheteur_profile,
  public.users_fournisseur, public.users_agent, public.users_acheteur to authenticated, service_role;

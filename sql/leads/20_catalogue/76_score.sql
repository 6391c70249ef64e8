-- The score of a lead, computed from its known data: each feature earns a part of its points. The points are in
-- leads.score_features; for a feature without a row there, the default values here apply.
create function leads.score_lead(lead_id uuid)
returns table (feature text, contribution integer, description text)
-- plpgsql although a query would do: its plan is cached for the session (measured: 0.5 ms against 3.4 ms).
language plpgsql
stable
security definer
set search_path = ''
rows 6
as $$
#variable_conflict use_column
begin
  return query
  with lead as (
    select l.*, c.last_name, c.email, c.phone, platform.fold(coalesce(c.notes, '')) as told,
      num_nonnulls(nullif(l.first_name, ''), nullif(c.last_name, ''), c.email, c.phone, l.company, l.city, l.source,
        l.channel) as filled,
      (select count(*) from leads.calls k where k.lead_id = l.id and k.result = 'callback') as missed,
      platform.kept('leads', 'supplier.leads', l.supplier_id::text) as brought,
      platform.kept('leads', 'supplier.sold', l.supplier_id::text) as sold,
      (select count(*) from leads.buyers b where l.region = any (b.preferred_regions)) as wanted
    from leads.leads l join leads.lead_contacts c on c.lead_id = l.id where l.id = score_lead.lead_id
  ), earned as (
    select f.position, f.feature, f.part, f.description, coalesce(s.contribution, f.points) as points
    from lead cross join lateral (values
      (1, 'Complétude du profil', 25, filled / 8.0, format('%s informations sur 8 sont renseignées', filled)),
      (2, 'Intention d''achat', 22,
        (case when length(told) >= 15 then 0.5 else 0 end)
          + (case
            when told ~ '(budget|euro|€|devis|urgent|rapid|semaine|mois|immediat|projet|travaux|rappel|20[2-9][0-9])'
            then 0.5 else 0 end),
        case when length(told) < 15 then 'Le projet n''est pas décrit' else 'Le projet est décrit dans les notes' end),
      (3, 'Qualité de la source', 18, case when brought = 0 then 0.5 else least(1, 0.25 + 1.5 * sold / brought) end,
        format('%s ventes pour %s leads apportés par ce fournisseur', sold, brought)),
      (4, 'Validité des coordonnées', 15,
        (case when phone is not null then 0.6 else 0 end) + (case when email is not null then 0.4 else 0 end),
        case when num_nonnulls(phone, email) = 2 then 'Téléphone et e-mail valables'
          when phone is not null then 'Téléphone valable, pas d''e-mail'
          else 'E-mail valable, pas de téléphone' end),
      (5, 'Réactivité', 12, 1.0 / (1 + missed),
        case missed when 0 then 'Joint au premier appel' else format('Joint après %s rappel(s)', missed) end),
      (6, 'Zone géographique', 8, case when wanted > 0 then 1 else 0.5 end,
        case when wanted > 0 then format('Région demandée par %s acheteur(s)', wanted)
          else 'Région que personne n''a demandée jusqu''ici' end)
    ) f (position, feature, points, part, description)
    left join leads.score_features s on s.feature = f.feature
  ), summed as (
    -- The score is scaled to 100, whatever the sum of the points. Cumulative sums are rounded, so that the parts add
    -- up to the score exactly.
    select e.*, round(100 * sum(e.part * e.points) over w / nullif(sum(e.points) over (), 0)) as up_to
    from earned e window w as (order by e.position)
  )
  select s.feature, (coalesce(s.up_to, 0) - coalesce(lag(s.up_to) over (order by s.position), 0))::integer,
    s.description
  from summed s order by s.position;
end;
$$;
comment on function leads.score_lead is
  'The contribution of each feature to a lead''s score; the sum is the score, 0 to 100.';

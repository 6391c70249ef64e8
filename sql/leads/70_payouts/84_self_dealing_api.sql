-- Review of self-dealing, for admins only (no document specifies these paths): each pair of supplier and buyer, the
-- signs they share, and its sales in credits and euros. The admin's decision holds the earnings of the pair's sales or
-- releases them.
create trigger learn_signs after insert or update of name, siret, vat_number on leads.billing_details for each row
  execute function leads.learn_party();
create trigger learn_signs after insert or update of fingerprint on leads.supplier_accounts for each row
  execute function leads.learn_party();

create view public.admin_self_dealing with (security_invoker = true) as
select d.reference as id, s.reference as "supplierId", s.contact_name as fournisseur,
  s.company as "fournisseurCompany", coalesce(p.reference, p.id::text) as "buyerId",
  btrim(p.first_name || ' ' || p.last_name) as acheteur, p.company as "acheteurCompany",
  d.signs, t.sales, t.credits, platform.euros(t.cents) as earned,
  platform.euros(case when d.status = 'cleared' then 0 else t.held end) as held,
  d.status, platform.iso_timestamp(d.created_at) as "createdAt",
  platform.iso_timestamp(d.decided_at) as "decidedAt", d.note
from leads.self_dealing d
join leads.suppliers s on s.id = d.supplier_id
join platform.profiles p on p.id = d.buyer_id
cross join lateral (
  select count(*) filter (where e.kind = 'sale') as sales,
    coalesce(sum(v.credits) filter (where e.kind = 'sale'), 0) as credits,
    coalesce(sum(e.amount_cents), 0)::bigint as cents,
    coalesce(sum(e.amount_cents) filter (where e.payout_id is null), 0)::bigint as held
  from leads.earnings e left join leads.sales v on v.buyer_id = e.buyer_id and v.lead_id = e.lead_id
  where e.buyer_id = d.buyer_id and e.supplier_id = d.supplier_id
) t
where (select platform.require_role('leads', 'admin'))
order by d.status = 'unreviewed' desc, t.sales > 0 desc, d.created_at desc, d.reference desc;
comment on view public.admin_self_dealing is
  'GET /api/admin/self-dealing: pairs of supplier and buyer who may be one person, unreviewed ones first. earned and '
  'held are in euros.';
create trigger refuse_write instead of insert or update or delete on public.admin_self_dealing for each row
  execute function platform.refuse_write();
grant select on public.admin_self_dealing to authenticated, service_role;

create function leads.decide_pair(reference text, status text, note text)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_note text := nullif(platform.trimmed(note), '');
begin
  perform platform.require_role('leads', 'admin');
  if decide_pair.status is null or decide_pair.status not in ('cleared', 'confirmed') then
    perform platform.refuse_fields(platform.field_problem('status', 'invalid_value',
      'Décision attendue : cleared ou confirmed.'));
  end if;
  if length(v_note) > 2000 then
    perform platform.refuse_fields(platform.field_problem('note', 'too_long',
      'La note est limitée à 2000 caractères.'));
  end if;
  update leads.self_dealing d set status = decide_pair.status, note = v_note, decided_at = now(),
    decided_by = auth.uid()
  where d.reference = decide_pair.reference and (d.status, d.note) is distinct from (decide_pair.status, v_note);
  if not found and not exists (select from leads.self_dealing d where d.reference = decide_pair.reference) then
    perform platform.fail(404, 'pair_not_found', 'Ce rapprochement n''existe pas.');
  end if;
  return decide_pair.reference;
end;
$$;
comment on function leads.decide_pair is
  'Records an admin''s decision on a pair: two persons (cleared) or one (confirmed). The decision may be changed '
  'later.';

create function public.admin_self_dealing_decide(id text, status text, note text default null)
returns public.admin_self_dealing
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_pair text := leads.decide_pair(id, status, note);
  v_shown public.admin_self_dealing;
begin
  select d.* into v_shown from public.admin_self_dealing d where d.id = v_pair;
  return v_shown;
end;
$$;
comment on function public.admin_self_dealing_decide is
  'POST /api/admin/self-dealing/:id {status, note}: cleared releases the held earnings; confirmed keeps them and '
  'stops further sales of this supplier''s leads to this buyer.';
grant execute on function leads.decide_pair, public.admin_self_dealing_decide to authenticated, service_role;

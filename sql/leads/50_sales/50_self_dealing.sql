-- Self-dealing: a supplier who buys his own leads through a second account earns back most of what he pays, and keeps
-- the gain from bonus credits or chargebacks. Two accounts of one person usually share an identifying trait (a sign):
-- e-mail, telephone, company, bank account or device. Each sign is stored as a hash, so that a match is a single
-- look-up; a supplier and a buyer who share a sign form a pair. No purchase is refused for an unreviewed pair, but the
-- earnings of its sales wait for an admin's review.
create table leads.party_signs (
  person uuid not null,
  kind text not null check (kind in ('email', 'domain', 'phone', 'company', 'company_number', 'iban', 'device')),
  value bytea not null,
  seen_at timestamptz not null default now(),
  primary key (person, kind, value)
);
alter table leads.party_signs enable row level security;
create index party_signs_value on leads.party_signs (kind, value);
comment on table leads.party_signs is
  'Hashed identifying signs of suppliers and buyers. A sign is kept after its value changes, because it still links '
  'the two accounts.';
comment on column leads.party_signs.person is 'The user''s id; for a supplier without an account, the supplier''s id.';
create policy select_nobody on leads.party_signs for select to anon, authenticated using (false);
grant select on leads.party_signs to service_role;

create sequence leads.pair_numbers;
create table leads.self_dealing (
  supplier_id uuid not null references leads.suppliers (id) on delete cascade,
  buyer_id uuid not null references platform.profiles (id) on delete cascade,
  reference text not null unique default platform.short_reference('PAIR', nextval('leads.pair_numbers')),
  signs text[] not null,
  status text not null default 'unreviewed' check (status in ('unreviewed', 'cleared', 'confirmed')),
  told_at timestamptz,
  decided_at timestamptz,
  decided_by uuid,
  note text check (length(note) <= 2000),
  created_at timestamptz not null default now(),
  primary key (supplier_id, buyer_id)
);
alter table leads.self_dealing enable row level security;
create index self_dealing_buyer on leads.self_dealing (buyer_id);
comment on table leads.self_dealing is
  'Pairs of supplier and buyer who may be the same person, with the admin''s decision. Neither party is notified.';
comment on column leads.self_dealing.told_at is 'When the admins were notified of the pair''s first sale.';
create policy select_admin on leads.self_dealing for select to authenticated
  using ((select platform.has_role('leads', 'admin')));
grant select on leads.self_dealing to authenticated, service_role;
select platform.audit('leads.self_dealing', '{note}');

-- Finds the pairs of a person, both as supplier and as buyer. A new kind of shared sign reopens a pair that an admin
-- had cleared.
create function leads.find_pairs(person uuid)
returns void
language sql
security definer
set search_path = ''
as $$
  with shared as (
    select o.person as other, array_agg(distinct o.kind order by o.kind) as signs
    from leads.party_signs p join leads.party_signs o on o.kind = p.kind and o.value = p.value and o.person <> p.person
    where p.person = find_pairs.person group by 1
  ), found as (
    select s.id as supplier_id, h.other as buyer_id, s.user_id, h.signs from shared h
    join leads.suppliers s on s.id = find_pairs.person or s.user_id = find_pairs.person
    union all
    select s.id, find_pairs.person, s.user_id, h.signs from shared h
    join leads.suppliers s on s.id = h.other or s.user_id = h.other
  )
  insert into leads.self_dealing as d (supplier_id, buyer_id, signs)
  select f.supplier_id, f.buyer_id, array_agg(distinct k.kind order by k.kind)
  from found f cross join unnest(f.signs) k (kind)
  join platform.memberships m on m.user_id = f.buyer_id and m.system = 'leads' and m.role = 'acheteur'
  where f.buyer_id is distinct from f.user_id group by 1, 2
  on conflict (supplier_id, buyer_id) do update set
    signs = (select array_agg(distinct k.kind order by k.kind) from unnest(d.signs || excluded.signs) k (kind)),
    status = case d.status when 'cleared' then 'unreviewed' else d.status end,
    told_at = case d.status when 'cleared' then null else d.told_at end
  where not d.signs @> excluded.signs;
$$;
comment on function leads.find_pairs is 'Records every supplier or buyer who shares a sign with this person.';

create function leads.learn_signs(person uuid, signs jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into leads.party_signs as p (person, kind, value)
  select learn_signs.person, s.key, sha256(convert_to(s.value, 'UTF8')) from jsonb_each_text(signs) s
  where s.value <> ''
  on conflict on constraint party_signs_pkey do update set seen_at = now()
    where p.kind = 'device' and p.seen_at < now() - interval '1 day';
  if found then perform leads.find_pairs(person); end if;
end;
$$;
comment on function leads.learn_signs is 'Stores a person''s signs, {kind: value}, and looks for matches.';

-- Legal forms, spaces and punctuation are ignored when company names are compared.
create function leads.firm_sign(company text)
returns text
language sql
immutable
set search_path = ''
as $$
  select case when length(f.name) > 2 then f.name end from (
    select regexp_replace(regexp_replace(platform.fold(company), '\m(sarl|sasu|sas|eurl|sa|sci|scop|ei|eirl)\M', '',
      'g'), '[^[:alnum:]]', '', 'g') as name) f;
$$;

create function leads.contact_signs(email text, phone text, company text)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_strip_nulls(jsonb_build_object(
    -- sophie+2@… counts as sophie@…, and so.phie@gmail.com as sophie@gmail.com.
    'email', case when lower(email) like '%@gmail.com' then replace(a.name, '.', '') else a.name end
      || substring(lower(email) from '@.*$'),
    'domain', platform.own_mail_domain(email),
    'phone', case when length(n.digits) >= 9 then right(n.digits, 9) end,
    'company', leads.firm_sign(company)))
  from (select split_part(split_part(lower(email), '@', 1), '+', 1) as name) a,
    (select regexp_replace(phone, '\D', '', 'g') as digits) n;
$$;
comment on function leads.contact_signs is
  'The signs derived from an e-mail address, a telephone number and a company name.';

create function leads.learn_party()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_row jsonb := to_jsonb(new);
begin
  case tg_table_name
    when 'profiles' then perform leads.learn_signs(new.id,
      leads.contact_signs(v_row ->> 'email', v_row ->> 'phone', v_row ->> 'company'));
    when 'suppliers' then
      perform leads.learn_signs(coalesce((v_row ->> 'user_id')::uuid, new.id),
        leads.contact_signs(v_row ->> 'email', null, v_row ->> 'company')
          || jsonb_build_object('iban', coalesce((select a.fingerprint from leads.supplier_accounts a
            where a.supplier_id = new.id), '')));
      -- The supplier now has a user, whose signs count for the supplier as well.
      perform leads.find_pairs((v_row ->> 'user_id')::uuid);
    when 'memberships' then perform leads.find_pairs((v_row ->> 'user_id')::uuid);
    when 'billing_details' then
      perform leads.learn_signs((v_row ->> 'buyer_id')::uuid,
        jsonb_strip_nulls(jsonb_build_object('company', leads.firm_sign(v_row ->> 'name'),
        'company_number', coalesce(left(v_row ->> 'siret', 9),
          substring(v_row ->> 'vat_number' from '^FR..([0-9]{9})$'), v_row ->> 'vat_number'))));
    when 'supplier_accounts' then
      perform leads.learn_signs(coalesce(s.user_id, s.id), jsonb_build_object('iban', v_row ->> 'fingerprint'))
      from leads.suppliers s where s.id = (v_row ->> 'supplier_id')::uuid and v_row ->> 'fingerprint' <> '';
  end case;
  return null;
end;
$$;
comment on function leads.learn_party is 'Trigger: stores the signs of a new or changed party.';
create trigger learn_signs after insert or update of email, phone, company on platform.profiles
  for each row when (new.erased_at is null) execute function leads.learn_party();
create trigger learn_signs after insert or update of email, company, user_id on leads.suppliers for each row
  execute function leads.learn_party();
create trigger learn_signs after insert on platform.memberships
  for each row when (new.system = 'leads' and new.role = 'acheteur') execute function leads.learn_party();

-- Supabase Auth stores the device in its sessions. Private and loopback addresses are skipped: they belong to a proxy,
-- and all users would share them.
create function leads.learn_device()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if new.ip is null or new.user_agent is null
    or new.ip <<= any (array['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '::1/128', 'fc00::/7',
    'fe80::/10']::inet[])
  then return null; end if;
  delete from leads.party_signs p
  where p.person = new.user_id and p.kind = 'device' and p.seen_at < now() - interval '90 days';
  perform leads.learn_signs(new.user_id, jsonb_build_object('device', host(new.ip) || ' ' || new.user_agent));
  return null;
end;
$$;
comment on function leads.learn_device is 'Trigger: stores the device (address and user agent) of a sign-in.';
create trigger learn_device after insert on auth.sessions for each row execute function leads.learn_device();

create function leads.forget_signs()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  delete from leads.party_signs p where p.person = old.id;
  return null;
end;
$$;
comment on function leads.forget_signs is 'Trigger: deletes the signs of a deleted account or supplier.';
create trigger forget_signs after delete on platform.profiles for each row execute function leads.forget_signs();
create trigger forget_signs after delete on leads.suppliers for each row execute function leads.forget_signs();

create function leads.tell_of_pair(sale leads.sales)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_pair leads.self_dealing;
begin
  update leads.self_dealing d set told_at = now()
  where d.supplier_id = sale.supplier_id and d.buyer_id = sale.buyer_id and d.told_at is null
    and d.status = 'unreviewed' returning d.* into v_pair;
  if v_pair.reference is null then return; end if;
  perform platform.notify(m.user_id, 'leads', 'warning', 'Achat à vérifier',
    format(
      'Un acheteur et le fournisseur de son lead ont en commun : %s (%s). Les gains de ces ventes attendent votre décision.',
      array_to_string(v_pair.signs, ', '), v_pair.reference))
  from platform.memberships m where m.system = 'leads' and m.role = 'admin' and m.status = 'active';
end;
$$;
comment on function leads.tell_of_pair is 'Notifies the admins of the first sale of an unreviewed pair.';

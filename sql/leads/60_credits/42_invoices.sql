-- Invoices and credit notes are numbered without gaps in each series and year, issued in the transaction that they
-- document, and never changed. Prices include VAT. A document keeps a copy of seller, buyer and rate.
create table leads.invoices (
  id uuid primary key default platform.uuid_v7(),
  system text not null generated always as ('leads') stored,
  series text not null check (series in ('FA', 'AV')),
  year integer not null,
  position integer not null check (position > 0),
  number text not null generated always as (
    series || '-' || year || '-' || lpad(position::text, greatest(6, length(position::text)), '0')) stored,
  order_id uuid not null references leads.pack_orders (id),
  corrects uuid references leads.invoices (id),
  refund_id uuid references leads.refunds (id),
  buyer_id uuid not null references platform.profiles (id),
  buyer jsonb not null,
  seller jsonb not null,
  description text not null,
  payment_method text,
  vat_percent numeric not null check (vat_percent between 0 and 100),
  net_cents bigint not null,
  vat_cents bigint not null,
  gross_cents bigint not null,
  mentions text[] not null,
  issued_on date not null,
  created_at timestamptz not null default now(),
  unique (system, series, year, position),
  unique nulls not distinct (order_id, series, refund_id),
  foreign key (system, series, year) references platform.document_numbers (system, series, year),
  check (net_cents + vat_cents = gross_cents),
  check (case series when 'FA' then gross_cents >= 0 and corrects is null
    else gross_cents <= 0 and corrects is not null and refund_id is not null end)
);
alter table leads.invoices enable row level security;
create index invoices_number on leads.invoices (number);
create index invoices_buyer on leads.invoices (buyer_id, id desc);
create index invoices_corrects on leads.invoices (corrects) where corrects is not null;
create index invoices_refund on leads.invoices (refund_id) where refund_id is not null;
create trigger append_only before update or delete or truncate on leads.invoices for each statement
  execute function platform.refuse_change();
comment on table leads.invoices is
  'Append-only: invoices (FA) and the credit notes that correct them (AV, negative amounts), in integer cents.';
comment on column leads.invoices.system is 'Always leads: it makes the key of the series'' last number.';
comment on column leads.invoices.refund_id is
  'For a credit note: its refund. For an invoice: the reversed refund whose credit note it cancels.';
create policy select_own_or_admin on leads.invoices for select to authenticated
  using (buyer_id = (select auth.uid()) or (select platform.has_role('leads', 'admin')));
grant select on leads.invoices to authenticated, service_role;

-- This is the last call of a transaction, because every other transaction that needs a number waits until it ends.
-- Dates never decrease with the numbers, even if a transaction that began before midnight takes its number after a
-- later one.
create function leads.take_invoice_number(series text)
returns platform.document_numbers
language plpgsql
set search_path = ''
as $$ begin return platform.take_number('leads', series); end; $$;
comment on function leads.take_invoice_number is 'The next number of a series in this year, held until the transaction ends: it is taken last.';

-- A company in another EU member state pays the VAT itself: reverse charge (art. 283-2 du CGI). Northern Ireland
-- belongs to the EU VAT area for goods only, so services to it are not included.
create function leads.is_reverse_charged(vat_number text)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select coalesce(left(vat_number, 2) = any (string_to_array(
    'AT BE BG CY CZ DE DK EE EL ES FI HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK', ' ')),
    false);
$$;
comment on function leads.is_reverse_charged is 'True if the reverse charge applies to a buyer with this VAT number.';

create function leads.invoice_mentions(buyer jsonb, vat_percent numeric)
returns text[]
language sql
stable
set search_path = ''
as $$
  select array_agg(m.text order by m.place) from (values
    (1, leads.is_reverse_charged(buyer ->> 'vatNumber'),
      'Autoliquidation : TVA due par le preneur (art. 283-2 du CGI, art. 196 de la directive 2006/112/CE).'),
    (2, vat_percent = 0 and not leads.is_reverse_charged(buyer ->> 'vatNumber'),
      'TVA non applicable, art. 293 B du CGI.'),
    (3, true, 'Nature de l''opération : prestation de services.'),
    (4, vat_percent > 0 and leads.work_rule('vat_on_debits') = 'true',
      'Option pour le paiement de la taxe d''après les débits.'),
    (5, buyer ->> 'deliveryAddress' is not null,
      'Adresse de livraison : ' || regexp_replace(buyer ->> 'deliveryAddress', '\s*\n\s*', ', ', 'g')),
    (6, true,
      'En cas de retard de paiement : pénalités de trois fois le taux d''intérêt légal et indemnité forfaitaire de 40 € pour frais de recouvrement (art. L441-10 et D441-5 du code de commerce).')
  ) as m (place, holds, text) where m.holds;
$$;
comment on function leads.invoice_mentions is 'The legal mentions of an invoice.';

create function leads.issue_invoice(pack_order leads.pack_orders)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_vat numeric;
  v_buyer jsonb;
  v_counter platform.document_numbers := leads.take_invoice_number('FA');
  v_number text;
begin
  select jsonb_build_object('name', btrim(p.first_name || ' ' || p.last_name), 'company', coalesce(d.name, p.company),
    'address', d.address,
      'deliveryAddress', case when d.delivery_address <> d.address then d.delivery_address end,
      'siren', left(d.siret, 9), 'siret', d.siret,
      'vatNumber', d.vat_number, 'email', p.email, 'phone', p.phone) into strict v_buyer
  from platform.profiles p left join leads.billing_details d on d.buyer_id = p.id where p.id = pack_order.buyer_id;
  -- The total stays the same under the reverse charge, so that a foreign VAT number does not make a pack cheaper.
  v_vat := case when leads.is_reverse_charged(v_buyer ->> 'vatNumber') then 0 else (leads.work_rule('vat_percent'))::numeric end;
  insert into leads.invoices (series, year, position, order_id, buyer_id, buyer, seller, description, payment_method, vat_percent, net_cents, vat_cents,
    gross_cents, mentions, issued_on)
  select 'FA', v_counter.year, v_counter.last_number, pack_order.id, pack_order.buyer_id, v_buyer,
    leads.work_rule('seller'), leads.order_title(pack_order), t.payment_method, v_vat,
    n.net_cents, n.vat_cents, n.gross_cents, leads.invoice_mentions(v_buyer, v_vat), v_counter.last_day
  from leads.transactions t
  cross join platform.vat_of(array[(pack_order.price_cents, v_vat * 100)]::platform.vat_line[], included => true) n
  where t.id = pack_order.transaction_id
  returning number into strict v_number;
  return v_number;
end;
$$;
comment on function leads.issue_invoice is 'Issues the invoice of a paid order; returns its number.';

-- Net and VAT of partial credit notes must add up to those of the invoice: each one takes the share of everything
-- credited so far, minus what was credited before.
create function leads.issue_credit_note(refund leads.refunds)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_counter platform.document_numbers := leads.take_invoice_number('AV');
  v_number text;
begin
  insert into leads.invoices (series, year, position, order_id, corrects, refund_id, buyer_id, buyer, seller,
    description, payment_method, vat_percent, net_cents, vat_cents, gross_cents, mentions, issued_on)
  select 'AV', v_counter.year, v_counter.last_number, i.order_id, i.id, refund.id, i.buyer_id, i.buyer,
    leads.work_rule('seller'), case when refund.amount_cents < i.gross_cents then 'Remboursement partiel '
      else 'Remboursement ' end || i.description, i.payment_method,
    i.vat_percent, n.net, -refund.amount_cents - n.net, -refund.amount_cents, i.mentions, v_counter.last_day
  from leads.invoices i
  cross join lateral (select coalesce(sum(o.net_cents), 0) as net, coalesce(sum(o.gross_cents), 0) as gross
    from leads.invoices o
    where o.order_id = i.order_id and o.refund_id is not null) before
  cross join lateral (select -leads.share_of(i.net_cents, refund.amount_cents - before.gross::bigint,
    i.gross_cents) - before.net as net) n
  where i.order_id = refund.order_id and i.series = 'FA' and i.refund_id is null
  returning number into strict v_number;
  return v_number;
end;
$$;
comment on function leads.issue_credit_note is 'Issues the credit note of a refund; returns its number.';

-- An issued document is never changed. If a refund is reversed, a new invoice with the same amounts cancels its credit
-- note.
create function leads.issue_again(refund leads.refunds)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_counter platform.document_numbers := leads.take_invoice_number('FA');
  v_number text;
begin
  insert into leads.invoices (series, year, position, order_id, refund_id, buyer_id, buyer, seller, description,
    payment_method, vat_percent, net_cents, vat_cents, gross_cents, mentions, issued_on)
  select 'FA', v_counter.year, v_counter.last_number, i.order_id, i.refund_id, i.buyer_id, i.buyer,
    leads.work_rule('seller'), format('Annulation de l''avoir %s : remboursement non abouti', i.number),
    i.payment_method, i.vat_percent, -i.net_cents, -i.vat_cents, -i.gross_cents,
    i.mentions, v_counter.last_day
  from leads.invoices i where i.refund_id = refund.id and i.series = 'AV'
  returning number into strict v_number;
  return v_number;
end;
$$;
comment on function leads.issue_again is
  'Issues the invoice that cancels the credit note of a reversed refund; returns its number.';

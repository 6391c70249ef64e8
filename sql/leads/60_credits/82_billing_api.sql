-- Endpoints for orders and invoices: a buyer reads his own, an admin reads all. Settling an order requires the
-- functions' service key.

create view leads.shown_orders with (security_invoker = true) as
select o.id as key, o.buyer_id, o.reference as id, o.status, o.pack_reference as "packId", o.pack_name as "packName",
  o.credits, o.bonus, platform.euros(o.price_cents) as amount,
  case o.status when 'pending' then o.checkout_url end as "checkoutUrl",
  (select i.number from leads.invoices i
    where i.order_id = o.id and i.series = 'FA' and i.refund_id is null) as "invoiceNumber",
  (select i.number from leads.invoices i where i.order_id = o.id and i.series = 'AV'
    order by i.id desc limit 1) as "creditNoteNumber",
  platform.iso_timestamp(o.created_at) as "createdAt"
from leads.pack_orders o;
comment on view leads.shown_orders is 'Orders as shown by the API.';
grant select on leads.shown_orders to authenticated, service_role;

create view public.billing_orders with (security_invoker = true) as
select o.id, o.status, o."packId", o."packName", o.credits, o.bonus, o.amount, o."checkoutUrl", o."invoiceNumber",
  o."creditNoteNumber", o."createdAt"
from leads.shown_orders o
where (select platform.require_role('leads', 'acheteur')) and o.buyer_id = (select auth.uid()) order by o.key desc;
comment on view public.billing_orders is 'GET /api/billing/orders: the caller''s orders, newest first.';

create view public.admin_orders with (security_invoker = true) as
select o.id, o.status, o."packId", o."packName", o.credits, o.bonus, o.amount, o."checkoutUrl", o."invoiceNumber",
  o."creditNoteNumber", o."createdAt", btrim(p.first_name || ' ' || p.last_name) as "userName", p.company, p.email,
  k.provider, k.payment_reference as "paymentReference", k.refund_reference as "refundReference",
  (
    select coalesce(jsonb_agg(jsonb_build_object('id', r.reference, 'kind', r.kind, 'status', r.status,
          'amount', platform.euros(r.amount_cents), 'credits', r.credits + r.bonus,
    'creditsLost', r.credits_lost + r.bonus_lost - r.loss_undone, 'cause', r.cause,
    'createdAt', platform.iso_timestamp(r.created_at)) order by r.id desc), '[]')
    from leads.refunds r where r.order_id = k.id) as refunds
from leads.shown_orders o join leads.pack_orders k on k.id = o.key join platform.profiles p on p.id = o.buyer_id
where (select platform.require_role('leads', 'admin')) order by o.key desc;
comment on view public.admin_orders is 'GET /api/admin/orders: all orders of packs, newest first.';

create view leads.shown_invoices with (security_invoker = true) as
select i.id as key, i.buyer_id, i.buyer, i.number,
  case i.series when 'FA' then 'invoice' else 'credit_note' end as type, i.issued_on as date,
  i.description, platform.euros(i.net_cents) as net, platform.euros(i.vat_cents) as vat,
  platform.euros(i.gross_cents) as amount, i.vat_percent as "vatPercent",
  (select o.reference from leads.pack_orders o where o.id = i.order_id) as "orderId",
  (select c.number from leads.invoices c where c.id = i.corrects) as corrects
from leads.invoices i;
comment on view leads.shown_invoices is 'Invoices and credit notes as shown by the API.';
grant select on leads.shown_invoices to authenticated, service_role;

create view public.billing_invoices with (security_invoker = true) as
select i.number, i.type, i.date, i.description, i.net, i.vat, i.amount, i."vatPercent", i."orderId", i.corrects
from leads.shown_invoices i
where (select platform.require_role('leads', 'acheteur')) and i.buyer_id = (select auth.uid()) order by i.key desc;
comment on view public.billing_invoices is
  'GET /api/billing/invoices: the caller''s invoices and credit notes, newest first.';

create view public.admin_invoices with (security_invoker = true) as
select i.number, i.type, i.date, i.description, i.net, i.vat, i.amount, i."vatPercent", i."orderId", i.corrects,
  i.buyer ->> 'name' as "userName", i.buyer ->> 'company' as company
from leads.shown_invoices i where (select platform.require_role('leads', 'admin')) order by i.key desc;
comment on view public.admin_invoices is 'GET /api/admin/invoices: all invoices and credit notes, newest first.';

create function public.billing_invoice(number text)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_invoice jsonb;
begin
  perform platform.require_role('leads', 'acheteur', 'admin');
  select jsonb_build_object('number', i.number, 'date', i.issued_on, 'description', i.description,
    'netCents', i.net_cents, 'vatCents', i.vat_cents,
    'grossCents', i.gross_cents, 'vatPercent', i.vat_percent, 'paymentMethod', i.payment_method, 'buyer', i.buyer,
    'seller', i.seller, 'mentions', i.mentions,
    'order', o.reference, 'corrects', c.number, 'correctsDate', c.issued_on,
    'vatCategory', case when i.vat_percent > 0 then 'S'
      when leads.is_reverse_charged(i.buyer ->> 'vatNumber') then 'AE' else 'E' end) into v_invoice
  from leads.invoices i join leads.pack_orders o on o.id = i.order_id left join leads.invoices c on c.id = i.corrects
  where i.number = billing_invoice.number;
  if v_invoice is null then perform platform.fail(404, 'invoice_not_found', 'Cette facture n''existe pas.'); end if;
  return v_invoice;
end;
$$;
comment on function public.billing_invoice is
  'GET /api/billing/invoices/:number: the content of the PDF and of its XML; a buyer''s own invoice, or any for an '
  'admin. vatCategory is a code of UNTDID 5305.';

create function public.billing_order(id text)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_order jsonb := (select to_jsonb(o) from public.billing_orders o where o.id = billing_order.id);
begin
  perform platform.require_role('leads', 'acheteur');
  if v_order is null then perform platform.fail(404, 'order_not_found', 'Cette commande n''existe pas.'); end if;
  return v_order;
end;
$$;
comment on function public.billing_order is 'GET /api/billing/orders/:id: an order of the caller, with its status.';

create trigger refuse_write instead of insert or update or delete on public.admin_orders for each row
  execute function platform.refuse_write();
grant select on public.billing_orders, public.admin_orders, public.billing_invoices,
  public.admin_invoices to authenticated, service_role;
grant execute on function leads.is_reverse_charged, public.billing_invoice,
  public.billing_order to authenticated, service_role;

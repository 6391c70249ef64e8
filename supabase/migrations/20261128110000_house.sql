SET local check_function_bodies = off;

REVOKE ALL ON FUNCTION "leads"."calling_hours_hold"(jsonb) FROM "authenticated";

REVOKE ALL ON FUNCTION "leads"."calling_hours_hold"(jsonb) FROM "service_role";

REVOKE ALL ON FUNCTION "leads"."calling_problems"(jsonb) FROM "authenticated";

REVOKE ALL ON FUNCTION "leads"."calling_problems"(jsonb) FROM "service_role";

REVOKE ALL ON FUNCTION "leads"."is_count"(jsonb, integer, integer, boolean) FROM "authenticated";

REVOKE ALL ON FUNCTION "leads"."is_count"(jsonb, integer, integer, boolean) FROM "service_role";

REVOKE ALL ON TABLE "platform"."opening_figures" FROM "authenticated";

REVOKE ALL ON TABLE "platform"."rollups" FROM "authenticated";

DROP POLICY "select_visible" ON "leads"."lead_consents";

DROP POLICY "select_own_or_administered" ON "platform"."memberships";

DROP POLICY "select_admin" ON "platform"."rate_limit_rules";

DROP TRIGGER "audit" ON "leads"."billing_details";

DROP TRIGGER "audit" ON "leads"."held_accounts";

DROP TRIGGER "audit" ON "leads"."returns";

DROP TRIGGER "audit" ON "leads"."self_dealing";

DROP TRIGGER "audit" ON "leads"."supplier_accounts";

DROP TRIGGER "audit" ON "leads"."suppliers";

DROP TRIGGER "apply_entries" ON "platform"."ledger_entries";

DROP TRIGGER "learn_signs" ON "platform"."profiles";

DROP TRIGGER "apply_to_leads" ON "platform"."registrations";

DROP TRIGGER "refuse_write" ON "public"."admin_imports";

DROP TRIGGER "refuse_write" ON "public"."agent_imports";

DROP TRIGGER "refuse_write" ON "public"."imports";

DROP TRIGGER "refuse_write" ON "public"."leads";

DROP INDEX "leads"."leads_waiting";

DROP INDEX "leads"."transactions_payouts";

DROP INDEX "platform"."outbox_due";

DROP VIEW "leads"."counted_figures";

DROP VIEW "leads"."waiting_leads";

DROP VIEW "public"."admin_credits_packs";

DROP VIEW "public"."admin_gains";

DROP VIEW "public"."admin_invoices";

DROP VIEW "public"."admin_orders";

DROP VIEW "public"."admin_payouts";

DROP VIEW "public"."admin_rate_limits";

DROP VIEW "public"."admin_transactions";

DROP VIEW "public"."billing_credit_packs";

DROP VIEW "public"."billing_invoices";

DROP VIEW "leads"."shown_invoices";

DROP VIEW "public"."billing_orders";

DROP VIEW "leads"."shown_orders";

DROP VIEW "public"."billing_payments";

DROP VIEW "public"."fournisseur_virements";

DROP VIEW "public"."notifications";

ALTER TABLE "leads"."invoices"
  DROP CONSTRAINT "invoices_series_year_position_key";

ALTER TABLE "platform"."document_numbers"
  DROP CONSTRAINT "invoice_counters_series_check";

ALTER TABLE "platform"."memberships"
  DROP CONSTRAINT "memberships_status_check";

DROP FUNCTION "leads"."account_of"(text);

DROP FUNCTION "leads"."add_figures"(platform.figure[]);

DROP FUNCTION "leads"."add_user"(uuid, text, jsonb);

DROP FUNCTION "leads"."amount_text"(bigint);

DROP FUNCTION "leads"."answer_refund"(uuid, text, text, text);

DROP FUNCTION "leads"."apply_registration"();

DROP FUNCTION "leads"."camel_keys"(jsonb, text[]);

DROP FUNCTION "leads"."change_rate_limit"(text, integer, integer);

DROP FUNCTION "leads"."change_user_role"(uuid, text);

DROP FUNCTION "leads"."check_new_user"(text, text);

DROP FUNCTION "leads"."claim_upload"();

DROP FUNCTION "leads"."duplicate_kind"(leads.leads, uuid, timestamp WITH time zone, timestamp WITH time zone);

DROP FUNCTION "leads"."erase_account_of"(text);

DROP FUNCTION "leads"."erase_supplier"(uuid);

DROP FUNCTION "leads"."exported_account"(uuid, uuid);

DROP FUNCTION "leads"."field_problem"(text, text, text);

DROP FUNCTION "leads"."french_number"(numeric);

DROP FUNCTION "leads"."holder_export"(uuid);

DROP FUNCTION "leads"."is_sold"(leads.leads);

DROP FUNCTION "leads"."is_text"(jsonb, integer);

DROP FUNCTION "leads"."kept"(text, text);

DROP FUNCTION "leads"."main_role"(uuid);

DROP FUNCTION "leads"."member"(uuid);

DROP FUNCTION "leads"."member_rows"(text, text, integer, integer, uuid);

DROP FUNCTION "leads"."members"(text, text, integer, integer);

DROP FUNCTION "leads"."month_label"(date);

DROP FUNCTION "leads"."month_of"(timestamp WITH time zone);

DROP FUNCTION "leads"."monthly"(text[], text);

DROP FUNCTION "leads"."my_account"();

DROP FUNCTION "leads"."open_obligations"(uuid, uuid);

DROP FUNCTION "leads"."opening"(text, text, date);

DROP FUNCTION "leads"."personal_data"();

DROP FUNCTION "leads"."policy_predicate"(regclass);

DROP FUNCTION "leads"."refuse_fields"(jsonb);

DROP FUNCTION "leads"."refuse_parameter"(text, text);

DROP FUNCTION "leads"."refuse_unless_given"(leads.leads);

DROP FUNCTION "leads"."set_user_status"(uuid, text);

DROP FUNCTION "leads"."trimmed"(text);

DROP FUNCTION "leads"."user_id_of"(text);

DROP FUNCTION "platform"."apply_entries"();

DROP FUNCTION "platform"."audit"(regclass);

DROP FUNCTION "platform"."discard_unproven"(text);

DROP FUNCTION "platform"."erase_account"(uuid);

DROP FUNCTION "platform"."hit_rate_limit"(text, integer, interval);

DROP FUNCTION "platform"."mark_delivered"(uuid[]);

DROP FUNCTION "platform"."notify"(uuid, text, text, text, text);

DROP FUNCTION "platform"."take_events"(integer, interval);

DROP FUNCTION "public"."admin_rate_limit_change"(text, integer, integer);

DROP FUNCTION "public"."admin_return_decide"(text, boolean, text);

DROP VIEW "public"."admin_returns";

DROP FUNCTION "public"."admin_self_dealing_decide"(text, text, text);

DROP VIEW "public"."admin_self_dealing";

DROP FUNCTION "public"."admin_user_add"(uuid, text, jsonb);

DROP FUNCTION "public"."admin_user_check"(text, text);

DROP FUNCTION "public"."admin_user_reactivate"(text);

DROP FUNCTION "public"."admin_user_role"(text, text);

DROP FUNCTION "public"."admin_user_suspend"(text);

DROP FUNCTION "public"."admin_users"(text, text, integer, integer);

DROP FUNCTION "public"."auth_accept_attempts"(text[], text[]);

DROP FUNCTION "public"."auth_forget_attempts"(text[], text[]);

DROP FUNCTION "public"."auth_me"();

DROP FUNCTION "public"."auth_register"(uuid, text, jsonb);

DROP FUNCTION "public"."auth_register_again"(text, text, jsonb);

DROP FUNCTION "public"."auth_release_attempts"(text[], text[]);

DROP FUNCTION "public"."auth_take_attempts"(text[], text[]);

DROP FUNCTION "public"."billing_refund_answer"(uuid, text, text, text);

DROP FUNCTION "public"."lead_return"(text, text, text);

DROP VIEW "public"."billing_returns";

DROP VIEW "leads"."return_rows";

DROP FUNCTION "leads"."euros"(numeric);

DROP FUNCTION "leads"."refuse_write"();

DROP FUNCTION "public"."notifications_mark_all_read"();

DROP FUNCTION "public"."notifications_mark_read"(text);

DROP FUNCTION "public"."notifications_unread_count"();

ALTER TABLE "leads"."calls"
  ALTER COLUMN "called_on" DROP DEFAULT;

ALTER TABLE "leads"."imports"
  ALTER COLUMN "upload_date" DROP DEFAULT;

ALTER TABLE "leads"."payments"
  ALTER COLUMN "date" DROP DEFAULT;

ALTER TABLE "leads"."payouts"
  ALTER COLUMN "date" DROP DEFAULT;

ALTER TABLE "leads"."transactions"
  ALTER COLUMN "date" DROP DEFAULT;

DROP FUNCTION "leads"."today"();

ALTER TABLE "leads"."leads"
  DROP COLUMN "call_basis";

ALTER TABLE "platform"."outbox"
  DROP COLUMN "attempts";

ALTER TABLE "platform"."outbox"
  DROP COLUMN "available_at";

DROP TABLE "leads"."work_rules";

DROP FUNCTION "leads"."is_number"(jsonb, numeric, numeric, integer);

DROP TABLE "platform"."rate_limits";

CREATE SCHEMA "platform_api";

CREATE TABLE "leads"."people_at_agents" (
  "person_hash" bytea                    NOT NULL,
  "lead_id"     uuid                     NOT NULL,
  "until"       timestamp with time zone NOT NULL,
  CONSTRAINT "people_at_agents_pkey" PRIMARY KEY (person_hash)
);

ALTER TABLE "leads"."people_at_agents"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "platform"."api_keys" (
  "system"       text                     NOT NULL,
  "name"         text                     NOT NULL,
  "prefix"       text                     NOT NULL,
  "hash"         bytea                    NOT NULL,
  "scopes"       text[]                   NOT NULL,
  "created_by"   uuid,
  "created_at"   timestamp with time zone NOT NULL DEFAULT now(),
  "expires_at"   timestamp with time zone,
  "last_used_on" date,
  "revoked_by"   uuid,
  "revoked_at"   timestamp with time zone,
  CONSTRAINT "api_keys_check" CHECK ((expires_at > created_at)),
  CONSTRAINT "api_keys_hash_check" CHECK ((octet_length(hash) = 32)),
  CONSTRAINT "api_keys_hash_key" UNIQUE (hash),
  CONSTRAINT "api_keys_prefix_check" CHECK ((length(prefix) <= 20)),
  CONSTRAINT "revoked_at_some_time" CHECK (((revoked_at IS NOT NULL) OR (revoked_by IS NULL)))
);

ALTER TABLE "platform"."api_keys"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "platform"."deliveries" (
  "system"         text                     NOT NULL,
  "kind"           text                     NOT NULL,
  "topic"          text                     NOT NULL,
  "payload"        jsonb                    NOT NULL,
  "endpoint_id"    uuid,
  "event_id"       uuid,
  "lane"           text                     GENERATED ALWAYS AS (COALESCE((endpoint_id)::text, kind)) STORED NOT NULL,
  "attempts"       integer                  NOT NULL DEFAULT 0,
  "created_at"     timestamp with time zone NOT NULL DEFAULT now(),
  "available_at"   timestamp with time zone NOT NULL DEFAULT now(),
  "deliver_before" timestamp with time zone,
  "delivered_at"   timestamp with time zone,
  "failed_at"      timestamp with time zone,
  "error"          text,
  CONSTRAINT "delivery_ends_once" CHECK (((delivered_at IS NULL) OR (failed_at IS NULL))),
  CONSTRAINT "delivery_error_is_a_code" CHECK ((error ~ '^[a-z0-9_]{1,60}$'::text)),
  CONSTRAINT "delivery_kind_is_known" CHECK ((kind = ANY (ARRAY['webhook'::text, 'mail'::text, 'sms'::text]))),
  CONSTRAINT "webhook_has_its_endpoint" CHECK ((((kind = 'webhook'::text) = (endpoint_id IS NOT NULL)) AND ((kind = 'webhook'::text) = (event_id IS NOT NULL))))
);

ALTER TABLE "platform"."deliveries"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "platform"."retention_rules" (
  "relation"   text                     NOT NULL,
  "since"      text                     NOT NULL,
  "term"       interval                 NOT NULL,
  "condition"  text                     NOT NULL DEFAULT 'true'::text,
  "checked_at" timestamp with time zone NOT NULL DEFAULT '-infinity'::timestamp WITH time zone,
  CONSTRAINT "retention_rules_pkey" PRIMARY KEY (relation, since),
  CONSTRAINT "retention_rules_term_check" CHECK ((term >= '1 day'::interval))
);

ALTER TABLE "platform"."retention_rules"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "platform"."settings"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "platform"."webhook_endpoints" (
  "id"          uuid                     NOT NULL,
  "system"      text                     NOT NULL,
  "url"         text                     NOT NULL,
  "events"      text[]                   NOT NULL DEFAULT '{*}'::text[],
  "description" text                     NOT NULL DEFAULT ''::text,
  "status"      text                     NOT NULL DEFAULT 'active'::text,
  "created_at"  timestamp with time zone NOT NULL DEFAULT now(),
  "updated_at"  timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "webhook_description_is_short" CHECK ((length(description) <= 200)),
  CONSTRAINT "webhook_endpoints_pkey" PRIMARY KEY (id),
  CONSTRAINT "webhook_events_are_topics" CHECK ((array_to_string(events, ' '::text, '?'::text) ~ '^(\*|[a-z0-9_]+(\.[a-z0-9_]+)*( [a-z0-9_]+(\.[a-z0-9_]+)*)*)$'::text)),
  CONSTRAINT "webhook_status_is_known" CHECK ((status = ANY (ARRAY['active'::text, 'paused'::text])))
);

ALTER TABLE "platform"."webhook_endpoints"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "platform"."webhook_secrets" (
  "endpoint_id"   uuid NOT NULL,
  "sealed_secret" text NOT NULL,
  CONSTRAINT "webhook_secret_is_sealed" CHECK ((sealed_secret ~~ 'v1.%'::text)),
  CONSTRAINT "webhook_secrets_pkey" PRIMARY KEY (endpoint_id)
);

ALTER TABLE "platform"."webhook_secrets"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "leads"."import_files"
  ADD COLUMN "mappings" jsonb NOT NULL DEFAULT '{}'::jsonb;

ALTER TABLE "leads"."import_files"
  ADD COLUMN "staged_rows" bigint NOT NULL DEFAULT 0;

ALTER TABLE "leads"."import_files"
  ADD COLUMN "staged_to" jsonb;

ALTER TABLE "leads"."import_files"
  ADD COLUMN "is_staged" boolean NOT NULL DEFAULT false;

ALTER TABLE "leads"."invoices"
  ADD COLUMN "system" text GENERATED ALWAYS AS ('leads'::text) STORED NOT NULL;

ALTER TABLE "leads"."leads"
  ADD COLUMN "call_basis" text GENERATED ALWAYS AS (
CASE
    WHEN has_consent THEN ''::text
    ELSE (((supplier_id)::text || ' '::text) || lower(COALESCE(source, '-'::text)))
END) STORED NOT NULL;

ALTER TABLE "leads"."payment_events"
  ADD COLUMN "currency" text;

ALTER TABLE "leads"."payment_events"
  ADD COLUMN "cause" text;

ALTER TABLE "platform"."notifications"
  ADD COLUMN "about" uuid;

ALTER TABLE "platform"."profiles"
  ADD COLUMN "proven_at" timestamp WITH time zone;

ALTER TABLE "platform"."system_roles"
  ADD COLUMN "needs_acceptance" boolean NOT NULL DEFAULT false;

CREATE TYPE "platform"."personal_place" AS (
  "relation"    text,
  "column_name" text,
  "whose"       text,
  "shown"       text[],
  "fate"        text,
  "why"         text
);

CREATE TYPE "platform"."rule" AS (
  "field"   text,
  "holds"   boolean,
  "message" text
);

CREATE TYPE "platform"."vat_line" AS (
  "cents"   bigint,
  "rate_bp" integer
);

CREATE OR REPLACE FUNCTION leads.accept_import (
  reference text
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_import leads.imports := leads.pending_import(reference);
begin
  perform from leads.suppliers s where s.id = v_import.supplier_id and s.status <> 'suspended';
  if not found then
    perform platform.fail(409, 'supplier_not_active',
      'Le fournisseur de cet import est suspendu : ses leads ne peuvent pas entrer.');
  end if;
  -- The pending import has no rows: it was loaded with its counts only, or all its people were erased.
  if not exists (select from leads.import_held_rows h where h.import_id = v_import.id) then
    perform platform.fail(409, 'import_rows_missing',
      'Les lignes de cet import ne sont pas conservées ici : il peut seulement être écarté.');
  end if;
  delete from leads.import_rejects r where r.import_id = v_import.id;
  update leads.imports i set status = 'processing' where i.id = v_import.id;
  insert into leads.import_rows select h.* from leads.import_held_rows h where h.import_id = v_import.id;
  delete from leads.import_held_rows h where h.import_id = v_import.id;
  perform leads.merge_import(v_import.id, v_import.on_duplicate, accepted => true);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.accept_refund (
  refund_id          uuid,
  provider_reference text
)
  RETURNS leads.refunds
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_refund leads.refunds := leads.refund_to_settle(refund_id);
  v_order leads.pack_orders;
  v_pack text;
begin
  select o.* into v_order from leads.pack_orders o where o.id = v_refund.order_id;
  if v_refund.status in ('accepted', 'reversed') then
    perform leads.keep_refund(v_order.id, v_refund.id, provider_reference);
    return v_refund;
  end if;
  -- The acceptance arrived late: the refund is already known to have failed.
  if v_refund.failed_at is not null then return v_refund; end if;
  -- The money was sent twice but the ledger can refund the price only once: the refund is refused and an admin has to
  -- check it.
  if v_refund.amount_cents > leads.refundable_cents(v_order) then
    update leads.refunds r set status = 'refused', cause = 'beyond_price',
      provider_reference = leads.refund_name(r, accept_refund.provider_reference)
    where r.id = v_refund.id returning r.* into v_refund;
    return v_refund;
  end if;
  select s.credits, s.bonus into v_refund.credits, v_refund.bonus
  from leads.share_of_refund(v_order, v_refund.amount_cents) s;
  v_refund := leads.take_credits_back(v_refund, v_order.buyer_id);
  v_pack := case when v_refund.amount_cents < v_order.price_cents then 'partiel ' else '' end || 'Pack '
    || v_order.pack_name;
  update leads.refunds r set status = 'accepted',
    provider_reference = leads.refund_name(r, accept_refund.provider_reference), cause = null,
    credits = v_refund.credits, bonus = v_refund.bonus, credits_lost = v_refund.credits_lost,
    bonus_lost = v_refund.bonus_lost,
    transaction_id = leads.record_transaction('refund', v_order.buyer_id, 'acheteur', v_refund.amount_cents,
      v_refund.credits,
      case v_refund.kind when 'dispute' then 'Contestation perdue — ' else 'Remboursement ' end || v_pack,
      (select t.payment_method from leads.transactions t where t.id = v_order.transaction_id))
  where r.id = v_refund.id returning r.* into v_refund;
  v_order := leads.sum_refunds(v_order.id);
  perform leads.refuse_waiting(v_order, case v_refund.kind when 'dispute' then 'dispute_lost'
    else 'charge_already_refunded' end);
  perform leads.tell_refund(v_order, v_refund);
  return v_refund;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.accept_return (
  given leads.returns,
  note  text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_sale leads.sales;
  v_reversal uuid;
  v_recovered integer;
begin
  select s.* into strict v_sale from leads.sales s where s.buyer_id = given.buyer_id and s.lead_id = given.lead_id;
  perform from leads.leads l where l.id = given.lead_id for no key update;
  insert into leads.earnings (supplier_id, kind, buyer_id, lead_id, amount_cents, payable_from)
    values (v_sale.supplier_id, 'return', v_sale.buyer_id, v_sale.lead_id, -v_sale.supplier_share_cents,
      v_sale.return_until);
  if v_sale.budget_cents > 0 then
    perform platform.lock_balances('leads', v_sale.buyer_id);
    perform leads.give_budget_back(v_sale);
  end if;
  v_reversal := platform.reverse_transfer(v_sale.transfer_id, 'return', given.id::text);
  v_recovered := leads.recover_loss(given, v_sale.credits);
  update leads.returns r set status = 'accepted', decided_at = now(), decided_by = auth.uid(), decision_note = note,
    transfer_id = v_reversal, credits_recovered = v_recovered
  where r.id = given.id;
  perform leads.take_lead_back(given);
  update leads.payments p set status = 'refunded' where p.lead_id = given.lead_id and p.buyer_id = given.buyer_id;
  perform leads.record_transaction('refund', given.buyer_id, 'acheteur', v_sale.price_cents, v_sale.credits,
    'Remboursement lead — ' || given.lead_name, 'Crédits');
  perform platform.notify(given.buyer_id, 'leads', 'success', 'Retour accepté',
    format('%s crédits vous ont été rendus pour le lead %s.', v_sale.credits - v_recovered, given.lead_name));
  perform platform.notify((select s.user_id from leads.suppliers s where s.id = v_sale.supplier_id), 'leads',
    'warning', 'Lead retourné', format('Le lead %s a été retourné par son acheteur ; %s € sont retirés de vos gains.',
      given.lead_name, platform.amount_text(v_sale.supplier_share_cents)));
end;
$function$;

CREATE OR REPLACE FUNCTION leads.accept_upload (
  supplier_id  uuid,
  file_name    text,
  path         text,
  sha256       bytea,
  on_duplicate text,
  reading      jsonb,
  OUT          reference text,
  OUT          opened boolean
)
  RETURNS record
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_import record := leads.open_import(supplier_id, file_name, sha256, on_duplicate, reading);
begin
  if v_import.opened then
    insert into leads.import_files (import_id, path, mappings) values (v_import.id, accept_upload.path, coalesce(
      (select jsonb_object_agg(m.header, m.field) from leads.import_mappings m
        where m.supplier_id = accept_upload.supplier_id), '{}'));
  end if;
  reference := v_import.reference;
  opened := v_import.opened;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.account_files_to_remove()
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select coalesce(jsonb_agg(o.name order by o.name), '[]') from storage.objects o
  join platform.profiles p on p.erased_at is not null and p.id::text = split_part(o.name, '/', 1)
  where o.bucket_id = 'avatars';
$function$;

CREATE OR REPLACE FUNCTION leads.account_of (
  email text,
  OUT   user_id uuid,
  OUT   unproven_id uuid,
  OUT   supplier_ids uuid[]
)
  RETURNS record
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_emails text[] := array[account_of.email, lower(platform.shown_email(account_of.email))];
begin
  user_id := (select u.id from auth.users u where u.email = any (v_emails) and platform.is_proven(u.id) limit 1);
  unproven_id := (select u.id from auth.users u
    where u.email = any (v_emails) and not platform.is_proven(u.id) limit 1);
  supplier_ids := leads.suppliers_of(user_id, account_of.email);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.account_problems (
  iban text,
  bic  text
)
  RETURNS jsonb
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('field', p.field, 'code', p.code, 'message', p.message)), '[]')
  from (
    select 'iban' as field, i.code, case i.code
      when 'required' then 'L''IBAN est obligatoire.'
      when 'unknown_country' then 'Ce pays n''a pas d''IBAN.'
      when 'invalid_length' then 'Cet IBAN n''a pas la longueur de ceux de son pays.'
      when 'invalid_check_digits' then 'La clé de cet IBAN est fausse : vérifiez la saisie.'
      when 'not_sepa' then 'Ce pays n''est pas dans la zone SEPA.'
      else 'Ce n''est pas un IBAN.' end as message
    from (select coalesce(platform.iban_problem(iban),
      case when not platform.is_sepa_iban(iban) then 'not_sepa' end) as code) i
    where i.code is not null
    union all
    select 'bic', 'invalid_format', 'Ce n''est pas un BIC : 8 ou 11 caractères.' where not platform.is_bic(bic)
    union all
    select 'bic', 'required', 'Hors de l''Espace économique européen, le BIC est obligatoire.'
    where bic is null and platform.needs_bic(iban)
  ) p;
$function$;

CREATE OR REPLACE FUNCTION leads.acheteur_profile (
  OUT id text,
  OUT email text,
  OUT "firstName" text,
  OUT "lastName" text,
  OUT role text,
  OUT company text,
  OUT phone text,
  OUT credits numeric,
  OUT "createdAt" text,
  OUT "totalLeadsPurchased" numeric,
  OUT "conversionRate" numeric,
  OUT "preferredSectors" text[],
  OUT "preferredRegions" text[]
)
  RETURNS record
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION leads.add_call (
  lead          leads.leads,
  report        jsonb,
  outside_rules text[]
)
  RETURNS leads.calls
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_seconds integer := (report ->> 'durationSeconds')::integer;
  v_path text := report ->> 'recordingPath';
  v_call leads.calls;
begin
  insert into leads.calls (lead_id, agent_id, lead_name, lead_company, agent_name, duration_seconds, duration,
    recording_path, recording_size, recording_status, result, outside_rules)
  select lead.id, auth.uid(), btrim(lead.first_name || ' ' || c.last_name), lead.company,
    btrim(p.first_name || ' ' || p.last_name), v_seconds,
    v_seconds / 60 || ':' || lpad((v_seconds % 60)::text, 2, '0'), v_path,
    (select round((o.metadata ->> 'size')::numeric / 1048576, 1) || ' MB' from storage.objects o
      where o.bucket_id = 'recordings' and o.name = v_path),
    case when v_path is null then 'archived' else 'available' end, report ->> 'result', add_call.outside_rules
  from leads.lead_contacts c, platform.profiles p where c.lead_id = lead.id and p.id = auth.uid()
  returning * into v_call;
  -- A person who is not qualified counts as refusing further calls, unless the agent reports another reason.
  insert into leads.called_people (person_hash, called_at, call_id, refused)
  select h, now() - make_interval(secs => v_seconds), v_call.id,
    coalesce((nullif(report -> 'refused', 'null'))::boolean, report ->> 'result' = 'not_qualified')
  from unnest(leads.person_hashes(lead.id)) h;
  return v_call;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.add_lead (
  given jsonb
)
  RETURNS text
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_supplier uuid;
  v_check record;
  v_new leads.checked_lead;
  v_problems jsonb;
  v_lead leads.leads;
begin
  perform platform.require_role('leads', 'admin', 'fournisseur');
  if jsonb_typeof(given) is distinct from 'object' then
    perform platform.fail(400, 'invalid_body', 'Un lead est attendu.');
  end if;
  v_supplier := leads.supplier_of_new_lead(given ->> 'fournisseur');
  -- The lock is taken before the row is staged, so that a running merge finds the staging table unlocked at its end.
  perform pg_advisory_xact_lock_shared(hashtext('leads.merge_import'));
  v_check := leads.check_lead(given - array['fournisseur', 'consent']);
  v_new := v_check.checked;
  v_problems := v_check.problems;
  if given -> 'consent' <> 'null' then v_problems := v_problems || leads.consent_problems(given -> 'consent'); end if;
  perform platform.refuse_fields(v_problems);
  perform leads.refuse_duplicate(v_supplier, v_new.email, array[v_new.phone, v_new.phone2]);

  v_lead.id := platform.uuid_v7();
  insert into leads.leads (id, reference, supplier_id, first_name, last_name_mask, email_mask, phone_mask, company,
    sector, region, city, source, channel, score, price_cents, is_exclusive, summary, collected_at, has_consent)
  values (v_lead.id, v_lead.id::text, v_supplier, v_new.first_name, platform.mask_last_name(v_new.last_name),
    platform.mask_email(v_new.email), platform.mask_phone(v_new.phone), v_new.company, v_new.sector, v_new.region,
    v_new.city, v_new.source, v_new.channel, v_new.score, v_new.price_cents, v_new.is_exclusive, v_new.summary,
    v_new.collected_at, coalesce(given -> 'consent', 'null') <> 'null')
  returning * into v_lead;
  insert into leads.lead_contacts (lead_id, supplier_id, last_name, email, phone, phone2, notes)
  values (v_lead.id, v_supplier, v_new.last_name, v_new.email, v_new.phone, v_new.phone2, v_new.notes);
  if given -> 'consent' <> 'null' then perform leads.keep_consent(v_lead, given -> 'consent'); end if;
  perform platform.emit('leads', 'lead.created', jsonb_build_object('lead', v_lead.reference));
  return v_lead.reference;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.add_rule (
  given jsonb
)
  RETURNS text
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_kind leads.rule_kinds;
  v_reference text;
  v_new jsonb;
begin
  perform platform.require_role('leads', 'admin');
  if jsonb_typeof(given) is distinct from 'object' then
    perform platform.fail(400, 'invalid_body', 'Une règle est attendue.');
  end if;
  select k.* into v_kind from leads.rule_kinds k where k.kind = given ->> 'kind';
  if not found then
    perform platform.refuse_fields(platform.field_problem('kind',
      case when given ? 'kind' then 'invalid_value' else 'required' end,
      'Genres connus : ' || (select string_agg(k.kind, ', ' order by k.kind) from leads.rule_kinds k) || '.'));
  end if;
  v_new := jsonb_build_object('name', v_kind.name, 'description', v_kind.description, 'unit', v_kind.unit,
    'active', true) || (given - 'kind');
  perform platform.refuse_fields(leads.rule_problems(v_new, v_kind)
    || leads.body_problems(given, array['kind', 'value', 'active']));
  insert into leads.credit_rules (name, description, value, unit, active)
  values (v_kind.name, v_kind.description, (v_new ->> 'value')::numeric, v_kind.unit, (v_new ->> 'active')::boolean)
  on conflict (kind) do nothing returning reference into v_reference;
  if v_reference is null then
    perform platform.fail(409, 'rule_exists', 'Cette règle existe déjà.',
      (select 'Modifiez ' || r.reference || '.' from leads.credit_rules r where r.kind = v_kind.kind));
  end if;
  return v_reference;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.admin_erase (
  id     text,
  oppose boolean
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_user uuid := leads.holder_named(admin_erase.id);
  v_email text;
begin
  perform pg_advisory_xact_lock(hashtext('leads.merge_import'));
  -- The lock comes before the question, so that nobody joins another system in between.
  perform platform.begin_erasure(v_user);
  if auth.role() is distinct from 'service_role' and platform.is_elsewhere(v_user, 'leads') then
    perform platform.fail(409, 'member_elsewhere',
      'Cette personne est aussi membre d''un autre système : son compte ne peut pas être effacé d''ici.',
      'Suspendez-la, ou demandez l''effacement à l''exploitant de la plateforme.');
  end if;
  v_email := leads.proven_email(v_user);
  return leads.erase_person(v_email, null, v_user, leads.suppliers_of(v_user, v_email), coalesce(oppose, false));
end;
$function$;

CREATE OR REPLACE FUNCTION leads.admin_export (
  id text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_user uuid := leads.holder_named(admin_export.id);
begin
  -- The operators' key belongs to no account, so the limit on attempts does not apply to it.
  if auth.uid() is not null then perform platform.require_attempt('auth', 'export_account', auth.uid()::text); end if;
  return leads.holder_export(v_user, case when auth.role() is distinct from 'service_role' then 'leads' end);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.advance_import (
  import_id uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if platform.kept('leads', 'import.pending', import_id::text) > current_setting('max_connections')::integer then
    update leads.imports i set qualification_status = 'en_cours'
    where i.id = import_id and i.qualification_status <> 'en_cours';
    return;
  end if;
  perform from leads.imports i where i.id = import_id for no key update;
  update leads.imports i set qualification_status = p.status
  from (select case when platform.kept('leads', 'import.pending', import_id::text) <= 0 then 'termine'
    else 'en_cours' end as status) p
  where i.id = import_id and i.qualification_status <> p.status;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.agent_profile (
  OUT id text,
  OUT email text,
  OUT "firstName" text,
  OUT "lastName" text,
  OUT role text,
  OUT company text,
  OUT phone text,
  OUT "createdAt" text,
  OUT "leadsQualifiedToday" numeric,
  OUT "totalLeadsQualified" numeric,
  OUT "averageCallDuration" numeric,
  OUT "qualificationRate" numeric
)
  RETURNS record
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION leads.answer_refund (
  refund_id uuid,
  outcome   text,
  reference text,
  cause     text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_before leads.refunds := leads.refund_to_settle(refund_id);
  v_refund leads.refunds;
begin
  if outcome = 'refused' then
    perform leads.refuse_refund(refund_id, cause, reference, case when reference is not null then now() end);
  elsif outcome = 'pending' then
    perform leads.keep_refund(v_before.order_id, refund_id, reference);
  else
    v_refund := leads.accept_refund(refund_id, reference);
    -- While the provider was asked, the credits were spent or the money went back another way.
    if (v_refund.status, v_refund.cause) is distinct from (v_before.status, v_before.cause)
      and (v_refund.status = 'refused' or v_refund.credits_lost > 0) then
      perform leads.report_payment(jsonb_populate_record(null::leads.payment_events,
        jsonb_build_object('order_id', v_refund.order_id, 'meaning', 'refund_made',
        'amount_cents', v_refund.amount_cents, 'outcome', case v_refund.status when 'refused' then 'other_amount'
          else 'credits_lost' end)));
    end if;
  end if;
  return (select jsonb_build_object('status', r.status, 'cause', r.cause) from leads.refunds r where r.id = refund_id);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.apply_dispute (
  pack_order leads.pack_orders,
  event      jsonb
)
  RETURNS text
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if exists (select from leads.refunds r
    where r.order_id = pack_order.id and r.provider_reference = event ->> 'reference') then
    return 'nothing_to_do';
  end if;
  if pack_order.status = 'completed' and lower(event ->> 'currency') = 'eur'
    and (event ->> 'amountCents')::bigint between 0 and leads.refundable_cents(pack_order) then
    perform leads.book_made(pack_order, 'dispute', (event ->> 'amountCents')::bigint, event ->> 'reference');
    return 'reported';
  end if;
  return 'other_amount';
end;
$function$;

CREATE OR REPLACE FUNCTION leads.apply_early_events (
  pack_order leads.pack_orders
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_event leads.payment_events;
begin
  for v_event in
    select e.* from leads.payment_events e
    where e.order_id = pack_order.id and e.outcome = 'waiting'
      and e.payment_reference is not distinct from pack_order.payment_reference
      or e.order_id is null and e.payment_reference = pack_order.payment_reference and e.provider = pack_order.provider
        and e.meaning in ('refunded', 'refund_made', 'refund_failed', 'dispute_lost')
    order by e.occurred_at, e.received_at
  loop
    perform leads.close_event(v_event, pack_order.id,
      leads.apply_event(pack_order, v_event.provider, jsonb_build_object('meaning', v_event.meaning,
      'reference', v_event.reference, 'payment', v_event.payment_reference, 'amountCents', v_event.amount_cents,
      'currency', v_event.currency,
      'cause', v_event.cause, 'occurredAt', extract(epoch from v_event.occurred_at)::bigint)));
  end loop;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.apply_event (
  pack_order leads.pack_orders,
  provider   text,
  event      jsonb
)
  RETURNS text
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  return case
    when event ->> 'meaning' = 'dispute_lost' and pack_order.id is not null then leads.apply_dispute(pack_order, event)
    -- A dispute does not name its order and may be reported before the payment: the admins are notified in any case.
    when event ->> 'meaning' in ('disputed', 'dispute_won', 'dispute_lost') then 'reported'
    when pack_order.id is null then 'unknown_order'
    when event ->> 'meaning' = 'paid' then leads.apply_payment(pack_order, provider, event)
    when event ->> 'meaning' = 'refunded' then leads.apply_refund(pack_order, event)
    when event ->> 'meaning' in ('refund_made', 'refund_failed') then leads.apply_refund_news(pack_order, event)
    else leads.apply_failure(pack_order, provider, event) end;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.apply_payment (
  pack_order leads.pack_orders,
  provider   text,
  event      jsonb
)
  RETURNS text
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if pack_order.status in ('completed', 'refunded') then
    return case when event ->> 'payment' is distinct from pack_order.payment_reference then 'paid_twice'
      else 'nothing_to_do' end;
  end if;
  if not leads.is_whole_price(pack_order, event) then return 'other_amount'; end if;
  perform leads.apply_early_events(leads.settle_order(pack_order.id, provider, event ->> 'reference',
    event ->> 'payment'));
  return 'done';
end;
$function$;

CREATE OR REPLACE FUNCTION leads.apply_refund (
  pack_order leads.pack_orders,
  event      jsonb
)
  RETURNS text
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_new bigint := (event ->> 'amountCents')::bigint - leads.refunded_cents(pack_order.id,
    to_timestamp((event ->> 'occurredAt')::bigint));
  v_refund leads.refunds;
  v_lost integer;
begin
  if lower(event ->> 'currency') is distinct from 'eur'
    or (event ->> 'amountCents')::bigint not between 0 and pack_order.price_cents then
    return 'other_amount';
  end if;
  if pack_order.status in ('pending', 'failed') then return 'waiting'; end if;
  if event ->> 'payment' is distinct from pack_order.payment_reference then return 'nothing_to_do'; end if;
  if v_new <= 0 then
    perform leads.keep_refund(pack_order.id,
      (select r.id from leads.refunds r where r.order_id = pack_order.id and r.kind <> 'dispute'
        and r.status = 'accepted'
      and r.provider_reference is null order by r.id desc limit 1), event ->> 'reference');
    return 'nothing_to_do';
  end if;
  -- An amount beyond the rest of the price means that a dispute has taken the money as well: an admin has to check it.
  if v_new > leads.refundable_cents(pack_order) then return 'other_amount'; end if;
  select r.* into v_refund from leads.refunds r where r.order_id = pack_order.id and r.status = 'requested'
    and r.amount_cents <= v_new;
  if found then
    v_refund := leads.accept_refund(v_refund.id, event ->> 'reference');
    v_new := v_new - v_refund.amount_cents;
    v_lost := v_refund.credits_lost + v_refund.bonus_lost;
  end if;
  if v_new > 0 then
    v_refund := leads.book_made(pack_order, 'made', v_new, case when v_lost is null then event ->> 'reference' end);
    v_lost := coalesce(v_lost, 0) + v_refund.credits_lost + v_refund.bonus_lost;
  end if;
  return case when v_lost > 0 then 'credits_lost' else 'done' end;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.apply_refund_news (
  pack_order leads.pack_orders,
  event      jsonb
)
  RETURNS text
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_failed_at timestamptz := to_timestamp((event ->> 'occurredAt')::bigint);
  v_known leads.refunds := leads.told_refund(pack_order.id, event);
  v_refund leads.refunds;
begin
  if pack_order.status in ('pending', 'failed') then return 'waiting'; end if;
  if event ->> 'payment' is distinct from pack_order.payment_reference then return 'nothing_to_do'; end if;
  if event ->> 'meaning' = 'refund_made' then
    if v_known.id is null then return 'nothing_to_do'; end if;
    v_refund := leads.accept_refund(v_known.id, event ->> 'reference');
    return case when (v_refund.status, v_refund.cause) is not distinct from (v_known.status, v_known.cause)
      then 'nothing_to_do'
      when v_refund.status = 'refused' then 'other_amount'
      when v_refund.credits_lost + v_refund.bonus_lost > 0 then 'credits_lost' else 'done' end;
  end if;
  if v_known.id is null then
    -- A refund of another amount has this id already: an admin has to find out which one failed.
    insert into leads.refunds (order_id, kind, status, amount_cents, provider_reference, cause, failed_at)
    values (pack_order.id, 'made', 'refused', (event ->> 'amountCents')::bigint, event ->> 'reference',
      left(event ->> 'cause', 100), v_failed_at)
    on conflict (order_id, provider_reference) do nothing;
    return case when found then 'refused' else 'other_amount' end;
  end if;
  -- The refund gets its id before it is reversed, because the provider reports one failure by several events.
  perform leads.keep_refund(pack_order.id, v_known.id, event ->> 'reference');
  if v_known.status = 'accepted' then
    perform leads.reverse_refund(v_known.id, event ->> 'cause', v_failed_at);
    return 'reversed';
  end if;
  if v_known.failed_at is not null then return 'nothing_to_do'; end if;
  perform leads.refuse_refund(v_known.id, event ->> 'cause', event ->> 'reference', v_failed_at);
  return 'refused';
end;
$function$;

CREATE OR REPLACE FUNCTION leads.begin_import (
  supplier_id uuid,
  file_name   text
)
  RETURNS uuid
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_import uuid;
begin
  perform from leads.suppliers s where s.id = begin_import.supplier_id and s.status <> 'suspended';
  if not found then
    perform platform.fail(403, 'supplier_not_active',
      'Ce fournisseur est inconnu ou suspendu : il ne peut pas importer de leads.');
  end if;
  -- clock_timestamp() instead of now(): the duration of the import counts from here, even inside one transaction.
  insert into leads.imports (supplier_id, file_name, created_at)
    values (begin_import.supplier_id, begin_import.file_name, clock_timestamp())
  returning id into v_import;
  return v_import;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.begin_slice (
  import_id uuid,
  OUT       staged_to jsonb,
  OUT       staged_rows bigint,
  OUT       is_staged boolean
)
  RETURNS record
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform from leads.imports i where i.id = import_id and i.status = 'processing' for no key update;
  if not found then
    perform platform.fail(409, 'import_not_open', 'Cet import est inconnu ou déjà terminé.');
  end if;
  -- Checks still running in a killed session must end first.
  perform leads.hold_import_checks(import_id);
  select f.staged_to, f.staged_rows, f.is_staged into begin_slice.staged_to, begin_slice.staged_rows,
    begin_slice.is_staged
  from leads.import_files f where f.import_id = begin_slice.import_id for update;
  if (select count(*) from leads.import_rows r
    where r.import_id = begin_slice.import_id) = begin_slice.staged_rows then
    return;
  end if;

  perform leads.delete_import_rows(import_id);
  update leads.import_files f set staged_to = null, staged_rows = 0, is_staged = false
  where f.import_id = begin_slice.import_id
  returning f.staged_to, f.staged_rows, f.is_staged into begin_slice.staged_to, begin_slice.staged_rows,
    begin_slice.is_staged;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.begin_staging (
  import_id uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform from leads.imports i where i.id = import_id and i.status = 'processing' for no key update;
  if not found then
    perform platform.fail(409, 'import_not_open', 'Cet import est inconnu ou déjà terminé.');
  end if;
  -- Checks still running in a killed session must end first.
  perform leads.hold_import_checks(import_id);
  perform leads.delete_import_rows(import_id);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.body_problems (
  given jsonb,
  known text[],
  shown jsonb  DEFAULT '{}'::jsonb
)
  RETURNS jsonb
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('field', f.field, 'code', p.code, 'message', p.message)), '[]')
  from jsonb_object_keys(given) as f (field)
  cross join lateral (
    select 'unknown_field' as code, 'Ce champ n''existe pas.' as message
    where not f.field = any (known) and not shown ? f.field
    union all
    select 'read_only', 'Ce champ ne se modifie pas.' where shown ? f.field and shown -> f.field <> given -> f.field
  ) p;
$function$;

CREATE OR REPLACE FUNCTION leads.book_made (
  pack_order         leads.pack_orders,
  kind               text,
  amount_cents       bigint,
  provider_reference text
)
  RETURNS leads.refunds
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_id uuid;
begin
  -- The row is inserted as refused, so that it does not conflict with a requested refund; it is accepted immediately.
  insert into leads.refunds (order_id, kind, status, amount_cents)
    values (pack_order.id, book_made.kind, 'refused', book_made.amount_cents) returning id into v_id;
  return leads.accept_refund(v_id, provider_reference);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.calling_at (
  at timestamp with time zone DEFAULT now()
)
  RETURNS leads.calling
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_rule jsonb := leads.work_rule('calling');
begin
  return (at, v_rule, leads.open_regions(at, v_rule), array(
    select '' union all
    select s.id::text || ' ' || lower(e.source)
    from jsonb_to_recordset(v_rule -> 'sourcesWithoutConsent') e (supplier text, source text)
    join leads.suppliers s on s.reference = e.supplier))::leads.calling;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.calling_hours_hold (
  hours jsonb
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
declare
  v_form constant text := '^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$';
begin
  if jsonb_typeof(hours) is distinct from 'array' or jsonb_array_length(hours) not between 1 and 6 then
    return false;
  end if;
  return not exists (select from jsonb_array_elements(hours) h
    where jsonb_typeof(h) <> 'object' or coalesce(h ->> 'from', '') !~ v_form or coalesce(h ->> 'until', '') !~ v_form
      or h ->> 'from' >= h ->> 'until' or h - array['from', 'until'] <> '{}');
end;
$function$;

CREATE OR REPLACE FUNCTION leads.calling_problems (
  rule jsonb
)
  RETURNS jsonb
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('field', field, 'code', case when rule ? field then 'invalid_value'
    else 'required' end, 'message', message)), '[]')
  from (values
    ('days', jsonb_typeof(rule -> 'days') = 'array' and rule -> 'days' <@ '[1, 2, 3, 4, 5, 6, 7]',
      'Les jours sont des nombres de 1 (lundi) à 7 (dimanche).'),
    ('hours', leads.calling_hours_hold(rule -> 'hours'),
      'Les plages horaires ont un début et une fin, de 00:00 à 24:00 : {"from": "10:00", "until": "13:00"}.'),
    ('onHolidays', jsonb_typeof(rule -> 'onHolidays') = 'boolean', 'Vrai ou faux est attendu.'),
    ('callsPerDay', leads.is_count(rule -> 'callsPerDay', 1, 1000, true),
      'Le nombre d''appels est un entier de 1 à 1 000, ou vide : sans limite.'),
    ('callsPer30Days', leads.is_count(rule -> 'callsPer30Days', 1, 1000, true),
      'Le nombre d''appels est un entier de 1 à 1 000, ou vide : sans limite.'),
    ('refusalDays', leads.is_count(rule -> 'refusalDays', 0, 3650),
      'Le délai est un nombre entier de jours, de 0 à 3 650.'),
    ('sourcesWithoutConsent', leads.exemptions_hold(rule -> 'sourcesWithoutConsent'),
      'Une source vaut pour un fournisseur, nommé par sa référence : {"supplier": "F-001", "source": "Salon"} ; « - » : ses leads sans source ; 200 au plus.')
  ) as checked (field, holds, message)
  where holds is not true;
$function$;

CREATE OR REPLACE FUNCTION leads.change_lead (
  reference text,
  given     jsonb,
  expected  text
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_shown constant text[] := array['id', 'status', 'qualificationStatus', 'createdAt', 'updatedAt',
    'hasAudioRecording'];
  v_lead leads.leads;
  v_contact leads.lead_contacts;
  v_check record;
  v_new leads.checked_lead;
  v_problems jsonb;
begin
  perform platform.require_role('leads', 'admin', 'fournisseur');
  if jsonb_typeof(given) is distinct from 'object' then
    perform platform.fail(400, 'invalid_body', 'Un lead est attendu.');
  end if;
  -- This comes before the lead is locked, because a running merge may be waiting for the lead.
  if given ?| array['email', 'phone', 'phone2'] then
    perform pg_advisory_xact_lock_shared(hashtext('leads.merge_import'));
  end if;
  v_lead := leads.lead_to_change(reference, coalesce(expected, given ->> 'updatedAt'));
  if leads.is_sold(v_lead) and not platform.has_role('leads', 'admin') then
    perform platform.fail(409, 'lead_sold', 'Ce lead est vendu : il ne se modifie plus.');
  end if;
  select c.* into v_contact from leads.lead_contacts c where c.lead_id = v_lead.id;
  -- Omitted fields keep their value.
  v_check := leads.check_lead(
    jsonb_build_object('firstName', v_lead.first_name, 'lastName', v_contact.last_name, 'email', v_contact.email,
      'phone', v_contact.phone, 'phone2', v_contact.phone2,
      'company', v_lead.company, 'sector', v_lead.sector, 'region', v_lead.region, 'city', v_lead.city,
      'source', v_lead.source,
      'channel', v_lead.channel, 'score', v_lead.score, 'price', platform.euros(v_lead.price_cents),
      'isExclusive', v_lead.is_exclusive,
      'notes', v_contact.notes, 'summary', v_lead.summary, 'collectedAt', platform.iso_timestamp(v_lead.collected_at))
    || (given - v_shown - 'consent'));
  v_new := v_check.checked;
  v_problems := v_check.problems || leads.read_only_problems(v_lead, given);
  if given -> 'consent' <> 'null' then v_problems := v_problems || leads.consent_problems(given -> 'consent'); end if;
  perform platform.refuse_fields(v_problems);
  if v_new.email is distinct from v_contact.email or v_new.phone is distinct from v_contact.phone
    or v_new.phone2 is distinct from v_contact.phone2 then
    perform leads.refuse_duplicate(v_lead.supplier_id, nullif(v_new.email, v_contact.email),
      array(select n from unnest(array[v_new.phone, v_new.phone2]) n
        where n not in (coalesce(v_contact.phone, ''), coalesce(v_contact.phone2, ''))), v_lead.id);
  end if;

  -- Contact and summary are checked against each other (leads.hidden_text): the old summary is removed first, so that
  -- it is not checked against the new contact.
  update leads.leads l set summary = null where l.id = v_lead.id and l.summary <> coalesce(v_new.summary, '')
    and (v_new.last_name, v_new.email, v_new.phone, v_new.phone2)
      is distinct from (v_contact.last_name, v_contact.email, v_contact.phone, v_contact.phone2);
  update leads.lead_contacts c set last_name = v_new.last_name, email = v_new.email, phone = v_new.phone,
    phone2 = v_new.phone2, notes = v_new.notes,
    -- A change of either name means that the name has been split.
    name_unsplit = c.name_unsplit and v_new.first_name = v_lead.first_name and v_new.last_name = v_contact.last_name
  where c.lead_id = v_lead.id;
  update leads.leads l set first_name = v_new.first_name, last_name_mask = platform.mask_last_name(v_new.last_name),
    email_mask = platform.mask_email(v_new.email), phone_mask = platform.mask_phone(v_new.phone),
    company = v_new.company, sector = v_new.sector, region = v_new.region, city = v_new.city, source = v_new.source,
    channel = v_new.channel, score = v_new.score, price_cents = v_new.price_cents, is_exclusive = v_new.is_exclusive,
    summary = v_new.summary, collected_at = v_new.collected_at
  where l.id = v_lead.id;
  -- An exclusive lead has one place, which an earlier buyer may already have.
  update leads.leads l set status = 'sold', sold_at = now() where l.id = v_lead.id and l.on_sale and l.is_exclusive
    and l.sales_count > 0;
  if given -> 'consent' <> 'null' then perform leads.keep_consent(v_lead, given -> 'consent'); end if;
  perform platform.emit('leads', 'lead.updated', jsonb_build_object('lead', v_lead.reference));
end;
$function$;

CREATE OR REPLACE FUNCTION leads.change_rule (
  reference text,
  given     jsonb,
  expected  text
)
  RETURNS text
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_rule leads.credit_rules;
  v_kind leads.rule_kinds;
  v_new jsonb;
begin
  perform platform.require_role('leads', 'admin');
  if jsonb_typeof(given) is distinct from 'object' then
    perform platform.fail(400, 'invalid_body', 'Une règle est attendue.');
  end if;
  select r.* into v_rule from leads.credit_rules r where r.reference = change_rule.reference for no key update;
  if not found then perform platform.fail(404, 'rule_not_found', 'Cette règle n''existe pas.'); end if;
  perform leads.refuse_other_version(v_rule.version, coalesce(expected, given ->> 'version'));
  select k.* into v_kind from leads.rule_kinds k where k.kind = v_rule.kind;
  v_new := jsonb_build_object('name', v_rule.name, 'description', v_rule.description, 'value', v_rule.value,
    'unit', v_rule.unit,
    'active', v_rule.active) || (given - array['id', 'version']);
  perform platform.refuse_fields(leads.rule_problems(v_new, v_kind)
    || leads.body_problems(given - 'version', array['name', 'description', 'value', 'unit', 'active'],
      jsonb_build_object('id', reference)));
  update leads.credit_rules r set name = platform.trimmed(v_new ->> 'name'),
    description = platform.trimmed(v_new ->> 'description'), value = (v_new ->> 'value')::numeric,
    unit = platform.trimmed(v_new ->> 'unit'), active = (v_new ->> 'active')::boolean
  where r.id = v_rule.id;
  return v_rule.reference;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.check_account (
  supplier leads.suppliers,
  iban     text,
  bic      text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_bic text := nullif(upper(btrim(bic)), '');
  v_problems jsonb := leads.account_problems(iban, v_bic);
begin
  -- A volatile function called by GET runs in a read-only transaction: the IBAN would be in the URL.
  if current_setting('transaction_read_only')::boolean then
    perform platform.fail(405, 'method_not_allowed',
      'Un IBAN ne s''écrit pas dans une adresse, que les journaux gardent : envoyez-le par POST.');
  end if;
  perform platform.refuse_fields(v_problems);
  return jsonb_build_object('supplierId', supplier.id, 'iban', platform.compact_iban(iban), 'bic', v_bic,
    'mask', platform.mask_iban(iban),
    'changedBy', auth.uid());
end;
$function$;

CREATE OR REPLACE FUNCTION leads.check_import_consents (
  import_id   uuid,
  from_line   integer,
  last_line   integer,
  month_first boolean
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  SET "TimeZone" TO 'Europe/Paris'
  SET enable_nestloop TO 'off'
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION leads.check_import_piece (
  import_id   uuid,
  from_line   integer,
  last_line   integer,
  keys_from   timestamp with time zone,
  month_first boolean
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET work_mem TO '64MB'
  SET plan_cache_mode TO 'force_custom_plan'
  AS $function$
begin
  perform leads.hold_import_checks(import_id);
  delete from leads.import_checked c
  where c.import_id = check_import_piece.import_id and c.line between from_line and last_line;
  perform leads.check_import_rows(import_id, from_line, last_line, keys_from, month_first);
  perform leads.explain_import_problems(import_id, from_line, last_line);
  perform leads.mark_repeated_rows(import_id, from_line, last_line);
  perform leads.mark_known_rows(import_id, from_line, last_line);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.check_import_rows (
  import_id   uuid,
  from_line   integer,
  last_line   integer,
  keys_from   timestamp with time zone DEFAULT now(),
  month_first boolean                  DEFAULT false
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_sectors text[] := array(select distinct leads.clean_value(d.sector)
    from (select distinct r.sector from leads.import_rows r
    where r.import_id = check_import_rows.import_id and r.line between from_line and last_line) d);
  v_regions text[] := array(select distinct leads.clean_value(d.region)
    from (select distinct r.region from leads.import_rows r
    where r.import_id = check_import_rows.import_id and r.line between from_line and last_line) d);
  v_postcodes text[] := array(select distinct leads.clean_value(d.postcode)
    from (select distinct r.postcode from leads.import_rows r
    where r.import_id = check_import_rows.import_id and r.line between from_line and last_line
      and r.postcode <> '') d);
begin
  insert into leads.import_checked (import_id, line, id, first_name, last_name, name_unsplit, email, phone, phone2,
    company, sector, region, city, source, channel, score, price_cents, is_exclusive, notes, summary, hidden_fields,
    collected_at, last_name_mask, email_mask, phone_mask, has_score, has_price,
    has_is_exclusive, problems)
  -- Keys decrease from the first row to the last, so that the first row of a file comes first in lists, which show the
  -- newest lead first.
  select check_import_rows.import_id, v.line, platform.uuid_v7(keys_from - v.line * interval '1 microsecond'),
    v.first_name, v.last_name, v.name_unsplit, v.email, v.phone, v.phone2, v.company, s.name,
    coalesce(r.name, case when v.region is null then p.region end), v.city, v.source, v.channel, v.score,
    v.price_cents, v.is_exclusive, v.notes, v.summary,
    leads.fields_to_hide(v.first_name, v.company, v.city, v.source, v.channel, v.last_name, v.email,
      array[v.phone, v.phone2]), t.collected_at,
    platform.mask_last_name(v.last_name), platform.mask_email(v.email), platform.mask_phone(v.phone),
    v.score_written is not null, v.price_written is not null, v.is_exclusive_written is not null,
    case when v.defect is not null then 'ligne/' || v.defect else concat_ws(' ',
      case when v.last_name is null then 'lastName/required' end,
      case when concat(v.first_name, v.last_name) ~ '[^A-Za-zÀ-ÿ ''.-]'
        then nullif(concat_ws(' ', case when not leads.is_name(v.first_name) then
        'firstName/invalid_name' end, case when not leads.is_name(v.last_name) then 'lastName/invalid_name' end),
      '') end,
      case when v.email_written is null and v.phone is null
        and v.phone_wrong is null then 'email/contact_required' end,
      case when v.email_written is not null and v.email is null then 'email/invalid_email' end,
      case when v.phone_wrong is not null then v.phone_wrong
        || case when v.phone_as_written ~ '^[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+$' then '/damaged_phone'
          else '/invalid_phone' end end,
      case when v.sector is null then 'sector/required' when s.name is null then 'sector/unknown_sector' end,
      case when v.region is not null then case when r.name is null then 'region/unknown_region' end
        when v.postcode is null then 'region/required' when p.region is null then 'postcode/unknown_postcode' end,
      case when v.score is null then 'score/invalid_score' end,
      case when v.price_cents is null then 'price/invalid_price' end,
      case when v.is_exclusive is null then 'isExclusive/invalid_boolean' end,
      case when v.collected_written is not null and t.collected_at is null then 'collectedAt/invalid_time' end,
      case when length(v.first_name) > 200 then 'firstName/too_long' end,
      case when length(v.last_name) > 200 then 'lastName/too_long' end,
      case when length(v.company) > 200 then 'company/too_long' end,
      case when length(v.city) > 200 then 'city/too_long' end,
      case when length(v.source) > 200 then 'source/too_long' end,
      case when length(v.channel) > 200 then 'channel/too_long' end,
      case when length(v.notes) > 10000 then 'notes/too_long' end,
      case when length(v.summary) > 1000 then 'summary/too_long'
        when v.summary is not null and leads.contact_in_text(v.summary, v.first_name, v.last_name, v.email,
          array[v.phone, v.phone2])
          then 'summary/contact_in_text' end
    ) end
  from leads.import_values(import_id, from_line, last_line) v
  left join leads.resolve_names('sector', v_sectors) s on s.spelling = v.sector
  left join leads.resolve_names('region', v_regions) r on r.spelling = v.region
  -- Four digits are a French postcode without its leading zero, unless the telephone belongs to a country with
  -- four-digit postcodes.
  left join (select u.written, leads.region_of_postcode(u.written) as region from unnest(v_postcodes) as u (written)) p
    on p.written = v.postcode and not (length(v.postcode) = 4 and coalesce(v.phone, '') ~ '^\+(32|41|352|43|45|47) ')
  left join lateral (
    select case when t.at between '1990-01-01' and now() + interval '5 minutes' then t.at end as collected_at
    from (select case when v.collected_written is not null
      then leads.written_time(v.collected_written, month_first) end as at offset 0) t
  ) t on v.collected_written is not null;
  perform leads.check_import_consents(import_id, from_line, last_line, month_first);
  perform leads.mark_opposed_rows(import_id, from_line, last_line);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.check_lead (
  given jsonb,
  OUT   checked leads.checked_lead,
  OUT   problems jsonb
)
  RETURNS record
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_import uuid := gen_random_uuid();
  v_problems text;
begin
  problems := leads.shape_problems(given,
    array['firstName', 'lastName', 'email', 'phone', 'phone2', 'company', 'sector', 'region', 'city', 'source',
    'channel', 'score', 'price', 'isExclusive', 'notes', 'summary', 'collectedAt']);
  if problems <> '[]' then return; end if;

  insert into leads.import_rows (import_id, line, first_name, last_name, email, phone, phone2, company, sector, region,
    city, source, channel, score, price, is_exclusive, notes, summary, collected_at)
  values (v_import, 1, given ->> 'firstName', given ->> 'lastName', given ->> 'email', given ->> 'phone',
    given ->> 'phone2', given ->> 'company', given ->> 'sector', given ->> 'region', given ->> 'city',
    given ->> 'source', given ->> 'channel', given ->> 'score', given ->> 'price', given ->> 'isExclusive',
    given ->> 'notes', given ->> 'summary', given ->> 'collectedAt');
  perform leads.check_import_rows(v_import, 1, 1);
  select coalesce(c.first_name, ''), c.last_name, c.email, c.phone, c.phone2, c.company, c.sector, c.region, c.city,
    c.source, c.channel, c.score, c.price_cents, c.is_exclusive, c.notes, c.summary, c.collected_at
    into checked.first_name, checked.last_name, checked.email, checked.phone, checked.phone2, checked.company,
    checked.sector, checked.region, checked.city,
      checked.source, checked.channel, checked.score, checked.price_cents, checked.is_exclusive, checked.notes,
      checked.summary, checked.collected_at
    from leads.import_checked c where c.line = 1 and c.import_id = v_import;
  delete from leads.import_checked c where c.line = 1 and c.import_id = v_import returning c.problems into v_problems;
  delete from leads.import_rows r where r.line = 1 and r.import_id = v_import;

  select coalesce(jsonb_agg(jsonb_build_object('field', p.field, 'code', p.code,
      'message', leads.problem_message(p.field, p.code, given ->> p.field)) order by p.n), '[]')
    into problems
    from (select split_part(w.word, '/', 1) as field, split_part(w.word, '/', 2) as code, w.n
      from string_to_table(nullif(v_problems, ''), ' ') with ordinality as w (word, n)) p;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.check_own_account (
  iban text,
  bic  text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_supplier leads.suppliers;
begin
  perform platform.require_role('leads', 'fournisseur');
  select s.* into v_supplier from leads.suppliers s where s.id = leads.my_supplier_id();
  if v_supplier.id is null then
    perform platform.fail(404, 'supplier_not_found', 'Ce fournisseur n''existe pas.');
  end if;
  return leads.check_account(v_supplier, iban, bic);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.choose_import_updates (
  import_id uuid
)
  RETURNS bigint
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_rows bigint;
begin
  perform from leads.leads l
    where l.id in (select d.lead_id from leads.import_checked d where d.import_id = choose_import_updates.import_id
      and d.duplicate = 'supplier')
    order by l.id for no key update;
  update leads.import_checked c set duplicate = 'updated'
  from (
    select distinct on (d.lead_id) d.line from leads.import_checked d join leads.leads l on l.id = d.lead_id
    where d.import_id = choose_import_updates.import_id and d.duplicate = 'supplier' and l.withdrawn_at is null
      and l.sold_at is null and not exists (select from leads.sales s where s.lead_id = l.id)
    order by d.lead_id, d.line
  ) first_line
  where c.import_id = choose_import_updates.import_id and c.line = first_line.line;
  get diagnostics v_rows = row_count;
  return v_rows;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.claim_upload (
  OUT id uuid,
  OUT path text,
  OUT on_duplicate text,
  OUT reading jsonb,
  OUT mappings jsonb,
  OUT attempts integer
)
  RETURNS record
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  loop
    select f.import_id, f.attempts into claim_upload.id, claim_upload.attempts
    from leads.import_files f join leads.imports i on i.id = f.import_id
    cross join lateral (
      select count(*) filter (where h.held_until >= clock_timestamp() and o.status = 'processing') as held,
        max(h.held_until) as last
      from leads.import_files h join leads.imports o on o.id = h.import_id where o.supplier_id = i.supplier_id
    ) own
    where i.status = 'processing' and (f.held_until is null or f.held_until < clock_timestamp())
    order by own.held, own.last nulls first, f.import_id limit 1 for update of f skip locked;
    if claim_upload.id is null then return; end if;
    exit when claim_upload.attempts < 3;
    perform leads.fail_import(claim_upload.id,
      'L''import s''est interrompu trois fois : ce fichier est trop lourd ou endommagé. Découpez-le, ou enregistrez-le en « CSV UTF-8 ».');
  end loop;

  update leads.import_files f set held_until = clock_timestamp() + interval '1 minute', attempts = f.attempts + 1
  where f.import_id = claim_upload.id
  returning f.path, f.mappings, f.attempts into claim_upload.path, claim_upload.mappings, claim_upload.attempts;
  select i.on_duplicate, i.reading into claim_upload.on_duplicate, claim_upload.reading
  from leads.imports i where i.id = claim_upload.id;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.clean_value (
  value         text,
  is_name       boolean DEFAULT false,
  several_lines boolean DEFAULT false
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  STRICT
  SET search_path TO ''
  AS $function$
declare
  v_text text := platform.clean_text(value, several_lines);
begin
  -- Wrappings are removed until none is left, so that a stored value stays the same after an export and a new import.
  while v_text like '="%"' or v_text ~ '^[lpzf]:[+0-9]' loop
    v_text := platform.clean_text(case
      when v_text like '=%' then replace(substr(v_text, 3, length(v_text) - 3), '""', '"') else substr(v_text, 3) end,
      several_lines);
  end loop;
  return case when not leads.says_nothing(v_text, is_name) then v_text end;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.close_event (
  told     leads.payment_events,
  order_id uuid,
  outcome  text
)
  RETURNS text
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_event leads.payment_events;
begin
  update leads.payment_events e set order_id = close_event.order_id, outcome = close_event.outcome
  where e.provider = told.provider and e.id = told.id returning e.* into v_event;
  if v_event.outcome in ('other_amount', 'paid_twice', 'credits_lost', 'reported', 'refused', 'reversed') then
    perform leads.report_payment(v_event);
  end if;
  return v_event.outcome;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.company_without_person (
  company   text,
  last_name text
)
  RETURNS text
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select case when leads.name_key(last_name) <> '' and ' ' || leads.name_key(company) || ' ' like '% '
    || leads.name_key(last_name) || ' %' then null else company end;
$function$;

CREATE OR REPLACE FUNCTION leads.complete_import (
  import_id uuid,
  counts    leads.import_counts
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_import leads.imports := leads.count_import(import_id, counts, 'completed');
begin
  update leads.imports i set handed_over_at = now() where i.id = v_import.id and v_import.inserted > 0;
  perform leads.notify_supplier(import_id, 'success', 'Import terminé',
    format('%s : %s leads reçus, %s doublons, %s lignes refusées sur %s.',
    v_import.file_name, v_import.valid, v_import.duplicates, v_import.invalid, v_import.total));
  perform platform.emit('leads', 'import.completed',
    jsonb_build_object('import', v_import.reference, 'inserted', v_import.inserted,
    'updated', v_import.updated, 'duplicates', v_import.duplicates, 'invalid', v_import.invalid));
end;
$function$;

CREATE OR REPLACE FUNCTION leads.complete_payout (
  payout leads.payouts
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if payout.status = 'completed' then return; end if;
  if payout.status = 'failed' then
    perform platform.fail(409, 'payout_failed', 'Ce virement a échoué : il ne peut plus être confirmé.');
  end if;
  perform platform.post_transfer('leads', 'payout_confirmed', payout.id::text,
    array[('payouts_in_transit', null, -payout.amount_cents),
      ('bank', null, payout.amount_cents)]::platform.ledger_line[]);
  update leads.payouts p set status = 'completed', settled_at = now() where p.id = payout.id;
  update leads.suppliers s set last_payment_date = greatest(s.last_payment_date, payout.date)
  where s.id = payout.supplier_id;
  perform leads.settle_transaction(payout, 'completed');
  perform platform.notify(s.user_id, 'leads', 'success', 'Virement reçu',
      format('Le virement %s de %s € est arrivé.', payout.transfer_reference,
        platform.amount_text(payout.amount_cents)))
    from leads.suppliers s where s.id = payout.supplier_id;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.consent_date_order (
  import_id uuid
)
  RETURNS text
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select case when count(*) filter (where p.parts[2]::integer > 12) > count(*) filter (where p.parts[1]::integer > 12)
    then 'month_first'
    when count(*) > 0 then 'day_first' end
  from leads.import_rows r
  cross join lateral (values (r.consent_at), (r.collected_at)) as d (written)
  cross join lateral regexp_match(platform.clean_text(d.written), '^(\d{1,2})[/.-](\d{1,2})[/.-]\d{2}') as p (parts)
  where r.import_id = consent_date_order.import_id and p.parts is not null;
$function$;

CREATE OR REPLACE FUNCTION leads.consent_problem_message (
  field   text,
  written text
)
  RETURNS text
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select case when btrim(coalesce(written, '')) = ''
    then format('La preuve de consentement est incomplète : %s.', case field
      when 'consentTextVersion' then 'la version du texte manque' when 'consentUrl' then 'l''adresse de la page manque'
      when 'consentIp' then 'l''adresse IP manque' when 'consentAt' then 'la date manque'
      else 'les destinataires manquent' end)
    else format(case field
      when 'consentTextVersion' then 'La version du texte « %s » est trop longue.'
      when 'consentUrl' then '« %s » n''est pas l''adresse d''une page.'
      when 'consentIp' then '« %s » n''est pas une adresse IP.'
      when 'consentAt' then '« %s » n''est pas une date passée (2026-02-10T14:30:00Z ou 10/02/2026 14:30).'
      else '« %s » ne nomme pas de destinataire.' end, left(written, 80)) end;
$function$;

CREATE OR REPLACE FUNCTION leads.consent_problems (
  given jsonb
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('field', 'consent' || p.field, 'code', p.code, 'message', p.message)),
    '[]')
  from (values
    (jsonb_typeof(given) <> 'object', '', 'invalid_type', 'La preuve de consentement est un objet.'),
    (coalesce(length(given ->> 'textVersion'), 0) not between 1 and 200, '.textVersion', 'required',
      'La version du texte manque ou est trop longue.'),
    (coalesce(given ->> 'url', '') !~ '^https?://[^[:space:]]+$' or length(given ->> 'url') > 2000, '.url',
      'invalid_url', 'L''adresse de la page n''est pas valable.'),
    (not pg_input_is_valid(coalesce(given ->> 'ip', ''), 'inet'), '.ip', 'invalid_ip',
      'L''adresse IP n''est pas valable.'),
    (coalesce(leads.written_time(given ->> 'givenAt') > now() + interval '5 minutes', true),
      '.givenAt', 'invalid_time', 'La date du consentement n''est pas valable ou n''est pas encore passée.'),
    (jsonb_typeof(given -> 'recipients') is distinct from 'array'
      or jsonb_path_exists(given, '$.recipients[*] ? (@.type() != "string" || @ == "")')
      or given -> 'recipients' = '[]', '.recipients', 'required', 'Les destinataires manquent.')
  ) p (wrong, field, code, message)
  where p.wrong and (jsonb_typeof(given) = 'object' or p.field = '');
$function$;

CREATE OR REPLACE FUNCTION leads.contact_in_text (
  said       text,
  first_name text,
  last_name  text,
  email      text,
  phones     text[]
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
declare
  v_plain text := leads.plain_text(said);
begin
  if coalesce(said, '') = '' then return false; end if;
  -- Another alphabet, symbols that stand for letters or digits, or encoded characters: a French text does not need
  -- them, a disguised name does.
  return v_plain ~ '(?![a-z0-9])[[:alnum:]]|[\u2460-\u24ff\u2776-\u2793\U0001f100-\U0001f1ff]|&#|&[a-z]+;|%[0-9a-f]{2}'
    or leads.looks_like_contact(v_plain)
    or leads.spells_name(v_plain, first_name, last_name, email)
    or leads.tells_number(v_plain, array_remove(phones, null))
    -- Any telephone number, in digits or in words.
    or exists (select from (values (true), (false)) a (eighties),
        lateral (select (leads.digits_of(leads.part_ranges(leads.part_numbers(v_plain)), true, eighties,
          false)).numbers) n (said)
      where n.said ~ '[0-9]{6}' or length(replace(n.said, 'x', '')) >= 8)
    -- A web page, a mailbox or a street.
    or v_plain ~ 'https?:|\mwww\M|\m(at|gmail|hotmail|wanadoo|laposte|icloud|protonmail|outlook|yahoo|whatsapp|telegram|snapchat|insta|instagram|skype)\M'
    or v_plain ~ '[a-z0-9]\.(com|fr|net|org|eu|io|info|biz|be|ch|lu|ca|co|re|pro|shop|tv|app|paris|bzh)\M'
    or v_plain ~ '[a-z0-9] ?[(\[]? ?(\.|point|dot) ?[)\]]? ?(com|fr|net|org|eu)\M'
    or leads.tells_place(v_plain)
    or v_plain ~ '\m(rue|avenue|av|boulevard|bd|bld|blvd|impasse|allees?|ruelle|venelle|faubourg|lieu.dit|lotissement)\M[ .,]*(?!(est|et|ou|a|tres|calme|etroite|passante|pietonne|principale|commercante)\M)[a-z0-9]'
    or v_plain ~ '\m[0-9]{1,4} ?(bis|ter|quater)?,? +(place|route|chemin|quai|cours|square|passage|residence|sentier|hameau|esplanade|cite|villa|rond.point)\M';
end;
$function$;

CREATE OR REPLACE FUNCTION leads.contact_signs (
  email   text,
  phone   text,
  company text
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select jsonb_strip_nulls(jsonb_build_object(
    -- sophie+2@… counts as sophie@…, and so.phie@gmail.com as sophie@gmail.com.
    'email', case when lower(email) like '%@gmail.com' then replace(a.name, '.', '') else a.name end
      || substring(lower(email) from '@.*$'),
    'domain', platform.own_mail_domain(email),
    'phone', case when length(n.digits) >= 9 then right(n.digits, 9) end,
    'company', leads.firm_sign(company)))
  from (select split_part(split_part(lower(email), '@', 1), '+', 1) as name) a,
    (select regexp_replace(phone, '\D', '', 'g') as digits) n;
$function$;

CREATE OR REPLACE FUNCTION leads.count_checked_rows (
  import_id uuid
)
  RETURNS leads.import_counts
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_counts leads.import_counts;
begin
  select count(*), count(*) filter (where c.problems <> ''),
    count(*) filter (where c.problems = '' and c.duplicate is null),
      count(*) filter (where c.duplicate = 'updated'), count(*) filter (where c.duplicate = 'file'),
      count(*) filter (where c.duplicate = 'supplier'), count(*) filter (where c.duplicate = 'sold'),
      count(*) filter (where c.duplicate = 'platform'), count(c.consent_text_version)
    into v_counts from leads.import_checked c where c.import_id = count_checked_rows.import_id;
  return v_counts;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.count_import (
  import_id uuid,
  counts    leads.import_counts,
  status    text
)
  RETURNS leads.imports
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_import leads.imports;
begin
  update leads.imports i set
    total = counts.read,
    valid = counts.inserted + counts.updated,
    invalid = counts.invalid,
    duplicates = counts.in_file + counts.of_supplier + counts.sold + counts.on_platform,
    inserted = counts.inserted,
    updated = counts.updated,
    duplicates_in_file = counts.in_file, duplicates_of_supplier = counts.of_supplier, duplicates_sold = counts.sold,
    duplicates_on_platform = counts.on_platform,
    status = count_import.status,
    processing_time = coalesce(i.processing_time,
      leads.duration_text(extract(epoch from clock_timestamp() - i.created_at)))
  where i.id = count_import.import_id returning i.* into v_import;
  return v_import;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.credits_of (
  buyer_id uuid
)
  RETURNS numeric
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return (select coalesce(sum(b.balance), 0) from platform.ledger_accounts a
    join platform.ledger_balances b on b.account_id = a.id
    where a.system = 'leads' and a.owner = credits_of.buyer_id and a.kind in ('buyer_paid', 'buyer_bonus'));
end;
$function$;

CREATE OR REPLACE FUNCTION leads.decide_pair (
  reference text,
  status    text,
  note      text
)
  RETURNS text
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION leads.decide_return (
  reference text,
  accepted  boolean,
  note      text
)
  RETURNS leads.returns
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_wanted text := case when accepted then 'accepted' else 'refused' end;
  v_return leads.returns;
begin
  perform platform.require_role('leads', 'admin');
  if accepted is null then
    perform platform.refuse_fields(platform.field_problem('accepted', 'required', 'Vrai ou faux est attendu.'));
  end if;
  note := nullif(btrim(note), '');
  if length(note) > 2000 then
    perform platform.refuse_fields(platform.field_problem('note', 'too_long',
      'La note est limitée à 2000 caractères.'));
  end if;
  select r.* into v_return from leads.returns r where r.reference = decide_return.reference for no key update;
  if not found then perform platform.fail(404, 'return_not_found', 'Cette demande de retour n''existe pas.'); end if;
  if v_return.status = v_wanted then return v_return; end if;
  if v_return.status <> 'requested' then
    perform platform.fail(409, 'return_decided', 'Cette demande de retour a déjà reçu la décision contraire.');
  end if;
  if accepted then
    perform leads.accept_return(v_return, note);
  else
    update leads.returns r set status = 'refused', decided_at = now(), decided_by = auth.uid(), decision_note = note
    where r.id = v_return.id;
    perform platform.notify(v_return.buyer_id, 'leads', 'info', 'Retour refusé',
      format('Votre demande de retour %s a été refusée%s', v_return.reference, coalesce(' : ' || note, '.')));
  end if;
  perform platform.emit('leads', 'return.' || v_wanted, jsonb_build_object('return', v_return.reference));
  select r.* into v_return from leads.returns r where r.id = v_return.id;
  return v_return;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.digits_of (
  plain      text,
  with_words boolean,
  eighties   boolean,
  ones       boolean,
  OUT        digits text,
  OUT        numbers text
)
  RETURNS record
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  STRICT
  SET search_path TO ''
  AS $function$
declare
  v_words constant jsonb := '{"zero": 0, "o": 0, "oh": 0, "un": 1, "une": 1, "one": 1, "deux": 2, "two": 2, "trois": 3, "three": 3, "quatre": 4, "four": 4, "cinq": 5, "five": 5, "six": 6, "sept": 7, "seven": 7, "huit": 8, "eight": 8, "neuf": 9, "nine": 9, "dix": 10,
    "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16, "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "septante": 70, "huitante": 80, "octante": 80, "nonante": 90}';
  v_unit constant text := '(m[23]?|km|ha|kwc|kw|kwh|mw|w|wc|e|eur|euros?|ke|k|pourcent|ans?|mois|jours?|semaines?|h|heures?|min|minutes|pieces?|chambres?'
    '|personnes?|salaries?|lots?|places?|logements?|etages?|enfants?|panneaux|vehicules?|lits?|couverts|postes?|sites?|appartements?)$';
  v_unit_alone constant text := '^' || v_unit;
  v_measure constant text := '^[0-9]{1,7}' || v_unit;
  v_tokens text[] := string_to_array(btrim(regexp_replace(
    regexp_replace(replace(replace(plain, '%', ' pourcent '), '€', ' euros '),
      '\m[0-3]?\d/[01]?\d/(19|20)\d\d\M', ' ', 'g'),
    '[^a-z0-9]+', ' ', 'g')), ' ');
  v_token text;
  v_number integer;
  v_open integer;
begin
  digits := '';
  numbers := '';
  if eighties then
    v_tokens := string_to_array(regexp_replace(array_to_string(v_tokens, ' '), 'quatre vingts?', '80', 'g'), ' ');
  end if;
  foreach v_token in array v_tokens || ''::text loop
    v_number := case when with_words and (ones or v_token not in ('un', 'une', 'one'))
      then (v_words ->> v_token)::integer end;
    if with_words and eighties and v_token = '80' then v_number := 80; end if;
    if v_number is null and v_token = 'et' and v_open is not null then continue; end if;
    if v_number is not null and v_open is not null then
      case
        when v_open = 4 and v_number = 20 then v_open := 80; continue;
        when v_open in (60, 80) and v_number = 10 then v_open := v_open + 10; continue;
        when v_open in (20, 30, 40, 50, 60, 70, 80, 90) and v_number between 1 and 9
          or v_open in (60, 80) and v_number between 11 and 16 or v_open = 10 and v_number between 7 and 9 then
          v_number := v_open + v_number;
          v_open := null;
          digits := digits || v_number;
          numbers := numbers || v_number;
          continue;
        else null;
      end case;
    end if;
    if v_open is not null then
      digits := digits || v_open;
      numbers := numbers || v_open;
      v_open := null;
    end if;
    if v_number is not null then
      v_open := v_number;
    elsif v_token = '' or v_token in ('puis', 'et', 'ensuite', 'tiret', 'point', 'slash', 'espace', 'virgule', 'then',
      'plus', 'ou', 'etoile') then
      continue;
    elsif v_token !~ '[0-9]' or v_token in ('m2', 'm3') then
      numbers := case when v_token ~ v_unit_alone then regexp_replace(numbers, '(^|x)[0-9]{1,7}$', '\1x')
        else numbers || 'x' end;
    elsif v_token !~ '[a-z]' then
      digits := digits || v_token;
      numbers := numbers || v_token;
    elsif v_token ~ v_measure then
      digits := digits || substring(v_token from '^[0-9]+');
      numbers := numbers || 'x';
    elsif v_token !~ '[^0-9oilsbzq]' then
      digits := digits || translate(v_token, 'oilsbzq', '0115829');
      numbers := numbers || translate(v_token, 'oilsbzq', '0115829');
    else
      digits := digits || regexp_replace(v_token, '[^0-9]', '', 'g');
      numbers := numbers || 'x' || regexp_replace(v_token, '[^0-9]', '', 'g') || 'x';
    end if;
  end loop;
  -- A year alone identifies nobody.
  numbers := regexp_replace(numbers, '(^|x)(19|20)[0-9]{2}(?=x|$)', '\1', 'g');
end;
$function$;

CREATE OR REPLACE FUNCTION leads.discard_import (
  reference text
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_import leads.imports := leads.pending_import(reference);
  v_reason text := format('Écarté par un administrateur : %s lignes refusées sur %s.', v_import.invalid,
    v_import.total);
begin
  delete from leads.import_held_rows h where h.import_id = v_import.id;
  update leads.imports i set status = 'failed', failure = v_reason, total = 0, valid = 0, invalid = 0, duplicates = 0,
    inserted = 0, updated = 0, duplicates_in_file = 0, duplicates_of_supplier = 0, duplicates_sold = 0,
    duplicates_on_platform = 0
  where i.id = v_import.id;
  perform leads.notify_supplier(v_import.id, 'error', 'Import écarté', v_import.file_name || ' : ' || v_reason);
  perform platform.emit('leads', 'import.discarded', jsonb_build_object('import', v_import.reference));
end;
$function$;

CREATE OR REPLACE FUNCTION leads.duplicate_kind (
  lead           leads.leads,
  supplier_id    uuid,
  platform_since timestamp with time zone,
  sold_since     timestamp with time zone
)
  RETURNS text
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return case
    when lead.withdrawn_at is not null and lead.sold_at is null then null
    when lead.supplier_id = duplicate_kind.supplier_id then 'supplier'
    when lead.sold_at > coalesce(sold_since, '-infinity')
      or exists (select from leads.sales s
        where s.lead_id = lead.id and s.sold_at > coalesce(sold_since, '-infinity')) then 'sold'
    when lead.withdrawn_at is null and lead.created_at > coalesce(platform_since, '-infinity') then 'platform' end;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.duration_text (
  seconds numeric
)
  RETURNS text
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select case when s < 60 then s || 's' else s / 60 || 'm ' || s % 60 || 's' end
  from (select greatest(1, round(seconds))::integer as s) whole;
$function$;

CREATE OR REPLACE FUNCTION leads.end_slice (
  import_id uuid,
  rows      bigint,
  staged_to jsonb,
  is_staged boolean
)
  RETURNS void
  LANGUAGE sql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  update leads.import_files f set staged_rows = f.staged_rows + rows,
    staged_to = coalesce(end_slice.staged_to, f.staged_to), is_staged = end_slice.is_staged, attempts = 0
  where f.import_id = end_slice.import_id;
$function$;

CREATE OR REPLACE FUNCTION leads.erase_holder (
  user_id uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  delete from leads.billing_details d where d.buyer_id = erase_holder.user_id;
  delete from leads.buyers b where b.user_id = erase_holder.user_id;
  update leads.returns r set comment = null, decision_note = null
  where r.buyer_id = erase_holder.user_id and (r.comment is not null or r.decision_note is not null);
  update leads.transactions t set user_name = 'Compte effacé', company = null where t.user_id = erase_holder.user_id;
  update leads.calls c set agent_name = 'Compte effacé' where c.agent_id = erase_holder.user_id;
  update leads.leads l set reserved_until = null
  where l.agent_id = erase_holder.user_id and l.reserved_until is not null;
  delete from leads.self_dealing d where d.buyer_id = erase_holder.user_id and d.status <> 'confirmed';
  update leads.self_dealing d set note = null where d.buyer_id = erase_holder.user_id;
  -- This comes last, because the changes above store signs again.
  delete from leads.party_signs p where p.person = erase_holder.user_id;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.erase_import_traces (
  email text,
  phone text
)
  RETURNS bigint
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_rows bigint;
begin
  update leads.import_rejects r set message = 'Valeur effacée.',
    problems = (select jsonb_agg(p || '{"message": "Valeur effacée."}') from jsonb_array_elements(r.problems) p)
  where leads.names_person(r.problems::text, erase_import_traces.email, erase_import_traces.phone);
  get diagnostics v_rows = row_count;
  delete from leads.import_rows r
  where leads.names_person(concat_ws(' ', r.email, r.phone, r.phone2, r.notes, r.summary), erase_import_traces.email,
    erase_import_traces.phone);
  delete from leads.import_checked c
  where leads.names_person(concat_ws(' ', c.email, c.phone, c.phone2, c.notes, c.summary, c.reasons),
    erase_import_traces.email, erase_import_traces.phone);
  delete from leads.import_held_rows r
  where leads.names_person((to_jsonb(r) - '{import_id,line}'::text[])::text, erase_import_traces.email,
    erase_import_traces.phone);
  return v_rows;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.erase_leads (
  ids uuid[]
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_calls bigint;
  v_consents bigint;
  v_withdrawn bigint;
begin
  -- The companies are checked first, while the names are still known.
  update leads.calls k set lead_name = 'Effacé',
    lead_company = leads.company_without_person(k.lead_company, c.last_name), recording_status = 'archived'
  from leads.lead_contacts c where k.lead_id = any (ids) and c.lead_id = k.lead_id;
  get diagnostics v_calls = row_count;
  update leads.lead_consents k set ip = null, url = regexp_replace(k.url, '[?#].*$', '') where k.lead_id = any (ids);
  get diagnostics v_consents = row_count;
  select count(*) into v_withdrawn from leads.leads l
  where l.id = any (ids) and l.withdrawn_at is null and not leads.is_sold(l);
  update leads.leads l set first_name = '', last_name_mask = 'Effacé', email_mask = null, phone_mask = null,
    city = null, summary = null, hidden_fields = null, company = case when 'company' = any (l.hidden_fields) then null
      else leads.company_without_person(l.company, c.last_name) end,
    source = case when 'source' = any (l.hidden_fields) then null else l.source end,
    channel = case when 'channel' = any (l.hidden_fields) then null else l.channel end, has_audio_recording = false,
    reserved_until = null, callback_at = null, erased_at = now(),
    withdrawn_at = case when leads.is_sold(l) then l.withdrawn_at else coalesce(l.withdrawn_at, now()) end
  from leads.lead_contacts c where l.id = any (ids) and c.lead_id = l.id;
  update leads.lead_contacts c set last_name = 'Effacé', email = null, phone = null, phone2 = null,
    name_unsplit = false, notes = null, hidden_text = null where c.lead_id = any (ids);
  delete from leads.import_changes h where h.lead_id = any (ids);
  return jsonb_build_object('leads', coalesce(cardinality(ids), 0), 'withdrawn', v_withdrawn, 'calls', v_calls,
    'consents', v_consents);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.erase_person (
  email        text,
  phone        text,
  user_id      uuid,
  supplier_ids uuid[],
  oppose       boolean
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_known_by text := coalesce(erase_person.email, erase_person.phone,
    (select p.email from platform.profiles p where p.id = erase_person.user_id));
  v_user uuid := case when platform.begin_erasure(erase_person.user_id) then erase_person.user_id end;
  -- Suppliers whose account no longer exists are erased as well.
  v_suppliers uuid[] := array(select s.id from leads.suppliers s
    where s.id = any (supplier_ids) and (s.user_id is null or s.user_id = v_user) order by s.id);
  v_counts jsonb;
  v_auth_left text[] := '{}';
begin
  perform leads.refuse_open_obligations(v_user, v_suppliers);
  v_counts := leads.erase_prospect(erase_person.email, erase_person.phone, oppose)
    || jsonb_build_object('accounts', case when v_user is not null or v_suppliers <> '{}' then 1 else 0 end);
  perform leads.erase_suppliers(v_suppliers);
  if v_user is not null then
    perform leads.erase_holder(v_user);
    v_auth_left := platform.erase_account(v_user);
  end if;
  -- A repeated call finds nothing and is not recorded as an erasure.
  if (select sum(n.value::integer) from jsonb_each_text(v_counts) n) > 0 then
    insert into leads.erasures (actor, value_hash, counts)
      values (auth.uid(), leads.person_hash(leads.pepper(), v_known_by), v_counts);
  end if;
  return v_counts || jsonb_build_object('recordings', leads.files_to_remove(),
    'avatars', leads.account_files_to_remove(), 'leftInAuth', v_auth_left);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.erase_prospect (
  email  text,
  phone  text,
  oppose boolean
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_leads uuid[] := array(select l.id from leads.leads l
    where l.id in (select leads.leads_of(erase_prospect.email, erase_prospect.phone)) order by l.id for update);
  v_opposed bigint := 0;
begin
  -- The opposition applies to all addresses and telephones known for the person.
  if oppose then
    v_opposed := leads.oppose(array(select lower(c.email) from leads.lead_contacts c where c.lead_id = any (v_leads))
      || erase_prospect.email, array(select n from leads.lead_contacts c, unnest(array[c.phone, c.phone2]) n
        where c.lead_id = any (v_leads)) || erase_prospect.phone, 'Opposition de la personne');
  end if;
  return jsonb_build_object('refusedRows', leads.erase_import_traces(erase_prospect.email, erase_prospect.phone),
    'buyersTold', leads.tell_to_erase(v_leads), 'opposed', v_opposed)
    || leads.erase_leads(v_leads);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.erase_suppliers (
  ids uuid[]
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$
  delete from leads.supplier_accounts a where a.supplier_id = any (ids);
  delete from leads.held_accounts a where a.supplier_id = any (ids);
  delete from leads.import_mappings m where m.supplier_id = any (ids);
  delete from platform.notifications n where n.about = any (ids);
  -- The supplier is suspended, so that no lead is sold any more.
  update leads.suppliers s set contact_name = 'Compte effacé', company = 'Compte effacé', email = '', iban_mask = null,
    status = 'suspended'
  where s.id = any (ids);
  delete from leads.self_dealing d where d.supplier_id = any (ids) and d.status <> 'confirmed';
  update leads.self_dealing d set note = null where d.supplier_id = any (ids);
  delete from leads.party_signs p where p.person = any (ids);
$function$;

CREATE OR REPLACE FUNCTION leads.execution_date (
  wanted date
)
  RETURNS date
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_next date := platform.next_target_day(greatest(wanted, platform.paris_today()));
begin
  if wanted <> v_next then
    perform platform.refuse_fields(platform.field_problem('date', case when wanted < platform.paris_today() then 'past'
      else 'not_target_day' end, format('Les banques n''exécutent rien le %s : le premier jour possible est le %s.',
        wanted, v_next)));
  elsif wanted > platform.paris_today() + 365 then
    perform platform.refuse_fields(platform.field_problem('date', 'too_late',
      'Un virement ne se demande pas plus d''un an à l''avance.'));
  end if;
  return v_next;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.exemptions_hold (
  exemptions jsonb
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  if jsonb_typeof(exemptions) is distinct from 'array' or jsonb_array_length(exemptions) > 200 then
    return false;
  end if;
  return not exists (select from jsonb_array_elements(exemptions) e
    where jsonb_typeof(e) <> 'object' or jsonb_typeof(e -> 'supplier') is distinct from 'string'
      or jsonb_typeof(e -> 'source') is distinct from 'string'
      or e ->> 'supplier' = '' or e ->> 'source' = '' or e - array['supplier', 'source'] <> '{}');
end;
$function$;

CREATE OR REPLACE FUNCTION leads.explain_import_problems (
  import_id uuid,
  from_line integer,
  last_line integer
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  SET enable_nestloop TO 'off'
  AS $function$
begin
  with problem as materialized (
    select c.line, w.n, split_part(w.word, '/', 1) as field, split_part(w.word, '/', 2) as code,
      -- The staging column of a field: isExclusive becomes is_exclusive.
      coalesce(to_jsonb(r) ->> lower(regexp_replace(split_part(w.word, '/', 1), '([A-Z])', '_\1', 'g')), '') as written
    from leads.import_checked c
    join leads.import_rows r on r.import_id = c.import_id and r.line = c.line
    cross join lateral string_to_table(c.problems, ' ') with ordinality as w (word, n)
    where c.import_id = explain_import_problems.import_id and c.line between from_line and last_line
      and c.problems <> ''
      and r.import_id = explain_import_problems.import_id and r.line between from_line and last_line
  ), said as (
    -- Messages are computed once per distinct problem: the same mistake usually repeats in many rows, and the search
    -- for the nearest name is slow.
    select d.*, leads.problem_message(d.field, d.code, d.written) as message
    from (select distinct p.field, p.code, p.written from problem p) d
  )
  update leads.import_checked c set reasons = e.reasons
  from (
    select p.line, jsonb_agg(jsonb_build_object('field', p.field, 'code', p.code, 'message', s.message)
      order by p.n) as reasons
    from problem p join said s on s.field = p.field and s.code = p.code and s.written = p.written group by p.line
  ) e
  where c.import_id = explain_import_problems.import_id and c.line between from_line and last_line and c.line = e.line;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.exported_account (
  user_id      uuid,
  supplier_ids uuid[],
  system       text   DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select p.held || jsonb_build_object('data', (p.held -> 'data')
    || leads.held_about(exported_account.user_id, exported_account.supplier_ids),
    'afterErasure', (p.held -> 'afterErasure') || platform.kept_in(array(select d from leads.personal_data() d)))
  from (select platform.held_about(exported_account.user_id, exported_account.system) as held) p;
$function$;

CREATE OR REPLACE FUNCTION leads.exported_lead (
  lead leads.leads
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select jsonb_build_object(
    'id', lead.reference, 'firstName', lead.first_name, 'lastName', c.last_name,
    'email', platform.shown_email(c.email), 'phone', c.phone, 'phone2', c.phone2, 'company', lead.company,
    'sector', lead.sector, 'region', lead.region, 'city', lead.city, 'source', lead.source, 'channel', lead.channel,
    'score', lead.score,
    'status', lead.status, 'qualificationStatus', lead.qualification_status, 'notes', c.notes, 'summary', lead.summary,
    'createdAt', platform.iso_timestamp(lead.created_at), 'updatedAt', platform.iso_timestamp(lead.updated_at),
    'collectedAt', platform.iso_timestamp(lead.collected_at),
    'withdrawnAt', platform.iso_timestamp(lead.withdrawn_at), 'callbackAt', platform.iso_timestamp(lead.callback_at),
    'supplier', (select s.company from leads.suppliers s where s.id = lead.supplier_id),
    'import', (select jsonb_build_object('id', i.reference, 'fileName', i.file_name, 'date', i.upload_date)
      from leads.imports i where i.id = lead.import_id),
    'consent', (select jsonb_build_object('textVersion', k.text_version, 'url', k.url, 'ip', host(k.ip),
      'givenAt', platform.iso_timestamp(k.given_at), 'recipients', k.recipients) from leads.lead_consents k
    where k.lead_id = lead.id),
    'calls',
      (
      select coalesce(jsonb_agg(jsonb_build_object('id', k.reference, 'date', k.called_on, 'name', k.lead_name,
            'company', k.lead_company,
        'duration', k.duration, 'result', k.result,
        'outsideRules', coalesce(to_jsonb(k.outside_rules), '[]'), 'recordingConsent', q.recording_consent,
        'scoreExplanations', q.score_explanations) order by k.id), '[]')
      from leads.calls k left join leads.qualifications q on q.call_id = k.id where k.lead_id = lead.id),
    'recordings', (select coalesce(jsonb_agg(r order by r), '[]') from leads.recordings_of(lead) r),
    'recipients',
      (
      select coalesce(
        jsonb_agg(jsonb_build_object('company', coalesce(nullif(p.company, ''),
              btrim(p.first_name || ' ' || p.last_name)),
        'date', (s.sold_at at time zone 'Europe/Paris')::date) order by s.sold_at), '[]')
      from leads.sales s join platform.profiles p on p.id = s.buyer_id where s.lead_id = lead.id))
  from leads.lead_contacts c where c.lead_id = lead.id;
$function$;

CREATE OR REPLACE FUNCTION leads.fail_import (
  import_id uuid,
  reason    text
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_import leads.imports;
begin
  update leads.imports i set status = 'failed', failure = reason,
    processing_time = leads.duration_text(extract(epoch from clock_timestamp() - i.created_at))
  where i.id = import_id and i.status = 'processing' returning * into v_import;
  if not found then return; end if;
  perform leads.clear_import_rows(import_id);
  perform leads.notify_supplier(import_id, 'error', 'Import échoué', v_import.file_name || ' : ' || reason);
  -- Without the reason: it quotes names of columns and sheets, and where a file has no header those are somebody's.
  perform platform.emit('leads', 'import.failed', jsonb_build_object('import', v_import.reference));
end;
$function$;

CREATE OR REPLACE FUNCTION leads.fail_order (
  order_id uuid,
  provider text,
  expired  boolean
)
  RETURNS leads.pack_orders
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_order leads.pack_orders := leads.order_to_settle(order_id);
begin
  if v_order.status <> 'pending' then return v_order; end if;
  update leads.pack_orders o set status = 'failed', provider = fail_order.provider where o.id = v_order.id
  returning o.* into v_order;
  v_order := leads.list_order(v_order);
  if expired then
    perform platform.notify(v_order.buyer_id, 'leads', 'warning', 'Paiement expiré',
      format('Le Pack %s n''a pas été payé à temps. Rien n''a été débité.', v_order.pack_name));
  else
    perform platform.notify(v_order.buyer_id, 'leads', 'error', 'Paiement refusé',
      format('Votre paiement a été refusé pour le Pack %s. Essayez un autre moyen de paiement.', v_order.pack_name));
  end if;
  return v_order;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.fields_to_hide (
  first_name text,
  company    text,
  city       text,
  source     text,
  channel    text,
  last_name  text,
  email      text,
  phones     text[]
)
  RETURNS text[]
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
declare
  v_said text := lower(extensions.unaccent('extensions.unaccent'::regdictionary,
    concat_ws(e'\n', coalesce(last_name, ''), company, first_name, city, source, channel)));
  v_texts text;
  v_name text;
  v_letters text;
  v_part text;
begin
  <<quick_look>>
  begin
    exit quick_look when strpos(concat(last_name, company, first_name, city, source, channel), e'\n') > 0;
    -- The letters of each text, as in leads.letters_of.
    if v_said !~ '[^a-z \n''.-]' then
      v_texts := replace(replace(replace(replace(replace(v_said, ' ', ''), '-', ''), '''', ''), '.', ''), 'l', 'i');
    else
      exit quick_look when v_said ~ '[^a-z0-9 \n''.,;:/&-]|[a-z][0-9]|[0-9][a-z]|([0-9][^0-9]*){6}'
        or leads.tells_place(replace(v_said, e'\n', ' '));
      v_texts := regexp_replace(translate(v_said, '013457l8', 'oieastib'), '[^a-z\n]', '', 'g');
    end if;
    v_name := split_part(v_texts, e'\n', 1);
    v_texts := substr(v_texts, length(v_name) + 1);
    v_letters := replace(v_texts, e'\n', '');

    -- No number in words can be written without one of these letter groups.
    exit quick_look
      when v_said like any (
      '{%x%,%z%,%q%,%trois%,%sept%,%huit%,%neuf%,%vingt%,%ante%,%trent%,%two%,%three%,%four%,%five%,%seven%,%eight%,%nine%,%one%one%one%,%arobas%,%www.%}')
      and (v_said ~ 'arobas|www\.' or leads.has_number_words(v_said));

    -- Each word of a name may occur by itself.
    v_part := split_part(v_said, e'\n', 1);
    if length(v_part) > length(v_name) then
      exit quick_look when v_part ~ '[^a-z ''-]';
      foreach v_part in array string_to_array(translate(v_part, 'l''-', 'i  '), ' ') loop
        exit quick_look when length(v_part) > 3
          and (strpos(v_letters, v_part) > 0 or strpos(v_letters, reverse(v_part)) > 0);
      end loop;
    end if;

    -- The first letters of the mailbox are enough, if they are letters.
    v_part := left(replace(replace(replace(split_part(email, '@', 1), '.', ''), '-', ''), '_', ''), 5);
    if v_part ~ '[^a-z]' then v_part := leads.letters_of(leads.plain_text(split_part(email, '@', 1))); end if;
    v_part := case when length(v_part) > 4 then replace(v_part, 'l', 'i') end;

    if length(v_name) > 1 and strpos(v_letters, v_name) > 0 then
      -- In that case the other fields must not contain the name.
      v_letters := split_part(v_texts, e'\n', 2);
      exit quick_look when length(v_name) < 5 or company is null or strpos(v_letters, v_name) = 0;
      v_letters := replace(substr(v_texts, length(v_letters) + 2), e'\n', '');
      exit quick_look when strpos(v_letters, v_name) > 0 or strpos(v_letters, reverse(v_name)) > 0
        or strpos(v_letters, v_part) > 0;
      return '{company}';
    end if;
    exit quick_look when strpos(v_letters, v_part) > 0;

    if length(v_name) > 4 then
      exit quick_look when strpos(v_letters, reverse(v_name)) > 0;
      -- A name split in two is at the end of one text and the beginning of another.
      if strpos(v_letters, left(v_name, 2)) > 0 and strpos(v_letters, right(v_name, 2)) > 0 then
        v_texts := v_texts || e'\n';
        for i in 2 .. length(v_name) - 2 loop
          exit quick_look when strpos(v_texts, left(v_name, i) || e'\n') > 0
            and strpos(v_texts, e'\n' || substr(v_name, i + 1)) > 0;
        end loop;
      end if;
    end if;
    return null;
  end quick_look;
  return leads.look_closely_at_fields(first_name, company, city, source, channel, last_name, email, phones);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.files_to_remove()
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select coalesce(jsonb_agg(r.path order by r.path), '[]')
  from (select distinct p as path from leads.leads l cross join lateral leads.recordings_of(l) p
    where l.erased_at is not null) r;
$function$;

CREATE OR REPLACE FUNCTION leads.find_leads (
  search     text,
  sector     text,
  region     text,
  min_score  integer,
  status     text,
  page_size  integer,
  cursor     text,
  count_mode text,
  OUT        keys uuid[],
  OUT        next_cursor text,
  OUT        total bigint
)
  RETURNS record
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION leads.find_pairs (
  person uuid
)
  RETURNS void
  LANGUAGE sql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION leads.find_profile (
  username text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_user uuid := (select u.id from auth.users u where u.email = lower(btrim(username)) limit 1);
begin
  perform platform.refuse_suspended('leads');
  if v_user = auth.uid() then return platform.my_account('leads'); end if;
  if v_user is null or not platform.has_role('leads', 'admin') then return null; end if;
  return platform.member(v_user, 'leads') - array['status', 'createdAt', 'lastSignInAt', 'emailConfirmedAt', 'knownSupplier'];
end;
$function$;

CREATE OR REPLACE FUNCTION leads.firm_sign (
  company text
)
  RETURNS text
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select case when length(f.name) > 2 then f.name end from (
    select regexp_replace(regexp_replace(platform.fold(company), '\m(sarl|sasu|sas|eurl|sa|sci|scop|ei|eirl)\M', '',
      'g'), '[^[:alnum:]]', '', 'g') as name) f;
$function$;

CREATE OR REPLACE FUNCTION leads.follow_status (
  user_id uuid,
  role    text,
  status  text
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_supplier uuid;
  v_status text := status;
begin
  select s.id into v_supplier from leads.suppliers s where s.user_id = follow_status.user_id for no key update;
  if v_supplier is null and status = 'active' and role = 'fournisseur' then
    perform platform.require_proven(follow_status.user_id);
    perform leads.open_role(follow_status.user_id, role, 'active', true);
    return;
  end if;
  if status = 'active' and exists (select from leads.supplier_accounts a where a.supplier_id = v_supplier and not a.validated) then
    v_status := 'pending_validation';
  end if;
  update leads.suppliers s set status = v_status where s.id = v_supplier and s.status <> v_status;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.fournisseur_profile (
  OUT id text,
  OUT email text,
  OUT "firstName" text,
  OUT "lastName" text,
  OUT role text,
  OUT company text,
  OUT phone text,
  OUT avatar text,
  OUT credits integer,
  OUT "createdAt" text,
  OUT iban text,
  OUT "totalLeadsUploaded" numeric,
  OUT "totalLeadsSold" numeric,
  OUT "totalRevenue" numeric,
  OUT "pendingPayment" numeric
)
  RETURNS record
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION leads.free_earnings (
  payout leads.payouts
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_from text := 'payouts_in_transit';
begin
  if payout.status = 'completed' then
    perform platform.reverse_transfer(t.id, 'payout_returned', payout.id::text)
    from platform.ledger_transfers t where t.system = 'leads' and t.kind = 'payout_confirmed'
      and t.key = payout.id::text;
    if not found then v_from := 'bank'; end if;
  end if;
  if payout.transfer_id is not null then
    perform platform.reverse_transfer(payout.transfer_id, 'payout_failed', payout.id::text);
    update leads.earnings e set payout_id = null where e.payout_id = payout.id;
  else
    perform platform.post_transfer('leads', 'payout_failed', payout.id::text,
      array[(v_from, null, -payout.amount_cents),
        ('supplier_earnings', payout.supplier_id, payout.amount_cents)]::platform.ledger_line[]);
    insert into leads.earnings (supplier_id, kind, amount_cents, payable_from)
      values (payout.supplier_id, 'opening', payout.amount_cents, now());
  end if;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.gdpr_erase (
  person text,
  oppose boolean DEFAULT false
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_email text;
  v_phone text;
  v_account record;
begin
  -- The lock waits for running merges and forms, so that their rows are found.
  perform pg_advisory_xact_lock(hashtext('leads.merge_import'));
  select p.email, p.phone into v_email, v_phone from leads.person_of(person) p;
  select a.* into v_account from leads.account_of(v_email) a;
  return leads.erase_person(v_email, v_phone, coalesce(v_account.user_id, v_account.unproven_id),
    v_account.supplier_ids, oppose);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.gdpr_export (
  person text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_email text;
  v_phone text;
  v_account record;
begin
  select p.email, p.phone into v_email, v_phone from leads.person_of(person) p;
  select a.* into v_account from leads.account_of(v_email) a;
  return jsonb_build_object(
    'person', coalesce(platform.shown_email(v_email), v_phone),
    'exportedAt', platform.iso_timestamp(now()),
    'opposition', (select jsonb_build_object('since', platform.iso_timestamp(o.created_at), 'reason', o.reason)
      from leads.oppositions o where o.value_hash = leads.person_hash(leads.pepper(), coalesce(v_email, v_phone))),
    'account', case when v_account.user_id is not null or v_account.supplier_ids <> '{}'
      then leads.exported_account(v_account.user_id, v_account.supplier_ids) end,
    -- For an account whose address is not proven, the export says only that it exists.
    'unprovenAccount', (select jsonb_build_object('createdAt', platform.iso_timestamp(u.created_at)) from auth.users u
      where u.id = v_account.unproven_id),
    'leads', (select coalesce(jsonb_agg(leads.exported_lead(l) order by l.id), '[]')
      from leads.leads l where l.id in (select leads.leads_of(v_email, v_phone))),
    'refusedRows',
      (select coalesce(jsonb_agg(jsonb_build_object('import', i.reference, 'fileName', i.file_name, 'line', r.line,
        'messages', jsonb_path_query_array(r.problems, '$[*].message')) order by i.id, r.line), '[]')
      from leads.import_rejects r join leads.imports i on i.id = r.import_id
      where leads.names_person(r.problems::text, v_email, v_phone)),
    'pendingRows',
      (select coalesce(jsonb_agg(jsonb_build_object('import', i.reference, 'fileName', i.file_name, 'line', r.line)
      order by i.id, r.line), '[]')
      from leads.import_held_rows r join leads.imports i on i.id = r.import_id
      where leads.names_person((to_jsonb(r) - '{import_id,line}'::text[])::text, v_email, v_phone)));
end;
$function$;

CREATE OR REPLACE FUNCTION leads.give_budget_back (
  sale leads.sales
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$
  update leads.bonus_budgets b set spent_cents = b.spent_cents - sale.budget_cents
  where b.month = platform.paris_month(sale.sold_at) and sale.budget_cents > 0;
$function$;

CREATE OR REPLACE FUNCTION leads.give_lead (
  lead_id uuid,
  calling leads.calling
)
  RETURNS leads.leads
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_lead leads.leads;
  v_broken text[];
begin
  update leads.leads l set agent_id = auth.uid(), qualification_status = 'in_progress', status = 'pending',
    reserved_until = leads.reservation_end(), callback_at = null, requeued_at = null
  where l.id = give_lead.lead_id returning * into v_lead;
  calling.at := clock_timestamp();
  v_broken := leads.rules_broken(v_lead, calling);
  if v_broken is not null then
    perform platform.fail(409, v_broken[1], 'Cette personne ne peut pas être appelée maintenant.',
      'Demandez le lead suivant.');
  end if;
  return v_lead;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.global_stats (
  OUT "totalLeads" numeric,
  OUT "qualifiedLeads" numeric,
  OUT "soldLeads" numeric,
  OUT "pendingLeads" numeric,
  OUT revenue numeric,
  OUT "avgScore" numeric,
  OUT "conversionRate" numeric
)
  RETURNS record
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select
    platform.kept('leads', 'leads.total') + platform.opening('leads', 'stats.totalLeads'),
    platform.kept('leads', 'leads.qualified') + platform.opening('leads', 'stats.qualifiedLeads'),
    platform.kept('leads', 'leads.sold') + platform.opening('leads', 'stats.soldLeads'),
    platform.kept('leads', 'leads.pending') + platform.opening('leads', 'stats.pendingLeads'),
    platform.euros(platform.kept('leads', 'sales.revenue') + platform.opening('leads', 'stats.revenue')),
    coalesce(trim_scale(round((platform.kept('leads', 'leads.score') + platform.opening('leads', 'stats.score'))
      / nullif(platform.kept('leads', 'leads.total') + platform.opening('leads', 'stats.scored'), 0), 2)), 0),
    leads.rate(platform.kept('leads', 'leads.sold') + platform.opening('leads', 'stats.converted'),
      platform.kept('leads', 'leads.total') + platform.opening('leads', 'stats.convertible'))
  where (select platform.require_role('leads', 'admin'));
$function$;

CREATE OR REPLACE FUNCTION leads.guard_order()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if (old.status, new.status) not in (('pending', 'completed'), ('pending', 'failed'), ('failed', 'completed'),
    ('completed', 'refunded'),
      ('refunded', 'completed'))
    and old.status <> new.status
    or (old.buyer_id, old.pack_id, old.pack_reference, old.pack_version, old.pack_name, old.credits, old.bonus,
      old.price_cents)
      <> (new.buyer_id, new.pack_id, new.pack_reference, new.pack_version, new.pack_name, new.credits, new.bonus,
        new.price_cents) then
    perform platform.fail(409, 'order_is_final', 'Cette commande ne se modifie plus.');
  end if;
  return new;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.guard_refund()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if old.status <> new.status
      and (old.status, new.status) not in (('requested', 'accepted'), ('requested', 'refused'),
        ('refused', 'accepted'), ('accepted', 'reversed'))
    or (old.order_id, old.kind, old.amount_cents) <> (new.order_id, new.kind, new.amount_cents)
    or old.transaction_id is not null
    and (old.credits, old.bonus, old.credits_lost, old.bonus_lost, old.transaction_id)
      <> (new.credits, new.bonus, new.credits_lost, new.bonus_lost, new.transaction_id) then
    perform platform.fail(409, 'refund_is_final', 'Ce remboursement ne se modifie plus.');
  end if;
  return new;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.held_about (
  user_id      uuid,
  supplier_ids uuid[]
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select platform.held_in(array(select p from leads.personal_data() p),
    jsonb_build_object('user', array_remove(array[held_about.user_id], null),
    'supplier', held_about.supplier_ids, 'either', array_remove(held_about.supplier_ids || held_about.user_id, null)));
$function$;

CREATE OR REPLACE FUNCTION leads.held_payouts()
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('reference', p.transfer_reference, 'cents', p.amount_cents,
    'supplier', s.reference, 'reason', h.reason)
    order by p.transfer_reference), '[]')
  from leads.payouts p join leads.suppliers s on s.id = p.supplier_id
  cross join lateral (select leads.hold_of(p) as reason) h
  where p.export_id is null and p.status = 'pending' and h.reason is not null;
$function$;

CREATE OR REPLACE FUNCTION leads.hidden_text (
  lead leads.leads
)
  RETURNS text
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select string_agg(f.said, ' ')
  from (values ('first_name', lead.first_name), ('company', lead.company)) f (field, said)
  where f.field = any (lead.hidden_fields);
$function$;

CREATE OR REPLACE FUNCTION leads.hold_account (
  payout leads.payouts,
  reason text
)
  RETURNS text
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_code text := substring(upper(reason) from '^(?:.*\()?\s*([A-Z]{2}[A-Z0-9]{2})\M');
  v_fault text := leads.account_fault(v_code);
begin
  if v_fault is null then return null; end if;
  insert into leads.held_accounts (sealed_iban, supplier_id, iban_mask, code)
  select a.sealed_iban, payout.supplier_id, payout.iban_mask, v_code from leads.payout_accounts a
  where a.payout_id = payout.id
  on conflict do nothing;
  if not found then return v_fault; end if;
  perform platform.notify(m.user_id, 'leads', 'warning', 'Compte bancaire retenu',
      format(
        '%s (%s) : la banque a renvoyé le virement %s du compte %s (%s : %s). Rien n''y part plus avant un autre IBAN ou une nouvelle validation.',
        s.company, s.reference, payout.transfer_reference, payout.iban_mask, v_code, v_fault), s.id)
    from platform.memberships m, leads.suppliers s
    where m.system = 'leads' and m.role = 'admin' and m.status = 'active' and s.id = payout.supplier_id;
  return v_fault;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.hold_import (
  import_id    uuid,
  on_duplicate text,
  counts       leads.import_counts
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_import leads.imports := leads.count_import(import_id, counts, 'pending_review');
  v_said text := format('%s : %s lignes refusées sur %s.', v_import.file_name, v_import.invalid, v_import.total);
begin
  update leads.imports i set on_duplicate = hold_import.on_duplicate where i.id = v_import.id;
  insert into leads.import_held_rows select r.* from leads.import_rows r where r.import_id = v_import.id;
  perform leads.notify_supplier(v_import.id, 'warning', 'Import en attente de vérification', v_said);
  perform platform.notify(m.user_id, 'leads', 'warning', 'Import à vérifier', v_import.reference || ', ' || v_said,
    v_import.supplier_id)
  from platform.memberships m where m.system = 'leads' and m.role = 'admin' and m.status = 'active';
  perform platform.emit('leads', 'import.pending_review',
    jsonb_build_object('import', v_import.reference, 'read', v_import.total, 'invalid', v_import.invalid));
end;
$function$;

CREATE OR REPLACE FUNCTION leads.hold_of (
  payout leads.payouts
)
  RETURNS text
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select case
    when exists (select from leads.suppliers s
      where s.id = payout.supplier_id and s.status = 'suspended') then 'supplier_suspended'
    when exists (select from leads.payout_accounts a join leads.held_accounts h using (sealed_iban)
      where a.payout_id = payout.id) then 'account_held'
    when platform.needs_bic(payout.iban_mask)
      and exists (select from leads.payout_accounts a
        where a.payout_id = payout.id and a.bic is null) then 'bic_missing'
  end;
$function$;

CREATE OR REPLACE FUNCTION leads.hold_person()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_hashes bytea[];
  v_held integer;
begin
  if new.reserved_until is null then
    with held as materialized (select p.person_hash from leads.people_at_agents p where p.lead_id = new.id
      order by p.person_hash for update)
    delete from leads.people_at_agents p using held where p.person_hash = held.person_hash;
    return null;
  end if;
  v_hashes := array(select distinct h from unnest(leads.person_hashes(new.id)) h order by h);
  insert into leads.people_at_agents as p (person_hash, lead_id, until) select h, new.id, new.reserved_until
    from unnest(v_hashes) h
  on conflict (person_hash) do update set lead_id = excluded.lead_id, until = excluded.until
    where p.until <= clock_timestamp() or p.lead_id = excluded.lead_id;
  get diagnostics v_held = row_count;
  if v_held < cardinality(v_hashes) then
    perform platform.fail(409, 'lead_reserved', 'Un autre agent s''occupe de cette personne.',
      'Demandez le lead suivant.');
  end if;
  return null;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.hold_upload (
  import_id uuid
)
  RETURNS void
  LANGUAGE sql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  update leads.import_files f set held_until = clock_timestamp() + interval '1 minute'
  where f.import_id = hold_upload.import_id;
$function$;

CREATE OR REPLACE FUNCTION leads.holder_export (
  user_id uuid,
  system  text DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_email text := leads.proven_email(holder_export.user_id);
begin
  return (select jsonb_build_object('person', p.email, 'exportedAt', platform.iso_timestamp(now()),
    'account', leads.exported_account(p.id, leads.suppliers_of(p.id, v_email), holder_export.system),
    'leads', (select coalesce(jsonb_agg(leads.exported_lead(l) order by l.id), '[]') from leads.leads l
      where l.id in (select leads.leads_of(v_email, null))))
  from platform.profiles p where p.id = holder_export.user_id);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.holder_named (
  id text
)
  RETURNS uuid
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_user uuid := platform.member_named('leads', holder_named.id);
begin
  -- An erased account holds nothing of the person, and a repeated erasure must answer as one.
  if auth.role() is distinct from 'service_role'
    and not exists (select from platform.memberships m where m.user_id = v_user and m.system = 'leads')
    and not exists (select from platform.registrations r where r.user_id = v_user and r.system = 'leads')
    and not exists (select from platform.profiles p where p.id = v_user and p.erased_at is not null)
    and leads.suppliers_of(v_user, leads.proven_email(v_user)) = '{}'
  then
    perform platform.fail(404, 'user_not_found', 'Cet utilisateur n''existe pas.');
  end if;
  return v_user;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.identity_problems (
  identity jsonb,
  prefix   text,
  wanted   text[]
)
  RETURNS jsonb
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('field', prefix || field, 'code', p.code,
    'message', case p.code when 'invalid_check_digits' then 'La clé de ce numéro est fausse : vérifiez la saisie.'
      else message end)), '[]')
  from (values
    ('name', case when not platform.is_text(identity -> 'name', 200) then 'invalid_value' end,
      'Le nom compte de 1 à 200 caractères.'),
    ('address', case when not platform.is_text(identity -> 'address', 500) then 'invalid_value' end,
      'L''adresse compte de 1 à 500 caractères.'),
    ('deliveryAddress', case when not platform.is_text(identity -> 'deliveryAddress', 500) then 'invalid_value' end,
      'L''adresse compte de 1 à 500 caractères.'),
    ('siret', platform.siret_problem(identity ->> 'siret'), 'Un SIRET compte 14 chiffres.'),
    ('vatNumber', platform.vat_number_problem(identity ->> 'vatNumber'),
      'Un numéro de TVA commence par le code du pays, et a la forme de ceux du pays : FR44732829320.')
  ) as checked (field, problem, message)
  cross join lateral (select case when coalesce(identity -> field, 'null') <> 'null' then problem
    when field = any (wanted) then 'required' end as code) p
  where p.code is not null;
$function$;

CREATE OR REPLACE FUNCTION leads.import_progress (
  import_id  uuid,
  total      integer,
  duplicates integer,
  OUT        "totalLeads" numeric,
  OUT        pending numeric,
  OUT        qualified numeric,
  OUT        rejected numeric,
  OUT        duplicate numeric
)
  RETURNS record
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select
    total + platform.opening('leads', 'agentImport.totalLeads', import_id::text),
    platform.kept('leads', 'import.pending', import_id::text) + platform.opening('leads', 'agentImport.pending',
      import_id::text),
    platform.kept('leads', 'import.qualified', import_id::text) + platform.opening('leads', 'agentImport.qualified',
      import_id::text),
    platform.kept('leads', 'import.rejected', import_id::text) + platform.opening('leads', 'agentImport.rejected',
      import_id::text),
    duplicates + platform.opening('leads', 'agentImport.duplicates', import_id::text);
$function$;

CREATE OR REPLACE FUNCTION leads.import_report (
  import_id uuid
)
  RETURNS json
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  with places as (
    select l.sector, l.region, count(*) as leads from leads.leads l
    where l.import_id = import_report.import_id group by 1, 2
  )
  select json_build_object(
    'import', i.reference, 'fileName', i.file_name, 'status', i.status, 'processingTime', i.processing_time,
    'failure', i.failure, 'undoneAt', platform.iso_timestamp(i.undone_at), 'read', i.total, 'inserted', i.inserted,
    'updated', i.updated,
    'duplicates', json_build_object('total', i.duplicates, 'inFile', i.duplicates_in_file, 'ofSupplier',
      i.duplicates_of_supplier,
      'alreadySold', i.duplicates_sold, 'onPlatform', i.duplicates_on_platform),
    'invalid', i.invalid,
    'reasons', (select coalesce(json_agg(t), '[]') from (
      select r.field, r.code, count(*) as rows, (array_agg(r.message order by r.line))[1] as example
      from leads.import_rejects r where r.import_id = i.id group by 1, 2 order by 3 desc, 1, 2) t),
    'sectors', (select coalesce(json_agg(t), '[]') from (
      select p.sector as name, sum(p.leads)::bigint as leads from places p group by 1 order by 2 desc, 1) t),
    'regions', (select coalesce(json_agg(t), '[]') from (
      select p.region as name, sum(p.leads)::bigint as leads from places p group by 1 order by 2 desc, 1) t))
  from leads.imports i where i.id = import_id;
$function$;

CREATE OR REPLACE FUNCTION leads.import_values (
  import_id uuid,
  from_line integer DEFAULT 0,
  last_line integer DEFAULT 2147483647
)
  RETURNS TABLE (
    line                 integer,
    defect               text,
    first_name           text,
    last_name            text,
    name_unsplit         boolean,
    company              text,
    sector               text,
    region               text,
    postcode             text,
    city                 text,
    source               text,
    channel              text,
    notes                text,
    summary              text,
    email_written        text,
    email                text,
    phone_wrong          text,
    phone_as_written     text,
    phone                text,
    phone2               text,
    score_written        text,
    score                integer,
    price_written        text,
    price_cents          integer,
    is_exclusive_written text,
    is_exclusive         boolean,
    collected_written    text
  )
  LANGUAGE sql
  STABLE
  ROWS 100000
  SET search_path TO ''
  AS $function$
  with looked_at as (
    -- A row is plain if it has only keyboard characters, no leading, trailing or double space, and every cell begins
    -- with a letter or digit and does not look like « N/A », « NULL » or « z:35000 » (« nadal » is a name). The
    -- pattern is kept simple because each branch costs time.
    select r.*, concat_ws(e'\x1f', '', r.first_name, r.last_name, r.company, r.sector, r.region, r.city, r.source,
      r.channel, r.notes, r.summary, r.full_name, r.postcode, r.collected_at,
      '') ~ '[^ -~¡-¬®-ÿœŒ\u001f]|  | \u001f|\u001f([^0-9A-Za-zÀ-ÿŒœ\u001f]|([nN][^aeiouyéèh]|[nu][aiun])[^\u001f]{0,3}\u001f|NON |undefined)|:[+0-9]|NaN' as odd
    from leads.import_rows r
    where r.import_id = import_values.import_id and r.line between import_values.from_line and import_values.last_line
    offset 0
  ), written as (
    select r.line, r.defect,
      case when r.odd then leads.clean_value(r.first_name, true) else nullif(r.first_name, '') end as first_name,
      case when r.odd then leads.clean_value(r.last_name, true) else nullif(r.last_name, '') end as last_name,
      case when r.odd then leads.clean_value(r.full_name, true) else nullif(r.full_name, '') end as full_name,
      nullif(r.email, '') as email,
      nullif(r.phone, '') as phone,
      nullif(r.phone2, '') as phone2,
      case when r.odd then leads.clean_value(r.company, true) else nullif(r.company, '') end as company,
      case when r.odd then leads.clean_value(r.sector) else nullif(r.sector, '') end as sector,
      case when r.odd then leads.clean_value(r.region) else nullif(r.region, '') end as region,
      case when r.odd then leads.clean_value(r.postcode) else nullif(r.postcode, '') end as postcode,
      case when r.odd then leads.clean_value(r.city, true) else nullif(r.city, '') end as city,
      case when r.odd then leads.clean_value(r.source, true) else nullif(r.source, '') end as source,
      case when r.odd then leads.clean_value(r.channel, true) else nullif(r.channel, '') end as channel,
      case when translate(r.score, '0123456789,.', '') = '' then nullif(r.score, '')
        else regexp_replace(leads.clean_value(r.score), ' ?(%|/ ?100)$', '') end as score,
      case when translate(r.price, '0123456789,. €', '') = '' then nullif(btrim(r.price), '')
        else regexp_replace(leads.clean_value(r.price), ' ?(€|euros?|eur)( ht)?$', '', 'i') end as price,
      case when r.is_exclusive in ('oui', 'non', 'Oui', 'Non', 'true', 'false', '1', '0') then r.is_exclusive
        else leads.clean_value(r.is_exclusive) end
        as is_exclusive,
      case when r.odd then leads.clean_value(r.notes, true, true) else nullif(r.notes, '') end as notes,
      case when r.odd then leads.clean_value(r.summary, true, true) else nullif(r.summary, '') end as summary,
      case when r.odd then leads.clean_value(r.collected_at) else nullif(r.collected_at, '') end as collected_at
    from looked_at r
    offset 0
  ), stripped as (
    -- Spaces and the euro sign are removed from a price; « 25 euros », « 80 % » and « 80/100 » are reduced to the
    -- number.
    select w.*, lower(w.email) as mail, translate(w.phone, ' .', '') as digits,
      translate(w.price, ' €', '') as amount,
      case when w.last_name is null and w.full_name is not null
        then leads.split_name(w.full_name, w.first_name) end as split
    from written w
    offset 0
  ), numbered as (
    -- A French telephone in the usual spelling is converted here, with the same result as telephone_of. The amount
    -- gets a decimal point: 1.234,50 and 1,234.50 and 1234,5 are unambiguous, 1.234 is not.
    select s.*,
      case when s.phone2 is null and s.digits ~ '^(0|\+33)[1-9][0-9]{8}$'
          and left(right(s.digits, 9), 3) not in ('262', '263', '269', '590', '594', '596', '639', '690', '691', '692',
            '693', '694', '696', '697')
        then right(s.digits, 9) end as national,
      case
        when strpos(s.amount, '.') = 0 or strpos(s.amount, ',') = 0 then replace(s.amount, ',', '.')
        when s.amount ~ '^[0-9]{1,3}(\.[0-9]{3})+,[0-9]{1,2}$' then translate(s.amount, ',.', '.')
        when s.amount ~ '^[0-9]{1,3}(,[0-9]{3})+\.[0-9]{1,2}$' then replace(s.amount, ',', '')
        else replace(s.amount, ',', '.') end as euros
    from stripped s
    offset 0
  ), reached as (
    select n.*, case when n.national is null and (n.phone is not null or n.phone2 is not null)
      then leads.read_telephones(n.phone, n.phone2) end as phones, case when length(n.mail) <= 254
        and n.mail ~ '^[a-z0-9!#$%&''*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&''*+/=?^_`{|}~-]+)*@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$' then n.mail
        when n.mail is not null then leads.email_of(n.email) end as address
    from numbered n
    offset 0
  )
  select v.line, v.defect, coalesce(v.first_name, nullif(v.split[1], '')), coalesce(v.last_name, v.split[2]),
    v.split is not null and v.split[1] is null and v.first_name is null,
    v.company, v.sector, v.region, v.postcode, v.city, v.source, v.channel, v.notes, v.summary,
    case when v.address is null then leads.clean_value(v.email) else v.email end, v.address, v.phones[3],
    case v.phones[3] when 'phone' then v.phone when 'phone2' then v.phone2 end,
    case when v.national is not null then concat_ws(' ', '+33', left(v.national, 1), substr(v.national, 2, 2),
      substr(v.national, 4, 2), substr(v.national, 6, 2), substr(v.national, 8, 2)) else v.phones[1] end,
    v.phones[2],
    v.score,
    case when v.score is null then 0
      when v.score ~ '^[0-9]{1,2}$' then v.score::integer
      when v.score ~ '^[0-9]{1,3}([.,][0-9]{1,6})?$'
        and replace(v.score, ',', '.')::numeric <= 100 then round(replace(v.score, ',', '.')::numeric)::integer end,
    v.price,
    case when v.price is null then 0
      when v.euros ~ '^[0-9]{1,7}(\.[0-9]{1,2})?$' then (v.euros::numeric * 100)::integer end,
    v.is_exclusive,
    case when v.is_exclusive = 'oui' then true when v.is_exclusive = 'non' then false
      when v.is_exclusive is null or lower(v.is_exclusive) in ('non', 'no', 'n', 'false', 'faux', '0') then false
      when lower(v.is_exclusive) in ('oui', 'o', 'yes', 'y', 'true', 'vrai', '1', 'x') then true end,
    v.collected_at
  from reached v;
$function$;

CREATE OR REPLACE FUNCTION leads.insert_imported_leads (
  import_id uuid,
  from_line integer,
  last_line integer
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_supplier uuid := (select i.supplier_id from leads.imports i where i.id = insert_imported_leads.import_id);
begin
  -- The setting is made here instead of in the function's header, because hosted Supabase refuses custom settings on
  -- functions.
  perform set_config('leads.texts_are_looked_at', 'on', true);
  insert into leads.leads (id, reference, supplier_id, import_id, first_name, last_name_mask, email_mask, phone_mask,
    company, sector, region, city, source, channel, score, price_cents, is_exclusive, summary, hidden_fields,
    collected_at, has_consent)
  select c.id, c.id::text, v_supplier, c.import_id, coalesce(c.first_name, ''), c.last_name_mask, c.email_mask,
    c.phone_mask, c.company, c.sector, c.region, c.city, c.source, c.channel, c.score, c.price_cents, c.is_exclusive,
    c.summary, c.hidden_fields, c.collected_at, c.consent_text_version is not null
  from leads.import_checked c
  where c.import_id = insert_imported_leads.import_id and c.line between from_line and last_line and c.problems = ''
    and c.duplicate is null
  -- Rows are inserted in the order of their keys, so that they are neighbours in the indexes.
  order by c.line desc;

  insert into leads.lead_contacts (lead_id, supplier_id, last_name, name_unsplit, email, phone, phone2,
    notes, hidden_text)
  select c.id, v_supplier, c.last_name, c.name_unsplit, c.email, c.phone, c.phone2, c.notes,
    case when c.hidden_fields is not null
      then concat_ws(' ', case when 'first_name' = any (c.hidden_fields) then c.first_name end,
      case when 'company' = any (c.hidden_fields) then c.company end) end
  from leads.import_checked c
  where c.import_id = insert_imported_leads.import_id and c.line between from_line and last_line and c.problems = ''
    and c.duplicate is null
  order by c.line desc;
  perform set_config('leads.texts_are_looked_at', '', true);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.invoice_mentions (
  buyer       jsonb,
  vat_percent numeric
)
  RETURNS text[]
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION leads.is_at_another_agent (
  lead uuid,
  at   timestamp with time zone
)
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_hashes bytea[] := leads.person_hashes(lead);
begin
  return exists (select from leads.people_at_agents p where p.person_hash = any (v_hashes) and p.until > at
    and p.lead_id <> lead);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.is_calling_time (
  local_time   timestamp without time zone,
  own_holidays text[],
  rule         jsonb
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return rule -> 'days' @> to_jsonb(extract(isodow from local_time)::integer)
    and exists (select from jsonb_to_recordset(rule -> 'hours') h ("from" time, until time)
      where local_time::time >= h."from" and local_time::time < h.until)
    and ((rule -> 'onHolidays')::boolean or not leads.is_holiday(local_time::date, own_holidays));
end;
$function$;

CREATE OR REPLACE FUNCTION leads.is_count (
  value   jsonb,
  lowest  integer,
  highest integer,
  or_none boolean DEFAULT false
)
  RETURNS boolean
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$ select coalesce(platform.is_number(value, lowest, highest, 0), false) or (or_none and value = 'null'); $function$;

CREATE OR REPLACE FUNCTION leads.is_cut_between (
  name text,
  said text[]
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
declare
  v_said text[];
begin
  if name is null or length(name) < 5 then return false; end if;
  v_said := array(select leads.letters_of(leads.plain_text(s)) from unnest(said) s where s <> '');
  for i in 2 .. length(name) - 2 loop
    if exists (select from unnest(v_said) a where right(a, i) = left(name, i))
      and exists (select from unnest(v_said) b where starts_with(b, substr(name, i + 1))) then
      return true;
    end if;
  end loop;
  return false;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.is_holiday (
  day          date,
  own_holidays text[] DEFAULT '{}'::text[]
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
begin
  -- Easter+1, +39 and +50 are Easter Monday, Ascension Day and Whit Monday: code du travail, L3133-1.
  return array[to_char(day, 'MM-DD'),
    'Easter' || to_char(day - platform.easter_sunday(extract(year from day)::integer), 'FMS999')]
    && (array['01-01', '05-01', '05-08', '07-14', '08-15', '11-01', '11-11', '12-25', 'Easter+1', 'Easter+39',
      'Easter+50'] || own_holidays);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.is_reverse_charged (
  vat_number text
)
  RETURNS boolean
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select coalesce(left(vat_number, 2) = any (string_to_array(
    'AT BE BG CY CZ DE DK EE EL ES FI HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK', ' ')),
    false);
$function$;

CREATE OR REPLACE FUNCTION leads.is_same_person (
  before leads.lead_contacts,
  after  leads.lead_contacts
)
  RETURNS boolean
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  -- A full name stored in one field may be split.
  select (leads.same_name(before.last_name, after.last_name) or before.name_unsplit
      and ' ' || leads.spelling_key(before.last_name) || ' ' like '% ' || leads.spelling_key(after.last_name) || ' %'
      and leads.spelling_key(after.last_name) <> '')
    and lower(before.email) is not distinct from lower(after.email)
    and leads.numbers_of(before) = leads.numbers_of(after);
$function$;

CREATE OR REPLACE FUNCTION leads.is_sold (
  lead leads.leads
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return lead.sold_at is not null or lead.status = 'sold'
    or exists (select from leads.sales s where s.lead_id = lead.id);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.is_whole_price (
  pack_order leads.pack_orders,
  event      jsonb
)
  RETURNS boolean
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$ select ((event ->> 'amountCents')::bigint,
  lower(event ->> 'currency')) is not distinct from (pack_order.price_cents, 'eur'); $function$;

CREATE OR REPLACE FUNCTION leads.issue_again (
  refund leads.refunds
)
  RETURNS text
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION leads.issue_credit_note (
  refund leads.refunds
)
  RETURNS text
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION leads.issue_invoice (
  pack_order leads.pack_orders
)
  RETURNS text
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION leads.keep_account (
  supplier_id uuid,
  sealed_iban text,
  bic         text,
  mask        text,
  changed_by  uuid,
  validated   boolean,
  fingerprint text    DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_supplier leads.suppliers;
begin
  update leads.suppliers s set
    iban_mask = mask,
    status = case when s.status = 'active' and not validated then 'pending_validation' else s.status end
  where s.id = keep_account.supplier_id returning s.* into v_supplier;
  if v_supplier.id is null then
    perform platform.fail(404, 'supplier_not_found', 'Ce fournisseur n''existe pas.');
  end if;
  insert into leads.supplier_accounts as a (supplier_id, sealed_iban, fingerprint, bic, validated, changed_by)
  values (v_supplier.id, keep_account.sealed_iban, keep_account.fingerprint, keep_account.bic, keep_account.validated,
    keep_account.changed_by)
  on conflict on constraint supplier_accounts_pkey do update set sealed_iban = excluded.sealed_iban,
    fingerprint = excluded.fingerprint, bic = excluded.bic, validated = excluded.validated,
    changed_by = excluded.changed_by, changed_at = now();
  if v_supplier.user_id is not null then
    perform platform.notify(v_supplier.user_id, 'leads', 'warning', 'IBAN modifié',
      'Vos virements iront désormais sur le compte ' || mask
        || '. Si ce changement ne vient pas de vous, contactez-nous.');
  end if;
  return jsonb_build_object('id', v_supplier.reference, 'iban', v_supplier.iban_mask, 'status', v_supplier.status);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.keep_call_figures()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_added platform.figure[];
  v_removed platform.figure[];
begin
  if tg_op <> 'DELETE' then
    select array_agg(f) into v_added from new_rows n, leads.call_figures(n.agent_id, n.duration_seconds, n.result) f;
  end if;
  if tg_op <> 'INSERT' then
    select array_agg((f.metric, f.subject, f.month, -f.value)::platform.figure) into v_removed
    from old_rows o, leads.call_figures(o.agent_id, o.duration_seconds, o.result) f;
  end if;
  perform platform.add_figures('leads', v_added || v_removed);
  return null;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.keep_consent (
  lead  leads.leads,
  given jsonb
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$
  insert into leads.lead_consents (lead_id, supplier_id, text_version, url, ip, given_at, recipients)
  values (lead.id, lead.supplier_id, given ->> 'textVersion', given ->> 'url', (given ->> 'ip')::inet,
    leads.written_time(given ->> 'givenAt'), array(select jsonb_array_elements_text(given -> 'recipients')))
  on conflict (lead_id) do update set text_version = excluded.text_version, url = excluded.url, ip = excluded.ip,
    given_at = excluded.given_at, recipients = excluded.recipients;
$function$;

CREATE OR REPLACE FUNCTION leads.keep_demo_account (
  supplier_id uuid,
  sealed_iban text
)
  RETURNS void
  LANGUAGE sql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  insert into leads.supplier_accounts (supplier_id, sealed_iban, validated)
  select s.id, keep_demo_account.sealed_iban, s.status = 'active' from leads.suppliers s
  where s.id = keep_demo_account.supplier_id;
  insert into leads.payout_accounts (payout_id, holder, sealed_iban)
  select p.id, s.company, keep_demo_account.sealed_iban
  from leads.payouts p join leads.suppliers s on s.id = p.supplier_id
  where p.supplier_id = keep_demo_account.supplier_id and p.iban_mask = s.iban_mask
  on conflict do nothing;
$function$;

CREATE OR REPLACE FUNCTION leads.keep_demo_consents (
  files jsonb
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$
  insert into leads.lead_consents (lead_id, supplier_id, text_version, url, ip, given_at, recipients)
  select k.id, k.supplier_id, 'démonstration', 'https://example.com/demonstration', '203.0.113.1', k.created_at,
    '{Leads Provider}'
  from jsonb_array_elements(files -> 'leads') l join leads.leads k on k.reference = l ->> 'id'
  where k.has_consent;
$function$;

CREATE OR REPLACE FUNCTION leads.keep_demo_seller()
  RETURNS void
  LANGUAGE sql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  update platform.settings r set value = r.value || '{"address": "1 rue de la Démonstration\n75000 Paris", "siret": "99999999800019", "vatNumber": "FR11999999998"}'
  where r.system = 'leads' and r.section = 'seller' and r.value ->> 'siret' is null;
$function$;

CREATE OR REPLACE FUNCTION leads.keep_import_rejects (
  import_id uuid,
  from_line integer,
  last_line integer
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  insert into leads.import_rejects (import_id, line, field, code, message, problems)
  select c.import_id, c.line, c.reasons -> 0 ->> 'field', c.reasons -> 0 ->> 'code',
    c.reasons -> 0 ->> 'message', c.reasons
  from leads.import_checked c
  where c.import_id = keep_import_rejects.import_id and c.line between from_line and last_line
    and c.reasons is not null;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.keep_imported_consents (
  import_id uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION leads.keep_lead_figures()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_sign integer := case tg_op when 'DELETE' then -1 else 1 end;
  v_figures platform.figure[];
begin
  if tg_op = 'UPDATE' then
    select array_agg(f) into v_figures from (
      select supplier_id, import_id, sector, region, status, qualification_status, created_at, qualified_at,
        sum(sign) as leads, sum(sign * score) as score
      from (select 1 as sign, n.* from new_rows n union all select -1, o.* from old_rows o) changed
      where withdrawn_at is null group by 1, 2, 3, 4, 5, 6, 7, 8
      having sum(sign) <> 0 or sum(sign * score) <> 0
    ) g, leads.lead_figures(supplier_id, import_id, sector, region, status, qualification_status,
      platform.paris_month(created_at), platform.paris_month(qualified_at), leads, score) f;
  else
    select array_agg(f) into v_figures from (
      select supplier_id, import_id, sector, region, status, qualification_status, created_at, qualified_at,
        count(*) * v_sign as leads, sum(score) * v_sign as score
      from changed where withdrawn_at is null group by 1, 2, 3, 4, 5, 6, 7, 8
    ) g, leads.lead_figures(supplier_id, import_id, sector, region, status, qualification_status,
      platform.paris_month(created_at), platform.paris_month(qualified_at), leads, score) f;
  end if;
  perform platform.add_figures('leads', v_figures);
  return null;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.keep_outcome_figures()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_added platform.figure[];
  v_removed platform.figure[];
begin
  select array_agg(f) into v_added from new_rows n
  join leads.kept_sales k on k.buyer_id = n.buyer_id and k.lead_id = n.lead_id,
    leads.outcome_figures(n.buyer_id, n.outcome, 1) f;
  if tg_op = 'UPDATE' then
    select array_agg(f) into v_removed from old_rows o
    join leads.kept_sales k on k.buyer_id = o.buyer_id and k.lead_id = o.lead_id,
      leads.outcome_figures(o.buyer_id, o.outcome, -1) f;
  end if;
  perform platform.add_figures('leads', v_added || v_removed);
  return null;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.keep_payout()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if new.status <> old.status and (old.status, new.status) not in (('pending', 'completed'), ('pending', 'failed'),
    ('completed', 'failed'))
    or (new.id, new.supplier_id, new.amount_cents, new.transfer_reference) is distinct from (old.id, old.supplier_id,
      old.amount_cents, old.transfer_reference)
  then
    perform platform.fail(409, 'payout_settled', 'Ce virement ne se modifie plus.');
  end if;
  return new;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.keep_payout_figures()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_added platform.figure[];
  v_removed platform.figure[];
begin
  if tg_op <> 'DELETE' then
    select array_agg(f) into v_added
    from new_rows n, leads.payout_figures(n.supplier_id, n.status, n.amount_cents, n.date) f;
  end if;
  if tg_op <> 'INSERT' then
    select array_agg((f.metric, f.subject, f.month, -f.value)::platform.figure) into v_removed
    from old_rows o, leads.payout_figures(o.supplier_id, o.status, o.amount_cents, o.date) f;
  end if;
  perform platform.add_figures('leads', v_added || v_removed);
  return null;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.keep_refund (
  order_id           uuid,
  refund_id          uuid,
  provider_reference text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  update leads.refunds r set provider_reference = keep_refund.provider_reference
  where r.id = keep_refund.refund_id and r.provider_reference is null
    and leads.refund_name(r, keep_refund.provider_reference) is not null;
  if found then perform leads.sum_refunds(order_id); end if;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.keep_return_figures()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform platform.add_figures('leads', (
    select array_agg((f.metric, f.subject, f.month, f.value)::platform.figure) from new_rows r
    join old_rows o on o.id = r.id and o.status = 'requested'
    join leads.sales s on s.buyer_id = r.buyer_id and s.lead_id = r.lead_id
    left join leads.outcomes k on k.buyer_id = r.buyer_id and k.lead_id = r.lead_id
    cross join lateral (
      select * from leads.sale_figures(s.buyer_id, s.supplier_id, s.price_cents, s.supplier_share_cents,
        r.decided_at, -1)
      union all select * from leads.outcome_figures(k.buyer_id, k.outcome, -1)
    ) f
    where r.status = 'accepted'));
  return null;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.keep_sale_figures()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform platform.add_figures('leads', (
    select array_agg(f) from changed c,
      leads.sale_figures(c.buyer_id, c.supplier_id, c.price_cents, c.supplier_share_cents, c.sold_at,
        case tg_op when 'DELETE' then -1 else 1 end) f));
  return null;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.keep_transaction_figures()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_added platform.figure[];
  v_removed platform.figure[];
begin
  if tg_op <> 'DELETE' then
    select array_agg(f) into v_added
    from new_rows n, leads.transaction_figures(n.type, n.status, n.amount_cents, n.date) f;
  end if;
  if tg_op <> 'INSERT' then
    select array_agg((f.metric, f.subject, f.month, -f.value)::platform.figure) into v_removed
    from old_rows o, leads.transaction_figures(o.type, o.status, o.amount_cents, o.date) f;
  end if;
  perform platform.add_figures('leads', v_added || v_removed);
  return null;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.known_import (
  supplier_id  uuid,
  sha256       bytea,
  on_duplicate text,
  reading      jsonb,
  OUT          id uuid,
  OUT          reference text,
  OUT          status text,
  OUT          resumable boolean
)
  RETURNS record
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select i.id, i.reference, i.status, i.status = 'processing' and i.source is not null
  from leads.imports i
  where i.supplier_id = known_import.supplier_id and i.sha256 = known_import.sha256
    and i.on_duplicate = known_import.on_duplicate
    and i.reading = known_import.reading and i.status <> 'failed' and i.undone_at is null;
$function$;

CREATE OR REPLACE FUNCTION leads.lead_figures (
  supplier_id          uuid,
  import_id            uuid,
  sector               text,
  region               text,
  status               text,
  qualification_status text,
  created_month        date,
  qualified_month      date,
  leads                bigint,
  score                bigint
)
  RETURNS SETOF platform.figure
  LANGUAGE plpgsql
  IMMUTABLE
  ROWS 15
  SET search_path TO ''
  AS $function$
begin
  return query
  select f.metric, f.subject, f.month, f.value
  from (values
    ('leads.total', '', null::date, leads),
    ('leads.score', '', null, score),
    ('leads.qualified', '', null, case when qualification_status = 'qualified' then leads end),
    ('leads.sold', '', null, case when status = 'sold' then leads end),
    ('leads.pending', '', null, case when status in ('new', 'pending') then leads end),
    ('sector.leads', sector, null, leads),
    ('region.leads', region, null, leads),
    ('supplier.leads', supplier_id::text, null, leads),
    ('import.pending', import_id::text, null,
      case when qualification_status in ('pending', 'in_progress', 'callback') then leads end),
    ('import.qualified', import_id::text, null, case when qualification_status = 'qualified' then leads end),
    ('import.rejected', import_id::text, null, case when qualification_status = 'not_qualified' then leads end),
    ('month.leads', '', created_month, leads),
    ('month.leads', supplier_id::text, created_month, leads),
    ('month.qualified', '', qualified_month, leads),
    ('month.qualified', supplier_id::text, qualified_month, leads)
  ) as f (metric, subject, month, value)
  where f.value is not null and f.subject is not null and (f.month is not null or f.metric not like 'month.%');
end;
$function$;

CREATE OR REPLACE FUNCTION leads.lead_on_sale (
  reference text
)
  RETURNS leads.leads
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select l from leads.leads l
  where l.reference = lead_on_sale.reference and l.on_sale
    and l.supplier_id not in (select leads.suspended_suppliers());
$function$;

CREATE OR REPLACE FUNCTION leads.lead_to_change (
  reference text,
  expected  text
)
  RETURNS leads.leads
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_lead leads.leads;
  v_token text := nullif(btrim(regexp_replace(btrim(expected), '^W/', ''), '"'), '');
begin
  perform platform.require_role('leads', 'admin', 'fournisseur');
  select l.* into v_lead from leads.leads l
    where l.reference = lead_to_change.reference and l.withdrawn_at is null
      and (platform.has_role('leads', 'admin') or l.supplier_id = leads.my_supplier_id())
    for no key update;
  if not found then perform platform.fail(404, 'lead_not_found', 'Ce lead est introuvable.'); end if;
  if v_lead.erased_at is not null then
    perform platform.fail(409, 'lead_erased',
      'Les données de cette personne ont été effacées : ce lead ne se modifie plus.');
  end if;
  if v_token <> '*' and v_token <> platform.iso_timestamp(v_lead.updated_at) then
    perform platform.fail(412, 'lead_changed', 'Ce lead a été modifié entre-temps.', 'Rechargez-le et recommencez.');
  end if;
  return v_lead;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.leading_words (
  key text
)
  RETURNS text[]
  LANGUAGE plpgsql
  IMMUTABLE
  STRICT
  SET search_path TO ''
  AS $function$
declare
  v_words text[] := string_to_array(key, ' ');
  v_leading text[] := '{}';
begin
  -- 20 words are enough: every name of the catalogue has fewer.
  for i in 1 .. least(cardinality(v_words) - 1, 20)
    loop v_leading := v_leading || array_to_string(v_words[1:i], ' '); end loop;
  return v_leading;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.learn_device()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION leads.learn_party()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION leads.learn_signs (
  person uuid,
  signs  jsonb
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  insert into leads.party_signs as p (person, kind, value)
  select learn_signs.person, s.key, sha256(convert_to(s.value, 'UTF8')) from jsonb_each_text(signs) s
  where s.value <> ''
  on conflict on constraint party_signs_pkey do update set seen_at = now()
    where p.kind = 'device' and p.seen_at < now() - interval '1 day';
  if found then perform leads.find_pairs(person); end if;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.ledger_problems()
  RETURNS TABLE (
    problem  text,
    subject  text,
    expected bigint,
    found    bigint
  )
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select * from platform.ledger_problems()
  union all select * from leads.transfer_problems()
  union all select * from leads.transaction_problems()
  union all select * from leads.sale_problems()
  union all select * from leads.payout_problems()
  union all select * from leads.order_problems()
  union all select 'rollup_not_its_rows', concat_ws(' ', r.metric, r.subject, nullif(r.month, platform.ever())),
  r.counted, r.kept from leads.verify_rollups() r;
$function$;

CREATE OR REPLACE FUNCTION leads.lines_of (
  payout_id uuid
)
  RETURNS TABLE (
    type     text,
    "leadId" text,
    "soldAt" text,
    buyer    text,
    amount   numeric
  )
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select e.kind, l.reference, platform.iso_timestamp(s.sold_at), p.company, platform.euros(e.amount_cents)
  from leads.payout_lines n join leads.earnings e on e.id = n.earning_id
  left join leads.sales s on s.buyer_id = e.buyer_id and s.lead_id = e.lead_id
  left join leads.leads l on l.id = e.lead_id
  left join platform.profiles p on p.id = e.buyer_id
  where n.payout_id = lines_of.payout_id order by e.id;
$function$;

CREATE OR REPLACE FUNCTION leads.list_order (
  pack_order leads.pack_orders
)
  RETURNS leads.pack_orders
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_order leads.pack_orders := pack_order;
  v_failed text := case when pack_order.status = 'failed' then ' — paiement refusé' else '' end;
begin
  if v_order.payment_id is null then
    insert into leads.payments (buyer_id, type, amount_cents, status, description)
    values (v_order.buyer_id, 'credit_purchase', v_order.price_cents, v_order.status,
      'Achat ' || leads.order_title(v_order) || v_failed)
    returning id into v_order.payment_id;
    v_order.transaction_id := leads.record_transaction('credit_purchase', v_order.buyer_id, 'acheteur',
      v_order.price_cents, v_order.credits,
      'Achat Pack ' || v_order.pack_name || v_failed,
      case v_order.provider when 'stripe' then 'Carte bancaire' else 'Virement bancaire' end, v_order.status);
  else
    -- The date stays the day of the payment; refunds, partial refunds and reversals do not change it.
    update leads.payments p set status = v_order.status,
      description = 'Achat ' || leads.order_title(v_order) || v_failed,
      date = case when p.status in ('completed', 'refunded') then p.date else platform.paris_today() end
    where p.id = v_order.payment_id;
    update leads.transactions t set status = v_order.status,
      description = 'Achat Pack ' || v_order.pack_name || v_failed,
      date = case when t.status in ('completed', 'refunded') then t.date else platform.paris_today() end
    where t.id = v_order.transaction_id;
  end if;
  update leads.pack_orders o set payment_id = v_order.payment_id, transaction_id = v_order.transaction_id
  where o.id = v_order.id
  returning o.* into v_order;
  return v_order;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.look_at_lead()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_contact leads.lead_contacts;
begin
  select c.* into v_contact from leads.lead_contacts c where c.lead_id = new.id;
  -- A new lead has no contact yet.
  if not found then return new; end if;
  new.hidden_fields := leads.look_at_texts(new, v_contact);
  update leads.lead_contacts c set hidden_text = leads.hidden_text(new)
    where c.lead_id = new.id and c.hidden_text is distinct from leads.hidden_text(new);
  return new;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.look_at_texts (
  lead    leads.leads,
  contact leads.lead_contacts
)
  RETURNS text[]
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if lead.erased_at is not null then return null; end if;
  if not leads.is_name(lead.first_name) then
    perform platform.refuse_fields(platform.field_problem('firstName', 'invalid_name',
      leads.problem_message('firstName', 'invalid_name', lead.first_name)));
  elsif not leads.is_name(contact.last_name) then
    perform platform.refuse_fields(platform.field_problem('lastName', 'invalid_name',
      leads.problem_message('lastName', 'invalid_name', contact.last_name)));
  end if;
  if leads.contact_in_text(lead.summary, lead.first_name, contact.last_name, contact.email,
    leads.phones_of(contact)) then
    perform platform.refuse_fields(platform.field_problem('summary', 'contact_in_text',
      leads.problem_message('summary', 'contact_in_text', null)));
  end if;
  return leads.fields_to_hide(lead.first_name, lead.company, lead.city, lead.source, lead.channel,
    contact.last_name, contact.email, leads.phones_of(contact));
end;
$function$;

CREATE OR REPLACE FUNCTION leads.look_closely_at_fields (
  first_name text,
  company    text,
  city       text,
  source     text,
  channel    text,
  last_name  text,
  email      text,
  phones     text[]
)
  RETURNS text[]
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
declare
  v_hidden text[];
begin
  if leads.names_contact(leads.plain_text(first_name), null, last_name, email, phones) then
    v_hidden := v_hidden || 'first_name'::text;
  end if;
  if leads.names_contact(leads.plain_text(company), first_name, last_name, email, phones) then
    v_hidden := v_hidden || 'company'::text;
  end if;
  if leads.names_contact(leads.plain_text(city), first_name, last_name, email, phones) then
    v_hidden := v_hidden || 'city'::text;
  end if;
  if leads.names_contact(leads.plain_text(source), first_name, last_name, email, phones) then
    v_hidden := v_hidden || 'source'::text;
  end if;
  if leads.names_contact(leads.plain_text(channel), first_name, last_name, email, phones) then
    v_hidden := v_hidden || 'channel'::text;
  end if;
  -- A name split over several fields is found by reading them together, in any order.
  if v_hidden is null
    and (leads.names_contact(leads.plain_text(concat_ws(' ', company, first_name, city, source, channel)), null,
    last_name, email, phones)
    or leads.is_cut_between(leads.letters_of(leads.plain_text(last_name)),
      array[first_name, company, city, source, channel])) then
    v_hidden := '{first_name,company,city,source,channel}';
  end if;
  return v_hidden;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.mark_exported (
  message_id text,
  created_at text,
  batch      jsonb
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_export uuid := platform.uuid_v7();
  v_created timestamptz := leads.written_time(created_at);
  v_marked integer;
begin
  if not coalesce(v_created between now() - interval '1 day' and now() + interval '1 day', false) then
    perform platform.refuse_fields(platform.field_problem('createdAt', 'invalid_time',
      'L''heure du fichier n''est pas d''aujourd''hui.'));
  end if;
  perform leads.execution_date((batch ->> 'executionDate')::date);
  insert into leads.payout_exports (id, message_id, debtor, execution_date, created_at, payouts, total_cents)
  select v_export, mark_exported.message_id, batch -> 'debtor', (batch ->> 'executionDate')::date, v_created, count(*),
    sum((o ->> 'cents')::bigint)
  from jsonb_array_elements(batch -> 'orders') o;
  -- Rows are locked in the same order as in settle_entries.
  perform from leads.payouts p
    join jsonb_array_elements(batch -> 'orders') o on p.transfer_reference = o ->> 'reference'
    order by p.supplier_id, p.id for update of p;
  update leads.payouts p set export_id = v_export
  from jsonb_array_elements(batch -> 'orders') o
  where p.transfer_reference = o ->> 'reference' and p.amount_cents = (o ->> 'cents')::bigint and p.status = 'pending'
    and p.export_id is null
    and leads.hold_of(p) is null;
  get diagnostics v_marked = row_count;
  if v_marked <> jsonb_array_length(batch -> 'orders') then
    perform platform.fail(409, 'payouts_changed', 'Des virements ont changé ou sont partis dans un autre fichier.',
      'Recommencez.');
  end if;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.mark_known_rows (
  import_id uuid,
  from_line integer,
  last_line integer
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  AS $function$
declare
  v_supplier uuid := (select i.supplier_id from leads.imports i where i.id = mark_known_rows.import_id);
  v_platform_since timestamptz := leads.days_ago('import_platform_days');
  v_sold_since timestamptz := leads.days_ago('import_sold_days');
begin
  with piece as materialized (
    select c.line, c.email, c.phone, c.phone2 from leads.import_checked c
    where c.import_id = mark_known_rows.import_id and c.line between from_line and mark_known_rows.last_line
      and c.problems = '' and c.duplicate is null
  ), numbers as (
    select p.line, p.phone from piece p
    union all
    select p.line, p.phone2 from piece p where p.phone2 is not null
  ), contacts as (
    select c.line, k.lead_id from piece c join leads.lead_contacts k on lower(k.email) = c.email
    union
    select c.line, k.lead_id from numbers c join leads.lead_contacts k on k.phone = c.phone
    union
    select c.line, k.lead_id from numbers c join leads.lead_contacts k on k.phone2 = c.phone
  ), known as (
    select k.line, k.lead_id, leads.duplicate_kind(l, v_supplier, v_platform_since, v_sold_since) as kind
    from contacts k join leads.leads l on l.id = k.lead_id
  )
  update leads.import_checked c set duplicate = f.kind, lead_id = f.lead_id
  from (
    select k.line, case when bool_or(k.kind = 'supplier') then 'supplier' when bool_or(k.kind = 'sold') then 'sold'
      else 'platform' end as kind,
      case when count(*) = 1 and bool_and(k.kind = 'supplier') then (array_agg(k.lead_id))[1] end as lead_id
    from known k where k.kind is not null
    group by k.line
  ) f
  where c.import_id = mark_known_rows.import_id and c.line = f.line;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.mark_opposed_rows (
  import_id uuid,
  from_line integer,
  last_line integer
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_pepper bytea;
begin
  if not exists (select from leads.oppositions) then return; end if;
  v_pepper := leads.pepper();
  update leads.import_checked c set problems = concat_ws(' ', nullif(c.problems, ''), found.problems)
  from (
    select opposed.line, string_agg(opposed.problem, ' ' order by opposed.problem) as problems
    from (
      select r.line, 'email/opposed' as problem
      from leads.import_checked r join leads.oppositions o on o.value_hash = leads.person_hash(v_pepper, r.email)
      where r.import_id = mark_opposed_rows.import_id and r.line between from_line and last_line
      union all
      select r.line, 'phone/opposed'
      from leads.import_checked r join leads.oppositions o on o.value_hash = leads.person_hash(v_pepper, r.phone)
      where r.import_id = mark_opposed_rows.import_id and r.line between from_line and last_line
      union all
      select r.line, 'phone2/opposed'
      from leads.import_checked r join leads.oppositions o on o.value_hash = leads.person_hash(v_pepper, r.phone2)
      where r.import_id = mark_opposed_rows.import_id and r.line between from_line and last_line
        and r.phone2 is not null
    ) opposed group by opposed.line
  ) found
  where c.import_id = mark_opposed_rows.import_id and c.line = found.line and c.problems not like 'ligne/%';
end;
$function$;

CREATE OR REPLACE FUNCTION leads.mark_repeated_rows (
  import_id uuid,
  from_line integer,
  last_line integer
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  SET enable_nestloop TO 'off'
  AS $function$
begin
  with piece as materialized (
    select c.line, c.email, c.phone, c.phone2 from leads.import_checked c
    where c.import_id = mark_repeated_rows.import_id and c.line between from_line and last_line and c.problems = ''
  ), numbers as materialized (
    select p.line, p.phone from piece p where p.phone is not null
    union all
    select p.line, p.phone2 from piece p where p.phone2 is not null
  ), emails as (
    select p.email, min(p.line) as line from piece p group by 1 having count(*) > 1
    union all
    select c.email, min(c.line) from leads.import_checked c
    where c.import_id = mark_repeated_rows.import_id and c.line < from_line and c.problems = ''
      and c.email in (select p.email from piece p) group by 1
  ), phones as (
    select p.phone, min(p.line) as line from numbers p group by 1 having count(*) > 1
    union all
    select c.phone, min(c.line) from leads.import_checked c
    where c.import_id = mark_repeated_rows.import_id and c.line < from_line and c.problems = ''
      and c.phone in (select p.phone from numbers p) group by 1
    union all
    select c.phone2, min(c.line) from leads.import_checked c
    where c.import_id = mark_repeated_rows.import_id and c.line < from_line and c.problems = ''
      and c.phone2 is not null
      and c.phone2 in (select p.phone from numbers p) group by 1
  )
  update leads.import_checked c set duplicate = 'file', first_line = r.first_line
  from (
    select f.line, min(f.first_line) as first_line from (
      select p.line, e.line as first_line from piece p join emails e on e.email = p.email and e.line < p.line
      union all
      select p.line, e.line from numbers p join phones e on e.phone = p.phone and e.line < p.line
    ) f group by 1
  ) r
  where c.import_id = mark_repeated_rows.import_id and c.line between from_line and last_line and c.line = r.line;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.may_be_called (
  lead    leads.leads,
  calling leads.calling
)
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  return lead.region = any (calling.regions) and lead.call_basis = any (calling.bases)
    and coalesce(leads.paused_until(lead, calling.rule, calling.at) <= calling.at, true)
    and not leads.is_at_another_agent(lead.id, calling.at);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.member_details (
  user_ids uuid[]
)
  RETURNS TABLE (
    user_id uuid,
    details jsonb
  )
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select u.id,
    jsonb_build_object('knownSupplier',
      case when k.id is not null then jsonb_build_object('id', k.reference, 'company', k.company, 'status', k.status) end)
    || case
      when exists (select from leads.suppliers s where s.user_id = u.id and s.status = 'pending_validation')
        or k.id is not null and exists (select from platform.registrations r where r.user_id = u.id and r.system = 'leads' and r.role = 'fournisseur')
      then '{"status": "pending_validation"}' else '{}' end::jsonb
  from unnest(user_ids) u (id) left join leads.suppliers k on k.id = leads.known_supplier(u.id);
$function$;

CREATE OR REPLACE FUNCTION leads.merge_import (
  import_id    uuid,
  on_duplicate text    DEFAULT 'skip'::text,
  accepted     boolean DEFAULT false,
  inserted     boolean DEFAULT false,
  staged       bigint  DEFAULT NULL::bigint
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET work_mem TO '64MB'
  AS $function$
declare
  v_all constant integer := 2147483647;
  v_keys_from timestamptz;
  v_counts leads.import_counts;
begin
  if on_duplicate not in ('skip', 'update', 'report') then
    perform platform.fail(400, 'invalid_parameter',
      'Un doublon peut être ignoré (skip), mis à jour (update) ou signalé (report).', 'onDuplicate');
  end if;
  v_keys_from := leads.open_merge(import_id);
  if not inserted then
    perform leads.check_import_piece(import_id, 0, v_all, v_keys_from,
      leads.consent_date_order(import_id) is not distinct from 'month_first');
    perform leads.keep_import_rejects(import_id, 0, v_all);
  end if;
  if on_duplicate = 'report' then perform leads.explain_duplicates(import_id); end if;
  if on_duplicate = 'update' then perform leads.choose_import_updates(import_id); end if;
  v_counts := leads.count_checked_rows(import_id);
  if v_counts.read <> staged then
    perform platform.fail(409, 'import_rows_lost',
      'Des lignes de ce fichier se sont perdues en route : envoyez-le de nouveau.');
  end if;

  if not accepted and v_counts.inserted + v_counts.updated > 0
    and leads.wants_review(v_counts.read, v_counts.invalid) then
    -- The caller rolls back the rows it has written, and then calls the merge alone.
    if inserted then
      perform platform.fail(409, 'import_to_review',
        'Trop de lignes sont refusées : un administrateur doit voir ce fichier.');
    end if;
    perform leads.hold_import(import_id, on_duplicate, v_counts);
  else
    if v_counts.updated > 0 then perform leads.update_imported_leads(import_id); end if;
    if not inserted then perform leads.insert_imported_leads(import_id, 0, v_all); end if;
    if v_counts.with_consent > 0 then perform leads.keep_imported_consents(import_id); end if;
    perform leads.complete_import(import_id, v_counts);
  end if;
  perform leads.clear_import_rows(import_id);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.monthly_gains()
  RETURNS TABLE (
    month  text,
    gains  numeric,
    paid   numeric,
    period text
  )
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  ROWS 6
  SET search_path TO ''
  AS $function$
  select m.label, platform.euros(max(m.value) filter (where m.metric = 'month.gains')),
    platform.euros(max(m.value) filter (where m.metric = 'month.paid')), to_char(m.month, 'YYYY-MM')
  from platform.monthly('leads', array['month.gains', 'month.paid']) m
  where (select platform.require_role('leads', 'admin')) group by m.month, m.label order by m.month;
$function$;

CREATE OR REPLACE FUNCTION leads.monthly_revenue()
  RETURNS TABLE (
    month   text,
    revenus numeric,
    payouts numeric,
    period  text
  )
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  ROWS 6
  SET search_path TO ''
  AS $function$
  select m.label, platform.euros(max(m.value) filter (where m.metric = 'month.revenus')),
    platform.euros(max(m.value) filter (where m.metric = 'month.payouts')), to_char(m.month, 'YYYY-MM')
  from platform.monthly('leads', array['month.revenus', 'month.payouts']) m
  where (select platform.require_role('leads', 'admin')) group by m.month, m.label order by m.month;
$function$;

CREATE OR REPLACE FUNCTION leads.monthly_stats()
  RETURNS TABLE (
    month     text,
    leads     numeric,
    qualified numeric,
    sold      numeric,
    revenue   numeric,
    period    text
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 6
  SET search_path TO ''
  AS $function$
declare
  v_subject text := case when platform.has_role('leads', 'admin') then '' else leads.my_supplier_id()::text end;
begin
  perform platform.require_role('leads', 'admin', 'fournisseur');
  return query
    select m.label,
      max(m.value) filter (where m.metric = 'month.leads'),
      max(m.value) filter (where m.metric = 'month.qualified'),
      greatest(max(m.value) filter (where m.metric = 'month.sold'), 0),
      platform.euros(max(m.value) filter (where m.metric = 'month.revenue')),
      to_char(m.month, 'YYYY-MM')
    from platform.monthly('leads', array['month.leads', 'month.qualified', 'month.sold', 'month.revenue'],
      coalesce(v_subject, '-')) m
    group by m.month, m.label order by m.month;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.monthly_virements()
  RETURNS TABLE (
    month  text,
    amount numeric,
    period text
  )
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  ROWS 6
  SET search_path TO ''
  AS $function$
  select m.label, platform.euros(m.value), to_char(m.month, 'YYYY-MM')
  from platform.monthly('leads', array['month.virements'], coalesce((select leads.my_supplier_id())::text, '-')) m
  where (select platform.require_role('leads', 'fournisseur')) order by m.month;
$function$;

CREATE OR REPLACE FUNCTION leads.name_variants (
  written text
)
  RETURNS text[]
  LANGUAGE plpgsql
  IMMUTABLE
  STRICT
  SET search_path TO ''
  AS $function$
declare
  v_key text := leads.directory_key(written);
  v_bare text := v_key;
begin
  if strpos(written, '(') > 0 then
    v_bare := leads.directory_key(regexp_replace(written, '\([^)]*\)', ' ', 'g'));
  end if;
  return array[v_key, v_bare, regexp_replace(v_bare, '^[0-9]{1,3} | [0-9]{1,3}$', ''),
    regexp_replace(v_bare, ' (france|fr)$', ''),
    regexp_replace(v_bare,
      '^(region|departement|dept?|dpt|secteur|lead|projet|devis|demande de devis)( (de la|de l|de|du|des|d))? ', ''),
    case when v_key ~ '^[0-9]$' then '0' || v_key end];
end;
$function$;

CREATE OR REPLACE FUNCTION leads.names_contact (
  plain      text,
  first_name text,
  last_name  text,
  email      text,
  phones     text[]
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
begin
  if plain is null then return false; end if;
  return leads.looks_like_contact(plain) or leads.tells_place(plain)
    or leads.spells_name(plain, first_name, last_name, email)
    or leads.tells_number(plain, array_remove(phones, null));
end;
$function$;

CREATE OR REPLACE FUNCTION leads.names_person (
  said  text,
  email text,
  phone text
)
  RETURNS boolean
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select platform.names_address(t.said, email) or platform.names_address(t.said, platform.shown_email(email))
    or coalesce(strpos(regexp_replace(t.said, '[^0-9]', '', 'g'),
      right(nullif(regexp_replace(phone, '[^0-9]', '', 'g'), ''), 9)) > 0, false)
  from (select platform.clean_text(names_person.said, true) as said) t;
$function$;

CREATE OR REPLACE FUNCTION leads.nearest_names (
  kind    text,
  written text
)
  RETURNS text
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_said text := platform.fold(written);
begin
  return (
    select '« ' || string_agg(n.name, ' » ou « ' order by n.likeness desc, n.name) || ' »'
    from (
      select d.name, extensions.similarity(d.folded, v_said) as likeness
      from (select s.name, s.folded from leads.sectors s where kind = 'sector' union all select r.name, r.folded
        from leads.regions r where kind = 'region') d
      order by 2 desc, 1 limit 2
    ) n where n.likeness >= 0.3);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.next_in_queue (
  calling leads.calling DEFAULT leads.calling_at()
)
  RETURNS uuid
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_lead uuid;
begin
  if calling.regions = '{}' then return null; end if;
  select l.id into v_lead from leads.leads l
    where l.qualification_status = 'callback' and l.withdrawn_at is null and l.callback_at <= calling.at
      and leads.may_be_called(l, calling)
    order by l.callback_at limit 1 for no key update skip locked;
  if v_lead is not null then return v_lead; end if;
  select l.id into v_lead from leads.leads l
    where l.qualification_status = 'in_progress' and l.withdrawn_at is null and l.reserved_until <= calling.at
      and leads.may_be_called(l, calling)
    order by l.reserved_until limit 1 for no key update skip locked;
  if v_lead is not null then return v_lead; end if;
  v_lead := leads.oldest_waiting(calling);
  if v_lead is not null then return v_lead; end if;
  select l.id into v_lead from leads.leads l
    where l.qualification_status in ('in_progress', 'callback') and l.reserved_until is null and l.callback_at is null
      and l.withdrawn_at is null
      and l.status in ('new', 'pending') and leads.may_be_called(l, calling)
    order by l.id limit 1 for no key update skip locked;
  return v_lead;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.next_opening (
  regions text[],
  after   timestamp with time zone DEFAULT now()
)
  RETURNS timestamp WITH time zone
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_rule jsonb := leads.work_rule('calling');
begin
  return (
    select min(o.at)
    from (select distinct r.time_zone, r.own_holidays from leads.regions r where r.name = any (regions)) p
    -- 28 days are longer than any series of closed days, whatever days are chosen.
    cross join generate_series(0, 28) n
    cross join jsonb_to_recordset(v_rule -> 'hours') h ("from" time)
    cross join lateral (select (after at time zone p.time_zone)::date + n + h."from" as local_time) t
    cross join lateral (select t.local_time at time zone p.time_zone as at) o
    where o.at > after and leads.is_calling_time(t.local_time, p.own_holidays, v_rule));
end;
$function$;

CREATE OR REPLACE FUNCTION leads.numbers_of (
  contact leads.lead_contacts
)
  RETURNS text[]
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$ select array(select regexp_replace(n, '[^0-9]', '', 'g') from unnest(array[contact.phone, contact.phone2]) n
  where n <> '' order by 1); $function$;

CREATE OR REPLACE FUNCTION leads.oldest_waiting (
  calling leads.calling
)
  RETURNS uuid
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_place record;
  v_lead uuid;
begin
  for v_place in
    select b.basis, r.region
    from unnest(calling.bases) b (basis) cross join unnest(calling.regions) r (region)
    cross join lateral (
      select l.id from leads.leads l where l.call_basis = b.basis and l.region = r.region
        and l.qualification_status = 'pending'
        and l.withdrawn_at is null and l.status in ('new', 'pending') order by l.id limit 1
    ) oldest order by oldest.id
  loop
    select l.id into v_lead from leads.leads l
      where l.call_basis = v_place.basis and l.region = v_place.region and l.qualification_status = 'pending'
        and l.withdrawn_at is null
        and l.status in ('new', 'pending') and leads.may_be_called(l, calling)
      order by l.id limit 1 for no key update skip locked;
    if v_lead is not null then return v_lead; end if;
  end loop;
  return null;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.on_member (
  user_id uuid,
  role    text,
  event   text
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  case event
    when 'registered' then
      perform leads.open_role(on_member.user_id, role, 'pending_validation', false);
      if role = 'fournisseur' and leads.known_supplier(on_member.user_id) is not null then perform leads.tell_of_registration(on_member.user_id); end if;
    when 'granted' then perform leads.open_role(on_member.user_id, role, 'active', true);
    when 'suspended' then perform leads.follow_status(on_member.user_id, role, 'suspended');
    when 'reactivated' then perform leads.follow_status(on_member.user_id, role, 'active');
  end case;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.open_figure (
  figure  text,
  subject text,
  wanted  numeric,
  counted numeric DEFAULT 0,
  month   date    DEFAULT platform.ever()
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$
  insert into platform.opening_figures (system, figure, subject, month, value)
    values ('leads', figure, subject, month, wanted - counted);
$function$;

CREATE OR REPLACE FUNCTION leads.open_import (
  supplier_id  uuid,
  file_name    text,
  sha256       bytea,
  on_duplicate text,
  reading      jsonb,
  source       text           DEFAULT NULL::text,
  OUT          id uuid,
  OUT          reference text,
  OUT          status text,
  OUT          opened boolean
)
  RETURNS record
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform pg_advisory_xact_lock(hashtextextended('leads.open_import ' || supplier_id || encode(sha256, 'hex'), 0));
  select k.id, k.reference, k.status, k.resumable and open_import.source is not null
    into open_import.id, open_import.reference, open_import.status, open_import.opened
  from leads.known_import(supplier_id, sha256, on_duplicate, reading) k;
  if id is not null then return; end if;

  open_import.id := leads.begin_import(supplier_id, file_name);
  update leads.imports i set sha256 = open_import.sha256, on_duplicate = open_import.on_duplicate,
    reading = open_import.reading, source = open_import.source
  where i.id = open_import.id returning i.reference, i.status into open_import.reference, open_import.status;
  opened := true;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.open_months (
  items   jsonb,
  field   text,
  metric  text,
  subject text,
  unit    numeric
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$
  insert into platform.opening_figures (system, figure, subject, month, label, value)
  select 'leads', open_months.metric, open_months.subject, coalesce(f.month, k.month), f.label,
    coalesce(f.wanted, 0) - coalesce(k.value, 0)
  from (
    select (i ->> 'period' || '-01')::date as month, i ->> 'month' as label, (i ->> field)::numeric * unit as wanted
    from jsonb_array_elements(items) i
  ) f
  full join (
    select r.month, sum(r.value) as value from platform.rollups r
    where r.system = 'leads' and r.metric = open_months.metric and r.subject = open_months.subject
      and r.month > platform.ever() group by r.month
  ) k on k.month = f.month;
$function$;

CREATE OR REPLACE FUNCTION leads.open_obligations (
  user_id      uuid,
  supplier_ids uuid[]
)
  RETURNS text[]
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  -- The locks make concurrent sales and purchases wait, or are taken after them.
  perform from leads.suppliers s where s.id = any (supplier_ids) order by s.id for update;
  perform platform.lock_balances('leads', open_obligations.user_id);
  return array_remove(array[
    (select format('%s crédits payés à rembourser ou à dépenser', b.balance)
      from platform.ledger_balance('leads', 'buyer_paid', open_obligations.user_id) b (balance) where b.balance > 0),
    (select format('%s commande(s) en cours', count(*)) from leads.pack_orders o
      where o.buyer_id = open_obligations.user_id and (o.status = 'pending'
      or exists (select from leads.refunds r where r.order_id = o.id and r.status = 'requested')) having count(*) > 0),
    (select format('%s retour(s) de leads à décider', count(*)) from leads.returns r
      where r.buyer_id = open_obligations.user_id and r.status = 'requested' having count(*) > 0),
    (select format('des gains à verser ou à reprendre (%s €)', platform.amount_text(sum(e.amount_cents)::bigint))
      from leads.earnings e
      where e.supplier_id = any (supplier_ids) and e.payout_id is null and e.amount_cents <> 0 having count(*) > 0),
    (select format('%s virement(s) sans réponse de la banque', count(*)) from leads.payouts p
      where p.supplier_id = any (supplier_ids) and p.status = 'pending' having count(*) > 0),
    (select format('%s import(s) en cours', count(*)) from leads.imports i
      where i.supplier_id = any (supplier_ids) and i.status in ('processing', 'pending_review') having count(*) > 0)
  ], null);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.open_order (
  pack text,
  key  text
)
  RETURNS leads.pack_orders
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_known jsonb;
  v_order leads.pack_orders;
begin
  perform platform.require_role('leads', 'acheteur');
  if leads.seller_problems(leads.work_rule('seller'), leads.work_rule('vat_percent')) <> '[]' then
    perform platform.fail(503, 'seller_incomplete',
      'L''achat de crédits n''est pas encore ouvert : l''identité du vendeur est incomplète. Réessayez plus tard.');
  end if;
  v_known := platform.claim_idempotency_key('billing.purchase_pack', key, jsonb_build_object('packId', pack));
  if v_known is not null then
    select o.* into strict v_order from leads.pack_orders o where o.id = (v_known ->> 'order')::uuid;
    return v_order;
  end if;
  insert into leads.pack_orders (buyer_id, pack_id, pack_reference, pack_version, pack_name, credits,
    bonus, price_cents)
  select auth.uid(), p.id, p.reference, p.version, o.name, o.credits, o.bonus, o.price_cents
  from leads.credit_offers o join leads.credit_packs p using (reference) where o.reference = pack
  returning * into v_order;
  if v_order.id is null then perform platform.fail(404, 'pack_not_found', 'Ce pack n''est pas en vente.'); end if;
  perform platform.keep_answer('billing.purchase_pack', key, jsonb_build_object('order', v_order.id));
  return v_order;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.order_problems()
  RETURNS TABLE (
    problem  text,
    subject  text,
    expected bigint,
    found    bigint
  )
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  with booked as (
    select o.reference, o.status in ('completed', 'refunded') as paid, o.credits, o.bonus, o.price_cents,
      coalesce(sum(e.amount) filter (where a.kind = 'buyer_paid' and a.owner = o.buyer_id),
        0)::bigint as booked_credits,
      coalesce(sum(e.amount) filter (where a.kind = 'buyer_bonus' and a.owner = o.buyer_id),
        0)::bigint as booked_bonus,
      coalesce(sum(e.amount) filter (where a.kind = 'pack_revenue'), 0)::bigint as booked_price,
      -- Each amount is counted twice, on the debit and on the credit side, so that any additional movement is
      -- detected.
      coalesce(sum(abs(e.amount)), 0)::bigint as moved
    from leads.pack_orders o
    left join platform.ledger_transfers t on t.system = 'leads' and t.kind = 'pack' and t.key = o.id::text
    left join platform.ledger_entries e on e.transfer_id = t.id
    left join platform.ledger_accounts a on a.id = e.account_id
    group by o.id
  )
  select 'order_not_its_entries', b.reference, case when b.paid then c.wanted else 0 end, c.booked from booked b,
    lateral (values (b.credits::bigint, b.booked_credits), (b.bonus, b.booked_bonus), (b.price_cents, b.booked_price),
      (2 * (b.credits + b.bonus + b.price_cents), b.moved)) c (wanted, booked)
    where c.booked <> case when b.paid then c.wanted else 0 end
  union all
  select 'order_not_its_refunds', o.reference, c.wanted, c.found from leads.pack_orders o
    cross join lateral (
      select coalesce(sum(r.amount_cents) filter (where r.status = 'accepted'), 0)::bigint as cents,
        count(*) filter (where r.status = 'accepted') as accepted,
        coalesce(sum(r.credits_lost + r.bonus_lost - r.loss_undone), 0)::bigint as lost
      from leads.refunds r where r.order_id = o.id
    ) r
    cross join lateral (values ((r.accepted > 0 and r.cents >= o.price_cents)::integer::bigint,
      (o.status = 'refunded')::integer::bigint), (r.lost, o.credits_lost),
      (least(r.cents, o.price_cents), r.cents)) c (wanted, found)
    where c.wanted <> c.found
  union all
  select 'refund_waits_in_vain', r.reference, leads.refundable_cents(o), r.amount_cents from leads.refunds r
  join leads.pack_orders o on o.id = r.order_id
    where r.status = 'requested' and (o.status = 'refunded' or r.amount_cents > leads.refundable_cents(o))
  union all
  -- A reversed refund is compared with its reversal by the ledger itself. Each amount is counted twice, as above.
  select 'refund_not_its_entries', r.reference, c.wanted, c.booked from leads.refunds r
  join leads.pack_orders o on o.id = r.order_id
    cross join lateral (
      select -coalesce(sum(e.amount) filter (where a.kind = 'buyer_paid' and a.owner = o.buyer_id),
        0)::bigint as credits,
        -coalesce(sum(e.amount) filter (where a.kind = 'buyer_bonus' and a.owner = o.buyer_id), 0)::bigint as bonus,
        -coalesce(sum(e.amount) filter (where a.kind = case r.kind when 'dispute' then 'disputes_lost'
          else 'pack_revenue' end), 0)::bigint as cents,
        coalesce(sum(abs(e.amount)), 0)::bigint as moved
      from platform.ledger_transfers t join platform.ledger_entries e on e.transfer_id = t.id
      join platform.ledger_accounts a on a.id = e.account_id
      where t.system = 'leads' and t.kind = case r.kind when 'dispute' then 'pack_dispute' else 'pack_refund' end
        and t.key = r.id::text
    ) b
    cross join lateral (values (r.credits::bigint, b.credits), (r.bonus, b.bonus), (r.amount_cents, b.cents),
      (2 * (r.credits + r.bonus + r.amount_cents), b.moved)) c (wanted, booked)
    where r.status in ('accepted', 'reversed') and c.wanted <> c.booked
  union all
  select 'reversal_of_another_refund', r.reference, null, null from leads.refunds r
    join platform.ledger_transfers v on v.system = 'leads' and v.kind = 'pack_refund_reversed' and v.key = r.id::text
    left join platform.ledger_transfers t on t.id = v.reverses and t.system = 'leads' and t.kind = 'pack_refund'
      and t.key = r.id::text
    where t.id is null
  union all
  -- Each credit is counted twice, as above.
  select 'loss_not_its_entries', l.reference, c.wanted, c.booked from (
      select r.reference, k.kind, r.id, o.buyer_id, k.credits from leads.refunds r
      join leads.pack_orders o on o.id = r.order_id
      cross join lateral (values ('pack_loss', r.credits_lost + r.bonus_lost),
        ('pack_loss_undone', -r.loss_undone)) k (kind, credits) where k.credits <> 0
      union all
      select r.reference, 'loss_recovered', r.id, r.buyer_id, -r.credits_recovered from leads.returns r
      where r.credits_recovered > 0
    ) l
    cross join lateral (
      select -coalesce(sum(e.amount) filter (where a.kind = 'credits_lost'), 0)::bigint as lost,
        coalesce(sum(e.amount) filter (where a.kind in ('buyer_paid', 'buyer_bonus') and a.owner = l.buyer_id),
          0)::bigint as given,
        coalesce(sum(abs(e.amount)), 0)::bigint as moved
      from platform.ledger_transfers t join platform.ledger_entries e on e.transfer_id = t.id
      join platform.ledger_accounts a on a.id = e.account_id
      where t.system = 'leads' and t.kind = l.kind and t.key = l.id::text
    ) b
    cross join lateral (values (l.credits::bigint, b.lost), (l.credits, b.given),
      (2 * abs(l.credits), b.moved)) c (wanted, booked)
    where c.wanted <> c.booked
  union all
  select 'order_not_its_invoices', o.reference, c.wanted, c.found from leads.pack_orders o
    cross join lateral (
      select count(*) filter (where i.series = 'FA' and i.refund_id is null) as own,
        count(*) filter (where i.refund_id is not null) as others from leads.invoices i where i.order_id = o.id
    ) i
    cross join lateral (
      select coalesce(sum(case r.status when 'accepted' then 1 when 'reversed' then 2 else 0 end), 0) as documents
      from leads.refunds r where r.order_id = o.id and r.kind <> 'dispute'
    ) r
    cross join lateral (values ((o.status in ('completed', 'refunded'))::integer::bigint, i.own),
      (r.documents, i.others)) c (wanted, found)
    where c.wanted <> c.found
  union all
  select 'document_not_its_refund', i.number, case i.series when 'AV' then -r.amount_cents else r.amount_cents end,
    i.gross_cents from leads.invoices i
    join leads.refunds r on r.id = i.refund_id
    where i.gross_cents <> case i.series when 'AV' then -r.amount_cents else r.amount_cents end
      or r.order_id <> i.order_id
  union all
  select 'order_not_its_payment', o.reference, o.price_cents, p.amount_cents from leads.pack_orders o
    left join leads.payments p on p.id = o.payment_id left join leads.transactions t on t.id = o.transaction_id
    where (o.payment_id is not null or o.status <> 'pending')
      and (o.status, o.price_cents, o.status, o.price_cents) is distinct from (p.status, p.amount_cents,
      t.status, t.amount_cents)
  union all
  select 'invoice_numbers_with_a_gap', c.series || ' ' || c.year, c.last_number, count(i.id)
  from platform.document_numbers c
    left join leads.invoices i on i.system = c.system and i.series = c.series and i.year = c.year
    where c.system = 'leads'
    group by c.series, c.year, c.last_number having count(i.id) <> c.last_number or coalesce(max(i.position), 0) <> c.last_number
  union all
  select 'pack_revenue_not_its_invoices', '', i.amount, b.amount
    from (select coalesce(sum(i.gross_cents), 0)::bigint as amount from leads.invoices i) i,
      (select platform.ledger_balance('leads', 'pack_revenue') as amount) b
    where i.amount <> b.amount;
$function$;

CREATE OR REPLACE FUNCTION leads.outcome_figures (
  buyer_id uuid,
  outcome  text,
  sign     integer
)
  RETURNS SETOF platform.figure
  LANGUAGE plpgsql
  IMMUTABLE
  ROWS 2
  SET search_path TO ''
  AS $function$
begin
  return query
  values ('buyer.decided', buyer_id::text, null::date, sign::bigint),
    ('buyer.won', buyer_id::text, null, sign * (outcome = 'won')::integer);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.own_account()
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_account jsonb;
begin
  perform platform.require_role('leads', 'fournisseur');
  select jsonb_build_object('id', s.reference, 'iban', s.iban_mask, 'bic', a.bic, 'status', s.status,
    'validated', coalesce(a.validated, false),
    'held', case when h.code is not null
      then jsonb_build_object('code', h.code, 'message', leads.account_fault(h.code),
        'since', platform.iso_timestamp(h.held_at)) end)
    into v_account
  from leads.suppliers s
  left join leads.supplier_accounts a on a.supplier_id = s.id
  left join leads.held_accounts h on h.sealed_iban = a.sealed_iban
  where s.id = leads.my_supplier_id();
  if v_account is null then perform platform.fail(404, 'supplier_not_found', 'Ce fournisseur n''existe pas.'); end if;
  return v_account;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.own_export()
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if auth.uid() is null then
    perform platform.fail(401, 'authentication_required', 'Connectez-vous pour accéder à cette ressource.');
  end if;
  perform platform.require_attempt('auth', 'export_account', auth.uid()::text);
  return leads.holder_export(auth.uid());
end;
$function$;

CREATE OR REPLACE FUNCTION leads.own_profile()
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_account jsonb := platform.my_account('leads');
  v_profile platform.profiles;
begin
  select p.* into v_profile from platform.profiles p where p.id = auth.uid();
  return v_account
    || case v_account ->> 'role'
      when 'fournisseur' then (select to_jsonb(f) from leads.fournisseur_profile() f)
      when 'agent' then (select to_jsonb(a) from leads.agent_profile() a)
      when 'acheteur' then (select to_jsonb(b) from leads.acheteur_profile() b)
      else jsonb_build_object('createdAt', platform.iso_timestamp(v_profile.created_at)) end
    || jsonb_build_object('username', v_profile.email, 'avatar', v_profile.avatar, 'bio', coalesce(v_profile.bio, ''),
      'displayName', coalesce(v_profile.display_name, btrim(v_profile.first_name || ' ' || v_profile.last_name)));
end;
$function$;

CREATE OR REPLACE FUNCTION leads.pack_problems (
  pack jsonb
)
  RETURNS jsonb
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('field', field, 'message', message,
    'code', case when coalesce(pack -> field, 'null') = 'null' then 'required' else 'invalid_value' end)), '[]')
  from (values
    ('name', platform.is_text(pack -> 'name', 100), 'Le nom compte de 1 à 100 caractères.'),
    ('credits', platform.is_number(pack -> 'credits', 1, 100000, 0),
      'Le nombre de crédits est un entier de 1 à 100 000.'),
    ('price', platform.is_number(pack -> 'price', 1, 100000, 2),
      'Le prix est un montant de 1 à 100 000 euros, au centime près.'),
    ('bonus', platform.is_number(pack -> 'bonus', 0, 100000, 0), 'Le bonus est un entier de 0 à 100 000 crédits.'),
    ('popular', jsonb_typeof(pack -> 'popular') = 'boolean', 'Vrai ou faux est attendu.'),
    ('active', jsonb_typeof(pack -> 'active') = 'boolean', 'Vrai ou faux est attendu.')
  ) as checked (field, holds, message)
  where holds is not true;
$function$;

CREATE OR REPLACE FUNCTION leads.part_numbers (
  plain text
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  STRICT
  SET search_path TO ''
  AS $function$
begin
  return regexp_replace(plain,
    '(zero|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingts?|trente|quarante|cinquante|soixante|septante|huitante|nonante)'
    '(?=(zero|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingts?|trente|quarante|cinquante|soixante|septante|huitante|nonante)+\M)',
    '\1 ', 'g');
end;
$function$;

CREATE OR REPLACE FUNCTION leads.part_ranges (
  plain text
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  STRICT
  SET search_path TO ''
  AS $function$
begin
  return regexp_replace(regexp_replace(plain, '\m(19|20)[0-9]{2} ?(ou|et|a|-|/) ?(?=(19|20)[0-9]{2}\M)', ' ', 'g'),
    '\m[1-9][0-9]{0,2}([ .]?000)? ?(ou|et|a|-|/) ?(?=[1-9][0-9]{0,2}([ .]?000)? ?(€|k€|ke\M|eur|m2|kw|ans?\M|mois))',
    ' x ', 'g');
end;
$function$;

CREATE OR REPLACE FUNCTION leads.paused_until (
  lead leads.leads,
  rule jsonb,
  at   timestamp with time zone DEFAULT now()
)
  RETURNS timestamp WITH time zone
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_hashes bytea[] := leads.person_hashes(lead.id);
  v_zone text := case when rule -> 'callsPerDay' <> 'null' then (select r.time_zone from leads.regions r
    where r.name = lead.region) end;
  v_midnight timestamptz := date_trunc('day', at at time zone v_zone) at time zone v_zone;
begin
  return (
    select greatest(
      max(c.called_at) filter (where c.refused) + make_interval(days => (rule ->> 'refusalDays')::integer),
      (array_agg(c.called_at order by c.called_at desc))[(rule ->> 'callsPer30Days')::integer] + interval '30 days',
      case when count(*) filter (where c.called_at >= v_midnight) >= (rule ->> 'callsPerDay')::integer
        then (date_trunc('day', at at time zone v_zone) + interval '1 day') at time zone v_zone end)
    from (select distinct p.call_id, p.called_at, p.refused from leads.called_people p
      where p.person_hash = any (v_hashes)
      and p.called_at between at - make_interval(days => greatest(30, (rule ->> 'refusalDays')::integer)) and at) c);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.pay_for_lead (
  lead  leads.leads,
  price leads.lead_price,
  OUT   transfer_id uuid,
  OUT   credits_left bigint,
  OUT   given_credits integer,
  OUT   given_share_cents integer,
  OUT   budget_cents integer,
  OUT   earned_cents integer
)
  RETURNS record
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_bonus bigint;
  v_paid bigint;
begin
  select coalesce(sum(b.balance) filter (where b.kind = 'buyer_bonus'), 0),
    coalesce(sum(b.balance) filter (where b.kind = 'buyer_paid'), 0)
    into v_bonus, v_paid from platform.lock_balances('leads', auth.uid()) b;
  if v_bonus + v_paid < price.credits then
    perform platform.fail(402, 'insufficient_credits', 'Vous n''avez pas assez de crédits pour ce lead.',
      jsonb_build_array(jsonb_build_object('field', 'credits', 'code', 'insufficient_credits',
        'message', format('Il manque %s crédits : le lead en coûte %s, vous en avez %s.',
          price.credits - v_bonus - v_paid, price.credits, v_bonus + v_paid),
        'missing', price.credits - v_bonus - v_paid))::text);
  end if;
  credits_left := v_bonus + v_paid - price.credits;
  given_credits := least(v_bonus, price.credits);
  given_share_cents := leads.share_of_given(price.supplier_share_cents, price.credits, given_credits);
  budget_cents := leads.take_bonus_budget(given_share_cents,
    (price.rules -> 'bonus_earnings_budget' ->> 'value')::numeric);
  earned_cents := price.supplier_share_cents - given_share_cents + budget_cents;
  transfer_id := platform.post_transfer('leads', 'sale', lead.id || ':' || auth.uid(), array[
    ('buyer_bonus', auth.uid(), -given_credits), ('buyer_paid', auth.uid(), given_credits - price.credits),
    ('credits_spent', null, price.credits),
    ('lead_sales', null, -price.price_cents), ('supplier_earnings', lead.supplier_id, earned_cents),
    ('commission', null, price.price_cents - earned_cents)
  ]::platform.ledger_line[]);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.pay_supplier (
  id              text,
  idempotency_key text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_supplier leads.suppliers;
  v_answer jsonb;
  v_lines uuid[];
  v_cents bigint;
  v_leads integer;
  v_problem record;
  v_payout leads.payouts;
begin
  perform platform.require_role('leads', 'admin');
  v_supplier := leads.supplier_of(pay_supplier.id);
  if idempotency_key is not null then
    v_answer := platform.claim_idempotency_key('payout', idempotency_key, to_jsonb(v_supplier.id));
    if v_answer is not null then return v_answer; end if;
  end if;
  -- "for no key update" rather than "for update": the stronger lock would block every sale of this supplier's leads.
  select s.* into v_supplier from leads.suppliers s where s.id = v_supplier.id for no key update;
  select array_agg(e.id), coalesce(sum(e.amount_cents), 0),
    count(*) filter (where e.kind = 'sale') - count(*) filter (where e.kind = 'return')
    into v_lines, v_cents, v_leads from leads.payable_earnings(v_supplier.id) e;
  select * into v_problem from leads.payout_problem(v_supplier, v_cents);
  if v_problem.code is not null then perform platform.fail(409, v_problem.code, v_problem.message); end if;

  v_payout := leads.record_payout(v_supplier, v_cents, greatest(v_leads, 0));
  update leads.earnings e set payout_id = v_payout.id where e.id = any (v_lines);
  insert into leads.payout_lines (payout_id, earning_id) select v_payout.id, unnest(v_lines);
  perform platform.notify(v_supplier.user_id, 'leads', 'info', 'Nouveau virement',
    format('Le virement %s de %s € est en cours vers le compte %s.', v_payout.transfer_reference,
      platform.amount_text(v_cents), v_payout.iban_mask));
  v_answer := leads.virement(v_payout);
  if idempotency_key is not null then return platform.keep_answer('payout', idempotency_key, v_answer); end if;
  return v_answer;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.payable_earnings (
  supplier_id uuid
)
  RETURNS SETOF leads.earnings
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select e.* from leads.earnings e
  where e.supplier_id = payable_earnings.supplier_id and e.payout_id is null and e.payable_from <= now()
    and not exists (
      select from leads.returns r where r.buyer_id = e.buyer_id and r.lead_id = e.lead_id and r.status = 'requested')
    -- The return of a sale that was already paid is deducted even if the sale's pair is held.
    and not exists (
      select from leads.self_dealing d where d.supplier_id = e.supplier_id and d.buyer_id = e.buyer_id
        and d.status <> 'cleared'
        and not (e.kind = 'return' and exists (
          select from leads.earnings s where s.buyer_id = e.buyer_id and s.lead_id = e.lead_id and s.kind = 'sale'
            and s.payout_id is not null)));
$function$;

CREATE OR REPLACE FUNCTION leads.payables (
  supplier text
)
  RETURNS TABLE (
    id           text,
    fournisseur  text,
    company      text,
    iban         text,
    status       text,
    "leadsCount" bigint,
    amount       numeric,
    code         text,
    message      text
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_only uuid := case when supplier is not null then (leads.supplier_of(supplier)).id end;
begin
  perform platform.require_role('leads', 'admin');
  return query
    select s.reference, s.contact_name, s.company, s.iban_mask, s.status, greatest(due.leads, 0),
      platform.euros(due.cents), p.code, p.message
    from leads.suppliers s
    cross join lateral (
      select coalesce(sum(e.amount_cents), 0)::bigint as cents,
        count(*) filter (where e.kind = 'sale') - count(*) filter (where e.kind = 'return') as leads,
        count(*) as lines
      from leads.payable_earnings(s.id) e
    ) due
    cross join lateral leads.payout_problem(s, due.cents) p
    where case when v_only is null then due.lines > 0 else s.id = v_only end
    order by s.id;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.payout_batch (
  again          text,
  execution_date date DEFAULT NULL::date
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_export leads.payout_exports;
begin
  if again is null then
    if leads.work_rule('payout_debtor') = 'null' then
      perform platform.fail(409, 'debtor_missing', 'Le compte d''où partent les virements n''est pas connu.',
        'leads-cli pay account --name … --iban …');
    end if;
    return jsonb_build_object('debtor', leads.work_rule('payout_debtor'),
      'executionDate', leads.execution_date(payout_batch.execution_date), 'orders', leads.payout_orders(null),
      'held', leads.held_payouts());
  end if;
  select x.* into v_export from leads.payout_exports x where x.message_id = again;
  if v_export.id is null then
    perform platform.fail(404, 'export_not_found', 'Ce fichier de virements n''existe pas.');
  end if;
  if exists (select from leads.payouts p where p.export_id = v_export.id and p.status <> 'pending') then
    perform platform.fail(409, 'export_settled',
      'La banque a déjà répondu à ce fichier : il ne peut plus être envoyé.');
  end if;
  -- The execution date of a file that was never sent may be past by now.
  return jsonb_build_object('debtor', v_export.debtor,
    'executionDate', platform.next_target_day(greatest(v_export.execution_date, platform.paris_today())),
    'messageId', v_export.message_id,
    'createdAt', platform.iso_timestamp(v_export.created_at), 'orders', leads.payout_orders(v_export.id),
    'held', '[]'::jsonb);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.payout_orders (
  wanted_export uuid
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('reference', p.transfer_reference, 'cents', p.amount_cents,
    'supplierId', p.supplier_id,
    'holder', a.holder, 'sealedIban', a.sealed_iban, 'bic', a.bic) order by p.transfer_reference), '[]')
  from leads.payouts p join leads.payout_accounts a on a.payout_id = p.id
  where case when wanted_export is null then p.export_id is null and p.status = 'pending' and leads.hold_of(p) is null
    else p.export_id = wanted_export end;
$function$;

CREATE OR REPLACE FUNCTION leads.payout_period (
  day date
)
  RETURNS text
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select platform.month_label(day) || to_char(day, ' YYYY')
    || case when extract(day from day) <= 15 then ' (1ère quinzaine)' else ' (2ème quinzaine)' end;
$function$;

CREATE OR REPLACE FUNCTION leads.payout_problem (
  supplier leads.suppliers,
  cents    bigint,
  OUT      code text,
  OUT      message text
)
  RETURNS record
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select p.code, p.message
  from (select) always
    left join (
      select a.validated, h.code as fault, a.bic is null and platform.needs_bic(supplier.iban_mask) as lacks_bic
      from leads.supplier_accounts a left join leads.held_accounts h on h.sealed_iban = a.sealed_iban
      where a.supplier_id = supplier.id
    ) account on true,
    lateral (values
      (1, supplier.status = 'suspended', 'supplier_suspended', 'Ce fournisseur est suspendu.'),
      (2, account.validated is null, 'iban_missing', 'Ce fournisseur n''a pas donné d''IBAN.'),
      (3, supplier.status <> 'active' or not account.validated, 'supplier_pending_validation',
        'Ce fournisseur et son IBAN ne sont pas encore validés.'),
      (4, account.fault is not null, 'account_held',
        format(
          'La banque a renvoyé un virement de ce compte (%s : %s) : il attend un autre IBAN ou une nouvelle validation.',
        account.fault, leads.account_fault(account.fault))),
      (5, account.lacks_bic, 'bic_missing',
        'Ce compte est hors de l''Espace économique européen : il lui faut un BIC.'),
      (6, cents <= 0, 'nothing_to_pay', 'Ce fournisseur n''a rien à recevoir pour le moment.')
    ) as p (place, holds, code, message)
  where p.holds order by p.place limit 1;
$function$;

CREATE OR REPLACE FUNCTION leads.payout_problems()
  RETURNS TABLE (
    problem  text,
    subject  text,
    expected bigint,
    found    bigint
  )
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  with booked as (
    -- Each transfer of a payout moves the whole amount, and an entry in supplier_earnings belongs to the payout's
    -- supplier.
    select p.id, t.kind,
      coalesce(sum(abs(e.amount)) filter (where a.kind <> 'supplier_earnings' or a.owner = p.supplier_id),
      0) / 2 as amount
    from leads.payouts p
    join platform.ledger_transfers t on t.system = 'leads'
      and t.kind in ('payout', 'payout_confirmed', 'payout_returned', 'payout_failed') and t.key = p.id::text
    left join platform.ledger_entries e on e.transfer_id = t.id
    left join platform.ledger_accounts a on a.id = e.account_id
    group by p.id, t.kind
  )
  select 'payout_without_transfer', p.reference, null::bigint, null::bigint from leads.payouts p
    where p.transfer_id is null and not exists (select from leads.seeded_rows r
      where r.relation = 'leads.payouts' and r.row_id = p.id)
  union all
  select 'payout_not_its_entries', p.reference || ' ' || b.kind, p.amount_cents, b.amount::bigint from booked b
  join leads.payouts p on p.id = b.id
    where b.amount <> p.amount_cents
  union all
  select 'payout_not_its_earnings', p.reference, p.amount_cents, coalesce(e.amount, 0) from leads.payouts p
    left join (select e.payout_id, sum(e.amount_cents)::bigint as amount from leads.earnings e
      group by 1) e on e.payout_id = p.id
    where p.transfer_id is not null and coalesce(e.amount, 0) <> case p.status when 'failed' then 0
      else p.amount_cents end
  union all
  select 'payout_not_its_lines', p.reference, p.amount_cents, coalesce(l.amount, 0) from leads.payouts p
    left join (
      select n.payout_id, sum(e.amount_cents)::bigint as amount from leads.payout_lines n
      join leads.earnings e on e.id = n.earning_id group by 1
    ) l on l.payout_id = p.id
    where p.transfer_id is not null and coalesce(l.amount, 0) <> p.amount_cents
  union all
  select 'payout_without_account', p.reference, null, null from leads.payouts p
    left join leads.payout_accounts a on a.payout_id = p.id where p.transfer_id is not null and a.payout_id is null
  union all
  select 'payout_without_transaction', p.reference, null, null from leads.payouts p
    left join leads.transactions t on t.id = p.transaction_id and t.type = 'fournisseur_payment'
      and t.status = p.status and t.amount_cents = p.amount_cents
    where p.transfer_id is not null and t.id is null
  union all
  select 'supplier_not_his_earnings', s.reference, coalesce(e.amount, 0), coalesce(b.amount, 0) from leads.suppliers s
    left join (select e.supplier_id, sum(e.amount_cents)::bigint as amount from leads.earnings e
      where e.payout_id is null group by 1) e on e.supplier_id = s.id
    left join (
      select a.owner, sum(b.balance)::bigint as amount from platform.ledger_accounts a
      join platform.ledger_balances b on b.account_id = a.id
      where a.system = 'leads' and a.kind = 'supplier_earnings' group by 1
    ) b on b.owner = s.id
    where coalesce(e.amount, 0) <> coalesce(b.amount, 0)
  union all
  select 'in_transit_not_pending_payouts', '', p.amount, b.amount
    from (select coalesce(sum(p.amount_cents), 0)::bigint as amount from leads.payouts p where p.status = 'pending') p,
      (select platform.ledger_balance('leads', 'payouts_in_transit') as amount) b
    where p.amount <> b.amount;
$function$;

CREATE OR REPLACE FUNCTION leads.person_hashes (
  lead_id uuid
)
  RETURNS bytea[]
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_pepper bytea := leads.pepper();
begin
  return array(select leads.person_hash(v_pepper, v.value)
    from leads.lead_contacts c, unnest(array[lower(c.email), c.phone, c.phone2]) v (value)
    where c.lead_id = person_hashes.lead_id and v.value is not null);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.person_of (
  written text,
  OUT     email text,
  OUT     phone text
)
  RETURNS record
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_import uuid := gen_random_uuid();
begin
  insert into leads.import_rows (import_id, line, email, phone)
  values (v_import, 1, case when written like '%@%' then written end,
    case when written not like '%@%' then written end);
  select v.email, v.phone into email, phone from leads.import_values(v_import, 1, 1) v;
  delete from leads.import_rows r where r.line = 1 and r.import_id = v_import;
  if email is null and phone is null then
    select u.email into email from auth.users u where u.email = lower(btrim(written)) limit 1;
  end if;
  if email is null and phone is null then
    perform platform.fail(422, 'invalid_person', 'Une adresse e-mail ou un numéro de téléphone est attendu.');
  end if;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.personal_data()
  RETURNS SETOF platform.personal_place
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select d.relation, d.column_name, d.whose, d.shown::text[], d.fate,
    case d.why when 'consent' then 'Preuves de consentement des prospects (art. 7-1 du RGPD).'
      when 'log' then 'Empreinte à clé, dans le seul journal d''audit : elle distingue deux comptes bancaires sans en donner le numéro.'
      else platform.why_kept(d.why) end
  from (values
    ('leads.suppliers', 'id', 'supplier', '{reference,contact_name,company,email,iban_mask,status,created_at}',
      'pseudonym', 'proof'),
    ('leads.suppliers', 'user_id', 'user', null, 'pseudonym', 'proof'),
    ('leads.suppliers', 'email', 'supplier', null, 'erased', null),
    ('leads.suppliers', 'contact_name', null, null, 'pseudonym', 'proof'),
    ('leads.suppliers', 'company', null, null, 'pseudonym', 'proof'),
    ('leads.suppliers', 'iban_mask', null, null, 'erased', null),
    ('leads.buyers', 'user_id', 'user', '{preferred_sectors,preferred_regions,created_at}', 'erased', null),
    ('leads.billing_details', 'buyer_id', 'user', '{name,address,delivery_address,siret,vat_number}', 'erased', null),
    ('leads.billing_details', 'name', null, null, 'erased', null),
    ('leads.billing_details', 'address', null, null, 'erased', null),
    ('leads.billing_details', 'delivery_address', null, null, 'erased', null),
    ('leads.billing_details', 'siret', null, null, 'erased', null),
    ('leads.billing_details', 'vat_number', null, null, 'erased', null),
    ('leads.party_signs', 'person', 'either', '{kind,seen_at}', 'erased', null),
    ('leads.self_dealing', 'buyer_id', 'user', null, 'pseudonym', 'proof'),
    ('leads.self_dealing', 'supplier_id', 'supplier', null, 'pseudonym', 'proof'),
    ('leads.self_dealing', 'note', null, null, 'erased', null),
    ('leads.self_dealing', 'decided_by', 'user', '{reference,status,decided_at}', 'kept', 'proof'),
    ('leads.supplier_accounts', 'supplier_id', 'supplier', '{bic,validated,changed_at}', 'erased', null),
    ('leads.supplier_accounts', 'changed_by', 'user', null, 'kept', 'proof'),
    ('leads.supplier_accounts', 'sealed_iban', null, null, 'erased', null),
    ('leads.supplier_accounts', 'fingerprint', 'supplier', null, 'kept', 'log'),
    ('leads.held_accounts', 'supplier_id', 'supplier', '{iban_mask,code,held_at}', 'erased', null),
    ('leads.held_accounts', 'sealed_iban', null, null, 'erased', null),
    ('leads.held_accounts', 'iban_mask', null, null, 'erased', null),
    ('leads.imports', 'supplier_id', 'supplier', '{reference,file_name,upload_date,total,valid,status}',
      'kept', 'consent'),
    ('leads.import_mappings', 'supplier_id', 'supplier', '{created_at,updated_at}', 'erased', null),
    ('leads.leads', 'supplier_id', 'supplier', '{}', 'kept', 'others'),
    ('leads.leads', 'agent_id', 'user', '{}', 'kept', 'others'),
    ('leads.lead_contacts', 'supplier_id', 'supplier', '{}', 'kept', 'others'),
    ('leads.lead_contacts', 'email', null, null, 'kept', 'others'),
    ('leads.leads', 'email_mask', null, null, 'kept', 'others'),
    ('leads.lead_consents', 'supplier_id', 'supplier', '{}', 'kept', 'consent'),
    ('leads.import_rows', 'email', null, null, 'kept', 'others'),
    ('leads.import_checked', 'email', null, null, 'kept', 'others'),
    ('leads.import_checked', 'email_mask', null, null, 'kept', 'others'),
    ('leads.import_file_rows', 'email', null, null, 'kept', 'others'),
    ('leads.import_form_rows', 'email', null, null, 'kept', 'others'),
    ('leads.import_held_rows', 'email', null, null, 'kept', 'others'),
    ('leads.calls', 'agent_id', 'user', '{reference,called_on,duration,result,outside_rules}', 'pseudonym', 'others'),
    ('leads.qualifications', 'agent_id', 'user', '{recording_consent,created_at}', 'kept', 'others'),
    ('leads.sales', 'buyer_id', 'user', '{credits,price_cents,sold_at}', 'kept', 'books'),
    ('leads.sales', 'supplier_id', 'supplier', '{price_cents,supplier_share_cents,sold_at}', 'kept', 'books'),
    ('leads.returns', 'buyer_id', 'user', '{reference,lead_reference,reason,comment,status,decided_at,decision_note}',
      'kept', 'books'),
    ('leads.returns', 'comment', null, null, 'erased', null),
    ('leads.returns', 'decision_note', null, null, 'erased', null),
    ('leads.returns', 'lead_name', null, null, 'pseudonym', 'others'),
    ('leads.returns', 'decided_by', 'user', '{reference,decided_at}', 'kept', 'proof'),
    ('leads.outcomes', 'buyer_id', 'user', '{outcome}', 'kept', 'books'),
    ('leads.transactions', 'user_id', 'user', '{reference,type,amount_cents,credits,date,status,description}',
      'pseudonym', 'books'),
    ('leads.payments', 'buyer_id', 'user', '{reference,type,amount_cents,date,status,description}', 'kept', 'books'),
    ('leads.pack_orders', 'buyer_id', 'user', '{reference,pack_name,credits,bonus,price_cents,status,created_at}',
      'kept', 'books'),
    ('leads.invoices', 'buyer_id', 'user', '{number,issued_on,description,net_cents,vat_cents,gross_cents,buyer}',
      'kept', 'books'),
    ('leads.payouts', 'supplier_id', 'supplier',
      '{transfer_reference,amount_cents,date,status,period,iban_mask,failure_reason}', 'kept', 'books'),
    ('leads.payouts', 'iban_mask', null, null, 'kept', 'books'),
    ('leads.payouts', 'failure_reason', null, null, 'kept', 'books'),
    ('leads.payout_accounts', 'holder', 'supplier', null, 'kept', 'books'),
    ('leads.payout_accounts', 'sealed_iban', null, null, 'kept', 'books'),
    ('leads.earnings', 'supplier_id', 'supplier', '{kind,amount_cents,payable_from}', 'kept', 'books'),
    ('leads.earnings', 'buyer_id', 'user', null, 'kept', 'books'),
    ('leads.erasures', 'actor', 'user', '{erased_at}', 'kept', 'proof')
  ) as d (relation, column_name, whose, shown, fate, why);
$function$;

CREATE OR REPLACE FUNCTION leads.place_region()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_place record;
begin
  select p.* into v_place
  from (values
    ('guadeloupe', 'America/Guadeloupe', '{05-27}'::text[]), ('martinique', 'America/Martinique', '{05-22}'),
    ('guyane', 'America/Cayenne', '{06-10}'),
    ('la reunion', 'Indian/Reunion', '{12-20}'), ('mayotte', 'Indian/Mayotte', '{04-27}'),
    ('saint barthelemy', 'America/St_Barthelemy', '{10-09}'),
    ('saint martin', 'America/Marigot', '{05-28}'), ('saint pierre et miquelon', 'America/Miquelon', '{}'),
    ('nouvelle caledonie', 'Pacific/Noumea', '{09-24}'), ('polynesie', 'Pacific/Tahiti', '{03-05,06-29,11-20}'),
    ('polynesie francaise', 'Pacific/Tahiti', '{03-05,06-29,11-20}'),
    ('wallis et futuna', 'Pacific/Wallis', '{04-28,06-29,07-29}'),
    ('grand est', 'Europe/Paris', '{12-26,Easter-2}'), ('alsace', 'Europe/Paris', '{12-26,Easter-2}')
  ) p (name, time_zone, own_holidays) where p.name = leads.name_key(new.name);
  new.time_zone := coalesce(new.time_zone, v_place.time_zone, 'Europe/Paris');
  new.own_holidays := coalesce(new.own_holidays, v_place.own_holidays, '{}');
  return new;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.places (
  is_exclusive           boolean,
  buyers_per_shared_lead numeric
)
  RETURNS smallint
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$ begin return case when is_exclusive then 1 else greatest(1, least(1000, floor(buyers_per_shared_lead))) end; end;
$function$;

CREATE OR REPLACE FUNCTION leads.plain_date (
  written text
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  STRICT
  SET search_path TO ''
  AS $function$
declare
  v_text text := written;
  v_parts text[];
  v_month integer;
begin
  v_text := regexp_replace(v_text, '^(\d{4})/(\d\d?)/(\d\d?)(?!\d)', '\1-\2-\3');
  v_text := regexp_replace(v_text, '^(\d{4})-(\d)-', '\1-0\2-');
  v_text := regexp_replace(v_text, '^(\d{4}-\d\d)-(\d)(?!\d)', '\1-0\2');
  v_text := regexp_replace(v_text, ' (?:UTC|GMT)([+-])(\d)(?!\d)', '\10\2');
  v_text := regexp_replace(v_text, ' (\d{1,2}) ?h$', ' \1:00');
  v_parts := coalesce(
    regexp_match(v_text,
      '^(?:[[:alpha:]]{3,9}\.?,? +)?(\d{1,2})(?:er|st|nd|rd|th)?[ -]([[:alpha:]]{3,9})\.?,?[ -](\d{4})(.*)$'),
    (select array[p[2], p[1], p[3], p[4]]
      from regexp_match(v_text,
        '^(?:[[:alpha:]]{3,9}\.?,? +)?([[:alpha:]]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(.*)$') p
      where p is not null));
  if v_parts is not null then
    v_month := (select m.month from (values ('janv', 1), ('jan', 1), ('fevr', 2), ('fev', 2), ('feb', 2), ('mars', 3),
      ('mar', 3), ('avr', 4), ('apr', 4), ('mai', 5),
      ('may', 5), ('juin', 6), ('jun', 6), ('juil', 7), ('jul', 7), ('aou', 8), ('aug', 8), ('sep', 9), ('oct', 10),
      ('nov', 11), ('dec', 12)) m (start, month)
      where platform.fold(v_parts[2]) like m.start || '%' limit 1);
    if v_month is null then return written; end if;
    v_text := v_parts[3] || '-' || lpad(v_month::text, 2, '0') || '-' || lpad(v_parts[1], 2, '0') || v_parts[4];
  end if;
  v_parts := regexp_match(v_text, '^(.*[ ,])(\d{1,2})((?::\d\d){1,2}) ?([ap])\.?m\.?(.*)$', 'i');
  if v_parts is null or v_parts[2]::integer not between 1 and 12 then return v_text; end if;
  return v_parts[1] || lpad((v_parts[2]::integer % 12 + case lower(v_parts[4]) when 'p' then 12 else 0 end)::text, 2,
    '0') || v_parts[3] || v_parts[5];
end;
$function$;

CREATE OR REPLACE FUNCTION leads.plain_text (
  said text
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  STRICT
  SET search_path TO ''
  AS $function$
declare
  v_plain text := platform.fold(said);
begin
  -- Almost all texts are plain ASCII at this point.
  if octet_length(v_plain) = length(v_plain) then return v_plain; end if;
  return translate(
    platform.fold(regexp_replace(normalize(said, nfkd),
      '[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\u0300-\u036f\u20e3]',
      '', 'g')),
    'авекмнорстухіѕјԁһӏгαβεικνορτυχηωμ©®٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९',
    'abekmhopctyxisjdhlrabeikvoptuxnwucr012345678901234567890123456789');
end;
$function$;

CREATE OR REPLACE FUNCTION leads.price_of (
  lead leads.leads
)
  RETURNS leads.lead_price
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_rules jsonb := leads.rules_in_force();
  v_price_rule text := case when lead.is_exclusive then 'price_exclusive' else 'price_standard' end;
  -- Older leads are cheaper: the age discount applies to credits and euros alike.
  v_kept numeric := greatest(0, 1 - (v_rules -> 'age_decay' ->> 'value')::numeric / 100
    * greatest(0, floor(extract(epoch from now() - least(lead.created_at, lead.collected_at)) / 86400 / 30)));
  v_share numeric := (v_rules -> 'supplier_share' ->> 'value')::numeric;
  v_price leads.lead_price;
begin
  v_price.credits := ceil((v_rules -> v_price_rule ->> 'value')::numeric * v_kept);
  -- The supplier sets the price, the platform sets the credits. The price is capped so that the supplier's share never
  -- exceeds the value of the credits paid.
  v_price.price_cents := least(round(lead.price_cents * v_kept),
    floor(v_price.credits * 100 * (v_rules -> 'credit_value' ->> 'value')::numeric * 100 / nullif(v_share, 0)));
  v_price.supplier_share_cents := round(v_price.price_cents * v_share / 100);
  v_price.places := leads.places(lead.is_exclusive, (v_rules -> 'buyers_per_shared_lead' ->> 'value')::numeric);
  -- The number of places by the current rule may be lower than when the lead went on sale.
  if lead.sales_count >= v_price.places then
    perform platform.fail(409, 'lead_sold', 'Ce lead est déjà vendu.');
  end if;
  v_price.return_until := now() + (v_rules -> 'return_window' ->> 'value')::numeric * interval '1 day';
  v_price.rules := v_rules - 'welcome_bonus' - case when lead.is_exclusive then 'price_standard'
    else 'price_exclusive' end;
  return v_price;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.problem_message (
  field   text,
  code    text,
  written text
)
  RETURNS text
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select case code
    when 'required' then (case field when 'lastName' then 'Le nom' when 'sector' then 'Le secteur'
      else 'La région' end) || ' manque.'
    when 'contact_required' then 'Il faut un e-mail ou un téléphone.'
    when 'invalid_email' then format('« %s » n''est pas une adresse e-mail.', left(written, 80))
    when 'invalid_name' then coalesce('« ' || nullif(left(written, 80), '') || ' »', 'Ceci')
      || ' n''est pas un nom : cela ressemble à un numéro ou à une adresse.'
    when 'invalid_phone' then format('« %s » n''est pas un numéro de téléphone.', left(written, 80))
    when 'damaged_phone' then format(
      'Le tableur a arrondi ce numéro (%s) : mettez la colonne au format texte et exportez de nouveau.', written)
    when 'unknown_sector' then format('Le secteur « %s » est inconnu.', left(written, 80))
      || coalesce(' Vouliez-vous dire ' || leads.nearest_names('sector', left(written, 80)) || ' ?', '')
    when 'unknown_region' then format('La région « %s » est inconnue.', left(written, 80))
      || coalesce(' Vouliez-vous dire ' || leads.nearest_names('region', left(written, 80)) || ' ?', '')
    when 'unknown_postcode' then format(
      'Le code postal « %s » n''est d''aucune région du catalogue : indiquez la région.', left(written, 80))
    when 'invalid_time' then format('« %s » n''est pas une date passée (2026-02-10T14:30:00Z ou 10/02/2026 14:30).',
      left(written, 80))
    when 'invalid_score' then format('Le score « %s » n''est pas un nombre de 0 à 100.', left(written, 80))
    when 'invalid_price' then format('Le prix « %s » n''est pas un montant en euros.', left(written, 80))
    when 'invalid_boolean' then format('« %s » n''est ni oui ni non.', left(written, 80))
    when 'contact_in_text' then 'Ce texte est lu de tous : il ne doit contenir ni nom, ni adresse, ni numéro, de quelque façon qu''ils soient écrits.'
    when 'too_long' then format('La valeur est trop longue (%s caractères).', length(written))
    when 'opposed' then 'Cette personne s''oppose à être contactée : retirez-la de vos fichiers.'
    when 'invalid_consent' then leads.consent_problem_message(field, written)
    when 'too_many_cells' then 'La ligne a plus de cellules que l''en-tête : un séparateur est-il dans une valeur sans guillemets ?'
    else 'La ligne est illisible.'
  end;
$function$;

CREATE OR REPLACE FUNCTION leads.proven_email (
  user_id uuid
)
  RETURNS text
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_email text := (select p.email from platform.profiles p
    where p.id = proven_email.user_id and p.email <> '' and p.erased_at is null and platform.is_proven(p.id));
begin
  return case when v_email is not null then (leads.person_of(v_email)).email end;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.purchase (
  reference    text,
  seen_credits numeric DEFAULT NULL::numeric,
  seen_euros   numeric DEFAULT NULL::numeric
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_lead leads.leads;
  v_sale leads.sales;
  v_price leads.lead_price;
  v_paid record;
begin
  perform platform.require_role('leads', 'acheteur');
  select l.* into v_lead from leads.leads l where l.reference = purchase.reference for no key update;
  select s.* into v_sale from leads.sales s where s.buyer_id = auth.uid() and s.lead_id = v_lead.id;
  if found then return leads.show_purchase(v_sale, leads.credits_of(auth.uid())); end if;
  perform leads.refuse_sale(v_lead);

  v_price := leads.price_of(v_lead);
  perform leads.refuse_other_price(v_price, seen_credits, seen_euros);
  v_paid := leads.pay_for_lead(v_lead, v_price);
  insert into leads.sales (lead_id, buyer_id, supplier_id, place, places, credits, price_cents,
    supplier_share_cents, given_credits, given_share_cents, budget_cents, rules, return_until, transfer_id)
  values (v_lead.id, auth.uid(), v_lead.supplier_id, v_lead.sales_count + 1, v_price.places, v_price.credits,
    v_price.price_cents, v_paid.earned_cents, v_paid.given_credits, v_paid.given_share_cents, v_paid.budget_cents,
    v_price.rules, v_price.return_until, v_paid.transfer_id)
  returning * into v_sale;
  insert into leads.earnings (supplier_id, kind, buyer_id, lead_id, amount_cents, payable_from)
    values (v_sale.supplier_id, 'sale', v_sale.buyer_id, v_sale.lead_id, v_sale.supplier_share_cents,
      v_sale.return_until);
  update leads.leads l set sales_count = v_sale.place,
    status = case when v_sale.place >= v_sale.places then 'sold' else l.status end,
    sold_at = case when v_sale.place >= v_sale.places then v_sale.sold_at else l.sold_at end
  where l.id = v_lead.id;
  perform leads.tell_buyer_of_sale(v_lead, v_price, v_paid.credits_left);
  perform leads.tell_of_pair(v_sale);
  if v_sale.given_credits > 0 then perform leads.tell_supplier_of_sale(v_lead, v_sale); end if;
  perform platform.emit('leads', 'lead.purchased', jsonb_build_object('lead', v_lead.reference));
  perform set_config('response.status', '201', true);
  return leads.show_purchase(v_sale, v_paid.credits_left);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.qualify (
  reference       text,
  report          jsonb,
  idempotency_key text,
  OUT             qualification leads.qualifications
)
  RETURNS leads.qualifications
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_hash text := md5(report::text);
  v_lead leads.leads;
  v_until timestamptz;
  v_call leads.calls;
  v_outside_rules text[];
begin
  perform platform.require_role('leads', 'agent');
  if jsonb_typeof(report) is distinct from 'object' then
    perform platform.fail(400, 'invalid_body', 'Le compte rendu d''un appel est attendu.');
  end if;
  select l.* into v_lead from leads.leads l where l.reference = qualify.reference and l.withdrawn_at is null
    for no key update;
  if not found then perform platform.fail(404, 'lead_not_found', 'Ce lead est introuvable.'); end if;
  qualification := leads.repeated_report(v_lead.id, idempotency_key, v_hash);
  if qualification.call_id is not null then return; end if;
  perform platform.refuse_fields(leads.report_problems(report));
  perform leads.refuse_unless_free(v_lead);
  -- A refused summary would reveal the contact, so an agent who was not given the lead may not send one.
  if nullif(btrim(report ->> 'summary'), '') is not null and v_lead.agent_id is distinct from auth.uid() then
    perform platform.refuse_fields(platform.field_problem('summary', 'not_allowed',
      'Le résumé est écrit par l''agent à qui le lead a été confié.'));
  end if;
  -- The agent sees the contact after the report. A waiting lead is therefore first reserved by the rules of the queue,
  -- so that a report cannot obtain a lead that the queue would not give. A lead given earlier may have been called in
  -- time, so its report is accepted at any time.
  if v_lead.agent_id is distinct from auth.uid() then v_lead := leads.give_lead(v_lead.id, leads.calling_at()); end if;
  v_outside_rules := leads.rules_broken(v_lead,
    leads.calling_at(now() - make_interval(secs => (report ->> 'durationSeconds')::integer)));
  v_until := case when v_lead.reserved_until > now() then v_lead.reserved_until else leads.reservation_end() end;
  update leads.lead_contacts c set notes = concat_ws(e'\n', c.notes, report ->> 'notes')
    where c.lead_id = v_lead.id and nullif(btrim(report ->> 'notes'), '') is not null;
  select jsonb_agg(to_jsonb(s)) into qualification.score_explanations from leads.score_lead(v_lead.id) s;
  update leads.leads l set
    status = case report ->> 'result' when 'qualified' then 'qualified' when 'not_qualified' then 'rejected'
      else 'pending' end,
    qualification_status = report ->> 'result',
    qualified_at = case report ->> 'result' when 'qualified' then now() end,
    callback_at = case report ->> 'result' when 'callback' then leads.written_time(report ->> 'callbackAt') end,
    score = (select sum((s ->> 'contribution')::integer)
      from jsonb_array_elements(qualification.score_explanations) s),
    summary = coalesce(nullif(btrim(report ->> 'summary'), ''), l.summary),
    has_audio_recording = l.has_audio_recording or report ->> 'recordingPath' is not null,
    agent_id = auth.uid(), reserved_until = null
  where l.id = v_lead.id returning * into v_lead;
  v_call := leads.add_call(v_lead, report, v_outside_rules);
  insert into leads.qualifications (call_id, lead_id, agent_id, request_key, request_hash, repeatable_until,
    callback_at, recording_consent, score_explanations)
  values (v_call.id, v_lead.id, auth.uid(), idempotency_key, v_hash, v_until, v_lead.callback_at,
    coalesce(report -> 'recordingConsent' = 'true', false), qualification.score_explanations)
  returning * into qualification;
  perform leads.tell_supplier(v_lead);
  perform platform.emit('leads', 'lead.' || v_lead.qualification_status,
    jsonb_build_object('lead', v_lead.reference, 'call', v_call.reference, 'score', v_lead.score));
  -- This comes last, because other transactions wait for the file's lock.
  if v_lead.import_id is not null then perform leads.advance_import(v_lead.import_id); end if;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.queue_overview()
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  calling leads.calling := leads.calling_at();
  v_since timestamptz := calling.at - make_interval(days => greatest(30, (calling.rule ->> 'refusalDays')::integer));
begin
  perform platform.require_role('leads', 'admin');
  return (
    with called as (
      select distinct k.lead_id from leads.called_people p join leads.calls k on k.id = p.call_id
      where p.called_at > v_since
    ), known as (
      select distinct same.lead_id from called join leads.lead_contacts c on c.lead_id = called.lead_id
      cross join lateral (
        select o.lead_id from leads.lead_contacts o where lower(o.email) = lower(c.email)
        union all select o.lead_id from leads.lead_contacts o where o.phone in (c.phone, c.phone2)
        union all select o.lead_id from leads.lead_contacts o where o.phone2 in (c.phone, c.phone2)
      ) same
    ), judged as (
      select w.region, case
        when not w.call_basis = any (calling.bases) then 'withoutConsent'
        when w.id in (select k.lead_id from known k)
          and coalesce(leads.paused_until(w.lead, calling.rule, calling.at) > calling.at, false) then 'overLimit'
        when not w.region = any (calling.regions) then 'outsideHours' else 'ready' end as state
      from leads.waiting_leads w where coalesce(w.due_at <= calling.at, true)
    )
    select jsonb_build_object('ready', count(*) filter (where j.state = 'ready'),
      'outsideHours', count(*) filter (where j.state = 'outsideHours'),
      'overLimit', count(*) filter (where j.state = 'overLimit'),
      'withoutConsent', count(*) filter (where j.state = 'withoutConsent'),
      'nextOpening', platform.iso_timestamp(
        leads.next_opening(array_agg(distinct j.region) filter (where j.state = 'outsideHours'), calling.at)),
      'callsOutsideRules', (select count(*) from leads.calls k
        where k.outside_rules is not null and k.created_at > calling.at - interval '30 days'))
    from judged j);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.read_billing_settings()
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform platform.require_role('leads', 'admin');
  return (select jsonb_build_object('vatPercent', v.percent, 'vatOnDebits', leads.work_rule('vat_on_debits'), 'seller', v.seller,
      'missing', (select coalesce(jsonb_agg(p -> 'field'), '[]') from jsonb_array_elements(leads.seller_problems(v.seller, v.percent)) p))
    from (select leads.work_rule('vat_percent') as percent, leads.work_rule('seller') as seller) v);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.read_only_problems (
  lead  leads.leads,
  given jsonb
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('field', shown.key, 'code', 'read_only',
    'message', 'Ce champ ne se modifie pas.')), '[]')
  from jsonb_each(jsonb_build_object('id', lead.reference, 'status', lead.status,
    'qualificationStatus', lead.qualification_status,
    'createdAt', platform.iso_timestamp(lead.created_at), 'hasAudioRecording', lead.has_audio_recording)
    -- Score and price of a qualified lead can no longer be changed by its supplier, because the lead is sold as the
    -- agent qualified it.
    || case when lead.qualified_at is not null and not platform.has_role('leads', 'admin')
      then jsonb_build_object('score', lead.score,
      'price', platform.euros(lead.price_cents), 'isExclusive', lead.is_exclusive,
      'collectedAt', platform.iso_timestamp(lead.collected_at)) else '{}' end) shown
  where given ? shown.key and given -> shown.key <> shown.value;
$function$;

CREATE OR REPLACE FUNCTION leads.read_telephones (
  phone  text,
  phone2 text
)
  RETURNS text[]
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
declare
  v_phones text[] := coalesce(leads.telephones_of(phone), case when phone is null then '{}'::text[] end);
  v_others text[] := coalesce(leads.telephones_of(phone2), case when phone2 is null then '{}'::text[] end);
begin
  if v_phones is null then return array[null, null, 'phone']; end if;
  if v_others is null then return array[null, null, 'phone2']; end if;
  v_phones := array(select n.number from unnest(v_phones || v_others) with ordinality as n (number, place) group by 1
    order by min(n.place));
  return array[v_phones[1], v_phones[2], null];
end;
$function$;

CREATE OR REPLACE FUNCTION leads.record_outcome (
  reference text,
  outcome   text
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_sale leads.sales := leads.bought_lead(reference);
begin
  if record_outcome.outcome is null or record_outcome.outcome not in ('won', 'lost', 'unreachable') then
    perform platform.refuse_fields(platform.field_problem('outcome', 'invalid_value',
      'Résultat attendu : won, lost ou unreachable.'));
  end if;
  -- A concurrent acceptance of the return holds the lead's lock; waiting for it shows whether the lead is still the
  -- buyer's.
  perform from leads.leads l where l.id = v_sale.lead_id for share;
  if not exists (select from leads.kept_sales k where k.buyer_id = v_sale.buyer_id and k.lead_id = v_sale.lead_id) then
    perform platform.fail(409, 'lead_returned', 'Ce lead vous a été remboursé.');
  end if;
  insert into leads.outcomes (buyer_id, lead_id, outcome)
    values (v_sale.buyer_id, v_sale.lead_id, record_outcome.outcome)
  on conflict (buyer_id, lead_id) do update set outcome = excluded.outcome where outcomes.outcome <> excluded.outcome;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.record_payout (
  supplier    leads.suppliers,
  cents       bigint,
  leads_count integer
)
  RETURNS leads.payouts
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_id uuid := platform.uuid_v7();
  v_reference text := leads.next_transfer_reference(platform.paris_today());
  v_transaction uuid;
  v_payout leads.payouts;
begin
  insert into leads.transactions (type, user_id, user_name, user_role, company, amount_cents, status,
    description, payment_method)
  values ('fournisseur_payment', supplier.user_id, supplier.contact_name, 'fournisseur', supplier.company,
    cents, 'pending',
    'Virement ' || v_reference, 'Virement SEPA') returning id into v_transaction;
  insert into leads.payouts (id, transfer_reference, supplier_id, amount_cents, status, leads_count, period, iban_mask,
    transaction_id, transfer_id)
  values (v_id, v_reference, supplier.id, cents, 'pending', record_payout.leads_count,
    leads.payout_period(platform.paris_today()), supplier.iban_mask, v_transaction,
    platform.post_transfer('leads', 'payout', v_id::text,
      array[('supplier_earnings', supplier.id, -cents), ('payouts_in_transit', null, cents)]::platform.ledger_line[]))
  returning * into v_payout;
  insert into leads.payout_accounts (payout_id, holder, sealed_iban, bic)
  select v_payout.id, supplier.company, a.sealed_iban, a.bic from leads.supplier_accounts a
  where a.supplier_id = supplier.id;
  return v_payout;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.record_transaction (
  type           text,
  user_id        uuid,
  role           text,
  amount_cents   bigint,
  credits        integer,
  description    text,
  payment_method text,
  status         text    DEFAULT 'completed'::text
)
  RETURNS uuid
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_id uuid;
begin
  insert into leads.transactions (type, user_id, user_name, user_role, company, amount_cents, credits, status,
    description, payment_method)
  select record_transaction.type, p.id, btrim(p.first_name || ' ' || p.last_name), record_transaction.role, p.company,
    record_transaction.amount_cents, record_transaction.credits, record_transaction.status,
    record_transaction.description, record_transaction.payment_method
  from platform.profiles p where p.id = record_transaction.user_id
  returning id into v_id;
  return v_id;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.recording_target (
  reference text,
  extension text
)
  RETURNS text
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_lead leads.leads;
begin
  perform platform.require_role('leads', 'agent');
  if extension not in ('mp3', 'wav', 'm4a', 'ogg', 'webm') then
    perform platform.refuse_fields(platform.field_problem('extension', 'invalid_value',
      'Formats acceptés : mp3, wav, m4a, ogg, webm.'));
  end if;
  select l.* into v_lead from leads.leads l where l.reference = recording_target.reference and l.withdrawn_at is null;
  if not found then perform platform.fail(404, 'lead_not_found', 'Ce lead est introuvable.'); end if;
  perform leads.refuse_unless_free(v_lead);
  return auth.uid() || '/' || v_lead.reference || '/' || gen_random_uuid() || '.' || extension;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.recordings_of (
  lead leads.leads
)
  RETURNS SETOF text
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select c.recording_path from leads.calls c where c.lead_id = lead.id and c.recording_path is not null
  union
  -- Recordings that an agent uploaded and never reported.
  select o.name from storage.objects o
  where o.bucket_id = 'recordings' and split_part(o.name, '/', 2) = lead.reference;
$function$;

CREATE OR REPLACE FUNCTION leads.recount()
  RETURNS bigint
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_rows bigint;
begin
  -- Writers wait during the recount: otherwise their changes would be counted and added as well.
  lock table leads.leads, leads.sales, leads.returns, leads.outcomes, leads.calls, leads.transactions,
  leads.payouts in share mode;
  delete from platform.rollups r where r.system = 'leads';
  insert into platform.rollups (system, metric, subject, month, slot, value)
    select 'leads', c.metric, c.subject, c.month, 0, c.value from leads.counted_figures c;
  get diagnostics v_rows = row_count;
  return v_rows;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.recover_loss (
  given   leads.returns,
  credits integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_taken integer := least(leads.owed_credits(given.buyer_id), credits);
  v_paid bigint;
begin
  if v_taken <= 0 then return 0; end if;
  v_paid := least(v_taken, platform.ledger_balance('leads', 'buyer_paid', given.buyer_id));
  perform platform.post_transfer('leads', 'loss_recovered', given.id::text, array[('credits_lost', null, v_taken),
    ('buyer_paid', given.buyer_id, -v_paid),
    ('buyer_bonus', given.buyer_id, v_paid - v_taken)]::platform.ledger_line[]);
  return v_taken;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.refund_name (
  refund leads.refunds,
  told   text
)
  RETURNS text
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select coalesce(refund.provider_reference, case when not exists (
    select from leads.refunds o where o.order_id = refund.order_id and o.provider_reference = told) then told end);
$function$;

CREATE OR REPLACE FUNCTION leads.refundable_cents (
  pack_order leads.pack_orders
)
  RETURNS bigint
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select pack_order.price_cents - coalesce(sum(r.amount_cents), 0)::bigint from leads.refunds r
  where r.order_id = pack_order.id and r.status = 'accepted';
$function$;

CREATE OR REPLACE FUNCTION leads.refunded_cents (
  order_id uuid,
  at       timestamp with time zone
)
  RETURNS bigint
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select coalesce(sum(r.amount_cents), 0)::bigint from leads.refunds r
  where r.order_id = refunded_cents.order_id and r.kind <> 'dispute'
    and (r.status = 'accepted' or r.failed_at >= refunded_cents.at or r.cause = 'beyond_price'
      and r.status = 'refused');
$function$;

CREATE OR REPLACE FUNCTION leads.refuse_duplicate (
  supplier_id uuid,
  email       text,
  phones      text[],
  except_lead uuid   DEFAULT NULL::uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_found record;
begin
  perform pg_advisory_xact_lock_shared(hashtext('leads.merge_import'));
  perform pg_advisory_xact_lock(k.key) from (
    select distinct hashtextextended('leads.person ' || v, 0) as key from unnest(email || phones) v
    where v is not null order by 1
  ) k;
  select l.reference, l.supplier_id into v_found
    from leads.lead_contacts c join leads.leads l on l.id = c.lead_id
    where (lower(c.email) = refuse_duplicate.email or c.phone = any (phones) or c.phone2 = any (phones))
      and l.id is distinct from except_lead
      and leads.duplicate_kind(l, refuse_duplicate.supplier_id, leads.days_ago('import_platform_days'),
        leads.days_ago('import_sold_days')) is not null
    order by l.supplier_id = refuse_duplicate.supplier_id desc, l.id desc limit 1;
  if not found then return; end if;
  -- Only the lead's own supplier and admins learn whose lead it is.
  if v_found.supplier_id <> refuse_duplicate.supplier_id and not platform.has_role('leads', 'admin') then
    perform platform.fail(409, 'duplicate_on_platform', 'Cette personne est déjà connue de la plateforme.');
  end if;
  perform platform.fail(409, 'duplicate_lead', 'Cette personne est déjà un lead.', v_found.reference);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.refuse_if_bought (
  lead leads.leads
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if lead.status = 'sold' or exists (select from leads.kept_sales k where k.lead_id = lead.id) then
    perform platform.fail(409, 'lead_sold',
      'Ce lead est vendu : la personne, le secteur et le lieu ne changent plus.');
  end if;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.refuse_open_obligations (
  user_id      uuid,
  supplier_ids uuid[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_open text[] := leads.open_obligations(user_id, supplier_ids);
begin
  if v_open <> '{}' then
    perform platform.fail(409, 'open_obligations', 'Ce compte ne peut pas encore être effacé : '
      || array_to_string(v_open, ', ') || '.',
      'Réglez ce qui est en cours, puis recommencez ; suspendez le compte en attendant.');
  end if;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.refuse_other_price (
  price        leads.lead_price,
  seen_credits numeric,
  seen_euros   numeric
)
  RETURNS void
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  if seen_credits <> price.credits or seen_euros * 100 <> price.price_cents then
    perform platform.fail(409, 'price_changed', 'Le prix de ce lead a changé.', (
      select jsonb_agg(jsonb_build_object('field', p.field, 'code', 'price_changed',
        'message', format('Le prix est maintenant de %s %s.', replace(p.value::text, '.', ','), p.unit),
        'value', p.value) order by p.field)
      from (values ('credits', price.credits::numeric, 'crédits'),
        ('price', trim_scale(price.price_cents / 100.0), '€')) p (field, value, unit))::text);
  end if;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.refuse_other_version (
  version  integer,
  expected text
)
  RETURNS void
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
declare
  v_wanted text := nullif(btrim(regexp_replace(btrim(expected), '^W/', ''), '"'), '');
begin
  if v_wanted <> '*' and v_wanted <> version::text then
    perform platform.fail(412, 'version_changed', 'Cette configuration a été modifiée entre-temps.',
      'Rechargez-la et recommencez.');
  end if;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.refuse_payout (
  payout leads.payouts,
  reason text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_reason text := left(coalesce(nullif(btrim(reason), ''), 'motif non précisé'), 500);
  v_verb text := case payout.status when 'completed' then 'retourné' else 'refusé' end;
  v_fault text;
begin
  if payout.status = 'failed' then return; end if;
  perform leads.free_earnings(payout);
  update leads.payouts p set status = 'failed', settled_at = now(), failure_reason = v_reason where p.id = payout.id;
  -- A completed payout that is returned no longer counts as the last payment: the one before it does.
  update leads.suppliers s set last_payment_date =
    (select max(p.date) from leads.payouts p where p.supplier_id = s.id and p.status = 'completed')
  where s.id = payout.supplier_id and payout.status = 'completed' and s.last_payment_date = payout.date;
  perform leads.settle_transaction(payout, 'failed');
  v_fault := leads.hold_account(payout, v_reason);
  perform platform.notify(s.user_id, 'leads', 'error', 'Virement ' || v_verb,
      format('La banque a %s le virement %s de %s € : %s. %s ; la somme reste due.', v_verb,
        payout.transfer_reference, platform.amount_text(payout.amount_cents), v_reason,
        coalesce(format('Le compte %s est retenu (%s) : donnez un autre IBAN, ou faites valider celui-ci',
          payout.iban_mask, v_fault), 'Vérifiez votre IBAN')))
    from leads.suppliers s where s.id = payout.supplier_id;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.refuse_refund (
  refund_id          uuid,
  cause              text,
  provider_reference text                     DEFAULT NULL::text,
  failed_at          timestamp with time zone DEFAULT NULL::timestamp WITH time zone
)
  RETURNS leads.refunds
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_refund leads.refunds := leads.refund_to_settle(refund_id);
begin
  update leads.refunds r set status = 'refused', cause = left(coalesce(refuse_refund.cause, 'unknown'), 100),
    failed_at = refuse_refund.failed_at, provider_reference = leads.refund_name(r, refuse_refund.provider_reference)
  where r.id = v_refund.id and (r.status = 'requested' or r.status = 'refused' and r.failed_at is null
    and refuse_refund.failed_at is not null)
  returning r.* into v_refund;
  return v_refund;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.refuse_sale (
  lead leads.leads
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if lead.supplier_id in (select leads.suspended_suppliers()) then
    perform platform.fail(404, 'lead_not_on_sale', 'Ce lead n''est pas en vente.');
  end if;
  if lead.status = 'sold' and lead.withdrawn_at is null and lead.erased_at is null then
    perform platform.fail(409, 'lead_sold', 'Ce lead est déjà vendu.');
  end if;
  if lead.on_sale is not true or not (leads.sells_without_consent() or leads.has_consent(lead.id)) then
    perform platform.fail(404, 'lead_not_on_sale', 'Ce lead n''est pas en vente.');
  end if;
  if lead.supplier_id = leads.my_supplier_id()
    or exists (select from leads.self_dealing d where d.supplier_id = lead.supplier_id and d.buyer_id = auth.uid()
      and d.status = 'confirmed')
  then
    perform platform.fail(403, 'own_lead', 'Un fournisseur n''achète pas ses propres leads.');
  end if;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.refuse_unless_free (
  lead leads.leads
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if lead.qualification_status in ('qualified', 'not_qualified') or lead.status not in ('new', 'pending') then
    perform platform.fail(409, 'already_qualified', 'Ce lead est déjà qualifié.');
  end if;
  if lead.qualification_status = 'in_progress' and lead.reserved_until > now()
    and lead.agent_id is distinct from auth.uid() then
    perform platform.fail(409, 'lead_reserved', 'Un autre agent s''occupe de ce lead.', 'Demandez le lead suivant.');
  end if;
  -- The agent who arranged the callback may report earlier; for other agents the lead is not in the queue before the
  -- arranged time.
  if lead.qualification_status = 'callback' and lead.callback_at > now()
    and lead.agent_id is distinct from auth.uid() then
    perform platform.fail(409, 'callback_not_due', 'Cette personne a demandé à être rappelée plus tard.',
      'Demandez le lead suivant.');
  end if;
  -- The lead's data has changed since the call: the person called is no longer the lead's person.
  if lead.requeued_at is not null then
    perform platform.fail(409, 'lead_requeued', 'Ce lead a changé depuis : il attend un nouvel appel.',
      'Demandez le lead suivant.');
  end if;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.refuse_waiting (
  pack_order leads.pack_orders,
  cause      text
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$
  select leads.refuse_refund(r.id, refuse_waiting.cause) from leads.refunds r
  where r.order_id = pack_order.id and r.status = 'requested'
    and (pack_order.status = 'refunded' or r.amount_cents > leads.refundable_cents(pack_order));
$function$;

CREATE OR REPLACE FUNCTION leads.region_of_postcode (
  postcode text
)
  RETURNS text
  LANGUAGE sql
  STABLE
  STRICT
  SET search_path TO ''
  AS $function$
  select d.region
  from (select lpad(c.digits, 5, '0') as code from (
      select substring(replace(upper(postcode), ' ', '')
        from '^(?:FR?-?)?([0-9]{4,5}|2[AB][0-9]{3})(?:[^0-9]|$)') as digits) c) p
  join leads.departments d on d.code = case
    when p.code like '2A%' or p.code like '200%' or p.code like '201%' then '2A'
    when p.code like '2B%' or p.code like '20%' then '2B'
    when p.code like '97%' then left(p.code, 3) else left(p.code, 2) end;
$function$;

CREATE OR REPLACE FUNCTION leads.region_stats()
  RETURNS TABLE (
    name  text,
    value numeric
  )
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  ROWS 18
  SET search_path TO ''
  AS $function$
  select r.name, f.value
  from leads.regions r
  cross join lateral (select platform.kept('leads', 'region.leads', r.name) + platform.opening('leads', 'stats.region',
    r.name) as value) f
  where (select platform.require_role('leads', 'admin')) and (f.value <> 0 or r.position is not null)
  order by r.position nulls last, f.value desc, r.name;
$function$;

CREATE OR REPLACE FUNCTION leads.release_upload (
  import_id uuid
)
  RETURNS void
  LANGUAGE sql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$ update leads.import_files f set held_until = clock_timestamp() where f.import_id = release_upload.import_id; $function$;

CREATE OR REPLACE FUNCTION leads.remove_seed()
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_relation text;
begin
  if exists (select from leads.payouts p join leads.seeded_rows r on r.relation = 'leads.payouts' and r.row_id = p.id
    where p.settled_at is not null) then
    raise foreign_key_violation;
  end if;
  -- The ledger deletes nothing, so opening balances are closed by reverse transfers. If some of an opening balance has
  -- been spent, the reversal fails and the seed stays.
  perform platform.reverse_transfer(t.id, 'opening_closed', t.key) from platform.ledger_transfers t
    where t.system = 'leads' and t.kind = 'opening' and not exists (select from platform.ledger_transfers r
      where r.reverses = t.id);
  delete from leads.earnings e where e.kind = 'opening';
  -- A seeded sale is identified by its lead: a lead sold in the mock files is sold to nobody else.
  delete from leads.sales s using leads.seeded_rows r where r.relation = 'leads.sales' and r.row_id = s.lead_id;
  foreach v_relation in array array['leads.calls', 'leads.leads', 'leads.imports', 'leads.payouts',
    'leads.transactions', 'leads.payments',
    'platform.notifications', 'leads.credit_packs', 'leads.credit_offers', 'leads.credit_rules',
    'leads.score_features', 'leads.suppliers']
  loop
    execute format('delete from %s t using leads.seeded_rows r where r.relation = %L and r.row_id = t.id',
      v_relation, v_relation);
  end loop;
  delete from leads.seeded_rows;
  delete from platform.opening_figures o where o.system = 'leads';
  update leads.sectors set position = null where position is not null;
  update leads.regions set position = null where position is not null;
  update platform.profiles set reference = null
    where reference is not null and exists (select from platform.memberships m
      where m.user_id = profiles.id and m.system = 'leads');
exception
  when foreign_key_violation or sqlstate 'PT402' then
    perform platform.fail(409, 'seed_in_use',
      'Des données réelles s''appuient sur celles de démonstration : utilisez une base neuve.');
end;
$function$;

CREATE OR REPLACE FUNCTION leads.repeated_report (
  lead uuid,
  key  text,
  hash text
)
  RETURNS leads.qualifications
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_earlier leads.qualifications;
begin
  select q.* into v_earlier from leads.qualifications q
    where q.agent_id = auth.uid() and case when key is null then q.lead_id = lead and q.request_hash = hash
      and q.repeatable_until > now()
      else q.request_key = key end
    order by q.created_at desc limit 1;
  if key is not null and (v_earlier.lead_id, v_earlier.request_hash) is distinct from (lead, hash)
    and v_earlier.call_id is not null then
    perform platform.fail(409, 'idempotency_key_reused', 'Cette clé d''idempotence a déjà servi à une autre demande.');
  end if;
  return v_earlier;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.report_incomplete_seller()
  RETURNS void
  LANGUAGE sql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select platform.notify(m.user_id, 'leads', 'warning', 'Vente impossible',
    format('Un acheteur n''a pas pu acheter de crédits : complétez l''identité du vendeur (%s).',
    (select string_agg(p ->> 'field', ', ')
      from jsonb_array_elements(leads.seller_problems(leads.work_rule('seller'), leads.work_rule('vat_percent'))) p)))
  from platform.memberships m
  where m.system = 'leads' and m.role = 'admin' and m.status = 'active' and not exists (
    select from platform.notifications n where n.user_id = m.user_id and n.title = 'Vente impossible' and not n.read);
$function$;

CREATE OR REPLACE FUNCTION leads.report_payment (
  told leads.payment_events
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$
  select platform.notify(m.user_id, 'leads', 'warning', 'Paiement à vérifier', format('%s : %s.',
    coalesce('Commande ' || o.reference, 'Paiement ' || told.payment_reference, 'Contestation ' || told.reference,
      'Paiement inconnu'), case
    when told.outcome = 'other_amount' and told.meaning = 'refund_made' then format(
      'un remboursement de %s € est parti, alors que l''argent de la commande était déjà rendu ou repris ; rien n''a changé ici, voyez chez le prestataire',
      platform.amount_text(told.amount_cents))
    when told.outcome = 'other_amount' then 'le montant reçu, rendu ou repris n''est pas celui que la commande attend'
    when told.outcome = 'paid_twice' then 'elle a été payée une seconde fois, ce qui est à rembourser'
    when told.outcome = 'credits_lost' then format(
      'elle a été remboursée, et %s de ses crédits, déjà dépensés, n''ont pas pu être repris', o.credits_lost)
    when told.outcome = 'refused' then format(
      'un remboursement de %s € a échoué chez le prestataire, rien n''a changé ici',
      platform.amount_text(told.amount_cents))
    when told.outcome = 'reversed' then format(
      'un remboursement de %s € est revenu au prestataire ; les crédits sont rendus, l''avoir est annulé',
      platform.amount_text(told.amount_cents))
    when told.meaning = 'disputed' then 'paiement contesté auprès de la banque, répondez chez le prestataire'
    when told.meaning = 'dispute_won' then 'contestation close, l''argent reste acquis'
    when d.id is null then 'contestation perdue, l''argent est repris ; ni les crédits ni les comptes n''ont changé'
    else format('contestation perdue, l''argent est repris ; %s crédits ont été retirés, %s manquaient',
      d.credits + d.bonus - d.credits_lost - d.bonus_lost, d.credits_lost + d.bonus_lost) end))
  from platform.memberships m left join leads.pack_orders o on o.id = told.order_id
  left join leads.refunds d on d.order_id = o.id and d.kind = 'dispute' and d.provider_reference = told.reference
  where m.system = 'leads' and m.role = 'admin' and m.status = 'active';
$function$;

CREATE OR REPLACE FUNCTION leads.report_problems (
  report jsonb
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select leads.shape_problems(report,
    array['result', 'callbackAt', 'durationSeconds', 'notes', 'summary', 'recordingPath',
      'recordingConsent', 'refused'])
    || coalesce(jsonb_agg(jsonb_build_object('field', p.field, 'code', p.code, 'message', p.message)), '[]')
  from (values
    (coalesce(report ->> 'result', '') not in ('qualified', 'not_qualified', 'callback'), 'result', 'invalid_value',
      'Résultat attendu : qualified, not_qualified ou callback.'),
    (case when report ->> 'durationSeconds' ~ '^[0-9]{1,5}$' then (report ->> 'durationSeconds')::integer > 86400
      else true end,
      'durationSeconds', 'invalid_value', 'La durée de l''appel est un nombre entier de secondes, un jour au plus.'),
    (report ->> 'result' = 'callback' and report ->> 'callbackAt' is null, 'callbackAt', 'required',
      'La date du rappel manque.'),
    (report ->> 'callbackAt' is not null
      and not coalesce(leads.written_time(report ->> 'callbackAt') between now() and now() + interval '1 year', false),
      'callbackAt', 'invalid_time',
      'La date du rappel n''est pas une date à venir, d''ici un an (2026-12-01T14:30, heure de Paris).'),
    (jsonb_typeof(coalesce(report -> 'refused', 'null')) not in ('boolean', 'null'), 'refused', 'invalid_value',
      'Vrai ou faux est attendu.'),
    (report -> 'refused' = 'true' and report ->> 'result' <> 'not_qualified', 'refused', 'invalid_value',
      'Qui refuse d''être démarché n''est ni qualifié ni rappelé.'),
    (length(report ->> 'notes') > 10000, 'notes', 'too_long', 'Les notes sont trop longues.'),
    (length(report ->> 'summary') > 1000, 'summary', 'too_long', 'Le résumé est limité à 1000 caractères.'),
    (report ->> 'recordingPath' is not null and report -> 'recordingConsent' is distinct from 'true',
      'recordingConsent', 'consent_required',
      'Un enregistrement ne se garde qu''avec l''accord de la personne.'),
    (report ->> 'recordingPath' is not null and not exists (select from storage.objects o
      where o.bucket_id = 'recordings' and o.name = report ->> 'recordingPath'
        and split_part(o.name, '/', 1) = auth.uid()::text),
      'recordingPath', 'recording_not_found', 'Cet enregistrement n''a pas été déposé.')
  ) p (wrong, field, code, message)
  where p.wrong;
$function$;

CREATE OR REPLACE FUNCTION leads.request_refund (
  order_id     uuid,
  amount_cents bigint DEFAULT NULL::bigint
)
  RETURNS leads.refunds
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_order leads.pack_orders := leads.order_to_settle(order_id);
  v_rest bigint := leads.refundable_cents(v_order);
  v_amount bigint := coalesce(amount_cents, v_rest);
  v_credits integer;
  v_paid bigint;
  v_refund leads.refunds;
begin
  select r.* into v_refund from leads.refunds r where r.order_id = v_order.id and r.status = 'requested';
  if found then
    if v_refund.amount_cents <> coalesce(amount_cents, v_refund.amount_cents) then
      perform platform.fail(409, 'refund_requested',
        format('Un remboursement de %s € est déjà demandé pour cette commande ; attendez sa réponse.',
        platform.amount_text(v_refund.amount_cents)));
    end if;
    return v_refund;
  end if;
  if v_order.status <> 'completed' then
    perform platform.fail(409, 'order_not_paid', 'Cette commande n''est pas payée : il n''y a rien à rembourser.');
  end if;
  if v_amount > v_rest or v_amount < 0 then
    perform platform.refuse_fields(platform.field_problem('amount', 'invalid_value',
      format('Il reste %s € à rembourser de cette commande.', platform.amount_text(v_rest))));
  end if;
  v_credits := (leads.share_of_refund(v_order, v_amount)).credits;
  select coalesce(sum(b.balance), 0) into v_paid from platform.lock_balances('leads', v_order.buyer_id) b
  where b.kind = 'buyer_paid';
  if v_paid < v_credits then
    perform platform.fail(409, 'credits_spent',
      format('Il manque %s des %s crédits payés de cette commande : ils ont été dépensés, elle ne se rembourse plus.',
      v_credits - v_paid, v_credits));
  end if;
  insert into leads.refunds (order_id, kind, amount_cents) values (v_order.id, 'asked', v_amount)
    returning * into v_refund;
  return v_refund;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.request_return (
  reference text,
  reason    text,
  comment   text
)
  RETURNS leads.returns
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_sale leads.sales := leads.bought_lead(reference);
  v_return leads.returns;
begin
  if request_return.reason is null
    or request_return.reason not in ('invalid_number', 'duplicate', 'out_of_criteria') then
    perform platform.refuse_fields(platform.field_problem('reason', 'invalid_value',
      'Motif attendu : invalid_number, duplicate ou out_of_criteria.'));
  end if;
  if length(request_return.comment) > 2000 then
    perform platform.refuse_fields(platform.field_problem('comment', 'too_long',
      'Le commentaire est limité à 2000 caractères.'));
  end if;
  if v_sale.transfer_id is null or now() >= v_sale.return_until then
    -- A repeated request gets the first answer, even after the return window.
    select r.* into v_return from leads.returns r where r.buyer_id = v_sale.buyer_id and r.lead_id = v_sale.lead_id;
    if found then return v_return; end if;
    perform platform.fail(409, 'return_window_closed', 'Le délai de retour de ce lead est passé.');
  end if;
  insert into leads.returns (buyer_id, lead_id, lead_reference, lead_name, reason, comment)
    select v_sale.buyer_id, v_sale.lead_id, l.reference, leads.title_of(l), request_return.reason,
      nullif(btrim(request_return.comment), '')
    from leads.leads l where l.id = v_sale.lead_id
    on conflict (buyer_id, lead_id) do nothing returning * into v_return;
  if found then
    perform set_config('response.status', '201', true);
    perform platform.emit('leads', 'return.requested', jsonb_build_object('return', v_return.reference));
  else
    select r.* into v_return from leads.returns r where r.buyer_id = v_sale.buyer_id and r.lead_id = v_sale.lead_id;
  end if;
  return v_return;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.requeue_changed_contact()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_lead leads.leads;
begin
  if tg_op = 'UPDATE' and leads.is_same_person(old, new) then return new; end if;
  select l.* into v_lead from leads.leads l where l.id = old.lead_id for no key update;
  -- The lead is being deleted, or its person erased.
  if not found or v_lead.erased_at is not null then return coalesce(new, old); end if;
  perform leads.refuse_if_bought(v_lead);
  -- The consent was given by the former person. A new proof that comes with the change is written after this.
  if tg_op = 'UPDATE' then delete from leads.lead_consents k where k.lead_id = v_lead.id; end if;
  if leads.is_begun(v_lead) then update leads.leads l set requeued_at = now() where l.id = v_lead.id; end if;
  return coalesce(new, old);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.requeue_changed_lead()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_same boolean := leads.is_same_offer(old, new);
begin
  if new.erased_at is not null then return new; end if;
  if not v_same then perform leads.refuse_if_bought(old); end if;
  if leads.is_begun(old) and (not v_same or leads.is_reworded(old, new)
    or new.requeued_at is distinct from old.requeued_at and new.requeued_at is not null) then
    new.requeued_at := now();
    new.status := 'new';
    new.qualification_status := 'pending';
    new.qualified_at := null;
    new.agent_id := null;
    new.reserved_until := null;
    new.callback_at := null;
    -- The recording belongs to the person who was called before.
    new.has_audio_recording := false;
  end if;
  return new;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.reserve_next (
  OUT reference text,
  OUT until timestamp with time zone,
  OUT reason text,
  OUT opening timestamp with time zone
)
  RETURNS record
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_agent uuid := auth.uid();
  v_calling leads.calling;
  v_lead uuid;
begin
  perform platform.require_role('leads', 'agent');
  v_calling := leads.calling_at();
  -- Two concurrent requests of the same agent get the same lead.
  perform pg_advisory_xact_lock(hashtextextended('leads.next_lead ' || v_agent, 0));
  select l.reference, l.reserved_until into reference, until from leads.leads l
    where l.agent_id = v_agent and l.qualification_status = 'in_progress' and l.withdrawn_at is null
      and l.reserved_until > now()
      and leads.may_be_called(l, v_calling)
    order by l.reserved_until limit 1;
  if found then return; end if;

  -- If another agent has taken the person in the meantime, the next round sees it and skips that lead.
  loop
    v_calling.at := clock_timestamp();
    v_lead := leads.next_in_queue(v_calling);
    exit when v_lead is null;
    begin
      select g.reference, g.reserved_until into reference, until from leads.give_lead(v_lead, v_calling) g;
      return;
    exception when sqlstate 'PT409' then null;
    end;
  end loop;
  select w.reason, w.opening into reason, opening from leads.why_no_lead(v_calling) w;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.resolve_names (
  kind      text,
  spellings text[]
)
  RETURNS TABLE (
    spelling text,
    name     text
  )
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  with variants as (
    select w.spelling, v.key, v.place
    from unnest(spellings) as w (spelling)
    cross join lateral unnest(leads.name_variants(w.spelling)) with ordinality as v (key, place)
  ), found as (
    select distinct on (v.spelling) v.spelling, k.name
    from variants v join leads.known_names k on k.kind = resolve_names.kind and k.key = v.key
    order by v.spelling, v.place, k.rank, k.name <> v.spelling, k.name
  ), begun as (
    -- « Isolation des combles », « Assurance auto »: a sector's name followed by a detail.
    select distinct on (w.spelling) w.spelling, k.name
    from unnest(spellings) as w (spelling)
    cross join lateral unnest(leads.leading_words(leads.directory_key(w.spelling))) as l (key)
    join leads.known_names k on k.kind = 'sector' and k.key = l.key and (k.rank = 1 or length(k.key) > 7)
    where resolve_names.kind = 'sector'
    order by w.spelling, length(k.key) desc, k.rank
  )
  select w.spelling, coalesce(f.name, b.name,
    case when resolve_names.kind = 'region' then coalesce(
      case when w.spelling ~ '[0-9]{4}' then leads.region_of_postcode(w.spelling) end,
      -- « Île-de-France ; Paris » counts if all its parts mean the same region.
      case when w.spelling ~ '[;,/|]' then (
        select case when count(*) = count(k.region) and count(distinct k.region) = 1 then min(k.region) end
        from regexp_split_to_table(w.spelling, '[;,/|]') as p (part)
        cross join lateral (select (select n.name from leads.known_names n
          where n.kind = 'region' and n.key = leads.directory_key(p.part)
          order by n.rank limit 1) as region) k) end) end)
  from (select distinct u.spelling from unnest(spellings) as u (spelling)) w
  left join found f on f.spelling = w.spelling left join begun b on b.spelling = w.spelling;
$function$;

CREATE OR REPLACE FUNCTION leads.restore_lead (
  before leads.import_changes
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_lead leads.leads := jsonb_populate_record(null::leads.leads, before.lead);
  v_contact leads.lead_contacts := jsonb_populate_record(null::leads.lead_contacts, before.contact);
begin
  update leads.leads l set summary = null where l.id = before.lead_id and l.summary is not null;
  update leads.lead_contacts c set last_name = v_contact.last_name, email = v_contact.email, phone = v_contact.phone,
    phone2 = v_contact.phone2, name_unsplit = v_contact.name_unsplit, notes = v_contact.notes
  where c.lead_id = before.lead_id;
  update leads.leads l set first_name = v_lead.first_name, last_name_mask = v_lead.last_name_mask,
    email_mask = v_lead.email_mask, phone_mask = v_lead.phone_mask, company = v_lead.company, sector = v_lead.sector,
    region = v_lead.region, city = v_lead.city, source = v_lead.source, channel = v_lead.channel, score = v_lead.score,
    price_cents = v_lead.price_cents, is_exclusive = v_lead.is_exclusive, summary = v_lead.summary,
    collected_at = v_lead.collected_at, status = v_lead.status, qualification_status = v_lead.qualification_status,
    qualified_at = v_lead.qualified_at, agent_id = v_lead.agent_id, callback_at = v_lead.callback_at,
    has_audio_recording = v_lead.has_audio_recording, requeued_at = null
  where l.id = before.lead_id;
  delete from leads.lead_consents k where k.lead_id = before.lead_id;
  if before.consent is not null then
    insert into leads.lead_consents select (jsonb_populate_record(null::leads.lead_consents, before.consent)).*;
  end if;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.reverse_refund (
  refund_id uuid,
  cause     text,
  failed_at timestamp with time zone
)
  RETURNS leads.refunds
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_refund leads.refunds := leads.refund_to_settle(refund_id);
  v_buyer uuid := (select o.buyer_id from leads.pack_orders o where o.id = v_refund.order_id);
  v_undone integer;
begin
  if v_refund.status <> 'accepted' then return v_refund; end if;
  perform platform.lock_balances('leads', v_buyer);
  perform platform.reverse_transfer(t.id, 'pack_refund_reversed', v_refund.id::text)
    from platform.ledger_transfers t where t.system = 'leads' and t.kind = 'pack_refund' and t.key = v_refund.id::text;
  v_undone := greatest(0, least(v_refund.credits_lost + v_refund.bonus_lost, leads.owed_credits(v_buyer)));
  if v_undone > 0 then
    perform platform.post_transfer('leads', 'pack_loss_undone', v_refund.id::text,
      array[('credits_lost', null, v_undone),
      ('buyer_paid', v_buyer, -least(v_undone, v_refund.credits_lost)),
      ('buyer_bonus', v_buyer, least(v_undone, v_refund.credits_lost) - v_undone)
    ]::platform.ledger_line[]);
  end if;
  update leads.refunds r set status = 'reversed', cause = left(coalesce(reverse_refund.cause, 'unknown'), 100),
    failed_at = reverse_refund.failed_at, loss_undone = v_undone
  where r.id = v_refund.id returning r.* into v_refund;
  update leads.transactions t set status = 'failed', description = t.description || ' — non abouti'
  where t.id = v_refund.transaction_id;
  perform leads.sum_refunds(v_refund.order_id);
  perform platform.notify(v_buyer, 'leads', 'warning', 'Remboursement non abouti',
    format('Le remboursement de %s € n''a pas abouti ; %s crédits vous ont été rendus.',
    platform.amount_text(v_refund.amount_cents), v_refund.credits + v_refund.bonus - v_undone));
  perform platform.emit('leads', 'refund.reversed', jsonb_build_object('refund', v_refund.reference));
  perform leads.issue_again(v_refund);
  return v_refund;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.rows_of_transfers()
  RETURNS TABLE (
    kind        text,
    key         text,
    transfer_id uuid
  )
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select 'sale', s.lead_id || ':' || s.buyer_id, s.transfer_id from leads.sales s where s.transfer_id is not null
  union all
  select 'return', r.id::text, r.transfer_id from leads.returns r where r.status = 'accepted'
  union all
  select 'pack', o.id::text, null from leads.pack_orders o where o.status in ('completed', 'refunded')
  union all
  select case r.kind when 'dispute' then 'pack_dispute' else 'pack_refund' end, r.id::text, null from leads.refunds r
  where r.status in ('accepted', 'reversed')
  union all
  select 'pack_refund_reversed', r.id::text, null from leads.refunds r where r.status = 'reversed'
  union all
  select 'pack_loss', r.id::text, null from leads.refunds r where r.credits_lost + r.bonus_lost > 0
  union all
  select 'pack_loss_undone', r.id::text, null from leads.refunds r where r.loss_undone > 0
  union all
  select 'loss_recovered', r.id::text, null from leads.returns r where r.credits_recovered > 0
  union all
  select 'payout', p.id::text, p.transfer_id from leads.payouts p where p.transfer_id is not null
  union all
  select k.kind, p.id::text, null from leads.payouts p
  join (values ('payout_confirmed', 'completed'), ('payout_failed', 'failed')) k (kind, status)
    on k.status = p.status where p.transfer_id is not null or p.settled_at is not null
  union all
  -- A payout that was returned after completion has a confirmation and a return.
  select k.kind, p.id::text, null from leads.payouts p
    join platform.ledger_transfers t on t.system = 'leads' and t.kind = 'payout_returned' and t.key = p.id::text
    cross join (values ('payout_confirmed'), ('payout_returned')) k (kind) where p.status = 'failed'
  union all
  select 'welcome_bonus', t.user_id::text, null from leads.transactions t
  where t.type = 'bonus' and t.user_id is not null
    and not exists (select from leads.seeded_rows r where r.relation = 'leads.transactions' and r.row_id = t.id);
$function$;

CREATE OR REPLACE FUNCTION leads.rule_problems (
  rule jsonb,
  kind leads.rule_kinds
)
  RETURNS jsonb
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('field', field, 'message', message,
    'code', case when coalesce(rule -> field, 'null') = 'null' then 'required' else 'invalid_value' end)), '[]')
  from (values
    ('name', platform.is_text(rule -> 'name', 100), 'Le nom compte de 1 à 100 caractères.'),
    ('description', platform.is_text(rule -> 'description', 500), 'La description compte de 1 à 500 caractères.'),
    ('unit', platform.is_text(rule -> 'unit', 50), 'L''unité compte de 1 à 50 caractères.'),
    ('value', platform.is_number(rule -> 'value', coalesce(kind.minimum, 0), coalesce(kind.maximum, 1000000),
      case when kind.kind is null then 4 else 0 end), format('La valeur est un %s de %s à %s.',
      case when kind.kind is null then 'nombre' else 'entier' end,
        platform.french_number(coalesce(kind.minimum, 0)), platform.french_number(coalesce(kind.maximum, 1000000)))),
    ('active', jsonb_typeof(rule -> 'active') = 'boolean', 'Vrai ou faux est attendu.')
  ) as checked (field, holds, message)
  where holds is not true;
$function$;

CREATE OR REPLACE FUNCTION leads.sale_figures (
  buyer_id             uuid,
  supplier_id          uuid,
  price_cents          bigint,
  supplier_share_cents bigint,
  at                   timestamp with time zone,
  sign                 integer
)
  RETURNS SETOF platform.figure
  LANGUAGE plpgsql
  IMMUTABLE
  ROWS 9
  SET search_path TO ''
  AS $function$
begin
  return query
  values
    ('sales.revenue', '', null::date, sign * price_cents),
    ('month.revenue', '', platform.paris_month(at), sign * price_cents),
    ('month.revenue', supplier_id::text, platform.paris_month(at), sign * price_cents),
    ('month.sold', '', platform.paris_month(at), sign::bigint),
    ('month.sold', supplier_id::text, platform.paris_month(at), sign),
    ('buyer.purchases', buyer_id::text, null, sign),
    ('supplier.sold', supplier_id::text, null, sign),
    ('supplier.earned', supplier_id::text, null, sign * supplier_share_cents),
    ('month.gains', '', platform.paris_month(at), sign * supplier_share_cents);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.sale_problems()
  RETURNS TABLE (
    problem  text,
    subject  text,
    expected bigint,
    found    bigint
  )
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  with booked as (
    select s.lead_id, s.buyer_id, s.transfer_id, s.credits, s.given_credits, s.price_cents, s.supplier_share_cents,
      coalesce(sum(e.amount) filter (where a.kind = 'credits_spent'), 0) as booked_credits,
      -coalesce(sum(e.amount) filter (where a.kind = 'lead_sales'), 0) as booked_price,
      coalesce(sum(e.amount) filter (where a.kind = 'supplier_earnings' and a.owner = s.supplier_id),
        0) as booked_share,
      -coalesce(sum(e.amount) filter (where a.kind in ('buyer_paid', 'buyer_bonus') and a.owner = s.buyer_id),
        0) as booked_debit,
      -coalesce(sum(e.amount) filter (where a.kind = 'buyer_bonus'), 0) as booked_given,
      -- Each amount is counted twice, on the debit and on the credit side, so that any additional movement is
      -- detected.
      coalesce(sum(abs(e.amount)), 0) as moved
    from leads.sales s
    left join platform.ledger_entries e on e.transfer_id = s.transfer_id
    left join platform.ledger_accounts a on a.id = e.account_id
    where s.transfer_id is not null group by s.buyer_id, s.lead_id
  )
  select 'sale_without_transfer', s.lead_id || ' ' || s.buyer_id, null::bigint, null::bigint from leads.sales s
    where s.transfer_id is null and not exists (select from leads.seeded_rows r
      where r.relation = 'leads.sales' and r.row_id = s.lead_id)
  union all
  select 'sale_not_its_entries', b.lead_id || ' ' || b.buyer_id, c.wanted, c.booked from booked b,
    lateral (values (b.credits::bigint, b.booked_credits::bigint), (b.credits, b.booked_debit),
      (b.given_credits, b.booked_given), (b.price_cents, b.booked_price), (b.supplier_share_cents, b.booked_share),
      (2 * (b.credits::bigint + b.price_cents), b.moved)) c (wanted, booked)
    where c.wanted <> c.booked
  union all
  select 'share_not_by_its_rules', s.lead_id || ' ' || s.buyer_id, w.share - w.given + s.budget_cents,
    s.supplier_share_cents from leads.sales s
    cross join lateral (select round(
      s.price_cents * (s.rules -> 'supplier_share' ->> 'value')::numeric / 100)::bigint as share) r
    cross join lateral (select r.share, leads.share_of_given(r.share, s.credits, s.given_credits) as given) w
    where s.transfer_id is not null
      and (s.given_share_cents <> w.given or s.supplier_share_cents <> w.share - w.given + s.budget_cents)
  union all
  select 'budget_not_its_sales', to_char(coalesce(b.month, s.month), 'YYYY-MM'), coalesce(s.cents, 0),
    coalesce(b.spent_cents, 0) from leads.bonus_budgets b
    full join (
      select platform.paris_month(s.sold_at) as month, sum(s.budget_cents)::bigint as cents from leads.sales s
      join leads.kept_sales k on k.buyer_id = s.buyer_id and k.lead_id = s.lead_id where s.budget_cents > 0 group by 1
    ) s on s.month = b.month
    where coalesce(s.cents, 0) <> coalesce(b.spent_cents, 0)
  union all
  select 'sale_without_its_earning', s.lead_id || ' ' || s.buyer_id, s.supplier_share_cents, e.amount_cents
  from leads.sales s
    left join leads.earnings e on e.lead_id = s.lead_id and e.buyer_id = s.buyer_id and e.kind = 'sale'
    where s.transfer_id is not null and e.amount_cents is distinct from s.supplier_share_cents
  union all
  select 'sale_not_its_payment', s.lead_id || ' ' || s.buyer_id, s.price_cents, p.amount_cents from leads.sales s
    left join leads.payments p on p.lead_id = s.lead_id and p.buyer_id = s.buyer_id
    left join leads.kept_sales k on k.lead_id = s.lead_id and k.buyer_id = s.buyer_id
    where s.transfer_id is not null
      and (p.amount_cents, p.status) is distinct from (s.price_cents::bigint,
        case when k.lead_id is null then 'refunded' else 'completed' end)
  union all
  select 'lead_not_its_sales', l.id::text, l.sales_count, s.sales from leads.leads l
    left join (select s.lead_id, count(*) as sales from leads.sales s group by 1) s on s.lead_id = l.id
    where l.sales_count <> coalesce(s.sales, 0)
  union all
  select 'return_not_its_reversal', r.reference, null, null from leads.returns r
    join leads.sales s on s.buyer_id = r.buyer_id and s.lead_id = r.lead_id
    where r.status = 'accepted' and not (
      exists (select from platform.ledger_transfers t where t.id = r.transfer_id and t.reverses = s.transfer_id)
      and exists (select from leads.earnings e where e.lead_id = r.lead_id and e.buyer_id = r.buyer_id
        and e.kind = 'return' and e.amount_cents = -s.supplier_share_cents));
$function$;

CREATE OR REPLACE FUNCTION leads.says_nothing (
  value   text,
  is_name boolean
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return value ~ '^[-‐-―−_=.,;:?!/\\*•·''"]*$'
    or value ~ '^#(N/A|N/D|REF!|VALUE!|VALEUR!|NAME\?|NOM\?|DIV/0!|NULL!|NUL!|NUM!|NOMBRE!|ERREUR|ERROR)$'
    or value in ('N/A', 'n/a', 'N.A.', 'N/C', 'n/c', 'N.C.', 'NULL', 'null', '(null)', '<null>', '[null]', 'undefined',
      'NaN', 'nan', 'nil', '(vide)', '(blank)')
    or (not is_name and lower(value) in ('null', 'nil', 'none', 'na', 'nc', 'nd', 'n.c', 'n.a', 'néant', 'neant',
      'aucun', 'aucune', 'vide', 'sans',
      'non renseigné', 'non renseignée', 'non renseigne', 'non communiqué', 'non communique', 'pas de téléphone',
      'pas de mail', 'pas d''email'));
end;
$function$;

CREATE OR REPLACE FUNCTION leads.score_lead (
  lead_id uuid
)
  RETURNS TABLE (
    feature      text,
    contribution integer,
    description  text
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 6
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION leads.sector_stats()
  RETURNS TABLE (
    name  text,
    value numeric,
    color text
  )
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  ROWS 12
  SET search_path TO ''
  AS $function$
  select s.name, f.value, s.color
  from leads.sectors s
  cross join lateral (select platform.kept('leads', 'sector.leads', s.name) + platform.opening('leads', 'stats.sector',
    s.name) as value) f
  where (select platform.require_role('leads', 'admin', 'acheteur')) and (f.value <> 0 or s.position is not null)
  order by s.position nulls last, f.value desc, s.name;
$function$;

CREATE OR REPLACE FUNCTION leads.seed (
  files    jsonb,
  accounts jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_fingerprint text := md5(files::text);
  v_base timestamptz := clock_timestamp();
begin
  perform pg_advisory_xact_lock(hashtext('leads.seed'));
  if v_fingerprint = (select s.fingerprint from leads.seeds s order by s.id desc limit 1) then
    return jsonb_build_object('changed', false);
  end if;
  perform leads.remove_seed();
  perform leads.seed_people(files, accounts, v_base);
  perform leads.seed_leads(files, accounts, v_base);
  perform leads.seed_work(files, v_base);
  perform leads.seed_money(files, accounts, v_base);
  perform leads.seed_openings(files, accounts);
  perform leads.seed_balances(files, accounts);
  perform leads.keep_demo_seller();
  perform leads.keep_demo_consents(files);

  -- now() is constant in a transaction, so rows with this time were created by this seed.
  insert into leads.seeded_rows (relation, row_id)
    select 'leads.suppliers', id from leads.suppliers where created_at = now()
    union all select 'leads.leads', l.id from leads.leads l
      join jsonb_array_elements(files -> 'leads') f on f ->> 'id' = l.reference
    union all select 'leads.sales', s.lead_id from leads.sales s join leads.leads l on l.id = s.lead_id
      join jsonb_array_elements(files -> 'leads') f on f ->> 'id' = l.reference
    union all select 'leads.imports', id from leads.imports where created_at = now()
    union all select 'leads.calls', id from leads.calls where created_at = now()
    union all select 'leads.transactions', id from leads.transactions where created_at = now()
    union all select 'leads.payments', id from leads.payments where created_at = now()
    union all select 'leads.payouts', id from leads.payouts where created_at = now()
    union all select 'platform.notifications', n.id from platform.notifications n
      join jsonb_array_elements(files -> 'billing' -> 'notifications') f on f ->> 'id' = n.reference
    union all select 'leads.credit_packs', id from leads.credit_packs where created_at = now()
    union all select 'leads.credit_rules', id from leads.credit_rules where created_at = now()
    union all select 'leads.credit_offers', id from leads.credit_offers
    union all select 'leads.score_features', id from leads.score_features;

  perform platform.skip_references('leads.import_numbers', (select array_agg(reference) from leads.imports)),
    platform.skip_references('leads.call_numbers', (select array_agg(reference) from leads.calls)),
    platform.skip_references('leads.transaction_numbers', (select array_agg(reference) from leads.transactions)),
    platform.skip_references('leads.payment_numbers', (select array_agg(reference) from leads.payments)),
    platform.skip_references('leads.payout_numbers', (select array_agg(reference) from leads.payouts)),
    platform.skip_references('leads.pack_numbers', (select array_agg(reference) from leads.credit_packs)),
    platform.skip_references('leads.rule_numbers', (select array_agg(reference) from leads.credit_rules)),
    platform.skip_references('platform.notification_numbers',
      (select array_agg(reference) from platform.notifications));

  insert into leads.seeds (fingerprint) values (v_fingerprint);
  return jsonb_build_object('changed', true, 'inserted', (
    select jsonb_object_agg(relation, rows)
    from (select r.relation, count(*) as rows from leads.seeded_rows r group by 1 order by 1) counts));
end;
$function$;

CREATE OR REPLACE FUNCTION leads.seed_balances (
  files    jsonb,
  accounts jsonb
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_buyer_file jsonb := files -> 'users' -> 'acheteur';
  v_buyer uuid := (accounts ->> (v_buyer_file ->> 'email'))::uuid;
  v_credits bigint := (v_buyer_file ->> 'credits')::bigint;
  v_transit bigint := (select coalesce(sum(p.amount_cents), 0) from leads.payouts p
    where p.status = 'pending' and p.transfer_id is null);
  v_key text := platform.uuid_v7();
begin
  insert into leads.earnings (supplier_id, kind, amount_cents, payable_from)
  select s.id, 'opening', leads.cents(g -> 'pendingAmount') - coalesce(p.pending, 0), now()
  from jsonb_array_elements(files -> 'fournisseurGains' -> 'gains') g
  join leads.suppliers s on s.reference = g ->> 'id'
  left join (select p.supplier_id, sum(p.amount_cents) as pending from leads.payouts p where p.status = 'pending'
    group by 1) p on p.supplier_id = s.id
  where leads.cents(g -> 'pendingAmount') <> coalesce(p.pending, 0);

  perform leads.open_figure('acheteur.credits', v_buyer::text, v_credits);
  perform platform.post_transfer('leads', 'opening', v_key, array[
      ('buyer_paid', v_buyer, v_credits), ('credits_opening', null, -v_credits),
      ('payouts_in_transit', null, v_transit), ('opening', null, -v_transit)
    ]::platform.ledger_line[]
    || (select array_agg((l.kind, l.owner, l.amount)::platform.ledger_line) from leads.earnings e,
      lateral (values ('supplier_earnings', e.supplier_id, e.amount_cents),
        ('opening', null, -e.amount_cents)) l (kind, owner, amount)
      where e.kind = 'opening'));
end;
$function$;

CREATE OR REPLACE FUNCTION leads.seed_leads (
  files    jsonb,
  accounts jsonb,
  base     timestamp with time zone
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_supplier uuid := (select s.id from leads.suppliers s
    where s.email = files -> 'users' -> 'fournisseur' ->> 'email');
  v_agent uuid := (accounts ->> (files -> 'users' -> 'agent' ->> 'email'))::uuid;
  v_buyer uuid := (accounts ->> (files -> 'users' -> 'acheteur' ->> 'email'))::uuid;
begin
  insert into leads.sectors (name) select distinct l ->> 'sector'
    from jsonb_array_elements(files -> 'leads') l on conflict do nothing;
  insert into leads.regions (name) select distinct l ->> 'region'
    from jsonb_array_elements(files -> 'leads') l on conflict do nothing;

  -- The mock files were written for display: a note becomes the summary as well, unless it names the person.
  insert into leads.leads (id, reference, supplier_id, agent_id, first_name, last_name_mask, email_mask, phone_mask,
    company, sector, region, city, source, channel, score, status, qualification_status, price_cents, is_exclusive,
    has_audio_recording, summary, hidden_fields, qualified_at, sold_at,
    sales_count, created_at, updated_at, has_consent)
  select leads.seed_key(base, n), l ->> 'id', v_supplier,
    case when l ->> 'qualificationStatus' <> 'pending' then v_agent end,
    l ->> 'firstName', platform.mask_last_name(l ->> 'lastName'), platform.mask_email(l ->> 'email'),
    platform.mask_phone(l ->> 'phone'), l ->> 'company', l ->> 'sector', l ->> 'region', l ->> 'city', l ->> 'source',
    l ->> 'channel', (l ->> 'score')::integer, l ->> 'status', l ->> 'qualificationStatus',
    leads.cents(l -> 'price'), (l ->> 'isExclusive')::boolean, (l ->> 'hasAudioRecording')::boolean,
    case when not leads.contact_in_text(l ->> 'notes', l ->> 'firstName', l ->> 'lastName', l ->> 'email',
      array[l ->> 'phone']) then l ->> 'notes' end,
    leads.fields_to_hide(l ->> 'firstName', l ->> 'company', l ->> 'city', l ->> 'source', l ->> 'channel',
      l ->> 'lastName', l ->> 'email', array[l ->> 'phone']),
    case when l ->> 'qualificationStatus' = 'qualified' then leads.written_time(l ->> 'updatedAt') end,
    case when l ->> 'status' = 'sold' then leads.written_time(l ->> 'updatedAt') end,
    (l ->> 'status' = 'sold')::integer, leads.written_time(l ->> 'createdAt'), leads.written_time(l ->> 'updatedAt'),
    l ->> 'qualificationStatus' in ('pending', 'in_progress', 'callback')
  from jsonb_array_elements(files -> 'leads') with ordinality as file (l, n);

  insert into leads.lead_contacts (lead_id, supplier_id, last_name, email, phone, notes)
  select k.id, v_supplier, l ->> 'lastName', l ->> 'email', l ->> 'phone', l ->> 'notes'
  from jsonb_array_elements(files -> 'leads') l join leads.leads k on k.reference = l ->> 'id';
  -- The supplier's earnings from these sales are part of his opening figures.
  insert into leads.sales (lead_id, buyer_id, supplier_id, price_cents, sold_at)
  select k.id, v_buyer, v_supplier, k.price_cents, k.sold_at
  from jsonb_array_elements(files -> 'leads') l join leads.leads k on k.reference = l ->> 'id' where k.status = 'sold';
end;
$function$;

CREATE OR REPLACE FUNCTION leads.seed_money (
  files    jsonb,
  accounts jsonb,
  base     timestamp with time zone
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_supplier uuid := (select s.id from leads.suppliers s
    where s.email = files -> 'users' -> 'fournisseur' ->> 'email');
  v_buyer uuid := (accounts ->> (files -> 'users' -> 'acheteur' ->> 'email'))::uuid;
begin
  insert into leads.credit_packs (id, reference, name, credits, price_cents, price_per_credit_cents, bonus,
    popular, active)
  select leads.seed_key(base, n), p ->> 'id', p ->> 'name', (p ->> 'credits')::integer, leads.cents(p -> 'price'),
    (p ->> 'pricePerCredit')::numeric * 100,
    (p ->> 'bonus')::integer, (p ->> 'popular')::boolean, (p ->> 'active')::boolean
  from jsonb_array_elements(files -> 'creditConfig' -> 'packs') with ordinality as file (p, n);

  -- The offer is taken from the buyers' file.
  delete from leads.credit_offers;
  insert into leads.credit_offers (id, reference, name, credits, price_cents, bonus, popular)
  select leads.seed_key(base, n), p ->> 'id', p ->> 'name', (p ->> 'credits')::integer, leads.cents(p -> 'price'),
    (p ->> 'bonus')::integer, (p ->> 'popular')::boolean
  from jsonb_array_elements(files -> 'billing' -> 'creditPacks') with ordinality as file (p, n);

  delete from leads.credit_rules;
  insert into leads.credit_rules (id, reference, name, description, value, unit, active)
  select leads.seed_key(base, n), r ->> 'id', r ->> 'name', r ->> 'description', (r ->> 'value')::numeric,
    r ->> 'unit', (r ->> 'active')::boolean
  from jsonb_array_elements(files -> 'creditConfig' -> 'rules') with ordinality as file (r, n);

  insert into leads.payments (id, reference, buyer_id, type, amount_cents, status, date, description)
  select leads.seed_key(base, n), p ->> 'id', v_buyer, p ->> 'type', leads.cents(p -> 'amount'), p ->> 'status',
    (p ->> 'date')::date, p ->> 'description'
  from jsonb_array_elements(files -> 'billing' -> 'payments') with ordinality as file (p, n);

  insert into platform.notifications (id, reference, user_id, system, type, title, message, read, created_at)
  select leads.seed_key(base, n), m ->> 'id', v_buyer, 'leads', m ->> 'type', m ->> 'title', m ->> 'message',
    (m ->> 'read')::boolean, leads.written_time(m ->> 'createdAt')
  from jsonb_array_elements(files -> 'billing' -> 'notifications') with ordinality as file (m, n);

  insert into leads.transactions (id, reference, type, user_id, user_name, user_role, company, amount_cents, credits,
    date, status, description, payment_method)
  select leads.seed_key(base, n), t ->> 'id', t ->> 'type',
    (select p.id from platform.profiles p where concat_ws(' ', p.first_name, p.last_name) = t ->> 'userName'
      and p.company = t ->> 'company' limit 1),
    t ->> 'userName', t ->> 'userRole', t ->> 'company', leads.cents(t -> 'amount'), (t ->> 'credits')::integer,
    (t ->> 'date')::date, t ->> 'status', t ->> 'description', t ->> 'paymentMethod'
  from jsonb_array_elements(files -> 'transactions' -> 'transactions') with ordinality as file (t, n);

  -- The files link a payout to its transaction by its text only.
  insert into leads.payouts (id, reference, transfer_reference, supplier_id, amount_cents, date, status, leads_count,
    period, iban_mask, transaction_id)
  select leads.seed_key(base, n), v ->> 'id', v ->> 'reference', v_supplier, leads.cents(v -> 'amount'),
    (v ->> 'date')::date, v ->> 'status',
    (v ->> 'leadsCount')::integer, v ->> 'period', v ->> 'iban',
    (select min(t.id::text)::uuid from leads.transactions t
      where t.type = 'fournisseur_payment' and t.description = 'Virement ' || (v ->> 'reference'))
  from jsonb_array_elements(files -> 'virements' -> 'virements') with ordinality as file (v, n);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.seed_openings (
  files    jsonb,
  accounts jsonb
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_supplier_file jsonb := files -> 'users' -> 'fournisseur';
  v_agent_file jsonb := files -> 'users' -> 'agent';
  v_buyer_file jsonb := files -> 'users' -> 'acheteur';
  v_stats jsonb := files -> 'stats' -> 'global';
  v_monthly jsonb := files -> 'stats' -> 'monthly';
  v_supplier text := (select s.id::text from leads.suppliers s where s.email = v_supplier_file ->> 'email');
  v_agent text := accounts ->> (v_agent_file ->> 'email');
  v_buyer text := accounts ->> (v_buyer_file ->> 'email');
  v_subject text;
  v_total numeric := (v_stats ->> 'totalLeads')::numeric;
  v_qualified numeric := (v_agent_file ->> 'totalLeadsQualified')::numeric;
begin
  perform leads.open_figure('fournisseur.totalLeadsUploaded', v_supplier,
    (v_supplier_file ->> 'totalLeadsUploaded')::numeric, platform.kept('leads', 'supplier.leads', v_supplier));
  perform leads.open_figure('fournisseur.totalLeadsSold', v_supplier, (v_supplier_file ->> 'totalLeadsSold')::numeric,
    platform.kept('leads', 'supplier.sold', v_supplier));
  perform leads.open_figure('fournisseur.totalRevenue', v_supplier, leads.cents(v_supplier_file -> 'totalRevenue'),
    platform.kept('leads', 'supplier.earned', v_supplier));
  perform leads.open_figure('fournisseur.pendingPayment', v_supplier, leads.cents(v_supplier_file -> 'pendingPayment'),
    platform.kept('leads', 'supplier.earned', v_supplier) - platform.kept('leads', 'supplier.paid', v_supplier));

  perform leads.open_figure('agent.qualifiedOnDay', v_agent, (v_agent_file ->> 'leadsQualifiedToday')::numeric,
    (select count(*) from leads.calls c where c.agent_id::text = v_agent and c.called_on = platform.paris_today()
      and c.result = 'qualified'), platform.paris_today());
  perform leads.open_figure('agent.totalLeadsQualified', v_agent, v_qualified,
    platform.kept('leads', 'agent.qualified', v_agent));
  perform leads.open_ratio('agent.callSeconds', 'agent.timedCalls', v_agent,
    (v_agent_file ->> 'averageCallDuration')::numeric, v_qualified,
    platform.kept('leads', 'agent.call_seconds', v_agent), platform.kept('leads', 'agent.calls', v_agent));
  perform leads.open_ratio('agent.ratedQualified', 'agent.ratedCalls', v_agent,
    (v_agent_file ->> 'qualificationRate')::numeric / 100, v_qualified,
    platform.kept('leads', 'agent.qualified', v_agent), platform.kept('leads', 'agent.calls', v_agent));

  perform leads.open_figure('acheteur.totalLeadsPurchased', v_buyer, (v_buyer_file ->> 'totalLeadsPurchased')::numeric,
    platform.kept('leads', 'buyer.purchases', v_buyer));
  perform leads.open_ratio('acheteur.won', 'acheteur.decided', v_buyer,
    (v_buyer_file ->> 'conversionRate')::numeric / 100,
    (v_buyer_file ->> 'totalLeadsPurchased')::numeric, 0, 0);

  perform leads.open_figure('stats.totalLeads', '', v_total, platform.kept('leads', 'leads.total'));
  perform leads.open_figure('stats.qualifiedLeads', '', (v_stats ->> 'qualifiedLeads')::numeric,
    platform.kept('leads', 'leads.qualified'));
  perform leads.open_figure('stats.soldLeads', '', (v_stats ->> 'soldLeads')::numeric,
    platform.kept('leads', 'leads.sold'));
  perform leads.open_figure('stats.pendingLeads', '', (v_stats ->> 'pendingLeads')::numeric,
    platform.kept('leads', 'leads.pending'));
  perform leads.open_figure('stats.revenue', '', leads.cents(v_stats -> 'revenue'),
    platform.kept('leads', 'sales.revenue'));
  perform leads.open_ratio('stats.score', 'stats.scored', '', (v_stats ->> 'avgScore')::numeric, v_total,
    platform.kept('leads', 'leads.score'), platform.kept('leads', 'leads.total'));
  perform leads.open_ratio('stats.converted', 'stats.convertible', '', (v_stats ->> 'conversionRate')::numeric / 100,
    v_total, platform.kept('leads', 'leads.sold'), platform.kept('leads', 'leads.total'));

  -- The only supplier with an account has brought all leads, so his monthly figures are the platform's.
  foreach v_subject in array array['', v_supplier] loop
    perform leads.open_months(v_monthly, 'leads', 'month.leads', v_subject, 1),
      leads.open_months(v_monthly, 'qualified', 'month.qualified', v_subject, 1),
      leads.open_months(v_monthly, 'sold', 'month.sold', v_subject, 1),
      leads.open_months(v_monthly, 'revenue', 'month.revenue', v_subject, 100);
  end loop;
  perform leads.open_months(files -> 'transactions' -> 'monthlyRevenue', 'revenus', 'month.revenus', '', 100),
    leads.open_months(files -> 'transactions' -> 'monthlyRevenue', 'payouts', 'month.payouts', '', 100),
    leads.open_months(files -> 'fournisseurGains' -> 'monthly', 'gains', 'month.gains', '', 100),
    leads.open_months(files -> 'fournisseurGains' -> 'monthly', 'paid', 'month.paid', '', 100),
    leads.open_months(files -> 'virements' -> 'monthly', 'amount', 'month.virements', v_supplier, 100);

  perform leads.open_figure('stats.sector', s.name, coalesce((f ->> 'value')::numeric, 0),
    platform.kept('leads', 'sector.leads', s.name))
    from leads.sectors s left join jsonb_array_elements(files -> 'stats' -> 'sectors') f on f ->> 'name' = s.name;
  perform leads.open_figure('stats.region', r.name, coalesce((f ->> 'value')::numeric, 0),
    platform.kept('leads', 'region.leads', r.name))
    from leads.regions r left join jsonb_array_elements(files -> 'stats' -> 'regions') f on f ->> 'name' = r.name;

  perform leads.open_figure('gains.totalLeadsSold', s.id::text, (g ->> 'totalLeadsSold')::numeric,
    platform.kept('leads', 'supplier.sold', s.id::text)), leads.open_figure('gains.totalEarnings', s.id::text,
    leads.cents(g -> 'totalEarnings'), platform.kept('leads', 'supplier.earned', s.id::text)),
    leads.open_figure('gains.pendingAmount', s.id::text, leads.cents(g -> 'pendingAmount'),
      platform.kept('leads', 'supplier.earned', s.id::text) - platform.kept('leads', 'supplier.paid', s.id::text)),
    leads.open_figure('gains.paidAmount', s.id::text, leads.cents(g -> 'paidAmount'),
      platform.kept('leads', 'supplier.paid', s.id::text))
  from jsonb_array_elements(files -> 'fournisseurGains' -> 'gains') g
  join leads.suppliers s on s.reference = g ->> 'id';

  perform leads.open_figure('agentImport.totalLeads', i.id::text, (a ->> 'totalLeads')::numeric, i.total),
    leads.open_figure('agentImport.pending', i.id::text, (a ->> 'pending')::numeric,
      platform.kept('leads', 'import.pending', i.id::text)),
    leads.open_figure('agentImport.qualified', i.id::text, (a ->> 'qualified')::numeric,
      platform.kept('leads', 'import.qualified', i.id::text)),
    leads.open_figure('agentImport.rejected', i.id::text, (a ->> 'rejected')::numeric,
      platform.kept('leads', 'import.rejected', i.id::text)),
    leads.open_figure('agentImport.duplicates', i.id::text, (a ->> 'duplicates')::numeric, i.duplicates)
  from jsonb_array_elements(files -> 'agentImports') a join leads.imports i on i.reference = a ->> 'id';
end;
$function$;

CREATE OR REPLACE FUNCTION leads.seed_people (
  files    jsonb,
  accounts jsonb,
  base     timestamp with time zone
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_user jsonb;
  v_role text;
  v_id uuid;
begin
  update platform.profiles set first_name = 'Admin', last_name = 'Leads Provider', company = 'Leads Provider'
    where id = (accounts ->> 'admin@leads-provider.fr')::uuid;
  insert into platform.memberships (user_id, system, role)
    values ((accounts ->> 'admin@leads-provider.fr')::uuid, 'leads', 'admin') on conflict do nothing;

  for v_role, v_user in select * from jsonb_each(files -> 'users') loop
    v_id := (accounts ->> (v_user ->> 'email'))::uuid;
    update platform.profiles set reference = v_user ->> 'id', email = v_user ->> 'email',
      first_name = v_user ->> 'firstName', last_name = v_user ->> 'lastName',
      company = v_user ->> 'company', phone = v_user ->> 'phone', avatar = v_user ->> 'avatar',
      created_at = leads.written_time(v_user ->> 'createdAt')
      where id = v_id;
    insert into platform.memberships (user_id, system, role) values (v_id, 'leads', v_role) on conflict do nothing;
  end loop;

  insert into leads.buyers (user_id, preferred_sectors, preferred_regions)
  select (accounts ->> (b ->> 'email'))::uuid,
    array(select jsonb_array_elements_text(b -> 'preferredSectors')),
    array(select jsonb_array_elements_text(b -> 'preferredRegions'))
  from (select files -> 'users' -> 'acheteur' as b) buyer
  on conflict (user_id) do update set preferred_sectors = excluded.preferred_sectors,
    preferred_regions = excluded.preferred_regions;

  insert into leads.suppliers (id, reference, user_id, contact_name, company, email, iban_mask,
    last_payment_date, status)
  select leads.seed_key(base, n), g ->> 'id', (accounts ->> (g ->> 'email'))::uuid, g ->> 'fournisseur',
    g ->> 'company', g ->> 'email', g ->> 'iban',
    (g ->> 'lastPaymentDate')::date, g ->> 'status'
  from jsonb_array_elements(files -> 'fournisseurGains' -> 'gains') with ordinality as gains (g, n);

  -- Suppliers that only other files mention.
  perform platform.skip_references('leads.supplier_numbers', (select array_agg(reference) from leads.suppliers));
  insert into leads.suppliers (user_id, contact_name, company, email, iban_mask, status)
  select (accounts ->> (f ->> 'email'))::uuid, concat_ws(' ', f ->> 'firstName', f ->> 'lastName'), f ->> 'company',
    f ->> 'email', f ->> 'iban', 'active'
  from (select files -> 'users' -> 'fournisseur' as f) supplier
  where not exists (select from leads.suppliers s where s.email = f ->> 'email');
  insert into leads.suppliers (contact_name, company, email, status)
  select distinct i ->> 'fournisseur', i ->> 'company', '', 'active'
  from jsonb_array_elements(files -> 'adminImports') i
  where not exists (select from leads.suppliers s
    where s.contact_name = i ->> 'fournisseur' and s.company = i ->> 'company');

  if exists (select from leads.suppliers s, (select files -> 'users' -> 'fournisseur' as f) u
    where s.email = f ->> 'email' and s.iban_mask is distinct from f ->> 'iban') then
    perform platform.fail(400, 'seed_mismatch',
      'users.json fournisseur.iban : différent de celui de fournisseur-gains.json.');
  end if;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.seed_work (
  files jsonb,
  base  timestamp with time zone
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  insert into leads.imports (id, reference, supplier_id, file_name, upload_date, total, valid, invalid, duplicates,
    status, processing_time, qualification_status, handed_over_at)
  select leads.seed_key(base, n), i ->> 'id',
    (select s.id from leads.suppliers s where s.contact_name = i ->> 'fournisseur' and s.company = i ->> 'company'
      order by s.id desc limit 1),
    i ->> 'fileName', (i ->> 'uploadDate')::date, (i ->> 'totalLeads')::integer, (i ->> 'valid')::integer,
    (i ->> 'invalid')::integer,
    (i ->> 'duplicates')::integer, i ->> 'status', i ->> 'processingTime',
    coalesce(agent.a ->> 'status', 'en_attente'), base - agent.place * interval '1 millisecond'
  from jsonb_array_elements(files -> 'adminImports') with ordinality as file (i, n)
  left join jsonb_array_elements(files -> 'agentImports') with ordinality as agent (a,
    place) on agent.a ->> 'id' = i ->> 'id';

  insert into leads.calls (id, reference, lead_id, agent_id, lead_name, lead_company, agent_name, called_on,
    duration_seconds, duration, recording_size, recording_status, result)
  select leads.seed_key(base, n), a ->> 'id',
    (select l.id from leads.leads l join leads.lead_contacts c on c.lead_id = l.id
      where concat_ws(' ', l.first_name, c.last_name) = a ->> 'leadName'
        and l.company is not distinct from a ->> 'leadCompany' order by l.id desc limit 1),
    (select m.user_id from platform.memberships m join platform.profiles p on p.id = m.user_id
      where m.system = 'leads' and m.role = 'agent'
        and concat_ws(' ', p.first_name, p.last_name) = a ->> 'agentName' limit 1),
    a ->> 'leadName', a ->> 'leadCompany', a ->> 'agentName', (a ->> 'date')::date, (a ->> 'durationSeconds')::integer,
    a ->> 'duration', a ->> 'size', a ->> 'status', a ->> 'qualificationResult'
  from jsonb_array_elements(files -> 'audios') with ordinality as file (a, n);

  insert into leads.score_features (id, feature, contribution, description)
  select leads.seed_key(base, n), f ->> 'feature', (f ->> 'contribution')::numeric, f ->> 'description'
  from jsonb_array_elements(files -> 'stats' -> 'scoreExplanations') with ordinality as file (f, n);

  insert into leads.sectors (name, color, position)
  select s ->> 'name', s ->> 'color', n
  from jsonb_array_elements(files -> 'stats' -> 'sectors') with ordinality as file (s, n)
  on conflict (name) do update set color = excluded.color, position = excluded.position;
  insert into leads.regions (name, position)
  select r ->> 'name', n from jsonb_array_elements(files -> 'stats' -> 'regions') with ordinality as file (r, n)
  on conflict (name) do update set position = excluded.position;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.seller_form_problems (
  value jsonb
)
  RETURNS jsonb
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('field', 'seller.' || w, 'code', 'required', 'message', 'Ce champ est attendu, vide s''il le faut.')), '[]')
  from unnest(array['name', 'address', 'siret', 'vatNumber']) w where not coalesce(value ? w, false);
$function$;

CREATE OR REPLACE FUNCTION leads.seller_problems (
  seller      jsonb,
  vat_percent jsonb
)
  RETURNS jsonb
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select leads.identity_problems(seller, 'seller.',
    array['name', 'address', 'siret'] || case when vat_percent = '0' then '{}' else array['vatNumber'] end);
$function$;

CREATE OR REPLACE FUNCTION leads.send_order (
  order_id           uuid,
  provider           text,
  provider_reference text,
  checkout_url       text
)
  RETURNS leads.pack_orders
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_order leads.pack_orders := leads.order_to_settle(order_id);
begin
  update leads.pack_orders o set provider = coalesce(o.provider, send_order.provider),
    provider_reference = coalesce(o.provider_reference, send_order.provider_reference),
    checkout_url = coalesce(o.checkout_url, send_order.checkout_url)
  where o.id = v_order.id returning o.* into v_order;
  return case when v_order.payment_id is null then leads.list_order(v_order) else v_order end;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.set_payout_debtor (
  name text,
  iban text,
  bic  text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_bic text := nullif(upper(btrim(bic)), '');
  v_problems jsonb := leads.account_problems(iban, v_bic);
  v_debtor jsonb;
begin
  if coalesce(length(btrim(name)), 0) not between 1 and 70 then
    v_problems := v_problems || jsonb_build_array(jsonb_build_object('field', 'name', 'code', 'invalid_length',
      'message', 'Le nom compte de 1 à 70 caractères.'));
  elsif name !~ '[[:alnum:]]' then
    -- A name made of punctuation only might become empty in the character set of the banks.
    v_problems := v_problems || jsonb_build_array(jsonb_build_object('field', 'name', 'code', 'invalid_format',
      'message', 'Le nom compte au moins une lettre ou un chiffre.'));
  end if;
  if v_problems <> '[]' then perform platform.fail(422, 'invalid_fields', 'Certains champs sont invalides.', v_problems::text); end if;
  update platform.settings r set value = jsonb_build_object('name', btrim(set_payout_debtor.name), 'iban', platform.compact_iban(iban), 'bic', v_bic)
    where r.system = 'leads' and r.section = 'payout_debtor' returning r.value into v_debtor;
  return v_debtor;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.set_supplier_status (
  id     text,
  status text,
  iban   text DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_supplier leads.suppliers;
begin
  perform platform.require_role('leads', 'admin');
  v_supplier := leads.supplier_of(id);
  -- The user account and the supplier have the same status: a suspended supplier is not paid and cannot sign in.
  if v_supplier.user_id is not null then
    perform platform.change_member_status(v_supplier.user_id, 'leads', set_supplier_status.status);
  end if;
  select s.* into v_supplier from leads.suppliers s where s.id = v_supplier.id for no key update;
  if iban <> coalesce(v_supplier.iban_mask, '') then
    perform platform.fail(409, 'iban_changed', 'L''IBAN de ce fournisseur a changé : vérifiez le nouveau.');
  end if;
  if status = 'active' then
    update leads.supplier_accounts a set validated = true where a.supplier_id = v_supplier.id and not a.validated;
    delete from leads.held_accounts h using leads.supplier_accounts a
    where a.supplier_id = v_supplier.id and h.sealed_iban = a.sealed_iban;
  end if;
  update leads.suppliers s set status = set_supplier_status.status
  where s.id = v_supplier.id and s.status <> set_supplier_status.status;
  return jsonb_build_object('id', v_supplier.reference, 'iban', v_supplier.iban_mask,
    'status', set_supplier_status.status);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.settle_entry (
  reference text,
  cents     bigint,
  outcome   text,
  reason    text
)
  RETURNS text
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_payout leads.payouts;
begin
  if not exists (select from leads.payouts p where p.transfer_reference = settle_entry.reference) then
    return 'unknown';
  end if;
  v_payout := leads.lock_payout(reference);
  if v_payout.amount_cents is distinct from cents then return 'mismatch'; end if;
  -- The bank may report the execution of a transfer after its return: a failed payout stays failed.
  if v_payout.status = outcome or (v_payout.status, outcome) = ('failed', 'completed') then return 'already'; end if;
  perform leads.enter_outcome(v_payout, outcome, reason);
  return outcome;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.settle_order (
  order_id           uuid,
  provider           text,
  provider_reference text DEFAULT NULL::text,
  payment_reference  text DEFAULT NULL::text
)
  RETURNS leads.pack_orders
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_order leads.pack_orders := leads.order_to_settle(order_id);
begin
  if v_order.status in ('completed', 'refunded') then return v_order; end if;
  update leads.pack_orders o set status = 'completed', settled_at = now(), provider = settle_order.provider,
    provider_reference = coalesce(settle_order.provider_reference, o.provider_reference),
    payment_reference = coalesce(settle_order.payment_reference, o.payment_reference)
  where o.id = v_order.id returning o.* into v_order;
  perform platform.post_transfer('leads', 'pack', v_order.id::text, array[
    ('credits_issued', null, -(v_order.credits + v_order.bonus)), ('buyer_paid', v_order.buyer_id, v_order.credits),
    ('buyer_bonus', v_order.buyer_id, v_order.bonus), ('bank', null, -v_order.price_cents),
    ('pack_revenue', null, v_order.price_cents)
  ]::platform.ledger_line[]);
  v_order := leads.list_order(v_order);
  perform platform.notify(v_order.buyer_id, 'leads', 'success', 'Achat confirmé',
    format('%s crédits ajoutés à votre compte%s.', v_order.credits + v_order.bonus,
      case when v_order.bonus > 0 then format(', dont %s offerts', v_order.bonus) else '' end));
  perform platform.emit('leads', 'order.paid', jsonb_build_object('order', v_order.reference));
  perform leads.issue_invoice(v_order);
  return v_order;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.settle_transaction (
  payout leads.payouts,
  status text
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$
  update leads.transactions t set status = settle_transaction.status
  where t.id = payout.transaction_id and t.status = payout.status;
$function$;

CREATE OR REPLACE FUNCTION leads.shape_problems (
  given jsonb,
  known text[]
)
  RETURNS jsonb
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select coalesce(jsonb_agg(case
    when f.key <> all (known) then jsonb_build_object('field', f.key, 'code', 'unknown_field',
      'message', 'Ce champ n''existe pas.')
    else jsonb_build_object('field', f.key, 'code', 'invalid_type', 'message', 'Une valeur simple est attendue.') end
      order by f.key), '[]')
  from jsonb_each(given) f
  where f.key <> all (known) or jsonb_typeof(f.value) in ('object', 'array');
$function$;

CREATE OR REPLACE FUNCTION leads.share_of_refund (
  pack_order   leads.pack_orders,
  amount_cents bigint,
  OUT          credits integer,
  OUT          bonus integer
)
  RETURNS record
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select greatest(0, leads.share_of(pack_order.credits, s.cents, pack_order.price_cents) - s.credits)::integer,
    greatest(0, leads.share_of(pack_order.bonus, s.cents, pack_order.price_cents) - s.bonus)::integer
  from (
    select coalesce(sum(r.amount_cents), 0)::bigint + share_of_refund.amount_cents as cents,
      coalesce(sum(r.credits), 0) as credits, coalesce(sum(r.bonus), 0) as bonus
    from leads.refunds r where r.order_id = pack_order.id and r.status = 'accepted'
  ) s;
$function$;

CREATE OR REPLACE FUNCTION leads.show_pack (
  reference text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform set_config('response.headers', jsonb_build_array(jsonb_build_object('ETag', '"' || p.version || '"'))::text,
    true)
  from leads.credit_packs p where p.reference = show_pack.reference;
  return (select to_jsonb(p) from public.admin_credits_packs p where p.id = show_pack.reference);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.show_purchase (
  sale    leads.sales,
  credits numeric
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_lead jsonb;
begin
  if exists (select from leads.kept_sales k where k.buyer_id = sale.buyer_id and k.lead_id = sale.lead_id) then
    select to_jsonb(r) - 'key' into v_lead from leads.lead_rows r where r.key = sale.lead_id;
  end if;
  return jsonb_build_object('lead', v_lead,
    'purchase', jsonb_build_object('credits', sale.credits, 'price', platform.euros(sale.price_cents),
      'date', platform.iso_timestamp(sale.sold_at), 'returnUntil', platform.iso_timestamp(sale.return_until)),
    'credits', credits);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.show_rule (
  reference text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform set_config('response.headers', jsonb_build_array(jsonb_build_object('ETag', '"' || r.version || '"'))::text,
    true)
  from leads.credit_rules r where r.reference = show_rule.reference;
  return (select to_jsonb(r) from public.admin_credits_rules r where r.id = show_rule.reference);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.spells_name (
  plain      text,
  first_name text,
  last_name  text,
  email      text
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
declare
  v_letters text := leads.letters_of(plain);
  v_last text := leads.plain_text(last_name);
  v_names text[] := array[leads.letters_of(v_last)];
  v_first text := coalesce(leads.letters_of(leads.plain_text(first_name)), '');
  v_mailbox text := split_part(lower(email), '@', 1);
  v_name text;
  v_words text;
begin
  -- A name in another script is compared as written.
  if v_last ~ '(?![a-z0-9])[[:alnum:]]' and strpos(plain, v_last) > 0 then return true; end if;
  -- The whole name is compared, and each part of a double name.
  if v_last ~ '[^a-z]' then
    v_names := v_names || array(select leads.letters_of(n) from regexp_split_to_table(v_last, '[^a-z0-9]+') n
      where length(n) > 3);
  end if;
  foreach v_name in array v_names loop
    if length(v_name) > 4 then
      if strpos(v_letters, v_name) > 0 or strpos(v_letters, reverse(v_name)) > 0 then return true; end if;
    -- A short name is part of many words (« Roy » in « Leroy »), so it counts only as a word of its own, including
    -- letter by letter.
    elsif length(v_name) > 1 and strpos(v_letters, v_name) > 0 then
      v_words := ' ' || btrim(regexp_replace(translate(plain, '013457l8$!|', 'oieastibsii'), '[^a-z]+', ' ', 'g'))
        || ' ';
      if v_words ~ (' ' || array_to_string(string_to_array(v_name, null), ' ?') || ' ')
        or length(v_first) > 1 and (strpos(v_letters, v_first || v_name) > 0
          or strpos(v_letters, v_name || v_first) > 0) then return true; end if;
    end if;
  end loop;
  v_name := leads.letters_of(leads.plain_text(v_mailbox));
  return length(v_name) > 4 and v_name <> v_first and strpos(v_letters, v_name) > 0
    and v_mailbox not in ('contact', 'contacts', 'infos', 'accueil', 'bonjour', 'hello', 'email', 'admin', 'direction',
      'commercial', 'commerce',
      'secretariat', 'bureau', 'compta', 'devis', 'agence', 'personne', 'client', 'clients', 'service');
end;
$function$;

CREATE OR REPLACE FUNCTION leads.split_name (
  full_name  text,
  first_name text DEFAULT NULL::text
)
  RETURNS text[]
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
declare
  v_text text := coalesce(substring(full_name from
    '(?i)^(?:(?:m|mr|mrs|ms|mme|mmes|mlle|mlles|mm|monsieur|madame|mademoiselle|dr|docteur|me|maître|pr|professeur)\.? +(?:(?:et|ou|&|/) +)?)+(.*)$'),
  full_name);
  v_words text[] := string_to_array(v_text, ' ');
  -- Words in capitals, including « d'ESTAING »; a single initial is no evidence.
  v_capital boolean[] := array(select w = upper(w) and w <> lower(w)
    and length(regexp_replace(w, '[^[:alpha:]]', '', 'g')) > 1
    from unnest(v_words) w0, regexp_replace(w0, '^[dl][''’]', '') w);
  v_from integer := array_position(v_capital, true);
  v_to integer;
begin
  if lower(v_text) like lower(first_name) || ' _%' then
    return array[first_name, substr(v_text, length(first_name) + 2)];
  end if;
  if lower(v_text) like '%_ ' || lower(first_name) then
    return array[first_name, left(v_text, -length(first_name) - 1)];
  end if;
  if v_text ~ '^[^,]+, *[^,]+$' then
    return array[btrim(split_part(v_text, ',', 2)), btrim(split_part(v_text, ',', 1))];
  end if;
  if cardinality(v_words) < 2 then return array['', v_text]; end if;
  -- Two people, a maiden or married name, a remark or a company: a word that is not in capitals may be part of a last
  -- name as well.
  if v_text ~* '[()/&+0-9]|(^|[^[:alpha:]])(et|ou|and|née?|ép|épouse|épx|veuve|vve|divorcée|alias|dit|c/o|chez|sarl|sas|sasu|sci|eurl|scp|snc|ets|société|entreprise|association)([^[:alpha:]]|$)'
  then return array[null, v_text]; end if;
  if v_from is null or array_position(v_capital, false) is null or v_text like '%,%' then
    return array[null, v_text];
  end if;
  v_to := cardinality(v_words) + 1 - (select array_position(array_agg(c order by n desc), true)
    from unnest(v_capital) with ordinality as u (c, n));
  -- The words in capitals must be adjacent, at one end of the name; « de », « van » before them belong to them.
  while v_from > 1 and v_words[v_from - 1] in ('de', 'du', 'des', 'la', 'le', 'van', 'von', 'der', 'den', 'di', 'da',
    'dos', 'el', 'ben') loop v_from := v_from - 1; end loop;
  if exists (select from generate_series(v_from, v_to) i where not v_capital[i] and v_words[i] <> lower(v_words[i]))
    or (v_from > 1 and v_to < cardinality(v_words))
    or (v_from = 1 and v_to = cardinality(v_words)) then return array[null, v_text]; end if;
  return array[array_to_string(v_words[:v_from - 1] || v_words[v_to + 1:], ' '),
    array_to_string(v_words[v_from:v_to], ' ')];
end;
$function$;

CREATE OR REPLACE FUNCTION leads.sum_refunds (
  order_id uuid
)
  RETURNS leads.pack_orders
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_order leads.pack_orders;
begin
  update leads.pack_orders o set credits_lost = s.lost, refund_reference = s.reference,
    status = case when s.accepted > 0 and s.cents >= o.price_cents then 'refunded' else 'completed' end
  from (
    select coalesce(sum(r.credits_lost + r.bonus_lost - r.loss_undone), 0)::integer as lost,
      coalesce(sum(r.amount_cents) filter (where r.status = 'accepted'), 0) as cents,
      count(*) filter (where r.status = 'accepted') as accepted,
      (array_agg(r.provider_reference order by r.id desc) filter (where r.status = 'accepted'
        and r.provider_reference is not null))[1] as reference
    from leads.refunds r where r.order_id = sum_refunds.order_id
  ) s
  where o.id = sum_refunds.order_id returning o.* into v_order;
  return leads.list_order(v_order);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.supplier_gains (
  supplier_id uuid,
  OUT         leads_sold numeric,
  OUT         earned numeric,
  OUT         pending numeric,
  OUT         paid numeric,
  OUT         listed boolean
)
  RETURNS record
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select
    platform.kept('leads', 'supplier.sold', supplier_id::text) + platform.opening('leads', 'gains.totalLeadsSold',
      supplier_id::text),
    platform.kept('leads', 'supplier.earned', supplier_id::text) + platform.opening('leads', 'gains.totalEarnings',
      supplier_id::text),
    platform.kept('leads', 'supplier.earned', supplier_id::text) - platform.kept('leads', 'supplier.paid',
      supplier_id::text) + platform.opening('leads', 'gains.pendingAmount', supplier_id::text),
    platform.kept('leads', 'supplier.paid', supplier_id::text) + platform.opening('leads', 'gains.paidAmount',
      supplier_id::text),
    platform.kept('leads', 'supplier.earned', supplier_id::text) > 0
      or exists (select from platform.opening_figures o where o.system = 'leads' and o.figure = 'gains.totalEarnings'
        and o.subject = supplier_id::text);
$function$;

CREATE OR REPLACE FUNCTION leads.supplier_of (
  id text
)
  RETURNS leads.suppliers
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_supplier leads.suppliers;
  v_uuid uuid;
begin
  if pg_input_is_valid(id, 'uuid') then v_uuid := id; end if;
  select s.* into v_supplier from leads.suppliers s
  where s.reference = supplier_of.id or s.id = v_uuid
    or s.email <> '' and lower(s.email) = lower(supplier_of.id)
  order by s.reference = supplier_of.id desc limit 1;
  if v_supplier.id is null then
    perform platform.fail(404, 'supplier_not_found', 'Ce fournisseur n''existe pas.');
  end if;
  return v_supplier;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.supplier_of_new_lead (
  named text
)
  RETURNS uuid
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_admin boolean := platform.has_role('leads', 'admin');
  v_supplier leads.suppliers;
begin
  if named is null and v_admin and leads.my_supplier_id() is null then
    perform platform.refuse_fields(platform.field_problem('fournisseur', 'required',
      'Le fournisseur manque : son e-mail ou sa référence.'));
  end if;
  select s.* into v_supplier from leads.suppliers s
    where case when named is null then s.id = leads.my_supplier_id()
      else s.reference = named or (lower(s.email) = lower(named) and s.email <> '') end
    limit 1;
  -- A supplier may name himself, but nobody else.
  if named is not null and not v_admin and v_supplier.id is distinct from leads.my_supplier_id() then
    perform platform.refuse_fields(platform.field_problem('fournisseur', 'not_allowed',
      'Seul un administrateur choisit le fournisseur.'));
  end if;
  if named is not null and v_supplier.id is null then
    perform platform.refuse_fields(platform.field_problem('fournisseur', 'unknown_supplier',
      'Ce fournisseur est inconnu.'));
  end if;
  if v_supplier.id is null or v_supplier.status = 'suspended' then
    perform platform.fail(403, 'supplier_not_active',
      'Ce fournisseur est inconnu ou suspendu : il ne peut pas apporter de leads.');
  end if;
  return v_supplier.id;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.suppliers_of (
  user_id uuid,
  email   text
)
  RETURNS uuid[]
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select coalesce(array_agg(s.id order by s.id), '{}') from leads.suppliers s
  where s.user_id = suppliers_of.user_id
    or s.user_id is null and s.email <> ''
    and lower(s.email) in (suppliers_of.email, lower(platform.shown_email(suppliers_of.email)));
$function$;

CREATE OR REPLACE FUNCTION leads.take_back_order (
  reference text,
  amount    numeric,
  key       text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_id uuid := (select o.id from leads.pack_orders o where o.reference = take_back_order.reference);
  v_order leads.pack_orders;
  v_refund leads.refunds;
  v_known jsonb;
begin
  perform platform.require_role('leads', 'admin');
  v_order := leads.order_to_settle(v_id);
  if amount is not null and not (amount > 0 and amount <= 1000000 and amount = round(amount, 2)) then
    perform platform.refuse_fields(platform.field_problem('amount', 'invalid_value',
      'Un montant en euros, supérieur à 0, à deux décimales au plus.'));
  end if;
  if amount is not null or key is not null then
    v_known := platform.claim_idempotency_key('billing.refund', key,
      jsonb_build_object('order', reference, 'amount', amount));
  end if;
  if v_known is not null then
    select r.* into strict v_refund from leads.refunds r where r.id = (v_known ->> 'refund')::uuid;
  elsif v_order.status = 'refunded' and amount is null then
    select r.* into strict v_refund from leads.refunds r where r.order_id = v_id and r.status = 'accepted'
    order by r.id desc limit 1;
  else
    v_refund := leads.request_refund(v_id, (amount * 100)::bigint);
    -- No provider is asked for a manual order: a person sends the money.
    if v_order.provider = 'manual' then v_refund := leads.accept_refund(v_refund.id, 'manual-' || v_refund.id); end if;
    if key is not null then
      perform platform.keep_answer('billing.refund', key, jsonb_build_object('refund', v_refund.id));
    end if;
  end if;
  return jsonb_build_object('key', v_refund.id, 'status', v_refund.status, 'cause', v_refund.cause, 'order', v_id,
    'provider', v_order.provider,
    'payment', v_order.payment_reference, 'amountCents', v_refund.amount_cents, 'again', v_refund.created_at < now(),
    'known', (select coalesce(jsonb_agg(r.provider_reference), '[]') from leads.refunds r
      where r.order_id = v_id and r.id <> v_refund.id and r.provider_reference is not null));
end;
$function$;

CREATE OR REPLACE FUNCTION leads.take_bonus_budget (
  cents  integer,
  budget numeric
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_month date := platform.paris_month(now());
  v_taken bigint;
begin
  if cents = 0 or coalesce(budget, 0) = 0 then return 0; end if;
  insert into leads.bonus_budgets (month, spent_cents) values (v_month, 0) on conflict do nothing;
  select greatest(0, least(take_bonus_budget.cents, floor(budget * 100) - b.spent_cents)) into v_taken
    from leads.bonus_budgets b where b.month = v_month for no key update;
  update leads.bonus_budgets b set spent_cents = b.spent_cents + v_taken where b.month = v_month and v_taken > 0;
  return v_taken;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.take_credits_back (
  refund   leads.refunds,
  buyer_id uuid
)
  RETURNS leads.refunds
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_refund leads.refunds := refund;
begin
  select refund.credits - coalesce(sum(least(b.balance, refund.credits)) filter (where b.kind = 'buyer_paid'), 0),
      refund.bonus - coalesce(sum(least(b.balance, refund.bonus)) filter (where b.kind = 'buyer_bonus'), 0)
    into v_refund.credits_lost, v_refund.bonus_lost from platform.lock_balances('leads', take_credits_back.buyer_id) b;
  if v_refund.credits_lost + v_refund.bonus_lost > 0 then
    perform platform.post_transfer('leads', 'pack_loss', refund.id::text,
      array[('credits_lost', null, -(v_refund.credits_lost + v_refund.bonus_lost)),
      ('buyer_paid', buyer_id, v_refund.credits_lost),
      ('buyer_bonus', buyer_id, v_refund.bonus_lost)]::platform.ledger_line[]);
  end if;
  -- A lost dispute is booked as a loss, not as less revenue: the sale stands although the buyer's bank took the money
  -- back.
  perform platform.post_transfer('leads', case refund.kind when 'dispute' then 'pack_dispute' else 'pack_refund' end,
    refund.id::text, array[
    ('credits_issued', null, refund.credits + refund.bonus), ('buyer_paid', buyer_id, -refund.credits),
    ('buyer_bonus', buyer_id, -refund.bonus),
    ('bank', null, refund.amount_cents),
    (case refund.kind when 'dispute' then 'disputes_lost' else 'pack_revenue' end, null, -refund.amount_cents)
  ]::platform.ledger_line[]);
  return v_refund;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.take_invoice_number (
  series text
)
  RETURNS platform.document_numbers
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$ begin return platform.take_number('leads', series); end; $function$;

CREATE OR REPLACE FUNCTION leads.take_lead_back (
  given leads.returns
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$
  update leads.leads l set status = 'rejected'
  where l.id = given.lead_id and l.status in ('qualified', 'sold')
    and (given.reason = 'invalid_number' or l.status = 'sold' and not exists (select from leads.kept_sales k
      where k.lead_id = l.id));
$function$;

CREATE OR REPLACE FUNCTION leads.take_payment_event (
  provider text,
  event    jsonb
)
  RETURNS text
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_key uuid;
  v_order leads.pack_orders;
  v_event leads.payment_events;
begin
  if pg_input_is_valid(event ->> 'order', 'uuid') then v_key := event ->> 'order'; end if;
  -- Events of one payment are processed one at a time: an event that names only the payment then either finds its
  -- order or is found when the order is paid.
  perform pg_advisory_xact_lock(hashtextextended('leads.take_payment_event ' || provider || ' '
    || (event ->> 'payment'), 0));
  -- The insert also handles an event delivered twice at the same time: the second delivery waits here for the first.
  insert into leads.payment_events (provider, id, meaning, payment_reference, reference, amount_cents, currency, cause,
    outcome, occurred_at)
  values (take_payment_event.provider, event ->> 'id', event ->> 'meaning', event ->> 'payment', event ->> 'reference',
    (event ->> 'amountCents')::bigint, event ->> 'currency', left(event ->> 'cause', 100), 'unknown_order',
    to_timestamp((event ->> 'occurredAt')::bigint))
  on conflict do nothing returning * into v_event;
  if not found then
    return (select e.outcome from leads.payment_events e
      where e.provider = take_payment_event.provider and e.id = event ->> 'id');
  end if;
  select o.* into v_order from leads.pack_orders o
  where o.id = v_key or (o.provider = take_payment_event.provider and o.payment_reference = event ->> 'payment')
  for no key update;
  return leads.close_event(v_event, v_order.id, leads.apply_event(v_order, provider, event));
end;
$function$;

CREATE OR REPLACE FUNCTION leads.telephone_of (
  written text
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  STRICT
  SET search_path TO ''
  AS $function$
declare
  v_dialled text := translate(regexp_replace(case when written ~ '^[0-9]+\.0$' then left(written, -2) else written end,
    '\( *0 *\)', '', 'g'), e' .-/()[]_''·•‐‑‒–—―−', '');
  v_national text;
  v_country text;
begin
  if v_dialled like '00%' then v_dialled := '+' || substr(v_dialled, 3); end if;
  -- A spreadsheet may have removed the leading 0.
  v_national := case length(v_dialled)
    when 9 then v_dialled
    when 10 then case when v_dialled like '0%' then substr(v_dialled, 2) end
    when 11 then case when v_dialled like '33%' then substr(v_dialled, 3) end
    when 12 then case when v_dialled like '+33%' then substr(v_dialled, 4)
      when v_dialled ~ '^(262|590|594|596)[1-9]' then substr(v_dialled, 4) end
    when 13 then case when v_dialled like '+330%' then substr(v_dialled, 5)
      when v_dialled ~ '^\+(262|590|594|596)' then substr(v_dialled, 5) end
    when 14 then case when v_dialled ~ '^\+(262|590|594|596)0' then substr(v_dialled, 6) end
  end;
  v_country := case
    when v_national is null or v_national !~ '^[1-9][0-9]{8}$' then null
    when left(v_national, 3) in ('262', '263', '269', '692', '693')
      or (left(v_national, 3) = '639' and left(v_national, 5) <> '63998') then '262'
    when left(v_national, 3) in ('590', '690', '691') then '590'
    when left(v_national, 3) in ('594', '694') then '594'
    when left(v_national, 3) in ('596', '696', '697') then '596'
    when length(v_dialled) < 13 or v_dialled like '+33%' then '33' end;
  return case
    when v_country = '33' then '+33 ' || left(v_national, 1) || ' ' || substr(v_national, 2, 2) || ' '
      || substr(v_national, 4, 2)
      || ' ' || substr(v_national, 6, 2) || ' ' || substr(v_national, 8, 2)
    when v_country is not null then '+' || v_country || ' ' || left(v_national, 3) || ' ' || substr(v_national, 4, 2)
      || ' ' || substr(v_national, 6, 2) || ' ' || substr(v_national, 8, 2)
    -- Other countries: the country code (ITU E.164), a space, the number.
    when v_dialled ~ '^\+[1-9][0-9]{7,14}$' and v_dialled not like '+33%' then regexp_replace(v_dialled,
      '^(\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|(2[1-689]|3[578]|42|5[09]|6[7-9]|8[0578]|9[679])[0-9]))',
      '\1 ')
  end;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.telephones_of (
  written text
)
  RETURNS text[]
  LANGUAGE plpgsql
  IMMUTABLE
  STRICT
  SET search_path TO ''
  AS $function$
declare
  v_text text := normalize(leads.clean_value(written), nfkc);
  v_numbers text[];
begin
  if v_text is null then return '{}'; end if;
  v_text := regexp_replace(v_text, '[ ,;]*(poste|extension|ext|p|x|#)[ .:=]*[0-9]{1,6}$', '', 'i');
  v_text := regexp_replace(v_text,
    '\m(t[ée]l[ée]?phone|t[ée]l|mobile|mob|portable|port|fixe|phone|gsm|bureau|domicile|dom|pro|perso|whatsapp|num[ée]ro|n°)[ .:°]*',
    '', 'gi');
  if leads.telephone_of(v_text) is not null then return array[leads.telephone_of(v_text)]; end if;
  -- Two numbers of ten digits each, with any separators between and within them.
  v_text := regexp_replace(v_text, '^((?:0[^0-9+]*)(?:[0-9][^0-9+]*){8}[0-9])[^0-9+]*(0(?:[^0-9+]*[0-9]){9})$',
    '\1;\2');
  select array_agg(leads.telephone_of(p.part) order by p.place) into v_numbers
  from regexp_split_to_table(v_text, '\s*(?:[;,/|&\n]|\s-\s|\m(?:ou|et|puis)\M)\s*', 'i') with ordinality as p (part,
    place) where p.part <> '';
  return case when array_position(v_numbers, null) is null then v_numbers end;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.tell_buyer_of_sale (
  lead         leads.leads,
  price        leads.lead_price,
  credits_left bigint
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_title text := leads.title_of(lead);
  v_description text := 'Achat lead — ' || v_title;
  v_limit numeric := (leads.work_rule('low_credits'))::numeric;
begin
  perform leads.record_transaction('lead_purchase', auth.uid(), 'acheteur', price.price_cents, price.credits,
    v_description, 'Crédits');
  insert into leads.payments (buyer_id, type, lead_id, amount_cents, status, description)
    values (auth.uid(), 'lead_payment', lead.id, price.price_cents, 'completed', v_description);
  perform platform.notify(auth.uid(), 'leads', 'success', 'Lead acheté',
    format('Les coordonnées du lead %s sont disponibles dans vos achats.', v_title));
  -- The warning is sent once, by the purchase that brings the balance below the limit.
  if credits_left < v_limit and credits_left + price.credits >= v_limit then
    perform platform.notify(auth.uid(), 'leads', 'warning', 'Solde bas',
      format('Il vous reste moins de %s crédits.', v_limit));
  end if;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.tell_of_pair (
  sale leads.sales
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION leads.tell_of_registration (
  user_id uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform platform.notify(tell_of_registration.user_id, 'leads', 'info', 'Inscription à valider',
    'Votre adresse est confirmée. Un administrateur vérifie que vous êtes le fournisseur connu à cette adresse ; vos leads apparaîtront ensuite.');
  perform platform.notify(m.user_id, 'leads', 'warning', 'Fournisseur à rattacher',
    format('%s s''est inscrit avec l''adresse d''un fournisseur connu. Acceptez le compte pour le rattacher.', p.email), p.id)
  from platform.memberships m, platform.profiles p
  where m.system = 'leads' and m.role = 'admin' and m.status = 'active' and p.id = tell_of_registration.user_id;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.tell_of_requeue()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_title constant text := 'Lead renvoyé aux agents';
  v_many constant text := 'Plusieurs de vos leads ont changé après leur qualification : ils retournent aux agents, et sont retirés de la vente d''ici là.';
  v_user uuid := (select s.user_id from leads.suppliers s where s.id = new.supplier_id);
  v_told platform.notifications;
begin
  select n.* into v_told from platform.notifications n where n.user_id = v_user and n.system = 'leads'
  order by n.id desc limit 1;
  if v_told.title = v_title and v_told.created_at = now() then
    update platform.notifications n set message = v_many where n.id = v_told.id and n.message <> v_many;
  else
    perform platform.notify(v_user, 'leads', 'warning', v_title,
      format('Votre lead %s (%s) a changé après avoir été confié aux agents : '
      'il retourne à la qualification, et est retiré de la vente d''ici là.', new.reference, new.sector));
  end if;
  perform platform.emit('leads', 'lead.requeued', jsonb_build_object('lead', new.reference));
  if new.import_id is not null then perform leads.advance_import(new.import_id); end if;
  return null;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.tell_refund (
  pack_order leads.pack_orders,
  refund     leads.refunds
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_taken integer := refund.credits + refund.bonus - refund.credits_lost - refund.bonus_lost;
begin
  if refund.kind = 'dispute' then
    perform platform.notify(pack_order.buyer_id, 'leads', 'warning', 'Paiement contesté',
      format('Votre banque a repris le paiement du Pack %s ; %s crédits ont été retirés de votre compte.',
      pack_order.pack_name, v_taken));
    perform platform.emit('leads', 'order.disputed', jsonb_build_object('order', pack_order.reference));
    return;
  end if;
  perform platform.notify(pack_order.buyer_id, 'leads', 'info', 'Pack remboursé',
    format('%s ; %s crédits ont été retirés de votre compte.',
      case when refund.amount_cents < pack_order.price_cents
        then format('%s € du Pack %s vous sont remboursés', platform.amount_text(refund.amount_cents),
          pack_order.pack_name)
      else format('Le Pack %s vous est remboursé', pack_order.pack_name) end, v_taken));
  perform platform.emit('leads', 'order.refunded',
    jsonb_build_object('order', pack_order.reference, 'refund', refund.reference));
  perform leads.issue_credit_note(refund);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.tell_supplier (
  lead leads.leads
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_user uuid := (select s.user_id from leads.suppliers s where s.id = lead.supplier_id);
begin
  if lead.status = 'qualified' then
    perform platform.notify(v_user, 'leads', 'success', 'Lead qualifié',
      format('Votre lead %s (%s) est qualifié, score %s : il est en vente.', lead.reference, lead.sector, lead.score));
  elsif lead.status = 'rejected' then
    perform platform.notify(v_user, 'leads', 'info', 'Lead non qualifié',
      format('Votre lead %s (%s) n''a pas été qualifié.', lead.reference, lead.sector));
  end if;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.tell_supplier_of_sale (
  lead leads.leads,
  sale leads.sales
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform platform.notify(s.user_id, 'leads', 'info', 'Vente avec des crédits offerts',
    format('Le lead %s a été acheté avec %s crédits offerts sur %s : vous gagnez %s € au lieu de %s €.',
      coalesce(lead.company, lead.sector), sale.given_credits, sale.credits,
      platform.amount_text(sale.supplier_share_cents),
      platform.amount_text(sale.supplier_share_cents + sale.given_share_cents - sale.budget_cents)))
  from leads.suppliers s where s.id = sale.supplier_id and sale.budget_cents < sale.given_share_cents;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.tell_to_erase (
  ids uuid[]
)
  RETURNS bigint
  LANGUAGE sql
  SET search_path TO ''
  AS $function$
  with told as (
    select distinct s.buyer_id as user_id, l.reference, 'acheté' as how from leads.sales s
    join leads.leads l on l.id = s.lead_id where l.id = any (ids)
    union
    select s.user_id, l.reference, 'apporté' from leads.leads l join leads.suppliers s on s.id = l.supplier_id
    where l.id = any (ids) and s.user_id is not null
  ), written as (
    insert into platform.notifications (user_id, system, type, title, message)
    select t.user_id, 'leads', 'warning', 'Données à effacer',
      format('La personne du lead %s, que vous avez %s, a demandé l''effacement de ses données : '
      'effacez-les aussi de vos fichiers.', t.reference, t.how)
    from told t
  ), emitted as (
    select platform.emit('leads', 'lead.erased', jsonb_build_object('lead', l.reference,
      'buyers', array(select s.buyer_id from leads.sales s where s.lead_id = l.id order by 1)))
    from leads.leads l where l.id = any (ids)
  )
  select count(*) from told t where t.how = 'acheté' and (select count(*) from emitted) >= 0;
$function$;

CREATE OR REPLACE FUNCTION leads.tells_number (
  plain  text,
  phones text[]
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
declare
  -- Texts without enough digits or number words are not searched word by word.
  v_in_words boolean := leads.has_number_words(plain);
  v_digits text;
  v_phone text;
  v_said text;
begin
  if phones is null then return false; end if;
  if not v_in_words and plain !~ '([0-9oilsbzq].*){6}' then return false; end if;
  if v_in_words then plain := leads.part_numbers(plain); end if;
  for v_digits in
    select (leads.digits_of(plain, false, false, false)).digits
    union select (leads.digits_of(plain, true, e, o)).digits
      from (values (true), (false)) a (e), (values (true), (false)) b (o) where v_in_words
  loop
    continue when length(v_digits) < 6;
    foreach v_phone in array phones loop
      v_phone := '0' || right(regexp_replace(v_phone, '[^0-9]', '', 'g'), 9);
      for i in 1 .. length(v_phone) - 5 loop
        v_said := substr(v_phone, i, 6);
        if strpos(v_digits, v_said) > 0 or strpos(v_digits, reverse(v_said)) > 0
          -- The pairs of digits in reverse order.
          or i % 2 = 1 and strpos(v_digits, right(v_said, 2) || substr(v_said, 3, 2)
            || left(v_said, 2)) > 0 then return true; end if;
      end loop;
    end loop;
  end loop;
  return false;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.title_of (
  lead leads.leads
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$ begin return case when lead.company is null or 'company' = any (lead.hidden_fields) then lead.sector
  else lead.company end; end; $function$;

CREATE OR REPLACE FUNCTION leads.told_refund (
  order_id uuid,
  event    jsonb
)
  RETURNS leads.refunds
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select r.* from leads.refunds r
  where r.order_id = told_refund.order_id and r.kind <> 'dispute'
    and r.amount_cents = (event ->> 'amountCents')::bigint
    and case when r.provider_reference is not null and event ->> 'reference' is not null
      then r.provider_reference = event ->> 'reference'
      else r.id::text = event ->> 'refund' or r.provider_reference is null and r.status = 'accepted' end
  order by r.provider_reference nulls last, r.id::text = event ->> 'refund' desc nulls last,
    r.kind = 'made' desc, r.id limit 1;
$function$;

CREATE OR REPLACE FUNCTION leads.transaction_problems()
  RETURNS TABLE (
    problem  text,
    subject  text,
    expected bigint,
    found    bigint
  )
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  with events as (
    select s.buyer_id, 'lead_purchase' as type, s.price_cents::bigint as cents, s.credits::bigint as credits
    from leads.sales s where s.transfer_id is not null
    union all
    select r.buyer_id, 'refund', s.price_cents, s.credits from leads.returns r
      join leads.sales s on s.buyer_id = r.buyer_id and s.lead_id = r.lead_id where r.status = 'accepted'
    union all
    select o.buyer_id, 'refund', r.amount_cents, r.credits from leads.refunds r
    join leads.pack_orders o on o.id = r.order_id where r.status = 'accepted'
    union all
    select a.owner, 'bonus', 0, e.amount from platform.ledger_transfers t
      join platform.ledger_entries e on e.transfer_id = t.id
      join platform.ledger_accounts a on a.id = e.account_id and a.kind in ('buyer_paid', 'buyer_bonus')
      join platform.profiles p on p.id = a.owner
      where t.system = 'leads' and t.kind = 'welcome_bonus'
  ), due as (
    select e.buyer_id, e.type, count(*) as events, sum(e.cents)::bigint as cents, sum(e.credits)::bigint as credits
    from events e group by 1, 2
  ), listed as (
    select t.user_id, t.type, count(*) as events, sum(t.amount_cents)::bigint as cents,
      sum(t.credits)::bigint as credits from leads.transactions t
    where t.type in ('lead_purchase', 'refund', 'bonus') and t.status = 'completed' and t.user_id is not null
      and not exists (select from leads.seeded_rows r where r.relation = 'leads.transactions' and r.row_id = t.id)
    group by 1, 2
  )
  select 'transactions_not_their_events', coalesce(d.type, l.type) || ' ' || coalesce(d.buyer_id, l.user_id),
    coalesce(c.wanted, 0), coalesce(c.listed, 0)
  from due d full join listed l on l.user_id = d.buyer_id and l.type = d.type
  cross join lateral (values (d.events, l.events), (d.cents, l.cents), (d.credits, l.credits)) c (wanted, listed)
  where coalesce(c.wanted, 0) <> coalesce(c.listed, 0);
$function$;

CREATE OR REPLACE FUNCTION leads.transfer_problems()
  RETURNS TABLE (
    problem  text,
    subject  text,
    expected bigint,
    found    bigint
  )
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  with transfers as (
    select t.id, t.kind, t.key from platform.ledger_transfers t
    where t.system = 'leads' and t.kind not in ('opening', 'opening_closed')
      and (t.kind <> 'welcome_bonus' or t.key in (select p.id::text from platform.profiles p))
  )
  select case when t.id is null then 'row_without_transfer' when r.kind is null then 'transfer_without_row'
    else 'row_of_another_transfer' end, coalesce(t.kind, r.kind) || ' ' || coalesce(t.key, r.key),
      null::bigint, null::bigint
  from transfers t full join leads.rows_of_transfers() r on r.kind = t.kind and r.key = t.key
  where t.id is null or r.kind is null or r.transfer_id <> t.id
  union all
  -- Opening amounts in euros are checked with the earnings and the payouts in transit.
  select 'credits_not_their_opening', coalesce(o.buyer, f.subject), coalesce(f.value, 0)::bigint,
    coalesce(o.credits, 0)
  from (
    select a.owner::text as buyer, sum(e.amount)::bigint as credits from platform.ledger_transfers t
    join platform.ledger_entries e on e.transfer_id = t.id
    join platform.ledger_accounts a on a.id = e.account_id and a.kind in ('buyer_paid', 'buyer_bonus')
    where t.system = 'leads' and t.kind in ('opening', 'opening_closed') group by 1
  ) o
  full join (select f.subject, f.value from platform.opening_figures f
    where f.system = 'leads' and f.figure = 'acheteur.credits') f on f.subject = o.buyer
  where coalesce(f.value, 0) <> coalesce(o.credits, 0);
$function$;

CREATE OR REPLACE FUNCTION leads.undo_import (
  reference text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_import leads.imports := leads.import_to_decide(reference);
  v_kept jsonb;
  v_removed bigint;
  v_restored bigint;
begin
  if v_import.status <> 'completed' then
    perform platform.fail(409, 'import_not_completed', 'Seul un import terminé peut être annulé.');
  end if;
  if leads.came_in_at(v_import) < leads.days_ago('import_undo_days') then
    perform platform.fail(409, 'import_undo_too_late',
      format('Cet import date de plus de %s jours : il ne peut plus être annulé.',
      leads.work_rule('import_undo_days')));
  end if;
  perform from leads.leads l
    where l.import_id = v_import.id or l.id in (select c.lead_id from leads.import_changes c
      where c.import_id = v_import.id)
    order by l.id for update;

  create temporary table undone on commit drop as
  select l.id, l.reference, null::leads.import_changes as before, leads.why_lead_stays(l, l.created_at) as why
  from leads.leads l where l.import_id = v_import.id
  union all
  select l.id, l.reference, c, leads.why_lead_stays(l, c.changed_at)
  from leads.import_changes c join leads.leads l on l.id = c.lead_id where c.import_id = v_import.id;

  perform leads.restore_lead(u.before) from pg_temp.undone u where u.why is null and (u.before).lead_id is not null;
  get diagnostics v_restored = row_count;
  delete from leads.import_changes c using pg_temp.undone u
    where c.import_id = v_import.id and c.lead_id = u.id and u.why is null;
  delete from leads.leads l using pg_temp.undone u where l.id = u.id and u.why is null and (u.before).lead_id is null;
  get diagnostics v_removed = row_count;
  select coalesce(jsonb_agg(jsonb_build_object('lead', u.reference, 'reason', u.why) order by u.id desc), '[]')
    into v_kept
    from pg_temp.undone u where u.why is not null;
  drop table pg_temp.undone;

  update leads.imports i set undone_at = now(),
    handed_over_at = case when exists (select from leads.leads l where l.import_id = v_import.id)
      then i.handed_over_at end
  where i.id = v_import.id;
  perform platform.emit('leads', 'import.undone',
    jsonb_build_object('import', v_import.reference, 'removed', v_removed, 'restored', v_restored));
  return jsonb_build_object('import', v_import.reference, 'removed', v_removed, 'restored', v_restored,
    'kept', v_kept);
end;
$function$;

CREATE OR REPLACE FUNCTION leads.unknown_suppliers (
  exemptions jsonb
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('field', format('sourcesWithoutConsent.%s.supplier', e.n - 1),
    'code', 'unknown_supplier',
    'message', format('Aucun fournisseur n''a la référence %s.', e.given ->> 'supplier')) order by e.n), '[]')
  from jsonb_array_elements(exemptions) with ordinality e (given, n)
  where not exists (select from leads.suppliers s where s.reference = e.given ->> 'supplier');
$function$;

CREATE OR REPLACE FUNCTION leads.update_imported_leads (
  import_id uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform leads.remember_imported_leads(import_id);
  -- A summary that would contain the person's new name is removed. This comes first, because the next writes are
  -- checked against the texts already stored (leads.hidden_text).
  update leads.import_checked c set summary = case
    when not exists (select from unnest(array[c.last_name, k.last_name]) n (last_name)
    where leads.contact_in_text(coalesce(c.summary, l.summary), coalesce(c.first_name, l.first_name), n.last_name,
      coalesce(c.email, k.email), array[c.phone, c.phone2, k.phone, k.phone2])) then coalesce(c.summary, l.summary) end
  from leads.leads l join leads.lead_contacts k on k.lead_id = l.id
  where c.import_id = update_imported_leads.import_id and c.duplicate = 'updated' and l.id = c.lead_id
    and coalesce(c.summary, l.summary) is not null;
  update leads.leads l set summary = null
  from leads.import_checked c where c.import_id = update_imported_leads.import_id and c.duplicate = 'updated'
    and l.id = c.lead_id
    and l.summary is distinct from c.summary;

  update leads.lead_contacts k set
    last_name = case when c.name_unsplit and l.first_name <> '' then k.last_name else c.last_name end,
    name_unsplit = case when c.name_unsplit and l.first_name <> '' then k.name_unsplit else c.name_unsplit end,
    email = coalesce(c.email, k.email),
    phone = coalesce(c.phone, k.phone),
    -- Both telephones are kept, whichever of them the file gives first.
    phone2 = coalesce(c.phone2, case when c.phone = k.phone2 then k.phone else k.phone2 end),
    notes = coalesce(c.notes, k.notes)
  from leads.import_checked c join leads.leads l on l.id = c.lead_id
  where c.import_id = update_imported_leads.import_id and c.duplicate = 'updated' and k.lead_id = c.lead_id;
  update leads.leads l set
    -- A full name in one column does not overwrite a name that is already split in first and last name.
    first_name = case when c.name_unsplit then l.first_name else coalesce(c.first_name, l.first_name) end,
    last_name_mask = case when c.name_unsplit and l.first_name <> '' then l.last_name_mask else c.last_name_mask end,
    email_mask = coalesce(c.email_mask, l.email_mask),
    phone_mask = coalesce(c.phone_mask, l.phone_mask),
    company = coalesce(c.company, l.company), sector = c.sector, region = c.region, city = coalesce(c.city, l.city),
    source = coalesce(c.source, l.source), channel = coalesce(c.channel, l.channel),
    score = case when c.has_score and l.qualified_at is null then c.score else l.score end,
    price_cents = case when c.has_price and l.qualified_at is null then c.price_cents else l.price_cents end,
    is_exclusive = case when c.has_is_exclusive and l.qualified_at is null then c.is_exclusive else l.is_exclusive end,
    summary = c.summary,
    -- An update may only make a lead older, never younger.
    collected_at = least(c.collected_at, l.collected_at)
  from leads.import_checked c where c.import_id = update_imported_leads.import_id and c.duplicate = 'updated'
    and l.id = c.lead_id;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.upload_place (
  named text
)
  RETURNS text
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_supplier uuid := leads.supplier_of_upload(named, true);
begin
  -- The size is not known yet, so the bucket's maximum is assumed.
  perform leads.refuse_large_upload(v_supplier,
    (select b.file_size_limit from storage.buckets b where b.id = 'imports'));
  if (select count(*) from leads.unnamed_uploads() u where starts_with(u.path, v_supplier || '/')) >= 20 then
    perform platform.fail(429, 'too_many_uploads', 'Trop de fichiers déposés attendent leur import.',
      'Importez-les, ou réessayez demain.');
  end if;
  return v_supplier || '/' || gen_random_uuid();
end;
$function$;

CREATE OR REPLACE FUNCTION leads.vat_percent_problems (
  value jsonb
)
  RETURNS jsonb
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select case when platform.is_number(value, 0, 100, 2) then '[]'
    else platform.field_problem('vatPercent', 'invalid_value', 'Le taux de TVA est un nombre de 0 à 100.') end;
$function$;

CREATE OR REPLACE FUNCTION leads.verify_rollups()
  RETURNS TABLE (
    metric  text,
    subject text,
    month   date,
    kept    bigint,
    counted bigint
  )
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select coalesce(k.metric, c.metric), coalesce(k.subject, c.subject), coalesce(k.month, c.month),
    coalesce(k.value, 0), coalesce(c.value, 0)
  from (select r.metric, r.subject, r.month, sum(r.value)::bigint as value from platform.rollups r
    where r.system = 'leads' group by 1, 2, 3) k
  full join leads.counted_figures c on c.metric = k.metric and c.subject = k.subject and c.month = k.month
  where coalesce(k.value, 0) <> coalesce(c.value, 0)
  order by 1, 2, 3;
$function$;

CREATE OR REPLACE FUNCTION leads.versions_of (
  relation text,
  row_id   uuid
)
  RETURNS TABLE (
    version     integer,
    content     jsonb,
    "validFrom" text,
    "changedBy" text
  )
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select v.version, v.content, platform.iso_timestamp(v.valid_from),
    coalesce(nullif(btrim(p.first_name || ' ' || p.last_name), ''), p.email)
  from platform.row_versions v left join platform.profiles p on p.id = v.changed_by
  where v.relation = versions_of.relation and v.row_id = versions_of.row_id
    and (select platform.require_role('leads', 'admin'))
  order by v.version desc;
$function$;

CREATE OR REPLACE FUNCTION leads.virement (
  payout leads.payouts
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select jsonb_build_object('id', payout.reference, 'reference', payout.transfer_reference,
    'amount', platform.euros(payout.amount_cents),
    'date', payout.date, 'status', payout.status, 'leadsCount', payout.leads_count, 'period', payout.period,
    'iban', payout.iban_mask);
$function$;

CREATE OR REPLACE FUNCTION leads.welcome_buyer (
  user_id uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_credits integer := leads.rule('welcome_bonus');
begin
  if v_credits = 0 then return; end if;
  -- The lock keeps two concurrent calls from granting the bonus twice.
  perform from leads.buyers b join auth.users u on u.id = b.user_id
    where b.user_id = welcome_buyer.user_id and u.email_confirmed_at is not null for no key update of b;
  if not found or exists (select from platform.ledger_transfers t where t.system = 'leads' and t.kind = 'welcome_bonus'
    and t.key = user_id::text) then
    return;
  end if;
  perform platform.post_transfer('leads', 'welcome_bonus', user_id::text,
    array[('credits_issued', null, -v_credits), ('buyer_bonus', user_id, v_credits)]::platform.ledger_line[]);
  perform leads.record_transaction('bonus', user_id, 'acheteur', 0, v_credits, 'Crédits offerts — bienvenue', null);
  perform platform.notify(user_id, 'leads', 'success', 'Bienvenue',
    format('%s crédits vous sont offerts.', v_credits));
end;
$function$;

CREATE OR REPLACE FUNCTION leads.why_no_lead (
  calling leads.calling,
  OUT     reason text,
  OUT     opening timestamp with time zone
)
  RETURNS record
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  -- One lead per region is enough here, so the view is not joined as a whole.
  v_closed text[] := array(select r.name from leads.regions r cross join lateral (
      select 1 from leads.waiting_leads w where w.region = r.name and w.call_basis = any (calling.bases)
        and coalesce(w.due_at <= calling.at, true) limit 1
    ) w where not r.name = any (calling.regions));
begin
  opening := leads.next_opening(v_closed, calling.at);
  reason := case
    when v_closed <> '{}' then 'outside_calling_hours'
    when exists (select from leads.waiting_leads w
      where w.region = any (calling.regions) and w.call_basis = any (calling.bases)
      and coalesce(w.due_at <= calling.at, true)
      and leads.paused_until(w.lead, calling.rule, calling.at) > calling.at) then 'call_limit_reached'
    when exists (select from leads.waiting_leads w
      where not w.call_basis = any (calling.bases) and coalesce(w.due_at <= calling.at, true)) then 'consent_missing'
    else 'queue_empty' end;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.work_rule (
  name text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$ begin return platform.setting('leads', name); end; $function$;

CREATE OR REPLACE FUNCTION leads.open_regions (
  at   timestamp with time zone DEFAULT now(),
  rule jsonb                    DEFAULT leads.work_rule('calling'::text)
)
  RETURNS text[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return array(
    select unnest(p.regions) from (select r.time_zone, r.own_holidays, array_agg(r.name) as regions
      from leads.regions r group by 1, 2) p
    where leads.is_calling_time(open_regions.at at time zone p.time_zone, p.own_holidays, rule));
end;
$function$;

CREATE OR REPLACE FUNCTION leads.works_on_leads()
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return leads.my_supplier_id() is not null or platform.has_role('leads', 'agent')
    or platform.has_role('leads', 'admin');
end;
$function$;

CREATE OR REPLACE FUNCTION leads.write_billing_details (
  given jsonb
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform platform.require_role('leads', 'acheteur');
  if jsonb_typeof(given) is distinct from 'object' then
    perform platform.fail(400, 'invalid_body', 'Des coordonnées de facturation sont attendues.');
  end if;
  perform platform.refuse_fields(leads.identity_problems(given, '', array['name', 'address'])
    || leads.body_problems(given, array['name', 'address', 'deliveryAddress', 'siret', 'vatNumber']));
  insert into leads.billing_details as d (buyer_id, name, address, delivery_address, siret, vat_number)
  values (auth.uid(), platform.trimmed(given ->> 'name'), platform.trimmed(given ->> 'address'),
    platform.trimmed(given ->> 'deliveryAddress'), platform.compact_number(given ->> 'siret'),
    platform.compact_number(given ->> 'vatNumber'))
  on conflict (buyer_id) do update set name = excluded.name, address = excluded.address,
    delivery_address = excluded.delivery_address, siret = excluded.siret, vat_number = excluded.vat_number;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.write_billing_settings (
  given jsonb
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_fields constant text[] := array['name', 'address', 'siret', 'vatNumber'];
  v_seller jsonb;
begin
  perform platform.require_role('leads', 'admin');
  if jsonb_typeof(given) is distinct from 'object' or jsonb_typeof(coalesce(given -> 'seller', '{}')) <> 'object' then
    perform platform.fail(400, 'invalid_body', 'Des réglages de facturation sont attendus.');
  end if;
  v_seller := leads.work_rule('seller') || coalesce(given -> 'seller', '{}');
  perform platform.refuse_fields(
    case when given ? 'vatPercent' then leads.vat_percent_problems(given -> 'vatPercent') else '[]' end
    || case when given ? 'vatOnDebits' and jsonb_typeof(given -> 'vatOnDebits') <> 'boolean'
      then platform.field_problem('vatOnDebits', 'invalid_value', 'L''option pour les débits est vraie ou fausse.')
        else '[]' end
    || case when given ? 'seller' then leads.seller_problems(v_seller,
      coalesce(given -> 'vatPercent', leads.work_rule('vat_percent'))) else '[]' end
    || leads.body_problems(coalesce(given -> 'seller', '{}'), v_fields)
    || leads.body_problems(given, array['vatPercent', 'vatOnDebits', 'seller']));
  v_seller := v_seller || jsonb_build_object('name', platform.clean_text(v_seller ->> 'name'), 'address', platform.clean_text(v_seller ->> 'address', true),
    'siret', platform.compact_number(v_seller ->> 'siret'), 'vatNumber', platform.compact_number(v_seller ->> 'vatNumber'));
  update platform.settings r set value = g.value
  from (values ('seller', case when given ? 'seller' then v_seller end), ('vat_percent', given -> 'vatPercent'), ('vat_on_debits', given -> 'vatOnDebits')) as g (section, value)
  where r.system = 'leads' and r.section = g.section and g.value is not null;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.write_calling_rules (
  given jsonb
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_rule jsonb;
begin
  perform platform.require_role('leads', 'admin');
  if jsonb_typeof(given) is distinct from 'object' then perform platform.fail(400, 'invalid_body', 'Des règles d''appel sont attendues.'); end if;
  -- Of two admins who change different fields neither takes back what the other has set.
  select r.value into v_rule from platform.settings r where r.system = 'leads' and r.section = 'calling' for no key update;
  perform platform.refuse_fields(leads.calling_problems(v_rule || given) || leads.body_problems(given, array(select jsonb_object_keys(v_rule))));
  perform platform.refuse_fields(leads.unknown_suppliers(coalesce(given -> 'sourcesWithoutConsent', '[]')));
  update platform.settings r set value = v_rule || given where r.system = 'leads' and r.section = 'calling';
end;
$function$;

CREATE OR REPLACE FUNCTION leads.write_pack (
  reference text,
  given     jsonb,
  expected  text
)
  RETURNS text
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_pack leads.credit_packs;
  v_new jsonb := '{"bonus": 0, "popular": false, "active": true}';
  v_cents bigint;
begin
  perform platform.require_role('leads', 'admin');
  if jsonb_typeof(given) is distinct from 'object' then
    perform platform.fail(400, 'invalid_body', 'Un pack est attendu.');
  end if;
  if reference is not null then
    select p.* into v_pack from leads.credit_packs p where p.reference = write_pack.reference for no key update;
    if not found then perform platform.fail(404, 'pack_not_found', 'Ce pack n''existe pas.'); end if;
    perform leads.refuse_other_version(v_pack.version, coalesce(expected, given ->> 'version'));
    v_new := jsonb_build_object('name', v_pack.name, 'credits', v_pack.credits,
      'price', platform.euros(v_pack.price_cents),
      'bonus', v_pack.bonus, 'popular', v_pack.popular, 'active', v_pack.active);
  end if;
  -- pricePerCredit is read-only: it is computed from the price, and may be sent back only as shown.
  v_new := v_new || (given - array['id', 'pricePerCredit', 'version']);
  perform platform.refuse_fields(leads.pack_problems(v_new)
    || leads.body_problems(given - array['pricePerCredit', 'version'],
      array['name', 'credits', 'price', 'bonus', 'popular', 'active'],
      case when reference is null then '{}' else jsonb_build_object('id', reference) end));
  v_cents := leads.cents(v_new -> 'price');

  -- Values are compared as numbers, so that 10.0 equals 10.
  insert into leads.credit_packs as p (id, reference, name, credits, price_cents, price_per_credit_cents, bonus,
    popular, active)
  values (coalesce(v_pack.id, platform.uuid_v7()),
    coalesce(v_pack.reference, 'pack-' || nextval('leads.pack_numbers')),
    platform.trimmed(v_new ->> 'name'), (v_new -> 'credits')::integer, v_cents,
    round(v_cents::numeric / (v_new -> 'credits')::integer),
    (v_new -> 'bonus')::integer, (v_new ->> 'popular')::boolean, (v_new ->> 'active')::boolean)
  on conflict (id) do update set name = excluded.name, credits = excluded.credits, price_cents = excluded.price_cents,
    price_per_credit_cents = excluded.price_per_credit_cents, bonus = excluded.bonus, popular = excluded.popular,
    active = excluded.active
  returning p.* into v_pack;
  return v_pack.reference;
end;
$function$;

CREATE OR REPLACE FUNCTION leads.written_time (
  written     text,
  month_first boolean DEFAULT false
)
  RETURNS timestamp WITH time zone
  LANGUAGE sql
  STABLE
  STRICT
  SET search_path TO ''
  SET "TimeZone" TO 'Europe/Paris'
  AS $function$
  select case
    when written ~ '^1[0-9]{9}([0-9]{3})?$' then to_timestamp(left(written, 10)::bigint)
    when iso.text ~ '^\d{4}-\d\d-\d\d([T ]\d\d?:\d\d(:\d\d(\.\d+)?)?( ?(Z|UTC|[+-]\d\d(:?\d\d)?))?)?$'
      and pg_input_is_valid(iso.text, 'timestamptz')
    -- A date before 2000 is a typing error: nobody left a lead here before then.
    then case when iso.text::timestamptz >= '2000-01-01' then iso.text::timestamptz end end
  from (
    select case when p.parts is null then t.text
      else case when length(p.parts[3]) = 2 then '20' else '' end || p.parts[3] || '-'
        || lpad(p.parts[case when month_first then 1 else 2 end], 2, '0') || '-'
          || lpad(p.parts[case when month_first then 2 else 1 end], 2, '0') || p.parts[4] end as text
    from (select regexp_replace(regexp_replace(
        case when written ~* '[[:alpha:]]{3}|[ap]\.?m|^\d{4}/| \d\d? ?h$' then leads.plain_date(written)
          else written end, '(,| à| at)? +(?=[0-9]{1,2}[:h])', ' '), ' ([0-9]{1,2}) ?h ?([0-9]{2})',
      ' \1:\2') as text offset 0) t
    cross join lateral (select regexp_match(t.text,
      '^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})((?:[ T].*)?)$') as parts offset 0) p
    offset 0
  ) iso;
$function$;

CREATE OR REPLACE FUNCTION platform.accept_api_key (
  system text,
  key    text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_key platform.api_keys;
begin
  select * into v_key from platform.api_keys k
  where k.hash = sha256(convert_to(key, 'utf8')) and k.system = accept_api_key.system
    and k.revoked_at is null and coalesce(k.expires_at > now(), true);
  if not found then return null; end if;
  update platform.api_keys k set last_used_on = current_date where k.id = v_key.id and k.last_used_on is distinct from current_date;
  return jsonb_build_object('id', v_key.id, 'name', v_key.name, 'scopes', v_key.scopes);
end;
$function$;

CREATE OR REPLACE FUNCTION platform.account_named (
  system     text,
  identifier text
)
  RETURNS uuid
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_function text := (select s.account_named from platform.systems s where s.system = account_named.system);
  v_user uuid;
begin
  if v_function is not null then execute format('select %s($1)', v_function) into v_user using identifier; end if;
  return v_user;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.account_of (
  user_id uuid,
  system  text
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select jsonb_build_object('id', coalesce(p.reference, p.id::text), 'email', p.email, 'firstName', p.first_name, 'lastName', p.last_name,
    'role', platform.main_role(p.id, account_of.system), 'company', p.company, 'phone', p.phone)
  from platform.profiles p where p.id = account_of.user_id;
$function$;

CREATE OR REPLACE FUNCTION platform.add_figures (
  system  text,
  figures platform.figure[]
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_slot smallint;
begin
  if coalesce(cardinality(figures), 0) = 0 then return; end if;
  v_slot := platform.take_slot();
  insert into platform.rollups as r (system, metric, subject, month, slot, value)
  select add_figures.system, f.metric, f.subject, coalesce(f.month, platform.ever()), v_slot, sum(f.value)
  from unnest(figures) f
  where f.subject is not null
  group by f.metric, f.subject, 4
  having sum(f.value) <> 0
  on conflict on constraint rollups_pkey do update set value = r.value + excluded.value;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.add_member (
  user_id uuid,
  system  text,
  role    text,
  profile jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform platform.require_admin(system);
  if exists (select from platform.memberships m where m.user_id = add_member.user_id and m.system = add_member.system) then
    perform platform.fail(409, 'email_taken', 'Un compte existe déjà avec cette adresse e-mail.');
  end if;
  perform platform.require_within(add_member.user_id, system);
  perform platform.require_proven(add_member.user_id);
  -- Who is a member elsewhere has said himself who he is.
  if exists (select from platform.memberships m where m.user_id = add_member.user_id) then
    perform platform.complete_profile(add_member.user_id, profile);
  else
    perform platform.fill_profile(add_member.user_id, profile);
  end if;
  perform platform.change_role(add_member.user_id, add_member.system, add_member.role);
  perform platform.tell_system(add_member.system, add_member.user_id, add_member.role, 'granted');
  return platform.member(add_member.user_id, add_member.system);
end;
$function$;

CREATE OR REPLACE FUNCTION platform.add_webhook (
  id            uuid,
  system        text,
  url           text,
  events        text[],
  sealed_secret text,
  description   text   DEFAULT ''::text
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if not exists (select from platform.system_roles r where r.system = add_webhook.system) then
    perform platform.fail(404, 'unknown_system', 'Ce système n''existe pas.');
  end if;
  perform platform.require_admin(add_webhook.system);
  if not coalesce(platform.is_webhook_url(url), false) then
    perform platform.fail(422, 'webhook_url_refused', 'Cette adresse de webhook n''est pas acceptée.', 'Donnez une adresse https://, sans identifiants ni espaces.');
  end if;
  insert into platform.webhook_endpoints (id, system, url, events, description)
    values (add_webhook.id, add_webhook.system, add_webhook.url, add_webhook.events, add_webhook.description);
  insert into platform.webhook_secrets (endpoint_id, sealed_secret) values (add_webhook.id, add_webhook.sealed_secret);
exception
  when check_violation or not_null_violation then
    perform platform.fail(422, 'webhook_refused', 'Ce webhook n''est pas accepté.', 'Nommez des événements tels que order.paid, ou * pour tous.');
  when unique_violation then
    perform platform.fail(409, 'webhook_exists', 'Ce webhook existe déjà.');
end;
$function$;

CREATE OR REPLACE FUNCTION platform.administers (
  user_id uuid
)
  RETURNS boolean
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select exists (
    select from platform.memberships theirs
    join platform.memberships mine on mine.system = theirs.system and mine.status = 'active'
    join platform.system_roles r on r.system = mine.system and r.role = mine.role and r.administers
    where theirs.user_id = administers.user_id and mine.user_id = (select auth.uid())
  );
$function$;

CREATE OR REPLACE FUNCTION platform.administers_all()
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return auth.role() = 'service_role' or not exists (
    select from platform.systems s
    where exists (select from platform.memberships m where m.system = s.system) and not platform.is_admin(s.system));
end;
$function$;

CREATE OR REPLACE FUNCTION platform.amount_text (
  cents bigint
)
  RETURNS text
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$ select translate(to_char(cents / 100.0, 'FM999G999G999G990D00'), ',.', E'\u00a0,'); $function$;

CREATE OR REPLACE FUNCTION platform.apply_entry()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_guarded boolean;
begin
  select k.guarded into v_guarded from platform.ledger_accounts a
  join platform.ledger_account_kinds k on k.system = a.system and k.kind = a.kind where a.id = new.account_id;
  if v_guarded is null then
    perform platform.fail(500, 'unbalanced_transfer', 'Une écriture n''est sur aucun compte.');
  elsif v_guarded then
    update platform.ledger_balances b set balance = b.balance + new.amount, entries = b.entries + 1
    where b.account_id = new.account_id and b.slot = 0 and b.balance + new.amount >= 0
    returning b.entries, b.balance into new.number, new.balance;
    if not found then perform platform.fail(402, 'insufficient_balance', 'Le solde est insuffisant.'); end if;
  else
    insert into platform.ledger_balances as b (account_id, slot, guarded, balance)
    values (new.account_id, platform.take_slot(), false, new.amount)
    on conflict on constraint ledger_balances_pkey do update set balance = b.balance + excluded.balance;
  end if;
  return new;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.apply_registrations (
  user_id uuid,
  is_new  boolean,
  since   timestamp with time zone,
  before  timestamp with time zone
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v record;
  v_given integer := 0;
begin
  for v in
    select r.* from platform.registrations r join platform.system_roles s on s.system = r.system and s.role = r.role
    where r.user_id = apply_registrations.user_id and r.applied_at is null and s.self_registration
      and r.requested_at >= since and r.requested_at <= before
    order by r.requested_at
  loop
    if is_new then perform platform.fill_profile(v.user_id, v.profile); else perform platform.complete_profile(v.user_id, v.profile); end if;
    perform platform.register_member(v.user_id, v.system, v.role);
    update platform.registrations r set applied_at = now() where r.user_id = v.user_id and r.system = v.system;
    perform platform.tell_system(v.system, v.user_id, v.role, 'registered');
    v_given := v_given + 1;
  end loop;
  return v_given;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.are_scopes (
  scopes text[]
)
  RETURNS boolean
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$ select cardinality(scopes) between 1 and 50 and bool_and(coalesce(s ~ '^[a-z][a-z0-9_.:-]{0,49}$', false)) from unnest(scopes) s; $function$;

CREATE OR REPLACE FUNCTION platform.ask_to_join (
  email   text,
  system  text,
  role    text,
  profile jsonb
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_user uuid;
begin
  select u.id into v_user from auth.users u
  where u.email = lower(btrim(ask_to_join.email)) and not u.is_sso_user and u.email_confirmed_at is not null
    and not exists (select from platform.memberships m where m.user_id = u.id and m.system = ask_to_join.system)
  for no key update;
  if v_user is null then return false; end if;
  perform platform.keep_registration(v_user, system, role, profile);
  return true;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.audit (
  target regclass,
  hidden text[]   DEFAULT '{}'::text[],
  key    text     DEFAULT NULL::text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_key text;
begin
  select coalesce(audit.key, a.attname) into strict v_key from pg_catalog.pg_index i
    join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    where i.indrelid = target and i.indisprimary;
  -- A misspelt column name would hide nothing, so unknown columns are refused.
  perform from unnest(array[v_key] || hidden) c (name)
    where not exists (select from pg_catalog.pg_attribute a
      where a.attrelid = target and a.attname = c.name and not a.attisdropped)
      or c.name = v_key and c.name = any (hidden);
  if found then
    raise exception 'platform.audit(%): % and % are not a key and hidden columns', target, v_key, hidden;
  end if;
  execute format(
    'create constraint trigger audit after insert or update or delete on %s
     deferrable initially deferred for each row execute function platform.write_audit(%s)', target,
    (select string_agg(quote_literal(c.name), ', ' order by c.at)
      from unnest(array[v_key] || hidden) with ordinality c (name, at)));
end;
$function$;

CREATE OR REPLACE FUNCTION platform.audit_cursor (
  entry platform.audit_log
)
  RETURNS text
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$ select concat_ws('.', (extract(epoch from entry.at) * 1000000)::bigint, entry.chain, entry.position); $function$;

CREATE OR REPLACE FUNCTION platform.audit_entries (
  system      text,
  relation    text                     DEFAULT NULL::text,
  row_key     text                     DEFAULT NULL::text,
  since       timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  until       timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  after_entry text                     DEFAULT NULL::text,
  entries     integer                  DEFAULT 100
)
  RETURNS SETOF platform.audit_log
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_last bigint[] := string_to_array(after_entry, '.');
begin
  perform platform.require_admin(system);
  return query
    select l.* from platform.audit_log l
    where (split_part(l.relation, '.', 1) = audit_entries.system
        or l.relation like 'platform.%' and coalesce(l.after, l.before) ->> 'system' = audit_entries.system)
      and (audit_entries.relation is null or l.relation = audit_entries.relation)
      and (audit_entries.row_key is null or l.row_key = audit_entries.row_key)
      and l.at >= coalesce(since, '-infinity') and l.at < coalesce(until, 'infinity')
      and (after_entry is null
        or (l.at, l.chain, l.position) < ('epoch'::timestamptz + make_interval(secs => v_last[1] / 1000000.0), v_last[2], v_last[3]))
    order by l.at desc, l.chain desc, l.position desc
    limit entries;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.audit_page (
  system      text,
  relation    text,
  row_key     text,
  since       timestamp with time zone,
  until       timestamp with time zone,
  after_entry text,
  entries     integer
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_found platform.audit_log[];
  v_entries integer := coalesce(entries, 100);
begin
  perform platform.require_admin(system);
  if v_entries not between 1 and 1000 then perform platform.refuse_parameter('limit', 'De 1 à 1 000 lignes.'); end if;
  if after_entry !~ '^[0-9]{1,18}\.[0-9]{1,2}\.[0-9]{1,18}$' then
    perform platform.refuse_parameter('cursor', 'Ce curseur n''est pas celui d''une page.');
  end if;
  v_found := array(select l from platform.audit_entries(system, relation, row_key, since, until, after_entry, v_entries + 1) l);
  if cardinality(v_found) > v_entries then
    perform set_config('response.headers', jsonb_build_array(jsonb_build_object('X-Next-Cursor', platform.audit_cursor(v_found[v_entries])))::text, true);
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object('at', platform.iso_timestamp(l.at), 'actor', l.actor,
      'actorName', nullif(btrim(concat_ws(' ', p.first_name, p.last_name)), ''), 'role', l.role, 'relation', l.relation, 'row', l.row_key,
      'operation', l.operation, 'before', l.before - platform.hidden_columns(l.relation), 'after', l.after - platform.hidden_columns(l.relation)) order by l.nth), '[]')
    from unnest(v_found[:v_entries]) with ordinality l (chain, position, at, actor, role, relation, operation, row_key, before, after, hash, nth)
    left join platform.profiles p on p.id = l.actor);
end;
$function$;

CREATE OR REPLACE FUNCTION platform.audit_verify()
  RETURNS TABLE (
    chain      smallint,
    "position" bigint,
    reason     text
  )
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  with linked as (
    select l.*,
      lag(l.hash, 1, ''::bytea) over w as previous,
      row_number() over w as expected
    from platform.audit_log l
    window w as (partition by l.chain order by l.position)
  )
  select l.chain, l.position, 'row missing before this one' from linked l where l.position <> l.expected
  union all
  select l.chain, l.position, 'row was changed' from linked l
  where l.position = l.expected
    and l.hash is distinct from platform.audit_hash(l.previous,
      (l.chain, l.position, l.at, l.actor, l.role, l.relation, l.operation, l.row_key, l.before, l.after,
        null)::platform.audit_log)
  union all
  select c.chain, c.length, 'last rows are missing' from platform.audit_chains c
  left join lateral (
    select a.hash, a.position from platform.audit_log a where a.chain = c.chain order by a.position desc limit 1
  ) newest on true
  where c.length <> coalesce(newest.position, 0) or c.head <> coalesce(newest.hash, ''::bytea)
  order by 1, 2;
$function$;

CREATE OR REPLACE FUNCTION platform.authorize_realtime()
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if to_regclass('realtime.messages') is null then return false; end if;
  drop policy if exists receive_own_notifications on realtime.messages;
  create policy receive_own_notifications on realtime.messages for select to authenticated
    using (extension = 'broadcast' and (select realtime.topic()) = 'user:' || (select auth.uid())::text
      and not (select platform.session_is_over()));
  return true;
exception
  -- Without the policy nobody can subscribe, but polling still works, so the installation continues.
  when insufficient_privilege then
    raise warning 'Nobody can listen to notifications yet: run select platform.authorize_realtime() as a role that may change the policies of realtime.messages (%).',
    sqlerrm;
    return false;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.begin_erasure (
  user_id uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform from auth.users u where u.id = begin_erasure.user_id for no key update;
  perform from platform.profiles p where p.id = begin_erasure.user_id and p.erased_at is null for no key update;
  return found;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.broadcast_notification()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if to_regprocedure('realtime.send(jsonb, text, text, boolean)') is null then return null; end if;
  execute 'select realtime.send($1, $2, $3, $4)' using
    jsonb_build_object('id', new.reference, 'type', new.type, 'title', new.title, 'message', new.message,
      'createdAt', platform.iso_timestamp(new.created_at), 'system', new.system),
    'notification', 'user:' || new.user_id, true;
  return null;
exception
  -- A failed broadcast must not undo the notification, nor the purchase or import that caused it.
  when others then
    raise warning 'Notification % was not broadcast: %', new.reference, sqlerrm;
    return null;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.camel_keys (
  given jsonb,
  kept  text[]
)
  RETURNS jsonb
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select coalesce(jsonb_object_agg(left(e.key, 1) || substr(replace(initcap(replace(e.key, '_', ' ')), ' ', ''), 2), e.value), '{}')
  from jsonb_each(given) e where e.key = any (kept);
$function$;

CREATE OR REPLACE FUNCTION platform.change_member_role (
  user_id uuid,
  system  text,
  role    text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform platform.require_admin(system);
  perform platform.require_within(change_member_role.user_id, system);
  perform platform.require_proven(change_member_role.user_id);
  perform platform.change_role(change_member_role.user_id, change_member_role.system, change_member_role.role);
  perform platform.tell_system(change_member_role.system, change_member_role.user_id, change_member_role.role, 'granted');
  return platform.member(change_member_role.user_id, change_member_role.system);
end;
$function$;

CREATE OR REPLACE FUNCTION platform.change_member_status (
  user_id uuid,
  system  text,
  status  text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_role text := platform.main_role(change_member_status.user_id, change_member_status.system);
begin
  perform platform.require_admin(system);
  if v_role is null then
    if exists (
      select from platform.registrations r where r.user_id = change_member_status.user_id and r.system = change_member_status.system)
    then
      perform platform.require_proven(change_member_status.user_id);
    end if;
    perform platform.fail(404, 'user_not_found', 'Cet utilisateur n''existe pas.');
  end if;
  perform platform.set_member_status(change_member_status.user_id, change_member_status.system, change_member_status.status);
  perform platform.tell_system(change_member_status.system, change_member_status.user_id, v_role,
    case change_member_status.status when 'active' then 'reactivated' else 'suspended' end);
  return platform.member(change_member_status.user_id, change_member_status.system);
end;
$function$;

CREATE OR REPLACE FUNCTION platform.change_rate_limit (
  system         text,
  id             text,
  allowed        integer,
  period_seconds integer
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_owner text := change_rate_limit.system;
begin
  perform platform.require_admin(system);
  if not exists (
      select from platform.rate_limit_rules r where r.system = change_rate_limit.system and r.name = change_rate_limit.id)
    and exists (select from platform.rate_limit_rules r where r.system = 'auth' and r.name = change_rate_limit.id)
  then
    if not platform.administers_all() then
      perform platform.fail(403, 'forbidden', 'Cette limite vaut pour tous les systèmes : elle n''est changée que par qui les administre tous.',
        'Demandez-le à l''exploitant de la plateforme.');
    end if;
    v_owner := 'auth';
  end if;
  update platform.rate_limit_rules r
  set allowed = change_rate_limit.allowed, period = make_interval(secs => period_seconds)
  where r.system = v_owner and r.name = change_rate_limit.id;
  if not found then perform platform.fail(404, 'rate_limit_not_found', 'Cette limite n''existe pas.'); end if;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.change_role (
  user_id uuid,
  system  text,
  role    text
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_status text;
begin
  if not exists (select from platform.system_roles r where r.system = change_role.system and r.role = change_role.role) then
    perform platform.fail(422, 'invalid_fields', 'Certains champs sont invalides.',
      '[{"field": "role", "code": "invalid_value", "message": "Ce rôle n''existe pas."}]');
  end if;
  if change_role.role <> all (platform.roles_of_system(system, true)) then perform platform.keep_an_admin(system, user_id); end if;
  -- A new role does not end a suspension; an admin who gives one has accepted who waited for it.
  select case when bool_and(m.status = 'suspended') then 'suspended' else 'active' end into v_status
  from platform.memberships m where m.user_id = change_role.user_id and m.system = change_role.system;
  delete from platform.memberships m
  where m.user_id = change_role.user_id and m.system = change_role.system and m.role <> change_role.role;
  insert into platform.memberships as m (user_id, system, role, status)
  values (change_role.user_id, change_role.system, change_role.role, v_status)
  on conflict on constraint memberships_pkey do update set status = excluded.status where m.status = 'pending';
end;
$function$;

CREATE OR REPLACE FUNCTION platform.change_setting (
  system   text,
  section  text,
  value    jsonb,
  if_match text  DEFAULT NULL::text
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_setting platform.settings;
begin
  perform platform.require_admin(system);
  -- JSON's null arrives as SQL's.
  update platform.settings s set value = coalesce(change_setting.value, 'null')
  where s.system = change_setting.system and s.section = change_setting.section and s.is_open
    and (if_match is null or s.version::text = btrim(replace(if_match, 'W/', ''), ' "'));
  if found then return; end if;
  select * into v_setting from platform.settings s where s.system = change_setting.system and s.section = change_setting.section;
  if not found then perform platform.fail(404, 'setting_not_found', 'Ce réglage n''existe pas.'); end if;
  if not v_setting.is_open then perform platform.fail(403, 'setting_not_open', 'Ce réglage ne se change pas ici.'); end if;
  perform platform.fail(412, 'precondition_failed', 'Ce réglage a changé entre-temps : relisez-le.');
end;
$function$;

CREATE OR REPLACE FUNCTION platform.check_entries()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if exists (
    select from new_entries e
    join platform.ledger_accounts a on a.id = e.account_id
    join platform.ledger_account_kinds k on k.system = a.system and k.kind = a.kind
    group by e.transfer_id, k.unit having sum(e.amount) <> 0
  ) then
    perform platform.fail(500, 'unbalanced_transfer', 'Les écritures d''un mouvement ne s''équilibrent pas.');
  end if;
  return null;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.check_new_member (
  system text,
  email  text,
  role   text
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform platform.require_admin(system);
  if not exists (select from platform.system_roles r where r.system = check_new_member.system and r.role = check_new_member.role) then
    perform platform.fail(422, 'invalid_fields', 'Certains champs sont invalides.',
      '[{"field": "role", "code": "invalid_value", "message": "Ce rôle n''existe pas."}]');
  end if;
  perform platform.discard_unproven(email, system);
  if exists (select from auth.users u where u.email = lower(btrim(check_new_member.email))) then
    perform platform.fail(409, 'email_taken', 'Un compte existe déjà avec cette adresse e-mail.',
      'Changez le rôle de ce compte ; si vous ne le voyez pas, la personne s''inscrit elle-même avec cette adresse.');
  end if;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.check_row()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_problems jsonb;
begin
  execute format('select jsonb_agg(jsonb_build_object(''field'', r.field, ''code'', ''invalid_value'', ''message'', r.message))
    from %I.%I($1) r where not r.holds', tg_table_schema, tg_table_name || '_rules') into v_problems using new;
  perform platform.refuse_fields(coalesce(v_problems, '[]'));
  return null;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.check_rules (
  target regclass
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  execute format(
    'create trigger check_rules after insert or update on %s for each row execute function platform.check_row()',
    target);
end;
$function$;

CREATE OR REPLACE FUNCTION platform.check_setting()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_problems jsonb := '[]';
begin
  if new.problems is not null then execute format('select %s($1)', new.problems) into v_problems using new.value; end if;
  perform platform.refuse_fields(coalesce(v_problems, '[]'));
  return new;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.claim_idempotency_key (
  operation text,
  key       text,
  body      jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_hash text := md5(body::text);
  v_kept platform.idempotency_keys;
begin
  if coalesce(length(key), 0) not between 1 and 255 then
    perform platform.fail(400, 'idempotency_key_invalid', 'L''en-tête Idempotency-Key compte de 1 à 255 caractères.');
  end if;
  insert into platform.idempotency_keys (user_id, operation, key, body_hash)
    values (platform.caller_id(), operation, key, v_hash) on conflict do nothing;
  if found then return null; end if;
  select k.* into v_kept from platform.idempotency_keys k
    where k.user_id = platform.caller_id() and k.operation = claim_idempotency_key.operation
      and k.key = claim_idempotency_key.key;
  if v_kept.body_hash <> v_hash then
    perform platform.fail(409, 'idempotency_key_reused', 'Cette clé d''idempotence a déjà servi à une autre demande.',
      'Utilisez une nouvelle clé pour une nouvelle demande.');
  end if;
  return v_kept.answer;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.clean_text (
  value         text,
  several_lines boolean DEFAULT false
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  STRICT
  SET search_path TO ''
  AS $function$
declare
  v_text text := value;
begin
  if v_text <> '' and v_text !~ '[^ -~¡-¬®-ÿ]|^ | $|  ' then return v_text; end if;
  if several_lines then v_text := regexp_replace(v_text, '\r\n?|[\u000b\f\u0085\u2028\u2029]', e'\n', 'g'); end if;
  v_text := normalize(regexp_replace(v_text,
    '[\u0001-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5'
    '\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]',
    '', 'g'), nfc);
  v_text := regexp_replace(v_text, case when several_lines then '[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000]'
    else '[\t\n\u000b\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u2800\u3000]+' end, ' ', 'g');
  return nullif(btrim(v_text, e' \n'), '');
end;
$function$;

CREATE OR REPLACE FUNCTION platform.clean_texts()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_row jsonb := to_jsonb(new);
begin
  select v_row || jsonb_object_agg(a.attname, case when a.attnotnull then coalesce(t.cleaned, '') else t.cleaned end)
    into v_row
  from pg_catalog.pg_attribute a
  cross join lateral platform.clean_text(v_row ->> a.attname,
    a.attname in ('address', 'delivery_address')) as t (cleaned)
  where a.attrelid = tg_relid and a.attname = any (tg_argv);
  return jsonb_populate_record(new, v_row);
end;
$function$;

CREATE OR REPLACE FUNCTION platform.complete_profile (
  user_id uuid,
  profile jsonb
)
  RETURNS void
  LANGUAGE sql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  update platform.profiles p set
    first_name = coalesce(nullif(p.first_name, ''), profile ->> 'firstName', ''),
    last_name = coalesce(nullif(p.last_name, ''), profile ->> 'lastName', ''),
    company = coalesce(p.company, profile ->> 'company'),
    phone = coalesce(p.phone, profile ->> 'phone')
  where p.id = complete_profile.user_id;
$function$;

CREATE OR REPLACE FUNCTION platform.delivery_pause (
  attempts integer
)
  RETURNS interval
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$ select (array['5 seconds', '1 minute', '5 minutes', '30 minutes', '2 hours', '8 hours', '24 hours']::interval[])[attempts]; $function$;

CREATE OR REPLACE FUNCTION platform.details_of (
  system   text,
  kind     text,
  user_ids uuid[]
)
  RETURNS TABLE (
    user_id uuid,
    details jsonb
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_function text := (
    select case kind when 'member' then s.member_details else s.account_details end
    from platform.systems s where s.system = details_of.system);
begin
  if v_function is null then return; end if;
  return query execute format('select d.user_id, d.details from %s($1) d', v_function) using user_ids;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.discard_unproven (
  email  text,
  system text
)
  RETURNS void
  LANGUAGE sql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  delete from auth.users u
  where u.email = lower(btrim(discard_unproven.email)) and u.confirmed_at is null and u.invited_at is null
    and not exists (select from platform.memberships m where m.user_id = u.id)
    and not exists (select from platform.registrations r where r.user_id = u.id and r.system <> discard_unproven.system);
$function$;

CREATE OR REPLACE FUNCTION platform.erase_account (
  user_id uuid
)
  RETURNS text[]
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_system text;
  v_email text;
begin
  select p.email into strict v_email from platform.profiles p where p.id = erase_account.user_id;
  for v_system in
    select m.system from platform.memberships m
    where m.user_id = erase_account.user_id and m.role = any (platform.roles_of_system(m.system, true)) order by 1
  loop
    perform platform.keep_an_admin(v_system, erase_account.user_id);
  end loop;
  delete from platform.known_devices d using auth.sessions s
    where v_email <> '' and s.user_id = erase_account.user_id and d.device = platform.attempt_bucket('auth', 'device', concat_ws(' ', v_email, s.ip));
  delete from platform.session_handles h where h.user_id = erase_account.user_id;
  delete from platform.notifications n where erase_account.user_id in (n.user_id, n.about) or platform.names_address(n.message, v_email);
  delete from platform.deliveries d where lower(d.payload ->> 'to') in (lower(nullif(v_email, '')), (select nullif(p.phone, '') from platform.profiles p where p.id = erase_account.user_id));
  delete from platform.registrations r where r.user_id = erase_account.user_id;
  delete from platform.idempotency_keys k where k.user_id = erase_account.user_id;
  delete from platform.memberships m where m.user_id = erase_account.user_id;
  -- Before its address, which others learn from: of who is erased there is nothing to learn.
  update platform.profiles p set email = platform.erased_email(p.id), first_name = 'Compte', last_name = 'effacé', company = null, phone = null,
    avatar = null, display_name = null, bio = null, erased_at = now()
  where p.id = erase_account.user_id;
  return platform.erase_from_auth(erase_account.user_id, v_email);
end;
$function$;

CREATE OR REPLACE FUNCTION platform.erase_from_auth (
  user_id uuid,
  email   text
)
  RETURNS text[]
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v record;
  v_left text[] := '{}';
  v_emptied text;
begin
  for v in
    select c.oid::regclass::text as name, a.attname as known_by, has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'delete') as is_ours
    from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname in ('user_id', 'linking_target_id') and not a.attisdropped
    where c.relnamespace = 'auth'::regnamespace and c.relkind in ('r', 'p') order by c.relname <> 'sessions', c.relname
  loop
    if v.is_ours then execute format('delete from %s t where t.%I::text = $1', v.name, v.known_by) using erase_from_auth.user_id::text;
    else v_left := v_left || v.name; end if;
  end loop;
  if to_regclass('auth.audit_log_entries') is not null then
    if has_table_privilege('auth.audit_log_entries', 'select') and has_table_privilege('auth.audit_log_entries', 'delete') then
      execute 'delete from auth.audit_log_entries l where strpos(l.payload::text, $1) > 0
          or $2 <> '''' and lower($2) in (lower(l.payload ->> ''actor_username''), lower(l.payload -> ''traits'' ->> ''user_email''))'
        using erase_from_auth.user_id::text, erase_from_auth.email;
    else v_left := v_left || 'auth.audit_log_entries'::text; end if;
  end if;
  select string_agg(format('%I = ''''', a.attname), ', ') into strict v_emptied from pg_catalog.pg_attribute a
  where a.attrelid = 'auth.users'::regclass and not a.attisdropped and a.attname ~ '(^|_)(token|change)(_new|_current)?$';
  execute format('update auth.users u set %s where u.id = $1', v_emptied) using erase_from_auth.user_id;
  update auth.users u set email = platform.erased_email(u.id), encrypted_password = '', raw_user_meta_data = '{}', raw_app_meta_data = '{}',
    phone = null, last_sign_in_at = null
  where u.id = erase_from_auth.user_id;
  return v_left;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.euros (
  cents numeric
)
  RETURNS numeric
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$ begin return trim_scale(cents / 100); end; $function$;

CREATE OR REPLACE FUNCTION platform.field_problem (
  field   text,
  code    text,
  message text
)
  RETURNS jsonb
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$ select jsonb_build_array(jsonb_build_object('field', field, 'code', code, 'message', message)); $function$;

CREATE OR REPLACE FUNCTION platform.follow_registration()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$ begin perform platform.note_proof(new.id); return null; end; $function$;

CREATE OR REPLACE FUNCTION platform.found (
  target regclass,
  words  text
)
  RETURNS SETOF uuid
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_words text[] := (select array_agg(distinct platform.like_pattern(w))
    from regexp_split_to_table(btrim(words), '\s+') w where w <> '');
begin
  if cardinality(v_words) > 10 then
    perform platform.refuse_parameter('search', 'La recherche est limitée à 10 mots.');
  end if;
  return query execute format('select id from %s where %s', target, platform.policy_predicate(target))
    || coalesce((select string_agg(format(' and search_text like ($1)[%s]', i), '')
      from generate_subscripts(v_words, 1) i), '')
    using v_words;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.french_number (
  value numeric
)
  RETURNS text
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$ select replace(to_char(value, 'FM999,999,999,990'), ',', chr(160)); $function$;

CREATE OR REPLACE FUNCTION platform.french_vat_holds (
  number text
)
  RETURNS boolean
  LANGUAGE sql
  IMMUTABLE
  PARALLEL SAFE
  STRICT
  SET search_path TO ''
  AS $function$
  select (substr(number, 5, 3) = '000' or platform.luhn_holds(substr(number, 5)))
    and case when substr(number, 3, 2) ~ '^[0-9]{2}$'
      then substr(number, 3, 2)::integer = (12 + 3 * (substr(number, 5)::bigint % 97)) % 97 else true end;
$function$;

CREATE OR REPLACE FUNCTION platform.has_role (
  system text,
  role   text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return exists (
    select from platform.memberships m
    where m.user_id = auth.uid() and m.system = has_role.system and m.role = has_role.role and m.status = 'active'
  ) and not platform.session_is_over()
    or auth.role() = 'service_role' and exists (
      select from platform.system_roles r where r.system = has_role.system and r.role = has_role.role and r.administers);
end;
$function$;

CREATE OR REPLACE FUNCTION platform.held_about (
  user_id uuid,
  system  text DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select jsonb_build_object(
    'data', platform.held_in(p.places, jsonb_build_object('user', array_remove(array[held_about.user_id], null)), held_about.system),
    'files', (select coalesce(jsonb_agg(jsonb_build_object('bucket', o.bucket_id, 'path', o.name) order by o.name), '[]')
      from storage.objects o where split_part(o.name, '/', 1) = held_about.user_id::text
        and (held_about.system is null or not platform.is_elsewhere(held_about.user_id, held_about.system))),
    'afterErasure', platform.kept_in(p.places))
  from (select platform.places_for(held_about.user_id, held_about.system)) p (places);
$function$;

CREATE OR REPLACE FUNCTION platform.held_in (
  places platform.personal_place[],
  ids    jsonb,
  system text                      DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v platform.personal_place;
  v_ids uuid[];
  v_rows jsonb;
  v_found jsonb := '{}';
begin
  foreach v in array places loop
    v_ids := array(select jsonb_array_elements_text(ids -> v.whose)::uuid);
    -- Not every Supabase Auth has every table.
    continue when v.shown is null or v_ids = '{}' or to_regclass(v.relation) is null;
    if v.shown = '{}' then
      execute format('select jsonb_build_object(''count'', count(*)) from %s t where t.%I = any ($1)
        and coalesce($2 = to_jsonb(t) ->> ''system'', true)', v.relation, v.column_name) into v_rows using v_ids, held_in.system;
    else
      execute format('select coalesce(jsonb_agg(platform.camel_keys(to_jsonb(t), $2)), ''[]'') from %s t where t.%I = any ($1)
        and coalesce($3 = to_jsonb(t) ->> ''system'', true)', v.relation, v.column_name) into v_rows using v_ids, v.shown, held_in.system;
    end if;
    -- A table may know an account in two ways.
    v_found := v_found || jsonb_build_object(v.relation || case when v_found ? v.relation then '.' || v.column_name else '' end, v_rows);
  end loop;
  return v_found;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.hidden_columns (
  relation text
)
  RETURNS text[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return coalesce((
    select (string_to_array(encode(t.tgargs, 'escape'), '\000'))[2:] from pg_catalog.pg_trigger t
    where t.tgrelid = to_regclass(hidden_columns.relation) and t.tgname = 'audit'), '{}');
end;
$function$;

CREATE OR REPLACE FUNCTION platform.iban_problem (
  iban text
)
  RETURNS text
  LANGUAGE sql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
  select case
    when coalesce(c.iban, '') = '' then 'required'
    when c.iban !~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}$' then 'invalid_format'
    when platform.iban_length(left(c.iban, 2)) is null then 'unknown_country'
    when length(c.iban) <> platform.iban_length(left(c.iban, 2)) then 'invalid_length'
    -- Valid check digits are 02 to 98, although 00, 01 and 99 may have the same remainder.
    when substr(c.iban, 3, 2) not between '02' and '98'
      or platform.iban_remainder(c.iban) <> 1 then 'invalid_check_digits'
  end
  from (select platform.compact_iban(iban) as iban) c;
$function$;

CREATE OR REPLACE FUNCTION platform.iban_remainder (
  iban text
)
  RETURNS integer
  LANGUAGE sql
  IMMUTABLE
  PARALLEL SAFE
  STRICT
  SET search_path TO ''
  AS $function$
  select (string_agg(case when c ~ '[0-9]' then c else (ascii(c) - 55)::text end, ''
    order by place)::numeric % 97)::integer
  from string_to_table(substr(iban, 5) || left(iban, 4), null) with ordinality as characters (c, place);
$function$;

CREATE OR REPLACE FUNCTION platform.is_admin (
  system text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_role text;
begin
  foreach v_role in array platform.roles_of_system(system, true) loop
    if platform.has_role(system, v_role) then return true; end if;
  end loop;
  return false;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.is_elsewhere (
  user_id uuid,
  system  text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return exists (select from platform.memberships m where m.user_id = is_elsewhere.user_id and m.system <> is_elsewhere.system);
end;
$function$;

CREATE OR REPLACE FUNCTION platform.is_number (
  value    jsonb,
  lowest   numeric,
  highest  numeric,
  decimals integer
)
  RETURNS boolean
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select case when jsonb_typeof(value) = 'number' then
    value::numeric between lowest and highest and scale(trim_scale(value::numeric)) <= decimals else false end;
$function$;

CREATE OR REPLACE FUNCTION platform.is_sepa_iban (
  iban text
)
  RETURNS boolean
  LANGUAGE sql
  IMMUTABLE
  PARALLEL SAFE
  STRICT
  SET search_path TO ''
  AS $function$
  select left(platform.compact_iban(iban), 2) = any (string_to_array(
    'AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE SI SK SM VA',
    ' '));
$function$;

CREATE OR REPLACE FUNCTION platform.is_text (
  value   jsonb,
  longest integer
)
  RETURNS boolean
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$ select jsonb_typeof(value) = 'string'
  and coalesce(length(platform.clean_text(value #>> '{}', true)), 0) between 1 and longest; $function$;

CREATE OR REPLACE FUNCTION platform.is_webhook_url (
  url text
)
  RETURNS boolean
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select length(url) <= 2000 and url ~ '^(https://[a-z0-9][a-z0-9.-]*(:\d{1,5})?|http://(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?)(/[!-~]*)?$';
$function$;

CREATE OR REPLACE FUNCTION platform.is_within (
  user_id uuid,
  system  text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return auth.role() = 'service_role'
    or exists (select from platform.memberships m where m.user_id = is_within.user_id and m.system = is_within.system)
    or exists (
      select from platform.registrations r
      where r.user_id = is_within.user_id and r.system = is_within.system and r.applied_at is not null)
    or not exists (select from platform.memberships m where m.user_id = is_within.user_id);
end;
$function$;

CREATE OR REPLACE FUNCTION platform.join_systems()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if platform.apply_registrations(new.id, false, now() - interval '1 day', old.recovery_sent_at + interval '1 minute') > 0
    and platform.note_proof(new.id)
  then
    update auth.users u set encrypted_password = '', email_change = '', email_change_token_new = '', email_change_token_current = ''
    where u.id = new.id;
    delete from auth.identities i where i.user_id = new.id and i.provider <> 'email';
    delete from auth.sessions s where s.user_id = new.id;
    delete from auth.mfa_factors f where f.user_id = new.id;
  end if;
  return null;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.keep_an_admin (
  system  text,
  without uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_roles text[] := platform.roles_of_system(keep_an_admin.system, true);
begin
  -- Two admins who remove each other at once: the second one waits here, and then sees what the first one did.
  perform from platform.memberships m
  where m.system = keep_an_admin.system and m.role = any (v_roles) order by m.user_id, m.role for update;
  if exists (
    select from platform.memberships m
    where m.system = keep_an_admin.system and m.role = any (v_roles) and m.status = 'active' having bool_and(m.user_id = without)
  ) then
    perform platform.fail(409, 'last_admin', 'Cette personne est le dernier administrateur actif : elle ne peut être ni suspendue, ni effacée, ni changée de rôle.',
      format('Donnez d''abord le rôle %s à quelqu''un d''autre.', array_to_string(v_roles, ' ou ')));
  end if;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.keep_registration (
  user_id uuid,
  system  text,
  role    text,
  profile jsonb
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform platform.check_self_registration(system, role);
  insert into platform.registrations as r (user_id, system, role, profile)
  values (keep_registration.user_id, keep_registration.system, keep_registration.role, keep_registration.profile)
  on conflict on constraint registrations_pkey do update
    set role = excluded.role, profile = excluded.profile, requested_at = now(), applied_at = null;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.keep_versions (
  target regclass
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  execute format(
    'create trigger number_version before update on %s for each row execute function platform.number_version()',
    target);
  execute format(
    'create trigger keep_version after insert or update on %s for each row execute function platform.keep_version()',
    target);
end;
$function$;

CREATE OR REPLACE FUNCTION platform.kept (
  system  text,
  metric  text,
  subject text DEFAULT ''::text
)
  RETURNS bigint
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select coalesce(sum(r.value), 0)::bigint from platform.rollups r
  where r.system = kept.system and r.metric = kept.metric and r.subject = kept.subject and r.month = platform.ever();
$function$;

CREATE OR REPLACE FUNCTION platform.kept_in (
  places platform.personal_place[]
)
  RETURNS jsonb
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('what', p.relation || '.' || p.column_name, 'fate', p.fate, 'why', p.why) order by p.relation, p.column_name), '[]')
  from unnest(places) p where p.fate <> 'erased' and p.whose is not null;
$function$;

CREATE OR REPLACE FUNCTION platform.ledger_problems()
  RETURNS TABLE (
    problem  text,
    subject  text,
    expected bigint,
    found    bigint
  )
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  -- The other comparisons start from existing transfers and accounts, and so miss entries without either.
  select 'entry_of_nothing', e.transfer_id || ' ' || e.account_id, null::bigint, e.amount
  from platform.ledger_entries e
  left join platform.ledger_transfers t on t.id = e.transfer_id
  left join platform.ledger_accounts a on a.id = e.account_id
  where t.id is null or a.id is null
  union all
  select 'transfer_not_balanced', e.transfer_id::text, 0, sum(e.amount)::bigint
  from platform.ledger_entries e
  join platform.ledger_accounts a on a.id = e.account_id
  join platform.ledger_account_kinds k on k.system = a.system and k.kind = a.kind
  group by e.transfer_id, k.unit having sum(e.amount) <> 0
  union all
  select 'reversal_not_opposite', r.id || ' ' || e.account_id, 0, sum(e.amount)::bigint
  from platform.ledger_transfers r
  cross join lateral (values (r.id), (r.reverses)) both_of (id)
  join platform.ledger_entries e on e.transfer_id = both_of.id
  where r.reverses is not null group by r.id, e.account_id having sum(e.amount) <> 0
  union all
  select 'balance_not_its_entries', a.system || ' ' || a.kind || ' ' || a.owner, coalesce(e.amount, 0)::bigint,
    coalesce(b.balance, 0)::bigint
  from platform.ledger_accounts a
  left join (select account_id, sum(amount) as amount from platform.ledger_entries group by 1) e on e.account_id = a.id
  left join (select account_id, sum(balance) as balance from platform.ledger_balances
    group by 1) b on b.account_id = a.id
  where coalesce(e.amount, 0) <> coalesce(b.balance, 0)
  union all
  select 'statement_broken', a.system || ' ' || a.kind || ' ' || a.owner || ' ' || coalesce(s.number::text, '-'),
    s.expected, s.balance
  from (
    select e.account_id, e.number, e.balance, sum(e.amount) over w as expected, row_number() over w as place,
      count(*) over (partition by e.account_id) as entries
    from platform.ledger_entries e window w as (partition by e.account_id order by e.number)
  ) s
  join platform.ledger_accounts a on a.id = s.account_id
  join platform.ledger_balances b on b.account_id = s.account_id and b.guarded
  where s.number is distinct from s.place or s.balance is distinct from s.expected or s.entries <> b.entries;
$function$;

CREATE OR REPLACE FUNCTION platform.list_api_keys (
  system text
)
  RETURNS SETOF jsonb
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform platform.require_admin(system);
  return query select platform.show_api_key(k) from platform.api_keys k where k.system = list_api_keys.system order by k.id desc;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.main_role (
  user_id uuid,
  system  text
)
  RETURNS text
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select m.role from platform.memberships m join platform.system_roles r on r.system = m.system and r.role = m.role
  where m.user_id = main_role.user_id and m.system = main_role.system
  order by r.rank, r.role limit 1;
$function$;

CREATE OR REPLACE FUNCTION platform.make_api_key (
  system     text,
  name       text,
  scopes     text[],
  expires_at timestamp with time zone DEFAULT NULL::timestamp WITH time zone
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_name text := platform.clean_text(name);
  v_key text := system || '_' || encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex');
  v_made platform.api_keys;
begin
  perform platform.require_admin(system);
  perform platform.refuse_fields(
    case when coalesce(length(v_name), 0) not between 1 and 100
      then platform.field_problem('name', 'invalid_value', 'Le nom compte de 1 à 100 caractères.') else '[]' end
    || case when not coalesce(platform.are_scopes(scopes), false)
      then platform.field_problem('scopes', 'invalid_value', 'Une clé a de 1 à 50 droits, comme « commandes:lire ».') else '[]' end
    || case when expires_at <= now() then platform.field_problem('expiresAt', 'invalid_value', 'Cette date est passée.') else '[]' end);
  insert into platform.api_keys (system, name, prefix, hash, scopes, created_by, expires_at)
  values (make_api_key.system, v_name, left(v_key, length(system) + 7), sha256(convert_to(v_key, 'utf8')), make_api_key.scopes, auth.uid(), make_api_key.expires_at)
  returning * into v_made;
  return platform.show_api_key(v_made) || jsonb_build_object('key', v_key);
end;
$function$;

CREATE OR REPLACE FUNCTION platform.mark_delivered (
  deliveries uuid[]
)
  RETURNS void
  LANGUAGE sql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  update platform.deliveries d set delivered_at = now(), failed_at = null, error = null,
    payload = case when d.kind = 'webhook' then d.payload else '{}' end
  where d.id = any (mark_delivered.deliveries) and d.delivered_at is null;
$function$;

CREATE OR REPLACE FUNCTION platform.mark_failed (
  delivery uuid,
  attempt  integer,
  error    text,
  final    boolean DEFAULT false
)
  RETURNS boolean
  LANGUAGE sql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  update platform.deliveries d set error = mark_failed.error,
    available_at = now() + coalesce(platform.delivery_pause(d.attempts), interval '0'),
    failed_at = case when final or platform.delivery_pause(d.attempts) is null then now() end
  where d.id = mark_failed.delivery and d.attempts = mark_failed.attempt and d.delivered_at is null and d.failed_at is null
  returning d.failed_at is not null;
$function$;

CREATE OR REPLACE FUNCTION platform.mask_phone (
  phone text
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  STRICT
  SET search_path TO ''
  AS $function$
begin
  return case
    when phone = '' then ''
    -- Almost every number has this form; the general case takes three times as long.
    when phone like '+33 _ __ __ __ __' then left(phone, 5) || ' •• •• •• ' || right(phone, 2)
    when phone ~ '^\+33' then regexp_replace(
      '+33 ' || substring(regexp_replace(phone, '\D', '', 'g') from 3 for 1) || ' •• •• •• '
        || right(regexp_replace(phone, '\D', '', 'g'), 2),
      '\s+', ' ', 'g')
    else ltrim(coalesce(substring(phone from '^\+\d{1,3}(?=\D)'), '') || ' •• •• •• '
      || right(regexp_replace(phone, '\D', '', 'g'), 2))
  end;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.member (
  user_id uuid,
  system  text
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$ select m from platform.member_rows(system, null, null, 1, 0, user_id) m; $function$;

CREATE OR REPLACE FUNCTION platform.member_named (
  system text,
  id     text
)
  RETURNS uuid
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_uuid uuid;
  v_user uuid;
begin
  -- First of all: whoever may not ask must not learn who exists.
  perform platform.require_admin(system);
  if pg_input_is_valid(id, 'uuid') then v_uuid := id; end if;
  select p.id into v_user from platform.profiles p
  where p.reference = member_named.id or p.id = v_uuid
    or p.id = (select u.id from auth.users u where u.email = lower(member_named.id) limit 1);
  perform platform.require_within(v_user, system);
  return v_user;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.member_rows (
  system      text,
  search      text,
  role_filter text,
  page_size   integer,
  page_offset integer,
  only_id     uuid
)
  RETURNS SETOF jsonb
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  with found as (
    select p.id, p.created_at, r.role as asked, u.email_confirmed_at, u.last_sign_in_at
    from platform.profiles p join auth.users u on u.id = p.id
    left join platform.registrations r on r.user_id = p.id and r.system = member_rows.system and r.applied_at is null and u.email_confirmed_at is null
    where case
        when role_filter = 'none' then r.user_id is null and not exists (select from platform.memberships m where m.user_id = p.id)
        else r.user_id is not null and (role_filter is null or r.role = role_filter)
          or exists (
            select from platform.memberships m
            where m.user_id = p.id and m.system = member_rows.system and (role_filter is null or m.role = role_filter)) end
      and (only_id is null or p.id = only_id)
      and platform.searched_text(p.first_name, p.last_name, p.company, p.email) like all (array(
        select platform.like_pattern(w) from regexp_split_to_table(btrim(search), '\s+') w where w <> ''))
    order by p.created_at desc, p.id desc
    limit page_size offset page_offset
  ), shown as (
    select f.*, platform.member_status(f.id, member_rows.system, f.email_confirmed_at) as status from found f
  )
  select platform.account_of(s.id, member_rows.system) || jsonb_build_object('status', s.status,
      'createdAt', platform.iso_timestamp(s.created_at), 'lastSignInAt', platform.iso_timestamp(s.last_sign_in_at),
      'emailConfirmedAt', platform.iso_timestamp(s.email_confirmed_at))
    || case when s.asked is not null then jsonb_build_object('role', coalesce(platform.main_role(s.id, member_rows.system), s.asked)) else '{}' end
    || case when s.status = 'active' then coalesce(d.details, '{}') else coalesce(d.details - 'status', '{}') end
  from shown s left join platform.details_of(member_rows.system, 'member', array(select f.id from found f)) d on d.user_id = s.id
  order by s.created_at desc, s.id desc;
$function$;

CREATE OR REPLACE FUNCTION platform.member_status (
  user_id            uuid,
  system             text,
  email_confirmed_at timestamp with time zone
)
  RETURNS text
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select case
    when bool_and(m.status = 'suspended') then 'suspended'
    when email_confirmed_at is null then 'unconfirmed'
    when bool_and(m.status <> 'active') then 'pending'
    else 'active' end
  from platform.memberships m where m.user_id = member_status.user_id and m.system = member_status.system;
$function$;

CREATE OR REPLACE FUNCTION platform.members (
  system      text,
  search      text,
  role_filter text,
  page_size   integer,
  page_offset integer
)
  RETURNS SETOF jsonb
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform platform.require_admin(system);
  return query select m from platform.member_rows(system, search, role_filter, page_size, page_offset, null) m;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.month_label (
  month date
)
  RETURNS text
  LANGUAGE sql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
  select (array['Jan', 'Fév', 'Mar', 'Avr', 'Mai', 'Juin', 'Juil', 'Août', 'Sep', 'Oct', 'Nov', 'Déc'])[extract(month
    from month)::integer];
$function$;

CREATE OR REPLACE FUNCTION platform.monthly (
  system  text,
  metrics text[],
  subject text   DEFAULT ''::text
)
  RETURNS TABLE (
    month  date,
    label  text,
    metric text,
    value  numeric
  )
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  ROWS 24
  SET search_path TO ''
  AS $function$
  with figures as (
    select r.month, r.metric, r.value::numeric, null::text as label from platform.rollups r
    where r.system = monthly.system and r.metric = any (metrics) and r.subject = monthly.subject
      and r.month > platform.ever()
    union all
    select o.month, o.figure, o.value, o.label from platform.opening_figures o
    where o.system = monthly.system and o.figure = any (metrics) and o.subject = monthly.subject
      and o.month > platform.ever()
  ), by_month as (
    select f.month, f.metric, sum(f.value) as value, max(f.label) as label from figures f group by f.month, f.metric
  ), span as (
    select max(b.month) as newest, greatest(min(b.month), max(b.month) - interval '5 months')::date as oldest
    from by_month b where b.label is not null or b.value <> 0
  )
  select m.month::date, coalesce(max(b.label) over (partition by m.month), platform.month_label(m.month::date)),
    k.metric, coalesce(b.value, 0)
  from span
  cross join lateral generate_series(span.oldest, span.newest, interval '1 month') as m (month)
  cross join unnest(metrics) as k (metric)
  left join by_month b on b.month = m.month::date and b.metric = k.metric
  order by m.month;
$function$;

CREATE OR REPLACE FUNCTION platform.my_account (
  system text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_account jsonb;
begin
  if auth.uid() is null then
    perform platform.fail(401, 'authentication_required', 'Connectez-vous pour accéder à cette ressource.');
  end if;
  perform platform.refuse_suspended(system);
  v_account := platform.account_of(auth.uid(), system);
  if v_account is null then
    perform platform.fail(401, 'invalid_token', 'Le jeton d''authentification est invalide. Reconnectez-vous.');
  end if;
  return v_account || coalesce((select d.details from platform.details_of(system, 'account', array[auth.uid()]) d), '{}');
end;
$function$;

CREATE OR REPLACE FUNCTION platform.names_address (
  said  text,
  email text
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  if strpos(lower(said), lower(nullif(email, ''))) > 0 then
    return lower(said) ~ ('(^|[^[:alnum:]._%+-]|\\[bfnrt]|\\u[0-9a-f]{4})'
      || regexp_replace(lower(email), '([].*+?^${}()|\\[])', '\\\1', 'g') || '($|[^[:alnum:].-]|[.-]+($|[^[:alnum:].-]))');
  end if;
  return false;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.next_target_day (
  day date
)
  RETURNS date
  LANGUAGE sql
  IMMUTABLE
  PARALLEL SAFE
  STRICT
  SET search_path TO ''
  AS $function$
  -- The longest closure, Good Friday to Easter Monday or Christmas with a weekend, has four days.
  select min(day + n) from generate_series(0, 5) n where platform.is_target_day(day + n);
$function$;

CREATE OR REPLACE FUNCTION platform.note_proof (
  user_id uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  update platform.profiles p set proven_at = now() where p.id = note_proof.user_id and p.proven_at is null;
  return found;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.notify (
  user_id uuid,
  system  text,
  type    text,
  title   text,
  message text,
  about   uuid DEFAULT NULL::uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  insert into platform.notifications (user_id, system, type, title, message, about)
  select notify.user_id, notify.system, notify.type, notify.title, notify.message, notify.about
  where notify.user_id is not null;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.open_accounts (
  system text,
  lines  platform.ledger_line[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  insert into platform.ledger_accounts (system, kind, owner)
  select distinct open_accounts.system, l.kind, coalesce(l.owner, '00000000-0000-0000-0000-000000000000')
  from unnest(lines) l
  where l.amount <> 0 and not exists (
    select from platform.ledger_accounts a
    where a.system = open_accounts.system and a.kind = l.kind
      and a.owner = coalesce(l.owner, '00000000-0000-0000-0000-000000000000')
  )
  on conflict do nothing;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.open_guarded_balance()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  insert into platform.ledger_balances (account_id, guarded)
  select new.id, true from platform.ledger_account_kinds k
  where k.system = new.system and k.kind = new.kind and k.guarded;
  return null;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.opening (
  system  text,
  figure  text,
  subject text DEFAULT ''::text,
  month   date DEFAULT platform.ever()
)
  RETURNS numeric
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select coalesce((select o.value from platform.opening_figures o
    where o.system = opening.system and o.figure = opening.figure and o.subject = opening.subject
      and o.month = opening.month), 0);
$function$;

CREATE OR REPLACE FUNCTION platform.own_webhook (
  id uuid
)
  RETURNS platform.webhook_endpoints
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_endpoint platform.webhook_endpoints;
begin
  perform platform.require_caller();
  select e.* into v_endpoint from platform.webhook_endpoints e where e.id = own_webhook.id and platform.is_admin(e.system) for update;
  if not found then perform platform.fail(404, 'webhook_not_found', 'Ce webhook n''existe pas.'); end if;
  return v_endpoint;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.paris_month (
  at timestamp with time zone
)
  RETURNS date
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$ begin return date_trunc('month', at at time zone 'Europe/Paris')::date; end; $function$;

CREATE OR REPLACE FUNCTION platform.paris_today()
  RETURNS date
  LANGUAGE plpgsql
  STABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$ begin return (now() at time zone 'Europe/Paris')::date; end; $function$;

CREATE OR REPLACE FUNCTION platform.personal_data()
  RETURNS SETOF platform.personal_place
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select d.relation, d.column_name, d.whose, d.shown::text[], d.fate, platform.why_kept(d.why)
  from (values
    ('platform.profiles', 'id', 'user', '{reference,email,first_name,last_name,company,phone,display_name,bio,avatar,created_at}', 'pseudonym', 'proof'),
    ('platform.profiles', 'email', 'user', null, 'pseudonym', 'proof'),
    ('platform.memberships', 'user_id', 'user', '{system,role,status,created_at}', 'erased', null),
    ('platform.registrations', 'user_id', 'user', '{system,role,profile,requested_at,applied_at}', 'erased', null),
    ('platform.notifications', 'user_id', 'user', '{type,title,message,read,created_at}', 'erased', null),
    ('platform.notifications', 'about', 'user', '{}', 'erased', null),
    ('platform.session_handles', 'user_id', 'user', '{created_at,expires_at}', 'erased', null),
    ('platform.idempotency_keys', 'user_id', 'user', '{operation,created_at}', 'erased', null),
    ('platform.ledger_accounts', 'owner', 'user', '{kind,created_at}', 'kept', 'books'),
    ('platform.ledger_transfers', 'actor', 'user', '{kind,created_at}', 'kept', 'books'),
    ('platform.audit_log', 'actor', 'user', '{at,relation,operation}', 'kept', 'proof'),
    ('platform.row_versions', 'changed_by', 'user', '{relation,version,valid_from}', 'kept', 'proof'),
    ('platform.settings', 'updated_by', 'user', '{system,section,updated_at}', 'kept', 'proof'),
    ('platform.api_keys', 'created_by', 'user', '{system,name,created_at}', 'kept', 'proof'),
    ('platform.api_keys', 'revoked_by', 'user', '{system,name,revoked_at}', 'kept', 'proof'),
    ('auth.users', 'id', 'user', '{email,email_change,phone,phone_change,created_at,email_confirmed_at,last_sign_in_at}', 'pseudonym', 'proof'),
    ('auth.sessions', 'user_id', 'user', '{created_at,updated_at,ip,user_agent}', 'erased', null),
    ('auth.identities', 'user_id', 'user', '{provider,created_at,last_sign_in_at}', 'erased', null),
    ('auth.mfa_factors', 'user_id', 'user', '{friendly_name,factor_type,status,created_at}', 'erased', null)
  ) as d (relation, column_name, whose, shown, fate, why);
$function$;

CREATE OR REPLACE FUNCTION platform.places_for (
  user_id uuid,
  system  text
)
  RETURNS platform.personal_place[]
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select array(select p from platform.personal_data() p
    where places_for.system is null or p.relation = 'platform.profiles'
      or not platform.is_elsewhere(places_for.user_id, places_for.system)
      or exists (select from pg_catalog.pg_attribute a where a.attrelid = to_regclass(p.relation) and a.attname = 'system' and not a.attisdropped));
$function$;

CREATE OR REPLACE FUNCTION platform.policy_predicate (
  target regclass
)
  RETURNS text
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_role text := coalesce(auth.role(), 'anon');
  v_predicates text[];
  v_plain boolean;
begin
  if v_role = 'service_role' then return 'true'; end if;
  select array_agg('(' || pg_get_expr(p.polqual, p.polrelid) || ')'), bool_and(p.polpermissive) into v_predicates, v_plain
  from pg_catalog.pg_policy p
  where p.polrelid = target and p.polcmd in ('r', '*')
    and (p.polroles = '{0}' or p.polroles @> array[(select oid from pg_catalog.pg_roles
      where rolname = case v_role when 'authenticated' then 'authenticated' else 'anon' end)]);
  if cardinality(v_predicates) > 1 or not v_plain then
    raise exception '% is searched by one permissive select policy for each role, and has others', target;
  end if;
  return coalesce(v_predicates[1], 'false');
end;
$function$;

CREATE OR REPLACE FUNCTION platform.post_transfer (
  system   text,
  kind     text,
  key      text,
  lines    platform.ledger_line[],
  reverses uuid                   DEFAULT NULL::uuid
)
  RETURNS uuid
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_transfer uuid := platform.uuid_v7();
begin
  perform platform.open_accounts(system, lines);
  insert into platform.ledger_transfers (id, system, kind, key, reverses, actor)
    values (v_transfer, system, kind, key, reverses, auth.uid());
  insert into platform.ledger_entries (transfer_id, account_id, amount)
  select v_transfer, a.id, sum(l.amount)
  from unnest(lines) l
  join platform.ledger_accounts a on a.system = post_transfer.system and a.kind = l.kind
    and a.owner = coalesce(l.owner, '00000000-0000-0000-0000-000000000000')
  group by a.id having sum(l.amount) <> 0
  -- All functions lock balances in this order.
  order by a.id;
  return v_transfer;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.prove_address()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  -- Whatever was opened or set up before may be somebody else's. The session of this proof comes afterwards.
  if old.confirmed_at is null then
    delete from auth.sessions s where s.user_id = new.id;
    delete from auth.mfa_factors f where f.user_id = new.id;
    if coalesce(new.encrypted_password, '') = '' then perform platform.note_proof(new.id); end if;
  end if;
  perform platform.apply_registrations(new.id, true, '-infinity', 'infinity');
  return null;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.publish (
  view    regclass,
  readers text[]   DEFAULT '{authenticated}'::text[],
  writes  text[]   DEFAULT '{}'::text[],
  inserts text[]   DEFAULT '{}'::text[],
  deletes boolean  DEFAULT false
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_columns text;
  v_table regclass;
begin
  if obj_description(view, 'pg_class') is null then
    raise exception '% has no comment: say what it answers', view;
  end if;
  if not coalesce((select c.reloptions @> '{security_invoker=true}' from pg_catalog.pg_class c where c.oid = view),
    false) then
    raise exception '% does not run with its caller''s rights (security_invoker = true)', view;
  end if;
  execute format('revoke all on %s from public, anon, authenticated', view);
  execute format('grant select on %s to %s, service_role', view, array_to_string(readers, ', '));
  if pg_relation_is_updatable(view, true) = 0 then
    execute format(
      'create trigger refuse_write instead of insert or update or delete on %s for each row execute function platform.refuse_write()',
      view);
  end if;
  if cardinality(writes || inserts) = 0 and not deletes then return; end if;

  v_table := platform.table_behind(view);
  if cardinality(writes) > 0 then
    v_columns := (select string_agg(quote_ident(w), ', ') from unnest(writes) w);
    execute format('grant update (%s) on %s to authenticated, service_role', v_columns, view);
    v_columns := (select string_agg(quote_ident(platform.snake_case(w)), ', ') from unnest(writes) w);
    execute format('grant update (%s) on %s to authenticated, service_role', v_columns, v_table);
  end if;
  if cardinality(inserts) > 0 then
    v_columns := (select string_agg(quote_ident(i), ', ') from unnest(inserts) i);
    execute format('grant insert (%s) on %s to authenticated, service_role', v_columns, view);
    v_columns := (select string_agg(quote_ident(platform.snake_case(i)), ', ') from unnest(inserts) i);
    execute format('grant insert (%s) on %s to authenticated, service_role', v_columns, v_table);
  end if;
  if deletes then execute format('grant delete on %s, %s to authenticated, service_role', view, v_table); end if;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.refuse_costly_query()
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION platform.refuse_erased()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_erased_at timestamptz;
begin
  select p.erased_at into v_erased_at from platform.profiles p where p.id = new.user_id for share;
  if v_erased_at is not null then perform platform.fail(403, 'account_erased', 'Ce compte a été effacé.'); end if;
  return new;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.refuse_fields (
  problems jsonb
)
  RETURNS void
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  if problems <> '[]' then
    perform platform.fail(422, 'invalid_fields', 'Certains champs sont invalides.', problems::text);
  end if;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.refuse_parameter (
  field   text,
  message text
)
  RETURNS void
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  perform platform.fail(400, 'invalid_parameter', message, field);
end;
$function$;

CREATE OR REPLACE FUNCTION platform.refuse_suspended (
  system text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_suspended boolean;
  v_inactive boolean;
begin
  select bool_and(m.status = 'suspended'), bool_and(m.status <> 'active') into v_suspended, v_inactive
  from platform.memberships m where m.user_id = (select auth.uid()) and m.system = refuse_suspended.system;
  if v_suspended then
    perform platform.fail(403, 'account_suspended', 'Votre compte est suspendu.', 'Contactez l''administrateur.');
  elsif v_inactive then
    perform platform.fail(403, 'account_pending', 'Votre inscription attend d''être acceptée par un administrateur.');
  end if;
  return true;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.refuse_write()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform platform.fail(405, 'read_only', 'Cette liste ne peut qu''être lue.');
end;
$function$;

CREATE OR REPLACE FUNCTION platform.register (
  user_id uuid,
  system  text,
  role    text,
  profile jsonb
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  -- Locked: nobody proves the address while this is being written.
  perform from auth.users u where u.id = register.user_id and u.email_confirmed_at is null for update;
  if not found then perform platform.fail(409, 'already_registered', 'Ce compte existe déjà.'); end if;
  perform platform.keep_registration(user_id, system, role, profile);
end;
$function$;

CREATE OR REPLACE FUNCTION platform.register_again (
  email   text,
  system  text,
  role    text,
  profile jsonb
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_user uuid;
begin
  select u.id into v_user from auth.users u
  where u.email = lower(btrim(register_again.email)) and not u.is_sso_user and u.email_confirmed_at is null and u.invited_at is null
    and not exists (select from platform.memberships m where m.user_id = u.id)
  for update;
  if v_user is null then return platform.ask_to_join(email, system, role, profile); end if;
  perform platform.register(v_user, system, role, profile);
  update auth.users u set encrypted_password = '' where u.id = v_user;
  return true;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.register_member (
  user_id uuid,
  system  text,
  role    text
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform platform.check_self_registration(system, role);
  insert into platform.memberships (user_id, system, role, status)
  select register_member.user_id, r.system, r.role, case when r.needs_acceptance then 'pending' else 'active' end
  from platform.system_roles r where r.system = register_member.system and r.role = register_member.role
  on conflict do nothing;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.remove_one_by_one (
  rule  platform.retention_rules,
  batch integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_row record;
  v_count integer := 0;
begin
  for v_row in execute format('select ctid from %1$s where %2$I < now() - $1 and (%3$s) order by %2$I for update skip locked',
    rule.relation::regclass, rule.since, rule.condition) using rule.term
  loop
    begin
      execute format('delete from %s where ctid = $1', rule.relation::regclass) using v_row.ctid;
      v_count := v_count + 1;
    exception
      when foreign_key_violation or restrict_violation then null;
    end;
    exit when v_count = batch;
  end loop;
  return v_count;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.remove_outdated (
  batch integer  DEFAULT 1000,
  rest  interval DEFAULT '00:10:00'::interval
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_rule platform.retention_rules;
  v_count integer;
  v_removed jsonb := '{}';
begin
  for v_rule in
    select r.* from platform.retention_rules r where r.checked_at <= now() - rest order by r.relation, r.since for update skip locked
  loop
    begin
      execute format('delete from %1$s where ctid = any (array(
          select ctid from %1$s where %2$I < now() - $1 and (%3$s) order by %2$I limit $2 for update skip locked))',
        v_rule.relation::regclass, v_rule.since, v_rule.condition) using v_rule.term, batch;
      get diagnostics v_count = row_count;
    exception
      when foreign_key_violation or restrict_violation then
        raise warning 'Rows of % are referred to and stay', v_rule.relation;
        v_count := platform.remove_one_by_one(v_rule, batch);
    end;
    if v_count > 0 then
      v_removed := v_removed || jsonb_build_object(v_rule.relation, v_count + coalesce((v_removed ->> v_rule.relation)::integer, 0));
    end if;
    if v_count < batch then
      update platform.retention_rules r set checked_at = now() where r.relation = v_rule.relation and r.since = v_rule.since;
    end if;
  end loop;
  return v_removed;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.remove_webhook (
  id uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform platform.own_webhook(remove_webhook.id);
  delete from platform.webhook_endpoints e where e.id = remove_webhook.id;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.require_admin (
  system text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$ begin return platform.require_role(system, variadic platform.roles_of_system(system, true)); end; $function$;

CREATE OR REPLACE FUNCTION platform.require_attempt (
  system  text,
  rule    text,
  subject text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_wait integer := platform.take_attempts(system, array[rule], array[subject]);
begin
  if v_wait > 0 then
    perform platform.fail(429, 'too_many_attempts', format('Trop de tentatives. Réessayez dans %s.',
      case when v_wait < 120 then v_wait || ' secondes' else ceil(v_wait / 60.0) || ' minutes' end), v_wait::text);
  end if;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.require_caller()
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if auth.uid() is null and auth.role() is distinct from 'service_role' then
    perform platform.fail(401, 'authentication_required', 'Connectez-vous pour accéder à cette ressource.');
  end if;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.require_member (
  system text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$ begin return platform.require_role(system, variadic platform.roles_of_system(system, false)); end; $function$;

CREATE OR REPLACE FUNCTION platform.require_within (
  user_id uuid,
  system  text
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if user_id is null or not platform.is_within(user_id, system) then
    perform platform.fail(404, 'user_not_found', 'Cet utilisateur n''existe pas.');
  end if;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.retain (
  target    regclass,
  since     text,
  term      interval,
  condition text     DEFAULT 'true'::text
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$
  insert into platform.retention_rules (relation, since, term, condition) values (target::text, retain.since, retain.term, retain.condition);
$function$;

CREATE OR REPLACE FUNCTION platform.retry_delivery (
  id uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform platform.require_caller();
  update platform.deliveries d set attempts = 0, available_at = now(), deliver_before = null, delivered_at = null, failed_at = null, error = null
  where d.id = retry_delivery.id and platform.is_admin(d.system) and (d.kind = 'webhook' or auth.role() = 'service_role')
    and (d.failed_at is not null or d.delivered_at is not null and d.kind = 'webhook');
  if not found then
    perform platform.fail(404, 'delivery_not_found', 'Cet envoi n''existe pas, ou n''est pas à refaire.');
  end if;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.reverse_transfer (
  transfer uuid,
  kind     text,
  key      text
)
  RETURNS uuid
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_system text;
  v_lines platform.ledger_line[];
begin
  -- A transfer of zero has no entries, and can be reversed like any other.
  select t.system, array_agg((a.kind, a.owner, -e.amount)::platform.ledger_line) filter (where e.amount is not null)
    into strict v_system, v_lines
  from platform.ledger_transfers t
  left join platform.ledger_entries e on e.transfer_id = t.id
  left join platform.ledger_accounts a on a.id = e.account_id
  where t.id = reverse_transfer.transfer group by t.system;
  return platform.post_transfer(v_system, kind, key, v_lines, transfer);
end;
$function$;

CREATE OR REPLACE FUNCTION platform.revoke_api_key (
  system text,
  id     uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_key platform.api_keys;
begin
  perform platform.require_admin(system);
  update platform.api_keys k set revoked_at = now(), revoked_by = auth.uid()
  where k.id = revoke_api_key.id and k.system = revoke_api_key.system and k.revoked_at is null;
  select * into v_key from platform.api_keys k where k.id = revoke_api_key.id and k.system = revoke_api_key.system;
  if not found then perform platform.fail(404, 'api_key_not_found', 'Cette clé n''existe pas.'); end if;
  return platform.show_api_key(v_key);
end;
$function$;

CREATE OR REPLACE FUNCTION platform.roles_of_system (
  system        text,
  administering boolean
)
  RETURNS text[]
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return array(
    select r.role from platform.system_roles r
    where r.system = roles_of_system.system and (r.administers or not administering) order by r.rank, r.role);
end;
$function$;

CREATE OR REPLACE FUNCTION platform.schedule_outbox (
  url   text,
  key   text,
  every text DEFAULT '10 seconds'::text
)
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if to_regprocedure('cron.schedule(text, text, text)') is null or to_regprocedure('vault.create_secret(text, text, text, uuid)') is null
    or not exists (select from pg_catalog.pg_proc p where p.pronamespace = to_regnamespace('net') and p.proname = 'http_post') then
    return false;
  end if;
  execute 'delete from vault.secrets where name = $1' using 'outbox_key';
  execute 'select vault.create_secret($1, $2, $3, null)' using key, 'outbox_key', 'Key with which pg_cron calls the function outbox';
  execute 'select cron.schedule($1, $2, $3)' using 'outbox', every, format(
    'select net.http_post(url := %L, headers := jsonb_build_object(''apikey'', (select decrypted_secret from vault.decrypted_secrets where name = ''outbox_key'')), timeout_milliseconds := 60000)',
    url);
  return true;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.send_message (
  kind           text,
  system         text,
  topic          text,
  payload        jsonb,
  deliver_before timestamp with time zone DEFAULT NULL::timestamp WITH time zone
)
  RETURNS uuid
  LANGUAGE sql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  insert into platform.deliveries (kind, system, topic, payload, deliver_before)
    values (send_message.kind, send_message.system, send_message.topic, send_message.payload, send_message.deliver_before)
  returning id;
$function$;

CREATE OR REPLACE FUNCTION platform.set_webhook_status (
  id     uuid,
  status text
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform platform.own_webhook(set_webhook_status.id);
  update platform.webhook_endpoints e set status = set_webhook_status.status where e.id = set_webhook_status.id;
exception
  when check_violation or not_null_violation then
    perform platform.fail(422, 'invalid_status', 'Un webhook est « active » ou « paused ».');
end;
$function$;

CREATE OR REPLACE FUNCTION platform.setting (
  system  text,
  section text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$ begin return (select s.value from platform.settings s where s.system = setting.system and s.section = setting.section); end; $function$;

CREATE OR REPLACE FUNCTION platform.show_api_key (
  api_key platform.api_keys
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select jsonb_build_object('id', api_key.id, 'name', api_key.name, 'prefix', api_key.prefix, 'scopes', api_key.scopes,
    'createdBy', api_key.created_by, 'createdAt', platform.iso_timestamp(api_key.created_at), 'expiresAt', platform.iso_timestamp(api_key.expires_at),
    'lastUsedOn', api_key.last_used_on, 'revokedBy', api_key.revoked_by, 'revokedAt', platform.iso_timestamp(api_key.revoked_at));
$function$;

CREATE OR REPLACE FUNCTION platform.shown_email (
  email text
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  STRICT
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_label text;
  v_labels text[] := '{}';
begin
  if email not like '%xn--%' then return email; end if;
  foreach v_label in array string_to_array(split_part(email, '@', 2), '.') loop
    -- A label that cannot be encoded back to the same punycode is shown unchanged.
    if v_label like 'xn--%' and platform.punycode(platform.from_punycode(substr(v_label, 5))) = substr(v_label, 5) then
      v_label := platform.from_punycode(substr(v_label, 5));
    end if;
    v_labels := v_labels || v_label;
  end loop;
  return split_part(email, '@', 1) || '@' || array_to_string(v_labels, '.');
end;
$function$;

CREATE OR REPLACE FUNCTION leads.show_lead (
  reference text
)
  RETURNS public.leads
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_lead public.leads;
begin
  select l.* into v_lead from public.leads l where l.id = show_lead.reference;
  perform set_config('response.headers',
    jsonb_build_array(jsonb_build_object('ETag', '"' || v_lead."updatedAt" || '"'))::text, true);
  return v_lead;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.sign_in_address (
  system     text,
  identifier text
)
  RETURNS text
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$ select u.email from auth.users u where u.id = platform.account_named(system, identifier); $function$;

CREATE OR REPLACE FUNCTION platform.sign_setting()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  new.updated_at := now();
  new.updated_by := auth.uid();
  return new;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.snake_case (
  name text
)
  RETURNS text
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$ select lower(regexp_replace(name, '([A-Z])', '_\1', 'g')); $function$;

CREATE OR REPLACE FUNCTION platform.spread_events (
  batch integer DEFAULT 500
)
  RETURNS integer
  LANGUAGE sql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  with due as materialized (
    select o.id from platform.outbox o where o.delivered_at is null order by o.id limit batch for update skip locked
  ), told as (
    update platform.outbox o set delivered_at = now() from due where o.id = due.id returning o.*
  ), written as (
    insert into platform.deliveries (kind, system, topic, payload, endpoint_id, event_id, created_at)
    select 'webhook', t.system, t.topic, t.payload, e.id, t.id, t.created_at
    from told t join platform.webhook_endpoints e on e.system = t.system and (e.events = '{*}' or t.topic = any (e.events))
    where e.created_at <= t.created_at
    on conflict (endpoint_id, event_id) do nothing
  )
  select count(*)::integer from told;
$function$;

CREATE OR REPLACE FUNCTION platform.table_behind (
  view regclass
)
  RETURNS regclass
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_tables regclass[];
begin
  select array_agg(distinct d.refobjid::regclass) into v_tables
  from pg_catalog.pg_rewrite r
  join pg_catalog.pg_depend d on d.objid = r.oid and d.classid = 'pg_rewrite'::regclass
    and d.refclassid = 'pg_class'::regclass
  join pg_catalog.pg_class c on c.oid = d.refobjid and c.relkind in ('r', 'p')
  where r.ev_class = view;
  if cardinality(v_tables) is distinct from 1 then
    raise exception '% is not over one table: what is written through it must be a function', view;
  end if;
  return v_tables[1];
end;
$function$;

CREATE OR REPLACE FUNCTION platform.take_deliveries (
  batch integer  DEFAULT 50,
  lease interval DEFAULT '00:01:00'::interval,
  busy  text[]   DEFAULT '{}'::text[]
)
  RETURNS SETOF platform.deliveries
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform platform.spread_events();
  update platform.deliveries d set failed_at = now(), error = case when d.deliver_before <= now() then 'expired' else 'abandoned' end
  where d.delivered_at is null and d.failed_at is null and d.available_at <= now()
    and (d.deliver_before <= now() or platform.delivery_pause(d.attempts) is null and d.attempts > 0);
  return query
    with lanes as (
      select e.id::text as lane from platform.webhook_endpoints e where e.status = 'active'
      union all select unnest(array['mail', 'sms'])
    ), due as materialized (
      select next.id from lanes l cross join lateral (
        select d.id, d.available_at from platform.deliveries d
        where d.lane = l.lane and d.delivered_at is null and d.failed_at is null and d.available_at <= now()
        order by d.available_at, d.id limit greatest(batch / 10, 1) for update skip locked
      ) next
      where l.lane <> all (busy)
      order by next.available_at limit batch
    )
    update platform.deliveries d set attempts = d.attempts + 1, available_at = now() + lease from due where d.id = due.id returning d.*;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.take_number (
  system text,
  series text,
  year   integer DEFAULT NULL::integer
)
  RETURNS platform.document_numbers
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_today date := (clock_timestamp() at time zone 'Europe/Paris')::date;
  v_taken platform.document_numbers;
begin
  insert into platform.document_numbers as n (system, series, year, last_number, last_day)
  values (take_number.system, take_number.series, coalesce(take_number.year, extract(year from v_today)), 1, v_today)
  on conflict on constraint document_numbers_pkey do update
    set last_number = n.last_number + 1, last_day = greatest(n.last_day, excluded.last_day)
  returning n.* into v_taken;
  return v_taken;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.tell_system (
  system  text,
  user_id uuid,
  role    text,
  event   text
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_function text := (select s.on_member from platform.systems s where s.system = tell_system.system);
begin
  if v_function is null then return; end if;
  execute format('select %s($1, $2, $3)', v_function) using tell_system.user_id, tell_system.role, tell_system.event;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.test_webhook (
  id uuid
)
  RETURNS uuid
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_endpoint platform.webhook_endpoints := platform.own_webhook(test_webhook.id);
  v_delivery uuid;
begin
  insert into platform.deliveries (kind, system, topic, payload, endpoint_id, event_id)
    values ('webhook', v_endpoint.system, 'webhook.test', '{}', v_endpoint.id, platform.uuid_v7()) returning deliveries.id into v_delivery;
  return v_delivery;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.trimmed (
  value text
)
  RETURNS text
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select btrim(value,
    e' \t\n\u000b\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u200b\u2060\ufeff');
$function$;

CREATE OR REPLACE FUNCTION platform.uuid_v7 (
  at timestamp with time zone DEFAULT clock_timestamp()
)
  RETURNS uuid
  LANGUAGE plpgsql
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
declare
  v_microseconds bigint := round(date_part('epoch', at) * 1000000);
begin
  -- 28672 is 0x7000, the version; the variant is in the random half.
  return encode(int8send(v_microseconds / 1000 << 16 | 28672 + v_microseconds % 1000 * 4096 / 1000)
    || substring(uuid_send(gen_random_uuid()) from 9), 'hex');
end;
$function$;

CREATE OR REPLACE FUNCTION platform.vat_of (
  lines    platform.vat_line[],
  included boolean             DEFAULT false
)
  RETURNS TABLE (
    rate_bp     integer,
    net_cents   bigint,
    vat_cents   bigint,
    gross_cents bigint
  )
  LANGUAGE plpgsql
  IMMUTABLE
  ROWS 3
  SET search_path TO ''
  AS $function$
begin
  if exists (select from unnest(lines) l where l.cents is null or l.rate_bp is null or l.rate_bp not between 0 and 10000) then
    perform platform.fail(422, 'invalid_vat_line', 'Une ligne n''a pas de montant ou pas de taux de TVA entre 0 et 100 %.');
  end if;
  return query select r.rate_bp, r.net, r.gross - r.net, r.gross from (
    select s.rate_bp, case when included then round(s.cents * 10000 / (10000 + s.rate_bp)) else s.cents end::bigint as net,
      case when included then s.cents else s.cents + round(s.cents * s.rate_bp / 10000) end::bigint as gross
    from (select l.rate_bp, sum(l.cents) as cents from unnest(lines) l group by l.rate_bp) s
  ) r order by r.rate_bp;
end;
$function$;

CREATE OR REPLACE FUNCTION platform.why_kept (
  reason text
)
  RETURNS text
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select case reason
    when 'books' then 'Pièces comptables : dix ans (art. L123-22 du code de commerce).'
    when 'proof' then 'Preuve de ce qui a été fait, par un identifiant sans nom (art. 17-3 du RGPD).'
    when 'others' then 'Données d''autres personnes, qui ont leurs propres droits.' end;
$function$;

CREATE OR REPLACE FUNCTION platform.write_audit()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_row jsonb := to_jsonb(case when tg_op = 'DELETE' then old else new end);
  v_hidden text[] := coalesce(tg_argv[1:], '{}');
  v_entry platform.audit_log;
  v_previous bytea;
begin
  v_entry.chain := pg_backend_pid() % 16;
  v_entry.at := clock_timestamp();
  v_entry.actor := auth.uid();
  v_entry.role := coalesce(auth.role(), session_user);
  v_entry.relation := tg_table_schema || '.' || tg_table_name;
  v_entry.operation := tg_op;
  v_entry.row_key := v_row ->> tg_argv[0];
  if tg_op <> 'INSERT' then v_entry.before := to_jsonb(old) - v_hidden; end if;
  if tg_op <> 'DELETE' then v_entry.after := to_jsonb(new) - v_hidden; end if;
  select c.length + 1, c.head into strict v_entry.position, v_previous from platform.audit_chains c
  where c.chain = v_entry.chain for update;
  v_entry.hash := platform.audit_hash(v_previous, v_entry);
  insert into platform.audit_log values (v_entry.*);
  update platform.audit_chains c set length = v_entry.position, head = v_entry.hash where c.chain = v_entry.chain;
  return null;
end;
$function$;

CREATE OR REPLACE FUNCTION platform_api.accept_attempts (
  rules    text[],
  subjects text[],
  system   text   DEFAULT 'auth'::text
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select platform.accept_attempts(system, rules, subjects); $function$;

CREATE OR REPLACE FUNCTION platform_api.api_key_accept (
  system text,
  key    text
)
  RETURNS jsonb
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select platform.accept_api_key(system, key); $function$;

CREATE OR REPLACE FUNCTION platform_api.api_key_make (
  system      text,
  name        text,
  scopes      text[],
  "expiresAt" timestamp with time zone DEFAULT NULL::timestamp WITH time zone
)
  RETURNS jsonb
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select platform.make_api_key(system, name, scopes, "expiresAt"); $function$;

CREATE OR REPLACE FUNCTION platform_api.api_key_revoke (
  system text,
  id     uuid
)
  RETURNS jsonb
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select platform.revoke_api_key(system, id); $function$;

CREATE OR REPLACE FUNCTION platform_api.api_keys (
  system text
)
  RETURNS SETOF jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$ select platform.list_api_keys(system); $function$;

CREATE OR REPLACE FUNCTION platform_api.audit (
  system   text,
  relation text                     DEFAULT NULL::text,
  "row"    text                     DEFAULT NULL::text,
  "from"   timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  "to"     timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  cursor   text                     DEFAULT NULL::text,
  entries  integer                  DEFAULT 100
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$ select platform.audit_page(system, relation, "row", "from", "to", "cursor", entries); $function$;

CREATE OR REPLACE FUNCTION platform_api.forget_attempts (
  rules    text[],
  subjects text[],
  system   text   DEFAULT 'auth'::text
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select platform.forget_attempts(system, rules, subjects); $function$;

CREATE OR REPLACE FUNCTION platform_api.mark_all_read (
  system text,
  OUT    updated bigint
)
  RETURNS bigint
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform platform.require_member(system);
  update platform.notifications n set read = true
  where n.user_id = auth.uid() and n.system = mark_all_read.system and not n.read;
  get diagnostics updated = row_count;
end;
$function$;

CREATE OR REPLACE FUNCTION platform_api.mark_read (
  system text,
  id     text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_found jsonb;
begin
  perform platform.require_member(system);
  update platform.notifications n set read = true
  where n.reference = mark_read.id and n.user_id = auth.uid() and n.system = mark_read.system and not n.read;
  select to_jsonb(n) into v_found from platform_api.notifications(system) n where n.id = mark_read.id;
  if v_found is null then perform platform.fail(404, 'notification_not_found', 'Cette notification n''existe pas.'); end if;
  return v_found;
end;
$function$;

CREATE OR REPLACE FUNCTION platform_api.me (
  system text
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$ select platform.my_account(system); $function$;

CREATE OR REPLACE FUNCTION platform_api.member_add (
  system   text,
  "userId" uuid,
  role     text,
  profile  jsonb
)
  RETURNS jsonb
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select platform.add_member("userId", system, role, profile); $function$;

CREATE OR REPLACE FUNCTION platform_api.member_check (
  system text,
  email  text,
  role   text
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select platform.check_new_member(system, email, role); $function$;

CREATE OR REPLACE FUNCTION platform_api.member_reactivate (
  system text,
  id     text
)
  RETURNS jsonb
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select platform.change_member_status(platform.member_named(system, id), system, 'active'); $function$;

CREATE OR REPLACE FUNCTION platform_api.member_role (
  system text,
  id     text,
  role   text
)
  RETURNS jsonb
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select platform.change_member_role(platform.member_named(system, id), system, role); $function$;

CREATE OR REPLACE FUNCTION platform_api.member_suspend (
  system text,
  id     text
)
  RETURNS jsonb
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select platform.change_member_status(platform.member_named(system, id), system, 'suspended'); $function$;

CREATE OR REPLACE FUNCTION platform_api.members (
  system      text,
  search      text    DEFAULT NULL::text,
  role_filter text    DEFAULT NULL::text,
  page_size   integer DEFAULT NULL::integer,
  page_offset integer DEFAULT 0
)
  RETURNS SETOF jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$ select platform.members(system, search, role_filter, page_size, page_offset); $function$;

CREATE OR REPLACE FUNCTION platform_api.notifications (
  system text
)
  RETURNS TABLE (
    id          text,
    type        text,
    title       text,
    message     text,
    read        boolean,
    "createdAt" text
  )
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select n.reference, n.type, n.title, n.message, n.read, platform.iso_timestamp(n.created_at)
  from platform.notifications n
  where (select platform.require_member(notifications.system)) and n.user_id = (select auth.uid()) and n.system = notifications.system
  order by n.id desc;
$function$;

CREATE OR REPLACE FUNCTION platform_api.rate_limit_change (
  system          text,
  id              text,
  allowed         integer,
  "periodSeconds" integer
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform platform.change_rate_limit(system, id, allowed, "periodSeconds");
  return (select to_jsonb(r) from platform_api.rate_limits(system) r where r.id = rate_limit_change.id);
end;
$function$;

CREATE OR REPLACE FUNCTION platform_api.rate_limits (
  system text
)
  RETURNS TABLE (
    id              text,
    description     text,
    allowed         integer,
    "periodSeconds" integer,
    "updatedAt"     text
  )
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select r.name, r.description, r.allowed, extract(epoch from r.period)::integer, platform.iso_timestamp(r.updated_at)
  from platform.rate_limit_rules r
  where (select platform.require_admin(rate_limits.system)) and r.system in (rate_limits.system, 'auth')
  order by r.name;
$function$;

CREATE OR REPLACE FUNCTION platform_api.register (
  system   text,
  "userId" uuid,
  role     text,
  profile  jsonb
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select platform.register("userId", system, role, profile); $function$;

CREATE OR REPLACE FUNCTION platform_api.register_again (
  system  text,
  email   text,
  role    text,
  profile jsonb
)
  RETURNS boolean
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select platform.register_again(email, system, role, profile); $function$;

CREATE OR REPLACE FUNCTION platform_api.release_attempts (
  rules    text[],
  subjects text[],
  system   text   DEFAULT 'auth'::text
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select platform.release_attempts(system, rules, subjects); $function$;

CREATE OR REPLACE FUNCTION platform_api.setting (
  system  text,
  section text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_found jsonb := (select to_jsonb(s) from platform_api.settings(setting.system) s where s.section = setting.section);
begin
  if v_found is null then perform platform.fail(404, 'setting_not_found', 'Ce réglage n''existe pas.'); end if;
  perform set_config('response.headers', jsonb_build_array(jsonb_build_object('ETag', '"' || (v_found ->> 'version') || '"'))::text, true);
  return v_found;
end;
$function$;

CREATE OR REPLACE FUNCTION platform_api.setting_change (
  system   text,
  section  text,
  value    jsonb,
  if_match text  DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform platform.change_setting(system, section, value, if_match);
  return platform_api.setting(system, section);
end;
$function$;

CREATE OR REPLACE FUNCTION platform_api.settings (
  system text
)
  RETURNS TABLE (
    section     text,
    description text,
    value       jsonb,
    "isOpen"    boolean,
    version     integer,
    "updatedAt" text,
    "updatedBy" uuid
  )
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select s.section, s.description, s.value, s.is_open, s.version, platform.iso_timestamp(s.updated_at), s.updated_by
  from platform.settings s
  where (select platform.require_admin(settings.system)) and s.system = settings.system
  order by s.section;
$function$;

CREATE OR REPLACE FUNCTION platform_api.sign_in_address (
  system     text,
  identifier text
)
  RETURNS text
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$ select platform.sign_in_address(system, identifier); $function$;

CREATE OR REPLACE FUNCTION platform_api.take_attempts (
  rules    text[],
  subjects text[],
  system   text   DEFAULT 'auth'::text
)
  RETURNS integer
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select platform.take_attempts(system, rules, subjects); $function$;

CREATE OR REPLACE FUNCTION platform_api.unread_count (
  system text,
  OUT    count bigint
)
  RETURNS bigint
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$ select count(*) from platform_api.notifications(unread_count.system) n where not n.read; $function$;

CREATE OR REPLACE FUNCTION public.admin_audio_recording (
  audio text,
  OUT   bucket text,
  OUT   path text
)
  RETURNS record
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform platform.require_role('leads', 'admin');
  select 'recordings', c.recording_path into bucket, path from leads.calls c
  where c.reference = audio and c.recording_status = 'available';
  if path is null then
    perform platform.fail(404, 'recording_not_found', 'Aucun enregistrement n''est disponible pour cet appel.');
  end if;
end;
$function$;

CREATE OR REPLACE FUNCTION public.admin_credits_pack_versions (
  id text
)
  RETURNS TABLE (
    version          integer,
    name             text,
    credits          integer,
    price            numeric,
    "pricePerCredit" numeric,
    bonus            integer,
    popular          boolean,
    active           boolean,
    "validFrom"      text,
    "changedBy"      text
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION public.admin_payouts_settle (
  entries jsonb
)
  RETURNS TABLE (
    reference text,
    amount    numeric,
    outcome   text,
    result    text
  )
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select e.reference, platform.euros(e.cents), e.outcome, e.result from leads.settle_entries(entries) e; $function$;

CREATE OR REPLACE FUNCTION public.admin_user_export (
  id text
)
  RETURNS jsonb
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select leads.admin_export(id); $function$;

CREATE OR REPLACE FUNCTION public.agent_next_lead()
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_next record := leads.reserve_next();
begin
  if v_next.reference is null then
    perform set_config('response.status', '204', true);
    perform set_config('response.headers',
      (jsonb_build_array(jsonb_build_object('X-Reason', v_next.reason)) || case when v_next.opening is not null
      then jsonb_build_array(jsonb_build_object('X-Next-Opening', platform.iso_timestamp(v_next.opening)))
        else '[]' end)::text, true);
    return null;
  end if;
  return to_jsonb(leads.show_lead(v_next.reference))
    || jsonb_build_object('reservedUntil', platform.iso_timestamp(v_next.until));
end;
$function$;

CREATE OR REPLACE FUNCTION public.billing_details()
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform platform.require_role('leads', 'acheteur');
  return coalesce(
    (select jsonb_build_object('name', d.name, 'address', d.address, 'deliveryAddress', d.delivery_address,
      'siret', d.siret, 'vatNumber', d.vat_number)
      from leads.billing_details d where d.buyer_id = auth.uid()),
    (select jsonb_build_object('name', coalesce(nullif(p.company, ''), btrim(p.first_name || ' ' || p.last_name)),
        'address', null, 'deliveryAddress', null, 'siret', null, 'vatNumber', null)
      from platform.profiles p where p.id = auth.uid()));
end;
$function$;

CREATE OR REPLACE FUNCTION public.billing_invoice (
  number text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION public.billing_order_open (
  "packId"        text,
  idempotency_key text DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_order leads.pack_orders := leads.open_order("packId", idempotency_key);
begin
  return jsonb_build_object('key', v_order.id, 'id', v_order.reference, 'title', leads.order_title(v_order),
    'amountCents', v_order.price_cents,
    'email', (select p.email from platform.profiles p where p.id = v_order.buyer_id), 'answer', v_order.answer);
end;
$function$;

CREATE OR REPLACE FUNCTION public.billing_refund_answer (
  refund    uuid,
  outcome   text,
  reference text DEFAULT NULL::text,
  cause     text DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select leads.answer_refund(refund, outcome, reference, cause); $function$;

REVOKE ALL ON FUNCTION "public"."billing_refund_answer"(uuid, text, text, text) FROM PUBLIC, "anon", "authenticated";

CREATE OR REPLACE FUNCTION public.import_followed (
  id text
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select jsonb_build_object('report', leads.import_report(i.id),
    'staged', jsonb_build_object('rows', f.staged_rows, 'bytes', (f.staged_to ->> 'bytes')::bigint,
      'all', f.is_staged))
  from leads.imports i left join leads.import_files f on f.import_id = i.id where i.reference = import_followed.id;
$function$;

REVOKE ALL ON FUNCTION "public"."import_followed"(text) FROM PUBLIC, "anon", "authenticated";

CREATE OR REPLACE FUNCTION public.lead_outcome (
  id      text,
  outcome text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform leads.record_outcome(id, lead_outcome.outcome);
  return jsonb_build_object('leadId', id, 'outcome', outcome,
    'conversionRate', (select a."conversionRate" from public.users_acheteur() a));
end;
$function$;

CREATE OR REPLACE FUNCTION public.lead_price (
  id  text,
  OUT credits integer,
  OUT price numeric,
  OUT "returnDays" numeric,
  OUT affordable boolean
)
  RETURNS record
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_lead leads.leads;
  v_price leads.lead_price;
begin
  perform platform.require_role('leads', 'acheteur');
  v_lead := leads.lead_on_sale(id);
  if v_lead.id is null then perform platform.fail(404, 'lead_not_on_sale', 'Ce lead n''est pas en vente.'); end if;
  v_price := leads.price_of(v_lead);
  credits := v_price.credits;
  price := platform.euros(v_price.price_cents);
  "returnDays" := (v_price.rules -> 'return_window' ->> 'value')::numeric;
  affordable := v_price.credits <= leads.credits_of(auth.uid());
end;
$function$;

CREATE OR REPLACE FUNCTION public.leads_search (
  search    text    DEFAULT NULL::text,
  sector    text    DEFAULT NULL::text,
  region    text    DEFAULT NULL::text,
  min_score numeric DEFAULT NULL::numeric,
  status    text    DEFAULT NULL::text,
  page_size integer DEFAULT 1000,
  cursor    text    DEFAULT NULL::text
)
  RETURNS SETOF public.leads
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION public.users_me_change (
  profile jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform platform.my_account('leads');
  -- A picture that others are shown is one of those that its owner has uploaded here.
  if not starts_with(profile ->> 'avatar', '/storage/v1/object/public/avatars/' || auth.uid() || '/') then
    perform platform.fail(422, 'invalid_fields', 'Certains champs sont invalides.',
      '[{"field": "avatar", "code": "invalid_value", "message": "Envoyez une image : son adresse en vient."}]');
  end if;
  update platform.profiles p set
    phone = case when profile ? 'phone' then nullif(btrim(profile ->> 'phone'), '') else p.phone end,
    bio = case when profile ? 'bio' then nullif(btrim(profile ->> 'bio'), '') else p.bio end,
    display_name = case when profile ? 'displayName' then nullif(btrim(profile ->> 'displayName'), '') else p.display_name end,
    avatar = case when profile ? 'avatar' then profile ->> 'avatar' else p.avatar end
  where p.id = auth.uid();
  return leads.own_profile();
end;
$function$;

CREATE OR REPLACE FUNCTION public.users_me_export()
  RETURNS jsonb
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select leads.own_export(); $function$;

ALTER TABLE "leads"."import_files"
  ADD CONSTRAINT "import_files_check" CHECK (((staged_to IS NULL) = (staged_rows = 0)));

ALTER TABLE "leads"."import_files"
  ADD CONSTRAINT "import_files_mappings_check" CHECK ((jsonb_typeof(mappings) = 'object'::text));

ALTER TABLE "leads"."import_files"
  ADD CONSTRAINT "import_files_staged_rows_check" CHECK ((staged_rows >= 0));

ALTER TABLE "leads"."invoices"
  ADD CONSTRAINT "invoices_series_check" CHECK ((series = ANY (ARRAY['FA'::text, 'AV'::text])));

ALTER TABLE "leads"."invoices"
  ADD CONSTRAINT "invoices_system_series_year_fkey" FOREIGN KEY (system, series, year) REFERENCES platform.document_numbers(system, series, year);

ALTER TABLE "leads"."invoices"
  ADD CONSTRAINT "invoices_system_series_year_position_key" UNIQUE (system, series, year, "position");

ALTER TABLE "leads"."people_at_agents"
  ADD CONSTRAINT "people_at_agents_lead_id_fkey" FOREIGN KEY (lead_id) REFERENCES leads.leads(id) ON DELETE CASCADE;

ALTER TABLE "platform"."api_keys"
  ADD CONSTRAINT "api_keys_system_fkey" FOREIGN KEY (system) REFERENCES platform.systems(system);

ALTER TABLE "platform"."document_numbers"
  ADD CONSTRAINT "document_numbers_last_number_check" CHECK ((last_number > 0));

ALTER TABLE "platform"."document_numbers"
  ADD CONSTRAINT "document_numbers_series_check" CHECK ((series <> ''::text));

ALTER TABLE "platform"."memberships"
  ADD CONSTRAINT "memberships_status_check" CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text, 'pending'::text])));

ALTER TABLE "platform"."system_roles"
  ADD CONSTRAINT "system_roles_system_fkey" FOREIGN KEY (system) REFERENCES platform.systems(system);

ALTER TABLE "platform"."deliveries"
  ADD CONSTRAINT "deliveries_endpoint_id_fkey" FOREIGN KEY (endpoint_id) REFERENCES platform.webhook_endpoints(id) ON DELETE CASCADE;

ALTER TABLE "platform"."webhook_secrets"
  ADD CONSTRAINT "webhook_secrets_endpoint_id_fkey" FOREIGN KEY (endpoint_id) REFERENCES platform.webhook_endpoints(id) ON DELETE CASCADE;

CREATE VIEW "leads"."counted_figures" WITH (security_invoker=true) AS  SELECT metric,
    subject,
    COALESCE(month, platform.ever()) AS month,
    (sum(value))::bigint AS value
   FROM ( SELECT f_1.metric,
            f_1.subject,
            f_1.month,
            f_1.value
           FROM ( SELECT leads.supplier_id,
                    leads.import_id,
                    leads.sector,
                    leads.region,
                    leads.status,
                    leads.qualification_status,
                    platform.paris_month(leads.created_at) AS created,
                    platform.paris_month(leads.qualified_at) AS qualified,
                    count(*) AS leads,
                    sum(leads.score) AS score
                   FROM leads.leads
                  WHERE (leads.withdrawn_at IS NULL)
                  GROUP BY leads.supplier_id, leads.import_id, leads.sector, leads.region, leads.status, leads.qualification_status, (platform.paris_month(leads.created_at)), (platform.paris_month(leads.qualified_at))) g,
            LATERAL leads.lead_figures(g.supplier_id, g.import_id, g.sector, g.region, g.status, g.qualification_status, g.created, g.qualified, g.leads, g.score) f_1(metric, subject, month, value)
        UNION ALL
         SELECT f_1.metric,
            f_1.subject,
            f_1.month,
            f_1.value
           FROM leads.sales s,
            LATERAL leads.sale_figures(s.buyer_id, s.supplier_id, (s.price_cents)::bigint, (s.supplier_share_cents)::bigint, s.sold_at, 1) f_1(metric, subject, month, value)
        UNION ALL
         SELECT f_1.metric,
            f_1.subject,
            f_1.month,
            f_1.value
           FROM (leads.returns r
             JOIN leads.sales s ON (((s.buyer_id = r.buyer_id) AND (s.lead_id = r.lead_id)))),
            LATERAL leads.sale_figures(s.buyer_id, s.supplier_id, (s.price_cents)::bigint, (s.supplier_share_cents)::bigint, r.decided_at, '-1'::integer) f_1(metric, subject, month, value)
          WHERE (r.status = 'accepted'::text)
        UNION ALL
         SELECT f_1.metric,
            f_1.subject,
            f_1.month,
            f_1.value
           FROM (leads.outcomes o
             JOIN leads.kept_sales k ON (((k.buyer_id = o.buyer_id) AND (k.lead_id = o.lead_id)))),
            LATERAL leads.outcome_figures(o.buyer_id, o.outcome, 1) f_1(metric, subject, month, value)
        UNION ALL
         SELECT f_1.metric,
            f_1.subject,
            f_1.month,
            f_1.value
           FROM leads.calls c,
            LATERAL leads.call_figures(c.agent_id, (c.duration_seconds)::bigint, c.result) f_1(metric, subject, month, value)
        UNION ALL
         SELECT f_1.metric,
            f_1.subject,
            f_1.month,
            f_1.value
           FROM leads.transactions t,
            LATERAL leads.transaction_figures(t.type, t.status, t.amount_cents, t.date) f_1(metric, subject, month, value)
        UNION ALL
         SELECT f_1.metric,
            f_1.subject,
            f_1.month,
            f_1.value
           FROM leads.payouts p,
            LATERAL leads.payout_figures(p.supplier_id, p.status, p.amount_cents, p.date) f_1(metric, subject, month, value)) f
  WHERE (subject IS NOT NULL)
  GROUP BY metric, subject, COALESCE(month, platform.ever())
 HAVING (sum(value) <> (0)::numeric);

CREATE VIEW "leads"."return_rows" WITH (security_invoker=true) AS  SELECT r.id AS key,
    r.buyer_id,
    r.reference AS id,
    r.lead_reference AS "leadId",
    r.lead_name AS "leadName",
    btrim(((p.first_name || ' '::text) || p.last_name)) AS "userName",
    p.company,
    r.reason,
    r.comment,
    r.status,
    s.credits,
    platform.euros((s.price_cents)::numeric) AS amount,
    platform.iso_timestamp(r.requested_at) AS "createdAt",
    platform.iso_timestamp(r.decided_at) AS "decidedAt",
    r.decision_note AS note
   FROM ((leads.returns r
     JOIN leads.sales s ON (((s.buyer_id = r.buyer_id) AND (s.lead_id = r.lead_id))))
     JOIN platform.profiles p ON ((p.id = r.buyer_id)));

CREATE VIEW "leads"."shown_invoices" WITH (security_invoker=true) AS  SELECT id AS key,
    buyer_id,
    buyer,
    number,
        CASE series
            WHEN 'FA'::text THEN 'invoice'::text
            ELSE 'credit_note'::text
        END AS type,
    issued_on AS date,
    description,
    platform.euros((net_cents)::numeric) AS net,
    platform.euros((vat_cents)::numeric) AS vat,
    platform.euros((gross_cents)::numeric) AS amount,
    vat_percent AS "vatPercent",
    ( SELECT o.reference
           FROM leads.pack_orders o
          WHERE (o.id = i.order_id)) AS "orderId",
    ( SELECT c.number
           FROM leads.invoices c
          WHERE (c.id = i.corrects)) AS corrects
   FROM leads.invoices i;

CREATE VIEW "leads"."shown_orders" WITH (security_invoker=true) AS  SELECT id AS key,
    buyer_id,
    reference AS id,
    status,
    pack_reference AS "packId",
    pack_name AS "packName",
    credits,
    bonus,
    platform.euros((price_cents)::numeric) AS amount,
        CASE status
            WHEN 'pending'::text THEN checkout_url
            ELSE NULL::text
        END AS "checkoutUrl",
    ( SELECT i.number
           FROM leads.invoices i
          WHERE ((i.order_id = o.id) AND (i.series = 'FA'::text) AND (i.refund_id IS NULL))) AS "invoiceNumber",
    ( SELECT i.number
           FROM leads.invoices i
          WHERE ((i.order_id = o.id) AND (i.series = 'AV'::text))
          ORDER BY i.id DESC
         LIMIT 1) AS "creditNoteNumber",
    platform.iso_timestamp(created_at) AS "createdAt"
   FROM leads.pack_orders o;

CREATE VIEW "leads"."waiting_leads" WITH (security_invoker=true) AS  SELECT l.*::leads.leads AS lead,
    l.id,
    l.region,
    l.call_basis,
    NULL::timestamp with time zone AS due_at
   FROM leads.leads l
  WHERE ((l.qualification_status = 'pending'::text) AND (l.withdrawn_at IS NULL) AND (l.status = ANY (ARRAY['new'::text, 'pending'::text])))
UNION ALL
 SELECT l.*::leads.leads AS lead,
    l.id,
    l.region,
    l.call_basis,
    l.callback_at AS due_at
   FROM leads.leads l
  WHERE ((l.qualification_status = 'callback'::text) AND (l.withdrawn_at IS NULL) AND (l.callback_at IS NOT NULL))
UNION ALL
 SELECT l.*::leads.leads AS lead,
    l.id,
    l.region,
    l.call_basis,
    l.reserved_until AS due_at
   FROM leads.leads l
  WHERE ((l.qualification_status = 'in_progress'::text) AND (l.withdrawn_at IS NULL) AND (l.reserved_until IS NOT NULL))
UNION ALL
 SELECT l.*::leads.leads AS lead,
    l.id,
    l.region,
    l.call_basis,
    NULL::timestamp with time zone AS due_at
   FROM leads.leads l
  WHERE ((l.qualification_status = ANY (ARRAY['in_progress'::text, 'callback'::text])) AND (l.reserved_until IS NULL) AND (l.callback_at IS NULL) AND (l.withdrawn_at IS NULL) AND (l.status = ANY (ARRAY['new'::text, 'pending'::text])));

CREATE VIEW "public"."admin_credits_packs" WITH (security_invoker=true) AS  SELECT reference AS id,
    name,
    credits,
    platform.euros((price_cents)::numeric) AS price,
    platform.euros(price_per_credit_cents) AS "pricePerCredit",
    bonus,
    popular,
    active
   FROM leads.credit_packs p
  WHERE ( SELECT platform.require_role('leads'::text, VARIADIC ARRAY['admin'::text]) AS require_role)
  ORDER BY p.id DESC;

REVOKE ALL ON TABLE "public"."admin_credits_packs" FROM "anon";

CREATE VIEW "public"."admin_gains" WITH (security_invoker=true) AS  SELECT s.reference AS id,
    s.contact_name AS fournisseur,
    s.company,
    s.email,
    s.iban_mask AS iban,
    g.leads_sold AS "totalLeadsSold",
    platform.euros(g.earned) AS "totalEarnings",
    platform.euros(g.pending) AS "pendingAmount",
    platform.euros(g.paid) AS "paidAmount",
    s.last_payment_date AS "lastPaymentDate",
    s.status
   FROM (leads.suppliers s
     CROSS JOIN LATERAL leads.supplier_gains(s.id) g(leads_sold, earned, pending, paid, listed))
  WHERE (( SELECT platform.require_role('leads'::text, VARIADIC ARRAY['admin'::text]) AS require_role) AND g.listed)
  ORDER BY s.id DESC;

REVOKE ALL ON TABLE "public"."admin_gains" FROM "anon";

CREATE VIEW "public"."admin_invoices" WITH (security_invoker=true) AS  SELECT number,
    type,
    date,
    description,
    net,
    vat,
    amount,
    "vatPercent",
    "orderId",
    corrects,
    (buyer ->> 'name'::text) AS "userName",
    (buyer ->> 'company'::text) AS company
   FROM leads.shown_invoices i
  WHERE ( SELECT platform.require_role('leads'::text, VARIADIC ARRAY['admin'::text]) AS require_role)
  ORDER BY key DESC;

REVOKE ALL ON TABLE "public"."admin_invoices" FROM "anon";

CREATE VIEW "public"."admin_orders" WITH (security_invoker=true) AS  SELECT o.id,
    o.status,
    o."packId",
    o."packName",
    o.credits,
    o.bonus,
    o.amount,
    o."checkoutUrl",
    o."invoiceNumber",
    o."creditNoteNumber",
    o."createdAt",
    btrim(((p.first_name || ' '::text) || p.last_name)) AS "userName",
    p.company,
    p.email,
    k.provider,
    k.payment_reference AS "paymentReference",
    k.refund_reference AS "refundReference",
    ( SELECT COALESCE(jsonb_agg(jsonb_build_object('id', r.reference, 'kind', r.kind, 'status', r.status, 'amount', platform.euros((r.amount_cents)::numeric), 'credits', (r.credits + r.bonus), 'creditsLost', ((r.credits_lost + r.bonus_lost) - r.loss_undone), 'cause', r.cause, 'createdAt', platform.iso_timestamp(r.created_at)) ORDER BY r.id DESC), '[]'::jsonb) AS "coalesce"
           FROM leads.refunds r
          WHERE (r.order_id = k.id)) AS refunds
   FROM ((leads.shown_orders o
     JOIN leads.pack_orders k ON ((k.id = o.key)))
     JOIN platform.profiles p ON ((p.id = o.buyer_id)))
  WHERE ( SELECT platform.require_role('leads'::text, VARIADIC ARRAY['admin'::text]) AS require_role)
  ORDER BY o.key DESC;

REVOKE ALL ON TABLE "public"."admin_orders" FROM "anon";

CREATE VIEW "public"."admin_payouts" WITH (security_invoker=true) AS  SELECT p.reference AS id,
    p.transfer_reference AS reference,
    platform.euros((p.amount_cents)::numeric) AS amount,
    p.date,
    p.status,
    p.leads_count AS "leadsCount",
    p.period,
    p.iban_mask AS iban,
    s.reference AS "supplierId",
    s.contact_name AS fournisseur,
    s.company,
    x.message_id AS "exportId",
    platform.iso_timestamp(p.settled_at) AS "settledAt",
    p.failure_reason AS "failureReason"
   FROM ((leads.payouts p
     JOIN leads.suppliers s ON ((s.id = p.supplier_id)))
     LEFT JOIN leads.payout_exports x ON ((x.id = p.export_id)))
  WHERE ( SELECT platform.require_role('leads'::text, VARIADIC ARRAY['admin'::text]) AS require_role)
  ORDER BY p.id DESC;

REVOKE ALL ON TABLE "public"."admin_payouts" FROM "anon";

CREATE VIEW "public"."admin_returns" WITH (security_invoker=true) AS  SELECT id,
    "leadId",
    "leadName",
    "userName",
    company,
    reason,
    comment,
    status,
    credits,
    amount,
    "createdAt",
    "decidedAt",
    note
   FROM leads.return_rows r
  WHERE ( SELECT platform.require_role('leads'::text, VARIADIC ARRAY['admin'::text]) AS require_role)
  ORDER BY key DESC;

CREATE OR REPLACE FUNCTION public.admin_return_decide (
  id       text,
  accepted boolean,
  note     text    DEFAULT NULL::text
)
  RETURNS public.admin_returns
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_decided leads.returns := leads.decide_return(id, accepted, note);
  v_shown public.admin_returns;
begin
  select r.* into v_shown from public.admin_returns r where r.id = v_decided.reference;
  return v_shown;
end;
$function$;

REVOKE ALL ON FUNCTION "public"."admin_return_decide"(text, boolean, text) FROM PUBLIC, "anon";

REVOKE ALL ON TABLE "public"."admin_returns" FROM "anon";

CREATE VIEW "public"."admin_self_dealing" WITH (security_invoker=true) AS  SELECT d.reference AS id,
    s.reference AS "supplierId",
    s.contact_name AS fournisseur,
    s.company AS "fournisseurCompany",
    COALESCE(p.reference, (p.id)::text) AS "buyerId",
    btrim(((p.first_name || ' '::text) || p.last_name)) AS acheteur,
    p.company AS "acheteurCompany",
    d.signs,
    t.sales,
    t.credits,
    platform.euros((t.cents)::numeric) AS earned,
    platform.euros((
        CASE
            WHEN (d.status = 'cleared'::text) THEN (0)::bigint
            ELSE t.held
        END)::numeric) AS held,
    d.status,
    platform.iso_timestamp(d.created_at) AS "createdAt",
    platform.iso_timestamp(d.decided_at) AS "decidedAt",
    d.note
   FROM (((leads.self_dealing d
     JOIN leads.suppliers s ON ((s.id = d.supplier_id)))
     JOIN platform.profiles p ON ((p.id = d.buyer_id)))
     CROSS JOIN LATERAL ( SELECT count(*) FILTER (WHERE (e.kind = 'sale'::text)) AS sales,
            COALESCE(sum(v.credits) FILTER (WHERE (e.kind = 'sale'::text)), (0)::bigint) AS credits,
            (COALESCE(sum(e.amount_cents), (0)::numeric))::bigint AS cents,
            (COALESCE(sum(e.amount_cents) FILTER (WHERE (e.payout_id IS NULL)), (0)::numeric))::bigint AS held
           FROM (leads.earnings e
             LEFT JOIN leads.sales v ON (((v.buyer_id = e.buyer_id) AND (v.lead_id = e.lead_id))))
          WHERE ((e.buyer_id = d.buyer_id) AND (e.supplier_id = d.supplier_id))) t)
  WHERE ( SELECT platform.require_role('leads'::text, VARIADIC ARRAY['admin'::text]) AS require_role)
  ORDER BY (d.status = 'unreviewed'::text) DESC, (t.sales > 0) DESC, d.created_at DESC, d.reference DESC;

CREATE OR REPLACE FUNCTION public.admin_self_dealing_decide (
  id     text,
  status text,
  note   text DEFAULT NULL::text
)
  RETURNS public.admin_self_dealing
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_pair text := leads.decide_pair(id, status, note);
  v_shown public.admin_self_dealing;
begin
  select d.* into v_shown from public.admin_self_dealing d where d.id = v_pair;
  return v_shown;
end;
$function$;

REVOKE ALL ON FUNCTION "public"."admin_self_dealing_decide"(text, text, text) FROM PUBLIC, "anon";

REVOKE ALL ON TABLE "public"."admin_self_dealing" FROM "anon";

CREATE VIEW "public"."admin_transactions" WITH (security_invoker=true) AS  SELECT reference AS id,
    type,
    user_name AS "userName",
    user_role AS "userRole",
    company,
    platform.euros((amount_cents)::numeric) AS amount,
    credits,
    date,
    status,
    description,
    payment_method AS "paymentMethod"
   FROM leads.transactions t
  WHERE ( SELECT platform.require_role('leads'::text, VARIADIC ARRAY['admin'::text]) AS require_role)
  ORDER BY t.id DESC;

REVOKE ALL ON TABLE "public"."admin_transactions" FROM "anon";

CREATE VIEW "public"."billing_credit_packs" WITH (security_invoker=true) AS  SELECT reference AS id,
    name,
    credits,
    platform.euros((price_cents)::numeric) AS price,
    popular,
    bonus
   FROM leads.credit_offers o
  WHERE ( SELECT platform.require_role('leads'::text, VARIADIC ARRAY['acheteur'::text]) AS require_role)
  ORDER BY o.id DESC;

REVOKE ALL ON TABLE "public"."billing_credit_packs" FROM "anon";

CREATE VIEW "public"."billing_invoices" WITH (security_invoker=true) AS  SELECT number,
    type,
    date,
    description,
    net,
    vat,
    amount,
    "vatPercent",
    "orderId",
    corrects
   FROM leads.shown_invoices i
  WHERE (( SELECT platform.require_role('leads'::text, VARIADIC ARRAY['acheteur'::text]) AS require_role) AND (buyer_id = ( SELECT auth.uid() AS uid)))
  ORDER BY key DESC;

REVOKE ALL ON TABLE "public"."billing_invoices" FROM "anon";

CREATE VIEW "public"."billing_orders" WITH (security_invoker=true) AS  SELECT id,
    status,
    "packId",
    "packName",
    credits,
    bonus,
    amount,
    "checkoutUrl",
    "invoiceNumber",
    "creditNoteNumber",
    "createdAt"
   FROM leads.shown_orders o
  WHERE (( SELECT platform.require_role('leads'::text, VARIADIC ARRAY['acheteur'::text]) AS require_role) AND (buyer_id = ( SELECT auth.uid() AS uid)))
  ORDER BY key DESC;

REVOKE ALL ON TABLE "public"."billing_orders" FROM "anon";

CREATE VIEW "public"."billing_payments" WITH (security_invoker=true) AS  SELECT reference AS id,
    platform.euros((amount_cents)::numeric) AS amount,
    status,
    date,
    type,
    description
   FROM leads.payments p
  WHERE (( SELECT platform.require_role('leads'::text, VARIADIC ARRAY['acheteur'::text]) AS require_role) AND (buyer_id = ( SELECT auth.uid() AS uid)))
  ORDER BY p.id DESC;

REVOKE ALL ON TABLE "public"."billing_payments" FROM "anon";

CREATE VIEW "public"."billing_returns" WITH (security_invoker=true) AS  SELECT id,
    "leadId",
    "leadName",
    reason,
    comment,
    status,
    credits,
    amount,
    "createdAt",
    "decidedAt",
    note
   FROM leads.return_rows r
  WHERE (( SELECT platform.require_role('leads'::text, VARIADIC ARRAY['acheteur'::text]) AS require_role) AND (buyer_id = ( SELECT auth.uid() AS uid)))
  ORDER BY key DESC;

CREATE OR REPLACE FUNCTION public.lead_return (
  id      text,
  reason  text,
  comment text DEFAULT NULL::text
)
  RETURNS public.billing_returns
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_asked leads.returns := leads.request_return(id, reason, comment);
  v_shown public.billing_returns;
begin
  select r.* into v_shown from public.billing_returns r where r.id = v_asked.reference;
  return v_shown;
end;
$function$;

REVOKE ALL ON FUNCTION "public"."lead_return"(text, text, text) FROM PUBLIC, "anon";

REVOKE ALL ON TABLE "public"."billing_returns" FROM "anon";

CREATE VIEW "public"."fournisseur_virements" WITH (security_invoker=true) AS  SELECT reference AS id,
    transfer_reference AS reference,
    platform.euros((amount_cents)::numeric) AS amount,
    date,
    status,
    leads_count AS "leadsCount",
    period,
    iban_mask AS iban
   FROM leads.payouts p
  WHERE (( SELECT platform.require_role('leads'::text, VARIADIC ARRAY['fournisseur'::text]) AS require_role) AND (supplier_id = ( SELECT leads.my_supplier_id() AS my_supplier_id)))
  ORDER BY p.id DESC;

REVOKE ALL ON TABLE "public"."fournisseur_virements" FROM "anon";

CREATE VIEW "public"."notifications" WITH (security_invoker=true) AS  SELECT reference AS id,
    type,
    title,
    message,
    read,
    platform.iso_timestamp(created_at) AS "createdAt"
   FROM platform.notifications n
  WHERE (( SELECT platform.require_member('leads'::text) AS require_member) AND (user_id = ( SELECT auth.uid() AS uid)) AND (system = 'leads'::text))
  ORDER BY n.id DESC;

REVOKE ALL ON TABLE "public"."notifications" FROM "anon";

CREATE INDEX leads_waiting ON leads.leads USING btree (call_basis, region, id)
  WHERE ((qualification_status = 'pending'::text) AND (withdrawn_at IS NULL));

CREATE INDEX payment_events_received ON leads.payment_events USING btree (received_at);

CREATE INDEX payment_events_unmatched ON leads.payment_events USING btree (payment_reference)
  WHERE (order_id IS NULL);

CREATE INDEX people_at_agents_lead ON leads.people_at_agents USING btree (lead_id);

CREATE INDEX audit_log_at ON platform.audit_log USING btree (at, chain, "position");

CREATE INDEX deliveries_delivered ON platform.deliveries USING btree (delivered_at)
  WHERE (delivered_at IS NOT NULL);

CREATE INDEX deliveries_failed ON platform.deliveries USING btree (failed_at)
  WHERE (failed_at IS NOT NULL);

CREATE UNIQUE INDEX deliveries_once ON platform.deliveries USING btree (endpoint_id, event_id);

CREATE INDEX idempotency_keys_created ON platform.idempotency_keys USING btree (created_at);

CREATE UNIQUE INDEX ledger_entries_statement ON platform.ledger_entries USING btree (account_id, number)
  WHERE (number IS NOT NULL);

CREATE INDEX outbox_delivered ON platform.outbox USING btree (delivered_at)
  WHERE (delivered_at IS NOT NULL);

CREATE INDEX outbox_waiting ON platform.outbox USING btree (id)
  WHERE (delivered_at IS NULL);

CREATE INDEX webhook_endpoints_system ON platform.webhook_endpoints USING btree (system)
  WHERE (status = 'active'::text);

CREATE TRIGGER refuse_erased
  BEFORE INSERT ON auth.sessions
  FOR EACH ROW
  EXECUTE FUNCTION platform.refuse_erased();

CREATE TRIGGER follow_registration
  AFTER UPDATE OF confirmation_token ON auth.users
  FOR EACH ROW
  WHEN
    (((old.email_confirmed_at IS NULL) AND ((COALESCE(old.confirmation_token, ''::character varying))::text <> ''::text) AND ((COALESCE(new.confirmation_token, ''::character
    varying))::text = ''::text) AND (NOT ((new.encrypted_password)::text IS DISTINCT FROM (old.encrypted_password)::text)) AND
    (NOT ((new.email)::text IS DISTINCT FROM (old.email)::text)) AND (NOT (new.confirmation_sent_at IS DISTINCT FROM old.confirmation_sent_at))))
  EXECUTE FUNCTION platform.follow_registration();

CREATE TRIGGER join_systems
  AFTER UPDATE OF recovery_token ON auth.users
  FOR EACH ROW
  WHEN (((old.email_confirmed_at IS
    NOT NULL) AND ((COALESCE(old.recovery_token, ''::character varying))::text <> ''::text) AND ((COALESCE(new.recovery_token, ''::character varying))::text = ''::text) AND
    (NOT ((new.encrypted_password)::text IS DISTINCT FROM (old.encrypted_password)::text)) AND (NOT ((new.email)::text IS DISTINCT FROM (old.email)::text)) AND
    (NOT (new.recovery_sent_at IS DISTINCT FROM old.recovery_sent_at))))
  EXECUTE FUNCTION platform.join_systems();

CREATE CONSTRAINT TRIGGER audit
  AFTER INSERT OR DELETE OR UPDATE ON leads.billing_details DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW
  EXECUTE FUNCTION platform.write_audit('buyer_id', 'name', 'address', 'delivery_address', 'siret', 'vat_number');

CREATE CONSTRAINT TRIGGER audit
  AFTER INSERT OR DELETE OR UPDATE ON leads.held_accounts DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW
  EXECUTE FUNCTION platform.write_audit('supplier_id', 'sealed_iban', 'iban_mask');

CREATE TRIGGER hold_person
  AFTER UPDATE ON leads.leads
  FOR EACH ROW
  WHEN ((old.reserved_until IS DISTINCT FROM new.reserved_until))
  EXECUTE FUNCTION leads.hold_person();

CREATE CONSTRAINT TRIGGER audit
  AFTER INSERT OR DELETE OR UPDATE ON leads.returns DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW
  EXECUTE FUNCTION platform.write_audit('id', 'lead_name', 'comment', 'decision_note');

CREATE CONSTRAINT TRIGGER audit
  AFTER INSERT OR DELETE OR UPDATE ON leads.self_dealing DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW
  EXECUTE FUNCTION platform.write_audit('supplier_id', 'note');

CREATE CONSTRAINT TRIGGER audit
  AFTER INSERT OR DELETE OR UPDATE ON leads.supplier_accounts DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW
  EXECUTE FUNCTION platform.write_audit('supplier_id', 'sealed_iban');

CREATE CONSTRAINT TRIGGER audit
  AFTER INSERT OR DELETE OR UPDATE ON leads.suppliers DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW
  EXECUTE FUNCTION platform.write_audit('id', 'contact_name', 'company', 'email', 'iban_mask');

CREATE TRIGGER apply_entry
  BEFORE INSERT ON platform.ledger_entries
  FOR EACH ROW
  EXECUTE FUNCTION platform.apply_entry();

CREATE TRIGGER check_entries
  AFTER INSERT ON platform.ledger_entries REFERENCING NEW TABLE AS new_entries
  FOR EACH STATEMENT
  EXECUTE FUNCTION platform.check_entries();

CREATE TRIGGER learn_signs
  AFTER INSERT OR UPDATE OF email, phone, company ON platform.profiles
  FOR EACH ROW
  WHEN ((new.erased_at IS NULL))
  EXECUTE FUNCTION leads.learn_party();

CREATE CONSTRAINT TRIGGER audit
  AFTER DELETE OR UPDATE ON platform.settings DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW
  EXECUTE FUNCTION platform.write_audit('section');

CREATE TRIGGER check_setting
  BEFORE INSERT OR UPDATE ON platform.settings
  FOR EACH ROW
  EXECUTE FUNCTION platform.check_setting();

CREATE TRIGGER keep_version
  AFTER INSERT OR UPDATE ON platform.settings
  FOR EACH ROW
  EXECUTE FUNCTION platform.keep_version();

CREATE TRIGGER number_version
  BEFORE UPDATE ON platform.settings
  FOR EACH ROW
  EXECUTE FUNCTION platform.number_version();

CREATE TRIGGER sign
  BEFORE UPDATE ON platform.settings
  FOR EACH ROW
  WHEN ((old.value IS DISTINCT FROM new.value))
  EXECUTE FUNCTION platform.sign_setting();

CREATE CONSTRAINT TRIGGER audit
  AFTER INSERT OR DELETE OR UPDATE ON platform.webhook_endpoints DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW
  EXECUTE FUNCTION platform.write_audit('id');

CREATE TRIGGER touch
  BEFORE UPDATE ON platform.webhook_endpoints
  FOR EACH ROW
  EXECUTE FUNCTION platform.touch();

CREATE TRIGGER refuse_write
  INSTEAD OF INSERT OR DELETE OR UPDATE ON public.admin_gains
  FOR EACH ROW
  EXECUTE FUNCTION platform.refuse_write();

CREATE TRIGGER refuse_write
  INSTEAD OF INSERT OR DELETE OR UPDATE ON public.admin_imports
  FOR EACH ROW
  EXECUTE FUNCTION platform.refuse_write();

CREATE TRIGGER refuse_write
  INSTEAD OF INSERT OR DELETE OR UPDATE ON public.admin_orders
  FOR EACH ROW
  EXECUTE FUNCTION platform.refuse_write();

CREATE TRIGGER refuse_write
  INSTEAD OF INSERT OR DELETE OR UPDATE ON public.admin_payouts
  FOR EACH ROW
  EXECUTE FUNCTION platform.refuse_write();

CREATE TRIGGER refuse_write
  INSTEAD OF INSERT OR DELETE OR UPDATE ON public.admin_returns
  FOR EACH ROW
  EXECUTE FUNCTION platform.refuse_write();

CREATE TRIGGER refuse_write
  INSTEAD OF INSERT OR DELETE OR UPDATE ON public.admin_self_dealing
  FOR EACH ROW
  EXECUTE FUNCTION platform.refuse_write();

CREATE TRIGGER refuse_write
  INSTEAD OF INSERT OR DELETE OR UPDATE ON public.agent_imports
  FOR EACH ROW
  EXECUTE FUNCTION platform.refuse_write();

CREATE TRIGGER refuse_write
  INSTEAD OF INSERT OR DELETE OR UPDATE ON public.billing_returns
  FOR EACH ROW
  EXECUTE FUNCTION platform.refuse_write();

CREATE TRIGGER refuse_write
  INSTEAD OF INSERT OR DELETE OR UPDATE ON public.imports
  FOR EACH ROW
  EXECUTE FUNCTION platform.refuse_write();

CREATE TRIGGER refuse_write
  INSTEAD OF INSERT OR DELETE OR UPDATE ON public.leads
  FOR EACH ROW
  EXECUTE FUNCTION platform.refuse_write();

CREATE TRIGGER refuse_write
  INSTEAD OF INSERT OR DELETE OR UPDATE ON public.notifications
  FOR EACH ROW
  EXECUTE FUNCTION platform.refuse_write();

CREATE POLICY "select_visible" ON "leads"."lead_consents"
  FOR SELECT
  TO "authenticated"
  USING
    (((supplier_id = ( SELECT leads.my_supplier_id() AS my_supplier_id)) OR ( SELECT platform.has_role('leads'::text, 'admin'::text) AS has_role) OR (( SELECT
    platform.has_role('leads'::text, 'acheteur'::text) AS has_role) AND (lead_id IN ( SELECT leads.my_purchases() AS my_purchases)))));

CREATE POLICY "select_nobody" ON "leads"."people_at_agents"
  FOR SELECT
  TO "anon", "authenticated"
  USING (false);

CREATE POLICY "select_nobody" ON "platform"."api_keys"
  FOR SELECT
  TO "anon", "authenticated"
  USING (false);

CREATE POLICY "select_admin" ON "platform"."deliveries"
  FOR SELECT
  TO "authenticated"
  USING (((kind = 'webhook'::text) AND platform.is_admin(system)));

CREATE POLICY "select_administered" ON "platform"."document_numbers"
  FOR SELECT
  TO "authenticated"
  USING (platform.is_admin(system));

CREATE POLICY "select_own_or_administered" ON "platform"."memberships"
  FOR SELECT
  TO "authenticated"
  USING (((user_id = ( SELECT auth.uid() AS uid)) OR platform.is_admin(system)));

CREATE POLICY "select_nobody" ON "platform"."opening_figures"
  FOR SELECT
  TO "anon", "authenticated"
  USING (false);

CREATE POLICY "select_admin" ON "platform"."rate_limit_rules"
  FOR SELECT
  TO "authenticated"
  USING ((platform.is_admin(system) OR ((system = 'auth'::text) AND (EXISTS ( SELECT
   FROM platform.system_roles r
  WHERE (r.administers AND platform.has_role(r.system, r.role)))))));

CREATE POLICY "select_nobody" ON "platform"."retention_rules"
  FOR SELECT
  TO "anon", "authenticated"
  USING (false);

CREATE POLICY "select_nobody" ON "platform"."rollups"
  FOR SELECT
  TO "anon", "authenticated"
  USING (false);

CREATE POLICY "select_admin" ON "platform"."settings"
  FOR SELECT
  TO "authenticated"
  USING (platform.is_admin(system));

CREATE POLICY "select_admin" ON "platform"."webhook_endpoints"
  FOR SELECT
  TO "authenticated"
  USING (platform.is_admin(system));

CREATE POLICY "select_nobody" ON "platform"."webhook_secrets"
  FOR SELECT
  TO "anon", "authenticated"
  USING (false);

COMMENT ON COLUMN "leads"."billing_details"."delivery_address" IS 'The delivery address, if it differs from the invoice address.';

COMMENT ON COLUMN "leads"."called_people"."refused" IS 'True if the person does not want to be called again.';

COMMENT ON COLUMN "leads"."calls"."duration" IS 'The duration as text (4:32), written with the call.';

COMMENT ON COLUMN "leads"."calls"."outside_rules" IS 'The rules that the call broke: outside_calling_hours, call_limit_reached, consent_missing; null if none.';

COMMENT ON COLUMN "leads"."calls"."recording_path" IS 'The path in the Storage bucket « recordings »; null if there is no recording.';

COMMENT ON COLUMN "leads"."earnings"."payout_id" IS 'The payout that pays the row; null while it is unpaid.';

COMMENT ON COLUMN "leads"."erasures"."counts" IS 'The number of rows by kind.';

COMMENT ON COLUMN "leads"."held_accounts"."code" IS 'The bank''s reason code (ISO 20022), for example AC04, closed account.';

COMMENT ON COLUMN "leads"."import_checked"."duplicate" IS 'The kind of duplicate of a valid row: file, supplier, sold, platform; updated if it updates a lead; null for a new lead.';

COMMENT ON COLUMN "leads"."import_checked"."id" IS 'The id of the lead that the row will become.';

COMMENT ON COLUMN "leads"."import_checked"."lead_id" IS 'The supplier''s lead that the row repeats, if there is exactly one.';

COMMENT ON COLUMN "leads"."import_checked"."problems" IS 'The reasons for refusing the row: field/code field/code; empty for a valid row.';

COMMENT ON COLUMN "leads"."import_checked"."reasons" IS 'The problems with their messages: [{field, code, message}].';

COMMENT ON COLUMN "leads"."import_files"."attempts" IS 'The number of claims since the last slice of the file was staged.';

COMMENT ON COLUMN "leads"."import_files"."held_until" IS 'The end of the current claim, unless it is renewed; null before the first claim.';

COMMENT ON COLUMN "leads"."import_files"."is_staged" IS 'True if all rows are staged: the file can be merged without being read again.';

COMMENT ON COLUMN "leads"."import_files"."keep_until" IS 'When the file is deleted: after 30 days, or at once when a person who may be in it is erased.';

COMMENT ON COLUMN "leads"."import_files"."mappings" IS 'A copy of the supplier''s column mapping at the time of the upload, so that all slices of a file are read alike.';

COMMENT ON COLUMN "leads"."import_files"."path" IS 'The path in the private bucket imports.';

COMMENT ON COLUMN "leads"."import_files"."staged_rows" IS 'The number of the file''s rows in import_rows.';

COMMENT ON COLUMN "leads"."import_files"."staged_to" IS 'The start of the next slice, {line, …}, as reported by the reader; null before the first slice.';

COMMENT ON COLUMN "leads"."import_mappings"."header" IS 'The column''s name normalised: lower case, letters and digits only, no accents.';

COMMENT ON COLUMN "leads"."import_rejects"."problems" IS 'All problems of the row: [{field, code, message}], with the API''s field names.';

COMMENT ON COLUMN "leads"."import_rows"."collected_at" IS 'When the person left their data, as written; not the date of the import.';

COMMENT ON COLUMN "leads"."import_rows"."defect" IS 'The code of the reader''s error for a row that it could not read; null for a readable row.';

COMMENT ON COLUMN "leads"."import_rows"."full_name" IS 'First and last name in one column, if the file has them so.';

COMMENT ON COLUMN "leads"."import_rows"."line" IS 'The line of the file on which the row begins, counted from 1.';

COMMENT ON COLUMN "leads"."imports"."duplicates_sold" IS 'The number of rows about a person whom a buyer recently bought from another supplier.';

COMMENT ON COLUMN "leads"."imports"."handed_over_at" IS 'When the file was handed to the agents for qualification; null before that.';

COMMENT ON COLUMN "leads"."imports"."inserted" IS 'The number of rows that became a lead, or will when a pending import is accepted. This and the five counts after it are null for an import that this database did not run.';

COMMENT ON COLUMN "leads"."imports"."on_duplicate" IS 'The handling of a row that repeats a known lead: skip it, update the supplier''s own unsold lead, or skip it and report it row by row.';

COMMENT ON COLUMN "leads"."imports"."processing_time" IS 'The duration of the import as text (2m 34s); written once, at the end.';

COMMENT ON COLUMN "leads"."imports"."qualification_status" IS 'The agents'' progress with the leads of this file.';

COMMENT ON COLUMN "leads"."imports"."reading" IS 'The reading options requested: {mapping: {column key: field}, …}; options left out are detected from the file.';

COMMENT ON COLUMN "leads"."imports"."sha256" IS 'The hash of the file''s bytes; null for an import that this database did not receive as a file.';

COMMENT ON COLUMN "leads"."imports"."source" IS 'The path from which leads-cli read the file, HOST:PATH, so that it can resume after a crash; null for an upload.';

COMMENT ON COLUMN "leads"."imports"."undone_at" IS 'When the import was last undone; leads that were sold or changed since then stayed.';

COMMENT ON COLUMN "leads"."imports"."valid" IS 'The number of rows that became a lead or updated one.';

COMMENT ON COLUMN "leads"."invoices"."refund_id" IS 'For a credit note: its refund. For an invoice: the reversed refund whose credit note it cancels.';

COMMENT ON COLUMN "leads"."invoices"."system" IS 'Always leads: it makes the key of the series'' last number.';

COMMENT ON COLUMN "leads"."lead_consents"."recipients" IS 'The recipients, by name or category, to whom the person agreed to give the contact.';

COMMENT ON COLUMN "leads"."lead_contacts"."email" IS 'The domain is stored in punycode (xn--…); platform.shown_email converts it for display.';

COMMENT ON COLUMN "leads"."lead_contacts"."hidden_text" IS 'The first name and company of the lead if the catalogue hides them: they are searchable for those who see the contact.';

COMMENT ON COLUMN "leads"."lead_contacts"."name_unsplit" IS 'True if last_name contains first and last name, because they could not be told apart; a person has to split them.';

COMMENT ON COLUMN "leads"."leads"."call_basis" IS 'The basis for calling the person: empty with a proof of consent, otherwise supplier and source, which a rule may exempt from the proof.';

COMMENT ON COLUMN "leads"."leads"."collected_at" IS 'When the person left their data, if the supplier gives the date; the lead''s age counts from it.';

COMMENT ON COLUMN "leads"."leads"."erased_at" IS 'Set when the person''s data was erased; nobody gets it back or buys it.';

COMMENT ON COLUMN "leads"."leads"."has_consent" IS 'True if there is a proof of consent (leads.lead_consents).';

COMMENT ON COLUMN "leads"."leads"."hidden_fields" IS 'Columns whose text names the person (first_name, company, city, source, channel): shown together with the contact only. Null if there are none.';

COMMENT ON COLUMN "leads"."leads"."id" IS 'A uuid v7: lists are ordered by it, newest first.';

COMMENT ON COLUMN "leads"."leads"."on_sale" IS 'True for a qualified lead that can still be sold: the public catalogue shows it.';

COMMENT ON COLUMN "leads"."leads"."requeued_at" IS 'Since when the lead waits for an agent again because its person, sector or place has changed; null once an agent has taken it.';

COMMENT ON COLUMN "leads"."leads"."reserved_until" IS 'The end of agent_id''s exclusive reservation; null if there is none.';

COMMENT ON COLUMN "leads"."leads"."sales_count" IS 'The number of buyers; the lead is sold when the maximum is reached.';

COMMENT ON COLUMN "leads"."leads"."summary" IS 'The public description of the lead, without names, addresses or numbers.';

COMMENT ON COLUMN "leads"."pack_orders"."answer" IS 'The first answer to the buyer; a repeated request with the same idempotency key gets it again.';

COMMENT ON COLUMN "leads"."pack_orders"."credits_lost" IS 'The number of credits that were already spent, and so could not be taken back, when the order was refunded.';

COMMENT ON COLUMN "leads"."pack_orders"."payment_reference" IS 'The payment''s id at the provider: the payment intent.';

COMMENT ON COLUMN "leads"."pack_orders"."provider" IS 'The payment provider; null until the provider has been asked.';

COMMENT ON COLUMN "leads"."pack_orders"."provider_reference" IS 'The order''s id at the provider: the Checkout session.';

COMMENT ON COLUMN "leads"."pack_orders"."refund_reference" IS 'The last accepted refund''s id at the provider; null if there is none.';

COMMENT ON COLUMN "leads"."party_signs"."person" IS 'The user''s id; for a supplier without an account, the supplier''s id.';

COMMENT ON COLUMN "leads"."payment_events"."cause" IS 'The provider''s reason for a failed refund.';

COMMENT ON COLUMN "leads"."payment_events"."outcome" IS 'waiting, unknown_order: processed again when the payment is reported; credits_lost: refunded although some credits were spent; refused, reversed: the refund''s new status; reported: the admins were notified.';

COMMENT ON COLUMN "leads"."payment_events"."reference" IS 'The provider''s id of the event''s object: the session, the refund or the dispute.';

COMMENT ON COLUMN "leads"."payout_exports"."debtor" IS 'The platform''s bank account at that time: {name, iban, bic}.';

COMMENT ON COLUMN "leads"."payouts"."export_id" IS 'The file in which the payout was sent to the bank.';

COMMENT ON COLUMN "leads"."payouts"."failure_reason" IS 'The bank''s reason for refusing or returning the transfer.';

COMMENT ON COLUMN "leads"."payouts"."settled_at" IS 'When the bank''s answer was recorded.';

COMMENT ON COLUMN "leads"."payouts"."transaction_id" IS 'The payout''s row in the admin''s list of transactions.';

COMMENT ON COLUMN "leads"."payouts"."transfer_id" IS 'The ledger transfer; null for a payout older than the ledger.';

COMMENT ON COLUMN "leads"."people_at_agents"."until" IS 'The end of the reservation; after that any lead may take the row.';

COMMENT ON COLUMN "leads"."qualifications"."repeatable_until" IS 'Until when the same report without a key counts as a repetition: the end of the reservation.';

COMMENT ON COLUMN "leads"."qualifications"."request_key" IS 'The Idempotency-Key of the request, if any.';

COMMENT ON COLUMN "leads"."refunds"."cause" IS 'The provider''s reason for refusing or reversing the refund; dispute_lost, charge_already_refunded: the money had already gone back another way; beyond_price: the provider refunded more than the order had left.';

COMMENT ON COLUMN "leads"."refunds"."credits" IS 'The part of the order''s paid credits that is refunded, 0 until the refund is accepted; bonus likewise.';

COMMENT ON COLUMN "leads"."refunds"."credits_lost" IS 'The number of these credits that were already spent and could not be taken back; bonus_lost likewise.';

COMMENT ON COLUMN "leads"."refunds"."failed_at" IS 'The time at the provider when the refund failed.';

COMMENT ON COLUMN "leads"."refunds"."kind" IS 'asked: requested by an admin; made: made on the provider''s own pages; dispute: taken back by the buyer''s bank.';

COMMENT ON COLUMN "leads"."refunds"."loss_undone" IS 'The number of lost credits that were debited from the buyer when the refund was reversed.';

COMMENT ON COLUMN "leads"."regions"."own_holidays" IS 'Public holidays in addition to those of the whole country: MM-DD, or an offset from Easter Sunday (Easter-2). A holiday of a part of the region applies to all of it.';

COMMENT ON COLUMN "leads"."returns"."credits_recovered" IS 'The number of returned credits that were used to repay the buyer''s debt from a refunded pack.';

COMMENT ON COLUMN "leads"."sales"."budget_cents" IS 'The part of given_share_cents that the month''s bonus budget paid.';

COMMENT ON COLUMN "leads"."sales"."given_credits" IS 'The number of bonus credits among the credits paid.';

COMMENT ON COLUMN "leads"."sales"."given_share_cents" IS 'The part of the supplier''s share that corresponds to bonus credits. Bonus credits alone earn the supplier nothing.';

COMMENT ON COLUMN "leads"."sales"."places" IS 'The number of buyers that the lead could have when it was sold.';

COMMENT ON COLUMN "leads"."sales"."return_until" IS 'The end of the return window; the supplier''s share becomes payable then.';

COMMENT ON COLUMN "leads"."sales"."rules" IS 'The pricing rules at the time of the sale: {kind: {value, rule, version}}.';

COMMENT ON COLUMN "leads"."sales"."supplier_share_cents" IS 'The amount credited to the supplier: the supplier''s share by the rules, minus given_share_cents, plus budget_cents.';

COMMENT ON COLUMN "leads"."sales"."transfer_id" IS 'The ledger transfer of the sale; null for a sale older than the ledger.';

COMMENT ON COLUMN "leads"."self_dealing"."told_at" IS 'When the admins were notified of the pair''s first sale.';

COMMENT ON COLUMN "leads"."supplier_accounts"."changed_by" IS 'The user who entered the account; null for the operators.';

COMMENT ON COLUMN "leads"."supplier_accounts"."fingerprint" IS 'A keyed hash of the IBAN: it shows that two suppliers use the same account without revealing the number.';

COMMENT ON COLUMN "leads"."supplier_accounts"."sealed_iban" IS 'AES-256-GCM, bound to the supplier: a sealed IBAN copied to another supplier cannot be decrypted.';

COMMENT ON COLUMN "leads"."supplier_accounts"."validated" IS 'True if an admin has checked or entered the account; other accounts are not paid.';

COMMENT ON COLUMN "platform"."api_keys"."created_by" IS 'Null for the operators.';

COMMENT ON COLUMN "platform"."api_keys"."last_used_on" IS 'The day alone: a key in use writes to its row once a day.';

COMMENT ON COLUMN "platform"."api_keys"."prefix" IS 'How the key begins, by which people know it again.';

COMMENT ON COLUMN "platform"."api_keys"."scopes" IS 'What may be done with it, in words of the system: orders:read.';

COMMENT ON COLUMN "platform"."deliveries"."deliver_before" IS 'When it is worth nothing any more: a reminder that would come at night.';

COMMENT ON COLUMN "platform"."deliveries"."error" IS 'Why the last attempt failed, as a code: never a text, which might name somebody.';

COMMENT ON COLUMN "platform"."deliveries"."event_id" IS 'The event that an endpoint is told of; the receiver knows a repetition by it.';

COMMENT ON COLUMN "platform"."deliveries"."payload" IS 'mail: {to, subject, text}; sms: {to, text}; both emptied once they are delivered, since they name a person.';

COMMENT ON COLUMN "platform"."document_numbers"."last_day" IS 'The day of the last document; the next one is not of a day before it.';

COMMENT ON COLUMN "platform"."idempotency_keys"."user_id" IS 'The nil uuid stands for the operators'' key.';

COMMENT ON COLUMN "platform"."ledger_balances"."entries" IS 'The number of entries of a guarded account; other accounts are not counted.';

COMMENT ON COLUMN "platform"."ledger_entries"."balance" IS 'The balance of a guarded account after the entry.';

COMMENT ON COLUMN "platform"."ledger_entries"."number" IS 'The position of an entry in the statement of a guarded account, from 1, without gaps; null for a split account, whose entries have no order.';

COMMENT ON COLUMN "platform"."memberships"."status" IS 'A role counts while it is active; pending waits for an admin to accept it.';

COMMENT ON COLUMN "platform"."notifications"."about" IS 'Another person named in the message, a user or a party of a system; the notification is deleted when that person is erased.';

COMMENT ON COLUMN "platform"."opening_figures"."label" IS 'The month as written in its source; a month with a label is always listed.';

COMMENT ON COLUMN "platform"."outbox"."delivered_at" IS 'When its deliveries were written (platform.deliveries).';

COMMENT ON COLUMN "platform"."outbox"."payload" IS 'References and figures, no name and no address: it leaves the house.';

COMMENT ON COLUMN "platform"."outbox"."topic" IS 'What has happened: lead.created. By this name an endpoint asks for it.';

COMMENT ON COLUMN "platform"."profiles"."proven_at" IS 'Since when the account is opened by nobody but the reader of its mailbox; null where who made it may have chosen the password.';

COMMENT ON COLUMN "platform"."retention_rules"."checked_at" IS 'When nothing was left to remove.';

COMMENT ON COLUMN "platform"."retention_rules"."condition" IS 'What must hold of a row besides, in SQL; written by migrations alone.';

COMMENT ON COLUMN "platform"."settings"."is_open" IS 'Whether who administers the system changes it as it stands; else the functions of its system do, which know more of it.';

COMMENT ON COLUMN "platform"."settings"."problems" IS 'The function that says what is wrong with a value.';

COMMENT ON COLUMN "platform"."system_roles"."administers" IS 'Whether who holds it looks after the members, their roles and the limits of the system.';

COMMENT ON COLUMN "platform"."system_roles"."needs_acceptance" IS 'Whether a role that was taken by registering waits until an admin accepts it.';

COMMENT ON COLUMN "platform"."system_roles"."rank" IS 'Of several roles of a person, the one with the lowest rank stands for him.';

COMMENT ON COLUMN "platform"."webhook_endpoints"."events" IS 'The topics that are sent, {*} for all.';

COMMENT ON COLUMN "platform"."webhook_endpoints"."status" IS 'paused: its deliveries wait.';

COMMENT ON FUNCTION "leads"."accept_import"(text) IS 'Imports the rows of a pending import, checked again.';

COMMENT ON FUNCTION "leads"."accept_refund"(uuid, text) IS 'Accepts a refund, once: credits, ledger and credit note. Refused if it exceeds what the order has left.';

COMMENT ON FUNCTION "leads"."accept_upload"(uuid, text, text, bytea, text, jsonb) IS 'Opens the import of a file in Storage; a worker then gets it from claim_upload. Not opened: the file was imported before and is not needed.';

COMMENT ON FUNCTION "leads"."account_fault"(text) IS 'The fault of the payee''s account by a bank''s reason code; null if the code is about something else.';

COMMENT ON FUNCTION "leads"."account_files_to_remove"() IS 'Avatars of erased accounts still in the bucket « avatars »: [path].';

COMMENT ON FUNCTION "leads"."account_of"(text) IS 'The account that has proven an address, the account that has it unproven, and the suppliers known by it.';

COMMENT ON FUNCTION "leads"."account_problems"(text, text) IS 'Validation errors of a bank account, one per field; the messages do not repeat the values.';

COMMENT ON FUNCTION "leads"."add_rule"(jsonb) IS 'Adds the rule of a known kind that is not configured yet; 409 if it exists.';

COMMENT ON FUNCTION "leads"."admin_erase"(text, boolean) IS 'Erases an account holder, and as a prospect as well if the address is proven; for an admin.';

COMMENT ON FUNCTION "leads"."admin_export"(text) IS 'All data that Leads Provider holds about an account holder, for an admin; for an operator, all data.';

COMMENT ON FUNCTION "leads"."advance_import"(uuid) IS 'Updates the qualification status of an import.';

COMMENT ON FUNCTION "leads"."answer_order"(uuid) IS 'The stored first answer of POST /api/billing/purchase-pack; stores the current state if there is none yet.';

COMMENT ON FUNCTION "leads"."answer_refund"(uuid, text, text, text) IS 'Stores the provider''s answer to a refund (made, pending or refused); returns the refund''s status and cause.';

COMMENT ON FUNCTION "leads"."apply_dispute"(leads.pack_orders, jsonb) IS 'Applies a lost dispute to a locked order: the money and the remaining credits are gone, the sale stands.';

COMMENT ON FUNCTION "leads"."apply_early_events"(leads.pack_orders) IS 'Processes the events of an order that arrived before its payment.';

COMMENT ON FUNCTION "leads"."apply_event"(leads.pack_orders, text, jsonb) IS 'Applies an event to a locked order, or to none; returns the outcome.';

COMMENT ON FUNCTION "leads"."apply_failure"(leads.pack_orders, text, jsonb) IS 'Applies a failed or expired payment to a locked order.';

COMMENT ON FUNCTION "leads"."apply_payment"(leads.pack_orders, text, jsonb) IS 'Applies a payment to a locked order.';

COMMENT ON FUNCTION "leads"."apply_refund"(leads.pack_orders, jsonb) IS 'Applies the total refunded of a payment to a locked order.';

COMMENT ON FUNCTION "leads"."apply_refund_news"(leads.pack_orders, jsonb) IS 'Applies a report about a single refund to a locked order.';

COMMENT ON FUNCTION "leads"."begin_import"(uuid, text) IS 'Opens an import with status processing; its rows are then staged in leads.import_rows.';

COMMENT ON FUNCTION "leads"."begin_slice"(uuid) IS 'Locks an open import until the transaction ends, and returns the position of its staging; the beginning, if staged rows were lost.';

COMMENT ON FUNCTION "leads"."begin_staging"(uuid) IS 'Locks an open import until the transaction ends, and removes the rows of an earlier attempt.';

COMMENT ON FUNCTION "leads"."body_problems"(jsonb, text[], jsonb) IS 'Validation errors for unknown and read-only fields of a body.';

COMMENT ON FUNCTION "leads"."book_made"(leads.pack_orders, text, bigint, text) IS 'Books a refund or a lost dispute that the provider reports and that was not requested here.';

COMMENT ON FUNCTION "leads"."call_figures"(uuid, bigint, text) IS 'The contribution of a call to its agent''s statistics.';

COMMENT ON FUNCTION "leads"."calling_at"(timestamp with time zone) IS 'The calling rule, with the regions and call bases for which calls are allowed at an instant.';

COMMENT ON FUNCTION "leads"."calling_hours_hold"(jsonb) IS 'True if calling hours are well-formed: [{from, until}], HH:MM, 24:00 at most.';

COMMENT ON FUNCTION "leads"."calling_problems"(jsonb) IS 'Validation errors of a calling rule, one per field.';

COMMENT ON FUNCTION "leads"."came_in_at"(leads.imports) IS 'When the rows of a completed import became leads, for the undo''s time limit.';

COMMENT ON FUNCTION "leads"."change_rule"(text, jsonb, text) IS 'Changes a pricing rule. Its kind stays the same, even if it is renamed.';

COMMENT ON FUNCTION "leads"."check_account"(leads.suppliers, text, text) IS 'Normalises a bank account and returns it with its mask; 422 if it is invalid, 405 if it was called by GET.';

COMMENT ON FUNCTION "leads"."check_account_of"(text, text, text) IS 'check_account for an admin and any supplier.';

COMMENT ON FUNCTION "leads"."check_import_consents"(uuid, integer, integer, boolean) IS 'Reads the proofs of consent of staged rows into import_checked and marks the rows whose proof is incomplete.';

COMMENT ON FUNCTION "leads"."check_import_piece"(uuid, integer, integer, timestamp with time zone, boolean) IS 'Checks the staged rows of a range of lines.';

COMMENT ON FUNCTION "leads"."check_import_rows"(uuid, integer, integer, timestamp with time zone, boolean) IS 'Checks and normalises staged rows into import_checked; problems is '''' for a valid row, else « field/code field/code ».';

COMMENT ON FUNCTION "leads"."check_lead"(jsonb) IS 'The values of a lead in stored form, with their errors: [{field, code, message}].';

COMMENT ON FUNCTION "leads"."check_own_account"(text, text) IS 'check_account for the calling supplier.';

COMMENT ON FUNCTION "leads"."choose_import_updates"(uuid) IS 'Marks the duplicates that update an unsold lead of the supplier; returns their number.';

COMMENT ON FUNCTION "leads"."claim_upload"() IS 'Claims for one minute the oldest unclaimed upload of the supplier whose turn it is; nulls if there is none.';

COMMENT ON FUNCTION "leads"."clean_value"(text, boolean, boolean) IS 'A cell cleaned and without its wrappings; null if it is empty.';

COMMENT ON FUNCTION "leads"."clear_import_rows"(uuid) IS 'Removes the staged and checked rows of an import.';

COMMENT ON FUNCTION "leads"."close_event"(leads.payment_events, uuid, text) IS 'Stores the outcome of an event, and notifies the admins if they have to act.';

COMMENT ON FUNCTION "leads"."company_without_person"(text, text) IS 'The company, or null if it contains the last name as a word.';

COMMENT ON FUNCTION "leads"."complete_import"(uuid, leads.import_counts) IS 'Completes an import: writes its counts, hands it to the agents and notifies the supplier.';

COMMENT ON FUNCTION "leads"."complete_payout"(leads.payouts) IS 'Marks a locked payout as completed by the bank.';

COMMENT ON FUNCTION "leads"."consent_date_order"(uuid) IS 'The order of day and month in the staged dates of consent and collection: day_first or month_first; null if no date depends on it.';

COMMENT ON FUNCTION "leads"."consent_problem_message"(text, text) IS 'The message for a problem with a proof of consent.';

COMMENT ON FUNCTION "leads"."consent_problems"(jsonb) IS 'Validation errors of a proof of consent: [{field, code, message}].';

COMMENT ON FUNCTION "leads"."contact_in_text"(text, text, text, text, text[]) IS 'True if a public text names the person, or contains contact data of anybody.';

COMMENT ON FUNCTION "leads"."contact_signs"(text, text, text) IS 'The signs derived from an e-mail address, a telephone number and a company name.';

COMMENT ON FUNCTION "leads"."count_checked_rows"(uuid) IS 'Counts the checked rows of an import by result.';

COMMENT ON FUNCTION "leads"."count_import"(uuid, leads.import_counts, text) IS 'Writes the counts and the status of an import.';

COMMENT ON FUNCTION "leads"."credits_of"(uuid) IS 'The buyer''s balance in credits, paid and bonus together.';

COMMENT ON FUNCTION "leads"."days_ago"(text) IS 'The start of the period given by a parameter in days; null if the period is unlimited.';

COMMENT ON FUNCTION "leads"."decide_pair"(text, text, text) IS 'Records an admin''s decision on a pair: two persons (cleared) or one (confirmed). The decision may be changed later.';

COMMENT ON FUNCTION "leads"."decide_return"(text, boolean, text) IS 'Applies an admin''s decision on a return. Repeating the same decision changes nothing; the opposite decision is refused.';

COMMENT ON FUNCTION "leads"."demo_accounts"() IS 'The mock suppliers that have no bank account yet, with fictitious accounts for the CLI to seal.';

COMMENT ON FUNCTION "leads"."demo_iban"(text) IS 'A fictitious IBAN that matches the mask; null if none does.';

COMMENT ON FUNCTION "leads"."digits_of"(text, boolean, boolean, boolean) IS 'digits: all digits of a plain text in sequence. numbers: the same without measures, with an x between separate numbers.';

COMMENT ON FUNCTION "leads"."directory_key"(text) IS 'The comparison key of a sector''s or region''s name: its words, in the singular.';

COMMENT ON FUNCTION "leads"."discard_import"(text) IS 'Ends a pending import without creating leads.';

COMMENT ON FUNCTION "leads"."duplicate_kind"(leads.leads, uuid, timestamp with time zone, timestamp with time zone) IS 'The kind of duplicate that a known lead makes of a row about the same person: supplier, sold, platform; null if none.';

COMMENT ON FUNCTION "leads"."duration_text"(numeric) IS 'A duration as text: 3s, 2m 34s.';

COMMENT ON FUNCTION "leads"."email_of"(text) IS 'The e-mail address in a text, in the form in which contacts are stored; null if there is none, or more than one.';

COMMENT ON FUNCTION "leads"."end_slice"(uuid, bigint, jsonb, boolean) IS 'Stores the number of rows of a slice and the start of the next one, in the transaction that staged them.';

COMMENT ON FUNCTION "leads"."erase_holder"(uuid) IS 'Erases the data of an agent, buyer, supplier or admin in Leads Provider; the account itself is erased by the platform.';

COMMENT ON FUNCTION "leads"."erase_import_traces"(text, text) IS 'Erases an e-mail or telephone from refused and staged rows; returns the number of refused rows that contained it.';

COMMENT ON FUNCTION "leads"."erase_leads"(uuid[]) IS 'Erases the identifying data from leads and from all rows that belong to them.';

COMMENT ON FUNCTION "leads"."erase_person"(text, text, uuid, uuid[], boolean) IS 'Erases a person as prospect, supplier and account holder, as far as given; returns the counts, the files to delete from Storage, and the tables of Auth that could not be written.';

COMMENT ON FUNCTION "leads"."erase_prospect"(text, text, boolean) IS 'Erases the person with this canonical e-mail or telephone from leads and from the rows of imports, and on request blocks the person from future imports.';

COMMENT ON FUNCTION "leads"."erase_suppliers"(uuid[]) IS 'Erases the identifying data of suppliers, including their bank accounts.';

COMMENT ON FUNCTION "leads"."execution_date"(date) IS 'The execution date of a file: the wanted date, 422 if it is not possible; without one, the first possible date.';

COMMENT ON FUNCTION "leads"."exemptions_hold"(jsonb) IS 'True if exempted sources are well-formed: [{supplier, source}], with the supplier''s reference.';

COMMENT ON FUNCTION "leads"."explain_duplicates"(uuid) IS 'Adds the duplicates to the rejects, each with what it repeats.';

COMMENT ON FUNCTION "leads"."explain_import_problems"(uuid, integer, integer) IS 'Adds the messages of all problems to the rows that failed the checks.';

COMMENT ON FUNCTION "leads"."exported_account"(uuid, uuid[], text) IS 'All data held about an account holder, with its location and what remains of it after an erasure; with a system, the platform''s part is limited to that system.';

COMMENT ON FUNCTION "leads"."exported_lead"(leads.leads) IS 'All data held about the person behind a lead.';

COMMENT ON FUNCTION "leads"."fail_import"(uuid, text) IS 'Ends an import that could not be read or merged; no row becomes a lead.';

COMMENT ON FUNCTION "leads"."fail_order"(uuid, text, boolean) IS 'Marks a pending order as failed; an order that is paid or already failed stays unchanged.';

COMMENT ON FUNCTION "leads"."fields_to_hide"(text, text, text, text, text, text, text, text[]) IS 'The texts of a lead that the catalogue hides because they name the person; null if it shows all.';

COMMENT ON FUNCTION "leads"."files_to_remove"() IS 'Recordings of erased people still in the bucket « recordings »: [path].';

COMMENT ON FUNCTION "leads"."find_leads"(text, text, text, integer, text, integer, text, text) IS 'Keys of the matching leads visible to the caller, newest first; total is computed by the requested count mode.';

COMMENT ON FUNCTION "leads"."find_pairs"(uuid) IS 'Records every supplier or buyer who shares a sign with this person.';

COMMENT ON FUNCTION "leads"."follow_places_rule"() IS 'Trigger: marks leads as sold that have no place left by the new rule.';

COMMENT ON FUNCTION "leads"."follow_status"(uuid, text, text) IS 'Has the supplier of an account follow it, when a member is suspended or reactivated.';

COMMENT ON FUNCTION "leads"."forget_import_changes"() IS 'Trigger: whenever an import is completed, deletes the rows that can no longer be used for an undo.';

COMMENT ON FUNCTION "leads"."forget_recordings"(text[]) IS 'Clears the paths of recordings that have been deleted from Storage.';

COMMENT ON FUNCTION "leads"."forget_signs"() IS 'Trigger: deletes the signs of a deleted account or supplier.';

COMMENT ON FUNCTION "leads"."forget_upload"(uuid) IS 'Deletes the row of an upload after its file was deleted from Storage.';

COMMENT ON FUNCTION "leads"."gdpr_erase"(text, boolean) IS 'Erases the person with this e-mail or telephone, account and leads, and on request blocks the person from future imports.';

COMMENT ON FUNCTION "leads"."gdpr_export"(text) IS 'All data held about the person with this e-mail or telephone; 422 if it is neither.';

COMMENT ON FUNCTION "leads"."give_budget_back"(leads.sales) IS 'Returns a cancelled sale''s part to the budget of its month.';

COMMENT ON FUNCTION "leads"."give_lead"(uuid, leads.calling) IS 'Reserves a locked lead and its person for the calling agent. 409 if another agent has the person (lead_reserved) or a call is not allowed: outside_calling_hours, call_limit_reached, consent_missing.';

COMMENT ON FUNCTION "leads"."guard_order"() IS 'Trigger: limits the status changes of an order and keeps its buyer, pack and price unchanged.';

COMMENT ON FUNCTION "leads"."guard_refund"() IS 'Trigger: limits the status changes of a refund and keeps its order, kind and amount, and what it booked, unchanged.';

COMMENT ON FUNCTION "leads"."has_bought"(uuid) IS 'True if the caller bought the lead.';

COMMENT ON FUNCTION "leads"."has_consent"(uuid) IS 'True if there is a proof that the person behind a lead agreed to be called.';

COMMENT ON FUNCTION "leads"."has_number_words"(text) IS 'True if a plain text has three number words, the minimum for a telephone number.';

COMMENT ON FUNCTION "leads"."held_about"(uuid, uuid[]) IS 'The data that Leads Provider holds about an account holder and about suppliers.';

COMMENT ON FUNCTION "leads"."hidden_text"(leads.leads) IS 'The hidden texts of a lead that a search would find if they were shown.';

COMMENT ON FUNCTION "leads"."hold_account"(leads.payouts, text) IS 'Holds the account of a returned payout if the bank''s reason is about the account, and notifies the admins; returns the fault.';

COMMENT ON FUNCTION "leads"."hold_import"(uuid, text, leads.import_counts) IS 'Keeps the staged rows for an admin''s decision, with their provisional counts, and notifies admins and supplier.';

COMMENT ON FUNCTION "leads"."hold_import_checks"(uuid) IS 'Keeps other sessions from checking rows of the import until the transaction ends.';

COMMENT ON FUNCTION "leads"."hold_of"(leads.payouts) IS 'The reason why a payout not yet in a file stays behind, as a stable code; null if there is none.';

COMMENT ON FUNCTION "leads"."hold_person"() IS 'Trigger: reserves the person for the lead, 409 if another lead holds the reservation; releases the person with the reservation.';

COMMENT ON FUNCTION "leads"."hold_upload"(uuid) IS 'Renews the claim on an upload for another minute.';

COMMENT ON FUNCTION "leads"."holder_export"(uuid, text) IS 'All data held about an account holder, by the account and by its address.';

COMMENT ON FUNCTION "leads"."holder_named"(text) IS 'The member, registered person or supplier of Leads Provider whom an id names; 404 for anyone else.';

COMMENT ON FUNCTION "leads"."identity_problems"(jsonb, text, text[]) IS 'Validation errors of a party named on an invoice, one per field; only the wanted fields are required.';

COMMENT ON FUNCTION "leads"."import_report"(uuid) IS 'The result of an import: its counts, the reasons of its rejects, its sectors and regions.';

COMMENT ON FUNCTION "leads"."import_to_decide"(text) IS 'The import with the given reference, locked for an admin: 404 if there is none.';

COMMENT ON FUNCTION "leads"."import_values"(uuid, integer, integer) IS 'Staged rows in the form in which leads are stored; invalid values are null.';

COMMENT ON FUNCTION "leads"."insert_import_piece"(uuid, integer, integer) IS 'Writes the rejects and new leads of a range of checked lines. Only within a transaction that ends with merge_import.';

COMMENT ON FUNCTION "leads"."insert_imported_leads"(uuid, integer, integer) IS 'Inserts the new leads of a piece, with their contacts.';

COMMENT ON FUNCTION "leads"."invoice_mentions"(jsonb, numeric) IS 'The legal mentions of an invoice.';

COMMENT ON FUNCTION "leads"."is_at_another_agent"(uuid, timestamp with time zone) IS 'True if the person behind a lead is reserved through another lead.';

COMMENT ON FUNCTION "leads"."is_begun"(leads.leads) IS 'True if an agent has reserved or qualified the lead. A waiting lead is already in the queue, and a rejected lead stays rejected.';

COMMENT ON FUNCTION "leads"."is_calling_time"(timestamp without time zone, text[], jsonb) IS 'True if a local date and time is within the calling hours.';

COMMENT ON FUNCTION "leads"."is_cut_between"(text, text[]) IS 'True if a name is split between the end of one text and the beginning of another.';

COMMENT ON FUNCTION "leads"."is_email"(text) IS 'True if a text is an e-mail address in the form in which contacts are stored.';

COMMENT ON FUNCTION "leads"."is_holiday"(date, text[]) IS 'True if a day is a public holiday in France, or in a region with its own holidays.';

COMMENT ON FUNCTION "leads"."is_my_qualification"(uuid) IS 'True if the caller qualifies or qualified the lead.';

COMMENT ON FUNCTION "leads"."is_name"(text) IS 'True if a first or last name is neither a telephone number nor an e-mail address.';

COMMENT ON FUNCTION "leads"."is_reverse_charged"(text) IS 'True if the reverse charge applies to a buyer with this VAT number.';

COMMENT ON FUNCTION "leads"."is_reworded"(leads.leads, leads.leads) IS 'True if somebody other than an agent or an admin has changed the summary of a lead.';

COMMENT ON FUNCTION "leads"."is_same_offer"(leads.leads, leads.leads) IS 'True if a changed lead is still about the same person, sector and place.';

COMMENT ON FUNCTION "leads"."is_same_person"(leads.lead_contacts, leads.lead_contacts) IS 'True if a changed contact still reaches the same person.';

COMMENT ON FUNCTION "leads"."is_whole_price"(leads.pack_orders, jsonb) IS 'True if an event''s amount is the price of the order, to the cent and in euros.';

COMMENT ON FUNCTION "leads"."issue_again"(leads.refunds) IS 'Issues the invoice that cancels the credit note of a reversed refund; returns its number.';

COMMENT ON FUNCTION "leads"."issue_credit_note"(leads.refunds) IS 'Issues the credit note of a refund; returns its number.';

COMMENT ON FUNCTION "leads"."issue_invoice"(leads.pack_orders) IS 'Issues the invoice of a paid order; returns its number.';

COMMENT ON FUNCTION "leads"."keep_account"(uuid, text, text, text, uuid, boolean, text) IS 'Stores a sealed IBAN with its mask, and notifies the supplier.';

COMMENT ON FUNCTION "leads"."keep_demo_account"(uuid, text) IS 'Stores a sealed demo account for a mock supplier and the supplier''s payouts.';

COMMENT ON FUNCTION "leads"."keep_demo_consents"(jsonb) IS 'Gives the demo leads that wait for an agent a fictitious proof of consent.';

COMMENT ON FUNCTION "leads"."keep_demo_seller"() IS 'Gives the demo a fictitious seller, if none is configured.';

COMMENT ON FUNCTION "leads"."keep_import_rejects"(uuid, integer, integer) IS 'Stores the rows that failed the checks, with all their problems.';

COMMENT ON FUNCTION "leads"."keep_payout"() IS 'Trigger: limits the status changes of a payout and keeps its supplier, amount and references unchanged.';

COMMENT ON FUNCTION "leads"."keep_refund"(uuid, uuid, text) IS 'Stores the id of a refund at the provider, if it has none yet.';

COMMENT ON FUNCTION "leads"."known_import"(uuid, bytea, text, jsonb) IS 'The import of the same file with the same options; nulls if there is none. resumable: leads-cli began it and may have been interrupted.';

COMMENT ON FUNCTION "leads"."lead_figures"(uuid, uuid, text, text, text, text, date, date, bigint, bigint) IS 'The contribution of a group of leads with the same attributes to the statistics.';

COMMENT ON FUNCTION "leads"."lead_to_change"(text, text) IS 'Locks a lead for its supplier or an admin: 404 for others, 412 if it has changed since the expected time.';

COMMENT ON FUNCTION "leads"."leading_words"(text) IS 'The beginnings of a key: its first word, its first two words and so on, without the whole key.';

COMMENT ON FUNCTION "leads"."leads_of"(text, text) IS 'The leads, including withdrawn ones, whose contact has this canonical e-mail or telephone.';

COMMENT ON FUNCTION "leads"."learn_device"() IS 'Trigger: stores the device (address and user agent) of a sign-in.';

COMMENT ON FUNCTION "leads"."learn_party"() IS 'Trigger: stores the signs of a new or changed party.';

COMMENT ON FUNCTION "leads"."learn_signs"(uuid, jsonb) IS 'Stores a person''s signs, {kind: value}, and looks for matches.';

COMMENT ON FUNCTION "leads"."ledger_problems"() IS 'The report of leads-cli ledger verify: contradictions between rows about money, entries, balances and statistics.';

COMMENT ON FUNCTION "leads"."letters_of"(text) IS 'The letters of a plain text without anything between them; digits that look like letters count as letters.';

COMMENT ON FUNCTION "leads"."list_order"(leads.pack_orders) IS 'Creates or updates the payment and the transaction of an order.';

COMMENT ON FUNCTION "leads"."lock_payout"(text) IS 'A payout by its bank statement reference or its own reference; its supplier is locked first.';

COMMENT ON FUNCTION "leads"."look_at_texts"(leads.leads, leads.lead_contacts) IS '422 if a name is invalid or the summary names the person; otherwise the fields to hide.';

COMMENT ON FUNCTION "leads"."look_closely_at_fields"(text, text, text, text, text, text, text, text[]) IS 'The same answer as leads.fields_to_hide, by the full search.';

COMMENT ON FUNCTION "leads"."looks_like_contact"(text) IS 'True if a plain text contains an e-mail address or a French telephone number.';

COMMENT ON FUNCTION "leads"."mark_exported"(text, text, jsonb) IS 'Assigns payouts to a file, all or none; 409 if one of them is settled, held back or in another file.';

COMMENT ON FUNCTION "leads"."mark_known_rows"(uuid, integer, integer) IS 'Marks the valid rows of a piece about a person already known: to the supplier, from a recent sale, or on the platform.';

COMMENT ON FUNCTION "leads"."mark_opposed_rows"(uuid, integer, integer) IS 'Part of check_import_rows: adds a problem to the checked rows whose e-mail or telephone is opposed.';

COMMENT ON FUNCTION "leads"."mark_repeated_rows"(uuid, integer, integer) IS 'Marks the valid rows of a piece that repeat a person of an earlier valid row of the file.';

COMMENT ON FUNCTION "leads"."may_be_called"(leads.leads, leads.calling) IS 'True if the person behind a lead may be called now: calling hours, consent, call limits, and no other agent in contact.';

COMMENT ON FUNCTION "leads"."member_details"(uuid[]) IS 'What an admin sees of members besides: the supplier whom an account would become, and who waits to be validated.';

COMMENT ON FUNCTION "leads"."my_purchases"() IS 'The leads that the caller bought and did not return.';

COMMENT ON FUNCTION "leads"."name_key"(text) IS 'The comparison key of a name: its letters and digits.';

COMMENT ON FUNCTION "leads"."name_variants"(text) IS 'The keys under which a spelling may be known, best match first.';

COMMENT ON FUNCTION "leads"."names_person"(text, text, text) IS 'True if a text contains the canonical e-mail or telephone, in any spelling.';

COMMENT ON FUNCTION "leads"."nearest_names"(text, text) IS 'The two catalogue names most similar to a spelling; null if none is similar.';

COMMENT ON FUNCTION "leads"."next_opening"(text[], timestamp with time zone) IS 'The next instant at which people of one of these regions may be called; null if there is none within a month.';

COMMENT ON FUNCTION "leads"."next_transfer_reference"(date) IS 'The next unused reference of a month: VP-2026-02-002.';

COMMENT ON FUNCTION "leads"."notify_supplier"(uuid, text, text, text) IS 'Notifies the supplier of an import, if the supplier has an account.';

COMMENT ON FUNCTION "leads"."numbers_of"(leads.lead_contacts) IS 'The digits of a contact''s telephones, in sorted order.';

COMMENT ON FUNCTION "leads"."on_member"(uuid, text, text) IS 'Makes the supplier or buyer of a role, and keeps a supplier''s status with the member''s.';

COMMENT ON FUNCTION "leads"."open_figure"(text, text, numeric, numeric, date) IS 'Sets the opening figure so that the total has the wanted value.';

COMMENT ON FUNCTION "leads"."open_import"(uuid, text, bytea, text, jsonb, text) IS 'Returns the import of a file, existing or new; opened tells whether the caller has to run it. source: the path from which leads-cli read it.';

COMMENT ON FUNCTION "leads"."open_merge"(uuid) IS 'Locks an open import and keeps other merges waiting until the transaction ends; returns the time from which the keys of its leads are made.';

COMMENT ON FUNCTION "leads"."open_months"(jsonb, text, text, text, numeric) IS 'Sets the opening figures of a monthly metric so that it equals the file; unit converts euros into cents.';

COMMENT ON FUNCTION "leads"."open_obligations"(uuid, uuid[]) IS 'The obligations that block an erasure, as text; locks the rows it has read.';

COMMENT ON FUNCTION "leads"."open_order"(text, text) IS 'Opens an order of the pack as offered now; with an idempotency key already used, returns the order of that key.';

COMMENT ON FUNCTION "leads"."open_regions"(timestamp with time zone, jsonb) IS 'The regions where people may be called at this instant.';

COMMENT ON FUNCTION "leads"."oppose"(text[], text[], text) IS 'Stores the opposition of canonical e-mails and telephones; returns the number of new ones.';

COMMENT ON FUNCTION "leads"."order_problems"() IS 'Orders and invoices that contradict the ledger, and missing invoice numbers.';

COMMENT ON FUNCTION "leads"."order_title"(leads.pack_orders) IS 'The title of an order: Pack Pro — 50 crédits + 5 offerts.';

COMMENT ON FUNCTION "leads"."order_to_settle"(uuid) IS 'Locks an order until the transaction ends and returns it; 404 if there is none.';

COMMENT ON FUNCTION "leads"."outcome_figures"(uuid, text, integer) IS 'The contribution of an outcome to its buyer''s conversion rate; sign -1 subtracts it.';

COMMENT ON FUNCTION "leads"."outdated_uploads"() IS 'Uploaded files past their retention time, oldest first, and files that belong to no import (id null).';

COMMENT ON FUNCTION "leads"."owed_credits"(uuid) IS 'The buyer''s debt: spent credits of refunded packs that have not been repaid.';

COMMENT ON FUNCTION "leads"."own_account"() IS 'The calling supplier''s bank account, masked, and the reason if it is held.';

COMMENT ON FUNCTION "leads"."own_export"() IS 'All data held about the caller.';

COMMENT ON FUNCTION "leads"."pack_problems"(jsonb) IS 'Validation errors of a pack, one per field.';

COMMENT ON FUNCTION "leads"."part_numbers"(text) IS 'A plain text with its number words separated.';

COMMENT ON FUNCTION "leads"."paused_until"(leads.leads, jsonb, timestamp with time zone) IS 'Until when the limits forbid a call to the person behind a lead; null or in the past if a call is allowed.';

COMMENT ON FUNCTION "leads"."pay_for_lead"(leads.leads, leads.lead_price) IS 'Debits the credits and books the sale, including the supplier''s earnings; 402 with the number of missing credits.';

COMMENT ON FUNCTION "leads"."pay_supplier"(text, text) IS 'Pays all payable earnings of a supplier in one transfer; 409 if the supplier cannot be paid or nothing is payable.';

COMMENT ON FUNCTION "leads"."payable_earnings"(uuid) IS 'The earnings that can be paid to a supplier now, line by line.';

COMMENT ON FUNCTION "leads"."payout_batch"(text, date) IS 'The pending payouts that are in no file yet, with those held back; or the payouts of an earlier file that the bank has not answered.';

COMMENT ON FUNCTION "leads"."payout_figures"(uuid, text, bigint, date) IS 'The contribution of a payout to the statistics of its supplier and month, in cents.';

COMMENT ON FUNCTION "leads"."payout_period"(date) IS 'The half-month of a date, written as in the document: Fév 2026 (1ère quinzaine).';

COMMENT ON FUNCTION "leads"."payout_problem"(leads.suppliers, bigint) IS 'The reason why an amount cannot be paid to a supplier now; null if it can.';

COMMENT ON FUNCTION "leads"."payout_problems"() IS 'Payouts that contradict the ledger.';

COMMENT ON FUNCTION "leads"."pending_import"(text) IS 'An import that waits for the calling admin''s decision, locked: 409 if it does not.';

COMMENT ON FUNCTION "leads"."person_hashes"(uuid) IS 'The hashes of the e-mail and telephones of a lead''s person.';

COMMENT ON FUNCTION "leads"."person_of"(text) IS 'The canonical e-mail or telephone in a text; 422 if it is neither.';

COMMENT ON FUNCTION "leads"."personal_data"() IS 'The columns of Leads Provider that refer to an account holder or a supplier, or identify them.';

COMMENT ON FUNCTION "leads"."place_region"() IS 'Trigger: sets the time zone and holidays of a new region, unless they are given.';

COMMENT ON FUNCTION "leads"."places"(boolean, numeric) IS 'The number of buyers that a lead may have.';

COMMENT ON FUNCTION "leads"."plain_date"(text) IS 'A date with a numeric month and a 24-hour time; any other text unchanged.';

COMMENT ON FUNCTION "leads"."plain_text"(text) IS 'A text in plain form: lower case, no accents, no invisible characters, Latin letters and digits.';

COMMENT ON FUNCTION "leads"."price_of"(leads.leads) IS 'The price of a lead by the rules in force: credits, cents and a copy of the rules; 409 if no place is left.';

COMMENT ON FUNCTION "leads"."problem_message"(text, text, text) IS 'The message for a problem with a value of an import.';

COMMENT ON FUNCTION "leads"."proven_email"(uuid) IS 'The account''s address in the form by which leads are found; null if it is not proven.';

COMMENT ON FUNCTION "leads"."purchase"(text, numeric, numeric) IS 'Buys a lead for the caller; if the caller already bought it, returns that purchase.';

COMMENT ON FUNCTION "leads"."qualify"(text, jsonb, text) IS 'Records an agent''s report on a lead that is reserved for the agent or free; a repeated report returns the first one.';

COMMENT ON FUNCTION "leads"."queue_overview"() IS 'The number of waiting leads by what they wait for, each counted once, and the number of calls in 30 days that broke a rule.';

COMMENT ON FUNCTION "leads"."rate"(numeric, numeric) IS 'A percentage with at most two decimals; 0 if the whole is 0.';

COMMENT ON FUNCTION "leads"."read_billing_settings"() IS 'The seller, the VAT rate and the seller''s missing fields; for an admin.';

COMMENT ON FUNCTION "leads"."read_calling_rules"() IS 'The calling rule, for an admin.';

COMMENT ON FUNCTION "leads"."read_telephones"(text, text) IS 'The first and second telephone of a row, and the field with an invalid number: {first, second, field}.';

COMMENT ON FUNCTION "leads"."recognise_rule"() IS 'Trigger: sets the kind of a configured rule from its name.';

COMMENT ON FUNCTION "leads"."record_outcome"(text, text) IS 'Records the result of a bought lead; a later call overwrites an earlier one.';

COMMENT ON FUNCTION "leads"."record_transaction"(text, uuid, text, bigint, integer, text, text, text) IS 'Adds a row to the list of transactions; the amount is in cents.';

COMMENT ON FUNCTION "leads"."recover_loss"(leads.returns, integer) IS 'Deducts the buyer''s debt from returned credits; returns the number of credits deducted.';

COMMENT ON FUNCTION "leads"."refund_name"(leads.refunds, text) IS 'The id of a refund at the provider: its own, or the reported one if no other refund has it.';

COMMENT ON FUNCTION "leads"."refund_order"(uuid, boolean) IS 'Refunds all that is left of an order; 409 if its paid credits are spent, unless the money has already been sent.';

COMMENT ON FUNCTION "leads"."refund_to_settle"(uuid) IS 'Locks a refund and its order until the transaction ends and returns the refund.';

COMMENT ON FUNCTION "leads"."refundable_cents"(leads.pack_orders) IS 'The part of an order''s price that has not gone back to the buyer, in cents.';

COMMENT ON FUNCTION "leads"."refunded_cents"(uuid, timestamp with time zone) IS 'The total that the provider counts as refunded for an order at a time, as far as it is known here.';

COMMENT ON FUNCTION "leads"."refuse_duplicate"(uuid, text, text[], uuid) IS '409 if the e-mail or a telephone belongs to a known person; the hint is the lead''s id.';

COMMENT ON FUNCTION "leads"."refuse_large_upload"(uuid, bigint) IS 'Refuses a large file of a supplier who is not validated; admins are not limited.';

COMMENT ON FUNCTION "leads"."refuse_open_obligations"(uuid, uuid[]) IS 'Refuses (409) to erase an account with open obligations.';

COMMENT ON FUNCTION "leads"."refuse_other_price"(leads.lead_price, numeric, numeric) IS '409 with the current price if it differs from the price that the buyer saw.';

COMMENT ON FUNCTION "leads"."refuse_other_version"(integer, text) IS 'Optimistic locking: 412 if the caller expects a version other than the current one; without an expected version the call always passes.';

COMMENT ON FUNCTION "leads"."refuse_payout"(leads.payouts, text) IS 'Marks a locked payout as failed: the bank refused it, or returned it after it was completed. Its earnings become payable again.';

COMMENT ON FUNCTION "leads"."refuse_refund"(uuid, text, text, timestamp with time zone) IS 'Marks a refund as refused by the provider, so that another one can be requested. For a refund already refused here, only stores the time of the failure.';

COMMENT ON FUNCTION "leads"."refuse_sale"(leads.leads) IS 'Refuses a lead that cannot be sold now: 404 or 409, and 403 to the lead''s own supplier.';

COMMENT ON FUNCTION "leads"."refuse_waiting"(leads.pack_orders, text) IS 'Refuses the requested refund of an order if it exceeds what the order has left.';

COMMENT ON FUNCTION "leads"."release_upload"(uuid) IS 'Ends the claim on an upload, so that the next worker can take it.';

COMMENT ON FUNCTION "leads"."remember_imported_leads"(uuid) IS 'Stores the chosen leads as they are before the import updates them.';

COMMENT ON FUNCTION "leads"."remove_seed"() IS 'Removes the rows of the last seed; refused if real rows depend on them.';

COMMENT ON FUNCTION "leads"."report_incomplete_seller"() IS 'Notifies the admins that nothing can be sold until the seller''s identity is complete.';

COMMENT ON FUNCTION "leads"."report_payment"(leads.payment_events) IS 'Notifies the admins of an event that a person has to check.';

COMMENT ON FUNCTION "leads"."report_problems"(jsonb) IS 'Validation errors of an agent''s report: [{field, code, message}].';

COMMENT ON FUNCTION "leads"."request_refund"(uuid, bigint) IS 'Stores a refund before the provider is asked: a part in cents, or all that is left. 409 if its paid credits are spent.';

COMMENT ON FUNCTION "leads"."request_return"(text, text, text) IS 'Requests the credits of a bought lead back; a repeated call returns the first request.';

COMMENT ON FUNCTION "leads"."reserve_next"() IS 'Reserves the next lead for the calling agent, after any existing reservation of the agent''s own; without a lead, returns the reason.';

COMMENT ON FUNCTION "leads"."resolve_names"(text, text[]) IS 'The catalogue''s name for each spelling of a sector or region; null if it is unknown.';

COMMENT ON FUNCTION "leads"."restore_lead"(leads.import_changes) IS 'Restores a lead to its state before an import updated it.';

COMMENT ON FUNCTION "leads"."reverse_refund"(uuid, text, timestamp with time zone) IS 'Reverses everything that an accepted refund booked, once, when its money comes back to the platform.';

COMMENT ON FUNCTION "leads"."rows_of_transfers"() IS 'The transfers that the rows require, except openings; transfer_id if the row refers to its transfer.';

COMMENT ON FUNCTION "leads"."rule"(text) IS 'The value of a pricing rule in force now.';

COMMENT ON FUNCTION "leads"."rule_problems"(jsonb, leads.rule_kinds) IS 'Validation errors of a pricing rule, one per field; the kind of the rule sets the limits of its value.';

COMMENT ON FUNCTION "leads"."rules_broken"(leads.leads, leads.calling) IS 'The rules that a call to the person would break, or has broken; null if none.';

COMMENT ON FUNCTION "leads"."rules_in_force"() IS '{kind: {rule, version, value}}; rule and version are null where the default value applies.';

COMMENT ON FUNCTION "leads"."sale_figures"(uuid, uuid, bigint, bigint, timestamp with time zone, integer) IS 'The contribution of a sale to the statistics, money in cents; sign -1 subtracts it.';

COMMENT ON FUNCTION "leads"."sale_problems"() IS 'Sales, earnings and returns that contradict the ledger.';

COMMENT ON FUNCTION "leads"."says_nothing"(text, boolean) IS 'True if a value is one of the ways to leave a cell empty.';

COMMENT ON FUNCTION "leads"."score_lead"(uuid) IS 'The contribution of each feature to a lead''s score; the sum is the score, 0 to 100.';

COMMENT ON FUNCTION "leads"."seed"(jsonb, jsonb) IS 'Loads the mock files. files: one key per file; accounts: e-mail to user id. Returns {changed, inserted: {table: rows}}.';

COMMENT ON FUNCTION "leads"."seed_balances"(jsonb, jsonb) IS 'Opens the ledger with the balances of the mock files.';

COMMENT ON FUNCTION "leads"."seed_leads"(jsonb, jsonb, timestamp with time zone) IS 'leads.json: leads, contacts, and the sales of sold leads.';

COMMENT ON FUNCTION "leads"."seed_openings"(jsonb, jsonb) IS 'Sets the opening figures with which each statistic equals its file.';

COMMENT ON FUNCTION "leads"."seed_people"(jsonb, jsonb, timestamp with time zone) IS 'Creates the profiles, roles, suppliers and buyers of the mock files.';

COMMENT ON FUNCTION "leads"."sees_catalogue"() IS 'True if the caller sees the leads on sale.';

COMMENT ON FUNCTION "leads"."seller_form_problems"(jsonb) IS 'What is not even said of the seller; what an invoice of him would lack is another question.';

COMMENT ON FUNCTION "leads"."seller_problems"(jsonb, jsonb) IS 'Validation errors that keep the seller from issuing an invoice, one per field.';

COMMENT ON FUNCTION "leads"."sells_without_consent"() IS 'True if a lead without a proof of consent may be sold.';

COMMENT ON FUNCTION "leads"."send_order"(uuid, text, text, text) IS 'Stores the order''s payment page and lists the order as pending.';

COMMENT ON FUNCTION "leads"."set_payout_debtor"(text, text, text) IS 'Sets the bank account from which payouts are made.';

COMMENT ON FUNCTION "leads"."set_supplier_status"(text, text, text) IS 'Validates or suspends a supplier, with or without a user account. iban: the mask of the account being validated; 409 if the account has changed.';

COMMENT ON FUNCTION "leads"."settle_entries"(jsonb) IS 'Records the entries of a bank file. result: completed, failed, already (nothing to do), mismatch (another amount), unknown.';

COMMENT ON FUNCTION "leads"."settle_entry"(text, bigint, text, text) IS 'Records one entry of a bank file if it matches the payout that it names; returns the result.';

COMMENT ON FUNCTION "leads"."settle_order"(uuid, text, text, text) IS 'Settles a paid order, once: credits, ledger, invoice and notifications.';

COMMENT ON FUNCTION "leads"."settle_payout"(text, text, text) IS 'Records the bank''s answer about one payout, completed or failed; a repeated answer changes nothing. 409 if a failed payout is reported as completed.';

COMMENT ON FUNCTION "leads"."settle_transaction"(leads.payouts, text) IS 'Updates the transaction of a payout to the payout''s status; the argument is the payout''s earlier state.';

COMMENT ON FUNCTION "leads"."shape_problems"(jsonb, text[]) IS 'The errors for unknown fields and for fields that hold no simple value.';

COMMENT ON FUNCTION "leads"."share_of"(bigint, bigint, bigint) IS 'The part of a whole that corresponds to a part of the price, rounded down.';

COMMENT ON FUNCTION "leads"."share_of_given"(bigint, bigint, bigint) IS 'The part of a supplier''s share that corresponds to bonus credits, in cents.';

COMMENT ON FUNCTION "leads"."share_of_refund"(leads.pack_orders, bigint) IS 'The credits that correspond to a refund of so many cents, on top of those of earlier refunds.';

COMMENT ON FUNCTION "leads"."show_pack"(text) IS 'A pack as GET shows it; the ETag is its version.';

COMMENT ON FUNCTION "leads"."show_purchase"(leads.sales, numeric) IS 'A purchase as shown to its buyer; the lead is null after an accepted return.';

COMMENT ON FUNCTION "leads"."show_rule"(text) IS 'A rule as GET shows it; the ETag is its version.';

COMMENT ON FUNCTION "leads"."spelling_key"(text) IS 'A key that is the same for two spellings of one name.';

COMMENT ON FUNCTION "leads"."spells_name"(text, text, text, text) IS 'True if a plain text contains a last name or the name of a mailbox, in any spelling.';

COMMENT ON FUNCTION "leads"."split_name"(text, text) IS 'First and last name of a full name; without a first name, and with the whole text as last name, if they cannot be told apart.';

COMMENT ON FUNCTION "leads"."sum_refunds"(uuid) IS 'Recomputes the status and totals of an order from its refunds, and updates its payment and transaction.';

COMMENT ON FUNCTION "leads"."supplier_of"(text) IS 'The supplier with the given API id: reference, uuid or e-mail. 404 if there is none.';

COMMENT ON FUNCTION "leads"."suppliers_of"(uuid, text) IS 'The suppliers of a user, and the suppliers without a user that have this address.';

COMMENT ON FUNCTION "leads"."suspended_suppliers"() IS 'The suspended suppliers; the catalogue shows none of their leads.';

COMMENT ON FUNCTION "leads"."take_back_order"(text, numeric, text) IS 'Requests a refund, or repeats a request still unanswered; returns the data for the request to the provider.';

COMMENT ON FUNCTION "leads"."take_bonus_budget"(integer, numeric) IS 'Draws up to this many cents from the current month''s budget (given in euros); returns the cents drawn.';

COMMENT ON FUNCTION "leads"."take_credits_back"(leads.refunds, uuid) IS 'Books the credits and the money of an accepted refund; returns the refund with its lost credits.';

COMMENT ON FUNCTION "leads"."take_invoice_number"(text) IS 'The next number of a series in this year, held until the transaction ends: it is taken last.';

COMMENT ON FUNCTION "leads"."take_lead_back"(leads.returns) IS 'Rejects a returned lead if its number is invalid, or if no buyer keeps it.';

COMMENT ON FUNCTION "leads"."take_payment_event"(text, jsonb) IS 'Processes an event of a provider, once: {id, meaning, order, refund, reference, payment, amountCents, currency, occurredAt, cause}; returns the outcome.';

COMMENT ON FUNCTION "leads"."telephone_of"(text) IS 'The telephone number in a text, in the form in which contacts are stored; null if it is not exactly one.';

COMMENT ON FUNCTION "leads"."telephones_of"(text) IS 'The telephone numbers in a text, in the form in which contacts are stored; empty for an empty text, null if part of it is not a telephone number.';

COMMENT ON FUNCTION "leads"."tell_of_pair"(leads.sales) IS 'Notifies the admins of the first sale of an unreviewed pair.';

COMMENT ON FUNCTION "leads"."tell_of_registration"(uuid) IS 'Tells who has registered with the address of a known supplier, and the admins, that an admin must accept him.';

COMMENT ON FUNCTION "leads"."tell_of_requeue"() IS 'Trigger: notifies the supplier, and updates the import that has a lead to qualify again.';

COMMENT ON FUNCTION "leads"."tell_refund"(leads.pack_orders, leads.refunds) IS 'Notification, event and credit note of a booked refund.';

COMMENT ON FUNCTION "leads"."tell_supplier_of_sale"(leads.leads, leads.sales) IS 'Notifies the supplier why a sale with bonus credits earned less than his usual share.';

COMMENT ON FUNCTION "leads"."tell_to_erase"(uuid[]) IS 'Notifies buyers and suppliers of erased leads to erase the person as well; returns the number of notifications to buyers.';

COMMENT ON FUNCTION "leads"."tells_number"(text, text[]) IS 'True if a plain text contains six consecutive digits of one of the telephone numbers, whatever is between them.';

COMMENT ON FUNCTION "leads"."tells_place"(text) IS 'True if a plain text contains a street address or a web page.';

COMMENT ON FUNCTION "leads"."title_of"(leads.leads) IS 'The title of a lead in lists of money: the company unless it names the person, otherwise the sector.';

COMMENT ON FUNCTION "leads"."told_refund"(uuid, jsonb) IS 'The refund of an order that an event is about; null if there is none.';

COMMENT ON FUNCTION "leads"."transaction_figures"(text, text, bigint, date) IS 'The contribution of a transaction to the monthly revenue and payouts, in cents.';

COMMENT ON FUNCTION "leads"."transaction_problems"() IS 'Buyers whose list of transactions differs from their sales, returns, refunds and bonuses.';

COMMENT ON FUNCTION "leads"."undo_import"(text) IS 'Undoes an import for leads that nobody has sold or changed since; returns the leads that stay, with the reasons.';

COMMENT ON FUNCTION "leads"."unknown_suppliers"(jsonb) IS 'The errors for exempted sources whose supplier does not exist: [{field, code, message}].';

COMMENT ON FUNCTION "leads"."unnamed_uploads"() IS 'Files in the bucket that belong to no import.';

COMMENT ON FUNCTION "leads"."update_imported_leads"(uuid) IS 'Updates the chosen leads from the file.';

COMMENT ON FUNCTION "leads"."upload_place"(text) IS 'The path for a supplier''s next file; 413 for a supplier who may not send large files, 429 while twenty files wait.';

COMMENT ON FUNCTION "leads"."vat_percent_problems"(jsonb) IS 'What is wrong with a rate of VAT.';

COMMENT ON FUNCTION "leads"."verify_rollups"() IS 'Differences between the rollups and a count of all rows; no row if they agree.';

COMMENT ON FUNCTION "leads"."versions_of"(text, uuid) IS 'The history of a configuration row, for an admin; changedBy is null for a change made by the operators.';

COMMENT ON FUNCTION "leads"."virement"(leads.payouts) IS 'A payout in the document''s shape.';

COMMENT ON FUNCTION "leads"."wants_review"(bigint, bigint) IS 'True if the share of refused rows requires a review by an admin.';

COMMENT ON FUNCTION "leads"."welcome"() IS 'Trigger: grants the welcome bonus when a user becomes a buyer or confirms the e-mail address.';

COMMENT ON FUNCTION "leads"."welcome_buyer"(uuid) IS 'Grants a new buyer the bonus credits of the rule, once.';

COMMENT ON FUNCTION "leads"."why_lead_stays"(leads.leads, timestamp with time zone) IS 'The reason why a lead cannot be undone: sold, erased, withdrawn, in_qualification, changed; null if it is untouched since the import.';

COMMENT ON FUNCTION "leads"."why_no_lead"(leads.calling) IS 'The reason why the queue has no lead now, and the next opening if the reason is the calling hours.';

COMMENT ON FUNCTION "leads"."withdraw_lead"(text, text) IS 'Removes a lead from all lists. Its row stays, because other rows refer to it.';

COMMENT ON FUNCTION "leads"."works_on_leads"() IS 'True if the caller sees leads as a supplier, an agent or an admin.';

COMMENT ON FUNCTION "leads"."write_billing_details"(jsonb) IS 'Sets the caller''s billing details for future invoices.';

COMMENT ON FUNCTION "leads"."write_billing_settings"(jsonb) IS 'Sets the seller and the VAT rate for future invoices; for an admin.';

COMMENT ON FUNCTION "leads"."write_calling_rules"(jsonb) IS 'Changes the given fields of the calling rule, for an admin; they apply from the next request on.';

COMMENT ON FUNCTION "leads"."write_pack"(text, jsonb, text) IS 'Changes a pack, or creates one if no reference is given; returns its reference.';

COMMENT ON FUNCTION "leads"."written_time"(text, boolean) IS 'The instant in a text, in ISO 8601 or with the day (or the month) first; null if it is not a time.';

COMMENT ON FUNCTION "platform"."accept_api_key"(text, text) IS 'Whose key it is and what may be done with it, {id, name, scopes}; null where it is none, has ended or is another system''s.';

COMMENT ON FUNCTION "platform"."account_named"(text, text) IS 'Whom an identifier names in a system that is no e-mail address; null for nobody.';

COMMENT ON FUNCTION "platform"."account_of"(uuid, text) IS 'Who somebody is in a system.';

COMMENT ON FUNCTION "platform"."add_figures"(text, platform.figure[]) IS 'Adds changes to the rollups.';

COMMENT ON FUNCTION "platform"."add_member"(uuid, text, text, jsonb) IS 'Gives an account that Auth has just made its role.';

COMMENT ON FUNCTION "platform"."add_webhook"(uuid, text, text, text[], text, text) IS 'Adds an endpoint, for an admin of the system; the secret is sealed for the id.';

COMMENT ON FUNCTION "platform"."administers_all"() IS 'Whether the caller administers every system that has members.';

COMMENT ON FUNCTION "platform"."amount_text"(bigint) IS 'An amount in French notation: 1 234,50.';

COMMENT ON FUNCTION "platform"."apply_entry"() IS 'Trigger: an entry changes its account''s balance; refused without an account, and with 402 if a guarded balance would become negative.';

COMMENT ON FUNCTION "platform"."apply_registrations"(uuid, boolean, timestamp with time zone, timestamp with time zone) IS 'Gives an account the roles that it asked for within a time, and has their systems make what goes with them; answers how many.';

COMMENT ON FUNCTION "platform"."are_scopes"(text[]) IS 'Whether these are names of rights.';

COMMENT ON FUNCTION "platform"."ascii_domain"(text) IS 'A domain in punycode and lower case; null if it contains characters not allowed in domains.';

COMMENT ON FUNCTION "platform"."ask_to_join"(text, text, text, jsonb) IS 'Keeps what was asked for with the address of a proven account that is no member of the system; false for any other.';

COMMENT ON FUNCTION "platform"."audit"(regclass, text[], text) IS 'Enables the audit log for a table, without the hidden columns. A row is identified by the key, by default the first column of the primary key.';

COMMENT ON FUNCTION "platform"."audit_entries"(text, text, text, timestamp with time zone, timestamp with time zone, text, integer) IS 'Entries about a system, newest first, for its admins. Called inside definer functions.';

COMMENT ON FUNCTION "platform"."audit_page"(text, text, text, timestamp with time zone, timestamp with time zone, text, integer) IS 'A page of the entries about a system; where there are more, X-Next-Cursor says after which entry they begin.';

COMMENT ON FUNCTION "platform"."audit_verify"() IS 'The breaks in the audit chains; no row if the log is complete.';

COMMENT ON FUNCTION "platform"."authorize_realtime"() IS 'Lets every signed-in user subscribe to channel user:<own id> only; returns whether Realtime is available.';

COMMENT ON FUNCTION "platform"."begin_erasure"(uuid) IS 'Locks an account that is about to be erased; false if it is nobody''s any more.';

COMMENT ON FUNCTION "platform"."broadcast_notification"() IS 'Trigger: broadcasts a new notification to its recipient''s channel.';

COMMENT ON FUNCTION "platform"."caller_id"() IS 'The id of the caller; the nil uuid for the operators.';

COMMENT ON FUNCTION "platform"."camel_keys"(jsonb, text[]) IS 'Some fields of a row, by the names that JSON has them under.';

COMMENT ON FUNCTION "platform"."change_member_role"(uuid, text, text) IS 'Makes a role the only one of a user in a system, and what goes with it.';

COMMENT ON FUNCTION "platform"."change_member_status"(uuid, text, text) IS 'Suspends a member, or lets him in again, or accepts him who has registered.';

COMMENT ON FUNCTION "platform"."change_rate_limit"(text, text, integer, integer) IS 'Changes a limit of a system, for who administers it, or of signing in, for who administers every system.';

COMMENT ON FUNCTION "platform"."change_setting"(text, text, jsonb, text) IS 'Sets an open section for who administers its system: 422 field by field, 412 where if_match is not its present version.';

COMMENT ON FUNCTION "platform"."check_entries"() IS 'Trigger: refuses entries that do not sum to zero in each unit.';

COMMENT ON FUNCTION "platform"."check_new_member"(text, text, text) IS 'Refuses a new member whom the caller may not make.';

COMMENT ON FUNCTION "platform"."check_row"() IS 'Trigger: refuses (422) a row that breaks the rules of its table. A rule that is null counts as fulfilled.';

COMMENT ON FUNCTION "platform"."check_rules"(regclass) IS 'Enables the validation of a table by its function <table>_rules(row).';

COMMENT ON FUNCTION "platform"."check_setting"() IS 'Trigger: refuses (422) a value with which something is wrong.';

COMMENT ON FUNCTION "platform"."claim_idempotency_key"(text, text, jsonb) IS 'Null if the key is new, otherwise the answer of the first call; 409 if the first call was another request. For use inside security definer functions.';

COMMENT ON FUNCTION "platform"."clean_text"(text, boolean) IS 'A text without invisible characters, with plain spaces and composed accents, trimmed; null if nothing is left. several_lines keeps line breaks.';

COMMENT ON FUNCTION "platform"."clean_texts"() IS 'Trigger: cleans the given columns; an address keeps its line breaks.';

COMMENT ON FUNCTION "platform"."compact_iban"(text) IS 'An IBAN in machine form: capitals and digits, without spaces.';

COMMENT ON FUNCTION "platform"."compact_number"(text) IS 'A number in machine form: capitals and digits, without spaces.';

COMMENT ON FUNCTION "platform"."complete_profile"(uuid, jsonb) IS 'Writes what an account does not say yet of names, company and telephone.';

COMMENT ON FUNCTION "platform"."delivery_pause"(integer) IS 'How long to wait after so many attempts; null after the last one.';

COMMENT ON FUNCTION "platform"."details_of"(text, text, uuid[]) IS 'What a system shows of accounts besides what the platform knows of them.';

COMMENT ON FUNCTION "platform"."discard_unproven"(text, text) IS 'Removes the account of an address that nobody has proven, to which nobody has given a role, and which has registered in no other system.';

COMMENT ON FUNCTION "platform"."erase_account"(uuid) IS 'Takes from an account all that identifies the person, and ends his sessions; 409 for the last admin of a system. Answers the tables of Auth in which it may not.';

COMMENT ON FUNCTION "platform"."erase_from_auth"(uuid, text) IS 'Takes from Supabase Auth what it knows of a user; answers the tables in which it may not.';

COMMENT ON FUNCTION "platform"."ever"() IS 'The month value of figures without a month.';

COMMENT ON FUNCTION "platform"."fail"(integer, text, text, text) IS 'Aborts the transaction with an HTTP status, a message for people (French), a stable slug and the next step.';

COMMENT ON FUNCTION "platform"."field_problem"(text, text, text) IS 'An invalid field, as an argument of platform.refuse_fields.';

COMMENT ON FUNCTION "platform"."fold"(text) IS 'Lower case without accents, for comparison in searches.';

COMMENT ON FUNCTION "platform"."follow_registration"() IS 'Trigger: the mailed link of a registration or an invitation was followed.';

COMMENT ON FUNCTION "platform"."found"(regclass, text) IS 'The rows visible to the caller whose search_text contains every word; accents and case are ignored. search_text needs a trigram index. Join the ids with the security_invoker view.';

COMMENT ON FUNCTION "platform"."french_number"(numeric) IS 'A whole number with no-break spaces between thousands, as in French texts.';

COMMENT ON FUNCTION "platform"."from_punycode"(text) IS 'The decoded label of a punycode text without its xn--; null if it is not valid.';

COMMENT ON FUNCTION "platform"."held_about"(uuid, text) IS 'What the platform holds about the holder of an account, and what stays of it after an erasure: all of it, or what one system has to do with.';

COMMENT ON FUNCTION "platform"."held_in"(platform.personal_place[], jsonb, text) IS 'What is held in declared places about whom the ids name, {whose: [id]}: by table, rows or how many; of one system, what others have left out.';

COMMENT ON FUNCTION "platform"."hidden_columns"(text) IS 'The columns of an audited table that the audit log leaves out.';

COMMENT ON FUNCTION "platform"."iban_length"(text) IS 'The length of a country''s IBANs; null if it has none.';

COMMENT ON FUNCTION "platform"."iban_problem"(text) IS 'The error of an IBAN as a stable code; null if it is valid.';

COMMENT ON FUNCTION "platform"."is_admin"(text) IS 'Whether the caller administers the system, now.';

COMMENT ON FUNCTION "platform"."is_bic"(text) IS 'True if a text has the format of a BIC, in capitals.';

COMMENT ON FUNCTION "platform"."is_elsewhere"(uuid, text) IS 'Whether an account is a member of another system than this one.';

COMMENT ON FUNCTION "platform"."is_number"(jsonb, numeric, numeric, integer) IS 'True if a JSON value is a number within the limits, with at most so many decimals.';

COMMENT ON FUNCTION "platform"."is_sepa_iban"(text) IS 'True if a SEPA transfer can reach the account.';

COMMENT ON FUNCTION "platform"."is_target_day"(date) IS 'True if a day is a TARGET business day.';

COMMENT ON FUNCTION "platform"."is_text"(jsonb, integer) IS 'True if a JSON value is a text that is not blank and not too long.';

COMMENT ON FUNCTION "platform"."is_webhook_url"(text) IS 'Whether events may be sent there: https, or http on the machine itself, with no name and password in it.';

COMMENT ON FUNCTION "platform"."is_within"(uuid, text) IS 'Whether those who administer a system have to do with an account: one of its people, or nobody''s. Operators have to do with all.';

COMMENT ON FUNCTION "platform"."iso_timestamp"(timestamp with time zone) IS 'A timestamp in UTC, ISO 8601, with fractional seconds only if there are any.';

COMMENT ON FUNCTION "platform"."join_systems"() IS 'Trigger: a mailed link of a proven account was followed. Gives the roles of other systems that were asked for.';

COMMENT ON FUNCTION "platform"."keep_answer"(text, text, jsonb) IS 'Stores the answer of the call that claimed the key.';

COMMENT ON FUNCTION "platform"."keep_registration"(uuid, text, text, jsonb) IS 'Keeps what an account asks for, until its address is proven; refuses (403) a role that nobody may choose.';

COMMENT ON FUNCTION "platform"."keep_version"() IS 'Trigger: stores the version that was written.';

COMMENT ON FUNCTION "platform"."keep_versions"(regclass) IS 'Enables the version history for a configuration table.';

COMMENT ON FUNCTION "platform"."kept_in"(platform.personal_place[]) IS 'What of declared places stays after an erasure, and why.';

COMMENT ON FUNCTION "platform"."ledger_balance"(text, text, uuid) IS 'The balance of an account in its unit; 0 if it was never opened.';

COMMENT ON FUNCTION "platform"."ledger_problems"() IS 'Contradictions within the ledger; no row if it is consistent.';

COMMENT ON FUNCTION "platform"."like_pattern"(text) IS 'A folded LIKE pattern that matches the text literally, with its wildcards escaped.';

COMMENT ON FUNCTION "platform"."list_api_keys"(text) IS 'The keys of a system, newest first, for who administers it.';

COMMENT ON FUNCTION "platform"."lock_balances"(text, uuid) IS 'The guarded balances of an owner, by kind, locked.';

COMMENT ON FUNCTION "platform"."main_role"(uuid, text) IS 'The role by which a person is shown in a system; null without one.';

COMMENT ON FUNCTION "platform"."make_api_key"(text, text, text[], timestamp with time zone) IS 'Makes a key for who administers the system; key is in this answer and never again.';

COMMENT ON FUNCTION "platform"."mark_delivered"(uuid[]) IS 'Ends the deliveries that have arrived.';

COMMENT ON FUNCTION "platform"."mark_failed"(uuid, integer, text, boolean) IS 'Notes why an attempt failed, and when the next one is due; true if it was the last. Nothing where somebody else has taken it meanwhile.';

COMMENT ON FUNCTION "platform"."mask_iban"(text) IS 'A masked IBAN: country, check digits and the last four characters.';

COMMENT ON FUNCTION "platform"."member"(uuid, text) IS 'One member, as the list shows him.';

COMMENT ON FUNCTION "platform"."member_named"(text, text) IS 'The user whom an id of the API names, a short reference, the uuid or the e-mail; for who administers the system.';

COMMENT ON FUNCTION "platform"."member_rows"(text, text, text, integer, integer, uuid) IS 'The members of a system as its admins see them, newest first, and who has registered; role_filter none: the accounts without a role.';

COMMENT ON FUNCTION "platform"."member_status"(uuid, text, timestamp with time zone) IS 'How it stands with a member: active, pending, suspended, or unconfirmed.';

COMMENT ON FUNCTION "platform"."members"(text, text, text, integer, integer) IS 'The members of a system, for who administers it.';

COMMENT ON FUNCTION "platform"."monthly"(text, text[], text) IS 'The monthly values of metrics of one subject, oldest month first.';

COMMENT ON FUNCTION "platform"."my_account"(text) IS 'Who the caller is in a system: 401 for nobody, 403 where he is suspended or waits to be accepted.';

COMMENT ON FUNCTION "platform"."names_address"(text, text) IS 'True if a text, JSON too, names this e-mail address; never for none.';

COMMENT ON FUNCTION "platform"."needs_bic"(text) IS 'True if a SEPA transfer to the account requires a BIC. The mask of the IBAN is sufficient.';

COMMENT ON FUNCTION "platform"."next_target_day"(date) IS 'The given day if it is a TARGET business day, otherwise the next one.';

COMMENT ON FUNCTION "platform"."note_proof"(uuid) IS 'Notes that an account is opened by the reader of its mailbox alone; false where that was known.';

COMMENT ON FUNCTION "platform"."notify"(uuid, text, text, text, text, uuid) IS 'Notifies a person, if there is one; about is another person named in the message.';

COMMENT ON FUNCTION "platform"."number_version"() IS 'Trigger: increments the version if anything has changed.';

COMMENT ON FUNCTION "platform"."open_accounts"(text, platform.ledger_line[]) IS 'Opens the accounts of a transfer that do not exist yet.';

COMMENT ON FUNCTION "platform"."open_guarded_balance"() IS 'Trigger: creates the single row of a guarded balance together with its account.';

COMMENT ON FUNCTION "platform"."personal_data"() IS 'Where the platform''s tables, and those of Supabase Auth, lead to the holder of an account.';

COMMENT ON FUNCTION "platform"."places_for"(uuid, text) IS 'Where the platform holds what may be shown of a person to who administers a system; everything without one.';

COMMENT ON FUNCTION "platform"."policy_predicate"(regclass) IS 'The one select policy that applies to the caller, as an SQL condition on the unaliased table; false where there is none.';

COMMENT ON FUNCTION "platform"."post_transfer"(text, text, text, platform.ledger_line[], uuid) IS 'Moves money: lines that sum to zero in each unit, once per (system, kind, key). 402 if a guarded balance would become negative.';

COMMENT ON FUNCTION "platform"."prove_address"() IS 'Trigger: an address was proven. Gives the roles that were asked for.';

COMMENT ON FUNCTION "platform"."publish"(regclass, text[], text[], text[], boolean) IS 'Publishes a view: who may read it, the columns that may be updated (writes) and inserted (inserts), and whether rows may be deleted. The table''s policies decide which rows.';

COMMENT ON FUNCTION "platform"."punycode"(text) IS 'A domain label in punycode, without the prefix xn--.';

COMMENT ON FUNCTION "platform"."refuse_change"() IS 'Trigger: refuses changes of an append-only table.';

COMMENT ON FUNCTION "platform"."refuse_costly_query"() IS '400 for a PostgREST request that would take seconds; true for any other.';

COMMENT ON FUNCTION "platform"."refuse_erased"() IS 'Trigger: nobody signs in to an account that was erased.';

COMMENT ON FUNCTION "platform"."refuse_fields"(jsonb) IS '422 with the invalid fields, if there are any.';

COMMENT ON FUNCTION "platform"."refuse_parameter"(text, text) IS '400 with the parameter''s name as hint.';

COMMENT ON FUNCTION "platform"."refuse_suspended"(text) IS 'True, or 403 if no role that the caller holds in the system is active.';

COMMENT ON FUNCTION "platform"."refuse_write"() IS 'Trigger for read-only views: refuses writes.';

COMMENT ON FUNCTION "platform"."register_again"(text, text, text, jsonb) IS 'Keeps what was asked for with an address that was registered before and is not proven, or that is no member here; false, and nothing, for any other.';

COMMENT ON FUNCTION "platform"."register_member"(uuid, text, text) IS 'Gives a user a role that the system allows at registration (service_role only).';

COMMENT ON FUNCTION "platform"."remove_one_by_one"(platform.retention_rules, integer) IS 'Removes up to a batch of outdated rows that nothing refers to; answers how many.';

COMMENT ON FUNCTION "platform"."remove_outdated"(integer, interval) IS 'Removes up to a batch of outdated rows of each table; answers how many, by table.';

COMMENT ON FUNCTION "platform"."remove_webhook"(uuid) IS 'Removes an endpoint, and its deliveries with it.';

COMMENT ON FUNCTION "platform"."require_admin"(text) IS 'True if the caller administers the system; otherwise 401 without a token, 403 for everybody else.';

COMMENT ON FUNCTION "platform"."require_attempt"(text, text, text) IS 'Counts an attempt, or refuses it (429); the hint is how many seconds to wait.';

COMMENT ON FUNCTION "platform"."require_caller"() IS '401 for whoever is not signed in.';

COMMENT ON FUNCTION "platform"."require_member"(text) IS 'True if the caller holds any role in the system; otherwise 401 without a token, 403 for everybody else.';

COMMENT ON FUNCTION "platform"."require_within"(uuid, text) IS 'Refuses (404) an account with which those who administer a system have nothing to do.';

COMMENT ON FUNCTION "platform"."retain"(regclass, text, interval, text) IS 'Has rows of a table removed when one of their times, a timestamptz with an index, is older than a term.';

COMMENT ON FUNCTION "platform"."retry_delivery"(uuid) IS 'Sends again what has failed, or what a webhook was sent: an admin of the system a call of a webhook, the operators anything.';

COMMENT ON FUNCTION "platform"."reverse_transfer"(uuid, text, text) IS 'Reverses a transfer, account by account, at most once.';

COMMENT ON FUNCTION "platform"."revoke_api_key"(text, uuid) IS 'Ends a key at once, for who administers the system; one that has ended stays as it is.';

COMMENT ON FUNCTION "platform"."roles_of_system"(text, boolean) IS 'The roles of a system, all or those that administer it, the highest first.';

COMMENT ON FUNCTION "platform"."schedule_outbox"(text, text, text) IS 'Has pg_cron call the worker; false where pg_cron, pg_net or Vault is missing. Again, with another key, it takes the place of the last.';

COMMENT ON FUNCTION "platform"."send_message"(text, text, text, jsonb, timestamp with time zone) IS 'Has a mail or an SMS sent once the current transaction is committed; answers its id.';

COMMENT ON FUNCTION "platform"."set_member_status"(uuid, text, text) IS 'Suspends a member of a system, or ends the suspension or the waiting; it holds from the next request.';

COMMENT ON FUNCTION "platform"."set_webhook_status"(uuid, text) IS 'Lets an endpoint rest (paused), or go on (active); what has come meanwhile is sent then.';

COMMENT ON FUNCTION "platform"."setting"(text, text) IS 'The value of a section, for the functions of its system; null where there is none.';

COMMENT ON FUNCTION "platform"."show_api_key"(platform.api_keys) IS 'A key as it is shown, without what it hashes to.';

COMMENT ON FUNCTION "platform"."shown_email"(text) IS 'An e-mail address for display, with the domain in its own script.';

COMMENT ON FUNCTION "platform"."sign_in_address"(text, text) IS 'The address with which an account signs in to Auth that a system knows by another identifier; null for nobody''s.';

COMMENT ON FUNCTION "platform"."sign_setting"() IS 'Trigger: keeps who changed the value, and when.';

COMMENT ON FUNCTION "platform"."siret_problem"(text) IS 'The error of a SIRET as a stable code; null if it is valid or missing.';

COMMENT ON FUNCTION "platform"."skip_references"(regclass, text[]) IS 'Advances a reference sequence past the numbers in use.';

COMMENT ON FUNCTION "platform"."snake_case"(text) IS 'The table''s name of an API column: startsOn is starts_on.';

COMMENT ON FUNCTION "platform"."spread_events"(integer) IS 'Writes the deliveries of the oldest events that have none yet; answers how many events those were.';

COMMENT ON FUNCTION "platform"."table_behind"(regclass) IS 'The single table behind a view.';

COMMENT ON FUNCTION "platform"."take_deliveries"(integer, interval, text[]) IS 'Leases deliveries that are due, some of each lane, and ends those that have come too late or were taken too often.';

COMMENT ON FUNCTION "platform"."take_number"(text, text, integer) IS 'The next number of a system''s series in a year (null: this year in Paris), held until the transaction ends.';

COMMENT ON FUNCTION "platform"."take_slot"() IS 'A slot of the split counters that belongs to this transaction until it ends.';

COMMENT ON FUNCTION "platform"."tell_system"(text, uuid, text, text) IS 'Tells a system what has become of one of its members.';

COMMENT ON FUNCTION "platform"."test_webhook"(uuid) IS 'Sends an endpoint an event that means nothing, for an admin of its system; answers the delivery''s id.';

COMMENT ON FUNCTION "platform"."touch"() IS 'Trigger: sets updated_at.';

COMMENT ON FUNCTION "platform"."trimmed"(text) IS 'A text without leading and trailing white space of any kind.';

COMMENT ON FUNCTION "platform"."vat_number_form"(text) IS 'The part of a VAT number after the two country letters, as a regular expression. Greece is EL, not GR.';

COMMENT ON FUNCTION "platform"."vat_number_problem"(text) IS 'The error of a VAT number as a stable code; null if it is valid or missing.';

COMMENT ON FUNCTION "platform"."vat_of"(platform.vat_line[], boolean) IS 'Net, VAT and gross of each rate, half a cent away from zero; the totals are their sums. Included: the lines are prices with VAT.';

COMMENT ON FUNCTION "platform"."why_kept"(text) IS 'Why something stays of a person who was erased, in words.';

COMMENT ON FUNCTION "platform_api"."accept_attempts"(text[], text[], text) IS 'For the functions alone: gives an attempt back that succeeded, and knows its device.';

COMMENT ON FUNCTION "platform_api"."api_key_accept"(text, text) IS 'For the functions alone: whose key it is and what may be done with it; null where it is worth nothing.';

COMMENT ON FUNCTION "platform_api"."api_key_make"(text, text, text[], timestamp with time zone) IS 'Makes a key; key is in this answer and never again.';

COMMENT ON FUNCTION "platform_api"."api_key_revoke"(text, uuid) IS 'Ends a key at once.';

COMMENT ON FUNCTION "platform_api"."api_keys"(text) IS 'The keys of a system, newest first, those revoked too.';

COMMENT ON FUNCTION "platform_api"."audit"(text, text, text, timestamp with time zone, timestamp with time zone, text, integer) IS 'Who changed what and when, before and after, newest first; of one table, one row, or a time. X-Next-Cursor leads to the next page.';

COMMENT ON FUNCTION "platform_api"."forget_attempts"(text[], text[], text) IS 'For the functions alone: forgets the attempts after a new password.';

COMMENT ON FUNCTION "platform_api"."mark_all_read"(text) IS 'Marks all of the caller''s own as read.';

COMMENT ON FUNCTION "platform_api"."mark_read"(text, text) IS 'Marks one of the caller''s own as read.';

COMMENT ON FUNCTION "platform_api"."me"(text) IS 'Who the caller is in the system; 403 if suspended. The role is the platform''s, whatever metadata says.';

COMMENT ON FUNCTION "platform_api"."member_add"(text, uuid, text, jsonb) IS 'After Auth made the account: gives it its role.';

COMMENT ON FUNCTION "platform_api"."member_check"(text, text, text) IS 'Before Auth makes an account: refuses what would be refused afterwards, and removes an account that nobody has proven.';

COMMENT ON FUNCTION "platform_api"."member_reactivate"(text, text) IS 'Ends a suspension; accepts who has registered.';

COMMENT ON FUNCTION "platform_api"."member_role"(text, text, text) IS 'The one role that the user holds from now on in the system.';

COMMENT ON FUNCTION "platform_api"."member_suspend"(text, text) IS 'Refused from the next request on, whatever token he has.';

COMMENT ON FUNCTION "platform_api"."members"(text, text, text, integer, integer) IS 'The members of a system, newest first; search by name, company and e-mail; role_filter none: the accounts without a role.';

COMMENT ON FUNCTION "platform_api"."notifications"(text) IS 'The notifications of who asks, newest first.';

COMMENT ON FUNCTION "platform_api"."rate_limit_change"(text, text, integer, integer) IS 'Changes a limit; it holds from the next attempt.';

COMMENT ON FUNCTION "platform_api"."rate_limits"(text) IS 'How many attempts of each kind are allowed within a period, in the system and at signing in.';

COMMENT ON FUNCTION "platform_api"."register"(text, uuid, text, jsonb) IS 'For the functions alone: the second half of a registration, after Auth made the account.';

COMMENT ON FUNCTION "platform_api"."register_again"(text, text, text, jsonb) IS 'For the functions alone: an address registers that has an account already, which nobody has proven, or which is no member; false for any other.';

COMMENT ON FUNCTION "platform_api"."release_attempts"(text[], text[], text) IS 'For the functions alone: gives an attempt back that was not made.';

COMMENT ON FUNCTION "platform_api"."setting"(text, text) IS 'One section; its version is the ETag.';

COMMENT ON FUNCTION "platform_api"."setting_change"(text, text, jsonb, text) IS 'Sets an open section: 422 field by field, 412 where if_match is not its present version.';

COMMENT ON FUNCTION "platform_api"."settings"(text) IS 'Every section of a system with its value; those that are open are changed by setting_change.';

COMMENT ON FUNCTION "platform_api"."sign_in_address"(text, text) IS 'For the functions alone: the address of whom an identifier names that is none; null for nobody.';

COMMENT ON FUNCTION "platform_api"."take_attempts"(text[], text[], text) IS 'For the functions alone: counts an attempt by the rules; answers 0, or the seconds to wait.';

COMMENT ON FUNCTION "platform_api"."unread_count"(text) IS 'How many of his notifications the caller has not read.';

COMMENT ON FUNCTION "public"."account_keep"(uuid, text, text, text, uuid, boolean, text) IS 'For the functions only: stores a sealed IBAN with its mask.';

COMMENT ON FUNCTION "public"."admin_audio_recording"(text) IS 'The Storage path of a call''s recording, for a signed URL.';

COMMENT ON FUNCTION "public"."admin_billing_settings"() IS 'GET /api/admin/billing-settings: the seller and the VAT rate on invoices. missing: the fields that the seller must complete before anything can be sold.';

COMMENT ON FUNCTION "public"."admin_billing_settings_change"(jsonb) IS 'PUT /api/admin/billing-settings: sets the given fields for future invoices; 400 lists the invalid fields.';

COMMENT ON FUNCTION "public"."admin_calling_rules"() IS 'GET /api/admin/calling-rules: calling hours, call limits and consent exemptions.';

COMMENT ON FUNCTION "public"."admin_calling_rules_change"(jsonb) IS 'PUT /api/admin/calling-rules: changes the given fields; 422 lists the invalid ones.';

COMMENT ON FUNCTION "public"."admin_credits_pack_change"(text, jsonb, text) IS 'PUT /api/admin/credits/packs/:id: omitted fields keep their value. 412 if if_match, or version in the pack, is not the current version.';

COMMENT ON FUNCTION "public"."admin_credits_pack_create"(jsonb) IS 'POST /api/admin/credits/packs: creates a pack; 400 lists the invalid fields. The price per credit is computed.';

COMMENT ON FUNCTION "public"."admin_credits_pack_versions"(text) IS 'GET /api/admin/credits/packs/:id/versions: all versions of a pack, newest first.';

COMMENT ON FUNCTION "public"."admin_credits_rule_change"(text, jsonb, text) IS 'PUT /api/admin/credits/rules/:id: omitted fields keep their value. 412 if if_match, or version in the rule, is not the current version.';

COMMENT ON FUNCTION "public"."admin_credits_rule_create"(jsonb) IS 'POST /api/admin/credits/rules: adds the rule of a known kind that is not configured yet; 409 otherwise.';

COMMENT ON FUNCTION "public"."admin_credits_rule_versions"(text) IS 'GET /api/admin/credits/rules/:id/versions: all versions of a rule, newest first.';

COMMENT ON FUNCTION "public"."admin_gains_activate"(text, text) IS 'POST /api/admin/gains/:id/activate: validates the supplier and the bank account; 409 if iban is not the account''s mask.';

COMMENT ON FUNCTION "public"."admin_gains_iban_check"(text, text, text) IS 'PUT /api/admin/gains/:id/iban, before the IBAN is sealed: 404, 422 if it is invalid.';

COMMENT ON FUNCTION "public"."admin_gains_monthly"() IS 'GET /api/admin/gains/monthly: the last six months, oldest first.';

COMMENT ON FUNCTION "public"."admin_gains_pay"(text, text) IS 'POST /api/admin/gains/:id/pay: pays all payable earnings of a supplier in one transfer. 404, 409 with the reason.';

COMMENT ON FUNCTION "public"."admin_gains_suspend"(text) IS 'POST /api/admin/gains/:id/suspend: the supplier is not paid and cannot sign in.';

COMMENT ON FUNCTION "public"."admin_import_accept"(text) IS 'POST /api/admin/imports/:id/accept: imports the rows of a pending import; 409 if it is not pending.';

COMMENT ON FUNCTION "public"."admin_import_discard"(text) IS 'POST /api/admin/imports/:id/discard: ends a pending import without leads; 409 if it is not pending.';

COMMENT ON FUNCTION "public"."admin_import_undo"(text) IS 'POST /api/admin/imports/:id/undo: undoes an import for leads that nobody has sold or changed since; returns the leads that stay, with the reasons.';

COMMENT ON FUNCTION "public"."admin_order_refund"(text, numeric, text) IS 'The first half of POST /api/admin/orders/:id/refund: stores the request. The function then asks the provider; nothing is booked before the provider agrees.';

COMMENT ON FUNCTION "public"."admin_payables"(text) IS 'GET /api/admin/payables: the payable amount of each supplier; code and message give the reason if it cannot be paid.';

COMMENT ON FUNCTION "public"."admin_payout_confirm"(text) IS 'POST /api/admin/payouts/:ref/confirm: the bank has executed the transfer. A repeated call gets the same answer. 409 if it has failed.';

COMMENT ON FUNCTION "public"."admin_payout_fail"(text, text) IS 'POST /api/admin/payouts/:ref/fail: the bank has refused or returned the transfer; its earnings become payable again. A repeated call gets the same answer.';

COMMENT ON FUNCTION "public"."admin_payout_lines"(text) IS 'GET /api/admin/payouts/:ref/lines: the sales and returns of a transfer.';

COMMENT ON FUNCTION "public"."admin_payouts_settle"(jsonb) IS 'leads-cli pay settle: records the entries of a bank file, and returns the result of each.';

COMMENT ON FUNCTION "public"."admin_queue"() IS 'GET /api/admin/queue: the number of leads waiting for an agent, for calling hours, for a call limit, for a consent.';

COMMENT ON FUNCTION "public"."admin_return_decide"(text, boolean, text) IS 'POST /api/admin/returns/:id {accepted, note}: decides a return. The same decision again changes nothing; the opposite decision is 409.';

COMMENT ON FUNCTION "public"."admin_self_dealing_decide"(text, text, text) IS 'POST /api/admin/self-dealing/:id {status, note}: cleared releases the held earnings; confirmed keeps them and stops further sales of this supplier''s leads to this buyer.';

COMMENT ON FUNCTION "public"."admin_transactions_monthly_revenue"() IS 'GET /api/admin/transactions/monthly-revenue: the last six months, oldest first.';

COMMENT ON FUNCTION "public"."admin_user_erase"(text, boolean) IS 'The first half of POST /api/admin/users/:id/erase: erases the rows. The function then deletes the files.';

COMMENT ON FUNCTION "public"."admin_user_export"(text) IS 'GET /api/admin/users/:id/export: all data held about an account holder.';

COMMENT ON FUNCTION "public"."billing_details"() IS 'GET /api/billing/details: the caller''s billing details.';

COMMENT ON FUNCTION "public"."billing_details_change"(jsonb) IS 'PUT /api/billing/details: sets the caller''s billing details for future invoices; 400 lists the invalid fields.';

COMMENT ON FUNCTION "public"."billing_invoice"(text) IS 'GET /api/billing/invoices/:number: the content of the PDF and of its XML; a buyer''s own invoice, or any for an admin. vatCategory is a code of UNTDID 5305.';

COMMENT ON FUNCTION "public"."billing_order"(text) IS 'GET /api/billing/orders/:id: an order of the caller, with its status.';

COMMENT ON FUNCTION "public"."billing_order_open"(text, text) IS 'The first half of POST /api/billing/purchase-pack: opens an order. The functions then have it paid.';

COMMENT ON FUNCTION "public"."billing_order_send"(uuid, text, text, text) IS 'For the functions only: stores the provider''s payment page of an order; returns the answer to the buyer.';

COMMENT ON FUNCTION "public"."billing_order_settle"(uuid, text) IS 'For the functions only: settles a paid order; returns the answer to the buyer.';

COMMENT ON FUNCTION "public"."billing_payment_event"(text, jsonb) IS 'For the functions only: processes an event of a payment provider whose signature was checked; returns the outcome.';

COMMENT ON FUNCTION "public"."billing_refund_answer"(uuid, text, text, text) IS 'For the functions only: stores the provider''s answer to a refund; returns {status, cause}.';

COMMENT ON FUNCTION "public"."billing_seller_incomplete"() IS 'For the functions only: reports that a buyer was refused because the seller''s identity is incomplete.';

COMMENT ON FUNCTION "public"."fournisseur_iban"() IS 'GET /api/fournisseur/iban: the caller''s bank account, masked, and the reason if it is held.';

COMMENT ON FUNCTION "public"."fournisseur_iban_check"(text, text) IS 'PUT /api/fournisseur/iban, before the IBAN is sealed: 422 if it is invalid.';

COMMENT ON FUNCTION "public"."fournisseur_virement_lines"(text) IS 'GET /api/fournisseur/virements/:id/lines: the sales and returns of a transfer; buyers are not named.';

COMMENT ON FUNCTION "public"."fournisseur_virements_monthly"() IS 'GET /api/fournisseur/virements/monthly: the last six months, oldest first.';

COMMENT ON FUNCTION "public"."gdpr_forget_recordings"(text[]) IS 'For the functions only: clears the paths of recordings that have been deleted from Storage.';

COMMENT ON FUNCTION "public"."import_detail"(text) IS 'GET /api/imports/:id: the status of an import, its counts and the reasons of refused rows.';

COMMENT ON FUNCTION "public"."import_followed"(text) IS 'For leads-cli, to follow an import: its report, and how many rows and bytes of its file are staged.';

COMMENT ON FUNCTION "public"."import_supplier"(text, boolean, bigint) IS 'POST /api/imports, first step: the supplier of a file of so many bytes; refuses callers who may not import. Without required: null for an admin who has not named a supplier.';

COMMENT ON FUNCTION "public"."import_upload"(text) IS 'POST /api/imports/upload: the path for a large file, to be named by its import.';

COMMENT ON FUNCTION "public"."lead_consent"(text) IS 'GET /api/leads/:id/consent: for admins, the lead''s supplier and its buyers.';

COMMENT ON FUNCTION "public"."lead_outcome"(text, text) IS 'POST /api/leads/:id/outcome {outcome: won, lost or unreachable}; conversionRate is the buyer''s updated rate.';

COMMENT ON FUNCTION "public"."lead_price"(text) IS 'GET /api/leads/:id/price: the lead''s current price for the buyer, in credits, and its value in euros.';

COMMENT ON FUNCTION "public"."lead_purchase"(text, numeric, numeric) IS 'POST /api/leads/:id/purchase {credits, price}, both optional: the price as the buyer saw it. Returns {lead, purchase, credits}, where credits is the new balance. 201, or 200 if it was bought before; 402, 403, 404, 409, where price_changed gives the new price.';

COMMENT ON FUNCTION "public"."lead_qualify"(text, jsonb, text) IS 'POST /api/leads/:id/qualify {result, durationSeconds, callbackAt, notes, recordingPath, recordingConsent, refused}: returns the lead, with the explanation of its score.';

COMMENT ON FUNCTION "public"."lead_recording"(text, text) IS 'POST /api/leads/:id/recording: the path where the agent may upload the recording of the call.';

COMMENT ON FUNCTION "public"."lead_return"(text, text, text) IS 'POST /api/leads/:id/return {reason, comment}: requests the credits back. 201, or 200 if it was requested before; 404, 409 after the return window.';

COMMENT ON FUNCTION "public"."lead_update"(text, jsonb, text) IS 'PUT /api/leads/:id: changes the given fields. 412 if the lead has changed since if_match, or since updatedAt in the body.';

COMMENT ON FUNCTION "public"."leads_search"(text, text, text, numeric, text, integer, text) IS 'GET /api/leads with its filters. "all" and empty mean no filter. Headers: X-Next-Cursor (pass it as cursor), Content-Range if requested by Prefer: count.';

COMMENT ON FUNCTION "public"."payout_batch"(text, date) IS 'For leads-cli pay export: the content of the next file, or of an earlier one; IBANs are sealed.';

COMMENT ON FUNCTION "public"."payout_batch_mark"(text, text, jsonb) IS 'For leads-cli pay export: assigns payouts to a file.';

COMMENT ON FUNCTION "public"."payout_debtor_set"(text, text, text) IS 'For leads-cli pay account: sets the bank account from which payouts are made.';

COMMENT ON FUNCTION "public"."stats_monthly"() IS 'GET /api/stats/monthly: the last six months, oldest first; period is the month with its year.';

COMMENT ON FUNCTION "public"."users_acheteur"() IS 'GET /api/users/acheteur: the calling buyer''s profile. conversionRate in percent.';

COMMENT ON FUNCTION "public"."users_agent"() IS 'GET /api/users/agent: the calling agent''s profile. averageCallDuration in seconds, qualificationRate in percent.';

COMMENT ON FUNCTION "public"."users_fournisseur"() IS 'GET /api/users/fournisseur: the calling supplier''s profile. Money in euros.';

COMMENT ON FUNCTION "public"."users_me_export"() IS 'GET /api/users/me/export: all data held about the caller.';

COMMENT ON SCHEMA "leads" IS 'Leads Provider: tables and rules. Never exposed by the API.';

COMMENT ON SCHEMA "platform" IS 'Shared by all systems: identity, roles, audit, notifications. Never exposed by the API.';

COMMENT ON SCHEMA "platform_api" IS 'What the API publishes for all systems alike: accounts, members, notifications, limits.';

COMMENT ON TABLE "leads"."billing_details" IS 'The identity that a buyer wants on invoices.';

COMMENT ON TABLE "leads"."bonus_budgets" IS 'The amount of the bonus budget paid to suppliers, by month of sale.';

COMMENT ON TABLE "leads"."called_people" IS 'The calls to each person: one row per e-mail and telephone, hashed.';

COMMENT ON TABLE "leads"."credit_offers" IS 'The packs on offer to buyers.';

COMMENT ON TABLE "leads"."credit_packs" IS 'Credit packs, as the admin configures them.';

COMMENT ON TABLE "leads"."credit_rules" IS 'Prices and conditions, as the admin configures them.';

COMMENT ON TABLE "leads"."earnings" IS 'The supplier''s share of each sale, and its deduction after a return; these are the lines of a payout.';

COMMENT ON TABLE "leads"."erasures" IS 'The erasures, with time and actor: proof that they were done, without the erased data.';

COMMENT ON TABLE "leads"."held_accounts" IS 'Bank accounts that are not paid because the bank returned a transfer. Readable with the operators'' key only.';

COMMENT ON TABLE "leads"."import_changes" IS 'Leads as they were before an import updated them. Rows are deleted when the import is undone, when the time limit has passed, or when the person is erased.';

COMMENT ON TABLE "leads"."import_checked" IS 'Checked rows of files being imported, in the form in which leads are stored. Empty when no import runs.';

COMMENT ON TABLE "leads"."import_file_rows" IS 'The partition of import_rows for rows of files; leads-cli and uploads COPY into it.';

COMMENT ON TABLE "leads"."import_files" IS 'The uploaded files, with the progress and claim of their processing.';

COMMENT ON TABLE "leads"."import_form_rows" IS 'The partition of import_rows for the single row of a form, during its check.';

COMMENT ON TABLE "leads"."import_held_rows" IS 'The rows, as written, of files that wait for an admin''s decision.';

COMMENT ON TABLE "leads"."import_mappings" IS 'The column names that a supplier uses in files.';

COMMENT ON TABLE "leads"."import_rejects" IS 'Refused rows with the reasons; the most important problem has columns of its own.';

COMMENT ON TABLE "leads"."import_rows" IS 'Rows of files and forms being imported, as they were written. Empty when no import runs.';

COMMENT ON TABLE "leads"."imports" IS 'Files sent by suppliers, with their counts.';

COMMENT ON TABLE "leads"."invoices" IS 'Append-only: invoices (FA) and the credit notes that correct them (AV, negative amounts), in integer cents.';

COMMENT ON TABLE "leads"."lead_consents" IS 'Proof of consent, at most one row per lead.';

COMMENT ON TABLE "leads"."lead_contacts" IS 'Identifying data of the person behind a lead. Masked for everyone without a right to it.';

COMMENT ON TABLE "leads"."oppositions" IS 'Hashes of e-mails and telephones that no file or form may bring in again.';

COMMENT ON TABLE "leads"."outcomes" IS 'The result of a lead for its buyer (won, lost, unreachable); the buyer''s conversion rate is computed from it.';

COMMENT ON TABLE "leads"."pack_orders" IS 'Orders of credit packs, each with a copy of the pack as it was offered.';

COMMENT ON TABLE "leads"."party_signs" IS 'Hashed identifying signs of suppliers and buyers. A sign is kept after its value changes, because it still links the two accounts.';

COMMENT ON TABLE "leads"."payment_events" IS 'Events of payment providers by the provider''s ids, with the outcome of each.';

COMMENT ON TABLE "leads"."payments" IS 'The payments of a buyer, as shown to the buyer.';

COMMENT ON TABLE "leads"."payout_accounts" IS 'The account that each payout goes to, as of the payout. Readable with the operators'' key only.';

COMMENT ON TABLE "leads"."payout_exports" IS 'SEPA files (pain.001) of payouts, as handed to the bank.';

COMMENT ON TABLE "leads"."payout_lines" IS 'Append-only: the earnings that each payout was made of.';

COMMENT ON TABLE "leads"."payouts" IS 'Bank transfers to suppliers (virements).';

COMMENT ON TABLE "leads"."people_at_agents" IS 'People whom an agent has reserved: one row per e-mail and telephone, hashed.';

COMMENT ON TABLE "leads"."qualifications" IS 'Reports of agents, one per call. A repeated report gets the same answer and is counted once.';

COMMENT ON TABLE "leads"."refunds" IS 'Refunds of orders: requested from the provider, or reported by it.';

COMMENT ON TABLE "leads"."regions" IS 'The regions of the catalogue. A region with a position is always listed in the statistics, in that order.';

COMMENT ON TABLE "leads"."returns" IS 'Return requests of buyers and the decisions on them.';

COMMENT ON TABLE "leads"."rule_kinds" IS 'For each kind of pricing rule: its meaning, its limits, and the value that applies when no rule is configured.';

COMMENT ON TABLE "leads"."sales" IS 'One row per lead and buyer: the price paid and the supplier''s share.';

COMMENT ON TABLE "leads"."score_features" IS 'The features that make up a lead''s score, with their points.';

COMMENT ON TABLE "leads"."sectors" IS 'The sectors of the catalogue. A sector with a position is always listed in the statistics, in that order.';

COMMENT ON TABLE "leads"."seeded_rows" IS 'The rows that the last seed created.';

COMMENT ON TABLE "leads"."self_dealing" IS 'Pairs of supplier and buyer who may be the same person, with the admin''s decision. Neither party is notified.';

COMMENT ON TABLE "leads"."spellings" IS 'Alternative spellings, folded (no accents, lower case), with the name they stand for.';

COMMENT ON TABLE "leads"."supplier_accounts" IS 'The bank account of each supplier. Readable with the operators'' key only.';

COMMENT ON TABLE "leads"."transactions" IS 'The list of all movements of money or credits; user name and company are kept as they were on that day.';

COMMENT ON TABLE "platform"."api_keys" IS 'The API keys of each system, those revoked too.';

COMMENT ON TABLE "platform"."audit_chains" IS 'The last hash of each audit chain; it shows whether rows at the end of the log are missing.';

COMMENT ON TABLE "platform"."deliveries" IS 'Mails, SMS and calls of webhooks, at least once each, in no promised order.';

COMMENT ON TABLE "platform"."idempotency_keys" IS 'Requests with an Idempotency-Key and their answers, by caller.';

COMMENT ON TABLE "platform"."ledger_balances" IS 'The balance of an account, as the sum of its slots.';

COMMENT ON TABLE "platform"."ledger_entries" IS 'Append-only: the change of an account by a transfer, negative for a debit. In credits or integer cents, by the account''s kind.';

COMMENT ON TABLE "platform"."ledger_transfers" IS 'Append-only: the movements of money. The unique key makes each happen once; a transfer is reversed at most once.';

COMMENT ON TABLE "platform"."notifications" IS 'Notifications to one person, newest first by id.';

COMMENT ON TABLE "platform"."opening_figures" IS 'The value of a figure before this database counted it, in the unit of its rollup.';

COMMENT ON TABLE "platform"."outbox" IS 'What has happened, oldest first, until every webhook that wants to know has its delivery.';

COMMENT ON TABLE "platform"."retention_rules" IS 'Which rows of which tables are removed, counted from which of their times, after how long.';

COMMENT ON TABLE "platform"."rollups" IS 'Figures counted from rows. subject: empty for the whole system, otherwise the id or name that the figure is about. Money in cents.';

COMMENT ON TABLE "platform"."row_versions" IS 'Append-only: the versions of configuration rows; each one is in force until valid_from of the next.';

COMMENT ON TABLE "platform"."settings" IS 'The settings of each system, one value a section. Its versions are in platform.row_versions.';

COMMENT ON TABLE "platform"."webhook_endpoints" IS 'Where the events of a system are sent to. Written by functions only.';

COMMENT ON TABLE "platform"."webhook_secrets" IS 'What calls of webhooks are signed with, sealed for the endpoint''s id (functions/_shared/sealed.ts).';

COMMENT ON TYPE "leads"."import_counts" IS 'The number of rows by result; with_consent counts the rows with a proof of consent.';

COMMENT ON TYPE "platform"."ledger_line" IS 'A change of an account by a transfer (negative: debit). owner null: the platform.';

COMMENT ON TYPE "platform"."personal_place" IS 'A column that leads to a person or says who he is: whose it is, what an export shows of the row ({}: how many), what an erasure makes of it, why something stays.';

COMMENT ON TYPE "platform"."vat_line" IS 'An amount and its rate of VAT in basis points.';

COMMENT ON VIEW "leads"."counted_figures" IS 'The statistics computed from all rows.';

COMMENT ON VIEW "leads"."kept_sales" IS 'Sales without those whose return was accepted.';

COMMENT ON VIEW "leads"."lead_rows" IS 'The rows of public.leads with the internal key that orders them; pages are fetched by this key (leads.find_leads).';

COMMENT ON VIEW "leads"."return_rows" IS 'Returns with the names of the buyer and the lead.';

COMMENT ON VIEW "leads"."shown_invoices" IS 'Invoices and credit notes as shown by the API.';

COMMENT ON VIEW "leads"."shown_orders" IS 'Orders as shown by the API.';

COMMENT ON VIEW "leads"."waiting_leads" IS 'Leads that wait for an agent.';

COMMENT ON VIEW "public"."admin_credits_packs" IS 'GET /api/admin/credits/packs: the packs, as configured.';

COMMENT ON VIEW "public"."admin_gains" IS 'GET /api/admin/gains: the earnings of each supplier.';

COMMENT ON VIEW "public"."admin_imports" IS 'GET /api/admin/imports: all imports, newest first.';

COMMENT ON VIEW "public"."admin_invoices" IS 'GET /api/admin/invoices: all invoices and credit notes, newest first.';

COMMENT ON VIEW "public"."admin_orders" IS 'GET /api/admin/orders: all orders of packs, newest first.';

COMMENT ON VIEW "public"."admin_payouts" IS 'GET /api/admin/payouts: the transfers to all suppliers, newest first.';

COMMENT ON VIEW "public"."admin_returns" IS 'GET /api/admin/returns: all returns, newest first.';

COMMENT ON VIEW "public"."admin_self_dealing" IS 'GET /api/admin/self-dealing: pairs of supplier and buyer who may be one person, unreviewed ones first. earned and held are in euros.';

COMMENT ON VIEW "public"."admin_transactions" IS 'GET /api/admin/transactions: all transactions, newest first.';

COMMENT ON VIEW "public"."billing_credit_packs" IS 'GET /api/billing/credit-packs: the packs on offer.';

COMMENT ON VIEW "public"."billing_invoices" IS 'GET /api/billing/invoices: the caller''s invoices and credit notes, newest first.';

COMMENT ON VIEW "public"."billing_notifications" IS 'GET /api/billing/notifications: the caller''s notifications.';

COMMENT ON VIEW "public"."billing_orders" IS 'GET /api/billing/orders: the caller''s orders, newest first.';

COMMENT ON VIEW "public"."billing_payments" IS 'GET /api/billing/payments: the caller''s payments.';

COMMENT ON VIEW "public"."billing_returns" IS 'GET /api/billing/returns: the caller''s returns, newest first.';

COMMENT ON VIEW "public"."fournisseur_virements" IS 'GET /api/fournisseur/virements: the transfers to the calling supplier.';

COMMENT ON VIEW "public"."imports" IS 'GET /api/imports: the caller''s imports, newest first; all imports for an admin.';

COMMENT ON VIEW "public"."leads" IS 'Leads visible to the caller, newest first; contacts are masked unless the caller has a right to them.';

COMMENT ON VIEW "public"."notifications" IS 'GET /api/notifications: the notifications of who asks, newest first.';

REVOKE ALL ON FUNCTION "leads"."account_of"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."account_of"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."account_of"(text) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."answer_refund"(uuid, text, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."answer_refund"(uuid, text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."answer_refund"(uuid, text, text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "leads"."answer_refund"(uuid, text, text, text) TO "service_role";

REVOKE ALL ON FUNCTION "leads"."apply_early_events"(leads.pack_orders) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."apply_early_events"(leads.pack_orders) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."apply_early_events"(leads.pack_orders) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."apply_event"(leads.pack_orders, text, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."apply_event"(leads.pack_orders, text, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."apply_event"(leads.pack_orders, text, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."begin_slice"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."begin_slice"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."begin_slice"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "leads"."begin_slice"(uuid) TO "service_role";

REVOKE ALL ON FUNCTION "leads"."claim_upload"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."claim_upload"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."claim_upload"() TO "postgres";

GRANT EXECUTE ON FUNCTION "leads"."claim_upload"() TO "service_role";

REVOKE ALL ON FUNCTION "leads"."close_event"(leads.payment_events, uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."close_event"(leads.payment_events, uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."close_event"(leads.payment_events, uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."duplicate_kind"(leads.leads, uuid, timestamp WITH time zone, timestamp WITH time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."duplicate_kind"(leads.leads, uuid, timestamp WITH time zone, timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."duplicate_kind"(leads.leads, uuid, timestamp WITH time zone, timestamp WITH time zone) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."end_slice"(uuid, bigint, jsonb, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."end_slice"(uuid, bigint, jsonb, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."end_slice"(uuid, bigint, jsonb, boolean) TO "postgres";

GRANT EXECUTE ON FUNCTION "leads"."end_slice"(uuid, bigint, jsonb, boolean) TO "service_role";

REVOKE ALL ON FUNCTION "leads"."erase_person"(text, text, uuid, uuid[], boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."erase_person"(text, text, uuid, uuid[], boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."erase_person"(text, text, uuid, uuid[], boolean) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."erase_prospect"(text, text, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."erase_prospect"(text, text, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."erase_prospect"(text, text, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."erase_suppliers"(uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."erase_suppliers"(uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."erase_suppliers"(uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."exemptions_hold"(jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."exemptions_hold"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."exemptions_hold"(jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."exported_account"(uuid, uuid[], text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."exported_account"(uuid, uuid[], text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."exported_account"(uuid, uuid[], text) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."follow_status"(uuid, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."follow_status"(uuid, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."follow_status"(uuid, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."give_lead"(uuid, leads.calling) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."give_lead"(uuid, leads.calling) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."give_lead"(uuid, leads.calling) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."held_about"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."held_about"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."held_about"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."hold_person"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."hold_person"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."hold_person"() TO "postgres";

REVOKE ALL ON FUNCTION "leads"."holder_export"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."holder_export"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."holder_export"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."holder_named"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."holder_named"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."holder_named"(text) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."is_at_another_agent"(uuid, timestamp WITH time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."is_at_another_agent"(uuid, timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."is_at_another_agent"(uuid, timestamp WITH time zone) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."is_sold"(leads.leads) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."is_sold"(leads.leads) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."is_sold"(leads.leads) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."member_details"(uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."member_details"(uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."member_details"(uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."on_member"(uuid, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."on_member"(uuid, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."on_member"(uuid, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."open_obligations"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."open_obligations"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."open_obligations"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."personal_data"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."personal_data"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."personal_data"() TO "postgres";

GRANT EXECUTE ON FUNCTION "leads"."personal_data"() TO "service_role";

REVOKE ALL ON FUNCTION "leads"."proven_email"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."proven_email"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."proven_email"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."refund_name"(leads.refunds, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."refund_name"(leads.refunds, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."refund_name"(leads.refunds, text) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."refuse_open_obligations"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."refuse_open_obligations"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."refuse_open_obligations"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."refuse_waiting"(leads.pack_orders, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."refuse_waiting"(leads.pack_orders, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."refuse_waiting"(leads.pack_orders, text) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."release_upload"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."release_upload"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."release_upload"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "leads"."release_upload"(uuid) TO "service_role";

REVOKE ALL ON FUNCTION "leads"."seller_form_problems"(jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."seller_form_problems"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."seller_form_problems"(jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."suppliers_of"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."suppliers_of"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."suppliers_of"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."tell_of_registration"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."tell_of_registration"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."tell_of_registration"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."told_refund"(uuid, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."told_refund"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."told_refund"(uuid, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."unknown_suppliers"(jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."unknown_suppliers"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."unknown_suppliers"(jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "leads"."vat_percent_problems"(jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "leads"."vat_percent_problems"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "leads"."vat_percent_problems"(jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."accept_api_key"(text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."accept_api_key"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."accept_api_key"(text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."accept_api_key"(text, text) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."account_named"(text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."account_named"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."account_named"(text, text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."account_of"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."account_of"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."account_of"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."add_figures"(text, platform.figure[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."add_figures"(text, platform.figure[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."add_figures"(text, platform.figure[]) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."add_member"(uuid, text, text, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."add_member"(uuid, text, text, jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "platform"."add_member"(uuid, text, text, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."add_member"(uuid, text, text, jsonb) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."add_member"(uuid, text, text, jsonb) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."add_webhook"(uuid, text, text, text[], text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."add_webhook"(uuid, text, text, text[], text, text) TO "authenticated";

REVOKE ALL ON FUNCTION "platform"."add_webhook"(uuid, text, text, text[], text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."add_webhook"(uuid, text, text, text[], text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."add_webhook"(uuid, text, text, text[], text, text) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."administers_all"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."administers_all"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."administers_all"() TO "postgres";

REVOKE ALL ON FUNCTION "platform"."amount_text"(bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."amount_text"(bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."amount_text"(bigint) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."apply_entry"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."apply_entry"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."apply_entry"() TO "postgres";

REVOKE ALL ON FUNCTION "platform"."apply_registrations"(uuid, boolean, timestamp WITH time zone, timestamp WITH time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."apply_registrations"(uuid, boolean, timestamp WITH time zone, timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."apply_registrations"(uuid, boolean, timestamp WITH time zone, timestamp WITH time zone) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."are_scopes"(text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."are_scopes"(text[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."are_scopes"(text[]) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."ask_to_join"(text, text, text, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."ask_to_join"(text, text, text, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."ask_to_join"(text, text, text, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."audit"(regclass, text[], text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."audit"(regclass, text[], text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."audit"(regclass, text[], text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."audit_cursor"(platform.audit_log) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."audit_cursor"(platform.audit_log) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."audit_cursor"(platform.audit_log) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."audit_entries"(text, text, text, timestamp WITH time zone, timestamp WITH time zone, text, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."audit_entries"(text, text, text, timestamp WITH time zone, timestamp WITH time zone, text, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."audit_entries"(text, text, text, timestamp WITH time zone, timestamp WITH time zone, text, integer) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."audit_page"(text, text, text, timestamp WITH time zone, timestamp WITH time zone, text, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."audit_page"(text, text, text, timestamp WITH time zone, timestamp WITH time zone, text, integer) TO "authenticated";

REVOKE ALL ON FUNCTION "platform"."audit_page"(text, text, text, timestamp WITH time zone, timestamp WITH time zone, text, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."audit_page"(text, text, text, timestamp WITH time zone, timestamp WITH time zone, text, integer) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."audit_page"(text, text, text, timestamp WITH time zone, timestamp WITH time zone, text, integer) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."begin_erasure"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."begin_erasure"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."begin_erasure"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."camel_keys"(jsonb, text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."camel_keys"(jsonb, text[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."camel_keys"(jsonb, text[]) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."change_member_role"(uuid, text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."change_member_role"(uuid, text, text) TO "authenticated";

REVOKE ALL ON FUNCTION "platform"."change_member_role"(uuid, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."change_member_role"(uuid, text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."change_member_role"(uuid, text, text) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."change_member_status"(uuid, text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."change_member_status"(uuid, text, text) TO "authenticated";

REVOKE ALL ON FUNCTION "platform"."change_member_status"(uuid, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."change_member_status"(uuid, text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."change_member_status"(uuid, text, text) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."change_rate_limit"(text, text, integer, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."change_rate_limit"(text, text, integer, integer) TO "authenticated";

REVOKE ALL ON FUNCTION "platform"."change_rate_limit"(text, text, integer, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."change_rate_limit"(text, text, integer, integer) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."change_rate_limit"(text, text, integer, integer) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."change_setting"(text, text, jsonb, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."change_setting"(text, text, jsonb, text) TO "authenticated";

REVOKE ALL ON FUNCTION "platform"."change_setting"(text, text, jsonb, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."change_setting"(text, text, jsonb, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."change_setting"(text, text, jsonb, text) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."check_entries"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."check_entries"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."check_entries"() TO "postgres";

REVOKE ALL ON FUNCTION "platform"."check_new_member"(text, text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."check_new_member"(text, text, text) TO "authenticated";

REVOKE ALL ON FUNCTION "platform"."check_new_member"(text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."check_new_member"(text, text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."check_new_member"(text, text, text) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."check_row"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."check_row"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."check_row"() TO "postgres";

REVOKE ALL ON FUNCTION "platform"."check_rules"(regclass) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."check_rules"(regclass) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."check_rules"(regclass) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."check_setting"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."check_setting"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."check_setting"() TO "postgres";

REVOKE ALL ON FUNCTION "platform"."complete_profile"(uuid, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."complete_profile"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."complete_profile"(uuid, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."delivery_pause"(integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."delivery_pause"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."delivery_pause"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."details_of"(text, text, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."details_of"(text, text, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."details_of"(text, text, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."discard_unproven"(text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."discard_unproven"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."discard_unproven"(text, text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."erase_account"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."erase_account"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."erase_account"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."erase_from_auth"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."erase_from_auth"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."erase_from_auth"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."euros"(numeric) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."euros"(numeric) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "platform"."euros"(numeric) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."euros"(numeric) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."euros"(numeric) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."field_problem"(text, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."field_problem"(text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."field_problem"(text, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."follow_registration"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."follow_registration"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."follow_registration"() TO "postgres";

REVOKE ALL ON FUNCTION "platform"."found"(regclass, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."found"(regclass, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."found"(regclass, text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."french_number"(numeric) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."french_number"(numeric) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."french_number"(numeric) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."held_about"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."held_about"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."held_about"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."held_in"(platform.personal_place[], jsonb, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."held_in"(platform.personal_place[], jsonb, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."held_in"(platform.personal_place[], jsonb, text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."hidden_columns"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."hidden_columns"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."hidden_columns"(text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."is_admin"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."is_admin"(text) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "platform"."is_admin"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."is_admin"(text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."is_admin"(text) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."is_elsewhere"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."is_elsewhere"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."is_elsewhere"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."is_number"(jsonb, numeric, numeric, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."is_number"(jsonb, numeric, numeric, integer) TO "authenticated";

REVOKE ALL ON FUNCTION "platform"."is_number"(jsonb, numeric, numeric, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."is_number"(jsonb, numeric, numeric, integer) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."is_number"(jsonb, numeric, numeric, integer) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."is_text"(jsonb, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."is_text"(jsonb, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."is_text"(jsonb, integer) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."is_webhook_url"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."is_webhook_url"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."is_webhook_url"(text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."is_within"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."is_within"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."is_within"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."join_systems"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."join_systems"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."join_systems"() TO "postgres";

REVOKE ALL ON FUNCTION "platform"."keep_registration"(uuid, text, text, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."keep_registration"(uuid, text, text, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."keep_registration"(uuid, text, text, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."kept"(text, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."kept"(text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."kept"(text, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."kept_in"(platform.personal_place[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."kept_in"(platform.personal_place[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."kept_in"(platform.personal_place[]) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."list_api_keys"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."list_api_keys"(text) TO "authenticated";

REVOKE ALL ON FUNCTION "platform"."list_api_keys"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."list_api_keys"(text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."list_api_keys"(text) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."main_role"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."main_role"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."main_role"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."make_api_key"(text, text, text[], timestamp WITH time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."make_api_key"(text, text, text[], timestamp WITH time zone) TO "authenticated";

REVOKE ALL ON FUNCTION "platform"."make_api_key"(text, text, text[], timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."make_api_key"(text, text, text[], timestamp WITH time zone) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."make_api_key"(text, text, text[], timestamp WITH time zone) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."mark_delivered"(uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."mark_delivered"(uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."mark_delivered"(uuid[]) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."mark_delivered"(uuid[]) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."mark_failed"(uuid, integer, text, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."mark_failed"(uuid, integer, text, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."mark_failed"(uuid, integer, text, boolean) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."mark_failed"(uuid, integer, text, boolean) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."member"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."member"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."member"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."member_named"(text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."member_named"(text, text) TO "authenticated";

REVOKE ALL ON FUNCTION "platform"."member_named"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."member_named"(text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."member_named"(text, text) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."member_rows"(text, text, text, integer, integer, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."member_rows"(text, text, text, integer, integer, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."member_rows"(text, text, text, integer, integer, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."member_status"(uuid, text, timestamp WITH time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."member_status"(uuid, text, timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."member_status"(uuid, text, timestamp WITH time zone) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."members"(text, text, text, integer, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."members"(text, text, text, integer, integer) TO "authenticated";

REVOKE ALL ON FUNCTION "platform"."members"(text, text, text, integer, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."members"(text, text, text, integer, integer) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."members"(text, text, text, integer, integer) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."month_label"(date) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."month_label"(date) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "platform"."month_label"(date) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."month_label"(date) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."month_label"(date) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."monthly"(text, text[], text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."monthly"(text, text[], text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."monthly"(text, text[], text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."my_account"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."my_account"(text) TO "authenticated";

REVOKE ALL ON FUNCTION "platform"."my_account"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."my_account"(text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."my_account"(text) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."names_address"(text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."names_address"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."names_address"(text, text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."note_proof"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."note_proof"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."note_proof"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."notify"(uuid, text, text, text, text, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."notify"(uuid, text, text, text, text, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."notify"(uuid, text, text, text, text, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."opening"(text, text, text, date) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."opening"(text, text, text, date) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."opening"(text, text, text, date) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."own_webhook"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."own_webhook"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."own_webhook"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."paris_month"(timestamp WITH time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."paris_month"(timestamp WITH time zone) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "platform"."paris_month"(timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."paris_month"(timestamp WITH time zone) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."paris_month"(timestamp WITH time zone) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."paris_today"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."paris_today"() TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "platform"."paris_today"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."paris_today"() TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."paris_today"() TO "service_role";

REVOKE ALL ON FUNCTION "platform"."personal_data"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."personal_data"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."personal_data"() TO "postgres";

REVOKE ALL ON FUNCTION "platform"."places_for"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."places_for"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."places_for"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."policy_predicate"(regclass) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."policy_predicate"(regclass) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."policy_predicate"(regclass) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."publish"(regclass, text[], text[], text[], boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."publish"(regclass, text[], text[], text[], boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."publish"(regclass, text[], text[], text[], boolean) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."refuse_erased"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."refuse_erased"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."refuse_erased"() TO "postgres";

REVOKE ALL ON FUNCTION "platform"."refuse_fields"(jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."refuse_fields"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."refuse_fields"(jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."refuse_parameter"(text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."refuse_parameter"(text, text) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "platform"."refuse_parameter"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."refuse_parameter"(text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."refuse_parameter"(text, text) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."refuse_write"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."refuse_write"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."refuse_write"() TO "postgres";

REVOKE ALL ON FUNCTION "platform"."remove_one_by_one"(platform.retention_rules, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."remove_one_by_one"(platform.retention_rules, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."remove_one_by_one"(platform.retention_rules, integer) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."remove_outdated"(integer, interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."remove_outdated"(integer, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."remove_outdated"(integer, interval) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."remove_outdated"(integer, interval) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."remove_webhook"(uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."remove_webhook"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "platform"."remove_webhook"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."remove_webhook"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."remove_webhook"(uuid) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."require_admin"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."require_admin"(text) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "platform"."require_admin"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."require_admin"(text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."require_admin"(text) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."require_attempt"(text, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."require_attempt"(text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."require_attempt"(text, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."require_caller"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."require_caller"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."require_caller"() TO "postgres";

REVOKE ALL ON FUNCTION "platform"."require_member"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."require_member"(text) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "platform"."require_member"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."require_member"(text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."require_member"(text) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."require_within"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."require_within"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."require_within"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."retain"(regclass, text, interval, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."retain"(regclass, text, interval, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."retain"(regclass, text, interval, text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."retry_delivery"(uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."retry_delivery"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "platform"."retry_delivery"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."retry_delivery"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."retry_delivery"(uuid) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."revoke_api_key"(text, uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."revoke_api_key"(text, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "platform"."revoke_api_key"(text, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."revoke_api_key"(text, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."revoke_api_key"(text, uuid) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."roles_of_system"(text, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."roles_of_system"(text, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."roles_of_system"(text, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."schedule_outbox"(text, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."schedule_outbox"(text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."schedule_outbox"(text, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."send_message"(text, text, text, jsonb, timestamp WITH time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."send_message"(text, text, text, jsonb, timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."send_message"(text, text, text, jsonb, timestamp WITH time zone) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."send_message"(text, text, text, jsonb, timestamp WITH time zone) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."set_webhook_status"(uuid, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."set_webhook_status"(uuid, text) TO "authenticated";

REVOKE ALL ON FUNCTION "platform"."set_webhook_status"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."set_webhook_status"(uuid, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."set_webhook_status"(uuid, text) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."setting"(text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."setting"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."setting"(text, text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."show_api_key"(platform.api_keys) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."show_api_key"(platform.api_keys) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."show_api_key"(platform.api_keys) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."sign_in_address"(text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."sign_in_address"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."sign_in_address"(text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."sign_in_address"(text, text) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."sign_setting"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."sign_setting"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."sign_setting"() TO "postgres";

REVOKE ALL ON FUNCTION "platform"."snake_case"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."snake_case"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."snake_case"(text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."spread_events"(integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."spread_events"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."spread_events"(integer) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."spread_events"(integer) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."table_behind"(regclass) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."table_behind"(regclass) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."table_behind"(regclass) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."take_deliveries"(integer, interval, text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."take_deliveries"(integer, interval, text[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."take_deliveries"(integer, interval, text[]) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."take_deliveries"(integer, interval, text[]) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."take_number"(text, text, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."take_number"(text, text, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."take_number"(text, text, integer) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."tell_system"(text, uuid, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."tell_system"(text, uuid, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."tell_system"(text, uuid, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."test_webhook"(uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform"."test_webhook"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "platform"."test_webhook"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."test_webhook"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform"."test_webhook"(uuid) TO "service_role";

REVOKE ALL ON FUNCTION "platform"."trimmed"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."trimmed"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."trimmed"(text) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."vat_of"(platform.vat_line[], boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."vat_of"(platform.vat_line[], boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."vat_of"(platform.vat_line[], boolean) TO "postgres";

REVOKE ALL ON FUNCTION "platform"."why_kept"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform"."why_kept"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform"."why_kept"(text) TO "postgres";

REVOKE ALL ON FUNCTION "platform_api"."accept_attempts"(text[], text[], text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform_api"."accept_attempts"(text[], text[], text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."accept_attempts"(text[], text[], text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."accept_attempts"(text[], text[], text) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."api_key_accept"(text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform_api"."api_key_accept"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."api_key_accept"(text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."api_key_accept"(text, text) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."api_key_make"(text, text, text[], timestamp WITH time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform_api"."api_key_make"(text, text, text[], timestamp WITH time zone) TO "authenticated";

REVOKE ALL ON FUNCTION "platform_api"."api_key_make"(text, text, text[], timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."api_key_make"(text, text, text[], timestamp WITH time zone) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."api_key_make"(text, text, text[], timestamp WITH time zone) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."api_key_revoke"(text, uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform_api"."api_key_revoke"(text, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "platform_api"."api_key_revoke"(text, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."api_key_revoke"(text, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."api_key_revoke"(text, uuid) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."api_keys"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform_api"."api_keys"(text) TO "authenticated";

REVOKE ALL ON FUNCTION "platform_api"."api_keys"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."api_keys"(text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."api_keys"(text) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."audit"(text, text, text, timestamp WITH time zone, timestamp WITH time zone, text, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform_api"."audit"(text, text, text, timestamp WITH time zone, timestamp WITH time zone, text, integer) TO "authenticated";

REVOKE ALL ON FUNCTION "platform_api"."audit"(text, text, text, timestamp WITH time zone, timestamp WITH time zone, text, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."audit"(text, text, text, timestamp WITH time zone, timestamp WITH time zone, text, integer) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."audit"(text, text, text, timestamp WITH time zone, timestamp WITH time zone, text, integer) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."forget_attempts"(text[], text[], text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform_api"."forget_attempts"(text[], text[], text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."forget_attempts"(text[], text[], text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."forget_attempts"(text[], text[], text) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."mark_all_read"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform_api"."mark_all_read"(text) TO "authenticated";

REVOKE ALL ON FUNCTION "platform_api"."mark_all_read"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."mark_all_read"(text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."mark_all_read"(text) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."mark_read"(text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform_api"."mark_read"(text, text) TO "authenticated";

REVOKE ALL ON FUNCTION "platform_api"."mark_read"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."mark_read"(text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."mark_read"(text, text) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."me"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform_api"."me"(text) TO "authenticated";

REVOKE ALL ON FUNCTION "platform_api"."me"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."me"(text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."me"(text) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."member_add"(text, uuid, text, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform_api"."member_add"(text, uuid, text, jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "platform_api"."member_add"(text, uuid, text, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."member_add"(text, uuid, text, jsonb) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."member_add"(text, uuid, text, jsonb) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."member_check"(text, text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform_api"."member_check"(text, text, text) TO "authenticated";

REVOKE ALL ON FUNCTION "platform_api"."member_check"(text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."member_check"(text, text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."member_check"(text, text, text) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."member_reactivate"(text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform_api"."member_reactivate"(text, text) TO "authenticated";

REVOKE ALL ON FUNCTION "platform_api"."member_reactivate"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."member_reactivate"(text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."member_reactivate"(text, text) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."member_role"(text, text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform_api"."member_role"(text, text, text) TO "authenticated";

REVOKE ALL ON FUNCTION "platform_api"."member_role"(text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."member_role"(text, text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."member_role"(text, text, text) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."member_suspend"(text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform_api"."member_suspend"(text, text) TO "authenticated";

REVOKE ALL ON FUNCTION "platform_api"."member_suspend"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."member_suspend"(text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."member_suspend"(text, text) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."members"(text, text, text, integer, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform_api"."members"(text, text, text, integer, integer) TO "authenticated";

REVOKE ALL ON FUNCTION "platform_api"."members"(text, text, text, integer, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."members"(text, text, text, integer, integer) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."members"(text, text, text, integer, integer) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."notifications"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform_api"."notifications"(text) TO "authenticated";

REVOKE ALL ON FUNCTION "platform_api"."notifications"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."notifications"(text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."notifications"(text) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."rate_limit_change"(text, text, integer, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform_api"."rate_limit_change"(text, text, integer, integer) TO "authenticated";

REVOKE ALL ON FUNCTION "platform_api"."rate_limit_change"(text, text, integer, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."rate_limit_change"(text, text, integer, integer) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."rate_limit_change"(text, text, integer, integer) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."rate_limits"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform_api"."rate_limits"(text) TO "authenticated";

REVOKE ALL ON FUNCTION "platform_api"."rate_limits"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."rate_limits"(text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."rate_limits"(text) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."register"(text, uuid, text, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform_api"."register"(text, uuid, text, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."register"(text, uuid, text, jsonb) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."register"(text, uuid, text, jsonb) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."register_again"(text, text, text, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform_api"."register_again"(text, text, text, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."register_again"(text, text, text, jsonb) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."register_again"(text, text, text, jsonb) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."release_attempts"(text[], text[], text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform_api"."release_attempts"(text[], text[], text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."release_attempts"(text[], text[], text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."release_attempts"(text[], text[], text) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."setting"(text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform_api"."setting"(text, text) TO "authenticated";

REVOKE ALL ON FUNCTION "platform_api"."setting"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."setting"(text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."setting"(text, text) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."setting_change"(text, text, jsonb, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform_api"."setting_change"(text, text, jsonb, text) TO "authenticated";

REVOKE ALL ON FUNCTION "platform_api"."setting_change"(text, text, jsonb, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."setting_change"(text, text, jsonb, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."setting_change"(text, text, jsonb, text) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."settings"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform_api"."settings"(text) TO "authenticated";

REVOKE ALL ON FUNCTION "platform_api"."settings"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."settings"(text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."settings"(text) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."sign_in_address"(text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform_api"."sign_in_address"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."sign_in_address"(text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."sign_in_address"(text, text) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."take_attempts"(text[], text[], text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "platform_api"."take_attempts"(text[], text[], text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."take_attempts"(text[], text[], text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."take_attempts"(text[], text[], text) TO "service_role";

REVOKE ALL ON FUNCTION "platform_api"."unread_count"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "platform_api"."unread_count"(text) TO "authenticated";

REVOKE ALL ON FUNCTION "platform_api"."unread_count"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."unread_count"(text) TO "postgres";

GRANT EXECUTE ON FUNCTION "platform_api"."unread_count"(text) TO "service_role";

GRANT EXECUTE ON FUNCTION "public"."admin_return_decide"(text, boolean, text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."admin_return_decide"(text, boolean, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."admin_return_decide"(text, boolean, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."admin_return_decide"(text, boolean, text) TO "service_role";

GRANT EXECUTE ON FUNCTION "public"."admin_self_dealing_decide"(text, text, text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."admin_self_dealing_decide"(text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."admin_self_dealing_decide"(text, text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."admin_self_dealing_decide"(text, text, text) TO "service_role";

REVOKE ALL ON FUNCTION "public"."billing_refund_answer"(uuid, text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."billing_refund_answer"(uuid, text, text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."billing_refund_answer"(uuid, text, text, text) TO "service_role";

REVOKE ALL ON FUNCTION "public"."import_followed"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."import_followed"(text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."import_followed"(text) TO "service_role";

GRANT EXECUTE ON FUNCTION "public"."lead_return"(text, text, text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."lead_return"(text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."lead_return"(text, text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."lead_return"(text, text, text) TO "service_role";

GRANT USAGE ON SCHEMA "platform_api" TO "anon", "authenticated", "service_role";

GRANT SELECT ON TABLE "platform"."deliveries" TO "authenticated", "service_role";

GRANT UPDATE ("term") ON TABLE "platform"."retention_rules" TO "service_role";

GRANT SELECT ON TABLE "platform"."retention_rules" TO "service_role";

REVOKE ALL ON TABLE "platform"."settings" FROM "authenticated";

GRANT SELECT ON TABLE "platform"."settings" TO "authenticated";

REVOKE ALL ON TABLE "platform"."settings" FROM "service_role";

GRANT SELECT ON TABLE "platform"."settings" TO "service_role";

GRANT SELECT ON TABLE "platform"."webhook_endpoints" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "leads"."return_rows" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "leads"."shown_invoices" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "leads"."shown_orders" TO "authenticated", "service_role";

REVOKE ALL ON TABLE "public"."admin_credits_packs" FROM "authenticated";

GRANT SELECT ON TABLE "public"."admin_credits_packs" TO "authenticated";

REVOKE ALL ON TABLE "public"."admin_credits_packs" FROM "service_role";

GRANT SELECT ON TABLE "public"."admin_credits_packs" TO "service_role";

REVOKE ALL ON TABLE "public"."admin_gains" FROM "authenticated";

GRANT SELECT ON TABLE "public"."admin_gains" TO "authenticated";

REVOKE ALL ON TABLE "public"."admin_gains" FROM "service_role";

GRANT SELECT ON TABLE "public"."admin_gains" TO "service_role";

REVOKE ALL ON TABLE "public"."admin_invoices" FROM "authenticated";

GRANT SELECT ON TABLE "public"."admin_invoices" TO "authenticated";

REVOKE ALL ON TABLE "public"."admin_invoices" FROM "service_role";

GRANT SELECT ON TABLE "public"."admin_invoices" TO "service_role";

REVOKE ALL ON TABLE "public"."admin_orders" FROM "authenticated";

GRANT SELECT ON TABLE "public"."admin_orders" TO "authenticated";

REVOKE ALL ON TABLE "public"."admin_orders" FROM "service_role";

GRANT SELECT ON TABLE "public"."admin_orders" TO "service_role";

REVOKE ALL ON TABLE "public"."admin_payouts" FROM "authenticated";

GRANT SELECT ON TABLE "public"."admin_payouts" TO "authenticated";

REVOKE ALL ON TABLE "public"."admin_payouts" FROM "service_role";

GRANT SELECT ON TABLE "public"."admin_payouts" TO "service_role";

REVOKE ALL ON TABLE "public"."admin_returns" FROM "authenticated";

GRANT SELECT ON TABLE "public"."admin_returns" TO "authenticated";

REVOKE ALL ON TABLE "public"."admin_returns" FROM "service_role";

GRANT SELECT ON TABLE "public"."admin_returns" TO "service_role";

REVOKE ALL ON TABLE "public"."admin_self_dealing" FROM "authenticated";

GRANT SELECT ON TABLE "public"."admin_self_dealing" TO "authenticated";

REVOKE ALL ON TABLE "public"."admin_self_dealing" FROM "service_role";

GRANT SELECT ON TABLE "public"."admin_self_dealing" TO "service_role";

REVOKE ALL ON TABLE "public"."admin_transactions" FROM "authenticated";

GRANT SELECT ON TABLE "public"."admin_transactions" TO "authenticated";

REVOKE ALL ON TABLE "public"."admin_transactions" FROM "service_role";

GRANT SELECT ON TABLE "public"."admin_transactions" TO "service_role";

REVOKE ALL ON TABLE "public"."billing_credit_packs" FROM "authenticated";

GRANT SELECT ON TABLE "public"."billing_credit_packs" TO "authenticated";

REVOKE ALL ON TABLE "public"."billing_credit_packs" FROM "service_role";

GRANT SELECT ON TABLE "public"."billing_credit_packs" TO "service_role";

REVOKE ALL ON TABLE "public"."billing_invoices" FROM "authenticated";

GRANT SELECT ON TABLE "public"."billing_invoices" TO "authenticated";

REVOKE ALL ON TABLE "public"."billing_invoices" FROM "service_role";

GRANT SELECT ON TABLE "public"."billing_invoices" TO "service_role";

REVOKE ALL ON TABLE "public"."billing_orders" FROM "authenticated";

GRANT SELECT ON TABLE "public"."billing_orders" TO "authenticated";

REVOKE ALL ON TABLE "public"."billing_orders" FROM "service_role";

GRANT SELECT ON TABLE "public"."billing_orders" TO "service_role";

REVOKE ALL ON TABLE "public"."billing_payments" FROM "authenticated";

GRANT SELECT ON TABLE "public"."billing_payments" TO "authenticated";

REVOKE ALL ON TABLE "public"."billing_payments" FROM "service_role";

GRANT SELECT ON TABLE "public"."billing_payments" TO "service_role";

REVOKE ALL ON TABLE "public"."billing_returns" FROM "authenticated";

GRANT SELECT ON TABLE "public"."billing_returns" TO "authenticated";

REVOKE ALL ON TABLE "public"."billing_returns" FROM "service_role";

GRANT SELECT ON TABLE "public"."billing_returns" TO "service_role";

REVOKE ALL ON TABLE "public"."fournisseur_virements" FROM "authenticated";

GRANT SELECT ON TABLE "public"."fournisseur_virements" TO "authenticated";

REVOKE ALL ON TABLE "public"."fournisseur_virements" FROM "service_role";

GRANT SELECT ON TABLE "public"."fournisseur_virements" TO "service_role";

REVOKE ALL ON TABLE "public"."notifications" FROM "authenticated";

GRANT SELECT ON TABLE "public"."notifications" TO "authenticated";

REVOKE ALL ON TABLE "public"."notifications" FROM "service_role";

GRANT SELECT ON TABLE "public"."notifications" TO "service_role";

ALTER TABLE "platform"."api_keys"
  ADD COLUMN "id" uuid NOT NULL DEFAULT platform.uuid_v7();

ALTER TABLE "platform"."api_keys"
  ADD CONSTRAINT "api_keys_pkey" PRIMARY KEY (id);

CREATE INDEX api_keys_system ON platform.api_keys USING btree (system, id);

ALTER TABLE "platform"."deliveries"
  ADD COLUMN "id" uuid NOT NULL DEFAULT platform.uuid_v7();

ALTER TABLE "platform"."deliveries"
  ADD CONSTRAINT "deliveries_pkey" PRIMARY KEY (id);

CREATE INDEX deliveries_due ON platform.deliveries USING btree (lane, available_at, id)
  WHERE ((delivered_at IS NULL) AND (failed_at IS NULL));

ALTER TABLE "leads"."calls"
  ALTER COLUMN "called_on" SET DEFAULT platform.paris_today();

ALTER TABLE "leads"."imports"
  ALTER COLUMN "upload_date" SET DEFAULT platform.paris_today();

ALTER TABLE "leads"."payments"
  ALTER COLUMN "date" SET DEFAULT platform.paris_today();

ALTER TABLE "leads"."payouts"
  ALTER COLUMN "date" SET DEFAULT platform.paris_today();

ALTER TABLE "leads"."transactions"
  ALTER COLUMN "date" SET DEFAULT platform.paris_today();

ALTER TABLE "platform"."api_keys"
  ADD CONSTRAINT "api_keys_name_check" CHECK (((name = platform.clean_text(name)) AND ((length(name) >= 1) AND (length(name) <= 100))));

ALTER TABLE "platform"."api_keys"
  ADD CONSTRAINT "api_keys_scopes_check" CHECK (platform.are_scopes(scopes));

ALTER TABLE "platform"."webhook_endpoints"
  ADD CONSTRAINT "webhook_url_is_allowed" CHECK (platform.is_webhook_url(url));


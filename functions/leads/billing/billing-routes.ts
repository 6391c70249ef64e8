import * as z from "zod";
import { listInput, type Route, rpc, view, write } from "../../_shared/route.ts";
import { invoiceDownload } from "../invoices/invoice.ts";
import { idempotencyKey } from "../purchases/pack.ts";
import { refundOrder } from "../purchases/refund.ts";
import { documentedPurchases } from "../purchases/routes.ts";
import { adminOrder, packOrder, refundToAsk } from "../purchases/schemas.ts";
import { adminCreditPack, creditRule } from "../schemas.ts";
import * as i from "./billing-inputs.ts";
import * as b from "./billing-schemas.ts";

const config = { roles: ["admin"], section: "3.9 Configuration Crédits" };
const own = { roles: ["acheteur"], section: "3.3 Facturation & Crédits" };
const all = { roles: ["admin"], section: "6. Commandes et factures" };
const ifMatch = { "If-Match": "if_match" };
const pack = { bodyArgument: "pack", response: adminCreditPack };
const rule = { bodyArgument: "rule", response: creditRule };

/** Packs and rules as an admin sets them; orders, payments and invoices (document, 3.3, 3.9 and chapter 6). */
// biome-ignore format: a table is read across
export const billingRoutes: Route[] = [
  { ...config, ...pack, method: "POST", path: "/api/admin/credits/packs", summary: "Créer un pack de crédits", object: write("admin_credits_pack_create"), body: i.newPack, status: 201 },
  { ...config, ...pack, method: "PUT", path: "/api/admin/credits/packs/:id", summary: "Modifier un pack de crédits", object: write("admin_credits_pack_change"), input: i.idInput, body: i.changedPack, headers: ifMatch },
  { ...config, method: "GET", path: "/api/admin/credits/packs/:id/versions", summary: "Ce qu'un pack a été", object: rpc("admin_credits_pack_versions"), input: i.idInput, response: z.array(b.packVersion) },
  { ...config, ...rule, method: "POST", path: "/api/admin/credits/rules", summary: "Ajouter une règle connue qui manque", object: write("admin_credits_rule_create"), body: i.newRule, status: 201 },
  { ...config, ...rule, method: "PUT", path: "/api/admin/credits/rules/:id", summary: "Modifier une règle", object: write("admin_credits_rule_change"), input: i.idInput, body: i.changedRule, headers: ifMatch },
  { ...config, method: "GET", path: "/api/admin/credits/rules/:id/versions", summary: "Ce qu'une règle a été", object: rpc("admin_credits_rule_versions"), input: i.idInput, response: z.array(b.ruleVersion) },

  ...documentedPurchases,
  { ...own, method: "GET", path: "/api/billing/orders", summary: "Ses commandes de packs", object: view("billing_orders"), input: listInput, response: z.array(packOrder) },
  { ...own, method: "GET", path: "/api/billing/orders/:id", summary: "Où en est une commande", object: rpc("billing_order"), input: i.idInput, response: packOrder },
  { ...own, method: "GET", path: "/api/billing/invoices", summary: "Ses factures et avoirs", object: view("billing_invoices"), input: listInput, response: z.array(b.invoice) },
  { ...own, method: "GET", path: "/api/billing/invoices/:number", summary: "Une facture ou un avoir, en Factur-X (PDF et XML)", roles: ["acheteur", "admin"], input: i.invoiceInput, download: invoiceDownload, response: z.string(), mediaType: "application/pdf" },
  { ...own, method: "GET", path: "/api/billing/details", summary: "Comment l'acheteur est nommé sur ses factures", object: rpc("billing_details"), response: b.billingDetails },
  { ...own, method: "PUT", path: "/api/billing/details", summary: "Changer ses coordonnées de facturation", object: write("billing_details_change"), body: i.changedDetails, bodyArgument: "details", response: b.billingDetails },
  { ...all, method: "GET", path: "/api/admin/orders", summary: "Toutes les commandes de packs", object: view("admin_orders"), input: listInput, response: z.array(adminOrder) },
  { ...all, method: "GET", path: "/api/admin/orders/:id", summary: "Une commande", object: rpc("admin_order"), input: i.idInput, response: adminOrder },
  { ...all, method: "POST", path: "/api/admin/orders/:id/refund", summary: "Rembourser une commande, entière ou en partie", handle: refundOrder, refusals: [404, 409, 422], input: i.idInput, body: refundToAsk, headers: idempotencyKey, response: adminOrder },
  { ...all, method: "GET", path: "/api/admin/invoices", summary: "Toutes les factures et tous les avoirs", object: view("admin_invoices"), input: listInput, response: z.array(b.adminInvoice) },
  { ...all, method: "GET", path: "/api/admin/billing-settings", summary: "Vendeur et TVA des factures", object: rpc("admin_billing_settings"), response: b.billingSettings },
  { ...all, method: "PUT", path: "/api/admin/billing-settings", summary: "Changer le vendeur ou la TVA des factures à venir", object: write("admin_billing_settings_change"), body: i.changedSettings, bodyArgument: "settings", response: b.billingSettings },
];

import * as z from "zod";
import { listInput, type Route, rpc, view } from "../_shared/route.ts";
import type { SqlObject } from "../_shared/sql-object.ts";
import { billingRoutes } from "./billing/billing-routes.ts";
import { recordingLinkOf } from "./calls/recording.ts";
import { leadsDownload } from "./catalogue/lead-export.ts";
import { leadRoutes } from "./catalogue/lead-routes.ts";
import { clientFileRoutes } from "./front-end/client-files.ts";
import { importRoutes } from "./imports/import-routes.ts";
import { leadsInput, leadsSqlNames, recordingInput } from "./inputs.ts";
import { payoutRoutes } from "./payouts/payout-routes.ts";
import { accountRoutes } from "./people/account-routes.ts";
import { purchaseRoutes } from "./purchases/purchase-routes.ts";
import * as s from "./schemas.ts";

type Reading = Pick<Route, "input" | "sqlNames" | "finish" | "download">;

const list: Reading = { input: listInput };

/** The whole API of Leads Provider, one endpoint a line, in the document's order. */
// biome-ignore format: a table is read across
export const routes: Route[] = [
  get("/api/leads", [], "3.1 Leads", "Leads, tous ou filtrés", rpc("leads_search"), z.array(s.lead), { input: leadsInput, sqlNames: leadsSqlNames, download: leadsDownload }),

  get("/api/users/fournisseur", ["fournisseur"], "3.2 Utilisateurs", "Profil du fournisseur connecté", rpc("users_fournisseur"), s.fournisseur),
  get("/api/users/agent", ["agent"], "3.2 Utilisateurs", "Profil de l'agent connecté", rpc("users_agent"), s.agent),
  get("/api/users/acheteur", ["acheteur"], "3.2 Utilisateurs", "Profil de l'acheteur connecté", rpc("users_acheteur"), s.acheteur),

  get("/api/billing/credit-packs", ["acheteur"], "3.3 Facturation & Crédits", "Packs de crédits disponibles à l'achat", view("billing_credit_packs"), z.array(s.creditPack), list),
  get("/api/billing/payments", ["acheteur"], "3.3 Facturation & Crédits", "Historique des paiements de l'acheteur", view("billing_payments"), z.array(s.payment), list),
  get("/api/billing/notifications", ["acheteur"], "3.3 Facturation & Crédits", "Notifications de l'acheteur", view("billing_notifications"), z.array(s.notification), list),

  get("/api/stats/global", ["admin"], "3.4 Statistiques", "Statistiques globales", rpc("stats_global"), s.globalStats),
  get("/api/stats/monthly", ["admin", "fournisseur"], "3.4 Statistiques", "Stats mensuelles (leads, qualifiés, vendus, CA)", rpc("stats_monthly"), z.array(s.monthlyStats)),
  get("/api/stats/sectors", ["admin", "acheteur"], "3.4 Statistiques", "Distribution par secteur", rpc("stats_sectors"), z.array(s.sectorShare)),
  get("/api/stats/regions", ["admin"], "3.4 Statistiques", "Distribution par région", rpc("stats_regions"), z.array(s.regionShare)),
  get("/api/stats/score-explanations", ["admin"], "3.4 Statistiques", "Explication du score IA par feature", view("stats_score_explanations"), z.array(s.scoreExplanation), list),

  get("/api/admin/imports", ["admin"], "3.5 Imports Admin", "Liste des imports fichiers (vue admin)", view("admin_imports"), z.array(s.adminImport), list),
  get("/api/agent/imports", ["agent"], "3.6 Imports Agent", "Liste des imports fichiers (vue agent)", view("agent_imports"), z.array(s.agentImport), list),

  get("/api/admin/audios", ["admin"], "3.7 Audios", "Enregistrements audio des appels", view("admin_audios"), z.array(s.audioRecord), list),
  get("/api/admin/audios/:id/recording", ["admin"], "3.7 Audios", "Lien temporaire vers un enregistrement", rpc("admin_audio_recording"), s.recordingLink, { input: recordingInput, sqlNames: { id: "audio" }, finish: recordingLinkOf }),

  get("/api/admin/transactions", ["admin"], "3.8 Transactions", "Toutes les transactions financières", view("admin_transactions"), z.array(s.transaction), list),
  get("/api/admin/transactions/monthly-revenue", ["admin"], "3.8 Transactions", "CA mensuel + payouts", rpc("admin_transactions_monthly_revenue"), z.array(s.monthlyRevenue)),

  get("/api/admin/credits/packs", ["admin"], "3.9 Configuration Crédits", "Configuration des packs crédits (admin)", view("admin_credits_packs"), z.array(s.adminCreditPack), list),
  get("/api/admin/credits/rules", ["admin"], "3.9 Configuration Crédits", "Règles de tarification crédits", view("admin_credits_rules"), z.array(s.creditRule), list),

  get("/api/admin/gains", ["admin"], "3.10 Gains Fournisseurs", "Gains par fournisseur", view("admin_gains"), z.array(s.fournisseurGain), list),
  get("/api/admin/gains/monthly", ["admin"], "3.10 Gains Fournisseurs", "Évolution mensuelle des gains", rpc("admin_gains_monthly"), z.array(s.monthlyGains)),

  get("/api/fournisseur/virements", ["fournisseur"], "3.11 Virements", "Historique des virements reçus", view("fournisseur_virements"), z.array(s.virement), list),
  get("/api/fournisseur/virements/monthly", ["fournisseur"], "3.11 Virements", "Montants mensuels des virements", rpc("fournisseur_virements_monthly"), z.array(s.monthlyVirements)),

  ...leadRoutes,
  ...purchaseRoutes,
  ...importRoutes,
  ...billingRoutes,
  ...payoutRoutes,
  ...accountRoutes,
  ...clientFileRoutes,
];

function get(
  path: string,
  roles: string[],
  section: string,
  summary: string,
  object: SqlObject,
  response: z.ZodType,
  reading: Reading = {},
): Route {
  return { method: "GET", path, roles, section, summary, object, response, ...reading };
}

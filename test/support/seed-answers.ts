import type { SeedFiles } from "../../cli/seed/schema.ts";
import type { Actor } from "./market.ts";

/** What the database answers, and the part of the seed folder that it must equal. */
export type SeedAnswer = {
  /** The account that asks. */
  actor: Extract<Actor, "admin"> | "fournisseur" | "agent" | "acheteur";
  query: string;
  wanted: unknown[];
};

/** Every read of the API, by one of the accounts that may, with the file that it answers. */
export function seedAnswers(files: SeedFiles): SeedAnswer[] {
  // What the mock files do not know of.
  const leads = files.leads.map((lead) => ({ ...lead, phone2: null, collectedAt: null }));
  const answers: [SeedAnswer["actor"], string, unknown[]][] = [
    ["admin", "leads", leads],
    ["admin", "leads_search()", leads],
    // The one supplier with an account has brought them all.
    ["fournisseur", "leads_search()", leads],
    ["fournisseur", "users_fournisseur()", [files.users.fournisseur]],
    ["agent", "users_agent()", [files.users.agent]],
    ["acheteur", "users_acheteur()", [files.users.acheteur]],
    ["acheteur", "billing_credit_packs", files.billing.creditPacks],
    ["acheteur", "billing_payments", files.billing.payments],
    ["acheteur", "billing_notifications", files.billing.notifications],
    ["admin", "stats_global()", [files.stats.global]],
    ["admin", "stats_monthly()", files.stats.monthly],
    ["fournisseur", "stats_monthly()", files.stats.monthly],
    ["admin", "stats_sectors()", files.stats.sectors],
    ["acheteur", "stats_sectors()", files.stats.sectors],
    ["admin", "stats_regions()", files.stats.regions],
    ["admin", "stats_score_explanations", files.stats.scoreExplanations],
    ["admin", "admin_imports", files.adminImports],
    ["agent", "agent_imports", files.agentImports],
    ["admin", "admin_audios", files.audios],
    ["admin", "admin_transactions", files.transactions.transactions],
    ["admin", "admin_transactions_monthly_revenue()", files.transactions.monthlyRevenue],
    ["admin", "admin_credits_packs", files.creditConfig.packs],
    ["admin", "admin_credits_rules", files.creditConfig.rules],
    ["admin", "admin_gains", files.fournisseurGains.gains],
    ["admin", "admin_gains_monthly()", files.fournisseurGains.monthly],
    ["fournisseur", "fournisseur_virements", files.virements.virements],
    ["fournisseur", "fournisseur_virements_monthly()", files.virements.monthly],
  ];
  return answers.map(([actor, object, wanted]) => ({ actor, query: `select * from public.${object}`, wanted }));
}

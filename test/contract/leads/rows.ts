import * as z from "zod";
import * as s from "../../../functions/leads/schemas.ts";
import { leadsSeenBy, seed } from "./seed-files.ts";

export const roles = ["admin", "fournisseur", "agent", "acheteur"] as const;

export type Role = (typeof roles)[number];

/** One row of the document's overview table. */
export type Row = {
  /** Number in the table. */
  row: number;
  path: string;
  /** Who is answered; `all`: everybody, signed in or not. */
  roles: readonly Role[] | "all";
  /** The same answer from PostgREST. */
  rest: { kind: "view" | "rpc"; name: string };
  schema: z.ZodType;
  /** What a role is answered after seeding; `public` is somebody without a role. */
  expected: (role: Role | "public") => unknown;
  /** Whether an answer's rows carry `period` besides what the file has. */
  monthly?: true;
};

const leads = z.array(s.lead);
const filters = "search=&sector=&region=&minScore=&status=";

// biome-ignore format: a table is read across
export const rows: Row[] = [
  { row: 1, path: "/api/leads", roles: "all", rest: view("leads"), schema: leads, expected: (role) => leadsSeenBy[role] },
  { row: 2, path: `/api/leads?${filters}`, roles: "all", rest: rpc("leads_search"), schema: leads, expected: (role) => leadsSeenBy[role] },
  { row: 3, path: "/api/users/fournisseur", roles: ["fournisseur"], rest: rpc("users_fournisseur"), schema: s.fournisseur, expected: () => seed.users.fournisseur },
  { row: 4, path: "/api/users/agent", roles: ["agent"], rest: rpc("users_agent"), schema: s.agent, expected: () => seed.users.agent },
  { row: 5, path: "/api/users/acheteur", roles: ["acheteur"], rest: rpc("users_acheteur"), schema: s.acheteur, expected: () => seed.users.acheteur },
  { row: 6, path: "/api/billing/credit-packs", roles: ["acheteur"], rest: view("billing_credit_packs"), schema: z.array(s.creditPack), expected: () => seed.billing.creditPacks },
  { row: 7, path: "/api/billing/payments", roles: ["acheteur"], rest: view("billing_payments"), schema: z.array(s.payment), expected: () => seed.billing.payments },
  { row: 8, path: "/api/billing/notifications", roles: ["acheteur"], rest: view("billing_notifications"), schema: z.array(s.notification), expected: () => seed.billing.notifications },
  { row: 9, path: "/api/stats/global", roles: ["admin"], rest: rpc("stats_global"), schema: s.globalStats, expected: () => seed.stats.global },
  { row: 10, path: "/api/stats/monthly", roles: ["admin", "fournisseur"], rest: rpc("stats_monthly"), schema: z.array(s.monthlyStats), expected: () => seed.stats.monthly, monthly: true },
  { row: 11, path: "/api/stats/sectors", roles: ["admin", "acheteur"], rest: rpc("stats_sectors"), schema: z.array(s.sectorShare), expected: () => seed.stats.sectors },
  { row: 12, path: "/api/stats/regions", roles: ["admin"], rest: rpc("stats_regions"), schema: z.array(s.regionShare), expected: () => seed.stats.regions },
  { row: 13, path: "/api/stats/score-explanations", roles: ["admin"], rest: view("stats_score_explanations"), schema: z.array(s.scoreExplanation), expected: () => seed.stats.scoreExplanations },
  { row: 14, path: "/api/admin/imports", roles: ["admin"], rest: view("admin_imports"), schema: z.array(s.adminImport), expected: () => seed.adminImports },
  { row: 15, path: "/api/agent/imports", roles: ["agent"], rest: view("agent_imports"), schema: z.array(s.agentImport), expected: () => seed.agentImports },
  { row: 16, path: "/api/admin/audios", roles: ["admin"], rest: view("admin_audios"), schema: z.array(s.audioRecord), expected: () => seed.audios },
  { row: 17, path: "/api/admin/transactions", roles: ["admin"], rest: view("admin_transactions"), schema: z.array(s.transaction), expected: () => seed.transactions.transactions },
  { row: 18, path: "/api/admin/transactions/monthly-revenue", roles: ["admin"], rest: rpc("admin_transactions_monthly_revenue"), schema: z.array(s.monthlyRevenue), expected: () => seed.transactions.monthlyRevenue, monthly: true },
  { row: 19, path: "/api/admin/credits/packs", roles: ["admin"], rest: view("admin_credits_packs"), schema: z.array(s.adminCreditPack), expected: () => seed.creditConfig.packs },
  { row: 20, path: "/api/admin/credits/rules", roles: ["admin"], rest: view("admin_credits_rules"), schema: z.array(s.creditRule), expected: () => seed.creditConfig.rules },
  { row: 21, path: "/api/admin/gains", roles: ["admin"], rest: view("admin_gains"), schema: z.array(s.fournisseurGain), expected: () => seed.gains.gains },
  { row: 22, path: "/api/admin/gains/monthly", roles: ["admin"], rest: rpc("admin_gains_monthly"), schema: z.array(s.monthlyGains), expected: () => seed.gains.monthly, monthly: true },
  { row: 23, path: "/api/fournisseur/virements", roles: ["fournisseur"], rest: view("fournisseur_virements"), schema: z.array(s.virement), expected: () => seed.virements.virements },
  { row: 24, path: "/api/fournisseur/virements/monthly", roles: ["fournisseur"], rest: rpc("fournisseur_virements_monthly"), schema: z.array(s.monthlyVirements), expected: () => seed.virements.monthly, monthly: true },
];

/** Rows with a title for the tests about them. */
export function named(rows: Row[]): [title: string, row: Row][] {
  return rows.map((row) => [`${row.row} GET ${row.path}`, row]);
}

/** Where PostgREST gives a row's answer, below `/rest/v1/`. */
export function restPath({ rest }: Row): string {
  return rest.kind === "rpc" ? `rpc/${rest.name}` : rest.name;
}

function view(name: string): Row["rest"] {
  return { kind: "view", name };
}

function rpc(name: string): Row["rest"] {
  return { kind: "rpc", name };
}

import { readFileSync } from "node:fs";
import type * as z from "zod";
import type * as s from "../../../functions/leads/schemas.ts";

export type Lead = z.infer<typeof s.lead>;

type Json = Record<string, unknown>;

function read<Content>(name: string): Content {
  const file = new URL(`../../../supabase/seed/leads/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as Content;
}

/** The files that the stack is seeded with: the contract, value by value. */
export const seed = {
  // With what the mock files do not know of.
  leads: read<Lead[]>("leads").map((lead) => ({ ...lead, phone2: null, collectedAt: null })),
  users: read<Record<"fournisseur" | "agent" | "acheteur", Json>>("users"),
  billing: read<Record<"creditPacks" | "payments" | "notifications", Json[]>>("billing"),
  stats: read<{ global: Json } & Record<"monthly" | "sectors" | "regions" | "scoreExplanations", Json[]>>("stats"),
  adminImports: read<Json[]>("admin-imports"),
  agentImports: read<Json[]>("agent-imports"),
  audios: read<Json[]>("audios"),
  transactions: read<Record<"transactions" | "monthlyRevenue", Json[]>>("transactions"),
  creditConfig: read<Record<"packs" | "rules", Json[]>>("credit-config"),
  gains: read<Record<"gains" | "monthly", Json[]>>("fournisseur-gains"),
  virements: read<Record<"virements" | "monthly", Json[]>>("virements"),
};

/** A lead as it is shown to who has no right to the contact; in our file no notes name anybody, and many firms do. */
function masked(lead: Lead): Lead {
  const { lastName, email, phone, company } = lead;
  return {
    ...lead,
    lastName: `${lastName.slice(0, 1)}.`,
    email: email && `${email.slice(0, 1)}•••@•••`,
    phone: phone && `${phone.slice(0, 5)} •• •• •• ${phone.slice(-2)}`,
    company: company?.includes(lastName) ? null : company,
  };
}

/** What each account reads of leads.json. The supplier brought all of it, the agent took all that is not `pending`. */
export const leadsSeenBy = {
  admin: seed.leads,
  fournisseur: seed.leads,
  agent: seed.leads.map((lead) => (lead.qualificationStatus === "pending" ? masked(lead) : lead)),
  acheteur: seed.leads
    .filter(({ status }) => status === "qualified" || status === "sold")
    .map((lead) => (lead.status === "sold" ? lead : masked(lead))),
  public: seed.leads.filter(({ status }) => status === "qualified").map(masked),
};

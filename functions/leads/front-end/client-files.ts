import * as z from "zod";
import { compose, type Part } from "../../_shared/composition.ts";
import { wholePercentages } from "../../_shared/percentages.ts";
import { type Call, type Route, rpc, view } from "../../_shared/route.ts";
import { streamOf } from "../../_shared/stream.ts";
import type { LeadRow } from "../catalogue/lead-columns.ts";
import { leadPages } from "../catalogue/lead-pages.ts";
import * as s from "../schemas.ts";

// The front end asks for eleven files, as its mock data had them, and nothing else of its own: each is made of answers
// of the documented endpoints, with what its pages cannot stand put right (a null where they expect a text).

const section = "Fichiers du front end";

const profiles: Record<string, Part> = {
  fournisseur: { object: rpc("users_fournisseur"), show: (found) => withIban(found as Supplier) },
  agent: { object: rpc("users_agent"), show: (found) => roundedCalls(found as z.infer<typeof s.agent>) },
  acheteur: { object: rpc("users_acheteur") },
};

const stats = {
  globalStats: part("stats_global", "rpc"),
  monthlyStats: part("stats_monthly", "rpc"),
  sectorDistribution: { object: rpc("stats_sectors"), show: (found: unknown) => asPercentages(found as Sector[]) },
  regionDistribution: part("stats_regions", "rpc"),
  scoreExplanations: part("stats_score_explanations"),
};

const billing = {
  creditPacks: part("billing_credit_packs"),
  payments: { object: view("billing_payments"), show: (found: unknown) => (found as Payment[]).map(withKnownStatus) },
  notifications: part("billing_notifications"),
};

const audios = { object: view("admin_audios"), show: (found: unknown) => (found as Audio[]).map(withTexts) };

const gains = {
  gains: { object: view("admin_gains"), show: (found: unknown) => (found as Gain[]).map(spelledOut) },
  monthlyGains: part("admin_gains_monthly", "rpc"),
};

type Supplier = z.infer<typeof s.fournisseur>;
type Sector = z.infer<typeof s.sectorShare>;
type Payment = z.infer<typeof s.payment>;
type Audio = z.infer<typeof s.audioRecord>;
type Gain = z.infer<typeof s.fournisseurGain>;

/** The front end's files: what each is made of, and whose pages read it. */
// biome-ignore format: a table is read across
export const clientFileRoutes: Route[] = [
  { ...file("leads.json", []), summary: "Tous les leads que l'appelant voit, sans pages ni filtres", handle: leadsFile, refusals: [403], response: z.array(s.lead) },
  composed("users.json", ["fournisseur", "agent", "acheteur"], profiles, "left out"),
  composed("billing.json", ["acheteur"], billing),
  composed("stats.json", ["admin", "fournisseur", "acheteur"], stats),
  list("admin-imports.json", ["admin"], part("admin_imports")),
  list("agent-imports.json", ["agent"], part("agent_imports")),
  list("audios.json", ["admin"], audios),
  composed("transactions.json", ["admin"], { transactions: part("admin_transactions"), monthlyRevenue: part("admin_transactions_monthly_revenue", "rpc") }),
  composed("credit-config.json", ["admin"], { packs: part("admin_credits_packs"), rules: part("admin_credits_rules") }),
  composed("fournisseur-gains.json", ["admin"], gains),
  composed("virements.json", ["fournisseur"], { virements: part("fournisseur_virements"), monthlyAmounts: part("fournisseur_virements_monthly", "rpc") }),
];

function part(name: string, kind: "view" | "rpc" = "view"): Part {
  return { object: kind === "view" ? view(name) : rpc(name) };
}

function file(name: string, roles: string[]) {
  return { method: "GET" as const, path: `/api/${name}`, roles, section };
}

function composed(name: string, roles: string[], parts: Record<string, Part>, refused?: "left out"): Route {
  const names = Object.keys(parts);
  const part = refused === "left out" ? z.unknown().optional() : z.unknown();
  return {
    ...file(name, roles),
    summary: `${names.join(", ")} : ce que l'appelant en voit`,
    handle: async ({ request }) => Response.json(await compose(parts, request.headers, refused)),
    response: z.strictObject(Object.fromEntries(names.map((name) => [name, part]))),
  };
}

function list(name: string, roles: string[], rows: Part): Route {
  return {
    ...file(name, roles),
    summary: "La liste entière",
    handle: async ({ request }) => Response.json((await compose({ rows }, request.headers)).rows),
    response: z.array(z.unknown()),
  };
}

/** GET /api/leads.json: page after page, so that a list of any length takes no more memory than a page. */
async function leadsFile({ request }: Call): Promise<Response> {
  const pages = await leadPages(request.headers);
  return new Response(streamOf(jsonArray(pages), pages), {
    headers: { "Content-Type": "application/json; charset=utf-8" },
  });
}

async function* jsonArray(pages: AsyncGenerator<LeadRow[]>): AsyncGenerator<string> {
  let before = "[";
  for await (const leads of pages) {
    if (leads.length === 0) continue;
    yield before + leads.map((lead) => JSON.stringify(searchable(lead))).join(",");
    before = ",";
  }
  yield before === "[" ? "[]" : "]";
}

/** The pages search in these texts without asking whether they are there. */
function searchable(lead: LeadRow): object {
  const { email, phone, company, city, source, channel } = lead;
  const texts = { email, phone, company, city, source, channel };
  return { ...lead, ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text ?? ""])) };
}

/** Who has just registered has no account yet. */
function withIban(profile: Supplier): object {
  return { ...profile, iban: profile.iban ?? "" };
}

/** The page shows minutes and seconds by division and rest. */
function roundedCalls(profile: z.infer<typeof s.agent>): object {
  return { ...profile, averageCallDuration: Math.round(profile.averageCallDuration) };
}

/** The page writes a percent sign behind the value. */
function asPercentages(sectors: Sector[]): Sector[] {
  const shares = wholePercentages(sectors.map(({ value }) => value));
  return sectors.map((sector, at) => ({ ...sector, value: shares[at] ?? 0 }));
}

/** The page takes "-" for never, and null for the first of January 1970. */
function spelledOut(gain: Gain): object {
  return { ...gain, iban: gain.iban ?? "", lastPaymentDate: gain.lastPaymentDate ?? "-" };
}

/** The page knows no payment that was given back: it was made, and its text says the rest. */
function withKnownStatus(payment: Payment): object {
  if (payment.status !== "refunded") return payment;
  return { ...payment, status: "completed", description: `${payment.description} (remboursé)` };
}

/** A call about a private person has no company, and one whose recording is gone no size. */
function withTexts(audio: Audio): object {
  return { ...audio, leadCompany: audio.leadCompany ?? "", size: audio.size ?? "" };
}

import * as z from "zod";
import { listInput, type Route, rpc, view, write } from "../../_shared/route.ts";
import { leadIdInput as input } from "../inputs.ts";
import { buyingALead } from "./lead.ts";
import * as p from "./purchase-schemas.ts";
import { priceSeen } from "./schemas.ts";

const buyer = { roles: ["acheteur"], section: "6. Achats" };
const selfDealing = { roles: ["admin"], section: "6. Achats à soi-même" };
const admin = { roles: ["admin"], section: "6. Achats" };

/** What a buyer does with a lead, and what an admin decides of it (document, chapter 6). */
// biome-ignore format: a table is read across
export const purchaseRoutes: Route[] = [
  { ...buyer, method: "GET", path: "/api/leads/:id/price", summary: "Prix du lead pour l'acheteur, maintenant", object: rpc("lead_price"), input, response: p.price },
  { ...buyingALead, path: "/api/leads/:id/purchase", input, sqlNames: { id: "leadId" }, body: priceSeen },
  { ...buyer, method: "POST", path: "/api/leads/:id/return", summary: "Demander le retour d'un lead acheté (200 : déjà demandé)", object: write("lead_return"), alsoStatus: 201, input, body: p.returnInput, response: p.ownReturn },
  { ...buyer, method: "POST", path: "/api/leads/:id/outcome", summary: "Dire ce qu'un lead acheté est devenu", object: write("lead_outcome"), input, body: p.outcomeInput, response: p.outcome },
  { ...buyer, method: "GET", path: "/api/billing/returns", summary: "Retours demandés par l'acheteur", object: view("billing_returns"), input: listInput, response: z.array(p.ownReturn) },
  { ...admin, method: "GET", path: "/api/admin/returns", summary: "Retours demandés par les acheteurs", object: view("admin_returns"), input: listInput, response: z.array(p.adminReturn) },
  { ...admin, method: "POST", path: "/api/admin/returns/:id", summary: "Accepter ou refuser un retour", object: write("admin_return_decide"), input: p.returnIdInput, body: p.decisionInput, response: p.adminReturn },

  { ...selfDealing, method: "GET", path: "/api/admin/self-dealing", summary: "Fournisseurs et acheteurs qui sont peut-être la même personne", object: view("admin_self_dealing"), input: listInput, response: z.array(p.pair) },
  { ...selfDealing, method: "POST", path: "/api/admin/self-dealing/:id", summary: "Dire que ce sont deux personnes, ou une seule", object: write("admin_self_dealing_decide"), input: p.pairIdInput, body: p.pairDecisionInput, response: p.pair },
];

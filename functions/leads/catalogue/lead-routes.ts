import * as z from "zod";
import { type Route, rpc, write } from "../../_shared/route.ts";
import { recordingUploadOf } from "../calls/recording-upload.ts";
import * as i from "../inputs.ts";
import * as s from "../schemas.ts";

const section = "6. Écriture";
const nothing = z.null();
const ifMatch = { "If-Match": "if_match" };
const leadBody = { body: i.changedLeadInput, bodyArgument: "lead" };

/** What is written about leads, and the agents' queue (document, chapter 6). */
// biome-ignore format: a table is read across
export const leadRoutes: Route[] = [
  { method: "POST", path: "/api/leads", roles: ["admin", "fournisseur"], section, summary: "Créer un lead manuellement", object: write("lead_create"), response: s.lead, body: i.newLeadInput, bodyArgument: "lead", status: 201 },
  { method: "PUT", path: "/api/leads/:id", roles: ["admin", "fournisseur"], section, summary: "Modifier un lead", object: write("lead_update"), response: s.lead, input: i.leadIdInput, ...leadBody, headers: ifMatch },
  { method: "DELETE", path: "/api/leads/:id", roles: ["admin", "fournisseur"], section, summary: "Supprimer (retirer) un lead", object: write("lead_delete"), response: nothing, input: i.leadIdInput, headers: ifMatch, status: 204 },
  { method: "GET", path: "/api/leads/:id/consent", roles: ["admin", "fournisseur", "acheteur"], section, summary: "Preuve du consentement", object: rpc("lead_consent"), response: s.consent, input: i.leadIdInput },

  { method: "GET", path: "/api/agent/next-lead", roles: ["agent"], section, summary: "Lead suivant, réservé à l'agent (204 : aucun ; X-Reason dit pourquoi, X-Next-Opening jusqu'à quand)", object: write("agent_next_lead"), response: s.reservedLead, alsoStatus: 204 },
  { method: "POST", path: "/api/leads/:id/qualify", roles: ["agent"], section, summary: "Qualifier un lead", object: write("lead_qualify"), response: s.qualification, input: i.leadIdInput, body: i.reportInput, bodyArgument: "report", headers: { "Idempotency-Key": "idempotency_key" } },
  { method: "GET", path: "/api/admin/queue", roles: ["admin"], section, summary: "Combien de leads attendent un appel, et quoi encore", object: rpc("admin_queue"), response: s.queue },
  { method: "GET", path: "/api/admin/calling-rules", roles: ["admin"], section, summary: "Quand et combien de fois on appelle", object: rpc("admin_calling_rules"), response: s.callingRules },
  { method: "PUT", path: "/api/admin/calling-rules", roles: ["admin"], section, summary: "Changer quand et combien de fois on appelle", object: write("admin_calling_rules_change"), response: s.callingRules, body: i.callingRulesInput, bodyArgument: "rules" },
  { method: "POST", path: "/api/leads/:id/recording", roles: ["agent"], section, summary: "Adresse où déposer l'enregistrement de l'appel", object: rpc("lead_recording"), refusals: [409, 422], response: s.uploadTarget, input: i.leadIdInput, body: i.recordingUploadInput, finish: recordingUploadOf, status: 201 },
];

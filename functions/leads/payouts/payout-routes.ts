import * as z from "zod";
import { listInput, type Route, rpc, view, write } from "../../_shared/route.ts";
import { payment } from "./pay.ts";
import * as p from "./payout-schemas.ts";
import { changeAccountOf, changeOwnAccount } from "./supplier-account.ts";

const gains = { roles: ["admin"], section: "3.10 Gains Fournisseurs" };
const payouts = { roles: ["admin"], section: "3.10 Virements (admin)" };
const own = { roles: ["fournisseur"], section: "3.11 Virements" };

/** What suppliers are paid, on which account, and what the bank says of it (document, 3.10, 3.11 and 6). */
// biome-ignore format: a table is read across
export const payoutRoutes: Route[] = [
  { ...payment, path: "/api/admin/gains/:id/pay", input: p.supplierInput, sqlNames: { id: "supplierId" } },
  { ...gains, method: "PUT", path: "/api/admin/gains/:id/iban", summary: "Changer l'IBAN d'un fournisseur", handle: changeAccountOf, refusals: [422], input: p.supplierInput, body: p.accountInput, response: p.supplierAccount },
  { ...gains, method: "POST", path: "/api/admin/gains/:id/activate", summary: "Valider un fournisseur et son IBAN", object: write("admin_gains_activate"), input: p.supplierInput, body: p.validationInput, response: p.supplierAccount },
  { ...gains, method: "POST", path: "/api/admin/gains/:id/suspend", summary: "Suspendre un fournisseur", object: write("admin_gains_suspend"), input: p.supplierInput, response: p.supplierAccount },

  { ...payouts, method: "GET", path: "/api/admin/payables", summary: "Ce que chaque fournisseur peut recevoir maintenant", object: rpc("admin_payables"), response: z.array(p.payable) },
  { ...payouts, method: "GET", path: "/api/admin/payouts", summary: "Virements à tous les fournisseurs", object: view("admin_payouts"), input: listInput, response: z.array(p.adminPayout) },
  { ...payouts, method: "GET", path: "/api/admin/payouts/:ref/lines", summary: "Les ventes que paie un virement", object: rpc("admin_payout_lines"), input: p.payoutInput, response: z.array(p.payoutLine) },
  { ...payouts, method: "POST", path: "/api/admin/payouts/:ref/confirm", summary: "La banque a exécuté le virement", object: write("admin_payout_confirm"), input: p.payoutInput, response: p.adminPayout },
  { ...payouts, method: "POST", path: "/api/admin/payouts/:ref/fail", summary: "La banque a refusé ou retourné le virement", object: write("admin_payout_fail"), input: p.payoutInput, body: p.failureInput, response: p.adminPayout },

  { ...own, method: "GET", path: "/api/fournisseur/iban", summary: "Son compte bancaire, et s'il est retenu", object: rpc("fournisseur_iban"), response: p.ownAccount },
  { ...own, method: "PUT", path: "/api/fournisseur/iban", summary: "Changer son IBAN, à faire valider", handle: changeOwnAccount, refusals: [404, 422], body: p.accountInput, response: p.supplierAccount },
  { ...own, method: "GET", path: "/api/fournisseur/virements/:id/lines", summary: "Les ventes que paie un virement", object: rpc("fournisseur_virement_lines"), input: p.virementInput, response: z.array(p.virementLine) },
];

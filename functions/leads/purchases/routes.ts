import type { Route } from "../../_shared/route.ts";
import { buyingALead } from "./lead.ts";
import { buyPack, idempotencyKey } from "./pack.ts";
import { leadToBuy, packPurchase, packToBuy, received } from "./schemas.ts";
import { webhook } from "./webhook.ts";

const section = "6. Achats";

const buyingAPack: Omit<Route, "path"> = {
  method: "POST",
  roles: ["acheteur"],
  section,
  summary: "Acheter un pack de crédits",
  handle: buyPack,
  refusals: [404, 409],
  body: packToBuy,
  headers: idempotencyKey,
  requiredHeaders: ["Idempotency-Key"],
  response: packPurchase,
  status: 201,
};

const hearingOfPayments: Omit<Route, "path"> = {
  method: "POST",
  roles: [],
  section,
  summary: "Ce que le prestataire de paiement annonce, signé par lui",
  handle: webhook,
  refusals: [400, 404, 413],
  response: received,
};

/** The purchases, for `supabase.functions.invoke("purchase/…")`. */
export const purchaseRoutes: Route[] = [
  { ...buyingALead, path: "/lead", body: leadToBuy },
  { ...buyingAPack, path: "/pack" },
  { ...hearingOfPayments, path: "/webhook" },
];

/** The same purchases where the document has them. */
export const documentedPurchases: Route[] = [
  { ...buyingAPack, path: "/api/billing/purchase-pack" },
  { ...hearingOfPayments, path: "/api/billing/webhook" },
];

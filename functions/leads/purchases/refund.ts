import { readHeaders } from "../../_shared/arguments.ts";
import { callAsService } from "../../_shared/auth-service.ts";
import { askDatabase } from "../../_shared/postgrest.ts";
import { Problem } from "../../_shared/problem.ts";
import { type Call, rpc, write } from "../../_shared/route.ts";
import { idempotencyKey } from "./pack.ts";
import { provider } from "./providers/chosen.ts";
import type { OpenRefund } from "./providers/provider.ts";

type Status = "requested" | "accepted" | "refused" | "reversed";
type Requested = OpenRefund & { status: Status; cause: string | null; provider: string };

/**
 * POST /api/admin/orders/:id/refund. What is asked for is kept first, then asked of the provider, and booked when he agrees:
 * a call that was cut short is completed by the next one, or by his webhook. Throws a Problem: 400, 401, 403, 404, 409 (also
 * where the provider refuses, with his cause), 422, 502.
 */
export async function refundOrder({ request, params, body }: Call): Promise<Response> {
  const args = { ...body, id: params.id, ...readHeaders({ headers: idempotencyKey }, request.headers) };
  const kept = await askDatabase(write("admin_order_refund"), args, request.headers);
  const { status, cause, provider: name, ...refund } = (await kept.json()) as Requested;
  if (status === "refused") throw refused(cause ?? "");
  if (status === "requested") await ask(name, refund);
  const shown = await askDatabase(rpc("admin_order"), { id: params.id }, request.headers);
  return new Response(shown.body, { headers: { "Content-Type": "application/json", "Cache-Control": "no-store" } });
}

async function ask(name: string, refund: OpenRefund): Promise<void> {
  const answer = await (await provider(name)).refund(refund);
  const told = await callAsService("billing_refund_answer", { refund: refund.key, ...answer });
  const { status, cause } = told as Pick<Requested, "status" | "cause">;
  // What his webhook has said meanwhile counts.
  if (status === "refused") throw refused(cause ?? "");
}

/** What to do about it, in words; of a cause that is final nobody reads that he should try again. */
const causes: Record<string, { message: string; hint: string }> = {
  charge_disputed: {
    message: "Ce paiement est contesté auprès de la banque de l'acheteur : il ne se rembourse plus.",
    hint: "Répondez à la contestation chez le prestataire de paiement ; son issue sera enregistrée ici.",
  },
  dispute_lost: {
    message: "La banque de l'acheteur a repris ce paiement : il ne se rembourse plus.",
    hint: "La contestation perdue figure parmi les remboursements de la commande.",
  },
  charge_already_refunded: {
    message:
      "L'argent de ce paiement est déjà rendu chez le prestataire : il n'y a plus de quoi faire ce remboursement.",
    hint: "Ce qui est fait sur ses pages s'inscrit ici de soi-même ; relisez la commande.",
  },
  beyond_price: {
    message: "Ce remboursement est parti, alors que l'argent de la commande était déjà rendu ou repris.",
    hint: "Rien n'a changé ici : voyez chez le prestataire de paiement, et réclamez le trop-rendu à l'acheteur.",
  },
  balance_insufficient: {
    message: "Le solde chez le prestataire de paiement ne suffit pas pour ce remboursement.",
    hint: "Approvisionnez ce solde, puis réessayez.",
  },
};

function refused(cause: string): Problem {
  const { message, hint } = causes[cause === "refund_disputed_payment" ? "charge_disputed" : cause] ?? {
    message: "Le prestataire de paiement refuse ce remboursement : rien n'a changé.",
    hint: "Sa raison est dans « details » ; le paiement se voit chez lui.",
  };
  return new Problem(409, "refund_refused", message, { hint, details: [{ field: "id", code: cause, message }] });
}

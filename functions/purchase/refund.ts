import { callAsService } from "../_shared/auth-service.ts";
import { askDatabase } from "../_shared/postgrest.ts";
import { type Call, rpc, write } from "../_shared/route.ts";
import { provider } from "./providers/chosen.ts";

type TakenBack = { key: string; provider: string; payment: string | null; refund: string | null };

/**
 * POST /api/admin/orders/:id/refund. The credits go first, so that they cannot be spent while the money is on its way; where
 * the provider then fails (502), the same call again completes it. Throws a Problem: 401, 403, 404, 409, 502.
 */
export async function refundOrder({ request, params }: Call): Promise<Response> {
  const taken = await askDatabase(write("admin_order_refund"), { id: params.id }, request.headers);
  const { key, provider: name, payment, refund } = (await taken.json()) as TakenBack;
  if (refund === null) {
    const reference = await (await provider(name)).refund(key, payment ?? "");
    await callAsService("billing_order_refunded", { order: key, reference });
  }
  const shown = await askDatabase(rpc("admin_order"), { id: params.id }, request.headers);
  return new Response(shown.body, { headers: { "Content-Type": "application/json", "Cache-Control": "no-store" } });
}

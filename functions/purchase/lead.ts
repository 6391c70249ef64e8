import { askDatabase } from "../_shared/postgrest.ts";
import { type Call, write } from "../_shared/route.ts";

/**
 * POST /functions/v1/purchase/lead: the purchase of POST /api/leads/:id/purchase, with the lead named in the body. Throws a
 * Problem: 401, 402, 403, 404, 409.
 */
export async function buyLead({ request, body }: Call): Promise<Response> {
  const sold = await askDatabase(write("lead_purchase"), { id: body.leadId }, request.headers);
  // 201, or 200 where it was bought before.
  const headers = { "Content-Type": "application/json", "Cache-Control": "no-store" };
  return new Response(sold.body, { status: sold.status, headers });
}

import { askDatabase } from "../_shared/postgrest.ts";
import { write } from "../_shared/route.ts";

/**
 * Pays a supplier all that he may be paid now, with the caller's own token. An `Idempotency-Key` makes a repeated call
 * answer what the first one answered. Throws a Problem: 401, 403, 404, 409.
 */
export async function paySupplier(id: unknown, request: Request): Promise<Response> {
  const key = request.headers.get("Idempotency-Key");
  const paid = await askDatabase(write("admin_gains_pay"), { id, idempotency_key: key }, request.headers);
  const headers = { "Content-Type": "application/json", "Cache-Control": "no-store" };
  return new Response(paid.body, { status: 201, headers });
}

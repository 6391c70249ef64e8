import { readHeaders } from "../../_shared/arguments.ts";
import { callAsService } from "../../_shared/auth-service.ts";
import { askDatabase } from "../../_shared/postgrest.ts";
import { Problem } from "../../_shared/problem.ts";
import { type Call, write } from "../../_shared/route.ts";
import { provider } from "./providers/chosen.ts";
import type { OpenOrder } from "./providers/provider.ts";

/** The header that makes a purchase happen once, and the SQL argument that it is. */
export const idempotencyKey = { "Idempotency-Key": "idempotency_key" };

/**
 * POST /api/billing/purchase-pack. Orders with the buyer's own token, has the provider take the money, and then goes on
 * with the project's key. Each step is done once however often it is asked, so that a call that was cut short is completed
 * by the next one with its key. Throws a Problem: 400, 401, 403, 404, 409, 502, 503.
 */
export async function buyPack({ request, body }: Call): Promise<Response> {
  const args = { ...body, ...readHeaders({ headers: idempotencyKey }, request.headers) };
  const opened = await askDatabase(write("billing_order_open"), args, request.headers).catch(reportSeller);
  const { answer, ...order } = (await opened.json()) as OpenOrder & { answer: object | null };
  return Response.json(answer ?? (await pay(order)), { status: 201, headers: { "Cache-Control": "no-store" } });
}

/** What is refused leaves nothing behind: that the seller is to be completed is told to the admins by a call of its own. */
async function reportSeller(problem: unknown): Promise<never> {
  if (problem instanceof Problem && problem.code === "seller_incomplete")
    await callAsService("billing_seller_incomplete", {});
  throw problem;
}

async function pay(order: OpenOrder): Promise<unknown> {
  const { name, charge } = await provider();
  const charged = await charge(order);
  if (charged.paid) return callAsService("billing_order_settle", { order: order.key, provider: name });
  const { reference, url } = charged;
  return callAsService("billing_order_send", { order: order.key, provider: name, reference, url });
}

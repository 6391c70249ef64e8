import { callAsService } from "../../_shared/auth-service.ts";
import { readText } from "../../_shared/body.ts";
import type { Call } from "../../_shared/route.ts";
import { provider } from "./providers/chosen.ts";

/**
 * POST …/webhook: what the payment provider tells. Answered 200 once it is kept, and also where it is none that matters; the
 * provider repeats what was answered otherwise. Throws a Problem: 400 for the signature, 404 where the provider has none.
 */
export async function webhook({ request }: Call): Promise<Response> {
  const { name, readEvent } = await provider();
  const event = await readEvent(await readText(request), request.headers);
  if (event) await callAsService("billing_payment_event", { provider: name, event });
  return Response.json({ received: true });
}

import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { unseal } from "../sealed.ts";
import { type Address, addressesOf } from "./addresses.ts";
import { attemptMs, type Deliver, type Delivery, DeliveryFailure, readPayload } from "./delivery.ts";
import { signatureHeaders } from "./signature.ts";

/** What calling webhooks needs. */
export type WebhookSettings = {
  /** What opens the endpoints' secrets; undefined where the project has none. */
  key: () => Promise<CryptoKey> | undefined;
  /** Whether an endpoint may be on this machine. */
  localAllowed: boolean;
  timeoutMs?: number;
};

/** Calls endpoints: `{type, timestamp, data}`, signed as Standard Webhooks says. Any 2xx is arrival. */
export function webhookDelivery(settings: WebhookSettings): Deliver {
  return async (delivery) => {
    const url = new URL(delivery.url ?? "");
    const body = JSON.stringify({
      type: delivery.topic,
      timestamp: delivery.created_at.toISOString(),
      data: readPayload("webhook", delivery.payload),
    });
    const secret = await secretOf(delivery, settings);
    // The id stays over all attempts: by it the receiver knows what he has had already.
    const headers = {
      ...(await signatureHeaders(secret, delivery.event_id ?? "", body)),
      "content-type": "application/json",
      "content-length": String(new TextEncoder().encode(body).length),
      "user-agent": "webhooks/1.0",
    };
    const addresses = await addressesOf(url, settings.localAllowed);
    const status = await post(url, headers, body, addresses, settings.timeoutMs ?? attemptMs);
    if (status >= 300 && status < 400) throw new DeliveryFailure("redirected");
    if (status < 200 || status >= 400) throw new DeliveryFailure(`http_${status}`);
  };
}

async function secretOf({ endpoint_id, sealed_secret }: Delivery, { key }: WebhookSettings): Promise<string> {
  const opens = key();
  if (!opens) throw new DeliveryFailure("webhooks_not_configured");
  try {
    return await unseal(await opens, endpoint_id ?? "", sealed_secret ?? "");
  } catch {
    throw new DeliveryFailure("secret_unreadable");
  }
}

/**
 * The status that a POST is answered with; the answer itself is not read. Not by `fetch`: the connection goes to the
 * addresses that were looked at, and not to what the name stands for a moment later.
 */
function post(
  url: URL,
  headers: Record<string, string>,
  body: string,
  addresses: Address[],
  timeoutMs: number,
): Promise<number> {
  const lookup = (_: string, options: { all?: boolean }, found: (...result: unknown[]) => void) =>
    options.all ? found(null, addresses) : found(null, addresses[0]?.address, addresses[0]?.family);
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? requestHttps : requestHttp;
    const request = send(url, { method: "POST", headers, lookup: lookup as never, agent: false }, (response) => {
      response.on("error", () => undefined);
      finish();
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    const timer = setTimeout(() => {
      reject(new DeliveryFailure("timeout"));
      request.destroy();
    }, timeoutMs);
    const finish = () => clearTimeout(timer);
    request.on("error", () => {
      finish();
      reject(new DeliveryFailure("unreachable"));
    });
    request.end(body);
  });
}

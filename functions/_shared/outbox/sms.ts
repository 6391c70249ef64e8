import { attemptMs, type Deliver, DeliveryFailure, readPayload, type Sms } from "./delivery.ts";

/** Hands one message to a provider, who knows a repetition by the id. Throws a DeliveryFailure. */
export type SendSms = (sms: Sms, id: string) => Promise<void>;

/** Sends SMS by a provider; without one they wait, and fail in the end. */
export function smsDelivery(send: SendSms | undefined): Deliver {
  return async ({ id, payload }) => {
    const sms = readPayload("sms", payload);
    if (!send) throw new DeliveryFailure("sms_not_configured");
    await send(sms, id);
  };
}

/** The catcher of the embedded stack. */
export function smsByHttp(url: string): SendSms {
  return async (sms, id) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ id, ...sms }),
      signal: AbortSignal.timeout(attemptMs),
    }).catch(() => undefined);
    await response?.body?.cancel();
    if (!response) throw new DeliveryFailure("unreachable");
    if (!response.ok) throw new DeliveryFailure(`http_${response.status}`);
  };
}

import process from "node:process";
import { sealingKey } from "../sealed.ts";
import type { Deliver, Kind } from "./delivery.ts";
import { mailDelivery } from "./mail.ts";
import { smsByHttp, smsDelivery } from "./sms.ts";
import { webhookDelivery } from "./webhook.ts";

/** How each kind is delivered, by the project's secrets. */
export function deliverers(): Record<Kind, Deliver> {
  const { SECRETS_ENCRYPTION_KEY, WEBHOOKS_TO_THIS_MACHINE, MAIL_URL, MAIL_KEY, MAIL_FROM, SMS_URL } = process.env;
  const key = SECRETS_ENCRYPTION_KEY ? sealingKey(SECRETS_ENCRYPTION_KEY) : undefined;
  // Heard of where it is waited for.
  key?.catch(() => undefined);
  return {
    webhook: webhookDelivery({ key: () => key, localAllowed: WEBHOOKS_TO_THIS_MACHINE === "true" }),
    mail: mailDelivery({ url: MAIL_URL, key: MAIL_KEY, from: MAIL_FROM }),
    sms: smsDelivery(SMS_URL ? smsByHttp(SMS_URL) : undefined),
  };
}

import { Buffer } from "node:buffer";

// Standard Webhooks 1.0 (https://www.standardwebhooks.com), symmetric signatures.

const prefix = "whsec_";

/** A new secret, as the receiver keeps it. */
export function newWebhookSecret(): string {
  return `${prefix}${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")}`;
}

/** The three headers by which a receiver knows who sent a body; `at` is the moment of sending. */
export async function signatureHeaders(
  secret: string,
  id: string,
  body: string,
  at = new Date(),
): Promise<Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string>> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const hash = { name: "HMAC", hash: "SHA-256" };
  const bytes = Buffer.from(secret.slice(prefix.length), "base64");
  const key = await crypto.subtle.importKey("raw", bytes, hash, false, ["sign"]);
  const signed = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(`${id}.${timestamp}.${body}`));
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${Buffer.from(signed).toString("base64")}`,
  };
}

import process from "node:process";
import Stripe from "stripe";
import { Problem } from "../../../_shared/problem.ts";
import type { OpenOrder, OpenRefund, PaymentProvider, RefundAnswer } from "./provider.ts";
import { eventOf } from "./stripe-events.ts";

let opened: Stripe | undefined;

/** Stripe Checkout: the buyer pays on Stripe's page, and the signed webhook tells of it. */
export const stripe: PaymentProvider = {
  name: "stripe",
  async charge(order) {
    const session = await asked(() =>
      client().checkout.sessions.create(sessionOf(order), { idempotencyKey: order.key }),
    );
    if (!session.url) throw unavailable("the session has no page");
    return { paid: false, reference: session.id, url: session.url };
  },
  async refund(refund) {
    const options = { idempotencyKey: refund.key };
    try {
      // Stripe forgets a key after a day: then the refund itself tells that it was made.
      const known = refund.again ? await madeBefore(refund) : undefined;
      return answerOf(known ?? (await client().refunds.create(refundOf(refund), options)));
    } catch (error) {
      return refusalOf(error, refund);
    }
  },
  async readEvent(body, headers) {
    return eventOf(await verified(body, headers.get("stripe-signature") ?? ""));
  },
};

function client(): Stripe {
  opened ??= new Stripe(setting("STRIPE_SECRET_KEY"), {
    // Not Node's sockets, which an Edge Function may not have.
    httpClient: Stripe.createFetchHttpClient(),
    maxNetworkRetries: 2,
    timeout: 15_000,
    telemetry: false,
    ...apiBase(),
  });
  return opened;
}

function apiBase(): { host?: string; port?: string; protocol?: "http" | "https" } {
  const base = process.env.STRIPE_API_BASE;
  if (!base) return {};
  const { hostname, port, protocol } = new URL(base);
  const secure = protocol === "https:";
  return { host: hostname, port: port || (secure ? "443" : "80"), protocol: secure ? "https" : "http" };
}

function sessionOf({ key, id, title, amountCents, email }: OpenOrder): Stripe.Checkout.SessionCreateParams {
  return {
    mode: "payment",
    locale: "fr",
    client_reference_id: key,
    metadata: { order: key },
    // Copied to the charge, so that a refund names its order even where it is told of before the payment.
    payment_intent_data: { metadata: { order: key } },
    customer_email: email,
    line_items: [
      { quantity: 1, price_data: { currency: "eur", unit_amount: amountCents, product_data: { name: title } } },
    ],
    success_url: returnUrl(id, "success"),
    cancel_url: returnUrl(id, "cancelled"),
  };
}

/** The front end's page about credits, with what it needs to say how it went. */
function returnUrl(order: string, payment: "success" | "cancelled"): string {
  const url = new URL(setting("PAYMENT_RETURN_URL"));
  url.searchParams.set("order", order);
  url.searchParams.set("payment", payment);
  return url.href;
}

async function verified(body: string, signature: string): Promise<Stripe.Event> {
  const secret = setting("STRIPE_WEBHOOK_SECRET");
  try {
    return await client().webhooks.constructEventAsync(body, signature, secret);
  } catch {
    throw new Problem(400, "invalid_signature", "La signature de cet appel n'est pas valide.");
  }
}

function refundOf({ key, order, payment, amountCents }: OpenRefund): Stripe.RefundCreateParams {
  return { payment_intent: payment ?? "", amount: amountCents, metadata: { order, refund: key } };
}

const refundsOf = async ({ payment }: OpenRefund) =>
  (await client().refunds.list({ payment_intent: payment ?? "", limit: 100 })).data;

async function madeBefore(refund: OpenRefund): Promise<Stripe.Refund | undefined> {
  return (await refundsOf(refund)).find(({ metadata }) => metadata?.refund === refund.key);
}

/** Made on Stripe's own pages, to the cent, and nobody has heard of it here. */
async function madeByHand(refund: OpenRefund): Promise<Stripe.Refund | undefined> {
  const { key, amountCents, known } = refund;
  return (await refundsOf(refund)).find(
    ({ id, amount, status, metadata }) =>
      amount === amountCents &&
      !known.includes(id) &&
      (metadata?.refund ?? key) === key &&
      status !== "failed" &&
      status !== "canceled",
  );
}

function answerOf({ id, status, failure_reason }: Stripe.Refund): RefundAnswer {
  if (status === "failed" || status === "canceled") {
    return { outcome: "refused", reference: id, cause: failure_reason ?? status };
  }
  // Money that is still on the way out is not there yet, and nothing is booked.
  return { outcome: status === "succeeded" ? "made" : "pending", reference: id };
}

const refusals = ["invalid_request_error", "card_error"];

/** Only what Stripe says of the refund itself is a refusal: of anything else nobody knows whether it is made. */
async function refusalOf(error: unknown, refund: OpenRefund): Promise<RefundAnswer> {
  if (!(error instanceof Stripe.errors.StripeError)) throw error;
  if (error.code === "charge_already_refunded") {
    const made = await asked(() => madeByHand(refund));
    if (made) return answerOf(made);
  }
  if (refusals.includes(error.rawType ?? "") && [400, 402, 404].includes(error.statusCode ?? 0)) {
    console.error(`stripe: refund refused: ${error.code ?? error.type}`);
    return { outcome: "refused", cause: error.code ?? "invalid_request" };
  }
  throw unavailable(`${error.type} ${error.code ?? ""}`);
}

async function asked<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) throw unavailable(`${error.type} ${error.code ?? ""}`);
    throw error;
  }
}

/** Said to the caller without its cause, which is logged without anything of the buyer's. */
function unavailable(cause: string): Problem {
  console.error(`stripe: ${cause}`);
  const hint = "Réessayez avec la même clé d'idempotence.";
  return new Problem(502, "payment_unavailable", "Le prestataire de paiement ne répond pas.", { hint });
}

function setting(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw unavailable(`the environment variable ${name} is not set`);
}

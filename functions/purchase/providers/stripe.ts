import process from "node:process";
import Stripe from "stripe";
import { Problem } from "../../_shared/problem.ts";
import type { OpenOrder, PaymentProvider } from "./provider.ts";
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
  async refund(key, payment) {
    const options = { idempotencyKey: `refund-${key}` };
    const { id } = await asked(() =>
      client()
        .refunds.create({ payment_intent: payment, metadata: { order: key } }, options)
        .catch((error: unknown) => madeAlready(error, payment)),
    );
    return id;
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

/** The refund that somebody has made on Stripe's own pages, where that is why another one is refused. */
async function madeAlready(error: unknown, payment: string): Promise<Stripe.Refund> {
  const refused = error instanceof Stripe.errors.StripeError && error.code === "charge_already_refunded";
  const [refund] = refused ? (await client().refunds.list({ payment_intent: payment, limit: 1 })).data : [];
  if (!refund) throw error;
  return refund;
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

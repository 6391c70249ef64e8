import type Stripe from "stripe";
import type { PaymentEvent } from "./provider.ts";

/** What an event of Stripe's means for an order; undefined where it means nothing. */
export function eventOf(event: Stripe.Event): PaymentEvent | undefined {
  switch (event.type) {
    case "checkout.session.completed":
      // Some means of payment take days: then another event tells how it went.
      return event.data.object.payment_status === "unpaid" ? undefined : ofSession(event, event.data.object, "paid");
    case "checkout.session.async_payment_succeeded":
      return ofSession(event, event.data.object, "paid");
    case "checkout.session.async_payment_failed":
      return ofSession(event, event.data.object, "failed");
    case "checkout.session.expired":
      return ofSession(event, event.data.object, "expired");
    case "charge.refunded":
      return ofCharge(event, event.data.object);
    case "refund.created":
    case "refund.updated":
    case "refund.failed":
    case "charge.refund.updated":
      return ofRefund(event, event.data.object);
    case "charge.dispute.created":
      return ofDispute(event, event.data.object, "disputed");
    case "charge.dispute.closed":
      // A mere inquiry that is closed (warning_closed) has cost nothing either.
      return ofDispute(event, event.data.object, event.data.object.status === "lost" ? "dispute_lost" : "dispute_won");
    default:
      return undefined;
  }
}

function ofSession(
  event: Stripe.Event,
  session: Stripe.Checkout.Session,
  meaning: PaymentEvent["meaning"],
): PaymentEvent {
  return {
    ...{ id: event.id, occurredAt: event.created, meaning },
    order: session.client_reference_id ?? session.metadata?.order,
    reference: session.id,
    payment: idOf(session.payment_intent),
    amountCents: session.amount_total ?? 0,
    currency: session.currency ?? "",
  };
}

function ofCharge(event: Stripe.Event, charge: Stripe.Charge): PaymentEvent {
  return {
    ...{ id: event.id, occurredAt: event.created, meaning: "refunded" },
    order: charge.metadata?.order,
    // Only older versions of Stripe's API say which refund it is.
    reference: charge.refunds?.data[0]?.id,
    payment: idOf(charge.payment_intent),
    amountCents: charge.amount_refunded,
    currency: charge.currency,
  };
}

/** One that is still on its way means nothing yet. */
function ofRefund(event: Stripe.Event, refund: Stripe.Refund): PaymentEvent | undefined {
  const failed = refund.status === "failed" || refund.status === "canceled";
  if (!failed && refund.status !== "succeeded") return undefined;
  return {
    ...{ id: event.id, occurredAt: event.created, meaning: failed ? "refund_failed" : "refund_made" },
    order: refund.metadata?.order,
    ...(refund.metadata?.refund ? { refund: refund.metadata.refund } : {}),
    reference: refund.id,
    payment: idOf(refund.payment_intent),
    amountCents: refund.amount,
    currency: refund.currency,
    ...(failed ? { cause: refund.failure_reason ?? refund.status ?? "failed" } : {}),
  };
}

function ofDispute(event: Stripe.Event, dispute: Stripe.Dispute, meaning: PaymentEvent["meaning"]): PaymentEvent {
  return {
    ...{ id: event.id, occurredAt: event.created, meaning },
    // Stripe does not copy to a dispute what the payment carries: the payment tells the order.
    order: undefined,
    reference: dispute.id,
    payment: idOf(dispute.payment_intent),
    amountCents: dispute.amount,
    currency: dispute.currency,
  };
}

function idOf(object: string | { id: string } | null | undefined): string | undefined {
  return typeof object === "string" ? object : object?.id;
}

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
    reference: charge.refunds?.data[0]?.id ?? charge.id,
    payment: idOf(charge.payment_intent),
    amountCents: charge.amount_refunded,
    currency: charge.currency,
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

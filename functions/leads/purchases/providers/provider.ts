/** An order that is to be paid; `key` is its uuid, by which the provider does a thing once. */
export type OpenOrder = { key: string; id: string; title: string; amountCents: number; email: string };

/** What asking for the money came to: it is there, or the buyer pays on the provider's page. */
type Charge = { paid: true } | { paid: false; reference: string; url: string };

/** What a provider tells by its webhook, in the database's words; `occurredAt` is in seconds since 1970. */
export type PaymentEvent = {
  id: string;
  meaning:
    | "paid"
    | "failed"
    | "expired"
    | "refunded"
    | "refund_made"
    | "refund_failed"
    | "disputed"
    | "dispute_won"
    | "dispute_lost";
  /** The order's uuid, where the event names it. */
  order: string | undefined;
  /** The refund's uuid, where the event is of one that was asked for here. */
  refund?: string;
  /** What the provider calls the session, the refund or the dispute. */
  reference: string | undefined;
  /** What the provider calls the payment. */
  payment: string | undefined;
  /** Of the payment or the refund; of « refunded », all that has been refunded of the payment. */
  amountCents: number;
  currency: string;
  occurredAt: number;
  /** Why a refund failed, in the provider's words. */
  cause?: string;
};

/**
 * A refund that is to be made; `key` is its uuid, by which the provider does it once, `again` says that he may have been asked
 * before, `known` are the provider's names of the order's other refunds.
 */
export type OpenRefund = {
  key: string;
  order: string;
  payment: string | null;
  amountCents: number;
  again: boolean;
  known: string[];
};

/** What the provider says to it. Of what is pending the webhook tells how it ended. */
export type RefundAnswer = { outcome: "made" | "pending" | "refused"; reference?: string; cause?: string };

/** Who takes the money. Whatever is asked twice is done once: the order's key says so to the provider. */
export type PaymentProvider = {
  name: "manual" | "stripe";
  /** Asks for the money of an order. Throws a Problem (502) where the provider does not go on. */
  charge: (order: OpenOrder) => Promise<Charge>;
  /** Sends money of a payment back, once for a key. Throws a Problem (502) where it cannot be known whether he does. */
  refund: (refund: OpenRefund) => Promise<RefundAnswer>;
  /**
   * The event of a webhook call; undefined where it is none that matters. Throws a Problem (400) where the signature is not
   * the provider's.
   */
  readEvent: (body: string, headers: Headers) => Promise<PaymentEvent | undefined>;
};

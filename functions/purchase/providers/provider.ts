/** An order that is to be paid; `key` is its uuid, by which the provider does a thing once. */
export type OpenOrder = { key: string; id: string; title: string; amountCents: number; email: string };

/** What asking for the money came to: it is there, or the buyer pays on the provider's page. */
type Charge = { paid: true } | { paid: false; reference: string; url: string };

/** What a provider tells by its webhook, in the database's words; `occurredAt` is in seconds since 1970. */
export type PaymentEvent = {
  id: string;
  meaning: "paid" | "failed" | "expired" | "refunded" | "disputed" | "dispute_won" | "dispute_lost";
  /** The order's uuid, where the event names it. */
  order: string | undefined;
  /** What the provider calls the session, the refund or the dispute. */
  reference: string | undefined;
  /** What the provider calls the payment. */
  payment: string | undefined;
  amountCents: number;
  currency: string;
  occurredAt: number;
};

/** Who takes the money. Whatever is asked twice is done once: the order's key says so to the provider. */
export type PaymentProvider = {
  name: "manual" | "stripe";
  /** Asks for the money of an order. Throws a Problem (502) where the provider does not go on. */
  charge: (order: OpenOrder) => Promise<Charge>;
  /** Sends the whole payment of an order back, if that is not done yet; returns the refund's name. Throws a Problem (502). */
  refund: (key: string, payment: string) => Promise<string>;
  /**
   * The event of a webhook call; undefined where it is none that matters. Throws a Problem (400) where the signature is not
   * the provider's.
   */
  readEvent: (body: string, headers: Headers) => Promise<PaymentEvent | undefined>;
};

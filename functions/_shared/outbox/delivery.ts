import * as z from "zod";

/** What a delivery holds, by its kind. */
export const payloads = {
  webhook: z.record(z.string(), z.unknown()),
  mail: z.strictObject({ to: z.email(), subject: z.string().min(1).max(200), text: z.string().min(1) }),
  sms: z.strictObject({ to: z.string().regex(/^\+[1-9]\d{6,14}$/), text: z.string().min(1).max(1000) }),
};

export type Kind = keyof typeof payloads;
export type Mail = z.infer<typeof payloads.mail>;
export type Sms = z.infer<typeof payloads.sms>;

/** A leased row of `platform.deliveries`, and the endpoint that it goes to, where it is a webhook. */
export type Delivery = {
  id: string;
  kind: Kind;
  topic: string;
  payload: unknown;
  lane: string;
  attempts: number;
  created_at: Date;
  event_id: string | null;
  endpoint_id: string | null;
  url: string | null;
  sealed_secret: string | null;
};

/** Brings one delivery to where it goes. Throws a DeliveryFailure where it does not arrive. */
export type Deliver = (delivery: Delivery) => Promise<void>;

/** How long one attempt may take, well within the lease. */
export const attemptMs = 10_000;

/** Why a delivery did not arrive, as a code without anybody's data; `final` where another attempt would end alike. */
export class DeliveryFailure extends Error {
  readonly code: string;
  readonly final: boolean;

  constructor(code: string, final = false) {
    super(code);
    this.name = "DeliveryFailure";
    this.code = code;
    this.final = final;
  }
}

/** The payload of a kind. Throws a DeliveryFailure, for good, where it has another shape. */
export function readPayload<K extends Kind>(kind: K, payload: unknown): z.infer<(typeof payloads)[K]> {
  const read = payloads[kind].safeParse(payload);
  if (!read.success) throw new DeliveryFailure("invalid_payload", true);
  return read.data as z.infer<(typeof payloads)[K]>;
}

import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import Stripe from "stripe";
import { afterAll } from "vitest";

/** What the server was asked, by its form fields, with the idempotency key that came with it. */
type Asked = { path: string; key: string; authorization: string; fields: Record<string, string> };

/** A server on this machine that answers as Stripe's API does, as far as it is used here. */
export type StripeServer = {
  url: string;
  /** Everything that it was asked, in order. */
  asked: Asked[];
  /** The status that it answers with instead, until it is 200 again; `made`: though it has done what it was asked. */
  answer: { status: number; made?: boolean };
  /** What becomes of a refund that it is asked for: an error of that code, or a refund of that status. */
  refund: { code?: string; status?: string };
  /** The refunds that were made on Stripe's own pages and leave nothing, by the payment. */
  refunded: Map<string, ByHand[]>;
};

/** Starts the server; it is gone when the test file is done. */
export async function stripeServer(): Promise<StripeServer> {
  const asked: Asked[] = [];
  const answer: StripeServer["answer"] = { status: 200 };
  const refund: StripeServer["refund"] = {};
  const refunded = new Map<string, ByHand[]>();
  const made = new Map<string, Made>();
  const server = createServer(async (request, response) => {
    const one = await readAsked(request);
    asked.push(one);
    const failed = () => reply(response, answer.status, { error: { type: "api_error", message: "No." } });
    if (answer.status !== 200 && !answer.made) return failed();
    if (request.method === "GET") return reply(response, 200, refundsOf(one.path, refunded, made));
    if (refunded.has(one.fields.payment_intent ?? "")) return reply(response, 400, refusal("charge_already_refunded"));
    if (one.path === "/v1/refunds" && refund.code) return reply(response, 400, refusal(refund.code));
    // As Stripe: what was asked with a key before is answered as it was then.
    const object = made.get(one.key) ?? objectOf(one, refund.status);
    made.set(one.key, object);
    if (answer.status !== 200) return failed();
    reply(response, 200, object);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  afterAll(() => new Promise((done) => server.close(done)));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, answer, refund, refunded };
}

type ByHand = { id: string; amount: number };

const refusal = (code: string) => ({ error: { type: "invalid_request_error", code, message: "No." } });

function refundsOf(path: string, refunded: Map<string, ByHand[]>, made: Map<string, Made>): object {
  const payment = new URL(path, "http://stripe.test").searchParams.get("payment_intent") ?? "";
  const byHand = (refunded.get(payment) ?? []).map((one) => ({ ...one, object: "refund", status: "succeeded" }));
  const data = [...byHand, ...[...made.values()].filter((one) => one.payment_intent === payment)];
  return { object: "list", url: "/v1/refunds", has_more: false, data };
}

async function readAsked(request: IncomingMessage): Promise<Asked> {
  let body = "";
  for await (const part of request) body += part;
  return {
    path: request.url ?? "",
    key: String(request.headers["idempotency-key"]),
    authorization: String(request.headers.authorization),
    fields: Object.fromEntries(new URLSearchParams(body)),
  };
}

type Made = { id: string; object: string; payment_intent?: string | undefined };

function objectOf({ path, fields }: Asked, status = "succeeded"): Made & Record<string, unknown> {
  const id = randomUUID();
  if (path === "/v1/checkout/sessions") {
    return { id: `cs_${id}`, object: "checkout.session", url: `https://checkout.example.test/${id}` };
  }
  const metadata = { order: fields["metadata[order]"], refund: fields["metadata[refund]"] };
  const amount = Number(fields.amount);
  return { id: `re_${id}`, object: "refund", status, payment_intent: fields.payment_intent, amount, metadata };
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}

const signer = new Stripe("sk_test_unused");

/** The body of a webhook call, and the header with which Stripe signs it. */
export function signedEvent(
  secret: string,
  type: string,
  object: Record<string, unknown>,
  more: { id?: string; timestamp?: number } = {},
): { body: string; signature: string } {
  const { id = `evt_${randomUUID()}`, timestamp = Math.floor(Date.now() / 1000) } = more;
  const body = JSON.stringify({ id, object: "event", type, created: timestamp, data: { object } });
  return { body, signature: signer.webhooks.generateTestHeaderString({ payload: body, secret, timestamp }) };
}

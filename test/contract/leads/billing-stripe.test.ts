import { randomUUID } from "node:crypto";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import * as b from "../../../functions/leads/billing/billing-schemas.ts";
import * as p from "../../../functions/leads/purchases/schemas.ts";
import { expectLedgerHolds } from "../../support/ledger.ts";
import { type OwnStack, ownStack } from "../../support/own-stack.ts";
import { type StripeServer, signedEvent, stripeServer } from "../../support/stripe.ts";
import { send } from "../http.ts";
import type { Person } from "../people.ts";
import { expectRefusal } from "./expectations.ts";

// Orders that are paid on Stripe's page, and what Stripe's signed webhook tells of them, in whatever order and however often.

const secret = "whsec_of_these_tests";
let stripe: StripeServer;
let stack: OwnStack;
let admin: Person;

beforeAll(async () => {
  stripe = await stripeServer();
  stack = await ownStack({
    PAYMENT_PROVIDER: "stripe",
    STRIPE_SECRET_KEY: "sk_test_of_these_tests",
    STRIPE_WEBHOOK_SECRET: secret,
    STRIPE_API_BASE: stripe.url,
    PAYMENT_RETURN_URL: "https://front.example.test/acheteur/credits?tab=packs",
    SUPABASE_URL: "http://127.0.0.1:1",
  });
  admin = await stack.person("admin");
});

afterEach(() => expectLedgerHolds(stack.sql));

const buy = (person: Person, key: string = randomUUID(), packId = "pack-2") =>
  stack.ask("POST", "/billing/purchase-pack", person, { body: { packId }, headers: { "Idempotency-Key": key } });
const ordered = async () => {
  const person = await stack.person("acheteur");
  const answer = await buy(person);
  expect(answer.status, answer.text).toBe(201);
  const order = p.packPurchase.parse(answer.body);
  const [row] = await stack.sql<{ key: string; session: string }[]>`
    select id as key, provider_reference as session from leads.pack_orders where reference = ${order.id}`;
  return { person, order, ...(row as { key: string; session: string }) };
};
const sessionOf = ({ key, session }: { key: string; session: string }, more: object = {}) => ({
  ...{
    id: session,
    object: "checkout.session",
    client_reference_id: key,
    metadata: { order: key },
    payment_status: "paid",
  },
  ...{ payment_intent: `pi_${key}`, amount_total: 19900, currency: "eur", ...more },
});
const chargeOf = ({ key }: { key: string }, more: object = {}) => ({
  ...{
    id: `ch_${key}`,
    object: "charge",
    payment_intent: `pi_${key}`,
    metadata: { order: key },
    amount: 19900,
    currency: "eur",
  },
  ...{ amount_refunded: 19900, refunded: true, ...more },
});
const call = (path: string, { body, signature }: { body: string; signature: string }) =>
  fetchText(path, body, { "Stripe-Signature": signature, "Content-Type": "application/json" });
const tell = async (type: string, object: Record<string, unknown>, id?: string) => {
  const answer = await call("leads/api/billing/webhook", signedEvent(secret, type, object, id ? { id } : {}));
  expect([answer.status, answer.body]).toEqual([200, { received: true }]);
};
const shown = async (order: { id: string }, person: Person) =>
  p.packOrder.parse((await stack.ask("GET", `/billing/orders/${order.id}`, person)).body);
const creditsOf = async (person: Person) =>
  ((await stack.ask("GET", "/users/acheteur", person)).body as { credits: number }).credits;
const titlesOf = async (person: Person) =>
  ((await stack.ask("GET", "/notifications", person)).body as { title: string }[]).map(({ title }) => title);

async function fetchText(path: string, body: string, headers: Record<string, string>) {
  const response = await fetch(`${stack.info.apiUrl}/functions/v1/${path}`, { method: "POST", body, headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as unknown };
}

describe("POST /api/billing/purchase-pack", () => {
  test("answers where to pay, and asks Stripe once", async () => {
    const { person, order, key, session } = await ordered();
    expect(order).toMatchObject({
      status: "pending",
      balance: 0,
      invoiceNumber: null,
      checkoutUrl: expect.stringContaining("https://checkout.example.test/"),
    });
    expect(session).toMatch(/^cs_/);
    const asked = stripe.asked.filter((one) => one.key === key);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      path: "/v1/checkout/sessions",
      authorization: "Bearer sk_test_of_these_tests",
      fields: {
        ...{
          mode: "payment",
          locale: "fr",
          client_reference_id: key,
          "metadata[order]": key,
          customer_email: person.email,
        },
        ...{ "payment_intent_data[metadata][order]": key, "line_items[0][quantity]": "1" },
        ...{ "line_items[0][price_data][currency]": "eur", "line_items[0][price_data][unit_amount]": "19900" },
        "line_items[0][price_data][product_data][name]": "Pack Pro — 50 crédits + 5 offerts",
        success_url: `https://front.example.test/acheteur/credits?tab=packs&order=${order.id}&payment=success`,
        cancel_url: `https://front.example.test/acheteur/credits?tab=packs&order=${order.id}&payment=cancelled`,
      },
    });
    expect((await stack.ask("GET", "/billing/payments", person)).body).toMatchObject([
      { status: "pending", amount: 199 },
    ]);
    expect(await creditsOf(person)).toBe(0);
  });

  test("answers the same to the same key, also when it is paid by then", async () => {
    const person = await stack.person("acheteur");
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => buy(person, key)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    const [row] = await stack.sql<{ key: string; session: string }[]>`
      select id as key, provider_reference as session from leads.pack_orders where buyer_id = ${person.id}`;
    await tell("checkout.session.completed", sessionOf(row as { key: string; session: string }));
    expect((await buy(person, key)).text).toBe(answers[0]?.text);
    expect(await creditsOf(person)).toBe(55);
    expectRefusal(await stack.refused(() => buy(person, key, "pack-1")), 409, "idempotency_key_reused");
  });

  test("says so where Stripe does not answer, and goes on with the same key", async () => {
    const person = await stack.person("acheteur");
    const key = randomUUID();
    stripe.answer.status = 400;
    const refused = await buy(person, key);
    expectRefusal(refused, 502, "payment_unavailable");
    expect((await stack.ask("GET", "/billing/payments", person)).body).toEqual([]);
    stripe.answer.status = 200;
    expect(p.packPurchase.parse((await buy(person, key)).body)).toMatchObject({ status: "pending" });
    expect((await stack.ask("GET", "/billing/orders", person)).body).toHaveLength(1);
    expect(stack.output()).not.toContain(person.email);
  });
});

describe("the webhook", () => {
  test("believes nobody but Stripe", async () => {
    const order = await ordered();
    const paid = sessionOf(order);
    const good = signedEvent(secret, "checkout.session.completed", paid);
    const forged = [
      signedEvent("whsec_of_somebody_else", "checkout.session.completed", paid),
      { ...good, signature: "" },
      { ...good, signature: "t=1,v1=00" },
      { ...good, body: good.body.replace("19900", "1") },
      signedEvent(secret, "checkout.session.completed", paid, { timestamp: Math.floor(Date.now() / 1000) - 3600 }),
    ];
    for (const path of ["leads/api/billing/webhook", "purchase/webhook"]) {
      for (const each of forged) {
        expectRefusal(await stack.refused(() => call(path, each)), 400, "invalid_signature");
      }
    }
    const long = await stack.refused(() =>
      call("purchase/webhook", { ...good, body: `${good.body}${" ".repeat(1024 * 1024)}` }),
    );
    expectRefusal(long, 413, "body_too_large");
    expect((await shown(order.order, order.person)).status).toBe("pending");
  });

  test("settles an order, once, though it comes twice and by both addresses", async () => {
    const order = await ordered();
    const event = signedEvent(secret, "checkout.session.completed", sessionOf(order));
    const calls = [...Array(5).fill("leads/api/billing/webhook"), ...Array(5).fill("purchase/webhook")];
    const answers = await Promise.all(calls.map((path: string) => call(path, event)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await tell("checkout.session.async_payment_succeeded", sessionOf(order));
    expect(await shown(order.order, order.person)).toMatchObject({
      status: "completed",
      checkoutUrl: null,
      invoiceNumber: expect.stringMatching(/^FA-/),
    });
    expect(await creditsOf(order.person)).toBe(55);
    expect(await titlesOf(order.person)).toEqual(["Achat confirmé"]);
    expect((await stack.ask("GET", "/billing/payments", order.person)).body).toMatchObject([{ status: "completed" }]);
    const [transaction] = (await stack.ask("GET", "/admin/transactions", admin)).body as object[];
    expect(transaction).toMatchObject({ status: "completed", paymentMethod: "Carte bancaire" });
  });

  test("waits where a payment takes days, and tells how it went", async () => {
    const [slow, refused] = [await ordered(), await ordered()];
    for (const order of [slow, refused]) {
      await tell("checkout.session.completed", sessionOf(order, { payment_status: "unpaid" }));
      expect((await shown(order.order, order.person)).status).toBe("pending");
    }
    await tell("checkout.session.async_payment_succeeded", sessionOf(slow));
    expect((await shown(slow.order, slow.person)).status).toBe("completed");
    await tell("checkout.session.async_payment_failed", sessionOf(refused, { payment_status: "unpaid" }));
    expect((await shown(refused.order, refused.person)).status).toBe("failed");
    expect(await titlesOf(refused.person)).toEqual(["Paiement refusé"]);
    expect((await stack.ask("GET", "/billing/payments", refused.person)).body).toMatchObject([
      { status: "failed", description: "Achat Pack Pro — 50 crédits + 5 offerts — paiement refusé" },
    ]);
  });

  test("comes late: a paid order never fails, and one that had expired is paid after all", async () => {
    const [paid, expired] = [await ordered(), await ordered()];
    await tell("checkout.session.completed", sessionOf(paid));
    await tell("checkout.session.async_payment_failed", sessionOf(paid));
    await tell("checkout.session.expired", sessionOf(paid));
    expect((await shown(paid.order, paid.person)).status).toBe("completed");
    await tell("checkout.session.expired", sessionOf(expired, { payment_status: "unpaid" }));
    expect((await shown(expired.order, expired.person)).status).toBe("failed");
    await tell("checkout.session.completed", sessionOf(expired));
    expect((await shown(expired.order, expired.person)).status).toBe("completed");
    expect(await creditsOf(expired.person)).toBe(55);
    expect(await titlesOf(expired.person)).toEqual(["Achat confirmé", "Paiement expiré"]);
  });

  test("may be there before the answer to the order is", async () => {
    const person = await stack.person("acheteur");
    const key = randomUUID();
    const { data } = await person.client.rpc("billing_order_open", { packId: "pack-2", idempotency_key: key });
    await tell("checkout.session.completed", sessionOf({ key: data.key, session: "cs_early" }));
    expect(p.packPurchase.parse((await buy(person, key)).body)).toMatchObject({
      status: "completed",
      balance: 55,
      checkoutUrl: null,
    });
  });

  test("tells of what is not ours, or of no matter, and nothing happens", async () => {
    const order = await ordered();
    await stack.refused(async () => {
      await tell("customer.created", { id: "cus_1", object: "customer" });
      return call(
        "purchase/webhook",
        signedEvent(secret, "payment_intent.created", { id: "pi_1", object: "payment_intent" }),
      );
    });
    await tell("checkout.session.completed", sessionOf({ key: randomUUID(), session: "cs_other" }));
    await tell("checkout.session.completed", sessionOf(order, { amount_total: 100 }));
    expect((await shown(order.order, order.person)).status).toBe("pending");
    expect(await titlesOf(admin)).toEqual(["Paiement à vérifier"]);
  });
});

const refund = (
  { order }: { order: { id: string } },
  amount?: number,
  key: string | undefined = amount === undefined ? undefined : randomUUID(),
) =>
  stack.ask("POST", `/admin/orders/${order.id}/refund`, admin, {
    ...(amount === undefined ? {} : { body: { amount } }),
    ...(key === undefined ? {} : { headers: { "Idempotency-Key": key } }),
  });
const refundsOf = ({ key }: { key: string }) =>
  stripe.asked.filter((one) => one.path === "/v1/refunds" && one.fields.payment_intent === `pi_${key}`);
const refunded = (answer: { status: number; text: string; body: unknown }) => {
  expect(answer.status, answer.text).toBe(200);
  return p.adminOrder.parse(answer.body);
};
const adminSees = async ({ order }: { order: { id: string } }) =>
  p.adminOrder.parse((await stack.ask("GET", `/admin/orders/${order.id}`, admin)).body);
const documentsOf = async (person: Person) =>
  z
    .array(b.invoice)
    .parse((await stack.ask("GET", "/billing/invoices", person)).body)
    .map(({ type, net, amount }) => [type, net, amount]);
const refundObject = ({ key }: { key: string }, more: object) => ({
  ...{ object: "refund", payment_intent: `pi_${key}`, amount: 19900, currency: "eur", metadata: { order: key } },
  ...more,
});
const paid = async () => {
  const order = await ordered();
  await tell("checkout.session.completed", sessionOf(order));
  return order;
};
const nothingHappened = async ({ order, person }: { order: { id: string }; person: Person }) => {
  expect(await shown(order, person)).toMatchObject({ status: "completed", creditNoteNumber: null });
  expect(await creditsOf(person)).toBe(55);
  expect(await titlesOf(person)).toEqual(["Achat confirmé"]);
  expect(await documentsOf(person)).toEqual([["invoice", 165.83, 199]]);
};

describe("a refund", () => {
  test("by an admin is asked of Stripe, once, and then takes the credits", async () => {
    const order = await paid();
    const answers = await Promise.all([refund(order), refund(order), refund(order)]);
    const [first] = answers.map(refunded);
    expect(first).toMatchObject({
      ...{ status: "refunded", provider: "stripe", refundReference: expect.stringMatching(/^re_/) },
      refunds: [{ kind: "asked", status: "accepted", amount: 199, credits: 55, creditsLost: 0, cause: null }],
    });
    expect(refundsOf(order)[0]?.fields).toMatchObject({ amount: "19900", "metadata[order]": order.key });
    expect(new Set(refundsOf(order).map(({ key }) => key)).size).toBe(1);
    const before = refundsOf(order).length;
    expect((await refund(order)).body).toEqual(first);
    expect(refundsOf(order)).toHaveLength(before);
    await tell("charge.refunded", chargeOf(order));
    expect(await creditsOf(order.person)).toBe(0);
    expect(await documentsOf(order.person)).toEqual([
      ["credit_note", -165.83, -199],
      ["invoice", 165.83, 199],
    ]);
  });

  test("that Stripe does not answer is asked again under its name, and nothing is told before", async () => {
    const order = await paid();
    stripe.answer.status = 400;
    expectRefusal(await refund(order), 502, "payment_unavailable");
    stripe.answer.status = 200;
    await nothingHappened(order);
    expect((await adminSees(order)).refunds).toMatchObject([{ status: "requested", amount: 199, credits: 0 }]);
    expect(refunded(await refund(order))).toMatchObject({ status: "refunded", refunds: [{ status: "accepted" }] });
    expect(new Set(refundsOf(order).map(({ key }) => key)).size).toBe(1);
  });

  test("whose answer is lost is made once: an admin asks again, or the webhook tells", async () => {
    const [again, told] = [await paid(), await paid()];
    Object.assign(stripe.answer, { status: 400, made: true });
    for (const order of [again, told]) expectRefusal(await refund(order), 502, "payment_unavailable");
    Object.assign(stripe.answer, { status: 200, made: false });
    for (const order of [again, told]) await nothingHappened(order);
    const asked = refundsOf(again).length;
    const kept = await stack.sql`select id from leads.refunds where order_id = ${told.key}`;
    const own = { id: "re_told", status: "succeeded", metadata: { order: told.key, refund: kept[0]?.id } };
    await tell("refund.updated", refundObject(told, own));
    expect(refunded(await refund(again)).status).toBe("refunded");
    // Found at Stripe by its metadata: his keys are forgotten after a day.
    expect(refundsOf(again)).toHaveLength(asked);
    expect(await adminSees(told)).toMatchObject({ status: "refunded", refundReference: "re_told" });
  });

  test.each([
    ["charge_disputed", /contesté/],
    ["balance_insufficient", /solde/],
    ["resource_missing", /refuse/],
  ])("that Stripe refuses for %s books nothing", async (code, said) => {
    const order = await paid();
    stripe.refund.code = code;
    const answer = await refund(order);
    delete stripe.refund.code;
    expectRefusal(answer, 409, "refund_refused");
    const told = answer.body as { message: string; hint: string; details: { code: string }[] };
    expect(told.message).toMatch(said);
    expect(told.details).toMatchObject([{ code }]);
    expect(/réessayez/i.test(answer.text)).toBe(code === "balance_insufficient");
    await nothingHappened(order);
    expect((await adminSees(order)).refunds).toMatchObject([{ status: "refused", cause: code }]);
    // Won, or paid in, meanwhile: another request is another refund.
    expect(refunded(await refund(order)).refunds).toMatchObject([{ status: "accepted" }, { status: "refused" }]);
  });

  test("that Stripe keeps waiting is booked when it has gone through, and not if it has not", async () => {
    const [good, bad] = [await paid(), await paid()];
    stripe.refund.status = "pending";
    for (const order of [good, bad]) expect(refunded(await refund(order)).status).toBe("completed");
    delete stripe.refund.status;
    for (const order of [good, bad]) await nothingHappened(order);
    const nameOf = async ({ key }: { key: string }) =>
      (await stack.sql`select provider_reference as name from leads.refunds where order_id = ${key}`)[0]?.name;
    await tell("refund.updated", refundObject(good, { id: await nameOf(good), status: "pending" }));
    await nothingHappened(good);
    await tell("refund.updated", refundObject(good, { id: await nameOf(good), status: "succeeded" }));
    expect((await shown(good.order, good.person)).status).toBe("refunded");
    const failed = { id: await nameOf(bad), status: "failed", failure_reason: "lost_or_stolen_card" };
    await tell("refund.failed", refundObject(bad, failed));
    await nothingHappened(bad);
    expect((await adminSees(bad)).refunds).toMatchObject([{ status: "refused", cause: "lost_or_stolen_card" }]);
  });

  test("that comes back is reversed, once, and the admins are told", async () => {
    const order = await paid();
    const { refundReference } = refunded(await refund(order));
    const before = (await titlesOf(admin)).length;
    const failed = { id: refundReference, status: "failed", failure_reason: "expired_or_canceled_card" };
    await tell("refund.failed", refundObject(order, failed));
    await tell("charge.refund.updated", refundObject(order, failed));
    expect(await adminSees(order)).toMatchObject({
      ...{ status: "completed", refundReference: null },
      refunds: [{ status: "reversed", cause: "expired_or_canceled_card" }],
    });
    expect(await creditsOf(order.person)).toBe(55);
    expect(await titlesOf(order.person)).toEqual(["Remboursement non abouti", "Pack remboursé", "Achat confirmé"]);
    expect((await titlesOf(admin)).slice(before)).toHaveLength(1);
    expect(await documentsOf(order.person)).toEqual([
      ["invoice", 165.83, 199],
      ["credit_note", -165.83, -199],
      ["invoice", 165.83, 199],
    ]);
    // What the payment said before it came back is no news; asked for again it is another refund.
    await tell("charge.refunded", chargeOf(order));
    expect(refunded(await refund(order)).status).toBe("refunded");
  });

  test("of a part takes its share of the credits, and the last part the rest", async () => {
    const order = await paid();
    const key = randomUUID();
    expect(refunded(await refund(order, 66.34, key)).status).toBe("completed");
    expect(refunded(await refund(order, 66.34, key)).refunds).toHaveLength(1);
    // A third: 16 of 50 and 1 of 5.
    expect(await creditsOf(order.person)).toBe(55 - 17);
    refunded(await refund(order, 66.33));
    expect(await creditsOf(order.person)).toBe(55 - 33 - 3);
    const whole = refunded(await refund(order));
    expect(whole.refunds.map(({ amount, credits }) => [amount, credits])).toEqual([
      [66.33, 19],
      [66.33, 19],
      [66.34, 17],
    ]);
    expect(whole.status).toBe("refunded");
    expect(await creditsOf(order.person)).toBe(0);
    const [, ...documents] = (await documentsOf(order.person)).toReversed();
    expect(documents).toHaveLength(3);
    const sum = (at: 1 | 2) => documents.reduce((before, each) => before + Math.round(Number(each[at]) * 100), 0);
    expect([sum(1), sum(2)]).toEqual([-16583, -19900]);
  });

  test("of a part that is none is refused: too much, nothing, fractions of a cent, without a key", async () => {
    const order = await paid();
    for (const amount of [0, -5, 199.01, 1.001]) {
      expectRefusal(await stack.refused(() => refund(order, amount)), 422, "invalid_fields");
    }
    const unnamed = () => stack.ask("POST", `/admin/orders/${order.order.id}/refund`, admin, { body: { amount: 5 } });
    expectRefusal(await stack.refused(unnamed), 400, "idempotency_key_invalid");
    const key = randomUUID();
    stripe.answer.status = 400;
    expectRefusal(await refund(order, 5, key), 502, "payment_unavailable");
    stripe.answer.status = 200;
    expectRefusal(await stack.refused(() => refund(order, 6, key)), 409, "idempotency_key_reused");
    expectRefusal(await stack.refused(() => refund(order, 6)), 409, "refund_requested");
    expectRefusal(
      await stack.refused(() => stack.ask("POST", `/admin/orders/${order.order.id}/refund`, order.person)),
      403,
      "forbidden",
    );
    await nothingHappened(order);
    expect(refunded(await refund(order, 5, key)).refunds).toMatchObject([{ status: "accepted", amount: 5 }]);
  });

  test("that was made at Stripe does the same, also where it is told of before the payment", async () => {
    const [usual, early] = [await ordered(), await ordered()];
    await tell("checkout.session.completed", sessionOf(usual));
    const id = `evt_${randomUUID()}`;
    for (let times = 0; times < 3; times++) await tell("charge.refunded", chargeOf(usual), id);
    await tell("charge.refunded", chargeOf(early));
    expect((await shown(early.order, early.person)).status).toBe("pending");
    await tell("checkout.session.completed", sessionOf(early));
    for (const { order, person } of [usual, early]) {
      expect(await shown(order, person)).toMatchObject({
        status: "refunded",
        creditNoteNumber: expect.stringMatching(/^AV-/),
      });
      expect(await creditsOf(person)).toBe(0);
    }
    expect(refundsOf(usual)).toEqual([]);
  });

  test("that Stripe has made already, and never told of, is no failure", async () => {
    const order = await ordered();
    await tell("checkout.session.completed", sessionOf(order));
    stripe.refunded.set(`pi_${order.key}`, [{ id: "re_made_by_hand", amount: 19900 }]);
    const answer = await refund(order);
    expect(answer.status, answer.text).toBe(200);
    expect(p.adminOrder.parse(answer.body)).toMatchObject({ status: "refunded", refundReference: "re_made_by_hand" });
  });

  test("is none that Stripe has made of another amount, or that is known here", async () => {
    const order = await paid();
    const whole = chargeOf(order, { amount_refunded: 5000, refunded: false, refunds: { data: [{ id: "re_known" }] } });
    await tell("charge.refunded", whole);
    // What is left has gone on Stripe's pages in two parts, and its webhook has not told of them yet.
    const left = [
      { id: "re_known", amount: 5000 },
      { id: "re_part", amount: 4900 },
      { id: "re_rest", amount: 10000 },
    ];
    stripe.refunded.set(`pi_${order.key}`, left);
    for (const amount of [50, undefined]) {
      const answer = await refund(order, amount);
      expectRefusal(answer, 409, "refund_refused");
      expect(answer.body).toMatchObject({ details: [{ code: "charge_already_refunded" }] });
      expect(/réessayez/i.test(answer.text)).toBe(false);
    }
    expect(refunded(await refund(order, 49)).refunds).toMatchObject([
      { kind: "asked", status: "accepted", amount: 49 },
      ...[{ status: "refused" }, { status: "refused" }, { kind: "made", status: "accepted", amount: 50 }],
    ]);
    await tell("charge.refunded", chargeOf(order));
    expect((await adminSees(order)).status).toBe("refunded");
  });

  test("that was made at Stripe and comes back is reversed once, by whichever events it is told", async () => {
    const order = await paid();
    const of = (id: string) => ({ id, status: "failed", failure_reason: "declined", amount: 5000, metadata: {} });
    for (const amount_refunded of [5000, 10000]) {
      await tell("charge.refunded", chargeOf(order, { amount_refunded, refunded: false }));
    }
    for (const type of ["refund.failed", "refund.updated", "charge.refund.updated"]) {
      await tell(type, refundObject(order, of("re_back")));
    }
    expect((await adminSees(order)).refunds).toMatchObject([{ status: "accepted" }, { status: "reversed" }]);
    // The second part of the two: 25 of 50 and 2 of 5, less what the first took.
    expect(await creditsOf(order.person)).toBe(55 - 13 - 1);
  });

  test("that was made at Stripe and came back before its payment is told of leaves the order paid", async () => {
    const order = await ordered();
    const failed = { id: "re_early", status: "failed", failure_reason: "declined", metadata: {} };
    await tell("refund.failed", refundObject(order, failed));
    await tell("charge.refunded", chargeOf(order));
    await tell("checkout.session.completed", sessionOf(order));
    expect(await adminSees(order)).toMatchObject({ status: "completed" });
    expect(await creditsOf(order.person)).toBe(55);
  });

  test("that waits while a dispute is lost is refused for good, and if it is made all the same the admins hear of it", async () => {
    const order = await paid();
    stripe.refund.status = "pending";
    const key = randomUUID();
    refunded(await refund(order, 199, key));
    delete stripe.refund.status;
    const lost = { id: `dp_${order.key}`, object: "dispute", amount: 19900, currency: "eur", status: "lost" };
    await tell("charge.dispute.closed", { ...lost, payment_intent: `pi_${order.key}` });
    const again = await refund(order, 199, key);
    expectRefusal(again, 409, "refund_refused");
    expect(again.body).toMatchObject({ details: [{ code: "dispute_lost" }] });
    const [kept] = await stack.sql`select provider_reference as name from leads.refunds
      where order_id = ${order.key} and kind = 'asked'`;
    const before = (await titlesOf(admin)).length;
    for (const type of ["refund.updated", "charge.refund.updated"]) {
      await tell(type, refundObject(order, { id: kept?.name, status: "succeeded" }));
    }
    expect((await titlesOf(admin)).slice(before)).toHaveLength(1);
    expect((await adminSees(order)).refunds).toMatchObject([
      { kind: "dispute", status: "accepted" },
      { kind: "asked", status: "refused", cause: "beyond_price" },
    ]);
  });

  test("that was told of before its payment is not asked for again", async () => {
    const order = await ordered();
    await tell("charge.refunded", chargeOf(order, { refunds: { data: [{ id: "re_early" }] } }));
    await tell("checkout.session.completed", sessionOf(order));
    const answer = await refund(order);
    expect(p.adminOrder.parse(answer.body)).toMatchObject({ status: "refunded", refundReference: "re_early" });
    expect(refundsOf(order)).toEqual([]);
  });

  test("of a part that was made at Stripe is booked; the rest is followed whatever is spent by then", async () => {
    const order = await paid();
    await tell("charge.refunded", chargeOf(order, { amount_refunded: 5000, refunded: false }));
    expect(await creditsOf(order.person)).toBe(55 - 12 - 1);
    const [lead] =
      await stack.sql`select reference from leads.leads where on_sale and not is_exclusive order by id limit 1`;
    const bought = await stack.ask("POST", `/leads/${lead?.reference}/purchase`, order.person);
    expect(bought.status, bought.text).toBe(201);
    await tell("charge.refunded", chargeOf(order));
    expect(await shown(order.order, order.person)).toMatchObject({
      ...{ status: "refunded", creditNoteNumber: expect.stringMatching(/^AV-/) },
    });
    expect(await creditsOf(order.person)).toBe(0);
    const outcomes =
      await stack.sql`select outcome from leads.payment_events where order_id = ${order.key} order by received_at`;
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["done", "done", "credits_lost"]);
    expect((await documentsOf(order.person)).map(([, , amount]) => amount)).toEqual([-149, -50, 199]);
  });

  test("by an admin is not stopped by a spent bonus", async () => {
    const order = await ordered();
    await tell("checkout.session.completed", sessionOf(order));
    const [lead] =
      await stack.sql`select reference from leads.leads where on_sale and not is_exclusive order by id limit 1`;
    expect((await stack.ask("POST", `/leads/${lead?.reference}/purchase`, order.person)).status).toBe(201);
    expect(await creditsOf(order.person)).toBe(50);
    const answer = await refund(order);
    expect(answer.status, answer.text).toBe(200);
    expect(await creditsOf(order.person)).toBe(0);
  });
});

test("a dispute is told to the admins; lost, it takes the credits and is no refund; won, it changes nothing", async () => {
  const [won, lost] = [await paid(), await paid()];
  const before = (await titlesOf(admin)).length;
  const dispute = ({ key }: { key: string }, more: object) => ({
    ...{ id: `dp_${key}`, object: "dispute", payment_intent: `pi_${key}`, amount: 19900, currency: "eur" },
    ...more,
  });
  for (const order of [won, lost]) {
    const opened = dispute(order, { status: "needs_response" });
    await tell("charge.dispute.created", opened, `evt_${order.key}`);
    await tell("charge.dispute.created", opened, `evt_${order.key}`);
    await nothingHappened(order);
  }
  await tell("charge.dispute.closed", dispute(won, { status: "won" }));
  await tell("charge.dispute.closed", dispute(lost, { status: "lost" }));
  await tell("charge.dispute.closed", dispute(lost, { status: "lost" }));
  await nothingHappened(won);
  expect((await titlesOf(admin)).slice(before)).toHaveLength(4);
  expect(await adminSees(lost)).toMatchObject({
    ...{ status: "refunded", creditNoteNumber: null },
    refunds: [{ kind: "dispute", status: "accepted", amount: 199, credits: 55 }],
  });
  expect(await creditsOf(lost.person)).toBe(0);
  expect(await documentsOf(lost.person)).toEqual([["invoice", 165.83, 199]]);
  const entries = await stack.sql`select a.kind, e.amount::int as amount from platform.ledger_transfers t
    join platform.ledger_entries e on e.transfer_id = t.id join platform.ledger_accounts a on a.id = e.account_id
    where t.kind = 'pack_dispute' and t.key in (select id::text from leads.refunds where order_id = ${lost.key}) and a.kind in ('bank', 'disputes_lost') order by 1`;
  expect(entries).toEqual([
    { kind: "bank", amount: 19900 },
    { kind: "disputes_lost", amount: -19900 },
  ]);
});

test("what the stack says of itself is not what a file of settings says", async () => {
  // SUPABASE_URL is in the file, and the functions reach the project all the same.
  expect((await send(`${stack.info.systems.leads?.apiBase}/leads?limit=1`)).status).toBe(200);
});

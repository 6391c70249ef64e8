import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import * as schemas from "../../../functions/leads/purchases/purchase-schemas.ts";
import { expectLedgerHolds, openCredits } from "../../support/ledger.ts";
import { db } from "../../support/stack.ts";
import { type Answer, type Ask, askApi, askRest } from "../http.ts";
import { type Person, setStatus, signUp } from "../people.ts";
import { unchanged } from "../unchanged.ts";
import { type People, signInPeople } from "./demo-people.ts";
import { expectRefusal } from "./expectations.ts";
import { addLeads, addSupplier, removeSuppliers, type Supplier } from "./market.ts";

// What a buyer does with a lead, over the documented paths and over PostgREST.

let people: People;
let owner: Person;
let buyer: Person;
let other: Person;
let supplier: Supplier;

beforeAll(async () => {
  [people, owner, buyer, other] = await Promise.all([
    signInPeople(),
    signUp("leads", "fournisseur"),
    signUp("leads", "acheteur"),
    signUp("leads", "acheteur"),
  ]);
  supplier = await addSupplier(owner);
  await give(buyer, 40);
});

afterEach(() => expectLedgerHolds(db()));
afterAll(async () => {
  await removeSuppliers(supplier);
  await expectLedgerHolds(db());
});

const give = (person: Person, credits: number) => openCredits(db(), person.id, credits);

const ask = (method: string, path: string, person: Person | undefined, body?: unknown) =>
  askApi("leads", `/api${path}`, { method, token: person?.token, body } as Ask);
const refused = (work: () => Promise<Answer>) => unchanged(work);
const onSale = async () =>
  (await addLeads(supplier, [{ lastName: "Durand", phone: "+33 6 12 34 56 78" }]))[0] as string;
const bought = async (person = buyer) => {
  const id = await onSale();
  expect((await ask("POST", `/leads/${id}/purchase`, person)).status).toBe(201);
  return id;
};

describe("who may", () => {
  const byBuyers: [string, string, object?][] = [
    ["GET", "/leads/lead-001/price"],
    ["POST", "/leads/lead-001/purchase"],
    ["POST", "/leads/lead-001/return", { reason: "duplicate" }],
    ["POST", "/leads/lead-001/outcome", { outcome: "won" }],
    ["GET", "/billing/returns"],
  ];
  const byAdmins: [string, string, object?][] = [
    ["GET", "/admin/returns"],
    ["POST", "/admin/returns/RET-001", { accepted: true }],
  ];

  test.each(byBuyers)("%s %s: buyers", async (method, path, body) => {
    for (const person of [people.admin, people.fournisseur, people.agent, people.stranger]) {
      expectRefusal(await refused(() => ask(method, path, person, body)), 403, "forbidden");
    }
    expectRefusal(await refused(() => ask(method, path, undefined, body)), 401, "authentication_required");
  });

  test.each(byAdmins)("%s %s: admins", async (method, path, body) => {
    for (const person of [people.acheteur, people.fournisseur, people.agent, people.stranger]) {
      expectRefusal(await refused(() => ask(method, path, person, body)), 403, "forbidden");
    }
    expectRefusal(await refused(() => ask(method, path, undefined, body)), 401, "authentication_required");
  });

  test("nobody whose account is suspended", async () => {
    const id = await onSale();
    await setStatus(other, "suspended");
    for (const [method, path, body] of byBuyers) {
      const answer = await refused(() => ask(method, path.replace("lead-001", id), other, body));
      expectRefusal(answer, 403, "account_suspended");
    }
    await setStatus(other, "active");
  });
});

describe("POST /api/leads/:id/purchase", () => {
  test("gives the lead with its contact and the new balance, and again the same sale", async () => {
    const id = await onSale();
    const quote = schemas.price.parse((await ask("GET", `/leads/${id}/price`, buyer)).body);
    expect(quote).toEqual({ credits: 5, price: 25, returnDays: 7, affordable: true });
    const first = await ask("POST", `/leads/${id}/purchase`, buyer);
    expect(first.status, first.text).toBe(201);
    const answer = schemas.purchase.parse(first.body);
    expect(answer).toMatchObject({ lead: { id, lastName: "Durand", phone: "+33 6 12 34 56 78", status: "sold" } });
    expect(answer).toMatchObject({ purchase: { credits: 5, price: 25 }, credits: 35 });
    const again = await refused(() => ask("POST", `/leads/${id}/purchase`, buyer));
    expect({ status: again.status, body: again.body }).toEqual({ status: 200, body: first.body });
  });

  test("shows in the buyer's pages, and in nobody else's", async () => {
    const id = await bought();
    const mine = await ask("GET", "/leads?status=sold", buyer);
    expect(mine.body).toContainEqual(expect.objectContaining({ id, lastName: "Durand" }));
    // Others may still buy it, and see what it was.
    const theirs = await askApi("leads", `/api/leads?search=${supplier.company.slice(12)}`, { token: other.token });
    expect(theirs.body).toContainEqual(expect.objectContaining({ id, lastName: "D.", status: "qualified" }));
    const [payment] = (await ask("GET", "/billing/payments?limit=1", buyer)).body as object[];
    expect(payment).toMatchObject({ type: "lead_payment", amount: 25, status: "completed" });
    const [note] = (await ask("GET", "/billing/notifications?limit=1", buyer)).body as object[];
    expect(note).toMatchObject({ type: "success", title: "Lead acheté", read: false });
    const [movement] = (await ask("GET", "/admin/transactions?limit=1", people.admin)).body as object[];
    expect(movement).toMatchObject({ type: "lead_purchase", credits: 5, amount: 25, paymentMethod: "Crédits" });
  });

  test("402 says what is missing", async () => {
    const id = await onSale();
    expect((await ask("GET", `/leads/${id}/price`, other)).body).toMatchObject({ affordable: false });
    const { details } = expectRefusal(
      await refused(() => ask("POST", `/leads/${id}/purchase`, other)),
      402,
      "insufficient_credits",
    );
    expect(details).toEqual([
      {
        ...{ field: "credits", code: "insufficient_credits", missing: 5 },
        message: "Il manque 5 crédits : le lead en coûte 5, vous en avez 0.",
      },
    ]);
  });

  test("404 for what is not on sale, 409 for what is sold", async () => {
    const [rejected, sold] = await addLeads(supplier, [{ status: "rejected" }, { status: "sold" }]);
    for (const id of ["nothing", rejected]) {
      expectRefusal(await refused(() => ask("POST", `/leads/${id}/purchase`, buyer)), 404, "lead_not_on_sale");
    }
    expectRefusal(await refused(() => ask("POST", `/leads/${sold}/purchase`, buyer)), 409, "lead_sold");
  });

  test("over PostgREST, supabase-js and the Edge Function it is the same function", async () => {
    const [first, second, third] = [await onSale(), await onSale(), await onSale()];
    const invoked = await buyer.client.functions.invoke("purchase/lead", { body: { leadId: third } });
    expect(schemas.purchase.parse(invoked.data)).toMatchObject({ lead: { id: third, lastName: "Durand" } });
    const rest = await askRest("rpc/lead_purchase", { method: "POST", token: buyer.token, body: { leadId: first } });
    expect(rest.status, rest.text).toBe(201);
    const { data, error } = await buyer.client.rpc("lead_purchase", { leadId: second });
    expect(error).toBeNull();
    expect(schemas.purchase.parse(data)).toMatchObject({ lead: { id: second, lastName: "Durand" } });
  });
});

describe("POST /api/leads/:id/return", () => {
  test("is asked by the buyer, decided by an admin, told to the buyer", async () => {
    const id = await bought();
    const balance = async () => ((await ask("GET", "/users/acheteur", buyer)).body as { credits: number }).credits;
    const before = await balance();
    const asked = await ask("POST", `/leads/${id}/return`, buyer, {
      reason: "invalid_number",
      comment: "  Ne sonne pas ",
    });
    expect(asked.status, asked.text).toBe(201);
    const request = schemas.ownReturn.parse(asked.body);
    expect(request).toMatchObject({
      leadId: id,
      reason: "invalid_number",
      comment: "Ne sonne pas",
      status: "requested",
    });
    const again = await refused(() => ask("POST", `/leads/${id}/return`, buyer, { reason: "duplicate" }));
    expect({ status: again.status, body: again.body }).toEqual({ status: 200, body: request });

    const listed = (await ask("GET", "/admin/returns?limit=1", people.admin)).body as unknown[];
    expect(schemas.adminReturn.parse(listed[0])).toMatchObject({ id: request.id, credits: 5, amount: 25 });
    const decided = await ask("POST", `/admin/returns/${request.id}`, people.admin, {
      accepted: true,
      note: "Vérifié",
    });
    expect(decided.status, decided.text).toBe(200);
    expect(schemas.adminReturn.parse(decided.body)).toMatchObject({ status: "accepted", note: "Vérifié" });
    const opposite = () => ask("POST", `/admin/returns/${request.id}`, people.admin, { accepted: false });
    expectRefusal(await refused(opposite), 409, "return_decided");
    expect(await balance()).toBe(before + 5);
    expect((await ask("GET", "/billing/returns?limit=1", buyer)).body).toMatchObject([
      { id: request.id, status: "accepted" },
    ]);
    const [note] = (await ask("GET", "/billing/notifications?limit=1", buyer)).body as object[];
    expect(note).toMatchObject({ type: "success", title: "Retour accepté" });
    expect((await ask("GET", "/leads?status=sold", buyer)).body).not.toContainEqual(expect.objectContaining({ id }));
    expectRefusal(
      await refused(() => ask("POST", `/leads/${id}/outcome`, buyer, { outcome: "won" })),
      409,
      "lead_returned",
    );
  });

  test("is refused for a reason that is none, after the window, and for another's lead", async () => {
    const id = await bought();
    const giveBack = (person: Person, reason: string) => () => ask("POST", `/leads/${id}/return`, person, { reason });
    const { details } = expectRefusal(await refused(giveBack(buyer, "whim")), 422, "invalid_fields");
    expect(details).toMatchObject([{ field: "reason", code: "invalid_value" }]);
    expectRefusal(await refused(giveBack(other, "duplicate")), 404, "purchase_not_found");
    await db()`alter table leads.sales disable trigger append_only`;
    await db()`update leads.sales set return_until = now() from leads.leads where leads.id = lead_id and reference = ${id}`;
    await db()`alter table leads.sales enable trigger append_only`;
    expectRefusal(await refused(giveBack(buyer, "duplicate")), 409, "return_window_closed");
    expectRefusal(
      await refused(() => ask("POST", "/admin/returns/RET-000", people.admin, { accepted: true })),
      404,
      "return_not_found",
    );
  });
});

test("POST /api/leads/:id/outcome feeds the buyer's conversion rate", async () => {
  const [first, second] = [await bought(), await bought()];
  const tell = (id: string, outcome: string) => ask("POST", `/leads/${id}/outcome`, buyer, { outcome });
  expect(schemas.outcome.parse((await tell(first, "won")).body)).toEqual({
    ...{ leadId: first, outcome: "won", conversionRate: 100 },
  });
  expect((await tell(second, "lost")).body).toMatchObject({ conversionRate: 50 });
  expect((await tell(second, "won")).body).toMatchObject({ conversionRate: 100 });
  expect((await ask("GET", "/users/acheteur", buyer)).body).toMatchObject({ conversionRate: 100 });
  expectRefusal(await refused(() => tell(first, "perhaps")), 422, "invalid_fields");
  expectRefusal(await refused(() => tell("lead-001", "won")), 404, "purchase_not_found");
});

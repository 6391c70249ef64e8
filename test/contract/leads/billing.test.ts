import { randomUUID } from "node:crypto";
import { extractXml } from "@stackforge-eu/factur-x";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import * as b from "../../../functions/leads/billing/billing-schemas.ts";
import { purchase as leadPurchase } from "../../../functions/leads/purchases/purchase-schemas.ts";
import * as p from "../../../functions/leads/purchases/schemas.ts";
import { adminCreditPack, creditRule } from "../../../functions/leads/schemas.ts";
import { invoiceProblems, pdfText, textsAt } from "../../support/factur-x.ts";
import { expectLedgerHolds } from "../../support/ledger.ts";
import { type OwnStack, ownStack } from "../../support/own-stack.ts";
import type { Answer } from "../http.ts";
import type { Person } from "../people.ts";
import { expectRefusal } from "./expectations.ts";

// Packs, rules, orders and invoices, where an order is paid at once (PAYMENT_PROVIDER=manual, which is the default).

let stack: OwnStack;
let admin: Person;
let buyer: Person;
let others: Record<"fournisseur" | "agent" | "stranger", Person>;

beforeAll(async () => {
  stack = await ownStack({});
  const [administrator, acheteur, fournisseur, agent, stranger] = await Promise.all(
    [["admin"], ["acheteur"], ["fournisseur"], ["agent"], []].map((roles) => stack.person(...roles)),
  );
  [admin, buyer] = [administrator, acheteur] as [Person, Person];
  others = { fournisseur, agent, stranger } as typeof others;
});

afterEach(() => expectLedgerHolds(stack.sql));

const buy = (packId: string, person: Person | undefined = buyer, key: string | undefined = randomUUID()) =>
  stack.ask("POST", "/billing/purchase-pack", person, {
    body: { packId },
    ...(key === undefined ? {} : { headers: { "Idempotency-Key": key } }),
  });
const bought = async (packId: string, person = buyer) => {
  const answer = await buy(packId, person);
  expect(answer.status, answer.text).toBe(201);
  return p.packPurchase.parse(answer.body);
};
const listOf = async <Row extends z.ZodType>(path: string, person: Person, row: Row) => {
  const answer = await stack.ask("GET", path, person);
  expect(answer.status, answer.text).toBe(200);
  return z.array(row).parse(answer.body);
};
const write = (method: "POST" | "PUT", path: string, body: unknown, headers: Record<string, string> = {}) =>
  stack.ask(method, `/admin/credits${path}`, admin, { body, headers });
const detailsOf = (answer: Answer) =>
  expectRefusal(answer, 422, "invalid_fields").details as { field: string; code: string; message: string }[];

describe("who may", () => {
  const endpoints: [string, string, ("admin" | "acheteur")[], unknown?][] = [
    ["POST", "/admin/credits/packs", ["admin"], { name: "Mini", credits: 5, price: 25 }],
    ["PUT", "/admin/credits/packs/pack-1", ["admin"], { price: 59 }],
    ["GET", "/admin/credits/packs/pack-1/versions", ["admin"]],
    ["POST", "/admin/credits/rules", ["admin"], { kind: "age_decay", value: 5 }],
    ["PUT", "/admin/credits/rules/rule-1", ["admin"], { value: 6 }],
    ["GET", "/admin/credits/rules/rule-1/versions", ["admin"]],
    ["GET", "/admin/orders", ["admin"]],
    ["GET", "/admin/orders/CMD-001", ["admin"]],
    ["POST", "/admin/orders/CMD-001/refund", ["admin"]],
    ["GET", "/admin/invoices", ["admin"]],
    ["POST", "/billing/purchase-pack", ["acheteur"], { packId: "pack-1" }],
    ["GET", "/billing/orders", ["acheteur"]],
    ["GET", "/billing/orders/CMD-001", ["acheteur"]],
    ["GET", "/billing/invoices", ["acheteur"]],
    ["GET", "/billing/details", ["acheteur"]],
    ["PUT", "/billing/details", ["acheteur"], { name: "Société", address: "Rennes" }],
    ["GET", "/admin/billing-settings", ["admin"]],
    ["PUT", "/admin/billing-settings", ["admin"], { vatPercent: 10 }],
    ["GET", "/billing/invoices/FA-2026-000001", ["acheteur", "admin"]],
    ["GET", "/billing/invoices/FA-2026-000001?format=xml", ["acheteur", "admin"]],
  ];

  test.each(endpoints)("%s %s: %j", async (method, path, roles, body) => {
    const headers = { "Idempotency-Key": randomUUID() };
    const ask = (person?: Person) => stack.ask(method, path, person, { headers, ...(body ? { body } : {}) });
    const people = { admin, acheteur: buyer, ...others };
    for (const [role, person] of Object.entries(people)) {
      if (roles.some((each) => each === role)) continue;
      expectRefusal(await stack.refused(() => ask(person)), 403, "forbidden");
    }
    expectRefusal(await stack.refused(() => ask()), 401, "authentication_required");
    const garbage = { token: "garbage" } as Person;
    expectRefusal(await stack.refused(() => ask(garbage)), 401, "invalid_token");
  });

  test("nobody whose account is suspended", async () => {
    const person = await stack.person("acheteur");
    await stack.sql`update platform.memberships set status = 'suspended' where user_id = ${person.id}`;
    expectRefusal(await stack.refused(() => buy("pack-1", person)), 403, "account_suspended");
  });
});

describe("packs", () => {
  test("are made, priced by the credit, and offered at once", async () => {
    const answer = await write("POST", "/packs", { name: " Mini ", credits: 3, price: 10 });
    expect(answer.status, answer.text).toBe(201);
    expect(answer.headers.get("etag")).toBe('"1"');
    const pack = adminCreditPack.parse(answer.body);
    expect(pack).toMatchObject({
      name: "Mini",
      credits: 3,
      price: 10,
      pricePerCredit: 3.33,
      bonus: 0,
      popular: false,
      active: true,
    });
    const offers = await listOf("/billing/credit-packs", buyer, z.looseObject({ id: z.string() }));
    expect(offers.map(({ id }) => id)).toContain(pack.id);
  });

  test("are changed by what is given, hold from the next purchase on, and keep what they were", async () => {
    const { body } = await write("POST", "/packs", { name: "Double", credits: 10, price: 50 });
    const pack = adminCreditPack.parse(body);
    const changed = await write("PUT", `/packs/${pack.id}`, { ...pack, price: 40, bonus: 2 });
    expect(changed.status, changed.text).toBe(200);
    expect(changed.body).toEqual({ ...pack, price: 40, bonus: 2, pricePerCredit: 4 });
    expect(await bought(pack.id)).toMatchObject({ credits: 10, bonus: 2, amount: 40 });
    expect((await write("PUT", `/packs/${pack.id}`, { active: false })).status).toBe(200);
    expectRefusal(await stack.refused(() => buy(pack.id)), 404, "pack_not_found");
    const versions = await listOf(`/admin/credits/packs/${pack.id}/versions`, admin, b.packVersion);
    expect(versions.map(({ version, price, active, changedBy }) => [version, price, active, changedBy])).toEqual([
      [3, 40, false, "Zoé Blanc"],
      [2, 40, true, "Zoé Blanc"],
      [1, 50, true, "Zoé Blanc"],
    ]);
  });

  test("are refused field by field, in French", async () => {
    const bad = { name: " ", credits: 1.5, price: 0.005, bonus: -1 };
    const wanted = [
      { field: "name", code: "invalid_value", message: "Le nom compte de 1 à 100 caractères." },
      { field: "credits", code: "invalid_value", message: "Le nombre de crédits est un entier de 1 à 100\u00a0000." },
      {
        field: "price",
        code: "invalid_value",
        message: "Le prix est un montant de 1 à 100\u00a0000 euros, au centime près.",
      },
      { field: "bonus", code: "invalid_value", message: "Le bonus est un entier de 0 à 100\u00a0000 crédits." },
    ];
    expect(detailsOf(await stack.refused(() => write("POST", "/packs", bad)))).toEqual(wanted);
    expect(detailsOf(await stack.refused(() => write("PUT", "/packs/pack-1", bad)))).toEqual(wanted);
    const empty = detailsOf(await stack.refused(() => write("POST", "/packs", {})));
    expect(empty.map(({ field, code }) => [field, code])).toEqual([
      ["name", "required"],
      ["credits", "required"],
      ["price", "required"],
    ]);
    const other = detailsOf(await stack.refused(() => write("PUT", "/packs/pack-1", { id: "pack-2" })));
    expect(other).toMatchObject([{ field: "id", code: "read_only" }]);
    const shape = await stack.refused(() => write("PUT", "/packs/pack-1", { credits: "dix", colour: "red" }));
    expect(expectRefusal(shape, 400, "invalid_body").details).toMatchObject([
      { field: "credits" },
      { field: "colour", code: "unknown_field" },
    ]);
    expectRefusal(await stack.refused(() => write("PUT", "/packs/pack-99", { price: 10 })), 404, "pack_not_found");
  });

  test("take a whole number however it is written, over PostgREST as well", async () => {
    const post = (pack: string) =>
      fetch(`${stack.info.apiUrl}/rest/v1/rpc/admin_credits_pack_create`, {
        method: "POST",
        headers: {
          ...{ apikey: stack.info.publishableKey, Authorization: `Bearer ${admin.token}` },
          "Content-Type": "application/json",
        },
        body: `{"pack": ${pack}}`,
      });
    const made = await post('{"name": "Décimal", "credits": 10.0, "price": 50.00, "bonus": 2.0}');
    expect(made.status).toBe(200);
    expect(adminCreditPack.parse(await made.json())).toMatchObject({ credits: 10, bonus: 2, pricePerCredit: 5 });
    const refused = await post('{"name": "Décimal", "credits": 10.5, "price": 50}');
    expect([refused.status, ((await refused.json()) as { details: string }).details]).toEqual([422, "invalid_fields"]);
  });

  test("are not changed over another admin's change", async () => {
    const { body } = await write("POST", "/packs", { name: "Course", credits: 10, price: 50 });
    const path = `/packs/${adminCreditPack.parse(body).id}`;
    const changes = Array.from({ length: 8 }, (_, at) => write("PUT", path, { price: 60 + at }, { "If-Match": '"1"' }));
    const statuses = (await Promise.all(changes)).map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array<number>(7).fill(412)]);
    expectRefusal(await stack.refused(() => write("PUT", path, { price: 70, version: 1 })), 412, "version_changed");
    expect((await write("PUT", path, { price: 70 }, { "If-Match": '"2"' })).headers.get("etag")).toBe('"3"');
  });
});

describe("rules", () => {
  test("are changed, hold at once, and keep what they were", async () => {
    const answer = await write("PUT", "/rules/rule-1", { value: 7 });
    expect(answer.status, answer.text).toBe(200);
    expect(creditRule.parse(answer.body)).toMatchObject({ id: "rule-1", name: "Prix par lead standard", value: 7 });
    const [row] = await stack.sql`select leads.rule('price_standard')::int as price`;
    expect(row?.price).toBe(7);
    await write("PUT", "/rules/rule-1", { ...(answer.body as object), value: 5 });
    const versions = await listOf("/admin/credits/rules/rule-1/versions", admin, b.ruleVersion);
    expect(versions.map(({ version, value, changedBy }) => [version, value, changedBy])).toEqual([
      [3, 5, "Zoé Blanc"],
      [2, 7, "Zoé Blanc"],
      [1, 5, null],
    ]);
  });

  test("are refused field by field, within the limits of their kind", async () => {
    const bad = { name: "", value: 101, unit: "" };
    expect(detailsOf(await stack.refused(() => write("PUT", "/rules/rule-4", bad)))).toMatchObject([
      { field: "name", code: "invalid_value" },
      { field: "unit", code: "invalid_value" },
      { field: "value", code: "invalid_value", message: "La valeur est un entier de 0 à 100." },
    ]);
    expectRefusal(await stack.refused(() => write("PUT", "/rules/rule-99", { value: 1 })), 404, "rule_not_found");
    const stale = await stack.refused(() => write("PUT", "/rules/rule-2", { value: 1 }, { "If-Match": '"9"' }));
    expectRefusal(stale, 412, "version_changed");
  });

  test("of a kind that there is not yet are added once", async () => {
    const answer = await write("POST", "/rules", { kind: "age_decay", value: 5 });
    expect(answer.status, answer.text).toBe(201);
    expect(creditRule.parse(answer.body)).toMatchObject({
      name: "Décote d'ancienneté",
      value: 5,
      unit: "%",
      active: true,
    });
    const again = await stack.refused(() => write("POST", "/rules", { kind: "age_decay", value: 6 }));
    expect(expectRefusal(again, 409, "rule_exists").hint).toMatch(/^Modifiez rule-\d+\.$/);
    const unknown = detailsOf(await stack.refused(() => write("POST", "/rules", { kind: "moon", value: 6 })));
    expect(unknown).toMatchObject([{ field: "kind", code: "invalid_value" }]);
    expect(detailsOf(await stack.refused(() => write("POST", "/rules", { kind: "age_decay" })))).toMatchObject([
      { field: "value", code: "required" },
    ]);
  });
});

describe("POST /api/billing/purchase-pack", () => {
  test("adds the credits and shows in every list", async () => {
    const person = await stack.person("acheteur");
    const order = await bought("pack-2", person);
    expect(order).toMatchObject({
      ...{ status: "completed", packId: "pack-2", packName: "Pro", credits: 50, bonus: 5, amount: 199, balance: 55 },
      ...{ checkoutUrl: null, creditNoteNumber: null, invoiceNumber: expect.stringMatching(/^FA-\d{4}-\d{6}$/) },
    });
    const { balance: _, ...shown } = order;
    expect(await listOf("/billing/orders", person, p.packOrder)).toEqual([shown]);
    expect((await stack.ask("GET", `/billing/orders/${order.id}`, person)).body).toEqual(shown);
    expect((await stack.ask("GET", "/users/acheteur", person)).body).toMatchObject({ credits: 55 });
    expect((await stack.ask("GET", "/billing/payments", person)).body).toMatchObject([
      {
        amount: 199,
        status: "completed",
        type: "credit_purchase",
        description: "Achat Pack Pro — 50 crédits + 5 offerts",
      },
    ]);
    expect((await stack.ask("GET", "/billing/notifications", person)).body).toMatchObject([
      {
        type: "success",
        title: "Achat confirmé",
        message: "55 crédits ajoutés à votre compte, dont 5 offerts.",
        read: false,
      },
    ]);
    const [transaction] = (await stack.ask("GET", "/admin/transactions", admin)).body as object[];
    expect(transaction).toMatchObject({
      ...{
        type: "credit_purchase",
        userName: "Zoé Blanc",
        company: "Blanc SARL",
        amount: 199,
        credits: 50,
        status: "completed",
      },
      ...{ description: "Achat Pack Pro", paymentMethod: "Virement bancaire" },
    });
    const [listed] = await listOf("/admin/orders", admin, p.adminOrder);
    expect(listed).toMatchObject({ id: order.id, email: person.email, provider: "manual" });
  });

  test("answers the same to the same key, and refuses it for another pack", async () => {
    const person = await stack.person("acheteur");
    const key = randomUUID();
    const first = await buy("pack-1", person, key);
    await bought("pack-2", person);
    const again = await buy("pack-1", person, key);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expectRefusal(await stack.refused(() => buy("pack-2", person, key)), 409, "idempotency_key_reused");
    expect((await stack.ask("GET", "/users/acheteur", person)).body).toMatchObject({ credits: 65 });
  });

  test("wants a key, and a pack on sale", async () => {
    const without = await stack.refused(() =>
      stack.ask("POST", "/billing/purchase-pack", buyer, { body: { packId: "pack-1" } }),
    );
    expectRefusal(without, 400, "idempotency_key_invalid");
    expectRefusal(await stack.refused(() => buy("pack-1", buyer, "k".repeat(256))), 400, "idempotency_key_invalid");
    for (const pack of ["pack-4", "nothing"])
      expectRefusal(await stack.refused(() => buy(pack)), 404, "pack_not_found");
    const body = await stack.refused(() => stack.ask("POST", "/billing/purchase-pack", buyer, { body: { pack: 1 } }));
    expect(expectRefusal(body, 400, "invalid_body").details).toMatchObject([
      { field: "packId" },
      { field: "pack", code: "unknown_field" },
    ]);
  });

  test("with one key twenty times at once makes one order", async () => {
    const person = await stack.person("acheteur");
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => buy("pack-1", person, key)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(await listOf("/billing/orders", person, p.packOrder)).toHaveLength(1);
    expect((await stack.ask("GET", "/users/acheteur", person)).body).toMatchObject({ credits: 10 });
  });

  test("goes on where a call was cut short before the payment", async () => {
    const person = await stack.person("acheteur");
    const key = randomUUID();
    const opened = await person.client.rpc("billing_order_open", { packId: "pack-1", idempotency_key: key });
    expect(opened.error).toBeNull();
    expect((await stack.ask("GET", "/users/acheteur", person)).body).toMatchObject({ credits: 0 });
    const answer = await buy("pack-1", person, key);
    expect(answer.body).toMatchObject({ id: opened.data.id, status: "completed", balance: 10 });
  });

  test("is the same by supabase.functions.invoke", async () => {
    const person = await stack.person("acheteur");
    const headers = { "Idempotency-Key": randomUUID() };
    const { data, error } = await person.client.functions.invoke("purchase/pack", {
      body: { packId: "pack-1" },
      headers,
    });
    expect(error).toBeNull();
    expect(p.packPurchase.parse(data)).toMatchObject({ status: "completed", balance: 10 });
    const again = await buy("pack-1", person, headers["Idempotency-Key"]);
    expect(again.body).toEqual(data);
    const { error: refusal } = await others.agent.client.functions.invoke("purchase/pack", {
      body: { packId: "pack-1" },
      headers,
    });
    expect(refusal?.context.status).toBe(403);
  });

  test("has no webhook where nobody is asked for the money", async () => {
    expectRefusal(
      await stack.refused(() => stack.ask("POST", "/billing/webhook", undefined, { body: {} })),
      404,
      "not_found",
    );
  });
});

describe("invoices", () => {
  test("are the buyer's own, and every one for an admin", async () => {
    const person = await stack.person("acheteur");
    const order = await bought("pack-2", person);
    const own = await listOf("/billing/invoices", person, b.invoice);
    expect(own).toMatchObject([
      {
        number: order.invoiceNumber,
        type: "invoice",
        net: 165.83,
        vat: 33.17,
        amount: 199,
        vatPercent: 20,
        orderId: order.id,
        corrects: null,
      },
    ]);
    const [newest] = await listOf("/admin/invoices", admin, b.adminInvoice);
    expect(newest).toEqual({ ...own[0], userName: "Zoé Blanc", company: "Blanc SARL" });
    for (const reader of [person, admin]) {
      const pdf = await stack.ask("GET", `/billing/invoices/${order.invoiceNumber}`, reader);
      expect(pdf.status).toBe(200);
      expect(pdf.headers.get("content-type")).toBe("application/pdf");
      expect(pdf.headers.get("content-disposition")).toBe(`inline; filename="${order.invoiceNumber}.pdf"`);
      expect(pdf.text.slice(0, 5)).toBe("%PDF-");
      expect(pdf.text.trimEnd().slice(-5)).toBe("%%EOF");
    }
    for (const number of [order.invoiceNumber, "FA-1999-000001"]) {
      for (const query of ["", "?format=xml"]) {
        const other = await stack.refused(() => stack.ask("GET", `/billing/invoices/${number}${query}`, buyer));
        expectRefusal(other, 404, "invoice_not_found");
      }
    }
    expectRefusal(
      await stack.refused(() => stack.ask("GET", `/billing/orders/${order.id}`, buyer)),
      404,
      "order_not_found",
    );
  });
});

describe("the XML of an invoice", () => {
  const xmlOf = async (number: string | null, reader: Person) => {
    const answer = await stack.ask("GET", `/billing/invoices/${number}?format=xml`, reader);
    expect([answer.status, answer.headers.get("content-type")], answer.text).toEqual([200, "application/xml"]);
    expect(answer.headers.get("content-disposition")).toBe(`inline; filename="${number}.xml"`);
    expect(invoiceProblems(answer.text)).toEqual([]);
    return answer.text;
  };

  test("is answered to whom the PDF is, for `format` or for what is accepted", async () => {
    const person = await stack.person("acheteur");
    const { invoiceNumber } = await bought("pack-2", person);
    const xml = await xmlOf(invoiceNumber, person);
    expect(await xmlOf(invoiceNumber, admin)).toBe(xml);
    const path = `/billing/invoices/${invoiceNumber}`;
    const as = async (Accept: string, query = "") =>
      (await stack.ask("GET", `${path}${query}`, person, { headers: { Accept } })).headers.get("content-type");
    expect(await as("application/xml")).toBe("application/xml");
    expect(await as("text/xml;q=0.9, */*;q=0.1")).toBe("application/xml");
    expect(await as("application/xml", "?format=pdf")).toBe("application/pdf");
    for (const accept of [
      "*/*",
      "application/pdf, application/xml",
      "text/html,application/xhtml+xml,application/xml;q=0.9",
    ])
      expect(await as(accept), accept).toBe("application/pdf");
    expectRefusal(await stack.ask("GET", `${path}?format=ubl`, person), 400, "invalid_parameter");
  });

  test("is in the PDF, whose figures are the same", async () => {
    const person = await stack.person("acheteur");
    const { invoiceNumber } = await bought("pack-2", person);
    const answer = await fetch(`${stack.info.systems.leads?.apiBase}/billing/invoices/${invoiceNumber}`, {
      headers: { Authorization: `Bearer ${person.token}` },
    });
    const pdf = new Uint8Array(await answer.arrayBuffer());
    const inside = await extractXml(pdf);
    expect([inside.filename, inside.xml]).toEqual(["factur-x.xml", await xmlOf(invoiceNumber, person)]);
    const shown = (await pdfText(pdf)).replace(/\s/g, " ");
    for (const total of textsAt(inside.xml, "//ram:SpecifiedTradeSettlementHeaderMonetarySummation/*").slice(0, 5))
      expect(shown).toContain(`${total.replace(".", ",")} €`);
  });

  test("has the figures, parties and mentions that are stored", async () => {
    const person = await stack.person("acheteur");
    const order = await bought("pack-2", person);
    const taken = await stack.ask("POST", `/admin/orders/${order.id}/refund`, admin);
    const { creditNoteNumber } = p.adminOrder.parse(taken.body);
    for (const number of [order.invoiceNumber, creditNoteNumber]) {
      const xml = await xmlOf(number, person);
      const [row] =
        await stack.sql`select abs(net_cents)::int as net, abs(vat_cents)::int as vat, abs(gross_cents)::int as gross,
        to_char(issued_on, 'YYYYMMDD') as day, seller ->> 'name' as seller, buyer ->> 'company' as buyer, mentions
        from leads.invoices where number = ${number}`;
      const sums = textsAt(xml, "//ram:SpecifiedTradeSettlementHeaderMonetarySummation/*");
      const { net, vat, gross } = row ?? {};
      expect(sums.map((each) => Math.round(Number(each) * 100))).toEqual([net, net, vat, gross, gross, 0]);
      expect(
        textsAt(xml, "//rsm:ExchangedDocument/*")
          .slice(0, 3)
          .map((each) => each.trim()),
      ).toEqual([number, number === creditNoteNumber ? "381" : "380", row?.day]);
      expect(textsAt(xml, "//ram:SellerTradeParty/ram:Name | //ram:BuyerTradeParty/ram:Name")).toEqual([
        row?.seller,
        row?.buyer,
      ]);
      expect(textsAt(xml, "//ram:IncludedNote/ram:Content")).toEqual(expect.arrayContaining(row?.mentions));
      const corrected = textsAt(xml, "//ram:InvoiceReferencedDocument/ram:IssuerAssignedID");
      expect(corrected).toEqual(number === creditNoteNumber ? [order.invoiceNumber] : []);
    }
  });

  test("says why there is no VAT, and keeps what people write", async () => {
    const details = {
      name: 'Blanc & <Fils> "SARL"',
      address: "Straße 1\n10115 Berlin",
      siret: null,
      vatNumber: "DE123456789",
    };
    const reasonOf = (xml: string) =>
      ["CategoryCode", "ExemptionReasonCode"].map(
        (each) => textsAt(xml, `//ram:ApplicableHeaderTradeSettlement//ram:${each}`)[0],
      );
    const abroad = await stack.person("acheteur");
    await stack.ask("PUT", "/billing/details", abroad, { body: details });
    const charged = await xmlOf((await bought("pack-1", abroad)).invoiceNumber, abroad);
    expect(reasonOf(charged)).toEqual(["AE", "VATEX-EU-AE"]);
    expect(textsAt(charged, "//ram:BuyerTradeParty/ram:Name")).toEqual([details.name]);
    expect(textsAt(charged, "//ram:BuyerTradeParty/ram:PostalTradeAddress/*")).toEqual([
      "10115",
      "Straße 1",
      "Berlin",
      "DE",
    ]);
    const [rule] =
      await stack.sql`select value from platform.settings where system = 'leads' and section = 'vat_percent'`;
    await stack.ask("PUT", "/admin/billing-settings", admin, { body: { vatPercent: 0 } });
    const person = await stack.person("acheteur");
    const { invoiceNumber } = await bought("pack-1", person);
    await stack.ask("PUT", "/admin/billing-settings", admin, { body: { vatPercent: rule?.value } });
    expect(reasonOf(await xmlOf(invoiceNumber, person))).toEqual(["E", "VATEX-FR-FRANCHISE"]);
  });
});

test("a lead is bought by supabase.functions.invoke as well, once", async () => {
  const person = await stack.person("acheteur");
  const [lead] =
    await stack.sql`select reference from leads.leads where on_sale and not is_exclusive order by id desc limit 1`;
  const buyLead = () => person.client.functions.invoke("purchase/lead", { body: { leadId: lead?.reference } });
  const poor = await buyLead();
  expect(poor.error?.context.status).toBe(402);
  await bought("pack-1", person);
  const first = leadPurchase.parse((await buyLead()).data);
  expect(first.lead?.id).toBe(lead?.reference);
  expect(leadPurchase.parse((await buyLead()).data)).toEqual(first);
  const refused = await others.agent.client.functions.invoke("purchase/lead", { body: { leadId: lead?.reference } });
  expect(refused.error?.context.status).toBe(403);
});

describe("who is on an invoice", () => {
  const identity = {
    name: "Blanc SARL",
    address: "3 rue des Lilas\n35000 Rennes",
    siret: "73282932000074",
    vatNumber: "FR44732829320",
  };
  const snapshotsOf = async (number: string | null) =>
    (await stack.sql`select buyer, seller, vat_percent::float from leads.invoices where number = ${number}`)[0];

  test("is said by the buyer and the admin, for the invoices to come", async () => {
    const person = await stack.person("acheteur");
    const before = await bought("pack-1", person);
    expect((await stack.ask("GET", "/billing/details", person)).body).toEqual({
      name: "Blanc SARL",
      address: null,
      deliveryAddress: null,
      siret: null,
      vatNumber: null,
    });
    const set = await stack.ask("PUT", "/billing/details", person, {
      body: { ...identity, name: `\u2009${identity.name}\u00a0`, siret: "732 829 320 00074" },
    });
    expect([set.status, set.body]).toEqual([200, { ...identity, deliveryAddress: null }]);
    const seller = { ...identity, name: "Leads Provider SAS" };
    const settings = await stack.ask("PUT", "/admin/billing-settings", admin, { body: { vatPercent: 10, seller } });
    const said = { vatPercent: 10, vatOnDebits: false, seller, missing: [] };
    expect([settings.status, settings.body]).toEqual([200, said]);
    expect((await stack.ask("GET", "/admin/billing-settings", admin)).body).toEqual(said);
    const after = await bought("pack-1", person);
    expect(await snapshotsOf(after.invoiceNumber)).toMatchObject({
      buyer: { company: "Blanc SARL", ...identity, name: "Zoé Blanc" },
      seller,
      vat_percent: 10,
    });
    expect(await snapshotsOf(before.invoiceNumber)).toMatchObject({ buyer: { address: null }, vat_percent: 20 });
    expect((await stack.ask("PUT", "/admin/billing-settings", admin, { body: { vatPercent: 20 } })).body).toEqual({
      ...said,
      vatPercent: 20,
    });
  });

  const invoiceOf = async (details: object, settings: object = {}) => {
    const person = await stack.person("acheteur");
    await stack.ask("PUT", "/billing/details", person, { body: { ...identity, ...details } });
    const [before] =
      await stack.sql`select jsonb_object_agg(section, value) as rules from platform.settings where system = 'leads' and section in ('vat_percent', 'vat_on_debits')`;
    await stack.ask("PUT", "/admin/billing-settings", admin, { body: settings });
    const { invoiceNumber } = await bought("pack-1", person);
    const { vat_percent: vatPercent, vat_on_debits: vatOnDebits } = before?.rules ?? {};
    await stack.ask("PUT", "/admin/billing-settings", admin, { body: { vatPercent, vatOnDebits } });
    const [invoice] =
      await stack.sql`select net_cents::int as net, vat_cents::int as vat, gross_cents::int as gross, vat_percent::float as percent,
      buyer ->> 'siren' as siren, mentions from leads.invoices where number = ${invoiceNumber}`;
    return { invoice, said: ((invoice?.mentions ?? []) as string[]).join("\n"), invoiceNumber, person };
  };

  test("has the mentions that the law wants, and the PDF shows them", async () => {
    const { invoice, said, invoiceNumber, person } = await invoiceOf(
      { deliveryAddress: "Quai 4\n35400 Saint-Malo" },
      { vatOnDebits: true },
    );
    expect(invoice).toMatchObject({ siren: "732829320", percent: 20 });
    for (const text of [
      "indemnité forfaitaire de 40 €",
      "trois fois le taux d'intérêt légal",
      "prestation de services",
      "d'après les débits",
      "Adresse de livraison : Quai 4, 35400 Saint-Malo",
    ]) {
      expect(said).toContain(text);
    }
    expect(said).not.toMatch(/Autoliquidation|293 B/);
    const answer = await fetch(`${stack.info.systems.leads?.apiBase}/billing/invoices/${invoiceNumber}`, {
      headers: { Authorization: `Bearer ${person.token}` },
    });
    const shown = await pdfText(new Uint8Array(await answer.arrayBuffer()));
    for (const text of ["SIREN : 732829320", "indemnité forfaitaire de 40", "Quai 4", "prestation de services"])
      expect(shown).toContain(text);
  });

  test("of a company of another member state is reverse charged, at the same price", async () => {
    const { invoice, said } = await invoiceOf({ vatNumber: "DE123456789", siret: null });
    expect(invoice).toMatchObject({ percent: 0, vat: 0, siren: null });
    expect(invoice?.net).toBe(invoice?.gross);
    expect(said).toContain("Autoliquidation");
    expect(said).not.toContain("293 B");
    for (const vatNumber of ["GB123456789", "XI123456789", "FR44732829320"]) {
      expect((await invoiceOf({ vatNumber })).said, vatNumber).not.toContain("Autoliquidation");
    }
  });

  test("without VAT says on what ground", async () => {
    const { invoice, said } = await invoiceOf({}, { vatPercent: 0 });
    expect([invoice?.vat, said]).toEqual([0, expect.stringContaining("TVA non applicable, art. 293 B du CGI")]);
  });

  test("is made by a seller who is complete: until then nothing is sold, and the admins are told once what is missing", async () => {
    const person = await stack.person("acheteur");
    const [kept] = await stack.sql`select value from platform.settings where system = 'leads' and section = 'seller'`;
    await stack.sql`update platform.settings set value = value || '{"siret": null, "vatNumber": null}' where system = 'leads' and section = 'seller'`;
    const orders = () => stack.sql`select count(*)::int as orders from leads.pack_orders`;
    const before = await orders();
    for (const _ of [1, 2]) expectRefusal(await buy("pack-1", person), 503, "seller_incomplete");
    expect(await orders()).toEqual(before);
    const missing = ["seller.siret", "seller.vatNumber"];
    expect((await stack.ask("GET", "/admin/billing-settings", admin)).body).toMatchObject({ missing });
    const told =
      await stack.sql`select message from platform.notifications where user_id = ${admin.id} and title = 'Vente impossible'`;
    expect(told).toEqual([{ message: expect.stringContaining("seller.siret, seller.vatNumber") }]);
    await stack.sql`update platform.settings set value = ${stack.sql.json(kept?.value)} where system = 'leads' and section = 'seller'`;
    await bought("pack-1", person);
  });

  test("has no sign that nobody sees, of the seller either", async () => {
    const [kept] = await stack.sql`select value from platform.settings where system = 'leads' and section = 'seller'`;
    const seller = {
      ...identity,
      name: " Leads\u0007\u202e Provider \u200b",
      address: "1 rue\u0001 Haute\r\n75001\u00a0Paris\t",
    };
    const set = await stack.ask("PUT", "/admin/billing-settings", admin, { body: { seller } });
    const written = { name: "Leads Provider", address: "1 rue Haute\n75001 Paris" };
    expect((set.body as { seller: object }).seller).toMatchObject(written);
    await stack.sql`update platform.settings set value = ${stack.sql.json(kept?.value)} where system = 'leads' and section = 'seller'`;
    const details = { ...identity, deliveryAddress: "Quai\u0007 4\r\n35400\u202e Saint-Malo" };
    const own = await stack.ask("PUT", "/billing/details", await stack.person("acheteur"), { body: details });
    expect(own.body).toMatchObject({ deliveryAddress: "Quai 4\n35400 Saint-Malo" });
  });

  test("is refused field by field", async () => {
    const wrongKeys = { name: "Société", address: "Rennes", siret: "73282932000075", vatNumber: "FR45732829320" };
    const keys = detailsOf(await stack.refused(() => stack.ask("PUT", "/billing/details", buyer, { body: wrongKeys })));
    expect(keys.map(({ field, code }) => [field, code])).toEqual([
      ["siret", "invalid_check_digits"],
      ["vatNumber", "invalid_check_digits"],
    ]);
    const bad = { name: "", siret: "123", vatNumber: "12" };
    const details = await stack.refused(() => stack.ask("PUT", "/billing/details", buyer, { body: bad }));
    expect(detailsOf(details).map(({ field, code }) => [field, code])).toEqual([
      ["name", "invalid_value"],
      ["address", "required"],
      ["siret", "invalid_value"],
      ["vatNumber", "invalid_value"],
    ]);
    const blank = { name: "\u00a0\u3000\u200b", address: "\u2028\u2029 \u00a0" };
    for (const nothing of [blank, { name: "\u0007\u202e", address: "\u0001\n\u00ad" }]) {
      const spaces = await stack.refused(() => stack.ask("PUT", "/billing/details", buyer, { body: nothing }));
      expect(detailsOf(spaces).map(({ field, code }) => [field, code])).toEqual([
        ["name", "invalid_value"],
        ["address", "invalid_value"],
      ]);
    }
    const settings = await stack.refused(() =>
      stack.ask("PUT", "/admin/billing-settings", admin, { body: { vatPercent: 101, seller: { siret: "1" } } }),
    );
    expect(detailsOf(settings).map(({ field }) => field)).toEqual(
      expect.arrayContaining(["vatPercent", "seller.siret"]),
    );
  });
});

describe("POST /api/admin/orders/:id/refund", () => {
  const refund = (id: string) => stack.ask("POST", `/admin/orders/${id}/refund`, admin);

  test("takes the credits back with a credit note, once", async () => {
    const person = await stack.person("acheteur");
    const { id } = await bought("pack-2", person);
    const answer = await refund(id);
    expect(answer.status, answer.text).toBe(200);
    const order = p.adminOrder.parse(answer.body);
    expect(order).toMatchObject({
      id,
      status: "refunded",
      creditNoteNumber: expect.stringMatching(/^AV-\d{4}-\d{6}$/),
    });
    expect((await refund(id)).body).toEqual(order);
    expect((await stack.ask("GET", "/users/acheteur", person)).body).toMatchObject({ credits: 0 });
    expect((await stack.ask("GET", "/billing/payments", person)).body).toMatchObject([
      { status: "refunded", amount: 199 },
    ]);
    expect(await listOf("/billing/invoices", person, b.invoice)).toMatchObject([
      { number: order.creditNoteNumber, type: "credit_note", amount: -199, corrects: order.invoiceNumber },
      { number: order.invoiceNumber, type: "invoice", amount: 199 },
    ]);
    const pdf = await stack.ask("GET", `/billing/invoices/${order.creditNoteNumber}`, person);
    expect(pdf.text.slice(0, 5)).toBe("%PDF-");
  });

  test("is refused once credits of it are spent, and for an order that there is not", async () => {
    const person = await stack.person("acheteur");
    const { id } = await bought("pack-1", person);
    const [lead] =
      await stack.sql`select reference from leads.leads where on_sale and not is_exclusive order by id limit 1`;
    expect((await stack.ask("POST", `/leads/${lead?.reference}/purchase`, person)).status).toBe(201);
    expectRefusal(await stack.refused(() => refund(id)), 409, "credits_spent");
    expectRefusal(await stack.refused(() => refund("CMD-99999")), 404, "order_not_found");
  });
});

describe("the welcome bonus", () => {
  test("is on the account of who registers as a buyer and confirms his address", async () => {
    expect((await write("PUT", "/rules/rule-6", { active: true })).status).toBe(200);
    const email = `${randomUUID()}@example.test`;
    const person = { email, password: "correct-Horse-9", firstName: "Zoé", lastName: "Blanc", role: "acheteur" };
    expect((await stack.ask("POST", "/auth/register", undefined, { body: person })).status).toBe(202);
    await expect.poll(() => linkTo(email)).toBeDefined();
    await fetch((await linkTo(email)) ?? "", { redirect: "manual" });
    const login = await stack.ask("POST", "/auth/login", undefined, { body: { email, password: person.password } });
    const { token } = login.body as { token: string };
    const newcomer = { token } as Person;
    expect((await stack.ask("GET", "/users/acheteur", newcomer)).body).toMatchObject({ credits: 5 });
    expect((await stack.ask("GET", "/billing/notifications", newcomer)).body).toMatchObject([{ title: "Bienvenue" }]);
    const [transaction] = (await stack.ask("GET", "/admin/transactions", admin)).body as object[];
    expect(transaction).toMatchObject({
      type: "bonus",
      amount: 0,
      credits: 5,
      status: "completed",
      paymentMethod: null,
    });
  });

  async function linkTo(email: string): Promise<string | undefined> {
    const mails = await fetch(`${stack.info.mailUrl}/api/messages?to=${encodeURIComponent(email)}`);
    return ((await mails.json()) as { link: string }[])[0]?.link;
  }
});

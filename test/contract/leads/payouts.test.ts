import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  adminPayout,
  ownAccount,
  payable,
  payoutLine,
  supplierAccount,
  virementLine,
} from "../../../functions/leads/payouts/payout-schemas.ts";
import { virement } from "../../../functions/leads/schemas.ts";
import { expectLedgerHolds, openCredits } from "../../support/ledger.ts";
import { db, stack } from "../../support/stack.ts";
import { type Answer, type Ask, askApi, askRest, send } from "../http.ts";
import { type Person, setStatus, signUp } from "../people.ts";
import { unchanged } from "../unchanged.ts";
import { type People, signInPeople } from "./demo-people.ts";
import { expectRefusal } from "./expectations.ts";
import { addLeads, addSupplier, endReturnWindow, owe, removeSuppliers, type Supplier } from "./market.ts";

// What suppliers are paid, over HTTP (document, 3.10, 3.11 and 6): by whom, when not, and once.

const french = "FR76 3000 6000 0112 3456 7890 189";
const frenchMask = "FR76 •••• •••• •••• 0189";

let people: People;
let owner: Person;
let buyer: Person;
let supplier: Supplier;

beforeAll(async () => {
  people = await signInPeople();
  owner = await signUp("leads", "fournisseur");
  buyer = await signUp("leads", "acheteur");
  supplier = await addSupplier(owner);
  await openCredits(db(), buyer.id, 1000);
});

beforeEach(async () => {
  await api(`/api/admin/gains/${supplier.reference}/iban`, {
    token: people.admin.token,
    method: "PUT",
    body: { iban: french },
  });
  await api(`/api/admin/gains/${supplier.reference}/activate`, { token: people.admin.token, method: "POST" });
});

afterAll(async () => {
  await removeSuppliers(supplier);
  await expectLedgerHolds(db());
});

const api = (path: string, ask?: Ask) => askApi("leads", path, ask);
const asAdmin = (path: string, ask: Ask = {}) => api(path, { token: people.admin.token, method: "POST", ...ask });
const pay = (id = supplier.reference, headers = {}) => asAdmin(`/api/admin/gains/${id}/pay`, { headers });
const settle = (reference: string, how: "confirm" | "fail") =>
  asAdmin(`/api/admin/payouts/${reference}/${how}`, how === "fail" ? { body: { reason: "Compte clos" } } : {});

async function paidNow(cents = 12_345) {
  await owe(supplier, cents);
  const answer = await pay();
  expect(answer.status, answer.text).toBe(201);
  return virement.parse(answer.body);
}

/** Buys leads of the supplier and lets their return window be over. */
async function sellLeads(count: number): Promise<string[]> {
  const references = await addLeads(supplier, Array(count).fill({}));
  for (const reference of references) {
    const answer = await api(`/api/leads/${reference}/purchase`, { token: buyer.token, method: "POST" });
    expect(answer.status, answer.text).toBe(201);
  }
  await endReturnWindow(supplier);
  return references;
}

describe("who may", () => {
  const asks: [string, Ask][] = [
    ["/api/admin/gains/SUPPLIER/pay", { method: "POST" }],
    ["/api/admin/gains/SUPPLIER/iban", { method: "PUT", body: { iban: french } }],
    ["/api/admin/gains/SUPPLIER/activate", { method: "POST" }],
    ["/api/admin/gains/SUPPLIER/suspend", { method: "POST" }],
    ["/api/admin/payables", {}],
    ["/api/admin/payouts", {}],
    ["/api/admin/payouts/VIR-001/lines", {}],
    ["/api/admin/payouts/VIR-001/confirm", { method: "POST" }],
    ["/api/admin/payouts/VIR-001/fail", { method: "POST", body: { reason: "Compte clos" } }],
  ];

  test.each(asks)("%s is the admin's alone", async (path, ask) => {
    await owe(supplier, 100);
    const at = path.replace("SUPPLIER", supplier.reference);
    await unchanged(async () => {
      for (const who of ["fournisseur", "agent", "acheteur", "stranger"] as const) {
        expectRefusal(await api(at, { ...ask, token: people[who].token }), 403, "forbidden");
      }
      expectRefusal(await api(at, ask), 401, "authentication_required");
      expectRefusal(await api(at, { ...ask, token: "e30.e30.e30" }), 401, "invalid_token");
    });
  });

  test("a supplier alone changes his own IBAN and reads his own lines", async () => {
    const { id } = await paidNow();
    await unchanged(async () => {
      for (const who of ["admin", "agent", "acheteur", "stranger"] as const) {
        const { token } = people[who];
        expectRefusal(
          await api("/api/fournisseur/iban", { token, method: "PUT", body: { iban: french } }),
          403,
          "forbidden",
        );
        expectRefusal(await api(`/api/fournisseur/virements/${id}/lines`, { token }), 403, "forbidden");
      }
      // Somebody else's is to him as one that does not exist.
      const other = await api(`/api/fournisseur/virements/${id}/lines`, { token: people.fournisseur.token });
      expectRefusal(other, 404, "payout_not_found");
      expectRefusal(
        await api("/api/fournisseur/iban", { method: "PUT", body: { iban: french } }),
        401,
        "authentication_required",
      );
    });
  });

  test("the functions' own road is nobody's token's", async () => {
    const body = {
      supplierId: supplier.id,
      sealedIban: "v1.x",
      bic: null,
      mask: "x",
      changedBy: null,
      validated: true,
    };
    for (const who of ["admin", "fournisseur"] as const) {
      const { token } = people[who];
      await unchanged(async () => {
        expect((await askRest("rpc/account_keep", { token, method: "POST", body })).status).toBe(403);
        expect((await askRest("rpc/payout_batch", { token, method: "POST", body: {} })).status).toBe(403);
      });
    }
  });

  test("a suspended admin is refused", async () => {
    const admin = await signUp("leads", "admin");
    await setStatus(admin, "suspended");
    await unchanged(async () => {
      expectRefusal(
        await asAdmin(`/api/admin/gains/${supplier.reference}/pay`, { token: admin.token }),
        403,
        "account_suspended",
      );
    });
  });
});

describe("the IBAN", () => {
  const change = (iban: unknown, bic?: string) =>
    api("/api/fournisseur/iban", { token: owner.token, method: "PUT", body: { iban, ...(bic ? { bic } : {}) } });

  test("is kept sealed, shown masked, and validated by an admin", async () => {
    const answer = await change(french.toLowerCase(), "agrifrpp");
    expect(answer).toMatchObject({
      status: 200,
      body: { id: supplier.reference, iban: frenchMask, status: "pending_validation" },
    });
    expect(supplierAccount.parse(answer.body)).toEqual(answer.body);
    const [row] =
      await db()`select sealed_iban, bic, changed_by from leads.supplier_accounts where supplier_id = ${supplier.id}`;
    expect(row).toMatchObject({ bic: "AGRIFRPP", changed_by: owner.id, sealed_iban: expect.stringMatching(/^v1\./) });
    const profile = await api("/api/users/fournisseur", { token: owner.token });
    expect(profile.body).toMatchObject({ iban: frenchMask });
    const activate = (body: object) => asAdmin(`/api/admin/gains/${supplier.reference}/activate`, { body });
    await unchanged(async () => {
      expectRefusal(await activate({ iban: "DE89 •••• •••• •••• 3000" }), 409, "iban_changed");
      expectRefusal(await activate({ status: "active" }), 400, "invalid_body");
    });
    expect((await activate({ iban: frenchMask })).body).toMatchObject({ status: "active" });
  });

  test("is nowhere in the database", async () => {
    await change(french);
    const tables = await db()<{ name: string }[]>`
      select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('leads', 'platform')`;
    for (const { name } of tables) {
      const [row] = await db().unsafe(
        `select count(*)::int as rows from ${name} t where t::text ~ '3000600001123|3000 6000 0112'`,
      );
      expect(row?.rows, name).toBe(0);
    }
    // Nor is the body of a request that failed in this database's log.
    expect(await db()`show log_error_verbosity`).toEqual([{ log_error_verbosity: "terse" }]);
  });

  test.each([
    ["fournisseur_iban_check", () => owner.token, () => ({})],
    ["admin_gains_iban_check", () => people.admin.token, () => ({ id: supplier.reference })],
  ] as const)("%s is not asked by an address, which would be in every log", async (name, token, rest) => {
    const body = { ...rest(), iban: french };
    expect((await askRest(`rpc/${name}`, { token: token(), method: "POST", body })).status).toBe(200);
    for (const method of ["GET", "HEAD"]) {
      const answer = await askRest(`rpc/${name}?${new URLSearchParams(body)}`, { token: token(), method });
      expect(answer.status, method).toBe(405);
    }
  });

  test.each([
    ["FR7730006000011234567890189", "iban", "invalid_check_digits"],
    ["FR76 3000", "iban", "invalid_length"],
    ["", "iban", "required"],
    ["BR1500000000000010932840814P2", "iban", "not_sepa"],
    ["1234", "iban", "invalid_format"],
    ["CH9300762011623852957", "bic", "required"],
  ])("%j is refused", async (iban, field, code) => {
    await unchanged(async () => {
      const answer = await change(iban);
      const { details } = expectRefusal(answer, 422, "invalid_fields");
      expect(details).toMatchObject([{ field, code }]);
      if (iban) expect(answer.text).not.toContain(iban);
    });
  });

  test("outside the EEA goes with its BIC", async () => {
    expect((await change("CH93 0076 2011 6238 5295 7", "UBSWCHZH80A")).status).toBe(200);
    const read = await api("/api/fournisseur/iban", { token: owner.token });
    expect(ownAccount.parse(read.body)).toMatchObject({
      iban: "CH93 •••• •••• •••• 2957",
      bic: "UBSWCHZH80A",
      held: null,
    });
  });

  test("that the bank has sent money back from is held, and says so to its supplier and the admin alone", async () => {
    const { reference } = await paidNow();
    await asAdmin(`/api/admin/payouts/${reference}/fail`, { body: { reason: "AC04 Compte clos" } });
    expectRefusal(await unchanged(() => pay()), 409, "account_held");
    const payables = await api("/api/admin/payables", { token: people.admin.token });
    expect(payables.body).toContainEqual(expect.objectContaining({ id: supplier.reference, code: "account_held" }));
    const read = await api("/api/fournisseur/iban", { token: owner.token });
    expect(ownAccount.parse(read.body)).toMatchObject({
      iban: frenchMask,
      held: { code: "AC04", message: "compte clos" },
    });
    for (const who of ["admin", "agent", "acheteur", "stranger"] as const) {
      expectRefusal(await api("/api/fournisseur/iban", { token: people[who].token }), 403, "forbidden");
    }
    expect(
      (await asAdmin(`/api/admin/gains/${supplier.reference}/activate`, { body: { iban: frenchMask } })).status,
    ).toBe(200);
    expect((await pay()).status).toBe(201);
  });

  test("a BIC that is none, another field and no IBAN are refused", async () => {
    await unchanged(async () => {
      expect(expectRefusal(await change(french, "X"), 422, "invalid_fields").details).toMatchObject([{ field: "bic" }]);
      expectRefusal(await change(7), 400, "invalid_body");
      expectRefusal(await change(`${french}\ud800`), 400, "invalid_body");
      const body = { iban: french, status: "active" };
      expectRefusal(
        await api("/api/fournisseur/iban", { token: owner.token, method: "PUT", body }),
        400,
        "invalid_body",
      );
      const unknown = await asAdmin("/api/admin/gains/F-999999/iban", { method: "PUT", body: { iban: french } });
      expectRefusal(unknown, 404, "supplier_not_found");
    });
  });
});

describe("a payment", () => {
  test("makes one transfer of all that is due, and its lines lead to the sales", async () => {
    const leads = await sellLeads(3);
    await owe(supplier, 1000);
    const [listed] = payable
      .array()
      .parse((await asAdmin("/api/admin/payables", { method: "GET" })).body)
      .filter(({ id }) => id === supplier.reference);
    const answer = await pay();
    expect(answer.status, answer.text).toBe(201);
    const paid = virement.parse(answer.body);
    expect(paid).toMatchObject({ status: "pending", leadsCount: 3, iban: frenchMask, amount: listed?.amount });
    expect(listed).toMatchObject({ leadsCount: 3, code: null, message: null });
    const day = paid.date;
    expect(paid.reference).toMatch(new RegExp(`^VP-${day.slice(0, 7)}-\\d{3,}$`));
    expect(paid.period).toMatch(
      Number(day.slice(8)) <= 15 ? / \d{4} \(1ère quinzaine\)$/ : / \d{4} \(2ème quinzaine\)$/,
    );

    const own = await api("/api/fournisseur/virements", { token: owner.token });
    expect(virement.array().parse(own.body)[0]).toEqual(paid);
    const lines = payoutLine
      .array()
      .parse((await asAdmin(`/api/admin/payouts/${paid.reference}/lines`, { method: "GET" })).body);
    expect(lines.flatMap(({ leadId }) => leadId ?? []).sort()).toEqual(leads.sort());
    expect(lines.reduce((sum, { amount }) => sum + Math.round(amount * 100), 0)).toBe(Math.round(paid.amount * 100));
    const ownLines = await api(`/api/fournisseur/virements/${paid.id}/lines`, { token: owner.token });
    expect(virementLine.array().parse(ownLines.body)).toEqual(lines.map(({ buyer: _, ...line }) => line));

    const [transaction] =
      await db()`select * from leads.transactions where description = ${`Virement ${paid.reference}`}`;
    expect(transaction).toMatchObject({
      type: "fournisseur_payment",
      status: "pending",
      payment_method: "Virement SEPA",
      user_id: owner.id,
    });
    const notes = await api("/api/notifications", { token: owner.token });
    expect((notes.body as object[])[0]).toMatchObject({
      title: "Nouveau virement",
      message: expect.stringContaining(paid.reference),
    });
    await settle(paid.reference, "confirm");
    await expectLedgerHolds(db());
  });

  test("a sale whose return is asked for waits, and is not paid once it is taken back", async () => {
    const [kept, asked] = (await sellLeads(2)) as [string, string];
    const body = { reason: "invalid_number" };
    const request = await api(`/api/leads/${asked}/return`, { token: buyer.token, method: "POST", body });
    expect(request.status, request.text).toBe(201);
    const first = virement.parse((await pay()).body);
    expect(first.leadsCount).toBe(1);
    const lines = payoutLine
      .array()
      .parse((await asAdmin(`/api/admin/payouts/${first.reference}/lines`, { method: "GET" })).body);
    expect(lines.map(({ leadId }) => leadId)).toEqual([kept]);

    const [{ id } = { id: "" }] = await db()<
      { id: string }[]
    >`select reference as id from leads.returns where lead_reference = ${asked}`;
    await asAdmin(`/api/admin/returns/${id}/accept`);
    await endReturnWindow(supplier);
    expectRefusal(await pay(), 409, "nothing_to_pay");
    await settle(first.reference, "confirm");
    await expectLedgerHolds(db());
  });

  test("with the same key answers the same, and with another body is refused", async () => {
    await owe(supplier, 700);
    const headers = { "Idempotency-Key": randomUUID() };
    const first = await pay(supplier.reference, headers);
    expect(first.status).toBe(201);
    await owe(supplier, 900);
    await unchanged(async () => {
      const again = await pay(supplier.reference, headers);
      expect({ status: again.status, body: again.body }).toEqual({ status: 201, body: first.body });
      expectRefusal(await pay("F-001", headers), 409, "idempotency_key_reused");
    });
  });

  test.each([
    ["suspended", "supplier_suspended"],
    ["pending_validation", "supplier_pending_validation"],
  ])("of a supplier who is %s is refused", async (status, code) => {
    await owe(supplier, 100);
    await db()`update leads.suppliers set status = ${status} where id = ${supplier.id}`;
    await unchanged(async () => expectRefusal(await pay(), 409, code));
  });

  test("without an IBAN, without anything due, or of nobody is refused", async () => {
    const other = await addSupplier(await signUp("leads", "fournisseur"));
    await owe(other, 100);
    await unchanged(async () => expectRefusal(await pay(other.reference), 409, "iban_missing"));
    await removeSuppliers(other);
    await pay();
    await unchanged(async () => {
      expectRefusal(await pay(), 409, "nothing_to_pay");
      expectRefusal(await pay("F-999999"), 404, "supplier_not_found");
      expectRefusal(await pay("F-%00"), 400, "invalid_parameter");
      expectRefusal(await pay("x".repeat(300)), 400, "invalid_parameter");
      expectRefusal(
        await pay(supplier.reference, { "Idempotency-Key": "x".repeat(256) }),
        400,
        "idempotency_key_invalid",
      );
    });
  });

  test("20 at once are one transfer", async () => {
    await pay();
    await owe(supplier, 4200);
    const answers = await Promise.all(Array.from({ length: 20 }, () => pay()));
    expect(answers.filter(({ status }) => status === 201).map(({ body }) => body)).toMatchObject([{ amount: 42 }]);
    for (const answer of answers.filter(({ status }) => status !== 201)) expectRefusal(answer, 409, "nothing_to_pay");
    await expectLedgerHolds(db());
  });

  test("20 at once with one key answer the same transfer", async () => {
    await owe(supplier, 1700);
    const headers = { "Idempotency-Key": randomUUID() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => pay(supplier.reference, headers)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${JSON.stringify(JSON.parse(text))}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(201);
  });

  test("by supabase-js through the function payout is the same", async () => {
    await owe(supplier, 300);
    const key = randomUUID();
    const invoke = () =>
      people.admin.client.functions.invoke("payout", {
        body: { supplierId: supplier.reference },
        headers: { "Idempotency-Key": key },
      });
    const first = await invoke();
    expect(first.error).toBeNull();
    expect(virement.parse(first.data)).toMatchObject({ amount: 3 });
    expect((await invoke()).data).toEqual(first.data);
    await unchanged(async () => {
      const url = `${stack.apiUrl}/functions/v1/payout`;
      const body = { supplierId: supplier.reference };
      expectRefusal(await send(url, { method: "POST", body, token: owner.token }), 403, "forbidden");
      expectRefusal(await send(url, { method: "POST", body }), 401, "authentication_required");
      expectRefusal(await send(url, { method: "POST", body: {}, token: people.admin.token }), 400, "invalid_body");
      expectRefusal(await send(url, { token: people.admin.token }), 405, "method_not_allowed");
    });
  });
});

describe("the bank's answer", () => {
  test("confirmed: completed, once, with the date and the transaction", async () => {
    const { reference, id, date } = await paidNow();
    const answer = await settle(reference, "confirm");
    expect(answer.status, answer.text).toBe(200);
    expect(adminPayout.parse(answer.body)).toMatchObject({
      status: "completed",
      supplierId: supplier.reference,
      failureReason: null,
    });
    await unchanged(async () => {
      expect((await settle(id, "confirm")).body).toEqual(answer.body);
    });
    const gains = await asAdmin("/api/admin/gains", { method: "GET" });
    expect(gains.body).toContainEqual(expect.objectContaining({ id: supplier.reference, lastPaymentDate: date }));
    const [transaction] =
      await db()`select status from leads.transactions where description = ${`Virement ${reference}`}`;
    expect(transaction?.status).toBe("completed");
    await expectLedgerHolds(db());
  });

  test("failed: the earnings are free again, and the next transfer takes them", async () => {
    const { reference, amount } = await paidNow();
    const answer = await settle(reference, "fail");
    expect(adminPayout.parse(answer.body)).toMatchObject({ status: "failed", failureReason: "Compte clos" });
    await unchanged(async () => {
      expect((await settle(reference, "fail")).body).toEqual(answer.body);
      expectRefusal(await settle(reference, "confirm"), 409, "payout_failed");
    });
    const notes = await api("/api/notifications", { token: owner.token });
    expect((notes.body as object[])[0]).toMatchObject({
      type: "error",
      title: "Virement refusé",
      message: expect.stringContaining("Compte clos"),
    });
    // What it was made of stays known.
    const lines = await asAdmin(`/api/admin/payouts/${reference}/lines`, { method: "GET" });
    expect(lines.body).not.toEqual([]);
    const next = virement.parse((await pay()).body);
    expect(next).toMatchObject({ amount });
    expect(next.reference).not.toBe(reference);
    await expectLedgerHolds(db());
  });

  test("returned after it was confirmed: failed, and the earnings are free again", async () => {
    const { reference, amount } = await paidNow();
    await settle(reference, "confirm");
    const answer = await settle(reference, "fail");
    expect(adminPayout.parse(answer.body)).toMatchObject({ status: "failed", failureReason: "Compte clos" });
    const gains = (await asAdmin("/api/admin/gains", { method: "GET" })).body as {
      id: string;
      lastPaymentDate: unknown;
    }[];
    const [arrived] =
      await db()`select max(date)::text as last from leads.payouts p join leads.suppliers s on s.id = p.supplier_id
      where s.reference = ${supplier.reference} and p.status = 'completed'`;
    expect(gains.find(({ id }) => id === supplier.reference)?.lastPaymentDate).toBe(arrived?.last);
    expect(virement.parse((await pay()).body)).toMatchObject({ amount });
    await expectLedgerHolds(db());
  });

  test("both at once: it has come back", async () => {
    const { reference } = await paidNow();
    const answers = await Promise.all([
      settle(reference, "confirm"),
      settle(reference, "fail"),
      settle(reference, "confirm"),
      settle(reference, "fail"),
    ]);
    expect([answers[1]?.status, answers[3]?.status]).toEqual([200, 200]);
    for (const answer of [answers[0], answers[2]]) {
      if (answer?.status !== 200) expectRefusal(answer as Answer, 409, "payout_failed");
    }
    expect((await settle(reference, "fail")).body).toMatchObject({ status: "failed" });
    await expectLedgerHolds(db());
  });

  test("a payout that does not exist, and a refusal without a reason", async () => {
    const { reference } = await paidNow();
    await unchanged(async () => {
      expectRefusal(await settle("VP-1999-01-001", "confirm"), 404, "payout_not_found");
      expectRefusal(await asAdmin(`/api/admin/payouts/${reference}/fail`, { body: {} }), 400, "invalid_body");
    });
  });

  test("an IBAN that changes meanwhile changes nothing about what is on its way", async () => {
    const { reference } = await paidNow();
    const before =
      await db()`select a.* from leads.payout_accounts a join leads.payouts p on p.id = a.payout_id where p.transfer_reference = ${reference}`;
    await api("/api/fournisseur/iban", {
      token: owner.token,
      method: "PUT",
      body: { iban: "DE89 3704 0044 0532 0130 00" },
    });
    expect(
      await db()`select a.* from leads.payout_accounts a join leads.payouts p on p.id = a.payout_id where p.transfer_reference = ${reference}`,
    ).toEqual(before);
    expect((await settle(reference, "confirm")).body).toMatchObject({ iban: frenchMask });
  });
});

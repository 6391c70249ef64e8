import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, type Ask, askApi, askRest } from "../contract/http.ts";
import { type People, signInPeople } from "../contract/leads/demo-people.ts";
import { expectRefusal } from "../contract/leads/expectations.ts";
import { addLeads, addSupplier, removeSuppliers, type Supplier } from "../contract/leads/market.ts";
import type { Lead } from "../contract/leads/seed-files.ts";
import { type Person, signUp } from "../contract/people.ts";
import { unchanged } from "../contract/unchanged.ts";
import { expectLedgerHolds, openCredits } from "../support/ledger.ts";
import { db } from "../support/stack.ts";

// What was tried on the catalogue: to read who a lead is without paying, to sell another person than the agents called, to
// make a buyer pay what he did not see.

let people: People;
let owner: Person;
let buyer: Person;
let supplier: Supplier;

beforeAll(async () => {
  [people, owner, buyer] = await Promise.all([
    signInPeople(),
    signUp("leads", "fournisseur"),
    signUp("leads", "acheteur"),
  ]);
  supplier = await addSupplier(owner);
  await openCredits(db(), buyer.id, 200);
});

afterAll(async () => {
  await removeSuppliers(supplier);
  await expectLedgerHolds(db());
});

const ask = (method: string, path: string, person: Person | undefined, body?: unknown) =>
  askApi("leads", `/api${path}`, { method, token: person?.token, body } as Ask);
const onSale = async (traits: Parameters<typeof addLeads>[1][number] = {}) =>
  (await addLeads(supplier, [{ email: `${randomUUID()}@exemple.test`, agent: people.agent, ...traits }]))[0] as string;
const refused = (work: () => Promise<Answer>) => unchanged(work);
const shownTo = async (person: Person | undefined, id: string) =>
  ((await askRest(`leads?id=eq.${id}`, { token: person?.token })).body as Lead[])[0];

describe("a buyer pays the price that he saw", () => {
  const quoteOf = async (id: string) =>
    (await ask("GET", `/leads/${id}/price`, buyer)).body as { credits: number; price: number };

  test("and not the one that the supplier or an admin made of it meanwhile", async () => {
    const id = await onSale();
    const { credits, price } = await quoteOf(id);
    await db()`update leads.leads set is_exclusive = true, price_cents = 2600 where reference = ${id}`;
    const now = await quoteOf(id);
    expect(now.credits).not.toBe(credits);
    for (const seen of [{ credits, price }, { credits }, { price }]) {
      const answer = await refused(() => ask("POST", `/leads/${id}/purchase`, buyer, seen));
      expect(expectRefusal(answer, 409, "price_changed").details).toMatchObject([
        { field: "credits", code: "price_changed", value: now.credits },
        { field: "price", code: "price_changed", value: now.price },
      ]);
    }
    const bought = await ask("POST", `/leads/${id}/purchase`, buyer, { credits: now.credits, price: now.price });
    expect(bought.status, bought.text).toBe(201);
    expect(bought.body).toMatchObject({ purchase: { credits: now.credits, price: now.price } });
    // What was bought is bought, whatever is said to have been seen.
    expect((await refused(() => ask("POST", `/leads/${id}/purchase`, buyer, { credits, price }))).status).toBe(200);
  });

  test("on every road that buys", async () => {
    const id = await onSale();
    const wrong = { leadId: id, credits: 1 };
    const rest = await refused(() => askRest("rpc/lead_purchase", { method: "POST", token: buyer.token, body: wrong }));
    expect(rest).toMatchObject({ status: 409, body: { details: "price_changed" } });
    const { error } = await buyer.client.functions.invoke("purchase/lead", { body: wrong });
    expect(error?.context.status).toBe(409);
    expect((await ask("POST", `/leads/${id}/purchase`, buyer, { price: 25 })).status).toBe(201);
  });

  test("and a price that is none is refused by its field", async () => {
    const id = await onSale();
    for (const body of [{ price: "25" }, { credits: -1 }, { amount: 25 }]) {
      const answer = await refused(() => ask("POST", `/leads/${id}/purchase`, buyer, body));
      expect(expectRefusal(answer, 400, "invalid_body").details).toMatchObject([{ field: Object.keys(body)[0] }]);
    }
  });
});

describe("a suspended supplier's leads", () => {
  const withStatus = async (status: string, work: () => Promise<void>) => {
    await db()`update leads.suppliers set status = ${status} where id = ${supplier.id}`;
    try {
      await work();
    } finally {
      await db()`update leads.suppliers set status = 'active' where id = ${supplier.id}`;
    }
  };

  test("are in no catalogue, search or count, and have no price, until he is active again", async () => {
    const id = await onSale();
    const seen = async (person: Person | undefined) => {
      const list = await askRest(`leads?id=eq.${id}`, { token: person?.token, headers: { Prefer: "count=exact" } });
      const search = await askApi("leads", `/api/leads?search=${supplier.company.slice(12)}`, {
        token: person?.token as string,
        headers: { Prefer: "count=exact" },
      });
      const found = (search.body as Lead[]).some((lead) => lead.id === id);
      return [list.headers.get("content-range"), found];
    };
    for (const person of [undefined, people.stranger, buyer]) expect(await seen(person)).toEqual(["0-0/1", true]);
    await withStatus("suspended", async () => {
      for (const person of [undefined, people.stranger, buyer]) expect(await seen(person)).toEqual(["*/0", false]);
      expect(await seen(people.admin)).toEqual(["0-0/1", true]);
      expectRefusal(await ask("GET", `/leads/${id}/price`, buyer), 404, "lead_not_on_sale");
      for (const body of [undefined, { credits: 5 }]) {
        const answer = await refused(() => ask("POST", `/leads/${id}/purchase`, buyer, body));
        expectRefusal(answer, 404, "lead_not_on_sale");
      }
    });
    for (const person of [undefined, buyer]) expect(await seen(person)).toEqual(["0-0/1", true]);
  });

  test("stay with who bought them", async () => {
    const id = await onSale({ lastName: "Marchandeau" });
    expect((await ask("POST", `/leads/${id}/purchase`, buyer)).status).toBe(201);
    await withStatus("suspended", async () => {
      expect(await shownTo(buyer, id)).toMatchObject({ lastName: "Marchandeau", status: "sold" });
      expect((await refused(() => ask("POST", `/leads/${id}/purchase`, buyer))).status).toBe(200);
      expectRefusal(await ask("GET", `/leads/${id}/price`, buyer), 404, "lead_not_on_sale");
      expect(await shownTo(undefined, id)).toBeUndefined();
    });
  });
});

describe("bait and switch", () => {
  const stateOf = async (id: string) =>
    (
      await db()`select status, qualification_status as qualification, qualified_at is null as fresh, agent_id from leads.leads where reference = ${id}`
    )[0];
  const onSaleAs = { status: "qualified", qualification: "qualified", fresh: false };
  const withAgents = { status: "new", qualification: "pending", fresh: true, agent_id: null };
  const qualified = () => onSale({ lastName: "Marchandeau", phone: "+33 6 39 98 11 22" });
  const exchanges = [
    { firstName: "Igor" },
    { lastName: "Autre" },
    { email: "autre" },
    { email: null },
    { phone: null },
    { company: "Autre société" },
    { sector: "Mutuelle" },
    { region: "PACA" },
    { city: "Marseille" },
  ].map((change) => [JSON.stringify(change), change] as const);

  const unique = (change: object) =>
    "email" in change && change.email ? { email: `${randomUUID()}@exemple.test` } : change;

  test.each(exchanges)("by the form, the supplier's and an admin's: %s", async (_, change) => {
    for (const person of [owner, people.admin]) {
      const id = await qualified();
      await db()`update leads.leads set city = 'Brest' where reference = ${id}`;
      const answer = await ask("PUT", `/leads/${id}`, person, unique(change));
      expect(answer.status, answer.text).toBe(200);
      expect(await stateOf(id)).toEqual(withAgents);
      expect(await shownTo(undefined, id)).toBeUndefined();
      expectRefusal(await ask("POST", `/leads/${id}/purchase`, buyer), 404, "lead_not_on_sale");
      const [told] =
        await db()`select title from platform.notifications where user_id = ${owner.id} order by id desc limit 1`;
      expect(told).toEqual({ title: "Lead renvoyé aux agents" });
    }
    expect(await db()`select * from leads.verify_rollups()`).toHaveLength(0);
  });

  test("another spelling of the same is no exchange, and what is no one's identity may change", async () => {
    const id = await qualified();
    const same = {
      firstName: "ZOE",
      lastName: "MARCHANDEAU",
      phone: "06.39.98.11.22",
      notes: "Rappeler",
      city: "Brest",
    };
    expect((await ask("PUT", `/leads/${id}`, owner, same)).status).toBe(200);
    expect(await stateOf(id)).toMatchObject(onSaleAs);
  });

  test("while the agent is on the telephone: what he reports is not the new person's", async () => {
    for (const qualificationStatus of ["in_progress", "callback"] as const) {
      const id = await onSale({ status: "pending", qualificationStatus });
      expect((await ask("PUT", `/leads/${id}`, owner, { lastName: "Autre" })).status).toBe(200);
      expect(await stateOf(id)).toEqual(withAgents);
      const report = { result: "qualified", durationSeconds: 60 };
      const answer = await refused(() => ask("POST", `/leads/${id}/qualify`, people.agent, report));
      expectRefusal(answer, 409, "lead_requeued");
    }
  });

  test("by SQL, row by row or many at once", async () => {
    const ids = [await qualified(), await qualified(), await qualified()] as [string, string, string];
    await db()`update leads.lead_contacts c set last_name = 'Autre' from leads.leads l where l.id = c.lead_id and l.reference = ${ids[0]}`;
    await db()`update leads.leads set sector = 'Énergie Solaire' where reference in ${db()(ids.slice(1))}`;
    for (const id of ids) expect(await stateOf(id)).toEqual(withAgents);
    const told =
      await db()`select message from platform.notifications where user_id = ${owner.id} order by id desc limit 1`;
    expect(told).toMatchObject([{ message: expect.stringContaining("Plusieurs de vos leads") }]);
  });

  test("after a buyer has it, by nobody: not the supplier, not an admin, not SQL", async () => {
    const id = await qualified();
    expect((await ask("POST", `/leads/${id}/purchase`, buyer)).status).toBe(201);
    for (const person of [owner, people.admin]) {
      for (const [, change] of exchanges.filter(([, c]) => !("city" in c))) {
        const answer = await refused(() => ask("PUT", `/leads/${id}`, person, unique(change)));
        expectRefusal(answer, 409, "lead_sold");
      }
    }
    const lead = db()`(select id from leads.leads where reference = ${id})`;
    for (const work of [
      db()`update leads.lead_contacts set phone = '+33 6 39 98 00 00' where lead_id = ${lead}`,
      db()`delete from leads.lead_contacts where lead_id = ${lead}`,
      db()`update leads.leads set region = 'PACA' where reference = ${id}`,
    ]) {
      await expect(work).rejects.toMatchObject({ code: "PT409", detail: "lead_sold" });
    }
    expect(await shownTo(buyer, id)).toMatchObject({ lastName: "Marchandeau", region: "Bretagne" });
  });

  test("in the moment of the purchase: the buyer has who he saw, or the lead is gone", async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, qualified));
    await Promise.all(
      ids.map(async (id) => {
        const [bought, changed] = await Promise.all([
          ask("POST", `/leads/${id}/purchase`, buyer),
          ask("PUT", `/leads/${id}`, people.admin, { lastName: "Autre" }),
        ]);
        expect([
          [201, 409],
          [404, 200],
        ]).toContainEqual([bought.status, changed.status]);
      }),
    );
  });

  test("a sector that is renamed in the directory is no exchange", async () => {
    const id = await qualified();
    const rename = (from: string, to: string) => db()`update leads.sectors set name = ${to} where name = ${from}`;
    await rename("Isolation", "Isolation thermique");
    try {
      expect(await stateOf(id)).toMatchObject(onSaleAs);
    } finally {
      await rename("Isolation thermique", "Isolation");
    }
  });
});

describe("a cursor tells nothing", () => {
  test("of a lead that is hidden, sold or none: each is a place in the list", async () => {
    const hidden = await onSale({ status: "new" });
    const [row] = await db()<{ id: string }[]>`select id from leads.leads where reference = ${hidden}`;
    for (const asked of [{}, { token: buyer.token }]) {
      const pages = await Promise.all(
        [row?.id, randomUUID(), "00000000-0000-0000-0000-000000000000"].map((cursor) =>
          askApi("leads", `/api/leads?limit=2&cursor=${cursor}`, asked),
        ),
      );
      expect(pages.map(({ status }) => status)).toEqual([200, 200, 200]);
    }
  });

  test.each([() => onSale(), () => onSale({ status: "new" }), async () => "lead-001", async () => "nothing"])(
    "%#: by a reference it is refused, whether or not there is such a lead",
    async (reference) => {
      const answer = await askApi("leads", `/api/leads?cursor=${await reference()}`);
      expect(expectRefusal(answer, 400, "invalid_parameter").details).toMatchObject([{ field: "cursor" }]);
    },
  );
});

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as schemas from "../../../functions/leads/schemas.ts";
import { db } from "../../support/stack.ts";
import { type Answer, type Ask, askApi, askRest } from "../http.ts";
import { type Person, signUp } from "../people.ts";
import { unchanged } from "../unchanged.ts";
import { type People, signInPeople } from "./demo-people.ts";
import { expectRefusal } from "./expectations.ts";
import { addLeads, addSupplier, removeSuppliers, type Supplier, sell, undoSale } from "./market.ts";

// Chapter 6 of the document: leads that are made, changed and withdrawn by hand.

let people: People;
let owner: Person;
let other: Person;
let own: Supplier;
let foreign: Supplier;

beforeAll(async () => {
  people = await signInPeople();
  [owner, other] = await Promise.all([signUp("leads", "fournisseur"), signUp("leads", "fournisseur")]);
  own = await addSupplier(owner);
  foreign = await addSupplier(other);
});

afterAll(() => removeSuppliers(own, foreign));

type Lead = { id: string; updatedAt: string } & Record<string, unknown>;

const ask = (
  method: string,
  path: string,
  token: string | undefined,
  body?: unknown,
  headers: Record<string, string> = {},
) => askApi("leads", `/api${path}`, { method, token, body, headers } as Ask);
const email = () => `${randomUUID()}@example.test`;
const given = (more: object = {}) => ({
  lastName: "Martin",
  email: email(),
  sector: "Isolation",
  region: "Bretagne",
  ...more,
});
const bring = async (more: object = {}): Promise<Lead> => {
  const answer = await ask("POST", "/leads", owner.token, given(more));
  expect(answer.status, answer.text).toBe(201);
  return answer.body as Lead;
};
const shown = async (id: string, token = owner.token) =>
  ((await askRest(`leads?id=eq.${id}`, { token })).body as Lead[])[0];
const refused = (work: () => Promise<Answer>) => unchanged(work);

test("a body that is nested without end is refused, and costs nothing", async () => {
  const deep = "[".repeat(4000) + "]".repeat(4000);
  const answer = await refused(() => ask("POST", "/leads", owner.token, given({ notes: JSON.parse(deep) })));
  expectRefusal(answer, 400, "invalid_body");
});

describe("a text that no row can hold", () => {
  test.each([
    ["half a character", { notes: "a\ud800b" }, "notes"],
    ["the other half", { lastName: "\udc00" }, "lastName"],
    ["a character zero", { notes: "a\0b" }, "notes"],
    [
      "one deep inside",
      { consent: { textVersion: "1", url: "", ip: "", givenAt: "", recipients: ["a", "\ud800"] } },
      "consent.recipients.1",
    ],
  ])("%s is refused by its field, and a whole character is not", async (_, more, field) => {
    const answer = await refused(() => ask("POST", "/leads", owner.token, given(more)));
    expect(expectRefusal(answer, 400, "invalid_body").details).toMatchObject([{ field, code: "invalid_text" }]);
    await bring({ notes: "\ud83d\ude00" });
  });
});

describe("who may write", () => {
  const writes: [string, string, object | undefined][] = [
    ["POST", "/leads", { lastName: "Martin", phone: "0612345678", sector: "Isolation", region: "Bretagne" }],
    ["PUT", "/leads/lead-001", { city: "Rennes" }],
    ["DELETE", "/leads/lead-001", undefined],
  ];

  test.each(writes)("%s %s is for admin and fournisseur", async (method, path, body) => {
    for (const person of [people.agent, people.acheteur, people.stranger]) {
      const { hint } = expectRefusal(await refused(() => ask(method, path, person.token, body)), 403, "forbidden");
      expect(hint).toBe("Rôle attendu : admin ou fournisseur.");
    }
    expectRefusal(await refused(() => ask(method, path, undefined, body)), 401, "authentication_required");
    expectRefusal(await refused(() => ask(method, path, "garbage", body)), 401, "invalid_token");
  });

  test.each([
    ["PUT", { city: "Rennes" }],
    ["DELETE", undefined],
  ] as const)("%s of somebody else's lead finds nothing", async (method, body) => {
    const [theirs] = await addLeads(foreign, [{ status: "new" }]);
    expectRefusal(await refused(() => ask(method, `/leads/${theirs}`, owner.token, body)), 404, "lead_not_found");
    expectRefusal(await refused(() => ask(method, "/leads/unknown", owner.token, body)), 404, "lead_not_found");
  });
});

describe("POST /api/leads", () => {
  test("answers the lead as GET shows it, in the form in which leads are kept", async () => {
    const answer = await ask("POST", "/leads", owner.token, {
      ...{
        firstName: " Jean ",
        lastName: "Dupont",
        email: "JEAN@Example.test",
        phone: "06.12.34.56.79",
        company: "ACME",
      },
      ...{
        sector: "pv",
        region: "ile de france",
        city: "Paris",
        price: "25,50",
        isExclusive: true,
        notes: "Appeler au 0612345679",
      },
    });
    expect(answer.status, answer.text).toBe(201);
    const lead = schemas.lead.parse(answer.body);
    expect(lead).toMatchObject({
      ...{ firstName: "Jean", lastName: "Dupont", email: "jean@example.test", phone: "+33 6 12 34 56 79", price: 25.5 },
      ...{
        sector: "Énergie Solaire",
        region: "Île-de-France",
        isExclusive: true,
        status: "new",
        qualificationStatus: "pending",
      },
    });
    expect(answer.headers.get("etag")).toBe(`"${lead.updatedAt}"`);
    expect(await shown(lead.id)).toEqual(lead);
  });

  test("lets an admin name the supplier, by reference or e-mail", async () => {
    for (const fournisseur of [own.reference, owner.email.toUpperCase()]) {
      const answer = await ask("POST", "/leads", people.admin.token, given({ fournisseur }));
      expect(answer.status, answer.text).toBe(201);
      expect(await shown((answer.body as Lead).id)).toBeDefined();
    }
    for (const [fournisseur, code] of [
      [undefined, "required"],
      ["F-nobody", "unknown_supplier"],
    ]) {
      const answer = await refused(() => ask("POST", "/leads", people.admin.token, given({ fournisseur })));
      expect(expectRefusal(answer, 422, "invalid_fields").details).toMatchObject([{ field: "fournisseur", code }]);
    }
  });

  test("lets no supplier bring leads for another", async () => {
    const answer = await refused(() => ask("POST", "/leads", owner.token, given({ fournisseur: foreign.reference })));
    expect(expectRefusal(answer, 422, "invalid_fields").details).toMatchObject([
      { field: "fournisseur", code: "not_allowed" },
    ]);
  });

  test("names every bad value, in French", async () => {
    const bad = { email: "nope", phone: "12", sector: "Astrologie", score: 101, price: -1, isExclusive: "peut-être" };
    const answer = await refused(() => ask("POST", "/leads", owner.token, bad));
    expect(expectRefusal(answer, 422, "invalid_fields").details).toEqual([
      { field: "lastName", code: "required", message: "Le nom manque." },
      { field: "email", code: "invalid_email", message: "« nope » n'est pas une adresse e-mail." },
      { field: "phone", code: "invalid_phone", message: "« 12 » n'est pas un numéro de téléphone." },
      { field: "sector", code: "unknown_sector", message: "Le secteur « Astrologie » est inconnu." },
      { field: "region", code: "required", message: "La région manque." },
      { field: "score", code: "invalid_score", message: "Le score « 101 » n'est pas un nombre de 0 à 100." },
      { field: "price", code: "invalid_price", message: "Le prix « -1 » n'est pas un montant en euros." },
      { field: "isExclusive", code: "invalid_boolean", message: "« peut-être » n'est ni oui ni non." },
    ]);
  });

  test("refuses a body of another shape before it is looked at", async () => {
    const answer = await refused(() => ask("POST", "/leads", owner.token, given({ lastName: 12, status: "sold" })));
    expect(expectRefusal(answer, 400, "invalid_body").details).toMatchObject([
      { field: "lastName", code: "invalid_type" },
      { field: "status", code: "unknown_field", message: "Ce champ n'existe pas." },
    ]);
  });

  test("a person whom the supplier brought before is refused with the lead's id", async () => {
    const first = await bring({ phone: "+33 6 98 76 54 32" });
    for (const person of [{ email: String(first.email).toUpperCase() }, { phone: "0698765432" }]) {
      const answer = await refused(() => ask("POST", "/leads", owner.token, given(person)));
      expect(expectRefusal(answer, 409, "duplicate_lead").hint).toBe(first.id);
    }
    const theirs = await refused(() => ask("POST", "/leads", other.token, given({ phone: "0698765432" })));
    expect(expectRefusal(theirs, 409, "duplicate_on_platform").hint).toBeUndefined();
  });

  test("of the same person twenty times at once makes one lead", async () => {
    const person = given();
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask("POST", "/leads", owner.token, person)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(19).fill(409)]);
  });

  test("is the same over PostgREST", async () => {
    const made = await askRest("rpc/lead_create", { method: "POST", token: owner.token, body: { lead: given() } });
    expect(made.status, made.text).toBe(200);
    schemas.lead.parse(made.body);
    const answer = await unchanged(() =>
      askRest("rpc/lead_create", {
        method: "POST",
        token: owner.token,
        body: { lead: given({ firstName: { a: 1 }, supplier_id: own.id }) },
      }),
    );
    expect(answer.status).toBe(422);
    expect(JSON.parse((answer.body as { hint: string }).hint)).toMatchObject([
      { field: "firstName", code: "invalid_type" },
      { field: "supplier_id", code: "unknown_field" },
    ]);
  });
});

describe("PUT /api/leads/:id", () => {
  test("changes what is given and leaves the rest", async () => {
    const lead = await bring({ firstName: "Zoé", city: "Brest", price: 20 });
    const answer = await ask("PUT", `/leads/${lead.id}`, owner.token, { price: 30, city: null });
    expect(answer.status, answer.text).toBe(200);
    const changed = answer.body as Lead;
    expect(changed).toEqual({ ...lead, price: 30, city: null, updatedAt: changed.updatedAt });
    expect(answer.headers.get("etag")).toBe(`"${changed.updatedAt}"`);
  });

  test("takes the whole lead back as GET showed it", async () => {
    const lead = await bring();
    const answer = await ask("PUT", `/leads/${lead.id}`, owner.token, { ...lead, city: "Quimper" });
    expect(answer.body).toMatchObject({ id: lead.id, city: "Quimper" });
    const sold = await refused(() => ask("PUT", `/leads/${lead.id}`, owner.token, { status: "sold", score: 150 }));
    expect(expectRefusal(sold, 422, "invalid_fields").details).toMatchObject([
      { field: "score", code: "invalid_score" },
      { field: "status", code: "read_only" },
    ]);
  });

  test("refuses what was written on an older version, by If-Match or by updatedAt", async () => {
    const lead = await bring();
    const at = { "If-Match": `"${lead.updatedAt}"` };
    const first = await ask("PUT", `/leads/${lead.id}`, owner.token, { city: "Brest" }, at);
    expect(first.status).toBe(200);
    expectRefusal(
      await refused(() => ask("PUT", `/leads/${lead.id}`, owner.token, { city: "Rennes" }, at)),
      412,
      "lead_changed",
    );
    const { updatedAt } = lead;
    expectRefusal(
      await refused(() => ask("PUT", `/leads/${lead.id}`, owner.token, { city: "Rennes", updatedAt })),
      412,
      "lead_changed",
    );
    expectRefusal(
      await refused(() => ask("DELETE", `/leads/${lead.id}`, owner.token, undefined, at)),
      412,
      "lead_changed",
    );
    const current = { "If-Match": first.headers.get("etag") as string };
    expect((await ask("PUT", `/leads/${lead.id}`, owner.token, { city: "Rennes" }, current)).status).toBe(200);
  });

  test("of one version twenty times at once is done once", async () => {
    const lead = await bring();
    const at = { "If-Match": `"${lead.updatedAt}"` };
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => ask("PUT", `/leads/${lead.id}`, owner.token, { city: `Ville ${n}` }, at)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(412)]);
    const [done] = answers.filter(({ status }) => status === 200);
    expect(await shown(lead.id)).toEqual(done?.body);
  });

  test("masks follow the contact", async () => {
    const lead = await bring();
    await ask("PUT", `/leads/${lead.id}`, owner.token, {
      lastName: "Zola",
      phone: "0655443322",
      notes: "Tél. 0655443322",
    });
    const [row] = await db()`select last_name_mask, phone_mask, summary from leads.leads where reference = ${lead.id}`;
    expect(row).toEqual({ last_name_mask: "Z.", phone_mask: "+33 6 •• •• •• 22", summary: null });
  });

  test("a supplier does not change a lead that is sold, nor score and price of one that an agent has qualified; an admin does", async () => {
    const [qualified, sold] = (await addLeads(own, [{ email: email() }, { email: email() }])) as [string, string];
    const answer = await refused(() =>
      ask("PUT", `/leads/${qualified}`, owner.token, { score: 99, price: 1_000_000, isExclusive: true }),
    );
    expect(expectRefusal(answer, 422, "invalid_fields").details).toMatchObject(
      ["price", "score", "isExclusive"].map((field) => ({ field, code: "read_only" })),
    );
    await sell(sold, people.acheteur);
    try {
      expectRefusal(
        await refused(() => ask("PUT", `/leads/${sold}`, owner.token, { city: "Brest" })),
        409,
        "lead_sold",
      );
      expect((await ask("PUT", `/leads/${sold}`, people.admin.token, { notes: "Vu", score: 99 })).body).toMatchObject({
        score: 99,
      });
    } finally {
      await undoSale(sold, people.acheteur);
    }
  });
});

describe("DELETE /api/leads/:id", () => {
  test("takes the lead out of every list and keeps its row", async () => {
    const lead = await bring();
    const answer = await ask("DELETE", `/leads/${lead.id}`, owner.token);
    expect([answer.status, answer.text]).toEqual([204, ""]);
    expect(await shown(lead.id)).toBeUndefined();
    expect(await db()`select from leads.leads where reference = ${lead.id} and withdrawn_at is not null`).toHaveLength(
      1,
    );
    expectRefusal(await refused(() => ask("DELETE", `/leads/${lead.id}`, owner.token)), 404, "lead_not_found");
    expect((await bring({ email: lead.email })).id).not.toBe(lead.id);
  });

  test("is refused for a lead that is sold, to an admin as well", async () => {
    const [sold] = (await addLeads(own, [{}])) as [string];
    await sell(sold, people.acheteur);
    try {
      for (const { token } of [owner, people.admin]) {
        expectRefusal(await refused(() => ask("DELETE", `/leads/${sold}`, token)), 409, "lead_sold");
      }
    } finally {
      await undoSale(sold, people.acheteur);
    }
  });
});

describe("the proof of consent", () => {
  const consent = {
    ...{
      textVersion: "2026-01",
      url: "https://exemple.test/devis",
      ip: "203.0.113.7",
      givenAt: "2026-01-05T10:00:00Z",
    },
    recipients: ["Leads Provider", "installateurs partenaires"],
  };
  const proof = (id: string, token?: string) => ask("GET", `/leads/${id}/consent`, token);

  test("is shown to the supplier, the admin, and whoever bought the lead", async () => {
    const { id } = await bring({ consent, price: 25 });
    for (const { token } of [owner, people.admin]) expect((await proof(id, token)).body).toEqual(consent);
    for (const { token } of [other, people.acheteur]) {
      expectRefusal(await proof(id, token), 404, "consent_not_found");
    }
    await sell(id, people.acheteur);
    try {
      expect(schemas.consent.parse((await proof(id, people.acheteur.token)).body)).toEqual(consent);
    } finally {
      await undoSale(id, people.acheteur);
    }
  });

  test("is no agent's and nobody else's business", async () => {
    const { id } = await bring({ consent });
    expectRefusal(await proof(id, people.agent.token), 403, "forbidden");
    expectRefusal(await proof(id), 401, "authentication_required");
  });

  test("is 404 where there is none, and can be added", async () => {
    const { id } = await bring();
    expectRefusal(await proof(id, owner.token), 404, "consent_not_found");
    await ask("PUT", `/leads/${id}`, owner.token, { consent });
    expect((await proof(id, owner.token)).body).toEqual(consent);
  });

  test("is refused where it proves nothing", async () => {
    const bad = { textVersion: "", url: "exemple", ip: "300.1.1.1", givenAt: "2126-01-01T00:00:00Z", recipients: [] };
    const answer = await refused(() => ask("POST", "/leads", owner.token, given({ consent: bad })));
    const fields = expectRefusal(answer, 422, "invalid_fields").details as { field: string }[];
    expect(fields.map(({ field }) => field)).toEqual(Object.keys(bad).map((name) => `consent.${name}`));
  });
});

test("the statistics agree with the rows", async () => {
  expect(await db()`select * from leads.verify_rollups()`).toEqual([]);
});

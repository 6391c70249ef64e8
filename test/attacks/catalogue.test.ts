import { randomInt, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rolledBack } from "../../functions/_shared/rolled-back.ts";
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

// The person of these tests, and what was put where everybody reads.
const person = { firstName: "Anne", lastName: "Delorme", email: "annelead75@exemple.test", phone: "+33 6 12 34 56 78" };
const spellings = [
  ...[
    "Mme Delorme",
    "DELORME",
    "Délorme",
    "d e l o r m e",
    "D.E.L.O.R.M.E",
    "D-e-l-o-r-m-e",
    "De l’Orme",
    "Del0rme",
    "De1orme",
  ],
  ...[
    "emroled",
    "MmeDelormeParis",
    "Dе\u200blоrmе",
    "Del\u00adorme",
    "ＤＥＬＯＲＭＥ",
    "𝐃𝐞𝐥𝐨𝐫𝐦𝐞",
    "Ⓓⓔⓛⓞⓡⓜⓔ",
    "D\u202eelorme",
  ],
  ...[
    "06 12 34 56 78",
    "0612345678",
    "+33612345678",
    "06.12.34.56.78",
    "06 12 34 puis 56 78",
    "06 12 (chez elle) 34 56 78",
  ],
  ...[
    "zéro six douze trente-quatre cinquante-six soixante-dix-huit",
    "zero six un deux trois quatre cinq six sept huit",
  ],
  ...[
    "06 douze 34 cinquante-six 78",
    "78 56 34 12 06",
    "8765432160",
    "O6 I2 E4 34 S6 78",
    "０６１２３４５６７８",
    "٠٦١٢٣٤٥٦٧٨",
  ],
  ...["0️⃣6️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣", "⁰⁶¹²³⁴⁵⁶⁷⁸", "06 mois 12 lots 34 places 56 m² 78", "finit par 34 56 78", "06/12/34/56/78"],
  ...[
    "06 un 12 un 34 un 56 un 78",
    "07 98 76 54 32",
    "sept zéro sept quatre-vingt-dix-huit soixante-seize cinquante-quatre",
  ],
  ...[
    "annelead75@exemple.test",
    "anne (at) exemple",
    "anne [at] exemple",
    "anne arobase exemple point fr",
    "anne at exemple.fr",
  ],
  ...[
    "anne＠exemple",
    "annelead 75, chez gmail",
    "voir @annelead",
    "www.chez-anne.fr",
    "chez-anne.fr",
    "https://exemple.test",
  ],
  ...["12 rue des Lilas", "3 bis, chemin du Moulin", "bd Victor Hugo", "avenue Foch"],
  ...[
    "Делорме",
    "Ντελόρμ",
    "דלורם",
    "🅳🅴🅻🅾🆁🅼🅴",
    "🇩🇪🇱🇴🇷🇲🇪",
    "ᎠᎬᏞᏫᎡᎷᎬ",
    "Deꞁorme",
    "D&#101;lorme",
    "%44%65%6c%6f%72%6d%65",
  ],
  ...[
    "douze trentequatre cinquantesix soixantedixhuit",
    "௦௬௧௨௩௪௫௬௭௮",
    "〇六一二三四五六七八",
    "➏➊➋➌➍➎",
    "12, r. des Lilas",
    "wa.me/336",
  ],
];
const harmless = [
  "Cuisine de 12m2, budget 8 000-10 000 €",
  "Travaux prévus en 2026 ou 2027, Budget 10000/15000 euros",
  "La rue est étroite ☀ ✓ — 3½ pièces, l’été",
  "Maison de 120 m², toiture plein sud, budget 15 000 €",
  "Anne est propriétaire depuis 2019, deux étages, trois chambres",
  "À rappeler entre 10 h et 12 h, projet pour le 15/03/2026",
  "Consommation de 12 500 kWh par an, devis à 150 000 euros",
];

describe("the summary, which everybody reads, does not say who the lead is", () => {
  let id: string;

  beforeAll(async () => {
    await removePerson();
    [id] = (await addLeads(supplier, [{ ...person, agent: people.agent }])) as [string];
    await db()`update leads.leads set first_name = ${person.firstName} where reference = ${id}`;
    await db()`update leads.leads set status = 'qualified', qualification_status = 'qualified', agent_id = ${people.agent.id} where reference = ${id}`;
  });
  const removePerson = () =>
    db()`delete from leads.leads where id in (select lead_id from leads.lead_contacts where email = ${person.email})`;
  const problem = [{ field: "summary", code: "contact_in_text" }];

  test.each(spellings)("« %s » is refused", async (said) => {
    const summary = `Projet sérieux. ${said}`;
    const answer = await refused(() => ask("PUT", `/leads/${id}`, owner, { summary }));
    expect(expectRefusal(answer, 422, "invalid_fields").details).toMatchObject(problem);
    const written = db()`update leads.leads set summary = ${summary} where reference = ${id}`;
    await expect(written).rejects.toMatchObject({ code: "PT422", detail: "invalid_fields" });
  });

  test.each(harmless)("« %s » is shown to everybody as the notes", async (summary) => {
    const answer = await ask("PUT", `/leads/${id}`, owner, { summary, notes: `Mme Delorme, ${person.phone}` });
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body).toMatchObject({ notes: `Mme Delorme, ${person.phone}` });
    // An agent has heard the person again.
    await db()`update leads.leads set status = 'qualified', qualification_status = 'qualified', agent_id = ${people.agent.id} where reference = ${id}`;
    for (const reader of [undefined, people.stranger, buyer]) {
      expect(await shownTo(reader, id)).toMatchObject({ lastName: "D.", notes: summary });
    }
    for (const reader of [people.admin, people.agent]) {
      expect(await shownTo(reader, id)).toMatchObject({ lastName: "Delorme", notes: `Mme Delorme, ${person.phone}` });
    }
  });

  test("nor when the lead is made, by its supplier or an admin, or when an agent reports", async () => {
    const lead = { ...person, email: "delorme@exemple.test", phone: null, sector: "Isolation", region: "Bretagne" };
    for (const [who, more] of [
      [owner, {}],
      [people.admin, { fournisseur: supplier.reference }],
    ] as const) {
      const answer = await refused(() =>
        ask("POST", "/leads", who, { ...lead, ...more, summary: "Mme D e l o r m e" }),
      );
      expect(expectRefusal(answer, 422, "invalid_fields").details).toMatchObject(problem);
    }
    const his = await onSale({ lastName: "Delorme", status: "pending", qualificationStatus: "in_progress" });
    const report = { result: "qualified", durationSeconds: 60, summary: "Delorme" };
    const answer = await refused(() => ask("POST", `/leads/${his}/qualify`, people.agent, report));
    expect(expectRefusal(answer, 422, "invalid_fields").details).toMatchObject(problem);
  });

  test("and an agent who was not given the lead does not find out by guessing", async () => {
    const free = await onSale({ lastName: "Delorme", status: "new" });
    await db()`update leads.leads set agent_id = null where reference = ${free}`;
    for (const summary of ["Delorme", "Durand"]) {
      const report = { result: "qualified", durationSeconds: 60, summary };
      const answer = await refused(() => ask("POST", `/leads/${free}/qualify`, people.agent, report));
      expect(expectRefusal(answer, 422, "invalid_fields").details).toMatchObject([
        { field: "summary", code: "not_allowed" },
      ]);
    }
  });

  test("nor a second telephone", async () => {
    const two = await onSale({ lastName: "Delorme", phone: person.phone });
    await db()`update leads.lead_contacts c set phone2 = '+33 1 99 00 44 33' from leads.leads l where l.id = c.lead_id and l.reference = ${two}`;
    const answer = await refused(() =>
      ask("PUT", `/leads/${two}`, owner, { summary: "le 99, ensuite 00, ensuite 44 33" }),
    );
    expect(expectRefusal(answer, 422, "invalid_fields").details).toMatchObject(problem);
  });

  test("nor by a contact that comes after it", async () => {
    const later = await onSale();
    expect((await ask("PUT", `/leads/${later}`, owner, { summary: "Un rocher dans le jardin" })).status).toBe(200);
    const answer = await refused(() => ask("PUT", `/leads/${later}`, owner, { lastName: "Rocher" }));
    expect(expectRefusal(answer, 422, "invalid_fields").details).toMatchObject(problem);
    const written = db()`update leads.lead_contacts c set last_name = 'Rocher' from leads.leads l where l.id = c.lead_id and l.reference = ${later}`;
    await expect(written).rejects.toMatchObject({ code: "PT422" });
    const both = { lastName: "Rocher", summary: "Un jardin" };
    expect((await ask("PUT", `/leads/${later}`, owner, both)).status).toBe(200);
  });
});

describe("every other text that everybody reads is hidden where it names the person, and no lead is refused for it", () => {
  const hides: [string, Record<string, string>][] = [
    ["company", { company: "Delorme SARL" }],
    ["company", { company: "D.E.L.O.R.M.E" }],
    ["company", { company: "Anne 06 12 34 56 78" }],
    ["company", { company: "annelead75" }],
    ["company", { company: "Chez zéro six douze trente-quatre cinquante-six soixante-dix-huit" }],
    ["company", { company: "Atelier du 07 98 76 54 32" }],
    ["city", { city: "12 rue Delorme, Brest" }],
    ["city", { city: "Brest, 0612345678" }],
    ["city", { city: "12 rue des Lilas, 29200 Brest" }],
    ["company", { company: "www.anne-atelier.fr" }],
    ["source", { source: "https://page.test/?email=anne%40exemple.test" }],
    ["source", { source: "Formulaire de annelead75@exemple.test" }],
    ["channel", { channel: "tél +33612345678" }],
    ["firstName", { firstName: "Anne DELORME" }],
    ["firstName", { firstName: "Anne 061234" }],
  ];
  const lead = {
    ...person,
    sector: "Isolation",
    region: "Bretagne",
    company: "Atelier",
    city: "Brest",
    source: "Site",
    channel: "SEO",
  };
  const put = async (change: Record<string, string>) => {
    const answer = await ask("POST", "/leads", owner, {
      ...lead,
      email: `annelead75@${randomUUID()}.test`,
      phone: null,
    });
    expect(answer.status, answer.text).toBe(201);
    const { id } = answer.body as Lead;
    await db()`update leads.lead_contacts c set phone = ${person.phone} from leads.leads l where l.id = c.lead_id and l.reference = ${id}`;
    const changed = await ask("PUT", `/leads/${id}`, owner, change);
    expect(changed.status, changed.text).toBe(200);
    expect(changed.body).toMatchObject(change);
    await db()`update leads.leads set status = 'qualified', qualification_status = 'qualified', qualified_at = now() where reference = ${id}`;
    return id;
  };
  const clean = ({ id }: { id: string }) =>
    db()`update leads.lead_contacts c set phone = null from leads.leads l where l.id = c.lead_id and l.reference = ${id}`;

  test.each(hides)("%s: %j", async (field, change) => {
    const id = await put(change);
    const [value] = Object.values(change) as [string];
    for (const reader of [undefined, people.stranger, buyer]) {
      const shown = await shownTo(reader, id);
      expect(shown).toMatchObject({ ...lead, ...masks, [field]: field === "firstName" ? "A." : null });
      const filter = await askRest(`leads?id=eq.${id}&${field}=eq.${encodeURIComponent(value)}`, {
        token: reader?.token,
      });
      expect(filter.body).toEqual([]);
      const found = await askApi("leads", `/api/leads?search=${encodeURIComponent(value)}`, { token: reader?.token });
      expect((found.body as Lead[]).map((one) => one.id)).not.toContain(id);
    }
    for (const reader of [owner, people.admin]) {
      expect(await shownTo(reader, id)).toMatchObject(change);
      if (field !== "company" && field !== "firstName") continue;
      const found = await askApi("leads", `/api/leads?search=${encodeURIComponent(value)}`, { token: reader.token });
      expect((found.body as Lead[]).map((one) => one.id)).toContain(id);
    }
    await clean({ id });
  });
  const masks = { firstName: "Anne", lastName: "D.", email: "a•••@•••", phone: "+33 6 •• •• •• 78", notes: null };

  test("nor is a name that is cut between two of them, in whichever order", async () => {
    for (const change of [
      { company: "Chez Del", city: "orme Brest" },
      { source: "orme", channel: "Del" },
    ]) {
      const id = await put(change);
      const shown = await shownTo(undefined, id);
      expect(shown).toMatchObject({ firstName: "A.", company: null, city: null, source: null, channel: null });
      await clean({ id });
    }
  });

  test("and the buyer reads it; what he keeps in his books does not name the person", async () => {
    const id = await put({ company: "Delorme SARL" });
    expect((await ask("POST", `/leads/${id}/purchase`, buyer)).body).toMatchObject({
      lead: { company: "Delorme SARL" },
    });
    const books = await db()`select description from leads.transactions where user_id = ${buyer.id}
      union all select description from leads.payments where buyer_id = ${buyer.id}`;
    expect(JSON.stringify(books)).not.toContain("Delorme");
    expect(JSON.stringify(books)).toContain("Achat lead — Isolation");
  });
});

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
    { phone2: "another" },
    { company: "Autre société" },
    { sector: "Mutuelle" },
    { region: "PACA" },
    { city: "Marseille" },
  ].map((change) => [JSON.stringify(change), change] as const);

  // Nobody else's: who is known already is refused as a duplicate.
  const unique = (change: object) => {
    if ("phone2" in change) return { phone2: `+33 6 39 98 ${randomInt(10, 99)} ${randomInt(10, 99)}` };
    return "email" in change && change.email ? { email: `${randomUUID()}@exemple.test` } : change;
  };

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

  test("nor does a supplier reword what buyers choose by, nor say it only when the agent has gone", async () => {
    const promises = [
      ["Projet à étudier", "Budget de 90 000 €, travaux tout de suite"],
      [null, "Signe cette semaine"],
      ["Locataire, sans budget", null],
    ] as const;
    for (const [before, after] of promises) {
      const id = await qualified();
      await db()`update leads.leads set summary = ${before} where reference = ${id}`;
      await db()`update leads.leads set status = 'qualified', qualification_status = 'qualified', qualified_at = now(), agent_id = ${people.agent.id} where reference = ${id}`;
      expect((await shownTo(undefined, id))?.notes).toBe(before);
      expect((await ask("PUT", `/leads/${id}`, owner, { summary: after })).status).toBe(200);
      expect(await stateOf(id)).toEqual(withAgents);
      expectRefusal(await ask("POST", `/leads/${id}/purchase`, buyer), 404, "lead_not_on_sale");
    }
  });

  test("by SQL neither, as files come in; an agent's or an admin's words stay on sale, and so does another spelling", async () => {
    const [bySql, byAdmin, respelt] = [await qualified(), await qualified(), await qualified()];
    await db()`update leads.leads set summary = 'Signe cette semaine' where reference = ${bySql}`;
    expect(await stateOf(bySql)).toEqual(withAgents);
    const summary = "Toiture de 120 m2, étudie des devis";
    expect((await ask("PUT", `/leads/${byAdmin}`, people.admin, { summary })).status).toBe(200);
    expect(await stateOf(byAdmin)).toMatchObject(onSaleAs);
    expect((await ask("PUT", `/leads/${respelt}`, people.admin, { summary })).status).toBe(200);
    expect((await ask("PUT", `/leads/${respelt}`, owner, { summary: `${summary}.` })).status).toBe(200);
    expect(await stateOf(respelt)).toMatchObject(onSaleAs);
    const heard = await qualified();
    await rolledBack(db(), async (sql) => {
      await sql`select set_config('request.jwt.claims', ${JSON.stringify({ sub: people.agent.id })}, true)`;
      await sql`update leads.leads set summary = ${summary} where reference = ${heard}`;
      const [state] = await sql`select status, summary from leads.leads where reference = ${heard}`;
      expect(state).toEqual({ status: "qualified", summary });
    });
  });

  test.each([
    ["王", "李"],
    ["Петров", "Иванов"],
    ["דוד כהן", "משה לוי"],
    ["Anna Петрова", "Anna Иванова"],
  ])("in whatever script: %s is not %s", async (lastName, other) => {
    const id = await onSale({ lastName });
    expect((await ask("PUT", `/leads/${id}`, owner, { lastName: other })).status).toBe(200);
    expect(await stateOf(id)).toEqual(withAgents);
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
    const renamed = await rolledBack(db(), async (sql) => {
      await sql`update leads.sectors set name = 'Isolation thermique' where name = 'Isolation'`;
      return sql`select status, qualification_status, sector from leads.leads where reference = ${id}`;
    });
    expect([...renamed]).toEqual([
      { status: "qualified", qualification_status: "qualified", sector: "Isolation thermique" },
    ]);
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

import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Answer, type Ask, askApi, askRest } from "../http.ts";
import { type Person, signIn, signUp } from "../people.ts";
import { unchanged } from "../unchanged.ts";
import { addLeads, addSupplier, removeSuppliers, type Supplier, sell, undoSale } from "./market.ts";
import type { Lead } from "./seed-files.ts";

// Last name, e-mail, telephone and what notes say of them: shown to who has a right to them, and given away by no road.

/** Letters alone: a name with many digits is refused as a telephone. */
const letters = () =>
  randomBytes(4)
    .toString("hex")
    .replace(/\d/g, (digit) => "ghijklmnop".charAt(Number(digit)));
const mark = `q${letters()}`;

// Four leads on sale. Their masks are the same, the contacts behind them are in another order than the list.
const secrets = ["03", "01", "04", "02"].map((number) => ({
  lastName: `Zq${mark}${number}`,
  email: `zoe.${mark}${number}@secret.test`,
  phone: `+33 6 ${number} 55 55 78`,
  notes: `Rappeler zoe.${mark}${number}@secret.test ou 06 ${number} 55 55 78`,
}));
const [first] = secrets as [(typeof secrets)[number]];
const bought = {
  lastName: `Yvon${letters()}`,
  email: "yvon@bought.test",
  phone: "+33 6 99 11 22 33",
  notes: null,
};

let seller: Person;
let otherSeller: Person;
let buyer: Person;
let otherBuyer: Person;
let agent: Person;
let otherAgent: Person;
let stranger: Person;
let admin: Person;
let supplier: Supplier;
let otherSupplier: Supplier;
let onSale: string[];
let sold: string;
let fresh: string;
let calledBack: string;

beforeAll(async () => {
  [seller, otherSeller, buyer, otherBuyer, agent, otherAgent, stranger, admin] = await Promise.all([
    signUp("leads", "fournisseur"),
    signUp("leads", "fournisseur"),
    signUp("leads", "acheteur"),
    signUp("leads", "acheteur"),
    signUp("leads", "agent"),
    signUp("leads", "agent"),
    signUp("leads"),
    signIn("admin@leads-provider.fr"),
  ]);
  [supplier, otherSupplier] = await Promise.all([addSupplier(seller), addSupplier(otherSeller)]);
  const references = await addLeads(supplier, [
    ...secrets.map((secret) => ({ ...secret, agent })),
    { ...bought, status: "sold", agent },
    { ...first, lastName: `Znew${mark}`, status: "new" },
    { ...first, lastName: `Zback${mark}`, status: "pending", qualificationStatus: "callback", agent },
  ]);
  onSale = references.slice(0, 4);
  [sold, fresh, calledBack] = references.slice(4) as [string, string, string];
  await sell(sold, buyer);
});

afterAll(() => removeSuppliers(supplier, otherSupplier));

/** Those who see the catalogue and have bought none of it. */
const visitors: [string, () => Ask][] = [
  ["anon", () => ({})],
  ["a stranger", () => ({ token: stranger.token })],
  ["a buyer", () => ({ token: buyer.token })],
];

/** What the visitors are answered, one after the other, without changing anything. */
const byVisitors = (ask: (asked: Ask) => Promise<Answer>[]): Promise<Answer[]> =>
  unchanged(() => Promise.all(visitors.flatMap(([, asked]) => ask(asked()))));

const ours = async (asked: Ask): Promise<Lead[]> => {
  const { status, body } = await askApi("leads", `/api/leads?search=${encodeURIComponent(supplier.company)}`, asked);
  expect(status).toBe(200);
  return body as Lead[];
};
const idsOf = (leads: unknown) => (leads as Lead[]).map(({ id }) => id);

/** The answer holds nothing of the contacts on sale, in whatever spelling. */
function expectNoSecret({ text }: Answer): void {
  const plain = decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, "%25"));
  for (const secret of [`${mark}0`, "secret.test", "55 55 78", "555578", "06 03", "6 03"])
    expect(plain).not.toContain(secret);
}

describe("who has no right to a contact reads its masks", () => {
  test.each(visitors)("%s", async (_, asked) => {
    const shown = (await ours(asked())).filter(({ id }) => onSale.includes(id));
    expect(idsOf(shown)).toEqual(onSale);
    for (const { lastName, email, phone, notes } of shown) {
      expect({ lastName, email, phone }).toEqual({ lastName: "Z.", email: "z•••@•••", phone: "+33 6 •• •• •• 78" });
      expect(notes).toBeNull();
    }
  });

  test.each(visitors)("%s, of the document's example", async (_, asked) => {
    const { body } = await askApi("leads", "/api/leads?search=SolarTech", asked());
    expect(body).toMatchObject([{ id: "lead-001", lastName: "D.", email: "j•••@•••", phone: "+33 6 •• •• •• 78" }]);
  });

  test("masks of what is missing are missing too", async () => {
    const [reference] = await addLeads(otherSupplier, [{ email: null, phone: null }]);
    const { body } = await askRest(`leads?id=eq.${reference}`);
    expect(body).toMatchObject([{ email: null, phone: null, notes: null }]);
  });
});

describe("a search finds only what is shown", () => {
  const terms = [
    ["the last name", first.lastName],
    ["a part of the last name", mark],
    ["first and last name", `Zoé ${first.lastName}`],
    ["the e-mail", first.email],
    ["the telephone", first.phone],
    ["digits of it", "5555"],
    ["the notes", "Rappeler"],
    ["a mask", "•••"],
  ] as const;

  test.each(visitors.flatMap(([who, asked]) => terms.map(([what, term]) => [who, what, term, asked] as const)))(
    "%s does not find by %s",
    async (_who, _what, term, asked) => {
      const answer = await searched(term, asked(), "exact");
      expect(answer.body).toEqual([]);
      expect(answer.headers.get("content-range")).toBe("*/0");
    },
  );

  // A guess out of the planner's statistics must not tell a name that is there from one that is not.
  test.each(visitors)("%s learns nothing from an estimate", async (_, asked) => {
    for (const count of ["estimated", "planned"]) {
      const [real, invented] = await Promise.all(
        [first.lastName, "Zq-nobody-0"].map((term) => searched(term, asked(), count)),
      );
      expect(real?.body).toEqual([]);
      expect(real?.headers.get("content-range")).toBe(invented?.headers.get("content-range"));
    }
  });

  const searched = (term: string, asked: Ask, count: string) =>
    askApi("leads", `/api/leads?search=${encodeURIComponent(term)}`, {
      ...asked,
      headers: { Prefer: `count=${count}` },
    });

  test("those who may read it do find it", async () => {
    for (const { token } of [seller, agent, admin]) {
      const { body } = await askApi("leads", `/api/leads?search=${first.lastName}`, { token });
      expect(idsOf(body)).toEqual([onSale[0]]);
    }
  });
});

describe("PostgREST gives nothing away", () => {
  const value = encodeURIComponent;
  const filters = [
    `lastName=eq.${first.lastName}`,
    `lastName=like.*${mark}*`,
    `lastName=ilike.zq*`,
    `lastName=gt.Z.`,
    `lastName=not.eq.Z.`,
    `email=eq.${value(first.email)}`,
    `email=like.*zoe*`,
    `email=in.(${value(`"${first.email}","x"`)})`,
    `email=like.z*.test`,
    `phone=eq.${value(first.phone)}`,
    `phone=like.*55*`,
    `notes=like.*secret*`,
    `or=(${value(`lastName.eq.${first.lastName},email.eq."${first.email}"`)})`,
    `not.and=(${value("lastName.eq.Z.,email.eq.z•••@•••,phone.eq.+33 6 •• •• •• 78")})`,
  ];

  test.each(filters)("by the filter %s", async (filter) => {
    const path = `leads?company=eq.${value(supplier.company)}&status=eq.qualified&${filter}`;
    for (const answer of await byVisitors((asked) => [
      askRest(path, { ...asked, headers: { Prefer: "count=exact" } }),
    ])) {
      expect(answer.status, answer.text).toBe(200);
      expect(answer.body).toEqual([]);
      expect(answer.headers.get("content-range")).toBe("*/0");
    }
  });

  test.each(["lastName", "email", "phone", "notes"] as const)("by the order of %s", async (column) => {
    const query = `leads?company=eq.${value(supplier.company)}&status=eq.qualified&order=${column}.asc,id.desc&select=id`;
    const byId = onSale.toSorted().reverse();
    for (const [, asked] of visitors) expect(idsOf((await askRest(query, asked())).body)).toEqual(byId);
    const byContact = onSale.toSorted((a, b) => secretOf(a, column).localeCompare(secretOf(b, column)));
    expect(byContact).not.toEqual(byId);
    expect(idsOf((await askRest(query, { token: seller.token })).body)).toEqual(byContact);
  });

  const secretOf = (id: string, column: keyof typeof first) => secrets[onSale.indexOf(id)]?.[column] ?? "";

  test.each([
    ["leads?select=*,lead_contacts(*)", 400],
    ["leads?select=*,contact:lead_contacts!inner(email)", 400],
    ["leads?select=*,suppliers(*)", 400],
    ["leads?select=*,admin_gains(*)", 400],
    ["lead_contacts", 404],
    ["sales", 404],
    ["suppliers", 404],
    ["profiles", 404],
    ["memberships", 404],
    ["audit_log", 404],
    ["leads.lead_contacts", 404],
    ["leads?select=last_name", 400],
    ["leads?select=supplier_id", 400],
    ["leads?select=search_text", 400],
    ["leads?select=id,xmin", 400],
    ["leads?lead_id=not.is.null", 400],
    ["leads?order=search_text", 400],
    ["leads?select=email.count()", 400],
    ["leads?select=lastName.max()", 400],
    ["leads?select=lastName::int", 400],
    ["leads?select=email::int", 400],
    ["leads?select=phone::date", 400],
    ["leads?select=notes::json", 400],
  ])("by %s", async (path, status) => {
    for (const answer of await byVisitors((asked) => [askRest(path, asked)])) {
      expect(answer.status, answer.text).toBe(status);
      expectNoSecret(answer);
    }
  });

  test.each(["leads", "platform", "auth", "storage", "extensions", "pg_catalog", "information_schema"])(
    "by the schema %s",
    async (schema) => {
      const answers = await byVisitors((asked) => [
        askRest("lead_contacts", { ...asked, headers: { "Accept-Profile": schema } }),
        askRest("rpc/recount", { ...asked, method: "POST", headers: { "Content-Profile": schema }, body: {} }),
      ]);
      for (const { status } of answers) expect(status).toBe(406);
    },
  );

  test.each([
    "find_leads",
    "policy_predicate",
    "kept",
    "opening",
    "fournisseur_profile",
    "global_stats",
    "has_role",
    "register_member",
    "seed",
    "recount",
    "verify_rollups",
    "mask_email",
    "version",
    "pg_sleep",
  ])("by the function %s", async (name) => {
    const path = `rpc/${name}`;
    const answers = await byVisitors((asked) => [
      askRest(path, asked),
      askRest(path, { ...asked, method: "POST", body: {} }),
    ]);
    for (const { status } of answers) expect(status).toBe(404);
  });

  test("by a query plan", async () => {
    const headers = {
      Accept: 'application/vnd.pgrst.plan+json; for="application/json"; options=analyze|verbose|buffers',
    };
    const answer = await unchanged(() => askRest("leads", { headers }));
    expect(answer.status).toBe(415);
    expectNoSecret(answer);
  });

  test("by its own description: anon is told of the list, of its search, and of that of accounts, which finds him none", async () => {
    const { body } = await askRest("");
    expect(Object.keys((body as { paths: object }).paths).sort()).toEqual([
      "/",
      "/leads",
      "/rpc/leads_search",
      "/rpc/users_search",
    ]);
  });
});

describe("a buyer", () => {
  test("reads the contacts of what he bought, and of nothing else", async () => {
    const shown = await ours({ token: buyer.token });
    expect(idsOf(shown)).toEqual([...onSale, sold]);
    expect(shown.filter(({ lastName }) => lastName !== "Z.")).toMatchObject([{ id: sold, ...bought }]);
  });

  test("finds what he bought by its last name", async () => {
    const { body } = await askApi("leads", `/api/leads?search=${bought.lastName}`, { token: buyer.token });
    expect(idsOf(body)).toEqual([sold]);
    expect((await askApi("leads", `/api/leads?search=${bought.lastName}`)).body).toEqual([]);
  });

  test("reads a contact from the moment he buys the lead, although others may still buy it; others go on reading masks", async () => {
    const reference = onSale[3] as string;
    await sell(reference, otherBuyer);
    onTestFinished(() => undoSale(reference, otherBuyer));
    const readBy = async (asked: Ask) => (await ours(asked)).find(({ id }) => id === reference)?.lastName;
    expect(await readBy({ token: otherBuyer.token })).toBe(secrets[3]?.lastName);
    expect(await readBy({ token: buyer.token })).toBe("Z.");
    expect(await readBy({})).toBe("Z.");
    const search = `/api/leads?search=${secrets[3]?.lastName}`;
    expect(idsOf((await askApi("leads", search, { token: otherBuyer.token })).body)).toEqual([reference]);
    expect((await askApi("leads", search, { token: buyer.token })).body).toEqual([]);
  });

  test("does not see a lead that another buyer has", async () => {
    expect(idsOf(await ours({ token: otherBuyer.token }))).toEqual(onSale);
  });
});

describe("a supplier", () => {
  test("reads his own leads whole, whatever became of them", async () => {
    const shown = await ours({ token: seller.token });
    expect(idsOf(shown)).toEqual([...onSale, sold, fresh, calledBack]);
    expect(shown.map(({ email, phone, notes }) => ({ email, phone, notes }))).toEqual(
      [...secrets, bought, first, first].map(({ email, phone, notes }) => ({ email, phone, notes })),
    );
  });

  test("sees no one else's, not even what everybody sees on sale", async () => {
    const references = await addLeads(otherSupplier, [{ lastName: `Zother${mark}` }, { status: "new" }]);
    for (const asked of [{}, { token: buyer.token }]) {
      expect((await askRest(`leads?id=eq.${references[0]}`, asked)).body).toHaveLength(1);
    }
    for (const path of ["leads", "leads?status=eq.qualified", `rpc/leads_search?search=${mark}`]) {
      const { body } = await askRest(path, { token: otherSeller.token });
      expect(new Set((body as { company: string }[]).map(({ company }) => company))).toEqual(
        new Set([otherSupplier.company]),
      );
    }
    expect((await askRest(`leads?id=eq.${references[0]}`, { token: seller.token })).body).toEqual([]);
  });

  test("without an account as a supplier has no leads", async () => {
    const newcomer = await signUp("leads", "fournisseur");
    expect((await askApi("leads", "/api/leads", { token: newcomer.token })).body).toEqual([]);
  });
});

describe("an agent", () => {
  test("reads the leads that he called whole, and those to be called masked", async () => {
    const shown = await ours({ token: agent.token });
    expect(idsOf(shown)).toEqual([...onSale, sold, fresh, calledBack]);
    expect(shown.filter(({ lastName }) => lastName === "Z.").map(({ id }) => id)).toEqual([fresh]);
  });

  test("sees of another agent's leads those to be called again, masked", async () => {
    const shown = await ours({ token: otherAgent.token });
    expect(idsOf(shown)).toEqual([fresh, calledBack]);
    expect(shown.map(({ lastName }) => lastName)).toEqual(["Z.", "Z."]);
    for (const lead of shown) expect(JSON.stringify(lead)).not.toContain("secret.test");
  });

  test("does not find another agent's leads by name", async () => {
    const { body } = await askApi("leads", `/api/leads?search=${mark}`, { token: otherAgent.token });
    expect(body).toEqual([]);
  });
});

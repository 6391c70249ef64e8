import { beforeAll, describe, expect, test } from "vitest";
import { askApi, askRest } from "../http.ts";
import { signIn } from "../people.ts";
import { unchanged } from "../unchanged.ts";
import { expectRefusal } from "./expectations.ts";
import { type Lead, leadsSeenBy, seed } from "./seed-files.ts";

// GET /api/leads?search=&sector=&region=&minScore=&status= (document, 3.1), asked by the admin, who sees every lead.

let token: string;

beforeAll(async () => {
  token = (await signIn("admin@leads-provider.fr")).token;
});

type Filters = Record<string, string>;

const pathOf = (filters: Filters) => `/api/leads?${new URLSearchParams(filters)}`;

async function found(filters: Filters, asked: { token?: string } = { token }): Promise<Lead[]> {
  const answer = await askApi("leads", pathOf(filters), asked);
  expect(answer.status, answer.text).toBe(200);
  return answer.body as Lead[];
}

const fold = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const searchedText = (lead: Lead) => fold([lead.firstName, lead.lastName, lead.company, lead.sector].join(" | "));
const holding = (leads: Lead[], ...words: string[]) =>
  leads.filter((lead) => words.every((word) => searchedText(lead).includes(fold(word))));

describe("search", () => {
  test.each([
    ["a first name", "Camille", ["lead-002"]],
    ["a last name", "Haddad", ["lead-007"]],
    ["a company", "Hôtel des Pins", ["lead-006"]],
    ["a part of a word", "nauti", ["lead-027"]],
    ["first and last name", "Jean Dupont", ["lead-001"]],
    ["last and first name", "Dupont Jean", ["lead-001"]],
    ["words of several fields", "Le Goff solaire", ["lead-027"]],
    ["words between spaces", "  Fatima   Benali ", ["lead-012"]],
    ["lower case without accents", "helene clinique veterinaire", ["lead-018"]],
    ["upper case", "HÉLÈNE", ["lead-018"]],
    ["accents that the lead has not", "Çamìlle Môreau", ["lead-002"]],
    ["an ampersand", "Vidal & Associés", ["lead-032"]],
  ])("finds %s", async (_, search, ids) => {
    expect((await found({ search })).map(({ id }) => id)).toEqual(ids);
  });

  test.each(["énergie solaire", "ENERGIE", "e", "mutuelle sante"])(
    "finds all of «%s», newest first",
    async (search) => {
      const expected = holding(seed.leads, ...search.split(" "));
      expect(expected.length).toBeGreaterThan(1);
      expect(await found({ search })).toStrictEqual(expected);
    },
  );

  test.each(["%", "_", "\\", "J%n", "*", "Jean Martin", "jean.dupont@example.com", "12 34 56 78", "6kWc", "Paris"])(
    "takes «%s» as it is written, and does not look in other fields",
    async (search) => {
      expect(await found({ search })).toEqual([]);
    },
  );
});

describe("the other filters", () => {
  test.each<[string, Filters, (lead: Lead) => boolean]>([
    ["sector", { sector: "Énergie Solaire" }, ({ sector }) => sector === "Énergie Solaire"],
    ["sector in another spelling", { sector: "energie SOLAIRE" }, ({ sector }) => sector === "Énergie Solaire"],
    ["region", { region: "PACA" }, ({ region }) => region === "PACA"],
    ["region in another spelling", { region: "ile-de-france" }, ({ region }) => region === "Île-de-France"],
    ["minScore", { minScore: "85" }, ({ score }) => score >= 85],
    ["minScore between two scores", { minScore: "86.5" }, ({ score }) => score >= 86.5],
    ["minScore 0", { minScore: "0" }, () => true],
    ["status new", { status: "new" }, ({ status }) => status === "new"],
    ["status qualified", { status: "qualified" }, ({ status }) => status === "qualified"],
    ["status sold", { status: "sold" }, ({ status }) => status === "sold"],
    ["status rejected", { status: "rejected" }, ({ status }) => status === "rejected"],
    ["status pending", { status: "pending" }, ({ status }) => status === "pending"],
    [
      "all of them, combined",
      { search: "a", sector: "Énergie Solaire", region: "PACA", minScore: "83", status: "sold" },
      (lead) =>
        holding([lead], "a").length === 1 &&
        lead.sector === "Énergie Solaire" &&
        lead.region === "PACA" &&
        lead.score >= 83 &&
        lead.status === "sold",
    ],
  ])("%s", async (_, filters, matches) => {
    const expected = seed.leads.filter(matches);
    expect(expected.length).toBeGreaterThan(0);
    expect(await found(filters)).toStrictEqual(expected);
  });

  test.each<[Filters]>([[{ sector: "Plomberie" }], [{ region: "Bavière" }], [{ minScore: "100" }]])(
    "%o finds nothing",
    async (filters) => {
      expect(await found(filters)).toEqual([]);
    },
  );

  test.each(["search", "sector", "region", "minScore", "status", "cursor", "limit"])(
    "an empty %s is no filter",
    async (name) => {
      expect(await found({ [name]: "" })).toStrictEqual(seed.leads);
    },
  );

  test.each(["sector", "region", "minScore", "status"])("%s=all is no filter", async (name) => {
    expect(await found({ [name]: "all" })).toStrictEqual(seed.leads);
  });

  test("all of them together as the front end sends them", async () => {
    const filters = { search: "", sector: "all", region: "all", minScore: "0", status: "all" };
    expect(await found(filters)).toStrictEqual(seed.leads);
  });

  test("what is no parameter is passed over: PostgREST's own filters among it", async () => {
    const filters = { select: "id", order: "score.asc", email: "like.*jean*", status: "qualified", or: "(id.eq.x)" };
    expect(await found(filters)).toStrictEqual(seed.leads.filter(({ status }) => status === "qualified"));
  });

  test("filter what the caller sees, and show him no more", async () => {
    expect(await found({ status: "sold" }, {})).toEqual([]);
    const solar = leadsSeenBy.public.filter(({ sector }) => sector === "Énergie Solaire");
    expect(await found({ sector: "Énergie Solaire" }, {})).toStrictEqual(solar);
  });
});

describe("a bad value is refused with the field's name", () => {
  test.each([
    ["minScore", "abc"],
    ["minScore", "101"],
    ["minScore", "-1"],
    ["minScore", "NaN"],
    ["minScore", "Infinity"],
    ["status", "foo"],
    ["status", "QUALIFIED"],
    ["limit", "0"],
    ["limit", "1001"],
    ["limit", "-1"],
    ["limit", "2.5"],
    ["limit", "all"],
    ["cursor", "unknown"],
    ["cursor", "lead-999"],
    ["cursor", "' or true --"],
    ["search", "x".repeat(201)],
    ["search", "a\0b"],
    ["sector", "x".repeat(101)],
  ])("%s=%s", async (field, value) => {
    const answer = await unchanged(() => askApi("leads", pathOf({ [field]: value }), { token }));
    const { details } = expectRefusal(answer, 400, "invalid_parameter");
    expect(details).toEqual([{ field, code: expect.stringMatching(/^[a-z_]+$/), message: expect.any(String) }]);
    expect((details[0] as { message: string }).message).toMatch(
      /^(Entrée|Option|Trop|Ce curseur|Un caractère|Nombre|Chaîne)/,
    );
  });

  test("all bad fields at once", async () => {
    const answer = await askApi("leads", pathOf({ minScore: "abc", status: "foo", limit: "0" }));
    const { details } = expectRefusal(answer, 400, "invalid_parameter");
    expect((details as { field: string }[]).map(({ field }) => field)).toEqual(["minScore", "status", "limit"]);
  });

  test.each([
    ["min_score=101", "minScore"],
    ["min_score=-1", "minScore"],
    ["status=foo", "status"],
    ["page_size=0", "limit"],
    ["page_size=1001", "limit"],
    ["cursor=unknown", "cursor"],
    [`search=${"x".repeat(201)}`, "search"],
  ])("by PostgREST as well: %s", async (query, field) => {
    const { status, body } = await unchanged(() => askRest(`rpc/leads_search?${query}`, { token }));
    expect({ status, body }).toMatchObject({
      status: 400,
      body: { code: "PT400", details: "invalid_parameter", hint: field },
    });
  });
});

describe("by PostgREST and supabase-js", () => {
  test("a parameter that is null is no filter, and the default page", async () => {
    const body = {
      search: null,
      sector: null,
      region: null,
      min_score: null,
      status: null,
      page_size: null,
      cursor: null,
    };
    const answer = await askRest("rpc/leads_search", { token, method: "POST", body });
    expect(answer.body).toStrictEqual(seed.leads);
  });

  test("the list is filtered and ordered as any table", async () => {
    const query = "leads?sector=eq.Isolation&score=gte.70&order=score.desc,id.asc&select=id,firstName,score";
    const expected = seed.leads
      .filter(({ sector, score }) => sector === "Isolation" && score >= 70)
      .sort((a, b) => b.score - a.score || a.id.localeCompare(b.id))
      .map(({ id, firstName, score }) => ({ id, firstName, score }));
    expect((await askRest(query, { token })).body).toStrictEqual(expected);
  });

  test("the search is a function of the same filters", async () => {
    const { client } = await signIn("admin@leads-provider.fr");
    const { data } = await client.rpc("leads_search", { search: "energie", min_score: 85, status: "sold" });
    expect(data).toStrictEqual(
      seed.leads.filter(
        ({ sector, score, status }) => sector === "Énergie Solaire" && score >= 85 && status === "sold",
      ),
    );
  });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { db, stack } from "../../support/stack.ts";
import { type Answer, askApi, askRest, send } from "../http.ts";
import { type Person, signIn, signUp } from "../people.ts";
import { expectRefusal } from "./expectations.ts";
import { addLeads, addSupplier, removeSuppliers, type Supplier } from "./market.ts";
import { type Lead, seed } from "./seed-files.ts";

// Long lists: pages that follow one another by `Link: rel="next"`, and counts when they are asked for.

let token: string;

beforeAll(async () => {
  token = (await signIn("admin@leads-provider.fr")).token;
});

function next(answer: Answer): string | undefined {
  const link = answer.headers.get("link");
  if (link === null) return undefined;
  const [, url] = /^<(http[^>]+)>; rel="next"$/.exec(link) ?? [];
  expect(url?.startsWith(`${stack.apiUrl}/functions/v1/leads/api/leads?`), link).toBe(true);
  return url;
}

/** All pages from the first one on, by the links alone. `between` is done after each page. */
async function walk(
  path: string,
  asked: { token?: string } = { token },
  between?: () => Promise<unknown>,
): Promise<Lead[][]> {
  const pages: Lead[][] = [];
  let answer = await askApi("leads", path, asked);
  for (;;) {
    expect(answer.status, answer.text).toBe(200);
    pages.push(answer.body as Lead[]);
    const url = next(answer);
    if (url === undefined) return pages;
    await between?.();
    answer = await send(url, asked);
  }
}

describe("the pages of /api/leads", () => {
  test("hold every lead exactly once, in order, and end", async () => {
    const pages = await walk("/api/leads?limit=7");
    expect(pages.map((page) => page.length)).toEqual([7, 7, 7, 7, 7, 7, 7, 1]);
    expect(pages.flat()).toStrictEqual(seed.leads);
  });

  test("keep the filters", async () => {
    const pages = await walk("/api/leads?limit=2&search=solaire&minScore=80&status=sold");
    const expected = seed.leads.filter(
      ({ sector, score, status }) => sector === "Énergie Solaire" && score >= 80 && status === "sold",
    );
    expect(pages.length).toBe(Math.ceil(expected.length / 2));
    expect(pages.flat()).toStrictEqual(expected);
  });

  test("end where the last one is full, without an empty one", async () => {
    expect((await walk("/api/leads?limit=25")).map((page) => page.length)).toEqual([25, 25]);
  });

  test.each(["/api/leads", "/api/leads?limit=50", "/api/leads?search=nobody"])(
    "%s is all, without a link",
    async (path) => {
      expect(await walk(path)).toHaveLength(1);
    },
  );
});

describe("the count, when it is asked for", () => {
  const rangeOf = async (path: string, prefer: string) => {
    const { status, headers } = await askApi("leads", path, { token, headers: { Prefer: prefer } });
    expect(status).toBe(200);
    return headers.get("content-range");
  };

  test.each([
    ["/api/leads", "0-49/50"],
    ["/api/leads?limit=7", "0-6/50"],
    ["/api/leads?status=sold&limit=5", `0-4/${seed.leads.filter(({ status }) => status === "sold").length}`],
    ["/api/leads?search=nobody", "*/0"],
  ])("exactly: %s has %s", async (path, range) => {
    expect(await rangeOf(path, "count=exact")).toBe(range);
  });

  test("exactly, of what the caller sees", async () => {
    const { headers } = await askApi("leads", "/api/leads?limit=1", { headers: { Prefer: "count=exact" } });
    expect(headers.get("content-range")).toBe(
      `0-0/${seed.leads.filter(({ status }) => status === "qualified").length}`,
    );
  });

  test.each(["estimated", "planned"])("%s: never fewer than are shown", async (mode) => {
    const [, shown, total] =
      /^0-(\d+)\/(\d+)$/.exec((await rangeOf("/api/leads?limit=7", `count=${mode}`)) ?? "") ?? [];
    expect(shown).toBe("6");
    expect(Number(total)).toBeGreaterThanOrEqual(7);
  });

  test.each(["estimated", "planned"])("%s: a page is there even where the guess ends before it", async (mode) => {
    // Each condition takes a third of the rows, as the planner sees it; the database keeps them all.
    const all = Array.from({ length: 8 }, (_, at) => `price=gte.${-at}`).join("&");
    const path = `leads?select=id&order=id&${all}&offset=40&limit=5`;
    const { status, body, headers } = await askRest(path, { token, headers: { Prefer: `count=${mode}` } });
    expect([status < 300, (body as unknown[]).length]).toEqual([true, 5]);
    // How far the planner's guess reaches is told by its statistics of the moment: the page is counted in, or nothing is.
    const [, total = ""] = /^40-44\/(\d+|\*)$/.exec(headers.get("content-range") ?? "") ?? [];
    expect(total === "*" || Number(total) >= 45, total).toBe(true);
  });

  test("is not made where nobody asks", async () => {
    const { headers } = await askApi("leads", "/api/leads?limit=7", { token });
    expect(headers.get("content-range")).toBe("0-6/*");
  });

  test("is told by PostgREST too, of the list and of the search", async () => {
    const asked = { token, headers: { Prefer: "count=exact" } };
    expect((await askRest("leads?limit=7&sector=eq.Isolation", asked)).headers.get("content-range")).toMatch(
      /^0-6\/\d+$/,
    );
    expect((await askRest("rpc/leads_search?page_size=7", asked)).headers.get("content-range")).toBe("0-6/50");
  });
});

describe("the other lists", () => {
  test("are cut by limit and offset, and counted", async () => {
    const asked = { token, headers: { Prefer: "count=exact" } };
    const { status, body, headers } = await askApi("leads", "/api/admin/transactions?limit=5&offset=3", asked);
    expect(status).toBe(206);
    expect(body).toStrictEqual(seed.transactions.transactions.slice(3, 8));
    expect(headers.get("content-range")).toBe("3-7/12");
  });

  test.each(["limit=0", "limit=1001", "limit=x", "offset=-1", "offset=x"])("refuse %s", async (query) => {
    const answer = await askApi("leads", `/api/admin/transactions?${query}`, { token });
    const { details } = expectRefusal(answer, 400, "invalid_parameter");
    expect(details).toMatchObject([{ field: query.split("=")[0] }]);
  });

  test("are not filtered from outside", async () => {
    const { body } = await askApi("leads", "/api/admin/transactions?status=eq.pending&select=id", { token });
    expect(body).toStrictEqual(seed.transactions.transactions);
  });
});

describe("with more than a thousand leads", () => {
  const wanted = 1205;
  let seller: Person;
  let supplier: Supplier;
  let references: string[];

  beforeAll(async () => {
    seller = await signUp("leads", "fournisseur");
    supplier = await addSupplier(seller);
    references = await addLeads(
      supplier,
      Array.from({ length: wanted }, () => ({})),
    );
  });

  afterAll(() => removeSuppliers(supplier));

  test("an answer has a thousand, and the next page the others", async () => {
    const pages = await walk("/api/leads", seller);
    expect(pages.map((page) => page.length)).toEqual([1000, wanted - 1000]);
    expect(pages.flat().map(({ id }) => id)).toEqual(references);
  });

  test("the count is of all", async () => {
    const { headers } = await askApi("leads", "/api/leads", {
      token: seller.token,
      headers: { Prefer: "count=exact" },
    });
    expect(headers.get("content-range")).toBe(`0-999/${wanted}`);
  });

  test.each(["leads", "leads?limit=5000", "rpc/leads_search"])("PostgREST's %s stops at a thousand", async (path) => {
    expect((await askRest(path, { token: seller.token })).body).toHaveLength(1000);
  });

  test("a lead that is sold while a visitor looks at it does not stop him, nor move the others", async () => {
    const last = references[249];
    const sellLast = () =>
      db()`update leads.leads set status = 'sold', sold_at = now() where reference = ${last as string}`;
    const path = `/api/leads?limit=250&search=${encodeURIComponent(supplier.company)}`;
    const pages = await walk(path, {}, sellLast);
    expect(pages.flat().map(({ id }) => id)).toEqual(references);
    const again = await walk(path, {});
    expect(again.flat().map(({ id }) => id)).toEqual(references.filter((reference) => reference !== last));
  });
});

import { describe, expect, test } from "vitest";
import { readArguments } from "../../functions/_shared/arguments.ts";
import { Problem } from "../../functions/_shared/problem.ts";
import { routes } from "../../functions/leads/routes.ts";

function argumentsOf(path: string, query: string, pathParameters: Record<string, string> = {}) {
  const route = routes.find((candidate) => candidate.path === path);
  if (!route) throw new Error(`no route ${path}`);
  return Object.fromEntries(readArguments(route, new URLSearchParams(query), pathParameters));
}

function refusalOf(path: string, query: string): Problem {
  try {
    argumentsOf(path, query);
  } catch (error) {
    if (error instanceof Problem) return error;
  }
  throw new Error(`${query} was accepted`);
}

describe("the filters of /api/leads", () => {
  const unfiltered = { page_size: "1000" };

  test("reach SQL under its names", () => {
    const query = "search=Dupont&sector=Isolation&region=PACA&minScore=70&status=qualified&limit=20&cursor=lead-007";
    expect(argumentsOf("/api/leads", query)).toEqual({
      search: "Dupont",
      sector: "Isolation",
      region: "PACA",
      min_score: "70",
      status: "qualified",
      page_size: "20",
      cursor: "lead-007",
    });
  });

  test.each([
    "",
    "search=&sector=&region=&minScore=&status=&limit=&cursor=",
    "sector=all&region=all&minScore=all&status=all",
  ])("«%s» filters nothing", (query) => expect(argumentsOf("/api/leads", query)).toEqual(unfiltered));

  test("the word all is a word to search for", () => {
    expect(argumentsOf("/api/leads", "search=all")).toEqual({ ...unfiltered, search: "all" });
  });

  test("an unknown parameter is passed over and the first of a repeated one counts", () => {
    expect(argumentsOf("/api/leads", "_=1&region=PACA&region=Bretagne")).toEqual({ ...unfiltered, region: "PACA" });
  });

  test.each([
    ["minScore=-1", "minScore"],
    ["minScore=101", "minScore"],
    ["minScore=haut", "minScore"],
    ["minScore=Infinity", "minScore"],
    ["status=perdu", "status"],
    ["status=Qualified", "status"],
    ["limit=0", "limit"],
    ["limit=1001", "limit"],
    ["limit=1.5", "limit"],
    [`search=${"x".repeat(201)}`, "search"],
    ["search=%00", "search"],
    [`cursor=${"x".repeat(101)}`, "cursor"],
  ])("%s is refused by its name", (query, field) => {
    const problem = refusalOf("/api/leads", query);
    expect(problem).toMatchObject({ status: 400, code: "invalid_parameter" });
    expect(problem.details.map((detail) => detail.field)).toEqual([field]);
  });

  test("all bad fields are named at once", () => {
    const { details } = refusalOf("/api/leads", "minScore=x&status=y&limit=z");
    expect(details.map((detail) => detail.field).sort()).toEqual(["limit", "minScore", "status"]);
  });
});

describe("other endpoints", () => {
  test("a list takes a page", () => {
    expect(argumentsOf("/api/admin/transactions", "limit=10&offset=20")).toEqual({ limit: "10", offset: "20" });
    expect(refusalOf("/api/admin/transactions", "offset=-1").details[0]?.field).toBe("offset");
  });

  test("nothing but known parameters reaches PostgREST, whose own filters go by the same road", () => {
    expect(argumentsOf("/api/admin/transactions", "select=*&amount=gt.0&or=(id.eq.1)")).toEqual({});
    expect(argumentsOf("/api/stats/global", "select=*")).toEqual({});
  });

  test("a path parameter wins over a query parameter of its name", () => {
    const path = "/api/admin/audios/:id/recording";
    expect(argumentsOf(path, "id=AUD-002", { id: "AUD-001" })).toEqual({ audio: "AUD-001" });
  });
});

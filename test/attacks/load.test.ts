import { describe, expect, test } from "vitest";
import { type Answer, askApi, askRest } from "../contract/http.ts";
import { db, stack } from "../support/stack.ts";

// What was tried to keep the database busy by single requests that cost their sender nothing: as nobody, and as somebody
// who has just signed up. Each is refused by what it asks, before a row is read, whatever is in the catalogue.

const times = (count: number, each: (i: number) => string, joint = ",") =>
  Array.from({ length: count }, (_, i) => each(i)).join(joint);
const value = encodeURIComponent;

const refused = (answer: Answer, code: string) =>
  expect([answer.status, answer.text]).toEqual([400, expect.stringContaining(code)]);

describe("what is asked of a view", () => {
  test.each([
    ["one column by many names", `select=${times(600, (i) => `a${i}:notes`)}`],
    ["one column by one name", `select=${times(1000, () => "a:id")}`],
    ["as much, and a page deep down", `select=${times(300, (i) => `a${i}:id`)}&offset=9000`],
    ["the same with a count", `select=${times(300, (i) => `a${i}:id`)}&createdAt=gt.2`],
    ["a long chain of conditions", `or=(${times(300, (i) => `id.eq.${i}`)})`],
    ["conditions in one another", `or=(${times(90, (i) => `and(id.neq.${i},city.neq.${i}`, ",")}${")".repeat(91)}`],
    ["many orders", `order=${times(400, () => "notes")}`],
    ["many patterns", times(11, (i) => `notes=ilike.*a*${i}*`, "&")],
    ["many patterns in a chain", `or=(${times(60, (i) => `notes.like.*a*${i}*`)})`],
  ])("not %s", async (_, query) => {
    refused(await askRest(`leads?${query}`), "query_too_large");
  });

  test.each([
    ["a regular expression", `notes=match.${value("((a|e|i|o|u)+.*){8}zq")}`],
    ["one that heeds no case", `notes=imatch.${value("(a+)+$")}`],
    ["one that is denied", `notes=not.match.${value("(a+)+$")}`],
    ["one in a chain", `or=(id.eq.1,notes.match.${value("(a+)+$")})`],
    ["a search in a text without an index", "notes=fts.zzzz"],
    ["one in another language", "notes=wfts(french).zzzz"],
    ["one of phrases", "notes=phfts.zzzz"],
    ["a list of patterns", `company=like(any).{${times(500, (i) => `*a${i}*`)}}`],
    ["a list of patterns, all", `company=ilike(all).{${times(500, (i) => `*a${i}*`)}}`],
    ["a list of regular expressions", `company=match(any).{${times(500, (i) => `a${i}`)}}`],
    ["a list of bounds", `company=gt(all).{${times(500, (i) => `a${i}`)}}`],
  ])("nor %s", async (_, query) => {
    refused(await askRest(`leads?${query}`), "operator_not_allowed");
  });

  test("nor of what a function answers", async () => {
    refused(await askRest(`rpc/leads_search?select=${times(600, (i) => `a${i}:id`)}`), "query_too_large");
    refused(await askRest(`rpc/leads_search?notes=match.${value("(a+)+$")}`), "operator_not_allowed");
    const body = { search: "e" };
    refused(
      await askRest(`rpc/leads_search?select=${times(600, (i) => `a${i}:id`)}`, { method: "POST", body }),
      "query_too_large",
    );
  });

  test.each(["offset=10001", "offset=1000000000", "offset=1&offset=99999", "limit=1&offset=5e9"])(
    "nor a page at %s",
    async (query) => {
      refused(await askRest(`leads?${query}`), "offset_too_large");
      refused(await askRest(`leads?${query}`, { token: stack.publishableKey }), "offset_too_large");
    },
  );

  test("nor a page by its range", async () => {
    refused(await askRest("leads", { headers: { Range: "20000-20010" } }), "offset_too_large");
  });

  test("but what people ask: columns, filters, patterns, pages", async () => {
    const columns =
      "id,firstName,lastName,email,phone,company,sector,region,city,source,channel,score,status,qualificationStatus,createdAt,updatedAt,price,isExclusive,hasAudioRecording,notes";
    const search = `or=(${times(6, (i) => `${columns.split(",")[i]}.ilike.*a*`)})`;
    for (const query of [
      `select=${columns}&sector=eq.Isolation&score=gte.60&price=lt.50&order=score.desc,createdAt.desc&limit=20&offset=40`,
      `select=${columns.split(",").map((name) => `a_${name}:${name}`)}&${search}&isExclusive=is.true&company=neq.x`,
      `id=in.(${times(500, (i) => `lead-${i}`)})`,
      "offset=10000",
    ]) {
      const { status, text } = await askRest(`leads?${query}`);
      expect(status, text).toBe(200);
    }
  });
});

describe("a search", () => {
  test.each([
    ["more than ten words", times(11, (i) => `w${i}`, " "), "10 mots"],
    ["a hundred letters", times(100, (i) => String.fromCharCode(97 + (i % 26)), " "), "10 mots"],
    ["more than 200 characters", "a".repeat(201), "200 caractères"],
  ])("takes not %s, by either road", async (_, search, message) => {
    for (const answer of [
      await askApi("leads", `/api/leads?search=${value(search)}`),
      await askRest(`rpc/leads_search?search=${value(search)}`),
    ]) {
      expect([answer.status, answer.text]).toEqual([400, expect.stringContaining(message)]);
    }
  });

  test.each(["sector", "region"])("takes no %s of thousands of characters", async (field) => {
    const answer = await askRest("rpc/leads_search", { method: "POST", body: { [field]: "é".repeat(100_000) } });
    refused(answer, "invalid_parameter");
  });

  test("takes one word many times for one, and signs of patterns for what they are", async () => {
    expect((await askApi("leads", `/api/leads?search=${value("isolation ".repeat(15))}`)).status).toBe(200);
    expect((await askApi("leads", `/api/leads?search=${value("%%%%_%%% \\\\ * %_%")}`)).body).toEqual([]);
  });
});

describe("a call of a function that there is not, with names that take seconds to compare", () => {
  const call = async (body: string, type: string, path = "rpc/leads_search") => {
    const headers = { apikey: stack.publishableKey, "Content-Type": type };
    const answer = await fetch(`${stack.apiUrl}/rest/v1/${path}`, { method: "POST", headers, body });
    return { status: answer.status, code: ((await answer.json()) as { code: string }).code };
  };
  const many = times(2000, (i) => `a${i}`, " ").split(" ");
  const json = (names: string[]) => JSON.stringify(Object.fromEntries(names.map((name) => [name, 1])));
  const refusal = { status: 400, code: "too_many_parameters" };

  test.each([
    ["many names", json(many)],
    ["a long one", json(["a".repeat(200_000)])],
    ["many in rows", `[${json(many)}]`],
    ["what is no JSON to everybody", json(["a".repeat(9000)]).replace("aaa", "a\na")],
  ])("not %s", async (_, body) => {
    for (const type of ["application/json", "application/json; charset=utf-8"]) {
      expect(await call(body, type)).toEqual(refusal);
    }
  });

  test.each(["application/x-www-form-urlencoded", "text/csv", "text/plain", "application/octet-stream", "text/xml"])(
    "nor as %s",
    async (type) => {
      expect(await call("a".repeat(200_000), type)).toEqual({ status: 415, code: "unsupported_media_type" });
    },
  );

  test("nor in the address, nor at an address that is written otherwise", async () => {
    const answer = await askRest(`rpc/leads_search?${times(900, (i) => `a${i}=1`, "&")}`);
    expect([answer.status, answer.body]).toEqual([400, expect.objectContaining({ code: refusal.code })]);
    for (const path of ["/rpc/leads_search", "rpc//leads_search", "rpc%2Fleads_search"]) {
      expect(await call(json(many), "application/json", path)).toEqual(refusal);
    }
  });

  test.each([
    ["the name of the function", `rpc/${"a".repeat(7800)}`],
    ["its columns", `rpc/leads_search?columns=${"a".repeat(7800)}`],
  ])("nor %s", async (_, path) => {
    expect(await call("{}", "application/json", path)).toEqual(refusal);
    expect((await askRest(path)).status).toBe(400);
  });

  test.each(["(", "%28"])("nor brackets in brackets, thousands of them: %s", async (bracket) => {
    const deep = 2500 / bracket.length;
    refused(
      await askRest(`leads?select=${times(deep, () => `a${bracket}`, "")}id${")".repeat(deep)}`),
      "query_too_large",
    );
  });

  test("nor more than two million bytes of arguments", async () => {
    expect(await call(JSON.stringify({ search: "a".repeat(2_100_000) }), "application/json")).toEqual({
      status: 413,
      code: "body_too_large",
    });
  });
});

describe("whatever else takes long", () => {
  test("is ended for who is not signed in after two seconds, for others after eight", async () => {
    const [row] = await db()`select
      (select rolconfig from pg_roles where rolname = 'anon') @> '{statement_timeout=2s}' as anon,
      (select rolconfig from pg_roles where rolname = 'authenticated') @> '{statement_timeout=8s}' as others`;
    expect(row).toEqual({ anon: true, others: true });
  });

  test("an address of more than 8 KB reaches no service", async () => {
    for (const path of [
      "rest/v1/leads?select=",
      "functions/v1/leads/api/leads?search=",
      "auth/v1/user?x=",
      "storage/v1/bucket?x=",
    ]) {
      const answer = await fetch(`${stack.apiUrl}/${path}${"x".repeat(9000)}`, {
        headers: { apikey: stack.publishableKey },
      });
      expect(answer.status).toBe(414);
    }
  });
});

describe("a stranger who asks how it goes", () => {
  test.each(["health", "functions/v1/leads/api/health", "auth/v1/health", "storage/v1/status", "rest/v1/", "nothing"])(
    "%s says nothing of processes and paths",
    async (path) => {
      const answer = await fetch(`${stack.apiUrl}/${path}`, { headers: { apikey: stack.publishableKey } });
      const text = await answer.text();
      expect(text).not.toContain(stack.dataDir);
      expect(text).not.toMatch(/"pid"|\/tmp\/|\/shm\/|node_modules|localhost:|postgres(ql)?:\/\//);
    },
  );
});

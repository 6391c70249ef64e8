import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { Problem } from "../../functions/_shared/problem.ts";
import { type Route, rpc, write } from "../../functions/_shared/route.ts";
import { createApp } from "../../functions/_shared/router.ts";
import type { System } from "../../functions/_shared/system.ts";
import { leads } from "../../functions/leads/app.ts";

const common = { roles: [], section: "", summary: "", response: z.any() };
const id = z.object({ id: z.string().max(20) });
const body = z.strictObject({ city: z.string().max(10), price: z.number().optional() });

const routes: Route[] = [
  { ...common, method: "POST", path: "/api/things", object: write("thing_create"), body, status: 201 },
  {
    ...{
      ...common,
      method: "PUT",
      path: "/api/things/:id",
      object: write("thing_update"),
      input: id,
      body,
      bodyArgument: "thing",
    },
    ...{ sqlNames: { id: "thing_id" }, headers: { "If-Match": "if_match" } },
  },
  { ...common, method: "DELETE", path: "/api/things/:id", object: write("thing_delete"), input: id, status: 204 },
  { ...common, method: "GET", path: "/api/next", object: write("thing_next") },
  { ...common, method: "GET", path: "/api/things", object: rpc("things") },
  {
    ...{
      ...common,
      method: "POST",
      path: "/api/things/:id/ring",
      input: id,
      body: z.strictObject({ loud: z.boolean().optional() }),
    },
    handle: async (call) => {
      if (call.params.id === "mute") throw new Problem(409, "mute", "Muet.");
      return Response.json({ ...call.params, ...call.body, method: call.request.method }, { status: 202 });
    },
  },
];
const system: System = { schema: "public", slug: "test", title: "", description: "", routes, errors: leads.errors };
const app = createApp(system);

const fetched = vi.fn<typeof fetch>();

beforeEach(() => {
  vi.stubGlobal("fetch", fetched);
  vi.stubEnv("SUPABASE_URL", "http://127.0.0.1:1");
  vi.stubEnv("SUPABASE_ANON_KEY", "sb_publishable_test");
  fetched.mockReset();
  fetched.mockImplementation(async () => Response.json({ id: "1" }, { headers: { ETag: '"v1"' } }));
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const json = { "Content-Type": "application/json" };
const request = (method: string, path: string, given?: unknown, headers: Record<string, string> = json) =>
  app.request(`http://function/test${path}`, {
    method,
    headers,
    ...(given === undefined ? {} : { body: typeof given === "string" ? given : JSON.stringify(given) }),
  });

function sent(): { url: string; init: RequestInit; args: unknown } {
  const [url, init = {}] = fetched.mock.calls[0] ?? [];
  return { url: String(url), init, args: JSON.parse(String(init.body)) };
}

describe("a write", () => {
  test("goes to its function by POST, its fields as arguments", async () => {
    const headers = { ...json, Authorization: "Bearer a.b.c" };
    const response = await request("POST", "/api/things", { city: "Brest", price: 2.5 }, headers);
    expect(response.status).toBe(201);
    expect(response.headers.get("etag")).toBe('"v1"');
    expect(sent()).toMatchObject({
      url: "http://127.0.0.1:1/rest/v1/rpc/thing_create",
      args: { city: "Brest", price: 2.5 },
    });
    expect(sent().init).toMatchObject({ method: "POST", headers: { ...headers, apikey: "sb_publishable_test" } });
  });

  test("hands on path, headers and the body as one, by their SQL names", async () => {
    const response = await request("PUT", "/api/things/t-1", { city: "Brest" }, { ...json, "If-Match": '"v1"' });
    expect(response.status).toBe(200);
    expect(sent().args).toEqual({ thing: { city: "Brest" }, thing_id: "t-1", if_match: '"v1"' });
  });

  test("that answers nothing is 204", async () => {
    fetched.mockImplementation(async () => new Response("null", { status: 200 }));
    const response = await request("DELETE", "/api/things/t-1");
    expect([response.status, await response.text()]).toEqual([204, ""]);
  });

  test("has another status where the function says so, with its reason", async () => {
    fetched.mockImplementation(async () => new Response(null, { status: 204, headers: { "X-Reason": "queue_empty" } }));
    const response = await request("GET", "/api/next");
    expect([response.status, response.headers.get("x-reason")]).toEqual([204, "queue_empty"]);
    expect(sent().init.method).toBe("POST");
  });

  test("that lost against another is done again, and given up in the end", async () => {
    const lost = () => Response.json({ code: "40P01", message: "deadlock detected" }, { status: 500 });
    fetched.mockImplementationOnce(async () => lost());
    expect((await request("POST", "/api/things", { city: "Brest" })).status).toBe(201);
    expect(fetched).toHaveBeenCalledTimes(2);
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    fetched.mockImplementation(async () => lost());
    const response = await request("POST", "/api/things", { city: "Brest" });
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "2"]);
    expect(fetched).toHaveBeenCalledTimes(6);
  });

  test("is not kept by a cache", async () => {
    expect((await request("GET", "/api/next")).headers.get("cache-control")).toBe("no-store");
  });

  test("is not done by HEAD", async () => {
    expect((await request("HEAD", "/api/next")).status).toBe(405);
    expect(fetched).not.toHaveBeenCalled();
  });

  test.each([409, 412, 422])("that the database refuses with %i is refused with it", async (status) => {
    const error = { code: `PT${status}`, message: "Non.", details: "no", hint: "Recommencez." };
    fetched.mockImplementation(async () => Response.json(error, { status }));
    const response = await request("POST", "/api/things", { city: "Brest" });
    expect([response.status, await response.json()]).toEqual([
      status,
      { code: "no", message: "Non.", details: [], hint: "Recommencez." },
    ]);
  });

  test("whose fields the database refuses names them", async () => {
    const details = [{ field: "city", code: "unknown", message: "Ville inconnue." }];
    const error = { code: "PT422", message: "Non.", details: "invalid_fields", hint: JSON.stringify(details) };
    fetched.mockImplementation(async () => Response.json(error, { status: 422 }));
    expect(await (await request("POST", "/api/things", { city: "?" })).json()).toEqual({
      code: "invalid_fields",
      message: "Non.",
      details,
    });
  });
});

describe("a body", () => {
  const refusal = async (response: Response) => ({
    status: response.status,
    ...((await response.json()) as { code: string; details: unknown[] }),
  });

  afterEach(() => expect(fetched).not.toHaveBeenCalled());

  test("of another shape is refused, field by field, in French", async () => {
    const { status, code, details } = await refusal(
      await request("POST", "/api/things", { city: "une ville trop longue", price: "2", owner: 1 }),
    );
    expect([status, code]).toEqual([400, "invalid_body"]);
    expect(details).toEqual([
      { field: "city", code: "too_big", message: expect.stringMatching(/caractères/) },
      { field: "price", code: "invalid_type", message: expect.stringMatching(/nombre/) },
      { field: "owner", code: "unknown_field", message: "Ce champ n'existe pas." },
    ]);
  });

  test.each([
    ["no JSON", "{city", json, 400, "invalid_body"],
    ["a list", "[]", json, 400, "invalid_body"],
    ["missing", undefined, json, 400, "invalid_body"],
    ["a form", "city=Brest", { "Content-Type": "application/x-www-form-urlencoded" }, 415, "unsupported_media_type"],
    ["of no type", '{"city":"Brest"}', {}, 415, "unsupported_media_type"],
    ["too long", JSON.stringify({ city: "x".repeat(1_100_000) }), json, 413, "body_too_large"],
  ] as const)("that is %s is refused", async (_, given, headers, status, code) => {
    expect(await refusal(await request("POST", "/api/things", given, headers))).toMatchObject({ status, code });
  });

  test("that never ends is refused, after as much of it as lets an honest caller hear the answer", async () => {
    let pulled = 0;
    const endless = new ReadableStream({
      pull: (to) => {
        pulled += 1;
        to.enqueue(new Uint8Array(100_000));
      },
    });
    const init = { method: "POST", headers: json, body: endless, duplex: "half" } as RequestInit;
    expect((await app.request("http://function/test/api/things", init)).status).toBe(413);
    expect(pulled).toBeLessThan(100);
  });

  test("may say its character set or its kind of JSON", async () => {
    for (const type of ["application/json; charset=utf-8", "application/merge-patch+json"]) {
      const response = await request("POST", "/api/things/t/ring", { loud: true }, { "Content-Type": type });
      expect(response.status).toBe(202);
    }
  });
});

describe("a handler", () => {
  test("is given what was asked, and answers as it likes", async () => {
    const response = await request("POST", "/api/things/t-1/ring", { loud: true });
    expect([response.status, await response.json()]).toEqual([202, { id: "t-1", loud: true, method: "POST" }]);
    expect((await request("POST", "/api/things/t-1/ring")).status).toBe(202);
    expect((await request("POST", "/api/things/t-1/ring", { wrong: 1 })).status).toBe(400);
  });

  test("refuses in the system's envelope", async () => {
    const response = await request("POST", "/api/things/mute/ring");
    expect([response.status, await response.json()]).toEqual([409, { code: "mute", message: "Muet.", details: [] }]);
  });
});

test("every body in the route table is strict, so that no field is passed over", () => {
  for (const { method, path, body: shape } of leads.routes) {
    if (shape)
      expect(
        shape.safeParse({ "no such field": 1 }).error?.issues.map(({ code }) => code),
        `${method} ${path}`,
      ).toContain("unrecognized_keys");
  }
});

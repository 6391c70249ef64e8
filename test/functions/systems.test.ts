import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { pageInput } from "../../functions/_shared/paging.ts";
import { Problem } from "../../functions/_shared/problem.ts";
import { type Route, rpc, view, write } from "../../functions/_shared/route.ts";
import { createApp } from "../../functions/_shared/router.ts";
import type { System } from "../../functions/_shared/system.ts";

const fetched = vi.fn<typeof fetch>();

beforeEach(() => {
  vi.stubGlobal("fetch", fetched);
  vi.stubEnv("SUPABASE_URL", "http://127.0.0.1:1");
  vi.stubEnv("SUPABASE_ANON_KEY", "sb_publishable_test");
  fetched.mockReset();
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

const words = { roles: [], section: "1", summary: "", response: z.unknown() };
const input = pageInput({ limit: 20, most: 100 });

const routes: Route[] = [
  { ...words, method: "GET", path: "/things", object: view("things"), input, message: "Voici" },
  { ...words, method: "POST", path: "/things", object: write("add"), status: 201, message: "Ajouté" },
  { ...words, method: "POST", path: "/nothing", object: write("forget"), message: "Oublié" },
  { ...words, method: "GET", path: "/own", handle: async () => Response.json({ own: true }) },
  {
    ...words,
    method: "GET",
    path: "/file",
    mediaType: "text/csv",
    handle: async () => new Response("a,b", { headers: { "Content-Type": "text/csv" } }),
  },
  { ...words, method: "GET", path: "/refused", handle: () => Promise.reject(new Problem(409, "taken", "C'est pris.")) },
  { ...words, method: "GET", path: "/figure", object: rpc("figure") },
];

const system: System = {
  slug: "kiosk",
  title: "Kiosque",
  description: "",
  schema: "kiosk_api",
  routes,
  health: "/health",
  errors: { body: ({ code }, { path, requestId }) => ({ success: false, code, path, requestId }), schema: z.unknown() },
  envelope: {
    wrap: ({ route, page }) => ({
      head: `{"success":true,"message":${JSON.stringify(route.message ?? "")},"data":`,
      tail: `${page ? `,"meta":${JSON.stringify(page)}` : ""}}`,
    }),
    schema: (data) => z.strictObject({ success: z.literal(true), message: z.string(), data }),
  },
};

const ask = (path: string, init?: RequestInit) => createApp(system).request(`http://function/kiosk${path}`, init);
const answered = (body: string, init?: ResponseInit) =>
  fetched.mockImplementationOnce(
    async () => new Response(body, { ...init, headers: { "Content-Type": "application/json", ...init?.headers } }),
  );

describe("a system with an envelope", () => {
  test("has it around what the database answers, and asks in its own schema", async () => {
    answered("[1,2]", { headers: { "Content-Range": "20-21/42" } });
    const answer = await ask("/things?page=2");
    expect(await answer.json()).toEqual({
      success: true,
      message: "Voici",
      data: [1, 2],
      meta: { page: 2, limit: 20, total: 42 },
    });
    const [url, init] = fetched.mock.calls[0] ?? [];
    expect(String(url)).toBe("http://127.0.0.1:1/rest/v1/things?limit=20&offset=20");
    expect(init?.headers).toMatchObject({
      "Accept-Profile": "kiosk_api",
      "Content-Profile": "kiosk_api",
      prefer: "count=exact",
    });
  });

  test("answers 200 for a page whatever part of the list it is, and an empty one beyond the last row", async () => {
    answered("[1]", { status: 206, headers: { "Content-Range": "0-0/9" } });
    expect((await ask("/things?limit=1")).status).toBe(200);
    answered('{"code":"PGRST103"}', { status: 416 });
    answered("[]", { headers: { "Content-Range": "*/9" } });
    const beyond = await ask("/things?page=7");
    expect([beyond.status, await beyond.json()]).toMatchObject([
      200,
      { data: [], meta: { page: 7, limit: 20, total: 9 } },
    ]);
  });

  test.each([
    ["limit=500", { limit: 100 }],
    ["_t=1", { limit: 20 }],
  ])("takes ?%s", async (query, meta) => {
    answered("[]", { headers: { "Content-Range": "*/0" } });
    expect(await (await ask(`/things?${query}`)).json()).toMatchObject({ meta });
  });

  test.each(["page=0", "page=x", "limit=0"])("refuses ?%s", async (query) => {
    expect((await ask(`/things?${query}`)).status).toBe(400);
    expect(fetched).not.toHaveBeenCalled();
  });

  test("says null where the database says nothing, with the route's status", async () => {
    fetched.mockImplementation(async () => new Response(null, { status: 204 }));
    for (const [path, status, message] of [
      ["/nothing", 200, "Oublié"],
      ["/things", 201, "Ajouté"],
    ] as const) {
      const answer = await ask(path, { method: "POST" });
      expect([answer.status, await answer.json()]).toEqual([status, { success: true, message, data: null }]);
    }
  });

  test("has it around what a handler answers and its health, and around no file", async () => {
    expect(await (await ask("/own")).json()).toEqual({ success: true, message: "", data: { own: true } });
    expect(await (await ask("/health")).json()).toEqual({
      success: true,
      message: "",
      data: { status: "ok", system: "kiosk" },
    });
    expect(await (await ask("/file")).text()).toBe("a,b");
  });

  test("refuses in its own words, which know the request", async () => {
    const answer = await ask("/refused", { headers: { "X-Request-Id": "r-1" } });
    expect([answer.status, await answer.json()]).toEqual([
      409,
      { success: false, code: "taken", path: "/refused", requestId: "r-1" },
    ]);
  });

  test("has it in its reference", async () => {
    const document = (await (
      await createApp({ ...system, health: "/health" }).request("http://function/kiosk/api/openapi.json")
    ).json()) as {
      paths: Record<
        string,
        { get: { responses: Record<string, { content: Record<string, { schema: { properties: object } }> }> } }
      >;
    };
    const shape = document.paths["/figure"]?.get.responses["200"]?.content["application/json"]?.schema;
    expect(Object.keys(shape?.properties ?? {})).toEqual(["success", "message", "data"]);
  });
});

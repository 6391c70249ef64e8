import { describe, expect, test } from "vitest";
import { routes } from "../../../functions/leads/routes.ts";
import { stack } from "../../support/stack.ts";
import { type Answer, askApi, askRest, send } from "../http.ts";
import { unchanged } from "../unchanged.ts";
import { expectRefusal } from "./expectations.ts";

// What every endpoint has of HTTP, whatever it answers.

const page = { Origin: "https://front.example" };
const paths = [...new Set(routes.map(({ path }) => path))];
const concrete = (path: string) => path.replace(":id", "AUD-001");

describe("an address that does not exist", () => {
  test.each([
    "/api/nothing",
    "/api",
    "/",
    "/api/leads/",
    "/api/stats",
    "/api/leads/lead-001/x",
    "/api/admin",
    "/leads",
    "/API/LEADS",
  ])("%s", async (path) => {
    const answer = await unchanged(() => askApi("leads", path));
    // A slash too many at the end is forgiven.
    if (path === "/api/leads/") expect(answer.status).toBe(200);
    else expectRefusal(answer, 404, "not_found");
  });

  test("of another function", async () => {
    expect((await send(`${stack.apiUrl}/functions/v1/nothing/api/leads`)).status).toBe(404);
  });
});

describe.each(paths)("%s", (path) => {
  const known = routes.filter((route) => route.path === path).map(({ method }): string => method);

  test("refuses other methods, and says which it takes", async () => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE"].filter((name) => !known.includes(name))) {
      const answer = await unchanged(() => askApi("leads", concrete(path), { method, body: {} }));
      expectRefusal(answer, 405, "method_not_allowed");
      const read = known.includes("GET") ? ["HEAD"] : [];
      expect(answer.headers.get("allow")?.split(", ").sort()).toEqual([...known, ...read, "OPTIONS"].sort());
    }
  });

  // A reading that reserves something must not be done by HEAD.
  const writes = routes.some(
    (route) => route.path === path && route.method === "GET" && route.object?.kind === "write",
  );

  test.skipIf(writes)("answers HEAD with the head of GET", async () => {
    const [get, head] = await Promise.all([
      askApi("leads", concrete(path)),
      askApi("leads", concrete(path), { method: "HEAD" }),
    ]);
    expect(head.status).toBe(get.status);
    expect(head.headers.get("content-type")).toBe(get.headers.get("content-type"));
    expect(head.text).toBe("");
  });

  test("lets any page ask beforehand, and read the answer and the refusal", async () => {
    const preflight = await askApi("leads", concrete(path), {
      method: "OPTIONS",
      headers: {
        ...page,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization,apikey,prefer,x-client-info",
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
    expect(preflight.headers.get("access-control-allow-methods")?.split(",")).toContain("GET");
    const allowed = preflight.headers.get("access-control-allow-headers")?.toLowerCase().split(/, ?/);
    expect(allowed).toEqual(expect.arrayContaining(["authorization", "apikey", "prefer", "x-client-info"]));
    expectReadable(await askApi("leads", concrete(path), { headers: page }));
  });
});

function expectReadable({ headers }: Answer): void {
  expect(headers.get("access-control-allow-origin")).toBe("*");
  const exposed = headers.get("access-control-expose-headers")?.toLowerCase().split(/, ?/);
  expect(exposed).toEqual(expect.arrayContaining(["content-range", "link", "x-request-id"]));
}

describe("CORS", () => {
  test("is on every refusal", async () => {
    for (const path of ["/api/nothing", "/api/leads?limit=0", "/api/stats/global"]) {
      expectReadable(await askApi("leads", path, { headers: page }));
    }
    expectReadable(await askApi("leads", "/api/leads", { headers: page, token: "garbage" }));
    expectReadable(await askApi("leads", "/api/leads", { headers: page, method: "DELETE" }));
  });

  test("is PostgREST's as well", async () => {
    const preflight = await send(`${stack.apiUrl}/rest/v1/leads`, {
      method: "OPTIONS",
      headers: { ...page, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "apikey,prefer" },
    });
    expect(preflight.status).toBeLessThan(300);
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
    expectReadable(await askRest("leads", { headers: page }));
  });
});

describe("X-Request-Id", () => {
  const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

  test("is on answers and refusals, another one each time", async () => {
    const answers = await Promise.all(
      ["/api/leads?limit=1", "/api/leads?limit=1", "/api/nothing", "/api/stats/global"].map((path) =>
        askApi("leads", path),
      ),
    );
    const ids = answers.map(({ headers }) => headers.get("x-request-id") ?? "");
    for (const id of ids) expect(id).toMatch(uuid);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("is the caller's own where he sends one that can be written down", async () => {
    const sent = async (id: string) =>
      (await askApi("leads", "/api/leads?limit=1", { headers: { "X-Request-Id": id } })).headers.get("x-request-id");
    expect(await sent("front-42")).toBe("front-42");
    expect(await sent("<script>alert(1)</script>")).toMatch(uuid);
    expect(await sent("x".repeat(500))).toMatch(uuid);
  });
});

describe("Prefer", () => {
  const asked = (prefer: string) => askApi("leads", "/api/leads?limit=1", { headers: { Prefer: prefer } });

  test("is passed over where it is not known, as HTTP wants it", async () => {
    expect((await asked("respond-async, nonsense=1")).status).toBe(200);
  });

  test("is refused where it is not known and the caller is strict", async () => {
    const { details } = expectRefusal(await asked("handling=strict, nonsense=1"), 400, "invalid_parameter");
    expect(details).toMatchObject([{ field: "Prefer" }]);
  });
});

describe("an address that is written badly", () => {
  test.each([
    "/api/%zz",
    "/api/admin/audios/%00/recording",
    "/api/admin/audios/%zz/recording",
    "//api/leads",
    "/api/leads%2f",
  ])("%s is refused like any other", async (path) => {
    const { status, body } = await unchanged(() => askApi("leads", path));
    expect([400, 401, 404]).toContain(status);
    expect(body).toMatchObject({ code: expect.any(String), message: expect.any(String), details: expect.any(Array) });
  });
});

describe("answers", () => {
  test("are JSON in UTF-8", async () => {
    const { headers } = await askApi("leads", "/api/leads?limit=1");
    expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
  });

  test("say nothing of what they come from", async () => {
    for (const path of ["/api/leads?limit=1", "/api/stats/global", "/api/nothing"]) {
      const { headers, text } = await askApi("leads", path);
      expect(headers.get("server")).toBeNull();
      expect(text).not.toMatch(/postgrest|PGRST|permission denied|SQLSTATE/i);
    }
  });

  test("do not take a filter of PostgREST from the address", async () => {
    const { body } = await askApi("leads", "/api/leads?id=eq.lead-001&limit=2");
    expect(body).toHaveLength(2);
  });

  test("the function says that it is well", async () => {
    expect((await askApi("leads", "/api/health")).body).toEqual({ status: "ok", system: "leads" });
  });
});

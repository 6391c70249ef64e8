import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { app } from "../../functions/leads/app.ts";

const fetched = vi.fn<typeof fetch>();

beforeEach(() => {
  vi.stubGlobal("fetch", fetched);
  vi.stubEnv("SUPABASE_URL", "http://127.0.0.1:1");
  vi.stubEnv("SUPABASE_ANON_KEY", "sb_publishable_test");
  fetched.mockReset();
  fetched.mockImplementation(async () => Response.json([]));
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const request = (path: string, init?: RequestInit) => app.request(`http://function/leads${path}`, init);

function sent(): { url: string; headers: Record<string, string> } {
  const [url, init] = fetched.mock.calls[0] ?? [];
  return { url: String(url), headers: init?.headers as Record<string, string> };
}

describe("the call to PostgREST", () => {
  test("goes to the route's SQL object", async () => {
    await request("/api/leads?sector=Isolation&minScore=70");
    expect(sent().url).toBe("http://127.0.0.1:1/rest/v1/rpc/leads_search?sector=Isolation&min_score=70&page_size=1000");
    fetched.mockClear();
    await request("/api/admin/gains");
    expect(sent().url).toBe("http://127.0.0.1:1/rest/v1/admin_gains");
  });

  test("carries the caller's own token", async () => {
    await request("/api/leads", { headers: { Authorization: "Bearer a.b.c", apikey: "sb_secret_of_somebody" } });
    expect(sent().headers).toMatchObject({ Authorization: "Bearer a.b.c", apikey: "sb_publishable_test" });
  });

  test.each([undefined, "Bearer sb_publishable_test", "Bearer sb_secret_of_somebody"])(
    "is anonymous with «%s» for a token",
    async (value) => {
      await request("/api/leads", value ? { headers: { Authorization: value } } : {});
      expect(sent().headers).not.toHaveProperty("Authorization");
    },
  );

  test("carries no header on that PostgREST could not read", async () => {
    await request("/api/leads", { headers: { Prefer: "é", "X-Request-Id": "ÿ" } });
    expect(sent().headers).not.toHaveProperty("prefer");
    expect(sent().headers).not.toHaveProperty("x-request-id");
    fetched.mockClear();
    const answer = await request("/api/leads", { headers: { Authorization: "Bearer é" } });
    expect([answer.status, await answer.json()]).toMatchObject([401, { code: "invalid_token" }]);
    expect(fetched).not.toHaveBeenCalled();
  });

  test("is by POST where an argument looks like a filter of PostgREST's", async () => {
    await request("/api/leads?search=eq.1");
    const [url, init] = fetched.mock.calls[0] ?? [];
    expect([url, init?.method, JSON.parse(String(init?.body))]).toEqual([
      "http://127.0.0.1:1/rest/v1/rpc/leads_search",
      "POST",
      { search: "eq.1", page_size: "1000" },
    ]);
  });

  test("asks for a count where the caller does, and for nothing that would change the call", async () => {
    await request("/api/leads", { headers: { Prefer: "params=single-object, count=exact, tx=rollback" } });
    expect(sent().headers.prefer?.trim()).toBe("count=exact");
  });

  test("takes the publishable key by its newer name as well", async () => {
    vi.stubEnv("SUPABASE_PUBLISHABLE_KEYS", '{"default":"sb_publishable_named"}');
    await request("/api/leads");
    expect(sent().headers.apikey).toBe("sb_publishable_named");
  });
});

describe("the answer", () => {
  test("is PostgREST's, byte for byte, with its count", async () => {
    const headers = {
      "Content-Type": "application/json; charset=utf-8",
      "Content-Range": "0-0/50",
      Server: "postgrest",
    };
    fetched.mockResolvedValue(new Response('[{"id": 1}]', { status: 206, headers }));
    const response = await request("/api/leads", { headers: { Prefer: "count=exact" } });
    expect(sent().headers.prefer).toBe("count=exact");
    expect(response.status).toBe(206);
    expect(await response.text()).toBe('[{"id": 1}]');
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(response.headers.get("content-range")).toBe("0-0/50");
    expect(response.headers.get("server")).toBeNull();
  });

  test("links to the next page by the address that the caller used", async () => {
    fetched.mockResolvedValue(Response.json([], { headers: { "X-Next-Cursor": "lead-010" } }));
    const headers = { "X-Forwarded-Host": "localhost:54321", "X-Forwarded-Proto": "http" };
    const response = await request("/api/leads?region=PACA&cursor=lead-020", { headers });
    const next = "http://localhost:54321/functions/v1/leads/api/leads?region=PACA&cursor=lead-010";
    expect(response.headers.get("link")).toBe(`<${next}>; rel="next"`);
    expect(response.headers.get("x-next-cursor")).toBeNull();
  });

  test("links below a hosted project's own address, whatever host is forwarded", async () => {
    vi.stubEnv("SUPABASE_URL", "https://example.supabase.co");
    fetched.mockResolvedValue(Response.json([], { headers: { "X-Next-Cursor": "lead-010" } }));
    const response = await request("/api/leads", { headers: { "X-Forwarded-Host": "elsewhere.example" } });
    expect(response.headers.get("link")).toContain("<https://example.supabase.co/functions/v1/leads/api/leads?cursor=");
  });

  test("to HEAD is that to GET without its body", async () => {
    fetched.mockResolvedValue(Response.json([1], { headers: { "Content-Range": "0-0/1" } }));
    const response = await request("/api/leads", { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-range")).toBe("0-0/1");
    expect(await response.text()).toBe("");
  });

  test("can be read by a page of any origin, with its headers", async () => {
    const response = await request("/api/leads", { headers: { Origin: "https://front.example" } });
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-expose-headers")).toContain("Link");
  });

  test("carries the caller's request id, or one of its own", async () => {
    const given = await request("/api/leads", { headers: { "X-Request-Id": "abc-1" } });
    expect(given.headers.get("x-request-id")).toBe("abc-1");
    expect((await request("/api/leads")).headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe("a refusal", () => {
  test("is the system's envelope", async () => {
    const response = await request("/api/leads?minScore=haut");
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      code: "invalid_parameter",
      message: "Un paramètre de la requête est invalide.",
      details: [{ field: "minScore", code: "invalid_type", message: expect.stringMatching(/nombre/) }],
    });
    expect(fetched).not.toHaveBeenCalled();
  });

  test("keeps the database's status and asks for a token", async () => {
    const error = { code: "PT401", message: "Connectez-vous.", details: "authentication_required", hint: "" };
    fetched.mockResolvedValue(Response.json(error, { status: 401 }));
    const response = await request("/api/users/agent");
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect(await response.json()).toEqual({ code: "authentication_required", message: "Connectez-vous.", details: [] });
  });

  test("is 404 at an unknown address", async () => {
    const response = await request("/api/nothing");
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: "not_found" });
  });

  test.each([
    ["/api/leads", "GET, POST, HEAD, OPTIONS"],
    ["/api/health", "GET, HEAD, OPTIONS"],
    ["/api/leads/lead-001/qualify", "POST, OPTIONS"],
  ])("is 405 to DELETE %s", async (path, allowed) => {
    const response = await request(path, { method: "DELETE" });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe(allowed);
    expect(await response.json()).toMatchObject({ code: "method_not_allowed" });
  });

  test("is 503 where nothing answers, and says when to come back", async () => {
    fetched.mockRejectedValue(new TypeError("connection refused"));
    const response = await request("/api/leads");
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("2");
    expect(await response.json()).toMatchObject({ code: "service_unavailable" });
  });

  test("tells and logs nothing of what went wrong inside", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const error = { code: "XX000", message: "jean.dupont@example.com", details: null, hint: null };
    fetched.mockResolvedValue(Response.json(error, { status: 500 }));
    const response = await request("/api/leads");
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("jean");
    expect(log.mock.calls.flat().join()).toBe("leads_search: PostgREST answered 500 XX000");
  });
});

describe("a recording", () => {
  const path = "/api/admin/audios/AUD-001/recording";

  beforeEach(() => {
    fetched.mockImplementation(async (url) =>
      String(url).includes("/storage/")
        ? Response.json({ signedURL: "/object/sign/calls/AUD-001.mp3?token=abc" })
        : Response.json({ bucket: "calls", path: "AUD-001.mp3" }),
    );
  });

  test("is a link that Storage signs for the caller", async () => {
    const response = await request(path, { headers: { Authorization: "Bearer a.b.c" } });
    const { url, expiresAt } = (await response.json()) as { url: string; expiresAt: string };
    expect(url).toBe("http://127.0.0.1:1/storage/v1/object/sign/calls/AUD-001.mp3?token=abc&download=AUD-001.mp3");
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(290_000);
    const [signUrl, init] = fetched.mock.calls[1] ?? [];
    expect(signUrl).toBe("http://127.0.0.1:1/storage/v1/object/sign/calls/AUD-001.mp3");
    expect(init).toMatchObject({ method: "POST", body: '{"expiresIn":300}' });
    expect(init?.headers).toMatchObject({ Authorization: "Bearer a.b.c" });
  });

  test("is 503 where Storage does not sign", async () => {
    fetched.mockImplementation(async (url) =>
      String(url).includes("/storage/")
        ? new Response("no", { status: 500 })
        : Response.json({ bucket: "calls", path: "AUD-001.mp3" }),
    );
    expect((await request(path, { headers: { Authorization: "Bearer a.b.c" } })).status).toBe(503);
  });
});

describe("the reference", () => {
  test("loads nothing from elsewhere", async () => {
    const response = await request("/api/reference");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    const assets = [...(await response.text()).matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] as string);
    expect(assets).toHaveLength(4);
    for (const asset of assets) expect((await request(`/api/${asset}`)).status).toBe(200);
  });

  test.each(["package.json", "..%2f..%2fpackage.json"])("serves no other file: %s", async (name) => {
    expect((await request(`/api/reference/${name}`)).status).toBe(404);
  });
});

import { beforeAll, describe, expect, test } from "vitest";
import { db, stack } from "../../support/stack.ts";
import { type Answer, askApi } from "../http.ts";
import { signIn } from "../people.ts";
import { expire } from "../session-cookie.ts";

// The calls of the front end that exists, as it makes them: no header, no query, a cookie at most.

const password = "demo-Password-1";
const people = {
  admin: "admin@leads-provider.fr",
  fournisseur: "sophie@agence-ads.fr",
  agent: "marc@leads-provider.fr",
  acheteur: "pierre@renovation-plus.fr",
} as const;
type Role = keyof typeof people;
const cookies = new Map<Role, string>();

beforeAll(async () => {
  for (const role of Object.keys(people) as Role[]) cookies.set(role, cookieOf(await signedIn(people[role])));
});

const signedIn = (username: string) =>
  askApi("leads", "/api/auth/signin", { method: "POST", body: { username, hashedPassword: password } });

function cookieOf({ headers }: Answer): string {
  return headers.get("set-cookie")?.split(";")[0] ?? "";
}

const file = (name: string, role?: Role) =>
  askApi("leads", `/api/${name}`, role ? { headers: { Cookie: cookies.get(role) ?? "" } } : {});

type Row = Record<string, unknown>;
const rowsOf = (answer: Answer) => answer.body as Row[];
const partsOf = (answer: Answer) => answer.body as Record<string, Row[]>;

describe("leads.json", () => {
  const texts = ["firstName", "lastName", "email", "phone", "company", "sector", "region", "city", "source", "channel"];

  test.each([undefined, "admin", "fournisseur", "agent", "acheteur"] as const)(
    "%s: never null where pages search",
    async (role) => {
      const answer = await file("leads.json", role);
      expect(answer.status).toBe(200);
      expect(rowsOf(answer).length).toBeGreaterThan(0);
      for (const lead of rowsOf(answer)) for (const name of texts) expect(typeof lead[name], name).toBe("string");
    },
  );

  test("without a session: what is on sale, masked", async () => {
    const leads = rowsOf(await file("leads.json"));
    expect(new Set(leads.map(({ status }) => status))).toEqual(new Set(["qualified"]));
    for (const { email, lastName } of leads) expect(`${email}${lastName}`).toMatch(/^(.•••@•••)?[A-ZÀ-Ý]\.$/);
  });

  test("has the same leads as the documented list, and takes no filter", async () => {
    const { token } = await signIn(people.admin);
    const documented = rowsOf(await askApi("leads", "/api/leads", { token }));
    const found = rowsOf(await file("leads.json?status=sold&limit=1", "admin"));
    expect(found.map(({ id }) => id)).toEqual(documented.map(({ id }) => id));
  });

  test("is whole beyond a page of a thousand", async () => {
    const sql = db();
    const [supplier] = await sql<{ id: string }[]>`select id from leads.suppliers limit 1`;
    await sql`
      insert into leads.leads (reference, supplier_id, first_name, last_name_mask, sector, region, status)
      select 'many-' || n, ${supplier?.id ?? ""}, 'Many', 'M.', 'Isolation', 'Bretagne', 'new' from generate_series(1, 2100) n`;
    const answer = await file("leads.json", "admin");
    await sql`delete from leads.leads where reference like 'many-%'`;
    const leads = rowsOf(answer);
    expect(new Set(leads.map(({ id }) => id)).size).toBe(leads.length);
    expect(leads.filter(({ id }) => String(id).startsWith("many-"))).toHaveLength(2100);
  });
});

describe("users.json", () => {
  test.each(["fournisseur", "agent", "acheteur"] as const)("%s: his own profile and nobody else's", async (role) => {
    const answer = await file("users.json", role);
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body as object)).toEqual([role]);
    expect(answer.body).toHaveProperty(`${role}.email`, people[role]);
  });

  test("401 without a session, in JSON", async () => {
    const answer = await file("users.json");
    expect(answer).toMatchObject({ status: 401, body: { code: "authentication_required" } });
  });

  test("an average call is whole seconds", async () => {
    const { body } = await file("users.json", "agent");
    expect((body as { agent: { averageCallDuration: number } }).agent.averageCallDuration).toSatisfy(Number.isInteger);
  });
});

describe("stats.json", () => {
  test("admin: five parts; sectors are whole percentages with a colour", async () => {
    const stats = partsOf(await file("stats.json", "admin"));
    expect(Object.keys(stats)).toEqual([
      "globalStats",
      "monthlyStats",
      "sectorDistribution",
      "regionDistribution",
      "scoreExplanations",
    ]);
    const sectors = stats.sectorDistribution ?? [];
    expect(sectors.reduce((sum, { value }) => sum + Number(value), 0)).toBe(100);
    for (const { value, color } of sectors)
      expect([Number.isInteger(value), color]).toEqual([true, expect.stringMatching(/^#/)]);
  });

  test.each([
    ["fournisseur", "monthlyStats"],
    ["acheteur", "sectorDistribution"],
  ] as const)("%s: %s alone is filled", async (role, filled) => {
    const answer = await file("stats.json", role);
    expect(answer.status).toBe(200);
    for (const [name, rows] of Object.entries(partsOf(answer))) expect(rows.length > 0, name).toBe(name === filled);
  });

  test("agent: 403, since no part of it is his", async () => {
    expect((await file("stats.json", "agent")).status).toBe(403);
  });
});

describe("the other files", () => {
  test.each([
    ["billing.json", "acheteur", ["creditPacks", "payments", "notifications"]],
    ["transactions.json", "admin", ["transactions", "monthlyRevenue"]],
    ["credit-config.json", "admin", ["packs", "rules"]],
    ["fournisseur-gains.json", "admin", ["gains", "monthlyGains"]],
    ["virements.json", "fournisseur", ["virements", "monthlyAmounts"]],
  ] as const)("%s for %s", async (name, role, parts) => {
    const answer = await file(name, role);
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body as object)).toEqual(parts);
    for (const rows of Object.values(partsOf(answer))) expect(rows.length).toBeGreaterThan(0);
  });

  test.each([
    ["admin-imports.json", "admin"],
    ["audios.json", "admin"],
    ["agent-imports.json", "agent"],
  ] as const)("%s for %s is an array", async (name, role) => {
    expect(rowsOf(await file(name, role)).length).toBeGreaterThan(0);
  });

  test.each(["admin-imports.json", "audios.json", "transactions.json", "credit-config.json", "fournisseur-gains.json"])(
    "%s is refused to everybody else",
    async (name) => {
      expect((await file(name)).status).toBe(401);
      for (const role of ["fournisseur", "agent", "acheteur"] as const)
        expect((await file(name, role)).status).toBe(403);
    },
  );

  test("who was never paid has a dash for a date, and no null", async () => {
    const { gains = [] } = partsOf(await file("fournisseur-gains.json", "admin"));
    expect(gains.some(({ lastPaymentDate }) => lastPaymentDate === "-")).toBe(true);
    for (const { lastPaymentDate, iban } of gains)
      expect([typeof lastPaymentDate, typeof iban]).toEqual(["string", "string"]);
  });
});

describe("the session in a cookie", () => {
  test("is opaque, out of scripts' reach, and kept by its hash alone", async () => {
    const answer = await signedIn(people.acheteur);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ userId: "user-b001" });
    expect(answer.headers.get("set-cookie")).toMatch(
      /^leads_session=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    const handle = cookieOf(answer).split("=")[1] ?? "";
    const rows = await db()<{ kept: string }[]>`select h::text as kept from platform.session_handles h`;
    for (const { kept } of rows) expect(kept).not.toContain(handle);
  });

  test("a wrong password is 401 and sets none", async () => {
    const answer = await askApi("leads", "/api/auth/signin", {
      method: "POST",
      body: { username: people.acheteur, hashedPassword: "wrong" },
    });
    expect([answer.status, answer.headers.get("set-cookie")]).toEqual([401, null]);
  });

  const write = (headers: Record<string, string>) =>
    askApi("leads", "/api/users/me", {
      method: "POST",
      body: { phone: "+33 6 11 22 33 44" },
      headers: { Cookie: cookies.get("acheteur") ?? "", ...headers },
    });

  test.each([
    [{}, 401],
    [{ Origin: "https://elsewhere.example" }, 401],
    [{ "Sec-Fetch-Site": "same-site" }, 401],
    [{ "Sec-Fetch-Site": "cross-site", Origin: stack.apiUrl }, 401],
    [{ "Sec-Fetch-Site": "same-origin" }, 200],
    [{ Origin: stack.apiUrl }, 200],
  ])("a write with %j is %d", async (headers, status) => {
    expect((await write(headers as Record<string, string>)).status).toBe(status);
  });

  test("a reading that reserves something is a write", async () => {
    const answer = await askApi("leads", "/api/agent/next-lead", { headers: { Cookie: cookies.get("agent") ?? "" } });
    expect(answer.status).toBe(401);
  });

  test("renews its token when that expires, once, however many ask at once", async () => {
    const cookie = cookieOf(await signedIn(people.fournisseur));
    const before = await expire(cookie);
    const headers = { Cookie: cookie };
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => askApi("leads", "/api/users.json", { headers })),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const [{ count } = {}] = await db()<{ count: number }[]>`
      select count(*)::int from auth.refresh_tokens t join auth.refresh_tokens old using (session_id) where old.token = ${before}`;
    expect(count).toBe(2);
    const refreshed = await askApi("leads", "/api/auth/refresh", { method: "POST", headers });
    expect([refreshed.status, Object.keys(refreshed.body as object)]).toEqual([200, ["accessToken"]]);
  });

  test("ends with signout, which answers without a session as well", async () => {
    const cookie = cookieOf(await signedIn(people.agent));
    const out = (headers: Record<string, string>) => askApi("leads", "/api/auth/signout", { method: "POST", headers });
    const answer = await out({ Cookie: cookie });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("set-cookie")).toMatch(/^leads_session=; Max-Age=0/);
    expect((await askApi("leads", "/api/users.json", { headers: { Cookie: cookie } })).status).toBe(401);
    expect((await out({})).status).toBe(200);
  });

  test("a token wins over the cookie", async () => {
    const { token } = await signIn(people.admin);
    const answer = await askApi("leads", "/api/users/me", { token, headers: { Cookie: cookies.get("agent") ?? "" } });
    expect(answer.body).toMatchObject({ email: people.admin, role: "admin" });
  });
});

describe("the account calls", () => {
  test("signup answers the same for a new address and a known one", async () => {
    const body = (email: string) => ({
      email,
      hashedPassword: "5f4dcc3b5aa765d61d8327deb882cf99",
      username: email,
      lastname: "Zola",
      firstname: "Nana",
    });
    for (const email of ["client-signup@example.test", people.acheteur]) {
      const answer = await askApi("leads", "/api/auth/signup", { method: "POST", body: body(email) });
      expect(answer.status).toBe(201);
      expect(Object.keys(answer.body as object)).toEqual(["userId", "message"]);
    }
    await db()`delete from auth.users where email = 'client-signup@example.test'`;
  });

  test("users/me is the profile of the role", async () => {
    const { body } = await file("users/me", "fournisseur");
    expect(body).toMatchObject({
      email: people.fournisseur,
      role: "fournisseur",
      iban: expect.stringContaining("••••"),
      bio: "",
    });
  });

  test("users/search finds oneself, and nobody else unless for an admin", async () => {
    expect((await file("users/search?username=nobody")).body).toBeNull();
    expect((await file(`users/search?username=${people.agent}`)).body).toBeNull();
    expect((await file(`users/search?username=${people.agent}`, "acheteur")).body).toBeNull();
    expect((await file(`users/search?username=${people.acheteur}`, "acheteur")).body).toMatchObject({
      email: people.acheteur,
    });
    expect((await file(`users/search?username=${people.agent}`, "admin")).body).toMatchObject({
      email: people.agent,
      role: "agent",
    });
  });

  const upload = async (bytes: Uint8Array<ArrayBuffer>, headers: Record<string, string>) =>
    fetch(`${stack.systems.leads?.apiBase}/users/uploadAvatar`, { method: "POST", body: new Blob([bytes]), headers });

  test("a picture is kept, replaces the one before, and is read by its keys", async () => {
    const headers = { Cookie: cookies.get("acheteur") ?? "", "Sec-Fetch-Site": "same-origin" };
    const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);
    const shown = async () => String(((await file("users/me", "acheteur")).body as Row).avatar);
    const first = (await (await upload(png, headers)).json()) as Row;
    expect(Object.keys(first)).toEqual(["documentId", "sharingKey"]);
    const before = await shown();
    expect(before).toContain(`${first.documentId}/${first.sharingKey}`);
    const picture = await fetch(stack.apiUrl + before);
    expect([picture.status, picture.headers.get("content-type")]).toEqual([200, "image/png"]);
    await upload(png, headers);
    expect(await shown()).not.toBe(before);
    expect((await fetch(stack.apiUrl + before)).status).not.toBe(200);
  });

  test("what is no picture is 415, and nobody's is 401", async () => {
    const text = new TextEncoder().encode("<svg onload=alert(1)>") as Uint8Array<ArrayBuffer>;
    const headers = { Cookie: cookies.get("acheteur") ?? "", "Sec-Fetch-Site": "same-origin" };
    expect((await upload(text, headers)).status).toBe(415);
    expect((await upload(text, {})).status).toBe(401);
  });
});

describe("pages of other origins", () => {
  test("any may ask without credentials", async () => {
    const answer = await askApi("leads", "/api/leads.json", {
      method: "OPTIONS",
      headers: { Origin: "https://elsewhere.example", "Access-Control-Request-Method": "GET" },
    });
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
  });
});

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasBrowser, openPage } from "../support/browser.ts";
import { type OwnStack, ownStack } from "../support/own-stack.ts";

// The front end that exists, played by pages of ours in a real browser: built with one constant, served by
// `npm start -- --web` at the API's own origin, sending no header.

const password = "demo-Password-1";
const people = {
  admin: "admin@leads-provider.fr",
  fournisseur: "sophie@agence-ads.fr",
  agent: "marc@leads-provider.fr",
  acheteur: "pierre@renovation-plus.fr",
} as const;

/** What each page must have shown, how many times at least: as it draws them, from its files. */
const shown: Record<string, Record<string, number>> = {
  "/admin": { numbers: 1, month: 5, sector: 3, region: 3 },
  "/admin/leads": { lead: 50, reason: 3 },
  "/admin/imports": { import: 5 },
  "/admin/audios": { audio: 5 },
  "/admin/transactions": { totals: 1, transaction: 5, month: 5 },
  "/admin/credits": { totals: 1, pack: 3, rule: 3 },
  "/admin/gains": { gain: 3, month: 5 },
  "/fournisseur": { profile: 1, numbers: 1, lead: 1, month: 1 },
  "/fournisseur/leads": { lead: 1 },
  "/fournisseur/virements": { virement: 1, month: 1 },
  "/agent": { profile: 1, numbers: 1, lead: 1 },
  "/agent/imports": { import: 1 },
  "/acheteur": { profile: 1, numbers: 1, lead: 1, sector: 1, notification: 1 },
  "/acheteur/catalogue": { lead: 1 },
  "/acheteur/credits": { pack: 3, payment: 1 },
};

const adminCalls = [
  ["getAdminImports", "admin-imports"],
  ["getAudioRecords", "audios"],
  ["getTransactions", "transactions"],
  ["getAdminCreditPacks", "credit-config"],
  ["getFournisseurGains", "fournisseur-gains"],
] as const;

let own: OwnStack;
let browser: Awaited<ReturnType<typeof openPage>>;
const servers = [await elsewhere(), await elsewhere()] as const;
const [stranger, friend] = servers.map(({ url }) => url) as [string, string];

/** A page of another origin of the same site: the browser sends it the same cookies. */
async function elsewhere() {
  const server = createServer((_, answer) => answer.setHeader("Content-Type", "text/html").end("<title>autre</title>"));
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

afterAll(() => {
  for (const { server } of servers) server.closeAllConnections();
  for (const { server } of servers) server.close();
});

/** Opens a page of the front end without what others have left in the browser, signed in by its own call if so named. */
async function visit(path: string, who: keyof typeof people | undefined, use: (page: Page) => Promise<void>) {
  const { page, problems } = browser;
  await page.context().clearCookies();
  await go(page, "/");
  if (who) {
    await call(page, "signIn", people[who], password);
    if (path !== "/") await go(page, path);
  }
  await use(page);
  expect(problems).toEqual([]);
}

/** Goes to a page, and returns its text when all of it is drawn. */
async function go(page: Page, path: string): Promise<string> {
  browser.problems.length = 0;
  await page.goto(own.info.apiUrl + path);
  await page.locator("main[data-done]").waitFor({ state: "attached" });
  expect(browser.problems, path).toEqual([]);
  return (await page.locator("main").textContent()) ?? "";
}

/** Calls a function of the front end's service layer in its page. */
function call<Answer = unknown>(page: Page, name: string, ...args: unknown[]): Promise<Answer> {
  return page.evaluate(`client.${name}(...${JSON.stringify(args)})`);
}

const texts = (page: Page, kind: string) => page.locator(`.${kind}`).allTextContents();

describe.skipIf(!hasBrowser)("the front end", () => {
  beforeAll(async () => {
    own = await ownStack({ WEB_ORIGINS: friend }, ["--web", "test/client/front-end"]);
    browser = await openPage(own.info.apiUrl);
  });

  afterAll(() => browser?.close());

  test.each(Object.keys(people) as (keyof typeof people)[])("every page of %s is drawn", async (role) => {
    await visit("/", role, async (page) => {
      for (const [path, kinds] of Object.entries(shown)) {
        if (path !== `/${role}` && !path.startsWith(`/${role}/`)) continue;
        const text = await go(page, path);
        expect(text, path).not.toMatch(/NaN|undefined|null|Invalid|1970|\[object/);
        for (const [kind, least] of Object.entries(kinds))
          expect((await texts(page, kind)).length, `${path} ${kind}`).toBeGreaterThanOrEqual(least);
      }
    });
  });

  test("without a session the page shows what is on sale, masked", async () => {
    await visit("/", undefined, async (page) => {
      const leads = await texts(page, "lead");
      expect(leads.length).toBeGreaterThan(0);
      for (const lead of leads) expect(lead).toMatch(/^.[A-ZÀ-Ý] \S+ [A-ZÀ-Ý]\. (.•••@•••)? .*QUALIFIÉ QUALIFIÉ/);
    });
  });

  test("shares of sectors are whole percentages of a hundred, with a colour", async () => {
    await visit("/admin", "admin", async (page) => {
      const shares = (await texts(page, "sector")).map((text) => / (\d+)% #[0-9a-f]{6}$/.exec(text)?.[1]);
      expect(shares.reduce((sum, share) => sum + Number(share), 0)).toBe(100);
    });
  });

  test("who was never paid is shown as that", async () => {
    await visit("/admin/gains", "admin", async (page) => {
      expect((await texts(page, "gain")).some((text) => text.includes(" Aucun "))).toBe(true);
    });
  });

  test("a payment that was given back has a status that the page knows", async () => {
    const [payment] = await own.sql<{ id: string }[]>`
      update leads.payments set status = 'refunded'
      where id = (select p.id from leads.payments p join auth.users u on u.id = p.buyer_id
        where u.email = ${people.acheteur} and p.status = 'completed' limit 1) returning reference as id`;
    await visit("/acheteur/credits", "acheteur", async (page) => {
      const payments = await call<{ id: string; status: string; description: string }[]>(page, "getPayments");
      expect(payments.find(({ id }) => id === payment?.id)).toMatchObject({
        ...{ status: "completed", description: expect.stringMatching(/\(remboursé\)$/) },
      });
    });
  });

  test("a recording that has no company and no size is drawn", async () => {
    await own.sql`update leads.calls set lead_company = null, recording_size = null`;
    await visit("/admin/audios", "admin", async (page) => {
      expect((await texts(page, "audio")).length).toBeGreaterThan(0);
    });
  });

  test("a supplier without an account is drawn", async () => {
    await own.sql`update leads.suppliers set iban_mask = null where email = ${people.fournisseur}`;
    await visit("/fournisseur", "fournisseur", async (page) => {
      expect(await texts(page, "numbers")).toHaveLength(1);
    });
  });

  test("a list is whole beyond a thousand rows", async () => {
    await own.sql`
      insert into leads.leads (reference, supplier_id, first_name, last_name_mask, sector, region, status)
      select 'many-' || n, s.id, 'Many', 'M.', 'Isolation', 'Bretagne', 'new'
      from generate_series(1, 1100) n, (select id from leads.suppliers where email = ${people.fournisseur}) s`;
    for (const role of ["admin", "fournisseur"] as const)
      await visit(role === "admin" ? "/admin/leads" : "/fournisseur/leads", role, async (page) => {
        expect((await texts(page, "lead")).filter((text) => text.startsWith("MM Many"))).toHaveLength(1100);
      });
  });

  test("a session begins, is prolonged and ends without a script that sees it", async () => {
    await visit("/", undefined, async (page) => {
      expect(await call(page, "signIn", people.acheteur, password)).toEqual({ userId: "user-b001" });
      expect(await page.evaluate("document.cookie")).toBe("");
      expect(await call(page, "refresh")).toEqual({ accessToken: expect.stringMatching(/^ey/) });
      expect(await call(page, "getMe")).toMatchObject({ role: "acheteur", email: people.acheteur });
      expect(await call(page, "searchUser", "nobody")).toBeNull();
      expect(await call(page, "signOut")).toEqual({ message: expect.any(String) });
      expect(await page.context().cookies()).toEqual([]);
      expect(await call(page, "signOut")).toEqual({ message: expect.any(String) });
    });
  });

  test("what is refused is an error of the call", async () => {
    await visit("/", undefined, async (page) => {
      await expect(call(page, "getMe")).rejects.toThrow("API 401: users/me");
      await expect(call(page, "getProfile", "acheteur")).rejects.toThrow("API 401: users.json");
      await expect(call(page, "signIn", people.acheteur, "wrong")).rejects.toThrow("API 401: auth/signin");
      await call(page, "signIn", people.acheteur, password);
      for (const [name, file] of adminCalls)
        await expect(call(page, name), name).rejects.toThrow(`API 403: ${file}.json`);
      browser.problems.length = 0;
    });
  });

  test("who signs up is told to look into the mailbox", async () => {
    await visit("/", undefined, async (page) => {
      const email = "nana@example.test";
      const hashedPassword = "5f4dcc3b5aa765d61d8327deb882cf99";
      const answer = await call(page, "signUp", {
        ...{ email, hashedPassword, username: email, lastname: "Zola", firstname: "Nana" },
      });
      expect(answer).toEqual({ userId: expect.any(String), message: expect.any(String) });
    });
  });

  test("a page changes its profile and picture", async () => {
    await visit("/profil", "fournisseur", async (page) => {
      const changed = await call(page, "updateMe", { phone: "+33 6 11 22 33 44", bio: "Des leads." });
      expect(changed).toMatchObject({ phone: "+33 6 11 22 33 44", bio: "Des leads.", role: "fournisseur" });
      const kept = await page.evaluate(`new Promise((done) => {
        const canvas = document.createElement("canvas");
        canvas.toBlob((image) => done(client.uploadAvatar(image)));
      })`);
      expect(kept).toEqual({ documentId: expect.any(String), sharingKey: expect.any(String) });
      const { avatar } = await call<{ avatar: string }>(page, "getMe");
      expect(
        await page.evaluate(`new Promise((done) => {
          const picture = new Image();
          picture.onload = () => done(picture.width);
          picture.onerror = () => done("not shown");
          picture.src = ${JSON.stringify(avatar)};
        })`),
      ).toBe(300);
    });
  });

  describe("a page of another origin, in the same browser", () => {
    /** Opens it beside a page that is signed in, and has it ask: a status, "opaque", or "blocked" by the browser. */
    async function ask(origin: string, path: string, options: RequestInit): Promise<{ seen: unknown; phone: string }> {
      let result = { seen: undefined as unknown, phone: "" };
      await visit("/", "agent", async (page) => {
        const other = await page.context().newPage();
        await other.goto(origin);
        const url = `${own.info.apiUrl}/functions/v1/leads/api/${path}`;
        const seen = await other.evaluate(`fetch(${JSON.stringify(url)}, ${JSON.stringify(options)})
          .then(({ status, type }) => type === "opaque" ? type : status, () => "blocked")`);
        await other.close();
        result = { seen, phone: (await call<{ phone: string }>(page, "getMe")).phone };
      });
      return result;
    }

    const write = { method: "POST", body: '{"phone":"+33 6 99 99 99 99"}', credentials: "include" } as const;

    test("writes nothing, be it said as a simple request", async () => {
      const forms = [
        { ...write, mode: "no-cors" },
        { ...write, headers: { "Content-Type": "application/json" } },
      ] as const;
      const answers = [await ask(stranger, "users/me", forms[0]), await ask(stranger, "users/me", forms[1])];
      expect(answers.map(({ seen }) => seen)).toEqual(["opaque", "blocked"]);
      for (const { phone } of answers) expect(phone).not.toContain("99 99");
    });

    test("reads what is public, and nothing of the session unless it is a known one", async () => {
      expect((await ask(stranger, "leads.json", {})).seen).toBe(200);
      expect((await ask(stranger, "users.json", { credentials: "include" })).seen).toBe("blocked");
      expect((await ask(friend, "users.json", { credentials: "include" })).seen).toBe(200);
    });
  });
});

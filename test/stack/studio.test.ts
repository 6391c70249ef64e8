import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasBrowser, withPage } from "../support/browser.ts";
import { db, stack } from "../support/stack.ts";

const schema = `test_${randomUUID().replaceAll("-", "").slice(0, 8)}`;
const sql = db();

beforeAll(async () => {
  await sql.unsafe(`
    create schema ${schema};
    create table ${schema}.visits (id int primary key, place text);
    alter table ${schema}.visits enable row level security;
    comment on table ${schema}.visits is 'Who came, and where';
    comment on column ${schema}.visits.place is 'The place as the visitor calls it';
    insert into ${schema}.visits values (1, 'Marseille')`);
});

afterAll(async () => {
  await sql.unsafe(`drop schema ${schema} cascade`);
});

describe.skipIf(!hasBrowser)("Studio", () => {
  it("opens on the tables with their comments", async () => {
    await withPage(stack.studioUrl, async ({ page, problems }) => {
      const comments = page.locator("#comments");
      await comments.getByText(`${schema}.visits`).waitFor();
      expect(await comments.textContent()).toContain("Who came, and where");
      expect(problems).toEqual([]);
    });
  });

  it("opens on the schema that has tables, and lists them", async () => {
    for (const path of ["", "/editor"]) {
      await withPage(stack.studioUrl + path, async ({ page, problems }) => {
        await page.locator('a[href$="/editor/leads.leads"]').first().waitFor();
        expect(new URL(page.url()).pathname).toBe("/editor/leads.");
        expect(problems).toEqual([]);
      });
    }
  });

  it("has the comments in the bar, over none of the rows", async () => {
    await withPage(`${stack.studioUrl}/editor/leads.leads`, async ({ page }) => {
      const grid = page.locator('[role="grid"]').first();
      await grid.waitFor();
      await page.locator("#comments h2").waitFor({ state: "attached" });
      const [box, comments] = [await grid.boundingBox(), await page.locator("#comments").boundingBox()];
      expect((comments?.y ?? 0) + (comments?.height ?? 0)).toBeLessThanOrEqual(box?.y ?? 0);
    });
  });

  it("shows a table's rows, whoever may see them, and its comments", async () => {
    await withPage(`${stack.studioUrl}/editor/${schema}.visits`, async ({ page, problems }) => {
      await page.getByText("Marseille").waitFor();
      const comment = page.locator("#comments").getByText("The place as the visitor calls it");
      await comment.waitFor({ state: "attached" });
      expect(await comment.isVisible()).toBe(false);
      await page.locator("#comments summary").click();
      await comment.waitFor();
      expect(await page.locator("#comments").textContent()).toContain("Who came, and where");
      expect(problems).toEqual([]);
    });
  });
});

describe.skipIf(!hasBrowser)("the API reference", () => {
  for (const [system, { apiBase }] of Object.entries(stack.systems)) {
    it(`of ${system} shows every path, with nothing from elsewhere`, async () => {
      const document = (await (await fetch(`${apiBase}/openapi.json`)).json()) as { paths: object };
      await withPage(`${apiBase}/reference`, async ({ page, problems }) => {
        const shown = page.locator(".opblock-summary-path");
        await shown.first().waitFor();
        const paths = new Set((await shown.allTextContents()).map((path) => path.replaceAll("\u200b", "")));
        expect([...paths].sort()).toEqual(Object.keys(document.paths).sort());
        expect(problems).toEqual([]);
      });
    });
  }
});

/** The status of a request to Studio with these headers; fetch would not let a test name another host. */
function statusWith(headers: Record<string, string>): Promise<number | undefined> {
  const url = `${stack.studioUrl}/rest/v1/visits?select=*`;
  return new Promise((resolve, reject) => {
    const call = request(url, { headers: { "Accept-Profile": schema, ...headers } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    call.once("error", reject).end();
  });
}

describe("Studio's API", () => {
  it("answers pages of this machine alone", async () => {
    await fetch(`${stack.studioUrl}/_system/introspect`);
    expect(await statusWith({})).toBe(200);
    expect(await statusWith({ Host: "rebound.example" })).toBe(403);
    expect(await statusWith({ Origin: "http://elsewhere.example" })).toBe(403);
    expect(await statusWith({ "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors" })).toBe(403);
  });

  it("looks without granting anything to the API's roles", async () => {
    await fetch(`${stack.studioUrl}/_system/introspect`);
    expect(await statusWith({})).toBe(200);
    const [rights] = await sql`
      select has_schema_privilege('anon', ${schema}, 'usage') as schema,
        has_table_privilege('authenticated', ${`${schema}.visits`}, 'select') as table`;
    expect(rights).toEqual({ schema: false, table: false });
  });

  it("tells nobody the database's password", async () => {
    const { password } = new URL(stack.dbUrl);
    for (const path of ["/_system/info", "/_system/config"]) {
      expect(await (await fetch(stack.studioUrl + path)).text()).not.toContain(`:${password}@`);
    }
  });
});

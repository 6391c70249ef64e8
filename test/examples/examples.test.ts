import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { memoryFolder } from "../../scripts/db/memory-folder.ts";
import { hasBrowser, openPage } from "../support/browser.ts";
import { type StartedStack, startQuickStack } from "../support/start-stack.ts";

// The examples run as they are printed in the documentation. They have a stack of their own, as they leave there what
// they make.

const dataDir = mkdtempSync(join(memoryFolder(), "example-test-"));
let stack: StartedStack;

beforeAll(async () => {
  stack = await startQuickStack(dataDir, inject("stackFlags"));
});

afterAll(async () => {
  stack?.process.kill("SIGTERM");
  await stack?.exited;
});

const example = (name: string, ...flags: string[]) => [
  ...["--import", "tsx", join("scripts", "examples", `${name}.ts`), "--data-dir", dataDir],
  ...flags,
];

test("a lead's life runs from the registration to the lead that a buyer has bought", { timeout: 60_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, example("lead-life"));
  expect(stdout).toMatch(/2 rows read, 1 new leads, 1 refused/);
  expect(stdout).toMatch(/3;Le secteur « Lune » est inconnu\./);
  expect(stdout).toMatch(/the supplier sees his lead: \S+, Zoé Durand, zoe-\S+@example\.test/);
  expect(stdout).toMatch(/is qualified by call AUD-\d+/);
  expect(stdout).toMatch(/the public sees: \S+, Zoé D\., z•••@•••/);
  const [shown = "", sold = ""] = stdout.slice(stdout.indexOf("the public sees")).split("A buyer registers");
  expect(shown).not.toContain("Durand");
  expect(sold).toMatch(/for 5 credits, \d+ are left, the buyer sees: \S+, Zoé Durand, zoe-\S+@example\.test/);
});

describe.skipIf(!hasBrowser)("the page in plain HTML", () => {
  let server: ChildProcess;
  let browser: Awaited<ReturnType<typeof openPage>>;
  let page: Page;

  beforeAll(async () => {
    server = spawn(process.execPath, example("web", "--port", "0"), { stdio: ["ignore", "pipe", "inherit"] });
    const [address] = (await once(server.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
    browser = await openPage(String(address).trim());
    page = browser.page;
  });

  afterAll(async () => {
    await browser?.close();
    server?.kill("SIGTERM");
  });

  /** Signs in by the button of a demo account, from wherever the page is. */
  async function signInAs(role: string): Promise<void> {
    const out = page.locator("#sign-out");
    if (await out.isVisible()) await out.click();
    await page.getByRole("button", { name: role, exact: true }).click();
    await out.waitFor();
  }

  async function open(tab: string): Promise<void> {
    await page.locator("#tabs").getByText(tab).click();
    await page.getByRole("heading", { name: tab, level: 1 }).waitFor();
  }

  test("shows the catalogue to everybody, masked and filtered by the database", async () => {
    await page.locator("[data-lead]").first().waitFor();
    const all = await page.locator("[data-lead]").count();
    for (const contact of await page.locator("[data-lead] td:first-child").allTextContents())
      expect(contact).toMatch(/^\s*\S+ [A-ZÀ-Ý]\.(.•••@•••)?\s*$/);
    await page.locator("select[name=sector]").selectOption("Isolation");
    await expect.poll(() => page.locator("[data-lead]").count()).toBeLessThan(all);
    const sectors = await page.locator("[data-lead] td:nth-child(3)").allTextContents();
    expect(new Set(sectors)).toEqual(new Set(["Isolation"]));
    await page.locator("select[name=sector]").selectOption("");
    expect(browser.problems).toEqual([]);
  });

  test("a buyer confirms a price, and has the contact and a new balance", async () => {
    await signInAs("acheteur");
    const balance = async () => Number.parseInt((await page.locator("#balance").textContent()) ?? "", 10);
    const before = await balance();
    const row = page.locator("[data-lead]").first();
    const id = await row.getAttribute("data-lead");
    await row.getByRole("button", { name: "Acheter" }).click();
    const dialog = page.locator("#dialog");
    const cost = Number.parseInt((await dialog.locator("strong").textContent()) ?? "", 10);
    await dialog.getByRole("button", { name: "Acheter" }).click();
    await page
      .getByRole("status")
      .getByText(`il vous reste ${before - cost} crédits`)
      .waitFor();
    await expect.poll(balance).toBe(before - cost);
    await open("Mes achats");
    expect(await page.locator(`[data-lead="${id}"]`).textContent()).not.toContain("•");
    await open("Statistiques");
    expect(await page.locator("svg rect").count()).toBeGreaterThan(3);
    expect(browser.problems).toEqual([]);
  });

  test("a supplier sends a file and sees what became of each row", async () => {
    await signInAs("fournisseur");
    await open("Imports");
    const rows = [
      "Prénom;Nom;E-mail;Secteur;Région;Prix",
      "Zoé;Durand;zoe-page@example.test;Isolation;Bretagne;45",
      "Paul;<b>Petit</b>;paul-page@example.test;Lune;Bretagne;30",
    ];
    const buffer = Buffer.from(rows.join("\r\n"));
    await page.locator("input[type=file]").setInputFiles({ name: "page.csv", mimeType: "text/csv", buffer });
    await page.getByRole("button", { name: "Envoyer" }).click();
    await page.locator("#progress").getByText("Le secteur « Lune » est inconnu").waitFor();
    expect(await page.locator("#progress").textContent()).toMatch(/Terminé page\.csv : 2 lignes lues,\s+1 nouveaux/);
    // Beyond 5 MB it goes straight into Storage; lines that are empty count for nothing.
    const large = Buffer.from(
      `${rows[0]}\r\nLéa;Grand;lea-page@example.test;Isolation;Bretagne;30\r\n${"\r\n".repeat(2_600_000)}`,
    );
    const [named] = await Promise.all([
      page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/leads/api/imports")),
      page
        .locator("input[type=file]")
        .setInputFiles({ name: "grande.csv", mimeType: "text/csv", buffer: large })
        .then(() => page.getByRole("button", { name: "Envoyer" }).click()),
    ]);
    expect(named.postDataBuffer()?.length).toBeLessThan(2000);
    await page.locator("#progress").getByText("Terminé grande.csv : 1 lignes lues").waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Lignes refusées" }).first().click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^IMP-\d+-refus\.csv$/);
    await open("Leads");
    await page.getByText("zoe-page@example.test").waitFor();
    await open("Statistiques");
    expect(await page.locator("svg rect").count()).toBeGreaterThan(3);
    expect(browser.problems).toEqual([]);
  });

  test("an agent sees whom to call, and an admin the whole platform", async () => {
    await signInAs("agent");
    await open("À appeler");
    expect(await page.locator("[data-lead]").count()).toBeGreaterThan(0);
    await open("Statistiques");
    await signInAs("admin");
    for (const tab of ["Leads", "Imports", "Statistiques"]) await open(tab);
    expect(await page.locator("dl.numbers dd").count()).toBe(6);
    expect(await page.locator("svg").count()).toBe(5);
    expect(browser.problems).toEqual([]);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test, vi } from "vitest";
import { testDatabase } from "../support/sql.ts";
import { runCli } from "./run-cli.ts";

// What became of the files that came in, and what an admin decides about them, by the command line.

// Each call is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

const folder = mkdtempSync(join(tmpdir(), "leads-cli-imports-"));
const { sql, url } = await testDatabase();
const supplier = "imports@import.test";
await sql`insert into leads.suppliers (contact_name, company, email, status) values ('Contact', 'Société', ${supplier}, 'active')`;

afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  await sql`delete from leads.leads`;
  await sql`delete from leads.imports`;
});

const cli = (...args: string[]) => runCli([...args, "--db-url", url]);
const head = "nom,email,secteur,région\n";
const good = (name: string) => `${name},${name.toLowerCase()}@import.test,PV,PACA\n`;
const bad = (name: string) => `${name},${name.toLowerCase()}@import.test,Lune,PACA\n`;

async function bring(text: string, ...options: string[]): Promise<{ import: string; status: string }> {
  const path = join(folder, "leads.csv");
  writeFileSync(path, head + text);
  const run = await cli("import", path, "--supplier", supplier, "--json", ...options);
  expect(run.code, run.stderr).toBe(0);
  return JSON.parse(run.stdout);
}

async function withRule(percent: number, work: () => Promise<void>): Promise<void> {
  const set = (value: number) =>
    sql`update platform.settings set value = ${String(value)}::jsonb where system = 'leads' and section = 'import_invalid_percent'`;
  await set(percent);
  await work().finally(() => set(90));
}

const leadNames = async () =>
  (await sql`select last_name from leads.lead_contacts order by 1`).map((row) => row.last_name);

test("list and show say what became of each file, for people and as JSON", async () => {
  const first = await bring(good("Un") + good("Deux") + bad("Trois"));
  const second = await bring(good("Quatre"));
  const listed = await cli("imports", "list");
  expect(listed.stdout.split("\n").slice(1, 3)).toEqual([
    expect.stringMatching(new RegExp(`^${second.import}\tleads.csv\tContact\t\\S+\tcompleted\t1\t1\t0\t0\t0$`)),
    expect.stringMatching(new RegExp(`^${first.import}\tleads.csv\tContact\t\\S+\tcompleted\t3\t2\t0\t0\t1$`)),
  ]);
  const json = JSON.parse(
    (await cli("imports", "list", "--supplier", supplier, "--status", "completed", "--limit", "1", "--json")).stdout,
  );
  expect(json).toMatchObject([{ id: second.import, status: "completed", read: 1, inserted: 1 }]);

  const shown = await cli("imports", "show", first.import);
  expect(shown.stdout).toMatch(/^IMP-\d+ \(completed\) leads.csv · 1s\n {2}read +3\n {2}inserted +2\n/);
  expect(shown.stdout).toContain("1\tsecteur\tunknown_sector\tLe secteur « Lune » est inconnu.");
  expect(shown.stdout).toMatch(/Sectors\n {2}Énergie Solaire +█+ +2\n/);
  expect(JSON.parse((await cli("imports", "show", first.import, "--json")).stdout)).toMatchObject({
    ...{ import: first.import, read: 3, inserted: 2, invalid: 1, failure: null, undoneAt: null },
  });
});

test("a file that waits is accepted or discarded, once", async () => {
  await withRule(40, async () => {
    const waiting = await bring(good("Un") + bad("Deux"));
    expect(waiting).toMatchObject({ status: "pending_review", read: 2, inserted: 1, invalid: 1 });
    expect(await leadNames()).toEqual([]);
    expect((await cli("imports", "show", waiting.import)).stdout).toContain(
      "Too many rows were refused: nothing is in yet.",
    );
    expect(JSON.parse((await cli("imports", "accept", waiting.import, "--json")).stdout)).toMatchObject({
      status: "completed",
    });
    expect(await leadNames()).toEqual(["Un"]);
    const again = await cli("imports", "discard", waiting.import);
    expect(again).toMatchObject({ code: 1, stdout: "" });
    expect(again.stderr).toContain("n'attend pas de décision");
    expect(await leadNames()).toEqual(["Un"]);

    const other = await bring(good("Trois") + bad("Quatre"));
    const discarded = await cli("imports", "discard", other.import);
    expect(discarded.stdout).toContain("Failed: Écarté par un administrateur : 1 lignes refusées sur 2.");
    expect(await leadNames()).toEqual(["Un"]);
  });
});

test("import undo takes back what nobody has touched, and names the rest", async () => {
  const first = await bring(good("Un") + good("Deux"));
  await sql`update leads.leads set company = 'Autre' where id = (select lead_id from leads.lead_contacts where last_name = 'Un')`;
  const run = await cli("import", "undo", first.import);
  expect(run.code, run.stderr).toBe(0);
  expect(run.stdout).toContain(`${first.import}: 1 leads removed, 0 as they were before, 1 stay`);
  expect(run.stdout).toContain("\tit was changed since");
  expect(await leadNames()).toEqual(["Un"]);
  expect((await cli("imports", "list")).stdout).toContain("completed, undone");
  const again = JSON.parse((await cli("imports", "undo", first.import, "--json")).stdout);
  expect(again).toMatchObject({ removed: 0, kept: [{ reason: "changed" }] });
  expect(await bring(good("Un") + good("Deux"))).toMatchObject({ inserted: 1, duplicates: { ofSupplier: 1 } });
});

test("undo gives leads back what an update has changed", async () => {
  await bring(good("Un"));
  const update = await bring(good("Un").replace("Un", "Autre"), "--on-duplicate", "update");
  expect(await leadNames()).toEqual(["Autre"]);
  expect(JSON.parse((await cli("imports", "undo", update.import, "--json")).stdout)).toMatchObject({
    removed: 0,
    restored: 1,
  });
  expect(await leadNames()).toEqual(["Un"]);
});

test.each([
  [["imports", "show", "IMP-999999"], "no import IMP-999999"],
  [["imports", "accept", "IMP-999999"], "Cet import est introuvable."],
  [["import", "undo", "IMP-999999"], "Cet import est introuvable."],
])("%j is refused (exit 1)", async (args, message) => {
  const run = await cli(...args);
  expect(run).toMatchObject({ code: 1, stdout: "" });
  expect(run.stderr).toContain(message);
});

test.each([[["imports"]], [["imports", "list", "--status", "lost"]], [["imports", "undo"]], [["import", "undo"]]])(
  "%j is wrong usage (exit 2)",
  async (args) => {
    expect(await runCli(args)).toMatchObject({ code: 2, stdout: "" });
  },
);

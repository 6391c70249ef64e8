import { spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { killImports } from "../../scripts/chaos/import-kills.ts";
import { testDatabase } from "../support/sql.ts";
import { runCli, spawnCli } from "./run-cli.ts";

// An import that is killed is never half in, and ends as if nobody had killed it.

vi.setConfig({ testTimeout: 120_000 });
const bin = fileURLToPath(new URL("../../cli/leads-cli.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "leads-cli-kills-"));
const { sql, url } = await testDatabase();
const supplier = "kills@import.test";
await sql`insert into leads.suppliers (contact_name, company, email, status) values ('Contact', 'Société', ${supplier}, 'active')`;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("killed at random moments, the same command ends with the same rows", async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const counts = await killImports({ sql, url, folder, rows: 1500, times: 5, seed, victims: ["leads-cli"] });
  expect(counts, `seed ${seed}`).toMatchObject({ killed: 5, half: 0, different: 0 });
});

const path = join(folder, "leads.csv");
const rows = "nom,email,secteur,région\nUn,un@kills.test,PV,PACA\nDeux,deux@kills.test,PV,PACA\n";
const leads = async () => (await sql`select from leads.leads`).length;
const imports = async () => [...(await sql`select status, failure from leads.imports order by id`)];

/** Kills the import of the file, or of the standard input (-) that the file is given to, while its merge waits for another. */
async function killWhileMerging(from: string, ...options: string[]): Promise<void> {
  const others = await sql.reserve();
  await others`select pg_advisory_lock(hashtext('leads.merge_import'))`;
  const child = spawn(process.execPath, [bin, "import", from, "--supplier", supplier, "--db-url", url, ...options], {
    stdio: [openSync(path, "r"), "ignore", "ignore"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const merging = async () =>
    (
      await sql`select from pg_locks where locktype = 'advisory' and not granted
      and database = (select oid from pg_database where datname = current_database())`
    ).length > 0;
  await vi.waitUntil(merging, { timeout: 30_000 });
  child.kill("SIGKILL");
  await ended;
  await others`select pg_advisory_unlock(hashtext('leads.merge_import'))`;
  others.release();
}

beforeEach(async () => {
  await sql`delete from leads.leads`;
  await sql`delete from leads.imports`;
  writeFileSync(path, rows);
});

describe("an import that was killed before its merge ended", () => {
  beforeEach(() => killWhileMerging(path));

  test("goes on by --resume alone, and is told what it is when the command is given again", async () => {
    const resumed = await runCli(["import", "--resume", "--db-url", url]);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stderr).toMatch(/Taking up IMP-\d+ again/);
    expect(await leads()).toBe(2);
    expect(await imports()).toEqual([{ status: "completed", failure: null }]);
    const again = await runCli(["import", path, "--supplier", supplier, "--json", "--db-url", url]);
    expect(JSON.parse(again.stdout)).toMatchObject({ alreadyImported: true, inserted: 0 });
    expect((await runCli(["import", "--resume", "--db-url", url])).stderr).toContain("Nothing was cut off.");
  });

  test("goes on when the same command is given again, by several at once too", async () => {
    const command = ["import", path, "--supplier", supplier, "--resume", "--json", "--db-url", url];
    const runs = await Promise.all([spawnCli(command), spawnCli(command), spawnCli(command)]);
    for (const run of runs) expect(run.code, run.stderr).toBe(0);
    const inserted = runs.map(({ stdout }) => JSON.parse(stdout).inserted as number);
    expect(inserted.sort()).toEqual([0, 0, 2]);
    expect(await leads()).toBe(2);
    expect(await imports()).toEqual([{ status: "completed", failure: null }]);
    expect(await sql`select from leads.import_rows`).toHaveLength(0);
  });

  test("is given up by --resume where its file has changed; the changed file is another import", async () => {
    appendFileSync(path, "Trois,trois@kills.test,PV,PACA\n");
    const resumed = await runCli(["import", "--resume", "--db-url", url]);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stderr).toMatch(/IMP-\d+ is given up/);
    expect(await imports()).toEqual([{ status: "failed", failure: expect.stringContaining("n'est plus celui") }]);
    expect(await leads()).toBe(0);
    await runCli(["import", path, "--supplier", supplier, "--db-url", url]);
    expect(await leads()).toBe(3);
  });
});

test.each(["--resume alone", "the same command"])("killed with --set, %s ends with the same values", async (how) => {
  writeFileSync(path, "nom,email\nUn,un@kills.test\nDeux,deux@kills.test\n");
  const set = ["--set", "sector=Isolation", "--set", "region=Bretagne"];
  await killWhileMerging(path, ...set);
  const command = how === "--resume alone" ? ["import", "--resume"] : ["import", path, "--supplier", supplier, ...set];
  const resumed = await runCli([...command, "--db-url", url]);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(resumed.stderr).toMatch(/Taking up IMP-\d+ again/);
  const values = [...(await sql`select distinct sector, region from leads.leads`)];
  expect(values).toEqual([{ sector: "Isolation", region: "Bretagne" }]);
  expect(await leads()).toBe(2);
  expect(await imports()).toEqual([{ status: "completed", failure: null }]);
});

test("killed while it reads the standard input, the same command goes on; --resume alone says that it cannot", async () => {
  const command = ["import", "-", "--supplier", supplier, "--json", "--db-url", url];
  await killWhileMerging("-");
  const again = await runCli(command, { stdin: Buffer.from(rows) });
  expect(again.stderr).toMatch(/Taking up IMP-\d+ again/);
  expect(JSON.parse(again.stdout)).toMatchObject({ inserted: 2, alreadyImported: false });
  expect(await imports()).toEqual([{ status: "completed", failure: null }]);

  await sql`delete from leads.leads`;
  await sql`delete from leads.imports`;
  await killWhileMerging("-");
  const resumed = await runCli(["import", "--resume", "--db-url", url]);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(resumed.stderr).toMatch(/IMP-\d+ is given up: it came from the standard input, which cannot be read again/);
  expect(await imports()).toEqual([{ status: "failed", failure: expect.stringContaining("entrée standard") }]);
  expect(await leads()).toBe(0);
  expect(JSON.parse((await runCli(command, { stdin: Buffer.from(rows) })).stdout)).toMatchObject({ inserted: 2 });
  expect(await leads()).toBe(2);
});

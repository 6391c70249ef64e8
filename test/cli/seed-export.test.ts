import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { byClientNames } from "../../cli/seed/client-names.ts";
import { describeProblem } from "../../cli/seed/problems.ts";
import { readSeedFolder } from "../../cli/seed/read-folder.ts";
import { type SeedKey, seedFileNames } from "../../cli/seed/schema.ts";
import { ownStack } from "../support/own-stack.ts";
import { runCli } from "./run-cli.ts";

const ownFolder = fileURLToPath(new URL("../../supabase/seed/leads", import.meta.url));
const folders: string[] = [];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "leads-cli-seed-"));
  folders.push(folder);
  return folder;
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const keys = Object.keys(seedFileNames) as SeedKey[];
const contentOf = (folder: string, key: SeedKey) => JSON.parse(readFileSync(join(folder, seedFileNames[key]), "utf8"));

/** Our own folder by the front end's names. */
function clientFolder(): string {
  const folder = newFolder();
  for (const key of keys) {
    writeFileSync(join(folder, seedFileNames[key]), JSON.stringify(byClientNames(key, contentOf(ownFolder, key))));
  }
  return folder;
}

describe("a folder by the front end's names", () => {
  test("has them", () => {
    const folder = clientFolder();
    expect(Object.keys(contentOf(folder, "stats"))).toContain("globalStats");
    expect(Object.keys(contentOf(folder, "virements"))).toEqual(["virements", "monthlyAmounts"]);
    const dates = contentOf(folder, "fournisseurGains").gains.map(
      (gain: { lastPaymentDate: string }) => gain.lastPaymentDate,
    );
    expect(dates).toContain("-");
  });

  test("is the same to whoever loads it", async () => {
    expect(await readSeedFolder(clientFolder())).toEqual(await readSeedFolder(ownFolder));
  });

  test("is refused by its own names", async () => {
    const folder = clientFolder();
    const stats = contentOf(folder, "stats");
    stats.monthlyStats[1].month = "Foo";
    stats.global = stats.globalStats;
    writeFileSync(join(folder, "stats.json"), JSON.stringify(stats));
    const result = await readSeedFolder(folder);
    const problems = result.ok ? [] : result.problems.map(describeProblem);
    expect(problems).toContainEqual(expect.stringContaining("stats.json monthlyStats[1].month : mois « Foo » inconnu"));
    expect(problems).toContainEqual(expect.stringContaining("champ inconnu « globalStats »"));
  });
});

describe("leads-cli seed --export", async () => {
  const { info } = await ownStack({});
  const target = ["--data-dir", info.dataDir];

  test.each(["document", "client"])(
    "writes what was seeded, by the %s names, and it may be seeded again",
    async (names) => {
      const folder = newFolder();
      const run = await runCli(["seed", folder, "--export", "--names", names, ...target]);
      expect(run).toMatchObject({ code: 0 });
      for (const key of keys) {
        const wanted = contentOf(ownFolder, key);
        expect(contentOf(folder, key), key).toEqual(names === "client" ? byClientNames(key, wanted) : wanted);
      }
      const again = await runCli(["seed", folder, "--json", ...target]);
      expect([again.code, JSON.parse(again.stdout).changed]).toEqual([0, false]);
    },
  );

  test("wants a folder, and no --dry-run", async () => {
    expect((await runCli(["seed", "--export", ...target])).code).toBe(2);
    expect((await runCli(["seed", newFolder(), "--export", "--dry-run", ...target])).code).toBe(2);
  });
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { runChaos } from "../../scripts/chaos/run.ts";

// `npm run chaos` in short: the same clients and the same verdict, a few hundred requests and one kill of each sort.

const dataDir = mkdtempSync(join(tmpdir(), "chaos-test-"));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

it("loses nothing that was answered and does nothing twice, whatever is killed", async () => {
  const report = await runChaos({
    ...{ dataDir, operations: 300, clients: 4, buyers: 20, seed: 1, log: () => undefined },
    kills: ["client", "function", "postgres connection", "postgres"],
  });
  expect(report.problems).toEqual([]);
  expect(report.races).toEqual(Array.from({ length: 5 }, () => ({ 201: 1, 409: 19 })));
  expect(report.kills).toEqual({ client: 1, function: 1, "postgres connection": 1, postgres: 1 });
  expect(report.restarts).toBe(1);
  expect(report.answers.purchase?.["201"]).toBeGreaterThan(50);
}, 180_000);

import { execFile } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startStackOn } from "../support/start-stack.ts";

// The example of a lead's life runs as it is printed in the documentation. It has a stack of its own, as it leaves
// there what it makes.

test("the example runs from the registration to the lead that a buyer has bought", { timeout: 60_000 }, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "example-test-"));
  const stack = await startStackOn(dataDir, ["--ephemeral"]);
  try {
    const script = join("scripts", "examples", "lead-life.ts");
    const run = promisify(execFile)(process.execPath, ["--import", "tsx", script, "--data-dir", dataDir]);
    const { stdout } = await run;
    expect(stdout).toMatch(/2 rows read, 1 new leads, 1 refused/);
    expect(stdout).toMatch(/3;Le secteur « Lune » est inconnu\./);
    expect(stdout).toMatch(/the supplier sees his lead: \S+, Zoé Durand, zoe-\S+@example\.test/);
    expect(stdout).toMatch(/is qualified by call AUD-\d+/);
    expect(stdout).toMatch(/the public sees: \S+, Zoé D\., z•••@•••/);
    const [shown = "", sold = ""] = stdout.slice(stdout.indexOf("the public sees")).split("A buyer registers");
    expect(shown).not.toContain("Durand");
    expect(sold).toMatch(/for 5 credits, \d+ are left, the buyer sees: \S+, Zoé Durand, zoe-\S+@example\.test/);
  } finally {
    stack.process.kill("SIGTERM");
    await stack.exited;
  }
});

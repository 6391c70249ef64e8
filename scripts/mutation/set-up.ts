import { afterEach, beforeEach, expect, inject } from "vitest";
import { notApplied } from "./mutant.ts";
import { mutate } from "./mutated-server.ts";

// Runs before each file of tests: puts in the defect that the file was asked about, and after the first test that fails
// leaves out the others.

declare module "vitest" {
  interface ProvidedContext {
    mutation: { adminUrl: string; statements: Record<string, string> };
  }
}

const { adminUrl, statements } = inject("mutation");
const [, trial = ""] = /\?trial=(\d+)$/.exec(expect.getState().testPath ?? "") ?? [];
await mutate(adminUrl, statements[trial]).catch((error: Error) => {
  throw new Error(`${notApplied}: ${error.message}`);
});

let failed = false;
beforeEach(({ skip }) => skip(failed));
afterEach(({ task }) => {
  failed ||= task.result?.state === "fail";
});

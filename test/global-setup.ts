import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { memoryFolder } from "../scripts/db/memory-folder.ts";
import type { StackInfo } from "../scripts/stack/index.ts";
import { preparedData } from "./support/prepared-data.ts";
import { startQuickStack } from "./support/start-stack.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Those of the workers, in their order. */
    stacks: readonly StackInfo[];
    /** What an ephemeral stack with the demo data is started with. */
    stackFlags: readonly string[];
  }
}

/**
 * A stack with the demo data for each worker, for the whole run, in which nothing happens by itself; they and their data are
 * gone afterwards. AUTH_BINARY names
 * a GoTrue to run them with, for the tests of what Auth promises.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const authBinary = process.env.AUTH_BINARY;
  const auth = authBinary ? ["--auth-binary", authBinary] : [];
  const flags = ["--ephemeral", "--no-schedule", "--copy-of", await preparedData(auth), ...auth];
  const start = () => startQuickStack(mkdtempSync(join(memoryFolder(), "stack-test-")), flags);
  const files = project.vitest.state.getPaths().length;
  const stacks = await Promise.all(Array.from({ length: Math.min(files, project.vitest.config.maxWorkers) }, start));
  project.provide("stackFlags", flags);
  project.provide(
    "stacks",
    stacks.map(({ info }) => info),
  );
  return async () => {
    for (const stack of stacks) stack.process.kill("SIGTERM");
    await Promise.all(stacks.map((stack) => stack.exited));
  };
}

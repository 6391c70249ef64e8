import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { memoryFolder } from "../scripts/db/memory-folder.ts";
import type { StackInfo } from "../scripts/stack/index.ts";
import { startStackOn } from "./support/start-stack.ts";

declare module "vitest" {
  interface ProvidedContext {
    stack: StackInfo;
  }
}

/** One stack with the demo data for the whole run; it and its data are gone afterwards. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stack = await startStackOn(mkdtempSync(join(memoryFolder(), "stack-test-")), ["--ephemeral"]);
  project.provide("stack", stack.info);
  return async () => {
    stack.process.kill("SIGTERM");
    await stack.exited;
  };
}

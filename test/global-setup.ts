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

/**
 * One stack with the demo data for the whole run; it and its data are gone afterwards. AUTH_BINARY names a GoTrue to run
 * it with, for the tests of what Auth promises.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const authBinary = process.env.AUTH_BINARY;
  const stack = await startStackOn(mkdtempSync(join(memoryFolder(), "stack-test-")), [
    "--ephemeral",
    ...(authBinary ? ["--auth-binary", authBinary] : []),
  ]);
  project.provide("stack", stack.info);
  return async () => {
    stack.process.kill("SIGTERM");
    await stack.exited;
  };
}

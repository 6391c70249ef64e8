import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { memoryFolder } from "../../scripts/db/memory-folder.ts";
import { copyData } from "../../scripts/stack/copied-data.ts";
import { freeBasePort } from "../../scripts/stack/ports.ts";
import { projectRoot } from "../../scripts/stack/project.ts";
import { startQuickStack } from "./start-stack.ts";

/** All that makes the demo data, or is made from the source when a stack starts. */
const sources = ["supabase", "scripts/stack", "cli", "functions", "package-lock.json"];

/**
 * The data folder of a stack that was started with the demo data and has ended: stacks that begin with a copy of it are
 * there in half the time. It is made anew when its sources change, and each day, as the demo data knows what day it is.
 *
 * @param flags what else the stack is started with
 */
export async function preparedData(flags: readonly string[]): Promise<string> {
  const cache = join(projectRoot, "node_modules", ".cache", "prepared-stacks");
  const folder = join(cache, stateOf(flags));
  if (existsSync(folder)) {
    utimesSync(folder, new Date(), new Date());
    return folder;
  }
  const made = await seeded(flags);
  mkdirSync(cache, { recursive: true });
  removeOld(cache);
  const draft = mkdtempSync(join(cache, "draft-"));
  copyData(made, draft);
  rmSync(made, { recursive: true, force: true });
  // Another run may have made the same meanwhile.
  if (existsSync(folder)) rmSync(draft, { recursive: true, force: true });
  else renameSync(draft, folder);
  return folder;
}

/** Another run may still copy what it began with: a run is over within the hour. */
function removeOld(cache: string): void {
  for (const path of readdirSync(cache).map((name) => join(cache, name))) {
    if (statSync(path).mtimeMs < Date.now() - 3_600_000) rmSync(path, { recursive: true, force: true });
  }
}

async function seeded(flags: readonly string[]): Promise<string> {
  const dataDir = mkdtempSync(join(memoryFolder(), "stack-prepared-"));
  const stack = await startQuickStack(dataDir, ["--port", String(await freeBasePort()), ...flags]);
  stack.process.kill("SIGTERM");
  await stack.exited;
  return dataDir;
}

function stateOf(flags: readonly string[]): string {
  const state = createHash("md5").update([new Date().toISOString().slice(0, 10), process.arch, ...flags].join("\n"));
  for (const path of sources.flatMap(filesOf)) state.update(path).update(readFileSync(path));
  return state.digest("hex");
}

function filesOf(source: string): string[] {
  const path = join(projectRoot, source);
  if (statSync(path).isFile()) return [path];
  const names = readdirSync(path, { recursive: true, encoding: "utf8" }).sort();
  return names.map((name) => join(path, name)).filter((each) => statSync(each).isFile());
}

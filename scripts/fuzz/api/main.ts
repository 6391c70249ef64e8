import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { SingleBar } from "cli-progress";
import { Command } from "commander";
import { wholeNumber } from "../../../cli/whole-number.ts";
import { memoryFolder } from "../../db/memory-folder.ts";
import { startStack } from "../../stack/index.ts";
import { inWords } from "./report.ts";
import { fuzzApi } from "./run.ts";
import { type Actor, actors } from "./target.ts";

/*
 * npm run fuzz -- [--cases N] [--seed N] [--only TEXT] [--roles a,b] [--json]
 * Calls every operation that the documents name, every view and function that PostgREST publishes, and the paths of Auth
 * and Storage, with requests that nobody means, as everybody. Ends with exit code 1 where an answer is a 5xx, is not what
 * the document says, tells of the inside, or shows a contact to somebody who may not see it.
 */

type Flags = { cases: number; seed: number; only?: string; roles?: Actor[]; json?: true };

const flags = new Command("npm run fuzz --")
  .description("Calls everything with odd requests, as everybody, on a stack of its own.")
  .option(
    "--cases <n>",
    "of each operation; a fifth of it of what PostgREST, Auth and Storage answer by themselves",
    wholeNumber(1),
    1000,
  )
  .option("--seed <n>", "another one is another run", wholeNumber(0), 1)
  .option("--only <text>", "what has this in its name: 'POST /api/leads', REST, AUTH, STORAGE")
  .option("--roles <names>", `of ${actors.join(", ")}`, readRoles)
  .option("--json", "print the report as JSON")
  .allowExcessArguments(false)
  .parse()
  .opts<Flags>();

function readRoles(text: string): Actor[] {
  return text.split(",").filter((name): name is Actor => (actors as readonly string[]).includes(name));
}

const stack = await startStack({
  dataDir: mkdtempSync(join(memoryFolder(), "fuzz-")),
  ephemeral: true,
  schedule: false,
  log: () => undefined,
});
const ending = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => ending.abort());
try {
  const bar = new SingleBar({
    format: "{bar} {value}/{total} {name}",
    noTTYOutput: true,
    notTTYSchedule: 15_000,
    stream: process.stderr,
  });
  const report = await fuzzApi(stack.info, {
    ...flags,
    signal: ending.signal,
    progress: (done, of, name, failures) => {
      for (const { fault } of failures) process.stderr.write(`${name}: ${fault}\n`);
      if (done === 1) bar.start(of, 0);
      bar.update(done, { name });
    },
  });
  bar.stop();
  process.stdout.write(`${flags.json ? JSON.stringify(report, null, 2) : inWords(report)}\n`);
  process.exitCode = report.failures.length > 0 ? 1 : 0;
} finally {
  await stack.stop();
}
process.exit();

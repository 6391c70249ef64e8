import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { wholeNumber } from "../../../cli/whole-number.ts";
import { filesInWords, fuzzFiles } from "./run.ts";

/*
 * npm run fuzz -- --files [--count N] [--seed N] [--first N]
 * Has files of every format that are made to take memory and time read by a process that does nothing else. Ends with exit
 * code 1 where one takes more than 150 MB or 5 s of CPU, or falls on an error; its file is kept.
 */

const { count, seed, first } = new Command("npm run fuzz -- --files")
  .description("Has hostile files of every format read.")
  .option("--files", "this")
  .option("--count <n>", "how many", wholeNumber(1), 10_000)
  .option("--seed <n>", "another one is another run", wholeNumber(0), 1)
  .option("--first <n>", "from which file on, to have one again", wholeNumber(0), 0)
  .allowExcessArguments(false)
  .parse()
  .opts<{ count: number; seed: number; first: number }>();

const keep = mkdtempSync(join(tmpdir(), "fuzz-files-"));
const report = await fuzzFiles({
  ...{ count, seed, first, keep },
  progress: (done) => {
    if (done % 500 === 0) process.stderr.write(`${done} of ${count}\n`);
  },
});
process.stdout.write(`${filesInWords(report)}\n`);
process.exit(report.breaches.length > 0 ? 1 : 0);

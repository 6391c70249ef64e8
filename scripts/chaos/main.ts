import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { wholeNumber } from "../../cli/whole-number.ts";
import { importsInWords, killImportsApart } from "./imports.ts";
import { randomOf } from "./random.ts";
import { type ChaosOptions, type ChaosReport, runChaos } from "./run.ts";

/*
 * npm run chaos -- [--operations N] [--clients N] [--seed N] [--kills N] [--imports N] [--keep] [--json]
 * Buyers race, buy, give back and are paid for, while parts of the stack and the clients are killed with SIGKILL. Ends
 * with exit code 1 where something that was answered is lost, something was done twice, or the books do not agree.
 */

type Flags = {
  operations: number;
  clients: number;
  seed: number;
  kills?: number;
  imports: number;
  keep?: true;
  json?: true;
};

/** What is killed, as often as it stands here. */
const targets: ChaosOptions["kills"] = [
  ...(["client", "client", "client", "client", "function", "function", "function"] as const),
  ...(["postgres connection", "postgrest", "postgres"] as const),
];

const flags = new Command("npm run chaos --")
  .description("Kills parts of the stack under load, and compares the books with what was answered.")
  .option("--operations <n>", "requests in all", wholeNumber(0), 100_000)
  .option("--clients <n>", "processes that send them", wholeNumber(1), 16)
  .option("--seed <n>", "another one is another run", wholeNumber(0), 1)
  .option("--kills <n>", "how often something is killed (default: once in a thousand requests)", wholeNumber(0))
  .option("--imports <n>", "how often an import of leads is killed, before all else", wholeNumber(0), 100)
  .option("--keep", "leave the folder with data and journals")
  .option("--json", "print the report as JSON")
  .allowExcessArguments(false)
  .parse()
  .opts<Flags>();

function inWords({ races, answers, askedAgain, kills: killed, restarts, seconds, problems }: ChaosReport): string {
  const counts = (all: Record<string, number>) =>
    Object.entries(all)
      .map(([name, n]) => `${n} × ${name}`)
      .join(", ");
  return [
    ...races.map((race, n) => `race ${n + 1} for an exclusive lead: ${counts(race)}`),
    ...Object.entries(answers).map(([kind, by]) => `${kind}: ${counts(by)}`),
    `${askedAgain} requests had to be sent again`,
    `killed: ${counts(killed)}; the stack was started again ${restarts} times; ${seconds} s`,
    ...problems.slice(0, 50).map((problem) => `PROBLEM ${problem}`),
    problems.length === 0 ? "Nothing is lost, nothing was done twice, the books agree." : `${problems.length} problems`,
  ].join("\n");
}

const dataDir = mkdtempSync(join(tmpdir(), "chaos-"));
const { operations, clients, seed } = flags;
const random = randomOf(seed, "targets");
const kills = Array.from(
  { length: flags.kills ?? Math.ceil(operations / 1000) },
  () => random.pick(targets) ?? "client",
);
const log = (line: string) => process.stderr.write(`${line}\n`);

const imports = await killImportsApart(flags.imports, seed, log);
const badImports = imports.half + imports.different;
const report = await runChaos({ dataDir, operations, clients, seed, buyers: 200, kills, log });
const said = flags.json
  ? JSON.stringify({ ...report, imports }, null, 2)
  : `${importsInWords(imports)}\n${inWords(report)}`;
process.stdout.write(`${said}\n`);
if (flags.keep || report.problems.length > 0) log(`Kept: ${dataDir}`);
else rmSync(dataDir, { recursive: true, force: true });
process.exit(report.problems.length + badImports > 0 ? 1 : 0);

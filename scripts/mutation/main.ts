import { styleText } from "node:util";
import { Command } from "commander";
import { wholeNumber } from "../../cli/whole-number.ts";
import { onServer } from "../db/build-database.ts";
import { constraintMutants } from "./constraints.ts";
import { grantMutants } from "./grants.ts";
import { judgeAll, refuseFailingTests, type Verdict } from "./judge.ts";
import type { Mutant } from "./mutant.ts";
import { type MutatedServer, withMutatedServer } from "./mutated-server.ts";
import { policyMutants } from "./policies.ts";

/*
 * npm run test:mutation -- [--only PATTERN] [--list] [--json] [--workers N] [--nearest]
 * Puts one defect after the other into a database, and looks for a test that fails of it.
 */

type Options = { only?: string; list?: true; json?: true; workers: number; nearest?: true };

function readOptions(): Options {
  return new Command("npm run test:mutation --")
    .description("Drops or loosens each policy, grant and constraint in turn; for each a test must fail.")
    .option("--only <pattern>", "mutants whose statement matches a regular expression")
    .option("--list", "show the mutants, run nothing")
    .option("--json", "print the verdicts as JSON")
    .option("--workers <n>", "so many at once, each with a database server of its own", wholeNumber(1), 1)
    .option("--nearest", "ask the tests nearest to each mutant only: quicker, and more survive")
    .allowExcessArguments(false)
    .parse()
    .opts<Options>();
}

async function mutantsOf(server: MutatedServer, only: string | undefined): Promise<Mutant[]> {
  const mutants = await onServer(server.pristineUrl, async (sql) => [
    ...(await policyMutants(sql)),
    ...(await constraintMutants(sql)),
    ...(await grantMutants(sql)),
  ]);
  const wanted = new RegExp(only ?? "", "i");
  return mutants.filter(({ statement }) => wanted.test(statement));
}

async function run(options: Options): Promise<boolean> {
  return withMutatedServer(async (first) => {
    const mutants = await mutantsOf(first, options.only);
    if (options.list) return list(mutants, options);
    const running = mutants.filter(({ equivalent }) => equivalent === undefined);
    if (!options.nearest) await refuseFailingTests(first);
    const left = [...running];
    const verdicts: Verdict[] = [];
    const tell = (verdict: Verdict) => {
      verdicts.push(verdict);
      progress(verdicts, running.length);
    };
    const others = Array.from({ length: options.workers - 1 }, () =>
      withMutatedServer((server) => judgeAll(server, left, options, tell)),
    );
    await Promise.all([judgeAll(first, left, options, tell), ...others]);
    return report(verdicts, mutants, options);
  });
}

function list(mutants: Mutant[], { json }: Options): boolean {
  const lines = mutants.map(
    ({ statement, equivalent }) => statement + (equivalent ? `   (not run: ${equivalent})` : ""),
  );
  print(json ? JSON.stringify(mutants, null, 2) : lines.join("\n"));
  return true;
}

function progress(verdicts: Verdict[], total: number): void {
  const last = verdicts.at(-1);
  if (last && !last.killedBy) process.stderr.write(`${styleText("red", "survived")}  ${last.statement}\n`);
  if (verdicts.length % 100 === 0) process.stderr.write(`${verdicts.length} of ${total}\n`);
}

function report(verdicts: Verdict[], mutants: Mutant[], { json }: Options): boolean {
  const survivors = verdicts.filter(({ killedBy }) => killedBy === undefined);
  const equivalents = mutants.filter(({ equivalent }) => equivalent !== undefined);
  const killed = verdicts.length - survivors.length;
  if (json) print(JSON.stringify({ killed, total: verdicts.length, verdicts, equivalents }, null, 2));
  else {
    for (const { statement } of survivors) print(`survived: ${statement}`);
    for (const reason of new Set(equivalents.map(({ equivalent }) => equivalent))) {
      print(`not run, ${reason}: ${equivalents.filter(({ equivalent }) => equivalent === reason).length}`);
    }
    print(`killed ${killed}/${verdicts.length}`);
  }
  return survivors.length === 0;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

const allKilled = await run(readOptions());
process.exit(allKilled ? 0 : 1);

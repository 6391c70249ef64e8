import { styleText } from "node:util";
import { Command } from "commander";
import { onServer } from "../db/build-database.ts";
import { constraintMutants } from "./constraints.ts";
import { grantMutants } from "./grants.ts";
import type { Mutant } from "./mutant.ts";
import { type MutatedServer, withMutatedServer } from "./mutated-server.ts";
import { nearestTests } from "./nearest.ts";
import { policyMutants } from "./policies.ts";
import { prepareTests, type TestRuns } from "./test-runs.ts";

/*
 * npm run test:mutation -- [--only PATTERN] [--list] [--json] [--workers N] [--nearest]
 * Puts one defect after the other into a database, and looks for a test that fails of it.
 */

type Options = { only?: string; list?: true; json?: true; workers: string; nearest?: true };

/** So many mutants are judged in one run of the tests. */
const atOnce = 25;

/** A mutant, and the test that failed of it; a survivor has none. */
type Verdict = { statement: string; killedBy?: string };

function readOptions(): Options {
  return new Command("npm run test:mutation --")
    .description("Drops or loosens each policy, grant and constraint in turn; for each a test must fail.")
    .option("--only <pattern>", "mutants whose statement matches a regular expression")
    .option("--list", "show the mutants, run nothing")
    .option("--json", "print the verdicts as JSON")
    .option("--workers <n>", "so many at once, each with a database server of its own", "1")
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

/** Judges mutants from a list that several workers share, so many at a time, until it is empty. */
async function work({ adminUrl }: MutatedServer, left: Mutant[], options: Options, tell: (verdict: Verdict) => void) {
  const tests = await prepareTests(adminUrl);
  try {
    while (left.length > 0) for (const verdict of await judge(tests, left.splice(0, atOnce), options)) tell(verdict);
  } finally {
    await tests.stop();
  }
}

// Each mutant is asked about alone, on databases of its own: first the tests nearest to it, then, while it lives, all others.
async function judge(tests: TestRuns, mutants: Mutant[], { nearest }: Options): Promise<Verdict[]> {
  const killedBy = new Map<Mutant, string>();
  const tried = (mutant: Mutant) => [...nearestTests(mutant), ...(nearest ? [] : tests.all)];
  for (let round = 0; ; round++) {
    const trials = mutants.flatMap((mutant) => {
      const target = killedBy.has(mutant) ? undefined : tried(mutant)[round];
      return target ? [{ mutant, statement: mutant.statement, target }] : [];
    });
    if (trials.length === 0) break;
    const failures = await tests.failures(trials);
    for (const [position, { mutant }] of trials.entries()) {
      const failure = failures[position];
      if (failure !== undefined) killedBy.set(mutant, failure);
    }
  }
  return mutants.map((mutant) => {
    const test = killedBy.get(mutant);
    return test === undefined ? { statement: mutant.statement } : { statement: mutant.statement, killedBy: test };
  });
}

// A test that fails of nothing would kill every mutant.
async function refuseFailingTests({ adminUrl }: MutatedServer): Promise<void> {
  const tests = await prepareTests(adminUrl);
  const failures = await tests.failures(tests.all.map((target) => ({ target })));
  await tests.stop();
  const failure = failures.find((one) => one !== undefined);
  if (failure) throw new Error(`A test fails without any mutant: ${failure}`);
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
    const others = Array.from({ length: Number(options.workers) - 1 }, () =>
      withMutatedServer((server) => work(server, left, options, tell)),
    );
    await Promise.all([work(first, left, options, tell), ...others]);
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

import type { Mutant } from "./mutant.ts";
import type { MutatedServer } from "./mutated-server.ts";
import { nearestTests } from "./nearest.ts";
import { prepareTests, type TestRuns } from "./test-runs.ts";

/** A mutant, and the test that failed of it; a survivor has none. */
export type Verdict = { statement: string; killedBy?: string };

/** Whether the tests nearest to a mutant alone are asked. */
type Asked = { nearest?: true };

/** So many mutants are judged in one run of the tests. */
const atOnce = 25;

/** Judges mutants from a list that several workers share, so many at a time, until it is empty. */
export async function judgeAll(
  { adminUrl }: MutatedServer,
  left: Mutant[],
  options: Asked,
  tell: (verdict: Verdict) => void,
) {
  const tests = await prepareTests(adminUrl);
  try {
    while (left.length > 0) for (const verdict of await judge(tests, left.splice(0, atOnce), options)) tell(verdict);
  } finally {
    await tests.stop();
  }
}

// Each mutant is asked about alone, on databases of its own: first the tests nearest to it, then, while it lives, all others.
async function judge(tests: TestRuns, mutants: Mutant[], { nearest }: Asked): Promise<Verdict[]> {
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

/** Throws where a test fails without any mutant: it would kill them all. */
export async function refuseFailingTests({ adminUrl }: MutatedServer): Promise<void> {
  const tests = await prepareTests(adminUrl);
  const failures = await tests.failures(tests.all.map((target) => ({ target })));
  await tests.stop();
  const failure = failures.find((one) => one !== undefined);
  if (failure) throw new Error(`A test fails without any mutant: ${failure}`);
}

import { join } from "node:path";
import { createVitest, type TestModule } from "vitest/node";
import { projectRoot } from "../stack/project.ts";
import { notApplied } from "./mutant.ts";

/** Tests to run: a file, and if said the tests of it whose full name holds a text. */
export type Target = { file: string; name?: string };

/** What is tried: tests on databases with a defect; on sound ones without. */
type Trial = { statement?: string; target: Target };

/** The project's tests over one database server, run again and again without starting anew. */
export type TestRuns = {
  /** Every file of tests that needs nothing but a database. */
  all: Target[];
  /** For each trial the first test that failed, its file and name; nothing where all passed. */
  failures: (trials: readonly Trial[]) => Promise<(string | undefined)[]>;
  stop: () => Promise<void>;
};

/** Makes the tests ready that take their databases from a server. */
export async function prepareTests(adminUrl: string): Promise<TestRuns> {
  const vitest = await createVitest("test", {
    ...{ root: projectRoot, config: false, watch: false, reporters: [{}] },
    include: ["test/sql/**/*.test.ts", "test/gates/{catalogue,advisors}.test.ts"],
    setupFiles: [join(import.meta.dirname, "set-up.ts")],
    provide: { stacks: [{ dbUrl: adminUrl }] } as never,
    ...{ testTimeout: 20_000, hookTimeout: 60_000 },
    // One process for all trials of a run: to start one takes longer than most of them.
    ...{ isolate: false, maxWorkers: 1, fileParallelism: false },
  });
  const project = vitest.getRootProject();
  let trialsMade = 0;
  const failures = async (trials: readonly Trial[]): Promise<(string | undefined)[]> => {
    const numbers = trials.map(() => trialsMade++);
    const statements: Record<string, string> = {};
    const specifications = trials.map(({ statement, target: { file, name } }, position) => {
      const number = numbers[position] ?? 0;
      if (statement !== undefined) statements[number] = statement;
      const pattern = name === undefined ? {} : { testNamePattern: new RegExp(escaped(name)) };
      // Another query makes it another module, which runs for itself.
      return project.createSpecification(`${join(projectRoot, file)}?trial=${number}`, pattern);
    });
    project.provide("mutation", { adminUrl, statements });
    const { testModules } = await vitest.runTestSpecifications(specifications);
    const modules = new Map(testModules.map((module) => [Number(module.moduleId.split("?trial=")[1]), module]));
    return numbers.map((number) => failureOf(modules.get(number)));
  };
  const specifications = await vitest.globTestSpecifications();
  const files = specifications.map(({ moduleId }) => moduleId.slice(projectRoot.length).replace(/^\//, "")).sort();
  return { all: files.map((file) => ({ file })), failures, stop: () => vitest.close() };
}

function failureOf(module: TestModule | undefined): string | undefined {
  if (!module) throw new Error("A file of tests was not run");
  const [error] = module.errors();
  if (error?.message.startsWith(notApplied)) throw new Error(error.message);
  if (module.state() === "passed" || module.state() === "skipped") return undefined;
  const file = module.relativeModuleId.replace(/\?.*/, "");
  for (const test of module.children.allTests("failed")) return `${file}: ${test.fullName}`;
  return `${file}: cannot even begin (${error?.message ?? module.state()})`;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

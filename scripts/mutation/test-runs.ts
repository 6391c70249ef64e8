import { createVitest, type TestModule } from "vitest/node";
import { projectRoot } from "../stack/project.ts";

/** Tests to run: a file, and if said the tests of it whose full name holds a text. */
export type Target = { file: string; name?: string };

/** The project's tests over one database server, run again and again without starting anew. */
export type TestRuns = {
  /** Every file of tests that needs nothing but a database, quickest first. */
  all: Target[];
  /** Runs the targets one after the other until a test fails; returns its file and name, or nothing. */
  firstFailure: (targets: readonly Target[]) => Promise<string | undefined>;
  stop: () => Promise<void>;
};

/** Makes the tests ready that take their databases from a server. */
export async function prepareTests(adminUrl: string): Promise<TestRuns> {
  const vitest = await createVitest("test", {
    ...{ root: projectRoot, config: false, watch: false, reporters: [{}] },
    include: ["test/sql/**/*.test.ts", "test/gates/{catalogue,advisors}.test.ts"],
    provide: { stack: { dbUrl: adminUrl } } as never,
    ...{ testTimeout: 20_000, hookTimeout: 60_000 },
    ...{ bail: 1, maxWorkers: 1, fileParallelism: false },
  });
  const project = vitest.getRootProject();
  const run = async ({ file, name }: Target): Promise<string | undefined> => {
    const pattern =
      name === undefined ? {} : { testNamePattern: new RegExp(name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")) };
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications([
      project.createSpecification(file, pattern),
    ]);
    for (const module of testModules) {
      if (module.state() === "failed") return `${module.relativeModuleId}: ${failureOf(module)}`;
    }
    return unhandledErrors.length > 0 ? `${file}: ${String(unhandledErrors[0])}` : undefined;
  };
  const specifications = await vitest.globTestSpecifications();
  return {
    all: specifications.map(({ moduleId }) => ({ file: moduleId })).sort((a, b) => a.file.localeCompare(b.file)),
    firstFailure: async (targets) => {
      for (const target of targets) {
        const failure = await run(target);
        if (failure) return failure;
      }
      return undefined;
    },
    stop: () => vitest.close(),
  };
}

function failureOf(module: TestModule): string {
  for (const test of module.children.allTests("failed")) return test.fullName;
  return "cannot even begin";
}

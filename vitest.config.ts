import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/longest-first.ts";

// A process of its own for each file would load the same modules a hundred times. One file looks at how much memory its
// process has ever taken, so it has one.
const measured = ["test/import/hostile.test.ts"];

export default defineConfig({
  test: {
    // Each has a stack of its own: two keep the two cores of a small machine busy while one of them waits.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: "tests",
          include: ["test/**/*.test.ts", "functions/**/*.test.ts", "cli/**/*.test.ts", "scripts/**/*.test.ts"],
          exclude: measured,
          globalSetup: "test/global-setup.ts",
          setupFiles: "test/support/set-up.ts",
          isolate: false,
        },
      },
      { extends: true, test: { name: "measured", include: measured } },
    ],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Two stacks are stopped at the end, which takes a while where the machine is busy.
    teardownTimeout: 60_000,
  },
});

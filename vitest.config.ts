import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "functions/**/*.test.ts", "cli/**/*.test.ts", "scripts/**/*.test.ts"],
    globalSetup: "test/global-setup.ts",
    // Each has a stack of its own: two keep the two cores of a small machine busy while one of them waits.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});

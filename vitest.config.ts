import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "functions/**/*.test.ts", "cli/**/*.test.ts", "scripts/**/*.test.ts"],
    globalSetup: "test/global-setup.ts",
    // Two cores are what a small machine has; the stack needs one of them.
    fileParallelism: false,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});

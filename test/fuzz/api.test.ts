import { expect, test } from "vitest";
import { inWords } from "../../scripts/fuzz/api/report.ts";
import { fuzzApi } from "../../scripts/fuzz/api/run.ts";
import { ownStack } from "../support/own-stack.ts";

// npm run fuzz in small: the same cases each time, a few of each operation.

const { info } = await ownStack({});

test("nothing that is published falls over, says more than its document, or shows a hidden contact", async () => {
  const report = await fuzzApi(info, { cases: 5, seed: 1, progress: () => undefined });
  expect(Object.keys(report.answers).length).toBeGreaterThan(200);
  expect(report.failures, inWords(report)).toEqual([]);
}, 60_000);

import type { Mutant } from "./mutant.ts";
import type { Target } from "./test-runs.ts";

/** The tests that should notice a defect, nearest first; the others are asked where these do not. */
export function nearestTests({ kind, subject, statement }: Mutant): Target[] {
  if (kind === "check") return [{ file: "test/sql/constraints.test.ts" }];
  if (kind === "key") return [{ file: "test/sql/keys.test.ts" }];
  if (subject.startsWith("storage.")) return [{ file: "test/sql/recordings.test.ts" }];
  if (subject.startsWith("public.")) {
    return [{ file: "test/sql/published.test.ts", name: subject.replace("public.", "") }];
  }
  const grants = { file: "test/sql/grants.test.ts" };
  const ofRows = kind === "policy" || / (select|insert|update|delete)\b.* on table /.test(statement);
  if (!ofRows) return [grants];
  // The advisors last: they take seconds.
  return [{ file: "test/sql/rights.test.ts", name: subject }, grants, { file: "test/gates/advisors.test.ts" }];
}

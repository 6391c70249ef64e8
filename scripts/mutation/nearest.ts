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
  const ofRows = kind === "policy" || / (select|insert|update|delete)\b.* on table /.test(statement);
  const catalogue = { file: ofRows ? "test/gates/advisors.test.ts" : "test/sql/grants.test.ts" };
  return ofRows ? [{ file: "test/sql/rights.test.ts", name: subject }, catalogue] : [catalogue];
}

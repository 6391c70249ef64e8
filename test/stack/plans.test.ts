import { expect, it } from "vitest";
import { db } from "../support/stack.ts";

it("a plan names its query, as Supabase's do", async () => {
  const [row] = await db()`explain (verbose, format json) select 1 as one`;
  expect(row?.["QUERY PLAN"][0]).toMatchObject({ "Query Identifier": expect.any(Number) });
});

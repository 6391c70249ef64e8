import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { generateTypes } from "../../scripts/db/supabase-cli.ts";
import { typesFile } from "../../scripts/db/types-file.ts";
import { projectRoot } from "../../scripts/stack/project.ts";
import type { Database } from "../../types/database.generated.ts";
import { testDatabase } from "../support/sql.ts";

const database = await testDatabase();

it("the generated types are those of sql/ (if not: npm run db:types)", async () => {
  expect(readFileSync(join(projectRoot, typesFile), "utf8")).toBe(await generateTypes(database.url));
}, 60_000);

it("they know what is published", () => {
  // The compiler is the judge of these two.
  const lead: Pick<Database["public"]["Views"]["leads"]["Row"], "id" | "firstName"> = {
    id: "lead-001",
    firstName: "Jean",
  };
  const search: keyof Database["public"]["Functions"] = "leads_search";
  expect([lead.id, search]).toEqual(["lead-001", "leads_search"]);
});

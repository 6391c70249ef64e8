import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { generateTypes } from "../../scripts/db/supabase-cli.ts";
import { typesFile } from "../../scripts/db/types-file.ts";
import { projectRoot } from "../../scripts/stack/project.ts";
import { testDatabase } from "../support/sql.ts";

const database = await testDatabase();

it("the generated types are those of sql/ (if not: npm run db:types)", async () => {
  expect(readFileSync(join(projectRoot, typesFile), "utf8")).toBe(await generateTypes(database.url));
});

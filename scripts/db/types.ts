import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectRoot } from "../stack/project.ts";
import { buildDatabase } from "./build-database.ts";
import { withScratchServer } from "./scratch-server.ts";
import { schemaFiles } from "./sql-files.ts";
import { generateTypes } from "./supabase-cli.ts";
import { typesFile } from "./types-file.ts";

/* npm run db:types writes the TypeScript types of what sql/ publishes, as the Supabase CLI generates them. */

const text = await withScratchServer(async (adminUrl) =>
  generateTypes(await buildDatabase(adminUrl, "types", schemaFiles())),
);
mkdirSync(dirname(join(projectRoot, typesFile)), { recursive: true });
writeFileSync(join(projectRoot, typesFile), text);
console.log(`Written: ${typesFile}`);

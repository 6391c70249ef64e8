import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { projectRoot } from "../stack/project.ts";
import { buildDatabase } from "./build-database.ts";
import { referenceRows } from "./reference-rows.ts";
import { withScratchServer } from "./scratch-server.ts";
import { migrationFiles, migrationsFolder, type SqlFile, schemaFiles } from "./sql-files.ts";
import { schemaDiff } from "./supabase-cli.ts";

/*
 * npm run db:migration -- NAME      (20270131120000_NAME, to say its time as well)
 * Derives the next migration from sql/: the first one is those files one after the other, a later one is what
 * `supabase db diff` finds between a database built from the migrations and one built from sql/. It is there to be
 * reviewed before it is committed.
 */

const name = process.argv[2];
if (!name || !/^(\d{14}_)?[a-z][a-z0-9_]*$/.test(name)) {
  console.error("Usage: npm run db:migration -- NAME   (lower case, digits and underscores)");
  process.exit(2);
}
mkdirSync(join(projectRoot, migrationsFolder), { recursive: true });
const earlier = migrationFiles();
const text = earlier.length === 0 ? joined(schemaFiles()) : await difference(earlier);
if (text === "") {
  console.log("The migrations already give what sql/ says.");
} else {
  const path = `${migrationsFolder}/${/^\d/.test(name) ? name : `${timestamp(earlier)}_${name}`}.sql`;
  writeFileSync(join(projectRoot, path), text);
  console.log(`Written: ${path}. Review it, then commit it.`);
}

function joined(files: SqlFile[]): string {
  const parts = files.map(({ path, text }) => `-- ${path}\n\n${text.trimEnd()}\n`);
  return ["-- Derived from sql/, where the schema is read and changed.\n", ...parts].join("\n");
}

function difference(earlier: SqlFile[]): Promise<string> {
  return withScratchServer(async (adminUrl) => {
    const from = await buildDatabase(adminUrl, "from_migrations", earlier);
    const to = await buildDatabase(adminUrl, "from_sql", schemaFiles());
    const sql = await schemaDiff(from, to);
    const rows = await changedRows(from, to);
    return [sql, rows].filter((part) => part !== "").join("\n\n");
  });
}

// A diff of schemas does not see rows, and what to do about rows that people may have changed since is not for a
// program to say.
async function changedRows(from: string, to: string): Promise<string> {
  const [before, after] = await Promise.all([referenceRows(from), referenceRows(to)]);
  const tables = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return tables
    .filter((table) => !isDeepStrictEqual(before[table], after[table]))
    .map((table) => `-- TO DO: the rows that sql/ puts into ${table} have changed; write here what happens to them.`)
    .join("\n");
}

// The time of day, in UTC, but always later than the newest migration.
function timestamp(earlier: SqlFile[]): string {
  const now = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
  const newest = earlier.at(-1)?.path.match(/(\d+)_[^/]*$/)?.[1] ?? "0";
  return BigInt(now) > BigInt(newest) ? now : String(BigInt(newest) + 1n);
}

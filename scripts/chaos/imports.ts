import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { buildDatabase } from "../db/build-database.ts";
import { withScratchServer } from "../db/scratch-server.ts";
import { schemaFiles } from "../db/sql-files.ts";
import { killImports } from "./import-kills.ts";

/*
 * npm run chaos:import [-- TIMES [SEED]]
 * Kills an import of 20,000 rows a hundred times, on a Postgres of its own, and prints what became of it. Exit 1 if it
 * ever ended with other rows than an undisturbed run.
 */

const times = Number(process.argv[2] ?? 100);
const seed = Number(process.argv[3] ?? 7);

await withScratchServer(async (adminUrl) => {
  const url = await buildDatabase(adminUrl, "chaos", schemaFiles());
  const folder = mkdtempSync(join(tmpdir(), "chaos-import-"));
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    const counts = await killImports({ sql, url, folder, rows: 20_000, times, seed });
    for (const [what, count] of Object.entries(counts)) console.log(`${what.padEnd(14)} ${count}`);
    if (counts.half + counts.different > 0) process.exitCode = 1;
  } finally {
    await sql.end();
    rmSync(folder, { recursive: true, force: true });
  }
});

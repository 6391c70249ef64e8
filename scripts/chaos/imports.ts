import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { buildDatabase } from "../db/build-database.ts";
import { withScratchServer } from "../db/scratch-server.ts";
import { schemaFiles } from "../db/sql-files.ts";
import type { Log } from "../stack/supervisor.ts";
import { type KillCounts, killImports } from "./import-kills.ts";

const rows = 5000;
const victims = ["leads-cli", "both", "leads-cli", "backend"] as const;

/** Kills an import so many times, on a Postgres of its own, and says what became of it. */
export function killImportsApart(times: number, seed: number, log: Log): Promise<KillCounts> {
  return withScratchServer(async (adminUrl) => {
    const url = await buildDatabase(adminUrl, "chaos", schemaFiles());
    const folder = mkdtempSync(join(tmpdir(), "chaos-import-"));
    const sql = postgres(url, { max: 1, onnotice: () => undefined });
    const onRound = ({ killed }: KillCounts) => killed % 10 === 0 && log(`${killed} of ${times} imports killed`);
    try {
      return await killImports({ sql, url, folder, rows, times, seed, victims, onRound });
    } finally {
      await sql.end();
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

/** One line for people. */
export function importsInWords({ killed, in: phases, victims, resumed, half, different }: KillCounts): string {
  const each = (counts: Record<string, number>) =>
    Object.entries(counts)
      .map(([name, times]) => `${name} ${times}`)
      .join(", ");
  return `imports killed: ${killed} (while ${each(phases)}; killed: ${each(victims)}; ${resumed} taken up by --resume): ${half} half in, ${different} with other rows than an undisturbed one`;
}

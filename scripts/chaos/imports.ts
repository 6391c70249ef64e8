import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { buildDatabase } from "../db/build-database.ts";
import { withScratchServer } from "../db/scratch-server.ts";
import { schemaFiles } from "../db/sql-files.ts";
import type { Log } from "../stack/supervisor.ts";
import { type KillCounts, killImports } from "./import-kills.ts";

const rows = 3000;

/** Kills an import so many times, on a Postgres of its own, and says what became of it. */
export function killImportsApart(times: number, seed: number, log: Log): Promise<KillCounts> {
  return withScratchServer(async (adminUrl) => {
    const url = await buildDatabase(adminUrl, "chaos", schemaFiles());
    const folder = mkdtempSync(join(tmpdir(), "chaos-import-"));
    const sql = postgres(url, { max: 1, onnotice: () => undefined });
    const onRound = ({ killed }: KillCounts) => killed % 10 === 0 && log(`${killed} of ${times} imports killed`);
    try {
      return await killImports({ sql, url, folder, rows, times, seed, onRound });
    } finally {
      await sql.end();
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

/** One line for people. */
export function importsInWords(counts: KillCounts): string {
  const { killed, beforeItBegan, onItsWay, afterItsEnd, resumed, half, different } = counts;
  return `imports killed: ${killed} (${beforeItBegan} before they began, ${onItsWay} on their way, ${afterItsEnd} after their end; ${resumed} taken up by --resume): ${half} half in, ${different} with other rows than an undisturbed one`;
}

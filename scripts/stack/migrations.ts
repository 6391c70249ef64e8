import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { connect } from "./postgres.ts";
import { projectRoot, resolvePackage } from "./project.ts";
import type { Supervisor } from "./supervisor.ts";

/** Files of supabase/migrations that the database has not had, by name and in order. */
export async function pendingMigrations(dbUrl: string): Promise<string[]> {
  const folder = join(projectRoot, "supabase", "migrations");
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => /^\d+_.*\.sql$/.test(name));
  const done = await appliedVersions(dbUrl);
  return files.filter((name) => !done.has(name.split("_")[0] ?? "")).sort();
}

// Asked here, as the CLI takes its time even when there is nothing to do.
async function appliedVersions(dbUrl: string): Promise<Set<string>> {
  const sql = connect(dbUrl);
  try {
    const [table] = await sql`select to_regclass('supabase_migrations.schema_migrations') is not null as present`;
    if (!table?.present) return new Set();
    const rows = await sql<{ version: string }[]>`select version from supabase_migrations.schema_migrations`;
    return new Set(rows.map(({ version }) => version));
  } finally {
    await sql.end();
  }
}

/** Applies what is pending, by the Supabase CLI itself, so that it is applied as it will be elsewhere. */
export async function applyMigrations(supervisor: Supervisor, dbUrl: string): Promise<void> {
  const lines: string[] = [];
  const child = supervisor.start({
    name: "migrations",
    command: process.execPath,
    args: [
      join(resolvePackage("supabase/package.json"), "..", "dist", "supabase.js"),
      "migration",
      "up",
      "--yes",
      `--remote=${dbUrl}`,
    ],
    // It would report its use and look for a newer version of itself; it also takes a project's settings from here.
    env: {
      ...withoutSupabaseVariables(),
      SUPABASE_TELEMETRY_DISABLED: "1",
      DO_NOT_TRACK: "1",
      SUPABASE_NO_UPDATE_NOTIFIER: "1",
    },
    mayEnd: true,
    onLine: (line) => lines.push(line),
  });
  const how = await child.exited;
  if (how !== "exit code 0") throw new Error(`The migrations could not be applied (${how})\n${lines.join("\n")}`);
}

function withoutSupabaseVariables(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(SUPABASE_|PG)/.test(name)));
}

import { execFile } from "node:child_process";
import { join } from "node:path";
import { projectRoot, readProjectConfig, resolvePackage } from "../stack/project.ts";
import { schemaFolders } from "./sql-files.ts";

/** Runs the Supabase CLI of this project and returns what it prints. Throws with its messages where it fails. */
export function supabaseCli(...args: string[]): Promise<string> {
  const program = join(resolvePackage("supabase/package.json"), "..", "dist", "supabase.js");
  return new Promise((resolve, reject) => {
    const options = { cwd: projectRoot, env: environment(), maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [program, ...args], options, (error, stdout, stderr) => {
      if (error) reject(new Error(`supabase ${args.slice(0, 2).join(" ")} failed\n${stderr}\n${stdout}`));
      else resolve(stdout);
    });
  });
}

/** What changes a database into another, as SQL; empty where they are alike. Rows are not compared. */
export async function schemaDiff(fromUrl: string, toUrl: string): Promise<string> {
  return (await supabaseCli("db", "diff", "--from", fromUrl, "--to", toUrl)).trim();
}

/** TypeScript types of what a database publishes, and of the tables behind it, for the command line. */
export function generateTypes(dbUrl: string): Promise<string> {
  const schemas = [...new Set([...readProjectConfig().schemas, ...schemaFolders()])];
  return supabaseCli("gen", "types", "typescript", "--schema", schemas.join(","), `--remote=${dbUrl}`);
}

// It would report its use, look for a newer version of itself, and take a project's settings from the environment.
// Without PGSSLMODE it says among its results that a local server speaks no TLS.
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(SUPABASE_|PG)/.test(name));
  return {
    ...Object.fromEntries(kept),
    PGSSLMODE: "disable",
    SUPABASE_TELEMETRY_DISABLED: "1",
    SUPABASE_NO_UPDATE_NOTIFIER: "1",
    DO_NOT_TRACK: "1",
  };
}

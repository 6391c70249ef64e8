import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { projectRoot } from "./project.ts";

/** The file that `supabase start` and `supabase functions serve` read as well. */
const usualFile = join(projectRoot, "supabase", "functions", ".env");

/**
 * What the functions are given besides the stack's own variables, out of a file of lines NAME=value. As on a hosted
 * project, names that start with SUPABASE_ are the platform's and are passed over. Throws where a named file is not there.
 */
export function functionSettings(file: string | undefined): Record<string, string> {
  if (file === undefined && !existsSync(usualFile)) return {};
  const path = file === undefined ? usualFile : resolve(file);
  if (!existsSync(path)) throw new Error(`There is no file ${path}`);
  const named = Object.entries(parseEnv(readFileSync(path, "utf8")));
  return Object.fromEntries(
    named.flatMap(([name, value]) => (value === undefined || name.startsWith("SUPABASE_") ? [] : [[name, value]])),
  );
}

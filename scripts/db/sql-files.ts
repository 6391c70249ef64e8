import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../stack/project.ts";

/** A file of SQL: its path from the project's root, and its text. */
export type SqlFile = { path: string; text: string };

/** Where the way of a live database to the schema is kept. */
export const migrationsFolder = "supabase/migrations";

/** The schema as it reads today, in the order in which it is built. */
export function schemaFiles(): SqlFile[] {
  return schemaFolders().flatMap((folder) => filesOf(`sql/${folder}`));
}

/** The folders of sql/, each called as the schema whose tables it holds: platform, then each system by its name. */
export function schemaFolders(): string[] {
  const systems = readdirSync(join(projectRoot, "sql"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "platform")
    .map((entry) => entry.name);
  return ["platform", ...systems.sort()];
}

/** The migrations, in the order in which a database gets them. */
export function migrationFiles(): SqlFile[] {
  return filesOf(migrationsFolder);
}

function filesOf(folder: string): SqlFile[] {
  return readdirSync(join(projectRoot, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => ({ path: `${folder}/${name}`, text: readFileSync(join(projectRoot, folder, name), "utf8") }));
}

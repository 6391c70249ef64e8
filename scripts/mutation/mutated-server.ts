import { buildDatabase, databaseAt, onServer, templateName } from "../db/build-database.ts";
import { memoryFolder } from "../db/memory-folder.ts";
import { withScratchServer } from "../db/scratch-server.ts";
import { schemaFiles } from "../db/sql-files.ts";

const pristine = "pristine";

/** A server whose test databases can all be given a defect: its superuser's address, and that of a sound database. */
export type MutatedServer = { adminUrl: string; pristineUrl: string };

/** Runs `work` with a server of its own. */
export function withMutatedServer<Result>(work: (server: MutatedServer) => Promise<Result>): Promise<Result> {
  return withScratchServer(async (adminUrl) => {
    const pristineUrl = await buildDatabase(adminUrl, pristine, schemaFiles());
    return work({ adminUrl, pristineUrl });
  }, memoryFolder());
}

/** Gives every test database that is made from now on this defect and no other; no defect if none is named. */
export async function mutate(adminUrl: string, statement?: string): Promise<void> {
  // The tests copy their databases from this one. What they left behind goes too.
  const template = templateName(schemaFiles());
  await onServer(adminUrl, async (sql) => {
    const databases = await sql<{ name: string }[]>`
      select datname as name from pg_database where datname ~ '^test_' or datname = ${template}`;
    for (const { name } of databases) await sql`drop database if exists ${sql(name)} with (force)`;
    await sql`create database ${sql(template)} template ${sql(pristine)}`;
  });
  if (statement) await onServer(databaseAt(adminUrl, template), (sql) => sql.unsafe(statement));
}

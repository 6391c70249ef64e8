import { createHash } from "node:crypto";
import postgres from "postgres";
import type { SqlFile } from "./sql-files.ts";

/**
 * Makes a new database on a server, as Supabase would hand it over, and applies files of SQL to it, each as a whole.
 *
 * @param adminUrl connection string of a superuser of the server
 * @param name the new database; one of that name is replaced
 * @returns its connection string
 * @throws the database's error with the file that it came from
 */
export async function buildDatabase(adminUrl: string, name: string, files: readonly SqlFile[]): Promise<string> {
  await onServer(adminUrl, (sql) => sql`drop database if exists ${sql(name)} with (force)`);
  await onServer(adminUrl, (sql) => sql`create database ${sql(name)}`);
  const url = databaseAt(adminUrl, name);
  // Loaded here: it takes a second, which most callers of this file's other functions need not wait.
  const { ensureSystemSchema } = await import("../stack/system-schema.ts");
  await ensureSystemSchema(url);
  await onServer(url, async (sql) => {
    for (const { path, text } of files) {
      await sql
        .begin((transaction) => transaction.unsafe(text))
        .catch((error: Error) => {
          throw new Error(`${path}: ${error.message}`, { cause: error });
        });
    }
  });
  return url;
}

/** The name of the database that others are copied from while the files of SQL are these. */
export function templateName(files: readonly SqlFile[]): string {
  return `template_${createHash("md5").update(JSON.stringify(files)).digest("hex").slice(0, 12)}`;
}

/** The connection string of another database of the same server, by the same user. */
export function databaseAt(adminUrl: string, name: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** Does `work` on one connection, and closes it. */
export async function onServer<Result>(url: string, work: (sql: postgres.Sql) => PromiseLike<Result>): Promise<Result> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

import postgres from "postgres";
import { afterAll } from "vitest";
import { rolledBack } from "../../functions/_shared/rolled-back.ts";
import { buildDatabase, databaseAt, onServer, templateName } from "../../scripts/db/build-database.ts";
import { schemaFiles } from "../../scripts/db/sql-files.ts";
import { type Actor, idOf } from "./market.ts";
import { stack } from "./stack.ts";

export { rolledBack };

/** A database for one test file, with connections of a superuser to it. */
export type Database = { url: string; sql: postgres.Sql };

/** Connections outside a transaction or the one inside. */
export type Sql = postgres.Sql | postgres.TransactionSql;

/** A superuser's connection string of the server that the tests use. */
export function adminUrl(): string {
  return stack.dbUrl;
}

/** A database of the test file's own, as sql/ builds it; it is removed when the file is done. */
export async function testDatabase(): Promise<Database> {
  const template = await templateDatabase();
  const name = `test_${process.pid}_${Math.random().toString(36).slice(2)}`;
  await onServer(adminUrl(), (sql) => sql`create database ${sql(name)} template ${sql(template)}`);
  const url = databaseAt(adminUrl(), name);
  const sql = postgres(url, { onnotice: () => undefined });
  afterAll(async () => {
    await sql.end();
    await dropDatabase(name);
  });
  return { url, sql };
}

/** Removes a database, whoever is still connected to it. */
export async function dropDatabase(name: string): Promise<void> {
  await onServer(adminUrl(), (sql) => sql`drop database if exists ${sql(name)} with (force)`);
}

// Built once for each state of sql/, by whichever test file comes first; the others wait for it.
async function templateDatabase(): Promise<string> {
  const files = schemaFiles();
  const name = templateName(files);
  await onServer(adminUrl(), async (sql) => {
    await sql`select pg_advisory_lock(hashtext('template database'))`;
    const [known] = await sql`select from pg_database where datname = ${name}`;
    if (known) return;
    await buildDatabase(adminUrl(), `${name}_draft`, files);
    await sql`alter database ${sql(`${name}_draft`)} rename to ${sql(name)}`;
  });
  return name;
}

/** Goes on as the actor, as PostgREST does it: the role, and the claims of the token. Until the transaction's end. */
export async function become(transaction: Sql, actor: Actor): Promise<void> {
  const role = actor === "anon" || actor === "service_role" ? actor : "authenticated";
  const claims = role === "authenticated" ? { role, sub: idOf(actor) } : { role };
  await transaction`select set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`;
  await transaction.unsafe(`set local role ${role}`);
}

/** Does `work` as somebody who is signed in, and commits it. */
export async function committedAs<Result>(sql: postgres.Sql, who: string, work: (transaction: Sql) => Promise<Result>) {
  return (await sql.begin(async (transaction) => {
    await become(transaction, who as Actor);
    return work(transaction);
  })) as Result;
}

/** Does `work` as the actor, in a transaction that is rolled back. */
export function asActor<Result>(
  sql: postgres.Sql,
  actor: Actor,
  work: (transaction: postgres.TransactionSql) => Promise<Result>,
): Promise<Result> {
  return rolledBack(sql, async (transaction) => {
    await become(transaction, actor);
    return work(transaction);
  });
}

/** What Postgres says of a statement that must fail: the SQLSTATE and the four texts that PostgREST passes on. */
export async function refusal(work: Promise<unknown>): Promise<Refusal> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    const { code, message, detail, hint } = error;
    return { code, message, slug: detail ?? "", hint: hint ?? "" };
  }
  throw new Error("The statement was not refused");
}

/** A refusal; `slug` is the detail, which is stable. */
export type Refusal = { code: string; message: string; slug: string; hint: string };

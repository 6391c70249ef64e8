import type { Sql } from "postgres";
import { expect } from "vitest";
import { db } from "../support/stack.ts";

/** Does `work`, a call that is refused, and fails where the database is not afterwards what it was before. */
export async function unchanged<Result>(work: () => Promise<Result>, sql: Sql = db()): Promise<Result> {
  const before = await fingerprint(sql);
  const result = await work();
  expect(await fingerprint(sql), "a refused call left the database as it was").toBe(before);
  return result;
}

/**
 * One value for all rows of all systems. Each row is known by the transaction that wrote it, so that a row that is added,
 * changed or removed shows, at the cost of a count. Attempts that are counted against a rate limit are no change.
 */
async function fingerprint(sql: Sql): Promise<string> {
  query ??= fingerprintQuery(sql);
  const [row] = await sql.unsafe<{ fingerprint: string }[]>(await query, [], { prepare: true });
  return row?.fingerprint ?? "";
}

let query: Promise<string> | undefined;

async function fingerprintQuery(sql: Sql): Promise<string> {
  const tables = await sql<{ name: string }[]>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema', 'auth') and tablename not in ('rate_limit_attempts', 'known_devices') order by 1`;
  const parts = tables.map(({ name }) => `select '${name}' as name, count(*), sum(xmin::text::bigint) from ${name}`);
  const users = "select 'auth.users', count(*), sum(hashtext(u.raw_app_meta_data::text || u.role)) from auth.users u";
  return `select md5(string_agg(t::text, ',' order by name)) as fingerprint from (${[...parts, users].join(" union all ")}) t`;
}

import type { Sql, TransactionSql } from "postgres";
import { expect } from "vitest";
import { db } from "../support/stack.ts";

/**
 * Does `work`, a call that is refused, and fails where the database is not afterwards what it was before.
 *
 * A transaction that writes takes a number, and the snapshots of before and after name the numbers that are seen: where
 * they are the same, nobody has written anything. Where not, the rows decide. Those of before are read only then, in a
 * transaction that still sees them, so that most calls cost two small queries.
 */
export function unchanged<Result>(work: () => Promise<Result>, sql: Sql = db()): Promise<Result> {
  return sql.begin("isolation level repeatable read read only", async (before) => {
    const seenBefore = await snapshot(before);
    const result = await work();
    if ((await snapshot(sql)) !== seenBefore) {
      const message = "a refused call left the database as it was";
      expect(await fingerprint(sql), message).toBe(await fingerprint(before));
    }
    return result;
  }) as Promise<Result>;
}

async function snapshot(sql: Sql | TransactionSql): Promise<string> {
  const [row] = await sql<{ seen: string }[]>`select pg_current_snapshot()::text as seen`;
  return row?.seen ?? "";
}

/**
 * One value for all rows of all systems. Each row is known by the transaction that wrote it, so that a row that is added,
 * changed or removed shows, at the cost of a count. Attempts that are counted against a rate limit are no change.
 */
async function fingerprint(sql: Sql | TransactionSql): Promise<string> {
  query ??= fingerprintQuery(sql);
  const [row] = await sql.unsafe<{ fingerprint: string }[]>(await query, [], { prepare: true });
  return row?.fingerprint ?? "";
}

let query: Promise<string> | undefined;

async function fingerprintQuery(sql: Sql | TransactionSql): Promise<string> {
  const tables = await sql<{ name: string }[]>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema', 'auth') and tablename not in ('rate_limit_attempts', 'known_devices') order by 1`;
  const parts = tables.map(({ name }) => `select '${name}' as name, count(*), sum(xmin::text::bigint) from ${name}`);
  const users = "select 'auth.users', count(*), sum(hashtext(u.raw_app_meta_data::text || u.role)) from auth.users u";
  return `select md5(string_agg(t::text, ',' order by name)) as fingerprint from (${[...parts, users].join(" union all ")}) t`;
}

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildDatabase, onServer } from "../../scripts/db/build-database.ts";
import { migrationFiles } from "../../scripts/db/sql-files.ts";
import { projectRoot } from "../../scripts/stack/project.ts";
import { openMarket, openOrders } from "../support/market.ts";
import { countsOf, packed, restore, snapshotOf, unpacked } from "../support/snapshot.ts";
import { adminUrl, dropDatabase, testDatabase } from "../support/sql.ts";

// A live database full of data gets there by the migrations that it has not had yet. test/upgrade/ keeps what such a database
// held after a migration, by the migration's time. Whoever adds migrations takes that of the state before them:
// WRITE_SNAPSHOT=1 npx vitest run test/gates/upgrade.test.ts

const folder = join(projectRoot, "test/upgrade");
const timeOf = (path: string) => /(\d{14})_[^/]*$/.exec(path)?.[1] ?? "";
const migrations = migrationFiles();

if (process.env.WRITE_SNAPSHOT) {
  it("is written down, what a database of today holds", async () => {
    const { sql } = await testDatabase();
    await openMarket(sql);
    await openOrders(sql);
    writeFileSync(join(folder, `${timeOf(migrations.at(-1)?.path ?? "")}.json.gz`), packed(await snapshotOf(sql)));
  });
}

/** What the heads of migrations declare: `-- Moves a.b to c.d`, `-- Drops a.b: why`, `-- Locks a.b: why`. */
const declared = (word: string) =>
  migrations.flatMap(({ text }) => [
    ...text.matchAll(new RegExp(`^-- ${word} (\\w+\\.\\w+)(?: to (\\w+\\.\\w+))?`, "gm")),
  ]);

const snapshots = existsSync(folder) ? readdirSync(folder).map((name) => name.slice(0, 14)) : [];

describe.each(snapshots)("a database as it was after %s", (time) => {
  const name = `upgraded_${time}_${process.pid}`;
  const later = migrations.filter(({ path }) => timeOf(path) > time);
  let sql: postgres.Sql;
  let before: Record<string, number>;
  /** How long each table was held against readers or writers, in ms, as far as looking every few ms shows. */
  const held = new Map<string, number>();

  beforeAll(async () => {
    const earlier = migrations.filter(({ path }) => timeOf(path) <= time);
    const url = await buildDatabase(adminUrl(), name, earlier);
    sql = postgres(url, { onnotice: () => undefined });
    await restore(sql, unpacked(readFileSync(join(folder, `${time}.json.gz`))));
    before = await countsOf(sql);
    const watch = watchLocks(url, held);
    for (const { path, text } of later) {
      await onServer(url, (one) =>
        one
          .begin((transaction) => transaction.unsafe(text))
          .catch((error: Error) => {
            throw new Error(`${path}: ${error.message}`, { cause: error });
          }),
      );
    }
    await watch.stop();
  }, 120_000);
  afterAll(async () => {
    await sql?.end();
    await dropDatabase(name);
  });

  it("loses no row", async () => {
    const moved = new Map(declared("Moves").map(([, from = "", to = ""]) => [from, to]));
    const dropped = declared("Drops").map(([, table]) => table);
    const after = await countsOf(sql);
    for (const [table, count] of Object.entries(before)) {
      if (dropped.includes(table)) continue;
      expect(after[moved.get(table) ?? table], table).toBeGreaterThanOrEqual(count);
    }
  });

  it("has books, figures and an audit log that agree", async () => {
    expect(await sql`select * from leads.ledger_problems()`).toEqual([]);
    expect(await sql`select * from leads.verify_rollups()`).toEqual([]);
    expect(await sql`select * from platform.audit_verify()`).toEqual([]);
  });

  it("locks no table for longer than a second that no migration names", () => {
    const allowed = declared("Locks").map(([, table]) => table);
    const long = [...held].filter(([table, ms]) => ms > 1000 && !allowed.includes(table));
    expect(long).toEqual([]);
  });
});

/** Looks again and again at who holds a table against reading or writing. */
function watchLocks(url: string, held: Map<string, number>): { stop: () => Promise<void> } {
  const sql = postgres(url, { max: 1 });
  const since = new Map<string, number>();
  let over = false;
  const watching = (async () => {
    while (!over) {
      const rows = await sql<{ name: string }[]>`
        select distinct l.relation::regclass::text as name from pg_locks l join pg_class c on c.oid = l.relation and c.relkind = 'r'
        where l.granted and l.mode in ('AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock')
          and l.database = (select oid from pg_database where datname = current_database()) and l.pid <> pg_backend_pid()`;
      const now = performance.now();
      const names = new Set(rows.map((row) => row.name));
      for (const name of since.keys()) if (!names.has(name)) since.delete(name);
      for (const name of names) {
        if (!since.has(name)) since.set(name, now);
        held.set(name, Math.max(held.get(name) ?? 0, now - (since.get(name) ?? now)));
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  return {
    stop: async () => {
      over = true;
      await watching;
      await sql.end();
    },
  };
}

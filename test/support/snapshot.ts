import { gunzipSync, gzipSync } from "node:zlib";
import type postgres from "postgres";

/** The rows of a database, by table: each as the database writes it in JSON. */
export type Snapshot = Record<string, string[]>;

/** The tables of the systems and of Auth that hold rows, with the columns that can be written. */
async function tablesOf(sql: postgres.Sql): Promise<{ name: string; columns: string; values: string }[]> {
  return sql`
    select format('%I.%I', n.nspname, c.relname) as name,
      string_agg(quote_ident(a.attname), ', ' order by a.attnum) filter (where a.attgenerated = '') as columns,
      -- A JSON null comes back as none.
      string_agg(format(case when a.atttypid = 'jsonb'::regtype and a.attnotnull then 'coalesce(%1$I, ''null'')' else '%1$I' end, a.attname),
        ', ' order by a.attnum) filter (where a.attgenerated = '') as values
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema$|extensions$|supabase_)'
    group by 1 order by 1`;
}

/** What a database holds. Tables without rows are left out. */
export async function snapshotOf(sql: postgres.Sql): Promise<Snapshot> {
  const found: Snapshot = {};
  for (const { name } of await tablesOf(sql)) {
    const rows = await sql.unsafe<{ row: string }[]>(`select to_json(t)::text as row from ${name} t order by 1`);
    if (rows.length > 0) found[name] = rows.map(({ row }) => row);
  }
  return found;
}

/** Gives a database of the same schema these rows, and no others: as they are, without triggers and keys. */
export async function restore(sql: postgres.Sql, snapshot: Snapshot): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`set local session_replication_role = replica`;
    for (const { name, columns, values } of await tablesOf(sql)) {
      await transaction.unsafe(`delete from ${name}`);
      if (!snapshot[name]) continue;
      await transaction.unsafe(
        `insert into ${name} (${columns}) select ${values} from json_populate_recordset(null::${name}, $1::text::json)`,
        [`[${snapshot[name].join(",")}]`],
      );
    }
  });
}

/** How many rows each table holds. */
export async function countsOf(sql: postgres.Sql): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { name } of await tablesOf(sql)) {
    const [row] = await sql.unsafe<{ count: number }[]>(`select count(*)::int from ${name}`);
    counts[name] = row?.count ?? 0;
  }
  return counts;
}

export function packed(snapshot: Snapshot): Buffer {
  return gzipSync(JSON.stringify(snapshot), { level: 9 });
}

export function unpacked(bytes: Buffer): Snapshot {
  return JSON.parse(gunzipSync(bytes).toString()) as Snapshot;
}

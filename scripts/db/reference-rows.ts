import { onServer } from "./build-database.ts";

/**
 * The rows that a new database holds, by table: what the files of SQL themselves insert. Without the columns that are
 * different each time (keys that are drawn, instants). Tables without rows are left out.
 */
export function referenceRows(dbUrl: string): Promise<Record<string, string[]>> {
  return onServer(dbUrl, async (sql) => {
    const tables = await sql<{ name: string; columns: string }[]>`
      select format('%I.%I', n.nspname, c.relname) as name,
        string_agg(format('%L, %I', a.attname, a.attname), ', ' order by a.attname) as columns
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relkind = 'r' and a.atttypid not in ('timestamptz'::regtype, 'uuid'::regtype)
        -- The first version of a row is the row once more, with its key and its time.
        and c.oid is distinct from to_regclass('platform.row_versions')
        and n.nspname !~ '^(pg_|information_schema$|auth$|extensions$|supabase_)'
      group by 1 order by 1`;
    const found: Record<string, string[]> = {};
    for (const { name, columns } of tables) {
      const rows = await sql.unsafe<{ row: string }[]>(
        `select jsonb_build_object(${columns})::text as row from ${name} order by 1`,
      );
      if (rows.length > 0) found[name] = rows.map(({ row }) => row);
    }
    return found;
  });
}

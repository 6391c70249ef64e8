import type postgres from "postgres";

/** What an import goes through once it has begun, in this order. */
export const phases = ["opening", "staging", "between", "merging", "rejects"] as const;
export type Phase = (typeof phases)[number];

/** Where the one import of a database is; null before it begins. `backends`: the server's processes that work for it. */
export type Sight = { phase: Phase | null; backends: number[] };
type Signs = { status: string | null; staging: boolean; merging: boolean; backends: number[] };

/**
 * Looks from another connection at the one import of a database, by what a transaction shows before it ends: its locks.
 * The staged rows themselves are left alone, since whoever reads them is in the way of the merge, which empties the table.
 */
export function watchImport(sql: postgres.Sql): () => Promise<Sight> {
  let staged = false;
  return async () => {
    const [row] = await sql<Signs[]>`
      select (select i.status from leads.imports i) as status,
        coalesce(bool_or(l.relation = 'leads.import_file_rows'::regclass and l.mode = 'RowExclusiveLock'), false) as staging,
        coalesce(bool_or(l.locktype = 'advisory' and l.objid = (hashtext('leads.merge_import')::bigint & 4294967295)::oid), false) as merging,
        array(select a.pid from pg_stat_activity a where a.datname = current_database()
          and a.backend_type = 'client backend' and a.pid <> pg_backend_pid()) as backends
      from pg_locks l where l.database = (select d.oid from pg_database d where d.datname = current_database())`;
    const { status, staging, merging, backends } = row as Signs;
    staged ||= staging;
    return { phase: status === null ? null : phaseOf(status, staging, merging, staged), backends };
  };
}

function phaseOf(status: string, staging: boolean, merging: boolean, staged: boolean): Phase {
  if (status !== "processing") return "rejects";
  // A merge changes the staged rows too: its own lock is asked for first.
  if (merging) return "merging";
  if (staging) return "staging";
  return staged ? "between" : "opening";
}

import type postgres from "postgres";
import type { Mutant } from "./mutant.ts";

/** Each check, unique, primary, foreign and exclusion constraint dropped, and each unique index that none of them owns. */
export async function constraintMutants(sql: postgres.Sql): Promise<Mutant[]> {
  const constraints = await sql<{ name: string; relation: string; isCheck: boolean }[]>`
    select k.conname as name, k.contype = 'c' as "isCheck", format('%I.%I', n.nspname, c.relname) as relation
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('platform', 'leads', 'public') and k.contype in ('c', 'u', 'p', 'f', 'x') and k.conparentid = 0
    order by array_position(array['c', 'u', 'x', 'f', 'p']::"char"[], k.contype), 2, 1`;
  const indexes = await sql<{ name: string; schema: string }[]>`
    select c.relname as name, n.nspname as schema
    from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('platform', 'leads', 'public') and i.indisunique
      and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
    order by 2, 1`;
  return [
    ...constraints.map(({ name, relation, isCheck }) => ({
      kind: isCheck ? ("check" as const) : ("key" as const),
      subject: name,
      statement: `alter table ${relation} drop constraint "${name}" cascade`,
    })),
    ...indexes.map(({ name, schema }) => ({
      kind: "key" as const,
      subject: name,
      statement: `drop index ${schema}."${name}"`,
    })),
  ];
}

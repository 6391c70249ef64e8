import type postgres from "postgres";
import type { Mutant } from "./mutant.ts";

type Policy = {
  name: string;
  relation: string;
  /** Whether the condition for rows that are there, and the one for rows that come, is none; null where it has none to say. */
  usesAll: boolean | null;
  checksAll: boolean | null;
  /** Both conditions are the same, and it asks who acts, not about which row. */
  checkIsSettled: boolean;
};

/** Each policy dropped, and each of its conditions replaced by none. */
export async function policyMutants(sql: postgres.Sql): Promise<Mutant[]> {
  const policies = await sql<Policy[]>`
    select quote_ident(p.polname) as name, format('%I.%I', n.nspname, c.relname) as relation,
      pg_get_expr(p.polqual, c.oid) = 'true' as "usesAll", pg_get_expr(p.polwithcheck, c.oid) = 'true' as "checksAll",
      coalesce(p.polqual::text = p.polwithcheck::text and p.polqual::text !~ '{VAR ', false) as "checkIsSettled"
    from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('platform', 'leads', 'public', 'storage', 'realtime') order by 2, 1`;
  return policies.flatMap(({ name, relation, usesAll, checksAll, checkIsSettled }) => [
    mutant(relation, `drop policy ${name} on ${relation}`),
    ...(usesAll === false ? [mutant(relation, `alter policy ${name} on ${relation} using (true)`)] : []),
    ...(checksAll === false ? [withoutCheck(relation, name, checkIsSettled)] : []),
  ]);
}

function withoutCheck(relation: string, name: string, isSettled: boolean): Mutant {
  const loosened = mutant(relation, `alter policy ${name} on ${relation} with check (true)`);
  return isSettled ? { ...loosened, equivalent: "its USING has asked the same, whatever the row" } : loosened;
}

function mutant(subject: string, statement: string): Mutant {
  return { kind: "policy", subject, statement };
}

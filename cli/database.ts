import postgres from "postgres";
import { Refusal } from "./output.ts";
import { need, type Target } from "./target.ts";

/** Does `work` on up to two connections to the target's database, and closes them. Throws a Refusal if there is no way in. */
export async function withDatabase<Result>(
  target: Target,
  work: (sql: postgres.Sql) => Promise<Result>,
): Promise<Result> {
  const sql = postgres(need(target, "dbUrl"), {
    max: 2,
    connect_timeout: 10,
    // Hosted Supabase's pooler shares connections between transactions; named statements do not survive there.
    prepare: false,
    onnotice: () => {},
  });
  try {
    await sql`select 1`.catch((error: unknown) => {
      throw new Refusal(`cannot reach the database: ${reason(error)}`);
    });
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/**
 * Does `work` in one transaction as the operators: by the functions that the admins' own endpoints call, under row-level
 * security, and for as long as it takes. `mode` as in SQL's begin.
 */
export async function asOperators<Result>(
  sql: postgres.Sql,
  work: (sql: postgres.TransactionSql) => Promise<Result>,
  mode = "",
): Promise<Result> {
  return (await sql.begin(mode, async (transaction) => {
    await transaction`select set_config('request.jwt.claims', '{"role": "service_role"}', true)`;
    await transaction`set local statement_timeout = 0`;
    await transaction`set local role service_role`;
    return work(transaction);
  })) as Result;
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || String((error as NodeJS.ErrnoException).code ?? error.name);
}

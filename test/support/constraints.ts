import type postgres from "postgres";
import { rolledBack } from "./sql.ts";

/** What constraint refuses the work, `check NAME` or `key COLUMNS`, done without the triggers, which have their own say. */
export async function refusedBy(
  sql: postgres.Sql,
  work: (at: postgres.TransactionSql) => Promise<unknown>,
): Promise<string> {
  return rolledBack(sql, async (at) => {
    await at`set local session_replication_role = replica`;
    try {
      await at.savepoint((savepoint) => work(savepoint));
      return "nothing";
    } catch (error) {
      const { code, constraint_name, detail = "" } = error as postgres.PostgresError;
      if (code === "23514") return `check ${constraint_name}`;
      if (code === "23505") return `key ${/^Key \((.*?)\)=/.exec(detail)?.[1]?.replaceAll('"', "")}`;
      throw error;
    }
  });
}

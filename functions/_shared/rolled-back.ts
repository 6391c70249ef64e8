import type postgres from "postgres";

class Undo extends Error {}

/** Does `work` in a transaction that is rolled back, and returns what it returned. */
export async function rolledBack<Result>(
  sql: postgres.Sql,
  work: (transaction: postgres.TransactionSql) => Promise<Result>,
): Promise<Result> {
  let result: { value: Result } | undefined;
  try {
    await sql.begin(async (transaction) => {
      result = { value: await work(transaction) };
      throw new Undo();
    });
  } catch (error) {
    if (!(error instanceof Undo)) throw error;
  }
  return (result as { value: Result }).value;
}

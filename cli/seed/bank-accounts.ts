import type postgres from "postgres";
import { seal, sealingKey } from "../../functions/_shared/sealed.ts";

/** Gives the suppliers of the mock files their fictitious bank accounts, sealed. Returns how many got one. */
export async function keepBankAccounts(
  sql: postgres.Sql | postgres.TransactionSql,
  encryptionKey: string,
): Promise<number> {
  const key = await sealingKey(encryptionKey);
  const accounts = await sql<{ supplier_id: string; iban: string }[]>`select * from leads.demo_accounts()`;
  for (const { supplier_id, iban } of accounts) {
    await sql`select leads.keep_demo_account(${supplier_id}, ${await seal(key, supplier_id, iban)})`;
  }
  return accounts.length;
}

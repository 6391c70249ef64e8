import { expect } from "vitest";
import type { Sql } from "./sql.ts";

/** Fails where money rows, entries, balances and statistics contradict each other: what `leads-cli ledger verify` asks. */
export async function expectLedgerHolds(sql: Sql): Promise<void> {
  expect([...(await sql`select * from leads.ledger_problems()`)]).toEqual([]);
}

import { expect } from "vitest";
import type { Sql } from "./sql.ts";

/** Opens a buyer's credits, as a ledger begins with what was there before it; what he had opened already adds up, and less than nothing takes some away. */
export async function openCredits(sql: Sql, buyer: string, paid: number, bonus = 0): Promise<void> {
  await sql`with figure as (
      insert into platform.opening_figures as f (system, figure, subject, value) values ('leads', 'acheteur.credits', ${buyer}, ${paid + bonus})
      on conflict (system, figure, subject, month) do update set value = f.value + excluded.value returning 1)
    select platform.post_transfer('leads', 'opening', gen_random_uuid()::text, array[('buyer_paid', ${buyer}::uuid, ${paid}::bigint),
      ('buyer_bonus', ${buyer}::uuid, ${bonus}::bigint), ('credits_opening', null, ${-paid - bonus}::bigint)]::platform.ledger_line[]) from figure`;
}

/** Fails where money rows, entries, balances and statistics contradict each other: what `leads-cli ledger verify` asks. */
export async function expectLedgerHolds(sql: Sql): Promise<void> {
  expect([...(await sql`select * from leads.ledger_problems()`)]).toEqual([]);
}

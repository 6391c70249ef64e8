import { printJson, printTable } from "../output.ts";
import { allRows, connect } from "../rpc.ts";
import type { Target } from "../target.ts";
import { euros } from "./pay-suppliers.ts";

export type ListOptions = { status?: string; json?: true };

/** A payout as it is published; the amount is in euros. */
export type Payout = {
  id: string;
  reference: string;
  supplierId: string;
  company: string;
  amount: number;
  date: string;
  status: string;
  exportId: string | null;
  failureReason: string | null;
};

/** `leads-cli pay list`: the payouts, newest first. */
export async function listPayouts(target: Target, { status, json }: ListOptions): Promise<void> {
  const found = await allRows<Payout>((id) => {
    const rows = connect(target).from("admin_payouts").select().gt("id", id).order("id");
    return status ? rows.eq("status", status) : rows;
  });
  // By day first: what was paid before this database is numbered from the newest on.
  found.reverse().sort((a, b) => b.date.localeCompare(a.date));
  if (json) return printJson(found);
  printTable(
    ["transfer", "supplier", "company", "amount", "date", "status", "file", "reason"],
    found.map((row) => [
      row.reference,
      row.supplierId,
      row.company,
      euros(row.amount),
      row.date,
      row.status,
      row.exportId ?? "",
      row.failureReason ?? "",
    ]),
  );
}

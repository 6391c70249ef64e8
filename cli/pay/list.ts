import { printJson, printTable, Refusal } from "../output.ts";
import { connect } from "../rpc.ts";
import type { Target } from "../target.ts";
import { euros } from "./pay-suppliers.ts";

export type ListOptions = { status?: string; json?: true };

/** A payout as it is published; the amount is in euros. */
export type Payout = {
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
  const all = connect(target).from("admin_payouts").select();
  const { data, error } = await (status ? all.eq("status", status) : all);
  if (error) throw new Refusal(error.message);
  const found = data as Payout[];
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

import { print, printJson, printTable, Refusal } from "../output.ts";
import { call } from "../rpc.ts";
import type { Target } from "../target.ts";
import type { BankEntry } from "./bank-entry.ts";
import { readBankFile } from "./bank-file.ts";
import { euros } from "./pay-suppliers.ts";

type Settled = { reference: string; amount: number; outcome: string; result: string };

const pieceSize = 500;
const meanings: Record<string, string> = {
  completed: "matched, confirmed",
  failed: "matched, failed",
  already: "matched, known already",
  unknown: "unknown reference",
  mismatch: "mismatch: another amount",
};

/** `leads-cli pay settle FILE`: enters what the bank says of its transfers. Throws a Refusal where some do not fit. */
export async function settlePayouts(target: Target, path: string, { json }: { json?: true }): Promise<void> {
  const entries = await readBankFile(path);
  const { settled, broken } = await settleAll(target, entries);
  if (json) printJson({ entries: settled });
  else if (settled.length === 0) print("This file names no transfer.");
  else {
    printTable(
      ["transfer", "amount", "bank", "result"],
      settled.map((row) => [row.reference, euros(row.amount), row.outcome, meanings[row.result] ?? row.result]),
    );
    print(summaryOf(settled));
  }
  if (broken) {
    const open = `${entries.length - settled.length} of ${entries.length} entries`;
    throw new Refusal(`${broken.message}; what came of ${open} is not known: the same file again enters the rest`);
  }
  const wrong = settled.filter(({ result }) => result === "mismatch").length;
  if (wrong > 0) throw new Refusal(`${wrong} of ${settled.length} entries do not fit the payout that they name`);
}

/** Piece by piece, in the order of the file: one answer holds a thousand rows at most. What was entered is told, whatever broke. */
async function settleAll(target: Target, entries: BankEntry[]): Promise<{ settled: Settled[]; broken?: Refusal }> {
  const settled: Settled[] = [];
  for (let at = 0; at < entries.length; at += pieceSize) {
    const piece = { entries: entries.slice(at, at + pieceSize) };
    try {
      settled.push(...(await call<Settled[]>(target, "admin_payouts_settle", piece)));
    } catch (error) {
      if (settled.length === 0) throw error;
      return { settled, broken: error as Refusal };
    }
  }
  return { settled };
}

function summaryOf(settled: readonly Settled[]): string {
  const count = (...results: string[]) => settled.filter(({ result }) => results.includes(result)).length;
  const matched = count("completed", "failed", "already");
  return `${matched} matched, ${count("unknown")} unknown, ${count("mismatch")} mismatched.`;
}

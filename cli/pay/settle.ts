import { note, print, printJson, printTable, Refusal } from "../output.ts";
import { call } from "../rpc.ts";
import type { Target } from "../target.ts";
import type { BankAnswer, BankEntry, Remark } from "./bank-entry.ts";
import { readBankFile } from "./bank-file.ts";
import { type Resolved, resolveMessages } from "./bank-messages.ts";
import { euros } from "./pay-suppliers.ts";

type Settled = { reference: string; amount: number | null; outcome: string; result: string };

const pieceSize = 500;
const matched = ["completed", "failed", "already"];
const meanings: Record<string, string> = {
  completed: "matched, confirmed",
  failed: "matched, failed",
  already: "matched, known already",
  unknown: "unknown reference",
  mismatch: "mismatch: another amount",
};

/**
 * `leads-cli pay settle FILE`: enters what the bank says of its transfers. Throws a Refusal where some do not fit, where a part
 * that may be ours could not be read, and where a file of ours is named but none of its transfers.
 */
export async function settlePayouts(target: Target, path: string, { json }: { json?: true }): Promise<void> {
  const answer = await readBankFile(path);
  const resolved = await resolveMessages(target, answer);
  const { entries, unread, foreign } = resolved;
  const { settled, broken } = await settleAll(target, entries);
  if (json) printJson({ entries: settled, unread, foreign, waiting: answer.waiting });
  else show(settled, answer, resolved);
  if (broken) {
    const open = `${entries.length - settled.length} of ${entries.length} entries`;
    throw new Refusal(`${broken.message}; what came of ${open} is not known: the same file again enters the rest`);
  }
  const problem = problemOf(settled, answer, resolved);
  if (problem) throw new Refusal(problem);
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

function show(settled: readonly Settled[], { waiting }: BankAnswer, { unread, foreign }: Resolved): void {
  if (settled.length === 0) print("This file names no transfer that has an outcome.");
  else {
    printTable(
      ["transfer", "amount", "bank", "result"],
      settled.map((row) => [
        row.reference,
        row.amount === null ? "" : euros(row.amount),
        row.outcome,
        meanings[row.result] ?? row.result,
      ]),
    );
    print(summaryOf(settled));
  }
  for (const remark of waiting) note(`No outcome yet: ${textOf(remark)}`);
  for (const remark of foreign) note(`Passed over, no payout of ours: ${textOf(remark)}`);
  for (const remark of unread) note(`Not read: ${textOf(remark)}`);
}

function textOf({ place, reference, reason }: Remark): string {
  return `${place}${reference ? ` (${reference})` : ""}: ${reason}`;
}

function summaryOf(settled: readonly Settled[]): string {
  const count = (...results: string[]) => settled.filter(({ result }) => results.includes(result)).length;
  return `${count(...matched)} matched, ${count("unknown")} unknown, ${count("mismatch")} mismatched.`;
}

function problemOf(settled: readonly Settled[], answer: BankAnswer, { unread, known }: Resolved): string | undefined {
  const { answersTo, waiting } = answer;
  const wrong = settled.filter(({ result }) => result === "mismatch").length;
  const problems = [
    wrong > 0 ? `${wrong} of ${settled.length} entries do not fit the payout that they name` : "",
    unread.length > 0 ? `${unread.length} parts of this file could not be read; what could be is entered` : "",
  ].filter(Boolean);
  if (problems.length > 0) return problems.join("; ");
  if (settled.some(({ result }) => matched.includes(result)) || waiting.length > 0) return undefined;
  if (known.length > 0) return `this file is about ${known.join(", ")}, and names none of its transfers`;
  return answersTo && `this file is about ${answersTo}, which is no file of ours`;
}

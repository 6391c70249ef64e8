import { parse } from "csv-parse/sync";
import { Refusal } from "../output.ts";
import type { BankEntry } from "./bank-entry.ts";
import { centsOf } from "./sepa-text.ts";

const columns: Record<string, "reference" | "amount" | "status" | "reason"> = {
  reference: "reference",
  endtoendid: "reference",
  amount: "amount",
  montant: "amount",
  status: "status",
  statut: "status",
  reason: "reason",
  motif: "reason",
};
const outcomes: Record<string, BankEntry["outcome"]> = {
  completed: "completed",
  booked: "completed",
  paid: "completed",
  execute: "completed",
  failed: "failed",
  rejected: "failed",
  returned: "failed",
  rejete: "failed",
  retourne: "failed",
};

/** What a refusal says of the files that are read here. */
export const expectedFile =
  "a camt.053, a camt.054 or a pain.002 is expected, or a CSV with the columns reference, amount, and perhaps status and reason";

/**
 * The entries of a bank's CSV: columns reference and amount, and status and reason where there are such. Without a status
 * the sign says it: what leaves the account is negative. Throws a Refusal that names the line, or the column that is missing.
 */
export function readBankCsv(text: string): BankEntry[] {
  return records(text).map(({ record, info }) => entryOf(record, info.lines));
}

type Line = { record: Record<string, string>; info: { lines: number } };

function records(text: string): Line[] {
  try {
    return parse(text, {
      bom: true,
      info: true,
      delimiter: delimiterOf(text),
      relax_column_count: true,
      columns: columnsOf,
      skip_empty_lines: true,
      trim: true,
      max_record_size: 100_000,
    }) as unknown as Line[];
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(`this CSV cannot be read: ${(error as Error).message}`);
  }
}

function columnsOf(head: string[]): string[] {
  const found = head.map((name) => columns[fold(name)] ?? `(${name})`);
  const missing = ["reference", "amount"].filter((name) => !found.includes(name));
  if (missing.length === 0) return found;
  throw new Refusal(`no column ${missing.join(", and no column ")}: ${expectedFile}`);
}

/** The one that the head has: amounts may have commas of their own. */
function delimiterOf(text: string): string {
  const [head = ""] = text.split(/\r?\n/, 1);
  return [";", "\t"].find((sign) => head.includes(sign)) ?? ",";
}

function entryOf({ reference, amount, status, reason }: Record<string, string>, line: number): BankEntry {
  if (!reference) throw new Refusal(`line ${line}: no reference`);
  const cents = centsOf(amount ?? "");
  if (cents === undefined || cents === 0) throw new Refusal(`line ${line}: "${amount ?? ""}" is no amount in euros`);
  const outcome = status ? outcomes[fold(status)] : cents < 0 ? "completed" : "failed";
  if (!outcome) throw new Refusal(`line ${line}: the status is neither completed nor failed`);
  return { reference, cents: Math.abs(cents), outcome, ...(reason ? { reason } : {}) };
}

function fold(name: string): string {
  return name
    .normalize("NFD")
    .replace(/[^A-Za-z]/g, "")
    .toLowerCase();
}

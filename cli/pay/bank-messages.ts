import { allRows, connect } from "../rpc.ts";
import type { Target } from "../target.ts";
import { type BankAnswer, type BankBatch, type BankEntry, lastWords, type Remark } from "./bank-entry.ts";
import type { Payout } from "./list.ts";

type Known = { reference: string; cents: number; status: string };
/** The transfers of each file of ours, by its message id. */
type Messages = Map<string, Known[]>;

// What is in an address; nothing of ours is named otherwise.
const ownIds = /^[A-Za-z0-9-]{1,35}$/;
const askedAtOnce = 50;

/** A bank's file, its batches told transfer by transfer; what could not be read and is somebody else's, and the files of ours. */
export type Resolved = { entries: BankEntry[]; unread: Remark[]; foreign: Remark[]; known: string[] };

/** What a bank says of whole files, as what it says of each transfer in them. */
export async function resolveMessages(target: Target, answer: BankAnswer): Promise<Resolved> {
  const messages = await transfersOf(target, answer.messages);
  const named = new Set([...answer.entries, ...answer.waiting, ...answer.unread].map(({ reference }) => reference));
  const unread = [...answer.unread];
  const entries = answer.entries.map((entry) => ({ ...entry, ...amountOf(entry, messages) }));
  for (const batch of answer.batches) {
    const transfers = messages.get(batch.message);
    const meant = transfers && transfersMeant(batch, transfers);
    const { message, outcome, reason } = batch;
    // What a file says of a transfer by its name is truer than what it says of all.
    const rest = (meant ?? []).filter(({ reference }) => !named.has(reference));
    entries.push(...rest.map(({ reference, cents }) => ({ reference, cents, outcome, ...(reason ? { reason } : {}) })));
    if (transfers && !meant) unread.push({ place: `batch ${message}`, reason: "another amount", reference: message });
  }
  const ours = await ownAmong(target, unread);
  const isForeign = ({ reference }: Remark) =>
    reference !== undefined && !messages.has(reference) && !ours.has(reference);
  return {
    entries: lastWords(entries),
    unread: unread.filter((remark) => !isForeign(remark)),
    foreign: unread.filter(isForeign),
    known: [...messages.keys()],
  };
}

async function transfersOf(target: Target, ids: string[]): Promise<Messages> {
  const found: Messages = new Map();
  for (const { exportId, reference, amount, status } of await payoutsBy(target, "exportId", ids)) {
    const transfers = found.get(exportId ?? "") ?? [];
    found.set(exportId ?? "", transfers);
    transfers.push({ reference, cents: Math.round(amount * 100), status });
  }
  return found;
}

async function ownAmong(target: Target, remarks: readonly Remark[]): Promise<Set<string>> {
  const references = remarks.flatMap(({ reference }) => reference ?? []);
  return new Set((await payoutsBy(target, "reference", references)).map(({ reference }) => reference));
}

async function payoutsBy(target: Target, column: "exportId" | "reference", values: string[]): Promise<Payout[]> {
  const possible = [...new Set(values)].filter((value) => ownIds.test(value));
  const found: Payout[] = [];
  for (let at = 0; at < possible.length; at += askedAtOnce) {
    const some = possible.slice(at, at + askedAtOnce);
    found.push(
      ...(await allRows<Payout>((id) =>
        connect(target).from("admin_payouts").select().in(column, some).gt("id", id).order("id"),
      )),
    );
  }
  return found;
}

/** Where a bank names no amount, it is about the one that was ordered in the file that it answers to. */
function amountOf({ cents, message, reference }: BankEntry, messages: Messages): Pick<BankEntry, "cents"> {
  if (cents !== undefined || message === undefined) return {};
  const ordered = messages.get(message)?.find((each) => each.reference === reference)?.cents;
  return ordered === undefined ? {} : { cents: ordered };
}

/**
 * The transfers that a batch is about: all, if the amount is theirs, or that of those that have not failed; or the only one of
 * this amount. Of a batch that has come to its end nothing is left to be told.
 */
function transfersMeant({ cents, outcome }: BankBatch, transfers: Known[]): Known[] | undefined {
  const open = transfers.filter(({ status }) => status !== "failed");
  if (outcome === "completed" && transfers.every(({ status }) => status !== "pending")) return transfers;
  if (cents === undefined || cents === sumOf(transfers)) return transfers;
  if (cents === sumOf(open)) return open;
  const alike = transfers.filter((each) => each.cents === cents);
  return alike.length === 1 ? alike : undefined;
}

function sumOf(transfers: Known[]): number {
  return transfers.reduce((sum, { cents }) => sum + cents, 0);
}

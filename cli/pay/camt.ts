import * as z from "zod";
import { Refusal } from "../output.ts";
import { answerOf, type BankAnswer, type BankEntry } from "./bank-entry.ts";
import { amount, centsAmong, code, optional, referenceAmong, whyNot } from "./bank-shapes.ts";

// Bank to customer notification, statement or report, any version: what is read here has kept its names since the first one.
const sign = optional(z.enum(["CRDT", "DBIT"]));
const text = optional(z.string());
const underlying = optional(z.object({ Amt: optional(amount) }));

const transaction = z.object({
  Refs: optional(z.object({ EndToEndId: text, InstrId: text, PmtInfId: text, MsgId: text })),
  Amt: optional(amount),
  AmtDtls: optional(z.object({ InstdAmt: underlying, TxAmt: underlying })),
  CdtDbtInd: sign,
  RtrInf: optional(z.object({ Rsn: optional(code), AddtlInf: z.array(z.string()).optional() })),
});
const entry = z.object({
  Amt: optional(amount),
  CdtDbtInd: sign,
  RvslInd: optional(z.enum(["true", "false", "1", "0"])),
  Sts: optional(code),
  NtryDtls: z
    .array(
      optional(
        z.object({
          Btch: optional(z.object({ PmtInfId: text, MsgId: text })),
          // Each is looked at by itself: one that is wrong is no reason to leave out the others.
          TxDtls: z.array(z.unknown()).default([]),
        }),
      ),
    )
    .default([]),
});
const part = z.object({ Ntry: z.array(z.unknown()).default([]) });
const camt = z.object({ Ntfctn: z.array(part), Stmt: z.array(part), Rpt: z.array(part) }).partial();

type Entry = z.infer<typeof entry>;
type Transaction = z.infer<typeof transaction>;
type Located = { place: string; message?: string; transaction: Transaction };

/** The booked transfers of a camt. Throws a Refusal where the whole of it is none. */
export function readCamt(document: unknown): BankAnswer {
  const parsed = camt.safeParse(document);
  if (!parsed.success) throw new Refusal(`this is no camt that can be read: ${whyNot(parsed.error)}`);
  const { Ntfctn = [], Stmt = [], Rpt = [] } = parsed.data;
  const answer = answerOf();
  for (const [at, found] of [...Ntfctn, ...Stmt, ...Rpt].flatMap(({ Ntry }) => Ntry).entries()) {
    readEntry(`entry ${at + 1}`, found, answer);
  }
  return answer;
}

function readEntry(place: string, found: unknown, answer: BankAnswer): void {
  const parsed = entry.safeParse(found);
  if (!parsed.success) {
    answer.unread.push({ place, reason: whyNot(parsed.error) });
    return;
  }
  const all = transactionsOf(place, parsed.data, answer);
  const waits = parsed.data.Sts !== undefined && parsed.data.Sts !== "BOOK";
  const nameless: Located[] = [];
  for (const located of all) {
    const reference = referenceOf(located.transaction);
    if (waits && reference) answer.waiting.push({ place: located.place, reason: `${parsed.data.Sts}`, reference });
    else if (reference) readTransaction(reference, located, parsed.data, all.length === 1, answer);
    else nameless.push(located);
  }
  if (!waits) readNameless(place, nameless, parsed.data, all.length, answer);
}

function transactionsOf(place: string, { NtryDtls }: Entry, answer: BankAnswer): Located[] {
  const found = NtryDtls.flatMap((details) => (details?.TxDtls ?? []).map((each) => ({ each, batch: details?.Btch })));
  const all: Located[] = [];
  for (const [at, { each, batch }] of found.filter(({ each }) => each !== "").entries()) {
    const here = found.length > 1 ? `${place}, transaction ${at + 1}` : place;
    const parsed = transaction.safeParse(each);
    if (!parsed.success) {
      answer.unread.push({ place: here, reason: whyNot(parsed.error) });
      continue;
    }
    const { Refs } = parsed.data;
    const message = Refs?.PmtInfId ?? batch?.PmtInfId ?? Refs?.MsgId ?? batch?.MsgId;
    all.push({ place: here, transaction: parsed.data, ...(message ? { message } : {}) });
  }
  // A batch that is booked as one may tell no more than its name.
  if (found.length === 0) {
    for (const details of NtryDtls) {
      const message = details?.Btch?.PmtInfId ?? details?.Btch?.MsgId;
      if (message) all.push({ place, message, transaction: {} });
    }
  }
  answer.messages.push(...all.flatMap(({ message }) => message ?? []));
  return all;
}

function readTransaction(reference: string, at: Located, entry: Entry, alone: boolean, answer: BankAnswer): void {
  const cents = centsAmong(...amountsIn(at.transaction), alone ? entry.Amt : undefined);
  const outcome = outcomeOf(at.transaction, entry);
  if (typeof cents === "string") answer.unread.push({ place: at.place, reason: cents, reference });
  else if (!outcome) answer.unread.push({ place: at.place, reason: "neither debit nor credit", reference });
  else answer.entries.push({ reference, cents, ...outcome });
}

/** Transactions without a name of their own: together a batch, where they are all of the entry; else each by its amount. */
function readNameless(place: string, found: Located[], entry: Entry, all: number, answer: BankAnswer): void {
  const [first] = found;
  const messages = new Set(found.map(({ message }) => message));
  const whole = found.length === all && messages.size === 1 ? first : undefined;
  for (const { place: here, message, transaction } of whole ? [{ ...whole, place }] : found) {
    // What carries no name at all is a fee or the like.
    if (!message) continue;
    const cents = centsAmong(
      ...(whole ? [entry.Amt, ...(all === 1 ? amountsIn(transaction) : [])] : amountsIn(transaction)),
    );
    const outcome = outcomeOf(transaction, entry);
    if (typeof cents === "string") answer.unread.push({ place: here, reason: cents, reference: message });
    else if (!outcome) answer.unread.push({ place: here, reason: "neither debit nor credit", reference: message });
    else answer.batches.push({ message, cents, ...outcome });
  }
}

/** What was ordered comes first: what is booked may have charges in it, or be in another currency. */
function amountsIn({ Amt, AmtDtls }: Transaction) {
  return [AmtDtls?.InstdAmt?.Amt, AmtDtls?.TxAmt?.Amt, Amt];
}

function referenceOf({ Refs }: Transaction): string | undefined {
  return referenceAmong(Refs?.EndToEndId, Refs?.InstrId);
}

/** Money that leaves is a transfer carried out; money that comes is one that came back. */
function outcomeOf(
  { CdtDbtInd, RtrInf }: Transaction,
  entry: Entry,
): Pick<BankEntry, "outcome" | "reason"> | undefined {
  const reversed = entry.RvslInd === "true" || entry.RvslInd === "1";
  const moves = CdtDbtInd ?? entry.CdtDbtInd;
  if (!moves) return undefined;
  if (moves === "DBIT" && !reversed && !RtrInf) return { outcome: "completed" };
  const reason = [RtrInf?.Rsn, ...(RtrInf?.AddtlInf ?? [])].filter(Boolean).join(" ");
  return { outcome: "failed", ...(reason ? { reason } : {}) };
}

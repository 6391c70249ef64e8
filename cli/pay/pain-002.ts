import * as z from "zod";
import { Refusal } from "../output.ts";
import { answerOf, type BankAnswer } from "./bank-entry.ts";
import { amount, centsAmong, code, optional, referenceAmong, whyNot } from "./bank-shapes.ts";

// Payment status report, any version: the bank's answer to a file, to the payments in it, and to each of its transfers.
const text = optional(z.string());
const reasons = z
  .array(
    optional(
      z.object({
        Rsn: optional(code),
        AddtlInf: z.array(z.string()).optional(),
        // As version 02 called them.
        StsRsn: optional(code),
        AddtlStsRsnInf: z.array(z.string()).optional(),
      }),
    ),
  )
  .default([]);

const transfer = z.object({
  OrgnlInstrId: text,
  OrgnlEndToEndId: text,
  TxSts: text,
  StsRsnInf: reasons,
  OrgnlTxRef: optional(z.object({ Amt: optional(z.object({ InstdAmt: optional(amount) })) })),
});
const transfers = z.array(z.unknown()).default([]);
const report = z.object({
  OrgnlGrpInfAndSts: z.object({ OrgnlMsgId: z.string(), GrpSts: text, StsRsnInf: reasons }),
  OrgnlPmtInfAndSts: z
    .array(optional(z.object({ PmtInfSts: text, StsRsnInf: reasons, TxInfAndSts: transfers })))
    .default([]),
  TxInfAndSts: transfers,
});

const outcomes: Record<string, "completed" | "failed"> = {
  ACSC: "completed",
  ACCC: "completed",
  RJCT: "failed",
  CANC: "failed",
};

type Told = { status?: string | undefined; reason: string };

/** The outcomes that a pain.002 tells; a part of it speaks for what it does not name. Throws a Refusal where it is none. */
export function readPain002(document: unknown): BankAnswer {
  const parsed = report.safeParse(document);
  if (!parsed.success) throw new Refusal(`this is no pain.002 that can be read: ${whyNot(parsed.error)}`);
  const { OrgnlGrpInfAndSts: group, OrgnlPmtInfAndSts, TxInfAndSts } = parsed.data;
  const message = group.OrgnlMsgId.trim();
  const answer = answerOf({ messages: [message], answersTo: message });
  const whole: Told = { status: group.GrpSts, reason: reasonIn(group.StsRsnInf) };
  // The files that are sent have one payment each, of the same id.
  const payments = OrgnlPmtInfAndSts.filter((payment) => payment !== undefined);
  for (const { PmtInfSts, StsRsnInf, TxInfAndSts } of payments) {
    const told = { status: PmtInfSts ?? whole.status, reason: reasonIn(StsRsnInf) || whole.reason };
    readWhole(message, told, answer);
    readTransfers(message, TxInfAndSts, told, answer);
  }
  if (payments.length === 0) readWhole(message, whole, answer);
  readTransfers(message, TxInfAndSts, whole, answer);
  return answer;
}

function readWhole(message: string, { status, reason }: Told, answer: BankAnswer): void {
  const outcome = outcomes[status ?? ""];
  // Said of the file: no account is to blame, whatever the code is.
  if (outcome === "failed")
    answer.batches.push({ message, outcome, reason: `Fichier refusé : ${reason || "motif non précisé"}` });
  else if (outcome) answer.batches.push({ message, outcome });
  else if (status && status !== "PART") answer.waiting.push({ place: `file ${message}`, reason: status });
}

function readTransfers(message: string, found: unknown[], above: Told, answer: BankAnswer): void {
  for (const [at, each] of found.entries()) {
    const place = `transaction ${at + 1}`;
    const parsed = transfer.safeParse(each);
    if (!parsed.success) {
      answer.unread.push({ place, reason: whyNot(parsed.error) });
      continue;
    }
    const { OrgnlInstrId, OrgnlEndToEndId, TxSts, StsRsnInf, OrgnlTxRef } = parsed.data;
    const reference = referenceAmong(OrgnlEndToEndId, OrgnlInstrId);
    const status = TxSts ?? above.status ?? "";
    const outcome = outcomes[status];
    if (!reference) answer.unread.push({ place, reason: "no reference" });
    else if (!outcome) answer.waiting.push({ place, reason: status || "no status", reference });
    else {
      const cents = centsAmong(OrgnlTxRef?.Amt?.InstdAmt);
      const reason = reasonIn(StsRsnInf) || above.reason;
      answer.entries.push({
        reference,
        message,
        outcome,
        ...(typeof cents === "number" ? { cents } : {}),
        ...(outcome === "failed" && reason ? { reason } : {}),
      });
    }
  }
}

function reasonIn(found: z.infer<typeof reasons>): string {
  return found
    .flatMap((each) => [each?.Rsn ?? each?.StsRsn, ...(each?.AddtlInf ?? each?.AddtlStsRsnInf ?? [])])
    .filter(Boolean)
    .join(" ");
}

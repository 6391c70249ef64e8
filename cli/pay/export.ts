import { randomBytes } from "node:crypto";
import { sealingKey, unseal } from "../../functions/_shared/sealed.ts";
import { openNew } from "../new-file.ts";
import { note, print, printJson } from "../output.ts";
import { call } from "../rpc.ts";
import { need, type Target } from "../target.ts";
import { type Account, pain001, type Transfer } from "./pain-001.ts";
import { euros } from "./pay-suppliers.ts";

export type ExportOptions = { out: string; again?: string; json?: true };

type Order = {
  reference: string;
  cents: number;
  supplierId: string;
  holder: string;
  sealedIban: string;
  bic: string | null;
};
type Batch = {
  debtor: Account;
  executionDate: string;
  orders: Order[];
  /** Those whose suppliers were suspended after they were made. */
  held: { reference: string; cents: number; supplier: string }[];
  /** Those of a file that was written before. */
  messageId?: string;
  createdAt?: string;
};

/** `leads-cli pay export`: the pending payouts that are in no file yet, as one SEPA file; or a file once more. */
export async function exportPayouts(target: Target, { out, again, json }: ExportOptions): Promise<void> {
  const key = await sealingKey(need(target, "ibanEncryptionKey"));
  const batch = await call<Batch>(target, "payout_batch", { again: again ?? null });
  const { orders, held, debtor, executionDate } = batch;
  for (const { reference, cents, supplier } of held) {
    note(`${reference}, ${euros(cents / 100)}, is held back: its supplier ${supplier} is suspended`);
  }
  const messageId = batch.messageId ?? newMessageId(executionDate);
  const createdAt = batch.createdAt ?? new Date().toISOString().replace(/\.\d+Z$/, "Z");
  const totalCents = orders.reduce((sum, { cents }) => sum + cents, 0);
  if (orders.length === 0) {
    if (json) printJson({ messageId: null, payouts: 0, total: 0, held: held.length, file: null });
    else print("No payout waits to be sent to the bank.");
    return;
  }
  const transfers = await Promise.all(orders.map((order) => transferOf(order, key)));
  const xml = pain001({ messageId, createdAt, executionDate, debtor }, transfers);

  const file = await openNew(out);
  try {
    // Marked first: should the file get lost, it is written again under the same id, which the bank takes once.
    if (!again) await call(target, "payout_batch_mark", { messageId, createdAt, batch: withoutSecrets(batch) });
    await file.writeFile(xml);
    await file.sync();
  } finally {
    await file.close();
  }
  if (json) printJson({ messageId, payouts: orders.length, total: totalCents / 100, held: held.length, file: out });
  else print(`${out}: ${orders.length} transfers, ${euros(totalCents / 100)}, message ${messageId}`);
  note(`Should this file get lost: leads-cli pay export --again ${messageId} --out FILE`);
}

async function transferOf({ reference, cents, supplierId, holder, sealedIban, bic }: Order, key: CryptoKey) {
  const to: Account = { name: holder, iban: await unseal(key, supplierId, sealedIban), bic };
  return { reference, cents, to } satisfies Transfer;
}

function withoutSecrets({ debtor, executionDate, orders }: Batch) {
  return { debtor, executionDate, orders: orders.map(({ reference, cents }) => ({ reference, cents })) };
}

function newMessageId(day: string): string {
  return `VIREMENTS-${day.replaceAll("-", "")}-${randomBytes(4).toString("hex").toUpperCase()}`;
}

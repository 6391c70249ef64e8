import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { sealingKey, unseal } from "../../functions/_shared/sealed.ts";
import { openNew } from "../new-file.ts";
import { note, print, printJson, Refusal } from "../output.ts";
import { call, RpcRefusal } from "../rpc.ts";
import { need, type Target } from "../target.ts";
import { type Account, pain001, type Transfer } from "./pain-001.ts";
import { euros } from "./pay-suppliers.ts";

export type ExportOptions = { out: string; again?: string; date?: string; json?: true };

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
  /** Those that something stands in the way of since they were made. */
  held: { reference: string; cents: number; supplier: string; reason: string }[];
  /** Those of a file that was written before. */
  messageId?: string;
  createdAt?: string;
};

const holds: Record<string, (supplier: string) => string> = {
  supplier_suspended: (supplier) => `its supplier ${supplier} is suspended`,
  account_held: (supplier) =>
    `the bank has sent a transfer to this account of ${supplier} back; « pay fail » makes it due again`,
  bic_missing: (supplier) =>
    `this account of ${supplier} is outside the EEA and has no BIC; « pay fail » makes it due again`,
};

/** `leads-cli pay export`: the pending payouts that are in no file yet, as one SEPA file; or a file once more. */
export async function exportPayouts(target: Target, { out, again, date, json }: ExportOptions): Promise<void> {
  const key = await sealingKey(need(target, "ibanEncryptionKey"));
  const batch = await call<Batch>(target, "payout_batch", { again: again ?? null, executionDate: date ?? null });
  const { orders, held, debtor, executionDate } = batch;
  for (const { reference, cents, supplier, reason } of held) {
    note(`${reference}, ${euros(cents / 100)}, is held back: ${holds[reason]?.(supplier) ?? reason}`);
  }
  const messageId = batch.messageId ?? newMessageId(executionDate);
  const createdAt = batch.createdAt ?? new Date().toISOString().replace(/\.\d+Z$/, "Z");
  const totalCents = orders.reduce((sum, { cents }) => sum + cents, 0);
  if (orders.length === 0) {
    const incomplete = held.filter(({ reason }) => reason === "bic_missing");
    if (incomplete.length > 0)
      throw new Refusal(`nothing was written: ${incomplete.map((each) => each.supplier).join(", ")} must give a BIC`);
    if (json) printJson({ messageId: null, payouts: 0, total: 0, held: held.length, file: null });
    else print("No payout waits to be sent to the bank.");
    return;
  }
  const transfers = await Promise.all(orders.map((order) => transferOf(order, key)));
  const xml = pain001({ messageId, createdAt, executionDate, debtor }, transfers);

  await writeNew(out, xml, async () => {
    if (!again) await mark(target, messageId, createdAt, batch);
    note(`Should this file get lost: ${againCommand(messageId)}`);
  });
  if (json) printJson({ messageId, payouts: orders.length, total: totalCents / 100, held: held.length, file: out });
  else print(`${out}: ${orders.length} transfers, ${euros(totalCents / 100)}, message ${messageId}`);
}

/** Marked first: should the file get lost, it is written again under the same id, which the bank takes once. */
async function writeNew(path: string, xml: string, marked: () => Promise<void>): Promise<void> {
  const file = await openNew(path);
  try {
    await marked();
    await file.writeFile(xml);
    await file.sync();
  } catch (error) {
    // A part of a file is of no use, and its name would be taken when the same command is given again.
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

async function mark(target: Target, messageId: string, createdAt: string, batch: Batch): Promise<void> {
  try {
    await call(target, "payout_batch_mark", { messageId, createdAt, batch: withoutSecrets(batch) });
  } catch (error) {
    if (error instanceof RpcRefusal) throw error;
    const goOn = `see by ${againCommand(messageId)}; where that file does not exist, nothing was marked`;
    throw new Refusal(`${(error as Error).message}; the payouts may be marked as sent: ${goOn}`);
  }
}

function againCommand(messageId: string): string {
  return `leads-cli pay export --again ${messageId} --out FILE`;
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

import { SingleBar } from "cli-progress";
import { confirm } from "../confirm.ts";
import { io } from "../io.ts";
import { note, print, printJson, printTable, Refusal } from "../output.ts";
import { allRows, call, connect, RpcRefusal } from "../rpc.ts";
import type { Target } from "../target.ts";

export type PayOptions = { all?: true; dryRun?: true; yes?: true; json?: true };

/** What a supplier could be paid now, in euros; `code` and `message` say why he cannot. */
type Payable = {
  id: string;
  fournisseur: string;
  company: string;
  iban: string | null;
  status: string;
  leadsCount: number;
  amount: number;
  code: string | null;
  message: string | null;
};
type Virement = { id: string; reference: string; amount: number; status: string; leadsCount: number; iban: string };
type Skipped = { supplier: string; code: string; message: string };
type Outcome = {
  paid: (Virement & { supplier: string })[];
  skipped: Skipped[];
  /** The supplier at whom the run ended, its answer lost: he is paid, or is not. */
  unsure?: { supplier: string; reason: string };
};

/** `leads-cli pay SUPPLIER|--all`: shows what would be paid, asks, and makes a transfer for each, each on its own. */
export async function paySuppliers(target: Target, supplier: string | undefined, options: PayOptions): Promise<void> {
  const found = await allRows<Payable>((id) =>
    connect(target)
      .rpc("admin_payables", { supplier: supplier ?? null })
      .gt("id", id)
      .order("id"),
  );
  const due = found.filter(({ code }) => code === null);
  const skipped = found.flatMap(({ id, code, message }) =>
    code ? [{ supplier: id, code, message: message ?? "" }] : [],
  );
  if (!options.json) showPayables(due, skipped);
  refuseNamed(supplier, skipped);
  if (options.dryRun) {
    if (options.json) printJson({ dryRun: true, payable: due, skipped });
    else print("Nothing was paid (--dry-run).");
    return;
  }
  if (due.length > 0 && !options.yes) {
    const question = `Pay ${due.length} supplier${due.length === 1 ? "" : "s"}, ${totalOf(due)} in all?`;
    await confirm(question, "nothing was paid", "pass --yes to pay, or look first with --dry-run");
  }
  const outcome = await payEach(target, due, skipped);
  refuseNamed(supplier, outcome.skipped);
  report(outcome, skipped.length, options);
  if (outcome.unsure) {
    const { supplier: last, reason } = outcome.unsure;
    const goOn = "the same command again is safe, it pays only what is still due";
    throw new Refusal(`${reason}; ${last} may have been paid, nobody after that was: ${goOn}`);
  }
}

/** Of many, those who cannot be paid are skipped; to whoever named one it is an error. */
function refuseNamed(supplier: string | undefined, [skipped]: readonly Skipped[]): void {
  if (supplier !== undefined && skipped) throw new Refusal(skipped.message);
}

async function payEach(target: Target, due: Payable[], known: Skipped[]): Promise<Outcome> {
  const outcome: Outcome = { paid: [], skipped: [...known] };
  const bar = due.length > 1 && io().stderr.isTTY ? progressBar(due.length) : undefined;
  try {
    for (const { id } of due) {
      try {
        outcome.paid.push({ supplier: id, ...(await call<Virement>(target, "admin_gains_pay", { supplierId: id })) });
      } catch (error) {
        if (!(error instanceof RpcRefusal)) {
          outcome.unsure = { supplier: id, reason: (error as Error).message };
          break;
        }
        // Another admin may have been quicker; the next supplier is paid all the same.
        outcome.skipped.push({ supplier: id, code: error.code, message: error.message });
      }
      bar?.increment();
    }
  } finally {
    bar?.stop();
  }
  return outcome;
}

function progressBar(total: number): SingleBar {
  const bar = new SingleBar({
    stream: io().stderr,
    format: "Paying [{bar}] {value}/{total}",
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(total, 0);
  return bar;
}

function showPayables(due: Payable[], skipped: Skipped[]): void {
  if (due.length > 0) {
    printTable(
      ["supplier", "name", "company", "IBAN", "leads", "amount"],
      due.map((row) => [row.id, row.fournisseur, row.company, row.iban ?? "", row.leadsCount, euros(row.amount)]),
    );
    print(`${due.length} to pay, ${totalOf(due)} in all.`);
  } else if (skipped.length === 0) print("Nothing is due to anybody.");
  for (const { supplier, message } of skipped) note(`Skipped ${supplier}: ${message}`);
}

function report({ paid, skipped, unsure }: Outcome, known: number, { json }: PayOptions): void {
  if (json) {
    printJson({ paid, skipped, unsure });
    return;
  }
  for (const { supplier, message } of skipped.slice(known)) note(`Skipped ${supplier}: ${message}`);
  if (paid.length === 0) return;
  printTable(
    ["transfer", "supplier", "leads", "amount", "status"],
    paid.map((row) => [row.reference, row.supplier, row.leadsCount, euros(row.amount), row.status]),
  );
  note("The bank is told by: leads-cli pay export --out FILE");
}

function totalOf(rows: readonly { amount: number }[]): string {
  return euros(rows.reduce((sum, { amount }) => sum + Math.round(amount * 100), 0) / 100);
}

/** An amount for the screen: 1,234.50 €. */
export function euros(amount: number): string {
  return `${amount.toLocaleString("en", { minimumFractionDigits: 2 })} €`;
}

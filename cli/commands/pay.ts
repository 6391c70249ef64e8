import { type Command, InvalidArgumentError, Option } from "commander";
import { print, printJson } from "../output.ts";
import { type ExportOptions, exportPayouts } from "../pay/export.ts";
import { type ListOptions, listPayouts, type Payout } from "../pay/list.ts";
import { debtorName } from "../pay/pain-001.ts";
import { euros, type PayOptions, paySuppliers } from "../pay/pay-suppliers.ts";
import { settlePayouts } from "../pay/settle.ts";
import { call } from "../rpc.ts";
import { announceTarget, type Target } from "../target.ts";

type Output = { json?: true };
type AccountOptions = Output & { name: string; iban: string; bic?: string };

const examples = `
SUPPLIER is a reference (F-001) or an e-mail. A supplier is paid all that is due to him at once: every sale whose return
window is over and that nobody asks to take back, less what was taken back after it was paid.

The way of a payout: pay → pending → export to the bank → confirm, fail or settle. What fails is due again.
--all, --dry-run and --yes are for paying alone: the commands below refuse them.

Examples:
  $ leads-cli pay --all --dry-run
  $ leads-cli pay sophie@agence-ads.fr --yes
  $ leads-cli pay account --name "Leads Provider" --iban "FR76 …"     once: where payouts leave from
  $ leads-cli pay export --out virements.xml
  $ leads-cli pay settle camt054.xml
  $ leads-cli pay fail VP-2026-02-001 --reason "Compte clos"`;

const settleHelp = `
FILE is a camt.054, a camt.053 or a pain.002 of any version, or a CSV with the columns reference, amount, and where there
are such, status (completed, failed) and reason; without a status, what leaves the account is negative. It may be in
UTF-8, UTF-16, Windows-1252, or what an XML declares. An entry is entered if its reference (EndToEndId, else InstrId) and
its amount (InstdAmt, else what is booked) are those of a payout; what is said of a whole file of ours (OrgnlMsgId,
PmtInfId) is entered for each transfer in it that is not named. Of a pain.002, ACSC and ACCC are completed, RJCT and CANC
failed; any other status is no outcome yet. The same file again changes nothing.

What cannot be read is named by its place, and stops nothing else. The command ends with 1 if any of that may be ours, if
an amount does not fit, or if a file of ours is named but none of its transfers; what is somebody else's is passed over.
${examplesOf("settle camt054.xml", "settle pain002.xml", "settle releve.csv --json")}`;

function day(text: string): string {
  const found = new Date(`${text}T00:00:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(found.getTime()) || !found.toISOString().startsWith(text)) {
    throw new InvalidArgumentError("not a day: 2026-12-01.");
  }
  return text;
}

function examplesOf(...lines: string[]): string {
  return ["\nExamples:", ...lines.map((line) => `  $ leads-cli pay ${line}`)].join("\n");
}

/** `leads-cli pay …`: what suppliers are paid, the file for the bank, and the bank's answer. */
export function register(program: Command): void {
  const pay = program
    .command("pay")
    .argument("[supplier]", "reference or e-mail")
    .description("pay suppliers, tell the bank, and enter its answer")
    .option("--all", "every supplier to whom something is due")
    .option("--dry-run", "show what would be paid, and pay nothing")
    .option("--yes", "do not ask")
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", examples)
    .action((supplier: string | undefined, options: PayOptions, command: Command) => {
      if ((supplier === undefined) !== (options.all === true)) command.error("error: name a supplier, or --all");
      return paySuppliers(announceTarget(command), supplier, options);
    });
  registerReading(pay);
  registerBank(pay);
}

function registerReading(pay: Command): void {
  pay
    .command("list")
    .description("list the payouts, newest first")
    .addOption(new Option("--status <status>", "only these").choices(["pending", "completed", "failed"]))
    .option("--json", "one JSON array on stdout")
    .addHelpText("after", examplesOf("list --status pending", "list --json"))
    .action((_: ListOptions, command: Command) =>
      listPayouts(announceTarget(command), command.optsWithGlobals<ListOptions>()),
    );
  pay
    .command("account")
    .description("say from which account payouts leave")
    .requiredOption("--name <name>", "its holder, as the bank knows it")
    .requiredOption("--iban <iban>", "its IBAN")
    .option("--bic <bic>", "its bank's BIC")
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", examplesOf('account --name "Leads Provider" --iban "FR76 …" --bic AGRIFRPP'))
    .action((_: AccountOptions, command: Command) =>
      setAccount(announceTarget(command), command.optsWithGlobals<AccountOptions>()),
    );
}

function registerBank(pay: Command): void {
  pay
    .command("export")
    .description("write the pending payouts that are in no file yet as one SEPA file")
    .requiredOption("--out <file>", "the file; it must not exist")
    .addOption(new Option("--format <format>", "pain.001.001.09").choices(["pain.001"]).default("pain.001"))
    .addOption(new Option("--again <message>", "write this file once more, the same").conflicts("date"))
    .option("--date <day>", "when it is to be carried out, 2026-12-01: a TARGET day (default: the first one)", day)
    .option("--json", "one JSON object on stdout")
    .addHelpText(
      "after",
      examplesOf(
        "export --out virements.xml",
        "export --date 2026-12-01 --out virements.xml",
        "export --again VIREMENTS-20260210-1F2E3D4C --out virements.xml",
      ),
    )
    .action(async (_: ExportOptions, command: Command) => {
      await exportPayouts(announceTarget(command), command.optsWithGlobals<ExportOptions>());
    });
  pay
    .command("settle")
    .argument("<file>", "camt.053, camt.054, pain.002 or CSV")
    .description("enter what a bank's file says")
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", settleHelp)
    .action(async (file: string, _: Output, command: Command) => {
      await settlePayouts(announceTarget(command), file, command.optsWithGlobals<Output>());
    });
  pay
    .command("confirm")
    .argument("<payout>", "VP-2026-02-001")
    .description("the bank has carried it out")
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", examplesOf("confirm VP-2026-02-001"))
    .action(async (ref: string, _: Output, command: Command) => {
      report(await call<Payout>(announceTarget(command), "admin_payout_confirm", { ref }), command.optsWithGlobals());
    });
  pay
    .command("fail")
    .argument("<payout>", "VP-2026-02-001")
    .description("the bank has refused it, or returned it after it had arrived: what it paid is due again")
    .requiredOption("--reason <text>", "what the bank says; the supplier reads it")
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", examplesOf('fail VP-2026-02-001 --reason "Compte clos"'))
    .action(async (ref: string, { reason }: { reason: string }, command: Command) => {
      report(
        await call<Payout>(announceTarget(command), "admin_payout_fail", { ref, reason }),
        command.optsWithGlobals(),
      );
    });
}

async function setAccount(target: Target, { name, iban, bic, json }: AccountOptions): Promise<void> {
  // Refused before it is kept: later it would be in the way of every file.
  debtorName(name);
  const account = await call<{ name: string; bic: string | null }>(target, "payout_debtor_set", { name, iban, bic });
  if (json) printJson({ name: account.name, bic: account.bic });
  else print(`Payouts leave from the account of ${account.name}.`);
}

function report(payout: Payout, { json }: Output): void {
  if (json) printJson(payout);
  else print(`${payout.reference}: ${euros(payout.amount)} to ${payout.company}, ${payout.status}`);
}

import type { Command } from "commander";
import { withDatabase } from "../database.ts";
import { print, printJson, Refusal } from "../output.ts";
import { announceTarget, type Target } from "../target.ts";

type AuditBreak = { chain: number; position: number; reason: string };

const examples = `
Examples:
  $ leads-cli audit verify
  $ leads-cli audit verify --json`;

/** `leads-cli audit verify`: whether anything in the audit log was changed or removed afterwards. */
export function register(program: Command): void {
  program
    .command("audit")
    .description("look after the audit log")
    .command("verify")
    .description("check that each row of the audit log still follows from the one before it")
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", examples)
    .action((options: { json?: true }, command: Command) => verify(announceTarget(command), options));
}

async function verify(target: Target, { json }: { json?: true }): Promise<void> {
  const breaks = await withDatabase(
    target,
    (sql) => sql<AuditBreak[]>`select chain, position::float8 as position, reason from platform.audit_verify()`,
  );
  if (json) printJson({ ok: breaks.length === 0, breaks: [...breaks] });
  const first = breaks[0];
  if (first) {
    const more = breaks.length > 1 ? ` (and ${breaks.length - 1} more)` : "";
    throw new Refusal(
      `the audit log is broken in chain ${first.chain} at row ${first.position}: ${first.reason}${more}`,
    );
  }
  if (!json) print("The audit log is unbroken.");
}

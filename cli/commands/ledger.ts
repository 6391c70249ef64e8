import type { Command } from "commander";
import { withDatabase } from "../database.ts";
import { print, printJson, printTable, Refusal } from "../output.ts";
import { announceTarget, type Target } from "../target.ts";

type Problem = { problem: string; subject: string; expected: string | null; found: string | null };

const examples = `
Examples:
  $ leads-cli ledger verify
  $ leads-cli ledger verify --json`;

/** `leads-cli ledger verify`: whether entries, balances, sales, transfers and statistics confirm each other. */
export function register(program: Command): void {
  program
    .command("ledger")
    .description("look after the money")
    .command("verify")
    .description(
      "check that every transfer sums to zero, and that balances, sales, payouts and statistics follow from it",
    )
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", examples)
    .action((options: { json?: true }, command: Command) => verify(announceTarget(command), options));
}

async function verify(target: Target, { json }: { json?: true }): Promise<void> {
  const { transfers, problems } = await withDatabase(target, (sql) =>
    // One snapshot: what is sold meanwhile is in both halves of a comparison or in none.
    sql.begin("isolation level repeatable read read only", async (read) => ({
      transfers: (await read<{ count: number }[]>`select count(*)::float8 as count from platform.ledger_transfers`)[0]
        ?.count,
      problems: await read<Problem[]>`
        select problem, subject, expected::text, found::text from leads.ledger_problems()`,
    })),
  );
  if (json) printJson({ ok: problems.length === 0, transfers, problems: [...problems] });
  const first = problems[0];
  if (first) {
    if (!json) {
      printTable(
        ["problem", "subject", "expected", "found"],
        problems.map((row) => [row.problem, row.subject, row.expected ?? "", row.found ?? ""]),
      );
    }
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
    const figures = first.expected === null ? "" : `: expected ${first.expected}, found ${first.found}`;
    throw new Refusal(`the ledger does not hold: ${first.problem} ${first.subject}${figures}${more}`);
  }
  if (!json) print(`The ledger holds: ${transfers} transfers.`);
}

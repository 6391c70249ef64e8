import type { Command } from "commander";
import { withDatabase } from "../database.ts";
import { note, print, printJson, printTable, Refusal } from "../output.ts";
import { announceTarget, type Target } from "../target.ts";

type Difference = { metric: string; subject: string; month: string; kept: string; counted: string };
type VerifyOptions = { fix?: true; json?: true };

const examples = `
Examples:
  $ leads-cli stats verify
  $ leads-cli stats verify --fix`;

/** `leads-cli stats verify`: whether the kept figures are those that a full count gives. */
export function register(program: Command): void {
  program
    .command("stats")
    .description("look after the statistics")
    .command("verify")
    .description("compare the kept figures with a full count")
    .option("--fix", "write the counted figures where they differ")
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", examples)
    .action((options: VerifyOptions, command: Command) => verify(announceTarget(command), options));
}

async function verify(target: Target, { fix, json }: VerifyOptions): Promise<void> {
  const { found, left } = await withDatabase(target, async (sql) => {
    const compare = () => sql<Difference[]>`
      select metric::text, subject::text, month::text, kept::text, counted::text from leads.verify_rollups()`;
    const differences = await compare();
    if (differences.length === 0 || !fix) return { found: differences, left: differences };
    await sql`select leads.recount()`;
    return { found: differences, left: await compare() };
  });

  if (json) printJson({ ok: left.length === 0, fixed: found.length - left.length, differences: [...left] });
  else if (found.length > 0) {
    printTable(
      ["metric", "subject", "month", "kept", "counted"],
      found.map((row) => [row.metric, row.subject ?? "", row.month ?? "", row.kept ?? "", row.counted ?? ""]),
    );
  }
  if (left.length > 0) {
    throw new Refusal(
      `${left.length} figures differ from a full count${fix ? " even after it" : "; --fix writes the counted ones"}`,
    );
  }
  if (json) return;
  if (found.length > 0) note(`${found.length} figures were corrected.`);
  print("All kept figures are those of a full count.");
}

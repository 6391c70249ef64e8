import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { Command } from "commander";
import type * as z from "zod";
import type { callingRules } from "../../functions/leads/schemas.ts";
import { io } from "../io.ts";
import { printJson, printTable, Refusal } from "../output.ts";
import { call } from "../rpc.ts";
import { announceTarget, type Target } from "../target.ts";

type Rules = z.infer<typeof callingRules>;
type Output = { json?: true };

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

const examples = `
FILE holds the fields to change, others stay as they are; - reads them from stdin. Fields: days (1 is Monday), hours,
onHolidays, callsPerDay, callsPer30Days (null: no limit), refusalDays, and sourcesWithoutConsent: whose leads need no proof
of consent, as pairs of a supplier (by his reference) and the source that he names, - where he names none.

Examples:
  $ leads-cli calling-rules show
  $ leads-cli calling-rules show --json > rules.json
  $ leads-cli calling-rules set rules.json
  $ echo '{"sourcesWithoutConsent": [{"supplier": "F-001", "source": "Salon"}]}' | leads-cli calling-rules set -`;

/** `leads-cli calling-rules show|set`: when and how often people are called, by the same SQL as the admin's page. */
export function register(program: Command): void {
  const rules = program
    .command("calling-rules")
    .description("when and how often people are called, and whom without a proof of consent")
    .addHelpText("after", examples);
  rules
    .command("show")
    .description("show the rules in force")
    .option("--json", "one JSON object on stdout, as set takes it")
    .action(async (options: Output, command: Command) => {
      report(await call<Rules>(announceTarget(command), "admin_calling_rules"), options);
    });
  rules
    .command("set")
    .argument("<file>", "a JSON object with the fields to change, - for stdin")
    .description("change some of the rules, at once")
    .option("--json", "one JSON object on stdout")
    .action((file: string, options: Output, command: Command) => set(announceTarget(command), file, options));
}

async function set(target: Target, file: string, options: Output): Promise<void> {
  const rules = await readJson(file);
  report(await call<Rules>(target, "admin_calling_rules_change", { rules }), options);
}

async function readJson(file: string): Promise<unknown> {
  const content = await (file === "-" ? text(io().stdin) : readFile(file, "utf8")).catch((error: Error) => {
    throw new Refusal(`cannot read ${file}: ${error.message}`);
  });
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new Refusal(`${file} is no JSON: ${(error as Error).message}`);
  }
}

function report(rules: Rules, { json }: Output): void {
  if (json) printJson(rules);
  else printRules(rules);
}

function printRules(rules: Rules): void {
  const limit = (calls: number | null) => (calls === null ? "no limit" : String(calls));
  printTable(
    ["rule", "value"],
    [
      ["days", rules.days.map((day) => weekdays[day - 1]).join(", ")],
      ["hours", rules.hours.map(({ from, until }) => `${from}–${until}`).join(", ")],
      ["on holidays", rules.onHolidays ? "yes" : "no"],
      ["calls per day", limit(rules.callsPerDay)],
      ["calls per 30 days", limit(rules.callsPer30Days)],
      ["days after a refusal", String(rules.refusalDays)],
      ...rules.sourcesWithoutConsent.map(({ supplier, source }) => ["without consent", `${supplier}: ${source}`]),
    ],
  );
}

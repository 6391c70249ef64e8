import type { Command } from "commander";
import { printJson, printPairs } from "../output.ts";
import { announceTarget, type Target } from "../target.ts";

const examples = `
Examples:
  $ leads-cli status
  $ leads-cli status --json | jq -r .systems.leads.apiBase`;

/** `leads-cli status`: where the platform runs, and its keys. */
export function register(program: Command): void {
  program
    .command("status")
    .description("show the URLs and keys of the target, normally the running stack")
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", examples)
    .action((options: { json?: true }, command: Command) => status(announceTarget(command), options));
}

function status(target: Target, { json }: { json?: true }): void {
  const { apiUrl, dbUrl, studioUrl, publishableKey, secretKey, systems } = target;
  if (json) {
    printJson({ apiUrl, dbUrl, studioUrl, publishableKey, secretKey, systems });
    return;
  }
  const pairs: [string, string | null][] = [
    ["API", apiUrl],
    ...Object.entries(systems).map(([slug, { apiBase }]): [string, string] => [`API of ${slug}`, apiBase]),
    ["Database", dbUrl],
    ["Studio", studioUrl],
    ["Mails", target.mailUrl],
    ["Publishable key", publishableKey],
    ["Secret key", secretKey],
  ];
  printPairs(pairs.filter((pair): pair is [string, string] => pair[1] !== null));
}

import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { newWebhookSecret } from "../../functions/_shared/outbox/signature.ts";
import { seal, sealingKey } from "../../functions/_shared/sealed.ts";
import { asOperators, withDatabase } from "../database.ts";
import { deliverNow } from "../outbox/deliver-now.ts";
import { note, print, printJson, printTable, Refusal } from "../output.ts";
import { announceTarget, need, type Target } from "../target.ts";

type Output = { json?: true };
type AddOptions = Output & { system: string; events: string[]; description: string };
type Listed = {
  id: string;
  system: string;
  url: string;
  events: string[];
  status: string;
  waiting: number;
  failed: number;
};

const examples = `
Calls are signed as https://www.standardwebhooks.com says, with a secret that add shows once. Another secret is another
endpoint: add it, let the receiver know both, and remove the old one.

Examples:
  $ leads-cli webhooks add https://hooks.example.fr/in --system leads --events order.paid lead.purchased
  $ leads-cli webhooks test 01977a42-…`;

/** `leads-cli webhooks list|add|test|pause|resume|remove`: where a system's events are sent to. */
export function register(program: Command): void {
  const webhooks = program.command("webhooks").description("look after the webhooks").addHelpText("after", examples);
  webhooks
    .command("list")
    .description("list the endpoints, and how much waits or has failed")
    .option("--system <slug>", "only this system's")
    .option("--json", "one JSON array on stdout")
    .action((options: Output & { system?: string }, command: Command) => list(announceTarget(command), options));
  webhooks
    .command("add")
    .argument("<url>", "https, or http on this machine")
    .description("send events to an address, and show the secret that signs them")
    .requiredOption("--system <slug>", "whose events")
    .option("--events <topics...>", "which of them; all if not said", ["*"])
    .option("--description <text>", "what it is for", "")
    .option("--json", "one JSON object on stdout")
    .action((url: string, options: AddOptions, command: Command) => add(announceTarget(command), url, options));
  webhooks
    .command("test")
    .argument("<id>", "the endpoint")
    .description("send an endpoint the event webhook.test, and say what came of it")
    .option("--json", "one JSON object on stdout")
    .action((id: string, options: Output, command: Command) => test(announceTarget(command), id, options));
  change(webhooks, "pause", "let the calls of an endpoint wait", "select platform.set_webhook_status($1, 'paused')");
  change(webhooks, "resume", "send what has waited", "select platform.set_webhook_status($1, 'active')");
  change(webhooks, "remove", "remove an endpoint and its calls", "select platform.remove_webhook($1)");
}

function change(parent: Command, name: string, description: string, statement: string): void {
  parent
    .command(name)
    .argument("<id>", "the endpoint")
    .description(description)
    .action(async (id: string, _: Output, command: Command) => {
      await asOperatorsOf(announceTarget(command), statement, checkedId(id));
      print(`${id}: done`);
    });
}

function asOperatorsOf(target: Target, statement: string, id: string): Promise<Record<string, unknown>[]> {
  return withDatabase(target, (sql) => asOperators(sql, (as) => as.unsafe(statement, [id])));
}

async function list(target: Target, { system, json }: Output & { system?: string }): Promise<void> {
  const found = await withDatabase(
    target,
    (sql) => sql<Listed[]>`
      select e.id, e.system, e.url, e.events, e.status,
        count(d.id) filter (where d.delivered_at is null and d.failed_at is null)::integer as waiting, count(d.failed_at)::integer as failed
      from platform.webhook_endpoints e left join platform.deliveries d on d.endpoint_id = e.id
      where ${system ?? null}::text is null or e.system = ${system ?? null} group by e.id order by e.system, e.created_at`,
  );
  if (json) return printJson([...found]);
  printTable(
    ["id", "system", "url", "events", "status", "waiting", "failed"],
    found.map((row) => [row.id, row.system, row.url, row.events.join(" "), row.status, row.waiting, row.failed]),
  );
}

async function add(target: Target, url: string, { system, events, description, json }: AddOptions): Promise<void> {
  const key = await sealingKey(need(target, "secretsEncryptionKey"));
  const [id, secret] = [randomUUID(), newWebhookSecret()];
  const sealed = await seal(key, id, secret);
  await withDatabase(target, (sql) =>
    asOperators(
      sql,
      (as) => as`select platform.add_webhook(${id}, ${system}, ${url}, ${events}, ${sealed}, ${description})`,
    ),
  );
  if (json) return printJson({ id, system, url, events, secret });
  print(`${id}: ${url} gets ${events.includes("*") ? "all events" : events.join(", ")} of ${system}`);
  note("The secret is shown this once:");
  print(secret);
}

async function test(target: Target, id: string, { json }: Output): Promise<void> {
  const [row] = await asOperatorsOf(target, "select platform.test_webhook($1) as id", checkedId(id));
  const outcome = await deliverNow(target, row?.id as string);
  if (json) printJson(outcome);
  if (!outcome.delivered)
    throw new Refusal(`the endpoint was not reached: ${outcome.error ?? "nobody has called it yet"}`);
  if (!json) print(`${id}: has answered`);
}

function checkedId(id: string): string {
  if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id)) throw new Refusal(`${id} is no id of an endpoint`);
  return id;
}

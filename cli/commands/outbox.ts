import { type Command, Option } from "commander";
import { asOperators, withDatabase } from "../database.ts";
import { print, printJson, printTable, Refusal } from "../output.ts";
import { announceTarget, need, type Target } from "../target.ts";
import { wholeNumber } from "../whole-number.ts";

type Output = { json?: true };
type ListOptions = Output & { status: string; system?: string; limit: number };
type RetryOptions = Output & { failed?: true };
type Listed = {
  id: string;
  system: string;
  kind: string;
  topic: string;
  status: string;
  attempts: number;
  error: string | null;
  createdAt: string;
  nextAt: string | null;
};

const examples = `
What is sent, and to whom, is not shown: a mail names a person.

Examples:
  $ leads-cli outbox list --status failed
  $ leads-cli outbox retry --failed
  $ leads-cli outbox schedule          on a hosted project, once`;

/** `leads-cli outbox list|retry|schedule`: the mails, SMS and calls of webhooks that are still to be delivered. */
export function register(program: Command): void {
  const outbox = program
    .command("outbox")
    .description("look after what is to be delivered")
    .addHelpText("after", examples);
  outbox
    .command("list")
    .description("list deliveries, newest first")
    .addOption(
      new Option("--status <status>", "which of them")
        .choices(["waiting", "failed", "delivered", "all"])
        .default("all"),
    )
    .option("--system <slug>", "only this system's")
    .option("--limit <n>", "rows at most", wholeNumber(1), 50)
    .option("--json", "one JSON array on stdout")
    .action((options: ListOptions, command: Command) => list(announceTarget(command), options));
  outbox
    .command("retry")
    .argument("[id]", "the delivery")
    .description("deliver again what has failed, or what a webhook was sent")
    .option("--failed", "all that have failed")
    .option("--json", "one JSON object on stdout")
    .action((id: string | undefined, options: RetryOptions, command: Command) =>
      retry(announceTarget(command), id, options),
    );
  outbox
    .command("schedule")
    .description("have pg_cron of a hosted project call the worker")
    .option("--every <interval>", "how often, as pg_cron says it", "10 seconds")
    .action(({ every }: { every: string }, command: Command) => schedule(announceTarget(command), every));
}

async function list(target: Target, { status, system, limit, json }: ListOptions): Promise<void> {
  const found = await withDatabase(
    target,
    (sql) => sql<Listed[]>`
      select * from (
        select d.id, d.system, d.kind, d.topic, d.attempts, d.error, platform.iso_timestamp(d.created_at) as "createdAt",
          case when d.delivered_at is not null then 'delivered' when d.failed_at is not null then 'failed' else 'waiting' end as status,
          case when d.delivered_at is null and d.failed_at is null then platform.iso_timestamp(d.available_at) end as "nextAt"
        from platform.deliveries d) d
      where (${status} = 'all' or d.status = ${status}) and (${system ?? null}::text is null or d.system = ${system ?? null})
      order by d.id desc limit ${limit}`,
  );
  if (json) return printJson([...found]);
  printTable(
    ["id", "system", "kind", "topic", "status", "attempts", "error", "next"],
    found.map((row) => [
      ...[row.id, row.system, row.kind, row.topic, row.status, row.attempts],
      ...[row.error ?? "", row.nextAt ?? ""],
    ]),
  );
}

async function retry(target: Target, id: string | undefined, { failed, json }: RetryOptions): Promise<void> {
  if ((id === undefined) === (failed === undefined))
    throw new Refusal("name a delivery, or --failed for all that have");
  const count = await withDatabase(target, async (sql) =>
    asOperators(sql, async (as) => {
      const rows = id
        ? await as`select platform.retry_delivery(${id}::uuid)`
        : await as`select platform.retry_delivery(d.id) from platform.deliveries d where d.failed_at is not null`;
      return rows.length;
    }),
  );
  if (json) return printJson({ retried: count });
  print(`${count} to be delivered again`);
}

async function schedule(target: Target, every: string): Promise<void> {
  const [url, key] = [`${need(target, "apiUrl")}/functions/v1/outbox`, need(target, "secretKey")];
  const done = await withDatabase(target, async (sql) => {
    const [row] = await sql<{ done: boolean }[]>`select platform.schedule_outbox(${url}, ${key}, ${every}) as done`;
    return row?.done;
  });
  if (!done) {
    throw new Refusal("this database lacks pg_cron, pg_net or Vault; the embedded stack calls the worker by itself");
  }
  print(`pg_cron calls ${url} every ${every}`);
}

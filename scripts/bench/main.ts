import { Command, Option } from "commander";
import { onServer } from "../db/build-database.ts";
import { type Stack, startStack } from "../stack/index.ts";
import { growTo } from "./grow.ts";
import { measureApi, measureGateway } from "./http.ts";
import { type LoadClient, startLoadClient } from "./load.ts";
import { keep, table } from "./report.ts";
import type { Result } from "./result.ts";
import { measureRls } from "./rls.ts";
import { measureStats } from "./stats.ts";
import { measureWrites } from "./writes.ts";

/*
 * npm run bench -- [--quick] [--only gateway|api|rls|stats|writes]
 * Starts stacks of its own, fills them and compares, always two things side by side in the same minutes.
 */

const parts = ["gateway", "api", "rls", "stats", "writes"] as const;
type Part = (typeof parts)[number];
type Options = { quick?: true; only?: Part };

const few = 10_000;
const many = 100_000;
const most = 1_000_000;

const begun = performance.now();
const stacks: Stack[] = [];

function readOptions(): Options {
  return new Command("npm run bench --")
    .description("Measures ratios side by side and keeps them in .bench/.")
    .option("--quick", "fewer rounds, and no more than 100,000 leads")
    .addOption(new Option("--only <part>", "one part of it").choices(parts))
    .allowExcessArguments(false)
    .parse()
    .opts<Options>();
}

async function measure({ quick, only }: Options, client: LoadClient): Promise<Result[]> {
  const wants = (part: Part) => only === undefined || only === part;
  const { info } = await start();
  await grow(info.dbUrl, many);
  const http = { info, client, rounds: quick ? 8 : 20, roundMs: quick ? 300 : 600 };
  const rounds = quick ? 7 : 15;
  const results: Result[] = [];
  const add = async (part: Part, work: () => Promise<Result[]>) => {
    if (!wants(part)) return;
    say(`Measuring: ${part}`);
    results.push(...(await work()));
  };

  await add("gateway", () => measureGateway(http));
  await add("api", () => measureApi(http));
  await add("rls", () => measureRls(info.dbUrl, many, rounds));
  const grown = quick ? many : most;
  if (!quick && (wants("rls") || wants("stats"))) await grow(info.dbUrl, most);
  if (!quick) await add("rls", () => measureRls(info.dbUrl, most, rounds));
  await add("stats", async () => {
    const { info: small } = await start();
    await grow(small.dbUrl, few);
    return measureStats({ small, large: info, sizes: { small: few, large: grown }, client, rounds, roundMs: 300 });
  });
  // Last, since it changes what the others measure.
  await add("writes", () => measureWrites({ info, client, rounds }));
  return results;
}

async function start(): Promise<Stack> {
  say("Starting a stack");
  const stack = await startStack({ ephemeral: true, log: () => undefined });
  stacks.push(stack);
  return stack;
}

async function grow(dbUrl: string, leads: number): Promise<void> {
  say(`Making ${leads.toLocaleString("en")} leads`);
  await onServer(dbUrl, (sql) => growTo(sql, leads));
}

function say(line: string): void {
  process.stderr.write(`${String(seconds()).padStart(4)} s  ${line}\n`);
}

function seconds(): number {
  return Math.round((performance.now() - begun) / 1000);
}

async function main(): Promise<void> {
  const options = readOptions();
  const client = startLoadClient();
  const end = async () => {
    client.stop();
    await Promise.all(stacks.map((stack) => stack.stop()));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => void end().finally(() => process.exit(130)));
  }
  try {
    const results = await measure(options, client);
    process.stdout.write(`${table(results)}\n`);
    say(`Kept in ${keep(results, options, seconds())}`);
  } finally {
    await end();
  }
}

await main();
process.exit();

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import { onServer } from "../db/build-database.ts";
import { type Stack, type StackOptions, startStack } from "../stack/index.ts";
import { freeBasePort } from "../stack/ports.ts";
import { measureExports } from "./exports.ts";
import { growTo } from "./grow.ts";
import { measureApi, measureGateway } from "./http.ts";
import { measureImports } from "./imports.ts";
import { type LoadClient, startLoadClient } from "./load.ts";
import { measurePurchases } from "./purchases.ts";
import { keep, table } from "./report.ts";
import type { Result } from "./result.ts";
import { measureRls } from "./rls.ts";
import { measureStats } from "./stats.ts";
import { measureUploads } from "./uploads.ts";
import { measureWrites } from "./writes.ts";

/*
 * npm run bench -- [--quick] [--only gateway|api|rls|stats|writes|purchases|import|upload|export]
 * Starts stacks of its own, fills them and compares, always two things side by side in the same minutes.
 */

const parts = ["gateway", "api", "rls", "stats", "writes", "purchases", "import", "upload", "export"] as const;
/** What makes its own leads. */
const ownLeads: (Part | undefined)[] = ["purchases", "import", "upload", "export"];
type Part = (typeof parts)[number];
type Options = { quick?: true; only?: Part };

const few = 10_000;
const many = 100_000;
const most = 1_000_000;

const begun = performance.now();
const stacks: Stack[] = [];
const folders: string[] = [];

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
  if (!ownLeads.includes(only)) await grow(info.dbUrl, many);
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
  await add("purchases", async () => {
    const { info: durable } = await startDurable();
    await grow(durable.dbUrl, few);
    return measurePurchases({ info: durable, client, rounds });
  });
  await add("import", () => {
    const hundredThousand = { rows: many, rounds: quick ? 2 : 5 };
    return measureImports(info.dbUrl, quick ? [hundredThousand] : [hundredThousand, { rows: most, rounds: 2 }]);
  });
  await add("upload", async () => {
    const { info: own } = await start();
    return measureUploads(own, many);
  });
  await add("export", async () => {
    const { info: own } = await start();
    const hundredThousand = { rows: many, rounds: quick ? 2 : 3 };
    return measureExports(own, quick ? [hundredThousand] : [hundredThousand, { rows: most, rounds: 1 }]);
  });
  return results;
}

function start(): Promise<Stack> {
  return startWith({ ephemeral: true });
}

// Money is to survive a power cut: a commit waits for the disk here, which an ephemeral stack does not.
async function startDurable(): Promise<Stack> {
  const dataDir = mkdtempSync(join(tmpdir(), "bench-"));
  folders.push(dataDir);
  return startWith({ dataDir, basePort: await freeBasePort() });
}

async function startWith(options: Partial<StackOptions>): Promise<Stack> {
  say("Starting a stack");
  const stack = await startStack({ ...options, schedule: false, log: () => undefined });
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
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
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

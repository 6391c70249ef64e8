import { join } from "node:path";
import { styleText } from "node:util";
import { Command, InvalidArgumentError } from "commander";
import type { DemoPerson } from "./stack/demo-people.ts";
import type { StackInfo } from "./stack/index.ts";

type Flags = {
  port?: number;
  dataDir?: string;
  ephemeral?: true;
  copyOf?: string;
  seed: boolean;
  schedule: boolean;
  envFile?: string;
  web?: string;
  authBinary?: string;
};

const examples = `
Examples:
  $ npm start
  $ npm start -- --port 55321 --data-dir .stack-2     a second one beside the first
  $ npm start -- --web ../front/dist                  a front end built with its API_BASE changed
  $ npm start -- --ephemeral                          free ports, nothing is kept
  $ npm start -- --ephemeral --copy-of .stack         your data, to try something on

Ctrl-C stops it.`;

function readFlags(): Flags {
  return new Command("npm start --")
    .description("Runs the embedded Supabase: database, API, auth, storage, functions, Studio.")
    .option("--port <n>", "port of the API; database, Studio and mails take the three after it", readPort)
    .option("--data-dir <dir>", "folder of the data (default: .stack; with --ephemeral: a temporary one)")
    .option("--ephemeral", "free ports; the data is removed on exit")
    .option("--copy-of <dir>", "begin with a copy of the data of a stack that has ended")
    .option("--no-seed", "leave a new database empty")
    .option("--no-schedule", "do not call the functions that a hosted project calls by schedule")
    .option("--env-file <file>", "settings for the functions (default: supabase/functions/.env, if it is there)")
    .option("--web <dir>", "serve a built front end at the API's own origin")
    .option("--auth-binary <file>", "run this GoTrue (supabase/auth) instead of the embedded Auth")
    .addHelpText("after", examples)
    .allowExcessArguments(false)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .parse()
    .opts<Flags>();
}

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65532) throw new InvalidArgumentError("not a port (1 to 65532).");
  return port;
}

async function main(): Promise<void> {
  const flags = readFlags();
  const begun = performance.now();
  const stopRequest = new AbortController();
  const stopAsked = new Promise<void>((done) => stopRequest.signal.addEventListener("abort", () => done()));
  listenForTheEnd(() => stopRequest.abort());

  // Loaded when the flags are known to be good: it takes longer than to say what is wrong with them.
  const { startStack, projectRoot } = await import("./stack/index.ts");
  const { port: basePort, ephemeral, copyOf, seed, schedule, envFile, web: webDir, authBinary } = flags;
  const starting = startStack({
    dataDir: flags.dataDir ?? (ephemeral ? undefined : join(projectRoot, ".stack")),
    basePort,
    ephemeral,
    copyOf,
    seed,
    schedule,
    envFile,
    webDir,
    authBinary,
    log,
    signal: stopRequest.signal,
  });
  const stack = await starting.catch((error: unknown) => {
    if (stopRequest.signal.aborted) return undefined;
    throw error;
  });
  if (!stack) return;
  print(summary(stack.info));
  log(`Started in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  print("Ready");
  try {
    await Promise.race([stopAsked, stack.failed]);
  } finally {
    await stack.stop();
  }
}

/** Calls back when the person, the terminal or the program that started this one wants it to end. */
function listenForTheEnd(stop: () => void): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  // npm does not always pass on how it was ended; a stack that nobody holds any more would keep its ports.
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && stop(), 1000).unref();
}

function summary(info: StackInfo): string {
  const rows: [string, string][] = [
    ["API", info.apiUrl],
    ...Object.entries(info.systems).map(([slug, { apiBase }]): [string, string] => [`  ${slug}`, apiBase]),
    ["Database", info.dbUrl],
    ["Studio", info.studioUrl],
    ["Mails", info.mailUrl],
    ["Publishable key", info.publishableKey],
    ["Secret key", info.secretKey],
    ["Data", info.dataDir],
  ];
  const lines = rows.map(([label, value]) => `  ${bold(label.padEnd(16))} ${value}`);
  for (const [slug, { demo }] of Object.entries(info.systems)) lines.push(...demoLines(slug, demo));
  return ["", ...lines, ""].join("\n");
}

function demoLines(slug: string, demo: DemoPerson[]): string[] {
  const [first] = demo;
  if (!first) return [];
  const people = demo.map(({ role, identifier }) => `  ${role.padEnd(16)} ${identifier}`);
  return ["", `  ${bold(`Demo of ${slug}`.padEnd(16))} password ${first.password}`, ...people];
}

function bold(text: string): string {
  return process.stdout.isTTY && !process.env.NO_COLOR ? styleText("bold", text) : text;
}

function log(line: string): void {
  print(process.stdout.isTTY && !process.env.NO_COLOR ? styleText("dim", line) : line);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

// The terminal may be gone; that is no reason to end without putting things in order.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);

import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { freePort, isFree } from "../../scripts/stack/ports.ts";
import { descendantsOf, stillRunning } from "../../scripts/stack/processes.ts";
import { runStart, type StartedStack, startStackOn } from "../support/start-stack.ts";

// Real starts, beside the stack that the test run shares.

const patience = 60_000;
const folders: string[] = [];
const stacks: StartedStack[] = [];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "stack-lifecycle-"));
  folders.push(folder);
  return folder;
}

async function start(dataDir: string, flags: readonly string[]): Promise<StartedStack> {
  const stack = await startStackOn(dataDir, flags);
  stacks.push(stack);
  return stack;
}

async function startKeeping(dataDir: string, ...flags: string[]): Promise<StartedStack> {
  return start(dataDir, ["--port", String(await freeBase()), ...flags]);
}

const copied = inject("stackFlags").filter((flag) => flag !== "--ephemeral");

afterAll(async () => {
  for (const stack of stacks) stack.process.kill("SIGTERM");
  await Promise.all(stacks.map(({ exited }) => exited));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}, patience);

/** The first of four free ports in a row. */
async function freeBase(): Promise<number> {
  for (;;) {
    const base = await freePort();
    const free = await Promise.all([1, 2, 3].map((step) => isFree(base + step)));
    if (free.every(Boolean)) return base;
  }
}

function pidsOf({ info }: StartedStack): number[] {
  const pids = descendantsOf(info.pid).map(({ pid }) => pid);
  // Postgres, PostgREST, auth, a function and the watchdog, at least.
  expect(pids.length).toBeGreaterThanOrEqual(5);
  return pids;
}

async function query(dbUrl: string, text: string): Promise<Record<string, unknown>[]> {
  const sql = postgres(dbUrl, { max: 1, onnotice: () => undefined });
  try {
    return await sql.unsafe(text);
  } finally {
    await sql.end();
  }
}

async function gone(pids: number[], path: string): Promise<void> {
  await expect.poll(() => stillRunning(pids), { timeout: 15_000 }).toEqual([]);
  await expect.poll(() => existsSync(path), { timeout: 5_000 }).toBe(false);
}

describe("an ephemeral stack leaves no process and no folder", { timeout: patience }, () => {
  test.each([
    ["a closed terminal", "SIGHUP", 0, ["--no-seed"]],
    ["its own violent death", "SIGKILL", "SIGKILL", copied],
  ] as const)("after %s", async (_, signal, outcome, flags) => {
    const dataDir = newFolder();
    const stack = await start(dataDir, ["--ephemeral", ...flags]);
    console.log(`Ready after ${Math.round(stack.bootMs)} ms`);
    // A stack is up within ten seconds; the rest is for machines that are busy with something else.
    expect(stack.bootMs).toBeLessThan(30_000);
    const pids = pidsOf(stack);
    stack.process.kill(signal);
    expect(await stack.exited).toBe(outcome);
    await gone(pids, dataDir);
  });

  test("when it is stopped while it starts", async () => {
    const dataDir = newFolder();
    const starting = runStart(["--ephemeral", "--no-seed", "--data-dir", dataDir]);
    const parts = () => descendantsOf(starting.process.pid ?? 0).map(({ pid }) => pid);
    await expect.poll(() => parts().length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(2);
    const pids = parts();
    starting.process.kill("SIGTERM");
    expect(await starting.exited).toBe(0);
    expect(starting.output()).not.toContain("Ready");
    await gone(pids, dataDir);
  });
});

test("data and keys outlive Ctrl-C and a violent death", { timeout: 2 * patience }, async () => {
  const dataDir = newFolder();
  const first = await startKeeping(dataDir, "--no-seed");
  await query(first.info.dbUrl, "create table public.kept as select 'here' as text");
  const pids = pidsOf(first);
  first.process.kill("SIGINT");
  expect(await first.exited).toBe(0);
  await gone(pids, join(dataDir, "stack.json"));
  expect(existsSync(join(dataDir, "lock"))).toBe(false);

  const second = await startKeeping(dataDir);
  expect(await query(second.info.dbUrl, "select text from public.kept")).toEqual([{ text: "here" }]);
  await query(second.info.dbUrl, "insert into public.kept values ('too')");
  const secondPids = pidsOf(second);
  second.process.kill("SIGKILL");
  await gone(secondPids, join(dataDir, "lock"));
  expect(existsSync(join(dataDir, "stack.json"))).toBe(false);

  const third = await startKeeping(dataDir);
  expect(await query(third.info.dbUrl, "select text from public.kept order by 1")).toHaveLength(2);
  expect(third.info.secretKey).toBe(first.info.secretKey);
  expect(third.info.jwtSecret).toBe(first.info.jwtSecret);
});

describe("a running stack", { timeout: patience }, () => {
  let dataDir: string;
  let stack: StartedStack;

  beforeAll(async () => {
    dataDir = newFolder();
    stack = await startKeeping(dataDir, ...copied);
  }, patience);

  test("lets nobody else read its keys", () => {
    for (const name of ["stack.json", "keys.json"]) {
      expect(statSync(join(dataDir, name)).mode & 0o077).toBe(0);
    }
    expect(JSON.parse(readFileSync(join(dataDir, "stack.json"), "utf8"))).toEqual(stack.info);
  });

  test("refuses a second one on its folder, and says how to stop it", async () => {
    const second = runStart(["--data-dir", dataDir, "--port", String(await freeBase())]);
    expect(await second.exited).toBe(1);
    expect(second.output()).toContain(`kill ${stack.info.pid}`);
  });

  test("is not copied while it runs", async () => {
    const copy = runStart(["--ephemeral", "--copy-of", dataDir]);
    expect(await copy.exited).toBe(1);
    expect(copy.output()).toContain(`kill ${stack.info.pid}`);
  });

  test("refuses a second one on its ports, which leaves nothing behind", async () => {
    const elsewhere = join(dataDir, "elsewhere");
    const base = Number(new URL(stack.info.apiUrl).port);
    const same = runStart(["--data-dir", elsewhere, "--port", String(base)]);
    expect(await same.exited).toBe(1);
    expect(same.output()).toContain(`Port ${base} (API) is taken`);
    expect(same.output()).toContain(`kill ${stack.info.pid}`);
    const overlapping = runStart(["--data-dir", elsewhere, "--port", String(base - 1)]);
    expect(await overlapping.exited).toBe(1);
    expect(overlapping.output()).toContain(`Port ${base} (database) is taken`);
    expect(existsSync(elsewhere)).toBe(false);
  });

  test("restarts a function that crashes, answers 503 meanwhile, and shows that it did", async () => {
    const status = async () => (await fetch(`${stack.info.systems.leads?.apiBase}/openapi.json`)).status;
    expect(await status()).toBe(200);
    const leads = descendantsOf(stack.info.pid).find(({ command }) => command.includes("functions/leads/index.ts"));
    process.kill(leads?.pid ?? 0, "SIGKILL");
    await expect.poll(status, { interval: 5 }).toBe(503);
    await expect.poll(status, { timeout: 20_000 }).toBe(200);
    expect(stack.output()).toMatch(/\[leads\] ended \(signal SIGKILL\), starts again/);
  });

  // The last of these tests, as it ends the stack.
  test("ends, with exit code 1 and no process left, when a part dies that it cannot do without", async () => {
    const pids = pidsOf(stack);
    const postgrest = descendantsOf(stack.info.pid).find(({ command }) => command.includes("postgrest"));
    process.kill(postgrest?.pid ?? 0, "SIGKILL");
    expect(await stack.exited).toBe(1);
    expect(stack.output()).toContain("PostgREST ended unexpectedly (signal SIGKILL)");
    await gone(pids, join(dataDir, "lock"));
  });
});

test.each([
  [["--help"], 0, "--data-dir"],
  [["--prot", "1"], 2, "unknown option"],
  [["--port", "99999"], 2, "not a port"],
])("start %j ends with exit code %i", async (flags, code, text) => {
  const started = runStart(flags);
  expect(await started.exited).toBe(code);
  expect(started.output()).toContain(text);
});

test.each([
  ["no stack has left anything there", ["--ephemeral", "--copy-of", import.meta.dirname], "is no data folder"],
  ["it would be mixed with what is there", ["--data-dir", tmpdir(), "--copy-of", tmpdir()], "is not empty"],
])("nothing is copied where %s", async (_, flags, text) => {
  const started = runStart([...flags, "--port", String(await freeBase())]);
  expect(await started.exited).toBe(1);
  expect(started.output()).toContain(text);
});

test("an ephemeral stack does not take a folder that holds something", async () => {
  const started = runStart(["--ephemeral", "--data-dir", tmpdir()]);
  expect(await started.exited).toBe(1);
  expect(started.output()).toContain("is not empty");
});

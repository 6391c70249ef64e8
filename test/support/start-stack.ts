import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { StackInfo } from "../../scripts/stack/index.ts";

/** `npm start` as a child of the tests. */
export type StartedStack = {
  process: ChildProcess;
  info: StackInfo;
  /** All that it has printed so far. */
  output: () => string;
  /** From the start to the line `Ready`, in milliseconds. */
  bootMs: number;
  exited: Promise<number | NodeJS.Signals>;
};

const root = fileURLToPath(new URL("../..", import.meta.url));
const start = ["--import", "tsx", join("scripts", "start.ts")];

/** What `scripts/start.ts` does with these flags: prints, and ends with an exit code or by a signal. */
export function runStart(flags: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const child = spawn(process.execPath, [...start, ...flags], { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (printed += text));
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once("close", (code, signal) => resolve(code ?? signal ?? -1));
  });
  return { process: child, output: () => printed, exited };
}

/**
 * Starts a stack whose passwords and answers are quick: what makes them slow is shown where it is the subject.
 * Throws as `startStackOn` does.
 *
 * @param settings what its functions are given
 */
export async function startQuickStack(
  dataDir: string,
  flags: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<StartedStack> {
  const envFile = `${dataDir}.env`;
  const lines = Object.entries({ ANSWER_BEAT_MS: "20", ...settings }).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(envFile, lines.join(""));
  const stack = await startStackOn(dataDir, [...flags, "--env-file", envFile], {
    ...process.env,
    STACK_PASSWORD_ROUNDS: "4",
  });
  void stack.exited.then(() => rmSync(envFile, { force: true }));
  return stack;
}

/** Starts a stack on a folder and resolves when it is ready. Throws with what it printed where it ends before. */
export async function startStackOn(
  dataDir: string,
  flags: readonly string[],
  env?: NodeJS.ProcessEnv,
): Promise<StartedStack> {
  const begun = performance.now();
  const started = runStart(["--data-dir", dataDir, ...flags], env);
  let ended = false;
  void started.exited.then(() => {
    ended = true;
  });
  while (!/^Ready$/m.test(started.output())) {
    if (ended) throw new Error(`The stack did not start:\n${started.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const info = JSON.parse(readFileSync(join(dataDir, "stack.json"), "utf8")) as StackInfo;
  return { ...started, info, bootMs: performance.now() - begun };
}

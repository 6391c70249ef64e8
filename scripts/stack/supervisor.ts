import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { projectRoot, typescriptArgs } from "./project.ts";
import type { WatchdogLine } from "./watchdog.ts";

/** Writes one line for the person at the terminal. */
export type Log = (line: string) => void;

/** How a part of the stack is started. */
type ChildSpec = {
  /** Shown before its lines and in messages. */
  name: string;
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  /** What ends it in good order; SIGTERM if not said. */
  stopSignal?: NodeJS.Signals;
  /** Ended after the parts that use it. */
  stopLast?: boolean;
  /** File for its output. Without one its lines are shown, or given to `onLine`. */
  logFile?: string;
  onLine?: (line: string) => void;
  /** Whether the stack goes on without it; if not said, its death ends the stack. */
  mayEnd?: boolean;
};

/** A running part. */
export type Child = {
  name: string;
  pid: number;
  /** Resolves when it is gone, with a text such as `exit code 1`. */
  exited: Promise<string>;
  /** Asks it to end, insists after ten seconds, and resolves when it is gone. */
  stop: () => Promise<void>;
};

/** Starts the parts of one stack, notices when one dies, and sees to it that none stays. */
export type Supervisor = {
  start: (spec: ChildSpec) => Child;
  /** Calls something at the end, before the parts are ended. */
  closeAtEnd: (close: () => void) => void;
  /** Removes a file or folder at the end, also when this process is killed. */
  removeAtEnd: (path: string) => void;
  /** Rejects when a part dies that the stack cannot do without. */
  failed: Promise<never>;
  /** Whether `stopAll` was called. */
  stopping: () => boolean;
  /** Ends every part. */
  stopAll: () => Promise<void>;
};

const patienceMs = 10_000;
const longLogBytes = 10_000_000;

/** A supervisor with its watchdog. `log` gets the lines of parts that have no log file. */
export function createSupervisor(log: Log): Supervisor {
  const watchdog = startWatchdog();
  const tell = (line: WatchdogLine) => watchdog.stdin?.write(`${JSON.stringify(line)}\n`);
  const closing: (() => void)[] = [];
  const paths: string[] = [];
  const running = new Map<Child, ChildSpec>();
  let stopping = false;
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);
  const watchdogGone = new Promise<void>((resolve) => watchdog.once("exit", () => resolve()));
  void watchdogGone.then(() => stopping || fail(new Error("The watchdog ended unexpectedly")));

  const start = (spec: ChildSpec): Child => {
    if (stopping) throw new Error("The stack is being stopped");
    const child = launch(spec, log, tell);
    running.set(child, spec);
    void child.exited.then((how) => {
      running.delete(child);
      if (!stopping && !spec.mayEnd)
        fail(new Error(`${spec.name} ended unexpectedly (${how})${lastLines(spec.logFile)}`));
    });
    return child;
  };

  const stop = async () => {
    stopping = true;
    for (const close of closing) close();
    const parts = [...running];
    for (const last of [false, true]) {
      await Promise.all(parts.map(([child, spec]) => (spec.stopLast ?? false) === last && child.stop()));
    }
    // The watchdog would do it, but may be what died.
    for (const path of paths) rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    watchdog.stdin?.end();
    await watchdogGone;
  };
  let stopped: Promise<void> | undefined;

  return {
    start,
    closeAtEnd: (close) => (stopping ? close() : closing.push(close)),
    removeAtEnd: (path) => {
      paths.push(path);
      tell({ remove: path });
    },
    failed,
    stopping: () => stopping,
    stopAll: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

function launch(spec: ChildSpec, log: Log, tell: (line: WatchdogLine) => void): Child {
  const stopSignal = spec.stopSignal ?? "SIGTERM";
  const output = spec.logFile ? openLog(spec.logFile) : "pipe";
  const child = spawn(spec.command, spec.args, {
    cwd: projectRoot,
    env: spec.env ?? process.env,
    stdio: ["pipe", output, output],
    // A group of its own: Ctrl-C in the terminal reaches the orchestrator alone, which ends the parts in order.
    detached: true,
  });
  if (typeof output === "number") closeSync(output);
  // Postgres ends its own children; a signal to all of them at once would cut their work short.
  const group = stopSignal === "SIGTERM";
  if (child.pid !== undefined) tell({ end: child.pid, signal: stopSignal, group });
  const exited = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(code === null ? `signal ${signal}` : `exit code ${code}`));
  });
  void exited.then(() => child.pid !== undefined && tell({ ended: child.pid }));
  // A part that is gone cannot be written to, which is no error of the stack.
  child.stdin?.on("error", () => undefined);
  readLines(child, spec.onLine ?? ((line) => log(`[${spec.name}] ${line}`)));

  const stop = async () => {
    send(child, stopSignal, group);
    const insist = setTimeout(() => send(child, "SIGKILL", group), patienceMs);
    await exited;
    clearTimeout(insist);
  };
  return { name: spec.name, pid: child.pid ?? 0, exited, stop };
}

function send({ pid, exitCode, signalCode }: ChildProcess, signal: NodeJS.Signals, group: boolean): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(group ? -pid : pid, signal);
  } catch {
    // Gone by itself.
  }
}

function startWatchdog(): ChildProcess {
  const watchdog = spawn(process.execPath, typescriptArgs(join(import.meta.dirname, "watchdog.ts")), {
    stdio: ["pipe", "ignore", "inherit"],
    detached: true,
    cwd: "/",
  });
  watchdog.stdin.on("error", () => undefined);
  return watchdog;
}

function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // The lines before are the ones that tell why the last run ended; those before them are let go.
  if (existsSync(path) && statSync(path).size > longLogBytes) renameSync(path, `${path}.old`);
  return openSync(path, "a", 0o600);
}

function readLines(child: ChildProcess, onLine: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on("line", onLine);
  }
}

function lastLines(logFile: string | undefined): string {
  if (!logFile) return "";
  try {
    return `\n${readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-12).join("\n")}\nMore in ${logFile}`;
  } catch {
    return "";
  }
}

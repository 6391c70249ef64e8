import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { isAlive } from "./running.ts";

// A process of its own that outlives the stack's for a moment. The stack tells it, line by line, what must not be left
// behind; when the pipe ends, by whatever death, this process ends and removes what is still on the list.

/** A line to the watchdog. `end` adds a process, `ended` takes it off the list, `remove` names a file or folder. */
export type WatchdogLine =
  | { end: number; signal: NodeJS.Signals; group: boolean }
  | { ended: number }
  | { remove: string };

type Watched = { pid: number; signal: NodeJS.Signals; group: boolean };

const processes = new Map<number, Watched>();
const paths = new Set<string>();
const patienceMs = 10_000;

function read(line: WatchdogLine): void {
  if ("end" in line) processes.set(line.end, { pid: line.end, signal: line.signal, group: line.group });
  else if ("ended" in line) processes.delete(line.ended);
  else paths.add(line.remove);
}

async function cleanUp(): Promise<void> {
  for (const watched of processes.values()) send(watched, watched.signal);
  const deadline = Date.now() + patienceMs;
  while (living().length > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  for (const watched of living()) send(watched, "SIGKILL");
  for (const path of paths) rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

function living(): Watched[] {
  return [...processes.values()].filter(({ pid }) => isAlive(pid));
}

function send({ pid, group }: Watched, signal: NodeJS.Signals): void {
  try {
    process.kill(group ? -pid : pid, signal);
  } catch {
    // Gone by itself.
  }
}

// What ends the stack's whole session must not end the one that cleans up after it.
for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => read(JSON.parse(line) as WatchdogLine));
lines.once("close", cleanUp);

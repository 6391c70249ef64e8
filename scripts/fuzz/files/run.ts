import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { memoryFolder } from "../../db/memory-folder.ts";
import { hostileFile } from "./formats.ts";
import type { Reading } from "./reader.ts";

/** A file that took too much, or fell on an error that nobody meant; it is kept at `path`. */
type Breach = { index: number; format: string; path: string; why: string };
export type FilesReport = {
  files: number;
  seed: number;
  /** By format, how many files came to what. */
  outcomes: Record<string, Record<string, number>>;
  /** The most of any file, and which one it was. */
  memory: { megabytes: number; index: number };
  time: { seconds: number; index: number };
  breaches: Breach[];
};

/** What one file may take: resident memory of the whole process that reads, and seconds of CPU. */
const limits = { megabytes: 150, seconds: 5 };
// Beyond these a file is not waited for.
const killAt = { megabytes: 1500, seconds: 60 };
// What leads-cli holds before it reads, beyond this process that has the readers alone.
const megabytesOfCommand = 35;
/** What malloc keeps for itself of one file is not to count for hundreds after it. */
const filesOfProcess = 20;

/**
 * Has hostile files read, one by one, by a process that does nothing else, a new one for every twenty of them; a breach's
 * file is kept in `keep`. On Linux alone, where the peak of a process's memory can be had for each file.
 */
export async function fuzzFiles(options: {
  count: number;
  seed: number;
  first?: number;
  keep: string;
  progress?: (done: number) => void;
}): Promise<FilesReport> {
  const { count, seed, first = 0, keep, progress } = options;
  const folder = mkdtempSync(join(memoryFolder(), "files-"));
  const report: FilesReport = {
    ...{ files: count, seed, outcomes: {}, breaches: [] },
    ...{ memory: { megabytes: 0, index: 0 }, time: { seconds: 0, index: 0 } },
  };
  const reader = await bundledReader(folder);
  let child = await start(reader);
  let read = 0;
  try {
    for (let index = first; index < first + count; index += 1) {
      const { format, bytes } = hostileFile(seed, index);
      const path = join(folder, "file");
      writeFileSync(path, bytes);
      const reading = await readBy(child, path);
      read += 1;
      if (read % filesOfProcess === 0 || child.exitCode !== null || child.signalCode !== null) {
        child.kill();
        child = await start(reader);
      }
      const counted = report.outcomes[format] ?? {};
      report.outcomes[format] = counted;
      const outcome = reading.outcome.split(":")[0] as string;
      counted[outcome] = (counted[outcome] ?? 0) + 1;
      if (reading.megabytes > report.memory.megabytes) report.memory = { megabytes: reading.megabytes, index };
      if (reading.seconds > report.time.seconds) report.time = { seconds: reading.seconds, index };
      const why = breachOf(reading);
      if (why) {
        const kept = join(keep, `fuzz-${seed}-${index}.${format}`);
        writeFileSync(kept, bytes);
        report.breaches.push({ index, format, path: kept, why });
      }
      progress?.(index - first + 1);
    }
  } finally {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
  return report;
}

function breachOf({ outcome, seconds, megabytes }: Reading): string | undefined {
  if (outcome.startsWith("error") || outcome === "killed") return outcome;
  if (megabytes > limits.megabytes) return `${Math.round(megabytes)} MB`;
  return seconds > limits.seconds ? `${seconds.toFixed(1)} s` : undefined;
}

/** The process that reads, as one file of JavaScript: hundreds are started, each for a few files. */
async function bundledReader(folder: string): Promise<string> {
  const outfile = join(folder, "reader.cjs");
  const entryPoints = [fileURLToPath(new URL("reader.ts", import.meta.url))];
  await build({ entryPoints, outfile, bundle: true, platform: "node", format: "cjs" });
  return outfile;
}

async function start(reader: string): Promise<ChildProcess> {
  const child = fork(reader, { execArgv: ["--expose-gc"] });
  await once(child, "message");
  return child;
}

async function readBy(child: ChildProcess, path: string): Promise<Reading> {
  // By its own time, since others may have the machine.
  const before = secondsOf(child);
  let seconds = 0;
  const watch = setInterval(() => {
    seconds = secondsOf(child) - before;
    if (residentOf(child) > killAt.megabytes || seconds > killAt.seconds) child.kill("SIGKILL");
  }, 50);
  const answer = new Promise<Reading>((resolve) => {
    child.once("message", (reading) => {
      const told = reading as Reading;
      resolve({ ...told, megabytes: told.megabytes + megabytesOfCommand });
    });
    child.once("exit", () => {
      resolve({ outcome: "killed", rows: 0, seconds, megabytes: residentOf(child) || killAt.megabytes });
    });
  });
  child.send(path);
  try {
    return await answer;
  } finally {
    clearInterval(watch);
    child.removeAllListeners("exit");
    child.removeAllListeners("message");
  }
}

function residentOf({ pid }: ChildProcess): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** The CPU that a process has had; Linux counts it in hundredths, after the process's name in parentheses. */
function secondsOf({ pid }: ChildProcess): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

/** The report for people. */
export function filesInWords({ files, seed, outcomes, memory, time, breaches }: FilesReport): string {
  const again = (index: number) => `npm run fuzz -- --files --seed ${seed} --first ${index} --count 1`;
  const lines = Object.entries(outcomes).map(([format, counts]) => {
    const each = Object.entries(counts).sort(([, a], [, b]) => b - a);
    return `  ${format.padEnd(5)} ${each.map(([outcome, count]) => `${outcome} ${count}`).join(" · ")}`;
  });
  return [
    `${files} files, seed ${seed}`,
    ...lines,
    `most memory: ${memory.megabytes.toFixed(0)} MB of ${limits.megabytes} (file ${memory.index})`,
    `most time: ${time.seconds.toFixed(2)} s of CPU of ${limits.seconds} (file ${time.index})`,
    ...breaches.map(
      ({ index, format, path, why }) => `BREACH ${format} ${index}: ${why}\n  ${path}\n  ${again(index)}`,
    ),
    breaches.length === 0 ? "Every file was read or refused within the limits." : `${breaches.length} breaches`,
  ].join("\n");
}

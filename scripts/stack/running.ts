import { execFileSync } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { writePrivateFile } from "./private-file.ts";

type Owner = { pid: number; started: string };

/** Path of the file that says who uses a data folder. */
export function lockPath(dataDir: string): string {
  return join(dataDir, "lock");
}

/** Throws where a stack runs on a data folder, and says how to stop it. */
export function refuseSecond(dataDir: string): void {
  const owner = readOwner(lockPath(dataDir));
  // A lock whose process is gone was left by a violent death.
  if (!owner || !isSameProcess(owner)) return;
  throw new Error(
    `A stack already runs on ${dataDir}, as process ${owner.pid}.\n` +
      `Stop it with Ctrl-C in its terminal, or with: kill ${owner.pid}`,
  );
}

/** Claims a data folder for this process. Throws as `refuseSecond` does. */
export function claimDataDir(dataDir: string): void {
  refuseSecond(dataDir);
  const path = lockPath(dataDir);
  rmSync(path, { force: true });
  // "wx": of two that start at the same moment, one gets the file.
  const file = openSync(path, "wx", 0o600);
  writeSync(file, JSON.stringify({ pid: process.pid, started: startOf(process.pid) } satisfies Owner));
  closeSync(file);
}

/**
 * Notes for this user's other starts whose stack is on a port, and answers the note's path. Nobody else is told: the API
 * itself says nothing of processes and folders.
 */
export function notePort(port: number, dataDir: string): string {
  const path = notePath(port);
  writePrivateFile(path, JSON.stringify({ pid: process.pid, started: startOf(process.pid), dataDir } satisfies Note));
  return path;
}

type Note = Owner & { dataDir: string };

/** The stack of this user's that runs on a port; undefined where none is known. */
export function stackOn(port: number): { pid: number; dataDir: string } | undefined {
  try {
    const path = notePath(port);
    if (process.getuid && statSync(path).uid !== process.getuid()) return undefined;
    const note = JSON.parse(readFileSync(path, "utf8")) as Note;
    return isSameProcess(note) ? note : undefined;
  } catch {
    return undefined;
  }
}

function notePath(port: number): string {
  return join(tmpdir(), `embedded-stack-${userInfo().uid}-${port}.json`);
}

function readOwner(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Owner;
  } catch {
    return undefined;
  }
}

/** Whether the process still lives; its number alone would not do, as systems give numbers out again. */
function isSameProcess({ pid, started }: Owner): boolean {
  return isAlive(pid) && startOf(pid) === started;
}

/** Whether a process of this number exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** When a process started, in the system's own terms; empty where the system does not say. */
function startOf(pid: number): string {
  try {
    if (process.platform !== "linux") {
      return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
    }
    // The name, in parentheses, may hold spaces; the start time is the 20th field behind it.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

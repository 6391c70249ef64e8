import { readFileSync } from "node:fs";
import type { StackInfo } from "../stack/index.ts";
import { descendantsOf } from "../stack/processes.ts";

/** What the process of Leads Provider's function has taken since it began: its peak in megabytes, its CPU in seconds. */
export type Taken = { megabytes: number; cpuSeconds: number };

/** Linux counts CPU in hundredths of a second, whatever its own clock is. */
const ticksOfSecond = 100;

/** Asks the system what the function has taken; only Linux tells. */
export function takenByFunction({ apiUrl }: StackInfo): Taken {
  if (process.platform !== "linux") return { megabytes: Number.NaN, cpuSeconds: Number.NaN };
  const ofProcess = (pid: number | undefined, file: string) => readFileSync(`/proc/${pid}/${file}`, "utf8");
  // Other stacks have the same functions.
  const found = descendantsOf(process.pid).find(
    ({ pid, command }) =>
      /deno.* run .*leads\/index\.ts$/.test(command) && ofProcess(pid, "environ").includes(`SUPABASE_URL=${apiUrl}\0`),
  );
  const stat = ofProcess(found?.pid, "stat");
  const [user, system] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13)
    .map(Number) as [number, number];
  return {
    megabytes: Number(/VmHWM:\s+(\d+) kB/.exec(ofProcess(found?.pid, "status"))?.[1]) / 1024,
    cpuSeconds: (user + system) / ticksOfSecond,
  };
}
